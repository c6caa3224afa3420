/* test_order_book.c - books rebuilt from orders: queues, references, views, and what they refuse.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stddef.h>
#include <stdint.h>

#include "books.h"
#include "core/map.h"
#include "hook.h"

/* Rows below leave out what is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

static trd_order_book_def def_of(uint32_t instruments_max, uint32_t orders_max, uint32_t window) {
    trd_order_book_def def = trd_order_book_def_default();
    def.instruments_max = instruments_max;
    def.orders_max = orders_max;
    def.window = window;
    return def;
}

/* --- definition and life cycle --------------------------------------------------------------- */

Test(order_book, a_definition_out_of_range_is_refused_everywhere) {
    const trd_order_book_def good = trd_order_book_def_default();
    trd_order_book_def bad[12];
    for (int i = 0; i < 12; i++) {
        bad[i] = good;
    }
    bad[0].struct_size = 0;
    bad[1].struct_size = sizeof(good) + 1;
    bad[2].struct_size = UINT32_MAX;
    bad[3].instruments_max = 0;
    bad[4].instruments_max = (1 << 20) + 1;
    bad[5].orders_max = 0;
    bad[6].orders_max = (1 << 26) + 1;
    bad[7].window = 0;
    bad[8].window = 63;
    bad[9].window = 192;
    bad[10].window = 131072;
    bad[11].orders_max = UINT32_MAX;
    block mem = block_new(trd_order_book_footprint(&good));
    for (int i = 0; i < 12; i++) {
        cr_expect(eq(sz, trd_order_book_footprint(&bad[i]), 0), "row %d", i);
        cr_expect(eq(ptr, trd_order_book_init(mem.at, &bad[i]), NULL), "row %d", i);
        cr_expect(eq(ptr, trd_order_book_create(&bad[i]), NULL), "row %d", i);
    }
    cr_expect(eq(sz, trd_order_book_footprint(NULL), 0));
    cr_expect(eq(ptr, trd_order_book_init(mem.at, NULL), NULL));
    cr_expect(eq(ptr, trd_order_book_create(NULL), NULL));
    for (size_t i = 0; i < mem.size; i++) {
        cr_assert(eq(int, (unsigned char)mem.at[i], BLOCK_FILL), "byte %zu was written", i);
    }
    block_free(&mem);
}

Test(order_book, the_limits_of_the_definition_belong_to_it) {
    static const uint32_t good[][3] = {
        {1, 1, 64}, {1 << 20, 1, 64}, {1, 1 << 26, 64}, {1, 1, 65536}, {1 << 20, 1 << 26, 65536}};
    for (int i = 0; i < 5; i++) {
        const trd_order_book_def def = def_of(good[i][0], good[i][1], good[i][2]);
        cr_expect(lt(sz, 0, trd_order_book_footprint(&def)), "row %d", i);
    }
}

Test(order_book, the_default_definition_makes_a_book) {
    const trd_order_book_def def = trd_order_book_def_default();
    cr_expect(eq(u32, def.struct_size, sizeof(def)));
    cr_expect(eq(u32, def.instruments_max, 1));
    cr_expect(eq(u32, def.orders_max, 65536));
    cr_expect(eq(u32, def.window, 1024));
    trd_order_book *own = trd_order_book_create(&def);
    cr_assert(ne(ptr, own, NULL));
    cr_expect(eq(int, trd_order_book_audit(own), 0));
    trd_order_book_destroy(own);
}

Test(order_book, an_older_caller_gets_defaults_for_what_it_does_not_know) {
    trd_order_book_def old = def_of(3, 0, 0);
    old.mem.alloc = (void *(*)(void *, size_t, size_t))(uintptr_t)16;
    old.struct_size = offsetof(trd_order_book_def, orders_max);
    const trd_order_book_def same = def_of(3, 1 << 16, 1024);
    cr_expect(eq(sz, trd_order_book_footprint(&old), trd_order_book_footprint(&same)));
    trd_order_book *own = trd_order_book_create(&old);
    cr_assert(ne(ptr, own, NULL));
    trd_order_book_destroy(own);
    old.struct_size = sizeof(old.struct_size);
    const trd_order_book_def defaults = trd_order_book_def_default();
    cr_expect(eq(sz, trd_order_book_footprint(&old), trd_order_book_footprint(&defaults)));
}

