/* test_engine_multi.c - accounts of mode MULTI in the engine: what their assets count for, by
 * command, and what stands on them. A cent of USD is the unit of all values; a minor unit of SHARE
 * (a hundredth of one) is worth 5, and counts with a haircut of 20 %. The future needs 10 %, fees
 * are 0.1 %. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/tradsys.h>

#include "engine_rig.h"

static trd_command books(trd_books_body body) {
    return (trd_command){.kind = TRD_COMMAND_BOOKS, .slots = 1, .u.books = body};
}

/* The reason of the refusal, 0 if there is none. */
static unsigned reason_of(rig *r, trd_command c) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    for (uint32_t i = 0; i < r->out.count; i += r->events[i].slots) {
        const unsigned kind = r->events[i].kind;
        if (kind == TRD_EVENT_REJECTED || kind == TRD_EVENT_COMMAND_REJECTED) {
            return r->events[i].reason;
        }
    }
    return 0;
}

static void done(rig *r, trd_command c) {
    cr_assert(eq(u32, reason_of(r, c), 0));
}

static void count_as(rig *r, uint32_t in, uint32_t ppm) {
    done(r, books((trd_books_body){.action = TRD_BOOKS_COLLATERAL, .asset = in, .numerator = ppm}));
}

static void worth(rig *r, uint32_t in, uint32_t numerator) {
    done(r, books((trd_books_body){
                .action = TRD_BOOKS_RATE, .asset = in, .numerator = numerator, .denominator = 1}));
}

static trd_command transfer(uint32_t account, unsigned action, uint32_t in, trd_amt amount) {
    return (trd_command){.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = account,
        .u.transfer = {.action = (uint8_t)action, .asset = in, .amount = amount}};
}

static trd_collateral state(const rig *r) {
    trd_collateral c;
    cr_assert(eq(int,
        trd_risk_collateral(trd_engine_risk(r->engine), trd_engine_accounts(r->engine), ALICE, &c),
        TRD_OK));
    return c;
}

/* ALICE has ten shares, which count for 4,000, and no USD. */
static void rig_multi(rig *r) {
    rig_init(r);
    set_mark(r, 100);
    open_account(r, ALICE, TRD_MODE_MULTI);
    deposit(r, ALICE, SHARE, 1000);
    deposit(r, BOB, USD, 1000000);
    worth(r, SHARE, 5);
    count_as(r, SHARE, 200000);
}

/* 300 lots need 3,000 and 30; 970 are left, which is 96 lots and 9.6 of fees. */
Test(engine_multi, shares_stand_for_a_future) {
    rig r;
    rig_multi(&r);
    cr_assert(eq(i64, state(&r).available, 4000));
    done(&r, order(&r, ALICE, FUTURE, TRD_BUY, 300, 100));
    has(&r, ALICE, USD, -3030, 3030);
    cr_assert(eq(u32, balance(&r, ALICE, USD).cause, TRD_SHORT_MARGIN));
    cr_assert(
        eq(u32, reason_of(&r, order(&r, ALICE, FUTURE, TRD_BUY, 97, 100)), TRD_REJECT_MARGIN));
    done(&r, order(&r, ALICE, FUTURE, TRD_BUY, 96, 100));
    has(&r, ALICE, USD, -4000, 4000);
    cr_assert(eq(i64, state(&r).available, 0));
    rig_fini(&r);
}

Test(engine_multi, a_dry_run_tells_what_would_be_free) {
    rig r;
    rig_multi(&r);
    done(&r, order(&r, ALICE, FUTURE, TRD_BUY, 300, 100));
    trd_verdict v;
    trd_command c = order(&r, ALICE, FUTURE, TRD_BUY, 97, 100);
    cr_assert(eq(int, trd_engine_ask(r.engine, &c, &v), TRD_OK));
    cr_assert(eq(u32, v.reason, TRD_REJECT_MARGIN));
    cr_assert(eq(i64, v.measured, 980));
    cr_assert(eq(i64, v.limit, 970));
    c.u.order.qty = 96;
    cr_assert(eq(int, trd_engine_ask(r.engine, &c, &v), TRD_OK));
    cr_assert(eq(u32, v.reason, 0));
    cr_assert(eq(i64, v.need, 970));
    cr_assert(eq(i64, v.free_before, -3030));
    cr_assert(eq(i64, v.free_after, -4000));
    rig_fini(&r);
}

