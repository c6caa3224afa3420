/* market.h - the little market in which a generated session happens.
 *
 * It keeps the resting orders of each symbol in order of arrival and executes against them by price
 * and time, in the simplest way there is. So the session's traders know which of their orders live,
 * and cancel and replace those; that a few ids are wrong all the same is chosen, not an accident.
 * Nothing of the library is used: a session depends on its seed alone. */
#ifndef GENERATE_MARKET_H
#define GENERATE_MARKET_H

#include <stdint.h>
#include <stdio.h>

#include "generate/rng.h"

enum { RESTING_MAX = 2048, SYMBOL_COUNT = 8, ENDED_MAX = 64 };

/* What an instrument row says, and how the symbol is traded. */
typedef struct listing {
    const char *row; /* instrument row, without the word `instrument` */
    const char *name;
    unsigned px_scale; /* decimals of prices and quantities */
    unsigned qty_scale;
    int64_t tick;    /* one tick in the last decimal */
    int64_t px;      /* where the day begins, ticks */
    int64_t step;    /* prices are multiples of it, in ticks */
    int64_t unit;    /* a usual quantity, in the last decimal */
    int64_t grain;   /* quantities are multiples of it */
    uint64_t share;  /* part of the commands, in 1,000 */
    int64_t resting; /* how many orders rest usually */
} listing;

extern const listing listings[SYMBOL_COUNT];

typedef struct resting {
    uint64_t id;
    int64_t px;
    int64_t qty;
    uint32_t account;
    bool buy;
} resting;

typedef struct market {
    const listing *is;
    int64_t fair; /* 1/256 of a tick: where buyers and sellers would meet */
    resting orders[RESTING_MAX];
    int64_t count;
    resting ended[ENDED_MAX]; /* some that are gone, for cancels that come too late */
    uint64_t ended_count;
} market;

/* A session being written. */
typedef struct session {
    FILE *out;
    rng random;
    uint64_t ids;
    uint64_t written;
    uint64_t invalid; /* kinds of invalid commands written so far */
    int64_t time;     /* ns since midnight */
    market markets[SYMBOL_COUNT];
} session;

/* session_begin writes header and instruments. */
void session_begin(session *at, FILE *out, uint64_t seed);

/* session_command writes one command at `time`. */
void session_command(session *at, int64_t time);

/* session_invalid writes a command that is refused, each kind in turn (invalid.c). */
void session_invalid(session *at);

/* What an order row says but for time and symbol. */
typedef struct order_text {
    const char *type;
    const char *tif;
    const char *flags;
    int64_t px;      /* ticks; written unless type is market */
    int64_t minimum; /* written if > 0 */
} order_text;

/* session_order writes a new order and executes it. */
void session_order(session *at, market *in, bool buy, int64_t qty, const order_text *as);

/* number_text writes value / 10^scale. */
void number_text(char out[32], int64_t value, unsigned scale);

#endif
