/* monitor_rig.h - a monitor beside the accounts of accounts_rig.h, for tests. Everything is audited
 * whenever nobody is due. */
#ifndef TRD_SUPPORT_MONITOR_RIG_H
#define TRD_SUPPORT_MONITOR_RIG_H

#include "accounts_rig.h"

#include <tradsys/monitor.h>
#include <tradsys/risk.h>

enum { WATCH_PPM = 1000000, WATCH_CHANGES = 64 };

typedef struct watch {
    rig *r;
    trd_risk *risk;
    trd_monitor *m;
    trd_monitor_change changes[WATCH_CHANGES]; /* of the last watch_told */
    unsigned count;
} watch;

/* As rig_def has it. */
static inline trd_monitor_def watch_def(void) {
    const trd_accounts_def accounts = rig_def();
    trd_monitor_def def = trd_monitor_def_default();
    def.accounts_max = accounts.accounts_max;
    def.instruments_max = accounts.instruments_max;
    def.balances_max = accounts.balances_max;
    def.positions_max = accounts.positions_max;
    return def;
}

/* Beside accounts without money. */
static inline watch watch_of(const trd_monitor_def *def) {
    const trd_accounts_def accounts = rig_def();
    trd_risk_def risk = trd_risk_def_default();
    risk.accounts_max = accounts.accounts_max;
    risk.instruments_max = accounts.instruments_max;
    risk.orders_max = accounts.orders_max;
    watch w = {.r = rig_bare(), .risk = trd_risk_create(&risk), .m = trd_monitor_create(def)};
    cr_assert(w.risk != NULL);
    cr_assert(w.m != NULL);
    return w;
}

static inline watch watch_new(void) {
    const trd_monitor_def def = watch_def();
    return watch_of(&def);
}

static inline void watch_free(watch *w) {
    trd_monitor_destroy(w->m);
    trd_risk_destroy(w->risk);
    rig_free(w->r);
}

/* --- what there is ---------------------------------------------------------------------------- */

/* Ticks of a cent, settled in cents: one lot is worth one minor unit per tick. */
static inline trd_instrument watch_spec(uint8_t kind) {
    trd_instrument spec = rig_spec(kind);
    spec.px_min = kind == TRD_INSTRUMENT_LINEAR ? -100000000 : 1;
    spec.px_max = 100000000;
    return spec;
}

/* A contract of 100 dollars, ticks of a dollar, settled in units of 10^-8 coin. */
static inline trd_instrument watch_inverse(void) {
    trd_instrument spec = watch_spec(TRD_INSTRUMENT_INVERSE);
    spec.numerator = INT64_C(10000000000);
    spec.px_max = 1000000;
    spec.settle_asset = BTC;
    return spec;
}

static inline void watch_model(watch *w, uint32_t instrument, const trd_margin_model *model) {
    cr_assert(eq(int, trd_risk_model(w->risk, instrument, model), TRD_OK));
}

static inline trd_margin_model watch_flat(uint32_t maintenance_ppm) {
    trd_margin_model model;
    const trd_margin_rates rates = {WATCH_PPM, maintenance_ppm};
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    return model;
}

/* The tiers of docs/reference/margin.md, in cents. */
static inline trd_margin_model watch_tiers(void) {
    const trd_margin_tier tiers[] = {
        {.floor = 0, .maintenance_ppm = 4000, .initial_ppm = 50000},
        {.floor = 5000000, .maintenance_ppm = 5000, .initial_ppm = 50000},
        {.floor = 25000000, .maintenance_ppm = 10000, .initial_ppm = 50000},
        {.floor = 100000000, .maintenance_ppm = 25000, .initial_ppm = 50000},
    };
    const trd_margin_tier_terms terms = {.tiers = tiers, .count = 4};
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_tiered(&model, &terms), TRD_OK));
    return model;
}

static inline uint32_t watch_list(
    watch *w, const trd_instrument *spec, const trd_margin_model *model) {
    const trd_terms terms = rig_terms();
    const uint32_t number = rig_add(w->r, spec, &terms);
    if (model != NULL) {
        watch_model(w, number, model);
    }
    return number;
}

/* A linear contract with a flat maintenance. */
static inline uint32_t watch_linear(watch *w, uint32_t maintenance_ppm) {
    const trd_instrument spec = watch_spec(TRD_INSTRUMENT_LINEAR);
    const trd_margin_model model = watch_flat(maintenance_ppm);
    return watch_list(w, &spec, &model);
}

static inline void watch_mode(watch *w, uint32_t account, uint8_t mode) {
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(w->r->a, account, &terms), TRD_OK));
    terms.mode = mode;
    cr_assert(eq(int, trd_accounts_open(w->r->a, account, &terms), TRD_OK));
}

