/* state.h - what a tracker is made of: one relocatable block, offsets instead of pointers.
 *
 *     trd_tracker | id map | accounts | positions | orders | ids | fills | pools | wheel
 *
 * One id map finds everything. What a key is for is in the low bits of its scope, which account or
 * position it belongs to in the others, so kinds of keys and accounts never meet:
 *
 *     account     id venue << 32 | account     scope SCOPE_ACCOUNTS
 *     position    id instrument                scope account, KEY_POSITION
 *     client id   id itself                    scope account, KEY_CLIENT
 *     venue's id  hash of the name             scope account, KEY_VENUE
 *     trade id    hash of the name             scope position, KEY_BUYS or KEY_SELLS
 *
 * Names of one hash are chained, so that a collision costs a comparison and never an order.
 * A trade id belongs to a position and a side because venues count executions per instrument, and
 * give both orders of one execution the same id, also if they are of one account. */
#ifndef TRD_OMS_STATE_H
#define TRD_OMS_STATE_H

#include <tradsys/order.h>

#include <string.h>

#include "core/assert.h"
#include "core/handle.h"
#include "core/map.h"
#include "core/pool.h"
#include "core/wheel.h"

#define TRD_NONE UINT32_MAX /* no slot, no index: the end of a list */

enum { KEY_CLIENT, KEY_VENUE, KEY_POSITION, KEY_BUYS, KEY_SELLS, KEY_BITS = 3 };
#define SCOPE_ACCOUNTS UINT32_MAX

/* Sums stay below it, so that adding one quantity more cannot overflow before it is checked. */
#define TRD_LOTS_MAX ((trd_qty)1 << 61)

/* What is found by a key; first member of ids and fills. A client id is its own hash. */
typedef struct trd_named {
    trd_name name;
    uint64_t hash;
    uint32_t scope;
    uint32_t same; /* reference of the next one of this hash and scope, 0: none */
} trd_named;

enum { ID_UNUSED, ID_CLIENT, ID_VENUE, ID_CANCEL, ID_REPLACE };

/* What became of a request. */
enum {
    ID_PENDING,
    ID_ACCEPTED,
    ID_REJECTED,
    ID_SUPERSEDED, /* a later one was accepted */
    ID_MOOT,       /* the order ended first */
    ID_DROPPED     /* never received, as it seems */
};

/* A client id, a venue's id, a cancel or replace request. Each order owns two, at 2 x slot and
 * behind it, for the id it was submitted with and the venue's; those above are taken for requests
 * and for ids that the venue changed. A settled one waits in the retired list, and is forgotten
 * when another needs its place. The one that an order goes by now is not retired. */
typedef struct trd_id {
    trd_named key;
    trd_qty qty; /* terms of a replace */
    trd_px px;
    trd_order order;
    uint32_t next; /* pending requests of the order, or retired ones: oldest first */
    uint32_t prev;
    uint8_t kind; /* ID_UNUSED to ID_REPLACE */
    uint8_t state;
    uint8_t keyed; /* it is in the map */
    uint8_t retired;
    uint32_t number; /* of the request among those of its order, from 1 */
} trd_id;

/* A fill that is remembered. */
typedef struct trd_fill_entry {
    trd_named key;
    trd_qty qty;
    trd_px px;
    uint64_t version;
    trd_order order;   /* 0: of no order that is known */
    uint32_t position; /* index */
    uint8_t busted;
    uint8_t used;
    uint8_t side;
    uint8_t unseen; /* made by a correction: the fill itself has not come yet */
} trd_fill_entry;

enum {
    ORDER_EXTERNAL = 1,
    ORDER_OVERFILLED = 2,
    ORDER_ASKED = 4,      /* a query is unanswered */
    ORDER_MISSING = 8,    /* the venue seems not to have it: ask */
    ORDER_GAP_ASKED = 16, /* the gap was asked for */
    ORDER_BUSTED = 32,    /* a fill was busted or made smaller */
    ORDER_UNNAMED = 64,   /* its fills come without trade ids: a gap is nothing to ask for */
    ORDER_ENDED = 128,    /* in the list of ended orders, not of open ones */
    ORDER_CLOSED = 256    /* CANCELED because a complete order lost lots: no venue said so */
};

