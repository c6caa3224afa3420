/* test_naive_monitor.c - the naive model of monitoring against the numbers that the pages of
 * margins and of monitoring work out by hand. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "naive_liquidation.h"

enum { USD = 0, COIN = 1, A = 1, B = 2 };

static naive_monitor world(void) {
    naive_monitor m = {.warn_ppm = 1500000, .call_ppm = 1200000};
    m.mode[A] = TRD_MODE_CROSS;
    m.mode[B] = TRD_MODE_CROSS;
    return m;
}

static uint32_t list(naive_monitor *m, uint8_t kind, trd_px mark) {
    naive_mon_instrument *in = &m->instrument[m->instrument_count];
    in->spec = trd_instrument_default();
    in->spec.kind = kind;
    in->spec.settle_asset = kind == TRD_INSTRUMENT_INVERSE ? COIN : USD;
    in->has_mark = mark != 0;
    in->mark = mark;
    return m->instrument_count++;
}

static void rate(naive_monitor *m, uint32_t instrument, uint32_t maintenance_ppm) {
    m->instrument[instrument].model =
        (naive_mon_model){.there = true, .count = 1, .ppm = {maintenance_ppm}};
}

/* The tiers of the page, in cents. */
static void tiers(naive_monitor *m, uint32_t instrument) {
    m->instrument[instrument].model = (naive_mon_model){.there = true,
        .count = 4,
        .floor = {0, 5000000, 25000000, 100000000},
        .ppm = {4000, 5000, 10000, 25000}};
}

static naive_mon_position *hold(
    naive_monitor *m, uint32_t account, uint32_t instrument, trd_qty qty, trd_amt cost) {
    naive_mon_position *p = naive_monitor_position(m, account, instrument, TRD_POSITION_NET);
    p->qty = qty;
    p->cost = cost;
    return p;
}

static void own(naive_monitor *m, uint32_t account, uint32_t asset, trd_amt amount) {
    naive_mon_purse *p = naive_monitor_purse(m, account, asset);
    p->free = amount;
    p->total = amount;
}

static trd_unit pool(uint32_t account, uint32_t asset) {
    return (trd_unit){.account = account, .asset = asset, .kind = TRD_UNIT_POOL};
}

static naive_stand at(naive_monitor *m, const trd_unit *unit, uint32_t instrument, trd_px mark) {
    m->instrument[instrument].mark = mark;
    return naive_monitor_stand(m, unit);
}

/* --- levels ----------------------------------------------------------------------------------- */

/* Long 10 at 100, now 120; short 5 at 200, now 210; 5 %. */
static naive_monitor two_positions(trd_amt balance) {
    naive_monitor m = world();
    m.warn_ppm = 2000000;
    m.call_ppm = 1500000;
    rate(&m, list(&m, TRD_INSTRUMENT_LINEAR, 120), 50000);
    rate(&m, list(&m, TRD_INSTRUMENT_LINEAR, 210), 50000);
    own(&m, A, USD, balance);
    hold(&m, A, 0, 10, 1000);
    hold(&m, A, 1, -5, -1000);
    return m;
}

Test(naive_monitor, a_pool_is_the_balance_and_the_profits_of_all_its_positions) {
    const naive_monitor m = two_positions(350);
    const trd_unit unit = pool(A, USD);
    const naive_stand s = naive_monitor_stand(&m, &unit);
    cr_assert(eq(i64, (int64_t)s.equity, 500));
    cr_assert(eq(i64, (int64_t)s.maintenance, 113));
    cr_assert(eq(u8, s.level, TRD_MARGIN_FINE));
}

Test(naive_monitor, levels_change_at_the_equities_of_the_page) {
    static const struct {
        trd_amt equity;
        uint8_t level;
    } rows[] = {{226, TRD_MARGIN_FINE}, {225, TRD_MARGIN_WARN}, {170, TRD_MARGIN_WARN},
        {169, TRD_MARGIN_CALL}, {113, TRD_MARGIN_CALL}, {112, TRD_MARGIN_LIQUIDATE},
        {0, TRD_MARGIN_LIQUIDATE}, {-1, TRD_MARGIN_BANKRUPT}};
    const trd_unit unit = pool(A, USD);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const naive_monitor m = two_positions(rows[i].equity - 150);
        cr_assert(eq(u8, naive_monitor_stand(&m, &unit).level, rows[i].level), "row %zu", i);
    }
}

