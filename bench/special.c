/* special.c - see special.h. */
#include "special.h"

#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "bench.h"
#include "flow.h"

enum {
    TICKS = 4000,       /* price levels of the books of auctions and mass cancels */
    ELECTED_MAX = 5000, /* stops of stop-elect that are elected */
    PEAKS_MAX = 8,      /* of iceberg-refresh that one taker consumes */
    HALVINGS = 20,      /* takers of prorata */
    INDICATIVE_PART = 5000,
    OWNER = FLOW_ACCOUNTS /* an account that no flow has */
};

/* --- Randomness ------------------------------------------------------------------------------- */

static uint64_t draw(special *load) {
    load->rng += BENCH_GOLDEN;
    return bench_mix(load->rng);
}

static uint32_t draw_below(special *load, uint32_t limit) {
    return (uint32_t)(((draw(load) >> 32) * limit) >> 32);
}

static trd_qty draw_qty(special *load) {
    return 1 + draw_below(load, 100);
}

/* The numbers below `count` in random order; give it back with bench_free. */
static uint32_t *draw_order(special *load, uint32_t count) {
    uint32_t *order = bench_alloc(count * sizeof(*order));
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t at = draw_below(load, i + 1);
        order[i] = order[at];
        order[at] = i;
    }
    return order;
}

/* --- Commands --------------------------------------------------------------------------------- */

/* A new order, as far as the regimes differ. */
typedef struct ticket {
    trd_px px; /* 0: a market order when it is elected */
    trd_px trigger;
    trd_qty qty;
    trd_qty peak;
    uint32_t account;
    uint8_t side;
    uint8_t tif; /* 0: GTC */
} ticket;

static void load_open(special *load, size_t slots) {
    load->capacity = slots;
    load->slots = bench_alloc(slots * sizeof(*load->slots));
}

static void put(special *load, const void *slot) {
    const size_t at = load->warm + load->measured++;
    if (at == load->capacity) {
        abort(); /* a regime that counts wrongly */
    }
    memcpy(&load->slots[at], slot, sizeof(*load->slots));
}

/* What was put so far sets the stage. */
static void load_begins(special *load) {
    load->warm += load->measured;
    load->measured = 0;
}

static void put_command(special *load, trd_command *command) {
    command->seq = ++load->records;
    command->time = (trd_ns)load->records * 100;
    command->slots = 1;
    put(load, command);
}

static void expect(special *load, unsigned kind, uint64_t count) {
    load->end.events[kind] += count;
}

/* Returns the client id. */
static uint64_t put_order(special *load, const ticket *t) {
    const uint64_t number = ++load->records;
    const bool stop = t->trigger != 0;
    const trd_command command = {
        .seq = number,
        .time = (trd_ns)number * 100,
        .kind = TRD_COMMAND_NEW,
        .slots = (uint8_t)(1 + stop + (t->peak != 0)),
        .account = t->account,
        .u.order = {.client_id = bench_mix(number + load->def.seed * BENCH_GOLDEN),
            .px = t->px,
            .qty = t->qty,
            .side = t->side,
            .type = stop ? TRD_TYPE_STOP : TRD_TYPE_LIMIT,
            .tif = t->tif != 0 ? t->tif : TRD_TIF_GTC},
    };
    put(load, &command);
    if (stop) {
        const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
            .flags = TRD_PRICES_TRIGGER,
            .trigger = t->trigger,
            .source = TRD_SOURCE_LAST};
        put(load, &prices);
    }
    if (t->peak != 0) {
        const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .peak = t->peak};
        put(load, &sizes);
    }
    expect(load, TRD_EVENT_ACCEPTED, 1);
    return command.u.order.client_id;
}

static void put_session(special *load, uint8_t state) {
    trd_command command = {.kind = TRD_COMMAND_SESSION, .u.session = {.state = state}};
    put_command(load, &command);
    expect(load, TRD_EVENT_SESSION, 1);
}

/* Each execution is two FILL events. */
static void expect_executions(special *load, uint64_t count, uint64_t lots) {
    expect(load, TRD_EVENT_FILL, 2 * count);
    load->end.lots += lots;
}

/* --- Stops ------------------------------------------------------------------------------------ */

/* Stop i of a chain has its trigger i ticks below the first one and sells what is bid one tick
 * lower, which touches the next trigger. An order that takes the highest bid sets it off. Stops
 * behind the first `chained` wait two ticks lower than they would, out of reach of the last one. */
