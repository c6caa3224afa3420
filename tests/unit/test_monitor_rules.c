/* test_monitor_rules.c - what a unit is, alerts, what is not known, who is due, what can be
 * refused. Numbers worked out by hand from docs/reference/monitoring.md. */
#include "hook.h"
#include "monitor_rig.h"

static watch watch_alerting(uint32_t alert_ppm) {
    trd_monitor_def def = watch_def();
    def.alert_ppm = alert_ppm;
    return watch_of(&def);
}

static uint32_t list_from(watch *w, uint8_t kind, trd_px px_min, uint32_t maintenance_ppm) {
    trd_instrument spec = watch_spec(kind);
    spec.px_min = px_min;
    const trd_margin_model model = watch_flat(maintenance_ppm);
    return watch_list(w, &spec, &model);
}

/* --- alerts ----------------------------------------------------------------------------------- */

/* 10 at 100.00 cost 100,000; 10 % are 10,000: at 90.00 that much is lost, which is not more. */
Test(monitor, an_alert_begins_and_ends_at_its_tick) {
    watch w = watch_alerting(100000);
    const uint32_t x = list_from(&w, TRD_INSTRUMENT_LINEAR, 1, 0);
    rig_deposit(w.r, A, USD, 100000);
    watch_take(&w, A, x, 10, 10000);
    cr_assert(eq(u32, watch_mark(&w, x, 10000), 0));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 9000, 100000000);
    cr_assert(eq(u32, watch_mark(&w, x, 9000), 0));
    cr_assert(eq(u32, watch_mark(&w, x, 8999), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_ALERT, 1, 0, -10010, 100000);
    cr_expect(eq(u8, w.changes[0].unit.kind, TRD_UNIT_POOL));
    cr_expect(eq(u32, w.changes[0].instrument, x));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 1, 8999);
    cr_assert(eq(u32, watch_mark(&w, x, 9000), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_ALERT, 0, 1, -10000, 100000);
    watch_free(&w);
}

/* Short 3 at 1.00 for 300; 50 % are 150: 1.51 loses 153, 1.50 loses 150. */
Test(monitor, an_alert_of_a_short_position_comes_from_above) {
    watch w = watch_alerting(500000);
    const uint32_t x = list_from(&w, TRD_INSTRUMENT_LINEAR, 1, 0);
    rig_deposit(w.r, A, USD, 1000000000);
    watch_take(&w, A, x, -3, 100);
    cr_assert(eq(u32, watch_mark(&w, x, 100), 0));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 1, 150);
    cr_assert(eq(u32, watch_mark(&w, x, 151), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_ALERT, 1, 0, -153, 300);
    watch_take(&w, A, x, 3, 151);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_ALERT, 0, 1, 0, 0);
    EXPECT_NO_INTERVAL(&w, A, x, TRD_POSITION_NET);
    watch_free(&w);
}

/* A PORTFOLIO that is not followed has a unit of which nothing is known, so no interval, but
 * alerts; CASH has neither. */
Test(monitor, alerts_need_no_level_and_end_with_the_mode) {
    watch w = watch_alerting(100000);
    const uint32_t x = list_from(&w, TRD_INSTRUMENT_LINEAR, 1, 500000);
    watch_mode(&w, A, TRD_MODE_PORTFOLIO);
    watch_take(&w, A, x, 10, 10000);
    cr_assert(eq(u32, watch_told(&w), 0));
    cr_assert(eq(u32, watch_mark(&w, x, 9000), 0));
    EXPECT_NO_INTERVAL(&w, A, x, TRD_POSITION_NET);
    cr_assert(eq(u32, watch_mark(&w, x, 8999), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_ALERT, 1, 0, -10010, 100000);
    watch_mode(&w, A, TRD_MODE_CASH);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_ALERT, 0, 1, -10010, 100000);
    EXPECT_NO_INTERVAL(&w, A, x, TRD_POSITION_NET);
    cr_assert(eq(u32, watch_mark(&w, x, 1), 0));
    watch_free(&w);
}

