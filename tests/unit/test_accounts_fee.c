/* test_accounts_fee.c - fees, rebates and taxes. Numbers such as S108 are those of the list of
 * cases that hurt users of other engines; the others follow docs/reference/accounts.md. */
#include "accounts_rig.h"

enum {
    SPOT = TRD_INSTRUMENT_SPOT,
    LINEAR = TRD_INSTRUMENT_LINEAR,
    TAKER = TRD_LIQUIDITY_TAKER,
    MAKER = TRD_LIQUIDITY_MAKER,
    PERMILLE = 1000000 /* ppb */
};

static void execute_ok(
    rig *r, uint32_t instrument, trd_leg buyer, trd_leg seller, trd_qty qty, trd_px px) {
    const trd_execution x = rig_execution(instrument, buyer, seller, qty, px);
    OK(r, execute, &x);
}

static uint32_t taxed(rig *r, uint8_t kind, uint32_t buyer_ppb, uint32_t seller_ppb) {
    const trd_instrument spec = rig_spec(kind);
    trd_terms terms = rig_terms();
    terms.tax_count = 1;
    terms.taxes[0] = (trd_tax){.buyer_ppb = buyer_ppb, .seller_ppb = seller_ppb};
    return rig_add(r, &spec, &terms);
}

/* 9 minor units: 0.009, so 1. */
Test(accounts_fee, S108_a_fee_of_a_fraction_is_rounded_up_and_not_free) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const trd_fee_table table = rig_fees(0, PERMILLE);
    rig_fees_of(r, A, &table);
    rig_fill(r, x, A, B, 9, 1);
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_FEE), -1));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_FEES, USD), 1));
    cr_assert(eq(i64, rig_position(r, A, x).fees, 1));
    rig_free(r);
}

/* 1 permille of 1,999 is 1.999: the rebate is 1. */
Test(accounts_fee, S109_a_rebate_is_rounded_down_and_the_ledger_sums_to_zero) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const trd_fee_table table = rig_fees(-PERMILLE, 2 * PERMILLE);
    rig_fees_of(r, A, &table);
    trd_leg maker = rig_leg(A);
    maker.liquidity = MAKER;
    execute_ok(r, x, maker, rig_leg(B), 1999, 1);
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_REBATE), 1));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_REBATES, USD), -1));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000001));
    cr_assert(eq(i64, rig_position(r, A, x).fees, -1));
    trd_amt sum = 0;
    for (uint32_t k = 0; k < TRD_VENUE_COUNT; k++) {
        sum += rig_free_of(r, TRD_ACCOUNT_VENUE + k, USD);
    }
    for (uint32_t account = A; account <= HEDGED; account++) {
        sum += rig_free_of(r, account, USD);
    }
    cr_assert(eq(i64, sum, 0));
    rig_free(r);
}

/* One order of 1 permille: 500, 500, 500 cost ceil(0.5), ceil(1.0) - 1, ceil(1.5) - 1. */
Test(accounts_fee, many_small_fills_of_an_order_cost_what_one_large_one_does) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    const trd_fee_table table = rig_fees(PERMILLE, PERMILLE);
    rig_fees_of(r, A, &table);
    const trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_FULL, 4, 500);
    const trd_amt fees[] = {1, 1, 2, 2};
    OK(r, hold, &hold);
    for (unsigned i = 0; i < 4; i++) {
        execute_ok(r, x, rig_order(1, A, TAKER), rig_leg(B), 1, 500);
        cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_FEES, USD), fees[i]), "fill %u", i);
    }
    rig_free(r);
}

/* Rebates likewise: 0.7, 1.4, 2.1 pay 0, 1, 2. */
Test(accounts_fee, rebates_of_an_order_sum_up_before_they_are_rounded) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, SPOT);
    const trd_fee_table table = rig_fees(-PERMILLE, PERMILLE);
    rig_fees_of(r, A, &table);
    const trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_FULL, 4, 700);
    const trd_amt paid[] = {0, -1, -2, -2};
    OK(r, hold, &hold);
    for (unsigned i = 0; i < 4; i++) {
        execute_ok(r, x, rig_order(1, A, MAKER), rig_leg(B), 1, 700);
        cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_REBATES, USD), paid[i]), "fill %u", i);
    }
    rig_free(r);
}

/* A flip of 10 out of 15: a fee of 16.5 is 17, floor(17 x 10 / 15) = 11 for closing, 6 for the
 * rest. */
