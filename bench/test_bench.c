/* test_bench.c - what the figures rest on: the baseline's rules, the flow's shares, what the
 * special and money loads are made of, the histogram, rounds and options. Expected values are
 * written from the rules in the headers. That the baseline and the matcher trade the same on whole
 * flows is checked by bench_match itself, that the matcher does what the special loads promise by
 * bench_match_special.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "bench.h"
#include "flow.h"
#include "money.h"
#include "options.h"
#include "rounds.h"
#include "special.h"

static int failures;

#define CHECK_EQ(got, wanted)                                                                      \
    check_eq(__func__, __LINE__, #got, (uint64_t)(got), (uint64_t)(wanted))
#define CHECK_WITHIN(got, low, high) check_within(__func__, __LINE__, #got, (got), (low), (high))

static void check_eq(const char *test, int line, const char *what, uint64_t got, uint64_t wanted) {
    if (got != wanted) {
        failures++;
        printf("%s:%d: %s is %" PRIu64 ", not %" PRIu64 "\n", test, line, what, got, wanted);
    }
}

static void check_within(
    const char *test, int line, const char *what, double got, double low, double high) {
    if (!(got >= low && got <= high)) {
        failures++;
        printf("%s:%d: %s is %g, not in [%g, %g]\n", test, line, what, got, low, high);
    }
}

/* --- Baseline --------------------------------------------------------------------------------- */

typedef struct fixture {
    baseline *base;
    size_t size;
    uint64_t stretch; /* ids are multiplied by it: 1 when dense */
} fixture;

static fixture opened(bool sparse) {
    const baseline_def def = {
        .instruments = 2, .levels_log2 = 14, .orders_max = 64, .sparse = sparse, .id_max = 64};
    const size_t size = baseline_footprint(&def);
    return (fixture){
        .base = baseline_init(bench_alloc(size), &def),
        .size = size,
        .stretch = sparse ? 0x123456789abcdefu : 1,
    };
}

static void enter(fixture *f, unsigned tif, unsigned side, uint64_t id, trd_qty qty, trd_px px) {
    const trd_command command = {
        .kind = TRD_COMMAND_NEW,
        .slots = 1,
        .instrument = 1,
        .u.order = {.client_id = id * f->stretch,
            .px = px,
            .qty = qty,
            .side = (uint8_t)side,
            .type = TRD_TYPE_LIMIT,
            .tif = (uint8_t)tif},
    };
    baseline_step(f->base, &command);
}

static void buy(fixture *f, uint64_t id, trd_qty qty, trd_px px) {
    enter(f, TRD_TIF_GTC, TRD_BUY, id, qty, px);
}

static void sell(fixture *f, uint64_t id, trd_qty qty, trd_px px) {
    enter(f, TRD_TIF_GTC, TRD_SELL, id, qty, px);
}

static void cancel(fixture *f, uint64_t id) {
    const trd_command command = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .instrument = 1,
        .u.cancel = {.target = id * f->stretch}};
    baseline_step(f->base, &command);
}

static void replace(fixture *f, uint64_t id, trd_qty total, trd_px px) {
    const trd_command command = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .instrument = 1,
        .u.replace = {.target = id * f->stretch, .px = px, .qty = total}};
    baseline_step(f->base, &command);
}

static void expect_traded(const fixture *f, size_t count, const uint64_t (*rows)[3]) {
    tally wanted = {0};
    for (size_t i = 0; i < count; i++) {
        tally_add(&wanted, rows[i][0], rows[i][1], rows[i][2] * f->stretch);
    }
    const tally got = baseline_tally(f->base);
    CHECK_EQ(got.count, wanted.count);
    CHECK_EQ(got.qty, wanted.qty);
    CHECK_EQ(got.hash, wanted.hash);
}

/* Executions so far: {price, quantity, maker} each, in order. */
#define TRADED(f, ...)                                                                             \
    expect_traded(f, sizeof((uint64_t[][3]){__VA_ARGS__}) / (3 * sizeof(uint64_t)),                \
        (uint64_t[][3]){__VA_ARGS__})

static void expect_queue(const fixture *f, uint32_t px, size_t count, const uint64_t *ids) {
    uint64_t got[8];
    CHECK_EQ(baseline_queue(f->base, 1, px, got, 8), count);
    for (size_t i = 0; i < count; i++) {
        CHECK_EQ(got[i], ids[i] * f->stretch);
    }
}

#define QUEUE(f, px, ...)                                                                          \
    expect_queue(                                                                                  \
        f, px, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), (uint64_t[]){__VA_ARGS__})

