/* bench_monitor.c - what a new mark costs when 1,000,000 accounts are there and 100,000 of them
 * hold the instrument, and 0, 10, or 10,000 of them change level by it.
 *
 * Each holder is long a lot and has a tick of his own below which he is warned. A load has as many
 * such ticks, one beside the other, as there are groups; the accounts of a group have nothing else
 * in common. The mark goes down through all groups and up again, a tick at a time: so each mark
 * warns a group, or takes the warning of one back, and each time another one. Without groups nobody
 * is warned anywhere the mark goes. Whoever changes level is looked at, told, and gets a new
 * interval. All that follows from the numbers alone, and is compared after every run. */
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/account.h>
#include <tradsys/monitor.h>
#include <tradsys/risk.h>

#include "bench.h"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#endif

enum { RUNS_MAX = 64, HELD_BY = 10 }; /* one in ten accounts holds the instrument */
enum { ACCOUNTS = 1000000 };
enum { TOP = 1000000, QUIET = 20000, STEPS = 1000 }; /* ticks: groups are warned from TOP down */
enum { WORTH = 100, KEEP_PPM = 100000, WARN_PPM = 1500000 };

typedef struct regime {
    const char *name;
    uint32_t group; /* accounts that change level with each mark */
} regime;

static const regime regimes[] = {
    {"mark-tick-0", 0},
    {"mark-tick-10", 10},
    {"mark-tick-10000", 10000},
};
enum { REGIMES = sizeof(regimes) / sizeof(regimes[0]) };

typedef struct options {
    bench_options all;
    const regime *only;
} options;

/* What is measured. The three objects are copied back before each run. */
typedef struct load {
    const regime *regime;
    uint32_t holders;
    uint32_t group;
    uint32_t groups;
    uint64_t ticks;
    trd_accounts *accounts;
    trd_risk *risk;
    trd_monitor *monitor;
    void *kept[2];
    size_t size[2];
    trd_monitor_stats begun;
} load;

static void die_unless(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "bench: %s\n", what);
        exit(2);
    }
}

/* --- The load --------------------------------------------------------------------------------- */

/* Long a lot, worth 100 per tick, with a maintenance of a tenth: 100 p + balance - cost is below
 * 1.5 x 10 p just where p < (cost - balance) / 85. */
static trd_amt balance_for(trd_px warned_below) {
    return (trd_amt)TOP * WORTH - warned_below * (WORTH - WORTH / 10 * 3 / 2);
}

/* The lowest mark at which holder `k` is fine: groups stand below each other. */
static trd_px fine_from(const load *l, uint32_t k) {
    return l->group == 0 ? TOP - QUIET - (trd_px)(k % STEPS) : TOP - (trd_px)(k / l->group);
}

/* Down through all groups and up again, a tick at a time. */
static trd_px mark_of(const load *l, uint64_t tick) {
    const uint64_t depth = l->group == 0 ? STEPS : l->groups;
    const uint64_t at = (tick + 1) % (2 * depth);
    return TOP - (trd_px)(at < depth ? at : 2 * depth - at);
}

static trd_accounts_def accounts_def(uint32_t accounts, uint32_t holders) {
    trd_accounts_def def = trd_accounts_def_default();
    def.assets_max = 1;
    def.instruments_max = 1;
    def.accounts_max = accounts;
    def.balances_max = holders;
    def.positions_max = holders;
    def.orders_max = 1;
    def.publish = 0;
    return def;
}

static trd_monitor_def monitor_def(uint32_t accounts, uint32_t holders) {
    trd_monitor_def def = trd_monitor_def_default();
    def.accounts_max = accounts;
    def.instruments_max = 1;
    def.balances_max = holders;
    def.positions_max = holders;
    def.warn_ppm = WARN_PPM;
    return def;
}

