/* test_risk_limit.c - every limit in every scope that has it, one below, at and above what is
 * measured; how limits are set, read and taken away. */
#include "risk_rig.h"

#include "risk/grant.h"

/* --- -1 / 0 / +1 ------------------------------------------------------------------------------ */

/* A has 20 lots of FUT at 103 and realised a loss of 50; C has -8. Open: A buys 5 @ 90 (tag 7), B
 * buys 3 @ 50 (tag 9), C buys 2 @ 60 (tag 7). Then A buys 10 @ 110, tag 7, mark 100. */
static gate busy_world(trd_ask *ask) {
    gate g = gate_new();
    gate_fill(&g, A, FUT, TRD_BUY, 1, 150);
    gate_fill(&g, A, FUT, TRD_SELL, 1, 100);
    gate_fill(&g, A, FUT, TRD_BUY, 20, 103);
    gate_fill(&g, C, FUT, TRD_SELL, 8, 100);
    gate_order(&g, 1, A, TRD_BUY, 5, 90);
    trd_ask other = ask_of(B, FUT, TRD_BUY, 3, 50);
    other.tag = 9;
    gate_accept(&g, &other, 2);
    gate_order(&g, 3, C, TRD_BUY, 2, 60);
    *ask = ask_of(A, FUT, TRD_BUY, 10, 110);
    return g;
}

typedef struct row {
    uint8_t limit;
    uint8_t scope;
    uint16_t reason;
    int64_t lowest;   /* value with which the order passes */
    int64_t measured; /* with a limit below that */
    uint64_t burst;
} row;

#define ROW(limit, scope, reason, lowest)                                                          \
    { TRD_LIMIT_##limit, TRD_LIMIT_##scope, TRD_REJECT_##reason, lowest, lowest, 0 }
static const row ROWS[] = {
    /* 12 of all, 5 + 3 + 2 open, 10 more */
    ROW(POSITION, FIRM, POSITION_LIMIT, 32),
    /* 20 + 5 + 10 */
    ROW(POSITION, ACCOUNT, POSITION_LIMIT, 35),
    ROW(POSITION, INSTRUMENT, POSITION_LIMIT, 35),
    ROW(POSITION, PAIR, POSITION_LIMIT, 35),
    ROW(ORDER_QTY, FIRM, ORDER_QTY, 10),
    ROW(ORDER_QTY, ACCOUNT, ORDER_QTY, 10),
    ROW(ORDER_QTY, INSTRUMENT, ORDER_QTY, 10),
    ROW(ORDER_QTY, PAIR, ORDER_QTY, 10),
    ROW(ORDER_QTY, ACTOR, ORDER_QTY, 10),
    ROW(ORDER_QTY, TAG, ORDER_QTY, 10),
    ROW(ORDER_VALUE, FIRM, ORDER_VALUE, 1100),
    ROW(ORDER_VALUE, ACCOUNT, ORDER_VALUE, 1100),
    ROW(ORDER_VALUE, INSTRUMENT, ORDER_VALUE, 1100),
    ROW(ORDER_VALUE, PAIR, ORDER_VALUE, 1100),
    ROW(ORDER_VALUE, ACTOR, ORDER_VALUE, 1100),
    ROW(ORDER_VALUE, TAG, ORDER_VALUE, 1100),
    /* 450 + 150 + 120 + 1100; 450 + 1100; 450 + 120 + 1100 */
    ROW(OPEN_VALUE, FIRM, OPEN_VALUE, 1820),
    ROW(OPEN_VALUE, ACCOUNT, OPEN_VALUE, 1550),
    ROW(OPEN_VALUE, TAG, OPEN_VALUE, 1670),
    /* 35 lots at 100; equity 10,000 - 50 - 60: 350,000 / 9,890 = 35.4 */
    ROW(LEVERAGE, FIRM, LEVERAGE, 36),
    ROW(LEVERAGE, ACCOUNT, LEVERAGE, 36),
    /* at 50 it has reached the limit */
    {TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_FIRM, TRD_REJECT_DAILY_LOSS, 51, 50, 0},
    {TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_ACCOUNT, TRD_REJECT_DAILY_LOSS, 51, 50, 0},
    {TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_FIRM, TRD_REJECT_DAILY_LOSS, 111, 110, 1},
    {TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_ACCOUNT, TRD_REJECT_DAILY_LOSS, 111, 110, 1},
    /* 10 of 100 */
    ROW(COLLAR, FIRM, COLLAR, 100000),
    ROW(COLLAR, INSTRUMENT, COLLAR, 100000),
    ROW(COLLAR, PAIR, COLLAR, 100000),
};

Test(risk_limit, holds_up_to_its_value_and_not_beyond) {
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        trd_ask ask;
        gate g = busy_world(&ask);
        EXPECT_PASS(&g, &ask);
        for (int64_t value = ROWS[i].lowest + 1; value >= ROWS[i].lowest - 1; value--) {
            trd_limit limit = limit_of(ROWS[i].limit, ROWS[i].scope, value);
            limit.burst = ROWS[i].burst;
            if (ROWS[i].scope != TRD_LIMIT_ACCOUNT && ROWS[i].scope != TRD_LIMIT_PAIR) {
                limit.account = 0;
            }
            gate_set(&g, &limit);
            const trd_verdict verdict = gate_check(&g, &ask);
            const bool passes = value >= ROWS[i].lowest;
            cr_assert(eq(u32, verdict.reason, passes ? 0 : ROWS[i].reason), "row %zu", i);
            cr_assert(eq(u32, verdict.scope, passes ? 0 : ROWS[i].scope), "row %zu", i);
            cr_assert(eq(i64, verdict.measured, passes ? 0 : ROWS[i].measured), "row %zu", i);
            cr_assert(eq(i64, verdict.limit, passes ? 0 : value), "row %zu", i);
        }
        trd_limit away = limit_of(ROWS[i].limit, ROWS[i].scope, 0);
        away.remove = 1;
        gate_set(&g, &away);
        EXPECT_PASS(&g, &ask);
        gate_free(&g);
    }
}

