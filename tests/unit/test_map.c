/* test_map.c - the hash map: keys of two parts, crowded homes, and gaps that close. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <signal.h>
#include <stdlib.h>

#include "core/map.h"

enum { SLOTS_MAX = 4096 };

typedef struct table {
    trd_map map;
    trd_map_slot slots[SLOTS_MAX];
} table;

static void make(table *t, uint32_t entries, uint64_t seed) {
    t->map = (trd_map){.seed = seed, .capacity = trd__map_capacity(entries)};
    memset(t->slots, 0, sizeof(t->slots));
}

static uint32_t slot_of(const table *t, uint64_t id, uint32_t scope) {
    return trd__map_find(&t->map, t->slots, id, scope, trd__map_hash(&t->map, id, scope));
}

static uint32_t get(const table *t, uint64_t id, uint32_t scope) {
    return t->slots[slot_of(t, id, scope)].ref;
}

static void put(table *t, uint64_t id, uint32_t scope, uint32_t ref) {
    trd__map_put(&t->map, t->slots, slot_of(t, id, scope), id, scope, ref);
}

static void erase(table *t, uint64_t id, uint32_t scope) {
    trd__map_erase(&t->map, t->slots, slot_of(t, id, scope));
}

Test(map, has_twice_as_many_slots_as_entries_and_never_none_empty) {
    cr_expect(eq(u32, trd__map_capacity(1), 4));
    cr_expect(eq(u32, trd__map_capacity(1000), 2002));
    cr_expect(eq(u32, trd__map_capacity(1 << 28), (1u << 29) + 2));
}

Test(map, what_was_put_is_found_and_nothing_else) {
    table t;
    make(&t, 8, 0);
    cr_expect(eq(u32, get(&t, 7, 0), 0));
    put(&t, 7, 0, 70);
    cr_expect(eq(u32, get(&t, 7, 0), 70));
    cr_expect(eq(u32, get(&t, 8, 0), 0));
    cr_expect(eq(u32, t.map.count, 1));
    erase(&t, 7, 0);
    cr_expect(eq(u32, get(&t, 7, 0), 0));
    cr_expect(eq(u32, t.map.count, 0));
}

Test(map, a_key_is_its_id_and_its_scope) {
    table t;
    make(&t, 8, 3);
    put(&t, 5, 1, 51);
    put(&t, 5, 2, 52);
    put(&t, 1, 5, 15);
    cr_expect(eq(u32, get(&t, 5, 1), 51));
    cr_expect(eq(u32, get(&t, 5, 2), 52));
    cr_expect(eq(u32, get(&t, 1, 5), 15));
    cr_expect(eq(u32, get(&t, 2, 5), 0));
    cr_expect(eq(u32, get(&t, 5, 0), 0));
    erase(&t, 5, 1);
    cr_expect(eq(u32, get(&t, 5, 1), 0));
    cr_expect(eq(u32, get(&t, 5, 2), 52));
}

/* Ids and scopes with all bits set or none are keys like others: an empty slot is known by its
 * reference. */
Test(map, extreme_keys_are_keys) {
    table t;
    make(&t, 8, UINT64_MAX);
    cr_expect(eq(u32, get(&t, 0, 0), 0));
    put(&t, 0, 0, 1);
    put(&t, UINT64_MAX, 0, 2);
    put(&t, 0, UINT32_MAX, 3);
    put(&t, UINT64_MAX, UINT32_MAX, UINT32_MAX);
    cr_expect(eq(u32, get(&t, 0, 0), 1));
    cr_expect(eq(u32, get(&t, UINT64_MAX, 0), 2));
    cr_expect(eq(u32, get(&t, 0, UINT32_MAX), 3));
    cr_expect(eq(u32, get(&t, UINT64_MAX, UINT32_MAX), UINT32_MAX));
}

