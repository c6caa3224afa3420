/* naive_session.c - docs/reference/sessions.md: states, bands, breakers, and what time brings. */
#include "naive_model.h"

#include <stdlib.h>

/* --- States ---------------------------------------------------------------------------------- */

bool naive__is_auction(unsigned state) {
    return state >= TRD_SESSION_PRE_OPEN && state <= TRD_SESSION_CLOSING;
}

bool naive__is_for_auctions(const naive_order *order) {
    return order->tif == TRD_TIF_AT_OPEN || order->tif == TRD_TIF_AT_CLOSE ||
           order->tif == TRD_TIF_GFA;
}

bool naive__joins(const naive_match *m, const naive_order *order) {
    const unsigned state = naive__market(m, order)->state;
    switch (order->tif) {
    case TRD_TIF_AT_OPEN:
        return state == TRD_SESSION_PRE_OPEN || state == TRD_SESSION_OPENING;
    case TRD_TIF_AT_CLOSE:
        return state == TRD_SESSION_CLOSING;
    case TRD_TIF_GFA:
        return naive__is_auction(state);
    default:
        return false;
    }
}

static bool auction_refuses(unsigned state, const naive_record *r) {
    const trd_new *n = &r->base->u.order;
    const bool for_auction =
        n->tif == TRD_TIF_AT_OPEN || n->tif == TRD_TIF_AT_CLOSE || n->tif == TRD_TIF_GFA;
    const bool late = state == TRD_SESSION_VOLATILITY || state == TRD_SESSION_CLOSING;
    return n->tif == TRD_TIF_IOC || n->tif == TRD_TIF_FOK || n->tif == TRD_TIF_GFN ||
           (n->type == TRD_TYPE_MARKET && !for_auction) || n->type == TRD_TYPE_MARKET_PROTECTED ||
           n->type == TRD_TYPE_MARKET_TO_LIMIT || r->sizes.minimum != 0 ||
           (n->exec & TRD_EXEC_BUDGET) != 0 || (n->tif == TRD_TIF_AT_OPEN && late);
}

bool naive__session_refuses(const naive_match *m, const naive_record *r) {
    const unsigned state = m->market[r->base->instrument].state;
    if (state == TRD_SESSION_CONTINUOUS) {
        return r->base->u.order.tif == TRD_TIF_AT_OPEN;
    }
    return !naive__is_auction(state) || auction_refuses(state, r);
}

uint64_t naive__session_rules(const naive_match *m, const trd_command *c) {
    const trd_session *s = &c->u.session;
    const bool good = c->slots == 1 && c->flags == 0 &&
                      naive__all_zero(s->reserved, sizeof(s->reserved)) &&
                      s->state >= TRD_SESSION_CONTINUOUS && s->state <= TRD_SESSION_HALTED &&
                      (s->random == 0 || s->until != 0) && s->random <= INT64_MAX &&
                      (s->seed == 0 || s->random != 0);
    uint64_t broken = good ? 0 : BROKEN(MALFORMED);
    broken |= c->instrument >= m->stats.instruments ? BROKEN(UNKNOWN_INSTRUMENT) : 0;
    if (s->until != 0 && (s->until <= m->time || (__int128)s->until + s->random > INT64_MAX)) {
        broken |= BROKEN(EXPIRY);
    }
    return broken;
}

/* --- Price band ------------------------------------------------------------------------------ */

static __int128 share(trd_px px, uint32_t basis_points) {
    const __int128 size = px < 0 ? -(__int128)px : px;
    return size * basis_points / 10000;
}

/* The band of a transaction that begins now. */
void naive__set_band(naive_match *m, uint32_t instrument) {
    naive_market *market = &m->market[instrument];
    const trd_profile *p = &market->profile;
    market->has_band = p->band_action != 0 && market->seen[p->band_source].known;
    if (market->has_band) {
        const trd_px r = market->seen[p->band_source].last;
        market->lower = r - share(r, p->band_below);
        market->upper = r + share(r, p->band_above);
    }
}

bool naive__is_outside(const naive_match *m, uint32_t instrument, trd_px px) {
    const naive_market *market = &m->market[instrument];
    return market->has_band && (px < market->lower || px > market->upper);
}

