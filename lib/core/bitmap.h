/* bitmap.h - a bitmap of up to 2^18 bits in three levels, with "highest set bit at or below".
 *
 * Level 0 has a bit per position; a bit of level 1 says that a word of level 0 is not zero, a bit
 * of level 2 the same of level 1. All three lie behind each other in words the caller owns, so
 * finding a neighbour touches at most five words, however empty the bitmap is.
 */
#ifndef TRD_CORE_BITMAP_H
#define TRD_CORE_BITMAP_H

#include "core/assert.h"
#include "core/compiler.h"

enum { TRD_BITMAP_BITS_MAX = 64 * 64 * 64, TRD_BITMAP_NONE = -1 };

/* Words a bitmap of `bits` bits needs; bits is a multiple of 64 in [64, TRD_BITMAP_BITS_MAX]. */
trd_inline uint32_t trd__bitmap_words(uint32_t bits) {
    const uint32_t words = bits / 64;
    return words + (words + 63) / 64 + 1;
}

trd_inline uint64_t *trd__bitmap_level1(uint64_t *words, uint32_t bits) {
    return words + bits / 64;
}

trd_inline uint64_t *trd__bitmap_level2(uint64_t *words, uint32_t bits) {
    return words + bits / 64 + (bits / 64 + 63) / 64;
}

trd_inline bool trd__bitmap_has(const uint64_t *words, uint32_t at) {
    return (words[at / 64] >> (at % 64) & 1) != 0;
}

trd_inline void trd__bitmap_set(uint64_t *words, uint32_t bits, uint32_t at) {
    const uint64_t before = words[at / 64];
    words[at / 64] = before | (uint64_t)1 << (at % 64);
    if (before == 0) {
        trd__bitmap_level1(words, bits)[at / 4096] |= (uint64_t)1 << (at / 64 % 64);
        *trd__bitmap_level2(words, bits) |= (uint64_t)1 << (at / 4096);
    }
}

trd_inline void trd__bitmap_clear(uint64_t *words, uint32_t bits, uint32_t at) {
    const uint64_t after = words[at / 64] & ~((uint64_t)1 << (at % 64));
    words[at / 64] = after;
    if (after == 0) {
        uint64_t *level1 = trd__bitmap_level1(words, bits);
        level1[at / 4096] &= ~((uint64_t)1 << (at / 64 % 64));
        if (level1[at / 4096] == 0) {
            *trd__bitmap_level2(words, bits) &= ~((uint64_t)1 << (at / 4096));
        }
    }
}

trd_inline uint32_t trd__bitmap_top(uint64_t word) {
    return 63 - (uint32_t)__builtin_clzll(word);
}

/* The bits of `word` at positions below `at` (in [0, 63]). */
trd_inline uint64_t trd__bitmap_below(uint64_t word, uint32_t at) {
    return word & (((uint64_t)1 << at) - 1);
}

/* trd__bitmap_prev returns the highest set bit at or below `at`, or TRD_BITMAP_NONE. */
trd_inline int32_t trd__bitmap_prev(uint64_t *words, uint32_t bits, uint32_t at) {
    const uint64_t here = words[at / 64] << (63 - at % 64);
    if (here != 0) {
        return (int32_t)(at - (uint32_t)__builtin_clzll(here));
    }
    const uint64_t *level1 = trd__bitmap_level1(words, bits);
    uint32_t group = at / 4096;
    uint64_t near = trd__bitmap_below(level1[group], at / 64 % 64);
    if (near == 0) {
        const uint64_t far = trd__bitmap_below(*trd__bitmap_level2(words, bits), group);
        if (far == 0) {
            return TRD_BITMAP_NONE;
        }
        group = trd__bitmap_top(far);
        near = level1[group];
    }
    const uint32_t word = group * 64 + trd__bitmap_top(near);
    return (int32_t)(word * 64 + trd__bitmap_top(words[word]));
}

/* trd__bitmap_next returns the lowest set bit at or above `at`, or TRD_BITMAP_NONE. */
trd_inline int32_t trd__bitmap_next(uint64_t *words, uint32_t bits, uint32_t at) {
    const uint64_t here = words[at / 64] >> (at % 64);
    if (here != 0) {
        return (int32_t)(at + (uint32_t)__builtin_ctzll(here));
    }
    const uint64_t *level1 = trd__bitmap_level1(words, bits);
    uint32_t group = at / 4096;
    uint64_t near = level1[group] & ~(uint64_t)1 << (at / 64 % 64);
    if (near == 0) {
        const uint64_t far = *trd__bitmap_level2(words, bits) & ~(uint64_t)1 << group;
        if (far == 0) {
            return TRD_BITMAP_NONE;
        }
        group = (uint32_t)__builtin_ctzll(far);
        near = level1[group];
    }
    const uint32_t word = group * 64 + (uint32_t)__builtin_ctzll(near);
    return (int32_t)(word * 64 + (uint32_t)__builtin_ctzll(words[word]));
}

/* trd__bitmap_audit: TRD_OK (0), or the negated line of the first broken invariant. */
static inline int trd__bitmap_audit(uint64_t *words, uint32_t bits) {
    uint64_t *level1 = trd__bitmap_level1(words, bits);
    for (uint32_t i = 0; i < bits / 64; i++) {
        trd_audit((words[i] != 0) == ((level1[i / 64] >> (i % 64) & 1) != 0));
    }
    for (uint32_t i = 0; i < (bits / 64 + 63) / 64; i++) {
        trd_audit((level1[i] != 0) == ((*trd__bitmap_level2(words, bits) >> i & 1) != 0));
    }
    return 0;
}

#endif
