/* test_accounts_value.c - what positions are worth is kept, and is always what they are worth.
 * Every call is followed by an audit, which values everything anew. */
#include "accounts_rig.h"

#include "acct/value.h"

enum { SPOT = TRD_INSTRUMENT_SPOT, LINEAR = TRD_INSTRUMENT_LINEAR, OPTION = TRD_INSTRUMENT_OPTION };
enum { MONEY = 10000 };

/* A world with `count` LINEAR instruments at a mark of 100, of which A is long 10 each, bought at
 * 90 from B. Both have 10,000. */
static rig *held_world(unsigned count) {
    rig *r = rig_bare();
    rig_deposit(r, A, USD, MONEY);
    rig_deposit(r, B, USD, MONEY);
    for (uint32_t i = 0; i < count; i++) {
        cr_assert(rig_instrument(r, LINEAR) == i);
        cr_assert(eq(int, trd_accounts_mark(r->a, i, 100), TRD_OK));
        rig_fill(r, i, A, B, 10, 90);
    }
    return r;
}

static void mark(rig *r, uint32_t instrument, trd_px px) {
    cr_assert(eq(int, trd_accounts_mark(r->a, instrument, px), TRD_OK));
    rig_sound(r);
}

static void revalue(rig *r, uint32_t account) {
    cr_assert(eq(int, trd_accounts_revalue(r->a, account), TRD_OK));
    rig_sound(r);
}

static trd_amt equity(const rig *r, uint32_t account) {
    trd_equity e;
    cr_assert(eq(int, trd_accounts_equity(r->a, account, &e), TRD_OK));
    return e.total;
}

/* The sums of an account, brought up to date. */
static const trd_acct_sums *sums(rig *r, uint32_t account) {
    revalue(r, account);
    return &trd__kept(r->a, trd__client(r->a, account)->kept)->sums;
}

static const trd_acct_pool *pool(const rig *r, uint32_t account, uint32_t asset) {
    return trd__pool(r->a, trd__purse_find(r->a, account, asset));
}

#define EXPECT_SUM(sum, value) cr_assert(eq(i64, (int64_t)(sum), (value)))

/* How many positions, and worst cases, `call` values. */
#define EXPECT_VALUED(r, count, call)                                                              \
    do {                                                                                           \
        const uint64_t before_ = (r)->a->valued;                                                   \
        call;                                                                                      \
        cr_assert(eq(u64, (r)->a->valued - before_, (count)));                                     \
    } while (0)

/* --- what is valued when ---------------------------------------------------------------------- */

Test(accounts_value, nothing_is_kept_of_who_is_not_asked_about) {
    rig *r = held_world(3);
    const trd_hold hold = rig_hold(1, B, 0, TRD_BUY, TRD_HOLD_MARGIN, 5, 100);
    revalue(r, A);
    EXPECT_VALUED(r, 0, OK(r, hold, &hold));
    rig_fill(r, 1, C, B, 1, 100);
    cr_assert(eq(u32, r->a->kept, 1)); /* A */
    cr_assert(eq(u32, trd__client(r->a, B)->kept, 0));
    cr_assert(eq(u32, trd__entry(r->a, trd__entry_find(r->a, B, 0, 0))->valued, 0));
    cr_assert(eq(i64, equity(r, B), MONEY - 3 * 100));
    revalue(r, D); /* without positions there is nothing to keep */
    cr_assert(eq(u32, trd__client(r->a, D)->kept, 0));
    rig_free(r);
}

Test(accounts_value, who_is_asked_again_is_not_valued_while_nothing_moves) {
    rig *r = held_world(3);
    EXPECT_VALUED(r, 3 + 3, revalue(r, A));
    EXPECT_VALUED(r, 0, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 3 * 100));
    rig_deposit(r, A, USD, 500);
    EXPECT_VALUED(r, 0, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 500 + 3 * 100));
    rig_free(r);
}

