/* order.h - the client side of an order's life: what is known of one's orders at any venue.
 *
 * A trd_tracker is told what the application sends (trd_request) and what the venue says
 * (trd_report), and knows from it the state of every order and the position in every instrument. It
 * is a pure function of these inputs: no clock, no system call, no allocation after creation; time
 * is a field of each input. One writer; readers only while the writer is outside a call. The block
 * has no pointers into itself: a copy of its trd_tracker_footprint bytes is a tracker of its own.
 *
 * Messages may come late, twice, in the wrong order, by two channels, or not at all. Three ways
 * out:
 *  - A fill counts once, by its trade id. A fill that was reported late still counts.
 *  - What a venue says of an order's state carries a `version` (if the venue has one), and an older
 *    state never replaces a newer one.
 *  - A reply that stays out for `reply_ns` makes a QUERY outcome: ask the venue for that order.
 *    Never send an order again because its reply is missing.
 *
 * An order is found by (venue, account, client id), by any client id that it had in a chain of
 * replaces, by the id of a cancel request, by the venue's id, or by its handle. Nothing is shared
 * between two accounts, nor between two venues.
 *
 * States (TRD_STATE_*). Open: PENDING_NEW, NEW, PARTIALLY_FILLED, PENDING_CANCEL, PENDING_REPLACE,
 * STOPPED, SUSPENDED, DONE_FOR_DAY, CALCULATED; qty = cum + leaves (leaves 0 if more than qty was
 * executed). Ended: FILLED, CANCELED, EXPIRED, REJECTED, LOST; leaves is 0. Of several that hold at
 * once the state is the first of
 *
 *     (ended) done for day, calculated or filled if all of it is executed, then what ended it
 *     (open)  PENDING_CANCEL, PENDING_REPLACE, DONE_FOR_DAY, CALCULATED, STOPPED, SUSPENDED,
 *             PARTIALLY_FILLED, NEW or PENDING_NEW
 *
 * A complete order has ended, unless a replace is pending, which may give it a higher total.
 * REPLACED is a state of client ids, not of orders: the id before still names the order.
 *
 * What each input does (rows) to an order in each state (columns). "=" leaves the state; P/N is
 * PARTIALLY_FILLED if cum > 0, NEW otherwise, or the pending state while a request is pending; * is
 * FILLED if all of it is executed; "said" is the state that the report says, "later" once nothing
 * is pending; "terms" changes px and qty alone.
 *
 *                    PENDING_NEW  NEW, held, .. PENDING_REPL. PENDING_CANC. ended     LOST
 *   CANCEL request   PENDING_CAN. PENDING_CANC. PENDING_CANC. =             refused   refused
 *   REPLACE request  PENDING_REP. PENDING_REPL. =, one more   =, one more   (1)       refused
 *   PENDING_*        =            =             =             =             =         =
 *   NEW              P/N          =, newer: P/N =             =             =         P/N
 *   REJECTED         REJECTED     REJECTED      REJECTED      REJECTED      =         REJECTED
 *   FILL             P/N *        P/N *         = (2)         = *           = *       P/N *
 *   CANCELED         CANCELED     CANCELED *    CANCELED *    CANCELED *    =         CANCELED
 *   EXPIRED          EXPIRED      EXPIRED *     EXPIRED *     EXPIRED *     =         EXPIRED
 *   CANCEL_REJECTED  =            =             =             P/N           absorbed  =
 *   REPLACED         P/N *        terms *       P/N *         terms         terms (3) P/N *
 *   REPLACE_REJECTED =            =             P/N *         =             absorbed  =
 *   SUSPENDED (4)    said         said          said, later   said, later   =         said
 *   RESTATED, STATUS said         said          said, later   said, later   =         said
 *   BUST             =            P/N           =             =             = (5)     =
 *   CORRECT          as FILL or   BUST, for the difference
 *   NOT_FOUND        counted      counted       counted       counted       =         =
 *
 *   (1) refused, but for FILLED to more than is executed: PENDING_REPLACE, the order is open again
 *   (2) until the reply, also if all of it is executed
 *   (3) open again if it was FILLED and the new total is more than is executed
 *   (4) and STOPPED, DONE_FOR_DAY, CALCULATED
 *   (5) FILLED becomes CANCELED: the order is closed, not open again, unless the venue says so
 *
 * Executed lots. `cum` is what the named fills add up to, and beyond that what the venue says with
 * HAS_CUM: lots whose fill was not reported yet count at once (`unnamed`, flag GAP), and the fill
 * explains them when it comes. Positions move with cum, by fills, busts and corrections, in
 * whatever state the order is.
 *
 * Versions. `version` rises with every change of the order at the venue: a sequence number, or the
 * time of its last update; the same on all channels. Without one (0) the newest report is the one
 * that came last, cum then only rises by reports, and once a fill of an order was busted or
 * corrected the venue's cum is not believed for that order any more. What else cannot be told apart
 * then is said in docs/reference/tracker.md, with the sources of all rules.
 */
