/* test_accounts_hold.c - what orders may cost is locked, and given back exactly. Numbers such as
 * S112 are those of the list of cases that hurt users of other engines; the others follow
 * docs/reference/accounts.md. */
#include "accounts_rig.h"

enum {
    SPOT = TRD_INSTRUMENT_SPOT,
    LINEAR = TRD_INSTRUMENT_LINEAR,
    OPTION = TRD_INSTRUMENT_OPTION,
    FULL = TRD_HOLD_FULL,
    MARGIN = TRD_HOLD_MARGIN,
    NOTHING = TRD_HOLD_NOTHING,
    TAKER = TRD_LIQUIDITY_TAKER,
    MAKER = TRD_LIQUIDITY_MAKER
};

static void hold_ok(rig *r, trd_order order, uint32_t account, uint32_t instrument, uint8_t side,
    uint8_t kind, trd_qty qty, trd_px px) {
    const trd_hold hold = rig_hold(order, account, instrument, side, kind, qty, px);
    OK(r, hold, &hold);
}

static void execute_ok(
    rig *r, uint32_t instrument, trd_leg buyer, trd_leg seller, trd_qty qty, trd_px px) {
    const trd_execution x = rig_execution(instrument, buyer, seller, qty, px);
    OK(r, execute, &x);
}

/* --- full holds ------------------------------------------------------------------------------- */

Test(
    accounts_hold, S112_what_a_better_price_saves_is_released_at_the_fill_and_the_rest_at_the_end) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    hold_ok(r, 1, A, x, TRD_BUY, FULL, 10, 101);
    cr_assert(eq(i64, rig_held(r, 1).amount, 1010));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 998990));
    execute_ok(r, x, rig_order(1, A, TAKER), rig_leg(B), 4, 100);
    cr_assert(eq(i64, rig_held(r, 1).amount, 606));
    cr_assert(eq(i64, rig_held(r, 1).amount_moved, -400));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 998994)); /* 4 more than before the fill */
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_RELEASE), 404));
    OK(r, release, 1, 6);
    cr_assert(eq(i64, rig_balance(r, A, USD).locked, 0));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 999600));
    trd_held held;
    cr_assert(eq(int, trd_accounts_held(r->a, 1, &held), TRD_E_UNKNOWN));
    rig_free(r);
}

Test(accounts_hold, a_seller_of_spot_holds_the_lots) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    hold_ok(r, 1, A, x, TRD_SELL, FULL, 300000, 100);
    cr_assert(eq(i64, rig_balance(r, A, BTC).locked, 300000));
    cr_assert(eq(u32, rig_held(r, 1).asset, BTC));
    trd_hold more = rig_hold(2, A, x, TRD_SELL, FULL, 700001, 100);
    cr_assert(eq(int, CALL(r, hold, &more), TRD_E_FUNDS));
    more.qty = 700000;
    OK(r, hold, &more);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 0));
    OK(r, release, 1, 300000);
    OK(r, release, 2, 700000);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 1000000));
    rig_free(r);
}

/* Value 1/2 a lot: 3 lots at 101 need ceil(151.5) = 152. One at 101: F = floor(-50.5) = -51, so
 * ceil(151.5) - 51 = 101 stay. Another: floor(-101) + 51 = -50; 51 stay. */
Test(accounts_hold, a_hold_follows_the_rounding_of_what_was_executed) {
    rig *r = rig_new();
    trd_instrument spec = rig_spec(SPOT);
    const trd_terms terms = rig_terms();
    spec.denominator = 2;
    const uint32_t x = rig_add(r, &spec, &terms);
    hold_ok(r, 1, A, x, TRD_BUY, FULL, 3, 101);
    cr_assert(eq(i64, rig_held(r, 1).amount, 152));
    execute_ok(r, x, rig_order(1, A, TAKER), rig_leg(B), 1, 101);
    cr_assert(eq(i64, rig_held(r, 1).amount_moved, -51));
    cr_assert(eq(i64, rig_held(r, 1).amount, 101));
    execute_ok(r, x, rig_order(1, A, TAKER), rig_leg(B), 1, 101);
    cr_assert(eq(i64, rig_held(r, 1).amount_moved, -101));
    cr_assert(eq(i64, rig_held(r, 1).amount, 51));
    execute_ok(r, x, rig_order(1, A, TAKER), rig_leg(B), 1, 101);
    cr_assert(eq(i64, rig_balance(r, A, USD).locked, 0));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000 - 152));
    rig_free(r);
}

