/* test_trail.c - trailing stops by hand: the trigger, who comes first, what a new high does. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <signal.h>
#include <string.h>

#include "match/trail.h"

enum { CAPACITY = 40, TICKS = TRD_OFFSET_TICKS, BP = TRD_OFFSET_BASIS_POINTS };

static trd_trail_pool pool;
static trd_trail_node nodes[CAPACITY + 1];
static trd_trail_node tops[CAPACITY + 1];
static trd_trail_group groups[CAPACITY + 1];
static const trd_trail_in in = {&pool, nodes, tops, groups};
static trd_trail trail;

static void start(void) {
    memset(nodes, 0xa5, sizeof(nodes));
    memset(tops, 0xa5, sizeof(tops));
    memset(groups, 0xa5, sizeof(groups));
    trd__trail_pool_init(in, CAPACITY);
}

TestSuite(trail, .init = start);

/* The order's number is its place too. */
static void add(uint32_t order, trd_px extreme, uint32_t unit, int64_t offset) {
    const trd_trail_order terms = {extreme, offset, order, unit};
    trd__trail_add(in, &trail, order, &terms);
}

static int audit(void) {
    uint32_t orders = 0, used = 0;
    const int result = trd__trail_audit(in, &trail, &orders, &used);
    return result != TRD_OK ? result : trd__trail_pool_audit(in, orders, used);
}

#define TRIGGER(order, px) cr_expect(eq(i64, trd__trail_trigger(in, order), px))

#define NONE_AT(price)                                                                             \
    do {                                                                                           \
        trd_px none_ = 77;                                                                         \
        cr_expect(eq(u32, trd__trail_touched(in, &trail, price, &none_), 0));                      \
        cr_expect(eq(i64, none_, 77), "nothing is said of no order");                              \
    } while (0)

/* At `price` the first is `order` with trigger `px`. It is taken out. */
#define TAKE(price, order, px)                                                                     \
    do {                                                                                           \
        trd_px trigger_ = 0;                                                                       \
        cr_assert(eq(u32, trd__trail_touched(in, &trail, price, &trigger_), order));               \
        cr_expect(eq(i64, trigger_, px));                                                          \
        trd__trail_remove(in, &trail, order);                                                      \
        cr_assert(eq(int, audit(), TRD_OK));                                                       \
    } while (0)

static void observe(trd_px price) {
    trd__trail_observe(in, &trail, price);
    cr_assert(eq(int, audit(), TRD_OK));
}

Test(trail, an_empty_index_has_nothing) {
    NONE_AT(INT64_MIN);
    observe(100);
    NONE_AT(INT64_MIN);
    cr_expect(eq(u32, trail.root, 0));
    cr_expect(eq(u32, trail.lowest, 0));
}

Test(trail, the_trigger_follows_the_highest_price) {
    add(1, 100, TICKS, 5);
    TRIGGER(1, 95);
    observe(110);
    TRIGGER(1, 105);
    NONE_AT(106);
    observe(106);
    TRIGGER(1, 105);
    TAKE(105, 1, 105);
    NONE_AT(INT64_MIN);
}

Test(trail, a_trail_never_loosens) {
    add(1, 100, TICKS, 5);
    add(2, 100, BP, 1000);
    observe(98);
    observe(96);
    TRIGGER(1, 95);
    TRIGGER(2, 90);
    observe(100);
    TRIGGER(1, 95);
    TRIGGER(2, 90);
}

/* A low of 42,000 and 5 % is a buy at 44,100: all prices negated. */
Test(trail, a_buy_is_a_sell_of_negated_prices) {
    add(1, -43000, BP, 500);
    TRIGGER(1, -45150);
    observe(-42000);
    TRIGGER(1, -44100);
    NONE_AT(-44099);
    TAKE(-44100, 1, -44100);
}

