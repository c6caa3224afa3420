/* risk.h - what is asked before an order may act: limits, and who may do what.
 *
 * The checks run in one order, and the first that fails is the one reason:
 *
 *     valid -> balance -> position limit -> leverage -> daily loss -> margin
 *
 * A check reads the books of trd_accounts and changes nothing; what passes comes back as the
 * trd_hold that makes the accounts lock it. Orders from outside, amendments, and orders that the
 * engine itself releases pass the same checks. What belongs to "valid" but needs the order book
 * (ticks, lots, duplicates of client ids, bands, kill switch) is asked by the matcher before:
 * trd_reject_before tells whose reason comes first. Rules: docs/reference/risk.md.
 *
 * The life of an order, as its host tells it:
 *
 *     trd_risk_message     a message came
 *     trd_risk_check       may it?                               -> verdict
 *     trd_accounts_hold    with verdict.hold, and its handle
 *     trd_risk_passed      it was accepted
 *     trd_risk_filled      per side of an execution: lots of it are executed
 *     trd_risk_moved       the position of that side, if the account is of mode PORTFOLIO
 *     trd_risk_closed      lots of it are open no more, and were not executed
 *
 * One writer; no clock, no allocation after creation, every call O(1) unless said otherwise. A call
 * that fails changes nothing.
 */
#ifndef TRADSYS_RISK_H
#define TRADSYS_RISK_H

#include <tradsys/account.h>
#include <tradsys/base.h>
#include <tradsys/event.h>
#include <tradsys/margin.h>

TRD_BEGIN_DECLS

typedef struct trd_risk trd_risk;

/* Start from trd_risk_def_default(); struct_size as in trd_accounts_def. */
typedef struct trd_risk_def {
    uint32_t struct_size;     /* set by trd_risk_def_default */
    uint32_t accounts_max;    /* as in trd_accounts_def: [1, 2^24] */
    uint32_t instruments_max; /* [1, 2^20] */
    uint32_t orders_max;      /* slots of order handles, as in trd_accounts_def: [1, 2^26] */
    uint32_t actors_max;      /* roles of actors, [0, 2^24]; 0: everybody may do everything */
    uint32_t limits_max;      /* pairs, actors and tags that have limits, [0, 2^24] */
    uint32_t models_max;      /* instruments that have a margin model, [0, 65536] */
    uint32_t repeats_max;     /* orders remembered for REPEATED, [0, 2^24] */
    uint64_t hash_seed;       /* of the maps */
    trd_mem mem;              /* for trd_risk_create */
    uint32_t groups_max;      /* scenario groups, [0, 256] */
    uint32_t arrays_max;      /* instruments that are in a group, [0, 65536] */
    uint32_t pairs_max;       /* credits between groups, [0, 1024] */
    uint32_t portfolios_max;  /* (account, group) with an order or a position since the account is
                                 followed, [0, 2^24] */
    uint32_t parents_max;     /* parent orders that are declared, [0, 2^24]; 0: orders may name any,
                                 and none is looked at */
    uint32_t reserved;        /* zero */
} trd_risk_def;

/* trd_risk_def_default: 65,536 accounts, 1,024 instruments, 1,048,576 orders, no roles, 4,096
 * limits, 256 models, 4,096 orders remembered, 16 groups of 256 instruments, 16 pairs, 1,024
 * portfolios, no parent orders. */
static inline trd_risk_def trd_risk_def_default(void) {
    trd_risk_def def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    def.accounts_max = 1 << 16;
    def.instruments_max = 1024;
    def.orders_max = 1 << 20;
    def.limits_max = 1 << 12;
    def.models_max = 256;
    def.repeats_max = 1 << 12;
    def.groups_max = 16;
    def.arrays_max = 256;
    def.pairs_max = 16;
    def.portfolios_max = 1 << 10;
    return def;
}

enum { TRD_RISK_ALIGN = 64 };

/* Life cycle, as in match.h: footprint 0, init and create NULL for an invalid definition. reset
 * forgets limits, roles, models, groups, orders and counters, and follows nobody; all instruments
 * are enabled. */
TRD_API size_t trd_risk_footprint(const trd_risk_def *def);
TRD_API trd_risk *trd_risk_init(void *mem, const trd_risk_def *def);
TRD_API trd_risk *trd_risk_create(const trd_risk_def *def);
TRD_API void trd_risk_destroy(trd_risk *risk);
TRD_API void trd_risk_reset(trd_risk *risk);