Test(order_book, misaligned_or_no_memory_is_refused) {
    const trd_order_book_def def = def_of(1, 10, 64);
    block mem = block_new(trd_order_book_footprint(&def) + TRD_BOOK_ALIGN);
    for (size_t off = 1; off < TRD_BOOK_ALIGN; off++) {
        cr_expect(eq(ptr, trd_order_book_init(mem.at + off, &def), NULL), "%zu", off);
    }
    cr_expect(eq(ptr, trd_order_book_init(NULL, &def), NULL));
    cr_expect(eq(int, (unsigned char)mem.at[TRD_BOOK_ALIGN], BLOCK_FILL));
    cr_expect(ne(ptr, trd_order_book_init(mem.at + TRD_BOOK_ALIGN, &def), NULL));
    block_free(&mem);
}

static int add(
    trd_order_book *own, uint64_t ref, uint32_t instrument, unsigned side, trd_px px, trd_qty qty) {
    return trd_order_book_add(own,
        &(trd_book_order){
            .ref = ref, .px = px, .qty = qty, .instrument = instrument, .side = (uint8_t)side});
}

/* As many levels as orders, spread over all sides: nothing outside the footprint is touched. */
Test(order_book, a_book_lives_inside_its_footprint) {
    static const uint32_t shapes[][3] = {
        {1, 1, 64}, {1, 2, 64}, {1, 1001, 64}, {7, 1000, 64}, {3, 999, 8192}};
    for (int s = 0; s < 5; s++) {
        const trd_order_book_def def = def_of(shapes[s][0], shapes[s][1], shapes[s][2]);
        block mem = block_new(trd_order_book_footprint(&def));
        trd_order_book *own = trd_order_book_init(mem.at, &def);
        cr_assert(eq(ptr, own, mem.at));
        for (uint32_t i = 0; i < def.orders_max; i++) {
            const uint32_t at = i % (def.instruments_max * 2);
            cr_assert(eq(int, add(own, i, at / 2, at % 2 + 1, (int64_t)i * 41 - 9000, 1), TRD_OK));
        }
        cr_expect(eq(u32, trd_order_book_count(own), def.orders_max));
        cr_expect(eq(int, add(own, 1 << 20, 0, TRD_BUY, 0, 1), TRD_E_FULL));
        cr_expect(eq(int, trd_order_book_audit(own), 0));
        trd_order_book_reset(own);
        cr_expect(block_guards_intact(&mem), "shape %d", s);
        block_free(&mem);
    }
}

Test(order_book, no_memory_makes_no_book) {
    hook memory = {.fail_at = 1};
    trd_order_book_def def = def_of(1, 10, 64);
    def.mem = hook_mem(&memory);
    cr_expect(eq(ptr, trd_order_book_create(&def), NULL));
    cr_expect(eq(uint, memory.allocs, 1));
    cr_expect(eq(uint, memory.releases, 0));
}

Test(order_book, misaligned_memory_of_the_hook_is_given_back) {
    hook memory = {.shift = 8};
    trd_order_book_def def = def_of(1, 10, 64);
    def.mem = hook_mem(&memory);
    cr_expect(eq(ptr, trd_order_book_create(&def), NULL));
    cr_expect(eq(uint, memory.releases, 1));
    cr_expect(eq(ptr, memory.at, NULL));
}

Test(order_book, allocates_once_in_create_and_never_after) {
    hook memory = {0};
    trd_order_book_def def = def_of(2, 300, 64);
    def.mem = hook_mem(&memory);
    trd_order_book *own = trd_order_book_create(&def);
    cr_assert(ne(ptr, own, NULL));
    cr_expect(eq(uint, memory.allocs, 1));
    cr_expect(eq(sz, memory.size, trd_order_book_footprint(&def)));
    trd_level levels[64];
    for (uint64_t i = 0; i < 2000; i++) {
        add(own, i, i % 2, TRD_BUY + i % 2, (int64_t)(i * 13 % 1777), 5);
        trd_order_book_reduce(own, i / 2, 2);
        trd_order_book_replace(own, i / 3, &(trd_book_order){.ref = i + 5000, .px = 3, .qty = 1});
        trd_order_book_remove(own, i * 7 % 2000);
        trd_order_book_depth(own, i % 2, TRD_BUY + i % 2, levels, 64);
    }
    trd_order_book_reset(own);
    cr_expect(eq(int, trd_order_book_audit(own), 0));
    cr_expect(eq(uint, memory.allocs, 1));
    cr_expect(eq(uint, memory.releases, 0));
    trd_order_book_destroy(own);
    cr_expect(eq(uint, memory.releases, 1));
    cr_expect(eq(ptr, memory.at, NULL));
}

