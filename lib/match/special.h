/* special.h - what the matcher keeps beside plain orders: special orders, the desk of an
 * instrument, and the work that is pending.
 *
 * A plain order is a trd_node in a queue of the book, and needs nothing of this. A special order
 * (docs/reference/special-orders.md) has a record more. An instrument with any special order, a
 * profile, a state other than continuous or kept positions is `rich`: its commands go the long way
 * (rich.c), which is a machine that does one bounded unit of work after the other and can stop
 * between any two of them.
 *
 * Everything refers to everything by number, from 1. */
#ifndef TRD_MATCH_SPECIAL_H
#define TRD_MATCH_SPECIAL_H

#include <tradsys/command.h>
#include <tradsys/event.h>
#include <tradsys/match.h>
#include <tradsys/profile.h>

#include <string.h>

#include "book/store.h"
#include "core/fixed.h"
#include "core/map.h"
#include "core/wheel.h"
#include "match/allocate.h"
#include "match/trail.h"
#include "pos/pos.h"

/* Bits of trd_node.exec above those of the command. `more` of a node is the number of its special
 * record with EXEC_SPECIAL, else the lots that self-trade prevention took. */
enum {
    TRD_EXEC_STP_SHIFT = 10,
    TRD_EXEC_POSITION_SHIFT = 13,
    TRD_EXEC_SPECIAL = 1 << 15,
    TRD_EXEC_PUBLIC = (1 << TRD_EXEC_STP_SHIFT) - 1
};

/* Trees of an instrument: number in the row of its own. */
enum {
    TRD_TREE_HIDDEN = 0, /* + side, like the following */
    TRD_TREE_ASIDE = 2,
    TRD_TREE_RESERVE = 4,  /* lots of icebergs that are not displayed: levels without orders */
    TRD_TREE_AUCTION = 6,  /* one level each: market orders */
    TRD_TREE_TRIGGER = 8,  /* + (source - 1) x 2 + direction, like the following */
    TRD_TREE_TOUCHED = 18, /* trails that were touched and not elected yet */
    TRD_TREE_DORMANT = 28, /* trails that are not active, by activation */
    TRD_TREES = 38
};

enum { TRD_SOURCES = 5 };

/* Directions: a price that falls to the trigger, or rises to it. */
enum { TRD_FALLING = 0, TRD_RISING = 1 };

/* Why an instrument is rich. */
enum {
    TRD_RICH_SPECIALS = 1,
    TRD_RICH_PROFILE = 2,
    TRD_RICH_STATE = 4,
    TRD_RICH_POSITIONS = 8,
    TRD_RICH_SPEC = 16 /* profile bits of the specification */
};

/* Do all special orders of an instrument wait (watch.c)? */
enum { TRD_QUIET_UNKNOWN = 0, TRD_QUIET_NO = 1, TRD_QUIET_YES = 2 };

/* Lists that go through special orders, by their own links. */
enum {
    TRD_LIST_WAITING = 0, /* waiting orders, by place */
    TRD_LIST_OWN = 1,     /* one of: aside, pegs, elected, refreshing, late */
    TRD_LIST_REDUCING = 2,
    TRD_LISTS = 3
};

typedef struct trd_ends {
    uint32_t first;
    uint32_t last;
} trd_ends;

/* What a waiting order waits for. */
enum {
    TRD_WAITS_NOT = 0,
    TRD_WAITS_TRIGGER = 1, /* in a tree of triggers */
    TRD_WAITS_TRAIL = 2,   /* in the index of trails */
    TRD_WAITS_DORMANT = 3, /* a trail that is not active */
    TRD_WAITS_TOUCHED = 4, /* a trail that was touched */
    TRD_WAITS_ELECTED = 5, /* in the list of elected orders */
    TRD_WAITS_PRICE = 6,   /* a peg */
    TRD_WAITS_AUCTION = 7, /* for a later auction */
    TRD_WAITS_LINK = 8,    /* for another leg of its group: its turn, or lots */
    TRD_WAITS_LATE = 9     /* for its trigger, but not for prices observed before */
};