/* --- who may do what -------------------------------------------------------------------------- */

/* Permissions, bits. */
enum {
    TRD_MAY_MANAGE_USERS = 1,    /* user.manage */
    TRD_MAY_CREATE_ORDERS = 2,   /* order.create: also amend */
    TRD_MAY_CANCEL_ORDERS = 4,   /* order.cancel */
    TRD_MAY_VIEW_ORDERS = 8,     /* order.view */
    TRD_MAY_VIEW_POSITIONS = 16, /* position.view */
    TRD_MAY_VIEW_BALANCES = 32,  /* balance.view */
    TRD_MAY_CONFIGURE = 64,      /* system.configure: limits, overrides, what latched */
    TRD_MAY_REPORT = 128         /* reports.generate */
};

/* trd_risk_permissions returns the bits of a role of account.h: VIEWER: the three views. TRADER and
 * MARKET_MAKER: these, create, cancel. ADMIN: all. 0 for any other number. */
TRD_API unsigned trd_risk_permissions(unsigned role);
/* trd_permission_text: "order.create" and so on; "?" unless exactly one bit of the list is set. */
TRD_API const char *trd_permission_text(unsigned permission);

typedef struct trd_actor {
    uint32_t actor;
    uint32_t account; /* 0: every account; else 1 + account */
    uint8_t role;     /* TRD_ROLE_*; 0: none any more */
    uint8_t reserved[7];
} trd_actor;

/* trd_risk_actor gives an actor a role: for one account, or for all. It may have one for each
 * account and one for all besides; what each of them permits is permitted. TRD_OK; TRD_E_ARG: a
 * role, account or reserved byte out of range; TRD_E_FULL: actors_max roles are given.
 * trd_risk_may: 1 if all bits of `permissions` are permitted for the account, else 0; an actor
 * without a role has none, unless actors_max is 0. */
TRD_API int trd_risk_actor(trd_risk *risk, const trd_actor *actor);
TRD_API int trd_risk_may(
    const trd_risk *risk, uint32_t actor, uint32_t account, unsigned permissions);

/* --- limits ----------------------------------------------------------------------------------- */

enum {
    TRD_LIMIT_POSITION = 1,    /* lots, worst case of each side. FIRM (net of all accounts, per
                                  instrument), ACCOUNT (in each instrument), INSTRUMENT (of each
                                  account), PAIR */
    TRD_LIMIT_ORDER_QTY = 2,   /* lots of one order. Every scope */
    TRD_LIMIT_ORDER_VALUE = 3, /* of one order, valuation asset. Every scope */
    TRD_LIMIT_OPEN_VALUE = 4,  /* of all open orders, valuation asset. FIRM, ACCOUNT, TAG */
    TRD_LIMIT_LEVERAGE = 5,    /* hundredths. FIRM (of each account), ACCOUNT */
    TRD_LIMIT_DAILY_LOSS = 6,  /* valuation asset. FIRM (of each account), ACCOUNT; `burst` 1: with
                                  unrealised profit and loss */
    TRD_LIMIT_MESSAGES = 7,    /* `value` messages per `window`. FIRM, ACCOUNT, ACTOR, TAG; `burst`
                                  0: fixed windows, else that many at once (token bucket) */
    TRD_LIMIT_COLLAR = 8,      /* distance of a limit from the mark, ppm of it. FIRM (in each
                                  instrument), INSTRUMENT, PAIR */
    TRD_LIMIT_REPEATED = 9,    /* the same order again within `window`. FIRM. value 0 */
    TRD_LIMIT_EXECUTIONS = 10, /* `value` executions within `window`, then nothing new until
                                  trd_risk_rearm. ACCOUNT, TAG */
    TRD_LIMIT_RESTRICTED = 11, /* INSTRUMENT, PAIR: nothing new but what reduces. value 0 */
    TRD_LIMIT_PARENT_QTY = 12, /* lots that the children of a parent order have executed and have
                                  open, all together, below TRD_QTY_LIMIT. PARENT, which it
                                  declares */
    TRD_LIMIT_COUNT = 13
};

/* In the order in which they are asked. */
enum {
    TRD_LIMIT_FIRM = 1,
    TRD_LIMIT_ACCOUNT = 2,
    TRD_LIMIT_INSTRUMENT = 3,
    TRD_LIMIT_PAIR = 4, /* account in instrument */
    TRD_LIMIT_ACTOR = 5,
    TRD_LIMIT_TAG = 6,   /* strategy: tag of ORDER_LINK, not 0 */
    TRD_LIMIT_PARENT = 7 /* parent order of an account: parent of ORDER_LINK, not 0 */
};

