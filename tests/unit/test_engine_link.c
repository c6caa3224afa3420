/* test_engine_link.c - linked orders with money: what legs hold, when it is given back, and which
 * of them risk refuses. What they do in the market is in tests/scenario. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/tradsys.h>

#include "engine_rig.h"

enum { OCO = TRD_RELATION_OCO, OTO = TRD_RELATION_OTO, OUO = TRD_RELATION_OUO };

/* A record that becomes leg `at` of `legs`. */
typedef struct leg {
    trd_command slots[TRD_SLOTS_MAX];
} leg;

static leg leg_of(trd_command c, unsigned relation, unsigned at, unsigned legs, unsigned flags) {
    leg l = {.slots = {c}};
    const trd_ext_link link = {.link = 7,
        .kind = TRD_EXT_ORDER_LINK,
        .flags = (uint16_t)flags,
        .leg = (uint8_t)at,
        .legs = (uint8_t)legs,
        .relation = (uint8_t)relation};
    memcpy(&l.slots[c.slots], &link, sizeof(link));
    l.slots[0].slots++;
    l.slots[0].flags = (uint16_t)(c.flags | (at < legs ? TRD_COMMAND_STAGED : 0));
    return l;
}

/* A stop without limit. */
static leg stop_of(trd_command c, trd_px trigger) {
    leg l = {.slots = {c}};
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = trigger,
        .source = TRD_SOURCE_LAST};
    l.slots[0].u.order.type = TRD_TYPE_STOP;
    l.slots[0].u.order.px = 0;
    l.slots[0].slots = 2;
    memcpy(&l.slots[1], &prices, sizeof(prices));
    return l;
}

static void send_leg(rig *r, leg l) {
    r->out.count = 0;
    l.slots[0].time = r->time;
    cr_assert(eq(int, trd_engine_step(r->engine, l.slots, &r->out), TRD_OK));
    cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
}

static void staged(rig *r, leg l) {
    send_leg(r, l);
    cr_assert(eq(u32, r->out.count, 0));
}

/* The n-th event of a kind in the last output, from 0. */
static const trd_event *nth(const rig *r, unsigned kind, uint32_t n) {
    for (uint32_t at = 0; at < r->out.count; at += r->events[at].slots) {
        if (r->events[at].kind == kind && n-- == 0) {
            return &r->events[at];
        }
    }
    cr_assert(false, "no %s", trd_event_text(kind));
    return NULL;
}

static void rejected(const rig *r, uint32_t n, unsigned reason) {
    const trd_event *event = nth(r, TRD_EVENT_REJECTED, n);
    cr_assert(eq(u8, event->reason, reason), "%u: %s, not %s", n, trd_reject_text(event->reason),
        trd_reject_text(reason));
}

/* Two bids of the share: 10 at 1.00 hold 1000 and a fee of 1, 10 at 0.90 hold 900 and 1. */
static void two_bids(rig *r, unsigned relation) {
    staged(r, leg_of(order(r, ALICE, SPOT, TRD_BUY, 10, 100), relation, 1, 2, 0));
    send_leg(r, leg_of(order(r, ALICE, SPOT, TRD_BUY, 10, 90), relation, 2, 2, 0));
}

Test(engine_link, legs_that_act_at_once_must_be_covered_together) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1901);
    two_bids(&r, OCO);
    cr_assert(eq(u32, r.out.count, 2));
    rejected(&r, 0, TRD_REJECT_LINK);
    rejected(&r, 1, TRD_REJECT_BALANCE);
    has(&r, ALICE, USD, 1901, 0);
    deposit(&r, ALICE, USD, 1);
    two_bids(&r, OCO);
    cr_assert(eq(u8, nth(&r, TRD_EVENT_ACCEPTED, 1)->side, TRD_BUY));
    has(&r, ALICE, USD, 0, 1902);
    rig_fini(&r);
}

Test(engine_link, a_leg_that_ends_another_gives_its_money_back) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1902);
    deposit(&r, BOB, SHARE, 400);
    two_bids(&r, OCO);
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 4, 100));
    cr_assert(eq(u8, nth(&r, TRD_EVENT_CANCELED, 0)->reason, TRD_CAUSE_LINKED));
    /* 400 and a fee of 1 paid; 6 at 1.00 hold 600, their fee of 0.6 is in the one that is paid. */
    has(&r, ALICE, USD, 901, 600);
    rig_fini(&r);
}

