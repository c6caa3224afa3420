/* test_accounts_bulk.c - funding, expiry, splits, dividends. Numbers such as S114 are those of the
 * list of cases that hurt users of other engines; the others follow docs/reference/accounts.md. */
#include "accounts_rig.h"

enum {
    SPOT = TRD_INSTRUMENT_SPOT,
    LINEAR = TRD_INSTRUMENT_LINEAR,
    INVERSE = TRD_INSTRUMENT_INVERSE,
    OPTION = TRD_INSTRUMENT_OPTION
};

static trd_funding funding(uint32_t instrument, int32_t rate_ppb, trd_px mark, trd_ns due) {
    return (trd_funding){.instrument = instrument, .rate_ppb = rate_ppb, .mark = mark, .due = due};
}

/* --- funding ---------------------------------------------------------------------------------- */

Test(accounts_bulk, S114_longs_pay_shorts_and_the_profit_of_trading_is_as_before) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 2, 49000);
    const trd_funding f = funding(x, 100000, 50000, 1);
    OK(r, funding, &f);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000 - 10));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 1000000 + 10));
    EXPECT_POSITION(r, A, x, 2, 98000, 0);
    cr_assert(eq(i64, rig_position(r, A, x).funding, -10));
    cr_assert(eq(i64, rig_position(r, B, x).funding, 10));
    trd_activity activity;
    cr_assert(eq(int, trd_accounts_activity(r->a, A, &activity), TRD_OK));
    cr_assert(eq(i64, activity.funding, -10));
    cr_assert(eq(i64, activity.realised, 0));
    rig_free(r);
}

Test(accounts_bulk, S115_who_is_flat_at_the_time_pays_nothing_and_each_time_counts_once) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 2, 100);
    rig_fill(r, x, C, A, 2, 100); /* A is flat before it is due */
    rig_fill(r, x, B, C, 1, 100); /* and half of it is closed */
    const trd_funding f = funding(x, 100000000, 100, 8);
    OK(r, funding, &f);
    cr_assert(eq(i64, rig_position(r, A, x).funding, 0));
    cr_assert(eq(i64, rig_position(r, C, x).funding, -10));
    cr_assert(eq(i64, rig_position(r, B, x).funding, 10));
    cr_assert(eq(int, CALL(r, funding, &f), TRD_E_EXISTS));
    rig_fill(r, x, B, C, 1, 100);
    const trd_funding next = funding(x, 100000000, 100, 9);
    OK(r, funding, &next);
    cr_assert(eq(u32, r->out.count, 0));
    cr_assert(eq(i64, rig_position(r, C, x).funding, -10));
    rig_free(r);
}

/* 1 permille of 1,500 is 1.5: 2 are paid, 1 is got, 1 is kept. With a negative rate shorts pay. */
Test(accounts_bulk, the_payer_is_rounded_up_the_receiver_down_and_the_rest_is_kept) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 1, 1000);
    trd_funding f = funding(x, -1000000, 1500, 1);
    OK(r, funding, &f);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000001));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 999998));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_ROUNDING, USD), 1));
    f.due = 2;
    f.mark = -1500; /* the value counts, not its sign */
    OK(r, funding, &f);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000002));
    f.due = 3;
    f.mark = 1000001;
    cr_assert(eq(int, CALL(r, funding, &f), TRD_E_ARG));
    const uint32_t spot = rig_instrument(r, SPOT);
    f = funding(spot, 1, 100, 1);
    cr_assert(eq(int, CALL(r, funding, &f), TRD_E_ARG));
    f = funding(7, 1, 100, 1);
    cr_assert(eq(int, CALL(r, funding, &f), TRD_E_UNKNOWN));
    f = funding(x, TRD_RATE_ONE + 1, 100, 9);
    cr_assert(eq(int, CALL(r, funding, &f), TRD_E_ARG));
    rig_free(r);
}

/* 100 USD a lot in BTC: 3 lots at 60,000 are 500,000 minor units, 0.1 permille of it 50. OUTSIDE is
 * short and gets it. */
