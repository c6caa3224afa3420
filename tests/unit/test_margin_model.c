/* test_margin_model.c - what a notional needs under each model, and what is no model. Money is in
 * cents; the numbers are worked out on docs/reference/margin.md. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/margin.h>

#define EXPECT_NEED(model, notional, wanted_initial, wanted_maintenance)                           \
    do {                                                                                           \
        trd_margin_requirement need = {-1, -1};                                                    \
        cr_assert(eq(int, trd_margin_require(&(model), (notional), &need), TRD_OK));               \
        cr_expect(                                                                                 \
            eq(i64, need.initial, (wanted_initial)), "initial of %lld", (long long)(notional));    \
        cr_expect(eq(i64, need.maintenance, (wanted_maintenance)), "maintenance of %lld",          \
            (long long)(notional));                                                                \
    } while (0)

static const trd_margin_tier standard[] = {
    {.floor = 0, .maintenance_ppm = 4000, .initial_ppm = 8000},
    {.floor = 5000000, .maintenance_ppm = 5000, .initial_ppm = 10000},
    {.floor = 25000000, .maintenance_ppm = 10000, .initial_ppm = 20000},
    {.floor = 100000000, .maintenance_ppm = 25000, .initial_ppm = 50000},
};

static trd_margin_model tiered(uint32_t leverage_centi) {
    trd_margin_model model;
    const trd_margin_tier_terms terms = {
        .tiers = standard, .count = 4, .leverage_centi = leverage_centi};
    cr_assert(eq(int, trd_margin_tiered(&model, &terms), TRD_OK));
    return model;
}

Test(margin_model, cash_is_all_of_it_and_nothing_to_maintain) {
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_cash(&model), TRD_OK));
    EXPECT_NEED(model, 12345, 12345, 0);
    EXPECT_NEED(model, INT64_MAX, INT64_MAX, 0);
    cr_assert(eq(int, trd_margin_cnc(&model), TRD_OK));
    EXPECT_NEED(model, 12345, 12345, 0);
}

Test(margin_model, percentages_are_rounded_up) {
    trd_margin_model model;
    const trd_margin_rates rates = {.initial_ppm = 100000, .maintenance_ppm = 50000};
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    EXPECT_NEED(model, 0, 0, 0);
    EXPECT_NEED(model, 1, 1, 1);
    EXPECT_NEED(model, 1000, 100, 50);
    EXPECT_NEED(model, 1001, 101, 51);
    cr_assert(eq(int, trd_margin_mis(&model, &rates), TRD_OK));
    EXPECT_NEED(model, 1001, 101, 51);
}

Test(margin_model, a_rate_of_the_whole_needs_the_whole_at_any_size) {
    trd_margin_model model;
    const trd_margin_rates rates = {.initial_ppm = 1000000, .maintenance_ppm = 1000000};
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    EXPECT_NEED(model, INT64_MAX, INT64_MAX, INT64_MAX);
}

Test(margin_model, leverage_divides_and_rounds_up) {
    trd_margin_model model;
    const trd_margin_leverage_terms terms = {.leverage_centi = 1250, .maintenance_ppm = 5000};
    cr_assert(eq(int, trd_margin_leverage(&model, &terms), TRD_OK));
    EXPECT_NEED(model, 1000, 80, 5);
    EXPECT_NEED(model, 1001, 81, 6);
}

/* S119: a value of 250,000 needs 1,200 by the tier below it (250,000 x 0.5 % - 50) and by its own
 * (250,000 x 1 % - 1,300). */
Test(margin_model, tiers_meet_at_their_borders) {
    const trd_margin_model model = tiered(0);
    const trd_amt cum[] = {0, 5000, 130000, 1630000}; /* 0, 50, 1,300, 16,300 */
    for (int i = 0; i < 4; i++) {
        cr_expect(eq(i64, model.tiers[i].cum, cum[i]), "tier %d", i);
        cr_expect(eq(u32, model.tiers[i].cum_micro, 0), "tier %d", i);
    }
    EXPECT_NEED(model, 4999999, 40000, 20000);
    EXPECT_NEED(model, 5000000, 50000, 20000);
    EXPECT_NEED(model, 24999999, 250000, 120000);
    EXPECT_NEED(model, 25000000, 500000, 120000);
    EXPECT_NEED(model, 25000001, 500001, 120001);
    EXPECT_NEED(model, 100000000, 5000000, 870000);
}

