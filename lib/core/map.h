/* map.h - a fixed-capacity hash map from (id, scope) to a 27-bit reference that is not zero.
 *
 * Buckets of four 16-byte slots, one cache line, that hold the whole key: a lookup compares four
 * slots without a branch and nearly always ends there. A key whose home bucket is full goes to a
 * following one, and every bucket that it passed counts it, so that a lookup knows whether to look
 * further and erasing just empties a slot: nothing is ever moved, there are no tombstones, the cost
 * does not grow with age, and a slot's number is a stable name of its key for as long as it is
 * used.
 *
 *     ref of a slot:   bits 0..26 the caller's reference, 0: the slot is empty
 *                      bit  27    displaced: the key's home is another bucket
 *                      bits 28..  of the bucket: in its first slot the number of keys that
 *                                passed it (sticky at 15), in its second a mask of the slots in
 *                                use
 *
 * Order of iteration is nobody's business: no function exposes it.
 */
#ifndef TRD_CORE_MAP_H
#define TRD_CORE_MAP_H

#include "core/assert.h"
#include "core/compiler.h"

typedef struct trd_map_slot {
    uint64_t id;
    uint32_t scope;
    uint32_t ref;
} trd_map_slot;

_Static_assert(sizeof(trd_map_slot) == 16, "four slots, one cache line");

enum {
    TRD_MAP_REF = (1 << 27) - 1, /* highest reference, and the mask of it */
    TRD_MAP_DISPLACED = 1 << 27,
    TRD_MAP_BUCKET_SHIFT = 28,
    TRD_MAP_PASSED_STICKY = 15,
    TRD_MAP_FULL = 15,
    TRD_MAP_WAYS = 4,
    TRD_MAP_ENTRIES_MAX = 1 << 28
};

#define TRD_MAP_NONE UINT32_MAX

typedef struct trd_map {
    uint64_t seed;
    uint32_t buckets;
    uint32_t count; /* keys */
} trd_map;

/* Buckets for up to `entries` keys at once, in [1, TRD_MAP_ENTRIES_MAX]: half of the slots stay
 * empty, so that one key in 25 is displaced. The slots are an array of buckets x TRD_MAP_WAYS,
 * aligned to TRD_LINE and zeroed. */
trd_inline uint32_t trd__map_buckets(uint32_t entries) {
    return entries / 2 + 1;
}

/* A multiplication to 128 bits, both halves folded together, and one more that mixes the result: a
 * third of the instructions of xxh3 for these 12 bytes, paid for every order. Without the second
 * one, ids that count in their upper bits crowd into a part of the buckets. With it, patterns of
 * ids and scopes spread like random ones (the map's property test measures it). The seed is added
 * to a constant so that zero is a good one too. */
trd_inline uint32_t trd__map_home(const trd_map *map, uint64_t id, uint32_t scope) {
    const uint64_t left = id ^ (map->seed + 0xd1342543de82ef95u);
    const uint64_t right = 0x9e3779b97f4a7c15u + (uint64_t)scope * 2;
    const unsigned __int128 product = (unsigned __int128)left * right;
    const uint64_t folded = (uint64_t)(product >> 64) ^ (uint64_t)product;
    const uint64_t mixed = folded * 0xd6e8feb86659fd93u;
    return (uint32_t)((mixed >> 32) * map->buckets >> 32);
}

/* Bit mask of the slots with this id, of any scope and perhaps left behind in an empty slot:
 * without branches. */
trd_inline unsigned trd__map_with_id(const trd_map_slot *bucket, uint64_t id) {
    unsigned here[TRD_MAP_WAYS] = {
        bucket[0].id == id, bucket[1].id == id, bucket[2].id == id, bucket[3].id == id};
    /* Without this the compiler makes branches of the comparisons, and which of four slots it is
     * cannot be predicted. */
    __asm__("" : "+r"(here[0]), "+r"(here[1]), "+r"(here[2]), "+r"(here[3]));
    return here[0] | here[1] << 1 | here[2] << 2 | here[3] << 3;
}

