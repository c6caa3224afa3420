/* split.c - new lots for old ones: balances of the base asset, then positions; fractions are paid.
 */
#include "acct/bulk.h"

/* What a split makes of a balance of the base asset. */
typedef struct purse_split {
    trd_amt free;
    trd_amt cash; /* of the quote asset, for the fraction */
} purse_split;

/* What it makes of a position. */
typedef struct entry_split {
    trd_qty qty;
    trd_amt cost;
    trd_amt profit;
} entry_split;

static bool purse_split_of(const trd_acct_listing *listing, const trd_acct_work *work,
    const trd_acct_purse *purse, purse_split *out) {
    const trd_wide whole = trd__mul(purse->free, work->numerator);
    const trd_wide free = trd__div_floor(whole, work->denominator);
    const uint64_t fraction = (uint64_t)(whole - free * work->denominator);
    const uint64_t times[3] = {(uint64_t)work->px, (uint64_t)listing->numerator, fraction};
    const uint64_t by[3] = {
        (uint64_t)listing->denominator, work->numerator, (uint64_t)listing->base};
    bool inexact = false;
    if (!trd__is_amount(free) || !trd__ratio(times, 3, by, 3, &out->cash, &inexact)) {
        return false;
    }
    out->free = (trd_amt)free;
    return true;
}

static bool entry_split_of(const trd_acct_listing *listing, const trd_acct_work *work,
    const trd_acct_entry *entry, entry_split *out) {
    const trd_wide whole = trd__mul(trd__abs_qty(entry->qty), work->numerator);
    const trd_wide lots = whole / work->denominator;
    const int64_t fraction = (int64_t)(whole - lots * work->denominator);
    const uint64_t times[3] = {
        (uint64_t)work->px, (uint64_t)listing->numerator, (uint64_t)fraction};
    const uint64_t by[2] = {(uint64_t)listing->denominator, work->numerator};
    const trd_amt cost_out =
        (trd_amt)trd__div_floor(trd__mul(entry->cost, fraction), whole); /* |it| <= |cost| */
    trd_amt paid = 0;
    bool inexact = false;
    if (lots >= TRD_QTY_LIMIT) {
        return false;
    }
    /* The fraction is no more than all lots: what is paid for it is below 2^62 as the value of the
     * position is, and so is the difference to a cost of the same sign. */
    const bool fits = trd__ratio(times, 3, by, 2, &paid, &inexact);
    trd_assert(fits);
    const trd_wide profit =
        (entry->qty > 0 ? (trd_wide)paid : -((trd_wide)paid + inexact)) - cost_out;
    if (!trd__is_amount(entry->realised + profit)) {
        return false;
    }
    *out = (entry_split){.qty = entry->qty > 0 ? (trd_qty)lots : -(trd_qty)lots,
        .cost = entry->cost - cost_out,
        .profit = (trd_amt)profit};
    return true;
}

/* --- looking first ---------------------------------------------------------------------------- */

/* The positions of an account: *grown is by how many lots their reach grows. */
static bool positions_fit(const trd_accounts *a, const trd_acct_work *work, uint32_t account,
    trd_wide *grown, trd_wide *total) {
    const trd_acct_listing *listing = trd__listed(a, work->instrument);
    const trd_acct_siblings siblings = trd__siblings(a, account, work->instrument);
    for (unsigned i = 0; i < siblings.count; i++) {
        const trd_acct_entry *entry = trd__entry(a, siblings.number[i]);
        entry_split next;
        if (!entry_split_of(listing, work, entry, &next)) {
            return false;
        }
        *grown += (trd_wide)trd__abs_qty(next.qty) - trd__abs_qty(entry->qty);
        *total += next.qty;
    }
    return true;
}

/* One balance of the base asset, its account's balance of the quote asset, and its positions.
 * `frees`: what is locked will be free when the balance is split. */
static bool account_fits(const trd_accounts *a, const trd_acct_work *work,
    const trd_acct_purse *purse, uint32_t *made, trd_wide *total, bool frees) {
    const trd_acct_listing *listing = trd__listed(a, work->instrument);
    trd_acct_purse whole = *purse;
    purse_split next = {0};
    trd_wide grown = 0;
    if (frees) {
        whole.free += whole.locked;
        whole.locked = 0;
    }
    if (!purse_split_of(listing, work, &whole, &next) ||
        !positions_fit(a, work, purse->account, &grown, total)) {
        return false;
    }
    const uint32_t number = trd__purse_find(a, purse->account, listing->settle_asset);
    const trd_acct_purse *quote = trd__purse(a, number);
    *made += number == 0 && next.cash != 0;
    return trd__is_amount(
               trd__weight(&whole, next.free) + purse->at_risk + listing->base * grown) &&
           trd__is_amount(trd__weight(quote, (trd_wide)quote->free + next.cash) + quote->at_risk +
                          listing->unit * grown);
}

