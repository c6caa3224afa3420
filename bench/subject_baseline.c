/* subject_baseline.c - the baseline as a subject. */
#include "subject.h"

static baseline *base;

static baseline_def def_of(const flow *made, uint32_t orders_max) {
    return (baseline_def){
        .instruments = made->def.regime->instruments,
        .levels_log2 = made->def.regime->levels_log2,
        .orders_max = orders_max,
        .sparse = made->def.sparse,
        .id_max = made->id_max,
    };
}

static size_t footprint(const flow *made, uint32_t orders_max) {
    const baseline_def def = def_of(made, orders_max);
    return baseline_footprint(&def);
}

static void start(void *mem, const flow *made, uint32_t orders_max) {
    const baseline_def def = def_of(made, orders_max);
    base = baseline_init(mem, &def);
}

static void run(const trd_command *commands, size_t count) {
    baseline_run(base, commands, count);
}

static void time_each(
    const trd_command *commands, size_t count, const bench_clock *clock, bench_hist *hist) {
    for (size_t i = 0; i < count; i++) {
        const uint64_t from = bench_ticks_begin();
        baseline_step(base, &commands[i]);
        subject_record(hist, clock, bench_ticks_end() - from);
    }
}

static outcome check(const trd_command *commands, size_t count) {
    baseline_run(base, commands, count);
    return (outcome){.sum = baseline_tally(base), .resting = baseline_resting(base)};
}

const subject subject_baseline = {"baseline", footprint, start, run, time_each, check};
