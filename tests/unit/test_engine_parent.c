/* test_engine_parent.c - parent orders in the engine: whatever becomes of a child, its lots are
 * counted as executed, as open, or are there again. Rules: docs/reference/risk.md. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/tradsys.h>

#include "engine/state.h"
#include "engine_rig.h"
#include "match/rich.h"

enum { PARENT = 77, OTHER = 78 };

/* A record, and the extensions that it has got. */
typedef struct record {
    trd_command slots[TRD_SLOTS_MAX];
} record;

static record plain(trd_command c) {
    return (record){.slots = {c}};
}

static void append(record *c, const void *extension) {
    memcpy(&c->slots[c->slots[0].slots], extension, sizeof(trd_command));
    c->slots[0].slots++;
}

static record child_of(trd_command c, uint64_t parent) {
    record out = plain(c);
    const trd_ext_link link = {.kind = TRD_EXT_ORDER_LINK, .parent = parent};
    append(&out, &link);
    return out;
}

/* A leg of link 7. */
static record leg_of(
    record c, unsigned relation, unsigned at, unsigned legs, unsigned flags, uint64_t parent) {
    const trd_ext_link link = {.link = 7,
        .kind = TRD_EXT_ORDER_LINK,
        .flags = (uint16_t)flags,
        .leg = (uint8_t)at,
        .legs = (uint8_t)legs,
        .relation = (uint8_t)relation,
        .parent = parent};
    append(&c, &link);
    c.slots[0].flags = (uint16_t)(c.slots[0].flags | (at < legs ? TRD_COMMAND_STAGED : 0));
    return c;
}

static void send_record(rig *r, record c) {
    r->out.count = 0;
    c.slots[0].time = r->time;
    cr_assert(eq(int, trd_engine_step(r->engine, c.slots, &r->out), TRD_OK));
    cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
}

static const trd_event *first(const rig *r, unsigned kind) {
    for (uint32_t at = 0; at < r->out.count; at += r->events[at].slots) {
        if (r->events[at].kind == kind) {
            return &r->events[at];
        }
    }
    cr_assert(false, "no %s", trd_event_text(kind));
    return NULL;
}

/* The order is in; its client id. */
static uint64_t enters(rig *r, record c) {
    send_record(r, c);
    cr_assert(
        eq(u8, r->events[0].kind, TRD_EVENT_ACCEPTED), "%s", trd_reject_text(r->events[0].reason));
    return c.slots[0].u.order.client_id;
}

static void is_refused(rig *r, record c, unsigned reason) {
    send_record(r, c);
    cr_assert(eq(u32, r->out.count, 1));
    cr_assert(eq(u8, r->events[0].reason, reason), "%s, not %s",
        trd_reject_text(r->events[0].reason), trd_reject_text(reason));
}

static record buys(rig *r, trd_qty qty, trd_px px) {
    return child_of(order(r, ALICE, SPOT, TRD_BUY, qty, px), PARENT);
}

static void bob_sells(rig *r, trd_qty qty, trd_px px) {
    good(r, order(r, BOB, SPOT, TRD_SELL, qty, px));
}

/* --- parent orders ---------------------------------------------------------------------------- */

static trd_command limit_of(uint64_t parent, uint32_t instrument, unsigned side, trd_qty qty) {
    return (trd_command){.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = ALICE,
        .instrument = instrument,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = TRD_LIMIT_PARENT_QTY,
            .scope = TRD_LIMIT_PARENT,
            .side = (uint8_t)side,
            .name = parent,
            .value = qty}};
}

static void taken(rig *r, trd_command c) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, r->out.count, 0));
}

static void turned_down(rig *r, trd_command c, unsigned reason) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, r->out.count, 1));
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(u8, r->events[0].reason, reason), "%s, not %s",
        trd_reject_text(r->events[0].reason), trd_reject_text(reason));
}

static trd_parent parent_of(const rig *r, uint64_t parent) {
    trd_parent p;
    cr_assert(eq(int, trd_risk_parent(trd_engine_risk(r->engine), ALICE, parent, &p), TRD_OK));
    return p;
}

static void stands(const rig *r, trd_qty executed, trd_qty open) {
    const trd_parent p = parent_of(r, PARENT);
    cr_assert(eq(i64, p.executed, executed));
    cr_assert(eq(i64, p.open, open));
}