Test(accounts_value, a_mark_costs_the_positions_in_its_instrument) {
    rig *r = held_world(3);
    cr_assert(rig_instrument(r, LINEAR) == 3); /* nobody holds it */
    revalue(r, A);
    mark(r, 1, 107);
    mark(r, 3, 50);
    EXPECT_VALUED(r, 1 + 1, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 100 + 170 + 100));
    mark(r, 0, 80);
    mark(r, 1, 100);
    mark(r, 2, 93);
    mark(r, 3, 51); /* more moves than positions: all are looked at */
    EXPECT_VALUED(r, 3 + 3, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY - 100 + 100 + 30));
    rig_free(r);
}

Test(accounts_value, a_mark_that_moves_there_and_back_costs_nothing) {
    rig *r = held_world(4);
    revalue(r, A);
    mark(r, 2, 300);
    mark(r, 2, 100);
    EXPECT_VALUED(r, 0, revalue(r, A));
    mark(r, 0, 300);
    mark(r, 0, 100);
    mark(r, 1, 300);
    mark(r, 1, 100);
    mark(r, 2, 300);
    mark(r, 2, 100);
    EXPECT_VALUED(r, 0, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 4 * 100));
    rig_free(r);
}

Test(accounts_value, a_mark_that_is_set_again_has_not_moved) {
    rig *r = held_world(1);
    revalue(r, A);
    const uint64_t marks = r->a->marks;
    mark(r, 0, 100);
    cr_assert(eq(u64, r->a->marks, marks));
    mark(r, 0, 101);
    cr_assert(eq(u64, r->a->marks, marks + 1));
    rig_free(r);
}

/* The ring has forgotten the move of the instrument that is held. */
Test(accounts_value, a_move_long_ago_is_found) {
    rig *r = held_world(1);
    cr_assert(rig_instrument(r, LINEAR) == 1);
    revalue(r, A);
    cr_assert(eq(int, trd_accounts_mark(r->a, 0, 120), TRD_OK));
    for (int i = 0; i < 2 * TRD_ACCT_MOVES; i++) {
        cr_assert(eq(int, trd_accounts_mark(r->a, 1, 100 + i), TRD_OK));
    }
    EXPECT_VALUED(r, 1 + 1, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 300));
    rig_free(r);
}

/* The first mark of the ring is in the place of the last one before it. */
Test(accounts_value, moves_are_followed_round_the_ring) {
    rig *r = held_world(2);
    for (trd_px i = 1; i <= 3 * TRD_ACCT_MOVES; i++) {
        cr_assert(eq(int, trd_accounts_mark(r->a, (uint32_t)(i % 2), 100 + i), TRD_OK));
        if (i % 2 == 0 || i % 7 == 0) {
            cr_assert(eq(int, trd_accounts_revalue(r->a, A), TRD_OK));
        }
        if (i % 64 == 0) {
            rig_sound(r);
            cr_assert(eq(i64, equity(r, A), MONEY + 10 * (10 + i) + 10 * (10 + i - 1)));
        }
    }
    rig_free(r);
}

/* More positions than the ring has places: then moves are more than the ring remembers, and fewer
 * than the positions. */
Test(accounts_value, more_moves_than_the_ring_has_places_are_found_whoever_has_more_positions) {
    enum { MANY = 2 * TRD_ACCT_MOVES };
    trd_accounts_def def = rig_def();
    def.instruments_max = MANY;
    def.positions_max = 2 * MANY;
    rig *r = rig_bare_of(&def);
    rig_deposit(r, A, USD, MONEY);
    for (uint32_t i = 0; i < MANY; i++) {
        const trd_execution x = rig_execution(i, rig_leg(A), rig_leg(B), 1, 90);
        r->out.count = 0;
        cr_assert(rig_instrument(r, LINEAR) == i);
        cr_assert(eq(int, trd_accounts_mark(r->a, i, 90), TRD_OK));
        cr_assert(eq(int, trd_accounts_execute(r->a, &x, &r->out), TRD_OK));
    }
    revalue(r, A);
    for (uint32_t i = 0; i < TRD_ACCT_MOVES + 1; i++) {
        cr_assert(eq(int, trd_accounts_mark(r->a, i, 92), TRD_OK));
    }
    EXPECT_VALUED(r, 2 * (TRD_ACCT_MOVES + 1), revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 2 * (TRD_ACCT_MOVES + 1)));
    rig_free(r);
}

