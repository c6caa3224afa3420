/* audit_portfolio.c - groups, arrays and portfolios are sound; and what is kept of positions is
 * what the accounts say. */
#include "risk/portfolio.h"

#include <string.h>

/* --- definitions ------------------------------------------------------------------------------ */

static int audit_groups(const trd_risk *risk) {
    trd_audit(risk->groups <= risk->def.groups_max);
    for (uint32_t i = 0; i < risk->groups; i++) {
        const trd_scenario_portfolio alone = {
            .groups = &trd__risk_group(risk, i)->terms, .count = 1};
        trd_audit(trd_scenario_check(&alone) == TRD_OK);
    }
    trd_audit(risk->scenario_pairs <= risk->def.pairs_max);
    for (uint32_t i = 0; i < risk->scenario_pairs; i++) {
        const trd_scenario_pair *pair = trd__risk_pair(risk, i);
        trd_audit(trd__scenario_pair_is_good(pair, risk->groups));
        trd_audit(trd__risk_group(risk, pair->group_a)->asset ==
                  trd__risk_group(risk, pair->group_b)->asset);
    }
    return TRD_OK;
}

static int audit_arrays(const trd_risk *risk) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < risk->def.instruments_max; i++) {
        const trd_risk_market *market = trd__risk_market(risk, i);
        trd_audit(market->array <= risk->arrays);
        if (market->array == 0) {
            trd_audit(market->group == 0);
            continue;
        }
        count++;
        trd_audit(market->group < risk->groups);
        const trd_risk_losses *array = trd__risk_array(risk, market->array);
        const trd_scenario_group *group = &trd__risk_group(risk, market->group)->terms;
        trd_audit(array->terms.month < TRD_SCENARIO_MONTHS_MAX && array->terms.is_option <= 1);
        trd_audit(array->per_lot[0] == trd__per_lot(group, &array->terms, 1));
        trd_audit(array->per_lot[1] == trd__per_lot(group, &array->terms, -1));
    }
    trd_audit(count == risk->arrays && count <= risk->def.arrays_max);
    return TRD_OK;
}

/* --- records ---------------------------------------------------------------------------------- */

/* The list of one account; adds its length to *count. */
static int audit_list(const trd_risk *risk, uint32_t account, uint32_t *count) {
    const trd_risk_node *node = trd__risk_account(risk, account);
    trd_audit(node->portfolios == 0 || trd__is_followed(risk, account));
    for (uint32_t i = node->portfolios; i != 0; i = trd__risk_portfolio(risk, i)->next) {
        trd_audit(i <= risk->def.portfolios_max && *count < risk->def.portfolios_max);
        const trd_risk_folio *portfolio = trd__risk_portfolio(risk, i);
        trd_audit(portfolio->account == account && portfolio->group < risk->groups);
        trd_audit(trd__portfolio_find(risk, account, portfolio->group) == i);
        trd_audit(portfolio->short_lots >= 0);
        (*count)++;
    }
    return TRD_OK;
}

static int audit_records(const trd_risk *risk) {
    uint32_t count = 0;
    trd_audit(trd__map_audit(&risk->portfolio_map, trd__portfolio_slots(risk)) == TRD_OK);
    for (uint32_t i = 0; i < risk->def.accounts_max; i++) {
        const int result = audit_list(risk, i, &count);
        if (result != TRD_OK) {
            return result;
        }
    }
    trd_audit(count == risk->portfolio_map.count);
    for (uint32_t i = risk->portfolio_free; i != 0; i = trd__risk_portfolio(risk, i)->next) {
        trd_audit(i <= risk->def.portfolios_max && count < risk->def.portfolios_max);
        const trd_risk_folio *portfolio = trd__risk_portfolio(risk, i);
        trd_audit(trd__portfolio_find(risk, portfolio->account, portfolio->group) != i);
        count++;
    }
    trd_audit(count == risk->def.portfolios_max);
    return TRD_OK;
}

int trd__portfolio_audit(const trd_risk *risk) {
    int result = audit_groups(risk);
    result = result == TRD_OK ? audit_arrays(risk) : result;
    return result == TRD_OK ? audit_records(risk) : result;
}

/* --- what positions come to ------------------------------------------------------------------- */

/* Is an entry of an account in an instrument that has an array, and so in a group? */
static bool is_grouped(const trd_risk *risk, const trd_acct_entry *entry) {
    return entry->instrument < risk->def.instruments_max &&
           trd__risk_market(risk, entry->instrument)->array != 0;
}

static int audit_sums(
    const trd_risk *risk, const trd_accounts *accounts, const trd_risk_folio *portfolio) {
    trd_risk_folio own = *portfolio;
    memset(own.loss, 0, sizeof(own.loss));
    memset(own.delta, 0, sizeof(own.delta));
    own.short_lots = 0;
    for (uint32_t i = trd__client(accounts, portfolio->account)->entries.first; i != 0;
         i = trd__entry(accounts, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(accounts, i);
        const trd_scenario_change change = {0, entry->qty};
        if (is_grouped(risk, entry)) {
            const trd_risk_market *market = trd__risk_market(risk, entry->instrument);
            if (market->group == portfolio->group) {
                trd__portfolio_shift(&own, &trd__risk_array(risk, market->array)->terms, &change);
            }
        }
    }
    trd_audit(memcmp(&own, portfolio, sizeof(own)) == 0);
    return TRD_OK;
}

/* Whatever the account has, or may get from its orders, has a record. */
static int audit_account(const trd_risk *risk, const trd_accounts *accounts, uint32_t account) {
    for (uint32_t i = trd__client(accounts, account)->entries.first; i != 0;
         i = trd__entry(accounts, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(accounts, i);
        const bool is_used = entry->qty != 0 || entry->open[0] != 0 || entry->open[1] != 0;
        trd_audit(!is_used || !is_grouped(risk, entry) ||
                  trd__portfolio_find(
                      risk, account, trd__risk_market(risk, entry->instrument)->group) != 0);
    }
    for (uint32_t i = trd__risk_account(risk, account)->portfolios; i != 0;
         i = trd__risk_portfolio(risk, i)->next) {
        const int result = audit_sums(risk, accounts, trd__risk_portfolio(risk, i));
        if (result != TRD_OK) {
            return result;
        }
    }
    return TRD_OK;
}

int trd_risk_audit_portfolios(const trd_risk *risk, const trd_accounts *accounts) {
    for (uint32_t i = 0; i < risk->def.accounts_max && i < accounts->def.accounts_max; i++) {
        const bool is_followed = trd__is_followed(risk, i);
        trd_audit(is_followed == (trd__is_open(accounts, i) &&
                                     trd__client(accounts, i)->mode == TRD_MODE_PORTFOLIO));
        const int result = is_followed ? audit_account(risk, accounts, i) : TRD_OK;
        if (result != TRD_OK) {
            return result;
        }
    }
    return TRD_OK;
}
