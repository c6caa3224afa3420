/* test_monitor_share.c - one of many positions moves, and nobody else is looked at. Money and
 * prices in cents; warned below 1.5 x maintenance, called below 1.2 x. */
#include "monitor_rig.h"

#include "monitor/state.h"

enum { TOP = 100000000, NET = TRD_POSITION_NET };

/* A, CROSS, has 1,000 and is long 10 lots at 100 in each of three instruments that need 10 %: 300
 * in all, warned below 450. The 550 to that are shared by three with the same notional: 183.333
 * each. At p a position is worth 10 p and needs p: 8.5 p are at least 850 - 183.333 at 79, where
 * they are 671.5, and not at 78: 663. */
typedef struct three {
    watch w;
    uint32_t x, y, z;
} three;

static three three_at(trd_amt money) {
    three t = {.w = watch_new()};
    uint32_t *const all[] = {&t.x, &t.y, &t.z};
    rig_deposit(t.w.r, A, USD, money);
    for (int i = 0; i < 3; i++) {
        *all[i] = watch_linear(&t.w, 100000);
        cr_assert(eq(int, trd_accounts_mark(t.w.r->a, *all[i], 100), TRD_OK));
        watch_take(&t.w, A, *all[i], 10, 100);
    }
    cr_assert(eq(u32, watch_told(&t.w), 0));
    return t;
}

static uint64_t alone(const three *t) {
    return t->w.m->looked_at_moved;
}

Test(monitor_share, three_share_the_distance) {
    three t = three_at(1000);
    EXPECT_INTERVAL(&t.w, A, t.x, NET, 79, TOP);
    EXPECT_INTERVAL(&t.w, A, t.y, NET, 79, TOP);
    EXPECT_INTERVAL(&t.w, A, t.z, NET, 79, TOP);
    cr_assert(eq(u64, alone(&t), 0));
    watch_free(&t.w);
}

/* 11 lots need 110: 1,000 - 1.5 x 310 = 535, of which the others have 366.667; 168.333 are left,
 * and its part by notional would be 201.6. 935 - 168.333 is met at 83: 913 - 1.5 x 92; not at 82:
 * 902 - 1.5 x 91. */
Test(monitor_share, a_fill_changes_the_interval_of_its_position_alone) {
    three t = three_at(1000);
    watch_take(&t.w, A, t.x, 1, 100);
    cr_assert(eq(u32, watch_told(&t.w), 0));
    cr_assert(eq(u64, alone(&t), 1));
    EXPECT_INTERVAL(&t.w, A, t.x, NET, 83, TOP);
    EXPECT_INTERVAL(&t.w, A, t.y, NET, 79, TOP);
    EXPECT_INTERVAL(&t.w, A, t.z, NET, 79, TOP);
    watch_free(&t.w);
}

Test(monitor_share, a_flat_position_leaves_the_others_theirs) {
    three t = three_at(1000);
    watch_take(&t.w, A, t.z, -10, 100);
    cr_assert(eq(u32, watch_told(&t.w), 0));
    cr_assert(eq(u64, alone(&t), 1));
    EXPECT_NO_INTERVAL(&t.w, A, t.z, NET);
    EXPECT_INTERVAL(&t.w, A, t.y, NET, 79, TOP);
    /* 1,000 - 1.5 x 200 = 700; y has 183.333, and x no more than its part was. */
    watch_take(&t.w, A, t.x, 1, 100);
    watch_take(&t.w, A, t.x, -1, 100);
    cr_assert(eq(u32, watch_told(&t.w), 0));
    cr_assert(eq(u64, alone(&t), 2));
    EXPECT_INTERVAL(&t.w, A, t.x, NET, 79, TOP);
    watch_free(&t.w);
}

/* A new position needs 10: 15 more than there is, so that everything is handed out anew; with 100
 * more it gets what its notional of 100 had been worth: 550 x 101 / 3003 = 18.498 of 85. It keeps
 * 85 - 18.498 down to 79: 79 - 1.5 x 8 = 67, and not at 78: 66. */
