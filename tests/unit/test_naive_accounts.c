/* test_naive_accounts.c - the naive model of accounts by hand: amounts worked out from
 * docs/reference/accounts.md. What the model says is what the library is measured by, so it must be
 * right without it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "life_acct.h"
#include "naive_acct.h"

#include <string.h>

enum { USD = 0, BASE = 1, ALICE = 0, BOB = 1, CAROL = 2, PERCENT = TRD_RATE_ONE / 100 };

static naive_acct *model;

static void add_asset(const char *symbol, uint8_t scale) {
    trd_asset asset = {.struct_size = sizeof(asset), .scale = scale};
    strcpy(asset.symbol, symbol);
    int number;
    cr_assert(eq(u32, naive_acct_asset_add(model, &asset, &number), NAIVE_DONE));
}

static void add_fees(int32_t maker_ppb, int32_t taker_ppb, uint32_t pays_in, uint32_t discount) {
    trd_fee_table table = {.struct_size = sizeof(table),
        .tier_count = 1,
        .pays_in = pays_in,
        .discount_ppm = discount};
    table.tiers[0].maker_ppb = maker_ppb;
    table.tiers[0].taker_ppb = taker_ppb;
    int number;
    cr_assert(eq(u32, naive_acct_fees_add(model, &table, &number), NAIVE_DONE));
}

static void open_accounts(uint32_t fees) {
    trd_account terms = {.struct_size = sizeof(terms),
        .fees = fees,
        .role = TRD_ROLE_TRADER,
        .mode = TRD_MODE_CASH,
        .enabled = 1};
    for (uint32_t account = ALICE; account <= CAROL; account++) {
        cr_assert(eq(u32, naive_acct_open(model, account, &terms), NAIVE_DONE));
    }
}

static void setup(void) {
    trd_accounts_def def = trd_accounts_def_default();
    def.assets_max = 4;
    def.instruments_max = 4;
    def.accounts_max = 4;
    def.balances_max = 16;
    def.positions_max = 16;
    def.orders_max = 8;
    def.unsettled_max = 4;
    def.fee_tables_max = 4;
    def.publish = TRD_PUBLISH_MONEY_ALL;
    model = naive_acct_create(&def);
    add_asset("USD", 2);
    add_asset("BASE", 0);
    add_fees(0, 0, 0, 0);
    open_accounts(0);
}

static void teardown(void) {
    naive_acct_destroy(model);
}

TestSuite(naive_accounts, .init = setup, .fini = teardown);

/* --- Words -------------------------------------------------------------------------------------
 */

static trd_instrument spec_of(uint8_t kind) {
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    spec.kind = kind;
    spec.px_max = 100000;
    spec.qty_max = 1000;
    spec.base_asset = BASE;
    spec.quote_asset = USD;
    spec.settle_asset = USD;
    if (kind == TRD_INSTRUMENT_OPTION) {
        spec.option = TRD_OPTION_CALL;
        spec.expiry = 1;
        spec.strike = 100;
        spec.px_min = 0;
    }
    return spec;
}

static void add_instrument(const trd_instrument *spec, trd_terms terms) {
    terms.struct_size = sizeof(terms);
    int number;
    cr_assert(eq(u32, naive_acct_instrument_add(model, spec, &terms, &number), NAIVE_DONE));
}

static void add(uint8_t kind) {
    const trd_instrument spec = spec_of(kind);
    add_instrument(&spec, (trd_terms){0});
}

static void deposit(uint32_t account, uint32_t asset, trd_amt amount) {
    const trd_transfer t = {
        .from = TRD_ACCOUNT_OUTSIDE, .to = account, .asset = asset, .amount = amount};
    cr_assert(eq(u32, naive_acct_transfer(model, &t), NAIVE_DONE));
}

static trd_leg leg_of(uint32_t account, trd_order order) {
    return (trd_leg){.order = order,
        .account = account,
        .liquidity = account == TRD_ACCOUNT_OUTSIDE ? 0 : TRD_LIQUIDITY_TAKER};
}

