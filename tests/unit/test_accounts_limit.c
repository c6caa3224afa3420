/* test_accounts_limit.c - numbers that are each in their range, and what they make together is not:
 * sums over a position's life, profits from the lowest price to the highest, splits. With each, the
 * last number that is not refused. */
#include "accounts_rig.h"

enum { SPOT = TRD_INSTRUMENT_SPOT, LINEAR = TRD_INSTRUMENT_LINEAR, OPTION = TRD_INSTRUMENT_OPTION };

/* A value of 10^18 a time, all of it paid; 2^62 is 4.61 x 10^18. */
static const trd_amt HUGE_VALUE = INT64_C(1000000000000000000);
static const trd_qty HUGE_LOTS = INT64_C(1000000000000); /* at 1,000,000 */

static void take_out(rig *r, uint32_t account, uint32_t asset, trd_amt amount) {
    const trd_transfer t = {
        .from = account, .to = TRD_ACCOUNT_OUTSIDE, .asset = asset, .amount = amount};
    OK(r, transfer, &t);
}

static void with_outside(
    rig *r, uint32_t x, uint32_t account, uint8_t side, trd_qty qty, trd_px px) {
    const trd_execution e = side == TRD_BUY
                                ? rig_execution(x, rig_leg(account), rig_outside(), qty, px)
                                : rig_execution(x, rig_outside(), rig_leg(account), qty, px);
    OK(r, execute, &e);
}

/* What it pays is refilled each time: only what the position has paid in all is near the limit. */
Test(accounts_limit, funding_of_a_position_beyond_every_amount) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, HUGE_LOTS, 0);
    trd_funding f = {.instrument = x, .rate_ppb = TRD_RATE_ONE, .mark = 1000000};
    for (f.due = 1; f.due <= 4; f.due++) {
        OK(r, funding, &f);
        rig_deposit(r, A, USD, HUGE_VALUE);
        take_out(r, B, USD, HUGE_VALUE);
    }
    cr_assert(eq(int, CALL(r, funding, &f), TRD_E_RANGE));
    f.rate_ppb = 600000000;
    OK(r, funding, &f);
    cr_assert(eq(i64, rig_position(r, A, x).funding, -46 * (HUGE_VALUE / 10)));
    rig_free(r);
}

/* Bought at the lowest price and ended at the highest: 3 x 10^12 lots gain 6 x 10^18. */
Test(accounts_limit, an_expiry_with_a_profit_beyond_every_amount) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 3 * HUGE_LOTS, -1000000);
    cr_assert(eq(int, CALL(r, expire, x, 1000000), TRD_E_RANGE));
    OK(r, expire, x, 500000);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 45 * (HUGE_VALUE / 10)));
    rig_free(r);
}

/* 2 x 10^18 were realised before, 3 x 10^18 would follow. */
Test(accounts_limit, an_expiry_that_realises_beyond_every_amount) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, HUGE_LOTS, -1000000);
    rig_fill(r, x, B, A, HUGE_LOTS, 1000000);
    take_out(r, A, USD, 2 * HUGE_VALUE);
    rig_deposit(r, B, USD, 2 * HUGE_VALUE);
    rig_fill(r, x, A, C, HUGE_LOTS + HUGE_LOTS / 2, -1000000);
    cr_assert(eq(int, CALL(r, expire, x, 1000000), TRD_E_RANGE));
    OK(r, expire, x, 500000);
    EXPECT_POSITION(r, A, x, 0, 0, 425 * (HUGE_VALUE / 100));
    rig_free(r);
}

/* Five accounts with 10^12 lots each, and the 5 x 10^12 of OUTSIDE: at 1,000,000 these are worth
 * 5 x 10^18, of each account 10^18. */
Test(accounts_limit, an_expiry_of_a_contract_beyond_every_amount_of_outside) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    for (uint32_t account = A; account <= D; account++) {
        with_outside(r, x, account, TRD_BUY, HUGE_LOTS, 0);
    }
    with_outside(r, x, A, TRD_BUY, HUGE_LOTS, 0);
    cr_assert(eq(int, CALL(r, expire, x, 1000000), TRD_E_RANGE));
    OK(r, expire, x, 900000);
    cr_assert(eq(i64, rig_free_of(r, B, USD), 9 * (HUGE_VALUE / 10)));
    rig_free(r);
}

