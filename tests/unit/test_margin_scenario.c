/* test_margin_scenario.c - risk arrays, spreads between months, credits between groups. The numbers
 * are worked out on docs/reference/margin.md. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/margin.h>

enum { PPM = 1000000 };

/* A future with a price range of 90, and extreme moves that count 95. */
static trd_scenario_array future(uint32_t month) {
    return (trd_scenario_array){
        .loss = {0, 0, -30, -30, 30, 30, -60, -60, 60, 60, -90, -90, 90, 90, -95, 95},
        .delta = PPM,
        .month = month};
}

/* An option far out of the money: a lot is worth 1 less in every scenario. */
static trd_scenario_array far_option(void) {
    trd_scenario_array array = {.delta = 333333, .month = 1, .is_option = 1};
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        array.loss[i] = -1;
    }
    return array;
}

static trd_scenario_group group(void) {
    return (trd_scenario_group){
        .initial_ppm = 1100000, .spread_count = 1, .short_min = 10, .spreads = {{0, 1, 20}}};
}

static void hold(trd_scenario_sums *sums, trd_scenario_array array, trd_qty qty) {
    const trd_scenario_change change = {.qty_before = 0, .qty_after = qty};
    cr_assert(eq(int, trd_scenario_add(sums, &array, &change), TRD_OK));
}

static trd_scenario_need need_of(const trd_scenario_group *of, const trd_scenario_sums *sums) {
    const trd_scenario_portfolio portfolio = {.groups = of, .sums = sums, .count = 1};
    trd_scenario_need need;
    trd_margin_requirement total;
    cr_assert(eq(int, trd_scenario_check(&portfolio), TRD_OK));
    cr_assert(eq(int, trd_scenario_require(&portfolio, &need, &total), TRD_OK));
    cr_expect(total.initial == need.initial && total.maintenance == need.maintenance);
    return need;
}

Test(margin_scenario, scan_risk_is_the_worst_sum) {
    const trd_scenario_group of = group();
    trd_scenario_sums sums = {0};
    hold(&sums, future(0), 2);
    trd_scenario_need need = need_of(&of, &sums);
    cr_expect(eq(i64, need.scan, 190));
    cr_expect(eq(i64, need.maintenance, 190));
    cr_expect(eq(i64, need.initial, 209));
    cr_expect(eq(i64, need.delta, 2 * PPM));
    const trd_scenario_change turned = {.qty_before = 2, .qty_after = -1};
    const trd_scenario_array array = future(0);
    cr_assert(eq(int, trd_scenario_add(&sums, &array, &turned), TRD_OK));
    need = need_of(&of, &sums);
    cr_expect(eq(i64, need.scan, 95));
    cr_expect(eq(i64, need.delta, -PPM));
}

Test(margin_scenario, what_only_gains_has_no_risk) {
    const trd_scenario_group of = {.initial_ppm = PPM};
    trd_scenario_sums sums = {0};
    hold(&sums, far_option(), 4);
    const trd_scenario_need need = need_of(&of, &sums);
    cr_expect(need.scan == 0 && need.maintenance == 0 && need.initial == 0);
}

/* Long 3 near, short 2 far: one lot of risk, two spreads of 20; 1.1 x 135 = 148.5. */
Test(margin_scenario, months_are_charged_per_spread) {
    const trd_scenario_group of = group();
    trd_scenario_sums sums = {0};
    hold(&sums, future(0), 3);
    hold(&sums, future(1), -2);
    trd_scenario_need need = need_of(&of, &sums);
    cr_expect(eq(i64, need.scan, 95));
    cr_expect(eq(i64, need.spread, 40));
    cr_expect(eq(i64, need.maintenance, 135));
    cr_expect(eq(i64, need.initial, 149));

    sums = (trd_scenario_sums){0}; /* both long: nothing to charge */
    hold(&sums, future(0), 3);
    hold(&sums, future(1), 2);
    need = need_of(&of, &sums);
    cr_expect(eq(i64, need.spread, 0));
}

/* A third of a delta at 20 is 6.67. */
Test(margin_scenario, a_part_of_a_spread_is_charged_in_part_and_up) {
    trd_scenario_group of = group();
    of.short_min = 0;
    trd_scenario_sums sums = {0};
    hold(&sums, future(0), 1);
    hold(&sums, far_option(), -1);
    cr_expect(eq(i64, need_of(&of, &sums).spread, 7));
}