/* Taker 0.1 %, maker 0.05 %, tax of buyers 1 %. 100 lots at 1,000: 100,000 + 100 + 1,000. A fill of
 * 40 at 1,000 as maker: fee 20, tax 400; what stays: P 60,000, fees ceil of 20 + 60 - 20, tax 600.
 */
Test(accounts_hold, fees_and_taxes_are_held_at_the_worst_rate) {
    rig *r = rig_new();
    trd_instrument spec = rig_spec(SPOT);
    trd_terms terms = rig_terms();
    terms.tax_count = 1;
    terms.taxes[0].buyer_ppb = 10000000;
    const uint32_t x = rig_add(r, &spec, &terms);
    const trd_fee_table table = rig_fees(500000, 1000000);
    rig_fees_of(r, A, &table);
    const trd_hold hold = rig_hold(1, A, x, TRD_BUY, FULL, 100, 1000);
    trd_amt amount;
    uint32_t asset;
    cr_assert(eq(int, trd_accounts_quote_hold(r->a, &hold, &amount, &asset), TRD_OK));
    cr_assert(eq(i64, amount, 101100));
    cr_assert(eq(u32, asset, USD));
    OK(r, hold, &hold);
    cr_assert(eq(i64, rig_held(r, 1).amount, 101100));
    execute_ok(r, x, rig_order(1, A, MAKER), rig_leg(B), 40, 1000);
    cr_assert(eq(i64, rig_held(r, 1).fees, 420));
    cr_assert(eq(i64, rig_held(r, 1).amount, 60000 + 60 + 600));
    execute_ok(r, x, rig_order(1, A, TAKER), rig_leg(B), 60, 1000);
    cr_assert(eq(i64, rig_balance(r, A, USD).locked, 0));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000 - 100000 - 80 - 1000));
    rig_free(r);
}

Test(accounts_hold, all_that_is_free_can_be_held_and_not_one_more) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    trd_hold hold = rig_hold(1, A, x, TRD_BUY, FULL, 1, 1000000);
    hold_ok(r, 2, A, x, TRD_BUY, FULL, 1, 1);
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_FUNDS));
    OK(r, release, 2, 1);
    OK(r, hold, &hold);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 0));
    rig_free(r);
}

/* --- margin ----------------------------------------------------------------------------------- */

/* 10 lots at 100, 20 %, and 3 for each lot: 200 + 30. Half of it fills: 115 become collateral; then
 * 2 of the 5 are closed: floor(115 x 2 / 5) = 46 come back. */
Test(accounts_hold, margin_becomes_collateral_and_comes_back_in_proportion) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    trd_hold hold = rig_hold(1, A, x, TRD_BUY, MARGIN, 10, 100);
    hold.margin_ppm = 200000;
    hold.margin_per_lot = 3;
    OK(r, hold, &hold);
    cr_assert(eq(i64, rig_held(r, 1).amount, 230));
    execute_ok(r, x, rig_order(1, A, TAKER), rig_leg(B), 5, 100);
    cr_assert(eq(i64, rig_held(r, 1).amount, 115));
    cr_assert(eq(i64, rig_position(r, A, x).collateral, 115));
    cr_assert(eq(i64, rig_balance(r, A, USD).locked, 230));
    rig_fill(r, x, B, A, 2, 100);
    cr_assert(eq(i64, rig_position(r, A, x).collateral, 69));
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_RELEASE), 46));
    rig_fill(r, x, B, A, 3, 100);
    cr_assert(eq(i64, rig_position(r, A, x).collateral, 0));
    OK(r, release, 1, 5);
    cr_assert(eq(i64, rig_balance(r, A, USD).locked, 0));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000));
    rig_free(r);
}

