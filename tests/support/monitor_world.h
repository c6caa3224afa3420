/* monitor_world.h - a small world of accounts and marks for prop_monitor.c, and the walk over it:
 * how every unit stands, by the public functions of account.h and margin.h, from all positions
 * anew. */
#ifndef TRD_SUPPORT_MONITOR_WORLD_H
#define TRD_SUPPORT_MONITOR_WORLD_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <tradsys/monitor.h>

#include "draw.h"

enum { PPM = 1000000 };
enum { ASSETS = 2, INSTRUMENTS = 5, ACCOUNTS = 5, PLACES = 2 * INSTRUMENTS, CHANGES = 256 };
enum { GROUPS = 3, PAIRS = 3 };

/* A position of an account, in the order of first use. */
typedef struct place {
    uint32_t instrument;
    uint8_t side;
    uint8_t told; /* ISOLATED: level */
    uint8_t alert;
} place;

typedef struct client {
    trd_account terms;
    place places[PLACES];
    int place_count;
    uint32_t assets[ASSETS]; /* with a balance, in the order of first use */
    uint8_t told[ASSETS];    /* [index in assets] */
    int asset_count;
    bool followed;    /* risk keeps what it has in groups */
    uint8_t told_all; /* MULTI */
} client;

typedef struct world {
    draw *d;
    trd_accounts *accounts;
    trd_risk *risk;
    trd_monitor *monitor;
    void *room; /* for the monitor to move to */
    trd_monitor_def def;
    trd_instrument specs[INSTRUMENTS];
    trd_margin_model models[INSTRUMENTS];
    bool has_model[INSTRUMENTS];
    trd_px marks[INSTRUMENTS];
    bool has_mark[INSTRUMENTS];
    trd_scenario_group groups[GROUPS]; /* the last one of asset 1, the others of asset 0 */
    trd_scenario_pair pairs[PAIRS];    /* of those of asset 0 */
    uint32_t pair_count;
    trd_scenario_array arrays[INSTRUMENTS];
    uint32_t group_of[INSTRUMENTS];
    bool has_array[INSTRUMENTS];
    trd_margin_asset assets[ASSETS]; /* what they count for; balance 0 */
    client clients[ACCOUNTS];
    trd_margin_model none; /* asks for nothing */
    bool is_round;         /* without fractions: thresholds are met exactly */
    bool is_large;         /* prices and amounts up to the limits */
} world;

/* --- the walk --------------------------------------------------------------------------------- */

typedef struct stand {
    bool known;
    uint32_t level;
    trd_amt equity;
    trd_amt maintenance;
} stand;

static inline trd_holding holding_of(const world *w, uint32_t account, const place *at) {
    trd_holding holding;
    cr_assert(eq(int,
        trd_accounts_position(w->accounts, account, at->instrument, at->side, &holding), TRD_OK));
    return holding;
}

static inline bool is_position(const world *w, const trd_holding *holding, const place *at) {
    return holding->qty != 0 && w->specs[at->instrument].kind != TRD_INSTRUMENT_SPOT;
}

static inline bool needs_margin(const world *w, const trd_holding *holding, const place *at) {
    return is_position(w, holding, at) &&
           (w->specs[at->instrument].kind != TRD_INSTRUMENT_OPTION || holding->qty < 0);
}

static inline bool is_pooled(const client *c) {
    return c->terms.mode == TRD_MODE_FLAT || c->terms.mode == TRD_MODE_LEVERAGE ||
           c->terms.mode == TRD_MODE_CROSS || c->terms.mode == TRD_MODE_PORTFOLIO;
}

/* What a unit of these positions and this balance is at, at some marks. */
typedef struct sum {
    trd_margin_position positions[PLACES];
    uint32_t count;
    uint32_t margined;
    bool known;
    bool grouped; /* positions need nothing, groups need `groups` */
    trd_amt balance;
    trd_margin_requirement groups;
} sum;

static inline void sum_add(const world *w, sum *s, const trd_holding *holding, const place *at,
    const trd_px *marks, bool in_pool) {
    const uint32_t i = at->instrument;
    const bool margin = needs_margin(w, holding, at);
    const bool is_option = w->specs[i].kind == TRD_INSTRUMENT_OPTION;
    s->margined += margin;
    const bool has_need = s->grouped ? w->has_array[i] : w->has_model[i];
    s->known &= w->has_mark[i] && (!margin || has_need);
    s->positions[s->count++] = (trd_margin_position){.spec = &w->specs[i],
        .model = margin && !s->grouped ? &w->models[i] : &w->none,
        .qty = holding->qty,
        .cost = is_option && in_pool ? 0 : holding->cost,
        .mark = marks[i],
        .has_mark = w->has_mark[i]};
}

