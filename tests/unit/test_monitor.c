/* test_monitor.c - levels, alerts and intervals at their very ticks. Money and prices in cents
 * where nothing else is said; numbers worked out by hand from docs/reference/monitoring.md and
 * margin.md.
 */
#include "monitor_rig.h"

/* The tiers, long 10 at 30,000.00 with 30,000.00: the trigger is 27,141.41 (margin.md). Equity
 * there 1,414.10, maintenance 271,414.10 x 1 % - 1,300 = 1,414.141, so 1,414.15. At 27,141.42 it is
 * 1,414.20 against 1,414.142, so 1,414.15.
 * Call, 120 %: 10 p - 270,000 < 1.2 x (0.1 p - 1,300): 9.88 p < 268,440: p < 27,170.0405. At
 * 27,170.04: equity 1,700.40, maintenance 1,417.004, so 1,417.01, x 1.2 = 1,700.412: called. At
 * 27,170.05: 1,700.50 against 1,417.005, so 1,417.01: 1,700.412: not.
 * Warning, 150 %: 10 p - 270,000 < 1.5 x (0.1 p - 1,300): 9.85 p < 268,050: p < 27,213.198. At
 * 27,213.20: 2,132.00, maintenance 1,421.32, x 1.5 = 2,131.98: fine. At 27,213.19: 2,131.90 against
 * 1,421.319, so 1,421.32, x 1.5 = 2,131.98: warned. */
Test(monitor, a_long_position_changes_level_at_the_exact_ticks) {
    watch w = watch_new();
    const trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    const trd_margin_model model = watch_tiers();
    const uint32_t x = watch_list(&w, &spec, &model);
    rig_deposit(w.r, A, USD, 3000000);
    watch_take(&w, A, x, 10, 3000000);
    cr_assert(eq(u32, watch_mark(&w, x, 3000000), 0));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 2721320, spec.px_max);
    cr_assert(eq(u32, watch_mark(&w, x, 2721320), 0));
    cr_assert(eq(u32, watch_mark(&w, x, 2721319), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 213190, 142132);
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 2717005, 2721319);
    cr_assert(eq(u32, watch_mark(&w, x, 2717005), 0));
    cr_assert(eq(u32, watch_mark(&w, x, 2717004), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_CALL, TRD_MARGIN_WARN, 170040, 141701);
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 2714142, 2717004);
    cr_assert(eq(u32, watch_mark(&w, x, 2714142), 0));
    cr_assert(eq(u32, watch_mark(&w, x, 2714141), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_CALL, 141410, 141415);
    EXPECT_CHANGE(
        &w, 1, TRD_CHANGE_SHORT, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_LIQUIDATE, 141410, 141415);
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 2714141, 2714141);
    /* 27,000.00 leaves 0.00, which is not below zero. */
    cr_assert(eq(u32, watch_mark(&w, x, 2700000), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_SHORT, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_LIQUIDATE, 0, 140000);
    cr_assert(eq(u32, watch_mark(&w, x, 2699999), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_BANKRUPT, TRD_MARGIN_LIQUIDATE, -10, 140000);
    cr_assert(eq(u32, watch_mark(&w, x, 2721319), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_BANKRUPT, 213190, 142132);
    cr_assert(eq(u32, watch_mark(&w, x, 2721320), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_WARN, 213200, 142132);
    watch_free(&w);
}

/* --- the tables of margin.md ------------------------------------------------------------------ */

/* Only what is liquidated is told: warning and call are the maintenance itself. */
static watch watch_plain(void) {
    trd_monitor_def def = watch_def();
    def.warn_ppm = WATCH_PPM;
    def.call_ppm = WATCH_PPM;
    return watch_of(&def);
}

typedef struct trigger_row {
    bool inverse; /* in units of 10^-8 coin, 0.5 % */
    trd_qty qty;
    trd_px px;
    trd_amt balance;
    trd_px trigger;
} trigger_row;

/* Fires at the trigger and not one tick before, and is back one tick behind it. */
Test(monitor, who_is_liquidated_is_told_at_the_trigger_of_his_position) {
    const trigger_row rows[] = {
        {false, 1, 1000000, 100000, 903614},
        {false, -1, 1000000, 100000, 1095618},
        {false, 10, 3000000, 3000000, 2714141},
        {false, 10, 3000000, 6000000, 2411557},
        {true, 10, 50000, 200000, 45681},
        {true, -10, 50000, 200000, 55278},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const trigger_row *row = &rows[i];
        watch w = watch_plain();
        const trd_instrument spec =
            row->inverse ? watch_inverse() : watch_spec(TRD_INSTRUMENT_LINEAR);
        const trd_margin_model model = row->inverse ? watch_flat(5000) : watch_tiers();
        const uint32_t x = watch_list(&w, &spec, &model);
        const uint32_t asset = row->inverse ? BTC : USD;
        const trd_unit unit = watch_pool(A, asset);
        const trd_px before = row->trigger + (row->qty > 0 ? 1 : -1);
        rig_deposit(w.r, A, asset, row->balance);
        watch_take(&w, A, x, row->qty, row->px);
        cr_assert(eq(u32, watch_mark(&w, x, row->px), 0), "row %zu", i);
        if (row->qty > 0) {
            EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, before, spec.px_max);
        } else {
            EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, spec.px_min, before);
        }
        cr_assert(eq(u32, watch_mark(&w, x, before), 0), "row %zu", i);
        cr_assert(eq(u32, watch_mark(&w, x, row->trigger), 2), "row %zu", i);
        cr_expect(eq(u8, w.changes[0].what, TRD_CHANGE_LEVEL));
        cr_expect(eq(u8, w.changes[1].what, TRD_CHANGE_SHORT));
        cr_expect(eq(int, watch_level(&w, &unit), TRD_MARGIN_LIQUIDATE));
        cr_assert(eq(u32, watch_mark(&w, x, before), 1), "row %zu", i);
        cr_expect(eq(int, watch_level(&w, &unit), TRD_MARGIN_FINE));
        watch_free(&w);
    }
}

/* Half a unit per tick, 0.4 %, 249 missing: 502 holds (251 - 249 - 2), 501 does not (250 - 249 -
 * 2), 500 holds again (250 - 249 - 1), 499 does not. Bought at 1,000 for 500, with 251. */
Test(monitor, levels_follow_roundings_to_and_fro) {
    watch w = watch_plain();
    trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    spec.denominator = 2;
    const trd_margin_model model = watch_flat(4000);
    const uint32_t x = watch_list(&w, &spec, &model);
    rig_deposit(w.r, A, USD, 251);
    watch_take(&w, A, x, 1, 1000);
    cr_assert(eq(u32, watch_mark(&w, x, 1000), 0));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 502, spec.px_max);
    cr_assert(eq(u32, watch_mark(&w, x, 501), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE, 1, 2);
    cr_assert(eq(u32, watch_mark(&w, x, 500), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_LIQUIDATE, 1, 1);
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 500, 500);
    cr_assert(eq(u32, watch_mark(&w, x, 499), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE, 0, 1);
    watch_free(&w);
}

/* With a rate of 100 % and a warning at 200 % the distance shrinks as the price rises: worth V,
 * 10 behind it, the warning holds while 10 + V < 2 V, so V > 10. Above 10 nothing else can happen,
 * since 10 + V is never below V. */
Test(monitor, a_rising_price_can_warn) {
    trd_monitor_def def = watch_def();
    def.warn_ppm = 2 * WATCH_PPM;
    def.call_ppm = WATCH_PPM;
    watch w = watch_of(&def);
    trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    spec.px_min = 1;
    const trd_margin_model model = watch_flat(WATCH_PPM);
    const uint32_t x = watch_list(&w, &spec, &model);
    rig_deposit(w.r, A, USD, 15);
    watch_take(&w, A, x, 1, 5);
    cr_assert(eq(u32, watch_mark(&w, x, 5), 0));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 1, 10);
    cr_assert(eq(u32, watch_mark(&w, x, 10), 0));
    cr_assert(eq(u32, watch_mark(&w, x, 11), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 21, 11);
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 11, spec.px_max);
    watch_free(&w);
}

/* With a rate of 50 % and a warning at 200 % equity and what is wanted run side by side: 1 + V and
 * 2 x ceil(V / 2) are 1 or 0 apart wherever V is. Roundings decide at every tick, and the interval
 * ends after 1,024 of them: who leaves it there has nothing to tell. */
Test(monitor, an_interval_ends_where_roundings_decide_too_long) {
    trd_monitor_def def = watch_def();
    def.warn_ppm = 2 * WATCH_PPM;
    def.call_ppm = WATCH_PPM;
    watch w = watch_of(&def);
    const uint32_t x = watch_linear(&w, WATCH_PPM / 2);
    rig_deposit(w.r, A, USD, 5001);
    watch_take(&w, A, x, 1, 5000);
    cr_assert(eq(u32, watch_mark(&w, x, 5000), 0));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 5000 - 1024, 5000 + 1024);
    cr_assert(eq(u32, watch_mark(&w, x, 5000 + 1025), 0));
    EXPECT_INTERVAL(&w, A, x, TRD_POSITION_NET, 5000 + 1, 5000 + 2049);
    watch_free(&w);
}

