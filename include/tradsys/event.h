/* event.h - the records that come out. One stride with the commands: 64-byte slots, kind at
 * byte 16.
 *
 * Events are numbered: `seq` rises by one per record, from 1, without gaps. An extension slot
 * carries the seq of its base. The stream is a function of the commands alone: it does not depend
 * on how much room the output had, nor on hash seeds, compilers or machines.
 *
 * Order of the events of one command (what is in brackets only if it is published):
 *
 *   NEW      REJECTED, or
 *            ACCEPTED; per execution: FILL taker, FILL maker, [ORDER maker], [TAPE];
 *            after the last execution at a price: [LEVEL]; then, if quantity is left:
 *            rests: [ORDER], [LEVEL] - or ends: CANCELED
 *   CANCEL   CANCEL_REJECTED, or CANCELED, [ORDER], [LEVEL]
 *   REDUCE   CANCEL_REJECTED, or REPLACED (CANCELED if nothing is left), [ORDER], [LEVEL]
 *   REPLACE  REPLACE_REJECTED, or REPLACED; then, if it keeps its place: [ORDER], [LEVEL] -
 *            or leaves the old level: [ORDER], [LEVEL], and goes on like a NEW that was accepted
 *
 * That is all for plain orders. What a command causes further follows it in the same way, one
 * transaction after the other: refreshed peaks, all-or-none, pegs, elected orders (TRIGGERED, then
 * as a NEW that was accepted), in the order of docs/reference/special-orders.md, "Transactions".
 * Session changes and the uncross are in docs/reference/sessions.md, commands about many orders in
 * docs/reference/groups.md. Timers that are due run before the command, at their own time.
 *
 * The trade id of an execution is the seq of the taker's FILL; the maker's FILL has the next seq.
 * In an uncross the buyer's FILL stands first.
 */
#ifndef TRADSYS_EVENT_H
#define TRADSYS_EVENT_H

#include <tradsys/base.h>

TRD_BEGIN_DECLS

#ifndef SWIG
enum trd_event_kind {
    TRD_EVENT_NONE = 0, /* padding at the end of a ring: skip `slots` slots */
#define TRD_EVENT_ROW(name, number, text) TRD_EVENT_##name = number,
#include <tradsys/event.def>
};

enum trd_reject {
    TRD_REJECT_NONE = 0,
#define TRD_REJECT_ROW(name, number, text) TRD_REJECT_##name = number,
#include <tradsys/reject.def>
};

enum trd_cause {
    TRD_CAUSE_NONE = 0,
#define TRD_CAUSE_ROW(name, number, text) TRD_CAUSE_##name = number,
#include <tradsys/cause.def>
};
#endif

/* `status`: the order's state after the event. */
enum {
    TRD_STATUS_NONE = 0, /* the event concerns no live or ended order */
    TRD_STATUS_NEW = 1,
    TRD_STATUS_PARTIALLY_FILLED = 2,
    TRD_STATUS_FILLED = 3,
    TRD_STATUS_CANCELED = 4,
    TRD_STATUS_REJECTED = 5,
    TRD_STATUS_EXPIRED = 6,
    TRD_STATUS_SUSPENDED = 7
};

/* `liquidity` of a FILL. */
enum {
    TRD_LIQUIDITY_NONE = 0,
    TRD_LIQUIDITY_MAKER = 1,
    TRD_LIQUIDITY_TAKER = 2,
    TRD_LIQUIDITY_AUCTION = 3
};

/* `status` of a public ORDER event: what happened to the displayed order. */
enum {
    TRD_ORDER_ADDED = 1,    /* new at the back of its level with qty */
    TRD_ORDER_EXECUTED = 2, /* traded at its price; qty is what is left, 0 is gone */
    TRD_ORDER_REDUCED = 3,  /* place kept; qty is what is left */
    TRD_ORDER_DELETED = 4   /* gone, qty is 0 */
};

/* Event flags. */
enum {
    TRD_EVENT_PLACE_KEPT = 1, /* REPLACED: the order keeps its place in the queue. ORDER ADDED: it
                                 stands where it stood before (a peak that refreshes in place) */
    TRD_EVENT_DRY_RUN = 2     /* the verdict of a dry run: nothing happened */
};

/* ACCEPTED, REJECTED, CANCEL_REJECTED, REPLACE_REJECTED, REPLACED; all zero in COMMAND_REJECTED,
 * but for the reference of a TRANSFER. Which value stands where in a rejection:
 * docs/reference/matching.md. */
typedef struct trd_ev_order {
    uint64_t client_id; /* REPLACED: the one that is valid from now on. COMMAND_REJECTED of a
                           TRANSFER: its reference */
    trd_order order;    /* handle; 0 when no order is concerned */
    trd_px px;          /* limit; 0 for orders without one, and in rejections as in the command */
    trd_qty qty;        /* total, executed lots included; in rejections as in the command */
} trd_ev_order;

