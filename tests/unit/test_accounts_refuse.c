/* test_accounts_refuse.c - what is refused, with which code, and the last number that is not. */
#include "accounts_rig.h"

enum {
    SPOT = TRD_INSTRUMENT_SPOT,
    LINEAR = TRD_INSTRUMENT_LINEAR,
    OPTION = TRD_INSTRUMENT_OPTION,
    NET = TRD_POSITION_NET
};

/* --- arguments -------------------------------------------------------------------------------- */

Test(accounts_refuse, questions_about_what_is_not_there) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const trd_accounts *a = r->a;
    const uint32_t none = x + 1;
    trd_balance balance;
    trd_holding holding;
    trd_equity equity;
    trd_activity activity;
    trd_account account;
    trd_amt amount;
    cr_assert(eq(int, trd_accounts_balance(a, A, USD, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_balance(a, 7, USD, &balance), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_balance(a, A, 3, &balance), TRD_E_UNKNOWN));
    trd_asset_balance balances;
    trd_instrument_holding holdings;
    cr_assert(eq(int, trd_accounts_balances(a, A, NULL, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_balances(a, 7, &balances, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_balances(a, TRD_ACCOUNT_FEES, &balances, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_positions(a, A, NULL, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_positions(a, 7, &holdings, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_position(a, A, x, NET, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_position(a, A, x, 3, &holding), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_position(a, 7, x, NET, &holding), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_position(a, A, none, NET, &holding), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_unrealised(a, A, x, NET, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_unrealised(a, A, x, 3, &amount), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_unrealised(a, A, none, NET, &amount), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_unrealised(a, A, x, NET, &amount), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_outside(a, x, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_outside(a, none, &amount), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_equity(a, A, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_equity(a, 7, &equity), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_activity(a, A, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_activity(a, TRD_ACCOUNT_FEES, &activity), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_get(a, A, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_get(a, 7, &account), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_held(a, 1, NULL), TRD_E_ARG));
    /* What there could be and never was is zero. */
    cr_assert(eq(int, trd_accounts_balance(a, A, JPY, &balance), TRD_OK));
    cr_assert(eq(i64, balance.free, 0));
    cr_assert(eq(int, trd_accounts_position(a, A, x, TRD_POSITION_LONG, &holding), TRD_OK));
    cr_assert(eq(i64, holding.qty, 0));
    rig_free(r);
}

Test(accounts_refuse, executions_that_cannot_be) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const trd_execution good = rig_execution(x, rig_leg(A), rig_leg(B), 1, 100);
    const int results[] = {TRD_E_ARG, TRD_E_ARG, TRD_E_ARG, TRD_E_ARG, TRD_E_ARG, TRD_E_ARG,
        TRD_E_ARG, TRD_E_ARG, TRD_E_ARG, TRD_E_ARG, TRD_E_ARG, TRD_E_UNKNOWN, TRD_E_UNKNOWN,
        TRD_E_UNKNOWN, TRD_E_ARG};
    trd_execution bad[15];
    for (unsigned i = 0; i < 15; i++) {
        bad[i] = good;
    }
    bad[0].reserved = 1;
    bad[1].qty = 0;
    bad[2].qty = -1;
    bad[3].buyer.position = 3;
    bad[4].buyer.liquidity = 4;
    bad[5].seller.free_of_fees = 2;
    bad[6].seller.reserved = 1;
    bad[7].buyer = rig_outside();
    bad[7].seller = rig_outside();
    bad[8].buyer = rig_outside();
    bad[8].buyer.order = 1;
    bad[9].buyer = rig_outside();
    bad[9].buyer.liquidity = TRD_LIQUIDITY_TAKER;
    bad[10].px = 1000001;
    bad[11].instrument = x + 1;
    bad[12].buyer.account = 7;
    bad[13].seller.account = TRD_ACCOUNT_FEES;
    bad[14].px = -1000001;
    for (unsigned i = 0; i < 15; i++) {
        cr_assert(eq(int, CALL(r, execute, &bad[i]), results[i]), "execution %u", i);
    }
    cr_assert(eq(int, CALL(r, execute, NULL), TRD_E_ARG));
    cr_assert(eq(int, CALL(r, funding, NULL), TRD_E_ARG));
    cr_assert(eq(int, CALL(r, split, NULL), TRD_E_ARG));
    cr_assert(eq(int, CALL(r, hold, NULL), TRD_E_ARG));
    OK(r, execute, &good);
    rig_free(r);
}

Test(accounts_refuse, holds_that_cannot_be) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const trd_hold good = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_MARGIN, 1, 100);
    const int results[] = {TRD_E_ARG, TRD_E_ARG, TRD_E_ARG, TRD_E_ARG, TRD_E_ARG, TRD_E_ARG,
        TRD_E_ARG, TRD_E_ARG, TRD_E_UNKNOWN, TRD_E_UNKNOWN};
    trd_hold bad[10];
    for (unsigned i = 0; i < 10; i++) {
        bad[i] = good;
    }
    bad[0].order = 0;
    bad[1].order = RIG_ORDERS + 1;
    bad[2].qty = 0;
    bad[3].position = 3;
    bad[4].reserved = 1;
    bad[5].px = 1000001;
    bad[6].margin_per_lot = -1;
    bad[7].kind = TRD_HOLD_NOTHING;
    bad[7].margin_ppm = 1;
    bad[8].account = 7;
    bad[9].instrument = x + 1;
    trd_amt amount;
    uint32_t asset;
    for (unsigned i = 0; i < 10; i++) {
        cr_assert(eq(int, CALL(r, hold, &bad[i]), results[i]), "hold %u", i);
        cr_assert(eq(int, trd_accounts_quote_hold(r->a, &bad[i], &amount, &asset),
                      i < 2 ? TRD_OK : results[i]),
            "hold %u", i);
    }
    cr_assert(eq(int, trd_accounts_quote_hold(r->a, NULL, &amount, &asset), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_quote_hold(r->a, &good, NULL, &asset), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_quote_hold(r->a, &good, &amount, NULL), TRD_E_ARG));
    cr_assert(eq(int, CALL(r, collateral, 7, x, NET, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, CALL(r, collateral, A, x + 1, NET, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, CALL(r, release, 1, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_mark(r->a, x + 1, 100), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_rate(r->a, 3, 1, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_rate(r->a, BTC, 0, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_rate(r->a, BTC, 1, ((uint32_t)1 << 31) + 1), TRD_E_ARG));
    cr_assert(eq(int, trd_accounts_rate(r->a, BTC, 1, (uint32_t)1 << 31), TRD_OK));
    OK(r, hold, &good);
    rig_free(r);
}

/* --- while a call is not finished ---------------------------------------------------------------
 */

/* Two units, and room for one. */
static void half_done(rig *r, uint32_t x) {
    rig_fill(r, x, A, B, 5, 100);
    r->out.count = 0;
    r->out.capacity = TRD_ACCOUNTS_OUT_MIN;
    cr_assert(eq(int, trd_accounts_dividend(r->a, x, USD, 3, &r->out), TRD_MORE));
    r->out.capacity = RIG_SLOTS;
}

Test(accounts_refuse, everything_that_could_change_something_is_busy) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    half_done(r, x);
    void *before = malloc(r->size);
    memcpy(before, r->a, r->size);
    const trd_asset asset = {.struct_size = sizeof(asset), .symbol = "ETH"};
    const trd_fee_table table = rig_fees(0, 0);
    const trd_instrument spec = rig_spec(LINEAR);
    const trd_terms terms = rig_terms();
    const trd_account account = rig_account();
    const trd_transfer t = {.from = A, .to = B, .amount = 1};
    const trd_hold h = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_NOTHING, 1, 100);
    const trd_execution e = rig_execution(x, rig_leg(A), rig_leg(B), 1, 100);
    const trd_funding f = {.instrument = x, .mark = 100};
    const trd_split s = {.instrument = x, .numerator = 1, .denominator = 1};
    const trd_haircut haircut = {.ppm = 0};
    const int results[] = {
        trd_accounts_asset_add(r->a, &asset),
        trd_accounts_fees_add(r->a, &table),
        trd_accounts_instrument_add(r->a, &spec, &terms),
        trd_accounts_open(r->a, 6, &account),
        trd_accounts_mark(r->a, x, 100),
        trd_accounts_rate(r->a, BTC, 1, 1),
        trd_accounts_haircut(r->a, BTC, &haircut),
        trd_accounts_period(r->a),
        trd_accounts_transfer(r->a, &t, &r->out),
        trd_accounts_loan(r->a, A, USD, 1, 0, &r->out),
        trd_accounts_hold(r->a, &h, &r->out),
        trd_accounts_amend(r->a, 1, 100, 1, &r->out),
        trd_accounts_release(r->a, 1, 1, &r->out),
        trd_accounts_collateral(r->a, A, x, NET, 1, &r->out),
        trd_accounts_execute(r->a, &e, &r->out),
        trd_accounts_day(r->a, &r->out),
        trd_accounts_funding(r->a, &f, &r->out),
        trd_accounts_interest(r->a, USD, 1, 1, &r->out),
        trd_accounts_expire(r->a, x, 100, &r->out),
        trd_accounts_split(r->a, &s, &r->out),
        trd_accounts_dividend(r->a, x, USD, 1, &r->out),
    };
    for (unsigned i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
        cr_assert(eq(int, results[i], TRD_E_BUSY), "call %u", i);
    }
    cr_assert(memcmp(before, r->a, r->size) == 0);
    cr_assert(eq(int, trd_accounts_continue(r->a, NULL), TRD_E_ARG));
    OK(r, continue);
    cr_assert(eq(i64, rig_free_of(r, B, USD), 1000000 - 15));
    free(before);
    rig_free(r);
}

Test(accounts_refuse, reset_drops_what_is_not_finished) {
    rig *r = rig_new();
    half_done(r, rig_instrument(r, LINEAR));
    trd_accounts_reset(r->a);
    cr_assert(eq(int, trd_accounts_period(r->a), TRD_OK));
    rig_free(r);
}

/* --- the last number that fits -----------------------------------------------------------------
 */

/* 5 x 10^-6 of an asset of 10^-8: 500 a lot; 300 x 10^-2 of one without decimals: 3. */
Test(accounts_refuse, a_lot_is_a_whole_number_of_minor_units) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(SPOT);
    const trd_terms terms = rig_terms();
    spec.qty_scale = 6;
    spec.lot_size = 5;
    const uint32_t x = rig_add(r, &spec, &terms);
    rig_fill(r, x, A, B, 2, 100);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 1000));
    spec.base_asset = JPY;
    spec.qty_scale = 2;
    spec.lot_size = 300;
    const uint32_t y = rig_add(r, &spec, &terms);
    rig_fill(r, y, A, B, 2, 100);
    cr_assert(eq(i64, rig_free_of(r, A, JPY), 6));
    spec.lot_size = 310;
    cr_assert(eq(int, trd_accounts_instrument_add(r->a, &spec, &terms), TRD_E_ARG));
    spec.base_asset = BTC;
    spec.qty_scale = 0;
    spec.lot_size = (int64_t)1 << 40; /* x 10^8 */
    cr_assert(eq(int, trd_accounts_instrument_add(r->a, &spec, &terms), TRD_E_ARG));
    spec.qty_scale = 8;
    spec.lot_size = TRD_AMT_LIMIT;
    cr_assert(eq(int, trd_accounts_instrument_add(r->a, &spec, &terms), TRD_E_ARG));
    spec.lot_size--;
    cr_assert(trd_accounts_instrument_add(r->a, &spec, &terms) > 0);
    rig_free(r);
}

/* A lot may be worth 2^20. Executed lots and open ones together stay below 2^42. */
Test(accounts_refuse, an_order_is_not_amended_without_end) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(LINEAR);
    const trd_terms terms = rig_terms();
    const trd_qty half = (trd_qty)1 << 41;
    spec.px_min = 0;
    spec.px_max = 1 << 20;
    spec.qty_max = 1 << 20;
    const uint32_t x = rig_add(r, &spec, &terms);
    const trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_NOTHING, half, 1);
    OK(r, hold, &hold);
    const trd_execution e =
        rig_execution(x, rig_order(1, A, TRD_LIQUIDITY_TAKER), rig_leg(B), half - 1, 1);
    OK(r, execute, &e);
    rig_fill(r, x, B, A, half - 1, 1); /* flat again: no load is near its limit */
    cr_assert(eq(int, CALL(r, amend, 1, 1, half + 1), TRD_E_RANGE));
    OK(r, amend, 1, 1, half);
    OK(r, amend, 1, 1, 1); /* fewer is always right */
    rig_free(r);
}

/* 10^6 a lot at most: 2^62 / 10^6 = 4,611,686,018,427.4 lots. */
Test(accounts_refuse, a_quote_of_more_than_every_amount) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_NOTHING, 4611686018428, 1);
    trd_amt amount;
    uint32_t asset;
    cr_assert(eq(int, trd_accounts_quote_hold(r->a, &hold, &amount, &asset), TRD_E_RANGE));
    hold.qty--;
    cr_assert(eq(int, trd_accounts_quote_hold(r->a, &hold, &amount, &asset), TRD_OK));
    rig_free(r);
}

/* A debt of 2^61 - 1 grows by 2.3058430092... x 10^9 at 10^-9: 2,305,843,010, rounded up. Debt and
 * free together may be 2^62 - 1 afterwards. */
Test(accounts_refuse, interest_up_to_the_limit) {
    rig *r = rig_bare();
    const trd_amt growth = 2305843010;
    OK(r, loan, A, USD, ((trd_amt)1 << 61) - 1, 0);
    OK(r, loan, B, USD, 1, 0);
    trd_transfer t = {.from = A, .to = C, .asset = USD, .amount = growth - 2};
    OK(r, transfer, &t);
    cr_assert(eq(int, CALL(r, interest, USD, 1, 1), TRD_E_RANGE));
    cr_assert(eq(i64, rig_balance(r, B, USD).debt, 1));
    t.amount = 1;
    OK(r, transfer, &t);
    OK(r, interest, USD, 1, 1);
    cr_assert(eq(i64, rig_balance(r, A, USD).debt, ((trd_amt)1 << 61) - 1 + growth));
    rig_free(r);
}

/* Four lots, strike 100: the value is below 2^62 up to a final price of 2^60 + 99. */
Test(accounts_refuse, an_expiry_beyond_every_amount) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, OPTION);
    const trd_px final = ((trd_px)1 << 60) + 100;
    rig_fill(r, x, A, B, 4, 1);
    cr_assert(eq(int, CALL(r, expire, x, final), TRD_E_RANGE));
    cr_assert(eq(int, CALL(r, expire, x, INT64_MAX), TRD_E_RANGE));
    OK(r, expire, x, final - 1);
    cr_assert(eq(i64, rig_free_of(r, A, USD), -4 + (TRD_AMT_LIMIT - 4)));
    rig_free(r);
    r = rig_bare();
    rig_fill(r, rig_instrument(r, OPTION), A, B, 4, 1);
    OK(r, expire, x, INT64_MIN); /* a call worth nothing */
    EXPECT_POSITION(r, A, x, 0, 0, -4);
    rig_free(r);
}

/* One lot: free and what the option is worth stay below 2^62 together. */
Test(accounts_refuse, an_expiry_beyond_what_a_balance_can_bear) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, OPTION);
    rig_fill(r, x, A, B, 1, 0);
    rig_deposit(r, A, USD, (trd_amt)1 << 61);
    const trd_px final = ((trd_px)1 << 61) + 100;
    cr_assert(eq(int, CALL(r, expire, x, final), TRD_E_RANGE));
    OK(r, expire, x, final - 1);
    cr_assert(eq(i64, rig_free_of(r, A, USD), TRD_AMT_LIMIT - 1));
    rig_free(r);
}