/* --- Circuit breaker ------------------------------------------------------------------------- */

static int64_t slice_now(const naive_match *m, const naive_market *market) {
    const int64_t length = market->profile.breaker_window / 16;
    const int64_t whole = m->time / length;
    return m->time % length < 0 ? whole - 1 : whole;
}

/* Slices that count no more are forgotten. */
static void forget_slices(naive_market *market, int64_t now) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < market->slice_count; i++) {
        if ((__int128)now - market->slice[i].number < NAIVE_SLICES) {
            market->slice[kept++] = market->slice[i];
        }
    }
    market->slice_count = kept;
}

void naive__count_for_breaker(naive_match *m, uint32_t instrument, trd_px px) {
    naive_market *market = &m->market[instrument];
    if (market->profile.breaker_window == 0) {
        return;
    }
    const int64_t now = slice_now(m, market);
    forget_slices(market, now);
    naive_slice *last = &market->slice[market->slice_count];
    if (market->slice_count > 0 && last[-1].number == now) {
        last--;
        last->low = px < last->low ? px : last->low;
        last->high = px > last->high ? px : last->high;
        return;
    }
    *last = (naive_slice){now, px, px};
    market->slice_count++;
}

bool naive__breaks(naive_match *m, uint32_t instrument, trd_px px) {
    naive_market *market = &m->market[instrument];
    const uint32_t variation = market->profile.breaker_variation;
    if (market->profile.breaker_window == 0) {
        return false;
    }
    forget_slices(market, slice_now(m, market));
    if (market->slice_count == 0) {
        return false;
    }
    trd_px low = market->slice[0].low;
    trd_px high = market->slice[0].high;
    for (uint32_t i = 1; i < market->slice_count; i++) {
        low = market->slice[i].low < low ? market->slice[i].low : low;
        high = market->slice[i].high > high ? market->slice[i].high : high;
    }
    return (__int128)px - low > share(low, variation) ||
           (__int128)high - px > share(high, variation);
}

/* --- Changes of state ------------------------------------------------------------------------ */

/* Why an order ends with a change of state; 0: it does not. */
static uint8_t why_ended(
    const naive_order *order, unsigned former, unsigned state, bool uncrossed) {
    if (uncrossed && naive__is_for_auctions(order) && order->where != TRD_WHERE_WAITING) {
        return TRD_CAUSE_AUCTION;
    }
    if (former == TRD_SESSION_CONTINUOUS && order->tif == TRD_TIF_GFN) {
        return TRD_CAUSE_SESSION;
    }
    return state == TRD_SESSION_CLOSED && order->tif == TRD_TIF_DAY ? TRD_CAUSE_EXPIRED : 0;
}

static void end_orders(
    naive_match *m, uint32_t instrument, unsigned former, unsigned state, bool uncrossed) {
    naive_side list = naive__listing(m, instrument);
    for (uint32_t i = 0; i < list.count; i++) {
        const uint8_t cause = why_ended(list.at[i], former, state, uncrossed);
        if (cause != 0) {
            naive__cancel(m, list.at[i],
                cause == TRD_CAUSE_EXPIRED ? TRD_STATUS_EXPIRED : TRD_STATUS_CANCELED, cause);
        }
    }
    free(list.at);
}

static naive_order *first_to_join(naive_match *m, uint32_t instrument) {
    const naive_side *waiting = naive__place(m, instrument, TRD_WHERE_WAITING, 0);
    for (uint32_t i = 0; i < waiting->count; i++) {
        if (naive__joins(m, waiting->at[i])) {
            return waiting->at[i];
        }
    }
    return NULL;
}

static void join(naive_match *m, uint32_t instrument) {
    naive_order *order;
    while ((order = first_to_join(m, instrument)) != NULL) {
        naive__dequeue(m, order);
        naive__put(m, order);
    }
}

