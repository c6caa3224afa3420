/* test_margin_account.c - what positions are worth and need, how accounts stand, what collateral
 * counts for. */
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

static trd_margin_model flat(uint32_t initial_ppm, uint32_t maintenance_ppm) {
    trd_margin_model model;
    const trd_margin_rates rates = {initial_ppm, maintenance_ppm};
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    return model;
}

/* ---- one position --------------------------------------------------------------------------- */

#define EXPECT_POSITION(position, wanted_notional, wanted_profit)                                  \
    do {                                                                                           \
        trd_margin_need got;                                                                       \
        cr_assert(eq(int, trd_margin_need_of(&(position), &got), TRD_OK));                         \
        cr_expect(eq(i64, got.notional, (wanted_notional)));                                       \
        cr_expect(eq(i64, got.profit, (wanted_profit)));                                           \
    } while (0)

#define EXPECT_NO_NEED(position, result)                                                           \
    do {                                                                                           \
        trd_margin_need got = {7, 7, 7, 7};                                                        \
        cr_expect(eq(int, trd_margin_need_of(&(position), &got), (result)));                       \
        cr_expect(got.notional == 7 && got.profit == 7);                                           \
        cr_expect(got.initial == 7 && got.maintenance == 7);                                       \
    } while (0)

/* Two lots at 100, a third of a unit each: 66 2/3. */
Test(margin_account, profits_are_rounded_down_and_notionals_up) {
    const trd_instrument spec = linear(1, 3);
    const trd_margin_model model = flat(100000, 50000);
    trd_margin_position position = {
        .spec = &spec, .model = &model, .qty = 2, .cost = 60, .mark = 100, .has_mark = 1};
    EXPECT_POSITION(position, 67, 6);
    position.qty = -2;
    position.cost = -60;
    EXPECT_POSITION(position, 67, -7);
    trd_margin_need need;
    cr_assert(eq(int, trd_margin_need_of(&position, &need), TRD_OK));
    cr_expect(eq(i64, need.initial, 7));
    cr_expect(eq(i64, need.maintenance, 4));
}

/* At 50,000 ten contracts are 2,000,000; at 40,000 they are 2,500,000, at 30,000 a third more. Who
 * is long owes coin, and owes more of it as it becomes cheaper. */
Test(margin_account, an_inverse_long_owes_the_value_it_bought) {
    const trd_instrument spec = inverse();
    const trd_margin_model model = flat(100000, 50000);
    trd_margin_position position = {
        .spec = &spec, .model = &model, .qty = 10, .cost = -2000000, .has_mark = 1};
    position.mark = 40000;
    EXPECT_POSITION(position, 2500000, -500000);
    position.mark = 30000;
    EXPECT_POSITION(position, 3333334, -1333334);
    position.mark = 80000;
    EXPECT_POSITION(position, 1250000, 750000);
    position.qty = -10;
    position.cost = 2000000;
    position.mark = 40000;
    EXPECT_POSITION(position, 2500000, 500000);
    position.mark = 30000;
    EXPECT_POSITION(position, 3333334, 1333333);
}

Test(margin_account, below_zero_a_long_position_is_a_debt) {
    const trd_instrument spec = linear(1, 3);
    const trd_margin_model model = flat(100000, 50000);
    trd_margin_position position = {
        .spec = &spec, .model = &model, .qty = 2, .cost = 10, .mark = -100, .has_mark = 1};
    EXPECT_POSITION(position, 67, -77);
    position.qty = -2;
    position.cost = -10;
    EXPECT_POSITION(position, 67, 76);
}

Test(margin_account, no_mark_is_no_margin) {
    const trd_instrument spec = linear(1, 1);
    const trd_margin_model model = flat(100000, 50000);
    trd_margin_position position = {.spec = &spec, .model = &model, .qty = 1, .mark = 100};
    EXPECT_NO_NEED(position, TRD_E_UNKNOWN);
    position.qty = 0;
    EXPECT_POSITION(position, 0, 0);
}

