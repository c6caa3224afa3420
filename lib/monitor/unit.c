/* unit.c - what stands on one balance: equity, maintenance, level. */
#include "monitor/state.h"
#include "risk/multi.h"

static const trd_margin_tier *tiers_of(const trd_risk *risk, uint32_t instrument, uint32_t *count) {
    const uint32_t number = trd__risk_market(risk, instrument)->model;
    if (number == 0) {
        return NULL;
    }
    const trd_margin_model *model = trd__risk_model(risk, number);
    *count = model->tier_count;
    return model->tiers;
}

/* An OPTION position above zero needs no margin, and so neither model nor array. Of CASH and CNC
 * nothing may be sold that is not there. False if the maintenance is not known. */
static bool stake_of(const trd_unit_sums *sums, const trd_risk *risk,
    const trd_acct_listing *listing, const trd_acct_entry *entry, trd_stake *out) {
    uint32_t count = 0;
    const trd_margin_tier *tiers = NULL;
    const bool is_margined = trd__is_margined(listing, entry);
    if (is_margined && sums->need != TRD_NEED_GROUPS) {
        tiers = tiers_of(risk, entry->instrument, &count);
        if (tiers == NULL ||
            (entry->qty < 0 && trd__risk_market(risk, entry->instrument)->is_cash != 0)) {
            return false;
        }
    }
    *out = trd__stake_of(listing, entry->qty, tiers, count);
    return !is_margined || sums->need != TRD_NEED_GROUPS || trd__has_array(risk, entry->instrument);
}

bool trd__stake_at_mark(const trd_unit_sums *sums, const trd_risk *risk,
    const trd_acct_listing *listing, const trd_acct_entry *entry, trd_stake *stake,
    trd_worth *worth) {
    if (listing->has_mark == 0 || !stake_of(sums, risk, listing, entry, stake)) {
        return false;
    }
    *worth = trd__stake_worth(stake, trd__stake_x(stake, listing->mark));
    return true;
}

trd_wide trd__weight_in(const trd_accounts *a, uint32_t asset, const trd_worth *worth) {
    trd_wide value = 0;
    (void)trd__multi_up(a, asset, worth->up, &value);
    return value < TRD_AMT_LIMIT ? value + 1 : TRD_AMT_LIMIT;
}

/* What a position needs, and how much it weighs, in the valuation asset. */
static void add_valued(trd_unit_sums *sums, const trd_accounts *a, uint32_t asset,
    const trd_worth *worth, trd_amt maintenance) {
    trd_wide need = 0;
    const bool has_rate = trd__multi_up(a, asset, maintenance, &need);
    sums->known &= has_rate;
    sums->maintenance += need;
    sums->weights += trd__weight_in(a, asset, worth);
}

void trd__sums_add(trd_unit_sums *sums, const trd_accounts *a, const trd_risk *risk,
    const trd_acct_entry *entry, unsigned mode) {
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_stake stake;
    trd_worth worth;
    sums->margined += trd__is_margined(listing, entry);
    if (!trd__stake_at_mark(sums, risk, listing, entry, &stake, &worth)) {
        sums->known = 0;
        return;
    }
    const trd_amt maintenance = trd__stake_maintenance(&stake, worth.up);
    sums->equity += (trd_wide)worth.floor - trd__basis(listing, entry, mode);
    if (sums->need == TRD_NEED_VALUED) {
        add_valued(sums, a, listing->settle_asset, &worth, maintenance);
        return;
    }
    sums->maintenance += maintenance;
    sums->weights += trd__weight_of(&worth);
}

/* From sums that are kept: nothing is summed up here. */
int trd__groups_need(
    const trd_risk *risk, uint32_t account, uint32_t asset, trd_margin_requirement *out) {
    if (account >= risk->def.accounts_max || !trd__is_followed(risk, account)) {
        return TRD_E_UNKNOWN;
    }
    return trd__portfolio_require(risk, account, asset, NULL, out);
}

/* --- levels ----------------------------------------------------------------------------------- */

