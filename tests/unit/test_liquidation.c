/* test_liquidation.c - the steps of a liquidation, with the numbers of docs/reference/margin.md:
 * long 10 at 30,000.00 with 30,000.00 is short of its maintenance at 27,141.41, where it has
 * 1,414.10 and needs 1,414.15. All in cents. */
#include "liquidation_rig.h"

enum { TRIGGER = 2714141 };

/* --- when ------------------------------------------------------------------------------------- */

Test(liquidation, a_price_far_away_that_is_not_the_mark_liquidates_nobody) { /* S125 */
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_long(&r);
    rig_deal(&r, C, D, PERP, 1, 100000);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_MARGIN), 0));
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, PERP, TRIGGER + 1); /* 1,414.20, and needs 1,414.15 */
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_MARGIN), 1));
    rig_level(&r, 0, A, TRD_MARGIN_CALL, TRD_MARGIN_FINE);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, PERP, TRIGGER);
    rig_level(&r, 0, A, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_CALL);
    cr_assert(rig_count(&r, TRD_EVENT_LIQUIDATION) > 0);
    rig_fini(&r);
}

Test(liquidation, what_is_told_of_a_level_is_the_equity_and_the_maintenance) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_long(&r);
    rig_mark(&r, PERP, TRIGGER);
    const trd_event *e = rig_event(&r, TRD_EVENT_MARGIN, 0);
    cr_assert(eq(i64, e->u.margin.equity, 141410));
    cr_assert(eq(i64, e->u.margin.maintenance, 141415));
    cr_assert(eq(u32, e->u.margin.asset, USD));
    cr_assert(eq(u8, e->u.margin.unit, TRD_UNIT_POOL));
    cr_assert(eq(i64, e->u.margin.mark, 0));
    cr_assert(eq(u32, e->instrument, 0));
    rig_fini(&r);
}

/* --- orders that close ------------------------------------------------------------------------ */

/* One lot of ten is enough: 1,386.95 with the fee, and 1,171.37 needed. 600.00 of the collateral
 * come back, 2,858.59 are lost, the fee is 0.1 % of 27,141.41. */
static void one_lot_is_closed(rig *r) {
    rig_has(r, A, USD, 2400000 + 60000 - 285859 - 2715, 540000);
    rig_lots(r, A, PERP, TRD_POSITION_NET, 9);
    rig_lots(r, C, PERP, TRD_POSITION_NET, 1);
    rig_has(r, FUND, USD, 2715, 0);
    cr_assert(eq(u32, rig_count(r, TRD_EVENT_MARGIN), 2));
    rig_level(r, 0, A, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE);
    rig_level(r, 1, A, TRD_MARGIN_CALL, TRD_MARGIN_LIQUIDATE); /* below 1.2 x 1,171.37 */
}

Test(liquidation, the_fewest_lots_that_restore_the_maintenance_are_closed) { /* S127 */
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 1000;
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, C, PERP, 10, TRIGGER);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 2715), DONE(0));
    one_lot_is_closed(&r);
    rig_fini(&r);
}

/* 1.5 times the maintenance would take four lots: with three of them 1,414.10 - 81.43 are left and
 * 1,349.93 wanted. The one that somebody buys restores the maintenance, and that is enough. */
Test(liquidation, a_part_of_the_order_that_restores_the_maintenance_is_enough) { /* S127 */
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 1000;
    w.terms.target_ppm = 1500000;
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, C, PERP, 1, TRIGGER);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 4, 1), FEE(PERP, TRD_SELL, 1, 2715), DONE(0));
    one_lot_is_closed(&r);
    const trd_event *e = rig_event(&r, TRD_EVENT_CANCELED, 0);
    cr_assert(eq(u8, e->reason, TRD_CAUSE_IOC));
    cr_assert(eq(i64, e->u.cancel.qty, 3));
    cr_assert(eq(u64, e->u.cancel.client_id, UINT64_MAX - UINT32_MAX));
    rig_fini(&r);
}

/* Lots go at 26,000.00 and each costs 1,141.41 more than at the mark: one leaves 272.69 for nine,
 * of which seven have to go; at -7,717.18 the last two, too. */
static void all_lots_are_sold_too_cheap(rig *r, trd_amt fund) {
    rig_deposit(r, FUND, USD, fund);
    rig_long(r);
    rig_bid(r, C, PERP, 10, 2600000);
    rig_mark(r, PERP, TRIGGER);
}

Test(liquidation, fills_worse_than_bankruptcy_are_paid_by_the_fund) { /* S128 */
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    all_lots_are_sold_too_cheap(&r, 5000000);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 0),
        REDUCE(PERP, TRD_SELL, 7, 1), FEE(PERP, TRD_SELL, 7, 0), REDUCE(PERP, TRD_SELL, 2, 1),
        FEE(PERP, TRD_SELL, 2, 0), INSURED(0, 1000000), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_has(&r, FUND, USD, 4000000, 0);
    rig_lots(&r, A, PERP, TRD_POSITION_NET, 0);
    rig_level(&r, 0, A, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE);
    rig_level(&r, 1, A, TRD_MARGIN_FINE, TRD_MARGIN_LIQUIDATE);
    rig_fini(&r);
}

Test(liquidation, what_the_fund_cannot_pay_is_owed_by_the_account) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    all_lots_are_sold_too_cheap(&r, 300000);
    const trd_event *e = rig_event(&r, TRD_EVENT_LIQUIDATION, 6);
    cr_assert(eq(u8, e->reason, TRD_STEP_INSURED));
    cr_assert(eq(i64, e->u.liquidation.amount, 300000));
    rig_has(&r, A, USD, -700000, 0);
    cr_assert(eq(u32, rig_balance(&r, A, USD).cause, TRD_SHORT_LOSS));
    rig_has(&r, FUND, USD, 0, 0);
    rig_fini(&r);
}