Test(margin_account, what_is_no_position_is_refused) {
    const trd_instrument spec = linear(1, 1), coin = inverse();
    const trd_margin_model model = flat(100000, 50000);
    const trd_margin_position good = {
        .spec = &spec, .model = &model, .qty = 1, .mark = 100, .has_mark = 1};
    trd_margin_position bad = good;
    bad.held = -1;
    EXPECT_NO_NEED(bad, TRD_E_ARG);
    bad = good;
    bad.has_mark = 2;
    EXPECT_NO_NEED(bad, TRD_E_ARG);
    bad = good;
    bad.reserved = 1;
    EXPECT_NO_NEED(bad, TRD_E_ARG);
    bad = good;
    bad.qty = 0;
    bad.cost = 1;
    EXPECT_NO_NEED(bad, TRD_E_ARG);
    bad = good;
    bad.spec = &coin;
    bad.mark = 0;
    EXPECT_NO_NEED(bad, TRD_E_ARG);
}

Test(margin_account, what_does_not_fit_is_refused) {
    const trd_instrument spec = linear(1, 1);
    const trd_margin_model model = flat(100000, 50000);
    trd_margin_position position = {.spec = &spec, .model = &model, .has_mark = 1};
    position.qty = INT64_MIN;
    position.mark = 1;
    EXPECT_NO_NEED(position, TRD_E_RANGE);
    position.qty = INT64_MAX;
    position.mark = 2;
    EXPECT_NO_NEED(position, TRD_E_RANGE);
    position.mark = 1;
    EXPECT_POSITION(position, INT64_MAX, INT64_MAX);
    position.cost = -1;
    EXPECT_NO_NEED(position, TRD_E_RANGE);
    position.qty = 1; /* |-2^63| does not fit, though -2^63 does */
    position.cost = 0;
    position.mark = INT64_MIN;
    EXPECT_NO_NEED(position, TRD_E_RANGE);
    position.qty = -1; /* buying it back brings 2^63 */
    EXPECT_NO_NEED(position, TRD_E_RANGE);
    position.mark++;
    EXPECT_POSITION(position, INT64_MAX, INT64_MAX);
}

/* 2^62 sold of as many that are held: at 2 they are worth 2^63. */
Test(margin_account, a_sale_of_holdings_that_does_not_fit_is_refused) {
    const trd_instrument spec = linear(1, 1);
    trd_margin_model model;
    trd_margin_cash(&model);
    trd_margin_position position = {.spec = &spec,
        .model = &model,
        .qty = -(INT64_C(1) << 62),
        .held = INT64_C(1) << 62,
        .mark = 2,
        .has_mark = 1};
    EXPECT_NO_NEED(position, TRD_E_RANGE);
    position.mark = 1;
    EXPECT_POSITION(position, INT64_C(1) << 62, 0);
}

/* Bought ten at 100. Whatever the mark: opening needs 1,000 in the balance, keeping needs nothing.
 */
Test(margin_account, cash_is_enough_when_the_balance_covers_the_cost) {
    const trd_instrument spec = linear(1, 1);
    trd_margin_model model;
    trd_margin_cash(&model);
    trd_margin_position position = {
        .spec = &spec, .model = &model, .qty = 10, .cost = 1000, .has_mark = 1};
    for (trd_px mark = 0; mark <= 300; mark += 50) {
        position.mark = mark;
        for (trd_amt balance = 999; balance <= 1001; balance++) {
            const trd_margin_account account = {.positions = &position,
                .count = 1,
                .warn_ppm = PPM,
                .call_ppm = PPM,
                .balance = balance};
            trd_margin_state state;
            cr_assert(eq(int, trd_margin_account_state(&account, &state), TRD_OK));
            cr_expect(eq(i64, state.available, balance - 1000));
            cr_expect(eq(i64, state.maintenance, 0));
        }
    }
}

Test(margin_account, one_lot_is_paid_in_full_too) {
    const trd_instrument spec = linear(1, 1);
    trd_margin_model model;
    trd_margin_cash(&model);
    const trd_margin_position position = {
        .spec = &spec, .model = &model, .qty = 1, .cost = 90, .mark = 100, .has_mark = 1};
    trd_margin_need need;
    cr_assert(eq(int, trd_margin_need_of(&position, &need), TRD_OK));
    cr_expect(need.notional == 100 && need.profit == 10);
    cr_expect(need.initial == 100 && need.maintenance == 0);
}

