/* check_balance.c - BALANCE: price and fees are there; margin is asked about later. */
#include "risk/check.h"

bool trd__check_balance(trd_case *c) {
    const trd_risk_need *need = &c->need;
    const trd_wide usable = (trd_wide)need->free + need->own;
    if (trd__is_covered(need, need->charge, usable)) {
        return true;
    }
    return trd__found(c, 0, need->charge, usable);
}
