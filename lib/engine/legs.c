/* legs.c - linked orders: judged together, held apart. */
#include "engine/legs.h"

#include <string.h>

#include "acct/hold.h"
#include "engine/judge.h"
#include "match/rich.h"
#include "risk/grant.h"

/* --- judging ---------------------------------------------------------------------------------- */

/* Lots and money of a leg that passed are counted beside the legs after it. */
static void count_beside(trd_risk_beside *beside, const trd_engine_leg *leg) {
    beside->lots[leg->ask.position] += leg->ask.qty;
    beside->all += leg->ask.qty;
    beside->amount += leg->verdict.need;
    beside->full += leg->grant.hold.kind == TRD_HOLD_FULL ? leg->verdict.need : 0;
    beside->value += leg->verdict.has_value != 0 ? leg->verdict.value : 0;
    beside->unpriced += leg->verdict.has_value == 0;
}

/* Lots that legs before leg `at` will have open of the same parent order. */
static trd_qty taken_of_parent(const trd_engine *engine, uint32_t at) {
    trd_qty lots = 0;
    const trd_ask *own = &engine->leg[at].ask;
    for (uint32_t i = 0; own->parent != 0 && i < at; i++) {
        const trd_ask *other = &engine->leg[i].ask;
        lots += other->parent == own->parent ? other->qty : 0;
    }
    return lots;
}

/* A leg of the group, with what acts before it counted in. The reason, 0 if it may act. */
static unsigned judge_one(trd_engine *engine, const trd_link_vetted *found, uint32_t at,
    uint16_t flags, trd_risk_beside *beside) {
    trd_engine_leg *leg = &engine->leg[at];
    const trd_command *record = found->records + (size_t)at * TRD_SLOTS_MAX;
    const trd_vetted *vetted = &found->legs[at];
    const unsigned market = found->reasons[at];
    *leg = (trd_engine_leg){.actor = record->actor, .seq = record->seq};
    leg->client_id = record->u.order.client_id;
    if (market != 0) {
        leg->ask = trd__engine_ask_raw(engine, record, record->slots);
    } else {
        trd__engine_ask_make(engine, record, vetted, &leg->ask);
    }
    leg->ask.override = (flags & TRD_COMMAND_OVERRIDE) != 0;
    if (market == 0 && vetted->child != 0) {
        leg->ask.qty = 0; /* it holds nothing, and is asked about when it is released */
        return 0;
    }
    beside->parent = taken_of_parent(engine, at);
    const int result = trd__risk_grant_beside(trd__engine_risk(engine),
        trd__engine_accounts(engine), &leg->ask, beside, &leg->verdict, &leg->grant);
    if (result != TRD_OK) { /* so far from an order that risk has no answer */
        trd_assert(market != 0);
        leg->verdict = (trd_verdict){0};
    }
    if (market == 0 && leg->verdict.reason == 0) {
        count_beside(beside, leg);
    }
    return trd__engine_first_of(market, leg->verdict.reason);
}

/* All legs, in their order: the first that may not act is the one whose reason is told. */
static unsigned judge_all(
    trd_engine *engine, const trd_link_vetted *found, uint16_t flags, unsigned late) {
    trd_risk_beside beside = {.all = 0};
    engine->own_leg = found->count - 1;
    for (uint32_t at = 0; at < found->count; at++) {
        unsigned reason = judge_one(engine, found, at, flags, &beside);
        if (at + 1 == found->count) {
            reason = trd__engine_first_of(reason, late);
        }
        engine->legs = at + 1;
        engine->guilty = at;
        if (reason != 0) {
            engine->by_market = reason == found->reasons[at];
            return reason;
        }
    }
    return 0;
}

/* What the answer of a group is: of the leg that was refused, or the last one that was asked
 * about. */
static void say(trd_engine *engine, unsigned reason) {
    uint32_t at = engine->guilty;
    while (reason == 0 && at > 0 && engine->leg[at].ask.qty == 0) {
        at--;
    }
    engine->verdict = engine->leg[at].verdict;
    engine->grant = engine->leg[at].grant;
}

/* What is asked of a leg that only waits for the others. */
static unsigned judge_staged(const trd_engine *engine) {
    const trd_command *command = engine->command;
    const bool overrides =
        (command->flags & TRD_COMMAND_OVERRIDE) != 0 && (command->flags & TRD_COMMAND_STAGED) != 0;
    return trd__engine_first_of(
        overrides ? TRD_REJECT_BAD_COMBINATION : 0, trd__engine_may_order(engine));
}

