/* command.h - the records that go in: everything that can change state.
 *
 * A record is 1 to 4 adjacent 64-byte slots: one base slot (trd_command), and extension slots for
 * what plain orders do not need. `slots` of the base counts them all. Every slot of every record,
 * command or event, base or extension, has its kind at byte 16, so an array of slots can be walked
 * and filtered as one table (the journal, a ring, a NumPy array, an ArrayBuffer):
 *
 *     byte   0        8        16    17     18     20          24                      64
 *     base   seq      time     kind  slots  flags  instrument  account actor  | body 32
 *     ext.   seq      value    kind  0      flags  value32     five values of 8 bytes
 *
 * Integers are little-endian (the host order of every supported machine). Bytes that a kind does
 * not define are zero; a record in which they are not is
 * MALFORMED (the seq of a command's extension slots is not looked at). docs/formats/records.md has
 * the byte table of every record and says which ones this version acts on.
 */
#ifndef TRADSYS_COMMAND_H
#define TRADSYS_COMMAND_H

#include <tradsys/base.h>

TRD_BEGIN_DECLS

enum { TRD_SLOT_SIZE = 64, TRD_SLOTS_MAX = 4 };

#ifndef SWIG
enum trd_command_kind {
#define TRD_COMMAND_ROW(name, number, text) TRD_COMMAND_##name = number,
#include <tradsys/command.def>
};

enum trd_extension_kind {
#define TRD_EXTENSION_ROW(name, number, text) TRD_EXT_##name = number,
#include <tradsys/command.def>
};
#endif

/* Order types. */
enum {
    TRD_TYPE_LIMIT = 1,            /* at `px` or better; the rest rests */
    TRD_TYPE_MARKET = 2,           /* at any price, px is zero; the rest is canceled */
    TRD_TYPE_MARKET_PROTECTED = 3, /* limit = opposite best +- protection; the rest rests there */
    TRD_TYPE_MARKET_TO_LIMIT = 4,  /* the rest rests at the price of the first fill */
    TRD_TYPE_STOP = 5,             /* market order once the trigger is touched */
    TRD_TYPE_STOP_LIMIT = 6,       /* limit order once the trigger is touched */
    TRD_TYPE_TOUCHED = 7,          /* if-touched: the mirror of STOP */
    TRD_TYPE_TOUCHED_LIMIT = 8,    /* if-touched: the mirror of STOP_LIMIT */
    TRD_TYPE_TRAILING_STOP = 9,    /* STOP whose trigger follows the extreme */
    TRD_TYPE_TRAILING_STOP_LIMIT = 10,
    TRD_TYPE_PEGGED = 11 /* limit that follows best, mid or opposite */
};

/* Time in force. */
enum {
    TRD_TIF_GTC = 1,      /* until canceled */
    TRD_TIF_IOC = 2,      /* what crosses now, the rest is canceled */
    TRD_TIF_FOK = 3,      /* all of it now, or nothing */
    TRD_TIF_DAY = 4,      /* until the session day ends */
    TRD_TIF_GTD = 5,      /* until ORDER_LINK.expiry */
    TRD_TIF_AT_OPEN = 6,  /* only in the opening auction */
    TRD_TIF_AT_CLOSE = 7, /* only in the closing auction */
    TRD_TIF_GFA = 8,      /* good for auction */
    TRD_TIF_GFN = 9,      /* good for normal (continuous) trading */
    TRD_TIF_GTT = 10      /* waits outside the book until triggered, at most to ORDER_LINK.expiry */
};

/* Self-trade prevention, the taker's choice. */
enum {
    TRD_STP_NONE = 0,
    TRD_STP_CANCEL_TAKER = 1,
    TRD_STP_CANCEL_MAKER = 2,
    TRD_STP_CANCEL_BOTH = 3,
    TRD_STP_DECREMENT = 4,
    TRD_STP_TRANSFER = 5,
    TRD_STP_REJECT = 6
};

