/* test_level_book.c - books of totals: life cycle, updates, views, and what they refuse. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "books.h"
#include "hook.h"

/* Small enough that a few levels reach the tree and fill the book. */
static trd_level_book_def def_of(uint32_t levels_max, uint32_t window) {
    trd_level_book_def def = trd_level_book_def_default();
    def.levels_max = levels_max;
    def.window = window;
    return def;
}

/* --- definition and life cycle --------------------------------------------------------------- */

Test(level_book, a_definition_out_of_range_is_refused_everywhere) {
    const trd_level_book_def good = trd_level_book_def_default();
    trd_level_book_def bad[12];
    for (int i = 0; i < 12; i++) {
        bad[i] = good;
    }
    bad[0].struct_size = 0;
    bad[1].struct_size = sizeof(good) + 1;
    bad[2].struct_size = UINT32_MAX;
    bad[3].levels_max = 0;
    bad[4].levels_max = 1;
    bad[5].levels_max = (1 << 24) + 1;
    bad[6].window = 0;
    bad[7].window = 32;
    bad[8].window = 96;
    bad[9].window = 131072;
    bad[10].window = 65535;
    bad[11].reserved = 1;
    block mem = block_new(trd_level_book_footprint(&good));
    for (int i = 0; i < 12; i++) {
        cr_expect(eq(sz, trd_level_book_footprint(&bad[i]), 0), "row %d", i);
        cr_expect(eq(ptr, trd_level_book_init(mem.at, &bad[i]), NULL), "row %d", i);
        cr_expect(eq(ptr, trd_level_book_create(&bad[i]), NULL), "row %d", i);
    }
    cr_expect(eq(sz, trd_level_book_footprint(NULL), 0));
    cr_expect(eq(ptr, trd_level_book_init(mem.at, NULL), NULL));
    cr_expect(eq(ptr, trd_level_book_create(NULL), NULL));
    for (size_t i = 0; i < mem.size; i++) {
        cr_assert(eq(int, (unsigned char)mem.at[i], BLOCK_FILL), "byte %zu was written", i);
    }
    block_free(&mem);
}

Test(level_book, the_limits_of_the_definition_belong_to_it) {
    static const uint32_t good[][2] = {{2, 64}, {3, 128}, {1 << 24, 64}, {2, 65536}, {8192, 1024}};
    for (int i = 0; i < 5; i++) {
        const trd_level_book_def def = def_of(good[i][0], good[i][1]);
        cr_expect(lt(sz, 0, trd_level_book_footprint(&def)), "row %d", i);
    }
}

Test(level_book, the_default_definition_makes_a_book) {
    const trd_level_book_def def = trd_level_book_def_default();
    cr_expect(eq(u32, def.struct_size, sizeof(def)));
    cr_expect(eq(u32, def.levels_max, 8192));
    cr_expect(eq(u32, def.window, 1024));
    trd_level_book *book = trd_level_book_create(&def);
    cr_assert(ne(ptr, book, NULL));
    cr_expect(eq(int, trd_level_book_set(book, TRD_BUY, 1, 1), TRD_OK));
    trd_level_book_destroy(book);
}

/* What lies behind an older caller's struct_size is not the definition's and is not looked at. */
Test(level_book, an_older_caller_gets_defaults_for_what_it_does_not_know) {
    trd_level_book_def old = def_of(100, 0);
    old.reserved = 77;
    old.mem.alloc = (void *(*)(void *, size_t, size_t))(uintptr_t)16;
    old.struct_size = offsetof(trd_level_book_def, window);
    const trd_level_book_def same = def_of(100, 1024);
    cr_expect(eq(sz, trd_level_book_footprint(&old), trd_level_book_footprint(&same)));
    trd_level_book *book = trd_level_book_create(&old);
    cr_assert(ne(ptr, book, NULL));
    trd_level_book_destroy(book);

    old.struct_size = sizeof(old.struct_size);
    const trd_level_book_def defaults = trd_level_book_def_default();
    cr_expect(eq(sz, trd_level_book_footprint(&old), trd_level_book_footprint(&defaults)));

    old = def_of(100, 64);
    old.mem.alloc = (void *(*)(void *, size_t, size_t))(uintptr_t)16;
    old.struct_size = offsetof(trd_level_book_def, mem);
    book = trd_level_book_create(&old);
    cr_assert(ne(ptr, book, NULL));
    trd_level_book_destroy(book);
}

