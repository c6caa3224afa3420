/* test_engine.c - orders and money together: what is held, refused, booked and given back. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "engine_rig.h"

Test(engine, an_order_holds_its_price_and_fee_and_a_cancel_gives_all_of_it_back) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 10, 5000));
    has(&r, ALICE, USD, 49950, 50050); /* 10 x 50.00 and 0.1 % of it */
    const trd_command cancel = {
        .kind = TRD_COMMAND_CANCEL, .slots = 1, .account = ALICE, .u.cancel = {.target = r.id}};
    cr_assert(eq(int, send(&r, cancel), TRD_OK));
    has(&r, ALICE, USD, 100000, 0);
    rig_fini(&r);
}

Test(engine, a_better_price_releases_the_rest_at_the_fill) { /* S112 */
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    deposit(&r, BOB, SHARE, 1000);
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 4, 100));
    has(&r, BOB, SHARE, 600, 400);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 10, 101));
    /* 4 at 100: 400 and a fee of 0.4, rounded up to 1. What rests is 6 at 101: 606, and the fee of
     * 1,006 is 1.006, rounded up to 2, of which 1 is paid. */
    has(&r, ALICE, USD, 100000 - 401 - 607, 607);
    has(&r, ALICE, SHARE, 400, 0);
    has(&r, BOB, USD, 399, 0);
    has(&r, BOB, SHARE, 600, 0);
    cr_assert(eq(i64, balance(&r, TRD_ACCOUNT_FEES, USD).free, 2));
    rig_fini(&r);
}

Test(engine, two_orders_that_break_the_balance_together_the_second_is_refused) { /* S133 */
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 10010);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 60, 100));
    refused(&r, order(&r, ALICE, SPOT, TRD_BUY, 60, 100), TRD_REJECT_BALANCE);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 40, 100));
    has(&r, ALICE, USD, 0, 10010);
    rig_fini(&r);
}

Test(engine, what_the_market_refuses_is_said_before_what_the_account_cannot_pay) { /* S131 */
    rig r;
    rig_init(&r);
    refused(&r, order(&r, ALICE, SPOT, TRD_BUY, 10001, 100), TRD_REJECT_QTY_MAX);
    refused(&r, order(&r, ALICE, SPOT, TRD_BUY, 10000, 100), TRD_REJECT_BALANCE);
    refused(&r, order(&r, 5, SPOT, TRD_BUY, 10, 100), TRD_REJECT_UNKNOWN_ACCOUNT);
    rig_fini(&r);
}

Test(engine, a_disabled_instrument_comes_before_a_bad_price) {
    rig r;
    rig_init(&r);
    cr_assert(eq(int, trd_engine_enable(r.engine, SPOT, 0), TRD_OK));
    refused(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100001), TRD_REJECT_DISABLED);
    cr_assert(eq(int, trd_engine_enable(r.engine, SPOT, 1), TRD_OK));
    refused(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100001), TRD_REJECT_PRICE_LIMIT);
    rig_fini(&r);
}

Test(engine, margin_fails_closed_without_a_mark) { /* S124 */
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1000000);
    refused(&r, order(&r, ALICE, FUTURE, TRD_BUY, 10, 1000), TRD_REJECT_MARGIN);
    set_mark(&r, 1000);
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 10, 1000));
    has(&r, ALICE, USD, 1000000 - 1010, 1010); /* 10 % of 10,000 and a fee of 10 */
    rig_fini(&r);
}

Test(engine, a_position_keeps_its_margin_and_closing_realises_the_profit) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 10000);
    deposit(&r, BOB, USD, 10000);
    set_mark(&r, 1000);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 10, 1000));
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 10, 1000));
    has(&r, ALICE, USD, 8990, 1000); /* the fee of 10 is paid */
    has(&r, BOB, USD, 8990, 1000);
    good(&r, order(&r, BOB, FUTURE, TRD_BUY, 10, 1100)); /* only reduces: its fee of 11 is held */
    has(&r, BOB, USD, 8979, 1011);
    good(&r, order(&r, ALICE, FUTURE, TRD_SELL, 10, 1100));
    has(&r, ALICE, USD, 10000 - 10 + 1000 - 11, 0);
    has(&r, BOB, USD, 10000 - 10 - 1000 - 11, 0);
    cr_assert(eq(i64, balance(&r, TRD_ACCOUNT_CLEARING, USD).free, 0));
    rig_fini(&r);
}