/* Filled, 30 are paid; a cent lower 300 are lost, and 2,970 needed. 3,300 are 825 hundredths. */
Test(engine_multi, what_a_position_stands_on_does_not_leave) {
    rig r;
    rig_multi(&r);
    done(&r, order(&r, BOB, FUTURE, TRD_SELL, 300, 100));
    done(&r, order(&r, ALICE, FUTURE, TRD_BUY, 300, 100));
    has(&r, ALICE, USD, -30, 0);
    cr_assert(eq(i64, state(&r).available, 4000 - 30 - 3000));
    set_mark(&r, 99);
    cr_assert(eq(i64, state(&r).equity, 4000 - 330));
    cr_assert(eq(i64, state(&r).maintenance, 1485));
    cr_assert(eq(i64, state(&r).available, 700));
    trd_command out = transfer(ALICE, TRD_TRANSFER_WITHDRAW, SHARE, 176);
    cr_assert(eq(u32, reason_of(&r, out), TRD_REJECT_MARGIN));
    out.u.transfer.action = TRD_TRANSFER_MOVE;
    out.u.transfer.to = BOB;
    cr_assert(eq(u32, reason_of(&r, out), TRD_REJECT_MARGIN));
    out.u.transfer.amount = 175;
    done(&r, out);
    cr_assert(eq(i64, state(&r).available, 0));
    cr_assert(eq(
        u32, reason_of(&r, transfer(ALICE, TRD_TRANSFER_WITHDRAW, SHARE, 1)), TRD_REJECT_MARGIN));
    cr_assert(
        eq(u32, reason_of(&r, transfer(ALICE, TRD_TRANSFER_WITHDRAW, USD, 1)), TRD_REJECT_BALANCE));
    rig_fini(&r);
}

Test(engine_multi, what_assets_count_for_is_changed_by_command) {
    rig r;
    rig_multi(&r);
    count_as(&r, SHARE, 0);
    cr_assert(eq(i64, state(&r).equity, 5000));
    const trd_books_body capped = {.action = TRD_BOOKS_COLLATERAL,
        .asset = SHARE,
        .numerator = 1,
        .denominator = 1,
        .cap = 3030};
    done(&r, books(capped));
    cr_assert(eq(u32, r.out.count, 0));
    cr_assert(
        eq(u32, reason_of(&r, order(&r, ALICE, FUTURE, TRD_BUY, 301, 100)), TRD_REJECT_MARGIN));
    done(&r, order(&r, ALICE, FUTURE, TRD_BUY, 300, 100));
    count_as(&r, SHARE, 1000000); /* what is held stays */
    has(&r, ALICE, USD, -3030, 3030);
    cr_assert(eq(i64, state(&r).available, -3030));
    deposit(&r, ALICE, USD, 3131);
    count_as(&r, USD, 500000); /* also the asset that all is valued in */
    cr_assert(eq(i64, state(&r).equity, 1565));
    rig_fini(&r);
}

Test(engine_multi, a_reset_forgets_what_assets_count_for) {
    rig r;
    rig_multi(&r);
    trd_engine_reset(r.engine);
    open_account(&r, ALICE, TRD_MODE_MULTI);
    deposit(&r, ALICE, SHARE, 1000);
    worth(&r, SHARE, 5);
    cr_assert(eq(i64, state(&r).equity, 5000));
    rig_fini(&r);
}

