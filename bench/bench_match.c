/* bench_match.c - the matcher beside the baseline, on the same flows.
 *
 * For each regime: make the flow; let every subject execute it once and compare what they traded;
 * then time them in turn, round after round, so that whatever slows the machine down for a while
 * slows all of them. docs/benchmarking.md says how to read the figures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/match.h>

#include "bench.h"
#include "flow.h"
#include "options.h"
#include "rounds.h"
#include "subject.h"

enum { SUBJECTS = 5, ORDERS_SPARE = 1024, ORDERS_UNIT = 1 << 16 };

/* The first is what the others are compared with. The last needs a second core: on request only. */
static const subject *const subjects[SUBJECTS] = {
    &subject_baseline,
    &subject_match,
    &subject_match_step,
    &subject_match_data,
    &subject_match_ring,
};

typedef struct options {
    bench_options all;
    const char *subject; /* NULL: all */
    bool sparse;
    bool ring;
    subject_ids ids;
    bench_clock clock;
} options;

/* Times of one subject in one regime. */
typedef struct result {
    const subject *who;
    void *mem;
    size_t size;
    uint32_t orders_max;
    rounds times;
} result;

/* --- Measuring -------------------------------------------------------------------------------- */

static void start(const result *r, const flow *made) {
    r->who->start(r->mem, made, r->orders_max);
}

static void time_batch(result *r, const flow *made, uint32_t run) {
    start(r, made);
    r->who->run(made->commands, made->warm);
    const uint64_t from = bench_now_ns();
    r->who->run(made->commands + made->warm, made->ops);
    r->times.ns[run] = (double)(bench_now_ns() - from) / (double)made->ops;
}

static void time_latency(result *r, const flow *made, uint32_t run, const bench_clock *clock) {
    static bench_hist hist;
    memset(&hist, 0, sizeof(hist));
    start(r, made);
    r->who->run(made->commands, made->warm);
    r->who->time_each(made->commands + made->warm, made->ops, clock, &hist);
    rounds_latency(&r->times, run, &hist, clock->ns_per_tick);
}

/* Every subject must have traded what the first one did. Returns whether they have. */
static bool outcomes_equal(result *results, size_t count, const flow *made) {
    outcome first = {.resting = 0};
    bool equal = true;
    for (size_t i = 0; i < count; i++) {
        start(&results[i], made);
        const outcome o = results[i].who->check(made->commands, made->warm + made->ops);
        if (i == 0) {
            first = o;
        }
        const bool same = o.sum.count == first.sum.count && o.sum.qty == first.sum.qty &&
                          o.sum.hash == first.sum.hash && o.resting == first.resting &&
                          o.refused == 0 && o.sum.count > 0;
        if (!same) {
            fprintf(stderr,
                "bench: %s: %s differs: %llu trades, %llu lots, hash %016llx, %llu resting, %llu "
                "refused; %s: %llu, %llu, %016llx, %llu\n",
                made->def.regime->name, results[i].who->name, (unsigned long long)o.sum.count,
                (unsigned long long)o.sum.qty, (unsigned long long)o.sum.hash,
                (unsigned long long)o.resting, (unsigned long long)o.refused, results[0].who->name,
                (unsigned long long)first.sum.count, (unsigned long long)first.sum.qty,
                (unsigned long long)first.sum.hash, (unsigned long long)first.resting);
        }
        equal = equal && same;
    }
    return equal;
}

/* --- Output ----------------------------------------------------------------------------------- */

/* What one more resting order costs in memory: books and instruments do not count. */
static double bytes_per_order(const result *r, const flow *made) {
    flow more = *made;
    more.id_max = 2 * ORDERS_UNIT;
    const size_t two = r->who->footprint(&more, 2 * ORDERS_UNIT);
    more.id_max = ORDERS_UNIT;
    const size_t one = r->who->footprint(&more, ORDERS_UNIT);
    return (double)(two - one) / ORDERS_UNIT;
}

