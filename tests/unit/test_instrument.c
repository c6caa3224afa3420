/* test_instrument.c - which specifications are usable, what a fill is worth, how prices are read
 * and written. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdint.h>
#include <string.h>

#include <tradsys/instrument.h>

enum { EXACT = TRD_ROUND_EXACT, FLOOR = TRD_ROUND_FLOOR, CEIL = TRD_ROUND_CEIL };

static trd_instrument good(void) {
    trd_instrument spec = trd_instrument_default();
    memcpy(spec.symbol, "XYZ", 3);
    return spec;
}

static trd_instrument good_option(void) {
    trd_instrument spec = good();
    spec.kind = TRD_INSTRUMENT_OPTION;
    spec.option = TRD_OPTION_CALL;
    spec.strike = 100;
    spec.expiry = 1;
    return spec;
}

static trd_instrument good_inverse(void) {
    trd_instrument spec = good();
    spec.kind = TRD_INSTRUMENT_INVERSE;
    return spec;
}

/* `change` to a good specification makes `fault`. */
#define EXPECT_FAULT(base, fault, ...)                                                             \
    do {                                                                                           \
        trd_instrument spec = base();                                                              \
        __VA_ARGS__;                                                                               \
        cr_expect(eq(int, (int)trd_instrument_check(&spec, 1000), (int)(fault)), #__VA_ARGS__);    \
    } while (0)

Test(instrument, the_default_with_a_symbol_is_usable) {
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, );
    EXPECT_FAULT(trd_instrument_default, TRD_INSTRUMENT_SYMBOL, );
}

Test(instrument, every_kind_can_be_usable) {
    EXPECT_FAULT(good_option, TRD_INSTRUMENT_OK, );
    EXPECT_FAULT(good_inverse, TRD_INSTRUMENT_OK, );
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.kind = TRD_INSTRUMENT_LINEAR);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.kind = TRD_INSTRUMENT_LINEAR; spec.expiry = 5);
    EXPECT_FAULT(good, TRD_INSTRUMENT_KIND, spec.kind = 0);
    EXPECT_FAULT(good, TRD_INSTRUMENT_KIND, spec.kind = 5);
}

Test(instrument, a_structure_of_another_size_is_refused) {
    EXPECT_FAULT(good, TRD_INSTRUMENT_STRUCT_SIZE, spec.struct_size = 0);
    EXPECT_FAULT(good, TRD_INSTRUMENT_STRUCT_SIZE, spec.struct_size += 8);
    EXPECT_FAULT(good, TRD_INSTRUMENT_STRUCT_SIZE, spec.struct_size -= 8);
}

Test(instrument, a_symbol_is_printable_characters_and_then_zeros) {
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, memset(spec.symbol, '~', 23));
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.symbol[0] = '!');
    EXPECT_FAULT(good, TRD_INSTRUMENT_SYMBOL, memset(spec.symbol, 'A', 24));
    EXPECT_FAULT(good, TRD_INSTRUMENT_SYMBOL, spec.symbol[0] = 0);
    EXPECT_FAULT(good, TRD_INSTRUMENT_SYMBOL, spec.symbol[1] = ' ');
    EXPECT_FAULT(good, TRD_INSTRUMENT_SYMBOL, spec.symbol[1] = '\x7f');
    EXPECT_FAULT(good, TRD_INSTRUMENT_SYMBOL, spec.symbol[1] = '\xc3');
    EXPECT_FAULT(good, TRD_INSTRUMENT_SYMBOL, spec.symbol[1] = '\n');
    EXPECT_FAULT(good, TRD_INSTRUMENT_SYMBOL, spec.symbol[23] = 'Z');
    EXPECT_FAULT(good, TRD_INSTRUMENT_SYMBOL, spec.symbol[4] = 'Z');
}

