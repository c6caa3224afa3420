/* far.c - B+tree with insertion by splitting and deletion by borrowing or joining. */
#include "book/far.h"

#include <string.h>

#include "core/assert.h"

uint32_t trd__far_capacity(uint64_t levels, uint64_t trees) {
    /* Full trees: at most levels / HALF leaves, a tenth of that above them, and so on: less than
     * levels / HALF x 10 / 9. Roots and the heights of small trees: two nodes a tree. A split needs
     * its node before anything is freed: one per height. */
    const uint64_t leaves = levels / TRD_FAR_HALF + 1;
    const uint64_t nodes = leaves + leaves / (TRD_FAR_HALF - 1) + 1 + 2 * trees;
    return (uint32_t)(nodes + TRD_FAR_HEIGHT_MAX + 1);
}

void trd__far_pool_init(trd_far_in in, uint32_t capacity) {
    *in.pool = (trd_far_pool){.capacity = capacity};
    for (uint32_t at = capacity - 1; at > 0; at--) {
        in.nodes[at].next_free = in.pool->free;
        in.pool->free = at;
    }
}

static uint32_t node_alloc(trd_far_in in) {
    const uint32_t at = in.pool->free;
    trd_assert(at != 0);
    in.pool->free = in.nodes[at].next_free;
    in.pool->used++;
    in.nodes[at].count = 0;
    return at;
}

static void node_release(trd_far_in in, uint32_t at) {
    in.nodes[at].next_free = in.pool->free;
    in.pool->free = at;
    in.pool->used--;
}

/* Of the entries from `from` on, which there are, the index of the first with a key > `key`; the
 * node's count if there is none. The last one is looked at first: the best of a tree is its highest
 * key, and most of what is erased is the best. */
static inline uint32_t rank_from(const trd_far_node *node, uint32_t from, uint64_t key) {
    if (node->key[node->count - 1] <= key) {
        return node->count;
    }
    uint32_t at = from;
    for (uint32_t left = node->count - from; left > 1;) {
        const uint32_t half = left / 2;
        at += node->key[at + half - 1] <= key ? half : 0;
        left -= half;
    }
    return at + (node->key[at] <= key);
}

/* Number of entries with a key <= `key`. */
static uint32_t rank(const trd_far_node *node, uint64_t key) {
    return node->count > 0 ? rank_from(node, 0, key) : 0;
}

/* Index of the child of an inner node, which has two at least, whose range holds `key`. */
static uint32_t child_of(const trd_far_node *node, uint64_t key) {
    return rank_from(node, 1, key) - 1;
}

static void entry_insert(trd_far_node *node, uint32_t at, uint64_t key, uint32_t ref) {
    memmove(&node->key[at + 1], &node->key[at], (node->count - at) * sizeof(node->key[0]));
    memmove(&node->ref[at + 1], &node->ref[at], (node->count - at) * sizeof(node->ref[0]));
    node->key[at] = key;
    node->ref[at] = ref;
    node->count++;
}

static void entry_erase(trd_far_node *node, uint32_t at) {
    node->count--;
    if (at < node->count) {
        memmove(&node->key[at], &node->key[at + 1], (node->count - at) * sizeof(node->key[0]));
        memmove(&node->ref[at], &node->ref[at + 1], (node->count - at) * sizeof(node->ref[0]));
    }
}

static void entries_append(
    trd_far_node *to, const trd_far_node *from, uint32_t at, uint32_t count) {
    memcpy(&to->key[to->count], &from->key[at], count * sizeof(to->key[0]));
    memcpy(&to->ref[to->count], &from->ref[at], count * sizeof(to->ref[0]));
    to->count += count;
}

/* The way from the root to a leaf: nodes, and the child taken in each. */
typedef struct path {
    uint32_t node[TRD_FAR_HEIGHT_MAX];
    uint32_t at[TRD_FAR_HEIGHT_MAX];
    uint32_t leaf; /* depth of the leaf */
} path;

/* Only the depths of the tree are written: most trees have two or three of the twelve there may be.
 */
static void descend(trd_far_in in, const trd_far *tree, uint64_t key, path *way) {
    uint32_t node = tree->root;
    way->leaf = tree->height - 1;
    for (uint32_t depth = 0; depth < way->leaf; depth++) {
        way->node[depth] = node;
        way->at[depth] = child_of(&in.nodes[node], key);
        node = in.nodes[node].ref[way->at[depth]];
    }
    way->node[way->leaf] = node;
}

uint32_t trd__far_find(trd_far_in in, const trd_far *tree, uint64_t key) {
    if (tree->height == 0) {
        return 0;
    }
    uint32_t node = tree->root;
    for (uint32_t height = tree->height; height > 1; height--) {
        node = in.nodes[node].ref[child_of(&in.nodes[node], key)];
    }
    const trd_far_node *leaf = &in.nodes[node];
    const uint32_t at = rank(leaf, key);
    return at > 0 && leaf->key[at - 1] == key ? leaf->ref[at - 1] : 0;
}

