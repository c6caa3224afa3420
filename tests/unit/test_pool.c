/* test_pool.c - the free list hands out each slot once and notices mistakes (core/pool.h). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>

#include "core/pool.h"
#include "draw.h"

enum { CAPACITY = 100 };

static _Alignas(8) unsigned char memory[16 + CAPACITY * 4 + 8];

static trd_pool *pool_of(uint32_t capacity) {
    cr_assert(le(sz, trd__pool_footprint(capacity), sizeof(memory)));
    return trd__pool_init(memory, capacity);
}

Test(pool, footprint_is_the_head_and_four_bytes_per_slot) {
    cr_assert(eq(sz, trd__pool_footprint(0), 0));
    cr_assert(eq(sz, trd__pool_footprint(UINT32_MAX), 0));
    cr_assert(ge(sz, trd__pool_footprint(1), 16 + 4));
    cr_assert(le(sz, trd__pool_footprint(1000), 16 + 4000 + 8));
    cr_assert(
        ge(sz, trd__pool_footprint(TRD_POOL_CAPACITY_MAX), 16 + 4 * (size_t)TRD_POOL_CAPACITY_MAX));
}

Test(pool, a_new_pool_gives_its_slots_in_ascending_order) {
    trd_pool *pool = pool_of(4);
    for (uint32_t i = 0; i < 4; i++) {
        cr_assert(eq(u32, trd__pool_alloc(pool), i));
        cr_assert(eq(u32, trd__pool_count(pool), i + 1));
    }
    cr_assert(eq(int, trd__pool_audit(pool), 0));
}

Test(pool, an_exhausted_pool_says_so_and_stays_usable) {
    trd_pool *pool = pool_of(2);
    trd__pool_alloc(pool);
    trd__pool_alloc(pool);
    cr_assert(eq(u32, trd__pool_alloc(pool), TRD_POOL_NONE));
    cr_assert(eq(u32, trd__pool_alloc(pool), TRD_POOL_NONE));
    cr_assert(eq(u32, trd__pool_count(pool), 2));
    trd__pool_release(pool, 0);
    cr_assert(eq(u32, trd__pool_alloc(pool), 0));
    cr_assert(eq(int, trd__pool_audit(pool), 0));
}

Test(pool, the_slot_released_last_goes_first) {
    trd_pool *pool = pool_of(4);
    for (int i = 0; i < 4; i++) {
        trd__pool_alloc(pool);
    }
    trd__pool_release(pool, 3);
    trd__pool_release(pool, 0);
    trd__pool_release(pool, 2);
    cr_assert(eq(u32, trd__pool_alloc(pool), 2));
    cr_assert(eq(u32, trd__pool_alloc(pool), 0));
    cr_assert(eq(u32, trd__pool_alloc(pool), 3));
}

Test(pool, a_reset_pool_is_like_a_new_one) {
    trd_pool *pool = pool_of(3);
    trd__pool_alloc(pool);
    trd__pool_alloc(pool);
    trd__pool_release(pool, 0);
    trd__pool_reset(pool);
    cr_assert(eq(u32, trd__pool_count(pool), 0));
    for (uint32_t i = 0; i < 3; i++) {
        cr_assert(eq(u32, trd__pool_alloc(pool), i));
    }
}

Test(pool, releasing_a_slot_twice_is_our_mistake, .signal = SIGABRT) {
    trd_pool *pool = pool_of(4);
    trd__pool_alloc(pool);
    trd__pool_alloc(pool);
    trd__pool_release(pool, 1);
    trd__pool_release(pool, 1);
}

Test(pool, releasing_a_slot_never_handed_out_is_our_mistake, .signal = SIGABRT) {
    trd__pool_release(pool_of(4), 2);
}

Test(pool, releasing_a_slot_beyond_the_end_is_our_mistake, .signal = SIGABRT) {
    trd__pool_release(pool_of(4), 4);
}

/* The links as a double release without the assertion would leave them, and other damage. */
Test(pool, audit_finds_a_damaged_list) {
    trd_pool *pool = pool_of(4);
    const uint32_t used = trd__pool_alloc(pool);
    cr_assert(eq(int, trd__pool_audit(pool), 0));

    pool->next[3] = 1; /* a circle */
    cr_assert(lt(int, trd__pool_audit(pool), 0));
    pool->next[3] = TRD_POOL_NONE;

    pool->next[used] = TRD_POOL_NONE; /* neither on the list nor marked */
    cr_assert(lt(int, trd__pool_audit(pool), 0));
    pool->next[used] = TRD_POOL_USED;

    pool->next[1] = 3; /* skips a free slot */
    cr_assert(lt(int, trd__pool_audit(pool), 0));
    pool->next[1] = 2;

    pool->next[1] = 77; /* leaves the table */
    cr_assert(lt(int, trd__pool_audit(pool), 0));
    pool->next[1] = 2;

    pool->count = 5;
    cr_assert(lt(int, trd__pool_audit(pool), 0));
    pool->count = 1;
    cr_assert(eq(int, trd__pool_audit(pool), 0));
}

/* Against a plain stack of free slots. Each run draws its capacity and its odds. */
Test(pool, random_life_equals_a_stack) {
    draw rng = draw_seeded(3);
    for (int run = 0; run < 200; run++) {
        const uint32_t capacity = (uint32_t)draw_in(&rng, 1, CAPACITY);
        const uint64_t alloc_percent = (uint64_t)draw_in(&rng, 5, 95);
        trd_pool *pool = pool_of(capacity);
        uint32_t stack[CAPACITY], used[CAPACITY], depth = 0, used_count = 0;
        while (depth < capacity) {
            stack[depth] = capacity - 1 - depth;
            depth++;
        }
        for (int step = 0; step < 300; step++) {
            if (draw_chance(&rng, alloc_percent)) {
                const uint32_t slot = trd__pool_alloc(pool);
                cr_assert(eq(u32, slot, depth > 0 ? stack[--depth] : TRD_POOL_NONE));
                if (slot != TRD_POOL_NONE) {
                    used[used_count++] = slot;
                }
            } else if (used_count > 0) {
                const uint64_t at = draw_below(&rng, used_count);
                const uint32_t slot = used[at];
                used[at] = used[--used_count];
                cr_assert(trd__pool_is_used(pool, slot));
                trd__pool_release(pool, slot);
                cr_assert(not(trd__pool_is_used(pool, slot)));
                stack[depth++] = slot;
            }
            cr_assert(eq(u32, trd__pool_count(pool), used_count));
        }
        cr_assert(eq(int, trd__pool_audit(pool), 0), "run %d", run);
    }
}