Test(monitor_share, a_new_position_gets_a_part_of_what_is_left) {
    for (int rich = 0; rich < 2; rich++) {
        three t = three_at(1000);
        const uint32_t other = watch_linear(&t.w, 100000);
        cr_assert(eq(int, trd_accounts_mark(t.w.r->a, other, 100), TRD_OK));
        if (rich) {
            rig_deposit(t.w.r, A, USD, 100);
            cr_assert(eq(u32, watch_told(&t.w), 0));
            cr_assert(eq(u64, alone(&t), 1));
        }
        watch_take(&t.w, A, other, 1, 100);
        cr_assert(eq(u32, watch_told(&t.w), 0));
        cr_assert(eq(u64, alone(&t), rich ? 2 : 0));
        if (rich) {
            EXPECT_INTERVAL(&t.w, A, other, NET, 79, TOP);
            EXPECT_INTERVAL(&t.w, A, t.x, NET, 79, TOP);
        }
        watch_free(&t.w);
    }
}

Test(monitor_share, money_that_leaves_makes_all_of_it_shared_anew) {
    three t = three_at(1000);
    watch_withdraw(&t.w, A, USD, 200);
    cr_assert(eq(u32, watch_told(&t.w), 0));
    cr_assert(eq(u64, alone(&t), 0));
    /* 350 / 3 = 116.667: 850 - 116.667 is met at 87: 870 - 1.5 x 87 = 739.5, not at 86: 731. */
    EXPECT_INTERVAL(&t.w, A, t.x, NET, 87, TOP);
    rig_deposit(t.w.r, A, USD, 200);
    cr_assert(eq(u32, watch_told(&t.w), 0));
    cr_assert(eq(u64, alone(&t), 1));
    EXPECT_INTERVAL(&t.w, A, t.x, NET, 87, TOP);
    /* 731 at 86; of 1,000 - 140 - 1.5 x 286 = 431 the others have twice 116.667. Of the 197.667
     * that are left x gets 350 x 861 / 3003 = 100.350: 630.650 is met at 75: 637.5, not at 74: 629.
     */
    cr_assert(eq(u32, watch_mark(&t.w, t.x, 86), 0));
    cr_assert(eq(u64, alone(&t), 2));
    EXPECT_INTERVAL(&t.w, A, t.x, NET, 75, TOP);
    EXPECT_INTERVAL(&t.w, A, t.y, NET, 87, TOP);
    watch_free(&t.w);
}

/* Lots and marks move one at a time; the levels are those of the sums in the comments. */
Test(monitor_share, levels_are_told_at_their_tick) {
    three t = three_at(1000);
    watch_take(&t.w, A, t.x, 1, 100);
    cr_assert(eq(u32, watch_told(&t.w), 0));
    for (trd_px px = 99; px >= 43; px--) { /* at 43: 373 against 1.5 x (48 + 200) = 372 */
        cr_assert(eq(u32, watch_mark(&t.w, t.x, px), 0), "%d", (int)px);
    }
    cr_assert(eq(u32, watch_mark(&t.w, t.x, 42), 1)); /* 362 against 1.5 x (47 + 200) */
    EXPECT_CHANGE(&t.w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 362, 247);
    /* Of the 362 - 1.2 x 247 = 65.6 to a call z has 26.6: a lot more takes 12 of them. */
    const uint64_t before = alone(&t);
    watch_take(&t.w, A, t.z, 1, 100);
    cr_assert(eq(u32, watch_told(&t.w), 0));
    watch_take(&t.w, A, t.z, -1, 100);
    cr_assert(eq(u32, watch_told(&t.w), 0));
    cr_assert(eq(u64, alone(&t), before + 2));
    cr_assert(eq(u32, watch_mark(&t.w, t.x, 40), 0));
    watch_take(&t.w, A, t.y, -1, 100); /* 340 against 44 + 90 + 100: 1.5 x 234 = 351 */
    cr_assert(eq(u32, watch_told(&t.w), 0));
    watch_take(&t.w, A, t.y, -1, 100); /* 1.5 x 224 = 336 */
    cr_assert(eq(u32, watch_told(&t.w), 1));
    EXPECT_CHANGE(&t.w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_FINE, TRD_MARGIN_WARN, 340, 224);
    watch_free(&t.w);
}