/* 1 ppm more from the second cent on: the first two cost 10^-6 less than 2 x 10^-6. */
Test(margin_model, what_tiers_subtract_is_exact) {
    trd_margin_model model;
    const trd_margin_tier tiers[] = {
        {.floor = 0, .initial_ppm = 10},
        {.floor = 1, .maintenance_ppm = 1, .initial_ppm = 10},
        {.floor = 3000001, .maintenance_ppm = 3, .initial_ppm = 10},
    };
    const trd_margin_tier_terms terms = {.tiers = tiers, .count = 3};
    cr_assert(eq(int, trd_margin_tiered(&model, &terms), TRD_OK));
    cr_expect(eq(u32, model.tiers[1].cum_micro, 1));
    cr_expect(eq(i64, model.tiers[2].cum, 6)); /* 10^-6 + 3,000,001 x 2 x 10^-6 */
    cr_expect(eq(u32, model.tiers[2].cum_micro, 3));
    EXPECT_NEED(model, 1, 1, 0);
    EXPECT_NEED(model, 2, 1, 1);
    EXPECT_NEED(model, 1000001, 11, 1);
    EXPECT_NEED(model, 1000002, 11, 2);
    EXPECT_NEED(model, 3000001, 31, 3);
    EXPECT_NEED(model, 3000002, 31, 4);
}

Test(margin_model, the_leverage_an_account_chose_bounds_the_tier) {
    const trd_margin_model model = tiered(5000);
    EXPECT_NEED(model, 1000000, 20000, 4000);       /* 50 x: 2 %, the tier would ask 0.8 % */
    EXPECT_NEED(model, 100000000, 5000000, 870000); /* the tier asks 5 % */
}

/* 12.5 % and 3.5 % of 1,001 are 160.16; rounded apart they would be 126 and 36. */
Test(margin_model, nrml_adds_its_rates_before_it_rounds) {
    trd_margin_model model;
    const trd_margin_nrml_terms terms = {.var_ppm = 125000, .elm_ppm = 35000};
    cr_assert(eq(int, trd_margin_nrml(&model, &terms), TRD_OK));
    EXPECT_NEED(model, 1001, 161, 161);
}

Test(margin_model, a_grouped_position_needs_nothing_of_its_own) {
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_grouped(&model), TRD_OK));
    EXPECT_NEED(model, 1000, 0, 0);
}

Test(margin_model, a_notional_below_zero_is_refused) {
    trd_margin_model model;
    trd_margin_requirement need = {7, 7};
    cr_assert(eq(int, trd_margin_cash(&model), TRD_OK));
    cr_expect(eq(int, trd_margin_require(&model, -1, &need), TRD_E_ARG));
    cr_expect(need.initial == 7 && need.maintenance == 7);
}

/* ---- what is no model ----------------------------------------------------------------------- */

/* `call` refuses and leaves the model alone. */
#define EXPECT_REFUSED(call)                                                                       \
    do {                                                                                           \
        trd_margin_model model, before;                                                            \
        memset(&model, 0x5a, sizeof(model));                                                       \
        before = model;                                                                            \
        cr_expect(eq(int, (call), TRD_E_ARG));                                                     \
        cr_expect(memcmp(&model, &before, sizeof(model)) == 0);                                    \
    } while (0)

Test(margin_model, rates_outside_their_range_are_refused) {
    const trd_margin_rates below = {.initial_ppm = 10, .maintenance_ppm = 11};
    const trd_margin_rates above = {.initial_ppm = 1000001, .maintenance_ppm = 11};
    EXPECT_REFUSED(trd_margin_flat(&model, &below));
    EXPECT_REFUSED(trd_margin_flat(&model, &above));
    EXPECT_REFUSED(trd_margin_mis(&model, &below));
    EXPECT_REFUSED(trd_margin_mis(&model, &above));
    const trd_margin_nrml_terms sum = {.var_ppm = 900000, .elm_ppm = 100001};
    const trd_margin_nrml_terms wraps = {.var_ppm = UINT32_MAX, .elm_ppm = 2};
    EXPECT_REFUSED(trd_margin_nrml(&model, &sum));
    EXPECT_REFUSED(trd_margin_nrml(&model, &wraps));
}

