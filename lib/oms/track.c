/* track.c - what state an order is in, when it ends, and when it is asked for. */
#include "oms/state.h"

static uint8_t open_state(const trd_track *order) {
    if (order->cancels > 0) {
        return TRD_STATE_PENDING_CANCEL;
    }
    if (order->replaces > 0) {
        return TRD_STATE_PENDING_REPLACE;
    }
    if (order->base == TRD_STATE_NEW && order->cum > 0) {
        return TRD_STATE_PARTIALLY_FILLED;
    }
    return order->base;
}

uint8_t trd__state_of(const trd_track *order) {
    if (!trd__has_ended(order)) {
        return open_state(order);
    }
    if (!trd__complete(order)) {
        return order->base;
    }
    const bool above = order->base == TRD_STATE_DONE_FOR_DAY || order->base == TRD_STATE_CALCULATED;
    return above ? order->base : TRD_STATE_FILLED;
}

trd_qty trd__leaves_of(const trd_track *order) {
    return trd__has_ended(order) || trd__complete(order) ? 0 : order->qty - order->cum;
}

uint32_t trd__settle_order(trd_tracker *t, trd_track *order) {
    const bool ended = trd__has_ended(order);
    while (ended && order->pending_first != TRD_NONE) {
        const uint32_t id = order->pending_first;
        const bool served = trd__id(t, id)->kind == ID_CANCEL && order->base == TRD_STATE_CANCELED;
        trd__request_settle(t, order, id, served ? ID_ACCEPTED : ID_MOOT);
    }
    if (ended == ((order->flags & ORDER_ENDED) != 0)) {
        return 0;
    }
    trd__list_remove(t, ended ? &t->open : &t->ended, order);
    trd__list_append(t, ended ? &t->ended : &t->open, order);
    order->flags ^= ORDER_ENDED;
    if (ended) {
        order->flags &= ~(uint32_t)ORDER_MISSING;
        order->not_found = 0;
    }
    return ended ? TRD_OUTCOME_ENDED : TRD_OUTCOME_REVIVED;
}

bool trd__waits(const trd_track *order) {
    return !trd__has_ended(order) &&
           (order->base == TRD_STATE_PENDING_NEW || order->cancels > 0 || order->replaces > 0 ||
               (order->flags & ORDER_MISSING) != 0);
}

static trd_ns later(trd_ns time, trd_ns by) {
    return time > INT64_MAX - by ? INT64_MAX : time + by;
}

static void timer_stop(trd_tracker *t, trd_track *order) {
    if (order->timer != 0) {
        trd__wheel_cancel(trd__tracker_wheel(t), order->timer);
        order->timer = 0;
    }
}

static void timer_set(trd_tracker *t, trd_track *order, trd_ns deadline) {
    const trd_timer timer = {.deadline = deadline, .key = trd__slot_of(t, order)};
    order->timer = trd__wheel_add(trd__tracker_wheel(t), &timer);
    trd_assert(order->timer != 0); /* the wheel has room for one per order */
}

void trd__rearm(trd_tracker *t, trd_track *order, bool afresh) {
    const bool gap = trd__has_gap(order) && (order->flags & ORDER_GAP_ASKED) == 0;
    const bool wanted = gap || trd__waits(order);
    if (!wanted || afresh) {
        timer_stop(t, order);
    }
    if (!trd__waits(order)) {
        order->flags &= ~(uint32_t)ORDER_ASKED;
    }
    if (wanted && order->timer == 0) {
        timer_set(t, order, later(t->time, t->def.reply_ns));
    }
}

void trd__ask_now(trd_tracker *t, trd_track *order) {
    trd_assert(!trd__has_ended(order));
    order->flags |= ORDER_MISSING;
    timer_stop(t, order);
    timer_set(t, order, t->time);
}

/* The order of a timer that came out: the query, and the timer for the case that no answer comes.
 */
static void ask(trd_tracker *t, trd_track *order, trd_outcome *out) {
    *out = trd__outcome_of(t, order);
    out->kind = TRD_OUTCOME_QUERY;
    out->state_before = out->state;
    out->flags |= TRD_OUTCOME_NEEDS_QUERY;
    out->flags |= (order->flags & ORDER_MISSING) != 0 ? TRD_OUTCOME_MISSING : 0;
    if (trd__has_gap(order)) {
        order->flags |= ORDER_GAP_ASKED;
    }
    if (trd__waits(order)) {
        order->flags |= ORDER_ASKED;
        timer_set(t, order, later(t->time, t->def.query_ns));
    }
    t->stats.queries++;
}

int trd_tracker_poll(trd_tracker *t, trd_ns now, trd_outcome *out) {
    trd__time_goes_on(t, now);
    trd_timer due;
    int answer;
    do {
        answer = trd__wheel_advance(trd__tracker_wheel(t), t->time, &due);
    } while (answer == TRD_WHEEL_MORE);
    if (answer == TRD_WHEEL_NONE) {
        return 0;
    }
    trd_track *order = trd__track(t, (uint32_t)due.key);
    order->timer = 0;
    ask(t, order, out);
    return 1;
}

int trd_tracker_deadline(const trd_tracker *t, trd_ns *deadline) {
    return trd__wheel_next_bound(trd__tracker_wheel(t), deadline) ? 1 : 0;
}

trd_outcome trd__outcome_of(const trd_tracker *t, const trd_track *order) {
    const trd_position_state *position = trd__position(t, order->position);
    const trd_account_key *account = trd__account(t, position->account);
    const trd_id *current = trd__id(t, order->current);
    return (trd_outcome){
        .time = t->time,
        .order = trd__handle_of(t, order),
        .client_id = current->keyed != 0 ? current->key.hash : 0,
        .tag = order->tag,
        .px = order->px,
        .qty = trd__total(order),
        .cum = order->cum,
        .leaves = trd__leaves_of(order),
        .position = position->qty,
        .venue = account->venue,
        .account = account->account,
        .instrument = position->instrument,
        .flags = trd__has_gap(order) ? TRD_OUTCOME_GAP : 0,
        .state = trd__state_of(order),
        .side = order->side,
    };
}

void trd__time_goes_on(trd_tracker *t, trd_ns time) {
    if (time >= t->time) {
        t->time = time;
    } else {
        t->stats.time_steps_back++;
    }
}
