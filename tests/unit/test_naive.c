/* test_naive.c - the naive model by hand: small stories with their events written out from
 * the pages of docs/reference. What the model says is what the matcher is measured by, so it must
 * be right without the matcher. S-numbers name the stories of the scenario list. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "naive.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static naive_match *model;
static char said[4096]; /* events since the last SAYS, as text */

static void add_market(trd_px px_min, trd_px px_max, int64_t tick, int64_t lot) {
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    spec.px_min = px_min;
    spec.px_max = px_max;
    spec.qty_min = lot;
    spec.qty_max = 1000 * lot;
    spec.lot_step = lot;
    spec.tier_count = 1;
    spec.tiers[0] = (trd_tick_tier){.from = 0, .step = tick};
    naive_add(model, &spec);
}

static trd_match_def definition(uint32_t id_mode, uint32_t ids_max, uint32_t publish) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 4;
    def.orders_max = 8;
    def.specials_max = 8;
    def.positions_max = 16;
    def.allocates = 1;
    def.quotes_max = 2;
    def.groups_max = 4;
    def.id_mode = id_mode;
    def.ids_max = ids_max;
    def.accounts_max = 10;
    def.publish = publish;
    return def;
}

static void open_with(const trd_match_def *def) {
    model = naive_create(def);
    add_market(1, 10000, 1, 1);
    said[0] = '\0';
}

static void open_model(uint32_t id_mode, uint32_t ids_max, uint32_t publish) {
    const trd_match_def def = definition(id_mode, ids_max, publish);
    open_with(&def);
}

static void setup(void) {
    open_model(TRD_IDS_WINDOW, 100, 0);
}

static void teardown(void) {
    naive_destroy(model);
}

TestSuite(naive, .init = setup, .fini = teardown);

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    const size_t used = strlen(said);
    va_list args;
    va_start(args, format);
    vsnprintf(said + used, sizeof(said) - used, format, args);
    va_end(args);
}

static const char *const LIQUIDITY[] = {"?", "make", "take", "cross"};
static const char *const RESTATED[] = {"?", "peak", "cut", "peg", "slide", "linked"};

/* In the events an order is named by its handle, which is the client id it came with. */
static void say_event(const trd_event *e) {
    const char *reason = trd_reject_text(e->reason);
    switch (e->kind) {
    case TRD_EVENT_ACCEPTED:
        say("ack %d; ", (int)e->u.order.client_id);
        break;
    case TRD_EVENT_REJECTED:
        say("reject %d %s; ", (int)e->u.order.client_id, reason);
        break;
    case TRD_EVENT_FILL:
        say("%s %d %d@%d left %d; ", LIQUIDITY[e->liquidity], (int)e->u.fill.order,
            (int)e->u.fill.qty, (int)e->u.fill.px, (int)e->u.fill.leaves);
        break;
    case TRD_EVENT_CANCELED:
        say("end %d %s open %d done %d; ", (int)e->u.cancel.order, trd_cause_text(e->reason),
            (int)e->u.cancel.qty, (int)e->u.cancel.cum);
        break;
    case TRD_EVENT_REPLACED:
        say("%s %d is %d %d@%d%s; ", e->flags == TRD_EVENT_PLACE_KEPT ? "keep" : "move",
            (int)e->u.order.order, (int)e->u.order.client_id, (int)e->u.order.qty,
            (int)e->u.order.px, e->status == TRD_STATUS_FILLED ? " filled" : "");
        break;
    case TRD_EVENT_CANCEL_REJECTED:
    case TRD_EVENT_REPLACE_REJECTED:
        say("no %s order %d; ", reason, (int)e->u.order.order);
        break;
    case TRD_EVENT_COMMAND_REJECTED:
        say("command %s; ", reason);
        break;
    case TRD_EVENT_LEVEL:
        say("level %d@%d count %u; ", (int)e->u.level.qty, (int)e->u.level.px, e->u.level.count);
        break;
    case TRD_EVENT_ORDER:
        say("order %d what %u %d changed %d; ", (int)e->u.displayed.order, e->status,
            (int)e->u.displayed.qty, (int)e->u.displayed.changed);
        break;
    case TRD_EVENT_TAPE:
        say("tape %d@%d trade %d; ", (int)e->u.tape.qty, (int)e->u.tape.px, (int)e->u.tape.trade);
        break;
    case TRD_EVENT_TRIGGERED:
        say("trigger %d at %d by %d; ", (int)e->u.trigger.order, (int)e->u.trigger.trigger,
            (int)e->u.trigger.reference);
        break;
    case TRD_EVENT_PREVENTED:
        say("prevent %d mode %u %d left %d; ", (int)e->u.prevent.order, e->reason,
            (int)e->u.prevent.qty, (int)e->u.prevent.leaves);
        break;
    case TRD_EVENT_RESTATED:
        say("restate %d %s %d of %d@%d; ", (int)e->u.restate.order, RESTATED[e->reason],
            (int)e->u.restate.displayed, (int)e->u.restate.leaves, (int)e->u.restate.px);
        break;
    case TRD_EVENT_SESSION:
        say("state %u was %u by %u until %d; ", e->u.session.state, e->u.session.former,
            e->u.session.cause, (int)e->u.session.until);
        break;
    case TRD_EVENT_AUCTION:
        say("%s %d@%d over %d; ", e->u.auction.final ? "uncross" : "indicate",
            (int)e->u.auction.volume, (int)e->u.auction.px, (int)e->u.auction.imbalance);
        break;
    default:
        say("kind %u; ", e->kind);
    }
}

static void send(const trd_command *c, trd_order handle) {
    naive_step(model, c, &handle, 1);
    uint32_t count;
    const trd_event *events = naive_events(model, &count);
    for (uint32_t i = 0; i < count; i += events[i].slots) {
        say_event(&events[i]);
    }
}

static trd_command new_order(uint64_t id, uint8_t side, trd_qty qty, trd_px px) {
    return (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = 1,
        .u.order = {.client_id = id,
            .px = px,
            .qty = qty,
            .side = side,
            .type = px == 0 ? TRD_TYPE_MARKET : TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
}

static void order(uint64_t id, uint8_t side, trd_qty qty, trd_px px, uint8_t tif) {
    trd_command c = new_order(id, side, qty, px);
    c.u.order.tif = tif;
    send(&c, id);
}

static void buy(uint64_t id, trd_qty qty, trd_px px) {
    order(id, TRD_BUY, qty, px, TRD_TIF_GTC);
}

static void sell(uint64_t id, trd_qty qty, trd_px px) {
    order(id, TRD_SELL, qty, px, TRD_TIF_GTC);
}

static void cancel(uint64_t id) {
    const trd_command c = {
        .kind = TRD_COMMAND_CANCEL, .slots = 1, .account = 1, .u.cancel = {.target = id}};
    send(&c, 0);
}

static void reduce(uint64_t id, trd_qty qty) {
    const trd_command c = {.kind = TRD_COMMAND_REDUCE,
        .slots = 1,
        .account = 1,
        .u.cancel = {.target = id, .qty = qty}};
    send(&c, 0);
}

static void replace(uint64_t id, trd_qty total, trd_px px, uint64_t new_id) {
    const trd_command c = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .flags = new_id != 0 ? TRD_COMMAND_NEW_ID : 0,
        .account = 1,
        .u.replace = {.target = id, .client_id = new_id, .px = px, .qty = total}};
    send(&c, 0);
}

static void forget(void) {
    said[0] = '\0';
}

#define SAYS(text)                                                                                 \
    do {                                                                                           \
        cr_expect(eq(str, said, (char *)(text)));                                                  \
        forget();                                                                                  \
    } while (0)

Test(naive, s1_an_execution_is_at_the_makers_price) {
    sell(1, 5, 100);
    buy(2, 5, 105);
    SAYS("ack 1; ack 2; take 2 5@100 left 0; make 1 5@100 left 0; ");
}

Test(naive, s2_fok_fills_across_levels_each_at_its_price) {
    sell(1, 5, 100);
    sell(2, 5, 101);
    forget();
    order(3, TRD_BUY, 10, 101, TRD_TIF_FOK);
    SAYS("ack 3; take 3 5@100 left 5; make 1 5@100 left 0; take 3 5@101 left 0; "
         "make 2 5@101 left 0; ");
}

Test(naive, s3_fok_that_cannot_fill_leaves_no_trace) {
    sell(1, 5, 100);
    sell(2, 5, 102);
    forget();
    order(3, TRD_BUY, 10, 101, TRD_TIF_FOK);
    SAYS("ack 3; end 3 FOK open 10 done 0; ");
    trd_level level[3];
    cr_assert(eq(u32, naive_depth(model, 0, TRD_SELL, level, 3), 2));
    cr_expect(eq(i64, level[0].qty, 5));
    cr_expect(eq(i64, level[1].qty, 5));
}

Test(naive, s5_ioc_ends_with_what_it_could_not_take) {
    sell(1, 4, 100);
    forget();
    order(2, TRD_BUY, 10, 100, TRD_TIF_IOC);
    SAYS("ack 2; take 2 4@100 left 6; make 1 4@100 left 0; end 2 IOC open 6 done 4; ");
    cr_expect(eq(u32, naive_count(model), 0));
}

Test(naive, s6_time_priority_outlives_a_partial_fill) {
    sell(1, 10, 100);
    sell(2, 10, 100);
    forget();
    buy(3, 4, 100);
    buy(4, 10, 100);
    SAYS("ack 3; take 3 4@100 left 0; make 1 4@100 left 6; "
         "ack 4; take 4 6@100 left 4; make 1 6@100 left 0; take 4 4@100 left 0; "
         "make 2 4@100 left 6; ");
}

Test(naive, s7_a_canceled_order_leaves_the_queue) {
    sell(1, 1, 100);
    sell(2, 1, 100);
    sell(3, 1, 100);
    cancel(2);
    forget();
    buy(4, 3, 100);
    SAYS("ack 4; take 4 1@100 left 2; make 1 1@100 left 0; take 4 1@100 left 1; "
         "make 3 1@100 left 0; ");
}

Test(naive, s8_when_the_best_level_empties_the_next_is_best) {
    buy(1, 1, 100);
    buy(2, 1, 99);
    cancel(1);
    trd_level level[2];
    cr_assert(eq(u32, naive_depth(model, 0, TRD_BUY, level, 2), 1));
    cr_expect(eq(i64, level[0].px, 99));
}

Test(naive, s10_a_filled_order_cannot_be_canceled) {
    sell(1, 1, 100);
    buy(2, 1, 100);
    forget();
    cancel(1);
    SAYS("no UNKNOWN_ORDER order 0; ");
}

Test(naive, s11_a_live_id_is_refused_and_the_order_stays) {
    sell(1, 5, 100);
    sell(2, 5, 101);
    forget();
    sell(1, 7, 99);
    replace(2, 5, 101, 1);
    SAYS("reject 1 DUPLICATE_ID; no DUPLICATE_ID order 2; ");
    buy(3, 5, 100);
    SAYS("ack 3; take 3 5@100 left 0; make 1 5@100 left 0; ");
}

Test(naive, s12_an_ended_id_is_refused_until_the_window_forgets_it) {
    naive_destroy(model);
    open_model(TRD_IDS_WINDOW, 2, 0);
    sell(1, 1, 100);
    cancel(1);
    forget();
    sell(1, 1, 100);
    SAYS("reject 1 DUPLICATE_ID; ");
    sell(2, 1, 100);
    cancel(2);
    sell(3, 1, 100);
    cancel(3);
    forget();
    sell(2, 1, 100);
    sell(1, 1, 100);
    SAYS("reject 2 DUPLICATE_ID; ack 1; ");
}

Test(naive, s12_ascending_ids_are_by_account_and_rise_with_renames) {
    naive_destroy(model);
    open_model(TRD_IDS_ASCENDING, 0, 0);
    sell(5, 1, 100);
    replace(5, 1, 100, 9);
    forget();
    sell(9, 1, 100);
    sell(8, 1, 100);
    trd_command other = new_order(3, TRD_SELL, 1, 100);
    other.account = 2;
    send(&other, 3);
    SAYS("reject 9 DUPLICATE_ID; reject 8 ID_NOT_ASCENDING; ack 3; ");
}

Test(naive, s12_reused_ids_are_new_orders) {
    naive_destroy(model);
    open_model(TRD_IDS_REUSE, 0, 0);
    sell(1, 1, 100);
    cancel(1);
    sell(1, 2, 101);
    SAYS("ack 1; end 1 USER open 1 done 0; ack 1; ");
}

Test(naive, s14_s15_a_market_order_never_rests) {
    buy(1, 3, 0);
    sell(2, 4, 100);
    buy(3, 10, 0);
    SAYS("ack 1; end 1 MARKET open 3 done 0; ack 2; ack 3; take 3 4@100 left 6; "
         "make 2 4@100 left 0; end 3 MARKET open 6 done 4; ");
    cr_expect(eq(u32, naive_count(model), 0));
}

Test(naive, s16_each_bad_number_has_its_reason) {
    naive_destroy(model);
    open_model(TRD_IDS_REUSE, 0, 0);
    add_market(10, 1000, 5, 10);
    const struct {
        trd_qty qty;
        trd_px px;
    } bad[] = {{0, 100}, {-10, 100}, {15, 100}, {10, 101}, {10010, 100}, {10, 5}, {10, 1005}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        trd_command c = new_order(i, TRD_BUY, bad[i].qty, bad[i].px);
        c.instrument = 1;
        send(&c, i);
    }
    SAYS("reject 0 QTY_ZERO; reject 1 QTY_NEGATIVE; reject 2 OFF_LOT; reject 3 OFF_TICK; "
         "reject 4 QTY_MAX; reject 5 PRICE_LIMIT; reject 6 PRICE_LIMIT; ");
}

Test(naive, s17_the_price_limits_themselves_are_prices) {
    buy(1, 1, 1);
    sell(2, 1, 10000);
    buy(3, 1, -1);
    sell(4, 1, 10001);
    SAYS("ack 1; ack 2; reject 3 PRICE_LIMIT; reject 4 PRICE_LIMIT; ");
}

Test(naive, s29_s30_less_keeps_the_place_and_more_loses_it) {
    sell(1, 10, 100);
    sell(2, 10, 100);
    replace(1, 6, 100, 0);
    forget();
    buy(3, 1, 100);
    replace(1, 11, 100, 0);
    buy(4, 1, 100);
    SAYS("ack 3; take 3 1@100 left 0; make 1 1@100 left 5; move 1 is 1 11@100; "
         "ack 4; take 4 1@100 left 0; make 2 1@100 left 9; ");
}

Test(naive, s32_s33_s34_a_new_total_counts_what_is_executed) {
    sell(1, 10, 100);
    buy(2, 4, 100);
    replace(1, 6, 100, 0);
    forget();
    buy(3, 9, 100);
    SAYS("ack 3; take 3 2@100 left 7; make 1 2@100 left 0; ");
    cancel(3);
    sell(4, 10, 100);
    buy(5, 7, 100);
    forget();
    replace(4, 5, 100, 0);
    SAYS("move 4 is 4 7@100 filled; ");
    cr_expect(eq(u32, naive_count(model), 0));
}

Test(naive, s36_a_refused_replace_changes_nothing) {
    sell(1, 5, 100);
    sell(2, 5, 100);
    forget();
    replace(1, 5, 10001, 0);
    buy(3, 1, 100);
    SAYS("no PRICE_LIMIT order 1; ack 3; take 3 1@100 left 0; make 1 1@100 left 4; ");
}

Test(naive, reduce_keeps_the_place_and_ends_at_nothing) {
    sell(1, 5, 100);
    sell(2, 5, 100);
    forget();
    reduce(1, 2);
    reduce(2, 6);
    buy(3, 9, 100);
    SAYS("keep 1 is 1 3@100; end 2 REDUCED open 5 done 0; ack 3; take 3 3@100 left 6; "
         "make 1 3@100 left 0; ");
}

Test(naive, minimum_is_met_at_once_or_the_order_ends) {
    sell(1, 4, 100);
    forget();
    trd_command c[2] = {new_order(2, TRD_BUY, 10, 100)};
    c[0].slots = 2;
    const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .minimum = 5};
    memcpy(&c[1], &sizes, sizeof(sizes));
    send(c, 2);
    SAYS("ack 2; end 2 MIN_QTY open 10 done 0; ");
    c[0].u.order.client_id = 3;
    c[0].u.order.qty = 4;
    send(c, 3);
    SAYS("reject 3 MIN_QTY; ");
    c[0].u.order.client_id = 4;
    c[0].u.order.qty = 5;
    c[1].time = 4; /* the minimum is where a base has its time */
    send(c, 4);
    SAYS("ack 4; take 4 4@100 left 1; make 1 4@100 left 0; ");
}