/* Largest `value` and `burst` of MESSAGES and EXECUTIONS. */
#define TRD_LIMIT_EVENTS_MAX UINT32_MAX

typedef struct trd_limit {
    uint32_t account;    /* ACCOUNT, PAIR, PARENT; else 0 */
    uint32_t instrument; /* INSTRUMENT, PAIR, PARENT; else 0 */
    uint32_t actor;      /* ACTOR; else 0 */
    uint8_t limit;       /* TRD_LIMIT_POSITION .. */
    uint8_t scope;       /* TRD_LIMIT_FIRM .. */
    uint8_t remove;      /* 1: there is no such limit any more; value, window, burst 0 */
    uint8_t side;        /* PARENT: side of all its children; else 0 */
    uint64_t tag;        /* TAG; PARENT: its number; else 0 */
    int64_t value;       /* >= 0, in the unit of the limit */
    trd_ns window;       /* of MESSAGES, REPEATED, EXECUTIONS: > 0; else 0 */
    uint64_t burst;      /* MESSAGES, DAILY_LOSS; else 0 */
} trd_limit;

/* trd_risk_limit sets a limit, or takes it away; it holds from the next check on. MESSAGES and
 * EXECUTIONS begin to count anew; what has latched stays so until it is rearmed or its limit is
 * taken away. TRD_OK; TRD_E_ARG: a limit that its scope does not have, a number outside its range,
 * an account or instrument outside the definition; TRD_E_FULL: limits_max, parents_max, or REPEATED
 * without repeats_max; of a parent order also TRD_E_EXISTS: it has another instrument or side;
 * TRD_E_BUSY: it is taken away while a child is open. The first limit of a tag is O(orders_max).
 * trd_risk_limit_get reads the name of a limit and stores its value, window, burst: TRD_OK,
 * TRD_E_ARG, or TRD_E_UNKNOWN if it is not set. */
TRD_API int trd_risk_limit(trd_risk *risk, const trd_limit *limit);
TRD_API int trd_risk_limit_get(const trd_risk *risk, trd_limit *limit);

/* A parent order, which an algorithm works by child orders: together they never execute and have
 * open more than its quantity (docs/reference/risk.md, "Parent orders"). */
typedef struct trd_parent {
    trd_qty qty;      /* as trd_risk_limit has set it; below executed + open if it was lowered */
    trd_qty executed; /* lots of its children */
    trd_qty open;
    uint32_t instrument; /* of all its children */
    uint8_t side;
    uint8_t reserved[3]; /* zero */
} trd_parent;

/* trd_risk_parent stores how a parent order stands. TRD_OK; TRD_E_ARG: `out` is NULL;
 * TRD_E_UNKNOWN: the account has not declared it. */
TRD_API int trd_risk_parent(
    const trd_risk *risk, uint32_t account, uint64_t parent, trd_parent *out);

/* trd_risk_model gives an instrument its margin model, copied. Without one no order that needs
 * margin passes. TRD_OK; TRD_E_ARG: not one of margin.h, or GROUPED, which has no numbers of its
 * own; TRD_E_UNKNOWN: no such instrument; TRD_E_FULL. */
TRD_API int trd_risk_model(trd_risk *risk, uint32_t instrument, const trd_margin_model *model);

/* trd_risk_enable: an instrument takes orders (1, as at the beginning) or does not (0). Accounts
 * have a flag of their own (trd_account.enabled). TRD_OK, TRD_E_ARG, TRD_E_UNKNOWN. */
TRD_API int trd_risk_enable(trd_risk *risk, uint32_t instrument, unsigned enabled);

/* --- portfolios ------------------------------------------------------------------------------- */

