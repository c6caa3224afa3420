/* check_repeated.h - REPEATED: the same order was not accepted a moment ago. */
#ifndef TRD_RISK_CHECK_REPEATED_H
#define TRD_RISK_CHECK_REPEATED_H

#include "risk/case.h"

trd_inline bool trd__check_repeated(trd_case *c) {
    const trd_risk *risk = c->risk;
    const trd_risk_terms terms = trd__terms_of(c->ask);
    const uint32_t found = trd__repeat_find(risk, &terms);
    if (found == 0) {
        return true;
    }
    const trd_wide since = (trd_wide)c->ask->now - trd__risk_repeat(risk, found)->time;
    if (since >= risk->firm.window) {
        return true;
    }
    return trd__found(c, TRD_LIMIT_FIRM, since, risk->firm.window);
}

#endif
