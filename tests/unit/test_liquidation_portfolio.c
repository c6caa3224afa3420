/* test_liquidation_portfolio.c - liquidation of an account that is margined by scenario groups.
 *
 * PERP and MINI are the two months of docs/reference/margin.md, "Scenarios": a lot loses 95 at
 * most, a spread between them costs 20, an option that was sold needs 10. Long 3 and short 2 need
 * 135, long 2 and short 2 40, long 1 and short 2 115, short 2 190, long 3 285. */
#include "liquidation_rig.h"
#include "margin_page.h"

enum { PERP_PX = 3000000, MINI_PX = 1000 };

static void array_is(rig *r, uint32_t instrument, trd_scenario_array array, uint32_t month) {
    array.month = month;
    cr_assert(eq(int, trd_engine_array(r->engine, instrument, 0, &array), TRD_OK));
}

static void folio_init(rig *r, const world *w) {
    rig_init(r, w);
    cr_assert(eq(int, trd_engine_group(r->engine, USD, &TERMS), 0));
    array_is(r, PERP, FUTURE, 0);
    array_is(r, MINI, FUTURE, 1);
    array_is(r, CALL, OPTION, 0);
    rig_open(r, A, TRD_MODE_PORTFOLIO, false);
}

static void withdraw(rig *r, uint32_t account, trd_amt amount) {
    trd_command c = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = account,
        .u.transfer = {.action = TRD_TRANSFER_WITHDRAW, .asset = USD, .amount = amount}};
    rig_send(r, &c);
    cr_assert(eq(u32, rig_count(r, TRD_EVENT_COMMAND_REJECTED), 0));
}

/* Long 3 of PERP and short 2 of MINI, from and to `other`, with 300. */
static void calendar_with(rig *r, uint32_t other) {
    rig_deposit(r, A, USD, 1000);
    rig_deal(r, A, other, PERP, 3, PERP_PX);
    rig_deal(r, other, A, MINI, 2, MINI_PX);
    withdraw(r, A, 700);
}

static trd_portfolio sums_of(const rig *r, uint32_t account) {
    trd_portfolio state;
    cr_assert(eq(int,
        trd_risk_portfolio(
            trd_engine_risk(r->engine), trd_engine_accounts(r->engine), account, USD, &state),
        TRD_OK));
    return state;
}

/* --- orders that close ------------------------------------------------------------------------ */

/* 300 - 3 x 55 = 135 is just enough, 132 is not. Closing all of the long side would leave 190, all
 * of the short one 285: the long one is first, and one lot of it brings 40. The fee is 10 in a
 * million of 2,999,944: 29.99944. */
Test(liquidation_portfolio, lots_whose_closing_brings_maintenance_below_equity_are_closed) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 10;
    folio_init(&r, &w);
    calendar_with(&r, B);
    rig_bid(&r, C, PERP, 10, PERP_PX - 56);
    rig_mark(&r, PERP, PERP_PX - 55);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, PERP, PERP_PX - 56);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 30), DONE(0));
    rig_level(&r, 0, A, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_CALL);
    rig_level(&r, 1, A, TRD_MARGIN_FINE, TRD_MARGIN_LIQUIDATE); /* 102, and 60 wanted */
    rig_lots(&r, A, PERP, TRD_POSITION_NET, 2);
    rig_has(&r, A, USD, 300 - 56 - 30, 0);
    cr_assert(eq(i64, sums_of(&r, A).maintenance, 40));
    rig_fini(&r);
}

Test(liquidation_portfolio, open_orders_end_first) {
    rig r;
    const world w = world_usual();
    folio_init(&r, &w);
    calendar_with(&r, B);
    rig_bid(&r, A, PERP, 1, PERP_PX - 100);
    rig_mark(&r, PERP, PERP_PX - 56);
    POOL_STEPS(&r, CANCEL(0), REDUCE(PERP, TRD_SELL, 1, 1),
        TAKEOVER(PERP, TRD_SELL, 3, PERP_PX - 100), TAKEOVER(MINI, TRD_BUY, 2, MINI_PX), DONE(0));
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_CANCELED), 2)); /* the own order finds nobody */
    rig_fini(&r);
}

