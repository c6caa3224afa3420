/* test_store.c - the ladder under the books: keys, the sliding window, the tree behind it, units.
 *
 * One store with four sides; the ladder is driven by keys, higher is better. Where a window has to
 * be is derived from store.h: it contains the best key, everything below it is in the tree. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <signal.h>
#include <stdlib.h>

#include "book/store.h"

static trd_store *store;

/* Only levels, as the level book has them: made by put, without orders. */
static trd_store *store_new(uint32_t window, uint32_t levels_max, uint32_t orders_max) {
    const trd_store_def def = {
        .books = 2, .orders_max = orders_max, .levels_max = levels_max, .window = window};
    trd_layout at = {0};
    trd__layout_add(&at, 1, sizeof(trd_store), TRD_LINE);
    trd__store_layout(&at, &def, NULL, NULL);
    void *mem = aligned_alloc(TRD_LINE, trd__layout_size(&at, TRD_LINE));
    memset(mem, 0xa5, trd__layout_size(&at, TRD_LINE));
    at = (trd_layout){0};
    trd__layout_add(&at, 1, sizeof(trd_store), TRD_LINE);
    trd__store_layout(&at, &def, mem, mem);
    return mem;
}

static void end(void) {
    cr_expect(eq(int, trd__store_audit(store, 0), 0));
    free(store);
}

static void put(uint32_t side_at, uint64_t key) {
    const uint32_t unit = trd__level_alloc(store, side_at, key);
    cr_assert(lt(u32, 0, unit));
    trd__ladder_insert(store, side_at, key, unit);
    trd__queue(trd__store_arena(store), unit)->qty = 1;
    cr_assert(eq(int, trd__store_audit(store, 0), 0), "put %llu", (unsigned long long)key);
}

static void take(uint32_t side_at, uint64_t key) {
    const uint32_t unit = trd__ladder_find(store, side_at, key);
    cr_assert(lt(u32, 0, unit));
    trd__ladder_remove(store, side_at, key);
    trd__level_release(store, unit);
    cr_assert(eq(int, trd__store_audit(store, 0), 0), "take %llu", (unsigned long long)key);
}

static uint64_t key_at(uint32_t unit) {
    return trd__queue(trd__store_arena(store), unit)->key;
}

/* near levels in the window, far ones in the tree, the best as said and inside the window. */
static void check_side(uint32_t side_at, uint32_t near, uint32_t far, uint64_t best) {
    const trd_side *side = trd__store_side(store, side_at);
    cr_expect(eq(u32, side->near, near));
    cr_expect(eq(u32, side->far_count, far));
    cr_expect(eq(u64, key_at(trd__ladder_best(store, side_at)), best));
    cr_expect(eq(u64, side->best, best));
    cr_expect(trd__in_window(store, side, best));
}

#define STORE_TEST(name) Test(store, name, .fini = end)

/* --- keys ------------------------------------------------------------------------------------ */

Test(store, a_better_price_has_a_higher_key_on_its_side) {
    static const trd_px up[] = {INT64_MIN, INT64_MIN + 1, -65, -64, -1, 0, 1, 63, INT64_MAX};
    for (int i = 1; i < 9; i++) {
        cr_expect(lt(u64, trd__key(up[i - 1], 0), trd__key(up[i], 0)), "bid %d", i);
        cr_expect(lt(u64, trd__key(up[i], 1), trd__key(up[i - 1], 1)), "ask %d", i);
    }
    for (int i = 0; i < 9; i++) {
        cr_expect(eq(i64, trd__key_px(trd__key(up[i], 0), 0), up[i]));
        cr_expect(eq(i64, trd__key_px(trd__key(up[i], 1), 1), up[i]));
    }
    cr_expect(eq(u64, trd__key(INT64_MIN, 0), 0));
    cr_expect(eq(u64, trd__key(INT64_MAX, 0), UINT64_MAX));
    cr_expect(eq(u64, trd__key(INT64_MIN, 1), UINT64_MAX));
    cr_expect(eq(u64, trd__key(INT64_MAX, 1), 0));
}

