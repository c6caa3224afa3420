/* test_risk_plain.c - which orders take the short way to a verdict, and that it is the verdict of
 * the long one. */
#include "risk_rig.h"

#include "risk/plain.h"

/* A seller and a buyer of SPOT lots, each with a position: 90 of A's 10,000 are the price of ten.
 */
static gate plain_gate(void) {
    gate g = gate_new();
    gate_fill(&g, A, SPOT, TRD_BUY, 10, 9);
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 1, 1), TRD_OK));
    return g;
}

static trd_ask plain_ask(void) {
    return ask_of(A, SPOT, TRD_BUY, 10, 90);
}

/* Does it take the short way? Then what it says and grants is what the long way does; else it has
 * written nothing. */
static bool is_short(const gate *g, const trd_ask *ask) {
    trd_verdict verdict;
    trd_verdict untouched;
    trd_acct_grant grant;
    trd_acct_grant held;
    memset(&verdict, 0xa5, sizeof(verdict));
    memset(&untouched, 0xa5, sizeof(untouched));
    memset(&grant, 0xa5, sizeof(grant));
    if (!trd__plain_grant(g->k, g->r->a, ask, &verdict, &grant)) {
        cr_assert(memcmp(&verdict, &untouched, sizeof(verdict)) == 0);
        memset(&held, 0xa5, sizeof(held));
        cr_assert(memcmp(&grant, &held, sizeof(grant)) == 0);
        return false;
    }
    trd_verdict other = untouched;
    cr_assert(eq(
        int, trd__risk_grant_beside(g->k, g->r->a, ask, &trd__risk_alone, &other, &held), TRD_OK));
    cr_assert(memcmp(&verdict, &other, sizeof(verdict)) == 0);
    cr_assert(memcmp(&grant.hold, &held.hold, offsetof(trd_acct_hold, missing)) == 0);
    cr_assert(memcmp(&grant.account, &held.account,
                  sizeof(grant) - offsetof(trd_acct_grant, account)) == 0);
    return true;
}

static bool is_long(const gate *g, const trd_ask *ask) {
    return !is_short(g, ask);
}

/* Ten lots @ 90 are 900, and 9 of fees at 1 %. */
Test(risk_plain, a_buyer_of_lots_that_are_paid_in_full_takes_it) {
    gate g = plain_gate();
    const trd_ask ask = plain_ask();
    trd_verdict verdict;
    trd_acct_grant grant;
    cr_assert(is_short(&g, &ask));
    cr_assert(trd__plain_grant(g.k, g.r->a, &ask, &verdict, &grant));
    cr_assert(eq(i64, verdict.need, 909));
    cr_assert(eq(i64, verdict.value, 900));
    cr_assert(eq(i64, verdict.free_before, MONEY - 90));
    cr_assert(eq(i64, verdict.free_after, MONEY - 90 - 909));
    cr_assert(eq(u32, verdict.asset, USD));
    cr_assert(eq(u8, verdict.reducing, 0));
    gate_free(&g);
}

/* It is worth most at the mark of 100, and its ten lots, all that there are, reduce. */
Test(risk_plain, a_seller_of_lots_that_it_has_takes_it) {
    gate g = plain_gate();
    const trd_ask ask = ask_of(A, SPOT, TRD_SELL, 10, 90);
    trd_verdict verdict;
    trd_acct_grant grant;
    cr_assert(is_short(&g, &ask));
    cr_assert(trd__plain_grant(g.k, g.r->a, &ask, &verdict, &grant));
    cr_assert(eq(i64, verdict.need, 10));
    cr_assert(eq(i64, verdict.value, 1000));
    cr_assert(eq(i64, verdict.free_after, 0));
    cr_assert(eq(u32, verdict.asset, BTC));
    cr_assert(eq(u8, verdict.reducing, 1));
    gate_free(&g);
}

/* All options of a buyer are paid for; a seller of more than it has needs margin, which in mode
 * CROSS all positions have a say in. */
