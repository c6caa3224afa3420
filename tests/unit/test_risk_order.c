/* test_risk_order.c - which reason is reported, what is held, who may, and what an order is to the
 * checks over its life. */
#include "risk_rig.h"

/* --- precedence ------------------------------------------------------------------------------- */

/* Something that makes the order fail for one reason. Each is done to a world of its own, in which
 * D, who has nothing but 10,000, buys 10 FUT @ 110. */
typedef struct fault {
    uint16_t reason;
    void (*make)(gate *g, trd_ask *ask);
} fault;

static void of_d(gate *g, uint8_t limit, int64_t value) {
    const trd_limit l = {.limit = limit, .scope = TRD_LIMIT_ACCOUNT, .account = D, .value = value};
    gate_set(g, &l);
}

static void names_a_side(gate *g, trd_ask *ask) {
    (void)g;
    ask->position = TRD_POSITION_LONG;
}

static void names_no_instrument(gate *g, trd_ask *ask) {
    (void)g;
    ask->instrument = 7;
}

static void names_no_account(gate *g, trd_ask *ask) {
    (void)g;
    ask->account = 7;
}

static void comes_from_a_stranger(gate *g, trd_ask *ask) {
    (void)g;
    ask->actor = STRANGER;
}

static void is_disabled(gate *g, trd_ask *ask) {
    (void)ask;
    trd_risk_enable(g->k, FUT, 0);
}

static void is_restricted(gate *g, trd_ask *ask) {
    (void)ask;
    const trd_limit l = {.limit = TRD_LIMIT_RESTRICTED, .scope = TRD_LIMIT_INSTRUMENT};
    gate_set(g, &l);
}

static void has_no_price_of_it(gate *g, trd_ask *ask) {
    (void)g;
    ask->px = 1000001;
}

static void is_far_away(gate *g, trd_ask *ask) {
    (void)ask;
    const trd_limit l = {.limit = TRD_LIMIT_COLLAR, .scope = TRD_LIMIT_FIRM, .value = 99999};
    gate_set(g, &l);
}

static void is_too_large(gate *g, trd_ask *ask) {
    (void)ask;
    of_d(g, TRD_LIMIT_ORDER_QTY, 9);
}

static void has_no_bound(gate *g, trd_ask *ask) {
    (void)g;
    ask->has_px = 0;
    ask->px = 0;
}

static void is_worth_too_much(gate *g, trd_ask *ask) {
    (void)ask;
    of_d(g, TRD_LIMIT_ORDER_VALUE, 1);
}

static void comes_again(gate *g, trd_ask *ask) {
    const trd_limit l = {.limit = TRD_LIMIT_REPEATED, .scope = TRD_LIMIT_FIRM, .window = 1};
    gate_set(g, &l);
    const trd_verdict passed = {.has_value = 1};
    trd_ask before = *ask;
    before.order = 9;
    before.parent = 0;
    before.account = ask->account;
    cr_assert(eq(int, trd_risk_passed(g->k, &before, &passed), TRD_OK));
}

/* A parent order of D, number 8. If there is one of the other side, it has that side. */
static void declare(gate *g, uint8_t side, trd_qty qty) {
    trd_limit l = {.limit = TRD_LIMIT_PARENT_QTY,
        .scope = TRD_LIMIT_PARENT,
        .account = D,
        .instrument = FUT,
        .side = side,
        .tag = 8,
        .value = qty};
    if (trd_risk_limit(g->k, &l) == TRD_E_EXISTS) {
        l.side = side == TRD_BUY ? TRD_SELL : TRD_BUY;
        gate_set(g, &l);
    }
}

static void names_a_parent_that_sells(gate *g, trd_ask *ask) {
    declare(g, TRD_SELL, 100);
    ask->parent = 8;
}

static void is_more_than_its_parent(gate *g, trd_ask *ask) {
    declare(g, TRD_BUY, 9);
    ask->parent = 8;
}

static void leaves_every_range(gate *g, trd_ask *ask) {
    (void)g;
    ask->qty = (trd_qty)1 << 61;
}

static void has_latched(gate *g, trd_ask *ask) {
    (void)ask;
    const trd_limit l = {
        .limit = TRD_LIMIT_EXECUTIONS, .scope = TRD_LIMIT_ACCOUNT, .account = D, .window = 1};
    gate_set(g, &l);
    cr_assert(eq(int, trd_risk_executed(g->k, D, 0, 0), 1));
}

static void finds_no_room(gate *g, trd_ask *ask) {
    (void)ask;
    gate_fill(g, A, FUT, TRD_BUY, 1, 100); /* the only place */
}

static void cannot_pay(gate *g, trd_ask *ask) {
    (void)ask;
    gate_withdraw(g, D, USD, 10); /* fees: 11 */
}

static void is_beyond_the_position(gate *g, trd_ask *ask) {
    (void)ask;
    of_d(g, TRD_LIMIT_POSITION, 9);
}

static void opens_too_much(gate *g, trd_ask *ask) {
    (void)ask;
    of_d(g, TRD_LIMIT_OPEN_VALUE, 1);
}

static void has_too_much_leverage(gate *g, trd_ask *ask) {
    (void)ask;
    of_d(g, TRD_LIMIT_LEVERAGE, 0);
}

static void has_lost_too_much(gate *g, trd_ask *ask) {
    (void)ask;
    of_d(g, TRD_LIMIT_DAILY_LOSS, 0);
}

static void has_no_margin(gate *g, trd_ask *ask) {
    (void)ask;
    gate_mode(g, D, TRD_MODE_PORTFOLIO);
}

/* In the order of the page. */
static const fault FAULTS[] = {
    {TRD_REJECT_BAD_COMBINATION, names_a_side},
    {TRD_REJECT_UNKNOWN_INSTRUMENT, names_no_instrument},
    {TRD_REJECT_UNKNOWN_ACCOUNT, names_no_account},
    {TRD_REJECT_NOT_PERMITTED, comes_from_a_stranger},
    {TRD_REJECT_DISABLED, is_disabled},
    {TRD_REJECT_RESTRICTED, is_restricted},
    {TRD_REJECT_PRICE_LIMIT, has_no_price_of_it},
    {TRD_REJECT_COLLAR, is_far_away},
    {TRD_REJECT_ORDER_QTY, is_too_large},
    {TRD_REJECT_NO_BOUND, has_no_bound},
    {TRD_REJECT_ORDER_VALUE, is_worth_too_much},
    {TRD_REJECT_REPEATED, comes_again},
    {TRD_REJECT_PARENT, names_a_parent_that_sells},
    {TRD_REJECT_PARENT_QTY, is_more_than_its_parent},
    {TRD_REJECT_POSITION, leaves_every_range},
    {TRD_REJECT_LATCHED, has_latched},
    {TRD_REJECT_NO_CAPACITY, finds_no_room},
    {TRD_REJECT_BALANCE, cannot_pay},
    {TRD_REJECT_POSITION_LIMIT, is_beyond_the_position},
    {TRD_REJECT_OPEN_VALUE, opens_too_much},
    {TRD_REJECT_LEVERAGE, has_too_much_leverage},
    {TRD_REJECT_DAILY_LOSS, has_lost_too_much},
    {TRD_REJECT_MARGIN, has_no_margin},
};
enum { FAULT_COUNT = sizeof(FAULTS) / sizeof(FAULTS[0]) };