static void make_chain(special *load, uint32_t stops, uint32_t chained) {
    const trd_px top = (trd_px)stops + 16;
    uint64_t lots = 0;
    load_open(load, 2 * (size_t)stops + chained + 2);
    trd_qty *qty = bench_alloc((chained + 1) * sizeof(*qty));
    uint32_t *bids = draw_order(load, chained + 1);
    uint32_t *order = draw_order(load, stops);
    for (uint32_t i = 0; i <= chained; i++) {
        const uint32_t at = bids[i];
        qty[at] = draw_qty(load);
        lots += (uint64_t)qty[at];
        put_order(load, &(ticket){.side = TRD_BUY, .qty = qty[at], .px = top - at, .account = at});
    }
    for (uint32_t i = 0; i < stops; i++) {
        const uint32_t at = order[i];
        const bool waits = at >= chained;
        put_order(load, &(ticket){.side = TRD_SELL,
                            .qty = waits ? draw_qty(load) : qty[at + 1],
                            .trigger = top - at - (waits ? 2 : 0),
                            .account = at});
    }
    load_begins(load);
    put_order(load, &(ticket){.side = TRD_SELL, .tif = TRD_TIF_IOC, .qty = qty[0], .px = top});
    bench_free(qty, (chained + 1) * sizeof(*qty));
    bench_free(bids, (chained + 1) * sizeof(*bids));
    bench_free(order, stops * sizeof(*order));
    expect(load, TRD_EVENT_TRIGGERED, chained);
    expect_executions(load, (uint64_t)chained + 1, lots);
    load->units = chained;
    load->px_max = top;
    load->orders_max = stops + chained + 1;
    load->specials_max = stops;
    load->end.orders = stops - chained;
    load->end.specials = stops - chained;
}

static void make_cascade(special *load) {
    make_chain(load, load->def.size, load->def.size);
}

static void make_elect(special *load) {
    const uint32_t half = load->def.size / 2;
    make_chain(load, load->def.size, half < ELECTED_MAX ? half : ELECTED_MAX);
}

/* One bid for all; every stop has the same trigger, at its price. */
static void make_same(special *load) {
    const uint32_t stops = load->def.size;
    const trd_px px = 1000;
    trd_qty lots = draw_qty(load);
    const trd_qty first = lots;
    load_open(load, 2 * (size_t)stops + 2);
    /* The bid comes first and has what the orders after it sell: its quantity is set at the end. */
    put_order(load, &(ticket){.side = TRD_BUY, .qty = 1, .px = px});
    for (uint32_t i = 0; i < stops; i++) {
        const trd_qty qty = draw_qty(load);
        lots += qty;
        put_order(load, &(ticket){.side = TRD_SELL, .qty = qty, .trigger = px, .account = i});
    }
    load->slots[0].u.order.qty = lots;
    load_begins(load);
    put_order(load, &(ticket){.side = TRD_SELL, .tif = TRD_TIF_IOC, .qty = first, .px = px});
    expect(load, TRD_EVENT_TRIGGERED, stops);
    expect_executions(load, (uint64_t)stops + 1, (uint64_t)lots);
    load->units = stops;
    load->px_max = px;
    load->orders_max = stops + 1;
    load->specials_max = stops;
}

/* Half of them sell far below the market, half buy far above it: the flow's prices stay between
 * 5,144 and 11,240. */
static void put_far_stops(special *load, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const bool sells = i % 2 == 0;
        put_order(load, &(ticket){.side = sells ? TRD_SELL : TRD_BUY,
                            .qty = draw_qty(load),
                            .trigger = (sells ? 1 : 14000) + draw_below(load, 2000),
                            .account = OWNER + i % FLOW_ACCOUNTS});
    }
}

static void put_flow(special *load, const trd_command *commands, size_t count) {
    for (size_t i = 0; i < count; i++) {
        trd_command command = commands[i];
        put_command(load, &command);
    }
}

/* What the flow's orders do is known from the baseline, which has made it. */
static void expect_flow(special *load, const flow *made) {
    const baseline_def def = {.instruments = 1,
        .levels_log2 = made->def.regime->levels_log2,
        .orders_max = made->resting_max + 1,
        .sparse = true};
    const size_t size = baseline_footprint(&def);
    baseline *model = baseline_init(bench_alloc(size), &def);
    baseline_run(model, made->commands, made->warm + made->ops);
    const tally sum = baseline_tally(model);
    const uint32_t resting = baseline_resting(model);
    bench_free(model, size);
    expect(load, TRD_EVENT_ACCEPTED, made->stats.orders);
    expect(load, TRD_EVENT_CANCELED, made->stats.orders - made->stats.filled - resting);
    expect(load, TRD_EVENT_REPLACED, made->stats.replaced);
    expect(load, TRD_EVENT_CANCEL_REJECTED, made->stats.late);
    expect_executions(load, sum.count, sum.qty);
    load->end.orders += resting;
}

