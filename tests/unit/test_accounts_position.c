/* test_accounts_position.c - positions at cost. Numbers such as S101 are those of the list of cases
 * that hurt users of other engines; the others follow docs/reference/accounts.md. */
#include "accounts_rig.h"

enum { LINEAR = TRD_INSTRUMENT_LINEAR, INVERSE = TRD_INSTRUMENT_INVERSE };

/* --- lists ------------------------------------------------------------------------------------ */

Test(accounts_position, lists_have_what_the_account_ever_had_flat_positions_too) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const uint32_t y = rig_instrument(r, LINEAR);
    trd_instrument_holding positions[2] = {{.side = 77}, {.side = 77}};
    trd_asset_balance balances[3] = {[1] = {.asset = 77}, [2] = {.asset = 77}};
    cr_assert(eq(int, trd_accounts_positions(r->a, A, positions, 2), 0));
    rig_fill(r, y, A, B, 10, 100);
    rig_fill(r, x, B, A, 3, 50);
    rig_fill(r, y, B, A, 10, 102);
    cr_assert(eq(int, trd_accounts_positions(r->a, A, NULL, 0), 2));
    cr_assert(eq(int, trd_accounts_positions(r->a, A, positions, 1), 2));
    cr_assert(eq(u32, positions[0].instrument, y));
    cr_assert(eq(u32, positions[0].side, TRD_POSITION_NET));
    cr_assert(eq(i64, positions[0].holding.qty, 0));
    cr_assert(eq(i64, positions[0].holding.realised, 20));
    cr_assert(eq(u32, positions[1].side, 77));
    cr_assert(eq(int, trd_accounts_positions(r->a, A, positions, 2), 2));
    cr_assert(eq(u32, positions[1].instrument, x));
    cr_assert(eq(i64, positions[1].holding.qty, -3));
    cr_assert(eq(i64, positions[1].holding.cost, -150));
    const int held = trd_accounts_balances(r->a, A, balances, 3);
    cr_assert(eq(int, held, trd_accounts_balances(r->a, A, NULL, 0)));
    cr_assert(eq(u32, balances[0].asset, USD));
    cr_assert(eq(i64, balances[0].balance.free, 1000020));
    rig_free(r);
}

/* --- net positions ---------------------------------------------------------------------------- */

Test(accounts_position, S101_a_sale_through_zero_realises_the_old_and_opens_at_its_own_price) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 10, 100);
    EXPECT_POSITION(r, A, x, 10, 1000, 0);
    rig_fill(r, x, C, A, 15, 110);
    EXPECT_POSITION(r, A, x, -5, -550, 100);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000100));
    rig_fill(r, x, A, B, 5, 100);
    EXPECT_POSITION(r, A, x, 0, 0, 150);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000150));
    rig_free(r);
}

/* A tenth is 10,000,000 lots of 10^-8. */
Test(accounts_position, S103_three_tenths_bought_and_sold_are_exactly_flat) {
    rig *r = rig_bare();
    trd_instrument spec = rig_spec(TRD_INSTRUMENT_SPOT);
    spec.qty_max = 100000000;
    spec.denominator = 1000000; /* one tick for 0.01 BTC */
    const trd_terms terms = rig_terms();
    const uint32_t x = rig_add(r, &spec, &terms);
    rig_deposit(r, A, USD, 1000000);
    rig_deposit(r, B, BTC, 100000000);
    for (int i = 0; i < 3; i++) {
        rig_fill(r, x, A, B, 10000000, 333);
    }
    EXPECT_POSITION(r, A, x, 30000000, 9990, 0);
    rig_fill(r, x, B, A, 30000000, 333);
    EXPECT_POSITION(r, A, x, 0, 0, 0);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 0));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000));
    cr_assert(eq(i64, rig_free_of(r, B, BTC), 100000000));
    rig_free(r);
}