typedef struct trd_special {
    uint32_t unit; /* of the order; 0: the record is free */
    uint32_t instrument;
    uint8_t type;  /* TRD_TYPE_*, as it is now */
    uint8_t where; /* TRD_WHERE_* */
    uint8_t waits; /* TRD_WAITS_* */
    uint8_t source;
    uint8_t direction; /* of the trigger */
    uint8_t in_ticks;  /* trail: 1 ticks, 0 basis points */
    uint8_t peg;
    uint8_t reduces; /* reduce-only, said or implied */
    uint8_t has_cap;
    uint8_t has_limit_offset;
    uint8_t refreshing; /* an iceberg whose peak was consumed in this transaction */
    uint8_t has_activation;
    uint32_t position; /* entry, 0: positions are not kept */
    trd_px px;         /* limit, also while it waits or rests */
    trd_px trigger;    /* of a touched trail: where it was */
    trd_px activation;
    trd_px cap;
    int64_t offset; /* ticks or basis points */
    int64_t limit_offset;
    trd_qty minimum;
    trd_qty peak;
    trd_qty peak_range;
    trd_qty reserve; /* lots that are not displayed; the node has those that are */
    trd_qty prevented;
    uint64_t random; /* state of the peaks */
    uint64_t group;
    uint64_t tag;
    uint64_t parent; /* of the owner's algorithm */
    trd_ns expiry;
    uint64_t timer;
    trd_link list[TRD_LISTS];
    uint32_t next_free;
    uint32_t quote;  /* row of the quote that it is a side of, 0: it is none */
    uint32_t linked; /* its group, 0: none */
    uint32_t leg;    /* from 0 */
} trd_special;

/* One slice of the circuit breaker's window. */
typedef struct trd_slice {
    int64_t number;
    trd_px low;
    trd_px high;
    uint64_t used; /* 0: no execution in it */
} trd_slice;

enum { TRD_SLICES = 16 };

/* Where the sides of a call cross: a price, and the lots that would trade there (auction.c). Kept
 * from one indicative price to the next. */
typedef struct trd_cross {
    trd_wide lots[2]; /* of bids and offers at px or better, market orders included */
    trd_px px;
    uint64_t is; /* 0: not kept */
} trd_cross;

/* What an instrument has beside its book. */
typedef struct trd_desk {
    uint8_t state;    /* TRD_SESSION_* */
    uint8_t known;    /* bit per source: it has a price. LAST's is in the listing */
    uint8_t observed; /* bit per source: observed since the last election */
    uint8_t allocates;
    uint8_t at_band;
    uint8_t pegs_settled; /* no peg had to move with these references */
    uint8_t peg_known;    /* bit 0: bid, bit 1: offer */
    uint8_t tripped;      /* the circuit breaker: the session changes before anything else */
    trd_px price[TRD_SOURCES + 1];
    trd_px low[TRD_SOURCES + 1]; /* observed since the last election */
    trd_px high[TRD_SOURCES + 1];
    trd_px before[TRD_SOURCES + 1]; /* the previous reference */
    trd_ends waiting;
    trd_ends aside; /* by place, both sides */
    trd_ends pegs;  /* by place */
    trd_ends elected;
    trd_ends refreshing;
    trd_ends late;
    trd_ends reacting; /* groups, by when something happened that they react to */
    uint32_t pegs_priced;
    uint32_t icebergs; /* resting ones */
    uint32_t peg_next; /* pegs before it in their list are where they should be */
    uint32_t waits;    /* orders in `waiting` */
    trd_px nearest[TRD_SOURCE_ASK + 1][2]; /* triggers by source and direction, if it is quiet */
    trd_px peg_bid;
    trd_px peg_offer;
    trd_order top[2];
    uint64_t session_timer;
    uint64_t limit_timer;
    trd_ev_auction told;
    trd_cross cross;
    trd_alloc_rule rule; /* in lot steps */
    trd_qty top_min;     /* in lots */
    trd_profile profile;
    trd_slice slices[TRD_SLICES];
    trd_trail trails[TRD_SOURCES][2];
} trd_desk;

enum { TRD_SCOPES_MAX = 64 };

/* A scope that is killed, or has a dead-man timer. */
typedef struct trd_scope {
    uint64_t tag;
    uint32_t key; /* account, instrument, actor */
    uint8_t kind; /* TRD_SCOPE_*; 0: the row is free */
    uint8_t flag; /* kill: reducing orders pass */
    uint16_t reserved;
} trd_scope;

typedef struct trd_deadman_row {
    trd_scope scope;
    uint64_t timer;
} trd_deadman_row;

/* What the quotes of a row may execute within a window, and have executed in the present one
 * (groups.md, "QUOTE and PROTECTION"). A sum whose limit is 0 is not kept. */
typedef struct trd_guard {
    trd_uwide lots;
    trd_uwide value;      /* lots x |px|; of inverse contracts minor units */
    trd_wide exposure[2]; /* delta, vega */
    uint64_t fills;
    trd_ns begun;

    trd_ns window;
    trd_qty lots_max;
    trd_amt value_max;
    int64_t exposure_max[2];
    int64_t exposure_of_lot[2];
    uint32_t fills_max;
    uint8_t is_set; /* 0: there is no protection */
    uint8_t runs;   /* a window has begun */
    uint8_t acted;  /* quotes are refused */
    uint8_t reserved;
} trd_guard;