Test(instrument, scales_and_sizes_have_limits) {
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.px_scale = 18; spec.qty_scale = 18);
    EXPECT_FAULT(good, TRD_INSTRUMENT_SCALE, spec.px_scale = 19);
    EXPECT_FAULT(good, TRD_INSTRUMENT_SCALE, spec.qty_scale = 19);
    EXPECT_FAULT(good, TRD_INSTRUMENT_TICK, spec.tick_size = 0);
    EXPECT_FAULT(good, TRD_INSTRUMENT_TICK, spec.tick_size = -1);
    EXPECT_FAULT(good, TRD_INSTRUMENT_LOT, spec.lot_size = 0);
    EXPECT_FAULT(good, TRD_INSTRUMENT_LOT, spec.lot_step = 0);
    EXPECT_FAULT(good, TRD_INSTRUMENT_LOT, spec.lot_step = INT64_MIN);
}

Test(instrument, prices_have_a_range) {
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.px_min = spec.px_max = -5);
    EXPECT_FAULT(good, TRD_INSTRUMENT_PX_RANGE, spec.px_min = spec.px_max + 1);
    EXPECT_FAULT(good_inverse, TRD_INSTRUMENT_PX_RANGE, spec.px_min = 0);
    EXPECT_FAULT(good_inverse, TRD_INSTRUMENT_PX_RANGE, spec.px_min = -1);
}

Test(instrument, some_quantity_can_be_ordered) {
    EXPECT_FAULT(good, TRD_INSTRUMENT_QTY_RANGE, spec.qty_min = 0);
    EXPECT_FAULT(good, TRD_INSTRUMENT_QTY_RANGE, spec.qty_min = -1);
    EXPECT_FAULT(good, TRD_INSTRUMENT_QTY_RANGE, spec.qty_max = 0);
    EXPECT_FAULT(good, TRD_INSTRUMENT_QTY_RANGE, spec.qty_min = 11; spec.qty_max = 10);
    EXPECT_FAULT(good, TRD_INSTRUMENT_QTY_RANGE, spec.lot_step = 10; spec.qty_min = 11;
                 spec.qty_max = 19);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.lot_step = 10; spec.qty_min = 11; spec.qty_max = 20);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.lot_step = 10; spec.qty_min = 10; spec.qty_max = 19);
    EXPECT_FAULT(good, TRD_INSTRUMENT_QTY_RANGE, spec.lot_step = spec.qty_max + 1);
}

Test(instrument, notional_limits_leave_something) {
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.notional_min = 5);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.notional_min = 5; spec.notional_max = 5);
    EXPECT_FAULT(good, TRD_INSTRUMENT_NOTIONAL, spec.notional_min = 6; spec.notional_max = 5);
    EXPECT_FAULT(good, TRD_INSTRUMENT_NOTIONAL, spec.notional_min = -1);
    EXPECT_FAULT(good, TRD_INSTRUMENT_NOTIONAL, spec.notional_max = -1);
}

Test(instrument, the_ratio_is_positive) {
    EXPECT_FAULT(good, TRD_INSTRUMENT_RATIO, spec.numerator = 0);
    EXPECT_FAULT(good, TRD_INSTRUMENT_RATIO, spec.denominator = 0);
    EXPECT_FAULT(good, TRD_INSTRUMENT_RATIO, spec.numerator = -1; spec.denominator = -1);
}

Test(instrument, only_an_option_has_option_terms) {
    EXPECT_FAULT(good_option, TRD_INSTRUMENT_OK, spec.option = TRD_OPTION_PUT; spec.strike = -5);
    EXPECT_FAULT(good_option, TRD_INSTRUMENT_OPTION_TERMS, spec.option = TRD_OPTION_NONE);
    EXPECT_FAULT(good_option, TRD_INSTRUMENT_OPTION_TERMS, spec.option = 3);
    EXPECT_FAULT(good_option, TRD_INSTRUMENT_OPTION_TERMS, spec.expiry = 0);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OPTION_TERMS, spec.option = TRD_OPTION_CALL);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OPTION_TERMS, spec.strike = 1);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OPTION_TERMS, spec.expiry = 1);
    EXPECT_FAULT(good_inverse, TRD_INSTRUMENT_OPTION_TERMS, spec.strike = 1);
    EXPECT_FAULT(good_inverse, TRD_INSTRUMENT_OK, spec.expiry = 1);
}

