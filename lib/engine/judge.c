/* judge.c - who may do what, and which orders may act: the rules of the market first, then risk. */
#include "engine/judge.h"

#include "acct/state.h"
#include "engine/legs.h"
#include "match/form.h"
#include "match/rich.h"
#include "risk/grant.h"
#include "risk/state.h"

/* --- permissions ------------------------------------------------------------------------------ */

unsigned trd__engine_permission(unsigned kind) {
    switch (kind) {
    case TRD_COMMAND_CANCEL:
    case TRD_COMMAND_REDUCE:
    case TRD_COMMAND_MASS_CANCEL:
    case TRD_COMMAND_DEADMAN:
        return TRD_MAY_CANCEL_ORDERS;
    case TRD_COMMAND_ACCOUNT:
    case TRD_COMMAND_TRANSFER:
        return TRD_MAY_MANAGE_USERS;
    case TRD_COMMAND_SESSION:
    case TRD_COMMAND_PRICE:
    case TRD_COMMAND_LIMIT:
    case TRD_COMMAND_KILL:
    case TRD_COMMAND_FUNDING:
    case TRD_COMMAND_CORPORATE:
    case TRD_COMMAND_BOOKS:
    case TRD_COMMAND_INSTRUMENT:
        return TRD_MAY_CONFIGURE;
    case TRD_COMMAND_QUOTE:
    case TRD_COMMAND_PROTECTION:
        return TRD_MAY_CREATE_ORDERS;
    default:
        return 0; /* TIMER, SUBSCRIBE; and what is no command is refused for that */
    }
}

unsigned trd__engine_permitted(const trd_engine *engine) {
    const trd_command *command = engine->command;
    const unsigned permission = trd__engine_permission(command->kind);
    /* Is there such an account? That is asked by whoever needs it. */
    return permission == 0 ||
                   trd__may(trd__engine_risk(engine), command->actor, command->account, permission)
               ? 0
               : TRD_REJECT_NOT_PERMITTED;
}

/* --- orders ----------------------------------------------------------------------------------- */

/* Orders that the engine does not carry yet: it could not say what they may cost. */
static bool is_supported(const trd_command *command) {
    return command->kind != TRD_COMMAND_NEW || command->u.order.stp != TRD_STP_TRANSFER;
}

/* What a NEW says in its ORDER_LINK: zero without one. */
static const trd_ext_link *link_of(const trd_command *command, uint32_t slots) {
    static const trd_ext_link none;
    for (uint32_t at = 1; command->kind == TRD_COMMAND_NEW && at < slots; at++) {
        const trd_ext_link *link = (const trd_ext_link *)(const void *)(command + at);
        if (link->kind == TRD_EXT_ORDER_LINK) {
            return link;
        }
    }
    return &none;
}

static bool is_cancel(unsigned kind) {
    return kind == TRD_COMMAND_CANCEL || kind == TRD_COMMAND_REDUCE ||
           kind == TRD_COMMAND_MASS_CANCEL;
}

unsigned trd__engine_count(trd_engine *engine) {
    const trd_command *command = engine->command;
    const trd_message message = {.tag = link_of(command, engine->slots)->tag,
        .account = command->account,
        .actor = command->actor,
        .cancels = is_cancel(command->kind),
        .override = (command->flags & TRD_COMMAND_OVERRIDE) != 0,
        .now = trd__engine_now(engine)};
    const int result = trd_risk_message(trd__engine_risk(engine), &message);
    return result > 0 ? (unsigned)result : 0;
}

void trd__engine_ask_make(
    const trd_engine *engine, const trd_command *command, const trd_vetted *v, trd_ask *ask) {
    const bool limited = v->has_px != 0 && v->has_bound == 0; /* the price of a peg moves */
    ask->tag = v->tag;
    ask->order = v->order;
    ask->account = v->account;
    ask->instrument = v->instrument;
    ask->actor = command->actor;
    ask->kind = command->kind == TRD_COMMAND_NEW ? TRD_ASK_NEW : TRD_ASK_AMEND;
    ask->side = v->side;
    ask->position = v->position;
    ask->reduce_only = v->reduces;
    ask->has_px = limited;
    ask->has_bound = v->has_bound;
    ask->override = (command->flags & TRD_COMMAND_OVERRIDE) != 0;
    ask->reserved = 0;
    ask->reserved1 = 0;
    ask->px = limited ? v->px : 0;
    ask->bound = v->has_bound ? v->bound : 0;
    ask->qty = v->leaves;
    ask->now = trd__engine_now(engine);
    ask->parent = v->parent;
}

