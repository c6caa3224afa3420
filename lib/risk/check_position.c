/* check_position.c - POSITION_LIMIT: the worst case of its side, of the account, and of all
 * accounts together. */
#include "risk/check.h"

/* OUTSIDE has what all accounts together have not. What is open is known from the orders that
 * passed. */
static trd_wide firm_worst(const trd_case *c) {
    const trd_risk_order *known =
        c->ask->kind != TRD_ASK_NEW ? trd__risk_order_of(c->risk, c->ask->order) : NULL;
    const trd_wide open =
        c->market->open[c->ask->side - TRD_BUY] + c->ask->qty - (known != NULL ? known->leaves : 0);
    const trd_wide all = -(trd_wide)c->seat.listing->outside;
    return c->ask->side == TRD_BUY ? all + open : open - all;
}

bool trd__check_position(trd_case *c) {
    const trd_risk_node *firm = &c->risk->firm;
    if (trd__has(firm, TRD_LIMIT_POSITION)) {
        const int64_t limit = trd__value_of_limit(firm, TRD_LIMIT_POSITION);
        const trd_wide worst = firm_worst(c);
        if (worst > limit) {
            return trd__found(c, TRD_LIMIT_FIRM, worst, limit);
        }
    }
    const trd_wide worst = c->ask->side == TRD_BUY ? c->worst : -c->worst;
    for (unsigned at = TRD_LIMIT_ACCOUNT - 1; at < TRD_RISK_SCOPES; at++) {
        const trd_risk_node *node = c->nodes[at];
        if (trd__has(node, TRD_LIMIT_POSITION)) {
            const int64_t limit = trd__value_of_limit(node, TRD_LIMIT_POSITION);
            if (worst > limit) {
                return trd__found(c, at + 1, worst, limit);
            }
        }
    }
    return true;
}
