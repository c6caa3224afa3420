/* test_engine_decision.c - DECISION events: every verdict can be read afterwards. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/tradsys.h>

#include "engine_rig.h"

/* The first DECISION of the last output at or behind slot `from`; its place is stored. */
static const trd_event *decision_from(const rig *r, uint32_t from, uint32_t *at) {
    for (uint32_t i = from; i < r->out.count; i += r->events[i].slots) {
        if (r->events[i].kind == TRD_EVENT_DECISION) {
            *at = i;
            return &r->events[i];
        }
    }
    return NULL;
}

/* The output of the last command begins with a DECISION. */
static const trd_ev_decision *decided(const rig *r, unsigned reason, unsigned ask) {
    const trd_event *event = &r->events[0];
    cr_assert(ne(u32, r->out.count, 0));
    cr_assert(eq(u8, event->kind, TRD_EVENT_DECISION));
    cr_assert(eq(u8, event->reason, reason), "%s", trd_reject_text(event->reason));
    cr_assert(eq(u8, event->slots, ask != 0 ? 2 : 1));
    cr_assert(eq(u8, event->u.decision.ask, ask));
    return &event->u.decision;
}

static trd_ext_decision more_of(const trd_event *event) {
    trd_ext_decision ext;
    memcpy(&ext, event + 1, sizeof(ext));
    cr_assert(eq(u8, ext.kind, TRD_EXT_DECISION));
    cr_assert(eq(u64, ext.seq, event->seq));
    return ext;
}

static trd_command limit_of(unsigned limit, int64_t value) {
    return (trd_command){.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = ALICE,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = (uint16_t)limit,
            .scope = TRD_LIMIT_ACCOUNT,
            .value = value}};
}

Test(engine_decision, an_order_that_may_says_what_it_locks) {
    rig r;
    rig_make(&r, 64, 1);
    deposit(&r, ALICE, USD, 100000);
    trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 10, 5000);
    c.seq = 77;
    c.actor = 5;
    r.time = 1234;
    cr_assert(eq(int, send(&r, c), TRD_OK));
    const trd_ev_decision *d = decided(&r, 0, TRD_ASK_NEW);
    cr_assert(eq(i64, d->need, 50050)); /* 10 x 50.00 and 0.1 % of it */
    cr_assert(eq(u32, d->actor, 5));
    cr_assert(eq(u8, d->scope, 0));
    cr_assert(eq(u8, d->command, TRD_COMMAND_NEW));
    cr_assert(eq(u8, d->marks, TRD_DECISION_VALUED));
    const trd_event *event = &r.events[0];
    cr_assert(eq(u32, event->account, ALICE));
    cr_assert(eq(u32, event->instrument, SPOT));
    cr_assert(eq(u8, event->side, TRD_BUY));
    cr_assert(eq(i64, event->time, 1234));
    const trd_ext_decision ext = more_of(event);
    cr_assert(eq(u64, ext.client_id, r.id));
    cr_assert(eq(u64, ext.command_seq, 77));
    cr_assert(eq(u64, ext.order, 0));
    cr_assert(eq(u32, ext.asset, USD));
    cr_assert(eq(i64, ext.value, 50000));
    cr_assert(eq(i64, ext.free_before, 100000));
    cr_assert(eq(i64, ext.free_after, 49950));
    cr_assert(eq(u8, r.events[2].kind, TRD_EVENT_ACCEPTED));
    cr_assert(eq(u64, r.events[2].seq, event->seq + 1));
    rig_fini(&r);
}

