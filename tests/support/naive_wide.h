/* naive_wide.h - quotients of products, exact whatever their size, for the naive model of accounts.
 */
#ifndef TESTS_SUPPORT_NAIVE_WIDE_H
#define TESTS_SUPPORT_NAIVE_WIDE_H

#include <stdbool.h>

typedef __int128 wide;

/* over[0] x over[1] x over[2] / (under[0] x under[1] x under[2]). A factor that is not needed is
 * 1; those of `under` are above 0. */
typedef struct quotient {
    wide over[3];
    wide under[3];
} quotient;

/* What no amount of a model reaches; a quotient that is above it in magnitude is it. */
#define WIDE_HUGE ((wide)1 << 110)

wide wide_floor(quotient q); /* toward minus infinity */
wide wide_ceil(quotient q);  /* toward plus infinity */

static inline wide wide_abs(wide a) {
    return a < 0 ? -a : a;
}

static inline wide wide_min(wide a, wide b) {
    return a < b ? a : b;
}

static inline wide wide_max(wide a, wide b) {
    return a > b ? a : b;
}

#endif
