/* check_collar.c - COLLAR: a limit is not too far from the mark. */
#include "risk/check.h"

static trd_wide size_of(trd_wide x) {
    return x < 0 ? -x : x;
}

bool trd__check_collar(trd_case *c) {
    const trd_acct_listing *listing = c->seat.listing;
    if (listing->has_mark == 0) {
        return trd__is_unknown(c, TRD_LIMIT_COLLAR);
    }
    const trd_wide mark = size_of(listing->mark);
    const trd_wide away = size_of((trd_wide)c->ask->px - listing->mark) * TRD_RISK_PPM;
    for (unsigned at = 0; at < TRD_RISK_SCOPES; at++) {
        const trd_risk_node *node = c->nodes[at];
        if (trd__has(node, TRD_LIMIT_COLLAR)) {
            const int64_t limit = trd__value_of_limit(node, TRD_LIMIT_COLLAR);
            if (away > limit * mark) {
                const trd_wide ppm = mark != 0 ? trd__div_ceil(away, mark) : INT64_MAX;
                return trd__found(c, at + 1, ppm, limit);
            }
        }
    }
    return true;
}
