/* account.c - the unit of an account of mode MULTI: all of its assets together, in the valuation
 * asset. */
#include "acct/collateral.h"
#include "monitor/state.h"

/* An asset of which the sums are in its own minor units, but for what its positions need. */
void trd__whole_add(
    const trd_accounts *a, uint32_t asset, const trd_unit_sums *part, trd_whole_sums *sums) {
    trd_margin_collateral_value value = {0};
    trd_amt amount = 0;
    /* uncovered: as in trd__asset_comes_to (collateral.h) */
    const int result = trd__narrow(part->equity, &amount)
                           ? trd__asset_counts(a, asset, amount, &value)
                           : TRD_E_RANGE;
    sums->credit += value.credit;
    sums->debt += value.debt;
    sums->is_beyond = sums->is_beyond || result == TRD_E_RANGE;
    sums->all.known &= part->known != 0 && result == TRD_OK;
    sums->all.maintenance += part->maintenance;
    sums->all.weights += part->weights;
    sums->all.margined += part->margined;
}

trd_unit_sums trd__whole_judge(const trd_monitor *m, uint32_t account, const trd_whole_sums *sums) {
    trd_unit_sums all = sums->all;
    const bool fits = !sums->is_beyond && trd_fits(sums->credit) && trd_fits(sums->debt);
    all.equity = fits ? sums->credit - sums->debt : TRD__BEYOND;
    trd__sums_judge(m, &all, trd__seat(m, account)->told);
    return all;
}

trd_unit_sums trd__whole_sums(
    const trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t account) {
    trd_whole_sums sums = trd__whole_begin();
    for (uint32_t i = trd__client(a, account)->purses.first; i != 0;
         i = trd__purse(a, i)->next_of_account) {
        const trd_unit_sums part = trd__asset_sums(a, risk, i);
        trd__whole_add(a, trd__purse(a, i)->asset, &part, &sums);
    }
    return trd__whole_judge(m, account, &sums);
}