/* The same for what OUTSIDE would get: two accounts are short 2 lots each. */
Test(accounts_refuse, an_expiry_beyond_every_amount_of_outside) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, OPTION);
    const trd_px final = ((trd_px)1 << 60) + 100;
    for (uint32_t account = A; account <= B; account++) {
        const trd_execution e = rig_execution(x, rig_outside(), rig_leg(account), 2, 1);
        OK(r, execute, &e);
    }
    cr_assert(eq(int, CALL(r, expire, x, final), TRD_E_RANGE));
    OK(r, expire, x, final - 1);
    rig_free(r);
}

/* Bought at -2^60, worth 2^60 in the end: a profit of 2^61 beside 2^61 that were collateral. */
Test(accounts_refuse, collateral_that_is_released_counts_once) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(LINEAR);
    const trd_terms terms = rig_terms();
    const trd_amt half = (trd_amt)1 << 61;
    spec.px_min = -half / 2;
    spec.px_max = half / 2;
    spec.qty_max = 1;
    const uint32_t x = rig_add(r, &spec, &terms);
    rig_fill(r, x, A, B, 1, spec.px_min);
    rig_deposit(r, A, USD, half);
    OK(r, collateral, A, x, NET, half);
    cr_assert(eq(int, CALL(r, expire, x, spec.px_max), TRD_E_RANGE));
    OK(r, expire, x, spec.px_max - 1);
    cr_assert(eq(i64, rig_free_of(r, A, USD), TRD_AMT_LIMIT - 1));
    rig_free(r);
}

