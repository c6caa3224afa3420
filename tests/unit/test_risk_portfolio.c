/* test_risk_portfolio.c - accounts of mode PORTFOLIO: what their groups need, what orders hold, and
 * when they pass. Groups, arrays and numbers are those of docs/reference/margin.md, "Scenarios". */
#include "portfolio_rig.h"

#include "acct/state.h"

/* With `amount` free the order passes; with one less it does not, for what was compared. */
static void passes_from(gate *g, const trd_ask *ask, trd_amt amount, int64_t measured) {
    has(g, amount - 1);
    const trd_verdict verdict = gate_check(g, ask);
    cr_assert(eq(u32, verdict.reason, TRD_REJECT_MARGIN));
    cr_assert(eq(u8, verdict.scope, 0));
    cr_assert(eq(i64, verdict.measured, measured));
    cr_assert(eq(i64, verdict.limit, measured - 1));
    has(g, amount);
    EXPECT_PASS(g, ask);
    has(g, amount + 1);
    EXPECT_PASS(g, ask);
}

static void is_unknown(gate *g, const trd_ask *ask) {
    const trd_verdict verdict = gate_check(g, ask);
    cr_assert(eq(u32, verdict.reason, TRD_REJECT_MARGIN));
    cr_assert(eq(i64, verdict.measured, INT64_MAX));
    cr_assert(eq(i64, verdict.limit, rig_free_of(g->r, A, USD)));
}

/* --- what groups need ------------------------------------------------------------------------- */

/* Long 3 in month 0, short 2 in month 1: scan 95, two spreads 40. */
Test(risk_portfolio, a_calendar_needs_its_scan_and_its_spreads) {
    gate g = folio_new();
    fill(&g, NEAR, TRD_BUY, 3, 100);
    cr_assert(eq(i64, state_of(&g).initial, 314)); /* 285 x 1.1 = 313.5 */
    fill(&g, FAR, TRD_SELL, 2, 100);
    cr_assert(eq(i64, state_of(&g).maintenance, 135));
    cr_assert(eq(i64, state_of(&g).initial, 149)); /* 148.5 */
    trd_scenario_sums sums;
    cr_assert(eq(int, trd_risk_sums(g.k, A, GROUP, &sums), TRD_OK));
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        cr_assert(eq(i64, sums.loss[i], FUTURE.loss[i]));
    }
    cr_assert(eq(i64, sums.delta[0], 3000000));
    cr_assert(eq(i64, sums.delta[1], -2000000));
    cr_assert(eq(i64, sums.short_lots, 0));
    fill(&g, NEAR, TRD_SELL, 3, 100);
    fill(&g, FAR, TRD_BUY, 2, 100);
    cr_assert(eq(i64, state_of(&g).initial, 0));
    folio_free(&g);
}

/* Group 0 is long 2 futures (190), group 1 short 3 (285). One spread of 1 against 2 at 70 % credits
 * 66 and 133; a second pair of 1 against 1 at 50 % credits 47 each. */
Test(risk_portfolio, pairs_earn_credits_in_their_order) {
    gate g = folio_new();
    fill(&g, NEAR, TRD_BUY, 2, 100);
    fill(&g, OTHER, TRD_SELL, 3, 100);
    cr_assert(eq(i64, state_of(&g).initial, 209 + 314));
    trd_scenario_pair pair = {.group_a = GROUP,
        .group_b = SECOND,
        .delta_a = 1000000,
        .delta_b = 2000000,
        .credit_ppm = 700000};
    cr_assert(eq(int, trd_risk_pair(g.k, &pair), TRD_OK));
    cr_assert(eq(i64, state_of(&g).maintenance, 124 + 152));
    cr_assert(eq(i64, state_of(&g).initial, 137 + 168)); /* 136.4, 167.2 */
    pair.delta_b = 1000000;
    pair.credit_ppm = 500000;
    cr_assert(eq(int, trd_risk_pair(g.k, &pair), TRD_OK));
    cr_assert(eq(i64, state_of(&g).maintenance, 77 + 105));
    cr_assert(eq(i64, state_of(&g).initial, 85 + 116)); /* 84.7, 115.5 */
    folio_free(&g);
}

/* In the other order that pair takes two and two, 95 and 95, and the first has none. */
Test(risk_portfolio, pairs_that_were_made_first_take_first) {
    gate g = folio_new();
    fill(&g, NEAR, TRD_BUY, 2, 100);
    fill(&g, OTHER, TRD_SELL, 3, 100);
    trd_scenario_pair pair = {.group_a = GROUP,
        .group_b = SECOND,
        .delta_a = 1000000,
        .delta_b = 1000000,
        .credit_ppm = 500000};
    cr_assert(eq(int, trd_risk_pair(g.k, &pair), TRD_OK));
    pair.delta_b = 2000000;
    pair.credit_ppm = 700000;
    cr_assert(eq(int, trd_risk_pair(g.k, &pair), TRD_OK));
    cr_assert(eq(i64, state_of(&g).maintenance, 95 + 190));
    folio_free(&g);
}

