/* test_monitor_account.c - levels of accounts of mode MULTI: at which tick, haircut, cap, rate and
 * debt they change, and what is not known. docs/reference/monitoring.md, "Units"; the numbers of
 * "What stands behind a position of an ACCOUNT": 100 BTC at 50 with a haircut of 10 % count for
 * 4,500 USD; long 10 at 1,000 needs 5 %. */
#include "monitor_rig.h"

static void rate(watch *w, uint32_t asset, uint32_t numerator, uint32_t denominator) {
    cr_assert(eq(int, trd_accounts_rate(w->r->a, asset, numerator, denominator), TRD_OK));
}

static void haircut(watch *w, uint32_t asset, uint32_t ppm) {
    const trd_haircut terms = {.ppm = ppm};
    cr_assert(eq(int, trd_accounts_haircut(w->r->a, asset, &terms), TRD_OK));
}

static void cap(watch *w, uint32_t asset, uint32_t ppm, trd_amt amount) {
    const trd_haircut terms = {.ppm = ppm, .has_cap = 1, .cap = amount};
    cr_assert(eq(int, trd_accounts_haircut(w->r->a, asset, &terms), TRD_OK));
}

static trd_unit all_of(uint32_t account) {
    return (trd_unit){.account = account, .asset = USD, .kind = TRD_UNIT_ACCOUNT};
}

/* V = 4,500 + 10 x (mark - 1,000), M = ceil(mark / 2). */
typedef struct scene {
    watch w;
    uint32_t x;
} scene;

static scene scene_new(void) {
    scene s = {.w = watch_new()};
    s.x = watch_linear(&s.w, 50000);
    rate(&s.w, BTC, 50, 1);
    haircut(&s.w, BTC, 100000);
    watch_mode(&s.w, A, TRD_MODE_MULTI);
    rig_deposit(s.w.r, A, BTC, 100);
    watch_take(&s.w, A, s.x, 10, 1000);
    cr_assert(eq(u32, watch_mark(&s.w, s.x, 1000), 0));
    return s;
}

static void passes(
    scene *s, trd_px px, uint8_t level, uint8_t former, trd_amt equity, trd_amt maintenance) {
    const bool is_short = former >= TRD_MARGIN_LIQUIDATE;
    cr_assert(eq(u32, watch_mark(&s->w, s->x, px + 1), is_short));
    cr_assert(eq(u32, watch_mark(&s->w, s->x, px), level >= TRD_MARGIN_LIQUIDATE ? 2 : 1));
    EXPECT_CHANGE(&s->w, 0, TRD_CHANGE_LEVEL, level, former, equity, maintenance);
    cr_expect(eq(u8, s->w.changes[0].unit.kind, TRD_UNIT_ACCOUNT));
    cr_expect(eq(u32, s->w.changes[0].unit.asset, USD));
    cr_expect(eq(u32, s->w.changes[0].unit.instrument, 0));
}

/* --- levels ----------------------------------------------------------------------------------- */

/* 450 at 595, and 447 wanted; 360 at 586, and 351.6; 290 at 579, and 290; 0 at 550. */
Test(monitor_account, levels_change_at_the_tick_where_what_assets_count_for_falls_below) {
    scene s = scene_new();
    passes(&s, 594, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 440, 297);
    passes(&s, 585, TRD_MARGIN_CALL, TRD_MARGIN_WARN, 350, 293);
    passes(&s, 578, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_CALL, 280, 289);
    cr_expect(eq(u8, s.w.changes[1].what, TRD_CHANGE_SHORT));
    passes(&s, 549, TRD_MARGIN_BANKRUPT, TRD_MARGIN_LIQUIDATE, -10, 275);
    cr_assert(eq(u32, watch_mark(&s.w, s.x, 595), 1));
    EXPECT_CHANGE(&s.w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_BANKRUPT, 450, 298);
    watch_free(&s.w);
}

