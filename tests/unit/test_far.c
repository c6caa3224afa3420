/* test_far.c - the tree of far levels: growing and shrinking in every direction, and its audit. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <signal.h>
#include <stdlib.h>

#include "book/far.h"

typedef struct forest {
    trd_far_pool pool;
    trd_far_node *nodes;
    trd_far_in in;
} forest;

static void forest_make(forest *f, uint64_t levels, uint64_t trees) {
    const uint32_t capacity = trd__far_capacity(levels, trees);
    f->nodes = aligned_alloc(64, (size_t)capacity * sizeof(trd_far_node));
    memset(f->nodes, 0xa5, (size_t)capacity * sizeof(trd_far_node));
    f->in = (trd_far_in){.pool = &f->pool, .nodes = f->nodes};
    trd__far_pool_init(f->in, capacity);
}

static void check(const forest *f, const trd_far *tree, uint32_t entries) {
    uint32_t seen = 0, nodes = 0;
    cr_assert(eq(int, trd__far_audit(f->in, tree, &seen, &nodes), 0), "%u entries", entries);
    cr_assert(eq(u32, seen, entries));
    cr_assert(eq(u32, nodes, f->pool.used));
}

Test(far, an_empty_tree_has_nothing) {
    forest f;
    forest_make(&f, 10, 1);
    const trd_far tree = {0};
    uint64_t key = 7;
    uint32_t level = 7;
    cr_expect(eq(u32, trd__far_find(f.in, &tree, 0), 0));
    cr_expect(eq(u32, trd__far_find(f.in, &tree, UINT64_MAX), 0));
    cr_expect(eq(int, trd__far_at_or_below(f.in, &tree, UINT64_MAX, &key, &level), 0));
    cr_expect(eq(int, trd__far_at_or_above(f.in, &tree, 0, &key, &level), 0));
    check(&f, &tree, 0);
    free(f.nodes);
}

/* Keys of the tests below: 100, 110, 120, ... with levels 1, 2, 3, ... */
static uint64_t key_of(uint32_t i) {
    return 100 + (uint64_t)i * 10;
}

/* Every entry, and the places between them, for entries [first, last). */
static void check_entries(const forest *f, const trd_far *tree, uint32_t first, uint32_t last) {
    for (uint32_t i = first; i < last; i++) {
        uint64_t key = 0;
        uint32_t level = 0;
        cr_assert(eq(u32, trd__far_find(f->in, tree, key_of(i)), i + 1));
        cr_assert(eq(u32, trd__far_find(f->in, tree, key_of(i) + 1), 0));
        cr_assert(eq(u32, trd__far_find(f->in, tree, key_of(i) - 1), 0));
        for (uint64_t above = 0; above < 10; above += 3) {
            cr_assert(trd__far_at_or_below(f->in, tree, key_of(i) + above, &key, &level));
            cr_assert(eq(u64, key, key_of(i)));
            cr_assert(eq(u32, level, i + 1));
            cr_assert(trd__far_at_or_above(f->in, tree, key_of(i) - above, &key, &level));
            cr_assert(eq(u64, key, key_of(i)));
            cr_assert(eq(u32, level, i + 1));
        }
    }
    if (first < last) {
        uint64_t key = 0;
        uint32_t level = 0;
        cr_assert(eq(u32, trd__far_lowest(f->in, tree), first + 1));
        cr_assert(eq(u32, trd__far_highest(f->in, tree, &key), last));
        cr_assert(eq(u64, key, key_of(last - 1)));
        cr_assert(not(trd__far_at_or_below(f->in, tree, key_of(first) - 1, &key, &level)));
        cr_assert(not(trd__far_at_or_below(f->in, tree, 0, &key, &level)));
        cr_assert(not(trd__far_at_or_above(f->in, tree, key_of(last - 1) + 1, &key, &level)));
        cr_assert(not(trd__far_at_or_above(f->in, tree, UINT64_MAX, &key, &level)));
        cr_assert(trd__far_at_or_above(f->in, tree, 0, &key, &level));
        cr_assert(eq(u32, level, first + 1));
        cr_assert(trd__far_at_or_below(f->in, tree, UINT64_MAX, &key, &level));
        cr_assert(eq(u32, level, last));
    }
}

