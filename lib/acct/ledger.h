/* ledger.h - movements of money, and their events. */
#ifndef TRD_ACCT_LEDGER_H
#define TRD_ACCT_LEDGER_H

#include <string.h>

#include "acct/state.h"

/* What the movements of one call have in common. */
typedef struct trd_booking {
    trd_accounts *a;
    trd_out *out; /* NULL if nothing is published */
    uint64_t reference;
    uint32_t instrument;
} trd_booking;

/* One movement: from `venue` (TRD_ACCOUNT_*) to an account, or the other way if amount < 0. */
typedef struct trd_posting {
    trd_amt amount;
    uint32_t venue;
    uint16_t entry; /* TRD_LEDGER_* */
    uint16_t part;
    uint32_t cause; /* TRD_SHORT_* that an amount below zero may be of; 0: none */
} trd_posting;

trd_inline trd_event *trd__event(const trd_booking *b, unsigned kind, uint32_t account) {
    trd_out *out = b->out;
    trd_accounts *a = b->a;
    const uint32_t at = out->count;
    trd_assert(at < out->capacity);
    trd_event *event = &out->events[at];
    /* The head is written as whole words, as the matcher does. */
    const uint64_t what = (uint64_t)kind | 1u << 8 | (uint64_t)b->instrument << 32;
    const uint64_t who = account;
    out->count = at + 1;
    event->seq = a->seq++;
    event->time = a->time;
    memcpy(&event->kind, &what, sizeof(what));
    memcpy(&event->account, &who, sizeof(who));
    memset(&event->u, 0, sizeof(event->u));
    return event;
}

/* LEDGER, if the definition publishes `what`. */
trd_inline void trd__say(const trd_booking *b, unsigned what, uint32_t account, uint32_t asset,
    trd_amt amount, trd_amt balance, const trd_posting *p) {
    if ((b->a->publish & what) != 0) {
        trd__event(b, TRD_EVENT_LEDGER, account)->u.ledger = (trd_ev_ledger){.amount = amount,
            .balance = balance,
            .reference = b->reference,
            .asset = asset,
            .entry = p->entry,
            .part = p->part};
    }
}

/* An account of the venue gets p->amount. */
trd_inline void trd__post_venue(
    const trd_booking *b, uint32_t venue, uint32_t asset, trd_amt amount, const trd_posting *p) {
    trd_wide *balance = &trd__asset(b->a, asset)->venue[venue - TRD_ACCOUNT_VENUE];
    *balance += amount;
    trd__say(b, TRD_PUBLISH_MONEY_VENUE, venue, asset, amount, (trd_amt)(uint64_t)*balance, p);
}

/* free moves; what takes it below zero is remembered until trd__settled. */
trd_inline void trd__free_moves(trd_acct_purse *purse, trd_amt amount, uint32_t cause) {
    purse->free += amount;
    if (trd_unlikely(purse->free < 0) && amount < 0) {
        purse->cause |= cause;
    }
}

/* The end of a side, of a unit, of a call: an account that owes nothing any more has no cause. */
trd_inline void trd__settled(trd_acct_purse *purse) {
    if (purse->free >= 0) {
        purse->cause = 0;
    }
}

/* trd__total, which fits between movements, without its carries.
 */
trd_inline trd_amt trd__balance_of(const trd_acct_purse *purse) {
    return (trd_amt)((uint64_t)purse->free + (uint64_t)purse->locked + (uint64_t)purse->unsettled);
}

/* The other end, and the events of both, behind a change of the purse of an account that was
 * touched. */
trd_inline void trd__moved(
    const trd_booking *b, const trd_acct_purse *purse, const trd_posting *p) {
    trd__say(b, TRD_PUBLISH_MONEY_ACCOUNTS, purse->account, purse->asset, p->amount,
        trd__balance_of(purse), p);
    trd__post_venue(b, p->venue, purse->asset, -p->amount, p);
}

trd_inline void trd__posted(
    const trd_booking *b, const trd_acct_purse *purse, const trd_posting *p) {
    trd__acct_touch(b->a, purse->account);
    trd__moved(b, purse, p);
}

/* Moves money between free and an account of the venue. An amount of zero is nothing. */
trd_inline void trd__post(const trd_booking *b, trd_acct_purse *purse, const trd_posting *p) {
    if (p->amount != 0) {
        trd__free_moves(purse, p->amount, p->cause);
        trd__posted(b, purse, p);
    }
}

