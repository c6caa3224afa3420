/* seed.h - the one seed of a random test: printed, and replaced by $TRD_SEED.
 *
 * A run that failed is repeated with the seed it printed: TRD_SEED=123 build/tests/property/... */
#ifndef TRD_TEST_SEED_H
#define TRD_TEST_SEED_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/rng.h"

/* Goes to stderr: stdout belongs to the test protocol. */
static inline uint64_t seed_of(const char *test, uint64_t usual) {
    const char *text = getenv("TRD_SEED");
    const uint64_t seed = text != NULL && *text != '\0' ? strtoull(text, NULL, 0) : usual;
    fprintf(stderr, "# %s: TRD_SEED=%" PRIu64 "\n", test, seed);
    return seed;
}

static inline trd_rng rng_seeded(const char *test, uint64_t usual) {
    return trd__rng_seeded(seed_of(test, usual));
}

static inline int64_t rng_in(trd_rng *rng, int64_t low, int64_t high) {
    return trd__rng_in(rng, low, high);
}

/* True `percent` times out of 100. */
static inline bool rng_chance(trd_rng *rng, uint64_t percent) {
    return trd__rng_below(rng, 100) < percent;
}

#endif
