/* amount.h - products and divisions of money, exact, the common case in 64 bits.
 *
 * A division of 128 bits costs as much as everything else that an order does, and nearly no amount
 * needs one: each function looks whether 64 bits hold the product first. */
#ifndef TRD_ACCT_AMOUNT_H
#define TRD_ACCT_AMOUNT_H

#include <tradsys/account.h>

#include "core/fixed.h"

/* Is |x| below the limit of all amounts? */
trd_inline bool trd__is_amount(trd_wide x) {
    return x < TRD_AMT_LIMIT && x > -TRD_AMT_LIMIT;
}

trd_inline bool trd__is_amount64(int64_t x) {
    return x < TRD_AMT_LIMIT && x > -TRD_AMT_LIMIT;
}

/* Stores a x b x c and returns true, if 64 bits hold it and a x b. */
trd_inline bool trd__product(int64_t a, int64_t b, int64_t c, int64_t *out) {
    int64_t part = 0;
    return !__builtin_mul_overflow(a, b, &part) && !__builtin_mul_overflow(part, c, out);
}

/* a / b for b > 0, toward minus infinity. The caller knows that it fits. */
trd_inline int64_t trd__floor_by(trd_wide a, int64_t b) {
    if (b == 1) {
        return (int64_t)a;
    }
    if (trd_likely(trd_fits(a))) {
        const int64_t small = (int64_t)a;
        return small / b - (small % b < 0);
    }
    return (int64_t)trd__div_floor(a, b);
}

/* The same toward plus infinity. */
trd_inline int64_t trd__ceil_by(trd_wide a, int64_t b) {
    return -trd__floor_by(-a, b);
}

/* The share c / q of an amount of any sign, toward minus infinity; 0 <= c <= q, q > 0. */
trd_inline trd_amt trd__part_of(trd_amt amount, trd_qty c, trd_qty q) {
    if (c == 0) {
        return 0;
    }
    return c == q ? amount : trd__floor_by(trd__mul(amount, c), q);
}

/* Divisions by a constant are multiplications. */
trd_inline trd_wide trd__ceil_ppb(trd_wide x) {
    if (trd_likely(trd_fits(x))) {
        return (int64_t)x / TRD_RATE_ONE + ((int64_t)x % TRD_RATE_ONE > 0);
    }
    return trd__div_ceil(x, TRD_RATE_ONE);
}

/* ceil((amount x rate - over) / 10^9). */
trd_inline trd_wide trd__ceil_ppb_of(trd_amt amount, int64_t rate, uint32_t over) {
    int64_t exact = 0;
    if (trd_likely(!__builtin_mul_overflow(amount, rate, &exact) &&
                   !__builtin_sub_overflow(exact, (int64_t)over, &exact))) {
        return exact / TRD_RATE_ONE + (exact % TRD_RATE_ONE > 0);
    }
    return trd__ceil_ppb(trd__mul(amount, rate) - over);
}

trd_inline trd_wide trd__ceil_ppm(trd_wide x) {
    if (trd_likely(trd_fits(x))) {
        return (int64_t)x / 1000000 + ((int64_t)x % 1000000 > 0);
    }
    return trd__div_ceil(x, 1000000);
}

/* Product of `times` (at most four, none for 1) / product of `by`, all of `by` above zero, toward
 * zero: 256 bits, divided by one after the other. Stores the quotient and whether something was
 * left over and returns true, or returns false if the quotient is not below 2^62. For what walks
 * many, not for an order. */
bool trd__ratio(const uint64_t *times, unsigned factors, const uint64_t *by, unsigned divisors,
    trd_amt *quotient, bool *inexact);

#endif
