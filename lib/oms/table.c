/* table.c - what a tracker remembers: accounts, positions, orders, ids, fills, and how it forgets.
 */
#include "core/hash.h"
#include "oms/state.h"

/* --- names ------------------------------------------------------------------------------------ */

typedef struct table {
    char *items;
    size_t stride;
} table;

static table ids_of(const trd_tracker *t) {
    return (table){.items = trd__tracker_at(t, t->ids_at), .stride = sizeof(trd_id)};
}

static table fills_of(const trd_tracker *t) {
    return (table){.items = trd__tracker_at(t, t->fills_at), .stride = sizeof(trd_fill_entry)};
}

/* Of a reference, which is an index + 1. */
static trd_named *item(table items, uint32_t reference) {
    return (trd_named *)(void *)(items.items + items.stride * (reference - 1));
}

static uint32_t slot_of(const trd_tracker *t, uint64_t hash, uint32_t scope) {
    return trd__map_find(
        &t->map, trd__tracker_slots(t), trd__map_home(&t->map, hash, scope), hash, scope);
}

static uint32_t reference_of(const trd_tracker *t, uint64_t hash, uint32_t scope) {
    const uint32_t slot = slot_of(t, hash, scope);
    return slot != TRD_MAP_NONE ? trd__map_ref(trd__tracker_slots(t), slot) : 0;
}

static void map_put(trd_tracker *t, uint64_t hash, uint32_t scope, uint32_t reference) {
    trd__map_put(&t->map, trd__tracker_slots(t), trd__map_home(&t->map, hash, scope), hash, scope,
        reference);
}

static uint64_t hash_of(const trd_tracker *t, const trd_name *name) {
    return trd__hash(name->text, sizeof(name->text), t->def.hash_seed);
}

static uint32_t name_find(const trd_tracker *t, table items, uint32_t scope, const trd_name *name) {
    uint32_t reference = reference_of(t, hash_of(t, name), scope);
    while (reference != 0 && memcmp(&item(items, reference)->name, name, sizeof(*name)) != 0) {
        reference = item(items, reference)->same;
    }
    return reference != 0 ? reference - 1 : TRD_NONE;
}

/* Enters an item whose hash and scope are set; behind the first of its hash, if there is one. */
static void named_put(trd_tracker *t, table items, uint32_t at) {
    trd_named *own = item(items, at + 1);
    const uint32_t head = reference_of(t, own->hash, own->scope);
    own->same = 0;
    if (head == 0) {
        map_put(t, own->hash, own->scope, at + 1);
    } else {
        own->same = item(items, head)->same;
        item(items, head)->same = at + 1;
    }
}

static void named_drop(trd_tracker *t, table items, uint32_t at) {
    trd_named *own = item(items, at + 1);
    const uint32_t slot = slot_of(t, own->hash, own->scope);
    trd_assert(slot != TRD_MAP_NONE);
    uint32_t reference = trd__map_ref(trd__tracker_slots(t), slot);
    if (reference == at + 1) {
        trd__map_erase(&t->map, trd__tracker_slots(t), slot);
        if (own->same != 0) {
            map_put(t, own->hash, own->scope, own->same);
        }
        return;
    }
    while (item(items, reference)->same != at + 1) {
        reference = item(items, reference)->same;
        trd_assert(reference != 0);
    }
    item(items, reference)->same = own->same;
}

/* --- accounts and positions ------------------------------------------------------------------- */

static uint64_t account_key(uint32_t venue, uint32_t account) {
    return (uint64_t)venue << 32 | account;
}

uint32_t trd__account_find(const trd_tracker *t, uint32_t venue, uint32_t account) {
    const uint32_t reference = reference_of(t, account_key(venue, account), SCOPE_ACCOUNTS);
    return reference != 0 ? reference - 1 : TRD_NONE;
}

uint32_t trd__position_find(const trd_tracker *t, uint32_t account, uint32_t instrument) {
    if (account == TRD_NONE) {
        return TRD_NONE;
    }
    const uint32_t reference = reference_of(t, instrument, trd__scope(account, KEY_POSITION));
    return reference != 0 ? reference - 1 : TRD_NONE;
}

bool trd__room_for_position(const trd_tracker *t, const trd_position_key *key) {
    const uint32_t account = trd__account_find(t, key->venue, key->account);
    if (account == TRD_NONE && t->accounts == t->def.accounts_max) {
        return false;
    }
    return t->positions < t->def.positions_max ||
           trd__position_find(t, account, key->instrument) != TRD_NONE;
}