/* An order. `base` is what the venue last said, without what is pending or derived from cum:
 * PENDING_NEW, NEW, STOPPED, SUSPENDED, DONE_FOR_DAY, CALCULATED, or how it ended. */
typedef struct trd_track {
    trd_qty qty;
    trd_qty cum;      /* executed */
    trd_qty named;    /* of it by named fills; the rest is said by the venue, and may be below 0 */
    trd_qty qty_high; /* highest total that was ever in force */
    trd_px px;
    uint64_t version;     /* of the report that said the state, ... */
    uint64_t cum_version; /* ... what the venue says cum is, ... */
    uint64_t
        lots_version; /* ... and the newest of that and of all fills, busts, corrections, ... */
    uint64_t terms_version; /* ... px and qty */

    uint64_t tag;
    uint64_t timer; /* handle, 0: not set */
    trd_ns time;    /* when it was last sent or heard of */
    uint32_t generation;
    uint32_t position; /* index */
    uint32_t current;  /* the id that it goes by */
    uint32_t pending_first;
    uint32_t pending_last;
    uint32_t next; /* open or ended orders, in the order of opening or ending */
    uint32_t prev;
    uint32_t flags;    /* ORDER_* */
    uint32_t snapshot; /* number of the last snapshot that had it */
    uint16_t cancels;  /* pending */
    uint16_t replaces; /* pending */

    uint8_t base;
    uint8_t side;
    uint8_t not_found;
    uint8_t unanswered; /* STATUS answers since the last request that did not settle it */
    uint32_t made;      /* requests so far */
    uint32_t accepted;  /* number of the newest replace that was accepted */
    uint32_t reserved;
} trd_track;

typedef struct trd_list {
    uint32_t first;
    uint32_t last;
    uint32_t count;
} trd_list;

/* qty == loose + adjusted + the signed cum of all remembered orders of the position, modulo 2^64:
 * qty is kept in range, while buys that are forgotten before the sells may add up to anything. */
typedef struct trd_position_state {
    trd_qty qty;
    trd_qty adjusted;
    uint64_t loose; /* of fills without an order, and of orders that are forgotten */
    trd_ns moved;
    uint32_t account; /* index */
    uint32_t instrument;
} trd_position_state;

struct trd_tracker {
    trd_ns time;
    trd_map map;
    uint64_t slots_at;
    uint64_t accounts_at;
    uint64_t positions_at;
    uint64_t orders_at;
    uint64_t ids_at;
    uint64_t fills_at;
    uint64_t orders_pool_at;
    uint64_t ids_pool_at;
    uint64_t wheel_at;
    trd_list open;
    trd_list ended;
    trd_list retired;
    uint64_t fills_made;
    uint32_t accounts;
    uint32_t positions;
    uint32_t pending; /* requests */
    uint32_t in_snapshot;
    uint32_t snapshot; /* number */
    uint32_t snapshot_account;
    trd_ns snapshot_asked;
    trd_tracker_stats stats;

    /* control plane */
    trd_tracker_def def;
    size_t size;
};

trd_inline void *trd__tracker_at(const trd_tracker *t, uint64_t offset) {
    return (void *)((uintptr_t)t + offset);
}

trd_inline trd_map_slot *trd__tracker_slots(const trd_tracker *t) {
    return trd__tracker_at(t, t->slots_at);
}

trd_inline trd_account_key *trd__account(const trd_tracker *t, uint32_t at) {
    return (trd_account_key *)trd__tracker_at(t, t->accounts_at) + at;
}

trd_inline trd_position_state *trd__position(const trd_tracker *t, uint32_t at) {
    return (trd_position_state *)trd__tracker_at(t, t->positions_at) + at;
}

trd_inline trd_track *trd__track(const trd_tracker *t, uint32_t slot) {
    return (trd_track *)trd__tracker_at(t, t->orders_at) + slot;
}

