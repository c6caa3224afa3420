/* test_risk_portfolio_state.c - groups, arrays, accounts that are followed: what is refused, and
 * the block that all of it is kept in. */
#include "portfolio_rig.h"

#include "risk/portfolio.h"

/* --- refusals --------------------------------------------------------------------------------- */

static void *bytes_of(const gate *g) {
    void *bytes = malloc(g->size);
    memcpy(bytes, g->k, g->size);
    return bytes;
}

/* The call is refused, and has not changed a byte. */
#define REFUSED(g, code, call)                                                                     \
    do {                                                                                           \
        void *before_ = bytes_of(g);                                                               \
        cr_assert(eq(int, (call), (code)), #call);                                                 \
        cr_assert(memcmp(before_, (g)->k, (g)->size) == 0, #call);                                 \
        free(before_);                                                                             \
    } while (0)

Test(risk_portfolio_state, groups_that_are_none_are_refused) {
    gate g = folio_new();
    trd_scenario_group terms = TERMS;
    terms.initial_ppm = 999999;
    REFUSED(&g, TRD_E_ARG, trd_risk_group(g.k, USD, &terms));
    REFUSED(&g, TRD_E_ARG, trd_risk_group(g.k, USD, NULL));
    terms.initial_ppm = 1000000;
    cr_assert(eq(int, trd_risk_group(g.k, BTC, &terms), 2));
    REFUSED(&g, TRD_E_FULL, trd_risk_group(g.k, USD, &TERMS));
    folio_free(&g);
}

/* Two blocks that did the same are the same bytes, whatever stood behind the spreads. */
Test(risk_portfolio_state, spreads_that_are_none_are_not_copied) {
    gate g = folio_new();
    gate h = folio_new();
    trd_scenario_group terms = TERMS;
    cr_assert(eq(int, trd_risk_group(g.k, USD, &terms), 2));
    terms.spreads[1].charge = 77;
    cr_assert(eq(int, trd_risk_group(h.k, USD, &terms), 2));
    cr_assert(memcmp(g.k, h.k, g.size) == 0);
    folio_free(&g);
    folio_free(&h);
}

Test(risk_portfolio_state, pairs_that_are_none_are_refused) {
    gate g = folio_new();
    const trd_scenario_pair good = {
        .group_a = GROUP, .group_b = SECOND, .delta_a = 1, .delta_b = 1, .credit_ppm = 1};
    cr_assert(eq(int, trd_risk_group(g.k, BTC, &TERMS), 2));
    trd_scenario_pair pair = good;
    REFUSED(&g, TRD_E_ARG, trd_risk_pair(g.k, NULL));
    pair.group_b = 2; /* another asset */
    REFUSED(&g, TRD_E_ARG, trd_risk_pair(g.k, &pair));
    pair.group_b = 3;
    REFUSED(&g, TRD_E_ARG, trd_risk_pair(g.k, &pair));
    pair.group_b = GROUP;
    REFUSED(&g, TRD_E_ARG, trd_risk_pair(g.k, &pair));
    pair = good;
    pair.credit_ppm = 1000001;
    REFUSED(&g, TRD_E_ARG, trd_risk_pair(g.k, &pair));
    cr_assert(eq(int, trd_risk_pair(g.k, &good), TRD_OK));
    cr_assert(eq(int, trd_risk_pair(g.k, &good), TRD_OK));
    REFUSED(&g, TRD_E_FULL, trd_risk_pair(g.k, &good));
    folio_free(&g);
}

Test(risk_portfolio_state, arrays_that_are_none_are_refused) {
    gate g = folio_new();
    const trd_accounts *a = g.r->a;
    trd_scenario_array array = FUTURE;
    fill(&g, NEAR, TRD_BUY, 3, 100);
    cr_assert(eq(int, trd_risk_group(g.k, BTC, &TERMS), 2));
    REFUSED(&g, TRD_E_ARG, trd_risk_array(g.k, a, NEAR, GROUP, NULL));
    REFUSED(&g, TRD_E_UNKNOWN, trd_risk_array(g.k, a, 8, GROUP, &array));
    REFUSED(&g, TRD_E_UNKNOWN, trd_risk_array(g.k, a, NEAR, 3, &array));
    REFUSED(&g, TRD_E_ARG, trd_risk_array(g.k, a, NEAR, 2, &array)); /* settles in USD */
    REFUSED(&g, TRD_E_ARG, trd_risk_array(g.k, a, SPOT, GROUP, &array));
    REFUSED(&g, TRD_E_ARG, trd_risk_array(g.k, a, OPT, GROUP, &array));
    array.is_option = 1;
    REFUSED(&g, TRD_E_ARG, trd_risk_array(g.k, a, NEAR, GROUP, &array));
    array.is_option = 0;
    array.month = TRD_SCENARIO_MONTHS_MAX;
    REFUSED(&g, TRD_E_ARG, trd_risk_array(g.k, a, NEAR, GROUP, &array));
    array.month = 0;
    /* The largest loss of a lot: 1.1 times it is the first not below 2^62. */
    array.loss[0] = (trd_amt)(((trd_wide)1 << 62) * 10 / 11);
    REFUSED(&g, TRD_E_RANGE, trd_risk_array(g.k, a, NEAR, GROUP, &array));
    array.loss[0] = -array.loss[0];
    REFUSED(&g, TRD_E_RANGE, trd_risk_array(g.k, a, NEAR, GROUP, &array));
    array.loss[0] = INT64_MIN;
    REFUSED(&g, TRD_E_RANGE, trd_risk_array(g.k, a, NEAR, GROUP, &array));
    array.loss[0] = 0;
    trd__listed(g.r->a, NEAR)->unit = 0;
    REFUSED(&g, TRD_E_ARG, trd_risk_array(g.k, a, NEAR, GROUP, &array));
    trd__listed(g.r->a, NEAR)->unit = 1000000;
    REFUSED(&g, TRD_E_FULL, trd_risk_array(g.k, a, PLAIN, GROUP, &array)); /* arrays */
    g.r->a->work.task = TRD_TASK_DAY;
    trd_portfolio state;
    REFUSED(&g, TRD_E_BUSY, trd_risk_array(g.k, a, NEAR, GROUP, &array));
    REFUSED(&g, TRD_E_BUSY, trd_risk_follow(g.k, a, A, 1));
    REFUSED(&g, TRD_E_BUSY, trd_risk_follow(g.k, a, A, 0));
    REFUSED(&g, TRD_E_BUSY, trd_risk_portfolio(g.k, a, A, USD, &state));
    g.r->a->work.task = TRD_TASK_NONE;
    folio_free(&g);
}

/* The largest array that is one: 1.1 times its loss is below 2^62, and of two lots too much. */
Test(risk_portfolio_state, a_lot_may_need_nearly_every_amount) {
    gate g = folio_new();
    trd_scenario_array array = FUTURE;
    array.loss[0] = (trd_amt)(((trd_wide)1 << 62) * 10 / 11) - 1;
    set_array(&g, NEAR, GROUP, array, 0);
    trd_ask ask = ask_of(A, NEAR, TRD_BUY, 1, 100);
    EXPECT_REASON(&g, &ask, POSITION); /* with a fee of 1 */
    array.loss[0] -= 1;
    set_array(&g, NEAR, GROUP, array, 0);
    EXPECT_REASON(&g, &ask, MARGIN);
    ask.qty = 2;
    EXPECT_REASON(&g, &ask, POSITION);
    folio_free(&g);
}

/* Records that positions would need and that are not there: of each account one, however many
 * positions it has. */
Test(risk_portfolio_state, an_array_finds_room_for_all_or_changes_nothing) {
    trd_risk_def def = folio_def();
    def.arrays_max = 5;
    gate g = folio_of(&def, &TERMS);
    for (uint32_t account = B; account <= D; account++) {
        gate_fill(&g, account, PLAIN, TRD_BUY, 1, 100);
        enter(&g, account);
    }
    for (unsigned side = TRD_POSITION_LONG; side <= TRD_POSITION_SHORT; side++) {
        trd_leg own = rig_leg(HEDGED);
        own.position = (uint8_t)side;
        const trd_execution x = rig_execution(PLAIN, own, rig_outside(), 1, 100);
        OK(g.r, execute, &x);
    }
    enter(&g, HEDGED);
    folio_sound(&g);
    REFUSED(&g, TRD_E_FULL, trd_risk_array(g.k, g.r->a, PLAIN, GROUP, &FUTURE));
    gate_mode(&g, D, TRD_MODE_CROSS);
    cr_assert(eq(int, trd_risk_follow(g.k, g.r->a, D, 0), TRD_OK));
    set_array(&g, PLAIN, GROUP, FUTURE, 0); /* B, C, HEDGED */
    folio_sound(&g);
    gate_mode(&g, D, TRD_MODE_PORTFOLIO);
    REFUSED(&g, TRD_E_FULL, trd_risk_follow(g.k, g.r->a, D, 1));
    gate_mode(&g, D, TRD_MODE_CROSS);
    folio_free(&g);
}

Test(risk_portfolio_state, questions_and_moves_that_are_none_are_refused) {
    gate g = folio_new();
    trd_portfolio state;
    trd_scenario_sums sums;
    fill(&g, NEAR, TRD_BUY, 3, 100);
    REFUSED(&g, TRD_E_ARG, trd_risk_follow(g.k, g.r->a, A, 2));
    REFUSED(&g, TRD_E_UNKNOWN, trd_risk_follow(g.k, g.r->a, 8, 1));
    REFUSED(&g, TRD_E_ARG, trd_risk_moved(g.k, NULL));
    trd_risk_move move = {A, NEAR, 0, TRD_QTY_LIMIT};
    REFUSED(&g, TRD_E_ARG, trd_risk_moved(g.k, &move));
    move = (trd_risk_move){A, NEAR, -TRD_QTY_LIMIT, 0};
    REFUSED(&g, TRD_E_ARG, trd_risk_moved(g.k, &move));
    move = (trd_risk_move){8, NEAR, 0, 1};
    REFUSED(&g, TRD_E_UNKNOWN, trd_risk_moved(g.k, &move));
    move = (trd_risk_move){A, 8, 0, 1};
    REFUSED(&g, TRD_E_UNKNOWN, trd_risk_moved(g.k, &move));
    move = (trd_risk_move){B, NEAR, 0, 1}; /* nobody asks */
    REFUSED(&g, TRD_OK, trd_risk_moved(g.k, &move));
    move = (trd_risk_move){A, PLAIN, 0, 1};
    REFUSED(&g, TRD_OK, trd_risk_moved(g.k, &move));
    REFUSED(&g, TRD_E_UNKNOWN, trd_risk_portfolio(g.k, g.r->a, 8, USD, &state));
    REFUSED(&g, TRD_E_UNKNOWN, trd_risk_portfolio(g.k, g.r->a, 7, USD, &state)); /* not open */
    REFUSED(&g, TRD_E_ARG, trd_risk_portfolio(g.k, g.r->a, A, 3, &state));
    REFUSED(&g, TRD_E_ARG, trd_risk_portfolio(g.k, g.r->a, A, USD, NULL));
    REFUSED(&g, TRD_E_UNKNOWN, trd_risk_sums(g.k, 8, GROUP, &sums));
    REFUSED(&g, TRD_E_ARG, trd_risk_sums(g.k, A, GROUP, NULL));
    REFUSED(&g, TRD_E_ARG, trd_risk_sums(g.k, B, GROUP, &sums));
    folio_free(&g);
}

/* Risk that knows fewer accounts or instruments than there are follows those that it knows. */
Test(risk_portfolio_state, what_risk_does_not_know_is_in_no_group) {
    trd_risk_def def = folio_def();
    def.instruments_max = PLAIN; /* all but PLAIN */
    gate g = folio_of(&def, &TERMS);
    gate_fill(&g, A, PLAIN, TRD_BUY, 3, 100);
    cr_assert(eq(int, trd_risk_follow(g.k, g.r->a, A, 1), TRD_OK));
    folio_sound(&g);
    cr_assert(eq(i64, state_of(&g).initial, 0));
    REFUSED(&g, TRD_E_UNKNOWN, trd_risk_array(g.k, g.r->a, PLAIN, GROUP, &FUTURE));
    folio_free(&g);
    def = folio_def();
    def.accounts_max = HEDGED; /* all but HEDGED */
    g = folio_of(&def, &TERMS);
    trd_leg own = rig_leg(HEDGED);
    own.position = TRD_POSITION_LONG;
    const trd_execution x = rig_execution(NEAR, own, rig_outside(), 3, 100);
    OK(g.r, execute, &x);
    set_array(&g, NEAR, SECOND, FUTURE, 0); /* it has a position there, and is nobody */
    folio_sound(&g);
    REFUSED(&g, TRD_E_UNKNOWN, trd_risk_follow(g.k, g.r->a, HEDGED, 1));
    folio_free(&g);
}

/* The other way round: accounts and instruments that risk alone has room for. */
Test(risk_portfolio_state, what_is_not_there_is_followed_by_nobody) {
    trd_risk_def def = folio_def();
    def.accounts_max = 9;
    def.instruments_max = 9;
    gate g = folio_of(&def, &TERMS);
    REFUSED(&g, TRD_E_UNKNOWN, trd_risk_follow(g.k, g.r->a, 8, 1));
    REFUSED(&g, TRD_E_UNKNOWN, trd_risk_array(g.k, g.r->a, 8, GROUP, &FUTURE));
    folio_free(&g);
}

Test(risk_portfolio_state, definitions_have_limits) {
    trd_risk_def def = folio_def();
    def.groups_max = 257;
    cr_assert(eq(sz, trd_risk_footprint(&def), 0));
    def = folio_def();
    def.arrays_max = 65537;
    cr_assert(eq(sz, trd_risk_footprint(&def), 0));
    def = folio_def();
    def.pairs_max = 1025;
    cr_assert(eq(sz, trd_risk_footprint(&def), 0));
    def = folio_def();
    def.portfolios_max = (1 << 24) + 1;
    cr_assert(eq(sz, trd_risk_footprint(&def), 0));
    def = folio_def();
    def.groups_max = 256;
    def.arrays_max = 65536;
    def.pairs_max = 1024;
    cr_assert(trd_risk_footprint(&def) > 0);
}

/* A caller that knows no portfolios gets the default ones. */
Test(risk_portfolio_state, definitions_from_before_are_definitions) {
    trd_risk_def def = gate_def();
    def.parents_max = 0;
    const size_t whole = trd_risk_footprint(&def);
    def.groups_max = UINT32_MAX;
    def.struct_size = (uint32_t)offsetof(trd_risk_def, groups_max);
    cr_assert(eq(sz, trd_risk_footprint(&def), whole));
}

/* --- the block -------------------------------------------------------------------------------- */

Test(risk_portfolio_state, blocks_can_be_copied) {
    gate g = folio_new();
    fill(&g, NEAR, TRD_BUY, 3, 100);
    trd_risk *copy = (trd_risk *)aligned_alloc(TRD_RISK_ALIGN, g.size);
    memcpy(copy, g.k, g.size);
    memset(g.k, 0xa5, g.size);
    free(g.k);
    g.k = copy;
    fill(&g, FAR, TRD_SELL, 2, 100);
    cr_assert(eq(i64, state_of(&g).initial, 149));
    folio_free(&g);
}

Test(risk_portfolio_state, reset_forgets_groups_and_follows_nobody) {
    gate g = folio_new();
    fill(&g, NEAR, TRD_BUY, 3, 100);
    trd_risk_reset(g.k);
    trd_portfolio state;
    cr_assert(eq(int, trd_risk_portfolio(g.k, g.r->a, A, USD, &state), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_group(g.k, USD, &TERMS), 0));
    cr_assert(eq(int, trd_risk_follow(g.k, g.r->a, A, 1), TRD_OK));
    cr_assert(eq(i64, state_of(&g).initial, 0));
    folio_free(&g);
}

/* Each of these is seen, and mended again. */
#define SEEN_BY(audit, field, damage)                                                              \
    do {                                                                                           \
        __typeof__(field) kept_ = (field);                                                         \
        (field) = (damage);                                                                        \
        cr_expect(audit < 0, #field " = " #damage);                                                \
        (field) = kept_;                                                                           \
        folio_sound(&g);                                                                           \
    } while (0)
#define SEEN(field, damage) SEEN_BY(trd_risk_audit(g.k), field, damage)

Test(risk_portfolio_state, audit_sees_wrong_definitions) {
    gate g = folio_new();
    const trd_scenario_pair pair = {
        .group_a = GROUP, .group_b = SECOND, .delta_a = 1, .delta_b = 1, .credit_ppm = 1};
    cr_assert(eq(int, trd_risk_pair(g.k, &pair), TRD_OK));
    trd_risk_market *market = trd__risk_market(g.k, NEAR);
    SEEN(g.k->groups, 4);
    SEEN(g.k->scenario_pairs, 3);
    SEEN(g.k->arrays, 3);
    SEEN(g.k->arrays, 5);
    SEEN(trd__risk_group(g.k, SECOND)->terms.initial_ppm, 0);
    SEEN(trd__risk_group(g.k, SECOND)->asset, BTC);
    SEEN(trd__risk_pair(g.k, 0)->delta_a, 0);
    SEEN(market->array, 5);
    SEEN(market->array, 0);
    SEEN(market->group, 2);
    SEEN(trd__risk_market(g.k, PLAIN)->group, 1);
    SEEN(trd__risk_array(g.k, market->array)->per_lot[0], 104);
    SEEN(trd__risk_array(g.k, market->array)->per_lot[1], 106);
    SEEN(trd__risk_array(g.k, market->array)->terms.month, 16);
    SEEN(trd__risk_array(g.k, market->array)->terms.is_option, 2);
    SEEN(g.k->firm.portfolios, 1);
    SEEN(g.k->firm.mask, 1u << TRD_RISK_FOLLOWED);
    folio_free(&g);
}

Test(risk_portfolio_state, audit_sees_wrong_records) {
    gate g = folio_new();
    fill(&g, NEAR, TRD_BUY, 3, 100);
    fill(&g, OPT, TRD_SELL, 4, 100);
    fill(&g, OTHER, TRD_BUY, 1, 100);
    const uint32_t number = trd__portfolio_find(g.k, A, GROUP);
    trd_risk_folio *own = trd__risk_portfolio(g.k, number);
    trd_risk_node *node = trd__risk_account(g.k, A);
    SEEN(node->portfolios, 0);
    SEEN(node->portfolios, 4);
    SEEN(node->portfolios, g.k->portfolio_free);
    SEEN(node->mask, 0);
    SEEN(trd__risk_account(g.k, B)->portfolios, number);
    SEEN(own->account, B);
    SEEN(own->group, SECOND);
    SEEN(own->group, 2);
    SEEN(own->next, number);
    SEEN(own->short_lots, -1);
    SEEN(g.k->portfolio_free, 0);
    SEEN(g.k->portfolio_free, number);
    SEEN(g.k->portfolio_map.count, 1);
#define SEEN_BESIDE(field, damage) SEEN_BY(trd_risk_audit_portfolios(g.k, g.r->a), field, damage)
    SEEN_BESIDE(own->loss[15], 284);
    SEEN_BESIDE(own->delta[0], 0);
    SEEN_BESIDE(own->delta[15], 1);
    SEEN_BESIDE(own->short_lots, 3);
    SEEN_BESIDE(node->mask, 0);
    SEEN_BESIDE(trd__risk_account(g.k, B)->mask, 1u << TRD_RISK_FOLLOWED);
    folio_free(&g);
}