Test(trail, basis_points_are_rounded_away_from_the_market) {
    const trd_px top = INT64_C(1) << 62;
    const struct {
        trd_px extreme;
        int64_t offset;
        trd_px trigger;
    } rows[] = {
        {100, 1, 99},        /* 0.01 */
        {100, 100, 99},      /* 1 */
        {100, 101, 98},      /* 1.01 */
        {100, 10000, 0},     /* all of it */
        {1, 1, 0},           /* 0.0001 */
        {9999, 1, 9998},     /* 0.9999 */
        {10000, 1, 9999},    /* 1 */
        {10001, 1, 9999},    /* 1.0001 */
        {12345, 678, 11508}, /* 836.991 */
        {0, 1, 0},
        {0, 10000, 0},
        {-1, 1, -2},
        {-100, 1, -101},
        {-100, 101, -102},
        {-12345, 678, -13182},
        {top, 1, 4611224849825545165}, /* 461168601842738.7904 */
        {-top, 1, -4612147187029230643},
        {top, 10000, 0},
        {-top, 10000, INT64_MIN},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        add(1, rows[i].extreme, BP, rows[i].offset);
        TRIGGER(1, rows[i].trigger);
        TAKE(rows[i].trigger, 1, rows[i].trigger);
    }
}

Test(trail, ticks_reach_to_both_bounds) {
    const trd_px top = INT64_C(1) << 62, far = INT64_C(1) << 40;
    add(1, -top, TICKS, far);
    TRIGGER(1, -top - far);
    TAKE(-top - far, 1, -top - far);
    add(2, top, TICKS, 1);
    TRIGGER(2, top - 1);
    NONE_AT(top);
}

Test(trail, the_highest_trigger_is_first) {
    add(1, 100, TICKS, 7);
    add(2, 100, TICKS, 3);
    add(3, 100, BP, 500); /* 95 */
    add(4, 100, TICKS, 4);
    NONE_AT(98);
    TAKE(97, 2, 97);
    NONE_AT(97);
    TAKE(90, 4, 96);
    TAKE(90, 3, 95);
    TAKE(90, 1, 93);
    NONE_AT(90);
}

Test(trail, equal_triggers_go_by_place) {
    add(3, 100, TICKS, 5);
    add(2, 100, TICKS, 5);
    add(4, 100, BP, 500);
    add(1, 100, BP, 500);
    add(5, 100, TICKS, 5);
    TAKE(95, 1, 95);
    TAKE(95, 2, 95);
    TAKE(95, 3, 95);
    TAKE(95, 4, 95);
    TAKE(95, 5, 95);
}

Test(trail, equal_triggers_of_different_extremes_go_by_place) {
    add(5, 110, TICKS, 20); /* 90 */
    add(2, 105, TICKS, 15);
    add(3, 100, BP, 1000);
    add(4, 95, TICKS, 5);
    add(1, 93, TICKS, 4); /* 89 */
    TAKE(90, 2, 90);
    TAKE(90, 3, 90);
    TAKE(90, 4, 90);
    TAKE(90, 5, 90);
    NONE_AT(90);
    TAKE(89, 1, 89);
}

/* At 100, 1 to 100 basis points are all one tick, 101 are two. */
Test(trail, offsets_that_round_to_one_distance_go_by_place) {
    add(4, 100, BP, 1);
    add(2, 100, BP, 100);
    add(3, 100, BP, 50);
    add(1, 100, BP, 101);
    TAKE(99, 2, 99);
    TAKE(99, 3, 99);
    TAKE(99, 4, 99);
    NONE_AT(99);
    TAKE(98, 1, 98);
}

/* At 10,100: 1 gives ceil(1.01) = 2, 2 gives ceil(2.02) = 3, 100 gives 101. */
Test(trail, a_new_high_parts_what_rounding_made_equal) {
    add(1, 100, BP, 100);
    add(2, 100, BP, 2);
    add(3, 100, BP, 1);
    TRIGGER(1, 99);
    TRIGGER(2, 99);
    TRIGGER(3, 99);
    observe(10100);
    TAKE(0, 3, 10098);
    TAKE(0, 2, 10097);
    TAKE(0, 1, 9999);
}

Test(trail, below_zero_offsets_round_alike) {
    add(2, -100, BP, 1);
    add(1, -100, BP, 100);
    add(3, -100, BP, 101);
    TAKE(-101, 1, -101);
    TAKE(-101, 2, -101);
    TAKE(-102, 3, -102);
}

Test(trail, at_zero_all_basis_points_are_equal) {
    add(3, 0, BP, 1);
    add(1, 0, BP, 10000);
    add(2, 0, BP, 5000);
    add(4, 0, TICKS, 1);
    NONE_AT(1);
    TAKE(0, 1, 0);
    TAKE(0, 2, 0);
    TAKE(0, 3, 0);
    NONE_AT(0);
    TAKE(-1, 4, -1);
}

