/* test_accounts_multi.c - accounts of mode MULTI: what orders on margin hold when other assets
 * stand behind them, and what assets count for. docs/reference/accounts.md, "What is held", "What
 * assets count for". */
#include "accounts_rig.h"

static void set_mode(rig *r, uint32_t account, uint8_t mode) {
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(r->a, account, &terms), TRD_OK));
    terms.mode = mode;
    cr_assert(eq(int, trd_accounts_open(r->a, account, &terms), TRD_OK));
    rig_sound(r);
}

/* A with so much USD, and nothing else. */
static rig *rig_multi(trd_amt usd) {
    rig *r = rig_bare();
    set_mode(r, A, TRD_MODE_MULTI);
    if (usd != 0) {
        rig_deposit(r, A, USD, usd);
    }
    return r;
}

/* 20 % of 100 per lot. */
static trd_hold hold_of(trd_order order, uint32_t instrument, uint8_t side, trd_qty qty) {
    trd_hold hold = rig_hold(order, A, instrument, side, TRD_HOLD_MARGIN, qty, 100);
    hold.margin_ppm = 200000;
    return hold;
}

static void expect(const rig *r, trd_amt free, trd_amt locked, uint32_t cause) {
    const trd_balance b = rig_balance(r, A, USD);
    cr_assert(eq(i64, b.free, free));
    cr_assert(eq(i64, b.locked, locked));
    cr_assert(eq(u32, b.cause, cause));
}

Test(accounts_multi, a_hold_on_margin_takes_free_below_zero_and_says_why) {
    rig *r = rig_multi(100);
    const uint32_t x = rig_instrument(r, TRD_INSTRUMENT_LINEAR);
    trd_hold hold = hold_of(1, x, TRD_BUY, 5);
    OK(r, hold, &hold);
    expect(r, 0, 100, 0); /* not one unit below */
    hold = hold_of(2, x, TRD_BUY, 5);
    OK(r, hold, &hold);
    expect(r, -100, 200, TRD_SHORT_MARGIN);
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_LOCK), -100));
    OK(r, release, 2, 4);
    expect(r, -20, 120, TRD_SHORT_MARGIN);
    OK(r, release, 1, 1);
    expect(r, 0, 100, 0);
    OK(r, release, 1, 4);
    OK(r, release, 2, 1);
    expect(r, 100, 0, 0);
    rig_free(r);
}

Test(accounts_multi, in_other_modes_it_is_refused) {
    rig *r = rig_multi(100);
    const uint32_t x = rig_instrument(r, TRD_INSTRUMENT_LINEAR);
    for (uint8_t mode = TRD_MODE_CASH; mode < TRD_MODE_MULTI; mode++) {
        set_mode(r, A, mode);
        const trd_hold hold = hold_of(1, x, TRD_BUY, 6);
        cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_FUNDS));
    }
    rig_free(r);
}

Test(accounts_multi, what_is_paid_in_full_needs_free) {
    rig *r = rig_multi(100);
    const uint32_t spot = rig_instrument(r, TRD_INSTRUMENT_SPOT);
    const uint32_t option = rig_instrument(r, TRD_INSTRUMENT_OPTION);
    trd_hold hold = rig_hold(1, A, spot, TRD_BUY, TRD_HOLD_FULL, 101, 1);
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_FUNDS));
    hold.instrument = option;
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_FUNDS));
    hold.qty = 100;
    OK(r, hold, &hold);
    expect(r, 0, 100, 0);
    cr_assert(eq(int, CALL(r, amend, 1, 1, 101), TRD_E_FUNDS));
    const trd_hold sold = hold_of(2, option, TRD_SELL, 1);
    OK(r, hold, &sold); /* who sells an option is on margin */
    expect(r, -20, 120, TRD_SHORT_MARGIN);
    OK(r, release, 1, 100); /* what was to be paid is free again */
    expect(r, 80, 20, 0);
    rig_free(r);
}

Test(accounts_multi, an_amendment_locks_below_zero_too) {
    rig *r = rig_multi(100);
    const uint32_t x = rig_instrument(r, TRD_INSTRUMENT_LINEAR);
    const trd_hold hold = hold_of(1, x, TRD_SELL, 5);
    OK(r, hold, &hold);
    OK(r, amend, 1, 100, 6);
    expect(r, -20, 120, TRD_SHORT_MARGIN);
    OK(r, amend, 1, 50, 6);
    expect(r, 40, 60, 0);
    rig_free(r);
}

/* Half of 10 lots fills and gives back 100, all of which is free: no collateral. The other half is
 * sold again at 90, 50 below what it cost. */