trd_ask trd__engine_ask_raw(const trd_engine *engine, const trd_command *command, uint32_t slots) {
    const trd_new *order = &command->u.order;
    const bool has_px = order->type == TRD_TYPE_LIMIT;
    const trd_ext_link *link = link_of(command, slots);
    return (trd_ask){.tag = link->tag,
        .account = command->account,
        .instrument = command->instrument,
        .actor = command->actor,
        .kind = TRD_ASK_NEW,
        .side = order->side,
        .position = order->position,
        .has_px = has_px,
        .override = (command->flags & TRD_COMMAND_OVERRIDE) != 0,
        .px = has_px ? order->px : 0,
        .qty = order->qty,
        .now = trd__engine_now(engine),
        .parent = link->parent};
}

unsigned trd__engine_may_order(const trd_engine *engine) {
    const trd_command *command = engine->command;
    return trd_risk_may(trd__engine_risk(engine), command->actor, command->account,
               TRD_MAY_CREATE_ORDERS) == 0
               ? TRD_REJECT_NOT_PERMITTED
               : 0;
}

/* Risk was not asked, or has no answer. */
static unsigned no_verdict(trd_engine *engine) {
    engine->verdict = (trd_verdict){0};
    return 0;
}

/* The verdict of risk. */
static unsigned ask_risk(trd_engine *engine) {
    const int result = trd__risk_grant(trd__engine_risk(engine), trd__engine_accounts(engine),
        &engine->ask, &engine->verdict, &engine->grant);
    return trd_likely(result == TRD_OK) ? engine->verdict.reason : no_verdict(engine);
}

/* An order without lots: risk is asked when it has some, and what is left is who sends it. */
static unsigned unasked(trd_engine *engine) {
    no_verdict(engine);
    return trd__engine_may_order(engine);
}

/* The verdict about an order with a budget: a buyer who pays in full holds that, everybody else
 * what the most lots need that it could come to. */
static unsigned ask_budget(trd_engine *engine) {
    const trd_match *match = trd__engine_match(engine);
    trd_vetted *v = &engine->vetted;
    trd_ask *ask = &engine->ask;
    const trd_instrument *spec = &trd__listing(match, v->instrument)->spec;
    const bool pays = v->side == TRD_BUY &&
                      (spec->kind == TRD_INSTRUMENT_SPOT || spec->kind == TRD_INSTRUMENT_OPTION);
    const trd_risk_beside beside = {.budget = pays ? v->budget : 0};
    v->leaves = 0; /* nobody knows how many it will be */
    ask->qty = trd__budget_lots(match, v->instrument, v->side, v->budget);
    engine->judged = ask->qty != 0;
    if (engine->judged == 0) {
        return unasked(engine);
    }
    if (pays && ask->has_bound == 0) { /* the budget is the bound */
        ask->has_bound = 1;
        ask->bound = spec->px_max;
    }
    const int result = trd__risk_grant_beside(trd__engine_risk(engine),
        trd__engine_accounts(engine), ask, &beside, &engine->verdict, &engine->grant);
    trd_assert(result == TRD_OK);
    return engine->verdict.reason;
}

/* The verdict about new terms for an order that may be a child of linked ones: of all lots that it
 * may have, and none before it has been released. */
static unsigned ask_amended(trd_engine *engine) {
    const trd_match *match = trd__engine_match(engine);
    const trd_leg_info info = trd__leg_info(match, engine->vetted.order);
    trd_order_info order;
    const int result = trd_match_order(match, engine->vetted.order, &order);
    trd_assert(result == TRD_OK);
    const bool ends = engine->ask.qty == 0 && order.leaves != 0;
    trd_risk_beside beside;
    engine->ask.qty = info.waits != 0 || ends ? 0 : engine->ask.qty + info.to_come;
    engine->judged = engine->ask.qty != 0;
    if (engine->judged == 0) {
        return unasked(engine);
    }
    trd__engine_beside(engine, &info, &engine->ask, &beside);
    const int asked = trd__risk_grant_beside(trd__engine_risk(engine), trd__engine_accounts(engine),
        &engine->ask, &beside, &engine->verdict, &engine->grant);
    trd_assert(asked == TRD_OK);
    return engine->verdict.reason;
}