/* FILL. Side, liquidity and status are in the head. */
typedef struct trd_ev_fill {
    trd_order order;
    trd_px px;      /* price of the execution: the maker's */
    trd_qty qty;    /* lots executed */
    trd_qty leaves; /* lots still open after it */
} trd_ev_fill;

/* CANCELED. `reason` is a TRD_CAUSE_*. */
typedef struct trd_ev_cancel {
    uint64_t client_id;
    trd_order order;
    trd_qty qty; /* lots that were open and are not any more */
    trd_qty cum; /* lots executed in the order's life */
} trd_ev_cancel;

/* TRIGGERED. `reason` is the TRD_SOURCE_* of the trigger. */
typedef struct trd_ev_trigger {
    uint64_t client_id;
    trd_order order;
    trd_px trigger;   /* as it stood; of a trailing order where it was when it was touched */
    trd_px reference; /* the price that touched it */
} trd_ev_trigger;

/* PREVENTED: lots of one order that self-trade prevention took away. `reason` is the taker's
 * TRD_STP_* mode. */
typedef struct trd_ev_prevent {
    trd_order order;
    trd_order contra; /* the order that it would have traded with */
    trd_qty qty;      /* lots taken away */
    trd_qty leaves;   /* lots still open */
} trd_ev_prevent;

/* RESTATED: the engine changed an order by itself. `reason` is a TRD_RESTATE_*. */
typedef struct trd_ev_restate {
    trd_order order;
    trd_px px;         /* limit after it; 0 while the order has none */
    trd_qty displayed; /* lots shown after it */
    trd_qty leaves;    /* lots open after it */
} trd_ev_restate;

enum {
    TRD_RESTATE_PEAK = 1,   /* iceberg: a new peak */
    TRD_RESTATE_CUT = 2,    /* reduce-only: cut to the position */
    TRD_RESTATE_PEG = 3,    /* pegged: a new price, or none */
    TRD_RESTATE_SLIDE = 4,  /* post-only: priced behind the opposite side */
    TRD_RESTATE_LINKED = 5, /* linked: sized after another leg */
    TRD_RESTATE_CORPORATE = 6
};

/* SESSION: an instrument is in another state. */
typedef struct trd_ev_session {
    uint8_t state;  /* TRD_SESSION_*, from now on */
    uint8_t former; /* until now */
    uint8_t cause;  /* TRD_SESSION_BY_* */
    uint8_t reserved[5];
    trd_ns until; /* planned end, a random part included; 0: none */
    uint64_t reserved1[2];
} trd_ev_session;

enum {
    TRD_SESSION_BY_COMMAND = 1,
    TRD_SESSION_BY_TIME = 2,    /* the planned end of the former state */
    TRD_SESSION_BY_BREAKER = 3, /* circuit breaker */
    TRD_SESSION_BY_LIMIT = 4,   /* too long at the price band */
    TRD_SESSION_BY_CASCADE = 5  /* more elections by one command than are allowed */
};

/* AUCTION: indicative (public, on request) or final (always written). */
typedef struct trd_ev_auction {
    trd_px px;         /* 0 unless priced */
    trd_qty volume;    /* lots that trade at it */
    trd_qty imbalance; /* buy minus sell quantity that could trade at px; > 0: buyers are left */
    uint8_t final;     /* 1: the auction is over and was uncrossed at px */
    uint8_t priced;    /* 1: there is a price */
    uint8_t reserved[6];
} trd_ev_auction;

/* LEVEL: the price level after the change; qty and count 0 when it is gone. */
typedef struct trd_ev_level {
    trd_px px;
    trd_qty qty;    /* displayed lots at this price and side */
    uint32_t count; /* displayed orders */
    uint32_t reserved0;
    uint64_t reserved;
} trd_ev_level;

/* ORDER: one displayed order after the change; `status` is a TRD_ORDER_*. */
typedef struct trd_ev_public {
    trd_order order; /* public name of the order: its handle */
    trd_px px;
    trd_qty qty;     /* displayed lots left */
    trd_qty changed; /* lots added, executed, taken off */
} trd_ev_public;

/* TAPE: one execution, anonymous. `side` is the taker's. */
typedef struct trd_ev_tape {
    trd_px px;
    trd_qty qty;
    uint64_t trade; /* seq of the taker's FILL */
    uint64_t reserved;
} trd_ev_tape;

/* LEDGER: one end of a movement of money; docs/reference/accounts.md says which follow which. */
typedef struct trd_ev_ledger {
    trd_amt amount;     /* signed, as the account sees it */
    trd_amt balance;    /* after it; of TRD_ACCOUNT_VENUE and above modulo 2^64 */
    uint64_t reference; /* of what caused it; 0: none */
    uint32_t asset;
    uint16_t entry; /* TRD_LEDGER_* */
    uint16_t part;  /* of a fee: TRD_LEDGER_PART_*; else 0 */
} trd_ev_ledger;

