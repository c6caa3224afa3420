/* state.h - the block of a trd_engine: its own state, and behind it matcher, accounts, risk and
 * monitor, each in its part of the block.
 *
 *   engine.c      life cycle, the stages of a command
 *   judge.c       who may do what, which orders may act
 *   legs.c        linked orders
 *   quote.c       quotes
 *   money.c       what the matcher's events mean for the money
 *   admin.c       commands about accounts, money and limits
 *   books.c       days, rates, interest, expiry: commands about the books of all
 *   split.c       splits, and what they make of orders
 *   watch.c       who is at another level, who is to be liquidated
 *   liquidate.c   one liquidation: its steps in their order
 *   unwind.c      what a step does to position and money
 *   rank.c        positions by rank
 *   trail.c       the running hash of the events
 *   image.c       the block as bytes: what of it is state
 *   snapshot.c    the image as a stream, and back
 *   export.c      what people ask for first, as text
 *   rows.c        the block as rows of typed fields
 *   text.c        all of the state as text; text_read.c, text_made.c, text_check.c: and back */
#ifndef TRD_ENGINE_STATE_H
#define TRD_ENGINE_STATE_H

#include <tradsys/engine.h>

#include "acct/hold.h"
#include "acct/state.h"
#include "core/assert.h"
#include "core/compiler.h"
#include "match/corporate.h"
#include "match/special.h"
#include "match/state.h"
#include "risk/state.h"

/* Flags of commands that end here: the matcher takes neither. */
enum { TRD__ENGINE_FLAGS = TRD_COMMAND_OVERRIDE | TRD_COMMAND_DRY_RUN };

/* What the command in work needs next. */
enum trd_engine_stage {
    TRD_ENGINE_IDLE = 0,
    TRD_ENGINE_TIMERS,  /* timers that are due before it */
    TRD_ENGINE_COMMAND, /* it has not begun */
    TRD_ENGINE_MATCH,   /* the matcher is at it */
    TRD_ENGINE_MONEY,   /* the accounts are at it */
    TRD_ENGINE_BOOKS,   /* an expiry or a split: orders, then money, or more */
    TRD_ENGINE_WATCH,   /* it is through: who is at another level? */
    TRD_ENGINE_LIQUIDATE
};

/* What the next unit of work of an expiry or a split does. */
enum trd_books_phase {
    TRD_PHASE_IDLE = 0,
    TRD_PHASE_END_ORDERS, /* expiry: the orders of the instrument end */
    TRD_PHASE_EXPIRE,     /* expiry: its positions end */
    TRD_PHASE_PARK,       /* split: what is held becomes free */
    TRD_PHASE_SPLIT,      /* split: balances and positions */
    TRD_PHASE_GO_ON,      /* the accounts go on with what they have begun */
    TRD_PHASE_ORDERS,     /* split: orders */
    TRD_PHASE_FOLLOW,     /* what follows from the accounts */
    TRD_PHASE_SETTLE      /* split: the market settles */
};

/* An expiry or a split in work; its terms are those of the command. */
typedef struct trd_books {
    uint32_t phase;
    uint32_t after;       /* phase behind GO_ON */
    trd_px px;            /* split: the mark before it */
    trd_walk walk;        /* split: orders whose hold becomes free */
    trd_split_walk split; /* split: orders that get new terms */
} trd_books;

/* Orders of the engine: the last 2^32 client ids are theirs, and an actor that is nobody. */
#define TRD__ENGINE_IDS (UINT64_MAX - UINT32_MAX)
#define TRD__ENGINE_ACTOR UINT32_MAX

/* What the next unit of work of a liquidation does. */
enum trd_liq_phase {
    TRD_LIQ_BEGIN = 0,
    TRD_LIQ_CANCEL,     /* looks for an instrument with open orders */
    TRD_LIQ_CANCELING,  /* they end */
    TRD_LIQ_CHOOSE,     /* looks for the next position to be reduced */
    TRD_LIQ_REDUCE,     /* says what order closes how much of it */
    TRD_LIQ_REDUCING,   /* the order executes */
    TRD_LIQ_CHARGE,     /* the fee on what it closed */
    TRD_LIQ_TAKEOVER,   /* the fund, or nobody, takes the next position over */
    TRD_LIQ_TAKEN,      /* orders that reduced are cut */
    TRD_LIQ_DELEVERAGE, /* the next account gives lots up */
    TRD_LIQ_DELEVERAGED,
    TRD_LIQ_WAIT,
    TRD_LIQ_INSURE, /* of an account: the next asset */
    TRD_LIQ_OVER
};

