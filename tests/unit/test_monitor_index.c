/* test_monitor_index.c - what a mark costs when many hold the instrument, and what the audit sees.
 */
#include "monitor_rig.h"

#include "monitor/state.h"

/* --- many ------------------------------------------------------------------------------------- */

enum { MANY = 1000000, HOLDERS = 100000, APART = MANY / HOLDERS };

typedef struct crowd {
    trd_accounts *a;
    trd_risk *risk;
    trd_monitor *m;
} crowd;

static crowd crowd_made(void) {
    trd_accounts_def accounts = trd_accounts_def_default();
    accounts.assets_max = 1;
    accounts.instruments_max = 1;
    accounts.accounts_max = MANY;
    accounts.balances_max = HOLDERS;
    accounts.positions_max = HOLDERS;
    accounts.orders_max = 1;
    accounts.publish = 0;
    trd_risk_def risk = trd_risk_def_default();
    risk.accounts_max = MANY;
    risk.instruments_max = 1;
    risk.orders_max = 1;
    trd_monitor_def monitor = trd_monitor_def_default();
    monitor.accounts_max = MANY;
    monitor.instruments_max = 1;
    monitor.balances_max = HOLDERS;
    monitor.positions_max = HOLDERS;
    monitor.call_ppm = WATCH_PPM;
    monitor.warn_ppm = WATCH_PPM;
    const crowd c = {.a = trd_accounts_create(&accounts),
        .risk = trd_risk_create(&risk),
        .m = trd_monitor_create(&monitor)};
    cr_assert(c.a != NULL && c.risk != NULL && c.m != NULL);
    return c;
}

static void crowd_opens(const crowd *c) {
    const trd_asset asset = {.struct_size = sizeof(asset), .scale = 2, .symbol = "USD"};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_account account = {.struct_size = sizeof(account),
        .role = TRD_ROLE_TRADER,
        .mode = TRD_MODE_CROSS,
        .enabled = 1};
    trd_instrument spec = trd_instrument_default();
    memcpy(spec.symbol, "X", 2);
    spec.kind = TRD_INSTRUMENT_LINEAR;
    const trd_margin_model model = watch_flat(0);
    cr_assert(eq(int, trd_accounts_asset_add(c->a, &asset), 0));
    cr_assert(eq(int, trd_accounts_fees_add(c->a, &fees), 0));
    cr_assert(eq(int, trd_accounts_instrument_add(c->a, &spec, &terms), 0));
    cr_assert(eq(int, trd_risk_model(c->risk, 0, &model), TRD_OK));
    for (uint32_t i = 0; i < MANY; i++) {
        cr_assert(eq(int, trd_accounts_open(c->a, i, &account), TRD_OK));
    }
}

/* Holder k of each ten accounts is long 1 at 1,000,000 with k: bankrupt below 1,000,000 - k. */
static void crowd_holds(const crowd *c) {
    for (uint32_t k = 0; k < HOLDERS; k++) {
        const uint32_t account = k * APART;
        const trd_transfer t = {.from = TRD_ACCOUNT_OUTSIDE, .to = account, .amount = k};
        cr_assert(k == 0 || trd_accounts_transfer(c->a, &t, NULL) == TRD_OK);
        const trd_execution x = {.px = 1000000,
            .qty = 1,
            .buyer = {.account = account, .liquidity = TRD_LIQUIDITY_TAKER},
            .seller = {.account = TRD_ACCOUNT_OUTSIDE}};
        cr_assert(eq(int, trd_accounts_execute(c->a, &x, NULL), TRD_OK));
    }
}

static trd_monitor_stats crowd_marks(const crowd *c, trd_px px) {
    trd_monitor_change told;
    trd_monitor_stats stats;
    cr_assert(eq(int, trd_accounts_mark(c->a, 0, px), TRD_OK));
    cr_assert(eq(int, trd_monitor_mark(c->m, c->a, 0), TRD_OK));
    while (trd_monitor_next(c->m, c->a, c->risk, &told) == 1) {
    }
    trd_monitor_stats_get(c->m, &stats);
    return stats;
}