Test(trail, a_price_raises_only_what_is_below_it) {
    add(1, 120, TICKS, 10);
    add(2, 110, TICKS, 10);
    add(3, 100, TICKS, 10);
    add(4, 90, TICKS, 10);
    observe(105);
    TRIGGER(1, 110);
    TRIGGER(2, 100);
    TRIGGER(3, 95);
    TRIGGER(4, 95);
    cr_expect(eq(u32, nodes[3].group, nodes[4].group));
    cr_expect(eq(u32, pool.used, 3));
    observe(110);
    cr_expect(eq(u32, nodes[2].group, nodes[3].group), "raised to what another has");
    cr_expect(eq(u32, pool.used, 2));
    observe(111);
    TRIGGER(1, 110);
    TRIGGER(2, 101);
    observe(1000);
    TRIGGER(1, 990);
    TRIGGER(4, 990);
    cr_expect(eq(u32, pool.used, 1));
    TAKE(990, 1, 990);
    TAKE(990, 2, 990);
}

Test(trail, equal_extremes_are_one_group) {
    add(1, 100, TICKS, 10);
    add(2, 100, BP, 10);
    cr_expect(eq(u32, pool.used, 1));
    add(3, 99, TICKS, 10);
    cr_expect(eq(u32, pool.used, 2));
    observe(100);
    cr_expect(eq(u32, pool.used, 1));
    cr_expect(eq(u32, groups[nodes[3].group].count, 3));
}

Test(trail, the_smaller_group_is_poured_into_the_larger) {
    for (uint32_t order = 1; order <= 7; order++) {
        add(order, 100, order % 2 ? TICKS : BP, 10);
    }
    const uint32_t large = nodes[1].group;
    add(8, 90, TICKS, 3);
    add(9, 90, BP, 3);
    observe(95);
    cr_expect(eq(u64, pool.moves, 0));
    observe(101);
    cr_expect(eq(u64, pool.moves, 2));
    cr_expect(eq(u32, nodes[8].group, large));
    add(10, 99, TICKS, 1);
    for (uint32_t order = 11; order <= 30; order++) {
        add(order, 98, BP, order);
    }
    const uint32_t larger = nodes[30].group;
    observe(102);
    cr_expect(eq(u64, pool.moves, 12), "one, and the nine that were above");
    cr_expect(eq(u32, nodes[1].group, larger));
    cr_expect(eq(u32, nodes[10].group, larger));
    TRIGGER(8, 99);
    TRIGGER(10, 101);
    TRIGGER(30, 101);
    TAKE(0, 2, 101); /* 10 and 3 basis points of 102 are a tick, like the offset of order 10 */
    TAKE(0, 4, 101);
    TAKE(0, 6, 101);
    TAKE(0, 9, 101);
    TAKE(0, 10, 101);
}

Test(trail, any_order_can_be_removed) {
    for (uint32_t gone = 1; gone <= 9; gone++) {
        for (uint32_t order = 1; order <= 9; order++) {
            add(order, 103 - (order + 2) / 3, TICKS, 1 + order % 3);
        }
        trd__trail_remove(in, &trail, gone);
        cr_assert(eq(int, audit(), TRD_OK));
        cr_expect(eq(u32, nodes[gone].group, 0));
        for (uint32_t order = 1; order <= 9; order++) {
            if (order != gone) {
                TRIGGER(order, 103 - (order + 2) / 3 - (1 + order % 3));
                trd__trail_remove(in, &trail, order);
                cr_assert(eq(int, audit(), TRD_OK));
            }
        }
        cr_expect(eq(u32, trail.root, 0));
        cr_expect(eq(u32, trail.lowest, 0));
        cr_expect(eq(u32, pool.used, 0));
    }
}

/* An order that was taken out can come back with what it had; one that came while no prices were
 * observed may have seen more. */