Test(engine_multi, terms_that_are_none_are_refused) {
    static const trd_books_body rows[] = {
        {.action = TRD_BOOKS_COLLATERAL, .asset = SHARE, .numerator = 1000001},
        {.action = TRD_BOOKS_COLLATERAL, .asset = SHARE, .denominator = 2},
        {.action = TRD_BOOKS_COLLATERAL, .asset = SHARE, .cap = 1},
        {.action = TRD_BOOKS_COLLATERAL, .asset = SHARE, .denominator = 1, .cap = -1},
        {.action = TRD_BOOKS_COLLATERAL, .asset = SHARE, .denominator = 1, .cap = TRD_AMT_LIMIT},
        {.action = TRD_BOOKS_COLLATERAL, .asset = SHARE, .due = 1},
        {.action = TRD_BOOKS_COLLATERAL, .asset = SHARE, .reserved = {1, 0, 0}},
        {.action = TRD_BOOKS_COLLATERAL, .asset = 2, .denominator = 2},
        {.action = TRD_BOOKS_COLLATERAL + 1},
    };
    rig r;
    rig_multi(&r);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert(eq(u32, reason_of(&r, books(rows[i])), TRD_REJECT_MALFORMED), "%zu", i);
    }
    const trd_books_body unknown = {.action = TRD_BOOKS_COLLATERAL, .asset = 2};
    cr_assert(eq(u32, reason_of(&r, books(unknown)), TRD_REJECT_UNKNOWN_ASSET));
    cr_assert(eq(i64, state(&r).equity, 4000));
    rig_fini(&r);
}

/* The account of an open order becomes one of mode MULTI, and another one again: what the order
 * holds is what other assets stand for, or is not asked about. */
Test(engine_multi, the_mode_changes_while_an_order_is_open) {
    rig r;
    rig_multi(&r);
    open_account(&r, ALICE, TRD_MODE_CROSS);
    cr_assert(
        eq(u32, reason_of(&r, order(&r, ALICE, FUTURE, TRD_BUY, 100, 100)), TRD_REJECT_BALANCE));
    deposit(&r, ALICE, USD, 1010);
    done(&r, order(&r, ALICE, FUTURE, TRD_BUY, 100, 100));
    open_account(&r, ALICE, TRD_MODE_MULTI);
    cr_assert(eq(i64, state(&r).held, 1010));
    cr_assert(eq(i64, state(&r).available, 4000));
    done(&r, order(&r, ALICE, FUTURE, TRD_BUY, 300, 100));
    has(&r, ALICE, USD, -3030, 4040);
    open_account(&r, ALICE, TRD_MODE_CROSS);
    cr_assert(
        eq(u32, reason_of(&r, order(&r, ALICE, FUTURE, TRD_BUY, 1, 100)), TRD_REJECT_BALANCE));
    done(&r, (trd_command){.kind = TRD_COMMAND_MASS_CANCEL, .slots = 1, .account = ALICE});
    has(&r, ALICE, USD, 1010, 0);
    rig_fini(&r);
}

/* --- several at once -------------------------------------------------------------------------- */

/* A leg of two that end each other. */
static int send_leg(rig *r, trd_command c, unsigned leg) {
    trd_command slots[2] = {c};
    const trd_ext_link link = {.link = 7,
        .kind = TRD_EXT_ORDER_LINK,
        .leg = (uint8_t)leg,
        .legs = 2,
        .relation = TRD_RELATION_OCO};
    slots[0].slots = 2;
    slots[0].flags = leg == 1 ? TRD_COMMAND_STAGED : 0;
    memcpy(&slots[1], &link, sizeof(link));
    r->out.count = 0;
    const int result = trd_engine_step(r->engine, slots, &r->out);
    cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
    return result;
}