Test(level_book, misaligned_or_no_memory_is_refused) {
    const trd_level_book_def def = def_of(10, 64);
    block mem = block_new(trd_level_book_footprint(&def) + TRD_BOOK_ALIGN);
    for (size_t off = 1; off < TRD_BOOK_ALIGN; off++) {
        cr_expect(eq(ptr, trd_level_book_init(mem.at + off, &def), NULL), "%zu", off);
    }
    cr_expect(eq(ptr, trd_level_book_init(NULL, &def), NULL));
    cr_expect(eq(int, (unsigned char)mem.at[TRD_BOOK_ALIGN], BLOCK_FILL));
    cr_expect(ne(ptr, trd_level_book_init(mem.at + TRD_BOOK_ALIGN, &def), NULL));
    block_free(&mem);
}

/* Full of levels, near and far, of both sides: nothing outside the footprint is touched. */
Test(level_book, a_book_lives_inside_its_footprint) {
    static const uint32_t shapes[][2] = {{2, 64}, {3, 64}, {999, 64}, {1000, 4096}};
    for (int s = 0; s < 4; s++) {
        const trd_level_book_def def = def_of(shapes[s][0], shapes[s][1]);
        block mem = block_new(trd_level_book_footprint(&def));
        trd_level_book *book = trd_level_book_init(mem.at, &def);
        cr_assert(eq(ptr, book, mem.at));
        for (int64_t i = 0; i < shapes[s][0]; i++) {
            const unsigned side = i % 2 == 0 ? TRD_BUY : TRD_SELL;
            cr_assert(eq(int, trd_level_book_set(book, side, i * 37 - 500, 1), TRD_OK));
        }
        cr_expect(eq(int, trd_level_book_set(book, TRD_BUY, 1000000, 1), TRD_E_FULL));
        cr_expect(eq(int, trd_level_book_audit(book), 0));
        trd_level_book_reset(book);
        cr_expect(block_guards_intact(&mem), "shape %d", s);
        block_free(&mem);
    }
}

Test(level_book, no_memory_makes_no_book) {
    hook memory = {.fail_at = 1};
    trd_level_book_def def = def_of(10, 64);
    def.mem = hook_mem(&memory);
    cr_expect(eq(ptr, trd_level_book_create(&def), NULL));
    cr_expect(eq(uint, memory.allocs, 1));
    cr_expect(eq(uint, memory.releases, 0));
}

Test(level_book, misaligned_memory_of_the_hook_is_given_back) {
    hook memory = {.shift = 8};
    trd_level_book_def def = def_of(10, 64);
    def.mem = hook_mem(&memory);
    cr_expect(eq(ptr, trd_level_book_create(&def), NULL));
    cr_expect(eq(uint, memory.releases, 1));
    cr_expect(eq(ptr, memory.at, NULL));
}

Test(level_book, allocates_once_in_create_and_never_after) {
    hook memory = {0};
    trd_level_book_def def = def_of(500, 64);
    def.mem = hook_mem(&memory);
    trd_level_book *book = trd_level_book_create(&def);
    cr_assert(ne(ptr, book, NULL));
    cr_expect(eq(uint, memory.allocs, 1));
    cr_expect(eq(sz, memory.size, trd_level_book_footprint(&def)));
    trd_level book_levels[64];
    for (int64_t i = 0; i < 2000; i++) {
        trd_level_book_set(book, TRD_SELL, i * 13 % 1777, 1 + i);
        trd_level_book_set(book, TRD_SELL, i * 7 % 1777, 0);
        trd_level_book_depth(book, TRD_SELL, book_levels, 64);
    }
    trd_level_book_trim(book, TRD_SELL, 3);
    trd_level_book_reset(book);
    cr_expect(eq(int, trd_level_book_audit(book), 0));
    cr_expect(eq(uint, memory.allocs, 1));
    cr_expect(eq(uint, memory.releases, 0));
    trd_level_book_destroy(book);
    cr_expect(eq(uint, memory.releases, 1));
    cr_expect(eq(ptr, memory.at, NULL));
}

Test(level_book, destroying_none_is_nothing) {
    trd_level_book_destroy(NULL);
}

/* Rows below leave out what is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* --- updates and views ----------------------------------------------------------------------- */

typedef struct set {
    unsigned side;
    trd_px px;
    trd_qty qty;
    int result;
} set;