static void load_opens(load *l, uint32_t accounts) {
    const trd_accounts_def def = accounts_def(accounts, l->holders);
    const trd_monitor_def watch = monitor_def(accounts, l->holders);
    trd_risk_def risk = trd_risk_def_default();
    risk.accounts_max = accounts;
    risk.instruments_max = 1;
    risk.orders_max = 1;
    l->size[0] = trd_accounts_footprint(&def);
    l->size[1] = trd_monitor_footprint(&watch);
    die_unless(l->size[0] != 0 && l->size[1] != 0, "no footprint for this load");
    l->accounts = trd_accounts_init(bench_alloc(l->size[0]), &def);
    l->monitor = trd_monitor_init(bench_alloc(l->size[1]), &watch);
    l->risk = trd_risk_create(&risk);
    die_unless(l->accounts != NULL && l->monitor != NULL && l->risk != NULL, "no objects");
}

static void load_lists(const load *l, uint32_t accounts) {
    const trd_asset asset = {.struct_size = sizeof(asset), .scale = 2, .symbol = "QUOTE"};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_margin_rates rates = {.initial_ppm = KEEP_PPM, .maintenance_ppm = KEEP_PPM};
    const trd_account account = {.struct_size = sizeof(account),
        .role = TRD_ROLE_TRADER,
        .mode = TRD_MODE_CROSS,
        .enabled = 1};
    trd_instrument spec = trd_instrument_default();
    memcpy(spec.symbol, "X", 2);
    spec.kind = TRD_INSTRUMENT_LINEAR;
    spec.numerator = WORTH;
    spec.px_max = 10 * TOP;
    spec.qty_max = 1000;
    trd_margin_model model;
    die_unless(trd_accounts_asset_add(l->accounts, &asset) == 0 &&
                   trd_accounts_fees_add(l->accounts, &fees) == 0 &&
                   trd_accounts_instrument_add(l->accounts, &spec, &terms) == 0 &&
                   trd_margin_flat(&model, &rates) == TRD_OK &&
                   trd_risk_model(l->risk, 0, &model) == TRD_OK,
        "nothing to hold");
    for (uint32_t i = 0; i < accounts; i++) {
        die_unless(trd_accounts_open(l->accounts, i, &account) == TRD_OK, "no account");
    }
}

/* Holders in random order: accounts of a group are anywhere. */
static void load_holds(const load *l, uint64_t seed) {
    uint32_t *order = malloc(l->holders * sizeof(*order));
    die_unless(order != NULL, "no memory");
    for (uint32_t i = 0; i < l->holders; i++) {
        const uint32_t other = (uint32_t)(bench_mix(seed * BENCH_GOLDEN + i) % (i + 1));
        order[i] = order[other];
        order[other] = i;
    }
    for (uint32_t k = 0; k < l->holders; k++) {
        const uint32_t account = order[k] * HELD_BY;
        const trd_transfer t = {
            .from = TRD_ACCOUNT_OUTSIDE, .to = account, .amount = balance_for(fine_from(l, k))};
        const trd_execution x = {.px = TOP,
            .qty = 1,
            .buyer = {.account = account, .liquidity = TRD_LIQUIDITY_TAKER},
            .seller = {.account = TRD_ACCOUNT_OUTSIDE}};
        die_unless(trd_accounts_transfer(l->accounts, &t, NULL) == TRD_OK &&
                       trd_accounts_execute(l->accounts, &x, NULL) == TRD_OK,
            "nobody holds");
    }
    free(order);
}

static void run(const load *l, uint64_t from, uint64_t to) {
    for (uint64_t i = from; i < to; i++) {
        trd_monitor_change change;
        (void)trd_accounts_mark(l->accounts, 0, mark_of(l, i));
        (void)trd_monitor_mark(l->monitor, l->accounts, 0);
        while (trd_monitor_next(l->monitor, l->accounts, l->risk, &change) == 1) {
        }
    }
}

