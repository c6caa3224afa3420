/* bench_money.c - what risk and ledger cost, beside the matcher alone.
 *
 * Three subjects, on the same load: the matcher, the engine (matcher, risk and ledger behind one
 * switch), and the checks of an order by themselves. For each regime: set everybody up and execute
 * the load once, reading every event; then time them in turn, round after round, from the same
 * state: a copy of the block behind the setting. What each has counted is compared with the load
 * after every run. docs/benchmarking.md says how to read the figures.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "money.h"
#include "options.h"
#include "rounds.h"
#include "subject_money.h"

typedef struct options {
    bench_options all;
    const char *subject; /* NULL: all */
    bench_clock clock;
} options;

/* One subject in one regime, and its times. */
typedef struct result {
    const money_subject *who;
    const money *load;
    void *mem;
    void *kept; /* the block behind the setting */
    size_t size;
    rounds times;
} result;

/* --- Measuring -------------------------------------------------------------------------------- */

static void open_and_set(const result *r, const money *load) {
    r->who->open(r->mem, load);
    money_forget();
    r->who->set(load);
}

/* Executes the load once and reads every event. Returns whether it did what it must. */
static bool check(const result *r, const money *load) {
    money_begin(true);
    open_and_set(r, load);
    r->who->run(load, 0, load->ops);
    const bool right = r->who->is_right(load);
    money_begin(false);
    return right;
}

/* The state behind the setting, as often as it is wanted. */
static void keep(result *r) {
    open_and_set(r, r->load);
    r->kept = bench_alloc(r->size);
    memcpy(r->kept, r->mem, r->size);
}

static void restore(void *of) {
    const result *r = of;
    memcpy(r->mem, r->kept, r->size);
    money_forget();
}

static void set_again(void *of) {
    const result *r = of;
    open_and_set(r, r->load);
}

static void run(void *of, size_t from, size_t to) {
    const result *r = of;
    r->who->run(r->load, from, to);
}

static bool is_right(void *of) {
    const result *r = of;
    return r->who->is_right(r->load);
}

static rounds_work work_of(result *r) {
    return (rounds_work){restore, run, is_right, r, r->load->ops};
}

static bool time_all(result *results, size_t count, const options *o) {
    bool right = true;
    for (uint32_t at = 0; at < o->all.runs; at++) {
        for (size_t i = 0; i < count; i++) {
            const rounds_work work = work_of(&results[i]);
            right &= rounds_batch(&results[i].times, at, &work);
            results[i].times.ratio[at] = results[i].times.ns[at] / results[0].times.ns[at];
        }
        for (size_t i = 0; i < count; i++) {
            const rounds_work work = work_of(&results[i]);
            right &= rounds_alone(&results[i].times, at, &work, &o->clock);
        }
    }
    return right;
}

/* For callgrind: no copy of the block is kept. */
static bool count_instructions(result *r) {
    rounds_work work = work_of(r);
    work.restore = set_again;
    return rounds_count(&work);
}

/* --- Output ----------------------------------------------------------------------------------- */

static void print_head(const options *o) {
    if (o->all.json || o->all.instructions) {
        return;
    }
    printf("# %u ops, %u runs, seed %llu; clock overhead %.1f ns per op, subtracted\n", o->all.ops,
        o->all.runs, (unsigned long long)o->all.seed,
        (double)o->clock.overhead * o->clock.ns_per_tick);
    printf("%-12s %-18s %-8s %8s %8s %8s %8s %8s %9s %6s\n", "regime", "subject", "per", "ns/op",
        "min", "p50", "p99", "p99.9", "max", "ratio");
}

static void print_row(const result *r, const options *o) {
    static bool more;
    const char *regime = r->load->def.regime->name;
    const rounds_row row = rounds_sum(&r->times, o->all.runs);
    const double *at = row.latency;
    if (!o->all.json) {
        printf("%-12s %-18s %-8s %8.1f %8.1f %8.1f %8.1f %8.1f %9.0f %6.2f\n", regime, r->who->name,
            r->who->unit, row.ns, row.ns_min, at[ROUNDS_P50], at[ROUNDS_P99], at[ROUNDS_P999],
            at[ROUNDS_HIGHEST], row.ratio);
    } else {
        printf("%s{\"regime\": \"%s\", \"subject\": \"%s\", \"per\": \"%s\", \"units\": %zu, "
               "\"ns_per_op\": %.2f, \"ns_per_op_min\": %.2f, \"p50_ns\": %.1f, \"p99_ns\": %.1f, "
               "\"p999_ns\": %.1f, \"max_ns\": %.1f, \"ratio_to_matcher\": %.3f}",
            more ? ",\n " : "", regime, r->who->name, r->who->unit, r->load->ops, row.ns,
            row.ns_min, at[ROUNDS_P50], at[ROUNDS_P99], at[ROUNDS_P999], at[ROUNDS_HIGHEST],
            row.ratio);
    }
    fflush(stdout);
    more = true;
}

