/* prop_monitor.c - the monitor beside a walk over all accounts.
 *
 * Small worlds of all kinds of instruments, modes and models, with odd fractions of money between
 * ticks. After every step trd_monitor_next must tell what a walk over all units, by the public
 * functions of account.h and margin.h, finds to be at another level than it was told last, in the
 * order of docs/reference/monitoring.md. Intervals are tried out tick by tick. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include <tradsys/monitor.h>

#include "draw.h"
#include "monitor/state.h"
#include "monitor_world.h"

/* --- what has to be told ---------------------------------------------------------------------- */

typedef struct list {
    trd_monitor_change changes[CHANGES];
    int count;
} list;

static void list_add(list *l, const trd_monitor_change *change) {
    cr_assert(l->count < CHANGES);
    l->changes[l->count++] = *change;
}

static trd_unit unit_of(const world *w, uint32_t account, const place *at, unsigned mode) {
    trd_unit unit = {
        .account = account, .asset = w->specs[at->instrument].settle_asset, .kind = TRD_UNIT_POOL};
    if (mode == TRD_MODE_MULTI) {
        return (trd_unit){.account = account, .kind = TRD_UNIT_ACCOUNT};
    }
    if (mode == TRD_MODE_ISOLATED) {
        unit.kind = TRD_UNIT_POSITION;
        unit.instrument = at->instrument;
        unit.position = at->side;
    }
    return unit;
}

static void expect_of_position(world *w, uint32_t account, place *at, list *changes, list *shorts) {
    const client *c = &w->clients[account];
    const trd_holding holding = holding_of(w, account, at);
    const bool is_isolated = c->terms.mode == TRD_MODE_ISOLATED;
    stand now = {0};
    if (is_isolated && needs_margin(w, &holding, at)) {
        const sum s = sum_of_position(w, &holding, at, w->marks);
        now = sum_stand(w, &s, at->told);
    }
    trd_monitor_change change = {.unit = unit_of(w, account, at, TRD_MODE_ISOLATED),
        .what = TRD_CHANGE_LEVEL,
        .level = (uint8_t)now.level,
        .former = at->told,
        .equity = now.equity,
        .maintenance = now.maintenance};
    if (now.level != at->told) {
        list_add(changes, &change);
        at->told = (uint8_t)now.level;
    }
    if (now.known && now.level >= TRD_MARGIN_LIQUIDATE) {
        change.what = TRD_CHANGE_SHORT;
        change.former = change.level;
        list_add(shorts, &change);
    }
    const uint32_t alert = alert_of(w, c, &holding, at, w->marks);
    if (alert != at->alert) {
        change = (trd_monitor_change){.unit = unit_of(w, account, at, c->terms.mode),
            .what = TRD_CHANGE_ALERT,
            .level = (uint8_t)alert,
            .former = at->alert,
            .position = at->side,
            .instrument = at->instrument,
            .equity = holding.qty != 0 ? profit_of(w, &holding, at, w->marks) : 0,
            .maintenance = holding.cost < 0 ? -holding.cost : holding.cost};
        list_add(changes, &change);
        at->alert = (uint8_t)alert;
    }
}

static void expect_of_pool(world *w, uint32_t account, int number, list *changes, list *shorts) {
    client *c = &w->clients[account];
    stand now = {0};
    if (is_pooled(c)) {
        const sum s = sum_of_pool(w, account, number, w->marks);
        now = sum_stand(w, &s, c->told[number]);
    }
    trd_monitor_change change = {
        .unit = {.account = account, .asset = c->assets[number], .kind = TRD_UNIT_POOL},
        .what = TRD_CHANGE_LEVEL,
        .level = (uint8_t)now.level,
        .former = c->told[number],
        .equity = now.equity,
        .maintenance = now.maintenance};
    if (now.level != c->told[number]) {
        list_add(changes, &change);
        c->told[number] = (uint8_t)now.level;
    }
    if (now.known && now.level >= TRD_MARGIN_LIQUIDATE) {
        change.what = TRD_CHANGE_SHORT;
        change.former = change.level;
        list_add(shorts, &change);
    }
}

static void expect_of_all(world *w, uint32_t account, list *changes, list *shorts) {
    client *c = &w->clients[account];
    const stand now = c->terms.mode == TRD_MODE_MULTI ? stand_of_all(w, account, w->marks)
                                                      : (stand){.level = TRD_MARGIN_FINE};
    trd_monitor_change change = {.unit = {.account = account, .kind = TRD_UNIT_ACCOUNT},
        .what = TRD_CHANGE_LEVEL,
        .level = (uint8_t)now.level,
        .former = c->told_all,
        .equity = now.equity,
        .maintenance = now.maintenance};
    if (now.level != c->told_all) {
        list_add(changes, &change);
        c->told_all = (uint8_t)now.level;
    }
    if (now.known && now.level >= TRD_MARGIN_LIQUIDATE) {
        change.what = TRD_CHANGE_SHORT;
        change.former = change.level;
        list_add(shorts, &change);
    }
}