Test(accounts_multi, positions_get_no_collateral) {
    rig *r = rig_multi(100);
    const uint32_t x = rig_instrument(r, TRD_INSTRUMENT_LINEAR);
    const trd_hold hold = hold_of(1, x, TRD_BUY, 10);
    OK(r, hold, &hold);
    expect(r, -100, 200, TRD_SHORT_MARGIN);
    const trd_leg own = rig_order(1, A, TRD_LIQUIDITY_TAKER);
    const trd_execution buys = rig_execution(x, own, rig_outside(), 5, 100);
    OK(r, execute, &buys);
    cr_assert(eq(i64, rig_position(r, A, x).collateral, 0));
    expect(r, 0, 100, 0);
    const trd_execution sells = rig_execution(x, rig_outside(), rig_leg(A), 5, 90);
    OK(r, execute, &sells);
    expect(r, -50, 100, TRD_SHORT_LOSS);
    OK(r, release, 1, 5);
    expect(r, 50, 0, 0);
    rig_free(r);
}

/* A cause of another mode stays until nothing is below zero any more, and what orders on margin
 * hold is counted in this mode alone: the audit behind each call sums it up again. */
Test(accounts_multi, the_mode_may_change_while_orders_hold) {
    rig *r = rig_multi(100);
    const uint32_t x = rig_instrument(r, TRD_INSTRUMENT_LINEAR);
    const uint32_t option = rig_instrument(r, TRD_INSTRUMENT_OPTION);
    trd_hold hold = hold_of(1, x, TRD_BUY, 10);
    OK(r, hold, &hold);
    set_mode(r, A, TRD_MODE_CROSS);
    expect(r, -100, 200, TRD_SHORT_MARGIN);
    hold = hold_of(2, x, TRD_BUY, 1);
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_FUNDS));
    OK(r, release, 1, 6);
    expect(r, 20, 80, 0);
    hold = rig_hold(3, A, option, TRD_BUY, TRD_HOLD_FULL, 1, 5);
    OK(r, hold, &hold);
    hold = rig_hold(4, A, x, TRD_BUY, TRD_HOLD_NOTHING, 1, 5);
    OK(r, hold, &hold);
    hold = hold_of(5, x, TRD_BUY, 1);
    hold.account = B;
    rig_deposit(r, B, USD, 20);
    OK(r, hold, &hold);
    set_mode(r, A, TRD_MODE_MULTI);
    OK(r, release, 1, 1);
    set_mode(r, A, TRD_MODE_MULTI);
    OK(r, release, 1, 3);
    expect(r, 95, 5, 0);
    rig_free(r);
}

/* |free| + locked grows with each lock: two of them of S together come to 2 S, and two lots have a
 * reach of 10^6 each. 2 S + 2 x 10^6 must be below 2^62. */
Test(accounts_multi, a_lock_keeps_the_range_of_the_balance) {
    const trd_amt first = (trd_amt)1 << 60;
    rig *r = rig_multi(0);
    const uint32_t x = rig_instrument(r, TRD_INSTRUMENT_LINEAR);
    trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_MARGIN, 1, 0);
    hold.margin_per_lot = first;
    OK(r, hold, &hold);
    hold.order = 2;
    hold.margin_per_lot = first - 1000000;
    cr_assert(eq(int, CALL(r, hold, &hold), TRD_E_RANGE));
    hold.margin_per_lot = first - 1000001;
    OK(r, hold, &hold);
    expect(r, -(2 * first - 1000001), 2 * first - 1000001, TRD_SHORT_MARGIN);
    rig_free(r);
}

/* The same for an order that gets another price p, and so p more of margin. */
Test(accounts_multi, an_amendment_keeps_the_range_of_the_balance) {
    rig *r = rig_multi(0);
    const uint32_t x = rig_instrument(r, TRD_INSTRUMENT_LINEAR);
    trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_MARGIN, 1, 0);
    hold.margin_per_lot = ((trd_amt)1 << 61) - 500000 - 10; /* 2 S + 10^6 is 2^62 - 20 */
    hold.margin_ppm = 1000000;
    OK(r, hold, &hold);
    cr_assert(eq(int, CALL(r, amend, 1, 10, 1), TRD_E_RANGE));
    OK(r, amend, 1, 9, 1);
    rig_free(r);
}

Test(accounts_multi, what_an_asset_counts_for_has_a_range) {
    rig *r = rig_bare();
    trd_haircut good[] = {{.ppm = 0}, {.ppm = 1000000}, {.has_cap = 1},
        {.has_cap = 1, .cap = TRD_AMT_LIMIT - 1, .ppm = 1}};
    trd_haircut bad[] = {{.ppm = 1000001}, {.has_cap = 2}, {.has_cap = 1, .cap = -1},
        {.has_cap = 1, .cap = TRD_AMT_LIMIT}, {.cap = 1}, {.cap = -1}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_assert(eq(int, trd_accounts_haircut(r->a, USD, &good[i]), TRD_OK), "%zu", i);
        cr_assert(eq(int, trd_accounts_haircut(r->a, BTC, &good[i]), TRD_OK), "%zu", i);
        rig_sound(r);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert(eq(int, trd_accounts_haircut(r->a, BTC, &bad[i]), TRD_E_ARG), "%zu", i);
    }
    cr_assert(eq(int, trd_accounts_haircut(r->a, BTC, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_haircut(r->a, 3, &good[0]), TRD_E_UNKNOWN));
    rig_free(r);
}
