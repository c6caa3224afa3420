/* store.h - price levels and orders of many books in one relocatable block.
 *
 * Keys. Inside, a price of either side is a 64-bit key that is higher the better the price is for
 * its side, so that one piece of code serves bids and asks:
 *
 *     bid: price with the sign bit flipped          ask: the complement of that
 *
 * Ladder. Each side has an array window of `window` keys that always contains the best one, a
 * bitmap of the keys in use, and a B+tree (far.h) of all levels below the window. The window is a
 * ring (a key's place is its low bits), so it slides by pages of 64 keys without moving what stays:
 *
 *     far tree        |  base ..... window ......  |
 *     worse prices <--+--[page][page][page][page]--+      best is always in here
 *
 * A new best above the window slides it up: the pages that fall out go to the tree. A best that
 * sinks into the lowest quarter slides it down: the tree gives back what is in reach, a page or two
 * of levels at a time (at most 127). A rising best pushes out the eighth of the window that it
 * gains in advance; a best that jumps pushes out all levels of the window at once, O(window) tree
 * inserts in the worst case. Each of these levels has come in by a command of its own or with at
 * most 126 others, so that cost cannot be had again and again: choose the window for the worst
 * jump.
 *
 * Trees. Whoever needs queues by price beside the books (hidden orders, triggers) has trees:
 * numbered like further sides behind those of the books, without an array window, in the same
 * B+tree.
 *
 * Levels and orders live in one arena of 32-byte units (a level is one, an order two) and link by
 * unit number. A level is the sentinel of the circular list of its orders, so that taking an order
 * out has no branches. Free ones are chained last in, first out: the hot part of a pool stays in
 * the cache.
 */
#ifndef TRD_BOOK_STORE_H
#define TRD_BOOK_STORE_H

#include <tradsys/base.h>
#include <tradsys/book.h>

#include "book/far.h"
#include "core/assert.h"
#include "core/bitmap.h"
#include "core/handle.h"
#include "core/layout.h"

/* Neighbours in a queue, by unit. First in both kinds of unit. */
typedef struct trd_link {
    uint32_t prev;
    uint32_t next;
} trd_link;

/* A price level: sentinel of its queue (next: the first order, prev: the last). */
typedef struct trd_queue {
    trd_link link;
    int64_t qty; /* lots of all its orders */
    uint64_t key;
    uint32_t count;   /* orders; a level in a book has at least one */
    uint32_t side_at; /* book x 2 + side */
} trd_queue;

_Static_assert(sizeof(trd_queue) == 32, "one unit");

/* A resting order: one cache line, all of it read or written by a fill or a cancel. */
typedef struct trd_node {
    trd_link link;
    uint32_t level;      /* unit of its level; 0: does not rest */
    uint32_t generation; /* uses of this slot that have ended */
    int64_t leaves;
    int64_t executed;
    uint64_t more; /* the owner's: the feed's reference; the matcher's: see its state.h */
    uint32_t account;
    uint32_t id_slot; /* its id in the owner's id map */
    uint8_t side;     /* TRD_BUY, TRD_SELL */
    uint8_t tif;
    uint16_t exec;
    uint32_t actor; /* who entered it */
    uint64_t place; /* rises with each place taken in a queue: who was first, across queues */
} trd_node;

_Static_assert(sizeof(trd_node) == 64, "two units, one cache line");

/* One side of one book: half a cache line, the other half is the other side. */
typedef struct trd_side {
    uint64_t best;      /* key of the best level, if near > 0 */
    uint64_t base_page; /* first page (key / 64) of the window */
    uint32_t near;      /* levels in the window; 0: the side is empty */
    uint32_t far_count; /* levels in the tree; 0 if near is 0 */
    trd_far far;
} trd_side;

_Static_assert(sizeof(trd_side) == 32, "both sides, one cache line");