/* What a walk finds. Who is short is in `shorts`, whether he is due or not. */
static void walk(world *w, list *changes, list *shorts) {
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        client *c = &w->clients[account];
        if (w->def.exempt == account + 1) {
            continue;
        }
        for (int i = 0; i < c->place_count; i++) {
            expect_of_position(w, account, &c->places[i], changes, shorts);
        }
        for (int i = 0; i < c->asset_count; i++) {
            expect_of_pool(w, account, i, changes, shorts);
        }
        expect_of_all(w, account, changes, shorts);
    }
}

static void expect_same(const trd_monitor_change *told, const trd_monitor_change *due) {
    cr_assert(memcmp(told, due, sizeof(*told)) == 0,
        "account %u kind %u instrument %u side %u: what %u level %u former %u equity %lld "
        "maintenance %lld, expected account %u what %u level %u former %u equity %lld %lld",
        told->unit.account, told->unit.kind, told->unit.instrument, told->unit.position, told->what,
        told->level, told->former, (long long)told->equity, (long long)told->maintenance,
        due->unit.account, due->what, due->level, due->former, (long long)due->equity,
        (long long)due->maintenance);
}

static bool is_in(const list *l, const trd_monitor_change *change) {
    for (int i = 0; i < l->count; i++) {
        if (memcmp(&l->changes[i], change, sizeof(*change)) == 0) {
            return true;
        }
    }
    return false;
}

/* Everything is told, in order; each SHORT is of a unit that is short. */
static void compare(world *w) {
    static list changes, shorts;
    changes.count = 0;
    shorts.count = 0;
    walk(w, &changes, &shorts);
    trd_monitor_change told;
    int next = 0;
    uint32_t account = 0;
    bool short_told = false;
    while (trd_monitor_next(w->monitor, w->accounts, w->risk, &told) == 1) {
        cr_assert(told.unit.account >= account, "lowest account first");
        short_told = told.unit.account == account && short_told;
        account = told.unit.account;
        if (told.what == TRD_CHANGE_SHORT) {
            short_told = true;
            cr_assert(is_in(&shorts, &told), "account %u is not short", told.unit.account);
            continue;
        }
        cr_assert(not(short_told), "levels before what is short");
        cr_assert(next < changes.count, "account %u: one too many", told.unit.account);
        expect_same(&told, &changes.changes[next++]);
    }
    cr_assert(eq(int, next, changes.count), "not all was told");
    const int audit = trd_monitor_audit(w->monitor, w->accounts, w->risk);
    cr_assert(eq(int, audit, TRD_OK));
    cr_assert(eq(int, trd_accounts_audit(w->accounts), TRD_OK));
    for (int i = 0; i < shorts.count; i++) {
        cr_assert(eq(int, trd_monitor_level(w->monitor, w->accounts, &shorts.changes[i].unit),
            shorts.changes[i].level));
    }
}

/* --- intervals -------------------------------------------------------------------------------- */

/* Level and alert of all that place `at` stands in, at some marks. */
static uint32_t look(const world *w, uint32_t account, const place *at, const trd_px *marks) {
    const client *c = &w->clients[account];
    const trd_holding holding = holding_of(w, account, at);
    uint32_t level = 0;
    if (c->terms.mode == TRD_MODE_ISOLATED && needs_margin(w, &holding, at)) {
        const sum s = sum_of_position(w, &holding, at, marks);
        level = sum_stand(w, &s, at->told).level;
    } else if (c->terms.mode == TRD_MODE_MULTI) {
        level = stand_of_all(w, account, marks).level;
    } else if (is_pooled(c)) {
        for (int i = 0; i < c->asset_count; i++) {
            if (c->assets[i] == w->specs[at->instrument].settle_asset) {
                const sum s = sum_of_pool(w, account, i, marks);
                level = sum_stand(w, &s, c->told[i]).level;
            }
        }
    }
    return level * 2 + alert_of(w, c, &holding, at, marks);
}

/* Positions that share a level with `at`, itself included. */
static int shared_by(const world *w, uint32_t account, const place *at) {
    const client *c = &w->clients[account];
    int count = 0;
    for (int i = 0; i < c->place_count; i++) {
        const trd_holding holding = holding_of(w, account, &c->places[i]);
        count += is_position(w, &holding, &c->places[i]) &&
                 (&c->places[i] == at ||
                     (is_pooled(c) && w->specs[c->places[i].instrument].settle_asset ==
                                          w->specs[at->instrument].settle_asset));
    }
    return count;
}

