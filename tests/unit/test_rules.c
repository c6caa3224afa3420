/* test_rules.c - which limit of an instrument an order breaks first, and which it does not. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdint.h>

#include "inst/rules.h"

/* A specification and its rules live together, as in the matcher. */
typedef struct listing {
    trd_rules rules;
    trd_instrument spec;
} listing;

static trd_instrument spec_default(void) {
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    return spec;
}

static void list(listing *out, const trd_instrument *spec) {
    out->spec = *spec;
    trd__rules_make(&out->rules, &out->spec);
}

typedef struct row {
    int64_t value;
    unsigned reason;
} row;

static void check_prices(const trd_instrument *spec, const row *rows, size_t count) {
    listing l;
    list(&l, spec);
    for (size_t i = 0; i < count; i++) {
        cr_expect(eq(uint, trd__rules_px(&l.rules, rows[i].value), rows[i].reason), "px %lld",
            (long long)rows[i].value);
    }
}

static void check_quantities(const trd_instrument *spec, const row *rows, size_t count) {
    listing l;
    list(&l, spec);
    for (size_t i = 0; i < count; i++) {
        cr_expect(eq(uint, trd__rules_qty(&l.rules, rows[i].value), rows[i].reason), "qty %lld",
            (long long)rows[i].value);
    }
}

#define CHECK_PRICES(spec, ...)                                                                    \
    check_prices(spec, (const row[]){__VA_ARGS__}, sizeof((const row[]){__VA_ARGS__}) / sizeof(row))
#define CHECK_QUANTITIES(spec, ...)                                                                \
    check_quantities(                                                                              \
        spec, (const row[]){__VA_ARGS__}, sizeof((const row[]){__VA_ARGS__}) / sizeof(row))

/* S17 */
Test(rules, the_price_limits_belong_to_the_range) {
    trd_instrument spec = spec_default();
    spec.px_min = 100;
    spec.px_max = 200;
    CHECK_PRICES(&spec, {100, 0}, {150, 0}, {200, 0}, {99, TRD_REJECT_PRICE_LIMIT},
        {201, TRD_REJECT_PRICE_LIMIT}, {0, TRD_REJECT_PRICE_LIMIT}, {-100, TRD_REJECT_PRICE_LIMIT},
        {INT64_MAX, TRD_REJECT_PRICE_LIMIT}, {INT64_MIN, TRD_REJECT_PRICE_LIMIT});
}

/* S17 */
Test(rules, the_whole_price_type_can_be_the_range) {
    trd_instrument spec = spec_default();
    spec.px_min = INT64_MIN;
    spec.px_max = INT64_MAX;
    CHECK_PRICES(&spec, {INT64_MIN, 0}, {-1, 0}, {0, 0}, {1, 0}, {INT64_MAX, 0});
}

Test(rules, negative_prices_are_prices) {
    trd_instrument spec = spec_default();
    spec.px_min = -50;
    spec.px_max = -10;
    CHECK_PRICES(&spec, {-50, 0}, {-10, 0}, {-51, TRD_REJECT_PRICE_LIMIT},
        {-9, TRD_REJECT_PRICE_LIMIT}, {0, TRD_REJECT_PRICE_LIMIT}, {10, TRD_REJECT_PRICE_LIMIT});
}

/* S16 */
Test(rules, one_tier_is_a_step_of_every_price) {
    trd_instrument spec = spec_default();
    spec.px_min = -20;
    spec.px_max = 40;
    spec.tier_count = 1;
    spec.tiers[0] = (trd_tick_tier){.from = 0, .step = 5};
    CHECK_PRICES(&spec, {-20, 0}, {-15, 0}, {0, 0}, {5, 0}, {40, 0}, {1, TRD_REJECT_OFF_TICK},
        {-1, TRD_REJECT_OFF_TICK}, {39, TRD_REJECT_OFF_TICK}, {45, TRD_REJECT_PRICE_LIMIT},
        {-25, TRD_REJECT_PRICE_LIMIT});
}