/* Four short options that can lose 1 each, at least 10 each; options that were bought take nothing
 * off. */
Test(risk_portfolio, short_options_need_their_minimum) {
    gate g = folio_new();
    fill(&g, OPT, TRD_SELL, 4, 100);
    cr_assert(eq(i64, state_of(&g).maintenance, 40));
    cr_assert(eq(i64, state_of(&g).initial, 44));
    fill(&g, OPT, TRD_BUY, 4, 100);
    fill(&g, OPT, TRD_BUY, 1, 100);
    cr_assert(eq(i64, state_of(&g).maintenance, 0)); /* one long lot never loses */
    folio_free(&g);
}

/* Of a hedged account both sides count: futures net, short options whole. */
Test(risk_portfolio, both_sides_of_a_hedged_account_count) {
    gate g = folio_new();
    enter(&g, HEDGED);
    static const struct {
        uint32_t instrument;
        uint8_t side;
        uint8_t position;
        trd_qty qty;
        trd_amt maintenance;
    } steps[] = {{NEAR, TRD_BUY, TRD_POSITION_LONG, 3, 285},
        {NEAR, TRD_SELL, TRD_POSITION_SHORT, 2, 95}, {NEAR, TRD_SELL, TRD_POSITION_SHORT, 1, 0},
        {OPT, TRD_BUY, TRD_POSITION_LONG, 5, 0}, {OPT, TRD_SELL, TRD_POSITION_SHORT, 4, 40}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        trd_leg own = rig_leg(HEDGED);
        own.position = steps[i].position;
        own.free_of_fees = 1;
        const bool buys = steps[i].side == TRD_BUY;
        const trd_execution x = rig_execution(steps[i].instrument, buys ? own : rig_outside(),
            buys ? rig_outside() : own, steps[i].qty, 100);
        trd_holding before, after;
        trd_accounts_position(g.r->a, HEDGED, x.instrument, own.position, &before);
        OK(g.r, execute, &x);
        trd_accounts_position(g.r->a, HEDGED, x.instrument, own.position, &after);
        moved(&g, HEDGED, x.instrument, before.qty, after.qty);
        folio_sound(&g);
        trd_portfolio state;
        cr_assert(eq(int, trd_risk_portfolio(g.k, g.r->a, HEDGED, USD, &state), TRD_OK));
        cr_assert(eq(i64, state.maintenance, steps[i].maintenance), "step %zu", i);
    }
    folio_free(&g);
}

/* 1000 free, 500 of a loan, an order that holds 106. Futures bought at 100 and now 110 gain 30;
 * four options sold are worth -48 at 12. */
Test(risk_portfolio, equity_is_money_profit_and_options) {
    gate g = folio_new();
    fill(&g, NEAR, TRD_BUY, 3, 100);
    fill(&g, OPT, TRD_SELL, 4, 10);
    has(&g, 1000);
    OK(g.r, loan, A, USD, 500, 1);
    trd_ask ask = ask_of(A, NEAR, TRD_BUY, 1, 100);
    gate_accept(&g, &ask, 1);
    gate_mark(&g, NEAR, 110);
    gate_mark(&g, OPT, 12);
    const trd_portfolio state = state_of(&g);
    cr_assert(eq(i64, state.equity, 1000 + 30 - 48));
    cr_assert(eq(i64, state.maintenance, 285));
    cr_assert(eq(i64, state.initial, 314));
    cr_assert(eq(i64, state.held, 106));
    cr_assert(eq(i64, state.available, 982 - 314 - 106));
    folio_free(&g);
}

/* What may leave is what is not needed, whatever else there is; never more than is free. */
Test(risk_portfolio, available_is_at_most_what_is_free) {
    gate g = folio_new();
    has(&g, 500);
    fill(&g, PLAIN, TRD_BUY, 1, 100);
    cr_assert(eq(i64, state_of(&g).available, 500));
    gate_mark(&g, PLAIN, 10); /* a loss of 90, and nothing in a group */
    cr_assert(eq(i64, state_of(&g).available, 500 - 90));
    fill(&g, NEAR, TRD_BUY, 1, 100);
    cr_assert(eq(i64, state_of(&g).available, 500 - 90 - 105)); /* 104.5 */
    gate_mark(&g, PLAIN, 400);
    cr_assert(eq(i64, state_of(&g).available, 500));
    has(&g, 10);
    gate_mark(&g, PLAIN, 10);
    cr_assert(eq(i64, state_of(&g).available, 10 - 90 - 105));
    folio_free(&g);
}

