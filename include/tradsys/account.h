/* account.h - accounts: balances, a double-entry ledger, positions at cost, fees, funding,
 * settlement.
 *
 * A trd_accounts holds the money of all accounts of a venue or of a broker, exact to the minor
 * unit. Nothing is created and nothing is lost: every amount that one account gets, another one
 * gives, so that per asset the sum over all accounts, those of the venue included, is zero after
 * every call. It says nothing about who may do what: limits and margin checks are asked before.
 *
 * It does not match. Whoever matches tells it what was accepted (trd_accounts_hold), what was
 * executed (trd_accounts_execute) and what ended (trd_accounts_release). Usable alone: beside
 * another matching engine, or as the books of a client of several venues.
 *
 * Rules, roundings and worked examples: docs/reference/accounts.md. One writer; no clock, no
 * system call, no allocation after creation. A call that fails changes nothing.
 */
#ifndef TRADSYS_ACCOUNT_H
#define TRADSYS_ACCOUNT_H

#include <tradsys/base.h>
#include <tradsys/command.h>
#include <tradsys/event.h>
#include <tradsys/instrument.h>

TRD_BEGIN_DECLS

typedef struct trd_accounts trd_accounts;

/* Rates of fees, taxes, funding and interest are in 10^-9 of the amount they apply to. */
enum { TRD_RATE_ONE = 1000000000 };

/* No amount of money, balance, cost or profit ever reaches 2^62. */
#define TRD_AMT_LIMIT ((trd_amt)1 << 62)

/* Accounts of the venue, one of each per asset. Their numbers stand where an account's stands, and
 * are not below any accounts_max. */
enum { TRD_VENUE_COUNT = 8 };
#define TRD_ACCOUNT_VENUE 0xffffff00u
#define TRD_ACCOUNT_OUTSIDE 0xffffff00u  /* the rest of the world: deposits, other venues */
#define TRD_ACCOUNT_CLEARING 0xffffff01u /* counter side of open derivatives' cost */
#define TRD_ACCOUNT_FEES 0xffffff02u
#define TRD_ACCOUNT_REBATES 0xffffff03u /* pays rebates */
#define TRD_ACCOUNT_TAXES 0xffffff04u
#define TRD_ACCOUNT_INSURANCE 0xffffff05u
#define TRD_ACCOUNT_ROUNDING 0xffffff06u /* what is left over when amounts are rounded */
#define TRD_ACCOUNT_LENDER 0xffffff07u   /* lends, and gets the interest */

/* Start from trd_accounts_def_default(). A struct_size of 0 or above that of the library is
 * invalid; a smaller one gets defaults for the fields behind it. */
typedef struct trd_accounts_def {
    uint32_t struct_size;     /* set by trd_accounts_def_default */
    uint32_t assets_max;      /* [1, 4096] */
    uint32_t instruments_max; /* [1, 2^20] */
    uint32_t accounts_max;    /* accounts are [0, accounts_max): [1, 2^24] */
    uint32_t balances_max;    /* (account, asset) that ever held money, [1, 2^26] */
    uint32_t positions_max;   /* (account, instrument, side) ever used, [1, 2^26] */
    uint32_t orders_max;      /* slots of order handles: those of the matcher, [1, 2^26] */
    uint32_t unsettled_max;   /* balances with unsettled amounts at a time, [0, 2^26] */
    uint32_t fee_tables_max;  /* [1, 65536] */
    uint32_t valuation_asset; /* equity and volume are counted in it, below assets_max */
    uint32_t publish;         /* TRD_PUBLISH_MONEY_* mask: which events are written */
    uint32_t reserved;        /* zero */
    uint64_t hash_seed;       /* of the maps */
    trd_mem mem;              /* for trd_accounts_create */
} trd_accounts_def;

/* Events that are written, bits. Without them the calls only change state. */
enum {
    TRD_PUBLISH_MONEY_ACCOUNTS = 1,  /* LEDGER: what accounts get and give */
    TRD_PUBLISH_MONEY_VENUE = 2,     /* LEDGER: what accounts of the venue get and give */
    TRD_PUBLISH_MONEY_HOLDS = 4,     /* LEDGER: LOCK and RELEASE */
    TRD_PUBLISH_MONEY_POSITIONS = 8, /* POSITION: after each change */
    TRD_PUBLISH_MONEY_ALL = 15
};

