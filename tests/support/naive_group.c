/* naive_group.c - docs/reference/groups.md: mass cancel, kill switches, dead-man timers. */
#include "naive_model.h"

#include <stdlib.h>

/* --- Mass cancels ---------------------------------------------------------------------------- */

/* Which orders: those that fit every filter. */
typedef struct naive_filter {
    unsigned bits; /* TRD_MASS_* */
    uint32_t account;
    uint32_t instrument;
    uint32_t actor;
    uint8_t side;
    uint64_t tag;
} naive_filter;

static bool fits(const naive_filter *f, const naive_order *order) {
    return ((f->bits & TRD_MASS_ACCOUNT) == 0 || order->account == f->account) &&
           ((f->bits & TRD_MASS_INSTRUMENT) == 0 || order->instrument == f->instrument) &&
           ((f->bits & TRD_MASS_SIDE) == 0 || order->side == f->side) &&
           ((f->bits & TRD_MASS_TAG) == 0 || order->tag == f->tag) &&
           ((f->bits & TRD_MASS_ACTOR) == 0 || order->actor == f->actor);
}

static void cancel_in(
    naive_match *m, uint32_t instrument, const naive_filter *filter, uint8_t cause) {
    naive_side list = naive__listing(m, instrument);
    bool any = false;
    for (uint32_t i = 0; i < list.count; i++) {
        if (fits(filter, list.at[i])) {
            naive__cancel(m, list.at[i], TRD_STATUS_CANCELED, cause);
            any = true;
        }
    }
    free(list.at);
    if (any) {
        naive__settle(m, instrument);
        naive__indicate(m, instrument);
    }
}

static void cancel_all(naive_match *m, const naive_filter *filter, uint8_t cause) {
    for (uint32_t i = 0; i < m->stats.instruments; i++) {
        if ((filter->bits & TRD_MASS_INSTRUMENT) == 0 || filter->instrument == i) {
            cancel_in(m, i, filter, cause);
        }
    }
}

static bool is_plain(const trd_command *c) {
    return c->slots == 1 && c->flags == 0;
}

static uint64_t unknown(const naive_match *m, const trd_command *c, bool instrument, bool account) {
    uint64_t broken =
        instrument && c->instrument >= m->stats.instruments ? BROKEN(UNKNOWN_INSTRUMENT) : 0;
    return broken |
           (account && !naive__account_exists(m, c->account) ? BROKEN(UNKNOWN_ACCOUNT) : 0);
}

uint64_t naive__mass_rules(const naive_match *m, const trd_command *c) {
    const trd_mass_cancel *b = &c->u.mass;
    const unsigned all =
        TRD_MASS_ACCOUNT | TRD_MASS_INSTRUMENT | TRD_MASS_SIDE | TRD_MASS_TAG | TRD_MASS_ACTOR;
    const bool side =
        (b->filter & TRD_MASS_SIDE) != 0 ? b->side == TRD_BUY || b->side == TRD_SELL : b->side == 0;
    const bool good = is_plain(c) && naive__all_zero(b->reserved, sizeof(b->reserved)) &&
                      (b->filter & ~all) == 0 && side &&
                      ((b->filter & TRD_MASS_TAG) != 0 || b->tag == 0);
    return (good ? 0 : BROKEN(MALFORMED)) | unknown(m, c, (b->filter & TRD_MASS_INSTRUMENT) != 0,
                                                (b->filter & TRD_MASS_ACCOUNT) != 0);
}

void naive__step_mass(naive_match *m, const trd_command *c) {
    const trd_mass_cancel *b = &c->u.mass;
    const naive_filter filter = {b->filter, c->account, c->instrument, c->actor, b->side, b->tag};
    cancel_all(m, &filter, TRD_CAUSE_MASS);
}

/* --- Scopes ---------------------------------------------------------------------------------- */

static naive_scope scope_of(const trd_command *c, uint8_t kind, uint64_t tag) {
    switch (kind) {
    case TRD_SCOPE_ACCOUNT:
        return (naive_scope){kind, c->account};
    case TRD_SCOPE_INSTRUMENT:
        return (naive_scope){kind, c->instrument};
    case TRD_SCOPE_ACTOR:
        return (naive_scope){kind, c->actor};
    case TRD_SCOPE_TAG:
        return (naive_scope){kind, tag};
    default:
        return (naive_scope){kind, 0};
    }
}

static bool same_scope(naive_scope a, naive_scope b) {
    return a.kind == b.kind && a.key == b.key;
}

static naive_filter filter_of(naive_scope s) {
    switch (s.kind) {
    case TRD_SCOPE_ACCOUNT:
        return (naive_filter){.bits = TRD_MASS_ACCOUNT, .account = (uint32_t)s.key};
    case TRD_SCOPE_INSTRUMENT:
        return (naive_filter){.bits = TRD_MASS_INSTRUMENT, .instrument = (uint32_t)s.key};
    case TRD_SCOPE_ACTOR:
        return (naive_filter){.bits = TRD_MASS_ACTOR, .actor = (uint32_t)s.key};
    case TRD_SCOPE_TAG:
        return (naive_filter){.bits = TRD_MASS_TAG, .tag = s.key};
    default:
        return (naive_filter){0};
    }
}

