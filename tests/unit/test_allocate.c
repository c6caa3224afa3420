/* test_allocate.c - what each step of an allocation gives, and each of the eight CME algorithms.
 *
 * Every expected number is worked out by hand from the steps of match/allocate.h; the sums stand
 * beside it where they are not obvious. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdint.h>
#include <string.h>

#include "match/allocate.h"

enum { ORDERS_MAX = 8 };

/* An order of a level, in queue order, and what it must be given. */
typedef struct row {
    trd_qty qty;
    trd_qty given;
    uint8_t lmm_percent;
    uint8_t top;
} row;

static void check(
    const trd_alloc_rule *rule, trd_qty aggressor, const row *rows, uint32_t count, trd_qty sum) {
    trd_alloc_order orders[ORDERS_MAX];
    memset(orders, 0xa5, sizeof(orders)); /* `given` and `passed_over` hold anything */
    for (uint32_t i = 0; i < count; i++) {
        orders[i].qty = rows[i].qty;
        orders[i].lmm_percent = rows[i].lmm_percent;
        orders[i].top = rows[i].top;
    }
    cr_expect(eq(i64, trd__allocate(rule, orders, count, aggressor), sum));
    for (uint32_t i = 0; i < count; i++) {
        cr_expect(eq(i64, orders[i].given, rows[i].given), "order %u", i);
        cr_expect(eq(i64, orders[i].qty, rows[i].qty), "order %u", i);
        cr_expect(eq(u8, orders[i].lmm_percent, rows[i].lmm_percent), "order %u", i);
        cr_expect(eq(u8, orders[i].top, rows[i].top), "order %u", i);
    }
}

/* CHECK(rule, aggressor, sum, {qty, given, lmm_percent, top}, ...) */
#define CHECK(rule, aggressor, sum, ...)                                                           \
    check(rule, aggressor, (const row[]){__VA_ARGS__},                                             \
        sizeof((const row[]){__VA_ARGS__}) / sizeof(row), sum)

static trd_alloc_rule cme(char letter) {
    trd_alloc_rule rule;
    cr_assert(eq(int, trd__alloc_cme(letter, &rule), TRD_OK));
    return rule;
}

/* --- the whole level --- */

Test(allocate, who_takes_the_whole_level_gives_every_order_all_of_it) {
    const char letters[] = "ACFKOQST";
    for (size_t i = 0; i < sizeof(letters) - 1; i++) {
        const trd_alloc_rule rule = cme(letters[i]);
        CHECK(&rule, 85, 85, {10, 10, 0, 1}, {5, 5, 50, 0}, {70, 70, 0, 0});
        CHECK(&rule, 86, 85, {10, 10, 0, 1}, {5, 5, 50, 0}, {70, 70, 0, 0});
        CHECK(&rule, INT64_MAX, 85, {10, 10, 0, 1}, {5, 5, 50, 0}, {70, 70, 0, 0});
    }
}

Test(allocate, an_empty_level_gives_nothing) {
    const trd_alloc_rule rule = cme('K');
    cr_expect(eq(i64, trd__allocate(&rule, NULL, 0, 7), 0));
}

Test(allocate, an_aggressor_of_nothing_is_given_nothing) {
    const trd_alloc_rule rule = cme('K');
    CHECK(&rule, 0, 0, {10, 0, 0, 1}, {5, 0, 50, 0});
}

/* --- TOP --- */

Test(allocate, the_top_order_comes_first_wherever_it_stands) {
    const trd_alloc_rule rule = {.top = 1, .fifo_percent = 100};
    CHECK(&rule, 12, 12, {20, 5, 0, 0}, {7, 7, 0, 1}, {9, 0, 0, 0});
    CHECK(&rule, 4, 4, {20, 0, 0, 0}, {7, 4, 0, 1}, {9, 0, 0, 0});
}

Test(allocate, an_order_below_the_minimum_is_not_the_top_order) {
    const trd_alloc_rule rule = {.top = 1, .fifo_percent = 100, .top_min = 10};
    CHECK(&rule, 12, 12, {20, 12, 0, 0}, {9, 0, 0, 1});
    CHECK(&rule, 12, 12, {20, 2, 0, 0}, {10, 10, 0, 1});
    CHECK(&rule, 12, 12, {20, 2, 0, 0}, {9, 0, 0, 1}, {10, 10, 0, 1});
}

