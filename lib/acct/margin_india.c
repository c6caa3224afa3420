/* margin_india.c - the products of Indian equity exchanges that borrow: MIS within the day, NRML
 * over night. CNC, which does not, is in margin_cash.c. */
#include "acct/margin.h"

int trd_margin_mis(trd_margin_model *out, const trd_margin_rates *rates) {
    if (!trd__margin_rates_are_good(rates)) {
        return TRD_E_ARG;
    }
    trd__margin_one_tier(out, TRD_MARGIN_MIS, 0, rates);
    return TRD_OK;
}

/* The sum is taken before the rounding, and is due for as long as the position stands. */
int trd_margin_nrml(trd_margin_model *out, const trd_margin_nrml_terms *terms) {
    const uint64_t sum = (uint64_t)terms->var_ppm + terms->elm_ppm;
    if (sum > TRD__PPM) {
        return TRD_E_ARG;
    }
    const trd_margin_rates rates = {.initial_ppm = (uint32_t)sum, .maintenance_ppm = (uint32_t)sum};
    trd__margin_one_tier(out, TRD_MARGIN_NRML, 0, &rates);
    return TRD_OK;
}
