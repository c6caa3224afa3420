/* wheel_state.h - the block of a trd_wheel (wheel.h): for wheel.c, and for who stores blocks. */
#ifndef TRD_CORE_WHEEL_STATE_H
#define TRD_CORE_WHEEL_STATE_H

#include "core/pool.h"
#include "core/wheel.h"

enum {
    TRD_WHEEL_DIGIT_BITS = 6,
    TRD_WHEEL_SLOTS = 1 << TRD_WHEEL_DIGIT_BITS,
    TRD_WHEEL_LEVELS = 11,
    TRD_WHEEL_LISTS = TRD_WHEEL_LEVELS * TRD_WHEEL_SLOTS,
    TRD_WHEEL_LIST_DUE = TRD_WHEEL_LISTS,    /* node.list of a timer in the heap */
    TRD_WHEEL_NO_LIST = TRD_WHEEL_LISTS + 1, /* `sorting` when no slot is being sorted in */
};

#define TRD_WHEEL_NODE_NONE UINT32_MAX /* no node: the end of a list */

typedef struct trd_wheel_node {
    uint64_t deadline; /* as a point on the wheel: see point_of */
    uint64_t sequence; /* of adding */
    uint64_t key;
    uint32_t order;
    uint32_t generation; /* survives the release of the node: see handle.h */
    uint32_t next;       /* in its list */
    uint32_t prev;       /* in its list, NONE for the head; in the heap its place there */
    uint32_t list;       /* level * SLOTS + slot, or DUE */
    uint32_t reserved;
} trd_wheel_node;

_Static_assert(sizeof(trd_wheel_node) == 48, "no padding");

/* The block: this, then nodes[capacity], heap[capacity], and the pool of node numbers. */
struct trd_wheel {
    uint64_t now; /* as a point on the wheel */
    uint64_t sequence;
    uint32_t capacity;
    uint32_t due_count; /* timers in the heap */
    uint32_t sorting;   /* list that is being sorted in: starts at `now`; or NO_LIST */
    uint32_t levels;    /* bit per level that is not empty */
    uint64_t nodes_at;  /* offsets from here */
    uint64_t heap_at;
    uint64_t pool_at;
    uint64_t reserved;
    uint64_t slots[TRD_WHEEL_LEVELS]; /* per level: bit per slot that is not empty */
    uint32_t heads[TRD_WHEEL_LISTS];
};

#endif