Test(order_book, destroying_none_is_nothing) {
    trd_order_book_destroy(NULL);
}

/* --- orders ---------------------------------------------------------------------------------- */

static trd_order_book *book;

static void begin(void) {
    const trd_order_book_def def = def_of(2, 8, 64);
    book = trd_order_book_create(&def);
}

static void end(void) {
    cr_expect(eq(int, trd_order_book_audit(book), 0));
    trd_order_book_destroy(book);
}

TestSuite(order_book_play, .init = begin, .fini = end);

#define ADD(...) cr_expect(eq(int, add(book, __VA_ARGS__), TRD_OK))
#define COUNT_OF(type, ...) ((int)(sizeof((const type[]){__VA_ARGS__}) / sizeof(type)))

/* The whole side, best first, as {px, qty, count}. */
static void check_side(uint32_t instrument, unsigned side, const trd_level *want, int count) {
    trd_level seen[16] = {0};
    cr_assert(eq(int, trd_order_book_depth(book, instrument, side, seen, 16), count));
    for (int i = 0; i < count; i++) {
        cr_expect(eq(i64, seen[i].px, want[i].px), "level %d", i);
        cr_expect(eq(i64, seen[i].qty, want[i].qty), "level %d", i);
        cr_expect(eq(u32, seen[i].count, want[i].count), "level %d", i);
    }
}

#define SIDE(instrument, side, ...)                                                                \
    check_side(instrument, side, (const trd_level[]){__VA_ARGS__}, COUNT_OF(trd_level, __VA_ARGS__))
#define NO_SIDE(instrument, side) check_side(instrument, side, NULL, 0)

static void check_first(uint32_t instrument, unsigned side, uint64_t ref, trd_qty qty) {
    trd_book_order first = {0};
    cr_expect(eq(int, trd_order_book_first(book, instrument, side, &first), 1));
    cr_expect(eq(u64, first.ref, ref));
    cr_expect(eq(i64, first.qty, qty));
    cr_expect(eq(u32, first.instrument, instrument));
    cr_expect(eq(uint, first.side, side));
}

Test(order_book_play, a_new_book_is_empty) {
    trd_level level = {.px = 7};
    trd_book_order order = {.ref = 7};
    for (uint32_t instrument = 0; instrument < 2; instrument++) {
        for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
            cr_expect(eq(int, trd_order_book_best(book, instrument, side, &level), 0));
            cr_expect(eq(int, trd_order_book_depth(book, instrument, side, &level, 1), 0));
            cr_expect(eq(int, trd_order_book_first(book, instrument, side, &order), 0));
        }
    }
    cr_expect(eq(int, trd_order_book_find(book, 0, &order), TRD_E_UNKNOWN));
    cr_expect(eq(u32, trd_order_book_count(book), 0));
    cr_expect(eq(i64, level.px, 7));
    cr_expect(eq(u64, order.ref, 7));
}

Test(order_book_play, a_level_is_the_sum_of_its_orders) {
    ADD(1, 0, TRD_BUY, 100, 5);
    ADD(2, 0, TRD_BUY, 100, 7);
    ADD(3, 0, TRD_BUY, 101, 1);
    ADD(4, 0, TRD_SELL, 103, 2);
    ADD(5, 0, TRD_SELL, 102, 3);
    ADD(6, 1, TRD_BUY, 900, 9);
    SIDE(0, TRD_BUY, {101, 1, 1}, {100, 12, 2});
    SIDE(0, TRD_SELL, {102, 3, 1}, {103, 2, 1});
    SIDE(1, TRD_BUY, {900, 9, 1});
    NO_SIDE(1, TRD_SELL);
    cr_expect(eq(u32, trd_order_book_count(book), 6));
    trd_level best;
    cr_expect(eq(int, trd_order_book_best(book, 0, TRD_SELL, &best), 1));
    cr_expect(eq(i64, best.px, 102));
    cr_expect(eq(i64, best.qty, 3));
    cr_expect(eq(u32, best.count, 1));
}