/* Sold for 10^17, with an alert at a loss of 100 times that, which no price can bring: a hundred
 * and one times the highest one is beyond every amount, too. Nothing is needed, and the highest
 * price loses nothing: the level is FINE at all of them. */
Test(monitor, an_alert_that_no_price_brings_has_no_end) {
    watch w = watch_alerting(TRD_MONITOR_PPM_MAX);
    trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    spec.px_min = 1;
    spec.qty_max = 1000000000;
    const trd_margin_model model = watch_flat(0);
    const uint32_t x = watch_list(&w, &spec, &model);
    rig_deposit(w.r, A, USD, 1);
    watch_take(&w, A, x, -spec.qty_max, spec.px_max);
    cr_assert(eq(u32, watch_mark(&w, x, spec.px_max), 0));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 1, spec.px_max);
    watch_free(&w);
}

/* --- units ------------------------------------------------------------------------------------ */

/* Long 1 at 10,000.00 on 1,000.00, the tiers: trigger 9,036.14 (margin.md). The account's other
 * money, and its other position, have no part in it. */
Test(monitor, an_isolated_position_stands_on_its_own_collateral) {
    trd_monitor_def def = watch_def();
    def.warn_ppm = WATCH_PPM;
    def.call_ppm = WATCH_PPM;
    watch w = watch_of(&def);
    const trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    const trd_margin_model model = watch_tiers();
    const uint32_t x = watch_list(&w, &spec, &model);
    const uint32_t y = watch_list(&w, &spec, &model);
    watch_mode(&w, A, TRD_MODE_ISOLATED);
    rig_deposit(w.r, A, USD, 100000000);
    watch_take(&w, A, x, 1, 1000000);
    watch_take(&w, A, y, -1, 1000000);
    watch_secure(&w, A, x, TRD_POSITION_NET, 100000);
    watch_secure(&w, A, y, TRD_POSITION_NET, 100000);
    cr_assert(eq(u32, watch_mark(&w, x, 1000000), 0));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 903615, spec.px_max);
    EXPECT_NO_INTERVAL(&w, A, y, TRD_POSITION_NET);
    cr_assert(eq(u32, watch_mark(&w, y, 1000000), 0));
    EXPECT_INTERVAL(&w, A, y, TRD_POSITION_NET, spec.px_min, 1095617);
    /* 36.14 are left; 0.4 % of 9,036.14 are 36.1446. */
    cr_assert(eq(u32, watch_mark(&w, x, 903614), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE, 3614, 3615);
    cr_expect(eq(u8, w.changes[0].unit.kind, TRD_UNIT_POSITION));
    cr_expect(eq(u32, w.changes[0].unit.instrument, x));
    cr_expect(eq(u32, w.changes[0].unit.asset, USD));
    const trd_unit unit = watch_position(A, USD, x, TRD_POSITION_NET);
    cr_expect(eq(int, watch_level(&w, &unit), TRD_MARGIN_LIQUIDATE));
    /* Closed, it is no unit any more. */
    watch_take(&w, A, x, -1, 903614);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_LIQUIDATE, 0, 0);
    watch_free(&w);
}

/* Both sides of a hedged, isolated account: 10 % of 100 lots x 100 is 1,000; 1,500 and 1,300 behind
 * them. Warning at 150 %: long 1,500 - 100 d < 1.5 x 10 x (100 - d) at d = 1: 1,400 < 1,485. */
