#include "replay/histogram.h"

#include <time.h>

/* Values below HISTOGRAM_STEPS have a bucket each; above, each power of two has HISTOGRAM_STEPS. */
static uint32_t bucket_of(uint64_t value) {
    if (value < HISTOGRAM_STEPS) {
        return (uint32_t)value;
    }
    const uint32_t shift = 63u - (uint32_t)__builtin_clzll(value) - 5u;
    return (shift + 1) * HISTOGRAM_STEPS + (uint32_t)((value >> shift) - HISTOGRAM_STEPS);
}

static uint64_t bucket_top(uint32_t bucket) {
    if (bucket < HISTOGRAM_STEPS) {
        return bucket;
    }
    const uint32_t shift = bucket / HISTOGRAM_STEPS - 1;
    return ((uint64_t)(bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS + 1) << shift) - 1;
}

void histogram_add(histogram *at, uint64_t value) {
    at->count++;
    at->sum += value;
    at->max = value > at->max ? value : at->max;
    at->bucket[bucket_of(value)]++;
}

uint64_t histogram_percentile(const histogram *at, uint32_t per_100000) {
    if (at->count == 0) {
        return 0;
    }
    /* Rounded up: the value of rank r is the smallest that r values do not exceed. Divided first
     * and then the rest, so that no count overflows. */
    const uint64_t wanted =
        at->count / 100000 * per_100000 + (at->count % 100000 * per_100000 + 99999) / 100000;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += at->bucket[i];
        if (seen >= wanted && seen > 0) {
            const uint64_t top = bucket_top(i);
            return top < at->max ? top : at->max;
        }
    }
    return at->max;
}

uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t now_overhead_ns(void) {
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < 1000; i++) {
        const uint64_t start = now_ns();
        const uint64_t took = now_ns() - start;
        least = took < least ? took : least;
    }
    return least;
}
