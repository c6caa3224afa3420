/* state.h - the block of a trd_accounts.
 *
 * Five tables and a set in one relocatable block, addressed by number; 0 is none, so balances,
 * positions and unsettled amounts count from 1:
 *
 *     client    [account]      what an account is and did                   2 lines
 *     purse     pool, map      a balance: (account, asset)                  1 line
 *     entry     pool, map      a position: (account, instrument, side)      2 lines
 *     hold      [order slot]   what is held for an order                    3 lines
 *     due       pool           unsettled amounts of a balance               1 line
 *     touched   set            accounts to look at: something of them has changed
 *     kept      pool           what all positions of an account are worth (value.h)  3 lines
 *     value     [position]     what one of them counts for in that                   1 line
 *     pool      [balance]      what those that settle in it are worth                1 line
 *     moved     ring           instruments whose mark has moved
 *
 * An order of an account that is not in the caches costs its client, the map of entries, the first
 * line of the entry, its purse and its hold: the entry names its purses, so that the map of
 * balances is not looked at. Purses and entries are never given back; they are in two lists each,
 * that of their account and that of their asset or instrument, in the order of first use. */
#ifndef TRD_ACCT_STATE_H
#define TRD_ACCT_STATE_H

#include <tradsys/account.h>

#include "acct/amount.h"
#include "core/handle.h"
#include "core/map.h"
#include "core/set.h"

enum { TRD_ACCT_ASSETS_LIMIT = 4096 };

typedef struct trd_acct_list {
    uint32_t first;
    uint32_t last;
} trd_acct_list;

/* --- assets and instruments: few, hot --------------------------------------------------------- */

typedef struct trd_acct_asset {
    trd_wide venue[TRD_VENUE_COUNT]; /* balances of the accounts of the venue */
    uint32_t numerator;              /* rate; 0: not known */
    uint32_t denominator;
    trd_acct_list purses;
    trd_ns interest_due; /* of the last interest */
    uint64_t holds;      /* held orders that a split must wait for */
    uint64_t rated;      /* a->rates when its rate changed last */
    uint8_t has_interest;
    uint8_t scale;
    uint8_t has_cap; /* as collateral */
    uint8_t reserved;
    uint32_t haircut_ppm;
    char symbol[TRD_SYMBOL_SIZE];
    trd_amt cap; /* 0 without has_cap */
    uint64_t reserved1[6];
} trd_acct_asset;

_Static_assert(sizeof(trd_acct_asset) == 256, "four lines");

typedef struct trd_acct_listing {
    /* line 0: every order */
    int64_t numerator;
    int64_t denominator;
    trd_px px_min;
    trd_px px_max;
    trd_amt unit; /* most that one lot is worth, rounded up */
    trd_amt base; /* minor units of the base asset in one lot; 0 where none is delivered */
    uint32_t base_asset;
    uint32_t settle_asset;
    uint8_t kind;
    uint8_t settle_days;
    uint8_t tax_count;
    uint8_t delivery;
    uint32_t fees; /* as in trd_terms */
    /* line 1: every fill */
    trd_tax taxes[TRD_TAXES_MAX];
    trd_qty outside; /* position of OUTSIDE */
    uint64_t holds;  /* held orders */
    trd_acct_list entries;
    trd_px mark;
    /* line 2: now and then */
    trd_px strike;
    trd_ns funding_due; /* of the last funding */
    uint8_t option;
    uint8_t has_mark;
    uint8_t has_funding;
    uint8_t reserved[5];
    uint64_t reserved1[5];
} trd_acct_listing;

_Static_assert(sizeof(trd_acct_listing) == 192, "three lines");

/* --- accounts --------------------------------------------------------------------------------- */

/* Sums of a day or a period are those of `day`, `period`: later ones start at zero when they are
 * next looked at, so that a new day does not walk all accounts. */