#ifndef TRADSYS_ORDER_H
#define TRADSYS_ORDER_H

#include <tradsys/base.h>

TRD_BEGIN_DECLS

typedef struct trd_tracker trd_tracker;

/* A name that a venue gives: order id, trade id. Up to 40 bytes of any kind but zero, the rest
 * zero; all zero is no name. Numbers are written as decimal text (trd_name_of_number), so that a
 * venue whose numbers become UUIDs one day changes nothing here. */
typedef struct trd_name {
    char text[40];
} trd_name;

/* trd_name_of returns the name of `size` bytes at `text`, no name if they are more than 40. */
static inline trd_name trd_name_of(const char *text, size_t size) {
    trd_name name = TRD_ZERO;
    for (size_t i = 0; size <= sizeof(name.text) && i < size; i++) {
        name.text[i] = text[i];
    }
    return name;
}

/* trd_name_of_number returns the decimal name of a number. */
static inline trd_name trd_name_of_number(uint64_t number) {
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + (int)(number % 10));
        number /= 10;
    } while (number != 0);
    return trd_name_of(digits + at, sizeof(digits) - at);
}

/* State of an order. 1 to 7 are those of the events (TRD_STATUS_*). */
enum {
    TRD_STATE_NONE = 0, /* in a report: not said */
    TRD_STATE_NEW = 1,
    TRD_STATE_PARTIALLY_FILLED = 2,
    TRD_STATE_FILLED = 3,
    TRD_STATE_CANCELED = 4,
    TRD_STATE_REJECTED = 5,
    TRD_STATE_EXPIRED = 6,
    TRD_STATE_SUSPENDED = 7,
    TRD_STATE_PENDING_NEW = 8,
    TRD_STATE_PENDING_CANCEL = 9,
    TRD_STATE_PENDING_REPLACE = 10,
    TRD_STATE_STOPPED = 11,
    TRD_STATE_DONE_FOR_DAY = 12,
    TRD_STATE_CALCULATED = 13,
    TRD_STATE_LOST = 14, /* the venue does not find it, not_found_max times */
    TRD_STATE_COUNT = 15
};

/* trd_state_text returns the name of a state, "?" for other numbers; static. */
TRD_API const char *trd_state_text(unsigned state);

/* Kinds of trd_request. */
enum {
    TRD_REQUEST_SUBMIT = 1,  /* a new order is about to be sent */
    TRD_REQUEST_CANCEL = 2,  /* a cancel of `target` is */
    TRD_REQUEST_REPLACE = 3, /* new terms px, qty for `target` are */
    TRD_REQUEST_KINDS = 4
};

/* Flags of trd_request. */
enum {
    TRD_REQUEST_BY_HANDLE = 1, /* CANCEL, REPLACE: `target` is a handle, not a client id */
    TRD_REQUEST_HAS_ID = 2     /* CANCEL, REPLACE: the request has a client id of its own; a REPLACE
                                  that is accepted makes it the order's */
};

/* What the application sends. Tell the tracker first, then send. */
typedef struct trd_request {
    trd_ns time;
    uint64_t client_id; /* SUBMIT: of the order; else of the request, 0 without HAS_ID */
    uint64_t target;    /* CANCEL, REPLACE: the order; SUBMIT: 0 */
    trd_px px;          /* SUBMIT, REPLACE: limit, 0 for orders without one; CANCEL: 0 */
    trd_qty qty;        /* SUBMIT, REPLACE: total, [1, TRD_TRACKER_QTY_MAX]; CANCEL: 0 */
    uint64_t tag;       /* SUBMIT: the application's, comes with every outcome; else 0 */
    uint32_t venue;
    uint32_t account;
    uint32_t instrument; /* SUBMIT; else 0 */
    uint8_t kind;        /* TRD_REQUEST_* */
    uint8_t side;        /* SUBMIT: TRD_BUY, TRD_SELL; else 0 */
    uint16_t flags;      /* TRD_REQUEST_* flag bits */
} trd_request;