Test(margin_model, a_leverage_must_leave_room_for_the_maintenance) {
    trd_margin_model good;
    const trd_margin_leverage_terms equal = {.leverage_centi = 1000, .maintenance_ppm = 100000};
    const trd_margin_leverage_terms more = {.leverage_centi = 1001, .maintenance_ppm = 100000};
    const trd_margin_leverage_terms below = {.leverage_centi = 99};
    const trd_margin_leverage_terms above = {.leverage_centi = TRD_MARGIN_LEVERAGE_MAX + 1};
    cr_expect(eq(int, trd_margin_leverage(&good, &equal), TRD_OK));
    const trd_margin_leverage_terms most = {
        .leverage_centi = TRD_MARGIN_LEVERAGE_MAX, .maintenance_ppm = 100};
    const trd_margin_leverage_terms least = {.leverage_centi = 100, .maintenance_ppm = 1000000};
    cr_expect(eq(int, trd_margin_leverage(&good, &most), TRD_OK));
    cr_expect(eq(int, trd_margin_leverage(&good, &least), TRD_OK));
    EXPECT_REFUSED(trd_margin_leverage(&model, &more));
    EXPECT_REFUSED(trd_margin_leverage(&model, &below));
    EXPECT_REFUSED(trd_margin_leverage(&model, &above));
}

/* The standard tiers with one change. */
#define EXPECT_TIERS_REFUSED(...)                                                                  \
    do {                                                                                           \
        trd_margin_tier tiers[4];                                                                  \
        memcpy(tiers, standard, sizeof(tiers));                                                    \
        trd_margin_tier_terms terms = {.tiers = tiers, .count = 4};                                \
        __VA_ARGS__;                                                                               \
        EXPECT_REFUSED(trd_margin_tiered(&model, &terms));                                         \
    } while (0)

Test(margin_model, tiers_ascend_in_floor_and_rates) {
    EXPECT_TIERS_REFUSED(terms.count = 0);
    EXPECT_TIERS_REFUSED(terms.count = TRD_MARGIN_TIERS_MAX + 1);
    EXPECT_TIERS_REFUSED(terms.leverage_centi = 99);
    EXPECT_TIERS_REFUSED(terms.leverage_centi = TRD_MARGIN_LEVERAGE_MAX + 1);
    EXPECT_TIERS_REFUSED(tiers[0].floor = 1);
    EXPECT_TIERS_REFUSED(tiers[2].floor = tiers[1].floor);
    EXPECT_TIERS_REFUSED(tiers[2].maintenance_ppm = 4999);
    EXPECT_TIERS_REFUSED(tiers[2].initial_ppm = 9999; tiers[2].maintenance_ppm = 5000);
    EXPECT_TIERS_REFUSED(tiers[1].initial_ppm = 4999);
    EXPECT_TIERS_REFUSED(tiers[3].initial_ppm = 1000001);
}