Test(allocate, there_is_one_top_order_the_earliest) {
    const trd_alloc_rule rule = {.top = 1, .fifo_percent = 100};
    CHECK(&rule, 12, 12, {20, 5, 0, 0}, {7, 7, 0, 1}, {9, 0, 0, 1});
}

Test(allocate, top_gives_no_more_than_its_maximum) {
    const trd_alloc_rule rule = {.top = 1, .fifo_percent = 100, .top_max = 6};
    CHECK(&rule, 12, 12, {20, 6, 0, 0}, {7, 6, 0, 1});
    CHECK(&rule, 12, 12, {20, 7, 0, 0}, {5, 5, 0, 1});
    CHECK(&rule, 26, 26, {20, 20, 0, 0}, {9, 6, 0, 1});
}

Test(allocate, without_the_step_top_is_no_status) {
    const trd_alloc_rule rule = {.fifo_percent = 100};
    CHECK(&rule, 12, 12, {20, 12, 0, 0}, {7, 0, 0, 1});
}

/* --- LMM --- */

Test(allocate, a_lead_maker_gets_its_percent_rounded_down) {
    const trd_alloc_rule rule = {.lmm = 1, .fifo_percent = 100};
    CHECK(&rule, 19, 19, {30, 18, 0, 0}, {30, 1, 10, 0});
    CHECK(&rule, 20, 20, {30, 18, 0, 0}, {30, 2, 10, 0});
    CHECK(&rule, 9, 9, {30, 9, 0, 0}, {30, 0, 10, 0});
    CHECK(&rule, 9, 9, {30, 0, 0, 0}, {30, 9, 100, 0});
}

Test(allocate, a_lead_maker_gets_at_most_its_order) {
    const trd_alloc_rule rule = {.lmm = 1, .fifo_percent = 100};
    CHECK(&rule, 20, 20, {30, 17, 0, 0}, {3, 3, 50, 0});
}

/* 10 and 20 percent of 40 each, not of what the one before leaves. */
Test(allocate, several_lead_makers_share_one_base) {
    const trd_alloc_rule rule = {.lmm = 1, .fifo_percent = 100};
    CHECK(&rule, 40, 40, {50, 28, 0, 0}, {30, 4, 10, 0}, {30, 8, 20, 0});
    CHECK(&rule, 40, 40, {50, 28, 0, 0}, {30, 8, 20, 0}, {30, 4, 10, 0});
}

Test(allocate, percents_above_a_hundred_are_served_by_time) {
    const trd_alloc_rule rule = {.lmm = 1, .fifo_percent = 100};
    CHECK(&rule, 10, 10, {50, 0, 0, 0}, {30, 6, 60, 0}, {30, 4, 60, 0}, {30, 0, 60, 0});
}

/* 50 percent of the 30 that TOP leaves. */
Test(allocate, the_base_of_lead_makers_is_what_top_leaves) {
    const trd_alloc_rule rule = {.top = 1, .lmm = 1, .fifo_percent = 100};
    CHECK(&rule, 40, 40, {50, 15, 0, 0}, {10, 10, 0, 1}, {30, 15, 50, 0});
}

Test(allocate, what_top_gave_to_is_no_lead_maker) {
    const trd_alloc_rule rule = {.top = 1, .lmm = 1, .fifo_percent = 100, .top_max = 10};
    CHECK(&rule, 40, 40, {30, 30, 0, 0}, {30, 10, 50, 1});
    CHECK(&rule, 40, 40, {30, 20, 0, 0}, {30, 20, 50, 0}); /* without top status it is */
}

Test(allocate, without_the_step_a_lead_maker_is_an_order_like_others) {
    const trd_alloc_rule rule = {.fifo_percent = 100};
    CHECK(&rule, 20, 20, {30, 20, 0, 0}, {30, 0, 50, 0});
}

/* --- split --- */

Test(allocate, a_hundred_percent_by_time_is_plain_fifo) {
    const trd_alloc_rule rule = {.fifo_percent = 100, .leveling = 1, .prorata_min = 2};
    CHECK(&rule, 8, 8, {5, 5, 0, 0}, {5, 3, 0, 0}, {90, 0, 0, 0});
}

/* 40 percent of 7 is 2; of the other 5 pro-rata gives 98 x 5 / 178 = 2 and 80 x 5 / 178 = 2. */
Test(allocate, the_share_by_time_is_rounded_down) {
    const trd_alloc_rule rule = {.fifo_percent = 40};
    CHECK(&rule, 7, 7, {100, 5, 0, 0}, {80, 2, 0, 0});
}

