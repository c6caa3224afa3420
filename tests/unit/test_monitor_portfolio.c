/* test_monitor_portfolio.c - levels of accounts that are margined by scenario groups: at which tick
 * they change, what else changes them, what is not known. The group is that of
 * docs/reference/margin.md, "Scenarios": a future loses 95 at most, a spread between months costs
 * 20, a sold option needs 10 at least. A tick x lot is one minor unit. */
#include "margin_page.h"
#include "monitor_rig.h"

enum { GROUP = 0, SECOND = 1 };

static void array_is(watch *w, uint32_t instrument, uint32_t group, trd_scenario_array array) {
    cr_assert(eq(int, trd_risk_array(w->risk, w->r->a, instrument, group, &array), TRD_OK));
}

/* An instrument that is margined by a group only: it has no model. */
static uint32_t list_kind(watch *w, uint8_t kind) {
    const trd_instrument spec = watch_spec(kind);
    return watch_list(w, &spec, NULL);
}

static uint32_t list_future(watch *w, uint32_t group, uint32_t month) {
    const uint32_t number = list_kind(w, TRD_INSTRUMENT_LINEAR);
    trd_scenario_array array = FUTURE;
    array.month = month;
    array_is(w, number, group, array);
    return number;
}

static void follow(watch *w, uint32_t account) {
    cr_assert(eq(int, trd_risk_follow(w->risk, w->r->a, account, 1), TRD_OK));
    watch_mode(w, account, TRD_MODE_PORTFOLIO);
}

/* Levels end at 150 % and 120 % of the maintenance. */
static watch folio_new(void) {
    watch w = watch_new();
    cr_assert(eq(int, trd_risk_group(w.risk, USD, &TERMS), GROUP));
    cr_assert(eq(int, trd_risk_group(w.risk, USD, &TERMS), SECOND));
    follow(&w, A);
    return w;
}

/* A gets lots, and risk is told. */
static void take(watch *w, uint32_t instrument, trd_qty qty, trd_px px) {
    const trd_qty before = rig_position(w->r, A, instrument).qty;
    watch_take(w, A, instrument, qty, px);
    const trd_risk_move move = {A, instrument, before, before + qty};
    cr_assert(eq(int, trd_risk_moved(w->risk, &move), TRD_OK));
}

/* Long 3 of the first month, short 2 of the second, at 100: maintenance 95 + 2 x 20 = 135. */
typedef struct calendar {
    uint32_t near;
    uint32_t far;
} calendar;

static calendar hold_calendar(watch *w, trd_amt money) {
    const calendar c = {list_future(w, GROUP, 0), list_future(w, GROUP, 1)};
    rig_deposit(w->r, A, USD, money);
    take(w, c.near, 3, 100);
    take(w, c.far, -2, 100);
    cr_assert(eq(u32, watch_mark(w, c.near, 100), 0)); /* the other mark is missing */
    watch_mark(w, c.far, 100);
    return c;
}

static void passes(watch *w, uint32_t instrument, trd_px px, uint8_t level, uint8_t former,
    trd_amt equity, trd_amt maintenance) {
    const trd_px before = px < 100 ? px + 1 : px - 1;
    cr_assert(eq(u32, watch_mark(w, instrument, before), former >= TRD_MARGIN_LIQUIDATE));
    cr_assert(ge(u32, watch_mark(w, instrument, px), 1));
    EXPECT_CHANGE(w, 0, TRD_CHANGE_LEVEL, level, former, equity, maintenance);
    cr_expect(eq(u8, w->changes[0].unit.kind, TRD_UNIT_POOL));
}

/* --- levels ----------------------------------------------------------------------------------- */

/* 300 + 3 d with the first month at 100 + d: below 202.5 from -33 on, below 162 from -47, below 135
 * from -56, below 0 from -101. */