uint32_t trd__position_make(trd_tracker *t, const trd_position_key *key) {
    trd_assert(trd__room_for_position(t, key));
    uint32_t account = trd__account_find(t, key->venue, key->account);
    if (account == TRD_NONE) {
        account = t->accounts++;
        *trd__account(t, account) = (trd_account_key){key->venue, key->account};
        map_put(t, account_key(key->venue, key->account), SCOPE_ACCOUNTS, account + 1);
    }
    uint32_t at = trd__position_find(t, account, key->instrument);
    if (at == TRD_NONE) {
        at = t->positions++;
        *trd__position(t, at) = (trd_position_state){
            .account = account, .instrument = key->instrument, .moved = INT64_MIN};
        map_put(t, key->instrument, trd__scope(account, KEY_POSITION), at + 1);
    }
    return at;
}

/* --- orders ----------------------------------------------------------------------------------- */

void trd__list_append(trd_tracker *t, trd_list *list, trd_track *order) {
    const uint32_t slot = trd__slot_of(t, order);
    order->next = TRD_NONE;
    order->prev = list->last;
    if (list->last == TRD_NONE) {
        list->first = slot;
    } else {
        trd__track(t, list->last)->next = slot;
    }
    list->last = slot;
    list->count++;
}

void trd__list_remove(trd_tracker *t, trd_list *list, trd_track *order) {
    if (order->prev == TRD_NONE) {
        list->first = order->next;
    } else {
        trd__track(t, order->prev)->next = order->next;
    }
    if (order->next == TRD_NONE) {
        list->last = order->prev;
    } else {
        trd__track(t, order->next)->prev = order->prev;
    }
    list->count--;
}

bool trd__room_for_order(const trd_tracker *t) {
    return trd__pool_count(trd__orders_pool(t)) < t->def.orders_max || t->ended.count > 0;
}

static void id_clear(trd_tracker *t, uint32_t id, uint8_t kind, trd_order order) {
    *trd__id(t, id) = (trd_id){.kind = kind, .order = order, .next = TRD_NONE, .prev = TRD_NONE};
}

trd_track *trd__order_make(trd_tracker *t, uint32_t position) {
    uint32_t slot = trd__pool_alloc(trd__orders_pool(t));
    if (slot == TRD_POOL_NONE) {
        trd_assert(t->ended.count > 0);
        trd__order_forget(t, trd__track(t, t->ended.first));
        t->stats.orders_forgotten++;
        slot = trd__pool_alloc(trd__orders_pool(t));
    }
    trd_track *order = trd__track(t, slot);
    *order = (trd_track){
        .generation = order->generation,
        .position = position,
        .current = trd__own_client(slot),
        .pending_first = TRD_NONE,
        .pending_last = TRD_NONE,
        .base = TRD_STATE_PENDING_NEW,
        .time = t->time,
    };
    id_clear(t, trd__own_client(slot), ID_CLIENT, trd__handle_of(t, order));
    id_clear(t, trd__own_venue(slot), ID_VENUE, trd__handle_of(t, order));
    trd__list_append(t, &t->open, order);
    return order;
}

static void id_free(trd_tracker *t, uint32_t id) {
    trd__id_unkey(t, id);
    trd__id(t, id)->kind = ID_UNUSED;
    if (trd__is_extra(t, id)) {
        trd__pool_release(trd__ids_pool(t), id - t->def.orders_max * 2);
    }
}

/* Retired ids of the order stay where they are: their handle says that it is gone. */
void trd__order_forget(trd_tracker *t, trd_track *order) {
    const uint32_t slot = trd__slot_of(t, order);
    trd_assert(order->pending_first == TRD_NONE);
    if (trd__is_extra(t, order->current)) {
        id_free(t, order->current);
    }
    id_free(t, trd__own_client(slot));
    id_free(t, trd__own_venue(slot));
    if (order->timer != 0) {
        trd__wheel_cancel(trd__tracker_wheel(t), order->timer);
    }
    trd__position(t, order->position)->loose += (uint64_t)(trd__sign(order->side) * order->cum);
    trd__list_remove(t, (order->flags & ORDER_ENDED) != 0 ? &t->ended : &t->open, order);
    order->generation = trd__handle_generation_next(order->generation);
    trd__pool_release(trd__orders_pool(t), slot);
}

/* --- ids -------------------------------------------------------------------------------------- */