/* `qty` lots, below zero sold, to or from the rest of the world. */
static inline void watch_take_side(
    watch *w, uint32_t account, uint32_t instrument, uint8_t position, trd_qty qty, trd_px px) {
    trd_leg own = rig_leg(account);
    own.position = position;
    const trd_execution x = qty > 0 ? rig_execution(instrument, own, rig_outside(), qty, px)
                                    : rig_execution(instrument, rig_outside(), own, -qty, px);
    OK(w->r, execute, &x);
}

static inline void watch_take(
    watch *w, uint32_t account, uint32_t instrument, trd_qty qty, trd_px px) {
    watch_take_side(w, account, instrument, TRD_POSITION_NET, qty, px);
}

static inline void watch_withdraw(watch *w, uint32_t account, uint32_t asset, trd_amt amount) {
    const trd_transfer t = {
        .from = account, .to = TRD_ACCOUNT_OUTSIDE, .asset = asset, .amount = amount};
    OK(w->r, transfer, &t);
}

/* Free money to the collateral of a position. */
static inline void watch_secure(
    watch *w, uint32_t account, uint32_t instrument, uint8_t position, trd_amt amount) {
    OK(w->r, collateral, account, instrument, position, amount);
}

/* --- what is told ----------------------------------------------------------------------------- */

/* Everything that there is to tell, into w->changes; returns how many. */
static inline unsigned watch_told(watch *w) {
    w->count = 0;
    while (trd_monitor_next(w->m, w->r->a, w->risk, &w->changes[w->count]) == 1) {
        w->count++;
        cr_assert(w->count < WATCH_CHANGES, "no end");
    }
    cr_assert(eq(int, trd_monitor_audit(w->m, w->r->a, w->risk), TRD_OK));
    return w->count;
}

static inline unsigned watch_mark(watch *w, uint32_t instrument, trd_px px) {
    cr_assert(eq(int, trd_accounts_mark(w->r->a, instrument, px), TRD_OK));
    cr_assert(eq(int, trd_monitor_mark(w->m, w->r->a, instrument), TRD_OK));
    return watch_told(w);
}

static inline trd_unit watch_pool(uint32_t account, uint32_t asset) {
    return (trd_unit){.account = account, .asset = asset, .kind = TRD_UNIT_POOL};
}

static inline trd_unit watch_position(
    uint32_t account, uint32_t asset, uint32_t instrument, uint8_t position) {
    return (trd_unit){.account = account,
        .asset = asset,
        .instrument = instrument,
        .kind = TRD_UNIT_POSITION,
        .position = position};
}

static inline int watch_level(const watch *w, const trd_unit *unit) {
    return trd_monitor_level(w->m, w->r->a, unit);
}

/* Change number n of the last watch_told. */
#define EXPECT_CHANGE(w, n, what_, level_, former_, equity_, maintenance_)                         \
    do {                                                                                           \
        const watch *own_ = (w);                                                                   \
        cr_assert(own_->count > (unsigned)(n), "only %u changes", own_->count);                    \
        const trd_monitor_change *change_ = &own_->changes[n];                                     \
        cr_expect(eq(u8, change_->what, (what_)));                                                 \
        cr_expect(eq(u8, change_->level, (level_)));                                               \
        cr_expect(eq(u8, change_->former, (former_)));                                             \
        cr_expect(eq(i64, change_->equity, (equity_)));                                            \
        cr_expect(eq(i64, change_->maintenance, (maintenance_)));                                  \
    } while (0)

#define EXPECT_INTERVAL(w, account, instrument, position, low_, high_)                             \
    do {                                                                                           \
        trd_px low__ = 0, high__ = 0;                                                              \
        cr_assert(eq(int,                                                                          \
            trd_monitor_interval(                                                                  \
                (w)->m, (w)->r->a, (account), (instrument), (position), &low__, &high__),          \
            TRD_OK));                                                                              \
        cr_expect(eq(i64, low__, (low_)));                                                         \
        cr_expect(eq(i64, high__, (high_)));                                                       \
    } while (0)

#define EXPECT_NO_INTERVAL(w, account, instrument, position)                                       \
    do {                                                                                           \
        trd_px low__ = 0, high__ = 0;                                                              \
        cr_expect(eq(int,                                                                          \
            trd_monitor_interval(                                                                  \
                (w)->m, (w)->r->a, (account), (instrument), (position), &low__, &high__),          \
            TRD_E_UNKNOWN));                                                                       \
    } while (0)

#endif
