/* test_rng.c - the published sequences, and draws that favour nothing (core/rng.h). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>

#include "core/rng.h"

/* The published check values of splitmix64 for seed 1234567. */
Test(rng, splitmix64_gives_its_published_sequence) {
    static const uint64_t expected[] = {
        UINT64_C(6457827717110365317),
        UINT64_C(3203168211198807973),
        UINT64_C(9817491932198370423),
        UINT64_C(4593380528125082431),
        UINT64_C(16408922859458223821),
    };
    uint64_t at = 1234567;
    for (size_t i = 0; i < 5; i++) {
        cr_assert(eq(u64, trd__splitmix(&at), expected[i]));
    }
}

/* The published check values of xoshiro256** for state {1, 2, 3, 4}. */
Test(rng, xoshiro256_gives_its_published_sequence) {
    static const uint64_t expected[] = {
        UINT64_C(11520),
        UINT64_C(0),
        UINT64_C(1509978240),
        UINT64_C(1215971899390074240),
        UINT64_C(1216172134540287360),
        UINT64_C(607988272756665600),
        UINT64_C(16172922978634559625),
        UINT64_C(8476171486693032832),
        UINT64_C(10595114339597558777),
        UINT64_C(2904607092377533576),
    };
    trd_rng rng = {.state = {1, 2, 3, 4}};
    for (size_t i = 0; i < 10; i++) {
        cr_assert(eq(u64, trd__rng_next(&rng), expected[i]));
    }
}

/* Computed from the two definitions by a separate program. */
Test(rng, a_seed_fixes_the_sequence_for_ever) {
    trd_rng rng = trd__rng_seeded(42);
    cr_assert(eq(u64, rng.state[0], UINT64_C(13679457532755275413)));
    cr_assert(eq(u64, trd__rng_next(&rng), UINT64_C(1546998764402558742)));
    cr_assert(eq(u64, trd__rng_next(&rng), UINT64_C(6990951692964543102)));
    cr_assert(eq(u64, trd__rng_next(&rng), UINT64_C(12544586762248559009)));
    cr_assert(eq(u64, trd__rng_next(&rng), UINT64_C(17057574109182124193)));
}

Test(rng, seed_zero_is_a_seed_like_any_other) {
    trd_rng rng = trd__rng_seeded(0);
    cr_assert(ne(u64, rng.state[0] | rng.state[1] | rng.state[2] | rng.state[3], 0));
    cr_assert(ne(u64, trd__rng_next(&rng), trd__rng_next(&rng)));
}

Test(rng, draws_stay_in_range_and_reach_both_ends) {
    trd_rng rng = trd__rng_seeded(7);
    uint32_t seen = 0;
    for (int i = 0; i < 1000; i++) {
        const int64_t drawn = trd__rng_in(&rng, -3, 4);
        cr_assert(drawn >= -3 && drawn <= 4);
        seen |= 1u << (drawn + 3);
    }
    cr_assert(eq(u32, seen, 0xff));
}

Test(rng, a_range_of_one_has_one_answer) {
    trd_rng rng = trd__rng_seeded(7);
    cr_assert(eq(u64, trd__rng_below(&rng, 1), 0));
    cr_assert(eq(i64, trd__rng_in(&rng, INT64_MIN, INT64_MIN), INT64_MIN));
    cr_assert(eq(i64, trd__rng_in(&rng, INT64_MAX, INT64_MAX), INT64_MAX));
}

/* Over the whole of int64_t a draw is the 64 bits, counted from the lowest value. */
Test(rng, the_whole_range_is_allowed) {
    trd_rng rng = trd__rng_seeded(42);
    cr_assert(eq(u64, (uint64_t)trd__rng_in(&rng, INT64_MIN, INT64_MAX),
        UINT64_C(1546998764402558742) + (UINT64_C(1) << 63)));
}

/* With a bound of 3 * 2^62 neither the remainder nor the high half of the product is even: the
 * remainder gives the lowest third half of all draws, the product gives multiples of three half of
 * them. Fair is one third of 30,000 each; five standard deviations are 408. */
Test(rng, draws_are_fair_where_shortcuts_are_not) {
    const uint64_t third = UINT64_C(1) << 62;
    trd_rng rng = trd__rng_seeded(11);
    int lowest_third = 0, multiples = 0;
    for (int i = 0; i < 30000; i++) {
        const uint64_t drawn = trd__rng_below(&rng, 3 * third);
        cr_assert(lt(u64, drawn, 3 * third));
        lowest_third += drawn < third;
        multiples += drawn % 3 == 0;
    }
    cr_assert(lowest_third > 10000 - 408 && lowest_third < 10000 + 408, "%d", lowest_third);
    cr_assert(multiples > 10000 - 408 && multiples < 10000 + 408, "%d", multiples);
}

Test(rng, no_range_is_our_mistake, .signal = SIGABRT) {
    trd_rng rng = trd__rng_seeded(1);
    trd__rng_below(&rng, 0);
}

Test(rng, a_range_upside_down_is_our_mistake, .signal = SIGABRT) {
    trd_rng rng = trd__rng_seeded(1);
    trd__rng_in(&rng, 1, 0);
}
