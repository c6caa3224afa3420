/* check_room.h - NO_CAPACITY: the accounts have room for the position and the balances of it. An
 * order that holds has taken its places already, and needs none. */
#ifndef TRD_RISK_CHECK_ROOM_H
#define TRD_RISK_CHECK_ROOM_H

#include "risk/case.h"

trd_inline bool trd__check_room(trd_case *c) {
    return trd__seat_has_room(c->accounts, &c->seat, c->ask->side);
}

#endif
