/* multi.c - several assets as collateral: what they count for together, and what stands on them.
 *
 * What settles in an asset comes to is kept with the accounts (value.h), and what is held in it for
 * orders on margin is counted there. What the positions need follows from the models, one position
 * at a time: it is reckoned of all of them when one has moved, and kept beside the sums. */
#include "risk/multi.h"

#include "acct/collateral.h"
#include "acct/position.h"
#include "acct/value.h"

trd_required trd__require_of(
    const trd_margin_model *model, const trd_acct_client *client, trd_amt notional) {
    trd_margin_requirement need;
    const int result = trd_margin_require(model, notional, &need);
    trd_assert(result == TRD_OK);
    trd_required all = {.initial = need.initial, .maintenance = need.maintenance};
    if (client->leverage != 0) {
        const trd_wide asked = trd__div_ceil(trd__mul(notional, 100), client->leverage);
        all.initial = asked > all.initial ? asked : all.initial;
    }
    return all;
}

/* --- what positions need ---------------------------------------------------------------------- */

/* A margin position: what it needs, in the valuation asset. */
static int add_need(const trd_risk *risk, const trd_accounts *a, const trd_acct_client *client,
    const trd_acct_entry *entry, trd_acct_need *out) {
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    const trd_risk_market *market = trd__risk_market(risk, entry->instrument);
    if (listing->has_mark == 0 || market->model == 0 || (market->is_cash != 0 && entry->qty < 0)) {
        return TRD_E_UNKNOWN;
    }
    const trd_amt notional = trd__value_up(listing, listing->mark, trd__abs_qty(entry->qty));
    const trd_required need =
        trd__require_of(trd__risk_model(risk, market->model), client, notional);
    trd_wide initial = 0;
    trd_wide maintenance = 0;
    if (!trd__multi_up(a, listing->settle_asset, need.initial, &initial)) {
        return TRD_E_UNKNOWN;
    }
    const bool known = trd__multi_up(a, listing->settle_asset, need.maintenance, &maintenance);
    trd_assert(known); /* not above the initial margin */
    out->initial += initial;
    out->maintenance += maintenance;
    out->positions++;
    return TRD_OK;
}

/* Of all of them, one after the other. */
static int reckon(
    const trd_risk *risk, const trd_accounts *a, uint32_t account, trd_acct_need *out) {
    const trd_acct_client *client = trd__client(a, account);
    trd_acct_need all = {.models = risk->modelled, .is_known = 1};
    int result = TRD_OK;
    for (uint32_t i = client->entries.first; i != 0 && result == TRD_OK;
         i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        if (trd__is_margined(trd__listed(a, entry->instrument), entry)) {
            result = add_need(risk, a, client, entry, &all);
        }
    }
    if (result == TRD_OK) {
        *out = all;
    }
    return result;
}

/* Nothing that is kept is read where nothing may be: who only asks may have other models than who
 * keeps. */
int trd__multi_need(const trd_risk *risk, const trd_accounts *a, trd_accounts *keeps,
    uint32_t account, trd_acct_need *out) {
    const trd_acct_kept *kept = keeps != NULL ? trd__account_kept(a, keeps, account, false) : NULL;
    if (kept != NULL && kept->need.is_known != 0 && kept->need.models == risk->modelled) {
        *out = kept->need;
        return TRD_OK;
    }
    const int result = reckon(risk, a, account, out);
    if (result == TRD_OK && kept != NULL) {
        trd__kept(keeps, trd__client(a, account)->kept)->need = *out;
    }
    return result;
}

bool trd__multi_is_used(
    const trd_risk *risk, const trd_accounts *a, trd_accounts *keeps, uint32_t account) {
    for (uint32_t i = trd__client(a, account)->purses.first; i != 0;
         i = trd__purse(a, i)->next_of_account) {
        if (trd__pool(a, i)->on_margin != 0) {
            return true;
        }
    }
    trd_acct_need need;
    return trd__multi_need(risk, a, keeps, account, &need) != TRD_OK || need.positions != 0;
}

/* Of one account, if what is kept of it is up to date. */
static int audit_need(const trd_risk *risk, const trd_accounts *a, uint32_t account) {
    const trd_acct_kept *kept = trd__kept_now(a, trd__client(a, account), false);
    if (kept == NULL || kept->need.is_known == 0 || kept->need.models != risk->modelled) {
        return TRD_OK;
    }
    trd_acct_need need;
    trd_audit(reckon(risk, a, account, &need) == TRD_OK);
    trd_audit(kept->need.initial == need.initial);
    trd_audit(kept->need.maintenance == need.maintenance);
    trd_audit(kept->need.positions == need.positions);
    return TRD_OK;
}

int trd__multi_audit(const trd_risk *risk, const trd_accounts *a) {
    int result = TRD_OK;
    for (uint32_t i = 1; i <= a->kept && result == TRD_OK; i++) {
        result = audit_need(risk, a, trd__kept(a, i)->account);
    }
    return result;
}

/* --- one asset -------------------------------------------------------------------------------- */