Test(accounts_fee, a_flip_pays_one_fee_in_two_parts) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, 10, 100);
    const trd_fee_table table = rig_fees(10 * PERMILLE, 10 * PERMILLE);
    rig_fees_of(r, A, &table);
    rig_fill(r, x, B, A, 15, 110);
    cr_assert(eq(u32, rig_count(r, A, TRD_LEDGER_FEE), 2));
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_FEE), -17));
    trd_amt parts[3] = {0};
    for (uint32_t i = 0; i < r->out.count; i++) {
        const trd_ev_ledger *e = &r->events[i].u.ledger;
        if (r->events[i].kind == TRD_EVENT_LEDGER && r->events[i].account == A &&
            e->entry == TRD_LEDGER_FEE) {
            parts[e->part] = e->amount;
        }
    }
    cr_assert(eq(i64, parts[TRD_LEDGER_PART_CLOSING], -11));
    cr_assert(eq(i64, parts[TRD_LEDGER_PART_OPENING], -6));
    rig_free(r);
}

/* 1 % of the price of 100 for each lot: what closes and what opens pays its part, also of one lot.
 */
static void flip_of(trd_qty closed, trd_qty opened) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    rig_fill(r, x, A, B, closed, 100);
    const trd_fee_table table = rig_fees(10 * PERMILLE, 10 * PERMILLE);
    rig_fees_of(r, A, &table);
    rig_fill(r, x, B, A, closed + opened, 100);
    const unsigned count = rig_count(r, A, TRD_LEDGER_FEE);
    cr_assert(eq(u32, count, closed != 0 && opened != 0 ? 2 : 1));
    for (uint32_t i = 0; i < r->out.count; i++) {
        const trd_ev_ledger *e = &r->events[i].u.ledger;
        if (r->events[i].kind == TRD_EVENT_LEDGER && r->events[i].account == A &&
            e->entry == TRD_LEDGER_FEE) {
            cr_assert(eq(i64, e->amount,
                count == 1                           ? -(closed + opened)
                : e->part == TRD_LEDGER_PART_CLOSING ? -closed
                                                     : -opened));
            cr_assert(eq(u8, count == 2, e->part != TRD_LEDGER_PART_WHOLE));
        }
    }
    rig_free(r);
}

Test(accounts_fee, parts_of_a_fee_are_those_of_the_lots) {
    flip_of(1, 2);
    flip_of(3, 1);
    flip_of(1, 1);
    flip_of(1, 0);
    flip_of(3, 0);
}

Test(accounts_fee, a_rebate_is_a_fee_below_zero_in_the_activity_of_the_day) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const trd_fee_table table = rig_fees(-10 * PERMILLE, 0);
    rig_fees_of(r, A, &table);
    trd_execution e = rig_execution(x, rig_leg(A), rig_leg(B), 10, 100);
    e.buyer.liquidity = TRD_LIQUIDITY_MAKER;
    OK(r, execute, &e);
    trd_activity activity;
    cr_assert(eq(int, trd_accounts_activity(r->a, A, &activity), TRD_OK));
    cr_assert(eq(i64, activity.fees, -10));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000010));
    rig_free(r);
}

/* From 1,000 on 1 permille instead of 10. The tier is that of the time the order is held. */
Test(accounts_fee, the_tier_is_that_of_the_volume_when_the_order_is_held) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    trd_fee_table table = rig_fees(10 * PERMILLE, 10 * PERMILLE);
    table.tier_count = 2;
    table.tiers[1] = (trd_fee_tier){.volume = 1000, .maker_ppb = PERMILLE, .taker_ppb = PERMILLE};
    rig_fees_of(r, A, &table);
    const trd_hold hold = rig_hold(1, A, x, TRD_BUY, TRD_HOLD_NOTHING, 1, 1000);
    OK(r, hold, &hold);
    rig_fill(r, x, A, B, 999, 1); /* fee 9.99 */
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_FEE), -10));
    rig_fill(r, x, A, B, 1, 1); /* volume 999 still counts: fee 0.01 */
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_FEE), -1));
    rig_fill(r, x, A, B, 1000, 1); /* volume 1,000: fee 1 */
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_FEE), -1));
    execute_ok(r, x, rig_order(1, A, TAKER), rig_leg(B), 1, 1000); /* held at volume 0 */
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_FEE), -10));
    trd_activity activity;
    cr_assert(eq(int, trd_accounts_activity(r->a, A, &activity), TRD_OK));
    cr_assert(eq(i64, activity.volume, 3000));
    cr_assert(eq(int, trd_accounts_period(r->a), TRD_OK)); /* the volume of before counts */
    rig_fill(r, x, A, B, 1000, 1);
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_FEE), -1));
    cr_assert(eq(int, trd_accounts_period(r->a), TRD_OK));
    cr_assert(eq(int, trd_accounts_period(r->a), TRD_OK)); /* nothing was done in this one */
    rig_fill(r, x, A, B, 1000, 1);
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_FEE), -10));
    rig_free(r);
}