Test(naive_monitor, a_long_in_the_third_tier_is_short_from_27141_41_on) {
    naive_monitor m = world();
    tiers(&m, list(&m, TRD_INSTRUMENT_LINEAR, 3000000));
    own(&m, A, USD, 3000000);
    hold(&m, A, 0, 10, 30000000);
    const trd_unit unit = pool(A, USD);
    cr_assert(eq(u8, at(&m, &unit, 0, 2714142).level, TRD_MARGIN_CALL));
    const naive_stand s = at(&m, &unit, 0, 2714141);
    cr_assert(eq(u8, s.level, TRD_MARGIN_LIQUIDATE));
    cr_assert(eq(i64, (int64_t)s.equity, 141410));
    cr_assert(eq(i64, (int64_t)s.maintenance, 141415));
}

Test(naive_monitor, a_long_in_the_second_tier_is_short_from_24115_57_on) {
    naive_monitor m = world();
    tiers(&m, list(&m, TRD_INSTRUMENT_LINEAR, 3000000));
    own(&m, A, USD, 6000000);
    hold(&m, A, 0, 10, 30000000);
    const trd_unit unit = pool(A, USD);
    cr_assert(eq(u8, at(&m, &unit, 0, 2411558).level, TRD_MARGIN_CALL));
    cr_assert(eq(u8, at(&m, &unit, 0, 2411557).level, TRD_MARGIN_LIQUIDATE));
}

Test(naive_monitor, a_short_is_short_of_margin_from_10956_18_on) {
    naive_monitor m = world();
    tiers(&m, list(&m, TRD_INSTRUMENT_LINEAR, 1000000));
    own(&m, A, USD, 100000);
    hold(&m, A, 0, -1, -1000000);
    const trd_unit unit = pool(A, USD);
    cr_assert(eq(u8, at(&m, &unit, 0, 1095617).level, TRD_MARGIN_CALL));
    cr_assert(eq(u8, at(&m, &unit, 0, 1095618).level, TRD_MARGIN_LIQUIDATE));
}

/* Ten contracts of 100 dollars at 50,000, 200,000 units of collateral, 0.5 %. */
static naive_monitor inverse(trd_qty qty) {
    naive_monitor m = world();
    m.mode[A] = TRD_MODE_ISOLATED;
    const uint32_t i = list(&m, TRD_INSTRUMENT_INVERSE, 50000);
    m.instrument[i].spec.numerator = 10000000000;
    rate(&m, i, 5000);
    hold(&m, A, i, qty, qty > 0 ? -2000000 : 2000000)->collateral = 200000;
    return m;
}

Test(naive_monitor, an_isolated_inverse_position_stands_on_its_collateral) {
    naive_monitor m = inverse(10);
    const trd_unit unit = naive_monitor_unit(&m, &m.position[0]);
    cr_assert(eq(u8, unit.kind, TRD_UNIT_POSITION));
    cr_assert(eq(u32, unit.asset, COIN));
    cr_assert(eq(i64, (int64_t)at(&m, &unit, 0, 40000).equity, -300000));
    cr_assert(eq(u8, at(&m, &unit, 0, 45682).level, TRD_MARGIN_CALL));
    cr_assert(eq(u8, at(&m, &unit, 0, 45681).level, TRD_MARGIN_LIQUIDATE));
    m = inverse(-10);
    cr_assert(eq(i64, (int64_t)at(&m, &unit, 0, 30000).equity, 1533333));
    cr_assert(eq(u8, at(&m, &unit, 0, 55277).level, TRD_MARGIN_CALL));
    cr_assert(eq(u8, at(&m, &unit, 0, 55278).level, TRD_MARGIN_LIQUIDATE));
}