/* The liquidation in work. */
typedef struct trd_liq {
    trd_unit unit;
    trd_margin_state state; /* of the unit, at the last check */
    trd_order order;        /* of the engine, while it lives; 0: none */
    trd_px px;              /* limit of the order; price of the takeover */
    trd_qty lots;           /* of the order */
    trd_qty qty;            /* these four: of the position before lots were closed */
    trd_amt cost;
    trd_amt realised;
    trd_amt collateral;
    uint32_t phase;
    uint32_t entry;      /* the position in work */
    uint32_t passed;     /* the first that could not be reduced now; 0: none */
    uint32_t instrument; /* in which orders are looked for next */
    uint32_t sent;       /* orders for this position */
    uint32_t ids;        /* orders ever */
    uint32_t ranked;     /* items in the heap */
    uint32_t purse;      /* that is insured next; 0: none */
    uint8_t level;       /* that was told last */
    uint8_t told;        /* 1: a step was */
    uint8_t reserved[2];
} trd_liq;

/* An item of the heap: the highest key first, of equal ones the lowest tie. */
typedef struct trd_rank {
    int64_t key;
    uint32_t tie;
    uint32_t entry;
} trd_rank;

_Static_assert(sizeof(trd_rank) == 16, "no padding");

/* A leg of a group as it was judged; an ask without lots was none. */
typedef struct trd_engine_leg {
    uint64_t seq; /* of its record */
    uint64_t client_id;
    uint32_t actor;
    uint32_t reserved;
    trd_ask ask;
    trd_verdict verdict;
    trd_acct_grant grant;
} trd_engine_leg;

/* The running hash of the events. */
typedef struct trd_past {
    uint64_t slots;
    uint64_t hash;
    uint64_t due; /* slots from which on the end of a command makes the next checkpoint */
    uint64_t checkpoints;
    trd_checkpoint last[TRD_CHECKPOINTS]; /* number n is at n % TRD_CHECKPOINTS */
} trd_past;

struct trd_engine {
    uint64_t match_at; /* offsets from the block's own address */
    uint64_t accounts_at;
    uint64_t risk_at;
    uint64_t monitor_at; /* 0: nobody is monitored */
    uint64_t ranks_at;   /* 0: nobody is liquidated */
    uint64_t links_at;   /* 0: there are no linked orders */
    size_t size;
    uint64_t seq;       /* of the command executed last, or in work */
    uint32_t decisions; /* 1: DECISION events are written */
    uint32_t trail;     /* 1: the hash of all events is kept */
    uint32_t regrouped; /* 1: arrays or pairs were set since accounts were looked at */
    uint32_t reserved;
    trd_mem mem;

    /* The command in work. From here to `terms` nothing is read any more when it is through, and
     * nothing of it belongs to the state (image.c). */
    uint32_t stage;
    uint32_t begun;         /* 1: the matcher has the command, or the timer */
    uint32_t slots;         /* of the command */
    uint32_t judged;        /* 1: `ask` and `verdict` are of the order in the command */
    uint32_t by_market;     /* 1: the reason is one that the matcher gives itself */
    uint32_t entrant_known; /* 1: `entrant` is what the matcher found of the order in the command */
    trd_entrant entrant;
    trd_ask ask;
    trd_verdict verdict;
    trd_acct_grant grant; /* of the verdict, if it passes */
    trd_vetted vetted;
    trd_command command[TRD_SLOTS_MAX];
    trd_engine_leg leg[TRD_LEGS_MAX];
    uint32_t legs; /* that were judged for the command in work; 0: it is not the last of a group */
    uint32_t guilty;  /* the one that its reason is of, from 0 */
    uint32_t own_leg; /* the one that is the command in work */
    uint32_t sides;   /* of the QUOTE in work that leg[0], leg[1] tell of: bits */

    trd_liquidation terms;
    trd_liq liq; /* between two commands `ids` is read */
    trd_books books;
    trd_past past;
};

trd_inline trd_match *trd__engine_match(const trd_engine *engine) {
    return (trd_match *)(void *)((char *)(uintptr_t)engine + engine->match_at);
}