Test(order_book_play, find_gives_back_what_was_added) {
    ADD(UINT64_MAX, 1, TRD_SELL, -44, 55);
    ADD(0, 0, TRD_BUY, INT64_MIN, INT64_MAX);
    trd_book_order found = {.reserved = {1, 1, 1}};
    cr_expect(eq(int, trd_order_book_find(book, UINT64_MAX, &found), TRD_OK));
    cr_expect(eq(u64, found.ref, UINT64_MAX));
    cr_expect(eq(i64, found.px, -44));
    cr_expect(eq(i64, found.qty, 55));
    cr_expect(eq(u32, found.instrument, 1));
    cr_expect(eq(uint, found.side, TRD_SELL));
    cr_expect(eq(uint, found.reserved[0] + found.reserved[1] + found.reserved[2], 0));
    cr_expect(eq(int, trd_order_book_find(book, 0, &found), TRD_OK));
    cr_expect(eq(u64, found.ref, 0));
    cr_expect(eq(i64, found.px, INT64_MIN));
    cr_expect(eq(i64, found.qty, INT64_MAX));
    cr_expect(eq(u32, found.instrument, 0));
    cr_expect(eq(uint, found.side, TRD_BUY));
    cr_expect(eq(int, trd_order_book_find(book, 1, &found), TRD_E_UNKNOWN));
}

Test(order_book_play, the_first_order_is_the_oldest_at_the_best_price) {
    ADD(1, 0, TRD_BUY, 100, 10);
    ADD(2, 0, TRD_BUY, 100, 20);
    ADD(3, 0, TRD_BUY, 99, 30);
    check_first(0, TRD_BUY, 1, 10);
    cr_expect(eq(int, trd_order_book_remove(book, 1), TRD_OK));
    check_first(0, TRD_BUY, 2, 20);
    ADD(1, 0, TRD_BUY, 100, 11);
    check_first(0, TRD_BUY, 2, 20);
    cr_expect(eq(int, trd_order_book_remove(book, 2), TRD_OK));
    check_first(0, TRD_BUY, 1, 11);
    cr_expect(eq(int, trd_order_book_remove(book, 1), TRD_OK));
    check_first(0, TRD_BUY, 3, 30);
}

Test(order_book_play, an_order_leaves_from_any_place_of_its_queue) {
    for (uint64_t gone = 1; gone <= 3; gone++) {
        trd_order_book_reset(book);
        ADD(1, 0, TRD_SELL, 100, 1);
        ADD(2, 0, TRD_SELL, 100, 2);
        ADD(3, 0, TRD_SELL, 100, 4);
        cr_expect(eq(int, trd_order_book_remove(book, gone), TRD_OK));
        cr_expect(eq(int, trd_order_book_audit(book), 0));
        SIDE(0, TRD_SELL, {100, 7 - (1 << (gone - 1)), 2});
        for (uint64_t ref = 1; ref <= 3; ref++) {
            if (ref != gone) {
                check_first(0, TRD_SELL, ref, 1 << (ref - 1));
                cr_expect(eq(int, trd_order_book_remove(book, ref), TRD_OK));
            }
        }
        NO_SIDE(0, TRD_SELL);
        cr_expect(eq(u32, trd_order_book_count(book), 0));
    }
}

Test(order_book_play, a_reduced_order_keeps_its_place) {
    ADD(1, 0, TRD_BUY, 100, 10);
    ADD(2, 0, TRD_BUY, 100, 20);
    cr_expect(eq(int, trd_order_book_reduce(book, 1, 9), TRD_OK));
    check_first(0, TRD_BUY, 1, 1);
    SIDE(0, TRD_BUY, {100, 21, 2});
    cr_expect(eq(int, trd_order_book_reduce(book, 2, 1), TRD_OK));
    check_first(0, TRD_BUY, 1, 1);
    SIDE(0, TRD_BUY, {100, 20, 2});
}

