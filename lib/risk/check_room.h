/* check_room.h - NO_CAPACITY: the accounts have room for the position and the balances of it, and
 * risk for what a portfolio has in its group. An order that holds has taken its places already, and
 * needs none. */
#ifndef TRD_RISK_CHECK_ROOM_H
#define TRD_RISK_CHECK_ROOM_H

#include "risk/case.h"
#include "risk/portfolio.h"

/* Is there room for the other positions that are counted in, too? Their balances are those of this
 * one. */
static trd_noinline bool trd__has_room_beside(const trd_case *c) {
    const trd_ask *ask = c->ask;
    trd_acct_room room = {0};
    trd__seat_needs(c->accounts, &c->seat, ask->side, NULL, &room);
    for (unsigned side = TRD_POSITION_NET; side <= TRD_POSITION_SHORT; side++) {
        room.entries += side != ask->position && c->beside->lots[side] > 0 &&
                        trd__entry_find(c->accounts, ask->account, ask->instrument, side) == 0;
    }
    return trd__has_room(c->accounts, &room);
}

trd_inline bool trd__check_room(trd_case *c) {
    return trd__seat_has_room(c->accounts, &c->seat, c->ask->side) &&
           trd_likely(c->beside->all == 0 || trd__has_room_beside(c)) &&
           (!trd__is_summed(c->risk, c->ask->account) ||
               trd__portfolio_has_room(c->risk, c->ask->account, c->ask->instrument));
}

#endif
