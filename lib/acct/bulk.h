/* bulk.h - calls that walk many: they look at everything first, then work in units, each with room
 * for its events, and go on where they were when the output is full. */
#ifndef TRD_ACCT_BULK_H
#define TRD_ACCT_BULK_H

#include "acct/position.h"

/* What a call does to one position, as far as balances are concerned. */
typedef struct trd_acct_plan {
    trd_wide settle;   /* free of the settlement asset gets it; not released collateral */
    trd_wide unlocked; /* collateral that is released */
    trd_wide other;    /* free of another asset gets it: delivery, dividend */
} trd_acct_plan;

/* Stores what `work` does to the position and returns TRD_OK, or TRD_E_RANGE if a number of it does
 * not fit. */
typedef int trd_acct_planner(
    const trd_accounts *a, const trd_acct_work *work, const trd_acct_entry *entry, trd_acct_plan *);

/* Positions of one account in one instrument that are not flat: LONG and SHORT, or NET. */
typedef struct trd_acct_siblings {
    uint32_t number[2];
    unsigned count;
} trd_acct_siblings;

trd_acct_siblings trd__siblings(const trd_accounts *a, uint32_t account, uint32_t instrument);

/* TRD_OK if no balance that `work` changes is out of its limits afterwards, and there is room for
 * those that it makes, of `other`. */
int trd__plan_positions(
    const trd_accounts *a, const trd_acct_work *work, uint32_t other, trd_acct_planner *planner);

/* The value of `qty` lots at px as who `receives` it sees it: floor(value), or floor(-value). False
 * if it is not below 2^62. */
bool trd__value_signed(
    const trd_acct_listing *listing, trd_px px, trd_qty qty, bool receives, trd_amt *out);

/* Starts a call that has been looked at. */
int trd__work_begin(trd_accounts *a, const trd_acct_work *work, trd_out *out);

/* Would every number fit if a derivative ended at a price that goes with it? It is looked at as if
 * no order held: what is locked for one becomes free, which fits wherever both did. */
int trd__expire_fits(const trd_accounts *a, uint32_t instrument, trd_px px);

/* A split while orders of the instrument hold, and no others of its base asset. fits: would every
 * number fit, if what is held for them were free? parked: it is free now (hold.h). Both as
 * trd_accounts_split, with terms that it would take, and an output with room. */
int trd__split_fits(const trd_accounts *a, const trd_split *split);
int trd__split_parked(trd_accounts *a, const trd_split *split, trd_out *out);

/* The parts of expire.c and split.c. */
void trd__expire_entry(const trd_booking *b, trd_acct_entry *entry);
void trd__expire_outside(const trd_booking *b);
void trd__split_purse(const trd_booking *b, trd_acct_purse *purse);
void trd__split_entry(const trd_booking *b, trd_acct_entry *entry);

#endif