Test(naive, post_only_is_refused_if_it_would_take) {
    sell(1, 5, 100);
    forget();
    trd_command c = new_order(2, TRD_BUY, 1, 100);
    c.u.order.exec = TRD_EXEC_POST_ONLY;
    send(&c, 2);
    c.u.order.px = 99;
    send(&c, 2);
    replace(2, 1, 100, 0);
    SAYS("reject 2 POST_ONLY; ack 2; no POST_ONLY order 2; ");
}

Test(naive, no_capacity_also_for_orders_that_would_not_rest) {
    for (uint64_t id = 1; id <= 8; id++) {
        sell(id, 1, 100);
    }
    forget();
    order(9, TRD_BUY, 1, 100, TRD_TIF_IOC);
    cancel(8);
    order(9, TRD_BUY, 1, 100, TRD_TIF_IOC);
    SAYS("reject 9 NO_CAPACITY; end 8 USER open 1 done 0; ack 9; take 9 1@100 left 0; "
         "make 1 1@100 left 0; ");
}

Test(naive, public_events_follow_the_order_of_event_h) {
    naive_destroy(model);
    open_model(TRD_IDS_WINDOW, 100, TRD_PUBLISH_LEVELS | TRD_PUBLISH_ORDERS | TRD_PUBLISH_TAPE);
    sell(1, 2, 100);
    sell(2, 2, 100);
    SAYS("ack 1; order 1 what 1 2 changed 2; level 2@100 count 1; "
         "ack 2; order 2 what 1 2 changed 2; level 4@100 count 2; ");
    buy(3, 3, 101);
    SAYS("ack 3; take 3 2@100 left 1; make 1 2@100 left 0; order 1 what 2 0 changed 2; "
         "tape 2@100 trade 8; take 3 1@100 left 0; make 2 1@100 left 1; "
         "order 2 what 2 1 changed 1; tape 1@100 trade 12; level 1@100 count 1; ");
    replace(2, 4, 102, 0);
    SAYS("move 2 is 2 4@102; order 2 what 4 0 changed 1; level 0@100 count 0; "
         "order 2 what 1 3 changed 3; level 3@102 count 1; ");
    cancel(2);
    SAYS("end 2 USER open 3 done 1; order 2 what 4 0 changed 3; level 0@102 count 0; ");
}

Test(naive, malformed_and_unsupported_records_are_told_apart) {
    trd_command c = new_order(1, TRD_BUY, 1, 100);
    c.slots = 0;
    send(&c, 1);
    c.slots = 1;
    c.u.order.stp = 7;
    send(&c, 1);
    c.u.order.stp = 6;
    c.flags = TRD_COMMAND_DRY_RUN;
    send(&c, 1);
    const trd_command funding = {.kind = TRD_COMMAND_FUNDING, .slots = 1};
    send(&funding, 0);
    const trd_command row = {.kind = TRD_EXT_TABLE_ROW, .slots = 1};
    send(&row, 0);
    SAYS("reject 1 MALFORMED; reject 1 MALFORMED; reject 1 UNSUPPORTED; command UNSUPPORTED; "
         "command MALFORMED; ");
}

Test(naive, values_are_compared_exactly_also_inverse) {
    naive_destroy(model);
    open_model(TRD_IDS_REUSE, 0, 0);
    trd_instrument spec = trd_instrument_default();
    spec.kind = TRD_INSTRUMENT_INVERSE;
    spec.numerator = 100;
    spec.denominator = 3;
    spec.notional_min = 10;
    spec.notional_max = 20;
    const uint32_t at = naive_add(model, &spec);
    /* 100 x qty / (3 x px): 3 at 10 is 10; 29 at 97 is 2900 / 291 = 9.97; 6 at 10 is 20; 61 at
     * 101 is 6100 / 303 = 20.13 */
    const trd_px px[] = {10, 97, 10, 101};
    const trd_qty qty[] = {3, 29, 6, 61};
    for (uint64_t i = 0; i < 4; i++) {
        trd_command c = new_order(i, TRD_BUY, qty[i], px[i]);
        c.instrument = at;
        send(&c, i);
    }
    SAYS("ack 0; reject 1 NOTIONAL_MIN; ack 2; reject 3 NOTIONAL_MAX; ");
}

Test(naive, time_never_steps_back) {
    trd_command c = {.kind = TRD_COMMAND_TIMER, .slots = 1, .time = 10};
    send(&c, 0);
    c.time = 9;
    c.flags = 1;
    send(&c, 0);
    uint32_t count;
    const trd_event *events = naive_events(model, &count);
    cr_assert(eq(u32, count, 1));
    cr_expect(eq(i64, events[0].time, 10));
    trd_match_stats stats;
    naive_stats(model, &stats);
    cr_expect(eq(u64, stats.time_steps_back, 1));
    cr_expect(eq(u64, stats.commands, 2));
}

/* --- Special orders --------------------------------------------------------------------------- */

/* A record of up to four slots that is filled in step by step. */
typedef struct record {
    trd_command slot[TRD_SLOTS_MAX];
} record;

static record record_of(uint64_t id, uint8_t side, trd_qty qty, trd_px px) {
    record r;
    memset(&r, 0, sizeof(r));
    r.slot[0] = new_order(id, side, qty, px);
    return r;
}

static void add_slot(record *r, const void *extension) {
    memcpy(&r->slot[r->slot[0].slots++], extension, sizeof(trd_command));
}

static void add_peak(record *r, trd_qty peak) {
    const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .peak = peak};
    add_slot(r, &sizes);
}

static void add_trigger(record *r, uint8_t type, uint8_t source, trd_px trigger) {
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = trigger,
        .source = source};
    r->slot[0].u.order.type = type;
    add_slot(r, &prices);
}

static void add_peg(record *r, uint8_t peg, int64_t offset) {
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET,
        .offset_unit = TRD_OFFSET_TICKS,
        .peg = peg,
        .offset = offset};
    r->slot[0].u.order.type = TRD_TYPE_PEGGED;
    add_slot(r, &prices);
}

static void send_record(const record *r) {
    send(r->slot, r->slot[0].u.order.client_id);
}

static void price(uint8_t source, trd_px px) {
    const trd_command c = {
        .kind = TRD_COMMAND_PRICE, .slots = 1, .u.price = {.px = px, .source = source}};
    send(&c, 0);
}

static void timer(trd_ns time) {
    const trd_command c = {.kind = TRD_COMMAND_TIMER, .slots = 1, .time = time};
    send(&c, 0);
}

static void iceberg(uint64_t id, trd_qty qty, trd_px px, trd_qty peak) {
    record r = record_of(id, TRD_SELL, qty, px);
    add_peak(&r, peak);
    send_record(&r);
}

static void by(uint32_t account, uint64_t id, uint8_t side, trd_qty qty, trd_px px, uint8_t stp) {
    record r = record_of(id, side, qty, px);
    r.slot[0].account = account;
    r.slot[0].u.order.stp = stp;
    send_record(&r);
}

static void with_exec(
    uint32_t account, uint64_t id, uint8_t side, trd_qty qty, trd_px px, uint16_t exec) {
    record r = record_of(id, side, qty, px);
    r.slot[0].account = account;
    r.slot[0].u.order.exec = exec;
    send_record(&r);
}

/* 25 lots take the 10, 5 and 4 that are shown; the last 6 come from reserves of 20 and 15: 3 and 2,
 * the odd lot from the first one. */
Test(naive, reserves_are_shared_when_nothing_is_shown_and_refresh_at_the_back) {
    iceberg(1, 30, 100, 10);
    iceberg(2, 20, 100, 5);
    sell(3, 4, 100);
    forget();
    by(2, 4, TRD_BUY, 25, 100, 0);
    SAYS("ack 4; take 4 10@100 left 15; make 1 10@100 left 20; take 4 5@100 left 10; "
         "make 2 5@100 left 15; take 4 4@100 left 6; make 3 4@100 left 0; "
         "take 4 4@100 left 2; make 1 4@100 left 16; take 4 2@100 left 0; make 2 2@100 left 13; "
         "restate 1 peak 10 of 16@100; restate 2 peak 5 of 13@100; ");
    sell(5, 1, 100);
    by(2, 6, TRD_BUY, 12, 100, 0);
    SAYS("ack 5; ack 6; take 6 10@100 left 2; make 1 10@100 left 6; take 6 2@100 left 0; "
         "make 2 2@100 left 11; restate 1 peak 6 of 6@100; ");
}

