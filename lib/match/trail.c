/* trail.c - trailing stops: groups of equal extreme, and trees within and across them.
 *
 * A price raises everything that is below it to itself, and orders usually come in with the present
 * price. So the extremes are steps that fall toward the youngest orders, and a new high levels the
 * lowest steps:
 *
 *     110  A                    price 106:   110  A
 *     107  B C                               107  B C
 *     105  D                                 106  D E F
 *     104  E F
 *
 * A step is a group. Orders that are in one group once stay together until they leave, and how they
 * stand to each other hardly depends on the extreme they share: the lower the offset, the higher
 * the trigger. So a group is two trees sorted by (offset, place), one per unit, that a new extreme
 * leaves as they are; only the group's first order has to be found again. Groups that meet are
 * joined, the smaller one poured into the larger.
 *
 * The groups of an index are a tree themselves, sorted by extreme, in which every node knows the
 * first group of its subtree: the root knows the first of all.
 *
 * The first order of a group. Among ticks it is the lowest (offset, place), since the trigger falls
 * strictly with the offset. Among basis points, d = ceil(|extreme| x offset / 10000) rises with the
 * offset but not strictly: with |extreme| < 10000, several offsets give the same d, and the lowest
 * place among all of them is first. They are the offsets from the lowest there is up to some
 * bound, for d is monotone: d(x) <= D for D = d(lowest) if and only if |extreme| x <= 10000 D, that
 * is x <= floor(10000 D / |extreme|), and offsets below the lowest there are none. So the answer
 * is the lowest place among keys up to a bound, which a tree gives in one descent if every node
 * knows the lowest place of its subtree. For ticks the bound is the lowest offset itself.
 *
 * How often an order is moved. Let an order in a group of s be worth log2(n / s) >= 0, n being the
 * most orders there are at a time. A new order is worth log2 n at most, and makes its neighbours
 * worth less. One that is moved finds itself in a group of at least twice the size: it loses 1. One
 * that is removed leaves s - 1 others, each worth log2(s / (s - 1)) more: less than 1.45
 * together. So there are never more moves than log2 n for each order added and 1.45 for each
 * removed. A price can move many orders at once, but only those that came one by one before.
 *
 * The trees are AVL trees: their height is about 1.44 log2 n at most, whatever the orders are,
 * where a tree shaped by hashed numbers is only likely to be low, and who picks offsets by the
 * numbers the orders will get can make it a list. Functions that recurse do so at most that deep.
 */
#include "match/trail.h"

#include <string.h>

#include "core/assert.h"
#include "core/fixed.h"

enum { WHOLE = 10000 }; /* basis points */

/* --- trees ----------------------------------------------------------------------------------- */

static bool is_left_of(const trd_trail_node *a, const trd_trail_node *b) {
    return a->key != b->key ? a->key < b->key : a->place < b->place;
}

/* The one of two nodes that comes first; 0 is no node. */
static uint32_t first_of(const trd_trail_node *nodes, uint32_t a, uint32_t b) {
    if (a == 0 || b == 0) {
        return a + b;
    }
    if (nodes[a].trigger != nodes[b].trigger) {
        return nodes[a].trigger > nodes[b].trigger ? a : b;
    }
    return nodes[a].place < nodes[b].place ? a : b;
}

static uint32_t first_of_subtrees(const trd_trail_node *nodes, uint32_t at) {
    const uint32_t left = nodes[nodes[at].left].first;
    const uint32_t right = nodes[nodes[at].right].first;
    return first_of(nodes, at, first_of(nodes, left, right));
}

static int height_above(const trd_trail_node *nodes, uint32_t left, uint32_t right) {
    return 1 +
           (nodes[left].height > nodes[right].height ? nodes[left].height : nodes[right].height);
}

/* What a node knows of its subtree, from what its children know of theirs. */
static void refresh(trd_trail_node *nodes, uint32_t at) {
    nodes[at].height = (uint8_t)height_above(nodes, nodes[at].left, nodes[at].right);
    nodes[at].first = first_of_subtrees(nodes, at);
}