static bool interval_of(
    const world *w, uint32_t account, const place *at, trd_px *low, trd_px *high) {
    return trd_monitor_interval(
               w->monitor, w->accounts, account, at->instrument, at->side, low, high) == TRD_OK;
}

/* All marks somewhere in their intervals, mostly at the ends. Both sides of a hedged account have
 * one mark: it is in both intervals. */
static void spread(const world *w, uint32_t account, trd_px *marks) {
    const client *c = &w->clients[account];
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        trd_px low = w->specs[i].px_min, high = w->specs[i].px_max;
        bool has_one = false;
        for (int k = 0; k < c->place_count; k++) {
            trd_px from, to;
            if (c->places[k].instrument == i &&
                interval_of(w, account, &c->places[k], &from, &to)) {
                low = from > low ? from : low;
                high = to < high ? to : high;
                has_one = true;
            }
        }
        marks[i] = w->marks[i];
        if (has_one) {
            const int64_t way = draw_in(w->d, 0, 4);
            marks[i] = way < 2 ? low : way < 4 ? high : draw_in(w->d, low, high);
        }
    }
}

/* In [low, high], mostly near the ends. */
static trd_px draw_near(draw *d, trd_px low, trd_px high) {
    const trd_px far = draw_in(d, 0, high - low);
    const trd_px near = draw_size(d, 10) % (high - low + 1);
    return draw_chance(d, 20) ? low + far : draw_chance(d, 50) ? low + near : high - near;
}

/* Whatever marks do within their intervals, nothing changes; the tick outside of the interval of a
 * position that stands alone changes something. */
static void try_out(world *w, uint32_t account) {
    const client *c = &w->clients[account];
    for (int i = 0; i < c->place_count; i++) {
        const place *at = &c->places[i];
        const trd_instrument *spec = &w->specs[at->instrument];
        trd_px low, high, marks[INSTRUMENTS];
        if (!interval_of(w, account, at, &low, &high)) {
            continue;
        }
        const uint32_t now = look(w, account, at, w->marks);
        cr_assert(low <= w->marks[at->instrument] && high >= w->marks[at->instrument]);
        for (int tries = 0; tries < 30; tries++) {
            spread(w, account, marks);
            cr_assert(eq(u32, look(w, account, at, marks), now));
        }
        memcpy(marks, w->marks, sizeof(marks));
        if (now / 2 >= TRD_MARGIN_LIQUIDATE) {
            cr_assert(low == w->marks[at->instrument] && high == low);
        } else if (c->terms.mode != TRD_MODE_MULTI && shared_by(w, account, at) == 1) {
            for (int64_t k = 0; k <= 400; k++) { /* all of a small world */
                const trd_px px = high - low <= 400 ? low + k : draw_near(w->d, low, high);
                marks[at->instrument] = px <= high ? px : high;
                cr_assert(eq(u32, look(w, account, at, marks), now));
            }
            marks[at->instrument] = low - 1;
            cr_assert(low == spec->px_min || look(w, account, at, marks) != now);
            marks[at->instrument] = high + 1;
            cr_assert(high == spec->px_max || look(w, account, at, marks) != now);
        }
    }
}

/* --- worlds ----------------------------------------------------------------------------------- */

/* In large worlds rates stay below 30 %, and what is wanted above them is at most 300 %: equity
 * never moves nearly as that much maintenance does, and intervals are exact. */
static trd_margin_model draw_tiers(draw *d, bool is_round, bool is_large) {
    trd_margin_tier tiers[TRD_MARGIN_TIERS_MAX] = {{0}};
    const uint32_t count = (uint32_t)draw_in(d, 1, 4);
    const uint32_t rate_max = (uint32_t)draw_size(d, is_large ? 18 : 20);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t rise = is_round ? (uint32_t)draw_in(d, 0, 3) * 100000
                                       : (uint32_t)draw_in(d, 0, rate_max / 4 + 1);
        const uint32_t before = i > 0 ? tiers[i - 1].maintenance_ppm : 0;
        tiers[i].floor = i > 0 ? tiers[i - 1].floor + draw_size(d, is_large ? 59 : 11) : 0;
        tiers[i].maintenance_ppm = before + rise < PPM ? before + rise : PPM;
        tiers[i].initial_ppm = PPM;
    }
    const trd_margin_tier_terms terms = {.tiers = tiers, .count = count};
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_tiered(&model, &terms), TRD_OK));
    return model;
}