/* Money and shares for everything, and PARENT, which buys that many shares for ALICE. */
static void world(rig *r, trd_qty qty) {
    rig_init(r);
    deposit(r, ALICE, USD, 1000000);
    deposit(r, ALICE, SHARE, 100000);
    deposit(r, BOB, USD, 1000000);
    deposit(r, BOB, SHARE, 100000);
    set_mark(r, 100);
    taken(r, limit_of(PARENT, SPOT, TRD_BUY, qty));
}

/* --- orders ----------------------------------------------------------------------------------- */

Test(engine_parent, children_never_have_more_than_the_parent) {
    rig r;
    world(&r, 10);
    const uint64_t id = enters(&r, buys(&r, 6, 100));
    is_refused(&r, buys(&r, 5, 100), TRD_REJECT_PARENT_QTY);
    enters(&r, buys(&r, 4, 90));
    stands(&r, 0, 10);
    is_refused(&r, buys(&r, 1, 90), TRD_REJECT_PARENT_QTY);
    bob_sells(&r, 2, 100);
    stands(&r, 2, 8);
    is_refused(&r, buys(&r, 1, 90), TRD_REJECT_PARENT_QTY);
    const trd_command cancel = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .account = ALICE,
        .instrument = SPOT,
        .u.cancel.target = id};
    cr_assert(eq(int, send(&r, cancel), TRD_OK));
    stands(&r, 2, 4);
    is_refused(&r, buys(&r, 5, 90), TRD_REJECT_PARENT_QTY);
    enters(&r, buys(&r, 4, 90));
    stands(&r, 2, 8);
    bob_sells(&r, 8, 90);
    stands(&r, 10, 0);
    is_refused(&r, buys(&r, 1, 90), TRD_REJECT_PARENT_QTY);
    rig_fini(&r);
}

/* A taker and a maker of one parent, at once: 4 of each executed. */
Test(engine_parent, both_sides_of_an_execution_are_counted) {
    rig r;
    world(&r, 10);
    taken(&r, limit_of(OTHER, SPOT, TRD_SELL, 10));
    enters(&r, child_of(order(&r, ALICE, SPOT, TRD_SELL, 4, 100), OTHER));
    enters(&r, buys(&r, 6, 100));
    stands(&r, 4, 2);
    cr_assert(eq(i64, parent_of(&r, OTHER).executed, 4));
    cr_assert(eq(i64, parent_of(&r, OTHER).open, 0));
    rig_fini(&r);
}

Test(engine_parent, a_child_is_of_its_parents_account_instrument_and_side) {
    rig r;
    world(&r, 10);
    is_refused(&r, child_of(order(&r, ALICE, SPOT, TRD_BUY, 1, 100), OTHER), TRD_REJECT_PARENT);
    is_refused(&r, child_of(order(&r, ALICE, SPOT, TRD_SELL, 1, 100), PARENT), TRD_REJECT_PARENT);
    is_refused(&r, child_of(order(&r, ALICE, FUTURE, TRD_BUY, 1, 100), PARENT), TRD_REJECT_PARENT);
    is_refused(&r, child_of(order(&r, BOB, SPOT, TRD_BUY, 1, 100), PARENT), TRD_REJECT_PARENT);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 50, 100)); /* nobody's child */
    stands(&r, 0, 0);
    rig_fini(&r);
}

/* Of two reasons the one that stands first: PARENT is before BAND of the market, and behind what
 * the market finds wrong with the lots. */
Test(engine_parent, stands_among_the_reasons_of_the_market) {
    rig r;
    world(&r, 10);
    record off = child_of(order(&r, ALICE, SPOT, TRD_BUY, 1, 100), OTHER);
    off.slots[0].u.order.exec = TRD_EXEC_POST_ONLY;
    bob_sells(&r, 1, 100);
    is_refused(&r, off, TRD_REJECT_PARENT);
    off.slots[0].u.order.qty = 0;
    is_refused(&r, off, TRD_REJECT_QTY_ZERO);
    record over = buys(&r, 11, 100);
    over.slots[0].u.order.exec = TRD_EXEC_POST_ONLY;
    is_refused(&r, over, TRD_REJECT_PARENT_QTY);
    over.slots[0].u.order.qty = 10;
    is_refused(&r, over, TRD_REJECT_POST_ONLY);
    stands(&r, 0, 0);
    rig_fini(&r);
}

static trd_command replace_of(uint64_t id, trd_px px, trd_qty qty) {
    return (trd_command){.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .account = ALICE,
        .instrument = SPOT,
        .u.replace = {.target = id, .px = px, .qty = qty}};
}