/* 50 percent of 60 by time: 20 and 10. The other 30 over 40 and 50 that are still open: 13 and 16,
 * and the one that is left to the earliest that is open. */
Test(allocate, pro_rata_counts_what_the_share_by_time_left_open) {
    const trd_alloc_rule rule = {.fifo_percent = 50};
    CHECK(&rule, 60, 60, {20, 20, 0, 0}, {50, 24, 0, 0}, {50, 16, 0, 0});
}

/* --- pro-rata --- */

/* 7 x 30 / 60 = 3.5, 7 x 20 / 60 = 2.3, 7 x 10 / 60 = 1.2: 3, 2, 1 and one by time. */
Test(allocate, pro_rata_rounds_down_and_the_rest_goes_by_time) {
    const trd_alloc_rule rule = {0};
    CHECK(&rule, 7, 7, {10, 2, 0, 0}, {20, 2, 0, 0}, {30, 3, 0, 0});
    CHECK(&rule, 7, 7, {30, 4, 0, 0}, {20, 2, 0, 0}, {10, 1, 0, 0});
}

/* The same level: shares of 3, 2 and 1. What is withheld goes by time, not pro-rata again. */
Test(allocate, a_share_below_the_minimum_is_nothing) {
    const trd_alloc_rule two = {.prorata_min = 2};
    CHECK(&two, 7, 7, {30, 5, 0, 0}, {20, 2, 0, 0}, {10, 0, 0, 0});
    const trd_alloc_rule three = {.prorata_min = 3};
    CHECK(&three, 7, 7, {10, 4, 0, 0}, {20, 0, 0, 0}, {30, 3, 0, 0});
    const trd_alloc_rule four = {.prorata_min = 4};
    CHECK(&four, 7, 7, {10, 7, 0, 0}, {20, 0, 0, 0}, {30, 0, 0, 0});
    const trd_alloc_rule one = {.prorata_min = 1};
    CHECK(&one, 7, 7, {10, 2, 0, 0}, {20, 2, 0, 0}, {30, 3, 0, 0});
}

/* TOP takes 10 of 20, the lead maker 3 of 10: 24 are left over 10, 7, 43, which are 60. Shares of
 * 4, 2.8 and 17.2, and one by time. */
Test(allocate, pro_rata_counts_what_top_and_lead_makers_left_open) {
    const trd_alloc_rule rule = {.top = 1, .lmm = 1, .top_max = 10};
    CHECK(&rule, 37, 37, {20, 15, 0, 1}, {10, 5, 12, 0}, {43, 17, 0, 0});
}

/* S24 */
Test(allocate, lots_that_are_too_few_to_share_go_by_time) {
    const trd_alloc_rule classic = cme('A');
    CHECK(&classic, 2, 2, {1, 1, 0, 0}, {1, 1, 0, 0}, {1, 0, 0, 0});
    const trd_alloc_rule plain = {0};
    CHECK(&plain, 2, 2, {1, 1, 0, 0}, {1, 1, 0, 0}, {1, 0, 0, 0});
}

/* S26. A quarter of 2^42 is 2^40. Then n = 2^40: n (n + 1) / (2n + 1) lies a quarter above n / 2
 * and n n / (2n + 1) a quarter below it, so that one lot is left. */
Test(allocate, products_of_large_quantities_are_exact) {
    const trd_alloc_rule rule = {0};
    const trd_qty n = INT64_C(1) << 40;
    CHECK(&rule, n, n, {n, n / 4, 0, 0}, {3 * n, 3 * (n / 4), 0, 0});
    CHECK(&rule, n, n, {n, n / 2, 0, 0}, {n + 1, n / 2, 0, 0});
    CHECK(&rule, n, n, {n + 1, n / 2 + 1, 0, 0}, {n, n / 2 - 1, 0, 0});
}

/* M = 2^63 - 1: M x M / 2M is 2^62 - 1 and a half. */
Test(allocate, a_level_may_hold_more_than_64_bits) {
    const trd_alloc_rule rule = {0};
    const trd_qty half = INT64_C(1) << 62;
    CHECK(&rule, INT64_MAX, INT64_MAX, {INT64_MAX, half, 0, 0}, {INT64_MAX, half - 1, 0, 0});
    const trd_alloc_rule shared = {.lmm = 1, .fifo_percent = 100};
    CHECK(&shared, INT64_MAX, INT64_MAX, {INT64_MAX, 0, 0, 0}, {INT64_MAX, INT64_MAX, 100, 0});
}

/* --- leveling --- */