Test(liquidation, the_money_of_a_step_refers_to_its_event) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 1000;
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, C, PERP, 10, TRIGGER);
    rig_mark(&r, PERP, TRIGGER);
    const trd_event *fee = rig_event(&r, TRD_EVENT_LIQUIDATION, 1);
    const struct {
        uint32_t account;
        trd_amt amount;
        trd_amt balance;
    } ends[2] = {{A, -2715, 2711426}, {FUND, 2715, 2715}};
    for (int i = 0; i < 2; i++) {
        const trd_event *e = fee + 1 + i;
        cr_assert(eq(u8, e->kind, TRD_EVENT_LEDGER));
        cr_assert(eq(u32, e->account, ends[i].account));
        cr_assert(eq(u32, e->instrument, PERP));
        cr_assert(eq(u16, e->u.ledger.entry, TRD_LEDGER_INSURANCE));
        cr_assert(eq(i64, e->u.ledger.amount, ends[i].amount));
        cr_assert(eq(i64, e->u.ledger.balance, ends[i].balance));
        cr_assert(eq(u64, e->u.ledger.reference, fee->seq));
    }
    rig_fini(&r);
}

/* The fee of 5 % would be 1,357.08 of 1,414.10, at a bid of 26,000.00 of 272.69. */
Test(liquidation, the_fee_is_no_more_than_the_unit_has) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 50000;
    w.terms.orders_max = 1;
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, C, PERP, 10, 2700000);
    rig_mark(&r, PERP, TRIGGER);
    /* No number of lots restores 1,414.10 - 1,357.08 x lots: all go, at 27,000.00, for nothing. */
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 10, 1), FEE(PERP, TRD_SELL, 10, 0), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_has(&r, FUND, USD, 0, 0);
    rig_fini(&r);
}

/* 5 % of two lots would be 2,714.15, and 1,414.10 are there. What is left stands on its profit: the
 * bankruptcy price is the mark. */
Test(liquidation, the_fee_is_all_that_the_unit_has_at_most) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 50000;
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, C, PERP, 2, TRIGGER);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 10, 1), FEE(PERP, TRD_SELL, 2, 141410),
        REDUCE(PERP, TRD_SELL, 8, 1), TAKEOVER(PERP, TRD_SELL, 8, TRIGGER), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_has(&r, FUND, USD, 141410, 0);
    rig_fini(&r);
}

/* All the money there can be: not even 27.15 fit into it. The lot restores the maintenance all the
 * same. */
Test(liquidation, a_fund_that_has_no_room_for_the_fee_gets_none) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 1000;
    rig_init(&r, &w);
    rig_deposit(&r, FUND, USD, TRD_AMT_LIMIT - 1);
    rig_long(&r);
    rig_bid(&r, C, PERP, 10, TRIGGER);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 0), DONE(0));
    rig_has(&r, FUND, USD, TRD_AMT_LIMIT - 1, 0);
    cr_assert(eq(i64, rig_balance(&r, A, USD).free + rig_balance(&r, A, USD).locked,
        3000000 - (3000000 - TRIGGER)));
    rig_fini(&r);
}

/* 100 at 10.00 on 140.50: at 9.00 there are 40.50, which is what 90 need. */
Test(liquidation, as_much_as_is_needed_is_enough) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_deposit(&r, A, USD, 14050);
    rig_deal(&r, A, B, MINI, 100, 1000);
    rig_bid(&r, C, MINI, 100, 900);
    rig_mark(&r, MINI, 900);
    POOL_STEPS(&r, REDUCE(MINI, TRD_SELL, 10, 1), FEE(MINI, TRD_SELL, 10, 0), DONE(0));
    rig_lots(&r, A, MINI, TRD_POSITION_NET, 90);
    rig_fini(&r);
}

Test(liquidation, orders_of_the_engine_pay_no_fee_and_the_other_side_does) {
    rig r;
    world w = world_usual();
    w.fee_ppb = 1000000; /* 0.1 % */
    rig_init(&r, &w);
    rig_deposit(&r, A, USD, 30000);
    rig_long(&r); /* 300.00 for the fee of its own order */
    rig_has(&r, A, USD, 2400000, 600000);
    rig_bid(&r, C, PERP, 10, TRIGGER);
    rig_mark(&r, PERP, TRIGGER);
    rig_has(&r, A, USD, 2400000 + 60000 - 285859, 540000);
    cr_assert(eq(i64, rig_position(&r, C, PERP, TRD_POSITION_NET).fees, 2715));
    cr_assert(eq(i64, rig_position(&r, A, PERP, TRD_POSITION_NET).fees, 30000));
    rig_fini(&r);
}

/* Ten lots have to go in orders of at most four, of which three may be sent. The nine that go at
 * 26,000.00 lose 36,000.00 of 30,000.00: the last would have to bring 36,000.00. */
Test(liquidation, one_order_has_the_largest_quantity_at_most_and_there_are_so_many_of_them) {
    rig r;
    world w = world_usual();
    w.perp.qty_max = 4;
    rig_init(&r, &w);
    rig_deposit(&r, A, USD, 3000000);
    rig_deal(&r, A, B, PERP, 4, 3000000);
    rig_deal(&r, A, B, PERP, 4, 3000000);
    rig_deal(&r, A, B, PERP, 2, 3000000);
    for (int i = 0; i < 3; i++) {
        rig_bid(&r, C, PERP, 3, 2600000);
    }
    rig_mark(&r, PERP, 2600000); /* -10,000.00: nothing restores it */
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 4, 1), FEE(PERP, TRD_SELL, 4, 0),
        REDUCE(PERP, TRD_SELL, 4, 1), FEE(PERP, TRD_SELL, 4, 0), REDUCE(PERP, TRD_SELL, 2, 1),
        FEE(PERP, TRD_SELL, 1, 0), DELEVERAGE(PERP, TRD_SELL, 1, 3600000, B), DONE(0));
    rig_fini(&r);
}

