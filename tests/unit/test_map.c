/* test_map.c - the hash map: keys of two parts, crowded homes, and what the buckets say of them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <signal.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"

enum { BUCKETS_MAX = 1001 };

typedef struct table {
    alignas(TRD_LINE) trd_map_slot slots[BUCKETS_MAX * TRD_MAP_WAYS];
    trd_map map;
} table;

static table t;

static void make(uint32_t entries, uint64_t seed) {
    cr_assert(le(u32, trd__map_buckets(entries), BUCKETS_MAX));
    t.map = (trd_map){.seed = seed, .buckets = trd__map_buckets(entries)};
    memset(t.slots, 0, sizeof(t.slots));
}

static uint32_t home_of(uint64_t id, uint32_t scope) {
    return trd__map_home(&t.map, id, scope);
}

static uint32_t slot_of(uint64_t id, uint32_t scope) {
    return trd__map_find(&t.map, t.slots, home_of(id, scope), id, scope);
}

/* The reference of a key, 0 if it is not there. */
static uint32_t get(uint64_t id, uint32_t scope) {
    const uint32_t slot = slot_of(id, scope);
    return slot == TRD_MAP_NONE ? 0 : trd__map_ref(t.slots, slot);
}

static uint32_t put(uint64_t id, uint32_t scope, uint32_t ref) {
    return trd__map_put(&t.map, t.slots, home_of(id, scope), id, scope, ref);
}

static void erase(uint64_t id, uint32_t scope) {
    trd__map_erase(&t.map, t.slots, slot_of(id, scope));
}

static uint32_t passed(uint32_t bucket) {
    return trd__map_passed(t.slots + (size_t)bucket * TRD_MAP_WAYS);
}

static uint32_t used(uint32_t bucket) {
    return trd__map_used(t.slots + (size_t)bucket * TRD_MAP_WAYS);
}

static bool displaced(uint32_t slot) {
    return (t.slots[slot].ref & TRD_MAP_DISPLACED) != 0;
}

/* The `nth` id of scope 0 whose home is `home`. */
static uint64_t id_at(uint32_t home, uint32_t nth) {
    for (uint64_t id = 0;; id++) {
        if (home_of(id, 0) == home && nth-- == 0) {
            return id;
        }
    }
}

/* The `nth` scope in which the home of `id` is `home`. */
static uint32_t scope_at(uint64_t id, uint32_t home, uint32_t nth) {
    for (uint32_t scope = 0;; scope++) {
        if (home_of(id, scope) == home && nth-- == 0) {
            return scope;
        }
    }
}

/* Buckets without a key: no reference, no mask, no count but those that stay at 15. */
static void check_empty(void) {
    cr_expect(eq(u32, t.map.count, 0));
    for (uint32_t bucket = 0; bucket < t.map.buckets; bucket++) {
        cr_assert(eq(u32, used(bucket), 0), "bucket %u", bucket);
        cr_assert(passed(bucket) == 0 || passed(bucket) == 15, "bucket %u", bucket);
        for (uint32_t way = 0; way < TRD_MAP_WAYS; way++) {
            const uint32_t slot = bucket * TRD_MAP_WAYS + way;
            cr_assert(eq(u32, trd__map_ref(t.slots, slot), 0), "slot %u", slot);
            cr_assert(not(displaced(slot)), "slot %u", slot);
        }
    }
}

/* --- keys ------------------------------------------------------------------------------------ */

Test(map, has_two_slots_for_each_entry_or_a_few_more) {
    for (uint32_t entries = 1; entries < 3000; entries++) {
        const uint32_t slots = trd__map_buckets(entries) * TRD_MAP_WAYS;
        cr_assert(ge(u32, slots, 2 * entries), "%u", entries);
        cr_assert(le(u32, slots, 2 * entries + TRD_MAP_WAYS), "%u", entries);
    }
    cr_expect(eq(u32, trd__map_buckets(1), 1));
    cr_expect(eq(u32, trd__map_buckets(TRD_MAP_ENTRIES_MAX), (1u << 27) + 1));
}

Test(map, what_was_put_is_found_and_nothing_else) {
    make(8, 0);
    cr_expect(eq(u32, slot_of(7, 0), TRD_MAP_NONE));
    const uint32_t slot = put(7, 0, 70);
    cr_expect(eq(u32, slot_of(7, 0), slot));
    cr_expect(eq(u32, get(7, 0), 70));
    cr_expect(eq(u32, get(8, 0), 0));
    cr_expect(eq(u32, t.map.count, 1));
    erase(7, 0);
    cr_expect(eq(u32, slot_of(7, 0), TRD_MAP_NONE));
    check_empty();
}

