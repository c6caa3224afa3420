/* test_engine_portfolio.c - accounts of mode PORTFOLIO in the engine: followed, never short of what
 * their positions need. The group and its numbers are those of docs/reference/margin.md,
 * "Scenarios"; nothing has fees, and a tick x lot is one minor unit. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/engine.h>

enum { ROOM = 512, USD = 0, NEAR = 0, FAR = 1, ALICE = 1, BOB = 2, CAROL = 3, GROUP = 0 };

static const trd_scenario_group TERMS = {.initial_ppm = 1100000,
    .spread_count = 1,
    .spreads = {{.month_a = 0, .month_b = 1, .charge = 20}}};

static const trd_scenario_array FUTURE = {
    .loss = {0, 0, -30, -30, 30, 30, -60, -60, 60, 60, -90, -90, 90, 90, -95, 95},
    .delta = 1000000};

typedef struct rig {
    trd_engine *engine;
    trd_event events[ROOM];
    trd_out out;
    uint64_t id;
} rig;

/* The reason of the refusal, 0 if there is none. */
static unsigned send(rig *r, trd_command command) {
    command.slots = 1;
    r->out.count = 0;
    cr_assert(eq(int, trd_engine_step(r->engine, &command, &r->out), TRD_OK));
    cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
    for (uint32_t i = 0; i < r->out.count; i += r->events[i].slots) {
        const unsigned kind = r->events[i].kind;
        if (kind == TRD_EVENT_REJECTED || kind == TRD_EVENT_COMMAND_REJECTED) {
            return r->events[i].reason;
        }
    }
    return 0;
}

static unsigned set_account(rig *r, uint32_t account, unsigned mode, unsigned role) {
    return send(r, (trd_command){.kind = TRD_COMMAND_ACCOUNT,
                       .account = account,
                       .u.account = {.action = TRD_ACCOUNT_SET,
                           .role = (uint8_t)role,
                           .margin = (uint8_t)mode,
                           .enabled = 1}});
}

static unsigned set_mode(rig *r, uint32_t account, unsigned mode) {
    return set_account(r, account, mode, TRD_ROLE_TRADER);
}

static unsigned transfer(rig *r, unsigned action, uint32_t account, uint32_t to, trd_amt amount) {
    return send(r, (trd_command){.kind = TRD_COMMAND_TRANSFER,
                       .account = account,
                       .u.transfer = {.action = (uint8_t)action, .to = to, .amount = amount}});
}

static trd_command order_of(
    rig *r, uint32_t account, uint32_t instrument, unsigned side, trd_qty qty, trd_px px) {
    return (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = account,
        .instrument = instrument,
        .u.order = {.client_id = ++r->id,
            .px = px,
            .qty = qty,
            .side = (uint8_t)side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
}

static unsigned order(rig *r, uint32_t account, uint32_t instrument, unsigned side, trd_qty qty) {
    return send(r, order_of(r, account, instrument, side, qty, 100));
}

static void mark(rig *r, uint32_t instrument, trd_px px) {
    const trd_command c = {.kind = TRD_COMMAND_PRICE,
        .instrument = instrument,
        .u.price = {.px = px, .source = TRD_SOURCE_MARK}};
    cr_assert(eq(u32, send(r, c), 0));
}

static void list(rig *r, const char *symbol, uint32_t month) {
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_margin_rates rates = {.initial_ppm = 100000};
    trd_instrument spec = trd_instrument_default();
    trd_scenario_array array = FUTURE;
    trd_margin_model model;
    strcpy(spec.symbol, symbol);
    spec.kind = TRD_INSTRUMENT_LINEAR;
    spec.px_max = 1000;
    spec.qty_max = 1000;
    array.month = month;
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms, .model = &model};
    const int number = trd_engine_list(r->engine, &listing);
    cr_assert(number >= 0);
    cr_assert(eq(int, trd_engine_array(r->engine, (uint32_t)number, GROUP, &array), TRD_OK));
}

/* ALICE has a portfolio, BOB has not; 10,000 each. */
static void rig_init(rig *r, uint32_t portfolios_max) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max = 2;
    match.orders_max = accounts.orders_max = risk.orders_max = 64;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = 8;
    match.ids_max = 64;
    match.specials_max = 16;
    match.groups_max = 4;
    accounts.assets_max = 1;
    accounts.balances_max = 16;
    accounts.positions_max = 16;
    accounts.publish = TRD_PUBLISH_MONEY_ALL;
    risk.portfolios_max = portfolios_max;
    const trd_engine_def def = {
        .struct_size = sizeof(def), .match = &match, .accounts = &accounts, .risk = &risk};
    *r = (rig){.engine = trd_engine_create(&def)};
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    cr_assert(ne(ptr, r->engine, NULL));
    const trd_asset usd = {.struct_size = sizeof(usd), .symbol = "USD"};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_engine_asset(r->engine, &usd), USD));
    cr_assert(eq(int, trd_engine_fees(r->engine, &fees), 0));
    cr_assert(eq(int, trd_engine_group(r->engine, USD, &TERMS), GROUP));
    list(r, "NEAR", 0);
    list(r, "FAR", 1);
    mark(r, NEAR, 100);
    mark(r, FAR, 100);
    cr_assert(eq(u32, set_mode(r, ALICE, TRD_MODE_PORTFOLIO), 0));
    cr_assert(eq(u32, set_mode(r, BOB, TRD_MODE_FLAT), 0));
    cr_assert(eq(u32, transfer(r, TRD_TRANSFER_DEPOSIT, ALICE, 0, 10000), 0));
    cr_assert(eq(u32, transfer(r, TRD_TRANSFER_DEPOSIT, BOB, 0, 10000), 0));
}