Test(monitor, sides_of_a_hedged_account_are_units_of_their_own) {
    watch w = watch_new();
    const uint32_t x = list_from(&w, TRD_INSTRUMENT_LINEAR, 1, 100000);
    watch_mode(&w, HEDGED, TRD_MODE_ISOLATED);
    rig_deposit(w.r, HEDGED, USD, 100000);
    watch_take_side(&w, HEDGED, x, TRD_POSITION_SHORT, -100, 100);
    watch_take_side(&w, HEDGED, x, TRD_POSITION_LONG, 100, 100);
    watch_secure(&w, HEDGED, x, TRD_POSITION_SHORT, 1700);
    watch_secure(&w, HEDGED, x, TRD_POSITION_LONG, 1500);
    cr_assert(eq(u32, watch_mark(&w, x, 100), 0));
    /* Short at 101: 1,600 against 1.5 x 1,010 = 1,515; at 102: 1,500 against 1,530. */
    EXPECT_INTERVAL(&w, HEDGED, x, TRD_POSITION_LONG, 100, 100000000);
    EXPECT_INTERVAL(&w, HEDGED, x, TRD_POSITION_SHORT, 1, 101);
    cr_assert(eq(u32, watch_mark(&w, x, 99), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 1400, 990);
    cr_expect(eq(u8, w.changes[0].unit.position, TRD_POSITION_LONG));
    cr_assert(eq(u32, watch_mark(&w, x, 102), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 1500, 1020);
    cr_expect(eq(u8, w.changes[0].unit.position, TRD_POSITION_SHORT));
    EXPECT_CHANGE(&w, 1, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_WARN, 1700, 1020);
    watch_free(&w);
}

/* Sold 10 options at 20 with 300: 500 in all, worth -200 and 20 % of it to keep: 300 and 40. At 45:
 * 50 against 90; at 41 90 against 82. Warning at 150 %: 500 - 10 p < 3 p, so p > 38.46; called at
 * 120 %: 500 - 10 p < 2.4 p: p > 40.32; short: p > 41.67; bankrupt: p > 50. */
Test(monitor, an_option_that_was_sold_counts_with_its_value) {
    watch w = watch_new();
    const uint32_t x = list_from(&w, TRD_INSTRUMENT_OPTION, 0, 200000);
    rig_deposit(w.r, A, USD, 300);
    watch_take(&w, A, x, -10, 20);
    cr_assert(eq(u32, watch_mark(&w, x, 20), 0));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 0, 38);
    cr_assert(eq(u32, watch_mark(&w, x, 39), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 110, 78);
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 39, 40);
    cr_assert(eq(u32, watch_mark(&w, x, 42), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_WARN, 80, 84);
    cr_assert(eq(u32, watch_mark(&w, x, 51), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_BANKRUPT, TRD_MARGIN_LIQUIDATE, -10, 102);
    watch_free(&w);
}

/* What is bought needs no margin and no model, and is worth its value to the positions beside it:
 * 10 lots that need 10 % of 1,000 on 50, and 10 options at 10: 50 + 100 against 100. */
Test(monitor, an_option_that_was_bought_stands_behind_the_others) {
    trd_monitor_def def = watch_def();
    def.warn_ppm = WATCH_PPM;
    def.call_ppm = WATCH_PPM;
    watch w = watch_of(&def);
    const uint32_t x = list_from(&w, TRD_INSTRUMENT_LINEAR, 1, 100000);
    trd_instrument spec = watch_spec(TRD_INSTRUMENT_OPTION);
    spec.px_min = 0;
    const uint32_t y = watch_list(&w, &spec, NULL);
    rig_deposit(w.r, A, USD, 150);
    watch_take(&w, A, x, 10, 100);
    watch_take(&w, A, y, 10, 10);
    cr_assert(eq(u32, watch_mark(&w, x, 100), 0));
    EXPECT_NO_INTERVAL(&w, A, x, TRD_POSITION_NET); /* what the option is worth is not known */
    cr_assert(eq(u32, watch_mark(&w, y, 10), 0));
    trd_px low, high;
    cr_assert(
        eq(int, trd_monitor_interval(w.m, w.r->a, A, y, TRD_POSITION_NET, &low, &high), TRD_OK));
    cr_assert(eq(u32, watch_mark(&w, y, 5), 0)); /* 50 + 50 against 100 */
    cr_assert(eq(u32, watch_mark(&w, y, 4), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE, 90, 100);
    EXPECT_INTERVAL(&w, A, y, TRD_POSITION_NET, 4, 4);
    /* Alone it is no matter of margin. */
    watch_take(&w, A, x, -10, 100);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_LIQUIDATE, 90, 0);
    EXPECT_NO_INTERVAL(&w, A, y, TRD_POSITION_NET);
    watch_free(&w);
}

/* --- what is not known ------------------------------------------------------------------------ */

Test(monitor, a_unit_of_which_something_is_missing_keeps_its_level) {
    watch w = watch_new();
    const trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    const uint32_t x = watch_list(&w, &spec, NULL);
    const trd_unit unit = watch_pool(A, USD);
    rig_deposit(w.r, A, USD, 10);
    watch_take(&w, A, x, 1, 100);
    cr_assert(eq(u32, watch_told(&w), 0));
    trd_margin_state state;
    cr_expect(eq(int, trd_monitor_state(w.m, w.r->a, w.risk, &unit, &state), TRD_E_UNKNOWN));
    cr_assert(eq(u32, watch_mark(&w, x, 100), 0)); /* a mark, but no model */
    cr_expect(eq(int, trd_monitor_state(w.m, w.r->a, w.risk, &unit, &state), TRD_E_UNKNOWN));
    EXPECT_NO_INTERVAL(&w, A, x, TRD_POSITION_NET);
    const trd_margin_model model = watch_flat(200000);
    watch_model(&w, x, &model);
    cr_assert(eq(u32, watch_mark(&w, x, 100), 2)); /* the same mark again is a mark */
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE, 10, 20);
    /* A second position without a mark: nothing is known, and nobody is said to be short. */
    const uint32_t y = watch_linear(&w, 200000);
    watch_take(&w, A, y, 1, 100);
    cr_assert(eq(u32, watch_told(&w), 0));
    cr_expect(eq(int, watch_level(&w, &unit), TRD_MARGIN_LIQUIDATE));
    EXPECT_NO_INTERVAL(&w, A, x, TRD_POSITION_NET);
    cr_assert(eq(u32, watch_mark(&w, x, 200), 0));
    cr_assert(eq(u32, watch_mark(&w, y, 100), 1)); /* 110 against 40 + 20 */
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_LIQUIDATE, 110, 60);
    watch_free(&w);
}

/* Nothing may be sold that was not paid in full: what a short position needs is not known. */
Test(monitor, nothing_is_known_of_a_sale_under_a_cash_model) {
    watch w = watch_new();
    trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    spec.px_min = 1;
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_cash(&model), TRD_OK));
    const uint32_t x = watch_list(&w, &spec, &model);
    rig_deposit(w.r, A, USD, 10);
    rig_deposit(w.r, B, USD, 10);
    watch_take(&w, A, x, -1, 100);
    watch_take(&w, B, x, 1, 100);
    cr_assert(eq(u32, watch_mark(&w, x, 500), 0));
    EXPECT_NO_INTERVAL(&w, A, x, TRD_POSITION_NET);
    /* Bought it needs nothing, but what is lost must be there: 10 are gone at 90. */
    EXPECT_INTERVAL(&w, B, x, TRD_POSITION_NET, 90, 100000000);
    watch_free(&w);
}