/* 10 lots get 7 each. */
Test(accounts_refuse, a_dividend_beyond_every_amount) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 10, 100);
    rig_deposit(r, A, JPY, TRD_AMT_LIMIT - 70);
    cr_assert(eq(int, CALL(r, dividend, x, JPY, 7), TRD_E_RANGE));
    const trd_transfer t = {.from = A, .to = C, .asset = JPY, .amount = 1};
    OK(r, transfer, &t);
    OK(r, dividend, x, JPY, 7);
    cr_assert(eq(i64, rig_free_of(r, A, JPY), TRD_AMT_LIMIT - 1));
    rig_free(r);
}

/* A lot delivers 2^61. */
Test(accounts_refuse, a_delivery_beyond_every_amount) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(LINEAR);
    trd_terms terms = rig_terms();
    spec.lot_size = (int64_t)1 << 61;
    terms.delivery = TRD_DELIVERY_PHYSICAL;
    const uint32_t x = rig_add(r, &spec, &terms);
    rig_fill(r, x, A, B, 2, 100);
    cr_assert(eq(int, CALL(r, expire, x, 100), TRD_E_RANGE));
    rig_fill(r, x, B, A, 1, 100);
    OK(r, expire, x, 100);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), (trd_amt)1 << 61));
    rig_free(r);
}

