/* naive_acct.h - the naive model of accounts: docs/reference/accounts.md in arrays and loops.
 *
 * It shares no code with the library. Nothing is kept that can be computed: what is locked is the
 * sum of all holds and collaterals, open lots are counted over all orders, the position of OUTSIDE
 * is the negative sum of all others. A call works on the state as it goes; when it turns out to be
 * refused, the copy that was made before takes its place.
 *
 * Which of several faults is told first is not part of the rules: a call returns the set of codes
 * that may be returned, a bit per code (NAIVE_CODE), or NAIVE_DONE. Bulk calls are always done at
 * once; naive_acct_pending says that the library is not finished with its.
 *
 * Small worlds only: see the limits. */
#ifndef TESTS_SUPPORT_NAIVE_ACCT_H
#define TESTS_SUPPORT_NAIVE_ACCT_H

#include <tradsys/account.h>

#include <stdbool.h>
#include <stdint.h>

#include "naive_wide.h"

enum {
    NAIVE_ACCT_ASSETS = 8,
    NAIVE_ACCT_INSTRUMENTS = 8,
    NAIVE_ACCT_ACCOUNTS = 16,
    NAIVE_ACCT_TABLES = 8,
    NAIVE_ACCT_BALANCES = 128,
    NAIVE_ACCT_POSITIONS = 128,
    NAIVE_ACCT_ORDERS = 64,
    NAIVE_ACCT_EVENTS = 2048
};

/* The bit of a result code below zero. */
#define NAIVE_CODE(result) (1u << -(result))
enum { NAIVE_DONE = 0 };

typedef struct naive_acct naive_acct;

/* What calls were seen to do, bits of naive_acct_seen: for who counts what a test has met. */
enum {
    NAIVE_SEEN_FLIP = 1,               /* an execution that closes and opens */
    NAIVE_SEEN_COST_REMAINDER = 2,     /* closing cost that did not come out even */
    NAIVE_SEEN_FLOW_REMAINDER = 4,     /* an F whose closing part did not */
    NAIVE_SEEN_REBATE = 8,             /* paid */
    NAIVE_SEEN_CAPPED = 16,            /* a seller's charges cut to F */
    NAIVE_SEEN_CAUGHT_UP = 32,         /* charged by a later execution what was missing */
    NAIVE_SEEN_WAIVED = 64,            /* missing at the end of an order */
    NAIVE_SEEN_PAYS_IN = 128,          /* a fee paid in pays_in */
    NAIVE_SEEN_PAYS_IN_REFUSED = 256,  /* not enough of it free */
    NAIVE_SEEN_UNSETTLED = 512,        /* an amount that is not settled */
    NAIVE_SEEN_SETTLED = 1024,         /* became free */
    NAIVE_SEEN_FEE_UNSETTLED = 2048,   /* a charge taken from an unsettled amount */
    NAIVE_SEEN_RESIDUAL = 4096,        /* R above zero */
    NAIVE_SEEN_RESIDUAL_BELOW = 8192,  /* R below zero */
    NAIVE_SEEN_KEPT = 16384,           /* a hold that would have become larger, and stayed */
    NAIVE_SEEN_COLLATERAL = 32768,     /* locked by an execution */
    NAIVE_SEEN_COLLATERAL_CUT = 65536, /* to what was free */
    NAIVE_SEEN_COLLATERAL_BACK = 1 << 17,
    NAIVE_SEEN_SELF = 1 << 18,     /* both sides of one account */
    NAIVE_SEEN_TIER = 1 << 19,     /* a rate that is not of the first tier */
    NAIVE_SEEN_UNPRICED = 1 << 20, /* an amount without a rate */
    NAIVE_SEEN_CLEARED = 1 << 21,  /* a balance that has no cause any more */
    NAIVE_SEEN_SPLIT_CASH = 1 << 22,
    NAIVE_SEEN_SPLIT_LOTS = 1 << 23, /* a fraction of a position */
    NAIVE_SEEN_EXERCISED = 1 << 24,  /* an option delivered */
    NAIVE_SEEN_WORTHLESS = 1 << 25,  /* an option that ends with nothing */
    NAIVE_SEEN_DELIVERED = 1 << 26,  /* a LINEAR position */
    NAIVE_SEEN_FUNDING_PAID = 1 << 27,
    NAIVE_SEEN_OUTSIDE = 1 << 28,
    NAIVE_SEEN_FREE_OF_FEES = 1 << 29,
    NAIVE_SEEN_BACKED = 1 << 30, /* a lock that took free below zero */
    NAIVE_SEEN_COUNT = 31
};

