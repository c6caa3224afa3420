/* ids_of_round_numbers_share_no_home.c - ids that count in the upper bits, as those of a time or of
 * a session in front of a counter do, crowded into a part of the map: of ids that are multiples of
 * 2^16 two in three were not in their home bucket, and searches became long. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "core/map.h"

enum { ENTRIES = 50000 };

/* Percent of the ids 0, 1 << shift, 2 << shift... (as many as there are, and then those one, two...
 * higher) that are not in their home bucket in a map filled to its limit. */
static double displaced(trd_map_slot *slots, int shift, uint64_t seed) {
    trd_map map = {.seed = seed, .buckets = trd__map_buckets(ENTRIES)};
    uint32_t count = 0;
    memset(slots, 0, (size_t)map.buckets * TRD_MAP_WAYS * sizeof(trd_map_slot));
    for (uint64_t i = 0; i < ENTRIES; i++) {
        const uint64_t id = shift == 0 ? i : i << shift | i >> (64 - shift);
        const uint32_t slot =
            trd__map_put(&map, slots, trd__map_home(&map, id, 1), id, 1, (uint32_t)i + 1);
        count += (slots[slot].ref & TRD_MAP_DISPLACED) != 0;
    }
    return 100.0 * count / ENTRIES;
}

Test(regress, ids_that_are_multiples_of_any_power_of_two_spread) {
    static const uint64_t seeds[] = {0, 1, UINT64_C(0xfedcba9876543210)};
    trd_map_slot *slots = aligned_alloc(
        TRD_LINE, (size_t)trd__map_buckets(ENTRIES) * TRD_MAP_WAYS * sizeof(trd_map_slot));
    cr_assert(ne(ptr, slots, NULL));
    for (int shift = 0; shift < 64; shift++) {
        for (int s = 0; s < 3; s++) {
            const double percent = displaced(slots, shift, seeds[s]);
            cr_expect(
                lt(dbl, percent, 5.0), "multiples of 2^%d, seed %d: %.1f %%", shift, s, percent);
        }
    }
    free(slots);
}