/* 2^20 new ones for each. */
Test(accounts_refuse, a_split_beyond_every_amount) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, SPOT);
    const trd_split s = {.instrument = x, .numerator = 1 << 20, .denominator = 1, .px = 1};
    rig_deposit(r, A, BTC, (trd_amt)1 << 42);
    rig_deposit(r, B, BTC, 7);
    cr_assert(eq(int, CALL(r, split, &s), TRD_E_RANGE));
    cr_assert(eq(i64, rig_free_of(r, B, BTC), 7));
    const trd_transfer t = {.from = A, .to = TRD_ACCOUNT_OUTSIDE, .asset = BTC, .amount = 1};
    OK(r, transfer, &t);
    OK(r, split, &s);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), TRD_AMT_LIMIT - (1 << 20)));
    rig_free(r);
}

/* A lot is worth 10^6 at most: after 2^20 for 1 a position of n lots weighs n x 2^20 x 10^6 of the
 * money: 4,398,046 lots are below 2^62, one more is not. */
Test(accounts_refuse, a_split_beyond_what_a_balance_can_bear) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, SPOT);
    const trd_split s = {.instrument = x, .numerator = 1 << 20, .denominator = 1, .px = 1};
    rig_fill(r, x, A, B, 4398047, 0);
    cr_assert(eq(int, CALL(r, split, &s), TRD_E_RANGE));
    rig_fill(r, x, B, A, 1, 0);
    OK(r, split, &s);
    cr_assert(eq(i64, rig_position(r, A, x).qty, 4398046 * ((trd_qty)1 << 20)));
    rig_free(r);
}