Test(trail, an_order_can_come_in_at_any_extreme) {
    add(1, 100, TICKS, 10);
    add(2, 120, TICKS, 10);
    add(3, 110, TICKS, 10);
    add(4, 110, TICKS, 5);
    add(5, 90, TICKS, 10);
    add(6, 120, TICKS, 9);
    cr_assert(eq(int, audit(), TRD_OK));
    cr_expect(eq(u32, pool.used, 4));
    TRIGGER(1, 90);
    TRIGGER(2, 110);
    TRIGGER(3, 100);
    TRIGGER(5, 80);
    observe(105);
    TRIGGER(1, 95);
    TRIGGER(3, 100);
    TRIGGER(5, 95);
    cr_expect(eq(i64, trd__trail_extreme(in, 1), 105));
    cr_expect(eq(i64, trd__trail_extreme(in, 6), 120));
    TAKE(0, 6, 111);
    TAKE(0, 2, 110);
    TAKE(0, 4, 105);
    TAKE(0, 3, 100);
    TAKE(0, 1, 95);
}

Test(trail, the_next_group_is_the_lowest_when_that_has_gone) {
    add(1, 110, TICKS, 5);
    add(2, 100, TICKS, 5);
    trd__trail_remove(in, &trail, 2);
    add(3, 105, TICKS, 5);
    TRIGGER(3, 100);
    trd__trail_remove(in, &trail, 1);
    observe(106);
    TRIGGER(3, 101);
    trd__trail_remove(in, &trail, 3);
    add(4, 200, TICKS, 5);
    TRIGGER(4, 195);
}

Test(trail, indices_of_one_pool_do_not_mix) {
    trd_trail other = {0};
    const trd_trail_order terms = {1000, 10, 1, TICKS};
    add(1, 100, TICKS, 10);
    trd__trail_add(in, &other, 2, &terms);
    trd__trail_observe(in, &other, 2000);
    TRIGGER(1, 90);
    TRIGGER(2, 1990);
    cr_expect(eq(u32, pool.used, 2));
    trd_px trigger = 0;
    cr_expect(eq(u32, trd__trail_touched(in, &trail, 0, &trigger), 1));
    cr_expect(eq(u32, trd__trail_touched(in, &other, 0, &trigger), 2));
    uint32_t orders = 0, used = 0;
    cr_expect(eq(int, trd__trail_audit(in, &trail, &orders, &used), TRD_OK));
    cr_expect(eq(int, trd__trail_audit(in, &other, &orders, &used), TRD_OK));
    cr_expect(eq(u32, orders, 2));
    cr_expect(eq(int, trd__trail_pool_audit(in, orders, used), TRD_OK));
    trd__trail_remove(in, &trail, 1);
    NONE_AT(INT64_MIN);
    TRIGGER(2, 1990);
}

Test(trail, there_are_groups_for_all_orders) {
    for (int round = 0; round < 3; round++) {
        for (uint32_t order = 1; order <= CAPACITY; order++) {
            add(order, 1000 - order, TICKS, 100);
        }
        cr_assert(eq(u32, pool.used, CAPACITY));
        cr_assert(eq(int, audit(), TRD_OK));
        observe(2000);
        cr_assert(eq(u32, pool.used, 1));
        for (uint32_t order = 1; order <= CAPACITY; order++) {
            TAKE(1900, order, 1900);
        }
    }
}

/* --- audit ----------------------------------------------------------------------------------- */

#define DAMAGE(field, value, text)                                                                 \
    do {                                                                                           \
        const __typeof__(field) kept_ = (field);                                                   \
        (field) = (__typeof__(field))(value);                                                      \
        cr_expect(lt(int, audit(), 0), "%s", text);                                                \
        (field) = kept_;                                                                           \
        cr_assert(eq(int, audit(), TRD_OK));                                                       \
    } while (0)

/* Three groups of seven: orders 1..7 by ticks, 8..11 by basis points and three by ticks, 15..21. */
static void three_groups(void) {
    for (uint32_t order = 1; order <= 21; order++) {
        const uint32_t group = (order - 1) / 7;
        const bool bp = group == 1 && order <= 11;
        add(order, 1000 - 10 * group, bp ? BP : TICKS, 20 + order);
    }
    cr_assert(eq(int, audit(), TRD_OK));
}