Test(monitor_portfolio, levels_change_at_the_tick_where_equity_falls_below_what_groups_need) {
    watch w = folio_new();
    const calendar c = hold_calendar(&w, 300);
    cr_assert(eq(u32, w.count, 0));
    passes(&w, c.near, 67, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 201, 135);
    passes(&w, c.near, 53, TRD_MARGIN_CALL, TRD_MARGIN_WARN, 159, 135);
    passes(&w, c.near, 44, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_CALL, 132, 135);
    cr_assert(eq(u32, w.count, 2));
    EXPECT_CHANGE(&w, 1, TRD_CHANGE_SHORT, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_LIQUIDATE, 132, 135);
    passes(&w, c.near, -1, TRD_MARGIN_BANKRUPT, TRD_MARGIN_LIQUIDATE, -3, 135);
    cr_assert(eq(u32, watch_mark(&w, c.near, 68), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_BANKRUPT, 204, 135);
    watch_free(&w);
}

/* The other leg: 300 - 2 d with the second month at 100 + d, below 202.5 from 49 on. */
Test(monitor_portfolio, each_leg_of_a_spread_moves_the_equity_and_none_the_maintenance) {
    watch w = folio_new();
    const calendar c = hold_calendar(&w, 300);
    passes(&w, c.far, 149, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 202, 135);
    cr_assert(eq(u32, watch_mark(&w, c.near, 101), 1)); /* 205 */
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_WARN, 205, 135);
    watch_free(&w);
}

/* Long 3 alone needs 285: 1000 + 3 d is below 427.5 from -191 on, below 342 from -220. */
Test(monitor_portfolio, the_interval_of_a_position_alone_is_exact) {
    watch w = folio_new();
    const uint32_t x = list_future(&w, GROUP, 0);
    rig_deposit(w.r, A, USD, 1000);
    take(&w, x, 3, 100);
    cr_assert(eq(u32, watch_mark(&w, x, 100), 0));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, -90, 100000000);
    cr_assert(eq(u32, watch_mark(&w, x, -91), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 427, 285);
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, -119, -91);
    watch_free(&w);
}

/* Sold 4 at 5: 120, and 4 x 10 needed. 120 - 4 m is below 60 from 16 on, 48 from 19, 40 from 21. */
Test(monitor_portfolio, an_option_is_worth_its_value_and_sold_needs_the_minimum) {
    watch w = folio_new();
    const uint32_t x = list_kind(&w, TRD_INSTRUMENT_OPTION);
    array_is(&w, x, GROUP, OPTION);
    rig_deposit(w.r, A, USD, 100);
    take(&w, x, -4, 5);
    cr_assert(eq(u32, watch_mark(&w, x, 5), 0));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 1, 15);
    cr_assert(eq(u32, watch_mark(&w, x, 16), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 56, 40);
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 16, 18);
    cr_assert(eq(u32, watch_mark(&w, x, 21), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_WARN, 36, 40);
    cr_assert(eq(u32, watch_mark(&w, x, 20), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_CALL, TRD_MARGIN_LIQUIDATE, 40, 40);
    watch_free(&w);
}

/* What was bought needs no array, and what it is worth stands behind the others: 428 - 10 x 8 + 10
 * m of 285, below 427.5 from 7 on, and at 8 as without it. Alone it needs nothing. */
Test(monitor_portfolio, a_bought_option_without_an_array_counts_with_its_value) {
    watch w = folio_new();
    const uint32_t x = list_future(&w, GROUP, 0);
    const uint32_t y = list_kind(&w, TRD_INSTRUMENT_OPTION);
    rig_deposit(w.r, A, USD, 428);
    take(&w, x, 3, 100);
    take(&w, y, 10, 8);
    watch_mark(&w, x, 100);
    cr_assert(eq(u32, watch_mark(&w, y, 8), 0));
    cr_assert(eq(u32, watch_mark(&w, y, 7), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 418, 285);
    take(&w, x, -3, 100);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_WARN, 418, 0);
    watch_free(&w);
}

/* A position that hedges: 200 are too little for 285, and less than 150 % of 135. */
Test(monitor_portfolio, a_hedge_lowers_what_is_needed) {
    watch w = folio_new();
    const uint32_t near = list_future(&w, GROUP, 0);
    const uint32_t far = list_future(&w, GROUP, 1);
    rig_deposit(w.r, A, USD, 200);
    watch_mark(&w, near, 100);
    watch_mark(&w, far, 100);
    take(&w, near, 3, 100);
    cr_assert(eq(u32, watch_told(&w), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE, 200, 285);
    take(&w, far, -2, 100);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_LIQUIDATE, 200, 135);
    watch_free(&w);
}

/* Each asset has its own pool, and its own groups: coin that is short is no dollar that is. */
Test(monitor_portfolio, groups_of_another_asset_are_another_unit) {
    watch w = folio_new();
    const calendar c = hold_calendar(&w, 300);
    const int coins = trd_risk_group(w.risk, BTC, &TERMS);
    cr_assert(eq(int, coins, 2));
    trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    spec.settle_asset = BTC;
    const uint32_t z = watch_list(&w, &spec, NULL);
    array_is(&w, z, (uint32_t)coins, FUTURE);
    rig_deposit(w.r, A, BTC, 142);
    watch_mark(&w, z, 50);
    take(&w, z, 1, 50);
    cr_assert(eq(u32, watch_told(&w), 1)); /* 95 needed, 142.5 wanted */
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 142, 95);
    cr_expect(eq(u32, w.changes[0].unit.asset, BTC));
    const trd_unit usd = watch_pool(A, USD);
    cr_assert(eq(int, watch_level(&w, &usd), TRD_MARGIN_FINE));
    passes(&w, c.near, 67, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 201, 135);
    cr_expect(eq(u32, w.changes[0].unit.asset, USD));
    watch_free(&w);
}