static void rig_fini(rig *r) {
    cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
    trd_engine_destroy(r->engine);
}

/* ALICE buys from BOB, or sells to him. */
static void execute(rig *r, uint32_t instrument, unsigned side, trd_qty qty) {
    const unsigned other = side == TRD_BUY ? TRD_SELL : TRD_BUY;
    cr_assert(eq(u32, order(r, BOB, instrument, other, qty), 0));
    cr_assert(eq(u32, order(r, ALICE, instrument, side, qty), 0));
}

static trd_portfolio state_of(const rig *r, uint32_t account) {
    trd_portfolio state;
    cr_assert(eq(int,
        trd_risk_portfolio(
            trd_engine_risk(r->engine), trd_engine_accounts(r->engine), account, USD, &state),
        TRD_OK));
    return state;
}

static trd_amt free_of(const rig *r, uint32_t account) {
    trd_balance balance;
    cr_assert(eq(
        int, trd_accounts_balance(trd_engine_accounts(r->engine), account, USD, &balance), TRD_OK));
    return balance.free;
}

Test(engine_portfolio, executions_move_what_is_needed_and_lock_nothing) {
    rig r;
    rig_init(&r, 8);
    execute(&r, NEAR, TRD_BUY, 3);
    cr_assert(eq(i64, state_of(&r, ALICE).initial, 314)); /* 285 x 1.1 */
    cr_assert(eq(i64, free_of(&r, ALICE), 10000));
    cr_assert(eq(i64, free_of(&r, BOB), 10000 - 30)); /* 10 % of his */
    execute(&r, FAR, TRD_SELL, 2);
    cr_assert(eq(i64, state_of(&r, ALICE).initial, 149)); /* 95 + 40, x 1.1 */
    execute(&r, NEAR, TRD_SELL, 3);
    cr_assert(eq(i64, state_of(&r, ALICE).initial, 209));
    cr_assert(eq(i64, free_of(&r, ALICE), 10000));
    rig_fini(&r);
}

/* --- linked orders ---------------------------------------------------------------------------- */

/* A limit order at 100 as leg `at` of an OCO of two. */
typedef struct leg {
    trd_command slots[2];
} leg;