/* Kinds of trd_report: what happened (FIX ExecType, and the answers to cancel and status requests).
 */
enum {
    TRD_REPORT_PENDING_NEW = 1, /* received, not yet accepted */
    TRD_REPORT_NEW = 2,         /* accepted */
    TRD_REPORT_REJECTED = 3,
    TRD_REPORT_FILL = 4, /* fill_qty at fill_px; trade_id, or HAS_CUM where a venue has no ids */
    TRD_REPORT_CANCELED = 5,
    TRD_REPORT_CANCEL_REJECTED = 6,
    TRD_REPORT_REPLACED = 7,
    TRD_REPORT_REPLACE_REJECTED = 8,
    TRD_REPORT_PENDING_CANCEL = 9,
    TRD_REPORT_PENDING_REPLACE = 10,
    TRD_REPORT_EXPIRED = 11,
    TRD_REPORT_SUSPENDED = 12,
    TRD_REPORT_STOPPED = 13,
    TRD_REPORT_DONE_FOR_DAY = 14,
    TRD_REPORT_CALCULATED = 15,
    TRD_REPORT_RESTATED = 16,  /* changed by the venue itself: terms, or active again */
    TRD_REPORT_BUST = 17,      /* the fill `trade_id` did not happen */
    TRD_REPORT_CORRECT = 18,   /* the fill `trade_id` is fill_qty at fill_px; a chain of corrections
                                  names the first id */
    TRD_REPORT_STATUS = 19,    /* answer to a query: `state`, HAS_CUM */
    TRD_REPORT_NOT_FOUND = 20, /* answer to a query: no such order */
    TRD_REPORT_KINDS = 21
};

/* Flags of trd_report. */
enum {
    TRD_REPORT_HAS_CLIENT_ID = 1, /* `client_id` is one that was given to trd_request, or the id of
                                     the application's order in another life */
    TRD_REPORT_HAS_ORIG_ID = 2,   /* so is `orig_id`: the order that a reply is about */
    TRD_REPORT_HAS_CUM = 4,       /* `cum` is said */
    TRD_REPORT_HAS_TERMS = 8,     /* `px` and `qty` are said */
    TRD_REPORT_NOT_KNOWN = 16, /* CANCEL_REJECTED, REPLACE_REJECTED: because the venue does not know
                                  the order; asked for at once */
    TRD_REPORT_FLAGS = 31
};

enum { TRD_CHANNEL_STREAM = 1, TRD_CHANNEL_QUERY = 2 };

/* What a venue says. */
typedef struct trd_report {
    trd_ns time; /* of arrival */
    uint64_t client_id;
    uint64_t orig_id;
    uint64_t version; /* 0: the venue has none */
    trd_px px;        /* terms in force after it */
    trd_qty qty;      /* [1, TRD_TRACKER_QTY_MAX] with HAS_TERMS */
    trd_qty cum;      /* executed after it, [0, TRD_TRACKER_QTY_MAX] */
    trd_px fill_px;
    trd_qty fill_qty; /* FILL, CORRECT: [1, TRD_TRACKER_QTY_MAX]; BUST: 0 if not said */
    uint32_t venue;
    uint32_t account;
    uint32_t instrument;  /* needed for orders that the tracker does not know */
    uint8_t kind;         /* TRD_REPORT_* */
    uint8_t state;        /* TRD_STATE_* after it, NONE if not said */
    uint8_t side;         /* needed for orders that the tracker does not know; 0 if not said */
    uint8_t channel;      /* TRD_CHANNEL_* */
    uint32_t flags;       /* TRD_REPORT_* flag bits */
    uint32_t reserved0;   /* zero */
    trd_name venue_id;    /* of the order */
    trd_name trade_id;    /* of the fill: once per venue, account, instrument and side */
    uint8_t reserved[16]; /* zero */
} trd_report;

/* Kinds of trd_outcome. */
enum {
    TRD_OUTCOME_REQUEST = 1, /* of trd_tracker_request */
    TRD_OUTCOME_REPORT = 2,  /* of trd_tracker_report */
    TRD_OUTCOME_QUERY = 3,   /* of trd_tracker_poll: ask the venue for this order */
    TRD_OUTCOME_POSITION = 4 /* of trd_tracker_reconcile */
};