/* The numbers of risk.md: R is 149. */
Test(monitor_portfolio, the_state_of_a_unit_says_what_its_groups_need) {
    watch w = folio_new();
    const calendar c = hold_calendar(&w, 300);
    watch_mark(&w, c.near, 110);
    const trd_unit unit = watch_pool(A, USD);
    trd_margin_state s;
    cr_assert(eq(int, trd_monitor_state(w.m, w.r->a, w.risk, &unit, &s), TRD_OK));
    cr_expect(eq(i64, s.equity, 330));
    cr_expect(eq(i64, s.profit, 30));
    cr_expect(eq(i64, s.maintenance, 135));
    cr_expect(eq(i64, s.initial, 149));
    cr_expect(eq(i64, s.available, 181));
    cr_expect(eq(i64, s.ratio_ppm, 409091)); /* 135 / 330, up */
    watch_free(&w);
}

/* --- what has changed ------------------------------------------------------------------------- */

/* The array loses twice as much: 190 + 40, of 300: below 345. Nobody is due before it is said. */
Test(monitor_portfolio, an_array_that_is_set_anew_makes_due_who_has_sums) {
    watch w = folio_new();
    const calendar c = hold_calendar(&w, 300);
    trd_scenario_array twice = FUTURE;
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        twice.loss[i] *= 2;
    }
    array_is(&w, c.near, GROUP, twice);
    twice.month = 1;
    array_is(&w, c.far, GROUP, twice);
    trd_monitor_portfolios(w.m, w.r->a, w.risk);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 300, 230);
    watch_free(&w);
}

/* Long 2 of one group, short 3 of the other: 190 + 285 without the pair of margin.md, 124 + 152
 * with it. 480 is below 120 % of 475 and above 150 % of 276. */
Test(monitor_portfolio, a_pair_that_is_made_credits_who_is_there) {
    watch w = folio_new();
    const uint32_t x = list_future(&w, GROUP, 0);
    const uint32_t y = list_future(&w, SECOND, 0);
    rig_deposit(w.r, A, USD, 480);
    take(&w, x, 2, 100);
    take(&w, y, -3, 100);
    watch_mark(&w, x, 100);
    cr_assert(eq(u32, watch_mark(&w, y, 100), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_CALL, TRD_MARGIN_FINE, 480, 475);
    const trd_scenario_pair pair = {.group_a = GROUP,
        .group_b = SECOND,
        .delta_a = 1000000,
        .delta_b = 2000000,
        .credit_ppm = 700000};
    cr_assert(eq(int, trd_risk_pair(w.risk, &pair), TRD_OK));
    trd_monitor_portfolios(w.m, w.r->a, w.risk);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_CALL, 480, 276);
    watch_free(&w);
}

/* Nobody has sums: the account is not due by it. */
Test(monitor_portfolio, who_has_no_sums_is_not_due) {
    watch w = folio_new();
    list_future(&w, GROUP, 0);
    watch_told(&w);
    trd_monitor_stats before, after;
    trd_monitor_stats_get(w.m, &before);
    trd_monitor_portfolios(w.m, w.r->a, w.risk);
    watch_told(&w);
    trd_monitor_stats_get(w.m, &after);
    cr_assert(eq(u64, after.looked, before.looked));
    watch_free(&w);
}

Test(monitor_portfolio, another_mode_ends_the_unit) {
    watch w = folio_new();
    const calendar c = hold_calendar(&w, 300);
    passes(&w, c.near, 67, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 201, 135);
    watch_mode(&w, A, TRD_MODE_CASH);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_WARN, 0, 0);
    EXPECT_NO_INTERVAL(&w, A, c.near, TRD_POSITION_NET);
    watch_free(&w);
}