static gate small_world(trd_ask *ask) {
    trd_accounts_def accounts = rig_def();
    const trd_risk_def def = gate_def();
    accounts.positions_max = 1;
    gate g = gate_of(&accounts, &def);
    *ask = ask_of(D, FUT, TRD_BUY, 10, 110);
    return g;
}

/* What cannot be broken together: an order without limit has none that is wrong, an account that is
 * not there has no side, and a room that nobody looks for is not missed. */
static bool go_together(uint16_t a, uint16_t b) {
    const bool no_limit = b == TRD_REJECT_NO_BOUND;
    return !(no_limit && (a == TRD_REJECT_PRICE_LIMIT || a == TRD_REJECT_COLLAR)) &&
           !(a == TRD_REJECT_BAD_COMBINATION && b == TRD_REJECT_UNKNOWN_ACCOUNT);
}

/* comes_again remembers the order as it is at the end. */
static uint32_t reason_of(uint64_t faults) {
    trd_ask ask;
    gate g = small_world(&ask);
    uint32_t remembers = FAULT_COUNT;
    for (uint32_t i = 0; i < FAULT_COUNT; i++) {
        if ((faults >> i & 1) != 0) {
            if (FAULTS[i].make == comes_again) {
                remembers = i;
            } else {
                FAULTS[i].make(&g, &ask);
            }
        }
    }
    if (remembers != FAULT_COUNT && ask.account == D && ask.instrument == FUT) {
        FAULTS[remembers].make(&g, &ask);
    }
    const uint32_t reason = gate_reason(&g, &ask);
    gate_free(&g);
    return reason;
}

Test(risk_order, passes_without_a_fault) {
    cr_assert(eq(u32, reason_of(0), 0));
}

/* S131, first half, and every pair besides. */
Test(risk_order, reports_the_first_of_two_reasons) {
    for (uint32_t first = 0; first < FAULT_COUNT; first++) {
        cr_assert(eq(u32, reason_of(UINT64_C(1) << first), FAULTS[first].reason), "%u", first);
        for (uint32_t second = first + 1; second < FAULT_COUNT; second++) {
            const uint16_t a = FAULTS[first].reason;
            const uint16_t b = FAULTS[second].reason;
            cr_assert(eq(int, trd_reject_before(a, b), 1), "%u %u", first, second);
            cr_assert(eq(int, trd_reject_before(b, a), 0), "%u %u", first, second);
            if (go_together(a, b)) {
                cr_assert(eq(u32, reason_of(UINT64_C(1) << first | UINT64_C(1) << second), a),
                    "%u %u", first, second);
            }
        }
    }
}

/* S131: valid, balance, position limit, leverage, daily loss, margin; each is repaired in turn. */
Test(risk_order, reports_the_next_reason_when_one_is_repaired) {
    static const uint16_t chain[] = {TRD_REJECT_ORDER_QTY, TRD_REJECT_BALANCE,
        TRD_REJECT_POSITION_LIMIT, TRD_REJECT_OPEN_VALUE, TRD_REJECT_LEVERAGE,
        TRD_REJECT_DAILY_LOSS, TRD_REJECT_MARGIN};
    const size_t count = sizeof(chain) / sizeof(chain[0]);
    for (size_t repaired = 0; repaired <= count; repaired++) {
        uint64_t faults = 0;
        for (uint32_t i = 0; i < FAULT_COUNT; i++) {
            for (size_t at = repaired; at < count; at++) {
                faults |= FAULTS[i].reason == chain[at] ? UINT64_C(1) << i : 0;
            }
        }
        cr_assert(eq(u32, reason_of(faults), repaired < count ? chain[repaired] : 0));
    }
}

Test(risk_order, no_reason_stands_behind_all) {
    cr_assert(eq(int, trd_reject_before(TRD_REJECT_MARGIN, 0), 1));
    cr_assert(eq(int, trd_reject_before(0, TRD_REJECT_MARGIN), 0));
    cr_assert(eq(int, trd_reject_before(TRD_REJECT_MARGIN, 200), 1));
    cr_assert(eq(int, trd_reject_before(0, 200), 0));
    cr_assert(eq(int, trd_reject_before(TRD_REJECT_MALFORMED, TRD_REJECT_UNSUPPORTED), 1));
    cr_assert(eq(int, trd_reject_before(TRD_REJECT_MESSAGES, TRD_REJECT_BALANCE), 1));
    cr_assert(eq(int, trd_reject_before(TRD_REJECT_LATCHED, TRD_REJECT_MESSAGES), 1));
    cr_assert(eq(int, trd_reject_before(TRD_REJECT_BAND, TRD_REJECT_REPEATED), 0));
}

/* --- what is held ----------------------------------------------------------------------------- */

typedef struct held_row {
    const char *what;
    trd_ask ask;
    uint8_t kind;
    uint32_t ppm;
    trd_px px;
    trd_amt need;
    trd_amt value;
    uint32_t asset;
} held_row;

#define LIMIT(i, side, qty, px) ask_of(A, i, TRD_##side, qty, px)
#define BOUND(i, side_, qty_, bound_)                                                              \
    (trd_ask) {                                                                                    \
        .tag = STRATEGY, .actor = TRADER, .instrument = i, .kind = TRD_ASK_NEW,                    \
        .side = TRD_##side_, .qty = qty_, .has_bound = 1, .bound = bound_                          \
    }