/* trd_accounts_def_default: 64 assets, 1,024 instruments, 65,536 accounts, 131,072 balances, as
 * many positions, 1,048,576 orders, nothing unsettled, 16 fee tables, valuation in asset 0, events
 * of accounts and positions. */
static inline trd_accounts_def trd_accounts_def_default(void) {
    trd_accounts_def def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    def.assets_max = 64;
    def.instruments_max = 1024;
    def.accounts_max = 1 << 16;
    def.balances_max = 1 << 17;
    def.positions_max = 1 << 17;
    def.orders_max = 1 << 20;
    def.fee_tables_max = 16;
    def.publish = TRD_PUBLISH_MONEY_ACCOUNTS | TRD_PUBLISH_MONEY_POSITIONS;
    return def;
}

enum { TRD_ACCOUNTS_ALIGN = 64 };

/* Life cycle, as in match.h: footprint 0, init and create NULL for an invalid definition. reset
 * keeps assets, instruments, fee tables; accounts, balances, positions, holds, marks, rates and
 * counters are as new. */
TRD_API size_t trd_accounts_footprint(const trd_accounts_def *def);
TRD_API trd_accounts *trd_accounts_init(void *mem, const trd_accounts_def *def);
TRD_API trd_accounts *trd_accounts_create(const trd_accounts_def *def);
TRD_API void trd_accounts_destroy(trd_accounts *accounts);
TRD_API void trd_accounts_reset(trd_accounts *accounts);

/* --- what there is ---------------------------------------------------------------------------- */

/* An asset: what one minor unit is. */
typedef struct trd_asset {
    uint32_t struct_size;         /* sizeof(trd_asset) */
    uint8_t scale;                /* [0, 12]: one unit is 10^scale minor units */
    uint8_t reserved[3];          /* zero */
    char symbol[TRD_SYMBOL_SIZE]; /* as in trd_instrument */
} trd_asset;

/* trd_accounts_asset_add returns its number (0, 1, ...), TRD_E_ARG, or TRD_E_FULL. */
TRD_API int trd_accounts_asset_add(trd_accounts *accounts, const trd_asset *asset);

/* trd_accounts_asset_get copies an asset out: TRD_OK, TRD_E_UNKNOWN, TRD_E_ARG. published: the
 * `publish` of the definition. */
TRD_API int trd_accounts_asset_get(const trd_accounts *accounts, uint32_t asset, trd_asset *out);
TRD_API uint32_t trd_accounts_published(const trd_accounts *accounts);

/* Fees by volume of the account. The tier is the last one whose `volume` is not above the
 * account's. A rate below zero is a rebate. */
enum { TRD_FEE_TIERS_MAX = 8, TRD_FEE_RATE_MAX = TRD_RATE_ONE / 10 };

typedef struct trd_fee_tier {
    trd_amt volume;    /* valuation asset; ascending, the first is 0 */
    int32_t maker_ppb; /* [-TRD_FEE_RATE_MAX, TRD_FEE_RATE_MAX] */
    int32_t taker_ppb; /* also of executions in an auction */
} trd_fee_tier;

typedef struct trd_fee_table {
    uint32_t struct_size;                  /* sizeof(trd_fee_table) */
    uint32_t tier_count;                   /* [1, TRD_FEE_TIERS_MAX] */
    trd_fee_tier tiers[TRD_FEE_TIERS_MAX]; /* zero from tier_count on */
    uint32_t pays_in;      /* 0: in the settlement asset; else 1 + asset that fees are paid in if it
                              is free there */
    uint32_t discount_ppm; /* on fees that are paid so, [0, 999999]; 0 if pays_in is 0 */
} trd_fee_table;

/* trd_accounts_fees_add returns the table's number (0, 1, ...), TRD_E_ARG, or TRD_E_FULL. */
TRD_API int trd_accounts_fees_add(trd_accounts *accounts, const trd_fee_table *table);

/* What accounting needs to know of an instrument besides its specification. */
enum { TRD_TAXES_MAX = 4, TRD_SETTLE_DAYS_MAX = 3 };
enum { TRD_DELIVERY_CASH = 0, TRD_DELIVERY_PHYSICAL = 1 };

