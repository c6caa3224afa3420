/* check_open_value.c - OPEN_VALUE: all open orders together, this one at its worst price. */
#include "risk/check.h"

/* What the order counts for now in the scope `at`. */
static const trd_risk_order *known_in(const trd_case *c, unsigned at) {
    const trd_risk_order *known =
        c->ask->kind != TRD_ASK_NEW ? trd__risk_order_of(c->risk, c->ask->order) : NULL;
    return known == NULL || (at == TRD_LIMIT_TAG - 1 && known->tag != c->ask->tag) ? NULL : known;
}

bool trd__check_open_value(trd_case *c) {
    for (unsigned at = 0; at < TRD_RISK_SCOPES; at++) {
        const trd_risk_node *node = c->nodes[at];
        if (!trd__has(node, TRD_LIMIT_OPEN_VALUE)) {
            continue;
        }
        const trd_risk_order *known = known_in(c, at);
        const int64_t limit = trd__value_of_limit(node, TRD_LIMIT_OPEN_VALUE);
        const uint64_t unpriced = known != NULL ? known->is_unpriced : 0;
        if (!c->has_value || node->unpriced != unpriced) {
            return trd__found(c, at + 1, INT64_MAX, limit);
        }
        const trd_wide all = node->open_value + c->value - (known != NULL ? known->counted : 0);
        if (all > limit) {
            return trd__found(c, at + 1, all, limit);
        }
    }
    return true;
}