/* Initial margin 10 %, fees 1 %, marks 100; INV: worth lots / px. A has 100 lots of BTC. */
Test(risk_order, holds_what_it_could_cost_at_worst) {
    const held_row rows[] = {
        /* 900 x 10 % + 9 */
        {"buyer at its limit", LIMIT(FUT, BUY, 10, 90), TRD_HOLD_MARGIN, 100000, 90, 99, 900, USD},
        /* the mark is worse for a seller below it: 1000 x 10 % + 10 */
        {"seller", LIMIT(FUT, SELL, 10, 90), TRD_HOLD_MARGIN, 100000, 100, 110, 1000, USD},
        {"seller above", LIMIT(FUT, SELL, 10, 120), TRD_HOLD_MARGIN, 100000, 120, 132, 1200, USD},
        {"market buyer", BOUND(FUT, BUY, 10, 130), TRD_HOLD_MARGIN, 100000, 130, 143, 1300, USD},
        {"market seller", BOUND(FUT, SELL, 10, 80), TRD_HOLD_MARGIN, 100000, 100, 110, 1000, USD},
        {"bound above", BOUND(FUT, SELL, 10, 110), TRD_HOLD_MARGIN, 100000, 110, 121, 1100, USD},
        {"bound too high", BOUND(FUT, BUY, 1, 2000000), TRD_HOLD_MARGIN, 100000, 1000000, 110000,
            1000000, USD},
        {"spot buyer", LIMIT(SPOT, BUY, 3, 90), TRD_HOLD_FULL, 0, 90, 273, 270, USD},
        {"spot seller", LIMIT(SPOT, SELL, 3, 90), TRD_HOLD_FULL, 0, 100, 3, 300, BTC},
        {"option buyer", LIMIT(OPT, BUY, 5, 90), TRD_HOLD_FULL, 0, 90, 455, 450, USD},
        {"option seller", LIMIT(OPT, SELL, 5, 90), TRD_HOLD_MARGIN, 100000, 100, 50, 500, USD},
        /* ceil(1000 / 90) = 12, ceil(1.2) + ceil(0.12) */
        {"inverse seller", LIMIT(INV, SELL, 1000, 90), TRD_HOLD_MARGIN, 100000, 90, 3, 12, USD},
        {"inverse market", BOUND(INV, SELL, 1000, 50), TRD_HOLD_MARGIN, 100000, 50, 3, 20, USD},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gate g = gate_new();
        rig_deposit(g.r, A, BTC, 100);
        rig_deposit(g.r, A, USD, 1000000);
        trd_ask ask = rows[i].ask;
        const trd_verdict v = gate_accept(&g, &ask, 1);
        cr_assert(eq(u8, v.hold.kind, rows[i].kind), "%s", rows[i].what);
        cr_assert(eq(u32, v.hold.margin_ppm, rows[i].ppm), "%s", rows[i].what);
        cr_assert(eq(i64, v.hold.px, rows[i].px), "%s", rows[i].what);
        cr_assert(eq(i64, v.need, rows[i].need), "%s", rows[i].what);
        cr_assert(eq(i64, v.value, rows[i].value), "%s", rows[i].what);
        cr_assert(eq(u32, v.asset, rows[i].asset), "%s", rows[i].what);
        cr_assert(eq(i64, v.free_before - v.free_after, rows[i].need), "%s", rows[i].what);
        cr_assert(eq(u8, v.has_value, 1), "%s", rows[i].what);
        gate_free(&g);
    }
}

static uint32_t ppm_of(const gate *g, const trd_ask *ask) {
    const trd_verdict verdict = gate_check(g, ask);
    cr_assert(eq(u32, verdict.reason, 0));
    return verdict.hold.margin_ppm;
}

/* The largest of tier, leverage of the model, leverage of the account. */
Test(risk_order, margin_rate_is_the_largest_that_anybody_asks) {
    gate g = gate_new();
    const trd_margin_tier tiers[] = {{.floor = 0, .maintenance_ppm = 1000, .initial_ppm = 20000},
        {.floor = 1000, .maintenance_ppm = 1000, .initial_ppm = 50000}};
    const trd_margin_tier_terms terms = {.tiers = tiers, .count = 2, .leverage_centi = 3000};
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_tiered(&model, &terms), TRD_OK));
    cr_assert(eq(int, trd_risk_model(g.k, FUT, &model), TRD_OK));
    rig_deposit(g.r, A, USD, MONEY);
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 9, 100);
    cr_assert(eq(u32, ppm_of(&g, &ask), 33334)); /* 30 x: 3.33334 % */
    ask.qty = 10;
    cr_assert(eq(u32, ppm_of(&g, &ask), 50000));
    trd_account account;
    trd_accounts_get(g.r->a, A, &account);
    account.leverage = 300;
    trd_accounts_open(g.r->a, A, &account);
    cr_assert(eq(u32, ppm_of(&g, &ask), 333334));
    account.leverage = UINT32_MAX;
    trd_accounts_open(g.r->a, A, &account);
    cr_assert(eq(u32, ppm_of(&g, &ask), 50000));
    account.leverage = 10; /* a tenth: 1000 % */
    trd_accounts_open(g.r->a, A, &account);
    cr_assert(eq(u32, ppm_of(&g, &ask), 10000000));
    account.leverage = 9;
    trd_accounts_open(g.r->a, A, &account);
    EXPECT_REASON(&g, &ask, MARGIN);
    /* Held orders of its side count for the tier. */
    account.leverage = 0;
    trd_accounts_open(g.r->a, A, &account);
    gate_order(&g, 1, A, TRD_BUY, 5, 100);
    ask.qty = 5;
    cr_assert(eq(u32, ppm_of(&g, &ask), 50000));
    gate_free(&g);
}

/* --- margin ----------------------------------------------------------------------------------- */

/* 110 are needed: margin 100, fees 10. */
Test(risk_order, margin_is_there_to_the_last_unit) {
    gate g = gate_new();
    const trd_ask ask = ask_of(A, FUT, TRD_BUY, 10, 100);
    gate_withdraw(&g, A, USD, 110);
    EXPECT_PASS(&g, &ask);
    gate_withdraw(&g, A, USD, 109);
    EXPECT_REASON(&g, &ask, MARGIN);
    const trd_verdict v = gate_check(&g, &ask);
    cr_assert(eq(i64, v.measured, 110));
    cr_assert(eq(i64, v.limit, 109));
    cr_assert(eq(i64, v.need, 110));
    cr_assert(eq(i64, v.free_after, -1));
    gate_withdraw(&g, A, USD, 10);
    EXPECT_REASON(&g, &ask, MARGIN);
    gate_withdraw(&g, A, USD, 9);
    EXPECT_REASON(&g, &ask, BALANCE);
    cr_assert(eq(i64, gate_check(&g, &ask).measured, 10));
    gate_free(&g);
}

/* S124. */
Test(risk_order, margin_fails_without_mark_or_model) {
    gate g = gate_new();
    const trd_terms terms = rig_terms();
    const trd_instrument spec = rig_spec(TRD_INSTRUMENT_LINEAR);
    const uint32_t fresh = rig_add(g.r, &spec, &terms);
    const trd_ask ask = ask_of(A, fresh, TRD_BUY, 1, 100);
    const trd_ask sells = ask_of(A, fresh, TRD_SELL, 1, 100);
    gate_model(&g, fresh, 100000);
    EXPECT_REASON(&g, &ask, MARGIN);
    EXPECT_REASON(&g, &sells, MARGIN);
    cr_assert(eq(i64, gate_check(&g, &ask).measured, INT64_MAX));
    gate_mark(&g, fresh, 100);
    EXPECT_PASS(&g, &ask);
    EXPECT_PASS(&g, &sells);
    const uint32_t second = rig_add(g.r, &spec, &terms);
    gate_mark(&g, second, 100);
    const trd_ask other = ask_of(A, second, TRD_BUY, 1, 100);
    EXPECT_REASON(&g, &other, MARGIN);
    gate_free(&g);
}

