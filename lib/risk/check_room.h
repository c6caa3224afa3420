/* check_room.h - NO_CAPACITY: the accounts have room for the position and the balances of it, and
 * risk for what a portfolio has in its group. An order that holds has taken its places already, and
 * needs none. */
#ifndef TRD_RISK_CHECK_ROOM_H
#define TRD_RISK_CHECK_ROOM_H

#include "risk/case.h"
#include "risk/portfolio.h"

trd_inline bool trd__check_room(trd_case *c) {
    return trd__seat_has_room(c->accounts, &c->seat, c->ask->side) &&
           (!trd__is_summed(c->risk, c->ask->account) ||
               trd__portfolio_has_room(c->risk, c->ask->account, c->ask->instrument));
}

#endif
