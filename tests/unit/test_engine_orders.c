/* test_engine_orders.c - orders that the engine changes or refuses by itself, and what they hold
 * meanwhile: reduce-only orders, orders that wait, kill switches, the order of reasons. Numbers
 * such as S70 are those of the list of cases that hurt users of other engines. */
#include <stdlib.h>

#include "engine_rig.h"

enum { CAROL = 3, TAG = 7, TRADER = 30 };

/* What the last command did with an order. */
static const trd_event *find(const rig *r, unsigned kind, trd_order order) {
    for (uint32_t i = 0; i < r->out.count; i += r->events[i].slots) {
        const trd_event *e = &r->events[i];
        const trd_order named = kind == TRD_EVENT_RESTATED ? e->u.restate.order : e->u.cancel.order;
        if (e->kind == kind && named == order) {
            return e;
        }
    }
    return NULL;
}

static uint32_t count_of(const rig *r, unsigned kind) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->out.count; i += r->events[i].slots) {
        count += r->events[i].kind == kind;
    }
    return count;
}

/* The order is accepted; its handle. */
static trd_order enter(rig *r, trd_command command) {
    good(r, command);
    return r->events[0].u.order.order;
}

static trd_command reducing(rig *r, uint32_t account, unsigned side, trd_qty qty, trd_px px) {
    trd_command c = order(r, account, FUTURE, side, qty, px);
    c.u.order.exec = TRD_EXEC_REDUCE_ONLY;
    return c;
}

/* `account` and BOB do business in the future; `account` is the taker. */
static void deal(rig *r, uint32_t account, unsigned side, trd_qty qty, trd_px px) {
    good(r, order(r, BOB, FUTURE, side == TRD_BUY ? TRD_SELL : TRD_BUY, qty, px));
    good(r, order(r, account, FUTURE, side, qty, px));
    cr_assert(eq(u32, count_of(r, TRD_EVENT_FILL), 2));
}

static void holds(const rig *r, trd_order order, trd_qty leaves, trd_amt amount) {
    trd_held held;
    const trd_accounts *accounts = trd_engine_accounts(r->engine);
    cr_assert(eq(int, trd_accounts_held(accounts, order, &held), TRD_OK));
    cr_assert(eq(i64, held.leaves, leaves));
    cr_assert(eq(i64, held.amount, amount));
}

static void holds_nothing(const rig *r, trd_order order) {
    trd_held held;
    const trd_accounts *accounts = trd_engine_accounts(r->engine);
    cr_assert(eq(int, trd_accounts_held(accounts, order, &held), TRD_E_UNKNOWN));
}

static void is_cut(const rig *r, trd_order order, trd_qty leaves) {
    const trd_event *e = find(r, TRD_EVENT_RESTATED, order);
    cr_assert(ne(ptr, (void *)(uintptr_t)e, NULL));
    cr_assert(eq(u8, e->reason, TRD_RESTATE_CUT));
    cr_assert(eq(i64, e->u.restate.leaves, leaves));
}

static void is_canceled(const rig *r, trd_order order, unsigned cause, unsigned status) {
    const trd_event *e = find(r, TRD_EVENT_CANCELED, order);
    cr_assert(ne(ptr, (void *)(uintptr_t)e, NULL));
    cr_assert(eq(u8, e->reason, cause), "%s", trd_cause_text(e->reason));
    cr_assert(eq(u8, e->status, status));
    holds_nothing(r, order);
}

/* 100,000 each, and a mark of 1,000. */
static void market_of(rig *r) {
    rig_init(r);
    deposit(r, ALICE, USD, 100000);
    deposit(r, BOB, USD, 1000000);
    set_mark(r, 1000);
}

static void position_is(const rig *r, uint32_t account, unsigned side, trd_qty qty) {
    trd_holding holding;
    const trd_accounts *accounts = trd_engine_accounts(r->engine);
    cr_assert(eq(int, trd_accounts_position(accounts, account, FUTURE, side, &holding), TRD_OK));
    cr_assert(eq(i64, holding.qty, qty));
}

/* --- reduce-only ------------------------------------------------------------------------------ */

/* Bought 10: fee 10, collateral 1,000. Orders that only reduce hold their fee: 6 at 1,120 hold 7 of
 * 6.72, 4 of them 5 of 4.48; 6 at 1,100 hold 7 of 6.6. */