/* --- pools ------------------------------------------------------------------------------------ */

/* Long 10 at 100, now 120; short 5 at 200, now 210; 5 %; 350: equity 500, maintenance 60 + 53. With
 * call 1.5 and warning 2 fine from 226 on, warned from 225, called from 169, short from 112 down.
 * From 169 the first mark falls: at 115 equity 119, maintenance 57.5, so 58, + 53; at 114 109 and
 * 57 + 53. */
Test(monitor, one_balance_stands_behind_all_positions_of_a_pool) {
    trd_monitor_def def = watch_def();
    def.warn_ppm = 2 * WATCH_PPM;
    def.call_ppm = WATCH_PPM + WATCH_PPM / 2;
    watch w = watch_of(&def);
    const uint32_t x = watch_linear(&w, 50000);
    const uint32_t y = watch_linear(&w, 50000);
    rig_deposit(w.r, A, USD, 350);
    watch_take(&w, A, x, 10, 100);
    watch_take(&w, A, y, -5, 200);
    cr_assert(eq(u32, watch_mark(&w, x, 120), 0)); /* y has no mark: nothing is known */
    cr_assert(eq(u32, watch_mark(&w, y, 210), 0));
    watch_withdraw(&w, A, USD, 274);
    cr_assert(eq(u32, watch_told(&w), 0));
    watch_withdraw(&w, A, USD, 1);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 225, 113);
    watch_withdraw(&w, A, USD, 55);
    cr_assert(eq(u32, watch_told(&w), 0));
    watch_withdraw(&w, A, USD, 1);
    cr_assert(eq(u32, watch_told(&w), 1));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_CALL, TRD_MARGIN_WARN, 169, 113);
    cr_assert(eq(u32, watch_mark(&w, x, 115), 0));
    cr_assert(eq(u32, watch_mark(&w, x, 114), 2));
    EXPECT_CHANGE(&w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_CALL, 109, 110);
    cr_expect(eq(u8, w.changes[0].unit.kind, TRD_UNIT_POOL));
    cr_expect(eq(u32, w.changes[0].unit.instrument, 0));
    watch_free(&w);
}