trd_inline trd_accounts *trd__engine_accounts(const trd_engine *engine) {
    return (trd_accounts *)(void *)((char *)(uintptr_t)engine + engine->accounts_at);
}

trd_inline trd_risk *trd__engine_risk(const trd_engine *engine) {
    return (trd_risk *)(void *)((char *)(uintptr_t)engine + engine->risk_at);
}

/* Engine time at the command in work, also before it has passed. */
trd_inline trd_ns trd__engine_now(const trd_engine *engine) {
    const trd_ns time = trd__engine_match(engine)->time;
    return engine->command[0].time > time ? engine->command[0].time : time;
}

/* Matcher and accounts number their events from one counter: it is lent to the accounts for what
 * they write, and taken back. */
trd_inline void trd__engine_lend(trd_engine *engine) {
    const trd_match *match = trd__engine_match(engine);
    trd_accounts *accounts = trd__engine_accounts(engine);
    accounts->time = match->time;
    accounts->seq = match->seq + 1;
}

trd_inline void trd__engine_return(trd_engine *engine) {
    trd__engine_match(engine)->seq = trd__engine_accounts(engine)->seq - 1;
}

/* decide.c: DECISION, if the definition asks for it, while the matcher has the counter. tell: of
 * the command in work, if it needs a permission; tell_order: of the NEW or REPLACE in work that was
 * judged; tell_release: of an order that the engine releases. */
void trd__engine_tell(trd_engine *engine, trd_out *out, unsigned reason);
void trd__engine_tell_order(trd_engine *engine, trd_out *out, unsigned reason);
void trd__engine_tell_leg(trd_engine *engine, trd_out *out, uint32_t at, unsigned reason);
void trd__engine_tell_quote(trd_engine *engine, trd_out *out, unsigned reason);
void trd__engine_tell_release(trd_engine *engine, trd_out *out, const trd_ask *ask,
    const trd_verdict *verdict, unsigned reason);
trd_inline trd_monitor *trd__engine_monitor(const trd_engine *engine) {
    return (trd_monitor *)(void *)((char *)(uintptr_t)engine + engine->monitor_at);
}

/* Does the engine liquidate, and does this client id name one of its orders? */
trd_inline bool trd__engine_is_own(const trd_engine *engine, uint64_t client_id) {
    return trd_unlikely(client_id >= TRD__ENGINE_IDS) && engine->ranks_at != 0;
}

/* Units of the matcher until it is through with `command`: TRD_OK, or TRD_MORE at a full output.
 * With engine->begun not 0 it has begun already, and the command is not read. */
int trd__engine_drive(trd_engine *engine, const trd_command *command, trd_out *out);

/* judge.c: counts the command, which is one that throttles count, as a message;
 * TRD_REJECT_MESSAGES if it was one too many, else 0. */
unsigned trd__engine_count(trd_engine *engine);

/* May the NEW or REPLACE in work act? `late` is what counting it said. The reason, 0 if it may:
 * ask, verdict and vetted are then what they say. */
unsigned trd__engine_judge(trd_engine *engine, unsigned late);
/* The permission that a command of this kind needs; 0: none. */
unsigned trd__engine_permission(unsigned kind);
/* Has its actor the permission that the command needs? NOT_PERMITTED, or 0. */
unsigned trd__engine_permitted(const trd_engine *engine);
/* Answers the matcher, which asks about an order that it releases. */
void trd__engine_release(trd_engine *engine, trd_out *out);

/* money.c: books what the events [from, to) of the output say; its own follow behind them. */
void trd__engine_book(trd_engine *engine, trd_out *out, uint32_t from, uint32_t to);

/* What is held for the order of `ask` is held on the terms of `verdict` from now on, which came
 * with `grant` (risk/grant.h). */
void trd__engine_hold(trd_engine *engine, trd_out *out, const trd_ask *ask,
    const trd_verdict *verdict, const trd_acct_grant *grant);

/* `qty` open lots of an order are open no more and were not executed; all that it holds. Nothing if
 * it holds nothing. */
void trd__engine_close(trd_engine *engine, trd_out *out, trd_order order, trd_qty qty);
void trd__engine_close_all(trd_engine *engine, trd_out *out, trd_order order);