/* Long 3, short 2, short 2: the first spread takes two, the second the one that is left. In the
 * other order the first takes two of the third month. */
Test(margin_scenario, spreads_are_formed_in_their_order) {
    trd_scenario_group of = {
        .initial_ppm = PPM, .spread_count = 2, .spreads = {{0, 1, 20}, {2, 0, 50}}};
    trd_scenario_sums sums = {0};
    hold(&sums, future(0), 3);
    hold(&sums, future(1), -2);
    hold(&sums, future(2), -2);
    cr_expect(eq(i64, need_of(&of, &sums).spread, 40 + 50));
    const trd_scenario_spread first = of.spreads[0];
    of.spreads[0] = of.spreads[1];
    of.spreads[1] = first;
    cr_expect(eq(i64, need_of(&of, &sums).spread, 100 + 20));
}

/* Short four: they lose 4 at worst, but 10 each is the least. */
Test(margin_scenario, short_options_have_a_minimum) {
    const trd_scenario_group of = group();
    trd_scenario_sums sums = {0};
    hold(&sums, far_option(), -4);
    trd_scenario_need need = need_of(&of, &sums);
    cr_expect(eq(i64, need.scan, 4));
    cr_expect(eq(i64, need.minimum, 40));
    cr_expect(eq(i64, need.maintenance, 40));
    cr_expect(eq(i64, need.initial, 44));
    hold(&sums, future(0), 1);
    need = need_of(&of, &sums);
    cr_expect(eq(i64, need.maintenance, 99 + 20)); /* 95 + 4, one whole spread of 1.33 */
}

/* Long options do not make room for short ones. */
Test(margin_scenario, long_options_do_not_lower_the_minimum) {
    trd_scenario_sums sums = {0};
    hold(&sums, far_option(), -4);
    trd_scenario_array other = far_option();
    other.month = 2;
    hold(&sums, other, 4);
    cr_expect(eq(i64, sums.short_lots, 4));
    const trd_scenario_array array = far_option();
    const trd_scenario_change change = {.qty_before = -4, .qty_after = 1};
    cr_assert(eq(int, trd_scenario_add(&sums, &array, &change), TRD_OK));
    cr_expect(eq(i64, sums.short_lots, 0));
}

/* ---- pairs ---------------------------------------------------------------------------------- */

/* A long 2 (risk 190), B short 3 (risk 285). */
typedef struct couple {
    trd_scenario_group groups[2];
    trd_scenario_sums sums[2];
    trd_scenario_pair pairs[2];
    trd_scenario_portfolio portfolio;
    trd_scenario_need needs[2];
    trd_margin_requirement total;
} couple;

static void make_couple(couple *c) {
    memset(c, 0, sizeof(*c));
    for (int i = 0; i < 2; i++) {
        c->groups[i].initial_ppm = PPM;
    }
    hold(&c->sums[0], future(0), 2);
    hold(&c->sums[1], future(0), -3);
    c->pairs[0] = (trd_scenario_pair){
        .group_a = 0, .group_b = 1, .delta_a = PPM, .delta_b = 2 * PPM, .credit_ppm = 700000};
    c->pairs[1] = (trd_scenario_pair){
        .group_a = 0, .group_b = 1, .delta_a = PPM, .delta_b = PPM, .credit_ppm = 500000};
    c->portfolio = (trd_scenario_portfolio){
        .groups = c->groups, .sums = c->sums, .pairs = c->pairs, .count = 2, .pair_count = 1};
}

static void require(couple *c) {
    cr_assert(eq(int, trd_scenario_check(&c->portfolio), TRD_OK));
    cr_assert(eq(int, trd_scenario_require(&c->portfolio, c->needs, &c->total), TRD_OK));
}

/* One spread: half of A's risk, 95 x 0.7 = 66.5, and two thirds of B's, 190 x 0.7 = 133. */
Test(margin_scenario, a_pair_earns_a_part_of_the_risk_of_both) {
    couple c;
    make_couple(&c);
    require(&c);
    cr_expect(eq(i64, c.needs[0].credit, 66));
    cr_expect(eq(i64, c.needs[0].maintenance, 124));
    cr_expect(eq(i64, c.needs[0].delta, PPM));
    cr_expect(eq(i64, c.needs[1].credit, 133));
    cr_expect(eq(i64, c.needs[1].maintenance, 152));
    cr_expect(eq(i64, c.needs[1].delta, -PPM));
    cr_expect(eq(i64, c.total.maintenance, 276));
}