Test(risk_plain, a_buyer_of_options_takes_it_and_a_seller_of_those_that_it_has) {
    gate g = plain_gate();
    gate_fill(&g, A, OPT, TRD_BUY, 1, 9);
    const trd_ask buys = ask_of(A, OPT, TRD_BUY, 10, 90);
    trd_ask sells = ask_of(A, OPT, TRD_SELL, 2, 90);
    cr_assert(is_short(&g, &buys));
    cr_assert(is_short(&g, &sells));
    sells.qty = 3;
    cr_assert(is_long(&g, &sells));
    EXPECT_PASS(&g, &sells);
    gate_free(&g);
}

Test(risk_plain, a_hedged_account_takes_it_with_either_side) {
    gate g = plain_gate();
    for (uint8_t side = TRD_POSITION_NET; side <= TRD_POSITION_SHORT; side++) {
        trd_leg own = rig_leg(HEDGED);
        own.position = side;
        const trd_execution x = rig_execution(OPT, own, rig_outside(), 1, 9);
        if (side != TRD_POSITION_NET) {
            OK(g.r, execute, &x);
        }
        trd_ask ask = ask_of(HEDGED, OPT, TRD_BUY, 10, 90);
        ask.position = side;
        cr_assert(eq(int, is_short(&g, &ask), side != TRD_POSITION_NET));
    }
    gate_free(&g);
}

/* --- margin ----------------------------------------------------------------------------------- */

/* A has ten lots FUT @ 100, which it got without fees, and one of OPT and INV; the rate is 10 %. */
static gate margin_gate(uint8_t mode) {
    gate g = plain_gate();
    gate_fill(&g, A, FUT, TRD_BUY, 10, 100);
    gate_fill(&g, A, OPT, TRD_BUY, 1, 9);
    gate_fill(&g, A, INV, TRD_BUY, 1, 9);
    gate_mode(&g, A, mode);
    return g;
}

static trd_verdict verdict_of(const gate *g, const trd_ask *ask, trd_acct_grant *grant) {
    trd_verdict verdict;
    cr_assert(is_short(g, ask));
    cr_assert(trd__plain_grant(g->k, g->r->a, ask, &verdict, grant));
    return verdict;
}

/* Of 900: 10 % are 90, and fees of 1 % are 9. */
Test(risk_plain, an_order_on_margin_takes_it_where_its_margin_stands_alone) {
    static const bool takes[] = {[TRD_MODE_CASH] = false,
        [TRD_MODE_FLAT] = true,
        [TRD_MODE_LEVERAGE] = true,
        [TRD_MODE_ISOLATED] = true,
        [TRD_MODE_CROSS] = false,
        [TRD_MODE_PORTFOLIO] = false};
    for (uint8_t mode = TRD_MODE_CASH; mode <= TRD_MODE_PORTFOLIO; mode++) {
        gate g = margin_gate(mode);
        const trd_ask ask = ask_of(A, FUT, TRD_BUY, 10, 90);
        cr_assert(eq(int, is_short(&g, &ask), takes[mode]), "%u", mode);
        if (takes[mode]) {
            trd_acct_grant grant;
            const trd_verdict verdict = verdict_of(&g, &ask, &grant);
            cr_assert(eq(i64, verdict.need, 99));
            cr_assert(eq(u32, verdict.asset, USD));
            cr_assert(eq(i64, grant.hold.margin, 90));
            cr_assert(eq(u32, grant.hold.margin_ppm, 100000));
        }
        gate_free(&g);
    }
}

/* Ten lots are worth 1,000 at the mark: fees of 10, and no margin, in any mode but PORTFOLIO. With
 * eleven the position could be -1; then 10 % of 1,100 are needed, and 11. */