/* Shares of 5.2 for 87 and of less than one for the others: 1 is left, then 2 (of 10: 8.7), then 3
 * (of 20: 17.4, the shares of 1 are below the minimum). */
Test(allocate, leveling_gives_a_lot_to_the_largest_first_then_the_earliest) {
    const trd_alloc_rule rule = {.leveling = 1, .prorata_min = 2};
    CHECK(&rule, 6, 6, {3, 0, 0, 0}, {5, 1, 0, 0}, {5, 0, 0, 0}, {87, 5, 0, 0});
    CHECK(&rule, 10, 10, {3, 0, 0, 0}, {5, 1, 0, 0}, {5, 1, 0, 0}, {87, 8, 0, 0});
    CHECK(&rule, 20, 20, {3, 1, 0, 0}, {5, 1, 0, 0}, {5, 1, 0, 0}, {87, 17, 0, 0});
}

/* 3 and 5 of 100 share 1.5 and 2.5 of 50; 4 are left: a lot each, and 2 by time. */
Test(allocate, what_leveling_leaves_goes_by_time) {
    const trd_alloc_rule rule = {.leveling = 1, .prorata_min = 10};
    CHECK(&rule, 50, 50, {3, 3, 0, 0}, {5, 1, 0, 0}, {92, 46, 0, 0});
}

/* The lead maker takes 8 of its 10. Of 72 over 2, 5 and 900 only 900 has a share, 71.4. */
Test(allocate, leveling_goes_by_what_is_open) {
    const trd_alloc_rule rule = {.lmm = 1, .leveling = 1};
    CHECK(&rule, 80, 80, {10, 8, 10, 0}, {5, 1, 0, 0}, {900, 71, 0, 0});
}

/* 10 percent of 30 by time, to 5: 2 stay open. Shares of 27 over 2, 1 and 97: 0.5, 0.3, 26.2. */
Test(allocate, leveling_does_not_look_at_what_earlier_steps_gave) {
    const trd_alloc_rule rule = {.fifo_percent = 10, .leveling = 1};
    CHECK(&rule, 30, 30, {5, 4, 0, 0}, {1, 0, 0, 0}, {97, 26, 0, 0});
}

/* 50 percent of 40 by time fill the first. Shares of 20 over 2 and 98: 0.4 and 19.6. */
Test(allocate, leveling_passes_by_what_is_full) {
    const trd_alloc_rule rule = {.fifo_percent = 50, .leveling = 1};
    CHECK(&rule, 40, 40, {20, 20, 0, 0}, {2, 1, 0, 0}, {98, 19, 0, 0});
}

/* All are passed over by the minimum, and there are lots for two. */
Test(allocate, leveling_knows_the_largest_quantity_there_is) {
    const trd_alloc_rule rule = {.leveling = 1, .prorata_min = 2};
    CHECK(&rule, 2, 2, {INT64_MAX - 1, 0, 0, 0}, {INT64_MAX, 1, 0, 0}, {INT64_MAX, 1, 0, 0},
        {INT64_MAX, 0, 0, 0});
}

/* --- the eight algorithms --- */

typedef struct cme_row {
    char letter;
    trd_alloc_rule rule;
} cme_row;