/* Flags of trd_outcome. */
enum {
    TRD_OUTCOME_DUPLICATE = 1,       /* said before: nothing changed by it */
    TRD_OUTCOME_STALE = 2,           /* older than what is known: only its fill or reply counts */
    TRD_OUTCOME_LATE = 4,            /* the order had ended; a fill counts all the same */
    TRD_OUTCOME_ABSORBED = 8,        /* a reply that does not matter any more */
    TRD_OUTCOME_RACED = 16,          /* lots executed after a cancel was asked for */
    TRD_OUTCOME_OVERFILL = 32,       /* more is executed than was ever ordered */
    TRD_OUTCOME_GAP = 64,            /* cum has lots without a fill, or fills without lots */
    TRD_OUTCOME_NEEDS_QUERY = 128,   /* ask the venue for this order now */
    TRD_OUTCOME_UNKNOWN_ORDER = 256, /* no such order, none made; a fill still moves the position */
    TRD_OUTCOME_EXTERNAL = 512,      /* the order was not made by this application, or not in this
                                        life: adopted */
    TRD_OUTCOME_ENDED = 1024,        /* the order ended by this */
    TRD_OUTCOME_REVIVED = 2048,      /* the order had ended, and is open again */
    TRD_OUTCOME_LOST = 4096,         /* the order is LOST by this */
    TRD_OUTCOME_REQUEST_LOST = 8192, /* pending cancels and replaces never reached the venue: the
                                        order is as before them */
    TRD_OUTCOME_BUSTED = 16384,      /* the fill was busted before: nothing counts */
    TRD_OUTCOME_UNSOLICITED = 32768, /* nobody asked for it */
    TRD_OUTCOME_CONFLICT = 65536,    /* contradicts what is known, such as ids of two orders */
    TRD_OUTCOME_MERGED = 131072,     /* an external order turned out to be this one */
    TRD_OUTCOME_MISMATCH = 262144,   /* POSITION: the venue's differed, ours now has its quantity */
    TRD_OUTCOME_UNSETTLED =
        524288,                   /* POSITION: differs, but moved within settle_ns: nothing done */
    TRD_OUTCOME_MISSING = 1048576 /* QUERY: not among the venue's open orders */
};

/* What came of an input: the order after it, and what changed. */
typedef struct trd_outcome {
    trd_ns time;            /* of the tracker */
    trd_order order;        /* handle; 0: no order */
    uint64_t client_id;     /* in force; 0 for orders without one */
    uint64_t tag;           /* of the SUBMIT */
    trd_px px;              /* in force */
    trd_qty qty;            /* in force */
    trd_qty cum;            /* executed */
    trd_qty cum_delta;      /* by this input; below 0 for a bust */
    trd_qty leaves;         /* open */
    trd_qty leaves_delta;   /* by this input */
    trd_qty position;       /* of the account in the instrument, signed */
    trd_qty position_delta; /* by this input */
    trd_px fill_px;         /* FILL, CORRECT, BUST: price of the fill; POSITION: 0 */
    uint32_t venue;
    uint32_t account;
    uint32_t instrument;
    uint32_t flags;       /* TRD_OUTCOME_* flag bits */
    uint8_t kind;         /* TRD_OUTCOME_* */
    uint8_t what;         /* kind of the request or report; else 0 */
    uint8_t state;        /* TRD_STATE_* */
    uint8_t state_before; /* TRD_STATE_*; NONE for an order that is new */
    uint8_t side;
    uint8_t reserved[3];
} trd_outcome;

/* A position as the venue says it is. */
typedef struct trd_position_report {
    trd_ns time;
    trd_qty qty; /* signed, [-TRD_TRACKER_QTY_MAX, TRD_TRACKER_QTY_MAX] */
    uint32_t venue;
    uint32_t account;
    uint32_t instrument;
    uint32_t reserved; /* zero */
} trd_position_report;

TRD_STATIC_ASSERT(sizeof(trd_name) == 40, "a UUID is 36 bytes of text");
TRD_STATIC_ASSERT(sizeof(trd_request) == 64, "one slot");
TRD_STATIC_ASSERT(sizeof(trd_report) == 192, "three slots");
TRD_STATIC_ASSERT(sizeof(trd_outcome) == 128, "two slots");
TRD_STATIC_ASSERT(sizeof(trd_position_report) == 32, "half a slot");