/* A sell stop below the market, of an account that cannot pay for it any more. */
Test(engine, a_stop_that_risk_refuses_when_it_is_elected_ends) { /* S83 for stops */
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 10000);
    deposit(&r, BOB, USD, 100000);
    set_mark(&r, 1000);
    trd_command stop[2] = {order(&r, ALICE, FUTURE, TRD_SELL, 10, 900)};
    stop[0].slots = 2;
    stop[0].u.order.type = TRD_TYPE_STOP_LIMIT;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = 950,
        .source = TRD_SOURCE_LAST};
    memcpy(&stop[1], &prices, sizeof(prices));
    r.out.count = 0;
    cr_assert(eq(int, trd_engine_step(r.engine, stop, &r.out), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    has(&r, ALICE, USD, 10000 - 1010, 1010); /* at the mark, which is above its limit */
    const trd_command halt = {.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = ALICE,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = TRD_LIMIT_POSITION,
            .scope = TRD_LIMIT_ACCOUNT,
            .value = 9}};
    cr_assert(eq(int, send(&r, halt), TRD_OK));
    good(&r, order(&r, BOB, FUTURE, TRD_BUY, 1, 950));
    open_account(&r, 3, TRD_MODE_FLAT);
    deposit(&r, 3, USD, 100000);
    good(&r, order(&r, 3, FUTURE, TRD_SELL, 1, 950));
    bool ended = false;
    for (uint32_t i = 0; i < r.out.count; i += r.events[i].slots) {
        ended = ended || (r.events[i].kind == TRD_EVENT_CANCELED && r.events[i].account == ALICE &&
                             r.events[i].reason == TRD_CAUSE_RISK);
    }
    cr_assert(ended);
    has(&r, ALICE, USD, 10000, 0);
    rig_fini(&r);
}

Test(engine, an_amendment_needs_the_difference_only) { /* S134 */
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 10010);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 90, 100));
    trd_command amend = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .account = ALICE,
        .u.replace = {.target = r.id, .px = 100, .qty = 100}};
    cr_assert(eq(int, send(&r, amend), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REPLACED));
    has(&r, ALICE, USD, 0, 10010);
    amend.u.replace.qty = 101;
    cr_assert(eq(int, send(&r, amend), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REPLACE_REJECTED));
    cr_assert(eq(u8, r.events[0].reason, TRD_REJECT_BALANCE));
    has(&r, ALICE, USD, 0, 10010);
    amend.u.replace.qty = 50;
    cr_assert(eq(int, send(&r, amend), TRD_OK));
    has(&r, ALICE, USD, 5005, 5005);
    rig_fini(&r);
}

Test(engine, a_dry_run_says_the_verdict_and_changes_nothing) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 10010);
    trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 100, 100);
    c.flags = TRD_COMMAND_DRY_RUN;
    cr_assert(eq(int, send(&r, c), TRD_OK));
    cr_assert(eq(u32, r.out.count, 1));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    cr_assert(eq(u16, r.events[0].flags, TRD_EVENT_DRY_RUN));
    has(&r, ALICE, USD, 10010, 0);
    c.u.order.qty = 101;
    cr_assert(eq(int, send(&r, c), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REJECTED));
    cr_assert(eq(u8, r.events[0].reason, TRD_REJECT_BALANCE));
    cr_assert(eq(u16, r.events[0].flags, TRD_EVENT_DRY_RUN));
    trd_verdict verdict;
    c.flags = 0;
    cr_assert(eq(int, trd_engine_ask(r.engine, &c, &verdict), TRD_OK));
    cr_assert(eq(u32, verdict.reason, TRD_REJECT_BALANCE));
    cr_assert(eq(i64, verdict.need, 10111)); /* 10,100 and 10.1 */
    cr_assert(eq(i64, verdict.free_before, 10010));
    rig_fini(&r);
}