Test(risk_plain, what_reduces_needs_charges_alone) {
    for (uint8_t mode = TRD_MODE_CASH; mode <= TRD_MODE_CROSS; mode++) {
        gate g = margin_gate(mode);
        trd_ask ask = ask_of(A, FUT, TRD_SELL, 10, 90);
        trd_acct_grant grant;
        cr_assert(eq(i64, verdict_of(&g, &ask, &grant).need, 10));
        cr_assert(eq(i64, grant.hold.margin, 0));
        ask.qty = 20; /* as many lots on the other side */
        cr_assert(eq(i64, verdict_of(&g, &ask, &grant).need, 20));
        ask.qty = 21;
        cr_assert(eq(int, is_short(&g, &ask), mode >= TRD_MODE_FLAT && mode <= TRD_MODE_ISOLATED));
        if (is_short(&g, &ask)) { /* 21 x 100: 210 and 21 */
            cr_assert(eq(i64, verdict_of(&g, &ask, &grant).need, 231));
        }
        gate_free(&g);
    }
}

/* 1 / 5.00 is 20 %: of 900 that is 180. 1 / 20.00 is below the rate. 1 / 0.05 is more than any
 * margin may be. */
Test(risk_plain, leverage_raises_the_rate) {
    static const struct {
        uint32_t leverage;
        trd_amt need;
    } rows[] = {{500, 189}, {2000, 99}, {5, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        gate g = margin_gate(TRD_MODE_LEVERAGE);
        const trd_ask ask = ask_of(A, FUT, TRD_BUY, 10, 90);
        trd_account terms;
        trd_acct_grant grant;
        cr_assert(eq(int, trd_accounts_get(g.r->a, A, &terms), TRD_OK));
        terms.leverage = rows[i].leverage;
        cr_assert(eq(int, trd_accounts_open(g.r->a, A, &terms), TRD_OK));
        cr_assert(eq(int, is_short(&g, &ask), rows[i].need != 0));
        if (rows[i].need != 0) {
            cr_assert(eq(i64, verdict_of(&g, &ask, &grant).need, rows[i].need));
        }
        gate_free(&g);
    }
}

/* An option that is sold is worst at its mark of 100, and pays its fees out of the premium: 10. A
 * seller of INV is worst at its own limit: a lot @ 90 is worth ceil(1 / 90), its margin and its fee
 * are 1 each. */
Test(risk_plain, options_and_inverse_contracts_take_it_on_margin_too) {
    gate g = margin_gate(TRD_MODE_ISOLATED);
    trd_acct_grant grant;
    const trd_ask option = ask_of(A, OPT, TRD_SELL, 3, 90); /* from 1 to -2 */
    cr_assert(eq(i64, verdict_of(&g, &option, &grant).need, 30));
    const trd_ask inverse = ask_of(A, INV, TRD_SELL, 3, 90);
    cr_assert(eq(i64, verdict_of(&g, &inverse, &grant).need, 2));
    cr_assert(eq(i64, grant.hold.px, 90));
    gate_free(&g);
}

static void model_has_tiers(gate *g) {
    const trd_margin_tier tiers[] = {{.initial_ppm = 100000, .maintenance_ppm = 50000},
        {.floor = 1000, .initial_ppm = 200000, .maintenance_ppm = 50000}};
    const trd_margin_tier_terms terms = {.tiers = tiers, .count = 2};
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_tiered(&model, &terms), TRD_OK));
    cr_assert(eq(int, trd_risk_model(g->k, FUT, &model), TRD_OK));
}

static void model_is_cash(gate *g) {
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_cash(&model), TRD_OK));
    cr_assert(eq(int, trd_risk_model(g->k, FUT, &model), TRD_OK));
}

Test(risk_plain, other_rates_are_found_by_the_long_way) {
    static void (*const changes[])(gate * g) = {model_has_tiers, model_is_cash};
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        gate g = margin_gate(TRD_MODE_ISOLATED);
        const trd_ask ask = ask_of(A, FUT, TRD_BUY, 10, 90);
        cr_assert(is_short(&g, &ask));
        changes[i](&g);
        cr_assert(is_long(&g, &ask), "%zu", i);
        EXPECT_PASS(&g, &ask);
        gate_free(&g);
    }
}

