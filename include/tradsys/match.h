/* match.h - the matching engine: price-time books of many instruments, commands in, events out.
 *
 * A trd_match holds the books and all resting orders of up to `instruments_max` instruments. It is
 * a pure function of its commands: no clock, no system call, no allocation after creation. One
 * writer; readers only while the writer is outside a call.
 *
 * Rules (sources: docs/reference/matching.md)
 *  - Price-time priority. An execution happens at the resting order's price.
 *  - LIMIT rests what does not cross. MARKET never rests. IOC never rests. FOK fills completely at
 *    once or is canceled without a trace in the book. POST_ONLY is rejected if any of it crosses.
 *    A minimum quantity (ORDER_SIZES.minimum) fills at least that at once or the order is canceled;
 *    what is left then follows type and time in force.
 *  - REPLACE: a lower total alone keeps the place in the queue, and so does a replace that changes
 *    nothing but the client id; a new price or a higher total goes to the back and matches again. A
 *    total at or below what is executed (executed > 0) ends the order: FILLED, total = executed.
 *    A refused REPLACE leaves the order as it was, place included.
 *  - Everything else, from stops to auctions: docs/reference/special-orders.md, sessions.md,
 *    groups.md. Orders that need none of it pay nothing for it.
 */
#ifndef TRADSYS_MATCH_H
#define TRADSYS_MATCH_H

#include <tradsys/base.h>
#include <tradsys/book.h>
#include <tradsys/command.h>
#include <tradsys/event.h>
#include <tradsys/instrument.h>
#include <tradsys/profile.h>

TRD_BEGIN_DECLS

typedef struct trd_match trd_match;

/* How client ids of ended orders are treated. The key is (account, client id) in every mode, and a
 * live duplicate is always refused. */
enum {
    TRD_IDS_WINDOW = 1, /* the last ids_max ids that ended are refused; older ones are forgotten */
    TRD_IDS_ASCENDING = 2, /* ids of an account must rise: exact, no memory; needs accounts_max */
    TRD_IDS_REUSE = 3      /* an ended id may be used again at once */
};

/* Start from trd_match_def_default(), which sets struct_size. A struct_size of 0 or above that of
 * the library is invalid; a smaller one is an older caller's, who gets defaults for the fields
 * behind it. */
typedef struct trd_match_def {
    uint32_t struct_size;     /* set by trd_match_def_default */
    uint32_t instruments_max; /* [1, 2^20] */
    uint32_t orders_max;      /* resting orders, all instruments together: [1, 2^26] */
    uint32_t ids_max;         /* WINDOW: ended ids remembered, [1, 2^26]; else 0 */
    uint32_t id_mode;         /* TRD_IDS_* */
    uint32_t accounts_max;    /* accounts are [0, accounts_max); 0: any number is an account */
    uint32_t window;    /* ticks around the best that are an array: power of two, [64, 65536] */
    uint32_t publish;   /* TRD_PUBLISH_* mask of new instruments */
    uint64_t hash_seed; /* seed of the id map: choose a secret one if ids come from strangers */
    trd_mem mem;        /* for trd_match_create */

    uint32_t specials_max;  /* live special orders (special-orders.md), [0, orders_max] */
    uint32_t positions_max; /* (account, instrument, side) with a position, [0, 2^26]; 0: positions
                               are not kept, and reduce-only orders are UNSUPPORTED */
    uint32_t elect_max;     /* elected orders and children that one command may release, refused
                               ones included, >= 1 */
    uint32_t allocates;     /* 1: instruments may have an allocation other than FIFO */
    uint32_t quotes_max; /* (account, instrument) with a quote or a protection, [0, 2^24]; 0: QUOTE
                            and PROTECTION are UNSUPPORTED */
    uint32_t groups_max; /* groups of linked orders, staged or live, [0, 2^24]; 0: links are
                            UNSUPPORTED */
    uint32_t verdicts;   /* 1: released orders wait for trd_match_verdict */
    uint32_t reserved1;  /* zero */
} trd_match_def;

/* trd_match_def_default: 1,024 instruments, 1,048,576 orders, WINDOW with 65,536 ids, accounts
 * unlimited, a window of 1,024 ticks, no publishing; 16,384 special orders, no positions, 2^24
 * elections, FIFO only, no quotes, no groups. */