Test(map, a_key_is_its_id_and_its_scope) {
    make(8, 3);
    put(5, 1, 51);
    put(5, 2, 52);
    put(1, 5, 15);
    cr_expect(eq(u32, get(5, 1), 51));
    cr_expect(eq(u32, get(5, 2), 52));
    cr_expect(eq(u32, get(1, 5), 15));
    cr_expect(eq(u32, get(2, 5), 0));
    cr_expect(eq(u32, get(5, 0), 0));
    erase(5, 1);
    cr_expect(eq(u32, get(5, 1), 0));
    cr_expect(eq(u32, get(5, 2), 52));
}

/* Ids and scopes with all bits set or none are keys like others: an empty slot is known by its
 * reference. One bucket holds all four. */
Test(map, extreme_keys_and_references_are_like_others) {
    make(1, UINT64_MAX);
    cr_expect(eq(u32, slot_of(0, 0), TRD_MAP_NONE), "the id of a slot never used");
    put(0, 0, 1);
    put(UINT64_MAX, 0, TRD_MAP_REF);
    put(0, UINT32_MAX, TRD_MAP_REF - 1);
    put(UINT64_MAX, UINT32_MAX, TRD_MAP_REF);
    cr_expect(eq(u32, get(0, 0), 1));
    cr_expect(eq(u32, get(UINT64_MAX, 0), TRD_MAP_REF));
    cr_expect(eq(u32, get(0, UINT32_MAX), TRD_MAP_REF - 1));
    cr_expect(eq(u32, get(UINT64_MAX, UINT32_MAX), TRD_MAP_REF));
    cr_expect(eq(u32, used(0), 15));
    cr_expect(eq(u32, passed(0), 0));
    erase(0, 0);
    erase(UINT64_MAX, UINT32_MAX);
    cr_expect(eq(u32, used(0), 6));
    cr_expect(eq(u32, get(UINT64_MAX, 0), TRD_MAP_REF));
    cr_expect(eq(u32, get(0, UINT32_MAX), TRD_MAP_REF - 1));
}

Test(map, every_bucket_is_a_home_and_the_last_one_is_followed_by_the_first) {
    static const uint32_t buckets[] = {1, 2, 3, 7, 64, 1001};
    for (int b = 0; b < 6; b++) {
        const trd_map map = {.seed = 11, .buckets = buckets[b]};
        uint32_t keys[1001] = {0};
        for (uint64_t id = 0; id < 50 * buckets[b]; id++) {
            const uint32_t home = trd__map_home(&map, id, 3);
            cr_assert(lt(u32, home, buckets[b]));
            keys[home]++;
        }
        for (uint32_t at = 0; at < buckets[b]; at++) {
            cr_expect(lt(u32, 0, keys[at]), "%u of %u", at, buckets[b]);
            cr_expect(eq(u32, trd__map_after(&map, at), (at + 1) % buckets[b]));
        }
    }
}

Test(map, the_seed_decides_the_homes) {
    const trd_map one = {.seed = 1, .buckets = 4000}, two = {.seed = 2, .buckets = 4000};
    int same = 0;
    for (uint64_t id = 0; id < 100; id++) {
        same += trd__map_home(&one, id, 0) == trd__map_home(&two, id, 0);
    }
    cr_expect(lt(int, same, 3));
}

/* The comparison of ids alone settles nothing here: it sees up to four in the bucket. */
Test(map, one_id_of_many_scopes_in_one_bucket_is_many_keys) {
    for (uint32_t gone = 0; gone < 6; gone++) {
        make(20, 5);
        const uint32_t home = 4;
        uint32_t scopes[7];
        for (uint32_t i = 0; i < 7; i++) {
            scopes[i] = scope_at(77, home, i);
        }
        for (uint32_t i = 0; i < 6; i++) {
            cr_expect(eq(u32, get(77, scopes[i]), 0));
            put(77, scopes[i], i + 1);
        }
        erase(77, scopes[gone]);
        for (uint32_t i = 0; i < 6; i++) {
            cr_expect(eq(u32, get(77, scopes[i]), i == gone ? 0 : i + 1), "%u of %u", i, gone);
        }
        cr_expect(eq(u32, slot_of(77, scopes[6]), TRD_MAP_NONE));
    }
}