Test(naive, a_level_is_told_when_nothing_is_shown_there_and_after_a_refresh) {
    naive_destroy(model);
    open_model(TRD_IDS_WINDOW, 100, TRD_PUBLISH_LEVELS | TRD_PUBLISH_ORDERS);
    iceberg(1, 12, 100, 5);
    SAYS("ack 1; order 1 what 1 5 changed 5; level 5@100 count 1; ");
    by(2, 2, TRD_BUY, 7, 100, 0);
    SAYS("ack 2; take 2 5@100 left 2; make 1 5@100 left 7; order 1 what 2 0 changed 5; "
         "level 0@100 count 0; take 2 2@100 left 0; make 1 2@100 left 5; "
         "restate 1 peak 5 of 5@100; order 1 what 1 5 changed 5; level 5@100 count 1; ");
    reduce(1, 1);
    SAYS("keep 1 is 1 11@100; order 1 what 3 4 changed 1; level 4@100 count 1; ");
}

Test(naive, all_or_none_waits_aside_until_it_can_execute_completely) {
    with_exec(1, 1, TRD_BUY, 10, 100, TRD_EXEC_ALL_OR_NONE);
    by(2, 2, TRD_SELL, 4, 100, 0);
    SAYS("ack 1; ack 2; ");
    trd_order_info info;
    cr_assert(eq(int, naive_order_info(model, 1, &info), TRD_OK));
    cr_expect(eq(u32, info.where, TRD_WHERE_ASIDE));
    by(2, 3, TRD_SELL, 6, 99, 0);
    SAYS("ack 3; take 1 6@99 left 4; make 3 6@99 left 0; take 1 4@100 left 0; "
         "make 2 4@100 left 0; ");
    with_exec(1, 4, TRD_BUY, 3, 100, TRD_EXEC_ALL_OR_NONE);
    by(2, 5, TRD_SELL, 3, 90, 0);
    SAYS("ack 4; ack 5; take 5 3@100 left 0; make 4 3@100 left 0; ");
}

Test(naive, hidden_orders_trade_behind_all_that_is_displayed_at_their_price) {
    with_exec(1, 1, TRD_SELL, 5, 100, TRD_EXEC_HIDDEN);
    sell(2, 5, 100);
    with_exec(1, 3, TRD_SELL, 5, 99, TRD_EXEC_HIDDEN);
    forget();
    by(2, 4, TRD_BUY, 11, 100, 0);
    SAYS("ack 4; take 4 5@99 left 6; make 3 5@99 left 0; take 4 5@100 left 1; "
         "make 2 5@100 left 0; take 4 1@100 left 0; make 1 1@100 left 4; ");
}

/* Previous reference 100: of the triggers 97 and 98 the nearer one goes first, whatever their
 * order in time. What it executes is seen by others. */
Test(naive, stops_are_elected_nearest_to_the_previous_reference_first) {
    sell(1, 1, 100);
    by(2, 2, TRD_BUY, 1, 100, 0);
    record far = record_of(3, TRD_SELL, 2, 0);
    add_trigger(&far, TRD_TYPE_STOP, TRD_SOURCE_LAST, 97);
    send_record(&far);
    record near = record_of(4, TRD_SELL, 2, 96);
    add_trigger(&near, TRD_TYPE_STOP_LIMIT, TRD_SOURCE_LAST, 98);
    send_record(&near);
    by(2, 5, TRD_BUY, 1, 97, 0);
    by(2, 6, TRD_BUY, 3, 96, 0);
    forget();
    sell(7, 1, 97);
    SAYS("ack 7; take 7 1@97 left 0; make 5 1@97 left 0; "
         "trigger 4 at 98 by 97; take 4 2@96 left 0; make 6 2@96 left 1; "
         "trigger 3 at 97 by 96; take 3 1@96 left 1; make 6 1@96 left 0; "
         "end 3 MARKET open 1 done 1; ");
}

Test(naive, a_trigger_that_is_touched_already_is_released_at_once) {
    price(TRD_SOURCE_MARK, 50);
    record r = record_of(1, TRD_BUY, 2, 60);
    add_trigger(&r, TRD_TYPE_TOUCHED_LIMIT, TRD_SOURCE_MARK, 50);
    send_record(&r);
    SAYS("ack 1; trigger 1 at 50 by 50; ");
    record wait = record_of(2, TRD_BUY, 2, 60);
    add_trigger(&wait, TRD_TYPE_TOUCHED_LIMIT, TRD_SOURCE_MARK, 49);
    send_record(&wait);
    price(TRD_SOURCE_INDEX, 40);
    SAYS("ack 2; ");
    price(TRD_SOURCE_MARK, 48);
    SAYS("trigger 2 at 49 by 48; ");
}

Test(naive, more_elections_than_allowed_halt_the_instrument) {
    naive_destroy(model);
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 1;
    def.orders_max = 8;
    def.specials_max = 8;
    def.elect_max = 1;
    model = naive_create(&def);
    add_market(1, 10000, 1, 1);
    for (uint64_t id = 1; id <= 2; id++) {
        record r = record_of(id, TRD_BUY, 1, 0);
        add_trigger(&r, TRD_TYPE_STOP, TRD_SOURCE_MARK, 100);
        send_record(&r);
    }
    order(3, TRD_BUY, 1, 10, TRD_TIF_GFN);
    forget();
    price(TRD_SOURCE_MARK, 100);
    SAYS("trigger 1 at 100 by 100; end 1 MARKET open 1 done 0; state 7 was 1 by 5 until 0; "
         "end 3 SESSION open 1 done 0; ");
    sell(4, 1, 10);
    SAYS("reject 4 SESSION; ");
    cr_expect(eq(u32, naive_count(model), 1));
}

/* SEMANTICS: low 42,000 with 500 basis points: a buy triggers at 44,100 exactly. */
Test(naive, a_trailing_stop_follows_the_low_and_never_loosens) {
    add_market(1, 100000, 1, 1);
    trd_command p = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = 1,
        .u.price = {.px = 43000, .source = TRD_SOURCE_MARK}};
    send(&p, 0);
    record r = record_of(1, TRD_BUY, 1, 0);
    r.slot[0].instrument = 1;
    r.slot[0].u.order.type = TRD_TYPE_TRAILING_STOP;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET,
        .source = TRD_SOURCE_MARK,
        .offset_unit = TRD_OFFSET_BASIS_POINTS,
        .offset = 500};
    add_slot(&r, &prices);
    send_record(&r);
    trd_order_info info;
    naive_order_info(model, 1, &info);
    cr_expect(eq(i64, info.trigger, 45150));
    const trd_px moves[] = {42000, 43000, 44099, 44100};
    for (int i = 0; i < 4; i++) {
        p.u.price.px = moves[i];
        send(&p, 0);
    }
    SAYS("ack 1; trigger 1 at 44100 by 44100; end 1 MARKET open 1 done 0; ");
}

Test(naive, a_peg_follows_the_best_price_that_is_no_peg) {
    naive_destroy(model);
    open_model(TRD_IDS_WINDOW, 100, TRD_PUBLISH_LEVELS);
    record r = record_of(1, TRD_BUY, 5, 0);
    add_peg(&r, TRD_PEG_BEST, 1);
    send_record(&r);
    buy(2, 1, 100);
    SAYS("ack 1; ack 2; level 1@100 count 1; restate 1 peg 5 of 5@99; level 5@99 count 1; ");
    buy(3, 1, 103);
    SAYS("ack 3; level 1@103 count 1; level 0@99 count 0; restate 1 peg 5 of 5@102; "
         "level 5@102 count 1; ");
    cancel(2);
    cancel(3);
    SAYS("end 2 USER open 1 done 0; level 0@100 count 0; end 3 USER open 1 done 0; "
         "level 0@103 count 0; level 0@102 count 0; restate 1 peg 0 of 5@0; ");
}

/* Bid 100, offer 103: the middle is 101.5, 101 for a buy and 102 for a sell. */
Test(naive, a_middle_is_rounded_away_from_the_market) {
    buy(1, 1, 100);
    sell(2, 1, 103);
    forget();
    record r = record_of(3, TRD_BUY, 5, 0);
    add_peg(&r, TRD_PEG_MID, 0);
    send_record(&r);
    record s = record_of(4, TRD_SELL, 5, 0);
    add_peg(&s, TRD_PEG_MID, 0);
    send_record(&s);
    SAYS("ack 3; restate 3 peg 5 of 5@101; ack 4; restate 4 peg 5 of 5@102; ");
}

Test(naive, a_budget_buys_what_it_can_pay_exactly) {
    sell(1, 40, 3);
    forget();
    record r = record_of(2, TRD_BUY, 0, 0);
    r.slot[0].account = 2;
    r.slot[0].u.order.exec = TRD_EXEC_BUDGET;
    const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .budget = 100};
    add_slot(&r, &sizes);
    send_record(&r);
    SAYS("ack 2; take 2 33@3 left 0; make 1 33@3 left 7; end 2 BUDGET open 0 done 33; ");
    r.slot[0].u.order.client_id = 3;
    send_record(&r);
    SAYS("ack 3; take 3 7@3 left 0; make 1 7@3 left 0; end 3 MARKET open 0 done 7; ");
}

Test(naive, protected_and_to_limit_take_their_limit_from_the_book) {
    sell(1, 2, 100);
    sell(2, 2, 103);
    forget();
    record r = record_of(3, TRD_BUY, 5, 0);
    r.slot[0].u.order.type = TRD_TYPE_MARKET_PROTECTED;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET,
        .offset_unit = TRD_OFFSET_TICKS,
        .offset = 2};
    add_slot(&r, &prices);
    send_record(&r);
    SAYS("ack 3; take 3 2@100 left 3; make 1 2@100 left 0; ");
    trd_order_info info;
    naive_order_info(model, 3, &info);
    cr_expect(eq(i64, info.px, 102));
    cr_expect(eq(u32, info.type, TRD_TYPE_LIMIT));
    record to = record_of(4, TRD_SELL, 5, 0);
    to.slot[0].u.order.type = TRD_TYPE_MARKET_TO_LIMIT;
    send_record(&to);
    to.slot[0].u.order.client_id = 5;
    send_record(&to);
    SAYS("ack 4; take 4 3@102 left 2; make 3 3@102 left 0; reject 5 NO_MARKET; ");
}

Test(naive, post_only_slides_behind_the_best_it_would_meet) {
    sell(1, 2, 100);
    with_exec(1, 2, TRD_SELL, 3, 99, TRD_EXEC_ALL_OR_NONE);
    forget();
    with_exec(1, 3, TRD_BUY, 2, 101, TRD_EXEC_POST_ONLY | TRD_EXEC_POST_ONLY_SLIDE);
    with_exec(1, 4, TRD_BUY, 5, 99, TRD_EXEC_POST_ONLY);
    SAYS("ack 3; restate 3 slide 0 of 2@99; reject 4 POST_ONLY; ");
}

Test(naive, each_way_of_prevention) {
    by(1, 1, TRD_SELL, 5, 100, 0);
    forget();
    by(1, 2, TRD_BUY, 3, 100, TRD_STP_CANCEL_TAKER);
    SAYS("ack 2; prevent 2 mode 1 3 left 0; end 2 SELF_MATCH open 0 done 0; ");
    by(1, 3, TRD_BUY, 3, 100, TRD_STP_DECREMENT);
    SAYS("ack 3; prevent 3 mode 4 3 left 0; prevent 1 mode 4 3 left 2; "
         "end 3 SELF_MATCH open 0 done 0; ");
    by(1, 4, TRD_BUY, 3, 100, TRD_STP_REJECT);
    SAYS("reject 4 SELF_MATCH; ");
    by(1, 5, TRD_BUY, 3, 100, TRD_STP_CANCEL_MAKER);
    SAYS("ack 5; prevent 1 mode 2 2 left 0; end 1 SELF_MATCH open 0 done 0; ");
    by(1, 6, TRD_SELL, 4, 100, TRD_STP_CANCEL_BOTH);
    SAYS("ack 6; prevent 5 mode 3 3 left 0; end 5 SELF_MATCH open 0 done 0; "
         "prevent 6 mode 3 4 left 0; end 6 SELF_MATCH open 0 done 0; ");
}