/* Without a model there is no rate; without a mark margin is not known. */
Test(risk_plain, margin_that_is_not_known_is_refused_by_the_long_way) {
    for (int has_model = 0; has_model <= 1; has_model++) {
        gate g = margin_gate(TRD_MODE_ISOLATED);
        const uint32_t number = rig_instrument(g.r, TRD_INSTRUMENT_LINEAR);
        const trd_ask ask = ask_of(A, number, TRD_BUY, 10, 90);
        gate_fill(&g, A, number, TRD_BUY, 1, 100);
        if (has_model != 0) {
            gate_model(&g, number, 100000);
        } else {
            gate_mark(&g, number, 100);
        }
        cr_assert(is_long(&g, &ask), "%d", has_model);
        EXPECT_REASON(&g, &ask, MARGIN);
        gate_free(&g);
    }
}

/* --- what does not take it -------------------------------------------------------------------- */

static void is_amended(gate *g, trd_ask *ask) {
    (void)g;
    ask->kind = TRD_ASK_AMEND;
    ask->order = 1;
}

static void is_no_side(gate *g, trd_ask *ask) {
    (void)g;
    ask->side = 0;
}

static void only_reduces(gate *g, trd_ask *ask) {
    (void)g;
    ask->side = TRD_SELL;
    ask->reduce_only = 1;
}

static void has_no_limit(gate *g, trd_ask *ask) {
    (void)g;
    ask->has_px = 0;
    ask->px = 0;
    ask->has_bound = 1;
    ask->bound = 90;
}

static void has_a_bound_besides(gate *g, trd_ask *ask) {
    (void)g;
    ask->has_bound = 1;
}

static void has_a_bound_that_is_none(gate *g, trd_ask *ask) {
    (void)g;
    ask->bound = 1;
}

static void has_reserved_bytes(gate *g, trd_ask *ask) {
    (void)g;
    ask->reserved1 = 1;
}

static void has_no_lots(gate *g, trd_ask *ask) {
    (void)g;
    ask->qty = 0;
}

static void is_overridden(gate *g, trd_ask *ask) {
    (void)g;
    ask->override = 1;
    ask->actor = ADMIN;
}

static void is_of_nobody(gate *g, trd_ask *ask) {
    (void)g;
    ask->account = 8;
}

static void is_of_an_account_that_is_not_open(gate *g, trd_ask *ask) {
    (void)g;
    ask->account = 7;
}

static void is_of_no_instrument(gate *g, trd_ask *ask) {
    (void)g;
    ask->instrument = INV + 1;
}

static void terms_change(gate *g, void (*change)(trd_account *terms)) {
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(g->r->a, A, &terms), TRD_OK));
    change(&terms);
    cr_assert(eq(int, trd_accounts_open(g->r->a, A, &terms), TRD_OK));
}

static void disable(trd_account *terms) {
    terms->enabled = 0;
}

static void only_look(trd_account *terms) {
    terms->role = TRD_ROLE_VIEWER;
}

static void is_of_a_disabled_account(gate *g, trd_ask *ask) {
    (void)ask;
    terms_change(g, disable);
}

static void is_of_a_viewer(gate *g, trd_ask *ask) {
    (void)ask;
    terms_change(g, only_look);
}

static void is_of_a_portfolio(gate *g, trd_ask *ask) {
    (void)ask;
    gate_mode(g, A, TRD_MODE_PORTFOLIO);
}

static void comes_from_a_stranger(gate *g, trd_ask *ask) {
    (void)g;
    ask->actor = STRANGER;
}

static void names_a_side(gate *g, trd_ask *ask) {
    (void)g;
    ask->position = TRD_POSITION_LONG;
}

/* In mode CROSS losses of all positions count. */
static void stands_on_all_balances(gate *g, trd_ask *ask) {
    gate_fill(g, A, FUT, TRD_BUY, 1, 100);
    ask->instrument = FUT;
}

static void market_is_disabled(gate *g, trd_ask *ask) {
    (void)ask;
    cr_assert(eq(int, trd_risk_enable(g->k, SPOT, 0), TRD_OK));
}

static void price_is_none(gate *g, trd_ask *ask) {
    (void)g;
    ask->px = 1000001;
}

static void has_no_position_yet(gate *g, trd_ask *ask) {
    (void)g;
    ask->account = B;
}

