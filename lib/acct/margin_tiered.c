/* margin_tiered.c - percentages that grow with the notional.
 *
 * Maintenance is continuous: each part of the notional pays the rate of the tier it lies in, which
 * is what cum sums up. The initial margin is not: all of the notional pays the rate of its tier,
 * since that rate stands for the largest leverage allowed there. */
#include "acct/margin.h"

int trd_margin_tiered(trd_margin_model *out, const trd_margin_tier_terms *terms) {
    trd_margin_model model = {.struct_size = (uint32_t)sizeof(model),
        .kind = TRD_MARGIN_TIERED,
        .leverage_centi = terms->leverage_centi,
        .tier_count = terms->count};
    if (terms->count < 1 || terms->count > TRD_MARGIN_TIERS_MAX) {
        return TRD_E_ARG;
    }
    for (uint32_t i = 0; i < terms->count; i++) {
        model.tiers[i].floor = terms->tiers[i].floor;
        model.tiers[i].maintenance_ppm = terms->tiers[i].maintenance_ppm;
        model.tiers[i].initial_ppm = terms->tiers[i].initial_ppm;
    }
    if (!trd__margin_chain(model.tiers, model.tier_count) ||
        trd_margin_model_check(&model) != TRD_OK) {
        return TRD_E_ARG;
    }
    *out = model;
    return TRD_OK;
}