static leg leg_of(rig *r, unsigned at, uint32_t instrument, unsigned side, trd_qty qty) {
    leg l = {.slots = {order_of(r, ALICE, instrument, side, qty, 100)}};
    const trd_ext_link link = {.link = 7,
        .kind = TRD_EXT_ORDER_LINK,
        .leg = (uint8_t)at,
        .legs = 2,
        .relation = TRD_RELATION_OCO};
    memcpy(&l.slots[1], &link, sizeof(link));
    l.slots[0].slots = 2;
    l.slots[0].flags = at == 1 ? TRD_COMMAND_STAGED : 0;
    return l;
}

/* How many events it caused. */
static uint32_t send_leg(rig *r, const leg *l) {
    r->out.count = 0;
    cr_assert(eq(int, trd_engine_step(r->engine, l->slots, &r->out), TRD_OK));
    cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
    return r->out.count;
}

/* Of two legs the second is refused with what is there, for want of one minor unit, and both enter
 * with one more. */
static void second_lacks_one(rig *r, const leg legs[2], int64_t need, trd_amt held) {
    trd_verdict verdict;
    cr_assert(eq(u32, send_leg(r, &legs[0]), 0));
    cr_assert(eq(int, trd_engine_ask(r->engine, legs[1].slots, &verdict), TRD_OK));
    cr_assert(eq(u32, verdict.reason, TRD_REJECT_MARGIN));
    cr_assert(eq(i64, verdict.measured, need));
    cr_assert(eq(i64, verdict.limit, need - 1));
    cr_assert(eq(u32, send_leg(r, &legs[1]), 2));
    cr_assert(eq(u8, r->events[0].reason, TRD_REJECT_LINK));
    cr_assert(eq(u8, r->events[1].reason, TRD_REJECT_MARGIN));
    cr_assert(eq(i64, state_of(r, ALICE).held, 0));
    cr_assert(eq(u32, transfer(r, TRD_TRANSFER_DEPOSIT, ALICE, 0, 1), 0));
    cr_assert(eq(u32, send_leg(r, &legs[0]), 0));
    cr_assert(send_leg(r, &legs[1]) >= 2);
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_ACCEPTED));
    cr_assert(eq(i64, state_of(r, ALICE).held, held));
}

/* Long 3 needs 314. A leg needs 105, ceil(95 x 1.1), and leaves the other so much less: both of
 * them 524. What the position would need with both, 5 x 104.5, so 523, would be there. */
Test(engine_portfolio, a_leg_leaves_the_next_one_less) {
    rig r;
    rig_init(&r, 8);
    execute(&r, NEAR, TRD_BUY, 3);
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_WITHDRAW, ALICE, 0, 10000 - 523), 0));
    const leg legs[2] = {leg_of(&r, 1, NEAR, TRD_BUY, 1), leg_of(&r, 2, NEAR, TRD_BUY, 1)};
    second_lacks_one(&r, legs, 105, 210);
    cr_assert(eq(i64, state_of(&r, ALICE).available, 0));
    rig_fini(&r);
}

/* Beside long 3, each leg alone would hedge: short 3 leaves 60 x 1.1 = 66, short 5 leaves 2 short
 * and 60 between the months, 250 x 1.1 = 275, both below 314. Both together, short 8, leave 535 x
 * 1.1 = 588.5, so the second asks for 5 x 105 besides 3 x 105 of the first: 314 + 315 + 525. */
Test(engine_portfolio, two_legs_that_hedge_may_be_too_much_together) {
    rig r;
    rig_init(&r, 8);
    execute(&r, NEAR, TRD_BUY, 3);
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_WITHDRAW, ALICE, 0, 10000 - 1153), 0));
    const leg legs[2] = {leg_of(&r, 1, FAR, TRD_SELL, 3), leg_of(&r, 2, FAR, TRD_SELL, 5)};
    second_lacks_one(&r, legs, 525, 315 + 525);
    rig_fini(&r);
}

/* One that meets itself: nothing has changed. */
Test(engine_portfolio, who_meets_himself_needs_what_he_needed) {
    rig r;
    rig_init(&r, 8);
    execute(&r, NEAR, TRD_BUY, 3);
    cr_assert(eq(u32, order(&r, ALICE, NEAR, TRD_SELL, 5), 0));
    cr_assert(eq(u32, order(&r, ALICE, NEAR, TRD_BUY, 5), 0));
    cr_assert(eq(i64, state_of(&r, ALICE).initial, 314));
    cr_assert(eq(i64, state_of(&r, ALICE).held, 0));
    rig_fini(&r);
}