/* S16 */
Test(rules, off_tick_is_said_before_price_limit) {
    trd_instrument spec = spec_default();
    spec.px_min = 100;
    spec.px_max = 200;
    spec.tier_count = 1;
    spec.tiers[0] = (trd_tick_tier){.from = 0, .step = 20};
    CHECK_PRICES(&spec, {99, TRD_REJECT_OFF_TICK}, {201, TRD_REJECT_OFF_TICK},
        {-7, TRD_REJECT_OFF_TICK}, {80, TRD_REJECT_PRICE_LIMIT}, {220, TRD_REJECT_PRICE_LIMIT},
        {INT64_MIN, TRD_REJECT_OFF_TICK}, /* 2^63 is no multiple of 5 */
        {INT64_MAX - 7, TRD_REJECT_PRICE_LIMIT} /* 2^63 - 8 = 20 x 461168601842738790 */);
}

Test(rules, a_step_of_two_to_the_32_divides_like_any_other) {
    const int64_t step = INT64_C(1) << 32;
    trd_instrument spec = spec_default();
    spec.px_min = -4 * step;
    spec.px_max = 4 * step;
    spec.tier_count = 1;
    spec.tiers[0] = (trd_tick_tier){.from = 0, .step = step};
    CHECK_PRICES(&spec, {-4 * step, 0}, {4 * step, 0}, {0, 0}, {step / 2, TRD_REJECT_OFF_TICK},
        {step + 1, TRD_REJECT_OFF_TICK}, {5 * step, TRD_REJECT_PRICE_LIMIT});
}

/* Steps 1 below 1000, 5 from 1000, 10 from 5000: also outside the limits, and below the first. */
Test(rules, a_price_has_the_step_of_the_last_tier_at_or_below_it) {
    trd_instrument spec = spec_default();
    spec.px_min = 200;
    spec.px_max = 9000;
    spec.tier_count = 3;
    spec.tiers[0] = (trd_tick_tier){.from = 500, .step = 1};
    spec.tiers[1] = (trd_tick_tier){.from = 1000, .step = 5};
    spec.tiers[2] = (trd_tick_tier){.from = 5000, .step = 10};
    CHECK_PRICES(&spec, {200, 0}, {499, 0}, {999, 0}, {1000, 0}, {1001, TRD_REJECT_OFF_TICK},
        {4995, 0}, {4999, TRD_REJECT_OFF_TICK}, {5000, 0}, {5005, TRD_REJECT_OFF_TICK}, {9000, 0},
        {9005, TRD_REJECT_OFF_TICK}, {9010, TRD_REJECT_PRICE_LIMIT}, {199, TRD_REJECT_PRICE_LIMIT},
        {-1, TRD_REJECT_PRICE_LIMIT});
}

Test(rules, the_first_tier_covers_what_is_below_its_start) {
    trd_instrument spec = spec_default();
    spec.px_min = -30;
    spec.px_max = 100;
    spec.tier_count = 2;
    spec.tiers[0] = (trd_tick_tier){.from = 10, .step = 3};
    spec.tiers[1] = (trd_tick_tier){.from = 50, .step = 2};
    CHECK_PRICES(&spec, {-30, 0}, {-3, 0}, {-2, TRD_REJECT_OFF_TICK}, {9, 0},
        {10, TRD_REJECT_OFF_TICK}, {48, 0}, {50, 0}, {51, TRD_REJECT_OFF_TICK}, {100, 0});
}