static void best_prices_first_then_first_come_at_the_makers_price(fixture *f) {
    sell(f, 1, 10, 105);
    sell(f, 2, 10, 101);
    sell(f, 3, 10, 101);
    buy(f, 4, 15, 103);
    TRADED(f, {101, 10, 2}, {101, 5, 3});
    CHECK_EQ(baseline_best(f->base, 1, TRD_SELL), 101);
    CHECK_EQ(baseline_best(f->base, 1, TRD_BUY), 0);
    buy(f, 5, 100, 105);
    TRADED(f, {101, 10, 2}, {101, 5, 3}, {101, 5, 3}, {105, 10, 1});
    CHECK_EQ(baseline_best(f->base, 1, TRD_SELL), 0);
    CHECK_EQ(baseline_best(f->base, 1, TRD_BUY), 105);
    sell(f, 6, 85, 1);
    TRADED(f, {101, 10, 2}, {101, 5, 3}, {101, 5, 3}, {105, 10, 1}, {105, 85, 5});
    CHECK_EQ(baseline_resting(f->base), 0);
}

static void immediate_or_cancel_never_rests(fixture *f) {
    buy(f, 1, 4, 100);
    enter(f, TRD_TIF_IOC, TRD_SELL, 2, 10, 100);
    TRADED(f, {100, 4, 1});
    CHECK_EQ(baseline_resting(f->base), 0);
    CHECK_EQ(baseline_best(f->base, 1, TRD_SELL), 0);
}

static void a_lower_total_keeps_the_place(fixture *f) {
    buy(f, 1, 10, 100);
    buy(f, 2, 10, 100);
    sell(f, 3, 2, 100);
    replace(f, 1, 5, 100); /* two are executed, three stay open */
    QUEUE(f, 100, 1, 2);
    sell(f, 4, 4, 100);
    TRADED(f, {100, 2, 1}, {100, 3, 1}, {100, 1, 2});
}

static void a_higher_total_or_a_new_price_goes_to_the_back(fixture *f) {
    buy(f, 1, 10, 100);
    buy(f, 2, 10, 100);
    replace(f, 1, 11, 100);
    QUEUE(f, 100, 2, 1);
    buy(f, 3, 10, 99);
    replace(f, 2, 10, 99);
    QUEUE(f, 99, 3, 2);
    QUEUE(f, 100, 1);
}

static void a_replaced_price_matches_again(fixture *f) {
    sell(f, 1, 10, 110);
    buy(f, 2, 4, 100);
    replace(f, 1, 10, 100);
    TRADED(f, {100, 4, 2});
    QUEUE(f, 100, 1);
    CHECK_EQ(baseline_best(f->base, 1, TRD_SELL), 100);
    buy(f, 3, 6, 90);
    replace(f, 3, 6, 100);
    TRADED(f, {100, 4, 2}, {100, 6, 1});
    CHECK_EQ(baseline_resting(f->base), 0);
}

static void a_total_at_what_is_executed_ends_the_order(fixture *f) {
    buy(f, 1, 10, 100);
    sell(f, 2, 4, 100);
    replace(f, 1, 4, 100);
    CHECK_EQ(baseline_resting(f->base), 0);
    CHECK_EQ(baseline_best(f->base, 1, TRD_BUY), 0);
}

static void the_best_moves_to_the_next_level_however_far(fixture *f) {
    buy(f, 1, 1, 1);
    buy(f, 2, 1, 64);
    buy(f, 3, 1, 8191);
    sell(f, 4, 1, 16382);
    sell(f, 5, 1, 12288);
    sell(f, 6, 1, 8192);
    cancel(f, 3);
    cancel(f, 6);
    CHECK_EQ(baseline_best(f->base, 1, TRD_BUY), 64);
    CHECK_EQ(baseline_best(f->base, 1, TRD_SELL), 12288);
    cancel(f, 2);
    cancel(f, 5);
    CHECK_EQ(baseline_best(f->base, 1, TRD_BUY), 1);
    CHECK_EQ(baseline_best(f->base, 1, TRD_SELL), 16382);
    cancel(f, 5); /* gone: nothing happens */
    cancel(f, 1);
    cancel(f, 4);
    CHECK_EQ(baseline_best(f->base, 1, TRD_BUY), 0);
    CHECK_EQ(baseline_best(f->base, 1, TRD_SELL), 0);
    CHECK_EQ(baseline_best(f->base, 0, TRD_BUY), 0);
}

static void test_baseline(void) {
    static void (*const rules[])(fixture *) = {
        best_prices_first_then_first_come_at_the_makers_price,
        immediate_or_cancel_never_rests,
        a_lower_total_keeps_the_place,
        a_higher_total_or_a_new_price_goes_to_the_back,
        a_replaced_price_matches_again,
        a_total_at_what_is_executed_ends_the_order,
        the_best_moves_to_the_next_level_however_far,
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        for (int sparse = 0; sparse < 2; sparse++) {
            fixture f = opened(sparse);
            rules[i](&f);
            bench_free(f.base, f.size);
        }
    }
}

