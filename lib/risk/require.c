/* require.c - what the groups of an account need, and what it has.
 *
 * As trd_scenario_require, but the groups are those of one account and one asset, wherever they
 * are, and what pairs take is only looked for where there are pairs. */
#include "risk/portfolio.h"

#include "acct/value.h"

typedef struct needs {
    uint32_t count;
    trd_wide initial; /* before credits */
    uint32_t group[TRD_RISK_GROUPS_MAX];
    uint64_t whole[TRD_RISK_GROUPS_MAX]; /* |net delta| before all pairs */
    trd_scenario_need need[TRD_RISK_GROUPS_MAX];
} needs;

/* --- one group -------------------------------------------------------------------------------- */

bool trd__portfolio_sums(const trd_risk_folio *portfolio, trd_scenario_sums *out) {
    bool fits = trd__narrow(portfolio->short_lots, &out->short_lots);
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        fits = trd__narrow(portfolio->loss[i], &out->loss[i]) && fits;
    }
    for (int i = 0; i < TRD_SCENARIO_MONTHS_MAX; i++) {
        fits = trd__narrow(portfolio->delta[i], &out->delta[i]) && fits;
    }
    return fits;
}

/* The need of a group with nothing credited, behind those that were added before. */
static bool add_group(const trd_risk *risk, needs *all, const trd_risk_folio *portfolio) {
    trd_scenario_sums sums;
    trd_scenario_need *need = &all->need[all->count];
    if (!trd__portfolio_sums(portfolio, &sums) ||
        !trd__scenario_alone(&trd__risk_group(risk, portfolio->group)->terms, &sums, need)) {
        return false;
    }
    all->group[all->count] = portfolio->group;
    all->whole[all->count] = trd__magnitude(need->delta);
    all->initial += need->initial; /* >= maintenance */
    all->count++;
    return true;
}

/* The same with one position changed. */
static bool add_changed(const trd_risk *risk, needs *all, const trd_risk_folio *portfolio,
    const trd_portfolio_if *then) {
    const uint32_t array = trd__risk_market(risk, then->instrument)->array;
    trd_risk_folio changed = *portfolio;
    trd__portfolio_shift(&changed, &trd__risk_array(risk, array)->terms, &then->change);
    return add_group(risk, all, &changed);
}

/* --- all groups ------------------------------------------------------------------------------- */

/* Each of the account's groups in the asset. `then` belongs to one of them, or to one that the
 * account has nothing in. */
static bool add_all(const trd_risk *risk, needs *all, uint32_t account, uint32_t asset,
    const trd_portfolio_if *then) {
    const uint32_t changes =
        then != NULL ? trd__risk_market(risk, then->instrument)->group : TRD_RISK_GROUPS_MAX;
    bool is_changed = then == NULL;
    for (uint32_t i = trd__risk_account(risk, account)->portfolios; i != 0;
         i = trd__risk_portfolio(risk, i)->next) {
        const trd_risk_folio *portfolio = trd__risk_portfolio(risk, i);
        if (trd__risk_group(risk, portfolio->group)->asset != asset) {
            continue;
        }
        const bool here = portfolio->group == changes;
        is_changed = is_changed || here;
        if (here ? !add_changed(risk, all, portfolio, then) : !add_group(risk, all, portfolio)) {
            return false;
        }
    }
    const trd_risk_folio empty = {.group = changes};
    return is_changed || add_changed(risk, all, &empty, then);
}

/* Pairs of which the account has both groups; the other ones have no delta to spread. */
static void credit(const trd_risk *risk, needs *all) {
    uint16_t where[TRD_RISK_GROUPS_MAX] = {0}; /* 1 + number among the needs */
    for (uint32_t i = 0; i < all->count; i++) {
        where[all->group[i]] = (uint16_t)(i + 1);
    }
    for (uint32_t i = 0; i < risk->scenario_pairs; i++) {
        const trd_scenario_pair *pair = trd__risk_pair(risk, i);
        const uint32_t a = where[pair->group_a];
        const uint32_t b = where[pair->group_b];
        if (a != 0 && b != 0) {
            const trd_scenario_part part_a = {&all->need[a - 1], all->whole[a - 1]};
            const trd_scenario_part part_b = {&all->need[b - 1], all->whole[b - 1]};
            trd__scenario_credit(pair, &part_a, &part_b);
        }
    }
}