static void print_head(const options *o) {
    if (o->all.json || o->all.instructions) {
        return;
    }
    printf("# %u ops, %u runs, %s ids, seed %llu; clock overhead %.1f ns per op, subtracted\n",
        o->all.ops, o->all.runs, o->sparse ? "sparse" : "dense", (unsigned long long)o->all.seed,
        (double)o->clock.overhead * o->clock.ns_per_tick);
    printf("%-17s %-13s %8s %8s %8s %8s %8s %9s %7s %6s\n", "regime", "subject", "ns/op", "min",
        "p50", "p99", "p99.9", "max", "B/order", "ratio");
}

static void print_row(const result *r, const flow *made, const options *o) {
    static bool more;
    const rounds_row row = rounds_sum(&r->times, o->all.runs);
    const double *at = row.latency;
    const double bytes = bytes_per_order(r, made);
    const char *regime = made->def.regime->name;
    if (!o->all.json) {
        printf("%-17s %-13s %8.1f %8.1f %8.1f %8.1f %8.1f %9.0f %7.1f %6.2f\n", regime,
            r->who->name, row.ns, row.ns_min, at[ROUNDS_P50], at[ROUNDS_P99], at[ROUNDS_P999],
            at[ROUNDS_HIGHEST], bytes, row.ratio);
        fflush(stdout);
        return;
    }
    printf("%s{\"regime\": \"%s\", \"subject\": \"%s\", \"ns_per_op\": %.2f, "
           "\"ns_per_op_min\": %.2f, \"p50_ns\": %.1f, \"p99_ns\": %.1f, \"p999_ns\": %.1f, "
           "\"max_ns\": %.1f, \"bytes_per_order\": %.1f, \"ratio_to_baseline\": %.3f}",
        more ? ",\n " : "", regime, r->who->name, row.ns, row.ns_min, at[ROUNDS_P50],
        at[ROUNDS_P99], at[ROUNDS_P999], at[ROUNDS_HIGHEST], bytes, row.ratio);
    fflush(stdout);
    more = true;
}

/* --- One regime ------------------------------------------------------------------------------- */

static size_t results_open(result *results, const flow *made, const options *o) {
    size_t count = 0;
    for (size_t i = 0; i < SUBJECTS; i++) {
        const bool wanted = o->subject != NULL ? strcmp(o->subject, subjects[i]->name) == 0
                                               : o->ring || subjects[i] != &subject_match_ring;
        if (!wanted) {
            continue;
        }
        result *r = &results[count++];
        *r = (result){.who = subjects[i], .orders_max = made->resting_max + ORDERS_SPARE};
        r->size = r->who->footprint(made, r->orders_max);
        if (r->size == 0) {
            fprintf(stderr, "bench: %s: no footprint for this flow\n", r->who->name);
            exit(2);
        }
        r->mem = bench_alloc(r->size);
    }
    return count;
}

static void results_time(result *results, size_t count, const flow *made, const options *o) {
    for (uint32_t run = 0; run < o->all.runs; run++) {
        for (size_t i = 0; i < count; i++) {
            time_batch(&results[i], made, run);
            results[i].times.ratio[run] = results[i].times.ns[run] / results[0].times.ns[run];
        }
        for (size_t i = 0; i < count; i++) {
            time_latency(&results[i], made, run, &o->clock);
        }
    }
}

/* For callgrind: only the measured part is instrumented. */
static void results_count(result *results, size_t count, const flow *made) {
    for (size_t i = 0; i < count; i++) {
        start(&results[i], made);
        results[i].who->run(made->commands, made->warm);
        CALLGRIND_START_INSTRUMENTATION;
        results[i].who->run(made->commands + made->warm, made->ops);
        CALLGRIND_STOP_INSTRUMENTATION;
    }
}

static bool bench_regime(size_t which, const void *of) {
    const options *o = of;
    const flow_regime *regime = &flow_regimes[which];
    static result results[SUBJECTS];
    const uint32_t limit = o->all.resting_max;
    const flow_def def = {
        .regime = regime,
        .seed = o->all.seed,
        .ops = o->all.ops,
        .resting = limit != 0 && regime->resting > limit ? limit : regime->resting,
        .sparse = o->sparse,
    };
    flow made = flow_make(&def);
    const size_t count = results_open(results, &made, o);
    bool equal = true;
    if (o->all.instructions) {
        results_count(results, count, &made);
    } else {
        equal = outcomes_equal(results, count, &made);
        results_time(results, count, &made, o);
        for (size_t i = 0; i < count; i++) {
            print_row(&results[i], &made, o);
        }
    }
    for (size_t i = 0; i < count; i++) {
        bench_free(results[i].mem, results[i].size);
    }
    flow_free(&made);
    return equal;
}