/* 300 - 270 = 30: no number of lots is enough. One lot leaves 10 missing, two 85, three 160, none
 * 105: one. Of what is left each lot makes it worse, on either side, so all goes to the fund: 2 at
 * 15 below the mark, which is what 30 are enough for, and then the other side at the mark. */
Test(liquidation_portfolio, where_nothing_restores_what_leaves_it_best_is_closed) {
    rig r;
    const world w = world_usual();
    folio_init(&r, &w);
    calendar_with(&r, B);
    rig_bid(&r, C, PERP, 10, PERP_PX - 90);
    rig_offer(&r, C, MINI, 10, MINI_PX);
    rig_mark(&r, PERP, PERP_PX - 90);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 0),
        TAKEOVER(PERP, TRD_SELL, 2, PERP_PX - 105), TAKEOVER(MINI, TRD_BUY, 2, MINI_PX), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_lots(&r, FUND, PERP, TRD_POSITION_NET, 2);
    rig_lots(&r, FUND, MINI, TRD_POSITION_NET, -2);
    cr_assert(eq(i64, sums_of(&r, A).maintenance, 0));
    rig_fini(&r);
}

/* Sold 4 at 500 with 80: 40 are enough at 510, 36 at 511 are not, and 30 are needed for three. */
Test(liquidation_portfolio, sold_options_are_bought_back_until_the_minimum_is_there) {
    rig r;
    const world w = world_usual();
    folio_init(&r, &w);
    rig_deposit(&r, A, USD, 80);
    rig_deal(&r, B, A, CALL, 4, 500);
    rig_offer(&r, C, CALL, 10, 511);
    rig_mark(&r, CALL, 510);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, CALL, 511);
    POOL_STEPS(&r, REDUCE(CALL, TRD_BUY, 1, 10000000), FEE(CALL, TRD_BUY, 1, 0), DONE(0));
    rig_level(&r, 1, A, TRD_MARGIN_WARN, TRD_MARGIN_LIQUIDATE);
    rig_lots(&r, A, CALL, TRD_POSITION_NET, -3);
    rig_fini(&r);
}

/* Sold 4 options, and long 3 of a future that loses 1: the minimum of 40 is what is needed, and
 * stays that without the future. No lot of it helps, so none is sold; the options nobody sells. At
 * 520 nothing of the 36 is left, and then the future goes at its mark. */
Test(liquidation_portfolio, lots_that_free_nothing_are_not_sold) {
    rig r;
    const world w = world_usual();
    folio_init(&r, &w);
    trd_scenario_array small = {.loss = {1}, .delta = 1000000};
    array_is(&r, PERP, small, 0);
    rig_deposit(&r, A, USD, 80);
    rig_deal(&r, B, A, CALL, 4, 500);
    rig_deal(&r, A, B, PERP, 3, PERP_PX);
    rig_bid(&r, C, PERP, 10, PERP_PX);
    rig_mark(&r, CALL, 511);
    POOL_STEPS(&r, REDUCE(CALL, TRD_BUY, 1, 10000000), TAKEOVER(CALL, TRD_BUY, 4, 520),
        TAKEOVER(PERP, TRD_SELL, 3, PERP_PX), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_fini(&r);
}

/* 60 % of 3 lots are 2: candidates 0, 2 and 3. 315 - 3 x 73 = 96; two lots leave 95. */
Test(liquidation_portfolio, candidates_are_multiples_of_a_step) {
    rig r;
    world w = world_usual();
    w.terms.step_pct = 60;
    folio_init(&r, &w);
    rig_deposit(&r, A, USD, 315);
    rig_deal(&r, A, B, PERP, 3, PERP_PX);
    rig_bid(&r, C, PERP, 10, PERP_PX - 73);
    rig_mark(&r, PERP, PERP_PX - 73);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 2, 1), FEE(PERP, TRD_SELL, 2, 0), DONE(0));
    rig_level(&r, 1, A, TRD_MARGIN_CALL, TRD_MARGIN_LIQUIDATE); /* 96 and 95 */
    rig_fini(&r);
}