static void make_waiting(special *load) {
    const uint32_t stops = load->def.size;
    const flow_def def = {.regime = flow_regime_find("shallow"),
        .seed = load->def.seed,
        .ops = load->def.ops,
        .sparse = true};
    flow made = flow_make(&def);
    load_open(load, made.warm + made.ops + 2 * (size_t)stops);
    put_flow(load, made.commands, made.warm);
    put_far_stops(load, stops);
    load_begins(load);
    put_flow(load, made.commands + made.warm, made.ops);
    expect_flow(load, &made);
    load->units = made.ops;
    load->px_max = ((trd_px)1 << def.regime->levels_log2) - 2;
    load->orders_max = made.resting_max + stops;
    load->specials_max = stops;
    load->end.orders += stops;
    load->end.specials = stops;
    flow_free(&made);
}

/* --- Icebergs --------------------------------------------------------------------------------- */

/* Icebergs at one price. A taker buys the peaks of the first few of the queue, which refresh and go
 * to its end in the same order: the queue turns, and the generator knows who is first. */
static void make_iceberg(special *load) {
    const uint32_t count = load->def.size;
    const uint64_t refreshes = load->def.ops;
    const trd_px px = 1000;
    load_open(load, 2 * (size_t)count + refreshes);
    trd_qty *peak = bench_alloc(count * sizeof(*peak));
    for (uint32_t i = 0; i < count; i++) {
        peak[i] = draw_qty(load);
        put_order(load, &(ticket){.side = TRD_SELL,
                            .qty = peak[i] * (trd_qty)(refreshes / count + 2),
                            .peak = peak[i],
                            .px = px,
                            .account = i});
    }
    load_begins(load);
    uint64_t lots = 0;
    for (uint64_t done = 0; done < refreshes;) {
        trd_qty qty = 0;
        for (uint32_t left = 1 + draw_below(load, PEAKS_MAX); left > 0 && done < refreshes;
             left--) {
            qty += peak[done++ % count];
        }
        lots += (uint64_t)qty;
        put_order(load, &(ticket){.side = TRD_BUY,
                            .tif = TRD_TIF_IOC,
                            .qty = qty,
                            .px = px,
                            .account = draw_below(load, OWNER)});
    }
    bench_free(peak, count * sizeof(*peak));
    expect(load, TRD_EVENT_RESTATED, refreshes);
    expect_executions(load, refreshes, lots);
    load->units = refreshes;
    load->px_max = px;
    load->orders_max = count;
    load->specials_max = count;
    load->end.orders = count;
    load->end.specials = count;
}

/* --- Auctions --------------------------------------------------------------------------------- */

/* Lots by price, [1, TICKS], of buyers and sellers. */
typedef struct call {
    uint64_t bid[TICKS + 1];
    uint64_t ask[TICKS + 1];
} call;

/* The most lots that can trade at one price: of all prices the highest of the lesser of what is bid
 * at it or above and what is offered at it or below. */
static uint64_t call_volume(const call *c) {
    uint64_t bids = 0;
    uint64_t asks = 0;
    uint64_t volume = 0;
    for (uint32_t px = 1; px <= TICKS; px++) {
        bids += c->bid[px];
    }
    for (uint32_t px = 1; px <= TICKS; px++) {
        asks += c->ask[px];
        const uint64_t lesser = bids < asks ? bids : asks;
        volume = lesser > volume ? lesser : volume;
        bids -= c->bid[px];
    }
    return volume;
}

static void call_add(call *c, unsigned side, trd_px px, trd_qty qty) {
    *(side == TRD_BUY ? &c->bid[px] : &c->ask[px]) += (uint64_t)qty;
}

static void call_fill(special *load, call *c, uint32_t orders) {
    put_session(load, TRD_SESSION_PRE_OPEN);
    for (uint32_t i = 0; i < orders; i++) {
        const ticket t = {.side = draw_below(load, 2) == 0 ? TRD_BUY : TRD_SELL,
            .px = 1 + draw_below(load, TICKS),
            .qty = draw_qty(load),
            .account = draw_below(load, OWNER)};
        put_order(load, &t);
        call_add(c, t.side, t.px, t.qty);
    }
    load->px_max = TICKS;
}

