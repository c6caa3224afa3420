/* prop_rules.c - the order limits without divisions against the same limits with them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "core/fixed.h"
#include "draw.h"
#include "inst/rules.h"

enum { RUNS = 2000, STEPS = 100 };

typedef struct listing {
    trd_rules rules;
    trd_instrument spec;
} listing;

static int64_t naive_step(const trd_instrument *spec, trd_px px) {
    int64_t step = spec->tier_count > 0 ? spec->tiers[0].step : 1;
    for (uint32_t i = 0; i < spec->tier_count && spec->tiers[i].from <= px; i++) {
        step = spec->tiers[i].step;
    }
    return step;
}

static unsigned naive_px(const trd_instrument *spec, trd_px px) {
    return px % naive_step(spec, px) != 0           ? TRD_REJECT_OFF_TICK
           : px < spec->px_min || px > spec->px_max ? TRD_REJECT_PRICE_LIMIT
                                                    : 0;
}

static unsigned naive_qty(const trd_instrument *spec, trd_qty qty) {
    return qty == 0                    ? TRD_REJECT_QTY_ZERO
           : qty < 0                   ? TRD_REJECT_QTY_NEGATIVE
           : qty % spec->lot_step != 0 ? TRD_REJECT_OFF_LOT
           : qty < spec->qty_min       ? TRD_REJECT_QTY_MIN
           : qty > spec->qty_max       ? TRD_REJECT_QTY_MAX
                                       : 0;
}

/* For numbers below 2^31 all products are below 2^124. */
static unsigned naive_notional(const trd_instrument *spec, trd_px px, trd_qty qty) {
    const trd_wide magnitude = px < 0 ? -(trd_wide)px : px;
    const bool is_inverse = spec->kind == TRD_INSTRUMENT_INVERSE;
    const trd_wide gained = (trd_wide)qty * spec->numerator * (is_inverse ? 1 : magnitude);
    const trd_wide per = (trd_wide)spec->denominator * (is_inverse ? magnitude : 1);
    return gained < spec->notional_min * per                             ? TRD_REJECT_NOTIONAL_MIN
           : spec->notional_max > 0 && gained > spec->notional_max * per ? TRD_REJECT_NOTIONAL_MAX
                                                                         : 0;
}

/* A number near something interesting: a limit, a multiple of the step, or anything at all. */
static int64_t draw_near(draw *d, int64_t low, int64_t high, int64_t step) {
    const int64_t anchors[] = {
        low, high, 0, INT64_MIN, INT64_MAX, draw_in(d, low, high), (int64_t)draw_u64(d)};
    const int64_t anchor = anchors[draw_in(d, 0, 6)];
    const int64_t even = draw_chance(d, 50) ? anchor - anchor % step : anchor;
    const int64_t hops = draw_in(d, -2, 2);
    const int64_t away = draw_chance(d, 50) ? (int64_t)((uint64_t)hops * (uint64_t)step) : hops;
    return (int64_t)((uint64_t)even + (uint64_t)away);
}

static int64_t draw_step(draw *d, int bits) {
    const int64_t size = draw_size(d, bits);
    return draw_chance(d, 30) ? INT64_C(1) << (63 - __builtin_clzll((uint64_t)size)) : size;
}

static void draw_tiers(draw *d, trd_instrument *spec) {
    const int64_t count = draw_chance(d, 40) ? 0 : draw_chance(d, 40) ? 1 : draw_in(d, 2, 16);
    const int bits = (int)draw_in(d, 1, 32);
    trd_px from = draw_in(d, -100000, 1000);
    for (int64_t i = 0; i < count; i++) {
        spec->tiers[i] = (trd_tick_tier){.from = from, .step = draw_step(d, bits)};
        from += draw_size(d, 20);
    }
    spec->tier_count = (uint32_t)count;
}

/* Limits of the price, on their ticks. */
static void draw_prices(draw *d, trd_instrument *spec) {
    do {
        const int bits = (int)draw_in(d, 10, 62);
        const int64_t a = draw_size(d, bits) - (draw_chance(d, 50) ? INT64_C(1) << bits : 0);
        const int64_t b = draw_size(d, bits) - (draw_chance(d, 50) ? INT64_C(1) << bits : 0);
        spec->px_min = a < b ? a : b;
        spec->px_max = a < b ? b : a;
        spec->px_min -= spec->px_min % naive_step(spec, spec->px_min);
        spec->px_max -= spec->px_max % naive_step(spec, spec->px_max);
    } while (spec->px_min > spec->px_max || spec->px_min % naive_step(spec, spec->px_min) != 0 ||
             spec->px_max % naive_step(spec, spec->px_max) != 0);
}