/* Bit mask of the slots in use. */
trd_inline unsigned trd__map_used(const trd_map_slot *bucket) {
    return bucket[1].ref >> TRD_MAP_BUCKET_SHIFT;
}

trd_inline bool trd__map_is(const trd_map_slot *slot, uint64_t id, uint32_t scope) {
    return slot->id == id && slot->scope == scope && (slot->ref & TRD_MAP_REF) != 0;
}

trd_inline uint32_t trd__map_passed(const trd_map_slot *bucket) {
    return bucket[0].ref >> TRD_MAP_BUCKET_SHIFT;
}

trd_inline uint32_t trd__map_after(const trd_map *map, uint32_t bucket) {
    return bucket + 1 == map->buckets ? 0 : bucket + 1;
}

/* The whole search, for keys that the first look does not settle. */
static trd_noinline uint32_t trd__map_search(
    const trd_map *map, const trd_map_slot *slots, uint32_t home, uint64_t id, uint32_t scope) {
    uint32_t at = home;
    for (uint32_t looked = 0; looked < map->buckets; looked++) {
        const trd_map_slot *bucket = slots + (size_t)at * TRD_MAP_WAYS;
        for (uint32_t way = 0; way < TRD_MAP_WAYS; way++) {
            if (trd__map_is(&bucket[way], id, scope)) {
                return at * TRD_MAP_WAYS + way;
            }
        }
        if (trd__map_passed(bucket) == 0) {
            break;
        }
        at = trd__map_after(map, at);
    }
    return TRD_MAP_NONE;
}

/* trd__map_find returns the number of the key's slot, TRD_MAP_NONE if it is not there. */
trd_inline uint32_t trd__map_find(
    const trd_map *map, const trd_map_slot *slots, uint32_t home, uint64_t id, uint32_t scope) {
    const trd_map_slot *bucket = slots + (size_t)home * TRD_MAP_WAYS;
    const unsigned with_id = trd__map_with_id(bucket, id);
    if (with_id != 0) {
        const uint32_t way = (uint32_t)__builtin_ctz(with_id);
        if (trd_likely(trd__map_is(&bucket[way], id, scope))) {
            return home * TRD_MAP_WAYS + way;
        }
    } else if (trd_likely(trd__map_passed(bucket) == 0)) {
        return TRD_MAP_NONE;
    }
    return trd__map_search(map, slots, home, id, scope);
}

/* A key on its way to a later bucket passes this one, or (by = -1) does so no longer. */
static inline void trd__map_pass(trd_map_slot *bucket, int by) {
    if (trd__map_passed(bucket) != TRD_MAP_PASSED_STICKY) {
        bucket[0].ref += (uint32_t)by << TRD_MAP_BUCKET_SHIFT;
    }
}

/* trd__map_put adds a key that is not there, with ref in [1, TRD_MAP_REF], and returns the number
 * of its slot. There is room: the caller never adds more keys than the map was made for. */
trd_inline uint32_t trd__map_put(
    trd_map *map, trd_map_slot *slots, uint32_t home, uint64_t id, uint32_t scope, uint32_t ref) {
    uint32_t at = home;
    trd_map_slot *bucket = slots + (size_t)at * TRD_MAP_WAYS;
    uint32_t displaced = 0;
    while (trd_unlikely(trd__map_used(bucket) == TRD_MAP_FULL)) {
        trd__map_pass(bucket, 1);
        displaced = TRD_MAP_DISPLACED;
        at = trd__map_after(map, at);
        trd_assert(at != home);
        bucket = slots + (size_t)at * TRD_MAP_WAYS;
    }
    const uint32_t way = (uint32_t)__builtin_ctz(~trd__map_used(bucket));
    bucket[1].ref |= (uint32_t)1 << (TRD_MAP_BUCKET_SHIFT + way);
    bucket[way].id = id;
    bucket[way].scope = scope;
    bucket[way].ref |= ref | displaced; /* an empty slot keeps only what is said of the bucket */
    map->count++;
    return at * TRD_MAP_WAYS + way;
}