Test(order_book_play, an_order_goes_when_nothing_is_left) {
    ADD(1, 0, TRD_BUY, 100, 10);
    ADD(2, 0, TRD_BUY, 100, 20);
    cr_expect(eq(int, trd_order_book_reduce(book, 1, 10), TRD_OK));
    check_first(0, TRD_BUY, 2, 20);
    SIDE(0, TRD_BUY, {100, 20, 1});
    cr_expect(eq(int, trd_order_book_reduce(book, 1, 1), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_order_book_reduce(book, 2, 20), TRD_OK));
    NO_SIDE(0, TRD_BUY);
    cr_expect(eq(u32, trd_order_book_count(book), 0));
}

static int replace(uint64_t ref, uint64_t new_ref, trd_px px, trd_qty qty) {
    return trd_order_book_replace(
        book, ref, &(trd_book_order){.ref = new_ref, .px = px, .qty = qty, .instrument = 77});
}

Test(order_book_play, a_replaced_order_stays_on_its_side_and_goes_to_the_back) {
    ADD(1, 1, TRD_SELL, 100, 10);
    ADD(2, 1, TRD_SELL, 100, 20);
    cr_expect(eq(int, replace(1, 3, 100, 5), TRD_OK));
    check_first(1, TRD_SELL, 2, 20);
    SIDE(1, TRD_SELL, {100, 25, 2});
    trd_book_order found;
    cr_expect(eq(int, trd_order_book_find(book, 1, &found), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_order_book_find(book, 3, &found), TRD_OK));
    cr_expect(eq(i64, found.qty, 5));
    cr_expect(eq(u32, found.instrument, 1));
    cr_expect(eq(uint, found.side, TRD_SELL));
    cr_expect(eq(int, replace(2, 2, 90, 30), TRD_OK));
    SIDE(1, TRD_SELL, {90, 30, 1}, {100, 5, 1});
    check_first(1, TRD_SELL, 2, 30);
    cr_expect(eq(int, replace(2, 1, 110, 1), TRD_OK));
    SIDE(1, TRD_SELL, {100, 5, 1}, {110, 1, 1});
    cr_expect(eq(u32, trd_order_book_count(book), 2));
    NO_SIDE(0, TRD_SELL);
}

Test(order_book_play, a_replace_needs_no_room) {
    for (uint64_t ref = 0; ref < 8; ref++) {
        ADD(ref, ref % 2, TRD_BUY, (int64_t)ref * 1000, 1);
    }
    cr_expect(eq(int, add(book, 8, 0, TRD_BUY, 1, 1), TRD_E_FULL));
    for (uint64_t ref = 0; ref < 8; ref++) {
        cr_expect(eq(int, replace(ref, ref + 100, (int64_t)ref * -500, 2), TRD_OK));
        cr_expect(eq(int, trd_order_book_audit(book), 0));
    }
    SIDE(0, TRD_BUY, {0, 2, 1}, {-1000, 2, 1}, {-2000, 2, 1}, {-3000, 2, 1});
}

Test(order_book_play, a_level_holds_no_more_than_fits) {
    ADD(1, 0, TRD_BUY, 100, INT64_MAX - 10);
    cr_expect(eq(int, add(book, 2, 0, TRD_BUY, 100, 11), TRD_E_RANGE));
    ADD(2, 0, TRD_BUY, 100, 10);
    cr_expect(eq(int, add(book, 3, 0, TRD_BUY, 100, 1), TRD_E_RANGE));
    SIDE(0, TRD_BUY, {100, INT64_MAX, 2});
    ADD(3, 0, TRD_BUY, 101, 7);
    cr_expect(eq(int, replace(3, 4, 100, 1), TRD_E_RANGE));
    SIDE(0, TRD_BUY, {101, 7, 1}, {100, INT64_MAX, 2});
    /* Its own quantity makes room, at its own price only. */
    cr_expect(eq(int, replace(2, 2, 100, 11), TRD_E_RANGE));
    cr_expect(eq(int, replace(2, 2, 100, 10), TRD_OK));
    cr_expect(eq(int, replace(1, 5, 101, INT64_MAX - 6), TRD_E_RANGE));
    cr_expect(eq(int, replace(1, 5, 101, INT64_MAX - 7), TRD_OK));
    SIDE(0, TRD_BUY, {101, INT64_MAX, 2}, {100, 10, 1});
    ADD(9, 1, TRD_BUY, 100, INT64_MAX);
    ADD(10, 0, TRD_SELL, 100, INT64_MAX);
}