typedef struct trd_acct_client {
    /* line 0: every order */
    uint8_t open; /* 1: the account exists */
    uint8_t role;
    uint8_t mode;
    uint8_t hedge;
    uint8_t enabled;
    uint8_t watched; /* 1: so are its positions (TRD_VALUED_WATCHED) */
    uint8_t reserved[2];
    uint32_t fees;
    uint32_t leverage;
    uint64_t group;
    uint32_t parent;    /* 0, or 1 + account */
    uint32_t subs;      /* accounts whose parent it is */
    uint32_t holds;     /* held orders */
    uint32_t positions; /* that are not flat */
    trd_acct_list purses;
    trd_acct_list entries;
    uint32_t day;
    uint32_t recent; /* position that it held for last: the next order may well be of it; 0: none */
    /* line 1: every fill, and the tier of an order */
    trd_amt realised;
    trd_amt charged; /* fees */
    trd_amt funding;
    trd_amt volume;
    trd_amt volume_before;
    uint64_t executions;
    uint32_t unpriced; /* 2^32 - 1: so many, or more */
    uint32_t period;
    uint32_t kept; /* what its positions are worth; 0: nobody has asked */
    uint32_t due;  /* first watched position that has moved; 0: none has */
} trd_acct_client;

_Static_assert(sizeof(trd_acct_client) == 128, "two lines");

typedef struct trd_acct_purse {
    trd_amt free;
    trd_amt locked;
    trd_amt unsettled;
    trd_amt debt;
    trd_amt at_risk; /* reaches that fall on it: accounts.md, "Limits" */
    uint32_t account;
    uint32_t asset;
    uint32_t next_of_account;
    uint32_t next_of_asset;
    uint32_t due; /* its unsettled amounts; 0: none, and no order that could bring some */
    uint32_t cause;
} trd_acct_purse;

_Static_assert(sizeof(trd_acct_purse) == 64, "one line");

typedef struct trd_acct_entry {
    /* line 0: every order */
    trd_qty qty;
    trd_qty open[2]; /* lots of held orders that buy, that sell */
    trd_amt booked;  /* what counts against its limit, open lots apart; 2^63 - 1 for more */
    uint32_t account;
    uint32_t instrument;
    uint32_t settle; /* purses */
    uint32_t base;   /* SPOT; else 0 */
    uint32_t side;   /* TRD_POSITION_* */
    uint32_t next_of_account;
    uint32_t next_of_instrument;
    uint32_t valued; /* TRD_VALUED_* bits; 0: its value is not kept */
    /* line 1: every fill */
    trd_amt cost;
    trd_amt realised;
    trd_amt fees;
    trd_amt funding;
    trd_amt collateral;
    uint32_t next_due; /* in the list of watched positions that have moved */
    uint32_t reserved;
    uint64_t reserved1[2];
} trd_acct_entry;

_Static_assert(sizeof(trd_acct_entry) == 128, "two lines");

/* What is held for an order. Sums over its executions are kept as what their divisions left over,
 * which is all that the next one needs of them: floor(a + b) - floor(a) is floor(rest of a + b).
 * So they stay in their fields however often an order is amended. */
typedef struct trd_acct_hold {
    /* line 0 */
    trd_order order; /* 0: the slot holds nothing */
    trd_px px;
    trd_qty leaves;
    trd_amt amount;
    int64_t rest; /* of the value, in 1 / denominator: [0, denominator) */
    trd_amt
        margin_per_lot; /* FULL, buyer: the most that all its lots together may cost; 0: px says */
    uint32_t margin_ppm;
    uint32_t entry;
    uint8_t kind; /* TRD_HOLD_* */
    uint8_t side;
    uint8_t is_short; /* something is missing (line 2) */
    uint8_t parked;   /* kind before a split that has not come to the order; 0: there is none */
    int32_t maker_ppb;
    /* line 1 */
    int32_t taker_ppb;
    uint32_t table;       /* of fees */
    uint32_t fee_over;    /* charged too much by rounding up, in 10^-9: [0, 10^9) */
    uint32_t rebate_rest; /* not paid by rounding down */
    uint32_t tax_over[TRD_TAXES_MAX];
    trd_amt charged; /* fees and taxes less rebates */
    trd_amt moved;   /* sum of F */
    trd_qty executed;
    trd_amt margin; /* M of the open lots; 0 unless MARGIN */
    /* line 2: only where the proceeds did not cover fees and taxes */
    trd_amt missing[1 + TRD_TAXES_MAX];
    uint64_t reserved2[3];
} trd_acct_hold;

_Static_assert(sizeof(trd_acct_hold) == 192, "three lines");

/* Unsettled amounts of a purse, by days left. In use while there are some, or orders that could
 * bring some; in the list of a day while there are some. */