/* Quantities of one order and one fill; sums are checked. */
#define TRD_TRACKER_QTY_MAX ((trd_qty)1 << 60)

/* Start from trd_tracker_def_default(), which sets struct_size. A struct_size of 0 or above that of
 * the library is invalid; a smaller one is an older caller's, who gets defaults for the fields
 * behind it. */
typedef struct trd_tracker_def {
    uint32_t struct_size;   /* set by trd_tracker_def_default */
    uint32_t orders_max;    /* open and remembered ended orders: [1, 2^24] */
    uint32_t requests_max;  /* cancels and replaces, pending and remembered: [1, 2^24] */
    uint32_t fills_max;     /* trade ids remembered: [1, 2^24] */
    uint32_t positions_max; /* (venue, account, instrument): [1, 2^20] */
    uint32_t accounts_max;  /* (venue, account): [1, 2^16] */
    uint32_t not_found_max; /* answers that make an order LOST: [1, 100] */
    uint32_t reserved;      /* zero */
    trd_ns reply_ns;        /* a request unanswered for so long is queried: [1, 2^60] */
    trd_ns query_ns;        /* a query unanswered for so long is repeated: [1, 2^60] */
    trd_ns settle_ns;       /* a position that moved within it is not compared: [0, 2^60] */
    uint64_t hash_seed;     /* seed of the id map: choose a secret one if ids come from strangers */
    trd_mem mem;            /* for trd_tracker_create */
} trd_tracker_def;

/* trd_tracker_def_default: 65,536 orders, as many requests, 262,144 fills, 4,096 positions, 64
 * accounts, three times not found, reply after 2 s, query again after 1 s, settled after 1 s. */
static inline trd_tracker_def trd_tracker_def_default(void) {
    trd_tracker_def def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    def.orders_max = 1 << 16;
    def.requests_max = 1 << 16;
    def.fills_max = 1 << 18;
    def.positions_max = 4096;
    def.accounts_max = 64;
    def.not_found_max = 3;
    def.reply_ns = 2000000000;
    def.query_ns = 1000000000;
    def.settle_ns = 1000000000;
    return def;
}

enum { TRD_TRACKER_ALIGN = 64 };

/* Life cycle. footprint returns the bytes a tracker needs, 0 if `def` is invalid. init makes one in
 * `mem`, which stays the caller's (footprint bytes at TRD_TRACKER_ALIGN), NULL if def is invalid or
 * mem misaligned; every byte is touched, so that no later call meets a page fault. create does both
 * through def->mem, NULL if def is invalid or there is no memory; destroy takes NULL, and is for
 * what create made. reset makes it as new; handles from before it never name an order after it.
 * O(capacity).
 *
 * What is remembered is bounded. When room is needed the order that ended first is forgotten, the
 * request that was settled first, the oldest trade id. What a venue repeats after that cannot be
 * told from news: a fill would count again, an order be adopted as external. Size the windows so
 * that they reach further back than the venue repeats (a day's orders and fills, typically). */
TRD_API size_t trd_tracker_footprint(const trd_tracker_def *def);
TRD_API trd_tracker *trd_tracker_init(void *mem, const trd_tracker_def *def);
TRD_API trd_tracker *trd_tracker_create(const trd_tracker_def *def);
TRD_API void trd_tracker_destroy(trd_tracker *tracker);
TRD_API void trd_tracker_reset(trd_tracker *tracker);

/* trd_tracker_request enters what the application is about to send, and writes the outcome. Returns
 *   TRD_OK         entered: SUBMIT made an order in PENDING_NEW, CANCEL and REPLACE are pending;
 *   TRD_E_ARG      the record breaks a range or a rule of its fields;
 *   TRD_E_EXISTS   the client id names an order or a request that is remembered;
 *   TRD_E_UNKNOWN  the target is no open order of this venue and account (a filled one takes a
 *                  REPLACE to more than is executed): do not send it;
 *   TRD_E_FULL     no room for an order, a request (65,535 of a kind and order at most), a
 *                  position, an account.
 * After a failure tracker and *out are as before. A CANCEL or REPLACE of an order with others
 * pending is fine, in any number. O(1). */
TRD_API int trd_tracker_request(trd_tracker *tracker, const trd_request *request, trd_outcome *out);