/* The one before passed: nothing of its verdict is left. */
Test(engine, what_risk_is_not_asked_about_has_an_empty_verdict) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 10010);
    const trd_command passes = order(&r, ALICE, SPOT, TRD_BUY, 10, 1000);
    trd_command moves = passes;
    moves.u.order.stp = TRD_STP_TRANSFER;
    const trd_command unknown = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .account = ALICE,
        .u.replace = {.target = 99, .px = 1000, .qty = 1}};
    const trd_command not_asked[] = {moves, unknown};
    const unsigned reasons[] = {TRD_REJECT_UNSUPPORTED, TRD_REJECT_UNKNOWN_ORDER};
    for (int i = 0; i < 2; i++) {
        trd_verdict verdict;
        cr_assert(eq(int, trd_engine_ask(r.engine, &passes, &verdict), TRD_OK));
        cr_assert(eq(u32, verdict.reason, 0));
        cr_assert(eq(i64, verdict.need, 10010)); /* 10,000 and 10 */
        cr_assert(eq(i64, verdict.hold.qty, 10));
        cr_assert(eq(int, trd_engine_ask(r.engine, &not_asked[i], &verdict), TRD_OK));
        cr_assert(eq(u32, verdict.reason, reasons[i]));
        cr_assert(eq(i64, verdict.need, 0));
        cr_assert(eq(i64, verdict.hold.qty, 0));
        cr_assert(eq(i64, verdict.free_before, 0));
    }
    rig_fini(&r);
}

static int take_out(rig *r, uint32_t account, trd_amt amount) {
    const trd_command c = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = account,
        .u.transfer = {.action = TRD_TRANSFER_WITHDRAW, .asset = USD, .amount = amount}};
    cr_assert(eq(int, send(r, c), TRD_OK));
    return r->events[0].kind == TRD_EVENT_COMMAND_REJECTED ? r->events[0].reason : 0;
}

/* Long 10 at 10.00 with a collateral of 1,000 and 8,990 free; at 9.00 1,000 are lost and 900
 * needed: 9,990 - 1,000 - 900. */
Test(engine, a_loss_cannot_be_left_behind) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 10000);
    deposit(&r, BOB, USD, 10000);
    set_mark(&r, 1000);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 10, 1000));
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 10, 1000));
    set_mark(&r, 900);
    cr_assert(eq(int, take_out(&r, ALICE, 8991), TRD_REJECT_BALANCE));
    cr_assert(eq(int, take_out(&r, ALICE, 8091), TRD_REJECT_MARGIN));
    cr_assert(eq(int, take_out(&r, ALICE, 8090), 0));
    has(&r, ALICE, USD, 900, 1000);
    rig_fini(&r);
}

Test(engine, funding_moves_money_between_the_sides) { /* S114 */
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    deposit(&r, BOB, USD, 100000);
    set_mark(&r, 1000);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 20, 1000));
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 20, 1000));
    const trd_balance before = balance(&r, ALICE, USD);
    const trd_command funding = {.kind = TRD_COMMAND_FUNDING,
        .slots = 1,
        .instrument = FUTURE,
        .u.funding = {.rate = 100000, .mark = 50000, .due = 1}}; /* 0.01 % of 1,000,000 */
    cr_assert(eq(int, send(&r, funding), TRD_OK));
    cr_assert(eq(i64, balance(&r, ALICE, USD).free, before.free - 100));
    cr_assert(eq(int, send(&r, funding), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_COMMAND_REJECTED)); /* once */
    cr_assert(eq(i64, balance(&r, ALICE, USD).free, before.free - 100));
    rig_fini(&r);
}

/* The stream of a sweep through many makers, with an output of this room. */
static uint32_t sweep(uint32_t room, trd_event *out) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1000000);
    deposit(&r, BOB, SHARE, 10000);
    for (trd_px px = 100; px < 120; px++) {
        good(&r, order(&r, BOB, SPOT, TRD_SELL, 1, px));
    }
    const trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 25, 150);
    trd_out small = {.events = r.events, .capacity = room};
    uint32_t count = 0;
    int result = trd_engine_step(r.engine, &c, &small);
    for (;;) {
        memcpy(out + count, r.events, small.count * sizeof(trd_event));
        count += small.count;
        if (result == TRD_OK) {
            break;
        }
        cr_assert(eq(int, result, TRD_MORE));
        cr_assert(eq(int, trd_engine_step(r.engine, &c, &small), TRD_E_BUSY));
        small.count = 0;
        result = trd_engine_step(r.engine, NULL, &small);
    }
    rig_fini(&r);
    return count;
}

