/* test_liquidation_account.c - liquidation of an account of mode MULTI: all assets stand behind all
 * positions. docs/reference/monitoring.md, "What stands behind a position of an ACCOUNT".
 *
 * Most tests: 100 coins at 45 USD are 4,500; long 10 of MINI at 1,000 needs 5 %. At 579 it has
 * 290 and needs 290, at 578 280 and 289. (All in minor units.) */
#include "liquidation_rig.h"

#define ACCOUNT_STEPS(r, ...) STEPS(r, TRD_UNIT_ACCOUNT, __VA_ARGS__)

static void coin_is(rig *r, uint32_t numerator, uint32_t denominator) {
    trd_command c = {.kind = TRD_COMMAND_BOOKS,
        .slots = 1,
        .u.books = {.action = TRD_BOOKS_RATE,
            .asset = COIN,
            .numerator = numerator,
            .denominator = denominator}};
    rig_send(r, &c);
    cr_assert(eq(u32, rig_count(r, TRD_EVENT_COMMAND_REJECTED), 0));
}

static void coin_has_haircut(rig *r, uint32_t ppm) {
    trd_command c = {.kind = TRD_COMMAND_BOOKS,
        .slots = 1,
        .u.books = {.action = TRD_BOOKS_COLLATERAL, .asset = COIN, .numerator = ppm}};
    rig_send(r, &c);
    cr_assert(eq(u32, rig_count(r, TRD_EVENT_COMMAND_REJECTED), 0));
}

static void multi_init(rig *r, const world *w) {
    rig_init(r, w);
    coin_is(r, 45, 1);
    rig_open(r, A, TRD_MODE_MULTI, false);
}

static void withdraw(rig *r, uint32_t account, uint32_t asset, trd_amt amount) {
    trd_command c = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = account,
        .u.transfer = {.action = TRD_TRANSFER_WITHDRAW, .asset = asset, .amount = amount}};
    rig_send(r, &c);
    cr_assert(eq(u32, rig_count(r, TRD_EVENT_COMMAND_REJECTED), 0));
}

/* A is long 10 of MINI at 1,000, bought from `other`, with 100 coins. */
static void long_with(rig *r, uint32_t other) {
    rig_deposit(r, A, COIN, 100);
    rig_deal(r, A, other, MINI, 10, 1000);
}

/* --- orders that close ------------------------------------------------------------------------ */

/* Nine lots need 260.1, so 261. The fee is 1 % of 578: 6. Nothing is exchanged: the loss of one lot
 * and the fee are owed in dollars. */
Test(liquidation_account, lots_are_closed_until_all_assets_cover_the_rest) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 10000;
    multi_init(&r, &w);
    long_with(&r, B);
    rig_bid(&r, C, MINI, 10, 578);
    rig_mark(&r, MINI, 579);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, MINI, 578);
    ACCOUNT_STEPS(&r, REDUCE(MINI, TRD_SELL, 1, 1), FEE(MINI, TRD_SELL, 1, 6), DONE(0));
    rig_level(&r, 0, A, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_CALL);
    rig_level(&r, 1, A, TRD_MARGIN_CALL, TRD_MARGIN_LIQUIDATE); /* 274, and 313.2 wanted */
    const trd_event *e = rig_event(&r, TRD_EVENT_MARGIN, 0);
    cr_assert(eq(u8, e->u.margin.unit, TRD_UNIT_ACCOUNT));
    cr_assert(eq(i64, e->u.margin.equity, 280));
    cr_assert(eq(i64, e->u.margin.maintenance, 289));
    rig_has(&r, A, USD, -422 - 6, 0);
    rig_has(&r, A, COIN, 100, 0);
    cr_assert(eq(u32, rig_balance(&r, A, USD).cause, TRD_SHORT_LOSS | TRD_SHORT_FEES));
    rig_has(&r, FUND, USD, 6, 0);
    rig_fini(&r);
}

/* 10 % of what is closed: 58 for one lot leave 222 of 261, and so on: all go. 578 are due, and 280
 * are what leaves nothing. */
Test(liquidation_account, the_fee_leaves_nothing_at_the_least) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 100000;
    multi_init(&r, &w);
    long_with(&r, B);
    rig_bid(&r, C, MINI, 10, 578);
    rig_mark(&r, MINI, 578);
    ACCOUNT_STEPS(&r, REDUCE(MINI, TRD_SELL, 10, 1), FEE(MINI, TRD_SELL, 10, 280), DONE(0));
    rig_has(&r, A, USD, -4500, 0);
    rig_has(&r, FUND, USD, 280, 0);
    rig_fini(&r);
}

