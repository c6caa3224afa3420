/* check_latched.h - LATCHED: neither account nor tag has executed too often. */
#ifndef TRD_RISK_CHECK_LATCHED_H
#define TRD_RISK_CHECK_LATCHED_H

#include "risk/case.h"

trd_inline bool trd__check_latched(trd_case *c) {
    for (uint32_t left = trd__scopes_of(c, TRD_LIMIT_EXECUTIONS); left != 0;
         left = trd__next_scopes(left)) {
        const unsigned at = trd__next_scope(left);
        const trd_risk_node *node = c->nodes[at];
        if (trd__has(node, TRD_RISK_LATCHED)) {
            return trd__found(
                c, at + 1, node->executed_count, trd__value_of_limit(node, TRD_LIMIT_EXECUTIONS));
        }
    }
    return true;
}

#endif