/* 282 are there, and a lot costs 3,000: the fee takes all that is left, whatever is closed. Only
 * where nothing is needed any more that is enough. */
Test(liquidation_portfolio, the_fee_is_reckoned_with) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 1000; /* 3,000 a lot */
    folio_init(&r, &w);
    rig_deposit(&r, A, USD, 315);
    rig_deal(&r, A, B, PERP, 3, PERP_PX);
    rig_bid(&r, C, PERP, 10, PERP_PX - 11);
    rig_mark(&r, PERP, PERP_PX - 11);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 3, 1), FEE(PERP, TRD_SELL, 3, 282), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_has(&r, FUND, USD, 282, 0);
    rig_fini(&r);
}

/* --- without the market ----------------------------------------------------------------------- */

/* All are portfolios, in an instrument without a model. 315 - 330: the one who has the other side
 * gives it up at the price where nothing is left, 5 above the mark. */
Test(liquidation_portfolio, a_portfolio_gives_up_lots_like_others) {
    rig r;
    world w = world_usual();
    w.fund_is_closed = true;
    w.is_grouped = true;
    folio_init(&r, &w);
    rig_open(&r, D, TRD_MODE_PORTFOLIO, false);
    rig_deposit(&r, A, USD, 315);
    rig_deal(&r, A, D, PERP, 3, PERP_PX);
    cr_assert(eq(i64, sums_of(&r, D).maintenance, 285));
    rig_mark(&r, PERP, PERP_PX - 110);
    POOL_STEPS(
        &r, REDUCE(PERP, TRD_SELL, 3, 1), DELEVERAGE(PERP, TRD_SELL, 3, PERP_PX - 105, D), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_has(&r, D, USD, 100000315, 0);
    cr_assert(eq(i64, sums_of(&r, D).maintenance, 0));
    rig_fini(&r);
}

/* Who bought options paid for them, in an instrument without a model: 2,080 are left for 4, so 520
 * each. */
Test(liquidation_portfolio, options_that_others_bought_are_given_up_without_a_model) {
    rig r;
    world w = world_usual();
    w.fund_is_closed = true;
    w.is_grouped = true;
    folio_init(&r, &w);
    rig_deposit(&r, A, USD, 80);
    rig_deal(&r, B, A, CALL, 4, 500);
    rig_mark(&r, CALL, 5000);
    POOL_STEPS(
        &r, REDUCE(CALL, TRD_BUY, 4, 10000000), DELEVERAGE(CALL, TRD_BUY, 4, 520, B), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_has(&r, B, USD, 100000000 + 80, 0);
    rig_fini(&r);
}

/* The fund is a portfolio, too, and has the lots in its sums. */
Test(liquidation_portfolio, a_fund_of_the_same_mode_takes_over_without_a_model) {
    rig r;
    world w = world_usual();
    w.is_grouped = true;
    folio_init(&r, &w);
    rig_open(&r, D, TRD_MODE_PORTFOLIO, false);
    rig_open(&r, FUND, TRD_MODE_PORTFOLIO, false);
    rig_deposit(&r, FUND, USD, 1000);
    rig_deposit(&r, A, USD, 315);
    rig_deal(&r, A, D, PERP, 3, PERP_PX);
    rig_mark(&r, PERP, PERP_PX - 110);
    POOL_STEPS(
        &r, REDUCE(PERP, TRD_SELL, 3, 1), TAKEOVER(PERP, TRD_SELL, 3, PERP_PX - 105), DONE(0));
    cr_assert(eq(i64, sums_of(&r, FUND).maintenance, 285));
    cr_assert(eq(i64, sums_of(&r, FUND).equity, 985)); /* 5 above the mark */
    rig_fini(&r);
}

/* Orders far below what is needed: the fund pays what fills lost beyond the equity. */
Test(liquidation_portfolio, the_fund_pays_what_a_pool_without_positions_lacks) {
    rig r;
    const world w = world_usual();
    folio_init(&r, &w);
    rig_deposit(&r, FUND, USD, 1000);
    rig_deposit(&r, A, USD, 315);
    rig_deal(&r, A, B, PERP, 3, PERP_PX);
    rig_bid(&r, C, PERP, 10, PERP_PX - 200);
    rig_mark(&r, PERP, PERP_PX - 110);
    POOL_STEPS(
        &r, REDUCE(PERP, TRD_SELL, 3, 1), FEE(PERP, TRD_SELL, 3, 0), INSURED(0, 285), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_has(&r, FUND, USD, 715, 0);
    rig_fini(&r);
}

/* --- other arrays ----------------------------------------------------------------------------- */

/* Twice the loss: 570, and 315 are there. It is seen with the next command, whichever: one lot
 * would leave 380, two 190. */
Test(liquidation_portfolio, an_array_that_is_set_anew_is_seen_behind_the_next_command) {
    rig r;
    const world w = world_usual();
    folio_init(&r, &w);
    rig_deposit(&r, A, USD, 315);
    rig_deal(&r, A, B, PERP, 3, PERP_PX);
    rig_bid(&r, C, PERP, 10, PERP_PX);
    trd_scenario_array twice = FUTURE;
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        twice.loss[i] *= 2;
    }
    array_is(&r, PERP, twice, 0);
    cr_assert(eq(int, trd_engine_audit(r.engine), TRD_OK));
    rig_deposit(&r, E, USD, 1);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 2, 1), FEE(PERP, TRD_SELL, 2, 0), DONE(0));
    rig_level(&r, 0, A, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_CALL);
    rig_level(&r, 1, A, TRD_MARGIN_FINE, TRD_MARGIN_LIQUIDATE);
    rig_fini(&r);
}

