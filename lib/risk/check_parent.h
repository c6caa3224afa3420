/* check_parent.h - PARENT: the parent order is declared for such orders; PARENT_QTY: it has lots
 * left. Children of algorithms alone come here, so both are behind a call. */
#ifndef TRD_RISK_CHECK_PARENT_H
#define TRD_RISK_CHECK_PARENT_H

#include "risk/case.h"
#include "risk/parent.h"

static trd_noinline bool trd__check_parent(trd_case *c) {
    c->parent = trd__parent_of(c->risk, c->ask);
    if (c->parent != NULL) {
        return true;
    }
    return trd__found(c, TRD_LIMIT_PARENT, INT64_MAX, 0);
}

/* Asked of what has a parent that was found. */
static trd_noinline bool trd__check_parent_qty(trd_case *c) {
    trd_wide used;
    if (trd__parent_fits(c->risk, c->parent, c->ask, c->beside->parent, &used)) {
        return true;
    }
    return trd__found(c, TRD_LIMIT_PARENT, used, c->parent->qty);
}

#endif
