/* audit.c - every invariant of a tracker. */
#include "oms/state.h"

/* A damaged index must not lead out of the block. */
static bool is_extra(const trd_tracker *t, uint32_t id) {
    return trd__is_extra(t, id) && id < t->def.orders_max * 2 + t->def.requests_max;
}

static int audit_pending(const trd_tracker *t, const trd_track *order) {
    uint32_t cancels = 0, replaces = 0, prev = TRD_NONE;
    for (uint32_t id = order->pending_first; id != TRD_NONE; id = trd__id(t, id)->next) {
        const trd_id *own = trd__id(t, id);
        trd_audit(is_extra(t, id));
        trd_audit(own->state == ID_PENDING && own->retired == 0);
        trd_audit(own->prev == prev && own->order == trd__handle_of(t, order));
        trd_audit(prev == TRD_NONE || trd__id(t, prev)->number < own->number);
        cancels += own->kind == ID_CANCEL;
        replaces += own->kind == ID_REPLACE;
        trd_audit(cancels + replaces <= t->pending);
        prev = id;
    }
    trd_audit(order->pending_last == prev);
    trd_audit(order->cancels == cancels && order->replaces == replaces);
    return 0;
}

static int audit_order(const trd_tracker *t, const trd_track *order) {
    const uint32_t slot = trd__slot_of(t, order);
    const trd_qty leaves = trd__leaves_of(order);
    const bool ended = (order->flags & ORDER_ENDED) != 0;
    trd_audit(order->side == TRD_BUY || order->side == TRD_SELL);
    trd_audit(order->position < t->positions);
    trd_audit(order->qty >= 1 && order->qty <= order->qty_high);
    trd_audit(order->cum >= 0 && order->cum <= TRD_LOTS_MAX && order->named >= 0);
    trd_audit(ended == trd__has_ended(order));
    trd_audit(leaves >= 0 && (!ended || leaves == 0));
    trd_audit(ended || trd__complete(order) || order->qty == order->cum + leaves);
    trd_audit(!ended || (order->pending_first == TRD_NONE && (order->flags & ORDER_MISSING) == 0));
    trd_audit(order->not_found < t->def.not_found_max);
    trd_audit(!trd__waits(order) || order->timer != 0);
    trd_audit(trd__id(t, trd__own_client(slot))->kind == ID_CLIENT);
    trd_audit(trd__id(t, trd__own_venue(slot))->kind == ID_VENUE);
    trd_audit(order->current == trd__own_client(slot) || is_extra(t, order->current));
    trd_audit(trd__id(t, order->current)->order == trd__handle_of(t, order));
    trd_audit(trd__id(t, order->current)->retired == 0);
    return audit_pending(t, order);
}

static int audit_list(const trd_tracker *t, const trd_list *list, bool ended) {
    uint32_t count = 0, prev = TRD_NONE;
    for (uint32_t slot = list->first; slot != TRD_NONE; slot = trd__track(t, slot)->next) {
        const trd_track *order = trd__track(t, slot);
        trd_audit(trd__pool_is_used(trd__orders_pool(t), slot));
        trd_audit(++count <= list->count && order->prev == prev);
        trd_audit(((order->flags & ORDER_ENDED) != 0) == ended);
        const int result = audit_order(t, order);
        if (result != 0) {
            return result;
        }
        prev = slot;
    }
    trd_audit(count == list->count && list->last == prev);
    return 0;
}

static int audit_retired(const trd_tracker *t) {
    uint32_t count = 0, prev = TRD_NONE;
    for (uint32_t id = t->retired.first; id != TRD_NONE; id = trd__id(t, id)->next) {
        const trd_id *own = trd__id(t, id);
        trd_audit(is_extra(t, id) && ++count <= t->retired.count);
        trd_audit(own->prev == prev && own->retired != 0 && own->keyed != 0);
        trd_audit(own->kind == ID_VENUE || own->state != ID_PENDING || own->kind == ID_CLIENT);
        prev = id;
    }
    trd_audit(count == t->retired.count && t->retired.last == prev);
    return 0;
}

