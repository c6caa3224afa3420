/* test_liquidation_units.c - what stands on one balance, and what does not: isolated positions,
 * pools of several, hedged accounts, inverse contracts, options. In cents, if not said. */
#include "liquidation_rig.h"

/* --- isolated --------------------------------------------------------------------------------- */

/* Long 10 at 30,000.00 on 2 % of 300,000.00; 94,000.00 besides. At 29,565.65 the position has
 * 6,000.00 - 4,343.50 = 1,656.50 and needs 295,656.50 x 1 % - 1,300 = 1,656.57; one tick above it
 * has 1,656.60 and needs as much. */
enum { ISOLATED_TRIGGER = 2956565 };

static void isolated_long(rig *r, const world *w) {
    rig_init(r, w);
    rig_open(r, A, TRD_MODE_ISOLATED, false);
    rig_deposit(r, A, USD, 10000000);
    rig_deal(r, A, B, PERP, 10, 3000000);
    rig_has(r, A, USD, 9400000, 600000);
}

Test(liquidation_units, an_isolated_position_is_liquidated_whatever_else_the_account_has) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 1000;
    isolated_long(&r, &w);
    rig_bid(&r, C, PERP, 10, ISOLATED_TRIGGER);
    rig_mark(&r, PERP, ISOLATED_TRIGGER + 1);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, PERP, ISOLATED_TRIGGER);
    POSITION_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 2957), DONE(PERP));
    const trd_event *e = rig_event(&r, TRD_EVENT_MARGIN, 0);
    cr_assert(eq(u8, e->u.margin.unit, TRD_UNIT_POSITION));
    cr_assert(eq(i64, e->u.margin.equity, 165650));
    cr_assert(eq(i64, e->u.margin.maintenance, 165657));
    cr_assert(eq(i64, e->u.margin.mark, ISOLATED_TRIGGER));
    cr_assert(eq(u32, e->instrument, PERP));
    /* 434.35 were lost and 29.57 are the fee: of the collateral, and of nothing else. */
    rig_has(&r, A, USD, 9400000, 600000 - 43435 - 2957);
    cr_assert(eq(i64, rig_position(&r, A, PERP, TRD_POSITION_NET).collateral, 553608));
    rig_has(&r, FUND, USD, 2957, 0);
    rig_fini(&r);
}

Test(liquidation_units, what_an_isolated_position_loses_beyond_its_collateral_the_fund_pays) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 1000;
    isolated_long(&r, &w);
    rig_deposit(&r, FUND, USD, 20000000);
    rig_bid(&r, C, PERP, 10, 2000000);
    rig_mark(&r, PERP, ISOLATED_TRIGGER);
    /* One lot loses 10,000.00 of 6,000.00; then nothing is left that could restore nine. */
    POSITION_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 0),
        INSURED(PERP, 400000), REDUCE(PERP, TRD_SELL, 9, 1), FEE(PERP, TRD_SELL, 9, 0),
        INSURED(PERP, 9000000), DONE(PERP));
    rig_has(&r, A, USD, 9400000, 0);
    rig_has(&r, FUND, USD, 10600000, 0);
    rig_fini(&r);
}

Test(liquidation_units, what_the_fund_cannot_pay_for_an_isolated_position_the_account_does) {
    rig r;
    const world w = world_usual();
    isolated_long(&r, &w);
    rig_deposit(&r, FUND, USD, 100000);
    rig_bid(&r, C, PERP, 10, 2900000);
    rig_mark(&r, PERP, 2900000); /* -4,000.00: all ten go, at that price */
    POSITION_STEPS(&r, REDUCE(PERP, TRD_SELL, 10, 1), FEE(PERP, TRD_SELL, 10, 0),
        INSURED(PERP, 100000), DONE(PERP));
    rig_has(&r, A, USD, 9400000 - 300000, 0);
    rig_has(&r, FUND, USD, 0, 0);
    rig_fini(&r);
}

/* 100.00 of funding were owed before: they still are, and for what is said of a loss. */
Test(liquidation_units, an_isolated_position_pays_no_debt_of_the_account) {
    rig r;
    const world w = world_usual();
    isolated_long(&r, &w);
    trd_command c = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = A,
        .u.transfer = {.action = TRD_TRANSFER_WITHDRAW, .asset = USD, .amount = 9400000}};
    rig_send(&r, &c);
    c = (trd_command){.kind = TRD_COMMAND_FUNDING,
        .slots = 1,
        .instrument = PERP,
        .u.funding = {.rate = 1000000, .mark = 1000000, .due = 1}}; /* 0.1 % of 100,000.00 */
    rig_send(&r, &c);
    rig_has(&r, A, USD, -10000, 600000);
    rig_bid(&r, C, PERP, 10, ISOLATED_TRIGGER);
    rig_mark(&r, PERP, ISOLATED_TRIGGER);
    rig_has(&r, A, USD, -10000, 600000 - 43435);
    cr_assert(eq(u32, rig_balance(&r, A, USD).cause, TRD_SHORT_LOSS));
    rig_fini(&r);
}