/* --- positions -------------------------------------------------------------------------------- */

Test(accounts_value, a_position_that_changes_is_valued_alone) {
    rig *r = held_world(3);
    revalue(r, A);
    rig_fill(r, 1, B, A, 4, 110); /* realises 4 x 20 */
    EXPECT_VALUED(r, 1 + 1, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 80 + 100 + 60 + 100));
    rig_fill(r, 1, B, A, 6, 80);   /* flat: loses 60 */
    rig_fill(r, 2, B, A, 30, 100); /* turns: realises 100, short 20 */
    EXPECT_VALUED(r, 2 + 2, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 80 - 60 + 100 + 100));
    mark(r, 1, 5000); /* a flat position is worth nothing anywhere */
    EXPECT_VALUED(r, 0, revalue(r, A));
    rig_fill(r, 1, A, B, 1, 4000);
    EXPECT_VALUED(r, 1 + 1, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 80 - 60 + 100 + 100 + 1000));
    rig_free(r);
}

Test(accounts_value, a_new_position_joins) {
    rig *r = held_world(1);
    revalue(r, A);
    const uint32_t other = rig_instrument(r, LINEAR);
    mark(r, other, 50);
    rig_fill(r, other, B, A, 2, 60); /* short 2 at 60 */
    EXPECT_VALUED(r, 1 + 1, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 100 + 20));
    EXPECT_SUM(sums(r, A)->worst, 1000 + 100);
    rig_free(r);
}

Test(accounts_value, both_sides_of_a_hedged_account_follow_the_mark) {
    rig *r = rig_bare();
    rig_deposit(r, HEDGED, USD, MONEY);
    rig_deposit(r, B, USD, MONEY);
    const uint32_t future = rig_instrument(r, LINEAR);
    mark(r, future, 100);
    trd_leg leg = rig_leg(HEDGED);
    leg.position = TRD_POSITION_LONG;
    trd_execution x = rig_execution(future, leg, rig_leg(B), 10, 90);
    OK(r, execute, &x);
    leg.position = TRD_POSITION_SHORT;
    x = rig_execution(future, rig_leg(B), leg, 4, 110);
    OK(r, execute, &x);
    revalue(r, HEDGED);
    cr_assert(eq(i64, equity(r, HEDGED), MONEY + 100 + 40));
    mark(r, future, 120);
    EXPECT_VALUED(r, 2 + 2, revalue(r, HEDGED));
    cr_assert(eq(i64, equity(r, HEDGED), MONEY + 300 - 40));
    EXPECT_SUM(sums(r, HEDGED)->worst, 1200 + 480);
    rig_free(r);
}

Test(accounts_value, a_mode_or_a_side_that_changes_leaves_what_is_kept) {
    rig *r = held_world(2);
    revalue(r, A);
    trd_account terms = rig_account();
    terms.mode = TRD_MODE_ISOLATED;
    cr_assert(eq(int, trd_accounts_open(r->a, A, &terms), TRD_OK));
    EXPECT_VALUED(r, 0, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 200));
    rig_fill(r, 0, B, A, 10, 100);
    rig_fill(r, 1, B, A, 10, 100);
    revalue(r, A);
    terms.hedge = 1;
    cr_assert(eq(int, trd_accounts_open(r->a, A, &terms), TRD_OK));
    mark(r, 0, 130);
    trd_leg leg = rig_leg(A);
    leg.position = TRD_POSITION_LONG;
    const trd_execution x = rig_execution(0, leg, rig_leg(B), 1, 100);
    OK(r, execute, &x);
    revalue(r, A);
    cr_assert(eq(i64, equity(r, A), MONEY + 200 + 30));
    mark(r, 0, 140);
    revalue(r, A);
    cr_assert(eq(i64, equity(r, A), MONEY + 200 + 40));
    rig_free(r);
}