Test(accounts_fee, the_instruments_table_stands_before_the_accounts) {
    rig *r = rig_new();
    const trd_fee_table dear = rig_fees(0, 10 * PERMILLE);
    const trd_fee_table cheap = rig_fees(0, PERMILLE);
    rig_fees_of(r, A, &dear);
    const int number = trd_accounts_fees_add(r->a, &cheap);
    const trd_instrument spec = rig_spec(LINEAR);
    trd_terms terms = rig_terms();
    terms.fees = (uint32_t)number + 1;
    const uint32_t x = rig_add(r, &spec, &terms);
    rig_fill(r, x, A, B, 1000, 1);
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_FEE), -1));
    cr_assert(eq(i64, rig_sum(r, B, TRD_LEDGER_FEE), -1));
    rig_free(r);
}

/* Fee 10 in USD, half off: 5; a minor unit of BTC is worth 2/3 of one of USD: ceil(5 x 3 / 2) = 8.
 */
Test(accounts_fee, a_fee_is_paid_in_another_asset_with_its_discount_if_it_is_free_there) {
    rig *r = rig_bare();
    const uint32_t x = rig_instrument(r, LINEAR);
    trd_fee_table table = rig_fees(0, 10 * PERMILLE);
    table.pays_in = 1 + BTC;
    table.discount_ppm = 500000;
    rig_fees_of(r, A, &table);
    rig_deposit(r, A, USD, 1000);
    rig_deposit(r, A, BTC, 15);
    rig_fill(r, x, A, B, 1000, 1); /* no rate is known */
    cr_assert(eq(i64, rig_free_of(r, A, USD), 990));
    cr_assert(eq(int, trd_accounts_rate(r->a, BTC, 2, 3), TRD_OK));
    rig_fill(r, x, A, B, 1000, 1);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 990));
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 7));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_FEES, BTC), 8));
    cr_assert(eq(i64, rig_position(r, A, x).fees, 20)); /* undiscounted, in USD */
    rig_fill(r, x, A, B, 1000, 1);                      /* 7 do not cover 8 */
    cr_assert(eq(i64, rig_free_of(r, A, USD), 980));
    cr_assert(eq(i64, rig_free_of(r, A, BTC), 7));
    trd_activity activity;
    cr_assert(eq(int, trd_accounts_activity(r->a, A, &activity), TRD_OK));
    cr_assert(eq(i64, activity.fees, 10 + 5 + 10)); /* floor(8 x 2 / 3) = 5 */
    rig_free(r);
}

Test(accounts_fee, taxes_of_buyer_and_seller_are_their_own) {
    rig *r = rig_new();
    const uint32_t x = taxed(r, SPOT, 2 * PERMILLE, 5 * PERMILLE);
    rig_fill(r, x, A, B, 10, 101); /* 1,010: 2.02 and 5.05 */
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_TAX), -3));
    cr_assert(eq(i64, rig_sum(r, B, TRD_LEDGER_TAX), -6));
    cr_assert(eq(i64, rig_free_of(r, TRD_ACCOUNT_TAXES, USD), 9));
    cr_assert(eq(i64, rig_position(r, A, x).fees, 3));
    cr_assert(eq(i64, rig_position(r, B, x).fees, 6));
    rig_free(r);
}

/* Fee 10 %, tax 10 %, of 1 minor unit each is 1: the seller gets 1, the fee takes it, the tax is
 * missing; the next fill pays both taxes. */
Test(accounts_fee, charges_of_a_seller_take_no_more_than_it_gets_and_wait_for_the_next_fill) {
    rig *r = rig_new();
    const uint32_t x = taxed(r, SPOT, 0, 100 * PERMILLE);
    const trd_fee_table table = rig_fees(100 * PERMILLE, 100 * PERMILLE);
    rig_fees_of(r, A, &table);
    const trd_hold hold = rig_hold(1, A, x, TRD_SELL, TRD_HOLD_FULL, 3, 1);
    OK(r, hold, &hold);
    execute_ok(r, x, rig_leg(B), rig_order(1, A, TAKER), 1, 1);
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_FEE), -1));
    cr_assert(eq(u32, rig_count(r, A, TRD_LEDGER_TAX), 0));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000));
    /* F is 12 in all: 10 % are 2, rounded up. Of the fee 1 is paid already, of the tax nothing. */
    execute_ok(r, x, rig_leg(B), rig_order(1, A, TAKER), 1, 11);
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_FEE), -1));
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_TAX), -2));
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000 + 11 - 3));
    cr_assert(eq(i64, rig_held(r, 1).fees, 4));
    rig_free(r);
}

