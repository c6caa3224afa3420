/* test_risk_withdraw.c - money that leaves: docs/reference/risk.md. A tick x lot is one minor unit,
 * 10,000 in each account, initial margin 10 %. */
#include "risk_rig.h"

static trd_amt most(const gate *g, uint32_t account, uint32_t asset) {
    trd_amt out = -1;
    cr_assert(eq(int, trd_risk_withdrawable(g->k, g->r->a, account, asset, &out), TRD_OK));
    return out;
}

Test(risk_withdraw, without_positions_all_that_is_free_may_leave) {
    gate g = gate_new();
    cr_assert(eq(i64, most(&g, A, USD), MONEY));
    gate_order(&g, 1, A, TRD_BUY, 10, 100); /* locks 100 and a fee of 10 */
    cr_assert(eq(i64, most(&g, A, USD), MONEY - 110));
    for (uint8_t mode = TRD_MODE_CASH; mode <= TRD_MODE_MULTI; mode++) {
        gate_mode(&g, A, mode);
        cr_assert(eq(i64, most(&g, A, USD), MONEY - 110));
    }
    gate_free(&g);
}

Test(risk_withdraw, a_loss_that_is_not_realised_stays) {
    gate g = gate_new();
    gate_fill(&g, A, FUT, TRD_BUY, 10, 100); /* of no order: nothing is locked */
    gate_mode(&g, A, TRD_MODE_CROSS);
    gate_mark(&g, FUT, 100); /* needs 100 */
    cr_assert(eq(i64, most(&g, A, USD), 9900));
    gate_mark(&g, FUT, 60); /* has lost 400, needs 60 */
    cr_assert(eq(i64, most(&g, A, USD), 9540));
    gate_mark(&g, FUT, 120); /* has won 200, which is not there yet, and needs 120 */
    cr_assert(eq(i64, most(&g, A, USD), 9880));
    gate_mode(&g, A, TRD_MODE_ISOLATED); /* stands on its collateral */
    cr_assert(eq(i64, most(&g, A, USD), MONEY));
    gate_free(&g);
}

/* The numbers of the page: 1,000 in all, of which the position keeps 100. */
Test(risk_withdraw, what_is_locked_for_the_position_counts_for_it) {
    gate g = gate_new();
    gate_mode(&g, A, TRD_MODE_CROSS);
    gate_withdraw(&g, A, USD, 1000);
    gate_fill(&g, A, FUT, TRD_BUY, 10, 100);
    OK(g.r, collateral, A, FUT, TRD_POSITION_NET, 100);
    cr_assert(eq(i64, most(&g, A, USD), 900));
    gate_mark(&g, FUT, 60);
    cr_assert(eq(i64, most(&g, A, USD), 540));
    gate_mark(&g, FUT, 120);
    cr_assert(eq(i64, most(&g, A, USD), 880));
    gate_mark(&g, FUT, 1); /* lost 990: nothing is left to take */
    cr_assert(eq(i64, most(&g, A, USD), 9));
    gate_withdraw(&g, A, USD, 0); /* the accounts themselves do not ask */
    cr_assert(eq(i64, most(&g, A, USD), 0));
    gate_free(&g);
}

Test(risk_withdraw, orders_keep_what_is_held_for_them) {
    gate g = gate_new();
    gate_mode(&g, A, TRD_MODE_CROSS);
    gate_fill(&g, A, FUT, TRD_BUY, 10, 100);
    gate_order(&g, 1, A, TRD_BUY, 10, 100);     /* worst case 20: 110 for its own lots */
    cr_assert(eq(i64, most(&g, A, USD), 9790)); /* 10,000 - 110 - 100 */
    gate_free(&g);
}

Test(risk_withdraw, the_leverage_of_the_account_counts) {
    gate g = gate_new();
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(g.r->a, A, &terms), TRD_OK));
    terms.mode = TRD_MODE_LEVERAGE;
    terms.leverage = 300; /* 3 times: a third of 1,000 is 333.3 */
    cr_assert(eq(int, trd_accounts_open(g.r->a, A, &terms), TRD_OK));
    gate_fill(&g, A, FUT, TRD_SELL, 10, 100);
    cr_assert(eq(i64, most(&g, A, USD), 10000 - 334));
    terms.leverage = 2000; /* 20 times: the model asks for more */
    cr_assert(eq(int, trd_accounts_open(g.r->a, A, &terms), TRD_OK));
    cr_assert(eq(i64, most(&g, A, USD), 10000 - 100));
    gate_free(&g);
}

Test(risk_withdraw, options_that_were_sold_count_at_their_value) {
    gate g = gate_new();
    gate_mode(&g, A, TRD_MODE_CROSS);
    gate_mode(&g, B, TRD_MODE_CROSS);
    gate_fill(&g, A, OPT, TRD_SELL, 10, 100); /* got 1,000, owes 1,000, needs 100 */
    gate_fill(&g, B, OPT, TRD_BUY, 10, 100);  /* paid: needs nothing */
    cr_assert(eq(i64, most(&g, A, USD), 11000 - 1000 - 100));
    cr_assert(eq(i64, most(&g, B, USD), 9000));
    gate_mark(&g, OPT, 200);
    cr_assert(eq(i64, most(&g, A, USD), 11000 - 2000 - 200));
    cr_assert(eq(i64, most(&g, B, USD), 9000));
    gate_free(&g);
}

Test(risk_withdraw, nothing_leaves_where_something_is_not_known) {
    gate g = gate_new();
    gate_mode(&g, A, TRD_MODE_FLAT);
    gate_fill(&g, A, FUT, TRD_BUY, 1, 100);
    cr_assert(eq(i64, most(&g, A, USD), 9990));
    trd_risk_reset(g.k); /* forgets the models */
    cr_assert(eq(i64, most(&g, A, USD), 0));
    const uint32_t other = rig_instrument(g.r, TRD_INSTRUMENT_LINEAR);
    gate_model(&g, other, 100000);
    gate_fill(&g, B, other, TRD_BUY, 1, 100); /* has a model, but no mark */
    cr_assert(eq(i64, most(&g, B, USD), 0));
    gate_mark(&g, other, 100);
    cr_assert(eq(i64, most(&g, B, USD), 9990));
    gate_mode(&g, B, TRD_MODE_PORTFOLIO);
    cr_assert(eq(i64, most(&g, B, USD), 0));
    gate_free(&g);
}

Test(risk_withdraw, who_owes_takes_nothing) {
    gate g = gate_new();
    OK(g.r, loan, A, USD, 50, 0);
    cr_assert(eq(i64, most(&g, A, USD), 0));
    OK(g.r, loan, A, USD, -50, 0);
    cr_assert(eq(i64, most(&g, A, USD), MONEY));
    gate_free(&g);
}

Test(risk_withdraw, errors) {
    gate g = gate_new();
    trd_amt out = 5;
    cr_assert(eq(int, trd_risk_withdrawable(NULL, g.r->a, A, USD, &out), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_withdrawable(g.k, NULL, A, USD, &out), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_withdrawable(g.k, g.r->a, A, USD, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_withdrawable(g.k, g.r->a, 7, USD, &out), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_withdrawable(g.k, g.r->a, 8, USD, &out), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_withdrawable(g.k, g.r->a, A, 60, &out), TRD_E_UNKNOWN));
    cr_assert(eq(i64, out, 5));
    cr_assert(eq(i64, most(&g, A, BTC), 0)); /* it never had any */
    gate_free(&g);
}