Test(store, a_window_is_a_power_of_two_from_64_to_65536) {
    for (uint32_t window = 64; window <= 65536; window *= 2) {
        cr_expect(trd__store_window_valid(window), "%u", window);
        cr_expect(not(trd__store_window_valid(window + 1)), "%u", window + 1);
        cr_expect(not(trd__store_window_valid(window - 1)), "%u", window - 1);
    }
    cr_expect(not(trd__store_window_valid(0)));
    cr_expect(not(trd__store_window_valid(32)));
    cr_expect(not(trd__store_window_valid(131072)));
    cr_expect(not(trd__store_window_valid(UINT32_C(1) << 31)));
}

/* A region of the block: bytes [from, to) behind the store. */
typedef struct region {
    uint64_t from;
    uint64_t to;
} region;

Test(store, its_regions_share_no_byte_and_end_inside_the_block) {
    static const trd_store_def defs[] = {{1, 0, 2, 64, 0, 0}, {1, 1, 1, 64, 1, 1},
        {3, 100, 101, 128, 0, 0}, {2, 7, 7, 65536, 80, 5}, {5, 9, 9, 4096, 7, 9}};
    for (int d = 0; d < 5; d++) {
        const trd_store_def *def = &defs[d];
        const size_t head = 3 * TRD_LINE; /* the owner's, with the store at its end */
        trd_layout at = {.size = head};
        trd__store_layout(&at, def, NULL, NULL);
        const size_t size = trd__layout_size(&at, TRD_LINE);
        char *mem = aligned_alloc(TRD_LINE, size);
        trd_store *own = (trd_store *)(void *)(mem + head - sizeof(trd_store));
        at = (trd_layout){.size = head};
        trd__store_layout(&at, def, own, mem);
        cr_expect(eq(sz, trd__layout_size(&at, TRD_LINE), size), "the same both times");
        const uint64_t sides = def->books * 2;
        const uint64_t units = own->level_unit + (uint64_t)def->levels_max;
        const region regions[] = {
            {own->sides_at, own->sides_at + sides * sizeof(trd_side)},
            {own->bits_at, own->bits_at + sides * own->bit_words * 8},
            {own->windows_at, own->windows_at + sides * def->window * 4},
            {own->far_at, own->far_at + own->far_pool.capacity * sizeof(trd_far_node)},
            {own->arena_at, own->arena_at + units * 32},
        };
        cr_expect(ge(u32, own->level_unit, trd__order_unit(def->orders_max) + 2), "%d: orders", d);
        cr_expect(eq(u64, own->arena_at % TRD_LINE, own->sides_at % TRD_LINE));
        for (int i = 0; i < 5; i++) {
            const uint64_t place = (uint64_t)(uintptr_t)own + regions[i].from;
            cr_expect(eq(u64, place % TRD_LINE, 0), "%d: region %d", d, i);
            cr_expect(ge(u64, regions[i].from, sizeof(trd_store)), "%d: region %d", d, i);
            cr_expect(le(u64, regions[i].to + head - sizeof(trd_store), size), "%d: %d", d, i);
            for (int other = 0; other < i; other++) {
                cr_expect(
                    regions[i].from >= regions[other].to || regions[other].from >= regions[i].to,
                    "%d: regions %d and %d", d, other, i);
            }
        }
        free(mem);
    }
}

/* --- the window ------------------------------------------------------------------------------ */

STORE_TEST(a_new_store_is_empty_on_every_side) {
    store = store_new(64, 10, 0);
    for (uint32_t side_at = 0; side_at < 4; side_at++) {
        cr_expect(eq(u32, trd__ladder_best(store, side_at), 0));
        cr_expect(eq(u32, trd__ladder_worst(store, side_at), 0));
        cr_expect(eq(u32, trd__ladder_find(store, side_at, 0), 0));
        cr_expect(eq(u32, trd__ladder_find(store, side_at, UINT64_MAX), 0));
        cr_expect(eq(u32, trd__ladder_worse(store, side_at, UINT64_MAX), 0));
        cr_expect(eq(u32, trd__ladder_worse(store, side_at, 0), 0));
        cr_expect(eq(u32, trd__ladder_from(store, side_at, 0), 0));
        cr_expect(eq(u32, trd__ladder_from(store, side_at, UINT64_MAX), 0));
    }
}

