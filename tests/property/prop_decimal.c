/* prop_decimal.c - decimals against character arithmetic, and there and back. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <regex.h>
#include <string.h>

#include <tradsys/base.h>

#include "core/decimal.h"
#include "draw.h"

enum { RUNS = 300, STEPS = 300, TEXT_SIZE = 96 };

/* Adds one to a number written in digits. digits[-1] is there for a carry: returns the start. */
static char *increment(char *digits) {
    size_t at = strlen(digits);
    while (at > 0 && digits[at - 1] == '9') {
        digits[--at] = '0';
    }
    if (at > 0) {
        digits[at - 1]++;
        return digits;
    }
    digits[-1] = '1';
    return digits - 1;
}

/* What decimal.h promises, done with characters: the digits are moved, never computed with. */
static int naive_parse(
    const regex_t *form, const char *text, unsigned scale, int rounding, int64_t *out) {
    if (regexec(form, text, 0, NULL, 0) != 0) {
        return TRD_E_FORMAT;
    }
    const bool negative = text[0] == '-';
    const char *whole = text + negative;
    const char *point = strchr(whole, '.');
    const size_t whole_size = point == NULL ? strlen(whole) : (size_t)(point - whole);
    const char *fraction = point == NULL ? "" : point + 1;

    char buffer[2 * TEXT_SIZE] = {0};
    char *digits = buffer + 1;
    memcpy(digits, whole, whole_size);
    for (unsigned i = 0; i < scale; i++) {
        digits[whole_size + i] = i < strlen(fraction) ? fraction[i] : '0';
    }
    const bool inexact =
        strlen(fraction) > scale && strspn(fraction + scale, "0") < strlen(fraction + scale);
    if (inexact && rounding == TRD_ROUND_EXACT) {
        return TRD_E_RANGE;
    }
    if (inexact && rounding == (negative ? TRD_ROUND_FLOOR : TRD_ROUND_CEIL)) {
        digits = increment(digits);
    }
    digits += strspn(digits, "0");

    const char *limit = negative ? "9223372036854775808" : "9223372036854775807";
    const size_t size = strlen(digits);
    if (size > strlen(limit) || (size == strlen(limit) && strcmp(digits, limit) > 0)) {
        return TRD_E_RANGE;
    }
    const uint64_t magnitude = strtoull(digits, NULL, 10);
    *out = (int64_t)(negative ? 0 - magnitude : magnitude);
    return TRD_OK;
}

/* How the texts of one run look. */
typedef struct odds {
    int whole_max;                                 /* digits before the point */
    int fraction_max;                              /* behind it */
    int negative, point, zero, nine, edge, damage; /* percent */
} odds;

static odds odds_drawn(draw *d) {
    return (odds){
        .whole_max = (int)draw_in(d, 1, 24),
        .fraction_max = (int)draw_in(d, 1, 30),
        .negative = (int)draw_in(d, 0, 100),
        .point = (int)draw_in(d, 0, 100),
        .zero = (int)draw_in(d, 0, 90),
        .nine = (int)draw_in(d, 0, 50),
        .edge = (int)draw_in(d, 0, 30),
        .damage = (int)draw_in(d, 0, 40),
    };
}

static size_t put_digits(draw *d, const odds *o, char *at, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        at[i] = draw_chance(d, o->zero)   ? '0'
                : draw_chance(d, o->nine) ? '9'
                                          : (char)draw_in(d, '0', '9');
    }
    return (size_t)count;
}

/* The ends of int64 and their neighbours, the point anywhere in them. */
static size_t put_edge(draw *d, char *at) {
    static const char *const edges[] = {"9223372036854775806", "9223372036854775807",
        "9223372036854775808", "9223372036854775809", "18446744073709551615",
        "18446744073709551616"};
    const char *edge = edges[draw_in(d, 0, 5)];
    const size_t before = (size_t)draw_in(d, 1, (int64_t)strlen(edge));
    memcpy(at, edge, before);
    if (before == strlen(edge)) {
        return before;
    }
    at[before] = '.';
    strcpy(at + before + 1, edge + before);
    return strlen(edge) + 1;
}