Test(engine_orders, S70_what_is_cut_off_a_reducing_order_is_held_no_more) {
    rig r;
    market_of(&r);
    deal(&r, ALICE, TRD_BUY, 10, 1000);
    has(&r, ALICE, USD, 98990, 1000);
    const trd_order far = enter(&r, reducing(&r, ALICE, TRD_SELL, 6, 1120));
    holds(&r, far, 6, 7);
    has(&r, ALICE, USD, 98983, 1007);
    const trd_order near = enter(&r, reducing(&r, ALICE, TRD_SELL, 6, 1100));
    is_cut(&r, far, 4);
    holds(&r, far, 4, 5);
    holds(&r, near, 6, 7);
    has(&r, ALICE, USD, 98978, 1012);
    rig_fini(&r);
}

/* As it arrives: 6 of 10 are spoken for, the later order at the same price is cut to 4. */
Test(engine_orders, S70_an_order_that_is_cut_as_it_arrives_holds_for_what_is_left) {
    rig r;
    market_of(&r);
    deal(&r, ALICE, TRD_BUY, 10, 1000);
    const trd_order first = enter(&r, reducing(&r, ALICE, TRD_SELL, 6, 1100));
    const trd_order second = enter(&r, reducing(&r, ALICE, TRD_SELL, 6, 1100));
    is_cut(&r, second, 4);
    holds(&r, first, 6, 7);
    holds(&r, second, 4, 5); /* 4.4 */
    has(&r, ALICE, USD, 98978, 1012);
    rig_fini(&r);
}

/* 7 sold at 990: fee 7, loss 70, collateral 1,000 - 700. The order of 6 at 1,100, which held 7, is
 * cut to 3 and holds 4 of 3.3. Then 5 are bought: fee 5, collateral 500. */
Test(engine_orders, S71_reducing_orders_shrink_with_the_position_and_never_grow_again) {
    rig r;
    market_of(&r);
    deal(&r, ALICE, TRD_BUY, 10, 1000);
    const trd_order rests = enter(&r, reducing(&r, ALICE, TRD_SELL, 6, 1100));
    deal(&r, ALICE, TRD_SELL, 7, 990);
    is_cut(&r, rests, 3);
    holds(&r, rests, 3, 4);
    has(&r, ALICE, USD, 99609, 304);
    deal(&r, ALICE, TRD_BUY, 5, 1000);
    position_is(&r, ALICE, TRD_POSITION_NET, 8);
    holds(&r, rests, 3, 4);
    has(&r, ALICE, USD, 99104, 804);
    rig_fini(&r);
}

Test(engine_orders, S73_without_a_position_a_reducing_order_is_refused_and_a_resting_one_ends) {
    rig r;
    market_of(&r);
    refused(&r, reducing(&r, ALICE, TRD_SELL, 4, 1100), TRD_REJECT_REDUCE_ONLY);
    has(&r, ALICE, USD, 100000, 0);
    deal(&r, ALICE, TRD_BUY, 4, 1000);
    const trd_order rests = enter(&r, reducing(&r, ALICE, TRD_SELL, 4, 1100));
    holds(&r, rests, 4, 5); /* 4.4 */
    deal(&r, ALICE, TRD_SELL, 4, 1000);
    is_canceled(&r, rests, TRD_CAUSE_REDUCE_ONLY, TRD_STATUS_CANCELED);
    has(&r, ALICE, USD, 99992, 0); /* 4 in and 4 out are fees */
    rig_fini(&r);
}

static trd_command sided(rig *r, unsigned side, unsigned position, trd_qty qty, trd_px px) {
    trd_command c = order(r, CAROL, FUTURE, side, qty, px);
    c.u.order.position = (uint8_t)position;
    return c;
}

/* Long 10, short 6 at 1,000: fees 16, collateral 1,000 and 600. Sales of long 8 at 1,100 hold 9, of
 * long 8 at 1,110, cut to 2, hold 3 of 2.22; a purchase of short 6 at 900 holds 6 of 5.4. Short 4
 * are bought at 1,000: fee 4, collateral 200 is left, the purchase is cut to 2 and holds 2 of 1.8.
 */