/* The distance is 4,500 - 1.5 x 500 = 3,750, of which rounding takes 2.5 + 1.575: 3,745.925. Down
 * each unit takes 1 + 1.5 x 5 %: 3,484. Up it takes 1.5 x 5 %: 49,945. */
Test(monitor_account, the_interval_is_what_the_distance_covers_with_all_roundings) {
    scene s = scene_new();
    EXPECT_INTERVAL(&s.w, A, s.x, TRD_POSITION_NET, 652, 5994);
    watch_free(&s.w);
}

/* At 700: V = 1,500, and 525 wanted: 3,525 must come of 100 BTC. */
Test(monitor_account, a_cap_that_is_set_is_seen_at_once) {
    scene s = scene_new();
    watch_mark(&s.w, s.x, 700);
    cap(&s.w, BTC, 100000, 3525);
    cr_assert(eq(u32, watch_told(&s.w), 0));
    cap(&s.w, BTC, 100000, 3524);
    cr_assert(eq(u32, watch_told(&s.w), 1));
    EXPECT_CHANGE(&s.w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 524, 350);
    watch_free(&s.w);
}

/* 5,000 x 70.5 % = 3,525; 0.001 less, and it is 3,524. */
Test(monitor_account, a_haircut_that_is_set_is_seen_at_once) {
    scene s = scene_new();
    watch_mark(&s.w, s.x, 700);
    haircut(&s.w, BTC, 295000);
    cr_assert(eq(u32, watch_told(&s.w), 0));
    haircut(&s.w, BTC, 295001);
    cr_assert(eq(u32, watch_told(&s.w), 1));
    EXPECT_CHANGE(&s.w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 524, 350);
    watch_free(&s.w);
}

/* 100 x 39.16 x 0.9 = 3,524.4; 39.17: 3,525.3. */
Test(monitor_account, a_rate_that_is_set_is_seen_at_once) {
    scene s = scene_new();
    watch_mark(&s.w, s.x, 700);
    rate(&s.w, BTC, 3917, 100);
    cr_assert(eq(u32, watch_told(&s.w), 0));
    rate(&s.w, BTC, 3916, 100);
    cr_assert(eq(u32, watch_told(&s.w), 1));
    EXPECT_CHANGE(&s.w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 524, 350);
    watch_free(&s.w);
}

/* A has no JPY, and B, who has BTC, has another mode. */
Test(monitor_account, who_has_nothing_in_the_asset_is_not_due) {
    scene s = scene_new();
    rig_deposit(s.w.r, B, BTC, 100);
    watch_told(&s.w);
    trd_monitor_stats before, after;
    trd_monitor_stats_get(s.w.m, &before);
    rate(&s.w, JPY, 1, 2);
    watch_told(&s.w);
    trd_monitor_stats_get(s.w.m, &after);
    cr_assert(eq(u64, after.looked, before.looked));
    rate(&s.w, BTC, 50, 1);
    watch_told(&s.w);
    trd_monitor_stats_get(s.w.m, &after);
    cr_assert(eq(u64, after.looked, before.looked + 1));
    watch_free(&s.w);
}

/* 784 USD less what is owed: 102 JPY at 1/3 are 34, which leaves 750, 103 are 34.33, so 35. */
Test(monitor_account, what_is_owed_in_another_asset_is_rounded_up) {
    watch w = watch_new();
    const uint32_t x = watch_linear(&w, 50000);
    rate(&w, JPY, 1, 3);
    watch_mode(&w, A, TRD_MODE_MULTI);
    rig_deposit(w.r, A, USD, 784);
    OK(w.r, loan, A, JPY, 102, 0);
    watch_withdraw(&w, A, JPY, 102);
    watch_take(&w, A, x, 10, 1000);
    cr_assert(eq(u32, watch_mark(&w, x, 1000), 0));
    OK(w.r, loan, A, JPY, 1, 0);
    cr_assert(eq(u32, watch_told(&w), 0));
    watch_withdraw(&w, A, JPY, 1);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 749, 500);
    watch_free(&w);
}

