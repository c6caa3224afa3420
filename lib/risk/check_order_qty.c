/* check_order_qty.c - ORDER_QTY: lots of one order. */
#include "risk/check.h"

bool trd__check_order_qty(trd_case *c) {
    return trd__is_within(c, TRD_LIMIT_ORDER_QTY, c->ask->qty);
}