/* Long 3: 314. Nothing from who has less than that, or owes. */
Test(risk_portfolio, what_may_leave_is_what_is_available) {
    gate g = folio_new();
    trd_amt most = 0;
    fill(&g, NEAR, TRD_BUY, 3, 100);
    has(&g, 1000);
    cr_assert(eq(int, trd_risk_withdrawable(g.k, g.r->a, A, USD, &most), TRD_OK));
    cr_assert(eq(i64, most, 1000 - 314));
    has(&g, 313);
    cr_assert(eq(int, trd_risk_withdrawable(g.k, g.r->a, A, USD, &most), TRD_OK));
    cr_assert(eq(i64, most, 0));
    OK(g.r, loan, A, USD, 1, 1);
    has(&g, 1000);
    cr_assert(eq(int, trd_risk_withdrawable(g.k, g.r->a, A, USD, &most), TRD_OK));
    cr_assert(eq(i64, most, 0));
    folio_free(&g);
}

/* --- what orders hold, and when they pass ----------------------------------------------------- */

Test(risk_portfolio, an_order_holds_what_its_lots_need_by_themselves) {
    gate g = folio_new();
    set_array(&g, OPT, GROUP, PUT, 0);
    static const struct {
        uint32_t instrument;
        uint8_t side;
        trd_amt per_lot;
        trd_amt fees;
    } rows[] = {
        {NEAR, TRD_BUY, 105, 2},                           /* 95 x 1.1 = 104.5; 1 % of 200 */
        {NEAR, TRD_SELL, 105, 2}, {OPT, TRD_SELL, 105, 0}, /* a put that was sold loses 95 */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const trd_ask ask = ask_of(A, rows[i].instrument, rows[i].side, 2, 100);
        const trd_verdict verdict = gate_check(&g, &ask);
        cr_assert(eq(u32, verdict.reason, 0));
        cr_assert(eq(u8, verdict.hold.kind, TRD_HOLD_MARGIN));
        cr_assert(eq(u32, verdict.hold.margin_ppm, 0));
        cr_assert(eq(i64, verdict.hold.margin_per_lot, rows[i].per_lot));
        cr_assert(eq(i64, verdict.need, 2 * rows[i].per_lot + rows[i].fees));
        cr_assert(eq(i64, verdict.free_after, MONEY - verdict.need));
    }
    set_array(&g, OPT, GROUP, OPTION, 0); /* loses 1, and has a minimum of 10 */
    const trd_ask sells = ask_of(A, OPT, TRD_SELL, 2, 100);
    cr_assert(eq(i64, gate_check(&g, &sells).hold.margin_per_lot, 11));
    const trd_ask buys = ask_of(A, OPT, TRD_BUY, 2, 100); /* paid in full */
    cr_assert(eq(u8, gate_check(&g, &buys).hold.kind, TRD_HOLD_FULL));
    cr_assert(eq(i64, gate_check(&g, &buys).hold.margin_per_lot, 0));
    folio_free(&g);
}

/* 106 for the order, 149 for what is there. */
Test(risk_portfolio, an_order_passes_if_positions_leave_what_it_needs) {
    gate g = folio_new();
    fill(&g, NEAR, TRD_BUY, 3, 100);
    fill(&g, FAR, TRD_SELL, 2, 100);
    const trd_ask ask = ask_of(A, NEAR, TRD_BUY, 1, 100);
    passes_from(&g, &ask, 255, 106);
    gate_mark(&g, FAR, 110); /* a loss of 20 */
    passes_from(&g, &ask, 275, 106);
    folio_free(&g);
}

/* Without positions it is the free money; what other orders hold is not free, nor counted twice. */
Test(risk_portfolio, an_order_passes_if_other_orders_leave_what_it_needs) {
    gate g = folio_new();
    const trd_ask ask = ask_of(A, NEAR, TRD_BUY, 1, 100);
    passes_from(&g, &ask, 106, 106);
    trd_ask first = ask_of(A, FAR, TRD_BUY, 1, 100);
    has(&g, 212);
    gate_accept(&g, &first, 1);
    passes_from(&g, &ask, 106, 106);
    fill(&g, OTHER, TRD_BUY, 1, 100);
    passes_from(&g, &ask, 106 + 105, 106);
    folio_free(&g);
}

/* Long 3: 314. Two short in the other month need 149 together with them, and hold 212. */
Test(risk_portfolio, a_hedge_passes_on_free_money_alone) {
    gate g = folio_new();
    fill(&g, NEAR, TRD_BUY, 3, 100);
    trd_ask hedge = ask_of(A, FAR, TRD_SELL, 2, 100);
    passes_from(&g, &hedge, 212, 212);
    const trd_ask more = ask_of(A, FAR, TRD_BUY, 1, 100);
    has(&g, 419);
    EXPECT_REASON(&g, &more, MARGIN); /* 106 and 314 */
    /* Another two behind it leave one future short: 95, and three spreads 60. Three more turn it:
     * four short, and more than was needed before. */
    has(&g, 1060);
    gate_accept(&g, &hedge, 1);
    has(&g, 318);
    trd_ask second = ask_of(A, FAR, TRD_SELL, 2, 100);
    EXPECT_PASS(&g, &second);
    second.qty = 3; /* scan 190 + 60, 275 */
    EXPECT_PASS(&g, &second);
    second.qty = 4; /* 285 + 60, 380 */
    has(&g, 424);
    EXPECT_REASON(&g, &second, MARGIN);
    folio_free(&g);
}