static void play(trd_level_book *book, const set *sets, int count) {
    for (int i = 0; i < count; i++) {
        cr_expect(eq(int, trd_level_book_set(book, sets[i].side, sets[i].px, sets[i].qty),
                      sets[i].result),
            "set %d", i);
        cr_expect(eq(int, trd_level_book_audit(book), 0), "set %d", i);
    }
}

/* The whole side, best first, as {px, qty}. */
static void check_side(
    const trd_level_book *book, unsigned side, const trd_level *want, int count) {
    trd_level seen[64] = {0};
    cr_assert(eq(int, trd_level_book_depth(book, side, seen, 64), count));
    cr_expect(eq(int, trd_level_book_count(book, side), count));
    for (int i = 0; i < count; i++) {
        cr_expect(eq(i64, seen[i].px, want[i].px), "level %d", i);
        cr_expect(eq(i64, seen[i].qty, want[i].qty), "level %d", i);
        cr_expect(eq(u32, seen[i].count, 0), "level %d", i);
        cr_expect(eq(u32, seen[i].reserved, 0), "level %d", i);
        cr_expect(eq(i64, trd_level_book_get(book, side, want[i].px), want[i].qty));
    }
}

#define COUNT_OF(type, ...) ((int)(sizeof((const type[]){__VA_ARGS__}) / sizeof(type)))
#define PLAY(book, ...) play(book, (const set[]){__VA_ARGS__}, COUNT_OF(set, __VA_ARGS__))
#define BIDS(book, ...)                                                                            \
    check_side(book, TRD_BUY, (const trd_level[]){__VA_ARGS__}, COUNT_OF(trd_level, __VA_ARGS__))
#define ASKS(book, ...)                                                                            \
    check_side(book, TRD_SELL, (const trd_level[]){__VA_ARGS__}, COUNT_OF(trd_level, __VA_ARGS__))

static trd_level_book *book;

static void begin(void) {
    const trd_level_book_def def = def_of(10, 64);
    book = trd_level_book_create(&def);
}

static void end(void) {
    trd_level_book_destroy(book);
}

TestSuite(level_book_play, .init = begin, .fini = end);

Test(level_book_play, a_new_book_is_empty) {
    trd_level out = {.px = 7};
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        cr_expect(eq(int, trd_level_book_best(book, side, &out), 0));
        cr_expect(eq(int, trd_level_book_depth(book, side, &out, 1), 0));
        cr_expect(eq(int, trd_level_book_count(book, side), 0));
        cr_expect(eq(i64, trd_level_book_get(book, side, 0), 0));
        cr_expect(eq(int, trd_level_book_trim(book, side, 0), 0));
    }
    cr_expect(eq(i64, out.px, 7));
    cr_expect(eq(int, trd_level_book_audit(book), 0));
}

Test(level_book_play, bids_are_best_at_the_highest_price_and_asks_at_the_lowest) {
    PLAY(book, {TRD_BUY, 100, 1}, {TRD_BUY, 102, 2}, {TRD_BUY, 101, 3}, {TRD_SELL, 105, 4},
        {TRD_SELL, 103, 5}, {TRD_SELL, 104, 6});
    BIDS(book, {102, 2}, {101, 3}, {100, 1});
    ASKS(book, {103, 5}, {104, 6}, {105, 4});
    trd_level out;
    cr_expect(eq(int, trd_level_book_best(book, TRD_BUY, &out), 1));
    cr_expect(eq(i64, out.px, 102));
    cr_expect(eq(i64, out.qty, 2));
    cr_expect(eq(int, trd_level_book_best(book, TRD_SELL, &out), 1));
    cr_expect(eq(i64, out.px, 103));
    cr_expect(eq(i64, out.qty, 5));
}

Test(level_book_play, a_second_quantity_replaces_the_first) {
    PLAY(book, {TRD_BUY, 100, 5}, {TRD_BUY, 100, 7});
    BIDS(book, {100, 7});
    PLAY(book, {TRD_BUY, 100, INT64_MAX}, {TRD_BUY, 100, 1});
    BIDS(book, {100, 1});
}

Test(level_book_play, zero_removes_a_level_once) {
    PLAY(book, {TRD_BUY, 100, 5}, {TRD_BUY, 99, 5}, {TRD_BUY, 100, 0},
        {TRD_BUY, 100, 0, TRD_E_UNKNOWN}, {TRD_SELL, 99, 0, TRD_E_UNKNOWN});
    BIDS(book, {99, 5});
    PLAY(book, {TRD_BUY, 99, 0}, {TRD_BUY, 99, 0, TRD_E_UNKNOWN});
    cr_expect(eq(int, trd_level_book_count(book, TRD_BUY), 0));
    cr_expect(eq(i64, trd_level_book_get(book, TRD_BUY, 99), 0));
}