Test(accounts_refuse, a_split_without_room_for_what_fractions_pay) {
    trd_accounts_def def = rig_def();
    def.balances_max = 1;
    rig *r = rig_bare_of(&def);
    const uint32_t x = rig_instrument(r, SPOT);
    rig_deposit(r, A, BTC, 1);
    trd_split s = {.instrument = x, .numerator = 1, .denominator = 2, .px = 5};
    cr_assert(eq(int, CALL(r, split, &s), TRD_E_FULL));
    s.px = 0; /* nothing is paid */
    OK(r, split, &s);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 0));
    rig_free(r);
}

/* 2^31 of JPY at a rate of 2^31 are worth 2^62. */
Test(accounts_refuse, worth_beyond_every_amount_is_not_said) {
    rig *r = rig_bare();
    trd_equity equity;
    rig_deposit(r, A, JPY, (trd_amt)1 << 31);
    cr_assert(eq(int, trd_accounts_rate(r->a, JPY, (uint32_t)1 << 31, 1), TRD_OK));
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &equity), TRD_E_RANGE));
    cr_assert(eq(int, trd_accounts_rate(r->a, JPY, ((uint32_t)1 << 31) - 1, 1), TRD_OK));
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &equity), TRD_OK));
    cr_assert(eq(i64, equity.total, TRD_AMT_LIMIT - ((trd_amt)1 << 31)));
    rig_deposit(r, A, USD, (trd_amt)1 << 31);
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &equity), TRD_E_RANGE)); /* both together */
    rig_free(r);
}

