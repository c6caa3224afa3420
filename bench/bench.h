/* bench.h - what benchmarks share: memory, randomness, clock, latency histogram, statistics over
 * runs. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

/* --- Memory ----------------------------------------------------------------------------------- */

/* bench_alloc maps `size` zeroed bytes at a 2 MiB boundary, asks for huge pages and touches every
 * page, so that no measured access meets a page fault. Both subjects get theirs from here. Ends the
 * program if there is no memory. bench_free gets the same size. */
void *bench_alloc(size_t size);
void bench_free(void *at, size_t size);

/* --- Randomness ------------------------------------------------------------------------------- */

/* bench_mix scrambles a number; a bijection: distinct numbers stay distinct. Of the multiples of
 * BENCH_GOLDEN it makes a random sequence. */
#define BENCH_GOLDEN 0x9e3779b97f4a7c15u

static inline uint64_t bench_mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* --- Clock ------------------------------------------------------------------------------------ */

/* bench_now_ns: the monotonic clock, for batches. */
static inline uint64_t bench_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* begin and end bracket what is timed alone, in ticks of the time stamp counter (of the clock on
 * machines without). The fences keep the work inside: everything before has completed when begin
 * reads, the work has when end reads. */
static inline uint64_t bench_ticks_begin(void) {
#if defined(__x86_64__)
    _mm_lfence();
    const uint64_t ticks = __rdtsc();
    _mm_lfence();
    return ticks;
#else
    return bench_now_ns();
#endif
}

static inline uint64_t bench_ticks_end(void) {
#if defined(__x86_64__)
    unsigned core;
    const uint64_t ticks = __rdtscp(&core);
    _mm_lfence();
    return ticks;
#else
    return bench_now_ns();
#endif
}

typedef struct bench_clock {
    double ns_per_tick;
    uint64_t overhead; /* ticks of an empty begin/end pair, median */
} bench_clock;

/* bench_clock_calibrate measures both; takes about 20 ms. */
bench_clock bench_clock_calibrate(void);

/* --- Histogram -------------------------------------------------------------------------------- */

/* Log-linear buckets: exact below 256, then 128 per power of two, so a reported value is at most
 * 1/128 above the recorded one. */
enum { BENCH_HIST_SUB = 128, BENCH_HIST_SHIFT_MAX = 32 };
enum { BENCH_HIST_BUCKETS = (BENCH_HIST_SHIFT_MAX + 2) * BENCH_HIST_SUB };

typedef struct bench_hist {
    uint64_t count;
    uint64_t max;
    uint64_t buckets[BENCH_HIST_BUCKETS];
} bench_hist;

static inline uint32_t bench_hist_at(uint64_t value) {
    if (value < BENCH_HIST_SUB) {
        return (uint32_t)value;
    }
    uint32_t shift = 63 - 7 - (uint32_t)__builtin_clzll(value);
    if (shift > BENCH_HIST_SHIFT_MAX) {
        return BENCH_HIST_BUCKETS - 1;
    }
    return shift * BENCH_HIST_SUB + (uint32_t)(value >> shift);
}

static inline void bench_hist_add(bench_hist *hist, uint64_t value) {
    hist->count++;
    hist->max = value > hist->max ? value : hist->max;
    hist->buckets[bench_hist_at(value)]++;
}

/* bench_hist_value returns the highest value of the bucket that holds the part `share` (in [0, 1])
 * of what was recorded, at most the maximum; 0 if nothing was. */
uint64_t bench_hist_value(const bench_hist *hist, double share);

/* --- Statistics over runs --------------------------------------------------------------------- */

/* Median and minimum of `count` >= 1 values. Median sorts `values`. */
double bench_median(double *values, size_t count);
double bench_min(const double *values, size_t count);

#endif