static void fill(uint32_t buyer, uint32_t seller, trd_qty qty, trd_px px, trd_order order) {
    const trd_execution x = {
        .px = px, .qty = qty, .buyer = leg_of(buyer, order), .seller = leg_of(seller, 0)};
    cr_assert(eq(u32, naive_acct_execute(model, &x), NAIVE_DONE));
    cr_assert(naive_acct_broken(model) == NULL);
}

static trd_balance balance(uint32_t account, uint32_t asset) {
    trd_balance out;
    cr_assert(eq(u32, naive_acct_balance(model, account, asset, &out), NAIVE_DONE));
    return out;
}

static trd_amt free_of(uint32_t account, uint32_t asset) {
    return balance(account, asset).free;
}

static trd_holding position(uint32_t account) {
    trd_holding out;
    cr_assert(eq(u32, naive_acct_position(model, account, 0, TRD_POSITION_NET, &out), NAIVE_DONE));
    return out;
}

static void position_is(uint32_t account, trd_qty qty, trd_amt cost, trd_amt realised) {
    const trd_holding p = position(account);
    cr_assert(eq(i64, p.qty, qty));
    cr_assert(eq(i64, p.cost, cost));
    cr_assert(eq(i64, p.realised, realised));
}

/* --- Quotients ---------------------------------------------------------------------------------
 */

Test(naive_accounts, quotients_are_rounded_toward_minus_and_plus_infinity) {
    cr_assert(wide_floor((quotient){{-7, 1, 1}, {2, 1, 1}}) == -4);
    cr_assert(wide_ceil((quotient){{-7, 1, 1}, {2, 1, 1}}) == -3);
    cr_assert(wide_floor((quotient){{7, 1, 1}, {2, 1, 1}}) == 3);
    cr_assert(wide_ceil((quotient){{7, 1, 1}, {2, 1, 1}}) == 4);
    cr_assert(wide_ceil((quotient){{-8, 1, 1}, {2, 1, 1}}) == -4);
}

Test(naive_accounts, quotients_of_products_that_128_bits_do_not_hold_are_exact) {
    const wide big = (wide)1 << 100;
    cr_assert(wide_floor((quotient){{big, big, 7}, {big, big, 2}}) == 3);
    cr_assert(wide_ceil((quotient){{big, -big, 7}, {big, big, 2}}) == -3);
    cr_assert(wide_floor((quotient){{big, big - 1, 1}, {big, 1, 1}}) == big - 1);
    cr_assert(wide_floor((quotient){{big, big, big}, {1, 1, 1}}) == WIDE_HUGE);
}

/* --- Positions ---------------------------------------------------------------------------------
 */

Test(naive_accounts, a_fill_through_zero_closes_at_cost_and_opens_at_its_own_price) {
    add(TRD_INSTRUMENT_LINEAR);
    fill(ALICE, TRD_ACCOUNT_OUTSIDE, 10, 100, 0);
    position_is(ALICE, 10, 1000, 0);
    fill(TRD_ACCOUNT_OUTSIDE, ALICE, 15, 110, 0);
    position_is(ALICE, -5, -550, 100);
    cr_assert(eq(i64, free_of(TRD_ACCOUNT_CLEARING, USD), 550));
    fill(ALICE, TRD_ACCOUNT_OUTSIDE, 5, 100, 0);
    position_is(ALICE, 0, 0, 150);
    cr_assert(eq(i64, free_of(ALICE, USD), 150));
    cr_assert(eq(i64, free_of(TRD_ACCOUNT_OUTSIDE, USD), -150));
}

Test(naive_accounts, an_inverse_contract_gains_coin_when_the_price_rises) {
    trd_instrument spec = spec_of(TRD_INSTRUMENT_INVERSE);
    spec.numerator = 1000000; /* 3 lots at 7: 428,571 3/7; at 8: 375,000 */
    spec.settle_asset = BASE;
    add_instrument(&spec, (trd_terms){0});
    fill(ALICE, TRD_ACCOUNT_OUTSIDE, 3, 7, 0);
    position_is(ALICE, 3, -428571, 0);
    fill(BOB, ALICE, 3, 8, 0);
    position_is(ALICE, 0, 0, 53571);
    position_is(BOB, 3, -375000, 0);
}

