/* amount.c - a product of 256 bits and its divisions. */
#include "acct/amount.h"

enum { LIMBS = 4 };

static void multiply(uint64_t *limb, uint64_t by) {
    trd_uwide carry = 0;
    for (unsigned at = 0; at < LIMBS; at++) {
        carry += (trd_uwide)limb[at] * by;
        limb[at] = (uint64_t)carry;
        carry >>= 64;
    }
}

/* Returns what is left over. */
static uint64_t divide(uint64_t *limb, uint64_t by) {
    trd_uwide rest = 0;
    for (unsigned at = LIMBS; at > 0; at--) {
        const trd_uwide digits = rest << 64 | limb[at - 1]; /* rest < by: the quotient is a digit */
        limb[at - 1] = (uint64_t)(digits / by);
        rest = digits % by;
    }
    return (uint64_t)rest;
}

bool trd__ratio(const uint64_t *times, unsigned factors, const uint64_t *by, unsigned divisors,
    trd_amt *quotient, bool *inexact) {
    trd_assert(factors <= LIMBS);
    uint64_t limb[LIMBS] = {1};
    bool rests = false;
    for (unsigned i = 0; i < factors; i++) {
        multiply(limb, times[i]);
    }
    for (unsigned i = 0; i < divisors; i++) {
        trd_assert(by[i] > 0);
        rests |= divide(limb, by[i]) != 0;
    }
    if ((limb[1] | limb[2] | limb[3]) != 0 || limb[0] >= (uint64_t)TRD_AMT_LIMIT) {
        return false;
    }
    *quotient = (trd_amt)limb[0];
    *inexact = rests;
    return true;
}