/* 2^31 a lot at a rate of 2^31: 2^62, which no sum can take. */
Test(accounts_refuse, activity_beyond_every_amount_is_counted_apart) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(LINEAR);
    const trd_terms terms = rig_terms();
    spec.settle_asset = JPY;
    spec.px_max = (trd_px)1 << 31;
    const uint32_t x = rig_add(r, &spec, &terms);
    trd_activity activity;
    cr_assert(eq(int, trd_accounts_rate(r->a, JPY, (uint32_t)1 << 31, 1), TRD_OK));
    rig_fill(r, x, A, B, 1, (trd_px)1 << 31);
    rig_fill(r, x, A, B, 1, ((trd_px)1 << 31) - 1);
    rig_fill(r, x, A, B, 1, 1); /* with the one before 2^62 */
    cr_assert(eq(int, trd_accounts_activity(r->a, A, &activity), TRD_OK));
    cr_assert(eq(i64, activity.volume, TRD_AMT_LIMIT - ((trd_amt)1 << 31)));
    cr_assert(eq(u64, activity.unpriced, 2));
    rig_free(r);
}

Test(accounts_refuse, a_balance_of_the_venue_that_does_not_fit_is_not_said) {
    rig *r = rig_bare();
    const trd_transfer t = {.from = TRD_ACCOUNT_FEES,
        .to = TRD_ACCOUNT_INSURANCE,
        .asset = USD,
        .amount = TRD_AMT_LIMIT - 1};
    trd_balance balance;
    OK(r, transfer, &t);
    OK(r, transfer, &t);
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_FEES, USD), -2 * (TRD_AMT_LIMIT - 1)));
    OK(r, transfer, &t);
    cr_assert(eq(int, trd_accounts_balance(r->a, TRD_ACCOUNT_FEES, USD, &balance), TRD_E_RANGE));
    /* 3 x (2^62 - 1) - 2^64 = -2^62 - 3 */
    cr_assert(eq(i64, r->events[1].u.ledger.balance, -TRD_AMT_LIMIT - 3));
    rig_free(r);
}