/* A hedge that needs exactly what was needed before is one; one that needs 1 more is not. Long 2:
 * 209. Short 4 in the other month: 190 and two spreads. */
Test(risk_portfolio, a_hedge_needs_no_more_than_before) {
    static const struct {
        trd_amt charge;
        uint32_t reason;
    } rows[] = {{0, 0}, {1, TRD_REJECT_MARGIN}};
    for (size_t i = 0; i < 2; i++) {
        trd_scenario_group terms = TERMS;
        const trd_risk_def def = folio_def();
        terms.spreads[0].charge = rows[i].charge;
        gate g = folio_of(&def, &terms);
        fill(&g, NEAR, TRD_BUY, 2, 100);
        has(&g, 424);
        const trd_ask ask = ask_of(A, FAR, TRD_SELL, 4, 100);
        cr_assert(eq(u32, gate_reason(&g, &ask), rows[i].reason));
        folio_free(&g);
    }
}

/* A charge of 200 per spread. Long 3: 314. One short in the other month: 190 + 200, 429, and a fee
 * of 1: more than its own 106. */
Test(risk_portfolio, charges_between_months_must_be_there_too) {
    trd_scenario_group terms = TERMS;
    const trd_risk_def def = folio_def();
    terms.spreads[0].charge = 200;
    gate g = folio_of(&def, &terms);
    fill(&g, NEAR, TRD_BUY, 3, 100);
    const trd_ask ask = ask_of(A, FAR, TRD_SELL, 1, 100);
    passes_from(&g, &ask, 430, 430);
    folio_free(&g);
}

/* An option that loses nothing, and has neither minimum nor fees, holds nothing; but sold in the
 * other month it makes a spread: 285 + 200. */
Test(risk_portfolio, charges_are_asked_of_what_holds_nothing) {
    trd_scenario_group terms = TERMS;
    const trd_risk_def def = folio_def();
    const trd_scenario_array idle = {.delta = 1000000, .is_option = 1};
    terms.spreads[0].charge = 200;
    terms.short_min = 0;
    gate g = folio_of(&def, &terms);
    set_array(&g, OPT, GROUP, idle, 1);
    fill(&g, NEAR, TRD_BUY, 3, 100);
    const trd_ask ask = ask_of(A, OPT, TRD_SELL, 1, 100);
    passes_from(&g, &ask, 534, 534); /* 533.5 */
    cr_assert(eq(i64, gate_check(&g, &ask).need, 0));
    folio_free(&g);
}

Test(risk_portfolio, what_reduces_needs_its_fees_alone) {
    gate g = folio_new();
    fill(&g, NEAR, TRD_BUY, 3, 100);
    const trd_ask ask = ask_of(A, NEAR, TRD_SELL, 3, 100);
    has(&g, 3);
    const trd_verdict verdict = gate_check(&g, &ask);
    cr_assert(eq(u32, verdict.reason, 0));
    cr_assert(eq(i64, verdict.need, 3));
    cr_assert(eq(i64, verdict.hold.margin_per_lot, 0));
    has(&g, 2);
    EXPECT_REASON(&g, &ask, BALANCE);
    folio_free(&g);
}

Test(risk_portfolio, what_is_not_known_does_not_pass) {
    gate g = folio_new();
    const trd_ask ask = ask_of(A, NEAR, TRD_BUY, 1, 100);
    trd_ask plain = ask_of(A, PLAIN, TRD_BUY, 1, 100);
    const trd_ask inverse = ask_of(A, INV, TRD_SELL, 1, 100); /* a model alone */
    is_unknown(&g, &plain);
    is_unknown(&g, &inverse);
    fill(&g, PLAIN, TRD_BUY, 2, 100);
    plain.side = TRD_SELL;
    EXPECT_PASS(&g, &plain); /* it reduces */
    EXPECT_PASS(&g, &ask);
    cr_assert(eq(int, trd_risk_follow(g.k, g.r->a, A, 0), TRD_OK));
    is_unknown(&g, &ask);
    trd_portfolio state;
    cr_assert(eq(int, trd_risk_portfolio(g.k, g.r->a, A, USD, &state), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_follow(g.k, g.r->a, A, 1), TRD_OK));
    EXPECT_PASS(&g, &ask);
    folio_free(&g);
}

