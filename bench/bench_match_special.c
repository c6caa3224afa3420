/* bench_match_special.c - what the matcher's special orders, auctions and mass cancels cost.
 *
 * For each regime: make its loads, one for each size; execute each once and compare every count
 * with what the load must lead to; then time them in turn, round after round, and look at the
 * counts again after each run. docs/benchmarking.md says how to read the figures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "options.h"
#include "rounds.h"
#include "special.h"

enum { OUT_SLOTS = 4096, BATCH = 64, ORDERS_SPARE = 1024, NAME_SIZE = 40 };

typedef struct options {
    bench_options all;
    uint32_t elect_max; /* of the matcher; 0: the library's default */
} options;

/* One load of a regime, and its times. */
typedef struct result {
    char name[NAME_SIZE];
    special load;
    void *mem;
    size_t size;
    rounds times; /* ratio: to the first load of the regime */
} result;

static trd_match *match;
static trd_event *events;
static trd_out out;
static uint32_t elect_max;

static void fail(const char *what, int code) {
    fprintf(stderr, "bench: %s: %s\n", what, trd_result_text(code));
    exit(2);
}

/* --- The matcher ------------------------------------------------------------------------------ */

static trd_match_def def_of(const special *load) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 1;
    def.orders_max = load->orders_max + ORDERS_SPARE;
    def.specials_max = load->specials_max;
    def.allocates = load->prorata;
    if (elect_max != 0) {
        def.elect_max = elect_max;
    }
    return def;
}

static void instrument_add(const special *load) {
    trd_instrument spec = trd_instrument_default();
    memcpy(spec.symbol, "SPECIAL", sizeof("SPECIAL"));
    spec.px_max = load->px_max;
    spec.qty_max = load->qty_max;
    spec.base_asset = 1;
    spec.quote_asset = 2;
    spec.settle_asset = 2;
    const int at = trd_match_add(match, &spec);
    if (at != 0) {
        fail("trd_match_add", at);
    }
    if (load->prorata) {
        trd_profile profile = trd_profile_default();
        profile.allocation = TRD_ALLOCATE_PRORATA;
        const int done = trd_match_configure(match, 0, &profile);
        if (done != TRD_OK) {
            fail("trd_match_configure", done);
        }
    }
}

static void start(const result *r) {
    const trd_match_def def = def_of(&r->load);
    match = trd_match_init(r->mem, &def);
    if (match == NULL) {
        fail("trd_match_init", TRD_E_ARG);
    }
    instrument_add(&r->load);
    if (events == NULL) {
        events = bench_alloc(OUT_SLOTS * sizeof(*events));
    }
    out = (trd_out){.events = events, .capacity = OUT_SLOTS};
}

/* Takes the events out of `out` and makes room in it. */
typedef void drain_fn(void);

static inline __attribute__((always_inline)) void drain_nothing(void) {
    out.count = 0;
}

static inline __attribute__((always_inline)) void play(
    drain_fn *drain, const trd_command *slots, size_t count) {
    for (size_t at = 0; at < count;) {
        size_t done = 0;
        const size_t batch = count - at < BATCH ? count - at : BATCH;
        /* A record that begins in the batch may end behind it. */
        const bool cut = batch == BATCH && slots[at + batch - 1].slots > 1;
        int code = trd_match_run(match, slots + at, batch - cut, &done, &out);
        at += done;
        while (code == TRD_MORE) {
            drain();
            code = trd_match_step(match, NULL, &out);
        }
        if (code != TRD_OK && code != TRD_E_FULL) {
            fail("trd_match_run", code);
        }
        if (code == TRD_E_FULL || out.count > out.capacity / 2) {
            drain();
        }
    }
}

/* --- Checking --------------------------------------------------------------------------------- */

static special_end seen;

static void read_event(const trd_event *event) {
    seen.events[event->kind % SPECIAL_KINDS]++;
    if (event->kind == TRD_EVENT_FILL && event->liquidity != TRD_LIQUIDITY_TAKER) {
        /* One of the two of each execution: the maker's, in an auction the buyer's. */
        const bool other = event->liquidity == TRD_LIQUIDITY_AUCTION && event->side == TRD_SELL;
        seen.lots += other ? 0 : (uint64_t)event->u.fill.qty;
    } else if (event->kind == TRD_EVENT_AUCTION) {
        seen.auction_lots += (uint64_t)event->u.auction.volume;
    }
}

static void drain_read(void) {
    for (uint32_t i = 0; i < out.count; i += events[i].slots) {
        read_event(&events[i]);
    }
    out.count = 0;
}

