/* test_engine_split.c - what a split makes of orders, holds, positions and prices. Numbers are
 * worked out from docs/reference/engine.md, "Splits", and accounts.md, "Splits and dividends". */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/tradsys.h>

#include "acct/state.h"
#include "engine_rig.h"

static trd_command split(int64_t numerator, int64_t denominator) {
    return (trd_command){.kind = TRD_COMMAND_CORPORATE,
        .slots = 1,
        .instrument = SPOT,
        .u.corporate = {
            .action = TRD_CORPORATE_SPLIT, .numerator = numerator, .denominator = denominator}};
}

static void done(rig *r, trd_command c) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    for (uint32_t i = 0; i < r->out.count; i += r->events[i].slots) {
        cr_assert(ne(u8, r->events[i].kind, TRD_EVENT_COMMAND_REJECTED), "%s",
            trd_reject_text(r->events[i].reason));
    }
}

static void turned_down(rig *r, trd_command c, unsigned reason) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, r->out.count, 1));
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(u8, r->events[0].reason, reason), "%s, not %s",
        trd_reject_text(r->events[0].reason), trd_reject_text(reason));
}

static void price(rig *r, unsigned source, trd_px px) {
    done(r, (trd_command){.kind = TRD_COMMAND_PRICE,
                .slots = 1,
                .instrument = SPOT,
                .u.price = {.px = px, .source = (uint8_t)source}});
}

/* Ten thousand dollars and a hundred shares each, and a mark. */
static void world(rig *r, trd_px mark) {
    rig_init(r);
    deposit(r, ALICE, USD, 1000000);
    deposit(r, ALICE, SHARE, 10000);
    deposit(r, BOB, USD, 1000000);
    deposit(r, BOB, SHARE, 10000);
    price(r, TRD_SOURCE_MARK, mark);
}

/* An order that is accepted; its client id. */
static uint64_t enter(rig *r, uint32_t account, unsigned side, trd_qty qty, trd_px px) {
    good(r, order(r, account, SPOT, side, qty, px));
    return r->id;
}

/* The same with an extension behind it. */
static uint64_t enter_with(rig *r, trd_command base, const void *extension) {
    trd_command c[2] = {base};
    c[0].slots = 2;
    c[0].time = r->time;
    memcpy(&c[1], extension, sizeof(c[1]));
    r->out.count = 0;
    cr_assert(eq(int, trd_engine_step(r->engine, c, &r->out), TRD_OK));
    cr_assert(
        eq(u8, r->events[0].kind, TRD_EVENT_ACCEPTED), "%s", trd_reject_text(r->events[0].reason));
    return r->id;
}

static bool lives(const rig *r, uint32_t account, uint64_t id) {
    return trd_match_find(trd_engine_match(r->engine), account, id) != 0;
}

static trd_order_info info_of(const rig *r, uint32_t account, uint64_t id) {
    trd_order_info info = {0};
    const trd_match *match = trd_engine_match(r->engine);
    const trd_order handle = trd_match_find(match, account, id);
    cr_assert(eq(int, trd_match_order(match, handle, &info), TRD_OK));
    return info;
}

static void is_at(const rig *r, uint32_t account, uint64_t id, trd_qty leaves, trd_px px) {
    const trd_order_info info = info_of(r, account, id);
    cr_assert(eq(i64, info.leaves, leaves));
    cr_assert(eq(i64, info.px, px));
}

static trd_held held_of(const rig *r, uint32_t account, uint64_t id) {
    trd_held held = {0};
    cr_assert(eq(int,
        trd_accounts_held(trd_engine_accounts(r->engine), info_of(r, account, id).order, &held),
        TRD_OK));
    return held;
}

/* The event of this kind about the order. */
static const trd_event *about(const rig *r, unsigned kind, trd_order handle) {
    for (uint32_t i = 0; i < r->out.count; i += r->events[i].slots) {
        const trd_event *e = &r->events[i];
        const trd_order of = kind == TRD_EVENT_CANCELED ? e->u.cancel.order : e->u.restate.order;
        if (e->kind == kind && of == handle) {
            return e;
        }
    }
    cr_assert(false, "no %s of the order", trd_event_text(kind));
    return NULL;
}

static uint32_t count_of(const rig *r, unsigned kind) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->out.count; i += r->events[i].slots) {
        count += r->events[i].kind == kind;
    }
    return count;
}

static trd_holding holding_of(const rig *r, uint32_t account) {
    trd_holding holding;
    cr_assert(eq(int,
        trd_accounts_position(
            trd_engine_accounts(r->engine), account, SPOT, TRD_POSITION_NET, &holding),
        TRD_OK));
    return holding;
}

/* --- resting orders --------------------------------------------------------------------------- */