/* Execution instructions, `exec` of a new order: bits. */
enum {
    TRD_EXEC_POST_ONLY = 1,       /* reject if any of it would take */
    TRD_EXEC_POST_ONLY_SLIDE = 2, /* with POST_ONLY: reprice one tick behind the opposite best */
    TRD_EXEC_REDUCE_ONLY = 4,     /* never increases |position| */
    TRD_EXEC_CLOSE_POSITION = 8,  /* with REDUCE_ONLY: quantity follows the position, qty is zero */
    TRD_EXEC_HIDDEN = 16,         /* not displayed; behind all displayed at its price */
    TRD_EXEC_ALL_OR_NONE = 32,    /* waits until all of it can trade at once */
    TRD_EXEC_SINGLE_PRICE = 64,   /* FOK that must trade at one price */
    TRD_EXEC_PEAK_RANDOM = 128,   /* iceberg: each peak drawn within ORDER_SIZES.peak_range */
    TRD_EXEC_PEAK_IN_PLACE = 256, /* iceberg: a refresh keeps its place */
    TRD_EXEC_BUDGET = 512         /* spend at most ORDER_SIZES.budget, qty is zero */
};

/* Position side an order acts on (hedge mode). */
enum { TRD_POSITION_NET = 0, TRD_POSITION_LONG = 1, TRD_POSITION_SHORT = 2 };

/* Command flags, `flags` of the base. Kinds name the ones that they accept. */
enum {
    TRD_COMMAND_BY_HANDLE =
        1,                   /* CANCEL, REPLACE, REDUCE: `target` is a trd_order, not a client id */
    TRD_COMMAND_KEEP_PX = 2, /* REPLACE: px is zero and the price stays */
    TRD_COMMAND_KEEP_QTY = 4,  /* REPLACE: qty is zero and the total stays */
    TRD_COMMAND_NEW_ID = 8,    /* REPLACE: the order is known by `client_id` from now on */
    TRD_COMMAND_DRY_RUN = 16,  /* say the verdict, change nothing */
    TRD_COMMAND_OVERRIDE = 32, /* one-order risk override by an authorised actor */
    TRD_COMMAND_STAGED = 64    /* more rows or legs follow: apply as one with the last */
};

/* What SUBSCRIBE and trd_match_def.publish choose: bits. Private events are always written. */
enum {
    TRD_PUBLISH_EXEC = 1,     /* fills carry an EXEC extension */
    TRD_PUBLISH_LEVELS = 2,   /* LEVEL events: totals of price levels */
    TRD_PUBLISH_ORDERS = 4,   /* ORDER events: each displayed order */
    TRD_PUBLISH_TAPE = 8,     /* TAPE events: one per execution */
    TRD_PUBLISH_AUCTION = 16, /* AUCTION events: the indicative price, when it changes */
    TRD_PUBLISH_ALL = 31
};

/* NEW. Sources of the rules: docs/reference/matching.md. */
typedef struct trd_new {
    uint64_t client_id; /* any value; unique per account, see trd_match_def.id_mode */
    trd_px px;          /* limit in ticks; zero for orders without one */
    trd_qty qty;        /* lots, > 0 */
    uint8_t side;       /* TRD_BUY, TRD_SELL */
    uint8_t type;       /* TRD_TYPE_* */
    uint8_t tif;        /* TRD_TIF_* */
    uint8_t stp;        /* TRD_STP_* */
    uint16_t exec;      /* TRD_EXEC_* bits */
    uint8_t position;   /* TRD_POSITION_* */
    uint8_t reserved;   /* zero */
} trd_new;

/* CANCEL, REDUCE. */
typedef struct trd_cancel {
    uint64_t target; /* client id of the account, or handle with TRD_COMMAND_BY_HANDLE */
    trd_qty qty;     /* REDUCE: lots to take off, > 0, the order ends if none are left. CANCEL: 0 */
    uint64_t reserved[2]; /* zero */
} trd_cancel;

/* REPLACE. */
typedef struct trd_replace {
    uint64_t target;    /* client id of the account, or handle with TRD_COMMAND_BY_HANDLE */
    uint64_t client_id; /* new client id with TRD_COMMAND_NEW_ID, else zero */
    trd_px px;          /* new limit; zero with TRD_COMMAND_KEEP_PX */
    trd_qty qty;        /* new total (executed included); zero with TRD_COMMAND_KEEP_QTY */
} trd_replace;

/* MASS_CANCEL: orders that fit every filter that is set. */
typedef struct trd_mass_cancel {
    uint64_t tag;   /* with TRD_MASS_TAG */
    uint8_t side;   /* with TRD_MASS_SIDE */
    uint8_t filter; /* TRD_MASS_* bits */
    uint8_t reserved[22];
} trd_mass_cancel;