/* Own lots in between are passed over by CANCEL_MAKER and end the reach of CANCEL_TAKER. */
Test(naive, reach_counts_prevention_as_it_would_happen) {
    by(1, 1, TRD_SELL, 2, 100, 0);
    by(2, 2, TRD_SELL, 2, 100, 0);
    by(1, 3, TRD_SELL, 2, 101, 0);
    forget();
    record r = record_of(4, TRD_BUY, 4, 101);
    r.slot[0].account = 2;
    r.slot[0].u.order.tif = TRD_TIF_FOK;
    r.slot[0].u.order.stp = TRD_STP_CANCEL_TAKER;
    send_record(&r);
    r.slot[0].u.order.client_id = 5;
    r.slot[0].u.order.stp = TRD_STP_CANCEL_MAKER;
    r.slot[0].u.order.exec = TRD_EXEC_SINGLE_PRICE;
    send_record(&r);
    r.slot[0].u.order.client_id = 6;
    r.slot[0].u.order.exec = 0;
    send_record(&r);
    SAYS("ack 4; end 4 FOK open 4 done 0; ack 5; end 5 FOK open 4 done 0; "
         "ack 6; take 6 2@100 left 2; make 1 2@100 left 0; prevent 2 mode 2 2 left 0; "
         "end 2 SELF_MATCH open 0 done 0; take 6 2@101 left 0; make 3 2@101 left 0; ");
}

Test(naive, resting_reduce_only_lots_never_exceed_the_position) {
    by(2, 1, TRD_SELL, 10, 100, 0);
    by(1, 2, TRD_BUY, 10, 100, 0);
    by(2, 3, TRD_BUY, 9, 99, 0);
    forget();
    with_exec(1, 4, TRD_SELL, 6, 105, TRD_EXEC_REDUCE_ONLY);
    with_exec(1, 5, TRD_SELL, 5, 106, TRD_EXEC_REDUCE_ONLY);
    SAYS("ack 4; ack 5; restate 5 cut 4 of 4@106; ");
    by(1, 6, TRD_SELL, 7, 99, 0);
    SAYS("ack 6; take 6 7@99 left 0; make 3 7@99 left 2; end 5 REDUCE_ONLY open 4 done 0; "
         "restate 4 cut 3 of 3@105; ");
    cr_expect(eq(i64, naive_position(model, 1, 0, TRD_POSITION_NET), 3));
    with_exec(2, 7, TRD_SELL, 1, 200, TRD_EXEC_REDUCE_ONLY);
    with_exec(1, 8, TRD_SELL, 5, 99, TRD_EXEC_REDUCE_ONLY);
    SAYS("reject 7 REDUCE_ONLY; ack 8; restate 8 cut 0 of 3@99; take 8 2@99 left 1; "
         "make 3 2@99 left 0; restate 4 cut 1 of 1@105; "
         "end 4 REDUCE_ONLY open 1 done 0; ");
}

Test(naive, orders_expire_at_their_own_time_before_the_command) {
    record r = record_of(1, TRD_SELL, 5, 100);
    const trd_ext_link link = {
        .kind = TRD_EXT_ORDER_LINK, .flags = TRD_LINK_EXPIRY, .expiry = 50, .tag = 7};
    add_slot(&r, &link);
    r.slot[0].u.order.tif = TRD_TIF_GTD;
    send_record(&r);
    timer(49);
    trd_command c = new_order(2, TRD_BUY, 5, 100);
    c.time = 60;
    send(&c, 2);
    SAYS("ack 1; end 1 EXPIRED open 5 done 0; ack 2; ");
    uint32_t count;
    const trd_event *events = naive_events(model, &count);
    cr_assert(eq(u32, count, 2));
    cr_expect(eq(i64, events[0].time, 50));
    cr_expect(eq(u32, events[0].status, TRD_STATUS_EXPIRED));
    cr_expect(eq(i64, events[1].time, 60));
    r.slot[0].u.order.client_id = 3;
    send_record(&r);
    SAYS("reject 3 EXPIRY; ");
}

/* Sell 60 to 10 (top), 5, 20, 50, 75 by algorithm A: allocation.md works it out. */
Test(naive, a_level_is_divided_as_the_profile_says) {
    trd_profile profile = trd_profile_default();
    profile.allocation = TRD_ALLOCATE_A;
    naive_configure(model, 0, &profile);
    const trd_qty qty[] = {10, 5, 20, 50, 75};
    for (uint64_t i = 0; i < 5; i++) {
        by(1, i + 1, TRD_BUY, qty[i], 100, 0);
    }
    forget();
    by(2, 6, TRD_SELL, 60, 100, 0);
    SAYS("ack 6; take 6 10@100 left 50; make 1 10@100 left 0; take 6 3@100 left 47; "
         "make 2 3@100 left 2; take 6 6@100 left 41; make 3 6@100 left 14; take 6 16@100 left 25; "
         "make 4 16@100 left 34; take 6 25@100 left 0; make 5 25@100 left 50; ");
}

Test(naive, replace_of_waiting_and_aside_orders) {
    record r = record_of(1, TRD_BUY, 5, 0);
    add_trigger(&r, TRD_TYPE_STOP, TRD_SOURCE_LAST, 110);
    send_record(&r);
    forget();
    replace(1, 4, 100, 0);
    trd_command c = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .flags = TRD_COMMAND_KEEP_PX,
        .account = 1,
        .u.replace = {.target = 1, .qty = 4}};
    send(&c, 0);
    c.u.replace.qty = 8;
    send(&c, 0);
    SAYS("no BAD_COMBINATION order 1; keep 1 is 1 4@0; move 1 is 1 8@0; ");
    with_exec(1, 2, TRD_BUY, 6, 100, TRD_EXEC_ALL_OR_NONE);
    by(2, 3, TRD_SELL, 4, 100, 0);
    forget();
    reduce(2, 2);
    SAYS("keep 2 is 2 4@100; take 2 4@100 left 0; make 3 4@100 left 0; ");
}

Test(naive, forms_that_do_not_exist_together) {
    const struct {
        uint8_t type;
        uint8_t tif;
        uint16_t exec;
        trd_px px;
    } rows[] = {
        {TRD_TYPE_LIMIT, TRD_TIF_GTT, 0, 100},                        /* no trigger */
        {TRD_TYPE_LIMIT, TRD_TIF_GTD, 0, 100},                        /* no expiry */
        {TRD_TYPE_LIMIT, TRD_TIF_GTC, TRD_EXEC_SINGLE_PRICE, 100},    /* not FOK */
        {TRD_TYPE_LIMIT, TRD_TIF_GTC, TRD_EXEC_POST_ONLY_SLIDE, 100}, /* not post-only */
        {TRD_TYPE_LIMIT, TRD_TIF_IOC, TRD_EXEC_ALL_OR_NONE, 100},     /* cannot wait */
        {TRD_TYPE_LIMIT, TRD_TIF_GTC, TRD_EXEC_PEAK_IN_PLACE, 100},   /* no peak */
        {TRD_TYPE_LIMIT, TRD_TIF_AT_CLOSE, TRD_EXEC_HIDDEN, 100},     /* auction */
        {TRD_TYPE_MARKET, TRD_TIF_GTC, TRD_EXEC_HIDDEN, 0},           /* nothing to hide */
        {TRD_TYPE_MARKET_TO_LIMIT, TRD_TIF_FOK, 0, 0},                /* not listed */
        {TRD_TYPE_STOP, TRD_TIF_GTC, 0, 0},                           /* no trigger */
        {TRD_TYPE_PEGGED, TRD_TIF_GTC, 0, 0},                         /* no peg */
        {TRD_TYPE_LIMIT, TRD_TIF_GTC, TRD_EXEC_CLOSE_POSITION, 100},  /* not reduce-only */
        {TRD_TYPE_MARKET, TRD_TIF_GTC, TRD_EXEC_BUDGET, 0},           /* qty is not 0 */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        trd_command c = new_order(1, TRD_BUY, 5, rows[i].px);
        c.u.order.type = rows[i].type;
        c.u.order.tif = rows[i].tif;
        c.u.order.exec = rows[i].exec;
        send(&c, 1);
        cr_expect(eq(str, said, (char *)"reject 1 BAD_COMBINATION; "), "row %zu", i);
        forget();
    }
}

/* --- Sessions --------------------------------------------------------------------------------- */

static void session(uint8_t state, trd_ns until) {
    const trd_command c = {
        .kind = TRD_COMMAND_SESSION, .slots = 1, .u.session = {.state = state, .until = until}};
    send(&c, 0);
}

static void configure(const trd_profile *profile) {
    naive_configure(model, 0, profile);
}

/* At 104 and at 105 ten lots trade and four sellers are left: their pressure takes the lower. */
Test(naive, an_auction_takes_the_price_of_most_volume_then_pressure) {
    naive_destroy(model);
    open_model(TRD_IDS_WINDOW, 100, TRD_PUBLISH_AUCTION | TRD_PUBLISH_LEVELS);
    session(TRD_SESSION_PRE_OPEN, 0);
    by(1, 1, TRD_BUY, 10, 105, 0);
    by(1, 2, TRD_BUY, 5, 103, 0);
    SAYS("state 2 was 1 by 1 until 0; ack 1; level 10@105 count 1; ack 2; level 5@103 count 1; ");
    by(2, 3, TRD_SELL, 8, 101, 0);
    by(2, 4, TRD_SELL, 6, 104, 0);
    /* 8 lots at 101, 103 and 105: 103 and 101 leave 7 buyers, 105 leaves 2 */
    SAYS("ack 3; level 8@101 count 1; indicate 8@105 over 2; "
         "ack 4; level 6@104 count 1; indicate 10@104 over -4; ");
    session(TRD_SESSION_OPENING, 0);
    SAYS("state 3 was 2 by 1 until 0; indicate 10@104 over -4; ");
    session(TRD_SESSION_CONTINUOUS, 0);
    SAYS("uncross 10@104 over -4; cross 1 8@104 left 2; cross 3 8@104 left 0; "
         "level 2@105 count 1; level 0@101 count 0; cross 1 2@104 left 0; cross 4 2@104 left 4; "
         "level 0@105 count 0; level 4@104 count 1; state 1 was 3 by 1 until 0; ");
    trd_px last;
    cr_expect(naive_price(model, 0, TRD_SOURCE_LAST, &last));
    cr_expect(eq(i64, last, 104));
}

Test(naive, a_reference_in_the_middle_is_the_price_itself) {
    price(TRD_SOURCE_LAST, 100);
    session(TRD_SESSION_OPENING, 0);
    by(1, 1, TRD_BUY, 10, 102, 0);
    by(2, 2, TRD_SELL, 10, 98, 0);
    forget();
    session(TRD_SESSION_CLOSED, 0);
    SAYS("uncross 10@100 over 0; cross 1 10@100 left 0; cross 2 10@100 left 0; "
         "state 6 was 3 by 1 until 0; ");
}

/* Without a tie-break that decides the lowest is taken; MIDDLE is between the outermost. */
Test(naive, each_tie_break_has_its_price) {
    const struct {
        uint8_t tie;
        trd_px px;
    } rows[] = {{TRD_TIE_NONE, 97}, {TRD_TIE_HIGHEST, 102}, {TRD_TIE_LOWEST, 97},
        {TRD_TIE_MIDDLE, 99}, {TRD_TIE_REFERENCE, 97}, {TRD_TIE_IMBALANCE, 97}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        naive_destroy(model);
        open_model(TRD_IDS_WINDOW, 100, 0);
        trd_profile profile = trd_profile_default();
        memset(profile.ties, 0, sizeof(profile.ties));
        profile.ties[0] = rows[i].tie;
        configure(&profile);
        session(TRD_SESSION_OPENING, 0);
        by(1, 1, TRD_BUY, 10, 102, 0);
        by(2, 2, TRD_SELL, 10, 97, 0);
        session(TRD_SESSION_CONTINUOUS, 0);
        uint32_t count;
        const trd_event *events = naive_events(model, &count);
        cr_assert(eq(u32, events[0].kind, TRD_EVENT_AUCTION));
        cr_expect(eq(i64, events[0].u.auction.px, rows[i].px), "row %zu", i);
    }
}