/* Short 4 with an order that buys 10: 4 close, 6 open; M of 10 lots at 100, 10 %, is 100, of which
 * 6 / 10 become collateral. */
Test(accounts_hold, only_what_opens_becomes_collateral) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, B, A, 4, 100);
    trd_hold hold = rig_hold(1, A, x, TRD_BUY, MARGIN, 10, 100);
    hold.margin_ppm = 100000;
    OK(r, hold, &hold);
    execute_ok(r, x, rig_order(1, A, TAKER), rig_leg(B), 10, 100);
    cr_assert(eq(i64, rig_position(r, A, x).qty, 6));
    cr_assert(eq(i64, rig_position(r, A, x).collateral, 60));
    cr_assert(eq(i64, rig_balance(r, A, USD).locked, 60));
    rig_free(r);
}

/* All is locked: a margin of 10 at 100 %, taker 10 %. A sale at 200 for a held 100 has a fee of 20
 * where 10 were held: the collateral is what is left, 10 less. */
Test(accounts_hold, collateral_is_no_more_than_is_free) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    const trd_fee_table table = rig_fees(100000000, 100000000);
    rig_fees_of(r, A, &table);
    rig_deposit(r, A, USD, 110);
    trd_hold hold = rig_hold(1, A, x, TRD_SELL, MARGIN, 1, 100);
    hold.margin_ppm = 1000000;
    OK(r, hold, &hold);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 0));
    execute_ok(r, x, rig_leg(B), rig_order(1, A, TAKER), 1, 200);
    cr_assert(eq(i64, rig_position(r, A, x).collateral, 90));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 0));
    cr_assert(eq(i64, rig_position(r, A, x).fees, 20));
    rig_free(r);
}

/* What the page says of mode PORTFOLIO: 10 lots with 20 % and 3 each hold 230. Half of it fills:
 * 115 are free again. Collateral from another mode stays until its lots are closed: 4 of 5 lots of
 * 100 give back 80. */
Test(accounts_hold, positions_of_a_portfolio_get_no_collateral) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, TRD_INSTRUMENT_LINEAR);
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(r->a, A, &terms), TRD_OK));
    terms.mode = TRD_MODE_PORTFOLIO;
    cr_assert(eq(int, trd_accounts_open(r->a, A, &terms), TRD_OK));
    const trd_amt before = rig_free_of(r, A, USD);
    trd_hold hold = {.order = 1,
        .account = A,
        .instrument = x,
        .side = TRD_BUY,
        .kind = TRD_HOLD_MARGIN,
        .px = 100,
        .qty = 10,
        .margin_ppm = 200000,
        .margin_per_lot = 3};
    OK(r, hold, &hold);
    cr_assert(eq(i64, rig_free_of(r, A, USD), before - 230));
    const trd_leg own = {.order = 1, .account = A, .liquidity = TRD_LIQUIDITY_TAKER};
    const trd_execution x1 = rig_execution(x, own, rig_outside(), 5, 100);
    OK(r, execute, &x1);
    cr_assert(eq(i64, rig_position(r, A, x).collateral, 0));
    cr_assert(eq(i64, rig_free_of(r, A, USD), before - 115));
    OK(r, release, 1, 5);
    OK(r, collateral, A, x, TRD_POSITION_NET, 100);
    const trd_execution x2 = rig_execution(x, rig_outside(), rig_leg(A), 4, 100);
    OK(r, execute, &x2);
    cr_assert(eq(i64, rig_position(r, A, x).collateral, 20));
    cr_assert(eq(i64, rig_free_of(r, A, USD), before - 20));
    rig_free(r);
}