/* 6,000.00 are lost at 29,400.00. */
Test(liquidation_units, an_isolated_position_is_taken_over_for_its_collateral) {
    rig r;
    const world w = world_usual();
    isolated_long(&r, &w);
    rig_mark(&r, PERP, ISOLATED_TRIGGER);
    POSITION_STEPS(
        &r, REDUCE(PERP, TRD_SELL, 1, 1), TAKEOVER(PERP, TRD_SELL, 10, 2940000), DONE(PERP));
    rig_has(&r, A, USD, 9400000, 0);
    rig_lots(&r, FUND, PERP, TRD_POSITION_NET, 10);
    rig_fini(&r);
}

Test(liquidation_units, orders_in_other_instruments_stay) {
    rig r;
    const world w = world_usual();
    isolated_long(&r, &w);
    rig_bid(&r, A, PERP, 1, 2000000);
    rig_bid(&r, A, MINI, 1, 100);
    const uint64_t stays = r.id;
    rig_bid(&r, C, PERP, 10, ISOLATED_TRIGGER);
    rig_mark(&r, PERP, ISOLATED_TRIGGER);
    POSITION_STEPS(
        &r, CANCEL(PERP), REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 0), DONE(PERP));
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_CANCELED), 1));
    cr_assert(trd_match_find(trd_engine_match(r.engine), A, stays) != 0);
    rig_fini(&r);
}

/* Both positions of an account, each by itself, in the order of first use. */
Test(liquidation_units, two_isolated_positions_are_two_liquidations) {
    rig r;
    const world w = world_usual();
    isolated_long(&r, &w);
    rig_deal(&r, A, B, MINI, 100, 1000); /* 100.00 on 1,000.00; needs 5 % */
    rig_session(&r, MINI, TRD_SESSION_HALTED);
    rig_mark(&r, MINI, 940); /* 40.00 and 47.00 */
    POSITION_STEPS(&r, WAIT(MINI, TRD_SELL, 100));
    rig_mark(&r, PERP, ISOLATED_TRIGGER);
    POSITION_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), TAKEOVER(PERP, TRD_SELL, 10, 2940000),
        DONE(PERP), WAIT(MINI, TRD_SELL, 100));
    rig_session(&r, MINI, TRD_SESSION_CONTINUOUS);
    rig_mark(&r, MINI, 939); /* 39.00: ten lots less, twice, would need 37.56 */
    POSITION_STEPS(
        &r, REDUCE(MINI, TRD_SELL, 20, 1), TAKEOVER(MINI, TRD_SELL, 100, 900), DONE(MINI));
    rig_has(&r, A, USD, 9390000, 0);
    rig_fini(&r);
}

/* --- pools ------------------------------------------------------------------------------------ */

/* 10 PERP at 30,000.00 and 100 MINI at 10.00 on 30,000.00. At 27,146.46 there are 1,464.60, and
 * needed are 1,414.65 + 50.00. */
static void pool_of_two(rig *r, const world *w) {
    rig_init(r, w);
    rig_deposit(r, A, USD, 3000000);
    rig_deal(r, A, B, MINI, 100, 1000);
    rig_deal(r, A, B, PERP, 10, 3000000);
}

Test(liquidation_units, the_position_that_needs_most_goes_first) {
    rig r;
    const world w = world_usual();
    pool_of_two(&r, &w);
    rig_mark(&r, PERP, 2714647);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, PERP, 2714646);
    /* One PERP less needs 1,171.60 + 50.00, ten MINI less 1,414.65 + 45.00: nobody buys either.
     * PERP goes at 27,000.00, where all 30,000.00 are lost, and MINI for what it cost. */
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), REDUCE(MINI, TRD_SELL, 10, 1),
        TAKEOVER(PERP, TRD_SELL, 10, 2700000), TAKEOVER(MINI, TRD_SELL, 100, 1000), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_lots(&r, FUND, PERP, TRD_POSITION_NET, 10);
    rig_lots(&r, FUND, MINI, TRD_POSITION_NET, 100);
    rig_fini(&r);
}