Test(engine_orders, S74_in_a_hedged_account_orders_follow_the_position_of_their_own_side) {
    rig r;
    market_of(&r);
    hedge(&r, CAROL);
    deposit(&r, CAROL, USD, 100000);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 10, 1000));
    good(&r, sided(&r, TRD_BUY, TRD_POSITION_LONG, 10, 1000));
    good(&r, order(&r, BOB, FUTURE, TRD_BUY, 6, 1000));
    good(&r, sided(&r, TRD_SELL, TRD_POSITION_SHORT, 6, 1000));
    has(&r, CAROL, USD, 98384, 1600);
    const trd_order first = enter(&r, sided(&r, TRD_SELL, TRD_POSITION_LONG, 8, 1100));
    const trd_order second = enter(&r, sided(&r, TRD_SELL, TRD_POSITION_LONG, 8, 1110));
    const trd_order covers = enter(&r, sided(&r, TRD_BUY, TRD_POSITION_SHORT, 6, 900));
    holds(&r, first, 8, 9);
    holds(&r, second, 2, 3);
    holds(&r, covers, 6, 6);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 4, 1000));
    good(&r, sided(&r, TRD_BUY, TRD_POSITION_SHORT, 4, 1000));
    is_cut(&r, covers, 2);
    holds(&r, covers, 2, 2);
    holds(&r, first, 8, 9);
    holds(&r, second, 2, 3);
    position_is(&r, CAROL, TRD_POSITION_LONG, 10);
    position_is(&r, CAROL, TRD_POSITION_SHORT, -2);
    has(&r, CAROL, USD, 98766, 1214);
    rig_fini(&r);
}

/* 10 lots long, and 9 cents left: the fee of 10 x 900, no margin. */
Test(engine_orders, S129_a_reducing_order_needs_its_fee_and_no_margin) {
    rig r;
    market_of(&r);
    deal(&r, ALICE, TRD_BUY, 10, 1000);
    const trd_command out = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = ALICE,
        .u.transfer = {.action = TRD_TRANSFER_WITHDRAW, .asset = USD, .amount = 98990 - 9}};
    cr_assert(eq(int, send(&r, out), TRD_OK));
    set_mark(&r, 900);
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 900), TRD_REJECT_MARGIN);
    refused(&r, order(&r, ALICE, FUTURE, TRD_SELL, 21, 900), TRD_REJECT_BALANCE);
    good(&r, order(&r, ALICE, FUTURE, TRD_SELL, 10, 900));
    has(&r, ALICE, USD, 0, 1009);
    rig_fini(&r);
}

/* --- orders that wait ------------------------------------------------------------------------- */

static void send_slots(rig *r, trd_command *record) {
    record->time = r->time;
    r->out.count = 0;
    cr_assert(eq(int, trd_engine_step(r->engine, record, &r->out), TRD_OK));
    cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
}

/* ALICE sells 10 at 900 or better once the last price touches 950; GTT until time 1,000. */
static trd_order waiting_sale(rig *r, unsigned tif) {
    trd_command record[3] = {order(r, ALICE, FUTURE, TRD_SELL, 10, 900)};
    record[0].u.order.type = TRD_TYPE_STOP_LIMIT;
    record[0].u.order.tif = (uint8_t)tif;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = 950,
        .source = TRD_SOURCE_LAST};
    const trd_ext_link link = {.kind = TRD_EXT_ORDER_LINK,
        .flags = tif == TRD_TIF_GTT ? TRD_LINK_EXPIRY : 0,
        .expiry = tif == TRD_TIF_GTT ? 1000 : 0,
        .tag = TAG};
    memcpy(&record[1], &prices, sizeof(prices));
    memcpy(&record[2], &link, sizeof(link));
    record[0].slots = 3;
    send_slots(r, record);
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_ACCEPTED));
    return r->events[0].u.order.order;
}

static void set_limit(rig *r, unsigned limit, unsigned scope, int64_t value) {
    const trd_command c = {.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = ALICE,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = (uint16_t)limit,
            .scope = (uint8_t)scope,
            .value = value}};
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, r->out.count, 0));
}

static void drop_limit(rig *r, unsigned limit, unsigned scope) {
    const trd_command c = {.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = ALICE,
        .u.limit = {.action = TRD_LIMIT_REMOVE, .limit = (uint16_t)limit, .scope = (uint8_t)scope}};
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, r->out.count, 0));
}