static void draw_instrument(world *w, uint32_t i) {
    static const uint8_t kinds[] = {TRD_INSTRUMENT_LINEAR, TRD_INSTRUMENT_LINEAR,
        TRD_INSTRUMENT_INVERSE, TRD_INSTRUMENT_OPTION, TRD_INSTRUMENT_SPOT};
    trd_instrument *spec = &w->specs[i];
    *spec = trd_instrument_default();
    memcpy(spec->symbol, "X", 2);
    spec->kind = kinds[draw_below(w->d, 5)];
    spec->base_asset = 1;
    spec->settle_asset = (uint32_t)(draw_chance(w->d, 70) ? 0 : 1);
    spec->px_min = 1;
    spec->px_max = w->is_large ? 20 + draw_size(w->d, 30) : draw_in(w->d, 20, 300);
    spec->qty_max = 1000;
    spec->numerator = w->is_round ? 1 : draw_size(w->d, w->is_large ? 20 : 5);
    spec->denominator = w->is_round ? 1 : draw_size(w->d, w->is_large ? 20 : 5);
    const bool is_cash = draw_chance(w->d, 5);
    if (spec->kind == TRD_INSTRUMENT_LINEAR && !is_cash) {
        spec->px_min = w->is_large ? -draw_size(w->d, 30) : draw_in(w->d, -100, 10);
    } else if (spec->kind == TRD_INSTRUMENT_INVERSE) {
        spec->numerator = w->is_round ? 5040 : draw_size(w->d, w->is_large ? 50 : 14);
    } else if (spec->kind == TRD_INSTRUMENT_OPTION) {
        spec->px_min = 0;
        spec->option = TRD_OPTION_CALL;
        spec->strike = 100;
        spec->expiry = 1;
    } else if (spec->kind == TRD_INSTRUMENT_SPOT) {
        spec->settle_asset = 0;
        spec->base_asset = 1;
    }
    const trd_terms terms = {.struct_size = sizeof(terms)};
    cr_assert(eq(int, trd_accounts_instrument_add(w->accounts, spec, &terms), (int)i));
    w->has_model[i] = draw_chance(w->d, 95);
    w->models[i] = draw_tiers(w->d, w->is_round, w->is_large);
    if (is_cash) {
        cr_assert(eq(int, trd_margin_cash(&w->models[i]), TRD_OK));
    }
    if (w->has_model[i]) {
        cr_assert(eq(int, trd_risk_model(w->risk, i, &w->models[i]), TRD_OK));
    }
}

/* --- groups ----------------------------------------------------------------------------------- */

static void draw_groups(world *w) {
    for (uint32_t i = 0; i < GROUPS; i++) {
        trd_scenario_group *group = &w->groups[i];
        group->initial_ppm = PPM + (uint32_t)draw_below(w->d, 9 * PPM);
        group->short_min = draw_chance(w->d, 50) ? draw_size(w->d, 6) : 0;
        group->spread_count = (uint32_t)draw_in(w->d, 0, 2);
        for (uint32_t k = 0; k < group->spread_count; k++) {
            group->spreads[k] =
                (trd_scenario_spread){.month_a = k, .month_b = k + 1, .charge = draw_size(w->d, 6)};
        }
        cr_assert(eq(int, trd_risk_group(w->risk, i + 1 == GROUPS, group), (int)i));
    }
}

/* Losses in proportion to what a lot is worth, more or less; in large worlds small enough for sums
 * of 2^44 lots. */
static trd_scenario_array draw_array(world *w, uint32_t instrument) {
    trd_scenario_array array = {.month = (uint32_t)draw_in(w->d, 0, 2),
        .is_option = w->specs[instrument].kind == TRD_INSTRUMENT_OPTION,
        .delta = draw_in(w->d, -2000, 2000) * (w->is_round ? 1000 : 1)};
    const int bits = (int)draw_in(w->d, 1, 10);
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        array.loss[i] = draw_chance(w->d, 50) ? draw_size(w->d, bits) : -draw_size(w->d, bits);
    }
    return array;
}

/* An array, the first one or another one. Instruments that never are worth anything get none. */
static void set_array(world *w, uint32_t i) {
    const trd_scenario_array array = draw_array(w, i);
    const uint32_t group =
        w->specs[i].settle_asset == 0 ? (uint32_t)draw_in(w->d, 0, GROUPS - 2) : GROUPS - 1;
    const int result = trd_risk_array(w->risk, w->accounts, i, group, &array);
    if (result == TRD_OK) {
        w->arrays[i] = array;
        w->group_of[i] = group;
        w->has_array[i] = true;
    } else {
        cr_assert(eq(int, result, TRD_E_ARG));
        cr_assert(not(w->has_array[i]));
    }
}