Test(trail, the_audit_sees_a_damaged_order) {
    three_groups();
    trd_trail_node *root = &nodes[groups[nodes[1].group].tree[0]];
    const uint32_t tail = (uint32_t)(root - nodes);
    DAMAGE(root->left, 0, "half of the tree lost");
    DAMAGE(root->left, root->right, "a child twice");
    DAMAGE(root->left, tail, "its own child");
    DAMAGE(root->left, CAPACITY + 1, "a child outside the arrays");
    DAMAGE(root->right, UINT32_MAX, "a child far outside the arrays");
    DAMAGE(root->height, root->height + 1, "a wrong height");
    DAMAGE(root->first, tail, "not the first of the subtree");
    DAMAGE(root->key, 1, "a key that belongs to the left");
    DAMAGE(root->key, 100, "a key that belongs to the right");
    DAMAGE(root->unit, BP, "another unit");
    DAMAGE(root->group, nodes[8].group, "in another group");
    DAMAGE(root->group, 0, "in no group");
    DAMAGE(root->trigger, -1, "a trigger of its own");
    DAMAGE(nodes[1].key, 0, "an offset below the range");
    DAMAGE(nodes[7].key, TRD_TRAIL_OFFSET_MAX + 1, "an offset above the range");
    DAMAGE(nodes[11].key, TRD_TRAIL_BASIS_POINTS_MAX + 1, "too many basis points");
    DAMAGE(nodes[30].group, nodes[1].group, "an order that is in no tree");
}

Test(trail, the_audit_sees_a_damaged_group) {
    three_groups();
    const uint32_t group = nodes[1].group;
    DAMAGE(groups[group].count, 6, "an order too few");
    DAMAGE(groups[group].count, 0, "free, and in the tree");
    DAMAGE(groups[group].first, 2, "another order first");
    DAMAGE(groups[group].first, 0, "no order first");
    DAMAGE(groups[group].first, CAPACITY + 1, "first is outside the arrays");
    DAMAGE(groups[group].first, UINT32_MAX, "first is far outside the arrays");
    DAMAGE(groups[group].first, 8, "first is of another group");
    DAMAGE(groups[group].tree[0], 0, "no orders");
    DAMAGE(groups[group].tree[1], groups[group].tree[0], "the same tree twice");
    DAMAGE(groups[group].tree[1], groups[nodes[8].group].tree[1], "the tree of another group");
    DAMAGE(groups[group].tree[0], CAPACITY + 1, "a tree outside the arrays");
    DAMAGE(tops[group].trigger, tops[group].trigger + 1, "a higher trigger than any");
    DAMAGE(tops[group].trigger, tops[group].trigger - 1, "a lower trigger than one");
    DAMAGE(tops[group].place, 0, "a lower place than any");
    DAMAGE(tops[group].place, 2, "a higher place than the first");
    DAMAGE(tops[group].key, 1001, "another extreme");
    DAMAGE(tops[group].key, TRD_TRAIL_PX_MAX + 1, "no price");
    DAMAGE(tops[trail.lowest].key, -TRD_TRAIL_PX_MAX - 1, "no price");
    DAMAGE(tops[trail.root].key, 980, "two groups with one extreme");
    DAMAGE(tops[trail.root].left, 0, "a group lost");
    DAMAGE(tops[trail.root].first, nodes[15].group, "not the first group");
}

Test(trail, the_audit_sees_a_damaged_index_and_pool) {
    three_groups();
    DAMAGE(trail.lowest, trail.root, "not the lowest");
    DAMAGE(trail.lowest, 0, "no lowest");
    DAMAGE(trail.root, 0, "all lost");
    DAMAGE(trail.root, CAPACITY + 1, "a root outside the arrays");
    DAMAGE(pool.used, 4, "a group nowhere");
    DAMAGE(pool.free, 0, "free groups lost");
    DAMAGE(pool.free, nodes[1].group, "a used group free");
    DAMAGE(pool.free, CAPACITY + 1, "a free group outside the arrays");
    DAMAGE(groups[pool.free].next_free, pool.free, "a circle of free groups");
    DAMAGE(groups[pool.free].next_free, groups[groups[pool.free].next_free].next_free,
        "a free group left out");
    DAMAGE(nodes[0].height, 1, "no order has a height");
    DAMAGE(tops[0].first, 1, "no group has a first");
}

