/* check_daily_loss.c - DAILY_LOSS: what the account has lost since the day began. */
#include "risk/check.h"

#include "acct/position.h"

/* Unrealised profit of all positions, valuation asset; false if one of them is not known. */
static bool unrealised_of(const trd_case *c, trd_wide *sum) {
    const trd_accounts *a = c->accounts;
    for (uint32_t i = c->client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        const trd_acct_listing *listing = trd__listed(a, entry->instrument);
        trd_amt worth = 0;
        if (entry->qty == 0) {
            continue;
        }
        if (listing->has_mark == 0 ||
            trd__worth(a, listing->settle_asset, trd__profit_at(listing, entry, listing->mark),
                &worth) != TRD_OK) {
            return false;
        }
        *sum += worth;
    }
    return true;
}

static bool with_unrealised(const trd_risk_node *node) {
    return trd__has(node, TRD_LIMIT_DAILY_LOSS) && node->with_unrealised != 0;
}

bool trd__check_daily_loss(trd_case *c) {
    trd_acct_client client = *c->client;
    trd_wide unrealised = 0;
    trd__client_roll(c->accounts, &client);
    const trd_wide loss = -((trd_wide)client.realised + client.funding - client.charged);
    const bool is_asked = with_unrealised(c->nodes[TRD_LIMIT_FIRM - 1]) ||
                          with_unrealised(c->nodes[TRD_LIMIT_ACCOUNT - 1]);
    const bool is_known = !is_asked || unrealised_of(c, &unrealised);
    for (unsigned at = 0; at < TRD_RISK_SCOPES; at++) {
        const trd_risk_node *node = c->nodes[at];
        if (!trd__has(node, TRD_LIMIT_DAILY_LOSS)) {
            continue;
        }
        const int64_t limit = trd__value_of_limit(node, TRD_LIMIT_DAILY_LOSS);
        if (client.unpriced != 0 || (with_unrealised(node) && !is_known)) {
            return trd__found(c, at + 1, INT64_MAX, limit);
        }
        const trd_wide lost = with_unrealised(node) ? loss - unrealised : loss;
        if (lost >= limit) {
            return trd__found(c, at + 1, lost, limit);
        }
    }
    return true;
}