static inline bool fits(__int128 number) {
    return number >= INT64_MIN && number <= INT64_MAX;
}

static inline uint32_t level_of(const world *w, __int128 equity, __int128 maintenance) {
    return equity < 0                                     ? TRD_MARGIN_BANKRUPT
           : equity < maintenance                         ? TRD_MARGIN_LIQUIDATE
           : equity * PPM < maintenance * w->def.call_ppm ? TRD_MARGIN_CALL
           : equity * PPM < maintenance * w->def.warn_ppm ? TRD_MARGIN_WARN
                                                          : TRD_MARGIN_FINE;
}

/* Equity and maintenance of all positions; false if one is not known. */
static inline bool sum_up(const sum *s, __int128 *equity, __int128 *maintenance) {
    *equity = s->balance;
    *maintenance = s->margined != 0 ? s->groups.maintenance : 0;
    for (uint32_t i = 0; i < s->count; i++) {
        trd_margin_need need;
        if (trd_margin_need_of(&s->positions[i], &need) != TRD_OK) {
            return false;
        }
        *equity += need.profit;
        *maintenance += need.maintenance;
    }
    return fits(*equity) && fits(*maintenance);
}

/* margin.h says the same of an account, unless its profits alone do not fit. */
static inline void expect_same_level(const world *w, const sum *s, uint32_t level) {
    const trd_margin_account account = {.positions = s->positions,
        .count = s->count,
        .warn_ppm = w->def.warn_ppm,
        .call_ppm = w->def.call_ppm,
        .balance = s->balance,
        .group_initial = s->margined != 0 ? s->groups.initial : 0,
        .group_maintenance = s->margined != 0 ? s->groups.maintenance : 0};
    trd_margin_state state;
    const int result = trd_margin_account_state(&account, &state);
    cr_assert(result == TRD_E_RANGE || (result == TRD_OK && state.level == level));
}

static inline stand sum_stand(const world *w, const sum *s, uint32_t told) {
    __int128 equity, maintenance;
    if (!s->known || !sum_up(s, &equity, &maintenance)) {
        return (stand){.known = false, .level = s->margined != 0 ? told : TRD_MARGIN_FINE};
    }
    const uint32_t level = level_of(w, equity, maintenance);
    expect_same_level(w, s, level);
    return (stand){.known = true,
        .level = s->margined != 0 ? level : TRD_MARGIN_FINE,
        .equity = (trd_amt)equity,
        .maintenance = (trd_amt)maintenance};
}

/* What all groups of an asset need, from all positions of the account. */
static inline void add_groups(const world *w, uint32_t account, uint32_t asset, sum *s) {
    const client *c = &w->clients[account];
    const uint32_t first = asset == 0 ? 0 : GROUPS - 1;
    trd_scenario_sums sums[GROUPS] = {0};
    trd_scenario_need needs[GROUPS];
    for (int i = 0; i < c->place_count; i++) {
        const uint32_t number = c->places[i].instrument;
        const trd_scenario_change change = {0, holding_of(w, account, &c->places[i]).qty};
        if (w->has_array[number]) {
            cr_assert(eq(int,
                trd_scenario_add(&sums[w->group_of[number]], &w->arrays[number], &change), TRD_OK));
        }
    }
    const trd_scenario_portfolio all = {.groups = &w->groups[first],
        .sums = &sums[first],
        .pairs = w->pairs,
        .count = asset == 0 ? GROUPS - 1 : 1,
        .pair_count = asset == 0 ? w->pair_count : 0};
    cr_assert(eq(int, trd_scenario_require(&all, needs, &s->groups), TRD_OK));
    s->known &= c->followed || s->margined == 0;
}

static inline sum sum_of_pool(const world *w, uint32_t account, int number, const trd_px *marks) {
    const client *c = &w->clients[account];
    trd_balance money;
    cr_assert(
        eq(int, trd_accounts_balance(w->accounts, account, c->assets[number], &money), TRD_OK));
    sum s = {.known = true,
        .grouped = c->terms.mode == TRD_MODE_PORTFOLIO,
        .balance = money.free + money.locked + money.unsettled - money.debt};
    for (int i = 0; i < c->place_count; i++) {
        const trd_holding holding = holding_of(w, account, &c->places[i]);
        if (is_position(w, &holding, &c->places[i]) &&
            w->specs[c->places[i].instrument].settle_asset == c->assets[number]) {
            sum_add(w, &s, &holding, &c->places[i], marks, true);
        }
    }
    if (s.grouped) {
        add_groups(w, account, c->assets[number], &s);
    }
    return s;
}

