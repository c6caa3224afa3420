/* check_bound.h - NO_BOUND: somebody knows what it may cost. A seller of lots that it holds, and
 * one who only reduces, need no price. */
#ifndef TRD_RISK_CHECK_BOUND_H
#define TRD_RISK_CHECK_BOUND_H

#include "risk/case.h"

trd_inline bool trd__check_bound(trd_case *c) {
    return c->has_px || (c->ask->side == TRD_SELL && (!c->on_margin || c->reducing));
}

#endif