/* --- who is due ------------------------------------------------------------------------------- */

static uint64_t looked(const watch *w) {
    trd_monitor_stats stats;
    trd_monitor_stats_get(w->m, &stats);
    return stats.looked;
}

/* An execution far from the mark is a price, but not the mark: who has no part in it is not looked
 * at, and nobody changes level by it. */
Test(monitor, executions_of_others_touch_nobody) {
    watch w = watch_new();
    const uint32_t x = list_from(&w, TRD_INSTRUMENT_LINEAR, 1, 100000);
    for (uint32_t account = A; account <= C; account++) {
        rig_deposit(w.r, account, USD, 100000);
    }
    watch_take(&w, A, x, 10, 1000);
    cr_assert(eq(u32, watch_mark(&w, x, 1000), 0));
    const uint64_t before = looked(&w);
    rig_fill(w.r, x, B, C, 1, 1);
    cr_assert(eq(u32, watch_told(&w), 0));
    cr_expect(eq(u64, looked(&w), before + 2));
    watch_free(&w);
}

Test(monitor, locking_and_releasing_make_nobody_due) {
    watch w = watch_new();
    const uint32_t x = list_from(&w, TRD_INSTRUMENT_LINEAR, 1, 100000);
    rig_deposit(w.r, A, USD, 100000);
    watch_take(&w, A, x, 10, 100);
    cr_assert(eq(u32, watch_mark(&w, x, 100), 0));
    const uint64_t before = looked(&w);
    trd_hold hold = rig_hold((UINT64_C(1) << 32) | 1, A, x, TRD_BUY, TRD_HOLD_MARGIN, 5, 100);
    hold.margin_ppm = 500000;
    OK(w.r, hold, &hold);
    cr_assert(eq(u32, watch_told(&w), 0));
    OK(w.r, amend, hold.order, 90, 4);
    OK(w.r, release, hold.order, 4);
    cr_assert(eq(u32, watch_told(&w), 0));
    cr_expect(eq(u64, looked(&w), before));
    watch_free(&w);
}