Test(engine_link, a_leg_that_is_cut_by_another_holds_what_is_left_of_it) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1902);
    deposit(&r, BOB, SHARE, 400);
    two_bids(&r, OUO);
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 4, 100));
    cr_assert(eq(i64, nth(&r, TRD_EVENT_RESTATED, 0)->u.restate.leaves, 6));
    /* 600, and 6 at 0.90: 540 and a fee of 1. */
    has(&r, ALICE, USD, 360, 1141);
    rig_fini(&r);
}

Test(engine_link, the_leg_that_is_refused_has_the_reason_and_the_others_have_another) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1000);
    two_bids(&r, OCO);
    cr_assert(eq(u32, r.out.count, 2));
    rejected(&r, 0, TRD_REJECT_BALANCE);
    rejected(&r, 1, TRD_REJECT_LINK);
    rig_fini(&r);
}

/* Buyers of 10 futures at 0.90 and of `qty` at 0.80, under a limit. */
static void two_under(rig *r, trd_qty qty, unsigned limit, unsigned scope, int64_t value) {
    rig_init(r);
    deposit(r, ALICE, USD, 100000);
    set_mark(r, 100);
    const trd_command c = {.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = scope == TRD_LIMIT_ACCOUNT ? ALICE : 0,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = (uint16_t)limit,
            .scope = (uint8_t)scope,
            .value = value}};
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, r->out.count, 0));
    staged(r, leg_of(order(r, ALICE, FUTURE, TRD_BUY, 10, 90), OCO, 1, 2, 0));
    send_leg(r, leg_of(order(r, ALICE, FUTURE, TRD_BUY, qty, 80), OCO, 2, 2, 0));
}

Test(engine_link, limits_count_all_legs_that_act) {
    const struct {
        unsigned limit;
        unsigned scope;
        int64_t value;
        unsigned reason;
    } rows[] = {
        {TRD_LIMIT_POSITION, TRD_LIMIT_ACCOUNT, 19, TRD_REJECT_POSITION_LIMIT},
        {TRD_LIMIT_POSITION, TRD_LIMIT_FIRM, 19, TRD_REJECT_POSITION_LIMIT},
        {TRD_LIMIT_OPEN_VALUE, TRD_LIMIT_ACCOUNT, 1620, TRD_REJECT_OPEN_VALUE}, /* 900 and 720 */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig r;
        two_under(&r, 10, rows[i].limit, rows[i].scope, rows[i].value);
        rejected(&r, 0, TRD_REJECT_LINK);
        rejected(&r, 1, rows[i].reason);
        rig_fini(&r);
        two_under(&r, 9, rows[i].limit, rows[i].scope, rows[i].value);
        nth(&r, TRD_EVENT_ACCEPTED, 1);
        rig_fini(&r);
    }
}

/* An equity of 1000.00: 1000 at the mark are a leverage of 1, in hundredths 1; 1900 are 2. */
Test(engine_link, leverage_counts_all_legs_that_act) {
    rig r;
    two_under(&r, 9, TRD_LIMIT_LEVERAGE, TRD_LIMIT_ACCOUNT, 1);
    rejected(&r, 0, TRD_REJECT_LINK);
    rejected(&r, 1, TRD_REJECT_LEVERAGE);
    rig_fini(&r);
    two_under(&r, 9, TRD_LIMIT_LEVERAGE, TRD_LIMIT_ACCOUNT, 2);
    nth(&r, TRD_EVENT_ACCEPTED, 1);
    rig_fini(&r);
}

/* One leg opens a LONG position, 91; the other would close a SHORT one, of which there is none yet,
 * and holds a fee: 5 at the highest price, 1000.00, 0.1 %. */
Test(engine_link, legs_of_a_hedged_account_have_a_position_each) {
    rig r;
    rig_init(&r);
    hedge(&r, ALICE);
    deposit(&r, ALICE, USD, 590);
    set_mark(&r, 100);
    for (int covered = 0; covered < 2; covered++) {
        trd_command opens = order(&r, ALICE, FUTURE, TRD_BUY, 10, 90);
        opens.u.order.position = TRD_POSITION_LONG;
        trd_command closes = order(&r, ALICE, FUTURE, TRD_BUY, 5, 0);
        closes.u.order.position = TRD_POSITION_SHORT;
        const leg stop = stop_of(closes, 120);
        leg last = leg_of((trd_command){.slots = 1}, OCO, 2, 2, 0);
        last.slots[2] = last.slots[1];
        last.slots[1] = stop.slots[1];
        last.slots[0] = stop.slots[0];
        last.slots[0].slots = 3;
        staged(&r, leg_of(opens, OCO, 1, 2, 0));
        send_leg(&r, last);
        if (covered == 0) {
            rejected(&r, 0, TRD_REJECT_LINK);
            rejected(&r, 1, TRD_REJECT_BALANCE);
            deposit(&r, ALICE, USD, 1);
        }
    }
    nth(&r, TRD_EVENT_ACCEPTED, 1);
    has(&r, ALICE, USD, 0, 591);
    rig_fini(&r);
}