Test(naive, orders_for_auctions_wait_join_and_end) {
    order(1, TRD_BUY, 5, 100, TRD_TIF_AT_OPEN);
    order(2, TRD_BUY, 5, 100, TRD_TIF_AT_CLOSE);
    order(3, TRD_BUY, 5, 0, TRD_TIF_GFA);
    order(4, TRD_BUY, 1, 100, TRD_TIF_GFN);
    order(5, TRD_BUY, 1, 99, TRD_TIF_DAY);
    SAYS("reject 1 SESSION; ack 2; ack 3; ack 4; ack 5; ");
    session(TRD_SESSION_CLOSING, 0);
    trd_order_info info;
    naive_order_info(model, 2, &info);
    cr_expect(eq(u32, info.where, TRD_WHERE_BOOK));
    naive_order_info(model, 3, &info);
    cr_expect(eq(u32, info.where, TRD_WHERE_AUCTION));
    by(2, 6, TRD_SELL, 6, 90, 0);
    order(7, TRD_BUY, 1, 100, TRD_TIF_IOC);
    SAYS("state 5 was 1 by 1 until 0; end 4 SESSION open 1 done 0; ack 6; reject 7 SESSION; ");
    /* Six lots trade at any price from 90 to 99; 90 to 99 leave 5 buyers, 100 leaves 4. */
    session(TRD_SESSION_CLOSED, 0);
    SAYS("uncross 6@100 over 4; cross 3 5@100 left 0; cross 6 5@100 left 1; "
         "cross 2 1@100 left 4; cross 6 1@100 left 0; state 6 was 5 by 1 until 0; "
         "end 2 AUCTION open 4 done 1; end 5 EXPIRED open 1 done 0; ");
}

/* The first number from seed 0 is 0xe220a8397b1dcdaf, 0.883 of 2^64: 88 of 100. */
Test(naive, a_planned_end_may_be_random_and_the_next_state_follows) {
    const trd_command c = {.kind = TRD_COMMAND_SESSION,
        .slots = 1,
        .u.session = {.state = TRD_SESSION_PRE_OPEN, .until = 1000, .random = 99}};
    send(&c, 0);
    SAYS("state 2 was 1 by 1 until 1088; ");
    timer(1087);
    SAYS("");
    timer(2000);
    SAYS("state 3 was 2 by 2 until 0; ");
    uint32_t count;
    cr_expect(eq(i64, naive_events(model, &count)->time, 1088));
    session(TRD_SESSION_OPENING, 2000);
    SAYS("command EXPIRY; ");
}

Test(naive, a_taker_ends_at_the_band) {
    trd_profile profile = trd_profile_default();
    profile.band_action = TRD_BAND_CANCEL;
    profile.band_source = TRD_SOURCE_MARK;
    profile.band_below = 500;
    profile.band_above = 1000;
    configure(&profile);
    sell(1, 1, 111);
    sell(2, 1, 110);
    price(TRD_SOURCE_MARK, 100); /* 95 to 110 */
    forget();
    by(2, 3, TRD_BUY, 3, 0, 0);
    by(2, 4, TRD_BUY, 3, 111, 0);
    by(2, 5, TRD_SELL, 3, 94, 0);
    by(2, 6, TRD_BUY, 3, 110, 0);
    SAYS("ack 3; take 3 1@110 left 2; make 2 1@110 left 0; end 3 BAND open 2 done 1; "
         "ack 4; end 4 BAND open 3 done 0; ack 5; end 5 BAND open 3 done 0; ack 6; ");
    profile.band_action = TRD_BAND_REJECT;
    profile.band_whole = 1;
    configure(&profile);
    by(2, 7, TRD_BUY, 3, 111, 0);
    by(2, 8, TRD_BUY, 3, 0, 0);
    SAYS("reject 7 BAND; reject 8 BAND; ");
}

Test(naive, too_long_at_the_band_is_a_pause) {
    trd_profile profile = trd_profile_default();
    profile.band_action = TRD_BAND_REJECT;
    profile.band_source = TRD_SOURCE_INDEX;
    profile.band_below = 1000;
    profile.band_above = 1000;
    profile.limit_wait = 15;
    profile.limit_pause = 300;
    configure(&profile);
    timer(0);
    price(TRD_SOURCE_INDEX, 100);
    buy(1, 1, 110);
    timer(14);
    cancel(1);
    timer(16);
    buy(2, 1, 110);
    forget();
    timer(331);
    SAYS("state 7 was 1 by 4 until 331; uncross 0@0 over 0; state 1 was 7 by 2 until 0; ");
    timer(340); /* at the band again since 331, but no command has come */
    price(TRD_SOURCE_INDEX, 100);
    timer(354);
    SAYS("");
    timer(355);
    SAYS("state 7 was 1 by 4 until 655; ");
}

Test(naive, a_breaker_interrupts_the_taker) {
    trd_profile profile = trd_profile_default();
    profile.breaker_window = 1600;
    profile.breaker_pause = 50;
    profile.breaker_variation = 500;
    configure(&profile);
    timer(1000);
    sell(1, 1, 100);
    sell(2, 1, 105);
    sell(3, 1, 106);
    forget();
    by(2, 4, TRD_BUY, 4, 106, 0);
    SAYS("ack 4; take 4 1@100 left 3; make 1 1@100 left 0; take 4 1@105 left 2; "
         "make 2 1@105 left 0; state 4 was 1 by 3 until 1050; ");
    /* it rests, crossing, and trades in the uncross; the pause starts the window anew */
    timer(1050);
    SAYS("uncross 1@106 over 1; cross 4 1@106 left 1; cross 3 1@106 left 0; "
         "state 1 was 4 by 2 until 0; ");
    sell(5, 1, 111);
    by(2, 6, TRD_BUY, 1, 112, TRD_STP_NONE);
    SAYS("ack 5; ack 6; take 6 1@111 left 0; make 5 1@111 left 0; ");
}

Test(naive, pegs_and_triggers_sleep_until_trading_is_continuous) {
    buy(1, 1, 100);
    record r = record_of(2, TRD_BUY, 5, 0);
    add_peg(&r, TRD_PEG_BEST, 0);
    send_record(&r);
    forget();
    session(TRD_SESSION_HALTED, 0);
    price(TRD_SOURCE_MARK, 50);
    price(TRD_SOURCE_MARK, 40);
    SAYS("state 7 was 1 by 1 until 0; restate 2 peg 0 of 5@0; ");
    session(TRD_SESSION_PRE_OPEN, 0);
    record stop = record_of(3, TRD_BUY, 5, 0);
    add_trigger(&stop, TRD_TYPE_STOP, TRD_SOURCE_MARK, 40);
    send_record(&stop);
    replace(1, 2, 101, 0);
    session(TRD_SESSION_CONTINUOUS, 0);
    SAYS("state 2 was 7 by 1 until 0; ack 3; move 1 is 1 2@101; uncross 0@0 over 0; "
         "state 1 was 2 by 1 until 0; restate 2 peg 5 of 5@101; trigger 3 at 40 by 40; "
         "end 3 MARKET open 5 done 0; ");
}

/* --- Many orders at once ---------------------------------------------------------------------- */

static void mass(uint8_t filter, uint32_t account, uint8_t side, uint64_t tag, uint32_t actor) {
    const trd_command c = {.kind = TRD_COMMAND_MASS_CANCEL,
        .slots = 1,
        .account = account,
        .actor = actor,
        .u.mass = {.filter = filter, .side = side, .tag = tag}};
    send(&c, 0);
}

static void kill_switch(uint8_t scope, uint8_t action, uint8_t cancel, uint8_t reducing) {
    const trd_command c = {.kind = TRD_COMMAND_KILL,
        .slots = 1,
        .account = 1,
        .u.kill = {.scope = scope, .action = action, .cancel = cancel, .reducing = reducing}};
    send(&c, 0);
}

static void deadman(uint8_t scope, uint8_t action, trd_ns timeout) {
    const trd_command c = {.kind = TRD_COMMAND_DEADMAN,
        .slots = 1,
        .account = 1,
        .u.deadman = {.scope = scope, .action = action, .timeout = timeout}};
    send(&c, 0);
}

/* Bids by price, offers, hidden, aside, waiting; then the settlement: the peg lost its reference.
 */
Test(naive, a_mass_cancel_walks_place_by_place) {
    record stop = record_of(1, TRD_BUY, 1, 0);
    add_trigger(&stop, TRD_TYPE_STOP, TRD_SOURCE_MARK, 500);
    send_record(&stop);
    with_exec(1, 2, TRD_SELL, 5, 200, TRD_EXEC_ALL_OR_NONE);
    with_exec(1, 3, TRD_BUY, 5, 90, TRD_EXEC_HIDDEN);
    by(1, 4, TRD_SELL, 1, 110, 0);
    by(1, 5, TRD_BUY, 1, 99, 0);
    by(1, 6, TRD_BUY, 1, 100, 0);
    record peg = record_of(7, TRD_BUY, 1, 0);
    peg.slot[0].account = 2;
    add_peg(&peg, TRD_PEG_BEST, 0);
    send_record(&peg);
    forget();
    mass(TRD_MASS_ACCOUNT, 1, 0, 0, 0);
    SAYS("end 6 MASS open 1 done 0; end 5 MASS open 1 done 0; end 4 MASS open 1 done 0; "
         "end 3 MASS open 5 done 0; end 2 MASS open 5 done 0; end 1 MASS open 1 done 0; "
         "restate 7 peg 0 of 1@0; ");
}

Test(naive, a_mass_cancel_ends_what_fits_every_filter) {
    record tagged = record_of(1, TRD_BUY, 1, 100);
    const trd_ext_link link = {.kind = TRD_EXT_ORDER_LINK, .tag = 9};
    add_slot(&tagged, &link);
    tagged.slot[0].actor = 3;
    send_record(&tagged);
    buy(2, 1, 100);
    sell(3, 1, 101);
    forget();
    mass(TRD_MASS_TAG | TRD_MASS_SIDE, 0, TRD_SELL, 9, 0);
    mass(TRD_MASS_TAG | TRD_MASS_ACTOR, 0, 0, 9, 3);
    mass(TRD_MASS_SIDE, 0, TRD_BUY, 0, 0);
    mass(0, 0, TRD_BUY, 0, 0);
    mass(TRD_MASS_ACCOUNT, 10, 0, 0, 0);
    mass(0, 0, 0, 0, 0);
    SAYS("end 1 MASS open 1 done 0; end 2 MASS open 1 done 0; command MALFORMED; "
         "command UNKNOWN_ACCOUNT; end 3 MASS open 1 done 0; ");
}

Test(naive, a_kill_switch_refuses_and_lets_reducing_orders_pass) {
    by(2, 1, TRD_SELL, 2, 100, 0);
    by(1, 2, TRD_BUY, 2, 100, 0);
    by(1, 3, TRD_BUY, 1, 90, 0);
    forget();
    kill_switch(TRD_SCOPE_ACCOUNT, TRD_KILL_ON, 1, 1);
    by(1, 4, TRD_BUY, 1, 90, 0);
    by(2, 5, TRD_BUY, 1, 90, 0);
    with_exec(1, 6, TRD_SELL, 1, 110, TRD_EXEC_REDUCE_ONLY);
    kill_switch(TRD_SCOPE_ACCOUNT, TRD_KILL_ON, 0, 0);
    with_exec(1, 7, TRD_SELL, 1, 110, TRD_EXEC_REDUCE_ONLY);
    kill_switch(TRD_SCOPE_ACCOUNT, TRD_KILL_OFF, 0, 0);
    by(1, 8, TRD_BUY, 1, 90, 0);
    kill_switch(TRD_SCOPE_ACCOUNT, TRD_KILL_OFF, 1, 0);
    SAYS("end 3 KILL open 1 done 0; reject 4 KILLED; ack 5; ack 6; reject 7 KILLED; ack 8; "
         "command MALFORMED; ");
}

Test(naive, sixty_four_scopes_and_no_more) {
    for (uint32_t actor = 0; actor < 65; actor++) {
        const trd_command c = {.kind = TRD_COMMAND_KILL,
            .slots = 1,
            .actor = actor,
            .u.kill = {.scope = TRD_SCOPE_ACTOR, .action = TRD_KILL_ON}};
        send(&c, 0);
    }
    kill_switch(TRD_SCOPE_ACTOR, TRD_KILL_ON, 0, 0);
    SAYS("command NO_CAPACITY; ");
}

Test(naive, a_dead_man_is_fed_or_cancels) {
    timer(0);
    by(1, 1, TRD_BUY, 1, 90, 0);
    by(2, 2, TRD_BUY, 1, 90, 0);
    forget();
    deadman(TRD_SCOPE_ACCOUNT, TRD_DEADMAN_FEED, 10);
    deadman(TRD_SCOPE_ACCOUNT, TRD_DEADMAN_ARM, 10);
    timer(9);
    deadman(TRD_SCOPE_ACCOUNT, TRD_DEADMAN_FEED, 20);
    timer(28);
    SAYS("");
    timer(40);
    uint32_t count;
    cr_expect(eq(i64, naive_events(model, &count)->time, 29));
    SAYS("end 1 DEADMAN open 1 done 0; ");
    deadman(TRD_SCOPE_ACCOUNT, TRD_DEADMAN_ARM, 0);
    deadman(TRD_SCOPE_ACCOUNT, TRD_DEADMAN_ARM, 5);
    deadman(TRD_SCOPE_ACCOUNT, TRD_DEADMAN_DISARM, 0);
    by(1, 3, TRD_BUY, 1, 90, 0);
    timer(100);
    SAYS("command EXPIRY; ack 3; ");
}