typedef struct trd_tax {
    uint32_t buyer_ppb;  /* [0, TRD_FEE_RATE_MAX] of the buyer's amount */
    uint32_t seller_ppb; /* of the seller's */
} trd_tax;

typedef struct trd_terms {
    uint32_t struct_size;         /* sizeof(trd_terms) */
    uint8_t settle_days;          /* [0, TRD_SETTLE_DAYS_MAX]; spot only */
    uint8_t delivery;             /* TRD_DELIVERY_*; PHYSICAL for LINEAR and OPTION only */
    uint8_t tax_count;            /* [0, TRD_TAXES_MAX] */
    uint8_t reserved;             /* zero */
    trd_tax taxes[TRD_TAXES_MAX]; /* zero from tax_count on */
    uint32_t fees;                /* 0: the account's table; else 1 + table, for every account */
    uint32_t reserved1;           /* zero */
} trd_terms;

/* trd_accounts_instrument_add returns its number (0, 1, ...: those of the matcher, if added in the
 * same order). TRD_E_ARG if trd_instrument_check finds a fault with orders_max of the definition,
 * the terms are outside their ranges, an asset or fee table does not exist, the settlement asset
 * of a SPOT instrument is not its quote asset, SPOT or OPTION have a px_min below 0, or (SPOT and
 * PHYSICAL) the base asset is the settlement asset or one lot is no whole number of its minor
 * units; TRD_E_FULL. */
TRD_API int trd_accounts_instrument_add(
    trd_accounts *accounts, const trd_instrument *spec, const trd_terms *terms);

/* An account. What stands here besides fees and hedge is kept for those who check; but positions
 * that an account of mode PORTFOLIO or MULTI opens get no collateral, and what orders on margin of
 * mode MULTI hold may be more than is free. */
enum { TRD_ROLE_VIEWER = 1, TRD_ROLE_TRADER = 2, TRD_ROLE_MARKET_MAKER = 3, TRD_ROLE_ADMIN = 4 };
enum {
    TRD_MODE_CASH = 1,      /* nothing on credit */
    TRD_MODE_FLAT = 2,      /* percentage of the value */
    TRD_MODE_LEVERAGE = 3,  /* value / leverage */
    TRD_MODE_ISOLATED = 4,  /* each position stands on its own collateral */
    TRD_MODE_CROSS = 5,     /* all positions stand on all balances */
    TRD_MODE_PORTFOLIO = 6, /* scenarios */
    TRD_MODE_MULTI = 7      /* all positions stand on all assets, each with its haircut */
};

typedef struct trd_account {
    uint32_t struct_size; /* sizeof(trd_account) */
    uint32_t parent;      /* 0: none; else 1 + account it is a sub-account of */
    uint64_t group;       /* trade group; 0: the account itself */
    uint32_t fees;        /* fee table */
    uint32_t leverage;    /* highest, in hundredths; 0: none stated */
    uint8_t role;         /* TRD_ROLE_* */
    uint8_t mode;         /* TRD_MODE_* */
    uint8_t hedge;        /* 1: long and short positions apart */
    uint8_t enabled;      /* 0 or 1 */
    uint32_t reserved;    /* zero */
} trd_account;

/* trd_accounts_open makes an account, or changes the one that is there (its hedge only while it has
 * no position and no hold). TRD_OK; TRD_E_ARG: a field outside its range, a parent that is not
 * open, is itself a sub-account or is the account; a parent for an account that has sub-accounts;
 * TRD_E_UNKNOWN: not below accounts_max; TRD_E_BUSY: the change of hedge. O(1); to or from mode
 * MULTI O(balances of the account), and to it, if orders of the account hold, O(orders_max).
 * trd_accounts_get copies it out: TRD_OK, or TRD_E_UNKNOWN if it is not open. */
TRD_API int trd_accounts_open(trd_accounts *accounts, uint32_t account, const trd_account *terms);
TRD_API int trd_accounts_get(const trd_accounts *accounts, uint32_t account, trd_account *out);

/* --- money ------------------------------------------------------------------------------------ */