/* Short and long in one instrument, an alert at a loss of half of the cost. */
Test(monitor_share, alerts_of_what_has_moved_are_told) {
    trd_monitor_def def = watch_def();
    def.alert_ppm = 500000;
    three t = {.w = watch_of(&def)};
    t.x = watch_linear(&t.w, 100000);
    t.y = watch_linear(&t.w, 100000);
    rig_deposit(t.w.r, A, USD, 100000);
    watch_take(&t.w, A, t.y, 10, 100);
    watch_mark(&t.w, t.y, 100);
    watch_take(&t.w, A, t.x, 10, 100);
    cr_assert(eq(u32, watch_mark(&t.w, t.x, 50), 0));
    const uint64_t before = alone(&t);
    cr_assert(eq(u32, watch_mark(&t.w, t.x, 49), 1)); /* 510 of 1,000 */
    EXPECT_CHANGE(&t.w, 0, TRD_CHANGE_ALERT, 1, 0, -510, 1000);
    watch_take(&t.w, A, t.x, 10, 49); /* 510 of 1,490 */
    cr_assert(eq(u32, watch_told(&t.w), 1));
    EXPECT_CHANGE(&t.w, 0, TRD_CHANGE_ALERT, 0, 1, -510, 1490);
    cr_assert(eq(u64, alone(&t), before + 2));
    watch_free(&t.w);
}

/* One position alone has an exact interval; who is short is told again; ISOLATED and CASH share
 * nothing. */
Test(monitor_share, others_are_looked_at_whole) {
    three t = three_at(1000);
    cr_assert(eq(u8, trd__client(t.w.r->a, A)->watched, 1));
    watch_mode(&t.w, A, TRD_MODE_ISOLATED);
    watch_told(&t.w);
    cr_assert(eq(u8, trd__client(t.w.r->a, A)->watched, 0));
    watch_mode(&t.w, A, TRD_MODE_CROSS);
    watch_told(&t.w);
    cr_assert(eq(u8, trd__client(t.w.r->a, A)->watched, 1));
    watch_mark(&t.w, t.x, 30); /* 300 against 30 + 200 */
    cr_assert(eq(u8, trd__client(t.w.r->a, A)->watched, 1));
    watch_mark(&t.w, t.x, 20); /* 200 against 20 + 200 */
    cr_assert(eq(u8, trd__client(t.w.r->a, A)->watched, 0));
    watch_mark(&t.w, t.x, 100);
    cr_assert(eq(u8, trd__client(t.w.r->a, A)->watched, 1));
    watch_take(&t.w, A, t.x, -10, 100);
    watch_take(&t.w, A, t.y, -10, 100);
    watch_told(&t.w);
    cr_assert(eq(u8, trd__client(t.w.r->a, A)->watched, 0));
    /* 1,000 - 10 x (100 - p) against 1.5 p: at 0 it is 0 against 0, below zero it is not */
    EXPECT_INTERVAL(&t.w, A, t.z, NET, 0, TOP);
    watch_mode(&t.w, A, TRD_MODE_CASH);
    watch_told(&t.w);
    cr_assert(eq(u8, trd__client(t.w.r->a, A)->watched, 0));
    cr_assert(eq(u64, alone(&t), 0));
    watch_free(&t.w);
}

/* Options that were bought stand beside a contract that needs margin, until it is closed: then the
 * pool has no level, and they no interval. */
