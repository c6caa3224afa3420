/* test_margin_price.c - the prices at which a position is liquidated and bankrupt, how much of it
 * has to go, and whose goes first. Prices and money in cents where nothing else is said; the
 * numbers are worked out on docs/reference/margin.md. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/margin.h>

enum { PPM = 1000000 };

static trd_instrument linear(int64_t numerator, int64_t denominator) {
    trd_instrument spec = trd_instrument_default();
    spec.kind = TRD_INSTRUMENT_LINEAR;
    spec.numerator = numerator;
    spec.denominator = denominator;
    return spec;
}

/* A contract of 100 dollars, ticks of a dollar, settled in units of 10^-8 coin. */
static trd_instrument inverse(void) {
    trd_instrument spec = linear(INT64_C(10000000000), 1);
    spec.kind = TRD_INSTRUMENT_INVERSE;
    return spec;
}

static trd_margin_model flat(uint32_t maintenance_ppm) {
    trd_margin_model model;
    const trd_margin_rates rates = {PPM, maintenance_ppm};
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    return model;
}

/* 0 / 50,000 / 250,000 / 1,000,000 at 0.4 / 0.5 / 1 / 2.5 %. */
static trd_margin_model standard(void) {
    const trd_margin_tier tiers[] = {
        {.floor = 0, .maintenance_ppm = 4000, .initial_ppm = 50000},
        {.floor = 5000000, .maintenance_ppm = 5000, .initial_ppm = 50000},
        {.floor = 25000000, .maintenance_ppm = 10000, .initial_ppm = 50000},
        {.floor = 100000000, .maintenance_ppm = 25000, .initial_ppm = 50000},
    };
    const trd_margin_tier_terms terms = {.tiers = tiers, .count = 4};
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_tiered(&model, &terms), TRD_OK));
    return model;
}

/* ---- liquidation ---------------------------------------------------------------------------- */

#define EXPECT_PRICES(spec, model, quantity, paid, money, wanted_trigger, wanted_shown)            \
    do {                                                                                           \
        const trd_margin_position position = {                                                     \
            .spec = &(spec), .model = &(model), .qty = (quantity), .cost = (paid)};                \
        const trd_margin_funds funds = {.balance = (money)};                                       \
        trd_margin_prices prices;                                                                  \
        cr_assert(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_OK));            \
        cr_expect(prices.has_trigger == 1 && prices.has_shown == 1);                               \
        cr_expect(eq(i64, prices.trigger, (wanted_trigger)));                                      \
        cr_expect(eq(i64, prices.shown, (wanted_shown)));                                          \
    } while (0)

#define EXPECT_NO_PRICES(spec, model, quantity, paid, money)                                       \
    do {                                                                                           \
        const trd_margin_position position = {                                                     \
            .spec = &(spec), .model = &(model), .qty = (quantity), .cost = (paid)};                \
        const trd_margin_funds funds = {.balance = (money)};                                       \
        trd_margin_prices prices;                                                                  \
        cr_assert(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_OK));            \
        cr_expect(prices.has_trigger == 0 && prices.has_shown == 0);                               \
    } while (0)

/* S121: short 1 at 10,000 with 1,000: 11,000 / 1.004 = 10,956.175. */
Test(margin_price, liquidation_in_the_first_tier) {
    const trd_instrument spec = linear(1, 1);
    const trd_margin_model model = standard();
    EXPECT_PRICES(spec, model, 1, 1000000, 100000, 903614, 903614);
    EXPECT_PRICES(spec, model, -1, -1000000, 100000, 1095618, 1095618);
}

/* S120. The tier at the price of liquidation counts, not the one at entry: (240,000 - 50) / 9.95
 * and not (240,000 - 1,300) / 9.9. The exact price is 24,115.578: shown rounds, the trigger is
 * below it. */
Test(margin_price, liquidation_is_in_the_tier_that_holds_there) {
    const trd_instrument spec = linear(1, 1);
    const trd_margin_model model = standard();
    EXPECT_PRICES(spec, model, 10, 30000000, 3000000, 2714141, 2714141);
    EXPECT_PRICES(spec, model, 10, 30000000, 6000000, 2411557, 2411558);
}

