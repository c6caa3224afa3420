/* check_order_value.c - ORDER_VALUE: worth of one order at its worst price. */
#include "risk/check.h"

bool trd__check_order_value(trd_case *c) {
    return c->has_value ? trd__is_within(c, TRD_LIMIT_ORDER_VALUE, c->value)
                        : trd__is_unknown(c, TRD_LIMIT_ORDER_VALUE);
}
