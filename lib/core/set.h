/* set.h - a set of numbers below 2^24, of which the lowest is found at once.
 *
 * A bit per number, and above it three levels of which each bit says that a word of the level below
 * is not zero. To add touches one word, and the levels above only where that word was empty; the
 * lowest number takes four words, however few there are. All words lie behind each other in memory
 * of the caller, zero at first. bitmap.h is for fewer numbers, and knows neighbours.
 */
#ifndef TRD_CORE_SET_H
#define TRD_CORE_SET_H

#include "core/assert.h"
#include "core/compiler.h"

enum { TRD_SET_LIMIT_MAX = 64 * 64 * 64 * 64 };

#define TRD_SET_NONE UINT32_MAX

/* Words of the level above `count` words or numbers. */
trd_inline uint32_t trd__set_above(uint32_t count) {
    return (count + 63) / 64;
}

/* Words that a set of numbers below `limit` needs; limit in [1, TRD_SET_LIMIT_MAX]. */
trd_inline uint32_t trd__set_words(uint32_t limit) {
    const uint32_t level0 = trd__set_above(limit);
    const uint32_t level1 = trd__set_above(level0);
    return level0 + level1 + trd__set_above(level1) + 1;
}

trd_inline bool trd__set_has(const uint64_t *words, uint32_t number) {
    return (words[number / 64] >> (number % 64) & 1) != 0;
}

/* The word of `number` in level 0 was empty. */
static inline void trd__set_raise(uint64_t *words, uint32_t limit, uint32_t number) {
    uint32_t size = trd__set_above(limit);
    uint32_t at = number / 64;
    for (int level = 1; level <= 3; level++) {
        words += size;
        size = trd__set_above(size);
        const uint64_t before = words[at / 64];
        words[at / 64] = before | (uint64_t)1 << (at % 64);
        if (before != 0) {
            return;
        }
        at /= 64;
    }
}

trd_inline void trd__set_add(uint64_t *words, uint32_t limit, uint32_t number) {
    const uint64_t before = words[number / 64];
    words[number / 64] = before | (uint64_t)1 << (number % 64);
    if (trd_unlikely(before == 0)) {
        trd__set_raise(words, limit, number);
    }
}

/* The number may be in it or not. */
static inline void trd__set_remove(uint64_t *words, uint32_t limit, uint32_t number) {
    uint32_t size = trd__set_above(limit);
    uint32_t at = number;
    for (int level = 0; level <= 3; level++) {
        words[at / 64] &= ~((uint64_t)1 << (at % 64));
        if (words[at / 64] != 0) {
            return;
        }
        words += size;
        size = trd__set_above(size);
        at /= 64;
    }
}

/* The lowest number of the set, TRD_SET_NONE of an empty one. */
static inline uint32_t trd__set_lowest(const uint64_t *words, uint32_t limit) {
    const uint32_t level0 = trd__set_above(limit);
    const uint32_t level1 = trd__set_above(level0);
    const uint64_t *above1 = words + level0;
    const uint64_t *above2 = above1 + level1;
    const uint64_t top = above2[trd__set_above(level1)];
    if (top == 0) {
        return TRD_SET_NONE;
    }
    uint32_t at = (uint32_t)__builtin_ctzll(top);
    at = at * 64 + (uint32_t)__builtin_ctzll(above2[at]);
    at = at * 64 + (uint32_t)__builtin_ctzll(above1[at]);
    return at * 64 + (uint32_t)__builtin_ctzll(words[at]);
}

/* TRD_OK (0), or the negated line of the first bit that the level below contradicts. */
static inline int trd__set_audit(const uint64_t *words, uint32_t limit) {
    uint32_t size = trd__set_above(limit);
    for (int level = 1; level <= 3; level++) {
        const uint64_t *above = words + size;
        for (uint32_t i = 0; i < 64 * trd__set_above(size); i++) {
            const bool has_some = i < size && words[i] != 0;
            trd_audit(has_some == ((above[i / 64] >> (i % 64) & 1) != 0));
        }
        words = above;
        size = trd__set_above(size);
    }
    return 0;
}

#endif