/* Three for one: bids at 101 and 100 become 33, offers at 103 and 104 become 35. */
Test(engine_split, limits_become_lower_and_lots_more) { /* S116 */
    rig r;
    world(&r, 102);
    const uint64_t low = enter(&r, ALICE, TRD_BUY, 10, 100);
    const uint64_t high = enter(&r, ALICE, TRD_BUY, 5, 101);
    const uint64_t far = enter(&r, BOB, TRD_SELL, 2, 104);
    const uint64_t near = enter(&r, BOB, TRD_SELL, 7, 103);
    has(&r, ALICE, USD, 1000000 - 1001 - 506, 1001 + 506); /* a fee of 1, and of 0.505 */
    has(&r, BOB, SHARE, 10000 - 900, 900);
    done(&r, split(3, 1));
    is_at(&r, ALICE, high, 15, 33);
    is_at(&r, ALICE, low, 30, 33);
    is_at(&r, BOB, near, 21, 35);
    is_at(&r, BOB, far, 6, 35);
    has(&r, ALICE, USD, 1000000 - 991 - 496, 991 + 496); /* 990 and 1, 495 and 1 */
    has(&r, BOB, SHARE, 30000 - 2700, 2700);
    has(&r, ALICE, SHARE, 30000, 0);
    cr_assert(eq(u32, count_of(&r, TRD_EVENT_RESTATED), 4));
    const trd_event *e = about(&r, TRD_EVENT_RESTATED, info_of(&r, BOB, near).order);
    cr_assert(eq(u8, e->reason, TRD_RESTATE_CORPORATE));
    cr_assert(eq(u8, e->side, TRD_SELL));
    cr_assert(eq(u8, e->status, TRD_STATUS_NEW));
    cr_assert(eq(i64, e->u.restate.px, 35));
    cr_assert(eq(i64, e->u.restate.displayed, 21));
    cr_assert(eq(i64, e->u.restate.leaves, 21));
    rig_fini(&r);
}

/* One for three: bids at 101 and 100 become 303 and 300, lots a third, and what is left over goes.
 */
Test(engine_split, limits_become_higher_and_lots_fewer_and_none_is_left_without_lots) { /* S116 */
    rig r;
    world(&r, 102);
    const uint64_t low = enter(&r, ALICE, TRD_BUY, 10, 100);
    const uint64_t high = enter(&r, ALICE, TRD_BUY, 2, 101);
    const uint64_t near = enter(&r, BOB, TRD_SELL, 7, 103);
    const trd_order gone = info_of(&r, ALICE, high).order;
    done(&r, split(1, 3));
    is_at(&r, ALICE, low, 3, 300);
    is_at(&r, BOB, near, 2, 309);
    cr_assert(not(lives(&r, ALICE, high)));
    const trd_event *e = about(&r, TRD_EVENT_CANCELED, gone);
    cr_assert(eq(u8, e->reason, TRD_CAUSE_CORPORATE));
    cr_assert(eq(u8, e->status, TRD_STATUS_CANCELED));
    cr_assert(eq(i64, e->u.cancel.qty, 2)); /* as they were */
    /* 10,000 hundredths of a share become 3,333. One old hundredth is left over, at 1.02. */
    has(&r, ALICE, USD, 1000000 - 901 + 1, 901);
    has(&r, ALICE, SHARE, 3333, 0);
    has(&r, BOB, SHARE, 3333 - 200, 200);
    rig_fini(&r);
}

/* The order of all by price, and then by time, also where three prices become one. */
Test(engine_split, the_queue_is_by_the_old_price_and_then_by_time) {
    rig r;
    world(&r, 104);
    const uint64_t a = enter(&r, ALICE, TRD_BUY, 1, 99);
    const uint64_t b = enter(&r, ALICE, TRD_BUY, 2, 101);
    const uint64_t c = enter(&r, BOB, TRD_BUY, 3, 100);
    const uint64_t d = enter(&r, BOB, TRD_BUY, 4, 101);
    const uint64_t e = enter(&r, ALICE, TRD_BUY, 5, 33); /* where the others come to, and goes on */
    done(&r, split(3, 1));
    trd_order_info queue[8];
    const trd_match *match = trd_engine_match(r.engine);
    cr_assert(eq(int, trd_match_queue(match, SPOT, TRD_BUY, 33, queue, 8), 4));
    cr_assert(eq(u64, queue[0].client_id, b));
    cr_assert(eq(u64, queue[1].client_id, d));
    cr_assert(eq(u64, queue[2].client_id, c));
    cr_assert(eq(u64, queue[3].client_id, a));
    cr_assert(eq(int, trd_match_queue(match, SPOT, TRD_BUY, 11, queue, 8), 1));
    cr_assert(eq(u64, queue[0].client_id, e));
    rig_fini(&r);
}

/* 101 x 3 / 1 and back: what was executed is counted in new lots, and what was charged stays. */
Test(engine_split, executed_lots_become_new_ones) {
    rig r;
    world(&r, 100);
    const uint64_t buy = enter(&r, ALICE, TRD_BUY, 10, 100);
    enter(&r, BOB, TRD_SELL, 4, 100);
    const trd_amt paid = 400 + 1;
    has(&r, ALICE, USD, 1000000 - paid - 600, 600); /* 0.1 % of all 1,000 is paid already */
    done(&r, split(3, 1));
    const trd_order_info info = info_of(&r, ALICE, buy);
    cr_assert(eq(i64, info.executed, 12));
    cr_assert(eq(i64, info.leaves, 18));
    const trd_accounts *accounts = trd_engine_accounts(r.engine);
    cr_assert(eq(i64, trd__hold_of(accounts, info.order)->executed, 12));
    cr_assert(eq(i64, info.px, 33));
    /* 594 at most. The fee is 0.1 % of all 994, of which 1 is paid: nothing more. */
    has(&r, ALICE, USD, 1000000 - paid - 594, 594);
    const trd_event *e = about(&r, TRD_EVENT_RESTATED, info.order);
    cr_assert(eq(u8, e->status, TRD_STATUS_PARTIALLY_FILLED));
    cr_assert(eq(i64, holding_of(&r, ALICE).qty, 12));
    cr_assert(eq(i64, holding_of(&r, ALICE).cost, 400));
    rig_fini(&r);
}

