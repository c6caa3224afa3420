/* audit.c - every invariant of a matcher. */
#include "match/rich.h"

/* --- audit ------------------------------------------------------------------------------------ */

/* Every resting order is in the id map under its own id, and no book is crossed. */
static bool continuous(const trd_match *match, uint32_t instrument) {
    return trd__desk(match, instrument)->state == TRD_SESSION_CONTINUOUS;
}

static int audit_books(const trd_match *match) {
    const trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    for (uint32_t side_at = 0; side_at < store->books * 2; side_at++) {
        uint32_t level = trd__ladder_best(store, side_at);
        trd_audit(level == 0 || side_at / 2 < match->instruments);
        if (level != 0 && (side_at & 1) == 0) {
            const trd_queue *bid = trd__queue(arena, level);
            const trd_side *asks = trd__store_side(store, side_at ^ 1);
            trd_audit(!continuous(match, side_at / 2) || asks->near == 0 ||
                      trd__key_px(asks->best, 1) > trd__key_px(bid->key, 0));
        }
        for (; level != 0;
             level = trd__ladder_worse(store, side_at, trd__queue(arena, level)->key)) {
            for (uint32_t at = trd__link(arena, level)->next; at != level;
                 at = trd__link(arena, at)->next) {
                const trd_node *node = trd__node(arena, at);
                trd_audit(node->id_slot == TRD_MAP_NONE ||
                          trd__id_find(match, node->account, trd__client_id(match, node)) == at);
            }
        }
    }
    return TRD_OK;
}

/* Orders of quotes, the one that is taking included. */
static uint32_t orders_without_id(const trd_match *match) {
    uint32_t count = 0;
    for (uint32_t number = 1; number <= match->specials_max; number++) {
        const trd_special *special = trd__special(match, number);
        count += special->unit != 0 && special->quote != 0;
    }
    return count;
}

/* The id map is sound, and each of its slots in use is live or remembered; counts agree. */
static int audit_ids(const trd_match *match) {
    const trd_map_slot *slots = trd__id_slots(match);
    uint32_t live = 0;
    trd_audit(trd__map_audit(&match->ids, slots) == 0);
    for (uint32_t at = 0; at < match->ids.buckets * TRD_MAP_WAYS; at++) {
        if (trd__map_ref(slots, at) != 0) {
            trd_audit(trd__map_ref(slots, at) <= match->store.orders_max);
            live += trd__id_live(match, at) != 0;
        }
    }
    const bool pending =
        match->taker.unit != 0 && trd__order(match, match->taker.unit)->id_slot != TRD_MAP_NONE;
    trd_audit(live + pending + orders_without_id(match) == match->store.orders);
    trd_audit(match->ids.count == live + pending + trd__ended_count(match));
    for (uint32_t i = 1; i <= trd__ended_count(match); i++) {
        const uint32_t slot = trd__ended(match)[(match->ended - i) & match->ended_mask];
        trd_audit(slot < match->ids.buckets * TRD_MAP_WAYS);
        trd_audit(trd__map_ref(slots, slot) != 0 && trd__id_live(match, slot) == 0);
    }
    return TRD_OK;
}

int trd_match_audit(const trd_match *match) {
    int result = trd__store_audit(&match->store, match->taker.unit != 0);
    if (result == TRD_OK) {
        result = audit_ids(match);
    }
    if (result == TRD_OK) {
        result = trd__pos_audit(&match->positions);
    }
    if (result == TRD_OK) {
        result = trd__quotes_audit(match);
    }
    if (result == TRD_OK) {
        result = trd__groups_audit(match);
    }
    for (uint32_t i = 0; result == TRD_OK && i < match->instruments; i++) {
        result = trd__watch_audit(match, i);
    }
    for (uint32_t i = 0; result == TRD_OK && i < match->instruments; i++) {
        result = trd__cross_audit(match, i);
    }
    return result == TRD_OK ? audit_books(match) : result;
}