Test(engine_decision, a_refusal_says_which_limit_and_what_was_compared) {
    rig r;
    rig_make(&r, 64, 1);
    deposit(&r, ALICE, USD, 100000);
    cr_assert(eq(int, send(&r, limit_of(TRD_LIMIT_ORDER_QTY, 9)), TRD_OK));
    decided(&r, 0, 0);
    cr_assert(eq(int, send(&r, order(&r, ALICE, SPOT, TRD_BUY, 10, 100)), TRD_OK));
    const trd_ev_decision *d = decided(&r, TRD_REJECT_ORDER_QTY, TRD_ASK_NEW);
    cr_assert(eq(i64, d->measured, 10));
    cr_assert(eq(i64, d->limit, 9));
    cr_assert(eq(u8, d->scope, TRD_LIMIT_ACCOUNT));
    cr_assert(eq(u8, r.events[2].kind, TRD_EVENT_REJECTED));
    cr_assert(eq(u8, r.events[2].reason, TRD_REJECT_ORDER_QTY));

    /* The market's reason stands first: the numbers are those of risk, or 0. */
    cr_assert(eq(int, send(&r, order(&r, ALICE, SPOT, TRD_BUY, 10001, 100)), TRD_OK));
    decided(&r, TRD_REJECT_QTY_MAX, TRD_ASK_NEW);
    rig_fini(&r);
}

Test(engine_decision, amendments_and_dry_runs_are_decided_too) {
    rig r;
    rig_make(&r, 64, 1);
    deposit(&r, ALICE, USD, 10010);
    cr_assert(eq(int, send(&r, order(&r, ALICE, SPOT, TRD_BUY, 90, 100)), TRD_OK));
    const trd_order handle = r.events[2].u.order.order;
    trd_command amend = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .flags = TRD_COMMAND_DRY_RUN,
        .account = ALICE,
        .u.replace = {.target = r.id, .px = 100, .qty = 100}};
    cr_assert(eq(int, send(&r, amend), TRD_OK));
    const trd_ev_decision *d = decided(&r, 0, TRD_ASK_AMEND);
    cr_assert(eq(i64, d->need, 10010)); /* 100 x 1.00 and 0.1 % of it */
    cr_assert(eq(u8, d->command, TRD_COMMAND_REPLACE));
    cr_assert(eq(u16, r.events[0].flags, TRD_EVENT_DRY_RUN));
    cr_assert(eq(u8, r.events[0].side, TRD_BUY));
    const trd_ext_decision ext = more_of(&r.events[0]);
    cr_assert(eq(u64, ext.order, handle));
    cr_assert(eq(u64, ext.client_id, r.id));
    cr_assert(eq(i64, ext.free_before, 10010 - 9009));
    cr_assert(eq(i64, ext.free_after, 0));
    cr_assert(eq(u8, r.events[2].kind, TRD_EVENT_REPLACED));

    amend.flags = 0; /* of nobody's order: no side, no handle */
    amend.u.replace.target = 999;
    cr_assert(eq(int, send(&r, amend), TRD_OK));
    decided(&r, TRD_REJECT_UNKNOWN_ORDER, TRD_ASK_AMEND);
    cr_assert(eq(u8, r.events[0].side, 0));
    cr_assert(eq(u64, more_of(&r.events[0]).order, 0));
    rig_fini(&r);
}