Test(monitor_share, a_pool_that_needs_no_margin_any_more_shares_nothing) {
    three t = {.w = watch_new()};
    const trd_instrument spec = watch_spec(TRD_INSTRUMENT_OPTION);
    rig_deposit(t.w.r, A, USD, 1000);
    t.x = watch_linear(&t.w, 100000);
    t.y = watch_list(&t.w, &spec, NULL);
    t.z = watch_list(&t.w, &spec, NULL);
    watch_take(&t.w, A, t.x, 10, 100);
    watch_take(&t.w, A, t.y, 10, 10);
    watch_take(&t.w, A, t.z, 10, 10);
    watch_mark(&t.w, t.x, 100);
    watch_mark(&t.w, t.y, 10);
    watch_mark(&t.w, t.z, 10);
    cr_assert(eq(u8, trd__client(t.w.r->a, A)->watched, 1));
    trd_px low, high;
    cr_assert(eq(int, trd_monitor_interval(t.w.m, t.w.r->a, A, t.y, NET, &low, &high), TRD_OK));
    watch_take(&t.w, A, t.x, -10, 100);
    cr_assert(eq(u32, watch_told(&t.w), 0));
    cr_assert(eq(u64, alone(&t), 0));
    EXPECT_NO_INTERVAL(&t.w, A, t.y, NET);
    EXPECT_NO_INTERVAL(&t.w, A, t.z, NET);
    /* Now they are looked at one by one, for nothing; one that is sold makes it a pool again. */
    watch_take(&t.w, A, t.y, 1, 10);
    cr_assert(eq(u32, watch_told(&t.w), 0));
    cr_assert(eq(u64, alone(&t), 1));
    EXPECT_NO_INTERVAL(&t.w, A, t.y, NET);
    watch_take(&t.w, A, t.x, -1, 100);
    cr_assert(eq(u32, watch_told(&t.w), 0));
    cr_assert(eq(u64, alone(&t), 1));
    cr_assert(eq(int, trd_monitor_interval(t.w.m, t.w.r->a, A, t.y, NET, &low, &high), TRD_OK));
    watch_free(&t.w);
}

/* A monitor that has seen nothing yet takes nothing for granted. */
Test(monitor_share, a_monitor_that_was_reset_looks_at_all) {
    three t = three_at(1000);
    trd_monitor_reset(t.w.m);
    rig_deposit(t.w.r, A, USD, 1);
    cr_assert(eq(u32, watch_told(&t.w), 0));
    cr_assert(eq(u64, alone(&t), 0));
    EXPECT_INTERVAL(&t.w, A, t.x, NET, 79, TOP);
    watch_free(&t.w);
}

Test(monitor_share, the_audit_sees_shares_that_do_not_add_up) {
    three t = three_at(1000);
    watch_mark(&t.w, t.x, 50);
    watch_mark(&t.w, t.y, 90); /* 400 against 50 + 90 + 100: WARN below 360; once more */
    watch_mark(&t.w, t.y, 85); /* 350 against 1.5 x 235 */
    trd_monitor *m = t.w.m;
    const uint32_t usd = trd__purse_find(t.w.r->a, A, USD);
    const uint32_t entry = trd__entry_find(t.w.r->a, A, t.x, NET);
    cr_assert(eq(u8, trd__pool_watch(m, usd)->level, TRD_MARGIN_WARN));
#define EXPECT_SEEN(field)                                                                         \
    do {                                                                                           \
        cr_assert(eq(int, trd_monitor_audit(m, t.w.r->a, t.w.risk), TRD_OK));                      \
        (field) ^= 1;                                                                              \
        cr_expect(trd_monitor_audit(m, t.w.r->a, t.w.risk) < 0, #field);                           \
        (field) ^= 1;                                                                              \
    } while (0)
    EXPECT_SEEN(trd__pot(m, usd)->next);
    EXPECT_SEEN(trd__pot(m, usd)->here);
    EXPECT_SEEN(trd__pot(m, usd)->basis);
    EXPECT_SEEN(trd__pot(m, usd)->positions);
    EXPECT_SEEN(trd__pot(m, usd)->margined);
    EXPECT_SEEN(trd__shared(m, entry)->next);
    EXPECT_SEEN(trd__shared(m, entry)->here);
    EXPECT_SEEN(trd__shared(m, entry)->basis);
    EXPECT_SEEN(trd__shared(m, entry)->shares);
    EXPECT_SEEN(trd__shared(m, entry)->is_margined);
#undef EXPECT_SEEN
    watch_free(&t.w);
}