/* The second position is sold without a loss: 1,464.60 are enough for 1,414.65. */
Test(liquidation_units, the_next_position_may_restore_the_pool) {
    rig r;
    const world w = world_usual();
    pool_of_two(&r, &w);
    rig_bid(&r, C, MINI, 10, 1000);
    rig_mark(&r, PERP, 2714646);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), REDUCE(MINI, TRD_SELL, 10, 1),
        FEE(MINI, TRD_SELL, 10, 0), DONE(0));
    rig_lots(&r, A, PERP, TRD_POSITION_NET, 10);
    rig_lots(&r, A, MINI, TRD_POSITION_NET, 90);
    rig_fini(&r);
}

Test(liquidation_units, a_position_that_is_halted_is_passed_over_and_nothing_is_taken_over) {
    rig r;
    const world w = world_usual();
    pool_of_two(&r, &w);
    rig_session(&r, PERP, TRD_SESSION_HALTED);
    rig_mark(&r, PERP, 2714646);
    POOL_STEPS(&r, REDUCE(MINI, TRD_SELL, 10, 1), WAIT(PERP, TRD_SELL, 10));
    rig_fini(&r);
}

Test(liquidation_units, the_first_that_was_passed_over_is_named) {
    rig r;
    const world w = world_usual();
    pool_of_two(&r, &w);
    rig_session(&r, MINI, TRD_SESSION_HALTED);
    rig_session(&r, PERP, TRD_SESSION_HALTED);
    rig_mark(&r, PERP, 2714646);
    POOL_STEPS(&r, WAIT(PERP, TRD_SELL, 10));
    rig_fini(&r);
}

/* What a unit changed itself is looked at once more in the same command: ten lots, of which five
 * are bought, then ten again, and nobody is left. */
Test(liquidation_units, who_waits_and_has_changed_is_tried_once_more) {
    rig r;
    world w = world_usual();
    pool_of_two(&r, &w);
    rig_session(&r, PERP, TRD_SESSION_HALTED);
    rig_bid(&r, C, MINI, 5, 900);
    rig_mark(&r, PERP, 2714646); /* five lots at 9.00 lose 5.00: 1,459.60 and 1,414.65 + 47.50 */
    /* Of 95 lots a step is ten: 42.50 are needed with ten less, and 44.95 are there. */
    POOL_STEPS(&r, REDUCE(MINI, TRD_SELL, 10, 1), FEE(MINI, TRD_SELL, 5, 0),
        REDUCE(MINI, TRD_SELL, 10, 1), WAIT(PERP, TRD_SELL, 10), REDUCE(MINI, TRD_SELL, 10, 1),
        WAIT(PERP, TRD_SELL, 10));
    rig_lots(&r, A, MINI, TRD_POSITION_NET, 95);
    rig_fini(&r);
}

/* Money in another asset stands for nothing here. */
Test(liquidation_units, a_pool_is_one_asset) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_deposit(&r, A, COIN, 500000000);
    rig_long(&r);
    rig_mark(&r, PERP, 2714141);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), TAKEOVER(PERP, TRD_SELL, 10, 2700000), DONE(0));
    rig_has(&r, A, COIN, 500000000, 0);
    rig_fini(&r);
}

/* --- hedged ----------------------------------------------------------------------------------- */

/* Long 10 and short 4 at 30,000.00 on 30,000.00. At 25,200.00 there are 1,200.00, and 1,220.00 and
 * 454.00 are needed. */
Test(liquidation_units, both_sides_of_a_hedged_account_are_positions) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_open(&r, A, TRD_MODE_CROSS, true);
    rig_deposit(&r, A, USD, 3000000);
    rig_offer(&r, B, PERP, 10, 3000000);
    trd_command c = rig_order(&r, A, PERP, TRD_BUY, 10, 3000000);
    c.u.order.position = TRD_POSITION_LONG;
    rig_good(&r, c);
    rig_bid(&r, B, PERP, 4, 3000000);
    c = rig_order(&r, A, PERP, TRD_SELL, 4, 3000000);
    c.u.order.position = TRD_POSITION_SHORT;
    rig_good(&r, c);
    rig_mark(&r, PERP, 2520000);
    /* Four of the long ones less need 706.00 + 454.00; the short ones restore nothing alone. Behind
     * the long ones stand 1,200.00 + 48,000.00, which are gone at 25,080.00; behind the short ones
     * then -19,200.00, which are earned at 25,200.00. */
    const unsigned long_side = TRD_POSITION_LONG;
    const unsigned short_side = TRD_POSITION_SHORT;
    POOL_STEPS(&r, {TRD_STEP_REDUCE, PERP, TRD_SELL, 4, 1, 0, 0, long_side},
        {TRD_STEP_REDUCE, PERP, TRD_BUY, 4, 10000000, 0, 0, short_side},
        {TRD_STEP_TAKEOVER, PERP, TRD_SELL, 10, 2508000, 0, FUND, long_side},
        {TRD_STEP_TAKEOVER, PERP, TRD_BUY, 4, 2520000, 0, FUND, short_side}, DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_lots(&r, A, PERP, TRD_POSITION_LONG, 0);
    rig_lots(&r, A, PERP, TRD_POSITION_SHORT, 0);
    rig_lots(&r, FUND, PERP, TRD_POSITION_NET, 6);
    rig_fini(&r);
}