Test(naive_monitor, an_option_counts_at_its_value_in_a_pool_and_with_its_profit_alone) {
    naive_monitor m = world();
    rate(&m, list(&m, TRD_INSTRUMENT_OPTION, 30), 100000);
    own(&m, A, USD, 500); /* 200 of it the premium of 10 at 20 */
    hold(&m, A, 0, -10, -200)->collateral = 90;
    trd_unit unit = naive_monitor_unit(&m, &m.position[0]);
    naive_stand s = naive_monitor_stand(&m, &unit);
    cr_assert(eq(i64, (int64_t)s.equity, 200));
    cr_assert(eq(i64, (int64_t)s.maintenance, 30));
    m.mode[A] = TRD_MODE_ISOLATED;
    unit = naive_monitor_unit(&m, &m.position[0]);
    s = naive_monitor_stand(&m, &unit);
    cr_assert(eq(i64, (int64_t)s.equity, -10));
    cr_assert(eq(u8, s.level, TRD_MARGIN_BANKRUPT));
    hold(&m, A, 0, 10, 200);
    cr_assert(not(naive_monitor_stand(&m, &unit).there));
}

Test(naive_monitor, a_position_above_zero_in_an_option_is_worth_something_and_needs_nothing) {
    naive_monitor m = world();
    rate(&m, list(&m, TRD_INSTRUMENT_LINEAR, 100), 100000);
    list(&m, TRD_INSTRUMENT_OPTION, 7);
    own(&m, A, USD, 60);
    hold(&m, A, 0, 10, 1000);
    hold(&m, A, 1, 9, 90);
    const trd_unit unit = pool(A, USD);
    const naive_stand s = naive_monitor_stand(&m, &unit);
    cr_assert(eq(i64, (int64_t)s.equity, 123));
    cr_assert(eq(i64, (int64_t)s.maintenance, 100));
}

/* --- what is told ----------------------------------------------------------------------------- */

static trd_monitor_change told(naive_monitor *m) {
    trd_monitor_change c = {0};
    cr_assert(naive_monitor_next(m, &c));
    naive_monitor_tell(m, &c);
    return c;
}

static void nothing_more(const naive_monitor *m) {
    trd_monitor_change c;
    cr_assert(not(naive_monitor_next(m, &c)));
}

Test(naive_monitor, a_level_is_told_once) {
    naive_monitor m = two_positions(-38);
    const trd_monitor_change c = told(&m);
    cr_assert(eq(u8, c.what, TRD_CHANGE_LEVEL));
    cr_assert(eq(u8, c.level, TRD_MARGIN_LIQUIDATE));
    cr_assert(eq(u8, c.former, TRD_MARGIN_FINE));
    nothing_more(&m);
    own(&m, A, USD, 350);
    const trd_monitor_change back = told(&m);
    cr_assert(eq(u8, back.level, TRD_MARGIN_FINE));
    cr_assert(eq(u8, back.former, TRD_MARGIN_LIQUIDATE));
    nothing_more(&m);
}

Test(naive_monitor, without_a_mark_a_unit_keeps_its_level) {
    naive_monitor m = two_positions(-38);
    told(&m);
    own(&m, A, USD, 350);
    m.instrument[1].has_mark = false;
    nothing_more(&m);
    m.instrument[1].has_mark = true;
    m.instrument[0].model.there = false;
    nothing_more(&m);
    m.instrument[0].model.there = true;
    cr_assert(eq(u8, told(&m).level, TRD_MARGIN_FINE));
}

Test(naive_monitor, a_unit_without_margin_positions_is_fine_whatever_its_balance) {
    naive_monitor m = two_positions(-38);
    told(&m);
    own(&m, A, USD, -500);
    hold(&m, A, 0, 0, 0);
    hold(&m, A, 1, 0, 0);
    const trd_monitor_change c = told(&m);
    cr_assert(eq(u8, c.level, TRD_MARGIN_FINE));
    cr_assert(eq(i64, c.equity, -500));
    cr_assert(eq(i64, c.maintenance, 0));
}