/* TRD_OK, TRD_E_BUSY, TRD_E_RANGE, TRD_E_FULL. Who has a position has a balance. */
static int split_check(const trd_accounts *a, const trd_acct_work *work, bool frees) {
    const trd_acct_asset *asset = trd__asset(a, work->asset);
    uint32_t made = 0;
    trd_wide total = 0;
    for (uint32_t i = asset->purses.first; i != 0; i = trd__purse(a, i)->next_of_asset) {
        if (trd__purse(a, i)->unsettled != 0) {
            return TRD_E_BUSY;
        }
    }
    for (uint32_t i = asset->purses.first; i != 0; i = trd__purse(a, i)->next_of_asset) {
        if (!account_fits(a, work, trd__purse(a, i), &made, &total, frees)) {
            return TRD_E_RANGE;
        }
    }
    if (total >= TRD_QTY_LIMIT || total <= -TRD_QTY_LIMIT) {
        return TRD_E_RANGE;
    }
    return made <= a->def.balances_max - a->purses ? TRD_OK : TRD_E_FULL;
}

/* --- working ---------------------------------------------------------------------------------- */

void trd__split_purse(const trd_booking *b, trd_acct_purse *purse) {
    trd_accounts *a = b->a;
    const trd_acct_listing *listing = trd__listed(a, b->instrument);
    purse_split next = {0};
    const bool fits = purse_split_of(listing, &a->work, purse, &next);
    trd_assert(fits);
    trd_posting p = {.amount = next.free - purse->free,
        .venue = TRD_ACCOUNT_OUTSIDE,
        .entry = TRD_LEDGER_CORPORATE,
        .cause = TRD_SHORT_CORPORATE};
    trd__post(b, purse, &p);
    trd__settled(purse);
    if (next.cash != 0) {
        trd_acct_purse *quote =
            trd__purse(a, trd__purse_make(a, purse->account, listing->settle_asset));
        p.amount = next.cash;
        trd__post(b, quote, &p);
        trd__settled(quote);
    }
}

void trd__split_entry(const trd_booking *b, trd_acct_entry *entry) {
    trd_accounts *a = b->a;
    trd_acct_listing *listing = trd__listed(a, b->instrument);
    trd_acct_client *client = trd__client(a, entry->account);
    const trd_qty before = entry->qty;
    entry_split next = {0};
    const bool fits = entry_split_of(listing, &a->work, entry, &next);
    trd_assert(fits);
    entry->qty = next.qty;
    entry->cost = next.cost;
    entry->realised += next.profit;
    entry->booked = trd__entry_booked(listing, entry);
    trd__entry_counted(a, client, entry, before);
    trd__reach_moves(a, listing, entry, trd__abs_qty(next.qty) - trd__abs_qty(before));
    listing->outside -= next.qty - before;
    trd__client_roll(a, client);
    trd__activity_add(a, client, &client->realised, listing->settle_asset, next.profit);
    trd__say_position(b, entry);
}

/* TRD_E_ARG, TRD_E_UNKNOWN; TRD_OK and the terms of the call. */
static int split_read(const trd_accounts *a, const trd_split *split, trd_acct_work *work) {
    const uint32_t limit = UINT32_C(1) << 20;
    if (split == NULL || split->reserved != 0 || split->numerator < 1 || split->numerator > limit ||
        split->denominator < 1 || split->denominator > limit) {
        return TRD_E_ARG;
    }
    if (split->instrument >= a->listings) {
        return TRD_E_UNKNOWN;
    }
    const trd_acct_listing *listing = trd__listed(a, split->instrument);
    if (listing->kind != TRD_INSTRUMENT_SPOT || !trd__px_fits(listing, split->px)) {
        return TRD_E_ARG;
    }
    *work = (trd_acct_work){.task = TRD_TASK_SPLIT_BALANCES,
        .next = trd__asset(a, listing->base_asset)->purses.first,
        .instrument = split->instrument,
        .asset = listing->base_asset,
        .px = split->px,
        .numerator = split->numerator,
        .denominator = split->denominator};
    return TRD_OK;
}

int trd__split_fits(const trd_accounts *a, const trd_split *split) {
    trd_acct_work work;
    const int result = split_read(a, split, &work);
    trd_assert(result == TRD_OK); /* the engine has looked at the terms */
    return split_check(a, &work, true);
}

int trd__split_parked(trd_accounts *a, const trd_split *split, trd_out *out) {
    trd_acct_work work;
    int result = split_read(a, split, &work);
    trd_assert(result == TRD_OK); /* the caller has looked at the terms, and at the output */
    result = split_check(a, &work, false);
    return result == TRD_OK ? trd__work_begin(a, &work, out) : result;
}

int trd_accounts_split(trd_accounts *accounts, const trd_split *split, trd_out *out) {
    trd_acct_work work;
    int result = trd__begin(accounts, out);
    if (result == TRD_OK) {
        result = split_read(accounts, split, &work);
    }
    if (result != TRD_OK) {
        return result;
    }
    return trd__asset(accounts, work.asset)->holds != 0 ? TRD_E_BUSY
                                                        : trd__split_parked(accounts, split, out);
}
