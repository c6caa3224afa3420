/* rng.h - seeded random numbers: xoshiro256** over a state that splitmix64 spreads from one seed.
 *
 * The same seed gives the same numbers on every machine, compiler and version of this library: they
 * are part of what is replayed (random session ends, random peaks). Not for secrets.
 *
 * Both algorithms are David Blackman's and Sebastiano Vigna's (prng.di.unimi.it). Period 2^256 - 1.
 * A copy of a generator goes on like the original; give each thread a generator of its own. */
#ifndef TRD_CORE_RNG_H
#define TRD_CORE_RNG_H

#include "core/assert.h"

typedef struct trd_rng {
    uint64_t state[4]; /* never all zero: that state only leads to itself */
} trd_rng;

trd_inline uint64_t trd__rotate_left(uint64_t x, unsigned bits) {
    return x << bits | x >> (64 - bits);
}

/* trd__splitmix moves `at` on and returns the next number of the splitmix64 sequence: a bijection
 * of the counter, so it gives every value once in 2^64 draws. */
trd_inline uint64_t trd__splitmix(uint64_t *at) {
    *at += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *at;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* trd__rng_seeded returns a generator for `seed`, any value, zero included: four consecutive values
 * of a bijection cannot all be zero. */
trd_inline trd_rng trd__rng_seeded(uint64_t seed) {
    trd_rng rng;
    for (int i = 0; i < 4; i++) {
        rng.state[i] = trd__splitmix(&seed);
    }
    return rng;
}

/* trd__rng_next returns 64 random bits. */
trd_inline uint64_t trd__rng_next(trd_rng *rng) {
    uint64_t *s = rng->state;
    const uint64_t result = trd__rotate_left(s[1] * 5, 7) * 9;
    const uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = trd__rotate_left(s[3], 45);
    return result;
}

/* trd__rng_below returns a number in [0, bound - 1], each equally likely; bound > 0.
 *
 * The high half of bits * bound falls on 2^64 / bound values of `bits` for each result, rounded up
 * for some results and down for others. The draws whose low half is below 2^64 mod bound are the
 * surplus: they are drawn again (Lemire, 2019), with a chance below bound / 2^64. The division that
 * finds the remainder is made only where a surplus is possible. */
trd_inline uint64_t trd__rng_below(trd_rng *rng, uint64_t bound) {
    trd_assert(bound > 0);
    unsigned __int128 product = (unsigned __int128)trd__rng_next(rng) * bound;
    if (trd_unlikely((uint64_t)product < bound)) {
        const uint64_t surplus = (0 - bound) % bound; /* 2^64 mod bound */
        while ((uint64_t)product < surplus) {
            product = (unsigned __int128)trd__rng_next(rng) * bound;
        }
    }
    return (uint64_t)(product >> 64);
}

/* trd__rng_in returns a number in [low, high], each equally likely; low <= high. The whole range of
 * int64_t is allowed. */
trd_inline int64_t trd__rng_in(trd_rng *rng, int64_t low, int64_t high) {
    trd_assert(low <= high);
    const uint64_t width = (uint64_t)high - (uint64_t)low;
    const uint64_t drawn =
        width == UINT64_MAX ? trd__rng_next(rng) : trd__rng_below(rng, width + 1);
    return (int64_t)((uint64_t)low + drawn);
}

#endif
