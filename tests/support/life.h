/* life.h - random lives: streams of command records, good and bad, for matchers.
 *
 * Each life draws its own definition, instruments, profiles and odds from its seed, because fixed
 * odds reach the same corner of the state space again and again. Every feature is absent from about
 * half of the lives, so that each meets each other one with and without the rest around them.
 * Commands are aimed with the help of the naive model, which says what rests where, and are then
 * sometimes spoilt.
 *
 * A mask of features says what a life may use at all. A record that needs another feature is never
 * returned, spoilt or not, so a mask also names what a matcher has to know.
 */
#ifndef TESTS_SUPPORT_LIFE_H
#define TESTS_SUPPORT_LIFE_H

#include "dice.h"
#include "naive.h"

enum {
    LIFE_INSTRUMENTS_MAX = 4,
    LIFE_MEMORY = 256,      /* ids and handles that are remembered to be used again */
    LIFE_RECORD_SLOTS = 16, /* room that life_next needs */
    LIFE_DUES = 8,          /* times that are remembered, so that timers meet */
    LIFE_KILLS = 64         /* kill switches that are remembered, to be taken off again */
};

/* Features: LIFE_ROW(NAME, bit, text). What needs none of them is plain. */
#define LIFE_FEATURES(LIFE_ROW)                                                                    \
    LIFE_ROW(TIF, 0, "tif")            /* DAY, GTD, GFN */                                         \
    LIFE_ROW(PRICED, 1, "priced")      /* MARKET_PROTECTED, MARKET_TO_LIMIT */                     \
    LIFE_ROW(SLIDE, 2, "slide")        /* POST_ONLY_SLIDE */                                       \
    LIFE_ROW(SINGLE, 3, "single")      /* SINGLE_PRICE */                                          \
    LIFE_ROW(BUDGET, 4, "budget")      /* BUDGET */                                                \
    LIFE_ROW(ICEBERG, 5, "iceberg")    /* peaks */                                                 \
    LIFE_ROW(HIDDEN, 6, "hidden")      /* HIDDEN */                                                \
    LIFE_ROW(AON, 7, "aon")            /* ALL_OR_NONE */                                           \
    LIFE_ROW(STP, 8, "stp")            /* self-trade prevention */                                 \
    LIFE_ROW(LINK, 9, "link")          /* tag and group of ORDER_LINK */                           \
    LIFE_ROW(TRIGGER, 10, "trigger")   /* STOP, TOUCHED and their limits, GTT */                   \
    LIFE_ROW(TRAIL, 11, "trail")       /* TRAILING_STOP, TRAILING_STOP_LIMIT */                    \
    LIFE_ROW(PEG, 12, "peg")           /* PEGGED */                                                \
    LIFE_ROW(REDUCE, 13, "reduce")     /* positions, REDUCE_ONLY, CLOSE_POSITION */                \
    LIFE_ROW(PRICE, 14, "price")       /* PRICE commands */                                        \
    LIFE_ROW(ALLOCATE, 15, "allocate") /* allocations other than FIFO */                           \
    LIFE_ROW(SESSION, 16, "states")    /* SESSION commands, AT_OPEN, AT_CLOSE, GFA, CASCADE */     \
    LIFE_ROW(BAND, 17, "band")         /* price bands */                                           \
    LIFE_ROW(LIMIT, 18, "limit")       /* pauses at the band */                                    \
    LIFE_ROW(BREAKER, 19, "breaker")   /* circuit breaker */                                       \
    LIFE_ROW(MASS, 20, "masscancel")   /* MASS_CANCEL */                                           \
    LIFE_ROW(KILL, 21, "kill")         /* KILL */                                                  \
    LIFE_ROW(DEADMAN, 22, "deadman")   /* DEADMAN */                                               \
    LIFE_ROW(QUOTE, 23, "quote")       /* QUOTE, PROTECTION */                                     \
    LIFE_ROW(LINKED, 24, "linked")     /* OCO, OUO, OTO, BRACKET */                                \
    LIFE_ROW(VERDICT, 25, "verdict")   /* released orders wait for a verdict */

