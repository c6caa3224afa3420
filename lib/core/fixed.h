/* fixed.h - exact integer arithmetic: products in 128 bits, divisions with a named rounding.
 *
 * int64 x int64 always fits a trd_wide (its largest magnitude is 2^126), so a product of two is
 * never checked; what goes back into 64 bits is, with trd_fits. No function here wraps or clamps:
 * what does not fit is said, and nothing is stored.
 *
 * Only operators are used, not the overflow builtins on 128 bits, for which clang calls a routine
 * that libgcc does not have. Divisions of 128 bits cost some 10 to 40 ns: not per order. */
#ifndef TRD_CORE_FIXED_H
#define TRD_CORE_FIXED_H

#include <tradsys/base.h>

#include "core/assert.h"
#include "core/compiler.h"

__extension__ typedef __int128 trd_wide;
__extension__ typedef unsigned __int128 trd_uwide;

trd_inline bool trd_fits(trd_wide x) {
    return x >= INT64_MIN && x <= INT64_MAX;
}

/* The exact product. */
trd_inline trd_wide trd__mul(int64_t a, int64_t b) {
    return (trd_wide)a * b;
}

/* |x|, also of INT64_MIN. */
trd_inline uint64_t trd__magnitude(int64_t x) {
    return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

/* Stores `x` in *out and returns true, or returns false if it does not fit. */
trd_inline bool trd__narrow(trd_wide x, int64_t *out) {
    if (!trd_fits(x)) {
        return false;
    }
    *out = (int64_t)x;
    return true;
}

/* Stores a x b in *out and returns true, or returns false if it needs more than 128 bits. */
static inline bool trd__umul(trd_uwide a, uint64_t b, trd_uwide *out) {
    const trd_uwide low = (trd_uwide)(uint64_t)a * b;
    const trd_uwide high = (trd_uwide)(uint64_t)(a >> 64) * b + (low >> 64);
    if (high >> 64 != 0) {
        return false;
    }
    *out = high << 64 | (uint64_t)low;
    return true;
}

/* a / b for b > 0, toward minus infinity. */
static inline trd_wide trd__div_floor(trd_wide a, trd_wide b) {
    trd_assert(b > 0);
    return a / b - (a % b < 0);
}

/* a / b for b > 0, toward plus infinity. */
static inline trd_wide trd__div_ceil(trd_wide a, trd_wide b) {
    trd_assert(b > 0);
    return a / b + (a % b > 0);
}

/* a / b for b > 0, rounded as said (TRD_ROUND_*). Stores in *out and returns true, or returns false
 * if `rounding` is EXACT and b does not divide a. */
static inline bool trd__div(trd_wide a, trd_wide b, int rounding, trd_wide *out) {
    trd_assert(b > 0);
    trd_assert(rounding >= TRD_ROUND_EXACT && rounding <= TRD_ROUND_CEIL);
    const trd_wide rest = a % b;
    if (rounding == TRD_ROUND_EXACT && rest != 0) {
        return false;
    }
    *out = a / b + (rounding == TRD_ROUND_CEIL && rest > 0) -
           (rounding == TRD_ROUND_FLOOR && rest < 0);
    return true;
}

/* The same in 64 bits, where every result fits: a divisor above 1 leaves room for the rounding. */
static inline bool trd__div64(int64_t a, int64_t b, int rounding, int64_t *out) {
    trd_assert(b > 0);
    trd_assert(rounding >= TRD_ROUND_EXACT && rounding <= TRD_ROUND_CEIL);
    const int64_t rest = a % b;
    if (rounding == TRD_ROUND_EXACT && rest != 0) {
        return false;
    }
    *out = a / b + (rounding == TRD_ROUND_CEIL && rest > 0) -
           (rounding == TRD_ROUND_FLOOR && rest < 0);
    return true;
}

/* a x b / c for c > 0, rounded once, as said. Stores in *out and returns true, or returns false if
 * the result does not fit, or is not whole and `rounding` is EXACT. */
static inline bool trd__muldiv64(int64_t a, int64_t b, int64_t c, int rounding, int64_t *out) {
    trd_wide quotient = 0;
    return trd__div(trd__mul(a, b), c, rounding, &quotient) && trd__narrow(quotient, out);
}

/* a x b / c toward zero for c > 0, through as many bits as a x b has (192). Stores the quotient and
 * whether something was left over and returns true, or returns false if the quotient needs more
 * than 64 bits. Long division with the digit 2^64: the first remainder is below c, so the second
 * quotient is one digit. */
static inline bool trd__umuldiv(
    trd_uwide a, uint64_t b, uint64_t c, uint64_t *quotient, bool *inexact) {
    trd_assert(c > 0);
    trd_assert(a >> 127 == 0); /* with b < 2^64: the upper 128 bits of the product do not wrap */
    const trd_uwide low = (trd_uwide)(uint64_t)a * b;
    const trd_uwide high = (trd_uwide)(uint64_t)(a >> 64) * b + (low >> 64);
    if (high / c != 0) {
        return false;
    }
    const trd_uwide rest = high << 64 | (uint64_t)low; /* high < c: 64 bits */
    *quotient = (uint64_t)(rest / c);
    *inexact = rest % c != 0;
    return true;
}

/* The share `part` of `of` has in `whole`, toward minus infinity: whole x part / of for part in
 * [0, of] and of > 0. |share| <= |whole|, so it always fits, and part == of gives all of it: taking
 * shares of what is left, one after the other, leaves nothing. */
static inline int64_t trd__share(int64_t whole, int64_t part, int64_t of) {
    trd_assert(part >= 0);
    trd_assert(part <= of);
    return (int64_t)trd__div_floor(trd__mul(whole, part), of);
}

#endif