/* There is room for two positions. The legs take both places, and keep them: the next two need
 * none, and there is none for anybody else. */
Test(engine_link, legs_of_a_hedged_account_take_the_places_that_they_have) {
    rig r;
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    accounts.positions_max = 2;
    rig_make_of(&r, &def);
    hedge(&r, ALICE);
    deposit(&r, ALICE, USD, 100000);
    deposit(&r, BOB, USD, 100000);
    set_mark(&r, 100);
    for (int again = 0; again < 2; again++) {
        trd_command opens = order(&r, ALICE, FUTURE, TRD_BUY, 10, 90);
        trd_command closes = order(&r, ALICE, FUTURE, TRD_BUY, 5, 0);
        opens.u.order.position = TRD_POSITION_LONG;
        closes.u.order.position = TRD_POSITION_SHORT;
        const leg stop = stop_of(closes, 120);
        leg last = leg_of((trd_command){.slots = 1}, OCO, 2, 2, 0);
        last.slots[2] = last.slots[1];
        last.slots[1] = stop.slots[1];
        last.slots[0] = stop.slots[0];
        last.slots[0].slots = 3;
        staged(&r, leg_of(opens, OCO, 1, 2, 0));
        send_leg(&r, last);
        nth(&r, TRD_EVENT_ACCEPTED, 1);
    }
    refused(&r, order(&r, BOB, FUTURE, TRD_BUY, 1, 90), TRD_REJECT_NO_CAPACITY);
    rig_fini(&r);
}

/* Buys 10 futures at 1.00; sells them at 1.20, or by a stop at 0.80. */
static void bracket(rig *r) {
    staged(r, leg_of(order(r, ALICE, FUTURE, TRD_BUY, 10, 100), TRD_RELATION_BRACKET, 1, 3, 0));
    staged(r, leg_of(order(r, ALICE, FUTURE, TRD_SELL, 10, 120), TRD_RELATION_BRACKET, 2, 3, 0));
    const leg stop = stop_of(order(r, ALICE, FUTURE, TRD_SELL, 10, 0), 80);
    leg last = leg_of(stop.slots[0], TRD_RELATION_BRACKET, 3, 3, 0);
    last.slots[1] = stop.slots[1];
    const leg link = leg_of((trd_command){.slots = 1}, TRD_RELATION_BRACKET, 3, 3, 0);
    last.slots[2] = link.slots[1];
    send_leg(r, last);
}

static void bracket_init(rig *r) {
    rig_init(r);
    deposit(r, ALICE, USD, 10000);
    deposit(r, BOB, USD, 10000);
    set_mark(r, 100);
    bracket(r);
}

Test(engine_link, children_hold_nothing_before_they_are_released) {
    rig r;
    bracket_init(&r);
    nth(&r, TRD_EVENT_ACCEPTED, 2);
    has(&r, ALICE, USD, 9899, 101); /* of the entry: 10 % of 1000, and a fee of 1 */
    rig_fini(&r);
}

Test(engine_link, children_that_reduce_the_parents_position_hold_fees_only) { /* S75 */
    rig r;
    bracket_init(&r);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 4, 100));
    /* A fee of 1 was paid. Locked: 60 for 6 lots of the entry, 40 of collateral, and fees for all
     * 10 lots that each child may get: of 1200 2, of 1000 at the mark 1. */
    has(&r, ALICE, USD, 9896, 103);
    const trd_order target = trd_match_find(trd_engine_match(r.engine), ALICE, r.id - 2);
    trd_held held;
    cr_assert(eq(int, trd_accounts_held(trd_engine_accounts(r.engine), target, &held), TRD_OK));
    cr_assert(eq(i64, held.leaves, 10));
    cr_assert(eq(i64, held.amount, 2));
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 6, 100));
    /* All 10 are collateral, 100; the fee of the entry is 1 in all. */
    has(&r, ALICE, USD, 9896, 103);
    rig_fini(&r);
}

