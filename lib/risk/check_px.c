/* check_px.c - PRICE_LIMIT: a limit is one of the prices of the instrument. The matcher has asked
 * the same; here it is what keeps every value in its range. */
#include "risk/check.h"

bool trd__check_px(trd_case *c) {
    return trd__px_fits(c->seat.listing, c->ask->px);
}