/* An emptied slot keeps its id; the key is gone all the same. */
Test(map, an_id_left_behind_in_an_emptied_slot_is_no_key) {
    for (uint32_t way = 0; way < TRD_MAP_WAYS; way++) {
        make(20, 5);
        uint64_t ids[TRD_MAP_WAYS];
        for (uint32_t i = 0; i < TRD_MAP_WAYS; i++) {
            ids[i] = id_at(3, i);
            cr_assert(eq(u32, put(ids[i], 0, i + 1), 3 * TRD_MAP_WAYS + i));
        }
        erase(ids[way], 0);
        cr_expect(eq(u64, t.slots[3 * TRD_MAP_WAYS + way].id, ids[way]), "left behind");
        cr_expect(eq(u32, slot_of(ids[way], 0), TRD_MAP_NONE));
        cr_expect(eq(u32, used(3), 15 & ~(1u << way)));
        cr_expect(eq(u32, put(ids[way], 0, 9), 3 * TRD_MAP_WAYS + way));
        cr_expect(eq(u32, get(ids[way], 0), 9));
    }
}

/* What is left behind comes first: in the same bucket, and in one before. */
Test(map, an_id_left_behind_does_not_hide_the_same_id_of_another_scope) {
    make(20, 5);
    uint32_t scopes[6];
    for (uint32_t i = 0; i < 6; i++) {
        scopes[i] = scope_at(77, 3, i);
        put(77, scopes[i], i + 1);
    }
    for (uint32_t i = 0; i < 3; i++) {
        erase(77, scopes[i]);
    }
    for (uint32_t i = 0; i < 6; i++) {
        cr_expect(eq(u32, get(77, scopes[i]), i < 3 ? 0 : i + 1), "scope %u", i);
    }
    erase(77, scopes[3]);
    cr_expect(eq(u32, used(3), 0));
    cr_expect(eq(u32, get(77, scopes[4]), 5), "in the bucket behind the empty home");
    cr_expect(eq(u32, get(77, scopes[5]), 6));
}

/* --- displaced keys -------------------------------------------------------------------------- */

Test(map, a_key_of_a_full_home_goes_on_and_is_counted_where_it_passed) {
    make(40, 1);
    uint64_t ids[12];
    for (uint32_t i = 0; i < 12; i++) {
        ids[i] = id_at(6, i);
        const uint32_t slot = put(ids[i], 0, i + 1);
        cr_expect(eq(u32, slot, 6 * TRD_MAP_WAYS + i), "four in each of three buckets");
        cr_expect(eq(int, displaced(slot), i >= 4));
        cr_expect(eq(u32, passed(6), i < 4 ? 0 : i - 3));
        cr_expect(eq(u32, passed(7), i < 8 ? 0 : i - 7));
        cr_expect(eq(u32, passed(8), 0));
    }
    for (uint32_t i = 0; i < 12; i++) {
        cr_expect(eq(u32, get(ids[i], 0), i + 1));
    }
    erase(ids[0], 0);
    cr_expect(eq(u32, passed(6), 8), "a key at home has passed nobody");
    erase(ids[5], 0);
    cr_expect(eq(u32, passed(6), 7));
    cr_expect(eq(u32, passed(7), 4));
    erase(ids[9], 0);
    cr_expect(eq(u32, passed(6), 6));
    cr_expect(eq(u32, passed(7), 3));
    cr_expect(eq(u32, get(ids[11], 0), 12), "past the gaps");
    cr_expect(eq(u32, slot_of(ids[11], 0), 6 * TRD_MAP_WAYS + 11), "and where it was");
    for (uint32_t i = 1; i < 12; i++) {
        if (i != 5 && i != 9) {
            erase(ids[i], 0);
        }
    }
    check_empty();
    cr_expect(eq(u32, passed(6), 0));
    cr_expect(eq(u32, passed(7), 0));
}