/* A level a window or more below the best is out of reach of the array. */
STORE_TEST(levels_below_the_window_are_in_the_tree) {
    store = store_new(256, 10, 0);
    put(0, 1000000);
    put(0, 1000000 - 256);
    put(0, 1000000 - 5000);
    put(0, 0);
    check_side(0, 1, 3, 1000000);
    cr_expect(eq(u64, key_at(trd__ladder_find(store, 0, 0)), 0));
    cr_expect(eq(u64, key_at(trd__ladder_find(store, 0, 1000000 - 5000)), 1000000 - 5000));
    cr_expect(eq(u32, trd__ladder_find(store, 0, 1000000 - 5001), 0));
    cr_expect(eq(u64, key_at(trd__ladder_worst(store, 0)), 0));
    take(0, 1000000 - 5000);
    check_side(0, 1, 2, 1000000);
    take(0, 0);
    check_side(0, 1, 1, 1000000);
    cr_expect(eq(u64, key_at(trd__ladder_worst(store, 0)), 1000000 - 256));
}

/* "A new best above the window slides it up: the pages that fall out go to the tree." */
STORE_TEST(a_rising_best_hands_levels_to_the_tree_and_loses_none) {
    static const uint32_t windows[] = {64, 128, 256, 1024};
    for (int w = 0; w < 4; w++) {
        store = store_new(windows[w], 400, 0);
        for (uint64_t i = 0; i < 400; i++) {
            put(1, 5000 + i * 7);
            const trd_side *side = trd__store_side(store, 1);
            cr_assert(eq(u32, side->near + side->far_count, i + 1));
        }
        const trd_side *side = trd__store_side(store, 1);
        cr_expect(le(u32, side->near, windows[w] / 7 + 1));
        uint64_t want = 5000 + 399 * 7;
        uint32_t unit = trd__ladder_best(store, 1);
        for (int i = 0; i < 400; i++, want -= 7) {
            cr_assert(eq(u64, key_at(unit), want));
            cr_assert(eq(u32, trd__ladder_find(store, 1, want), unit));
            /* From a level it is that one, and from anywhere in the gap below it, too. */
            cr_assert(eq(u32, trd__ladder_from(store, 1, want), unit));
            cr_assert(eq(u32, trd__ladder_from(store, 1, want - 6), unit));
            unit = trd__ladder_worse(store, 1, want);
        }
        cr_expect(eq(u32, unit, 0));
        cr_expect(eq(u64, key_at(trd__ladder_from(store, 1, 0)), 5000));
        cr_expect(eq(u32, trd__ladder_from(store, 1, 5000 + 399 * 7 + 1), 0));
        if (w < 3) {
            free(store);
        }
    }
}

/* "A best that sinks into the lowest quarter slides it down: the tree gives back what is in reach."
 */
STORE_TEST(a_sinking_best_takes_levels_back_from_the_tree) {
    store = store_new(1024, 400, 0);
    for (uint64_t i = 0; i < 400; i++) {
        put(2, 100000 + i * 50);
    }
    const trd_side *side = trd__store_side(store, 2);
    cr_assert(lt(u32, 370, side->far_count));
    for (uint64_t i = 399; i > 0; i--) {
        take(2, 100000 + i * 50);
        const uint64_t best = 100000 + (i - 1) * 50;
        cr_assert(eq(u64, side->best, best));
        /* Not in the lowest quarter, so at least a quarter of the window is filled from the tree.
         */
        cr_assert(ge(u64, side->best / 64 - side->base_page, store->pages / 4));
        const uint64_t in_reach = 1024 / 4 / 50;
        cr_assert(ge(u32, side->near, i < in_reach ? i : in_reach));
    }
    check_side(2, 1, 0, 100000);
    take(2, 100000);
    cr_expect(eq(u32, trd__ladder_best(store, 2), 0));
}

