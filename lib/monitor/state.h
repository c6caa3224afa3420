/* state.h - the block of a trd_monitor.
 *
 * Tables beside those of trd_accounts, with the same numbers, in one relocatable block:
 *
 *     seat      [account]      its mode when it was looked at; level (MULTI)
 *     market    [instrument]   its index: who leaves his interval at which mark
 *     pool      [balance]      the level that was told
 *     watch     [position]     interval, level (ISOLATED), alert
 *     slot      pool           nodes of the indexes
 *     sums      [asset]        of the account that is looked at
 *     share     [position]     what it was handed out of the distance of its pool
 *     pot       [balance]      sums of that
 *
 * Who is due is not kept here but in the set of trd_accounts that have changed: whoever leaves his
 * interval is put into it. */
#ifndef TRD_MONITOR_STATE_H
#define TRD_MONITOR_STATE_H

#include <tradsys/monitor.h>

#include "acct/position.h"
#include "monitor/stake.h"
#include "risk/portfolio.h"
#include "risk/state.h"

/* Two heaps over one tree of slots: at the top of LOW the highest lower end, at the top of HIGH the
 * lowest upper end. */
enum { TRD_HEAP_LOW = 0, TRD_HEAP_HIGH = 1, TRD_HEAPS = 2 };

typedef struct trd_seat {
    trd_amt equity; /* MULTI: as of a pool */
    trd_amt maintenance;
    uint8_t told;
    uint8_t level;
    uint8_t known;
    uint8_t mode; /* at the last look; 0: none yet */
    uint8_t reserved[4];
} trd_seat;

_Static_assert(sizeof(trd_seat) == 24, "no padding");

typedef struct trd_market {
    uint32_t root;
    uint32_t count;
} trd_market;

typedef struct trd_slot {
    int64_t key[TRD_HEAPS]; /* the larger one is above; HIGH: ~ of the upper end */
    uint32_t watch[TRD_HEAPS];
    uint32_t parent; /* free slots: the next one */
    uint32_t left;
    uint32_t right;
    uint32_t reserved;
} trd_slot;

_Static_assert(sizeof(trd_slot) == 40, "no padding");

typedef struct trd_pool_watch {
    trd_amt equity; /* at the last look */
    trd_amt maintenance;
    uint8_t told;  /* level */
    uint8_t level; /* at the last look */
    uint8_t known; /* 1: and all of it was known */
    uint8_t reserved[5];
} trd_pool_watch;

_Static_assert(sizeof(trd_pool_watch) == 24, "no padding");

enum {
    TRD_WATCH_NONE = 0,     /* in no index */
    TRD_WATCH_INTERVAL = 1, /* due when the mark leaves it */
    TRD_WATCH_SHORT = 2,    /* its interval is one mark; due with each */
    TRD_WATCH_UNKNOWN = 3   /* it has none; due with each mark */
};

typedef struct trd_watch {
    trd_px low; /* of INTERVAL and SHORT */
    trd_px high;
    uint32_t slot[TRD_HEAPS]; /* 0: in no index */
    uint8_t state;            /* TRD_WATCH_* */
    uint8_t told;             /* ISOLATED: level */
    uint8_t level;
    uint8_t known;
    uint8_t alert_told;
    uint8_t alert;
    uint8_t reserved[2];
} trd_watch;

_Static_assert(sizeof(trd_watch) == 32, "two to a line");

/* Of what a position needs. */
enum {
    TRD_NEED_OWN = 0,    /* its own maintenance */
    TRD_NEED_GROUPS = 1, /* scenario groups need margin, positions none of their own: PORTFOLIO */
    TRD_NEED_VALUED = 2  /* its own, in the valuation asset: MULTI */
};

/* Beyond 64 bits: what does not fit. */
static const trd_wide TRD__BEYOND = (trd_wide)TRD_AMT_LIMIT * 4;

