/* Released orders that wait for a verdict: match.h, trd_match_pending and trd_match_verdict. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>
#include <tradsys/match.h>

enum { SLOTS = 64, DAY = 86400 };

typedef struct desk {
    trd_match *match;
    trd_event events[SLOTS];
    trd_out out;
} desk;

static void desk_open(desk *d, uint32_t verdicts) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 1;
    def.orders_max = 64;
    def.ids_max = 64;
    def.window = 64;
    def.verdicts = verdicts;
    def.groups_max = 2;
    memset(d, 0, sizeof(*d));
    d->match = trd_match_create(&def);
    cr_assert(d->match != NULL);
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    cr_assert(eq(int, trd_match_add(d->match, &spec), 0));
    d->out = (trd_out){.events = d->events, .capacity = SLOTS};
}

/* Executes a record; the events are those of this call alone. */
static int send(desk *d, const trd_command *record) {
    d->out.count = 0;
    return trd_match_step(d->match, record, &d->out);
}

static int go_on(desk *d) {
    return send(d, NULL);
}

static trd_command limit(uint64_t id, unsigned side, trd_px px, trd_qty qty) {
    return (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = (uint32_t)id,
        .u.order = {.client_id = id,
            .px = px,
            .qty = qty,
            .side = (uint8_t)side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
}

static void enter(desk *d, uint64_t id, unsigned side, trd_px px, trd_qty qty) {
    const trd_command record = limit(id, side, px, qty);
    cr_assert(eq(int, send(d, &record), TRD_OK));
}

/* A sell stop: GTT until the day after, or GTC. */
static int stop(desk *d, uint64_t id, trd_px trigger, trd_qty qty, unsigned tif) {
    trd_command record[3] = {limit(id, TRD_SELL, 0, qty)};
    record[0].u.order.type = TRD_TYPE_STOP;
    record[0].u.order.tif = (uint8_t)tif;
    record[0].slots = tif == TRD_TIF_GTT ? 3 : 2;
    const trd_ext_prices prices = {.trigger = trigger,
        .kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .source = TRD_SOURCE_LAST};
    const trd_ext_link link = {.kind = TRD_EXT_ORDER_LINK, .flags = TRD_LINK_EXPIRY, .expiry = DAY};
    memcpy(&record[1], &prices, sizeof(prices));
    memcpy(&record[2], &link, sizeof(link));
    return send(d, record);
}

/* Last price 100; bids 99 x 5 and 98 x 50; a stop of 5 at 99. Selling one lot touches it. */
static void touch(desk *d, unsigned tif) {
    enter(d, 1, TRD_BUY, 100, 1);
    enter(d, 2, TRD_SELL, 100, 1);
    enter(d, 3, TRD_BUY, 99, 5);
    enter(d, 4, TRD_BUY, 98, 50);
    cr_assert(eq(int, stop(d, 5, 99, 5, tif), TRD_OK));
    const trd_command sell = limit(6, TRD_SELL, 99, 1);
    cr_assert(eq(int, send(d, &sell), TRD_NEED_VERDICT));
}

Test(verdict, an_elected_order_waits_for_it_and_then_goes_on) {
    desk d;
    desk_open(&d, 1);
    touch(&d, TRD_TIF_GTC);
    cr_assert(eq(u32, d.out.count, 3)); /* ACCEPTED, FILL, FILL of the order that touched it */
    trd_order_info info;
    cr_assert(eq(int, trd_match_pending(d.match, &info), TRD_OK));
    cr_assert(eq(u64, info.client_id, 5));
    cr_assert(eq(i64, info.leaves, 5));
    cr_assert(eq(uint, info.type, TRD_TYPE_STOP));
    cr_assert(eq(int, trd_match_verdict(d.match, 0), TRD_OK));
    cr_assert(eq(int, go_on(&d), TRD_OK));
    /* 4 lots of the bid at 99 and 1 of that at 98. */
    cr_assert(eq(u32, d.out.count, 5));
    cr_assert(eq(uint, d.events[0].kind, TRD_EVENT_TRIGGERED));
    cr_assert(eq(i64, d.events[1].u.fill.qty, 4));
    cr_assert(eq(i64, d.events[3].u.fill.qty, 1));
    cr_assert(eq(uint, d.events[3].status, TRD_STATUS_FILLED));
    cr_assert(eq(int, trd_match_audit(d.match), TRD_OK));
    trd_match_destroy(d.match);
}

Test(verdict, a_refused_order_ends_without_being_triggered) {
    desk d;
    desk_open(&d, 1);
    touch(&d, TRD_TIF_GTC);
    cr_assert(eq(int, trd_match_verdict(d.match, TRD_REJECT_POSITION), TRD_OK));
    cr_assert(eq(int, go_on(&d), TRD_OK));
    cr_assert(eq(u32, d.out.count, 1));
    cr_assert(eq(uint, d.events[0].kind, TRD_EVENT_CANCELED));
    cr_assert(eq(uint, d.events[0].reason, TRD_CAUSE_RISK));
    cr_assert(eq(uint, d.events[0].status, TRD_STATUS_CANCELED));
    cr_assert(eq(i64, d.events[0].u.cancel.qty, 5));
    cr_assert(eq(u64, trd_match_find(d.match, 5, 5), 0));
    cr_assert(eq(int, trd_match_audit(d.match), TRD_OK));
    trd_match_destroy(d.match);
}

Test(verdict, s83_a_refused_gtt_order_has_failed_and_is_not_tried_again) {
    desk d;
    desk_open(&d, 1);
    touch(&d, TRD_TIF_GTT);
    cr_assert(eq(int, trd_match_verdict(d.match, TRD_REJECT_POSITION), TRD_OK));
    cr_assert(eq(int, go_on(&d), TRD_OK));
    cr_assert(eq(uint, d.events[0].status, TRD_STATUS_REJECTED));
    cr_assert(eq(uint, d.events[0].reason, TRD_CAUSE_RISK));
    const trd_command again = limit(7, TRD_SELL, 99, 1);
    cr_assert(eq(int, send(&d, &again), TRD_OK));
    cr_assert(eq(u32, d.out.count, 3)); /* nothing is elected any more */
    trd_match_destroy(d.match);
}

Test(verdict, nothing_but_a_verdict_moves_the_command_on) {
    desk d;
    desk_open(&d, 1);
    touch(&d, TRD_TIF_GTC);
    const trd_command other = limit(8, TRD_BUY, 90, 1);
    cr_assert(eq(int, send(&d, &other), TRD_E_BUSY));
    cr_assert(eq(int, go_on(&d), TRD_NEED_VERDICT));
    cr_assert(eq(u32, d.out.count, 0));
    d.out.count = SLOTS; /* it writes nothing: there need be no room */
    cr_assert(eq(int, trd_match_step(d.match, NULL, &d.out), TRD_NEED_VERDICT));
    d.out.count = 0;
    size_t done = 9;
    cr_assert(eq(int, trd_match_run(d.match, &other, 1, &done, &d.out), TRD_E_BUSY));
    cr_assert(eq(sz, done, 0));
    cr_assert(eq(int, trd_match_verdict(d.match, 0), TRD_OK));
    cr_assert(eq(int, trd_match_verdict(d.match, 0), TRD_E_UNKNOWN));
    trd_order_info info;
    cr_assert(eq(int, trd_match_pending(d.match, &info), TRD_E_UNKNOWN));
    cr_assert(eq(int, go_on(&d), TRD_OK));
    cr_assert(eq(int, send(&d, &other), TRD_OK));
    trd_match_destroy(d.match);
}

Test(verdict, a_batch_stops_behind_the_record_that_waits) {
    desk d;
    desk_open(&d, 1);
    enter(&d, 1, TRD_BUY, 100, 1);
    enter(&d, 2, TRD_SELL, 100, 1);
    enter(&d, 3, TRD_BUY, 99, 5);
    cr_assert(eq(int, stop(&d, 5, 99, 2, TRD_TIF_GTC), TRD_OK));
    const trd_command batch[2] = {limit(6, TRD_SELL, 99, 1), limit(7, TRD_BUY, 98, 1)};
    size_t done = 0;
    d.out.count = 0;
    cr_assert(eq(int, trd_match_run(d.match, batch, 2, &done, &d.out), TRD_NEED_VERDICT));
    cr_assert(eq(sz, done, 1));
    cr_assert(eq(int, trd_match_verdict(d.match, 0), TRD_OK));
    cr_assert(eq(int, go_on(&d), TRD_OK));
    trd_match_destroy(d.match);
}

Test(verdict, an_order_that_triggers_as_it_is_entered_is_not_asked_about) {
    desk d;
    desk_open(&d, 1);
    enter(&d, 1, TRD_BUY, 100, 1);
    enter(&d, 2, TRD_SELL, 100, 1);
    enter(&d, 3, TRD_BUY, 99, 5);
    cr_assert(eq(int, stop(&d, 5, 100, 2, TRD_TIF_GTC), TRD_OK));
    cr_assert(eq(uint, d.events[1].kind, TRD_EVENT_TRIGGERED));
    trd_match_destroy(d.match);
}

Test(verdict, without_the_definition_nobody_is_asked) {
    desk d;
    desk_open(&d, 0);
    enter(&d, 1, TRD_BUY, 100, 1);
    enter(&d, 2, TRD_SELL, 100, 1);
    enter(&d, 3, TRD_BUY, 99, 5);
    cr_assert(eq(int, stop(&d, 5, 99, 2, TRD_TIF_GTC), TRD_OK));
    const trd_command sell = limit(6, TRD_SELL, 99, 1);
    cr_assert(eq(int, send(&d, &sell), TRD_OK));
    cr_assert(eq(uint, d.events[3].kind, TRD_EVENT_TRIGGERED));
    trd_match_destroy(d.match);
}

/* One leg of a bracket of account 1: entry, take-profit, stop-loss. */
static int leg(desk *d, unsigned at, unsigned side, trd_px px, trd_px trigger) {
    trd_command record[3] = {limit(20 + at, side, px, 5)};
    record[0].account = 1;
    record[0].slots = trigger != 0 ? 3 : 2;
    record[0].flags = at < 3 ? TRD_COMMAND_STAGED : 0;
    record[0].u.order.type = trigger != 0 ? TRD_TYPE_STOP : TRD_TYPE_LIMIT;
    const trd_ext_link link = {.link = 9,
        .kind = TRD_EXT_ORDER_LINK,
        .leg = (uint8_t)at,
        .legs = 3,
        .relation = TRD_RELATION_BRACKET};
    const trd_ext_prices prices = {.trigger = trigger,
        .kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .source = TRD_SOURCE_LAST};
    memcpy(&record[1], &link, sizeof(link));
    memcpy(&record[2], &prices, sizeof(prices));
    return send(d, record);
}

Test(verdict, each_child_waits_for_its_own) {
    desk d;
    desk_open(&d, 1);
    enter(&d, 2, TRD_SELL, 100, 5);
    cr_assert(eq(int, leg(&d, 1, TRD_BUY, 100, 0), TRD_OK));
    cr_assert(eq(int, leg(&d, 2, TRD_SELL, 110, 0), TRD_OK));
    cr_assert(eq(int, leg(&d, 3, TRD_SELL, 0, 90), TRD_NEED_VERDICT)); /* the entry is filled */
    trd_order_info info;
    cr_assert(eq(int, trd_match_pending(d.match, &info), TRD_OK));
    cr_assert(eq(u64, info.client_id, 22));
    cr_assert(eq(int, trd_match_verdict(d.match, 0), TRD_OK));
    cr_assert(eq(int, go_on(&d), TRD_NEED_VERDICT));
    cr_assert(eq(int, trd_match_pending(d.match, &info), TRD_OK));
    cr_assert(eq(u64, info.client_id, 23));
    cr_assert(eq(int, trd_match_verdict(d.match, TRD_REJECT_POSITION), TRD_OK));
    cr_assert(eq(int, go_on(&d), TRD_OK));
    cr_assert(eq(uint, d.events[d.out.count - 1].kind, TRD_EVENT_CANCELED));
    cr_assert(eq(uint, d.events[d.out.count - 1].reason, TRD_CAUSE_RISK));
    cr_assert(trd_match_find(d.match, 1, 22) != 0); /* the take-profit rests */
    cr_assert(eq(u64, trd_match_find(d.match, 1, 23), 0));
    cr_assert(eq(int, trd_match_audit(d.match), TRD_OK));
    trd_match_destroy(d.match);
}
