/* test_decimal.c - what is a decimal, what integer it is, and how an integer is written. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdint.h>
#include <string.h>

#include <tradsys/base.h>

#include "core/decimal.h"

enum { UNTOUCHED = -777 };

typedef struct parse_row {
    const char *text;
    unsigned scale;
    int rounding;
    int result;
    int64_t value; /* if result is TRD_OK */
} parse_row;

static void check_parse(const parse_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const parse_row *row = &rows[i];
        int64_t value = UNTOUCHED;
        const int result =
            trd__decimal_parse(row->text, strlen(row->text), row->scale, row->rounding, &value);
        const int64_t expected = row->result == TRD_OK ? row->value : UNTOUCHED;
        cr_expect(eq(int, result, row->result), "'%s'", row->text);
        cr_expect(eq(i64, value, expected), "'%s'", row->text);
    }
}

#define CHECK_PARSE(...)                                                                           \
    check_parse((const parse_row[]){__VA_ARGS__},                                                  \
        sizeof((const parse_row[]){__VA_ARGS__}) / sizeof(parse_row))

enum { EXACT = TRD_ROUND_EXACT, FLOOR = TRD_ROUND_FLOOR, CEIL = TRD_ROUND_CEIL };

Test(decimal, text_is_scaled_by_a_power_of_ten) {
    CHECK_PARSE({"0", 0, EXACT, TRD_OK, 0}, {"7", 0, EXACT, TRD_OK, 7},
        {"7", 2, EXACT, TRD_OK, 700}, {"12.35", 2, EXACT, TRD_OK, 1235},
        {"12.3", 2, EXACT, TRD_OK, 1230}, {"-12.35", 2, EXACT, TRD_OK, -1235},
        {"0.000000000000000001", 18, EXACT, TRD_OK, 1}, {"0", 18, EXACT, TRD_OK, 0});
}

Test(decimal, zeros_in_front_and_at_the_end_mean_nothing) {
    CHECK_PARSE({"007", 0, EXACT, TRD_OK, 7}, {"00.10", 1, EXACT, TRD_OK, 1},
        {"1.2000000000000000000000000000", 1, EXACT, TRD_OK, 12},
        {"0000000000000000000000000000001", 0, EXACT, TRD_OK, 1}, {"5.0", 0, EXACT, TRD_OK, 5});
}

Test(decimal, minus_zero_is_zero) {
    CHECK_PARSE({"-0", 0, EXACT, TRD_OK, 0}, {"-0.00", 1, EXACT, TRD_OK, 0},
        {"-0.00", 1, FLOOR, TRD_OK, 0}, {"-0.004", 2, CEIL, TRD_OK, 0});
}

/* S98, S99 */
Test(decimal, cutting_at_a_step_does_not_lose_a_unit) {
    CHECK_PARSE({"2.2504", 4, FLOOR, TRD_OK, 22504}, {"2.2504", 4, CEIL, TRD_OK, 22504},
        {"2.2504", 4, EXACT, TRD_OK, 22504}, {"1234", 0, FLOOR, TRD_OK, 1234},
        {"1234", 0, CEIL, TRD_OK, 1234});
}

/* S103: bought 0.1 three times, sold 0.3. */
Test(decimal, tenths_add_up_exactly) {
    int64_t bought = 0, sold = 0;
    cr_assert(eq(int, trd__decimal_parse("0.1", 3, 8, EXACT, &bought), TRD_OK));
    cr_assert(eq(int, trd__decimal_parse("0.3", 3, 8, EXACT, &sold), TRD_OK));
    cr_expect(eq(i64, bought + bought + bought - sold, 0));
    cr_expect(eq(i64, sold, 30000000));
}

Test(decimal, digits_behind_the_scale_round_as_asked) {
    CHECK_PARSE({"1.239", 2, FLOOR, TRD_OK, 123}, {"1.231", 2, CEIL, TRD_OK, 124},
        {"-1.231", 2, FLOOR, TRD_OK, -124}, {"-1.239", 2, CEIL, TRD_OK, -123},
        {"0.0000000000000000000000000001", 0, CEIL, TRD_OK, 1},
        {"0.0000000000000000000000000001", 0, FLOOR, TRD_OK, 0},
        {"-0.0000000000000000000000000001", 0, FLOOR, TRD_OK, -1},
        {"1.999999999999999999999999", 3, CEIL, TRD_OK, 2000});
}

Test(decimal, exact_refuses_digits_behind_the_scale) {
    CHECK_PARSE({"1.239", 2, EXACT, TRD_E_RANGE, 0}, {"0.1", 0, EXACT, TRD_E_RANGE, 0},
        {"-0.1", 0, EXACT, TRD_E_RANGE, 0},
        {"1.0000000000000000000000000001", 18, EXACT, TRD_E_RANGE, 0});
}

Test(decimal, only_digits_with_one_point_between_them_are_a_decimal) {
    static const char *const wrong[] = {"", "-", ".", "-.", "5.", ".5", "-.5", "+5", "--5", "5-",
        "1.2.3", "1..2", " 5", "5 ", "5\n", "1,000", "1_000", "1e3", "1E3", "1e-7", "1.5e+2", "nan",
        "NaN", "inf", "-inf", "Infinity", "0x10", "1f", "abc", "1.a", "1.-2", "/", ":", "1:", "1/",
        "\xd9\xa1" /* an Arabic digit one */};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        for (int rounding = EXACT; rounding <= CEIL; rounding++) {
            CHECK_PARSE({wrong[i], 2, rounding, TRD_E_FORMAT, 0});
        }
    }
}