/* S129: 20 lots long and hardly any money: closing costs the fee and nothing else. */
Test(risk_order, reducing_needs_no_margin) {
    gate g = gate_new();
    gate_fill(&g, A, FUT, TRD_BUY, 20, 100);
    gate_withdraw(&g, A, USD, 20);
    trd_ask ask = ask_of(A, FUT, TRD_SELL, 20, 100);
    const trd_verdict v = gate_check(&g, &ask);
    cr_assert(eq(u32, v.reason, 0));
    cr_assert(eq(u8, v.reducing, 1));
    cr_assert(eq(i64, v.need, 20));
    cr_assert(eq(u32, v.hold.margin_ppm, 0));
    ask.qty = 40;
    cr_assert(eq(u8, gate_check(&g, &ask).reducing, 1)); /* as far as it was */
    ask.qty = 41;
    cr_assert(eq(u8, gate_check(&g, &ask).reducing, 0));
    gate_withdraw(&g, A, USD, 19);
    ask.qty = 20;
    EXPECT_REASON(&g, &ask, BALANCE);
    gate_free(&g);
}

/* Two orders that each would reduce: the second one alone would not any more. */
Test(risk_order, reducing_counts_what_is_held) {
    gate g = gate_new();
    gate_fill(&g, A, FUT, TRD_BUY, 20, 100);
    gate_order(&g, 1, A, TRD_SELL, 20, 100);
    trd_ask ask = ask_of(A, FUT, TRD_SELL, 20, 100);
    cr_assert(eq(u8, gate_check(&g, &ask).reducing, 1));
    ask.qty = 21;
    cr_assert(eq(u8, gate_check(&g, &ask).reducing, 0));
    gate_free(&g);
}

Test(risk_order, modes_decide_what_counts_as_margin) {
    for (uint8_t mode = TRD_MODE_CASH; mode <= TRD_MODE_PORTFOLIO; mode++) {
        gate g = gate_new();
        gate_fill(&g, A, FUT, TRD_BUY, 20, 100);
        gate_withdraw(&g, A, USD, 110);
        gate_mode(&g, A, mode);
        const bool allows = mode >= TRD_MODE_FLAT && mode <= TRD_MODE_CROSS;
        trd_ask ask = ask_of(A, OPT, TRD_SELL, 11, 100); /* 110 */
        cr_assert(eq(u32, gate_reason(&g, &ask), allows ? 0 : TRD_REJECT_MARGIN));
        gate_mark(&g, FUT, 101); /* a profit adds nothing */
        ask.qty = 12;
        EXPECT_REASON(&g, &ask, MARGIN);
        ask.qty = 11;
        cr_assert(eq(u32, gate_reason(&g, &ask), allows ? 0 : TRD_REJECT_MARGIN));
        gate_mark(&g, FUT, 99); /* a loss of 20 counts in CROSS: 90 are left for margin */
        const bool cross = mode == TRD_MODE_CROSS;
        cr_assert(eq(u32, gate_reason(&g, &ask), allows && !cross ? 0 : TRD_REJECT_MARGIN));
        ask.qty = 9;
        cr_assert(eq(u32, gate_reason(&g, &ask), allows ? 0 : TRD_REJECT_MARGIN));
        const trd_ask full = ask_of(A, OPT, TRD_BUY, 1, 100); /* paid in full in every mode */
        EXPECT_PASS(&g, &full);
        const trd_ask reduces = ask_of(A, FUT, TRD_SELL, 20, 99);
        EXPECT_PASS(&g, &reduces);
        gate_free(&g);
    }
}

/* Lots that were bought settle in USD too; what they are worth is no margin, nor the lack of it. */
Test(risk_order, cross_margin_needs_every_mark_but_those_of_spot) {
    gate g = gate_new();
    const trd_terms terms = rig_terms();
    const trd_instrument spec = rig_spec(TRD_INSTRUMENT_LINEAR);
    const trd_instrument spot = rig_spec(TRD_INSTRUMENT_SPOT);
    const uint32_t fresh = rig_add(g.r, &spec, &terms);
    const uint32_t lots = rig_add(g.r, &spot, &terms);
    const trd_ask ask = ask_of(A, FUT, TRD_BUY, 10, 100);
    gate_fill(&g, A, lots, TRD_BUY, 1, 100);
    EXPECT_PASS(&g, &ask);
    gate_fill(&g, A, fresh, TRD_BUY, 1, 100);
    EXPECT_REASON(&g, &ask, MARGIN);
    gate_mode(&g, A, TRD_MODE_ISOLATED);
    EXPECT_PASS(&g, &ask);
    gate_mode(&g, A, TRD_MODE_CROSS);
    gate_mark(&g, fresh, 100);
    EXPECT_PASS(&g, &ask);
    gate_free(&g);
}

/* CASH: bought in full, and sold only as far as it is there. */
Test(risk_order, cash_models_sell_nothing_short) {
    gate g = gate_new();
    trd_margin_model model;
    trd_margin_cash(&model);
    cr_assert(eq(int, trd_risk_model(g.k, FUT, &model), TRD_OK));
    const trd_ask buys = ask_of(A, FUT, TRD_BUY, 10, 100);
    trd_ask sells = ask_of(A, FUT, TRD_SELL, 1, 100);
    cr_assert(eq(u32, ppm_of(&g, &buys), 1000000));
    EXPECT_REASON(&g, &sells, MARGIN);
    gate_fill(&g, A, FUT, TRD_BUY, 5, 100);
    EXPECT_PASS(&g, &sells);
    sells.qty = 11;
    EXPECT_REASON(&g, &sells, MARGIN);
    gate_free(&g);
}

/* --- worst price ------------------------------------------------------------------------------ */