/* Adds a balance, and all that settles in it. `number` 0: an asset that the account never had. */
static int add_asset(const trd_accounts *a, trd_accounts *keeps, uint32_t asset, uint32_t number,
    const trd_multi_with *with, trd_collateral_sums *sums, trd_multi *out) {
    const trd_acct_purse *purse = trd__purse(a, number);
    const trd_amt on_margin = trd__pool(a, number)->on_margin;
    const bool is_asked = with != NULL && with->asset == asset;
    trd_acct_pool own;
    const trd_acct_pool *settled = trd__balance_sums(a, keeps, number, &own);
    if (settled->no_mark != 0) {
        return TRD_E_UNKNOWN;
    }
    const trd_wide full =
        (trd_wide)purse->locked - settled->collateral - on_margin + (is_asked ? with->full : 0);
    const trd_wide margin = on_margin + (is_asked ? with->margin : 0);
    const trd_wide all = trd__total(purse) - purse->debt + settled->worth;
    trd_wide held = 0;
    trd_amt counts = 0;
    if (!trd__multi_up(a, asset, margin, &held)) {
        return TRD_E_UNKNOWN;
    }
    /* uncovered: what a balance has and what it may lose are below 2^62 together wherever an order
     * is let in, and 2^63 is beyond what executions bring after that. */
    if (!trd__narrow(with != NULL ? all - full : all, &counts)) {
        return TRD_E_RANGE;
    }
    const trd_margin_asset terms = trd__asset_terms(a, asset, counts);
    out->held += held;
    out->own = is_asked ? counts : out->own;
    return trd__collateral_add(sums, &terms);
}

/* --- all of them ------------------------------------------------------------------------------ */

int trd__multi_of(const trd_risk *risk, const trd_accounts *a, trd_accounts *keeps,
    uint32_t account, const trd_multi_with *with, trd_multi *out) {
    trd_collateral_sums sums = {.credit = 0};
    trd_acct_need need;
    bool is_missing = with != NULL;
    int result = trd__multi_need(risk, a, keeps, account, &need);
    if (result != TRD_OK) {
        return result;
    }
    trd_multi all = {.initial = need.initial, .maintenance = need.maintenance};
    for (uint32_t i = trd__client(a, account)->purses.first; i != 0 && result == TRD_OK;
         i = trd__purse(a, i)->next_of_account) {
        const uint32_t asset = trd__purse(a, i)->asset;
        is_missing = is_missing && asset != with->asset;
        result = add_asset(a, keeps, asset, i, with, &sums, &all);
    }
    if (result == TRD_OK && is_missing) {
        result = add_asset(a, keeps, with->asset, 0, with, &sums, &all);
    }
    trd_margin_collateral_value value;
    if (result == TRD_OK) {
        result = trd__collateral_value(&sums, &value);
    }
    if (result == TRD_OK) {
        all.value = value.total;
        *out = all;
    }
    return result;
}

/* --- money that leaves ------------------------------------------------------------------------ */

/* What counts never rises as more goes: halves find the most in 62 steps, whatever is rounded and
 * capped on the way. */
trd_amt trd__multi_spare(
    const trd_risk *risk, const trd_accounts *a, uint32_t account, uint32_t asset, trd_amt free) {
    const trd_multi_with now = {.asset = asset};
    trd_multi state;
    trd_wide own = 0;
    if (trd__multi_of(risk, a, NULL, account, &now, &state) != TRD_OK) {
        return 0;
    }
    const bool known = trd__asset_comes_to(a, asset, state.own, &own);
    trd_assert(known); /* it was counted just now */
    const trd_wide wanted = state.initial + state.held - (state.value - own);
    trd_amt least = 0;   /* may go, if anything may */
    trd_amt most = free; /* as far as is known */
    while (least < most) {
        const trd_amt half = most - (most - least) / 2;
        trd_wide left = 0;
        const bool may =
            trd__asset_comes_to(a, asset, (trd_wide)state.own - half, &left) && left >= wanted;
        *(may ? &least : &most) = may ? half : half - 1;
    }
    return least;
}

/* --- questions -------------------------------------------------------------------------------- */

static int state_of(const trd_multi *all, const trd_multi *usable, trd_collateral *out) {
    trd_collateral state = {.equity = all->value, .usable = usable->value};
    const trd_wide rest = usable->value - usable->initial - usable->held;
    if (!trd__narrow(usable->initial, &state.initial) || !trd__narrow(usable->held, &state.held) ||
        !trd__narrow(rest, &state.available)) {
        return TRD_E_RANGE;
    }
    trd_assert(usable->maintenance <= usable->initial);
    state.maintenance = (trd_amt)usable->maintenance;
    *out = state;
    return TRD_OK;
}

int trd_risk_collateral(
    const trd_risk *risk, const trd_accounts *accounts, uint32_t account, trd_collateral *out) {
    const trd_multi_with now = {.asset = accounts->def.valuation_asset};
    trd_multi all, usable;
    if (account >= risk->def.accounts_max || !trd__is_open(accounts, account) ||
        accounts->listings > risk->def.instruments_max) {
        return TRD_E_UNKNOWN;
    }
    if (out == NULL || trd__client(accounts, account)->mode != TRD_MODE_MULTI) {
        return TRD_E_ARG;
    }
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    int result = trd__multi_of(risk, accounts, NULL, account, NULL, &all);
    if (result == TRD_OK) {
        result = trd__multi_of(risk, accounts, NULL, account, &now, &usable);
    }
    return result == TRD_OK ? state_of(&all, &usable, out) : result;
}