Test(engine_link, a_child_moves_without_margin) {
    rig r;
    bracket_init(&r);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 4, 100));
    const trd_command amend = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .flags = TRD_COMMAND_KEEP_QTY,
        .account = ALICE,
        .instrument = FUTURE,
        .u.replace = {.target = r.id - 2, .px = 210}};
    cr_assert(eq(int, send(&r, amend), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REPLACED));
    has(&r, ALICE, USD, 9895, 104); /* of 2100 the fee is 3 */
    rig_fini(&r);
}

/* 2 at 1.20 gain 40 and cost a fee of 1. 60 for the entry, 20 of collateral, and fees of 1 for the
 * 8 lots of each child are locked; then those of one. */
Test(engine_link, a_child_that_is_replaced_by_what_it_has_executed_holds_nothing) {
    rig r;
    bracket_init(&r);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 4, 100));
    good(&r, order(&r, BOB, FUTURE, TRD_BUY, 2, 120));
    has(&r, ALICE, USD, 9956, 82);
    const trd_command amend = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .flags = TRD_COMMAND_KEEP_PX,
        .account = ALICE,
        .instrument = FUTURE,
        .u.replace = {.target = r.id - 3, .qty = 2}};
    cr_assert(eq(int, send(&r, amend), TRD_OK));
    cr_assert(eq(u8, r.events[0].status, TRD_STATUS_FILLED));
    has(&r, ALICE, USD, 9957, 81);
    rig_fini(&r);
}

Test(engine_link, what_a_child_will_never_get_is_released_when_its_parent_ends) { /* S79 */
    rig r;
    bracket_init(&r);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 4, 100));
    const trd_command cancel = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .account = ALICE,
        .instrument = FUTURE,
        .u.cancel.target = r.id - 3};
    cr_assert(eq(int, send(&r, cancel), TRD_OK));
    /* Collateral 40, and fees of 4 lots: of 480 1, of 400 1. */
    has(&r, ALICE, USD, 9957, 42);
    good(&r, order(&r, BOB, FUTURE, TRD_BUY, 4, 120));
    cr_assert(eq(u8, nth(&r, TRD_EVENT_CANCELED, 0)->reason, TRD_CAUSE_LINKED));
    has(&r, ALICE, USD, 10078, 0); /* 80 gained, fees of 1 and 1 paid */
    rig_fini(&r);
}

/* The same bracket of an account with two positions. The limit closes the LONG one that the entry
 * opens; the stop opens a SHORT one, which no lots of the entry or of the other child make smaller:
 * of 10 lots at the mark 100 and a fee of 1. The limit holds its fee of 2 as before. */
Test(engine_link, a_child_that_opens_the_other_position_holds_margin) {
    rig r;
    rig_init(&r);
    hedge(&r, ALICE);
    deposit(&r, ALICE, USD, 10000);
    deposit(&r, BOB, USD, 10000);
    set_mark(&r, 100);
    trd_command entry = order(&r, ALICE, FUTURE, TRD_BUY, 10, 100);
    trd_command limit = order(&r, ALICE, FUTURE, TRD_SELL, 10, 120);
    trd_command opens = order(&r, ALICE, FUTURE, TRD_SELL, 10, 0);
    entry.u.order.position = limit.u.order.position = TRD_POSITION_LONG;
    opens.u.order.position = TRD_POSITION_SHORT;
    const leg stop = stop_of(opens, 80);
    leg last = leg_of((trd_command){.slots = 1}, TRD_RELATION_BRACKET, 3, 3, 0);
    last.slots[2] = last.slots[1];
    last.slots[1] = stop.slots[1];
    last.slots[0] = stop.slots[0];
    last.slots[0].slots = 3;
    staged(&r, leg_of(entry, TRD_RELATION_BRACKET, 1, 3, 0));
    staged(&r, leg_of(limit, TRD_RELATION_BRACKET, 2, 3, 0));
    send_leg(&r, last);
    nth(&r, TRD_EVENT_ACCEPTED, 2);
    has(&r, ALICE, USD, 9899, 101);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 4, 100));
    const trd_match *match = trd_engine_match(r.engine);
    const trd_accounts *accounts = trd_engine_accounts(r.engine);
    trd_held held;
    const trd_order closing = trd_match_find(match, ALICE, limit.u.order.client_id);
    cr_assert(eq(int, trd_accounts_held(accounts, closing, &held), TRD_OK));
    cr_assert(eq(i64, held.amount, 2));
    const trd_order opening = trd_match_find(match, ALICE, opens.u.order.client_id);
    cr_assert(eq(int, trd_accounts_held(accounts, opening, &held), TRD_OK));
    cr_assert(eq(i64, held.leaves, 10));
    cr_assert(eq(i64, held.amount, 101));
    has(&r, ALICE, USD, 9999 - 60 - 40 - 2 - 101, 60 + 40 + 2 + 101);
    rig_fini(&r);
}