enum {
    TRD_MASS_ACCOUNT = 1,    /* `account` of the base counts */
    TRD_MASS_INSTRUMENT = 2, /* `instrument` of the base counts */
    TRD_MASS_SIDE = 4,
    TRD_MASS_TAG = 8,
    TRD_MASS_ACTOR = 16 /* orders entered by `actor` of the base */
};

/* QUOTE. A quantity of zero withdraws that side. */
typedef struct trd_quote {
    trd_px bid_px;
    trd_qty bid_qty;
    trd_px ask_px;
    trd_qty ask_qty;
} trd_quote;

/* PRICE. */
typedef struct trd_price {
    trd_px px;
    uint8_t source; /* TRD_SOURCE_LAST, MARK or INDEX */
    uint8_t reserved[23];
} trd_price;

/* Where a trigger or reference price comes from. */
enum {
    TRD_SOURCE_LAST = 1,
    TRD_SOURCE_BID = 2,
    TRD_SOURCE_ASK = 3,
    TRD_SOURCE_MARK = 4,
    TRD_SOURCE_INDEX = 5,
    TRD_SOURCE_MID = 6
};

/* SUBSCRIBE. */
typedef struct trd_subscribe {
    uint32_t publish; /* TRD_PUBLISH_* bits, replaces the instrument's mask */
    uint32_t reserved[7];
} trd_subscribe;

/* SESSION. */
typedef struct trd_session {
    uint8_t state; /* TRD_SESSION_* */
    uint8_t reserved[7];
    trd_ns until;    /* a timed state ends then, 0: by command only */
    uint64_t seed;   /* of a random end */
    uint64_t random; /* width of the random end, ns */
} trd_session;

enum {
    TRD_SESSION_CONTINUOUS = 1,
    TRD_SESSION_PRE_OPEN = 2,
    TRD_SESSION_OPENING = 3,
    TRD_SESSION_VOLATILITY = 4,
    TRD_SESSION_CLOSING = 5,
    TRD_SESSION_CLOSED = 6,
    TRD_SESSION_HALTED = 7
};

/* Whose orders KILL and DEADMAN mean. */
enum {
    TRD_SCOPE_FIRM = 1,       /* all */
    TRD_SCOPE_ACCOUNT = 2,    /* `account` of the base */
    TRD_SCOPE_INSTRUMENT = 3, /* `instrument` of the base */
    TRD_SCOPE_ACTOR = 4,      /* entered by `actor` of the base */
    TRD_SCOPE_TAG = 5         /* ORDER_LINK.tag is `tag` */
};

/* KILL. */
typedef struct trd_kill {
    uint64_t tag;       /* with TRD_SCOPE_TAG, else zero */
    uint8_t scope;      /* TRD_SCOPE_* */
    uint8_t action;     /* TRD_KILL_* */
    uint8_t cancel;     /* ON: 1 cancels the working orders of the scope; OFF: 0 */
    uint8_t reducing;   /* ON: 1 lets orders pass that only reduce a position; OFF: 0 */
    uint32_t reserved;  /* zero */
    uint64_t reference; /* any value, for the audit trail */
    uint64_t reserved1; /* zero */
} trd_kill;

enum { TRD_KILL_ON = 1, TRD_KILL_OFF = 2 };

/* DEADMAN. */
typedef struct trd_deadman {
    trd_ns timeout; /* ARM, FEED: the orders of the scope end that long after engine time, >= 1.
                       DISARM: 0 */
    uint64_t tag;   /* with TRD_SCOPE_TAG, else zero */
    uint8_t scope;  /* TRD_SCOPE_* */
    uint8_t action; /* TRD_DEADMAN_* */
    uint8_t reserved[14]; /* zero */
} trd_deadman;

enum { TRD_DEADMAN_ARM = 1, TRD_DEADMAN_FEED = 2, TRD_DEADMAN_DISARM = 3 };

/* PROTECTION: limits on what the quotes of `account` in `instrument` may execute within a window.
 * Limits on delta and vega follow in a TABLE_ROW of TRD_TABLE_PROTECTION. A limit of 0 is none. */
typedef struct trd_protection {
    trd_ns window;  /* length */
    trd_qty qty;    /* lots */
    trd_amt amount; /* value, minor units of the settlement asset */
    uint32_t fills; /* number */
    uint8_t action; /* TRD_PROTECTION_* */
    uint8_t reserved[3];
} trd_protection;

