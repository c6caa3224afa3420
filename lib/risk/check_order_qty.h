/* check_order_qty.h - ORDER_QTY: lots of one order. */
#ifndef TRD_RISK_CHECK_ORDER_QTY_H
#define TRD_RISK_CHECK_ORDER_QTY_H

#include "risk/case.h"

trd_inline bool trd__check_order_qty(trd_case *c) {
    return trd__is_within(c, TRD_LIMIT_ORDER_QTY, c->ask->qty);
}

#endif