/* Long 5 by the parent, and 5 more by the child: 10, which a limit of 9 does not let in. */
Test(engine_link, a_child_on_the_side_of_its_parent_counts_in_full) {
    for (int64_t most = 9; most <= 10; most++) {
        rig r;
        rig_init(&r);
        deposit(&r, ALICE, USD, 10000);
        deposit(&r, BOB, USD, 10000);
        set_mark(&r, 100);
        const trd_command limit = {.kind = TRD_COMMAND_LIMIT,
            .slots = 1,
            .account = ALICE,
            .u.limit = {.action = TRD_LIMIT_SET,
                .limit = TRD_LIMIT_POSITION,
                .scope = TRD_LIMIT_ACCOUNT,
                .value = most}};
        cr_assert(eq(int, send(&r, limit), TRD_OK));
        staged(&r, leg_of(order(&r, ALICE, FUTURE, TRD_BUY, 5, 100), OTO, 1, 2, 0));
        send_leg(&r, leg_of(order(&r, ALICE, FUTURE, TRD_BUY, 5, 90), OTO, 2, 2, 0));
        const uint64_t child = r.id;
        good(&r, order(&r, BOB, FUTURE, TRD_SELL, 5, 100));
        if (most == 9) {
            cr_assert(eq(u8, nth(&r, TRD_EVENT_CANCELED, 0)->reason, TRD_CAUSE_RISK));
        }
        const trd_match *match = trd_engine_match(r.engine);
        cr_assert(eq(int, trd_match_find(match, ALICE, child) != 0, most == 10));
        rig_fini(&r);
    }
}

/* A seller of 5 shares who then buys 10 at 2.00: what the sale brings does not pay for that. */
Test(engine_link, a_child_that_risk_refuses_ends) { /* S83 */
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, SHARE, 500);
    deposit(&r, BOB, USD, 1000);
    staged(&r, leg_of(order(&r, ALICE, SPOT, TRD_SELL, 5, 100), OTO, 1, 2, TRD_LINK_FULL_FILL));
    send_leg(&r, leg_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 200), OTO, 2, 2, TRD_LINK_FULL_FILL));
    nth(&r, TRD_EVENT_ACCEPTED, 1);
    has(&r, ALICE, SHARE, 0, 500);
    has(&r, ALICE, USD, 0, 0);
    good(&r, order(&r, BOB, SPOT, TRD_BUY, 5, 100));
    const trd_event *end = nth(&r, TRD_EVENT_CANCELED, 0);
    cr_assert(eq(u8, end->reason, TRD_CAUSE_RISK));
    cr_assert(eq(i64, end->u.cancel.qty, 10));
    has(&r, ALICE, USD, 499, 0);
    rig_fini(&r);
}

Test(engine_link, an_order_that_is_refused_drops_what_its_account_stages) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1902);
    staged(&r, leg_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 100), OCO, 1, 2, 0));
    cr_assert(eq(int, send(&r, order(&r, ALICE, SPOT, TRD_BUY, 20, 100)), TRD_OK));
    cr_assert(eq(u32, r.out.count, 2));
    rejected(&r, 0, TRD_REJECT_LINK);
    rejected(&r, 1, TRD_REJECT_BALANCE);
    send_leg(&r, leg_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 90), OCO, 2, 2, 0));
    rejected(&r, 0, TRD_REJECT_LINK); /* there is no group that it continues */
    rig_fini(&r);
}

Test(engine_link, the_dry_run_of_the_last_leg_is_that_of_the_group) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1901);
    staged(&r, leg_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 100), OCO, 1, 2, 0));
    leg last = leg_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 90), OCO, 2, 2, 0);
    last.slots[0].flags = TRD_COMMAND_DRY_RUN;
    send_leg(&r, last);
    cr_assert(eq(u32, r.out.count, 1));
    cr_assert(eq(u16, r.events[0].flags, TRD_EVENT_DRY_RUN));
    rejected(&r, 0, TRD_REJECT_BALANCE);
    deposit(&r, ALICE, USD, 1); /* drops nothing */
    send_leg(&r, last);
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    cr_assert(eq(u16, r.events[0].flags, TRD_EVENT_DRY_RUN));
    has(&r, ALICE, USD, 1902, 0);
    last.slots[0].flags = 0;
    trd_verdict verdict;
    cr_assert(eq(int, trd_engine_ask(r.engine, last.slots, &verdict), TRD_OK));
    cr_assert(eq(u32, verdict.reason, 0));
    cr_assert(eq(i64, verdict.need, 901));
    cr_assert(eq(i64, verdict.free_before, 901)); /* beside the first leg */
    cr_assert(eq(i64, verdict.hold.qty, 10));
    send_leg(&r, last);
    has(&r, ALICE, USD, 0, 1902);
    rig_fini(&r);
}