Test(naive_monitor, a_unit_that_is_no_more_is_fine) {
    naive_monitor m = two_positions(-38);
    told(&m);
    m.position[0].collateral = 1000;
    m.position[1].collateral = 53;
    m.mode[A] = TRD_MODE_ISOLATED;
    /* The short one has 53 - 50 = 3, and needs ceil(52.5); the long one is fine. */
    const trd_monitor_change isolated = told(&m);
    cr_assert(eq(u8, isolated.unit.kind, TRD_UNIT_POSITION));
    cr_assert(eq(u32, isolated.unit.instrument, 1));
    cr_assert(eq(u8, isolated.level, TRD_MARGIN_LIQUIDATE));
    cr_assert(eq(i64, isolated.equity, 3));
    cr_assert(eq(i64, isolated.maintenance, 53));
    const trd_monitor_change gone = told(&m);
    cr_assert(eq(u8, gone.unit.kind, TRD_UNIT_POOL));
    cr_assert(eq(u8, gone.level, TRD_MARGIN_FINE));
    cr_assert(eq(i64, gone.equity, 0));
    nothing_more(&m);
}

Test(naive_monitor, accounts_come_by_number_positions_before_pools) {
    naive_monitor m = two_positions(-38);
    m.alert_ppm = 40000;
    own(&m, B, USD, 1);
    hold(&m, B, 0, -1, -100);
    m.mode[0] = TRD_MODE_ISOLATED;
    hold(&m, 0, 1, 1, 210);
    cr_assert(eq(u32, told(&m).unit.account, 0));
    const trd_monitor_change alert = told(&m); /* 50 of 1,000 */
    cr_assert(eq(u8, alert.what, TRD_CHANGE_ALERT));
    cr_assert(eq(u32, alert.unit.account, A));
    cr_assert(eq(u32, alert.instrument, 1));
    cr_assert(eq(i64, alert.equity, -50));
    cr_assert(eq(i64, alert.maintenance, 1000));
    const trd_monitor_change level = told(&m);
    cr_assert(eq(u32, level.unit.account, A));
    cr_assert(eq(u8, level.unit.kind, TRD_UNIT_POOL));
    cr_assert(eq(u8, told(&m).what, TRD_CHANGE_ALERT)); /* 20 of 100 */
    cr_assert(eq(u8, told(&m).level, TRD_MARGIN_BANKRUPT));
    nothing_more(&m);
}

Test(naive_monitor, an_alert_begins_above_the_share_of_the_cost_and_ends_with_the_position) {
    naive_monitor m = world();
    m.alert_ppm = 200000;
    list(&m, TRD_INSTRUMENT_LINEAR, 80);
    hold(&m, A, 0, 10, 1000);
    nothing_more(&m);
    m.instrument[0].mark = 79;
    cr_assert(eq(u8, told(&m).level, 1));
    m.instrument[0].has_mark = false;
    nothing_more(&m);
    hold(&m, A, 0, 0, 0);
    const trd_monitor_change c = told(&m);
    cr_assert(eq(u8, c.level, 0));
    cr_assert(eq(u8, c.former, 1));
    cr_assert(eq(i64, c.maintenance, 0));
}

Test(naive_monitor, cash_and_exempt_accounts_have_no_units_and_portfolios_nothing_known) {
    naive_monitor m = two_positions(-1000);
    const trd_unit unit = pool(A, USD);
    m.alert_ppm = 40000;
    m.mode[A] = TRD_MODE_CASH;
    cr_assert(not(naive_monitor_stand(&m, &unit).there));
    m.mode[A] = TRD_MODE_PORTFOLIO;
    cr_assert(naive_monitor_stand(&m, &unit).there);
    cr_assert(not(naive_monitor_stand(&m, &unit).known));
    cr_assert(eq(u8, told(&m).what, TRD_CHANGE_ALERT)); /* PORTFOLIO has alerts */
    nothing_more(&m);
    m.mode[A] = TRD_MODE_CASH;
    cr_assert(eq(u8, told(&m).level, 0));
    m.mode[A] = TRD_MODE_CROSS;
    m.exempt = 1 + A;
    nothing_more(&m);
}