Test(margin_account, cash_sells_what_is_held_and_no_more) {
    const trd_instrument spec = linear(1, 1);
    trd_margin_model models[2];
    trd_margin_cash(&models[0]);
    trd_margin_cnc(&models[1]);
    for (int i = 0; i < 2; i++) {
        trd_margin_position position = {.spec = &spec,
            .model = &models[i],
            .qty = -10,
            .held = 10,
            .cost = -900,
            .mark = 100,
            .has_mark = 1};
        trd_margin_need need;
        cr_assert(eq(int, trd_margin_need_of(&position, &need), TRD_OK));
        cr_expect(eq(i64, need.notional, 1000));
        cr_expect(need.profit == 0 && need.initial == 0 && need.maintenance == 0);
        position.held = 9;
        EXPECT_NO_NEED(position, TRD_E_RANGE);
        position.held = 10;
        position.mark = -1;
        EXPECT_NO_NEED(position, TRD_E_ARG);
        position.has_mark = 0;
        EXPECT_NO_NEED(position, TRD_E_UNKNOWN);
    }
}

/* ---- accounts ------------------------------------------------------------------------------- */

/* Two symbols: long 10 at 100 now 120, short 5 at 200 now 210; 10 % and 5 %. */
typedef struct two {
    trd_instrument spec;
    trd_margin_model model;
    trd_margin_position positions[2];
    trd_margin_account account;
} two;

static void make_two(two *t, trd_amt balance) {
    t->spec = linear(1, 1);
    t->model = flat(100000, 50000);
    t->positions[0] = (trd_margin_position){
        .spec = &t->spec, .model = &t->model, .qty = 10, .cost = 1000, .mark = 120, .has_mark = 1};
    t->positions[1] = (trd_margin_position){
        .spec = &t->spec, .model = &t->model, .qty = -5, .cost = -1000, .mark = 210, .has_mark = 1};
    t->account = (trd_margin_account){.positions = t->positions,
        .count = 2,
        .warn_ppm = 2 * PPM,
        .call_ppm = PPM + PPM / 2,
        .balance = balance};
}

static trd_margin_state state_of(const trd_margin_account *account) {
    trd_margin_state state;
    cr_assert(eq(int, trd_margin_account_state(account, &state), TRD_OK));
    return state;
}

/* S123. Profit 200 - 50; initial 120 + 105; maintenance 60 + 53 (52.5). */
Test(margin_account, a_cross_account_is_the_sum_of_its_positions) {
    two t;
    make_two(&t, 350);
    const trd_margin_state state = state_of(&t.account);
    cr_expect(eq(i64, state.profit, 150));
    cr_expect(eq(i64, state.equity, 500));
    cr_expect(eq(i64, state.initial, 225));
    cr_expect(eq(i64, state.maintenance, 113));
    cr_expect(eq(i64, state.available, 275));
    cr_expect(eq(u32, state.has_ratio, 1));
    cr_expect(eq(i64, state.ratio_ppm, 226000));
    cr_expect(eq(u32, state.level, TRD_MARGIN_FINE));

    const trd_margin_position first = t.positions[0];
    t.positions[0] = t.positions[1];
    t.positions[1] = first;
    const trd_margin_state again = state_of(&t.account);
    cr_expect(memcmp(&state, &again, sizeof(state)) == 0);
}

/* The same positions, each with collateral of its own: the second is not saved by the first. */
Test(margin_account, an_isolated_position_is_an_account_of_one) {
    two t;
    make_two(&t, 100);
    t.account.count = 1;
    const trd_margin_state first = state_of(&t.account);
    cr_expect(eq(i64, first.equity, 300));
    cr_expect(eq(u32, first.level, TRD_MARGIN_FINE));
    t.account.positions = &t.positions[1];
    const trd_margin_state second = state_of(&t.account);
    cr_expect(eq(i64, second.equity, 50));
    cr_expect(eq(u32, second.level, TRD_MARGIN_LIQUIDATE));
}

