/* money.h - loads for the way of an order through risk, matching and ledger. Commands made outside
 * the clock, and what they must lead to.
 *
 * One SPOT instrument. Accounts with even numbers buy, those with odd numbers sell, so that nobody
 * meets himself. A load begins with the setting, `warm` commands: every account sends an order and
 * cancels it, so that its balances and its position are there; then MONEY_RESTING orders enter on
 * each side. Behind them, measured: one command in five enters at the best price or executes what
 * entered there, as IOC, wholly or in part; the others enter behind it, 2 to MONEY_DEPTH ticks from
 * the middle, or cancel a random one of those. What every command does, and what it costs, is known
 * when it is made: nothing is left to whoever executes it. One seed, one load.
 *
 * `asks` are plain limit orders by themselves, for the checks alone: of as many accounts, each new.
 */
#ifndef BENCH_MONEY_H
#define BENCH_MONEY_H

#include <stddef.h>
#include <stdint.h>

#include <tradsys/command.h>
#include <tradsys/risk.h>

enum { MONEY_RESTING = 1000, MONEY_DEPTH = 200, MONEY_MIDDLE = 8192, MONEY_QTY_MAX = 100 };
enum { MONEY_LEVELS_LOG2 = 14 }; /* prices are [1, 2^14 - 2] */
/* Assets; a tick x lot is one minor unit of QUOTE, a lot is one minor unit of BASE. */
enum { MONEY_QUOTE = 0, MONEY_BASE = 1 };
enum { MONEY_MAKER_PPB = 200000, MONEY_TAKER_PPB = 500000 };

typedef struct money_regime {
    const char *name;
    uint32_t accounts; /* even: half of them buy */
} money_regime;

/* money_regimes: the regimes, ended by one without name. money_find: by name, or NULL. */
extern const money_regime money_regimes[];
const money_regime *money_find(const char *name);

typedef struct money_def {
    const money_regime *regime;
    uint64_t seed;
    uint32_t ops;      /* measured commands, and asks */
    uint32_t accounts; /* even, >= 2: instead of the regime's; 0: the regime's */
} money_def;

/* What the commands lead to, all of them. */
typedef struct money_end {
    uint64_t orders;     /* that enter, and hold */
    uint64_t executions; /* taker and maker */
    uint64_t lots;       /* executed */
    uint64_t value;      /* of what was executed, QUOTE */
    uint64_t fees;       /* of both sides, QUOTE */
    uint64_t locked[2];  /* when orders entered, by asset */
    uint32_t resting;    /* when all is done */
} money_end;

typedef struct money {
    money_def def;
    uint32_t accounts;
    uint32_t orders_max; /* most orders that are live at any time */
    trd_command *commands;
    size_t warm;
    size_t ops;
    trd_ask *asks; /* as many as ops */
    money_end end;
    uint64_t asked[2]; /* what the asks would lock, summed, by asset */
} money;

/* money_lock: what an order of the load locks, and of which asset. */
uint64_t money_lock(unsigned side, trd_px px, trd_qty qty);

/* money_make makes a load; money_free gives its memory back. Ends the program without memory. */
money money_make(const money_def *def);
void money_free(money *load);

#endif
