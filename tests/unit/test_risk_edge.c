/* test_risk_edge.c - the checks at the ends of their numbers, orders that somebody else held for,
 * and what the calls around the checks refuse. */
#include "hook.h"
#include "risk_rig.h"

enum { COIN = 4 }; /* an instrument of its own */

static uint32_t another(gate *g, const trd_instrument *spec) {
    const trd_terms terms = rig_terms();
    const uint32_t number = rig_add(g->r, spec, &terms);
    cr_assert(eq(u32, number, COIN));
    return number;
}

/* --- calls ------------------------------------------------------------------------------------ */

#define NOT_PASSED(change)                                                                         \
    do {                                                                                           \
        trd_ask ask_ = ask_of(A, FUT, TRD_BUY, 5, 100);                                            \
        const trd_verdict v_ = gate_check(&g, &ask_);                                              \
        ask_.order = 1;                                                                            \
        ask_.change;                                                                               \
        cr_expect(eq(int, trd_risk_passed(g.k, &ask_, &v_), TRD_E_ARG), #change);                  \
    } while (0)

Test(risk_edge, what_no_check_can_have_seen_has_not_passed) {
    gate g = gate_new();
    NOT_PASSED(account = 8);
    NOT_PASSED(instrument = 8);
    NOT_PASSED(qty = 0);
    NOT_PASSED(side = 0);
    NOT_PASSED(order = RIG_ORDERS + 1);
    cr_assert(eq(int, trd_risk_closed(g.k, RIG_ORDERS + 1, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 1), TRD_E_UNKNOWN));
    gate_free(&g);
}

Test(risk_edge, creation_uses_the_hook_once_and_gives_back_what_it_cannot_use) {
    trd_risk_def def = gate_def();
    hook h = {.fail_at = 1};
    def.mem = hook_mem(&h);
    cr_assert(trd_risk_create(&def) == NULL);
    h.shift = 8;
    cr_assert(trd_risk_create(&def) == NULL);
    cr_assert(eq(u32, h.releases, 1));
    h.shift = 0;
    trd_risk *risk = trd_risk_create(&def);
    cr_assert(risk != NULL);
    cr_assert(eq(sz, h.size, trd_risk_footprint(&def)));
    trd_risk_destroy(risk);
    cr_assert(eq(u32, h.releases, 2));
}

Test(risk_edge, what_may_leave_is_not_said_while_the_accounts_are_busy) {
    gate g = gate_new();
    trd_amt most = 7;
    gate_fill(&g, A, FUT, TRD_BUY, 5, 100);
    gate_fill(&g, B, FUT, TRD_BUY, 5, 100);
    trd_event events[TRD_ACCOUNTS_OUT_MIN];
    trd_out out = {.events = events, .capacity = TRD_ACCOUNTS_OUT_MIN};
    const trd_funding funding = {.instrument = FUT, .rate_ppb = 1000000, .mark = 100, .due = 1};
    cr_assert(eq(int, trd_accounts_funding(g.r->a, &funding, &out), TRD_MORE));
    cr_assert(eq(int, trd_risk_withdrawable(g.k, g.r->a, C, USD, &most), TRD_E_BUSY));
    cr_assert(eq(i64, most, 7));
    while (out.count = 0, trd_accounts_continue(g.r->a, &out) == TRD_MORE) {
    }
    cr_assert(eq(int, trd_risk_withdrawable(g.k, g.r->a, C, USD, &most), TRD_OK));
    cr_assert(eq(i64, most, MONEY));
    gate_free(&g);
}

/* An instrument that only the accounts have could have positions that nobody knows the margin of.
 */
Test(risk_edge, what_may_leave_is_not_said_where_an_instrument_is_missing) {
    const trd_accounts_def accounts = rig_def();
    trd_risk_def def = gate_def();
    def.instruments_max = 4;
    gate g = gate_of(&accounts, &def);
    trd_amt most = 7;
    cr_assert(eq(int, trd_risk_withdrawable(g.k, g.r->a, A, USD, &most), TRD_OK));
    rig_instrument(g.r, TRD_INSTRUMENT_LINEAR);
    cr_assert(eq(int, trd_risk_withdrawable(g.k, g.r->a, A, USD, &most), TRD_E_UNKNOWN));
    gate_free(&g);
}

/* --- orders that somebody else held for ------------------------------------------------------- */

/* 5 lots at 100 need a fee of 5 and 50 of margin, whatever was held for them before. */
static void held_otherwise(uint8_t kind, uint32_t margin_ppm, trd_amt per_lot) {
    gate g = gate_new();
    trd_hold hold = rig_hold(1, A, FUT, TRD_BUY, kind, 5, 100);
    hold.margin_ppm = margin_ppm;
    hold.margin_per_lot = per_lot;
    OK(g.r, hold, &hold);
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 5, 100);
    ask.kind = TRD_ASK_AMEND;
    ask.order = 1;
    const trd_verdict v = gate_check(&g, &ask);
    cr_assert(eq(u32, v.reason, 0));
    cr_assert(eq(u8, v.rehold, 1));
    cr_assert(eq(i64, v.need, 55));
    cr_assert(eq(u8, v.hold.kind, TRD_HOLD_MARGIN));
    cr_assert(eq(u32, v.hold.margin_ppm, 100000));
    cr_assert(eq(i64, v.hold.margin_per_lot, 0));
    gate_free(&g);
}

