/* far.h - the levels outside the array window of one side: an ordered map from key to level.
 *
 * A B+tree of 256-byte nodes (four cache lines, 20 entries) from a pool that all books share. Every
 * node but a root is at least half full, so the pool's size follows from the number of levels and
 * nothing depends on how far apart the keys are. A key costs one node per height: 3 heights hold
 * 1,000 levels at the least and 8,000 at the most.
 */
#ifndef TRD_BOOK_FAR_H
#define TRD_BOOK_FAR_H

#include "core/compiler.h"

enum { TRD_FAR_ENTRIES = 20, TRD_FAR_HALF = TRD_FAR_ENTRIES / 2, TRD_FAR_HEIGHT_MAX = 12 };

/* A node: keys ascending. In a leaf `ref` is the caller's level. In an inner node ref[i] is a child
 * whose keys are >= key[i] and < key[i + 1]; key[0] is never compared. */
typedef struct trd_far_node {
    uint32_t count;
    uint32_t next_free; /* while the node is in the pool */
    uint64_t reserved;
    uint64_t key[TRD_FAR_ENTRIES];
    uint32_t ref[TRD_FAR_ENTRIES];
} trd_far_node;

_Static_assert(sizeof(trd_far_node) == 256, "four cache lines");

/* The pool. Node 0 is not used, so 0 is no node. */
typedef struct trd_far_pool {
    uint32_t free; /* first free node, 0: none */
    uint32_t used;
    uint32_t capacity; /* nodes, node 0 included */
    uint32_t reserved;
} trd_far_pool;

/* One tree. A zeroed one is empty. */
typedef struct trd_far {
    uint32_t root;
    uint32_t height; /* 0: empty; 1: the root is a leaf */
} trd_far;

/* Where a tree lives: pool and nodes, passed together. */
typedef struct trd_far_in {
    trd_far_pool *pool;
    trd_far_node *nodes;
} trd_far_in;

/* Nodes that `levels` entries in `trees` trees can need at most, node 0 included. */
uint32_t trd__far_capacity(uint64_t levels, uint64_t trees);
void trd__far_pool_init(trd_far_in in, uint32_t capacity);

/* find: level of the key, 0 if none. insert: the key is not there. erase: the key is there. */
uint32_t trd__far_find(trd_far_in in, const trd_far *tree, uint64_t key);
void trd__far_insert(trd_far_in in, trd_far *tree, uint64_t key, uint32_t level);
void trd__far_erase(trd_far_in in, trd_far *tree, uint64_t key);

/* The entry with the highest key <= `key`: false if there is none. */
bool trd__far_at_or_below(
    trd_far_in in, const trd_far *tree, uint64_t key, uint64_t *found, uint32_t *level);

/* The entry with the lowest key >= `key`: false if there is none. */
bool trd__far_at_or_above(
    trd_far_in in, const trd_far *tree, uint64_t key, uint64_t *found, uint32_t *level);

/* Level of the highest key, *found, or of the lowest; the tree is not empty. No key is compared. */
uint32_t trd__far_highest(trd_far_in in, const trd_far *tree, uint64_t *found);
void trd__far_erase_highest(trd_far_in in, trd_far *tree);
uint32_t trd__far_lowest(trd_far_in in, const trd_far *tree);

/* Checks the shape; adds the number of entries to *entries and of nodes to *nodes. */
int trd__far_audit(trd_far_in in, const trd_far *tree, uint32_t *entries, uint32_t *nodes);

#endif