/* 10^14 minor units a lot: 46,116 of them are below 2^62, one more is not. A lot costs 1. */
Test(accounts_limit, a_quote_of_more_lots_than_there_can_be) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(SPOT);
    const trd_terms terms = rig_terms();
    spec.qty_scale = 0;
    spec.lot_size = 1000000;
    const uint32_t x = rig_add(r, &spec, &terms);
    trd_hold sale = rig_hold(1, A, x, TRD_SELL, TRD_HOLD_FULL, 46116, 1);
    trd_amt amount = 0;
    uint32_t asset = USD;
    cr_assert(eq(int, trd_accounts_quote_hold(r->a, &sale, &amount, &asset), TRD_OK));
    cr_assert(eq(i64, amount, INT64_C(4611600000000000000)));
    cr_assert(eq(u32, asset, BTC));
    sale.qty++;
    cr_assert(eq(int, trd_accounts_quote_hold(r->a, &sale, &amount, &asset), TRD_E_RANGE));
    rig_free(r);
}

/* Ten times the value is margin: 10^16 at a price of 1,000, 10^19 at 1,000,000. */
Test(accounts_limit, an_amendment_that_needs_beyond_every_amount) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_deposit(r, A, USD, HUGE_VALUE / 100);
    trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_MARGIN, HUGE_LOTS, 1000);
    hold.margin_ppm = 10000000;
    OK(r, hold, &hold);
    cr_assert(eq(int, CALL(r, amend, 1, 1000000, HUGE_LOTS), TRD_E_RANGE));
    cr_assert(eq(int, CALL(r, amend, 1, 400000, HUGE_LOTS), TRD_E_FUNDS)); /* 4 x 10^18 */
    cr_assert(eq(i64, rig_held(r, 1).amount, HUGE_VALUE / 100));
    rig_free(r);
}

/* Of two contracts, each of which is worth 3 x 10^18 more than it cost. */
Test(accounts_limit, an_equity_of_more_profit_than_every_amount) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    const uint32_t y = rig_instrument(r, LINEAR);
    trd_equity equity;
    with_outside(r, x, A, TRD_BUY, HUGE_LOTS + HUGE_LOTS / 2, -1000000);
    with_outside(r, y, A, TRD_BUY, HUGE_LOTS + HUGE_LOTS / 2, -1000000);
    cr_assert(eq(int, trd_accounts_mark(r->a, x, 1000000), TRD_OK));
    cr_assert(eq(int, trd_accounts_mark(r->a, y, 1000000), TRD_OK));
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &equity), TRD_E_RANGE));
    cr_assert(eq(int, trd_accounts_mark(r->a, y, 0), TRD_OK)); /* 1.5 x 10^18 more than it cost */
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &equity), TRD_OK));
    cr_assert(eq(i64, equity.unrealised, 45 * (HUGE_VALUE / 10)));
    rig_free(r);
}

/* Of two options that settle in BTC, of which one minor unit is worth 2 cents: 1.5 x 10^18 each. */
Test(accounts_limit, an_equity_of_more_options_than_every_amount) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(OPTION);
    const trd_terms terms = rig_terms();
    spec.settle_asset = BTC;
    spec.base_asset = JPY;
    const uint32_t x = rig_add(r, &spec, &terms);
    const uint32_t y = rig_add(r, &spec, &terms);
    trd_equity equity;
    cr_assert(eq(int, trd_accounts_rate(r->a, BTC, 2, 1), TRD_OK));
    with_outside(r, x, A, TRD_BUY, HUGE_LOTS + HUGE_LOTS / 2, 0);
    with_outside(r, y, A, TRD_BUY, HUGE_LOTS + HUGE_LOTS / 2, 0);
    cr_assert(eq(int, trd_accounts_mark(r->a, x, 1000000), TRD_OK));
    cr_assert(eq(int, trd_accounts_mark(r->a, y, 1000000), TRD_OK));
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &equity), TRD_E_RANGE));
    cr_assert(eq(int, trd_accounts_mark(r->a, y, 500000), TRD_OK));
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &equity), TRD_OK));
    cr_assert(eq(i64, equity.options, 45 * (HUGE_VALUE / 10)));
    rig_free(r);
}