Test(accounts_bulk, funding_of_an_inverse_contract_is_in_coin_and_outside_takes_part) {
    rig *r = rig_new();
    trd_instrument spec = rig_spec(INVERSE);
    const trd_terms terms = rig_terms();
    spec.settle_asset = BTC;
    spec.numerator = 10000000000;
    spec.qty_max = 1000;
    const uint32_t x = rig_add(r, &spec, &terms);
    const trd_execution e = rig_execution(x, rig_leg(A), rig_outside(), 3, 50000);
    OK(r, execute, &e);
    const trd_amt before = rig_free_of(r, TRD_ACCOUNT_OUTSIDE, BTC);
    const trd_funding f = funding(x, 100000, 60000, 1);
    OK(r, funding, &f);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 1000000 - 50));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_OUTSIDE, BTC), before + 50));
    cr_assert(eq(i64, rig_sum(r, TRD_ACCOUNT_OUTSIDE, TRD_LEDGER_FUNDING), 50));
    rig_free(r);
}

Test(accounts_bulk, funding_may_take_free_below_zero_with_its_cause) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 1, 1000);
    const trd_funding f = funding(x, 1000000, 1000, 1);
    OK(r, funding, &f);
    cr_assert(eq(i64, rig_free_of(r, A, USD), -1));
    cr_assert(eq(u32, rig_balance(r, A, USD).cause, TRD_SHORT_FUNDING));
    rig_free(r);
}

/* --- expiry ----------------------------------------------------------------------------------- */

Test(accounts_bulk, a_contract_that_expires_realises_its_profit_and_gives_collateral_back) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 5, 100);
    OK(r, collateral, A, x, TRD_POSITION_NET, 40);
    OK(r, expire, x, 112);
    EXPECT_POSITION(r, A, x, 0, 0, 60);
    EXPECT_POSITION(r, B, x, 0, 0, -60);
    cr_assert(eq(i64, rig_balance(r, A, USD).locked, 0));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000060));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_CLEARING, USD), 0));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_ROUNDING, USD), 0));
    /* A: RELEASE, REALISED twice, ROUNDING twice, POSITION. */
    const uint16_t entries[] = {TRD_LEDGER_RELEASE, TRD_LEDGER_REALISED, TRD_LEDGER_REALISED,
        TRD_LEDGER_ROUNDING, TRD_LEDGER_ROUNDING};
    const uint32_t accounts[] = {
        A, A, TRD_ACCOUNT_CLEARING, TRD_ACCOUNT_CLEARING, TRD_ACCOUNT_ROUNDING};
    for (unsigned i = 0; i < 5; i++) {
        cr_assert(eq(u16, r->events[i].u.ledger.entry, entries[i]), "event %u", i);
        cr_assert(eq(u32, r->events[i].account, accounts[i]), "event %u", i);
    }
    cr_assert(eq(i64, r->events[3].u.ledger.amount, 560));
    cr_assert(eq(u8, r->events[5].kind, TRD_EVENT_POSITION));
    rig_fill(r, x, A, B, 1, 100); /* who trades it again starts from flat */
    EXPECT_POSITION(r, A, x, 1, 100, 60);
    rig_free(r);
}

Test(accounts_bulk, what_orders_hold_does_not_expire) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_NOTHING, 1, 100);
    OK(r, hold, &hold);
    cr_assert(eq(int, CALL(r, expire, x, 100), TRD_E_BUSY));
    OK(r, release, 1, 1);
    OK(r, expire, x, 100);
    cr_assert(eq(int, CALL(r, expire, x, 1000001), TRD_E_ARG));
    const uint32_t spot = rig_instrument(r, SPOT);
    cr_assert(eq(int, CALL(r, expire, spot, 100), TRD_E_ARG));
    cr_assert(eq(int, CALL(r, expire, 7, 100), TRD_E_UNKNOWN));
    rig_free(r);
}

/* Calls at 100 that cost 25, in thirds: 2 lots are 50 / 3: 17 paid, 16 got. Final price 130: 60 / 3
 * = 20. Final price 100: nothing. */