/* What the others bring or need counts like balance. */
Test(margin_price, other_positions_move_the_price) {
    const trd_instrument spec = linear(1, 1);
    const trd_margin_model model = standard();
    const trd_margin_position position = {
        .spec = &spec, .model = &model, .qty = 10, .cost = 30000000};
    const trd_margin_funds funds = {.balance = 8000000, .others = -2000000};
    trd_margin_prices prices;
    cr_assert(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_OK));
    cr_expect(eq(i64, prices.trigger, 2411557));
}

/* Ten contracts at 50,000 with 200,000 units, 0.5 %. Long: the debt may be 2,200,000 / 1.005, which
 * it is at 45,681.82; short: the asset must be 1,800,000 / 0.995, which it is at 55,277.78. */
Test(margin_price, liquidation_of_inverse_contracts) {
    const trd_instrument spec = inverse();
    const trd_margin_model model = flat(5000);
    EXPECT_PRICES(spec, model, 10, -2000000, 200000, 45681, 45682);
    EXPECT_PRICES(spec, model, -10, 2000000, 200000, 55278, 55278);
}

Test(margin_price, an_inverse_short_that_its_collateral_covers_has_no_price) {
    const trd_instrument spec = inverse();
    const trd_margin_model model = flat(5000);
    EXPECT_NO_PRICES(spec, model, -10, 2000000, 2000000);
}

/* Ten lots at 20 with 250: 50 are left at zero, and 1.1 x 45.45 is all that may be owed. */
Test(margin_price, liquidation_below_zero) {
    trd_instrument spec = linear(1, 1);
    spec.px_min = -100;
    spec.px_max = 100;
    const trd_margin_model model = flat(100000);
    EXPECT_PRICES(spec, model, 10, 200, 250, -5, -5);
    EXPECT_PRICES(spec, model, -10, 200, 250, 5, 5); /* sold at -20 */
    EXPECT_PRICES(spec, model, 10, 300, 255, 4, 5);  /* 50: 50 - 5 is just enough; 40 is not */
    EXPECT_PRICES(spec, model, -10, 300, 255, -4, -5);
}

/* At zero nothing is owned and nothing is needed; one tick below, something is. */
Test(margin_price, a_position_that_can_fall_to_zero_is_due_below_it) {
    trd_instrument spec = linear(1, 1);
    spec.px_min = -100;
    const trd_margin_model model = flat(100000);
    EXPECT_PRICES(spec, model, 10, 300, 300, -1, 0);
}

/* One unit is missing at zero, and without maintenance none at a value of one. */
Test(margin_price, zero_is_a_tick_like_others) {
    trd_instrument spec = linear(1, 1);
    const trd_margin_model model = flat(0);
    spec.px_min = -100;
    EXPECT_PRICES(spec, model, 1, 1, 0, 0, 1);
    spec.px_min = 0;
    EXPECT_PRICES(spec, model, 1, 1, 0, 0, 1);
    spec.px_min = -100;
    spec.px_max = 100;
    EXPECT_PRICES(spec, model, -1, 1, 0, 0, -1);
    spec.px_max = 0;
    EXPECT_PRICES(spec, model, -1, 1, 0, 0, -1);

    const trd_margin_position position = {.spec = &spec, .model = &model, .qty = 1, .cost = 1};
    const trd_margin_funds funds = {0};
    trd_margin_prices prices;
    cr_assert(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_OK));
    cr_expect(prices.has_trigger == 1 && prices.has_shown == 0);
    cr_expect(eq(i64, prices.trigger, 0));
}

Test(margin_price, no_tick_in_the_range_is_no_price) {
    trd_instrument spec = linear(1, 1);
    const trd_margin_model model = standard();
    EXPECT_NO_PRICES(spec, model, 1, 1000000, 1000000);
    EXPECT_NO_PRICES(spec, model, 0, 0, 5);
    spec.px_min = 903615;
    EXPECT_NO_PRICES(spec, model, 1, 1000000, 100000);
    spec.px_min = 1;
    spec.px_max = 1095617;
    EXPECT_NO_PRICES(spec, model, -1, -1000000, 100000);
}