/* 2 x 10^18 were realised: beside that the lots of both sides of an execution with itself may be
 * worth 2.6 x 10^18, and not 2.8. */
Test(accounts_limit, an_execution_with_itself_counts_twice_in_its_position) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, HUGE_LOTS, -1000000);
    rig_fill(r, x, B, A, HUGE_LOTS, 1000000);
    take_out(r, A, USD, 2 * HUGE_VALUE);
    trd_execution e = rig_execution(x, rig_leg(A), rig_leg(A), HUGE_LOTS / 10 * 14, 0);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_RANGE));
    e.qty = HUGE_LOTS / 10 * 13;
    OK(r, execute, &e);
    rig_free(r);
}

/* 10^14 minor units a lot, and as many as 1,000 lots are there: what is bought may bring 45,116
 * lots, not one more. */
Test(accounts_limit, an_order_for_more_coins_than_a_balance_can_bear) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(SPOT);
    const trd_terms terms = rig_terms();
    spec.qty_scale = 0;
    spec.lot_size = 1000000;
    const uint32_t x = rig_add(r, &spec, &terms);
    rig_deposit(r, A, USD, 100000);
    rig_deposit(r, A, BTC, HUGE_VALUE / 10);
    trd_hold buy = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_FULL, 45117, 1);
    cr_assert(eq(int, CALL(r, hold, &buy), TRD_E_RANGE));
    buy.qty--;
    OK(r, hold, &buy);
    rig_free(r);
}

/* What settles tomorrow is nothing at a price of nothing: the lots alone wait. */
Test(accounts_limit, a_price_of_nothing_leaves_nothing_to_settle) {
    rig *r = rig_new();
    const trd_instrument spec = rig_spec(SPOT);
    trd_terms terms = rig_terms();
    terms.settle_days = 1;
    const uint32_t x = rig_add(r, &spec, &terms);
    rig_fill(r, x, A, B, 5, 0);
    cr_assert(eq(i64, rig_balance(r, A, BTC).unsettled, 5));
    cr_assert(eq(i64, rig_balance(r, B, USD).unsettled, 0));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 1000000));
    OK(r, day);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 1000005));
    rig_free(r);
}

/* --- splits ----------------------------------------------------------------------------------- */

enum { MOST = 1 << 20 };

/* A share of which a lot is one minor unit of BTC, and worth `unit` at px_max. */
static uint32_t share_of(rig *r, trd_px px_max, int64_t numerator) {
    trd_instrument spec = rig_spec(SPOT);
    const trd_terms terms = rig_terms();
    spec.px_max = px_max;
    spec.numerator = numerator;
    spec.qty_max = 1000;
    return rig_add(r, &spec, &terms);
}

/* The fraction of 2^20 - 1 minor units, each worth 10^15. */
Test(accounts_limit, a_split_that_pays_beyond_every_amount_for_a_balance) {
    rig *r = rig_bare();
    const uint32_t x = share_of(r, 1000000, 1000000000);
    rig_deposit(r, A, BTC, MOST - 1);
    trd_split s = {.instrument = x, .numerator = 1, .denominator = MOST, .px = 1000000};
    cr_assert(eq(int, CALL(r, split, &s), TRD_E_RANGE));
    s.px = 4000; /* 4 x 10^12 each: 4.19 x 10^18 */
    OK(r, split, &s);
    cr_assert(eq(i64, rig_free_of(r, A, USD), INT64_C(4000000000000) * (MOST - 1)));
    rig_free(r);
}