Test(engine_link, a_leg_that_waits_for_others_overrides_nothing) {
    rig r;
    rig_init(&r);
    leg first = leg_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 100), OCO, 1, 2, 0);
    first.slots[0].flags |= TRD_COMMAND_OVERRIDE;
    send_leg(&r, first);
    rejected(&r, 0, TRD_REJECT_BAD_COMBINATION);
    rig_fini(&r);
}

Test(engine_link, each_leg_has_its_decision) {
    rig r;
    rig_init_with(&r, 1);
    deposit(&r, ALICE, USD, 1901);
    leg first = leg_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 100), OCO, 1, 2, 0);
    first.slots[0].actor = 5;
    first.slots[0].seq = 70;
    send_leg(&r, first);
    cr_assert(eq(u32, r.out.count, 2)); /* may wait: nothing is compared yet */
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_DECISION));
    cr_assert(eq(u8, r.events[0].reason, 0));
    cr_assert(eq(i64, r.events[0].u.decision.need, 0));
    send_leg(&r, leg_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 90), OCO, 2, 2, 0));
    const trd_event *one = nth(&r, TRD_EVENT_DECISION, 0);
    const trd_event *two = nth(&r, TRD_EVENT_DECISION, 1);
    trd_ext_decision more;
    memcpy(&more, one + 1, sizeof(more));
    cr_assert(eq(u8, one->reason, 0));
    cr_assert(eq(i64, one->u.decision.need, 1001));
    cr_assert(eq(u32, one->u.decision.actor, 5));
    cr_assert(eq(u64, more.command_seq, 70));
    cr_assert(eq(u64, more.client_id, r.id - 1));
    cr_assert(eq(u8, two->reason, TRD_REJECT_BALANCE));
    cr_assert(eq(i64, two->u.decision.need, 901));
    cr_assert(eq(i64, two->u.decision.limit, 900)); /* what is free beside the first leg */
    rig_fini(&r);
}

/* Each of them that it is judged by, and nothing but that has happened. */
Test(engine_link, the_dry_run_of_a_group_is_decided_as_one) {
    rig r;
    rig_init_with(&r, 1);
    deposit(&r, ALICE, USD, 1902);
    send_leg(&r, leg_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 100), OCO, 1, 2, 0));
    leg last = leg_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 90), OCO, 2, 2, 0);
    last.slots[0].flags = TRD_COMMAND_DRY_RUN;
    send_leg(&r, last);
    for (uint32_t n = 0; n < 2; n++) {
        const trd_event *decision = nth(&r, TRD_EVENT_DECISION, n);
        cr_assert(eq(u16, decision->flags, TRD_EVENT_DRY_RUN));
        cr_assert(eq(u8, decision->side, TRD_BUY));
        cr_assert(eq(i64, decision->u.decision.need, n == 0 ? 1001 : 901));
    }
    cr_assert(eq(u16, nth(&r, TRD_EVENT_ACCEPTED, 0)->flags, TRD_EVENT_DRY_RUN));
    has(&r, ALICE, USD, 1902, 0);
    rig_fini(&r);
}

/* An engine with the share alone, without fees. */
static void rig_init_spot(rig *r, const trd_profile *profile, uint32_t actors_max) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    risk.actors_max = actors_max;
    *r = (rig){.engine = trd_engine_create(&def)};
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    const trd_asset assets[2] = {asset("USD"), asset("SHARE")};
    cr_assert(eq(int, trd_engine_asset(r->engine, &assets[0]), USD));
    cr_assert(eq(int, trd_engine_asset(r->engine, &assets[1]), SHARE));
    const trd_instrument spec = share();
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_engine_listing spot = {.spec = &spec, .terms = &terms, .profile = profile};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_engine_fees(r->engine, &fees), 0));
    cr_assert(eq(int, trd_engine_list(r->engine, &spot), SPOT));
}