Test(liquidation, no_lower_limit_of_the_market_stops_an_order_of_the_engine) {
    rig r;
    world w = world_usual();
    w.perp.qty_min = 5;
    w.perp.notional_min = 100000;
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, C, PERP, 10, TRIGGER);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 0), DONE(0));
    rig_fini(&r);
}

/* The band is 5 % below the mark of 27,141.41: bids below it are not met. */
Test(liquidation, the_limit_is_the_end_of_the_band) {
    rig r;
    world w = world_usual();
    w.profile.band_action = TRD_BAND_REJECT;
    w.profile.band_source = TRD_SOURCE_MARK;
    w.profile.band_below = 500;
    w.profile.band_above = 2000;
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, C, PERP, 10, 2850000);
    rig_mark(&r, PERP, 2900000);
    const trd_command cancel = {
        .kind = TRD_COMMAND_CANCEL, .slots = 1, .account = C, .u.cancel = {.target = r.id}};
    trd_command c = cancel;
    rig_send(&r, &c);
    rig_mark(&r, PERP, TRIGGER); /* 2,714,141 x 5 % = 135,707.05 */
    const trd_event *e = rig_event(&r, TRD_EVENT_LIQUIDATION, 0);
    cr_assert(eq(u8, e->reason, TRD_STEP_REDUCE));
    cr_assert(eq(i64, e->u.liquidation.px, 2714141 - 135707));
    rig_fini(&r);
}

Test(liquidation, stops_that_its_fills_elect_go_as_ever) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, C, PERP, 1, TRIGGER);
    rig_bid(&r, E, PERP, 1, 2700000);
    trd_command stop[2] = {rig_order(&r, D, PERP, TRD_SELL, 1, 2600000)};
    stop[0].slots = 2;
    stop[0].u.order.type = TRD_TYPE_STOP_LIMIT;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = TRIGGER,
        .source = TRD_SOURCE_LAST};
    memcpy(&stop[1], &prices, sizeof(prices));
    rig_send(&r, stop);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 0), DONE(0));
    const trd_event *e = rig_event(&r, TRD_EVENT_TRIGGERED, 0);
    cr_assert(e != NULL);
    cr_assert(eq(u32, e->account, D));
    rig_lots(&r, D, PERP, TRD_POSITION_NET, -1);
    rig_lots(&r, E, PERP, TRD_POSITION_NET, 1);
    rig_fini(&r);
}

/* --- open orders ------------------------------------------------------------------------------ */

Test(liquidation, open_orders_of_a_pool_end_first_in_all_instruments) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, A, PERP, 1, 2000000);
    rig_bid(&r, A, MINI, 1, 100);
    rig_bid(&r, C, PERP, 1, TRIGGER);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(&r, CANCEL(0), REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 0), DONE(0));
    for (uint32_t i = 0; i < 2; i++) {
        const trd_event *e = rig_event(&r, TRD_EVENT_CANCELED, i);
        cr_assert(eq(u8, e->reason, TRD_CAUSE_LIQUIDATION));
        cr_assert(eq(u32, e->account, A));
        cr_assert(eq(u32, e->instrument, i));
    }
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_CANCELED), 2));
    rig_fini(&r);
}

/* --- without the market ----------------------------------------------------------------------- */

Test(liquidation, what_nobody_buys_the_fund_takes_over_at_the_bankruptcy_price) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 1000;
    rig_init(&r, &w);
    rig_long(&r);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), TAKEOVER(PERP, TRD_SELL, 10, 2700000), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_lots(&r, A, PERP, TRD_POSITION_NET, 0);
    const trd_holding fund = rig_position(&r, FUND, PERP, TRD_POSITION_NET);
    cr_assert(eq(i64, fund.qty, 10));
    cr_assert(eq(i64, fund.cost, 27000000));
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_FILL), 0));
    const trd_event *takeover = rig_event(&r, TRD_EVENT_LIQUIDATION, 1);
    for (uint32_t i = 0; rig_event(&r, TRD_EVENT_LEDGER, i) != NULL; i++) {
        const trd_event *e = rig_event(&r, TRD_EVENT_LEDGER, i);
        cr_assert(
            e->u.ledger.entry == TRD_LEDGER_RELEASE || e->u.ledger.reference == takeover->seq);
    }
    rig_fini(&r);
}

/* At 26,000.00 the lots lose 10,000.00 for who has them at 27,000.00. */
Test(liquidation, the_fund_takes_over_what_it_can_pay_for) {
    for (trd_amt missing = 0; missing <= 1; missing++) {
        rig r;
        const world w = world_usual();
        rig_init(&r, &w);
        rig_deposit(&r, FUND, USD, 1000000 - missing);
        rig_long(&r);
        rig_mark(&r, PERP, 2600000);
        rig_level(&r, 0, A, TRD_MARGIN_BANKRUPT, TRD_MARGIN_FINE);
        if (missing == 0) {
            POOL_STEPS(
                &r, REDUCE(PERP, TRD_SELL, 10, 1), TAKEOVER(PERP, TRD_SELL, 10, 2700000), DONE(0));
        } else {
            POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 10, 1),
                DELEVERAGE(PERP, TRD_SELL, 10, 2700000, B), DONE(0));
        }
        rig_fini(&r);
    }
}