/* Sums over what stands on a balance, or on one position. */
typedef struct trd_unit_sums {
    trd_wide equity;
    trd_wide maintenance;
    trd_wide weights;  /* that positions share the distance to another level by */
    uint32_t margined; /* margin positions */
    uint8_t known;     /* 1: nothing is missing */
    uint8_t level;     /* told last if not known */
    uint8_t need;      /* TRD_NEED_* */
    uint8_t reserved[9];
} trd_unit_sums;

_Static_assert(sizeof(trd_unit_sums) == 64, "one line");

/* What a position of a pool may do to it within its interval (share.c). Zero where it shares in
 * nothing. */
typedef struct trd_share {
    trd_wide next; /* its excess for the next level is not below this, in 10^-6 */
    trd_wide here; /* and for this level not above this */
    trd_amt basis;
    uint8_t shares;      /* 1 */
    uint8_t is_margined; /* 1: it needs margin */
    uint8_t reserved[6];
} trd_share;

_Static_assert(sizeof(trd_share) == 48, "no gaps");

/* Sums over the positions that share the distance of a pool. */
typedef struct trd_pot {
    trd_wide next;
    trd_wide here;
    trd_wide basis;
    trd_wide to_next; /* distances, and weights, when all of it was handed out last */
    trd_wide to_here;
    trd_wide weights;
    uint32_t positions;
    uint32_t margined;
    uint32_t had_level; /* 1: the pool needed margin when it was looked at last */
    uint32_t reserved;
} trd_pot;

_Static_assert(sizeof(trd_pot) == 112, "no gaps");

/* Sums over all assets of an account, in the valuation asset. */
typedef struct trd_whole_sums {
    trd_unit_sums all; /* but its equity */
    trd_wide credit;
    trd_wide debt;
    bool is_beyond; /* an asset does not fit 64 bits */
} trd_whole_sums;

/* What of the account that was looked at last may have to be told. */
enum {
    TRD_TELL_NOTHING = 0,
    TRD_TELL_POSITIONS, /* level, then alert */
    TRD_TELL_POOLS,
    TRD_TELL_ACCOUNT,
    TRD_TELL_SHORT_POSITIONS,
    TRD_TELL_SHORT_POOLS,
    TRD_TELL_SHORT_ACCOUNT
};

struct trd_monitor {
    uint64_t seats_at; /* offsets from the block's own address */
    uint64_t markets_at;
    uint64_t pools_at;
    uint64_t watches_at;
    uint64_t slots_at;
    uint64_t sums_at;
    uint64_t shares_at;
    uint64_t pots_at;
    uint32_t slots;     /* that were ever used */
    uint32_t slot_free; /* given back last; 0: none */
    uint32_t account;   /* of the telling */
    uint32_t telling;   /* TRD_TELL_* */
    uint32_t at;        /* the position or balance that is next; the account: 1 */
    uint32_t changes;   /* levels and alerts to be told */
    uint32_t shorts;    /* units that are short */
    uint32_t reserved;
    uint64_t looked_at_moved; /* looks at what has moved alone */
    trd_monitor_stats stats;
    trd_monitor_def def;
    size_t size;
};

trd_inline void *trd__monitor_at(const trd_monitor *m, uint64_t offset) {
    return (char *)(uintptr_t)m + offset;
}

trd_inline trd_seat *trd__seat(const trd_monitor *m, uint32_t account) {
    return (trd_seat *)trd__monitor_at(m, m->seats_at) + account;
}

trd_inline trd_market *trd__market(const trd_monitor *m, uint32_t instrument) {
    return (trd_market *)trd__monitor_at(m, m->markets_at) + instrument;
}

trd_inline trd_pool_watch *trd__pool_watch(const trd_monitor *m, uint32_t purse) {
    return (trd_pool_watch *)trd__monitor_at(m, m->pools_at) + purse;
}

trd_inline trd_watch *trd__watch(const trd_monitor *m, uint32_t entry) {
    return (trd_watch *)trd__monitor_at(m, m->watches_at) + entry;
}

trd_inline trd_slot *trd__slot(const trd_monitor *m, uint32_t slot) {
    return (trd_slot *)trd__monitor_at(m, m->slots_at) + slot;
}

