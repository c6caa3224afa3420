/* monitor_interval.c - see monitor_interval.h. */
#include "monitor_interval.h"

#include "monitor_coverage.h"

#include <stddef.h>

enum { TRIES = 6 };

typedef struct interval {
    bool there;
    trd_px low;
    trd_px high;
} interval;

typedef struct look {
    naive_monitor m; /* a copy whose marks are moved */
    const trd_monitor *monitor;
    const trd_accounts *accounts;
    const trd_risk *risk;
    dice *rng;
    bool counts;
    interval of[NAIVE_MON_POSITIONS];
} look;

static void seen(const look *k, unsigned what) {
    if (k->counts) {
        mon_coverage_seen(what);
    }
}

static interval interval_of(const look *k, const naive_mon_position *p) {
    interval out = {0};
    out.there = trd_monitor_interval(k->monitor, k->accounts, p->account, p->instrument, p->side,
                    &out.low, &out.high) == TRD_OK;
    return out;
}

/* Is everything as it was told, of a unit and of the alerts of its positions? Of a position that is
 * in none (`alone`) its alert is everything. */
static bool is_unchanged(const look *k, const trd_unit *unit, const naive_mon_position *alone) {
    if (alone != NULL) {
        return naive_monitor_alert(&k->m, alone) == alone->alert;
    }
    const naive_stand s = naive_monitor_stand(&k->m, unit);
    if (s.there && s.known && s.level != naive_monitor_told(&k->m, unit)) {
        return false;
    }
    for (uint32_t i = 0; i < k->m.position_count; i++) {
        const naive_mon_position *p = &k->m.position[i];
        if (naive_is_in_unit(&k->m, p, unit) && naive_monitor_alert(&k->m, p) != p->alert) {
            return false;
        }
    }
    return true;
}

static bool is_unchanged_at(look *k, const naive_mon_position *p, const trd_unit *unit, trd_px px) {
    naive_mon_instrument *in = &k->m.instrument[p->instrument];
    const trd_px mark = in->mark;
    in->mark = px;
    const naive_stand s = naive_monitor_stand(&k->m, unit);
    const bool of_unit = s.there && s.margin && naive_is_in_unit(&k->m, p, unit);
    const bool same = is_unchanged(k, unit, of_unit ? NULL : p);
    in->mark = mark;
    return same;
}

/* --- one position ------------------------------------------------------------------------------
 */

static const char *look_at_end(
    look *k, const naive_mon_position *p, const trd_unit *unit, trd_px beyond) {
    const trd_instrument *spec = &k->m.instrument[p->instrument].spec;
    if (beyond < spec->px_min || beyond > spec->px_max) {
        seen(k, MON_SEEN_OPEN_END);
        return NULL;
    }
    seen(k, MON_SEEN_EXACT);
    return is_unchanged_at(k, p, unit, beyond) ? "an interval ends where nothing changes" : NULL;
}

static const char *look_at_one(look *k, const naive_mon_position *p, const trd_unit *unit) {
    const trd_instrument *spec = &k->m.instrument[p->instrument].spec;
    const interval at = k->of[p - k->m.position];
    const trd_px low = at.low < spec->px_min ? spec->px_min : at.low;
    const trd_px high = at.high > spec->px_max ? spec->px_max : at.high;
    for (trd_px px = low; px <= high; px++) {
        if (!is_unchanged_at(k, p, unit, px)) {
            return "something changes within an interval";
        }
    }
    const char *what = look_at_end(k, p, unit, low - 1);
    return what != NULL ? what : look_at_end(k, p, unit, high + 1);
}

/* --- several -----------------------------------------------------------------------------------
 */

/* The marks of an instrument that are in all intervals of the unit's positions in it. */
static interval common(const look *k, const trd_unit *unit, uint32_t instrument) {
    const trd_instrument *spec = &k->m.instrument[instrument].spec;
    interval out = {.low = spec->px_min, .high = spec->px_max};
    for (uint32_t i = 0; i < k->m.position_count; i++) {
        const naive_mon_position *p = &k->m.position[i];
        if (p->instrument == instrument && naive_is_in_unit(&k->m, p, unit)) {
            out.there = true;
            out.low = k->of[i].low > out.low ? k->of[i].low : out.low;
            out.high = k->of[i].high < out.high ? k->of[i].high : out.high;
        }
    }
    return out;
}