static void cancel_scope(naive_match *m, naive_scope scope, uint8_t cause) {
    const naive_filter filter = filter_of(scope);
    cancel_all(m, &filter, cause);
}

static bool scope_exists(uint8_t kind, uint64_t tag) {
    return kind >= TRD_SCOPE_FIRM && kind <= TRD_SCOPE_TAG && (kind == TRD_SCOPE_TAG || tag == 0);
}

/* --- KILL ------------------------------------------------------------------------------------ */

static naive_kill *kill_of(naive_match *m, naive_scope scope) {
    for (uint32_t i = 0; i < m->kill_count; i++) {
        if (same_scope(m->kill[i].scope, scope)) {
            return &m->kill[i];
        }
    }
    return NULL;
}

bool naive__is_killed(const naive_match *m, const naive_order *order) {
    for (uint32_t i = 0; i < m->kill_count; i++) {
        const naive_filter filter = filter_of(m->kill[i].scope);
        if (fits(&filter, order) && !(m->kill[i].reducing && naive__reduces(order))) {
            return true;
        }
    }
    return false;
}

uint64_t naive__kill_rules(naive_match *m, const trd_command *c) {
    const trd_kill *b = &c->u.kill;
    const bool on = b->action == TRD_KILL_ON;
    const bool good = is_plain(c) && b->reserved == 0 && b->reserved1 == 0 &&
                      scope_exists(b->scope, b->tag) && (on || b->action == TRD_KILL_OFF) &&
                      b->cancel <= on && b->reducing <= on;
    uint64_t broken =
        (good ? 0 : BROKEN(MALFORMED)) |
        unknown(m, c, b->scope == TRD_SCOPE_INSTRUMENT, b->scope == TRD_SCOPE_ACCOUNT);
    if (on && m->kill_count == NAIVE_SCOPES && kill_of(m, scope_of(c, b->scope, b->tag)) == NULL) {
        broken |= BROKEN(NO_CAPACITY);
    }
    return broken;
}

void naive__step_kill(naive_match *m, const trd_command *c) {
    const trd_kill *b = &c->u.kill;
    const naive_scope scope = scope_of(c, b->scope, b->tag);
    naive_kill *kill = kill_of(m, scope);
    if (b->action == TRD_KILL_OFF) {
        if (kill != NULL) {
            *kill = m->kill[--m->kill_count];
        }
        return;
    }
    if (kill == NULL) {
        kill = &m->kill[m->kill_count++];
    }
    *kill = (naive_kill){scope, b->reducing == 1};
    if (b->cancel == 1) {
        cancel_scope(m, scope, TRD_CAUSE_KILL);
    }
}

/* --- DEADMAN --------------------------------------------------------------------------------- */

static naive_deadman *deadman_of(naive_match *m, naive_scope scope) {
    for (uint32_t i = 0; i < m->deadman_count; i++) {
        if (same_scope(m->deadman[i].scope, scope)) {
            return &m->deadman[i];
        }
    }
    return NULL;
}

uint64_t naive__deadman_rules(naive_match *m, const trd_command *c) {
    const trd_deadman *b = &c->u.deadman;
    const bool ends = b->action == TRD_DEADMAN_DISARM;
    const bool good = is_plain(c) && naive__all_zero(b->reserved, sizeof(b->reserved)) &&
                      scope_exists(b->scope, b->tag) && b->action >= TRD_DEADMAN_ARM &&
                      b->action <= TRD_DEADMAN_DISARM && (!ends || b->timeout == 0);
    uint64_t broken =
        (good ? 0 : BROKEN(MALFORMED)) |
        unknown(m, c, b->scope == TRD_SCOPE_INSTRUMENT, b->scope == TRD_SCOPE_ACCOUNT);
    if (!ends && (b->timeout < 1 || (__int128)m->time + b->timeout > INT64_MAX)) {
        broken |= BROKEN(EXPIRY);
    }
    if (b->action == TRD_DEADMAN_ARM && m->deadman_count == NAIVE_SCOPES &&
        deadman_of(m, scope_of(c, b->scope, b->tag)) == NULL) {
        broken |= BROKEN(NO_CAPACITY);
    }
    return broken;
}

static void disarm(naive_match *m, naive_deadman *deadman) {
    *deadman = m->deadman[--m->deadman_count];
}

void naive__step_deadman(naive_match *m, const trd_command *c) {
    const trd_deadman *b = &c->u.deadman;
    const naive_scope scope = scope_of(c, b->scope, b->tag);
    naive_deadman *deadman = deadman_of(m, scope);
    if (b->action == TRD_DEADMAN_DISARM) {
        if (deadman != NULL) {
            disarm(m, deadman);
        }
        return;
    }
    if (deadman == NULL && b->action == TRD_DEADMAN_ARM) {
        deadman = &m->deadman[m->deadman_count++];
    }
    if (deadman != NULL) {
        *deadman = (naive_deadman){scope, m->time + b->timeout, ++m->timers};
    }
}

void naive__run_deadman(naive_match *m, uint64_t set) {
    for (uint32_t i = 0; i < m->deadman_count; i++) {
        if (m->deadman[i].set == set) {
            const naive_scope scope = m->deadman[i].scope;
            disarm(m, &m->deadman[i]);
            cancel_scope(m, scope, TRD_CAUSE_DEADMAN);
            return;
        }
    }
}