/* Every call below that takes `out` appends events to it: at most TRD_ACCOUNTS_OUT_MIN slots, or,
 * where it says so, returns TRD_MORE at each full output, to be continued with
 * trd_accounts_continue (TRD_OK if there is nothing to continue); until then every other call that
 * could change something returns TRD_E_BUSY. With fewer than TRD_ACCOUNTS_OUT_MIN slots free it
 * does nothing and returns TRD_E_FULL. `out` may be NULL only if the definition publishes nothing.
 * In common: TRD_E_ARG for a NULL or unusable argument, TRD_E_UNKNOWN for an account that is not
 * open, an asset, instrument or order that does not exist; TRD_E_FULL without room for another
 * balance, position or unsettled amount; TRD_E_RANGE where a number would reach TRD_AMT_LIMIT or
 * TRD_QTY_LIMIT; TRD_E_FUNDS where the free balance does not cover it. */
enum { TRD_ACCOUNTS_OUT_MIN = 48 };
#define TRD_QTY_LIMIT ((trd_qty)1 << 62)

TRD_API int trd_accounts_continue(trd_accounts *accounts, trd_out *out);

/* stamp: the time that events carry from now on, and the seq of the next one; they are numbered on
 * from there. next_seq: of the next event. A new object starts at time 0 and seq 1. */
TRD_API void trd_accounts_stamp(trd_accounts *accounts, trd_ns time, uint64_t seq);
TRD_API uint64_t trd_accounts_next_seq(const trd_accounts *accounts);

/* trd_accounts_transfer moves `amount` > 0 of free money. A deposit comes from
 * TRD_ACCOUNT_OUTSIDE, a withdrawal goes there; accounts of the venue may be on both ends (but
 * not CLEARING: TRD_E_ARG), and may be below zero. */
typedef struct trd_transfer {
    uint32_t from;
    uint32_t to; /* != from */
    uint32_t asset;
    uint32_t reserved; /* zero */
    trd_amt amount;
    uint64_t reference; /* any value, copied into the events */
} trd_transfer;

TRD_API int trd_accounts_transfer(
    trd_accounts *accounts, const trd_transfer *transfer, trd_out *out);

/* trd_accounts_loan: the account borrows `amount` > 0 from TRD_ACCOUNT_LENDER, or pays it back
 * (amount < 0; at most its debt, from its free money). */
TRD_API int trd_accounts_loan(trd_accounts *accounts, uint32_t account, uint32_t asset,
    trd_amt amount, uint64_t reference, trd_out *out);

/* --- orders ----------------------------------------------------------------------------------- */

/* What an order may cost at most is locked when it is accepted, and given back exactly as it turns
 * out to be less. */
enum {
    TRD_HOLD_FULL = 1,   /* SPOT, buyer of OPTION: price and fees (seller of SPOT: the lots) */
    TRD_HOLD_MARGIN = 2, /* LINEAR, INVERSE: margin and fees; seller of OPTION: margin */
    TRD_HOLD_NOTHING = 3 /* the order only reduces, or is on credit */
};

typedef struct trd_hold {
    trd_order order; /* handle of the matcher; its slot is below orders_max */
    uint32_t account;
    uint32_t instrument;
    uint8_t side;           /* TRD_BUY, TRD_SELL */
    uint8_t position;       /* TRD_POSITION_*: LONG or SHORT if the account is hedged, else NET */
    uint8_t kind;           /* TRD_HOLD_* */
    uint8_t reserved;       /* zero */
    uint32_t margin_ppm;    /* MARGIN: of the value at px, [0, 10^7]; else 0 */
    trd_px px;              /* worst price; within px_min and px_max of the instrument */
    trd_qty qty;            /* lots, > 0 */
    trd_amt margin_per_lot; /* MARGIN: added for each lot, [0, TRD_AMT_LIMIT); else 0 */
} trd_hold;

/* trd_accounts_hold locks what the order may cost; MARGIN of an account of mode MULTI also where
 * that is more than is free (cause MARGIN). TRD_E_EXISTS if the slot of the handle holds already.
 * trd_accounts_quote_hold stores the amount that it would lock, and the asset. O(1). */
TRD_API int trd_accounts_hold(trd_accounts *accounts, const trd_hold *hold, trd_out *out);
TRD_API int trd_accounts_quote_hold(
    const trd_accounts *accounts, const trd_hold *hold, trd_amt *amount, uint32_t *asset);

/* trd_accounts_amend gives a held order another worst price, and makes its open lots `leaves` > 0:
 * only the difference is locked or released. O(1). */