static void is_near_a_limit_of_all_numbers(gate *g, trd_ask *ask) {
    (void)g;
    ask->qty = (trd_qty)1 << 58;
}

/* One tick x lot of JPY, which has no rate. */
static void has_no_value(gate *g, trd_ask *ask) {
    trd_instrument spec = rig_spec(TRD_INSTRUMENT_SPOT);
    const trd_terms terms = rig_terms();
    spec.base_asset = USD;
    spec.quote_asset = spec.settle_asset = JPY;
    spec.qty_scale = 2;
    ask->instrument = rig_add(g->r, &spec, &terms);
    gate_fill(g, A, ask->instrument, TRD_SELL, 1, 5);
    ask->qty = 1;
    ask->px = 1;
}

static void is_not_paid_for(gate *g, trd_ask *ask) {
    (void)ask;
    gate_withdraw(g, A, USD, 908);
}

static void lies_in_a_collar_without_mark(gate *g, trd_ask *ask) {
    const uint32_t number = rig_instrument(g->r, TRD_INSTRUMENT_SPOT);
    gate_fill(g, A, number, TRD_BUY, 1, 9);
    gate_limit(g, TRD_LIMIT_COLLAR, TRD_LIMIT_FIRM, 1000000);
    ask->instrument = number;
}

static void has_lost_what_nobody_knows(gate *g, trd_ask *ask) {
    trd_limit l = limit_of(TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_FIRM, 1000);
    l.account = l.instrument = 0;
    l.burst = 1;
    (void)ask;
    gate_set(g, &l);
}

/* Proceeds in JPY, whose worth is not known. */
static void is_unpriced_today(gate *g, trd_ask *ask) {
    trd_ask other = plain_ask();
    const trd_limit l = {.limit = TRD_LIMIT_DAILY_LOSS, .scope = TRD_LIMIT_FIRM, .value = 1000};
    has_no_value(g, &other);
    (void)ask;
    gate_set(g, &l);
}

/* Somebody has an open order of which nobody knows the value. */
static void firm_has_open_what_has_no_value(gate *g, trd_ask *ask) {
    const trd_limit l = {.limit = TRD_LIMIT_OPEN_VALUE, .scope = TRD_LIMIT_FIRM, .value = 100000};
    const trd_ask other = {.order = 9,
        .kind = TRD_ASK_NEW,
        .side = TRD_SELL,
        .account = B,
        .instrument = SPOT,
        .qty = 1};
    const trd_verdict verdict = {.has_value = 0};
    (void)ask;
    gate_set(g, &l);
    cr_assert(eq(int, trd_risk_passed(g->k, &other, &verdict), TRD_OK));
}

static void array_is_set(gate *g, trd_ask *ask) {
    const trd_scenario_group group = {.initial_ppm = 1000000};
    const trd_scenario_array array = {.loss = {1}};
    (void)ask;
    cr_assert(eq(int, trd_risk_group(g->k, USD, &group), 0));
    cr_assert(eq(int, trd_risk_array(g->k, g->r->a, FUT, 0, &array), TRD_OK));
    cr_assert(eq(int, trd_risk_follow(g->k, g->r->a, A, 1), TRD_OK));
}

/* A limit of that scope which is far away. */
static void limit_is_set(gate *g, uint8_t limit, uint8_t scope) {
    trd_limit l = limit_of(limit, scope, limit == TRD_LIMIT_RESTRICTED ? 0 : 1000000);
    l.account = scope == TRD_LIMIT_ACCOUNT || scope == TRD_LIMIT_PAIR ? A : 0;
    l.instrument = scope == TRD_LIMIT_INSTRUMENT || scope == TRD_LIMIT_PAIR ? SPOT : 0;
    if (limit == TRD_LIMIT_REPEATED) {
        l.value = 0;
    }
    l.window = limit == TRD_LIMIT_REPEATED || limit == TRD_LIMIT_EXECUTIONS ? 1 : 0;
    gate_set(g, &l);
}

