/* parent.h - parent orders: what their children have executed and have open, all together.
 *
 * A parent is declared by its limit, found by (account, number) in a map, and counted at the three
 * places where lots of an order begin and end (order.c). Its record stays while a child is open, so
 * that children name it by its place in the pool. */
#ifndef TRD_RISK_PARENT_H
#define TRD_RISK_PARENT_H

#include "risk/state.h"

/* trd_risk_limit and trd_risk_limit_get of scope PARENT, whose name and terms are good. */
int trd__parent_limit(trd_risk *risk, const trd_limit *limit);
int trd__parent_limit_get(const trd_risk *risk, trd_limit *limit);

/* The record that an ask names, NULL if it may not name it: it is not there, or of another
 * instrument or side. There is room for parent orders. */
const trd_risk_parent_row *trd__parent_of(const trd_risk *risk, const trd_ask *ask);

/* What the children would have, with the order of the ask and `beside` more lots; false: more than
 * the parent has, and more than now. */
bool trd__parent_fits(const trd_risk *risk, const trd_risk_parent_row *parent, const trd_ask *ask,
    trd_qty beside, trd_wide *used);

/* The record that the order of an ask, which has passed, counts for; 0: there are no parent orders.
 * TRD_OK; TRD_E_UNKNOWN, TRD_E_FULL if the check would say something else now. */
int trd__parent_take(const trd_risk *risk, const trd_ask *ask, uint32_t *number);

/* Does the ask name the parent that its order counts for, if that is open? */
bool trd__parent_names_own(const trd_risk *risk, const trd_ask *ask);
trd_inline bool trd__parent_is_its_own(const trd_risk *risk, const trd_ask *ask) {
    return trd_likely(risk->def.parents_max == 0) || ask->kind == TRD_ASK_NEW ||
           trd__parent_names_own(risk, ask);
}

/* Lots of the instrument become numerator / denominator of what they were. O(parents_max). */
void trd__parents_split(
    trd_risk *risk, uint32_t instrument, uint32_t numerator, uint32_t denominator);

/* Are the records sound; is an open order one that its parent could have? TRD_OK, or a negated
 * line. */
int trd__parents_audit(const trd_risk *risk);
int trd__parent_audit_child(const trd_risk *risk, const trd_risk_order *order);

#endif
