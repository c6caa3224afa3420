/* check_range.c - POSITION: lots, value and balances keep their range, so that no execution can
 * fail later. */
#include "risk/check.h"

bool trd__check_range(trd_case *c) {
    return c->need.fits;
}