Test(naive_accounts, a_part_takes_its_share_of_the_cost_rounded_down) {
    add(TRD_INSTRUMENT_LINEAR);
    fill(ALICE, TRD_ACCOUNT_OUTSIDE, 2, 5, 0);
    fill(ALICE, TRD_ACCOUNT_OUTSIDE, 1, 6, 0); /* cost 16 of 3 lots */
    fill(TRD_ACCOUNT_OUTSIDE, ALICE, 1, 9, 0); /* floor(16 / 3) = 5 leaves */
    position_is(ALICE, 2, 11, 4);
}

/* --- Holds, fees, taxes ------------------------------------------------------------------------
 */

/* 1 tick x lot is 1 cent; fee 0.1 %, tax of the buyer 0.05 %. */
Test(naive_accounts, a_hold_covers_the_worst_price_and_what_is_charged_on_it) {
    add_fees(PERCENT / 10, PERCENT / 10, 0, 0);
    open_accounts(1);
    const trd_instrument spec = spec_of(TRD_INSTRUMENT_SPOT);
    add_instrument(&spec, (trd_terms){.tax_count = 1, .taxes = {{.buyer_ppb = PERCENT / 20}}});
    deposit(ALICE, USD, 2000);
    const trd_hold hold = {
        .order = 3, .side = TRD_BUY, .kind = TRD_HOLD_FULL, .px = 100, .qty = 10};
    cr_assert(eq(u32, naive_acct_hold(model, &hold), NAIVE_DONE));
    cr_assert(eq(i64, balance(ALICE, USD).locked, 1000 + 1 + 1));
    fill(ALICE, TRD_ACCOUNT_OUTSIDE, 4, 90, 3); /* 360, fee 0.36, tax 0.18 */
    /* 360 + 6 x 100 = 960 in all: fee 0.96, tax 0.48, both charged already */
    cr_assert(eq(i64, balance(ALICE, USD).locked, 600));
    cr_assert(eq(i64, free_of(ALICE, USD), 2000 - 362 - 600));
    cr_assert(eq(i64, free_of(ALICE, BASE), 4));
    cr_assert(eq(u32, naive_acct_release(model, 3, 6), NAIVE_DONE));
    cr_assert(eq(i64, free_of(ALICE, USD), 2000 - 362));
    cr_assert(eq(i64, position(ALICE).fees, 2));
}

Test(naive_accounts, charges_of_a_seller_take_no_more_than_he_got) {
    add_fees(0, TRD_FEE_RATE_MAX, 0, 0);
    open_accounts(1);
    const trd_instrument spec = spec_of(TRD_INSTRUMENT_SPOT);
    add_instrument(&spec, (trd_terms){.tax_count = 1, .taxes = {{.seller_ppb = TRD_FEE_RATE_MAX}}});
    deposit(BOB, BASE, 1);
    fill(TRD_ACCOUNT_OUTSIDE, BOB, 1, 1, 0); /* fee ceil(0.1), tax ceil(0.1), and 1 to take from */
    cr_assert(eq(i64, free_of(BOB, USD), 0));
    cr_assert(eq(i64, free_of(TRD_ACCOUNT_FEES, USD), 1));
    cr_assert(eq(i64, free_of(TRD_ACCOUNT_TAXES, USD), 0));
}

