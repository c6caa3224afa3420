/* bench_positions.c - what an order costs an account that has 1, 32, or 256 positions, when limits
 * ask what all of them are worth.
 *
 * One account of mode CROSS is long in as many LINEAR instruments; LEVERAGE and DAILY_LOSS, with
 * what is unrealised, are set for it, so wide that nothing is refused. Each unit is what happens
 * between two fills: a buyer's order in a random one of the instruments is judged, held for, and
 * released. In the regimes with a mark, the mark of a random instrument has moved before each
 * order. What every order needs is known when it is made, and compared after every run.
 *
 * In the regimes of mode MULTI the account has all its money in the first of four assets, and as
 * many positions settle in each: what the others lack, it stands for.
 *
 * In the regimes with fills each unit is one: a lot is bought or sold in a random one of the
 * instruments, and the monitor looks at the account. Nobody comes near another level. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/monitor.h>

#include "acct/hold.h"
#include "bench.h"
#include "options.h"
#include "risk/grant.h"
#include "rounds.h"

enum { RUNS_MAX = 64 };
enum { MIDDLE = 10000, SPREAD = 8, QTY_MAX = 100, INITIAL_PPM = 100000, ASSETS = 4 };
#define DEPOSIT ((trd_amt)1 << 40)
#define WIDE ((int64_t)1 << 50)

typedef struct regime {
    const char *name;
    uint32_t positions;
    bool moves; /* a mark before each order */
    bool fills; /* executions that a monitor looks at, instead of orders */
    bool multi; /* several assets as collateral */
} regime;

static const regime regimes[] = {
    {"positions-1", 1, false, false, false},
    {"positions-32", 32, false, false, false},
    {"positions-256", 256, false, false, false},
    {"positions-1-mark", 1, true, false, false},
    {"positions-32-mark", 32, true, false, false},
    {"positions-256-mark", 256, true, false, false},
    {"positions-1-fill", 1, false, true, false},
    {"positions-32-fill", 32, false, true, false},
    {"positions-256-fill", 256, false, true, false},
    {"positions-1-multi", 1, false, false, true},
    {"positions-32-multi", 32, false, false, true},
    {"positions-256-multi", 256, false, false, true},
    {"positions-256-multi-mark", 256, true, false, true},
};
enum { REGIMES = sizeof(regimes) / sizeof(regimes[0]) };

typedef struct options {
    bench_options all;
    bench_clock clock;
} options;

/* What is measured. The three objects are copied back before each run. */
enum { OBJECTS = 3 };

typedef struct load {
    const regime *regime;
    trd_ask *asks;
    uint32_t *moved; /* instrument whose mark moves before the order, and where to */
    trd_px *marks;
    size_t count;
    uint64_t asked; /* what all orders need */
    trd_accounts *accounts;
    trd_risk *risk;
    trd_monitor *monitor;
    void *kept[OBJECTS];
    size_t size[OBJECTS];
    uint64_t passed;
    uint64_t needed;
    uint64_t told;
    uint64_t looked; /* when the state was kept */
} load;

static void die_unless(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "bench: %s\n", what);
        exit(2);
    }
}

/* --- The load --------------------------------------------------------------------------------- */

static uint32_t assets_of(const regime *which) {
    return which->multi ? ASSETS : 1;
}

static trd_accounts_def accounts_def(uint32_t positions) {
    trd_accounts_def def = trd_accounts_def_default();
    def.assets_max = ASSETS;
    def.instruments_max = positions;
    def.accounts_max = 2;
    def.balances_max = 2 * ASSETS;
    def.positions_max = 2 * positions;
    def.orders_max = 1;
    def.publish = 0;
    return def;
}

static void load_opens(load *l) {
    const trd_accounts_def def = accounts_def(l->regime->positions);
    trd_risk_def risk = trd_risk_def_default();
    risk.instruments_max = risk.models_max = l->regime->positions;
    risk.accounts_max = 2;
    risk.orders_max = 1;
    trd_monitor_def watch = trd_monitor_def_default();
    watch.instruments_max = def.instruments_max;
    watch.accounts_max = def.accounts_max;
    watch.balances_max = def.balances_max;
    watch.positions_max = def.positions_max;
    l->size[0] = trd_accounts_footprint(&def);
    l->size[1] = trd_risk_footprint(&risk);
    l->size[2] = trd_monitor_footprint(&watch);
    die_unless(l->size[0] != 0 && l->size[1] != 0 && l->size[2] != 0, "no footprint for this load");
    l->accounts = trd_accounts_init(bench_alloc(l->size[0]), &def);
    l->risk = trd_risk_init(bench_alloc(l->size[1]), &risk);
    l->monitor = trd_monitor_init(bench_alloc(l->size[2]), &watch);
    die_unless(l->accounts != NULL && l->risk != NULL && l->monitor != NULL, "no objects");
}

