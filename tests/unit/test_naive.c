/* test_naive.c - the naive model by hand: small stories with their events written out from
 * docs/reference/matching.md. What the model says is what the matcher is measured by, so it must be
 * right without the matcher. S-numbers name the stories of the scenario list. */
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

static void open_model(uint32_t id_mode, uint32_t ids_max, uint32_t publish) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 4;
    def.orders_max = 8;
    def.id_mode = id_mode;
    def.ids_max = ids_max;
    def.accounts_max = 10;
    def.publish = publish;
    model = naive_create(&def);
    add_market(1, 10000, 1, 1);
    said[0] = '\0';
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
        say("%s %d %d@%d left %d; ", e->liquidity == TRD_LIQUIDITY_TAKER ? "take" : "make",
            (int)e->u.fill.order, (int)e->u.fill.qty, (int)e->u.fill.px, (int)e->u.fill.leaves);
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
    default:
        say("kind %u; ", e->kind);
    }
}

static void send(const trd_command *c, trd_order handle) {
    naive_step(model, c, handle);
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
    send(&c, 1);
    const trd_command quote = {.kind = TRD_COMMAND_QUOTE, .slots = 1};
    send(&quote, 0);
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