static uint32_t rotate_left(trd_trail_node *nodes, uint32_t at) {
    const uint32_t up = nodes[at].right;
    nodes[at].right = nodes[up].left;
    nodes[up].left = at;
    refresh(nodes, at);
    refresh(nodes, up);
    return up;
}

static uint32_t rotate_right(trd_trail_node *nodes, uint32_t at) {
    const uint32_t up = nodes[at].left;
    nodes[at].left = nodes[up].right;
    nodes[up].right = at;
    refresh(nodes, at);
    refresh(nodes, up);
    return up;
}

/* Height of the left subtree less that of the right one. */
static int lean(const trd_trail_node *nodes, uint32_t at) {
    return nodes[nodes[at].left].height - nodes[nodes[at].right].height;
}

/* Makes a tree whose subtrees are balanced, and differ in height by two at most, balanced; returns
 * its root. */
static uint32_t balance(trd_trail_node *nodes, uint32_t at) {
    const int leaning = lean(nodes, at);
    if (leaning > 1) {
        if (lean(nodes, nodes[at].left) < 0) {
            nodes[at].left = rotate_left(nodes, nodes[at].left);
        }
        return rotate_right(nodes, at);
    }
    if (leaning < -1) {
        if (lean(nodes, nodes[at].right) > 0) {
            nodes[at].right = rotate_right(nodes, nodes[at].right);
        }
        return rotate_left(nodes, at);
    }
    refresh(nodes, at);
    return at;
}

static uint32_t insert_below(trd_trail_node *nodes, uint32_t root, uint32_t at) {
    if (root == 0) {
        return at;
    }
    if (is_left_of(&nodes[at], &nodes[root])) {
        nodes[root].left = insert_below(nodes, nodes[root].left, at);
    } else {
        nodes[root].right = insert_below(nodes, nodes[root].right, at);
    }
    return balance(nodes, root);
}

/* tree_insert, tree_erase: return the new root. */
static uint32_t tree_insert(trd_trail_node *nodes, uint32_t root, uint32_t at) {
    nodes[at].left = nodes[at].right = 0;
    refresh(nodes, at);
    return insert_below(nodes, root, at);
}

/* Takes the leftmost node out of a tree. */
static uint32_t take_leftmost(trd_trail_node *nodes, uint32_t root, uint32_t *leftmost) {
    if (nodes[root].left == 0) {
        *leftmost = root;
        return nodes[root].right;
    }
    nodes[root].left = take_leftmost(nodes, nodes[root].left, leftmost);
    return balance(nodes, root);
}

static uint32_t tree_erase(trd_trail_node *nodes, uint32_t root, uint32_t at) {
    trd_assert(root != 0);
    if (root != at) {
        if (is_left_of(&nodes[at], &nodes[root])) {
            nodes[root].left = tree_erase(nodes, nodes[root].left, at);
        } else {
            nodes[root].right = tree_erase(nodes, nodes[root].right, at);
        }
        return balance(nodes, root);
    }
    if (nodes[at].right == 0) {
        return nodes[at].left;
    }
    uint32_t next = 0;
    const uint32_t right = take_leftmost(nodes, nodes[at].right, &next);
    nodes[next].left = nodes[at].left;
    nodes[next].right = right;
    return balance(nodes, next);
}

static uint32_t tree_leftmost(const trd_trail_node *nodes, uint32_t root) {
    uint32_t at = root;
    while (nodes[at].left != 0) {
        at = nodes[at].left;
    }
    return at;
}

/* A node with this key, 0 if there is none. */
static uint32_t tree_find(const trd_trail_node *nodes, uint32_t root, int64_t key) {
    uint32_t at = root;
    while (at != 0 && nodes[at].key != key) {
        at = key < nodes[at].key ? nodes[at].left : nodes[at].right;
    }
    return at;
}