Test(accounts_bulk, an_option_pays_what_it_is_worth_in_the_end) {
    for (trd_px final = 100; final <= 130; final += 30) {
        rig *r = rig_new();
        trd_instrument spec = rig_spec(OPTION);
        const trd_terms terms = rig_terms();
        spec.denominator = 3;
        const uint32_t x = rig_add(r, &spec, &terms);
        rig_fill(r, x, A, B, 2, 25);
        EXPECT_POSITION(r, A, x, 2, 17, 0);
        OK(r, expire, x, final);
        const trd_amt worth = final == 130 ? 20 : 0;
        EXPECT_POSITION(r, A, x, 0, 0, worth - 17);
        EXPECT_POSITION(r, B, x, 0, 0, 16 - worth);
        cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_SETTLEMENT), worth));
        cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000 - 17 + worth));
        rig_free(r);
    }
}

/* A put at 100, final 99.5 of a half-tick scale is not needed: 3 lots in halves at 99: 1.5. The
 * long gets 1, the short gives 2. */
Test(accounts_bulk, the_worth_of_an_option_is_rounded_against_both) {
    rig *r = rig_new();
    trd_instrument spec = rig_spec(OPTION);
    const trd_terms terms = rig_terms();
    spec.denominator = 2;
    spec.option = TRD_OPTION_PUT;
    const uint32_t x = rig_add(r, &spec, &terms);
    rig_fill(r, x, A, B, 3, 2);
    OK(r, expire, x, 99);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000 - 3 + 1));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 1000000 + 3 - 2));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_ROUNDING, USD), 1));
    rig_free(r);
}

static uint32_t physical(rig *r, uint8_t kind, uint8_t option) {
    trd_instrument spec = rig_spec(kind);
    trd_terms terms = rig_terms();
    spec.lot_size = 10; /* a lot is 10 minor units of BTC */
    spec.denominator = kind == LINEAR ? 2 : 1;
    spec.option = option;
    terms.delivery = TRD_DELIVERY_PHYSICAL;
    return rig_add(r, &spec, &terms);
}

/* 3 lots in halves at 101 and 111: bought for 152, worth 166.5. The long realises 166 - 152, gives
 * 167 and gets 30; the short realises -167 + 151 and gets 166 for 30. */
Test(accounts_bulk, a_physical_future_is_closed_and_then_delivered_at_the_final_price) {
    rig *r = rig_new();
    const uint32_t x = physical(r, LINEAR, TRD_OPTION_NONE);
    rig_fill(r, x, A, B, 3, 101);
    OK(r, expire, x, 111);
    EXPECT_POSITION(r, A, x, 0, 0, 14);
    EXPECT_POSITION(r, B, x, 0, 0, -16);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000 + 14 - 167));
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 1000030));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 1000000 - 16 + 166));
    cr_assert(eq(i64, rig_free_of(r, B, BTC), 999970));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_ROUNDING, BTC), 0));
    rig_free(r);
}

/* Strike 100, final 120: a call's long pays 100 a lot for the coins, worth 20 a lot to it. */
Test(accounts_bulk, a_physical_option_is_exercised_at_the_strike) {
    rig *r = rig_new();
    const uint32_t x = physical(r, OPTION, TRD_OPTION_CALL);
    rig_fill(r, x, A, B, 2, 15);
    OK(r, expire, x, 120);
    EXPECT_POSITION(r, A, x, 0, 0, 40 - 30);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000 - 30 - 200));
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 1000020));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 1000000 + 30 + 200));
    cr_assert(eq(i64, rig_free_of(r, B, BTC), 999980));
    cr_assert(eq(u32, rig_count(r, A, TRD_LEDGER_SETTLEMENT), 0));
    rig_free(r);
}

Test(accounts_bulk, the_long_of_a_physical_put_delivers) {
    rig *r = rig_bare();
    const uint32_t x = physical(r, OPTION, TRD_OPTION_PUT);
    rig_fill(r, x, A, B, 2, 15);
    OK(r, expire, x, 90);
    cr_assert(eq(i64, rig_free_of(r, A, USD), -30 + 200));
    cr_assert(eq(i64, rig_free_of(r, A, BTC), -20));
    cr_assert(eq(u32, rig_balance(r, A, BTC).cause, TRD_SHORT_DELIVERY));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 30 - 200));
    cr_assert(eq(u32, rig_balance(r, B, USD).cause, TRD_SHORT_DELIVERY));
    rig_fill(r, x, A, B, 2, 15);
    OK(r, expire, x, 100); /* at the strike: worth nothing */
    cr_assert(eq(u32, rig_count(r, A, TRD_LEDGER_DELIVERY), 0));
    EXPECT_POSITION(r, A, x, 0, 0, (20 - 30) - 30);
    rig_free(r);
}

