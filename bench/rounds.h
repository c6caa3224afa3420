/* rounds.h - units of work, timed together and each alone, round after round. */
#ifndef BENCH_ROUNDS_H
#define BENCH_ROUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench.h"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#endif

/* Which latencies are kept: the highest of these parts of the units. */
enum { ROUNDS_P50, ROUNDS_P90, ROUNDS_P99, ROUNDS_P999, ROUNDS_HIGHEST, ROUNDS_SHARES };
enum { ROUNDS_MAX = 99 };

/* What is timed. */
typedef struct rounds_work {
    void (*restore)(void *of); /* to the state in which each run begins */
    void (*run)(void *of, size_t from, size_t to);
    bool (*is_right)(void *of); /* behind a run: did it do what it must? */
    void *of;
    size_t units;
} rounds_work;

/* Times, by round. */
typedef struct rounds {
    double ns[ROUNDS_MAX];                     /* per unit */
    double ratio[ROUNDS_MAX];                  /* to whatever the program compares with */
    double latency[ROUNDS_SHARES][ROUNDS_MAX]; /* ns */
} rounds;

/* rounds_batch runs all units in one go and puts what one takes into ns[at]; rounds_alone runs each
 * between two readings of the counter, for latency[][at]; rounds_count runs all where callgrind
 * counts, and there only. Each begins with `restore` and returns `is_right`. */
bool rounds_batch(rounds *r, uint32_t at, const rounds_work *work);
bool rounds_alone(rounds *r, uint32_t at, const rounds_work *work, const bench_clock *clock);
bool rounds_count(const rounds_work *work);

/* rounds_latency puts what a histogram of ticks says into latency[][at]. */
void rounds_latency(rounds *r, uint32_t at, const bench_hist *hist, double ns_per_tick);

/* What `runs` >= 1 rounds say together: medians, and the lowest of ns. */
typedef struct rounds_row {
    double ns, ns_min, ratio;
    double latency[ROUNDS_SHARES];
} rounds_row;

rounds_row rounds_sum(const rounds *r, uint32_t runs);

#endif