static inline sum sum_of_position(
    const world *w, const trd_holding *holding, const place *at, const trd_px *marks) {
    sum s = {.known = true, .balance = holding->collateral};
    sum_add(w, &s, holding, at, marks, false);
    return s;
}

/* --- several assets --------------------------------------------------------------------------- */

/* Adds what a position is worth to the balance of its asset, and what it needs in the valuation
 * asset. False if something is missing, or does not fit. */
static inline bool add_position(const world *w, const trd_holding *holding, const place *at,
    const trd_px *marks, __int128 *amount, __int128 *maintenance) {
    const uint32_t i = at->instrument;
    const bool margin = needs_margin(w, holding, at);
    const trd_margin_asset *asset = &w->assets[w->specs[i].settle_asset];
    const bool is_option = w->specs[i].kind == TRD_INSTRUMENT_OPTION;
    const trd_margin_position position = {.spec = &w->specs[i],
        .model = margin ? &w->models[i] : &w->none,
        .qty = holding->qty,
        .cost = is_option ? 0 : holding->cost,
        .mark = marks[i],
        .has_mark = w->has_mark[i]};
    trd_margin_need need;
    if ((margin && !w->has_model[i]) || trd_margin_need_of(&position, &need) != TRD_OK ||
        (need.maintenance != 0 && asset->has_rate == 0)) {
        return false;
    }
    *amount += need.profit;
    if (need.maintenance != 0) {
        *maintenance += ((__int128)need.maintenance * asset->numerator + asset->denominator - 1) /
                        asset->denominator;
    }
    return true;
}

static inline stand stand_of_all(const world *w, uint32_t account, const trd_px *marks) {
    const client *c = &w->clients[account];
    trd_margin_asset assets[ASSETS];
    __int128 amounts[ASSETS] = {0};
    __int128 maintenance = 0;
    uint32_t margined = 0;
    bool known = true;
    for (int i = 0; i < c->asset_count; i++) {
        trd_balance money;
        cr_assert(
            eq(int, trd_accounts_balance(w->accounts, account, c->assets[i], &money), TRD_OK));
        amounts[c->assets[i]] = (__int128)money.free + money.locked + money.unsettled - money.debt;
    }
    for (int i = 0; i < c->place_count; i++) {
        const place *at = &c->places[i];
        const trd_holding holding = holding_of(w, account, at);
        if (is_position(w, &holding, at)) {
            margined += needs_margin(w, &holding, at);
            known = add_position(w, &holding, at, marks,
                        &amounts[w->specs[at->instrument].settle_asset], &maintenance) &&
                    known;
        }
    }
    for (int i = 0; i < ASSETS; i++) {
        assets[i] = w->assets[i];
        assets[i].balance = (trd_amt)amounts[i];
        known = known && fits(amounts[i]);
    }
    trd_margin_collateral_value value;
    known = known && trd_margin_collateral(assets, ASSETS, &value) == TRD_OK && fits(maintenance);
    if (!known) {
        return (stand){.level = margined != 0 ? c->told_all : TRD_MARGIN_FINE};
    }
    return (stand){.known = true,
        .level = margined != 0 ? level_of(w, value.total, maintenance) : TRD_MARGIN_FINE,
        .equity = value.total,
        .maintenance = (trd_amt)maintenance};
}

static inline trd_amt profit_of(
    const world *w, const trd_holding *holding, const place *at, const trd_px *marks) {
    const trd_margin_position position = {.spec = &w->specs[at->instrument],
        .model = &w->none,
        .qty = holding->qty,
        .cost = holding->cost,
        .mark = marks[at->instrument],
        .has_mark = 1};
    trd_margin_need need;
    cr_assert(eq(int, trd_margin_need_of(&position, &need), TRD_OK));
    return need.profit;
}

static inline uint32_t alert_of(const world *w, const client *c, const trd_holding *holding,
    const place *at, const trd_px *marks) {
    if (w->def.alert_ppm == 0 || c->terms.mode == TRD_MODE_CASH || !is_position(w, holding, at)) {
        return 0;
    }
    if (!w->has_mark[at->instrument]) {
        return at->alert;
    }
    const trd_amt cost = holding->cost < 0 ? -holding->cost : holding->cost;
    return (__int128)-profit_of(w, holding, at, marks) * PPM > (__int128)cost * w->def.alert_ppm;
}

#endif