static void make_pair(world *w) {
    const uint32_t a = (uint32_t)draw_in(w->d, 0, GROUPS - 2);
    const trd_scenario_pair pair = {.group_a = a,
        .group_b = 1 - a,
        .delta_a = draw_size(w->d, 12),
        .delta_b = draw_size(w->d, 12),
        .credit_ppm = (uint32_t)draw_in(w->d, 0, PPM),
        .same_side = (uint32_t)draw_in(w->d, 0, 1)};
    cr_assert(eq(int, trd_risk_pair(w->risk, &pair), TRD_OK));
    w->pairs[w->pair_count++] = pair;
}

/* --- what assets count for -------------------------------------------------------------------- */

static void set_rate(world *w) {
    const int bits = w->is_large ? 31 : 5;
    const uint32_t numerator =
        w->is_round ? (uint32_t)draw_in(w->d, 1, 3) : (uint32_t)draw_size(w->d, bits);
    const uint32_t denominator = w->is_round ? 1 : (uint32_t)draw_size(w->d, bits);
    cr_assert(eq(int, trd_accounts_rate(w->accounts, 1, numerator, denominator), TRD_OK));
    w->assets[1].numerator = numerator;
    w->assets[1].denominator = denominator;
    w->assets[1].has_rate = 1;
}

static void set_haircut(world *w) {
    const uint32_t asset = (uint32_t)draw_below(w->d, ASSETS);
    const bool has_cap = draw_chance(w->d, 40);
    const trd_haircut terms = {.ppm = draw_chance(w->d, 30)
                                          ? 0
                                          : (uint32_t)draw_in(w->d, 0, w->is_round ? 4 : PPM) *
                                                (w->is_round ? PPM / 4 : 1),
        .has_cap = has_cap,
        .cap = has_cap ? draw_size(w->d, w->is_large ? 60 : 13) : 0};
    cr_assert(eq(int, trd_accounts_haircut(w->accounts, asset, &terms), TRD_OK));
    w->assets[asset].haircut_ppm = terms.ppm;
    w->assets[asset].has_cap = terms.has_cap != 0;
    w->assets[asset].cap = terms.cap;
}

static void step_assets(world *w) {
    if (draw_chance(w->d, 50)) {
        set_rate(w);
    } else {
        set_haircut(w);
    }
}

/* Mostly what it has in groups is kept as long as it has the mode. */
static void set_followed(world *w, uint32_t account, bool follows) {
    client *c = &w->clients[account];
    cr_assert(eq(int, trd_risk_follow(w->risk, w->accounts, account, follows), TRD_OK));
    c->followed = follows;
}

static uint8_t draw_mode(draw *d) {
    static const uint8_t usual[] = {
        TRD_MODE_CROSS, TRD_MODE_ISOLATED, TRD_MODE_PORTFOLIO, TRD_MODE_MULTI};
    return draw_chance(d, 80) ? usual[draw_below(d, 4)]
                              : (uint8_t)draw_in(d, TRD_MODE_CASH, TRD_MODE_MULTI);
}

static void draw_account(world *w, uint32_t account) {
    client *c = &w->clients[account];
    c->terms = (trd_account){.struct_size = sizeof(trd_account),
        .role = TRD_ROLE_TRADER,
        .mode = draw_mode(w->d),
        .hedge = draw_chance(w->d, 30),
        .enabled = 1};
    set_followed(w, account, c->terms.mode == TRD_MODE_PORTFOLIO);
    cr_assert(eq(int, trd_accounts_open(w->accounts, account, &c->terms), TRD_OK));
}

static trd_accounts_def accounts_def(void) {
    trd_accounts_def def = trd_accounts_def_default();
    def.assets_max = ASSETS;
    def.instruments_max = INSTRUMENTS;
    def.accounts_max = ACCOUNTS;
    def.balances_max = ACCOUNTS * ASSETS;
    def.positions_max = ACCOUNTS * PLACES;
    def.orders_max = 1;
    def.publish = 0;
    return def;
}

/* How much is wanted above the maintenance, mostly below 200 %, at most 3,400 %. */
static uint32_t draw_excess(draw *d, bool is_round, bool is_large) {
    if (draw_chance(d, 10)) {
        return 0;
    }
    return is_round ? (uint32_t)draw_in(d, 1, 4) * 250000
                    : (uint32_t)draw_size(d, is_large             ? 20
                                             : draw_chance(d, 10) ? 25
                                                                  : 21);
}