/* Everybody is looked at once, at the top; then the state is kept. */
static load load_made(const regime *which, const options *o) {
    const uint32_t accounts =
        o->all.resting_max != 0 && o->all.resting_max < ACCOUNTS ? o->all.resting_max : ACCOUNTS;
    load l = {.regime = which, .holders = (accounts + HELD_BY - 1) / HELD_BY};
    l.group = which->group < l.holders ? which->group : l.holders;
    l.groups = l.group != 0 ? l.holders / l.group : 0;
    l.ticks = o->all.ops / (l.group != 0 ? l.group : 1);
    l.ticks = l.ticks != 0 ? l.ticks : 1;
    l.holders = l.group != 0 ? l.groups * l.group : l.holders;
    load_opens(&l, accounts);
    load_lists(&l, accounts);
    load_holds(&l, o->all.seed);
    trd_monitor_change change;
    die_unless(trd_accounts_mark(l.accounts, 0, TOP) == TRD_OK &&
                   trd_monitor_mark(l.monitor, l.accounts, 0) == TRD_OK &&
                   trd_monitor_next(l.monitor, l.accounts, l.risk, &change) == 0 &&
                   trd_monitor_audit(l.monitor, l.accounts, l.risk) == TRD_OK,
        "somebody is warned at the beginning");
    trd_monitor_stats_get(l.monitor, &l.begun);
    const void *made[2] = {l.accounts, l.monitor};
    for (int i = 0; i < 2; i++) {
        l.kept[i] = bench_alloc(l.size[i]);
        memcpy(l.kept[i], made[i], l.size[i]);
    }
    return l;
}

static void restore(const load *l) {
    memcpy(l->accounts, l->kept[0], l->size[0]);
    memcpy(l->monitor, l->kept[1], l->size[1]);
}

static void load_free(load *l) {
    bench_free(l->accounts, l->size[0]);
    bench_free(l->monitor, l->size[1]);
    for (int i = 0; i < 2; i++) {
        bench_free(l->kept[i], l->size[i]);
    }
    trd_risk_destroy(l->risk);
}

static bool same(const load *l, const char *what, uint64_t got, uint64_t wanted) {
    if (got != wanted) {
        fprintf(stderr, "bench: %s: %s: %llu, not %llu\n", l->regime->name, what,
            (unsigned long long)got, (unsigned long long)wanted);
    }
    return got == wanted;
}

/* Each mark makes a group leave, be looked at, and told. */
static bool is_right(const load *l) {
    trd_monitor_stats stats;
    trd_monitor_stats_get(l->monitor, &stats);
    const uint64_t crossed = l->ticks * l->group;
    bool right = same(l, "marks", stats.marks - l->begun.marks, l->ticks);
    right &= same(l, "left", stats.left - l->begun.left, crossed);
    right &= same(l, "looked at", stats.looked - l->begun.looked, crossed);
    right &= same(l, "told", stats.told - l->begun.told, crossed);
    return right;
}

/* --- Measuring -------------------------------------------------------------------------------- */

enum { SHARES = 4 };
static const double shares[SHARES] = {0.5, 0.99, 0.999, 1.0};

typedef struct result {
    double ns[RUNS_MAX]; /* per mark, by run */
    double latency[SHARES][RUNS_MAX];
} result;

static bool time_batch(const load *l, result *r, uint32_t at) {
    restore(l);
    const uint64_t from = bench_now_ns();
    run(l, 0, l->ticks);
    r->ns[at] = (double)(bench_now_ns() - from) / (double)l->ticks;
    return is_right(l);
}

static bool time_latency(const load *l, result *r, uint32_t at, const bench_clock *clock) {
    static bench_hist hist;
    memset(&hist, 0, sizeof(hist));
    restore(l);
    for (uint64_t i = 0; i < l->ticks; i++) {
        const uint64_t from = bench_ticks_begin();
        run(l, i, i + 1);
        const uint64_t ticks = bench_ticks_end() - from;
        bench_hist_add(&hist, ticks > clock->overhead ? ticks - clock->overhead : 0);
    }
    for (int i = 0; i < SHARES; i++) {
        r->latency[i][at] = (double)bench_hist_value(&hist, shares[i]) * clock->ns_per_tick;
    }
    return is_right(l);
}

/* For callgrind: only the measured part is instrumented. */
static bool count_instructions(const load *l) {
    CALLGRIND_START_INSTRUMENTATION;
    run(l, 0, l->ticks);
    CALLGRIND_STOP_INSTRUMENTATION;
    printf("%s %llu\n", l->regime->name, (unsigned long long)l->ticks);
    return is_right(l);
}

/* Runs the load once, then audits everything. */
static bool check(const load *l) {
    run(l, 0, l->ticks);
    return is_right(l) &&
           same(l, "audit", (uint64_t)trd_monitor_audit(l->monitor, l->accounts, l->risk), 0);
}

