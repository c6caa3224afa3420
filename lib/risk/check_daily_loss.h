/* check_daily_loss.h - DAILY_LOSS: what the account has lost since the day began. */
#ifndef TRD_RISK_CHECK_DAILY_LOSS_H
#define TRD_RISK_CHECK_DAILY_LOSS_H

#include "risk/case.h"

#include "acct/value.h"

/* Unrealised profit of all positions, valuation asset; false if one of them is not known. */
static trd_noinline bool trd__unrealised_of(const trd_case *c, trd_wide *sum) {
    trd_acct_sums own;
    const trd_acct_sums *sums =
        trd__account_sums(c->accounts, c->keeps, c->ask->account, false, &own);
    *sum = sums->unrealised;
    return sums->no_unrealised == 0;
}

/* What was lost since the day began, without what is unrealised. Sums of another day are over. */
trd_inline trd_wide trd__lost_today(const trd_case *c, bool *is_known) {
    const trd_acct_client *client = c->client;
    *is_known = true;
    if (client->day != c->accounts->day) {
        return 0;
    }
    *is_known = client->unpriced == 0;
    return (trd_wide)client->charged - client->realised - client->funding;
}

/* Limits of firm and account. */
trd_inline bool trd__check_daily_loss(trd_case *c) {
    bool is_known;
    const trd_wide loss = trd__lost_today(c, &is_known);
    trd_wide unrealised = 0;
    bool has_unrealised = false; /* it was summed up */
    for (uint32_t left = trd__scopes_of(c, TRD_LIMIT_DAILY_LOSS); left != 0;
         left = trd__next_scopes(left)) {
        const unsigned at = trd__next_scope(left);
        const trd_risk_node *node = c->nodes[at];
        if (!trd__has(node, TRD_LIMIT_DAILY_LOSS)) {
            continue;
        }
        const int64_t limit = trd__value_of_limit(node, TRD_LIMIT_DAILY_LOSS);
        const bool with_unrealised = node->with_unrealised != 0;
        if (with_unrealised && is_known && !has_unrealised) {
            has_unrealised = trd__unrealised_of(c, &unrealised);
        }
        if (trd_unlikely(!is_known || (with_unrealised && !has_unrealised))) {
            return trd__found(c, at + 1, INT64_MAX, limit);
        }
        const trd_wide lost = with_unrealised ? loss - unrealised : loss;
        if (trd_unlikely(lost >= limit)) {
            return trd__found(c, at + 1, lost, limit);
        }
    }
    return true;
}

#endif