naive_acct *naive_acct_create(const trd_accounts_def *def);
void naive_acct_destroy(naive_acct *m);
void naive_acct_reset(naive_acct *m);

/* The set of codes that the output of the next call may cause, 0 if it is good. Used once. */
void naive_acct_output(naive_acct *m, unsigned codes);

/* While `pending` every call that could change something is BUSY. */
void naive_acct_pending(naive_acct *m, bool pending);

/* Events of the last call, and what it was seen to do. */
const trd_event *naive_acct_events(naive_acct *m, uint32_t *count);
uint32_t naive_acct_seen(naive_acct *m);

/* naive_acct_broken says what is wrong in the model itself, NULL if nothing is: sums of the ledger
 * that are not zero, CLEARING that is not the open cost, shortage without a cause, numbers that do
 * not fit 64 bits. */
const char *naive_acct_broken(naive_acct *m);

/* As in account.h; sets of codes. Numbers that are given out go to *number. */
unsigned naive_acct_asset_add(naive_acct *m, const trd_asset *asset, int *number);
unsigned naive_acct_fees_add(naive_acct *m, const trd_fee_table *table, int *number);
unsigned naive_acct_instrument_add(
    naive_acct *m, const trd_instrument *spec, const trd_terms *terms, int *number);
unsigned naive_acct_open(naive_acct *m, uint32_t account, const trd_account *terms);
unsigned naive_acct_get(naive_acct *m, uint32_t account, trd_account *out);

unsigned naive_acct_continue(naive_acct *m);
void naive_acct_stamp(naive_acct *m, trd_ns time, uint64_t seq);
uint64_t naive_acct_next_seq(naive_acct *m);

unsigned naive_acct_transfer(naive_acct *m, const trd_transfer *transfer);
unsigned naive_acct_loan(
    naive_acct *m, uint32_t account, uint32_t asset, trd_amt amount, uint64_t reference);
unsigned naive_acct_hold(naive_acct *m, const trd_hold *hold);
unsigned naive_acct_quote_hold(
    naive_acct *m, const trd_hold *hold, trd_amt *amount, uint32_t *asset);
unsigned naive_acct_amend(naive_acct *m, trd_order order, trd_px px, trd_qty leaves);
unsigned naive_acct_release(naive_acct *m, trd_order order, trd_qty qty);
unsigned naive_acct_collateral(
    naive_acct *m, uint32_t account, uint32_t instrument, unsigned side, trd_amt amount);
unsigned naive_acct_held(naive_acct *m, trd_order order, trd_held *out);
unsigned naive_acct_execute(naive_acct *m, const trd_execution *execution);

unsigned naive_acct_mark(naive_acct *m, uint32_t instrument, trd_px px);
unsigned naive_acct_rate(naive_acct *m, uint32_t asset, uint32_t numerator, uint32_t denominator);
unsigned naive_acct_day(naive_acct *m);
unsigned naive_acct_period(naive_acct *m);
unsigned naive_acct_funding(naive_acct *m, const trd_funding *funding);
unsigned naive_acct_interest(naive_acct *m, uint32_t asset, uint32_t rate_ppb, trd_ns due);
unsigned naive_acct_expire(naive_acct *m, uint32_t instrument, trd_px px);
unsigned naive_acct_split(naive_acct *m, const trd_split *split);
unsigned naive_acct_dividend(naive_acct *m, uint32_t instrument, uint32_t asset, trd_amt amount);

unsigned naive_acct_balance(naive_acct *m, uint32_t account, uint32_t asset, trd_balance *out);
unsigned naive_acct_position(
    naive_acct *m, uint32_t account, uint32_t instrument, unsigned side, trd_holding *out);
unsigned naive_acct_unrealised(
    naive_acct *m, uint32_t account, uint32_t instrument, unsigned side, trd_amt *out);
unsigned naive_acct_equity(naive_acct *m, uint32_t account, trd_equity *out);
unsigned naive_acct_activity(naive_acct *m, uint32_t account, trd_activity *out);
unsigned naive_acct_outside(naive_acct *m, uint32_t instrument, trd_qty *qty);

#endif