Test(instrument, the_profile_has_no_bits_but_the_defined_ones) {
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.profile = TRD_PROFILE_POST_ONLY_SLIDE);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.profile = TRD_PROFILE_FOK_SINGLE_PRICE);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.profile = TRD_PROFILE_STOP_THROUGH_REJECTS);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.profile = TRD_PROFILE_AUCTION_STP);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.profile = 15);
    EXPECT_FAULT(good, TRD_INSTRUMENT_PROFILE, spec.profile = 16);
    EXPECT_FAULT(good, TRD_INSTRUMENT_PROFILE, spec.profile = 17);
    EXPECT_FAULT(good, TRD_INSTRUMENT_PROFILE, spec.profile = UINT32_C(1) << 31);
}

static void set_tier(trd_instrument *spec, trd_px from, int64_t step) {
    spec->tiers[spec->tier_count++] = (trd_tick_tier){.from = from, .step = step};
}

Test(instrument, tiers_ascend_and_carry_the_price_limits) {
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, set_tier(&spec, 0, 1));
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.px_min = 0; spec.px_max = 0;
                 set_tier(&spec, 0, INT64_C(1) << 32));
    EXPECT_FAULT(good, TRD_INSTRUMENT_TIERS, spec.px_min = 0; spec.px_max = 0;
                 set_tier(&spec, 0, (INT64_C(1) << 32) + 1));
    EXPECT_FAULT(good, TRD_INSTRUMENT_TIERS, set_tier(&spec, 0, 0));
    EXPECT_FAULT(good, TRD_INSTRUMENT_TIERS, set_tier(&spec, 0, -1));
    EXPECT_FAULT(good, TRD_INSTRUMENT_TIERS, set_tier(&spec, 0, 1); set_tier(&spec, 0, 1));
    EXPECT_FAULT(good, TRD_INSTRUMENT_TIERS, set_tier(&spec, 9, 1); set_tier(&spec, 5, 1));
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, set_tier(&spec, 0, 1); set_tier(&spec, 9, 10));
    EXPECT_FAULT(good, TRD_INSTRUMENT_TIERS, spec.px_min = 3; set_tier(&spec, 0, 2));
    EXPECT_FAULT(good, TRD_INSTRUMENT_TIERS, spec.px_max = 95; set_tier(&spec, 0, 1);
                 set_tier(&spec, 9, 10));
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.px_min = 7; spec.px_max = 90; set_tier(&spec, 8, 7);
                 set_tier(&spec, 9, 10));
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, for (int i = 0; i < 16; i++) set_tier(&spec, i, 1));
    EXPECT_FAULT(good, TRD_INSTRUMENT_TIERS, for (int i = 0; i < 16; i++) set_tier(&spec, i, 1);
                 spec.tier_count = 17);
    EXPECT_FAULT(good, TRD_INSTRUMENT_TIERS, spec.tier_count = UINT32_MAX);
}

Test(instrument, what_is_not_used_is_zero) {
    EXPECT_FAULT(good, TRD_INSTRUMENT_RESERVED, spec.reserved = 1);
    EXPECT_FAULT(good, TRD_INSTRUMENT_RESERVED, spec.tiers[0].step = 1);
    EXPECT_FAULT(good, TRD_INSTRUMENT_RESERVED, set_tier(&spec, 0, 1); spec.tiers[15].from = 1);
}