Test(map, homes_are_slots_and_the_last_one_is_followed_by_the_first) {
    trd_map map = {.capacity = 10};
    cr_expect(eq(u32, trd__map_home(&map, 0), 0));
    cr_expect(eq(u32, trd__map_home(&map, UINT32_MAX), 9));
    cr_expect(eq(u32, trd__map_home(&map, UINT32_C(1) << 31), 5));
    cr_expect(eq(u32, trd__map_after(&map, 0), 1));
    cr_expect(eq(u32, trd__map_after(&map, 8), 9));
    cr_expect(eq(u32, trd__map_after(&map, 9), 0));
}

Test(map, the_seed_decides_the_homes) {
    trd_map one = {.seed = 1, .capacity = 4000}, two = {.seed = 2, .capacity = 4000};
    int same = 0;
    for (uint64_t id = 0; id < 100; id++) {
        same += trd__map_hash(&one, id, 0) == trd__map_hash(&two, id, 0);
    }
    cr_expect(lt(int, same, 3));
}

/* The `nth` id whose home is `home`. */
static uint64_t id_at_home(const table *t, uint32_t home, uint32_t nth) {
    for (uint64_t id = 0;; id++) {
        if (trd__map_home(&t->map, trd__map_hash(&t->map, id, 0)) == home && nth-- == 0) {
            return id;
        }
    }
}

/* Every way to crowd five keys around the end of ten slots, and every one of them erased: the
 * others are still found, and the slot is free again. */
Test(map, a_gap_closes_whatever_the_homes_behind_it_are) {
    enum { KEYS = 5, HOMES = 4 };
    table t;
    make(&t, KEYS - 1, 9);
    cr_assert(eq(u32, t.map.capacity, 10));
    static const uint32_t homes[HOMES] = {8, 9, 0, 1};
    uint64_t ids[HOMES][KEYS];
    for (uint32_t h = 0; h < HOMES; h++) {
        for (uint32_t nth = 0; nth < KEYS; nth++) {
            ids[h][nth] = id_at_home(&t, homes[h], nth);
        }
    }
    for (int way = 0; way < 1 << 2 * KEYS; way++) {
        for (uint32_t gone = 0; gone < KEYS; gone++) {
            make(&t, KEYS - 1, 9);
            for (uint32_t k = 0; k < KEYS; k++) {
                put(&t, ids[way >> 2 * k & 3][k], 0, k + 1);
            }
            erase(&t, ids[way >> 2 * gone & 3][gone], 0);
            uint32_t used = 0;
            for (uint32_t at = 0; at < t.map.capacity; at++) {
                used += t.slots[at].ref != 0;
            }
            cr_assert(eq(u32, used, KEYS - 1), "way %d without %u", way, gone);
            for (uint32_t k = 0; k < KEYS; k++) {
                const uint32_t want = k == gone ? 0 : k + 1;
                cr_assert(eq(u32, get(&t, ids[way >> 2 * k & 3][k], 0), want),
                    "way %d without %u: key %u", way, gone, k);
            }
        }
    }
}

Test(map, a_full_one_finds_all_and_misses_what_is_not_there) {
    enum { ENTRIES = 2000 };
    static table t;
    make(&t, ENTRIES, 42);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        put(&t, i * UINT64_C(0x100000001), i % 7, i + 1);
    }
    cr_expect(eq(u32, t.map.count, ENTRIES));
    for (uint32_t i = 0; i < ENTRIES; i++) {
        cr_assert(eq(u32, get(&t, i * UINT64_C(0x100000001), i % 7), i + 1));
        cr_assert(eq(u32, get(&t, i * UINT64_C(0x100000001), i % 7 + 7), 0));
    }
    for (uint32_t i = 0; i < ENTRIES; i++) {
        erase(&t, i * UINT64_C(0x100000001), i % 7);
    }
    cr_expect(eq(u32, t.map.count, 0));
    for (uint32_t at = 0; at < t.map.capacity; at++) {
        cr_assert(eq(u32, t.slots[at].ref, 0));
    }
}

Test(map, a_reference_of_zero_is_a_mistake, .signal = SIGABRT) {
    table t;
    make(&t, 2, 0);
    put(&t, 1, 0, 0);
}
