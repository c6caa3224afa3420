/* bench_node.c - from ring to ring: what a command takes from the moment it was to be sent until a
 * subscriber has read its last event.
 *
 *     sender --trd_node_send--> sequencer (journal), engine, gate --trd_node_peek--> reader
 *
 * First everything passes as fast as it can: as many commands are under way as the subscriber's
 * ring has room for (regime ring-full). Then they are due at a fixed rate, a share of what that
 * was, and the latency of each counts from when it was due, whether or not it could be sent then:
 * what a stall holds up is not left out (ring-10, ring-50, ring-90).
 *
 * With four processors sender, reader, engine, and sequencer with gate have one each. With two,
 * sender and reader are one thread that sends what is due and then reads, and the agents of the
 * node another; with one nobody spins. Before the clock runs, all passes once with the time
 * standing still, and every event is compared with those of a bare engine. */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "options.h"
#include "passage.h"
#include "rounds.h"
#include "scratch.h"
#include "subject_money.h"

enum { PROCESSORS = 4 }; /* that are used at most */
typedef struct regime {
    const char *name;
    double share; /* of the rate of ring-full; 0: that itself */
} regime;

static const regime regimes[] = {
    {"ring-full", 0}, {"ring-10", 0.1}, {"ring-50", 0.5}, {"ring-90", 0.9}};
enum { REGIMES = sizeof(regimes) / sizeof(*regimes) };

/* One subject, and its times in a regime. */
typedef struct result {
    node_flow flow;
    double full_ns; /* per command, of ring-full */
    rounds times;
} result;

typedef struct options {
    bench_options all;
    const node_subject *subject; /* NULL: all that are not on request */
    const char *directory;
    uint32_t batch_size; /* of the journal, bytes; 0: the library's default */
    uint32_t burst;      /* commands sent together where instructions are counted */
    uint32_t processors; /* that everybody is spread over: 1, 2, 4 */
    int cpus[PROCESSORS];
    bool pinned; /* to cpus, each with nobody else there; else everybody yields */
    result *results;
    size_t result_count;
} options;

/* --- Processors ------------------------------------------------------------------------------- */

static uint32_t find_processors(int *cpus) {
    cpu_set_t set;
    uint32_t count = 0;
    CPU_ZERO(&set);
    (void)sched_getaffinity(0, sizeof(set), &set);
    for (int cpu = 0; cpu < CPU_SETSIZE && count < PROCESSORS; cpu++) {
        if (CPU_ISSET((size_t)cpu, &set)) {
            cpus[count++] = cpu;
        }
    }
    return count;
}

/* As many as were asked for, or as there are; 3 are as good as 2. */
static void spread(options *o) {
    const uint32_t found = find_processors(o->cpus);
    const uint32_t wanted = o->processors != 0 ? o->processors : found;
    o->processors = wanted >= PROCESSORS ? PROCESSORS : wanted >= 2 ? 2 : 1;
    o->pinned = o->processors > 1 && o->processors <= found;
    if (!o->pinned) {
        memset(o->cpus, -1, sizeof(o->cpus)); /* any */
    } else {
        passage_pin(o->cpus[0]);
    }
}

/* The reader has the first processor, and the sender, which may be the same thread; the agents have
 * the second one, or, where the sender has that, the two behind. */
static node_place place_of(const options *o, bool fixed) {
    const bool apart = o->processors == PROCESSORS;
    return (node_place){.directory = o->directory,
        .threads = apart ? 2 : 1,
        .idle = o->pinned ? TRD_IDLE_SPIN : TRD_IDLE_YIELD,
        .cpu = {o->cpus[apart ? 2 : 1], o->cpus[apart ? 3 : 1], -1},
        .fixed = fixed,
        .batch_size = o->batch_size};
}

/* --- Measuring -------------------------------------------------------------------------------- */

/* Threads that were just started are given a moment. */
static void settle(void) {
    const struct timespec moment = {.tv_nsec = 2000000};
    nanosleep(&moment, NULL);
}

/* All commands pass once, with so many nanoseconds between two that are due. Nanoseconds per
 * command; *right is made false if not all was as it must be. */
static double pass(const options *o, const node_flow *f, double gap_ns, bool fixed,
    bench_hist *hist, bool *right) {
    static passage p;
    const node_place place = place_of(o, fixed);
    node_work work = node_open(f, &place);
    p = (passage){.flow = f,
        .node = work.node,
        .gap_ns = gap_ns,
        .yields = !o->pinned,
        .cpu = o->cpus[1],
        .latency = hist,
        .seen = {.hashes = fixed}};
    settle();
    p.begun = bench_now_ns();
    if (o->processors == PROCESSORS) {
        passage_apart(&p);
    } else {
        passage_in_turn(&p);
    }
    const double ns = (double)(p.ended - p.begun) / (double)f->ops;
    *right &= node_close(&work, &p.seen);
    return ns;
}

/* Everything passes once, nothing is timed, all events are compared. */
static bool check(const options *o, const node_flow *f) {
    bool right = f->right;
    (void)pass(o, f, 0, true, NULL, &right);
    return right;
}

