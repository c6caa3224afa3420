/* quote.c - quotes: both sides are judged before either acts, and each again when it does, because
 * what the bid sets off may change everything for the offer. */
#include "match/quote.h"

#include "acct/hold.h"
#include "engine/judge.h"
#include "risk/grant.h"
#include "risk/state.h"

/* One side as an order, new or with new terms. */
static trd_ask ask_of(const trd_engine *engine, const trd_quote_side *side) {
    const trd_command *command = engine->command;
    return (trd_ask){.order = side->order,
        .account = command->account,
        .instrument = command->instrument,
        .actor = command->actor,
        .kind = side->order == 0 ? TRD_ASK_NEW : TRD_ASK_AMEND,
        .side = side->side,
        .position = TRD_POSITION_NET,
        .has_px = 1,
        .px = side->px,
        .qty = side->qty,
        .now = trd__engine_now(engine)};
}

/* What a side that acts before the other one takes from the money that both need. */
static trd_amt taken(
    const trd_engine *engine, const trd_engine_leg *first, const trd_engine_leg *second) {
    const trd_acct_hold *held = trd__hold_of(trd__engine_accounts(engine), first->ask.order);
    const bool is_shared = first->verdict.asset == second->verdict.asset;
    return is_shared ? first->verdict.need - (held != NULL ? held->amount : 0) : 0;
}

static unsigned judge_side(trd_engine *engine, const trd_quote_side *side,
    const trd_risk_beside *beside, trd_engine_leg *out) {
    *out = (trd_engine_leg){.actor = engine->command[0].actor,
        .seq = engine->command[0].seq,
        .ask = ask_of(engine, side)};
    if (side->qty <= 0) {
        return 0; /* nothing is wanted, or the market says so */
    }
    const int result = trd__risk_grant_beside(trd__engine_risk(engine),
        trd__engine_accounts(engine), &out->ask, beside, &out->verdict, &out->grant);
    trd_assert(result == TRD_OK);
    return out->verdict.reason;
}

/* Values of both are open at once. */
static void count_beside(
    const trd_engine *engine, const trd_engine_leg *leg, trd_risk_beside *out) {
    const trd_risk_order *known =
        leg->ask.order != 0 ? trd__risk_order_of(trd__engine_risk(engine), leg->ask.order) : NULL;
    out->value = leg->verdict.value - (known != NULL ? known->counted : 0);
    out->unpriced = leg->verdict.has_value == 0;
}

/* The offer with the bid counted in: money if it is the same that both lock, and value; lots count
 * on the side of each. */
static unsigned judge_both(trd_engine *engine, const trd_quote_side *sides) {
    trd_engine_leg *leg = engine->leg;
    trd_risk_beside beside = {.all = 0};
    const unsigned bid = judge_side(engine, &sides[0], &beside, &leg[0]);
    unsigned ask = judge_side(engine, &sides[1], &beside, &leg[1]);
    if (bid == 0 && ask == 0 && sides[0].qty > 0 && sides[1].qty > 0) {
        count_beside(engine, &leg[0], &beside);
        beside.amount = taken(engine, &leg[0], &leg[1]);
        beside.full = leg[0].grant.hold.kind == TRD_HOLD_FULL ? beside.amount : 0;
        ask = judge_side(engine, &sides[1], &beside, &leg[1]);
    }
    const unsigned reason = trd__engine_first_of(bid, ask);
    engine->guilty = reason != 0 && reason != bid;
    return reason;
}

unsigned trd__engine_judge_quote(trd_engine *engine, unsigned late) {
    trd_quote_side sides[2];
    const unsigned market = trd__quote_vet(trd__engine_match(engine), engine->command, sides);
    engine->sides = 0;
    if (market == TRD_REJECT_MALFORMED || market == TRD_REJECT_UNSUPPORTED) {
        engine->by_market = 1;
        return market;
    }
    const unsigned risk = judge_both(engine, sides);
    const unsigned other = trd__engine_first_of(trd__engine_may_order(engine), late);
    const unsigned reason = trd__engine_first_of(trd__engine_first_of(market, risk), other);
    engine->by_market = reason == market;
    if (reason == risk) { /* else there is more to say than about its sides */
        engine->sides = (sides[0].qty > 0) | (sides[1].qty > 0) << 1;
    }
    return reason;
}

void trd__engine_quote_turn(trd_engine *engine, trd_out *out) {
    trd_match *match = trd__engine_match(engine);
    const trd_risk_beside alone = {.all = 0};
    trd_quote_side side;
    const bool is_pending = trd__quote_pending(match, &side);
    trd_assert(is_pending);
    trd_engine_leg *leg = &engine->leg[side.side - TRD_BUY];
    const unsigned reason = judge_side(engine, &side, &alone, leg);
    if (reason != 0) {
        trd__engine_return(engine);
        trd__engine_tell_leg(engine, out, side.side - TRD_BUY, reason);
        trd__engine_lend(engine);
    } else {
        engine->ask = leg->ask;
        engine->verdict = leg->verdict;
        engine->grant = leg->grant;
        engine->judged = 1;
    }
    trd__quote_verdict(match, reason);
}