static void replaced(rig *r, trd_command c) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(
        eq(u8, r->events[0].kind, TRD_EVENT_REPLACED), "%s", trd_reject_text(r->events[0].reason));
}

Test(engine_parent, a_replace_is_counted_by_its_new_lots) {
    rig r;
    world(&r, 10);
    const uint64_t id = enters(&r, buys(&r, 6, 100));
    is_refused(&r, plain(replace_of(id, 100, 11)), TRD_REJECT_PARENT_QTY);
    stands(&r, 0, 6);
    replaced(&r, replace_of(id, 100, 10));
    stands(&r, 0, 10);
    bob_sells(&r, 3, 100);
    stands(&r, 3, 7);
    is_refused(&r, plain(replace_of(id, 101, 11)), TRD_REJECT_PARENT_QTY); /* 8 open */
    replaced(&r, replace_of(id, 99, 10));
    stands(&r, 3, 7);
    replaced(&r, replace_of(id, 99, 5));
    stands(&r, 3, 2);
    replaced(&r, replace_of(id, 99, 3)); /* all of it is executed */
    stands(&r, 3, 0);
    rig_fini(&r);
}

/* The matcher puts new lots to the market: 4 of 10 execute as it is replaced. */
Test(engine_parent, a_replace_that_executes_is_counted_once) {
    rig r;
    world(&r, 10);
    const uint64_t id = enters(&r, buys(&r, 2, 90));
    bob_sells(&r, 4, 100);
    replaced(&r, replace_of(id, 100, 10));
    stands(&r, 4, 6);
    rig_fini(&r);
}

Test(engine_parent, lots_that_are_reduced_are_there_again) {
    rig r;
    world(&r, 10);
    const uint64_t id = enters(&r, buys(&r, 10, 100));
    const trd_command reduce = {.kind = TRD_COMMAND_REDUCE,
        .slots = 1,
        .account = ALICE,
        .instrument = SPOT,
        .u.cancel = {.target = id, .qty = 4}};
    cr_assert(eq(int, send(&r, reduce), TRD_OK));
    stands(&r, 0, 6);
    rig_fini(&r);
}

/* Lowered below what is used: nothing ends, what takes nothing goes on, nothing else passes. */
Test(engine_parent, a_lower_quantity_lets_nothing_new_pass) {
    rig r;
    world(&r, 10);
    const uint64_t id = enters(&r, buys(&r, 10, 100));
    bob_sells(&r, 3, 100);
    taken(&r, limit_of(PARENT, SPOT, TRD_BUY, 5));
    stands(&r, 3, 7);
    is_refused(&r, buys(&r, 1, 100), TRD_REJECT_PARENT_QTY);
    is_refused(&r, plain(replace_of(id, 100, 11)), TRD_REJECT_PARENT_QTY);
    replaced(&r, replace_of(id, 99, 10));
    replaced(&r, replace_of(id, 99, 5)); /* 3 executed, 2 open */
    is_refused(&r, buys(&r, 1, 100), TRD_REJECT_PARENT_QTY);
    taken(&r, limit_of(PARENT, SPOT, TRD_BUY, 6));
    enters(&r, buys(&r, 1, 100));
    stands(&r, 3, 3);
    rig_fini(&r);
}

/* --- what does not rest ----------------------------------------------------------------------- */

Test(engine_parent, what_an_order_does_not_execute_at_once_is_there_again) {
    rig r;
    world(&r, 10);
    bob_sells(&r, 4, 100);
    record ioc = buys(&r, 10, 100);
    ioc.slots[0].u.order.tif = TRD_TIF_IOC;
    enters(&r, ioc);
    stands(&r, 4, 0);
    ioc = buys(&r, 7, 100);
    ioc.slots[0].u.order.tif = TRD_TIF_IOC;
    is_refused(&r, ioc, TRD_REJECT_PARENT_QTY);
    record fok = buys(&r, 6, 100);
    fok.slots[0].u.order.tif = TRD_TIF_FOK;
    enters(&r, fok);
    stands(&r, 4, 0);
    rig_fini(&r);
}