/* Fee 10 % of 100 is 10; a fifth off in BASE, of which one is worth 3: ceil(8 / 3). */
Test(naive_accounts, a_fee_is_paid_in_another_asset_with_its_discount) {
    add_fees(0, TRD_FEE_RATE_MAX, 1 + BASE, 200000);
    open_accounts(1);
    add(TRD_INSTRUMENT_LINEAR);
    cr_assert(eq(u32, naive_acct_rate(model, BASE, 3, 1), NAIVE_DONE));
    deposit(ALICE, BASE, 4);
    fill(ALICE, TRD_ACCOUNT_OUTSIDE, 1, 100, 0);
    cr_assert(eq(i64, free_of(ALICE, BASE), 1));
    cr_assert(eq(i64, position(ALICE).fees, 10));
    fill(ALICE, TRD_ACCOUNT_OUTSIDE, 1, 100, 0); /* 1 is not enough */
    cr_assert(eq(i64, free_of(ALICE, USD), -10));
    cr_assert(eq(u32, balance(ALICE, USD).cause, TRD_SHORT_FEES));
}

/* A tenth of a cent per execution: one in ten pays a cent. */
Test(naive_accounts, a_rebate_is_paid_when_it_is_whole) {
    add_fees(-TRD_FEE_RATE_MAX, 0, 0, 0);
    open_accounts(1);
    add(TRD_INSTRUMENT_LINEAR);
    const trd_hold hold = {
        .order = 1, .side = TRD_BUY, .kind = TRD_HOLD_NOTHING, .px = 1, .qty = 20};
    cr_assert(eq(u32, naive_acct_hold(model, &hold), NAIVE_DONE));
    trd_execution x = {.px = 1,
        .qty = 1,
        .buyer = {.order = 1, .liquidity = TRD_LIQUIDITY_MAKER},
        .seller = {.account = TRD_ACCOUNT_OUTSIDE}};
    for (int i = 1; i <= 10; i++) {
        cr_assert(eq(i64, free_of(ALICE, USD), 0));
        cr_assert(eq(u32, naive_acct_execute(model, &x), NAIVE_DONE));
    }
    cr_assert(eq(i64, free_of(ALICE, USD), 1));
    cr_assert(eq(i64, free_of(TRD_ACCOUNT_REBATES, USD), -1));
    cr_assert(eq(i64, position(ALICE).fees, -1));
}

/* 10 lots at 100 with 20 %: 200. Four of them open: floor((200 - 120) x 4 / 4) moves. */
Test(naive_accounts, margin_becomes_collateral_and_returns_when_the_position_closes) {
    add(TRD_INSTRUMENT_LINEAR);
    deposit(ALICE, USD, 500);
    const trd_hold hold = {.order = 2,
        .side = TRD_BUY,
        .kind = TRD_HOLD_MARGIN,
        .margin_ppm = 200000,
        .px = 100,
        .qty = 10};
    cr_assert(eq(u32, naive_acct_hold(model, &hold), NAIVE_DONE));
    fill(ALICE, TRD_ACCOUNT_OUTSIDE, 4, 90, 2);
    cr_assert(eq(i64, position(ALICE).collateral, 80));
    cr_assert(eq(i64, balance(ALICE, USD).locked, 200));
    fill(TRD_ACCOUNT_OUTSIDE, ALICE, 3, 80, 0); /* loses 30; 60 of 80 returns */
    cr_assert(eq(i64, position(ALICE).collateral, 20));
    cr_assert(eq(i64, free_of(ALICE, USD), 500 - 30 - 120 - 20));
}

/* --- Days, funding, interest -------------------------------------------------------------------
 */

Test(naive_accounts, what_is_bought_is_free_after_its_days_and_what_it_cost_is_gone_at_once) {
    const trd_instrument spec = spec_of(TRD_INSTRUMENT_SPOT);
    add_instrument(&spec, (trd_terms){.settle_days = 2});
    deposit(ALICE, USD, 100);
    deposit(BOB, BASE, 5);
    fill(ALICE, BOB, 5, 20, 0);
    cr_assert(eq(i64, balance(ALICE, BASE).unsettled, 5));
    cr_assert(eq(i64, free_of(ALICE, USD), 0));
    cr_assert(eq(u32, naive_acct_day(model), NAIVE_DONE));
    cr_assert(eq(i64, free_of(BOB, USD), 0));
    cr_assert(eq(u32, naive_acct_day(model), NAIVE_DONE));
    cr_assert(eq(i64, free_of(ALICE, BASE), 5));
    cr_assert(eq(i64, free_of(BOB, USD), 100));
}