static bool same(const result *r, const char *what, uint64_t got, uint64_t wanted) {
    if (got != wanted) {
        fprintf(stderr, "bench: %s: %s: %llu, not %llu\n", r->name, what, (unsigned long long)got,
            (unsigned long long)wanted);
    }
    return got == wanted;
}

/* What the matcher counts by itself must be what the load implies: after every run. */
static bool counts_right(const result *r) {
    const special_end *end = &r->load.end;
    uint64_t written = 0;
    for (unsigned kind = 0; kind < SPECIAL_KINDS; kind++) {
        written += end->events[kind];
    }
    trd_match_stats stats;
    trd_match_stats_get(match, &stats);
    bool right = same(r, "events", stats.events, written);
    right &= same(r, "executions", stats.executions, end->events[TRD_EVENT_FILL] / 2);
    right &= same(r, "orders left", stats.orders, end->orders);
    right &= same(r, "special orders left", stats.specials, end->specials);
    return right;
}

/* Executes the load once and reads every event. Returns whether it did what it must. */
static bool check(const result *r) {
    const special_end *end = &r->load.end;
    seen = (special_end){.lots = 0};
    start(r);
    play(drain_read, r->load.slots, r->load.warm + r->load.measured);
    drain_read();
    bool right = counts_right(r);
    for (unsigned kind = 0; kind < SPECIAL_KINDS; kind++) {
        right &= same(r, trd_event_text(kind), seen.events[kind], end->events[kind]);
    }
    right &= same(r, "lots", seen.lots, end->lots);
    right &= same(r, "auction volume", seen.auction_lots, end->auction_lots);
    return right;
}

/* --- Measuring -------------------------------------------------------------------------------- */

static void set(void *of) {
    const result *r = of;
    start(r);
    play(drain_nothing, r->load.slots, r->load.warm);
}

/* All of it: commands, of which units are what they lead to. */
static void run_all(void *of, size_t from, size_t to) {
    const result *r = of;
    (void)from;
    (void)to;
    play(drain_nothing, r->load.slots + r->load.warm, r->load.measured);
}

static bool is_right(void *of) {
    return counts_right(of);
}

static rounds_work work_of(result *r) {
    return (rounds_work){set, run_all, is_right, r, r->load.units};
}

static bool time_all(result *results, uint32_t count, const options *o) {
    bool right = true;
    for (uint32_t run = 0; run < o->all.runs; run++) {
        for (uint32_t i = 0; i < count; i++) {
            const rounds_work work = work_of(&results[i]);
            right &= rounds_batch(&results[i].times, run, &work);
            results[i].times.ratio[run] = results[i].times.ns[run] / results[0].times.ns[run];
        }
    }
    return right;
}

/* For callgrind: prints the units. */
static bool count_instructions(result *r) {
    const rounds_work work = work_of(r);
    const bool right = rounds_count(&work);
    printf("%s %llu\n", r->name, (unsigned long long)r->load.units);
    return right;
}

/* --- Output ----------------------------------------------------------------------------------- */

/* What one more order costs in memory: a special one, if the load has any. */
static double bytes_per_order(const result *r) {
    const uint32_t more = 1 << 16;
    trd_match_def def = def_of(&r->load);
    def.orders_max = more;
    def.specials_max = r->load.specials_max != 0 ? more : 0;
    const size_t one = trd_match_footprint(&def);
    def.orders_max *= 2;
    def.specials_max *= 2;
    return (double)(trd_match_footprint(&def) - one) / more;
}

static void print_head(const options *o) {
    if (o->all.json || o->all.instructions) {
        return;
    }
    printf(
        "# %u ops, %u runs, seed %llu\n", o->all.ops, o->all.runs, (unsigned long long)o->all.seed);
    printf("%-22s %-15s %9s %9s %9s %7s %6s\n", "regime", "per", "units", "ns", "min", "B/order",
        "ratio");
}

static void print_row(const result *r, const options *o) {
    static bool more;
    const special_regime *regime = r->load.def.regime;
    const rounds_row row = rounds_sum(&r->times, o->all.runs);
    const unsigned long long units = r->load.units;
    if (!o->all.json) {
        printf("%-22s %-15s %9llu %9.1f %9.1f %7.1f %6.2f\n", r->name, regime->unit, units, row.ns,
            row.ns_min, bytes_per_order(r), row.ratio);
    } else {
        printf("%s{\"regime\": \"%s\", \"subject\": \"matcher\", \"per\": \"%s\", \"units\": %llu, "
               "\"ns_per_op\": %.2f, \"ns_per_op_min\": %.2f, \"bytes_per_order\": %.1f, "
               "\"ratio_to_smallest\": %.3f}",
            more ? ",\n " : "", r->name, regime->unit, units, row.ns, row.ns_min,
            bytes_per_order(r), row.ratio);
    }
    fflush(stdout);
    more = true;
}