/* --- Quotes and their protection ---------------------------------------------------------------
 */

typedef struct sides {
    trd_qty bid_qty;
    trd_px bid_px;
    trd_qty ask_qty;
    trd_px ask_px;
} sides;

/* The orders that it makes have the handles `first` and the one after it. */
static void quote(uint32_t account, sides q, trd_order first) {
    const trd_order handles[] = {first, first + 1};
    const trd_command c = {.kind = TRD_COMMAND_QUOTE,
        .slots = 1,
        .account = account,
        .u.quote = {q.bid_px, q.bid_qty, q.ask_px, q.ask_qty}};
    naive_step(model, &c, handles, 2);
    uint32_t count;
    const trd_event *events = naive_events(model, &count);
    for (uint32_t i = 0; i < count; i += events[i].slots) {
        say_event(&events[i]);
    }
}

static void withdraw(uint32_t account) {
    quote(account, (sides){0, 0, 0, 0}, 0);
}

static void protect(uint32_t account, trd_protection body) {
    const trd_command c = {
        .kind = TRD_COMMAND_PROTECTION, .slots = 1, .account = account, .u.protection = body};
    send(&c, 0);
}

static record greeks(trd_ns window, const int64_t value[5]) {
    record r;
    trd_ext_row row = {.kind = TRD_EXT_TABLE_ROW, .table = TRD_TABLE_PROTECTION, .key = 1};
    memset(&r, 0, sizeof(r));
    r.slot[0].kind = TRD_COMMAND_PROTECTION;
    r.slot[0].slots = 1;
    r.slot[0].account = 1;
    r.slot[0].u.protection.window = window;
    r.slot[0].u.protection.action = TRD_PROTECTION_SET;
    memcpy(row.value, value, sizeof(row.value));
    add_slot(&r, &row);
    return r;
}

static void change_by_handle(uint8_t kind, uint16_t flags, trd_order target, trd_qty qty) {
    trd_command c = {.kind = kind, .slots = 1, .flags = TRD_COMMAND_BY_HANDLE, .account = 1};
    c.flags |= flags;
    if (kind == TRD_COMMAND_REPLACE) {
        c.flags |= TRD_COMMAND_KEEP_PX;
        c.u.replace = (trd_replace){.target = target, .qty = qty};
    } else {
        c.u.cancel = (trd_cancel){.target = target, .qty = qty};
    }
    send(&c, 0);
}

Test(naive, a_quote_is_entered_kept_moved_and_withdrawn_by_side) {
    quote(1, (sides){5, 99, 5, 101}, 11);
    SAYS("ack 0; ack 0; ");
    quote(1, (sides){5, 99, 3, 101}, 0);
    SAYS("keep 11 is 0 5@99; keep 12 is 0 3@101; ");
    quote(1, (sides){6, 99, 3, 102}, 0);
    SAYS("move 11 is 0 6@99; move 12 is 0 3@102; ");
    quote(1, (sides){0, 0, 3, 102}, 0);
    SAYS("end 11 USER open 6 done 0; keep 12 is 0 3@102; ");
    quote(1, (sides){2, 98, 0, 0}, 13);
    SAYS("ack 0; end 12 USER open 3 done 0; ");
    withdraw(2);
    SAYS("");
}

Test(naive, a_quote_that_stays_in_place_shows_less_and_one_that_grows_is_behind) {
    naive_destroy(model);
    open_model(TRD_IDS_WINDOW, 100, TRD_PUBLISH_LEVELS);
    quote(1, (sides){0, 0, 5, 101}, 11);
    by(2, 1, TRD_SELL, 1, 101, 0);
    forget();
    quote(1, (sides){0, 0, 4, 101}, 0);
    SAYS("keep 11 is 0 4@101; level 5@101 count 2; ");
    by(3, 2, TRD_BUY, 1, 101, 0);
    SAYS("ack 2; take 2 1@101 left 0; make 11 1@101 left 3; level 4@101 count 2; ");
    quote(1, (sides){0, 0, 4, 101}, 0); /* 1 executed and 4 open */
    SAYS("move 11 is 0 5@101; level 1@101 count 1; level 5@101 count 2; ");
    by(3, 3, TRD_BUY, 1, 101, 0);
    SAYS("ack 3; take 3 1@101 left 0; make 1 1@101 left 0; level 4@101 count 1; ");
}

Test(naive, a_total_of_a_quote_counts_what_was_executed) {
    quote(1, (sides){0, 0, 10, 101}, 11);
    by(2, 1, TRD_BUY, 4, 101, 0);
    forget();
    quote(1, (sides){0, 0, 6, 101}, 0);
    quote(1, (sides){0, 0, 5, 101}, 0);
    quote(1, (sides){0, 0, 8, 101}, 0);
    SAYS("keep 11 is 0 10@101; keep 11 is 0 9@101; move 11 is 0 12@101; ");
}

Test(naive, a_bid_that_crosses_takes_and_withdraws_its_own_offer) {
    quote(1, (sides){5, 99, 5, 101}, 11);
    by(2, 3, TRD_SELL, 2, 100, 0);
    forget();
    quote(1, (sides){4, 101, 4, 103}, 13);
    SAYS("move 11 is 0 4@101; take 11 2@100 left 2; make 3 2@100 left 0; "
         "prevent 12 mode 2 5 left 0; end 12 SELF_MATCH open 0 done 0; ack 0; ");
}

Test(naive, a_quote_is_found_by_its_handle_only) {
    quote(1, (sides){5, 99, 5, 101}, 11);
    buy(0, 1, 90); /* client id 0 of another order */
    forget();
    change_by_handle(TRD_COMMAND_REDUCE, 0, 11, 2);
    change_by_handle(TRD_COMMAND_REPLACE, TRD_COMMAND_NEW_ID, 11, 1);
    change_by_handle(TRD_COMMAND_REPLACE, 0, 12, 6);
    cancel(0);
    cancel(0);
    SAYS("keep 11 is 0 3@99; no BAD_COMBINATION order 11; move 12 is 0 6@101; "
         "end 0 USER open 1 done 0; no UNKNOWN_ORDER order 0; ");
    change_by_handle(TRD_COMMAND_CANCEL, 0, 11, 0);
    quote(1, (sides){1, 99, 6, 101}, 13);
    SAYS("end 11 USER open 3 done 0; ack 0; keep 12 is 0 6@101; ");
    mass(TRD_MASS_ACCOUNT | TRD_MASS_SIDE, 1, TRD_SELL, 0, 0);
    session(TRD_SESSION_CLOSED, 0);
    SAYS("end 12 MASS open 6 done 0; state 6 was 1 by 1 until 0; end 13 EXPIRED open 1 done 0; ");
}

Test(naive, a_quote_is_refused_as_a_whole) {
    quote(1, (sides){0, 99, 5, 101}, 0);
    quote(1, (sides){5, 101, 5, 101}, 0);
    quote(10, (sides){5, 99, 5, 101}, 0);
    quote(1, (sides){5, 99, 5, 10001}, 0);
    quote(1, (sides){-1, 99, 0, 0}, 0);
    quote(1, (sides){5, 99, 1001, 101}, 0);
    SAYS("command MALFORMED; command BAD_COMBINATION; command UNKNOWN_ACCOUNT; "
         "command PRICE_LIMIT; command QTY_NEGATIVE; command QTY_MAX; ");
    cr_expect(eq(u32, naive_count(model), 0));
}

Test(naive, only_withdrawing_is_possible_when_killed_or_halted) {
    quote(1, (sides){5, 99, 5, 101}, 11);
    forget();
    kill_switch(TRD_SCOPE_ACCOUNT, TRD_KILL_ON, 0, 1);
    quote(1, (sides){4, 99, 0, 0}, 0);
    withdraw(1);
    kill_switch(TRD_SCOPE_ACCOUNT, TRD_KILL_OFF, 0, 0);
    SAYS("command KILLED; end 11 USER open 5 done 0; end 12 USER open 5 done 0; ");
    quote(1, (sides){5, 99, 5, 101}, 13);
    session(TRD_SESSION_HALTED, 0);
    forget();
    quote(1, (sides){4, 99, 0, 0}, 0);
    withdraw(1);
    SAYS("command SESSION; end 13 USER open 5 done 0; end 14 USER open 5 done 0; ");
}

Test(naive, rows_are_kept_by_a_quote_or_a_protection) {
    quote(1, (sides){1, 99, 0, 0}, 11);
    protect(2, (trd_protection){.window = 1, .action = TRD_PROTECTION_SET});
    forget();
    quote(3, (sides){1, 99, 0, 0}, 0);
    protect(3, (trd_protection){.window = 1, .action = TRD_PROTECTION_SET});
    withdraw(3);
    quote(2, (sides){1, 98, 0, 0}, 21);
    SAYS("command NO_CAPACITY; command NO_CAPACITY; ack 0; ");
    protect(2, (trd_protection){.action = TRD_PROTECTION_REMOVE});
    quote(3, (sides){1, 99, 0, 0}, 0);
    SAYS("command NO_CAPACITY; ");
    withdraw(2);
    quote(3, (sides){1, 99, 0, 0}, 31);
    SAYS("end 21 USER open 1 done 0; ack 0; ");
}

/* orders_max is 8, and both sides need room that one of them already has. */
Test(naive, a_quote_needs_room_for_the_sides_that_have_no_order) {
    quote(1, (sides){1, 99, 0, 0}, 11);
    for (uint64_t id = 1; id <= 6; id++) {
        buy(id, 1, 50);
    }
    forget();
    quote(2, (sides){1, 99, 1, 101}, 0);
    quote(1, (sides){1, 99, 1, 101}, 12);
    quote(1, (sides){1, 98, 1, 102}, 0);
    SAYS("command NO_CAPACITY; keep 11 is 0 1@99; ack 0; move 11 is 0 1@98; move 12 is 0 1@102; ");
}

Test(naive, a_protection_withdraws_both_sides_once_its_lots_are_reached) {
    protect(1, (trd_protection){.window = 10, .qty = 5, .action = TRD_PROTECTION_SET});
    quote(1, (sides){4, 99, 4, 101}, 11);
    by(2, 1, TRD_BUY, 3, 101, 0);
    by(2, 2, TRD_BUY, 1, 101, 0); /* 4 lots */
    quote(1, (sides){4, 99, 4, 102}, 13);
    forget();
    by(3, 3, TRD_SELL, 2, 99, 0);
    SAYS("ack 3; take 3 2@99 left 0; make 11 2@99 left 2; end 11 PROTECTION open 2 done 2; "
         "end 13 PROTECTION open 4 done 0; ");
    quote(1, (sides){4, 99, 0, 0}, 0);
    withdraw(1);
    protect(1, (trd_protection){.action = TRD_PROTECTION_RESUME});
    quote(1, (sides){4, 99, 4, 101}, 15);
    by(2, 4, TRD_BUY, 4, 101, 0); /* from 0 again */
    SAYS("command PROTECTED; ack 0; ack 0; ack 4; take 4 4@101 left 0; make 16 4@101 left 0; ");
    by(2, 5, TRD_SELL, 1, 99, 0);
    SAYS("ack 5; take 5 1@99 left 0; make 15 1@99 left 3; end 15 PROTECTION open 3 done 1; ");
}

Test(naive, a_window_begins_with_the_first_fill_that_is_in_none) {
    timer(0);
    protect(1, (trd_protection){.window = 10, .qty = 5, .action = TRD_PROTECTION_SET});
    quote(1, (sides){0, 0, 10, 101}, 11);
    by(2, 1, TRD_BUY, 3, 101, 0);
    timer(9);
    by(2, 2, TRD_BUY, 1, 101, 0); /* 4 lots since 0 */
    timer(10);
    by(2, 3, TRD_BUY, 4, 101, 0); /* 4 lots since 10 */
    timer(19);
    forget();
    by(2, 4, TRD_BUY, 1, 101, 0);
    SAYS("ack 4; take 4 1@101 left 0; make 11 1@101 left 1; end 11 PROTECTION open 1 done 9; ");
}