uint32_t trd__id_find_client(const trd_tracker *t, uint32_t account, uint64_t client_id) {
    if (account == TRD_NONE) {
        return TRD_NONE;
    }
    const uint32_t reference = reference_of(t, client_id, trd__scope(account, KEY_CLIENT));
    return reference != 0 ? reference - 1 : TRD_NONE;
}

uint32_t trd__id_find_venue(const trd_tracker *t, uint32_t account, const trd_name *name) {
    if (account == TRD_NONE || !trd__is_named(name)) {
        return TRD_NONE;
    }
    return name_find(t, ids_of(t), trd__scope(account, KEY_VENUE), name);
}

void trd__id_key_client(trd_tracker *t, uint32_t id, uint32_t account, uint64_t client_id) {
    trd_id *own = trd__id(t, id);
    trd_assert(trd__id_find_client(t, account, client_id) == TRD_NONE);
    own->key.hash = client_id;
    own->key.scope = trd__scope(account, KEY_CLIENT);
    own->keyed = 1;
    named_put(t, ids_of(t), id);
}

void trd__id_key_venue(trd_tracker *t, uint32_t id, uint32_t account, const trd_name *name) {
    trd_id *own = trd__id(t, id);
    own->key.name = *name;
    own->key.hash = hash_of(t, name);
    own->key.scope = trd__scope(account, KEY_VENUE);
    own->keyed = 1;
    named_put(t, ids_of(t), id);
}

void trd__id_unkey(trd_tracker *t, uint32_t id) {
    if (trd__id(t, id)->keyed != 0) {
        named_drop(t, ids_of(t), id);
        trd__id(t, id)->keyed = 0;
    }
}

trd_track *trd__id_order(const trd_tracker *t, uint32_t id) {
    return id != TRD_NONE ? trd__track_of(t, trd__id(t, id)->order) : NULL;
}

bool trd__room_for_request(const trd_tracker *t) {
    return trd__pool_count(trd__ids_pool(t)) < t->def.requests_max || t->retired.count > 0;
}

/* The two lists that ids can be in have the same links. */
static void ids_append(trd_tracker *t, uint32_t *first, uint32_t *last, uint32_t id) {
    trd_id *own = trd__id(t, id);
    own->next = TRD_NONE;
    own->prev = *last;
    if (*last == TRD_NONE) {
        *first = id;
    } else {
        trd__id(t, *last)->next = id;
    }
    *last = id;
}

static void ids_remove(trd_tracker *t, uint32_t *first, uint32_t *last, uint32_t id) {
    const trd_id *own = trd__id(t, id);
    if (own->prev == TRD_NONE) {
        *first = own->next;
    } else {
        trd__id(t, own->prev)->next = own->next;
    }
    if (own->next == TRD_NONE) {
        *last = own->prev;
    } else {
        trd__id(t, own->next)->prev = own->prev;
    }
}

void trd__id_retire(trd_tracker *t, uint32_t id) {
    trd_assert(trd__is_extra(t, id));
    trd__id(t, id)->retired = 1;
    ids_append(t, &t->retired.first, &t->retired.last, id);
    t->retired.count++;
}

void trd__id_unretire(trd_tracker *t, uint32_t id) {
    trd_assert(trd__id(t, id)->retired != 0);
    trd__id(t, id)->retired = 0;
    ids_remove(t, &t->retired.first, &t->retired.last, id);
    t->retired.count--;
}

void trd__id_clear_stale(trd_tracker *t, uint32_t id) {
    if (id != TRD_NONE) {
        trd_assert(trd__id_order(t, id) == NULL);
        trd__id_unretire(t, id);
        id_free(t, id);
    }
}

/* A free id, if need be the one that was retired first; TRD_NONE if all are in use. */
static uint32_t extra_take(trd_tracker *t) {
    if (trd__pool_count(trd__ids_pool(t)) == t->def.requests_max) {
        if (t->retired.count == 0) {
            return TRD_NONE;
        }
        const uint32_t oldest = t->retired.first;
        trd__id_unretire(t, oldest);
        id_free(t, oldest);
        t->stats.requests_forgotten++;
    }
    return trd__pool_alloc(trd__ids_pool(t)) + t->def.orders_max * 2;
}

static void count_pending(trd_tracker *t, trd_track *order, uint8_t kind, int by) {
    uint16_t *count = kind == ID_CANCEL ? &order->cancels : &order->replaces;
    *count = (uint16_t)(*count + by);
    t->pending += (uint32_t)by;
}

