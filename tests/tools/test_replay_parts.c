/* The parts of tradsys-replay that count: latencies, and sums as text. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "replay/histogram.h"
#include "replay/source.h"
#include "replay/symbols.h"

static histogram counts;

Test(histogram, nothing_counted_is_zero) {
    cr_assert_eq(histogram_percentile(&counts, 99900), 0);
}

Test(histogram, small_values_are_exact) {
    for (uint64_t value = 1; value <= 20; value++) {
        histogram_add(&counts, value);
    }
    cr_assert_eq(histogram_percentile(&counts, 50000), 10);
    cr_assert_eq(histogram_percentile(&counts, 90000), 18);
    cr_assert_eq(histogram_percentile(&counts, 90001), 19);
    cr_assert_eq(histogram_percentile(&counts, 100000), 20);
    cr_assert_eq(counts.sum, 210);
}

/* One value at both ends of every power of two: never below it, never more than 1/32 above. */
Test(histogram, a_percentile_never_flatters_and_is_close) {
    for (unsigned bit = 0; bit < 62; bit++) {
        for (int off = -1; off <= 1; off++) {
            const uint64_t value = ((uint64_t)1 << bit) + (uint64_t)off;
            counts = (histogram){0};
            histogram_add(&counts, value);
            histogram_add(&counts, (uint64_t)1 << 62);
            const uint64_t found = histogram_percentile(&counts, 50000);
            cr_assert(found >= value && found - value <= value / 32, "%lu for %lu", found, value);
        }
    }
}

Test(histogram, the_maximum_is_exact_and_bounds_the_percentiles) {
    histogram_add(&counts, 1000003);
    cr_assert_eq(counts.max, 1000003);
    cr_assert_eq(histogram_percentile(&counts, 99900), 1000003);
}

static void check_decimal(wide value, wide unit, unsigned scale, const char *expected) {
    char found[DECIMAL_TEXT_SIZE];
    decimal_text(value, unit, scale, found);
    cr_assert_str_eq(found, expected);
}

Test(decimal, is_the_shortest_exact_text) {
    check_decimal(0, 1, 0, "0");
    check_decimal(0, 1, 8, "0");
    check_decimal(5, 1, 3, "0.005");
    check_decimal(-5, 1, 1, "-0.5");
    check_decimal(1500, 1, 2, "15");
    check_decimal(1501, 5, 2, "75.05");
    check_decimal(100, 1, 0, "100");
    check_decimal((wide)INT64_MAX * 1000, 1, 0, "9223372036854775807000");
    check_decimal((wide)INT64_MAX * 1000, 1, 20, "92.23372036854775807");
}

Test(lines, crlf_and_a_last_line_without_end) {
    static const char data[] = "a,b\r\n\nlast";
    const source from = {.data = data, .size = sizeof(data) - 1};
    lines at = lines_of(&from);
    text line, fields[FIELDS_MAX];
    cr_assert(lines_next(&at, &line) && text_is(line, "a,b") && !at.cut);
    cr_assert_eq(fields_split(line, fields), 2);
    cr_assert(text_is(fields[1], "b") && fields[2].size == 0);
    cr_assert(lines_next(&at, &line) && line.size == 0 && at.number == 2);
    cr_assert(lines_next(&at, &line) && text_is(line, "last") && at.cut);
    cr_assert(!lines_next(&at, &line));
}

Test(text, numbers_are_digits_that_fit) {
    static const char *const wrong[] = {"", "-1", "+1", " 1", "1 ", "1x", "18446744073709551616"};
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        cr_assert(!text_u64((text){wrong[i], strlen(wrong[i])}, &value), "%s", wrong[i]);
    }
    cr_assert(text_u64((text){"18446744073709551615", 20}, &value));
    cr_assert_eq(value, UINT64_MAX);
}

Test(symbols, are_found_by_name_through_growth) {
    symbols known = {0};
    for (unsigned i = 0; i < 1000; i++) {
        trd_instrument spec = trd_instrument_default();
        snprintf(spec.symbol, sizeof(spec.symbol), "S%u", i);
        cr_assert_eq(symbols_find(&known, (text){spec.symbol, strlen(spec.symbol)}), SYMBOL_NONE);
        symbols_add(&known, &spec);
    }
    for (unsigned i = 0; i < 1000; i++) {
        char name[TRD_SYMBOL_SIZE];
        snprintf(name, sizeof(name), "S%u", i);
        cr_assert_eq(symbols_find(&known, (text){name, strlen(name)}), i);
    }
    symbols_free(&known);
}
