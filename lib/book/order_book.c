/* order_book.c - books rebuilt from a feed that sends each order: store.h and a map of references.
 */
#include <tradsys/book.h>

#include <string.h>

#include "book/store.h"
#include "core/def.h"
#include "core/map.h"
#include "core/memory.h"

struct trd_order_book {
    trd_map refs;
    uint64_t slots_at;
    uint32_t instruments_max;
    uint32_t reserved;
    size_t size;
    trd_mem mem;
    trd_store store;
};

static bool def_read(const trd_order_book_def *def, trd_order_book_def *out) {
    *out = trd_order_book_def_default();
    if (!trd__def_read(out, sizeof(*out), def)) {
        return false;
    }
    return out->instruments_max >= 1 && out->instruments_max <= 1 << 20 && out->orders_max >= 1 &&
           out->orders_max <= 1 << 26 && trd__store_window_valid(out->window);
}

/* What the limits of a definition allow is far below 2^64 bytes: the footprint is never 0. */
static size_t layout(const trd_order_book_def *def, trd_order_book *book) {
    trd_layout at = {0};
    const uint32_t buckets = trd__map_buckets(def->orders_max);
    const trd_store_def store = {.books = def->instruments_max,
        .orders_max = def->orders_max,
        .levels_max = def->orders_max,
        .window = def->window};
    trd__layout_add(&at, 1, sizeof(trd_order_book), TRD_LINE);
    const size_t slots_at =
        trd__layout_add(&at, buckets, sizeof(trd_map_slot) * TRD_MAP_WAYS, TRD_LINE);
    if (book != NULL) {
        memset(book, 0, at.size);
        book->slots_at = slots_at;
        book->instruments_max = def->instruments_max;
        book->refs = (trd_map){.seed = def->hash_seed, .buckets = buckets};
    }
    trd__store_layout(&at, &store, book != NULL ? &book->store : NULL, book);
    return trd__layout_size(&at, TRD_LINE);
}

static trd_map_slot *slots_of(const trd_order_book *book) {
    return (trd_map_slot *)(void *)((char *)(uintptr_t)book + book->slots_at);
}

size_t trd_order_book_footprint(const trd_order_book_def *def) {
    trd_order_book_def own;
    return def_read(def, &own) ? layout(&own, NULL) : 0;
}

trd_order_book *trd_order_book_init(void *mem, const trd_order_book_def *def) {
    trd_order_book_def own;
    if (!def_read(def, &own) || mem == NULL || (uintptr_t)mem % TRD_BOOK_ALIGN != 0) {
        return NULL;
    }
    trd_order_book *book = mem;
    book->size = layout(&own, book);
    return book;
}

trd_order_book *trd_order_book_create(const trd_order_book_def *def) {
    trd_order_book_def own;
    if (!def_read(def, &own)) {
        return NULL;
    }
    const size_t size = layout(&own, NULL);
    void *mem = trd__mem_alloc(&own.mem, size, TRD_BOOK_ALIGN);
    trd_order_book *book = trd_order_book_init(mem, &own);
    if (book != NULL) {
        book->mem = own.mem;
    } else if (mem != NULL) {
        trd__mem_release(&own.mem, mem, size);
    }
    return book;
}

void trd_order_book_destroy(trd_order_book *book) {
    if (book != NULL) {
        const trd_mem mem = book->mem;
        trd__mem_release(&mem, book, book->size);
    }
}

void trd_order_book_reset(trd_order_book *book) {
    book->refs.count = 0;
    memset(slots_of(book), 0, (size_t)book->refs.buckets * TRD_MAP_WAYS * sizeof(trd_map_slot));
    trd__store_reset(&book->store);
}

/* Slot of a reference, TRD_MAP_NONE if it does not live. */
static uint32_t slot_find(const trd_order_book *book, uint64_t ref) {
    return trd__map_find(&book->refs, slots_of(book), trd__map_home(&book->refs, ref, 0), ref, 0);
}

/* Unit of the order in a slot. */
static uint32_t unit_of(const trd_order_book *book, uint32_t slot) {
    return trd__order_unit(trd__map_ref(slots_of(book), slot));
}

static bool side_valid(const trd_order_book *book, uint32_t instrument, unsigned side) {
    return instrument < book->instruments_max && (side == TRD_BUY || side == TRD_SELL);
}

/* Would the total of the level at `key` overflow with `qty` more (and `less` of it gone first)? */
static bool level_overflows(
    const trd_store *store, uint32_t side_at, uint64_t key, trd_qty qty, trd_qty less) {
    const uint32_t unit = trd__ladder_find(store, side_at, key);
    trd_qty sum = unit != 0 ? trd__queue(trd__store_arena(store), unit)->qty - less : 0;
    return __builtin_add_overflow(sum, qty, &sum);
}

static void rest(
    trd_order_book *book, uint32_t side_at, uint32_t unit, const trd_book_order *order) {
    trd_store *store = &book->store;
    trd_node *node = trd__node(trd__store_arena(store), unit);
    node->leaves = order->qty;
    node->executed = 0;
    node->more = order->ref;
    node->side = (uint8_t)((side_at & 1) + 1);
    node->id_slot = trd__map_put(&book->refs, slots_of(book),
        trd__map_home(&book->refs, order->ref, 0), order->ref, 0, trd__order_number(unit));
    trd__order_rest(store, side_at, trd__key(order->px, side_at & 1), unit);
}

