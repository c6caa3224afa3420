/* monitor_walk.c - see monitor_walk.h. */
#include "monitor_walk.h"

#include "monitor_coverage.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool mon_walk_differ(mon_walk *k, const char *format, ...) {
    if (k->what[0] == '\0') {
        va_list args;
        va_start(args, format);
        vsnprintf(k->what, sizeof(k->what), format, args);
        va_end(args);
    }
    return false;
}

static bool is_watched(const trd_event *e) {
    return e->kind == TRD_EVENT_MARGIN || e->kind == TRD_EVENT_LIQUIDATION;
}

void mon_walk_consume(mon_walk *k) {
    while (k->at < k->count && !is_watched(&k->event[k->at])) {
        mirror_event(k->w, &k->event[k->at]);
        k->at += k->event[k->at].slots;
    }
}

bool mon_walk_expect(mon_walk *k, const trd_event *e, const char *what) {
    trd_event got = {0};
    if (k->at < k->count) {
        got = k->event[k->at];
        got.seq = 0;
    }
    if (memcmp(&got, e, sizeof(got)) != 0) {
        k->expected = *e;
        k->has_expected = true;
        return mon_walk_differ(k, "%s", what);
    }
    mirror_event(k->w, &k->event[k->at]);
    k->at++;
    return true;
}

/* --- levels ----------------------------------------------------------------------------------- */

static bool told(mon_walk *k) {
    trd_monitor_change change;
    if (!naive_monitor_next(&k->w->m, &change)) {
        return mon_walk_differ(k, "MARGIN, and nobody is at another level");
    }
    const trd_event e = naive_monitor_event(&k->w->m, &change, k->w->time);
    if (!mon_walk_expect(k, &e, "MARGIN")) {
        return false;
    }
    if (k->counts) {
        mon_coverage_change(k->w, &change);
    }
    naive_monitor_tell(&k->w->m, &change);
    return true;
}

static bool all_told(mon_walk *k) {
    trd_monitor_change change;
    if (!naive_monitor_next(&k->w->m, &change)) {
        return true;
    }
    k->expected = naive_monitor_event(&k->w->m, &change, k->w->time);
    k->has_expected = true;
    return mon_walk_differ(k, "a MARGIN that was not told");
}

/* --- who is liquidated ------------------------------------------------------------------------ */

mon_waiting *mon_walk_waiting(mon_walk *k, const trd_unit *unit) {
    for (uint32_t i = 0; i < k->waiting_count; i++) {
        if (memcmp(&k->waiting[i].unit, unit, sizeof(*unit)) == 0) {
            return &k->waiting[i];
        }
    }
    return NULL;
}

static uint64_t mixed(uint64_t digest, wide more) {
    uint64_t state = digest ^ (uint64_t)more;
    return dice_mix(&state);
}

uint64_t mon_walk_digest(const naive_monitor *m, uint32_t account) {
    uint64_t digest = account;
    for (uint32_t i = 0; i < m->position_count; i++) {
        const naive_mon_position *p = &m->position[i];
        if (p->account == account && p->qty != 0 &&
            m->instrument[p->instrument].spec.kind != TRD_INSTRUMENT_SPOT) {
            digest = mixed(mixed(mixed(digest, p->qty), p->cost), p->collateral);
        }
    }
    for (uint32_t i = 0; i < m->purse_count; i++) {
        if (m->purse[i].account == account && m->purse[i].total != 0) {
            digest = mixed(digest, m->purse[i].total);
        }
    }
    return digest;
}

static bool is_short(const naive_monitor *m, const trd_unit *unit) {
    const naive_stand s = naive_monitor_stand(m, unit);
    return s.there && s.known && s.level >= TRD_MARGIN_LIQUIDATE;
}

/* Nobody before `account` may be at another level than told, or short and not waiting. */
static bool nobody_before(mon_walk *k, uint32_t account) {
    const naive_monitor *m = &k->w->m;
    trd_monitor_change change;
    if (naive_monitor_next(m, &change) && change.unit.account <= account) {
        return mon_walk_differ(k, "a liquidation before a level was told");
    }
    for (uint32_t i = 0; i < m->position_count; i++) {
        const trd_unit unit = naive_monitor_unit(m, &m->position[i]);
        if (unit.account < account && is_short(m, &unit) && mon_walk_waiting(k, &unit) == NULL) {
            return mon_walk_differ(k, "a liquidation before that of account %u", unit.account);
        }
    }
    return true;
}

/* Short are, at the end, only those that wait, and nothing has happened since that could change
 * what they wait for. */
static bool only_waiting_are_short(mon_walk *k) {
    const naive_monitor *m = &k->w->m;
    const trd_command *c = &k->w->command;
    for (uint32_t i = 0; i < m->position_count; i++) {
        const naive_mon_position *p = &m->position[i];
        const trd_unit unit = naive_monitor_unit(m, p);
        if (!naive_is_in_unit(m, p, &unit) || !is_short(m, &unit)) {
            continue;
        }
        const mon_waiting *waits = mon_walk_waiting(k, &unit);
        if (waits == NULL) {
            return mon_walk_differ(k, "account %u is short and was not liquidated", unit.account);
        }
        const bool marked = c->kind == TRD_COMMAND_PRICE && c->u.price.source == TRD_SOURCE_MARK &&
                            c->instrument == p->instrument;
        if (marked && !waits->now) {
            return mon_walk_differ(k, "account %u waits and was not looked at", unit.account);
        }
        if (waits->digest != mon_walk_digest(m, unit.account)) {
            return mon_walk_differ(k, "account %u has changed and was not looked at", unit.account);
        }
    }
    return true;
}

static bool liquidation(mon_walk *k, uint32_t *last) {
    const uint32_t account = k->event[k->at].account;
    if (account != *last && !nobody_before(k, account)) {
        return false;
    }
    *last = account;
    return mon_walk_liquidation(k);
}

bool mon_walk_command(mon_walk *k, const trd_event *events, uint32_t count) {
    k->event = events;
    k->count = count;
    k->at = 0;
    for (uint32_t i = 0; i < k->waiting_count; i++) {
        k->waiting[i].now = false;
    }
    k->has_expected = false;
    uint32_t last = UINT32_MAX; /* account that the event before was about */
    mon_walk_consume(k);
    while (k->at < k->count) {
        const trd_event *e = &k->event[k->at];
        if (e->kind == TRD_EVENT_MARGIN) {
            last = UINT32_MAX;
            if (!told(k)) {
                return false;
            }
        } else if (e->kind == TRD_EVENT_LIQUIDATION && k->world->liquidates) {
            if (!liquidation(k, &last)) {
                return false;
            }
        } else {
            return mon_walk_differ(k, "an event behind what monitoring told");
        }
    }
    return all_told(k) && (!k->world->liquidates || only_waiting_are_short(k));
}