Test(risk_order, market_orders_need_somebody_who_knows_the_price) {
    gate g = gate_new();
    const trd_terms terms = rig_terms();
    uint32_t fresh[4]; /* without marks */
    static const uint8_t kinds[] = {
        TRD_INSTRUMENT_LINEAR, TRD_INSTRUMENT_SPOT, TRD_INSTRUMENT_OPTION, TRD_INSTRUMENT_INVERSE};
    for (int i = 0; i < 4; i++) {
        const trd_instrument spec = rig_spec(kinds[i]);
        fresh[i] = rig_add(g.r, &spec, &terms);
        const trd_ask buys = market_ask(A, fresh[i], TRD_BUY, 1);
        EXPECT_REASON(&g, &buys, NO_BOUND);
        trd_ask sells = market_ask(A, fresh[i], TRD_SELL, 1);
        if (kinds[i] == TRD_INSTRUMENT_SPOT) {
            EXPECT_REASON(&g, &sells, BALANCE); /* it has no lots */
        } else {
            EXPECT_REASON(&g, &sells, NO_BOUND);
        }
        sells.has_bound = 1;
        sells.bound = 90;
        const uint32_t reason = gate_reason(&g, &sells);
        cr_assert(eq(u32, reason,
            kinds[i] == TRD_INSTRUMENT_SPOT      ? TRD_REJECT_BALANCE
            : kinds[i] == TRD_INSTRUMENT_INVERSE ? TRD_REJECT_MARGIN
                                                 : TRD_REJECT_NO_BOUND));
    }
    /* A buyer is not helped by a mark, a seller is. */
    const trd_ask buys = market_ask(A, FUT, TRD_BUY, 1);
    const trd_ask sells = market_ask(A, FUT, TRD_SELL, 1);
    EXPECT_REASON(&g, &buys, NO_BOUND);
    EXPECT_PASS(&g, &sells);
    gate_free(&g);
}

/* Who reduces, and who sells lots, needs no price; but nobody knows the value then. */
Test(risk_order, sellers_without_price_pass_and_have_no_value) {
    gate g = gate_new();
    const trd_terms terms = rig_terms();
    const trd_instrument linear = rig_spec(TRD_INSTRUMENT_LINEAR);
    const trd_instrument spot = rig_spec(TRD_INSTRUMENT_SPOT);
    const uint32_t fresh = rig_add(g.r, &linear, &terms);
    const uint32_t lots = rig_add(g.r, &spot, &terms);
    gate_fill(&g, A, fresh, TRD_BUY, 1, 100);
    gate_fill(&g, A, lots, TRD_BUY, 2, 100);
    trd_ask sells = market_ask(A, fresh, TRD_SELL, 1);
    sells.has_bound = 1;
    sells.bound = 90;
    cr_assert(eq(u8, gate_check(&g, &sells).has_value, 0));
    cr_assert(eq(i64, gate_accept(&g, &sells, 1).hold.px, 90));
    trd_ask spot_sells = market_ask(A, lots, TRD_SELL, 2);
    cr_assert(eq(i64, gate_accept(&g, &spot_sells, 2).hold.px, 0)); /* px_min */
    gate_limit(&g, TRD_LIMIT_ORDER_VALUE, TRD_LIMIT_FIRM, 1000000);
    spot_sells.kind = TRD_ASK_AMEND;
    EXPECT_REASON(&g, &spot_sells, ORDER_VALUE);
    gate_free(&g);
}

/* --- a life ----------------------------------------------------------------------------------- */

/* S133: each alone needs 60 % of the money. */
Test(risk_order, what_is_held_is_not_there_for_the_next_order) {
    gate g = gate_new();
    gate_withdraw(&g, A, USD, 110);
    trd_ask first = ask_of(A, FUT, TRD_BUY, 6, 100); /* 66 */
    gate_accept(&g, &first, 1);
    trd_ask second = ask_of(A, FUT, TRD_BUY, 6, 100);
    EXPECT_REASON(&g, &second, MARGIN);
    OK(g.r, release, 1, 6);
    EXPECT_PASS(&g, &second);
    gate_limit(&g, TRD_LIMIT_POSITION, TRD_LIMIT_FIRM, 10);
    EXPECT_REASON(&g, &second, POSITION_LIMIT); /* the firm was not told that it ended */
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 6), TRD_OK));
    EXPECT_PASS(&g, &second);
    gate_free(&g);
}

/* S134: 10 lots hold 110 of 121; one more needs 11 more, two more need too much. */
Test(risk_order, amend_needs_only_the_difference) {
    gate g = gate_new();
    gate_withdraw(&g, A, USD, 121);
    gate_order(&g, 1, A, TRD_BUY, 10, 100);
    gate_limit(&g, TRD_LIMIT_POSITION, TRD_LIMIT_FIRM, 12);
    gate_limit(&g, TRD_LIMIT_POSITION, TRD_LIMIT_ACCOUNT, 12);
    gate_limit(&g, TRD_LIMIT_OPEN_VALUE, TRD_LIMIT_FIRM, 1200);
    gate_limit(&g, TRD_LIMIT_OPEN_VALUE, TRD_LIMIT_TAG, 1200);
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 12, 100);
    ask.order = 1;
    ask.kind = TRD_ASK_AMEND;
    EXPECT_REASON(&g, &ask, MARGIN);
    cr_assert(eq(i64, rig_free_of(g.r, A, USD), 11));
    ask.qty = 11;
    const trd_verdict v = gate_accept(&g, &ask, 1);
    cr_assert(eq(u8, v.rehold, 0));
    cr_assert(eq(i64, v.need, 121));
    cr_assert(eq(i64, v.free_before, 11));
    cr_assert(eq(i64, v.free_after, 0));
    ask.qty = 5;
    gate_accept(&g, &ask, 1);
    cr_assert(eq(i64, rig_free_of(g.r, A, USD), 66));
    ask.qty = 13;
    EXPECT_REASON(&g, &ask, POSITION_LIMIT);
    ask.tag = 9; /* the tag that it leaves does not count it any more, the new one does */
    ask.qty = 11;
    gate_accept(&g, &ask, 1);
    trd_ask other = ask_of(B, OPT, TRD_BUY, 1, 100);
    EXPECT_PASS(&g, &other);
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 11), TRD_OK));
    gate_free(&g);
}

/* An order that reduced holds no margin; amended to open, it has to be held anew. */
Test(risk_order, amend_that_changes_the_rate_is_held_anew) {
    gate g = gate_new();
    gate_fill(&g, A, FUT, TRD_BUY, 10, 100);
    gate_order(&g, 1, A, TRD_SELL, 10, 100);
    cr_assert(eq(i64, rig_held(g.r, 1).amount, 10));
    trd_ask ask = ask_of(A, FUT, TRD_SELL, 30, 100);
    ask.order = 1;
    ask.kind = TRD_ASK_AMEND;
    const trd_verdict v = gate_accept(&g, &ask, 1);
    cr_assert(eq(u8, v.rehold, 1));
    cr_assert(eq(i64, v.need, 330));
    cr_assert(eq(i64, rig_held(g.r, 1).leaves, 30));
    ask.qty = 10;
    cr_assert(eq(i64, gate_accept(&g, &ask, 1).need, 10));
    gate_free(&g);
}