/* docs/reference/allocation.md */
Test(allocate, each_algorithm_is_the_row_that_is_documented) {
    static const cme_row rows[] = {
        {'A', {1, 0, 0, 0, {0}, 0, 0, 2}},
        {'C', {0, 0, 0, 0, {0}, 0, 0, 2}},
        {'F', {0, 0, 100, 0, {0}, 0, 0, 0}},
        {'K', {1, 1, 40, 1, {0}, 0, 0, 2}},
        {'O', {1, 0, 0, 0, {0}, 10, 100, 1}},
        {'Q', {1, 1, 0, 0, {0}, 10, 100, 1}},
        {'S', {1, 1, 100, 0, {0}, 0, 0, 0}},
        {'T', {0, 1, 100, 0, {0}, 0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const trd_alloc_rule rule = cme(rows[i].letter);
        cr_expect(memcmp(&rule, &rows[i].rule, sizeof(rule)) == 0, "%c", rows[i].letter);
    }
}

Test(allocate, an_unknown_letter_leaves_the_rule_as_it_was) {
    const char letters[] = {0, 'B', 'V', 'a', 'Z', ' '};
    for (size_t i = 0; i < sizeof(letters); i++) {
        trd_alloc_rule rule;
        memset(&rule, 0x5a, sizeof(rule));
        const trd_alloc_rule before = rule;
        cr_expect(eq(int, trd__alloc_cme(letters[i], &rule), TRD_E_UNKNOWN));
        cr_expect(memcmp(&rule, &before, sizeof(rule)) == 0);
    }
}

/* S23. TOP takes 10. Shares of 50 over 150: 1.7 (below 2), 6.7, 16.7, 25; 3 are left. */
Test(allocate, a_is_top_then_pro_rata) {
    const trd_alloc_rule rule = cme('A');
    CHECK(
        &rule, 60, 60, {10, 10, 0, 1}, {5, 3, 0, 0}, {20, 6, 0, 0}, {50, 16, 0, 0}, {75, 25, 0, 0});
    CHECK(&rule, 60, 60, {10, 10, 0, 1}, {5, 3, 90, 0}, {20, 6, 0, 0}, {50, 16, 0, 0},
        {75, 25, 0, 0});
}

/* Shares of 50 over 403: 0.6, 1.1 (below 2), 7.1, 0.5, 3.5, 37.2; 3 are left. */
Test(allocate, c_is_pro_rata_without_top) {
    const trd_alloc_rule rule = cme('C');
    CHECK(&rule, 50, 50, {5, 3, 0, 0}, {9, 0, 0, 0}, {57, 7, 0, 0}, {4, 0, 90, 1}, {28, 3, 0, 0},
        {300, 37, 0, 0});
}

Test(allocate, f_is_the_queue) {
    const trd_alloc_rule rule = cme('F');
    CHECK(&rule, 22, 22, {5, 5, 0, 0}, {20, 17, 0, 0}, {50, 0, 90, 1});
}

/* TOP 4; 10 and 20 percent of 100; 40 percent of 70 by time: 20 and 8. Shares of 42 over 32, 100, 6
 * and 8, which are 146: 9.2, 28.8, 1.7 (below 2), 2.3. Of the 3 that are left leveling gives 1 to
 * the order of 6, and 2 go by time to the order of 60. */
Test(allocate, k_is_all_of_them) {
    trd_alloc_rule rule = cme('K');
    CHECK(&rule, 104, 104, {4, 4, 0, 1}, {30, 30, 10, 0}, {60, 39, 20, 0}, {100, 28, 0, 0},
        {6, 1, 0, 0}, {8, 2, 0, 0});
    rule.leveling = 0;
    CHECK(&rule, 104, 104, {4, 4, 0, 1}, {30, 30, 10, 0}, {60, 40, 20, 0}, {100, 28, 0, 0},
        {6, 0, 0, 0}, {8, 2, 0, 0});
}

/* TOP takes 100 of 150. Shares of 100 over 50, 8 and 160, which are 218: 22.9, 3.7, 73.4; 2 are
 * left. An order of 9 is no top order: shares of 100 over 9, 8, 160: 5.1, 4.5, 90.4; 1 is left. */
Test(allocate, o_is_a_with_a_threshold_for_top) {
    const trd_alloc_rule rule = cme('O');
    CHECK(&rule, 200, 200, {150, 124, 0, 1}, {8, 3, 90, 0}, {160, 73, 0, 0});
    CHECK(&rule, 100, 100, {9, 6, 0, 1}, {8, 4, 0, 0}, {160, 90, 0, 0});
}

/* TOP takes 100 of 130, the lead maker 40 percent of 150. Shares of 90 over 30, 15 and 100, which
 * are 145: 18.6, 9.3, 62.1; 1 is left. */
Test(allocate, q_is_o_with_lead_makers) {
    const trd_alloc_rule rule = cme('Q');
    CHECK(&rule, 250, 250, {130, 119, 0, 1}, {15, 9, 0, 0}, {160, 122, 40, 0});
}

/* TOP 10, 10 and 20 percent of 30, and 21 by time. */
Test(allocate, s_is_top_lead_makers_and_the_queue) {
    const trd_alloc_rule rule = cme('S');
    CHECK(&rule, 40, 40, {20, 20, 0, 0}, {10, 10, 0, 1}, {30, 4, 10, 0}, {40, 6, 20, 0});
}

/* 10 and 20 percent of 40, and 28 by time. */
Test(allocate, t_is_lead_makers_and_the_queue) {
    const trd_alloc_rule rule = cme('T');
    CHECK(&rule, 40, 40, {20, 20, 0, 0}, {10, 8, 0, 1}, {30, 4, 10, 0}, {40, 8, 20, 0});
}