/* 5 x 101 x 1 % = 5.05: the long pays 6; the shorts of 2 and 3 get 2.02 and 3.03 rounded down. */
Test(naive_accounts, funding_leaves_its_remainder_to_rounding) {
    add(TRD_INSTRUMENT_LINEAR);
    fill(ALICE, BOB, 2, 100, 0);
    fill(ALICE, CAROL, 3, 100, 0);
    const trd_funding f = {.rate_ppb = PERCENT, .mark = 101, .due = 7};
    cr_assert(eq(u32, naive_acct_funding(model, &f), NAIVE_DONE));
    cr_assert(eq(i64, position(ALICE).funding, -6));
    cr_assert(eq(i64, position(BOB).funding, 2));
    cr_assert(eq(i64, position(CAROL).funding, 3));
    cr_assert(eq(i64, free_of(TRD_ACCOUNT_ROUNDING, USD), 1));
    cr_assert(eq(u32, balance(ALICE, USD).cause, TRD_SHORT_FUNDING));
    cr_assert(eq(u32, naive_acct_funding(model, &f), NAIVE_CODE(TRD_E_EXISTS)));
    cr_assert(eq(i64, position(ALICE).funding, -6));
}

Test(naive_accounts, interest_makes_the_debt_grow_and_moves_no_money) {
    cr_assert(eq(u32, naive_acct_loan(model, ALICE, USD, 150, 1), NAIVE_DONE));
    cr_assert(eq(u32, naive_acct_interest(model, USD, PERCENT, 1), NAIVE_DONE)); /* 1.5 */
    cr_assert(eq(i64, balance(ALICE, USD).debt, 152));
    cr_assert(eq(i64, free_of(ALICE, USD), 150));
    cr_assert(eq(u32, naive_acct_loan(model, ALICE, USD, -153, 1),
        NAIVE_CODE(TRD_E_RANGE) | NAIVE_CODE(TRD_E_FUNDS)));
    cr_assert(eq(u32, naive_acct_loan(model, ALICE, USD, -150, 1), NAIVE_DONE));
    cr_assert(eq(i64, free_of(TRD_ACCOUNT_LENDER, USD), 0));
    cr_assert(eq(i64, balance(ALICE, USD).debt, 2));
}

/* --- Expiry, splits ----------------------------------------------------------------------------
 */

Test(naive_accounts, a_call_pays_what_it_is_in_the_money) {
    add(TRD_INSTRUMENT_OPTION);
    deposit(ALICE, USD, 50);
    fill(ALICE, BOB, 10, 5, 0); /* premium 50 */
    cr_assert(eq(i64, free_of(BOB, USD), 50));
    cr_assert(eq(u32, naive_acct_expire(model, 0, 112), NAIVE_DONE)); /* 12 x 10 */
    cr_assert(eq(i64, free_of(ALICE, USD), 120));
    cr_assert(eq(i64, free_of(BOB, USD), -70));
    cr_assert(eq(u32, balance(BOB, USD).cause, TRD_SHORT_DELIVERY));
    position_is(ALICE, 0, 0, 70);
    position_is(BOB, 0, 0, -70);
}

Test(naive_accounts, a_call_that_is_delivered_gives_the_base_for_the_strike) {
    const trd_instrument spec = spec_of(TRD_INSTRUMENT_OPTION);
    add_instrument(&spec, (trd_terms){.delivery = TRD_DELIVERY_PHYSICAL});
    deposit(ALICE, USD, 1050);
    deposit(BOB, BASE, 10);
    fill(ALICE, BOB, 10, 5, 0);
    cr_assert(eq(u32, naive_acct_expire(model, 0, 112), NAIVE_DONE));
    cr_assert(eq(i64, free_of(ALICE, USD), 0));
    cr_assert(eq(i64, free_of(ALICE, BASE), 10));
    cr_assert(eq(i64, free_of(BOB, USD), 1050));
    cr_assert(eq(i64, free_of(BOB, BASE), 0));
    position_is(ALICE, 0, 0, 70);
}