Test(order_book_play, any_price_is_a_price) {
    static const trd_px up[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        trd_order_book_reset(book);
        for (uint64_t i = 0; i < 7; i++) {
            ADD(i, 0, side, up[i * 3 % 7], (int64_t)i + 1);
        }
        for (int left = 7; left > 0; left--) {
            trd_level levels[8];
            cr_assert(eq(int, trd_order_book_depth(book, 0, side, levels, 8), left));
            for (int i = 0; i < left; i++) {
                const trd_px want = side == TRD_BUY ? up[left - 1 - i] : up[7 - left + i];
                cr_expect(eq(i64, levels[i].px, want));
            }
            trd_book_order first;
            cr_expect(eq(int, trd_order_book_first(book, 0, side, &first), 1));
            cr_expect(eq(int, trd_order_book_remove(book, first.ref), TRD_OK));
            cr_expect(eq(int, trd_order_book_audit(book), 0));
        }
    }
}

Test(order_book_play, references_of_all_instruments_are_one_set) {
    ADD(5, 0, TRD_BUY, 100, 1);
    cr_expect(eq(int, add(book, 5, 1, TRD_SELL, 100, 1), TRD_E_EXISTS));
    cr_expect(eq(int, trd_order_book_remove(book, 5), TRD_OK));
    ADD(5, 1, TRD_SELL, 100, 1);
}

Test(order_book, a_refused_call_changes_not_a_byte) {
    static const unsigned wrong[] = {0, 3, 255};
    const trd_order_book_def def = def_of(2, 4, 64);
    block mem = block_new(trd_order_book_footprint(&def));
    book = trd_order_book_init(mem.at, &def);
    ADD(1, 0, TRD_BUY, 100, 10);
    ADD(2, 0, TRD_BUY, -9000, INT64_MAX);
    ADD(3, 1, TRD_SELL, 101, 30);
    char *before = malloc(mem.size);
    memcpy(before, mem.at, mem.size);
    trd_level level = {.px = 42};
    trd_book_order order = {.ref = 42};
    for (int i = 0; i < 3; i++) {
        cr_expect(eq(int, add(book, 9, 0, wrong[i], 100, 1), TRD_E_ARG));
        cr_expect(eq(int, trd_order_book_first(book, 0, wrong[i], &order), TRD_E_ARG));
        cr_expect(eq(int, trd_order_book_best(book, 0, wrong[i], &level), TRD_E_ARG));
        cr_expect(eq(int, trd_order_book_depth(book, 0, wrong[i], &level, 1), TRD_E_ARG));
    }
    static const uint32_t nowhere[] = {2, 3, 1 << 31, UINT32_MAX};
    for (int i = 0; i < 4; i++) {
        cr_expect(eq(int, add(book, 9, nowhere[i], TRD_BUY, 100, 1), TRD_E_ARG));
        cr_expect(eq(int, trd_order_book_first(book, nowhere[i], TRD_BUY, &order), TRD_E_ARG));
        cr_expect(eq(int, trd_order_book_best(book, nowhere[i], TRD_BUY, &level), TRD_E_ARG));
        cr_expect(eq(int, trd_order_book_depth(book, nowhere[i], 1, &level, 1), TRD_E_ARG));
    }
    static const trd_qty none[] = {0, -1, INT64_MIN};
    for (int i = 0; i < 3; i++) {
        cr_expect(eq(int, add(book, 9, 0, TRD_BUY, 100, none[i]), TRD_E_ARG));
        cr_expect(eq(int, trd_order_book_reduce(book, 1, none[i]), TRD_E_ARG));
        cr_expect(eq(int, replace(1, 9, 100, none[i]), TRD_E_ARG));
    }
    cr_expect(eq(int, add(book, 1, 0, TRD_BUY, 50, 1), TRD_E_EXISTS));
    cr_expect(eq(int, add(book, 9, 0, TRD_BUY, -9000, 1), TRD_E_RANGE));
    cr_expect(eq(int, trd_order_book_reduce(book, 9, 1), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_order_book_reduce(book, 1, 11), TRD_E_RANGE));
    cr_expect(eq(int, trd_order_book_reduce(book, 1, INT64_MAX), TRD_E_RANGE));
    cr_expect(eq(int, trd_order_book_remove(book, 9), TRD_E_UNKNOWN));
    cr_expect(eq(int, trd_order_book_find(book, 9, &order), TRD_E_UNKNOWN));
    cr_expect(eq(int, replace(9, 10, 100, 1), TRD_E_UNKNOWN));
    cr_expect(eq(int, replace(1, 2, 100, 1), TRD_E_EXISTS));
    cr_expect(eq(int, replace(1, 3, 100, 1), TRD_E_EXISTS));
    cr_expect(eq(int, replace(1, 9, -9000, 1), TRD_E_RANGE));
    cr_expect(eq(i64, level.px, 42));
    cr_expect(eq(u64, order.ref, 42));
    cr_expect(eq(int, memcmp(before, mem.at, mem.size), 0));
    ADD(4, 1, TRD_BUY, -70000, 30);
    memcpy(before, mem.at, mem.size);
    cr_expect(eq(int, add(book, 9, 0, TRD_BUY, 200, 1), TRD_E_FULL));
    cr_expect(eq(int, add(book, 9, 1, TRD_SELL, 101, 1), TRD_E_FULL));
    cr_expect(eq(int, memcmp(before, mem.at, mem.size), 0));
    free(before);
    block_free(&mem);
}

