/* emit.h - events of the matcher, written the same way on the short and on the long way. */
#ifndef TRD_MATCH_EMIT_H
#define TRD_MATCH_EMIT_H

#include "match/state.h"

trd_inline unsigned trd__open_status(trd_qty executed) {
    return executed == 0 ? TRD_STATUS_NEW : TRD_STATUS_PARTIALLY_FILLED;
}

/* --- market data ------------------------------------------------------------------------------ */

trd_cold void trd__publish_order(trd_match *match, trd_out *out, const trd_queue *level,
    trd_order order, unsigned what, trd_qty left, trd_qty changed);

trd_cold void trd__publish_level(trd_match *match, trd_out *out, const trd_queue *level);

/* One displayed order of `level` changed, and the level with it. */
trd_inline void trd__publish_change(trd_match *match, trd_out *out, uint32_t publish,
    const trd_queue *level, trd_order order, unsigned what, trd_qty left, trd_qty changed) {
    if (trd_unlikely((publish & TRD_PUBLISH_ORDERS) != 0)) {
        trd__publish_order(match, out, level, order, what, left, changed);
    }
    if (trd_unlikely((publish & TRD_PUBLISH_LEVELS) != 0)) {
        trd__publish_level(match, out, level);
    }
}

/* Appends the EXEC extension to the FILL just written. */
trd_cold void trd__emit_exec(trd_match *match, trd_out *out, const trd_ext_exec *exec);

trd_inline void trd__emit_fill(trd_match *match, trd_out *out, uint32_t instrument,
    uint32_t account, uint32_t detail, trd_order order, trd_px px, trd_qty qty, trd_qty leaves) {
    trd_event *event = trd__emit(match, out, TRD_EVENT_FILL, 0, instrument, account, detail);
    event->u.fill = (trd_ev_fill){.order = order, .px = px, .qty = qty, .leaves = leaves};
}

/* The client id of an order; 0 for one that has none. */
trd_inline uint64_t trd__client_id(const trd_match *match, const trd_node *node) {
    return node->id_slot != TRD_MAP_NONE ? trd__id_slots(match)[node->id_slot].id : 0;
}

/* The same of an order on the short way: every one has an id, quotes are never plain. */
trd_inline uint64_t trd__plain_id(const trd_match *match, const trd_node *node) {
    return trd__id_slots(match)[node->id_slot].id;
}

/* Refuses a command about an order; `unit` is that order, or 0 if it must not be told. */
trd_cold int trd__reject_target(
    trd_match *match, trd_out *out, const trd_command *command, uint32_t unit, unsigned reason);

/* Says the new terms of an order. */
void trd__emit_replaced(trd_match *match, trd_out *out, uint32_t instrument, uint32_t unit,
    unsigned flags, unsigned status, trd_px px, trd_qty total);

#endif