TRD_API int trd_accounts_amend(
    trd_accounts *accounts, trd_order order, trd_px px, trd_qty leaves, trd_out *out);

/* trd_accounts_release: `qty` open lots > 0 of the order are open no more, canceled, expired or
 * prevented. TRD_E_RANGE if it has fewer. With its last lot the order is forgotten. O(1). */
TRD_API int trd_accounts_release(
    trd_accounts *accounts, trd_order order, trd_qty qty, trd_out *out);

/* trd_accounts_collateral moves free money of the settlement asset to the collateral of a position
 * that is not flat (amount > 0), or back (< 0; at most what is there: TRD_E_FUNDS). O(1). */
TRD_API int trd_accounts_collateral(trd_accounts *accounts, uint32_t account, uint32_t instrument,
    unsigned side, trd_amt amount, trd_out *out);

/* What is held for an order. */
typedef struct trd_held {
    trd_amt amount;       /* locked, all together */
    trd_amt fees;         /* charged so far, fees and taxes less rebates, settlement asset */
    trd_amt amount_moved; /* signed: what it got or gave so far, before fees, rounded total */
    trd_qty leaves;       /* open lots */
    uint32_t asset;
    uint32_t account;
} trd_held;

TRD_API int trd_accounts_held(const trd_accounts *accounts, trd_order order, trd_held *out);

/* One side of an execution. `account` may be TRD_ACCOUNT_OUTSIDE: somebody who is not ours; the
 * rest is then zero. `order` may be 0: an order of which nothing was held; account and position
 * then say whose it is, else they must be those of the hold. */
typedef struct trd_leg {
    trd_order order;
    uint32_t account;
    uint8_t position;     /* TRD_POSITION_* */
    uint8_t liquidity;    /* TRD_LIQUIDITY_* */
    uint8_t free_of_fees; /* 1: neither fee nor rebate nor tax */
    uint8_t reserved;     /* zero */
} trd_leg;

typedef struct trd_execution {
    uint32_t instrument;
    uint32_t reserved;  /* zero */
    trd_px px;          /* within px_min and px_max */
    trd_qty qty;        /* lots, > 0 */
    uint64_t reference; /* trade id, copied into the events */
    trd_leg buyer;
    trd_leg seller;
} trd_execution;

/* trd_accounts_execute books an execution: money, fees, taxes, both positions, both holds. At most
 * one side is outside. Of an order that holds, TRD_E_RANGE if it has fewer open lots, or buys above
 * the price that was held for (FULL and MARGIN; a sale may have any price). An execution between
 * two orders that hold never fails otherwise: trd_accounts_hold has refused what could. O(1). */
TRD_API int trd_accounts_execute(
    trd_accounts *accounts, const trd_execution *execution, trd_out *out);

/* --- prices and time -------------------------------------------------------------------------- */

/* trd_accounts_mark sets the mark price of an instrument, within its px_min and px_max.
 * trd_accounts_rate: one minor unit of the asset is worth numerator / denominator of one of the
 * valuation asset, both in [1, 2^31]; the valuation asset's is 1 and stays so (TRD_E_ARG). O(1);
 * while there are accounts of mode MULTI O(balances in the asset). */
TRD_API int trd_accounts_mark(trd_accounts *accounts, uint32_t instrument, trd_px px);
TRD_API int trd_accounts_rate(
    trd_accounts *accounts, uint32_t asset, uint32_t numerator, uint32_t denominator);

/* What an asset counts for as collateral of accounts of mode MULTI. */
typedef struct trd_haircut {
    trd_amt cap;      /* minor units of the valuation asset that it counts for at most, all of what
                         an account has: [0, TRD_AMT_LIMIT); 0 without has_cap */
    uint32_t ppm;     /* [0, 10^6] taken off what is owned, never off what is owed */
    uint32_t has_cap; /* 0 or 1 */
} trd_haircut;

/* trd_accounts_haircut sets what an asset, the valuation asset too, counts for from now on. As
 * rates, all are as new after a reset: 0, and no cap. TRD_OK, TRD_E_ARG, TRD_E_UNKNOWN, TRD_E_BUSY.
 * O(1) and O(balances in the asset) as trd_accounts_rate. */
TRD_API int trd_accounts_haircut(
    trd_accounts *accounts, uint32_t asset, const trd_haircut *haircut);