/* The quantities of one side in the order in which they execute: best price first, then by time. */
static uint32_t call_queue(const special *load, unsigned side, trd_qty *out) {
    static uint32_t begin[TICKS + 2];
    memset(begin, 0, sizeof(begin));
    uint32_t count = 0;
    for (size_t i = 0; i < load->warm; i++) {
        const trd_command *at = &load->slots[i];
        if (at->kind == TRD_COMMAND_NEW && at->u.order.side == side) {
            begin[side == TRD_BUY ? TICKS - at->u.order.px + 1 : at->u.order.px]++;
            count++;
        }
    }
    for (uint32_t level = 1; level <= TICKS; level++) {
        begin[level] += begin[level - 1];
    }
    for (size_t i = load->warm; i-- > 0;) { /* so that each level fills from its end */
        const trd_command *at = &load->slots[i];
        if (at->kind == TRD_COMMAND_NEW && at->u.order.side == side) {
            out[--begin[side == TRD_BUY ? TICKS - at->u.order.px + 1 : at->u.order.px]] =
                at->u.order.qty;
        }
    }
    return count;
}

/* One after the other of both sides meet until `volume` lots are executed. */
static void expect_uncross(special *load, uint64_t volume) {
    const size_t size = load->def.size * sizeof(trd_qty);
    trd_qty *queue[2] = {bench_alloc(size), bench_alloc(size)};
    uint32_t first[2] = {0, 0};
    const uint32_t count =
        call_queue(load, TRD_BUY, queue[0]) + call_queue(load, TRD_SELL, queue[1]);
    uint64_t pairs = 0;
    bool partly[2] = {false, false};
    for (trd_qty left = (trd_qty)volume; left > 0; pairs++) {
        trd_qty *bid = &queue[0][first[0]];
        trd_qty *ask = &queue[1][first[1]];
        const trd_qty lesser = *bid < *ask ? *bid : *ask;
        const trd_qty qty = lesser < left ? lesser : left;
        left -= qty;
        *bid -= qty;
        *ask -= qty;
        for (int s = 0; s < 2; s++) {
            partly[s] = queue[s][first[s]] > 0;
            first[s] += !partly[s];
        }
    }
    bench_free(queue[0], size);
    bench_free(queue[1], size);
    expect_executions(load, pairs, volume);
    load->units = (uint64_t)first[0] + first[1] + partly[0] + partly[1];
    load->end.orders = count - first[0] - first[1];
}

static void make_uncross(special *load) {
    call c = {.bid = {0}};
    load_open(load, (size_t)load->def.size + 2);
    call_fill(load, &c, load->def.size);
    load_begins(load);
    put_session(load, TRD_SESSION_CONTINUOUS);
    const uint64_t volume = call_volume(&c);
    expect_uncross(load, volume);
    expect(load, TRD_EVENT_AUCTION, 1);
    load->end.auction_lots = volume;
    load->orders_max = load->def.size;
}

static void put_subscribe(special *load, uint32_t publish) {
    trd_command command = {.kind = TRD_COMMAND_SUBSCRIBE, .u.subscribe = {.publish = publish}};
    put_command(load, &command);
}

/* Orders through the middle come and go. The auction price is near it, so that each of them changes
 * the imbalance there, or the price, and is told. */
static void make_indicative(special *load) {
    const uint32_t rounds = load->def.ops / (2 * INDICATIVE_PART) + 1;
    call c = {.bid = {0}};
    load_open(load, (size_t)load->def.size + 2 + 2 * rounds);
    call_fill(load, &c, load->def.size);
    put_subscribe(load, TRD_PUBLISH_AUCTION);
    load_begins(load);
    load->end.auction_lots = call_volume(&c);
    for (uint32_t i = 0; i < rounds; i++) {
        const bool buys = draw_below(load, 2) == 0;
        const trd_px through = draw_below(load, TICKS / 4);
        const ticket t = {.side = buys ? TRD_BUY : TRD_SELL,
            .px = buys ? TICKS - through : 1 + through,
            .qty = draw_qty(load)};
        const uint64_t id = put_order(load, &t);
        call_add(&c, t.side, t.px, t.qty);
        load->end.auction_lots += call_volume(&c);
        trd_command cancel = {.kind = TRD_COMMAND_CANCEL, .u.cancel = {.target = id}};
        put_command(load, &cancel);
        call_add(&c, t.side, t.px, -t.qty);
        load->end.auction_lots += call_volume(&c);
    }
    expect(load, TRD_EVENT_CANCELED, rounds);
    expect(load, TRD_EVENT_AUCTION, 1 + 2 * (uint64_t)rounds);
    load->units = 2 * (uint64_t)rounds;
    load->orders_max = load->def.size + 1;
    load->end.orders = load->def.size;
}