/* A slot emptied and filled again has no mark of the key before. */
Test(map, a_slot_of_a_displaced_key_can_become_one_of_a_key_at_home) {
    make(40, 1);
    for (uint32_t i = 0; i < 5; i++) {
        put(id_at(6, i), 0, i + 1);
    }
    const uint32_t slot = slot_of(id_at(6, 4), 0);
    cr_assert(displaced(slot));
    erase(id_at(6, 4), 0);
    cr_expect(eq(u32, put(id_at(7, 0), 0, 70), slot));
    cr_expect(not(displaced(slot)));
    cr_expect(eq(u32, passed(6), 0));
    erase(id_at(7, 0), 0);
    cr_expect(eq(u32, passed(6), 0));
}

Test(map, the_first_bucket_takes_what_the_last_one_has_no_room_for) {
    make(20, 9);
    const uint32_t last = t.map.buckets - 1;
    uint64_t ids[9];
    for (uint32_t i = 0; i < 9; i++) {
        ids[i] = id_at(last, i);
        const uint32_t bucket = put(ids[i], 0, i + 1) / TRD_MAP_WAYS;
        cr_expect(eq(u32, bucket, i < 4 ? last : i < 8 ? 0 : 1));
    }
    cr_expect(eq(u32, passed(last), 5));
    cr_expect(eq(u32, passed(0), 1));
    const uint64_t at_home = id_at(0, 0);
    cr_expect(eq(u32, put(at_home, 0, 50) / TRD_MAP_WAYS, 1));
    cr_expect(eq(u32, passed(0), 2));
    for (uint32_t i = 0; i < 9; i++) {
        cr_expect(eq(u32, get(ids[i], 0), i + 1));
        erase(ids[i], 0);
    }
    cr_expect(eq(u32, get(at_home, 0), 50));
    erase(at_home, 0);
    check_empty();
    cr_expect(eq(u32, passed(last), 0));
    cr_expect(eq(u32, passed(0), 0));
}

/* Fourteen are counted down again. */
Test(map, a_count_below_fifteen_goes_back_to_zero) {
    enum { KEYS = 4 + 14 };
    make(KEYS * 2, 2);
    for (uint32_t i = 0; i < KEYS; i++) {
        put(id_at(5, i), 0, i + 1);
    }
    cr_expect(eq(u32, passed(5), 14));
    for (uint32_t i = KEYS; i-- > 0;) {
        erase(id_at(5, i), 0);
    }
    check_empty();
    cr_expect(eq(u32, passed(5), 0));
}

/* The count cannot know how many more there were, so it stays; nothing else is touched by it. */
Test(map, a_count_of_fifteen_stays_and_the_map_still_finds_all_and_only_what_is_there) {
    enum { KEYS = 4 + 40 };
    make(KEYS, 2);
    uint64_t ids[KEYS + 1];
    for (uint32_t i = 0; i <= KEYS; i++) {
        ids[i] = id_at(5, i);
    }
    for (uint32_t i = 0; i < KEYS; i++) {
        put(ids[i], 0, TRD_MAP_REF - i);
        cr_expect(eq(u32, passed(5), i < 4 ? 0 : i < 4 + 15 ? i - 3 : 15));
    }
    for (uint32_t i = 0; i < KEYS; i++) {
        cr_assert(eq(u32, get(ids[i], 0), TRD_MAP_REF - i));
    }
    cr_expect(eq(u32, slot_of(ids[KEYS], 0), TRD_MAP_NONE));
    for (uint32_t i = 0; i < KEYS; i++) {
        erase(ids[i], 0);
        cr_expect(eq(u32, passed(5), 15));
        for (uint32_t left = i + 1; left < KEYS; left++) {
            cr_assert(eq(u32, get(ids[left], 0), TRD_MAP_REF - left));
        }
    }
    check_empty();
    cr_expect(eq(u32, slot_of(ids[0], 0), TRD_MAP_NONE));
    for (uint32_t i = 0; i < KEYS; i++) {
        put(ids[i], 0, i + 1);
        cr_assert(eq(u32, get(ids[i], 0), i + 1));
        cr_expect(eq(u32, passed(5), 15));
    }
}

/* Every way to crowd ten keys around the end of six buckets, and every one of them erased: the
 * others are found in the slots they were put in. */
