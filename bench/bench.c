/* bench.c - see bench.h. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20, PAIRS = 20001 };

static size_t mapped_size(size_t size) {
    return (size + HUGE_PAGE - 1) & ~((size_t)HUGE_PAGE - 1);
}

void *bench_alloc(size_t size) {
    const size_t kept = mapped_size(size);
    char *raw =
        mmap(NULL, kept + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (raw == MAP_FAILED) {
        fprintf(stderr, "bench: no memory for %zu bytes\n", size);
        exit(2);
    }
    const size_t skip = -(uintptr_t)raw & (HUGE_PAGE - 1);
    if (skip > 0) {
        munmap(raw, skip);
    }
    if (skip < HUGE_PAGE) {
        munmap(raw + skip + kept, HUGE_PAGE - skip);
    }
    madvise(raw + skip, kept, MADV_HUGEPAGE); /* a hint: without it the pages are just small */
    memset(raw + skip, 0, kept);
    return raw + skip;
}

void bench_free(void *at, size_t size) {
    if (at != NULL) {
        munmap(at, mapped_size(size));
    }
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *values, size_t count) {
    qsort(values, count, sizeof(*values), by_value);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

double bench_min(const double *values, size_t count) {
    double least = values[0];
    for (size_t i = 1; i < count; i++) {
        least = values[i] < least ? values[i] : least;
    }
    return least;
}

bench_clock bench_clock_calibrate(void) {
    static bench_hist pairs;
    memset(&pairs, 0, sizeof(pairs));
    const uint64_t start_ns = bench_now_ns();
    const uint64_t start = bench_ticks_begin();
    for (int i = 0; i < PAIRS; i++) {
        const uint64_t from = bench_ticks_begin();
        bench_hist_add(&pairs, bench_ticks_end() - from);
    }
    while (bench_now_ns() - start_ns < 20000000u) {
    }
    const uint64_t ticks = bench_ticks_end() - start;
    return (bench_clock){
        .ns_per_tick = (double)(bench_now_ns() - start_ns) / (double)ticks,
        .overhead = bench_hist_value(&pairs, 0.5),
    };
}

static uint64_t bucket_top(uint32_t at) {
    if (at < 2 * BENCH_HIST_SUB) {
        return at;
    }
    const uint32_t shift = at / BENCH_HIST_SUB - 1;
    const uint64_t low = (uint64_t)(at - shift * BENCH_HIST_SUB) << shift;
    return low + ((uint64_t)1 << shift) - 1;
}

uint64_t bench_hist_value(const bench_hist *hist, double share) {
    const double wanted = share * (double)hist->count;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < BENCH_HIST_BUCKETS; i++) {
        seen += hist->buckets[i];
        if (seen > 0 && (double)seen >= wanted) {
            const uint64_t top = bucket_top(i);
            return i == BENCH_HIST_BUCKETS - 1 || top > hist->max ? hist->max : top;
        }
    }
    return hist->max;
}
