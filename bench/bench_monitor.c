/* bench_monitor.c - what a new mark costs when 1,000,000 accounts are there and 100,000 of them
 * hold the instrument, and 0, 10, or 10,000 of them change level by it.
 *
 * Each holder is long a lot and has a tick of his own below which he is warned. A load has as many
 * such ticks, one beside the other, as there are groups; the accounts of a group have nothing else
 * in common. The mark goes down through all groups and up again, a tick at a time: so each mark
 * warns a group, or takes the warning of one back, and each time another one. Without groups nobody
 * is warned anywhere the mark goes. Whoever changes level is looked at, told, and gets a new
 * interval. All that follows from the numbers alone, and is compared after every run. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/account.h>
#include <tradsys/monitor.h>
#include <tradsys/risk.h>

#include "bench.h"
#include "options.h"
#include "rounds.h"

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
    bench_clock clock;
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

static void run(void *of, size_t from, size_t to) {
    const load *l = of;
    for (size_t i = from; i < to; i++) {
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

static void restore(void *of) {
    const load *l = of;
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
static bool is_right(void *of) {
    const load *l = of;
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

static rounds_work work_of(load *l) {
    return (rounds_work){restore, run, is_right, l, l->ticks};
}

/* For callgrind: prints the units. */
static bool count_instructions(load *l) {
    const rounds_work work = work_of(l);
    const bool right = rounds_count(&work);
    printf("%s %llu\n", l->regime->name, (unsigned long long)l->ticks);
    return right;
}

/* Runs the load once, then audits everything. */
static bool check(load *l) {
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

static void print_row(const load *l, const rounds *times, const options *o) {
    static bool more;
    const rounds_row row = rounds_sum(times, o->all.runs);
    const double *at = row.latency;
    const unsigned long long units = l->ticks;
    if (!o->all.json) {
        printf("%-16s %-8s %-6s %8llu %11.1f %11.1f %11.1f %11.1f %11.1f %11.1f\n", l->regime->name,
            "monitor", "mark", units, row.ns, row.ns_min, at[ROUNDS_P50], at[ROUNDS_P99],
            at[ROUNDS_P999], at[ROUNDS_HIGHEST]);
    } else {
        printf("%s{\"regime\": \"%s\", \"subject\": \"monitor\", \"per\": \"mark\", "
               "\"units\": %llu, \"ns_per_op\": %.2f, \"ns_per_op_min\": %.2f, \"p50_ns\": %.1f, "
               "\"p99_ns\": %.1f, \"p999_ns\": %.1f, \"max_ns\": %.1f, \"ratio_to_smallest\": 1.0}",
            more ? ",\n " : "", l->regime->name, units, row.ns, row.ns_min, at[ROUNDS_P50],
            at[ROUNDS_P99], at[ROUNDS_P999], at[ROUNDS_HIGHEST]);
    }
    fflush(stdout);
    more = true;
}

static bool bench_regime(size_t which, const void *of) {
    static rounds times;
    const options *o = of;
    load l = load_made(&regimes[which], o);
    const rounds_work work = work_of(&l);
    bool right = o->all.instructions ? count_instructions(&l) : check(&l);
    if (!o->all.instructions) {
        for (uint32_t at = 0; at < o->all.runs; at++) {
            right &= rounds_batch(&times, at, &work);
            right &= rounds_alone(&times, at, &work, &o->clock);
        }
        print_row(&l, &times, o);
    }
    load_free(&l);
    return right;
}

/* --- Options ---------------------------------------------------------------------------------- */

static const bench_program self;

static void usage(FILE *to) {
    fprintf(to, "usage: bench_monitor [options]\n"
                "  --regime NAME      only this one:");
    bench_usage_regimes(&self, to);
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

static const char *regime_name(size_t at) {
    return at < REGIMES ? regimes[at].name : NULL;
}

static const bench_program self = {.name = "bench_monitor",
    .usage = usage,
    .runs_max = RUNS_MAX,
    .resting_min = 2,
    .regime = regime_name};

int main(int argc, char **argv) {
    options o;
    o.all = bench_parse(&self, argc, argv, NULL);
    o.clock = bench_clock_calibrate();
    print_head(&o);
    return bench_regimes(&self, &o.all, bench_regime, &o);
}