Test(accounts_hold, collateral_is_moved_by_hand_within_what_is_there) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const unsigned net = TRD_POSITION_NET;
    cr_assert(eq(int, CALL(r, collateral, A, x, net, 10), TRD_E_UNKNOWN)); /* no position */
    rig_fill(r, x, A, B, 1, 100);
    OK(r, collateral, A, x, net, 1000000);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 0));
    cr_assert(eq(int, CALL(r, collateral, A, x, net, 1), TRD_E_FUNDS));
    cr_assert(eq(int, CALL(r, collateral, A, x, net, -1000001), TRD_E_FUNDS));
    cr_assert(eq(int, CALL(r, collateral, A, x, net, 0), TRD_E_ARG));
    cr_assert(eq(int, CALL(r, collateral, A, x, 3, 1), TRD_E_ARG));
    OK(r, collateral, A, x, net, -400000);
    cr_assert(eq(i64, rig_position(r, A, x).collateral, 600000));
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_RELEASE), 400000));
    const uint32_t spot = rig_instrument(r, SPOT);
    rig_fill(r, spot, B, C, 1, 100);
    cr_assert(eq(int, CALL(r, collateral, B, spot, net, 1), TRD_E_ARG));
    rig_free(r);
}

/* --- amend, release --------------------------------------------------------------------------- */

Test(accounts_hold, an_amendment_moves_the_difference_alone) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    hold_ok(r, 1, A, x, TRD_BUY, FULL, 10, 100);
    OK(r, amend, 1, 110, 10);
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_LOCK), -100));
    OK(r, amend, 1, 110, 4);
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_RELEASE), 660));
    cr_assert(eq(i64, rig_held(r, 1).leaves, 4));
    cr_assert(eq(i64, rig_position(r, A, x).open[0], 4));
    OK(r, amend, 1, 100, 10000);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 0));
    cr_assert(eq(int, CALL(r, amend, 1, 100, 10001), TRD_E_FUNDS));
    cr_assert(eq(int, CALL(r, amend, 1, 100, 0), TRD_E_ARG));
    cr_assert(eq(int, CALL(r, amend, 1, 1000001, 1), TRD_E_ARG));
    cr_assert(eq(int, CALL(r, amend, 2, 100, 1), TRD_E_UNKNOWN));
    cr_assert(eq(i64, rig_held(r, 1).amount, 1000000));
    rig_free(r);
}

Test(accounts_hold, a_handle_of_another_generation_is_unknown) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    const trd_order old = 5;
    const trd_order young = (trd_order)1 << 32 | 5;
    hold_ok(r, old, A, x, TRD_BUY, FULL, 1, 100);
    cr_assert(eq(int, CALL(r, release, young, 1), TRD_E_UNKNOWN));
    trd_hold again = rig_hold(young, A, x, TRD_BUY, FULL, 1, 100);
    cr_assert(eq(int, CALL(r, hold, &again), TRD_E_EXISTS));
    OK(r, release, old, 1);
    OK(r, hold, &again);
    trd_held held;
    cr_assert(eq(int, trd_accounts_held(r->a, old, &held), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_held(r->a, young, &held), TRD_OK));
    cr_assert(eq(int, trd_accounts_held(r->a, 0, &held), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_held(r->a, RIG_ORDERS + 1, &held), TRD_E_UNKNOWN));
    rig_free(r);
}

Test(accounts_hold, no_more_is_released_or_executed_than_is_open_nor_bought_above_the_held_price) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    hold_ok(r, 1, A, x, TRD_BUY, FULL, 5, 100);
    hold_ok(r, 2, B, x, TRD_SELL, FULL, 5, 90);
    cr_assert(eq(int, CALL(r, release, 1, 6), TRD_E_RANGE));
    cr_assert(eq(int, CALL(r, release, 1, 0), TRD_E_ARG));
    trd_execution e = rig_execution(x, rig_order(1, A, TAKER), rig_order(2, B, MAKER), 6, 95);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_RANGE));
    e.qty = 1;
    e.px = 101;
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_RANGE));
    e.px = 89; /* a sale may have any price */
    OK(r, execute, &e);
    e.px = 100;
    e.qty = 4;
    OK(r, execute, &e);
    cr_assert(eq(i64, rig_position(r, A, x).qty, 5));
    cr_assert(eq(i64, rig_balance(r, A, USD).locked + rig_balance(r, B, BTC).locked, 0));
    rig_free(r);
}