static void set_last(rig *r, trd_px px) {
    const trd_command c = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = FUTURE,
        .u.price = {.px = px, .source = TRD_SOURCE_LAST}};
    cr_assert(eq(int, send(r, c), TRD_OK));
}

/* Long 10. What closes the position has no lots, and holds nothing, before it is released: then it
 * has 10, and holds their fee, 10 of 10 x the mark. */
Test(engine_orders, an_order_that_closes_the_position_holds_when_it_knows_its_lots) {
    rig r;
    market_of(&r);
    deal(&r, ALICE, TRD_BUY, 10, 1000);
    trd_command record[2] = {order(&r, ALICE, FUTURE, TRD_SELL, 0, 900)};
    record[0].u.order.type = TRD_TYPE_STOP_LIMIT;
    record[0].u.order.exec = TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION;
    record[0].slots = 2;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = 950,
        .source = TRD_SOURCE_LAST};
    memcpy(&record[1], &prices, sizeof(prices));
    send_slots(&r, record);
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    const trd_order closes = r.events[0].u.order.order;
    const trd_command replace = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .flags = TRD_COMMAND_KEEP_QTY,
        .account = ALICE,
        .instrument = FUTURE,
        .u.replace = {.target = r.id, .px = 910}};
    cr_assert(eq(int, send(&r, replace), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REPLACED));
    holds_nothing(&r, closes);
    has(&r, ALICE, USD, 98990, 1000);
    set_last(&r, 950);
    cr_assert(eq(u32, count_of(&r, TRD_EVENT_TRIGGERED), 1));
    holds(&r, closes, 10, 10);
    has(&r, ALICE, USD, 98980, 1010);
    rig_fini(&r);
}

/* An order of ALICE that waits for the last price; `trigger` is the distance of a trailing one. */
static trd_order waiting(rig *r, unsigned type, unsigned side, trd_px px, int64_t trigger) {
    const bool trails = type == TRD_TYPE_TRAILING_STOP_LIMIT;
    trd_command record[2] = {order(r, ALICE, FUTURE, side, 10, px)};
    record[0].u.order.type = (uint8_t)type;
    record[0].slots = 2;
    trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES, .source = TRD_SOURCE_LAST};
    prices.flags = trails ? TRD_PRICES_OFFSET : TRD_PRICES_TRIGGER;
    prices.trigger = trails ? 0 : trigger;
    prices.offset = trails ? trigger : 0;
    prices.offset_unit = trails ? TRD_OFFSET_TICKS : 0;
    memcpy(&record[1], &prices, sizeof(prices));
    send_slots(r, record);
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_ACCEPTED));
    return r->events[0].u.order.order;
}

/* There is no band: who buys needs a limit. Each is a purchase of 10 at 960 once 950 is seen, or
 * 970 after a low of 950; it holds 960 of margin and a fee of 10 of 9.6. */
Test(engine_orders, orders_with_a_limit_are_released_at_their_limit) {
    const struct {
        uint8_t type;
        int64_t trigger;
        trd_px seen;
    } rows[] = {{TRD_TYPE_STOP_LIMIT, 970, 970}, {TRD_TYPE_TOUCHED_LIMIT, 950, 950},
        {TRD_TYPE_TRAILING_STOP_LIMIT, 20, 970}};
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig r;
        market_of(&r);
        set_last(&r, 960);
        const trd_order waits = waiting(&r, rows[i].type, TRD_BUY, 960, rows[i].trigger);
        if (rows[i].type == TRD_TYPE_TRAILING_STOP_LIMIT) {
            set_last(&r, 950);
        }
        set_last(&r, rows[i].seen);
        cr_assert(eq(u32, count_of(&r, TRD_EVENT_TRIGGERED), 1), "row %u", i);
        cr_assert(eq(u32, count_of(&r, TRD_EVENT_CANCELED), 0), "row %u", i);
        holds(&r, waits, 10, 970);
        rig_fini(&r);
    }
}