/* Accounts of mode TRD_MODE_PORTFOLIO are margined by scenario groups (margin.h): all their
 * positions in the instruments of a group together. What the 16 scenarios come to is kept per
 * account and group and moves with each position; nothing is ever summed up again.
 *
 * trd_risk_group makes a group of positions that settle in `asset`, copied: its number (0, 1, ...);
 * TRD_E_ARG: trd_scenario_check finds fault with it; TRD_E_FULL. trd_risk_pair lets two groups of
 * one asset, named by these numbers, earn credits; pairs are looked at in the order in which they
 * were made. TRD_OK, TRD_E_ARG (also: a group that does not exist, groups of two assets),
 * TRD_E_FULL.
 *
 * trd_risk_array puts an instrument into a group, or gives it other numbers or another group:
 * positions of accounts that are followed leave the sums with the old array and join them with the
 * new one. What orders hold stays as it is until they are amended. TRD_OK; TRD_E_ARG: month or
 * is_option out of range, SPOT, is_option of what is no OPTION (or 0 of one), a settlement asset
 * that is not the group's, or an instrument of which no lot is ever worth anything; TRD_E_RANGE:
 * the margin of one lot is not below TRD_AMT_LIMIT; TRD_E_UNKNOWN: no such instrument (here or in
 * the accounts) or group; TRD_E_FULL: arrays_max, portfolios_max; TRD_E_BUSY while a call of the
 * accounts is unfinished. O(positions of the instrument). With a monitor, and positions that are
 * followed: trd_monitor_portfolios behind an array or a pair. */
TRD_API int trd_risk_group(trd_risk *risk, uint32_t asset, const trd_scenario_group *group);
TRD_API int trd_risk_pair(trd_risk *risk, const trd_scenario_pair *pair);
TRD_API int trd_risk_array(trd_risk *risk, const trd_accounts *accounts, uint32_t instrument,
    uint32_t group, const trd_scenario_array *array);

/* trd_risk_follow: whether the sums of an account are kept. 1: its positions are counted, anew if
 * they were already; to be said before its mode becomes PORTFOLIO, and when its positions changed
 * otherwise than by what trd_risk_moved was told (expiry, split). 0: its sums are forgotten; to be
 * said when its mode is another one. The account need not be open yet. Orders of an account of that
 * mode that is not followed fail MARGIN, as do those in instruments without an array. TRD_OK;
 * TRD_E_ARG: `follows` is neither; TRD_E_UNKNOWN: an account outside the definitions; TRD_E_FULL:
 * portfolios_max; TRD_E_BUSY as above. O(positions of the account). */
TRD_API int trd_risk_follow(
    trd_risk *risk, const trd_accounts *accounts, uint32_t account, unsigned follows);

/* trd_risk_moved: a position of the account, on whichever side, went from qty_before to qty_after
 * lots. Nothing happens unless the account is followed and the instrument has an array. TRD_OK;
 * TRD_E_ARG: quantities not within TRD_QTY_LIMIT; TRD_E_UNKNOWN: account or instrument outside the
 * definition; TRD_E_FULL: a group in which the account had neither order nor position before, and
 * portfolios_max. O(16). */
typedef struct trd_risk_move {
    uint32_t account;
    uint32_t instrument;
    trd_qty qty_before;
    trd_qty qty_after;
} trd_risk_move;

TRD_API int trd_risk_moved(trd_risk *risk, const trd_risk_move *move);

/* How a followed account stands in one asset. */
typedef struct trd_portfolio {
    trd_amt equity;      /* free + locked + unsettled - debt + unrealised profit of LINEAR and
                            INVERSE + value of OPTION positions, at their marks */
    trd_amt initial;     /* of its groups in that asset, positions only */
    trd_amt maintenance; /* of the same */
    trd_amt held;        /* locked for open orders */
    trd_amt available;   /* min(free, equity - initial - held); may be below zero */
} trd_portfolio;

/* trd_risk_portfolio stores how the account stands. TRD_OK; TRD_E_ARG: it is not followed, or the
 * asset does not exist; TRD_E_UNKNOWN: the account is not open, or the mark of one of its positions
 * is missing; TRD_E_RANGE: a number does not fit; TRD_E_BUSY as above. O(positions of the account +
 * its groups x spreads + pairs). trd_risk_sums stores what it has in a group, zero if nothing:
 * TRD_OK; TRD_E_ARG: it is not followed; TRD_E_UNKNOWN: no such account or group; TRD_E_RANGE: a
 * sum needs more than 64 bits. O(16). */
TRD_API int trd_risk_portfolio(const trd_risk *risk, const trd_accounts *accounts, uint32_t account,
    uint32_t asset, trd_portfolio *out);
TRD_API int trd_risk_sums(
    const trd_risk *risk, uint32_t account, uint32_t group, trd_scenario_sums *out);

/* --- several assets as collateral ------------------------------------------------------------- */

/* How an account of mode MULTI stands; minor units of the valuation asset. */
typedef struct trd_collateral {
    trd_amt equity;      /* what all it has counts for, less what it owes, unrealised profits and
                            losses included */
    trd_amt usable;      /* the same without what is held for open orders in full */
    trd_amt initial;     /* of its positions */
    trd_amt maintenance; /* of the same */
    trd_amt held;        /* margin and fees of open orders on margin */
    trd_amt available;   /* usable - initial - held; may be below zero */
} trd_collateral;