uint32_t trd__request_make(trd_tracker *t, trd_track *order, uint8_t kind) {
    const uint32_t id = extra_take(t);
    trd_assert(id != TRD_NONE);
    id_clear(t, id, kind, trd__handle_of(t, order));
    ids_append(t, &order->pending_first, &order->pending_last, id);
    count_pending(t, order, kind, 1);
    trd__id(t, id)->number = ++order->made;
    return id;
}

void trd__request_settle(trd_tracker *t, trd_track *order, uint32_t id, uint8_t state) {
    trd_id *own = trd__id(t, id);
    trd_assert(own->state == ID_PENDING && own->retired == 0);
    ids_remove(t, &order->pending_first, &order->pending_last, id);
    count_pending(t, order, own->kind, -1);
    own->state = state;
    if (own->keyed != 0) {
        trd__id_retire(t, id);
    } else {
        id_free(t, id);
    }
}

void trd__venue_id_set(trd_tracker *t, trd_track *order, const trd_name *name) {
    const uint32_t own = trd__own_venue(trd__slot_of(t, order));
    const uint32_t account = trd__position(t, order->position)->account;
    const trd_id *now = trd__id(t, own);
    if (now->keyed != 0) {
        const trd_name before = now->key.name;
        trd__id_unkey(t, own);
        const uint32_t extra = extra_take(t);
        if (extra != TRD_NONE) {
            id_clear(t, extra, ID_VENUE, now->order);
            trd__id_key_venue(t, extra, account, &before);
            trd__id_retire(t, extra);
        }
    }
    trd__id_key_venue(t, own, account, name);
}

/* --- fills ------------------------------------------------------------------------------------ */

static uint32_t fill_scope(uint32_t position, uint8_t side) {
    return trd__scope(position, side == TRD_BUY ? KEY_BUYS : KEY_SELLS);
}

uint32_t trd__fill_find(
    const trd_tracker *t, uint32_t position, uint8_t side, const trd_name *trade_id) {
    return name_find(t, fills_of(t), fill_scope(position, side), trade_id);
}

uint32_t trd__fill_make(trd_tracker *t, uint32_t position, uint8_t side, const trd_name *trade_id) {
    const uint32_t at = (uint32_t)(t->fills_made++ % t->def.fills_max);
    trd_fill_entry *fill = trd__fill(t, at);
    if (fill->used != 0) {
        named_drop(t, fills_of(t), at);
        t->stats.fills_forgotten++;
    }
    *fill = (trd_fill_entry){
        .key = {.name = *trade_id,
            .hash = hash_of(t, trade_id),
            .scope = fill_scope(position, side)},
        .position = position,
        .side = side,
        .used = 1,
    };
    named_put(t, fills_of(t), at);
    return at;
}

trd_qty trd__merged_cum(const trd_track *a, const trd_track *b) {
    if (a->cum_version != 0 && a->cum_version >= b->lots_version) {
        return a->cum;
    }
    if (b->cum_version != 0 && b->cum_version >= a->lots_version) {
        return b->cum;
    }
    const trd_qty named = a->named + b->named;
    const trd_qty said = a->cum > b->cum ? a->cum : b->cum;
    return named > said ? named : said;
}

void trd__order_merge(trd_tracker *t, trd_track *to, trd_track *from) {
    const trd_order old = trd__handle_of(t, from), new = trd__handle_of(t, to);
    const trd_name name = trd__id(t, trd__own_venue(trd__slot_of(t, from)))->key.name;
    for (uint32_t i = 0; i < t->def.fills_max; i++) {
        trd_fill_entry *fill = trd__fill(t, i);
        if (fill->used != 0 && fill->order == old) {
            fill->order = new;
        }
    }
    const trd_qty cum = trd__merged_cum(to, from);
    trd__position(t, to->position)->qty += trd__sign(to->side) * (cum - to->cum - from->cum);
    to->named += from->named;
    to->cum = cum;
    to->flags |= from->flags & (ORDER_BUSTED | ORDER_UNNAMED);
    to->cum_version = from->cum_version > to->cum_version ? from->cum_version : to->cum_version;
    to->lots_version =
        from->lots_version > to->lots_version ? from->lots_version : to->lots_version;
    to->version = from->version > to->version ? from->version : to->version;
    from->cum = 0;
    trd__order_forget(t, from);
    trd__venue_id_set(t, to, &name);
}
