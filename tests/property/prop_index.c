/* prop_index.c - bitmap, hash map and far tree, each against an array that is searched linearly.
 *
 * Every run draws its own sizes and odds, so that some runs stay nearly empty, some nearly full,
 * and some keep all their keys in a few words, homes or nodes. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "book/far.h"
#include "core/bitmap.h"
#include "core/map.h"
#include "draw.h"

/* --- bitmap ---------------------------------------------------------------------------------- */

static int32_t naive_prev(const bool *set, uint32_t at) {
    int32_t i = (int32_t)at;
    while (i >= 0 && !set[i]) {
        i--;
    }
    return i;
}

static int32_t naive_next(const bool *set, uint32_t bits, uint32_t at) {
    uint32_t i = at;
    while (i < bits && !set[i]) {
        i++;
    }
    return i < bits ? (int32_t)i : -1;
}

Test(bitmap, neighbours_are_those_of_a_row_of_flags) {
    draw d = draw_seeded(1);
    static bool set[TRD_BITMAP_BITS_MAX];
    static uint64_t words[4096 + 64 + 1];
    for (int run = 0; run < 150; run++) {
        const uint32_t bits = (uint32_t)draw_in(&d, 1, draw_chance(&d, 10) ? 4096 : 200) * 64;
        const uint32_t span = (uint32_t)draw_in(&d, 1, bits); /* where most of it happens */
        const uint32_t from = (uint32_t)draw_in(&d, 0, bits - span);
        const int sets = (int)draw_in(&d, 5, 95), strays = (int)draw_in(&d, 0, 10);
        memset(set, 0, sizeof(set));
        memset(words, 0, sizeof(words));
        for (int step = 0; step < 400; step++) {
            const uint32_t at = draw_chance(&d, strays)
                                    ? (uint32_t)draw_in(&d, 0, bits - 1)
                                    : (uint32_t)draw_in(&d, from, from + span - 1);
            const int32_t hit = trd__bitmap_prev(words, bits, at);
            if (draw_chance(&d, sets)) {
                trd__bitmap_set(words, bits, at);
                set[at] = true;
            } else {
                /* What is set is hit often enough to empty words and groups again. */
                const uint32_t gone = hit >= 0 ? (uint32_t)hit : at;
                trd__bitmap_clear(words, bits, gone);
                set[gone] = false;
            }
            const uint32_t look = (uint32_t)draw_in(&d, 0, bits - 1);
            cr_assert(trd__bitmap_has(words, at) == set[at], "run %d step %d", run, step);
            cr_assert(trd__bitmap_prev(words, bits, look) == naive_prev(set, look),
                "run %d step %d: below %u", run, step, look);
            cr_assert(trd__bitmap_next(words, bits, look) == naive_next(set, bits, look),
                "run %d step %d: above %u", run, step, look);
            cr_assert(trd__bitmap_prev(words, bits, bits - 1) == naive_prev(set, bits - 1));
            cr_assert(trd__bitmap_next(words, bits, 0) == naive_next(set, bits, 0));
        }
        cr_assert(eq(int, trd__bitmap_audit(words, bits), 0), "run %d", run);
    }
}

/* --- map ------------------------------------------------------------------------------------- */

enum { MAP_ENTRIES = 200, MAP_BUCKETS = MAP_ENTRIES / 2 + 1, MAP_KEYS = 2 * MAP_ENTRIES };

typedef struct entry {
    uint64_t key; /* the id in a map */
    uint32_t scope;
    uint32_t ref;
    uint32_t slot; /* where the map put it */
} entry;

/* What map.h says of a map, without a hash: a list of keys, and for each bucket how many of them
 * passed it. */
typedef struct naive_map {
    entry entries[MAP_ENTRIES];
    uint32_t count;
    uint32_t used[MAP_BUCKETS];
    uint32_t passed[MAP_BUCKETS]; /* never above 15, and never below it again */
} naive_map;

static const entry *naive_get(const naive_map *own, uint64_t key, uint32_t scope) {
    for (uint32_t i = 0; i < own->count; i++) {
        if (own->entries[i].key == key && own->entries[i].scope == scope) {
            return &own->entries[i];
        }
    }
    return NULL;
}

/* The bucket a new key of `home` goes to; it passes those before it. */
static uint32_t naive_put(naive_map *own, uint32_t buckets, uint32_t home) {
    uint32_t at = home;
    while (own->used[at] == 4) {
        own->passed[at] += own->passed[at] < 15;
        at = (at + 1) % buckets;
    }
    own->used[at]++;
    return at;
}

static void naive_erase(naive_map *own, uint32_t buckets, uint32_t home, uint32_t at) {
    own->used[at]--;
    for (; home != at; home = (home + 1) % buckets) {
        own->passed[home] -= own->passed[home] < 15;
    }
}