/* 2 for 3, at 30 for an old share: of 10 shares 6 2/3 become 6; the rest of 2/3 new ones is one old
 * one. Alice's cost of 100: a tenth leaves with it, for 30. */
Test(naive_accounts, the_fraction_of_a_split_is_paid) {
    add(TRD_INSTRUMENT_SPOT);
    deposit(ALICE, USD, 100);
    fill(ALICE, TRD_ACCOUNT_OUTSIDE, 10, 10, 0);
    const trd_split s = {.numerator = 2, .denominator = 3, .px = 30};
    cr_assert(eq(u32, naive_acct_split(model, &s), NAIVE_DONE));
    cr_assert(eq(i64, free_of(ALICE, BASE), 6));
    cr_assert(eq(i64, free_of(ALICE, USD), 30));
    position_is(ALICE, 6, 90, 20);
    trd_qty outside;
    cr_assert(eq(u32, naive_acct_outside(model, 0, &outside), NAIVE_DONE));
    cr_assert(eq(i64, outside, -6));
}

Test(naive_accounts, who_is_short_gives_the_dividend) {
    add(TRD_INSTRUMENT_SPOT);
    fill(ALICE, BOB, 4, 10, 0);
    cr_assert(eq(u32, naive_acct_dividend(model, 0, USD, 3), NAIVE_DONE));
    cr_assert(eq(i64, free_of(ALICE, USD), -40 + 12));
    cr_assert(eq(i64, free_of(BOB, USD), 40 - 12));
    cr_assert(eq(u32, balance(ALICE, USD).cause, TRD_SHORT_UNHELD));
}

/* --- Equity, refusals --------------------------------------------------------------------------
 */

Test(naive_accounts, equity_is_money_less_debt_and_open_profit_at_the_mark) {
    add(TRD_INSTRUMENT_LINEAR);
    deposit(ALICE, USD, 1000);
    cr_assert(eq(u32, naive_acct_loan(model, ALICE, USD, 300, 1), NAIVE_DONE));
    fill(ALICE, BOB, 10, 100, 0);
    trd_equity e;
    cr_assert(eq(u32, naive_acct_equity(model, ALICE, &e), NAIVE_CODE(TRD_E_UNKNOWN)));
    cr_assert(eq(u32, naive_acct_mark(model, 0, 93), NAIVE_DONE));
    cr_assert(eq(u32, naive_acct_equity(model, ALICE, &e), NAIVE_DONE));
    cr_assert(eq(i64, e.balances, 1000));
    cr_assert(eq(i64, e.unrealised, -70));
    cr_assert(eq(i64, e.total, 930));
}

Test(naive_accounts, what_is_refused_changes_nothing) {
    add(TRD_INSTRUMENT_SPOT);
    deposit(ALICE, USD, 99);
    const trd_hold hold = {.order = 1, .side = TRD_BUY, .kind = TRD_HOLD_FULL, .px = 100, .qty = 1};
    cr_assert(eq(u32, naive_acct_hold(model, &hold), NAIVE_CODE(TRD_E_FUNDS)));
    cr_assert(eq(i64, balance(ALICE, USD).locked, 0));
    trd_held held;
    cr_assert(eq(u32, naive_acct_held(model, 1, &held), NAIVE_CODE(TRD_E_UNKNOWN)));
    deposit(ALICE, USD, 1);
    cr_assert(eq(u32, naive_acct_hold(model, &hold), NAIVE_DONE));
    cr_assert(
        eq(u32, naive_acct_hold(model, &hold), NAIVE_CODE(TRD_E_EXISTS) | NAIVE_CODE(TRD_E_FUNDS)));
}