/* The order that an event of the matcher tells of, 0: none. */
trd_inline trd_order trd__event_order(const trd_event *event) {
    switch (event->kind) {
    case TRD_EVENT_ACCEPTED:
    case TRD_EVENT_REPLACED:
        return event->u.order.order;
    case TRD_EVENT_FILL:
        return event->u.fill.order;
    case TRD_EVENT_CANCELED:
        return event->u.cancel.order;
    case TRD_EVENT_PREVENTED:
        return event->u.prevent.order;
    case TRD_EVENT_RESTATED:
        return event->u.restate.order;
    default:
        return 0;
    }
}

/* portfolio.c: trd_accounts_execute of an account of mode PORTFOLIO, and risk is told where its
 * positions are then; TRD_E_FULL without room for that, and nothing was done. */
int trd__engine_execute_followed(trd_engine *engine, const trd_execution *execution, trd_out *out);

/* Both sides of an execution. Sums move only where instruments have arrays, and one of the sides is
 * a portfolio. */
trd_inline int trd__engine_execute(
    trd_engine *engine, const trd_execution *execution, trd_out *out) {
    trd_accounts *accounts = trd__engine_accounts(engine);
    const bool is_summed =
        trd_unlikely(trd__engine_risk(engine)->arrays != 0) &&
        (trd__client(accounts, execution->buyer.account)->mode == TRD_MODE_PORTFOLIO ||
            trd__client(accounts, execution->seller.account)->mode == TRD_MODE_PORTFOLIO);
    return trd_likely(!is_summed) ? trd_accounts_execute(accounts, execution, out)
                                  : trd__engine_execute_followed(engine, execution, out);
}

/* trd_accounts_open; and risk follows the account if its mode asks for it. */
int trd__engine_open(trd_engine *engine, uint32_t account, const trd_account *terms);

/* The engine's own order, which holds nothing, was accepted. */
void trd__engine_hold_own(trd_engine *engine, trd_out *out, const trd_event *accepted);

/* watch.c: tells the next change of a level, or begins a liquidation: TRD_MORE; TRD_OK if there is
 * none. */
int trd__engine_watch(trd_engine *engine, trd_out *out);

/* liquidate.c: one unit of the liquidation in work: TRD_OK when it is over; TRD_MORE. */
void trd__liq_begin(trd_engine *engine, const trd_unit *unit);
int trd__liq_unit(trd_engine *engine, trd_out *out);

/* unwind.c: the position in work, the side of an order that closes lots of it. */
trd_inline trd_acct_entry *trd__liq_entry(const trd_engine *engine) {
    return trd__entry(trd__engine_accounts(engine), engine->liq.entry);
}

trd_inline unsigned trd__liq_side(const trd_acct_entry *entry) {
    return entry->qty > 0 ? TRD_SELL : TRD_BUY;
}

/* A position as margin.h takes it. The cost of an option that a pool has is no part of its equity;
 * but what stands behind it is reckoned as equity less profit, and there it cancels out. */
trd_margin_position trd__liq_position(const trd_engine *engine, const trd_acct_entry *entry);

/* Is the position one of the unit, and does it need margin? */
bool trd__liq_is_of_unit(const trd_engine *engine, const trd_acct_entry *entry);

/* LIQUIDATION: a step. Of `entry`, or of no position (NULL); lots on `side`, 0 without lots. */
trd_event *trd__liq_tell(
    trd_engine *engine, trd_out *out, unsigned step, const trd_acct_entry *entry, unsigned side);

/* remember: as the position in work is now. settle: what has been closed since then, all of it
 * for the unit: the fee if `is_charged`, then POSITION's collateral and what the fund pays. */
void trd__liq_remember(trd_engine *engine);
void trd__liq_settle(trd_engine *engine, trd_out *out, bool is_charged);

/* The fund pays what a unit without positions has below zero: a pool; of an account, this balance.
 */
void trd__liq_insure_pool(trd_engine *engine, trd_out *out);
void trd__liq_insure_asset(trd_engine *engine, trd_out *out, uint32_t purse);

/* The lots of the position that an order closes; false if none is to be found. */
bool trd__liq_cut(const trd_engine *engine, trd_qty *lots);

/* unwind_portfolio.c: the same of a PORTFOLIO: what closing all of a position takes off the
 * maintenance of its unit (INT64_MIN: unknown); the lots to close of the position in work, which is
 * `position`, 0 if it is none. */
trd_amt trd__liq_relief(const trd_engine *engine, const trd_acct_entry *entry);
trd_qty trd__liq_fewest_lots(const trd_engine *engine, const trd_margin_position *position);

