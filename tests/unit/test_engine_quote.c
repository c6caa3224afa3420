/* test_engine_quote.c - quotes with money: what bid and offer hold, and what risk refuses. What
 * they do in the market is in tests/scenario. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/tradsys.h>

#include "engine_rig.h"

typedef struct terms {
    trd_qty bid_qty;
    trd_px bid;
    trd_qty ask_qty;
    trd_px ask;
} terms;

static trd_command quote(uint32_t account, uint32_t instrument, terms t) {
    return (trd_command){.kind = TRD_COMMAND_QUOTE,
        .slots = 1,
        .account = account,
        .instrument = instrument,
        .u.quote = {.bid_px = t.bid, .bid_qty = t.bid_qty, .ask_px = t.ask, .ask_qty = t.ask_qty}};
}

static void takes(rig *r, trd_command c) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    for (uint32_t at = 0; at < r->out.count; at += r->events[at].slots) {
        cr_assert(ne(u8, r->events[at].kind, TRD_EVENT_COMMAND_REJECTED), "%s",
            trd_reject_text(r->events[at].reason));
    }
}

static void refuses(rig *r, trd_command c, unsigned reason) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, r->out.count, 1));
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(u8, r->events[0].reason, reason), "%s, not %s",
        trd_reject_text(r->events[0].reason), trd_reject_text(reason));
}

/* The n-th event of a kind in the last output, from 0; NULL: there are fewer. */
static const trd_event *nth(const rig *r, unsigned kind, uint32_t n) {
    for (uint32_t at = 0; at < r->out.count; at += r->events[at].slots) {
        if (r->events[at].kind == kind && n-- == 0) {
            return &r->events[at];
        }
    }
    return NULL;
}

Test(engine_quote, each_side_holds_what_an_order_would) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1001);
    deposit(&r, ALICE, SHARE, 1000);
    takes(&r, quote(ALICE, SPOT, (terms){10, 100, 10, 110}));
    has(&r, ALICE, USD, 0, 1001); /* 1000 and a fee of 1 */
    has(&r, ALICE, SHARE, 0, 1000);
    takes(&r, quote(ALICE, SPOT, (terms){0}));
    has(&r, ALICE, USD, 1001, 0);
    has(&r, ALICE, SHARE, 1000, 0);
    rig_fini(&r);
}

Test(engine_quote, a_side_that_is_not_covered_refuses_both) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1000);
    deposit(&r, ALICE, SHARE, 999);
    refuses(&r, quote(ALICE, SPOT, (terms){10, 100, 9, 110}), TRD_REJECT_BALANCE);
    deposit(&r, ALICE, USD, 1);
    refuses(&r, quote(ALICE, SPOT, (terms){10, 100, 10, 110}), TRD_REJECT_BALANCE);
    has(&r, ALICE, USD, 1001, 0);
    has(&r, ALICE, SHARE, 999, 0);
    takes(&r, quote(ALICE, SPOT, (terms){10, 100, 9, 110}));
    rig_fini(&r);
}

/* Of 900 10 % and a fee of 1; of 1100 10 % and a fee of 2. */
Test(engine_quote, both_sides_need_their_margin_at_once) {
    rig r;
    rig_init(&r);
    set_mark(&r, 100);
    deposit(&r, ALICE, USD, 202);
    refuses(&r, quote(ALICE, FUTURE, (terms){10, 90, 10, 110}), TRD_REJECT_MARGIN);
    has(&r, ALICE, USD, 202, 0);
    deposit(&r, ALICE, USD, 1);
    takes(&r, quote(ALICE, FUTURE, (terms){10, 90, 10, 110}));
    has(&r, ALICE, USD, 0, 203);
    rig_fini(&r);
}