static void observe_all(naive_match *m, uint32_t instrument) {
    naive_seen *seen = m->market[instrument].seen;
    for (unsigned source = TRD_SOURCE_LAST; source <= TRD_SOURCE_INDEX; source++) {
        if (source == TRD_SOURCE_BID || source == TRD_SOURCE_ASK) {
            seen[source].known = naive__best(
                m, instrument, source == TRD_SOURCE_BID ? TRD_BUY : TRD_SELL, &seen[source].last);
        }
        if (seen[source].known) {
            naive__observe(m, instrument, source, seen[source].last);
        }
    }
}

static bool is_uncrossed(unsigned former, unsigned state) {
    return (state == TRD_SESSION_CONTINUOUS && former != TRD_SESSION_CONTINUOUS) ||
           (state == TRD_SESSION_CLOSED && naive__is_auction(former));
}

static void plan_end(naive_match *m, naive_market *market, bool ends, trd_ns until) {
    market->ends = ends;
    market->until = until;
    market->end_set = ++m->timers;
}

void naive__change_state(
    naive_match *m, uint32_t instrument, uint8_t state, uint8_t cause, bool ends, trd_ns until) {
    naive_market *market = &m->market[instrument];
    const uint8_t former = market->state;
    const bool uncrossed = is_uncrossed(former, state);
    if (former == TRD_SESSION_CONTINUOUS) {
        naive__elect(m, instrument); /* what was observed so far */
    }
    if (uncrossed) {
        naive__uncross(m, instrument);
    }
    market->state = state;
    market->at_band = false;
    market->told = (trd_ev_auction){0};
    plan_end(m, market, ends, until);
    naive__emit_session(m, instrument, former, cause);
    end_orders(m, instrument, former, state, uncrossed);
    if (former == TRD_SESSION_CONTINUOUS) {
        naive__unpeg(m, instrument);
    }
    if (naive__is_auction(state)) {
        join(m, instrument);
    }
    if (state == TRD_SESSION_CONTINUOUS) {
        observe_all(m, instrument);
    }
}

static trd_ns later(trd_ns time, trd_ns by) {
    return time > INT64_MAX - by ? INT64_MAX : time + by;
}

void naive__break(naive_match *m, uint32_t instrument) {
    naive__change_state(m, instrument, TRD_SESSION_VOLATILITY, TRD_SESSION_BY_BREAKER, true,
        later(m->time, m->market[instrument].profile.breaker_pause));
}

void naive__step_session(naive_match *m, const trd_command *c) {
    const trd_session *s = &c->u.session;
    naive_market *market = &m->market[c->instrument];
    uint64_t state = s->seed;
    trd_ns until = s->until;
    if (s->random != 0) {
        until += (trd_ns)naive__scaled(naive__draw(&state), s->random + 1);
    }
    if (s->state == market->state) {
        plan_end(m, market, s->until != 0, until);
        naive__emit_session(m, c->instrument, market->state, TRD_SESSION_BY_COMMAND);
        return;
    }
    naive__change_state(m, c->instrument, s->state, TRD_SESSION_BY_COMMAND, s->until != 0, until);
    naive__settle(m, c->instrument);
}

/* --- Limit state ----------------------------------------------------------------------------- */

/* After a transaction in continuous trading, with the band as it is now. */
void naive__watch_band(naive_match *m, uint32_t instrument) {
    naive_market *market = &m->market[instrument];
    const trd_profile *p = &market->profile;
    trd_px bid = 0;
    trd_px ask = 0;
    if (p->band_action == 0 || p->limit_wait == 0) {
        return;
    }
    const bool bids = naive__best(m, instrument, TRD_BUY, &bid);
    const bool asks = naive__best(m, instrument, TRD_SELL, &ask);
    const bool at_band =
        market->has_band && ((bids && bid >= market->upper) || (asks && ask <= market->lower));
    if (at_band && !market->at_band && m->by_timer) {
        return; /* a command has to come first: without one nothing would ever end */
    }
    if (at_band && !market->at_band) {
        market->band_due = later(m->time, p->limit_wait);
        market->band_set = ++m->timers;
    }
    market->at_band = at_band;
}