Test(level_book_play, a_crossed_or_locked_book_is_what_the_feed_said) {
    PLAY(book, {TRD_BUY, 100, 5}, {TRD_SELL, 100, 6}, {TRD_SELL, 90, 7}, {TRD_BUY, 110, 8});
    BIDS(book, {110, 8}, {100, 5});
    ASKS(book, {90, 7}, {100, 6});
}

Test(level_book_play, levels_max_is_both_sides_together_and_changes_need_no_room) {
    for (int i = 0; i < 5; i++) {
        PLAY(book, {TRD_BUY, -i * 1000, 1}, {TRD_SELL, i * 1000, 1});
    }
    PLAY(book, {TRD_BUY, 7, 1, TRD_E_FULL}, {TRD_SELL, 7, 1, TRD_E_FULL}, {TRD_BUY, -4000, 9},
        {TRD_BUY, 7, 0, TRD_E_UNKNOWN}, {TRD_SELL, 4000, 0}, {TRD_BUY, 7, 1},
        {TRD_SELL, 7, 1, TRD_E_FULL});
    BIDS(book, {7, 1}, {0, 1}, {-1000, 1}, {-2000, 1}, {-3000, 1}, {-4000, 9});
    ASKS(book, {0, 1}, {1000, 1}, {2000, 1}, {3000, 1});
}

Test(level_book_play, any_price_is_a_price) {
    PLAY(book, {TRD_BUY, 0, 1}, {TRD_BUY, INT64_MAX, 2}, {TRD_BUY, INT64_MIN, 3}, {TRD_BUY, -1, 4},
        {TRD_BUY, 1, 5});
    PLAY(book, {TRD_SELL, INT64_MIN, 1}, {TRD_SELL, 0, 2}, {TRD_SELL, INT64_MAX, 3},
        {TRD_SELL, INT64_MIN + 1, 4}, {TRD_SELL, INT64_MAX - 1, 5});
    BIDS(book, {INT64_MAX, 2}, {1, 5}, {0, 1}, {-1, 4}, {INT64_MIN, 3});
    ASKS(book, {INT64_MIN, 1}, {INT64_MIN + 1, 4}, {0, 2}, {INT64_MAX - 1, 5}, {INT64_MAX, 3});
    PLAY(book, {TRD_BUY, INT64_MAX, 0}, {TRD_SELL, INT64_MIN, 0}, {TRD_SELL, INT64_MIN + 1, 0});
    BIDS(book, {1, 5}, {0, 1}, {-1, 4}, {INT64_MIN, 3});
    ASKS(book, {0, 2}, {INT64_MAX - 1, 5}, {INT64_MAX, 3});
    PLAY(book, {TRD_BUY, 1, 0}, {TRD_BUY, 0, 0}, {TRD_BUY, -1, 0}, {TRD_SELL, 0, 0},
        {TRD_SELL, INT64_MAX - 1, 0});
    BIDS(book, {INT64_MIN, 3});
    ASKS(book, {INT64_MAX, 3});
    PLAY(book, {TRD_BUY, INT64_MIN, 0}, {TRD_SELL, INT64_MAX, 0});
    cr_expect(eq(int, trd_level_book_count(book, TRD_BUY), 0));
    cr_expect(eq(int, trd_level_book_count(book, TRD_SELL), 0));
}

Test(level_book_play, depth_gives_the_best_and_no_more_than_asked_for) {
    PLAY(book, {TRD_SELL, 5, 1}, {TRD_SELL, 500, 2}, {TRD_SELL, 50000, 3});
    trd_level out[4] = {{0}, {0}, {.px = -7}, {.px = -8}};
    cr_expect(eq(int, trd_level_book_depth(book, TRD_SELL, out, 2), 2));
    cr_expect(eq(i64, out[0].px, 5));
    cr_expect(eq(i64, out[1].px, 500));
    cr_expect(eq(i64, out[2].px, -7), "behind the two");
    cr_expect(eq(int, trd_level_book_depth(book, TRD_SELL, out, UINT32_MAX), 3));
    cr_expect(eq(i64, out[2].px, 50000));
    cr_expect(eq(i64, out[3].px, -8), "behind the three");
    cr_expect(eq(int, trd_level_book_depth(book, TRD_SELL, NULL, 0), 0));
}

