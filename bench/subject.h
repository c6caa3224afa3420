/* subject.h - what bench_match runs: engines that take the same flow in turn. */
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H

#include "baseline.h"
#include "bench.h"
#include "flow.h"

/* How one flow ended, to be compared between subjects. */
typedef struct outcome {
    tally sum;
    uint64_t resting;
    uint64_t refused; /* commands refused that the flow made as valid ones */
} outcome;

typedef struct subject {
    const char *name;
    /* Bytes needed for the flow with room for `orders_max` resting orders. */
    size_t (*footprint)(const flow *made, uint32_t orders_max);
    /* An empty engine in `mem` (2 MiB aligned, footprint bytes). One at a time per subject. */
    void (*start)(void *mem, const flow *made, uint32_t orders_max);
    /* Executes commands as fast as the subject can. */
    void (*run)(const trd_command *commands, size_t count);
    /* Executes them one by one and records what each took, in ticks less the clock's overhead. */
    void (*time_each)(
        const trd_command *commands, size_t count, const bench_clock *clock, bench_hist *hist);
    /* Executes them and returns what happened since start. */
    outcome (*check)(const trd_command *commands, size_t count);
} subject;

/* Client ids in the matcher: TRD_IDS_*; ids_max of WINDOW, 0: the library's default. */
typedef struct subject_ids {
    uint32_t mode;
    uint32_t ids_max;
} subject_ids;
void subject_match_ids(subject_ids ids);

extern const subject subject_baseline;
extern const subject subject_match;      /* trd_match_run in batches of 64 */
extern const subject subject_match_step; /* trd_match_step */
extern const subject subject_match_data; /* trd_match_run, all market data published */
extern const subject subject_match_ring; /* trd_match_run, events to a second thread */

static inline void subject_record(bench_hist *hist, const bench_clock *clock, uint64_t ticks) {
    bench_hist_add(hist, ticks > clock->overhead ? ticks - clock->overhead : 0);
}

#endif
