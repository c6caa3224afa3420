/* check_position.h - POSITION_LIMIT: the worst case of its side, of the account, and of all
 * accounts together. */
#ifndef TRD_RISK_CHECK_POSITION_H
#define TRD_RISK_CHECK_POSITION_H

#include "risk/case.h"

/* OUTSIDE has what all accounts together have not. What is open is known from the orders that
 * passed. */
trd_inline trd_wide trd__firm_worst(const trd_case *c) {
    const trd_risk_order *known =
        c->ask->kind != TRD_ASK_NEW ? trd__risk_order_of(c->risk, c->ask->order) : NULL;
    const trd_wide open =
        c->market->open[c->ask->side - TRD_BUY] + c->ask->qty - (known != NULL ? known->leaves : 0);
    const trd_wide all = -(trd_wide)c->seat.listing->outside;
    return c->ask->side == TRD_BUY ? all + open : open - all;
}

trd_inline bool trd__check_position(trd_case *c) {
    const trd_risk_node *firm = &c->risk->firm;
    if (trd_unlikely(trd__has(firm, TRD_LIMIT_POSITION))) {
        const int64_t limit = trd__value_of_limit(firm, TRD_LIMIT_POSITION);
        const trd_wide worst = trd__firm_worst(c);
        if (worst > limit) {
            return trd__found(c, TRD_LIMIT_FIRM, worst, limit);
        }
    }
    return trd__is_within_scopes(c,
        trd__scopes_of(c, TRD_LIMIT_POSITION) & ~((uint32_t)1 << (TRD_LIMIT_FIRM - 1)),
        TRD_LIMIT_POSITION, c->ask->side == TRD_BUY ? c->worst : -c->worst);
}

#endif