trd_inline trd_unit_sums *trd__sums(const trd_monitor *m, uint32_t asset) {
    return (trd_unit_sums *)trd__monitor_at(m, m->sums_at) + asset;
}

trd_inline trd_share *trd__shared(const trd_monitor *m, uint32_t entry) {
    return (trd_share *)trd__monitor_at(m, m->shares_at) + entry;
}

trd_inline trd_pot *trd__pot(const trd_monitor *m, uint32_t purse) {
    return (trd_pot *)trd__monitor_at(m, m->pots_at) + purse;
}

/* --- what there is ---------------------------------------------------------------------------- */

trd_inline bool trd__is_exempt(const trd_monitor *m, uint32_t account) {
    return m->def.exempt != 0 && m->def.exempt - 1 == account;
}

/* SPOT positions count nowhere here: their base and quote are balances. */
trd_inline bool trd__counts(const trd_acct_listing *listing, const trd_acct_entry *entry) {
    return entry->qty != 0 && listing->kind != TRD_INSTRUMENT_SPOT;
}

/* --- the index (index.c) ---------------------------------------------------------------------- */

/* put: the position is due when the mark is below `low` or above `high`; with each mark if low is
 * INT64_MAX and high INT64_MIN. drop: it is due no more. O(log n), n positions in the index. */
void trd__index_put(trd_monitor *m, uint32_t instrument, uint32_t entry, trd_px low, trd_px high);
void trd__index_drop(trd_monitor *m, uint32_t instrument, uint32_t entry);

/* Puts the account of each position that is due at `mark` into the set of `a`, and returns how many
 * positions these are. O(1) for each of them. */
uint64_t trd__index_leave(const trd_monitor *m, trd_accounts *a, uint32_t instrument, trd_px mark);

int trd__index_audit(const trd_monitor *m, const trd_accounts *a, uint32_t instrument);

/* --- units (unit.c, account.c, look.c) -------------------------------------------------------- */

/* The sums begin with a balance (or collateral) of an account of some mode; positions are added;
 * judged, they have a level. */
trd_inline trd_unit_sums trd__sums_of(trd_wide balance, unsigned mode) {
    return (trd_unit_sums){.equity = balance,
        .known = 1,
        .need = mode == TRD_MODE_PORTFOLIO ? TRD_NEED_GROUPS
                : mode == TRD_MODE_MULTI   ? TRD_NEED_VALUED
                                           : TRD_NEED_OWN};
}
void trd__sums_add(trd_unit_sums *sums, const trd_accounts *a, const trd_risk *risk,
    const trd_acct_entry *entry, unsigned mode);
void trd__sums_judge(const trd_monitor *m, trd_unit_sums *sums, unsigned told);
void trd__pool_judge(const trd_monitor *m, const trd_accounts *a, const trd_risk *risk,
    uint32_t purse, trd_unit_sums *sums);

/* What groups of the account need that settle in the asset: TRD_OK; TRD_E_UNKNOWN if it is not
 * followed; TRD_E_RANGE. */
int trd__groups_need(
    const trd_risk *risk, uint32_t account, uint32_t asset, trd_margin_requirement *out);

/* The same of a pool, and of an ISOLATED margin position. */
trd_unit_sums trd__pool_sums(
    const trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t purse);
trd_unit_sums trd__position_sums(
    const trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t entry);

/* All that settles in an asset, and the balance, not judged. */
trd_unit_sums trd__asset_sums(const trd_accounts *a, const trd_risk *risk, uint32_t purse);

/* The sums of an account begin with nothing; its assets are added; judged, they have a level. */
trd_inline trd_whole_sums trd__whole_begin(void) {
    return (trd_whole_sums){.all = {.known = 1, .need = TRD_NEED_VALUED}};
}
void trd__whole_add(
    const trd_accounts *a, uint32_t asset, const trd_unit_sums *part, trd_whole_sums *sums);
trd_unit_sums trd__whole_judge(const trd_monitor *m, uint32_t account, const trd_whole_sums *sums);
trd_unit_sums trd__whole_sums(
    const trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t account);

