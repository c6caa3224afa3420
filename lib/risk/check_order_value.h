/* check_order_value.h - ORDER_VALUE: worth of one order at its worst price. */
#ifndef TRD_RISK_CHECK_ORDER_VALUE_H
#define TRD_RISK_CHECK_ORDER_VALUE_H

#include "risk/case.h"

trd_inline bool trd__check_order_value(trd_case *c) {
    return c->has_value ? trd__is_within(c, TRD_LIMIT_ORDER_VALUE, c->value)
                        : trd__is_unknown(c, TRD_LIMIT_ORDER_VALUE);
}

#endif