enum {
    TRD_PROTECTION_SET = 1,
    TRD_PROTECTION_REMOVE = 2,
    TRD_PROTECTION_RESUME = 3 /* quotes are taken again after it has acted */
};

/* ACCOUNT. */
typedef struct trd_account_body {
    uint64_t group;  /* trade group; 0: the account itself */
    uint8_t action;  /* TRD_ACCOUNT_SET */
    uint8_t role;    /* TRD_ROLE_* of account.h */
    uint8_t margin;  /* TRD_MODE_* */
    uint8_t hedge;   /* 0 one net position, 1 long and short apart */
    uint8_t enabled; /* 0 or 1 */
    uint8_t reserved[3];
    uint32_t fees;     /* number of its fee table */
    uint32_t parent;   /* 0: none; else 1 + account */
    uint32_t leverage; /* highest, in hundredths; 0: none stated */
    uint32_t reserved1;
} trd_account_body;

enum { TRD_ACCOUNT_SET = 1 };

/* TRANSFER. `account` of the base is where it comes from (MOVE, WITHDRAW) or goes to (DEPOSIT), who
 * borrows from the lender of the venue, or pays back. */
typedef struct trd_transfer_body {
    trd_amt amount;     /* > 0 */
    uint64_t reference; /* any value, copied into the events */
    uint32_t asset;
    uint32_t to;    /* MOVE: the account that gets it; else 0 */
    uint8_t action; /* TRD_TRANSFER_* */
    uint8_t reserved[7];
} trd_transfer_body;

enum {
    TRD_TRANSFER_DEPOSIT = 1,
    TRD_TRANSFER_WITHDRAW = 2,
    TRD_TRANSFER_MOVE = 3,
    TRD_TRANSFER_BORROW = 4,
    TRD_TRANSFER_REPAY = 5
};

/* LIMIT: risk.h has the limits, scopes and units. */
typedef struct trd_limit_body {
    int64_t value;
    trd_ns window;
    uint32_t burst;
    uint8_t limit;  /* TRD_LIMIT_* */
    uint8_t side;   /* of the parent order; else 0 */
    uint8_t scope;  /* TRD_LIMIT_FIRM .. PARENT */
    uint8_t action; /* TRD_LIMIT_SET, TRD_LIMIT_REMOVE, TRD_LIMIT_REARM */
    uint64_t name;  /* actor, tag or parent order the limit is for; else 0 */
} trd_limit_body;

enum { TRD_LIMIT_SET = 1, TRD_LIMIT_REMOVE = 2, TRD_LIMIT_REARM = 3 };

/* FUNDING of `instrument`. */
typedef struct trd_funding_body {
    int64_t rate; /* 10^-9; longs pay a positive one */
    trd_px mark;
    trd_ns due; /* each is applied once */
    uint64_t reserved;
} trd_funding_body;

/* CORPORATE: an action on `instrument`. Fields that it does not name are 0. */
typedef struct trd_corporate_body {
    int64_t numerator;   /* SPLIT: so many new lots for `denominator` old ones, [1, 2^20] */
    int64_t denominator; /* SPLIT: [1, 2^20] */
    trd_amt amount;      /* DIVIDEND: of `asset`, per lot, >= 0 */
    uint32_t asset;      /* DIVIDEND */
    uint8_t action;      /* TRD_CORPORATE_* */
    uint8_t reserved[3];
} trd_corporate_body;

enum { TRD_CORPORATE_SPLIT = 1, TRD_CORPORATE_DIVIDEND = 2 };

/* BOOKS: what happens to the books of all. Fields that an action does not name are 0. */
typedef struct trd_books_body {
    union {
        trd_px px;   /* EXPIRE: final price; OPTION: of the underlying */
        trd_amt cap; /* COLLATERAL: minor units of the valuation asset, [0, 2^62); 0 without one */
    };
    trd_ns due;           /* INTEREST: each is applied once */
    uint32_t asset;       /* RATE, INTEREST, COLLATERAL */
    uint32_t numerator;   /* RATE: [1, 2^31]; INTEREST: the rate, 10^-9, [0, 10^9]; COLLATERAL: the
                             haircut, 10^-6, [0, 10^6] */
    uint32_t denominator; /* RATE: [1, 2^31]; COLLATERAL: 1 with a cap, else 0 */
    uint8_t action;       /* TRD_BOOKS_* */
    uint8_t reserved[3];
} trd_books_body;