/* 100 cents at 3: 33 lots at most, at 4 the last ones are fewer: 20 at 3 and 10 at 4. */
Test(engine_parent, an_order_with_a_budget_counts_the_most_that_it_can_come_to) {
    rig r;
    world(&r, 33);
    bob_sells(&r, 20, 3);
    bob_sells(&r, 50, 4);
    record c = buys(&r, 0, 0);
    c.slots[0].u.order.type = TRD_TYPE_MARKET;
    c.slots[0].u.order.tif = TRD_TIF_IOC;
    c.slots[0].u.order.exec = TRD_EXEC_BUDGET;
    const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .budget = 100};
    append(&c, &sizes);
    taken(&r, limit_of(PARENT, SPOT, TRD_BUY, 32));
    is_refused(&r, c, TRD_REJECT_PARENT_QTY);
    taken(&r, limit_of(PARENT, SPOT, TRD_BUY, 33));
    enters(&r, c);
    stands(&r, 30, 0);
    rig_fini(&r);
}

/* The whole order counts, not what it shows. */
Test(engine_parent, an_iceberg_counts_what_it_hides) {
    rig r;
    world(&r, 10);
    record c = buys(&r, 11, 100);
    const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .peak = 2};
    append(&c, &sizes);
    is_refused(&r, c, TRD_REJECT_PARENT_QTY);
    c.slots[0].u.order.qty = 10;
    enters(&r, c);
    stands(&r, 0, 10);
    bob_sells(&r, 5, 100);
    stands(&r, 5, 5);
    rig_fini(&r);
}

/* The smaller order of the two ends, the other loses as many: 4 of 10. */
Test(engine_parent, lots_that_are_prevented_are_there_again) {
    rig r;
    world(&r, 10);
    good(&r, order(&r, ALICE, SPOT, TRD_SELL, 4, 100));
    record c = buys(&r, 10, 100);
    c.slots[0].u.order.stp = TRD_STP_DECREMENT;
    enters(&r, c);
    first(&r, TRD_EVENT_PREVENTED);
    stands(&r, 0, 6);
    rig_fini(&r);
}

Test(engine_parent, what_expires_is_there_again) {
    rig r;
    world(&r, 10);
    record c = plain(order(&r, ALICE, SPOT, TRD_BUY, 10, 100));
    c.slots[0].u.order.tif = TRD_TIF_GTD;
    const trd_ext_link link = {
        .kind = TRD_EXT_ORDER_LINK, .flags = TRD_LINK_EXPIRY, .expiry = 1000, .parent = PARENT};
    append(&c, &link);
    enters(&r, c);
    bob_sells(&r, 1, 100);
    stands(&r, 1, 9);
    r.time = 1000;
    const trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1};
    cr_assert(eq(int, send(&r, timer), TRD_OK));
    stands(&r, 1, 0);
    rig_fini(&r);
}

/* Orders that end by no command of their own: mass cancel, kill switch, expiry of the instrument.
 */
Test(engine_parent, what_others_end_is_there_again) {
    rig r;
    world(&r, 10);
    taken(&r, limit_of(OTHER, FUTURE, TRD_BUY, 10));
    static const trd_command ends[] = {{.kind = TRD_COMMAND_MASS_CANCEL,
                                           .slots = 1,
                                           .account = ALICE,
                                           .u.mass = {.filter = TRD_MASS_ACCOUNT}},
        {.kind = TRD_COMMAND_KILL,
            .slots = 1,
            .account = ALICE,
            .u.kill = {.scope = TRD_SCOPE_ACCOUNT, .action = TRD_KILL_ON, .cancel = 1}},
        {.kind = TRD_COMMAND_BOOKS,
            .slots = 1,
            .instrument = FUTURE,
            .u.books = {.action = TRD_BOOKS_EXPIRE, .px = 100}}};
    static const trd_command off = {.kind = TRD_COMMAND_KILL,
        .slots = 1,
        .account = ALICE,
        .u.kill = {.scope = TRD_SCOPE_ACCOUNT, .action = TRD_KILL_OFF}};
    for (trd_qty executed = 1; executed <= 3; executed++) {
        enters(&r, child_of(order(&r, ALICE, FUTURE, TRD_BUY, 11 - executed, 100), OTHER));
        good(&r, order(&r, BOB, FUTURE, TRD_SELL, 1, 100));
        cr_assert(eq(i64, parent_of(&r, OTHER).open, 10 - executed));
        cr_assert(eq(int, send(&r, ends[executed - 1]), TRD_OK));
        first(&r, TRD_EVENT_CANCELED);
        cr_assert(eq(i64, parent_of(&r, OTHER).executed, executed));
        cr_assert(eq(i64, parent_of(&r, OTHER).open, 0));
        cr_assert(eq(int, send(&r, off), TRD_OK));
    }
    rig_fini(&r);
}

/* --- what waits ------------------------------------------------------------------------------- */

