/* collateral.h - what amounts of an asset come to in the valuation asset, for accounts of mode
 * MULTI. */
#ifndef TRD_ACCT_COLLATERAL_H
#define TRD_ACCT_COLLATERAL_H

#include "acct/margin.h"
#include "acct/state.h"

/* What an amount that is owned counts for, or one that is owed is: TRD_OK, or TRD_E_UNKNOWN,
 * TRD_E_RANGE as trd_margin_collateral. Never falls as the amount rises. */
trd_inline int trd__asset_counts(
    const trd_accounts *a, uint32_t asset, trd_amt amount, trd_margin_collateral_value *out) {
    const trd_acct_asset *own = trd__asset(a, asset);
    const trd_margin_asset terms = {.balance = amount,
        .numerator = own->numerator,
        .denominator = own->denominator,
        .cap = own->cap,
        .haircut_ppm = own->haircut_ppm,
        .has_rate = own->numerator != 0,
        .has_cap = own->has_cap};
    return trd_margin_collateral(&terms, 1, out);
}

#endif
