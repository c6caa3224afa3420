/* value.h - the value of an order as an exact fraction, and its comparison with an amount. */
#ifndef TRD_INST_VALUE_H
#define TRD_INST_VALUE_H

#include "core/fixed.h"

/* gained / per minor units; per > 0. */
typedef struct trd_value {
    trd_uwide gained;
    trd_uwide per;
} trd_value;

/* What decides how a value is made of px and qty; numerator and denominator > 0. */
typedef struct trd_value_terms {
    int64_t numerator;
    int64_t denominator;
    bool is_inverse; /* px > 0 */
} trd_value_terms;

/* Stores the value of qty > 0 lots at |px| = `magnitude` and returns true, or returns false if its
 * numerator needs more than 128 bits. */
static inline bool trd__value_of(
    trd_value_terms terms, uint64_t magnitude, trd_qty qty, trd_value *out) {
    trd_assert(qty > 0);
    out->gained = (trd_uwide)(uint64_t)qty * (uint64_t)terms.numerator;
    out->per = (uint64_t)terms.denominator;
    if (terms.is_inverse) {
        trd_assert(magnitude > 0);
        out->per *= magnitude;
        return true;
    }
    return trd__umul(out->gained, magnitude, &out->gained);
}

/* Below zero, zero or above it as the value is below `amount`, equal to it or above it. Exact: when
 * amount x per needs more than 128 bits it is above `gained`, which does not. */
static inline int trd__value_against(const trd_value *value, uint64_t amount) {
    trd_uwide bound;
    if (!trd__umul(value->per, amount, &bound)) {
        return -1;
    }
    return (value->gained > bound) - (value->gained < bound);
}

#endif