/* --- Flow ------------------------------------------------------------------------------------- */

enum { FLOW_OPS = 60000, FLOW_RESTING = 4000 };

static flow made_of(const flow_regime *regime, uint64_t seed, bool sparse) {
    const uint32_t resting = regime->resting < FLOW_RESTING ? regime->resting : FLOW_RESTING;
    const flow_def def = {
        .regime = regime, .seed = seed, .ops = FLOW_OPS, .resting = resting, .sparse = sparse};
    return flow_make(&def);
}

static void the_shares_are_as_promised(const flow_regime *regime) {
    flow made = made_of(regime, 7, false);
    /* What fills the books has no life of its own: the shares are those of the flow behind it. */
    const double orders = (double)(made.stats.orders - made.def.resting);
    CHECK_WITHIN((double)made.stats.ioc / orders, 0.14, 0.16);
    CHECK_WITHIN((double)made.stats.replaced / orders, 0.17, 0.23);
    CHECK_WITHIN(1 - (double)made.stats.filled / orders, 0.93, 0.98);
    CHECK_WITHIN((double)made.stats.late / (double)made.stats.cancels, 0.0005, 0.1);
    CHECK_WITHIN((double)made.resting_max / made.def.resting, 1.0, 1.1);
    flow_free(&made);
}

static void one_seed_one_flow(const flow_regime *regime) {
    flow a = made_of(regime, 7, false);
    flow b = made_of(regime, 7, false);
    flow c = made_of(regime, 8, false);
    CHECK_EQ(memcmp(a.commands, b.commands, a.size), 0);
    CHECK_EQ(memcmp(a.commands, c.commands, a.size) != 0, 1);
    flow_free(&a);
    flow_free(&b);
    flow_free(&c);
}