/* Head of the block; offsets are from its own address, so the block can be copied anywhere. */
typedef struct trd_store {
    uint64_t arena_at;
    uint64_t sides_at;
    uint64_t windows_at; /* per side: uint32_t[window], the level's unit or 0 */
    uint64_t bits_at;    /* per side: bitmap of the window */
    uint64_t far_at;
    uint64_t trees_at; /* trd_far[trees] */
    uint32_t window;
    uint32_t window_shift;
    uint32_t pages;      /* window / 64 */
    uint32_t bit_words;  /* 64-bit words of one side's bitmap */
    uint32_t level_unit; /* first unit of levels; below are the orders */
    uint32_t order_free; /* unit of the first free order, 0: none */
    uint32_t level_free;
    uint32_t orders; /* in use */
    uint32_t levels; /* in use */
    uint32_t orders_max;
    uint32_t levels_max;
    uint32_t books;
    uint32_t far_levels;
    trd_far_pool far_pool;
    uint32_t trees;
    uint32_t tree_levels; /* of the levels in use those in trees */
    uint32_t reserved;
    uint32_t limbo; /* unit that is the level of orders in no queue; its count is theirs */
    uint32_t reserved1;
    uint64_t place; /* last place given */
} trd_store;

/* How many of what; the caller has checked the ranges. */
typedef struct trd_store_def {
    uint32_t books;
    uint32_t orders_max; /* 0: levels only (level book) */
    uint32_t levels_max;
    uint32_t window; /* power of two in [64, 65536] */
    uint32_t trees;
    uint32_t tree_levels; /* levels in all trees together at most, of levels_max */
} trd_store_def;

bool trd__store_window_valid(uint32_t window);

/* Appends the store's regions to `at`. With `store` not NULL it also makes the store there: `at`
 * then counts from `origin`, and every byte of the regions is touched. */
void trd__store_layout(
    trd_layout *at, const trd_store_def *def, trd_store *store, const void *origin);

/* trd__store_reset empties it. */
void trd__store_reset(trd_store *store);

/* --- units ----------------------------------------------------------------------------------- */

trd_inline char *trd__store_arena(const trd_store *store) {
    return (char *)(uintptr_t)store + store->arena_at;
}

trd_inline trd_link *trd__link(char *arena, uint32_t unit) {
    return (trd_link *)(void *)(arena + (size_t)unit * 32);
}

trd_inline trd_queue *trd__queue(char *arena, uint32_t unit) {
    return (trd_queue *)(void *)(arena + (size_t)unit * 32);
}

trd_inline trd_node *trd__node(char *arena, uint32_t unit) {
    return (trd_node *)(void *)(arena + (size_t)unit * 32);
}

trd_inline trd_side *trd__store_side(const trd_store *store, uint32_t side_at) {
    return (trd_side *)(void *)((char *)(uintptr_t)store + store->sides_at) + side_at;
}

trd_inline uint32_t *trd__store_window(const trd_store *store, uint32_t side_at) {
    return (uint32_t *)(void *)((char *)(uintptr_t)store + store->windows_at) +
           ((size_t)side_at << store->window_shift);
}

trd_inline uint64_t *trd__store_bits(const trd_store *store, uint32_t side_at) {
    return (uint64_t *)(void *)((char *)(uintptr_t)store + store->bits_at) +
           (size_t)side_at * store->bit_words;
}

trd_inline trd_far_in trd__store_far(const trd_store *store) {
    trd_store *own = (trd_store *)(uintptr_t)store;
    return (trd_far_in){&own->far_pool, (trd_far_node *)(void *)((char *)own + store->far_at)};
}

/* Number of an order's slot, from 1, and back: what handles and id maps refer to. */
trd_inline uint32_t trd__order_number(uint32_t unit) {
    return unit / 2;
}

trd_inline uint32_t trd__order_unit(uint32_t number) {
    return number * 2;
}

trd_inline trd_order trd__store_handle(const trd_node *node, uint32_t unit) {
    return trd__handle_numbered(trd__order_number(unit), node->generation);
}