Test(accounts_bulk, outside_settles_its_own_position) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const trd_execution e = rig_execution(x, rig_outside(), rig_leg(A), 4, 100);
    OK(r, execute, &e);
    OK(r, expire, x, 90);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000040));
    cr_assert(eq(i64, rig_sum(r, TRD_ACCOUNT_OUTSIDE, TRD_LEDGER_SETTLEMENT), 360));
    trd_qty outside;
    cr_assert(eq(int, trd_accounts_outside(r->a, x, &outside), TRD_OK));
    cr_assert(eq(i64, outside, 0));
    rig_free(r);
}

/* --- splits ----------------------------------------------------------------------------------- */

/* 3 for 1: 10 lots that cost 1,000 are 30 that cost 1,000. */
Test(accounts_bulk, S116_a_split_keeps_the_cost_of_more_lots) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    rig_fill(r, x, A, B, 10, 100);
    const trd_split s = {.instrument = x, .numerator = 3, .denominator = 1, .px = 120};
    OK(r, split, &s);
    EXPECT_POSITION(r, A, x, 30, 1000, 0);
    EXPECT_POSITION(r, B, x, -30, -1000, 0);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 3 * 1000010));
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_CORPORATE), 2 * 1000010));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 999000));
    rig_free(r);
}

/* 1 for 3: 10 lots that cost 1,001 become 3 and a third. Cost out floor(1,001 x 1 / 10) = 100; the
 * third of a new lot is one old one, 120: realised 20. Balances: 10 coins become 3, and 1 of 3 old
 * ones is paid 120. */
Test(accounts_bulk, S116_fractions_of_a_split_are_paid_and_none_is_left) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, SPOT);
    rig_deposit(r, A, USD, 2000);
    rig_deposit(r, B, BTC, 12);
    rig_fill(r, x, A, B, 9, 100);
    rig_fill(r, x, A, B, 1, 101);
    const trd_split s = {.instrument = x, .numerator = 1, .denominator = 3, .px = 120};
    OK(r, split, &s);
    EXPECT_POSITION(r, A, x, 3, 901, 20);
    /* B: -10 lots, cost -1,001: cost out floor(-100.1) = -101; floor(-120) + 101 = -19. */
    EXPECT_POSITION(r, B, x, -3, -900, -19);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 3));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 2000 - 1001 + 120));
    cr_assert(eq(i64, rig_free_of(r, B, BTC), 0));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 1001 + 240)); /* 2 of 3 old ones */
    trd_qty outside;
    cr_assert(eq(int, trd_accounts_outside(r->a, x, &outside), TRD_OK));
    cr_assert(eq(i64, outside, 0));
    rig_free(r);
}

/* 2 lots in 1 for 3: no lot is left, all of it is paid. */
Test(accounts_bulk, S116_a_position_that_becomes_zero_lots_has_no_cost) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    rig_fill(r, x, A, B, 2, 100);
    const trd_split s = {.instrument = x, .numerator = 1, .denominator = 3, .px = 90};
    OK(r, split, &s);
    EXPECT_POSITION(r, A, x, 0, 0, -20);
    EXPECT_POSITION(r, B, x, 0, 0, 20);
    rig_free(r);
}