/* The last fill takes what it can; what is missing then is waived. */
Test(accounts_fee, what_the_last_fill_does_not_cover_is_waived) {
    rig *r = rig_new();
    const uint32_t x = taxed(r, SPOT, 0, 100 * PERMILLE);
    const trd_fee_table table = rig_fees(100 * PERMILLE, 100 * PERMILLE);
    rig_fees_of(r, A, &table);
    rig_fill(r, x, B, A, 1, 1);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000));
    const trd_hold hold = rig_hold(1, A, x, TRD_SELL, TRD_HOLD_FULL, 1, 1);
    OK(r, hold, &hold);
    execute_ok(r, x, rig_leg(B), rig_order(1, A, TAKER), 1, 1);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000));
    OK(r, hold, &hold); /* the slot is clean again */
    execute_ok(r, x, rig_leg(B), rig_order(1, A, TAKER), 1, 100);
    cr_assert(eq(i64, rig_sum(r, A, TRD_LEDGER_TAX), -10));
    rig_free(r);
}

Test(accounts_fee, a_leg_that_is_free_of_fees_pays_nothing_and_counts_in_volume) {
    rig *r = rig_new();
    const uint32_t x = taxed(r, LINEAR, PERMILLE, PERMILLE);
    const trd_fee_table table = rig_fees(-PERMILLE, PERMILLE);
    rig_fees_of(r, A, &table);
    trd_leg buyer = rig_leg(A);
    buyer.free_of_fees = 1;
    execute_ok(r, x, buyer, rig_leg(B), 1000, 1);
    buyer.liquidity = MAKER;
    execute_ok(r, x, buyer, rig_leg(B), 1000, 1);
    cr_assert(eq(i64, rig_free_of(r, A, USD), 1000000));
    trd_activity activity;
    cr_assert(eq(int, trd_accounts_activity(r->a, A, &activity), TRD_OK));
    cr_assert(eq(i64, activity.volume, 2000));
    cr_assert(eq(u64, activity.executions, 2));
    rig_free(r);
}

/* 1 % of 1,000 and of 1,100; 100 realised by selling. */
Test(accounts_fee, sums_of_a_day_start_at_zero_with_the_next_one) {
    rig *r = rig_new();
    const uint32_t x = rig_instrument(r, LINEAR);
    const trd_fee_table table = rig_fees(0, 10 * PERMILLE);
    rig_fees_of(r, A, &table);
    trd_activity activity;
    for (unsigned day = 0; day < 3; day++) {
        rig_fill(r, x, A, B, 10, 100);
        rig_fill(r, x, B, A, 10, 110);
        cr_assert(eq(int, trd_accounts_activity(r->a, A, &activity), TRD_OK));
        cr_assert(eq(i64, activity.realised, 100));
        cr_assert(eq(i64, activity.fees, 10 + 11));
        cr_assert(eq(i64, activity.volume, 2100 * (trd_amt)(day + 1)));
        OK(r, day);
        cr_assert(eq(int, trd_accounts_activity(r->a, A, &activity), TRD_OK));
        cr_assert(eq(i64, activity.realised, 0));
        cr_assert(eq(i64, activity.fees, 0));
    }
    rig_free(r);
}

/* No rate of JPY is known. */
Test(accounts_fee, amounts_without_a_rate_are_in_no_sum_and_counted) {
    rig *r = rig_new();
    trd_instrument spec = rig_spec(LINEAR);
    const trd_terms terms = rig_terms();
    spec.settle_asset = JPY;
    const uint32_t x = rig_add(r, &spec, &terms);
    const trd_fee_table table = rig_fees(0, PERMILLE);
    rig_fees_of(r, A, &table);
    rig_fill(r, x, A, B, 10, 100); /* fee and volume */
    trd_activity activity;
    cr_assert(eq(int, trd_accounts_activity(r->a, A, &activity), TRD_OK));
    cr_assert(eq(i64, activity.volume, 0));
    cr_assert(eq(i64, activity.fees, 0));
    cr_assert(eq(u64, activity.unpriced, 2));
    OK(r, day);
    cr_assert(eq(int, trd_accounts_activity(r->a, A, &activity), TRD_OK));
    cr_assert(eq(u64, activity.unpriced, 0));
    cr_assert(eq(u64, activity.executions, 1));
    rig_free(r);
}