static trd_monitor_def monitor_def(draw *d, bool is_round, bool is_large) {
    trd_monitor_def def = trd_monitor_def_default();
    def.accounts_max = ACCOUNTS;
    def.instruments_max = INSTRUMENTS;
    def.balances_max = ACCOUNTS * ASSETS;
    def.positions_max = ACCOUNTS * PLACES;
    def.call_ppm = PPM + draw_excess(d, is_round, is_large);
    def.warn_ppm = def.call_ppm + draw_excess(d, is_round, is_large);
    def.alert_ppm = draw_chance(d, 70) ? (uint32_t)draw_size(d, 21) : 0;
    def.exempt = draw_chance(d, 20) ? (uint32_t)draw_in(d, 1, ACCOUNTS) : 0;
    return def;
}

static void world_begin(world *w, draw *d) {
    memset(w, 0, sizeof(*w));
    w->d = d;
    const trd_accounts_def accounts = accounts_def();
    trd_risk_def risk = trd_risk_def_default();
    risk.accounts_max = ACCOUNTS;
    risk.instruments_max = INSTRUMENTS;
    risk.orders_max = 1;
    w->is_round = draw_chance(d, 30);
    w->is_large = !w->is_round && draw_chance(d, 30);
    w->def = monitor_def(d, w->is_round, w->is_large);
    w->accounts = trd_accounts_create(&accounts);
    w->risk = trd_risk_create(&risk);
    const size_t size = trd_monitor_footprint(&w->def);
    w->monitor = trd_monitor_init(aligned_alloc(TRD_MONITOR_ALIGN, size), &w->def);
    w->room = aligned_alloc(TRD_MONITOR_ALIGN, size);
    cr_assert(w->accounts != NULL && w->risk != NULL && w->monitor != NULL && w->room != NULL);
    const trd_margin_rates nothing = {.initial_ppm = 0, .maintenance_ppm = 0};
    cr_assert(eq(int, trd_margin_flat(&w->none, &nothing), TRD_OK));
    for (int i = 0; i < ASSETS; i++) {
        const trd_asset asset = {.struct_size = sizeof(asset), .scale = 2, .symbol = "S"};
        cr_assert(eq(int, trd_accounts_asset_add(w->accounts, &asset), i));
    }
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_accounts_fees_add(w->accounts, &fees), 0));
    w->assets[0] = (trd_margin_asset){.numerator = 1, .denominator = 1, .has_rate = 1};
    if (draw_chance(d, 80)) {
        set_rate(w);
    }
    draw_groups(w);
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        draw_instrument(w, i);
        if (draw_chance(d, 95)) {
            set_array(w, i);
        }
    }
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        draw_account(w, i);
    }
}

static void world_end(world *w) {
    trd_accounts_destroy(w->accounts);
    trd_risk_destroy(w->risk);
    free(w->monitor);
    free(w->room);
}

/* --- steps ------------------------------------------------------------------------------------ */

static void uses_asset(client *c, uint32_t asset) {
    for (int i = 0; i < c->asset_count; i++) {
        if (c->assets[i] == asset) {
            return;
        }
    }
    c->assets[c->asset_count++] = asset;
}

static place *uses_place(world *w, uint32_t account, uint32_t instrument, uint8_t side) {
    client *c = &w->clients[account];
    for (int i = 0; i < c->place_count; i++) {
        if (c->places[i].instrument == instrument && c->places[i].side == side) {
            return &c->places[i];
        }
    }
    uses_asset(c, w->specs[instrument].settle_asset);
    if (w->specs[instrument].kind == TRD_INSTRUMENT_SPOT) {
        uses_asset(c, w->specs[instrument].base_asset);
    }
    c->places[c->place_count] = (place){.instrument = instrument, .side = side};
    return &c->places[c->place_count++];
}

static uint32_t draw_client(world *w) {
    return (uint32_t)draw_below(w->d, ACCOUNTS);
}

/* At an end of somebody's interval, or just beyond; the mark if there is none. */
static trd_px draw_end(world *w, uint32_t i) {
    const uint32_t account = (uint32_t)draw_below(w->d, ACCOUNTS);
    const client *c = &w->clients[account];
    trd_px low, high;
    for (int k = 0; k < c->place_count; k++) {
        if (c->places[k].instrument == i && interval_of(w, account, &c->places[k], &low, &high)) {
            return draw_chance(w->d, 50) ? low - draw_in(w->d, 0, 1) : high + draw_in(w->d, 0, 1);
        }
    }
    return w->marks[i];
}

static trd_px draw_px(world *w, uint32_t i) {
    const trd_instrument *spec = &w->specs[i];
    if (w->has_mark[i] && draw_chance(w->d, 30)) {
        const trd_px px = draw_end(w, i);
        return px < spec->px_min ? spec->px_min : px > spec->px_max ? spec->px_max : px;
    }
    if (w->has_mark[i] && draw_chance(w->d, 70)) {
        const trd_px px = w->marks[i] + draw_in(w->d, -4, 4);
        return px < spec->px_min ? spec->px_min : px > spec->px_max ? spec->px_max : px;
    }
    return draw_in(w->d, spec->px_min, spec->px_max);
}

