/* check_portfolio.c - MARGIN of an account of mode PORTFOLIO: what its groups need is not locked,
 * so an order is asked about what they leave. */
#include "risk/check_margin.h"

#include "risk/portfolio.h"

/* How the account stands in the asset of the hold. */
typedef struct standing {
    trd_margin_requirement now;
    trd_margin_requirement then; /* if the order executes */
    trd_portfolio_worth worth;
} standing;

/* The position that the requirement is compared at: with the worst case of its side, where other
 * orders of that side hold margin too; of what is paid in full with this order alone, since others
 * may never execute. */
static trd_qty lots_then(const trd_case *c) {
    return (trd_qty)(c->on_margin ? c->worst : (trd_wide)c->entry->qty + c->ask->qty);
}

static bool find_now(const trd_case *c, standing *s) {
    return trd__portfolio_require(c->risk, c->ask->account, c->need.asset, NULL, &s->now) == TRD_OK;
}

static bool find_then(const trd_case *c, standing *s) {
    const trd_portfolio_if then = {.instrument = c->ask->instrument,
        .change = {.qty_before = c->entry->qty, .qty_after = lots_then(c)}};
    s->then = s->now;
    return c->market->array == 0 || trd__portfolio_require(c->risk, c->ask->account, c->need.asset,
                                        &then, &s->then) == TRD_OK;
}

static bool find_worth(const trd_case *c, standing *s) {
    return trd__portfolio_worth_of(
               c->accounts, c->keeps, c->ask->account, c->need.asset, &s->worth) == TRD_OK;
}

/* What positions that need `initial`, and other orders, leave of the equity; also orders that will
 * be held beside this one. */
static trd_wide left_by(const trd_case *c, const standing *s, trd_amt initial) {
    return s->worth.equity - initial - (s->worth.held - c->need.own) - c->beside->amount;
}

/* LINEAR, INVERSE, sellers of options. */
static bool outright_passes(trd_case *c, trd_wide usable) {
    const trd_risk_need *need = &c->need;
    standing s;
    if (!need->has_rate || !find_now(c, &s) || !find_then(c, &s) || !find_worth(c, &s)) {
        return trd__found(c, 0, INT64_MAX, usable);
    }
    if (!trd__is_covered(need, need->amount, need->amount <= usable)) {
        return trd__found(c, 0, need->amount, usable);
    }
    const bool has_it = c->held != NULL && !need->rehold && need->amount <= need->own;
    if (has_it || s.then.initial <= s.now.initial) {
        return true; /* it asks for nothing new, or it hedges */
    }
    const trd_wide left = left_by(c, &s, s.now.initial);
    if (!trd__is_covered(need, need->amount, need->amount <= left)) {
        return trd__found(c, 0, need->amount, left);
    }
    const trd_wide all = (trd_wide)s.then.initial + need->charge;
    if (all <= s.worth.equity) {
        return true;
    }
    return trd__found(c, 0, all, s.worth.equity);
}

/* SPOT, buyers of options: BALANCE has seen that the money is there. While positions need some of
 * it, the order must leave that much; an option that lowers what they need may cost so much more.
 */
static bool paid_passes(trd_case *c, trd_wide usable) {
    const trd_risk_need *need = &c->need;
    standing s;
    if (!find_now(c, &s)) {
        return trd__found(c, 0, INT64_MAX, usable);
    }
    if (s.now.initial == 0) {
        return true;
    }
    if (!find_then(c, &s) || !find_worth(c, &s)) {
        return trd__found(c, 0, INT64_MAX, usable);
    }
    const bool hedges = s.then.initial < s.now.initial;
    const trd_wide left = left_by(c, &s, hedges ? s.then.initial : s.now.initial);
    if (trd__is_covered(need, need->amount, need->amount <= left)) {
        return true;
    }
    return trd__found(c, 0, need->amount, left);
}

bool trd__check_portfolio(trd_case *c) {
    const trd_wide usable = (trd_wide)c->need.free + c->need.own;
    return c->on_margin ? outright_passes(c, usable) : paid_passes(c, usable);
}