typedef struct trd_acct_due {
    trd_amt in[TRD_SETTLE_DAYS_MAX]; /* in[0] becomes free on the next day */
    uint32_t purse;
    uint32_t orders; /* held orders that could bring some */
    uint32_t next;   /* in the list of a day; free records: the next one */
    uint32_t prev;
    uint64_t reserved[3];
} trd_acct_due;

_Static_assert(sizeof(trd_acct_due) == 64, "one line");

/* --- what positions are worth (value.h) --------------------------------------------------------
 */

enum {
    TRD_VALUED = 1,          /* the account's sums have its value */
    TRD_VALUED_OPEN = 2,     /* and its worst case, in which open lots count */
    TRD_VALUED_MOVED = 4,    /* the position has moved since */
    TRD_VALUED_LISTED = 8,   /* in the list of what has moved, or has other open lots */
    TRD_VALUED_WATCHED = 16, /* a monitor wants to know when the position moves (monitor/share.c) */
    TRD_VALUED_DUE = 32      /* and it has: it is in the list of its account */
};

/* Bits of what is not known of a position; the number itself is 0 then. */
enum {
    TRD_MISSING_MARK = 1, /* profit and worth */
    TRD_MISSING_UNREALISED = 2,
    TRD_MISSING_EQUITY = 4,
    TRD_MISSING_WORST = 8
};

/* What one position counts for at a mark. */
typedef struct trd_acct_value {
    trd_px px;
    trd_amt profit;     /* of a derivative, settlement asset */
    trd_amt worth;      /* the same, but of an option its value */
    trd_amt unrealised; /* profit of any kind, valuation asset, rounded down */
    trd_amt equity;     /* worth in the valuation asset, rounded down */
    trd_amt worst;      /* largest position that orders could make of it, there, rounded up */
    uint32_t next;      /* in the list of what has moved */
    uint8_t has_px;
    uint8_t missing; /* TRD_MISSING_* */
    uint8_t reserved[10];
} trd_acct_value;

_Static_assert(sizeof(trd_acct_value) == 64, "one line");

/* Sums over all positions of an account, valuation asset, and how many are not known. */
typedef struct trd_acct_sums {
    trd_wide unrealised;
    trd_wide equity; /* of LINEAR and INVERSE */
    trd_wide options;
    trd_wide worst;
    uint32_t no_unrealised;
    uint32_t no_equity;
    uint32_t no_worst;
    uint32_t reserved;
} trd_acct_sums;

/* The same over the derivatives that settle in a balance, in its asset; and what is always known of
 * it, whether somebody has asked or not. */
typedef struct trd_acct_pool {
    trd_wide profit;
    trd_wide worth;
    trd_amt collateral;
    trd_amt on_margin; /* always: held for orders on margin, of an account of mode MULTI */
    uint32_t no_mark;
    uint32_t reserved[3];
} trd_acct_pool;

_Static_assert(sizeof(trd_acct_pool) == 64, "one line");

/* What the margin positions of an account need together, valuation asset. Models are no business of
 * the accounts: who knows them (risk/multi.c) writes it here, and finds it again as long as no
 * position was valued anew since, and the leverage of the account is the same. */
typedef struct trd_acct_need {
    trd_wide initial;
    trd_wide maintenance;
    uint64_t models;    /* which ones were used: a number of who wrote it */
    uint32_t positions; /* on margin */
    uint8_t is_known;
    uint8_t reserved[19];
} trd_acct_need;

_Static_assert(sizeof(trd_acct_need) == 64, "one line");

/* What is kept of an account that somebody has asked about. It is up to date as long as nothing is
 * listed and no mark or rate has changed since. */
typedef struct trd_acct_kept {
    trd_acct_sums sums;
    uint64_t marks; /* of the block when it was brought up to date last */
    uint64_t rates;
    uint32_t listed;    /* first position that has moved; 0: none has */
    uint32_t positions; /* all of them, flat ones too */
    uint32_t account;
    uint8_t has_worst; /* 1: somebody has asked for worst cases too */
    uint8_t reserved[19];
    trd_acct_need need;
} trd_acct_kept;

_Static_assert(sizeof(trd_acct_kept) == 192, "three lines");

/* Instruments whose mark has moved, the last ones: a power of two. Who was brought up to date
 * longer ago than that looks at all his positions. */
enum { TRD_ACCT_MOVES = 1024 };

/* --- the block -------------------------------------------------------------------------------- */