/* The array runs empty while the tree has levels: the window jumps to them. */
STORE_TEST(an_emptied_window_settles_on_the_best_level_of_the_tree) {
    store = store_new(256, 10, 0);
    put(0, 1 << 30);
    put(0, 1 << 20);
    put(0, (1 << 20) - 10);
    put(0, 77);
    check_side(0, 1, 3, 1 << 30);
    take(0, 1 << 30);
    check_side(0, 2, 1, 1 << 20);
    take(0, 1 << 20);
    check_side(0, 1, 1, (1 << 20) - 10);
    take(0, (1 << 20) - 10);
    check_side(0, 1, 0, 77);
    take(0, 77);
    cr_expect(eq(u32, trd__store_side(store, 0)->near, 0));
    cr_expect(eq(u32, store->far_levels, 0));
    cr_expect(eq(u32, store->far_pool.used, 0));
}

/* A jump by more than the window: every page falls out. */
STORE_TEST(a_far_jump_up_moves_all_levels_to_the_tree) {
    store = store_new(256, 300, 0);
    put(0, 5000);
    for (uint64_t key = 4900; key < 5000; key++) {
        put(0, key);
    }
    put(0, UINT64_MAX / 2);
    check_side(0, 1, 101, UINT64_MAX / 2);
    put(0, UINT64_MAX);
    check_side(0, 1, 102, UINT64_MAX);
    cr_expect(eq(u64, key_at(trd__ladder_worst(store, 0)), 4900));
}

/* A jump by less than the window keeps what stays in reach where it is. */
STORE_TEST(a_slide_keeps_what_is_still_in_the_window) {
    store = store_new(1024, 300, 0);
    for (uint64_t i = 0; i < 200; i++) {
        put(0, 64000 - i);
    }
    const trd_side *side = trd__store_side(store, 0);
    const uint64_t above = (side->base_page + store->pages) * 64;
    put(0, above);
    cr_expect(eq(u64, side->best, above));
    for (uint64_t i = 0; i < 200; i++) {
        const uint64_t key = 64000 - i;
        cr_assert(eq(u64, key_at(trd__ladder_find(store, 0, key)), key));
    }
    cr_expect(lt(u32, 1, side->near));
    cr_expect(eq(u32, side->near + side->far_count, 201));
}

STORE_TEST(both_ends_of_the_keys_are_keys_of_a_window) {
    static const uint32_t windows[] = {64, 256, 65536};
    for (int w = 0; w < 3; w++) {
        store = store_new(windows[w], 10, 0);
        put(0, 0);
        check_side(0, 1, 0, 0);
        put(0, 1);
        put(0, 63);
        check_side(0, 3, 0, 63);
        put(0, UINT64_MAX);
        check_side(0, 1, 3, UINT64_MAX);
        put(0, UINT64_MAX - 1);
        check_side(0, 2, 3, UINT64_MAX);
        cr_expect(eq(u64, key_at(trd__ladder_worst(store, 0)), 0));
        take(0, UINT64_MAX);
        take(0, UINT64_MAX - 1);
        check_side(0, 3, 0, 63);
        take(0, 63);
        take(0, 0);
        check_side(0, 1, 0, 1);
        take(0, 1);
        if (w < 2) {
            free(store);
        }
    }
}

/* The ring: a window of which the low places hold the high keys. */
STORE_TEST(the_worst_and_the_next_level_are_found_around_the_end_of_the_ring) {
    store = store_new(256, 100, 0);
    for (uint64_t base = 1000; base < 1600; base += 13) {
        put(0, base);
        put(0, base + 70);
        put(0, base + 140);
        check_side(0, 3, 0, base + 140);
        cr_expect(eq(u64, key_at(trd__ladder_worst(store, 0)), base));
        cr_expect(eq(u64, key_at(trd__ladder_worse(store, 0, base + 140)), base + 70));
        cr_expect(eq(u64, key_at(trd__ladder_worse(store, 0, base + 70)), base));
        cr_expect(eq(u64, key_at(trd__ladder_worse(store, 0, base + 69)), base));
        cr_expect(eq(u32, trd__ladder_worse(store, 0, base), 0));
        cr_expect(eq(u64, key_at(trd__ladder_from(store, 0, 0)), base));
        cr_expect(eq(u64, key_at(trd__ladder_from(store, 0, base)), base));
        cr_expect(eq(u64, key_at(trd__ladder_from(store, 0, base + 1)), base + 70));
        cr_expect(eq(u64, key_at(trd__ladder_from(store, 0, base + 71)), base + 140));
        cr_expect(eq(u32, trd__ladder_from(store, 0, base + 141), 0));
        take(0, base + 140);
        take(0, base + 70);
        take(0, base);
    }
}

