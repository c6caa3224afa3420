/* bench_snapshot.c - how large the state of an engine is as bytes, and what it costs to have it.
 *
 * Regimes are engines by their accounts, each of which has money and one resting order, or ten
 * (`orders-1M`: a million of 100,000 accounts); `empty` has room for as many as the second, and
 * nobody in it. Per regime: bytes of the block, of the snapshot (of a file, that is), and for each
 * subject what one pass over the engine takes:
 *
 *     digest   trd_engine_digest
 *     copy     trd_engine_copy into memory that had a copy before: the pause of who copies
 *     write    trd_snapshot_begin and trd_snapshot_write, in pieces of 64 KiB that are thrown away:
 *              the pause of who does not copy
 *     read     all of trd_snapshot_read, into memory that was touched before: a restart
 *     text     trd_text_begin and trd_text_write, in pieces that are thrown away
 *
 * What was read must be the same engine. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "bench.h"
#include "options.h"
#include "rounds.h"
#include "world.h"

enum { PIECE = 1 << 16, ROOM = 512, MIDDLE = 100000 };

typedef struct regime {
    const char *name;
    uint32_t accounts; /* there is room for */
    uint32_t used;
    uint32_t orders; /* of each account */
} regime;

enum { REGIMES = 4 };
static const regime regimes[REGIMES] = {{"accounts-1000", 1000, 1000, 1},
    {"accounts-100000", 100000, 100000, 1}, {"orders-1M", 100000, 100000, 10},
    {"empty", 100000, 0, 1}};

typedef struct load {
    const regime *regime;
    uint32_t accounts;
    trd_engine *engine;
    size_t size;
    void *mem;
    void *other;
    uint8_t *snapshot;
    size_t snapshot_size;
    uint64_t digest;
} load;

/* --- The engine ------------------------------------------------------------------------------- */

