/* life.h - random lives: streams of command records, good and bad, for matchers.
 *
 * Each life draws its own definition, instruments and odds from its seed, because fixed odds reach
 * the same corner of the state space again and again. Commands are aimed with the help of the naive
 * model, which says what rests where, and are then sometimes spoilt.
 */
#ifndef TESTS_SUPPORT_LIFE_H
#define TESTS_SUPPORT_LIFE_H

#include "dice.h"
#include "naive.h"

enum {
    LIFE_INSTRUMENTS_MAX = 4,
    LIFE_MEMORY = 256,     /* ids and handles that are remembered to be used again */
    LIFE_RECORD_SLOTS = 16 /* room that life_next needs */
};

/* What is tried, in parts of the sum of its row; drawn per life and again at each mood. */
typedef struct life_odds {
    uint32_t kind[6];    /* NEW, CANCEL, REDUCE, REPLACE, SUBSCRIBE, TIMER and other */
    uint32_t tif[3];     /* GTC, IOC, FOK */
    uint32_t id[4];      /* fresh, live, used before, unknown */
    uint32_t replace[7]; /* price, up, down, to executed, below it, same, anything */
    uint32_t market;     /* of 100 */
    uint32_t post_only;
    uint32_t minimum;
    uint32_t by_handle;
    uint32_t new_id;
    uint32_t spoil; /* of 1,000 */
    uint32_t unsupported;
    uint32_t far; /* of 1,000: a price from the whole range */
    uint32_t wrong_qty;
    uint32_t cross; /* of 100: priced to trade */
    int64_t spread; /* ticks */
    int64_t size;   /* lots */
} life_odds;

typedef struct life {
    dice rng;
    trd_match_def def;
    uint32_t instruments;
    trd_instrument spec[LIFE_INSTRUMENTS_MAX];
    trd_px centre[LIFE_INSTRUMENTS_MAX];
    uint32_t accounts; /* accounts used */
    life_odds odds;
    uint32_t mood_left; /* commands until the odds are drawn again */
    uint64_t next_id;
    uint64_t newest_id; /* of the last NEW */
    uint32_t newest_account;
    uint64_t ids[LIFE_MEMORY];
    trd_order handles[LIFE_MEMORY];
    uint64_t seq;
    trd_ns time;
} life;

/* life_begin draws a life: def, instruments and spec are then fixed. */
void life_begin(life *l, uint64_t seed);

/* life_next writes a record to `out` (LIFE_RECORD_SLOTS slots, all of them defined afterwards) and
 * returns how many slots it is meant to have; a spoilt record may claim more or fewer. */
uint32_t life_next(life *l, const naive_match *model, trd_command *out);

/* life_learn tells of a handle that an order got. */
void life_learn(life *l, trd_order handle);

#endif
