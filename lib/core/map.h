/* map.h - a fixed-capacity hash map from (id, scope) to a 32-bit reference that is not zero.
 *
 * Open addressing with linear probing in 16-byte slots, four to a cache line, that hold the whole
 * key: a lookup that fails touches nothing else. Erasing shifts later slots back, so there are no
 * tombstones and the cost does not grow with age. There are twice as many slots as entries, which
 * keeps a failing lookup at 2.5 slots on average; at 3/4 full it would be 8.5. Homes are spread by
 * multiplication, so the capacity need not be a power of two.
 * Order of iteration is nobody's business: no function exposes it.
 */
#ifndef TRD_CORE_MAP_H
#define TRD_CORE_MAP_H

#include "core/assert.h"
#include "core/compiler.h"
#include "core/hash.h"

typedef struct trd_map_slot {
    uint64_t id;
    uint32_t scope;
    uint32_t ref; /* 0: the slot is empty */
} trd_map_slot;

_Static_assert(sizeof(trd_map_slot) == 16, "four slots, one cache line");

typedef struct trd_map {
    uint64_t seed;
    uint32_t capacity; /* slots */
    uint32_t count;
} trd_map;

/* Slots for up to `entries` entries at once; entries in [1, 2^28]. */
trd_inline uint32_t trd__map_capacity(uint32_t entries) {
    return entries * 2 + 2;
}

trd_inline uint32_t trd__map_hash(const trd_map *map, uint64_t id, uint32_t scope) {
    const uint64_t key[2] = {id, scope};
    return (uint32_t)(trd__hash(key, sizeof(key), map->seed) >> 32);
}

trd_inline uint32_t trd__map_home(const trd_map *map, uint32_t hash) {
    return (uint32_t)((uint64_t)hash * map->capacity >> 32);
}

trd_inline uint32_t trd__map_after(const trd_map *map, uint32_t at) {
    return at + 1 == map->capacity ? 0 : at + 1;
}

/* trd__map_find returns the slot of the key, or the empty slot where it would be inserted: look at
 * its ref. `hash` is trd__map_hash of the key. */
trd_inline uint32_t trd__map_find(
    const trd_map *map, const trd_map_slot *slots, uint64_t id, uint32_t scope, uint32_t hash) {
    uint32_t at = trd__map_home(map, hash);
    while (slots[at].ref != 0 && (slots[at].id != id || slots[at].scope != scope)) {
        at = trd__map_after(map, at);
    }
    return at;
}

/* trd__map_put fills the empty slot that trd__map_find returned for the key. */
trd_inline void trd__map_put(
    trd_map *map, trd_map_slot *slots, uint32_t at, uint64_t id, uint32_t scope, uint32_t ref) {
    trd_assert(ref != 0);
    slots[at] = (trd_map_slot){.id = id, .scope = scope, .ref = ref};
    map->count++;
}

/* trd__map_erase empties the slot at `at` and closes the gap. */
trd_inline void trd__map_erase(trd_map *map, trd_map_slot *slots, uint32_t at) {
    uint32_t hole = at;
    uint32_t i = trd__map_after(map, at);
    while (slots[i].ref != 0) {
        const uint32_t home = trd__map_home(map, trd__map_hash(map, slots[i].id, slots[i].scope));
        /* slots[i] may move back into the hole unless its home lies behind the hole, cyclically. */
        const bool stays = hole < i ? (home > hole && home <= i) : (home > hole || home <= i);
        if (!stays) {
            slots[hole] = slots[i];
            hole = i;
        }
        i = trd__map_after(map, i);
    }
    slots[hole].ref = 0;
    map->count--;
}

#endif