Test(accounts_position, S104_realised_profit_is_neither_repeated_nor_lost_over_flat) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 1, 100);
    rig_fill(r, x, B, A, 1, 107);
    EXPECT_POSITION(r, A, x, 0, 0, 7);
    rig_fill(r, x, A, B, 1, 90);
    EXPECT_POSITION(r, A, x, 1, 90, 7);
    rig_fill(r, x, B, A, 1, 85);
    EXPECT_POSITION(r, A, x, 0, 0, 2);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000002));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 999998));
    rig_free(r);
}

Test(accounts_position, S105_a_partial_close_realises_at_once) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 10, 100);
    rig_fill(r, x, C, A, 4, 110);
    EXPECT_POSITION(r, A, x, 6, 600, 40);
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_REALISED), 40));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000040));
    rig_free(r);
}

/* Cost 3 x 100 + 101 = 401. Of the sale of 3: cost out floor(401 x 3 / 4) = 300, profit 6. Of the
 * last: cost out 101, profit 1. */
Test(accounts_position, S106_realised_of_parts_sums_up_to_that_of_the_whole) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 3, 100);
    rig_fill(r, x, A, B, 1, 101);
    EXPECT_POSITION(r, A, x, 4, 401, 0);
    rig_fill(r, x, B, A, 3, 102);
    EXPECT_POSITION(r, A, x, 1, 101, 6);
    rig_fill(r, x, B, A, 1, 102);
    EXPECT_POSITION(r, A, x, 0, 0, 7);
    rig_free(r);
}

Test(accounts_position, a_negative_price_pays_the_buyer_of_a_contract) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 2, -30);
    EXPECT_POSITION(r, A, x, 2, -60, 0);
    EXPECT_POSITION(r, B, x, -2, 60, 0);
    rig_fill(r, x, B, A, 2, -10);
    EXPECT_POSITION(r, A, x, 0, 0, 40);
    EXPECT_POSITION(r, B, x, 0, 0, -40);
    rig_free(r);
}

Test(accounts_position, opening_moves_no_money_of_a_contract) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 10, 100);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_CLEARING, USD), 0));
    rig_fill(r, x, C, A, 4, 110); /* costs now: A 600, B -1000, C 440 */
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_CLEARING, USD), -40));
    rig_free(r);
}

/* --- inverse contracts ------------------------------------------------------------------------ */

/* 100 USD a lot, settled in BTC: one lot at px p is 10^10 / p minor units, px in USD. */
static uint32_t inverse(rig *r) {
    trd_instrument spec = rig_spec(INVERSE);
    const trd_terms terms = rig_terms();
    spec.settle_asset = BTC;
    spec.numerator = 10000000000;
    spec.px_min = 1;
    spec.qty_max = 1000;
    return rig_add(r, &spec, &terms);
}

/* 3 lots at 50,000: 600,000; at 60,000: 500,000 exactly. The long gains 100,000 of coin as it gets
 * cheaper in coin. */
Test(accounts_position, an_inverse_long_gains_the_coin_that_its_contract_is_worth_less) {
    rig *r = rig_new();
    const uint32_t x = inverse(r);
    rig_fill(r, x, A, B, 3, 50000);
    EXPECT_POSITION(r, A, x, 3, -600000, 0);
    EXPECT_POSITION(r, B, x, -3, 600000, 0);
    rig_fill(r, x, B, A, 3, 60000);
    EXPECT_POSITION(r, A, x, 0, 0, 100000);
    EXPECT_POSITION(r, B, x, 0, 0, -100000);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 1100000));
    rig_free(r);
}

/* One lot at 70,000 is 142,857.14...: the buyer gets the floor, 142,857, the seller gives the ceil,
 * 142,858, and the unit between goes to ROUNDING. */
Test(accounts_position, an_inverse_fill_is_rounded_against_both_and_the_rest_is_kept) {
    rig *r = rig_new();
    const uint32_t x = inverse(r);
    rig_fill(r, x, A, B, 1, 70000);
    EXPECT_POSITION(r, A, x, 1, -142857, 0);
    EXPECT_POSITION(r, B, x, -1, 142858, 0);
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_ROUNDING, BTC), 1));
    cr_assert(eq(i64, rig_sum(r, TRD_ACCOUNT_ROUNDING, TRD_LEDGER_ROUNDING), 1));
    rig_free(r);
}