/* Keys of which most have their homes in a few neighbouring buckets. */
static void draw_keys(draw *d, const trd_map *map, entry *keys) {
    const uint32_t from = (uint32_t)draw_in(d, 0, map->buckets - 1);
    const uint32_t width = (uint32_t)draw_in(d, 1, draw_chance(d, 50) ? 3 : map->buckets);
    const int strays = (int)draw_in(d, 0, 30);
    const int bits = (int)draw_in(d, 1, 64); /* few ids in many scopes, or the other way round */
    const uint64_t stride = draw_chance(d, 50) ? 1 : draw_u64(d) | 1;
    for (uint32_t i = 0; i < MAP_KEYS; i++) {
        const bool stray = draw_chance(d, strays);
        do {
            keys[i].key = (draw_u64(d) >> (64 - bits)) * stride;
            keys[i].scope = (uint32_t)draw_u64(d) >> draw_in(d, 0, bits < 12 ? 12 : 31);
        } while (!stray && (trd__map_home(map, keys[i].key, keys[i].scope) + map->buckets - from) %
                                   map->buckets >=
                               width);
    }
}

static void check_buckets(
    const trd_map *map, const trd_map_slot *slots, const naive_map *want, int run, int step) {
    cr_assert(map->count == want->count);
    for (uint32_t at = 0; at < map->buckets; at++) {
        const trd_map_slot *bucket = slots + (size_t)at * TRD_MAP_WAYS;
        uint32_t used = 0, mask = 0;
        for (uint32_t way = 0; way < TRD_MAP_WAYS; way++) {
            used += trd__map_ref(bucket, way) != 0;
            mask |= (uint32_t)(trd__map_ref(bucket, way) != 0) << way;
        }
        cr_assert(used == want->used[at], "run %d step %d bucket %u", run, step, at);
        cr_assert(trd__map_used(bucket) == mask, "run %d step %d bucket %u", run, step, at);
        cr_assert(
            trd__map_passed(bucket) == want->passed[at], "run %d step %d bucket %u", run, step, at);
    }
}

/* Every key is where it was put, under its own reference. */
static void check_keys(
    const trd_map *map, const trd_map_slot *slots, const naive_map *want, int run) {
    for (uint32_t i = 0; i < want->count; i++) {
        const entry *e = &want->entries[i];
        const uint32_t home = trd__map_home(map, e->key, e->scope);
        cr_assert(trd__map_find(map, slots, home, e->key, e->scope) == e->slot, "run %d", run);
        cr_assert(trd__map_ref(slots, e->slot) == e->ref, "run %d", run);
        const bool displaced = (slots[e->slot].ref & TRD_MAP_DISPLACED) != 0;
        cr_assert(displaced == (e->slot / 4 != home), "run %d", run);
    }
}

static void map_life(draw *d, int run) {
    static trd_map_slot slots[MAP_BUCKETS * TRD_MAP_WAYS];
    static entry keys[MAP_KEYS];
    naive_map want = {0};
    const uint32_t entries_max = (uint32_t)draw_in(d, 1, draw_chance(d, 50) ? 12 : MAP_ENTRIES);
    trd_map map = {.seed = draw_u64(d), .buckets = trd__map_buckets(entries_max)};
    const int puts = (int)draw_in(d, 30, 95);
    draw_keys(d, &map, keys);
    memset(slots, 0, sizeof(slots));
    for (int step = 0; step < 600; step++) {
        const entry *key = &keys[draw_in(d, 0, MAP_KEYS - 1)];
        const uint32_t home = trd__map_home(&map, key->key, key->scope);
        const entry *have = naive_get(&want, key->key, key->scope);
        cr_assert(trd__map_find(&map, slots, home, key->key, key->scope) ==
                      (have != NULL ? have->slot : TRD_MAP_NONE),
            "run %d step %d", run, step);
        if (draw_chance(d, puts) && have == NULL && want.count < entries_max) {
            entry *e = &want.entries[want.count++];
            *e = *key;
            e->ref = draw_chance(d, 10) ? TRD_MAP_REF : (uint32_t)draw_in(d, 1, TRD_MAP_REF);
            e->slot = trd__map_put(&map, slots, home, e->key, e->scope, e->ref);
            cr_assert(
                e->slot / 4 == naive_put(&want, map.buckets, home), "run %d step %d", run, step);
        } else if (want.count > 0) {
            const uint32_t gone = (uint32_t)draw_in(d, 0, want.count - 1);
            const entry e = want.entries[gone];
            trd__map_erase(&map, slots, e.slot);
            naive_erase(&want, map.buckets, trd__map_home(&map, e.key, e.scope), e.slot / 4);
            want.entries[gone] = want.entries[--want.count];
            cr_assert(trd__map_find(&map, slots, trd__map_home(&map, e.key, e.scope), e.key,
                          e.scope) == TRD_MAP_NONE);
        }
        check_buckets(&map, slots, &want, run, step);
        if (step % 16 == 0) {
            check_keys(&map, slots, &want, run);
            cr_assert(eq(int, trd__map_audit(&map, slots), 0), "run %d step %d", run, step);
        }
    }
    check_keys(&map, slots, &want, run);
}