/* Unit of the resting order that a handle names; 0 for none, stale or foreign ones. */
trd_inline uint32_t trd__store_unit(const trd_store *store, trd_order order) {
    const uint32_t slot = trd__handle_slot(order);
    if (slot >= store->orders_max) {
        return 0;
    }
    const uint32_t unit = trd__order_unit(slot + 1);
    const trd_node *node = trd__node(trd__store_arena(store), unit);
    return node->level != 0 && node->generation == trd__handle_generation(order) ? unit : 0;
}

/* --- keys ------------------------------------------------------------------------------------ */

/* The mask that turns prices of side `s` (0 bid, 1 ask) into keys and back. */
trd_inline uint64_t trd__key_mask(uint32_t s) {
    return (uint64_t)1 << 63 ^ -(uint64_t)s;
}

trd_inline uint64_t trd__key(trd_px px, uint32_t s) {
    return (uint64_t)px ^ trd__key_mask(s);
}

trd_inline trd_px trd__key_px(uint64_t key, uint32_t s) {
    return (trd_px)(key ^ trd__key_mask(s));
}

/* --- ladder ---------------------------------------------------------------------------------- */

trd_inline bool trd__in_window(const trd_store *store, const trd_side *side, uint64_t key) {
    return key / 64 - side->base_page < store->pages;
}

/* Unit of the level at `key`; 0 if there is none. */
uint32_t trd__ladder_find_far(const trd_store *store, uint32_t side_at, uint64_t key);

trd_inline uint32_t trd__ladder_find(const trd_store *store, uint32_t side_at, uint64_t key) {
    const trd_side *side = trd__store_side(store, side_at);
    if (trd_likely(trd__in_window(store, side, key))) {
        return trd__store_window(store, side_at)[key & (store->window - 1)];
    }
    return trd__ladder_find_far(store, side_at, key);
}

/* Puts the level `unit` at `key`, where there is none. */
void trd__ladder_insert_slow(trd_store *store, uint32_t side_at, uint64_t key, uint32_t unit);

trd_inline void trd__ladder_place(
    trd_store *store, trd_side *side, uint32_t side_at, uint64_t key, uint32_t unit) {
    const uint32_t at = (uint32_t)key & (store->window - 1);
    trd__store_window(store, side_at)[at] = unit;
    trd__bitmap_set(trd__store_bits(store, side_at), store->window, at);
    side->near++;
}

trd_inline void trd__ladder_insert(
    trd_store *store, uint32_t side_at, uint64_t key, uint32_t unit) {
    trd_side *side = trd__store_side(store, side_at);
    if (trd_likely(side->near > 0 && trd__in_window(store, side, key))) {
        trd__ladder_place(store, side, side_at, key, unit);
        side->best = key > side->best ? key : side->best;
        return;
    }
    trd__ladder_insert_slow(store, side_at, key, unit);
}

/* Has the best sunk into the lowest quarter of the window? */
trd_inline bool trd__ladder_sunk(const trd_store *store, const trd_side *side) {
    return side->best / 64 - side->base_page < store->pages / 4;
}

/* Takes the level at `key` out; it is there. */
void trd__ladder_remove_far(trd_store *store, uint32_t side_at, uint64_t key);
void trd__ladder_settle(trd_store *store, uint32_t side_at);

/* The highest key in the window below `key` (which is in it, or was), as distance; 0: there is
 * none. */
trd_inline uint32_t trd__ladder_gap(const trd_store *store, uint32_t side_at, uint64_t key) {
    const trd_side *side = trd__store_side(store, side_at);
    uint64_t *bits = trd__store_bits(store, side_at);
    const uint32_t mask = store->window - 1;
    const uint32_t at = (uint32_t)key & mask;
    int32_t prev = at > 0 ? trd__bitmap_prev(bits, store->window, at - 1) : TRD_BITMAP_NONE;
    if (prev == TRD_BITMAP_NONE) {
        prev = trd__bitmap_prev(bits, store->window, mask);
        if (prev == TRD_BITMAP_NONE) {
            return 0;
        }
    }
    const uint32_t gap = (at - (uint32_t)prev) & mask;
    return gap <= key - side->base_page * 64 ? gap : 0;
}