/* 2^45 lots that become 2^65; the coins went elsewhere. */
Test(accounts_limit, a_split_into_more_lots_than_there_can_be) {
    rig *r = rig_bare();
    const uint32_t x = share_of(r, 1, 1);
    const trd_qty lots = (trd_qty)1 << 45;
    with_outside(r, x, A, TRD_BUY, lots, 0);
    take_out(r, A, BTC, lots);
    trd_split s = {.instrument = x, .numerator = MOST, .denominator = 1, .px = 0};
    cr_assert(eq(int, CALL(r, split, &s), TRD_E_RANGE));
    s.denominator = 16;
    OK(r, split, &s);
    EXPECT_POSITION(r, A, x, (trd_qty)1 << 61, 0, 0);
    rig_free(r);
}

/* 4 x 10^18 were realised, in parts, since what is sold counts beside what is there. 2^20 - 1 lots
 * at 10^12 are paid for none, 1.05 x 10^18. */
Test(accounts_limit, a_split_that_realises_beyond_every_amount) {
    rig *r = rig_bare();
    const uint32_t x = share_of(r, 1000000, 1000000);
    with_outside(r, x, A, TRD_BUY, 4000000, 0);
    for (int i = 0; i < 8; i++) {
        with_outside(r, x, A, TRD_SELL, 500000, 1000000);
        take_out(r, A, USD, HUGE_VALUE / 2);
    }
    with_outside(r, x, A, TRD_BUY, (MOST - 1) / 3, 0);
    const trd_split grows = {.instrument = x, .numerator = 3, .denominator = 1, .px = 0};
    OK(r, split, &grows);
    take_out(r, A, BTC, MOST - 1); /* what is paid for the position counts here */
    trd_split s = {.instrument = x, .numerator = 1, .denominator = MOST, .px = 1000000};
    cr_assert(eq(int, CALL(r, split, &s), TRD_E_RANGE));
    s.px = 500000;
    OK(r, split, &s);
    EXPECT_POSITION(r, A, x, 0, 0, 4 * HUGE_VALUE + INT64_C(500000000000) * (MOST - 1));
    rig_free(r);
}

/* 2^60 lots, and as many coins: three times each is below 2^62, both together are not. */
Test(accounts_limit, a_split_beyond_the_load_of_the_coins) {
    rig *r = rig_bare();
    const uint32_t x = share_of(r, 1, 1);
    const trd_qty lots = (trd_qty)1 << 60;
    with_outside(r, x, A, TRD_BUY, lots, 0);
    const trd_split s = {.instrument = x, .numerator = 3, .denominator = 1, .px = 0};
    cr_assert(eq(int, CALL(r, split, &s), TRD_E_RANGE));
    take_out(r, A, BTC, lots);
    OK(r, split, &s);
    EXPECT_POSITION(r, A, x, 3 * lots, 0, 0);
    rig_free(r);
}

/* 2^59 lots each: four times that is 2^61 of each and 2^62 of both, which OUTSIDE would have. */
static void split_of_two(uint8_t side) {
    rig *r = rig_bare();
    const uint32_t x = share_of(r, 1, 1);
    const trd_qty lots = (trd_qty)1 << 59;
    for (uint32_t account = A; account <= B; account++) {
        with_outside(r, x, account, side, lots, 0);
        if (side == TRD_BUY) {
            take_out(r, account, BTC, lots);
        } else {
            rig_deposit(r, account, BTC, lots);
        }
    }
    trd_split s = {.instrument = x, .numerator = 4, .denominator = 1, .px = 0};
    cr_assert(eq(int, CALL(r, split, &s), TRD_E_RANGE));
    s.numerator = 3;
    OK(r, split, &s);
    trd_qty outside = 0;
    cr_assert(eq(int, trd_accounts_outside(r->a, x, &outside), TRD_OK));
    cr_assert(eq(i64, outside, side == TRD_BUY ? -6 * lots : 6 * lots));
    rig_free(r);
}

Test(accounts_limit, a_split_beyond_the_lots_that_outside_can_have) {
    split_of_two(TRD_BUY);
    split_of_two(TRD_SELL);
}