static void put_text(draw *d, const odds *o, char text[TEXT_SIZE]) {
    memset(text, 0, TEXT_SIZE);
    size_t size = 0;
    if (draw_chance(d, o->negative)) {
        text[size++] = '-';
    }
    if (draw_chance(d, o->edge)) {
        size += put_edge(d, text + size);
    } else {
        size += put_digits(d, o, text + size, draw_in(d, 1, o->whole_max));
        if (draw_chance(d, o->point)) {
            text[size++] = '.';
        }
    }
    if (strchr(text, '.') != NULL) {
        size += put_digits(d, o, text + size, draw_in(d, text[size - 1] == '.', o->fraction_max));
    }
    if (draw_chance(d, o->damage)) {
        static const char wrong[] = "-+.eE, \n/:xnN0";
        text[draw_in(d, 0, (int64_t)size)] = wrong[draw_in(d, 0, (int64_t)sizeof(wrong) - 2)];
    }
    if (draw_chance(d, o->damage)) {
        text[draw_in(d, 0, (int64_t)size)] = '\0'; /* cut off */
    }
}

Test(decimal, parsing_is_character_arithmetic) {
    draw d = draw_seeded(1);
    regex_t form;
    cr_assert(eq(int, regcomp(&form, "^-?[0-9]+([.][0-9]+)?$", REG_EXTENDED | REG_NOSUB), 0));
    uint64_t seen[3] = {0}; /* TRD_OK, TRD_E_RANGE, TRD_E_FORMAT */
    for (int run = 0; run < RUNS; run++) {
        const odds o = odds_drawn(&d);
        for (int step = 0; step < STEPS; step++) {
            char text[TEXT_SIZE];
            put_text(&d, &o, text);
            const unsigned scale = (unsigned)draw_in(&d, 0, 18);
            const int rounding = (int)draw_in(&d, TRD_ROUND_EXACT, TRD_ROUND_CEIL);
            int64_t expected = -777, value = -777;
            const int result = naive_parse(&form, text, scale, rounding, &expected);
            const int got = trd__decimal_parse(text, strlen(text), scale, rounding, &value);
            cr_assert(got == result && value == expected,
                "run %d: '%s' scale %u rounding %d: %d %lld, expected %d %lld", run, text, scale,
                rounding, got, (long long)value, result, (long long)expected);
            seen[result == TRD_OK ? 0 : result == TRD_E_RANGE ? 1 : 2]++;
        }
    }
    regfree(&form);
    /* The texts were worth something: each answer was given often. */
    for (int i = 0; i < 3; i++) {
        cr_expect(seen[i] > RUNS * STEPS / 50);
    }
}

static int64_t draw_value(draw *d) {
    int64_t value = draw_size(d, 63);
    if (draw_chance(d, 30)) {
        const int64_t round = value / 1000 * 1000; /* zeros at the end */
        value = round;
    }
    if (draw_chance(d, 5)) {
        value = INT64_MAX - draw_in(d, 0, 2);
    }
    return draw_chance(d, 50) ? value : -value - draw_in(d, 0, 1);
}

/* Exact, and the shortest: no zero in front but the one before the point, none at the end of a
 * fraction, no sign of zero; no exponent, since nothing but the regular form is let through. */
Test(decimal, what_is_written_reads_back) {
    draw d = draw_seeded(2);
    regex_t form;
    const char *shortest = "^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)[.][0-9]*[1-9])$";
    cr_assert(eq(int, regcomp(&form, shortest, REG_EXTENDED | REG_NOSUB), 0));
    for (int step = 0; step < RUNS * STEPS; step++) {
        const int64_t value = draw_value(&d);
        const unsigned scale = (unsigned)draw_in(&d, 0, 18);
        char text[TRD__DECIMAL_SIZE];
        const int length = trd__decimal_format(value, scale, text, sizeof(text));
        cr_assert(eq(int, length, (int)strlen(text)));
        cr_assert(regexec(&form, text, 0, NULL, 0) == 0, "%lld at %u: '%s'", (long long)value,
            scale, text);
        int64_t back = -777;
        const int result = trd__decimal_parse(text, (size_t)length, scale, TRD_ROUND_EXACT, &back);
        cr_assert(result == TRD_OK && back == value, "%lld at %u: '%s' is %lld", (long long)value,
            scale, text, (long long)back);
    }
    regfree(&form);
}
