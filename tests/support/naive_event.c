/* naive_event.c - what stands in the events: "What stands in the events" of matching.md, and the
 * structs of event.h for those of special orders. */
#include "naive_model.h"

#include <string.h>

static trd_event *slot(naive_match *m) {
    if (m->event_slots == m->event_room) {
        m->event_room = m->event_room * 2 + 64;
        m->events = naive__grown(m->events, m->event_room * sizeof(trd_event));
    }
    trd_event *event = &m->events[m->event_slots++];
    memset(event, 0, sizeof(*event));
    return event;
}

trd_event *naive__emit(naive_match *m, uint8_t kind, uint32_t instrument, uint32_t account) {
    trd_event *event = slot(m);
    event->seq = ++m->stats.events;
    event->time = m->time;
    event->kind = kind;
    event->slots = 1;
    event->instrument = instrument;
    event->account = account;
    return event;
}

/* An event about one order, to its owner. */
static trd_event *emit_about(naive_match *m, uint8_t kind, const naive_order *order) {
    trd_event *event = naive__emit(m, kind, order->instrument, order->account);
    event->side = order->side;
    event->status = naive__status(order);
    return event;
}

uint8_t naive__status(const naive_order *order) {
    return order->executed == 0 ? TRD_STATUS_NEW : TRD_STATUS_PARTIALLY_FILLED;
}

static bool publishes(const naive_match *m, uint32_t instrument, uint32_t what) {
    return (m->market[instrument].publish & what) != 0;
}

void naive__emit_terms(
    naive_match *m, uint8_t kind, const naive_order *order, uint8_t status, bool kept) {
    trd_event *event = emit_about(m, kind, order);
    event->status = status;
    event->flags = kept ? TRD_EVENT_PLACE_KEPT : 0;
    event->u.order.client_id = order->client_id;
    event->u.order.order = order->handle;
    event->u.order.px = order->px;
    event->u.order.qty = order->total;
}

void naive__emit_canceled(
    naive_match *m, const naive_order *order, uint8_t status, uint8_t cause, trd_qty qty) {
    trd_event *event = emit_about(m, TRD_EVENT_CANCELED, order);
    event->status = status;
    event->reason = cause;
    event->u.cancel.client_id = order->client_id;
    event->u.cancel.order = order->handle;
    event->u.cancel.qty = qty;
    event->u.cancel.cum = order->executed;
}

void naive__emit_fill(naive_match *m, const naive_order *order, const naive_order *contra,
    trd_px px, trd_qty qty, uint8_t liquidity, bool filled) {
    trd_event *event = emit_about(m, TRD_EVENT_FILL, order);
    event->liquidity = liquidity;
    event->status = filled ? TRD_STATUS_FILLED : TRD_STATUS_PARTIALLY_FILLED;
    event->u.fill.order = order->handle;
    event->u.fill.px = px;
    event->u.fill.qty = qty;
    event->u.fill.leaves = order->leaves;
    if (!publishes(m, order->instrument, TRD_PUBLISH_EXEC)) {
        return;
    }
    event->slots = 2;
    trd_ext_exec exec;
    memset(&exec, 0, sizeof(exec));
    exec.seq = event->seq;
    exec.client_id = order->client_id;
    exec.kind = TRD_EXT_EXEC;
    exec.contra_account = contra->account;
    exec.cum = order->executed;
    exec.prevented = order->prevented;
    exec.contra = contra->handle;
    exec.command_seq = m->command_seq;
    exec.tag = order->tag;
    memcpy(slot(m), &exec, sizeof(exec));
}

void naive__emit_prevented(naive_match *m, const naive_order *order, const naive_order *contra,
    uint8_t mode, trd_qty qty) {
    trd_event *event = emit_about(m, TRD_EVENT_PREVENTED, order);
    event->reason = mode;
    event->u.prevent.order = order->handle;
    event->u.prevent.contra = contra->handle;
    event->u.prevent.qty = qty;
    event->u.prevent.leaves = order->leaves;
}

void naive__emit_restated(
    naive_match *m, const naive_order *order, uint8_t why, trd_qty displayed) {
    trd_event *event = emit_about(m, TRD_EVENT_RESTATED, order);
    event->reason = why;
    event->u.restate.order = order->handle;
    event->u.restate.px = order->px;
    event->u.restate.displayed = displayed;
    event->u.restate.leaves = order->leaves;
}

void naive__emit_triggered(naive_match *m, const naive_order *order, trd_px trigger, trd_px px) {
    trd_event *event = emit_about(m, TRD_EVENT_TRIGGERED, order);
    event->reason = order->source;
    event->u.trigger.client_id = order->client_id;
    event->u.trigger.order = order->handle;
    event->u.trigger.trigger = trigger;
    event->u.trigger.reference = px;
}

void naive__emit_session(naive_match *m, uint32_t instrument, uint8_t former, uint8_t cause) {
    const naive_market *market = &m->market[instrument];
    trd_event *event = naive__emit(m, TRD_EVENT_SESSION, instrument, 0);
    event->u.session.state = market->state;
    event->u.session.former = former;
    event->u.session.cause = cause;
    event->u.session.until = market->ends ? market->until : 0;
}

void naive__emit_public(
    naive_match *m, const naive_order *order, uint8_t what, trd_qty left, trd_qty changed) {
    if (!publishes(m, order->instrument, TRD_PUBLISH_ORDERS)) {
        return;
    }
    trd_event *event = naive__emit(m, TRD_EVENT_ORDER, order->instrument, 0);
    event->side = order->side;
    event->status = what;
    event->u.displayed.order = order->handle;
    event->u.displayed.px = order->px;
    event->u.displayed.qty = left;
    event->u.displayed.changed = changed;
}

void naive__emit_level(naive_match *m, uint32_t instrument, unsigned side, trd_px px) {
    if (m->untold && m->untold_instrument == instrument && m->untold_side == side &&
        m->untold_px == px) {
        m->untold = false;
    }
    if (!publishes(m, instrument, TRD_PUBLISH_LEVELS)) {
        return;
    }
    trd_event *event = naive__emit(m, TRD_EVENT_LEVEL, instrument, 0);
    event->side = (uint8_t)side;
    event->u.level.px = px;
    const naive_side *orders = naive__place(m, instrument, TRD_WHERE_BOOK, side);
    for (uint32_t i = 0; i < orders->count; i++) {
        const naive_order *order = orders->at[i];
        if (order->px == px && order->displayed > 0) {
            event->u.level.qty += order->displayed;
            event->u.level.count++;
        }
    }
}

void naive__emit_tape(naive_match *m, const naive_order *maker, uint8_t side, trd_px px,
    trd_qty qty, uint64_t trade) {
    if (!publishes(m, maker->instrument, TRD_PUBLISH_TAPE)) {
        return;
    }
    trd_event *event = naive__emit(m, TRD_EVENT_TAPE, maker->instrument, 0);
    event->side = side;
    event->u.tape.px = px;
    event->u.tape.qty = qty;
    event->u.tape.trade = trade;
}

/* Lots of an order are displayed after none were. */
void naive__emit_added(naive_match *m, const naive_order *order, bool place_kept) {
    const uint32_t before = m->event_slots;
    naive__emit_public(m, order, TRD_ORDER_ADDED, order->displayed, order->displayed);
    if (place_kept && m->event_slots > before) {
        m->events[before].flags = TRD_EVENT_PLACE_KEPT;
    }
    naive__emit_level(m, order->instrument, order->side, order->px);
}
