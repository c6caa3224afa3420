/* pool.h - which of `capacity` slots are free: a LIFO list of indices in the caller's memory.
 *
 * The pool hands out numbers; what they index (order nodes, timers) is an array of its owner. LIFO,
 * because the slot that was released last is the one most likely still in the cache. An empty pool
 * gives 0, 1, 2 ... in this order, so equal histories give equal slots.
 *
 * For slots whose contents the pool should not touch, or that are reached by number alone. Where
 * the items have a link of their own that is idle while they are free (the orders and levels of
 * book/store.h), chain them by that instead: it costs no array and no second cache line.
 *
 * next[slot] of a free slot is the free slot below it, of a used one the mark TRD_POOL_USED: that
 * is what catches a slot that is released twice. One writer. No pointers: the block may be copied
 * and mapped elsewhere. */
#ifndef TRD_CORE_POOL_H
#define TRD_CORE_POOL_H

#include "core/assert.h"
#include "core/layout.h"

#define TRD_POOL_NONE UINT32_MAX       /* no slot: the pool is exhausted; the end of the list */
#define TRD_POOL_USED (UINT32_MAX - 1) /* mark of a slot that is handed out */
#define TRD_POOL_CAPACITY_MAX (UINT32_MAX - 1)

typedef struct trd_pool {
    uint32_t capacity;
    uint32_t count; /* slots handed out */
    uint32_t top;   /* free slot that goes next, or TRD_POOL_NONE */
    uint32_t reserved;
    uint32_t next[]; /* per slot: the free slot below it, TRD_POOL_NONE, or TRD_POOL_USED */
} trd_pool;

_Static_assert(sizeof(trd_pool) == 16, "no hidden padding before next[]");

/* trd__pool_footprint returns the bytes of a pool of `capacity` slots, at the alignment of
 * uint64_t; 0 if capacity is outside [1, TRD_POOL_CAPACITY_MAX]. */
static inline size_t trd__pool_footprint(uint32_t capacity) {
    if (capacity < 1 || capacity > TRD_POOL_CAPACITY_MAX) {
        return 0;
    }
    trd_layout at = {0};
    trd__layout_add(&at, 1, sizeof(trd_pool), sizeof(uint64_t));
    trd__layout_add(&at, capacity, sizeof(uint32_t), sizeof(uint32_t));
    return trd__layout_size(&at, sizeof(uint64_t));
}

/* trd__pool_reset makes every slot free, in the order of a new pool. O(capacity). */
static inline void trd__pool_reset(trd_pool *pool) {
    for (uint32_t slot = 0; slot < pool->capacity; slot++) {
        pool->next[slot] = slot + 1;
    }
    pool->next[pool->capacity - 1] = TRD_POOL_NONE;
    pool->top = 0;
    pool->count = 0;
}

/* trd__pool_init makes a pool with all slots free in `mem`, which has trd__pool_footprint(capacity)
 * bytes and stays the caller's. Writes all of it, so no page of it faults later. */
static inline trd_pool *trd__pool_init(void *mem, uint32_t capacity) {
    trd_assert(capacity >= 1 && capacity <= TRD_POOL_CAPACITY_MAX);
    trd_pool *pool = mem;
    pool->capacity = capacity;
    pool->reserved = 0;
    trd__pool_reset(pool);
    return pool;
}

/* trd__pool_alloc returns a free slot, the one released last, or TRD_POOL_NONE. O(1). */
trd_inline uint32_t trd__pool_alloc(trd_pool *pool) {
    const uint32_t slot = pool->top;
    if (trd_unlikely(slot == TRD_POOL_NONE)) {
        return TRD_POOL_NONE;
    }
    pool->top = pool->next[slot];
    pool->next[slot] = TRD_POOL_USED;
    pool->count++;
    return slot;
}

/* trd__pool_release takes back a slot that is handed out; asserts that it is. O(1). */
trd_inline void trd__pool_release(trd_pool *pool, uint32_t slot) {
    trd_assert(slot < pool->capacity);
    trd_assert(pool->next[slot] == TRD_POOL_USED);
    pool->next[slot] = pool->top;
    pool->top = slot;
    pool->count--;
}

trd_inline bool trd__pool_is_used(const trd_pool *pool, uint32_t slot) {
    return slot < pool->capacity && pool->next[slot] == TRD_POOL_USED;
}

/* Slots handed out. */
trd_inline uint32_t trd__pool_count(const trd_pool *pool) {
    return pool->count;
}

/* trd__pool_audit checks the whole pool: returns 0, or the negated line of what does not hold.
 *
 * Every free slot is on the list and every used one carries the mark. The list is at most `capacity
 * - count` links long and must then end, so one that runs in a circle (a slot that was released
 * twice) is found, and one that skips a slot leaves an unmarked slot over. O(capacity). */
static inline int trd__pool_audit(const trd_pool *pool) {
    trd_audit(pool->count <= pool->capacity);
    const uint32_t free_count = pool->capacity - pool->count;
    uint32_t slot = pool->top;
    for (uint32_t i = 0; i < free_count; i++) {
        trd_audit(slot < pool->capacity);
        slot = pool->next[slot];
    }
    trd_audit(slot == TRD_POOL_NONE);
    uint32_t marked = 0;
    for (uint32_t i = 0; i < pool->capacity; i++) {
        marked += pool->next[i] == TRD_POOL_USED;
    }
    trd_audit(marked == pool->count);
    return 0;
}

#endif
