/* decimal.c - decimal.h. */
#include "core/decimal.h"

#include <tradsys/base.h>

#include <string.h>

#include "core/assert.h"
#include "core/fixed.h"

/* A decimal as it is read: the sign, the digits up to the scale as one integer, and what is known
 * about the rest. 2^63 is the largest magnitude of use, so 64 bits are enough for what counts. */
typedef struct reading {
    uint64_t magnitude;
    unsigned missing; /* digits of the scale that the text has not given yet */
    bool negative;
    bool overflow; /* magnitude went past 64 bits and means nothing any more */
    bool inexact;  /* a digit behind the scale is not zero */
} reading;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* magnitude = magnitude x 10 + digit. */
static void append(reading *r, unsigned digit) {
    uint64_t tenfold;
    if (__builtin_mul_overflow(r->magnitude, (uint64_t)10, &tenfold) ||
        __builtin_add_overflow(tenfold, (uint64_t)digit, &r->magnitude)) {
        r->overflow = true;
    }
}

/* Reads the digits from `at` on, as digits before the point. Returns the place behind the last. */
static size_t read_whole(reading *r, const char *text, size_t size, size_t at) {
    while (at < size && is_digit(text[at])) {
        append(r, (unsigned)(text[at] - '0'));
        at++;
    }
    return at;
}

/* Likewise for digits behind the point: those past the scale are looked at for zero only. */
static size_t read_fraction(reading *r, const char *text, size_t size, size_t at) {
    while (at < size && is_digit(text[at])) {
        if (r->missing > 0) {
            append(r, (unsigned)(text[at] - '0'));
            r->missing--;
        } else if (text[at] != '0') {
            r->inexact = true;
        }
        at++;
    }
    return at;
}

/* Is all of the text one decimal? */
static bool read(reading *r, const char *text, size_t size) {
    size_t at = 0;
    r->negative = size > 0 && text[0] == '-';
    at += r->negative;

    const size_t whole = at;
    at = read_whole(r, text, size, at);
    if (at == whole) {
        return false;
    }
    if (at < size && text[at] == '.') {
        const size_t fraction = ++at;
        at = read_fraction(r, text, size, at);
        if (at == fraction) {
            return false;
        }
    }
    return at == size;
}

int trd__decimal_parse(const char *text, size_t size, unsigned scale, int rounding, int64_t *out) {
    trd_assert(scale <= TRD__DECIMAL_SCALE_MAX);
    trd_assert(rounding >= TRD_ROUND_EXACT && rounding <= TRD_ROUND_CEIL);
    reading r = {.missing = scale};
    if (!read(&r, text, size)) {
        return TRD_E_FORMAT;
    }
    while (r.missing > 0) {
        append(&r, 0);
        r.missing--;
    }
    if (r.overflow || (r.inexact && rounding == TRD_ROUND_EXACT)) {
        return TRD_E_RANGE;
    }

    /* What was cut off points away from zero when the rounding and the sign agree. */
    const bool away = r.negative ? rounding == TRD_ROUND_FLOOR : rounding == TRD_ROUND_CEIL;
    const trd_wide magnitude = (trd_wide)r.magnitude + (r.inexact && away);
    return trd__narrow(r.negative ? -magnitude : magnitude, out) ? TRD_OK : TRD_E_RANGE;
}

int trd__decimal_format(int64_t value, unsigned scale, char *out, size_t capacity) {
    trd_assert(scale <= TRD__DECIMAL_SCALE_MAX);
    uint64_t rest = trd__magnitude(value);
    while (scale > 0 && rest % 10 == 0) {
        rest /= 10;
        scale--;
    }

    /* From the last digit to the first, one at least before the point. */
    char digits[TRD__DECIMAL_SIZE];
    size_t at = sizeof(digits);
    digits[--at] = '\0';
    for (unsigned written = 0; written <= scale || rest > 0; written++) {
        if (written == scale && scale > 0) {
            digits[--at] = '.';
        }
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (value < 0) {
        digits[--at] = '-';
    }

    const size_t size = sizeof(digits) - at;
    if (size > capacity) {
        return TRD_E_RANGE;
    }
    memcpy(out, digits + at, size);
    return (int)size - 1;
}