Test(accounts_hold, an_order_that_holds_must_be_the_sides_own) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    const uint32_t y = rig_instrument(r, SPOT);
    hold_ok(r, 1, A, x, TRD_BUY, FULL, 5, 100);
    trd_execution e = rig_execution(x, rig_order(1, B, TAKER), rig_leg(C), 1, 95);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_ARG));
    e = rig_execution(x, rig_leg(C), rig_order(1, A, TAKER), 1, 95);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_ARG));
    e = rig_execution(y, rig_order(1, A, TAKER), rig_leg(C), 1, 95);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_ARG));
    e = rig_execution(x, rig_order(3, A, TAKER), rig_leg(C), 1, 95);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_UNKNOWN));
    rig_free(r);
}

/* Nothing held, nothing free: the loss of one side stays below zero with its cause, until it is
 * paid. */
Test(accounts_hold, what_no_hold_covers_takes_free_below_zero_with_its_cause) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, SPOT);
    const uint32_t f = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 2, 50);
    cr_assert(eq(i64, rig_free_of(r, A, USD), -100));
    cr_assert(eq(u32, rig_balance(r, A, USD).cause, TRD_SHORT_UNHELD));
    cr_assert(eq(i64, rig_free_of(r, B, BTC), -2));
    rig_fill(r, f, A, B, 1, 50);
    rig_fill(r, f, B, A, 1, 40);
    cr_assert(eq(i64, rig_free_of(r, A, USD), -110));
    cr_assert(eq(u32, rig_balance(r, A, USD).cause, TRD_SHORT_UNHELD | TRD_SHORT_LOSS));
    rig_deposit(r, A, USD, 109);
    cr_assert(eq(u32, rig_balance(r, A, USD).cause, TRD_SHORT_UNHELD | TRD_SHORT_LOSS));
    rig_deposit(r, A, USD, 1);
    cr_assert(eq(u32, rig_balance(r, A, USD).cause, 0));
    rig_fill(r, x, A, B, 2, 50);
    rig_fill(r, x, B, A, 1, 99);
    cr_assert(eq(u32, rig_balance(r, A, USD).cause, TRD_SHORT_UNHELD));
    rig_fill(r, x, B, A, 1, 1); /* a sale ends it as well */
    cr_assert(eq(u32, rig_balance(r, A, USD).cause, 0));
    rig_free(r);
}

/* All is held; a loss of 10 leaves free at -10 until enough is released. */
Test(accounts_hold, what_is_released_ends_a_shortage) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, SPOT);
    const uint32_t f = rig_instrument(r, LINEAR);
    rig_deposit(r, A, USD, 100);
    hold_ok(r, 1, A, x, TRD_BUY, FULL, 10, 10);
    rig_fill(r, f, A, B, 1, 50);
    rig_fill(r, f, B, A, 1, 40);
    cr_assert(eq(i64, rig_free_of(r, A, USD), -10));
    cr_assert(eq(u32, rig_balance(r, A, USD).cause, TRD_SHORT_LOSS));
    hold_ok(r, 2, A, x, TRD_BUY, NOTHING, 1, 10); /* needs nothing */
    const trd_hold more = rig_hold(3, A, x, TRD_BUY, FULL, 1, 1);
    cr_assert(eq(int, CALL(r, hold, &more), TRD_E_FUNDS));
    OK(r, amend, 1, 9, 10);
    cr_assert(eq(u32, rig_balance(r, A, USD).cause, 0));
    rig_fill(r, f, A, B, 1, 50);
    rig_fill(r, f, B, A, 1, 40);
    cr_assert(eq(u32, rig_balance(r, A, USD).cause, TRD_SHORT_LOSS));
    OK(r, release, 1, 2);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 8));
    cr_assert(eq(u32, rig_balance(r, A, USD).cause, 0));
    rig_free(r);
}