static inline trd_match_def trd_match_def_default(void) {
    trd_match_def def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    def.instruments_max = 1024;
    def.orders_max = 1 << 20;
    def.ids_max = 1 << 16;
    def.id_mode = TRD_IDS_WINDOW;
    def.window = 1024;
    def.specials_max = 1 << 14;
    def.elect_max = 1 << 24;
    return def;
}

enum { TRD_MATCH_ALIGN = 64 };

/* Life cycle. footprint returns the bytes a matcher needs, 0 if `def` is invalid. init makes one in
 * `mem`, which stays the caller's (footprint bytes at TRD_MATCH_ALIGN), NULL if def is invalid or
 * mem misaligned; every byte is touched, so that no later call meets a page fault. create does both
 * through def->mem, NULL if def is invalid or there is no memory; destroy takes NULL, and is for
 * what create made.
 *
 * reset makes it as new, with the instruments that it has: no orders, ids or counters, engine time
 * at its lowest value, and the publish mask of the definition for every instrument. A pending
 * command is dropped. Handles from before a reset never name an order after it. O(capacity). */
TRD_API size_t trd_match_footprint(const trd_match_def *def);
TRD_API trd_match *trd_match_init(void *mem, const trd_match_def *def);
TRD_API trd_match *trd_match_create(const trd_match_def *def);
TRD_API void trd_match_destroy(trd_match *match);
TRD_API void trd_match_reset(trd_match *match);

/* trd_match_add adds an instrument, open for continuous trading. Returns its index (0, 1, ...),
 * TRD_E_ARG if spec is NULL or trd_instrument_check finds a fault with orders_max of the
 * definition, TRD_E_FULL, or TRD_E_BUSY. Not for the hot path. */
TRD_API int trd_match_add(trd_match *match, const trd_instrument *spec);

/* trd_match_configure gives an instrument a profile. TRD_E_ARG if `profile` is NULL or
 * trd_profile_check finds a fault, or it wants an allocation other than FIFO and the definition has
 * `allocates` 0; TRD_E_UNKNOWN for an instrument that does not exist; TRD_E_BUSY while orders of it
 * rest or wait, or a command is pending. reset keeps profiles. Not for the hot path. */
TRD_API int trd_match_configure(trd_match *match, uint32_t instrument, const trd_profile *profile);

/* trd_match_instrument returns the specification of an instrument, NULL if there is none. */
TRD_API const trd_instrument *trd_match_instrument(const trd_match *match, uint32_t instrument);

/* trd_match_step executes the command at `command` (command->slots adjacent slots) and appends its
 * events to `out`. Returns
 *   TRD_OK      done;
 *   TRD_MORE    the output is full: drain it, then call again with command NULL, until TRD_OK
 *               (without room that call does nothing and returns TRD_MORE again);
 *   TRD_NEED_VERDICT  an order is to be released and `verdicts` is set: see trd_match_pending;
 *   TRD_E_FULL  less than TRD_OUT_MIN slots free before starting: nothing done, not consumed;
 *   TRD_E_BUSY  a command is pending (TRD_MORE, TRD_NEED_VERDICT) and command is not NULL;
 *   TRD_E_ARG   the output is unusable (`out` or its array is NULL, count > capacity), which is
 *               looked at first; or command is NULL and nothing is pending.
 * A command that the market refuses is TRD_OK and a reject event. Cost: O(1) for a plain order plus
 * O(1) per execution; far from the best price O(log levels); FOK and a minimum quantity O(levels
 * that they could cross); a new best that lies a whole window above the last one O(window), once.
 */
TRD_API int trd_match_step(trd_match *match, const trd_command *command, trd_out *out);

/* trd_match_run executes records from an array of `slots` slots and looks ahead in it to have
 * memory ready: the fast way for batches. It stops at the end of the array, or when fewer than
 * TRD_OUT_MIN slots of the output are free. The number of slots consumed is stored in *done.
 * Returns
 *   TRD_OK      stopped between records: *done says where to go on;
 *   TRD_MORE    the last record of *done is pending: drain, continue with trd_match_step and NULL;
 *   TRD_NEED_VERDICT  the last record of *done waits for one: see trd_match_pending;
 *   TRD_E_FULL  no room for the first record, *done = 0;
 *   TRD_E_BUSY  a command is pending, *done = 0;
 *   TRD_E_ARG   `commands` or `done` is NULL or the output is unusable; *done = 0 if there is one.
 * A record takes `slots` slots of the array if its kind is in [1, 127], `slots` in [1, 4] and that
 * many are left; any other slot is one record by itself, and MALFORMED. */