Test(liquidation_account, open_orders_end_first) {
    rig r;
    const world w = world_usual();
    multi_init(&r, &w);
    long_with(&r, B);
    rig_bid(&r, A, MINI, 1, 500);
    rig_mark(&r, MINI, 578);
    const trd_event *e = rig_event(&r, TRD_EVENT_LIQUIDATION, 0);
    cr_assert(eq(u8, e->reason, TRD_STEP_CANCEL));
    cr_assert(eq(u32, e->instrument, 0));
    cr_assert(eq(u16, e->u.liquidation.asset, USD));
    rig_has(&r, A, USD, -4500, 0); /* nobody buys, the fund takes over */
    rig_fini(&r);
}

/* Sold at 500: one lot leaves 4,500 - 9 x 422 - 500 = 202 and 261 needed; three more leave -32;
 * then all go, and 500 are missing. */
static void sold_too_cheap(rig *r, trd_amt fund) {
    rig_deposit(r, FUND, USD, fund);
    long_with(r, B);
    rig_bid(r, C, MINI, 10, 500);
    rig_mark(r, MINI, 578);
}

Test(liquidation_account, the_fund_pays_what_is_missing_in_the_asset_that_is_owed) {
    rig r;
    const world w = world_usual();
    multi_init(&r, &w);
    sold_too_cheap(&r, 10000);
    ACCOUNT_STEPS(&r, REDUCE(MINI, TRD_SELL, 1, 1), FEE(MINI, TRD_SELL, 1, 0),
        REDUCE(MINI, TRD_SELL, 3, 1), FEE(MINI, TRD_SELL, 3, 0), REDUCE(MINI, TRD_SELL, 6, 1),
        FEE(MINI, TRD_SELL, 6, 0), INSURED(0, 500), DONE(0));
    rig_has(&r, A, USD, -4500, 0);
    rig_has(&r, A, COIN, 100, 0);
    rig_has(&r, FUND, USD, 9500, 0);
    rig_fini(&r);
}

/* The same with an option that is worth 1, and was paid for: 281 and 289 at 578, 203 behind the
 * first lot and enough for seven, 47 behind two more and enough for one, 499 missing in the end.
 * 5,000 are owed, of which the option covers one. */
Test(liquidation_account, what_is_not_free_covers_what_is_owed) {
    rig r;
    world w = world_usual();
    w.terms.orders_max = 4;
    multi_init(&r, &w);
    rig_deposit(&r, A, USD, 1);
    rig_deal(&r, A, B, CALL, 1, 1);
    rig_mark(&r, CALL, 1);
    sold_too_cheap(&r, 10000);
    ACCOUNT_STEPS(&r, REDUCE(MINI, TRD_SELL, 1, 1), FEE(MINI, TRD_SELL, 1, 0),
        REDUCE(MINI, TRD_SELL, 2, 1), FEE(MINI, TRD_SELL, 2, 0), REDUCE(MINI, TRD_SELL, 6, 1),
        FEE(MINI, TRD_SELL, 6, 0), REDUCE(MINI, TRD_SELL, 1, 1), FEE(MINI, TRD_SELL, 1, 0),
        INSURED(0, 499), DONE(0));
    rig_has(&r, A, USD, -4501, 0);
    rig_has(&r, FUND, USD, 9501, 0);
    rig_lots(&r, A, CALL, TRD_POSITION_NET, 1);
    rig_fini(&r);
}

Test(liquidation_account, what_the_fund_does_not_have_stays_owed) {
    rig r;
    const world w = world_usual();
    multi_init(&r, &w);
    sold_too_cheap(&r, 300);
    const trd_event *e = rig_event(&r, TRD_EVENT_LIQUIDATION, 6);
    cr_assert(eq(u8, e->reason, TRD_STEP_INSURED));
    cr_assert(eq(i64, e->u.liquidation.amount, 300));
    rig_has(&r, A, USD, -4700, 0);
    cr_assert(eq(u32, rig_balance(&r, A, USD).cause, TRD_SHORT_LOSS));
    rig_has(&r, FUND, USD, 0, 0);
    rig_fini(&r);
}

/* A coin is 1/100 dollar, and 6,000 dollars stand for long 10 of BACK at 50,000. At 38,600 590,674
 * coins are lost, 5,907 dollars: 93, and 130 needed. 3 lots at 36,000 leave 7, which need 91, but
 * 233,334 + 413,472 coins are lost by then: 6,469 dollars. All go: 777,779 coins are owed, 7,778
 * dollars, of which 1,778 are missing: 177,800 coins. */