/* Who sells has the mark: 10 at 1,000 were held, and become collateral. */
Test(engine_orders, a_stop_without_a_limit_sells_at_what_there_is) {
    rig r;
    market_of(&r);
    good(&r, order(&r, BOB, FUTURE, TRD_BUY, 10, 940));
    const trd_order waits = waiting(&r, TRD_TYPE_STOP, TRD_SELL, 0, 950);
    holds(&r, waits, 10, 1010);
    set_last(&r, 950);
    cr_assert(eq(u32, count_of(&r, TRD_EVENT_FILL), 2));
    position_is(&r, ALICE, TRD_POSITION_NET, -10);
    has(&r, ALICE, USD, 98990, 1000);
    rig_fini(&r);
}

/* It has failed: the limit that stopped it goes, the price touches its trigger again, and its time
 * comes, and nothing happens any more. */
Test(engine_orders, S83_a_gtt_order_that_risk_refuses_has_failed_and_is_not_tried_again) {
    rig r;
    market_of(&r);
    good(&r, order(&r, BOB, FUTURE, TRD_BUY, 10, 940));
    const trd_order waits = waiting_sale(&r, TRD_TIF_GTT);
    set_limit(&r, TRD_LIMIT_POSITION, TRD_LIMIT_ACCOUNT, 9);
    set_last(&r, 950);
    is_canceled(&r, waits, TRD_CAUSE_RISK, TRD_STATUS_REJECTED);
    cr_assert(eq(u32, count_of(&r, TRD_EVENT_TRIGGERED), 0));
    has(&r, ALICE, USD, 100000, 0);
    drop_limit(&r, TRD_LIMIT_POSITION, TRD_LIMIT_ACCOUNT);
    set_last(&r, 1000);
    cr_assert(eq(u32, r.out.count, 0));
    set_last(&r, 940);
    cr_assert(eq(u32, r.out.count, 0));
    r.time = 1000;
    set_last(&r, 950);
    cr_assert(eq(u32, r.out.count, 0));
    position_is(&r, ALICE, TRD_POSITION_NET, 0);
    rig_fini(&r);
}

/* The same without the limit sells: 10 at 940, fee 10 of 9.4, margin at the mark. */
Test(engine_orders, a_gtt_order_that_risk_lets_pass_executes_once) {
    rig r;
    market_of(&r);
    good(&r, order(&r, BOB, FUTURE, TRD_BUY, 20, 940));
    const trd_order waits = waiting_sale(&r, TRD_TIF_GTT);
    set_last(&r, 950);
    cr_assert(eq(u32, count_of(&r, TRD_EVENT_TRIGGERED), 1));
    cr_assert(eq(u32, count_of(&r, TRD_EVENT_FILL), 2));
    holds_nothing(&r, waits);
    position_is(&r, ALICE, TRD_POSITION_NET, -10);
    has(&r, ALICE, USD, 98990, 1000);
    set_last(&r, 940);
    cr_assert(eq(u32, r.out.count, 0));
    rig_fini(&r);
}

/* --- the order of reasons --------------------------------------------------------------------- */

/* ALICE bought 1 at 1,000 and lost the fee of 1: 50 are free, 100 collateral. 10,001 lots are too
 * many. 100 lots at 1,000 cost a fee of 100 (50 are there), end at 101 lots (50 are allowed), are
 * worth 101,000 with an equity of 210 (as much as that is allowed), follow a loss of 1 (which is
 * not), and need 10,100 (110 are there). */
Test(engine_orders, S131_of_six_faults_each_is_told_when_those_before_it_are_repaired) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 151);
    deposit(&r, BOB, USD, 1000000);
    set_mark(&r, 1000);
    deal(&r, ALICE, TRD_BUY, 1, 1000);
    has(&r, ALICE, USD, 50, 100);
    set_limit(&r, TRD_LIMIT_POSITION, TRD_LIMIT_ACCOUNT, 50);
    set_limit(&r, TRD_LIMIT_LEVERAGE, TRD_LIMIT_ACCOUNT, 100);
    set_limit(&r, TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_ACCOUNT, 1);
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 10001, 1000), TRD_REJECT_QTY_MAX);
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 100, 1000), TRD_REJECT_BALANCE);
    deposit(&r, ALICE, USD, 60);
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 100, 1000), TRD_REJECT_POSITION_LIMIT);
    drop_limit(&r, TRD_LIMIT_POSITION, TRD_LIMIT_ACCOUNT);
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 100, 1000), TRD_REJECT_LEVERAGE);
    drop_limit(&r, TRD_LIMIT_LEVERAGE, TRD_LIMIT_ACCOUNT);
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 100, 1000), TRD_REJECT_DAILY_LOSS);
    drop_limit(&r, TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_ACCOUNT);
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 100, 1000), TRD_REJECT_MARGIN);
    deposit(&r, ALICE, USD, 9989);
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 100, 1000), TRD_REJECT_MARGIN);
    deposit(&r, ALICE, USD, 1);
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 100, 1000));
    has(&r, ALICE, USD, 0, 10200);
    rig_fini(&r);
}