static void load_lists(const load *l) {
    const trd_asset asset = {.struct_size = sizeof(asset), .scale = 2, .symbol = "QUOTE"};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_margin_rates rates = {.initial_ppm = INITIAL_PPM, .maintenance_ppm = INITIAL_PPM};
    trd_instrument spec = trd_instrument_default();
    trd_margin_model model;
    memcpy(spec.symbol, "X", 2);
    spec.kind = TRD_INSTRUMENT_LINEAR;
    spec.px_max = 10 * MIDDLE;
    for (uint32_t i = 0; i < assets_of(l->regime); i++) {
        die_unless(trd_accounts_asset_add(l->accounts, &asset) == (int)i &&
                       (i == 0 || trd_accounts_rate(l->accounts, i, 1, 1) == TRD_OK),
            "nothing to settle in");
    }
    die_unless(
        trd_accounts_fees_add(l->accounts, &fees) == 0 && trd_margin_flat(&model, &rates) == TRD_OK,
        "nothing to hold");
    for (uint32_t i = 0; i < l->regime->positions; i++) {
        spec.quote_asset = spec.settle_asset = i % assets_of(l->regime);
        die_unless(trd_accounts_instrument_add(l->accounts, &spec, &terms) == (int)i &&
                       trd_accounts_mark(l->accounts, i, MIDDLE) == TRD_OK &&
                       trd_risk_model(l->risk, i, &model) == TRD_OK,
            "no instrument");
    }
}

static void load_holds(const load *l) {
    const trd_account account = {.struct_size = sizeof(account),
        .role = TRD_ROLE_TRADER,
        .mode = l->regime->multi ? TRD_MODE_MULTI : TRD_MODE_CROSS,
        .enabled = 1};
    const trd_transfer deposit = {.from = TRD_ACCOUNT_OUTSIDE, .to = 0, .amount = DEPOSIT};
    const trd_limit limits[] = {
        {.limit = TRD_LIMIT_LEVERAGE, .scope = TRD_LIMIT_ACCOUNT, .value = WIDE},
        {.limit = TRD_LIMIT_DAILY_LOSS, .scope = TRD_LIMIT_ACCOUNT, .value = WIDE, .burst = 1},
    };
    die_unless(trd_accounts_open(l->accounts, 0, &account) == TRD_OK &&
                   trd_accounts_transfer(l->accounts, &deposit, NULL) == TRD_OK &&
                   trd_risk_limit(l->risk, &limits[0]) == TRD_OK &&
                   trd_risk_limit(l->risk, &limits[1]) == TRD_OK,
        "no account");
    for (uint32_t i = 0; i < l->regime->positions; i++) {
        const trd_execution x = {.instrument = i,
            .px = MIDDLE - SPREAD + (trd_px)(i % (2 * SPREAD)),
            .qty = 1 + i % QTY_MAX,
            .buyer = {.account = 0, .liquidity = TRD_LIQUIDITY_TAKER},
            .seller = {.account = TRD_ACCOUNT_OUTSIDE}};
        die_unless(trd_accounts_execute(l->accounts, &x, NULL) == TRD_OK, "nobody holds");
    }
}

/* A tenth of what an order buys, rounded up: there are no fees. */
static uint64_t need_of(trd_px px, trd_qty qty) {
    return ((uint64_t)px * (uint64_t)qty + 9) / 10;
}

static uint64_t draw(uint64_t *rng, uint64_t limit) {
    *rng += BENCH_GOLDEN;
    return bench_mix(*rng) % limit;
}

