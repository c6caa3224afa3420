/* withdraw.c - how much money may leave an account that has positions or debts. */
#include <tradsys/risk.h>

#include "acct/margin.h"
#include "acct/position.h"
#include "risk/multi.h"
#include "risk/portfolio.h"

/* What stands on one balance. */
typedef struct pool {
    trd_wide worth;      /* unrealised profit; of options only those sold, at their value */
    trd_wide initial;    /* what the positions need at their marks */
    trd_wide collateral; /* locked for the positions */
    bool is_known;       /* every mark and model that is needed is there */
    bool has_positions;
} pool;

static bool owes(const trd_accounts *a, const trd_acct_client *client) {
    for (uint32_t i = client->purses.first; i != 0; i = trd__purse(a, i)->next_of_account) {
        if (trd__purse(a, i)->debt != 0) {
            return true;
        }
    }
    return false;
}

/* A position that needs margin, at its mark. */
static void add_position(const trd_risk *risk, const trd_acct_client *client,
    const trd_acct_listing *listing, const trd_acct_entry *entry, pool *p) {
    const uint32_t number = trd__risk_market(risk, entry->instrument)->model;
    p->has_positions = true;
    if (number == 0 || listing->has_mark == 0) {
        p->is_known = false;
        return;
    }
    const trd_qty size = trd__abs_qty(entry->qty);
    const trd_amt notional = trd__value_up(listing, listing->mark, size);
    p->worth += trd__worth_at(listing, entry, listing->mark);
    p->initial += trd__require_of(trd__risk_model(risk, number), client, notional).initial;
}

static pool pool_of(
    const trd_risk *risk, const trd_accounts *a, const trd_acct_client *client, uint32_t asset) {
    pool p = {.is_known = true};
    for (uint32_t i = client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        const trd_acct_listing *listing = trd__listed(a, entry->instrument);
        if (listing->settle_asset != asset || trd__delivers_now(listing)) {
            continue;
        }
        p.collateral += entry->collateral;
        if (trd__is_margined(listing, entry)) {
            add_position(risk, client, listing, entry, &p);
        }
    }
    return p;
}

/* What the pool has beyond what its positions need and what is held for orders. */
static trd_wide spare_of(const trd_acct_purse *purse, const pool *p) {
    const trd_wide held = purse->locked - p->collateral;
    const trd_wide losses = p->worth < 0 ? p->worth : 0;
    return trd__total(purse) - held + losses - p->initial;
}

/* What the groups of the account, and its orders, do not need. */
static trd_amt left_of_portfolio(
    const trd_risk *risk, const trd_accounts *a, uint32_t account, uint32_t asset) {
    trd_portfolio state;
    const int result = trd_risk_portfolio(risk, a, account, asset, &state);
    return result == TRD_OK && state.available > 0 ? state.available : 0;
}

/* Is a balance below zero? Then what others have stands for it. */
static bool is_below_zero(const trd_accounts *a, const trd_acct_client *client) {
    for (uint32_t i = client->purses.first; i != 0; i = trd__purse(a, i)->next_of_account) {
        if (trd__total(trd__purse(a, i)) < 0) {
            return true;
        }
    }
    return false;
}

/* What the assets of the account leave beyond what stands on them. */
static trd_amt left_of_multi(
    const trd_risk *risk, const trd_accounts *a, uint32_t account, const trd_acct_purse *purse) {
    const trd_acct_client *client = trd__client(a, account);
    if (!trd__multi_is_used(risk, a, NULL, account) && !is_below_zero(a, client)) {
        return purse->free;
    }
    return trd__multi_spare(risk, a, account, purse->asset, purse->free);
}

static trd_amt most_of(
    const trd_risk *risk, const trd_accounts *a, uint32_t account, const trd_acct_purse *purse) {
    const trd_acct_client *client = trd__client(a, account);
    if (purse->free <= 0 || owes(a, client)) {
        return 0;
    }
    if (client->mode == TRD_MODE_MULTI) {
        return left_of_multi(risk, a, account, purse);
    }
    const bool is_portfolio = client->mode == TRD_MODE_PORTFOLIO;
    if (is_portfolio && trd__is_followed(risk, account)) {
        return left_of_portfolio(risk, a, account, purse->asset);
    }
    if (!trd__is_pooled(client->mode)) {
        return purse->free;
    }
    const pool p = pool_of(risk, a, client, purse->asset);
    if (!p.has_positions) {
        return purse->free;
    }
    if (!p.is_known || is_portfolio) {
        return 0;
    }
    const trd_wide spare = spare_of(purse, &p);
    return spare <= 0 ? 0 : spare < purse->free ? (trd_amt)spare : purse->free;
}

int trd_risk_withdrawable(const trd_risk *risk, const trd_accounts *accounts, uint32_t account,
    uint32_t asset, trd_amt *out) {
    if (risk == NULL || accounts == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    if (account >= risk->def.accounts_max || !trd__is_open(accounts, account) ||
        asset >= accounts->assets || accounts->listings > risk->def.instruments_max) {
        return TRD_E_UNKNOWN;
    }
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    const trd_acct_purse *purse = trd__purse_or_null(accounts, account, asset);
    *out = purse != NULL ? most_of(risk, accounts, account, purse) : 0;
    return TRD_OK;
}