/* --- options ---------------------------------------------------------------------------------- */

Test(accounts_position, a_premium_moves_at_once_and_an_option_has_a_cost) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, TRD_INSTRUMENT_OPTION);
    rig_fill(r, x, A, B, 4, 25);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 999900));
    cr_assert(eq(i64, rig_free_of(r, B, USD), 1000100));
    EXPECT_POSITION(r, A, x, 4, 100, 0);
    EXPECT_POSITION(r, B, x, -4, -100, 0);
    rig_fill(r, x, C, A, 1, 40);
    EXPECT_POSITION(r, A, x, 3, 75, 15);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 999940));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_CLEARING, USD), 0));
    rig_free(r);
}

/* --- hedged accounts -------------------------------------------------------------------------- */

Test(accounts_position, long_and_short_of_a_hedged_account_stand_apart) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    trd_execution e = rig_execution(x, rig_leg(HEDGED), rig_leg(A), 5, 100);
    e.buyer.position = TRD_POSITION_LONG;
    OK(r, execute, &e);
    e = rig_execution(x, rig_leg(A), rig_leg(HEDGED), 3, 120);
    e.seller.position = TRD_POSITION_SHORT;
    OK(r, execute, &e);
    trd_holding longs;
    trd_holding shorts;
    cr_assert(eq(int, trd_accounts_position(r->a, HEDGED, x, TRD_POSITION_LONG, &longs), TRD_OK));
    cr_assert(eq(int, trd_accounts_position(r->a, HEDGED, x, TRD_POSITION_SHORT, &shorts), TRD_OK));
    cr_assert(eq(i64, longs.qty, 5));
    cr_assert(eq(i64, longs.cost, 500));
    cr_assert(eq(i64, shorts.qty, -3));
    cr_assert(eq(i64, shorts.cost, -360));
    cr_assert(eq(i64, rig_position(r, HEDGED, x).qty, 0));
    rig_free(r);
}

Test(accounts_position, a_position_side_must_go_with_the_account) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    trd_execution e = rig_execution(x, rig_leg(HEDGED), rig_leg(A), 5, 100);
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_ARG));
    e.buyer.position = TRD_POSITION_LONG;
    e.seller.position = TRD_POSITION_LONG;
    cr_assert(eq(int, CALL(r, execute, &e), TRD_E_ARG));
    rig_free(r);
}

/* --- executions of one account with itself, and with the rest of the world ---------------------
 */

Test(accounts_position, an_account_that_trades_with_itself_is_as_before) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 2, 100);
    rig_fill(r, x, A, A, 2, 130); /* 4 for 460; then 2 go: cost 230, profit 260 - 230 */
    EXPECT_POSITION(r, A, x, 2, 230, 30);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000030));
    rig_free(r);
}

Test(accounts_position, outside_has_the_other_side_of_what_accounts_have) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    trd_execution e = rig_execution(x, rig_leg(A), rig_outside(), 3, 100);
    OK(r, execute, &e);
    trd_qty outside;
    cr_assert(eq(int, trd_accounts_outside(r->a, x, &outside), TRD_OK));
    cr_assert(eq(i64, outside, -3));
    EXPECT_POSITION(r, A, x, 3, 300, 0);
    cr_assert(eq(i64, rig_sum(r, TRD_ACCOUNT_OUTSIDE, TRD_LEDGER_PRINCIPAL), 300));
    e = rig_execution(x, rig_outside(), rig_leg(A), 3, 90);
    OK(r, execute, &e);
    cr_assert(eq(int, trd_accounts_outside(r->a, x, &outside), TRD_OK));
    cr_assert(eq(i64, outside, 0));
    EXPECT_POSITION(r, A, x, 0, 0, -30);
    rig_free(r);
}