enum {
    TRD_BOOKS_DAY = 1,       /* a new session day */
    TRD_BOOKS_PERIOD = 2,    /* a new period of volumes */
    TRD_BOOKS_RATE = 3,      /* what a minor unit of `asset` is worth, valuation asset */
    TRD_BOOKS_INTEREST = 4,  /* debts in `asset` grow */
    TRD_BOOKS_EXPIRE = 5,    /* `instrument` of the base ends at px */
    TRD_BOOKS_ENABLE = 6,    /* `instrument` takes orders */
    TRD_BOOKS_DISABLE = 7,   /* it takes no orders; cancels pass */
    TRD_BOOKS_COLLATERAL = 8 /* what `asset` counts for, accounts of mode MULTI */
};

/* The base slot of every command. */
typedef struct trd_command {
    uint64_t seq;        /* given by whoever orders the commands; echoed in EXEC */
    trd_ns time;         /* engine time becomes max(engine time, time) */
    uint8_t kind;        /* TRD_COMMAND_* */
    uint8_t slots;       /* slots of the record, this one included: [1, TRD_SLOTS_MAX] */
    uint16_t flags;      /* TRD_COMMAND_* flag bits */
    uint32_t instrument; /* index given by trd_match_add */
    uint32_t account;
    uint32_t actor; /* who sends it: session or user, for roles and audit */
    union {
        trd_new order; /* NEW */
        trd_cancel cancel;
        trd_replace replace;
        trd_mass_cancel mass;
        trd_quote quote;
        trd_price price;
        trd_subscribe subscribe;
        trd_session session;
        trd_kill kill;
        trd_deadman deadman;
        trd_protection protection;
        trd_account_body account;
        trd_transfer_body transfer;
        trd_limit_body limit;
        trd_funding_body funding;
        trd_corporate_body corporate;
        trd_books_body books;
        uint8_t body[32]; /* kinds without a struct here: docs/formats/records.md */
    } u;
} trd_command;

/* Extension slots. `kind` is at byte 16 as in a base; `seq` is the base's. */
typedef struct trd_ext_prices { /* ORDER_PRICES */
    uint64_t seq;
    trd_px trigger; /* elects the order when touched */
    uint8_t kind;
    uint8_t slots; /* zero: not a base */
    uint16_t flags;
    uint8_t source;      /* TRD_SOURCE_* the trigger watches */
    uint8_t offset_unit; /* TRD_OFFSET_* */
    uint8_t peg;         /* TRD_PEG_* */
    uint8_t reserved0;
    trd_px activation;    /* trailing starts when touched, with TRD_PRICES_ACTIVATION */
    int64_t offset;       /* trail or peg distance in offset_unit; protection in ticks */
    trd_px cap;           /* a peg never goes beyond, with TRD_PRICES_CAP */
    int64_t limit_offset; /* TRAILING_STOP_LIMIT: limit = trigger +- this many ticks, with
                             TRD_PRICES_LIMIT_OFFSET; px of the order is then zero */
    uint64_t reserved;
} trd_ext_prices;

enum { TRD_OFFSET_TICKS = 1, TRD_OFFSET_AMOUNT = 2, TRD_OFFSET_BASIS_POINTS = 3 };
enum { TRD_PEG_BEST = 1, TRD_PEG_MID = 2, TRD_PEG_OPPOSITE = 3 };
/* Which fields of ORDER_PRICES are meant: bits of its flags. In a REPLACE the others stay. */
enum {
    TRD_PRICES_TRIGGER = 1,
    TRD_PRICES_ACTIVATION = 2,
    TRD_PRICES_CAP = 4,
    TRD_PRICES_OFFSET = 8, /* offset with its unit, source and peg */
    TRD_PRICES_LIMIT_OFFSET = 16
};

typedef struct trd_ext_sizes { /* ORDER_SIZES */
    uint64_t seq;
    trd_qty minimum; /* fill at least this at once or cancel; 0 none */
    uint8_t kind;
    uint8_t slots;
    uint16_t flags;
    uint32_t reserved0;
    trd_qty peak;       /* displayed quantity of an iceberg; 0 none */
    trd_qty peak_range; /* with PEAK_RANDOM: each peak in [peak - range, peak + range] */
    trd_amt budget;     /* with BUDGET: spend at most, minor units of the settlement asset */
    uint64_t seed;      /* of the random peaks */
    uint64_t reserved;
} trd_ext_sizes;