enum trd_acct_task {
    TRD_TASK_NONE = 0,
    TRD_TASK_DAY,
    TRD_TASK_INTEREST,
    TRD_TASK_FUNDING,
    TRD_TASK_EXPIRE,
    TRD_TASK_SPLIT_BALANCES,
    TRD_TASK_SPLIT_POSITIONS,
    TRD_TASK_DIVIDEND
};

/* A call that walks many, and how far it is. */
typedef struct trd_acct_work {
    uint32_t task;
    uint32_t next; /* number of the next purse, entry or due; 0: the list is done */
    uint32_t instrument;
    uint32_t asset;
    trd_px px; /* mark, final price, price of fractions */
    trd_amt amount;
    int64_t rate; /* ppb */
    uint32_t numerator;
    uint32_t denominator;
} trd_acct_work;

struct trd_accounts {
    uint64_t seq; /* of the next event */
    trd_ns time;
    trd_map purse_map;
    trd_map entry_map;
    uint64_t purse_slots_at; /* offsets from the block's own address */
    uint64_t entry_slots_at;
    uint64_t assets_at;
    uint64_t listings_at;
    uint64_t tables_at;
    uint64_t clients_at;
    uint64_t purses_at;
    uint64_t entries_at;
    uint64_t holds_at;
    uint64_t dues_at;
    uint64_t touched_at;
    uint64_t kept_at;
    uint64_t values_at;
    uint64_t pools_at;
    uint64_t moves_at;
    uint64_t marks;  /* how often one has moved */
    uint64_t rates;  /* the same */
    uint64_t valued; /* how often a position was valued for sums that are kept */
    uint32_t kept;   /* accounts whose sums are kept */
    uint32_t multis; /* accounts of mode MULTI */
    uint32_t assets; /* how many there are */
    uint32_t listings;
    uint32_t tables;
    uint32_t purses;
    uint32_t entries;
    uint32_t dues; /* in use */
    uint32_t due_free;
    uint32_t publish;
    trd_acct_list due_list;
    uint32_t day;
    uint32_t period;
    trd_acct_work work;
    trd_accounts_def def;
    size_t size;
};

/* Addresses of the regions: const of the block does not reach what it points to, so that queries
 * share the accessors. */
trd_inline void *trd__acct_at(const trd_accounts *a, uint64_t offset) {
    return (char *)(uintptr_t)a + offset;
}

trd_inline trd_acct_asset *trd__asset(const trd_accounts *a, uint32_t asset) {
    return (trd_acct_asset *)trd__acct_at(a, a->assets_at) + asset;
}

trd_inline trd_acct_listing *trd__listed(const trd_accounts *a, uint32_t instrument) {
    return (trd_acct_listing *)trd__acct_at(a, a->listings_at) + instrument;
}

trd_inline trd_fee_table *trd__fee_table(const trd_accounts *a, uint32_t table) {
    return (trd_fee_table *)trd__acct_at(a, a->tables_at) + table;
}

trd_inline trd_acct_client *trd__client(const trd_accounts *a, uint32_t account) {
    return (trd_acct_client *)trd__acct_at(a, a->clients_at) + account;
}

trd_inline trd_acct_purse *trd__purse(const trd_accounts *a, uint32_t number) {
    return (trd_acct_purse *)trd__acct_at(a, a->purses_at) + number;
}

trd_inline trd_acct_entry *trd__entry(const trd_accounts *a, uint32_t number) {
    return (trd_acct_entry *)trd__acct_at(a, a->entries_at) + number;
}

trd_inline trd_acct_hold *trd__held(const trd_accounts *a, uint32_t slot) {
    return (trd_acct_hold *)trd__acct_at(a, a->holds_at) + slot;
}

trd_inline trd_acct_due *trd__due(const trd_accounts *a, uint32_t number) {
    return (trd_acct_due *)trd__acct_at(a, a->dues_at) + number;
}

trd_inline trd_acct_kept *trd__kept(const trd_accounts *a, uint32_t number) {
    return (trd_acct_kept *)trd__acct_at(a, a->kept_at) + number;
}

trd_inline trd_acct_value *trd__value(const trd_accounts *a, uint32_t entry) {
    return (trd_acct_value *)trd__acct_at(a, a->values_at) + entry;
}

