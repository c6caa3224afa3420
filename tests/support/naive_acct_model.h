/* naive_acct_model.h - what the sources of the naive model of accounts share. naive_acct.h is for
 * everybody else.
 *
 *   naive_wide.c          quotients of products
 *   naive_acct.c          life cycle, what there is, days of the calendar, the model's own laws
 *   naive_acct_money.c    balances, postings, limits, transfers, loans
 *   naive_acct_order.c    holds
 *   naive_acct_execute.c  executions
 *   naive_acct_bulk.c     what concerns many accounts
 *   naive_acct_ask.c      questions
 */
#ifndef TESTS_SUPPORT_NAIVE_ACCT_MODEL_H
#define TESTS_SUPPORT_NAIVE_ACCT_MODEL_H

#include "naive_acct.h"

#include <tradsys/event.h>

#define NAIVE_LIMIT ((wide)1 << 62)

enum { NAIVE_MILLION = 1000000 };

/* Entries of the ledger. */
enum {
    NAIVE_PRINCIPAL = 1,
    NAIVE_FEE = 2,
    NAIVE_REBATE = 3,
    NAIVE_FUNDING = 4,
    NAIVE_TRANSFER = 5,
    NAIVE_LOCK = 6,
    NAIVE_RELEASE = 7,
    NAIVE_ROUNDING = 8,
    NAIVE_SETTLEMENT = 9,
    NAIVE_REALISED = 11,
    NAIVE_TAX = 12,
    NAIVE_INTEREST = 13,
    NAIVE_LOAN = 14,
    NAIVE_CORPORATE = 15,
    NAIVE_DELIVERY = 16
};

typedef struct naive_asset {
    trd_asset spec;
    bool priced;
    uint32_t numerator;
    uint32_t denominator;
    bool had_interest;
    trd_ns interest_due;
} naive_asset;

typedef struct naive_instrument {
    trd_instrument spec;
    trd_terms terms;
    wide base_per_lot;
    bool marked;
    trd_px mark;
    bool funded;
    trd_ns funding_due;
} naive_instrument;

typedef struct naive_account {
    bool open;
    trd_account terms;
    trd_activity activity;
} naive_account;

/* In the order of first use. */
typedef struct naive_balance {
    uint32_t account;
    uint32_t asset;
    wide free;
    wide unsettled[TRD_SETTLE_DAYS_MAX + 1]; /* by days that are left, from 1 */
    wide debt;
    uint32_t cause;
    uint64_t waits_since; /* rank of the first unsettled amount; 0: has none */
} naive_balance;

typedef struct naive_position {
    uint32_t account;
    uint32_t instrument;
    unsigned side;
    wide qty;
    wide cost;
    wide realised;
    wide fees;
    wide funding;
    wide collateral;
} naive_position;

typedef struct naive_order {
    trd_hold terms; /* px: as amended. order 0: lives for one execution, nothing is held */
    wide leaves;
    wide executed;     /* lots */
    wide value;        /* sum of px x lots */
    wide moved;        /* sum of F */
    wide basis;        /* sum of |F| that fees and taxes are due for */
    wide fee_sum;      /* sum of rate x |F|, rates at or above zero */
    wide rebate_sum;   /* sum of |rate| x |F|, rates below zero */
    wide fees_charged; /* settlement asset */
    wide rebate_paid;
    wide tax_charged[TRD_TAXES_MAX];
    wide held;
    int32_t maker_ppb;
    int32_t taker_ppb;
    uint32_t pays_in;
    uint32_t discount_ppm;
    bool missing; /* something stayed due */
} naive_order;

typedef struct naive_state {
    naive_asset asset[NAIVE_ACCT_ASSETS];
    naive_instrument instrument[NAIVE_ACCT_INSTRUMENTS];
    trd_fee_table table[NAIVE_ACCT_TABLES];
    naive_account account[NAIVE_ACCT_ACCOUNTS];
    naive_balance balance[NAIVE_ACCT_BALANCES];
    naive_position position[NAIVE_ACCT_POSITIONS];
    naive_order order[NAIVE_ACCT_ORDERS];
    uint32_t assets;
    uint32_t instruments;
    uint32_t tables;
    uint32_t balances;
    uint32_t positions;
    uint32_t orders;
    wide venue[TRD_VENUE_COUNT][NAIVE_ACCT_ASSETS];
    uint64_t rank; /* of the last waits_since given out */
    trd_ns time;
    uint64_t seq;
} naive_state;

struct naive_acct {
    trd_accounts_def def;
    naive_state now;
    naive_state before;
    unsigned output;
    bool pending;
    trd_event event[NAIVE_ACCT_EVENTS];
    uint32_t events;
    uint32_t seen;
    bool over; /* an amount of a bulk call or of an equity is not below the limit */
    uint32_t context_instrument; /* of the events that are written */
    uint64_t context_reference;
};