/* The first of the nodes with a key up to `key`. */
static uint32_t tree_first_up_to(const trd_trail_node *nodes, uint32_t root, int64_t key) {
    uint32_t first = 0;
    for (uint32_t at = root; at != 0;) {
        if (nodes[at].key > key) {
            at = nodes[at].left;
            continue;
        }
        first = first_of(nodes, first, first_of(nodes, at, nodes[nodes[at].left].first));
        at = nodes[at].right;
    }
    return first;
}

/* --- triggers -------------------------------------------------------------------------------- */

/* d in 64 bits: |extreme| x offset needs more, but with |extreme| = q x 10000 + s it is
 * q x offset x 10000 + s x offset, and only the second part is rounded. At most |extreme|. */
static int64_t distance_of(trd_px extreme, uint32_t unit, int64_t offset) {
    if (unit == TRD_OFFSET_TICKS) {
        return offset;
    }
    const int64_t size = (int64_t)trd__magnitude(extreme);
    return size / WHOLE * offset + (size % WHOLE * offset + WHOLE - 1) / WHOLE;
}

static trd_px trigger_of(trd_px extreme, uint32_t unit, int64_t offset) {
    return extreme - distance_of(extreme, unit, offset);
}

/* The highest offset that gives the same trigger as `offset`.
 *
 * floor(10000 d / |extreme|) in 64 bits: what rounding added is r = 10000 d - |extreme| offset, in
 * [0, 9999], so it is offset + floor(r / |extreme|). r is the same for s, the last four digits of
 * |extreme|. With an extreme of 0 every offset gives 0. */
static int64_t last_like(trd_px extreme, uint32_t unit, int64_t offset) {
    if (unit == TRD_OFFSET_TICKS) {
        return offset;
    }
    if (extreme == 0) {
        return TRD_TRAIL_BASIS_POINTS_MAX;
    }
    const int64_t size = (int64_t)trd__magnitude(extreme);
    const int64_t missing = size % WHOLE * offset % WHOLE;
    const int64_t added = missing == 0 ? 0 : WHOLE - missing;
    return offset + added / size;
}

/* --- groups ---------------------------------------------------------------------------------- */

static uint32_t *tree_of(trd_trail_in in, uint32_t group, uint32_t unit) {
    return &in.groups[group].tree[unit == TRD_OFFSET_BASIS_POINTS];
}

static uint32_t group_alloc(trd_trail_in in, trd_px extreme) {
    const uint32_t group = in.pool->free;
    trd_assert(group != 0);
    in.pool->free = in.groups[group].next_free;
    in.pool->used++;
    in.groups[group] = (trd_trail_group){0};
    in.tops[group] = (trd_trail_node){.key = extreme};
    return group;
}

static void group_release(trd_trail_in in, uint32_t group) {
    in.groups[group] = (trd_trail_group){.next_free = in.pool->free};
    in.pool->free = group;
    in.pool->used--;
}

static void put_order(trd_trail_in in, uint32_t group, uint32_t order) {
    uint32_t *root = tree_of(in, group, in.nodes[order].unit);
    in.nodes[order].group = group;
    *root = tree_insert(in.nodes, *root, order);
    in.groups[group].count++;
}

/* Puts all orders of a tree, node by node, to another group: turns each left subtree up until there
 * is none. The tree is given up, so nothing is kept balanced. */
static void pour(trd_trail_in in, uint32_t root, uint32_t to) {
    uint32_t at = root;
    while (at != 0) {
        const uint32_t left = in.nodes[at].left;
        if (left != 0) {
            in.nodes[at].left = in.nodes[left].right;
            in.nodes[left].right = at;
            at = left;
            continue;
        }
        const uint32_t next = in.nodes[at].right;
        put_order(in, to, at);
        at = next;
    }
}

/* Pours the smaller of two groups into the larger, and returns that one. Neither is in the tree of
 * groups. */
static uint32_t join(trd_trail_in in, uint32_t a, uint32_t b) {
    const bool into_a = in.groups[a].count >= in.groups[b].count;
    const uint32_t large = into_a ? a : b;
    const uint32_t small = into_a ? b : a;
    const trd_trail_group poured = in.groups[small];
    group_release(in, small);
    pour(in, poured.tree[0], large);
    pour(in, poured.tree[1], large);
    in.pool->moves += poured.count;
    return large;
}