/* The same limit on others is not looked at. */
Test(risk_limit, is_not_that_of_another) {
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        trd_ask ask;
        gate g = busy_world(&ask);
        trd_limit limit = limit_of(ROWS[i].limit, ROWS[i].scope, 0);
        limit.burst = ROWS[i].burst;
        switch (ROWS[i].scope) {
        case TRD_LIMIT_FIRM:
            gate_free(&g);
            continue;
        case TRD_LIMIT_ACCOUNT:
            limit.account = B;
            break;
        case TRD_LIMIT_ACTOR:
            limit.actor = ADMIN;
            break;
        case TRD_LIMIT_TAG:
            limit.tag = 9;
            break;
        default:
            limit.instrument = SPOT;
        }
        gate_set(&g, &limit);
        EXPECT_PASS(&g, &ask);
        gate_free(&g);
    }
}

/* Firm, account, instrument, pair, actor, tag: all too low, and taken away one after the other. */
Test(risk_limit, is_named_in_the_order_of_scopes) {
    trd_ask ask;
    gate g = busy_world(&ask);
    for (uint8_t scope = TRD_LIMIT_FIRM; scope <= TRD_LIMIT_TAG; scope++) {
        gate_limit(&g, TRD_LIMIT_ORDER_QTY, scope, 9);
    }
    for (uint8_t scope = TRD_LIMIT_FIRM; scope <= TRD_LIMIT_TAG; scope++) {
        cr_assert(eq(u8, gate_check(&g, &ask).scope, scope));
        trd_limit away = limit_of(TRD_LIMIT_ORDER_QTY, scope, 0);
        away.remove = 1;
        gate_set(&g, &away);
    }
    EXPECT_PASS(&g, &ask);
    gate_free(&g);
}

/* --- position --------------------------------------------------------------------------------- */

/* S132. D is flat, 6 buys are open: 3 more may be bought, and 9 sold. */
Test(risk_limit, position_counts_each_side_apart) {
    gate g = gate_new();
    gate_order(&g, 1, D, TRD_BUY, 6, 100);
    gate_limit(&g, TRD_LIMIT_POSITION, TRD_LIMIT_INSTRUMENT, 9);
    const trd_ask sells = ask_of(D, FUT, TRD_SELL, 9, 100);
    const trd_ask sells_more = ask_of(D, FUT, TRD_SELL, 10, 100);
    const trd_ask buys = ask_of(D, FUT, TRD_BUY, 3, 100);
    const trd_ask buys_more = ask_of(D, FUT, TRD_BUY, 4, 100);
    EXPECT_PASS(&g, &sells);
    EXPECT_REASON(&g, &sells_more, POSITION_LIMIT);
    EXPECT_PASS(&g, &buys);
    EXPECT_REASON(&g, &buys_more, POSITION_LIMIT);
    cr_assert(eq(i64, gate_check(&g, &sells_more).measured, 10));
    gate_free(&g);
}

/* Short by 20: buying 25 ends at 5, which is closer; selling 1 is further away. */
Test(risk_limit, position_lets_pass_what_reduces) {
    gate g = gate_new();
    gate_fill(&g, A, FUT, TRD_SELL, 20, 100);
    gate_limit(&g, TRD_LIMIT_POSITION, TRD_LIMIT_ACCOUNT, 3);
    const trd_ask buys = ask_of(A, FUT, TRD_BUY, 25, 100);
    const trd_ask sells = ask_of(A, FUT, TRD_SELL, 1, 100);
    EXPECT_PASS(&g, &buys);
    cr_assert(eq(u8, gate_check(&g, &buys).reducing, 1));
    EXPECT_REASON(&g, &sells, POSITION_LIMIT);
    cr_assert(eq(i64, gate_check(&g, &sells).measured, 21));
    gate_free(&g);
}