Test(liquidation_account, another_asset_is_insured_as_far_as_dollars_are_missing) {
    rig r;
    const world w = world_usual();
    multi_init(&r, &w);
    coin_is(&r, 1, 100);
    rig_deposit(&r, FUND, COIN, 1000000);
    rig_deposit(&r, A, USD, 6000);
    rig_deal(&r, A, B, BACK, 10, 50000);
    rig_bid(&r, C, BACK, 10, 36000);
    rig_mark(&r, BACK, 38600);
    ACCOUNT_STEPS(&r, REDUCE(BACK, TRD_SELL, 3, 1), FEE(BACK, TRD_SELL, 3, 0),
        REDUCE(BACK, TRD_SELL, 7, 1), FEE(BACK, TRD_SELL, 7, 0), INSURED(0, 177800), DONE(0));
    const trd_event *e = rig_event(&r, TRD_EVENT_LIQUIDATION, 4);
    cr_assert(eq(u16, e->u.liquidation.asset, COIN));
    rig_has(&r, A, USD, 6000, 0);
    rig_has(&r, A, COIN, 177800 - 777779, 0);
    rig_fini(&r);
}

/* MINI of 10 lots at 578 needs 289, PERP of 1 at 30,000.00 12,000: PERP is first, although it was
 * bought last; and is all that has to go. */
Test(liquidation_account, the_largest_maintenance_is_first) {
    rig r;
    const world w = world_usual();
    multi_init(&r, &w);
    long_with(&r, B);
    rig_deposit(&r, A, COIN, 800); /* 40,500 */
    rig_deal(&r, A, B, PERP, 1, 3000000);
    rig_bid(&r, C, PERP, 1, 2976000);
    rig_mark(&r, PERP, 2976000); /* 16,500, and 11,904 + 500 */
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, MINI, 578); /* 12,280, and 12,193 */
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, MINI, 569); /* 12,190, and 11,904 + 285 */
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, MINI, 568); /* 12,180, and 11,904 + 284 */
    ACCOUNT_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 0), DONE(0));
    rig_lots(&r, A, MINI, TRD_POSITION_NET, 10);
    rig_fini(&r);
}

/* --- without the market ----------------------------------------------------------------------- */

/* 280 are left at 578: 28 a lot. One lot would have been enough, and nobody bought it. */
Test(liquidation_account, the_fund_takes_over_at_the_price_that_leaves_nothing) {
    rig r;
    const world w = world_usual();
    multi_init(&r, &w);
    long_with(&r, B);
    rig_mark(&r, MINI, 578);
    ACCOUNT_STEPS(&r, REDUCE(MINI, TRD_SELL, 1, 1), TAKEOVER(MINI, TRD_SELL, 10, 550), DONE(0));
    rig_has(&r, A, USD, -4500, 0);
    cr_assert(eq(u32, rig_balance(&r, A, USD).cause, TRD_SHORT_LOSS));
    rig_has(&r, A, COIN, 100, 0);
    rig_lots(&r, FUND, MINI, TRD_POSITION_NET, 10);
    const trd_unit unit = {.account = A, .asset = USD, .kind = TRD_UNIT_ACCOUNT};
    trd_margin_state state;
    cr_assert(eq(int,
        trd_monitor_state(trd_engine_monitor(r.engine), trd_engine_accounts(r.engine),
            trd_engine_risk(r.engine), &unit, &state),
        TRD_OK));
    cr_assert(eq(i64, state.equity, 0));
    rig_fini(&r);
}

/* 100 are missing at 540: the fund has them, and pays with the price. */
Test(liquidation_account, below_nothing_the_price_is_better_than_the_mark) {
    rig r;
    const world w = world_usual();
    multi_init(&r, &w);
    rig_deposit(&r, FUND, USD, 100);
    long_with(&r, B);
    rig_mark(&r, MINI, 540);
    ACCOUNT_STEPS(&r, REDUCE(MINI, TRD_SELL, 10, 1), TAKEOVER(MINI, TRD_SELL, 10, 550), DONE(0));
    rig_has(&r, A, USD, -4500, 0);
    rig_fini(&r);
}

/* The fund lacks one: B gives its lots up at the same price. */
Test(liquidation_account, without_the_fund_others_give_lots_up) {
    rig r;
    const world w = world_usual();
    multi_init(&r, &w);
    rig_deposit(&r, FUND, USD, 99);
    long_with(&r, B);
    rig_mark(&r, MINI, 540);
    ACCOUNT_STEPS(
        &r, REDUCE(MINI, TRD_SELL, 10, 1), DELEVERAGE(MINI, TRD_SELL, 10, 550, B), DONE(0));
    rig_has(&r, A, USD, -4500, 0);
    rig_lots(&r, B, MINI, TRD_POSITION_NET, 0);
    rig_fini(&r);
}

/* Dollars are missing where they are not: long in coins, which are above zero, and dollars are
 * owed. A gain in coins is not asked for: the position goes at its mark, and the fund pays dollars.
 */
