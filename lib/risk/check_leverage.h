/* check_leverage.h - LEVERAGE: what all positions could be worth at their marks, beside equity. */
#ifndef TRD_RISK_CHECK_LEVERAGE_H
#define TRD_RISK_CHECK_LEVERAGE_H

#include "risk/terms.h"

/* A position with so many lots more of the order's side is worth `with`, and `without` them. */
typedef struct trd_risk_worst {
    trd_amt without;
    trd_amt with;
    bool known_without;
    bool known_with;
} trd_risk_worst;

static trd_risk_worst trd__worst_with(
    const trd_case *c, const trd_acct_entry *entry, trd_qty more) {
    const trd_acct_listing *listing = c->seat.listing;
    const bool buys = c->ask->side == TRD_BUY;
    const bool has_mark = listing->has_mark != 0;
    const trd_wide bought = (trd_wide)entry->qty + entry->open[0];
    const trd_wide sold = (trd_wide)entry->qty - entry->open[1];
    trd_risk_worst worst;
    worst.known_without = trd__size_worth(c->accounts, listing, has_mark, listing->mark,
        trd__larger_size(bought, sold), &worst.without);
    worst.known_with = trd__size_worth(c->accounts, listing, has_mark, listing->mark,
        trd__larger_size(bought + (buys ? more : 0), sold - (buys ? 0 : more)), &worst.with);
    return worst;
}

/* Sum over all positions of the account, the order counted in, and orders beside it. False if it is
 * not known. */
static bool trd__worst_of_all(const trd_case *c, const trd_acct_sums *sums, trd_wide *sum) {
    uint32_t missing = sums->no_worst;
    *sum = sums->worst;
    for (unsigned side = TRD_POSITION_NET; side <= TRD_POSITION_SHORT; side++) {
        const bool is_own = side == c->ask->position;
        const trd_qty more = c->beside->lots[side] + (is_own ? c->ask->qty - c->own : 0);
        if (more == 0) {
            continue;
        }
        const trd_acct_entry *entry =
            is_own ? c->entry
                   : trd__entry(c->accounts,
                         trd__entry_find(c->accounts, c->ask->account, c->ask->instrument, side));
        const trd_risk_worst worst = trd__worst_with(c, entry, more);
        missing += (uint32_t)worst.known_without - (uint32_t)worst.known_with;
        *sum += (worst.known_with ? (trd_wide)worst.with : 0) -
                (worst.known_without ? worst.without : 0);
    }
    return missing == 0;
}

static trd_noinline bool trd__check_leverage(trd_case *c) {
    trd_wide sum = 0;
    trd_equity equity;
    trd_acct_sums own;
    if (!trd__is_limited(c, TRD_LIMIT_LEVERAGE)) {
        return true; /* somebody else is: positions need not be looked at */
    }
    const trd_acct_sums *sums =
        trd__account_sums(c->accounts, c->keeps, c->ask->account, true, &own);
    if (!trd__worst_of_all(c, sums, &sum) ||
        !trd__equity_of(c->accounts, c->client, sums, &equity) || equity.total <= 0) {
        return trd__is_unknown(c, TRD_LIMIT_LEVERAGE);
    }
    for (uint32_t left = trd__scopes_of(c, TRD_LIMIT_LEVERAGE); left != 0;
         left = trd__next_scopes(left)) {
        const unsigned at = trd__next_scope(left);
        const trd_risk_node *node = c->nodes[at];
        if (trd__has(node, TRD_LIMIT_LEVERAGE)) {
            const int64_t limit = trd__value_of_limit(node, TRD_LIMIT_LEVERAGE);
            if (sum * 100 > trd__mul(limit, equity.total)) {
                return trd__found(c, at + 1, trd__div_ceil(sum * 100, equity.total), limit);
            }
        }
    }
    return true;
}

#endif