/* --- reset and relocation -------------------------------------------------------------------- */

static void walk(trd_order_book *own, uint64_t from, uint64_t to) {
    for (uint64_t i = from; i < to; i++) {
        const trd_px px = (int64_t)(i * 2654435761u % 5000) * (i % 3 == 0 ? -1 : 1);
        add(own, i, i % 3, TRD_BUY + i / 5 % 2, px, (int64_t)(i % 50) + 1);
        trd_order_book_reduce(own, i * 5 % (i + 1), 3);
        trd_order_book_replace(
            own, i * 3 % (i + 1), &(trd_book_order){.ref = i + 1000000, .px = px / 7, .qty = 4});
        trd_order_book_remove(own, i - i % 200 + i * 7 % 100);
    }
}

static void check_same(const trd_order_book *one, const trd_order_book *two) {
    static trd_level of_one[1024], of_two[1024];
    cr_assert(eq(u32, trd_order_book_count(one), trd_order_book_count(two)));
    for (uint32_t at = 0; at < 6; at++) {
        const int count = trd_order_book_depth(one, at / 2, at % 2 + 1, of_one, 1024);
        cr_assert(eq(int, trd_order_book_depth(two, at / 2, at % 2 + 1, of_two, 1024), count));
        cr_expect(levels_equal(of_one, of_two, count));
        trd_book_order a = {0}, b = {0};
        cr_expect(eq(int, trd_order_book_first(one, at / 2, at % 2 + 1, &a), count > 0));
        cr_expect(eq(int, trd_order_book_first(two, at / 2, at % 2 + 1, &b), count > 0));
        cr_expect(eq(int, memcmp(&a, &b, sizeof(a)), 0));
    }
}

Test(order_book, a_reset_book_goes_on_like_a_new_one) {
    const trd_order_book_def def = def_of(3, 1000, 64);
    trd_order_book *used = trd_order_book_create(&def), *fresh = trd_order_book_create(&def);
    walk(used, 0, 3000);
    cr_assert(lt(u32, 300, trd_order_book_count(used)));
    trd_order_book_reset(used);
    cr_expect(eq(int, trd_order_book_audit(used), 0));
    cr_expect(eq(u32, trd_order_book_count(used), 0));
    trd_book_order found;
    for (uint64_t ref = 0; ref < 3000; ref++) {
        cr_assert(eq(int, trd_order_book_find(used, ref, &found), TRD_E_UNKNOWN));
    }
    walk(used, 3000, 5000);
    walk(fresh, 3000, 5000);
    cr_expect(eq(int, trd_order_book_audit(used), 0));
    check_same(used, fresh);
    trd_order_book_destroy(used);
    trd_order_book_destroy(fresh);
}