/* What the value of a position of `qty` lots at its mark moves by where `closed` of them and the
 * rest are rounded apart. */
trd_wide trd__liq_parted(const trd_acct_listing *listing, trd_qty qty, trd_qty closed);

/* unwind_account.c: where a unit, whose equity is in the valuation asset if it is an ACCOUNT,
 * stands behind a position: how much closing it may cost, in its settlement asset; and the equity
 * in that asset. Else both are the equity. False if it is not known, or does not fit. */
bool trd__liq_equity_behind(const trd_engine *engine, const trd_unit *unit, trd_amt equity,
    const trd_acct_entry *entry, trd_amt *out);
bool trd__liq_equity_in(const trd_engine *engine, const trd_unit *unit, trd_amt equity,
    const trd_acct_entry *entry, trd_amt *out);

/* Of the ACCOUNT in work: what an amount >= 0 of a position is worth in the valuation asset; the
 * lots to close of the position in work; the most of a fee `due` that leaves it nothing; what the
 * fund is to pay for a balance, 0 or below: nothing. */
trd_amt trd__liq_valued(const trd_engine *engine, const trd_acct_entry *entry, trd_amt amount);
trd_qty trd__liq_fewest_valued(const trd_engine *engine, const trd_margin_position *position);
trd_wide trd__liq_fee_within(
    const trd_engine *engine, const trd_unit *unit, uint32_t asset, trd_amt equity, trd_wide due);
trd_wide trd__liq_missing_in(const trd_engine *engine, uint32_t purse);

/* The last price at which closing `position` leaves its unit, which has `equity`, at least nothing:
 * TRD_OK; TRD_E_UNKNOWN if none or all do; TRD_E_RANGE. */
int trd__liq_bankruptcy(const trd_margin_position *position, trd_amt equity, trd_px *px);

/* The price at which the position in work is taken over; false if there is none. */
bool trd__liq_takeover_px(const trd_engine *engine, trd_px *px);

/* Does the fund take the position in work over at liq.px? */
bool trd__liq_fund_takes(const trd_engine *engine);

/* `lots` of the position in work become those of another account; false if they cannot:
 * nothing was done, and nothing told. Then engine->begun says if the matcher has orders to cut. */
typedef struct trd_liq_taker {
    uint32_t account;
    uint32_t position; /* TRD_POSITION_* */
    unsigned step;     /* TRD_STEP_* */
    trd_px px;
    trd_qty lots;
} trd_liq_taker;

bool trd__liq_hand_over(trd_engine *engine, trd_out *out, const trd_liq_taker *taker);

/* trail.c: begin: nothing was written yet. follow: slots [from, out->count) were written; `ends`:
 * and the command is through. */
void trd__past_begin(trd_past *past);
void trd__past_follow(trd_engine *engine, const trd_out *out, uint32_t from, bool ends);

/* rank.c: a heap of liq.ranked items. pop: false if it is empty. */
void trd__rank_push(trd_engine *engine, const trd_rank *item);
bool trd__rank_pop(trd_engine *engine, trd_rank *out);

/* admin.c: ACCOUNT, TRANSFER, LIMIT, FUNDING, CORPORATE, BOOKS. A reason, or 0; *more is set if
 * there is more to do: units of trd__books_unit while engine->books has a phase, else
 * trd_accounts_continue. */
unsigned trd__engine_admin(trd_engine *engine, trd_out *out, bool *more);

/* books.c: the reason that stands for what the accounts say to a call about the books of all. */
unsigned trd__books_reason(int result);
unsigned trd__engine_books(trd_engine *engine, trd_out *out, bool *more);
unsigned trd__engine_corporate(trd_engine *engine, trd_out *out, bool *more);

/* split.c: may there be one? Its units: what is held for the next order becomes free; balances and
 * positions (the result is that of the accounts, which have the counter); the next order. Then
 * marks and rates follow, and the matcher has begun to settle. */
unsigned trd__engine_split(trd_engine *engine, bool *more);
void trd__split_park_unit(trd_engine *engine, trd_out *out);
int trd__split_books(trd_engine *engine, trd_out *out);
void trd__split_order_unit(trd_engine *engine, trd_out *out);
void trd__split_follow(trd_engine *engine);

/* One unit of the expiry or split in work: TRD_OK when it is over; TRD_MORE. The output has room.
 */
int trd__books_unit(trd_engine *engine, trd_out *out);

#endif