/* Before what ends the taker its level is told; the offer is withdrawn with it and not entered. */
Test(naive, a_protection_ends_the_bid_that_takes) {
    naive_destroy(model);
    open_model(TRD_IDS_WINDOW, 100, TRD_PUBLISH_LEVELS);
    protect(1, (trd_protection){.window = 10, .fills = 2, .action = TRD_PROTECTION_SET});
    quote(1, (sides){0, 0, 3, 110}, 11);
    by(2, 1, TRD_SELL, 1, 100, 0);
    by(2, 2, TRD_SELL, 1, 101, 0);
    by(2, 3, TRD_SELL, 5, 101, 0);
    forget();
    quote(1, (sides){9, 105, 3, 110}, 12);
    SAYS("ack 0; take 12 1@100 left 8; make 1 1@100 left 0; level 0@100 count 0; "
         "take 12 1@101 left 7; make 2 1@101 left 0; level 5@101 count 1; "
         "end 12 PROTECTION open 7 done 2; end 11 PROTECTION open 3 done 0; level 0@110 count 0; ");
}

Test(naive, a_taker_that_is_filled_is_not_canceled_by_its_protection) {
    protect(1, (trd_protection){.window = 10, .fills = 1, .action = TRD_PROTECTION_SET});
    by(2, 1, TRD_SELL, 2, 100, 0);
    forget();
    quote(1, (sides){2, 100, 3, 110}, 11);
    SAYS("ack 0; take 11 2@100 left 0; make 1 2@100 left 0; ");
    quote(1, (sides){2, 100, 3, 110}, 11);
    SAYS("command PROTECTED; ");
}

/* Buying a lot is 5, selling one -5: 5, 0, -10. */
Test(naive, delta_is_signed_by_side_and_its_size_is_limited) {
    const record set = greeks(100, (int64_t[]){10, 0, 5, 0, 0});
    send(set.slot, 0);
    quote(1, (sides){5, 99, 5, 101}, 11);
    by(2, 1, TRD_SELL, 1, 99, 0);
    by(2, 2, TRD_BUY, 1, 101, 0);
    forget();
    by(2, 3, TRD_BUY, 2, 101, 0);
    SAYS("ack 3; take 3 2@101 left 0; make 12 2@101 left 2; end 11 PROTECTION open 4 done 1; "
         "end 12 PROTECTION open 2 done 3; ");
}

Test(naive, vega_and_amount_are_limits_too) {
    const record set = greeks(100, (int64_t[]){0, 6, 9, -3, 0});
    send(set.slot, 0);
    quote(1, (sides){5, 99, 0, 0}, 11);
    forget();
    by(2, 1, TRD_SELL, 2, 99, 0);
    SAYS("ack 1; take 1 2@99 left 0; make 11 2@99 left 3; end 11 PROTECTION open 3 done 2; ");
    protect(1, (trd_protection){.window = 9, .amount = 303, .action = TRD_PROTECTION_SET});
    quote(1, (sides){0, 0, 5, 101}, 12);
    by(2, 2, TRD_BUY, 2, 101, 0); /* 202 */
    by(2, 3, TRD_BUY, 1, 101, 0); /* 303 */
    SAYS("ack 0; ack 2; take 2 2@101 left 0; make 12 2@101 left 3; ack 3; "
         "take 3 1@101 left 0; make 12 1@101 left 2; end 12 PROTECTION open 2 done 3; ");
}

Test(naive, in_an_uncross_the_row_of_the_buyer_acts_first) {
    session(TRD_SESSION_PRE_OPEN, 0);
    protect(1, (trd_protection){.window = 9, .fills = 1, .action = TRD_PROTECTION_SET});
    protect(2, (trd_protection){.window = 9, .fills = 1, .action = TRD_PROTECTION_SET});
    quote(1, (sides){5, 105, 5, 110}, 11);
    quote(2, (sides){5, 90, 5, 100}, 21);
    forget();
    session(TRD_SESSION_CONTINUOUS, 0);
    SAYS("uncross 5@100 over 0; cross 11 5@100 left 0; cross 22 5@100 left 0; "
         "end 12 PROTECTION open 5 done 0; end 21 PROTECTION open 5 done 0; "
         "state 1 was 2 by 1 until 0; ");
}

Test(naive, a_protection_is_malformed_unless_every_field_is_meant) {
    protect(1, (trd_protection){.action = TRD_PROTECTION_SET});
    protect(1, (trd_protection){.window = 1, .qty = -1, .action = TRD_PROTECTION_SET});
    protect(1, (trd_protection){.window = 1, .action = TRD_PROTECTION_REMOVE});
    protect(1, (trd_protection){.window = 1, .action = 4});
    record r = greeks(1, (int64_t[]){-1, 0, 0, 0, 0});
    send(r.slot, 0);
    r = greeks(1, (int64_t[]){0, 0, 0, 0, 1});
    send(r.slot, 0);
    SAYS("command MALFORMED; command MALFORMED; command MALFORMED; command MALFORMED; "
         "command MALFORMED; command MALFORMED; ");
    protect(1, (trd_protection){.action = TRD_PROTECTION_RESUME});
    protect(10, (trd_protection){.action = TRD_PROTECTION_RESUME});
    SAYS("command UNKNOWN_ACCOUNT; ");
}

Test(naive, without_rows_quotes_are_unsupported) {
    naive_destroy(model);
    const trd_match_def def = trd_match_def_default();
    model = naive_create(&def);
    add_market(1, 10000, 1, 1);
    withdraw(1);
    quote(1, (sides){0, 99, 5, 101}, 0);
    protect(1, (trd_protection){.action = TRD_PROTECTION_RESUME});
    SAYS("command UNSUPPORTED; command MALFORMED; command UNSUPPORTED; ");
}

/* Eight times all but one of 2^60 - 1 lots: executed are 2^63 - 16, open is 1. */
Test(naive, the_total_of_a_quote_stays_within_64_bits) {
    const trd_qty most = ((trd_qty)1 << 60) - 1;
    naive_destroy(model);
    trd_match_def def = trd_match_def_default();
    def.orders_max = 8;
    def.specials_max = 8;
    def.quotes_max = 1;
    model = naive_create(&def);
    trd_instrument spec = trd_instrument_default();
    spec.px_max = 1;
    spec.qty_max = most;
    naive_add(model, &spec);
    for (uint64_t id = 1; id <= 8; id++) {
        quote(1, (sides){0, 0, most, 1}, 11);
        by(2, id, TRD_BUY, most - 1, 1, 0);
    }
    forget();
    quote(1, (sides){0, 0, most, 1}, 0);
    quote(1, (sides){0, 0, 15, 1}, 0);
    SAYS("command QTY_MAX; command QTY_MAX; ");
    quote(1, (sides){0, 0, 14, 1}, 0);
    trd_order_info info;
    cr_assert(eq(int, naive_order_info(model, 11, &info), TRD_OK));
    cr_expect(eq(i64, info.leaves, 14));
    cr_expect(eq(i64, info.executed, INT64_MAX - 15));
}

/* --- Linked orders ---------------------------------------------------------------------------- */

static record leg(
    uint8_t relation, uint8_t at, uint8_t legs, uint64_t id, uint8_t side, trd_qty qty, trd_px px) {
    record r = record_of(id, side, qty, px);
    const trd_ext_link link = {
        .kind = TRD_EXT_ORDER_LINK, .link = 7, .leg = at, .legs = legs, .relation = relation};
    add_slot(&r, &link);
    r.slot[0].flags = at < legs ? TRD_COMMAND_STAGED : 0;
    return r;
}

static record stop_leg(uint8_t relation, uint8_t at, uint8_t legs, uint64_t id, uint8_t side,
    trd_qty qty, trd_px trigger) {
    record r = leg(relation, at, legs, id, side, qty, 0);
    add_trigger(&r, TRD_TYPE_STOP, TRD_SOURCE_LAST, trigger);
    return r;
}

/* The legs of a story have the ids 1, 2, ... in the order of leg. */
static void send_leg(const record *r) {
    static const trd_order ids[] = {1, 2, 3, 4};
    naive_step(model, r->slot, ids, 4);
    uint32_t count;
    const trd_event *events = naive_events(model, &count);
    for (uint32_t i = 0; i < count; i += events[i].slots) {
        say_event(&events[i]);
    }
}

/* Buys ten at 100, to sell them at 110, or at 95 or below. */
static void send_bracket(void) {
    const record entry = leg(TRD_RELATION_BRACKET, 1, 3, 1, TRD_BUY, 10, 100);
    const record target = leg(TRD_RELATION_BRACKET, 2, 3, 2, TRD_SELL, 10, 110);
    const record stop = stop_leg(TRD_RELATION_BRACKET, 3, 3, 3, TRD_SELL, 10, 95);
    send_leg(&entry);
    send_leg(&target);
    SAYS("");
    send_leg(&stop);
    SAYS("ack 1; ack 2; ack 3; ");
}

Test(naive, s75_children_of_a_bracket_grow_with_each_fill_of_the_entry) {
    send_bracket();
    by(2, 4, TRD_SELL, 4, 100, 0);
    SAYS("ack 4; take 4 4@100 left 0; make 1 4@100 left 6; restate 2 linked 0 of 4@110; "
         "restate 3 linked 0 of 4@0; ");
    by(2, 5, TRD_SELL, 6, 100, 0);
    SAYS("ack 5; take 5 6@100 left 0; make 1 6@100 left 0; restate 2 linked 0 of 10@110; "
         "restate 3 linked 0 of 10@0; ");
    by(2, 6, TRD_BUY, 3, 95, 0);
    forget();
    price(TRD_SOURCE_LAST, 95);
    SAYS("trigger 3 at 95 by 95; end 2 LINKED open 10 done 0; take 3 3@95 left 7; "
         "make 6 3@95 left 0; end 3 MARKET open 7 done 3; ");
    cr_expect(eq(u32, naive_groups(model), 0));
}

/* Both children lose what one of them executes, wait, and are there again when the entry goes on.
 */
Test(naive, children_without_lots_wait_while_the_entry_lives) {
    send_bracket();
    by(2, 4, TRD_SELL, 4, 100, 0);
    forget();
    by(2, 5, TRD_BUY, 1, 110, 0);
    SAYS("ack 5; take 5 1@110 left 0; make 2 1@110 left 3; restate 3 linked 0 of 3@0; ");
    by(2, 6, TRD_BUY, 3, 110, 0);
    SAYS("ack 6; take 6 3@110 left 0; make 2 3@110 left 0; restate 3 linked 0 of 0@0; ");
    reduce(2, 1);
    replace(3, 5, 0, 0);
    SAYS("no BAD_COMBINATION order 2; no BAD_COMBINATION order 3; ");
    price(TRD_SOURCE_LAST, 90);
    price(TRD_SOURCE_LAST, 100);
    SAYS("");
    by(2, 7, TRD_SELL, 6, 100, 0);
    SAYS("ack 7; take 7 6@100 left 0; make 1 6@100 left 0; restate 2 linked 0 of 6@110; "
         "restate 3 linked 0 of 6@0; ");
    by(2, 8, TRD_BUY, 6, 110, 0);
    SAYS("ack 8; take 8 6@110 left 0; make 2 6@110 left 0; end 3 LINKED open 6 done 0; ");
}

/* Three of the four lots are sold before the stop is released: one is left for it. */
Test(naive, a_child_has_no_lots_that_its_sibling_has_executed_before) {
    by(2, 4, TRD_SELL, 4, 100, 0);
    by(2, 5, TRD_BUY, 3, 99, 0);
    forget();
    const record entry = leg(TRD_RELATION_BRACKET, 1, 3, 1, TRD_BUY, 4, 0);
    const record target = leg(TRD_RELATION_BRACKET, 2, 3, 2, TRD_SELL, 4, 99);
    const record stop = stop_leg(TRD_RELATION_BRACKET, 3, 3, 3, TRD_SELL, 4, 95);
    send_leg(&entry);
    send_leg(&target);
    send_leg(&stop);
    SAYS("ack 1; ack 2; ack 3; take 1 4@100 left 0; make 4 4@100 left 0; "
         "restate 2 linked 0 of 4@99; take 2 3@99 left 1; make 5 3@99 left 0; "
         "restate 3 linked 0 of 1@0; ");
}

Test(naive, s76_with_full_fill_no_child_comes_before_the_parent_is_filled) {
    record entry = leg(TRD_RELATION_OTO, 1, 2, 1, TRD_BUY, 10, 100);
    record child = leg(TRD_RELATION_OTO, 2, 2, 2, TRD_SELL, 6, 110);
    trd_ext_link link;
    memcpy(&link, &entry.slot[1], sizeof(link));
    link.flags = TRD_LINK_FULL_FILL;
    memcpy(&entry.slot[1], &link, sizeof(link));
    link.leg = 2;
    memcpy(&child.slot[1], &link, sizeof(link));
    send_leg(&entry);
    send_leg(&child);
    by(2, 3, TRD_SELL, 4, 100, 0);
    SAYS("ack 1; ack 2; ack 3; take 3 4@100 left 0; make 1 4@100 left 6; ");
    by(2, 4, TRD_SELL, 6, 100, 0);
    SAYS("ack 4; take 4 6@100 left 0; make 1 6@100 left 0; restate 2 linked 0 of 6@110; ");
}