/* S16: each its own code. */
Test(rules, a_quantity_is_refused_for_the_first_rule_it_breaks) {
    trd_instrument spec = spec_default();
    spec.qty_min = 20;
    spec.qty_max = 100;
    spec.lot_step = 10;
    CHECK_QUANTITIES(&spec, {20, 0}, {30, 0}, {100, 0}, {0, TRD_REJECT_QTY_ZERO},
        {-1, TRD_REJECT_QTY_NEGATIVE}, {-20, TRD_REJECT_QTY_NEGATIVE},
        {INT64_MIN, TRD_REJECT_QTY_NEGATIVE}, {25, TRD_REJECT_OFF_LOT}, {1, TRD_REJECT_OFF_LOT},
        {105, TRD_REJECT_OFF_LOT}, {10, TRD_REJECT_QTY_MIN}, {110, TRD_REJECT_QTY_MAX},
        {INT64_MAX - 7, TRD_REJECT_QTY_MAX}, {INT64_MAX, TRD_REJECT_OFF_LOT});
}

Test(rules, quantity_limits_need_not_be_multiples_of_the_lot_step) {
    trd_instrument spec = spec_default();
    spec.qty_min = 7;
    spec.qty_max = 26;
    spec.lot_step = 12;
    CHECK_QUANTITIES(&spec, {12, 0}, {24, 0}, {7, TRD_REJECT_OFF_LOT}, {26, TRD_REJECT_OFF_LOT},
        {36, TRD_REJECT_QTY_MAX});
}

Test(rules, the_whole_quantity_type_can_be_the_range) {
    trd_instrument spec = spec_default();
    spec.qty_min = 1;
    spec.qty_max = INT64_MAX;
    CHECK_QUANTITIES(&spec, {1, 0}, {INT64_MAX, 0}, {0, TRD_REJECT_QTY_ZERO},
        {INT64_MIN, TRD_REJECT_QTY_NEGATIVE});
    spec.lot_step = INT64_MAX;
    CHECK_QUANTITIES(
        &spec, {INT64_MAX, 0}, {INT64_MAX - 1, TRD_REJECT_OFF_LOT}, {1, TRD_REJECT_OFF_LOT});
}

Test(rules, on_lot_knows_every_quantity) {
    trd_instrument spec = spec_default();
    spec.lot_step = 3;
    listing l;
    list(&l, &spec);
    cr_expect(trd__rules_on_lot(&l.rules, 0));
    cr_expect(trd__rules_on_lot(&l.rules, 3));
    cr_expect(not(trd__rules_on_lot(&l.rules, 4)));
    cr_expect(trd__rules_on_lot(&l.rules, INT64_MAX - 1)); /* 2^63 - 2 = 2 x (2^62 - 1) */
    cr_expect(not(trd__rules_on_lot(&l.rules, INT64_MAX)));
}

typedef struct order_row {
    trd_px px;
    trd_qty qty;
    unsigned reason;
} order_row;

static void check_values(const trd_instrument *spec, const order_row *rows, size_t count) {
    listing l;
    list(&l, spec);
    for (size_t i = 0; i < count; i++) {
        const unsigned reason = trd__rules_notional(&l.rules, rows[i].px, rows[i].qty);
        cr_expect(eq(uint, reason, rows[i].reason), "%lld @ %lld", (long long)rows[i].qty,
            (long long)rows[i].px);
    }
}

#define CHECK_VALUES(spec, ...)                                                                    \
    check_values(spec, (const order_row[]){__VA_ARGS__},                                           \
        sizeof((const order_row[]){__VA_ARGS__}) / sizeof(order_row))

Test(rules, without_notional_limits_every_value_passes) {
    trd_instrument spec = spec_default();
    CHECK_VALUES(&spec, {1, 1, 0}, {1000000000, 1000000000, 0});
}

