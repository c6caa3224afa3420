/* test_engine_value.c - an order of an account whose positions are looked at values what has moved
 * since the last one, and nothing else. Every command is followed by an audit. */
#include "engine_rig.h"

#include "acct/state.h"

static void limit(rig *r, uint8_t kind, int64_t value, uint64_t burst) {
    const trd_command c = {.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = ALICE,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = kind,
            .scope = TRD_LIMIT_ACCOUNT,
            .value = value,
            .burst = burst}};
    cr_assert(eq(int, send(r, c), TRD_OK));
}

/* Alice is long 10 futures, bought at 100 from Bob, who has no such limits. */
static rig *long_alice(uint8_t mode) {
    rig *r = malloc(sizeof(*r));
    rig_init(r);
    open_account(r, ALICE, mode);
    deposit(r, ALICE, USD, 10000);
    deposit(r, BOB, USD, 10000);
    set_mark(r, 100);
    good(r, order(r, BOB, FUTURE, TRD_SELL, 10, 100));
    good(r, order(r, ALICE, FUTURE, TRD_BUY, 10, 100));
    return r;
}

static void gone(rig *r) {
    rig_fini(r);
    free(r);
}

static uint64_t valued_by(rig *r, trd_command command) {
    const uint64_t before = trd_engine_accounts(r->engine)->valued;
    good(r, command);
    return trd_engine_accounts(r->engine)->valued - before;
}

Test(engine_value, an_order_without_a_moved_mark_values_nothing) {
    rig *r = long_alice(TRD_MODE_CROSS);
    (void)valued_by(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 90));
    cr_assert(eq(u64, valued_by(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 91)), 0));
    set_mark(r, 100); /* the same */
    cr_assert(eq(u64, valued_by(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 92)), 0));
    set_mark(r, 101);
    cr_assert(eq(u64, valued_by(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 93)), 1));
    cr_assert(eq(u64, valued_by(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 94)), 0));
    good(r, order(r, BOB, FUTURE, TRD_SELL, 1, 94)); /* her position grows */
    cr_assert(eq(u64, valued_by(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 80)), 1));
    gone(r);
}

/* The worst case of the position in which an order is open is made anew, and no other. */
Test(engine_value, an_open_order_costs_one_worst_case) {
    rig *r = long_alice(TRD_MODE_FLAT);
    limit(r, TRD_LIMIT_LEVERAGE, 100000, 0);
    limit(r, TRD_LIMIT_DAILY_LOSS, 100000, 1);
    (void)valued_by(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 90));
    cr_assert(eq(u64, valued_by(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 91)), 1));
    trd_command spot = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = SPOT,
        .u.price = {.px = 90, .source = TRD_SOURCE_MARK}};
    cr_assert(eq(int, send(r, spot), TRD_OK));
    cr_assert(eq(u64, valued_by(r, order(r, ALICE, SPOT, TRD_BUY, 1, 91)), 1));
    gone(r);
}

Test(engine_value, who_has_no_such_limit_is_not_valued) {
    rig *r = long_alice(TRD_MODE_FLAT);
    limit(r, TRD_LIMIT_DAILY_LOSS, 100000, 0); /* without what is unrealised */
    cr_assert(eq(u64, valued_by(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 91)), 0));
    cr_assert(eq(u64, trd_engine_accounts(r->engine)->valued, 0));
    cr_assert(eq(u32, trd_engine_accounts(r->engine)->kept, 0));
    gone(r);
}

/* Alice has 10,000 less a fee of 1: an equity of 9999 - 40 at a mark of 96, and 1.00 x 99.59 lets
 * her have 103 lots at 96: 103 x 96 = 9888, 104 x 96 = 9984. */
Test(engine_value, leverage_counts_the_order_in_what_is_kept) {
    rig *r = long_alice(TRD_MODE_CROSS);
    limit(r, TRD_LIMIT_LEVERAGE, 100, 0);
    set_mark(r, 96);
    good(r, order(r, ALICE, FUTURE, TRD_BUY, 90, 95));
    good(r, order(r, ALICE, FUTURE, TRD_BUY, 2, 94));
    refused(r, order(r, ALICE, FUTURE, TRD_BUY, 2, 93), TRD_REJECT_LEVERAGE);
    good(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 93)); /* 103 */
    refused(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 92), TRD_REJECT_LEVERAGE);
    set_mark(r, 95); /* 9999 - 50 = 9949: 104 x 95 = 9880 */
    good(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 92));
    refused(r, order(r, ALICE, FUTURE, TRD_BUY, 1, 91), TRD_REJECT_LEVERAGE); /* 9975 */
    gone(r);
}