/* Moves the upper half of `node` to a new node behind it and returns that one. */
static uint32_t split(trd_far_in in, uint32_t node) {
    const uint32_t right = node_alloc(in);
    entries_append(&in.nodes[right], &in.nodes[node], TRD_FAR_HALF, TRD_FAR_HALF);
    in.nodes[node].count = TRD_FAR_HALF;
    return right;
}

void trd__far_insert(trd_far_in in, trd_far *tree, uint64_t key, uint32_t level) {
    if (tree->height == 0) {
        tree->root = node_alloc(in);
        tree->height = 1;
    }
    path way;
    descend(in, tree, key, &way);
    uint64_t new_key = key;
    uint32_t new_ref = level;
    for (uint32_t depth = way.leaf;; depth--) {
        uint32_t to = way.node[depth];
        uint32_t at = depth == way.leaf ? rank(&in.nodes[to], new_key) : way.at[depth] + 1;
        if (in.nodes[to].count < TRD_FAR_ENTRIES) {
            entry_insert(&in.nodes[to], at, new_key, new_ref);
            return;
        }
        const uint32_t right = split(in, to);
        const uint64_t right_key = in.nodes[right].key[0];
        if (at > TRD_FAR_HALF) {
            to = right;
            at -= TRD_FAR_HALF;
        }
        entry_insert(&in.nodes[to], at, new_key, new_ref);
        new_key = right_key;
        new_ref = right;
        if (depth == 0) {
            break;
        }
    }
    /* The root was split: a new one above it. */
    const uint32_t root = node_alloc(in);
    entry_insert(&in.nodes[root], 0, 0, tree->root);
    entry_insert(&in.nodes[root], 1, new_key, new_ref);
    tree->root = root;
    tree->height++;
    trd_assert(tree->height < TRD_FAR_HEIGHT_MAX);
}

/* Makes child `at` of `parent`, which has one entry too few, whole again: takes an entry from a
 * neighbour that can spare one, or joins it with that neighbour. True if the parent lost an entry.
 */
static bool repair(trd_far_in in, trd_far_node *parent, uint32_t at, bool leaves) {
    const uint32_t left_at = at > 0 ? at - 1 : 0;
    const uint32_t right_at = left_at + 1;
    trd_far_node *left = &in.nodes[parent->ref[left_at]];
    trd_far_node *right = &in.nodes[parent->ref[right_at]];
    if (!leaves) {
        /* Inner nodes do not keep their first key: the separator above stands for it. */
        right->key[0] = parent->key[right_at];
    }
    if (left->count + right->count <= TRD_FAR_ENTRIES) {
        entries_append(left, right, 0, right->count);
        node_release(in, parent->ref[right_at]);
        entry_erase(parent, right_at);
        return true;
    }
    if (left->count > right->count) {
        left->count--;
        entry_insert(right, 0, left->key[left->count], left->ref[left->count]);
    } else {
        entries_append(left, right, 0, 1);
        entry_erase(right, 0);
    }
    parent->key[right_at] = right->key[0];
    return false;
}

/* Erases entry `at` of the leaf at the end of the way. */
static void erase_at(trd_far_in in, trd_far *tree, const path *way, uint32_t at) {
    entry_erase(&in.nodes[way->node[way->leaf]], at);
    for (uint32_t depth = way->leaf; depth > 0; depth--) {
        if (in.nodes[way->node[depth]].count >= TRD_FAR_HALF ||
            !repair(in, &in.nodes[way->node[depth - 1]], way->at[depth - 1], depth == way->leaf)) {
            return;
        }
    }
    trd_far_node *root = &in.nodes[tree->root];
    if (tree->height == 1 ? root->count == 0 : root->count == 1) {
        const uint32_t gone = tree->root;
        tree->root = tree->height == 1 ? 0 : root->ref[0];
        tree->height--;
        node_release(in, gone);
    }
}

void trd__far_erase(trd_far_in in, trd_far *tree, uint64_t key) {
    trd_assert(tree->height > 0);
    path way;
    descend(in, tree, key, &way);
    const trd_far_node *leaf = &in.nodes[way.node[way.leaf]];
    const uint32_t at = rank(leaf, key);
    trd_assert(at > 0 && leaf->key[at - 1] == key);
    erase_at(in, tree, &way, at - 1);
}

void trd__far_erase_highest(trd_far_in in, trd_far *tree) {
    trd_assert(tree->height > 0);
    path way;
    way.leaf = tree->height - 1;
    uint32_t node = tree->root;
    for (uint32_t depth = 0; depth < way.leaf; depth++) {
        way.node[depth] = node;
        way.at[depth] = in.nodes[node].count - 1;
        node = in.nodes[node].ref[way.at[depth]];
    }
    way.node[way.leaf] = node;
    erase_at(in, tree, &way, in.nodes[node].count - 1);
}