static uint8_t draw_side(world *w, const client *c) {
    return (uint8_t)(c->terms.hedge != 0 ? draw_in(w->d, TRD_POSITION_LONG, TRD_POSITION_SHORT)
                                         : TRD_POSITION_NET);
}

/* Lots are bought or sold, to or from outside; or all of a position is closed. */
static void step_execute(world *w) {
    const uint32_t account = draw_client(w);
    const uint32_t instrument = (uint32_t)draw_below(w->d, INSTRUMENTS);
    client *c = &w->clients[account];
    const uint8_t side = draw_side(w, c);
    const client before = *c;
    const place *at = uses_place(w, account, instrument, side);
    const trd_qty held = holding_of(w, account, at).qty;
    const trd_qty size = draw_size(w->d, w->is_large ? 40 : 6);
    trd_qty qty = draw_chance(w->d, 50) ? size : -size;
    if (held != 0 && draw_chance(w->d, 30)) {
        qty = -held;
    }
    const trd_leg own = {.account = account, .position = side, .liquidity = TRD_LIQUIDITY_TAKER};
    const trd_leg outside = {.account = TRD_ACCOUNT_OUTSIDE};
    const trd_execution x = {.instrument = instrument,
        .px = draw_px(w, instrument),
        .qty = qty < 0 ? -qty : qty,
        .buyer = qty > 0 ? own : outside,
        .seller = qty > 0 ? outside : own};
    const int result = trd_accounts_execute(w->accounts, &x, NULL);
    cr_assert(result == TRD_OK || (result == TRD_E_RANGE && w->is_large));
    if (result != TRD_OK) {
        c->place_count = before.place_count; /* nothing has begun by it */
        c->asset_count = before.asset_count;
        return;
    }
    const trd_risk_move move = {account, instrument, held, holding_of(w, account, at).qty};
    cr_assert(eq(int, trd_risk_moved(w->risk, &move), TRD_OK));
}

static void step_transfer(world *w) {
    const uint32_t account = draw_client(w);
    const uint32_t asset = (uint32_t)draw_below(w->d, ASSETS);
    const bool comes = draw_chance(w->d, 50);
    const trd_transfer t = {.from = comes ? TRD_ACCOUNT_OUTSIDE : account,
        .to = comes ? account : TRD_ACCOUNT_OUTSIDE,
        .asset = asset,
        .amount = draw_size(w->d, w->is_large ? 58 : 12)};
    const int result = trd_accounts_transfer(w->accounts, &t, NULL);
    cr_assert(result == TRD_OK || (result == TRD_E_FUNDS && !comes) ||
              (result == TRD_E_RANGE && w->is_large));
    if (comes && result == TRD_OK) {
        uses_asset(&w->clients[account], asset);
    }
}

static void step_loan(world *w) {
    const uint32_t account = draw_client(w);
    const uint32_t asset = (uint32_t)draw_below(w->d, ASSETS);
    if (trd_accounts_loan(w->accounts, account, asset, draw_size(w->d, w->is_large ? 50 : 10), 0,
            NULL) == TRD_OK) {
        uses_asset(&w->clients[account], asset);
    }
    (void)trd_accounts_interest(
        w->accounts, asset, (uint32_t)draw_size(w->d, 28), draw_in(w->d, 0, INT64_MAX - 1), NULL);
}

static void step_collateral(world *w) {
    const uint32_t account = draw_client(w);
    const client *c = &w->clients[account];
    if (c->place_count == 0) {
        return;
    }
    const place *at = &c->places[draw_below(w->d, (uint64_t)c->place_count)];
    const trd_amt size = draw_size(w->d, w->is_large ? 56 : 11);
    const trd_amt amount = draw_chance(w->d, 70) ? size : -size;
    (void)trd_accounts_collateral(
        w->accounts, account, at->instrument, at->side, amount, NULL); /* FUNDS, UNKNOWN: nothing */
}

static void step_funding(world *w) {
    const uint32_t i = (uint32_t)draw_below(w->d, INSTRUMENTS);
    const trd_funding funding = {.instrument = i,
        .mark = draw_px(w, i),
        .rate_ppb = draw_in(w->d, -TRD_RATE_ONE / 10, TRD_RATE_ONE / 10),
        .due = draw_in(w->d, 0, INT64_MAX - 1)};
    (void)trd_accounts_funding(w->accounts, &funding, NULL); /* not of SPOT, not of the past */
}