Test(margin_price, an_account_short_at_every_tick_is_due_at_the_favourable_end) {
    trd_instrument spec = linear(1, 1);
    spec.px_max = 900000;
    const trd_margin_model model = standard();
    const trd_margin_funds funds = {.balance = 100000};
    trd_margin_position position = {.spec = &spec, .model = &model, .qty = 1, .cost = 1000000};
    trd_margin_prices prices;
    cr_assert(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_OK));
    cr_expect(prices.has_trigger == 1 && prices.has_shown == 0);
    cr_expect(eq(i64, prices.trigger, 900000));
    spec.px_max = 2000000;
    spec.px_min = 1100000;
    position.qty = -1;
    position.cost = -1000000;
    cr_assert(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_OK));
    cr_expect(prices.has_trigger == 1 && prices.has_shown == 0);
    cr_expect(eq(i64, prices.trigger, 1100000));
}

/* Half a cent per tick at 0.4 %, 249 missing. At 502 the worth is 251 and 2 are needed: enough. At
 * 501 it is 250 (250.5), still 2: due. At 500 it is 250 and 1 is needed: enough again. At 499 it is
 * 249 (249.5): due. */
Test(margin_price, the_first_tick_counts_where_rounding_goes_to_and_fro) {
    trd_instrument spec = linear(1, 2);
    const trd_margin_model model = flat(4000);
    EXPECT_PRICES(spec, model, 1, 249, 0, 501, 500);
    spec.px_max = 501;
    EXPECT_PRICES(spec, model, 1, 249, 0, 501, 500);
    spec.px_max = 500;
    EXPECT_PRICES(spec, model, 1, 249, 0, 499, 500);
}

/* gross 12: the asset is worth 12, 6, 4, 3 at 1, 2, 3, 4 and 2.4 at 5. With a rate of the whole,
 * and nothing missing, whole values are just enough and others never are. */
Test(margin_price, whole_values_of_an_inverse_short_are_passed_over) {
    trd_instrument spec = linear(12, 1);
    spec.kind = TRD_INSTRUMENT_INVERSE;
    spec.px_max = 100;
    spec.qty_max = 1;
    const trd_margin_model model = flat(PPM);
    const trd_margin_position position = {.spec = &spec, .model = &model, .qty = -1};
    const trd_margin_funds funds = {0};
    trd_margin_prices prices;
    cr_assert(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_OK));
    cr_expect(prices.has_trigger == 1);
    cr_expect(eq(i64, prices.trigger, 5));
}

/* A maintenance of the whole: an asset never gains on what it needs, so it is due everywhere or
 * nowhere. */
Test(margin_price, a_rate_of_the_whole_has_no_exact_price_for_an_asset) {
    const trd_instrument spec = linear(1, 1);
    const trd_margin_model model = flat(PPM);
    const trd_margin_position position = {.spec = &spec, .model = &model, .qty = 1, .cost = 100};
    trd_margin_prices prices;
    trd_margin_funds funds = {.balance = 99};
    cr_assert(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_OK));
    cr_expect(prices.has_trigger == 1 && prices.has_shown == 0);
    cr_expect(eq(i64, prices.trigger, spec.px_max));
    funds.balance = 100;
    cr_assert(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_OK));
    cr_expect(prices.has_trigger == 0);
}

/* A tick is worth 10^12, once as 10^12 and once as 10^21 / 10^9: two and a half of them below
 * 4,000,000, and one unit more. Half a tick goes up. */
Test(margin_price, the_nearest_tick_is_exact_for_large_values) {
    const trd_instrument plain = linear(INT64_C(1000000000), 1);
    const trd_instrument wide = linear(INT64_C(1000000000000000000), 1000000000);
    const trd_margin_model model = flat(0);
    const trd_instrument *specs[] = {&plain, &wide};
    for (int i = 0; i < 2; i++) {
        trd_instrument spec = *specs[i];
        spec.px_max = 4000000;
        EXPECT_PRICES(spec, model, 1000, 4000000000000000000, 2500000000000, 3999997, 3999998);
        EXPECT_PRICES(spec, model, 1000, 4000000000000000000, 2500000000001, 3999997, 3999997);
    }
}

/* 4 x 10^21 / 800.5 = 4,996,876,951,905,059,337.9 may be owed: a unit less and the price is above
 * the half, else below it. At 800 five times 10^18 are owed, at 801 some 6 x 10^15 less. */