/* --- Calls (naive_acct.c) ----------------------------------------------------------------------
 */

/* Begins a call that may change something; `writes`: it has an output. The codes so far. */
unsigned naive_begin(naive_acct *m, bool writes);
/* Ends it: nothing has happened if there are codes. Returns them. */
unsigned naive_end(naive_acct *m, unsigned codes);

bool naive_account_is_open(naive_acct *m, uint32_t account);
static inline unsigned naive_if(bool wrong, int code) {
    return wrong ? NAIVE_CODE(code) : 0;
}

/* --- Value -------------------------------------------------------------------------------------
 */

/* Floor of what lots at px are worth (sign 1), or of the negative of that (-1). px may be a sum of
 * px x lots, and lots 1, but not of an INVERSE contract. */
wide naive_worth(const naive_instrument *it, int sign, wide px, wide lots);
wide naive_value_ceil(const naive_instrument *it, wide px, wide lots);
/* F of closing a whole position at px; of an INVERSE one the other way round. */
wide naive_closing(const naive_instrument *it, wide qty, wide px);
bool naive_is_derivative(const naive_instrument *it); /* LINEAR, INVERSE */

/* --- Money (naive_acct_money.c) ----------------------------------------------------------------
 */

naive_balance *naive_find_balance(naive_acct *m, uint32_t account, uint32_t asset);
naive_balance *naive_use_balance(naive_acct *m, uint32_t account, uint32_t asset);
wide naive_locked(naive_acct *m, uint32_t account, uint32_t asset);
wide naive_unsettled(const naive_balance *b);

/* Posts `amount` to the account, and its negative to the account of the venue `counter`, with the
 * events of both. `cause`: what a charge that leaves free below zero is remembered as. `days`: the
 * amount is unsettled for so long, 0: free. */
typedef struct naive_posting {
    uint32_t account;
    uint32_t asset;
    wide amount;
    uint16_t entry;
    uint16_t part;
    uint32_t counter;
    uint32_t cause;
    unsigned days;
} naive_posting;
void naive_post(naive_acct *m, naive_posting p);
/* Between two accounts of the venue. */
void naive_post_venue(
    naive_acct *m, uint32_t to, uint32_t from, uint32_t asset, wide amount, uint16_t entry);
/* Within an account: `change` of free, against a hold or a collateral that changes with it. */
void naive_post_locked(naive_acct *m, uint32_t account, uint32_t asset, wide change, wide *held);
void naive_ledger_event(naive_acct *m, uint32_t account, uint32_t asset, wide amount, wide balance,
    uint16_t entry, uint16_t part, uint32_t publish);
void naive_forget_causes(naive_acct *m, uint32_t account);

wide naive_outside(naive_acct *m, uint32_t instrument);
wide naive_unit(const naive_instrument *it);
wide naive_load(naive_acct *m, uint32_t account, uint32_t asset);
unsigned naive_room(naive_acct *m);
/* After a bulk call: is everything that changed below the limit? */
unsigned naive_check_changed(naive_acct *m);

/* --- Positions and orders (naive_acct_order.c) --------------------------------------------------
 */

naive_position *naive_find_position(
    naive_acct *m, uint32_t account, uint32_t instrument, unsigned side);
naive_position *naive_use_position(
    naive_acct *m, uint32_t account, uint32_t instrument, unsigned side);
wide naive_open_lots(naive_acct *m, const naive_position *p, unsigned side);
wide naive_reach(naive_acct *m, const naive_position *p);
void naive_position_event(naive_acct *m, const naive_position *p);

naive_order *naive_find_order(naive_acct *m, trd_order handle);
/* Adds an order to the list, with the rates of now; balances and position are there then. */
naive_order *naive_add_order(naive_acct *m, const trd_hold *hold);
void naive_remove_order(naive_acct *m, const naive_order *o);
unsigned naive_order_limits(naive_acct *m, const naive_order *o);
uint32_t naive_held_asset(naive_acct *m, const naive_order *o);
wide naive_must_hold(naive_acct *m, const naive_order *o);
wide naive_margin(naive_acct *m, const naive_order *o, wide leaves);
/* Makes what is held at most what must be, with its event. */
void naive_shrink_hold(naive_acct *m, naive_order *o);
unsigned naive_check_position_side(naive_acct *m, uint32_t account, unsigned position);

/* --- Activity (naive_acct_money.c) ---------------------------------------------------------------
 */

/* Adds an amount to one of the sums of the account's activity. */
void naive_count(naive_acct *m, uint32_t account, trd_amt *sum, uint32_t asset, wide amount);

#endif