/* --- orders ----------------------------------------------------------------------------------- */

Test(accounts_value, open_lots_count_in_the_worst_case_alone) {
    rig *r = held_world(2);
    EXPECT_SUM(sums(r, A)->worst, 2 * 1000);
    const trd_hold buys = rig_hold(1, A, 0, TRD_BUY, TRD_HOLD_MARGIN, 5, 100);
    OK(r, hold, &buys);
    EXPECT_VALUED(r, 1, revalue(r, A));
    EXPECT_SUM(sums(r, A)->worst, 1500 + 1000); /* 10 + 5 */
    const trd_hold sells = rig_hold(2, A, 0, TRD_SELL, TRD_HOLD_MARGIN, 30, 100);
    OK(r, hold, &sells);
    EXPECT_SUM(sums(r, A)->worst, 2000 + 1000); /* 10 - 30 */
    OK(r, amend, 2, 100, 20);
    EXPECT_SUM(sums(r, A)->worst, 1500 + 1000); /* 10 - 20 is smaller than 10 + 5 */
    OK(r, release, 1, 5);
    OK(r, release, 2, 20);
    EXPECT_SUM(sums(r, A)->worst, 2 * 1000);
    EXPECT_SUM(sums(r, A)->equity, 2 * 100);
    rig_free(r);
}

/* Valued at 100 and flat; the order comes at 110, and the mark returns to 100. */
Test(accounts_value, an_order_at_another_mark_than_its_position_was_valued_at_follows_it_back) {
    rig *r = held_world(1);
    revalue(r, A);
    rig_fill(r, 0, B, A, 10, 100);
    revalue(r, A);
    mark(r, 0, 110);
    revalue(r, A);
    const trd_hold buys = rig_hold(1, A, 0, TRD_BUY, TRD_HOLD_MARGIN, 5, 100);
    OK(r, hold, &buys);
    EXPECT_SUM(sums(r, A)->worst, 550);
    mark(r, 0, 100);
    EXPECT_SUM(sums(r, A)->worst, 500);
    rig_free(r);
}

/* Who asks for equity only does not pay for orders. */
Test(accounts_value, worst_cases_are_kept_when_somebody_wants_them) {
    rig *r = held_world(2);
    EXPECT_VALUED(r, 2, trd__keep(r->a, A, false));
    rig_sound(r);
    const trd_hold buys = rig_hold(1, A, 0, TRD_BUY, TRD_HOLD_MARGIN, 5, 100);
    OK(r, hold, &buys);
    EXPECT_VALUED(r, 0, trd__keep(r->a, A, false));
    cr_assert(trd__kept_now(r->a, trd__client(r->a, A), false) != NULL);
    cr_assert(trd__kept_now(r->a, trd__client(r->a, A), true) == NULL);
    EXPECT_VALUED(r, 2, trd__keep(r->a, A, true));
    EXPECT_SUM(sums(r, A)->worst, 1500 + 1000);
    rig_free(r);
}

/* --- rates and marks that are not known ------------------------------------------------------- */

/* A has 10 lots that settle in USD and 10 that settle in JPY, bought at 90 each, marks 100. */
static rig *two_assets(void) {
    rig *r = held_world(1);
    trd_instrument spec = rig_spec(LINEAR);
    spec.quote_asset = JPY;
    spec.settle_asset = JPY;
    const trd_terms terms = rig_terms();
    cr_assert(rig_add(r, &spec, &terms) == 1);
    mark(r, 1, 100);
    rig_fill(r, 1, A, B, 10, 90);
    return r;
}