/* --- Options ---------------------------------------------------------------------------------- */

static const bench_program self;

static void usage(FILE *to) {
    fprintf(to, "usage: bench_match [options]\n"
                "  --regime NAME      only this one:");
    bench_usage_regimes(&self, to);
    fprintf(to,
        "\n"
        "  --subject NAME     only this one: baseline matcher matcher-step matcher+data\n"
        "                     matcher+ring\n"
        "  --ring             also matcher+ring: events go to a second thread\n"
        "  --runs N           rounds, [1, %d] (5)\n"
        "  --ops N            measured commands, >= 1 (1000000)\n"
        "  --seed S           of the flow (1)\n"
        "  --ids dense|sparse client ids: 1, 2, ... or random 64-bit numbers (sparse)\n"
        "  --id-mode MODE     of the matcher: window, ascending (dense ids only), reuse (window)\n"
        "  --ids-max N        ended ids that `window` remembers (the library's default)\n"
        "  --resting-max N    make deeper regimes this deep only\n"
        "  --instructions     run each subject once, instrumented by callgrind in the measured\n"
        "                     part (valgrind --tool=callgrind --instr-atstart=no); no output\n"
        "  --json             an array of objects instead of a table\n",
        ROUNDS_MAX);
}

static uint32_t id_mode(const char *text) {
    static const struct {
        const char *name;
        uint32_t mode;
    } modes[] = {
        {"window", TRD_IDS_WINDOW}, {"ascending", TRD_IDS_ASCENDING}, {"reuse", TRD_IDS_REUSE}};
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        if (strcmp(modes[i].name, text) == 0) {
            return modes[i].mode;
        }
    }
    bench_refuse(&self, "id-mode", text);
}

static bool subject_known(const char *name) {
    for (size_t i = 0; i < SUBJECTS; i++) {
        if (strcmp(subjects[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static const char *regime_name(size_t at) {
    return flow_regimes[at].name;
}

static bool ids_are_sparse(const char *text) {
    const bool sparse = strcmp(text, "sparse") == 0;
    if (!sparse && strcmp(text, "dense") != 0) {
        bench_refuse(&self, "ids", text);
    }
    return sparse;
}

static void take(void *own, int found) {
    options *o = own;
    switch (found) {
    case 'u':
        o->subject = optarg;
        if (!subject_known(optarg)) {
            bench_refuse(&self, "subject", optarg);
        }
        break;
    case 'i':
        o->sparse = ids_are_sparse(optarg);
        break;
    case 'm':
        o->ids.mode = id_mode(optarg);
        break;
    case 'x':
        o->ids.ids_max = (uint32_t)bench_number(&self, "ids-max", optarg, 1, 1 << 26);
        break;
    default: /* the last one */
        o->ring = true;
    }
}

static const struct option more[] = {{"subject", 1, NULL, 'u'}, {"ids", 1, NULL, 'i'},
    {"id-mode", 1, NULL, 'm'}, {"ids-max", 1, NULL, 'x'}, {"ring", 0, NULL, 'q'},
    {NULL, 0, NULL, 0}};

static const bench_program self = {.name = "bench_match",
    .usage = usage,
    .runs_max = ROUNDS_MAX,
    .resting_min = 1,
    .regime = regime_name,
    .more = more,
    .take = take};

int main(int argc, char **argv) {
    options o = {.sparse = true, .ids = {.mode = TRD_IDS_WINDOW}};
    o.all = bench_parse(&self, argc, argv, &o);
    if (o.ids.mode == TRD_IDS_ASCENDING && o.sparse) {
        bench_refuse(&self, "id-mode", "ascending with sparse ids");
    }
    subject_match_ids(o.ids);
    o.clock = bench_clock_calibrate();
    print_head(&o);
    return bench_regimes(&self, &o.all, bench_regime, &o);
}
