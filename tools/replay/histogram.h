/* histogram.h - how long things took: counts in buckets whose width is at most 1/32 of their value.
 *
 * A plain value of some 15 KiB. Percentiles are the upper edge of a bucket, so they never flatter;
 * the maximum is exact. */
#ifndef REPLAY_HISTOGRAM_H
#define REPLAY_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_STEPS = 32, HISTOGRAM_BUCKETS = 60 * HISTOGRAM_STEPS };

typedef struct histogram {
    uint64_t count;
    uint64_t sum;
    uint64_t max;
    uint64_t bucket[HISTOGRAM_BUCKETS];
} histogram;

/* histogram_add counts one value in [0, 2^63). O(1). */
void histogram_add(histogram *at, uint64_t value);

/* histogram_percentile returns a value that at least per_100000 / 100000 of the values do not
 * exceed; 0 if there are none. */
uint64_t histogram_percentile(const histogram *at, uint32_t per_100000);

/* now_ns returns the monotonic clock. now_overhead_ns returns what two adjacent readings differ by
 * at least: every latency contains that much of the clock itself. */
uint64_t now_ns(void);
uint64_t now_overhead_ns(void);

#endif
