/* life_market.c - commands that are not about one order: prices, session states, mass cancels, kill
 * switches, dead-man timers, waiting. */
#include "life_inner.h"

#include <string.h>

/* --- Time ------------------------------------------------------------------------------------- */

/* A time ahead, often one that something else is due at. */
trd_ns life_due(life *l) {
    dice *d = &l->rng;
    trd_ns *due = &l->due[dice_below(d, LIFE_DUES)];
    if (*due <= l->time || dice_odds(d, 1, 3)) {
        const __int128 ahead = (__int128)l->style.pace * dice_log(d, 1, 2000);
        *due = life_between(l->time + ahead / dice_in(d, 1, 8), l->time, INT64_MAX - 1);
    }
    return *due;
}

/* To a time that something is due at, or just before or behind it. */
void life_wait(life *l, trd_command *c) {
    dice *d = &l->rng;
    life_head(l, c, TRD_COMMAND_TIMER);
    const trd_ns due = l->due[dice_below(d, LIFE_DUES)];
    if (due > l->time) {
        const trd_ns at = life_sum(due, dice_in(d, -1, 1));
        l->time = at > l->time ? at : l->time;
    } else if (dice_odds(d, 1, 10)) {
        l->time = life_sum(l->time, l->style.pace * dice_log(d, 1, 4000));
    }
    c->time = l->time;
}

/* --- Prices ----------------------------------------------------------------------------------- */

void life_price(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    static const uint8_t source[] = {TRD_SOURCE_LAST, TRD_SOURCE_MARK, TRD_SOURCE_INDEX};
    life_head(l, c, TRD_COMMAND_PRICE);
    trd_price *p = &c->u.price;
    p->source =
        dice_odds(d, 1, 30) ? (uint8_t)dice_below(d, TRD_SOURCE_MID + 2) : source[dice_below(d, 3)];
    trd_px from;
    if (!life_known(model, c->instrument, p->source, &from) || dice_odds(d, 1, 6)) {
        from = l->centre[c->instrument];
    }
    const int64_t step = life_step_at(&l->spec[c->instrument], from);
    const int64_t most = l->odds.spread / (dice_odds(d, 1, 2) ? 8 : 1) + 1;
    p->px = life_between(from + (__int128)dice_in(d, -most, most) * step,
        l->spec[c->instrument].px_min, l->spec[c->instrument].px_max);
    if (dice_odds(d, 1, 100)) {
        const trd_px odd[] = {0, -1, l->spec[c->instrument].px_min - 1,
            l->spec[c->instrument].px_max + 1, INT64_MIN, INT64_MAX};
        p->px = odd[dice_below(d, 6)];
    }
    if (dice_odds(d, 1, 100)) {
        c->instrument = l->instruments;
    }
}

/* --- Session states --------------------------------------------------------------------------- */

static uint8_t next_state(life *l, unsigned state) {
    dice *d = &l->rng;
    static const uint8_t away[] = {TRD_SESSION_PRE_OPEN, TRD_SESSION_OPENING,
        TRD_SESSION_VOLATILITY, TRD_SESSION_CLOSING, TRD_SESSION_CLOSED, TRD_SESSION_HALTED};
    if (dice_odds(d, 1, 20)) {
        return (uint8_t)dice_in(d, TRD_SESSION_CONTINUOUS, TRD_SESSION_HALTED);
    }
    if (state == TRD_SESSION_CONTINUOUS) {
        const uint64_t at = dice_below(d, 12);
        return at < 6 ? away[at] : away[at % 4];
    }
    if (state == TRD_SESSION_CLOSED) {
        return dice_odds(d, 1, 2) ? TRD_SESSION_PRE_OPEN : TRD_SESSION_CONTINUOUS;
    }
    if (state == TRD_SESSION_CLOSING) {
        return dice_odds(d, 1, 2) ? TRD_SESSION_CLOSED : TRD_SESSION_CONTINUOUS;
    }
    if (state == TRD_SESSION_PRE_OPEN && dice_odds(d, 1, 2)) {
        return TRD_SESSION_OPENING;
    }
    return TRD_SESSION_CONTINUOUS;
}

