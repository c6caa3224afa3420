/* portfolio_rig.h - the world of risk_rig.h with an account A of mode PORTFOLIO, and the groups,
 * arrays and numbers of docs/reference/margin.md, "Scenarios". */
#ifndef TRD_SUPPORT_PORTFOLIO_RIG_H
#define TRD_SUPPORT_PORTFOLIO_RIG_H

#include "margin_page.h"
#include "risk_rig.h"

/* Futures of two months, one on something else, and an instrument without an array. */
enum { NEAR = 4, FAR = 5, OTHER = 6, PLAIN = 7 };

enum { GROUP = 0, SECOND = 1 };

/* Gains what the future loses; costs 5 where the volatility falls. */
static const trd_scenario_array PUT = {
    .loss = {0, 5, 5, 5, -30, -30, 5, 5, -60, -60, 5, 5, -90, -90, 5, -95},
    .delta = -1000000,
    .is_option = 1};

static inline void set_array(
    gate *g, uint32_t instrument, uint32_t group, trd_scenario_array array, uint32_t month) {
    array.month = month;
    cr_assert(eq(int, trd_risk_array(g->k, g->r->a, instrument, group, &array), TRD_OK));
}

static inline void enter(gate *g, uint32_t account) {
    gate_mode(g, account, TRD_MODE_PORTFOLIO);
    cr_assert(eq(int, trd_risk_follow(g->k, g->r->a, account, 1), TRD_OK));
}

static inline gate folio_of(const trd_risk_def *def, const trd_scenario_group *terms) {
    const trd_accounts_def accounts = rig_def();
    gate g = gate_of(&accounts, def);
    for (uint32_t i = NEAR; i <= PLAIN; i++) {
        cr_assert(rig_instrument(g.r, TRD_INSTRUMENT_LINEAR) == i);
        gate_mark(&g, i, 100);
    }
    cr_assert(eq(int, trd_risk_group(g.k, USD, terms), GROUP));
    cr_assert(eq(int, trd_risk_group(g.k, USD, terms), SECOND));
    set_array(&g, NEAR, GROUP, FUTURE, 0);
    set_array(&g, FAR, GROUP, FUTURE, 1);
    set_array(&g, OTHER, SECOND, FUTURE, 0);
    set_array(&g, OPT, GROUP, OPTION, 0);
    enter(&g, A);
    return g;
}

static inline trd_risk_def folio_def(void) {
    trd_risk_def def = gate_def();
    def.groups_max = 3;
    def.arrays_max = 4;
    def.pairs_max = 2;
    def.portfolios_max = 3;
    return def;
}

static inline gate folio_new(void) {
    const trd_risk_def def = folio_def();
    return folio_of(&def, &TERMS);
}

static inline void folio_sound(const gate *g) {
    cr_assert(eq(int, trd_risk_audit(g->k), TRD_OK));
    cr_assert(eq(int, trd_risk_audit_portfolios(g->k, g->r->a), TRD_OK));
}

static inline void folio_free(gate *g) {
    folio_sound(g);
    gate_free(g);
}

static inline void moved(
    gate *g, uint32_t account, uint32_t instrument, trd_qty before, trd_qty after) {
    const trd_risk_move move = {account, instrument, before, after};
    cr_assert(eq(int, trd_risk_moved(g->k, &move), TRD_OK));
}

/* A gets a position, and risk is told. */
static inline void fill(gate *g, uint32_t instrument, uint8_t side, trd_qty qty, trd_px px) {
    const trd_qty before = rig_position(g->r, A, instrument).qty;
    gate_fill(g, A, instrument, side, qty, px);
    moved(g, A, instrument, before, rig_position(g->r, A, instrument).qty);
    folio_sound(g);
}

static inline trd_portfolio state_of(const gate *g) {
    trd_portfolio state;
    cr_assert(eq(int, trd_risk_portfolio(g->k, g->r->a, A, USD, &state), TRD_OK));
    return state;
}

/* Money of A that is free becomes this much. */
static inline void has(gate *g, trd_amt amount) {
    const trd_amt more = amount - rig_free_of(g->r, A, USD);
    if (more > 0) {
        rig_deposit(g->r, A, USD, more);
    } else if (more < 0) {
        gate_withdraw(g, A, USD, amount);
    }
}

#endif