/* Maintenance is 113: warned below 226, called below 169.5, liquidated below 113. */
Test(margin_account, levels_begin_where_equity_is_below_them) {
    const struct {
        trd_amt equity;
        uint32_t level;
    } rows[] = {{226, TRD_MARGIN_FINE}, {225, TRD_MARGIN_WARN}, {170, TRD_MARGIN_WARN},
        {169, TRD_MARGIN_CALL}, {113, TRD_MARGIN_CALL}, {112, TRD_MARGIN_LIQUIDATE},
        {0, TRD_MARGIN_LIQUIDATE}, {-1, TRD_MARGIN_BANKRUPT}};
    for (int i = 0; i < 8; i++) {
        two t;
        make_two(&t, rows[i].equity - 150);
        cr_expect(eq(u32, state_of(&t.account).level, rows[i].level), "row %d", i);
    }
}

Test(margin_account, an_empty_account_is_fine_and_has_no_ratio_at_zero) {
    trd_margin_account account = {.warn_ppm = PPM, .call_ppm = PPM};
    trd_margin_state state = state_of(&account);
    cr_expect(state.has_ratio == 0 && state.level == TRD_MARGIN_FINE);
    account.balance = 1;
    state = state_of(&account);
    cr_expect(state.has_ratio == 1 && state.ratio_ppm == 0);
    account.balance = -1;
    state = state_of(&account);
    cr_expect(state.has_ratio == 0 && state.level == TRD_MARGIN_BANKRUPT);
}

Test(margin_account, a_ratio_is_rounded_up_and_absent_when_it_does_not_fit) {
    trd_margin_account account = {.warn_ppm = PPM, .call_ppm = PPM, .balance = 3};
    account.group_initial = account.group_maintenance = 1;
    trd_margin_state state = state_of(&account);
    cr_expect(state.has_ratio == 1);
    cr_expect(eq(i64, state.ratio_ppm, 333334));
    account.balance = 1;
    account.group_initial = account.group_maintenance = INT64_MAX / PPM + 1;
    state = state_of(&account);
    cr_expect(state.has_ratio == 0);
    cr_expect(eq(u32, state.level, TRD_MARGIN_LIQUIDATE));
}

Test(margin_account, groups_add_to_what_positions_need) {
    two t;
    make_two(&t, 350);
    trd_margin_grouped(&t.model);
    t.account.group_initial = 300;
    t.account.group_maintenance = 200;
    const trd_margin_state state = state_of(&t.account);
    cr_expect(eq(i64, state.equity, 500)); /* profits count as before */
    cr_expect(eq(i64, state.initial, 300));
    cr_expect(eq(i64, state.maintenance, 200));
}

#define EXPECT_NO_STATE(account, result)                                                           \
    do {                                                                                           \
        trd_margin_state state, before;                                                            \
        memset(&state, 0x5a, sizeof(state));                                                       \
        before = state;                                                                            \
        cr_expect(eq(int, trd_margin_account_state(&(account), &state), (result)));                \
        cr_expect(memcmp(&state, &before, sizeof(state)) == 0);                                    \
    } while (0)

/* However large the profit beside it. */
Test(margin_account, one_missing_mark_fails_the_account) {
    two t;
    make_two(&t, 1000000);
    t.positions[1].has_mark = 0;
    EXPECT_NO_STATE(t.account, TRD_E_UNKNOWN);
}

Test(margin_account, the_failure_returned_does_not_depend_on_the_order) {
    for (int swapped = 0; swapped < 2; swapped++) {
        two t;
        make_two(&t, 0);
        trd_margin_position *one = &t.positions[swapped], *other = &t.positions[1 - swapped];
        one->has_mark = 0;
        other->qty = INT64_MIN;
        EXPECT_NO_STATE(t.account, TRD_E_RANGE);
        other->held = -1;
        EXPECT_NO_STATE(t.account, TRD_E_ARG);
    }
}

Test(margin_account, positions_settle_in_one_asset) {
    two t;
    make_two(&t, 0);
    trd_instrument other = t.spec;
    other.settle_asset = 9;
    t.positions[1].spec = &other;
    EXPECT_NO_STATE(t.account, TRD_E_ARG);
    t.positions[0].spec = &other;
    cr_expect(eq(i64, state_of(&t.account).profit, 150));
}

