/* lots.h - what a report does to executed lots: computed whole, checked, then stored.
 *
 * cum == named + unnamed. `named` adds up the fills that were reported one by one. `unnamed` is
 * what the venue's own cum says beyond it: above 0 while fills are missing, below 0 while busts
 * are. A fill that comes with unnamed lots at hand explains them, and cum stays. */
#ifndef TRD_OMS_LOTS_H
#define TRD_OMS_LOTS_H

#include "oms/state.h"

typedef enum trd_lots_act {
    LOTS_NONE,
    LOTS_ADD,    /* a new fill */
    LOTS_MARK,   /* a bust of a fill that has not come yet */
    LOTS_BUST,   /* of a fill that is known */
    LOTS_AMEND,  /* so is a correction */
    LOTS_ATTACH, /* a fill without an order turns out to be of this one */
    LOTS_SEEN,   /* the fill behind a correction that came first */
} trd_lots_act;

typedef struct trd_lots {
    trd_qty named;
    trd_qty cum;
    trd_qty cum_delta;
    trd_qty loose_delta; /* lots that move the position and not the order */
    uint64_t cum_version;
    uint64_t lots_version;
    uint32_t fill; /* the fill that is known, or TRD_NONE */
    trd_lots_act act;
    uint32_t flags; /* TRD_OUTCOME_* */
} trd_lots;

/* What `report` does to `order`, as it is in *order: a copy, or zero for an order that is to be
 * made. `handle` is 0 for that. `owned` is false for fills without an order. */
typedef struct trd_lots_ask {
    const trd_report *report;
    const trd_track *order;
    trd_order handle;
    trd_order alias;   /* an order that is merged into it, or 0 */
    uint32_t position; /* TRD_NONE: there is none yet */
    uint8_t side;
    bool owned;
} trd_lots_ask;

trd_lots trd__lots_of(const trd_tracker *t, const trd_lots_ask *ask);

/* Do the sums fit? */
bool trd__lots_fit(const trd_tracker *t, const trd_lots *lots, const trd_lots_ask *ask);

/* trd__lots_store books them: order, position, fill. `ask` now names an order and a position that
 * exist. */
void trd__lots_store(
    trd_tracker *t, const trd_lots *lots, const trd_lots_ask *ask, trd_track *order);

#endif