/* The bid needs 5 more before the offer gives 5 back. */
Test(engine_quote, the_bid_is_amended_before_the_offer) {
    rig r;
    rig_init(&r);
    set_mark(&r, 100);
    deposit(&r, ALICE, USD, 203);
    takes(&r, quote(ALICE, FUTURE, (terms){10, 90, 10, 110}));
    refuses(&r, quote(ALICE, FUTURE, (terms){10, 95, 10, 105}), TRD_REJECT_MARGIN);
    has(&r, ALICE, USD, 0, 203);
    deposit(&r, ALICE, USD, 5);
    takes(&r, quote(ALICE, FUTURE, (terms){10, 95, 10, 105}));
    has(&r, ALICE, USD, 5, 203);
    takes(&r, quote(ALICE, FUTURE, (terms){4, 95, 0, 0})); /* of 380 38, and a fee of 1 */
    has(&r, ALICE, USD, 169, 39);
    rig_fini(&r);
}

Test(engine_quote, what_a_protection_withdraws_is_released) {
    rig r;
    rig_init(&r);
    set_mark(&r, 100);
    deposit(&r, ALICE, USD, 1000);
    deposit(&r, BOB, USD, 1000);
    const trd_command protect = {.kind = TRD_COMMAND_PROTECTION,
        .slots = 1,
        .account = ALICE,
        .instrument = FUTURE,
        .u.protection = {.action = TRD_PROTECTION_SET, .window = 1000, .qty = 4}};
    takes(&r, protect);
    takes(&r, quote(ALICE, FUTURE, (terms){10, 90, 10, 110}));
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 4, 90));
    cr_assert(eq(u8, nth(&r, TRD_EVENT_CANCELED, 1)->reason, TRD_CAUSE_PROTECTION));
    /* A fee of 1; 36 of 360 are the collateral of what was bought. */
    has(&r, ALICE, USD, 963, 36);
    refuses(&r, quote(ALICE, FUTURE, (terms){10, 90, 10, 110}), TRD_REJECT_PROTECTED);
    rig_fini(&r);
}

/* ALICE is short 10 at 0.50, with `free` left; BOB offers 10 at 1.00. */
static void short_init(rig *r, uint32_t decisions, trd_amt deposited) {
    rig_init_with(r, decisions);
    set_mark(r, 50);
    deposit(r, ALICE, USD, deposited);
    deposit(r, BOB, USD, 10000);
    takes(r, order(r, BOB, FUTURE, TRD_BUY, 10, 50));
    takes(r, order(r, ALICE, FUTURE, TRD_SELL, 10, 50));
    has(r, ALICE, USD, deposited - 51, 50); /* a fee of 1, and collateral */
    takes(r, order(r, BOB, FUTURE, TRD_SELL, 10, 100));
}

/* The bid buys back at a loss of 500, with a fee of 1: 549 + 50 - 501 are left. The offer, 112, was
 * covered before. */
Test(engine_quote, an_offer_that_the_bid_has_made_too_dear_is_not_entered) {
    rig r;
    short_init(&r, 1, 600);
    takes(&r, quote(ALICE, FUTURE, (terms){10, 100, 10, 110}));
    cr_assert(eq(u8, nth(&r, TRD_EVENT_ACCEPTED, 0)->side, TRD_BUY));
    cr_assert(nth(&r, TRD_EVENT_ACCEPTED, 1) == NULL);
    has(&r, ALICE, USD, 98, 0);
    cr_assert(eq(u8, nth(&r, TRD_EVENT_DECISION, 0)->reason, 0));
    cr_assert(eq(u8, nth(&r, TRD_EVENT_DECISION, 1)->reason, 0));
    const trd_event *late = nth(&r, TRD_EVENT_DECISION, 2);
    cr_assert(eq(u8, late->reason, TRD_REJECT_MARGIN));
    cr_assert(eq(u8, late->side, TRD_SELL));
    cr_assert(eq(i64, late->u.decision.need, 112));
    cr_assert(eq(i64, late->u.decision.limit, 98));
    rig_fini(&r);
}

/* 1 at 1.20 holds 12 and a fee of 1. */
Test(engine_quote, an_offer_that_is_there_ends_when_its_new_terms_are_too_dear) {
    rig r;
    short_init(&r, 0, 600);
    takes(&r, quote(ALICE, FUTURE, (terms){0, 0, 1, 120}));
    has(&r, ALICE, USD, 536, 63);
    takes(&r, quote(ALICE, FUTURE, (terms){10, 100, 10, 110}));
    const trd_event *end = nth(&r, TRD_EVENT_CANCELED, 0);
    cr_assert(eq(u8, end->reason, TRD_CAUSE_RISK));
    cr_assert(eq(i64, end->u.cancel.qty, 1));
    has(&r, ALICE, USD, 98, 0);
    rig_fini(&r);
}