Test(margin_account, numbers_of_the_account_have_ranges) {
    two t;
    make_two(&t, 0);
    t.account.call_ppm = PPM - 1;
    EXPECT_NO_STATE(t.account, TRD_E_ARG);
    make_two(&t, 0);
    t.account.warn_ppm = t.account.call_ppm - 1;
    EXPECT_NO_STATE(t.account, TRD_E_ARG);
    make_two(&t, 0);
    t.account.reserved = 1;
    EXPECT_NO_STATE(t.account, TRD_E_ARG);
    make_two(&t, 0);
    t.account.group_maintenance = 1;
    EXPECT_NO_STATE(t.account, TRD_E_ARG);
    make_two(&t, 0);
    t.account.group_maintenance = -1;
    EXPECT_NO_STATE(t.account, TRD_E_ARG);
}

Test(margin_account, a_sum_that_does_not_fit_is_refused) {
    two t;
    make_two(&t, INT64_MAX - 150);
    cr_expect(eq(i64, state_of(&t.account).equity, INT64_MAX));
    t.account.balance++;
    EXPECT_NO_STATE(t.account, TRD_E_RANGE);
    make_two(&t, 0);
    t.account.group_initial = INT64_MAX - 224;
    EXPECT_NO_STATE(t.account, TRD_E_RANGE);
    make_two(&t, INT64_MIN);
    EXPECT_NO_STATE(t.account, TRD_E_RANGE); /* equity fits, less the initial margin it does not */
    make_two(&t, INT64_MAX / 2);
    t.account.group_initial = t.account.group_maintenance = INT64_MAX - 225;
    cr_expect(eq(i64, state_of(&t.account).initial, INT64_MAX)); /* the most that fits */
    cr_expect(eq(i64, state_of(&t.account).maintenance, INT64_MAX - 225 + 113));
}

/* A profit of 2^62 - 1 and one of 2^62 + 1 beside a debt of as much: only their sum is too much. */
Test(margin_account, a_profit_that_does_not_fit_is_refused) {
    const trd_amt half = INT64_C(1) << 62;
    two t;
    make_two(&t, -half);
    t.model = flat(0, 0);
    for (int i = 0; i < 2; i++) {
        t.positions[i].qty = 1;
        t.positions[i].cost = 0;
        t.positions[i].mark = half - 1;
    }
    cr_expect(eq(i64, state_of(&t.account).profit, INT64_MAX - 1));
    t.positions[1].mark = half + 1;
    EXPECT_NO_STATE(t.account, TRD_E_RANGE);
}

/* ---- collateral ----------------------------------------------------------------------------- */

#define EXPECT_VALUE(assets, count, wanted_credit, wanted_debt)                                    \
    do {                                                                                           \
        trd_margin_collateral_value value;                                                         \
        cr_assert(eq(int, trd_margin_collateral((assets), (count), &value), TRD_OK));              \
        cr_expect(eq(i64, value.credit, (wanted_credit)));                                         \
        cr_expect(eq(i64, value.debt, (wanted_debt)));                                             \
        cr_expect(eq(i64, value.total, (wanted_credit) - (wanted_debt)));                          \
    } while (0)

#define EXPECT_NO_VALUE(assets, count, result)                                                     \
    do {                                                                                           \
        trd_margin_collateral_value value = {7, 7, 7};                                             \
        cr_expect(eq(int, trd_margin_collateral((assets), (count), &value), (result)));            \
        cr_expect(value.credit == 7 && value.debt == 7 && value.total == 7);                       \
    } while (0)

/* 1.5 coins of 10^8 units at 50,000.00: a unit is a twentieth of a cent. */
Test(margin_collateral, what_is_owned_counts_less_the_haircut) {
    trd_margin_asset assets[2] = {{.balance = 150000000,
                                      .numerator = 1,
                                      .denominator = 20,
                                      .haircut_ppm = 50000,
                                      .has_rate = 1},
        {.balance = 100000, .numerator = 1, .denominator = 1, .has_rate = 1}};
    EXPECT_VALUE(assets, 2, 7125000 + 100000, 0);
    assets[0].has_cap = 1;
    assets[0].cap = 7000000;
    EXPECT_VALUE(assets, 2, 7000000 + 100000, 0);
    assets[0].cap = 7125000;
    EXPECT_VALUE(assets, 2, 7125000 + 100000, 0);
    assets[0].cap = 0;
    EXPECT_VALUE(assets, 2, 100000, 0);
    EXPECT_VALUE(assets, 0, 0, 0);
}