static record stop_of(trd_command c, trd_px trigger) {
    record out = plain(c);
    out.slots[0].u.order.type = TRD_TYPE_STOP_LIMIT;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = trigger,
        .source = TRD_SOURCE_LAST};
    append(&out, &prices);
    return out;
}

static record with_parent(record c, uint64_t parent) {
    const trd_ext_link link = {.kind = TRD_EXT_ORDER_LINK, .parent = parent};
    append(&c, &link);
    return c;
}

static void last_price(rig *r, uint32_t instrument, trd_px px) {
    const trd_command c = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = instrument,
        .u.price = {.px = px, .source = TRD_SOURCE_LAST}};
    cr_assert(eq(int, send(r, c), TRD_OK));
}

/* A stop counts from its acceptance on; as it is elected it takes nothing more, also if its parent
 * has become smaller. */
Test(engine_parent, a_stop_counts_while_it_waits_and_once) {
    rig r;
    world(&r, 10);
    enters(&r, with_parent(stop_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 120), 110), PARENT));
    stands(&r, 0, 10);
    is_refused(&r, buys(&r, 1, 100), TRD_REJECT_PARENT_QTY);
    taken(&r, limit_of(PARENT, SPOT, TRD_BUY, 5));
    bob_sells(&r, 4, 115);
    last_price(&r, SPOT, 110);
    first(&r, TRD_EVENT_TRIGGERED);
    stands(&r, 4, 6);
    rig_fini(&r);
}

/* Short 10 futures. What closes the position has no lots before it is released: then it has 10. */
static uint64_t closer(rig *r, trd_qty qty) {
    good(r, order(r, ALICE, FUTURE, TRD_SELL, 10, 100));
    good(r, order(r, BOB, FUTURE, TRD_BUY, 10, 100));
    taken(r, limit_of(OTHER, FUTURE, TRD_BUY, qty));
    record c = stop_of(order(r, ALICE, FUTURE, TRD_BUY, 0, 120), 110);
    c.slots[0].u.order.exec = TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION;
    return enters(r, with_parent(c, OTHER));
}

Test(engine_parent, what_waits_without_lots_is_asked_when_it_is_released) {
    rig r;
    world(&r, 10);
    closer(&r, 9);
    cr_assert(eq(i64, parent_of(&r, OTHER).open, 0));
    last_price(&r, FUTURE, 110);
    cr_assert(eq(u8, first(&r, TRD_EVENT_CANCELED)->reason, TRD_CAUSE_RISK));
    cr_assert(eq(i64, parent_of(&r, OTHER).open, 0));
    rig_fini(&r);
}

Test(engine_parent, what_is_released_has_the_parent_it_came_with) {
    rig r;
    world(&r, 10);
    const uint64_t id = closer(&r, 10);
    last_price(&r, FUTURE, 110);
    cr_assert(eq(i64, parent_of(&r, OTHER).open, 10));
    trd_command more = replace_of(id, 120, 11);
    more.instrument = FUTURE;
    is_refused(&r, plain(more), TRD_REJECT_PARENT_QTY);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 3, 120));
    cr_assert(eq(i64, parent_of(&r, OTHER).executed, 3));
    cr_assert(eq(i64, parent_of(&r, OTHER).open, 7));
    rig_fini(&r);
}

/* It may not be counted for a parent that is gone. */
Test(engine_parent, what_waits_for_a_parent_that_is_gone_is_not_released) {
    rig r;
    world(&r, 10);
    closer(&r, 10);
    trd_command away = limit_of(OTHER, FUTURE, TRD_BUY, 0);
    away.u.limit.action = TRD_LIMIT_REMOVE;
    taken(&r, away);
    last_price(&r, FUTURE, 110);
    cr_assert(eq(u8, first(&r, TRD_EVENT_CANCELED)->reason, TRD_CAUSE_RISK));
    rig_fini(&r);
}

/* --- linked orders ---------------------------------------------------------------------------- */

/* 10 at 1.00 and 10 at 0.90. */
static void two_legs(rig *r, unsigned relation) {
    const record leg = plain(order(r, ALICE, SPOT, TRD_BUY, 10, 100));
    send_record(r, leg_of(leg, relation, 1, 2, 0, PARENT));
    cr_assert(eq(u32, r->out.count, 0));
    const record last = plain(order(r, ALICE, SPOT, TRD_BUY, 10, 90));
    send_record(r, leg_of(last, relation, 2, 2, 0, PARENT));
}