/* trd_tracker_report enters what a venue says, and writes the outcome. Returns
 *   TRD_OK       entered, also if nothing came of it: see the outcome's flags;
 *   TRD_E_ARG    the record breaks a range or a rule of its fields;
 *   TRD_E_RANGE  a sum of quantities would not fit: |position| or cum above 2^61;
 *   TRD_E_FULL   an order is to be adopted, and there is no room for it, its position or account.
 * After a failure tracker and *out are as before.
 *
 * The order is the one of client_id, else of orig_id, else of venue_id; for a bust or a correction
 * the one of the fill, if that is known. Orders that the tracker does not know are adopted
 * (EXTERNAL) by reports that show them open or executing and say an id, side and instrument, and
 * their terms (not needed of a FILL: the total is then what is executed): liquidations,
 * auto-deleveraging, orders of a former life. An order that became known by the venue's id alone,
 * before the reply that connects it to a client id, is merged when that reply comes.
 *
 * A reply is to the request of client_id; without that to the oldest request of its kind that was
 * sent without an id, else to the oldest pending one. Accepting a replace settles those before it.
 * O(1); O(requests of the order) for replies; O(fills_max) for the merge. */
TRD_API int trd_tracker_report(trd_tracker *tracker, const trd_report *report, trd_outcome *out);

/* trd_tracker_poll moves time on to `now` (the highest time seen counts) and writes the next order
 * that should be asked for. Returns 1 with *out, 0 if there is nothing to ask. Call until 0, after
 * inputs or at trd_tracker_deadline. Asked for is
 *   - an order with a request that is unanswered for reply_ns, again every query_ns;
 *   - an order with lots without fills for reply_ns, once per gap: ask for its fills as well;
 *   - an order that is missing in a snapshot, or that a reply calls unknown: at once, again every
 *     query_ns until something is heard of it;
 *   - an order that was LOST and has executed: at once.
 * The answer is a STATUS or a NOT_FOUND, with channel QUERY. not_found_max NOT_FOUND in a row, one
 * for each QUERY at most, make an open order LOST. A cancel or replace still pending after as many
 * STATUS answers was never received: it is dropped (REQUEST_LOST); a reply to it still counts.
 * O(log orders) per outcome. */
TRD_API int trd_tracker_poll(trd_tracker *tracker, trd_ns now, trd_outcome *out);

/* trd_tracker_deadline stores when trd_tracker_poll may have something to say, at the latest: a
 * time at or before the next timer. Returns 1, or 0 if no timer is set. O(1). */
TRD_API int trd_tracker_deadline(const trd_tracker *tracker, trd_ns *deadline);

/* (venue, account): one login at one venue. */
typedef struct trd_account_key {
    uint32_t venue;
    uint32_t account;
} trd_account_key;

/* A list of all open orders of an account, as the venue has them: begin, a STATUS report for each,
 * end. `asked` is the time at which the list was asked for: orders that were sent, or heard of, at
 * or after it are not missed. end returns how many open orders were not in the list: each will come
 * out of trd_tracker_poll, as MISSING. Nothing else is concluded from their absence. begin returns
 * TRD_OK, TRD_E_BUSY inside of a snapshot; end TRD_E_ARG outside. O(open orders). */
TRD_API int trd_tracker_snapshot_begin(
    trd_tracker *tracker, const trd_account_key *account, trd_ns asked);
TRD_API int trd_tracker_snapshot_end(trd_tracker *tracker);

/* trd_tracker_reconcile compares the venue's position with ours. If they differ ours takes the
 * venue's value, and the outcome has the difference in position_delta, flag MISMATCH: one outcome
 * per mismatch, because the next such report agrees. If our position moved within settle_ns before
 * the report nothing is done (UNSETTLED): ask again later. No order is made or changed. Returns
 * TRD_OK, TRD_E_ARG, TRD_E_FULL if there is no room for a position that is not 0, TRD_E_RANGE if
 * all differences so far add up to more than 2^61. O(1). */
TRD_API int trd_tracker_reconcile(
    trd_tracker *tracker, const trd_position_report *report, trd_outcome *out);

/* Flags of trd_tracked. */
enum {
    TRD_TRACKED_HAS_CLIENT_ID = 1,
    TRD_TRACKED_EXTERNAL = 2,   /* adopted */
    TRD_TRACKED_OVERFILLED = 4, /* more was executed than was ever ordered */
    TRD_TRACKED_ASKED = 8,      /* a QUERY is unanswered */
    TRD_TRACKED_OPEN = 16
};