/* A hedged account has two positions, and each is measured by itself. */
Test(risk_limit, position_is_that_of_the_side_it_names) {
    gate g = gate_new();
    trd_ask longs = ask_of(HEDGED, FUT, TRD_BUY, 5, 100);
    longs.position = TRD_POSITION_LONG;
    gate_accept(&g, &longs, 1);
    const trd_limit limit = {
        .limit = TRD_LIMIT_POSITION, .scope = TRD_LIMIT_ACCOUNT, .account = HEDGED, .value = 5};
    gate_set(&g, &limit);
    trd_ask ask = ask_of(HEDGED, FUT, TRD_BUY, 1, 100);
    ask.position = TRD_POSITION_LONG;
    EXPECT_REASON(&g, &ask, POSITION_LIMIT);
    ask.position = TRD_POSITION_SHORT;
    EXPECT_PASS(&g, &ask);
    gate_free(&g);
}

/* 7 of 10 bought; the rest is canceled: only P is left, of the firm too. */
Test(risk_limit, position_follows_executions_and_cancels) {
    gate g = gate_new();
    gate_order(&g, 1, A, TRD_BUY, 10, 100);
    trd_execution x =
        rig_execution(FUT, rig_order(1, A, TRD_LIQUIDITY_TAKER), rig_outside(), 7, 100);
    OK(g.r, execute, &x);
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 7), TRD_OK));
    gate_limit(&g, TRD_LIMIT_POSITION, TRD_LIMIT_FIRM, 9);
    const trd_ask ask = ask_of(A, FUT, TRD_BUY, 2, 100);
    EXPECT_REASON(&g, &ask, POSITION_LIMIT);
    OK(g.r, release, 1, 3);
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 3), TRD_OK));
    EXPECT_PASS(&g, &ask);
    gate_free(&g);
}

/* --- value of open orders --------------------------------------------------------------------- */

/* 10 lots of a value of 1001 when 3 are left: ceil(1001 x 3 / 10) = 301. */
Test(risk_limit, open_value_shrinks_with_the_lots_rounded_up) {
    gate g = gate_new();
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 10, 100);
    ask.order = 1;
    trd_verdict verdict = gate_check(&g, &ask);
    verdict.value = 1001; /* at a rate that the rig does not have */
    cr_assert(eq(int, trd_risk_passed(g.k, &ask, &verdict), TRD_OK));
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 2), TRD_OK));
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 5), TRD_OK));
    gate_limit(&g, TRD_LIMIT_OPEN_VALUE, TRD_LIMIT_FIRM, 401);
    trd_ask other = ask_of(B, FUT, TRD_BUY, 1, 100);
    EXPECT_PASS(&g, &other);
    other.px = 101;
    EXPECT_REASON(&g, &other, OPEN_VALUE);
    cr_assert(eq(i64, gate_check(&g, &other).measured, 402));
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 3), TRD_OK));
    EXPECT_PASS(&g, &other);
    gate_free(&g);
}

/* A tag gets its limit while its orders are open, twice. */
Test(risk_limit, open_value_counts_orders_from_before) {
    gate g = gate_new();
    gate_order(&g, 1, A, TRD_BUY, 2, 100);
    gate_order(&g, 2, B, TRD_BUY, 3, 100);
    for (int again = 0; again < 2; again++) {
        gate_limit(&g, TRD_LIMIT_OPEN_VALUE, TRD_LIMIT_TAG, 599);
        trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, 100);
        EXPECT_REASON(&g, &ask, OPEN_VALUE);
        ask.px = 99;
        ask.side = TRD_BUY;
        EXPECT_PASS(&g, &ask);
        trd_limit away = limit_of(TRD_LIMIT_OPEN_VALUE, TRD_LIMIT_TAG, 0);
        away.remove = 1;
        gate_set(&g, &away);
    }
    gate_free(&g);
}

/* While the worth of one order is not known, nobody knows that of all. */
Test(risk_limit, open_value_fails_while_a_value_is_unknown) {
    gate g = gate_new();
    trd_instrument spec = rig_spec(TRD_INSTRUMENT_LINEAR);
    const trd_terms terms = rig_terms();
    spec.settle_asset = BTC;
    const uint32_t coin = rig_add(g.r, &spec, &terms);
    gate_model(&g, coin, 100000);
    gate_mark(&g, coin, 100);
    rig_deposit(g.r, A, BTC, MONEY);
    trd_ask unknown = ask_of(A, coin, TRD_BUY, 1, 100);
    gate_accept(&g, &unknown, 1);
    gate_limit(&g, TRD_LIMIT_OPEN_VALUE, TRD_LIMIT_FIRM, 1000);
    gate_limit(&g, TRD_LIMIT_OPEN_VALUE, TRD_LIMIT_TAG, 1000);
    const trd_ask ask = ask_of(B, FUT, TRD_BUY, 1, 100);
    EXPECT_REASON(&g, &ask, OPEN_VALUE);
    cr_assert(eq(i64, gate_check(&g, &ask).measured, INT64_MAX));
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 1), TRD_OK));
    EXPECT_PASS(&g, &ask);
    EXPECT_REASON(&g, &unknown, OPEN_VALUE);
    gate_limit(&g, TRD_LIMIT_ORDER_VALUE, TRD_LIMIT_ACCOUNT, 1000000);
    EXPECT_REASON(&g, &unknown, ORDER_VALUE);
    /* 1 = 3 / 2 of a USD cent: ceil(100 x 3 / 2). */
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 3, 2), TRD_OK));
    EXPECT_PASS(&g, &unknown);
    cr_assert(eq(i64, gate_check(&g, &unknown).value, 150));
    gate_free(&g);
}

