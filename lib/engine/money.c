/* money.c - what the matcher's events mean for holds, positions and money. */
#include "engine/state.h"

#include "acct/hold.h"
#include "engine/legs.h"
#include "risk/state.h"

/* What the accounts are told cannot fail: each order was held for when it was accepted. */
static void must(int result) {
    trd_assert(result == TRD_OK);
}

/* `qty` of the lots that an order holds, not all of them executed, are open no more. */
trd_inline void close_held(
    trd_engine *engine, trd_out *out, trd_order order, trd_acct_hold *hold, trd_qty qty) {
    trd__hold_release(trd__engine_accounts(engine), hold, qty, out);
    if (order != engine->liq.order) { /* that one was never counted */
        must(trd_risk_closed(trd__engine_risk(engine), order, qty));
    }
}

void trd__engine_close(trd_engine *engine, trd_out *out, trd_order order, trd_qty qty) {
    trd_acct_hold *hold = trd__hold_of(trd__engine_accounts(engine), order);
    if (qty != 0) {
        trd_assert(hold != NULL); /* lots that were open were held for */
        close_held(engine, out, order, hold, qty);
    }
}

void trd__engine_close_all(trd_engine *engine, trd_out *out, trd_order order) {
    trd_acct_hold *hold = trd__hold_of(trd__engine_accounts(engine), order);
    if (hold != NULL) {
        close_held(engine, out, order, hold, hold->leaves);
    }
}

/* An order that may hold already, on other terms. */
static trd_noinline void hold_again(trd_accounts *accounts, trd_out *out, const trd_ask *ask,
    const trd_verdict *verdict, const trd_acct_grant *grant) {
    const trd_acct_hold *held = trd__hold_of(accounts, ask->order);
    if (held != NULL && verdict->rehold == 0) {
        must(trd_accounts_amend(accounts, ask->order, grant->hold.px, ask->qty, out));
        return;
    }
    if (held != NULL) {
        must(trd_accounts_release(accounts, ask->order, held->leaves, out));
    }
    trd__hold_granted(accounts, grant, ask->order, out);
}

trd_inline void hold(trd_engine *engine, trd_out *out, const trd_ask *ask,
    const trd_verdict *verdict, const trd_acct_grant *grant) {
    trd_accounts *accounts = trd__engine_accounts(engine);
    if (trd_likely(ask->kind == TRD_ASK_NEW)) {
        trd__hold_granted(accounts, grant, ask->order, out);
    } else {
        hold_again(accounts, out, ask, verdict, grant);
    }
    must(trd_risk_passed(trd__engine_risk(engine), ask, verdict));
}

void trd__engine_hold(trd_engine *engine, trd_out *out, const trd_ask *ask,
    const trd_verdict *verdict, const trd_acct_grant *grant) {
    hold(engine, out, ask, verdict, grant);
}

void trd__engine_hold_own(trd_engine *engine, trd_out *out, const trd_event *accepted) {
    const trd_acct_entry *entry = trd__liq_entry(engine);
    const trd_hold own = {.order = accepted->u.order.order,
        .account = accepted->account,
        .instrument = accepted->instrument,
        .side = accepted->side,
        .position = (uint8_t)entry->side,
        .kind = TRD_HOLD_NOTHING,
        .px = accepted->u.order.px,
        .qty = accepted->u.order.qty};
    must(trd_accounts_hold(trd__engine_accounts(engine), &own, out));
    engine->liq.order = own.order;
}

/* The order of the command is in, or has new terms: what it was judged by holds. */
static void hold_as_judged(trd_engine *engine, trd_out *out, trd_order order) {
    engine->ask.order = order;
    hold(engine, out, &engine->ask, &engine->verdict, &engine->grant);
    engine->judged = 0;
}

static void accepted(trd_engine *engine, trd_out *out, const trd_event *event) {
    if (trd_unlikely(engine->legs != 0)) {
        trd__engine_leg_accepted(engine, out, event->u.order.order);
    } else if (engine->judged != 0) { /* else it has no lots before it is released */
        hold_as_judged(engine, out, event->u.order.order);
    } else if (trd_unlikely(engine->stage == TRD_ENGINE_LIQUIDATE)) {
        trd__engine_hold_own(engine, out, event);
    }
}