/* Whoever is short is looked at with each mark, also with the same again, and only of its own
 * instruments. */
Test(monitor, who_is_short_is_told_with_every_mark) {
    watch w = watch_new();
    const uint32_t x = watch_linear(&w, 100000);
    const uint32_t y = watch_linear(&w, 100000);
    watch_take(&w, A, x, 10, 100);
    cr_assert(eq(u32, watch_mark(&w, x, 100), 2));
    EXPECT_CHANGE(&w, 1, TRD_CHANGE_SHORT, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_LIQUIDATE, 0, 100);
    cr_assert(eq(u32, watch_mark(&w, x, 100), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_SHORT, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_LIQUIDATE, 0, 100);
    cr_assert(eq(u32, watch_mark(&w, y, 100), 0));
    watch_free(&w);
}

/* Accounts by their numbers; of one account levels before what is short. What changes between two
 * calls begins the account anew. */
Test(monitor, an_account_that_changes_while_it_is_told_is_looked_at_anew) {
    watch w = watch_new();
    const uint32_t x = watch_linear(&w, 100000);
    watch_take(&w, B, x, 10, 100);
    watch_take(&w, A, x, 10, 100);
    cr_assert(eq(int, trd_accounts_mark(w.r->a, x, 100), TRD_OK));
    cr_assert(eq(int, trd_monitor_mark(w.m, w.r->a, x), TRD_OK));
    trd_monitor_change told;
    cr_assert(eq(int, trd_monitor_next(w.m, w.r->a, w.risk, &told), 1));
    cr_expect(told.unit.account == A && told.what == TRD_CHANGE_LEVEL);
    rig_deposit(w.r, A, USD, 1000);
    cr_assert(eq(int, trd_monitor_next(w.m, w.r->a, w.risk, &told), 1));
    cr_expect(told.unit.account == A && told.what == TRD_CHANGE_LEVEL);
    cr_expect(eq(u8, told.level, TRD_MARGIN_FINE));
    cr_expect(eq(u8, told.former, TRD_MARGIN_LIQUIDATE));
    cr_assert(eq(int, trd_monitor_next(w.m, w.r->a, w.risk, &told), 1));
    cr_expect(told.unit.account == B && told.what == TRD_CHANGE_LEVEL);
    cr_assert(eq(int, trd_monitor_next(w.m, w.r->a, w.risk, &told), 1));
    cr_expect(told.unit.account == B && told.what == TRD_CHANGE_SHORT);
    cr_expect(eq(int, trd_monitor_next(w.m, w.r->a, w.risk, &told), 0));
    watch_free(&w);
}

/* --- modes ------------------------------------------------------------------------------------ */

Test(monitor, units_that_are_no_more_are_fine) {
    watch w = watch_new();
    const uint32_t x = watch_linear(&w, 100000);
    const trd_unit pool = watch_pool(A, USD);
    const trd_unit position = watch_position(A, USD, x, TRD_POSITION_NET);
    trd_margin_state state;
    watch_take(&w, A, x, 10, 100);
    cr_assert(eq(u32, watch_mark(&w, x, 100), 2));
    cr_expect(eq(int, trd_monitor_state(w.m, w.r->a, w.risk, &position, &state), TRD_E_UNKNOWN));
    watch_mode(&w, A, TRD_MODE_ISOLATED);
    cr_assert(eq(u32, watch_told(&w), 3));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE, 0, 100);
    EXPECT_CHANGE(&w, 1, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_LIQUIDATE, 0, 0);
    EXPECT_CHANGE(&w, 2, TRD_CHANGE_SHORT, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_LIQUIDATE, 0, 100);
    cr_expect(eq(int, watch_level(&w, &pool), TRD_MARGIN_FINE));
    cr_expect(eq(int, watch_level(&w, &position), TRD_MARGIN_LIQUIDATE));
    cr_expect(eq(int, trd_monitor_state(w.m, w.r->a, w.risk, &pool, &state), TRD_E_UNKNOWN));
    watch_mode(&w, A, TRD_MODE_CASH);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_LIQUIDATE, 0, 0);
    EXPECT_NO_INTERVAL(&w, A, x, TRD_POSITION_NET);
    cr_assert(eq(u32, watch_mark(&w, x, 1), 0));
    watch_free(&w);
}