Test(risk_portfolio, every_mark_of_a_position_must_be_there) {
    gate g = folio_new();
    OK(g.r, execute,
        &(trd_execution){.instrument = PLAIN,
            .px = 100,
            .qty = 1,
            .buyer = rig_leg(A),
            .seller = rig_outside()});
    trd__listed(g.r->a, PLAIN)->has_mark = 0;
    const trd_ask ask = ask_of(A, NEAR, TRD_BUY, 1, 100);
    const trd_ask spot = ask_of(A, SPOT, TRD_BUY, 1, 100);
    trd_portfolio state;
    is_unknown(&g, &ask);
    EXPECT_PASS(&g, &spot); /* nothing needs its money */
    cr_assert(eq(int, trd_risk_portfolio(g.k, g.r->a, A, USD, &state), TRD_E_UNKNOWN));
    fill(&g, NEAR, TRD_BUY, 1, 100);
    is_unknown(&g, &spot);
    gate_mark(&g, PLAIN, 100);
    EXPECT_PASS(&g, &ask);
    EXPECT_PASS(&g, &spot);
    folio_free(&g);
}

/* 2^61 a lot: the sums of four do not fit, and are right again with three. */
Test(risk_portfolio, sums_that_do_not_fit_need_more_than_there_is) {
    gate g = folio_new();
    trd_scenario_array vast = FUTURE;
    vast.loss[3] = -((trd_amt)1 << 61);
    set_array(&g, NEAR, GROUP, vast, 0);
    fill(&g, NEAR, TRD_BUY, 5, 100);
    const trd_ask ask = ask_of(A, FAR, TRD_BUY, 1, 100);
    trd_scenario_sums sums;
    trd_portfolio state;
    is_unknown(&g, &ask);
    cr_assert(eq(int, trd_risk_sums(g.k, A, GROUP, &sums), TRD_E_RANGE));
    cr_assert(eq(int, trd_risk_portfolio(g.k, g.r->a, A, USD, &state), TRD_E_RANGE));
    fill(&g, NEAR, TRD_SELL, 1, 100);
    cr_assert(eq(int, trd_risk_sums(g.k, A, GROUP, &sums), TRD_OK)); /* -2^63 */
    cr_assert(eq(i64, sums.loss[3], INT64_MIN));
    fill(&g, NEAR, TRD_SELL, 3, 100);
    cr_assert(eq(int, trd_risk_sums(g.k, A, GROUP, &sums), TRD_OK));
    cr_assert(eq(i64, sums.loss[3], vast.loss[3]));
    EXPECT_PASS(&g, &ask);
    folio_free(&g);
}

/* Two lots in each of two groups: nearly 2^63 each. */
Test(risk_portfolio, needs_that_do_not_fit_together_are_not_known) {
    gate g = folio_new();
    trd_scenario_array vast = FUTURE;
    vast.loss[0] = (trd_amt)(((trd_wide)1 << 62) * 10 / 11) - 1;
    set_array(&g, NEAR, GROUP, vast, 0);
    set_array(&g, OTHER, SECOND, vast, 0);
    fill(&g, NEAR, TRD_BUY, 2, 100);
    cr_assert(eq(i64, state_of(&g).initial, INT64_MAX - 2)); /* 2^63 less 3.6, up */
    fill(&g, OTHER, TRD_BUY, 2, 100);
    trd_portfolio state;
    cr_assert(eq(int, trd_risk_portfolio(g.k, g.r->a, A, USD, &state), TRD_E_RANGE));
    const trd_ask ask = ask_of(A, FAR, TRD_BUY, 1, 100);
    const trd_ask spot = ask_of(A, SPOT, TRD_BUY, 1, 100);
    is_unknown(&g, &ask);
    is_unknown(&g, &spot);
    folio_free(&g);
}

/* Seven lots of 2^60 need less than 2^63, 1.1 times as much too; of eight nothing is known. */
Test(risk_portfolio, what_would_not_fit_does_not_pass) {
    gate g = folio_new();
    const trd_amt vast = (trd_amt)1 << 60;
    trd_scenario_array future = FUTURE;
    trd_scenario_array option = OPTION;
    future.loss[0] = option.loss[0] = vast;
    set_array(&g, NEAR, GROUP, future, 0);
    set_array(&g, OPT, GROUP, option, 0);
    fill(&g, NEAR, TRD_BUY, 7, 100);
    /* 7.7 x 2^60, in whole tenths: 77 x 2^60 / 10, up. */
    cr_assert(eq(i64, state_of(&g).initial, (trd_amt)(((trd_wide)77 * vast + 9) / 10)));
    const trd_ask future_more = ask_of(A, NEAR, TRD_BUY, 1, 100);
    const trd_ask option_more = ask_of(A, OPT, TRD_BUY, 1, 100);
    is_unknown(&g, &future_more);
    is_unknown(&g, &option_more);
    const trd_ask less = ask_of(A, NEAR, TRD_SELL, 1, 100);
    EXPECT_PASS(&g, &less);
    folio_free(&g);
}

