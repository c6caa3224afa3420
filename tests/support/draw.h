/* draw.h - random numbers of a property test, from one seed that is printed. TRD_SEED sets it. */
#ifndef TRD_SUPPORT_DRAW_H
#define TRD_SUPPORT_DRAW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* splitmix64 (Steele, Lea, Flood 2014): any seed is good. */
typedef struct draw {
    uint64_t state;
} draw;

static inline draw draw_seeded(uint64_t fallback) {
    const char *given = getenv("TRD_SEED");
    const uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : fallback;
    fprintf(stderr, "TRD_SEED=%llu\n", (unsigned long long)seed);
    return (draw){.state = seed};
}

static inline uint64_t draw_u64(draw *d) {
    uint64_t x = d->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* In [low, high]. The slight bias of the remainder does not matter to a test. */
static inline int64_t draw_in(draw *d, int64_t low, int64_t high) {
    const uint64_t span = (uint64_t)high - (uint64_t)low;
    const uint64_t x = draw_u64(d);
    return (int64_t)((uint64_t)low + (span == UINT64_MAX ? x : x % (span + 1)));
}

static inline bool draw_chance(draw *d, int percent) {
    return draw_in(d, 0, 99) < percent;
}

/* A positive number of a size that is itself drawn: 1 is as frequent as 2^40. `bits` in [1, 63]. */
static inline int64_t draw_size(draw *d, int bits) {
    const int width = (int)draw_in(d, 1, bits);
    return (int64_t)(draw_u64(d) >> (64 - width) | UINT64_C(1) << (width - 1));
}

#endif