/* Behind the first pair one against one is left: 95 x 0.5 = 47.5 each. In front of it the second
 * takes two and two, 190 x 0.5 each, and leaves nothing for the first. */
Test(margin_scenario, pairs_are_formed_in_their_order) {
    couple c;
    make_couple(&c);
    c.portfolio.pair_count = 2;
    require(&c);
    cr_expect(eq(i64, c.needs[0].maintenance, 190 - 66 - 47));
    cr_expect(eq(i64, c.needs[1].maintenance, 285 - 133 - 47));
    const trd_scenario_pair first = c.pairs[0];
    c.pairs[0] = c.pairs[1];
    c.pairs[1] = first;
    require(&c);
    cr_expect(eq(i64, c.needs[0].maintenance, 95));
    cr_expect(eq(i64, c.needs[1].maintenance, 190));
    cr_expect(eq(i64, c.needs[1].delta, -PPM));
}

Test(margin_scenario, a_pair_is_formed_on_its_sides_only) {
    couple c;
    make_couple(&c);
    c.pairs[0].same_side = 1;
    require(&c);
    cr_expect(eq(i64, c.total.maintenance, 475));
    c.sums[1] = (trd_scenario_sums){0};
    hold(&c.sums[1], future(0), 3);
    require(&c);
    cr_expect(eq(i64, c.total.maintenance, 276));
    c.pairs[0].same_side = 0;
    require(&c);
    cr_expect(eq(i64, c.total.maintenance, 475));
}

/* The least deltas there are, one against one, at the whole rate. */
Test(margin_scenario, the_smallest_delta_earns_its_credit) {
    couple c;
    make_couple(&c);
    memset(c.sums, 0, sizeof(c.sums));
    trd_scenario_array array = future(0);
    array.delta = 1;
    hold(&c.sums[0], array, 1);
    hold(&c.sums[1], array, -1);
    c.pairs[0] = (trd_scenario_pair){
        .group_a = 0, .group_b = 1, .delta_a = 1, .delta_b = 1, .credit_ppm = PPM};
    require(&c);
    cr_expect(c.needs[0].credit == 95 && c.needs[1].credit == 95);
    cr_expect(eq(i64, c.total.maintenance, 0));
}

Test(margin_scenario, a_credit_does_not_go_below_the_minimum) {
    couple c;
    make_couple(&c);
    c.groups[0].short_min = 150;
    hold(&c.sums[0], (trd_scenario_array){.month = 1, .is_option = 1}, -1);
    require(&c);
    cr_expect(eq(i64, c.needs[0].credit, 66));
    cr_expect(eq(i64, c.needs[0].maintenance, 150));
}

/* ---- ranges --------------------------------------------------------------------------------- */