Test(liquidation, a_fund_that_is_closed_or_hedges_takes_nothing_over) {
    for (int closed = 0; closed <= 1; closed++) {
        rig r;
        world w = world_usual();
        w.fund_is_closed = closed != 0;
        w.fund_hedges = closed == 0;
        w.terms.fee_ppm = 1000;
        rig_init(&r, &w);
        rig_long(&r);
        rig_mark(&r, PERP, TRIGGER);
        POOL_STEPS(
            &r, REDUCE(PERP, TRD_SELL, 1, 1), DELEVERAGE(PERP, TRD_SELL, 10, 2700000, B), DONE(0));
        rig_fini(&r);
    }
}

/* 100 at a tick of 2 on 103 cents: at 1, the lowest price, 3 are left and 5 needed. */
Test(liquidation, a_position_that_no_price_ruins_goes_at_the_worst_one) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_deposit(&r, A, USD, 103);
    rig_mark(&r, MINI, 2);
    rig_deal(&r, A, B, MINI, 100, 2);
    rig_mark(&r, MINI, 1);
    POOL_STEPS(&r, REDUCE(MINI, TRD_SELL, 40, 1), TAKEOVER(MINI, TRD_SELL, 100, 1), DONE(0));
    rig_has(&r, A, USD, 3, 0);
    rig_fini(&r);
}

/* Short 1 at 94,000.00 on 10,000.00: at the highest price there are 4,000.00 of 5,000.00. */
Test(liquidation, a_short_position_that_no_price_ruins_is_bought_at_the_worst_one) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_deposit(&r, A, USD, 1000000);
    rig_mark(&r, MINI, 9400000);
    rig_deal(&r, B, A, MINI, 1, 9400000);
    rig_mark(&r, MINI, 10000000);
    POOL_STEPS(
        &r, REDUCE(MINI, TRD_BUY, 1, 10000000), TAKEOVER(MINI, TRD_BUY, 1, 10000000), DONE(0));
    rig_has(&r, A, USD, 400000, 0);
    rig_fini(&r);
}

/* Short 1 at 10.00 on 20.00, of which funding takes 50.00: not even the lowest price, which brings
 * 9.99, leaves anything. */
Test(liquidation, a_position_that_every_price_ruins_goes_at_the_best_one) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_deposit(&r, FUND, USD, 10000);
    rig_deposit(&r, A, USD, 2000);
    rig_deal(&r, B, A, MINI, 1, 1000);
    trd_command c = {.kind = TRD_COMMAND_FUNDING,
        .slots = 1,
        .instrument = MINI,
        .u.funding = {.rate = -10000000, .mark = 500000, .due = 1}};
    rig_send(&r, &c);
    POOL_STEPS(&r, REDUCE(MINI, TRD_BUY, 1, 10000000), TAKEOVER(MINI, TRD_BUY, 1, 1),
        INSURED(0, 2001), DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_has(&r, FUND, USD, 10000 - 2001, 0);
    rig_fini(&r);
}

/* There is no room for a position of the fund, in one part or the other: what was told of it is
 * taken back. */
Test(liquidation, what_the_parts_refuse_was_never_told) {
    for (int part = 0; part < 2; part++) {
        rig r;
        world w = world_usual();
        *(part == 0 ? &w.positions_max : &w.quantities_max) = 2;
        rig_init(&r, &w);
        rig_long(&r);
        rig_mark(&r, PERP, TRIGGER);
        POOL_STEPS(
            &r, REDUCE(PERP, TRD_SELL, 1, 1), DELEVERAGE(PERP, TRD_SELL, 10, 2700000, B), DONE(0));
        for (uint32_t i = 0; i < r.count; i += r.events[i].slots) {
            cr_assert(eq(u64, r.events[i].seq, r.events[0].seq + i));
        }
        rig_fini(&r);
    }
}

/* 4 x 10^11 lots at the highest price, 10^7, are nearly all that an account can bear, and an order
 * without a hold counts on top of them (accounts.md, "Limits"). At 28,000.00 a seventh of them and
 * more would have to go, which no order, no fund and nobody else can be told of. */
Test(liquidation, what_the_accounts_could_not_book_is_not_sent_and_waits) {
    const trd_qty lots = 400000000000;
    const trd_amt money = 100000000000000000;
    rig r;
    world w = world_usual();
    w.perp.qty_max = lots;
    rig_init(&r, &w);
    rig_deposit(&r, A, USD, money);
    rig_deposit(&r, B, USD, money);
    rig_deal(&r, A, B, PERP, lots, 3000000);
    rig_bid(&r, C, PERP, 10, 2800000);
    rig_mark(&r, PERP, 2800000);
    POOL_STEPS(&r, WAIT(PERP, TRD_SELL, lots));
    rig_lots(&r, A, PERP, TRD_POSITION_NET, lots);
    rig_lots(&r, B, PERP, TRD_POSITION_NET, -lots);
    rig_fini(&r);
}

/* --- a fund of mode PORTFOLIO ----------------------------------------------------------------- */

/* One lot of PERP loses at most 95, which is what it needs. */
static void fund_is_portfolio(rig *r) {
    const trd_scenario_group group = {.initial_ppm = 1000000};
    const trd_scenario_array array = {.loss = {[14] = -95, [15] = 95}, .delta = 1};
    cr_assert(eq(int, trd_engine_group(r->engine, USD, &group), 0));
    cr_assert(eq(int, trd_engine_array(r->engine, PERP, 0, &array), TRD_OK));
    rig_open(r, FUND, TRD_MODE_PORTFOLIO, false);
}

static trd_portfolio portfolio_of(const rig *r, uint32_t account) {
    trd_portfolio state;
    cr_assert(eq(int,
        trd_risk_portfolio(
            trd_engine_risk(r->engine), trd_engine_accounts(r->engine), account, USD, &state),
        TRD_OK));
    return state;
}