Test(accounts_value, a_rate_costs_the_positions_that_settle_in_its_asset) {
    rig *r = two_assets();
    trd_equity e;
    revalue(r, A);
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &e), TRD_E_UNKNOWN));
    EXPECT_SUM(sums(r, A)->no_equity, 1);
    EXPECT_SUM(sums(r, A)->no_worst, 1);
    cr_assert(eq(int, trd_accounts_rate(r->a, JPY, 2, 3), TRD_OK));
    rig_sound(r);
    EXPECT_VALUED(r, 1 + 1, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 100 + 66)); /* floor(100 x 2 / 3) */
    EXPECT_SUM(sums(r, A)->worst, 1000 + 667);          /* ceil(1000 x 2 / 3) */
    EXPECT_SUM(pool(r, A, JPY)->profit, 100);
    cr_assert(eq(int, trd_accounts_rate(r->a, JPY, 2, 3), TRD_OK));
    EXPECT_VALUED(r, 0, revalue(r, A));
    cr_assert(eq(int, trd_accounts_rate(r->a, JPY, 3, 1), TRD_OK));
    cr_assert(eq(int, trd_accounts_rate(r->a, BTC, 3, 1), TRD_OK));
    EXPECT_VALUED(r, 1 + 1, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 100 + 300));
    rig_free(r);
}

Test(accounts_value, what_has_no_mark_is_not_known_until_it_has) {
    rig *r = held_world(1);
    trd_equity e;
    const uint32_t other = rig_instrument(r, LINEAR);
    rig_fill(r, other, A, B, 5, 40);
    revalue(r, A);
    EXPECT_SUM(sums(r, A)->no_unrealised, 1);
    EXPECT_SUM(sums(r, A)->no_worst, 1);
    EXPECT_SUM(pool(r, A, USD)->no_mark, 1);
    EXPECT_SUM(pool(r, A, USD)->profit, 100);
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &e), TRD_E_UNKNOWN));
    mark(r, other, 0); /* a mark of 0 is one */
    EXPECT_VALUED(r, 1 + 1, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 100 - 200));
    EXPECT_SUM(pool(r, A, USD)->no_mark, 0);
    rig_free(r);
}

/* --- kinds ------------------------------------------------------------------------------------ */

/* An option is worth its value, its profit is that less what was paid. */
Test(accounts_value, an_option_counts_by_its_value_and_its_profit) {
    rig *r = rig_bare();
    rig_deposit(r, A, USD, MONEY);
    rig_deposit(r, B, USD, MONEY);
    const uint32_t call = rig_instrument(r, OPTION);
    rig_fill(r, call, A, B, 10, 7);
    mark(r, call, 12);
    revalue(r, A);
    revalue(r, B);
    trd_equity e;
    cr_assert(eq(int, trd_accounts_equity(r->a, A, &e), TRD_OK));
    cr_assert(eq(i64, e.options, 120));
    cr_assert(eq(i64, e.unrealised, 0));
    cr_assert(eq(i64, e.total, MONEY - 70 + 120));
    EXPECT_SUM(sums(r, A)->unrealised, 50);
    EXPECT_SUM(pool(r, A, USD)->profit, 50);
    EXPECT_SUM(pool(r, A, USD)->worth, 120);
    EXPECT_SUM(pool(r, B, USD)->worth, -120);
    cr_assert(eq(i64, equity(r, B), MONEY + 70 - 120));
    rig_free(r);
}

Test(accounts_value, spot_has_a_profit_and_is_worth_its_balances) {
    rig *r = rig_bare();
    rig_deposit(r, A, USD, MONEY);
    rig_deposit(r, B, BTC, MONEY);
    cr_assert(eq(int, trd_accounts_rate(r->a, BTC, 120, 1), TRD_OK));
    const uint32_t spot = rig_instrument(r, SPOT);
    rig_fill(r, spot, A, B, 10, 100);
    mark(r, spot, 120);
    EXPECT_SUM(sums(r, A)->unrealised, 200);
    EXPECT_SUM(sums(r, A)->equity, 0);
    EXPECT_SUM(sums(r, A)->worst, 1200);
    EXPECT_SUM(pool(r, A, USD)->profit, 0);
    cr_assert(eq(i64, equity(r, A), MONEY - 1000 + 1200));
    const trd_split split = {.instrument = spot, .numerator = 2, .denominator = 1, .px = 120};
    OK(r, split, &split);
    EXPECT_VALUED(r, 1 + 1, revalue(r, A));
    EXPECT_SUM(sums(r, A)->unrealised, 20 * 120 - 1000);
    EXPECT_SUM(sums(r, A)->worst, 2400);
    rig_free(r);
}

