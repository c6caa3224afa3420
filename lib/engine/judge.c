/* judge.c - who may do what, and which orders may act: the rules of the market first, then risk. */
#include "engine/state.h"

#include "acct/state.h"
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
    return command->kind != TRD_COMMAND_NEW || ((command->u.order.exec & TRD_EXEC_BUDGET) == 0 &&
                                                   command->u.order.stp != TRD_STP_TRANSFER);
}

/* Engine time at the command in work, which has not passed yet. */
static trd_ns now(const trd_engine *engine) {
    const trd_ns time = trd__engine_match(engine)->time;
    return engine->command[0].time > time ? engine->command[0].time : time;
}

/* The tag of a NEW, from its extension. */
static uint64_t tag_of(const trd_command *command, uint32_t slots) {
    for (uint32_t at = 1; command->kind == TRD_COMMAND_NEW && at < slots; at++) {
        const trd_ext_link *link = (const trd_ext_link *)(const void *)(command + at);
        if (link->kind == TRD_EXT_ORDER_LINK) {
            return link->tag;
        }
    }
    return 0;
}

static bool is_cancel(unsigned kind) {
    return kind == TRD_COMMAND_CANCEL || kind == TRD_COMMAND_REDUCE ||
           kind == TRD_COMMAND_MASS_CANCEL;
}

/* Does a throttle count the command? */
static bool is_counted(const trd_risk *risk, unsigned kind) {
    return risk->scopes_of[TRD_LIMIT_MESSAGES] != 0 &&
           (kind == TRD_COMMAND_NEW || kind == TRD_COMMAND_REPLACE || kind == TRD_COMMAND_QUOTE ||
               is_cancel(kind));
}

unsigned trd__engine_count(trd_engine *engine) {
    const trd_command *command = engine->command;
    if (!is_counted(trd__engine_risk(engine), command->kind) ||
        trd_likely(trd__message_counts(trd__engine_risk(engine), now(engine)))) {
        return 0;
    }
    const trd_message message = {.tag = tag_of(command, engine->slots),
        .account = command->account,
        .actor = command->actor,
        .cancels = is_cancel(command->kind),
        .override = (command->flags & TRD_COMMAND_OVERRIDE) != 0,
        .now = now(engine)};
    const int result = trd_risk_message(trd__engine_risk(engine), &message);
    return result > 0 ? (unsigned)result : 0;
}

/* What risk is asked about a valid order. */
static void ask_make(const trd_engine *engine, trd_ask *ask) {
    const trd_command *command = engine->command;
    const trd_vetted *v = &engine->vetted;
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
    ask->now = now(engine);
}

/* What risk is asked about an order that is not valid: reasons of risk that stand before it. */
static trd_ask ask_raw(const trd_engine *engine) {
    const trd_command *command = engine->command;
    const trd_new *order = &command->u.order;
    const bool has_px = order->type == TRD_TYPE_LIMIT;
    return (trd_ask){.tag = tag_of(command, engine->slots),
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
        .now = now(engine)};
}

static unsigned first_of(unsigned a, unsigned b) {
    return a != 0 && (b == 0 || trd_reject_before(a, b) != 0) ? a : b;
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

unsigned trd__engine_judge(trd_engine *engine, unsigned late) {
    trd_command *command = engine->command;
    late = first_of(late, reserved_id(engine));
    const uint16_t flags = command->flags;
    if (!is_supported(command)) {
        no_verdict(engine);
        return TRD_REJECT_UNSUPPORTED;
    }
    command->flags &= (uint16_t)~TRD__ENGINE_FLAGS;
    const int invalid = vet(engine);
    command->flags = flags;
    trd_assert(invalid >= 0);
    if (invalid != 0) {
        unsigned other;
        if (command->kind == TRD_COMMAND_NEW) {
            engine->ask = ask_raw(engine);
            other = ask_risk(engine);
        } else {
            other = no_verdict(engine);
        }
        const unsigned reason = first_of(first_of((unsigned)invalid, other), late);
        engine->by_market = reason == (unsigned)invalid;
        return reason;
    }
    ask_make(engine, &engine->ask);
    engine->judged = engine->vetted.leaves != 0;
    /* What has no lots now is asked about when it has some. */
    const unsigned reason =
        first_of(engine->judged != 0 ? ask_risk(engine) : no_verdict(engine), late);
    if (reason != 0) {
        engine->entrant_known = 0; /* it does not enter: nothing else may enter by it */
    }
    return reason;
}

/* --- orders that the engine releases ---------------------------------------------------------- */

static trd_ask ask_release(const trd_engine *engine, const trd_order_info *info) {
    const trd_match *match = trd__engine_match(engine);
    const uint32_t unit = trd__store_unit(&match->store, info->order);
    const trd_node *node = trd__order(match, unit);
    const trd_special *special = trd__special(match, trd__special_of(node));
    trd_px low = 0;
    trd_px high = 0;
    /* uncovered: a LIMIT waits for a verdict as a child of linked orders, which are not taken yet
     */
    const bool has_px = info->type == TRD_TYPE_LIMIT || info->type == TRD_TYPE_STOP_LIMIT ||
                        info->type == TRD_TYPE_TOUCHED_LIMIT ||
                        info->type == TRD_TYPE_TRAILING_STOP_LIMIT;
    const bool banded = !has_px && trd__band(match, info->instrument, &low, &high);
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
        .bound = !banded                 ? 0
                 : info->side == TRD_BUY ? high
                                         : low,
        /* One that closes the position has no lots before it is released. */
        .qty = info->leaves != 0
                   ? info->leaves
                   : trd__closing_lots(match, info->account, info->instrument, side, info->side),
        .now = match->time};
}

void trd__engine_release(trd_engine *engine, trd_out *out) {
    trd_match *match = trd__engine_match(engine);
    trd_order_info info;
    trd_verdict verdict = {0};
    trd_acct_grant grant; /* that of the command in work may still be wanted */
    int result = trd_match_pending(match, &info);
    trd_assert(result == TRD_OK);
    const trd_ask ask = ask_release(engine, &info);
    unsigned reason = match->kill_count != 0 && trd__is_killed(match, ask.account, ask.instrument,
                                                    ask.actor, ask.tag, ask.reduce_only != 0)
                          ? TRD_REJECT_KILLED
                          : 0;
    if (reason == 0 && ask.qty > 0) { /* without lots it ends by itself: nothing to reduce */
        result = trd__risk_grant(
            trd__engine_risk(engine), trd__engine_accounts(engine), &ask, &verdict, &grant);
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