/* Fees of 10 and 9 and a loss of 100 are 119; the 10 lots that are still open have lost 100 more at
 * 990. */
Test(engine_orders, S136_the_loss_of_the_day_has_fees_and_if_it_is_wanted_what_is_not_realised) {
    rig r;
    market_of(&r);
    deal(&r, ALICE, TRD_BUY, 10, 1000);
    deal(&r, ALICE, TRD_SELL, 10, 990);
    deal(&r, ALICE, TRD_BUY, 10, 1000); /* another fee of 10 */
    set_mark(&r, 990);
    trd_command limit = {.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = ALICE,
        .u.limit = {
            .action = TRD_LIMIT_SET, .limit = TRD_LIMIT_DAILY_LOSS, .scope = TRD_LIMIT_ACCOUNT}};
    const struct {
        uint32_t unrealised;
        int64_t value;
        unsigned reason;
    } rows[] = {
        {0, 130, TRD_REJECT_DAILY_LOSS}, {0, 131, 0}, {1, 230, TRD_REJECT_DAILY_LOSS}, {1, 231, 0}};
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        limit.u.limit.burst = rows[i].unrealised;
        limit.u.limit.value = rows[i].value;
        cr_assert(eq(int, send(&r, limit), TRD_OK));
        trd_verdict verdict;
        const trd_command c = order(&r, ALICE, FUTURE, TRD_BUY, 1, 900);
        cr_assert(eq(int, trd_engine_ask(r.engine, &c, &verdict), TRD_OK));
        cr_assert(eq(u32, verdict.reason, rows[i].reason), "row %u", i);
    }
    rig_fini(&r);
}

/* --- kill switches ---------------------------------------------------------------------------- */

static const uint8_t SCOPES[] = {
    TRD_SCOPE_FIRM, TRD_SCOPE_ACCOUNT, TRD_SCOPE_INSTRUMENT, TRD_SCOPE_ACTOR, TRD_SCOPE_TAG};
enum { SCOPE_COUNT = sizeof(SCOPES) / sizeof(SCOPES[0]) };

static trd_command kill_of(unsigned scope, unsigned action) {
    return (trd_command){.kind = TRD_COMMAND_KILL,
        .slots = 1,
        .instrument = FUTURE,
        .account = ALICE,
        .actor = TRADER,
        .u.kill = {.scope = (uint8_t)scope,
            .action = (uint8_t)action,
            .tag = scope == TRD_SCOPE_TAG ? TAG : 0}};
}

static void switch_kill(rig *r, trd_command c) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, count_of(r, TRD_EVENT_COMMAND_REJECTED), 0));
}

/* An order of ALICE in the future by TRADER with TAG: one that every scope means. */
static void make_tagged(trd_command record[2], trd_command c) {
    record[0] = c;
    record[0].actor = TRADER;
    record[0].slots = 2;
    const trd_ext_link link = {.kind = TRD_EXT_ORDER_LINK, .tag = TAG};
    memcpy(&record[1], &link, sizeof(link));
}

static unsigned reason_for(rig *r, trd_command c) {
    trd_command record[2];
    make_tagged(record, c);
    send_slots(r, record);
    return r->events[0].kind == TRD_EVENT_REJECTED ? r->events[0].reason : 0;
}

/* The same of another account, instrument, actor or tag: which one the scope looks at. */
static trd_command outside(rig *r, unsigned scope) {
    trd_command c = order(r, scope == TRD_SCOPE_ACCOUNT ? BOB : ALICE,
        scope == TRD_SCOPE_INSTRUMENT ? SPOT : FUTURE, TRD_BUY, 1, 500);
    c.actor = scope == TRD_SCOPE_ACTOR ? TRADER + 1 : TRADER;
    return c;
}

