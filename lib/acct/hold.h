/* hold.h - what an order may cost, where it acts, and what its fills are charged. */
#ifndef TRD_ACCT_HOLD_H
#define TRD_ACCT_HOLD_H

#include "acct/ledger.h"

/* --- values ----------------------------------------------------------------------------------- */

/* px x qty x numerator: below unit x qty x denominator, which limits keep in 128 bits. */
trd_inline trd_wide trd__gross(const trd_acct_listing *listing, trd_px px, trd_qty qty) {
    return trd__mul(px, qty) * listing->numerator;
}

/* floor of the value of an inverse contract, or ceil. */
trd_inline trd_amt trd__inverse_value(
    const trd_acct_listing *listing, trd_px px, trd_qty qty, bool up) {
    const trd_wide gained = trd__mul(qty, listing->numerator);
    const trd_wide per = trd__mul(px, listing->denominator);
    if (trd_likely(trd_fits(gained) && trd_fits(per))) {
        const int64_t small = (int64_t)gained;
        return small / (int64_t)per + (up && small % (int64_t)per > 0);
    }
    return (trd_amt)(gained / per + (up && gained % per > 0));
}

/* ceil |value|. */
trd_inline trd_amt trd__value_up(const trd_acct_listing *listing, trd_px px, trd_qty qty) {
    if (listing->kind == TRD_INSTRUMENT_INVERSE) {
        return trd__inverse_value(listing, px, qty, true);
    }
    const trd_wide gross = trd__gross(listing, px, qty);
    return trd__ceil_by(gross < 0 ? -gross : gross, listing->denominator);
}

/* F of an execution: what `side` gets, or gives. *rest is that of the order before, and after. */
trd_inline trd_amt trd__flow(
    const trd_acct_listing *listing, unsigned side, trd_px px, trd_qty qty, int64_t *rest) {
    if (listing->kind == TRD_INSTRUMENT_INVERSE) {
        return side == TRD_BUY ? trd__inverse_value(listing, px, qty, false)
                               : -trd__inverse_value(listing, px, qty, true);
    }
    const trd_wide gross = trd__gross(listing, px, qty);
    if (listing->denominator == 1) {
        return (trd_amt)(side == TRD_BUY ? -gross : gross);
    }
    const trd_wide all = (side == TRD_BUY ? -gross : gross) + *rest;
    const trd_amt flow = trd__floor_by(all, listing->denominator);
    *rest = (int64_t)(all - (trd_wide)flow * listing->denominator);
    return flow;
}

/* What closing a position at px would bring. */
trd_inline trd_amt trd__closing_flow(const trd_acct_listing *listing, trd_px px, trd_qty qty) {
    int64_t rest = 0;
    return trd__flow(listing, qty > 0 ? TRD_SELL : TRD_BUY, px, trd__abs_qty(qty), &rest);
}

/* --- where an order acts ---------------------------------------------------------------------- */

/* Records of (account, instrument, side); 0: not there yet. */
typedef struct trd_acct_seat {
    const trd_acct_listing *listing;
    uint32_t account;
    uint32_t instrument;
    uint32_t side;
    uint32_t entry;
    uint32_t settle;
    uint32_t base;
} trd_acct_seat;

/* Records that are wanted. */
typedef struct trd_acct_room {
    uint32_t entries;
    uint32_t purses;
    uint32_t dues;
} trd_acct_room;

trd_acct_seat trd__seat_find(
    const trd_accounts *a, uint32_t account, uint32_t instrument, uint32_t side);

/* Adds what an order of `order_side` at the seat needs; `other`, if not NULL, is counted already.
 */
void trd__seat_needs(const trd_accounts *a, const trd_acct_seat *seat, unsigned order_side,
    const trd_acct_seat *other, trd_acct_room *room);
bool trd__has_room(const trd_accounts *a, const trd_acct_room *room);

/* TRD_E_RANGE if the limits do not allow `own` more lots at the seat, `all` of its account. */
int trd__seat_limits(const trd_accounts *a, const trd_acct_seat *seat, trd_wide own, trd_wide all);