/* S100: px_max x qty_max x numerator / denominator against 2^62 = 2^31 x 2^31. */
Test(instrument, the_largest_value_is_below_2_to_the_62) {
    const int64_t half = INT64_C(1) << 31;
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.px_max = half; spec.qty_max = half - 1);
    EXPECT_FAULT(good, TRD_INSTRUMENT_VALUE_OVERFLOW, spec.px_max = half; spec.qty_max = half);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.px_max = half; spec.qty_max = half;
                 spec.numerator = 1000; spec.denominator = 1001);
    EXPECT_FAULT(good, TRD_INSTRUMENT_VALUE_OVERFLOW, spec.px_max = half; spec.qty_max = half - 1;
                 spec.numerator = 1001; spec.denominator = 1000);
    EXPECT_FAULT(good, TRD_INSTRUMENT_VALUE_OVERFLOW, spec.px_min = -half; spec.px_max = 1;
                 spec.qty_max = half);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.px_min = -half; spec.px_max = 1;
                 spec.qty_max = half - 1);
}

/* The products here do not fit 128 bits. */
Test(instrument, values_far_past_the_limit_do_not_wrap_into_it) {
    EXPECT_FAULT(good, TRD_INSTRUMENT_VALUE_OVERFLOW, spec.px_max = INT64_MAX;
                 spec.qty_max = INT64_MAX; spec.numerator = INT64_MAX);
    EXPECT_FAULT(good, TRD_INSTRUMENT_VALUE_OVERFLOW, spec.px_max = INT64_MAX;
                 spec.qty_max = INT64_MAX; spec.numerator = INT64_MAX;
                 spec.denominator = INT64_MAX);
    EXPECT_FAULT(good, TRD_INSTRUMENT_VALUE_OVERFLOW, spec.px_min = INT64_MIN);
    EXPECT_FAULT(good, TRD_INSTRUMENT_OK, spec.px_min = INT64_MIN; spec.qty_max = 1000;
                 spec.denominator = 2001);
    EXPECT_FAULT(good, TRD_INSTRUMENT_VALUE_OVERFLOW, spec.px_min = INT64_MIN; spec.qty_max = 1000;
                 spec.denominator = 2000);
}

/* qty_max x numerator / (px_min x denominator): largest at the lowest price. */
Test(instrument, an_inverse_value_is_largest_at_the_lowest_price) {
    const int64_t half = INT64_C(1) << 31;
    EXPECT_FAULT(good_inverse, TRD_INSTRUMENT_VALUE_OVERFLOW, spec.qty_max = half;
                 spec.numerator = half);
    EXPECT_FAULT(good_inverse, TRD_INSTRUMENT_OK, spec.qty_max = half; spec.numerator = half - 1);
    EXPECT_FAULT(good_inverse, TRD_INSTRUMENT_OK, spec.qty_max = half; spec.numerator = half;
                 spec.px_min = 2);
    EXPECT_FAULT(good_inverse, TRD_INSTRUMENT_OK, spec.px_min = INT64_MAX; spec.px_max = INT64_MAX;
                 spec.denominator = INT64_MAX);
}

/* 2^63 - 1 = 7 x 1317624576693539401. */
Test(instrument, the_quantity_of_all_orders_fits) {
    trd_instrument spec = good();
    spec.px_max = 1;
    spec.qty_max = INT64_C(1317624576693539401);
    cr_expect(eq(int, (int)trd_instrument_check(&spec, 7), TRD_INSTRUMENT_OK));
    cr_expect(eq(int, (int)trd_instrument_check(&spec, 8), TRD_INSTRUMENT_TOTAL_OVERFLOW));
    spec.qty_max = 2;
    cr_expect(eq(int, (int)trd_instrument_check(&spec, UINT64_MAX), TRD_INSTRUMENT_TOTAL_OVERFLOW));
    cr_expect(eq(int, (int)trd_instrument_check(&spec, 0), TRD_INSTRUMENT_OK));
}

