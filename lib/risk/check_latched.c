/* check_latched.c - LATCHED: neither account nor tag has executed too often. */
#include "risk/check.h"

bool trd__check_latched(trd_case *c) {
    /* uncovered: it is asked where one of them has latched */
    for (unsigned at = 0; at < TRD_RISK_SCOPES; at++) {
        const trd_risk_node *node = c->nodes[at];
        if (trd__has(node, TRD_RISK_LATCHED)) {
            return trd__found(
                c, at + 1, node->executed_count, trd__value_of_limit(node, TRD_LIMIT_EXECUTIONS));
        }
    }
    return true;
}
