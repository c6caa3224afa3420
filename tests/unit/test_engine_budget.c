/* test_engine_budget.c - orders that spend, or bring, at most an amount: what is held for them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/tradsys.h>

#include "engine_rig.h"

typedef struct record {
    trd_command slots[TRD_SLOTS_MAX];
} record;

static record budget_of(
    rig *r, uint32_t account, uint32_t instrument, unsigned side, trd_amt amount) {
    record c = {.slots = {order(r, account, instrument, side, 0, 0)}};
    const trd_ext_sizes sizes = {
        .kind = TRD_EXT_ORDER_SIZES, .flags = TRD_SIZES_BUDGET, .budget = amount};
    c.slots[0].u.order.type = TRD_TYPE_MARKET;
    c.slots[0].u.order.exec = TRD_EXEC_BUDGET;
    c.slots[0].slots = 2;
    memcpy(&c.slots[1], &sizes, sizeof(sizes));
    return c;
}

static trd_verdict asked(rig *r, record c) {
    trd_verdict verdict;
    cr_assert(eq(int, trd_engine_ask(r->engine, c.slots, &verdict), TRD_OK));
    return verdict;
}

static void send_record(rig *r, record c) {
    r->out.count = 0;
    c.slots[0].time = r->time;
    cr_assert(eq(int, trd_engine_step(r->engine, c.slots, &r->out), TRD_OK));
    cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
}

static void enters(rig *r, record c, unsigned cause) {
    send_record(r, c);
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_ACCEPTED));
    for (uint32_t at = 0; at < r->out.count; at += r->events[at].slots) {
        if (r->events[at].kind == TRD_EVENT_CANCELED) {
            cr_assert(eq(u8, r->events[at].reason, cause));
            return;
        }
    }
    cr_assert(false, "it has not ended");
}

static void is_refused(rig *r, record c, unsigned reason) {
    send_record(r, c);
    cr_assert(eq(u32, r->out.count, 1));
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_REJECTED));
    cr_assert(eq(u8, r->events[0].reason, reason), "%s", trd_reject_text(r->events[0].reason));
}

/* At 3 the amount of 100 buys 33. */
Test(engine_budget, a_buyer_holds_the_budget_and_its_fee_and_the_rest_comes_back) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 101);
    deposit(&r, BOB, SHARE, 5000);
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 50, 3));
    const record c = budget_of(&r, ALICE, SPOT, TRD_BUY, 100);
    const trd_verdict verdict = asked(&r, c);
    cr_assert(eq(u32, verdict.reason, 0));
    cr_assert(eq(i64, verdict.need, 101));
    cr_assert(eq(i64, verdict.value, 100));
    cr_assert(eq(i64, verdict.hold.qty, 33));
    record dry = c;
    dry.slots[0].flags = TRD_COMMAND_DRY_RUN;
    send_record(&r, dry);
    cr_assert(eq(u32, r.out.count, 1));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    cr_assert(eq(i64, r.events[0].u.order.qty, 0));
    has(&r, ALICE, USD, 101, 0);
    enters(&r, c, TRD_CAUSE_BUDGET);
    has(&r, ALICE, USD, 1, 0);
    has(&r, ALICE, SHARE, 3300, 0);
    rig_fini(&r);
}

Test(engine_budget, the_budget_is_enough_at_several_prices) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1551);
    deposit(&r, BOB, SHARE, 2000);
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 10, 100));
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 10, 110));
    is_refused(&r, budget_of(&r, ALICE, SPOT, TRD_BUY, 1550), TRD_REJECT_BALANCE);
    has(&r, ALICE, USD, 1551, 0);
    deposit(&r, ALICE, USD, 1);
    enters(&r, budget_of(&r, ALICE, SPOT, TRD_BUY, 1550), TRD_CAUSE_BUDGET);
    /* 10 at 1.00 and 5 at 1.10 cost all of it, and a fee of 2. */
    has(&r, ALICE, USD, 0, 0);
    has(&r, ALICE, SHARE, 1500, 0);
    rig_fini(&r);
}

Test(engine_budget, nothing_is_held_where_nothing_can_be_bought) {
    rig r;
    rig_init(&r);
    enters(&r, budget_of(&r, ALICE, SPOT, TRD_BUY, 100), TRD_CAUSE_MARKET);
    has(&r, ALICE, USD, 0, 0);
    rig_fini(&r);
}

/* 500 at the lowest price, 1, would be 500 shares. */
Test(engine_budget, a_seller_holds_the_most_lots_that_it_could_come_to) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, SHARE, 49999);
    deposit(&r, BOB, USD, 2000);
    good(&r, order(&r, BOB, SPOT, TRD_BUY, 10, 100));
    is_refused(&r, budget_of(&r, ALICE, SPOT, TRD_SELL, 500), TRD_REJECT_BALANCE);
    deposit(&r, ALICE, SHARE, 1);
    enters(&r, budget_of(&r, ALICE, SPOT, TRD_SELL, 500), TRD_CAUSE_BUDGET);
    has(&r, ALICE, SHARE, 49500, 0);
    has(&r, ALICE, USD, 499, 0); /* 5 at 1.00, and a fee of 1 */
    rig_fini(&r);
}

/* An option is paid for like a share: 500 and a fee of 1, whatever its price may be; 100 at 5. */
Test(engine_budget, a_buyer_of_options_holds_the_budget_too) {
    rig r;
    const trd_instrument spec = call(100);
    rig_init_third(&r, &spec);
    const trd_command mark = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = THIRD,
        .u.price = {.px = 5, .source = TRD_SOURCE_MARK}};
    cr_assert(eq(int, send(&r, mark), TRD_OK));
    deposit(&r, ALICE, USD, 500);
    deposit(&r, BOB, USD, 100000);
    good(&r, order(&r, BOB, THIRD, TRD_SELL, 200, 5));
    is_refused(&r, budget_of(&r, ALICE, THIRD, TRD_BUY, 500), TRD_REJECT_BALANCE);
    deposit(&r, ALICE, USD, 1);
    const record c = budget_of(&r, ALICE, THIRD, TRD_BUY, 500);
    const trd_verdict verdict = asked(&r, c);
    cr_assert(eq(u32, verdict.reason, 0));
    cr_assert(eq(i64, verdict.need, 501));
    enters(&r, c, TRD_CAUSE_BUDGET);
    has(&r, ALICE, USD, 0, 0);
    rig_fini(&r);
}

Test(engine_budget, margin_needs_a_bound_for_the_price) {
    rig r;
    rig_init(&r);
    set_mark(&r, 100);
    deposit(&r, ALICE, USD, 10000);
    deposit(&r, BOB, USD, 10000);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 10, 100));
    is_refused(&r, budget_of(&r, ALICE, FUTURE, TRD_BUY, 500), TRD_REJECT_NO_BOUND);
    rig_fini(&r);
}

/* An order that was held under another price is not held under the budget of the one before. */
Test(engine_budget, the_next_order_has_no_budget) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 10000);
    deposit(&r, BOB, SHARE, 5000);
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 10, 10));
    enters(&r, budget_of(&r, ALICE, SPOT, TRD_BUY, 50), TRD_CAUSE_BUDGET);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 10, 9));
    has(&r, ALICE, USD, 9858, 91); /* 50 and a fee of 1 are gone; 90 and a fee of 1 are held */
    rig_fini(&r);
}