static int by_number(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Ids do not repeat, and sparse ones change nothing but the ids. */
static void sparse_ids_are_other_names_for_the_same_orders(const flow_regime *regime) {
    flow dense = made_of(regime, 7, false);
    flow sparse = made_of(regime, 7, true);
    const size_t total = dense.warm + dense.ops;
    uint64_t *ids = bench_alloc(total * sizeof(*ids));
    size_t count = 0;
    for (size_t i = 0; i < total; i++) {
        trd_command *a = &dense.commands[i];
        trd_command *b = &sparse.commands[i];
        if (a->kind == TRD_COMMAND_NEW) {
            ids[count++] = b->u.order.client_id;
        }
        memset(a->u.body, 0, sizeof(uint64_t));
        memset(b->u.body, 0, sizeof(uint64_t));
    }
    CHECK_EQ(memcmp(dense.commands, sparse.commands, dense.size), 0);
    qsort(ids, count, sizeof(*ids), by_number);
    size_t repeated = 0;
    for (size_t i = 1; i < count; i++) {
        repeated += ids[i] == ids[i - 1];
    }
    CHECK_EQ(repeated, 0);
    bench_free(ids, total * sizeof(*ids));
    flow_free(&dense);
    flow_free(&sparse);
}

/* Middle of the prices of the new orders in the tenth of the measured part that starts at `tenth`.
 */
static double middle_at(const flow *made, size_t tenth) {
    double sum[2] = {0, 0};
    double count[2] = {0, 0};
    for (size_t i = made->ops * tenth / 10; i < made->ops * (tenth + 1) / 10; i++) {
        const trd_command *command = &made->commands[made->warm + i];
        if (command->kind == TRD_COMMAND_NEW) {
            const int at = command->u.order.side == TRD_SELL;
            sum[at] += (double)command->u.order.px;
            count[at]++;
        }
    }
    return (sum[0] / count[0] + sum[1] / count[1]) / 2;
}

static void the_price_moves_as_the_regime_says(const flow_regime *regime) {
    flow made = made_of(regime, 7, false);
    const double start = (double)(1u << (regime->levels_log2 - 1));
    const double height = start * regime->swing / 100;
    /* The tenths around the top and at the end are on the way for a part of the time. */
    CHECK_WITHIN(middle_at(&made, 5), start + 0.8 * height - 20, start + height + 20);
    CHECK_WITHIN(middle_at(&made, 9), start - 20, start + 0.2 * height + 20);
    flow_free(&made);
}

static void popular_instruments_get_most(const flow_regime *regime) {
    flow made = made_of(regime, 7, false);
    size_t first = 0;
    size_t last = 0;
    for (size_t i = 0; i < made.warm + made.ops; i++) {
        first += made.commands[i].instrument < regime->instruments / 10;
        last += made.commands[i].instrument >= regime->instruments / 10 * 9;
    }
    /* H(100) / H(1000) is 0.693; (H(1000) - H(900)) / H(1000) is 0.014. */
    CHECK_WITHIN((double)first / (double)(made.warm + made.ops), 0.65, 0.74);
    CHECK_WITHIN((double)last / (double)(made.warm + made.ops), 0.010, 0.018);
    flow_free(&made);
}

static void test_flow(void) {
    for (const flow_regime *r = flow_regimes; r->name != NULL; r++) {
        the_shares_are_as_promised(r);
        if (r->instruments == 1) {
            the_price_moves_as_the_regime_says(r);
        } else {
            popular_instruments_get_most(r);
        }
    }
    one_seed_one_flow(flow_regime_find("shallow"));
    sparse_ids_are_other_names_for_the_same_orders(flow_regime_find("shallow"));
}

/* --- Special loads ---------------------------------------------------------------------------- */

static special load_of(const char *regime, uint32_t size, uint64_t seed) {
    const special_def def = {
        .regime = special_find(regime), .seed = seed, .size = size, .ops = 400};
    return special_make(&def);
}

/* The records of [from, to), each handed to `visit`; returns how many. */
typedef void visit_fn(void *with, const trd_command *record);

static size_t walk(const special *load, size_t from, size_t to, visit_fn *visit, void *with) {
    size_t count = 0;
    size_t at = from;
    for (; at < to && load->slots[at].slots > 0; at += load->slots[at].slots) {
        visit(with, &load->slots[at]);
        count++;
    }
    CHECK_EQ(at, to); /* no record is cut, no slot is left over */
    return count;
}

static void visit_time(void *with, const trd_command *record) {
    trd_command *last = with;
    CHECK_EQ(record->seq, last->seq + 1);
    CHECK_EQ(record->time > last->time, true);
    *last = *record;
}

static void a_load_is_whole_records_in_order_of_time(const special_regime *regime) {
    special load = load_of(regime->name, regime->size_min + 1000, 1);
    trd_command last = {.seq = 0};
    CHECK_EQ(walk(&load, 0, load.warm, visit_time, &last) > 0, true);
    CHECK_EQ(walk(&load, load.warm, load.warm + load.measured, visit_time, &last) > 0, true);
    CHECK_EQ(load.units > 0, true);
    special_free(&load);
}

static void one_seed_one_load(const special_regime *regime) {
    special first = load_of(regime->name, regime->size_min + 100, 1);
    special again = load_of(regime->name, regime->size_min + 100, 1);
    special other = load_of(regime->name, regime->size_min + 100, 2);
    const size_t size = (first.warm + first.measured) * sizeof(*first.slots);
    CHECK_EQ(again.warm + again.measured, first.warm + first.measured);
    CHECK_EQ(memcmp(first.slots, again.slots, size), 0);
    CHECK_EQ(memcmp(&first.end, &again.end, sizeof(first.end)), 0);
    CHECK_EQ(memcmp(first.slots, other.slots, first.warm * sizeof(*first.slots)) != 0, true);
    special_free(&first);
    special_free(&again);
    special_free(&other);
}

/* A market of bids by price and sell stops, small enough to look at all of them each time. */
enum { STOPS = 64, PRICES = 2048 };

typedef struct pit {
    trd_qty bids[PRICES];
    struct {
        trd_px trigger;
        trd_qty qty; /* 0: elected */
    } stops[STOPS];
    uint32_t waiting;
    uint64_t elected;
    uint64_t executions;
    uint64_t lots;
    trd_px low; /* lowest price executed at */
} pit;

static void pit_sell(pit *p, trd_qty qty, trd_px limit) {
    for (trd_px px = PRICES - 1; px >= limit && qty > 0; px--) {
        const trd_qty part = qty < p->bids[px] ? qty : p->bids[px];
        p->executions += part > 0;
        p->lots += (uint64_t)part;
        p->bids[px] -= part;
        p->low = part > 0 && px < p->low ? px : p->low;
        qty -= part;
    }
    CHECK_EQ(qty, 0);
}

static void visit_pit(void *with, const trd_command *record) {
    pit *p = with;
    const trd_new *order = &record->u.order;
    if (order->type == TRD_TYPE_STOP) {
        const trd_ext_prices *prices = (const void *)(record + 1);
        p->stops[p->waiting].trigger = prices->trigger;
        p->stops[p->waiting++].qty = order->qty;
    } else if (order->side == TRD_BUY) {
        p->bids[order->px] += order->qty;
    } else {
        pit_sell(p, order->qty, order->px);
    }
}

/* Elects what is touched until nothing more is. */
static void pit_elect(pit *p) {
    for (uint32_t i = 0; i < p->waiting; i++) {
        if (p->stops[i].qty > 0 && p->stops[i].trigger >= p->low) {
            const trd_qty qty = p->stops[i].qty;
            p->stops[i].qty = 0;
            p->elected++;
            pit_sell(p, qty, 0);
            i = UINT32_MAX; /* from the first one again */
        }
    }
}

static void stops_elect_each_other(const char *regime, uint32_t size, uint64_t elected) {
    static pit p;
    p = (pit){.low = PRICES};
    special load = load_of(regime, size, 3);
    walk(&load, 0, load.warm, visit_pit, &p);
    CHECK_EQ(p.executions, 0);
    CHECK_EQ(p.waiting, size);
    CHECK_EQ(walk(&load, load.warm, load.warm + load.measured, visit_pit, &p), 1);
    pit_elect(&p);
    CHECK_EQ(p.elected, elected);
    CHECK_EQ(load.units, elected);
    CHECK_EQ(load.end.events[TRD_EVENT_TRIGGERED], elected);
    CHECK_EQ(load.end.events[TRD_EVENT_FILL], 2 * p.executions);
    CHECK_EQ(load.end.lots, p.lots);
    CHECK_EQ(load.end.specials, size - elected);
    special_free(&load);
}

/* All orders of a call, to be counted again for each price. */
typedef struct orders {
    trd_new order[4096];
    uint32_t count;
} orders;

static void visit_orders(void *with, const trd_command *record) {
    orders *all = with;
    if (record->kind == TRD_COMMAND_NEW) {
        all->order[all->count++] = record->u.order;
    }
}

/* Lots of the same side at a better price, or earlier at the same one. */
static uint64_t lots_before(const orders *all, uint32_t at) {
    const trd_new *self = &all->order[at];
    uint64_t lots = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        const trd_new *o = &all->order[i];
        const bool better = self->side == TRD_BUY ? o->px > self->px : o->px < self->px;
        if (o->side == self->side && (better || (o->px == self->px && i < at))) {
            lots += (uint64_t)o->qty;
        }
    }
    return lots;
}