static trd_noinline void replaced(trd_engine *engine, trd_out *out, const trd_event *event) {
    const trd_order order = event->u.order.order;
    const trd_acct_hold *held = trd__hold_of(trd__engine_accounts(engine), order);
    if (held == NULL) {
        return;
    }
    if (engine->command[0].kind == TRD_COMMAND_REDUCE) {
        trd__engine_close(engine, out, order, engine->command[0].u.cancel.qty);
    } else if (engine->judged == 0) { /* its total is executed already: it has ended */
        trd__engine_close_all(engine, out, order);
    } else {
        hold_as_judged(engine, out, order);
    }
}

static trd_leg leg_of(const trd_engine *engine, const trd_event *fill) {
    const trd_accounts *accounts = trd__engine_accounts(engine);
    const trd_acct_hold *held = trd__hold_of(accounts, fill->u.fill.order);
    trd_assert(held != NULL);
    return (trd_leg){.order = fill->u.fill.order,
        .account = fill->account,
        .position = (uint8_t)trd__entry(accounts, held->entry)->side,
        .liquidity = fill->liquidity,
        .free_of_fees = fill->u.fill.order == engine->liq.order};
}

/* What risk counts of a side. Of the engine's own orders it counts nothing. */
static void count(trd_engine *engine, const trd_event *fill) {
    trd_risk *risk = trd__engine_risk(engine);
    const trd_order order = fill->u.fill.order;
    if (order == engine->liq.order) {
        return;
    }
    const int latched = trd_risk_filled(risk, order, fill->u.fill.qty, fill->time);
    trd_assert(latched >= 0);
}

/* Two FILLs: both sides of one execution. */
static trd_noinline void executed(
    trd_engine *engine, trd_out *out, const trd_event *first, const trd_event *second) {
    const trd_event *buyer = first->side == TRD_BUY ? first : second;
    const trd_event *seller = first->side == TRD_BUY ? second : first;
    trd_assert(second->kind == TRD_EVENT_FILL && first->side != second->side);
    const trd_execution execution = {.instrument = first->instrument,
        .px = first->u.fill.px,
        .qty = first->u.fill.qty,
        .reference = first->seq,
        .buyer = leg_of(engine, buyer),
        .seller = leg_of(engine, seller)};
    must(trd__engine_execute(engine, &execution, out));
    count(engine, first);
    count(engine, second);
}

/* The engine took lots off an order. */
static trd_noinline void restated(trd_engine *engine, trd_out *out, const trd_event *event) {
    const trd_order order = event->u.restate.order;
    const trd_acct_hold *held = trd__hold_of(trd__engine_accounts(engine), order);
    trd_assert(held != NULL); /* it had lots, and was released if it is a child */
    const trd_qty keeps = event->u.restate.leaves + trd__engine_to_come(engine, order);
    if (keeps < held->leaves) {
        trd__engine_close(engine, out, order, held->leaves - keeps);
    }
}

void trd__engine_book(trd_engine *engine, trd_out *out, uint32_t from, uint32_t to) {
    uint32_t at = from;
    while (at < to) {
        const trd_event *event = &out->events[at];
        uint32_t next = at + event->slots;
        switch (event->kind) {
        case TRD_EVENT_ACCEPTED:
            accepted(engine, out, event);
            break;
        case TRD_EVENT_REPLACED:
            replaced(engine, out, event);
            break;
        case TRD_EVENT_FILL:
            executed(engine, out, event, &out->events[next]);
            next += out->events[next].slots;
            break;
        case TRD_EVENT_CANCELED:
            trd__engine_close_all(engine, out, event->u.cancel.order);
            break;
        case TRD_EVENT_PREVENTED:
            trd__engine_close(engine, out, event->u.prevent.order, event->u.prevent.qty);
            break;
        case TRD_EVENT_RESTATED:
            restated(engine, out, event);
            break;
        default:
            break;
        }
        at = next;
    }
    if (trd_unlikely(engine->links_at != 0)) {
        for (at = from; at < to; at += out->events[at].slots) {
            trd__engine_legs_follow(engine, out, &out->events[at]);
        }
    }
}
