/* force.h - what the owner of a matcher may do besides commands: orders in the name of an account,
 * and lots that change hands without an order. Positions are kept (positions_max > 0). */
#ifndef TRD_MATCH_FORCE_H
#define TRD_MATCH_FORCE_H

#include <tradsys/match.h>

#include "core/compiler.h"

/* From now on commands are the owner's own, until it says otherwise: a NEW is not bound by minimum
 * quantity and notional limits, its client id is outside the ascending ones of the account, and a
 * MASS_CANCEL has the cause LIQUIDATION. */
void trd__match_force(trd_match *match, bool is_forced);

/* Does the account have a live order in the instrument? O(1). */
bool trd__match_has_orders(const trd_match *match, uint32_t account, uint32_t instrument);

/* Is the instrument in continuous trading, and does no kill switch stop an order of the account,
 * with this actor and no tag, that only reduces? */
bool trd__match_is_open(
    const trd_match *match, uint32_t account, uint32_t instrument, uint32_t actor);

/* The worst valid price for an order of `side`: the end of the band, else that of the range. */
trd_px trd__match_worst_px(const trd_match *match, uint32_t instrument, unsigned side);

/* `qty` lots of one account become another's. */
typedef struct trd_handover {
    uint32_t instrument;
    uint32_t seller;
    uint32_t buyer;
    uint8_t seller_position; /* TRD_POSITION_* */
    uint8_t buyer_position;
    trd_qty qty;
} trd_handover;

/* can_hand_over: is there room for both positions? hand_over: there is, and no command is pending.
 * The positions move; true if reduce-only orders are to be cut: trd_match_step with command NULL
 * does so, as after an execution, and settles the instrument. */
bool trd__match_can_hand_over(const trd_match *match, const trd_handover *lots);
bool trd__match_hand_over(trd_match *match, const trd_handover *lots);

/* Every live order of the instrument is to end, for this TRD_CAUSE_*; no command is pending.
 * trd_match_step with command NULL does so, as in a mass cancel. */
void trd__match_end_orders(trd_match *match, uint32_t instrument, unsigned cause);

/* A position changes without an execution. One that is not flat, or is to be so no longer, is kept
 * already. */
void trd__match_set_position(
    trd_match *match, uint32_t account, uint32_t instrument, unsigned position, trd_qty qty);

#endif