Test(order_book, a_copied_block_is_the_book) {
    const trd_order_book_def def = def_of(3, 1000, 64);
    block mem = block_new(trd_order_book_footprint(&def));
    trd_order_book *stays = trd_order_book_create(&def);
    trd_order_book *moves = trd_order_book_init(mem.at, &def);
    for (uint64_t i = 0; i < 10; i++) {
        walk(moves, i * 300, (i + 1) * 300);
        walk(stays, i * 300, (i + 1) * 300);
        mem = block_moved(&mem);
        moves = (trd_order_book *)(void *)mem.at;
        cr_assert(eq(int, trd_order_book_audit(moves), 0));
        check_same(moves, stays);
    }
    cr_expect(lt(u32, 300, trd_order_book_count(moves)));
    cr_expect(block_guards_intact(&mem));
    block_free(&mem);
    trd_order_book_destroy(stays);
}

/* The seed spreads the references and changes nothing else. */
Test(order_book, the_hash_seed_is_not_seen_in_any_result) {
    trd_order_book_def def = def_of(3, 1000, 64);
    trd_order_book *one = trd_order_book_create(&def);
    def.hash_seed = UINT64_C(0xdeadbeefcafe);
    trd_order_book *two = trd_order_book_create(&def);
    walk(one, 0, 3000);
    walk(two, 0, 3000);
    check_same(one, two);
    trd_order_book_destroy(one);
    trd_order_book_destroy(two);
}

/* --- audit ----------------------------------------------------------------------------------- */

Test(order_book, the_audit_sees_a_wrong_quantity_or_reference) {
    const trd_order_book_def def = def_of(1, 10, 64);
    const int64_t marked = INT64_C(0x1122334455667788);
    static const int64_t damage[] = {0, -1, INT64_C(0x1122334455667789)};
    for (int i = 0; i < 3; i++) {
        for (int as_ref = 0; as_ref < 2; as_ref++) {
            block mem = block_new(trd_order_book_footprint(&def));
            trd_order_book *own = trd_order_book_init(mem.at, &def);
            const uint64_t ref = as_ref ? (uint64_t)marked : 7;
            cr_assert(eq(int, add(own, 1, 0, TRD_BUY, 99, 1), TRD_OK));
            cr_assert(eq(int, add(own, ref, 0, TRD_BUY, 100, as_ref ? 7 : marked), TRD_OK));
            cr_assert(eq(int, trd_order_book_audit(own), 0));
            cr_assert(block_damage(&mem, marked, damage[i]));
            cr_expect(lt(int, trd_order_book_audit(own), 0), "%d %d", i, as_ref);
            block_free(&mem);
        }
    }
}

/* The map of references comes first in the block: the slot of a reference is where it is found. */
Test(order_book, the_audit_sees_a_reference_that_leads_elsewhere) {
    const trd_order_book_def def = def_of(1, 10, 64);
    const int64_t marked = INT64_C(0x1122334455667788);
    block mem = block_new(trd_order_book_footprint(&def));
    trd_order_book *own = trd_order_book_init(mem.at, &def);
    cr_assert(eq(int, add(own, (uint64_t)marked, 0, TRD_BUY, 99, 1), TRD_OK));
    cr_assert(eq(int, add(own, 2, 0, TRD_BUY, 100, 1), TRD_OK));
    trd_map_slot *slot = (trd_map_slot *)(void *)block_find(&mem, marked);
    cr_assert(ne(ptr, slot, NULL));
    const uint32_t good = slot->ref;
    const uint32_t own_number = good & TRD_MAP_REF;
    cr_assert(le(u32, own_number, 2), "orders are handed out from the first");
    const uint32_t other = own_number == 1 ? 2 : 1;
    const uint32_t elsewhere[] = {0, other, 3, 4, 10, 11, 12, 1 << 20, TRD_MAP_REF};
    for (int i = 0; i < 9; i++) {
        slot->ref = (good & ~(uint32_t)TRD_MAP_REF) | elsewhere[i];
        cr_expect(lt(int, trd_order_book_audit(own), 0), "order %u", elsewhere[i]);
    }
    static const uint32_t flags[] = {TRD_MAP_DISPLACED, 1u << 28, 1u << 29, 1u << 30, 1u << 31};
    for (int i = 0; i < 5; i++) {
        slot->ref = good ^ flags[i];
        cr_expect(lt(int, trd_order_book_audit(own), 0), "flag %u", flags[i]);
    }
    slot->ref = good;
    slot->scope = 1;
    cr_expect(lt(int, trd_order_book_audit(own), 0), "references are of no scope");
    slot->scope = 0;
    cr_expect(eq(int, trd_order_book_audit(own), 0));
    block_free(&mem);
}