/* DUPLICATE_ID if it wants a client id that is the engine's; 0. */
static unsigned reserved_id(const trd_engine *engine) {
    const trd_command *command = engine->command;
    const bool is_new = command->kind == TRD_COMMAND_NEW;
    if (!is_new && (command->flags & TRD_COMMAND_NEW_ID) == 0) {
        return 0;
    }
    const uint64_t id = is_new ? command->u.order.client_id : command->u.replace.client_id;
    return trd__engine_is_own(engine, id) ? TRD_REJECT_DUPLICATE_ID : 0;
}

/* Would the matcher refuse it? The reason, 0 if not. What it finds of a plain order it need not
 * find again. */
static int vet(trd_engine *engine) {
    trd_match *match = trd__engine_match(engine);
    const trd_command *command = engine->command;
    if (trd_likely(trd__form_plain(command)) &&
        (command->time < match->plain_until || trd__way(match, command) == TRD_WAY_SHORT)) {
        const unsigned reason = trd__entrant_vet(match, command, &engine->entrant, &engine->vetted);
        engine->entrant_known = reason == 0;
        return (int)reason;
    }
    return trd_match_vet(match, command, &engine->vetted);
}

/* A leg, but the dry run of one that would only wait: that is judged by itself. */
static bool is_linked(const trd_command *command) {
    const unsigned alone = TRD_COMMAND_STAGED | TRD_COMMAND_DRY_RUN;
    return (command->flags & alone) != alone && trd__link_is(command);
}

static trd_noinline unsigned judge_any(trd_engine *engine, unsigned late) {
    trd_command *command = engine->command;
    late = trd__engine_first_of(late, reserved_id(engine));
    const uint16_t flags = command->flags;
    if (!is_supported(command)) {
        no_verdict(engine);
        return TRD_REJECT_UNSUPPORTED;
    }
    if (trd_unlikely(engine->links_at != 0) && is_linked(command)) {
        return trd__engine_judge_leg(engine, late);
    }
    command->flags &= (uint16_t)~TRD__ENGINE_FLAGS;
    const int invalid = vet(engine);
    command->flags = flags;
    trd_assert(invalid >= 0);
    if (invalid != 0) {
        unsigned other;
        if (command->kind == TRD_COMMAND_NEW) {
            engine->ask = trd__engine_ask_raw(engine, command, engine->slots);
            other = ask_risk(engine);
        } else {
            other = no_verdict(engine);
        }
        const unsigned reason =
            trd__engine_first_of(trd__engine_first_of((unsigned)invalid, other), late);
        engine->by_market = reason == (unsigned)invalid;
        return reason;
    }
    trd__engine_ask_make(engine, command, &engine->vetted, &engine->ask);
    engine->judged = engine->vetted.leaves != 0;
    if (trd_unlikely(engine->links_at != 0) && command->kind == TRD_COMMAND_REPLACE) {
        return trd__engine_first_of(ask_amended(engine), late);
    }
    if (trd_unlikely(engine->vetted.budget != 0)) {
        return trd__engine_first_of(ask_budget(engine), late);
    }
    /* What has no lots now is asked about when it has some. */
    const unsigned reason =
        trd__engine_first_of(engine->judged != 0 ? ask_risk(engine) : unasked(engine), late);
    if (reason != 0) {
        engine->entrant_known = 0; /* it does not enter: nothing else may enter by it */
    }
    return reason;
}

/* The usual order on the matcher's short way, valid: a limit and nothing besides, so that all that
 * risk is asked stands in the record. False, and nothing is decided, of any other: judge it. */
trd_inline bool judge_plain(trd_engine *engine, unsigned late, unsigned *reason) {
    const trd_command *command = engine->command;
    const trd_new *order = &command->u.order;
    trd_match *match = trd__engine_match(engine);
    if (!trd__form_plain(command) || trd_unlikely(command->time >= match->plain_until) ||
        trd_unlikely(order->client_id >= TRD__ENGINE_IDS) ||
        trd_unlikely(trd__entrant_vet(match, command, &engine->entrant, &engine->vetted) != 0)) {
        return false;
    }
    engine->ask = (trd_ask){.account = command->account,
        .instrument = command->instrument,
        .actor = command->actor,
        .kind = TRD_ASK_NEW,
        .side = order->side,
        .has_px = 1,
        .px = order->px,
        .qty = order->qty,
        .now = trd__engine_now(engine)};
    engine->judged = 1;
    *reason = trd__engine_first_of(ask_risk(engine), late);
    engine->entrant_known = *reason == 0;
    return true;
}