Test(monitor, the_exempt_account_is_never_looked_at) {
    trd_monitor_def def = watch_def();
    def.exempt = 1 + A;
    def.alert_ppm = 1;
    watch w = watch_of(&def);
    const uint32_t x = watch_linear(&w, 100000);
    const trd_unit unit = watch_pool(A, USD);
    trd_margin_state state;
    watch_take(&w, A, x, 10, 100);
    cr_assert(eq(u32, watch_mark(&w, x, 1), 0));
    cr_expect(eq(int, watch_level(&w, &unit), TRD_MARGIN_FINE));
    cr_expect(eq(int, trd_monitor_state(w.m, w.r->a, w.risk, &unit, &state), TRD_E_UNKNOWN));
    EXPECT_NO_INTERVAL(&w, A, x, TRD_POSITION_NET);
    watch_free(&w);
}

/* --- questions -------------------------------------------------------------------------------- */

/* 10 at 100.00, mark 103.00, balance 1,000.00, initial 100 %, maintenance 10 %. */
Test(monitor, a_state_is_computed_for_now) {
    watch w = watch_new();
    const uint32_t x = watch_linear(&w, 100000);
    const trd_unit unit = watch_pool(A, USD);
    trd_margin_state state;
    rig_deposit(w.r, A, USD, 100000);
    watch_take(&w, A, x, 10, 10000);
    cr_assert(eq(int, trd_accounts_mark(w.r->a, x, 10300), TRD_OK));
    cr_assert(eq(int, trd_monitor_state(w.m, w.r->a, w.risk, &unit, &state), TRD_OK));
    cr_expect(eq(i64, state.equity, 103000));
    cr_expect(eq(i64, state.profit, 3000));
    cr_expect(eq(i64, state.initial, 103000));
    cr_expect(eq(i64, state.maintenance, 10300));
    cr_expect(eq(i64, state.available, 0));
    cr_expect(eq(i64, state.ratio_ppm, 100000));
    cr_expect(eq(u32, state.has_ratio, 1));
    cr_expect(eq(u32, state.level, TRD_MARGIN_FINE));
    cr_expect(eq(int, watch_level(&w, &unit), TRD_MARGIN_FINE));
    watch_free(&w);
}