static void an_uncross_executes_the_most_lots_that_one_price_can_in_order(void) {
    static orders all;
    all.count = 0;
    special load = load_of("uncross", 1000, 5);
    walk(&load, 0, load.warm, visit_orders, &all);
    CHECK_EQ(all.count, 1000);
    uint64_t volume = 0;
    for (uint32_t at = 0; at < all.count; at++) { /* limits are the candidates */
        uint64_t lots[2] = {0, 0};
        const trd_px px = all.order[at].px;
        for (uint32_t i = 0; i < all.count; i++) {
            const trd_new *o = &all.order[i];
            const bool in = o->side == TRD_BUY ? o->px >= px : o->px <= px;
            lots[o->side - 1] += in ? (uint64_t)o->qty : 0;
        }
        const uint64_t lesser = lots[0] < lots[1] ? lots[0] : lots[1];
        volume = lesser > volume ? lesser : volume;
    }
    CHECK_EQ(load.end.lots, volume);
    CHECK_EQ(load.end.auction_lots, volume);
    /* An order executes if what stands before it on its side leaves some of the volume to it. */
    uint64_t executed = 0;
    uint64_t left = 0;
    for (uint32_t at = 0; at < all.count; at++) {
        const uint64_t before = lots_before(&all, at);
        executed += before < volume;
        left += before + (uint64_t)all.order[at].qty > volume;
    }
    CHECK_EQ(load.units, executed);
    CHECK_EQ(load.end.orders, left);
    special_free(&load);
}

static void a_taker_of_pro_rata_wants_half_of_what_is_left(void) {
    static orders all;
    all.count = 0;
    special load = load_of("prorata-10000", 10, 1);
    const size_t makers = walk(&load, 0, load.warm, visit_orders, &all);
    walk(&load, load.warm, load.warm + load.measured, visit_orders, &all);
    trd_qty left = 0;
    for (size_t i = 0; i < makers; i++) {
        left += all.order[i].qty;
    }
    const trd_qty total = left;
    for (size_t i = makers; i < all.count; i++) {
        CHECK_EQ(2 * all.order[i].qty, left);
        left -= all.order[i].qty;
        for (size_t maker = 0; maker < makers; maker++) {
            CHECK_EQ(all.order[maker].qty % 2, 0); /* so the half of each is whole lots */
            all.order[maker].qty /= 2;
        }
    }
    CHECK_EQ(load.units, makers * (all.count - makers));
    CHECK_EQ(load.end.lots, total - left);
    special_free(&load);
}

static void visit_mass(void *with, const trd_command *record) {
    uint64_t *count = with;
    count[0] += record->kind == TRD_COMMAND_NEW && record->account == FLOW_ACCOUNTS;
    count[1] += record->kind == TRD_COMMAND_NEW && record->account != FLOW_ACCOUNTS;
}

