/* check.h - the checks, one per reason, in a file of its own. Each returns whether the order passes
 * it; one that does not leaves in the case what it compared. They read, and change nothing else.
 * All are inline, because most of them are a comparison and every order goes through every one
 * whose limit is set; what walks positions is behind a call. */
#ifndef TRD_RISK_CHECK_H
#define TRD_RISK_CHECK_H

#include "risk/terms.h"

#include "risk/check_balance.h"
#include "risk/check_bound.h"
#include "risk/check_collar.h"
#include "risk/check_daily_loss.h"
#include "risk/check_enabled.h"
#include "risk/check_latched.h"
#include "risk/check_leverage.h"
#include "risk/check_margin.h"
#include "risk/check_open_value.h"
#include "risk/check_order_qty.h"
#include "risk/check_order_value.h"
#include "risk/check_parent.h"
#include "risk/check_permitted.h"
#include "risk/check_position.h"
#include "risk/check_px.h"
#include "risk/check_range.h"
#include "risk/check_repeated.h"
#include "risk/check_restricted.h"
#include "risk/check_room.h"

#endif
