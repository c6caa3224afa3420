/* naive_monitor.c - see naive_monitor.h. */
#include "naive_monitor.h"

#include <assert.h>

enum { PPM = 1000000 };

/* --- what there is ---------------------------------------------------------------------------- */

static naive_mon_position *find_position(
    naive_monitor *m, uint32_t account, uint32_t instrument, uint8_t side) {
    for (uint32_t i = 0; i < m->position_count; i++) {
        naive_mon_position *p = &m->position[i];
        if (p->account == account && p->instrument == instrument && p->side == side) {
            return p;
        }
    }
    return NULL;
}

naive_mon_position *naive_monitor_position(
    naive_monitor *m, uint32_t account, uint32_t instrument, uint8_t side) {
    naive_mon_position *p = find_position(m, account, instrument, side);
    if (p == NULL) {
        assert(m->position_count < NAIVE_MON_POSITIONS);
        p = &m->position[m->position_count++];
        *p = (naive_mon_position){.account = account, .instrument = instrument, .side = side};
    }
    return p;
}

static naive_mon_purse *find_purse(naive_monitor *m, uint32_t account, uint32_t asset) {
    for (uint32_t i = 0; i < m->purse_count; i++) {
        if (m->purse[i].account == account && m->purse[i].asset == asset) {
            return &m->purse[i];
        }
    }
    return NULL;
}

naive_mon_purse *naive_monitor_purse(naive_monitor *m, uint32_t account, uint32_t asset) {
    naive_mon_purse *p = find_purse(m, account, asset);
    if (p == NULL) {
        assert(m->purse_count < NAIVE_MON_PURSES);
        p = &m->purse[m->purse_count++];
        *p = (naive_mon_purse){.account = account, .asset = asset};
    }
    return p;
}

/* --- one position ----------------------------------------------------------------------------- */

static quotient flow(const trd_instrument *spec, wide qty, trd_px px) {
    if (spec->kind == TRD_INSTRUMENT_INVERSE) {
        return (quotient){{-qty, spec->numerator, 1}, {px, spec->denominator, 1}};
    }
    return (quotient){{qty, px, spec->numerator}, {spec->denominator, 1, 1}};
}

wide naive_worth(const trd_instrument *spec, wide qty, trd_px px) {
    return wide_floor(flow(spec, qty, px));
}

wide naive_notional(const trd_instrument *spec, wide qty, trd_px px) {
    const quotient q = flow(spec, qty, px);
    return wide_max(wide_ceil(q), -wide_floor(q));
}

wide naive_maintenance(const naive_mon_model *model, wide notional) {
    wide sum = 0; /* in millionths */
    for (uint32_t i = 0; i < model->count; i++) {
        const bool last = i + 1 == model->count;
        const wide top = last ? notional : wide_min(notional, model->floor[i + 1]);
        sum += wide_max(top - model->floor[i], 0) * model->ppm[i];
    }
    return wide_ceil((quotient){{sum, 1, 1}, {PPM, 1, 1}});
}

bool naive_is_margin(const trd_instrument *spec, trd_qty qty) {
    switch (spec->kind) {
    case TRD_INSTRUMENT_LINEAR:
    case TRD_INSTRUMENT_INVERSE:
        return qty != 0;
    case TRD_INSTRUMENT_OPTION:
        return qty < 0;
    default:
        return false;
    }
}

/* --- units ------------------------------------------------------------------------------------ */

static bool is_looked_at(const naive_monitor *m, uint32_t account) {
    return account < NAIVE_MON_ACCOUNTS && m->mode[account] != 0 && m->exempt != account + 1;
}

static bool has_pools(const naive_monitor *m, uint32_t account) {
    const uint8_t mode = m->mode[account];
    return is_looked_at(m, account) && (mode == TRD_MODE_FLAT || mode == TRD_MODE_LEVERAGE ||
                                           mode == TRD_MODE_CROSS || mode == TRD_MODE_PORTFOLIO);
}

static const naive_mon_instrument *instrument_of(
    const naive_monitor *m, const naive_mon_position *p) {
    return &m->instrument[p->instrument];
}

trd_unit naive_monitor_unit(const naive_monitor *m, const naive_mon_position *p) {
    const uint32_t asset = instrument_of(m, p)->spec.settle_asset;
    if (m->mode[p->account] == TRD_MODE_ISOLATED) {
        return (trd_unit){.account = p->account,
            .asset = asset,
            .instrument = p->instrument,
            .kind = TRD_UNIT_POSITION,
            .position = p->side};
    }
    return (trd_unit){.account = p->account, .asset = asset, .kind = TRD_UNIT_POOL};
}