Test(trail, the_audit_of_an_empty_pool_sees_a_none_that_is_something) {
    cr_assert(eq(int, audit(), TRD_OK));
    DAMAGE(nodes[0].height, 1, "no order has a height");
    DAMAGE(nodes[0].first, 1, "no order has a first");
    DAMAGE(tops[0].height, 1, "no group has a height");
    DAMAGE(tops[0].first, 1, "no group has a first");
    DAMAGE(nodes[3].group, 1, "an order of a free group");
}

/* A group out of balance: a chain of three, every node right about its subtree. */
Test(trail, the_audit_sees_a_list) {
    add(1, 100, TICKS, 1);
    add(2, 100, TICKS, 2);
    add(3, 100, TICKS, 3);
    groups[nodes[1].group].tree[0] = 1;
    nodes[1] = (trd_trail_node){
        .key = 1, .place = 1, .right = 2, .first = 1, .group = 1, .unit = TICKS, .height = 3};
    nodes[2] = (trd_trail_node){
        .key = 2, .place = 2, .right = 3, .first = 2, .group = 1, .unit = TICKS, .height = 2};
    cr_assert(eq(u32, nodes[3].group, 1));
    cr_expect(lt(int, audit(), 0));
}

/* Both triggers are 99, and the first order comes first; all but that is right. */
Test(trail, the_audit_sees_a_first_that_is_second) {
    add(1, 100, BP, 50);
    add(2, 100, BP, 1);
    cr_assert(eq(int, audit(), TRD_OK));
    const uint32_t group = nodes[1].group;
    cr_assert(eq(u32, groups[group].first, 1));
    groups[group].first = 2;
    tops[group].place = 2;
    cr_expect(lt(int, audit(), 0));
}

Test(trail, the_audit_sees_a_group_without_orders) {
    uint32_t orders = 0, used = 0;
    add(1, 100, TICKS, 5);
    groups[nodes[1].group].tree[0] = 0;
    groups[nodes[1].group].count = 0;
    cr_expect(lt(int, trd__trail_audit(in, &trail, &orders, &used), 0));
}

/* --- mistakes -------------------------------------------------------------------------------- */

Test(trail, adding_twice_is_a_mistake, .signal = SIGABRT) {
    add(1, 100, TICKS, 5);
    add(1, 100, TICKS, 5);
}

Test(trail, order_0_is_a_mistake, .signal = SIGABRT) {
    add(0, 100, TICKS, 5);
}

Test(trail, an_order_above_the_capacity_is_a_mistake, .signal = SIGABRT) {
    add(CAPACITY + 1, 100, TICKS, 5);
}

Test(trail, a_price_out_of_bounds_is_a_mistake, .signal = SIGABRT) {
    add(1, TRD_TRAIL_PX_MAX + 1, TICKS, 5);
}

Test(trail, a_price_below_the_bounds_is_a_mistake, .signal = SIGABRT) {
    add(1, -TRD_TRAIL_PX_MAX - 1, TICKS, 5);
}

Test(trail, an_offset_of_0_is_a_mistake, .signal = SIGABRT) {
    add(1, 100, TICKS, 0);
}

Test(trail, an_offset_out_of_bounds_is_a_mistake, .signal = SIGABRT) {
    add(1, 100, TICKS, TRD_TRAIL_OFFSET_MAX + 1);
}

Test(trail, more_than_all_basis_points_are_a_mistake, .signal = SIGABRT) {
    add(1, 100, BP, 10001);
}

Test(trail, an_amount_is_a_mistake, .signal = SIGABRT) {
    add(1, 100, TRD_OFFSET_AMOUNT, 5);
}

Test(trail, observing_a_price_out_of_bounds_is_a_mistake, .signal = SIGABRT) {
    trd__trail_observe(in, &trail, -TRD_TRAIL_PX_MAX - 1);
}

Test(trail, removing_what_is_not_there_is_a_mistake, .signal = SIGABRT) {
    add(1, 100, TICKS, 5);
    trd__trail_remove(in, &trail, 2);
}

Test(trail, the_trigger_of_what_is_not_there_is_a_mistake, .signal = SIGABRT) {
    trd__trail_trigger(in, 1);
}

Test(trail, the_extreme_of_what_is_not_there_is_a_mistake, .signal = SIGABRT) {
    trd__trail_extreme(in, 1);
}

Test(trail, a_pool_for_nothing_is_a_mistake, .signal = SIGABRT) {
    trd__trail_pool_init(in, 0);
}