int trd__portfolio_require(const trd_risk *risk, uint32_t account, uint32_t asset,
    const trd_portfolio_if *then, trd_margin_requirement *out) {
    needs all;
    all.count = 0;
    all.initial = 0;
    if (!add_all(risk, &all, account, asset, then) || !trd_fits(all.initial)) {
        return TRD_E_RANGE;
    }
    if (risk->scenario_pairs != 0) {
        credit(risk, &all);
    }
    trd_margin_requirement total = {0};
    for (uint32_t i = 0; i < all.count; i++) {
        const bool fits =
            trd__scenario_add_up(&trd__risk_group(risk, all.group[i])->terms, &all.need[i]);
        trd_assert(fits); /* credits lower everything, and without them it fits */
        total.initial += all.need[i].initial;
        total.maintenance += all.need[i].maintenance;
    }
    *out = total;
    return TRD_OK;
}

/* --- what is behind it ------------------------------------------------------------------------ */

int trd__portfolio_worth_of(const trd_accounts *accounts, trd_accounts *keeps, uint32_t account,
    uint32_t asset, trd_portfolio_worth *out) {
    const uint32_t number = trd__purse_find(accounts, account, asset);
    const trd_acct_purse *purse = trd__purse(accounts, number);
    trd_acct_pool own;
    const trd_acct_pool *pool = trd__balance_sums(accounts, keeps, number, &own);
    if (pool->no_mark != 0) {
        return TRD_E_UNKNOWN;
    }
    *out = (trd_portfolio_worth){.equity = trd__total(purse) - purse->debt + pool->worth,
        .free = purse->free,
        .held = purse->locked - pool->collateral};
    trd_assert(out->held >= 0);
    return TRD_OK;
}

/* --- questions -------------------------------------------------------------------------------- */

/* Sums and differences of what stays below 2^62 and a requirement, which alone may leave 64 bits.
 */
static int state_of(
    const trd_portfolio_worth *worth, const trd_margin_requirement *need, trd_portfolio *out) {
    const trd_wide rest = worth->equity - need->initial - worth->held;
    trd_portfolio state = {
        .initial = need->initial, .maintenance = need->maintenance, .held = worth->held};
    const bool fits = trd__narrow(worth->equity, &state.equity);
    trd_assert(fits); /* accounts.md, "Limits" */
    if (!trd__narrow(rest < worth->free ? rest : worth->free, &state.available)) {
        return TRD_E_RANGE;
    }
    *out = state;
    return TRD_OK;
}

int trd_risk_portfolio(const trd_risk *risk, const trd_accounts *accounts, uint32_t account,
    uint32_t asset, trd_portfolio *out) {
    trd_margin_requirement need;
    trd_portfolio_worth worth;
    if (account >= risk->def.accounts_max || !trd__is_open(accounts, account)) {
        return TRD_E_UNKNOWN;
    }
    if (out == NULL || asset >= accounts->assets || !trd__is_followed(risk, account)) {
        return TRD_E_ARG;
    }
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    int result = trd__portfolio_worth_of(accounts, NULL, account, asset, &worth);
    if (result == TRD_OK) {
        result = trd__portfolio_require(risk, account, asset, NULL, &need);
    }
    return result == TRD_OK ? state_of(&worth, &need, out) : result;
}

int trd_risk_sums(const trd_risk *risk, uint32_t account, uint32_t group, trd_scenario_sums *out) {
    if (account >= risk->def.accounts_max || group >= risk->groups) {
        return TRD_E_UNKNOWN;
    }
    if (out == NULL || !trd__is_followed(risk, account)) {
        return TRD_E_ARG;
    }
    const uint32_t number = trd__portfolio_find(risk, account, group);
    trd_scenario_sums sums = {0};
    if (number != 0 && !trd__portfolio_sums(trd__risk_portfolio(risk, number), &sums)) {
        return TRD_E_RANGE;
    }
    *out = sums;
    return TRD_OK;
}
