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

static bool holds_unit(const trd_unit *units, uint32_t count, const trd_unit *u) {
    for (uint32_t i = 0; i < count; i++) {
        if (memcmp(&units[i], u, sizeof(*u)) == 0) {
            return true;
        }
    }
    return false;
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
        if (unit.account < account && is_short(m, &unit) &&
            !holds_unit(k->waiting, k->waiting_count, &unit)) {
            return mon_walk_differ(k, "a liquidation before that of account %u", unit.account);
        }
    }
    return true;
}

/* Short are, at the end, only those that wait; and those whose mark has come were told so now. */
static bool only_waiting_are_short(mon_walk *k) {
    const naive_monitor *m = &k->w->m;
    const trd_command *c = &k->w->command;
    for (uint32_t i = 0; i < m->position_count; i++) {
        const naive_mon_position *p = &m->position[i];
        const trd_unit unit = naive_monitor_unit(m, p);
        if (!naive_is_in_unit(m, p, &unit) || !is_short(m, &unit)) {
            continue;
        }
        if (!holds_unit(k->waiting, k->waiting_count, &unit)) {
            return mon_walk_differ(k, "account %u is short and was not liquidated", unit.account);
        }
        const bool marked = c->kind == TRD_COMMAND_PRICE && c->u.price.source == TRD_SOURCE_MARK &&
                            c->instrument == p->instrument;
        if (marked && m->instrument[p->instrument].mark != k->mark_before &&
            !holds_unit(k->waited, k->waited_count, &unit)) {
            return mon_walk_differ(k, "account %u waits and was not looked at", unit.account);
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
    k->waited_count = 0;
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
