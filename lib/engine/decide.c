/* decide.c - DECISION events: who asked, whether it may act, and what was compared. */
#include "engine/state.h"

#include <string.h>

#include "match/emit.h"

static trd_event *decision(
    trd_engine *engine, trd_out *out, uint32_t instrument, uint32_t account, unsigned reason) {
    const trd_command *command = engine->command;
    trd_event *event = trd__emit(trd__engine_match(engine), out, TRD_EVENT_DECISION, 0, instrument,
        account, TRD_DETAIL(0, 0, TRD_STATUS_NONE, reason));
    event->time = trd__engine_now(engine);
    event->u.decision = (trd_ev_decision){.actor = command->actor, .command = command->kind};
    return event;
}

void trd__engine_tell(trd_engine *engine, trd_out *out, unsigned reason) {
    const trd_command *command = engine->command;
    if (engine->decisions != 0 && trd__engine_permission(command->kind) != 0) {
        decision(engine, out, command->instrument, command->account, reason);
    }
}

static uint8_t marks_of(const trd_verdict *verdict, bool override) {
    return (uint8_t)((verdict->reducing != 0 ? TRD_DECISION_REDUCING : 0) |
                     (override ? TRD_DECISION_OVERRIDE : 0) |
                     (verdict->has_value != 0 ? TRD_DECISION_VALUED : 0));
}

static void verdict_of(trd_event *event, const trd_verdict *verdict) {
    event->u.decision.measured = verdict->measured;
    event->u.decision.limit = verdict->limit;
    event->u.decision.need = verdict->need;
    event->u.decision.scope = verdict->scope;
}

/* The second slot of the event that was just written. */
static trd_ext_decision *append(const trd_engine *engine, trd_out *out, trd_event *event,
    const trd_verdict *verdict, uint64_t client_id, trd_order order) {
    const trd_ext_decision ext = {.seq = event->seq,
        .client_id = client_id,
        .kind = TRD_EXT_DECISION,
        .asset = verdict->asset,
        .value = verdict->value,
        .free_before = verdict->free_before,
        .free_after = verdict->free_after,
        .order = order,
        .command_seq = engine->command[0].seq};
    event->slots = 2;
    trd_event *slot = &out->events[out->count++];
    memcpy(slot, &ext, sizeof(ext));
    return (trd_ext_decision *)(void *)slot;
}

/* 0 where it is not known: the command names no side, or no order of its account. */
static uint8_t side_of(const trd_engine *engine) {
    const trd_command *command = engine->command;
    if (command->kind == TRD_COMMAND_NEW) {
        const uint8_t side = command->u.order.side;
        return side == TRD_BUY || side == TRD_SELL ? side : 0;
    }
    return engine->vetted.order != 0 ? engine->vetted.side : 0;
}

void trd__engine_tell_leg(trd_engine *engine, trd_out *out, uint32_t at, unsigned reason) {
    if (trd_likely(engine->decisions == 0)) {
        return;
    }
    const trd_command *command = engine->command;
    const trd_engine_leg *leg = &engine->leg[at];
    trd_event *event = decision(engine, out, command->instrument, command->account, reason);
    event->side = leg->ask.side; /* without one it is no leg, and no side of a quote */
    event->flags = (command->flags & TRD_COMMAND_DRY_RUN) != 0 ? TRD_EVENT_DRY_RUN : 0;
    verdict_of(event, &leg->verdict);
    event->u.decision.actor = leg->actor;
    event->u.decision.ask = leg->ask.kind;
    event->u.decision.marks = marks_of(&leg->verdict, leg->ask.override != 0);
    trd_ext_decision *ext =
        append(engine, out, event, &leg->verdict, leg->client_id, leg->ask.order);
    ext->command_seq = leg->seq;
}

void trd__engine_tell_quote(trd_engine *engine, trd_out *out, unsigned reason) {
    if (trd_likely(engine->decisions == 0)) {
        return;
    }
    if (engine->sides == 0) {
        trd__engine_tell(engine, out, reason);
        return;
    }
    for (uint32_t at = 0; at < 2 && (reason == 0 || at <= engine->guilty); at++) {
        if ((engine->sides >> at & 1) != 0) {
            trd__engine_tell_leg(engine, out, at, at == engine->guilty ? reason : 0);
        }
    }
}

void trd__engine_tell_order(trd_engine *engine, trd_out *out, unsigned reason) {
    if (trd_likely(engine->decisions == 0)) {
        return;
    }
    if (engine->legs != 0) {
        for (uint32_t at = 0; at < engine->legs; at++) {
            trd__engine_tell_leg(engine, out, at, at == engine->guilty ? reason : 0);
        }
        return;
    }
    const trd_command *command = engine->command;
    const trd_verdict *verdict = &engine->verdict;
    const bool new = command->kind == TRD_COMMAND_NEW;
    trd_event *event = decision(engine, out, command->instrument, command->account, reason);
    event->side = side_of(engine);
    event->flags = (command->flags & TRD_COMMAND_DRY_RUN) != 0 ? TRD_EVENT_DRY_RUN : 0;
    verdict_of(event, verdict);
    event->u.decision.ask = new ? TRD_ASK_NEW : TRD_ASK_AMEND;
    event->u.decision.marks = marks_of(verdict, (command->flags & TRD_COMMAND_OVERRIDE) != 0);
    append(engine, out, event, verdict,
        new ? command->u.order.client_id : command->u.replace.target, engine->vetted.order);
}

void trd__engine_tell_release(trd_engine *engine, trd_out *out, const trd_ask *ask,
    const trd_verdict *verdict, unsigned reason) {
    if (trd_likely(engine->decisions == 0)) {
        return;
    }
    trd_order_info info;
    const int result = trd_match_order(trd__engine_match(engine), ask->order, &info);
    trd_assert(result == TRD_OK);
    trd_event *event = decision(engine, out, ask->instrument, ask->account, reason);
    event->side = ask->side;
    verdict_of(event, verdict);
    event->u.decision.actor = ask->actor;
    event->u.decision.ask = TRD_ASK_RELEASE;
    event->u.decision.marks = marks_of(verdict, false);
    append(engine, out, event, verdict, info.client_id, ask->order);
}
