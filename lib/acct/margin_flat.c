/* margin_flat.c - fixed percentages of the notional. */
#include "acct/margin.h"

int trd_margin_flat(trd_margin_model *out, const trd_margin_rates *rates) {
    if (!trd__margin_rates_are_good(rates)) {
        return TRD_E_ARG;
    }
    trd__margin_one_tier(out, TRD_MARGIN_FLAT, 0, rates);
    return TRD_OK;
}