Test(liquidation_account, what_is_missing_in_another_asset_is_no_gain_of_this_one) {
    rig r;
    const world w = world_usual();
    multi_init(&r, &w);
    coin_is(&r, 1, 100);
    rig_deposit(&r, FUND, USD, 10000);
    rig_deposit(&r, A, COIN, 300000); /* 3,000 dollars */
    rig_deal(&r, A, B, BACK, 10, 50000);
    rig_deal(&r, A, B, MINI, 10, 1000);
    rig_bid(&r, C, MINI, 10, 650);
    rig_mark(&r, MINI, 650); /* 3,000 - 3,500: BACK needs 100, MINI 325 */
    ACCOUNT_STEPS(&r, REDUCE(MINI, TRD_SELL, 10, 1), FEE(MINI, TRD_SELL, 10, 0),
        REDUCE(BACK, TRD_SELL, 10, 1), TAKEOVER(BACK, TRD_SELL, 10, 50000), INSURED(0, 500),
        DONE(0));
    rig_has(&r, A, COIN, 300000, 0);
    rig_has(&r, A, USD, -3000, 0);
    rig_fini(&r);
}

/* Both sides are MULTI. D has 50 coins, 2,250 dollars, and short 10 from 1,000: at 540 it stands
 * at 6,850, has a rank, and would be ruined at 1,225 only. */
Test(liquidation_account, a_multi_gives_up_lots_like_others) {
    rig r;
    world w = world_usual();
    w.fund_is_closed = true;
    multi_init(&r, &w);
    rig_open(&r, D, TRD_MODE_MULTI, false);
    withdraw(&r, D, USD, 100000000);
    withdraw(&r, D, COIN, 100000000 - 50);
    long_with(&r, D);
    rig_mark(&r, MINI, 540);
    ACCOUNT_STEPS(
        &r, REDUCE(MINI, TRD_SELL, 10, 1), DELEVERAGE(MINI, TRD_SELL, 10, 550, D), DONE(0));
    rig_has(&r, A, USD, -4500, 0);
    rig_has(&r, D, USD, 4500, 0);
    rig_fini(&r);
}

/* Coins count with 1/100 less 10 %, and 450 dollars are owed from before: 50,000 coins count for
 * them. At 44,600 long 10 has lost 242,153 of 300,000: 57,847 count for 520, 70 are left and 113
 * needed. 7,847 more may be lost: 250,000 in all, which they are at 10^11 / 2,250,000 = 44,444.4.
 * Six lots need 68. */
Test(liquidation_account, the_price_leaves_what_counts_for_what_is_owed_elsewhere) {
    rig r;
    const world w = world_usual();
    multi_init(&r, &w);
    coin_is(&r, 1, 100);
    coin_has_haircut(&r, 100000);
    rig_deposit(&r, A, COIN, 300000);
    rig_deal(&r, A, B, MINI, 10, 1000);
    rig_deal(&r, B, A, MINI, 10, 955);
    rig_has(&r, A, USD, -450, 0);
    rig_deal(&r, A, B, BACK, 10, 50000);
    rig_mark(&r, BACK, 44600);
    ACCOUNT_STEPS(&r, REDUCE(BACK, TRD_SELL, 4, 1), TAKEOVER(BACK, TRD_SELL, 10, 44445), DONE(0));
    rig_has(&r, A, COIN, 300000 - 249972, 0); /* counts for 450.252 */
    rig_has(&r, A, USD, -450, 0);
    rig_fini(&r);
}

/* --- what assets count for -------------------------------------------------------------------- */

/* A coin at 42 makes it 4,200: at 608 there are 280 and 304 are needed, without any mark. */
Test(liquidation_account, a_rate_that_is_set_liquidates) {
    rig r;
    const world w = world_usual();
    multi_init(&r, &w);
    long_with(&r, B);
    rig_bid(&r, C, MINI, 10, 608);
    rig_mark(&r, MINI, 608);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    coin_is(&r, 42, 1);
    ACCOUNT_STEPS(&r, REDUCE(MINI, TRD_SELL, 1, 1), FEE(MINI, TRD_SELL, 1, 0), DONE(0));
    rig_fini(&r);
}

/* 16 % off 5,000 leave the same 4,200. */
Test(liquidation_account, a_haircut_that_is_set_liquidates) {
    rig r;
    const world w = world_usual();
    multi_init(&r, &w);
    coin_is(&r, 50, 1);
    coin_has_haircut(&r, 100000);
    long_with(&r, B);
    rig_bid(&r, C, MINI, 10, 608);
    rig_mark(&r, MINI, 608);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    coin_has_haircut(&r, 160000);
    ACCOUNT_STEPS(&r, REDUCE(MINI, TRD_SELL, 1, 1), FEE(MINI, TRD_SELL, 1, 0), DONE(0));
    rig_fini(&r);
}
