/* life_acct.h - random lives of accounts: small worlds, and calls about them.
 *
 * A life draws its own odds: how often each kind of call is made, how often an argument is wrong,
 * how large amounts are, what instruments charge. It looks into the naive model, so that most calls
 * mean something: orders that can be executed, amounts at the limits. What there is (assets, fee
 * tables, instruments, accounts) is made by calls of the life like all others. */
#ifndef TESTS_SUPPORT_LIFE_ACCT_H
#define TESTS_SUPPORT_LIFE_ACCT_H

#include <tradsys/account.h>

#include "dice.h"
#include "naive_acct.h"

typedef enum acct_kind {
    ACCT_ASSET_ADD,
    ACCT_FEES_ADD,
    ACCT_INSTRUMENT_ADD,
    ACCT_OPEN,
    ACCT_STAMP,
    ACCT_TRANSFER,
    ACCT_LOAN,
    ACCT_HOLD,
    ACCT_QUOTE_HOLD,
    ACCT_AMEND,
    ACCT_RELEASE,
    ACCT_COLLATERAL,
    ACCT_EXECUTE,
    ACCT_MARK,
    ACCT_RATE,
    ACCT_DAY,
    ACCT_PERIOD,
    ACCT_FUNDING,
    ACCT_INTEREST,
    ACCT_EXPIRE,
    ACCT_SPLIT,
    ACCT_DIVIDEND,
    ACCT_CONTINUE,
    ACCT_RESET,
    ACCT_KINDS
} acct_kind;

/* The output of a call. */
typedef enum acct_room {
    ACCT_ROOM_GOOD,  /* `slots` free, TRD_ACCOUNTS_OUT_MIN or more */
    ACCT_ROOM_SHORT, /* `slots` free, fewer */
    ACCT_ROOM_NULL,
    ACCT_ROOM_NO_ARRAY,
    ACCT_ROOM_OVERFULL /* count above capacity */
} acct_room;

typedef struct acct_call {
    uint32_t number; /* in its life, from 1 */
    uint8_t kind;    /* acct_kind */
    uint8_t room;    /* acct_room */
    bool null;       /* the argument is NULL */
    bool reset;      /* a bulk call that is not finished is ended by a reset */
    uint32_t slots;
    uint32_t used; /* slots of the output that are used before the call */
    union {
        trd_asset asset;
        trd_fee_table fees;
        struct {
            trd_instrument spec;
            trd_terms terms;
        } instrument;
        struct {
            uint32_t account;
            trd_account terms;
        } open;
        struct {
            trd_ns time;
            uint64_t seq;
        } stamp;
        trd_transfer transfer;
        struct {
            uint32_t account;
            uint32_t asset;
            trd_amt amount;
            uint64_t reference;
        } loan;
        trd_hold hold; /* and QUOTE_HOLD */
        struct {
            trd_order order;
            trd_px px;
            trd_qty qty;
        } order; /* AMEND, RELEASE */
        struct {
            uint32_t account;
            uint32_t instrument;
            uint32_t side;
            trd_amt amount;
        } collateral;
        trd_execution execution;
        struct {
            uint32_t number;
            uint32_t numerator;
            uint32_t denominator;
            trd_px px;
        } price; /* MARK, RATE, EXPIRE */
        trd_funding funding;
        struct {
            uint32_t asset;
            uint32_t rate_ppb;
            trd_ns due;
        } interest;
        trd_split split;
        struct {
            uint32_t instrument;
            uint32_t asset;
            trd_amt amount;
        } dividend;
    } u;
} acct_call;

enum { LIFE_ACCT_PAST = 32, LIFE_ACCT_FIRST = 150 };

typedef struct life_acct {
    dice rng;
    trd_accounts_def def;
    uint32_t assets;
    uint32_t tables;
    uint32_t instruments;
    uint32_t accounts;
    uint32_t weight[ACCT_KINDS];
    uint32_t wrong_of;   /* one argument of so many is wrong; 0: none */
    uint32_t limit_of;   /* one amount of so many is about the limit; 0: none */
    uint32_t fresh_of;   /* one leg of so many is of order 0 */
    uint32_t outside_of; /* one execution of so many is with OUTSIDE */
    uint32_t hedge_of;   /* one account of so many is hedged */
    uint32_t nothing_of; /* one hold of so many is of nothing */
    bool dribbles;       /* orders are large and live long, executions are of few lots */
    uint32_t many;       /* lots and prices are below it */
    uint32_t rich;       /* deposits are below it */
    bool huge;           /* prices, lots and ratios up to 2^63 */
    bool endowed;        /* everybody begins with money */
    bool charges;        /* fees and taxes are high */
    uint32_t generation;
    trd_order past[LIFE_ACCT_PAST]; /* handles that were used */
    uint32_t pasts;
    uint32_t made; /* calls so far */
    trd_ns time;
    trd_ns due;
} life_acct;

void life_acct_begin(life_acct *l, uint64_t seed);

/* life_acct_next draws the next call. */
void life_acct_next(life_acct *l, naive_acct *m, acct_call *out);

/* acct_call_writes: does it take an output? acct_call_is_bulk: may it return TRD_MORE? */
bool acct_call_writes(const acct_call *c);
bool acct_call_is_bulk(const acct_call *c);
/* acct_call_gets_null: is its argument NULL? */
bool acct_call_gets_null(const acct_call *c);
const char *acct_call_name(unsigned kind);

/* acct_call_model makes the call; the set of codes, and the number that was given out. */
unsigned acct_call_model(naive_acct *m, const acct_call *c, int64_t *number);

#endif