/* --- collar, leverage, loss ------------------------------------------------------------------- */

Test(risk_limit, collar_looks_at_both_sides_of_the_mark) {
    gate g = gate_new();
    gate_mark(&g, FUT, -200);
    gate_limit(&g, TRD_LIMIT_COLLAR, TRD_LIMIT_FIRM, 50000); /* 10 of 200 */
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, -210);
    EXPECT_PASS(&g, &ask);
    ask.px = -190;
    EXPECT_PASS(&g, &ask);
    ask.px = -211;
    EXPECT_REASON(&g, &ask, COLLAR);
    ask.px = -189;
    EXPECT_REASON(&g, &ask, COLLAR);
    cr_assert(eq(i64, gate_check(&g, &ask).measured, 55000));
    trd_ask market = market_ask(A, FUT, TRD_BUY, 1);
    market.has_bound = 1;
    market.bound = 100;
    EXPECT_PASS(&g, &market);
    gate_mark(&g, FUT, 0);
    ask.px = 0;
    EXPECT_PASS(&g, &ask);
    ask.px = 1;
    EXPECT_REASON(&g, &ask, COLLAR);
    gate_free(&g);
}

/* S136: fees and, if it is wanted, unrealised profit count; a new day begins at zero. */
Test(risk_limit, daily_loss_has_fees_and_ends_with_the_day) {
    gate g = gate_new();
    rig_fill(g.r, FUT, A, B, 10, 100); /* fee of each: 10 */
    gate_limit(&g, TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_ACCOUNT, 10);
    const trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, 100);
    EXPECT_REASON(&g, &ask, DAILY_LOSS);
    trd_limit limit = limit_of(TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_ACCOUNT, 10);
    limit.burst = 1;
    gate_set(&g, &limit);
    gate_mark(&g, FUT, 101); /* + 10 */
    EXPECT_PASS(&g, &ask);
    gate_mark(&g, FUT, 100);
    EXPECT_REASON(&g, &ask, DAILY_LOSS);
    g.r->out.count = 0;
    cr_assert(eq(int, trd_accounts_day(g.r->a, &g.r->out), TRD_OK));
    EXPECT_PASS(&g, &ask);
    gate_mark(&g, FUT, 99);
    EXPECT_REASON(&g, &ask, DAILY_LOSS);
    cr_assert(eq(i64, gate_check(&g, &ask).measured, 10));
    gate_free(&g);
}

Test(risk_limit, daily_loss_fails_when_something_is_unknown) {
    gate g = gate_new();
    trd_instrument spec = rig_spec(TRD_INSTRUMENT_LINEAR);
    const trd_terms terms = rig_terms();
    spec.settle_asset = BTC;
    const uint32_t coin = rig_add(g.r, &spec, &terms);
    gate_fill(&g, A, coin, TRD_BUY, 1, 100);
    trd_limit limit = limit_of(TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_ACCOUNT, 1000);
    gate_set(&g, &limit);
    const trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, 100);
    EXPECT_REASON(&g, &ask, DAILY_LOSS); /* an amount of this day has no rate */
    cr_assert(eq(i64, gate_check(&g, &ask).measured, INT64_MAX));
    g.r->out.count = 0;
    cr_assert(eq(int, trd_accounts_day(g.r->a, &g.r->out), TRD_OK));
    EXPECT_PASS(&g, &ask);
    limit.burst = 1;
    gate_set(&g, &limit);
    EXPECT_REASON(&g, &ask, DAILY_LOSS);
    gate_mark(&g, coin, 100);
    EXPECT_PASS(&g, &ask); /* worth nothing at any rate */
    gate_mark(&g, coin, 101);
    EXPECT_REASON(&g, &ask, DAILY_LOSS);
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 2, 1), TRD_OK));
    EXPECT_PASS(&g, &ask);
    gate_mark(&g, coin, -400); /* 500 x 2 */
    EXPECT_REASON(&g, &ask, DAILY_LOSS);
    cr_assert(eq(i64, gate_check(&g, &ask).measured, 1000));
    gate_mark(&g, coin, -399);
    EXPECT_PASS(&g, &ask);
    gate_free(&g);
}

