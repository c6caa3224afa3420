/* check_collar.h - COLLAR: a limit is not too far from the mark. */
#ifndef TRD_RISK_CHECK_COLLAR_H
#define TRD_RISK_CHECK_COLLAR_H

#include "risk/case.h"

/* |a - b|: what two prices are apart fits where neither of them has a sign. */
trd_inline uint64_t trd__apart(trd_px a, trd_px b) {
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

trd_inline bool trd__check_collar(trd_case *c) {
    const trd_acct_listing *listing = c->seat.listing;
    if (listing->has_mark == 0) {
        return trd__is_unknown(c, TRD_LIMIT_COLLAR);
    }
    const uint64_t mark = trd__magnitude(listing->mark);
    const trd_uwide away = (trd_uwide)trd__apart(c->ask->px, listing->mark) * TRD_RISK_PPM;
    for (uint32_t left = trd__scopes_of(c, TRD_LIMIT_COLLAR); left != 0;
         left = trd__next_scopes(left)) {
        const unsigned at = trd__next_scope(left);
        const trd_risk_node *node = c->nodes[at];
        if (trd__has(node, TRD_LIMIT_COLLAR)) {
            const int64_t limit = trd__value_of_limit(node, TRD_LIMIT_COLLAR);
            if (trd_unlikely(away > (trd_uwide)(uint64_t)limit * mark)) {
                const trd_wide ppm = mark != 0 ? trd__div_ceil((trd_wide)away, mark) : INT64_MAX;
                return trd__found(c, at + 1, ppm, limit);
            }
        }
    }
    return true;
}

#endif