static void plan_end(life *l, trd_session *s) {
    dice *d = &l->rng;
    s->until = life_due(l);
    if (dice_odds(d, 1, 3)) {
        s->random = (uint64_t)dice_log(d, 1, l->style.pace * 100);
        s->seed = dice_odds(d, 1, 4) ? 0 : dice_u64(d);
    }
}

static void spoil_session(life *l, trd_command *c) {
    dice *d = &l->rng;
    trd_session *s = &c->u.session;
    switch (dice_below(d, 8)) {
    case 0:
        s->state = (uint8_t)dice_below(d, 10);
        break;
    case 1:
        s->until = life_sum(l->time, dice_in(d, -1, 1));
        break;
    case 2:
        s->until = 0;
        s->random = 1;
        break;
    case 3:
        s->random = (uint64_t)1 << 63 | dice_below(d, 2);
        break;
    case 4:
        s->until = INT64_MAX - (int64_t)dice_below(d, 3);
        s->random = dice_below(d, 4);
        break;
    case 5:
        s->random = 0;
        s->seed = 1;
        break;
    case 6:
        s->until = life_due(l);
        s->random = INT64_MAX;
        break;
    default:
        c->instrument = l->instruments + (uint32_t)dice_below(d, 2);
    }
}

/* Continuous trading lasts for about style.open commands, other states for about style.closed. */
void life_session(life *l, const naive_match *model, uint32_t instrument, trd_command *c) {
    dice *d = &l->rng;
    life_head(l, c, TRD_COMMAND_SESSION);
    c->instrument = instrument;
    trd_session *s = &c->u.session;
    s->state = next_state(l, (unsigned)naive_state(model, instrument));
    if (dice_odds(d, 1, 4)) {
        plan_end(l, s);
    }
    if (dice_odds(d, 1, 16)) {
        spoil_session(l, c);
    }
    const bool open = s->state == TRD_SESSION_CONTINUOUS;
    const bool dead = s->state == TRD_SESSION_CLOSED || s->state == TRD_SESSION_HALTED;
    const uint32_t most = open ? l->style.open : dead ? 12 : l->style.closed;
    l->state_left[instrument] = (uint32_t)dice_log(d, 1, most > 0 ? most * 2 : 40);
}

/* --- Mass cancel ------------------------------------------------------------------------------ */

void life_mass(life *l, trd_command *c) {
    dice *d = &l->rng;
    life_head(l, c, TRD_COMMAND_MASS_CANCEL);
    trd_mass_cancel *m = &c->u.mass;
    m->filter = (uint8_t)(dice_odds(d, 1, 12) ? 0 : 1u << dice_below(d, 5));
    while (dice_odds(d, 1, 2)) {
        m->filter = (uint8_t)(m->filter | 1u << dice_below(d, 5));
    }
    if ((m->filter & TRD_MASS_SIDE) != 0 || dice_odds(d, 1, 60)) {
        m->side = dice_odds(d, 1, 60) ? (uint8_t)dice_below(d, 4)
                                      : (uint8_t)dice_in(d, TRD_BUY, TRD_SELL);
    }
    if ((m->filter & TRD_MASS_TAG) != 0 || dice_odds(d, 1, 60)) {
        m->tag = dice_below(d, 4);
    }
    if (dice_odds(d, 1, 40)) {
        c->instrument = l->instruments;
    }
    if (dice_odds(d, 1, 40)) {
        c->account = l->accounts;
    }
    if (dice_odds(d, 1, 60)) {
        m->filter |= (uint8_t)(1u << dice_in(d, 5, 7));
    }
}

/* --- Scopes: kill switches, dead-man timers --------------------------------------------------- */

enum { ACTORS_SEEN = 1000 }; /* no order comes from actors from here to twice this number */

