/* check.h - the checks, one per reason, in a file of its own. Each returns whether the order passes
 * it; one that does not leaves in the case what it compared. They read, and change nothing else. */
#ifndef TRD_RISK_CHECK_H
#define TRD_RISK_CHECK_H

#include "risk/case.h"

bool trd__check_permitted(trd_case *c);
bool trd__check_enabled(trd_case *c);
bool trd__check_restricted(trd_case *c);
bool trd__check_px(trd_case *c);
bool trd__check_collar(trd_case *c);
bool trd__check_order_qty(trd_case *c);
bool trd__check_bound(trd_case *c);
bool trd__check_order_value(trd_case *c);
bool trd__check_repeated(trd_case *c);
bool trd__check_range(trd_case *c);
bool trd__check_latched(trd_case *c);
bool trd__check_room(trd_case *c);
bool trd__check_balance(trd_case *c);
bool trd__check_position(trd_case *c);
bool trd__check_open_value(trd_case *c);
bool trd__check_leverage(trd_case *c);
bool trd__check_daily_loss(trd_case *c);
bool trd__check_margin(trd_case *c);
bool trd__check_portfolio(trd_case *c);

#endif