bool naive_is_in_unit(const naive_monitor *m, const naive_mon_position *p, const trd_unit *unit) {
    const naive_mon_instrument *in = instrument_of(m, p);
    if (p->account != unit->account || p->qty == 0 || in->spec.kind == TRD_INSTRUMENT_SPOT) {
        return false;
    }
    return unit->kind == TRD_UNIT_POSITION
               ? p->instrument == unit->instrument && p->side == unit->position
               : in->spec.settle_asset == unit->asset;
}

wide naive_contribution(const naive_monitor *m, const naive_mon_position *p, trd_px px) {
    const trd_instrument *spec = &instrument_of(m, p)->spec;
    const bool at_value =
        spec->kind == TRD_INSTRUMENT_OPTION && m->mode[p->account] != TRD_MODE_ISOLATED;
    return naive_worth(spec, p->qty, px) - (at_value ? 0 : p->cost);
}

/* What stands there without the positions: collateral or balance. False: there is no such unit. */
static bool ground(const naive_monitor *m, const trd_unit *unit, wide *out) {
    if (unit->kind == TRD_UNIT_POSITION) {
        for (uint32_t i = 0; i < m->position_count; i++) {
            const naive_mon_position *p = &m->position[i];
            if (naive_is_in_unit(m, p, unit) && m->mode[p->account] == TRD_MODE_ISOLATED &&
                is_looked_at(m, p->account) &&
                naive_is_margin(&instrument_of(m, p)->spec, p->qty)) {
                *out = p->collateral;
                return true;
            }
        }
        return false;
    }
    for (uint32_t i = 0; i < m->purse_count; i++) {
        if (m->purse[i].account == unit->account && m->purse[i].asset == unit->asset &&
            has_pools(m, unit->account)) {
            *out = m->purse[i].total;
            return true;
        }
    }
    return false;
}

static bool fits(wide a) {
    return a >= INT64_MIN && a <= INT64_MAX;
}

/* Adds a position of the unit; false: something of it is not known. No instrument of this model has
 * an array, so what margin positions of a PORTFOLIO need is never known. */
static bool add(const naive_monitor *m, const naive_mon_position *p, naive_stand *s) {
    const naive_mon_instrument *in = instrument_of(m, p);
    const bool margin = naive_is_margin(&in->spec, p->qty);
    const bool has_need = in->model.there && m->mode[p->account] != TRD_MODE_PORTFOLIO;
    if (!in->has_mark || (margin && !has_need) ||
        (in->model.there && in->model.covered && p->qty < 0)) {
        return false;
    }
    const wide notional = naive_notional(&in->spec, p->qty, in->mark);
    const wide contribution = naive_contribution(m, p, in->mark);
    const wide need = margin && !in->model.covered ? naive_maintenance(&in->model, notional) : 0;
    s->equity += contribution;
    s->maintenance += need;
    return fits(notional) && fits(contribution) && fits(need);
}

static uint8_t level_of(const naive_monitor *m, wide equity, wide maintenance) {
    return equity < 0                                 ? TRD_MARGIN_BANKRUPT
           : equity < maintenance                     ? TRD_MARGIN_LIQUIDATE
           : equity * PPM < maintenance * m->call_ppm ? TRD_MARGIN_CALL
           : equity * PPM < maintenance * m->warn_ppm ? TRD_MARGIN_WARN
                                                      : TRD_MARGIN_FINE;
}

naive_stand naive_monitor_stand(const naive_monitor *m, const trd_unit *unit) {
    naive_stand s = {0};
    if (!ground(m, unit, &s.equity)) {
        return s;
    }
    bool all = true;
    for (uint32_t i = 0; i < m->position_count; i++) {
        const naive_mon_position *p = &m->position[i];
        if (naive_is_in_unit(m, p, unit)) {
            s.margin = s.margin || naive_is_margin(&instrument_of(m, p)->spec, p->qty);
            all = add(m, p, &s) && all;
        }
    }
    s.there = true;
    all = all && fits(s.equity) && fits(s.maintenance);
    s.known = all || !s.margin;
    s.equity = all ? s.equity : 0;
    s.maintenance = all ? s.maintenance : 0;
    s.level = s.margin ? level_of(m, s.equity, s.maintenance) : TRD_MARGIN_FINE;
    return s;
}

uint8_t naive_monitor_told(const naive_monitor *m, const trd_unit *unit) {
    for (uint32_t i = 0; unit->kind == TRD_UNIT_POSITION && i < m->position_count; i++) {
        const naive_mon_position *p = &m->position[i];
        if (p->account == unit->account && p->instrument == unit->instrument &&
            p->side == unit->position) {
            return p->level;
        }
    }
    for (uint32_t i = 0; unit->kind == TRD_UNIT_POOL && i < m->purse_count; i++) {
        if (m->purse[i].account == unit->account && m->purse[i].asset == unit->asset) {
            return m->purse[i].level;
        }
    }
    return TRD_MARGIN_FINE;
}