/* A stop that holds is released at other terms; one that holds nothing is as new. Nobody sends it.
 */
Test(risk_order, release_counts_off_what_it_holds) {
    gate g = gate_new();
    gate_withdraw(&g, A, USD, 121);
    gate_order(&g, 1, A, TRD_BUY, 10, 100);
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 10, 110);
    ask.kind = TRD_ASK_RELEASE;
    ask.order = 1;
    ask.actor = STRANGER;
    gate_accept(&g, &ask, 1);
    cr_assert(eq(i64, rig_free_of(g.r, A, USD), 0));
    ask.order = 2;
    EXPECT_REASON(&g, &ask, BALANCE);
    rig_deposit(g.r, A, USD, 121);
    gate_accept(&g, &ask, 2);
    cr_assert(eq(i64, rig_held(g.r, 2).amount, 121));
    gate_free(&g);
}

/* An amendment after executions goes on with what was charged: 3 of 7 lots at 1 % of 33 each. */
Test(risk_order, amend_goes_on_with_the_sums_of_the_order) {
    gate g = gate_new();
    trd_ask ask = ask_of(A, OPT, TRD_BUY, 7, 33);
    gate_accept(&g, &ask, 1); /* 231 + ceil(2.31) */
    trd_execution x =
        rig_execution(OPT, rig_order(1, A, TRD_LIQUIDITY_TAKER), rig_outside(), 3, 33);
    OK(g.r, execute, &x); /* 99 and ceil(0.99) */
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 3), TRD_OK));
    ask.kind = TRD_ASK_AMEND;
    ask.qty = 4;
    const trd_verdict v = gate_check(&g, &ask);
    cr_assert(eq(i64, v.need, 132 + 2)); /* ceil(2.31) in all, 1 of it is paid */
    cr_assert(eq(u8, v.rehold, 0));
    gate_accept(&g, &ask, 1);
    gate_free(&g);
}

/* One lot is worth 10^6 at most, an order over its life less than 2^62: 4.61 x 10^12 lots. 2 x
 * 10^12 of the order were executed and sold again, at a price of 0. */
Test(risk_order, lots_executed_count_for_the_range_of_an_order) {
    gate g = gate_new();
    const trd_qty half = 2000000000000;
    trd_ask ask = ask_of(A, FUT, TRD_BUY, half + 1, 0);
    gate_accept(&g, &ask, 1);
    trd_execution x =
        rig_execution(FUT, rig_order(1, A, TRD_LIQUIDITY_TAKER), rig_outside(), half, 0);
    OK(g.r, execute, &x);
    cr_assert(eq(int, trd_risk_closed(g.k, 1, half), TRD_OK));
    gate_fill(&g, A, FUT, TRD_SELL, half, 0);
    ask.kind = TRD_ASK_AMEND;
    ask.qty = 2620000000000;
    EXPECT_REASON(&g, &ask, POSITION);
    cr_assert(eq(int, CALL(g.r, amend, 1, 0, ask.qty), TRD_E_RANGE));
    ask.qty = 2610000000000;
    gate_accept(&g, &ask, 1);
    /* A new one of another account may be as large as both: 2^62 = 4,611,686,018,427,387,904. */
    trd_ask other = ask_of(B, FUT, TRD_BUY, 4611686018428, 0);
    EXPECT_REASON(&g, &other, POSITION);
    other.qty = 4611686018427;
    gate_accept(&g, &other, 2);
    gate_free(&g);
}

Test(risk_order, orders_are_known_once) {
    gate g = gate_new();
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 5, 100);
    const trd_verdict v = gate_accept(&g, &ask, 1);
    cr_assert(eq(int, trd_risk_passed(g.k, &ask, &v), TRD_E_EXISTS));
    ask.order = (trd_order)1 << 32 | 1;
    ask.kind = TRD_ASK_AMEND;
    cr_assert(eq(int, trd_risk_passed(g.k, &ask, &v), TRD_E_EXISTS));
    ask.order = 0;
    cr_assert(eq(int, trd_risk_passed(g.k, &ask, &v), TRD_E_ARG));
    ask.order = RIG_ORDERS + 1;
    cr_assert(eq(int, trd_risk_passed(g.k, &ask, &v), TRD_E_ARG));
    ask.order = RIG_ORDERS;
    const trd_verdict refused = {.reason = TRD_REJECT_MARGIN};
    cr_assert(eq(int, trd_risk_passed(g.k, &ask, &refused), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_passed(g.k, NULL, &v), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_passed(g.k, &ask, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_passed(g.k, &ask, &v), TRD_OK));
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 6), TRD_E_RANGE));
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_closed(g.k, 0, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_closed(g.k, 2, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_closed(g.k, (trd_order)1 << 32 | 1, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 5), TRD_OK));
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 5), TRD_E_UNKNOWN));
    gate_free(&g);
}

/* --- form ------------------------------------------------------------------------------------- */