trd_inline void trd__ladder_remove(trd_store *store, uint32_t side_at, uint64_t key) {
    trd_side *side = trd__store_side(store, side_at);
    if (trd_unlikely(!trd__in_window(store, side, key))) {
        trd__ladder_remove_far(store, side_at, key);
        return;
    }
    const uint32_t at = (uint32_t)key & (store->window - 1);
    trd__store_window(store, side_at)[at] = 0;
    trd__bitmap_clear(trd__store_bits(store, side_at), store->window, at);
    side->near--;
    if (key == side->best) {
        if (trd_likely(side->near > 0)) {
            side->best -= trd__ladder_gap(store, side_at, key);
        }
        if (trd_unlikely(side->near == 0 || trd__ladder_sunk(store, side))) {
            trd__ladder_settle(store, side_at);
        }
    }
}

/* Walks a side from the best: trd__ladder_best gives the first level, trd__ladder_worse the one
 * behind `key`. 0: there is none. */
trd_inline uint32_t trd__ladder_best(const trd_store *store, uint32_t side_at) {
    const trd_side *side = trd__store_side(store, side_at);
    return side->near > 0 ? trd__store_window(store, side_at)[side->best & (store->window - 1)] : 0;
}

uint32_t trd__ladder_worse(const trd_store *store, uint32_t side_at, uint64_t key);

/* The best level below any key, also one at which there is none; 0: there is none. */
trd_inline uint32_t trd__ladder_below(const trd_store *store, uint32_t side_at, uint64_t key) {
    const trd_side *side = trd__store_side(store, side_at);
    return side->near > 0 && side->best < key ? trd__ladder_best(store, side_at)
                                              : trd__ladder_worse(store, side_at, key);
}

/* The level at the lowest key that is at least `key`; 0: there is none. */
uint32_t trd__ladder_from(const trd_store *store, uint32_t side_at, uint64_t key);

/* The level furthest from the market; 0: the side is empty. */
uint32_t trd__ladder_worst(const trd_store *store, uint32_t side_at);

/* The best `max` levels of a side as views show them, best first; returns how many. */
uint32_t trd__ladder_view(const trd_store *store, uint32_t side_at, trd_level *out, uint32_t max);

/* --- levels and orders ------------------------------------------------------------------------ */

/* An unused order or level; 0: none left. A level is empty and in no ladder. */
trd_inline uint32_t trd__order_alloc(trd_store *store) {
    const uint32_t unit = store->order_free;
    if (trd_likely(unit != 0)) {
        store->order_free = trd__link(trd__store_arena(store), unit)->next;
        store->orders++;
    }
    return unit;
}

trd_inline void trd__order_release(trd_store *store, uint32_t unit) {
    trd_node *node = trd__node(trd__store_arena(store), unit);
    node->generation = trd__handle_generation_next(node->generation);
    node->level = 0;
    node->link.next = store->order_free;
    store->order_free = unit;
    store->orders--;
}

trd_inline uint32_t trd__level_alloc(trd_store *store, uint32_t side_at, uint64_t key) {
    const uint32_t unit = store->level_free;
    if (trd_likely(unit != 0)) {
        trd_queue *level = trd__queue(trd__store_arena(store), unit);
        store->level_free = level->link.next;
        store->levels++;
        *level = (trd_queue){.link = {unit, unit}, .key = key, .side_at = side_at};
    }
    return unit;
}

trd_inline void trd__level_release(trd_store *store, uint32_t unit) {
    trd__link(trd__store_arena(store), unit)->next = store->level_free;
    store->level_free = unit;
    store->levels--;
}

/* Appends an order (leaves set) to the back of the queue at `key`; makes the level if needed. There
 * is always room for a level: levels_max >= orders_max. */