Test(engine_parent, legs_that_act_at_once_count_together) {
    rig r;
    world(&r, 19);
    two_legs(&r, TRD_RELATION_OCO);
    cr_assert(eq(u32, r.out.count, 2));
    cr_assert(eq(u8, r.events[0].reason, TRD_REJECT_LINK));
    cr_assert(eq(u8, r.events[1].reason, TRD_REJECT_PARENT_QTY));
    stands(&r, 0, 0);
    taken(&r, limit_of(PARENT, SPOT, TRD_BUY, 20));
    two_legs(&r, TRD_RELATION_OCO);
    stands(&r, 0, 20);
    bob_sells(&r, 4, 100); /* ends the other */
    stands(&r, 4, 6);
    rig_fini(&r);
}

Test(engine_parent, legs_of_two_parents_do_not_count_together) {
    rig r;
    world(&r, 10);
    taken(&r, limit_of(OTHER, SPOT, TRD_BUY, 10));
    const record leg = plain(order(&r, ALICE, SPOT, TRD_BUY, 10, 100));
    send_record(&r, leg_of(leg, TRD_RELATION_OCO, 1, 2, 0, PARENT));
    const record last = plain(order(&r, ALICE, SPOT, TRD_BUY, 10, 90));
    send_record(&r, leg_of(last, TRD_RELATION_OCO, 2, 2, 0, OTHER));
    stands(&r, 0, 10);
    cr_assert(eq(i64, parent_of(&r, OTHER).open, 10));
    rig_fini(&r);
}

Test(engine_parent, what_one_leg_executes_the_other_gives_back) {
    rig r;
    world(&r, 20);
    two_legs(&r, TRD_RELATION_OUO);
    bob_sells(&r, 4, 100);
    stands(&r, 4, 12); /* 6 of each */
    rig_fini(&r);
}

/* Sells 10 at 1.00, and buys back 10 at 0.90 what it has sold. */
static void sells_then_buys(rig *r) {
    const record leg = plain(order(r, ALICE, SPOT, TRD_SELL, 10, 100));
    send_record(r, leg_of(leg, TRD_RELATION_OTO, 1, 2, 0, 0));
    const record last = plain(order(r, ALICE, SPOT, TRD_BUY, 10, 90));
    send_record(r, leg_of(last, TRD_RELATION_OTO, 2, 2, 0, PARENT));
    first(r, TRD_EVENT_ACCEPTED);
}

/* Released with 3 lots, it counts all 10 that it may be granted; 7 of them never come. */
Test(engine_parent, granted_lots_count_with_those_to_come) {
    rig r;
    world(&r, 10);
    sells_then_buys(&r);
    stands(&r, 0, 0);
    good(&r, order(&r, BOB, SPOT, TRD_BUY, 3, 100));
    stands(&r, 0, 10);
    bob_sells(&r, 1, 90);
    stands(&r, 1, 9);
    const trd_command cancel = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .account = ALICE,
        .instrument = SPOT,
        .u.cancel.target = r.id - 3};
    cr_assert(eq(int, send(&r, cancel), TRD_OK));
    stands(&r, 1, 2);
    rig_fini(&r);
}

Test(engine_parent, a_child_that_would_be_too_much_is_not_released) {
    rig r;
    world(&r, 10);
    sells_then_buys(&r);
    enters(&r, buys(&r, 1, 80));
    good(&r, order(&r, BOB, SPOT, TRD_BUY, 3, 100));
    cr_assert(eq(u8, first(&r, TRD_EVENT_CANCELED)->reason, TRD_CAUSE_RISK));
    stands(&r, 0, 1);
    rig_fini(&r);
}

/* --- questions and overrides ------------------------------------------------------------------ */

Test(engine_parent, dry_runs_and_questions_count_nothing) {
    rig r;
    world(&r, 10);
    for (trd_qty qty = 10; qty <= 11; qty++) {
        record c = buys(&r, qty, 100);
        const unsigned reason = qty == 10 ? 0 : TRD_REJECT_PARENT_QTY;
        trd_verdict v;
        cr_assert(eq(int, trd_engine_ask(r.engine, c.slots, &v), TRD_OK));
        cr_assert(eq(u32, v.reason, reason));
        c.slots[0].flags = TRD_COMMAND_DRY_RUN;
        send_record(&r, c);
        cr_assert(eq(u8, r.events[0].reason, reason));
        stands(&r, 0, 0);
    }
    const uint64_t id = enters(&r, buys(&r, 5, 100));
    trd_command dry = replace_of(id, 100, 10);
    dry.flags = TRD_COMMAND_DRY_RUN;
    replaced(&r, dry);
    stands(&r, 0, 5);
    rig_fini(&r);
}