Test(margin_price, the_nearest_tick_is_exact_for_large_inverse_values) {
    trd_instrument spec = linear(INT64_C(4000000000000000000), 1);
    spec.kind = TRD_INSTRUMENT_INVERSE;
    spec.px_min = 500;
    const trd_margin_model model = flat(0);
    const trd_amt owed = INT64_C(4000000000000000000);
    EXPECT_PRICES(spec, model, 1000, -owed, 996876951905059337, 800, 801);
    EXPECT_PRICES(spec, model, 1000, -owed, 996876951905059338, 800, 800);
}

/* 50 are missing. From a value of 100 on, half of which is needed, all that is gained is needed
 * too: it is just enough there and everywhere above. At 99 half a unit is missing. */
Test(margin_price, the_exact_price_is_where_a_tier_of_the_whole_begins) {
    const trd_instrument spec = linear(1, 1);
    const trd_margin_tier tiers[] = {
        {.floor = 0, .maintenance_ppm = PPM / 2, .initial_ppm = PPM},
        {.floor = 100, .maintenance_ppm = PPM, .initial_ppm = PPM},
    };
    const trd_margin_tier_terms terms = {.tiers = tiers, .count = 2};
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_tiered(&model, &terms), TRD_OK));
    EXPECT_PRICES(spec, model, 1, 50, 0, 99, 100);
}

Test(margin_price, what_cannot_be_liquidated_has_no_price) {
    trd_instrument spec = linear(1, 1);
    trd_margin_model model;
    trd_margin_cash(&model);
    EXPECT_NO_PRICES(spec, model, -1, -1000000, 0); /* sold from holdings */
    EXPECT_PRICES(spec, model, 1, 1000, 400, 599, 600);
    spec.px_min = 0;
    EXPECT_PRICES(spec, model, 1, 1000, 400, 599, 600);

    const trd_margin_funds funds = {0};
    trd_margin_prices prices = {.trigger = 7};
    trd_margin_position position = {.spec = &spec, .model = &model, .cost = 1};
    cr_expect(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_E_ARG));
    position.qty = 1;
    spec.px_min = -1; /* where nothing that is paid in full may be */
    cr_expect(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_E_ARG));
    spec.px_min = 1;
    trd_margin_grouped(&model);
    cr_expect(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_E_ARG));
    cr_expect(eq(i64, prices.trigger, 7));
}

Test(margin_price, values_that_do_not_fit_are_refused) {
    trd_instrument spec = linear(1, 1);
    const trd_margin_model model = standard();
    trd_margin_position position = {.spec = &spec, .model = &model, .qty = INT64_MIN};
    const trd_margin_funds funds = {0};
    trd_margin_prices prices = {.trigger = 7};
    trd_px px = 7;
    cr_expect(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_E_RANGE));
    position.qty = INT64_MAX / spec.px_max + 1;
    cr_expect(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_E_RANGE));
    cr_expect(eq(int, trd_margin_bankruptcy(&position, &funds, 0, &px), TRD_E_RANGE));
    spec.px_min = -spec.px_max;
    spec.px_max = 1;
    cr_expect(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_E_RANGE));
    position.qty--;
    cr_expect(eq(int, trd_margin_liquidation(&position, &funds, &prices), TRD_OK));
    cr_expect(px == 7);
}

/* ---- bankruptcy ----------------------------------------------------------------------------- */

#define EXPECT_BANKRUPT(spec, quantity, paid, money, fee, wanted)                                  \
    do {                                                                                           \
        const trd_margin_position position = {.spec = &(spec), .qty = (quantity), .cost = (paid)}; \
        const trd_margin_funds funds = {.balance = (money)};                                       \
        trd_px px = 0;                                                                             \
        cr_assert(eq(int, trd_margin_bankruptcy(&position, &funds, (fee), &px), TRD_OK));          \
        cr_expect(eq(i64, px, (wanted)));                                                          \
    } while (0)

#define EXPECT_NOT_BANKRUPT(spec, quantity, paid, money, fee, result)                              \
    do {                                                                                           \
        const trd_margin_position position = {.spec = &(spec), .qty = (quantity), .cost = (paid)}; \
        const trd_margin_funds funds = {.balance = (money)};                                       \
        trd_px px = 7;                                                                             \
        cr_expect(eq(int, trd_margin_bankruptcy(&position, &funds, (fee), &px), (result)));        \
        cr_expect(eq(i64, px, 7));                                                                 \
    } while (0)

/* Long 10 at 30,000 with 30,000: 27,000 leaves nothing. With a fee of 0.05 % of what closing brings
 * that is 270,000 / 9.995 = 27,013.507, and 27,013.50 would leave 7 cents too little. */