static void load_orders(load *l, const options *o) {
    uint64_t rng = o->all.seed;
    l->count = o->all.ops;
    l->asks = bench_alloc(l->count * sizeof(*l->asks));
    l->moved = bench_alloc(l->count * sizeof(*l->moved));
    l->marks = bench_alloc(l->count * sizeof(*l->marks));
    for (size_t i = 0; i < l->count; i++) {
        l->asks[i] = (trd_ask){.order = (trd_order)(i + 1) << 32 | 1,
            .instrument = (uint32_t)draw(&rng, l->regime->positions),
            .kind = TRD_ASK_NEW,
            .side = TRD_BUY,
            .has_px = 1,
            .px = MIDDLE - (trd_px)draw(&rng, SPREAD),
            .qty = 1 + (trd_qty)draw(&rng, QTY_MAX),
            .now = (trd_ns)(i + 1) * 100};
        l->moved[i] = (uint32_t)draw(&rng, l->regime->positions);
        l->marks[i] = MIDDLE - SPREAD + (trd_px)draw(&rng, 2 * SPREAD);
        l->asked += need_of(l->asks[i].px, l->asks[i].qty);
    }
}

static inline void one(load *l, const trd_ask *ask) {
    trd_verdict verdict;
    trd_acct_grant grant;
    if (trd__risk_grant(l->risk, l->accounts, ask, &verdict, &grant) != TRD_OK ||
        verdict.reason != 0) {
        return;
    }
    l->passed++;
    l->needed += (uint64_t)verdict.need;
    trd__hold_granted(l->accounts, &grant, ask->order, NULL);
    (void)trd_accounts_release(l->accounts, ask->order, ask->qty, NULL);
}

static inline void look(load *l) {
    trd_monitor_change change;
    while (trd_monitor_next(l->monitor, l->accounts, l->risk, &change) == 1) {
        l->told++;
    }
}

/* Bought and sold in turn: positions stay as large as they are. */
static inline void fill(load *l, size_t i) {
    const trd_leg own = {.account = 0, .liquidity = TRD_LIQUIDITY_TAKER};
    const trd_leg other = {.account = TRD_ACCOUNT_OUTSIDE};
    const trd_execution x = {.instrument = l->asks[i].instrument,
        .px = l->asks[i].px,
        .qty = 1,
        .buyer = i % 2 == 0 ? own : other,
        .seller = i % 2 == 0 ? other : own};
    l->passed += trd_accounts_execute(l->accounts, &x, NULL) == TRD_OK;
    l->needed += need_of(l->asks[i].px, l->asks[i].qty);
    look(l);
}

static void run(void *of, size_t from, size_t to) {
    load *l = of;
    for (size_t i = from; i < to; i++) {
        if (l->regime->fills) {
            fill(l, i);
            continue;
        }
        if (l->regime->moves) {
            (void)trd_accounts_mark(l->accounts, l->moved[i], l->marks[i]);
        }
        one(l, &l->asks[i]);
    }
}

/* The state is kept when the account has been asked about once. */
static load load_made(const regime *which, const options *o) {
    load l = {.regime = which};
    load_opens(&l);
    load_lists(&l);
    load_holds(&l);
    load_orders(&l, o);
    one(&l, &l.asks[0]);
    die_unless(l.passed == 1, "the first order is refused");
    look(&l);
    trd_monitor_stats stats;
    trd_monitor_stats_get(l.monitor, &stats);
    l.looked = stats.looked;
    const void *made[OBJECTS] = {l.accounts, l.risk, l.monitor};
    for (int i = 0; i < OBJECTS; i++) {
        l.kept[i] = bench_alloc(l.size[i]);
        memcpy(l.kept[i], made[i], l.size[i]);
    }
    return l;
}

static void restore(void *of) {
    load *l = of;
    memcpy(l->accounts, l->kept[0], l->size[0]);
    memcpy(l->risk, l->kept[1], l->size[1]);
    memcpy(l->monitor, l->kept[2], l->size[2]);
    l->told = 0;
    l->passed = 0;
    l->needed = 0;
}

static void load_free(load *l) {
    bench_free(l->accounts, l->size[0]);
    bench_free(l->risk, l->size[1]);
    bench_free(l->monitor, l->size[2]);
    for (int i = 0; i < OBJECTS; i++) {
        bench_free(l->kept[i], l->size[i]);
    }
    bench_free(l->asks, l->count * sizeof(*l->asks));
    bench_free(l->moved, l->count * sizeof(*l->moved));
    bench_free(l->marks, l->count * sizeof(*l->marks));
}

static bool same(const load *l, const char *what, uint64_t got, uint64_t wanted) {
    if (got != wanted) {
        fprintf(stderr, "bench: %s: %s: %llu, not %llu\n", l->regime->name, what,
            (unsigned long long)got, (unsigned long long)wanted);
    }
    return got == wanted;
}