/* Levels near and far: a window of 64 holds only some of them. */
Test(level_book_play, trim_keeps_the_best_levels_of_one_side) {
    PLAY(book, {TRD_BUY, 1000, 1}, {TRD_BUY, 999, 2}, {TRD_BUY, 900, 3}, {TRD_BUY, 1, 4},
        {TRD_BUY, -5000, 5}, {TRD_SELL, 2000, 6}, {TRD_SELL, 9000, 7});
    cr_expect(eq(int, trd_level_book_trim(book, TRD_BUY, 6), 0));
    cr_expect(eq(int, trd_level_book_trim(book, TRD_BUY, 5), 0));
    cr_expect(eq(int, trd_level_book_trim(book, TRD_BUY, UINT32_MAX), 0));
    cr_expect(eq(int, trd_level_book_trim(book, TRD_BUY, 4), 1));
    BIDS(book, {1000, 1}, {999, 2}, {900, 3}, {1, 4});
    cr_expect(eq(int, trd_level_book_trim(book, TRD_BUY, 1), 3));
    BIDS(book, {1000, 1});
    cr_expect(eq(int, trd_level_book_trim(book, TRD_SELL, 0), 2));
    cr_expect(eq(int, trd_level_book_count(book, TRD_SELL), 0));
    BIDS(book, {1000, 1});
    cr_expect(eq(int, trd_level_book_audit(book), 0));
    PLAY(book, {TRD_SELL, 3000, 8});
    ASKS(book, {3000, 8});
}

/* A feed of 10 levels a side that adds before it trims: room for the levels over. */
Test(level_book_play, trimmed_levels_are_room_for_new_ones) {
    for (int64_t i = 0; i < 1000; i++) {
        cr_assert(eq(int, trd_level_book_set(book, TRD_BUY, i * 17, 1), TRD_OK));
        cr_assert(eq(int, trd_level_book_trim(book, TRD_BUY, 9), i < 9 ? 0 : 1));
    }
    cr_expect(eq(int, trd_level_book_count(book, TRD_BUY), 9));
    cr_expect(eq(i64, trd_level_book_get(book, TRD_BUY, 991 * 17), 1));
    cr_expect(eq(i64, trd_level_book_get(book, TRD_BUY, 990 * 17), 0));
    cr_expect(eq(int, trd_level_book_audit(book), 0));
}

Test(level_book, a_refused_call_changes_not_a_byte) {
    static const unsigned wrong[] = {0, 3, 4, 256 + TRD_BUY, UINT32_MAX};
    const trd_level_book_def def = def_of(4, 64);
    block mem = block_new(trd_level_book_footprint(&def));
    trd_level_book *own = trd_level_book_init(mem.at, &def);
    PLAY(own, {TRD_BUY, 100, 5}, {TRD_BUY, -9000, 6}, {TRD_SELL, 101, 7}, {TRD_SELL, 9000, 8});
    char *before = malloc(mem.size);
    memcpy(before, mem.at, mem.size);
    trd_level out = {.px = 42, .qty = 42};
    for (int i = 0; i < 5; i++) {
        cr_expect(eq(int, trd_level_book_set(own, wrong[i], 100, 1), TRD_E_ARG));
        cr_expect(eq(int, trd_level_book_set(own, wrong[i], 100, 0), TRD_E_ARG));
        cr_expect(eq(int, trd_level_book_trim(own, wrong[i], 0), TRD_E_ARG));
        cr_expect(eq(int, trd_level_book_best(own, wrong[i], &out), TRD_E_ARG));
        cr_expect(eq(int, trd_level_book_depth(own, wrong[i], &out, 1), TRD_E_ARG));
        cr_expect(eq(i64, trd_level_book_get(own, wrong[i], 100), TRD_E_ARG));
        cr_expect(eq(int, trd_level_book_count(own, wrong[i]), TRD_E_ARG));
    }
    PLAY(own, {TRD_BUY, 100, -1, TRD_E_ARG}, {TRD_BUY, 100, INT64_MIN, TRD_E_ARG},
        {TRD_SELL, 5, -1, TRD_E_ARG}, {TRD_BUY, 99, 1, TRD_E_FULL}, {TRD_BUY, 101, 1, TRD_E_FULL},
        {TRD_BUY, INT64_MIN, 1, TRD_E_FULL}, {TRD_SELL, -70000, 1, TRD_E_FULL},
        {TRD_BUY, 101, 0, TRD_E_UNKNOWN}, {TRD_SELL, 9001, 0, TRD_E_UNKNOWN},
        {TRD_SELL, INT64_MIN, 0, TRD_E_UNKNOWN});
    cr_expect(eq(i64, out.px, 42));
    cr_expect(eq(i64, out.qty, 42));
    cr_expect(eq(int, memcmp(before, mem.at, mem.size), 0));
    free(before);
    block_free(&mem);
}