static void must(const char *what, bool is_so) {
    if (!is_so) {
        fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

static void one(trd_engine *engine, const trd_command *command) {
    static trd_event events[ROOM];
    trd_out out = {.events = events, .capacity = ROOM};
    must("step", trd_engine_step(engine, command, &out) == TRD_OK);
}

static void settle_in(trd_engine *engine, uint32_t account, uint32_t orders, uint64_t seed) {
    const trd_command open = world_open(account);
    const trd_command deposit = world_deposit(account, 0, 1000000000);
    one(engine, &open);
    one(engine, &deposit);
    for (uint32_t i = 0; i < orders; i++) {
        const uint64_t id = (uint64_t)account * orders + i;
        const trd_px below = (trd_px)(bench_mix(seed + id * BENCH_GOLDEN) % 10000);
        const trd_command order = {.kind = TRD_COMMAND_NEW,
            .slots = 1,
            .account = account,
            .u.order = {.client_id = id + 1,
                .px = MIDDLE - below,
                .qty = 10,
                .side = TRD_BUY,
                .type = TRD_TYPE_LIMIT,
                .tif = TRD_TIF_GTC}};
        one(engine, &order);
    }
}

static void list(trd_engine *engine) {
    const trd_asset assets[] = {{.struct_size = sizeof(trd_asset), .scale = 2, .symbol = "USD"},
        {.struct_size = sizeof(trd_asset), .scale = 2, .symbol = "SHARE"}};
    trd_instrument spec = trd_instrument_default();
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    strcpy(spec.symbol, "SHARE");
    spec.px_max = 2 * MIDDLE;
    spec.qty_max = 1000;
    spec.base_asset = 1;
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms};
    must("asset", trd_engine_asset(engine, &assets[0]) == 0);
    must("asset", trd_engine_asset(engine, &assets[1]) == 1);
    must("fees", trd_engine_fees(engine, &fees) == 0);
    must("list", trd_engine_list(engine, &listing) == 0);
}

/* --- Subjects --------------------------------------------------------------------------------- */

static void digest(const load *l) {
    uint64_t found;
    must("digest", trd_engine_digest(l->engine, &found) == TRD_OK && found == l->digest);
}

static void copy(const load *l) {
    trd_engine *made;
    must("copy", trd_engine_copy(l->engine, l->other, l->size, &made) == TRD_OK);
}

static void write_pieces(const load *l) {
    static trd_snapshot_writer writer;
    static uint8_t piece[PIECE];
    size_t all = 0;
    size_t written = 0;
    int result = trd_snapshot_begin(&writer, l->engine);
    must("begin", result == TRD_OK);
    do {
        result = trd_snapshot_write(&writer, piece, sizeof(piece), &written);
        all += written;
    } while (result == TRD_MORE);
    must("write", result == TRD_OK && all == l->snapshot_size);
}

static void read_all(const load *l) {
    trd_snapshot_head head;
    trd_snapshot_reader reader;
    trd_engine *made;
    must("peek", trd_snapshot_peek(l->snapshot, l->snapshot_size, &head) == TRD_OK);
    must("open", trd_snapshot_open(&reader, &head, l->other, l->size) == TRD_OK);
    must("read", trd_snapshot_read(&reader, l->snapshot + sizeof(head),
                     l->snapshot_size - sizeof(head)) == TRD_OK);
    must("engine", trd_snapshot_engine(&reader, NULL, &made) == TRD_OK);
}

static void write_text(const load *l) {
    static trd_text_writer writer;
    static char piece[PIECE];
    size_t written = 0;
    int result = trd_text_begin(&writer, l->engine);
    must("begin", result == TRD_OK);
    do {
        result = trd_text_write(&writer, piece, sizeof(piece), &written);
    } while (result == TRD_MORE);
    must("text", result == TRD_OK);
}

typedef struct subject {
    const char *name;
    void (*run)(const load *l);
} subject;

enum { SUBJECTS = 5 };
static const subject subjects[SUBJECTS] = {{"digest", digest}, {"copy", copy},
    {"write", write_pieces}, {"read", read_all}, {"text", write_text}};

/* --- One regime ------------------------------------------------------------------------------- */

static void store(load *l) {
    static trd_snapshot_writer writer;
    must("begin", trd_snapshot_begin(&writer, l->engine) == TRD_OK);
    l->digest = writer.head.digest;
    l->snapshot_size = writer.head.size;
    l->snapshot = bench_alloc(l->snapshot_size);
    size_t written;
    const int result = trd_snapshot_write(&writer, l->snapshot, l->snapshot_size, &written);
    must("write", result == TRD_OK && written == l->snapshot_size);
}

static load load_made(const regime *which, const bench_options *o) {
    world_parts parts;
    const uint32_t limit = o->resting_max;
    load l = {.regime = which,
        .accounts = limit != 0 && which->accounts > limit ? limit : which->accounts};
    world_parts_make(&parts, l.accounts, l.accounts * which->orders);
    l.size = trd_engine_footprint(&parts.engine);
    must("footprint", l.size != 0);
    l.mem = bench_alloc(l.size);
    l.other = bench_alloc(l.size);
    l.engine = trd_engine_init(l.mem, &parts.engine);
    list(l.engine);
    for (uint32_t account = 0; account < which->used && account < l.accounts; account++) {
        settle_in(l.engine, account, which->orders, o->seed);
    }
    trd_match_stats stats;
    trd_match_stats_get(trd_engine_match(l.engine), &stats);
    must("orders", which->used == 0 || stats.orders == l.accounts * which->orders);
    store(&l);
    return l;
}

static void load_free(load *l) {
    bench_free(l->mem, l->size);
    bench_free(l->other, l->size);
    bench_free(l->snapshot, l->snapshot_size);
}

/* Is what was copied, and what was read, the same engine? */
static void check(const load *l) {
    uint64_t found;
    copy(l);
    must("copied", trd_engine_digest(l->other, &found) == TRD_OK && found == l->digest);
    memset(l->other, 0xff, l->size);
    read_all(l);
    must("same", trd_engine_digest(l->other, &found) == TRD_OK && found == l->digest);
    must("audit", trd_engine_audit(l->other) == TRD_OK);
}

static void count_instructions(const load *l, const subject *s) {
    CALLGRIND_START_INSTRUMENTATION;
    s->run(l);
    CALLGRIND_STOP_INSTRUMENTATION;
}

static void print_row(const load *l, const subject *s, double *ns, const bench_options *o) {
    static bool more;
    const double least = bench_min(ns, o->runs);
    const double median = bench_median(ns, o->runs);
    if (!o->json) {
        printf("%-16s %-8s %12zu %12zu %10.3f %10.3f\n", l->regime->name, s->name, l->size,
            l->snapshot_size, median / 1e6, least / 1e6);
    } else {
        printf("%s{\"regime\": \"%s\", \"subject\": \"%s\", \"block_bytes\": %zu, "
               "\"snapshot_bytes\": %zu, \"ms\": %.4f, \"ms_min\": %.4f}",
            more ? ",\n " : "", l->regime->name, s->name, l->size, l->snapshot_size, median / 1e6,
            least / 1e6);
    }
    fflush(stdout);
    more = true;
}

static bool bench_regime(size_t which, const void *of) {
    const bench_options *o = of;
    load l = load_made(&regimes[which], o);
    check(&l);
    for (int i = 0; i < SUBJECTS; i++) {
        double ns[ROUNDS_MAX];
        if (o->instructions) {
            count_instructions(&l, &subjects[i]);
            continue;
        }
        for (uint32_t run = 0; run < o->runs; run++) {
            const uint64_t from = bench_now_ns();
            subjects[i].run(&l);
            ns[run] = (double)(bench_now_ns() - from);
        }
        print_row(&l, &subjects[i], ns, o);
    }
    load_free(&l);
    return true;
}

/* --- Options ---------------------------------------------------------------------------------- */

static const bench_program self;

static void usage(FILE *to) {
    fprintf(to, "usage: bench_snapshot [options]\n"
                "  --regime NAME      only this one:");
    bench_usage_regimes(&self, to);
    fprintf(to,
        "\n"
        "  --runs N           rounds, [1, %d] (5)\n"
        "  --seed S           of the prices (1)\n"
        "  --resting-max N    so many accounts at most, >= 2\n"
        "  --instructions     run each subject once, instrumented by callgrind\n"
        "                     (valgrind --tool=callgrind --instr-atstart=no); no output\n"
        "  --json             an array of objects instead of a table\n",
        ROUNDS_MAX);
}

static const char *regime_name(size_t at) {
    return at < REGIMES ? regimes[at].name : NULL;
}

static const bench_program self = {.name = "bench_snapshot",
    .usage = usage,
    .runs_max = ROUNDS_MAX,
    .resting_min = 2,
    .regime = regime_name};

int main(int argc, char **argv) {
    const bench_options o = bench_parse(&self, argc, argv, NULL);
    if (!o.json && !o.instructions) {
        printf("%-16s %-8s %12s %12s %10s %10s\n", "regime", "subject", "block", "snapshot", "ms",
            "min");
    }
    return bench_regimes(&self, &o, bench_regime, &o);
}