Test(margin_price, closing_at_bankruptcy_leaves_nothing) {
    const trd_instrument spec = linear(1, 1);
    EXPECT_BANKRUPT(spec, 10, 30000000, 3000000, 0, 2700000);
    EXPECT_BANKRUPT(spec, -10, -30000000, 3000000, 0, 3300000);
    EXPECT_BANKRUPT(spec, 10, 30000000, 3000000, 500, 2701351);
}

/* Three lots, 999.98 to be covered: 333.32 a lot leaves 2 cents missing, 333.33 one over. Short,
 * 1,000.02 are there: 333.34 and nothing over; with a cent less that is too much. */
Test(margin_price, bankruptcy_never_costs_the_fund) {
    const trd_instrument spec = linear(1, 1);
    EXPECT_BANKRUPT(spec, 3, 100000, 2, 0, 33333);
    EXPECT_BANKRUPT(spec, -3, -100000, 2, 0, 33334);
    EXPECT_BANKRUPT(spec, -3, -100000, 1, 0, 33333);
}

/* 2,200,000 may be owed: 10^11 / 2,200,000 = 45,454.5, and at 45,455 less is. Short: 1,800,000 has
 * to be there, until 55,555.6. */
Test(margin_price, bankruptcy_of_inverse_contracts) {
    const trd_instrument spec = inverse();
    EXPECT_BANKRUPT(spec, 10, -2000000, 200000, 0, 45455);
    EXPECT_BANKRUPT(spec, -10, 2000000, 200000, 0, 55555);
}

Test(margin_price, bankruptcy_may_be_nowhere_or_everywhere) {
    trd_instrument spec = linear(1, 1);
    EXPECT_NOT_BANKRUPT(spec, 1, 100, 100, 0, TRD_E_UNKNOWN);
    EXPECT_NOT_BANKRUPT(spec, 1, 2 * spec.px_max, 0, 0, TRD_E_UNKNOWN);
    EXPECT_NOT_BANKRUPT(spec, -1, 0, 0, 0, TRD_E_UNKNOWN);
    EXPECT_NOT_BANKRUPT(spec, 0, 0, 0, 0, TRD_E_ARG);
    EXPECT_NOT_BANKRUPT(spec, 1, 100, 0, PPM + 1, TRD_E_ARG);
    EXPECT_BANKRUPT(spec, 1, spec.px_max, 0, 0, spec.px_max);
    EXPECT_BANKRUPT(spec, -1, -1, 0, 0, 1);
}

/* ---- reduction ------------------------------------------------------------------------------ */

typedef struct reduction {
    trd_instrument spec;
    trd_margin_model model;
    trd_margin_position position;
    trd_margin_cut_terms terms;
} reduction;

/* Long 10 at 30,000 with 30,000, at its trigger: equity 1,414.10, maintenance 1,414.15. */
static void make_reduction(reduction *r) {
    r->spec = linear(1, 1);
    r->model = standard();
    r->position = (trd_margin_position){.spec = &r->spec,
        .model = &r->model,
        .qty = 10,
        .cost = 30000000,
        .mark = 2714141,
        .has_mark = 1};
    r->terms = (trd_margin_cut_terms){
        .px = 2714141, .balance = 3000000, .target_ppm = PPM, .step_pct = 10};
}

#define EXPECT_CUT(r, wanted_lots, wanted_equity, wanted_maintenance, wanted_restored)             \
    do {                                                                                           \
        trd_margin_cut cut;                                                                        \
        cr_assert(eq(int, trd_margin_reduction(&(r).position, &(r).terms, &cut), TRD_OK));         \
        cr_expect(eq(i64, cut.lots, (wanted_lots)));                                               \
        cr_expect(eq(i64, cut.equity, (wanted_equity)));                                           \
        cr_expect(eq(i64, cut.maintenance, (wanted_maintenance)));                                 \
        cr_expect(eq(u32, cut.restored, (wanted_restored)));                                       \
    } while (0)

/* One lot less is 244,272.69, in the second tier: 1,171.37. */
Test(margin_reduction, closes_the_first_number_of_lots_that_restores) {
    reduction r;
    make_reduction(&r);
    EXPECT_CUT(r, 1, 141410, 117137, 1);
    r.terms.balance += 5; /* 5 cents more and nothing has to go */
    EXPECT_CUT(r, 0, 141415, 141415, 1);
}