static void pause_at_band(naive_match *m, uint32_t instrument) {
    const trd_profile *p = &m->market[instrument].profile;
    naive__change_state(m, instrument,
        p->limit_auction ? TRD_SESSION_VOLATILITY : TRD_SESSION_HALTED, TRD_SESSION_BY_LIMIT, true,
        later(m->time, p->limit_pause));
}

/* --- Timers ---------------------------------------------------------------------------------- */

enum { TIMER_NONE, TIMER_EXPIRY, TIMER_STATE, TIMER_DEADMAN };

/* The timer that is due first: by time, then by kind, then in the order in which it was set. */
typedef struct naive_timer {
    int kind;
    trd_ns time;
    uint64_t set;
    uint32_t instrument;
    naive_order *order;
} naive_timer;

static void consider(naive_timer *first, naive_timer timer) {
    if (first->kind == TIMER_NONE || timer.time < first->time ||
        (timer.time == first->time &&
            (timer.kind < first->kind || (timer.kind == first->kind && timer.set < first->set)))) {
        *first = timer;
    }
}

static bool expires(const naive_order *order) {
    return order->tif == TRD_TIF_GTD || order->tif == TRD_TIF_GTT;
}

static void consider_orders(naive_timer *first, const naive_market *market) {
    for (uint32_t at = 0; at < NAIVE_PLACES * 2; at++) {
        const naive_side *orders = &market->place[at / 2][at % 2];
        for (uint32_t i = 0; i < orders->count; i++) {
            naive_order *order = orders->at[i];
            if (expires(order)) {
                consider(first, (naive_timer){TIMER_EXPIRY, order->expiry, order->born,
                                    order->instrument, order});
            }
        }
    }
}

static naive_timer next_timer(const naive_match *m) {
    naive_timer first = {.kind = TIMER_NONE};
    for (uint32_t i = 0; i < m->stats.instruments; i++) {
        const naive_market *market = &m->market[i];
        consider_orders(&first, market);
        if (market->ends) {
            consider(&first, (naive_timer){TIMER_STATE, market->until, market->end_set, i, NULL});
        }
        if (market->at_band) {
            consider(
                &first, (naive_timer){TIMER_STATE, market->band_due, market->band_set, i, NULL});
        }
    }
    for (uint32_t i = 0; i < m->deadman_count; i++) {
        const naive_deadman *d = &m->deadman[i];
        consider(&first, (naive_timer){TIMER_DEADMAN, d->due, d->set, 0, NULL});
    }
    return first;
}

/* What follows a state by itself. */
static uint8_t next_state(unsigned state) {
    switch (state) {
    case TRD_SESSION_PRE_OPEN:
        return TRD_SESSION_OPENING;
    case TRD_SESSION_CLOSING:
        return TRD_SESSION_CLOSED;
    case TRD_SESSION_CLOSED:
        return TRD_SESSION_PRE_OPEN;
    case TRD_SESSION_CONTINUOUS:
        return TRD_SESSION_CLOSING;
    default:
        return TRD_SESSION_CONTINUOUS;
    }
}

static void run_state_timer(naive_match *m, const naive_timer *timer) {
    const naive_market *market = &m->market[timer->instrument];
    if (market->ends && timer->set == market->end_set) {
        naive__change_state(
            m, timer->instrument, next_state(market->state), TRD_SESSION_BY_TIME, false, 0);
    } else {
        pause_at_band(m, timer->instrument);
    }
}

void naive__run_timers(naive_match *m, trd_ns until) {
    for (;;) {
        const naive_timer timer = next_timer(m);
        if (timer.kind == TIMER_NONE || timer.time > until) {
            return;
        }
        m->time = timer.time;
        m->released = 0;
        m->by_timer = true;
        if (timer.kind == TIMER_DEADMAN) {
            naive__run_deadman(m, timer.set);
            continue;
        }
        naive__set_band(m, timer.instrument);
        if (timer.kind == TIMER_EXPIRY) {
            naive__cancel(m, timer.order, TRD_STATUS_EXPIRED, TRD_CAUSE_EXPIRED);
        } else {
            run_state_timer(m, &timer);
        }
        naive__settle(m, timer.instrument);
        naive__indicate(m, timer.instrument);
    }
}