/* One order, copied out. */
typedef struct trd_tracked {
    trd_order order;
    uint64_t client_id; /* in force */
    uint64_t tag;
    trd_px px;       /* in force */
    trd_qty qty;     /* in force */
    trd_qty cum;     /* executed */
    trd_qty leaves;  /* open */
    trd_qty unnamed; /* lots in cum without a fill; below 0: fills that the venue does not count */
    uint32_t venue;
    uint32_t account;
    uint32_t instrument;
    uint16_t cancels;  /* pending requests */
    uint16_t replaces; /* pending requests */
    uint8_t state;     /* TRD_STATE_* */
    uint8_t side;
    uint8_t not_found; /* answers of NOT_FOUND in a row */
    uint8_t reserved;
    uint32_t flags; /* TRD_TRACKED_* */
    trd_name venue_id;
} trd_tracked;

/* The position of an account in an instrument, copied out. */
typedef struct trd_tracked_position {
    trd_qty qty;      /* signed */
    trd_qty adjusted; /* of it by trd_tracker_reconcile, not by fills */
    trd_ns moved;     /* when it last changed */
    uint32_t venue;
    uint32_t account;
    uint32_t instrument;
    uint32_t reserved;
} trd_tracked_position;

TRD_STATIC_ASSERT(sizeof(trd_tracked) == 128, "two slots");
TRD_STATIC_ASSERT(sizeof(trd_tracked_position) == 40, "no padding");

typedef struct trd_order_key {
    uint64_t client_id;
    uint32_t venue;
    uint32_t account;
} trd_order_key;

typedef struct trd_position_key {
    uint32_t venue;
    uint32_t account;
    uint32_t instrument;
} trd_position_key;

/* Queries: change nothing, O(1).
 * find, find_venue_id: the order that a client id (its own, of its chain, of a request) or the
 * venue's id names, 0 if there is none. order: TRD_OK, or TRD_E_UNKNOWN for a handle that is not
 * remembered. next_open: the open order that became open after `order`, the first for 0; 0 at the
 * end, and for an order that is not open. position_of: TRD_OK, or TRD_E_UNKNOWN. position_at: the
 * index-th position, in the order of their making; TRD_OK, or TRD_E_UNKNOWN behind the last. */
TRD_API trd_order trd_tracker_find(const trd_tracker *tracker, const trd_order_key *key);
TRD_API trd_order trd_tracker_find_venue_id(
    const trd_tracker *tracker, const trd_account_key *account, const trd_name *venue_id);
TRD_API int trd_tracker_order(const trd_tracker *tracker, trd_order order, trd_tracked *out);
TRD_API trd_order trd_tracker_next_open(const trd_tracker *tracker, trd_order order);
TRD_API int trd_tracker_position_of(
    const trd_tracker *tracker, const trd_position_key *key, trd_tracked_position *out);
TRD_API int trd_tracker_position_at(
    const trd_tracker *tracker, uint32_t index, trd_tracked_position *out);

typedef struct trd_tracker_stats {
    uint64_t requests;         /* entered */
    uint64_t reports;          /* entered */
    uint64_t duplicates;       /* outcomes with DUPLICATE */
    uint64_t stale;            /* with STALE */
    uint64_t late_fills;       /* fills of orders that had ended */
    uint64_t overfills;        /* outcomes with OVERFILL */
    uint64_t unknown;          /* with UNKNOWN_ORDER */
    uint64_t adopted;          /* external orders */
    uint64_t queries;          /* QUERY outcomes */
    uint64_t lost;             /* orders that became LOST */
    uint64_t mismatches;       /* POSITION outcomes with MISMATCH */
    uint64_t orders_forgotten; /* ended ones, for want of room */
    uint64_t requests_forgotten;
    uint64_t fills_forgotten;
    uint64_t time_steps_back; /* inputs with a time before the tracker's */
    uint32_t orders_open;
    uint32_t orders_ended; /* remembered */
    uint32_t requests_pending;
    uint32_t positions;
} trd_tracker_stats;

TRD_API void trd_tracker_stats_get(const trd_tracker *tracker, trd_tracker_stats *out);

/* trd_tracker_audit walks everything and checks every invariant: of orders, requests, fills, sums
 * of positions, lists, timers, the id map. Returns TRD_OK, or the line of lib/oms where the first
 * broken one was seen, negated. For tests; O(capacity). */
TRD_API int trd_tracker_audit(const trd_tracker *tracker);

TRD_END_DECLS

#endif