/* Paid in full: nothing has to be maintained, so that nothing restores but what brings money. At 90
 * all of it is closed, and 100 are missing still. */
Test(margin_reduction, of_a_position_that_was_paid_in_full) {
    reduction r;
    make_reduction(&r);
    trd_margin_cash(&r.model);
    r.position.cost = 1000;
    r.position.mark = r.terms.px = 90;
    r.terms.balance = 100;
    EXPECT_CUT(r, 0, 0, 0, 1);
    r.terms.balance = 0;
    EXPECT_CUT(r, 10, -100, 0, 0);
}

/* 1.5 x 1,035.66 of eight lots is too much, 1.5 x 899.95 of seven is not. */
Test(margin_reduction, restores_the_target_ratio) {
    reduction r;
    make_reduction(&r);
    r.terms.target_ppm = 1500000;
    EXPECT_CUT(r, 3, 141410, 89995, 1);
}

/* A quarter of ten is 2.5, so lots go in threes; a fifth is two, which a lot_step of 4 makes four.
 */
Test(margin_reduction, goes_in_steps) {
    reduction r;
    make_reduction(&r);
    r.terms.step_pct = 25;
    EXPECT_CUT(r, 3, 141410, 89995, 1);
    r.terms.step_pct = 20;
    r.spec.lot_step = 4;
    EXPECT_CUT(r, 4, 141410, 76425, 1); /* 162,848.46 x 0.5 % - 50 = 764.2423 */
    r.terms.step_pct = 100;
    r.spec.lot_step = 1;
    EXPECT_CUT(r, 10, 141410, 0, 1);
}

/* 0.1 % of 27,141.41 is 27.15. */
Test(margin_reduction, pays_the_fee_on_what_is_closed) {
    reduction r;
    make_reduction(&r);
    r.terms.fee_ppm = 1000;
    EXPECT_CUT(r, 1, 141410 - 2715, 117137, 1);
}

/* At 26,900 each lot loses 241.41: 1,172.69 are just enough after one. At 26,890 it is 251.41, more
 * than each further lot frees. All of it is closed then, and 1,414.10 - 2,514.10 are missing. */
Test(margin_reduction, says_when_not_even_all_of_it_restores) {
    reduction r;
    make_reduction(&r);
    r.terms.px = 2690000;
    EXPECT_CUT(r, 1, 117269, 117137, 1);
    r.terms.px = 2689000;
    EXPECT_CUT(r, 10, -110000, 0, 0);
}

/* Short 10 at 30,000 with 30,000 at 32,800: equity 2,000, maintenance 3,280 - 1,300 = 1,980. With
 * others that need 100 and have lost 50 it is 1,950 against 2,080; one lot less needs 1,652 + 100.
 */
Test(margin_reduction, of_a_short_position_with_others) {
    reduction r;
    make_reduction(&r);
    r.position.qty = -10;
    r.position.cost = -30000000;
    r.position.mark = r.terms.px = 3280000;
    EXPECT_CUT(r, 0, 200000, 198000, 1);
    r.terms.others_maintenance = 10000;
    r.terms.others_profit = -5000;
    EXPECT_CUT(r, 1, 195000, 175200, 1);
}