static const char *look_at_several(look *k, const trd_unit *unit) {
    trd_px mark[NAIVE_MON_INSTRUMENTS];
    const char *what = NULL;
    for (uint32_t i = 0; i < k->m.instrument_count; i++) {
        mark[i] = k->m.instrument[i].mark;
    }
    seen(k, MON_SEEN_SHARED);
    for (int n = 0; n < TRIES && what == NULL; n++) {
        for (uint32_t i = 0; i < k->m.instrument_count; i++) {
            const interval at = common(k, unit, i);
            if (at.there) {
                k->m.instrument[i].mark = dice_odds(k->rng, 1, 3) ? at.low
                                          : dice_odds(k->rng, 1, 2)
                                              ? at.high
                                              : dice_in(k->rng, at.low, at.high);
            }
        }
        what =
            is_unchanged(k, unit, NULL) ? NULL : "something changes within the intervals of a pool";
    }
    for (uint32_t i = 0; i < k->m.instrument_count; i++) {
        k->m.instrument[i].mark = mark[i];
    }
    return what;
}

/* --- all of them --------------------------------------------------------------------------------
 */

static uint32_t positions_of(const look *k, const trd_unit *unit) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < k->m.position_count; i++) {
        count += naive_is_in_unit(&k->m, &k->m.position[i], unit);
    }
    return count;
}

static const char *look_at(look *k, const naive_mon_position *p) {
    const naive_mon_instrument *in = &k->m.instrument[p->instrument];
    const interval at = k->of[p - k->m.position];
    const trd_unit unit = naive_monitor_unit(&k->m, p);
    const naive_stand s = naive_monitor_stand(&k->m, &unit);
    const bool of_unit = s.there && s.known && s.margin && naive_is_in_unit(&k->m, p, &unit);
    if (p->qty == 0 || in->spec.kind == TRD_INSTRUMENT_SPOT) {
        return at.there ? "an interval of nothing" : NULL;
    }
    if (!at.there) {
        return of_unit ? "no interval" : NULL;
    }
    if (in->mark < at.low || in->mark > at.high) {
        return "a mark outside of its interval";
    }
    if (of_unit && s.level >= TRD_MARGIN_LIQUIDATE) {
        return at.low == in->mark && at.high == in->mark ? NULL : "an interval of who is short";
    }
    return of_unit && positions_of(k, &unit) > 1 ? look_at_several(k, &unit)
                                                 : look_at_one(k, p, &unit);
}

/* --- what can be asked of a unit -----------------------------------------------------------------
 */

static const char *ask(const look *k, const trd_unit *unit) {
    trd_margin_state state = {0};
    const naive_stand s = naive_monitor_stand(&k->m, unit);
    const int result = trd_monitor_state(k->monitor, k->accounts, k->risk, unit, &state);
    if (trd_monitor_level(k->monitor, k->accounts, unit) != naive_monitor_told(&k->m, unit)) {
        return "trd_monitor_level";
    }
    if (!s.there || !s.known) {
        return result == TRD_E_UNKNOWN ? NULL : "trd_monitor_state of what is no unit";
    }
    return result == TRD_OK && state.equity == (trd_amt)s.equity &&
                   state.maintenance == (trd_amt)s.maintenance && state.level == s.level
               ? NULL
               : "trd_monitor_state";
}

static const char *ask_all(const look *k) {
    const char *what = NULL;
    for (uint32_t i = 0; i < k->m.position_count && what == NULL; i++) {
        const naive_mon_position *p = &k->m.position[i];
        const trd_unit unit = {.account = p->account,
            .asset = k->m.instrument[p->instrument].spec.settle_asset,
            .instrument = p->instrument,
            .kind = TRD_UNIT_POSITION,
            .position = p->side};
        what = ask(k, &unit);
    }
    for (uint32_t i = 0; i < k->m.purse_count && what == NULL; i++) {
        const trd_unit unit = {
            .account = k->m.purse[i].account, .asset = k->m.purse[i].asset, .kind = TRD_UNIT_POOL};
        what = ask(k, &unit);
    }
    return what;
}

const char *mon_interval_look(
    const naive_monitor *m, const trd_engine *engine, dice *rng, bool counts) {
    static look k;
    k.m = *m;
    k.monitor = trd_engine_monitor(engine);
    k.accounts = trd_engine_accounts(engine);
    k.risk = trd_engine_risk(engine);
    k.rng = rng;
    k.counts = counts;
    for (uint32_t i = 0; i < m->position_count; i++) {
        k.of[i] = interval_of(&k, &k.m.position[i]);
    }
    const char *what = ask_all(&k);
    for (uint32_t i = 0; i < m->position_count && what == NULL; i++) {
        what = look_at(&k, &k.m.position[i]);
    }
    return what;
}