static bool time_full(const options *o) {
    bool right = true;
    for (uint32_t run = 0; run < o->all.runs; run++) {
        for (size_t i = 0; i < o->result_count; i++) {
            result *r = &o->results[i];
            r->times.ns[run] = pass(o, &r->flow, 0, false, NULL, &right);
            r->times.ratio[run] = r->times.ns[run] / o->results[0].times.ns[run];
        }
    }
    for (size_t i = 0; i < o->result_count; i++) {
        o->results[i].full_ns = rounds_sum(&o->results[i].times, o->all.runs).ns;
    }
    return right;
}

static bool time_open(const options *o, double share) {
    static bench_hist hist;
    bool right = true;
    for (uint32_t run = 0; run < o->all.runs; run++) {
        for (size_t i = 0; i < o->result_count; i++) {
            result *r = &o->results[i];
            memset(&hist, 0, sizeof(hist));
            r->times.ns[run] = pass(o, &r->flow, r->full_ns / share, false, &hist, &right);
            rounds_latency(&r->times, run, &hist, 1);
            const rounds *first = &o->results[0].times;
            r->times.ratio[run] =
                r->times.latency[ROUNDS_P50][run] / first->latency[ROUNDS_P50][run];
        }
    }
    return right;
}

/* --- Counting --------------------------------------------------------------------------------- */

static bool count_instructions(const options *o, const node_flow *f) {
    static passage p;
    const node_place place = {.directory = o->directory,
        .idle = TRD_IDLE_SPIN,
        .cpu = {-1, -1, -1},
        .fixed = true,
        .plain = true,
        .batch_size = o->batch_size};
    node_work work = node_open(f, &place);
    p = (passage){.flow = f, .node = work.node};
    CALLGRIND_START_INSTRUMENTATION;
    passage_by_hand(&p, o->burst);
    CALLGRIND_STOP_INSTRUMENTATION;
    return node_close(&work, &p.seen);
}

/* --- Output ----------------------------------------------------------------------------------- */

static void print_head(const options *o) {
    if (o->all.json || o->all.instructions) {
        return;
    }
    printf("# %u commands, %u runs, seed %llu, %u processor%s; journals in %s (%s)\n", o->all.ops,
        o->all.runs, (unsigned long long)o->all.seed, o->processors, o->processors > 1 ? "s" : "",
        o->directory, scratch_system(o->directory));
    if (o->processors < PROCESSORS || !o->pinned) {
        printf("# not everybody has one of %d processors: what is printed from p99 on is not to be "
               "believed\n",
            PROCESSORS);
    }
    printf("%-10s %-23s %10s %10s %10s %10s %10s %10s %10s %6s\n", "regime", "subject", "per_s",
        "best", "p50", "p90", "p99", "p99.9", "max", "ratio");
}

enum { COLUMN = 10, NUMBER = 24 };

/* Latencies in the columns of the table; "-" where there are none. */
static void print_columns(const double *at, bool known) {
    for (int i = 0; i < ROUNDS_SHARES; i++) {
        char number[NUMBER] = "-";
        if (known) {
            snprintf(number, sizeof(number), "%.0f", at[i]);
        }
        printf(" %*s", COLUMN, number);
    }
}

static void print_members(const double *at, bool known) {
    static const char *const names[ROUNDS_SHARES] = {"p50", "p90", "p99", "p999", "max"};
    for (int i = 0; i < ROUNDS_SHARES; i++) {
        char number[NUMBER] = "null";
        if (known) {
            snprintf(number, sizeof(number), "%.0f", at[i]);
        }
        printf("\"%s_ns\": %s, ", names[i], number);
    }
}

static void print_row(const regime *which, const result *r, const options *o) {
    static bool more;
    const rounds_row row = rounds_sum(&r->times, o->all.runs);
    const char *who = r->flow.who->name;
    const double per_second = 1e9 / row.ns;
    if (!o->all.json) {
        printf("%-10s %-23s %10.0f %10.0f", which->name, who, per_second, 1e9 / row.ns_min);
        print_columns(row.latency, which->share > 0);
        printf(" %6.2f\n", row.ratio);
    } else {
        printf("%s{\"regime\": \"%s\", \"subject\": \"%s\", \"per\": \"command\", \"units\": %zu, "
               "\"processors\": %u, \"file_system\": \"%s\", \"per_second\": %.0f, "
               "\"per_second_best\": %.0f, "
               "\"ns_per_op\": %.2f, \"ns_per_op_min\": %.2f, ",
            more ? ",\n " : "", which->name, who, r->flow.ops, o->processors,
            scratch_system(o->directory), per_second, 1e9 / row.ns_min, row.ns, row.ns_min);
        print_members(row.latency, which->share > 0);
        printf("\"ratio_to_engine\": %.3f}", row.ratio);
    }
    fflush(stdout);
    more = true;
}

static void print_rows(const regime *which, const options *o) {
    for (size_t i = 0; i < o->result_count; i++) {
        print_row(which, &o->results[i], o);
    }
}