Test(accounts_hold, an_order_of_nothing_needs_no_money_and_any_price_is_good) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 5, 100);
    rig_fill(r, x, B, A, 2, 90); /* A is 20 short */
    hold_ok(r, 1, A, x, TRD_SELL, NOTHING, 3, 100);
    cr_assert(eq(i64, rig_held(r, 1).amount, 0));
    execute_ok(r, x, rig_leg(B), rig_order(1, A, TAKER), 3, 80);
    EXPECT_POSITION(r, A, x, 0, 0, -80);
    rig_free(r);
}

Test(accounts_hold, a_kind_of_hold_must_go_with_the_instrument) {
    rig *r = rig_new();
    const struct {
        uint8_t instrument;
        uint8_t side;
        uint8_t kind;
        int result;
    } rows[] = {
        {SPOT, TRD_BUY, FULL, TRD_OK},
        {SPOT, TRD_SELL, FULL, TRD_OK},
        {SPOT, TRD_BUY, MARGIN, TRD_E_ARG},
        {SPOT, TRD_SELL, MARGIN, TRD_E_ARG},
        {OPTION, TRD_BUY, FULL, TRD_OK},
        {OPTION, TRD_BUY, MARGIN, TRD_E_ARG},
        {OPTION, TRD_SELL, MARGIN, TRD_OK},
        {OPTION, TRD_SELL, FULL, TRD_E_ARG},
        {LINEAR, TRD_BUY, MARGIN, TRD_OK},
        {LINEAR, TRD_SELL, MARGIN, TRD_OK},
        {LINEAR, TRD_BUY, FULL, TRD_E_ARG},
        {LINEAR, TRD_SELL, NOTHING, TRD_OK},
        {SPOT, TRD_BUY, NOTHING, TRD_OK},
        {SPOT, TRD_BUY, 0, TRD_E_ARG},
        {SPOT, TRD_BUY, 4, TRD_E_ARG},
        {SPOT, 0, FULL, TRD_E_ARG},
        {SPOT, 3, FULL, TRD_E_ARG},
    };
    uint32_t instrument[TRD_INSTRUMENT_OPTION + 1];
    for (uint8_t kind = SPOT; kind <= OPTION; kind++) {
        instrument[kind] = rig_instrument(r, kind);
    }
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const trd_hold hold =
            rig_hold(1, A, instrument[rows[i].instrument], rows[i].side, rows[i].kind, 1, 100);
        cr_assert(eq(int, CALL(r, hold, &hold), rows[i].result), "row %u", i);
        if (rows[i].result == TRD_OK) {
            OK(r, release, 1, 1);
        }
    }
    rig_free(r);
}

/* The seller of an option keeps its margin out of the premium it gets. */
Test(accounts_hold, the_writer_of_an_option_gets_the_premium_and_locks_margin) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, OPTION);
    trd_hold hold = rig_hold(1, A, x, TRD_SELL, MARGIN, 4, 25);
    hold.margin_ppm = 1000000;
    hold.margin_per_lot = 50;
    OK(r, hold, &hold);
    cr_assert(eq(i64, rig_held(r, 1).amount, 300));
    hold_ok(r, 2, B, x, TRD_BUY, FULL, 4, 30);
    execute_ok(r, x, rig_order(2, B, TAKER), rig_order(1, A, MAKER), 4, 25);
    cr_assert(eq(i64, rig_position(r, A, x).collateral, 300));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000 - 300 + 100));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 1000000 - 100));
    rig_free(r);
}
