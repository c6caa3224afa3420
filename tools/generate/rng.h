/* rng.h - splitmix64: the same numbers from the same seed, on every machine and in every version.
 */
#ifndef GENERATE_RNG_H
#define GENERATE_RNG_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rng {
    uint64_t state;
} rng;

static inline uint64_t rng_next(rng *at) {
    uint64_t z = at->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* A number in [0, count), count in [1, 2^32). */
static inline uint64_t rng_below(rng *at, uint64_t count) {
    return ((rng_next(at) >> 32) * count) >> 32;
}

/* True in `of_1000` of 1,000 cases. */
static inline bool rng_chance(rng *at, uint64_t of_1000) {
    return rng_below(at, 1000) < of_1000;
}

/* How often a chance of keep/1000 comes in a row: small numbers mostly, sometimes a large one; at
 * most `most`. */
static inline int64_t rng_run(rng *at, uint64_t keep, int64_t most) {
    int64_t count = 0;
    while (count < most && rng_chance(at, keep)) {
        count++;
    }
    return count;
}

#endif
