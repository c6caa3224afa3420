/* naive.h - a second implementation of the matching rules that is slow and obviously right.
 *
 * The rules are the pages of docs/reference: matching.md, special-orders.md, sessions.md, groups.md
 * and allocation.md. Each place where an order can be (book, hidden, aside, auction queue, waiting)
 * is one sorted array of orders, the next one first; everything is found by walking it. No index,
 * no cached best, no level object: a level is the run of orders that have its price. It shares
 * nothing with the library but the public records.
 *
 * Handles. The text says that handles are opaque: which numbers appear is the matcher's business.
 * So the model is told the handles of the orders that it would accept, and uses them from then on.
 * Whoever compares reads them from the matcher's ACCEPTED events and checks that they are new; from
 * there on every byte of every event is determined.
 */
#ifndef TESTS_SUPPORT_NAIVE_H
#define TESTS_SUPPORT_NAIVE_H

#include <stdbool.h>
#include <tradsys/match.h>

/* What happened to an order so far, for who counts what a test has met: bits. */
enum {
    NAIVE_HAD_MINIMUM = 1,
    NAIVE_WAS_MOVED = 2,     /* replaced, lost its place */
    NAIVE_WAS_CUT = 4,       /* reduced or replaced, kept its place */
    NAIVE_WAS_RENAMED = 8,   /* has another client id than at first */
    NAIVE_BY_REPLACE = 16,   /* is a taker because of a replace, now */
    NAIVE_WAS_RELEASED = 32, /* was a trigger order */
    NAIVE_WAS_REFRESHED = 64 /* showed more than one peak */
};

typedef struct naive_group naive_group;

typedef struct naive_order {
    trd_order handle;
    uint64_t client_id;
    trd_px px;         /* limit; 0 while it has none */
    trd_qty total;     /* executed + prevented + leaves */
    trd_qty executed;  /* lots executed */
    trd_qty prevented; /* lots that self-trade prevention took */
    trd_qty leaves;    /* open lots; 0 of a BUDGET order and of a waiting CLOSE_POSITION order */
    trd_qty displayed; /* of these, what others see */
    trd_px trigger;    /* of a waiting trigger order, as it stands; 0 while there is none */
    trd_ns expiry;     /* GTD, GTT */
    uint64_t tag;
    uint64_t group;
    uint64_t place; /* place number: earlier is lower */
    uint32_t account;
    uint32_t instrument;
    uint32_t actor; /* who entered it */
    uint8_t side;
    uint8_t type; /* as it is now: a released stop is a LIMIT or MARKET order */
    uint8_t tif;
    uint8_t stp;
    uint16_t exec;
    uint8_t position;
    uint8_t where;       /* TRD_WHERE_* */
    bool quote;          /* made by a QUOTE: it has no client id */
    naive_group *linked; /* the group that it is a leg of; NULL: none */
    uint8_t leg;         /* 1 to 4 */
    unsigned marks;      /* NAIVE_* */

    /* From here on: the model's own. */
    bool live;
    bool special;
    uint64_t born;     /* in the order of acceptance */
    uint64_t consumed; /* when its peak was used up, if it was; 0: it shows something */
    uint64_t elected;  /* rank among the elected orders; 0: not elected */
    uint64_t seed;     /* state of the random peaks */
    trd_qty peak;
    trd_qty peak_range;
    trd_qty minimum;
    bool filled;  /* ended with status FILLED */
    bool asleep;  /* linked: waits for its turn, for its parent, or for lots */
    bool granted; /* a child that was released */
    trd_qty own;  /* of such a child: what it may be granted at most */
    trd_qty gave; /* and what it was granted so far */
    trd_qty lost; /* before that, to a sibling that executed */
    trd_px held;  /* the trigger, while it is asleep */
    bool top;     /* top order of its side */
    bool active;  /* trail: has an extreme */
    bool touched; /* a price observed touched its trigger */
    uint8_t source;
    uint8_t offset_unit;
    uint8_t peg;
    uint16_t prices; /* TRD_PRICES_* that are meant */
    trd_px extreme;
    trd_px activation;
    trd_px cap;
    int64_t offset;
    int64_t limit_offset;
    trd_amt budget;
    __int128 spent; /* BUDGET: sum of px x qty */
} naive_order;

/* Orders of one place, in the order in which they trade. */
typedef struct naive_side {
    naive_order **at;
    uint32_t count;
    uint32_t room;
} naive_side;

/* What belongs to (account, instrument): its two quote orders, and what protects them. */
typedef struct naive_row {
    uint32_t account;
    uint32_t instrument;
    naive_order *order[2]; /* bid, offer; NULL: none lives */
    bool has_protection;
    bool acted;
    trd_protection limit;
    int64_t limit_delta;
    int64_t limit_vega;
    int64_t lot_delta; /* of one lot */
    int64_t lot_vega;
    bool has_window; /* a fill began one */
    trd_ns begun;
    __int128 lots;  /* sums of the window; those without a limit stay 0 */
    __int128 value; /* in minor units / denominator; INVERSE: in minor units */
    __int128 fills;
    __int128 delta;
    __int128 vega;
} naive_row;