static void market_is_restricted(gate *g, trd_ask *ask) {
    (void)ask;
    limit_is_set(g, TRD_LIMIT_RESTRICTED, TRD_LIMIT_INSTRUMENT);
}

static const struct {
    const char *name;
    void (*make)(gate *g, trd_ask *ask);
} others[] = {
#define OTHER(name)                                                                                \
    { #name, name }
    OTHER(is_amended), OTHER(is_no_side), OTHER(only_reduces), OTHER(has_no_limit),
    OTHER(has_a_bound_besides), OTHER(has_a_bound_that_is_none), OTHER(has_reserved_bytes),
    OTHER(has_no_lots), OTHER(is_overridden), OTHER(is_of_nobody),
    OTHER(is_of_an_account_that_is_not_open), OTHER(is_of_no_instrument),
    OTHER(is_of_a_disabled_account), OTHER(is_of_a_viewer), OTHER(is_of_a_portfolio),
    OTHER(comes_from_a_stranger), OTHER(names_a_side), OTHER(stands_on_all_balances),
    OTHER(market_is_disabled), OTHER(price_is_none), OTHER(has_no_position_yet),
    OTHER(is_near_a_limit_of_all_numbers), OTHER(has_no_value), OTHER(is_not_paid_for),
    OTHER(lies_in_a_collar_without_mark), OTHER(has_lost_what_nobody_knows),
    OTHER(is_unpriced_today), OTHER(firm_has_open_what_has_no_value), OTHER(array_is_set),
    OTHER(market_is_restricted)
#undef OTHER
};

Test(risk_plain, whatever_is_not_as_usual_goes_the_long_way) {
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        gate g = plain_gate();
        trd_ask ask = plain_ask();
        cr_assert(is_short(&g, &ask));
        others[i].make(&g, &ask);
        cr_assert(is_long(&g, &ask), "%s", others[i].name);
        gate_free(&g);
    }
}

Test(risk_plain, no_order_takes_it_while_a_call_of_the_accounts_goes_on) {
    gate g = plain_gate();
    const trd_ask ask = plain_ask();
    const uint32_t before = g.r->a->work.task;
    g.r->a->work.task = TRD_TASK_DAY;
    cr_assert(is_long(&g, &ask));
    g.r->a->work.task = before;
    gate_free(&g);
}

Test(risk_plain, accounts_and_instruments_are_those_of_risk_too) {
    const trd_accounts_def accounts = rig_def();
    trd_risk_def def = gate_def();
    def.accounts_max = HEDGED + 1;
    def.instruments_max = INV + 1;
    gate g = gate_of(&accounts, &def);
    const trd_account terms = rig_account();
    cr_assert(eq(int, trd_accounts_open(g.r->a, HEDGED + 1, &terms), TRD_OK));
    const uint32_t number = rig_instrument(g.r, TRD_INSTRUMENT_SPOT);
    trd_ask ask = plain_ask();
    ask.account = HEDGED + 1;
    cr_assert(is_long(&g, &ask));
    ask = plain_ask();
    ask.instrument = number;
    cr_assert(is_long(&g, &ask));
    gate_free(&g);
}

/* --- limits ----------------------------------------------------------------------------------- */

/* The verdict of ten lots @ 90, of which none are held before, while there is this limit: does it
 * take the short way? */
static bool is_short_with(const trd_limit *limit) {
    gate g = plain_gate();
    const trd_ask ask = plain_ask();
    gate_set(&g, limit);
    const bool taken = is_short(&g, &ask);
    cr_assert(eq(int, gate_reason(&g, &ask) == 0, taken));
    gate_free(&g);
    return taken;
}

/* With what it is measured by: within, at, and behind the limit. The position would be 10 + 10; the
 * price of 90 is 100,000 ppm from the mark of 100; the first ten lots had no fee. */