Test(risk_limit, leverage_fails_without_equity_mark_or_rate) {
    gate g = gate_new();
    gate_limit(&g, TRD_LIMIT_LEVERAGE, TRD_LIMIT_FIRM, 1000000);
    const trd_ask ask = ask_of(A, FUT, TRD_BUY, 1, 100);
    EXPECT_PASS(&g, &ask);
    gate_fill(&g, A, INV, TRD_BUY, 100, 100);
    EXPECT_PASS(&g, &ask);
    gate_fill(&g, A, FUT, TRD_BUY, 20, 100);
    gate_withdraw(&g, A, USD, 100);
    EXPECT_PASS(&g, &ask);
    gate_mark(&g, FUT, 95); /* 100 - 20 x 5: nothing */
    EXPECT_REASON(&g, &ask, LEVERAGE);
    cr_assert(eq(i64, gate_check(&g, &ask).measured, INT64_MAX));
    rig_deposit(g.r, A, USD, 1000);
    EXPECT_PASS(&g, &ask);
    rig_deposit(g.r, A, JPY, 1);
    EXPECT_REASON(&g, &ask, LEVERAGE);
    gate_free(&g);
}

/* Of each position the larger side at worst: FUT |4 - 10| x 100, SPOT 3 x 100, this order 2 x 50.
 */
Test(risk_limit, leverage_takes_the_worse_side_of_every_position) {
    gate g = gate_new();
    gate_fill(&g, A, FUT, TRD_BUY, 4, 100);
    gate_order(&g, 1, A, TRD_SELL, 10, 100);
    gate_fill(&g, A, SPOT, TRD_BUY, 3, 100); /* 300 of USD are 3 of BTC now */
    cr_assert(eq(int, trd_accounts_rate(g.r->a, BTC, 100, 1), TRD_OK));
    gate_mark(&g, OPT, 50);
    const trd_ask ask = ask_of(A, OPT, TRD_BUY, 2, 60);
    gate_limit(&g, TRD_LIMIT_LEVERAGE, TRD_LIMIT_ACCOUNT, 10); /* 1000 of 10,000 */
    EXPECT_PASS(&g, &ask);
    gate_limit(&g, TRD_LIMIT_LEVERAGE, TRD_LIMIT_ACCOUNT, 9);
    EXPECT_REASON(&g, &ask, LEVERAGE);
    cr_assert(eq(i64, gate_check(&g, &ask).measured, 10));
    gate_free(&g);
}

/* Of a hedged account, 5 long are asked for; legs before it have lots of either side open, at 100
 * each. */
Test(risk_limit, leverage_counts_legs_of_either_side_of_a_hedged_account) {
    gate g = gate_new();
    trd_ask ask = ask_of(HEDGED, FUT, TRD_BUY, 5, 100);
    ask.position = TRD_POSITION_LONG;
    gate_limit(&g, TRD_LIMIT_LEVERAGE, TRD_LIMIT_FIRM, 10); /* 1000 of 10,000 */
    for (trd_qty lots = 4; lots <= 6; lots++) {
        for (unsigned side = TRD_POSITION_LONG; side <= TRD_POSITION_SHORT; side++) {
            trd_risk_beside beside = {.all = lots};
            trd_verdict v;
            trd_acct_grant grant;
            beside.lots[side] = lots;
            cr_assert(
                eq(int, trd__risk_grant_beside(g.k, g.r->a, &ask, &beside, &v, &grant), TRD_OK));
            cr_assert(eq(u32, v.reason, lots <= 5 ? 0 : TRD_REJECT_LEVERAGE));
            cr_assert(eq(i64, v.measured, lots <= 5 ? 0 : 11));
        }
    }
    gate_free(&g);
}

/* A yen is 2^31 cents. At a mark of 10^6 the open lots are worth 3000 x 10^6 x 2^31, which is
 * beyond every amount; as 1000 lots they are 2^31 x 10^9, as much as the account has in yen. */
Test(risk_limit, leverage_looks_at_an_amended_order_as_it_will_be) {
    gate g = gate_new();
    trd_instrument spec = rig_spec(TRD_INSTRUMENT_LINEAR);
    spec.quote_asset = spec.settle_asset = JPY;
    const trd_terms terms = rig_terms();
    const uint32_t coin = rig_add(g.r, &spec, &terms);
    gate_mark(&g, coin, 100);
    gate_model(&g, coin, 100000);
    rig_deposit(g.r, A, JPY, 1000000000);
    cr_assert(eq(int, trd_accounts_rate(g.r->a, JPY, UINT32_C(1) << 31, 1), TRD_OK));
    trd_ask ask = ask_of(A, coin, TRD_BUY, 3000, 1);
    gate_accept(&g, &ask, 1);
    gate_mark(&g, coin, 1000000);
    gate_limit(&g, TRD_LIMIT_LEVERAGE, TRD_LIMIT_ACCOUNT, 100);
    for (int i = 0; i < 2; i++) {
        const trd_ask other = ask_of(A, FUT, TRD_BUY, 1, 100);
        EXPECT_REASON(&g, &other, LEVERAGE);
        cr_assert(eq(i64, gate_check(&g, &other).measured, INT64_MAX));
        ask.kind = TRD_ASK_AMEND;
        ask.qty = 1000;
        EXPECT_PASS(&g, &ask);
        ask.qty = 1001; /* 10^6 x 2^31 more, against 10,000 cents */
        EXPECT_REASON(&g, &ask, LEVERAGE);
        cr_assert(eq(i64, gate_check(&g, &ask).measured, 101));
        ask.qty = 2900;
        cr_assert(eq(i64, gate_check(&g, &ask).measured, INT64_MAX));
        cr_assert(eq(int, trd_accounts_revalue(g.r->a, A), TRD_OK)); /* says the same */
    }
    gate_free(&g);
}