/* 10,000 less 314, and what falls below that with the mark. */
Test(engine_portfolio, what_positions_need_does_not_leave_the_account) {
    rig r;
    rig_init(&r, 8);
    execute(&r, NEAR, TRD_BUY, 3);
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_WITHDRAW, ALICE, 0, 9687), TRD_REJECT_MARGIN));
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_MOVE, ALICE, BOB, 9687), TRD_REJECT_MARGIN));
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_MOVE, ALICE, ALICE, 9687), TRD_REJECT_MALFORMED));
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_WITHDRAW, ALICE, 0, 10001), TRD_REJECT_BALANCE));
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_WITHDRAW, ALICE, 0, 9000), 0));
    mark(&r, NEAR, 90); /* a loss of 30: 656 are left */
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_MOVE, ALICE, BOB, 657), TRD_REJECT_MARGIN));
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_MOVE, ALICE, BOB, 656), 0));
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_WITHDRAW, ALICE, 0, 1), TRD_REJECT_MARGIN));
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_WITHDRAW, ALICE, 0, 0), TRD_REJECT_MALFORMED));
    cr_assert(eq(u32, order(&r, ALICE, NEAR, TRD_BUY, 1), TRD_REJECT_MARGIN));
    cr_assert(eq(u32, order(&r, ALICE, NEAR, TRD_SELL, 3), 0)); /* reduces */
    rig_fini(&r);
}

Test(engine_portfolio, who_gets_the_mode_is_counted_and_who_loses_it_is_not) {
    rig r;
    rig_init(&r, 1);
    trd_portfolio state;
    execute(&r, NEAR, TRD_BUY, 3);
    cr_assert(eq(u32, set_mode(&r, BOB, TRD_MODE_PORTFOLIO), TRD_REJECT_NO_CAPACITY));
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(trd_engine_accounts(r.engine), BOB, &terms), TRD_OK));
    cr_assert(eq(u8, terms.mode, TRD_MODE_FLAT));
    cr_assert(eq(u32, set_mode(&r, ALICE, TRD_MODE_FLAT), 0));
    cr_assert(eq(int,
        trd_risk_portfolio(
            trd_engine_risk(r.engine), trd_engine_accounts(r.engine), ALICE, USD, &state),
        TRD_E_ARG));
    cr_assert(eq(u32, set_mode(&r, BOB, TRD_MODE_PORTFOLIO), 0));
    cr_assert(eq(i64, state_of(&r, BOB).initial, 314));
    cr_assert(eq(u32, set_mode(&r, BOB, TRD_MODE_PORTFOLIO), 0)); /* once more */
    cr_assert(eq(i64, state_of(&r, BOB).initial, 314));
    rig_fini(&r);
}

/* The audit, which follows every command, would see an account that is followed and has no mode. */
Test(engine_portfolio, an_account_that_is_refused_is_not_followed) {
    rig r;
    rig_init(&r, 8);
    cr_assert(eq(u32, set_account(&r, CAROL, TRD_MODE_PORTFOLIO, 9), TRD_REJECT_MALFORMED));
    cr_assert(eq(u32, set_account(&r, BOB, TRD_MODE_PORTFOLIO, 9), TRD_REJECT_MALFORMED));
    cr_assert(eq(u32, set_account(&r, ALICE, TRD_MODE_FLAT, 9), TRD_REJECT_MALFORMED));
    execute(&r, NEAR, TRD_BUY, 1);
    cr_assert(eq(i64, state_of(&r, ALICE).initial, 105));
    rig_fini(&r);
}