#define MALFORMED(change)                                                                          \
    do {                                                                                           \
        trd_ask ask_ = ask_of(A, FUT, TRD_BUY, 5, 100);                                            \
        ask_.change;                                                                               \
        cr_assert(eq(int, trd_risk_check(g.k, g.r->a, &ask_, &v), TRD_E_ARG), #change);            \
    } while (0)

Test(risk_order, asks_have_a_form) {
    gate g = gate_new();
    trd_verdict v = {.reason = 77};
    MALFORMED(kind = 0);
    MALFORMED(kind = 4);
    MALFORMED(kind = TRD_ASK_AMEND);
    MALFORMED(kind = TRD_ASK_RELEASE);
    MALFORMED(kind = TRD_ASK_RELEASE; ask_.order = 1; ask_.override = 1);
    MALFORMED(side = 0);
    MALFORMED(side = 3);
    MALFORMED(position = 3);
    MALFORMED(qty = 0);
    MALFORMED(qty = -1);
    MALFORMED(reduce_only = 2);
    MALFORMED(has_px = 2);
    MALFORMED(has_px = 0);
    MALFORMED(has_bound = 2);
    MALFORMED(bound = 1);
    MALFORMED(override = 2);
    MALFORMED(reserved = 1);
    MALFORMED(reserved1 = 1);
    cr_assert(eq(u32, v.reason, 77));
    cr_assert(eq(int, trd_risk_check(g.k, g.r->a, NULL, &v), TRD_E_ARG));
    const trd_ask ask = ask_of(A, FUT, TRD_BUY, 5, 100);
    cr_assert(eq(int, trd_risk_check(g.k, g.r->a, &ask, NULL), TRD_E_ARG));
    gate_free(&g);
}

/* A handle that holds for another account, instrument or side is somebody's mistake. */
Test(risk_order, asks_go_with_what_their_order_holds) {
    gate g = gate_new();
    gate_order(&g, 1, A, TRD_BUY, 5, 100);
    trd_verdict v;
    MALFORMED(kind = TRD_ASK_AMEND; ask_.order = 1; ask_.account = B);
    MALFORMED(kind = TRD_ASK_AMEND; ask_.order = 1; ask_.instrument = OPT);
    MALFORMED(kind = TRD_ASK_AMEND; ask_.order = 1; ask_.side = TRD_SELL);
    MALFORMED(kind = TRD_ASK_AMEND; ask_.order = 1; ask_.position = TRD_POSITION_LONG);
    gate_free(&g);
}

Test(risk_order, nothing_is_judged_while_the_accounts_are_busy) {
    gate g = gate_new();
    gate_fill(&g, A, FUT, TRD_BUY, 5, 100);
    gate_fill(&g, B, FUT, TRD_BUY, 5, 100);
    trd_event events[TRD_ACCOUNTS_OUT_MIN];
    trd_out out = {.events = events, .capacity = TRD_ACCOUNTS_OUT_MIN};
    const trd_funding funding = {.instrument = FUT, .rate_ppb = 1000000, .mark = 100, .due = 1};
    cr_assert(eq(int, trd_accounts_funding(g.r->a, &funding, &out), TRD_MORE));
    const trd_ask ask = ask_of(A, FUT, TRD_BUY, 5, 100);
    trd_verdict v;
    cr_assert(eq(int, trd_risk_check(g.k, g.r->a, &ask, &v), TRD_E_BUSY));
    while (out.count = 0, trd_accounts_continue(g.r->a, &out) == TRD_MORE) {
    }
    EXPECT_PASS(&g, &ask);
    gate_free(&g);
}

/* --- what there is, and room for it ----------------------------------------------------------- */

Test(risk_order, both_objects_have_to_know_account_and_instrument) {
    trd_accounts_def accounts = rig_def();
    trd_risk_def def = gate_def();
    def.accounts_max = 5; /* A to HEDGED */
    def.instruments_max = 4;
    gate g = gate_of(&accounts, &def);
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, 100);
    EXPECT_PASS(&g, &ask);
    ask.instrument = 4;
    EXPECT_REASON(&g, &ask, UNKNOWN_INSTRUMENT);
    rig_instrument(g.r, TRD_INSTRUMENT_LINEAR);
    EXPECT_REASON(&g, &ask, UNKNOWN_INSTRUMENT);
    ask.account = 5;
    EXPECT_REASON(&g, &ask, UNKNOWN_INSTRUMENT);
    ask.instrument = FUT;
    EXPECT_REASON(&g, &ask, UNKNOWN_ACCOUNT);
    const trd_account terms = rig_account();
    cr_assert(eq(int, trd_accounts_open(g.r->a, 5, &terms), TRD_OK));
    EXPECT_REASON(&g, &ask, UNKNOWN_ACCOUNT);
    ask.account = TRD_ACCOUNT_OUTSIDE;
    EXPECT_REASON(&g, &ask, UNKNOWN_ACCOUNT);
    gate_free(&g);
}

/* Five accounts have USD; lots need a balance in BTC besides. */
Test(risk_order, balances_of_a_position_need_room) {
    trd_accounts_def accounts = rig_def();
    const trd_risk_def def = gate_def();
    accounts.balances_max = 6;
    gate g = gate_of(&accounts, &def);
    trd_ask first = ask_of(A, SPOT, TRD_BUY, 1, 100);
    const trd_ask second = ask_of(B, SPOT, TRD_BUY, 1, 100);
    EXPECT_PASS(&g, &second);
    gate_accept(&g, &first, 1);
    EXPECT_REASON(&g, &second, NO_CAPACITY);
    EXPECT_PASS(&g, &first);
    gate_free(&g);
}

/* What a buyer gets is unsettled for a day: one balance at a time may wait for that. */
Test(risk_order, unsettled_amounts_need_room) {
    trd_accounts_def accounts = rig_def();
    const trd_risk_def def = gate_def();
    accounts.unsettled_max = 1;
    gate g = gate_of(&accounts, &def);
    trd_terms terms = rig_terms();
    terms.settle_days = 1;
    const trd_instrument spec = rig_spec(TRD_INSTRUMENT_SPOT);
    const uint32_t late = rig_add(g.r, &spec, &terms);
    trd_ask first = ask_of(A, late, TRD_BUY, 1, 100);
    const trd_ask second = ask_of(B, late, TRD_BUY, 1, 100);
    EXPECT_PASS(&g, &second);
    gate_accept(&g, &first, 1);
    EXPECT_REASON(&g, &second, NO_CAPACITY);
    first.kind = TRD_ASK_AMEND;
    first.qty = 2;
    gate_accept(&g, &first, 1);
    OK(g.r, release, 1, 2);
    EXPECT_PASS(&g, &second);
    gate_free(&g);
}

/* --- permissions ------------------------------------------------------------------------------ */

Test(risk_order, roles_have_their_permissions) {
    const unsigned views = TRD_MAY_VIEW_ORDERS | TRD_MAY_VIEW_POSITIONS | TRD_MAY_VIEW_BALANCES;
    const unsigned acts = views | TRD_MAY_CREATE_ORDERS | TRD_MAY_CANCEL_ORDERS;
    cr_assert(eq(uint, trd_risk_permissions(0), 0));
    cr_assert(eq(uint, trd_risk_permissions(TRD_ROLE_VIEWER), views));
    cr_assert(eq(uint, trd_risk_permissions(TRD_ROLE_TRADER), acts));
    cr_assert(eq(uint, trd_risk_permissions(TRD_ROLE_MARKET_MAKER), acts));
    cr_assert(eq(uint, trd_risk_permissions(TRD_ROLE_ADMIN), 255));
    cr_assert(eq(uint, trd_risk_permissions(5), 0));
    static const char *const texts[] = {"user.manage", "order.create", "order.cancel", "order.view",
        "position.view", "balance.view", "system.configure", "reports.generate"};
    for (unsigned bit = 0; bit < 8; bit++) {
        cr_assert(eq(str, gate_text(trd_permission_text(1u << bit)), gate_text(texts[bit])));
    }
    cr_assert(eq(str, gate_text(trd_permission_text(0)), gate_text("?")));
    cr_assert(eq(str, gate_text(trd_permission_text(3)), gate_text("?")));
    cr_assert(eq(str, gate_text(trd_permission_text(256)), gate_text("?")));
}