/* A lot is 100 minor units of BTC: OUTSIDE gives 300 for three, and gets 100 of them back. */
Test(accounts_position, outside_delivers_what_a_lot_is) {
    rig *r = rig_new();
    trd_instrument spec = rig_spec(TRD_INSTRUMENT_SPOT);
    const trd_terms terms = rig_terms();
    spec.qty_scale = 6;
    const uint32_t x = rig_add(r, &spec, &terms);
    const trd_amt before = rig_free_of(r, TRD_ACCOUNT_OUTSIDE, BTC);
    trd_execution e = rig_execution(x, rig_leg(A), rig_outside(), 3, 100);
    OK(r, execute, &e);
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 1000300));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_OUTSIDE, BTC), before - 300));
    cr_assert(eq(i64, rig_sum(r, TRD_ACCOUNT_OUTSIDE, TRD_LEDGER_DELIVERY), -300));
    e = rig_execution(x, rig_outside(), rig_leg(A), 1, 100);
    OK(r, execute, &e);
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_OUTSIDE, BTC), before - 200));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_CLEARING, BTC), 0));
    rig_free(r);
}

/* --- order of the work -------------------------------------------------------------------------
 */

/* Spot, half a minor unit a tick x lot: 3 lots at 101 are 151.5. The buyer gives 152, the seller
 * gets 151. */
Test(accounts_position, events_follow_each_other_buyer_first_and_rounding_last) {
    rig *r = rig_new();
    trd_instrument spec = rig_spec(TRD_INSTRUMENT_SPOT);
    const trd_terms terms = rig_terms();
    spec.denominator = 2;
    const uint32_t x = rig_add(r, &spec, &terms);
    trd_accounts_stamp(r->a, 1234, 500);
    rig_fill(r, x, A, B, 3, 101);
    const uint32_t clearing = TRD_ACCOUNT_CLEARING;
    const struct {
        uint32_t account;
        uint8_t kind;
        uint32_t asset;
        trd_amt amount;
        trd_amt balance;
        uint16_t entry;
    } want[] = {
        {A, TRD_EVENT_LEDGER, USD, -152, 999848, TRD_LEDGER_PRINCIPAL},
        {clearing, TRD_EVENT_LEDGER, USD, 152, 152, TRD_LEDGER_PRINCIPAL},
        {A, TRD_EVENT_LEDGER, BTC, 3, 1000003, TRD_LEDGER_DELIVERY},
        {clearing, TRD_EVENT_LEDGER, BTC, -3, -3, TRD_LEDGER_DELIVERY},
        {A, TRD_EVENT_POSITION, 0, 0, 0, 0},
        {B, TRD_EVENT_LEDGER, USD, 151, 1000151, TRD_LEDGER_PRINCIPAL},
        {clearing, TRD_EVENT_LEDGER, USD, -151, 1, TRD_LEDGER_PRINCIPAL},
        {B, TRD_EVENT_LEDGER, BTC, -3, 999997, TRD_LEDGER_DELIVERY},
        {clearing, TRD_EVENT_LEDGER, BTC, 3, 0, TRD_LEDGER_DELIVERY},
        {B, TRD_EVENT_POSITION, 0, 0, 0, 0},
        {clearing, TRD_EVENT_LEDGER, USD, -1, 0, TRD_LEDGER_ROUNDING},
        {TRD_ACCOUNT_ROUNDING, TRD_EVENT_LEDGER, USD, 1, 1, TRD_LEDGER_ROUNDING},
    };
    cr_assert(eq(u32, r->out.count, sizeof(want) / sizeof(want[0])));
    for (uint32_t i = 0; i < r->out.count; i++) {
        const trd_event *e = &r->events[i];
        cr_assert(eq(u64, e->seq, 500 + i));
        cr_assert(eq(i64, e->time, 1234));
        cr_assert(eq(u32, e->account, want[i].account), "event %u", i);
        cr_assert(eq(u8, e->kind, want[i].kind), "event %u", i);
        cr_assert(eq(u32, e->instrument, x));
        if (e->kind == TRD_EVENT_LEDGER) {
            cr_assert(eq(u32, e->u.ledger.asset, want[i].asset), "event %u", i);
            cr_assert(eq(i64, e->u.ledger.amount, want[i].amount), "event %u", i);
            cr_assert(eq(i64, e->u.ledger.balance, want[i].balance), "event %u", i);
            cr_assert(eq(u16, e->u.ledger.entry, want[i].entry), "event %u", i);
            cr_assert(eq(u64, e->u.ledger.reference, 77));
        }
    }
    cr_assert(eq(i64, r->events[4].u.position.qty, 3));
    cr_assert(eq(i64, r->events[4].u.position.cost, 152));
    cr_assert(eq(i64, r->events[9].u.position.cost, -151));
    cr_assert(eq(u64, trd_accounts_next_seq(r->a), 512));
    rig_free(r);
}