/* trd_risk_collateral stores how the account stands: docs/reference/risk.md, "Several assets as
 * collateral". TRD_OK; TRD_E_ARG: its mode is another one; TRD_E_UNKNOWN: it is not open, or a
 * mark, a model or a rate that is needed is missing, or the accounts have instruments that this
 * object has no room for; TRD_E_RANGE: a number does not fit; TRD_E_BUSY as above. O(balances of
 * the account x its positions); O(balances + positions) if trd_accounts_revalue was called for it
 * since it, a mark or a rate has changed. */
TRD_API int trd_risk_collateral(
    const trd_risk *risk, const trd_accounts *accounts, uint32_t account, trd_collateral *out);

/* --- the checks ------------------------------------------------------------------------------- */

enum {
    TRD_ASK_NEW = 1,    /* an order from outside */
    TRD_ASK_AMEND = 2,  /* new terms of `order`; one that only gets fewer lots need not ask */
    TRD_ASK_RELEASE = 3 /* the engine releases `order`: nobody sends it, nobody may override */
};

/* An order as the checks see it. */
typedef struct trd_ask {
    uint64_t tag;    /* strategy, 0: none */
    trd_order order; /* AMEND, RELEASE: the order that may hold. NEW: not read by trd_risk_check;
                        its handle when trd_risk_passed is called */
    uint32_t account;
    uint32_t instrument;
    uint32_t actor;
    uint8_t kind; /* TRD_ASK_* */
    uint8_t side;
    uint8_t position;    /* TRD_POSITION_* */
    uint8_t reduce_only; /* 1: the matcher sees to it that it only reduces */
    uint8_t has_px;      /* 1: px is its limit; else px is 0 */
    uint8_t has_bound;   /* 1: bound is the worst price it can execute at; else bound is 0. Read of
                            orders without limit */
    uint8_t override;    /* 1: limits are passed over, if the actor may configure; funds are not */
    uint8_t reserved;    /* zero */
    uint32_t reserved1;  /* zero */
    trd_px px;
    trd_px bound;
    trd_qty qty;     /* open lots after it, > 0 */
    trd_ns now;      /* engine time */
    uint64_t parent; /* order of which it is a child, 0: none. Not read if parents_max is 0 */
} trd_ask;

typedef struct trd_verdict {
    uint32_t reason;     /* TRD_REJECT_*: the first check that failed; 0: it passes */
    uint8_t scope;       /* TRD_LIMIT_FIRM .. PARENT of the limit that failed; 0: of none */
    uint8_t reducing;    /* 1: it cannot increase the position */
    uint8_t rehold;      /* 1: `order` holds on other terms: trd_accounts_release all of it, then
                            trd_accounts_hold; 0: hold what is new, trd_accounts_amend what holds */
    uint8_t has_value;   /* 1: value is known */
    int64_t measured;    /* what was compared with the limit, clamped to 64 bits; INT64_MAX if it
                            could not be known */
    int64_t limit;       /* in the same unit; of BALANCE and MARGIN: what could be used (mode MULTI:
                            both in the valuation asset) */
    trd_amt value;       /* of the order at its worst price, valuation asset */
    trd_amt need;        /* what would be locked, all of it; 0 where it cannot be computed */
    trd_amt free_before; /* free balance in `asset` */
    trd_amt free_after;  /* if it were locked now */
    uint32_t asset;      /* of need */
    uint32_t reserved;   /* zero */
    trd_hold hold;       /* passes: what is to be held (its order: that of the ask); else zero */
} trd_verdict;

/* trd_risk_check asks every check and changes nothing: it is its own dry run. TRD_OK and *out,
 * whatever the reason; TRD_E_ARG if the ask is not well formed, or `order` holds for another
 * account, instrument, position, side or parent; TRD_E_BUSY while a call of the accounts is
 * unfinished. What passes, trd_accounts_hold or trd_accounts_amend does not refuse, if nothing
 * happened in between. O(1); LEVERAGE, DAILY_LOSS with unrealised and cross margin O(positions of
 * the account), O(1) if trd_accounts_revalue was called for it since it or a mark has changed;
 * LEVERAGE also O(its balances), MARGIN of mode PORTFOLIO as trd_risk_portfolio, BALANCE and MARGIN
 * of mode MULTI as trd_risk_collateral. */