/* --- restricted, enabled ---------------------------------------------------------------------- */

Test(risk_limit, restricted_lets_only_pass_what_reduces) {
    static const uint8_t scopes[] = {TRD_LIMIT_INSTRUMENT, TRD_LIMIT_PAIR};
    for (int i = 0; i < 2; i++) {
        gate g = gate_new();
        gate_fill(&g, A, FUT, TRD_BUY, 5, 100);
        gate_limit(&g, TRD_LIMIT_RESTRICTED, scopes[i], 0);
        const trd_ask buys = ask_of(A, FUT, TRD_BUY, 1, 100);
        const trd_ask sells = ask_of(A, FUT, TRD_SELL, 5, 100);
        const trd_ask other = ask_of(B, FUT, TRD_BUY, 1, 100);
        const trd_ask elsewhere = ask_of(A, OPT, TRD_BUY, 1, 100);
        EXPECT_REASON(&g, &buys, RESTRICTED);
        cr_assert(eq(u8, gate_check(&g, &buys).scope, scopes[i]));
        EXPECT_PASS(&g, &sells);
        EXPECT_PASS(&g, &elsewhere);
        if (scopes[i] == TRD_LIMIT_PAIR) {
            EXPECT_PASS(&g, &other);
        } else {
            EXPECT_REASON(&g, &other, RESTRICTED);
        }
        gate_free(&g);
    }
}

Test(risk_limit, disabled_accounts_and_instruments_take_nothing) {
    gate g = gate_new();
    gate_fill(&g, A, FUT, TRD_BUY, 5, 100);
    const trd_ask sells = ask_of(A, FUT, TRD_SELL, 5, 100);
    cr_assert(eq(int, trd_risk_enable(g.k, FUT, 0), TRD_OK));
    EXPECT_REASON(&g, &sells, DISABLED);
    cr_assert(eq(int, trd_risk_enable(g.k, FUT, 1), TRD_OK));
    EXPECT_PASS(&g, &sells);
    trd_account terms;
    trd_accounts_get(g.r->a, A, &terms);
    terms.enabled = 0;
    trd_accounts_open(g.r->a, A, &terms);
    EXPECT_REASON(&g, &sells, DISABLED);
    cr_assert(eq(int, trd_risk_enable(g.k, 8, 1), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_enable(g.k, FUT, 2), TRD_E_ARG));
    gate_free(&g);
}

/* --- setting and reading ---------------------------------------------------------------------- */

/* Which scope has which limit, written out from risk.h; the window of those that need one. */
static const struct {
    const char *scopes; /* of FIRM, ACCOUNT, INSTRUMENT, PAIR, ACTOR, TAG, PARENT: 1 has it */
    trd_ns window;
    int64_t value_max;
    uint64_t burst_max;
} KINDS[TRD_LIMIT_COUNT] = {
    [TRD_LIMIT_POSITION] = {"1111000", 0, INT64_MAX, 0},
    [TRD_LIMIT_ORDER_QTY] = {"1111110", 0, INT64_MAX, 0},
    [TRD_LIMIT_ORDER_VALUE] = {"1111110", 0, INT64_MAX, 0},
    [TRD_LIMIT_OPEN_VALUE] = {"1100010", 0, INT64_MAX, 0},
    [TRD_LIMIT_LEVERAGE] = {"1100000", 0, INT64_MAX, 0},
    [TRD_LIMIT_DAILY_LOSS] = {"1100000", 0, INT64_MAX, 1},
    [TRD_LIMIT_MESSAGES] = {"1100110", 1, UINT32_MAX, UINT32_MAX},
    [TRD_LIMIT_COLLAR] = {"1011000", 0, INT64_MAX, 0},
    [TRD_LIMIT_REPEATED] = {"1000000", 1, 0, 0},
    [TRD_LIMIT_EXECUTIONS] = {"0100010", 1, UINT32_MAX, 0},
    [TRD_LIMIT_RESTRICTED] = {"0011000", 0, 0, 0},
    [TRD_LIMIT_PARENT_QTY] = {"0000001", 0, ((int64_t)1 << 62) - 1, 0},
};

static trd_limit exact(uint8_t limit, uint8_t scope) {
    trd_limit l = limit_of(limit, scope, KINDS[limit].value_max);
    l.window = KINDS[limit].window;
    l.burst = KINDS[limit].burst_max;
    return l;
}