trd_inline trd_id *trd__id(const trd_tracker *t, uint32_t at) {
    return (trd_id *)trd__tracker_at(t, t->ids_at) + at;
}

trd_inline trd_fill_entry *trd__fill(const trd_tracker *t, uint32_t at) {
    return (trd_fill_entry *)trd__tracker_at(t, t->fills_at) + at;
}

trd_inline trd_pool *trd__orders_pool(const trd_tracker *t) {
    return trd__tracker_at(t, t->orders_pool_at);
}

trd_inline trd_pool *trd__ids_pool(const trd_tracker *t) {
    return trd__tracker_at(t, t->ids_pool_at);
}

trd_inline trd_wheel *trd__tracker_wheel(const trd_tracker *t) {
    return trd__tracker_at(t, t->wheel_at);
}

trd_inline uint32_t trd__slot_of(const trd_tracker *t, const trd_track *order) {
    return (uint32_t)(order - trd__track(t, 0));
}

trd_inline trd_order trd__handle_of(const trd_tracker *t, const trd_track *order) {
    return trd__handle_make(trd__slot_of(t, order), order->generation);
}

/* The order of a handle, NULL if it is not remembered. Any value may be asked. */
trd_inline trd_track *trd__track_of(const trd_tracker *t, trd_order handle) {
    const uint32_t slot = trd__handle_slot(handle);
    if (!trd__pool_is_used(trd__orders_pool(t), slot)) {
        return NULL;
    }
    trd_track *order = trd__track(t, slot);
    return order->generation == trd__handle_generation(handle) ? order : NULL;
}

/* Ids that each order owns. */
trd_inline uint32_t trd__own_client(uint32_t slot) {
    return slot * 2;
}

trd_inline uint32_t trd__own_venue(uint32_t slot) {
    return slot * 2 + 1;
}

trd_inline bool trd__is_extra(const trd_tracker *t, uint32_t id) {
    return id >= t->def.orders_max * 2;
}

trd_inline uint32_t trd__scope(uint32_t of, uint32_t key) {
    return of << KEY_BITS | key;
}

trd_inline trd_qty trd__sign(uint8_t side) {
    return side == TRD_BUY ? 1 : -1;
}

trd_inline bool trd__is_named(const trd_name *name) {
    return name->text[0] != 0;
}

/* --- what state an order is in (track.c) ------------------------------------------------------ */

/* Did the venue, or its silence, end it? */
trd_inline bool trd__base_ended(const trd_track *order) {
    return order->base == TRD_STATE_CANCELED || order->base == TRD_STATE_REJECTED ||
           order->base == TRD_STATE_EXPIRED || order->base == TRD_STATE_LOST;
}

trd_inline bool trd__complete(const trd_track *order) {
    return order->cum >= order->qty;
}

/* The total that is in force. Fills that crossed a replace to less were right under the terms
 * before it, and make the total what is executed. This is worked out each time, because lots that
 * are too many for a moment (a correction that overtook another) must leave no trace. */
trd_inline trd_qty trd__total(const trd_track *order) {
    const bool crossed = order->cum > order->qty && order->cum <= order->qty_high &&
                         (order->flags & ORDER_OVERFILLED) == 0;
    return crossed ? order->cum : order->qty;
}

/* A pending replace may still give a complete order a higher total. */
trd_inline bool trd__has_ended(const trd_track *order) {
    return trd__base_ended(order) || (trd__complete(order) && order->replaces == 0);
}

uint8_t trd__state_of(const trd_track *order);
trd_qty trd__leaves_of(const trd_track *order);

/* trd__settle_order moves an order to the list where it belongs after a change; an order that ended
 * has no pending requests any more. Returns TRD_OUTCOME_ENDED, TRD_OUTCOME_REVIVED or 0. */
uint32_t trd__settle_order(trd_tracker *t, trd_track *order);

/* When an order is asked for. `rearm` sets or takes back the timer, whatever the order needs;
 * `afresh` starts waiting anew. `ask_now` makes it due at once. */