enum {
    TRD_LEDGER_PRINCIPAL = 1,
    TRD_LEDGER_FEE = 2,
    TRD_LEDGER_REBATE = 3,
    TRD_LEDGER_FUNDING = 4,
    TRD_LEDGER_TRANSFER = 5,
    TRD_LEDGER_LOCK = 6,
    TRD_LEDGER_RELEASE = 7,
    TRD_LEDGER_ROUNDING = 8,
    TRD_LEDGER_SETTLEMENT = 9,
    TRD_LEDGER_INSURANCE = 10,
    TRD_LEDGER_REALISED = 11,
    TRD_LEDGER_TAX = 12,
    TRD_LEDGER_INTEREST = 13,
    TRD_LEDGER_LOAN = 14,
    TRD_LEDGER_CORPORATE = 15,
    TRD_LEDGER_DELIVERY = 16
};

/* The fee of a fill that closes a position and opens the other one is said in two parts. */
enum { TRD_LEDGER_PART_WHOLE = 0, TRD_LEDGER_PART_CLOSING = 1, TRD_LEDGER_PART_OPENING = 2 };

/* POSITION: a position after its quantity, cost or realised profit changed. */
typedef struct trd_ev_position {
    trd_qty qty;      /* signed */
    trd_amt cost;     /* of the open quantity */
    trd_amt realised; /* since the beginning, before fees */
    uint8_t position; /* TRD_POSITION_* */
    uint8_t reserved[7];
} trd_ev_position;

/* MARGIN: a unit (monitor.h) is at another level, or one position loses more than was set, or does
 * no longer. `reason` is a TRD_CHANGE_*, `status` the level from now on, TRD_MARGIN_* (ALERT: 1
 * begins, 0 ends). `instrument` of the head is that of the position; 0 for a pool or an account. */
typedef struct trd_ev_margin {
    trd_amt equity;      /* of the unit; ALERT: unrealised profit of the position */
    trd_amt maintenance; /* of the unit; ALERT: |cost| of the position */
    trd_px mark;         /* of the position; 0 for a pool or an account */
    uint32_t asset;      /* of the unit */
    uint8_t former;      /* level until now */
    uint8_t position;    /* TRD_POSITION_* */
    uint8_t unit;        /* TRD_UNIT_* */
    uint8_t reserved;
} trd_ev_margin;

/* LIQUIDATION: a step of it. `reason` is a TRD_STEP_*; `instrument` and `side` of the head are
 * those of the lots that are closed, 0 where no position is concerned.
 * docs/reference/monitoring.md. */
typedef struct trd_ev_liquidation {
    trd_qty qty;     /* lots to be closed; of WAIT those that are left */
    trd_px px;       /* limit of REDUCE; price of TAKEOVER and DELEVERAGE */
    trd_amt amount;  /* FEE, INSURED: money */
    uint32_t contra; /* TAKEOVER, DELEVERAGE: the account that has the lots then; FEE, INSURED: that
                        of the fund */
    uint8_t position; /* TRD_POSITION_* of the account that is liquidated */
    uint8_t unit;     /* TRD_UNIT_* */
    uint16_t asset;   /* of the unit; FEE, INSURED: of the amount */
} trd_ev_liquidation;

enum {
    TRD_STEP_CANCEL = 1,     /* it begins: the open orders of the unit are canceled */
    TRD_STEP_REDUCE = 2,     /* an order of the engine closes lots */
    TRD_STEP_FEE = 3,        /* the fund gets the fee on what was closed */
    TRD_STEP_TAKEOVER = 4,   /* the insurance fund takes the lots over */
    TRD_STEP_DELEVERAGE = 5, /* another account gives lots up */
    TRD_STEP_INSURED = 6,    /* the fund pays what is missing */
    TRD_STEP_WAIT = 7,       /* it cannot go on now */
    TRD_STEP_DONE = 8        /* the unit has its maintenance again, or no position any more */
};

/* DECISION: why a command, or an order that the engine releases, may act or not. `reason` of the
 * head is a TRD_REJECT_*, 0: it may. Of an order that was judged the numbers are those of
 * trd_verdict (risk.h), and the DECISION extension follows; of another command they are 0. */
typedef struct trd_ev_decision {
    int64_t measured;
    int64_t limit;
    trd_amt need;    /* what it would lock */
    uint32_t actor;  /* who sent it; of a release, who entered the order */
    uint8_t scope;   /* TRD_LIMIT_FIRM .. PARENT of the limit that failed; 0: of none */
    uint8_t ask;     /* TRD_ASK_* of an order; 0: another command */
    uint8_t marks;   /* TRD_DECISION_* bits */
    uint8_t command; /* TRD_COMMAND_* in work; of a release the one that elected it */
} trd_ev_decision;