/* Everything is wrong; repairing the fault reported brings up the next one, in order. */
Test(instrument, faults_are_reported_in_the_order_of_the_list) {
    trd_instrument spec = {0};
    spec.option = TRD_OPTION_CALL;
    spec.px_scale = 19;
    spec.px_min = 2;
    spec.px_max = 1;
    spec.notional_min = -1;
    spec.profile = 16;
    spec.tier_count = 1;
    spec.reserved = 1;
    for (int fault = TRD_INSTRUMENT_STRUCT_SIZE; fault <= TRD_INSTRUMENT_TOTAL_OVERFLOW; fault++) {
        cr_assert(eq(int, (int)trd_instrument_check(&spec, UINT64_MAX), fault));
        switch (fault) {
        case TRD_INSTRUMENT_STRUCT_SIZE:
            spec.struct_size = sizeof(spec);
            break;
        case TRD_INSTRUMENT_KIND:
            spec.kind = TRD_INSTRUMENT_SPOT;
            break;
        case TRD_INSTRUMENT_SYMBOL:
            spec.symbol[0] = 'A';
            break;
        case TRD_INSTRUMENT_SCALE:
            spec.px_scale = 0;
            break;
        case TRD_INSTRUMENT_TICK:
            spec.tick_size = 1;
            break;
        case TRD_INSTRUMENT_LOT:
            spec.lot_size = spec.lot_step = 1;
            break;
        case TRD_INSTRUMENT_PX_RANGE:
            spec.px_max = INT64_MAX;
            break;
        case TRD_INSTRUMENT_QTY_RANGE:
            spec.qty_min = 1;
            spec.qty_max = INT64_MAX;
            break;
        case TRD_INSTRUMENT_NOTIONAL:
            spec.notional_min = 0;
            break;
        case TRD_INSTRUMENT_RATIO:
            spec.numerator = spec.denominator = 1;
            break;
        case TRD_INSTRUMENT_OPTION_TERMS:
            spec.option = TRD_OPTION_NONE;
            break;
        case TRD_INSTRUMENT_PROFILE:
            spec.profile = 0;
            break;
        case TRD_INSTRUMENT_TIERS:
            spec.tiers[0].step = 1;
            break;
        case TRD_INSTRUMENT_RESERVED:
            spec.reserved = 0;
            break;
        case TRD_INSTRUMENT_VALUE_OVERFLOW:
            spec.px_max = 2;
            spec.qty_max = 2;
            break;
        default:
            break;
        }
    }
    cr_expect(eq(int, (int)trd_instrument_check(&spec, 1), TRD_INSTRUMENT_OK));
}

Test(instrument, every_fault_has_a_text_of_its_own) {
    for (int a = TRD_INSTRUMENT_OK; a <= TRD_INSTRUMENT_TOTAL_OVERFLOW; a++) {
        const char *text = trd_instrument_fault_text((trd_instrument_fault)a);
        cr_expect(strlen(text) > 1);
        for (int b = 0; b < a; b++) {
            cr_expect(strcmp(text, trd_instrument_fault_text((trd_instrument_fault)b)) != 0);
        }
    }
    cr_expect(strcmp(trd_instrument_fault_text((trd_instrument_fault)99), "?") == 0);
}

Test(instrument, every_price_has_a_step) {
    trd_instrument spec = good();
    cr_expect(eq(i64, trd_instrument_tick_step(&spec, 12345), 1));
    spec.px_min = -1;
    set_tier(&spec, 0, 1);
    set_tier(&spec, 100, 5);
    set_tier(&spec, 1000, 10);
    cr_assert(eq(int, (int)trd_instrument_check(&spec, 1), TRD_INSTRUMENT_OK));
    static const struct {
        trd_px px;
        int64_t step;
    } rows[] = {
        {INT64_MIN, 1}, {-1, 1}, {0, 1}, {99, 1}, {100, 5}, {999, 5}, {1000, 10}, {INT64_MAX, 10}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect(eq(i64, trd_instrument_tick_step(&spec, rows[i].px), rows[i].step), "row %zu", i);
    }
}