#define EXPECT_CHECKED(result, ...)                                                                \
    do {                                                                                           \
        trd_margin_model model = tiered(5000);                                                     \
        __VA_ARGS__;                                                                               \
        cr_expect(eq(int, trd_margin_model_check(&model), (result)), #__VA_ARGS__);                \
    } while (0)

Test(margin_model, a_stored_model_is_checked_as_it_was_made) {
    EXPECT_CHECKED(TRD_OK, );
    EXPECT_CHECKED(TRD_E_ARG, model.struct_size--);
    EXPECT_CHECKED(TRD_E_ARG, model.kind = 0);
    EXPECT_CHECKED(TRD_E_ARG, model.kind = TRD_MARGIN_FLAT);
    EXPECT_CHECKED(TRD_E_ARG, model.kind = TRD_MARGIN_GROUPED + 1);
    EXPECT_CHECKED(TRD_E_ARG, model.tier_count = 0);
    EXPECT_CHECKED(TRD_E_ARG, model.tier_count = 3);
    EXPECT_CHECKED(TRD_E_ARG, model.tier_count = 17);
    EXPECT_CHECKED(TRD_E_ARG, model.leverage_centi = 50);
    EXPECT_CHECKED(TRD_E_ARG, model.tiers[0].cum = 1);
    EXPECT_CHECKED(TRD_E_ARG, model.tiers[1].cum--);
    EXPECT_CHECKED(TRD_E_ARG, model.tiers[3].cum_micro = 1);
    EXPECT_CHECKED(TRD_E_ARG, model.tiers[3].reserved = 1);
    EXPECT_CHECKED(TRD_E_ARG, model.tiers[4].initial_ppm = 1);
}

Test(margin_model, a_stored_model_keeps_what_its_kind_fixes) {
    const trd_margin_rates rates = {.initial_ppm = 10, .maintenance_ppm = 10};
    const trd_margin_leverage_terms lever = {.leverage_centi = 100, .maintenance_ppm = 10};
    const trd_margin_nrml_terms nrml = {.var_ppm = 10};
    trd_margin_model models[8];
    memset(models, 0, sizeof(models));
    trd_margin_cash(&models[0]);
    trd_margin_cnc(&models[1]);
    trd_margin_flat(&models[2], &rates);
    trd_margin_mis(&models[3], &rates);
    trd_margin_leverage(&models[4], &lever);
    trd_margin_nrml(&models[5], &nrml);
    trd_margin_grouped(&models[6]);
    models[7] = tiered(0);
    for (int i = 0; i < 8; i++) {
        cr_expect(eq(int, trd_margin_model_check(&models[i]), TRD_OK), "model %d", i);
    }
    for (int i = 0; i < 4; i++) { /* a leverage is for LEVERAGE and TIERED only */
        models[i].leverage_centi = 100;
        cr_expect(eq(int, trd_margin_model_check(&models[i]), TRD_E_ARG), "model %d", i);
        models[i].leverage_centi = 0;
    }
    models[0].tiers[0].initial_ppm--;
    models[1].tiers[0].maintenance_ppm++;
    models[4].tiers[0].initial_ppm++;
    models[5].tiers[0].initial_ppm++;
    models[6].tiers[0].initial_ppm++;
    const int changed[] = {0, 1, 4, 5, 6};
    for (int i = 0; i < 5; i++) {
        const int at = changed[i];
        cr_expect(eq(int, trd_margin_model_check(&models[at]), TRD_E_ARG), "model %d", at);
    }
}

Test(margin_model, a_stored_leverage_is_in_its_range) {
    const struct {
        uint32_t leverage_centi;
        uint32_t maintenance_ppm;
        int result;
    } rows[] = {{100, 1000000, TRD_OK}, {101, 1000000, TRD_E_ARG}, {99, 10, TRD_E_ARG},
        {1000, 100000, TRD_OK}, {1001, 100000, TRD_E_ARG}, {TRD_MARGIN_LEVERAGE_MAX, 100, TRD_OK},
        {TRD_MARGIN_LEVERAGE_MAX, 101, TRD_E_ARG}, {TRD_MARGIN_LEVERAGE_MAX + 1, 0, TRD_E_ARG}};
    for (int i = 0; i < 8; i++) {
        trd_margin_model model;
        const trd_margin_leverage_terms good = {.leverage_centi = 100};
        cr_assert(eq(int, trd_margin_leverage(&model, &good), TRD_OK));
        model.leverage_centi = rows[i].leverage_centi;
        model.tiers[0].maintenance_ppm = rows[i].maintenance_ppm;
        model.tiers[0].initial_ppm = rows[i].maintenance_ppm;
        cr_expect(eq(int, trd_margin_model_check(&model), rows[i].result), "row %d", i);
    }
    const uint32_t chosen[] = {0, 99, 100, TRD_MARGIN_LEVERAGE_MAX, TRD_MARGIN_LEVERAGE_MAX + 1};
    const int results[] = {TRD_OK, TRD_E_ARG, TRD_OK, TRD_OK, TRD_E_ARG};
    for (int i = 0; i < 5; i++) {
        EXPECT_CHECKED(results[i], model.leverage_centi = chosen[i]);
    }
}