/* Which order of the group comes first, as the group's node has to say it. */
static trd_trail_node first_in(trd_trail_in in, uint32_t group, uint32_t *first) {
    static const uint32_t units[] = {TRD_OFFSET_TICKS, TRD_OFFSET_BASIS_POINTS};
    trd_trail_node top = {.key = in.tops[group].key};
    *first = 0;
    for (int i = 0; i < 2; i++) {
        const uint32_t root = *tree_of(in, group, units[i]);
        if (root == 0) {
            continue;
        }
        const int64_t lowest = in.nodes[tree_leftmost(in.nodes, root)].key;
        const uint32_t order =
            tree_first_up_to(in.nodes, root, last_like(top.key, units[i], lowest));
        const trd_px trigger = trigger_of(top.key, units[i], lowest);
        const uint64_t place = in.nodes[order].place;
        if (*first == 0 || trigger > top.trigger || (trigger == top.trigger && place < top.place)) {
            *first = order;
            top.trigger = trigger;
            top.place = place;
        }
    }
    return top;
}

static void group_detach(trd_trail_in in, trd_trail *trail, uint32_t group) {
    trail->root = tree_erase(in.tops, trail->root, group);
}

/* Puts a group that is not in the tree of groups there. */
static void group_attach(trd_trail_in in, trd_trail *trail, uint32_t group) {
    in.tops[group] = first_in(in, group, &in.groups[group].first);
    trail->root = tree_insert(in.tops, trail->root, group);
}

/* The orders of a group that is in the tree of groups have changed. */
static void group_changed(trd_trail_in in, trd_trail *trail, uint32_t group) {
    uint32_t first = 0;
    first_in(in, group, &first);
    if (first != in.groups[group].first) {
        group_detach(in, trail, group);
        group_attach(in, trail, group);
    }
}

/* --- the index ------------------------------------------------------------------------------- */

void trd__trail_pool_init(trd_trail_in in, uint32_t capacity) {
    trd_assert(capacity >= 1 && capacity <= TRD_TRAIL_CAPACITY_MAX);
    const size_t entries = (size_t)capacity + 1;
    memset(in.nodes, 0, entries * sizeof(*in.nodes));
    memset(in.tops, 0, entries * sizeof(*in.tops));
    memset(in.groups, 0, entries * sizeof(*in.groups));
    *in.pool = (trd_trail_pool){.capacity = capacity};
    for (uint32_t group = capacity; group > 0; group--) {
        in.groups[group].next_free = in.pool->free;
        in.pool->free = group;
    }
}

static bool is_price(trd_px px) {
    return px >= -TRD_TRAIL_PX_MAX && px <= TRD_TRAIL_PX_MAX;
}

static bool is_offset(uint32_t unit, int64_t offset) {
    const bool ticks = unit == TRD_OFFSET_TICKS;
    return offset >= 1 && offset <= (ticks ? TRD_TRAIL_OFFSET_MAX : TRD_TRAIL_BASIS_POINTS_MAX);
}

void trd__trail_add(
    trd_trail_in in, trd_trail *trail, uint32_t order, const trd_trail_order *terms) {
    trd_assert(order >= 1 && order <= in.pool->capacity);
    trd_assert(in.nodes[order].group == 0);
    trd_assert(is_price(terms->extreme));
    trd_assert(terms->unit >= TRD_OFFSET_TICKS);
    trd_assert(terms->unit <= TRD_OFFSET_BASIS_POINTS);
    trd_assert(terms->unit != TRD_OFFSET_AMOUNT);
    trd_assert(is_offset(terms->unit, terms->offset));
    in.nodes[order] =
        (trd_trail_node){.key = terms->offset, .place = terms->place, .unit = (uint8_t)terms->unit};
    uint32_t group = tree_find(in.tops, trail->root, terms->extreme);
    if (group != 0) {
        put_order(in, group, order);
        group_changed(in, trail, group);
        return;
    }
    group = group_alloc(in, terms->extreme);
    put_order(in, group, order);
    group_attach(in, trail, group);
    if (trail->lowest == 0 || terms->extreme < in.tops[trail->lowest].key) {
        trail->lowest = group;
    }
}