static uint8_t draw_scope(life *l, trd_command *c, uint64_t *tag) {
    dice *d = &l->rng;
    const uint8_t scope = dice_odds(d, 1, 10)
                              ? TRD_SCOPE_FIRM
                              : (uint8_t)dice_in(d, TRD_SCOPE_ACCOUNT, TRD_SCOPE_TAG);
    *tag = scope == TRD_SCOPE_TAG ? dice_below(d, 4) : 0;
    *tag ^= dice_odds(d, 1, 60);
    if (dice_odds(d, 1, 40)) {
        c->instrument = l->instruments;
    }
    if (dice_odds(d, 1, 40)) {
        c->account = l->accounts;
    }
    if (l->style.many_kills && dice_odds(d, 3, 4)) {
        c->actor = ACTORS_SEEN + (uint32_t)dice_below(d, 100);
        *tag = 0;
        return TRD_SCOPE_ACTOR;
    }
    return dice_odds(d, 1, 60) ? (uint8_t)dice_below(d, 8) : scope;
}

void life_kill_off(life *l, trd_command *c) {
    const uint64_t at = dice_below(&l->rng, l->kills);
    const trd_command on = l->kill[at];
    l->kill[at] = l->kill[--l->kills];
    life_head(l, c, TRD_COMMAND_KILL);
    c->instrument = on.instrument;
    c->account = on.account;
    c->actor = on.actor;
    c->u.kill = on.u.kill;
    c->u.kill.action = TRD_KILL_OFF;
    c->u.kill.cancel = 0;
    c->u.kill.reducing = 0;
}

void life_kill_on(life *l, trd_command *c) {
    dice *d = &l->rng;
    life_head(l, c, TRD_COMMAND_KILL);
    trd_kill *k = &c->u.kill;
    k->scope = draw_scope(l, c, &k->tag);
    k->action = dice_odds(d, 1, 40) ? (uint8_t)dice_below(d, 4) : TRD_KILL_ON;
    k->cancel = dice_odds(d, 1, 2);
    k->reducing = dice_odds(d, 1, 3);
    k->reference = dice_odds(d, 1, 4) ? dice_u64(d) : 0;
    if (dice_odds(d, 1, 40)) {
        c->u.body[dice_in(d, offsetof(trd_kill, cancel), offsetof(trd_kill, reference) - 1)] ^= 2;
    }
    if (c->actor < ACTORS_SEEN && l->kills < LIFE_KILLS) {
        l->kill[l->kills++] = *c;
    }
}

/* To a time that other timers are due at too, if there is one. */
static trd_ns draw_timeout(life *l, const trd_deadman *m) {
    dice *d = &l->rng;
    if (m->action == TRD_DEADMAN_DISARM) {
        return dice_odds(d, 1, 60);
    }
    if (dice_odds(d, 1, 40)) {
        const __int128 last = (__int128)INT64_MAX - l->time; /* and one beyond it */
        const trd_ns odd[] = {0, -1, INT64_MIN, INT64_MAX, life_between(last, 0, INT64_MAX),
            life_between(last + 1, 0, INT64_MAX)};
        return odd[dice_below(d, sizeof(odd) / sizeof(odd[0]))];
    }
    return life_between((__int128)life_due(l) - l->time, 0, INT64_MAX);
}

void life_deadman(life *l, trd_command *c) {
    dice *d = &l->rng;
    life_head(l, c, TRD_COMMAND_DEADMAN);
    trd_deadman *m = &c->u.deadman;
    m->scope = draw_scope(l, c, &m->tag);
    m->action = dice_odds(d, 1, 2) ? TRD_DEADMAN_ARM
                                   : (uint8_t)dice_in(d, TRD_DEADMAN_ARM, TRD_DEADMAN_DISARM);
    m->action = dice_odds(d, 1, 40) ? (uint8_t)dice_below(d, 5) : m->action;
    m->timeout = draw_timeout(l, m);
    if (c->actor >= ACTORS_SEEN && m->action == TRD_DEADMAN_ARM && dice_odds(d, 7, 8)) {
        m->timeout = l->style.pace * 4000; /* 64 of them have to be armed at a time */
    }
    if (dice_odds(d, 1, 60)) {
        m->reserved[dice_below(d, sizeof(m->reserved))] = 1;
    }
}