static void a_mass_cancel_leaves_the_other_accounts(void) {
    uint64_t count[2] = {0, 0};
    special load = load_of("mass-cancel", 1000, 1);
    walk(&load, 0, load.warm, visit_mass, count);
    CHECK_EQ(load.slots[load.warm].account, FLOW_ACCOUNTS);
    CHECK_EQ(count[0], 1000);
    CHECK_EQ(load.end.events[TRD_EVENT_CANCELED], 1000);
    CHECK_EQ(count[1], 100);
    CHECK_EQ(load.end.orders, 100);
    special_free(&load);
}

static void a_limit_makes_regimes_smaller_but_not_too_small(void) {
    const special_regime *regime = special_find("stops-waiting");
    CHECK_EQ(special_size(regime, 0, 0), 0);
    CHECK_EQ(special_size(regime, 2, 0), 1000000);
    CHECK_EQ(special_size(regime, 2, 5000), 5000);
    CHECK_EQ(special_size(regime, 1, 5000), 1);
    CHECK_EQ(special_size(special_find("indicative"), 0, 1), 1000);
}

static void test_special(void) {
    for (const special_regime *r = special_regimes; r->name != NULL; r++) {
        a_load_is_whole_records_in_order_of_time(r);
        one_seed_one_load(r);
    }
    stops_elect_each_other("stop-cascade", STOPS, STOPS);
    stops_elect_each_other("stop-cascade-same", STOPS, STOPS);
    stops_elect_each_other("stop-elect", STOPS, STOPS / 2);
    an_uncross_executes_the_most_lots_that_one_price_can_in_order();
    a_taker_of_pro_rata_wants_half_of_what_is_left();
    a_mass_cancel_leaves_the_other_accounts();
    a_limit_makes_regimes_smaller_but_not_too_small();
}

/* --- Money ------------------------------------------------------------------------------------ */

static money money_of(const char *regime, uint64_t seed, uint32_t ops, uint32_t accounts) {
    const money_def def = {
        .regime = money_find(regime), .seed = seed, .ops = ops, .accounts = accounts};
    return money_make(&def);
}

/* The baseline, which knows no accounts, executes what the load says. */
static void a_money_load_executes_what_it_says(const char *regime) {
    money load = money_of(regime, 3, 20000, 2000);
    const baseline_def def = {.instruments = 1,
        .levels_log2 = MONEY_LEVELS_LOG2,
        .orders_max = load.orders_max,
        .sparse = true};
    const size_t size = baseline_footprint(&def);
    baseline *base = baseline_init(bench_alloc(size), &def);
    baseline_run(base, load.commands, load.warm);
    CHECK_EQ(baseline_tally(base).count, 0);
    CHECK_EQ(baseline_resting(base), 2 * MONEY_RESTING);
    baseline_run(base, load.commands + load.warm, load.ops);
    CHECK_EQ(baseline_tally(base).count, load.end.executions);
    CHECK_EQ(baseline_tally(base).qty, load.end.lots);
    CHECK_EQ(baseline_resting(base), load.end.resting);
    bench_free(base, size);
    money_free(&load);
}

/* One command in five is at the best price, and what enters there is executed by one or two others:
 * an IOC in nine commands or so. Behind it as many enter as are canceled. */
static void money_loads_have_the_shares_of_the_header(void) {
    money load = money_of("accounts-1", 1, 100000, 0);
    uint64_t cancels = 0;
    uint64_t iocs = 0;
    for (size_t i = load.warm; i < load.warm + load.ops; i++) {
        const trd_command *c = &load.commands[i];
        cancels += c->kind == TRD_COMMAND_CANCEL;
        iocs += c->kind == TRD_COMMAND_NEW && c->u.order.tif == TRD_TIF_IOC;
    }
    CHECK_WITHIN((double)cancels / 100000, 0.38, 0.42);
    CHECK_WITHIN((double)iocs / 100000, 0.09, 0.13);
    CHECK_EQ(load.end.executions, iocs);
    CHECK_EQ(load.end.orders, load.warm + load.ops - load.accounts - cancels);
    money_free(&load);
}

/* Each order of the asks is of an account that had none, buyers even and sellers odd. */
static void each_ask_is_of_a_fresh_account(void) {
    enum { ACCOUNTS = 10000, ASKS = 4000 };
    static uint8_t had[ACCOUNTS];
    money load = money_of("accounts-1M", 1, ASKS, ACCOUNTS);
    uint64_t again = 0;
    uint64_t astray = 0;
    uint64_t neighbours = 0;
    memset(had, 0, sizeof(had));
    for (int i = 0; i < ASKS; i++) {
        const trd_ask *ask = &load.asks[i];
        again += had[ask->account]++;
        astray += ask->account % 2 != (ask->side == TRD_SELL);
        neighbours += i > 0 && ask->account - ask[-1].account + 2 <= 4;
    }
    CHECK_EQ(again, 0);
    CHECK_EQ(astray, 0);
    CHECK_WITHIN((double)neighbours, 0, 20);
    money_free(&load);
}

