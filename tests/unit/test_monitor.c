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
