/* margin_cash.c - everything is paid in full, nothing is sold that is not held.
 *
 * The initial margin is the whole value at the mark. With profit = value - cost in the equity, the
 * mark cancels out: equity >= initial says that the balance covers the cost, whatever the mark
 * does. What has been paid cannot lose more than that, so there is nothing to maintain. */
#include "acct/margin.h"

static const trd_margin_rates in_full = {.initial_ppm = TRD__PPM, .maintenance_ppm = 0};

int trd_margin_cash(trd_margin_model *out) {
    trd__margin_one_tier(out, TRD_MARGIN_CASH, 0, &in_full);
    return TRD_OK;
}

/* Here, because it is the same rule under the name that Indian exchanges give it. */
int trd_margin_cnc(trd_margin_model *out) {
    trd__margin_one_tier(out, TRD_MARGIN_CNC, 0, &in_full);
    return TRD_OK;
}

/* The scenarios of the position's group say what it needs (margin_scenario.c). */
int trd_margin_grouped(trd_margin_model *out) {
    const trd_margin_rates nothing = {0};
    trd__margin_one_tier(out, TRD_MARGIN_GROUPED, 0, &nothing);
    return TRD_OK;
}