/* Orders that are linked, from the first leg that is staged until the last leg has ended. */
enum { NAIVE_LEGS = 4 };
struct naive_group {
    uint64_t link;
    uint32_t account;
    uint8_t relation; /* TRD_RELATION_* */
    uint8_t legs;
    bool full_fill;
    uint8_t staged; /* legs that have arrived; all of them: the group is live */
    trd_command record[NAIVE_LEGS][TRD_SLOTS_MAX];
    naive_order *order[NAIVE_LEGS]; /* by leg - 1; NULL: it has ended, or is none yet */
    uint8_t decider;                /* OCO: the leg that has decided; 0: none yet */
    bool parent_ended;              /* OTO, BRACKET */
    bool parent_filled;
    trd_qty parent_executed;
    uint64_t due; /* something happened that it has to react to, in this order; 0: nothing */
};

/* What the last command did with linked orders, for who counts what a test has met: bits, by
 * TRD_RELATION_* in words of naive_linking. */
enum {
    NAIVE_LINK_STAGED = 1,
    NAIVE_LINK_ENTERED = 2,
    NAIVE_LINK_REFUSED = 4,   /* all legs, when the last one came */
    NAIVE_LINK_DROPPED = 8,   /* what was staged */
    NAIVE_LINK_EXECUTED = 16, /* OCO: what decided */
    NAIVE_LINK_RELEASED = 32,
    NAIVE_LINK_ENDED = 64,
    NAIVE_LINK_TOOK = 128, /* OUO: lots of another leg; all that it had open */
    NAIVE_LINK_TOOK_ALL = 256,
    NAIVE_LINK_TOOK_ASLEEP = 512, /* of one whose turn had not come, or that was not released */
    NAIVE_LINK_GRANTED = 1024,    /* a child: its first lots, more, more after it had none */
    NAIVE_LINK_GREW = 2048,
    NAIVE_LINK_REVIVED = 4096,
    NAIVE_LINK_PARKED = 8192,       /* a child had all its lots executed, and may get more */
    NAIVE_LINK_PARKED_BY = 16384,   /* or lost them to its sibling */
    NAIVE_LINK_CHILDLESS = 32768,   /* the parent has ended: never released; without lots */
    NAIVE_LINK_LEFT = 65536,        /* and others live on */
    NAIVE_LINK_NO_SESSION = 131072, /* a child came in a state without a place for it */
    NAIVE_LINK_AUCTION = 262144,    /* a child came in an auction state */
    NAIVE_LINK_NO_TURN = 524288,    /* a leg has ended before its turn */
    NAIVE_LINK_TOO_LATE = 1048576,  /* post-only: it would have taken */
    NAIVE_LINK_BITS = 21
};

/* What the last command did with quotes, for who counts what a test has met: bits. */
enum {
    NAIVE_QUOTE_NOTHING = 1, /* rows of the table of QUOTE */
    NAIVE_QUOTE_ENTERED = 2,
    NAIVE_QUOTE_WITHDRAWN = 4,
    NAIVE_QUOTE_KEPT = 8,
    NAIVE_QUOTE_MOVED = 16,
    NAIVE_QUOTE_BARRED = 32,     /* the state, or the protection, changed before the offer's turn */
    NAIVE_QUOTE_BARRED_OFF = 64, /* and an order of that side was canceled */
    NAIVE_ACTED_QTY = 128,       /* limits that a protection acted for */
    NAIVE_ACTED_AMOUNT = 256,
    NAIVE_ACTED_FILLS = 512,
    NAIVE_ACTED_DELTA = 1024,
    NAIVE_ACTED_VEGA = 2048,
    NAIVE_ACTED_TAKER = 4096, /* the row of the taker acted, of the maker, of one of an uncross */
    NAIVE_ACTED_MAKER = 8192,
    NAIVE_ACTED_UNCROSS = 16384,
    NAIVE_ACTED_ENDS_TAKER = 32768 /* the taker had lots left */
};

/* A released order that waited for a verdict. */
typedef struct naive_question {
    trd_order_info order; /* as it waits */
    uint32_t slots;       /* that the step wrote before it */
    uint8_t relation;     /* TRD_RELATION_* of its group, 0: none */
    bool child;           /* it was asked about because its parent releases it, not as elected */
    bool refused;
} naive_question;

typedef struct naive_match naive_match;

/* Called for each question of a matcher with `verdicts`: 0 lets the order go on, as
 * trd_match_verdict has it. */
typedef unsigned (*naive_judge)(void *user, const trd_order_info *order);