Test(accounts_bulk, a_split_waits_for_orders_and_for_what_is_unsettled) {
    rig *r = rig_new();
    const trd_instrument spec = rig_spec(SPOT);
    trd_terms terms = rig_terms();
    terms.settle_days = 1;
    const uint32_t x = rig_add(r, &spec, &terms);
    const trd_split s = {.instrument = x, .numerator = 2, .denominator = 1, .px = 100};
    const trd_hold buy = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_FULL, 1, 100);
    OK(r, hold, &buy);
    cr_assert(eq(int, CALL(r, split, &s), TRD_E_BUSY));
    OK(r, release, 1, 1);
    rig_fill(r, x, A, B, 1, 100);
    cr_assert(eq(int, CALL(r, split, &s), TRD_E_BUSY));
    OK(r, day);
    OK(r, split, &s);
    EXPECT_POSITION(r, A, x, 2, 100, 0);
    rig_free(r);
}

Test(accounts_bulk, a_split_that_cannot_be_is_refused) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    const uint32_t f = rig_instrument(r, LINEAR);
    const struct {
        trd_split split;
        int result;
    } rows[] = {
        {{.instrument = x, .numerator = 0, .denominator = 1}, TRD_E_ARG},
        {{.instrument = x, .numerator = 1, .denominator = 0}, TRD_E_ARG},
        {{.instrument = x, .numerator = (1 << 20) + 1, .denominator = 1}, TRD_E_ARG},
        {{.instrument = x, .numerator = 1, .denominator = (1 << 20) + 1}, TRD_E_ARG},
        {{.instrument = x, .numerator = 1, .denominator = 1, .reserved = 1}, TRD_E_ARG},
        {{.instrument = x, .numerator = 1, .denominator = 1, .px = 1000001}, TRD_E_ARG},
        {{.instrument = f, .numerator = 1, .denominator = 1}, TRD_E_ARG},
        {{.instrument = 7, .numerator = 1, .denominator = 1}, TRD_E_UNKNOWN},
        {{.instrument = x, .numerator = 1 << 20, .denominator = 1 << 20}, TRD_OK},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert(eq(int, CALL(r, split, &rows[i].split), rows[i].result), "row %u", i);
    }
    rig_free(r);
}

/* --- dividends -------------------------------------------------------------------------------- */

Test(accounts_bulk, a_dividend_goes_to_long_lots_and_comes_from_short_ones) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 10, 100);
    OK(r, dividend, x, JPY, 7);
    cr_assert(eq(i64, rig_free_of(r, A, JPY), 70));
    cr_assert(eq(i64, rig_free_of(r, B, JPY), -70));
    cr_assert(eq(u32, rig_balance(r, B, JPY).cause, TRD_SHORT_CORPORATE));
    EXPECT_POSITION(r, A, x, 10, 1000, 0);
    cr_assert(eq(u32, r->out.count, 4));
    OK(r, dividend, x, JPY, 0);
    cr_assert(eq(u32, r->out.count, 0));
    cr_assert(eq(int, CALL(r, dividend, x, JPY, -1), TRD_E_ARG));
    cr_assert(eq(int, CALL(r, dividend, 7, JPY, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, CALL(r, dividend, x, 3, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, CALL(r, dividend, x, JPY, TRD_AMT_LIMIT / 10 + 1), TRD_E_RANGE));
    rig_free(r);
}

Test(accounts_bulk, a_dividend_without_room_for_its_balances_does_nothing) {
    trd_accounts_def def = rig_def();
    def.balances_max = 3;
    rig *r = rig_bare_of(&def);
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 10, 100);
    cr_assert(eq(int, CALL(r, dividend, x, JPY, 7), TRD_E_FULL));
    cr_assert(eq(u32, r->out.count, 0));
    OK(r, dividend, x, USD, 7);
    rig_free(r);
}

/* --- in parts --------------------------------------------------------------------------------- */

/* A world in which each of these calls has much to do. */
static rig *busy_world(uint32_t *instruments) {
    rig *r = rig_new();
    const trd_instrument spec = rig_spec(SPOT);
    trd_terms terms = rig_terms();
    instruments[LINEAR] = rig_instrument(r, LINEAR);
    instruments[OPTION] = rig_instrument(r, OPTION);
    instruments[INVERSE] = physical(r, LINEAR, TRD_OPTION_NONE);
    instruments[SPOT] = rig_add(r, &spec, &terms);
    terms.settle_days = 1;
    instruments[0] = rig_add(r, &spec, &terms);
    const uint32_t pairs[][2] = {{A, B}, {C, D}, {A, D}};
    for (unsigned i = 0; i < 3; i++) {
        for (uint32_t k = 0; k <= OPTION; k++) {
            rig_fill(r, instruments[k], pairs[i][0], pairs[i][1], 7, 103);
        }
    }
    for (uint32_t k = LINEAR; k <= OPTION; k++) {
        const trd_execution e = rig_execution(instruments[k], rig_leg(B), rig_outside(), 5, 99);
        OK(r, execute, &e);
    }
    for (uint32_t account = A; account <= D; account++) {
        OK(r, loan, account, USD, 1000, 0);
    }
    return r;
}