/* 10 lots bought at 27,000.00 and worth 27,141.41 each: 10 x 141.41 of profit. */
Test(liquidation, what_a_portfolio_takes_over_is_in_its_sums) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    fund_is_portfolio(&r);
    rig_long(&r);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), TAKEOVER(PERP, TRD_SELL, 10, 2700000), DONE(0));
    trd_portfolio state = portfolio_of(&r, FUND);
    cr_assert(eq(i64, state.initial, 950));
    cr_assert(eq(i64, state.equity, 141410));
    rig_deposit(&r, A, USD, 3000000);
    rig_deal(&r, A, B, PERP, 10, 3000000);
    rig_mark(&r, PERP, TRIGGER);
    state = portfolio_of(&r, FUND);
    cr_assert(eq(i64, state.initial, 1900)); /* and once more */
    rig_fini(&r);
}

Test(liquidation, a_portfolio_without_room_for_the_group_takes_nothing_over) {
    rig r;
    world w = world_usual();
    w.portfolios_max = 0;
    rig_init(&r, &w);
    fund_is_portfolio(&r);
    rig_long(&r);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(
        &r, REDUCE(PERP, TRD_SELL, 1, 1), DELEVERAGE(PERP, TRD_SELL, 10, 2700000, B), DONE(0));
    cr_assert(eq(i64, portfolio_of(&r, FUND).initial, 0));
    rig_fini(&r);
}

/* Who has no unit for it (CASH), the fund, and the account itself give nothing up. */
/* A has sold, so that the fund would sell: 30,000.00 are gone at 33,000.00. */
Test(liquidation, a_portfolio_without_room_for_the_group_sells_nothing_either) {
    rig r;
    world w = world_usual();
    w.portfolios_max = 0;
    rig_init(&r, &w);
    fund_is_portfolio(&r);
    rig_deposit(&r, A, USD, 3000000);
    rig_deal(&r, B, A, PERP, 10, 3000000);
    rig_mark(&r, PERP, 3300000);
    POOL_STEPS(&r, REDUCE(PERP, TRD_BUY, 10, 10000000), DELEVERAGE(PERP, TRD_BUY, 10, 3300000, B),
        DONE(0));
    rig_has(&r, A, USD, 0, 0);
    rig_fini(&r);
}

/* The accounts have no room for its position: its sums are as they were. */
Test(liquidation, a_portfolio_that_the_accounts_refuse_has_nothing_in_its_sums) {
    rig r;
    world w = world_usual();
    w.positions_max = 2;
    rig_init(&r, &w);
    fund_is_portfolio(&r);
    rig_long(&r);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(
        &r, REDUCE(PERP, TRD_SELL, 1, 1), DELEVERAGE(PERP, TRD_SELL, 10, 2700000, B), DONE(0));
    cr_assert(eq(i64, portfolio_of(&r, FUND).initial, 0));
    rig_fini(&r);
}

Test(liquidation, some_are_no_candidates) {
    rig r;
    world w = world_usual();
    w.fund_hedges = true;
    rig_init(&r, &w);
    rig_open(&r, A, TRD_MODE_CROSS, true);
    rig_deposit(&r, FUND, USD, 10000000);
    rig_deposit(&r, A, USD, 3000000);
    trd_command c = rig_order(&r, FUND, PERP, TRD_SELL, 4, 3000000);
    c.u.order.position = TRD_POSITION_SHORT;
    rig_good(&r, c);
    rig_offer(&r, B, PERP, 6, 3000000);
    c = rig_order(&r, A, PERP, TRD_BUY, 10, 3000000);
    c.u.order.position = TRD_POSITION_LONG;
    rig_good(&r, c);
    rig_bid(&r, C, PERP, 1, 3000000);
    c = rig_order(&r, A, PERP, TRD_SELL, 1, 3000000);
    c.u.order.position = TRD_POSITION_SHORT;
    rig_good(&r, c);
    rig_open(&r, B, TRD_MODE_CASH, false);
    /* 30,000.00 - 9 x 3,170.00 are 1,470.00, and 1,383.00 + 107.32 are needed. */
    rig_mark(&r, PERP, 2683000);
    POOL_STEPS(&r, {TRD_STEP_REDUCE, PERP, TRD_SELL, 1, 1, 0, 0, TRD_POSITION_LONG},
        {TRD_STEP_REDUCE, PERP, TRD_BUY, 1, 10000000, 0, 0, TRD_POSITION_SHORT},
        {TRD_STEP_WAIT, PERP, TRD_SELL, 10, 0, 0, 0, TRD_POSITION_LONG});
    rig_fini(&r);
}

/* Ranks: C and D 133,333 x 696,428 / 10^6 = 92,856, B 133,333 x 102,362 / 10^6 = 13,648. Between C
 * and D the account decides, though D was the first to sell. */
static void three_have_sold(rig *r, world *w) {
    rig_init(r, w);
    rig_deposit(r, A, USD, 3000000);
    const trd_command take[2] = {
        {.kind = TRD_COMMAND_TRANSFER,
            .slots = 1,
            .account = C,
            .u.transfer = {.action = TRD_TRANSFER_WITHDRAW, .asset = USD, .amount = 90000000}},
        {.kind = TRD_COMMAND_TRANSFER,
            .slots = 1,
            .account = D,
            .u.transfer = {.action = TRD_TRANSFER_WITHDRAW, .asset = USD, .amount = 90000000}}};
    for (int i = 0; i < 2; i++) {
        trd_command c = take[i];
        rig_send(r, &c);
    }
    rig_deal(r, A, B, PERP, 4, 3000000);
    rig_deal(r, A, D, PERP, 3, 3000000);
    rig_deal(r, A, C, PERP, 3, 3000000);
    rig_mark(r, PERP, 2600000);
}