bool trd__far_at_or_below(
    trd_far_in in, const trd_far *tree, uint64_t key, uint64_t *found, uint32_t *level) {
    if (tree->height == 0) {
        return false;
    }
    path way;
    descend(in, tree, key, &way);
    const trd_far_node *leaf = &in.nodes[way.node[way.leaf]];
    uint32_t at = rank(leaf, key);
    /* A separator may be lower than every key left behind it: then the answer is the last entry of
     * the subtree to the left. */
    for (uint32_t depth = way.leaf; at == 0; depth--) {
        if (depth == 0) {
            return false;
        }
        if (way.at[depth - 1] == 0) {
            continue;
        }
        uint32_t node = in.nodes[way.node[depth - 1]].ref[way.at[depth - 1] - 1];
        for (uint32_t down = depth; down < way.leaf; down++) {
            node = in.nodes[node].ref[in.nodes[node].count - 1];
        }
        leaf = &in.nodes[node];
        at = leaf->count;
    }
    *found = leaf->key[at - 1];
    *level = leaf->ref[at - 1];
    return true;
}

bool trd__far_at_or_above(
    trd_far_in in, const trd_far *tree, uint64_t key, uint64_t *found, uint32_t *level) {
    if (tree->height == 0) {
        return false;
    }
    path way;
    descend(in, tree, key, &way);
    const trd_far_node *leaf = &in.nodes[way.node[way.leaf]];
    uint32_t at = key > 0 ? rank(leaf, key - 1) : 0;
    /* All of the leaf is lower: the answer is the first entry of the next subtree to the right. */
    for (uint32_t depth = way.leaf; at == leaf->count; depth--) {
        if (depth == 0) {
            return false;
        }
        const trd_far_node *parent = &in.nodes[way.node[depth - 1]];
        if (way.at[depth - 1] + 1 == parent->count) {
            continue;
        }
        uint32_t node = parent->ref[way.at[depth - 1] + 1];
        for (uint32_t down = depth; down < way.leaf; down++) {
            node = in.nodes[node].ref[0];
        }
        leaf = &in.nodes[node];
        at = 0;
    }
    *found = leaf->key[at];
    *level = leaf->ref[at];
    return true;
}

uint32_t trd__far_highest(trd_far_in in, const trd_far *tree, uint64_t *found) {
    trd_assert(tree->height > 0);
    uint32_t at = tree->root;
    for (uint32_t height = tree->height; height > 1; height--) {
        at = in.nodes[at].ref[in.nodes[at].count - 1];
    }
    const trd_far_node *leaf = &in.nodes[at];
    *found = leaf->key[leaf->count - 1];
    return leaf->ref[leaf->count - 1];
}

uint32_t trd__far_lowest(trd_far_in in, const trd_far *tree) {
    trd_assert(tree->height > 0);
    uint32_t at = tree->root;
    for (uint32_t height = tree->height; height > 1; height--) {
        at = in.nodes[at].ref[0];
    }
    return in.nodes[at].ref[0];
}

/* What the audit of a subtree is told and tells. */
typedef struct census {
    uint32_t entries;
    uint32_t nodes;
} census;

static int audit_node(
    trd_far_in in, uint32_t at, uint32_t height, uint64_t low, uint64_t high, census *seen) {
    trd_audit(at != 0 && at < in.pool->capacity);
    const trd_far_node *node = &in.nodes[at];
    const bool is_root = seen->nodes == 0;
    trd_audit(node->count >= (!is_root ? (uint32_t)TRD_FAR_HALF : height > 1 ? 2u : 1u));
    trd_audit(node->count <= TRD_FAR_ENTRIES);
    seen->nodes++;
    for (uint32_t i = height > 1; i < node->count; i++) {
        trd_audit(node->key[i] >= low && node->key[i] <= high);
        trd_audit(i == (height > 1) || node->key[i - 1] < node->key[i]);
    }
    if (height == 1) {
        seen->entries += node->count;
        return 0;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        const uint64_t from = i > 0 ? node->key[i] : low;
        const uint64_t to = i + 1 < node->count ? node->key[i + 1] - 1 : high;
        const int result = audit_node(in, node->ref[i], height - 1, from, to, seen);
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

int trd__far_audit(trd_far_in in, const trd_far *tree, uint32_t *entries, uint32_t *nodes) {
    census seen = {0};
    if (tree->height > 0) {
        trd_audit(tree->height <= TRD_FAR_HEIGHT_MAX);
        const int result = audit_node(in, tree->root, tree->height, 0, UINT64_MAX, &seen);
        if (result != 0) {
            return result;
        }
    }
    *entries += seen.entries;
    *nodes += seen.nodes;
    return 0;
}