Test(engine_orders, S137_a_kill_switch_of_any_scope_lets_nothing_new_pass_but_cancels) {
    for (int i = 0; i < SCOPE_COUNT; i++) {
        rig r;
        market_of(&r);
        cr_assert(eq(u32, reason_for(&r, order(&r, ALICE, FUTURE, TRD_BUY, 10, 1000)), 0));
        const uint64_t id = r.id;
        has(&r, ALICE, USD, 98990, 1010);
        switch_kill(&r, kill_of(SCOPES[i], TRD_KILL_ON));
        cr_assert(
            eq(u32, reason_for(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 1000)), TRD_REJECT_KILLED));
        /* before all that is wrong with it besides */
        cr_assert(eq(
            u32, reason_for(&r, order(&r, ALICE, FUTURE, TRD_BUY, 99999, -1)), TRD_REJECT_KILLED));
        has(&r, ALICE, USD, 98990, 1010);
        if (SCOPES[i] != TRD_SCOPE_FIRM) {
            good(&r, outside(&r, SCOPES[i]));
        }
        const trd_balance before = balance(&r, ALICE, USD);
        trd_command reduce = {.kind = TRD_COMMAND_REDUCE,
            .slots = 1,
            .account = ALICE,
            .instrument = FUTURE,
            .actor = TRADER,
            .u.cancel = {.target = id, .qty = 4}};
        cr_assert(eq(int, send(&r, reduce), TRD_OK));
        cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REPLACED));
        has(&r, ALICE, USD, before.free + 404, before.locked - 404);
        reduce.kind = TRD_COMMAND_CANCEL;
        reduce.u.cancel.qty = 0;
        cr_assert(eq(int, send(&r, reduce), TRD_OK));
        cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_CANCELED));
        has(&r, ALICE, USD, before.free + 1010, before.locked - 1010);
        switch_kill(&r, kill_of(SCOPES[i], TRD_KILL_OFF));
        cr_assert(eq(u32, reason_for(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 1000)), 0));
        rig_fini(&r);
    }
}

Test(engine_orders, S137_with_reducing_orders_pass_that_only_reduce) {
    for (int i = 0; i < SCOPE_COUNT; i++) {
        rig r;
        market_of(&r);
        deal(&r, ALICE, TRD_BUY, 10, 1000);
        trd_command on = kill_of(SCOPES[i], TRD_KILL_ON);
        switch_kill(&r, on);
        cr_assert(
            eq(u32, reason_for(&r, reducing(&r, ALICE, TRD_SELL, 4, 1100)), TRD_REJECT_KILLED));
        on.u.kill.reducing = 1;
        switch_kill(&r, on);
        cr_assert(eq(u32, reason_for(&r, reducing(&r, ALICE, TRD_SELL, 4, 1100)), 0));
        has(&r, ALICE, USD, 98985, 1005);
        cr_assert(eq(
            u32, reason_for(&r, order(&r, ALICE, FUTURE, TRD_SELL, 4, 1100)), TRD_REJECT_KILLED));
        rig_fini(&r);
    }
}

Test(engine_orders, S137_with_cancel_the_orders_of_the_scope_end_and_hold_nothing) {
    for (int i = 0; i < SCOPE_COUNT; i++) {
        rig r;
        market_of(&r);
        cr_assert(eq(u32, reason_for(&r, order(&r, ALICE, FUTURE, TRD_BUY, 10, 1000)), 0));
        const trd_order works = r.events[0].u.order.order;
        const trd_order other = enter(&r, outside(&r, SCOPES[i]));
        trd_command on = kill_of(SCOPES[i], TRD_KILL_ON);
        on.u.kill.cancel = 1;
        switch_kill(&r, on);
        is_canceled(&r, works, TRD_CAUSE_KILL, TRD_STATUS_CANCELED);
        if (SCOPES[i] == TRD_SCOPE_FIRM) {
            is_canceled(&r, other, TRD_CAUSE_KILL, TRD_STATUS_CANCELED);
        } else {
            cr_assert(eq(ptr, (void *)(uintptr_t)find(&r, TRD_EVENT_CANCELED, other), NULL));
            trd_held held;
            cr_assert(
                eq(int, trd_accounts_held(trd_engine_accounts(r.engine), other, &held), TRD_OK));
        }
        rig_fini(&r);
    }
}