trd_inline trd_acct_pool *trd__pool(const trd_accounts *a, uint32_t purse) {
    return (trd_acct_pool *)trd__acct_at(a, a->pools_at) + purse;
}

/* The instrument of a move, by its number. */
trd_inline uint32_t *trd__marked(const trd_accounts *a, uint64_t number) {
    return (uint32_t *)trd__acct_at(a, a->moves_at) + number % TRD_ACCT_MOVES;
}

trd_inline trd_map_slot *trd__purse_slots(const trd_accounts *a) {
    return (trd_map_slot *)trd__acct_at(a, a->purse_slots_at);
}

trd_inline trd_map_slot *trd__entry_slots(const trd_accounts *a) {
    return (trd_map_slot *)trd__acct_at(a, a->entry_slots_at);
}

/* --- accounts that have changed ----------------------------------------------------------------
 */

/* Accounts of which the sum of a balance, a debt, a collateral, a position or the terms changed
 * since somebody who keeps what follows from them (monitor.h) has taken them out. Whatever changes
 * one of these touches its account, where the number itself is written. What only moves between
 * `free` and `locked` does not. */
trd_inline uint64_t *trd__acct_touched(const trd_accounts *a) {
    return (uint64_t *)trd__acct_at(a, a->touched_at);
}

trd_inline void trd__acct_touch(trd_accounts *a, uint32_t account) {
    trd__set_add(trd__acct_touched(a), a->def.accounts_max, account);
}

trd_inline void trd__acct_untouch(trd_accounts *a, uint32_t account) {
    trd__set_remove(trd__acct_touched(a), a->def.accounts_max, account);
}

trd_inline bool trd__acct_is_touched(const trd_accounts *a, uint32_t account) {
    return trd__set_has(trd__acct_touched(a), account);
}

/* The lowest account that was touched, TRD_SET_NONE if none was. */
trd_inline uint32_t trd__acct_touched_first(const trd_accounts *a) {
    return trd__set_lowest(trd__acct_touched(a), a->def.accounts_max);
}

/* --- positions whose value is kept -------------------------------------------------------------
 */

/* Lists a position that is kept, for what `valued` says besides. Inline, without a call that all
 * others would have to save registers for. */
trd_inline void trd__entry_lists(trd_accounts *a, trd_acct_entry *entry, uint32_t valued) {
    const uint32_t number = (uint32_t)(entry - trd__entry(a, 0));
    trd_acct_kept *kept = trd__kept(a, trd__client(a, entry->account)->kept);
    if ((entry->valued & TRD_VALUED_LISTED) == 0) {
        trd__value(a, number)->next = kept->listed;
        kept->listed = number;
    }
    entry->valued |= TRD_VALUED_LISTED | valued;
}

/* A watched position has moved, or its mark has left the interval that the monitor gave it. */
trd_inline void trd__entry_due(trd_accounts *a, trd_acct_entry *entry) {
    if ((entry->valued & (TRD_VALUED_WATCHED | TRD_VALUED_DUE)) == TRD_VALUED_WATCHED) {
        trd_acct_client *client = trd__client(a, entry->account);
        entry->next_due = client->due;
        client->due = (uint32_t)(entry - trd__entry(a, 0));
        entry->valued |= TRD_VALUED_DUE;
    }
}

/* Lists a position that has moved for all who follow it (value.c). */
void trd__entry_tells(trd_accounts *a, trd_acct_entry *entry);

/* Lots or cost of a position have changed; its open lots have. Whoever changes one of these says so
 * here. Of an account that nobody has asked about it is a look at a line that was written anyway.
 */
trd_inline void trd__entry_moved(trd_accounts *a, trd_acct_entry *entry) {
    if (trd_unlikely(entry->valued != 0)) {
        trd__entry_tells(a, entry);
    }
}

trd_inline void trd__entry_opened(trd_accounts *a, trd_acct_entry *entry) {
    if (trd_unlikely((entry->valued & TRD_VALUED_OPEN) != 0)) {
        trd__entry_lists(a, entry, 0);
    }
}

/* --- who is asked about ----------------------------------------------------------------------- */

trd_inline bool trd__is_open(const trd_accounts *a, uint32_t account) {
    return account < a->def.accounts_max && trd__client(a, account)->open != 0;
}

trd_inline bool trd__is_venue(uint32_t account) {
    return account >= TRD_ACCOUNT_VENUE && account - TRD_ACCOUNT_VENUE < TRD_VENUE_COUNT;
}