/* 0.05 % of 8,192 x 100 is 409.6, of 3 x 1 a part of one: a unit at least. Lots for lots. */
static void a_buyer_locks_price_and_fees_and_a_seller_lots(void) {
    CHECK_EQ(money_lock(TRD_BUY, 8192, 100), 819200 + 410);
    CHECK_EQ(money_lock(TRD_BUY, 3, 1), 3 + 1);
    CHECK_EQ(money_lock(TRD_BUY, 2000, 1), 2000 + 1);
    CHECK_EQ(money_lock(TRD_SELL, 8192, 100), 100);
}

static void one_seed_one_money_load(void) {
    money a = money_of("accounts-1M", 1, 5000, 1000);
    money b = money_of("accounts-1M", 1, 5000, 1000);
    money c = money_of("accounts-1M", 2, 5000, 1000);
    const size_t commands = (a.warm + a.ops) * sizeof(*a.commands);
    CHECK_EQ(memcmp(a.commands, b.commands, commands), 0);
    CHECK_EQ(memcmp(a.asks, b.asks, a.ops * sizeof(*a.asks)), 0);
    CHECK_EQ(memcmp(a.commands, c.commands, commands) != 0, 1);
    money_free(&a);
    money_free(&b);
    money_free(&c);
}

static void test_money(void) {
    a_money_load_executes_what_it_says("accounts-1");
    a_money_load_executes_what_it_says("accounts-1M");
    money_loads_have_the_shares_of_the_header();
    each_ask_is_of_a_fresh_account();
    a_buyer_locks_price_and_fees_and_a_seller_lots();
    one_seed_one_money_load();
}

/* --- Statistics ------------------------------------------------------------------------------- */

static void test_histogram(void) {
    static bench_hist hist;
    for (uint64_t i = 1; i <= 1000; i++) {
        bench_hist_add(&hist, i * 1000);
    }
    CHECK_WITHIN((double)bench_hist_value(&hist, 0.5), 500000, 500000 * (1 + 1.0 / 128));
    CHECK_WITHIN((double)bench_hist_value(&hist, 0.999), 999000, 999000 * (1 + 1.0 / 128));
    CHECK_EQ(bench_hist_value(&hist, 1.0), 1000000);
    static bench_hist small;
    for (uint64_t i = 0; i < 256; i++) {
        bench_hist_add(&small, i);
    }
    CHECK_EQ(bench_hist_value(&small, 0.5), 127);
    CHECK_EQ(bench_hist_value(&small, 1.0), 255);
    bench_hist_add(&small, UINT64_MAX);
    CHECK_EQ(bench_hist_value(&small, 1.0), UINT64_MAX);
}

static void test_median(void) {
    double odd[] = {5, 1, 9};
    double even[] = {4, 1, 2, 9};
    CHECK_WITHIN(bench_median(odd, 3), 5, 5);
    CHECK_WITHIN(bench_median(even, 4), 3, 3);
    CHECK_WITHIN(bench_min(even, 4), 1, 1);
}

/* Work that notes what was asked of it. */
typedef struct noted {
    uint64_t restored, asked, calls, units;
    bool right;
} noted;

static void noted_restore(void *of) {
    noted *n = of;
    *n = (noted){.restored = n->restored + 1, .right = n->right};
}

static void noted_run(void *of, size_t from, size_t to) {
    noted *n = of;
    n->units += to - from;
    n->calls++;
}

static bool noted_is_right(void *of) {
    noted *n = of;
    n->asked++;
    return n->right;
}

static void a_round_restores_runs_each_unit_once_and_asks(void) {
    static rounds times;
    const bench_clock clock = {.ns_per_tick = 1};
    noted n = {.right = true};
    const rounds_work work = {noted_restore, noted_run, noted_is_right, &n, 7};
    CHECK_EQ(rounds_batch(&times, 0, &work), true);
    CHECK_EQ(n.restored == 1 && n.calls == 1 && n.units == 7 && n.asked == 1, true);
    CHECK_EQ(rounds_alone(&times, 0, &work, &clock), true);
    CHECK_EQ(n.restored == 2 && n.calls == 7 && n.units == 7 && n.asked == 1, true);
    n.right = false;
    CHECK_EQ(rounds_batch(&times, 1, &work), false);
    CHECK_EQ(rounds_alone(&times, 1, &work, &clock), false);
    CHECK_EQ(rounds_count(&work), false);
}