typedef struct value_row {
    trd_px px;
    trd_qty qty;
    int rounding;
    int result;
    trd_amt value;
} value_row;

static void check_values(const trd_instrument *spec, const value_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        trd_amt value = -777;
        const int result =
            trd_instrument_value(spec, rows[i].px, rows[i].qty, rows[i].rounding, &value);
        cr_expect(eq(int, result, rows[i].result), "row %zu", i);
        cr_expect(eq(i64, value, rows[i].result == TRD_OK ? rows[i].value : -777), "row %zu", i);
    }
}

#define CHECK_VALUES(spec, ...)                                                                    \
    check_values(spec, (const value_row[]){__VA_ARGS__},                                           \
        sizeof((const value_row[]){__VA_ARGS__}) / sizeof(value_row))

/* px x qty x 2 / 3 */
Test(instrument, a_value_is_rounded_as_asked) {
    trd_instrument spec = good();
    spec.px_min = -1000;
    spec.numerator = 2;
    spec.denominator = 3;
    CHECK_VALUES(&spec, {5, 1, FLOOR, TRD_OK, 3}, {5, 1, CEIL, TRD_OK, 4},
        {5, 1, EXACT, TRD_E_RANGE, 0}, {5, 3, EXACT, TRD_OK, 10}, {5, 3, FLOOR, TRD_OK, 10},
        {5, 3, CEIL, TRD_OK, 10}, {-5, 1, FLOOR, TRD_OK, -4}, {-5, 1, CEIL, TRD_OK, -3},
        {-5, 1, EXACT, TRD_E_RANGE, 0}, {-5, 3, EXACT, TRD_OK, -10}, {0, 7, EXACT, TRD_OK, 0},
        {5, 0, EXACT, TRD_OK, 0});
}

/* S110: yen have no decimals. 1 tick = 1/2 yen: an odd count of half yen is rounded, no rest. */
Test(instrument, money_without_decimals_has_no_fraction) {
    trd_instrument spec = good();
    spec.denominator = 2;
    CHECK_VALUES(&spec, {301, 1, FLOOR, TRD_OK, 150}, {301, 1, CEIL, TRD_OK, 151},
        {301, 2, EXACT, TRD_OK, 301});
}

/* S26, S100: a value or an error, never wrapped. */
Test(instrument, a_value_fits_or_is_an_error) {
    const int64_t big = INT64_C(1) << 40;
    trd_instrument spec = good();
    CHECK_VALUES(&spec, {big, big, FLOOR, TRD_E_RANGE, 0}, {INT64_MAX, 1, EXACT, TRD_OK, INT64_MAX},
        {INT64_MIN, 1, EXACT, TRD_OK, INT64_MIN}, {INT64_MAX, 2, EXACT, TRD_E_RANGE, 0},
        {INT64_MIN, 2, EXACT, TRD_E_RANGE, 0}, {INT64_MAX, INT64_MAX, FLOOR, TRD_E_RANGE, 0},
        {big, INT64_C(1) << 23, EXACT, TRD_E_RANGE, 0},
        {-big, INT64_C(1) << 23, EXACT, TRD_OK, INT64_MIN},
        {big, INT64_C(1) << 24, EXACT, TRD_E_RANGE, 0});
    spec.denominator = big;
    CHECK_VALUES(&spec, {big, big, EXACT, TRD_OK, big});
    spec.numerator = INT64_MAX;
    spec.denominator = INT64_MAX;
    CHECK_VALUES(&spec, {INT64_MAX, 1, EXACT, TRD_OK, INT64_MAX},
        {INT64_MIN, 1, EXACT, TRD_OK, INT64_MIN}, {3, 5, EXACT, TRD_OK, 15},
        {INT64_MAX, INT64_MAX, FLOOR, TRD_E_RANGE, 0});
    /* Above 64 bits on the way, and not. */
    spec.numerator = 1;
    spec.denominator = 2;
    CHECK_VALUES(
        &spec, {INT64_MAX, 2, EXACT, TRD_OK, INT64_MAX}, {INT64_MIN, 3, FLOOR, TRD_E_RANGE, 0});
    spec.denominator = 4;
    spec.numerator = 3;
    /* 6148914691236517205 x 2 x 3 / 4 = 9223372036854775807.5: a rest may lead out of the range */
    CHECK_VALUES(&spec, {INT64_C(6148914691236517205), 2, FLOOR, TRD_OK, INT64_MAX},
        {INT64_C(6148914691236517205), 2, CEIL, TRD_E_RANGE, 0},
        {-INT64_C(6148914691236517205), 2, FLOOR, TRD_OK, INT64_MIN});
}

