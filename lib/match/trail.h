/* trail.h - the active trailing stops of one instrument, source and direction, in order of trigger.
 *
 * Prices are those of sells: a trail follows the price upward and triggers at or below extreme - d.
 * For buys the caller negates every price that goes in and every trigger that comes out. (d depends
 * on the magnitude of the extreme only, so that is the same rule.)
 *
 *     extreme   the highest price since the order became active
 *     d         TICKS: offset; BASIS_POINTS: ceil(|extreme| x offset / 10000)
 *     trigger   extreme - d; never falls when the extreme rises; in [-2^63, 2^62], and above -2^63
 *               if prices are above -2^62, so that it can be negated
 *
 * What is observed does to the index, price by price, in this order:
 *
 *     while ((order = trd__trail_touched(in, trail, price, &trigger)) != 0) {
 *         trd__trail_remove(in, trail, order);       it keeps that trigger
 *     }
 *     trd__trail_observe(in, trail, price);
 *
 * An order's number is its node: the caller numbers its orders 1 .. capacity, and an order is in
 * one index at most. All indices of a matcher share one pool. One writer. No pointers: the blocks
 * may be copied and mapped elsewhere. */
#ifndef TRD_MATCH_TRAIL_H
#define TRD_MATCH_TRAIL_H

#include <tradsys/base.h>
#include <tradsys/command.h>

#include "core/compiler.h"

#define TRD_TRAIL_PX_MAX (INT64_C(1) << 62)     /* largest magnitude of a price */
#define TRD_TRAIL_OFFSET_MAX (INT64_C(1) << 40) /* largest offset in ticks */
#define TRD_TRAIL_BASIS_POINTS_MAX 10000        /* largest offset in basis points */
#define TRD_TRAIL_CAPACITY_MAX (UINT32_C(1) << 30)

/* What an order is added with. */
typedef struct trd_trail_order {
    trd_px extreme; /* the present price; or what it was, of one that was in an index before */
    int64_t offset; /* [1, TRD_TRAIL_OFFSET_MAX], or [1, TRD_TRAIL_BASIS_POINTS_MAX] */
    uint64_t place; /* who was first; no two orders of an index have the same */
    uint32_t unit;  /* TRD_OFFSET_TICKS or TRD_OFFSET_BASIS_POINTS */
} trd_trail_order;

/* A node of a balanced tree: an order among those of its group, or a group among those of its
 * index. Sorted by key, equal keys by place. */
typedef struct trd_trail_node {
    int64_t key; /* of an order its offset, of a group its extreme */
    trd_px
        trigger; /* of a group the highest in it; of an order 0: it would change with the group */
    uint64_t place;       /* of an order its own, of a group that of its first order */
    uint32_t left, right; /* subtrees, 0: none */
    uint32_t first;       /* of the subtree, itself included: highest trigger, then lowest place */
    uint32_t group;       /* of an order: where it is, 0: in no index; of a group 0 */
    uint8_t unit;         /* of an order TRD_OFFSET_*; of a group 0 */
    uint8_t height;       /* of the subtree: 1 for a leaf */
    uint8_t reserved[6];
} trd_trail_node;

_Static_assert(sizeof(trd_trail_node) == 48, "no padding");

/* Orders with the same extreme. */
typedef struct trd_trail_group {
    uint32_t tree[2]; /* its orders by ticks and by basis points: roots, 0: none */
    uint32_t count;   /* of its orders, 0: the group is free */
    uint32_t first;   /* order that comes first: highest trigger, then lowest place */
    uint32_t next_free;
} trd_trail_group;

typedef struct trd_trail_pool {
    uint32_t capacity; /* highest number of an order, and of groups */
    uint32_t free;     /* first free group, 0: none */
    uint32_t used;     /* groups in use */
    uint32_t reserved;
    uint64_t moves; /* orders that went from one group to another, so far */
} trd_trail_pool;

/* Where the indices live: arrays of capacity + 1, entry 0 means none. */
typedef struct trd_trail_in {
    trd_trail_pool *pool;
    trd_trail_node *nodes;   /* of orders, by their number */
    trd_trail_node *tops;    /* of groups, by their number */
    trd_trail_group *groups; /* what is in them */
} trd_trail_in;

/* One index. A zeroed one is empty. */
typedef struct trd_trail {
    uint32_t root;   /* of the tree of groups, 0: empty */
    uint32_t lowest; /* group with the lowest extreme, 0: empty */
} trd_trail;

/* trd__trail_pool_init makes all orders and groups free; capacity in [1, TRD_TRAIL_CAPACITY_MAX].
 * Writes all of the arrays. */
void trd__trail_pool_init(trd_trail_in in, uint32_t capacity);

/* trd__trail_add puts in an order that is in no index. Its extreme may be any price: above others
 * too, where a price was known when it came that no index has observed, or where it was taken out
 * only to get another place. O(log n). */
void trd__trail_add(
    trd_trail_in in, trd_trail *trail, uint32_t order, const trd_trail_order *terms);

/* trd__trail_remove takes out an order of this index. O(log n). */
void trd__trail_remove(trd_trail_in in, trd_trail *trail, uint32_t order);

/* trd__trail_observe raises every extreme below `price`, whose magnitude is at most
 * TRD_TRAIL_PX_MAX, to it. O(1) if there is none. Otherwise O(log n), and O(log n) for each order
 * that changes its group. With up to n orders at a time these moves are at most log2 n for each
 * order that was added and 1.5 for each that was removed, whatever the prices are. */
void trd__trail_observe(trd_trail_in in, trd_trail *trail, trd_px price);

/* trd__trail_touched returns the order that comes first by (highest trigger, lowest place), and its
 * trigger in *trigger, if that is >= price; else 0. O(1). */
uint32_t trd__trail_touched(trd_trail_in in, const trd_trail *trail, trd_px price, trd_px *trigger);

/* trd__trail_trigger returns the present trigger of an order that is in an index, and
 * trd__trail_extreme what it follows from. O(1). */
trd_px trd__trail_trigger(trd_trail_in in, uint32_t order);
trd_px trd__trail_extreme(trd_trail_in in, uint32_t order);

/* trd__trail_audit checks one index, and adds to *orders and *groups what it has. Returns TRD_OK or
 * the negated line of what does not hold. trd__trail_pool_audit checks what is left: `groups` are
 * those of all indices. O(n). */
int trd__trail_audit(trd_trail_in in, const trd_trail *trail, uint32_t *orders, uint32_t *groups);
int trd__trail_pool_audit(trd_trail_in in, uint32_t orders, uint32_t groups);

#endif