/* --- One regime ------------------------------------------------------------------------------- */

static size_t results_open(result *results, const money *load, const options *o) {
    size_t count = 0;
    for (size_t i = 0; i < MONEY_SUBJECTS; i++) {
        if (o->subject != NULL && strcmp(o->subject, money_subjects[i].name) != 0) {
            continue;
        }
        result *r = &results[count++];
        *r = (result){
            .who = &money_subjects[i], .load = load, .size = money_subjects[i].footprint(load)};
        if (r->size == 0) {
            fprintf(stderr, "bench: %s: no footprint for this load\n", r->who->name);
            exit(2);
        }
        r->mem = bench_alloc(r->size);
    }
    return count;
}

static void results_close(result *results, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bench_free(results[i].mem, results[i].size);
        bench_free(results[i].kept, results[i].size);
    }
}

static bool bench_regime(size_t which, const void *of) {
    static result results[MONEY_SUBJECTS];
    const options *o = of;
    const money_regime *regime = &money_regimes[which];
    const uint32_t limit = o->all.resting_max;
    const money_def def = {
        .regime = regime,
        .seed = o->all.seed,
        .ops = o->all.ops,
        .accounts = limit != 0 && regime->accounts > limit ? limit & ~1u : 0,
    };
    money load = money_make(&def);
    const size_t count = results_open(results, &load, o);
    bool right = true;
    for (size_t i = 0; i < count; i++) {
        right &= o->all.instructions ? count_instructions(&results[i]) : check(&results[i], &load);
    }
    if (!o->all.instructions) {
        for (size_t i = 0; i < count; i++) {
            keep(&results[i]);
        }
        right &= time_all(results, count, o);
        for (size_t i = 0; i < count; i++) {
            print_row(&results[i], o);
        }
    }
    results_close(results, count);
    money_free(&load);
    return right;
}

/* --- Options ---------------------------------------------------------------------------------- */

static const bench_program self;

static void usage(FILE *to) {
    fprintf(to, "usage: bench_money [options]\n"
                "  --regime NAME      only this one:");
    bench_usage_regimes(&self, to);
    fprintf(to, "\n"
                "  --subject NAME     only this one:");
    for (int i = 0; i < MONEY_SUBJECTS; i++) {
        fprintf(to, " %s", money_subjects[i].name);
    }
    fprintf(to,
        "\n"
        "  --runs N           rounds, [1, %d] (5)\n"
        "  --ops N            measured commands, and orders of the pipeline, >= 1 (1000000)\n"
        "  --seed S           of the load (1)\n"
        "  --resting-max N    make regimes of more accounts this large only, >= 2\n"
        "  --instructions     run each subject once, instrumented by callgrind in the measured\n"
        "                     part (valgrind --tool=callgrind --instr-atstart=no); no output\n"
        "  --json             an array of objects instead of a table\n",
        ROUNDS_MAX);
}

static const char *regime_name(size_t at) {
    return money_regimes[at].name;
}

static void take(void *own, int found) {
    options *o = own;
    for (int i = 0; i < MONEY_SUBJECTS && found == 'u'; i++) {
        if (strcmp(money_subjects[i].name, optarg) == 0) {
            o->subject = money_subjects[i].name;
            return;
        }
    }
    bench_refuse(&self, "subject", optarg);
}

static const struct option more[] = {{"subject", 1, NULL, 'u'}, {NULL, 0, NULL, 0}};

static const bench_program self = {.name = "bench_money",
    .usage = usage,
    .runs_max = ROUNDS_MAX,
    .resting_min = 2,
    .regime = regime_name,
    .more = more,
    .take = take};

int main(int argc, char **argv) {
    options o = {.subject = NULL};
    o.all = bench_parse(&self, argc, argv, &o);
    o.clock = bench_clock_calibrate();
    money_begin(false);
    print_head(&o);
    return bench_regimes(&self, &o.all, bench_regime, &o);
}