/* Ten lots for 1,000 become three; the tenth is paid at the mark of 1.05, and cost 1.00. Of the 110
 * shares, 11,000 hundredths, 3,666 are left, and two thirds of one are paid: 2 / 100 of 1.05. */
Test(engine_split, fractions_are_paid_in_cash_at_the_mark) { /* S116 */
    rig r;
    world(&r, 105);
    enter(&r, BOB, TRD_SELL, 10, 100);
    enter(&r, ALICE, TRD_BUY, 10, 100);
    has(&r, ALICE, USD, 1000000 - 1001, 0);
    done(&r, split(1, 3));
    const trd_holding holding = holding_of(&r, ALICE);
    cr_assert(eq(i64, holding.qty, 3));
    cr_assert(eq(i64, holding.cost, 900));
    cr_assert(eq(i64, holding.realised, 5));
    has(&r, ALICE, SHARE, 3666, 0);
    has(&r, ALICE, USD, 1000000 - 1001 + 2, 0); /* 2.1 */
    cr_assert(eq(i64, holding_of(&r, BOB).qty, -3));
    trd_qty qty = 0;
    cr_assert(
        eq(int, trd_match_position(trd_engine_match(r.engine), ALICE, SPOT, TRD_POSITION_NET, &qty),
            TRD_OK));
    cr_assert(eq(i64, qty, 3));
    rig_fini(&r);
}

Test(engine_split, an_order_without_a_price_or_with_too_many_lots_ends) {
    rig r;
    world(&r, 100);
    deposit(&r, BOB, SHARE, 2000000);
    const uint64_t cheap = enter(&r, ALICE, TRD_BUY, 10, 2); /* 0 is no price */
    const uint64_t least = enter(&r, ALICE, TRD_BUY, 10, 3);
    const uint64_t most = enter(&r, BOB, TRD_SELL, 3333, 100);
    const uint64_t more = enter(&r, BOB, TRD_SELL, 3334, 100); /* 10,002 */
    done(&r, split(3, 1));
    cr_assert(not(lives(&r, ALICE, cheap)));
    is_at(&r, ALICE, least, 30, 1);
    is_at(&r, BOB, most, 9999, 34);
    cr_assert(not(lives(&r, BOB, more)));
    has(&r, ALICE, USD, 1000000 - 31, 31);
    const uint64_t dear = enter(&r, BOB, TRD_SELL, 100, 33334); /* 100,002 */
    const uint64_t high = enter(&r, BOB, TRD_SELL, 100, 33333);
    done(&r, split(1, 3));
    cr_assert(not(lives(&r, BOB, dear)));
    is_at(&r, BOB, high, 33, 99999);
    rig_fini(&r);
}

/* --- special orders --------------------------------------------------------------------------- */

static trd_ext_prices trigger(unsigned source, trd_px px) {
    return (trd_ext_prices){.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = px,
        .source = (uint8_t)source};
}

static trd_command stop_limit(rig *r, uint32_t account, unsigned side, trd_qty qty, trd_px px) {
    trd_command c = order(r, account, SPOT, side, qty, px);
    c.u.order.type = TRD_TYPE_STOP_LIMIT;
    return c;
}

/* A sell stop at 100 with the last price at 101: both are 33 afterwards, which the split has not
 * touched; the next execution there does. The buy stop at 110 is rounded up, to 37. */
Test(engine_split, triggers_are_rounded_away_and_nobody_is_elected_by_the_split) { /* S116 */
    rig r;
    world(&r, 101);
    enter(&r, BOB, TRD_SELL, 1, 101);
    enter(&r, ALICE, TRD_BUY, 1, 101);
    const trd_ext_prices below = trigger(TRD_SOURCE_LAST, 100);
    const trd_ext_prices above = trigger(TRD_SOURCE_LAST, 110);
    const uint64_t sell = enter_with(&r, stop_limit(&r, ALICE, TRD_SELL, 4, 95), &below);
    const uint64_t buy = enter_with(&r, stop_limit(&r, BOB, TRD_BUY, 4, 112), &above);
    done(&r, split(3, 1));
    cr_assert(eq(u32, count_of(&r, TRD_EVENT_TRIGGERED), 0));
    cr_assert(eq(i64, info_of(&r, ALICE, sell).trigger, 33));
    is_at(&r, ALICE, sell, 12, 32);                        /* 31.7 */
    cr_assert(eq(i64, info_of(&r, BOB, buy).trigger, 37)); /* 36.7 */
    is_at(&r, BOB, buy, 12, 37);                           /* 37.3 */
    cr_assert(eq(i64, held_of(&r, BOB, buy).amount, 12 * 37 + 1));
    cr_assert(eq(i64, held_of(&r, ALICE, sell).amount, 1200));
    enter(&r, BOB, TRD_SELL, 1, 33);
    enter(&r, BOB, TRD_BUY, 1, 33);
    cr_assert(eq(u32, count_of(&r, TRD_EVENT_TRIGGERED), 1));
    cr_assert(eq(u8, info_of(&r, ALICE, sell).type, TRD_TYPE_LIMIT));
    rig_fini(&r);
}