/* qty x 100000000 / px: contracts of one unit of the quote asset, in 10^-8 of the base asset. */
Test(instrument, an_inverse_value_is_one_division) {
    trd_instrument spec = good_inverse();
    spec.numerator = 100000000;
    CHECK_VALUES(&spec, {30000, 3, EXACT, TRD_OK, 10000}, {30000, 1, FLOOR, TRD_OK, 3333},
        {30000, 1, CEIL, TRD_OK, 3334}, {30000, 1, EXACT, TRD_E_RANGE, 0},
        {1, INT64_MAX, FLOOR, TRD_E_RANGE, 0}, {INT64_MAX, INT64_MAX, EXACT, TRD_OK, 100000000},
        {100000000, INT64_MAX, EXACT, TRD_OK, INT64_MAX}, {0, 1, FLOOR, TRD_E_ARG, 0},
        {-1, 1, FLOOR, TRD_E_ARG, 0}, {5, 0, EXACT, TRD_OK, 0});
}

/* 2^61 x 8 / 1 = 2^64, of which 64 bits would keep nothing. */
Test(instrument, an_inverse_value_past_64_bits_is_an_error) {
    trd_instrument spec = good_inverse();
    spec.numerator = 8;
    CHECK_VALUES(&spec, {1, INT64_C(1) << 61, FLOOR, TRD_E_RANGE, 0},
        {2, INT64_C(1) << 61, FLOOR, TRD_E_RANGE, 0},
        {4, INT64_C(1) << 61, EXACT, TRD_OK, INT64_C(1) << 62});
}

Test(instrument, a_value_of_nonsense_is_refused) {
    trd_instrument spec = good();
    CHECK_VALUES(
        &spec, {1, -1, FLOOR, TRD_E_ARG, 0}, {1, 1, 3, TRD_E_ARG, 0}, {1, 1, -1, TRD_E_ARG, 0});
}

typedef struct text_row {
    const char *text;
    int rounding;
    int result;
    int64_t value;
} text_row;

static void check_px(const trd_instrument *spec, const text_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        trd_px px = -777;
        const int result =
            trd_instrument_px(spec, rows[i].text, strlen(rows[i].text), rows[i].rounding, &px);
        cr_expect(eq(int, result, rows[i].result), "'%s'", rows[i].text);
        cr_expect(
            eq(i64, px, rows[i].result == TRD_OK ? rows[i].value : -777), "'%s'", rows[i].text);
    }
}

#define CHECK_PX(spec, ...)                                                                        \
    check_px(spec, (const text_row[]){__VA_ARGS__},                                                \
        sizeof((const text_row[]){__VA_ARGS__}) / sizeof(text_row))

static void check_px_text(const trd_instrument *spec, trd_px px, const char *expected) {
    char text[TRD_DECIMAL_SIZE];
    const int length = trd_instrument_px_text(spec, px, text, sizeof(text));
    cr_assert(eq(int, length, (int)strlen(expected)), "'%s'", expected);
    cr_expect(strcmp(text, expected) == 0, "'%s' is not '%s'", text, expected);
    CHECK_PX(spec, {expected, EXACT, TRD_OK, px});
}