Test(liquidation, without_a_fund_the_best_rank_gives_up_its_lots_first) { /* S128 */
    rig r;
    world w = world_usual();
    three_have_sold(&r, &w);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 10, 1), DELEVERAGE(PERP, TRD_SELL, 3, 2700000, C),
        DELEVERAGE(PERP, TRD_SELL, 3, 2700000, D), DELEVERAGE(PERP, TRD_SELL, 4, 2700000, B),
        DONE(0));
    /* What A lost, 30,000.00, the others have: 3,000.00 for each lot. */
    rig_has(&r, A, USD, 0, 0);
    rig_has(&r, B, USD, 100000000 + 1200000, 0);
    rig_has(&r, C, USD, 10000000 + 900000, 0);
    rig_has(&r, D, USD, 10000000 + 900000, 0);
    cr_assert(eq(i64, rig_balance(&r, TRD_ACCOUNT_CLEARING, USD).free, 0));
    rig_fini(&r);
}

/* Nine lots go at 26,000.00, and the last would have to bring 36,000.00. B has sold ten at
 * 30,000.00 on 20,000.00 and would be ruined above 32,000.00: it buys there, and 4,000.00 are
 * missing. */
Test(liquidation, who_gives_lots_up_is_not_ruined_by_it) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_deposit(&r, FUND, USD, 100000);
    trd_command c = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = B,
        .u.transfer = {
            .action = TRD_TRANSFER_WITHDRAW, .asset = USD, .amount = 100000000 - 2000000}};
    rig_send(&r, &c);
    rig_long(&r);
    rig_bid(&r, C, PERP, 9, 2600000);
    rig_mark(&r, PERP, 2600000);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 10, 1), FEE(PERP, TRD_SELL, 9, 0),
        REDUCE(PERP, TRD_SELL, 1, 1), DELEVERAGE(PERP, TRD_SELL, 1, 3200000, B), INSURED(0, 100000),
        DONE(0));
    rig_has(&r, A, USD, -300000, 0);
    rig_lots(&r, B, PERP, TRD_POSITION_NET, -9);
    rig_fini(&r);
}

/* The same of who has bought: A has sold ten and buys nine back at 34,000.00, which costs 36,000.00
 * of 30,000.00; the last may cost 24,000.00, and B sells at 28,000.00 at least. */
Test(liquidation, who_gives_up_what_it_bought_is_not_ruined_by_it) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    trd_command c = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = B,
        .u.transfer = {
            .action = TRD_TRANSFER_WITHDRAW, .asset = USD, .amount = 100000000 - 2000000}};
    rig_send(&r, &c);
    rig_deposit(&r, A, USD, 3000000);
    rig_deal(&r, B, A, PERP, 10, 3000000);
    rig_offer(&r, C, PERP, 9, 3400000);
    rig_mark(&r, PERP, 3400000);
    POOL_STEPS(&r, REDUCE(PERP, TRD_BUY, 10, 10000000), FEE(PERP, TRD_BUY, 9, 0),
        REDUCE(PERP, TRD_BUY, 1, 10000000), DELEVERAGE(PERP, TRD_BUY, 1, 2800000, B), DONE(0));
    rig_has(&r, A, USD, -400000, 0);
    rig_fini(&r);
}

static void withdraw(rig *r, uint32_t account, trd_amt amount) {
    trd_command c = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = account,
        .u.transfer = {.action = TRD_TRANSFER_WITHDRAW, .asset = USD, .amount = amount}};
    rig_send(r, &c);
    cr_assert(eq(u32, rig_count(r, TRD_EVENT_COMMAND_REJECTED), 0));
}

/* The same of one lot that is left to B, on 2,000.00. C, who has the other nine, is rich. */
Test(liquidation, who_gives_up_its_only_lot_is_not_ruined_by_it) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_deposit(&r, A, USD, 3000000);
    rig_deal(&r, B, A, PERP, 10, 3000000);
    rig_deal(&r, C, B, PERP, 9, 3000000);
    withdraw(&r, B, 100000000 - 200000);
    rig_offer(&r, D, PERP, 9, 3400000);
    rig_mark(&r, PERP, 3400000);
    POOL_STEPS(&r, REDUCE(PERP, TRD_BUY, 10, 10000000), FEE(PERP, TRD_BUY, 9, 0),
        REDUCE(PERP, TRD_BUY, 1, 10000000), DELEVERAGE(PERP, TRD_BUY, 1, 2800000, B), DONE(0));
    rig_has(&r, A, USD, -400000, 0);
    rig_fini(&r);
}

/* Eight lots go at 26,000.00 and lose 32,000.00 of 30,000.00: each of the other two would have to
 * bring 31,000.00. B, who has 500.00, pays 30,500.00; E still pays 31,000.00, and not what B did
 * not pay. */
Test(liquidation, all_give_up_at_the_price_of_the_takeover) {
    rig r;
    world w = world_usual();
    w.fund_is_closed = true;
    rig_init(&r, &w);
    rig_deposit(&r, A, USD, 3000000);
    rig_deal(&r, A, B, PERP, 1, 3000000);
    rig_deal(&r, A, E, PERP, 9, 3000000);
    withdraw(&r, B, 100000000 - 50000);
    rig_bid(&r, C, PERP, 8, 2600000);
    rig_mark(&r, PERP, 2600000);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 10, 1), FEE(PERP, TRD_SELL, 8, 0),
        REDUCE(PERP, TRD_SELL, 2, 1), DELEVERAGE(PERP, TRD_SELL, 1, 3050000, B),
        DELEVERAGE(PERP, TRD_SELL, 1, 3100000, E), DONE(0));
    rig_has(&r, A, USD, -50000, 0);
    rig_has(&r, B, USD, 0, 0);
    rig_fini(&r);
}

