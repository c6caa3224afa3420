/* check_room.c - NO_CAPACITY: the accounts have room for the position and the balances of it. An
 * order that holds has taken its places already, and needs none. */
#include "risk/check.h"

#include "risk/portfolio.h"

bool trd__check_room(trd_case *c) {
    trd_acct_room room = {0};
    trd__seat_needs(c->accounts, &c->seat, c->ask->side, NULL, &room);
    return trd__has_room(c->accounts, &room) &&
           (trd_likely(!trd__is_followed(c->risk, c->ask->account)) ||
               trd__portfolio_has_room(c->risk, c->ask->account, c->ask->instrument));
}
