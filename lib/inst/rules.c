/* rules.c - rules.h: deriving them once, and saying which one is broken. */
#include "inst/rules.h"

#include "core/assert.h"
#include "inst/tick.h"
#include "inst/value.h"

/* The inverse of an odd x modulo 2^64. x is its own inverse modulo 8; each step of Newton's
 * iteration doubles the number of right bits: 3, 6, 12, 24, 48, 96. */
static uint64_t inverse_of(uint64_t x) {
    trd_assert((x & 1) == 1);
    uint64_t inverse = x;
    for (int i = 0; i < 5; i++) {
        inverse *= 2 - x * inverse;
    }
    trd_assert(x * inverse == 1);
    return inverse;
}

static uint8_t shift_of(int64_t step) {
    return (uint8_t)__builtin_ctzll((uint64_t)step);
}

/* Has the step that px is measured against left no remainder? Unlike the quotient test this one
 * holds for every px. */
static bool on_tick(const trd_rules *rules, trd_px px) {
    if (rules->tier_count == 0) {
        return px % rules->step == 0;
    }
    const trd_tick_tier *tiers =
        (const trd_tick_tier *)((uintptr_t)rules + (uintptr_t)rules->tiers_at);
    return px % trd__tick_step(tiers, rules->tier_count, px) == 0;
}

void trd__rules_make(trd_rules *rules, const trd_instrument *spec) {
    const bool tiered = spec->tier_count > 1;
    const int64_t step = spec->tier_count == 1 ? spec->tiers[0].step : 1;
    const int64_t lot_step = spec->lot_step;
    trd_assert(step >= 1);
    trd_assert(lot_step >= 1);
    trd_assert(spec->px_min <= spec->px_max);
    trd_assert(tiered || spec->px_min % step == 0);
    trd_assert(spec->qty_min >= 1);

    const uint64_t px_range = (uint64_t)spec->px_max - (uint64_t)spec->px_min;
    const uint64_t qty_first = ((uint64_t)spec->qty_min - 1) / (uint64_t)lot_step + 1;
    const uint64_t qty_last = (uint64_t)(spec->qty_max / lot_step);
    trd_assert(qty_first <= qty_last);

    *rules = (trd_rules){
        .px_min = spec->px_min,
        .px_inverse = inverse_of((uint64_t)step >> shift_of(step)),
        .px_span = px_range / (uint64_t)step,
        .qty_inverse = inverse_of((uint64_t)lot_step >> shift_of(lot_step)),
        .qty_first = qty_first,
        .qty_span = qty_last - qty_first,
        .px_shift = shift_of(step),
        .qty_shift = shift_of(lot_step),
        .tier_count = tiered ? (uint8_t)spec->tier_count : 0,
        .has_notional = spec->notional_min > 0 || spec->notional_max > 0,
        .is_inverse = spec->kind == TRD_INSTRUMENT_INVERSE,
        .tiers_at = tiered ? (int64_t)((uintptr_t)spec->tiers - (uintptr_t)rules) : 0,
        .px_max = spec->px_max,
        .step = step,
        .lot_step = lot_step,
        .notional_min = spec->notional_min,
        .notional_max = spec->notional_max > 0 ? spec->notional_max : INT64_MAX,
        .numerator = spec->numerator,
        .denominator = spec->denominator,
        .lots_max = UINT64_MAX / (uint64_t)lot_step,
    };
}

unsigned trd__rules_px_reason(const trd_rules *rules, trd_px px) {
    if (!on_tick(rules, px)) {
        return TRD_REJECT_OFF_TICK;
    }
    if (px < rules->px_min || px > rules->px_max) {
        return TRD_REJECT_PRICE_LIMIT;
    }
    return 0;
}

unsigned trd__rules_qty_reason(const trd_rules *rules, trd_qty qty) {
    if (qty == 0) {
        return TRD_REJECT_QTY_ZERO;
    }
    if (qty < 0) {
        return TRD_REJECT_QTY_NEGATIVE;
    }
    if (qty % rules->lot_step != 0) {
        return TRD_REJECT_OFF_LOT;
    }
    const uint64_t lots = (uint64_t)(qty / rules->lot_step);
    if (lots < rules->qty_first) {
        return TRD_REJECT_QTY_MIN;
    }
    if (lots > rules->qty_first + rules->qty_span) {
        return TRD_REJECT_QTY_MAX;
    }
    return 0;
}

unsigned trd__rules_notional_reason(const trd_rules *rules, trd_px px, trd_qty qty) {
    const trd_value_terms terms = {.numerator = rules->numerator,
        .denominator = rules->denominator,
        .is_inverse = rules->is_inverse};
    trd_value value;
    /* trd_instrument_check proved the value below 2^62, so its numerator is below 2^125. */
    const bool fits = trd__value_of(terms, trd__magnitude(px), qty, &value);
    trd_assert(fits);
    if (trd__value_against(&value, (uint64_t)rules->notional_min) < 0) {
        return TRD_REJECT_NOTIONAL_MIN;
    }
    if (trd__value_against(&value, (uint64_t)rules->notional_max) > 0) {
        return TRD_REJECT_NOTIONAL_MAX;
    }
    return 0;
}
