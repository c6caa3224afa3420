/* test_profile.c - which matching profiles are taken, field by field, and the chains of tie-breaks.
 * Bounds are those of profile.h, chains those of docs/reference/sessions.md. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdint.h>
#include <string.h>

#include <tradsys/command.h>
#include <tradsys/profile.h>

static trd_profile with_band(void) {
    trd_profile p = trd_profile_default();
    p.band_action = TRD_BAND_REJECT;
    p.band_source = TRD_SOURCE_LAST;
    return p;
}

static trd_profile with_pause(void) {
    trd_profile p = with_band();
    p.limit_wait = 1;
    p.limit_pause = 1;
    return p;
}

static trd_profile with_breaker(void) {
    trd_profile p = trd_profile_default();
    p.breaker_window = 16;
    p.breaker_pause = 1;
    p.breaker_variation = 1;
    return p;
}

/* What the check says of the profile that `base` makes after the statements, which change `p`. */
#define EXPECT(result, base, ...)                                                                  \
    do {                                                                                           \
        trd_profile p = base();                                                                    \
        __VA_ARGS__;                                                                               \
        cr_expect(eq(int, trd_profile_check(&p), (result)), "%s: %s", #base, #__VA_ARGS__);        \
    } while (0)
#define GOOD(...) EXPECT(TRD_OK, __VA_ARGS__)
#define BAD(...) EXPECT(TRD_E_ARG, __VA_ARGS__)

Test(profile, the_default_is_price_time_without_band_and_pauses) {
    trd_profile expected;
    memset(&expected, 0, sizeof(expected));
    expected.struct_size = (uint32_t)sizeof(expected);
    expected.ties[0] = 1; /* imbalance, pressure, reference */
    expected.ties[1] = 2;
    expected.ties[2] = 3;
    const trd_profile p = trd_profile_default();
    cr_assert(memcmp(&p, &expected, sizeof(p)) == 0);
    cr_assert(eq(int, trd_profile_check(&p), TRD_OK));
}

Test(profile, none_is_no_profile) {
    cr_assert(eq(int, trd_profile_check(NULL), TRD_E_ARG));
}

Test(profile, the_size_is_that_of_this_version) {
    BAD(trd_profile_default, p.struct_size = 0);
    BAD(trd_profile_default, p.struct_size -= 8);
    BAD(trd_profile_default, p.struct_size += 8);
}

Test(profile, reserved_fields_are_zero) {
    BAD(trd_profile_default, p.reserved = 1);
    BAD(trd_profile_default, p.reserved1 = 1);
}

Test(profile, allocations_are_those_of_the_list) {
    for (unsigned allocation = 0; allocation <= UINT8_MAX; allocation++) {
        trd_profile p = trd_profile_default();
        p.allocation = (uint8_t)allocation;
        cr_expect(
            eq(int, trd_profile_check(&p), allocation <= 8 ? TRD_OK : TRD_E_ARG), "%u", allocation);
    }
}

Test(profile, the_share_by_time_is_a_percentage) {
    GOOD(trd_profile_default, p.allocation = TRD_ALLOCATE_K; p.fifo_percent = 100);
    BAD(trd_profile_default, p.allocation = TRD_ALLOCATE_K; p.fifo_percent = 101);
    BAD(trd_profile_default, p.allocation = TRD_ALLOCATE_K; p.fifo_percent = 255);
}

Test(profile, sizes_of_an_allocation_are_not_negative) {
    GOOD(trd_profile_default, p.prorata_min = INT64_MAX);
    GOOD(trd_profile_default, p.top_min = INT64_MAX);
    GOOD(trd_profile_default, p.top_max = INT64_MAX);
    BAD(trd_profile_default, p.prorata_min = -1);
    BAD(trd_profile_default, p.top_min = -1);
    BAD(trd_profile_default, p.top_max = -1);
    BAD(trd_profile_default, p.prorata_min = INT64_MIN);
}

Test(profile, a_lead_maker_has_a_percentage_from_1_to_100) {
    GOOD(trd_profile_default, p.lead[0] = (trd_lead_maker){.account = 7, .percent = 1});
    GOOD(trd_profile_default, p.lead[3] = (trd_lead_maker){.account = 7, .percent = 100});
    GOOD(trd_profile_default, p.lead[0] = (trd_lead_maker){.account = 0, .percent = 5});
    BAD(trd_profile_default, p.lead[0] = (trd_lead_maker){.account = 7, .percent = 101});
    BAD(trd_profile_default, p.lead[3] = (trd_lead_maker){.account = 7, .percent = UINT32_MAX});
}

Test(profile, an_unused_row_of_lead_makers_names_no_account) {
    BAD(trd_profile_default, p.lead[0].account = 7);
    BAD(trd_profile_default, p.lead[3].account = 7);
}

Test(profile, the_percentages_of_lead_makers_sum_up_to_100_at_most) {
    GOOD(trd_profile_default, p.lead[0] = (trd_lead_maker){1, 40};
         p.lead[1] = (trd_lead_maker){2, 30}; p.lead[2] = (trd_lead_maker){3, 20};
         p.lead[3] = (trd_lead_maker){4, 10});
    BAD(trd_profile_default, p.lead[0] = (trd_lead_maker){1, 40};
        p.lead[1] = (trd_lead_maker){2, 30}; p.lead[2] = (trd_lead_maker){3, 20};
        p.lead[3] = (trd_lead_maker){4, 11});
    /* Four of 2^30 would be 0 modulo 2^32. */
    BAD(
        trd_profile_default, for (int i = 0; i < TRD_LEAD_MAKERS_MAX; i++) {
            p.lead[i] = (trd_lead_maker){(uint32_t)i, UINT32_C(1) << 30};
        });
}

Test(profile, an_account_is_lead_maker_once) {
    for (int i = 0; i < TRD_LEAD_MAKERS_MAX; i++) {
        for (int k = 0; k < i; k++) {
            BAD(trd_profile_default, p.lead[i] = p.lead[k] = (trd_lead_maker){7, 10});
            BAD(trd_profile_default, p.lead[i] = p.lead[k] = (trd_lead_maker){0, 10});
            GOOD(trd_profile_default, p.lead[i] = (trd_lead_maker){7, 10};
                 p.lead[k] = (trd_lead_maker){8, 10});
        }
    }
    /* Account 0 beside unused rows, which hold a 0 too. */
    GOOD(trd_profile_default, p.lead[2] = (trd_lead_maker){0, 10});
}

Test(profile, ties_are_those_of_the_list) {
    for (int i = 0; i < TRD_TIES_MAX; i++) {
        for (unsigned tie = 1; tie <= UINT8_MAX; tie++) {
            trd_profile p = trd_profile_default();
            memset(p.ties, TRD_TIE_IMBALANCE, sizeof(p.ties));
            p.ties[i] = (uint8_t)tie;
            cr_expect(
                eq(int, trd_profile_check(&p), tie <= 6 ? TRD_OK : TRD_E_ARG), "%d %u", i, tie);
        }
    }
}

Test(profile, no_tie_follows_the_end_of_the_list) {
    GOOD(trd_profile_default, memset(p.ties, 0, sizeof(p.ties)));
    for (int end = 0; end < TRD_TIES_MAX; end++) {
        for (int i = end + 1; i < TRD_TIES_MAX; i++) {
            BAD(trd_profile_default, memset(p.ties, 0, sizeof(p.ties));
                memset(p.ties, TRD_TIE_LOWEST, (size_t)end); p.ties[i] = TRD_TIE_LOWEST);
        }
        GOOD(trd_profile_default, memset(p.ties, 0, sizeof(p.ties));
             memset(p.ties, TRD_TIE_LOWEST, (size_t)end));
    }
}

Test(profile, a_band_rejects_or_cancels) {
    GOOD(with_band, p.band_action = TRD_BAND_CANCEL);
    BAD(with_band, p.band_action = 3);
    BAD(with_band, p.band_action = 255);
}

Test(profile, a_band_follows_last_mark_or_index) {
    for (unsigned source = 0; source <= UINT8_MAX; source++) {
        const bool good = source == 1 || source == 4 || source == 5;
        trd_profile p = with_band();
        p.band_source = (uint8_t)source;
        cr_expect(eq(int, trd_profile_check(&p), good ? TRD_OK : TRD_E_ARG), "%u", source);
    }
}

Test(profile, a_band_is_up_to_10000_basis_points_wide_on_either_side) {
    GOOD(with_band, p.band_below = 10000);
    GOOD(with_band, p.band_above = 10000);
    BAD(with_band, p.band_below = 10001);
    BAD(with_band, p.band_above = 10001);
    BAD(with_band, p.band_below = UINT32_MAX);
}

Test(profile, switches_are_0_or_1) {
    GOOD(with_band, p.band_whole = 1);
    BAD(with_band, p.band_whole = 2);
    GOOD(with_pause, p.limit_auction = 1);
    BAD(with_pause, p.limit_auction = 2);
}

Test(profile, without_a_band_nothing_is_said_about_it) {
    BAD(trd_profile_default, p.band_source = TRD_SOURCE_LAST);
    BAD(trd_profile_default, p.band_whole = 1);
    BAD(trd_profile_default, p.band_below = 1);
    BAD(trd_profile_default, p.band_above = 1);
    BAD(trd_profile_default, p.limit_wait = 1; p.limit_pause = 1);
}

Test(profile, a_wait_at_the_band_leads_to_a_pause_of_some_length) {
    GOOD(with_pause, p.limit_wait = INT64_MAX; p.limit_pause = INT64_MAX);
    BAD(with_pause, p.limit_wait = -1);
    BAD(with_pause, p.limit_wait = INT64_MIN);
    BAD(with_pause, p.limit_pause = 0);
    BAD(with_pause, p.limit_pause = -1);
    BAD(with_band, p.limit_pause = 1);
    BAD(with_band, p.limit_auction = 1);
}

Test(profile, the_window_of_the_breaker_has_a_nanosecond_for_each_of_its_16_slices) {
    GOOD(with_breaker, p.breaker_window = INT64_MAX);
    BAD(with_breaker, p.breaker_window = 15);
    BAD(with_breaker, p.breaker_window = 1);
    BAD(with_breaker, p.breaker_window = -1);
    BAD(with_breaker, p.breaker_window = INT64_MIN);
}

Test(profile, a_breaker_has_a_variation_and_a_pause) {
    GOOD(with_breaker, p.breaker_variation = 10000; p.breaker_pause = INT64_MAX);
    BAD(with_breaker, p.breaker_variation = 0);
    BAD(with_breaker, p.breaker_variation = 10001);
    BAD(with_breaker, p.breaker_variation = UINT32_MAX);
    BAD(with_breaker, p.breaker_pause = 0);
    BAD(with_breaker, p.breaker_pause = -1);
    BAD(trd_profile_default, p.breaker_pause = 1);
    BAD(trd_profile_default, p.breaker_variation = 1);
}

Test(profile, a_band_a_pause_and_a_breaker_go_together) {
    GOOD(with_pause, p.breaker_window = 300; p.breaker_pause = 120; p.breaker_variation = 700);
}

/* --- chains of tie-breaks ----------------------------------------------------------------------
 */

Test(profile, a_chain_of_a_venue_replaces_all_ties_and_nothing_else) {
    static const struct {
        unsigned preset;
        uint8_t ties[TRD_TIES_MAX];
    } rows[] = {
        {TRD_TIES_NSE, {TRD_TIE_IMBALANCE, TRD_TIE_REFERENCE}},
        {TRD_TIES_NASDAQ, {TRD_TIE_IMBALANCE, TRD_TIE_REFERENCE}},
        {TRD_TIES_LSE, {TRD_TIE_IMBALANCE, TRD_TIE_PRESSURE, TRD_TIE_REFERENCE}},
        {TRD_TIES_VEGA, {TRD_TIE_MIDDLE}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        trd_profile p, expected;
        memset(&p, 0xa5, sizeof(p));
        memset(&expected, 0xa5, sizeof(expected));
        memcpy(expected.ties, rows[i].ties, sizeof(expected.ties));
        cr_expect(eq(int, trd_profile_ties(&p, rows[i].preset), TRD_OK), "row %zu", i);
        cr_expect(memcmp(&p, &expected, sizeof(p)) == 0, "row %zu", i);
    }
}

Test(profile, a_profile_with_the_chain_of_a_venue_is_good) {
    for (unsigned preset = TRD_TIES_NSE; preset <= TRD_TIES_VEGA; preset++) {
        GOOD(trd_profile_default, cr_assert(eq(int, trd_profile_ties(&p, preset), TRD_OK)));
    }
}

Test(profile, an_unknown_chain_changes_nothing) {
    static const unsigned presets[] = {0, TRD_TIES_VEGA + 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++) {
        trd_profile p = trd_profile_default();
        const trd_profile before = p;
        cr_expect(eq(int, trd_profile_ties(&p, presets[i]), TRD_E_ARG), "row %zu", i);
        cr_expect(memcmp(&p, &before, sizeof(p)) == 0, "row %zu", i);
    }
    cr_expect(eq(int, trd_profile_ties(NULL, TRD_TIES_NSE), TRD_E_ARG));
}