/* Is equity below maintenance x ppm / 10^6? */
static bool is_short_of(const trd_unit_sums *sums, uint32_t ppm) {
    return sums->equity * TRD__PPM < sums->maintenance * ppm;
}

static uint8_t level_of(const trd_monitor *m, const trd_unit_sums *sums) {
    if (sums->equity < 0) {
        return TRD_MARGIN_BANKRUPT;
    }
    if (sums->equity < sums->maintenance) {
        return TRD_MARGIN_LIQUIDATE;
    }
    if (is_short_of(sums, m->def.call_ppm)) {
        return TRD_MARGIN_CALL;
    }
    return is_short_of(sums, m->def.warn_ppm) ? TRD_MARGIN_WARN : TRD_MARGIN_FINE;
}

/* Without margin positions it is FINE whatever else is missing; what is not known is 0 then. */
void trd__sums_judge(const trd_monitor *m, trd_unit_sums *sums, unsigned told) {
    /* What stays below 2^62 (accounts.md, "Limits") has sums below 2^63; groups, and assets at
     * their rates, may need and come to more. */
    sums->known &= trd_fits(sums->equity) && trd_fits(sums->maintenance);
    if (sums->margined != 0) {
        sums->level = sums->known != 0 ? level_of(m, sums) : (uint8_t)told;
        return;
    }
    sums->level = TRD_MARGIN_FINE;
    if (sums->known == 0) {
        sums->equity = 0;
    }
}

/* Without margin positions groups need nothing either: options that were bought are paid for. */
static void add_groups(const trd_risk *risk, const trd_acct_purse *purse, trd_unit_sums *sums) {
    trd_margin_requirement need = {0};
    if (sums->margined != 0) {
        const int result = trd__groups_need(risk, purse->account, purse->asset, &need);
        sums->known &= result == TRD_OK;
        sums->maintenance = result == TRD_E_RANGE ? TRD__BEYOND : need.maintenance;
    }
}

void trd__pool_judge(const trd_monitor *m, const trd_accounts *a, const trd_risk *risk,
    uint32_t purse, trd_unit_sums *sums) {
    if (sums->need == TRD_NEED_GROUPS) {
        add_groups(risk, trd__purse(a, purse), sums);
    }
    trd__sums_judge(m, sums, trd__pool_watch(m, purse)->told);
}

trd_unit_sums trd__asset_sums(const trd_accounts *a, const trd_risk *risk, uint32_t purse) {
    const trd_acct_purse *own = trd__purse(a, purse);
    const trd_acct_client *client = trd__client(a, own->account);
    trd_unit_sums sums = trd__sums_of(trd__total(own) - own->debt, client->mode);
    for (uint32_t i = client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        if (entry->settle == purse && trd__counts(trd__listed(a, entry->instrument), entry)) {
            trd__sums_add(&sums, a, risk, entry, client->mode);
        }
    }
    return sums;
}

trd_unit_sums trd__pool_sums(
    const trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t purse) {
    trd_unit_sums sums = trd__asset_sums(a, risk, purse);
    trd__pool_judge(m, a, risk, purse, &sums);
    return sums;
}

trd_unit_sums trd__position_sums(
    const trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t entry) {
    const trd_acct_entry *own = trd__entry(a, entry);
    const unsigned mode = trd__client(a, own->account)->mode;
    trd_unit_sums sums = trd__sums_of(own->collateral, mode);
    trd__sums_add(&sums, a, risk, own, mode);
    trd__sums_judge(m, &sums, trd__watch(m, entry)->told);
    return sums;
}

/* --- alerts ----------------------------------------------------------------------------------- */

bool trd__alerts(
    const trd_monitor *m, const trd_acct_listing *listing, const trd_acct_entry *entry) {
    const trd_wide profit = trd__profit_at(listing, entry, listing->mark);
    return -profit * TRD__PPM > trd__mul(trd__abs_amt(entry->cost), m->def.alert_ppm);
}