static void rounds_are_summed_by_median_and_stay_in_order(void) {
    static rounds times = {.ns = {5, 1, 9}, .ratio = {2, 8, 4}};
    static bench_hist hist;
    for (uint64_t i = 1; i <= 200; i++) {
        bench_hist_add(&hist, i); /* below 256 buckets are exact */
    }
    for (uint32_t at = 0; at < 3; at++) {
        rounds_latency(&times, at, &hist, at + 1); /* ticks of 1, 2, 3 ns */
    }
    const rounds_row row = rounds_sum(&times, 3);
    CHECK_WITHIN(row.ns, 5, 5);
    CHECK_WITHIN(row.ns_min, 1, 1);
    CHECK_WITHIN(row.ratio, 4, 4);
    CHECK_WITHIN(row.latency[ROUNDS_P50], 200, 200);
    CHECK_WITHIN(row.latency[ROUNDS_P90], 360, 360);
    CHECK_WITHIN(row.latency[ROUNDS_P99], 396, 396);
    CHECK_WITHIN(row.latency[ROUNDS_P999], 400, 400); /* 199.8 of 200 */
    CHECK_WITHIN(row.latency[ROUNDS_HIGHEST], 400, 400);
    CHECK_WITHIN(times.ns[0], 5, 5);
    CHECK_WITHIN(times.ns[2], 9, 9);
}

/* --- Options ---------------------------------------------------------------------------------- */

static void usage_of_nothing(FILE *to) {
    fprintf(to, "usage\n");
}

static const char *regime_of_three(size_t at) {
    static const char *const names[] = {"one", "two", "three", NULL};
    return names[at];
}

static void take_colour(void *own, int found) {
    *(const char **)own = found == 'c' ? optarg : "none";
}

static const struct option colour[] = {{"colour", 1, NULL, 'c'}, {NULL, 0, NULL, 0}};

static bench_options parsed(int argc, char **argv, const char **taken) {
    static const bench_program program = {.name = "test",
        .usage = usage_of_nothing,
        .runs_max = 9,
        .resting_min = 2,
        .regime = regime_of_three,
        .more = colour,
        .take = take_colour};
    optind = 0; /* begins anew */
    return bench_parse(&program, argc, argv, taken);
}

static void options_are_the_usual_ones_and_the_programs_own(void) {
    char *argv[] = {"test", "--regime", "two", "--runs", "9", "--ops", "12", "--seed", "3",
        "--resting-max", "2", "--json", "--colour", "red", NULL};
    const char *taken = NULL;
    const bench_options o = parsed(14, argv, &taken);
    CHECK_EQ(strcmp(o.regime, "two"), 0);
    CHECK_EQ(o.runs == 9 && o.ops == 12 && o.seed == 3 && o.resting_max == 2, true);
    CHECK_EQ(o.json && !o.instructions, true);
    CHECK_EQ(taken != NULL && strcmp(taken, "red") == 0, true);
}

static void without_options_there_are_five_rounds_of_a_million(void) {
    char *argv[] = {"test", NULL};
    const char *taken = NULL;
    const bench_options o = parsed(1, argv, &taken);
    CHECK_EQ(o.regime == NULL && taken == NULL, true);
    CHECK_EQ(o.runs == 5 && o.ops == 1000000 && o.seed == 1 && o.resting_max == 0, true);
    CHECK_EQ(!o.json && !o.instructions, true);
}

static uint32_t asked_for; /* bit n: regime n */

static bool ask(size_t at, const void *of) {
    asked_for |= 1u << at;
    return at != *(const size_t *)of;
}

static void the_wanted_regimes_run_and_one_that_fails_is_told(void) {
    static const bench_program program = {.name = "test", .regime = regime_of_three};
    const size_t none = 3, second = 1;
    bench_options o = {.regime = NULL};
    asked_for = 0;
    CHECK_EQ(bench_regimes(&program, &o, ask, &none), 0);
    CHECK_EQ(asked_for, 7);
    CHECK_EQ(bench_regimes(&program, &o, ask, &second), 1);
    o.regime = "three";
    asked_for = 0;
    CHECK_EQ(bench_regimes(&program, &o, ask, &second), 0);
    CHECK_EQ(asked_for, 4);
}

int main(void) {
    a_round_restores_runs_each_unit_once_and_asks();
    rounds_are_summed_by_median_and_stay_in_order();
    options_are_the_usual_ones_and_the_programs_own();
    without_options_there_are_five_rounds_of_a_million();
    the_wanted_regimes_run_and_one_that_fails_is_told();
    test_baseline();
    test_flow();
    test_special();
    test_money();
    test_histogram();
    test_median();
    printf("%d failures\n", failures);
    return failures == 0 ? 0 : 1;
}