/* A sell that trails 10 ticks behind 101: 4 ticks behind 33. */
Test(engine_split, a_trail_is_as_far_away_in_new_ticks) {
    rig r;
    world(&r, 101);
    enter(&r, BOB, TRD_SELL, 1, 101);
    enter(&r, ALICE, TRD_BUY, 1, 101);
    const trd_ext_prices trail = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET,
        .source = TRD_SOURCE_LAST,
        .offset_unit = TRD_OFFSET_TICKS,
        .offset = 10};
    trd_command c = order(&r, ALICE, SPOT, TRD_SELL, 4, 80);
    c.u.order.type = TRD_TYPE_TRAILING_STOP_LIMIT;
    const uint64_t id = enter_with(&r, c, &trail);
    cr_assert(eq(i64, info_of(&r, ALICE, id).trigger, 91));
    done(&r, split(3, 1));
    cr_assert(eq(i64, info_of(&r, ALICE, id).trigger, 29));
    is_at(&r, ALICE, id, 12, 27);
    enter(&r, BOB, TRD_SELL, 1, 35); /* 35 is the new extreme */
    enter(&r, BOB, TRD_BUY, 1, 35);
    cr_assert(eq(i64, info_of(&r, ALICE, id).trigger, 31));
    rig_fini(&r);
}

/* Of 20, 4 are shown and 3 of them gone: 12, of which 1 is. Three for one: 51 with 3 of a peak of
 * 12. */
Test(engine_split, an_iceberg_shows_as_much_as_it_did) {
    rig r;
    world(&r, 100);
    const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .peak = 4};
    const uint64_t id = enter_with(&r, order(&r, BOB, SPOT, TRD_SELL, 20, 100), &sizes);
    enter(&r, ALICE, TRD_BUY, 3, 100);
    cr_assert(eq(i64, info_of(&r, BOB, id).displayed, 1));
    done(&r, split(3, 1));
    const trd_order_info info = info_of(&r, BOB, id);
    cr_assert(eq(i64, info.leaves, 51));
    cr_assert(eq(i64, info.displayed, 3));
    cr_assert(eq(i64, info.executed, 9));
    cr_assert(eq(i64, info.px, 34));
    enter(&r, ALICE, TRD_BUY, 3, 34);
    cr_assert(eq(i64, info_of(&r, BOB, id).displayed, 12));
    rig_fini(&r);
}

/* Hidden orders and such that wait for all of their lots keep their place beside the book. */
Test(engine_split, hidden_and_all_or_none_orders_are_changed_too) {
    rig r;
    world(&r, 100);
    trd_command c = order(&r, BOB, SPOT, TRD_SELL, 6, 103);
    c.u.order.exec = TRD_EXEC_HIDDEN;
    good(&r, c);
    const uint64_t hidden = r.id;
    c = order(&r, BOB, SPOT, TRD_SELL, 9, 104);
    c.u.order.exec = TRD_EXEC_ALL_OR_NONE;
    good(&r, c);
    const uint64_t whole = r.id;
    done(&r, split(3, 1));
    is_at(&r, BOB, hidden, 18, 35);
    cr_assert(eq(u8, info_of(&r, BOB, hidden).where, TRD_WHERE_HIDDEN));
    is_at(&r, BOB, whole, 27, 35);
    cr_assert(eq(u8, info_of(&r, BOB, whole).where, TRD_WHERE_ASIDE));
    rig_fini(&r);
}

/* An order that closes the position has no lots before it is released, and lives on. */
Test(engine_split, an_order_without_lots_waits_on_at_its_new_trigger) {
    rig r;
    world(&r, 100);
    enter(&r, BOB, TRD_SELL, 9, 100);
    enter(&r, ALICE, TRD_BUY, 9, 100);
    const trd_ext_prices below = trigger(TRD_SOURCE_LAST, 90);
    trd_command c = order(&r, ALICE, SPOT, TRD_SELL, 0, 0);
    c.u.order.type = TRD_TYPE_STOP;
    c.u.order.exec = TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION;
    const uint64_t id = enter_with(&r, c, &below);
    done(&r, split(1, 3));
    cr_assert(eq(i64, info_of(&r, ALICE, id).trigger, 270));
    cr_assert(eq(i64, info_of(&r, ALICE, id).leaves, 0));
    rig_fini(&r);
}

/* Without a cap a peg may go to 1,000.00, and so much is held; with three times the lots it may go
 * to a third of that. */