Test(engine_parent, an_override_does_not_pass_over_it) {
    rig r;
    world(&r, 10);
    record c = buys(&r, 11, 100);
    c.slots[0].flags = TRD_COMMAND_OVERRIDE;
    is_refused(&r, c, TRD_REJECT_PARENT_QTY);
    c = child_of(order(&r, ALICE, SPOT, TRD_BUY, 1, 100), OTHER);
    c.slots[0].flags = TRD_COMMAND_OVERRIDE;
    is_refused(&r, c, TRD_REJECT_PARENT);
    rig_fini(&r);
}

/* 6 are open, 5 more would make 11 of 10. */
Test(engine_parent, a_decision_says_what_was_compared) {
    rig r;
    rig_init_with(&r, 1);
    deposit(&r, ALICE, USD, 1000000);
    cr_assert(eq(int, send(&r, limit_of(PARENT, SPOT, TRD_BUY, 10)), TRD_OK));
    send_record(&r, buys(&r, 6, 100));
    stands(&r, 0, 6);
    send_record(&r, buys(&r, 5, 100));
    const trd_event *told = first(&r, TRD_EVENT_DECISION);
    cr_assert(eq(u8, told->reason, TRD_REJECT_PARENT_QTY));
    cr_assert(eq(u8, told->u.decision.scope, TRD_LIMIT_PARENT));
    cr_assert(eq(i64, told->u.decision.measured, 11));
    cr_assert(eq(i64, told->u.decision.limit, 10));
    rig_fini(&r);
}

/* --- LIMIT ------------------------------------------------------------------------------------ */

Test(engine_parent, a_parent_is_declared_changed_and_taken_away_by_command) {
    rig r;
    world(&r, 10);
    trd_command away = limit_of(PARENT, SPOT, TRD_BUY, 0);
    away.u.limit.action = TRD_LIMIT_REMOVE;
    turned_down(&r, limit_of(PARENT, SPOT, TRD_SELL, 10), TRD_REJECT_ORDER_MISMATCH);
    turned_down(&r, limit_of(PARENT, FUTURE, TRD_BUY, 10), TRD_REJECT_ORDER_MISMATCH);
    turned_down(&r, limit_of(0, SPOT, TRD_BUY, 10), TRD_REJECT_MALFORMED);
    turned_down(&r, limit_of(OTHER, SPOT, 0, 10), TRD_REJECT_MALFORMED);
    turned_down(&r, limit_of(OTHER, SPOT, TRD_BUY, -1), TRD_REJECT_MALFORMED);
    turned_down(&r, limit_of(OTHER, 2, TRD_BUY, 1), TRD_REJECT_MALFORMED);
    taken(&r, limit_of(OTHER, SPOT, TRD_BUY, 1));
    turned_down(&r, limit_of(79, SPOT, TRD_BUY, 1), TRD_REJECT_NO_CAPACITY);
    enters(&r, buys(&r, 10, 100));
    bob_sells(&r, 9, 100);
    turned_down(&r, away, TRD_REJECT_BAD_COMBINATION);
    bob_sells(&r, 1, 100);
    stands(&r, 10, 0);
    taken(&r, away);
    taken(&r, away);
    is_refused(&r, buys(&r, 1, 100), TRD_REJECT_PARENT);
    trd_command rearm = limit_of(OTHER, SPOT, TRD_BUY, 0);
    rearm.u.limit.action = TRD_LIMIT_REARM;
    turned_down(&r, rearm, TRD_REJECT_MALFORMED);
    rig_fini(&r);
}

Test(engine_parent, a_reset_forgets_it) {
    rig r;
    world(&r, 10);
    enters(&r, buys(&r, 10, 100));
    trd_engine_reset(r.engine);
    cr_assert(eq(int, trd_engine_audit(r.engine), TRD_OK));
    trd_parent p;
    cr_assert(
        eq(int, trd_risk_parent(trd_engine_risk(r.engine), ALICE, PARENT, &p), TRD_E_UNKNOWN));
    open_account(&r, ALICE, TRD_MODE_FLAT);
    deposit(&r, ALICE, USD, 1000000);
    is_refused(&r, buys(&r, 1, 100), TRD_REJECT_PARENT);
    taken(&r, limit_of(PARENT, SPOT, TRD_BUY, 10));
    enters(&r, buys(&r, 10, 100));
    rig_fini(&r);
}

