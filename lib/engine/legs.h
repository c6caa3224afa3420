/* legs.h - linked orders in the engine: what is asked about legs, and which lots of a child are
 * held although they are not open.
 *
 * A child is judged once for all lots that it may be granted, so all of these are held from then
 * on: those that are open and those to come. What the matcher's events tell is about open lots;
 * `to_come` is kept here, by the slot of the order, so that each event takes off the hold exactly
 * what it says. When a parent is over, the rest that its children will never get is released. */
#ifndef TRD_ENGINE_LEGS_H
#define TRD_ENGINE_LEGS_H

#include "engine/state.h"
#include "match/legs.h"
#include "risk/grant.h"

/* By the slot of an order; zero for one that is no leg. */
typedef struct trd_engine_link {
    uint32_t group; /* of the matcher */
    uint32_t leg;   /* from 0 */
    trd_qty to_come;
} trd_engine_link;

_Static_assert(sizeof(trd_engine_link) == 16, "no padding");

/* NULL: there are no groups, or the handle is none. */
trd_inline trd_engine_link *trd__engine_link(const trd_engine *engine, trd_order order) {
    const uint32_t slot = trd__handle_slot(order);
    return engine->links_at == 0 || slot >= trd__engine_accounts(engine)->def.orders_max
               ? NULL
               : (trd_engine_link *)(void *)((char *)(uintptr_t)engine + engine->links_at) + slot;
}

/* The NEW in work, which has a link, as trd__engine_judge. Of the last leg of a group all legs are
 * judged: engine->legs says how many, engine->guilty which one the reason is of. */
unsigned trd__engine_judge_leg(trd_engine *engine, unsigned late);

/* What counts beside `order`, a child, on the side that `ask` names. */
void trd__engine_beside(
    const trd_engine *engine, const trd_leg_info *info, const trd_ask *ask, trd_risk_beside *out);

/* The next leg was accepted: what it was judged by is held. */
void trd__engine_leg_accepted(trd_engine *engine, trd_out *out, trd_order order);

/* Lots of an order that stay held besides `leaves` open ones, from now on. */
trd_qty trd__engine_to_come(trd_engine *engine, trd_order order);

/* The matcher has told `event` of an order, and its hold follows: so do the children of its group.
 */
void trd__engine_legs_follow(trd_engine *engine, trd_out *out, const trd_event *event);

#endif