TRD_API int trd_match_run(
    trd_match *match, const trd_command *commands, size_t slots, size_t *done, trd_out *out);

/* Where an order is (docs/reference/special-orders.md). */
enum {
    TRD_WHERE_BOOK = 0,
    TRD_WHERE_HIDDEN = 1,
    TRD_WHERE_ASIDE = 2,   /* all-or-none */
    TRD_WHERE_AUCTION = 3, /* market order in an auction */
    TRD_WHERE_WAITING = 4  /* untriggered, without a price, or for a later auction */
};

/* One live order, copied out. */
typedef struct trd_order_info {
    trd_order order;
    uint64_t client_id; /* 0 for an order of a quote, which has none */
    trd_px px;          /* limit; 0 while it has none */
    trd_qty leaves;     /* open lots; 0 of some that wait: CLOSE_POSITION, a child without lots */
    trd_qty executed;   /* lots executed so far */
    uint32_t account;
    uint32_t instrument;
    uint8_t side;
    uint8_t tif;
    uint16_t exec;
    uint8_t type;  /* TRD_TYPE_* as it is now: a released stop is a LIMIT order */
    uint8_t where; /* TRD_WHERE_* */
    uint8_t stp;
    uint8_t reserved;
    trd_qty displayed; /* lots that others see */
    trd_qty prevented; /* lots that self-trade prevention took */
    trd_px trigger;    /* of a waiting order, as it stands now; 0 without one or not yet active */
} trd_order_info;

/* Verdicts. With `verdicts` in the definition an elected order, or a child of linked orders, is not
 * released before its owner's checks have seen it, as they see a new order: step and run return
 * TRD_NEED_VERDICT instead, with every event before it written. trd_match_pending tells the order;
 * trd_match_verdict decides: 0 lets it go on, any other value ends it (CANCELED, cause RISK; of a
 * GTT order with status REJECTED: it has failed, and is not tried again). Then trd_match_step with
 * command NULL continues, as after TRD_MORE; before a verdict it returns TRD_NEED_VERDICT again,
 * and TRD_E_BUSY for any other command. An order whose trigger is touched as it is entered is not
 * asked about: it was judged as a new one. A child is asked about once, with all the lots it may
 * get: docs/reference/special-orders.md, "Verdicts".
 *
 * pending: TRD_OK and *out, or TRD_E_UNKNOWN if no verdict is asked for. verdict: TRD_OK, or
 * TRD_E_UNKNOWN. O(1). */
TRD_API int trd_match_pending(const trd_match *match, trd_order_info *out);
TRD_API int trd_match_verdict(trd_match *match, unsigned reason);

/* What a NEW or REPLACE would be, before it is. */
typedef struct trd_vetted {
    trd_order order; /* REPLACE: the order; NEW: 0 */
    uint64_t tag;    /* ORDER_LINK.tag */
    trd_px px;       /* limit, if has_px */
    trd_px bound;    /* worst price it can execute at, if has_bound, whatever px is now */
    trd_qty leaves;  /* open lots after it, before any execution; 0: none, or known later */
    trd_amt budget;  /* of a BUDGET order, else 0 */
    uint32_t account;
    uint32_t instrument;
    uint8_t side;
    uint8_t position; /* TRD_POSITION_* */
    uint8_t has_px;   /* 1: it has a limit, or a market order is given one at entry */
    uint8_t has_bound;
    uint8_t reduces; /* 1: it can only reduce a position */
    uint8_t waits;   /* 1: it waits for a trigger, or for an auction to come */
    uint8_t child;   /* 1: it waits for its parent */
    uint8_t reserved;
    uint64_t parent; /* ORDER_LINK.parent, of the owner's algorithm */
} trd_vetted;

/* trd_match_vet says whether trd_match_step would refuse the record at `command` (command->slots
 * slots), without doing anything: for checks that stand between the rules of the market and the
 * market. Returns 0, or the TRD_REJECT_* reason that step would give; *out is written with 0. Other
 * kinds than NEW and REPLACE are not judged: 0, and *out is all zero. A leg of linked orders is
 * judged by itself; whether the legs go together is found when the last is there.
 * TRD_E_ARG for a NULL argument; TRD_E_BUSY while a command is pending, or if timers are due at the
 * time of the command: a TIMER with that time first. Cost as that of step, without executions. */