/* --- One regime ------------------------------------------------------------------------------- */

/* A regime of several sizes has a row for each, with the full size in its name. */
static void row_name(const special_regime *regime, uint32_t at, char *out_name) {
    if (regime->size_count > 1) {
        snprintf(out_name, NAME_SIZE, "%s-%u", regime->name, regime->sizes[at]);
    } else {
        snprintf(out_name, NAME_SIZE, "%s", regime->name);
    }
}

static bool row_wanted(const special_regime *regime, uint32_t at, const char *wanted) {
    char name[NAME_SIZE];
    row_name(regime, at, name);
    return wanted == NULL || strcmp(wanted, regime->name) == 0 || strcmp(wanted, name) == 0;
}

static void result_open(result *r, const special_regime *regime, uint32_t at, const options *o) {
    const special_def def = {.regime = regime,
        .seed = o->all.seed,
        .size = special_size(regime, at, o->all.resting_max),
        .ops = o->all.ops};
    *r = (result){.load = special_make(&def)};
    row_name(regime, at, r->name);
    const trd_match_def made = def_of(&r->load);
    r->size = trd_match_footprint(&made);
    if (r->size == 0) {
        fprintf(stderr, "bench: %s: no footprint for this load\n", r->name);
        exit(2);
    }
    r->mem = bench_alloc(r->size);
}

static void result_close(result *r) {
    bench_free(r->mem, r->size);
    special_free(&r->load);
}

static bool bench_regime(size_t which, const void *of) {
    const options *o = of;
    const special_regime *regime = &special_regimes[which];
    static result results[SPECIAL_SIZES];
    uint32_t count = 0;
    bool right = true;
    for (uint32_t i = 0; i < regime->size_count; i++) {
        if (row_wanted(regime, i, o->all.regime)) {
            result *r = &results[count++];
            result_open(r, regime, i, o);
            right &= o->all.instructions ? count_instructions(r) : check(r);
        }
    }
    if (!o->all.instructions) {
        right &= time_all(results, count, o);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!o->all.instructions) {
            print_row(&results[i], o);
        }
        result_close(&results[i]);
    }
    return right;
}

/* --- Options ---------------------------------------------------------------------------------- */

static const bench_program self;

static void usage(FILE *to) {
    fprintf(to, "usage: bench_match_special [options]\n"
                "  --regime NAME      only this one, or one row of it:");
    bench_usage_regimes(&self, to);
    fprintf(to,
        "\n"
        "  --runs N           rounds, [1, %d] (5)\n"
        "  --ops N            measured commands of stops-waiting, refreshes of iceberg-refresh,\n"
        "                     5,000 times the commands of indicative (1000000)\n"
        "  --seed S           of the loads (1)\n"
        "  --resting-max N    make larger regimes of this many orders only\n"
        "  --elect-max N      elected orders that the matcher releases for one command (the\n"
        "                     library's default)\n"
        "  --instructions     run each load once, instrumented by callgrind in the measured part\n"
        "                     (valgrind --tool=callgrind --instr-atstart=no); prints its units\n"
        "  --json             an array of objects instead of a table\n",
        ROUNDS_MAX);
}

static const char *regime_name(size_t at) {
    return special_regimes[at].name;
}

/* A regime, or one row of it. */
static bool has_regime(const char *name) {
    bool known = false;
    for (const special_regime *r = special_regimes; r->name != NULL; r++) {
        for (uint32_t i = 0; i < r->size_count; i++) {
            known |= row_wanted(r, i, name);
        }
    }
    return known;
}

static void take(void *own, int found) {
    options *o = own;
    (void)found; /* there is only one */
    o->elect_max = (uint32_t)bench_number(&self, "elect-max", optarg, 1, UINT32_MAX);
}

static const struct option more[] = {{"elect-max", 1, NULL, 'e'}, {NULL, 0, NULL, 0}};

static const bench_program self = {.name = "bench_match_special",
    .usage = usage,
    .runs_max = ROUNDS_MAX,
    .resting_min = 1,
    .regime = regime_name,
    .has = has_regime,
    .more = more,
    .take = take};

int main(int argc, char **argv) {
    options o = {.elect_max = 0};
    o.all = bench_parse(&self, argc, argv, &o);
    elect_max = o.elect_max;
    print_head(&o);
    return bench_regimes(&self, &o.all, bench_regime, &o);
}