/* Every extra id is pending, retired, or the one that an order goes by; every key finds its id. */
static int audit_ids(const trd_tracker *t) {
    const uint32_t own = t->def.orders_max * 2;
    uint32_t used = 0;
    for (uint32_t id = 0; id < own + t->def.requests_max; id++) {
        const trd_id *at = trd__id(t, id);
        const bool in_use = id < own ? trd__pool_is_used(trd__orders_pool(t), id / 2)
                                     : trd__pool_is_used(trd__ids_pool(t), id - own);
        trd_audit(in_use == (at->kind != ID_UNUSED));
        trd_audit(in_use || at->keyed == 0);
        if (!in_use || at->keyed == 0) {
            used += in_use && id >= own;
            continue;
        }
        used += id >= own;
        const uint32_t account = at->key.scope >> KEY_BITS;
        const uint32_t found = at->kind == ID_VENUE ? trd__id_find_venue(t, account, &at->key.name)
                                                    : trd__id_find_client(t, account, at->key.hash);
        trd_audit(found == id);
        const trd_track *order = trd__track_of(t, at->order);
        trd_audit(order != NULL || at->retired != 0);
        trd_audit(order == NULL || order->position < t->positions);
        trd_audit(order == NULL || trd__position(t, order->position)->account == account);
    }
    uint32_t current = 0;
    for (uint32_t slot = 0; slot < t->def.orders_max; slot++) {
        current += trd__pool_is_used(trd__orders_pool(t), slot) &&
                   trd__is_extra(t, trd__track(t, slot)->current);
    }
    trd_audit(used == t->pending + t->retired.count + current);
    return 0;
}

/* What the remembered fills of an order add up to is what it holds as named, or less if some are
 * forgotten. */
static int audit_fills(const trd_tracker *t) {
    for (uint32_t i = 0; i < t->def.fills_max; i++) {
        const trd_fill_entry *fill = trd__fill(t, i);
        if (fill->used == 0) {
            continue;
        }
        trd_audit(fill->position < t->positions && fill->qty >= 0);
        trd_audit(trd__fill_find(t, fill->position, fill->side, &fill->key.name) == i);
    }
    for (uint32_t slot = 0; slot < t->def.orders_max; slot++) {
        const trd_track *order = trd__track(t, slot);
        trd_qty named = 0;
        if (!trd__pool_is_used(trd__orders_pool(t), slot)) {
            continue;
        }
        for (uint32_t i = 0; i < t->def.fills_max; i++) {
            const trd_fill_entry *fill = trd__fill(t, i);
            const bool counts = fill->used != 0 && fill->busted == 0;
            named += counts && fill->order == trd__handle_of(t, order) ? fill->qty : 0;
        }
        trd_audit(named == order->named || (named < order->named && t->stats.fills_forgotten > 0));
    }
    return 0;
}

static int audit_positions(const trd_tracker *t) {
    for (uint32_t i = 0; i < t->positions; i++) {
        const trd_position_state *p = trd__position(t, i);
        uint64_t qty = p->loose + (uint64_t)p->adjusted;
        for (uint32_t slot = 0; slot < t->def.orders_max; slot++) {
            const trd_track *order = trd__track(t, slot);
            if (trd__pool_is_used(trd__orders_pool(t), slot) && order->position == i) {
                qty += (uint64_t)(trd__sign(order->side) * order->cum);
            }
        }
        trd_audit(qty == (uint64_t)p->qty);
        trd_audit(p->account < t->accounts);
        trd_audit(trd__position_find(t, p->account, p->instrument) == i);
    }
    for (uint32_t i = 0; i < t->accounts; i++) {
        const trd_account_key *account = trd__account(t, i);
        trd_audit(trd__account_find(t, account->venue, account->account) == i);
    }
    return 0;
}

static int audit_timers(const trd_tracker *t) {
    uint32_t timers = 0, orders = 0;
    for (uint32_t slot = 0; slot < t->def.orders_max; slot++) {
        const bool used = trd__pool_is_used(trd__orders_pool(t), slot);
        orders += used;
        timers += used && trd__track(t, slot)->timer != 0;
    }
    trd_audit(timers == trd__wheel_count(trd__tracker_wheel(t)));
    trd_audit(orders == t->open.count + t->ended.count);
    trd_audit(trd__wheel_audit(trd__tracker_wheel(t)) == 0);
    return 0;
}

int trd_tracker_audit(const trd_tracker *t) {
    trd_audit(trd__map_audit(&t->map, trd__tracker_slots(t)) == 0);
    trd_audit(trd__pool_audit(trd__orders_pool(t)) == 0);
    trd_audit(trd__pool_audit(trd__ids_pool(t)) == 0);
    int result = audit_list(t, &t->open, false);
    result = result == 0 ? audit_list(t, &t->ended, true) : result;
    result = result == 0 ? audit_retired(t) : result;
    result = result == 0 ? audit_ids(t) : result;
    result = result == 0 ? audit_fills(t) : result;
    result = result == 0 ? audit_positions(t) : result;
    return result == 0 ? audit_timers(t) : result;
}