/* 10 times as much as is below 2^63 is not. */
Test(risk_portfolio, a_margin_that_does_not_fit_is_not_said) {
    trd_scenario_group terms = TERMS;
    terms.initial_ppm = 10000000;
    const trd_risk_def def = folio_def();
    gate g = folio_of(&def, &terms);
    trd_scenario_array vast = FUTURE;
    vast.loss[0] = (trd_amt)1 << 58; /* 10 times that is an amount */
    set_array(&g, NEAR, GROUP, vast, 0);
    fill(&g, NEAR, TRD_BUY, 3, 100); /* 30 x 2^58 are below 2^63 */
    cr_assert(eq(i64, state_of(&g).initial, 30 * vast.loss[0]));
    fill(&g, NEAR, TRD_BUY, 1, 100);
    trd_portfolio state;
    trd_scenario_sums sums;
    cr_assert(eq(int, trd_risk_portfolio(g.k, g.r->a, A, USD, &state), TRD_E_RANGE));
    cr_assert(eq(int, trd_risk_sums(g.k, A, GROUP, &sums), TRD_OK));
    cr_assert(eq(i64, sums.loss[0], 4 * vast.loss[0]));
    folio_free(&g);
}

/* 2^62 a lot: two are none that can be said, in a group that nothing is in as in one with a lot. */
Test(risk_portfolio, deltas_that_do_not_fit_are_not_known) {
    gate g = folio_new();
    trd_scenario_array steep = {.delta = (int64_t)1 << 62, .loss = {1}};
    trd_scenario_sums sums;
    set_array(&g, OTHER, SECOND, steep, 0);
    trd_ask ask = ask_of(A, OTHER, TRD_BUY, 2, 100);
    is_unknown(&g, &ask);
    ask.qty = 1;
    EXPECT_PASS(&g, &ask);
    fill(&g, OTHER, TRD_BUY, 1, 100);
    is_unknown(&g, &ask);
    fill(&g, OTHER, TRD_BUY, 1, 100);
    cr_assert(eq(int, trd_risk_sums(g.k, A, SECOND, &sums), TRD_E_RANGE));
    folio_free(&g);
}

/* 7.7 x 2^60 are needed, and A owes 10^18 that it has no more: together more than 2^63. */
Test(risk_portfolio, what_is_available_may_be_too_little_to_be_said) {
    gate g = folio_new();
    trd_scenario_array vast = FUTURE;
    vast.loss[0] = (trd_amt)1 << 60;
    set_array(&g, NEAR, GROUP, vast, 0);
    fill(&g, NEAR, TRD_BUY, 7, 100);
    OK(g.r, loan, A, USD, INT64_C(1000000000000000000), 0);
    has(&g, 0);
    trd_portfolio state;
    cr_assert(eq(int, trd_risk_portfolio(g.k, g.r->a, A, USD, &state), TRD_E_RANGE));
    fill(&g, NEAR, TRD_SELL, 1, 100);
    cr_assert(eq(i64, state_of(&g).equity, -INT64_C(1000000000000000000)));
    folio_free(&g);
}

Test(risk_portfolio, overrides_do_not_pass_over_margin) {
    gate g = folio_new();
    fill(&g, NEAR, TRD_BUY, 3, 100);
    trd_ask ask = ask_of(A, NEAR, TRD_BUY, 1, 100);
    ask.actor = ADMIN;
    ask.override = 1;
    has(&g, 419);
    EXPECT_REASON(&g, &ask, MARGIN);
    has(&g, 420);
    EXPECT_PASS(&g, &ask);
    folio_free(&g);
}

/* --- amendments ------------------------------------------------------------------------------- */

/* 3 lots hold 318. A fourth makes it 424, of which it has 318: the rest has to be free. Fewer lots
 * are no question, whatever was lost since. */
Test(risk_portfolio, what_an_order_holds_counts_for_it) {
    gate g = folio_new();
    trd_ask ask = ask_of(A, NEAR, TRD_BUY, 3, 100);
    has(&g, 318 + 105);
    gate_accept(&g, &ask, 1);
    ask.kind = TRD_ASK_AMEND;
    ask.qty = 4;
    EXPECT_REASON(&g, &ask, MARGIN);
    has(&g, 106);
    cr_assert(eq(u8, gate_check(&g, &ask).rehold, 0));
    fill(&g, OTHER, TRD_BUY, 1, 100);
    EXPECT_REASON(&g, &ask, MARGIN);
    ask.qty = 2;
    EXPECT_PASS(&g, &ask);
    ask.qty = 4;
    has(&g, 106 + 105);
    gate_accept(&g, &ask, 1);
    cr_assert(eq(i64, rig_held(g.r, 1).amount, 424));
    folio_free(&g);
}

/* 3 lots hold 318; 297 were lost since, and nothing is free. */
Test(risk_portfolio, fewer_lots_are_no_question) {
    gate g = folio_new();
    trd_ask ask = ask_of(A, NEAR, TRD_BUY, 3, 100);
    has(&g, 318);
    gate_accept(&g, &ask, 1);
    fill(&g, PLAIN, TRD_BUY, 3, 100);
    fill(&g, PLAIN, TRD_SELL, 3, 1);
    cr_assert(eq(i64, rig_free_of(g.r, A, USD), -297));
    ask.kind = TRD_ASK_AMEND;
    EXPECT_PASS(&g, &ask);
    ask.qty = 2;
    EXPECT_PASS(&g, &ask);
    ask.qty = 4;
    EXPECT_REASON(&g, &ask, MARGIN); /* fees are there: what it holds covers them */
    folio_free(&g);
}

