/* money.c - what the matcher's events mean for holds, positions and money. */
#include "engine/state.h"

#include "acct/state.h"
#include "risk/state.h"

/* What the accounts are told cannot fail: each order was held for when it was accepted. */
static void must(int result) {
    trd_assert(result == TRD_OK);
}

/* Lots of an order are open no more, and nothing was executed. */
static void close_lots(trd_engine *engine, trd_out *out, trd_order order, trd_qty qty) {
    trd_accounts *accounts = trd__engine_accounts(engine);
    if (qty == 0 || trd__hold_of(accounts, order) == NULL) {
        return; /* it waits, and has no lots yet */
    }
    must(trd_accounts_release(accounts, order, qty, out));
    must(trd_risk_closed(trd__engine_risk(engine), order, qty));
}

void trd__engine_hold(trd_engine *engine, trd_out *out, const trd_ask *ask, trd_verdict *verdict) {
    trd_accounts *accounts = trd__engine_accounts(engine);
    const trd_acct_hold *held = trd__hold_of(accounts, ask->order);
    if (held != NULL && verdict->rehold == 0) {
        must(trd_accounts_amend(accounts, ask->order, verdict->hold.px, ask->qty, out));
    } else {
        if (held != NULL) {
            must(trd_accounts_release(accounts, ask->order, held->leaves, out));
        }
        verdict->hold.order = ask->order;
        must(trd_accounts_hold(accounts, &verdict->hold, out));
    }
    must(trd_risk_passed(trd__engine_risk(engine), ask, verdict));
}

/* The order of the command is in, or has new terms: what it was judged by holds. */
static void hold_as_judged(trd_engine *engine, trd_out *out, trd_order order) {
    engine->ask.order = order;
    trd__engine_hold(engine, out, &engine->ask, &engine->verdict);
    engine->judged = 0;
}

static void accepted(trd_engine *engine, trd_out *out, const trd_event *event) {
    if (engine->judged != 0) { /* else it has no lots before it is released */
        hold_as_judged(engine, out, event->u.order.order);
    }
}

static void replaced(trd_engine *engine, trd_out *out, const trd_event *event) {
    const trd_order order = event->u.order.order;
    const trd_acct_hold *held = trd__hold_of(trd__engine_accounts(engine), order);
    if (held == NULL) {
        return;
    }
    if (engine->command[0].kind == TRD_COMMAND_REDUCE) {
        close_lots(engine, out, order, engine->command[0].u.cancel.qty);
    } else if (engine->judged == 0) { /* its total is executed already: it has ended */
        close_lots(engine, out, order, held->leaves);
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
        .liquidity = fill->liquidity};
}

/* Does risk keep what the positions of one of the sides come to? */
static bool is_followed(const trd_accounts *accounts, const trd_execution *execution) {
    return trd__client(accounts, execution->buyer.account)->mode == TRD_MODE_PORTFOLIO ||
           trd__client(accounts, execution->seller.account)->mode == TRD_MODE_PORTFOLIO;
}

/* Two FILLs: both sides of one execution. */
static void executed(
    trd_engine *engine, trd_out *out, const trd_event *first, const trd_event *second) {
    trd_risk *risk = trd__engine_risk(engine);
    const trd_event *buyer = first->side == TRD_BUY ? first : second;
    const trd_event *seller = first->side == TRD_BUY ? second : first;
    trd_assert(second->kind == TRD_EVENT_FILL && first->side != second->side);
    const trd_execution execution = {.instrument = first->instrument,
        .px = first->u.fill.px,
        .qty = first->u.fill.qty,
        .reference = first->seq,
        .buyer = leg_of(engine, buyer),
        .seller = leg_of(engine, seller)};
    trd_accounts *accounts = trd__engine_accounts(engine);
    if (trd_likely(!is_followed(accounts, &execution))) {
        must(trd_accounts_execute(accounts, &execution, out));
    } else {
        const trd_engine_places places = trd__engine_places(engine, &execution);
        must(trd_accounts_execute(accounts, &execution, out));
        trd__engine_moved(engine, &places);
    }
    const trd_event *sides[2] = {first, second};
    for (int i = 0; i < 2; i++) {
        const trd_order order = sides[i]->u.fill.order;
        const uint64_t tag = trd__risk_order_of(risk, order)->tag;
        must(trd_risk_closed(risk, order, execution.qty));
        const int latched = trd_risk_executed(risk, sides[i]->account, tag, first->time);
        trd_assert(latched >= 0);
    }
}

/* The engine took lots off an order. */
static void restated(trd_engine *engine, trd_out *out, const trd_event *event) {
    const trd_acct_hold *held = trd__hold_of(trd__engine_accounts(engine), event->u.restate.order);
    if (held != NULL && event->u.restate.leaves < held->leaves) {
        close_lots(engine, out, event->u.restate.order, held->leaves - event->u.restate.leaves);
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
            close_lots(engine, out, event->u.cancel.order, event->u.cancel.qty);
            break;
        case TRD_EVENT_PREVENTED:
            close_lots(engine, out, event->u.prevent.order, event->u.prevent.qty);
            break;
        case TRD_EVENT_RESTATED:
            restated(engine, out, event);
            break;
        default:
            break;
        }
        at = next;
    }
}