Test(engine_split, a_peg_may_go_as_far_as_what_is_held_for_it) {
    rig r;
    world(&r, 100);
    enter(&r, BOB, TRD_BUY, 1, 99);
    trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 2, 0);
    c.u.order.type = TRD_TYPE_PEGGED;
    const trd_ext_prices peg = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET,
        .peg = TRD_PEG_BEST,
        .offset_unit = TRD_OFFSET_TICKS,
        .offset = 2};
    const uint64_t id = enter_with(&r, c, &peg);
    cr_assert(eq(i64, held_of(&r, ALICE, id).amount, 200000 + 200));
    is_at(&r, ALICE, id, 2, 97);
    done(&r, split(3, 1));
    cr_assert(eq(i64, held_of(&r, ALICE, id).amount, 6 * 33333 + 200)); /* 199.998 */
    is_at(&r, ALICE, id, 6, 32); /* one tick, 0.67 rounded up, below 33 */
    rig_fini(&r);
}

static void session(rig *r, unsigned state) {
    done(r, (trd_command){.kind = TRD_COMMAND_SESSION,
                .slots = 1,
                .instrument = SPOT,
                .u.session = {.state = (uint8_t)state}});
}

/* A buyer at any price has 1,000.00 a lot held, and could pay that for three times the lots. */
Test(engine_split, a_market_order_that_buys_in_an_auction_ends_if_lots_grow) {
    for (int falls = 0; falls < 2; falls++) {
        rig r;
        world(&r, 100);
        session(&r, TRD_SESSION_OPENING);
        trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 4, 0);
        c.u.order.type = TRD_TYPE_MARKET;
        c.u.order.tif = TRD_TIF_AT_OPEN;
        good(&r, c);
        const uint64_t buy = r.id;
        c = order(&r, BOB, SPOT, TRD_SELL, 4, 0);
        c.u.order.type = TRD_TYPE_MARKET;
        c.u.order.tif = TRD_TIF_AT_OPEN;
        good(&r, c);
        const uint64_t sell = r.id;
        cr_assert(eq(i64, held_of(&r, ALICE, buy).amount, 400000 + 400));
        done(&r, falls ? split(3, 1) : split(1, 2));
        is_at(&r, BOB, sell, falls ? 12 : 2, 0);
        cr_assert(eq(i64, lives(&r, ALICE, buy), !falls));
        if (falls) {
            has(&r, ALICE, USD, 1000000, 0);
        } else {
            is_at(&r, ALICE, buy, 2, 0);
            cr_assert(eq(i64, held_of(&r, ALICE, buy).amount, 200000 + 200));
        }
        rig_fini(&r);
    }
}

/* A bid that crosses an offer in a call goes on doing so; nothing is executed before the auction.
 */
Test(engine_split, a_book_that_crosses_in_a_call_is_split_like_any_other) {
    rig r;
    world(&r, 100);
    session(&r, TRD_SESSION_OPENING);
    const uint64_t bid = enter(&r, ALICE, TRD_BUY, 5, 106);
    const uint64_t offer = enter(&r, BOB, TRD_SELL, 5, 95);
    done(&r, split(3, 1));
    cr_assert(eq(u32, count_of(&r, TRD_EVENT_FILL), 0));
    is_at(&r, ALICE, bid, 15, 35);
    is_at(&r, BOB, offer, 15, 32);
    session(&r, TRD_SESSION_CONTINUOUS);
    cr_assert(eq(i64, holding_of(&r, ALICE).qty, 15));
    rig_fini(&r);
}

/* --- prices, limits --------------------------------------------------------------------------- */

Test(engine_split, marks_and_rates_follow) {
    rig r;
    world(&r, 100);
    done(&r, (trd_command){.kind = TRD_COMMAND_BOOKS,
                 .slots = 1,
                 .u.books = {
                     .action = TRD_BOOKS_RATE, .asset = SHARE, .numerator = 7, .denominator = 2}});
    trd_equity before;
    trd_equity after;
    const trd_accounts *accounts = trd_engine_accounts(r.engine);
    cr_assert(eq(int, trd_accounts_equity(accounts, ALICE, &before), TRD_OK));
    cr_assert(eq(i64, before.total, 1000000 + 35000));
    done(&r, split(3, 1));
    cr_assert(eq(int, trd_accounts_equity(accounts, ALICE, &after), TRD_OK));
    cr_assert(eq(i64, after.total, before.total)); /* 30,000 x 7 / 6 */
    /* The next one pays fractions at 33: 30,001 / 2 leaves half of 0.33 cents. */
    deposit(&r, ALICE, SHARE, 201);
    done(&r, split(1, 2));
    has(&r, ALICE, SHARE, 15100, 0);
    has(&r, ALICE, USD, 1000000, 0);
    rig_fini(&r);
}

/* Two orders count 1,000 each for the firm's open value; so they do after the split. */
Test(engine_split, what_orders_count_for_stays) {
    rig r;
    world(&r, 100);
    done(&r, (trd_command){.kind = TRD_COMMAND_LIMIT,
                 .slots = 1,
                 .u.limit = {.action = TRD_LIMIT_SET,
                     .limit = TRD_LIMIT_OPEN_VALUE,
                     .scope = TRD_LIMIT_FIRM,
                     .value = 2500}});
    enter(&r, ALICE, TRD_BUY, 10, 100);
    const uint64_t id = enter(&r, ALICE, TRD_BUY, 10, 100);
    done(&r, split(3, 1));
    refused(&r, order(&r, ALICE, SPOT, TRD_BUY, 16, 33), TRD_REJECT_OPEN_VALUE); /* 528 */
    const trd_command cancel = {
        .kind = TRD_COMMAND_CANCEL, .slots = 1, .account = ALICE, .u.cancel = {.target = id}};
    done(&r, cancel);
    enter(&r, ALICE, TRD_BUY, 16, 33);
    rig_fini(&r);
}