Test(monitor_index, a_mark_touches_only_those_who_leave) {
    const crowd c = crowd_made();
    crowd_opens(&c);
    crowd_holds(&c);
    const trd_monitor_stats begun = crowd_marks(&c, 1000000);
    cr_assert(eq(u64, begun.looked, MANY));
    for (int i = 0; i < 100000; i++) { /* nobody is below zero here, though the mark moves */
        crowd_marks(&c, 1000000 + i % 7);
    }
    trd_monitor_stats stats = crowd_marks(&c, 1000000);
    cr_assert(eq(u64, stats.left, begun.left));
    cr_assert(eq(u64, stats.looked, begun.looked));
    cr_assert(eq(u64, stats.told, begun.told));
    /* At 999,990 holders 0 .. 9 are below zero: each is told its level, and that it is short. */
    stats = crowd_marks(&c, 999990);
    cr_assert(eq(u64, stats.left, begun.left + 10));
    cr_assert(eq(u64, stats.looked, begun.looked + 10));
    cr_assert(eq(u64, stats.told, begun.told + 20));
    /* They are looked at with every mark until they are fine again. */
    stats = crowd_marks(&c, 999990);
    cr_assert(eq(u64, stats.looked, begun.looked + 20));
    stats = crowd_marks(&c, 1000000);
    cr_assert(eq(u64, stats.told, begun.told + 40));
    stats = crowd_marks(&c, 1000000);
    cr_assert(eq(u64, stats.looked, begun.looked + 30));
    cr_assert(eq(int, trd_monitor_audit(c.m, c.a, c.risk), TRD_OK));
    trd_accounts_destroy(c.a);
    trd_risk_destroy(c.risk);
    trd_monitor_destroy(c.m);
}

/* --- the audit -------------------------------------------------------------------------------- */

/* Three who hold one instrument, one who is short of margin; nobody is due. */
static watch watch_holding(void) {
    trd_monitor_def def = watch_def();
    def.alert_ppm = 500000;
    watch w = watch_of(&def);
    const uint32_t x = watch_linear(&w, 100000);
    for (uint32_t account = A; account <= D; account++) {
        if (account != D) {
            rig_deposit(w.r, account, USD, 1000 * (account + 1));
        }
        watch_take(&w, account, x, 10, 100);
    }
    watch_mode(&w, C, TRD_MODE_ISOLATED);
    watch_secure(&w, C, x, TRD_POSITION_NET, 500);
    watch_mark(&w, x, 100);
    return w;
}

static int audited(const watch *w) {
    return trd_monitor_audit(w->m, w->r->a, w->risk);
}