/* The hold of an order, NULL if nothing is held for it. */
trd_inline trd_acct_hold *trd__hold_of(const trd_accounts *a, trd_order order) {
    const uint32_t slot = trd__handle_slot(order);
    if (slot >= a->def.orders_max || trd__held(a, slot)->order != order) {
        return NULL;
    }
    return trd__held(a, slot);
}

/* Does the side of a position go with the account? */
trd_inline bool trd__side_fits(const trd_acct_client *client, unsigned side) {
    return client->hedge != 0 ? side == TRD_POSITION_LONG || side == TRD_POSITION_SHORT
                              : side == TRD_POSITION_NET;
}

trd_inline bool trd__px_fits(const trd_acct_listing *listing, trd_px px) {
    return px >= listing->px_min && px <= listing->px_max;
}

/* --- purses and entries (table.c) ------------------------------------------------------------- */

/* find: the number, 0 if there is none. make: the same, made if need be; there is room. */
uint32_t trd__purse_find(const trd_accounts *a, uint32_t account, uint32_t asset);
uint32_t trd__purse_make(trd_accounts *a, uint32_t account, uint32_t asset);
uint32_t trd__entry_make(trd_accounts *a, uint32_t account, uint32_t instrument, uint32_t side);

/* Key of the maps; that of entries has the side besides. */
trd_inline uint64_t trd__acct_key(uint32_t account, uint32_t number) {
    return (uint64_t)account << 32 | number;
}

trd_inline uint32_t trd__entry_find(
    const trd_accounts *a, uint32_t account, uint32_t instrument, uint32_t side) {
    const uint64_t key = trd__acct_key(account, instrument);
    const trd_map_slot *slots = trd__entry_slots(a);
    const uint32_t slot =
        trd__map_find(&a->entry_map, slots, trd__map_home(&a->entry_map, key, side), key, side);
    return slot != TRD_MAP_NONE ? trd__map_ref(slots, slot) : 0;
}

/* The same, with a look at the position of the last order first. Those of an account differ in
 * instrument or side. */
trd_inline uint32_t trd__entry_near(const trd_accounts *a, const trd_acct_client *client,
    uint32_t account, uint32_t instrument, uint32_t side) {
    const trd_acct_entry *entry = trd__entry(a, client->recent);
    return trd_likely(client->recent != 0 && entry->instrument == instrument && entry->side == side)
               ? client->recent
               : trd__entry_find(a, account, instrument, side);
}

trd_inline trd_acct_purse *trd__purse_or_null(
    const trd_accounts *a, uint32_t account, uint32_t asset) {
    const uint32_t number = trd__purse_find(a, account, asset);
    return number != 0 ? trd__purse(a, number) : NULL;
}

trd_inline trd_wide trd__total(const trd_acct_purse *purse) {
    return (trd_wide)purse->free + purse->locked + purse->unsettled;
}

/* What must stay below the limit, without and with what orders and positions may bring. */
trd_inline trd_wide trd__weight(const trd_acct_purse *purse, trd_wide free) {
    return (free < 0 ? -free : free) + purse->locked + purse->unsettled + purse->debt;
}

trd_inline trd_wide trd__load(const trd_acct_purse *purse) {
    return trd__weight(purse, purse->free) + purse->at_risk;
}

trd_inline trd_qty trd__abs_qty(trd_qty qty) {
    return qty < 0 ? -qty : qty;
}

trd_inline trd_amt trd__abs_amt(trd_amt amount) {
    return amount < 0 ? -amount : amount;
}

/* Lots that the reach of a position counts. */
trd_inline trd_wide trd__lots(const trd_acct_entry *entry) {
    return (trd_wide)trd__abs_qty(entry->qty) + entry->open[0] + entry->open[1];
}

trd_inline bool trd__delivers_now(const trd_acct_listing *listing) {
    return listing->kind == TRD_INSTRUMENT_SPOT;
}

trd_inline bool trd__has_open_cost(const trd_acct_listing *listing) {
    return listing->kind == TRD_INSTRUMENT_LINEAR || listing->kind == TRD_INSTRUMENT_INVERSE;
}