/* With roles: actor 7 may look only, ADMIN may do everything. */
static void rig_init_with_roles(rig *r) {
    rig_init_spot(r, NULL, 4);
    const trd_actor viewer = {.actor = 7, .role = TRD_ROLE_VIEWER};
    const trd_actor admin = {.actor = ADMIN, .role = TRD_ROLE_ADMIN};
    cr_assert(eq(int, trd_engine_actor(r->engine, &viewer), TRD_OK));
    cr_assert(eq(int, trd_engine_actor(r->engine, &admin), TRD_OK));
    const trd_command open = {.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .account = ALICE,
        .actor = ADMIN,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = TRD_MODE_FLAT,
            .enabled = 1}};
    const trd_command money = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = ALICE,
        .actor = ADMIN,
        .u.transfer = {.action = TRD_TRANSFER_DEPOSIT, .asset = USD, .amount = 10000}};
    cr_assert(eq(int, send(r, open), TRD_OK));
    cr_assert(eq(int, send(r, money), TRD_OK));
}

/* The band is 3 % of a price, and moves with it: LAST with each execution. */
static void rig_init_banded(rig *r, unsigned source) {
    trd_profile profile = trd_profile_default();
    profile.band_action = TRD_BAND_CANCEL;
    profile.band_source = (uint8_t)source;
    profile.band_below = 300;
    profile.band_above = 300;
    rig_init_spot(r, &profile, 0);
    open_account(r, ALICE, TRD_MODE_FLAT);
    open_account(r, BOB, TRD_MODE_FLAT);
    deposit(r, ALICE, USD, 10000000);
    deposit(r, BOB, SHARE, 100000);
    const trd_command last = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = SPOT,
        .u.price = {.px = 100, .source = TRD_SOURCE_LAST}};
    cr_assert(eq(int, send(r, last), TRD_OK));
}

/* Leg 1 buys 4 at 103, where the band ends: now it ends at 106, and there leg 2, triggered by that,
 * buys the other 6. */
Test(engine_link, a_leg_may_pay_more_than_the_band_allowed_when_it_was_judged) {
    rig r;
    rig_init_banded(&r, TRD_SOURCE_LAST);
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 4, 103));
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 6, 106));
    staged(&r, leg_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 103), OUO, 1, 2, 0));
    const leg stop = stop_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 0), 103);
    leg last = leg_of((trd_command){.slots = 1}, OUO, 2, 2, 0);
    last.slots[2] = last.slots[1];
    last.slots[1] = stop.slots[1];
    last.slots[0] = stop.slots[0];
    last.slots[0].slots = 3;
    send_leg(&r, last);
    nth(&r, TRD_EVENT_TRIGGERED, 0);
    has(&r, ALICE, SHARE, 1000, 0);
    has(&r, ALICE, USD, 9998952, 0); /* 412 and 636 were paid */
    rig_fini(&r);
}

static void set_band_mark(rig *r, trd_px px) {
    const trd_command c = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = SPOT,
        .u.price = {.px = px, .source = TRD_SOURCE_MARK}};
    cr_assert(eq(int, send(r, c), TRD_OK));
}

/* The child buys 1 at 103, where the band ends, when its parent has bought 1; and 1 at 106 when the
 * parent has bought another, and the band ends there. */
Test(engine_link, a_child_may_pay_more_than_the_band_allowed_when_it_was_judged) {
    rig r;
    rig_init_banded(&r, TRD_SOURCE_MARK);
    set_band_mark(&r, 100);
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 1, 103));
    staged(&r, leg_of(order(&r, ALICE, SPOT, TRD_BUY, 10, 100), OTO, 1, 2, 0));
    trd_command market = order(&r, ALICE, SPOT, TRD_BUY, 10, 0);
    market.u.order.type = TRD_TYPE_MARKET;
    send_leg(&r, leg_of(market, OTO, 2, 2, 0));
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 1, 100));
    has(&r, ALICE, SHARE, 200, 0);
    set_band_mark(&r, 103);
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 1, 106));
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 1, 100));
    has(&r, ALICE, SHARE, 400, 0);
    /* 409 were paid. 8 lots of the parent hold 800, the 8 that the child may get yet as much as
     * they could cost at the highest price, 1000.00. */
    has(&r, ALICE, USD, 9198791, 800800);
    rig_fini(&r);
}

static trd_command by(trd_command c, uint32_t actor) {
    c.actor = actor;
    return c;
}

