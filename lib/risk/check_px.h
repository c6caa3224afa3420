/* check_px.h - PRICE_LIMIT: a limit is one of the prices of the instrument. The matcher has asked
 * the same; here it is what keeps every value in its range. */
#ifndef TRD_RISK_CHECK_PX_H
#define TRD_RISK_CHECK_PX_H

#include "risk/case.h"

trd_inline bool trd__check_px(trd_case *c) {
    return trd__px_fits(c->seat.listing, c->ask->px);
}

#endif
