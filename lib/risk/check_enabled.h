/* check_enabled.h - DISABLED: account and instrument take orders. */
#ifndef TRD_RISK_CHECK_ENABLED_H
#define TRD_RISK_CHECK_ENABLED_H

#include "risk/case.h"

trd_inline bool trd__check_enabled(trd_case *c) {
    return c->client->enabled != 0 && c->market->is_disabled == 0;
}

#endif