TRD_API int trd_risk_check(
    const trd_risk *risk, const trd_accounts *accounts, const trd_ask *ask, trd_verdict *out);

/* trd_risk_withdrawable stores the most of an asset that may leave an account: never more than is
 * free; nothing from an account that owes something; and where positions stand on the balance
 * (FLAT, LEVERAGE, CROSS, PORTFOLIO, MULTI) no more than what they do not need:
 * docs/reference/risk.md, "Money that leaves". TRD_OK; TRD_E_ARG; TRD_E_UNKNOWN: an account that is
 * not open, an asset that does not exist; TRD_E_BUSY as trd_risk_check. O(balances and positions of
 * the account), PORTFOLIO also as trd_risk_portfolio, MULTI as trd_risk_collateral. */
TRD_API int trd_risk_withdrawable(const trd_risk *risk, const trd_accounts *accounts,
    uint32_t account, uint32_t asset, trd_amt *out);

/* trd_risk_message counts a message (order, amendment, cancel; refused ones too) against the
 * throttles of firm, account, actor and tag: TRD_OK, or TRD_REJECT_MESSAGES (> 0) if one of them is
 * over; all of them count it or none. Cancels, and what is overridden by an actor who may
 * configure, are counted and never refused. TRD_E_ARG. */
typedef struct trd_message {
    uint64_t tag;
    uint32_t account;
    uint32_t actor;
    uint8_t cancels;  /* 1: a cancel */
    uint8_t override; /* as in trd_ask */
    uint8_t reserved[6];
    trd_ns now;
} trd_message;

TRD_API int trd_risk_message(trd_risk *risk, const trd_message *message);

/* trd_risk_passed: the order of `ask`, now with its handle, was accepted on the verdict that
 * trd_risk_check gave. Of an AMEND or RELEASE it takes the place of what was known of it. TRD_OK;
 * TRD_E_ARG: no handle below orders_max, a verdict with a reason, another parent order than it has;
 * TRD_E_EXISTS: NEW, or another handle, for a slot that is still open. The check has looked at the
 * rest: TRD_E_FULL: portfolios_max, or more lots than its parent order has left; TRD_E_UNKNOWN: no
 * such parent order.
 *
 * trd_risk_closed: `qty` open lots > 0 of the order are open no more: canceled, expired, reduced;
 * its parent order may have them again. With its last lot it is forgotten. TRD_OK; TRD_E_ARG;
 * TRD_E_UNKNOWN; TRD_E_RANGE if it has fewer.
 *
 * trd_risk_filled: so many were executed, which its parent order never has again; one side of an
 * execution is counted with it. The results of trd_risk_closed, or 1 if that made its account or
 * tag latch.
 *
 * trd_risk_executed counts one side of an execution of what is no order here: 1 if that made its
 * account or tag latch, else TRD_OK; TRD_E_ARG. */
TRD_API int trd_risk_passed(trd_risk *risk, const trd_ask *ask, const trd_verdict *verdict);
TRD_API int trd_risk_closed(trd_risk *risk, trd_order order, trd_qty qty);
TRD_API int trd_risk_filled(trd_risk *risk, trd_order order, trd_qty qty, trd_ns now);
TRD_API int trd_risk_executed(trd_risk *risk, uint32_t account, uint64_t tag, trd_ns now);

/* trd_risk_rearm lets an account or tag act again after EXECUTIONS has latched, and begins to
 * count anew: 1 if it had latched, 0 if not. Of `which` the name is read. TRD_E_ARG if it names no
 * limit EXECUTIONS; TRD_E_UNKNOWN if that is not set. The caller has checked that the actor may
 * configure. */
TRD_API int trd_risk_rearm(trd_risk *risk, const trd_limit *which);

/* trd_reject_before: 1 if reason `a` stands before `b` in reject.def, else 0. 0 and what is no
 * reason stand behind all. */
TRD_API int trd_reject_before(unsigned a, unsigned b);

/* trd_risk_audit recomputes everything that is kept: TRD_OK, or the negated line of lib/risk that
 * saw the first break. O(capacity). trd_risk_audit_portfolios sums up again what the positions in
 * `accounts` come to: who is followed is who has the mode, and every sum is what was kept. The same
 * result; O(positions). */
TRD_API int trd_risk_audit(const trd_risk *risk);
TRD_API int trd_risk_audit_portfolios(const trd_risk *risk, const trd_accounts *accounts);

TRD_END_DECLS

#endif
