/* risk_rig.h - a small world for the checks before an order: the accounts of accounts_rig.h with
 * 10,000 in USD each and 1 % fees, four instruments, roles, and both blocks compared with what they
 * were behind every check. */
#ifndef TRD_SUPPORT_RISK_RIG_H
#define TRD_SUPPORT_RISK_RIG_H

#include <tradsys/risk.h>

#include "accounts_rig.h"

/* Instruments; a tick x lot is one minor unit of USD. Marks: 100 each. */
enum { FUT = 0, SPOT = 1, OPT = 2, INV = 3 };
/* Actors: a trader of A to HEDGED, who sends all asks; one who may configure; one who only looks.
 */
enum { TRADER = 3, ADMIN = 4, VIEWER = 5, STRANGER = 99 };
enum { MONEY = 10000, STRATEGY = 7 };

typedef struct gate {
    rig *r;
    trd_risk *k;
    size_t size;
} gate;

static inline trd_risk_def gate_def(void) {
    trd_risk_def def = trd_risk_def_default();
    def.accounts_max = 8;
    def.instruments_max = 8;
    def.orders_max = RIG_ORDERS;
    def.actors_max = 8;
    def.limits_max = 4;
    def.models_max = 4;
    def.repeats_max = 4;
    def.parents_max = 4;
    return def;
}

static inline void gate_role(gate *g, uint32_t actor, uint8_t role) {
    const trd_actor terms = {.actor = actor, .role = role};
    cr_assert(eq(int, trd_risk_actor(g->k, &terms), TRD_OK));
}

static inline void gate_mark(gate *g, uint32_t instrument, trd_px px) {
    cr_assert(eq(int, trd_accounts_mark(g->r->a, instrument, px), TRD_OK));
}

static inline void gate_model(gate *g, uint32_t instrument, uint32_t initial_ppm) {
    const trd_margin_rates rates = {.initial_ppm = initial_ppm};
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    cr_assert(eq(int, trd_risk_model(g->k, instrument, &model), TRD_OK));
}

static inline gate gate_of(const trd_accounts_def *accounts, const trd_risk_def *def) {
    gate g = {.r = rig_bare_of(accounts), .size = trd_risk_footprint(def)};
    g.k = trd_risk_init(aligned_alloc(TRD_RISK_ALIGN, g.size), def);
    cr_assert(g.k != NULL);
    const trd_fee_table fees = rig_fees(0, 10000000);
    const int table = trd_accounts_fees_add(g.r->a, &fees);
    for (uint32_t account = A; account <= HEDGED; account++) {
        trd_account terms = rig_account();
        terms.hedge = account == HEDGED;
        terms.fees = (uint32_t)table;
        cr_assert(eq(int, trd_accounts_open(g.r->a, account, &terms), TRD_OK));
        rig_deposit(g.r, account, USD, MONEY);
    }
    static const uint8_t kinds[] = {
        TRD_INSTRUMENT_LINEAR, TRD_INSTRUMENT_SPOT, TRD_INSTRUMENT_OPTION, TRD_INSTRUMENT_INVERSE};
    for (uint32_t i = FUT; i <= INV; i++) {
        cr_assert(rig_instrument(g.r, kinds[i]) == i);
        gate_mark(&g, i, 100);
        if (i != SPOT) {
            gate_model(&g, i, 100000);
        }
    }
    gate_role(&g, TRADER, TRD_ROLE_TRADER);
    gate_role(&g, ADMIN, TRD_ROLE_ADMIN);
    gate_role(&g, VIEWER, TRD_ROLE_VIEWER);
    return g;
}

static inline gate gate_new(void) {
    const trd_accounts_def accounts = rig_def();
    const trd_risk_def def = gate_def();
    return gate_of(&accounts, &def);
}

static inline void gate_free(gate *g) {
    cr_assert(eq(int, trd_risk_audit(g->k), TRD_OK));
    rig_sound(g->r);
    free(g->k);
    rig_free(g->r);
}

/* --- asks ------------------------------------------------------------------------------------- */

static inline trd_ask ask_of(
    uint32_t account, uint32_t instrument, uint8_t side, trd_qty qty, trd_px px) {
    return (trd_ask){.account = account,
        .instrument = instrument,
        .actor = TRADER,
        .tag = STRATEGY,
        .kind = TRD_ASK_NEW,
        .side = side,
        .has_px = 1,
        .px = px,
        .qty = qty};
}

static inline trd_ask market_ask(uint32_t account, uint32_t instrument, uint8_t side, trd_qty qty) {
    trd_ask ask = ask_of(account, instrument, side, qty, 0);
    ask.has_px = 0;
    return ask;
}