Test(engine, the_events_do_not_depend_on_the_room) {
    static trd_event whole[ROOM];
    static trd_event parts[ROOM];
    const uint32_t count = sweep(ROOM, whole);
    cr_assert(count > 20 * 10);
    for (uint64_t i = 0, seq = whole[0].seq; i < count; i += whole[i].slots, seq++) {
        cr_assert(eq(u64, whole[i].seq, seq));
    }
    for (uint32_t room = TRD_ENGINE_OUT_MIN; room < 300; room += 7) {
        cr_assert(eq(u32, sweep(room, parts), count));
        cr_assert(eq(int, memcmp(whole, parts, count * sizeof(trd_event)), 0));
    }
}

/* --- batches ---------------------------------------------------------------------------------- */

Test(engine, a_batch_stops_between_records_where_the_room_ends) {
    rig r;
    rig_make(&r, 0, 0);
    deposit(&r, ALICE, USD, 1000000);
    /* Each writes ACCEPTED and a LEDGER that locks: two slots. With 129 free the first goes, with
     * 127 the second does not. */
    const trd_command c[2] = {
        order(&r, ALICE, SPOT, TRD_BUY, 1, 100), order(&r, ALICE, SPOT, TRD_BUY, 1, 100)};
    trd_out out = {.events = r.events, .capacity = TRD_ENGINE_OUT_MIN + 1};
    size_t done = 7;
    cr_assert(eq(int, trd_engine_run(r.engine, c, 2, &done, &out), TRD_OK));
    cr_assert(eq(sz, done, 1));
    cr_assert(eq(u32, out.count, 2));
    cr_assert(eq(int, trd_engine_run(r.engine, c + 1, 1, &done, &out), TRD_E_FULL));
    cr_assert(eq(sz, done, 0));
    out.count = 0;
    cr_assert(eq(int, trd_engine_run(r.engine, c + 1, 1, &done, &out), TRD_OK));
    cr_assert(eq(sz, done, 1));
    cr_assert(eq(u64, r.events[0].u.order.client_id, r.id));
    cr_assert(eq(int, trd_engine_run(r.engine, c, 0, &done, &out), TRD_OK));
    cr_assert(eq(sz, done, 0));
    rig_fini(&r);
}