Test(monitor, what_is_not_there_is_unknown) {
    watch w = watch_new();
    const uint32_t x = watch_linear(&w, 100000);
    const trd_unit units[] = {
        {.account = A, .asset = USD, .kind = TRD_UNIT_POOL}, /* no balance yet */
        {.account = 7, .asset = USD, .kind = TRD_UNIT_POOL}, /* not open */
        {.account = 1000, .asset = USD, .kind = TRD_UNIT_POOL},
        {.account = B, .asset = 3, .kind = TRD_UNIT_POOL},
        {.account = B, .asset = USD},
        {.account = B, .asset = USD, .kind = 3},
        {.account = B, .asset = USD, .kind = TRD_UNIT_POSITION, .instrument = x},
        {.account = B, .asset = USD, .kind = TRD_UNIT_POSITION, .instrument = x + 1},
        {.account = B, .asset = BTC, .kind = TRD_UNIT_POSITION, .instrument = x},
        {.account = B, .asset = USD, .kind = TRD_UNIT_POSITION, .instrument = x, .position = 3},
    };
    rig_deposit(w.r, B, USD, 1);
    trd_margin_state state;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        cr_expect(eq(int, trd_monitor_state(w.m, w.r->a, w.risk, &units[i], &state), TRD_E_UNKNOWN),
            "unit %zu", i);
        cr_expect(eq(int, watch_level(&w, &units[i]), TRD_MARGIN_FINE));
    }
    cr_expect(eq(int, trd_monitor_mark(w.m, w.r->a, x), TRD_E_UNKNOWN)); /* no mark */
    cr_expect(eq(int, trd_monitor_mark(w.m, w.r->a, x + 1), TRD_E_UNKNOWN));
    EXPECT_NO_INTERVAL(&w, 7, x, TRD_POSITION_NET);
    EXPECT_NO_INTERVAL(&w, B, x + 1, TRD_POSITION_NET);
    EXPECT_NO_INTERVAL(&w, B, x, 3);
    EXPECT_NO_INTERVAL(&w, B, x, TRD_POSITION_NET);
    trd_monitor_stats stats;
    trd_monitor_stats_get(w.m, &stats);
    cr_expect(eq(u64, stats.marks, 0));
    watch_free(&w);
}

/* --- life cycle ------------------------------------------------------------------------------- */

