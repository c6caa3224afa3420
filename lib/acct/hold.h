/* hold.h - what an order may cost, where it acts, and what its fills are charged. */
#ifndef TRD_ACCT_HOLD_H
#define TRD_ACCT_HOLD_H

#include <string.h>

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
    int64_t product = 0;
    int64_t small = 0;
    if (trd_likely(!__builtin_mul_overflow(px, qty, &product) &&
                   !__builtin_mul_overflow(product, listing->numerator, &small) &&
                   small > INT64_MIN)) {
        small = small < 0 ? -small : small;
        return listing->denominator == 1
                   ? small
                   : small / listing->denominator + (small % listing->denominator > 0);
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
    int64_t small = 0;
    const bool fits = trd__product(px, qty, listing->numerator, &small);
    if (trd_likely(fits && listing->denominator == 1)) {
        return side == TRD_BUY ? -small : small;
    }
    const trd_wide gross = trd__gross(listing, px, qty);
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
    const trd_acct_purse *purses; /* all of them: settle and base are numbers of these */
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

/* Finds the balances of a seat that has no entry yet. */
void trd__seat_purses(const trd_accounts *a, trd_acct_seat *seat);

trd_inline void trd__seat_fill(const trd_accounts *a, uint32_t account, uint32_t instrument,
    uint32_t side, trd_acct_seat *seat) {
    seat->listing = trd__listed(a, instrument);
    seat->purses = trd__purse(a, 0);
    seat->account = account;
    seat->instrument = instrument;
    seat->side = side;
    seat->entry = trd__entry_near(a, trd__client(a, account), account, instrument, side);
    const trd_acct_entry *entry = trd__entry(a, seat->entry); /* without one, record 0: zero */
    seat->settle = entry->settle;
    seat->base = entry->base;
    if (trd_unlikely(seat->entry == 0)) {
        trd__seat_purses(a, seat);
    }
}

trd_inline trd_acct_seat trd__seat_find(
    const trd_accounts *a, uint32_t account, uint32_t instrument, uint32_t side) {
    trd_acct_seat seat;
    trd__seat_fill(a, account, instrument, side, &seat);
    return seat;
}

/* Adds what an order of `order_side` at the seat needs; `other`, if not NULL, is counted already.
 */
void trd__seat_needs(const trd_accounts *a, const trd_acct_seat *seat, unsigned order_side,
    const trd_acct_seat *other, trd_acct_room *room);
bool trd__has_room(const trd_accounts *a, const trd_acct_room *room);

/* Is there room for an order of `order_side` at the seat? Where it has its records, and nothing
 * settles later, it needs none. */
trd_inline bool trd__seat_has_room(
    const trd_accounts *a, const trd_acct_seat *seat, unsigned order_side) {
    if (trd_likely(seat->entry != 0 && seat->listing->settle_days == 0)) {
        return true;
    }
    trd_acct_room room = {0};
    trd__seat_needs(a, seat, order_side, NULL, &room);
    return trd__has_room(a, &room);
}

/* TRD_E_RANGE if the limits do not allow `own` more lots at the seat, `all` of its account. */
int trd__seat_limits(const trd_accounts *a, const trd_acct_seat *seat, trd_wide own, trd_wide all);

/* Bits of all that a purse is weighed by; the highest too if it is below zero. */
trd_inline uint64_t trd__purse_bits(const trd_acct_purse *purse) {
    return (uint64_t)purse->free | (uint64_t)purse->locked | (uint64_t)purse->unsettled |
           (uint64_t)purse->debt | (uint64_t)purse->at_risk;
}

/* Is every number that trd__seat_limits adds up below 2^58? Then no sum of it, of at most six,
 * reaches 2^62, nor does any product: nearly all orders are this far from all limits, and this is
 * seen without a sum. False says nothing. */
trd_inline bool trd__seat_is_far(const trd_accounts *a, const trd_acct_seat *seat, trd_qty lots) {
    enum { FAR_BITS = 58 };
    const trd_acct_entry *entry = trd__entry(a, seat->entry);
    const trd_acct_listing *listing = seat->listing;
    uint64_t bits = (uint64_t)trd__abs_qty(entry->qty) | (uint64_t)entry->open[0] |
                    (uint64_t)entry->open[1] | (uint64_t)lots | (uint64_t)entry->booked |
                    trd__purse_bits(&seat->purses[seat->settle]);
    int64_t worth = 0; /* of all open lots, the new ones too */
    int64_t base = 0;
    if (trd_unlikely(
            bits >> FAR_BITS != 0 || __builtin_mul_overflow(listing->unit,
                                         entry->open[0] + entry->open[1] + lots, &worth))) {
        return false;
    }
    if (trd__delivers_now(listing)) {
        if (trd_unlikely(__builtin_mul_overflow(listing->base, lots, &base))) {
            return false;
        }
        bits |= trd__purse_bits(&seat->purses[seat->base]);
    }
    return (bits | (uint64_t)worth | (uint64_t)base) >> FAR_BITS == 0;
}

/* Do the limits allow `lots` more of one order? The lots are not below zero. */
trd_inline bool trd__seat_fits(const trd_accounts *a, const trd_acct_seat *seat, trd_qty lots) {
    return trd_likely(trd__seat_is_far(a, seat, lots)) ||
           trd__seat_limits(a, seat, lots, lots) == TRD_OK;
}

/* The purse that gets unsettled amounts when an order of `side` fills; NULL where none does. */
trd_inline trd_acct_purse *trd__receiver(const trd_accounts *a, const trd_acct_listing *listing,
    const trd_acct_entry *entry, unsigned side) {
    if (listing->settle_days == 0) {
        return NULL;
    }
    return trd__purse(a, side == TRD_BUY ? entry->base : entry->settle);
}

/* --- holds ------------------------------------------------------------------------------------ */

/* Lines 0 and 1 become zero, each by itself: one clear of both is a string instruction, which takes
 * longer to begin than these take. */
trd_inline void trd__hold_clear(trd_acct_hold *hold) {
    memset(hold, 0, TRD_LINE);
    memset((char *)hold + TRD_LINE, 0, offsetof(trd_acct_hold, missing) - TRD_LINE);
}

/* The tier of an account in a table that has several. */
uint32_t trd__fee_tier(
    const trd_accounts *a, const trd_fee_table *table, const trd_acct_client *client);

/* Rates of the account's tier, of the table that the instrument or the account has. */
trd_inline void trd__hold_rates(const trd_accounts *a, const trd_acct_listing *listing,
    const trd_acct_client *client, trd_acct_hold *hold) {
    const uint32_t number = listing->fees != 0 ? listing->fees - 1 : client->fees;
    const trd_fee_table *table = trd__fee_table(a, number);
    const uint32_t tier = table->tier_count > 1 ? trd__fee_tier(a, table, client) : 0;
    hold->table = number;
    hold->maker_ppb = table->tiers[tier].maker_ppb;
    hold->taker_ppb = table->tiers[tier].taker_ppb;
}

/* M of accounts.md: the margin of the open lots, whose value is ceil |value|. */
trd_inline trd_wide trd__hold_margin(const trd_acct_hold *hold, trd_amt value) {
    return trd__ceil_ppm((trd_wide)value * hold->margin_ppm) +
           trd__mul(hold->margin_per_lot, hold->leaves);
}

/* Price of the open lots of a buyer, whose value is ceil |value|: the same but where executions
 * left a rest, or prices are below zero; and no more than is left of what it may spend. */
trd_inline trd_amt trd__hold_price(
    const trd_acct_listing *listing, const trd_acct_hold *hold, trd_amt value) {
    const trd_amt price =
        trd_likely(hold->rest == 0 && hold->px >= 0)
            ? value
            : trd__ceil_by(
                  trd__gross(listing, hold->px, hold->leaves) - hold->rest, listing->denominator);
    const trd_amt left = hold->margin_per_lot + hold->moved; /* what it gave is below zero */
    return trd_unlikely(hold->margin_per_lot != 0) && left < price ? left : price;
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

/* The purse that it would be locked in: an empty one if the account has none yet. */
trd_inline const trd_acct_purse *trd__seat_purse(
    const trd_accounts *a, const trd_acct_seat *seat, const trd_acct_hold *hold) {
    return trd__purse(a, trd__holds_base(seat->listing, hold) ? seat->base : seat->settle);
}

/* Do all assets of the account stand behind such a hold, so that more than is free may be locked?
 */
trd_inline bool trd__is_backed(const trd_acct_client *client, unsigned kind) {
    return kind == TRD_HOLD_MARGIN && client->mode == TRD_MODE_MULTI;
}

/* Does the balance keep its range if that much more of it is locked, also below zero of `free`, for
 * lots that are worth `reach` at most? Both may be below zero: less is locked, for fewer lots. */
trd_inline bool trd__lock_fits(const trd_acct_purse *purse, trd_wide amount, trd_wide reach) {
    return trd__is_amount(
        trd__weight(purse, purse->free - amount) + amount + purse->at_risk + reach);
}

/* A hold that was looked at and may be: what trd_accounts_hold asks of a new one holds for it, and
 * its record is made but for the order, which need not be known yet. Numbers only, so that it may
 * lie in a block that is moved. Good until the accounts change in anything but that lots are
 * released. */
typedef struct trd_acct_grant {
    trd_acct_hold hold; /* line 2 is not read */
    uint32_t account;
    uint32_t instrument;
    uint32_t side; /* TRD_POSITION_* */
    uint32_t reserved;
} trd_acct_grant;

/* What was granted is held for `order`, which holds nothing; `out` has room. */
void trd__hold_granted(trd_accounts *a, const trd_acct_grant *grant, trd_order order, trd_out *out);

/* trd_accounts_release of a hold that was found, of (0, leaves] lots; `out` has room. */
void trd__hold_release(trd_accounts *a, trd_acct_hold *hold, trd_qty qty, trd_out *out);

/* The hold follows its sums and leaves: what it needs no longer is released. */
void trd__hold_settle(const trd_booking *b, const trd_acct_listing *listing, trd_acct_entry *entry,
    trd_acct_hold *hold);

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

trd_inline uint32_t trd__tax_rate(const trd_acct_listing *listing, unsigned k, unsigned side) {
    return side == TRD_BUY ? listing->taxes[k].buyer_ppb : listing->taxes[k].seller_ppb;
}

/* ceil of what a further `basis` may cost at most. */
trd_inline trd_wide trd__charges_ahead(
    const trd_acct_listing *listing, const trd_acct_hold *hold, trd_amt basis) {
    int32_t rate = hold->maker_ppb > hold->taker_ppb ? hold->maker_ppb : hold->taker_ppb;
    rate = rate > 0 ? rate : 0;
    trd_wide all = trd__ceil_ppb_of(basis, rate, hold->fee_over);
    for (unsigned k = 0; k < listing->tax_count; k++) {
        all += trd__ceil_ppb_of(basis, trd__tax_rate(listing, k, hold->side), hold->tax_over[k]);
    }
    return all;
}

/* The fee in the asset of the table, if rates are known: false, or the amount in *out. */
bool trd__fee_converted(
    const trd_accounts *a, const trd_fee_table *table, uint32_t settle, trd_amt fee, trd_wide *out);

#endif