/* Two positions in JPY that need 1 each at 1/3: 1 each, and not 1 for both. In dollars they have
 * lost 20 and 10 JPY: E is -30, owed 10. */
Test(monitor_account, what_each_position_needs_is_rounded_by_itself) {
    watch w = watch_new();
    trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    spec.settle_asset = JPY;
    const trd_margin_model model = watch_flat(50000);
    const uint32_t x = watch_list(&w, &spec, &model);
    const uint32_t y = watch_list(&w, &spec, &model);
    rate(&w, JPY, 1, 3);
    watch_mode(&w, A, TRD_MODE_MULTI);
    rig_deposit(w.r, A, USD, 12);
    watch_take(&w, A, x, 1, 40);
    watch_take(&w, A, y, -1, 10);
    watch_mark(&w, x, 20);
    cr_assert(eq(u32, watch_mark(&w, y, 20), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_CALL, TRD_MARGIN_FINE, 2, 2);
    const trd_unit unit = all_of(A);
    trd_margin_state state;
    cr_assert(eq(int, trd_monitor_state(w.m, w.r->a, w.risk, &unit, &state), TRD_OK));
    cr_expect(eq(i64, state.profit, -10)); /* 2, and 12 without positions */
    cr_expect(eq(i64, state.initial, 14)); /* all of 20, at 1/3: 7 each */
    cr_expect(eq(i64, state.available, -12));
    watch_free(&w);
}

/* --- units ------------------------------------------------------------------------------------ */

Test(monitor_account, an_alert_is_of_the_account) {
    trd_monitor_def def = watch_def();
    def.alert_ppm = 100000;
    watch w = watch_of(&def);
    const uint32_t x = watch_linear(&w, 50000);
    watch_mode(&w, A, TRD_MODE_MULTI);
    rig_deposit(w.r, A, USD, 100000);
    watch_take(&w, A, x, 10, 1000);
    cr_assert(eq(u32, watch_mark(&w, x, 900), 0));
    cr_assert(eq(u32, watch_mark(&w, x, 899), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_ALERT, 1, 0, -1010, 10000);
    cr_expect(eq(u8, w.changes[0].unit.kind, TRD_UNIT_ACCOUNT));
    cr_expect(eq(u32, w.changes[0].instrument, x));
    watch_free(&w);
}

/* In CROSS the pool of dollars has nothing but a loss. */
Test(monitor_account, another_mode_ends_the_unit_and_begins_others) {
    scene s = scene_new();
    passes(&s, 594, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 440, 297);
    watch_mode(&s.w, A, TRD_MODE_CROSS);
    cr_assert(eq(u32, watch_told(&s.w), 3));
    EXPECT_CHANGE(&s.w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_BANKRUPT, TRD_MARGIN_FINE, -4060, 297);
    cr_expect(eq(u8, s.w.changes[0].unit.kind, TRD_UNIT_POOL));
    EXPECT_CHANGE(&s.w, 1, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_WARN, 0, 0);
    cr_expect(eq(u8, s.w.changes[1].unit.kind, TRD_UNIT_ACCOUNT));
    const trd_unit unit = all_of(A);
    trd_margin_state state;
    cr_assert(eq(int, trd_monitor_state(s.w.m, s.w.r->a, s.w.risk, &unit, &state), TRD_E_UNKNOWN));
    cr_assert(eq(int, watch_level(&s.w, &unit), TRD_MARGIN_FINE));
    watch_free(&s.w);
}

/* --- what is not known ------------------------------------------------------------------------ */

/* One yen without a rate: nothing is known, until there is one. */
Test(monitor_account, a_rate_that_is_missing_fails_the_whole_account) {
    scene s = scene_new();
    rig_deposit(s.w.r, A, JPY, 1);
    cr_assert(eq(u32, watch_told(&s.w), 0));
    EXPECT_NO_INTERVAL(&s.w, A, s.x, TRD_POSITION_NET);
    cr_assert(eq(u32, watch_mark(&s.w, s.x, 549), 0));
    const trd_unit unit = all_of(A);
    trd_margin_state state;
    cr_assert(eq(int, trd_monitor_state(s.w.m, s.w.r->a, s.w.risk, &unit, &state), TRD_E_UNKNOWN));
    rate(&s.w, JPY, 1, 2);
    cr_assert(eq(u32, watch_told(&s.w), 2));
    EXPECT_CHANGE(&s.w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_BANKRUPT, TRD_MARGIN_FINE, -10, 275);
    watch_free(&s.w);
}

Test(monitor_account, what_does_not_fit_is_not_known) {
    scene s = scene_new();
    rig_deposit(s.w.r, A, BTC, INT64_C(1) << 59);
    cr_assert(eq(u32, watch_told(&s.w), 0)); /* x 50 */
    const trd_unit unit = all_of(A);
    trd_margin_state state;
    cr_assert(eq(int, trd_monitor_state(s.w.m, s.w.r->a, s.w.risk, &unit, &state), TRD_E_RANGE));
    cr_assert(eq(u32, watch_mark(&s.w, s.x, 549), 0));
    cap(&s.w, BTC, 0, 100); /* what does not fit is above every cap */
    cr_assert(eq(u32, watch_told(&s.w), 2));
    EXPECT_CHANGE(&s.w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_BANKRUPT, TRD_MARGIN_FINE, -4410, 275);
    watch_free(&s.w);
}

/* Each of two assets fits, at 15 x 2^59 and 8 x 2^59, and both together do not: owned or owed. */
Test(monitor_account, what_does_not_fit_together_is_not_known) {
    for (int owed = 0; owed < 2; owed++) {
        scene s = scene_new();
        const trd_amt amount = INT64_C(1) << 59;
        const trd_unit unit = all_of(A);
        trd_margin_state state;
        rate(&s.w, BTC, 15, 1);
        rate(&s.w, JPY, 8, 1);
        haircut(&s.w, BTC, 0);
        for (uint32_t i = 0; i < 2; i++) {
            const uint32_t asset = i == 0 ? BTC : JPY;
            cr_assert(eq(int, trd_monitor_state(s.w.m, s.w.r->a, s.w.risk, &unit, &state), TRD_OK));
            if (owed) {
                OK(s.w.r, loan, A, asset, amount, 0);
                watch_withdraw(&s.w, A, asset, amount);
            } else {
                rig_deposit(s.w.r, A, asset, amount);
            }
        }
        cr_assert(
            eq(int, trd_monitor_state(s.w.m, s.w.r->a, s.w.risk, &unit, &state), TRD_E_RANGE));
        watch_free(&s.w);
    }
}

/* A contract in yen, margined as told. */
static uint32_t in_yen(scene *s, uint32_t initial_ppm, uint32_t maintenance_ppm) {
    trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    const trd_margin_rates rates = {initial_ppm, maintenance_ppm};
    trd_margin_model model;
    spec.settle_asset = JPY;
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    return watch_list(&s->w, &spec, &model);
}

static int state_is(const scene *s, trd_margin_state *state) {
    const trd_unit unit = all_of(A);
    return trd_monitor_state(s->w.m, s->w.r->a, s->w.risk, &unit, state);
}

/* A position that is worth nothing, has lost nothing and needs nothing needs no rate at that mark,
 * and one of every other. */
Test(monitor_account, what_comes_to_nothing_needs_no_rate_while_it_does) {
    scene s = scene_new();
    trd_margin_state state;
    const uint32_t y = in_yen(&s, 100000, 50000);
    watch_take(&s.w, A, y, 10, 0);
    cr_assert(eq(u32, watch_mark(&s.w, y, 0), 0));
    EXPECT_INTERVAL(&s.w, A, y, TRD_POSITION_NET, 0, 0);
    cr_assert(eq(int, state_is(&s, &state), TRD_OK));
    cr_expect(eq(i64, state.equity, 4500));
    cr_expect(eq(i64, state.maintenance, 500));
    cr_assert(eq(u32, watch_mark(&s.w, y, 1), 0));
    EXPECT_NO_INTERVAL(&s.w, A, y, TRD_POSITION_NET);
    cr_assert(eq(int, state_is(&s, &state), TRD_E_UNKNOWN));
    rate(&s.w, JPY, 1, 1);
    cr_assert(eq(u32, watch_told(&s.w), 0));
    cr_assert(eq(int, state_is(&s, &state), TRD_OK));
    cr_expect(eq(i64, state.equity, 4510));
    watch_free(&s.w);
}

/* Bought at its mark, it needs no maintenance, and an initial margin of 10 % of 100 yen. */
Test(monitor_account, an_initial_margin_needs_a_rate) {
    scene s = scene_new();
    trd_margin_state state;
    const uint32_t y = in_yen(&s, 100000, 0);
    watch_take(&s.w, A, y, 10, 10);
    cr_assert(eq(u32, watch_mark(&s.w, y, 10), 0));
    cr_assert(eq(int, state_is(&s, &state), TRD_E_UNKNOWN));
    rate(&s.w, JPY, 2, 1);
    cr_assert(eq(int, state_is(&s, &state), TRD_OK));
    cr_expect(eq(i64, state.equity, 4500));
    cr_expect(eq(i64, state.initial, 10000 + 20)); /* all of x */
    watch_free(&s.w);
}

/* 10 yen are there and 10 are lost: what the account comes to is known, what it has gained on its
 * balances is not. */
Test(monitor_account, a_profit_needs_the_rates_of_the_balances) {
    scene s = scene_new();
    trd_margin_state state;
    const uint32_t y = in_yen(&s, 100000, 50000);
    rig_deposit(s.w.r, A, JPY, 10);
    watch_take(&s.w, A, y, 10, 1);
    cr_assert(eq(u32, watch_mark(&s.w, y, 0), 0));
    cr_assert(eq(int, state_is(&s, &state), TRD_E_UNKNOWN));
    rate(&s.w, JPY, 2, 1);
    cr_assert(eq(int, state_is(&s, &state), TRD_OK));
    cr_expect(eq(i64, state.equity, 4500));
    cr_expect(eq(i64, state.profit, -20)); /* x has none */
    watch_free(&s.w);
}

/* 8,589,934,005 yen at 2^31 are beyond 2^63, the 5 that 1,000 lots have not lost are 5 x 2^31. */
Test(monitor_account, a_profit_on_balances_that_do_not_fit_is_not_told) {
    scene s = scene_new();
    trd_margin_state state;
    const uint32_t y = in_yen(&s, 100000, 50000);
    rate(&s.w, JPY, 1u << 31, 1);
    rig_deposit(s.w.r, A, JPY, 8589934005);
    watch_take(&s.w, A, y, 1000, 8589934);
    cr_assert(eq(u32, watch_mark(&s.w, y, 0), 0));
    cr_assert(eq(int, state_is(&s, &state), TRD_E_RANGE));
    rate(&s.w, JPY, 1, 1);
    cr_assert(eq(int, state_is(&s, &state), TRD_OK));
    cr_expect(eq(i64, state.equity, 4505));
    cr_expect(eq(i64, state.profit, -8589934000));
    watch_free(&s.w);
}

/* 2^31 yen are a cent: what 10 lots come to at any mark in the range is less than one. */
Test(monitor_account, marks_of_what_is_worth_next_to_nothing_have_no_end) {
    scene s = scene_new();
    const uint32_t y = in_yen(&s, 100000, 50000);
    rate(&s.w, JPY, 1, 1u << 31);
    rig_deposit(s.w.r, A, USD, INT64_C(1) << 52);
    watch_take(&s.w, A, s.x, -10, 1000);
    watch_take(&s.w, A, y, 10, 1000);
    cr_assert(eq(u32, watch_mark(&s.w, y, 1000), 0));
    EXPECT_INTERVAL(&s.w, A, y, TRD_POSITION_NET, -100000000, 100000000);
    watch_free(&s.w);
}