/* Both are touched at once: the one that is elected first, the nearer to 100, ends the other. */
Test(naive, s78_of_two_that_are_triggered_at_once_the_first_one_decides) {
    price(TRD_SOURCE_LAST, 100);
    by(2, 3, TRD_BUY, 5, 90, 0);
    const record far = stop_leg(TRD_RELATION_OCO, 1, 2, 1, TRD_SELL, 5, 97);
    const record near = stop_leg(TRD_RELATION_OCO, 2, 2, 2, TRD_SELL, 5, 98);
    send_leg(&far);
    send_leg(&near);
    forget();
    price(TRD_SOURCE_LAST, 96);
    SAYS("trigger 2 at 98 by 96; end 1 LINKED open 5 done 0; take 2 5@90 left 0; "
         "make 3 5@90 left 0; ");
}

Test(naive, an_execution_of_one_leg_decides_or_its_end) {
    const record take = leg(TRD_RELATION_OCO, 1, 2, 1, TRD_SELL, 5, 105);
    const record stop = stop_leg(TRD_RELATION_OCO, 2, 2, 2, TRD_SELL, 5, 95);
    send_leg(&take);
    send_leg(&stop);
    forget();
    by(2, 3, TRD_BUY, 2, 105, 0);
    SAYS("ack 3; take 3 2@105 left 0; make 1 2@105 left 3; end 2 LINKED open 5 done 0; ");
    cancel(1);
    naive_destroy(model);
    open_model(TRD_IDS_WINDOW, 100, 0);
    send_leg(&take);
    send_leg(&stop);
    reduce(1, 3);
    forget();
    cancel(1);
    SAYS("end 1 USER open 2 done 0; end 2 LINKED open 5 done 0; ");
}

Test(naive, ouo_takes_what_one_leg_executes_off_the_others) {
    const record first = leg(TRD_RELATION_OUO, 1, 3, 1, TRD_SELL, 5, 105);
    const record second = leg(TRD_RELATION_OUO, 2, 3, 2, TRD_SELL, 5, 106);
    const record third = leg(TRD_RELATION_OUO, 3, 3, 3, TRD_SELL, 2, 107);
    send_leg(&first);
    send_leg(&second);
    send_leg(&third);
    forget();
    by(2, 4, TRD_BUY, 2, 105, 0);
    SAYS("ack 4; take 4 2@105 left 0; make 1 2@105 left 3; restate 2 linked 3 of 3@106; "
         "end 3 LINKED open 2 done 0; ");
    cancel(1);
    SAYS("end 1 USER open 3 done 2; ");
    cr_expect(eq(u32, naive_count(model), 1));
}

Test(naive, s79_when_the_parent_is_canceled_children_without_lots_end) {
    const record entry = leg(TRD_RELATION_OTO, 1, 3, 1, TRD_BUY, 10, 100);
    const record large = leg(TRD_RELATION_OTO, 2, 3, 2, TRD_SELL, 10, 110);
    const record small = leg(TRD_RELATION_OTO, 3, 3, 3, TRD_SELL, 3, 111);
    send_leg(&entry);
    send_leg(&large);
    send_leg(&small);
    forget();
    cancel(1);
    SAYS("end 1 USER open 10 done 0; end 2 LINKED open 10 done 0; end 3 LINKED open 3 done 0; ");
    naive_destroy(model);
    open_model(TRD_IDS_WINDOW, 100, 0);
    send_leg(&entry);
    send_leg(&large);
    send_leg(&small);
    by(2, 4, TRD_SELL, 4, 100, 0);
    forget();
    by(2, 5, TRD_BUY, 4, 110, 0);
    SAYS("ack 5; take 5 4@110 left 0; make 2 4@110 left 0; ");
    cancel(1);
    SAYS("end 1 USER open 6 done 4; end 2 LINKED open 0 done 4; ");
    by(2, 6, TRD_BUY, 3, 111, 0);
    SAYS("ack 6; take 6 3@111 left 0; make 3 3@111 left 0; ");
}

Test(naive, s80_if_one_leg_is_refused_all_are) {
    const record entry = leg(TRD_RELATION_OTO, 1, 2, 1, TRD_BUY, 10, 20000);
    const record child = leg(TRD_RELATION_OTO, 2, 2, 2, TRD_SELL, 10, 110);
    send_leg(&entry);
    send_leg(&child);
    SAYS("reject 1 PRICE_LIMIT; reject 2 LINK; ");
    const record good = leg(TRD_RELATION_OTO, 1, 2, 1, TRD_BUY, 10, 100);
    const record again = leg(TRD_RELATION_OTO, 2, 2, 1, TRD_SELL, 10, 110);
    send_leg(&good);
    send_leg(&again);
    SAYS("reject 1 LINK; reject 1 DUPLICATE_ID; ");
    cr_expect(eq(u32, naive_groups(model), 0));
}

Test(naive, what_does_not_go_on_drops_what_is_staged) {
    const record first = leg(TRD_RELATION_OCO, 1, 2, 1, TRD_SELL, 5, 105);
    const record across = leg(TRD_RELATION_OCO, 2, 2, 2, TRD_BUY, 5, 95);
    send_leg(&first);
    by(2, 5, TRD_BUY, 1, 90, 0);
    price(TRD_SOURCE_MARK, 100);
    SAYS("ack 5; ");
    by(1, 6, TRD_BUY, 1, 90, 0);
    SAYS("reject 1 LINK; ack 6; ");
    send_leg(&first);
    cancel(9);
    SAYS("reject 1 LINK; no UNKNOWN_ORDER order 0; ");
    send_leg(&first);
    send_leg(&across);
    SAYS("reject 1 LINK; reject 2 LINK; ");
    send_leg(&first);
    send_leg(&first);
    SAYS("reject 1 LINK; ");
    record second = leg(TRD_RELATION_OCO, 2, 2, 2, TRD_SELL, 5, 106);
    second.slot[0].flags = TRD_COMMAND_DRY_RUN;
    send_leg(&second);
    second.slot[0].flags = 0;
    send_leg(&second);
    SAYS("reject 2 UNSUPPORTED; ack 1; ack 2; ");
}

Test(naive, as_many_groups_as_the_definition_says) {
    record first = leg(TRD_RELATION_OCO, 1, 2, 1, TRD_SELL, 5, 105);
    for (uint32_t account = 0; account < 5; account++) {
        first.slot[0].account = account;
        send_leg(&first);
    }
    SAYS("reject 1 NO_CAPACITY; ");
    record alone = record_of(6, TRD_SELL, 5, 105);
    alone.slot[0].flags = TRD_COMMAND_STAGED;
    alone.slot[0].account = 0;
    send_record(&alone);
    first.slot[0].account = 5;
    send_leg(&first);
    SAYS("reject 1 LINK; reject 6 BAD_COMBINATION; ");
}

Test(naive, a_child_that_comes_when_the_day_is_over_is_canceled) {
    session(TRD_SESSION_PRE_OPEN, 0);
    const record entry = leg(TRD_RELATION_OTO, 1, 2, 1, TRD_BUY, 5, 100);
    const record child = leg(TRD_RELATION_OTO, 2, 2, 2, TRD_SELL, 5, 110);
    send_leg(&entry);
    send_leg(&child);
    by(2, 3, TRD_SELL, 5, 100, 0);
    forget();
    session(TRD_SESSION_CLOSED, 0);
    SAYS("uncross 5@100 over 0; cross 1 5@100 left 0; cross 3 5@100 left 0; "
         "state 6 was 2 by 1 until 0; restate 2 linked 0 of 5@110; end 2 SESSION open 5 done 0; ");
}

/* The child is sold out when a bid comes to its price, so that its next lots would take. */
Test(naive, a_child_that_gets_more_is_post_only_still) {
    const record entry = leg(TRD_RELATION_OTO, 1, 2, 1, TRD_BUY, 10, 100);
    record child = leg(TRD_RELATION_OTO, 2, 2, 2, TRD_SELL, 10, 110);
    child.slot[0].u.order.exec = TRD_EXEC_POST_ONLY;
    send_leg(&entry);
    send_leg(&child);
    by(2, 3, TRD_SELL, 4, 100, 0);
    by(2, 4, TRD_BUY, 4, 110, 0);
    SAYS("ack 1; ack 2; ack 3; take 3 4@100 left 0; make 1 4@100 left 6; "
         "restate 2 linked 0 of 4@110; ack 4; take 4 4@110 left 0; make 2 4@110 left 0; ");
    by(2, 6, TRD_SELL, 2, 100, 0);
    SAYS("ack 6; take 6 2@100 left 0; make 1 2@100 left 4; restate 2 linked 0 of 2@110; ");
    by(2, 7, TRD_BUY, 3, 110, 0);
    SAYS("ack 7; take 7 2@110 left 1; make 2 2@110 left 0; ");
    replace(1, 10, 112, 0);
    forget();
    by(2, 8, TRD_SELL, 1, 112, 0);
    SAYS("ack 8; take 8 1@112 left 0; make 1 1@112 left 3; restate 2 linked 0 of 1@110; "
         "end 2 POST_ONLY open 1 done 6; ");
}

/* --- Verdicts -------------------------------------------------------------------------------- */

static uint64_t refused_id;

/* Questions are said as they are asked, so before all events of their command. */
static unsigned refuses_one(void *user, const trd_order_info *asked) {
    (void)user;
    say("asked %d open %d where %u; ", (int)asked->client_id, (int)asked->leaves, asked->where);
    return asked->client_id == refused_id ? TRD_REJECT_POSITION : 0;
}

static void open_with_verdicts(uint32_t elect_max, uint64_t refused) {
    trd_match_def def = definition(TRD_IDS_WINDOW, 100, 0);
    def.verdicts = 1;
    def.elect_max = elect_max;
    naive_destroy(model);
    open_with(&def);
    naive_set_judge(model, refuses_one, NULL);
    refused_id = refused;
}

static void sell_stop(uint64_t id, trd_px trigger) {
    record r = record_of(id, TRD_SELL, 5, 0);
    add_trigger(&r, TRD_TYPE_STOP, TRD_SOURCE_LAST, trigger);
    send_record(&r);
}

Test(naive, an_elected_order_is_asked_about_and_ends_if_it_is_refused) {
    open_with_verdicts(100, 1);
    price(TRD_SOURCE_LAST, 100);
    sell_stop(1, 95);
    sell_stop(2, 94);
    forget();
    price(TRD_SOURCE_LAST, 94);
    SAYS("asked 1 open 5 where 4; asked 2 open 5 where 4; end 1 RISK open 5 done 0; "
         "trigger 2 at 94 by 94; end 2 MARKET open 5 done 0; ");
    uint32_t count;
    const naive_question *asked = naive_questions(model, &count);
    cr_assert(eq(u32, count, 2));
    cr_expect(eq(u32, asked[0].slots, 0));
    cr_expect(eq(u32, asked[1].slots, 1));
    cr_expect(asked[0].refused && !asked[1].refused && !asked[0].child);
    timer(1);
    naive_questions(model, &count);
    cr_expect(eq(u32, count, 0));
}

Test(naive, who_is_asked_about_counts_as_released) {
    open_with_verdicts(1, 1);
    price(TRD_SOURCE_LAST, 100);
    sell_stop(1, 95);
    sell_stop(2, 94);
    forget();
    price(TRD_SOURCE_LAST, 94);
    SAYS("asked 1 open 5 where 4; end 1 RISK open 5 done 0; state 7 was 1 by 5 until 0; ");
}

Test(naive, a_child_is_asked_about_with_all_its_lots_before_its_first_ones) {
    open_with_verdicts(100, 3);
    send_bracket();
    forget();
    by(2, 4, TRD_SELL, 4, 100, 0);
    SAYS("asked 2 open 10 where 4; asked 3 open 10 where 4; "
         "ack 4; take 4 4@100 left 0; make 1 4@100 left 6; restate 2 linked 0 of 4@110; "
         "end 3 RISK open 10 done 0; ");
    by(2, 5, TRD_SELL, 6, 100, 0);
    SAYS("ack 5; take 5 6@100 left 0; make 1 6@100 left 0; restate 2 linked 0 of 10@110; ");
}