unsigned trd__engine_judge_leg(trd_engine *engine, unsigned late) {
    trd_command *command = engine->command;
    const uint16_t flags = command->flags;
    trd_link_vetted found;
    command->flags &= (uint16_t)~TRD__ENGINE_FLAGS;
    const unsigned market = trd__link_vet(trd__engine_match(engine), command, &found);
    command->flags = flags;
    engine->verdict = (trd_verdict){0};
    if (found.count == 0) {
        const unsigned reason =
            trd__engine_first_of(market, trd__engine_first_of(judge_staged(engine), late));
        engine->by_market = reason == market;
        return reason;
    }
    const unsigned reason = judge_all(engine, &found, flags, late);
    engine->vetted = found.legs[found.count - 1];
    say(engine, reason);
    return reason;
}

/* --- children --------------------------------------------------------------------------------- */

/* Lots that the other child of a bracket holds on the same position: what one executes the other
 * loses, so that they never come to both. */
static trd_qty shared_with(const trd_engine *engine, const trd_leg_info *info, const trd_ask *ask) {
    const trd_match *match = trd__engine_match(engine);
    const trd_accounts *a = trd__engine_accounts(engine);
    const uint32_t other = info->leg == 1 ? 2 : 1;
    const trd_acct_hold *held = trd__leg_is_bracket(match, info->group)
                                    ? trd__hold_of(a, trd__leg_order(match, info->group, other))
                                    : NULL;
    trd_assert(held == NULL || held->side == ask->side); /* groups.md: leg 3 as leg 2 */
    return held != NULL && trd__entry(a, held->entry)->side == ask->position ? held->leaves : 0;
}

/* Lots that come only when the parent executes as many the other way, or never come. */
static trd_qty balanced(const trd_leg_info *info, const trd_ask *ask) {
    const bool is_over = info->parent_side == 0;
    return is_over || (info->parent_side != ask->side && info->parent_holds == ask->position)
               ? info->beyond
               : 0;
}

void trd__engine_beside(
    const trd_engine *engine, const trd_leg_info *info, const trd_ask *ask, trd_risk_beside *out) {
    *out = (trd_risk_beside){.all = 0};
    if (info->group != 0 && info->leg != 0) {
        out->lots[ask->position] = -(shared_with(engine, info, ask) + balanced(info, ask));
    }
}

/* --- holding ---------------------------------------------------------------------------------- */

void trd__engine_leg_accepted(trd_engine *engine, trd_out *out, trd_order order) {
    const trd_leg_info info = trd__leg_info(trd__engine_match(engine), order);
    trd_engine_leg *leg = &engine->leg[info.leg];
    *trd__engine_link(engine, order) = (trd_engine_link){.group = info.group, .leg = info.leg};
    if (leg->ask.qty == 0) {
        return;
    }
    leg->ask.order = order;
    trd__engine_hold(engine, out, &leg->ask, &leg->verdict, &leg->grant);
}

trd_qty trd__engine_to_come(trd_engine *engine, trd_order order) {
    trd_engine_link *link = trd__engine_link(engine, order);
    if (link == NULL || link->group == 0) {
        return 0;
    }
    link->to_come = trd__leg_at(trd__engine_match(engine), link->group, link->leg).to_come;
    return link->to_come;
}

/* Gives back what a child will not be granted any more. */
static void child_follows(trd_engine *engine, trd_out *out, trd_order order) {
    trd_engine_link *link = trd__engine_link(engine, order);
    const trd_qty before = link->to_come;
    if (before == 0) {
        return;
    }
    const trd_qty to_come = trd__engine_to_come(engine, order);
    trd_assert(to_come <= before);
    trd__engine_close(engine, out, order, before - to_come);
}

static bool has_ended(const trd_event *event) {
    return event->kind == TRD_EVENT_CANCELED || event->status == TRD_STATUS_FILLED;
}

void trd__engine_legs_follow(trd_engine *engine, trd_out *out, const trd_event *event) {
    const trd_order order = trd__event_order(event);
    trd_engine_link *link = trd__engine_link(engine, order);
    if (link == NULL || link->group == 0) {
        return;
    }
    for (uint32_t at = 1; at < TRD_LEGS_MAX; at++) {
        const trd_order child = trd__leg_order(trd__engine_match(engine), link->group, at);
        if (child != 0) {
            child_follows(engine, out, child);
        }
    }
    if (has_ended(event)) {
        /* One that may be granted more is not FILLED; of all others nothing is held by now. */
        trd_assert(trd__hold_of(trd__engine_accounts(engine), order) == NULL);
        *link = (trd_engine_link){0};
    }
}
