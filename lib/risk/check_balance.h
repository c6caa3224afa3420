/* check_balance.h - BALANCE: price and fees are there; margin is asked about later. */
#ifndef TRD_RISK_CHECK_BALANCE_H
#define TRD_RISK_CHECK_BALANCE_H

#include "risk/case.h"

/* What check_multi.c says of an order on margin, for which the free balance is not enough, in mode
 * MULTI. */
bool trd__check_backed(trd_case *c);

trd_inline bool trd__check_balance(trd_case *c) {
    const trd_risk_need *need = &c->need;
    const trd_amt usable = need->free + need->own; /* both below 2^62 */
    if (trd__is_covered(need, need->charge, need->charge <= usable)) {
        return true;
    }
    if (c->on_margin && c->client->mode == TRD_MODE_MULTI) {
        return trd__check_backed(c);
    }
    return trd__found(c, 0, need->charge, usable);
}

#endif
