/* margin_collateral.c - several assets as one amount. What is owned counts for less than it is
 * worth, what is owed for all of it. */
#include "acct/margin.h"

static const int64_t denominator_max = INT64_C(1000000000000);

TRD_STATIC_ASSERT(TRD_E_ARG > TRD_E_RANGE && TRD_E_RANGE > TRD_E_UNKNOWN, "the order of failures");

static bool asset_is_good(const trd_margin_asset *asset) {
    const bool rate_is_good =
        asset->numerator > 0 && asset->denominator >= 1 && asset->denominator <= denominator_max;
    return asset->haircut_ppm <= TRD__PPM && asset->has_rate <= 1 && asset->has_cap <= 1 &&
           (asset->has_rate == 0 || rate_is_good) && (asset->has_cap == 0 || asset->cap >= 0);
}

/* Rate and haircut in one division, so that it is rounded once. The largest divisor is 10^18. What
 * needs more than 64 bits is above every cap. */
static int credit_of(const trd_margin_asset *asset, trd_wide *out) {
    uint64_t value;
    bool inexact;
    const trd_uwide product = (trd_uwide)(uint64_t)asset->balance * (uint64_t)asset->numerator;
    const bool fits = trd__umuldiv(product, TRD__PPM - asset->haircut_ppm,
        (uint64_t)asset->denominator * TRD__PPM, &value, &inexact);
    if (asset->has_cap != 0 && (!fits || value > (uint64_t)asset->cap)) {
        *out = asset->cap;
        return TRD_OK;
    }
    *out = fits ? (trd_wide)value : 0;
    return fits ? TRD_OK : TRD_E_RANGE;
}

static int debt_of(const trd_margin_asset *asset, trd_wide *out) {
    uint64_t value;
    bool inexact;
    if (!trd__umuldiv(trd__magnitude(asset->balance), (uint64_t)asset->numerator,
            (uint64_t)asset->denominator, &value, &inexact)) {
        return TRD_E_RANGE;
    }
    *out = (trd_wide)value + inexact;
    return TRD_OK;
}

int trd__collateral_add(trd_collateral_sums *sums, const trd_margin_asset *asset) {
    if (!asset_is_good(asset)) {
        return TRD_E_ARG;
    }
    if (asset->balance == 0) {
        return TRD_OK;
    }
    if (asset->has_rate == 0) {
        return TRD_E_UNKNOWN;
    }
    trd_wide value = 0;
    const bool owed = asset->balance < 0;
    const int result = owed ? debt_of(asset, &value) : credit_of(asset, &value);
    *(owed ? &sums->debt : &sums->credit) += value;
    return result;
}

int trd__collateral_value(const trd_collateral_sums *sums, trd_margin_collateral_value *out) {
    trd_margin_collateral_value value;
    if (!trd__narrow(sums->credit, &value.credit) || !trd__narrow(sums->debt, &value.debt)) {
        return TRD_E_RANGE;
    }
    trd_assert(value.credit >= 0 && value.debt >= 0);
    value.total = value.credit - value.debt;
    *out = value;
    return TRD_OK;
}

int trd_margin_collateral(
    const trd_margin_asset *assets, uint32_t count, trd_margin_collateral_value *out) {
    trd_collateral_sums sums = {0};
    int worst = TRD_OK;
    for (uint32_t i = 0; i < count; i++) {
        const int result = trd__collateral_add(&sums, &assets[i]);
        if (result != TRD_OK && (worst == TRD_OK || result > worst)) {
            worst = result;
        }
    }
    return worst == TRD_OK ? trd__collateral_value(&sums, out) : worst;
}