STORE_TEST(sides_do_not_mix) {
    store = store_new(64, 100, 0);
    for (uint32_t side_at = 0; side_at < 4; side_at++) {
        put(side_at, 500 + side_at);
        put(side_at, 9000 + side_at);
    }
    for (uint32_t side_at = 0; side_at < 4; side_at++) {
        check_side(side_at, 1, 1, 9000 + side_at);
        for (uint32_t other = 0; other < 4; other++) {
            const bool own = other == side_at;
            cr_expect(eq(int, trd__ladder_find(store, side_at, 500 + other) != 0, own));
            cr_expect(eq(int, trd__ladder_find(store, side_at, 9000 + other) != 0, own));
        }
    }
}

STORE_TEST(a_view_turns_keys_back_into_prices) {
    store = store_new(64, 100, 0);
    static const trd_px prices[] = {-900, -5, 0, 7, 4000};
    for (int i = 0; i < 5; i++) {
        put(2, trd__key(prices[i], 0));
        put(3, trd__key(prices[i], 1));
    }
    trd_level out[6] = {0};
    cr_assert(eq(u32, trd__ladder_view(store, 2, out, 6), 5));
    for (int i = 0; i < 5; i++) {
        cr_expect(eq(i64, out[i].px, prices[4 - i]));
    }
    cr_assert(eq(u32, trd__ladder_view(store, 3, out, 3), 3));
    for (int i = 0; i < 3; i++) {
        cr_expect(eq(i64, out[i].px, prices[i]));
    }
}

/* --- units ----------------------------------------------------------------------------------- */

static trd_queue *rest(uint32_t side_at, uint64_t key, int64_t qty, uint32_t *unit) {
    *unit = trd__order_alloc(store);
    cr_assert(lt(u32, 0, *unit));
    trd_node *node = trd__node(trd__store_arena(store), *unit);
    node->leaves = qty;
    node->executed = 0;
    node->side = (uint8_t)(side_at % 2 + 1);
    return trd__order_rest(store, side_at, key, *unit);
}

static trd_node *node_of(uint32_t unit) {
    return trd__node(trd__store_arena(store), unit);
}

static void leave(uint32_t unit) {
    trd__order_unrest(store, node_of(unit));
    trd__order_release(store, unit);
}

STORE_TEST(an_order_has_a_handle_while_it_rests_and_never_again) {
    store = store_new(64, 4, 4);
    cr_expect(eq(u32, trd__store_unit(store, 0), 0));
    uint32_t unit;
    rest(0, 100, 5, &unit);
    const trd_order first = trd__store_handle(node_of(unit), unit);
    cr_expect(ne(u64, first, 0));
    cr_expect(eq(u32, trd__store_unit(store, first), unit));
    cr_expect(eq(u32, trd__store_unit(store, first + 1), 0), "a slot that is free");
    cr_expect(eq(u32, trd__store_unit(store, first + 4), 0), "a slot behind the last");
    cr_expect(eq(u32, trd__store_unit(store, first ^ UINT64_C(1) << 32), 0));
    cr_expect(eq(u32, trd__store_unit(store, UINT64_MAX), 0));
    leave(unit);
    cr_expect(eq(u32, trd__store_unit(store, first), 0));
    uint32_t again;
    rest(0, 100, 5, &again);
    cr_assert(eq(u32, again, unit), "last in, first out");
    cr_expect(eq(u32, trd__store_unit(store, first), 0));
    const trd_order second = trd__store_handle(node_of(again), again);
    cr_expect(eq(u32, trd__store_unit(store, second), again));
    trd__store_reset(store);
    cr_expect(eq(u32, trd__store_unit(store, second), 0));
    rest(0, 100, 5, &again);
    cr_expect(eq(u32, trd__store_unit(store, second), 0), "not after the reset either");
    cr_expect(eq(u32, trd__store_unit(store, first), 0), "nor the first of all");
}