/* Does the position need margin? An option that was bought is paid for, and can lose no more. */
trd_inline bool trd__is_margined(const trd_acct_listing *listing, const trd_acct_entry *entry) {
    return trd__has_open_cost(listing) ? entry->qty != 0
                                       : listing->kind == TRD_INSTRUMENT_OPTION && entry->qty < 0;
}

/* Do all positions of an account of this mode that settle in one asset stand on its balance? */
trd_inline bool trd__is_pooled(unsigned mode) {
    return mode == TRD_MODE_FLAT || mode == TRD_MODE_LEVERAGE || mode == TRD_MODE_CROSS ||
           mode == TRD_MODE_PORTFOLIO;
}

/* Are all positions of an account of this mode margined together, so that none has collateral of
 * its own? */
trd_inline bool trd__is_whole(unsigned mode) {
    return mode == TRD_MODE_PORTFOLIO || mode == TRD_MODE_MULTI;
}

/* More (or, below zero, fewer) lots count for the purses of an entry. */
trd_inline void trd__reach_moves(
    trd_accounts *a, const trd_acct_listing *listing, const trd_acct_entry *entry, trd_qty lots) {
    trd_acct_purse *purses = trd__purse(a, 0);
    purses[entry->settle].at_risk += listing->unit * lots;
    if (entry->base != 0) {
        purses[entry->base].at_risk += listing->base * lots;
    }
}

/* |realised| + |fees| + |funding| + max(|cost|, unit x |qty|). A split may leave a cost above what
 * the lots are worth at most. */
static trd_noinline trd_amt trd__entry_booked_exactly(
    const trd_acct_listing *listing, const trd_acct_entry *entry) {
    const trd_wide worth = trd__mul(listing->unit, trd__abs_qty(entry->qty));
    const trd_amt cost = trd__abs_amt(entry->cost);
    const trd_wide sum = (worth > cost ? worth : cost) + trd__abs_amt(entry->realised) +
                         trd__abs_amt(entry->fees) + trd__abs_amt(entry->funding);
    return sum < INT64_MAX ? (trd_amt)sum : INT64_MAX;
}

/* The same. The sum of four numbers below 2^60 is looked at by nobody. */
trd_inline trd_amt trd__entry_booked(const trd_acct_listing *listing, const trd_acct_entry *entry) {
    enum { SMALL_BITS = 60 };
    const trd_amt cost = trd__abs_amt(entry->cost);
    const trd_amt realised = trd__abs_amt(entry->realised);
    const trd_amt fees = trd__abs_amt(entry->fees);
    const trd_amt funding = trd__abs_amt(entry->funding);
    int64_t worth = 0;
    if (trd_unlikely(__builtin_mul_overflow(listing->unit, trd__abs_qty(entry->qty), &worth) ||
                     (uint64_t)(worth | cost | realised | fees | funding) >> SMALL_BITS != 0)) {
        return trd__entry_booked_exactly(listing, entry);
    }
    return (worth > cost ? worth : cost) + realised + fees + funding;
}

/* --- unsettled amounts (due.c) ---------------------------------------------------------------- */

/* take: the purse has a place, made if need be. add: `amount` comes `days` later. release: the
 * place is given back if nothing needs it. */
trd_acct_due *trd__due_take(trd_accounts *a, trd_acct_purse *purse);
void trd__due_add(trd_accounts *a, trd_acct_purse *purse, unsigned days, trd_amt amount);
void trd__due_release(trd_accounts *a, trd_acct_purse *purse);

/* --- beginning of a call ---------------------------------------------------------------------- */

trd_inline bool trd__out_has_room(const trd_out *out) {
    return out == NULL || out->capacity - out->count >= TRD_ACCOUNTS_OUT_MIN;
}

/* Is `out` usable, and the object free? */
trd_inline int trd__out_check(const trd_accounts *a, const trd_out *out) {
    if (out == NULL) {
        return a->publish == 0 ? TRD_OK : TRD_E_ARG;
    }
    return out->events != NULL && out->count <= out->capacity ? TRD_OK : TRD_E_ARG;
}

trd_inline int trd__begin(const trd_accounts *a, const trd_out *out) {
    const int result = trd__out_check(a, out);
    if (trd_unlikely(result != TRD_OK)) {
        return result;
    }
    if (trd_unlikely(a->work.task != TRD_TASK_NONE)) {
        return TRD_E_BUSY;
    }
    return trd__out_has_room(out) ? TRD_OK : TRD_E_FULL;
}

#endif