static void draw_quantities(draw *d, trd_instrument *spec) {
    do {
        const int bits = (int)draw_in(d, 1, 63);
        spec->lot_step = draw_step(d, bits);
        spec->qty_min = draw_size(d, bits);
        spec->qty_max = draw_size(d, 63);
    } while (spec->qty_max - spec->qty_max % spec->lot_step < spec->qty_min);
}

Test(rules, limits_without_divisions_are_the_limits) {
    draw d = draw_seeded(1);
    uint64_t good_px = 0, good_qty = 0;
    for (int run = 0; run < RUNS; run++) {
        listing l = {.spec = trd_instrument_default()};
        draw_tiers(&d, &l.spec);
        draw_prices(&d, &l.spec);
        draw_quantities(&d, &l.spec);
        trd__rules_make(&l.rules, &l.spec);
        for (int step = 0; step < STEPS; step++) {
            const trd_px px = draw_near(&d, l.spec.px_min, l.spec.px_max,
                naive_step(&l.spec, draw_in(&d, l.spec.px_min, l.spec.px_max)));
            const unsigned px_reason = naive_px(&l.spec, px);
            cr_assert(eq(uint, trd__rules_px(&l.rules, px), px_reason), "run %d px %lld", run,
                (long long)px);
            good_px += px_reason == 0;

            const trd_qty qty = draw_near(&d, l.spec.qty_min, l.spec.qty_max, l.spec.lot_step);
            const unsigned qty_reason = naive_qty(&l.spec, qty);
            cr_assert(eq(uint, trd__rules_qty(&l.rules, qty), qty_reason), "run %d qty %lld", run,
                (long long)qty);
            good_qty += qty_reason == 0;
            if (qty >= 0) {
                cr_assert(trd__rules_on_lot(&l.rules, qty) == (qty % l.spec.lot_step == 0));
            }
        }
    }
    cr_expect(good_px > RUNS * STEPS / 10);
    cr_expect(good_qty > RUNS * STEPS / 10);
}

/* What a value is made of, in numbers of up to as many bits as is returned. */
static int draw_values(draw *d, trd_instrument *spec) {
    int bits;
    spec->symbol[0] = 'X';
    do {
        bits = (int)draw_in(d, 2, 31);
        spec->kind = draw_chance(d, 50) ? TRD_INSTRUMENT_LINEAR : TRD_INSTRUMENT_INVERSE;
        spec->px_max = spec->qty_max = (INT64_C(1) << bits) - 1;
        spec->px_min = spec->kind == TRD_INSTRUMENT_INVERSE ? 1 : -spec->px_max;
        spec->numerator = draw_size(d, bits);
        spec->denominator = draw_size(d, bits);
        spec->notional_min = draw_chance(d, 70) ? draw_size(d, bits) : 0;
        spec->notional_max = draw_chance(d, 70) ? spec->notional_min + draw_size(d, bits) : 0;
    } while (trd_instrument_check(spec, 1) != TRD_INSTRUMENT_OK);
    return bits;
}

Test(rules, a_notional_limit_is_a_limit_of_the_exact_value) {
    draw d = draw_seeded(2);
    uint64_t seen[3] = {0}; /* accepted, below, above */
    for (int run = 0; run < RUNS; run++) {
        listing l = {.spec = trd_instrument_default()};
        trd_instrument *spec = &l.spec;
        const int bits = draw_values(&d, spec);
        trd__rules_make(&l.rules, spec);
        for (int step = 0; step < STEPS; step++) {
            trd_px px = draw_size(&d, bits);
            const trd_qty qty = draw_size(&d, bits);
            if (spec->kind == TRD_INSTRUMENT_LINEAR && draw_chance(&d, 30)) {
                px = draw_chance(&d, 10) ? 0 : -px;
            }
            const unsigned reason = naive_notional(spec, px, qty);
            cr_assert(eq(uint, trd__rules_notional(&l.rules, px, qty), reason),
                "run %d: %lld @ %lld", run, (long long)qty, (long long)px);
            seen[reason == 0 ? 0 : reason == TRD_REJECT_NOTIONAL_MIN ? 1 : 2]++;
        }
    }
    for (int i = 0; i < 3; i++) {
        cr_expect(seen[i] > RUNS * STEPS / 50);
    }
}