/* A new session day: counters of the day start at zero, and money that is unsettled comes a day
 * nearer. A new period: the volume of the period that ends decides about fees beside the one that
 * begins. day returns TRD_MORE; O(unsettled balances); period O(1). */
TRD_API int trd_accounts_day(trd_accounts *accounts, trd_out *out);
TRD_API int trd_accounts_period(trd_accounts *accounts);

/* trd_accounts_funding: every position of the instrument (LINEAR, INVERSE) pays, or gets, value at
 * `mark` x rate_ppb. Longs pay a positive rate. `due` must lie behind that of the last funding of
 * the instrument, TRD_E_EXISTS if not: each is applied once. TRD_MORE; O(positions). */
typedef struct trd_funding {
    uint32_t instrument;
    int32_t rate_ppb; /* [-TRD_RATE_ONE, TRD_RATE_ONE] */
    trd_px mark;
    trd_ns due;
} trd_funding;

TRD_API int trd_accounts_funding(trd_accounts *accounts, const trd_funding *funding, trd_out *out);

/* trd_accounts_interest: every debt in the asset grows by rate_ppb, in [0, TRD_RATE_ONE]. `due` as
 * in funding, per asset. TRD_MORE; O(balances). */
TRD_API int trd_accounts_interest(
    trd_accounts *accounts, uint32_t asset, uint32_t rate_ppb, trd_ns due, trd_out *out);

/* trd_accounts_expire ends every position of a derivative at the final price `px` (OPTION: of the
 * underlying, in ticks of the strike), in cash or by delivery. TRD_E_BUSY while orders of it hold.
 * TRD_MORE; O(positions). */
TRD_API int trd_accounts_expire(
    trd_accounts *accounts, uint32_t instrument, trd_px px, trd_out *out);

/* trd_accounts_split: `numerator` new lots for `denominator` old ones, both in [1, 2^20]; fractions
 * are paid at `px` (of the old lot). SPOT only: positions, and balances of the base asset.
 * TRD_E_BUSY while an order of SPOT instruments with that base asset, or one that is held in it,
 * holds, or amounts of it are unsettled.
 * trd_accounts_dividend: every long lot gets, every short lot gives `amount` >= 0 of `asset`.
 * TRD_MORE; O(positions and balances). */
typedef struct trd_split {
    uint32_t instrument;
    uint32_t numerator;
    uint32_t denominator;
    uint32_t reserved; /* zero */
    trd_px px;
} trd_split;

TRD_API int trd_accounts_split(trd_accounts *accounts, const trd_split *split, trd_out *out);
TRD_API int trd_accounts_dividend(
    trd_accounts *accounts, uint32_t instrument, uint32_t asset, trd_amt amount, trd_out *out);

/* --- questions -------------------------------------------------------------------------------- */

/* One balance. total = free + locked + unsettled; what is owed is in debt, apart. */
typedef struct trd_balance {
    trd_amt free;      /* below zero only with a cause */
    trd_amt locked;    /* held for orders, collateral of positions */
    trd_amt unsettled; /* got, not settled yet: not free before its day */
    trd_amt debt;      /* borrowed, interest included, >= 0 */
    uint32_t cause;    /* TRD_SHORT_* bits: why free is below zero; 0 while it is not */
    uint32_t reserved;
} trd_balance;

/* What may take free below zero. */
enum {
    TRD_SHORT_LOSS = 1, /* realised loss of a derivative */
    TRD_SHORT_FEES = 2, /* fees of an order of which nothing was held */
    TRD_SHORT_FUNDING = 4,
    TRD_SHORT_UNHELD = 8,     /* execution of an order of which nothing was held */
    TRD_SHORT_DELIVERY = 16,  /* expiry */
    TRD_SHORT_CORPORATE = 32, /* dividend of a short position */
    TRD_SHORT_MARGIN = 64 /* hold of an order on margin, mode MULTI: other assets stand for it */
};

/* balance: zero if the account never held the asset. Venue accounts: free is the balance,
 * TRD_E_RANGE if it does not fit. */
TRD_API int trd_accounts_balance(
    const trd_accounts *accounts, uint32_t account, uint32_t asset, trd_balance *out);

typedef struct trd_asset_balance {
    uint32_t asset;
    uint32_t reserved; /* zero */
    trd_balance balance;
} trd_asset_balance;