/* 9,000 at 1.00 hold 9,009.00, and 991.00 are free. A loss of 990.00 on the future and fees of 1.01
 * leave one cent less than nothing: the order cannot be held anew. */
Test(engine_split, an_order_that_cannot_be_held_ends) {
    rig r;
    world(&r, 100);
    set_mark(&r, 1000);
    const uint64_t id = enter(&r, ALICE, TRD_BUY, 9000, 100);
    has(&r, ALICE, USD, 99100, 900900);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 100, 1000));
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 100, 1000));
    good(&r, order(&r, BOB, FUTURE, TRD_BUY, 100, 10));
    good(&r, order(&r, ALICE, FUTURE, TRD_SELL, 100, 10));
    has(&r, ALICE, USD, -1, 900900);
    const trd_order handle = info_of(&r, ALICE, id).order;
    done(&r, split(1, 1));
    cr_assert(eq(u8, about(&r, TRD_EVENT_CANCELED, handle)->reason, TRD_CAUSE_CORPORATE));
    has(&r, ALICE, USD, 900899, 0);
    rig_fini(&r);
}

Test(engine_split, a_split_that_cannot_be_changes_nothing) {
    rig r;
    rig_init(&r);
    turned_down(&r, split(3, 1), TRD_REJECT_NO_MARK);
    rig_fini(&r);
    world(&r, 100);
    static const int64_t bad[][2] = {{0, 1}, {1, 0}, {-1, 1}, {1 << 20 | 1, 1}, {1, 1 << 20 | 1}};
    for (int i = 0; i < 5; i++) {
        turned_down(&r, split(bad[i][0], bad[i][1]), TRD_REJECT_MALFORMED);
    }
    trd_command c = split(3, 1);
    c.u.corporate.amount = 1;
    turned_down(&r, c, TRD_REJECT_MALFORMED);
    c = split(3, 1);
    c.instrument = FUTURE;
    turned_down(&r, c, TRD_REJECT_BAD_COMBINATION);
    c.instrument = 2;
    turned_down(&r, c, TRD_REJECT_UNKNOWN_INSTRUMENT);
    /* A future on the share: an order, then a position. */
    set_mark(&r, 100);
    const uint64_t id = enter(&r, ALICE, TRD_BUY, 10, 90);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 1, 100));
    turned_down(&r, split(3, 1), TRD_REJECT_ASSET_IN_USE);
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 100));
    turned_down(&r, split(3, 1), TRD_REJECT_ASSET_IN_USE);
    is_at(&r, ALICE, id, 10, 90);
    good(&r, order(&r, ALICE, FUTURE, TRD_SELL, 1, 100));
    good(&r, order(&r, BOB, FUTURE, TRD_BUY, 1, 100));
    /* Nothing is held for an order that closes a position: it waits all the same. */
    const trd_ext_prices below = trigger(TRD_SOURCE_LAST, 50);
    c = order(&r, ALICE, FUTURE, TRD_SELL, 0, 0);
    c.u.order.type = TRD_TYPE_STOP;
    c.u.order.exec = TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION;
    const uint64_t closes = enter_with(&r, c, &below);
    turned_down(&r, split(3, 1), TRD_REJECT_ASSET_IN_USE);
    done(&r, (trd_command){.kind = TRD_COMMAND_CANCEL,
                 .slots = 1,
                 .instrument = FUTURE,
                 .account = ALICE,
                 .u.cancel = {.target = closes}});
    done(&r, split(3, 1));
    is_at(&r, ALICE, id, 30, 30);
    rig_fini(&r);
}

/* A share that is settled a day later, in an engine that values in dollars or in shares. */
static void settling(rig *r, uint32_t valuation) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    accounts.unsettled_max = 8;
    accounts.valuation_asset = valuation;
    *r = (rig){.engine = trd_engine_create(&def)};
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    cr_assert(ne(ptr, r->engine, NULL));
    const trd_asset usd = asset("USD");
    const trd_asset sh = asset("SHARE");
    cr_assert(eq(int, trd_engine_asset(r->engine, &usd), USD));
    cr_assert(eq(int, trd_engine_asset(r->engine, &sh), SHARE));
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_engine_fees(r->engine, &fees), 0));
    trd_instrument spec = share();
    const trd_terms terms = {.struct_size = sizeof(terms), .settle_days = 1};
    const trd_engine_listing spot = {.spec = &spec, .terms = &terms};
    cr_assert(eq(int, trd_engine_list(r->engine, &spot), SPOT));
    open_account(r, ALICE, TRD_MODE_CASH);
    open_account(r, BOB, TRD_MODE_CASH);
    deposit(r, ALICE, USD, 100000);
    deposit(r, BOB, SHARE, 1000);
    price(r, TRD_SOURCE_MARK, 100);
}