#define EXPECT_NO_CUT(result, ...)                                                                 \
    do {                                                                                           \
        reduction r;                                                                               \
        make_reduction(&r);                                                                        \
        __VA_ARGS__;                                                                               \
        trd_margin_cut cut = {.lots = 77};                                                         \
        cr_expect(                                                                                 \
            eq(int, trd_margin_reduction(&r.position, &r.terms, &cut), (result)), #__VA_ARGS__);   \
        cr_expect(eq(i64, cut.lots, 77));                                                          \
    } while (0)

Test(margin_reduction, refuses_what_is_out_of_range) {
    EXPECT_NO_CUT(TRD_E_ARG, r.terms.target_ppm = PPM - 1);
    EXPECT_NO_CUT(TRD_E_ARG, r.terms.target_ppm = 10 * PPM + 1);
    EXPECT_NO_CUT(TRD_E_ARG, r.terms.fee_ppm = PPM + 1);
    EXPECT_NO_CUT(TRD_E_ARG, r.terms.step_pct = 0);
    EXPECT_NO_CUT(TRD_E_ARG, r.terms.step_pct = 101);
    EXPECT_NO_CUT(TRD_E_ARG, r.terms.others_maintenance = -1);
    EXPECT_NO_CUT(TRD_E_ARG, r.terms.reserved = 1);
    EXPECT_NO_CUT(TRD_E_ARG, r.position.qty = 0);
    EXPECT_NO_CUT(TRD_E_ARG, r.position.held = -1);
    EXPECT_NO_CUT(TRD_E_ARG, trd_margin_grouped(&r.model));
    EXPECT_NO_CUT(TRD_E_ARG, trd_margin_cash(&r.model); r.position.qty = -10);
    EXPECT_NO_CUT(TRD_E_UNKNOWN, r.position.has_mark = 0);
    EXPECT_NO_CUT(TRD_E_RANGE, r.position.qty = INT64_MIN);
    EXPECT_NO_CUT(TRD_E_RANGE, r.terms.balance = INT64_MIN);
    EXPECT_NO_CUT(TRD_E_RANGE, r.terms.px = INT64_MAX; r.terms.step_pct = 20);
    EXPECT_NO_CUT(TRD_E_RANGE, r.terms.others_maintenance = INT64_MAX);
}

/* ---- rank ----------------------------------------------------------------------------------- */

static int64_t rank_of(trd_qty qty, trd_amt cost, trd_px mark, trd_amt equity) {
    const trd_instrument spec = linear(1, 1);
    const trd_margin_position position = {
        .spec = &spec, .qty = qty, .cost = cost, .mark = mark, .has_mark = 1};
    int64_t rank;
    cr_assert(eq(int, trd_margin_adl_rank(&position, equity, &rank), TRD_OK));
    return rank;
}

/* 50 % of profit at a leverage of 1,500 / 750; then 333,333 x 1.333333, cut off. */
Test(margin_rank, is_profit_times_leverage) {
    cr_expect(eq(i64, rank_of(10, 1000, 150, 750), 1000000));
    cr_expect(eq(i64, rank_of(-10, -1000, 50, 250), 1000000));
    cr_expect(eq(i64, rank_of(1, 3, 4, 3), 444443));
    cr_expect(eq(i64, rank_of(10, 1000, 100, 500), 0));
    cr_expect(eq(i64, rank_of(10, 1000, 90, 450), -200000));
}

/* 333,333 below zero rounds to -333,334. */
Test(margin_rank, is_rounded_down_below_zero_too) {
    cr_expect(eq(i64, rank_of(1, 3, 2, 2), -333334));
}

Test(margin_rank, needs_a_mark_a_cost_and_equity) {
    const trd_instrument spec = linear(1, 1);
    const trd_margin_position good = {.spec = &spec, .qty = 1, .cost = 3, .mark = 4, .has_mark = 1};
    int64_t rank = 7;
    trd_margin_position bad = good;
    bad.qty = 0;
    cr_expect(eq(int, trd_margin_adl_rank(&bad, 3, &rank), TRD_E_ARG));
    bad = good;
    bad.has_mark = 0;
    cr_expect(eq(int, trd_margin_adl_rank(&bad, 3, &rank), TRD_E_UNKNOWN));
    bad = good;
    bad.cost = 0;
    cr_expect(eq(int, trd_margin_adl_rank(&bad, 3, &rank), TRD_E_RANGE));
    cr_expect(eq(int, trd_margin_adl_rank(&good, 0, &rank), TRD_E_RANGE));
    bad = good;
    bad.qty = INT64_MAX;
    cr_expect(eq(int, trd_margin_adl_rank(&bad, 3, &rank), TRD_E_RANGE));
    bad.mark = 1;
    cr_expect(eq(int, trd_margin_adl_rank(&bad, 3, &rank), TRD_E_RANGE));
    bad.cost = INT64_MAX - 1; /* hardly any profit, at a leverage of 2^63 */
    cr_expect(eq(int, trd_margin_adl_rank(&bad, 1, &rank), TRD_E_RANGE));
    bad.qty = INT64_C(1) << 40;
    bad.cost = 1000;
    cr_expect(eq(int, trd_margin_adl_rank(&bad, 1000, &rank), TRD_E_RANGE));
    cr_expect(eq(i64, rank, 7));
}