Test(risk_plain, limits_of_firm_and_instrument_are_compared_on_it) {
    static const struct {
        uint8_t limit;
        uint8_t scope;
        int64_t measured;
    } rows[] = {{TRD_LIMIT_ORDER_QTY, TRD_LIMIT_FIRM, 10},
        {TRD_LIMIT_ORDER_QTY, TRD_LIMIT_INSTRUMENT, 10},
        {TRD_LIMIT_ORDER_VALUE, TRD_LIMIT_FIRM, 900},
        {TRD_LIMIT_ORDER_VALUE, TRD_LIMIT_INSTRUMENT, 900},
        {TRD_LIMIT_OPEN_VALUE, TRD_LIMIT_FIRM, 900}, {TRD_LIMIT_POSITION, TRD_LIMIT_INSTRUMENT, 20},
        {TRD_LIMIT_COLLAR, TRD_LIMIT_FIRM, 100000},
        {TRD_LIMIT_COLLAR, TRD_LIMIT_INSTRUMENT, 100000},
        {TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_FIRM, 1}}; /* a loss at the limit is too much: 0 */
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        for (int64_t off = -1; off <= 1; off++) {
            const trd_limit l = {.limit = rows[i].limit,
                .scope = rows[i].scope,
                .instrument = rows[i].scope == TRD_LIMIT_INSTRUMENT ? SPOT : 0,
                .value = rows[i].measured + off};
            cr_assert(eq(int, is_short_with(&l), off >= 0), "row %zu, %ld", i, (long)off);
        }
    }
}

Test(risk_plain, an_open_value_is_that_of_all_orders_of_the_firm) {
    gate g = plain_gate();
    trd_ask first = ask_of(B, SPOT, TRD_BUY, 1, 100);
    const trd_ask ask = plain_ask();
    gate_accept(&g, &first, 3);
    trd_limit l = {.limit = TRD_LIMIT_OPEN_VALUE, .scope = TRD_LIMIT_FIRM, .value = 1000};
    gate_set(&g, &l);
    cr_assert(is_short(&g, &ask));
    l.value = 999;
    gate_set(&g, &l);
    cr_assert(is_long(&g, &ask));
    EXPECT_REASON(&g, &ask, OPEN_VALUE);
    gate_free(&g);
}

/* A day's losses: 1 % of 900 lots x ticks. The next day they are over. */
Test(risk_plain, losses_of_another_day_are_over) {
    gate g = plain_gate();
    const trd_execution x = rig_execution(SPOT, rig_leg(A), rig_outside(), 10, 90);
    OK(g.r, execute, &x);
    trd_limit l = {.limit = TRD_LIMIT_DAILY_LOSS, .scope = TRD_LIMIT_FIRM, .value = 10};
    const trd_ask ask = plain_ask();
    gate_set(&g, &l);
    cr_assert(is_short(&g, &ask));
    l.value = 9;
    gate_set(&g, &l);
    cr_assert(is_long(&g, &ask));
    EXPECT_REASON(&g, &ask, DAILY_LOSS);
    OK(g.r, day);
    cr_assert(is_short(&g, &ask));
    gate_free(&g);
}

/* Of charges of 2^62 - 1, and as much lost and paid as funding, the sum is beyond 64 bits. */
Test(risk_plain, losses_beyond_all_numbers_are_summed_by_the_long_way) {
    gate g = plain_gate();
    const trd_ask ask = plain_ask();
    const trd_limit l = {
        .limit = TRD_LIMIT_DAILY_LOSS, .scope = TRD_LIMIT_FIRM, .value = INT64_MAX};
    trd_acct_client *client = trd__client(g.r->a, A);
    gate_set(&g, &l);
    client->charged = TRD_AMT_LIMIT - 1;
    client->realised = 1 - TRD_AMT_LIMIT;
    cr_assert(is_short(&g, &ask)); /* 2^63 - 2 */
    client->funding = -1;
    cr_assert(is_long(&g, &ask));
    EXPECT_REASON(&g, &ask, DAILY_LOSS);
    client->funding = -2;
    cr_assert(is_long(&g, &ask));
    EXPECT_REASON(&g, &ask, DAILY_LOSS);
    client->charged = client->realised = client->funding = 0;
    gate_free(&g);
}