Test(engine_split, unsettled_shares_wait_for_their_day) {
    rig r;
    settling(&r, USD);
    enter(&r, BOB, TRD_SELL, 4, 100);
    enter(&r, ALICE, TRD_BUY, 4, 100);
    turned_down(&r, split(3, 1), TRD_REJECT_ASSET_IN_USE);
    done(&r,
        (trd_command){.kind = TRD_COMMAND_BOOKS, .slots = 1, .u.books = {.action = TRD_BOOKS_DAY}});
    done(&r, split(3, 1));
    has(&r, ALICE, SHARE, 1200, 0);
    has(&r, BOB, SHARE, 1800, 0);
    rig_fini(&r);
}

Test(engine_split, what_everything_is_valued_in_is_not_split) {
    rig r;
    settling(&r, SHARE);
    turned_down(&r, split(3, 1), TRD_REJECT_BAD_COMBINATION);
    has(&r, BOB, SHARE, 1000, 0);
    rig_fini(&r);
}

/* 2^31 / 1 times 3 / 2 is not to be said, and neither is its inverse: less rather than more. */
Test(engine_split, a_rate_that_cannot_be_said_is_less_rather_than_more) {
    static const uint32_t big = UINT32_C(1) << 31;
    rig r;
    world(&r, 100);
    trd_command rate = {.kind = TRD_COMMAND_BOOKS,
        .slots = 1,
        .u.books = {.action = TRD_BOOKS_RATE, .asset = SHARE, .numerator = big, .denominator = 3}};
    done(&r, rate);
    done(&r, split(1, 2)); /* 2^32 / 3, which is said as 2^31 / 2 */
    trd_equity equity;
    const trd_accounts *accounts = trd_engine_accounts(r.engine);
    cr_assert(eq(int, trd_accounts_equity(accounts, ALICE, &equity), TRD_OK));
    cr_assert(eq(i64, equity.total, 1000000 + 5000 * (int64_t)(big / 2)));
    rate.u.books.numerator = 1;
    rate.u.books.denominator = big;
    done(&r, rate);
    deposit(&r, ALICE, SHARE, 1);
    done(&r, split(4, 1)); /* 1 / 2^33: at least 1 / 2^31 is said */
    cr_assert(eq(int, trd_accounts_equity(accounts, ALICE, &equity), TRD_OK));
    cr_assert(eq(i64, equity.total, 1000000));
    rig_fini(&r);
}

/* Nearly all the shares there can be: twice as many are none that fit. */
Test(engine_split, a_balance_that_would_leave_its_range_refuses_all) {
    rig r;
    world(&r, 100);
    deposit(&r, ALICE, SHARE, TRD_AMT_LIMIT / 2);
    const uint64_t id = enter(&r, ALICE, TRD_SELL, 100, 100);
    const trd_balance before = balance(&r, ALICE, SHARE);
    turned_down(&r, split(2, 1), TRD_REJECT_POSITION);
    has(&r, ALICE, SHARE, before.free, 10000);
    is_at(&r, ALICE, id, 100, 100);
    rig_fini(&r);
}

/* A contract that is settled in shares counts on what a share is, whatever it is a contract on:
 * while somebody has an order or a position in it. */
Test(engine_split, a_contract_that_is_settled_in_shares_is_in_the_way) {
    rig r;
    trd_instrument spec = share();
    strcpy(spec.symbol, "OTHER");
    spec.kind = TRD_INSTRUMENT_LINEAR;
    spec.base_asset = USD;
    spec.settle_asset = SHARE;
    rig_init_third(&r, &spec);
    deposit(&r, ALICE, SHARE, 10000);
    price(&r, TRD_SOURCE_MARK, 100);
    trd_command mark = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = THIRD,
        .u.price = {.px = 100, .source = TRD_SOURCE_MARK}};
    done(&r, mark);
    good(&r, order(&r, ALICE, THIRD, TRD_BUY, 1, 100));
    turned_down(&r, split(2, 1), TRD_REJECT_ASSET_IN_USE);
    const trd_command cancel = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .account = ALICE,
        .instrument = THIRD,
        .u.cancel = {.target = r.id}};
    done(&r, cancel);
    done(&r, split(2, 1));
    has(&r, ALICE, SHARE, 20000, 0);
    rig_fini(&r);
}

/* Room for one balance, that of the shares: half a unit of them would have to be paid in dollars.
 */
Test(engine_split, without_room_for_what_fractions_bring_there_is_none) {
    rig r;
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    accounts.balances_max = 1;
    rig_make_of(&r, &def);
    deposit(&r, ALICE, SHARE, 101);
    price(&r, TRD_SOURCE_MARK, 100);
    turned_down(&r, split(1, 2), TRD_REJECT_NO_CAPACITY);
    has(&r, ALICE, SHARE, 101, 0);
    done(&r, split(2, 1));
    has(&r, ALICE, SHARE, 202, 0);
    rig_fini(&r);
}

/* The load of a balance counts each open lot at the highest price, 100,000: 10 of them, and all the
 * money that fits beside. 10 more do not, and the order ends. */