Test(engine_quote, an_offer_that_is_still_covered_is_entered) {
    rig r;
    short_init(&r, 0, 614);
    takes(&r, quote(ALICE, FUTURE, (terms){10, 100, 10, 110}));
    cr_assert(eq(u8, nth(&r, TRD_EVENT_ACCEPTED, 1)->side, TRD_SELL));
    has(&r, ALICE, USD, 0, 112);
    rig_fini(&r);
}

Test(engine_quote, a_quote_is_a_message) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 2000);
    const trd_command limit = {.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = ALICE,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = TRD_LIMIT_MESSAGES,
            .scope = TRD_LIMIT_ACCOUNT,
            .value = 1,
            .window = 1000}};
    takes(&r, limit);
    takes(&r, quote(ALICE, SPOT, (terms){10, 100, 0, 0}));
    refuses(&r, quote(ALICE, SPOT, (terms){9, 100, 0, 0}), TRD_REJECT_MESSAGES);
    rig_fini(&r);
}

Test(engine_quote, a_quote_has_no_flags) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 2000);
    trd_command c = quote(ALICE, SPOT, (terms){10, 100, 0, 0});
    c.flags = TRD_COMMAND_DRY_RUN;
    refuses(&r, c, TRD_REJECT_MALFORMED);
    c.flags = TRD_COMMAND_OVERRIDE;
    refuses(&r, c, TRD_REJECT_MALFORMED);
    rig_fini(&r);
}

Test(engine_quote, what_risk_says_before_the_market_is_the_reason) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 2000);
    cr_assert(eq(int, trd_engine_enable(r.engine, SPOT, 0), TRD_OK));
    refuses(&r, quote(ALICE, SPOT, (terms){10, 200000, 0, 0}), TRD_REJECT_DISABLED);
    cr_assert(eq(int, trd_engine_enable(r.engine, SPOT, 1), TRD_OK));
    refuses(&r, quote(ALICE, SPOT, (terms){10, 200000, 0, 0}), TRD_REJECT_PRICE_LIMIT);
    refuses(&r, quote(ALICE, SPOT, (terms){-1, 100, 0, 0}), TRD_REJECT_QTY_NEGATIVE);
    rig_fini(&r);
}

/* groups.md: every QUOTE drops what its account stages, refused or not. */
Test(engine_quote, a_quote_where_there_are_none_drops_what_is_staged) {
    rig r;
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    match.quotes_max = 0;
    rig_make_of(&r, &def);
    deposit(&r, ALICE, USD, 10000);
    trd_command leg[2] = {order(&r, ALICE, SPOT, TRD_BUY, 10, 100)};
    const trd_ext_link link = {
        .link = 7, .kind = TRD_EXT_ORDER_LINK, .leg = 1, .legs = 2, .relation = TRD_RELATION_OCO};
    memcpy(&leg[1], &link, sizeof(link));
    leg[0].slots = 2;
    leg[0].flags = TRD_COMMAND_STAGED;
    r.out.count = 0;
    cr_assert(eq(int, trd_engine_step(r.engine, leg, &r.out), TRD_OK));
    cr_assert(eq(u32, r.out.count, 0));
    const trd_command c = {.kind = TRD_COMMAND_QUOTE,
        .slots = 1,
        .account = ALICE,
        .instrument = SPOT,
        .u.quote = {.bid_px = 90, .bid_qty = 1}};
    cr_assert(eq(int, send(&r, c), TRD_OK));
    cr_assert(eq(u32, r.out.count, 2));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REJECTED));
    cr_assert(eq(u8, r.events[0].reason, TRD_REJECT_LINK));
    cr_assert(eq(u8, r.events[1].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(u8, r.events[1].reason, TRD_REJECT_UNSUPPORTED));
    rig_fini(&r);
}