/* Whose limits are his own is asked about them; nobody else is. */
Test(risk_plain, limits_of_an_account_are_asked_about_by_the_long_way) {
    static const uint8_t limits[] = {TRD_LIMIT_POSITION, TRD_LIMIT_ORDER_QTY, TRD_LIMIT_ORDER_VALUE,
        TRD_LIMIT_OPEN_VALUE, TRD_LIMIT_LEVERAGE, TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_EXECUTIONS};
    for (size_t i = 0; i < sizeof(limits); i++) {
        gate g = plain_gate();
        gate_fill(&g, B, SPOT, TRD_BUY, 10, 9);
        trd_ask ask = plain_ask();
        limit_is_set(&g, limits[i], TRD_LIMIT_ACCOUNT);
        cr_assert(is_long(&g, &ask), "%zu", i);
        EXPECT_PASS(&g, &ask);
        ask.account = B;
        cr_assert(is_short(&g, &ask), "%zu", i);
        gate_free(&g);
    }
}

Test(risk_plain, messages_of_anybody_are_counted_elsewhere) {
    for (uint8_t scope = TRD_LIMIT_FIRM; scope <= TRD_LIMIT_TAG; scope++) {
        trd_limit l = limit_of(TRD_LIMIT_MESSAGES, scope, 1);
        l.window = 1;
        if (scope != TRD_LIMIT_ACCOUNT) {
            l.account = 0;
        }
        l.instrument = 0;
        if (scope != TRD_LIMIT_INSTRUMENT && scope != TRD_LIMIT_PAIR) {
            cr_assert(is_short_with(&l), "%u", scope);
        }
    }
}

Test(risk_plain, limits_of_other_scopes_are_asked_about_by_the_long_way) {
    static const uint8_t rows[][2] = {{TRD_LIMIT_POSITION, TRD_LIMIT_FIRM},
        {TRD_LIMIT_POSITION, TRD_LIMIT_PAIR}, {TRD_LIMIT_ORDER_QTY, TRD_LIMIT_PAIR},
        {TRD_LIMIT_ORDER_QTY, TRD_LIMIT_ACTOR}, {TRD_LIMIT_ORDER_VALUE, TRD_LIMIT_TAG},
        {TRD_LIMIT_OPEN_VALUE, TRD_LIMIT_TAG}, {TRD_LIMIT_LEVERAGE, TRD_LIMIT_FIRM},
        {TRD_LIMIT_COLLAR, TRD_LIMIT_PAIR}, {TRD_LIMIT_REPEATED, TRD_LIMIT_FIRM},
        {TRD_LIMIT_EXECUTIONS, TRD_LIMIT_TAG}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        gate g = plain_gate();
        const trd_ask ask = plain_ask();
        limit_is_set(&g, rows[i][0], rows[i][1]);
        cr_assert(is_long(&g, &ask), "row %zu", i);
        EXPECT_PASS(&g, &ask);
        gate_free(&g);
    }
}

/* The proceeds of a seller come later, as the lots of a buyer do: a place for each. */
Test(risk_plain, what_settles_later_needs_room) {
    for (uint32_t places = 1; places <= 2; places++) {
        trd_accounts_def accounts = rig_def();
        const trd_risk_def def = gate_def();
        accounts.unsettled_max = places;
        gate g = gate_of(&accounts, &def);
        const trd_instrument spec = rig_spec(TRD_INSTRUMENT_SPOT);
        trd_terms terms = rig_terms();
        terms.settle_days = 1;
        const uint32_t number = rig_add(g.r, &spec, &terms);
        trd_ask first = ask_of(A, number, TRD_BUY, 10, 90);
        const trd_ask buys = first;
        const trd_ask sells = ask_of(A, number, TRD_SELL, 10, 90);
        rig_deposit(g.r, A, BTC, 10);
        gate_accept(&g, &first, 3);
        cr_assert(is_short(&g, &buys));
        cr_assert(eq(int, is_short(&g, &sells), places == 2));
        cr_assert(eq(int, gate_reason(&g, &sells) == 0, places == 2));
        gate_free(&g);
    }
}