/* --- what does not fit ------------------------------------------------------------------------ */

/* A lot of either month wins or loses 2^61: 4 long and 4 short need but 80 for their spreads. Of
 * one side alone, or of 4 lots that are not hedged, nobody could say what is needed: 2^63. So no
 * number of lots helps, and none is sold. The 76 that are left are what the fund may pay less for
 * the first side; then nothing is known of the other, and it waits. */
Test(liquidation_portfolio, what_no_number_can_hold_is_waited_for) {
    rig r;
    const world w = world_usual();
    const trd_amt most = INT64_C(1) << 61;
    const trd_scenario_array large = {.loss = {most, -most}, .delta = 1000000};
    const trd_unit unit = {.account = A, .asset = USD, .kind = TRD_UNIT_POOL};
    trd_margin_state state;
    folio_init(&r, &w);
    rig_deposit(&r, A, USD, 1000);
    rig_deal(&r, A, B, PERP, 4, PERP_PX);
    rig_deal(&r, B, A, MINI, 4, MINI_PX);
    withdraw(&r, A, 912);
    array_is(&r, PERP, large, 0);
    array_is(&r, MINI, large, 1);
    cr_assert(eq(i64, sums_of(&r, A).maintenance, 80));
    rig_mark(&r, MINI, MINI_PX + 3);
    POOL_STEPS(&r, TAKEOVER(PERP, TRD_SELL, 4, PERP_PX - 19), WAIT(0, 0, 0));
    rig_lots(&r, A, MINI, TRD_POSITION_NET, -4);
    cr_assert(eq(int,
        trd_monitor_state(trd_engine_monitor(r.engine), trd_engine_accounts(r.engine),
            trd_engine_risk(r.engine), &unit, &state),
        TRD_E_RANGE));
    rig_fini(&r);
}