/* --- Mass cancel ------------------------------------------------------------------------------ */

/* Every eleventh order is of another account and stays. */
static void make_mass(special *load) {
    const uint32_t stay = load->def.size / 10;
    const uint32_t orders = load->def.size + stay;
    load_open(load, (size_t)orders + 1);
    uint32_t *order = draw_order(load, orders);
    for (uint32_t i = 0; i < orders; i++) {
        const bool buys = draw_below(load, 2) == 0;
        put_order(load, &(ticket){.side = buys ? TRD_BUY : TRD_SELL,
                            .qty = draw_qty(load),
                            .px = 1 + draw_below(load, TICKS / 2) + (buys ? 0 : TICKS / 2),
                            .account = order[i] < stay ? OWNER + 1 : OWNER});
    }
    bench_free(order, orders * sizeof(*order));
    load_begins(load);
    trd_command cancel = {
        .kind = TRD_COMMAND_MASS_CANCEL, .account = OWNER, .u.mass = {.filter = TRD_MASS_ACCOUNT}};
    put_command(load, &cancel);
    expect(load, TRD_EVENT_CANCELED, load->def.size);
    load->units = load->def.size;
    load->px_max = TICKS;
    load->orders_max = orders;
    load->end.orders = stay;
}

/* --- Allocation ------------------------------------------------------------------------------- */

/* Quantities are multiples of 2^HALVINGS and each taker takes half of what is left, so the share of
 * every order is exactly half of it. */
static void make_prorata(special *load) {
    const uint32_t count = load->def.size;
    const trd_px px = 1000;
    trd_qty total = 0;
    load_open(load, (size_t)count + HALVINGS);
    for (uint32_t i = 0; i < count; i++) {
        const trd_qty qty = draw_qty(load) << HALVINGS;
        total += qty;
        put_order(load, &(ticket){.side = TRD_SELL, .qty = qty, .px = px, .account = i});
    }
    load_begins(load);
    load->qty_max = total;
    trd_qty left = total;
    for (int i = 0; i < HALVINGS; i++) {
        left /= 2;
        put_order(load, &(ticket){.side = TRD_BUY, .tif = TRD_TIF_IOC, .qty = left, .px = px});
    }
    expect_executions(load, (uint64_t)count * HALVINGS, (uint64_t)(total - left));
    load->units = (uint64_t)count * HALVINGS;
    load->px_max = px;
    load->orders_max = count;
    load->prorata = true;
    load->end.orders = count;
}

/* --- The whole -------------------------------------------------------------------------------- */

const special_regime special_regimes[] = {
    {"stop-cascade", "elected stop", {1000000}, 1, 1, make_cascade},
    {"stop-cascade-same", "elected stop", {1000000}, 1, 1, make_same},
    {"stop-elect", "elected stop", {10000, 1000000}, 2, 2, make_elect},
    {"stops-waiting", "command", {0, 1, 1000000}, 3, 0, make_waiting},
    {"iceberg-refresh", "refresh", {1000}, 1, PEAKS_MAX, make_iceberg},
    {"uncross", "executed order", {1000000}, 1, 100, make_uncross},
    {"indicative", "command", {1000000}, 1, 1000, make_indicative},
    {"mass-cancel", "canceled order", {1000000}, 1, 1, make_mass},
    {"prorata-10000", "execution", {10000}, 1, 1, make_prorata},
    {.name = NULL},
};

const special_regime *special_find(const char *name) {
    for (const special_regime *r = special_regimes; r->name != NULL; r++) {
        if (strcmp(r->name, name) == 0) {
            return r;
        }
    }
    return NULL;
}

uint32_t special_size(const special_regime *regime, uint32_t variant, uint32_t limit) {
    const uint32_t full = regime->sizes[variant];
    const uint32_t size = limit != 0 && full > limit ? limit : full;
    return size < regime->size_min ? regime->size_min : size;
}

special special_make(const special_def *def) {
    special load = {.def = *def, .rng = bench_mix(def->seed + 1), .qty_max = 1000000000};
    def->regime->make(&load);
    return load;
}

void special_free(special *load) {
    bench_free(load->slots, load->capacity * sizeof(*load->slots));
    *load = (special){.units = 0};
}