Test(risk_limit, is_set_and_read_in_its_scopes_only) {
    for (uint8_t limit = 0; limit <= TRD_LIMIT_COUNT; limit++) {
        for (uint8_t scope = 0; scope <= TRD_LIMIT_PARENT + 1; scope++) {
            gate g = gate_new();
            const bool known =
                limit >= 1 && limit < TRD_LIMIT_COUNT && scope >= 1 && scope <= TRD_LIMIT_PARENT;
            const bool has = known && KINDS[limit].scopes[scope - 1] == '1';
            trd_limit l = known ? exact(limit, scope) : limit_of(limit, scope, 0);
            trd_limit name = limit_of(limit, scope, 5);
            name.window = 77;
            name.burst = 77;
            cr_assert(eq(int, trd_risk_limit_get(g.k, &name), has ? TRD_E_UNKNOWN : TRD_E_ARG));
            cr_assert(eq(int, trd_risk_limit(g.k, &l), has ? TRD_OK : TRD_E_ARG));
            cr_assert(eq(int, trd_risk_limit_get(g.k, &name), has ? TRD_OK : TRD_E_ARG));
            if (has) {
                cr_assert(eq(i64, name.value, l.value));
                cr_assert(eq(i64, name.window, l.window));
                cr_assert(eq(u64, name.burst, l.burst));
                trd_limit away = limit_of(limit, scope, 0);
                away.remove = 1;
                gate_set(&g, &away);
                gate_set(&g, &away);
                cr_assert(eq(int, trd_risk_limit_get(g.k, &name), TRD_E_UNKNOWN));
            }
            gate_free(&g);
        }
    }
}

