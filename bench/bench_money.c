/* bench_money.c - what risk and ledger cost, beside the matcher alone.
 *
 * Three subjects, on the same load: the matcher, the engine (matcher, risk and ledger behind one
 * switch), and the checks of an order by themselves. For each regime: set everybody up and execute
 * the load once, reading every event; then time them in turn, round after round, from the same
 * state: a copy of the block behind the setting. What each has counted is compared with the load
 * after every run. docs/benchmarking.md says how to read the figures.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "money.h"
#include "subject_money.h"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#endif

enum { RUNS_MAX = 99, SHARES = 4 };

static const double shares[SHARES] = {0.5, 0.99, 0.999, 1.0};

typedef struct options {
    bench_options all;
    const char *regime;  /* NULL: all */
    const char *subject; /* NULL: all */
} options;

/* Times of one subject in one regime. */
typedef struct result {
    const money_subject *who;
    void *mem;
    void *kept; /* the block behind the setting */
    size_t size;
    double ns[RUNS_MAX];              /* per unit, by run */
    double ratio[RUNS_MAX];           /* to the first subject in the same run */
    double latency[SHARES][RUNS_MAX]; /* ns, by run */
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
static void keep(result *r, const money *load) {
    open_and_set(r, load);
    r->kept = bench_alloc(r->size);
    memcpy(r->kept, r->mem, r->size);
}

static void restore(const result *r) {
    memcpy(r->mem, r->kept, r->size);
    money_forget();
}

static bool time_batch(result *r, const money *load, uint32_t run) {
    restore(r);
    const uint64_t from = bench_now_ns();
    r->who->run(load, 0, load->ops);
    r->ns[run] = (double)(bench_now_ns() - from) / (double)load->ops;
    return r->who->is_right(load);
}

static bool time_latency(result *r, const money *load, uint32_t run, const bench_clock *clock) {
    static bench_hist hist;
    memset(&hist, 0, sizeof(hist));
    restore(r);
    for (size_t i = 0; i < load->ops; i++) {
        const uint64_t from = bench_ticks_begin();
        r->who->run(load, i, i + 1);
        const uint64_t ticks = bench_ticks_end() - from;
        bench_hist_add(&hist, ticks > clock->overhead ? ticks - clock->overhead : 0);
    }
    for (int i = 0; i < SHARES; i++) {
        r->latency[i][run] = (double)bench_hist_value(&hist, shares[i]) * clock->ns_per_tick;
    }
    return r->who->is_right(load);
}

static bool time_all(
    result *results, size_t count, const money *load, const options *o, const bench_clock *clock) {
    bool right = true;
    for (uint32_t run = 0; run < o->all.runs; run++) {
        for (size_t i = 0; i < count; i++) {
            right &= time_batch(&results[i], load, run);
            results[i].ratio[run] = results[i].ns[run] / results[0].ns[run];
        }
        for (size_t i = 0; i < count; i++) {
            right &= time_latency(&results[i], load, run, clock);
        }
    }
    return right;
}

/* For callgrind: only the measured part is instrumented. */
static bool count_instructions(const result *r, const money *load) {
    open_and_set(r, load);
    CALLGRIND_START_INSTRUMENTATION;
    r->who->run(load, 0, load->ops);
    CALLGRIND_STOP_INSTRUMENTATION;
    return r->who->is_right(load);
}

/* --- Output ----------------------------------------------------------------------------------- */

static void print_head(const options *o, const bench_clock *clock) {
    if (o->all.json || o->all.instructions) {
        return;
    }
    printf("# %u ops, %u runs, seed %llu; clock overhead %.1f ns per op, subtracted\n", o->all.ops,
        o->all.runs, (unsigned long long)o->all.seed, (double)clock->overhead * clock->ns_per_tick);
    printf("%-12s %-18s %-8s %8s %8s %8s %8s %8s %9s %6s\n", "regime", "subject", "per", "ns/op",
        "min", "p50", "p99", "p99.9", "max", "ratio");
}

static void print_row(result *r, const money *load, const options *o) {
    static bool more;
    const char *regime = load->def.regime->name;
    const double least = bench_min(r->ns, o->all.runs);
    const double ns = bench_median(r->ns, o->all.runs);
    const double ratio = bench_median(r->ratio, o->all.runs);
    double at[SHARES];
    for (int i = 0; i < SHARES; i++) {
        at[i] = bench_median(r->latency[i], o->all.runs);
    }
    if (!o->all.json) {
        printf("%-12s %-18s %-8s %8.1f %8.1f %8.1f %8.1f %8.1f %9.0f %6.2f\n", regime, r->who->name,
            r->who->unit, ns, least, at[0], at[1], at[2], at[3], ratio);
    } else {
        printf("%s{\"regime\": \"%s\", \"subject\": \"%s\", \"per\": \"%s\", \"units\": %zu, "
               "\"ns_per_op\": %.2f, \"ns_per_op_min\": %.2f, \"p50_ns\": %.1f, \"p99_ns\": %.1f, "
               "\"p999_ns\": %.1f, \"max_ns\": %.1f, \"ratio_to_matcher\": %.3f}",
            more ? ",\n " : "", regime, r->who->name, r->who->unit, load->ops, ns, least, at[0],
            at[1], at[2], at[3], ratio);
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
        *r = (result){.who = &money_subjects[i], .size = money_subjects[i].footprint(load)};
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

static bool bench_regime(const money_regime *regime, const options *o, const bench_clock *clock) {
    static result results[MONEY_SUBJECTS];
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
        right &= o->all.instructions ? count_instructions(&results[i], &load)
                                     : check(&results[i], &load);
    }
    if (!o->all.instructions) {
        for (size_t i = 0; i < count; i++) {
            keep(&results[i], &load);
        }
        right &= time_all(results, count, &load, o, clock);
        for (size_t i = 0; i < count; i++) {
            print_row(&results[i], &load, o);
        }
    }
    results_close(results, count);
    money_free(&load);
    return right;
}

/* --- Options ---------------------------------------------------------------------------------- */

static void usage(FILE *to) {
    fprintf(to, "usage: bench_money [options]\n"
                "  --regime NAME      only this one:");
    for (const money_regime *r = money_regimes; r->name != NULL; r++) {
        fprintf(to, " %s", r->name);
    }
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
        RUNS_MAX);
}

static const bench_program self = {"bench_money", usage, RUNS_MAX, 2};

static const char *subject_known(const char *name) {
    for (int i = 0; i < MONEY_SUBJECTS; i++) {
        if (strcmp(money_subjects[i].name, name) == 0) {
            return name;
        }
    }
    bench_refuse(&self, "subject", name);
}

static options parse(int argc, char **argv) {
    static const struct option names[] = {{"regime", 1, NULL, 'g'}, {"subject", 1, NULL, 'u'},
        BENCH_OPTION_NAMES, {NULL, 0, NULL, 0}};
    options o = {.all = BENCH_OPTIONS_USUAL};
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (c) {
        case 'g':
            o.regime = optarg;
            if (money_find(optarg) == NULL) {
                bench_refuse(&self, "regime", optarg);
            }
            break;
        case 'u':
            o.subject = subject_known(optarg);
            break;
        default:
            bench_option(&self, &o.all, c);
        }
    }
    bench_options_end(&self, argc, argv);
    return o;
}

int main(int argc, char **argv) {
    const options o = parse(argc, argv);
    const bench_clock clock = bench_clock_calibrate();
    bool right = true;
    money_begin(false);
    print_head(&o, &clock);
    bench_rows_begin(&o.all);
    for (const money_regime *r = money_regimes; r->name != NULL; r++) {
        if (o.regime == NULL || strcmp(o.regime, r->name) == 0) {
            right &= bench_regime(r, &o, &clock);
        }
    }
    bench_rows_end(&o.all);
    return right ? 0 : 1;
}