Test(engine, a_batch_ends_at_a_record_that_is_pending) {
    rig r;
    rig_make(&r, 0, 0);
    deposit(&r, ALICE, USD, 1000000);
    trd_command c[34];
    for (int i = 0; i < 32; i++) {
        c[i] = order(&r, ALICE, SPOT, TRD_BUY, 1, 100);
        good(&r, c[i]);
    }
    /* 32 orders end, a CANCELED and a RELEASE each: more than a small output has room for. */
    c[0] = (trd_command){.kind = TRD_COMMAND_MASS_CANCEL,
        .slots = 1,
        .account = ALICE,
        .u.mass.filter = TRD_MASS_ACCOUNT};
    c[1] = order(&r, ALICE, SPOT, TRD_BUY, 1, 100);
    trd_out out = {.events = r.events, .capacity = TRD_ENGINE_OUT_MIN};
    size_t done = 0;
    cr_assert(eq(int, trd_engine_run(r.engine, c, 2, &done, &out), TRD_MORE));
    cr_assert(eq(sz, done, 1));
    cr_assert(eq(int, trd_engine_run(r.engine, c + 1, 1, &done, &out), TRD_E_BUSY));
    cr_assert(eq(sz, done, 0));
    int result = TRD_MORE;
    while (result == TRD_MORE) {
        out.count = 0;
        result = trd_engine_step(r.engine, NULL, &out);
    }
    cr_assert(eq(int, result, TRD_OK));
    out.count = 0;
    cr_assert(eq(int, trd_engine_run(r.engine, c + 1, 1, &done, &out), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    rig_fini(&r);
}

Test(engine, a_batch_without_commands_output_or_count_is_none) {
    rig r;
    rig_init(&r);
    const trd_command c = {.kind = TRD_COMMAND_TIMER, .slots = 1};
    trd_out out = {.events = r.events, .capacity = ROOM};
    trd_out none = {.capacity = ROOM};
    size_t done = 7;
    cr_assert(eq(int, trd_engine_run(r.engine, NULL, 1, &done, &out), TRD_E_ARG));
    cr_assert(eq(sz, done, 0));
    cr_assert(eq(int, trd_engine_run(r.engine, &c, 1, NULL, &out), TRD_E_ARG));
    done = 7;
    cr_assert(eq(int, trd_engine_run(r.engine, &c, 1, &done, NULL), TRD_E_ARG));
    cr_assert(eq(sz, done, 0));
    cr_assert(eq(int, trd_engine_run(r.engine, &c, 1, &done, &none), TRD_E_ARG));
    rig_fini(&r);
}

/* A record that says it has more slots than the array has left is one slot, and MALFORMED; what
 * lies behind the array is not read. */
Test(engine, a_record_that_reaches_beyond_the_array_is_malformed) {
    rig r;
    rig_init(&r);
    for (unsigned kind = TRD_COMMAND_NEW; kind <= TRD_COMMAND_PROTECTION; kind++) {
        for (uint8_t slots = 2; slots <= TRD_SLOTS_MAX; slots++) {
            trd_command *c = (trd_command *)malloc(sizeof(*c)); /* its end is the heap's business */
            *c = order(&r, ALICE, SPOT, TRD_BUY, 1, 100);
            c->kind = (uint8_t)kind;
            c->slots = slots;
            size_t done = 0;
            r.out.count = 0;
            cr_assert(eq(int, trd_engine_run(r.engine, c, 1, &done, &r.out), TRD_OK));
            cr_assert(eq(sz, done, 1));
            cr_assert(eq(u32, r.out.count, 1), "kind %u", kind);
            cr_assert(eq(u8, r.events[0].reason, TRD_REJECT_MALFORMED), "kind %u", kind);
            free(c);
        }
    }
    rig_fini(&r);
}

Test(engine, a_viewer_may_not_order) { /* S140 */
    rig r;
    rig_init(&r);
    trd_engine_destroy(r.engine);
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    risk.actors_max = 4;
    r.engine = trd_engine_create(&def);
    const trd_actor viewer = {.actor = 7, .role = TRD_ROLE_VIEWER};
    const trd_actor admin = {.actor = ADMIN, .role = TRD_ROLE_ADMIN};
    cr_assert(eq(int, trd_engine_actor(r.engine, &viewer), TRD_OK));
    cr_assert(eq(int, trd_engine_actor(r.engine, &admin), TRD_OK));
    trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 1, 100);
    c.actor = 7;
    c.kind = TRD_COMMAND_MASS_CANCEL;
    memset(&c.u, 0, sizeof(c.u));
    c.u.mass.filter = TRD_MASS_ACCOUNT;
    cr_assert(eq(int, send(&r, c), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(u8, r.events[0].reason, TRD_REJECT_NOT_PERMITTED));
    c.actor = ADMIN;
    cr_assert(eq(int, send(&r, c), TRD_OK));
    cr_assert(eq(u32, r.out.count, 0));
    rig_fini(&r);
}

/* Three of all accounts together in each 1,000 ns, from multiples of that on. */
Test(engine, messages_of_the_firm_are_counted_by_the_window) { /* S138 */
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    deposit(&r, BOB, USD, 100000);
    const trd_command limit = {.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = TRD_LIMIT_MESSAGES,
            .scope = TRD_LIMIT_FIRM,
            .value = 3,
            .window = 1000}};
    cr_assert(eq(int, send(&r, limit), TRD_OK));
    for (r.time = 1500; r.time < 4000; r.time += 1500) { /* in [1000, 2000), then in [3000, 4000) */
        good(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100));
        const trd_command cancel = {
            .kind = TRD_COMMAND_CANCEL, .slots = 1, .account = ALICE, .u.cancel = {.target = r.id}};
        good(&r, order(&r, BOB, SPOT, TRD_BUY, 1, 100));
        cr_assert(eq(int, send(&r, cancel), TRD_OK));
        refused(&r, order(&r, BOB, SPOT, TRD_BUY, 1, 100), TRD_REJECT_MESSAGES);
        r.time += 499;
        refused(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100), TRD_REJECT_MESSAGES);
        r.time -= 499;
    }
    rig_fini(&r);
}