Test(margin_collateral, what_is_owed_counts_in_full) {
    trd_margin_asset assets[2] = {{.balance = -300,
                                      .numerator = 1,
                                      .denominator = 3,
                                      .haircut_ppm = 500000,
                                      .cap = 5,
                                      .has_rate = 1,
                                      .has_cap = 1},
        {.balance = 1000, .numerator = 1, .denominator = 1, .has_rate = 1}};
    EXPECT_VALUE(assets, 2, 1000, 100);
    assets[0].balance = -301;
    EXPECT_VALUE(assets, 2, 1000, 101);
}

/* 13 x 1/3 x 0.7 is 3.03; a third rounded first would be 4, and 0.7 of that 2. */
Test(margin_collateral, each_asset_is_rounded_once) {
    trd_margin_asset asset = {
        .balance = 13, .numerator = 1, .denominator = 3, .haircut_ppm = 300000, .has_rate = 1};
    EXPECT_VALUE(&asset, 1, 3, 0);
    asset.balance = 12;
    EXPECT_VALUE(&asset, 1, 2, 0);
    asset.balance = -1;
    EXPECT_VALUE(&asset, 1, 0, 1);
}

Test(margin_collateral, without_a_rate_only_nothing_is_known) {
    trd_margin_asset assets[2] = {{.balance = 0}, {.balance = 5}};
    EXPECT_VALUE(assets, 1, 0, 0);
    EXPECT_NO_VALUE(assets, 2, TRD_E_UNKNOWN);
    assets[1].balance = -5;
    EXPECT_NO_VALUE(assets, 2, TRD_E_UNKNOWN);
    assets[0].haircut_ppm = PPM + 1;
    EXPECT_NO_VALUE(assets, 2, TRD_E_ARG);
    const trd_margin_asset first = assets[0];
    assets[0] = assets[1];
    assets[1] = first;
    EXPECT_NO_VALUE(assets, 2, TRD_E_ARG); /* in whatever order */
}

Test(margin_collateral, numbers_have_ranges) {
    const trd_margin_asset good = {.balance = 1, .numerator = 1, .denominator = 1, .has_rate = 1};
    trd_margin_asset bad = good;
    bad.numerator = 0;
    EXPECT_NO_VALUE(&bad, 1, TRD_E_ARG);
    bad = good;
    bad.denominator = 0;
    EXPECT_NO_VALUE(&bad, 1, TRD_E_ARG);
    bad.denominator = INT64_C(1000000000001);
    EXPECT_NO_VALUE(&bad, 1, TRD_E_ARG);
    bad.denominator--;
    EXPECT_VALUE(&bad, 1, 0, 0);
    bad = good;
    bad.has_rate = 2;
    EXPECT_NO_VALUE(&bad, 1, TRD_E_ARG);
    bad = good;
    bad.has_cap = 2;
    EXPECT_NO_VALUE(&bad, 1, TRD_E_ARG);
    bad.has_cap = 1;
    bad.cap = -1;
    EXPECT_NO_VALUE(&bad, 1, TRD_E_ARG);
}

Test(margin_collateral, what_does_not_fit_is_refused_unless_a_cap_is_below_it) {
    trd_margin_asset asset = {
        .balance = INT64_MAX, .numerator = INT64_MAX, .denominator = 1, .has_rate = 1};
    EXPECT_NO_VALUE(&asset, 1, TRD_E_RANGE);
    asset.has_cap = 1;
    asset.cap = 12;
    EXPECT_VALUE(&asset, 1, 12, 0);
    asset.balance = INT64_MIN;
    EXPECT_NO_VALUE(&asset, 1, TRD_E_RANGE);
    asset.numerator = 1;
    EXPECT_NO_VALUE(&asset, 1, TRD_E_RANGE); /* 2^63 owed */
    asset.balance++;
    EXPECT_VALUE(&asset, 1, 0, INT64_MAX);
}
