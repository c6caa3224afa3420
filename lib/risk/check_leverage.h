/* check_leverage.h - LEVERAGE: what all positions could be worth at their marks, beside equity. */
#ifndef TRD_RISK_CHECK_LEVERAGE_H
#define TRD_RISK_CHECK_LEVERAGE_H

#include "risk/terms.h"

/* Adds what a position with these lots at worst is worth. */
static bool trd__add_worst(
    const trd_case *c, uint32_t instrument, trd_wide buys, trd_wide sells, trd_wide *sum) {
    const trd_acct_listing *listing = trd__listed(c->accounts, instrument);
    const trd_wide up = buys < 0 ? -buys : buys;
    const trd_wide down = sells < 0 ? -sells : sells;
    const trd_wide size = up > down ? up : down;
    trd_amt worth = 0;
    if (size == 0) {
        return true;
    }
    if (listing->has_mark == 0 ||
        !trd__worth_up(c->accounts, listing->settle_asset,
            trd__value_up(listing, listing->mark, (trd_qty)size), &worth)) {
        return false;
    }
    *sum += worth;
    return true;
}

/* All positions of the account, the order counted in. */
static bool trd__worst_of_all(const trd_case *c, trd_wide *sum) {
    const trd_accounts *a = c->accounts;
    const trd_qty more = c->ask->qty - c->own;
    const bool buys = c->ask->side == TRD_BUY;
    for (uint32_t i = c->client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        const trd_qty here = i == c->seat.entry ? more : 0;
        if (!trd__add_worst(c, entry->instrument,
                (trd_wide)entry->qty + entry->open[0] + (buys ? here : 0),
                (trd_wide)entry->qty - entry->open[1] - (buys ? 0 : here), sum)) {
            return false;
        }
    }
    return c->seat.entry != 0 ||
           trd__add_worst(c, c->ask->instrument, buys ? more : 0, buys ? 0 : -more, sum);
}

static trd_noinline bool trd__check_leverage(trd_case *c) {
    trd_wide sum = 0;
    trd_equity equity;
    if (!trd__is_limited(c, TRD_LIMIT_LEVERAGE)) {
        return true; /* somebody else is: positions need not be walked */
    }
    if (!trd__worst_of_all(c, &sum) ||
        trd_accounts_equity(c->accounts, c->ask->account, &equity) != TRD_OK || equity.total <= 0) {
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