/* "number = unit / 2": orders are numbered from 1 to orders_max and share no unit with levels. */
STORE_TEST(orders_are_numbered_from_one_and_come_before_levels) {
    static const uint32_t counts[] = {1, 2, 7};
    for (int c = 0; c < 3; c++) {
        store = store_new(64, counts[c], counts[c]);
        bool seen[8] = {0};
        uint32_t units[7];
        for (uint32_t i = 0; i < counts[c]; i++) {
            const trd_queue *level = rest(0, 100 + i, 1, &units[i]);
            const uint32_t number = trd__order_number(units[i]);
            cr_assert(le(u32, 1, number));
            cr_assert(le(u32, number, counts[c]));
            cr_expect(not(seen[number]));
            seen[number] = true;
            cr_expect(eq(u32, trd__order_unit(number), units[i]));
            cr_expect(eq(u64, (uintptr_t)node_of(units[i]) % TRD_LINE, 0), "one cache line");
            cr_expect(le(u64, (uintptr_t)(node_of(units[i]) + 1), (uintptr_t)level));
            const trd_order handle = trd__store_handle(node_of(units[i]), units[i]);
            cr_expect(eq(u32, (uint32_t)handle, number));
            cr_expect(eq(u32, (uint32_t)(handle >> 32), node_of(units[i])->generation));
            cr_expect(eq(u32, trd__store_unit(store, handle), units[i]));
            cr_expect(eq(u32, trd__store_unit(store, handle + counts[c]), 0));
        }
        if (c < 2) {
            free(store);
        }
    }
}

STORE_TEST(orders_queue_in_the_order_they_came_and_leave_from_anywhere) {
    for (int gone = 0; gone < 3; gone++) {
        store = store_new(64, 4, 4);
        uint32_t units[3];
        for (int i = 0; i < 3; i++) {
            const trd_queue *level = rest(0, 100, 1 << i, &units[i]);
            cr_expect(eq(u32, level->count, i + 1));
            cr_expect(eq(i64, level->qty, (1 << (i + 1)) - 1));
        }
        cr_expect(lt(u64, node_of(units[0])->place, node_of(units[1])->place));
        cr_expect(lt(u64, node_of(units[1])->place, node_of(units[2])->place));
        const trd_queue *level = trd__order_unrest(store, node_of(units[gone]));
        cr_expect(eq(u32, level->count, 2));
        cr_expect(eq(i64, level->qty, 7 - (1 << gone)));
        cr_expect(eq(u32, node_of(units[gone])->level, 0));
        cr_expect(eq(int, trd__store_audit(store, 1), 0), "one order is aside");
        cr_expect(lt(int, trd__store_audit(store, 0), 0));
        trd__order_release(store, units[gone]);
        cr_expect(eq(int, trd__store_audit(store, 0), 0));
        cr_expect(eq(u32, level->link.next, units[gone == 0 ? 1 : 0]));
        cr_expect(eq(u32, level->link.prev, units[gone == 2 ? 1 : 2]));
        if (gone < 2) {
            free(store);
        }
    }
}

STORE_TEST(a_level_goes_with_its_last_order) {
    store = store_new(64, 4, 4);
    uint32_t one, two;
    rest(1, 100, 5, &one);
    rest(1, 100, 6, &two);
    cr_expect(eq(u32, store->levels, 1));
    leave(one);
    cr_expect(eq(u32, store->levels, 1));
    leave(two);
    cr_expect(eq(u32, store->levels, 0));
    cr_expect(eq(u32, store->orders, 0));
    cr_expect(eq(u32, trd__ladder_best(store, 1), 0));
}