/* Without room for parent orders the number is the sender's own affair. */
Test(engine_parent, without_room_for_any_the_number_is_not_read) {
    rig r;
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    risk.parents_max = 0;
    rig_init(&r);
    trd_engine_destroy(r.engine);
    r.engine = trd_engine_create(&def);
    const trd_asset usd = asset("USD");
    const trd_asset sh = asset("SHARE");
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    const trd_instrument spec = share();
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_engine_listing spot = {.spec = &spec, .terms = &terms};
    cr_assert(eq(int, trd_engine_asset(r.engine, &usd), USD));
    cr_assert(eq(int, trd_engine_asset(r.engine, &sh), SHARE));
    cr_assert(eq(int, trd_engine_fees(r.engine, &fees), 0));
    cr_assert(eq(int, trd_engine_list(r.engine, &spot), SPOT));
    open_account(&r, ALICE, TRD_MODE_FLAT);
    deposit(&r, ALICE, USD, 1000000);
    turned_down(&r, limit_of(PARENT, SPOT, TRD_BUY, 1), TRD_REJECT_NO_CAPACITY);
    const uint64_t id = enters(&r, buys(&r, 500, 100));
    replaced(&r, replace_of(id, 99, 600));
    rig_fini(&r);
}

/* --- splits ----------------------------------------------------------------------------------- */

/* Three for one: 4 executed and 6 open of 10 become 12, 18 of 30. */
Test(engine_parent, a_split_of_the_instrument_is_one_of_the_parent) {
    rig r;
    world(&r, 10);
    const uint64_t id = enters(&r, buys(&r, 10, 99));
    bob_sells(&r, 4, 99);
    const trd_command mark = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = SPOT,
        .u.price = {.px = 99, .source = TRD_SOURCE_MARK}};
    cr_assert(eq(int, send(&r, mark), TRD_OK));
    const trd_command split = {.kind = TRD_COMMAND_CORPORATE,
        .slots = 1,
        .instrument = SPOT,
        .u.corporate = {.action = TRD_CORPORATE_SPLIT, .numerator = 3, .denominator = 1}};
    cr_assert(eq(int, send(&r, split), TRD_OK));
    first(&r, TRD_EVENT_RESTATED);
    stands(&r, 12, 18);
    cr_assert(eq(i64, parent_of(&r, PARENT).qty, 30));
    is_refused(&r, buys(&r, 1, 33), TRD_REJECT_PARENT_QTY);
    bob_sells(&r, 5, 33);
    stands(&r, 17, 13);
    is_refused(&r, plain(replace_of(id, 33, 31)), TRD_REJECT_PARENT_QTY);
    replaced(&r, replace_of(id, 34, 30));
    rig_fini(&r);
}

/* --- audit ------------------------------------------------------------------------------------ */

/* Risk is sound by itself, and says of the order what the market does not. */
static void differs(const rig *r) {
    cr_assert(eq(int, trd_risk_audit(trd_engine_risk(r->engine)), TRD_OK));
    cr_assert(trd_engine_audit(r->engine) < 0);
}

Test(engine_parent, the_audit_finds_the_parent_in_the_market_again) {
    rig r;
    world(&r, 10);
    taken(&r, limit_of(OTHER, SPOT, TRD_BUY, 10));
    const uint64_t id = enters(&r, buys(&r, 6, 100));
    bob_sells(&r, 2, 100);
    const trd_match *match = trd__engine_match(r.engine);
    const trd_order handle = trd_match_find(match, ALICE, id);
    const uint32_t unit = trd__store_unit(&match->store, handle);
    trd_special *special = trd__special(match, trd__special_of(trd__order(match, unit)));
    trd_risk_order *counted = trd__risk_order_of(trd__engine_risk(r.engine), handle);
    trd_risk_parent_row *parent = trd__risk_parent(trd__engine_risk(r.engine), counted->parent);
    special->parent = OTHER;
    differs(&r);
    special->parent = 0;
    differs(&r);
    special->parent = PARENT;
    parent->executed = 1; /* its child has executed 2 */
    differs(&r);
    parent->executed = 2;
    const trd_risk_order kept = *counted;
    counted->parent = 0;
    counted->is_child = 0;
    parent->open = 0;
    differs(&r);
    *counted = kept;
    parent->open = 4;
    rig_fini(&r);
}