#define EXPECT_SEEN(w, field)                                                                      \
    do {                                                                                           \
        cr_assert(eq(int, audited(w), TRD_OK));                                                    \
        (field) ^= 1;                                                                              \
        cr_expect(audited(w) < 0, #field);                                                         \
        (field) ^= 1;                                                                              \
    } while (0)

/* Entries and purses are numbered from 1 in the order of their accounts. */
Test(monitor_index, the_audit_sees_what_does_not_agree) {
    watch w = watch_holding();
    trd_monitor *m = w.m;
    EXPECT_SEEN(&w, trd__pool_watch(m, 1)->told);
    EXPECT_SEEN(&w, trd__pool_watch(m, 1)->level);
    EXPECT_SEEN(&w, trd__watch(m, 1)->told);
    EXPECT_SEEN(&w, trd__watch(m, 1)->alert_told);
    EXPECT_SEEN(&w, trd__watch(m, 1)->state);
    EXPECT_SEEN(&w, trd__watch(m, 1)->low);
    EXPECT_SEEN(&w, trd__watch(m, 1)->slot[TRD_HEAP_LOW]);
    EXPECT_SEEN(&w, trd__watch(m, 3)->told);
    EXPECT_SEEN(&w, trd__market(m, 0)->count);
    EXPECT_SEEN(&w, trd__market(m, 0)->root);
    EXPECT_SEEN(&w, trd__market(m, 5)->root);
    for (uint32_t slot = 1; slot <= 4; slot++) {
        for (int heap = 0; heap < TRD_HEAPS; heap++) {
            EXPECT_SEEN(&w, trd__slot(m, slot)->key[heap]);
            EXPECT_SEEN(&w, trd__slot(m, slot)->watch[heap]);
        }
        EXPECT_SEEN(&w, trd__slot(m, slot)->parent);
        EXPECT_SEEN(&w, trd__slot(m, slot)->left);
        EXPECT_SEEN(&w, trd__slot(m, slot)->right);
    }
    EXPECT_SEEN(&w, m->slots);
    EXPECT_SEEN(&w, m->telling);
    EXPECT_SEEN(&w, *trd__acct_touched(w.r->a));
    trd_watch *watched = trd__watch(m, 1);
    const trd_px high = watched->high;
    watched->high = trd__listed(w.r->a, 0)->mark - 1;
    cr_expect(audited(&w) < 0);
    watched->high = high;
    /* A level that nobody was told: the balance has changed, and nobody is due. */
    rig_deposit(w.r, D, USD, 1000000);
    cr_expect(audited(&w) < 0);
    trd__acct_untouch(w.r->a, D);
    cr_expect(audited(&w) < 0);
    watch_free(&w);
}

/* Slots that nobody is in are a chain, which ends. */
Test(monitor_index, the_audit_sees_free_slots_that_go_round) {
    watch w = watch_holding();
    trd_monitor *m = w.m;
    watch_take(&w, D, 0, -10, 100);
    watch_mark(&w, 0, 100);
    const uint32_t free = m->slot_free;
    cr_assert(ne(u32, free, 0));
    cr_assert(eq(u32, trd__slot(m, free)->parent, 0));
    trd__slot(m, free)->parent = free;
    cr_expect(audited(&w) < 0);
    trd__slot(m, free)->parent = 0;
    cr_assert(eq(int, audited(&w), TRD_OK));
    watch_free(&w);
}

/* The last price that there can be. It is looked at, and once: at 2^23 per lot, 2^63 less one
 * rounded down, who sold at 1 has lost all, with that mark and when it comes again. */
Test(monitor_index, the_last_of_all_marks_is_seen_once) {
    watch w = watch_new();
    trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    spec.px_max = INT64_MAX;
    spec.denominator = INT64_C(1) << 40;
    spec.qty_max = 10;
    const trd_margin_model model = watch_flat(500000);
    const uint32_t x = watch_list(&w, &spec, &model);
    rig_deposit(w.r, A, USD, 1000);
    watch_take(&w, A, x, -1, INT64_C(1) << 40);
    cr_assert(eq(u32, watch_mark(&w, x, INT64_C(1) << 40), 0));
    trd_monitor_stats before, after;
    cr_assert(eq(u32, watch_mark(&w, x, INT64_MAX), 2));
    /* 1000 + 1 - 2^23, and half of 2^23. */
    EXPECT_CHANGE(
        &w, 0, TRD_CHANGE_LEVEL, TRD_MARGIN_BANKRUPT, TRD_MARGIN_FINE, 1001 - (1 << 23), 1 << 22);
    trd_monitor_stats_get(w.m, &before);
    cr_assert(eq(u32, watch_mark(&w, x, INT64_MAX), 1));
    trd_monitor_stats_get(w.m, &after);
    cr_expect(eq(u8, w.changes[0].what, TRD_CHANGE_SHORT));
    cr_expect(eq(u64, after.left - before.left, 1));
    watch_free(&w);
}