/* The purse that gets unsettled amounts when an order of `side` fills; NULL where none does. */
trd_inline trd_acct_purse *trd__receiver(const trd_accounts *a, const trd_acct_listing *listing,
    const trd_acct_entry *entry, unsigned side) {
    if (listing->settle_days == 0) {
        return NULL;
    }
    return trd__purse(a, side == TRD_BUY ? entry->base : entry->settle);
}

/* --- holds ------------------------------------------------------------------------------------ */

/* Rates of the account's tier, of the table that the instrument or the account has. */
void trd__hold_rates(const trd_accounts *a, const trd_acct_listing *listing,
    const trd_acct_client *client, trd_acct_hold *hold);

/* M of accounts.md: the margin of the open lots, whose value is ceil |value|. */
trd_inline trd_wide trd__hold_margin(const trd_acct_hold *hold, trd_amt value) {
    return trd__ceil_ppm((trd_wide)value * hold->margin_ppm) +
           trd__mul(hold->margin_per_lot, hold->leaves);
}

/* The asset and the purse that a hold is locked in. */
trd_inline bool trd__holds_base(const trd_acct_listing *listing, const trd_acct_hold *hold) {
    return listing->kind == TRD_INSTRUMENT_SPOT && hold->kind == TRD_HOLD_FULL &&
           hold->side == TRD_SELL;
}

trd_inline trd_acct_purse *trd__hold_purse(const trd_accounts *a, const trd_acct_listing *listing,
    const trd_acct_entry *entry, const trd_acct_hold *hold) {
    return trd__purse(a, trd__holds_base(listing, hold) ? entry->base : entry->settle);
}

/* The hold follows its sums and leaves: what it needs no longer is released. */
void trd__hold_settle(const trd_booking *b, const trd_acct_listing *listing,
    const trd_acct_entry *entry, trd_acct_hold *hold);

/* What a split makes of what is held for an order of a SPOT instrument. park: all of it is free, so
 * that balances can be split; the kind is NOTHING until the order is resumed or released.
 * can_resume: do the limits of accounts.md, and the free balance, allow the new terms? resume: they
 * do. */
typedef struct trd_resumption {
    trd_px px; /* within px_min and px_max */
    trd_qty leaves;
    trd_qty executed;
} trd_resumption;

void trd__hold_park(trd_accounts *a, trd_order order, trd_out *out);
bool trd__hold_can_resume(const trd_accounts *a, trd_order order, const trd_resumption *terms);
void trd__hold_resume(trd_accounts *a, trd_order order, const trd_resumption *terms, trd_out *out);

/* The order has no open lots any more. */
void trd__hold_forget(
    trd_accounts *a, trd_acct_listing *listing, trd_acct_entry *entry, trd_acct_hold *hold);

/* Moves money from `free`, which may fall below zero by it (cause LOSS), to the collateral of a
 * position; back, at most what is there, with amount < 0. */
void trd__collateral_force(trd_accounts *a, trd_acct_entry *entry, trd_amt amount, trd_out *out);

/* --- charges (fee.c) -------------------------------------------------------------------------- */

typedef struct trd_acct_charges {
    trd_amt fee;
    trd_amt rebate;
    trd_amt taxes[TRD_TAXES_MAX];
} trd_acct_charges;

/* What an execution with |F| = basis costs the order, which remembers it; together no more than
 * `cap` of fee and taxes. */
void trd__charge(const trd_acct_listing *listing, trd_acct_hold *hold, trd_amt basis,
    unsigned liquidity, trd_amt cap, trd_acct_charges *out);

/* ceil of what a further `basis` may cost at most. */
trd_wide trd__charges_ahead(
    const trd_acct_listing *listing, const trd_acct_hold *hold, trd_amt basis);

/* The fee in the asset of the table, if rates are known: false, or the amount in *out. */
bool trd__fee_converted(
    const trd_accounts *a, const trd_fee_table *table, uint32_t settle, trd_amt fee, trd_wide *out);

#endif