enum {
    TRD_DECISION_REDUCING = 1, /* it cannot increase the position */
    TRD_DECISION_OVERRIDE = 2, /* an override was asked for */
    TRD_DECISION_VALUED = 4    /* its value is known */
};

/* The base slot of every event. Public events (LEVEL, ORDER, TAPE, SESSION, AUCTION) have
 * account 0. */
typedef struct trd_event {
    uint64_t seq;
    trd_ns time;    /* engine time */
    uint8_t kind;   /* TRD_EVENT_* */
    uint8_t slots;  /* of the record, this one included */
    uint16_t flags; /* TRD_EVENT_* flag bits */
    uint32_t instrument;
    uint32_t account;
    uint8_t side;      /* TRD_BUY, TRD_SELL; 0 where the event has none */
    uint8_t liquidity; /* FILL; in *_REJECTED the kind of the command */
    uint8_t status;    /* TRD_STATUS_*, in ORDER TRD_ORDER_* */
    uint8_t reason;    /* *_REJECTED: TRD_REJECT_*; CANCELED: TRD_CAUSE_* */
    union {
        trd_ev_order order;
        trd_ev_fill fill;
        trd_ev_cancel cancel;
        trd_ev_trigger trigger;
        trd_ev_prevent prevent;
        trd_ev_restate restate;
        trd_ev_session session;
        trd_ev_auction auction;
        trd_ev_level level;
        trd_ev_public displayed;
        trd_ev_tape tape;
        trd_ev_ledger ledger;
        trd_ev_position position;
        trd_ev_margin margin;
        trd_ev_liquidation liquidation;
        trd_ev_decision decision;
        uint8_t body[32];
    } u;
} trd_event;

/* EXEC extension of a FILL. */
typedef struct trd_ext_exec {
    uint64_t seq;       /* of the FILL */
    uint64_t client_id; /* of the order */
    uint8_t kind;       /* TRD_EXT_EXEC */
    uint8_t slots;      /* zero: not a base */
    uint16_t flags;
    uint32_t contra_account;
    trd_qty cum;          /* lots executed in the order's life, this fill included */
    trd_qty prevented;    /* lots taken away by self-trade prevention */
    trd_order contra;     /* the other order */
    uint64_t command_seq; /* of the command that caused the fill */
    uint64_t tag;         /* ORDER_LINK.tag of the order */
} trd_ext_exec;

/* DECISION extension: more of the verdict on an order. */
typedef struct trd_ext_decision {
    uint64_t seq;       /* of the DECISION */
    uint64_t client_id; /* of the order; REPLACE: the target */
    uint8_t kind;       /* TRD_EXT_DECISION */
    uint8_t slots;      /* zero: not a base */
    uint16_t flags;
    uint32_t asset;       /* of need and free */
    trd_amt value;        /* of the order at its worst price, valuation asset; 0 unless VALUED */
    trd_amt free_before;  /* free balance */
    trd_amt free_after;   /* if it were locked now */
    trd_order order;      /* of AMEND and RELEASE; NEW: 0 */
    uint64_t command_seq; /* of the command */
} trd_ext_decision;

TRD_STATIC_ASSERT(sizeof(trd_ev_order) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_fill) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_cancel) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_trigger) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_prevent) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_restate) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_session) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_auction) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_level) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_public) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_tape) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_ledger) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_position) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_margin) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_liquidation) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_ev_decision) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_event) == 64, "one slot");
TRD_STATIC_ASSERT(sizeof(trd_ext_exec) == 64, "one slot");
TRD_STATIC_ASSERT(sizeof(trd_ext_decision) == 64, "one slot");

/* A bounded output that calls append to: events[count .. capacity). A record is never split: when
 * the next unit of work might not fit, the call stops before it and returns TRD_MORE. */
typedef struct trd_out {
    trd_event *events; /* the caller's, 64-byte slots, 8-byte aligned at least */
    uint32_t capacity; /* slots */
    uint32_t count;    /* slots used */
} trd_out;

/* Room that every unit of work needs at most: an output with less than this free cannot be used. */
enum { TRD_OUT_MIN = 8 };

/* Names, for logs and tools: static text, "?" for numbers that are not listed. */
TRD_API const char *trd_event_text(unsigned kind);
TRD_API const char *trd_reject_text(unsigned reason);        /* name, e.g. "POST_ONLY" */
TRD_API const char *trd_reject_description(unsigned reason); /* sentence from reject.def */
TRD_API const char *trd_cause_text(unsigned cause);

TRD_END_DECLS

#endif