unsigned trd__engine_judge(trd_engine *engine, unsigned late) {
    unsigned plain;
    if (trd_likely(judge_plain(engine, late, &plain))) {
        return plain;
    }
    return judge_any(engine, late);
}

/* --- orders that the engine releases ---------------------------------------------------------- */

/* Lots that an order is asked about: of a child all that it may have; one that closes the position
 * has none before it is released. */
static trd_qty lots_released(const trd_engine *engine, const trd_order_info *info,
    const trd_leg_info *leg, unsigned position) {
    /* Of the children those without open lots have no trigger. */
    trd_assert(info->leaves != 0 || leg->to_come == 0);
    return info->leaves != 0 ? info->leaves + leg->to_come
                             : trd__closing_lots(trd__engine_match(engine), info->account,
                                   info->instrument, position, info->side);
}

/* The worst price of a released order without limit: the end of the band; of a child that may be
 * granted lots again, when the band is another, the last price there is. */
static bool bound_released(
    const trd_engine *engine, const trd_order_info *info, const trd_leg_info *leg, trd_px *bound) {
    const trd_match *match = trd__engine_match(engine);
    const trd_instrument *spec = &trd__listing(match, info->instrument)->spec;
    trd_px low = spec->px_min;
    trd_px high = spec->px_max;
    const bool known = leg->grows != 0 || trd__band(match, info->instrument, &low, &high);
    *bound = !known ? 0 : info->side == TRD_BUY ? high : low;
    return known;
}

static trd_ask ask_release(
    const trd_engine *engine, const trd_order_info *info, const trd_leg_info *leg) {
    const trd_match *match = trd__engine_match(engine);
    const uint32_t unit = trd__store_unit(&match->store, info->order);
    const trd_node *node = trd__order(match, unit);
    const trd_special *special = trd__special(match, trd__special_of(node));
    trd_px bound = 0;
    const bool has_px = info->type == TRD_TYPE_LIMIT || info->type == TRD_TYPE_STOP_LIMIT ||
                        info->type == TRD_TYPE_TOUCHED_LIMIT ||
                        info->type == TRD_TYPE_TRAILING_STOP_LIMIT;
    const bool banded = !has_px && bound_released(engine, info, leg, &bound);
    const unsigned side = trd__position_of(node);
    return (trd_ask){.tag = special->tag,
        .order = info->order,
        .account = info->account,
        .instrument = info->instrument,
        .actor = node->actor,
        .kind = TRD_ASK_RELEASE,
        .side = info->side,
        .position = (uint8_t)side,
        .reduce_only = special->reduces,
        .has_px = has_px,
        .has_bound = banded,
        .px = has_px ? info->px : 0,
        .bound = bound,
        .qty = lots_released(engine, info, leg, side),
        .now = match->time,
        .parent = special->parent};
}

void trd__engine_release(trd_engine *engine, trd_out *out) {
    trd_match *match = trd__engine_match(engine);
    trd_order_info info;
    trd_verdict verdict = {0};
    trd_acct_grant grant; /* that of the command in work may still be wanted */
    int result = trd_match_pending(match, &info);
    trd_assert(result == TRD_OK);
    const trd_leg_info leg = trd__leg_info(match, info.order);
    const trd_ask ask = ask_release(engine, &info, &leg);
    trd_risk_beside beside;
    unsigned reason = match->kill_count != 0 && trd__is_killed(match, ask.account, ask.instrument,
                                                    ask.actor, ask.tag, ask.reduce_only != 0)
                          ? TRD_REJECT_KILLED
                          : 0;
    if (reason == 0 && ask.qty > 0) { /* without lots it ends by itself: nothing to reduce */
        trd__engine_beside(engine, &leg, &ask, &beside);
        result = trd__risk_grant_beside(trd__engine_risk(engine), trd__engine_accounts(engine),
            &ask, &beside, &verdict, &grant);
        trd_assert(result == TRD_OK);
        reason = verdict.reason;
    }
    trd__engine_return(engine);
    trd__engine_tell_release(engine, out, &ask, &verdict, reason);
    trd__engine_lend(engine);
    if (reason == 0 && ask.qty > 0) {
        trd__engine_hold(engine, out, &ask, &verdict, &grant);
    }
    result = trd_match_verdict(match, reason);
    trd_assert(result == TRD_OK);
}
