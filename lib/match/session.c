/* session.c - session states, timers, price bands, pauses. */
#include "core/rng.h"
#include "match/rich.h"

enum { BASIS_POINTS = 10000 };

/* --- timers ------------------------------------------------------------------------------------
 */

trd_ns trd__time_after(trd_ns time, trd_ns wait) {
    const trd_wide sum = (trd_wide)time + wait;
    return sum < INT64_MAX ? (trd_ns)sum : INT64_MAX;
}

void trd__timers_changed(trd_match *match) {
    trd_ns bound;
    match->timer_bound = trd__wheel_next_bound(trd__wheel(match), &bound) ? bound : INT64_MAX;
    trd__plain_until_set(match);
}

uint64_t trd__timer_add(trd_match *match, trd_ns deadline, uint64_t key, uint32_t order) {
    const uint64_t timer = trd__wheel_add(
        trd__wheel(match), &(trd_timer){.deadline = deadline, .key = key, .order = order});
    trd_assert(timer != TRD_HANDLE_NONE);
    trd__timers_changed(match);
    return timer;
}

void trd__timer_cancel(trd_match *match, uint64_t *timer) {
    if (*timer != 0) {
        trd__wheel_cancel(trd__wheel(match), *timer);
        *timer = 0;
        trd__timers_changed(match);
    }
}

/* What follows a state when its planned end comes. */
static unsigned state_after(unsigned state) {
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

/* An order's time is over. */
static void expire(trd_match *match, trd_out *out, uint32_t number) {
    trd_special *special = trd__special(match, number);
    const uint32_t instrument = special->instrument;
    special->timer = 0;
    const trd_qty leaves = trd__leaves(match, trd__order(match, special->unit));
    trd__end_order(match, out, special->unit, instrument, TRD_CAUSE_EXPIRED, leaves);
    trd__settle_begin(match, instrument);
}

static void limit_fires(trd_match *match, uint32_t instrument) {
    trd_desk *desk = trd__desk(match, instrument);
    desk->limit_timer = 0;
    desk->at_band = 0;
    trd__session_begin(match, instrument,
        desk->profile.limit_auction ? TRD_SESSION_VOLATILITY : TRD_SESSION_HALTED,
        TRD_SESSION_BY_LIMIT, true, trd__time_after(match->time, desk->profile.limit_pause));
}

bool trd__timers_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    trd_timer due;
    int result;
    do {
        result = trd__wheel_advance(trd__wheel(match), work->time, &due);
    } while (result == TRD_WHEEL_MORE);
    trd__timers_changed(match);
    if (result == TRD_WHEEL_NONE) {
        return false;
    }
    const uint32_t number = (uint32_t)due.key;
    match->time = due.deadline > match->time ? due.deadline : match->time;
    work->timed = 1;
    work->elections = 0;
    work->indicate = number;
    switch (due.key >> 32) {
    case TRD_TIMER_EXPIRY:
        work->indicate = trd__special(match, number)->instrument;
        expire(match, out, number);
        break;
    case TRD_TIMER_SESSION: {
        trd_desk *desk = trd__desk(match, number);
        desk->session_timer = 0;
        trd__session_begin(match, number, state_after(desk->state), TRD_SESSION_BY_TIME, false, 0);
        break;
    }
    case TRD_TIMER_LIMIT:
        limit_fires(match, number);
        break;
    default:
        work->indicate = UINT32_MAX;
        trd__deadman_fire(match, number);
        break;
    }
    return true;
}

/* --- states ------------------------------------------------------------------------------------
 */

static void plan_end(trd_match *match, uint32_t instrument, bool ends, trd_ns until) {
    trd_desk *desk = trd__desk(match, instrument);
    trd__timer_cancel(match, &desk->session_timer);
    if (ends) {
        desk->session_timer =
            trd__timer_add(match, until, (uint64_t)TRD_TIMER_SESSION << 32 | instrument, 2);
    }
}

static void emit_session(trd_match *match, trd_out *out, uint32_t instrument, unsigned former,
    unsigned cause, trd_ns until) {
    trd_event *event = trd__emit(match, out, TRD_EVENT_SESSION, 0, instrument, 0, 0);
    event->u.session = (trd_ev_session){.state = trd__desk(match, instrument)->state,
        .former = (uint8_t)former,
        .cause = (uint8_t)cause,
        .until = until};
}