/* --- marks ------------------------------------------------------------------------------------ */

Test(accounts_position, unrealised_is_what_closing_at_the_mark_would_bring) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const uint32_t y = inverse(r);
    trd_amt profit;
    rig_fill(r, x, A, B, 4, 100);
    rig_fill(r, y, A, B, 3, 50000);
    cr_assert(
        eq(int, trd_accounts_unrealised(r->a, A, x, TRD_POSITION_NET, &profit), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_accounts_mark(r->a, x, 103), TRD_OK));
    cr_assert(eq(int, trd_accounts_mark(r->a, y, 70000), TRD_OK));
    cr_assert(eq(int, trd_accounts_unrealised(r->a, A, x, TRD_POSITION_NET, &profit), TRD_OK));
    cr_assert(eq(i64, profit, 12));
    cr_assert(eq(int, trd_accounts_unrealised(r->a, B, x, TRD_POSITION_NET, &profit), TRD_OK));
    cr_assert(eq(i64, profit, -12));
    /* 3 x 10^10 / 70,000 = 428,571.4...: a sale gives 428,572, a purchase gets 428,571. */
    cr_assert(eq(int, trd_accounts_unrealised(r->a, A, y, TRD_POSITION_NET, &profit), TRD_OK));
    cr_assert(eq(i64, profit, -428572 + 600000));
    cr_assert(eq(int, trd_accounts_unrealised(r->a, B, y, TRD_POSITION_NET, &profit), TRD_OK));
    cr_assert(eq(i64, profit, 428571 - 600000));
    rig_free(r);
}

/* USD counts; 3 USD minor units are worth one of BTC, say: rate 3. */
Test(accounts_position, equity_is_money_less_debts_and_profit_and_options_at_their_marks) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const uint32_t o = rig_instrument(r, TRD_INSTRUMENT_OPTION);
    trd_equity equity;
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &equity), TRD_E_UNKNOWN)); /* BTC has no rate */
    cr_assert(eq(int, trd_accounts_rate(r->a, BTC, 3, 2), TRD_OK));
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &equity), TRD_OK));
    cr_assert(eq(i64, equity.balances, 1000000 + 1500000));
    OK(r, loan, A, BTC, 5, 0);
    rig_fill(r, x, A, B, 4, 100);
    rig_fill(r, o, B, A, 2, 25); /* A is short two options, 50 richer */
    cr_assert(eq(int, trd_accounts_mark(r->a, x, 103), TRD_OK));
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &equity), TRD_E_UNKNOWN)); /* no mark of o */
    cr_assert(eq(int, trd_accounts_mark(r->a, o, 30), TRD_OK));
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &equity), TRD_OK));
    cr_assert(eq(i64, equity.balances, 1000050 + 1500000));
    cr_assert(eq(i64, equity.unrealised, 12));
    cr_assert(eq(i64, equity.options, -60));
    cr_assert(eq(i64, equity.total, 2500002));
    rig_free(r);
}