Test(map, finds_what_a_list_of_pairs_finds_and_counts_who_passed) {
    draw d = draw_seeded(2);
    for (int run = 0; run < 200; run++) {
        map_life(&d, run);
    }
}

/* The i-th key of a pattern that clients are known to use. */
typedef struct name {
    uint64_t id;
    uint32_t scope;
} name;

static name name_consecutive(draw *d, uint32_t i) {
    (void)d;
    return (name){.id = i + 1, .scope = 7};
}

static name name_downward(draw *d, uint32_t i) {
    (void)d;
    return (name){.id = UINT64_MAX - i, .scope = 7};
}

static name name_random(draw *d, uint32_t i) {
    (void)i;
    return (name){.id = draw_u64(d), .scope = 7};
}

static name name_one_id_of_all(draw *d, uint32_t i) {
    (void)d;
    return (name){.id = 12345, .scope = i};
}

static name name_few_ids_of_many(draw *d, uint32_t i) {
    (void)d;
    return (name){.id = i % 100, .scope = i / 100};
}

static name name_many_ids_of_few(draw *d, uint32_t i) {
    (void)d;
    return (name){.id = i / 37, .scope = i % 37};
}

static name name_upper_half(draw *d, uint32_t i) {
    (void)d;
    return (name){.id = (uint64_t)i << 32, .scope = 7};
}

static name name_session_and_counter(draw *d, uint32_t i) {
    (void)d;
    return (name){.id = (uint64_t)(i / 256) << 32 | i % 256, .scope = 7};
}

static name name_microseconds(draw *d, uint32_t i) {
    (void)d;
    return (name){.id = UINT64_C(1700000000000000000) + UINT64_C(1000) * i, .scope = 7};
}

typedef struct pattern {
    const char *what;
    name (*of)(draw *d, uint32_t i);
} pattern;

static const pattern patterns[] = {
    {"consecutive ids", name_consecutive},
    {"ids downward from the highest", name_downward},
    {"random ids", name_random},
    {"one id of consecutive scopes", name_one_id_of_all},
    {"a hundred ids of many scopes", name_few_ids_of_many},
    {"many ids of 37 scopes", name_many_ids_of_few},
    {"multiples of 2^32", name_upper_half},
    {"a session above a counter", name_session_and_counter},
    {"nanoseconds of whole microseconds", name_microseconds},
};

enum { SPREAD_ENTRIES = 65536 };

/* Half of the slots are in use. Were the homes drawn at random, the keys of a bucket would be
 * Poisson with a mean of 2: 3.8 % are more than the four that fit, and 4.1 % are displaced counting
 * those that find their home taken by such guests. Fewer are better, many more are a bad hash. */
Test(map, less_than_one_key_in_twenty_is_displaced_in_a_full_map) {
    draw d = draw_seeded(4);
    const uint64_t seeds[] = {0, 1, 42, UINT64_MAX, UINT64_C(1) << 63, draw_u64(&d)};
    const uint32_t buckets = trd__map_buckets(SPREAD_ENTRIES);
    const size_t size = (size_t)buckets * TRD_MAP_WAYS * sizeof(trd_map_slot);
    trd_map_slot *slots = (trd_map_slot *)aligned_alloc(TRD_LINE, size);
    cr_assert(ne(ptr, slots, NULL));
    for (size_t p = 0; p < sizeof(patterns) / sizeof(patterns[0]); p++) {
        for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
            trd_map map = {.seed = seeds[s], .buckets = buckets};
            uint32_t displaced = 0;
            memset(slots, 0, size);
            for (uint32_t i = 0; i < SPREAD_ENTRIES; i++) {
                const name key = patterns[p].of(&d, i);
                const uint32_t home = trd__map_home(&map, key.id, key.scope);
                const uint32_t slot = trd__map_put(&map, slots, home, key.id, key.scope, 1);
                displaced += slot / TRD_MAP_WAYS != home;
            }
            cr_expect(lt(u32, displaced, SPREAD_ENTRIES / 20), "%s, seed %llx", patterns[p].what,
                (unsigned long long)seeds[s]);
        }
    }
    free(slots);
}

/* --- far tree -------------------------------------------------------------------------------- */