enum { LEVELS = 1500 }; /* three heights: above 20 x 20, and above 10 x 10 x 10 */

Test(far, grows_upward_and_shrinks_from_either_end) {
    forest f;
    for (int from_top = 0; from_top < 3; from_top++) { /* 2: without saying the key */
        trd_far tree = {0};
        forest_make(&f, LEVELS, 1);
        for (uint32_t i = 0; i < LEVELS; i++) {
            trd__far_insert(f.in, &tree, key_of(i), i + 1);
            check(&f, &tree, i + 1);
        }
        cr_assert(ge(u32, tree.height, 3));
        check_entries(&f, &tree, 0, LEVELS);
        uint32_t first = 0, last = LEVELS;
        while (first < last) {
            if (from_top == 2) {
                trd__far_erase_highest(f.in, &tree);
                last--;
            } else {
                trd__far_erase(f.in, &tree, from_top ? key_of(--last) : key_of(first++));
            }
            check(&f, &tree, last - first);
            if ((last - first) % 97 == 0) {
                check_entries(&f, &tree, first, last);
            }
        }
        cr_expect(eq(u32, tree.height, 0));
        cr_expect(eq(u32, tree.root, 0), "an empty tree is a zeroed one");
        cr_expect(eq(u32, f.pool.used, 0));
        free(f.nodes);
    }
}

Test(far, grows_downward_and_shrinks_from_the_middle) {
    forest f;
    forest_make(&f, LEVELS, 1);
    trd_far tree = {0};
    for (uint32_t i = LEVELS; i > 0; i--) {
        trd__far_insert(f.in, &tree, key_of(i - 1), i);
        check(&f, &tree, LEVELS + 1 - i);
    }
    check_entries(&f, &tree, 0, LEVELS);
    for (uint32_t i = 0; i < LEVELS; i++) {
        const uint32_t gone = i % 2 == 0 ? LEVELS / 2 + i / 2 : LEVELS / 2 - 1 - i / 2;
        trd__far_erase(f.in, &tree, key_of(gone));
        check(&f, &tree, LEVELS - 1 - i);
        cr_assert(eq(u32, trd__far_find(f.in, &tree, key_of(gone)), 0));
    }
    cr_expect(eq(u32, tree.height, 0));
    free(f.nodes);
}

/* Outside in: every insertion goes between the two before it. */
Test(far, grows_in_the_middle) {
    forest f;
    forest_make(&f, LEVELS, 1);
    trd_far tree = {0};
    for (uint32_t i = 0; i < LEVELS; i++) {
        const uint32_t at = i % 2 == 0 ? i / 2 : LEVELS - 1 - i / 2;
        trd__far_insert(f.in, &tree, key_of(at), at + 1);
        check(&f, &tree, i + 1);
    }
    check_entries(&f, &tree, 0, LEVELS);
    free(f.nodes);
}

/* After an erase a separator can be lower than every key right of it. */
Test(far, at_or_below_looks_to_the_left_of_an_emptied_place) {
    forest f;
    forest_make(&f, 200, 1);
    for (uint32_t gone = 0; gone < 200; gone++) {
        trd_far tree = {0};
        for (uint32_t i = 0; i < 200; i++) {
            trd__far_insert(f.in, &tree, key_of(i), i + 1);
        }
        trd__far_erase(f.in, &tree, key_of(gone));
        uint64_t key = 0;
        uint32_t level = 0;
        for (uint64_t above = 0; above < 10; above++) {
            const bool found =
                trd__far_at_or_below(f.in, &tree, key_of(gone) + above, &key, &level);
            cr_assert(eq(int, found, gone > 0));
            cr_assert(gone == 0 || (key == key_of(gone - 1) && level == gone));
        }
        for (uint32_t i = 0; i < 200; i++) {
            if (i != gone) {
                trd__far_erase(f.in, &tree, key_of(i));
            }
        }
    }
    cr_expect(eq(u32, f.pool.used, 0));
    free(f.nodes);
}