/* A quote and its protection; it exists while it has an order or is protected. */
typedef struct trd_quote_row {
    trd_guard guard;
    uint32_t account;
    uint32_t instrument;
    uint32_t number[2]; /* special records of bid and offer, 0: none */
    uint32_t slot;      /* in the map */
    uint32_t next_free;
    uint64_t reserved;
} trd_quote_row;

_Static_assert(sizeof(trd_quote_row) == 176, "no padding");

/* Rows by number, from 1, and a map to them from (account, instrument). */
typedef struct trd_quotes {
    trd_map map;
    uint64_t slots_at;
    uint64_t rows_at;
    uint32_t capacity; /* 0: there are no quotes */
    uint32_t free;
    uint32_t count;
    uint32_t reserved;
} trd_quotes;

enum { TRD_LEGS_MAX = 4 };

/* One leg of a group. */
typedef struct trd_group_leg {
    trd_qty own;     /* a child that was released: what it may be granted in all */
    trd_qty granted; /* of that so far */
    trd_qty owed;    /* lots that a sibling executed before this child was released */
    uint32_t number; /* special record; 0: it has ended, or is staged */
    uint32_t released;
} trd_group_leg;

/* Linked orders: groups.md, "Linked orders". Staged, with records that wait for the last leg, or
 * live, while one of its legs is. */
typedef struct trd_group {
    uint64_t link;
    trd_qty executed; /* by the parent */
    trd_group_leg legs[TRD_LEGS_MAX];
    uint32_t account;
    uint32_t instrument;
    uint32_t slot; /* in the map, while staged */
    uint32_t next_free;
    trd_link list;    /* of those that react */
    uint8_t relation; /* TRD_RELATION_*; 0: the group is free */
    uint8_t count;    /* of legs */
    uint8_t staged;   /* legs that have arrived; 0: it is live */
    uint8_t live;     /* legs that are */
    uint8_t full_fill;
    uint8_t decided;  /* OCO: one of the legs has */
    uint8_t unfilled; /* the parent has ended without being FILLED */
    uint8_t reacts;   /* is in the list */
} trd_group;

/* Groups by number, from 1; a map to the one that an account stages; the records that are staged,
 * TRD_LEGS_MAX x TRD_SLOTS_MAX slots per group. */
typedef struct trd_groups {
    trd_map map;
    uint64_t slots_at;
    uint64_t rows_at;
    uint64_t records_at;
    uint32_t capacity; /* 0: there are no groups */
    uint32_t free;
    uint32_t count;
    uint32_t staged;
} trd_groups;

/* An execution, or a release, that the legs beside it react to. */
typedef struct trd_linked {
    uint32_t group; /* 0: none does */
    uint32_t leg;   /* it is of this one */
    trd_qty qty;    /* lots to take off the others; 0: they end */
} trd_linked;

/* Which orders a mass cancel ends. */
typedef struct trd_sieve {
    uint64_t tag;
    uint32_t account;
    uint32_t actor;
    uint8_t filter; /* TRD_MASS_*, without INSTRUMENT */
    uint8_t side;
    uint8_t cause;
    uint8_t reserved;
} trd_sieve;

/* Where a walk over an instrument's orders is. */
typedef struct trd_walk {
    uint32_t phase; /* 0 .. 7: bids and offers of four places, 8: waiting */
    uint32_t at;    /* unit of the next order, 0: the phase has not begun or is over */
    uint32_t level;
    uint32_t begun;
} trd_walk;

/* What the machine does next. */
enum {
    TRD_STAGE_IDLE = 0,
    TRD_STAGE_TIMERS,  /* run what is due before the command */
    TRD_STAGE_COMMAND, /* carry out the command */
    TRD_STAGE_TAKE,    /* the taker takes */
    TRD_STAGE_CUT,     /* reduce-only orders are cut */
    TRD_STAGE_PROTECT, /* protections act */
    TRD_STAGE_LINK,    /* the other legs react */
    TRD_STAGE_ARRIVE,  /* a released order arrives, now that they have */
    TRD_STAGE_LEGS,    /* the turns of the legs that were accepted */
    TRD_STAGE_SETTLE,  /* after a transaction */
    TRD_STAGE_SESSION, /* a change of state */
    TRD_STAGE_UNCROSS,
    TRD_STAGE_MASS,    /* a mass cancel */
    TRD_STAGE_QUOTE,   /* the sides of a quote */
    TRD_STAGE_VERDICT, /* the caller decides */
    TRD_STAGE_QUOTED,  /* and about a side of a quote */
    TRD_STAGE_END      /* of a command or timer */
};