static bool is_right(void *of) {
    const load *l = of;
    trd_monitor_stats stats;
    trd_monitor_stats_get(l->monitor, &stats);
    bool right = same(l, "passed", l->passed, l->count);
    right &= same(l, "looked at", stats.looked - l->looked, l->regime->fills ? l->count : 0);
    right &= same(l, "told", l->told, 0);
    right &= same(l, "needed", l->needed, l->asked);
    return right;
}

/* --- Measuring -------------------------------------------------------------------------------- */

static rounds_work work_of(load *l) {
    return (rounds_work){restore, run, is_right, l, l->count};
}

/* For callgrind: prints the units. */
static bool count_instructions(load *l) {
    const rounds_work work = work_of(l);
    const bool right = rounds_count(&work);
    printf("%s %zu\n", l->regime->name, l->count);
    return right;
}

/* Runs the load once, then audits everything. */
static bool check(load *l) {
    restore(l);
    run(l, 0, l->count);
    return is_right(l) && same(l, "audit", (uint64_t)trd_accounts_audit(l->accounts), TRD_OK) &&
           same(l, "audit", (uint64_t)trd_risk_audit(l->risk), TRD_OK) &&
           same(l, "audit", (uint64_t)trd_monitor_audit(l->monitor, l->accounts, l->risk), TRD_OK);
}

/* --- Output ----------------------------------------------------------------------------------- */

static void print_head(const options *o) {
    if (o->all.json || o->all.instructions) {
        return;
    }
    printf("# %u orders, %u runs, seed %llu\n", o->all.ops, o->all.runs,
        (unsigned long long)o->all.seed);
    printf("%-24s %-15s %-6s %9s %9s %9s %9s %9s %9s\n", "regime", "subject", "per", "ns", "min",
        "p50", "p99", "p99.9", "max");
}

static const char *subject_of(const load *l) {
    return l->regime->fills ? "monitor" : "pipeline-engine";
}

static const char *unit_of(const load *l) {
    return l->regime->fills ? "fill" : "order";
}

static void print_row(const load *l, const rounds *times, const options *o) {
    static bool more;
    const rounds_row row = rounds_sum(times, o->all.runs);
    const double *at = row.latency;
    if (!o->all.json) {
        printf("%-24s %-15s %-6s %9.1f %9.1f %9.1f %9.1f %9.1f %9.1f\n", l->regime->name,
            subject_of(l), unit_of(l), row.ns, row.ns_min, at[ROUNDS_P50], at[ROUNDS_P99],
            at[ROUNDS_P999], at[ROUNDS_HIGHEST]);
    } else {
        printf("%s{\"regime\": \"%s\", \"subject\": \"%s\", \"per\": \"%s\", "
               "\"units\": %zu, \"ns_per_op\": %.2f, \"ns_per_op_min\": %.2f, \"p50_ns\": %.1f, "
               "\"p99_ns\": %.1f, \"p999_ns\": %.1f, \"max_ns\": %.1f, \"ratio_to_smallest\": 1.0}",
            more ? ",\n " : "", l->regime->name, subject_of(l), unit_of(l), l->count, row.ns,
            row.ns_min, at[ROUNDS_P50], at[ROUNDS_P99], at[ROUNDS_P999], at[ROUNDS_HIGHEST]);
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
    fprintf(to, "usage: bench_positions [options]\n"
                "  --regime NAME      only this one:");
    bench_usage_regimes(&self, to);
    fprintf(to,
        "\n"
        "  --runs N           rounds, [1, %d] (5)\n"
        "  --ops N            orders, >= 1 (1000000)\n"
        "  --seed S           of the load (1)\n"
        "  --resting-max N    is read, and says nothing here\n"
        "  --instructions     run each load once, instrumented by callgrind in the measured part\n"
        "                     (valgrind --tool=callgrind --instr-atstart=no); prints its units\n"
        "  --json             an array of objects instead of a table\n",
        RUNS_MAX);
}

static const char *regime_name(size_t at) {
    return at < REGIMES ? regimes[at].name : NULL;
}

static const bench_program self = {.name = "bench_positions",
    .usage = usage,
    .runs_max = RUNS_MAX,
    .resting_min = 1,
    .regime = regime_name};

int main(int argc, char **argv) {
    options o;
    o.all = bench_parse(&self, argc, argv, NULL);
    o.clock = bench_clock_calibrate();
    print_head(&o);
    return bench_regimes(&self, &o.all, bench_regime, &o);
}
