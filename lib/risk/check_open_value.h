/* check_open_value.h - OPEN_VALUE: all open orders together, this one at its worst price. */
#ifndef TRD_RISK_CHECK_OPEN_VALUE_H
#define TRD_RISK_CHECK_OPEN_VALUE_H

#include "risk/case.h"

/* What the order counts for now in the scope `at`. */
trd_inline const trd_risk_order *trd__known_in(const trd_case *c, unsigned at) {
    const trd_risk_order *known =
        c->ask->kind != TRD_ASK_NEW ? trd__risk_order_of(c->risk, c->ask->order) : NULL;
    return known == NULL || (at == TRD_LIMIT_TAG - 1 && known->tag != c->ask->tag) ? NULL : known;
}

trd_inline bool trd__check_open_value(trd_case *c) {
    for (uint32_t left = trd__scopes_of(c, TRD_LIMIT_OPEN_VALUE); left != 0;
         left = trd__next_scopes(left)) {
        const unsigned at = trd__next_scope(left);
        const trd_risk_node *node = c->nodes[at];
        if (!trd__has(node, TRD_LIMIT_OPEN_VALUE)) {
            continue;
        }
        const trd_risk_order *known = trd__known_in(c, at);
        const int64_t limit = trd__value_of_limit(node, TRD_LIMIT_OPEN_VALUE);
        const uint64_t unpriced = known != NULL ? known->is_unpriced : 0;
        if (trd_unlikely(!c->has_value || node->unpriced != unpriced)) {
            return trd__found(c, at + 1, INT64_MAX, limit);
        }
        const trd_wide all = node->open_value + c->value - (known != NULL ? known->counted : 0);
        if (trd_unlikely(all > limit)) {
            return trd__found(c, at + 1, all, limit);
        }
    }
    return true;
}

#endif