/* A position that counts, of the unit of `sums`, as a function of its mark, and its worth there.
 * False if the mark is missing, or what says how much margin it needs, or that does not allow it.
 */
bool trd__stake_at_mark(const trd_unit_sums *sums, const trd_risk *risk,
    const trd_acct_listing *listing, const trd_acct_entry *entry, trd_stake *stake,
    trd_worth *worth);

/* By which a position shares: its notional, and never nothing. */
trd_inline trd_wide trd__weight_of(const trd_worth *worth) {
    return (trd_wide)worth->up + 1;
}

/* The same of positions that settle in several assets; clamped, where nothing of the unit can fit.
 */
trd_wide trd__weight_in(const trd_accounts *a, uint32_t asset, const trd_worth *worth);

/* What counts against a position in a unit: its cost, 0 of an OPTION unless it is ISOLATED. */
trd_inline trd_amt trd__basis(
    const trd_acct_listing *listing, const trd_acct_entry *entry, unsigned mode) {
    return listing->kind == TRD_INSTRUMENT_OPTION && mode != TRD_MODE_ISOLATED ? 0 : entry->cost;
}

/* Does a position lose more than alert_ppm of its cost? There is a mark. */
bool trd__alerts(
    const trd_monitor *m, const trd_acct_listing *listing, const trd_acct_entry *entry);

/* The next_ppm of a level. */
uint32_t trd__next_ppm(const trd_monitor *m, unsigned level);

/* The marks that a position may have (interval.c): those that keep the level of its unit, which has
 * `sums` (NULL: it stands in none that has a level, and only its alert bounds them); those that
 * keep its excess. */
void trd__watch_interval(trd_monitor *m, const trd_accounts *a, const trd_risk *risk,
    uint32_t number, const trd_unit_sums *sums);
void trd__watch_keeps(trd_monitor *m, const trd_accounts *a, uint32_t number,
    const trd_stake *stake, const trd_worth *worth, const trd_keep *keep);

/* Without one, and of a position in no unit that has a level. */
void trd__watch_none(trd_monitor *m, uint32_t instrument, uint32_t number);
void trd__watch_alert(trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t number);
uint8_t trd__alert_of(const trd_monitor *m, const trd_acct_listing *listing,
    const trd_acct_entry *entry, unsigned mode, unsigned told);

/* floor(amount x weight / weights) or less; the parts of all weights together are not above the
 * amount, which is not below zero. */
trd_wide trd__distance_part(trd_wide amount, trd_wide weight, trd_wide weights);

/* How far equity is above the maintenance times ppm, in 10^-6. */
trd_inline trd_wide trd__distance(const trd_unit_sums *sums, uint32_t ppm) {
    return sums->equity * TRD__PPM - sums->maintenance * ppm;
}

/* --- shares (share.c) ------------------------------------------------------------------------- */

/* Has the account several positions, flat ones too? One that has not shares with nobody. */
trd_inline bool trd__has_several(const trd_acct_client *client) {
    return client->entries.first != client->entries.last;
}

/* begin: nobody shares in anything of the account. add: a position of a pool shares what `keep`
 * leaves it. end: from now on moves of its positions are followed, if its mode and its pools allow
 * that. */
void trd__shares_begin(trd_monitor *m, trd_accounts *a, uint32_t account);
void trd__shares_add(trd_monitor *m, const trd_acct_listing *listing, const trd_acct_entry *entry,
    uint32_t number, unsigned mode, const trd_keep *keep);
void trd__shares_end(trd_monitor *m, trd_accounts *a, uint32_t account);

/* Looks at the positions that have moved, if that is enough to know that no pool has another level.
 * False if all have to be looked at. */
bool trd__look_at_moved(trd_monitor *m, trd_accounts *a, const trd_risk *risk, uint32_t account);

/* Are shares and pots sound? */
int trd__shares_audit(const trd_monitor *m, const trd_accounts *a, const trd_risk *risk);

/* Levels, alerts and intervals of an account that is due. */
void trd__look(trd_monitor *m, trd_accounts *a, const trd_risk *risk, uint32_t account);

#endif