/* The verdict; neither block has a byte changed by asking. */
static inline trd_verdict gate_check(const gate *g, const trd_ask *ask) {
    char *risk = (char *)malloc(g->size);
    char *accounts = (char *)malloc(g->r->size);
    memcpy(risk, g->k, g->size);
    memcpy(accounts, g->r->a, g->r->size);
    trd_verdict verdict;
    memset(&verdict, 0xa5, sizeof(verdict));
    cr_assert(eq(int, trd_risk_check(g->k, g->r->a, ask, &verdict), TRD_OK));
    cr_assert(memcmp(risk, g->k, g->size) == 0);
    cr_assert(memcmp(accounts, g->r->a, g->r->size) == 0);
    free(risk);
    free(accounts);
    return verdict;
}

static inline uint32_t gate_reason(const gate *g, const trd_ask *ask) {
    return gate_check(g, ask).reason;
}

/* Criterion wants texts that could be written to. */
static inline char *gate_text(const char *text) {
    return (char *)(uintptr_t)text;
}

#define EXPECT_REASON(g, ask, name)                                                                \
    cr_assert(eq(str, gate_text(trd_reject_text(gate_reason((g), (ask)))), gate_text(#name)))
#define EXPECT_PASS(g, ask)                                                                        \
    cr_assert(eq(str, gate_text(trd_reject_text(gate_reason((g), (ask)))), gate_text("?")))

/* The order passes, holds and is known under its handle. */
static inline trd_verdict gate_accept(gate *g, trd_ask *ask, trd_order order) {
    ask->order = order;
    const trd_verdict verdict = gate_check(g, ask);
    cr_assert(eq(u32, verdict.reason, 0));
    if (verdict.rehold != 0) {
        OK(g->r, release, order, rig_held(g->r, order).leaves);
    }
    trd_held held;
    if (trd_accounts_held(g->r->a, order, &held) == TRD_OK) {
        OK(g->r, amend, order, verdict.hold.px, verdict.hold.qty);
    } else {
        OK(g->r, hold, &verdict.hold);
    }
    cr_assert(eq(i64, rig_held(g->r, order).amount, verdict.need));
    cr_assert(eq(i64, rig_free_of(g->r, ask->account, verdict.asset), verdict.free_after));
    cr_assert(eq(int, trd_risk_passed(g->k, ask, &verdict), TRD_OK));
    return verdict;
}

static inline void gate_order(
    gate *g, trd_order order, uint32_t account, uint8_t side, trd_qty qty, trd_px px) {
    trd_ask ask = ask_of(account, FUT, side, qty, px);
    gate_accept(g, &ask, order);
}

/* The account gets a position from the rest of the world, without an order and without fees. */
static inline void gate_fill(
    gate *g, uint32_t account, uint32_t instrument, uint8_t side, trd_qty qty, trd_px px) {
    trd_leg own = rig_leg(account);
    own.free_of_fees = 1;
    const trd_execution x = side == TRD_BUY
                                ? rig_execution(instrument, own, rig_outside(), qty, px)
                                : rig_execution(instrument, rig_outside(), own, qty, px);
    OK(g->r, execute, &x);
}

/* --- limits ----------------------------------------------------------------------------------- */

/* A limit of account A, instrument FUT, actor TRADER, tag STRATEGY, parent order STRATEGY that
 * buys, as the scope has it. */
static inline trd_limit limit_of(uint8_t limit, uint8_t scope, int64_t value) {
    trd_limit l = {.limit = limit, .scope = scope, .value = value};
    l.account = A;
    l.instrument = FUT;
    l.actor = scope == TRD_LIMIT_ACTOR ? TRADER : 0;
    l.tag = scope >= TRD_LIMIT_TAG ? STRATEGY : 0;
    l.side = scope == TRD_LIMIT_PARENT ? TRD_BUY : 0;
    return l;
}

static inline void gate_set(gate *g, const trd_limit *limit) {
    cr_assert(eq(int, trd_risk_limit(g->k, limit), TRD_OK));
}

static inline void gate_limit(gate *g, uint8_t limit, uint8_t scope, int64_t value) {
    const trd_limit l = limit_of(limit, scope, value);
    gate_set(g, &l);
}

static inline void gate_mode(gate *g, uint32_t account, uint8_t mode) {
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(g->r->a, account, &terms), TRD_OK));
    terms.mode = mode;
    cr_assert(eq(int, trd_accounts_open(g->r->a, account, &terms), TRD_OK));
}

static inline void gate_withdraw(gate *g, uint32_t account, uint32_t asset, trd_amt left) {
    const trd_amt amount = rig_free_of(g->r, account, asset) - left;
    const trd_transfer t = {
        .from = account, .to = TRD_ACCOUNT_OUTSIDE, .asset = asset, .amount = amount};
    OK(g->r, transfer, &t);
}

#endif