static void step_terms(world *w) {
    const uint32_t account = draw_client(w);
    client *c = &w->clients[account];
    c->terms.mode = draw_mode(w->d);
    set_followed(w, account, c->terms.mode == TRD_MODE_PORTFOLIO && draw_chance(w->d, 95));
    cr_assert(eq(int, trd_accounts_open(w->accounts, account, &c->terms), TRD_OK));
}

/* What accounts need that have positions. */
static void step_groups(world *w) {
    if (w->pair_count < PAIRS && draw_chance(w->d, 20)) {
        make_pair(w);
    } else {
        set_array(w, (uint32_t)draw_below(w->d, INSTRUMENTS));
    }
    trd_monitor_portfolios(w->monitor, w->accounts, w->risk);
}

/* Does every position of the instrument have an interval that holds px, and is none short? */
static bool nobody_leaves(const world *w, uint32_t instrument, trd_px px) {
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        const client *c = &w->clients[account];
        for (int i = 0; i < c->place_count; i++) {
            const place *at = &c->places[i];
            const trd_holding holding = holding_of(w, account, at);
            trd_px low, high;
            if (at->instrument != instrument || !is_position(w, &holding, at)) {
                continue;
            }
            if (!interval_of(w, account, at, &low, &high) || px < low || px > high ||
                look(w, account, at, w->marks) / 2 >= TRD_MARGIN_LIQUIDATE) {
                return false;
            }
        }
    }
    return true;
}

static void step_mark(world *w) {
    const uint32_t i = (uint32_t)draw_below(w->d, INSTRUMENTS);
    const trd_px px = draw_px(w, i);
    const bool quiet = nobody_leaves(w, i, px);
    trd_monitor_stats before, after;
    trd_monitor_stats_get(w->monitor, &before);
    cr_assert(eq(int, trd_accounts_mark(w->accounts, i, px), TRD_OK));
    cr_assert(eq(int, trd_monitor_mark(w->monitor, w->accounts, i), TRD_OK));
    w->marks[i] = px;
    w->has_mark[i] = true;
    compare(w);
    trd_monitor_stats_get(w->monitor, &after);
    cr_assert(eq(u64, after.marks, before.marks + 1));
    if (quiet) {
        cr_assert(eq(u64, after.left, before.left));
        cr_assert(eq(u64, after.looked, before.looked));
        cr_assert(eq(u64, after.told, before.told));
    }
}

/* The block holds no address: the monitor goes on in another place. */
static void step_move(world *w) {
    const size_t size = trd_monitor_footprint(&w->def);
    void *old = w->monitor;
    memcpy(w->room, old, size);
    memset(old, 0xa5, size);
    w->monitor = w->room;
    w->room = old;
}

typedef struct odds {
    int64_t mark, execute, transfer, other;
} odds;

static void step(world *w, const odds *o) {
    int64_t at = draw_in(w->d, 0, o->mark + o->execute + o->transfer + o->other - 1);
    if ((at -= o->mark) < 0) {
        step_mark(w);
    } else if ((at -= o->execute) < 0) {
        step_execute(w);
    } else if ((at -= o->transfer) < 0) {
        step_transfer(w);
    } else {
        void (*const others[])(world *) = {step_loan, step_collateral, step_collateral,
            step_funding, step_terms, step_groups, step_assets, step_assets, step_move};
        others[draw_below(w->d, sizeof(others) / sizeof(others[0]))](w);
    }
}

static void say(const char *condition, const char *file, int line) {
    fprintf(stderr, "%s:%d: %s\n", file, line, condition);
}

static void live(uint64_t usual, int runs, int steps) {
    draw d = draw_seeded(usual);
    static world w;
    uint64_t moved = 0; /* looks at what has moved alone */
    uint64_t looked = 0;
    trd_on_assert(say);
    for (int run = 0; run < runs; run++) {
        world_begin(&w, &d);
        compare(&w);
        const odds o = {.mark = draw_in(&d, 1, 100),
            .execute = draw_in(&d, 1, 40),
            .transfer = draw_in(&d, 1, 30),
            .other = draw_in(&d, 1, 20)};
        const int64_t tries = draw_in(&d, 1, 50);
        for (int i = 0; i < steps; i++) {
            step(&w, &o);
            compare(&w);
            if (draw_chance(&d, tries)) {
                try_out(&w, draw_client(&w));
            }
        }
        moved += w.monitor->looked_at_moved;
        looked += w.monitor->stats.looked;
        world_end(&w);
    }
    cr_expect(moved >= 1000, "%lu of %lu", (unsigned long)moved, (unsigned long)looked);
}

Test(monitor, tells_what_a_walk_over_all_accounts_finds) {
    live(20260, 300, 300);
}
