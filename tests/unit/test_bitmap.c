/* test_bitmap.c - the three-level bitmap: neighbours across words, groups and nothing at all. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

#include "core/bitmap.h"

/* One word; one full group; one word more than a group; a window's largest; the largest. */
static const uint32_t sizes[] = {64, 128, 4096, 4160, 65536, TRD_BITMAP_BITS_MAX};
enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

/* Positions on both sides of every border of words (64) and groups (4096) worth looking at. */
static const uint32_t places[] = {0, 1, 62, 63, 64, 65, 127, 128, 4031, 4032, 4095, 4096, 4097,
    4159, 4160, 8191, 8192, 65535, 65536, 131072, 262079, 262080, 262142, 262143};
enum { PLACES = sizeof(places) / sizeof(places[0]) };

static uint64_t *bitmap_new(uint32_t bits) {
    return calloc(trd__bitmap_words(bits), sizeof(uint64_t));
}

Test(bitmap, its_words_are_one_per_64_bits_and_their_summaries) {
    cr_expect(eq(u32, trd__bitmap_words(64), 1 + 1 + 1));
    cr_expect(eq(u32, trd__bitmap_words(4096), 64 + 1 + 1));
    cr_expect(eq(u32, trd__bitmap_words(4160), 65 + 2 + 1));
    cr_expect(eq(u32, trd__bitmap_words(65536), 1024 + 16 + 1));
    cr_expect(eq(u32, trd__bitmap_words(TRD_BITMAP_BITS_MAX), 4096 + 64 + 1));
}

Test(bitmap, an_empty_one_has_no_neighbours) {
    for (int s = 0; s < SIZES; s++) {
        uint64_t *words = bitmap_new(sizes[s]);
        for (int p = 0; p < PLACES && places[p] < sizes[s]; p++) {
            cr_expect(eq(i32, trd__bitmap_prev(words, sizes[s], places[p]), TRD_BITMAP_NONE));
            cr_expect(eq(i32, trd__bitmap_next(words, sizes[s], places[p]), TRD_BITMAP_NONE));
        }
        cr_expect(eq(int, trd__bitmap_audit(words, sizes[s]), 0));
        free(words);
    }
}

static void check_one_bit(uint64_t *words, uint32_t bits, uint32_t bit) {
    trd__bitmap_set(words, bits, bit);
    cr_expect(eq(int, trd__bitmap_audit(words, bits), 0), "%u of %u set", bit, bits);
    for (int p = 0; p < PLACES && places[p] < bits; p++) {
        const uint32_t at = places[p];
        const int32_t below = at >= bit ? (int32_t)bit : TRD_BITMAP_NONE;
        const int32_t above = at <= bit ? (int32_t)bit : TRD_BITMAP_NONE;
        cr_expect(eq(i32, trd__bitmap_prev(words, bits, at), below), "%u from %u", bit, at);
        cr_expect(eq(i32, trd__bitmap_next(words, bits, at), above), "%u from %u", bit, at);
        cr_expect(eq(int, trd__bitmap_has(words, at), at == bit), "%u at %u", bit, at);
    }
    trd__bitmap_clear(words, bits, bit);
    cr_expect(eq(int, trd__bitmap_audit(words, bits), 0), "%u of %u cleared", bit, bits);
}

Test(bitmap, a_single_bit_is_seen_from_everywhere_on_its_side) {
    for (int s = 0; s < SIZES; s++) {
        uint64_t *words = bitmap_new(sizes[s]);
        for (int p = 0; p < PLACES && places[p] < sizes[s]; p++) {
            check_one_bit(words, sizes[s], places[p]);
        }
        for (uint32_t word = 0; word < trd__bitmap_words(sizes[s]); word++) {
            cr_assert(eq(u64, words[word], 0), "word %u of %u bits", word, sizes[s]);
        }
        free(words);
    }
}

/* prev and next stop at the nearest, not at the first or last. */
Test(bitmap, the_nearest_neighbour_is_found_wherever_it_is) {
    uint64_t *words = bitmap_new(TRD_BITMAP_BITS_MAX);
    for (int p = 0; p < PLACES; p++) {
        trd__bitmap_set(words, TRD_BITMAP_BITS_MAX, places[p]);
    }
    cr_expect(eq(int, trd__bitmap_audit(words, TRD_BITMAP_BITS_MAX), 0));
    for (int p = 1; p < PLACES; p++) {
        for (uint32_t at = places[p - 1] + 1; at < places[p]; at += 1 + (at % 61)) {
            cr_assert(
                eq(i32, trd__bitmap_prev(words, TRD_BITMAP_BITS_MAX, at), (int32_t)places[p - 1]));
            cr_assert(
                eq(i32, trd__bitmap_next(words, TRD_BITMAP_BITS_MAX, at), (int32_t)places[p]));
        }
        cr_expect(eq(i32, trd__bitmap_prev(words, TRD_BITMAP_BITS_MAX, places[p] - 1),
            (int32_t)places[p - 1]));
        cr_expect(eq(i32, trd__bitmap_next(words, TRD_BITMAP_BITS_MAX, places[p - 1] + 1),
            (int32_t)places[p]));
    }
    free(words);
}

Test(bitmap, clearing_one_bit_keeps_the_others_of_its_word_and_group) {
    enum { BITS = 8192 };
    static const uint32_t pairs[][2] = {{0, 1}, {0, 63}, {0, 64}, {63, 64}, {0, 4095}, {4095, 4096},
        {0, 8191}, {4096, 8191}, {4160, 4161}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        for (int gone = 0; gone < 2; gone++) {
            uint64_t *words = bitmap_new(BITS);
            trd__bitmap_set(words, BITS, pairs[i][0]);
            trd__bitmap_set(words, BITS, pairs[i][1]);
            trd__bitmap_clear(words, BITS, pairs[i][gone]);
            cr_expect(eq(int, trd__bitmap_audit(words, BITS), 0), "pair %zu", i);
            cr_expect(
                eq(i32, trd__bitmap_next(words, BITS, 0), (int32_t)pairs[i][1 - gone]), "%zu", i);
            cr_expect(eq(i32, trd__bitmap_prev(words, BITS, BITS - 1), (int32_t)pairs[i][1 - gone]),
                "pair %zu", i);
            free(words);
        }
    }
}

Test(bitmap, setting_and_clearing_twice_is_doing_it_once) {
    uint64_t words[3] = {0};
    trd__bitmap_set(words, 64, 5);
    trd__bitmap_set(words, 64, 5);
    cr_expect(eq(i32, trd__bitmap_prev(words, 64, 63), 5));
    trd__bitmap_clear(words, 64, 5);
    trd__bitmap_clear(words, 64, 5);
    cr_expect(eq(i32, trd__bitmap_prev(words, 64, 63), TRD_BITMAP_NONE));
    cr_expect(eq(int, trd__bitmap_audit(words, 64), 0));
}

Test(bitmap, the_audit_sees_a_wrong_word_on_every_level) {
    enum { BITS = 4160 };
    for (uint32_t word = 0; word < trd__bitmap_words(BITS); word++) {
        uint64_t *words = bitmap_new(BITS);

        words[word] = 1;
        cr_expect(lt(int, trd__bitmap_audit(words, BITS), 0), "a bit without the others, %u", word);
        free(words);
        words = bitmap_new(BITS);
        for (uint32_t at = 0; at < BITS; at += 64) {
            trd__bitmap_set(words, BITS, at);
        }
        words[word] = 0;
        cr_expect(lt(int, trd__bitmap_audit(words, BITS), 0), "the others without it, %u", word);
        free(words);
    }
}