#define EXPECT_UNUSABLE(...)                                                                       \
    do {                                                                                           \
        couple c;                                                                                  \
        make_couple(&c);                                                                           \
        __VA_ARGS__;                                                                               \
        cr_expect(eq(int, trd_scenario_check(&c.portfolio), TRD_E_ARG), #__VA_ARGS__);             \
    } while (0)

Test(margin_scenario, groups_and_pairs_have_ranges) {
    EXPECT_UNUSABLE(c.groups[1].initial_ppm = PPM - 1);
    EXPECT_UNUSABLE(c.groups[1].initial_ppm = 10 * PPM + 1);
    EXPECT_UNUSABLE(c.groups[1].short_min = -1);
    EXPECT_UNUSABLE(c.groups[1].spread_count = TRD_SCENARIO_SPREADS_MAX + 1);
    EXPECT_UNUSABLE(c.groups[1].spread_count = 1); /* a month against itself */
    EXPECT_UNUSABLE(c.groups[1].spread_count = 1; c.groups[1].spreads[0].month_a = 16);
    EXPECT_UNUSABLE(c.groups[1].spread_count = 1; c.groups[1].spreads[0].month_b = 16);
    EXPECT_UNUSABLE(c.groups[1].spread_count = 1;
                    c.groups[1].spreads[0] = (trd_scenario_spread){0, 1, -1});
    EXPECT_UNUSABLE(c.pairs[0].group_a = 2);
    EXPECT_UNUSABLE(c.pairs[0].group_b = 2);
    EXPECT_UNUSABLE(c.pairs[0].group_b = 0);
    EXPECT_UNUSABLE(c.pairs[0].delta_a = 0);
    EXPECT_UNUSABLE(c.pairs[0].delta_b = 0);
    EXPECT_UNUSABLE(c.pairs[0].credit_ppm = PPM + 1);
    EXPECT_UNUSABLE(c.pairs[0].same_side = 2);
}

#define EXPECT_NOT_ADDED(result, array, ...)                                                       \
    do {                                                                                           \
        trd_scenario_sums sums = {.short_lots = 1, .loss = {[15] = 5}}, before = sums;             \
        const trd_scenario_change change = __VA_ARGS__;                                            \
        cr_expect(eq(int, trd_scenario_add(&sums, &(array), &change), (result)));                  \
        cr_expect(memcmp(&sums, &before, sizeof(sums)) == 0);                                      \
    } while (0)

Test(margin_scenario, a_change_that_cannot_be_added_changes_nothing) {
    trd_scenario_array array = future(16);
    EXPECT_NOT_ADDED(TRD_E_ARG, array, {0, 1});
    array = future(0);
    array.is_option = 2;
    EXPECT_NOT_ADDED(TRD_E_ARG, array, {0, 1});
    array = future(0);
    EXPECT_NOT_ADDED(TRD_E_RANGE, array, {0, INT64_MAX / 2});
    EXPECT_NOT_ADDED(TRD_E_RANGE, array, {INT64_MIN, 0});
    EXPECT_NOT_ADDED(TRD_E_RANGE, array, {0, INT64_MIN});
    memset(&array, 0, sizeof(array));
    array.loss[15] = 1;
    EXPECT_NOT_ADDED(TRD_E_RANGE, array, {0, INT64_MAX - 4});
    array.loss[15] = 0;
    array.delta = INT64_MAX;
    EXPECT_NOT_ADDED(TRD_E_RANGE, array, {1, -1});
    array.delta = 0;
    array.is_option = 1;
    EXPECT_NOT_ADDED(TRD_E_RANGE, array, {0, -INT64_MAX});
    EXPECT_NOT_ADDED(TRD_E_ARG, array, {-2, 0});
}

/* 190 of the other group and this are all that fits. */
Test(margin_scenario, the_largest_sum_fits) {
    couple c;
    make_couple(&c);
    c.portfolio.pair_count = 0;
    c.sums[1].loss[3] = INT64_MAX - 190;
    require(&c);
    cr_expect(eq(i64, c.total.initial, INT64_MAX));
    c.sums[1].loss[3]++;
    cr_expect(eq(int, trd_scenario_require(&c.portfolio, c.needs, &c.total), TRD_E_RANGE));
}

/* Nothing is stored for any group, also if the last one fails. */
#define EXPECT_TOO_LARGE(...)                                                                      \
    do {                                                                                           \
        couple c;                                                                                  \
        make_couple(&c);                                                                           \
        memset(c.needs, 0x5a, sizeof(c.needs));                                                    \
        c.total.initial = 7;                                                                       \
        __VA_ARGS__;                                                                               \
        const trd_scenario_need before = c.needs[0];                                               \
        cr_expect(eq(int, trd_scenario_require(&c.portfolio, c.needs, &c.total), TRD_E_RANGE),     \
            #__VA_ARGS__);                                                                         \
        cr_expect(memcmp(&c.needs[0], &before, sizeof(before)) == 0);                              \
        cr_expect(eq(i64, c.total.initial, 7));                                                    \
    } while (0)

Test(margin_scenario, what_does_not_fit_is_refused) {
    EXPECT_TOO_LARGE(c.sums[1].delta[1] = c.sums[1].delta[2] = INT64_MAX);
    EXPECT_TOO_LARGE(c.groups[1].short_min = 2; c.sums[1].short_lots = INT64_MAX);
    EXPECT_TOO_LARGE(c.sums[1].loss[3] = INT64_MAX; c.groups[1].initial_ppm++);
    EXPECT_TOO_LARGE(c.sums[1].loss[3] = INT64_MAX); /* 190 of the other are too much */
    EXPECT_TOO_LARGE(c.groups[1].spread_count = 1;
                     c.groups[1].spreads[0] = (trd_scenario_spread){0, 1, 1};
                     c.sums[1].delta[1] = 3 * PPM; c.sums[1].loss[3] = INT64_MAX);
    EXPECT_TOO_LARGE(c.groups[1].spread_count = 1;
                     c.groups[1].spreads[0] = (trd_scenario_spread){0, 1, INT64_MAX};
                     c.sums[1].delta[1] = 3 * PPM);
}