void trd__session_command(trd_match *match, trd_out *out) {
    const trd_command *command = match->work.command;
    const trd_session *session = &command->u.session;
    const uint32_t instrument = command->instrument;
    if (instrument >= match->instruments) {
        trd__reject_command(match, out, command, TRD_REJECT_UNKNOWN_INSTRUMENT);
        return;
    }
    const trd_wide latest = (trd_wide)session->until + (trd_wide)session->random;
    if (session->until != 0 && (session->until <= match->time || latest > INT64_MAX)) {
        trd__reject_command(match, out, command, TRD_REJECT_EXPIRY);
        return;
    }
    trd_ns until = session->until;
    if (session->random != 0) {
        uint64_t seed = session->seed;
        const trd_uwide drawn = (trd_uwide)trd__splitmix(&seed) * (session->random + 1);
        until += (trd_ns)(uint64_t)(drawn >> 64);
    }
    trd_desk *desk = trd__desk(match, instrument);
    if (desk->state == session->state) {
        plan_end(match, instrument, session->until != 0, until);
        emit_session(match, out, instrument, desk->state, TRD_SESSION_BY_COMMAND, until);
        return;
    }
    trd__session_begin(
        match, instrument, session->state, TRD_SESSION_BY_COMMAND, session->until != 0, until);
}

void trd__session_begin(trd_match *match, uint32_t instrument, unsigned state, unsigned cause,
    bool ends, trd_ns until) {
    trd_work *work = &match->work;
    work->stage = TRD_STAGE_SESSION;
    work->session_step = 0;
    work->instrument = instrument;
    work->to_state = (uint8_t)state;
    work->former = trd__desk(match, instrument)->state;
    work->session_cause = (uint8_t)cause;
    work->ends = ends;
    work->until = until;
    work->uncrossed = 0;
}

/* The change itself. */
static void change_state(trd_match *match, trd_out *out, uint32_t instrument) {
    trd_work *work = &match->work;
    trd_desk *desk = trd__desk(match, instrument);
    desk->state = work->to_state;
    desk->told = (trd_ev_auction){0};
    trd__cross_forget(match, instrument);
    plan_end(match, instrument, work->ends != 0, work->until);
    trd__timer_cancel(match, &desk->limit_timer);
    desk->at_band = 0;
    if (desk->state == TRD_SESSION_CONTINUOUS) {
        trd__rich_clear(match, instrument, TRD_RICH_STATE);
    } else {
        trd__rich_set(match, instrument, TRD_RICH_STATE);
    }
    emit_session(match, out, instrument, work->former, work->session_cause, work->until);
}

/* The first waiting order whose auction this is; 0 if there is none. */
static uint32_t next_to_join(const trd_match *match, uint32_t instrument) {
    const trd_desk *desk = trd__desk(match, instrument);
    for (uint32_t number = desk->waiting.first; number != 0;
         number = trd__special(match, number)->list[TRD_LIST_WAITING].next) {
        const trd_special *special = trd__special(match, number);
        if (special->waits == TRD_WAITS_AUCTION &&
            trd__joins(trd__order(match, special->unit)->tif, desk->state)) {
            return number;
        }
    }
    return 0;
}

static void join(trd_match *match, trd_out *out, uint32_t number) {
    const trd_special *special = trd__special(match, number);
    const trd_qty leaves = trd__order(match, special->unit)->leaves;
    trd__wait_end(match, number);
    trd__place_leave(&match->store, special->unit);
    trd__rest_order(match, out, special->unit, special->instrument, special->px, leaves);
}

void trd__session_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    const uint32_t instrument = work->instrument;
    const bool opens = work->to_state == TRD_SESSION_CONTINUOUS; /* from another state, that is */
    const bool from_continuous = work->former == TRD_SESSION_CONTINUOUS;
    const bool closes = work->to_state == TRD_SESSION_CLOSED;
    switch (work->session_step++) {
    case 0:
        if (from_continuous) {
            trd__elect(match, instrument); /* what was observed so far */
        }
        if (opens || (closes && trd__state_is_auction(work->former))) {
            work->uncrossed = 1;
            trd__uncross_begin(match, out, instrument);
        }
        break;
    case 1:
        change_state(match, out, instrument);
        work->session_walk = (trd_walk){0};
        break;
    case 2:
        if ((work->uncrossed || from_continuous || closes) &&
            trd__walk_unit(match, out, instrument, &work->session_walk, NULL)) {
            work->session_step--;
        }
        break;
    case 3:
        if (from_continuous && trd__peg_unprice(match, out, instrument)) {
            work->session_step--;
        }
        break;
    case 4: {
        const uint32_t number =
            trd__state_is_auction(work->to_state) ? next_to_join(match, instrument) : 0;
        if (number != 0) {
            join(match, out, number);
            work->session_step--;
        }
        break;
    }
    default:
        if (opens) {
            trd_desk *desk = trd__desk(match, instrument);
            desk->pegs_settled = 0;
            desk->peg_next = desk->pegs.first;
            trd__prices_observe(match, instrument);
        }
        trd__settle_begin(match, instrument);
        break;
    }
}