Test(naive_accounts, no_load_reaches_the_limit) {
    trd_transfer t = {.from = TRD_ACCOUNT_OUTSIDE, .to = ALICE, .amount = TRD_AMT_LIMIT};
    cr_assert(eq(u32, naive_acct_transfer(model, &t), NAIVE_CODE(TRD_E_RANGE)));
    t.amount = TRD_AMT_LIMIT - 1;
    cr_assert(eq(u32, naive_acct_transfer(model, &t), NAIVE_DONE));
    t.amount = 1;
    cr_assert(eq(u32, naive_acct_transfer(model, &t), NAIVE_CODE(TRD_E_RANGE)));
}

/* --- Events ------------------------------------------------------------------------------------
 */

typedef struct row {
    uint32_t account;
    uint16_t entry; /* 0: POSITION with qty, cost and realised */
    int64_t number[2];
    int64_t third; /* LEDGER: part */
} row;

static void events_are(const row *rows, uint32_t count) {
    uint32_t written;
    const trd_event *e = naive_acct_events(model, &written);
    cr_assert(eq(u32, written, count));
    for (uint32_t i = 0; i < count; i++) {
        int64_t number[3];
        uint16_t entry[2];
        memcpy(number, e[i].u.body, sizeof(number));
        memcpy(entry, e[i].u.body + 28, sizeof(entry));
        const bool position = rows[i].entry == 0;
        cr_assert(eq(u32, e[i].kind, position ? TRD_EVENT_POSITION : TRD_EVENT_LEDGER), "%u", i);
        cr_assert(eq(u32, e[i].account, rows[i].account), "event %u", i);
        cr_assert(eq(u32, entry[0], rows[i].entry), "event %u", i);
        cr_assert(eq(i64, number[0], rows[i].number[0]), "event %u", i);
        cr_assert(eq(i64, number[1], rows[i].number[1]), "event %u", i);
        cr_assert(eq(i64, position ? number[2] : entry[1], rows[i].third), "event %u", i);
    }
}

enum { PRINCIPAL = 1, FEE = 2, RELEASE = 7, REALISED = 11, TAX = 12, DELIVERY = 16 };

/* Fee 10 %, tax of the buyer 5 %: held are 100 + 10 + 5. Of 4 lots at 10 the price is 40, the fee
 * 4, the tax 2; 60 + 6 + 3 stay held. */
Test(naive_accounts, an_execution_is_written_side_by_side_in_the_order_of_the_work) {
    add_fees(0, TRD_FEE_RATE_MAX, 0, 0);
    open_accounts(1);
    const trd_instrument spec = spec_of(TRD_INSTRUMENT_SPOT);
    add_instrument(&spec, (trd_terms){.tax_count = 1, .taxes = {{.buyer_ppb = 5 * PERCENT}}});
    deposit(ALICE, USD, 1000);
    deposit(BOB, BASE, 10);
    const trd_hold hold = {.order = 3, .side = TRD_BUY, .kind = TRD_HOLD_FULL, .px = 10, .qty = 10};
    cr_assert(eq(u32, naive_acct_hold(model, &hold), NAIVE_DONE));
    fill(ALICE, BOB, 4, 10, 3);
    const row rows[] = {{ALICE, RELEASE, {46, 931}, 0}, {ALICE, PRINCIPAL, {-40, 960}, 0},
        {TRD_ACCOUNT_CLEARING, PRINCIPAL, {40, 40}, 0}, {ALICE, DELIVERY, {4, 4}, 0},
        {TRD_ACCOUNT_CLEARING, DELIVERY, {-4, -4}, 0}, {ALICE, FEE, {-4, 956}, 0},
        {TRD_ACCOUNT_FEES, FEE, {4, 4}, 0}, {ALICE, TAX, {-2, 954}, 0},
        {TRD_ACCOUNT_TAXES, TAX, {2, 2}, 0}, {ALICE, 0, {4, 40}, 0}, {BOB, PRINCIPAL, {40, 40}, 0},
        {TRD_ACCOUNT_CLEARING, PRINCIPAL, {-40, 0}, 0}, {BOB, DELIVERY, {-4, 6}, 0},
        {TRD_ACCOUNT_CLEARING, DELIVERY, {4, 0}, 0}, {BOB, FEE, {-4, 36}, 0},
        {TRD_ACCOUNT_FEES, FEE, {4, 8}, 0}, {BOB, 0, {-4, -40}, 0}};
    events_are(rows, sizeof(rows) / sizeof(rows[0]));
}