Test(naive_monitor, the_event_says_what_the_change_does) {
    naive_monitor m = inverse(10);
    m.instrument[0].mark = 45681;
    const trd_monitor_change c = told(&m);
    const trd_event e = naive_monitor_event(&m, &c, 77);
    /* 10^11 / 45,681 = 2,189,093.9: down, and against the cost, -189,094; 0.5 % are 10,945.5. */
    const trd_event wanted = {.time = 77,
        .kind = TRD_EVENT_MARGIN,
        .slots = 1,
        .instrument = 0,
        .account = A,
        .status = TRD_MARGIN_LIQUIDATE,
        .reason = TRD_CHANGE_LEVEL,
        .u.margin = {.equity = 10906,
            .maintenance = 10946,
            .mark = 45681,
            .asset = COIN,
            .unit = TRD_UNIT_POSITION}};
    cr_assert(eq(int, memcmp(&e, &wanted, sizeof(e)), 0));
}

/* --- liquidation ------------------------------------------------------------------------------ */

/* At the trigger of the page; 30,000.00. */
static naive_monitor at_the_trigger(void) {
    naive_monitor m = world();
    tiers(&m, list(&m, TRD_INSTRUMENT_LINEAR, 2714141));
    own(&m, A, USD, 3000000);
    hold(&m, A, 0, 10, 30000000);
    return m;
}

Test(naive_liquidation, lots_are_those_of_the_page) {
    static const struct {
        uint32_t target, step, fee;
        trd_qty lots;
    } rows[] = {{1000000, 10, 0, 1}, {1500000, 10, 0, 3}, {1500000, 25, 0, 3},
        {1000000, 10, 1000, 1}, {10000000, 100, 0, 10}};
    const naive_monitor m = at_the_trigger();
    const trd_unit unit = pool(A, USD);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const trd_liquidation terms = {
            .target_ppm = rows[i].target, .fee_ppm = rows[i].fee, .step_pct = rows[i].step};
        cr_assert(eq(i64, naive_liquidation_lots(&m, &unit, &m.position[0], &terms), rows[i].lots),
            "row %zu", i);
    }
}

Test(naive_liquidation, a_step_is_a_multiple_of_the_lot_step) {
    naive_monitor m = at_the_trigger();
    const trd_unit unit = pool(A, USD);
    m.instrument[0].spec.lot_step = 2;
    const trd_liquidation terms = {.target_ppm = 1500000, .step_pct = 10};
    cr_assert(eq(i64, naive_liquidation_lots(&m, &unit, &m.position[0], &terms), 4));
}

Test(naive_liquidation, the_fee_is_rounded_up_and_never_more_than_there_is) {
    cr_assert(eq(i64, naive_liquidation_fee(-2714141, 1000, 141410), 2715));
    cr_assert(eq(i64, naive_liquidation_fee(2714141, 1000, 100), 100));
    cr_assert(eq(i64, naive_liquidation_fee(2714141, 1000, -5), 0));
    cr_assert(eq(i64, naive_liquidation_fee(0, 1000, 5), 0));
}

Test(naive_liquidation, the_bankruptcy_price_leaves_nothing_or_less_than_a_tick) {
    naive_monitor m = world();
    list(&m, TRD_INSTRUMENT_LINEAR, 30000);
    own(&m, A, USD, 30000);
    hold(&m, A, 0, 10, 300000);
    rate(&m, 0, 5000);
    m.instrument[0].spec.px_max = 40000;
    const trd_unit unit = pool(A, USD);
    cr_assert(eq(i64, naive_liquidation_price(&m, &unit, &m.position[0]), 27000));
    hold(&m, A, 0, -10, -300000);
    cr_assert(eq(i64, naive_liquidation_price(&m, &unit, &m.position[0]), 33000));
    own(&m, A, USD, 30009);
    cr_assert(eq(i64, naive_liquidation_price(&m, &unit, &m.position[0]), 33000));
    own(&m, A, USD, 30010);
    cr_assert(eq(i64, naive_liquidation_price(&m, &unit, &m.position[0]), 33001));
    own(&m, A, USD, 500000); /* every tick leaves something, */
    cr_assert(eq(i64, naive_liquidation_price(&m, &unit, &m.position[0]), 40000));
    own(&m, A, USD, -400000); /* and none does */
    cr_assert(eq(i64, naive_liquidation_price(&m, &unit, &m.position[0]), 1));
}