/* Twice the losses: 209 a lot. What is held follows when the order is amended or released. */
Test(risk_portfolio, orders_follow_a_new_array_when_they_are_asked_again) {
    gate g = folio_new();
    trd_scenario_array twice = FUTURE;
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        twice.loss[i] *= 2;
    }
    trd_ask ask = ask_of(A, NEAR, TRD_BUY, 3, 100);
    has(&g, 318);
    gate_accept(&g, &ask, 1);
    set_array(&g, NEAR, GROUP, twice, 0);
    cr_assert(eq(i64, rig_held(g.r, 1).amount, 318));
    ask.kind = TRD_ASK_RELEASE;
    has(&g, 3 + 627 - 318 - 1);
    EXPECT_REASON(&g, &ask, MARGIN);
    has(&g, 3 + 627 - 318);
    cr_assert(eq(u8, gate_check(&g, &ask).rehold, 1));
    gate_accept(&g, &ask, 1);
    cr_assert(eq(i64, rig_held(g.r, 1).amount, 3 + 627));
    folio_free(&g);
}

/* --- what is paid in full --------------------------------------------------------------------- */

/* Long 3: 314. One bought for 100 and a fee of 1 must leave that much; without positions it is
 * anybody's. */
Test(risk_portfolio, what_is_bought_leaves_what_positions_need) {
    gate g = folio_new();
    const trd_ask spot = ask_of(A, SPOT, TRD_BUY, 1, 100);
    const trd_ask option = ask_of(A, OPT, TRD_BUY, 1, 100);
    has(&g, 101);
    EXPECT_PASS(&g, &spot);
    EXPECT_PASS(&g, &option);
    fill(&g, NEAR, TRD_BUY, 3, 100);
    passes_from(&g, &spot, 415, 101);
    passes_from(&g, &option, 415, 101);
    fill(&g, SPOT, TRD_SELL, 1, 100);
    passes_from(
        &g, &spot, 415, 101); /* it reduces what was sold, and takes the money all the same */
    fill(&g, OPT, TRD_SELL, 1, 100);
    has(&g, 101);
    EXPECT_PASS(&g, &option); /* an option that was sold is bought back */
    folio_free(&g);
}

/* Long 3, and three puts at 10: scenario 2 costs 15, 16.5 are needed instead of 313.5. They cost 30
 * and a fee of 1. */
Test(risk_portfolio, an_option_that_hedges_may_cost_what_it_makes_free) {
    gate g = folio_new();
    gate_mark(&g, OPT, 10);
    set_array(&g, OPT, GROUP, PUT, 0);
    fill(&g, NEAR, TRD_BUY, 3, 100);
    const trd_ask ask = ask_of(A, OPT, TRD_BUY, 3, 10);
    passes_from(&g, &ask, 31 + 17, 31);
    has(&g, 30);
    EXPECT_REASON(&g, &ask, BALANCE);
    fill(&g, OPT, TRD_BUY, 3, 10);
    cr_assert(eq(i64, state_of(&g).initial, 17));
    cr_assert(eq(i64, state_of(&g).equity, 0 + 30));
    folio_free(&g);
}

/* --- arrays ----------------------------------------------------------------------------------- */

Test(risk_portfolio, positions_move_with_their_array) {
    gate g = folio_new();
    trd_scenario_array array = FUTURE;
    trd_scenario_sums sums;
    gate_fill(&g, B, NEAR, TRD_BUY, 9, 100); /* is not followed */
    fill(&g, NEAR, TRD_BUY, 3, 100);
    fill(&g, FAR, TRD_SELL, 2, 100);
    array.loss[15] = 200;
    array.delta = 2000000;
    set_array(&g, NEAR, GROUP, array, 2);
    folio_sound(&g);
    cr_assert(eq(int, trd_risk_sums(g.k, A, GROUP, &sums), TRD_OK));
    cr_assert(eq(i64, sums.loss[15], 600 - 190));
    cr_assert(eq(i64, sums.delta[0], 0));
    cr_assert(eq(i64, sums.delta[2], 6000000));
    cr_assert(eq(i64, state_of(&g).maintenance, 410)); /* months 1 and 2 spread nothing */
    set_array(&g, NEAR, SECOND, array, 2);
    folio_sound(&g);
    cr_assert(eq(int, trd_risk_sums(g.k, A, GROUP, &sums), TRD_OK));
    cr_assert(eq(i64, sums.loss[15], -190));
    cr_assert(eq(i64, state_of(&g).maintenance, 190 + 600)); /* scenario 15 of the two short */
    cr_assert(eq(int, trd_risk_sums(g.k, A, 2, &sums), TRD_E_UNKNOWN));
    folio_free(&g);
}