#define EXPECT_REFUSED(field, value)                                                               \
    do {                                                                                           \
        trd_monitor_def def_ = watch_def();                                                        \
        def_.field = (value);                                                                      \
        cr_expect(eq(u64, trd_monitor_footprint(&def_), 0), #field " " #value);                    \
        cr_expect(eq(ptr, (void *)trd_monitor_create(&def_), NULL), #field " " #value);            \
    } while (0)

#define EXPECT_TAKEN(field, value)                                                                 \
    do {                                                                                           \
        trd_monitor_def def_ = watch_def();                                                        \
        def_.field = (value);                                                                      \
        cr_expect(ne(u64, trd_monitor_footprint(&def_), 0), #field " " #value);                    \
    } while (0)

Test(monitor, definitions_have_limits) {
    EXPECT_REFUSED(struct_size, 0);
    EXPECT_REFUSED(struct_size, sizeof(trd_monitor_def) + 1);
    EXPECT_REFUSED(accounts_max, 0);
    EXPECT_REFUSED(accounts_max, (1 << 24) + 1);
    EXPECT_TAKEN(accounts_max, 1 << 24);
    EXPECT_REFUSED(instruments_max, 0);
    EXPECT_REFUSED(instruments_max, (1 << 20) + 1);
    EXPECT_TAKEN(instruments_max, 1 << 20);
    EXPECT_REFUSED(balances_max, 0);
    EXPECT_REFUSED(balances_max, (1 << 26) + 1);
    EXPECT_TAKEN(balances_max, 1 << 26);
    EXPECT_REFUSED(positions_max, 0);
    EXPECT_REFUSED(positions_max, (1 << 26) + 1);
    EXPECT_TAKEN(positions_max, 1 << 26);
    EXPECT_REFUSED(call_ppm, WATCH_PPM - 1);
    EXPECT_TAKEN(call_ppm, WATCH_PPM);
    EXPECT_TAKEN(call_ppm, 1500000); /* the warning */
    EXPECT_REFUSED(call_ppm, 1500001);
    EXPECT_TAKEN(warn_ppm, TRD_MONITOR_PPM_MAX);
    EXPECT_REFUSED(warn_ppm, TRD_MONITOR_PPM_MAX + 1);
    EXPECT_TAKEN(alert_ppm, TRD_MONITOR_PPM_MAX);
    EXPECT_REFUSED(alert_ppm, TRD_MONITOR_PPM_MAX + 1);
    EXPECT_TAKEN(exempt, 8); /* account 7 of 8 */
    EXPECT_REFUSED(exempt, 9);
    EXPECT_REFUSED(reserved, 1);
    cr_expect(eq(u64, trd_monitor_footprint(NULL), 0));
    cr_expect(eq(ptr, (void *)trd_monitor_create(NULL), NULL));
}

Test(monitor, it_is_made_in_given_memory_or_by_the_hook) {
    trd_monitor_def def = watch_def();
    const size_t size = trd_monitor_footprint(&def);
    char *mem = (char *)aligned_alloc(TRD_MONITOR_ALIGN, size + TRD_MONITOR_ALIGN);
    cr_expect(eq(ptr, (void *)trd_monitor_init(NULL, &def), NULL));
    cr_expect(eq(ptr, (void *)trd_monitor_init(mem + 8, &def), NULL));
    cr_expect(eq(ptr, (void *)trd_monitor_init(mem, NULL), NULL));
    cr_expect(eq(ptr, (void *)trd_monitor_init(mem, &def), mem));
    free(mem);
    hook own = {.fail_at = 1};
    def.mem = hook_mem(&own);
    cr_expect(eq(ptr, (void *)trd_monitor_create(&def), NULL));
    cr_expect(eq(u32, own.releases, 0));
    own.shift = 8; /* not aligned: given back */
    cr_expect(eq(ptr, (void *)trd_monitor_create(&def), NULL));
    cr_expect(eq(u32, own.releases, 1));
    own.shift = 0;
    trd_monitor *m = trd_monitor_create(&def);
    cr_assert(m != NULL);
    trd_monitor_destroy(m);
    cr_expect(eq(u32, own.releases, 2));
    trd_monitor_destroy(NULL);
}

/* Two blocks of other memory that see the same are the same bytes; reset makes it as new. */
Test(monitor, every_byte_of_the_memory_is_its_own) {
    const trd_monitor_def def = watch_def();
    const size_t size = trd_monitor_footprint(&def);
    void *fresh = aligned_alloc(TRD_MONITOR_ALIGN, size);
    memset(fresh, 0xa5, size);
    cr_assert(trd_monitor_init(fresh, &def) != NULL);
    watch w = watch_of(&def);
    cr_expect(memcmp(fresh, w.m, size) == 0);
    const uint32_t x = watch_linear(&w, 100000);
    watch_take(&w, A, x, 10, 100);
    cr_assert(eq(u32, watch_mark(&w, x, 100), 2));
    cr_expect(memcmp(fresh, w.m, size) != 0);
    trd_monitor_reset(w.m);
    cr_expect(memcmp(fresh, w.m, size) == 0);
    free(fresh);
    watch_free(&w);
}

/* With its accounts it begins anew: nobody is due. */
Test(monitor, a_reset_of_both_forgets_who_was_due) {
    watch w = watch_new();
    const uint32_t x = watch_linear(&w, 100000);
    watch_take(&w, A, x, 10, 100);
    trd_accounts_reset(w.r->a);
    trd_monitor_reset(w.m);
    cr_expect(eq(u32, watch_told(&w), 0));
    cr_expect(eq(u64, looked(&w), 0));
    watch_free(&w);
}