/* balances: of all assets that the account ever held, in the order in which it got them: how many,
 * and the first `max` are stored (`out` may be NULL if that is 0). TRD_E_UNKNOWN: it is not open,
 * or one of the venue's; TRD_E_ARG. O(of them). */
TRD_API int trd_accounts_balances(
    const trd_accounts *accounts, uint32_t account, trd_asset_balance *out, uint32_t max);

typedef struct trd_holding {
    trd_qty qty;        /* signed */
    trd_amt cost;       /* of the open quantity; sign of qty, INVERSE: the other one */
    trd_amt realised;   /* since the beginning, before fees */
    trd_amt fees;       /* paid, rebates taken off, taxes included */
    trd_amt funding;    /* got, > 0, or paid */
    trd_amt collateral; /* locked for the position */
    trd_qty open[2];    /* lots of held orders that buy, that sell */
} trd_holding;

/* position: zero if there never was one. unrealised: profit at the mark, settlement asset;
 * TRD_E_UNKNOWN without a mark. O(1). */
TRD_API int trd_accounts_position(const trd_accounts *accounts, uint32_t account,
    uint32_t instrument, unsigned side, trd_holding *out);
TRD_API int trd_accounts_unrealised(const trd_accounts *accounts, uint32_t account,
    uint32_t instrument, unsigned side, trd_amt *out);

typedef struct trd_instrument_holding {
    uint32_t instrument;
    uint32_t side; /* TRD_POSITION_* */
    trd_holding holding;
} trd_instrument_holding;

/* positions: all that the account ever had an order or an execution in, flat ones too, in the order
 * in which they began; otherwise as balances. */
TRD_API int trd_accounts_positions(
    const trd_accounts *accounts, uint32_t account, trd_instrument_holding *out, uint32_t max);

/* Worth of an account in the valuation asset. TRD_E_UNKNOWN if a mark or rate that is needed is
 * missing. O(balances and positions of the account); O(balances) if it was revalued and nothing of
 * it, no mark and no rate has changed since. */
typedef struct trd_equity {
    trd_amt balances;   /* money, debts taken off */
    trd_amt unrealised; /* of LINEAR and INVERSE positions */
    trd_amt options;    /* value of OPTION positions, signed */
    trd_amt total;
} trd_equity;

TRD_API int trd_accounts_equity(const trd_accounts *accounts, uint32_t account, trd_equity *out);

/* trd_accounts_revalue values the positions of an account at their marks and keeps what they come
 * to, for whoever asks after it: trd_accounts_equity, and the limits of risk.h that look at all
 * positions. From then on a change of a position costs a few instructions more, and to revalue
 * again costs O(positions that have changed, or whose mark has moved, since). It changes no answer.
 * The engine does it by itself where an order is asked about. TRD_OK, TRD_E_UNKNOWN, TRD_E_BUSY. */
TRD_API int trd_accounts_revalue(trd_accounts *accounts, uint32_t account);

/* What an account did since the day, and in the two periods; valuation asset. */
typedef struct trd_activity {
    trd_amt realised;      /* since the day began, before fees */
    trd_amt fees;          /* since the day began, rebates taken off, taxes included */
    trd_amt funding;       /* since the day began: got, > 0, or paid */
    trd_amt volume;        /* of this period */
    trd_amt volume_before; /* of the one before */
    uint64_t executions;   /* since creation or reset, one per side */
    uint64_t unpriced; /* amounts since the day began that no rate was known for: they are in none
                          of the sums above */
} trd_activity;

TRD_API int trd_accounts_activity(
    const trd_accounts *accounts, uint32_t account, trd_activity *out);

/* outside: the position of OUTSIDE, the negative sum of those of the accounts. */
TRD_API int trd_accounts_outside(const trd_accounts *accounts, uint32_t instrument, trd_qty *qty);

/* trd_accounts_audit walks everything: per asset the ledger sums to zero; locked is the sum of what
 * is held for orders and positions; positions of an instrument sum to zero; CLEARING is the
 * negative of the open cost; no free balance is below zero without a cause; lists, maps and pools
 * agree. TRD_OK, or the negated line of lib/acct that saw the first break. O(capacity). */
TRD_API int trd_accounts_audit(const trd_accounts *accounts);

TRD_END_DECLS

#endif
