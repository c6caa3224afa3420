/* test_engine_audit.c - the audit of the engine sees damage to a part, and parts that are sound and
 * do not say the same: things are done to one of them behind the back of the engine. */
#include "engine_rig.h"

#include "acct/state.h"
#include "engine/legs.h"
#include "engine/state.h"
#include "match/state.h"
#include "risk/state.h"

/* ALICE is long 10 of the future, and buys 5 more at 990. */
static trd_order world(rig *r) {
    rig_init(r);
    deposit(r, ALICE, USD, 100000);
    deposit(r, BOB, USD, 100000);
    set_mark(r, 1000);
    good(r, order(r, BOB, FUTURE, TRD_SELL, 10, 1000));
    good(r, order(r, ALICE, FUTURE, TRD_BUY, 10, 1000));
    good(r, order(r, ALICE, FUTURE, TRD_BUY, 5, 990));
    cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
    return r->events[0].u.order.order;
}

static void seen(rig *r) {
    cr_assert(trd_engine_audit(r->engine) < 0);
    trd_engine_destroy(r->engine);
}

static trd_out *room(rig *r) {
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    return &r->out;
}

/* Ended in the market, and still held for. */
Test(engine_audit, an_order_that_lives_in_one_part_only) {
    rig r;
    world(&r);
    const trd_command cancel = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .account = ALICE,
        .instrument = FUTURE,
        .u.cancel = {.target = r.id}};
    cr_assert(eq(int, trd_match_step(trd__engine_match(r.engine), &cancel, room(&r)), TRD_OK));
    cr_assert(eq(int, trd_match_audit(trd_engine_match(r.engine)), TRD_OK));
    seen(&r);
}

/* Alive in the market, and nothing is held for it. */
Test(engine_audit, an_order_that_holds_nothing) {
    rig r;
    const trd_order rests = world(&r);
    trd_accounts *accounts = trd__engine_accounts(r.engine);
    cr_assert(eq(int, trd_accounts_release(accounts, rests, 5, room(&r)), TRD_OK));
    cr_assert(eq(int, trd_risk_closed(trd__engine_risk(r.engine), rests, 5), TRD_OK));
    cr_assert(eq(int, trd_accounts_audit(accounts), TRD_OK));
    seen(&r);
}

Test(engine_audit, lots_that_only_risk_has_closed) {
    rig r;
    const trd_order rests = world(&r);
    cr_assert(eq(int, trd_risk_closed(trd__engine_risk(r.engine), rests, 1), TRD_OK));
    seen(&r);
    const trd_order again = world(&r);
    cr_assert(eq(int, trd_risk_closed(trd__engine_risk(r.engine), again, 5), TRD_OK));
    seen(&r);
}

Test(engine_audit, lots_that_the_market_does_not_have) {
    rig r;
    const trd_order rests = world(&r);
    trd_accounts *accounts = trd__engine_accounts(r.engine);
    cr_assert(eq(int, trd_accounts_release(accounts, rests, 1, room(&r)), TRD_OK));
    cr_assert(eq(int, trd_risk_closed(trd__engine_risk(r.engine), rests, 1), TRD_OK));
    seen(&r);
}

/* An execution that the matcher knows nothing of. */
Test(engine_audit, positions_that_differ) {
    rig r;
    world(&r);
    const trd_execution x = {.instrument = FUTURE,
        .px = 1000,
        .qty = 1,
        .buyer = {.account = ALICE, .liquidity = TRD_LIQUIDITY_TAKER},
        .seller = {.account = BOB, .liquidity = TRD_LIQUIDITY_MAKER}};
    trd_accounts *accounts = trd__engine_accounts(r.engine);
    cr_assert(eq(int, trd_accounts_execute(accounts, &x, room(&r)), TRD_OK));
    cr_assert(eq(int, trd_accounts_audit(accounts), TRD_OK));
    seen(&r);
}

/* Each of these is seen, and mended again. */
#define SEEN(field)                                                                                \
    do {                                                                                           \
        (field)++;                                                                                 \
        cr_expect(trd_engine_audit(r.engine) < 0, #field);                                         \
        (field)--;                                                                                 \
        cr_assert(eq(int, trd_engine_audit(r.engine), TRD_OK));                                    \
    } while (0)

Test(engine_audit, damage_to_one_part) {
    rig r;
    const trd_order rests = world(&r);
    trd_acct_hold *hold = trd__hold_of(trd__engine_accounts(r.engine), rests);
    SEEN(trd__engine_match(r.engine)->store.orders);
    SEEN(hold->amount);
    SEEN(trd__engine_risk(r.engine)->firm.open_value);
    rig_fini(&r);
}

/* Legs of ALICE that the engine takes for others, or does not know. */
Test(engine_audit, a_leg_that_the_engine_takes_for_another) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    for (uint8_t at = 1; at <= 2; at++) {
        trd_command c[2] = {order(&r, ALICE, SPOT, TRD_BUY, 10, 100 - at)};
        const trd_ext_link link = {.link = 7,
            .kind = TRD_EXT_ORDER_LINK,
            .leg = at,
            .legs = 2,
            .relation = TRD_RELATION_OCO};
        memcpy(&c[1], &link, sizeof(link));
        c[0].slots = 2;
        c[0].flags = at == 1 ? TRD_COMMAND_STAGED : 0;
        r.out.count = 0;
        cr_assert(eq(int, trd_engine_step(r.engine, c, &r.out), TRD_OK));
    }
    const trd_order first = r.events[0].u.order.order;
    const trd_order free = trd__handle_make(r.out.count + 40, 0);
    cr_assert(eq(int, trd_engine_audit(r.engine), TRD_OK));
    SEEN(trd__engine_link(r.engine, first)->group);
    SEEN(trd__engine_link(r.engine, first)->leg);
    SEEN(trd__engine_link(r.engine, first)->to_come);
    SEEN(trd__engine_link(r.engine, free)->group); /* of no order */
    SEEN(r.engine->legs);
    rig_fini(&r);
}

/* Followed, and not of the mode. */
Test(engine_audit, a_portfolio_that_only_risk_knows) {
    rig r;
    world(&r);
    trd_risk *risk = trd__engine_risk(r.engine);
    trd_accounts *accounts = trd__engine_accounts(r.engine);
    cr_assert(eq(int, trd_risk_follow(risk, accounts, ALICE, 1), TRD_OK));
    cr_assert(trd_engine_audit(r.engine) < 0);
    cr_assert(eq(int, trd_risk_follow(risk, accounts, ALICE, 0), TRD_OK));
    rig_fini(&r);
}
