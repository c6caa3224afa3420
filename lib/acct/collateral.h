/* collateral.h - what amounts of an asset come to in the valuation asset, for accounts of mode
 * MULTI. */
#ifndef TRD_ACCT_COLLATERAL_H
#define TRD_ACCT_COLLATERAL_H

#include "acct/margin.h"
#include "acct/state.h"

/* An amount of an asset, with what the accounts say of it. */
trd_inline trd_margin_asset trd__asset_terms(
    const trd_accounts *a, uint32_t asset, trd_amt amount) {
    const trd_acct_asset *own = trd__asset(a, asset);
    return (trd_margin_asset){.balance = amount,
        .numerator = own->numerator,
        .denominator = own->denominator,
        .cap = own->cap,
        .haircut_ppm = own->haircut_ppm,
        .has_rate = own->numerator != 0,
        .has_cap = own->has_cap};
}

/* What an amount that is owned counts for, or one that is owed is: TRD_OK, or TRD_E_UNKNOWN,
 * TRD_E_RANGE as trd_margin_collateral. Never falls as the amount rises. */
trd_inline int trd__asset_counts(
    const trd_accounts *a, uint32_t asset, trd_amt amount, trd_margin_collateral_value *out) {
    const trd_margin_asset terms = trd__asset_terms(a, asset, amount);
    return trd_margin_collateral(&terms, 1, out);
}

/* The same as one number, below zero what is owed; false if it is not known, or the amount or what
 * it counts for does not fit. */
trd_inline bool trd__asset_comes_to(
    const trd_accounts *a, uint32_t asset, trd_wide amount, trd_wide *out) {
    trd_margin_collateral_value value;
    trd_amt narrow;
    /* uncovered: what a balance comes to with its positions is below its load, which was below 2^62
     * when orders were let in; executions, and a part of it that leaves, bring no more than that */
    if (!trd__narrow(amount, &narrow)) {
        return false;
    }
    if (trd__asset_counts(a, asset, narrow, &value) != TRD_OK) {
        return false;
    }
    *out = value.total;
    return true;
}

#endif
