/* check_range.h - POSITION: lots, value and balances keep their range, so that no execution can
 * fail later. */
#ifndef TRD_RISK_CHECK_RANGE_H
#define TRD_RISK_CHECK_RANGE_H

#include "risk/case.h"

trd_inline bool trd__check_range(trd_case *c) {
    return c->need.fits;
}

#endif