Test(accounts_value, what_has_expired_counts_no_more) {
    rig *r = held_world(2);
    revalue(r, A);
    OK(r, expire, 0, 104);
    EXPECT_VALUED(r, 1 + 1, revalue(r, A));
    cr_assert(eq(i64, equity(r, A), MONEY + 140 + 100));
    EXPECT_SUM(sums(r, A)->equity, 100);
    EXPECT_SUM(sums(r, A)->worst, 1000);
    rig_free(r);
}

Test(accounts_value, collateral_is_kept_by_balance) {
    rig *r = held_world(2);
    OK(r, collateral, A, 0, TRD_POSITION_NET, 70);
    revalue(r, A);
    EXPECT_SUM(pool(r, A, USD)->collateral, 70);
    OK(r, collateral, A, 1, TRD_POSITION_NET, 30);
    OK(r, collateral, A, 0, TRD_POSITION_NET, -20);
    EXPECT_SUM(pool(r, A, USD)->collateral, 80);
    rig_fill(r, 0, B, A, 5, 100); /* half of 50 comes back */
    EXPECT_SUM(pool(r, A, USD)->collateral, 55);
    rig_free(r);
}

/* --- who may write ---------------------------------------------------------------------------- */

Test(accounts_value, a_question_writes_nothing) {
    rig *r = held_world(2);
    char *kept = (char *)malloc(r->size);
    trd_acct_sums own;
    trd_acct_pool of_usd;
    const uint32_t usd = trd__purse_find(r->a, A, USD);
    for (int i = 0; i < 3; i++) {
        memcpy(kept, r->a, r->size);
        cr_assert(eq(i64, equity(r, A), MONEY + 200 + 10 * i));
        EXPECT_SUM(trd__account_sums(r->a, NULL, A, true, &own)->worst, 2000 + 10 * i);
        EXPECT_SUM(trd__balance_sums(r->a, NULL, usd, &of_usd)->profit, 200 + 10 * i);
        cr_assert(memcmp(kept, r->a, r->size) == 0);
        if (i == 0) {
            revalue(r, A);
        }
        mark(r, 0, 101 + i);
    }
    free(kept);
    rig_free(r);
}

Test(accounts_value, revalue_says_why_it_does_nothing) {
    rig *r = held_world(1);
    cr_assert(eq(int, trd_accounts_revalue(r->a, 7), TRD_E_UNKNOWN)); /* not open */
    cr_assert(eq(int, trd_accounts_revalue(r->a, 8), TRD_E_UNKNOWN)); /* there is none */
    const trd_funding funding = {.instrument = 0, .rate_ppb = 1000, .mark = 100, .due = 1};
    r->out.capacity = TRD_ACCOUNTS_OUT_MIN;
    cr_assert(eq(int, trd_accounts_funding(r->a, &funding, &r->out), TRD_E_FULL));
    r->out.count = 0;
    cr_assert(eq(int, trd_accounts_funding(r->a, &funding, &r->out), TRD_MORE));
    cr_assert(eq(int, trd_accounts_revalue(r->a, A), TRD_E_BUSY));
    r->out.capacity = RIG_SLOTS;
    cr_assert(eq(int, trd_accounts_continue(r->a, &r->out), TRD_OK));
    revalue(r, A);
    rig_free(r);
}

