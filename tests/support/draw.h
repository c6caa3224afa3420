/* draw.h - random numbers of the tests, all from one seed that is printed. TRD_SEED sets it.
 *
 * A run that failed is repeated with the seed it printed: TRD_SEED=123 build/tests/property/...
 *
 * This is the generator of the library (core/rng.h), which test_rng.c holds against its published
 * numbers. The only other one in the tests is dice.h: the naive model and its random lives share no
 * code with what they judge. */
#ifndef TRD_SUPPORT_DRAW_H
#define TRD_SUPPORT_DRAW_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/rng.h"

typedef trd_rng draw;

/* The seed of this run: $TRD_SEED, or `usual`. Printed to stderr, stdout is the test protocol's. */
static inline uint64_t draw_seed(uint64_t usual) {
    const char *text = getenv("TRD_SEED");
    const uint64_t seed = text != NULL && *text != '\0' ? strtoull(text, NULL, 0) : usual;
    fprintf(stderr, "# TRD_SEED=%" PRIu64 "\n", seed);
    return seed;
}

static inline draw draw_seeded(uint64_t usual) {
    return trd__rng_seeded(draw_seed(usual));
}

static inline uint64_t draw_u64(draw *d) {
    return trd__rng_next(d);
}

/* In [0, count - 1]; count > 0. */
static inline uint64_t draw_below(draw *d, uint64_t count) {
    return trd__rng_below(d, count);
}

/* In [low, high]. */
static inline int64_t draw_in(draw *d, int64_t low, int64_t high) {
    return trd__rng_in(d, low, high);
}

/* True `percent` times out of 100. */
static inline bool draw_chance(draw *d, int64_t percent) {
    return draw_in(d, 0, 99) < percent;
}

/* A positive number of a size that is itself drawn: 1 is as frequent as 2^40. `bits` in [1, 63]. */
static inline int64_t draw_size(draw *d, int bits) {
    const int width = (int)draw_in(d, 1, bits);
    return (int64_t)(draw_u64(d) >> (64 - width) | UINT64_C(1) << (width - 1));
}

#endif