/* The example of instrument.h: scale 2, tick 5 hundredths. */
Test(instrument, text_counts_ticks) {
    trd_instrument spec = good();
    spec.tick_size = 5;
    CHECK_PX(&spec, {"12.35", EXACT, TRD_OK, 247}, {"-12.35", EXACT, TRD_OK, -247},
        {"12.36", EXACT, TRD_E_RANGE, 0}, {"12.36", FLOOR, TRD_OK, 247},
        {"12.36", CEIL, TRD_OK, 248}, {"-12.36", FLOOR, TRD_OK, -248},
        {"-12.36", CEIL, TRD_OK, -247}, {"12.350000", EXACT, TRD_OK, 247},
        {"12.350001", EXACT, TRD_E_RANGE, 0}, {"12.350001", CEIL, TRD_OK, 248},
        {"12.350001", FLOOR, TRD_OK, 247}, {"12.3e1", FLOOR, TRD_E_FORMAT, 0},
        {"", FLOOR, TRD_E_FORMAT, 0}, {"12.35", 3, TRD_E_ARG, 0}, {"12.35", -1, TRD_E_ARG, 0});
    check_px_text(&spec, 247, "12.35");
    check_px_text(&spec, 240, "12");
    check_px_text(&spec, -1, "-0.05");
    check_px_text(&spec, 0, "0");
}

/* S97, S98, S99 */
Test(instrument, text_of_venues_reads_and_writes_exactly) {
    trd_instrument spec = good();
    spec.px_scale = 7;
    check_px_text(&spec, 1, "0.0000001");
    spec.px_scale = 4;
    CHECK_PX(&spec, {"2.2504", FLOOR, TRD_OK, 22504});
    spec.px_scale = 0;
    CHECK_PX(&spec, {"1234", FLOOR, TRD_OK, 1234});
    spec.px_scale = 18;
    check_px_text(&spec, INT64_MIN, "-9.223372036854775808");
}

Test(instrument, quantities_have_a_scale_and_a_lot_of_their_own) {
    trd_instrument spec = good();
    spec.qty_scale = 3;
    spec.lot_size = 25;
    trd_qty qty = -777;
    cr_expect(eq(int, trd_instrument_qty(&spec, "1.5", 3, EXACT, &qty), TRD_OK));
    cr_expect(eq(i64, qty, 60));
    cr_expect(eq(int, trd_instrument_qty(&spec, "1.51", 4, EXACT, &qty), TRD_E_RANGE));
    cr_expect(eq(int, trd_instrument_qty(&spec, "1.51", 4, FLOOR, &qty), TRD_OK));
    cr_expect(eq(i64, qty, 60));
    cr_expect(eq(int, trd_instrument_qty(&spec, "1.51", 4, CEIL, &qty), TRD_OK));
    cr_expect(eq(i64, qty, 61));
    char text[TRD_DECIMAL_SIZE];
    cr_expect(eq(int, trd_instrument_qty_text(&spec, 61, text, sizeof(text)), 5));
    cr_expect(strcmp(text, "1.525") == 0);
}

Test(instrument, text_too_long_or_too_large_is_said) {
    trd_instrument spec = good();
    char text[TRD_DECIMAL_SIZE] = "untouched";
    spec.tick_size = 2;
    cr_expect(eq(int, trd_instrument_px_text(&spec, INT64_MAX, text, sizeof(text)), TRD_E_RANGE));
    cr_expect(eq(int, trd_instrument_px_text(&spec, INT64_MIN, text, sizeof(text)), TRD_E_RANGE));
    cr_expect(eq(int, trd_instrument_px_text(&spec, 50, text, 1), TRD_E_RANGE));
    cr_expect(strcmp(text, "untouched") == 0);
    cr_expect(eq(int, trd_instrument_px_text(&spec, 50, text, 2), 1));
    cr_expect(strcmp(text, "1") == 0);
    spec.px_scale = 18;
    CHECK_PX(&spec, {"9.3", FLOOR, TRD_E_RANGE, 0});
}
