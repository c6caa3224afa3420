/* emit.c - events that only some ask for. */
#include "match/emit.h"

void trd__publish_order(trd_match *match, trd_out *out, const trd_queue *level, trd_order order,
    unsigned what, trd_qty left, trd_qty changed) {
    const uint32_t s = level->side_at & 1;
    trd_event *event = trd__emit(
        match, out, TRD_EVENT_ORDER, 0, level->side_at / 2, 0, TRD_DETAIL(s + 1, 0, what, 0));
    event->u.displayed = (trd_ev_public){
        .order = order, .px = trd__key_px(level->key, s), .qty = left, .changed = changed};
}

void trd__publish_level(trd_match *match, trd_out *out, const trd_queue *level) {
    const uint32_t s = level->side_at & 1;
    trd_event *event = trd__emit(
        match, out, TRD_EVENT_LEVEL, 0, level->side_at / 2, 0, TRD_DETAIL(s + 1, 0, 0, 0));
    event->u.level =
        (trd_ev_level){.px = trd__key_px(level->key, s), .qty = level->qty, .count = level->count};
}

void trd__emit_exec(trd_match *match, trd_out *out, const trd_ext_exec *exec) {
    trd_event *slot = &out->events[out->count++];
    slot[-1].slots = 2;
    memcpy(slot, exec, sizeof(*exec));
    memcpy(slot, &match->seq, sizeof(match->seq));
}

/* Refuses a command about an order; `unit` is that order, or 0 if it must not be told. */
trd_cold int trd__reject_target(
    trd_match *match, trd_out *out, const trd_command *command, uint32_t unit, unsigned reason) {
    const bool replace = command->kind == TRD_COMMAND_REPLACE;
    const uint64_t name = replace ? command->u.replace.target : command->u.cancel.target;
    trd_ev_order body = {
        .px = replace ? command->u.replace.px : 0,
        .qty = replace ? command->u.replace.qty : command->u.cancel.qty,
    };
    unsigned status = TRD_STATUS_NONE;
    if (unit != 0) {
        const trd_node *node = trd__node(trd__store_arena(&match->store), unit);
        body.client_id = trd__client_id(match, node);
        body.order = trd__store_handle(node, unit);
        status = trd__open_status(node->executed);
    } else if ((command->flags & TRD_COMMAND_BY_HANDLE) != 0) {
        body.order = name;
    } else {
        body.client_id = name;
    }
    trd_event *event =
        trd__emit(match, out, replace ? TRD_EVENT_REPLACE_REJECTED : TRD_EVENT_CANCEL_REJECTED, 0,
            command->instrument, command->account, TRD_DETAIL(0, command->kind, status, reason));
    event->u.order = body;
    return TRD_OK;
}

/* Says the new terms of an order. */
void trd__emit_replaced(trd_match *match, trd_out *out, uint32_t instrument, uint32_t unit,
    unsigned flags, unsigned status, trd_px px, trd_qty total) {
    const trd_node *node = trd__node(trd__store_arena(&match->store), unit);
    trd_event *event = trd__emit(match, out, TRD_EVENT_REPLACED, flags, instrument, node->account,
        TRD_DETAIL(node->side, 0, status, 0));
    event->u.order = (trd_ev_order){.client_id = trd__client_id(match, node),
        .order = trd__store_handle(node, unit),
        .px = px,
        .qty = total};
}