/* What is to be told of one order of a pair that an uncross has executed. */
typedef struct trd_told {
    trd_order order;
    uint64_t key;
    trd_qty left;
    trd_qty changed; /* displayed lots */
} trd_told;

/* The long way's state between two units, beside match->taker. */
typedef struct trd_work {
    uint8_t stage;
    uint8_t after_settle;  /* stage */
    uint8_t after_end;     /* stage */
    uint8_t after_cut;     /* stage */
    uint8_t refused;       /* the command was refused: no indicative price */
    uint8_t step;          /* within the stage */
    uint8_t timed;         /* what runs is a timer */
    uint8_t after_protect; /* stage */
    uint32_t instrument;   /* that is settled */
    uint32_t slots;        /* of the command that can be read */
    uint32_t elections;    /* of this command */
    uint32_t judged;       /* order that waits for its verdict, or has it */
    uint8_t verdict;       /* TRD_VERDICT_* */
    uint8_t reserved7[3];
    uint32_t cut[2];      /* positions to be looked at */
    uint32_t guard[2];    /* rows of quotes whose protection counted: the taker's, the maker's */
    trd_ns time;          /* of the command */
    trd_linked linked[2]; /* legs of the taker's group that react, of the maker's */
    uint32_t linked_at;   /* leg that is looked at next */
    uint32_t arriving;    /* special that was released */
    uint32_t turn_of;     /* group whose legs have their turns */
    uint8_t turn;         /* leg whose turn is next */
    uint8_t after_link;   /* stage */
    uint8_t taker_waits;  /* the taker's last lots are executed, and it has not ended */
    uint8_t forced;       /* commands are those of the matcher's owner (force.h) */

    /* a command in a quiet instrument, and what was before it */
    uint32_t watched; /* instrument + 1; 0: none, or the long way has it */
    uint32_t watched_has_last;
    trd_px watched_last;
    uint64_t watched_executions;

    /* the taker, beyond trd_taker */
    uint32_t special; /* its record, 0: a plain order */
    uint32_t actor;
    uint64_t group;
    trd_qty prevented;
    trd_px band_low;
    trd_px band_high;
    uint8_t banded;
    uint8_t stp;
    uint8_t position_side;
    uint8_t budgeted;
    uint8_t reduces;
    uint8_t both;       /* CANCEL_BOTH has ended the maker: the taker is next */
    uint8_t counts_own; /* looking ahead: own orders count like others under REJECT */
    uint8_t unused;
    trd_order both_contra;
    uint32_t position;
    uint32_t level_told; /* side_at + 1 of the level that changed untold, 0: none */
    uint64_t level_key;
    trd_wide budget; /* left: minor units x denominator */

    /* a round: a level that is allocated, or the reserves at a price */
    uint8_t round; /* TRD_ROUND_OF_* */
    uint8_t round_step;
    uint16_t reserved;
    uint32_t round_at;
    uint32_t round_count;
    uint32_t reserved4;
    trd_order round_seen; /* no order before it in the level is own */
    uint64_t round_key;
    trd_qty round_leaves;
    trd_qty round_sum;
    trd_qty round_rest;
    int64_t round_unit; /* lots that are not divided */

    /* settlement */
    uint32_t refreshed_before; /* special that refreshed in place last */

    /* sessions, uncross, mass cancels */
    uint8_t former;
    uint8_t to_state;
    uint8_t session_cause;
    uint8_t session_step;
    uint8_t ends; /* the new state has a planned end */
    uint8_t uncrossed;
    uint8_t uncross_step;
    uint8_t uncross_short; /* fewer lots than the volume may have executed */
    uint8_t mass_ended;
    uint8_t mass_settled;
    uint8_t quote_side;    /* whose turn it is: 0 bid, 1 offer, 2 both are done */
    uint8_t quote_verdict; /* about the side whose turn it is */
    uint32_t mass_at;      /* instrument */
    uint32_t mass_end;
    uint32_t indicate; /* instrument whose indicative price is told at the end */
    trd_ns until;
    trd_ev_auction auction;
    trd_qty volume; /* still to execute */
    trd_qty pair_qty;
    uint64_t pair_trade;
    trd_told pair[2];
    trd_sieve sieve;
    trd_walk walk;
    trd_walk session_walk;

    trd_command command[TRD_SLOTS_MAX];
} trd_work;

enum { TRD_VERDICT_NONE = 0, TRD_VERDICT_PASSED = 1, TRD_VERDICT_REFUSED = 2 };

enum { TRD_ROUND_OF_NONE = 0, TRD_ROUND_OF_LEVEL = 1, TRD_ROUND_OF_RESERVES = 2 };

#endif