enum { CALLS = 8 };

static int bulk_call(rig *r, const uint32_t *instruments, unsigned which) {
    const trd_funding f = funding(instruments[LINEAR], 12345, 107, 1);
    const trd_split s = {
        .instrument = instruments[SPOT], .numerator = 2, .denominator = 3, .px = 100};
    switch (which) {
    case 0:
        return trd_accounts_day(r->a, &r->out);
    case 1:
        return trd_accounts_split(r->a, &s, &r->out);
    case 2:
        return trd_accounts_funding(r->a, &f, &r->out);
    case 3:
        return trd_accounts_interest(r->a, USD, 1000000, 1, &r->out);
    case 4:
        return trd_accounts_dividend(r->a, instruments[SPOT], JPY, 3, &r->out);
    case 5:
        return trd_accounts_expire(r->a, instruments[OPTION], 109, &r->out);
    case 6:
        return trd_accounts_expire(r->a, instruments[INVERSE], 109, &r->out);
    default:
        return trd_accounts_expire(r->a, instruments[LINEAR], 109, &r->out);
    }
}

/* All of them, one after the other, with `capacity` slots: events to `all`. Returns their number,
 * and how often the output was full in *times. */
static uint32_t in_parts(uint32_t capacity, trd_event *all, unsigned *times) {
    uint32_t instruments[OPTION + 1];
    rig *r = busy_world(instruments);
    uint32_t count = 0;
    *times = 0;
    r->out.capacity = capacity;
    for (unsigned which = 0; which < CALLS; which++) {
        r->out.count = 0;
        int result = bulk_call(r, instruments, which);
        for (;;) {
            memcpy(all + count, r->events, r->out.count * sizeof(trd_event));
            count += r->out.count;
            r->out.count = 0;
            if (result != TRD_MORE) {
                break;
            }
            (*times)++;
            cr_assert(eq(int, bulk_call(r, instruments, which), TRD_E_BUSY));
            cr_assert(eq(int, trd_accounts_mark(r->a, 0, 100), TRD_E_BUSY));
            cr_assert(eq(int, trd_accounts_period(r->a), TRD_E_BUSY));
            r->out.count = r->out.capacity - TRD_ACCOUNTS_OUT_MIN + 1;
            cr_assert(eq(int, trd_accounts_continue(r->a, &r->out), TRD_E_FULL));
            r->out.count = 0;
            result = trd_accounts_continue(r->a, &r->out);
        }
        cr_assert(eq(int, result, TRD_OK), "call %u", which);
        rig_sound(r);
    }
    cr_assert(eq(int, trd_accounts_continue(r->a, &r->out), TRD_OK)); /* nothing to do */
    cr_assert(eq(u32, r->out.count, 0));
    rig_free(r);
    return count;
}

Test(accounts_bulk, the_events_are_the_same_for_every_capacity_of_the_output) {
    static trd_event whole[RIG_SLOTS];
    static trd_event parts[RIG_SLOTS];
    unsigned times;
    const uint32_t count = in_parts(RIG_SLOTS, whole, &times);
    cr_assert(eq(u32, times, 0));
    cr_assert(count > 100);
    for (uint32_t capacity = TRD_ACCOUNTS_OUT_MIN; capacity < 80; capacity++) {
        cr_assert(eq(u32, in_parts(capacity, parts, &times), count));
        cr_assert(capacity > 60 || times > 3);
        cr_assert(memcmp(whole, parts, count * sizeof(trd_event)) == 0, "capacity %u", capacity);
    }
}
