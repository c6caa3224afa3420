/* check_permitted.h - NOT_PERMITTED: who sends it, and the account itself, may create orders; who
 * passes over limits may configure. */
#ifndef TRD_RISK_CHECK_PERMITTED_H
#define TRD_RISK_CHECK_PERMITTED_H

#include "risk/case.h"

trd_inline bool trd__check_permitted(trd_case *c) {
    const trd_ask *ask = c->ask;
    const unsigned asked =
        TRD_MAY_CREATE_ORDERS | (ask->override != 0 ? (unsigned)TRD_MAY_CONFIGURE : 0);
    return (trd__role_permissions(c->client->role) & TRD_MAY_CREATE_ORDERS) != 0 &&
           trd__may(c->risk, ask->actor, ask->account, asked);
}

#endif