/* --- Regimes ---------------------------------------------------------------------------------- */

/* Does every subject do what it must? Only then is anything timed. */
static bool check_all(const options *o) {
    bool right = true;
    for (size_t i = 0; i < o->result_count; i++) {
        const node_flow *f = &o->results[i].flow;
        right &= o->all.instructions ? count_instructions(o, f) : check(o, f);
    }
    return right;
}

/* What ring-full is, the others need: it is measured first, whichever is wanted. */
static bool bench_regime(size_t at, const void *of) {
    static bool asked, right;
    const options *o = of;
    const bool first = !asked;
    asked = true;
    right = first ? check_all(o) : right;
    if (!right || o->all.instructions) {
        return right;
    }
    if (first) {
        right &= time_full(o);
        print_rows(&regimes[0], o);
    }
    if (right && regimes[at].share > 0) {
        right &= time_open(o, regimes[at].share);
        print_rows(&regimes[at], o);
    }
    return right;
}

/* --- Options ---------------------------------------------------------------------------------- */

static const bench_program self;

static void usage(FILE *to) {
    fprintf(to, "usage: bench_node [options]\n"
                "  --regime NAME      only this one, and what it needs:");
    bench_usage_regimes(&self, to);
    fprintf(to, "\n"
                "  --subject NAME     only this one:");
    for (int i = 0; i < NODE_SUBJECTS; i++) {
        fprintf(to, " %s%s", node_subjects[i].name,
            node_subjects[i].on_request ? " (on request only)" : "");
    }
    fprintf(to,
        "\n"
        "  --directory D      where journals are made, and removed (the build's)\n"
        "  --batch KIB        bytes / 1,024 of each of a journal's buffers, multiples of 4 in\n"
        "                     [8, 16384] (1024)\n"
        "  --processors N     that everybody is spread over, [1, %d] (as there are)\n"
        "  --runs N           rounds, [1, %d] (5)\n"
        "  --ops N            commands, >= 1 (1000000)\n"
        "  --seed S           of the load (1)\n"
        "  --resting-max N    is read, and says nothing here\n"
        "  --burst N          commands sent together with --instructions, [1, 1024] (64)\n"
        "  --instructions     run each subject once by hand in one thread, instrumented by\n"
        "                     callgrind (valgrind --tool=callgrind --instr-atstart=no); no output\n"
        "  --json             an array of objects instead of a table\n",
        PROCESSORS, ROUNDS_MAX);
}

static const char *regime_name(size_t at) {
    return at < REGIMES ? regimes[at].name : NULL;
}

static uint32_t batch_size(const char *text) {
    const uint64_t kib = bench_number(&self, "batch", text, 8, 16384);
    if (kib % 4 != 0) {
        bench_refuse(&self, "batch", text);
    }
    return (uint32_t)kib * 1024;
}

static void take(void *own, int found) {
    options *o = own;
    switch (found) {
    case 'u':
        o->subject = node_find(optarg);
        if (o->subject == NULL) {
            bench_refuse(&self, "subject", optarg);
        }
        break;
    case 'p':
        o->processors = (uint32_t)bench_number(&self, "processors", optarg, 1, PROCESSORS);
        break;
    case 'k':
        o->batch_size = batch_size(optarg);
        break;
    case 'b':
        o->burst = (uint32_t)bench_number(&self, "burst", optarg, 1, 1024);
        break;
    default: /* the last one */
        o->directory = optarg;
    }
}

static const struct option more[] = {{"subject", 1, NULL, 'u'}, {"burst", 1, NULL, 'b'},
    {"batch", 1, NULL, 'k'}, {"processors", 1, NULL, 'p'}, {"directory", 1, NULL, 'i'},
    {NULL, 0, NULL, 0}};

static const bench_program self = {.name = "bench_node",
    .usage = usage,
    .runs_max = ROUNDS_MAX,
    .resting_min = 1,
    .regime = regime_name,
    .more = more,
    .take = take};

/* --- All of it -------------------------------------------------------------------------------- */

static void open_results(options *o, const money *load) {
    static result results[NODE_SUBJECTS];
    o->results = results;
    for (int i = 0; i < NODE_SUBJECTS; i++) {
        const node_subject *who = &node_subjects[i];
        if (o->subject != NULL ? o->subject == who : !who->on_request) {
            results[o->result_count++].flow = node_flow_make(who, load);
        }
    }
}

int main(int argc, char **argv) {
    options o = {.directory = BENCH_SCRATCH, .burst = 64};
    o.all = bench_parse(&self, argc, argv, &o);
    const money_def def = {
        .regime = money_find("accounts-1"), .seed = o.all.seed, .ops = o.all.ops};
    money load = money_make(&def);
    money_begin(false);
    spread(&o);
    open_results(&o, &load);
    print_head(&o);
    const int status = bench_regimes(&self, &o.all, bench_regime, &o);
    for (size_t i = 0; i < o.result_count; i++) {
        node_flow_free(&o.results[i].flow);
    }
    money_free(&load);
    return status;
}