void trd__trail_remove(trd_trail_in in, trd_trail *trail, uint32_t order) {
    trd_assert(order >= 1 && order <= in.pool->capacity);
    const uint32_t group = in.nodes[order].group;
    trd_assert(group != 0);
    uint32_t *root = tree_of(in, group, in.nodes[order].unit);
    *root = tree_erase(in.nodes, *root, order);
    in.nodes[order].group = 0;
    in.groups[group].count--;
    if (in.groups[group].count > 0) {
        group_changed(in, trail, group);
        return;
    }
    group_detach(in, trail, group);
    group_release(in, group);
    if (group == trail->lowest) {
        trail->lowest = tree_leftmost(in.tops, trail->root);
    }
}

void trd__trail_observe(trd_trail_in in, trd_trail *trail, trd_px price) {
    trd_assert(is_price(price));
    uint32_t group = trail->lowest;
    if (group == 0 || in.tops[group].key >= price) {
        return;
    }
    group_detach(in, trail, group);
    while (trail->root != 0) {
        const uint32_t next = tree_leftmost(in.tops, trail->root);
        if (in.tops[next].key > price) {
            break;
        }
        group_detach(in, trail, next);
        group = join(in, group, next);
    }
    in.tops[group].key = price;
    group_attach(in, trail, group);
    trail->lowest = group;
}

uint32_t trd__trail_touched(
    trd_trail_in in, const trd_trail *trail, trd_px price, trd_px *trigger) {
    if (trail->root == 0) {
        return 0;
    }
    const uint32_t group = in.tops[trail->root].first;
    if (in.tops[group].trigger < price) {
        return 0;
    }
    *trigger = in.tops[group].trigger;
    return in.groups[group].first;
}

trd_px trd__trail_trigger(trd_trail_in in, uint32_t order) {
    trd_assert(order >= 1 && order <= in.pool->capacity);
    const trd_trail_node *node = &in.nodes[order];
    trd_assert(node->group != 0);
    return trigger_of(in.tops[node->group].key, node->unit, node->key);
}

trd_px trd__trail_extreme(trd_trail_in in, uint32_t order) {
    trd_assert(order >= 1 && order <= in.pool->capacity);
    trd_assert(in.nodes[order].group != 0);
    return in.tops[in.nodes[order].group].key;
}

/* --- audit ----------------------------------------------------------------------------------- */

/* What the audit of a tree's shape has come by, from left to right. */
typedef struct census {
    const trd_trail_node *nodes;
    uint32_t capacity;
    uint32_t count;
    uint32_t last; /* node to the left, 0: none yet */
} census;

/* Sorted, balanced, and every node right about its subtree. Heights fall from a node to its
 * children, so a tree that bites its tail is found before it is followed round; and a node that is
 * reached a second time is not right of the last one. */
static int audit_shape(census *seen, uint32_t at) {
    const trd_trail_node *nodes = seen->nodes;
    trd_audit(at <= seen->capacity);
    if (at == 0) {
        return TRD_OK;
    }
    const uint32_t left = nodes[at].left, right = nodes[at].right;
    trd_audit(left <= seen->capacity && right <= seen->capacity);
    trd_audit(nodes[at].height == height_above(nodes, left, right));
    trd_audit(lean(nodes, at) >= -1 && lean(nodes, at) <= 1);
    int result = audit_shape(seen, left);
    if (result != TRD_OK) {
        return result;
    }
    trd_audit(seen->last == 0 || is_left_of(&nodes[seen->last], &nodes[at]));
    seen->count++;
    seen->last = at;
    result = audit_shape(seen, right);
    if (result != TRD_OK) {
        return result;
    }
    trd_audit(nodes[at].first == first_of_subtrees(nodes, at));
    return TRD_OK;
}