/* Two of 198 lots need 1,980 and 20 each: 4,000. The account never had USD when they are judged. */
Test(engine_multi, legs_are_covered_together) {
    for (trd_qty qty = 199; qty >= 198; qty--) {
        rig r;
        rig_multi(&r);
        cr_assert(eq(int, send_leg(&r, order(&r, ALICE, FUTURE, TRD_BUY, 198, 100), 1), TRD_OK));
        cr_assert(eq(u32, r.out.count, 0));
        cr_assert(eq(int, send_leg(&r, order(&r, ALICE, FUTURE, TRD_BUY, qty, 100), 2), TRD_OK));
        if (qty == 199) {
            cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REJECTED));
            cr_assert(eq(u8, r.events[0].reason, TRD_REJECT_LINK));
            cr_assert(eq(u8, r.events[1].kind, TRD_EVENT_REJECTED));
            cr_assert(eq(u8, r.events[1].reason, TRD_REJECT_MARGIN));
            has(&r, ALICE, USD, 0, 0);
        } else {
            cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
            has(&r, ALICE, USD, -4000, 4000);
        }
        rig_fini(&r);
    }
}

/* An option in place of the share. Nothing has fees. */
static void rig_option(rig *r) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    *r = (rig){.engine = trd_engine_create(&def)};
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    cr_assert(ne(ptr, r->engine, NULL));
    const trd_asset usd = asset("USD");
    const trd_asset sh = asset("SHARE");
    cr_assert(eq(int, trd_engine_asset(r->engine, &usd), USD));
    cr_assert(eq(int, trd_engine_asset(r->engine, &sh), SHARE));
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_engine_fees(r->engine, &fees), 0));
    trd_margin_model model;
    const trd_margin_rates rates = {.initial_ppm = 100000};
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    const trd_terms terms = {.struct_size = sizeof(terms)};
    trd_instrument spec = share();
    spec.kind = TRD_INSTRUMENT_OPTION;
    spec.option = TRD_OPTION_CALL;
    spec.strike = 100;
    spec.expiry = 1000;
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms, .model = &model};
    cr_assert(eq(int, trd_engine_list(r->engine, &listing), 0));
    const trd_command mark = {
        .kind = TRD_COMMAND_PRICE, .slots = 1, .u.price = {.px = 100, .source = TRD_SOURCE_MARK}};
    cr_assert(eq(int, send(r, mark), TRD_OK));
    open_account(r, ALICE, TRD_MODE_MULTI);
    count_as(r, USD, 500000);
}

static trd_command quote(trd_qty bid, trd_qty ask) {
    return (trd_command){.kind = TRD_COMMAND_QUOTE,
        .slots = 1,
        .account = ALICE,
        .u.quote = {.bid_px = 100, .bid_qty = bid, .ask_px = 110, .ask_qty = ask}};
}

/* Half of USD counts. The bid of 5 pays 500, so of 610 what is left counts for 55: what 5 sold at
 * 110 need. With a bid of 1 what is left counts for 255. */
Test(engine_multi, the_sides_of_a_quote_for_an_option_are_of_two_kinds) {
    rig r;
    rig_option(&r);
    deposit(&r, ALICE, USD, 609);
    cr_assert(eq(u32, reason_of(&r, quote(5, 5)), TRD_REJECT_MARGIN));
    deposit(&r, ALICE, USD, 1);
    done(&r, quote(5, 5));
    has(&r, ALICE, USD, 55, 555);
    cr_assert(eq(i64, state(&r).held, 55));
    cr_assert(eq(i64, state(&r).available, 0));
    done(&r, quote(1, 5));
    has(&r, ALICE, USD, 455, 155);
    cr_assert(eq(i64, state(&r).available, 255 - 55));
    cr_assert(eq(u32, reason_of(&r, quote(1, 24)), TRD_REJECT_MARGIN)); /* 264 */
    done(&r, quote(1, 23));                                             /* 253 */
    has(&r, ALICE, USD, 610 - 100 - 253, 353);
    cr_assert(eq(i64, state(&r).available, 2));
    rig_fini(&r);
}