/* Elected while the switch is on. */
Test(engine_orders, S137_an_order_that_waits_is_not_released_past_a_kill_switch) {
    for (int i = 0; i < SCOPE_COUNT; i++) {
        rig r;
        market_of(&r);
        trd_command on = kill_of(SCOPES[i], TRD_KILL_ON);
        on.actor = 0; /* as of the order that waits */
        good(&r, order(&r, BOB, FUTURE, TRD_BUY, 10, 940));
        const trd_order waits = waiting_sale(&r, TRD_TIF_GTC);
        switch_kill(&r, on);
        set_last(&r, 950);
        is_canceled(&r, waits, TRD_CAUSE_RISK, TRD_STATUS_CANCELED);
        position_is(&r, ALICE, TRD_POSITION_NET, 0);
        has(&r, ALICE, USD, 100000, 0);
        rig_fini(&r);
    }
}

/* It is part of the state: a copy of the block has it, a session that ends leaves it on. */
Test(engine_orders, S137_a_kill_switch_goes_with_the_state_of_the_engine) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    const size_t size = trd_engine_footprint(&def);
    rig r;
    market_of(&r);
    switch_kill(&r, kill_of(TRD_SCOPE_ACCOUNT, TRD_KILL_ON));
    trd_command session = {.kind = TRD_COMMAND_SESSION,
        .slots = 1,
        .instrument = FUTURE,
        .u.session = {.state = TRD_SESSION_CLOSED}};
    cr_assert(eq(int, send(&r, session), TRD_OK));
    session.u.session.state = TRD_SESSION_CONTINUOUS;
    cr_assert(eq(int, send(&r, session), TRD_OK));
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 1000), TRD_REJECT_KILLED);
    rig copy = r;
    copy.engine = aligned_alloc(TRD_ENGINE_ALIGN, size);
    copy.out.events = copy.events;
    memcpy(copy.engine, r.engine, size);
    refused(&copy, order(&copy, ALICE, FUTURE, TRD_BUY, 1, 1000), TRD_REJECT_KILLED);
    switch_kill(&copy, kill_of(TRD_SCOPE_ACCOUNT, TRD_KILL_OFF));
    good(&copy, order(&copy, ALICE, FUTURE, TRD_BUY, 1, 1000));
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 1000), TRD_REJECT_KILLED);
    free(copy.engine);
    rig_fini(&r);
}

/* --- funding ---------------------------------------------------------------------------------- */

/* ALICE is flat 1 ns before it is due; CAROL closed half of her 2 lots and pays for one: 0.1 % of
 * 1,000. */
Test(engine_orders, S115_funding_is_of_the_position_at_its_time_and_of_each_time_once) {
    rig r;
    market_of(&r);
    open_account(&r, CAROL, TRD_MODE_FLAT);
    deposit(&r, CAROL, USD, 100000);
    deal(&r, ALICE, TRD_BUY, 2, 1000);
    deal(&r, CAROL, TRD_BUY, 2, 1000);
    r.time = 99;
    deal(&r, ALICE, TRD_SELL, 2, 1000);
    deal(&r, CAROL, TRD_SELL, 1, 1000);
    const trd_balance alice = balance(&r, ALICE, USD);
    const trd_balance carol = balance(&r, CAROL, USD);
    r.time = 100;
    trd_command funding = {.kind = TRD_COMMAND_FUNDING,
        .slots = 1,
        .instrument = FUTURE,
        .u.funding = {.rate = 1000000, .mark = 1000, .due = 100}};
    cr_assert(eq(int, send(&r, funding), TRD_OK));
    cr_assert(eq(int, send(&r, funding), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(u8, r.events[0].reason, TRD_REJECT_DUPLICATE_ID));
    cr_assert(eq(i64, balance(&r, ALICE, USD).free, alice.free));
    cr_assert(eq(i64, balance(&r, CAROL, USD).free, carol.free - 1));
    deal(&r, CAROL, TRD_SELL, 1, 1000);
    const trd_balance flat = balance(&r, CAROL, USD);
    funding.u.funding.due = 101;
    cr_assert(eq(int, send(&r, funding), TRD_OK));
    cr_assert(eq(u32, r.out.count, 0));
    cr_assert(eq(i64, balance(&r, CAROL, USD).free, flat.free));
    rig_fini(&r);
}