TRD_API int trd_match_vet(trd_match *match, const trd_command *command, trd_vetted *out);

/* Queries: change nothing, O(1) unless said otherwise.
 * find: the live order of (account, client id), 0 if there is none; not those of quotes.
 * order: TRD_OK, or TRD_E_UNKNOWN for a handle that is not live.
 * best: 1 and *out, or 0 if that side is empty. depth: the best `max` levels, best first; returns
 * how many. queue: the orders at a price, first in the queue first; returns how many were stored.
 * While a command is pending (TRD_MORE) the order that is taking is none of the resting ones: not
 * found, in no queue, also if it rested before and is being replaced. Negative: TRD_E_UNKNOWN for
 * an instrument that does not exist, TRD_E_ARG for a wrong side. */
TRD_API trd_order trd_match_find(const trd_match *match, uint32_t account, uint64_t client_id);
TRD_API int trd_match_order(const trd_match *match, trd_order order, trd_order_info *out);
TRD_API int trd_match_best(
    const trd_match *match, uint32_t instrument, unsigned side, trd_level *out);
TRD_API int trd_match_depth(
    const trd_match *match, uint32_t instrument, unsigned side, trd_level *out, uint32_t max);
TRD_API int trd_match_queue(const trd_match *match, uint32_t instrument, unsigned side, trd_px px,
    trd_order_info *out, uint32_t max);

/* Which orders: those that fit every bit that is set, as in MASS_CANCEL; 0: all. */
typedef struct trd_order_filter {
    uint64_t tag;        /* with TRD_MASS_TAG */
    uint32_t account;    /* with TRD_MASS_ACCOUNT */
    uint32_t instrument; /* with TRD_MASS_INSTRUMENT */
    uint32_t actor;      /* with TRD_MASS_ACTOR */
    uint8_t side;        /* with TRD_MASS_SIDE */
    uint8_t filter;      /* TRD_MASS_* bits */
    uint8_t reserved[2]; /* zero */
} trd_order_filter;

/* trd_match_orders returns how many live orders fit, those of quotes and those that wait too, and
 * stores the first `max` of them (`out` may be NULL if that is 0): by instrument; in each the book,
 * what is hidden, what stands aside, what came for an auction, bids before offers, the best first,
 * the first in the queue first; then those that wait, in the order in which they came to wait. For
 * questions of people: O(orders of the instrument), without one O(instruments + orders). While a
 * command is pending as said above. TRD_E_UNKNOWN: no such instrument; TRD_E_ARG: NULL, or bits
 * that there are not. */
TRD_API int trd_match_orders(
    const trd_match *match, const trd_order_filter *filter, trd_order_info *out, uint32_t max);

/* trd_match_position stores the net quantity of (account, instrument, TRD_POSITION_*) in *out: 0 if
 * it never had an order or fill. TRD_OK; TRD_E_UNKNOWN if positions are not kept or the instrument
 * does not exist; TRD_E_ARG for a side that is none. */
TRD_API int trd_match_position(
    const trd_match *match, uint32_t account, uint32_t instrument, unsigned side, trd_qty *out);

/* trd_match_state returns the TRD_SESSION_* state of an instrument, TRD_E_UNKNOWN if there is none.
 */
TRD_API int trd_match_state(const trd_match *match, uint32_t instrument);

typedef struct trd_match_stats {
    uint64_t commands;        /* consumed */
    uint64_t events;          /* seq of the last event */
    uint64_t executions;      /* taker-maker pairs */
    uint64_t time_steps_back; /* commands whose time was before engine time */
    uint64_t ids_forgotten;   /* ended ids dropped from a full window */
    uint32_t orders;          /* resting or waiting now */
    uint32_t levels;          /* price levels now, both sides, all instruments */
    uint32_t far_levels;      /* of these outside the array window */
    uint32_t instruments;
    uint32_t specials;  /* special orders now */
    uint32_t positions; /* position entries now */
} trd_match_stats;

TRD_API void trd_match_stats_get(const trd_match *match, trd_match_stats *out);

/* trd_match_audit walks everything and checks every invariant of books, queues, pools and id map.
 * While a command is pending some do not hold (a book may be crossed, for one).
 * Returns TRD_OK, or the line of lib/match or lib/book where the first broken one was seen,
 * negated. For tests; O(capacity). */
TRD_API int trd_match_audit(const trd_match *match);

TRD_END_DECLS

#endif