/* Which fields of ORDER_SIZES are meant, in a REPLACE: bits of its flags. A NEW may leave them 0.
 */
enum { TRD_SIZES_MINIMUM = 1, TRD_SIZES_PEAK = 2, TRD_SIZES_PEAK_RANGE = 4, TRD_SIZES_BUDGET = 8 };

typedef struct trd_ext_link { /* ORDER_LINK */
    uint64_t seq;
    uint64_t link; /* legs with the same link belong together; 0 none */
    uint8_t kind;
    uint8_t slots;
    uint16_t flags;   /* TRD_LINK_* bits */
    uint8_t leg;      /* 1 .. legs */
    uint8_t legs;     /* 0 for an order without siblings */
    uint8_t relation; /* TRD_RELATION_* */
    uint8_t race;     /* TRD_RACE_*: a child's fill after the parent was canceled */
    trd_ns expiry;    /* GTD, GTT, with TRD_LINK_EXPIRY */
    uint64_t tag;     /* free: strategy, mass cancel group */
    uint64_t parent;  /* parent order of the owner's algorithm, for its quantity; 0 none */
    uint64_t group;   /* trade group for self-trade prevention, 0: the account */
    uint32_t owner;   /* REPLACE: new account, with TRD_LINK_OWNER */
    uint32_t reserved;
} trd_ext_link;

enum {
    TRD_LINK_EXPIRY = 1,
    TRD_LINK_FULL_FILL = 2, /* OTO: children only on the full fill */
    TRD_LINK_OWNER = 4
};
enum {
    TRD_RELATION_NONE = 0,
    TRD_RELATION_OCO = 1,
    TRD_RELATION_OTO = 2,
    TRD_RELATION_OUO = 3,
    TRD_RELATION_BRACKET = 4
};
enum { TRD_RACE_KEEP = 0, TRD_RACE_FLATTEN = 1 };

typedef struct trd_ext_text { /* TEXT */
    uint64_t seq;
    uint64_t reserved0;
    uint8_t kind;
    uint8_t slots;
    uint16_t flags;
    uint32_t size; /* bytes used, [0, 40] */
    char text[40]; /* UTF-8, zero padded */
} trd_ext_text;

/* Tables of TABLE_ROW. */
enum {
    TRD_TABLE_INSTRUMENT = 1, /* fields of a specification */
    TRD_TABLE_TICKS = 2,      /* tiers: from, step */
    TRD_TABLE_MATCHING = 3,   /* fields of a matching profile */
    TRD_TABLE_PROTECTION = 4  /* delta and vega limits of PROTECTION */
};

typedef struct trd_ext_row { /* TABLE_ROW */
    uint64_t seq;
    uint64_t key; /* field or row number */
    uint8_t kind;
    uint8_t slots;
    uint16_t flags;
    uint32_t table; /* which table */
    int64_t value[5];
} trd_ext_row;

TRD_STATIC_ASSERT(sizeof(trd_new) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_cancel) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_replace) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_mass_cancel) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_session) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_price) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_quote) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_subscribe) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_kill) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_deadman) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_protection) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_account_body) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_transfer_body) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_limit_body) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_funding_body) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_corporate_body) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_books_body) == 32, "a body is 32 bytes");
TRD_STATIC_ASSERT(sizeof(trd_command) == TRD_SLOT_SIZE, "one slot");
TRD_STATIC_ASSERT(sizeof(trd_ext_prices) == TRD_SLOT_SIZE, "one slot");
TRD_STATIC_ASSERT(sizeof(trd_ext_sizes) == TRD_SLOT_SIZE, "one slot");
TRD_STATIC_ASSERT(sizeof(trd_ext_link) == TRD_SLOT_SIZE, "one slot");
TRD_STATIC_ASSERT(sizeof(trd_ext_text) == TRD_SLOT_SIZE, "one slot");
TRD_STATIC_ASSERT(sizeof(trd_ext_row) == TRD_SLOT_SIZE, "one slot");

/* trd_command_text returns the name of a command or extension kind, "?" if there is none. */
TRD_API const char *trd_command_text(unsigned kind);

TRD_END_DECLS

#endif