static int audit_tree(
    trd_trail_in in, const trd_trail_node *nodes, uint32_t root, uint32_t *count) {
    census seen = {.nodes = nodes, .capacity = in.pool->capacity};
    const int result = audit_shape(&seen, root);
    *count += seen.count;
    return result;
}

/* The orders of a tree: they know where they are, and none of them is before the group's first. */
static int audit_orders(trd_trail_in in, uint32_t group, uint32_t unit, uint32_t at) {
    if (at == 0) {
        return TRD_OK;
    }
    const trd_trail_node *node = &in.nodes[at];
    const trd_trail_node *top = &in.tops[group];
    trd_audit(node->group == group);
    trd_audit(node->unit == unit);
    trd_audit(node->trigger == 0);
    trd_audit(is_offset(unit, node->key));
    const trd_px trigger = trigger_of(top->key, unit, node->key);
    trd_audit(trigger <= top->trigger);
    trd_audit(trigger < top->trigger || node->place >= top->place);
    const int result = audit_orders(in, group, unit, node->left);
    return result != TRD_OK ? result : audit_orders(in, group, unit, node->right);
}

static int audit_group(trd_trail_in in, uint32_t group) {
    static const uint32_t units[] = {TRD_OFFSET_TICKS, TRD_OFFSET_BASIS_POINTS};
    const trd_trail_node *top = &in.tops[group];
    trd_audit(is_price(top->key));
    uint32_t count = 0;
    for (int i = 0; i < 2; i++) {
        const uint32_t root = *tree_of(in, group, units[i]);
        int result = audit_tree(in, in.nodes, root, &count);
        if (result == TRD_OK) {
            result = audit_orders(in, group, units[i], root);
        }
        if (result != TRD_OK) {
            return result;
        }
    }
    trd_audit(count > 0 && count == in.groups[group].count);
    const uint32_t first = in.groups[group].first;
    trd_audit(first >= 1 && first <= in.pool->capacity);
    trd_audit(in.nodes[first].group == group);
    trd_audit(in.nodes[first].place == top->place);
    trd_audit(trd__trail_trigger(in, first) == top->trigger);
    return TRD_OK;
}

static int audit_groups(trd_trail_in in, uint32_t at, uint32_t *orders) {
    if (at == 0) {
        return TRD_OK;
    }
    int result = audit_group(in, at);
    if (result == TRD_OK) {
        *orders += in.groups[at].count;
        result = audit_groups(in, in.tops[at].left, orders);
    }
    return result != TRD_OK ? result : audit_groups(in, in.tops[at].right, orders);
}

int trd__trail_audit(trd_trail_in in, const trd_trail *trail, uint32_t *orders, uint32_t *groups) {
    uint32_t groups_here = 0, orders_here = 0;
    int result = audit_tree(in, in.tops, trail->root, &groups_here);
    if (result == TRD_OK) {
        result = audit_groups(in, trail->root, &orders_here);
    }
    if (result != TRD_OK) {
        return result;
    }
    trd_audit(trail->lowest == tree_leftmost(in.tops, trail->root));
    *orders += orders_here;
    *groups += groups_here;
    return TRD_OK;
}

int trd__trail_pool_audit(trd_trail_in in, uint32_t orders, uint32_t groups) {
    const trd_trail_pool *pool = in.pool;
    trd_audit(pool->used == groups && groups <= pool->capacity);
    trd_audit(in.nodes[0].height == 0 && in.nodes[0].first == 0);
    trd_audit(in.tops[0].height == 0 && in.tops[0].first == 0);
    uint32_t free = pool->free;
    for (uint32_t i = groups; i < pool->capacity; i++) {
        trd_audit(free >= 1 && free <= pool->capacity);
        trd_audit(in.groups[free].count == 0);
        free = in.groups[free].next_free;
    }
    trd_audit(free == 0);
    uint32_t placed = 0;
    for (uint32_t order = 1; order <= pool->capacity; order++) {
        placed += in.nodes[order].group != 0;
    }
    trd_audit(placed == orders);
    return TRD_OK;
}