static trd_noinline void trd__say_lock(
    const trd_booking *b, const trd_acct_purse *purse, trd_amt amount) {
    const trd_posting p = {.entry = (uint16_t)(amount > 0 ? TRD_LEDGER_LOCK : TRD_LEDGER_RELEASE)};
    trd__say(b, TRD_PUBLISH_MONEY_HOLDS, purse->account, purse->asset, -amount, purse->free, &p);
}

/* LOCK (amount > 0) or RELEASE. */
trd_inline void trd__lock(const trd_booking *b, trd_acct_purse *purse, trd_amt amount) {
    if (amount != 0) {
        purse->free -= amount;
        purse->locked += amount;
        if (trd_unlikely((b->a->publish & TRD_PUBLISH_MONEY_HOLDS) != 0)) {
            const trd_booking own = *b; /* so that that of the caller need not lie in memory */
            trd__say_lock(&own, purse, amount);
        }
    }
}

/* The collateral of a position grows by `amount`, or (< 0) shrinks. */
trd_inline void trd__collateral_moves(
    const trd_booking *b, trd_acct_purse *purse, trd_acct_entry *entry, trd_amt amount) {
    if (amount != 0) {
        entry->collateral += amount;
        if (trd_unlikely((entry->valued & TRD_VALUED) != 0)) {
            trd__pool(b->a, entry->settle)->collateral += amount;
        }
        trd__acct_touch(b->a, entry->account);
        trd__lock(b, purse, amount);
    }
}

/* POSITION. */
trd_inline void trd__say_position(const trd_booking *b, const trd_acct_entry *entry) {
    if ((b->a->publish & TRD_PUBLISH_MONEY_POSITIONS) != 0) {
        trd__event(b, TRD_EVENT_POSITION, entry->account)->u.position =
            (trd_ev_position){.qty = entry->qty,
                .cost = entry->cost,
                .realised = entry->realised,
                .position = (uint8_t)entry->side};
    }
}

/* --- between two accounts (ledger.c) -----------------------------------------------------------
 */

/* Free money that liquidation moves, entry INSURANCE. */
typedef struct trd_insurance {
    uint32_t from;
    uint32_t to; /* != from */
    uint32_t asset;
    uint32_t instrument; /* that events name; 0: none */
    trd_amt amount;
    uint64_t reference;
    uint32_t cause; /* TRD_SHORT_* for which `from` may fall below zero; 0: it has the amount */
} trd_insurance;

/* insures: amount > 0, `to` is open, and `from`, which has a balance, has, and `to` may have, that
 * much. insure: then it moves; the event of `from` stands first. At most TRD_ACCOUNTS_OUT_MIN
 * slots. */
bool trd__insures(const trd_accounts *a, const trd_insurance *insurance);
void trd__insure(trd_accounts *a, const trd_insurance *insurance, trd_out *out);

/* --- activity --------------------------------------------------------------------------------- */

/* Sums of days and periods that are over start anew. */
void trd__client_roll(const trd_accounts *a, trd_acct_client *client);

/* Adds the worth of an amount to a sum of `client`, which has been rolled: by any rate, and the
 * usual one by itself. */
void trd__activity_convert(
    const trd_accounts *a, trd_acct_client *client, trd_amt *sum, uint32_t asset, trd_amt amount);

trd_inline void trd__activity_add(
    const trd_accounts *a, trd_acct_client *client, trd_amt *sum, uint32_t asset, trd_amt amount) {
    if (amount == 0) {
        return;
    }
    /* Sums are amounts: with another one they do not wrap. */
    const trd_acct_asset *own = trd__asset(a, asset);
    const uint64_t after = (uint64_t)*sum + (uint64_t)amount;
    if (trd_likely(own->numerator == 1 && own->denominator == 1 && trd__is_amount64(amount) &&
                   trd__is_amount64((trd_amt)after))) {
        *sum = (trd_amt)after;
    } else {
        trd__activity_convert(a, client, sum, asset, amount);
    }
}

/* floor(amount x rate) of the valuation asset. TRD_OK, TRD_E_UNKNOWN without a rate, TRD_E_RANGE.
 */
int trd__worth(const trd_accounts *a, uint32_t asset, trd_wide amount, trd_amt *out);

#endif