/* The rare part of erasing: the buckets between home and the slot forget the key. */
static trd_noinline void trd__map_unpass(
    const trd_map *map, trd_map_slot *slots, uint64_t id, uint32_t scope, uint32_t slot) {
    for (uint32_t at = trd__map_home(map, id, scope); at != slot / TRD_MAP_WAYS;
         at = trd__map_after(map, at)) {
        trd__map_pass(slots + (size_t)at * TRD_MAP_WAYS, -1);
    }
}

/* trd__map_erase empties a slot that holds a key. */
trd_inline void trd__map_erase(trd_map *map, trd_map_slot *slots, uint32_t slot) {
    trd_assert((slots[slot].ref & TRD_MAP_REF) != 0);
    if (trd_unlikely((slots[slot].ref & TRD_MAP_DISPLACED) != 0)) {
        trd__map_unpass(map, slots, slots[slot].id, slots[slot].scope, slot);
    }
    slots[slot].ref &= ~(uint32_t)(TRD_MAP_REF | TRD_MAP_DISPLACED);
    slots[slot / TRD_MAP_WAYS * TRD_MAP_WAYS + 1].ref &=
        ~((uint32_t)1 << (TRD_MAP_BUCKET_SHIFT + slot % TRD_MAP_WAYS));
    map->count--;
}

trd_inline uint32_t trd__map_ref(const trd_map_slot *slots, uint32_t slot) {
    return slots[slot].ref & TRD_MAP_REF;
}

/* How many keys passed `bucket`: those of homes at or before it in the buckets behind it, as far as
 * these have been passed themselves. */
static inline uint32_t trd__map_passers(
    const trd_map *map, const trd_map_slot *slots, uint32_t bucket) {
    uint32_t passers = 0;
    uint32_t distance = 1;
    for (uint32_t at = trd__map_after(map, bucket); at != bucket; at = trd__map_after(map, at)) {
        const trd_map_slot *own = slots + (size_t)at * TRD_MAP_WAYS;
        for (uint32_t way = 0; way < TRD_MAP_WAYS; way++) {
            if ((own[way].ref & TRD_MAP_DISPLACED) != 0) {
                const uint32_t home = trd__map_home(map, own[way].id, own[way].scope);
                passers += (at < home ? at + map->buckets - home : at - home) >= distance;
            }
        }
        if (trd__map_passed(own) == 0) {
            break;
        }
        distance++;
    }
    return passers;
}

/* trd__map_audit: TRD_OK (0), or the negated line of the first broken invariant. */
static inline int trd__map_audit(const trd_map *map, const trd_map_slot *slots) {
    uint32_t count = 0;
    for (uint32_t at = 0; at < map->buckets; at++) {
        const trd_map_slot *bucket = slots + (size_t)at * TRD_MAP_WAYS;
        uint32_t used = 0;
        for (uint32_t way = 0; way < TRD_MAP_WAYS; way++) {
            const trd_map_slot *slot = &bucket[way];
            const bool displaced = (slot->ref & TRD_MAP_DISPLACED) != 0;
            if ((slot->ref & TRD_MAP_REF) == 0) {
                trd_audit(!displaced);
                continue;
            }
            const uint32_t home = trd__map_home(map, slot->id, slot->scope);
            trd_audit(displaced == (home != at));
            trd_audit(
                trd__map_find(map, slots, home, slot->id, slot->scope) == at * TRD_MAP_WAYS + way);
            used |= (uint32_t)1 << way;
            count++;
        }
        trd_audit(trd__map_used(bucket) == used);
        trd_audit(((bucket[2].ref | bucket[3].ref) >> TRD_MAP_BUCKET_SHIFT) == 0);
        trd_audit(trd__map_passed(bucket) == TRD_MAP_PASSED_STICKY ||
                  trd__map_passed(bucket) == trd__map_passers(map, slots, at));
    }
    trd_audit(count == map->count);
    return 0;
}

#endif