Test(far, the_lowest_and_the_highest_key_are_keys) {
    forest f;
    forest_make(&f, 100, 1);
    trd_far tree = {0};
    for (uint32_t i = 1; i <= 40; i++) {
        trd__far_insert(f.in, &tree, (uint64_t)i << 57, i + 2);
    }
    trd__far_insert(f.in, &tree, UINT64_MAX, 2);
    trd__far_insert(f.in, &tree, 0, 1);
    check(&f, &tree, 42);
    uint64_t key = 1;
    uint32_t level = 0;
    cr_expect(eq(u32, trd__far_find(f.in, &tree, 0), 1));
    cr_expect(eq(u32, trd__far_find(f.in, &tree, UINT64_MAX), 2));
    cr_expect(eq(u32, trd__far_lowest(f.in, &tree), 1));
    cr_expect(trd__far_at_or_below(f.in, &tree, 0, &key, &level));
    cr_expect(eq(u64, key, 0));
    cr_expect(eq(u32, level, 1));
    cr_expect(trd__far_at_or_below(f.in, &tree, UINT64_MAX - 1, &key, &level));
    cr_expect(eq(u64, key, UINT64_C(40) << 57));
    trd__far_erase(f.in, &tree, 0);
    trd__far_erase(f.in, &tree, UINT64_MAX);
    cr_expect(eq(u32, trd__far_find(f.in, &tree, 0), 0));
    cr_expect(eq(u32, trd__far_find(f.in, &tree, UINT64_MAX), 0));
    check(&f, &tree, 40);
    free(f.nodes);
}

/* The tree that needs most nodes for its entries: grown in one direction, every node half full. */
Test(far, the_pool_is_large_enough_for_the_thinnest_trees) {
    static const uint32_t shapes[][2] = {
        {1, 1}, {10, 1}, {21, 1}, {1000, 1}, {100000, 1}, {64, 64}, {1000, 100}, {2100, 100}};
    for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
        const uint32_t levels = shapes[s][0], trees = shapes[s][1];
        forest f;
        forest_make(&f, levels, trees);
        trd_far *all = calloc(trees, sizeof(trd_far));
        for (uint32_t i = 0; i < levels; i++) {
            trd__far_insert(f.in, &all[i % trees], key_of(i), i + 1);
        }
        uint32_t entries = 0, nodes = 0;
        for (uint32_t i = 0; i < trees; i++) {
            cr_assert(eq(int, trd__far_audit(f.in, &all[i], &entries, &nodes), 0));
        }
        cr_expect(eq(u32, entries, levels));
        cr_expect(eq(u32, nodes, f.pool.used));
        cr_expect(lt(u32, f.pool.used, f.pool.capacity));
        free(all);
        free(f.nodes);
    }
}

Test(far, trees_of_one_pool_do_not_mix) {
    forest f;
    forest_make(&f, 600, 2);
    trd_far one = {0}, two = {0};
    for (uint32_t i = 0; i < 300; i++) {
        trd__far_insert(f.in, &one, i, i + 1);
        trd__far_insert(f.in, &two, i, 1000 + i);
    }
    for (uint32_t i = 0; i < 300; i += 2) {
        trd__far_erase(f.in, &one, i);
        trd__far_erase(f.in, &two, i + 1);
    }
    for (uint32_t i = 0; i < 300; i++) {
        cr_assert(eq(u32, trd__far_find(f.in, &one, i), i % 2 == 1 ? i + 1 : 0));
        cr_assert(eq(u32, trd__far_find(f.in, &two, i), i % 2 == 0 ? 1000 + i : 0));
    }
    free(f.nodes);
}

static int audit_of(const forest *f, const trd_far *tree) {
    uint32_t entries = 0, nodes = 0;
    return trd__far_audit(f->in, tree, &entries, &nodes);
}

