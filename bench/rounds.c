/* rounds.c - see rounds.h. */
#include "rounds.h"

#include <string.h>

static const double SHARES[ROUNDS_SHARES] = {0.5, 0.9, 0.99, 0.999, 1.0};

bool rounds_batch(rounds *r, uint32_t at, const rounds_work *work) {
    work->restore(work->of);
    const uint64_t from = bench_now_ns();
    work->run(work->of, 0, work->units);
    r->ns[at] = (double)(bench_now_ns() - from) / (double)work->units;
    return work->is_right(work->of);
}

bool rounds_alone(rounds *r, uint32_t at, const rounds_work *work, const bench_clock *clock) {
    static bench_hist hist;
    memset(&hist, 0, sizeof(hist));
    work->restore(work->of);
    for (size_t i = 0; i < work->units; i++) {
        const uint64_t from = bench_ticks_begin();
        work->run(work->of, i, i + 1);
        const uint64_t ticks = bench_ticks_end() - from;
        bench_hist_add(&hist, ticks > clock->overhead ? ticks - clock->overhead : 0);
    }
    rounds_latency(r, at, &hist, clock->ns_per_tick);
    return work->is_right(work->of);
}

bool rounds_count(const rounds_work *work) {
    work->restore(work->of);
    CALLGRIND_START_INSTRUMENTATION;
    work->run(work->of, 0, work->units);
    CALLGRIND_STOP_INSTRUMENTATION;
    return work->is_right(work->of);
}

void rounds_latency(rounds *r, uint32_t at, const bench_hist *hist, double ns_per_tick) {
    for (int i = 0; i < ROUNDS_SHARES; i++) {
        r->latency[i][at] = (double)bench_hist_value(hist, SHARES[i]) * ns_per_tick;
    }
}

static double median_of(const double *values, uint32_t count) {
    double sorted[ROUNDS_MAX];
    memcpy(sorted, values, count * sizeof(*values));
    return bench_median(sorted, count);
}

rounds_row rounds_sum(const rounds *r, uint32_t runs) {
    rounds_row row = {.ns = median_of(r->ns, runs),
        .ns_min = bench_min(r->ns, runs),
        .ratio = median_of(r->ratio, runs)};
    for (int i = 0; i < ROUNDS_SHARES; i++) {
        row.latency[i] = median_of(r->latency[i], runs);
    }
    return row;
}