/* 190 x 1.1 are left of what was a spread; the order that waits ends with the instrument. */
Test(engine_portfolio, what_expires_needs_nothing_any_more) {
    rig r;
    rig_init(&r, 8);
    execute(&r, NEAR, TRD_BUY, 3);
    execute(&r, FAR, TRD_SELL, 2);
    cr_assert(eq(u32, send(&r, order_of(&r, ALICE, NEAR, TRD_BUY, 1, 90)), 0));
    cr_assert(eq(i64, state_of(&r, ALICE).initial, 149));
    cr_assert(eq(i64, state_of(&r, ALICE).held, 105)); /* 95 x 1.1 */
    const trd_command expire = {.kind = TRD_COMMAND_BOOKS,
        .instrument = NEAR,
        .u.books = {.action = TRD_BOOKS_EXPIRE, .px = 110}};
    cr_assert(eq(u32, send(&r, expire), 0));
    const trd_portfolio state = state_of(&r, ALICE);
    cr_assert(eq(i64, state.initial, 209));
    cr_assert(eq(i64, state.held, 0));
    cr_assert(eq(i64, state.equity, 10030)); /* 3 x 10 */
    cr_assert(eq(u32, send(&r, expire), 0)); /* of nothing */
    cr_assert(eq(i64, state_of(&r, ALICE).initial, 209));
    rig_fini(&r);
}

/* Whoever had the mode is gone; groups and arrays are there as instruments are. */
Test(engine_portfolio, a_reset_keeps_what_instruments_are_margined_by) {
    rig r;
    rig_init(&r, 1);
    execute(&r, NEAR, TRD_BUY, 3);
    cr_assert(eq(u32, order(&r, ALICE, FAR, TRD_BUY, 1), 0));
    trd_engine_reset(r.engine);
    cr_assert(eq(int, trd_engine_audit(r.engine), TRD_OK));
    mark(&r, NEAR, 100);
    mark(&r, FAR, 100);
    /* BOB is the one for whom there is room now. */
    cr_assert(eq(u32, set_mode(&r, BOB, TRD_MODE_PORTFOLIO), 0));
    cr_assert(eq(u32, set_mode(&r, ALICE, TRD_MODE_FLAT), 0));
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_DEPOSIT, ALICE, 0, 10000), 0));
    cr_assert(eq(u32, transfer(&r, TRD_TRANSFER_DEPOSIT, BOB, 0, 10000), 0));
    execute(&r, NEAR, TRD_SELL, 3);
    cr_assert(eq(i64, state_of(&r, BOB).initial, 314));
    execute(&r, FAR, TRD_BUY, 2);
    cr_assert(eq(i64, state_of(&r, BOB).initial, 149));
    cr_assert(eq(int, trd_engine_group(r.engine, USD, &TERMS), 1)); /* the next number */
    rig_fini(&r);
}

/* Two executions, and room for the events of one: the command is not finished. */
Test(engine_portfolio, set_up_waits_for_the_command) {
    rig r;
    rig_init(&r, 8);
    trd_event events[TRD_ENGINE_OUT_MIN];
    trd_out out = {.events = events, .capacity = TRD_ENGINE_OUT_MIN};
    cr_assert(eq(u32, order(&r, BOB, NEAR, TRD_SELL, 1), 0));
    cr_assert(eq(u32, order(&r, BOB, NEAR, TRD_SELL, 1), 0));
    const trd_command c = order_of(&r, ALICE, NEAR, TRD_BUY, 2, 100);
    const trd_scenario_pair pair = {.group_b = 1, .delta_a = 1, .delta_b = 1};
    cr_assert(eq(int, trd_engine_step(r.engine, &c, &out), TRD_MORE));
    cr_assert(eq(int, trd_engine_group(r.engine, USD, &TERMS), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_array(r.engine, NEAR, GROUP, &FUTURE), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_pair(r.engine, &pair), TRD_E_BUSY));
    int result = TRD_MORE;
    while (result == TRD_MORE) {
        out.count = 0;
        result = trd_engine_step(r.engine, NULL, &out);
    }
    cr_assert(eq(int, result, TRD_OK));
    cr_assert(eq(int, trd_engine_group(r.engine, USD, &TERMS), 1));
    cr_assert(eq(int, trd_engine_pair(r.engine, &pair), TRD_OK));
    cr_assert(eq(i64, state_of(&r, ALICE).initial, 209)); /* 190 x 1.1 */
    rig_fini(&r);
}