Test(far, the_audit_sees_a_damaged_node) {
    forest f;
    forest_make(&f, 300, 1);
    trd_far tree = {0};
    for (uint32_t i = 0; i < 300; i++) {
        trd__far_insert(f.in, &tree, key_of(i), i + 1);
    }
    cr_assert(eq(int, audit_of(&f, &tree), 0));
    trd_far_node *root = &f.nodes[tree.root];
    trd_far_node *second = &f.nodes[root->ref[1]];
    const trd_far_node root_kept = *root, second_kept = *second;

    second->count = TRD_FAR_HALF - 1;
    cr_expect(lt(int, audit_of(&f, &tree), 0), "too few entries");
    *second = second_kept;
    second->key[2] = second->key[1];
    cr_expect(lt(int, audit_of(&f, &tree), 0), "the same key twice");
    *second = second_kept;
    second->key[1] = root->key[1] - 1;
    cr_expect(lt(int, audit_of(&f, &tree), 0), "a key that belongs to the left");
    *second = second_kept;
    second->key[second->count - 1] = root->key[2];
    cr_expect(lt(int, audit_of(&f, &tree), 0), "a key that belongs to the right");
    *second = second_kept;
    root->ref[0] = 0;
    cr_expect(lt(int, audit_of(&f, &tree), 0), "no child");
    *root = root_kept;
    root->ref[1] = f.pool.capacity;
    cr_expect(lt(int, audit_of(&f, &tree), 0), "a child outside the pool");
    *root = root_kept;
    root->ref[1] = UINT32_MAX;
    cr_expect(lt(int, audit_of(&f, &tree), 0), "a child far outside the pool");
    *root = root_kept;
    root->count = TRD_FAR_ENTRIES + 1;
    cr_expect(lt(int, audit_of(&f, &tree), 0), "more entries than there are");
    *root = root_kept;
    root->count = 1;
    cr_expect(lt(int, audit_of(&f, &tree), 0), "a root with one child");
    *root = root_kept;
    cr_expect(eq(int, audit_of(&f, &tree), 0));
    free(f.nodes);
}

/* The second leaf of the tree, and the node above it. */
Test(far, the_audit_sees_a_damaged_leaf) {
    forest f;
    forest_make(&f, 300, 1);
    trd_far tree = {0};
    for (uint32_t i = 0; i < 300; i++) {
        trd__far_insert(f.in, &tree, key_of(i), i + 1);
    }
    const trd_far_node *above = &f.nodes[tree.root];
    for (uint32_t height = tree.height; height > 2; height--) {
        above = &f.nodes[above->ref[0]];
    }
    trd_far_node *leaf = &f.nodes[above->ref[1]];
    const trd_far_node kept = *leaf;
    leaf->key[2] = leaf->key[1];
    cr_expect(lt(int, audit_of(&f, &tree), 0), "the same key twice");
    *leaf = kept;
    leaf->key[2] = leaf->key[3] + 1;
    cr_expect(lt(int, audit_of(&f, &tree), 0), "keys out of order");
    *leaf = kept;
    leaf->key[0] = above->key[1] - 1;
    cr_expect(lt(int, audit_of(&f, &tree), 0), "a key that belongs to the left");
    *leaf = kept;
    leaf->key[leaf->count - 1] = above->key[2];
    cr_expect(lt(int, audit_of(&f, &tree), 0), "a key that belongs to the right");
    *leaf = kept;
    leaf->count = TRD_FAR_HALF - 1;
    cr_expect(lt(int, audit_of(&f, &tree), 0), "too few entries");
    *leaf = kept;
    cr_expect(eq(int, audit_of(&f, &tree), 0));
    free(f.nodes);
}

Test(far, erasing_what_is_not_there_is_a_mistake, .signal = SIGABRT) {
    forest f;
    forest_make(&f, 10, 1);
    trd_far tree = {0};
    trd__far_insert(f.in, &tree, 1, 1);
    trd__far_erase(f.in, &tree, 2);
}

Test(far, erasing_from_an_empty_tree_is_a_mistake, .signal = SIGABRT) {
    forest f;
    forest_make(&f, 10, 1);
    trd_far tree = {0};
    trd__far_erase(f.in, &tree, 2);
}

Test(far, more_entries_than_the_pool_was_made_for_are_a_mistake, .signal = SIGABRT) {
    forest f;
    forest_make(&f, 20, 1);
    trd_far tree = {0};
    for (uint32_t i = 0; i < 2000; i++) {
        trd__far_insert(f.in, &tree, i, i + 1);
    }
}