Test(map, nothing_moves_whatever_is_erased) {
    enum { KEYS = 10 };
    make(KEYS, 9);
    const uint32_t last = t.map.buckets - 1;
    cr_assert(eq(u32, last, 5));
    uint64_t ids[2][KEYS];
    for (uint32_t nth = 0; nth < KEYS; nth++) {
        ids[0][nth] = id_at(last, nth);
        ids[1][nth] = id_at(0, nth);
    }
    for (int way = 0; way < 1 << KEYS; way++) {
        for (uint32_t gone = 0; gone < KEYS; gone++) {
            uint32_t slots[KEYS];
            make(KEYS, 9);
            for (uint32_t k = 0; k < KEYS; k++) {
                slots[k] = put(ids[way >> k & 1][k], 0, k + 1);
            }
            erase(ids[way >> gone & 1][gone], 0);
            cr_assert(eq(int, trd__map_audit(&t.map, t.slots), 0), "way %d without %u", way, gone);
            for (uint32_t k = 0; k < KEYS; k++) {
                const uint32_t want = k == gone ? TRD_MAP_NONE : slots[k];
                cr_assert(slot_of(ids[way >> k & 1][k], 0) == want, "way %d without %u: key %u",
                    way, gone, k);
                cr_assert(k == gone || trd__map_ref(t.slots, want) == k + 1);
            }
        }
    }
}

/* --- full ones ------------------------------------------------------------------------------- */

/* The worst that can be: all keys of a small map at one home, whichever it is. */
Test(map, a_tiny_one_holds_its_entries_at_any_home) {
    for (uint32_t entries = 1; entries <= 16; entries++) {
        make(entries, 3);
        const uint32_t buckets = t.map.buckets;
        for (uint32_t home = 0; home < buckets; home++) {
            make(entries, 3);
            for (int round = 0; round < 3; round++) {
                for (uint32_t i = 0; i < entries; i++) {
                    const uint32_t slot = put(id_at(home, i), 0, i + 1);
                    cr_assert(eq(u32, slot / TRD_MAP_WAYS, (home + i / 4) % buckets));
                }
                cr_expect(eq(u32, t.map.count, entries));
                for (uint32_t i = 0; i < entries; i++) {
                    cr_assert(eq(u32, get(id_at(home, i), 0), i + 1));
                }
                cr_expect(eq(u32, slot_of(id_at(home, entries), 0), TRD_MAP_NONE));
                for (uint32_t i = 0; i < entries; i++) {
                    erase(id_at(home, round == 1 ? entries - 1 - i : i), 0);
                }
                check_empty();
            }
        }
    }
}

Test(map, a_full_one_finds_all_and_misses_what_is_not_there) {
    enum { ENTRIES = 2000 };
    make(ENTRIES, 42);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        put(i * UINT64_C(0x100000001), i % 7, i + 1);
    }
    cr_expect(eq(u32, t.map.count, ENTRIES));
    for (uint32_t i = 0; i < ENTRIES; i++) {
        cr_assert(eq(u32, get(i * UINT64_C(0x100000001), i % 7), i + 1));
        cr_assert(eq(u32, get(i * UINT64_C(0x100000001), i % 7 + 7), 0));
    }
    for (uint32_t i = 0; i < ENTRIES; i++) {
        erase(i * UINT64_C(0x100000001), i % 7);
    }
    check_empty();
}

/* All slots in use and every count above zero: a miss goes round once and ends. */
Test(map, a_search_of_a_map_without_an_empty_slot_ends) {
    make(6, 4);
    const uint32_t slots = t.map.buckets * TRD_MAP_WAYS;
    for (uint32_t i = 0; i < slots; i++) {
        put(i, 0, i + 1);
    }
    for (uint32_t bucket = 0; bucket < t.map.buckets; bucket++) {
        t.slots[bucket * TRD_MAP_WAYS].ref |= UINT32_C(15) << TRD_MAP_BUCKET_SHIFT;
    }
    for (uint32_t i = 0; i < slots; i++) {
        cr_expect(eq(u32, get(i, 0), i + 1));
    }
    cr_expect(eq(u32, slot_of(slots, 0), TRD_MAP_NONE));
}

/* --- audit ----------------------------------------------------------------------------------- */