Test(risk_edge, what_is_held_on_other_terms_is_held_anew) {
    held_otherwise(TRD_HOLD_NOTHING, 0, 0);
    held_otherwise(TRD_HOLD_MARGIN, 100000, 3);
    held_otherwise(TRD_HOLD_MARGIN, 100001, 0);
}

/* --- large numbers ---------------------------------------------------------------------------- */

static const trd_amt HUGE_VALUE = INT64_C(1000000000000000000);
static const trd_qty HUGE_LOTS = INT64_C(1000000000000); /* at 1,000,000 */

/* A has 3 x 10^18, lots of COIN whose worst value is 10^18, and gets 0.9 x 10^18 of funding: more
 * than 2^62 together. Of 30 that it sells 20 would open a position; the 10 that close one need no
 * margin, so they would be held anew, as a new order, for which there is no room. */
Test(risk_edge, what_is_held_anew_is_looked_at_as_new) {
    gate g = gate_new();
    const trd_instrument spec = rig_spec(TRD_INSTRUMENT_LINEAR);
    const uint32_t coin = another(&g, &spec);
    gate_mark(&g, coin, 0);
    gate_fill(&g, A, FUT, TRD_BUY, 10, 100);
    gate_order(&g, 1, A, TRD_SELL, 30, 100);
    rig_deposit(g.r, A, USD, 3 * HUGE_VALUE);
    rig_fill(g.r, coin, A, B, HUGE_LOTS, 0);
    trd_ask ask = ask_of(A, FUT, TRD_SELL, 10, 100);
    ask.kind = TRD_ASK_AMEND;
    ask.order = 1;
    EXPECT_PASS(&g, &ask);
    cr_assert(eq(u8, gate_check(&g, &ask).rehold, 1));
    const trd_funding funding = {
        .instrument = coin, .rate_ppb = -900000000, .mark = 1000000, .due = 1};
    OK(g.r, funding, &funding);
    EXPECT_REASON(&g, &ask, POSITION);
    ask.qty = 29; /* goes on with what it holds, and may */
    EXPECT_PASS(&g, &ask);
    gate_free(&g);
}

/* 4.5 x 10^12 lots of COIN bought at the highest price: a fee of 4.5 x 10^16. Funding takes 0.27 x
 * 10^18. At the lowest price 9 x 10^18 are lost besides, below -2^63 together. */
Test(risk_edge, losses_beyond_64_bits_are_clamped) {
    gate g = gate_new();
    const trd_instrument spec = rig_spec(TRD_INSTRUMENT_LINEAR);
    const uint32_t coin = another(&g, &spec);
    gate_mark(&g, coin, 1000000);
    gate_order(&g, 1, A, TRD_BUY, 1, 100);
    rig_fill(g.r, coin, A, B, HUGE_LOTS / 2 * 9, 1000000);
    const trd_funding funding = {
        .instrument = coin, .rate_ppb = 60000000, .mark = 1000000, .due = 1};
    OK(g.r, funding, &funding);
    gate_mark(&g, coin, -1000000);
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, 200);
    ask.kind = TRD_ASK_AMEND;
    ask.order = 1;
    const trd_verdict v = gate_check(&g, &ask);
    cr_assert(eq(u32, v.reason, TRD_REJECT_MARGIN));
    cr_assert(eq(i64, v.measured, 22));
    cr_assert(eq(i64, v.limit, INT64_MIN));
    gate_free(&g);
}

/* 2^33 minor units of BTC, of which 8 are worth 2^31 cents: 2^64 / 8. */
Test(risk_edge, a_value_is_computed_through_128_bits) {
    gate g = gate_new();
    trd_instrument spec = rig_spec(TRD_INSTRUMENT_LINEAR);
    spec.settle_asset = BTC;
    const uint32_t coin = another(&g, &spec);
    gate_mark(&g, coin, 1 << 16);
    gate_model(&g, coin, 100000);
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 1u << 31, 8), TRD_OK));
    trd_limit limit = {
        .limit = TRD_LIMIT_ORDER_VALUE, .scope = TRD_LIMIT_FIRM, .value = (INT64_C(1) << 61) - 1};
    gate_set(&g, &limit);
    trd_ask ask = ask_of(A, coin, TRD_BUY, 1 << 17, 1 << 16);
    EXPECT_REASON(&g, &ask, ORDER_VALUE);
    cr_assert(eq(i64, gate_check(&g, &ask).measured, INT64_C(1) << 61));
    limit.value++;
    gate_set(&g, &limit);
    EXPECT_REASON(&g, &ask, BALANCE); /* there is no BTC */
    gate_free(&g);
}