/* Short lots of options go with the position too. */
Test(risk_portfolio, short_options_move_with_their_array) {
    gate g = folio_new();
    trd_scenario_sums sums;
    fill(&g, OPT, TRD_SELL, 4, 100);
    set_array(&g, OPT, SECOND, OPTION, 0);
    folio_sound(&g);
    cr_assert(eq(int, trd_risk_sums(g.k, A, GROUP, &sums), TRD_OK));
    cr_assert(eq(i64, sums.short_lots, 0));
    cr_assert(eq(int, trd_risk_sums(g.k, A, SECOND, &sums), TRD_OK));
    cr_assert(eq(i64, sums.short_lots, 4));
    folio_free(&g);
}

/* --- following -------------------------------------------------------------------------------- */

Test(risk_portfolio, positions_from_before_are_counted_when_an_account_is_followed) {
    gate g = folio_new();
    gate_fill(&g, B, NEAR, TRD_BUY, 3, 100);
    gate_fill(&g, B, FAR, TRD_SELL, 2, 100);
    trd_portfolio state;
    cr_assert(eq(int, trd_risk_portfolio(g.k, g.r->a, B, USD, &state), TRD_E_ARG));
    enter(&g, B);
    folio_sound(&g);
    cr_assert(eq(int, trd_risk_portfolio(g.k, g.r->a, B, USD, &state), TRD_OK));
    cr_assert(eq(i64, state.initial, 149));
    /* What risk was not told is found, and counted anew. */
    gate_fill(&g, B, FAR, TRD_BUY, 2, 100);
    cr_assert(trd_risk_audit_portfolios(g.k, g.r->a) < 0);
    cr_assert(eq(int, trd_risk_follow(g.k, g.r->a, B, 1), TRD_OK));
    cr_assert(eq(int, trd_risk_portfolio(g.k, g.r->a, B, USD, &state), TRD_OK));
    cr_assert(eq(i64, state.initial, 314));
    gate_mode(&g, B, TRD_MODE_CROSS);
    cr_assert(trd_risk_audit_portfolios(g.k, g.r->a) < 0);
    cr_assert(eq(int, trd_risk_follow(g.k, g.r->a, B, 0), TRD_OK));
    folio_free(&g);
}

/* One record for two instruments of a group. */
Test(risk_portfolio, an_account_takes_one_record_per_group) {
    trd_risk_def def = folio_def();
    def.portfolios_max = 1;
    gate g = folio_of(&def, &TERMS);
    gate_fill(&g, B, NEAR, TRD_BUY, 3, 100);
    gate_fill(&g, B, FAR, TRD_SELL, 2, 100);
    enter(&g, B);
    folio_free(&g);
}

/* A has nothing yet, and there is one record. */
Test(risk_portfolio, room_is_asked_about_before_an_order_passes) {
    trd_risk_def def = folio_def();
    def.portfolios_max = 1;
    gate g = folio_of(&def, &TERMS);
    trd_ask ask = ask_of(A, NEAR, TRD_BUY, 1, 100);
    trd_ask other = ask_of(A, OTHER, TRD_BUY, 1, 100);
    const trd_verdict passed = gate_check(&g, &other); /* there is room for one of them */
    gate_accept(&g, &ask, 1);
    EXPECT_REASON(&g, &other, NO_CAPACITY);
    other.order = 2;
    cr_assert(eq(int, trd_risk_passed(g.k, &other, &passed), TRD_E_FULL));
    ask.order = 0;
    EXPECT_PASS(&g, &ask);
    other.account = B; /* is not followed */
    EXPECT_REASON(&g, &other, MARGIN);
    const trd_risk_move move = {A, OTHER, 0, 1};
    cr_assert(eq(int, trd_risk_moved(g.k, &move), TRD_E_FULL));
    folio_free(&g);
}

Test(risk_portfolio, without_groups_nothing_passes_that_needs_margin) {
    trd_risk_def def = gate_def();
    def.groups_max = 0;
    def.arrays_max = 0;
    def.pairs_max = 0;
    def.portfolios_max = 0;
    const trd_accounts_def accounts = rig_def();
    gate g = gate_of(&accounts, &def);
    const trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, 100);
    const trd_ask spot = ask_of(A, SPOT, TRD_BUY, 1, 100);
    gate_fill(&g, A, FUT, TRD_SELL, 1, 100);
    enter(&g, A);
    EXPECT_PASS(&g, &ask); /* reduces */
    const trd_ask more = ask_of(A, FUT, TRD_SELL, 1, 100);
    is_unknown(&g, &more);
    EXPECT_PASS(&g, &spot);
    cr_assert(eq(int, trd_risk_group(g.k, USD, &TERMS), TRD_E_FULL));
    cr_assert(eq(i64, state_of(&g).initial, 0));
    folio_free(&g);
}