/* E sold at 26,500.00 what B bought back there: at 27,100.00 it loses, and is no candidate. */
Test(liquidation, when_nobody_is_left_it_waits_for_the_next_mark) {
    rig r;
    world w = world_usual();
    w.fund_is_closed = true;
    rig_init(&r, &w);
    rig_long(&r);
    rig_deal(&r, B, E, PERP, 10, 2650000);
    rig_mark(&r, PERP, 2710000); /* 1,000.00; with seven lots 898.50 are needed */
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 3, 1), WAIT(PERP, TRD_SELL, 10));
    rig_lots(&r, A, PERP, TRD_POSITION_NET, 10);
    rig_deposit(&r, C, USD, 1);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, PERP, 2650000); /* no profit is a rank of 0 */
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 10, 1), WAIT(PERP, TRD_SELL, 10));
    rig_mark(&r, PERP, 2640000);
    POOL_STEPS(
        &r, REDUCE(PERP, TRD_SELL, 10, 1), DELEVERAGE(PERP, TRD_SELL, 10, 2700000, E), DONE(0));
    rig_level(&r, 0, A, TRD_MARGIN_FINE, TRD_MARGIN_BANKRUPT);
    rig_fini(&r);
}

/* B has an order that only reduces what it has sold. It is outside the band, so nobody meets it. */
static void band_and_an_order_that_reduces(rig *r, trd_qty lots) {
    world w = world_usual();
    w.fund_is_closed = true;
    w.profile.band_action = TRD_BAND_CANCEL;
    w.profile.band_source = TRD_SOURCE_MARK;
    w.profile.band_below = 500;
    w.profile.band_above = 10000;
    rig_init(r, &w);
    rig_deposit(r, A, USD, 300000 * lots);
    rig_deal(r, A, B, PERP, lots, 3000000);
    if (lots < 10) {
        rig_deal(r, E, B, PERP, 10 - lots, 3000000);
    }
    trd_command c = rig_order(r, B, PERP, TRD_BUY, 10, 2000000);
    c.u.order.exec = TRD_EXEC_REDUCE_ONLY;
    rig_good(r, c);
    rig_mark(r, PERP, 2600000);
    POOL_STEPS(r, REDUCE(PERP, TRD_SELL, lots, 2470000),
        DELEVERAGE(PERP, TRD_SELL, lots, 2700000, B), DONE(0));
}

Test(liquidation, orders_that_reduce_what_was_given_up_end) {
    rig r;
    band_and_an_order_that_reduces(&r, 10);
    const trd_event *e = rig_event(&r, TRD_EVENT_CANCELED, 1);
    cr_assert(eq(u8, e->reason, TRD_CAUSE_REDUCE_ONLY));
    cr_assert(eq(u32, e->account, B));
    cr_assert(eq(i64, e->u.cancel.qty, 10));
    rig_has(&r, B, USD, 100000000 + 3000000, 0);
    rig_fini(&r);
}

Test(liquidation, orders_that_reduce_more_than_what_is_left_are_cut) {
    rig r;
    band_and_an_order_that_reduces(&r, 4);
    const trd_event *e = rig_event(&r, TRD_EVENT_RESTATED, 0);
    cr_assert(e != NULL);
    cr_assert(eq(u8, e->reason, TRD_RESTATE_CUT));
    cr_assert(eq(u32, e->account, B));
    cr_assert(eq(i64, e->u.restate.leaves, 6));
    rig_lots(&r, B, PERP, TRD_POSITION_NET, -6);
    rig_fini(&r);
}

/* The same of who bought from whom is short: 10,000.00 are lost at 34,000.00, where the band ends
 * at 35,700.00. */
Test(liquidation, orders_that_sell_what_was_given_up_end) {
    rig r;
    world w = world_usual();
    w.fund_is_closed = true;
    w.profile.band_action = TRD_BAND_CANCEL;
    w.profile.band_source = TRD_SOURCE_MARK;
    w.profile.band_below = 5000;
    w.profile.band_above = 500;
    rig_init(&r, &w);
    rig_deposit(&r, A, USD, 3000000);
    rig_deal(&r, B, A, PERP, 10, 3000000);
    trd_command c = rig_order(&r, B, PERP, TRD_SELL, 10, 4000000);
    c.u.order.exec = TRD_EXEC_REDUCE_ONLY;
    rig_send(&r, &c);
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    rig_mark(&r, PERP, 3400000);
    POOL_STEPS(
        &r, REDUCE(PERP, TRD_BUY, 10, 3570000), DELEVERAGE(PERP, TRD_BUY, 10, 3300000, B), DONE(0));
    const trd_event *e = rig_event(&r, TRD_EVENT_CANCELED, 1);
    cr_assert(e != NULL);
    cr_assert(eq(u8, e->reason, TRD_CAUSE_REDUCE_ONLY));
    cr_assert(eq(u32, e->account, B));
    rig_fini(&r);
}

/* C, who has sold 7, is the first to give lots up, and its bid that only reduces ends: the best bid
 * is 20 ticks lower, and so is the offer of E, which follows it. It meets the hidden bid of D, who
 * had sold 3, has none any more, and can give none up. */
