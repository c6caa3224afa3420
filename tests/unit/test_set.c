/* test_set.c - the set of numbers: what is in it, and the lowest, across words and levels. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

#include "core/set.h"

/* One word; just two; a level more; one word more than that; the largest. */
static const uint32_t limits[] = {1, 64, 65, 4096, 4097, 262144, 262145, TRD_SET_LIMIT_MAX};
enum { LIMITS = sizeof(limits) / sizeof(limits[0]) };

/* Both sides of the borders of words (64), of their words (64^2), and of theirs (64^3). */
static const uint32_t numbers[] = {0, 1, 63, 64, 65, 4095, 4096, 4097, 262143, 262144, 262145,
    TRD_SET_LIMIT_MAX - 64, TRD_SET_LIMIT_MAX - 1};
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static uint64_t *set_new(uint32_t limit) {
    return calloc(trd__set_words(limit), sizeof(uint64_t));
}

Test(set, its_words_are_one_per_64_numbers_and_their_summaries) {
    cr_expect(eq(u32, trd__set_words(1), 1 + 1 + 1 + 1));
    cr_expect(eq(u32, trd__set_words(65), 2 + 1 + 1 + 1));
    cr_expect(eq(u32, trd__set_words(4097), 65 + 2 + 1 + 1));
    cr_expect(eq(u32, trd__set_words(262145), 4097 + 65 + 2 + 1));
    cr_expect(eq(u32, trd__set_words(TRD_SET_LIMIT_MAX), 262144 + 4096 + 64 + 1));
}

Test(set, an_empty_one_has_no_lowest) {
    for (int i = 0; i < LIMITS; i++) {
        uint64_t *words = set_new(limits[i]);
        cr_expect(eq(u32, trd__set_lowest(words, limits[i]), TRD_SET_NONE));
        cr_expect(eq(int, trd__set_audit(words, limits[i]), 0));
        free(words);
    }
}

/* Added from above, each is the lowest; taken out from below, the next one is. */
Test(set, the_lowest_is_found_wherever_it_is) {
    for (int i = 0; i < LIMITS; i++) {
        uint64_t *words = set_new(limits[i]);
        int count = 0;
        while (count < NUMBERS && numbers[count] < limits[i]) {
            count++;
        }
        for (int n = count - 1; n >= 0; n--) {
            cr_assert(not(trd__set_has(words, numbers[n])));
            trd__set_add(words, limits[i], numbers[n]);
            cr_assert(trd__set_has(words, numbers[n]));
            cr_assert(eq(u32, trd__set_lowest(words, limits[i]), numbers[n]));
            cr_assert(eq(int, trd__set_audit(words, limits[i]), 0));
        }
        for (int n = 0; n < count; n++) {
            cr_assert(eq(u32, trd__set_lowest(words, limits[i]), numbers[n]));
            trd__set_remove(words, limits[i], numbers[n]);
            cr_assert(not(trd__set_has(words, numbers[n])));
            cr_assert(eq(int, trd__set_audit(words, limits[i]), 0));
        }
        cr_expect(eq(u32, trd__set_lowest(words, limits[i]), TRD_SET_NONE));
        free(words);
    }
}

Test(set, what_is_added_twice_is_taken_out_once) {
    uint64_t *words = set_new(5000);
    trd__set_add(words, 5000, 4999);
    trd__set_add(words, 5000, 4999);
    trd__set_remove(words, 5000, 4999);
    cr_expect(eq(u32, trd__set_lowest(words, 5000), TRD_SET_NONE));
    trd__set_remove(words, 5000, 4999);
    cr_expect(eq(u32, trd__set_lowest(words, 5000), TRD_SET_NONE));
    cr_expect(eq(int, trd__set_audit(words, 5000), 0));
    free(words);
}

Test(set, the_audit_sees_a_summary_that_lies) {
    uint64_t *words = set_new(5000);
    trd__set_add(words, 5000, 70);
    const uint32_t count = trd__set_words(5000);
    for (uint32_t i = 0; i < count; i++) {
        words[i] ^= UINT64_C(1) << 1; /* 70 is bit 6 of word 1, so its summary is this very bit */
        cr_expect(trd__set_audit(words, 5000) != 0 || i == 1, "word %u", i);
        words[i] ^= UINT64_C(1) << 1;
    }
    cr_expect(eq(int, trd__set_audit(words, 5000), 0));
    free(words);
}
