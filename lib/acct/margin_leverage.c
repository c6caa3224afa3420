/* margin_leverage.c - initial margin by leverage, maintenance by percentage. */
#include "acct/margin.h"

int trd_margin_leverage(trd_margin_model *out, const trd_margin_leverage_terms *terms) {
    trd_margin_rates rates = {
        .initial_ppm = terms->maintenance_ppm, .maintenance_ppm = terms->maintenance_ppm};
    if (terms->leverage_centi < 100 || terms->leverage_centi > TRD_MARGIN_LEVERAGE_MAX ||
        (uint64_t)terms->leverage_centi * terms->maintenance_ppm > 100 * (uint64_t)TRD__PPM) {
        return TRD_E_ARG;
    }
    trd__margin_one_tier(out, TRD_MARGIN_LEVERAGE, terms->leverage_centi, &rates);
    return TRD_OK;
}