/* Breaks one thing of a good map, sees the audit say so, and puts it back. */
#define BREAK(place, value)                                                                        \
    do {                                                                                           \
        const __typeof__(place) kept = (place);                                                    \
        (place) = (__typeof__(place))(value);                                                      \
        cr_expect(lt(int, trd__map_audit(&t.map, t.slots), 0), #place " = " #value);               \
        (place) = kept;                                                                            \
    } while (0)

/* Nine keys of one home: it, the bucket behind and one slot of the third. The bucket before the
 * home and the second slot of the third are empty. */
Test(map, the_audit_sees_every_field_that_is_wrong) {
    enum { HOME = 6 };
    make(40, 1);
    for (uint32_t i = 0; i < 9; i++) {
        put(id_at(HOME, i), 0, i + 1);
    }
    trd_map_slot *before = t.slots + (HOME - 1) * TRD_MAP_WAYS;
    trd_map_slot *home = before + TRD_MAP_WAYS;
    trd_map_slot *behind = home + TRD_MAP_WAYS;
    trd_map_slot *third = behind + TRD_MAP_WAYS;
    const uint32_t passed_one = UINT32_C(1) << TRD_MAP_BUCKET_SHIFT;
    cr_assert(eq(int, trd__map_audit(&t.map, t.slots), 0));

    BREAK(t.map.count, 8);
    BREAK(t.map.count, 10);
    BREAK(t.map.seed, 2);
    BREAK(home[0].id, id_at(HOME + 1, 0));
    BREAK(home[1].id, home[0].id);
    BREAK(behind[2].id, home[2].id);
    BREAK(home[3].scope, scope_at(home[3].id, HOME + 2, 0));
    BREAK(third[0].scope, scope_at(third[0].id, HOME + 2, 0));
    BREAK(home[0].ref, home[0].ref & ~(uint32_t)TRD_MAP_REF);
    BREAK(home[3].ref, 0);
    BREAK(before[2].ref, 5);
    BREAK(home[0].ref, home[0].ref | TRD_MAP_DISPLACED);
    BREAK(behind[3].ref, behind[3].ref & ~(uint32_t)TRD_MAP_DISPLACED);
    BREAK(before[0].ref, TRD_MAP_DISPLACED);
    BREAK(home[0].ref, home[0].ref - passed_one);
    BREAK(home[0].ref, home[0].ref + passed_one);
    BREAK(home[0].ref, home[0].ref & (uint32_t)TRD_MAP_REF);
    BREAK(behind[0].ref, behind[0].ref - passed_one);
    BREAK(behind[0].ref, behind[0].ref + passed_one);
    BREAK(third[0].ref, third[0].ref + passed_one);
    BREAK(before[0].ref, before[0].ref + passed_one);
    for (uint32_t way = 0; way < TRD_MAP_WAYS; way++) {
        BREAK(home[1].ref, home[1].ref ^ passed_one << way);
        BREAK(third[1].ref, third[1].ref ^ passed_one << way);
        BREAK(home[2].ref, home[2].ref | passed_one << way);
        BREAK(before[3].ref, before[3].ref | passed_one << way);
    }
    cr_expect(eq(int, trd__map_audit(&t.map, t.slots), 0), "all is put back");

    for (uint32_t i = 0; i < 9; i++) {
        erase(id_at(HOME, i), 0);
        cr_expect(eq(int, trd__map_audit(&t.map, t.slots), 0), "without %u", i);
    }
}

/* The same around the end: passed are the last bucket and the first. */
Test(map, the_audit_counts_around_the_end) {
    make(40, 1);
    const uint32_t last = t.map.buckets - 1;
    for (uint32_t i = 0; i < 9; i++) {
        put(id_at(last, i), 0, i + 1);
    }
    cr_assert(eq(int, trd__map_audit(&t.map, t.slots), 0));
    BREAK(t.slots[0].ref, t.slots[0].ref ^ UINT32_C(3) << TRD_MAP_BUCKET_SHIFT);
    BREAK(t.slots[last * 4].ref, t.slots[last * 4].ref ^ UINT32_C(3) << TRD_MAP_BUCKET_SHIFT);
    BREAK(t.slots[0].ref, t.slots[0].ref & ~(uint32_t)TRD_MAP_DISPLACED);
}

/* --- mistakes -------------------------------------------------------------------------------- */

Test(map, a_key_more_than_there_are_slots_is_a_mistake, .signal = SIGABRT) {
    make(1, 0);
    for (uint32_t i = 0; i <= TRD_MAP_WAYS; i++) {
        put(i, 0, 1);
    }
}

Test(map, erasing_an_empty_slot_is_a_mistake, .signal = SIGABRT) {
    make(8, 0);
    const uint32_t slot = put(1, 0, 1);
    trd__map_erase(&t.map, t.slots, slot);
    trd__map_erase(&t.map, t.slots, slot);
}