Test(engine, messages_are_counted_at_their_time_cancels_too_and_questions_are_none) { /* S138 */
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    const trd_command limit = {.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = ALICE,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = TRD_LIMIT_MESSAGES,
            .scope = TRD_LIMIT_ACCOUNT,
            .value = 2,
            .window = 1000,
            .burst = 2}};
    cr_assert(eq(int, send(&r, limit), TRD_OK));
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100));
    const trd_command cancel = {
        .kind = TRD_COMMAND_CANCEL, .slots = 1, .account = ALICE, .u.cancel = {.target = r.id}};
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100));
    refused(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100), TRD_REJECT_MESSAGES);
    r.time = 500; /* one of two per 1,000 */
    trd_verdict verdict;
    trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 1, 100);
    c.time = r.time;
    for (int i = 0; i < 5; i++) {
        cr_assert(eq(int, trd_engine_ask(r.engine, &c, &verdict), TRD_OK));
        cr_assert(eq(u32, verdict.reason, 0));
    }
    good(&r, c);
    refused(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100), TRD_REJECT_MESSAGES);
    r.time = 1000;
    cr_assert(eq(int, send(&r, cancel), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_CANCELED));
    refused(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100), TRD_REJECT_MESSAGES);
    const trd_command again = {
        .kind = TRD_COMMAND_CANCEL, .slots = 1, .account = ALICE, .u.cancel = {.target = r.id}};
    cr_assert(eq(int, send(&r, again), TRD_OK)); /* never refused for its number */
    cr_assert(eq(u8, r.events[0].reason, TRD_REJECT_UNKNOWN_ORDER));
    rig_fini(&r);
}

Test(engine, what_cannot_be_listed_in_all_parts_is_listed_in_none) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    risk.models_max = 1;
    trd_engine *engine = trd_engine_create(&def);
    const trd_asset usd = asset("USD");
    const trd_asset sh = asset("SHARE");
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_engine_asset(engine, &usd), USD));
    cr_assert(eq(int, trd_engine_asset(engine, &sh), SHARE));
    cr_assert(eq(int, trd_engine_fees(engine, &fees), 0));
    const trd_margin_rates rates = {.initial_ppm = 100000};
    trd_margin_model model;
    trd_margin_model grouped;
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    cr_assert(eq(int, trd_margin_grouped(&grouped), TRD_OK));
    trd_instrument spec = share();
    spec.kind = TRD_INSTRUMENT_LINEAR;
    const trd_terms terms = {.struct_size = sizeof(terms)};
    trd_engine_listing listing = {.spec = &spec, .terms = &terms, .model = &grouped};
    cr_assert(eq(int, trd_engine_list(engine, &listing), TRD_E_ARG));
    listing.model = &model;
    cr_assert(eq(int, trd_engine_list(engine, &listing), 0));
    cr_assert(eq(int, trd_engine_list(engine, &listing), TRD_E_FULL)); /* no second model */
    listing.model = NULL;
    cr_assert(eq(int, trd_engine_list(engine, &listing), 1));
    cr_assert(eq(int, trd_engine_list(engine, &listing), TRD_E_FULL)); /* no third instrument */
    cr_assert(eq(int, trd_engine_audit(engine), TRD_OK));
    trd_engine_destroy(engine);
}

Test(engine, parts_that_do_not_go_together_make_no_engine) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_engine_def def = def_of(&match, &accounts, &risk);
    cr_assert(ne(sz, trd_engine_footprint(&def), 0));
    accounts.orders_max++;
    cr_assert(eq(sz, trd_engine_footprint(&def), 0));
    cr_assert(eq(ptr, trd_engine_create(&def), NULL));
    accounts.orders_max--;
    match.accounts_max = 0;
    cr_assert(eq(sz, trd_engine_footprint(&def), 0));
    match.accounts_max = 16;
    cr_assert(eq(sz, trd_engine_footprint(NULL), 0));
}

Test(engine, a_definition_of_an_older_version_makes_the_same_engine) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_engine_def def = def_of(&match, &accounts, &risk);
    const size_t size = trd_engine_footprint(&def);
    cr_assert(size > 0);
    def.trail = 2; /* behind its end: not read */
    def.struct_size = offsetof(trd_engine_def, trail);
    cr_assert(eq(sz, trd_engine_footprint(&def), size));
    def.struct_size--;
    cr_assert(eq(sz, trd_engine_footprint(&def), 0));
    def.struct_size = 0;
    cr_assert(eq(sz, trd_engine_footprint(&def), 0));
    def.struct_size = sizeof(def);
    cr_assert(eq(sz, trd_engine_footprint(&def), 0));
    def.trail = 0;
    def.reserved = 1;
    cr_assert(eq(sz, trd_engine_footprint(&def), 0));
    def.reserved = 0;
    def.struct_size++;
    cr_assert(eq(sz, trd_engine_footprint(&def), 0));
}