Test(engine_split, an_order_that_reaches_beyond_every_amount_ends) {
    rig r;
    world(&r, 100);
    const uint64_t id = enter(&r, ALICE, TRD_BUY, 10, 100);
    deposit(&r, ALICE, USD, TRD_AMT_LIMIT - 1 - 1000000 - 10 * 100000);
    const trd_order handle = info_of(&r, ALICE, id).order;
    done(&r, split(2, 1));
    const trd_event *ended = about(&r, TRD_EVENT_CANCELED, handle);
    cr_assert(eq(u8, ended->reason, TRD_CAUSE_CORPORATE));
    cr_assert(eq(i64, ended->u.cancel.qty, 10));
    has(&r, ALICE, USD, TRD_AMT_LIMIT - 1 - 10 * 100000, 0);
    has(&r, ALICE, SHARE, 20000, 0);
    rig_fini(&r);
}

/* A stop without limit is held for at the end of the band: 20 % above a mark of 50. With 100 shares
 * for one that is 0.6, and no price; its trigger of 200 would be 2. */
Test(engine_split, an_order_that_is_held_at_no_price_ends) {
    rig r;
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    r = (rig){.engine = trd_engine_create(&def)};
    r.out = (trd_out){.events = r.events, .capacity = ROOM};
    const trd_asset assets[2] = {asset("USD"), asset("SHARE")};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_instrument spec = share();
    trd_profile profile = trd_profile_default();
    profile.band_action = TRD_BAND_CANCEL;
    profile.band_source = TRD_SOURCE_MARK;
    profile.band_below = profile.band_above = 2000;
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms, .profile = &profile};
    cr_assert(eq(int, trd_engine_asset(r.engine, &assets[0]), USD));
    cr_assert(eq(int, trd_engine_asset(r.engine, &assets[1]), SHARE));
    cr_assert(eq(int, trd_engine_fees(r.engine, &fees), 0));
    cr_assert(eq(int, trd_engine_list(r.engine, &listing), SPOT));
    open_account(&r, ALICE, TRD_MODE_FLAT);
    deposit(&r, ALICE, USD, 1000);
    price(&r, TRD_SOURCE_MARK, 50);
    trd_command stop = order(&r, ALICE, SPOT, TRD_BUY, 3, 0);
    stop.u.order.type = TRD_TYPE_STOP;
    const trd_ext_prices above = trigger(TRD_SOURCE_LAST, 200);
    const uint64_t id = enter_with(&r, stop, &above);
    has(&r, ALICE, USD, 1000 - 180, 180);
    const trd_order handle = info_of(&r, ALICE, id).order;
    done(&r, split(100, 1));
    cr_assert(eq(u8, about(&r, TRD_EVENT_CANCELED, handle)->reason, TRD_CAUSE_CORPORATE));
    has(&r, ALICE, USD, 1000, 0);
    rig_fini(&r);
}

/* --- room ------------------------------------------------------------------------------------- */

static void every_kind(rig *r) {
    world(r, 101);
    enter(r, BOB, TRD_SELL, 1, 101);
    enter(r, ALICE, TRD_BUY, 1, 101);
    const trd_ext_prices below = trigger(TRD_SOURCE_LAST, 60);
    const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .peak = 2};
    for (trd_px at = 0; at < 8; at++) {
        enter(r, ALICE, TRD_BUY, 1 + at, 100 - at);
        enter(r, BOB, TRD_SELL, 1 + at, 102 + at);
        enter_with(r, stop_limit(r, ALICE, TRD_SELL, 1 + at, 50 + at), &below);
        enter_with(r, order(r, BOB, SPOT, TRD_SELL, 7, 102 + at), &sizes);
    }
}

/* The stream of a split, with an output of this room. */
static uint32_t stream(int64_t numerator, int64_t denominator, uint32_t room, trd_event *all) {
    rig r;
    every_kind(&r);
    const trd_command c = split(numerator, denominator);
    trd_out out = {.events = r.events, .capacity = room};
    uint32_t count = 0;
    int result = trd_engine_step(r.engine, &c, &out);
    for (;;) {
        memcpy(all + count, r.events, out.count * sizeof(trd_event));
        count += out.count;
        cr_assert(eq(int, trd_engine_audit(r.engine), TRD_OK));
        if (result == TRD_OK) {
            break;
        }
        cr_assert(eq(int, result, TRD_MORE));
        cr_assert(eq(int, trd_engine_step(r.engine, &c, &out), TRD_E_BUSY));
        out.count = 0;
        result = trd_engine_step(r.engine, NULL, &out);
    }
    rig_fini(&r);
    return count;
}

Test(engine_split, the_events_do_not_depend_on_the_room, .timeout = 60) {
    static trd_event whole[ROOM];
    static trd_event parts[ROOM];
    for (int falls = 0; falls < 2; falls++) {
        const int64_t up = falls ? 3 : 1;
        const int64_t down = falls ? 1 : 3;
        const uint32_t count = stream(up, down, ROOM, whole);
        cr_assert(count > 32 * 2);
        for (uint32_t i = 1; i < count; i++) {
            cr_assert(eq(u64, whole[i].seq, whole[i - 1].seq + 1));
        }
        for (uint32_t room = TRD_ENGINE_OUT_MIN; room < 200; room += 3) {
            cr_assert(eq(u32, stream(up, down, room, parts), count));
            cr_assert(eq(int, memcmp(whole, parts, count * sizeof(trd_event)), 0));
        }
    }
}