Test(engine_link, what_is_not_permitted_drops_nothing) {
    rig r;
    rig_init_with_roles(&r);
    staged(&r, leg_of(by(order(&r, ALICE, SPOT, TRD_BUY, 10, 100), ADMIN), OCO, 1, 2, 0));
    send_leg(&r, leg_of(by(order(&r, ALICE, SPOT, TRD_BUY, 10, 90), 7), OCO, 2, 2, 0));
    cr_assert(eq(u32, r.out.count, 1));
    rejected(&r, 0, TRD_REJECT_NOT_PERMITTED);
    cr_assert(eq(int, send(&r, by(order(&r, ALICE, SPOT, TRD_BUY, 1, 100), 7)), TRD_OK));
    cr_assert(eq(u32, r.out.count, 1));
    rejected(&r, 0, TRD_REJECT_NOT_PERMITTED);
    send_leg(&r, leg_of(by(order(&r, ALICE, SPOT, TRD_BUY, 10, 90), ADMIN), OCO, 2, 2, 0));
    nth(&r, TRD_EVENT_ACCEPTED, 1);
    rig_fini(&r);
}

/* Who sent leg 1 may only look by the time the last one arrives: that is the reason of leg 1, and
 * goes with all of them, whoever sent the last. */
Test(engine_link, a_leg_whose_sender_is_not_permitted_any_more_takes_all_along) {
    rig r;
    rig_init_with_roles(&r);
    const trd_actor may = {.actor = 8, .role = TRD_ROLE_ADMIN};
    const trd_actor may_not = {.actor = 8, .role = TRD_ROLE_VIEWER};
    cr_assert(eq(int, trd_engine_actor(r.engine, &may), TRD_OK));
    staged(&r, leg_of(by(order(&r, ALICE, SPOT, TRD_BUY, 10, 100), 8), OCO, 1, 2, 0));
    cr_assert(eq(int, trd_engine_actor(r.engine, &may_not), TRD_OK));
    const leg last = leg_of(by(order(&r, ALICE, SPOT, TRD_BUY, 10, 90), ADMIN), OCO, 2, 2, 0);
    send_leg(&r, last);
    cr_assert(eq(u32, r.out.count, 2));
    rejected(&r, 0, TRD_REJECT_NOT_PERMITTED);
    rejected(&r, 1, TRD_REJECT_LINK);
    send_leg(&r, last); /* nothing is staged any more */
    cr_assert(eq(u32, r.out.count, 1));
    rejected(&r, 0, TRD_REJECT_LINK);
    rig_fini(&r);
}

Test(engine_link, a_first_leg_is_not_permitted_to_who_may_not_order) {
    rig r;
    rig_init_with_roles(&r);
    send_leg(&r, leg_of(by(order(&r, ALICE, SPOT, TRD_BUY, 10, 100), 7), OCO, 1, 2, 0));
    rejected(&r, 0, TRD_REJECT_NOT_PERMITTED);
    rig_fini(&r);
}

/* Nothing of it can be held yet, and all the same not everybody may send it. */
Test(engine_link, an_order_without_lots_is_not_permitted_to_who_may_not_order) {
    rig r;
    rig_init_with_roles(&r);
    leg waits = stop_of(by(order(&r, ALICE, SPOT, TRD_SELL, 0, 0), 7), 80);
    waits.slots[0].u.order.exec = TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION;
    send_leg(&r, waits);
    rejected(&r, 0, TRD_REJECT_NOT_PERMITTED);
    waits.slots[0].actor = ADMIN;
    send_leg(&r, waits);
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    rig_fini(&r);
}

Test(engine_link, no_split_while_legs_are_live) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    trd_command mark = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = SPOT,
        .u.price = {.px = 100, .source = TRD_SOURCE_MARK}};
    cr_assert(eq(int, send(&r, mark), TRD_OK));
    two_bids(&r, OCO);
    const trd_command split = {.kind = TRD_COMMAND_CORPORATE,
        .slots = 1,
        .instrument = SPOT,
        .u.corporate = {.action = TRD_CORPORATE_SPLIT, .numerator = 2, .denominator = 1}};
    cr_assert(eq(int, send(&r, split), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(u8, r.events[0].reason, TRD_REJECT_ASSET_IN_USE));
    const trd_command end = {.kind = TRD_COMMAND_MASS_CANCEL,
        .slots = 1,
        .account = ALICE,
        .u.mass.filter = TRD_MASS_ACCOUNT};
    cr_assert(eq(int, send(&r, end), TRD_OK));
    cr_assert(eq(int, send(&r, split), TRD_OK));
    cr_assert(eq(u32, r.out.count, 0)); /* nothing was there to be split */
    rig_fini(&r);
}