STORE_TEST(orders_and_levels_are_as_many_as_were_asked_for) {
    static const uint32_t counts[] = {1, 2, 3, 64};
    for (int c = 0; c < 4; c++) {
        store = store_new(64, counts[c], counts[c]);
        for (uint32_t i = 0; i < counts[c]; i++) {
            uint32_t unit;
            rest(i % 4, i * 100, 1, &unit);
        }
        cr_expect(eq(u32, store->orders, counts[c]));
        cr_expect(eq(u32, store->levels, counts[c]));
        cr_expect(eq(u32, trd__order_alloc(store), 0));
        cr_expect(eq(int, trd__store_audit(store, 0), 0));
        if (c < 3) {
            free(store);
        }
    }
}

/* --- audit ----------------------------------------------------------------------------------- */

/* Each row breaks one thing of a good store, sees the audit say so, and puts it back. */
#define BREAK(place, value)                                                                        \
    do {                                                                                           \
        const __typeof__(place) kept = (place);                                                    \
        (place) = (__typeof__(place))(value);                                                      \
        cr_expect(lt(int, trd__store_audit(store, 0), 0), #place " = " #value);                    \
        (place) = kept;                                                                            \
    } while (0)

STORE_TEST(the_audit_sees_every_field_that_is_wrong) {
    store = store_new(64, 20, 20);
    uint32_t a, b, far;
    rest(0, 1000, 5, &a);
    trd_queue *level = rest(0, 1000, 6, &b);
    rest(0, 10, 7, &far);
    rest(0, 995, 7, &far);
    rest(1, 995, 7, &far);
    trd_side *side = trd__store_side(store, 0);
    check_side(0, 2, 1, 1000);

    BREAK(side->best, 995);
    BREAK(side->best, 999);
    BREAK(side->base_page, side->base_page + 1);
    BREAK(side->near, side->near + 1);
    BREAK(side->near, 0);
    BREAK(side->far_count, 0);
    BREAK(side->far.height, 0);
    BREAK(level->qty, level->qty + 1);
    BREAK(level->count, level->count + 1);
    BREAK(level->key, level->key + 1);
    BREAK(level->side_at, 1);
    BREAK(level->link.prev, a);
    BREAK(level->link.next, b);
    BREAK(node_of(a)->leaves, 0);
    BREAK(node_of(a)->leaves, 6);
    BREAK(node_of(a)->executed, -1);
    BREAK(node_of(a)->side, TRD_SELL);
    BREAK(node_of(a)->level, 0);
    BREAK(node_of(a)->link.next, a);
    BREAK(node_of(a)->link.next, b + 1);
    BREAK(node_of(a)->level, node_of(a)->level + 1);
    BREAK(node_of(b)->link.prev, b);
    BREAK(node_of(b)->place, node_of(a)->place);
    BREAK(store->orders, store->orders + 1);
    BREAK(store->levels, store->levels - 1);
    BREAK(store->far_pool.used, 0);
    BREAK(store->order_free, 0);
    BREAK(store->order_free, a);
    BREAK(store->order_free, store->level_unit);
    BREAK(store->order_free, store->order_free + 1);
    BREAK(store->order_free, store->order_free + 2);
    BREAK(node_of(store->order_free)->level, node_of(a)->level);
    BREAK(node_of(store->order_free)->link.next, 0);
    BREAK(node_of(store->order_free)->link.next, store->order_free);
    BREAK(store->level_free, 0);
    BREAK(store->level_free, node_of(a)->level);
    BREAK(store->level_free, store->order_free);
    BREAK(store->level_free, store->level_unit + store->levels_max);
    BREAK(trd__link(trd__store_arena(store), store->level_free)->next, 0);
    BREAK(trd__link(trd__store_arena(store), store->level_free)->next, store->level_free);
    BREAK(trd__store_window(store, 0)[1000 & 63], 0);
    BREAK(trd__store_window(store, 0)[0], 1);
    BREAK(trd__store_bits(store, 0)[0], 0);
    BREAK(trd__store_bits(store, 0)[1], 0);
    cr_expect(eq(int, trd__store_audit(store, 0), 0), "all is put back");
}