enum life_feature {
#define LIFE_ROW(name, bit, text) LIFE_##name = 1 << (bit),
    LIFE_FEATURES(LIFE_ROW)
#undef LIFE_ROW
        LIFE_PLAIN = 0,
    LIFE_FEATURE_COUNT = 26,
    LIFE_ALL = (1 << LIFE_FEATURE_COUNT) - 1,
    LIFE_ALL_SESSION = LIFE_SESSION | LIFE_BAND | LIFE_LIMIT | LIFE_BREAKER,
    LIFE_ALL_MASS = LIFE_MASS | LIFE_KILL | LIFE_DEADMAN | LIFE_QUOTE | LIFE_LINKED,
    LIFE_ALL_SPECIAL = LIFE_ALL & ~(LIFE_ALL_SESSION | LIFE_ALL_MASS)
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

/* What a life is fond of, drawn once. Odds are of 1,000, and 0 for what the mask leaves out. */
typedef struct life_style {
    uint32_t special;    /* a NEW is dressed with what follows */
    uint32_t wrong;      /* of what is dressed: a rule of combination is not heeded */
    uint32_t type[12];   /* by TRD_TYPE_*, in parts of their sum */
    uint32_t tif[11];    /* by TRD_TIF_*, likewise */
    uint32_t exec[10];   /* by bit of TRD_EXEC_* */
    uint32_t stp[7];     /* by TRD_STP_*, likewise */
    uint32_t peak;       /* of what is dressed */
    uint32_t stp_of_any; /* of all NEW: also of plain ones */
    uint32_t position;   /* LONG or SHORT, of what is dressed */
    uint32_t link;       /* an ORDER_LINK slot nobody needs */
    uint32_t kind[7];    /* PRICE, SESSION, MASS_CANCEL, KILL, DEADMAN, QUOTE, PROTECTION */
    uint32_t hit_quote;  /* of all NEW: aimed at a quote */
    uint32_t makers;     /* accounts that quote */
    uint32_t linked;     /* of all commands, while none is planned: a group is */
    uint32_t relation[TRD_RELATION_BRACKET]; /* by TRD_RELATION_* - 1, in parts of their sum */
    uint32_t meet;                           /* of 100: quotes that are priced to execute */
    uint32_t hit_leg;                        /* of all NEW: aimed at a leg */
    uint32_t due;                            /* TIMER to a time that is due, of all commands */
    int64_t pace;                            /* ns between commands, at most */
    uint32_t open;                           /* commands that trading is continuous for, about */
    uint32_t closed;                         /* and that it is not */
    bool narrow;                             /* has few features, and strong ones */
    bool many_kills; /* actors without number are killed, to fill the switches */
} life_style;

typedef struct life {
    dice rng;
    uint32_t features; /* LIFE_* */
    trd_match_def def;
    uint32_t instruments;
    trd_instrument spec[LIFE_INSTRUMENTS_MAX];
    trd_profile profile[LIFE_INSTRUMENTS_MAX];
    trd_px centre[LIFE_INSTRUMENTS_MAX];
    uint32_t accounts; /* accounts used */
    uint32_t refuse;   /* of 1,000 verdicts, those that let an order not go on */
    life_odds odds;
    life_style style;
    uint32_t mood_left;                        /* commands until the odds are drawn again */
    uint32_t state_left[LIFE_INSTRUMENTS_MAX]; /* commands until the session state changes */
    uint64_t next_id;
    uint64_t newest_id; /* of the last NEW */
    uint32_t newest_account;
    uint64_t ids[LIFE_MEMORY];
    trd_order handles[LIFE_MEMORY];
    uint64_t seq;
    trd_ns time;
    trd_ns due[LIFE_DUES];
    trd_command kill[LIFE_KILLS]; /* switches that were put on */
    uint32_t kills;
    trd_command leg[NAIVE_LEGS][TRD_SLOTS_MAX]; /* of the group that is being sent */
    uint32_t legs;
    uint32_t next_leg;
} life;

/* life_begin draws a life that uses `features` at most: def, instruments, spec and profile are then
 * fixed. */
void life_begin(life *l, uint64_t seed, uint32_t features);

/* life_next writes a record to `out` (LIFE_RECORD_SLOTS slots, all of them defined afterwards) and
 * returns how many slots it is meant to have; a spoilt record may claim more or fewer. */
uint32_t life_next(life *l, const naive_match *model, trd_command *out);

/* life_learn tells of a handle that an order got. */
void life_learn(life *l, trd_order handle);

/* life_needs returns the features that the `slots` slots of a record need, LIFE_* bits. Slots that
 * the record does not claim count too: they may be looked at as records of their own. */
uint32_t life_needs(const trd_command *record, uint32_t slots);

/* life_features reads a list of names with commas between them: those of LIFE_FEATURES, and plain,
 * special, session, mass, all. "-name" takes one away. False if a name is none. */
bool life_features(const char *text, uint32_t *out);

#endif