/* The other side of who is liquidated is no candidate; that of a hedged account is. */
Test(liquidation_units, a_hedged_account_gives_up_lots_of_the_other_side) {
    rig r;
    world w = world_usual();
    w.fund_is_closed = true;
    rig_init(&r, &w);
    rig_open(&r, B, TRD_MODE_CROSS, true);
    rig_deposit(&r, A, USD, 3000000);
    trd_command c = rig_order(&r, B, PERP, TRD_SELL, 10, 3000000);
    c.u.order.position = TRD_POSITION_SHORT;
    rig_good(&r, c);
    rig_bid(&r, A, PERP, 10, 3000000);
    rig_offer(&r, C, PERP, 3, 3000000);
    c = rig_order(&r, B, PERP, TRD_BUY, 3, 3000000);
    c.u.order.position = TRD_POSITION_LONG;
    rig_good(&r, c);
    rig_mark(&r, PERP, 2714141);
    /* C has 1,000,000.00 and short 3 with the same profit: its leverage is less than B's, who has
     * as much and short 10. */
    POOL_STEPS(
        &r, REDUCE(PERP, TRD_SELL, 1, 1), DELEVERAGE(PERP, TRD_SELL, 10, 2700000, B), DONE(0));
    rig_lots(&r, B, PERP, TRD_POSITION_SHORT, 0);
    rig_lots(&r, B, PERP, TRD_POSITION_LONG, 3);
    rig_fini(&r);
}

/* D has 50.00 of collateral and as much profit: 450.00 on 100.00. B has the same profit on a
 * million. Behind the 100 of A stand 101.00: 8.99 is the price. */
Test(liquidation_units, the_leverage_of_an_isolated_position_is_its_own) {
    rig r;
    world w = world_usual();
    w.fund_is_closed = true;
    rig_init(&r, &w);
    rig_open(&r, D, TRD_MODE_ISOLATED, true);
    rig_deposit(&r, A, USD, 10100);
    rig_deal(&r, A, B, MINI, 50, 1000);
    trd_command c = rig_order(&r, D, MINI, TRD_SELL, 50, 1000);
    c.u.order.position = TRD_POSITION_SHORT;
    rig_good(&r, c);
    rig_bid(&r, A, MINI, 50, 1000);
    rig_mark(&r, MINI, 900);
    POOL_STEPS(&r, REDUCE(MINI, TRD_SELL, 100, 1), DELEVERAGE(MINI, TRD_SELL, 50, 899, D),
        DELEVERAGE(MINI, TRD_SELL, 50, 899, B), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_has(&r, D, USD, 100000000 + 5050, 0);
    rig_fini(&r);
}

/* --- short ------------------------------------------------------------------------------------ */

/* Short 10 at 30,000.00 on 30,000.00: 33,000.00 is the end. At 32,800.00 there are 2,000.00, and
 * 328,000.00 x 1 % - 1,300.00 = 1,980.00 are needed; at 32,802.00 it is 1,980.00 and 1,980.20. */
Test(liquidation_units, a_short_position_is_bought_back) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 1000;
    rig_init(&r, &w);
    rig_deposit(&r, A, USD, 3000000);
    rig_deal(&r, B, A, PERP, 10, 3000000);
    rig_mark(&r, PERP, 3280000);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, PERP, 3280200);
    POOL_STEPS(
        &r, REDUCE(PERP, TRD_BUY, 1, 10000000), TAKEOVER(PERP, TRD_BUY, 10, 3300000), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_lots(&r, FUND, PERP, TRD_POSITION_NET, -10);
    rig_fini(&r);
}

/* --- inverse ---------------------------------------------------------------------------------- */

/* margin.md: ten contracts of 100 dollars at 50,000 on 200,000 units of 10^-8, 0.5 %: the trigger
 * is 45,681. Two million and 200,000 are owed at 45,454.5: at 45,455 it is 2,199,979, and 21 units
 * are left. */