Test(accounts_value, a_reset_keeps_nothing) {
    rig *r = held_world(2);
    revalue(r, A);
    trd_accounts_reset(r->a);
    rig_sound(r);
    cr_assert(eq(u32, r->a->kept, 0));
    const trd_account terms = rig_account();
    cr_assert(eq(int, trd_accounts_open(r->a, A, &terms), TRD_OK));
    cr_assert(eq(int, trd_accounts_open(r->a, B, &terms), TRD_OK));
    rig_deposit(r, A, USD, 50);
    mark(r, 1, 10);
    rig_fill(r, 1, A, B, 1, 7);
    revalue(r, A);
    cr_assert(eq(i64, equity(r, A), 53));
    rig_free(r);
}

/* --- damage ----------------------------------------------------------------------------------- */

/* Each of these is a number that no positions lead to. */
Test(accounts_value, an_audit_finds_every_number_that_is_wrong) {
    rig *r = held_world(2);
    revalue(r, A);
    const uint32_t first = trd__client(r->a, A)->entries.first;
    trd_acct_kept *kept = trd__kept(r->a, 1);
    trd_acct_value *value = trd__value(r->a, first);
    trd_acct_pool *usd = trd__pool(r->a, trd__purse_find(r->a, A, USD));
    const struct {
        void *at;
        size_t size;
    } rows[] = {
#define ROW(field) {&(field), sizeof(field)}
        ROW(kept->sums.unrealised),
        ROW(kept->sums.equity),
        ROW(kept->sums.options),
        ROW(kept->sums.worst),
        ROW(kept->sums.no_unrealised),
        ROW(kept->sums.no_equity),
        ROW(kept->sums.no_worst),
        ROW(kept->positions),
        ROW(kept->listed),
        ROW(kept->marks),
        ROW(kept->rates),
        ROW(kept->account),
        ROW(kept->has_worst),
        ROW(value->profit),
        ROW(value->worth),
        ROW(value->unrealised),
        ROW(value->equity),
        ROW(value->worst),
        ROW(value->px),
        ROW(value->missing),
        ROW(usd->profit),
        ROW(usd->worth),
        ROW(usd->collateral),
        ROW(usd->no_mark),
        ROW(trd__entry(r->a, first)->valued),
        ROW(trd__client(r->a, A)->kept),
#undef ROW
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ((uint8_t *)rows[i].at)[0] ^= 1;
        cr_assert(trd_accounts_audit(r->a) != TRD_OK, "row %u", i);
        ((uint8_t *)rows[i].at)[0] ^= 1;
        rig_sound(r);
    }
    trd__listed(r->a, 0)->mark++; /* a mark that moved without a word */
    cr_assert(trd_accounts_audit(r->a) != TRD_OK);
    rig_free(r);
}

/* The sum has what the position says, which is not what it is worth. */
Test(accounts_value, an_audit_finds_a_value_that_its_sum_agrees_with) {
    rig *r = held_world(2);
    revalue(r, A);
    trd_acct_sums *of_a = &trd__kept(r->a, 1)->sums;
    trd_acct_value *value = trd__value(r->a, trd__client(r->a, A)->entries.first);
    struct {
        trd_amt *part;
        trd_wide *sum;
    } rows[] = {
        {&value->unrealised, &of_a->unrealised},
        {&value->equity, &of_a->equity},
        {&value->worst, &of_a->worst},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        *rows[i].part += 1;
        *rows[i].sum += 1;
        cr_assert(trd_accounts_audit(r->a) != TRD_OK, "row %u", i);
        *rows[i].part -= 1;
        *rows[i].sum -= 1;
        rig_sound(r);
    }
    rig_free(r);
}

/* B, of which more is kept behind it, is sound. */
Test(accounts_value, an_audit_looks_at_all_of_whom_something_is_kept) {
    rig *r = held_world(2);
    revalue(r, A);
    revalue(r, B);
    cr_assert(eq(u32, r->a->kept, 2));
    for (uint32_t i = 1; i <= 2; i++) {
        trd__kept(r->a, i)->sums.worst++;
        cr_assert(trd_accounts_audit(r->a) != TRD_OK, "%u", i);
        trd__kept(r->a, i)->sums.worst--;
        rig_sound(r);
    }
    rig_free(r);
}
