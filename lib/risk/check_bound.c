/* check_bound.c - NO_BOUND: somebody knows what it may cost. A seller of lots that it holds, and
 * one who only reduces, need no price. */
#include "risk/check.h"

bool trd__check_bound(trd_case *c) {
    return c->has_px || (c->ask->side == TRD_SELL && (!c->on_margin || c->reducing));
}
