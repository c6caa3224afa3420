/* check_margin.h - MARGIN: the mode of the account allows it, and the margin is there. */
#ifndef TRD_RISK_CHECK_MARGIN_H
#define TRD_RISK_CHECK_MARGIN_H

#include "risk/case.h"

#include "acct/value.h"

/* Unrealised profit of the derivatives that settle in the asset of the hold; false without one of
 * the marks. */
static trd_noinline bool trd__unrealised_in(const trd_case *c, trd_wide *sum) {
    trd_acct_pool own;
    const trd_acct_pool *pool = trd__balance_sums(c->accounts, c->keeps, c->seat.settle, &own);
    *sum = pool->profit;
    return pool->no_mark == 0;
}

/* What check_portfolio.c asks of an account of mode PORTFOLIO, check_multi.c of one of mode MULTI.
 */
bool trd__check_portfolio(trd_case *c);
bool trd__check_multi(trd_case *c);

/* Asked where margin is held and the order does not reduce, and where positions are margined
 * together. */
trd_inline bool trd__check_margin(trd_case *c) {
    if (trd_unlikely(trd__is_whole(c->client->mode))) {
        return c->client->mode == TRD_MODE_MULTI ? trd__check_multi(c) : trd__check_portfolio(c);
    }
    const trd_risk_need *need = &c->need;
    trd_wide usable = (trd_wide)need->free + need->own;
    if (c->client->mode == TRD_MODE_CASH || !need->has_rate) {
        return trd__found(c, 0, INT64_MAX, usable);
    }
    if (c->client->mode == TRD_MODE_CROSS) {
        trd_wide profit = 0;
        if (!trd__unrealised_in(c, &profit)) {
            return trd__found(c, 0, INT64_MAX, usable);
        }
        usable += profit < 0 ? profit : 0;
    }
    if (trd__is_covered(need, need->amount, need->amount <= usable)) {
        return true;
    }
    return trd__found(c, 0, need->amount, usable);
}

#endif
