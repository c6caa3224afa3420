/* check_restricted.h - RESTRICTED: nothing new in the instrument. */
#ifndef TRD_RISK_CHECK_RESTRICTED_H
#define TRD_RISK_CHECK_RESTRICTED_H

#include "risk/case.h"

/* Asked if the limit is set somewhere: then it fails there, its value is 0. */
trd_inline bool trd__check_restricted(trd_case *c) {
    return trd__is_within(c, TRD_LIMIT_RESTRICTED, 1);
}

#endif