/* The stop of test_engine.c: a limit that was set after it came refuses it when it is elected. */
Test(engine_decision, a_released_order_is_decided_before_it_goes_on) {
    rig r;
    rig_make(&r, 64, 1);
    deposit(&r, ALICE, USD, 10000);
    deposit(&r, BOB, USD, 100000);
    set_mark(&r, 1000);
    trd_command stop[2] = {order(&r, ALICE, FUTURE, TRD_SELL, 10, 900)};
    stop[0].slots = 2;
    stop[0].actor = 6;
    stop[0].u.order.type = TRD_TYPE_STOP_LIMIT;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = 950,
        .source = TRD_SOURCE_LAST};
    memcpy(&stop[1], &prices, sizeof(prices));
    r.out.count = 0;
    cr_assert(eq(int, trd_engine_step(r.engine, stop, &r.out), TRD_OK));
    const trd_order handle = r.events[2].u.order.order;
    const uint64_t id = r.id;
    cr_assert(eq(int, send(&r, limit_of(TRD_LIMIT_POSITION, 9)), TRD_OK));
    cr_assert(eq(int, send(&r, order(&r, BOB, FUTURE, TRD_BUY, 1, 950)), TRD_OK));
    open_account(&r, 3, TRD_MODE_FLAT);
    deposit(&r, 3, USD, 100000);
    cr_assert(eq(int, send(&r, order(&r, 3, FUTURE, TRD_SELL, 1, 950)), TRD_OK));
    uint32_t at = 0;
    const trd_event *first = decision_from(&r, 0, &at);
    cr_assert(eq(u8, first->u.decision.ask, TRD_ASK_NEW));
    const trd_event *event = decision_from(&r, at + first->slots, &at);
    cr_assert(ne(ptr, (void *)(uintptr_t)event, NULL));
    const trd_ev_decision *d = &event->u.decision;
    cr_assert(eq(u8, event->reason, TRD_REJECT_POSITION_LIMIT));
    cr_assert(eq(u32, event->account, ALICE));
    cr_assert(eq(u8, event->side, TRD_SELL));
    cr_assert(eq(u8, d->ask, TRD_ASK_RELEASE));
    cr_assert(eq(u8, d->command, TRD_COMMAND_NEW));
    cr_assert(eq(u32, d->actor, 6));
    cr_assert(eq(i64, d->measured, 10));
    cr_assert(eq(i64, d->limit, 9));
    cr_assert(eq(u8, d->scope, TRD_LIMIT_ACCOUNT));
    const trd_ext_decision ext = more_of(event);
    cr_assert(eq(u64, ext.order, handle));
    cr_assert(eq(u64, ext.client_id, id));
    cr_assert(eq(i64, ext.value, 10000)); /* at the mark, which is above its limit */
    rig_fini(&r);
}

Test(engine_decision, commands_of_every_kind_say_who_sent_them) {
    rig r;
    rig_make(&r, 64, 1);
    set_mark(&r, 1000);
    cr_assert(eq(u8, decided(&r, 0, 0)->command, TRD_COMMAND_PRICE));
    trd_command cancel = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .account = ALICE,
        .actor = 12,
        .u.cancel = {.target = 1}};
    cr_assert(eq(int, send(&r, cancel), TRD_OK));
    cr_assert(eq(u32, decided(&r, 0, 0)->actor, 12));
    cr_assert(eq(u8, r.events[1].kind, TRD_EVENT_CANCEL_REJECTED));
    const trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1};
    cr_assert(eq(int, send(&r, timer), TRD_OK));
    cr_assert(eq(u32, r.out.count, 0));
    const trd_command odd = {.kind = 120, .slots = 1};
    cr_assert(eq(int, send(&r, odd), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    rig_fini(&r);
}

Test(engine_decision, who_may_not_order_is_on_record) { /* S140 */
    rig r = {0};
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_engine_def def = def_of(&match, &accounts, &risk);
    def.decisions = 1;
    risk.actors_max = 4;
    r.engine = trd_engine_create(&def);
    r.out = (trd_out){.events = r.events, .capacity = ROOM};
    const trd_actor viewer = {.actor = 7, .role = TRD_ROLE_VIEWER};
    cr_assert(eq(int, trd_engine_actor(r.engine, &viewer), TRD_OK));
    trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 1, 100);
    c.actor = 7;
    cr_assert(eq(int, send(&r, c), TRD_OK)); /* nothing is listed: that comes first */
    cr_assert(eq(u32, decided(&r, TRD_REJECT_UNKNOWN_INSTRUMENT, TRD_ASK_NEW)->actor, 7));
    c = (trd_command){.kind = TRD_COMMAND_ACCOUNT, .slots = 1, .account = ALICE, .actor = 7};
    cr_assert(eq(int, send(&r, c), TRD_OK));
    cr_assert(eq(u32, decided(&r, TRD_REJECT_NOT_PERMITTED, 0)->actor, 7));
    cr_assert(eq(u8, r.events[1].kind, TRD_EVENT_COMMAND_REJECTED));
    trd_engine_destroy(r.engine);

    def.decisions = 0;
    r.engine = trd_engine_create(&def);
    cr_assert(eq(int, send(&r, c), TRD_OK)); /* actor 7 has no role here */
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    trd_engine_destroy(r.engine);
    def.decisions = 2;
    cr_assert(eq(sz, trd_engine_footprint(&def), 0));
}