Test(liquidation_units, an_inverse_contract_is_liquidated_in_its_coin) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_deposit(&r, A, COIN, 200000);
    rig_deal(&r, A, B, BACK, 10, 50000);
    rig_mark(&r, BACK, 45682);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, BACK, 45681);
    POOL_STEPS(&r, REDUCE(BACK, TRD_SELL, 1, 1), TAKEOVER(BACK, TRD_SELL, 10, 45455), DONE(0));
    rig_has(&r, A, COIN, 21, 0);
    rig_fini(&r);
}

/* --- options ---------------------------------------------------------------------------------- */

/* Ten calls sold for 50.00 with 100.00. At 14.00 they are worth 140.00 of 150.00 that are there,
 * and 14.00 are needed. */
Test(liquidation_units, a_sold_option_is_bought_back_for_what_its_premium_left) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_deposit(&r, A, USD, 10000);
    rig_deal(&r, B, A, CALL, 10, 500);
    rig_mark(&r, CALL, 1363); /* 13.70 and 13.63 */
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, CALL, 1400);
    POOL_STEPS(&r, REDUCE(CALL, TRD_BUY, 3, 10000000), TAKEOVER(CALL, TRD_BUY, 10, 1500), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_has(&r, FUND, USD, 15000, 0);
    rig_lots(&r, FUND, CALL, TRD_POSITION_NET, -10);
    rig_lots(&r, B, CALL, TRD_POSITION_NET, 10);
    rig_fini(&r);
}

/* Isolated, the premium is the account's own, and the collateral stands for the loss: 20 % of 50.00
 * when it was sold. At 5.50 it has 10.00 - 5.00, and needs 5.50; at 6.00 it is bankrupt. */
Test(liquidation_units, an_isolated_option_has_lost_its_collateral_and_no_premium) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_open(&r, A, TRD_MODE_ISOLATED, false);
    rig_deposit(&r, A, USD, 10000);
    rig_deal(&r, B, A, CALL, 10, 500);
    rig_has(&r, A, USD, 10000 + 5000 - 1000, 1000);
    rig_mark(&r, CALL, 550);
    POSITION_STEPS(
        &r, REDUCE(CALL, TRD_BUY, 1, 10000000), TAKEOVER(CALL, TRD_BUY, 10, 600), DONE(CALL));
    rig_has(&r, A, USD, 10000 - 1000, 0);
    rig_fini(&r);
}

/* 50.00 of 100.00 are an option that was bought, 40.00 the margin of 40 MINI at 10.00. At 7.96
 * there are 18.40 and 15.92 are needed, at 7.89 it is 15.60 and 15.78. */
static void pool_with_an_option(rig *r, const world *w) {
    rig_init(r, w);
    rig_deposit(r, FUND, USD, 1000000);
    rig_deposit(r, A, USD, 10000);
    rig_deal(r, A, B, CALL, 10, 500);
    rig_deal(r, A, B, MINI, 40, 1000);
    rig_mark(r, MINI, 796);
    cr_assert(eq(u32, rig_count(r, TRD_EVENT_LIQUIDATION), 0));
}

/* The pool has an option for 50.00 and owes as much: that is nothing, and the fund pays nothing. */
Test(liquidation_units, an_option_that_was_bought_counts_and_is_not_sold) {
    rig r;
    const world w = world_usual();
    pool_with_an_option(&r, &w);
    rig_mark(&r, MINI, 789);
    POOL_STEPS(&r, REDUCE(MINI, TRD_SELL, 4, 1), TAKEOVER(MINI, TRD_SELL, 40, 750), DONE(0));
    rig_has(&r, A, USD, -5000, 0);
    rig_lots(&r, A, CALL, TRD_POSITION_NET, 10);
    rig_fini(&r);
}

/* Sold at 7.00, 40 lots lose 120.00: 20.00 are missing, and 50.00 are covered by the option. */
Test(liquidation_units, the_fund_pays_what_an_option_does_not_cover) {
    rig r;
    world w = world_usual();
    w.terms.step_pct = 100;
    pool_with_an_option(&r, &w);
    rig_bid(&r, C, MINI, 40, 700);
    rig_mark(&r, MINI, 789);
    POOL_STEPS(
        &r, REDUCE(MINI, TRD_SELL, 40, 1), FEE(MINI, TRD_SELL, 40, 0), INSURED(0, 2000), DONE(0));
    rig_has(&r, A, USD, -5000, 0);
    rig_has(&r, FUND, USD, 998000, 0);
    rig_fini(&r);
}