int trd_order_book_add(trd_order_book *book, const trd_book_order *order) {
    if (!side_valid(book, order->instrument, order->side) || order->qty <= 0) {
        return TRD_E_ARG;
    }
    if (slot_find(book, order->ref) != TRD_MAP_NONE) {
        return TRD_E_EXISTS;
    }
    const uint32_t side_at = order->instrument * 2 + order->side - 1;
    if (level_overflows(&book->store, side_at, trd__key(order->px, side_at & 1), order->qty, 0)) {
        return TRD_E_RANGE;
    }
    const uint32_t unit = trd__order_alloc(&book->store);
    if (unit == 0) {
        return TRD_E_FULL;
    }
    rest(book, side_at, unit, order);
    return TRD_OK;
}

/* Takes the order in `slot` out of queue and map; its unit stays in use. */
static uint32_t take_out(trd_order_book *book, uint32_t slot) {
    const uint32_t unit = unit_of(book, slot);
    trd__order_unrest(&book->store, trd__node(trd__store_arena(&book->store), unit));
    trd__map_erase(&book->refs, slots_of(book), slot);
    return unit;
}

int trd_order_book_reduce(trd_order_book *book, uint64_t ref, trd_qty qty) {
    if (qty <= 0) {
        return TRD_E_ARG;
    }
    char *arena = trd__store_arena(&book->store);
    const uint32_t slot = slot_find(book, ref);
    if (slot == TRD_MAP_NONE) {
        return TRD_E_UNKNOWN;
    }
    trd_node *node = trd__node(arena, unit_of(book, slot));
    if (qty > node->leaves) {
        return TRD_E_RANGE;
    }
    if (qty == node->leaves) {
        trd__order_release(&book->store, take_out(book, slot));
        return TRD_OK;
    }
    node->leaves -= qty;
    trd__queue(arena, node->level)->qty -= qty;
    return TRD_OK;
}

int trd_order_book_remove(trd_order_book *book, uint64_t ref) {
    const uint32_t slot = slot_find(book, ref);
    if (slot == TRD_MAP_NONE) {
        return TRD_E_UNKNOWN;
    }
    trd__order_release(&book->store, take_out(book, slot));
    return TRD_OK;
}

int trd_order_book_replace(trd_order_book *book, uint64_t ref, const trd_book_order *order) {
    if (order->qty <= 0) {
        return TRD_E_ARG;
    }
    char *arena = trd__store_arena(&book->store);
    const uint32_t slot = slot_find(book, ref);
    if (slot == TRD_MAP_NONE) {
        return TRD_E_UNKNOWN;
    }
    if (order->ref != ref && slot_find(book, order->ref) != TRD_MAP_NONE) {
        return TRD_E_EXISTS;
    }
    const trd_node *node = trd__node(arena, unit_of(book, slot));
    const trd_queue *level = trd__queue(arena, node->level);
    const uint32_t side_at = level->side_at;
    const uint64_t key = trd__key(order->px, side_at & 1);
    if (level_overflows(
            &book->store, side_at, key, order->qty, key == level->key ? node->leaves : 0)) {
        return TRD_E_RANGE;
    }
    const uint32_t unit = take_out(book, slot);
    rest(book, side_at, unit, order);
    return TRD_OK;
}

/* --- views ------------------------------------------------------------------------------------ */

static trd_book_order order_of(const trd_order_book *book, uint32_t unit) {
    char *arena = trd__store_arena(&book->store);
    const trd_node *node = trd__node(arena, unit);
    const trd_queue *level = trd__queue(arena, node->level);
    return (trd_book_order){
        .ref = node->more,
        .px = trd__key_px(level->key, level->side_at & 1),
        .qty = node->leaves,
        .instrument = level->side_at / 2,
        .side = node->side,
    };
}

int trd_order_book_find(const trd_order_book *book, uint64_t ref, trd_book_order *out) {
    const uint32_t slot = slot_find(book, ref);
    if (slot == TRD_MAP_NONE) {
        return TRD_E_UNKNOWN;
    }
    *out = order_of(book, unit_of(book, slot));
    return TRD_OK;
}

int trd_order_book_first(
    const trd_order_book *book, uint32_t instrument, unsigned side, trd_book_order *out) {
    if (!side_valid(book, instrument, side)) {
        return TRD_E_ARG;
    }
    const uint32_t level = trd__ladder_best(&book->store, instrument * 2 + side - 1);
    if (level == 0) {
        return 0;
    }
    *out = order_of(book, trd__link(trd__store_arena(&book->store), level)->next);
    return 1;
}

int trd_order_book_best(
    const trd_order_book *book, uint32_t instrument, unsigned side, trd_level *out) {
    return trd_order_book_depth(book, instrument, side, out, 1);
}

int trd_order_book_depth(
    const trd_order_book *book, uint32_t instrument, unsigned side, trd_level *out, uint32_t max) {
    return side_valid(book, instrument, side)
               ? (int)trd__ladder_view(&book->store, instrument * 2 + side - 1, out, max)
               : TRD_E_ARG;
}

uint32_t trd_order_book_count(const trd_order_book *book) {
    return book->store.orders;
}

int trd_order_book_audit(const trd_order_book *book) {
    const trd_map_slot *slots = slots_of(book);
    const trd_store *store = &book->store;
    trd_audit(trd__map_audit(&book->refs, slots) == 0);
    for (uint32_t at = 0; at < book->refs.buckets * TRD_MAP_WAYS; at++) {
        if (trd__map_ref(slots, at) != 0) {
            trd_audit(trd__map_ref(slots, at) <= store->orders_max);
            const trd_node *node = trd__node(trd__store_arena(store), unit_of(book, at));
            trd_audit(node->level != 0 && node->more == slots[at].id);
            trd_audit(node->id_slot == at && slots[at].scope == 0);
        }
    }
    trd_audit(book->refs.count == store->orders);
    return trd__store_audit(store, 0);
}