/* --- what is to be told ----------------------------------------------------------------------- */

static bool level_change(
    const naive_monitor *m, const trd_unit *unit, uint8_t told, trd_monitor_change *out) {
    const naive_stand s = naive_monitor_stand(m, unit);
    const uint8_t level = s.there ? s.level : TRD_MARGIN_FINE;
    if ((s.there && !s.known) || level == told) {
        return false;
    }
    *out = (trd_monitor_change){.unit = *unit,
        .what = TRD_CHANGE_LEVEL,
        .level = level,
        .former = told,
        .equity = (trd_amt)s.equity,
        .maintenance = (trd_amt)s.maintenance};
    return true;
}

uint8_t naive_monitor_alert(const naive_monitor *m, const naive_mon_position *p) {
    const naive_mon_instrument *in = instrument_of(m, p);
    const bool watched = in->spec.kind != TRD_INSTRUMENT_SPOT && p->qty != 0 &&
                         is_looked_at(m, p->account) && m->mode[p->account] != TRD_MODE_CASH &&
                         m->alert_ppm != 0;
    if (!watched) {
        return 0;
    }
    if (!in->has_mark) {
        return p->alert;
    }
    const wide profit = naive_worth(&in->spec, p->qty, in->mark) - p->cost;
    return -profit * PPM > (wide)m->alert_ppm * wide_abs(p->cost);
}

static bool alert_change(
    const naive_monitor *m, const naive_mon_position *p, trd_monitor_change *out) {
    const naive_mon_instrument *in = instrument_of(m, p);
    const uint8_t alert = naive_monitor_alert(m, p);
    if (alert == p->alert) {
        return false;
    }
    const bool valued = in->has_mark && p->qty != 0;
    *out = (trd_monitor_change){.unit = naive_monitor_unit(m, p),
        .what = TRD_CHANGE_ALERT,
        .level = alert,
        .former = p->alert,
        .position = p->side,
        .instrument = p->instrument,
        .equity = valued ? (trd_amt)(naive_worth(&in->spec, p->qty, in->mark) - p->cost) : 0,
        .maintenance = (trd_amt)wide_abs(p->cost)};
    return true;
}

static bool next_of_account(const naive_monitor *m, uint32_t account, trd_monitor_change *out) {
    for (uint32_t i = 0; i < m->position_count; i++) {
        const naive_mon_position *p = &m->position[i];
        const trd_unit unit = {.account = account,
            .asset = instrument_of(m, p)->spec.settle_asset,
            .instrument = p->instrument,
            .kind = TRD_UNIT_POSITION,
            .position = p->side};
        if (p->account == account &&
            (level_change(m, &unit, p->level, out) || alert_change(m, p, out))) {
            return true;
        }
    }
    for (uint32_t i = 0; i < m->purse_count; i++) {
        const naive_mon_purse *p = &m->purse[i];
        const trd_unit unit = {.account = account, .asset = p->asset, .kind = TRD_UNIT_POOL};
        if (p->account == account && level_change(m, &unit, p->level, out)) {
            return true;
        }
    }
    return false;
}

bool naive_monitor_next(const naive_monitor *m, trd_monitor_change *out) {
    for (uint32_t account = 0; account < NAIVE_MON_ACCOUNTS; account++) {
        if (next_of_account(m, account, out)) {
            return true;
        }
    }
    return false;
}

void naive_monitor_tell(naive_monitor *m, const trd_monitor_change *change) {
    const trd_unit *u = &change->unit;
    if (change->what == TRD_CHANGE_ALERT) {
        naive_monitor_position(m, u->account, change->instrument, change->position)->alert =
            change->level;
    } else if (u->kind == TRD_UNIT_POSITION) {
        naive_monitor_position(m, u->account, u->instrument, u->position)->level = change->level;
    } else {
        naive_monitor_purse(m, u->account, u->asset)->level = change->level;
    }
}

trd_event naive_monitor_event(
    const naive_monitor *m, const trd_monitor_change *change, trd_ns now) {
    const trd_unit *u = &change->unit;
    const bool alert = change->what == TRD_CHANGE_ALERT;
    const uint32_t instrument = alert ? change->instrument : u->instrument;
    const naive_mon_instrument *in = &m->instrument[instrument];
    const bool of_position = alert || u->kind == TRD_UNIT_POSITION;
    return (trd_event){.time = now,
        .kind = TRD_EVENT_MARGIN,
        .slots = 1,
        .instrument = instrument,
        .account = u->account,
        .status = change->level,
        .reason = change->what,
        .u.margin = {.equity = change->equity,
            .maintenance = change->maintenance,
            .mark = of_position && in->has_mark ? in->mark : 0,
            .asset = u->asset,
            .former = change->former,
            .position = alert ? change->position : u->position,
            .unit = u->kind}};
}