/* --- what is not known ------------------------------------------------------------------------ */

static void is_unknown(const watch *w, uint32_t instrument, int result) {
    const trd_unit unit = watch_pool(A, USD);
    trd_margin_state s;
    cr_assert(eq(int, trd_monitor_state(w->m, w->r->a, w->risk, &unit, &s), result));
    EXPECT_NO_INTERVAL(w, A, instrument, TRD_POSITION_NET);
}

/* Looked at with each mark until it is known. */
Test(monitor_portfolio, of_an_account_that_is_not_followed_nothing_is_known) {
    watch w = folio_new();
    const calendar c = hold_calendar(&w, 300);
    cr_assert(eq(int, trd_risk_follow(w.risk, w.r->a, A, 0), TRD_OK));
    cr_assert(eq(u32, watch_mark(&w, c.near, 44), 0));
    is_unknown(&w, c.near, TRD_E_UNKNOWN);
    cr_assert(eq(int, trd_risk_follow(w.risk, w.r->a, A, 1), TRD_OK));
    cr_assert(eq(u32, watch_mark(&w, c.near, 44), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE, 132, 135);
    watch_free(&w);
}

/* Risk has room for A alone. */
Test(monitor_portfolio, of_an_account_that_risk_does_not_have_nothing_is_known) {
    watch w = watch_new();
    trd_risk_def def = trd_risk_def_default();
    def.accounts_max = A + 1;
    def.instruments_max = rig_def().instruments_max;
    trd_risk_destroy(w.risk);
    w.risk = trd_risk_create(&def);
    cr_assert(w.risk != NULL);
    cr_assert(eq(int, trd_risk_group(w.risk, USD, &TERMS), GROUP));
    cr_assert(eq(int, trd_risk_group(w.risk, USD, &TERMS), SECOND));
    follow(&w, A);
    const calendar c = hold_calendar(&w, 300);
    watch_mode(&w, B, TRD_MODE_PORTFOLIO);
    watch_take(&w, B, c.near, 1, 100);
    cr_assert(eq(u32, watch_told(&w), 0));
    const trd_unit unit = watch_pool(B, USD);
    trd_margin_state s;
    cr_assert(eq(int, trd_monitor_state(w.m, w.r->a, w.risk, &unit, &s), TRD_E_UNKNOWN));
    trd_monitor_portfolios(w.m, w.r->a, w.risk); /* A is looked at, and stands as it did */
    cr_assert(eq(u32, watch_told(&w), 0));
    watch_free(&w);
}

Test(monitor_portfolio, of_a_pool_with_an_instrument_without_array_nothing_is_known) {
    watch w = folio_new();
    const calendar c = hold_calendar(&w, 300);
    const trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    const trd_margin_model model = watch_flat(100000); /* is not asked */
    const uint32_t z = watch_list(&w, &spec, &model);
    watch_mark(&w, z, 100);
    take(&w, z, 1, 100);
    cr_assert(eq(u32, watch_mark(&w, c.near, 44), 0));
    is_unknown(&w, z, TRD_E_UNKNOWN);
    is_unknown(&w, c.near, TRD_E_UNKNOWN);
    array_is(&w, z, SECOND, FUTURE); /* 95 more */
    trd_monitor_portfolios(w.m, w.r->a, w.risk);
    cr_assert(eq(u32, watch_told(&w), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE, 132, 230);
    watch_free(&w);
}

/* 4 lots that lose 2^61 each need 2^63. */
Test(monitor_portfolio, what_does_not_fit_is_not_known) {
    watch w = folio_new();
    const uint32_t x = list_kind(&w, TRD_INSTRUMENT_LINEAR);
    const trd_scenario_array large = {.loss = {INT64_C(1) << 61}, .delta = 1000000};
    array_is(&w, x, GROUP, large);
    rig_deposit(w.r, A, USD, 1000);
    watch_mark(&w, x, 100);
    take(&w, x, 4, 100);
    cr_assert(eq(u32, watch_told(&w), 0));
    is_unknown(&w, x, TRD_E_RANGE);
    take(&w, x, -1, 100);
    cr_assert(eq(u32, watch_told(&w), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE, 1000,
        3 * (INT64_C(1) << 61));
    watch_free(&w);
}