/* --- reset and relocation -------------------------------------------------------------------- */

/* A walk of prices over many windows, adding on top and removing behind and the other way round. */
static void walk(trd_level_book *own, int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++) {
        const trd_px px = i % 400 < 200 ? i * 11 : i * -7;
        trd_level_book_set(own, TRD_BUY, px, i + 1);
        trd_level_book_set(own, TRD_SELL, px * 3, i + 1);
        trd_level_book_set(own, TRD_BUY, px - 130, 0);
        trd_level_book_set(own, i % 3 == 0 ? TRD_BUY : TRD_SELL, px * 3 - 99, 0);
    }
}

static void check_same(const trd_level_book *one, const trd_level_book *two) {
    static trd_level of_one[1024], of_two[1024];
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        const int count = trd_level_book_depth(one, side, of_one, 1024);
        cr_assert(eq(int, trd_level_book_depth(two, side, of_two, 1024), count));
        cr_expect(levels_equal(of_one, of_two, count));
    }
}

Test(level_book, a_reset_book_goes_on_like_a_new_one) {
    const trd_level_book_def def = def_of(1000, 64);
    trd_level_book *used = trd_level_book_create(&def), *fresh = trd_level_book_create(&def);
    walk(used, 0, 5000);
    cr_assert(lt(int, 64, trd_level_book_count(used, TRD_BUY)));
    trd_level_book_reset(used);
    cr_expect(eq(int, trd_level_book_audit(used), 0));
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        trd_level out;
        cr_expect(eq(int, trd_level_book_count(used, side), 0));
        cr_expect(eq(int, trd_level_book_best(used, side, &out), 0));
    }
    walk(used, 5000, 7000);
    walk(fresh, 5000, 7000);
    cr_expect(eq(int, trd_level_book_audit(used), 0));
    check_same(used, fresh);
    trd_level_book_destroy(used);
    trd_level_book_destroy(fresh);
}

Test(level_book, a_copied_block_is_the_book) {
    const trd_level_book_def def = def_of(1000, 64);
    block mem = block_new(trd_level_book_footprint(&def));
    trd_level_book *stays = trd_level_book_create(&def);
    trd_level_book *moves = trd_level_book_init(mem.at, &def);
    for (int64_t i = 0; i < 10; i++) {
        walk(moves, i * 300, (i + 1) * 300);
        walk(stays, i * 300, (i + 1) * 300);
        mem = block_moved(&mem);
        moves = (trd_level_book *)(void *)mem.at;
        cr_assert(eq(int, trd_level_book_audit(moves), 0));
        check_same(moves, stays);
    }
    cr_expect(lt(int, 64, trd_level_book_count(moves, TRD_BUY)));
    cr_expect(block_guards_intact(&mem));
    block_free(&mem);
    trd_level_book_destroy(stays);
}

/* --- audit ----------------------------------------------------------------------------------- */

Test(level_book, the_audit_sees_a_level_without_quantity) {
    const trd_level_book_def def = def_of(10, 64);
    const trd_qty marked = INT64_C(0x1122334455667788);
    static const trd_qty damage[] = {0, -1, INT64_MIN};
    static const trd_px near_and_far[] = {1000, -9000};
    for (int i = 0; i < 3; i++) {
        for (int place = 0; place < 2; place++) {
            block mem = block_new(trd_level_book_footprint(&def));
            trd_level_book *own = trd_level_book_init(mem.at, &def);
            PLAY(own, {TRD_BUY, 1001, 1}, {TRD_BUY, near_and_far[place], marked});
            cr_assert(block_damage(&mem, marked, damage[i]));
            cr_expect(lt(int, trd_level_book_audit(own), 0), "%d %d", i, place);
            block_free(&mem);
        }
    }
}