/* --- bands -------------------------------------------------------------------------------------
 */

static trd_px px_fitted(trd_wide px) {
    return px < INT64_MIN ? INT64_MIN : px > INT64_MAX ? INT64_MAX : (trd_px)px;
}

bool trd__band_now(const trd_match *match, uint32_t instrument, trd_px *low, trd_px *high) {
    const trd_profile *profile = &trd__desk(match, instrument)->profile;
    trd_px px;
    if (!trd__price_of(match, instrument, profile->band_source, &px)) {
        return false;
    }
    const trd_wide size = (trd_wide)trd__magnitude(px);
    *low = px_fitted(px - size * profile->band_below / BASIS_POINTS);
    *high = px_fitted(px + size * profile->band_above / BASIS_POINTS);
    return true;
}

void trd__limit_state(trd_match *match, uint32_t instrument) {
    trd_desk *desk = trd__desk(match, instrument);
    trd_px low;
    trd_px high;
    trd_px bid;
    trd_px offer;
    const bool at = trd__band(match, instrument, &low, &high) &&
                    ((trd__book_best(match, instrument, 0, &bid) && bid >= high) ||
                        (trd__book_best(match, instrument, 1, &offer) && offer <= low));
    if (at && !desk->at_band && match->work.timed) {
        return; /* a command has to come first, or pauses would follow each other for ever */
    }
    if (at && !desk->at_band) {
        desk->limit_timer =
            trd__timer_add(match, trd__time_after(match->time, desk->profile.limit_wait),
                (uint64_t)TRD_TIMER_LIMIT << 32 | instrument, 2);
    } else if (!at && desk->at_band) {
        trd__timer_cancel(match, &desk->limit_timer);
    }
    desk->at_band = at;
}

/* --- circuit breaker ---------------------------------------------------------------------------
 */

static int64_t slice_of(const trd_match *match, const trd_profile *profile) {
    const int64_t length = profile->breaker_window / TRD_SLICES;
    return (int64_t)trd__div_floor(match->time, length);
}

/* Is a - b, which is > 0, more than the variation allowed from b (or a)? */
static bool varies(trd_px from, trd_wide by, uint32_t variation) {
    return by > (trd_wide)trd__magnitude(from) * variation / BASIS_POINTS;
}

bool trd__breaker_trips(const trd_match *match, uint32_t instrument, trd_px px) {
    const trd_desk *desk = trd__desk(match, instrument);
    const trd_profile *profile = &desk->profile;
    const int64_t now = slice_of(match, profile);
    for (int i = 0; i < TRD_SLICES; i++) {
        const trd_slice *slice = &desk->slices[i];
        if (slice->used && slice->number > now - TRD_SLICES &&
            (varies(slice->low, (trd_wide)px - slice->low, profile->breaker_variation) ||
                varies(slice->high, (trd_wide)slice->high - px, profile->breaker_variation))) {
            return true;
        }
    }
    return false;
}

void trd__breaker_note(trd_match *match, uint32_t instrument, trd_px px) {
    trd_desk *desk = trd__desk(match, instrument);
    const int64_t now = slice_of(match, &desk->profile);
    trd_slice *slice = &desk->slices[(uint64_t)now % TRD_SLICES];
    if (!slice->used || slice->number != now) {
        *slice = (trd_slice){.number = now, .low = px, .high = px, .used = 1};
        return;
    }
    slice->low = px < slice->low ? px : slice->low;
    slice->high = px > slice->high ? px : slice->high;
}

void trd__breaker_forget(trd_match *match, uint32_t instrument) {
    trd_desk *desk = trd__desk(match, instrument);
    memset(desk->slices, 0, sizeof(desk->slices));
}