#define REFUSED(change)                                                                            \
    do {                                                                                           \
        trd_limit l_ = exact(limit, scope);                                                        \
        l_.change;                                                                                 \
        cr_assert(eq(int, trd_risk_limit(g.k, &l_), TRD_E_ARG), #change " %d %d", limit, scope);   \
    } while (0)

Test(risk_limit, is_refused_outside_its_ranges) {
    gate g = gate_new();
    for (uint8_t limit = 1; limit < TRD_LIMIT_COUNT; limit++) {
        for (uint8_t scope = 1; scope <= TRD_LIMIT_PARENT; scope++) {
            if (KINDS[limit].scopes[scope - 1] != '1') {
                continue;
            }
            REFUSED(value = -1);
            REFUSED(burst = KINDS[limit].burst_max + 1);
            REFUSED(window = KINDS[limit].window - 1);
            REFUSED(remove = 2);
            const bool of_parent = scope == TRD_LIMIT_PARENT;
            const bool of_both = scope == TRD_LIMIT_PAIR || of_parent;
            REFUSED(side = of_parent ? 0 : 1);
            REFUSED(side = of_parent ? 3 : 2);
            REFUSED(account = scope == TRD_LIMIT_ACCOUNT || of_both ? 8 : 1);
            REFUSED(instrument = scope == TRD_LIMIT_INSTRUMENT || of_both ? 8 : 1);
            REFUSED(tag = scope == TRD_LIMIT_TAG || of_parent ? 0 : 1);
            if (scope != TRD_LIMIT_ACTOR) {
                REFUSED(actor = 1);
            }
            if (KINDS[limit].value_max != INT64_MAX) {
                REFUSED(value = KINDS[limit].value_max + 1);
            }
            if (KINDS[limit].window == 0) {
                REFUSED(window = 1);
            }
            REFUSED(remove = 1; l_.value = 1);
            REFUSED(remove = 1; l_.window = 1; l_.value = 0; l_.burst = 0);
            REFUSED(remove = 1; l_.window = 0; l_.value = 0; l_.burst = 1);
            trd_limit name = exact(limit, scope);
            cr_assert(eq(int, trd_risk_limit_get(g.k, &name), TRD_E_UNKNOWN));
        }
    }
    cr_assert(eq(int, trd_risk_limit(g.k, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_limit_get(g.k, NULL), TRD_E_ARG));
    gate_free(&g);
}

/* Four pairs, actors and tags; a second limit of one of them needs no place. */
Test(risk_limit, finds_no_place_beyond_limits_max) {
    gate g = gate_new();
    for (uint32_t instrument = 0; instrument < 4; instrument++) {
        trd_limit l = limit_of(TRD_LIMIT_ORDER_QTY, TRD_LIMIT_PAIR, 5);
        l.instrument = instrument;
        gate_set(&g, &l);
    }
    trd_limit more = limit_of(TRD_LIMIT_ORDER_QTY, TRD_LIMIT_TAG, 5);
    cr_assert(eq(int, trd_risk_limit(g.k, &more), TRD_E_FULL));
    gate_limit(&g, TRD_LIMIT_POSITION, TRD_LIMIT_PAIR, 5);
    gate_limit(&g, TRD_LIMIT_ORDER_QTY, TRD_LIMIT_ACCOUNT, 5);
    trd_limit away = limit_of(TRD_LIMIT_ORDER_QTY, TRD_LIMIT_PAIR, 0);
    away.remove = 1;
    gate_set(&g, &away);
    cr_assert(eq(int, trd_risk_limit(g.k, &more), TRD_E_FULL));
    away.limit = TRD_LIMIT_POSITION;
    gate_set(&g, &away);
    cr_assert(eq(int, trd_risk_limit(g.k, &more), TRD_OK));
    gate_free(&g);
}

Test(risk_limit, repeated_needs_memory) {
    const trd_accounts_def accounts = rig_def();
    trd_risk_def def = gate_def();
    def.repeats_max = 0;
    gate g = gate_of(&accounts, &def);
    trd_limit l = limit_of(TRD_LIMIT_REPEATED, TRD_LIMIT_FIRM, 0);
    l.window = 5;
    cr_assert(eq(int, trd_risk_limit(g.k, &l), TRD_E_FULL));
    gate_free(&g);
}

/* --- definition ------------------------------------------------------------------------------- */

#define DEF(field_, value_, works_)                                                                \
    do {                                                                                           \
        trd_risk_def def_ = gate_def();                                                            \
        def_.field_ = value_;                                                                      \
        cr_assert(eq(int, trd_risk_footprint(&def_) != 0, works_), #field_ " " #value_);           \
    } while (0)

Test(risk_limit, definitions_have_ranges) {
    DEF(accounts_max, 0, 0);
    DEF(accounts_max, 1 << 24, 1);
    DEF(accounts_max, (1 << 24) + 1, 0);
    DEF(instruments_max, 0, 0);
    DEF(instruments_max, 1 << 20, 1);
    DEF(instruments_max, (1 << 20) + 1, 0);
    DEF(orders_max, 0, 0);
    DEF(orders_max, 1 << 26, 1);
    DEF(orders_max, (1 << 26) + 1, 0);
    DEF(actors_max, 0, 1);
    DEF(actors_max, 1 << 24, 1);
    DEF(actors_max, (1 << 24) + 1, 0);
    DEF(limits_max, 0, 1);
    DEF(limits_max, 1 << 24, 1);
    DEF(limits_max, (1 << 24) + 1, 0);
    DEF(models_max, 0, 1);
    DEF(models_max, 65536, 1);
    DEF(models_max, 65537, 0);
    DEF(repeats_max, 0, 1);
    DEF(repeats_max, 1 << 24, 1);
    DEF(repeats_max, (1 << 24) + 1, 0);
    DEF(parents_max, 0, 1);
    DEF(parents_max, 1 << 24, 1);
    DEF(parents_max, (1 << 24) + 1, 0);
    DEF(reserved, 1, 0);
    DEF(struct_size, 0, 0);
    DEF(struct_size, sizeof(trd_risk_def) + 1, 0);
    cr_assert(trd_risk_footprint(NULL) == 0);
    const trd_risk_def def = gate_def();
    char *mem = aligned_alloc(TRD_RISK_ALIGN, trd_risk_footprint(&def) + TRD_RISK_ALIGN);
    cr_assert(trd_risk_init(mem + 8, &def) == NULL);
    cr_assert(trd_risk_init(NULL, &def) == NULL);
    cr_assert(trd_risk_init(mem, NULL) == NULL);
    free(mem);
    trd_risk_destroy(NULL);
    cr_assert(trd_risk_create(NULL) == NULL);
    trd_risk *created = trd_risk_create(&def);
    cr_assert(created != NULL);
    cr_assert(eq(int, trd_risk_audit(created), TRD_OK));
    trd_risk_destroy(created);
}

/* After a reset the block is what init makes of the same memory. */
Test(risk_limit, reset_forgets_everything) {
    trd_ask ask;
    gate g = busy_world(&ask);
    const trd_risk_def def = gate_def();
    trd_risk *fresh = trd_risk_init(aligned_alloc(TRD_RISK_ALIGN, g.size), &def);
    for (uint8_t scope = TRD_LIMIT_FIRM; scope <= TRD_LIMIT_TAG; scope++) {
        gate_limit(&g, TRD_LIMIT_ORDER_QTY, scope, 9);
    }
    cr_assert(eq(int, trd_risk_enable(g.k, FUT, 0), TRD_OK));
    trd_risk_reset(g.k);
    cr_assert(memcmp(g.k, fresh, g.size) == 0);
    free(fresh);
    gate_free(&g);
}

Test(risk_limit, models_are_checked_and_counted) {
    gate g = gate_new(); /* three of four */
    trd_margin_model model;
    trd_margin_grouped(&model);
    cr_assert(eq(int, trd_risk_model(g.k, FUT, &model), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_model(g.k, FUT, NULL), TRD_E_ARG));
    trd_margin_cash(&model);
    cr_assert(eq(int, trd_risk_model(g.k, 8, &model), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_model(g.k, 4, &model), TRD_OK));
    cr_assert(eq(int, trd_risk_model(g.k, 5, &model), TRD_E_FULL));
    cr_assert(eq(int, trd_risk_model(g.k, 4, &model), TRD_OK));
    model.tier_count = 0;
    cr_assert(eq(int, trd_risk_model(g.k, 4, &model), TRD_E_ARG));
    gate_free(&g);
}