/* Called at each execution, before quantities change. In an uncross `taker` is the buyer. */
typedef void (*naive_watch)(void *user, const naive_match *model, const naive_order *taker,
    const naive_order *maker, trd_qty qty);

/* naive_create makes a model of a matcher with this (valid) definition; never NULL. */
naive_match *naive_create(const trd_match_def *def);
void naive_destroy(naive_match *model);

/* naive_add adds an instrument that trd_instrument_check would pass; returns its index.
 * naive_configure gives it a profile that trd_profile_check would pass, while it has no orders. */
uint32_t naive_add(naive_match *model, const trd_instrument *spec);
void naive_configure(naive_match *model, uint32_t instrument, const trd_profile *profile);
void naive_set_watch(naive_match *model, naive_watch watch, void *user);
void naive_set_judge(naive_match *model, naive_judge judge, void *user); /* none: all may go on */

/* naive_step executes the record at `command`. `handles` are those of the ACCEPTED events that the
 * matcher wrote for it, in order; an order that would be accepted beyond `count` gets UINT64_MAX.
 * Only as many slots are read as `slots` says, and one if it is outside [1, TRD_SLOTS_MAX]. */
void naive_step(
    naive_match *model, const trd_command *command, const trd_order *handles, uint32_t count);

/* naive_events returns the slots that the last step wrote; valid until the next step. */
const trd_event *naive_events(const naive_match *model, uint32_t *slots);

/* naive_questions returns what the last step asked about, in order; valid until the next step. */
const naive_question *naive_questions(const naive_match *model, uint32_t *count);

/* naive_broken returns the rules the last command broke, bit TRD_REJECT_*: the one of the reject
 * event and those behind it in precedence that could be judged. What needs the order as it would
 * arrive (BAND and behind it, but for NO_CAPACITY) is judged only if nothing in front is broken. 0
 * if it was not refused. */
uint64_t naive_broken(const naive_match *model);

/* naive_stride returns how many slots of a long enough array the record at `command` takes: `slots`
 * if they are in [1, TRD_SLOTS_MAX] and the kind is in [1, 127], else 1. */
uint32_t naive_stride(const trd_command *command);

/* Views of the model. naive_orders: the orders of one side of the book. naive_live stores all live
 * orders of an instrument, wherever they are, in *out, valid until the next call into the model,
 * and returns how many. best, depth and queue tell displayed lots and return how many were
 * stored. naive_order_info: TRD_OK, or TRD_E_UNKNOWN for a handle that is not live. */
const naive_side *naive_orders(const naive_match *model, uint32_t instrument, unsigned side);
uint32_t naive_live(const naive_match *model, uint32_t instrument, const naive_order *const **out);
const trd_instrument *naive_spec(const naive_match *model, uint32_t instrument);
const trd_profile *naive_profile(const naive_match *model, uint32_t instrument);
uint32_t naive_publish(const naive_match *model, uint32_t instrument);
uint32_t naive_instruments(const naive_match *model);
uint32_t naive_count(const naive_match *model);
naive_order *naive_find(const naive_match *model, uint32_t account, uint64_t client_id);
naive_order *naive_by_handle(const naive_match *model, trd_order handle);
/* naive_row_of: what (account, instrument) has had of quotes and protections, NULL if it never had
 * any. naive_quoting: NAIVE_QUOTE_* and NAIVE_ACTED_* of the last command. */
const naive_row *naive_row_of(const naive_match *model, uint32_t account, uint32_t instrument);
unsigned naive_quoting(const naive_match *model);
/* naive_staged: the group that an account stages, NULL if it does not. naive_linking: NAIVE_LINK_*
 * of the last command with groups of a relation. naive_groups: how many are staged or live. */
const naive_group *naive_staged(const naive_match *model, uint32_t account);
unsigned naive_linking(const naive_match *model, unsigned relation);
uint32_t naive_groups(const naive_match *model);
uint32_t naive_depth(
    const naive_match *model, uint32_t instrument, unsigned side, trd_level *out, uint32_t max);
uint32_t naive_queue(const naive_match *model, uint32_t instrument, unsigned side, trd_px px,
    trd_order_info *out, uint32_t max);
int naive_order_info(const naive_match *model, trd_order handle, trd_order_info *out);

/* naive_state: TRD_SESSION_* of an instrument. naive_position: the net quantity, 0 if there is
 * none. naive_price: false if the price of that source is not known, or has none (a source
 * other than LAST to INDEX). */
int naive_state(const naive_match *model, uint32_t instrument);
trd_qty naive_position(
    const naive_match *model, uint32_t account, uint32_t instrument, unsigned side);
bool naive_price(const naive_match *model, uint32_t instrument, unsigned source, trd_px *out);
trd_ns naive_time(const naive_match *model);

/* naive_stats fills what the text determines; far_levels, which it does not, is 0. */
void naive_stats(const naive_match *model, trd_match_stats *out);

#endif
