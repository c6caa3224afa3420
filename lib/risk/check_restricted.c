/* check_restricted.c - RESTRICTED: nothing new in the instrument. */
#include "risk/check.h"

/* Asked if the limit is set somewhere: then it fails there, its value is 0. */
bool trd__check_restricted(trd_case *c) {
    return trd__is_within(c, TRD_LIMIT_RESTRICTED, 1);
}
