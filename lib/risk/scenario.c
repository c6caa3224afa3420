/* scenario.c - groups, pairs of them, and what instruments lose in the scenarios. */
#include "risk/portfolio.h"

/* --- groups and pairs ------------------------------------------------------------------------- */

int trd_risk_group(trd_risk *risk, uint32_t asset, const trd_scenario_group *group) {
    const trd_scenario_portfolio alone = {.groups = group, .count = 1};
    if (group == NULL || trd_scenario_check(&alone) != TRD_OK) {
        return TRD_E_ARG;
    }
    if (risk->groups == risk->def.groups_max) {
        return TRD_E_FULL;
    }
    trd_risk_grouping *own = trd__risk_group(risk, risk->groups);
    *own = (trd_risk_grouping){.asset = asset};
    own->terms.initial_ppm = group->initial_ppm;
    own->terms.spread_count = group->spread_count;
    own->terms.short_min = group->short_min;
    /* Those behind the last one may be anything, and the block must not depend on it. */
    for (uint32_t i = 0; i < group->spread_count; i++) {
        own->terms.spreads[i] = group->spreads[i];
    }
    return (int)risk->groups++;
}

int trd_risk_pair(trd_risk *risk, const trd_scenario_pair *pair) {
    if (pair == NULL || !trd__scenario_pair_is_good(pair, risk->groups) ||
        trd__risk_group(risk, pair->group_a)->asset !=
            trd__risk_group(risk, pair->group_b)->asset) {
        return TRD_E_ARG;
    }
    if (risk->scenario_pairs == risk->def.pairs_max) {
        return TRD_E_FULL;
    }
    *trd__risk_pair(risk, risk->scenario_pairs++) = *pair;
    return TRD_OK;
}

/* --- arrays ----------------------------------------------------------------------------------- */

trd_wide trd__per_lot(const trd_scenario_group *group, const trd_scenario_array *array, int sign) {
    trd_wide worst = sign < 0 && array->is_option != 0 ? group->short_min : 0;
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        const trd_wide loss = (trd_wide)array->loss[i] * sign;
        worst = loss > worst ? loss : worst;
    }
    return trd__div_ceil(worst * group->initial_ppm, TRD_RISK_PPM);
}

static int array_check(const trd_risk *risk, const trd_acct_listing *listing, uint32_t group,
    const trd_scenario_array *array) {
    const bool is_option = listing->kind == TRD_INSTRUMENT_OPTION;
    return array->month < TRD_SCENARIO_MONTHS_MAX && array->is_option == (uint32_t)is_option &&
                   !trd__delivers_now(listing) && listing->unit > 0 &&
                   listing->settle_asset == trd__risk_group(risk, group)->asset
               ? TRD_OK
               : TRD_E_ARG;
}

/* Records that followed accounts lack for their positions in the instrument, if it were in `group`.
 * Of a hedged account the long side counts, and the short one where there is no long one. */
static uint32_t missing(
    const trd_risk *risk, const trd_accounts *a, uint32_t instrument, uint32_t group) {
    uint32_t lacking = 0;
    for (uint32_t i = trd__listed(a, instrument)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_instrument) {
        const trd_acct_entry *entry = trd__entry(a, i);
        if (entry->account >= risk->def.accounts_max || !trd__is_followed(risk, entry->account) ||
            trd__portfolio_find(risk, entry->account, group) != 0) {
            continue;
        }
        lacking += entry->side != TRD_POSITION_SHORT ||
                   trd__entry_find(a, entry->account, instrument, TRD_POSITION_LONG) == 0;
    }
    return lacking;
}

void trd__portfolio_move_all(trd_risk *risk, const trd_accounts *a, uint32_t instrument, int by) {
    if (trd__risk_market(risk, instrument)->array == 0) {
        return;
    }
    for (uint32_t i = trd__listed(a, instrument)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_instrument) {
        const trd_acct_entry *entry = trd__entry(a, i);
        if (entry->account >= risk->def.accounts_max || !trd__is_followed(risk, entry->account)) {
            continue;
        }
        const bool prepared = trd__portfolio_prepare(risk, entry->account, instrument);
        trd_assert(prepared);
        const trd_risk_move move = {.account = entry->account,
            .instrument = instrument,
            .qty_before = by < 0 ? entry->qty : 0,
            .qty_after = by < 0 ? 0 : entry->qty};
        trd__portfolio_add(risk, &move);
    }
}

int trd_risk_array(trd_risk *risk, const trd_accounts *accounts, uint32_t instrument,
    uint32_t group, const trd_scenario_array *array) {
    if (array == NULL) {
        return TRD_E_ARG;
    }
    if (instrument >= risk->def.instruments_max || instrument >= accounts->listings ||
        group >= risk->groups) {
        return TRD_E_UNKNOWN;
    }
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    if (array_check(risk, trd__listed(accounts, instrument), group, array) != TRD_OK) {
        return TRD_E_ARG;
    }
    const trd_scenario_group *terms = &trd__risk_group(risk, group)->terms;
    const trd_wide buys = trd__per_lot(terms, array, 1);
    const trd_wide sells = trd__per_lot(terms, array, -1);
    if (buys >= TRD_AMT_LIMIT || sells >= TRD_AMT_LIMIT) {
        return TRD_E_RANGE;
    }
    trd_risk_market *market = trd__risk_market(risk, instrument);
    if ((market->array == 0 && risk->arrays == risk->def.arrays_max) ||
        missing(risk, accounts, instrument, group) >
            risk->def.portfolios_max - risk->portfolio_map.count) {
        return TRD_E_FULL;
    }
    if (market->array != 0) {
        trd__portfolio_move_all(risk, accounts, instrument, -1);
    } else {
        market->array = ++risk->arrays;
    }
    market->group = group;
    *trd__risk_array(risk, market->array) =
        (trd_risk_losses){.terms = *array, .per_lot = {(trd_amt)buys, (trd_amt)sells}};
    trd__portfolio_move_all(risk, accounts, instrument, 1);
    return TRD_OK;
}