/* S140. */
Test(risk_order, viewers_and_strangers_create_no_orders) {
    gate g = gate_new();
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 5, 100);
    EXPECT_PASS(&g, &ask);
    ask.actor = ADMIN;
    EXPECT_PASS(&g, &ask);
    ask.actor = VIEWER;
    EXPECT_REASON(&g, &ask, NOT_PERMITTED);
    ask.actor = STRANGER;
    EXPECT_REASON(&g, &ask, NOT_PERMITTED);
    gate_order(&g, 1, A, TRD_BUY, 5, 100);
    ask.kind = TRD_ASK_AMEND;
    ask.order = 1;
    EXPECT_REASON(&g, &ask, NOT_PERMITTED);
    gate_free(&g);
}

/* The account's own role counts for whoever sends. */
Test(risk_order, accounts_that_only_look_get_no_orders) {
    gate g = gate_new();
    trd_account terms;
    trd_accounts_get(g.r->a, A, &terms);
    terms.role = TRD_ROLE_VIEWER;
    trd_accounts_open(g.r->a, A, &terms);
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 5, 100);
    EXPECT_REASON(&g, &ask, NOT_PERMITTED);
    ask.actor = ADMIN;
    EXPECT_REASON(&g, &ask, NOT_PERMITTED);
    gate_free(&g);
}

Test(risk_order, roles_are_for_one_account_or_for_all) {
    gate g = gate_new();
    const unsigned create = TRD_MAY_CREATE_ORDERS;
    const trd_actor for_b = {.actor = STRANGER, .account = 1 + B, .role = TRD_ROLE_TRADER};
    cr_assert(eq(int, trd_risk_actor(g.k, &for_b), TRD_OK));
    cr_assert(eq(int, trd_risk_may(g.k, STRANGER, A, create), 0));
    cr_assert(eq(int, trd_risk_may(g.k, STRANGER, B, create), 1));
    cr_assert(eq(int, trd_risk_may(g.k, STRANGER, B, create | TRD_MAY_REPORT), 0));
    const trd_actor for_all = {.actor = STRANGER, .role = TRD_ROLE_VIEWER};
    cr_assert(eq(int, trd_risk_actor(g.k, &for_all), TRD_OK));
    cr_assert(eq(int, trd_risk_may(g.k, STRANGER, A, TRD_MAY_VIEW_ORDERS), 1));
    cr_assert(eq(int, trd_risk_may(g.k, STRANGER, A, create), 0));
    cr_assert(eq(int, trd_risk_may(g.k, STRANGER, B, create), 1)); /* the narrower one stays */
    const trd_actor none = {.actor = STRANGER, .account = 1 + B};
    cr_assert(eq(int, trd_risk_actor(g.k, &none), TRD_OK));
    cr_assert(eq(int, trd_risk_actor(g.k, &none), TRD_OK));
    cr_assert(eq(int, trd_risk_may(g.k, STRANGER, B, create), 0));
    cr_assert(eq(int, trd_risk_may(g.k, ADMIN, 7, 255), 1));
    cr_assert(eq(int, trd_risk_may(g.k, ADMIN, 8, 1), 0));
    gate_free(&g);
}

Test(risk_order, roles_are_counted_and_checked) {
    gate g = gate_new(); /* three of eight */
    trd_actor actor = {.actor = 100, .role = 5};
    cr_assert(eq(int, trd_risk_actor(g.k, &actor), TRD_E_ARG));
    actor.role = TRD_ROLE_TRADER;
    actor.account = 9;
    cr_assert(eq(int, trd_risk_actor(g.k, &actor), TRD_E_ARG));
    actor.account = 8;
    actor.reserved[6] = 1;
    cr_assert(eq(int, trd_risk_actor(g.k, &actor), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_actor(g.k, NULL), TRD_E_ARG));
    actor.reserved[6] = 0;
    for (uint32_t i = 0; i < 5; i++) {
        actor.account = i;
        cr_assert(eq(int, trd_risk_actor(g.k, &actor), TRD_OK));
    }
    actor.account = 5;
    cr_assert(eq(int, trd_risk_actor(g.k, &actor), TRD_E_FULL));
    actor.account = 4;
    actor.role = TRD_ROLE_ADMIN;
    cr_assert(eq(int, trd_risk_actor(g.k, &actor), TRD_OK));
    cr_assert(eq(int, trd_risk_may(g.k, 100, 3, TRD_MAY_CONFIGURE), 1));
    gate_free(&g);
}

Test(risk_order, without_roles_everybody_may_everything) {
    trd_risk_def def = gate_def();
    def.actors_max = 0;
    trd_risk *k = trd_risk_init(aligned_alloc(TRD_RISK_ALIGN, trd_risk_footprint(&def)), &def);
    cr_assert(eq(int, trd_risk_may(k, STRANGER, A, 255), 1));
    const trd_actor actor = {.actor = 1, .role = TRD_ROLE_VIEWER};
    cr_assert(eq(int, trd_risk_actor(k, &actor), TRD_E_FULL));
    free(k);
}

/* --- override --------------------------------------------------------------------------------- */

/* Which of the faults an override passes over, from the page. */
static bool is_passed_over(uint16_t reason) {
    switch (reason) {
    case TRD_REJECT_COLLAR:
    case TRD_REJECT_ORDER_QTY:
    case TRD_REJECT_ORDER_VALUE:
    case TRD_REJECT_REPEATED:
    case TRD_REJECT_LATCHED:
    case TRD_REJECT_POSITION_LIMIT:
    case TRD_REJECT_OPEN_VALUE:
    case TRD_REJECT_LEVERAGE:
    case TRD_REJECT_DAILY_LOSS:
        return true;
    default:
        return false;
    }
}

Test(risk_order, override_passes_over_limits_and_not_over_funds) {
    for (uint32_t i = 0; i < FAULT_COUNT; i++) {
        trd_ask ask;
        gate g = small_world(&ask);
        FAULTS[i].make(&g, &ask);
        ask.override = 1;
        ask.actor = FAULTS[i].reason == TRD_REJECT_NOT_PERMITTED ? STRANGER : ADMIN;
        const uint32_t reason = gate_reason(&g, &ask);
        cr_assert(
            eq(u32, reason, is_passed_over(FAULTS[i].reason) ? 0 : FAULTS[i].reason), "%u", i);
        gate_free(&g);
    }
}

Test(risk_order, override_needs_an_actor_who_may_configure) {
    gate g = gate_new();
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 10, 100);
    ask.override = 1;
    EXPECT_REASON(&g, &ask, NOT_PERMITTED);
    gate_limit(&g, TRD_LIMIT_ORDER_QTY, TRD_LIMIT_ACCOUNT, 9);
    ask.actor = ADMIN;
    EXPECT_PASS(&g, &ask);
    ask.override = 0;
    EXPECT_REASON(&g, &ask, ORDER_QTY);
    gate_free(&g);
}