void trd__rearm(trd_tracker *t, trd_track *order, bool afresh);
void trd__ask_now(trd_tracker *t, trd_track *order);
bool trd__waits(const trd_track *order);

trd_inline bool trd__has_gap(const trd_track *order) {
    return order->cum != order->named && (order->flags & ORDER_UNNAMED) == 0;
}

/* trd__outcome_of fills in what `order` is now. */
trd_outcome trd__outcome_of(const trd_tracker *t, const trd_track *order);

/* Moves time on to that of an input. */
void trd__time_goes_on(trd_tracker *t, trd_ns time);

/* --- orders, ids, fills (table.c) ------------------------------------------------------------- */

/* The index of an account or a position, TRD_NONE if there is none; `make` makes it. There is
 * room_for_position if it exists, or can be made together with its account. */
uint32_t trd__account_find(const trd_tracker *t, uint32_t venue, uint32_t account);
uint32_t trd__position_find(const trd_tracker *t, uint32_t account, uint32_t instrument);
bool trd__room_for_position(const trd_tracker *t, const trd_position_key *key);
uint32_t trd__position_make(trd_tracker *t, const trd_position_key *key);

/* An order in PENDING_NEW, its two ids without keys. `room_for_order` says if there is place, if
 * need be that of the order that ended first. */
bool trd__room_for_order(const trd_tracker *t);
trd_track *trd__order_make(trd_tracker *t, uint32_t position);
void trd__order_forget(trd_tracker *t, trd_track *order);
void trd__list_append(trd_tracker *t, trd_list *list, trd_track *order);
void trd__list_remove(trd_tracker *t, trd_list *list, trd_track *order);

/* Ids. find gives the index, or TRD_NONE. */
uint32_t trd__id_find_client(const trd_tracker *t, uint32_t account, uint64_t client_id);
uint32_t trd__id_find_venue(const trd_tracker *t, uint32_t account, const trd_name *name);
void trd__id_key_client(trd_tracker *t, uint32_t id, uint32_t account, uint64_t client_id);
void trd__id_key_venue(trd_tracker *t, uint32_t id, uint32_t account, const trd_name *name);
void trd__id_unkey(trd_tracker *t, uint32_t id);

/* trd__id_order returns the order that an id names, NULL for TRD_NONE and for a retired id whose
 * order is forgotten. `clear_stale` forgets such an id, so that its key can be used again. */
trd_track *trd__id_order(const trd_tracker *t, uint32_t id);
void trd__id_clear_stale(trd_tracker *t, uint32_t id);

/* A pending request at the end of its order's list; there is room if `room_for_request`. settle
 * takes it out of that list: it is retired, or gone if it has no key. unretire, for the id that the
 * order goes by from now on, keeps it. */
bool trd__room_for_request(const trd_tracker *t);
uint32_t trd__request_make(trd_tracker *t, trd_track *order, uint8_t kind);
void trd__request_settle(trd_tracker *t, trd_track *order, uint32_t id, uint8_t state);
void trd__id_retire(trd_tracker *t, uint32_t id);
void trd__id_unretire(trd_tracker *t, uint32_t id);

/* The venue's id of an order; one that it had before still finds it. */
void trd__venue_id_set(trd_tracker *t, trd_track *order, const trd_name *name);

/* Fills: index, or TRD_NONE. `make` forgets the oldest one if need be. */
uint32_t trd__fill_find(
    const trd_tracker *t, uint32_t position, uint8_t side, const trd_name *trade_id);
uint32_t trd__fill_make(trd_tracker *t, uint32_t position, uint8_t side, const trd_name *trade_id);

/* What is executed of two orders that are one: their fills are different ones, what the venue said
 * of them is the same sum, once. */
trd_qty trd__merged_cum(const trd_track *a, const trd_track *b);

/* All that was known of `from` is known of `to`; `from` is forgotten. O(fills_max). */
void trd__order_merge(trd_tracker *t, trd_track *to, trd_track *from);

#endif