/* --- Output ----------------------------------------------------------------------------------- */

static void print_head(const options *o) {
    if (o->all.json || o->all.instructions) {
        return;
    }
    printf("# %u changes of level, %u runs, seed %llu\n", o->all.ops, o->all.runs,
        (unsigned long long)o->all.seed);
    printf("%-16s %-8s %-6s %8s %11s %11s %11s %11s %11s %11s\n", "regime", "subject", "per",
        "units", "ns", "min", "p50", "p99", "p99.9", "max");
}

static void print_row(const load *l, result *r, const options *o) {
    static bool more;
    const double least = bench_min(r->ns, o->all.runs);
    const double ns = bench_median(r->ns, o->all.runs);
    const unsigned long long units = l->ticks;
    double at[SHARES];
    for (int i = 0; i < SHARES; i++) {
        at[i] = bench_median(r->latency[i], o->all.runs);
    }
    if (!o->all.json) {
        printf("%-16s %-8s %-6s %8llu %11.1f %11.1f %11.1f %11.1f %11.1f %11.1f\n", l->regime->name,
            "monitor", "mark", units, ns, least, at[0], at[1], at[2], at[3]);
    } else {
        printf("%s{\"regime\": \"%s\", \"subject\": \"monitor\", \"per\": \"mark\", "
               "\"units\": %llu, \"ns_per_op\": %.2f, \"ns_per_op_min\": %.2f, \"p50_ns\": %.1f, "
               "\"p99_ns\": %.1f, \"p999_ns\": %.1f, \"max_ns\": %.1f, \"ratio_to_smallest\": 1.0}",
            more ? ",\n " : "", l->regime->name, units, ns, least, at[0], at[1], at[2], at[3]);
    }
    fflush(stdout);
    more = true;
}

static bool bench_regime(const regime *which, const options *o, const bench_clock *clock) {
    static result r;
    load l = load_made(which, o);
    bool right = o->all.instructions ? count_instructions(&l) : check(&l);
    if (!o->all.instructions) {
        for (uint32_t at = 0; at < o->all.runs; at++) {
            right &= time_batch(&l, &r, at);
            right &= time_latency(&l, &r, at, clock);
        }
        print_row(&l, &r, o);
    }
    load_free(&l);
    return right;
}

/* --- Options ---------------------------------------------------------------------------------- */

static void usage(FILE *to) {
    fprintf(to, "usage: bench_monitor [options]\n"
                "  --regime NAME      only this one:");
    for (int i = 0; i < REGIMES; i++) {
        fprintf(to, " %s", regimes[i].name);
    }
    fprintf(to,
        "\n"
        "  --runs N           rounds, [1, %d] (5)\n"
        "  --ops N            changes of level, or marks where there are none, >= 1 (1000000)\n"
        "  --seed S           of the load (1)\n"
        "  --resting-max N    so many accounts at most, >= 2\n"
        "  --instructions     run each load once, instrumented by callgrind in the measured part\n"
        "                     (valgrind --tool=callgrind --instr-atstart=no); prints its units\n"
        "  --json             an array of objects instead of a table\n",
        RUNS_MAX);
}

static const bench_program self = {"bench_monitor", usage, RUNS_MAX, 2};

static const regime *regime_known(const char *name) {
    for (int i = 0; i < REGIMES; i++) {
        if (strcmp(regimes[i].name, name) == 0) {
            return &regimes[i];
        }
    }
    bench_refuse(&self, "regime", name);
}

static options parse(int argc, char **argv) {
    static const struct option names[] = {
        {"regime", 1, NULL, 'g'}, BENCH_OPTION_NAMES, {NULL, 0, NULL, 0}};
    options o = {.all = BENCH_OPTIONS_USUAL};
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (c) {
        case 'g':
            o.only = regime_known(optarg);
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
    print_head(&o);
    bench_rows_begin(&o.all);
    for (int i = 0; i < REGIMES; i++) {
        if (o.only == NULL || o.only == &regimes[i]) {
            right &= bench_regime(&regimes[i], &o, &clock);
        }
    }
    bench_rows_end(&o.all);
    return right ? 0 : 1;
}