/* Value = px x qty x 3 / 7: at least 70 is px x qty >= 163.33, at most 100 is <= 233.33. */
Test(rules, a_value_is_compared_with_its_limits_before_any_rounding) {
    trd_instrument spec = spec_default();
    spec.px_min = -1000;
    spec.numerator = 3;
    spec.denominator = 7;
    spec.notional_min = 70;
    spec.notional_max = 100;
    CHECK_VALUES(&spec, {1, 163, TRD_REJECT_NOTIONAL_MIN}, {1, 164, 0}, {1, 233, 0},
        {1, 234, TRD_REJECT_NOTIONAL_MAX}, {-1, 164, 0}, {-2, 81, TRD_REJECT_NOTIONAL_MIN},
        {-2, 117, TRD_REJECT_NOTIONAL_MAX}, {0, 1000, TRD_REJECT_NOTIONAL_MIN});
    spec.notional_min = 3;
    spec.notional_max = 6;
    CHECK_VALUES(&spec, {7, 1, 0}, {14, 1, 0}, {1, 15, TRD_REJECT_NOTIONAL_MAX},
        {1, 6, TRD_REJECT_NOTIONAL_MIN});
}

Test(rules, one_notional_limit_does_not_need_the_other) {
    trd_instrument spec = spec_default();
    spec.notional_min = 10;
    CHECK_VALUES(&spec, {3, 3, TRD_REJECT_NOTIONAL_MIN}, {2, 5, 0}, {1000000000, 1000000000, 0});
    spec.notional_min = 0;
    spec.notional_max = 10;
    CHECK_VALUES(&spec, {1, 1, 0}, {2, 5, 0}, {1, 11, TRD_REJECT_NOTIONAL_MAX});
}

/* Value = qty x 100 / px: falls as the price rises. */
Test(rules, an_inverse_value_is_quantity_over_price) {
    trd_instrument spec = spec_default();
    spec.kind = TRD_INSTRUMENT_INVERSE;
    spec.numerator = 100;
    spec.notional_min = 5;
    spec.notional_max = 50;
    CHECK_VALUES(&spec, {20, 1, 0}, {21, 1, TRD_REJECT_NOTIONAL_MIN}, {2, 1, 0},
        {1, 1, TRD_REJECT_NOTIONAL_MAX}, {100, 50, 0}, {100, 51, TRD_REJECT_NOTIONAL_MAX},
        {100, 5, 0}, {100, 4, TRD_REJECT_NOTIONAL_MIN});
}

/* limit x px x denominator reaches 2^62 x 2^62 x 2^62 here, past 128 bits. */
Test(rules, products_past_128_bits_compare_right) {
    const int64_t big = INT64_C(1) << 62;
    trd_instrument spec = spec_default();
    spec.kind = TRD_INSTRUMENT_INVERSE;
    spec.px_max = big;
    spec.denominator = big;
    spec.notional_min = big;
    CHECK_VALUES(&spec, {big, 1, TRD_REJECT_NOTIONAL_MIN});
    spec.notional_min = 0;
    spec.notional_max = big;
    CHECK_VALUES(&spec, {big, 1, 0});

    /* Linear: px x qty x numerator = 2^124, denominator 2^62 - 1: just above 2^62. */
    spec = spec_default();
    spec.px_max = INT64_C(1) << 31;
    spec.qty_max = INT64_C(1) << 31;
    spec.numerator = big;
    spec.denominator = big - 1;
    spec.notional_max = big;
    CHECK_VALUES(&spec, {INT64_C(1) << 31, INT64_C(1) << 31, TRD_REJECT_NOTIONAL_MAX},
        {INT64_C(1) << 31, (INT64_C(1) << 31) - 1, 0});
}

/* The tier table is found by its distance, so a block that holds both may be copied as a whole. */
Test(rules, rules_and_specification_move_together) {
    trd_instrument spec = spec_default();
    spec.px_min = 0;
    spec.tier_count = 2;
    spec.tiers[0] = (trd_tick_tier){.from = 0, .step = 1};
    spec.tiers[1] = (trd_tick_tier){.from = 100, .step = 10};
    listing first;
    list(&first, &spec);
    listing second = first;
    first.spec.tiers[1].step = 7;
    cr_expect(eq(uint, trd__rules_px(&second.rules, 110), 0));
    cr_expect(eq(uint, trd__rules_px(&second.rules, 105), TRD_REJECT_OFF_TICK));
}
