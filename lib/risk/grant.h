/* grant.h - the verdict together with what it grants, for who holds it himself. */
#ifndef TRD_RISK_GRANT_H
#define TRD_RISK_GRANT_H

#include <tradsys/risk.h>

#include "acct/hold.h"

/* trd_risk_check that hands on what it has found. If the verdict passes, *grant is what
 * trd__hold_granted may hold, unless the order holds already and verdict.rehold is 0: then its hold
 * has the new terms, and goes through trd_accounts_amend. Else it says nothing. out->hold is not
 * written: trd__granted_hold makes it of the grant, for who wants it. `keeps` is `accounts`, in
 * which sums over positions are kept then (value.h), and nothing else written; or NULL. */
int trd__risk_judge(const trd_risk *risk, const trd_accounts *accounts, trd_accounts *keeps,
    const trd_ask *ask, trd_verdict *out, trd_acct_grant *grant);

trd_inline int trd__risk_grant(const trd_risk *risk, trd_accounts *accounts, const trd_ask *ask,
    trd_verdict *out, trd_acct_grant *grant) {
    return trd__risk_judge(risk, accounts, accounts, ask, out, grant);
}

/* What is not held, and counts all the same, or is held, and does not: of orders that are linked
 * with the one that is asked about, in its instrument, on its side. Lots are by TRD_POSITION_*. */
typedef struct trd_risk_beside {
    trd_qty lots[TRD_POSITION_SHORT + 1]; /* counted in worst cases; below zero: taken off them */
    trd_qty all;                          /* lots that will be held besides, >= 0 */
    trd_amt amount;                       /* money that will be locked */
    trd_amt full;                         /* what of it is held in full, not on margin */
    trd_amt value;                        /* of the orders, valuation asset */
    uint64_t unpriced;                    /* orders whose value is not known */
    trd_qty parent; /* lots of the same parent order that legs before it will have open */
    trd_amt budget; /* of itself: a new buyer that holds FULL spends no more; 0: it has none */
} trd_risk_beside;

extern const trd_risk_beside trd__risk_alone; /* zero */

/* trd__risk_grant of an order that is not alone. */
int trd__risk_grant_beside(const trd_risk *risk, trd_accounts *accounts, const trd_ask *ask,
    const trd_risk_beside *beside, trd_verdict *out, trd_acct_grant *grant);

trd_hold trd__granted_hold(const trd_acct_grant *grant);

#endif