Test(decimal, a_text_that_is_no_decimal_is_never_out_of_range) {
    CHECK_PARSE({"99999999999999999999999999x", 0, EXACT, TRD_E_FORMAT, 0},
        {"1.239x", 2, EXACT, TRD_E_FORMAT, 0},
        {"99999999999999999999999999.", 0, EXACT, TRD_E_FORMAT, 0});
}

Test(decimal, the_text_is_as_long_as_said) {
    int64_t value = UNTOUCHED;
    cr_expect(eq(int, trd__decimal_parse("12345", 3, 0, EXACT, &value), TRD_OK));
    cr_expect(eq(i64, value, 123));
    cr_expect(eq(int, trd__decimal_parse("1.5", 2, 1, EXACT, &value), TRD_E_FORMAT));
    cr_expect(eq(int, trd__decimal_parse("1\0002", 3, 0, EXACT, &value), TRD_E_FORMAT));
    cr_expect(eq(i64, value, 123));
}

/* S100: a value or an error, never wrapped. */
Test(decimal, all_of_int64_fits_and_nothing_else) {
    CHECK_PARSE({"9223372036854775807", 0, EXACT, TRD_OK, INT64_MAX},
        {"-9223372036854775808", 0, EXACT, TRD_OK, INT64_MIN},
        {"9223372036854775808", 0, EXACT, TRD_E_RANGE, 0},
        {"-9223372036854775809", 0, EXACT, TRD_E_RANGE, 0},
        {"18446744073709551616", 0, EXACT, TRD_E_RANGE, 0},
        {"18446744073709551617", 0, EXACT, TRD_E_RANGE, 0},
        {"9.223372036854775807", 18, EXACT, TRD_OK, INT64_MAX},
        {"-9.223372036854775808", 18, EXACT, TRD_OK, INT64_MIN}, {"10", 18, EXACT, TRD_E_RANGE, 0},
        {"100", 17, EXACT, TRD_E_RANGE, 0},
        {"99999999999999999999999999999999999999999999999", 0, EXACT, TRD_E_RANGE, 0});
}

Test(decimal, rounding_can_leave_the_range_and_stay_in_it) {
    CHECK_PARSE({"9223372036854775807.9", 0, FLOOR, TRD_OK, INT64_MAX},
        {"9223372036854775807.1", 0, CEIL, TRD_E_RANGE, 0},
        {"-9223372036854775808.9", 0, CEIL, TRD_OK, INT64_MIN},
        {"-9223372036854775808.1", 0, FLOOR, TRD_E_RANGE, 0},
        {"18446744073709551615.5", 0, CEIL, TRD_E_RANGE, 0},
        {"-18446744073709551615.5", 0, FLOOR, TRD_E_RANGE, 0});
}

typedef struct format_row {
    int64_t value;
    unsigned scale;
    const char *text;
} format_row;

static void check_format(const format_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char text[64];
        memset(text, '#', sizeof(text));
        const int length = trd__decimal_format(rows[i].value, rows[i].scale, text, sizeof(text));
        cr_assert(eq(int, length, (int)strlen(rows[i].text)), "'%s'", rows[i].text);
        cr_expect(eq(str, text, (char *)(uintptr_t)rows[i].text));
    }
}

#define CHECK_FORMAT(...)                                                                          \
    check_format((const format_row[]){__VA_ARGS__},                                                \
        sizeof((const format_row[]){__VA_ARGS__}) / sizeof(format_row))

/* S97 */
Test(decimal, small_numbers_are_written_without_an_exponent) {
    CHECK_FORMAT({1, 7, "0.0000001"}, {-1, 7, "-0.0000001"}, {1, 18, "0.000000000000000001"});
    CHECK_PARSE({"0.0000001", 7, EXACT, TRD_OK, 1});
}

Test(decimal, text_is_the_shortest_exact_one) {
    CHECK_FORMAT({0, 0, "0"}, {0, 18, "0"}, {5, 0, "5"}, {50, 1, "5"}, {50, 0, "50"},
        {1230, 2, "12.3"}, {1235, 2, "12.35"}, {-1200, 2, "-12"}, {10, 3, "0.01"},
        {100000000, 8, "1"}, {101, 2, "1.01"}, {9, 1, "0.9"}, {-9, 1, "-0.9"});
}

Test(decimal, all_of_int64_can_be_written) {
    CHECK_FORMAT({INT64_MAX, 0, "9223372036854775807"}, {INT64_MIN, 0, "-9223372036854775808"},
        {INT64_MAX, 18, "9.223372036854775807"}, {INT64_MIN, 18, "-9.223372036854775808"});
}

Test(decimal, a_buffer_too_small_is_left_alone) {
    char text[8];
    memset(text, '#', sizeof(text));
    cr_expect(eq(int, trd__decimal_format(-1235, 2, text, 6), TRD_E_RANGE));
    cr_expect(eq(int, trd__decimal_format(0, 0, text, 0), TRD_E_RANGE));
    for (size_t i = 0; i < sizeof(text); i++) {
        cr_expect(eq(chr, text[i], '#'));
    }
    cr_expect(eq(int, trd__decimal_format(-1235, 2, text, 7), 6));
    cr_expect(eq(str, text, "-12.35"));
    cr_expect(eq(chr, text[7], '#'));
}