Test(liquidation, who_has_closed_meanwhile_gives_nothing_up) {
    rig r;
    world w = world_usual();
    w.fund_is_closed = true;
    w.orders_max = 4; /* no room for an order of the engine: the fund is asked at once */
    rig_init(&r, &w);
    rig_deposit(&r, A, USD, 3000000);
    rig_deal(&r, A, C, PERP, 7, 3000000);
    rig_deal(&r, A, D, PERP, 3, 3000000);
    trd_command reduces = rig_order(&r, C, PERP, TRD_BUY, 7, 2600000);
    reduces.u.order.exec = TRD_EXEC_REDUCE_ONLY;
    rig_good(&r, reduces);
    trd_command hides = rig_order(&r, D, PERP, TRD_BUY, 3, 2599990);
    hides.u.order.exec = TRD_EXEC_HIDDEN;
    rig_good(&r, hides);
    rig_bid(&r, B, PERP, 1, 2599980);
    trd_command peg[2] = {rig_order(&r, E, PERP, TRD_SELL, 3, 0)};
    const trd_ext_prices behind = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET,
        .peg = TRD_PEG_OPPOSITE,
        .offset_unit = TRD_OFFSET_TICKS,
        .offset = 10};
    peg[0].u.order.type = TRD_TYPE_PEGGED;
    peg[0].slots = 2;
    memcpy(&peg[1], &behind, sizeof(behind));
    rig_send(&r, peg);
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    rig_mark(&r, PERP, 2600000);
    /* It has changed, so it is tried again: now there is room for orders, one lot goes to B, and
     * then once more, for nothing. */
    POOL_STEPS(&r, DELEVERAGE(PERP, TRD_SELL, 7, 2700000, C), WAIT(PERP, TRD_SELL, 3),
        REDUCE(PERP, TRD_SELL, 3, 1), FEE(PERP, TRD_SELL, 1, 0), REDUCE(PERP, TRD_SELL, 2, 1),
        WAIT(PERP, TRD_SELL, 2), REDUCE(PERP, TRD_SELL, 2, 1), WAIT(PERP, TRD_SELL, 2));
    rig_lots(&r, D, PERP, TRD_POSITION_NET, 0);
    rig_lots(&r, E, PERP, TRD_POSITION_NET, -3);
    rig_lots(&r, A, PERP, TRD_POSITION_NET, 2);
    const trd_event *fill = rig_event(&r, TRD_EVENT_FILL, 0);
    cr_assert(fill != NULL);
    cr_assert(eq(i64, fill->u.fill.px, 2599990));
    rig_fini(&r);
}

/* The fund has sold 4 lots and wants them back, below the band; with ten that it takes over it has
 * six to sell. */
Test(liquidation, orders_that_reduced_a_position_of_the_fund_end) {
    rig r;
    world w = world_usual();
    w.profile.band_action = TRD_BAND_CANCEL;
    w.profile.band_source = TRD_SOURCE_MARK;
    w.profile.band_below = 500;
    w.profile.band_above = 10000;
    rig_init(&r, &w);
    rig_deposit(&r, FUND, USD, 50000000);
    rig_deal(&r, E, FUND, PERP, 4, 3000000);
    rig_long(&r);
    trd_command c = rig_order(&r, FUND, PERP, TRD_BUY, 4, 100000);
    c.u.order.exec = TRD_EXEC_REDUCE_ONLY;
    rig_good(&r, c);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 2714141 - 135707),
        TAKEOVER(PERP, TRD_SELL, 10, 2700000), DONE(0));
    const trd_event *e = rig_event(&r, TRD_EVENT_CANCELED, 1);
    cr_assert(e != NULL);
    cr_assert(eq(u8, e->reason, TRD_CAUSE_REDUCE_ONLY));
    cr_assert(eq(u32, e->account, FUND));
    rig_lots(&r, FUND, PERP, TRD_POSITION_NET, 6);
    rig_fini(&r);
}

/* Nobody has lots or orders but B and the fund. */
Test(liquidation, a_position_that_was_taken_over_is_forgotten) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_long(&r);
    rig_mark(&r, PERP, TRIGGER);
    trd_match_stats stats;
    trd_match_stats_get(trd_engine_match(r.engine), &stats);
    cr_assert(eq(u32, stats.positions, 2));
    rig_mark(&r, PERP, 3000000);
    rig_long(&r);
    rig_mark(&r, PERP, TRIGGER); /* and no orders are looked for that there are not */
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), TAKEOVER(PERP, TRD_SELL, 10, 2700000), DONE(0));
    rig_fini(&r);
}

/* --- it waits --------------------------------------------------------------------------------- */

Test(liquidation, a_halt_makes_it_wait_until_there_is_a_mark_again) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, C, PERP, 1, 2714140);
    rig_session(&r, PERP, TRD_SESSION_HALTED);
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(&r, WAIT(PERP, TRD_SELL, 10));
    rig_session(&r, PERP, TRD_SESSION_CONTINUOUS);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    rig_mark(&r, PERP, 2714140);
    POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 0), DONE(0));
    rig_fini(&r);
}

Test(liquidation, a_kill_switch_that_stops_reducing_orders_makes_it_wait) {
    const unsigned scopes[] = {TRD_SCOPE_FIRM, TRD_SCOPE_ACCOUNT, TRD_SCOPE_INSTRUMENT};
    for (int i = 0; i < 3; i++) {
        rig r;
        const world w = world_usual();
        rig_init(&r, &w);
        rig_long(&r);
        rig_bid(&r, C, PERP, 1, 2714140);
        rig_kill(&r, scopes[i], TRD_KILL_ON, false);
        rig_mark(&r, PERP, TRIGGER);
        POOL_STEPS(&r, WAIT(PERP, TRD_SELL, 10));
        rig_kill(&r, scopes[i], TRD_KILL_ON, true);
        rig_mark(&r, PERP, 2714140);
        POOL_STEPS(&r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 0), DONE(0));
        rig_fini(&r);
    }
}