Test(naive_liquidation, who_takes_lots_loses_what_they_are_worth_less_at_the_mark) {
    naive_monitor m = world();
    list(&m, TRD_INSTRUMENT_LINEAR, 90);
    cr_assert(eq(i64, (int64_t)naive_liquidation_loss(&m.instrument[0], 10, 95), 50));
    cr_assert(eq(i64, (int64_t)naive_liquidation_loss(&m.instrument[0], 10, 85), 0));
    cr_assert(eq(i64, (int64_t)naive_liquidation_loss(&m.instrument[0], -10, 85), 50));
}

Test(naive_liquidation, the_rank_is_profit_times_leverage) {
    naive_monitor m = world();
    rate(&m, list(&m, TRD_INSTRUMENT_LINEAR, 150), 50000);
    own(&m, A, USD, 250);
    hold(&m, A, 0, 10, 1000);
    cr_assert(eq(i64, naive_liquidation_rank(&m, &m.position[0]), 1000000));
    m.instrument[0].mark = 100;
    cr_assert(eq(i64, naive_liquidation_rank(&m, &m.position[0]), 0));
    m.instrument[0].mark = 150;
    m.mode[A] = TRD_MODE_CASH;
    cr_assert(eq(i64, naive_liquidation_rank(&m, &m.position[0]), 0));
}

Test(naive_liquidation, positions_come_by_maintenance_then_by_first_use) {
    naive_monitor m = two_positions(-38); /* 60 and 53 */
    const trd_unit unit = pool(A, USD);
    uint32_t order[NAIVE_MON_POSITIONS];
    cr_assert(eq(u32, naive_liquidation_order(&m, &unit, order), 2));
    cr_assert(eq(u32, order[0], 0));
    m.instrument[1].mark = 240; /* 60 and 60 */
    naive_liquidation_order(&m, &unit, order);
    cr_assert(eq(u32, order[0], 0));
    m.instrument[1].mark = 241; /* 60 and 61 */
    naive_liquidation_order(&m, &unit, order);
    cr_assert(eq(u32, order[0], 1));
    cr_assert(eq(u32, order[1], 0));
}

Test(naive_liquidation, the_bound_is_the_end_of_the_band_within_the_price_range) {
    trd_instrument spec = trd_instrument_default();
    spec.px_max = 205;
    cr_assert(eq(i64, naive_liquidation_band(199, 500, TRD_SELL), 190)); /* 9.95 down */
    cr_assert(eq(i64, naive_liquidation_band(199, 500, TRD_BUY), 208));
    cr_assert(eq(i64, naive_liquidation_bound(&spec, 190, TRD_SELL), 190));
    cr_assert(eq(i64, naive_liquidation_bound(&spec, 208, TRD_BUY), 205));
    cr_assert(eq(i64, naive_liquidation_bound(&spec, 0, TRD_SELL), 1));
    spec.tier_count = 2;
    spec.tiers[0] = (trd_tick_tier){.from = 1, .step = 1};
    spec.tiers[1] = (trd_tick_tier){.from = 100, .step = 7};
    cr_assert(eq(i64, naive_liquidation_bound(&spec, 190, TRD_SELL), 196)); /* 28 x 7 */
    cr_assert(eq(i64, naive_liquidation_bound(&spec, 190, TRD_BUY), 189));  /* 27 x 7 */
    cr_assert(eq(i64, naive_liquidation_bound(&spec, 100, TRD_BUY), 99));   /* steps of 1 */
}