/* 10 lots sold at 13 against 4 bought at 10: 52 of 130 close, for a profit of 12, and 5 of the fee
 * of 13. */
Test(naive_accounts, a_fee_of_a_flip_is_written_in_two_parts) {
    add_fees(0, TRD_FEE_RATE_MAX, 0, 0);
    add(TRD_INSTRUMENT_LINEAR);
    fill(ALICE, TRD_ACCOUNT_OUTSIDE, 4, 10, 0);
    open_accounts(1);
    fill(TRD_ACCOUNT_OUTSIDE, ALICE, 10, 13, 0);
    const row rows[] = {{TRD_ACCOUNT_OUTSIDE, PRINCIPAL, {-130, -90}, 0},
        {TRD_ACCOUNT_CLEARING, PRINCIPAL, {130, 90}, 0}, {ALICE, REALISED, {12, 12}, 0},
        {TRD_ACCOUNT_CLEARING, REALISED, {-12, 78}, 0}, {ALICE, FEE, {-5, 7}, 1},
        {TRD_ACCOUNT_FEES, FEE, {5, 5}, 1}, {ALICE, FEE, {-8, -1}, 2},
        {TRD_ACCOUNT_FEES, FEE, {8, 13}, 2}, {ALICE, 0, {-6, -78}, 12}};
    events_are(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Half a cent each. Alice, who paid a cent at OUTSIDE, pays nothing now; Bob, who got nothing
 * there, gets a cent: it comes out of ROUNDING. */
Test(naive_accounts, what_is_left_over_of_one_execution_may_be_below_zero) {
    trd_instrument spec = spec_of(TRD_INSTRUMENT_LINEAR);
    spec.denominator = 2;
    add_instrument(&spec, (trd_terms){0});
    trd_hold hold = {.order = 1, .side = TRD_BUY, .kind = TRD_HOLD_NOTHING, .px = 1, .qty = 2};
    cr_assert(eq(u32, naive_acct_hold(model, &hold), NAIVE_DONE));
    hold.order = 2;
    hold.account = BOB;
    hold.side = TRD_SELL;
    cr_assert(eq(u32, naive_acct_hold(model, &hold), NAIVE_DONE));
    fill(ALICE, TRD_ACCOUNT_OUTSIDE, 1, 1, 1);
    trd_execution x = {
        .px = 1, .qty = 1, .buyer = leg_of(TRD_ACCOUNT_OUTSIDE, 0), .seller = leg_of(BOB, 2)};
    cr_assert(eq(u32, naive_acct_execute(model, &x), NAIVE_DONE));
    x.buyer = leg_of(ALICE, 1);
    cr_assert(eq(u32, naive_acct_execute(model, &x), NAIVE_DONE));
    position_is(ALICE, 2, 1, 0);
    position_is(BOB, -2, -1, 0);
    cr_assert(eq(i64, free_of(TRD_ACCOUNT_ROUNDING, USD), -1));
    cr_assert(naive_acct_broken(model) == NULL);
}

/* --- Laws --------------------------------------------------------------------------------------
 */

/* Whatever happens: sums are zero, CLEARING is the open cost, nothing is short without cause. */
Test(naive_accounts, random_lives_keep_the_laws) {
    enum { RUNS = 100, CALLS = 500 };
    for (uint64_t run = 1; run <= RUNS; run++) {
        life_acct life;
        life_acct_begin(&life, run);
        naive_acct *m = naive_acct_create(&life.def);
        for (int i = 0; i < CALLS; i++) {
            acct_call c;
            int64_t number;
            life_acct_next(&life, m, &c);
            acct_call_model(m, &c, &number);
            const char *broken = naive_acct_broken(m);
            cr_assert(broken == NULL, "run %d call %d: %s", (int)run, i, broken);
        }
        naive_acct_destroy(m);
    }
}