trd_inline trd_queue *trd__order_rest(
    trd_store *store, uint32_t side_at, uint64_t key, uint32_t unit) {
    char *arena = trd__store_arena(store);
    uint32_t level_unit = trd__ladder_find(store, side_at, key);
    if (level_unit == 0) {
        level_unit = trd__level_alloc(store, side_at, key);
        trd_assert(level_unit != 0);
        trd__ladder_insert(store, side_at, key, level_unit);
    }
    trd_queue *level = trd__queue(arena, level_unit);
    trd_node *node = trd__node(arena, unit);
    const uint32_t last = level->link.prev;
    node->link = (trd_link){.prev = last, .next = level_unit};
    node->level = level_unit;
    node->place = ++store->place;
    trd__link(arena, last)->next = unit;
    level->link.prev = unit;
    level->qty += node->leaves;
    level->count++;
    return level;
}

/* Takes an order out of its queue, and an emptied level out of the book. The level's fields stay
 * readable until the next level is made. Does not release the order. */
trd_inline trd_queue *trd__order_unrest(trd_store *store, trd_node *node) {
    char *arena = trd__store_arena(store);
    const uint32_t level_unit = node->level;
    trd_queue *level = trd__queue(arena, level_unit);
    trd__link(arena, node->link.prev)->next = node->link.next;
    trd__link(arena, node->link.next)->prev = node->link.prev;
    node->level = 0;
    level->qty -= node->leaves;
    level->count--;
    if (level->count == 0) {
        trd__ladder_remove(store, level->side_at, level->key);
        trd__level_release(store, level_unit);
    }
    return level;
}

/* --- trees ------------------------------------------------------------------------------------ */

/* Side number of tree `t`. */
trd_inline uint32_t trd__tree_side(const trd_store *store, uint32_t t) {
    return store->books * 2 + t;
}

trd_inline trd_far *trd__store_tree(const trd_store *store, uint32_t side_at) {
    return (trd_far *)(void *)((char *)(uintptr_t)store + store->trees_at) +
           (side_at - store->books * 2);
}

trd_inline bool trd__side_is_tree(const trd_store *store, uint32_t side_at) {
    return side_at >= store->books * 2;
}

/* Level of the highest key of a tree, 0 if it is empty. below: of the highest key below `key`.
 * from: of the lowest key that is at least `key`. find: at `key`. O(log levels). */
uint32_t trd__tree_best(const trd_store *store, uint32_t side_at);
uint32_t trd__tree_below(const trd_store *store, uint32_t side_at, uint64_t key);
uint32_t trd__tree_from(const trd_store *store, uint32_t side_at, uint64_t key);
uint32_t trd__tree_find(const trd_store *store, uint32_t side_at, uint64_t key);

/* The level at `key`, made if there is none; drop takes an empty one out. */
uint32_t trd__tree_level(trd_store *store, uint32_t side_at, uint64_t key);
void trd__tree_drop(trd_store *store, uint32_t level_unit);

/* Appends an order to the queue at `key` of a tree; `place` becomes its place. As with books. */
void trd__tree_rest(
    trd_store *store, uint32_t side_at, uint64_t key, uint32_t unit, uint64_t place);

/* Puts an order into no queue, or takes it out of whatever it is in. The level of a book or tree
 * that becomes empty goes; its fields stay readable until the next level is made. */
void trd__limbo_enter(trd_store *store, uint32_t unit);
trd_queue *trd__place_leave(trd_store *store, uint32_t unit);

/* trd__store_remake finds all levels anew: in a store of which nothing but orders and levels, with
 * their counts and what is free, is there. False if two levels of a side have one key, trees have
 * more than `tree_levels` of them, or there are not as many as it says. O(n log n). */
bool trd__store_remake(trd_store *store, uint32_t tree_levels);

/* TRD_OK, or the negated line of the first broken invariant of ladders, queues and pools. `aside`
 * is how many orders are in use without resting. */
int trd__store_audit(const trd_store *store, uint32_t aside);

#endif
