/* grant.h - the verdict together with what it grants, for who holds it himself. */
#ifndef TRD_RISK_GRANT_H
#define TRD_RISK_GRANT_H

#include <tradsys/risk.h>

#include "acct/hold.h"

/* trd_risk_check that hands on what it has found. If the verdict passes, *grant is what
 * trd__hold_granted may hold, unless the order holds already and verdict.rehold is 0: then its hold
 * has the new terms, and goes through trd_accounts_amend. Else it says nothing. out->hold is not
 * written: trd__granted_hold makes it of the grant, for who wants it. */
int trd__risk_grant(const trd_risk *risk, const trd_accounts *accounts, const trd_ask *ask,
    trd_verdict *out, trd_acct_grant *grant);

trd_hold trd__granted_hold(const trd_acct_grant *grant);

#endif
