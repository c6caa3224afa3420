/* position.h - what a fill does to a position. */
#ifndef TRD_ACCT_POSITION_H
#define TRD_ACCT_POSITION_H

#include "acct/hold.h"

typedef struct trd_acct_change {
    trd_qty closed;
    trd_qty opened;
    trd_qty held;   /* |qty| before */
    trd_amt profit; /* that `realised` moved by */
} trd_acct_change;

/* Books q lots of `side` with the flow F. */
trd_acct_change trd__entry_fill(trd_acct_entry *entry, unsigned side, trd_qty q, trd_amt flow);

/* qty, which was `before`, and cost have changed: the account knows how many of its positions are
 * not flat, and that this one is worth something else. */
trd_inline void trd__entry_counted(
    trd_accounts *a, trd_acct_client *client, trd_acct_entry *entry, trd_qty before) {
    trd__acct_touch(a, entry->account);
    trd__entry_moved(a, entry);
    client->positions += (uint32_t)((entry->qty != 0) - (before != 0));
}

/* The profit of a position at px: TRD_OK. */
trd_inline trd_wide trd__profit_at(
    const trd_acct_listing *listing, const trd_acct_entry *entry, trd_px px) {
    return entry->qty == 0 ? 0 : (trd_wide)trd__closing_flow(listing, px, entry->qty) - entry->cost;
}

/* What a derivative that is not flat brings besides money, at px: its profit, or the value of an
 * option, which was paid for when it was traded. */
trd_inline trd_wide trd__worth_at(
    const trd_acct_listing *listing, const trd_acct_entry *entry, trd_px px) {
    const trd_wide value = trd__closing_flow(listing, px, entry->qty);
    return trd__has_open_cost(listing) ? value - entry->cost : value;
}

#endif
