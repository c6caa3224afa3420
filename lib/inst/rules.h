/* rules.h - the limits of one instrument in the form the matcher asks them in: two cache lines.
 *
 * Multiple of a step and inside a range are one test. For step = odd x 2^shift and `inverse` the
 * inverse of `odd` modulo 2^64,
 *
 *     quotient(x) = rotate_right(x * inverse, shift)
 *
 * is x / step if step divides x, and above (2^64 - 1) / step if it does not: multiplying by the
 * inverse and rotating are one-to-one, and the multiples of step already take all small results. So
 *
 *     quotient(px - px_min) <= px_span               px is on its tick and in [px_min, px_max]
 *     quotient(qty) - qty_first <= qty_span          qty is on its lot and in [qty_min, qty_max]
 *
 * in unsigned 64 bits: a px below px_min, and a qty below zero, wrap to 2^63 or more or past the
 * span. Both steps 1 is inverse 1 and shift 0, no special case, and no division ever. Which rule
 * was broken is found out only when one was.
 *
 * Tiers stay in the specification, whose distance from the rules is kept instead of a pointer:
 * rules and specification lie in one block, which may be moved or mapped elsewhere as a whole. */
#ifndef TRD_INST_RULES_H
#define TRD_INST_RULES_H

#include <tradsys/event.h> /* TRD_REJECT_* */
#include <tradsys/instrument.h>

#include "core/compiler.h"

/* Written once by trd__rules_make; read for every order. */
typedef struct trd_rules {
    /* line 0: every order */
    trd_px px_min;
    uint64_t px_inverse;
    uint64_t px_span; /* (px_max - px_min) / step; with tiers px_max - px_min */
    uint64_t qty_inverse;
    uint64_t qty_first; /* qty_min / lot_step, up: the least quantity in lot steps */
    uint64_t qty_span;  /* qty_max / lot_step, down, - qty_first */
    uint8_t px_shift;
    uint8_t qty_shift;
    uint8_t tier_count;   /* 0, or 2 and more: one tier is a uniform step */
    uint8_t has_notional; /* a notional limit exists */
    uint8_t is_inverse;   /* value is qty x numerator / (px x denominator) */
    uint8_t reserved[3];
    int64_t tiers_at; /* bytes from this struct to the tier table; 0 without one */

    /* line 1: to name what is wrong, and with notional limits */
    trd_px px_max;
    int64_t step; /* of every price, unless there are tiers */
    int64_t lot_step;
    trd_amt notional_min; /* 0 without one */
    trd_amt notional_max; /* INT64_MAX without one: above every possible value */
    int64_t numerator;
    int64_t denominator;
    uint64_t lots_max; /* quotient of the largest multiple of lot_step: (2^64 - 1) / lot_step */
} trd_rules;

TRD_STATIC_ASSERT(sizeof(trd_rules) == 128, "two cache lines");
TRD_STATIC_ASSERT(offsetof(trd_rules, px_max) == 64, "the second line starts at px_max");

/* trd__rules_make derives the rules of `spec`, in which trd_instrument_check finds no fault. `spec`
 * stays where it is relative to `rules` for as long as the rules are used; copying rules alone is
 * allowed for an instrument without tiers only. */
void trd__rules_make(trd_rules *rules, const trd_instrument *spec);

/* The general form of the checks below: says which rule is broken, 0 if none. */
unsigned trd__rules_px_reason(const trd_rules *rules, trd_px px);
unsigned trd__rules_qty_reason(const trd_rules *rules, trd_qty qty);
unsigned trd__rules_notional_reason(const trd_rules *rules, trd_px px, trd_qty qty);

/* x / step if it divides evenly, otherwise more than any multiple gives. `shift` is in [0, 63]. */
trd_inline uint64_t trd__rules_quotient(uint64_t x, uint64_t inverse, unsigned shift) {
    const uint64_t product = x * inverse;
    return product >> shift | product << (-shift & 63);
}

/* trd__rules_px: may an order have this price? 0, TRD_REJECT_OFF_TICK or TRD_REJECT_PRICE_LIMIT.
 * Any px, also far outside the limits, is judged by its tick first. */
trd_inline unsigned trd__rules_px(const trd_rules *rules, trd_px px) {
    const uint64_t above = (uint64_t)px - (uint64_t)rules->px_min;
    const uint64_t steps = trd__rules_quotient(above, rules->px_inverse, rules->px_shift);
    if (trd_likely(steps <= rules->px_span && rules->tier_count == 0)) {
        return 0;
    }
    return trd__rules_px_reason(rules, px);
}

/* trd__rules_on_lot: is qty, zero or above, a multiple of the lot step? */
trd_inline bool trd__rules_on_lot(const trd_rules *rules, trd_qty qty) {
    const uint64_t lots = trd__rules_quotient((uint64_t)qty, rules->qty_inverse, rules->qty_shift);
    return lots <= rules->lots_max;
}

/* trd__rules_qty: may an order have this quantity? 0, or TRD_REJECT_QTY_ZERO, QTY_NEGATIVE,
 * OFF_LOT, QTY_MIN, QTY_MAX. */
trd_inline unsigned trd__rules_qty(const trd_rules *rules, trd_qty qty) {
    const uint64_t lots = trd__rules_quotient((uint64_t)qty, rules->qty_inverse, rules->qty_shift);
    if (trd_likely(lots - rules->qty_first <= rules->qty_span)) {
        return 0;
    }
    return trd__rules_qty_reason(rules, qty);
}

/* trd__rules_notional: may a limit order have this value? 0, or TRD_REJECT_NOTIONAL_MIN or
 * TRD_REJECT_NOTIONAL_MAX. px and qty have passed the two checks above. The value is that of the
 * whole quantity at |px|, compared with the limits exactly, before any rounding. */
trd_inline unsigned trd__rules_notional(const trd_rules *rules, trd_px px, trd_qty qty) {
    if (trd_likely(rules->has_notional == 0)) {
        return 0;
    }
    return trd__rules_notional_reason(rules, px, qty);
}

#endif