enum { FAR_ENTRIES = 1200, TREES = 2 };

/* Entries of one tree, keys ascending. */
typedef struct row {
    entry entries[FAR_ENTRIES];
    uint32_t count;
} row;

/* How many entries have a key <= `key`. */
static uint32_t row_rank(const row *r, uint64_t key) {
    uint32_t at = 0;
    while (at < r->count && r->entries[at].key <= key) {
        at++;
    }
    return at;
}

static void row_insert(row *r, uint32_t at, uint64_t key, uint32_t ref) {
    memmove(&r->entries[at + 1], &r->entries[at], (r->count - at) * sizeof(entry));
    r->entries[at] = (entry){.key = key, .ref = ref};
    r->count++;
}

static void row_erase(row *r, uint32_t at) {
    r->count--;
    memmove(&r->entries[at], &r->entries[at + 1], (r->count - at) * sizeof(entry));
}

static void far_check(trd_far_in in, const trd_far *tree, const row *r, uint64_t key) {
    uint64_t found = 0;
    uint32_t level = 0;
    const uint32_t rank = row_rank(r, key);
    const entry *below = rank > 0 ? &r->entries[rank - 1] : NULL;
    cr_assert(trd__far_find(in, tree, key) == (below && below->key == key ? below->ref : 0));
    cr_assert(trd__far_at_or_below(in, tree, key, &found, &level) == (below != NULL));
    cr_assert(below == NULL || (found == below->key && level == below->ref));
    cr_assert(r->count == 0 || trd__far_lowest(in, tree) == r->entries[0].ref);
}

/* Which entry an erase takes: any, or those at one end, as a market that moves does. */
enum { ERASE_ANY, ERASE_LOW, ERASE_HIGH, ERASE_KINDS };

static uint32_t draw_gone(draw *d, int kind, uint32_t count) {
    const uint32_t near = (uint32_t)draw_in(d, 0, count < 3 ? count - 1 : 2);
    return kind == ERASE_LOW    ? near
           : kind == ERASE_HIGH ? count - 1 - near
                                : (uint32_t)draw_in(d, 0, count - 1);
}

Test(far, finds_what_a_sorted_list_finds) {
    draw d = draw_seeded(3);
    static row rows[TREES];
    const uint32_t capacity = trd__far_capacity(FAR_ENTRIES, TREES);
    trd_far_node *nodes = aligned_alloc(64, (size_t)capacity * sizeof(trd_far_node));
    for (int run = 0; run < 60; run++) {
        trd_far_pool pool;
        const trd_far_in in = {.pool = &pool, .nodes = nodes};
        trd_far trees[TREES] = {0};
        const int bits = (int)draw_in(&d, 3, 64), kind = (int)draw_in(&d, 0, ERASE_KINDS - 1);
        const int period = (int)draw_in(&d, 50, 3000); /* steps from growing to shrinking */
        const uint64_t top = draw_chance(&d, 30) ? UINT64_MAX : 0;
        memset(rows, 0, sizeof(rows));
        trd__far_pool_init(in, capacity);
        for (int step = 0; step < 6000; step++) {
            const int t = (int)draw_in(&d, 0, TREES - 1);
            row *r = &rows[t];
            const bool grows = step / period % 2 == 0;
            const uint64_t key = (draw_u64(&d) >> (64 - bits)) ^ top;
            const uint32_t rank = row_rank(r, key);
            const bool there = rank > 0 && r->entries[rank - 1].key == key;
            if (draw_chance(&d, grows ? 80 : 20)) {
                if (!there && rows[0].count + rows[1].count < FAR_ENTRIES) {
                    const uint32_t ref = (uint32_t)draw_in(&d, 1, UINT32_MAX);
                    trd__far_insert(in, &trees[t], key, ref);
                    row_insert(r, rank, key, ref);
                }
            } else if (r->count > 0) {
                const uint32_t gone = draw_gone(&d, kind, r->count);
                trd__far_erase(in, &trees[t], r->entries[gone].key);
                row_erase(r, gone);
            }
            far_check(in, &trees[t], r, key);
            if (step % 64 == 0) {
                uint32_t nodes_seen = 0;
                for (int i = 0; i < TREES; i++) {
                    uint32_t entries = 0;
                    cr_assert(eq(int, trd__far_audit(in, &trees[i], &entries, &nodes_seen), 0),
                        "run %d step %d", run, step);
                    cr_assert(eq(u32, entries, rows[i].count));
                    far_check(in, &trees[i], &rows[i], 0);
                    far_check(in, &trees[i], &rows[i], UINT64_MAX);
                }
                cr_assert(eq(u32, nodes_seen, pool.used));
            }
        }
    }
    free(nodes);
}
