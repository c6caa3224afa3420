/* coverage_special.c - see coverage_special.h. Each table is followed by the rule that keeps the
 * cells out that are in its `never`. */
#include "coverage_special.h"

#include "grid.h"

#include <stdio.h>
#include <string.h>

#define AS_TEXT(name) #name

/* --- Events, causes -------------------------------------------------------------------------- */

static uint64_t events[32];
static uint64_t exec_slots;
static uint64_t causes[32];
static uint64_t restates[8];

/* Written by nothing today: CORPORATE needs corporate actions; LEDGER, POSITION and MARGIN are of
 * later modules. */
static uint32_t report_lists(void) {
    static const char *const restate_names[] = {"", "PEAK", "CUT", "PEG", "SLIDE", "LINKED"};
    uint32_t missed = 0;
    for (unsigned i = TRD_EVENT_ACCEPTED; i <= TRD_EVENT_AUCTION; i++) {
        missed += grid_line("event", trd_event_text(i), events[i], 1);
    }
    missed += grid_line("event", "EXEC extension", exec_slots, 1);
    for (unsigned i = TRD_CAUSE_USER; i <= TRD_CAUSE_RISK; i++) {
        missed += grid_line("cause", trd_cause_text(i), causes[i], 1);
    }
    for (unsigned i = TRD_RESTATE_PEAK; i <= TRD_RESTATE_LINKED; i++) {
        missed += grid_line("restated", restate_names[i], restates[i], 1);
    }
    return missed;
}

/* --- Accepted orders: type x time in force, instruction, prevention ----------------------------
 */

#define TYPES(ROW)                                                                                 \
    ROW(TYPE_0), ROW(LIMIT), ROW(MARKET), ROW(MARKET_PROTECTED), ROW(MARKET_TO_LIMIT), ROW(STOP),  \
        ROW(STOP_LIMIT), ROW(TOUCHED), ROW(TOUCHED_LIMIT), ROW(TRAILING_STOP),                     \
        ROW(TRAILING_STOP_LIMIT), ROW(PEGGED)
#define TIFS(ROW)                                                                                  \
    ROW(TIF_0), ROW(GTC), ROW(IOC), ROW(FOK), ROW(DAY), ROW(GTD), ROW(AT_OPEN), ROW(AT_CLOSE),     \
        ROW(GFA), ROW(GFN), ROW(GTT)
#define EXECS(ROW)                                                                                 \
    ROW(POST_ONLY), ROW(POST_ONLY_SLIDE), ROW(REDUCE_ONLY), ROW(CLOSE_POSITION), ROW(HIDDEN),      \
        ROW(ALL_OR_NONE), ROW(SINGLE_PRICE), ROW(PEAK_RANDOM), ROW(PEAK_IN_PLACE), ROW(BUDGET),    \
        ROW(PEAK), ROW(MINIMUM), ROW(TAGGED), ROW(GROUP), ROW(LONG), ROW(SHORT)
#define STPS(ROW)                                                                                  \
    ROW(NONE), ROW(CANCEL_TAKER), ROW(CANCEL_MAKER), ROW(CANCEL_BOTH), ROW(DECREMENT),             \
        ROW(TRANSFER), ROW(REJECT)
#define AS_EXEC(name) EXEC_##name

enum { EXECS(AS_EXEC), EXEC_COUNT };
static const char *const type_names[] = {TYPES(AS_TEXT)};
static const char *const tif_names[] = {TIFS(AS_TEXT)};
static const char *const exec_names[] = {EXECS(AS_TEXT)};
static const char *const stp_names[] = {STPS(AS_TEXT)};

#define T(name) BIT(TRD_TIF_##name)
#define X(name) BIT(EXEC_##name)
#define ONLY(bits) (~(uint64_t)(bits))
#define T_STOP (T(GTC) | T(IOC) | T(FOK) | T(DAY) | T(GTD))
#define T_AUCTION (T(AT_OPEN) | T(AT_CLOSE) | T(GFA))

/* The column "needs" of the table of combinations. */
static grid tifs = {.name = "accepted: type x time in force",
    .rows = type_names,
    .columns = tif_names,
    .row_count = COUNT_OF(type_names),
    .column_count = COUNT_OF(tif_names),
    .never = {[0] = UINT64_MAX,
        [TRD_TYPE_LIMIT] = T(GTT) | BIT(0),
        [TRD_TYPE_MARKET] = ONLY(T(GTC) | T(IOC) | T(FOK) | T(DAY) | T(GFN) | T_AUCTION),
        [TRD_TYPE_MARKET_PROTECTED] = ONLY(T_STOP | T(GFN)),
        [TRD_TYPE_MARKET_TO_LIMIT] = ONLY(T(GTC) | T(IOC) | T(DAY) | T(GTD) | T(GFN)),
        [TRD_TYPE_STOP] = ONLY(T_STOP | T(GTT)),
        [TRD_TYPE_STOP_LIMIT] = ONLY(T_STOP | T(GTT)),
        [TRD_TYPE_TOUCHED] = ONLY(T_STOP | T(GTT)),
        [TRD_TYPE_TOUCHED_LIMIT] = ONLY(T_STOP | T(GTT)),
        [TRD_TYPE_TRAILING_STOP] = ONLY(T_STOP),
        [TRD_TYPE_TRAILING_STOP_LIMIT] = ONLY(T_STOP),
        [TRD_TYPE_PEGGED] = ONLY(T(GTC) | T(DAY) | T(GTD))}};

#define X_POST (X(POST_ONLY) | X(POST_ONLY_SLIDE))
#define X_PEAK (X(PEAK) | X(PEAK_RANDOM) | X(PEAK_IN_PLACE))
#define X_MARKET (X_POST | X(HIDDEN) | X(ALL_OR_NONE) | X_PEAK)

/* The column "does not go with"; BUDGET is of MARKET alone, CLOSE_POSITION of the types listed. */
static grid execs = {.name = "accepted: type x instruction",
    .rows = type_names,
    .columns = exec_names,
    .row_count = COUNT_OF(type_names),
    .column_count = EXEC_COUNT,
    .never = {[0] = UINT64_MAX,
        [TRD_TYPE_LIMIT] = X(BUDGET),
        [TRD_TYPE_MARKET] = X_MARKET,
        [TRD_TYPE_MARKET_PROTECTED] = X_POST | X(BUDGET) | X(CLOSE_POSITION),
        [TRD_TYPE_MARKET_TO_LIMIT] =
            X_POST | X(ALL_OR_NONE) | X(BUDGET) | X(CLOSE_POSITION) | X(SINGLE_PRICE),
        [TRD_TYPE_STOP] = X_MARKET | X(BUDGET),
        [TRD_TYPE_STOP_LIMIT] = X(BUDGET),
        [TRD_TYPE_TOUCHED] = X_MARKET | X(BUDGET),
        [TRD_TYPE_TOUCHED_LIMIT] = X(BUDGET),
        [TRD_TYPE_TRAILING_STOP] = X_MARKET | X(BUDGET) | X(CLOSE_POSITION),
        [TRD_TYPE_TRAILING_STOP_LIMIT] = X(BUDGET) | X(CLOSE_POSITION),
        [TRD_TYPE_PEGGED] = X_POST | X(ALL_OR_NONE) | X_PEAK | X(BUDGET) | X(CLOSE_POSITION) |
                            X(MINIMUM) | X(SINGLE_PRICE)}};

static grid stps = {.name = "accepted: type x self-trade prevention",
    .rows = type_names,
    .columns = stp_names,
    .row_count = COUNT_OF(type_names),
    .column_count = COUNT_OF(stp_names),
    .never = {[0] = UINT64_MAX}};

/* --- What an order was when it came ------------------------------------------------------------
 */

/* Orders by the hash of their handle; a later one takes the place of an earlier one. */
typedef struct birth {
    trd_order order;
    uint8_t type;
    uint8_t offset_unit;
    uint8_t peg;
    bool activation;
} birth;

enum { BIRTHS = 1 << 14 };
static birth births[BIRTHS];

static birth *birth_of(trd_order order) {
    return &births[(order * 0x9e3779b97f4a7c15u) >> 50];
}

static uint64_t exec_bits(const trd_command *c) {
    uint64_t bits = c->u.order.exec;
    bits |= c->u.order.position == TRD_POSITION_LONG ? X(LONG) : 0;
    bits |= c->u.order.position == TRD_POSITION_SHORT ? X(SHORT) : 0;
    for (uint32_t i = 1; i < c->slots; i++) {
        if (c[i].kind == TRD_EXT_ORDER_SIZES) {
            trd_ext_sizes s;
            memcpy(&s, &c[i], sizeof(s));
            bits |= (s.peak != 0 ? X(PEAK) : 0) | (s.minimum != 0 ? X(MINIMUM) : 0);
        } else if (c[i].kind == TRD_EXT_ORDER_LINK) {
            trd_ext_link link;
            memcpy(&link, &c[i], sizeof(link));
            bits |= (link.tag != 0 ? X(TAGGED) : 0) | (link.group != 0 ? X(GROUP) : 0);
        }
    }
    return bits;
}

static void count_accepted(const trd_command *c, trd_order order) {
    const trd_new *n = &c->u.order;
    birth *b = birth_of(order);
    *b = (birth){.order = order, .type = n->type};
    grid_add(&tifs, BIT(n->type), BIT(n->tif));
    grid_add(&execs, BIT(n->type), exec_bits(c));
    grid_add(&stps, BIT(n->type), BIT(n->stp));
    for (uint32_t i = 1; i < c->slots; i++) {
        if (c[i].kind == TRD_EXT_ORDER_PRICES) {
            trd_ext_prices p;
            memcpy(&p, &c[i], sizeof(p));
            b->offset_unit = p.offset_unit;
            b->peg = p.peg;
            b->activation = (p.flags & TRD_PRICES_ACTIVATION) != 0;
        }
    }
}

/* --- Executions: what the taker was x what the maker was ---------------------------------------
 */

#define MET(ROW)                                                                                   \
    ROW(PLAIN), ROW(ICEBERG), ROW(RESERVE), ROW(HIDDEN), ROW(ALL_OR_NONE), ROW(PEGGED),            \
        ROW(RELEASED), ROW(REDUCE_ONLY), ROW(BUDGET), ROW(SINGLE_PRICE), ROW(AUCTION_TIF),         \
        ROW(DATED), ROW(DAY), ROW(STP_TAKER), ROW(STP_MAKER), ROW(STP_BOTH), ROW(STP_DECREMENT),   \
        ROW(STP_TRANSFER), ROW(STP_REJECT), ROW(OWN), ROW(ALLOCATED), ROW(BANDED), ROW(PREVENTED)
#define AS_MET(name) MET_##name
enum { MET(AS_MET), MET_COUNT };
static const char *const met_names[] = {MET(AS_TEXT)};

#define M(name) BIT(MET_##name)
/* BUDGET and SINGLE_PRICE orders never rest. AUCTION_TIF orders execute in auctions only. What is
 * of the maker alone: its reserve, whose it is, how its level is divided, the band. */
#define M_AT_ONCE (M(BUDGET) | M(SINGLE_PRICE))
#define M_MAKER (M(RESERVE) | M(OWN) | M(ALLOCATED) | M(BANDED))
#define M_NEVER (M_AT_ONCE | M(AUCTION_TIF))
/* A taker with prevention does not execute with its own. */
#define M_STP_NEVER (M_NEVER | M(OWN))

/* Seldom as takers, and seldom as makers. */
#define M_STPS                                                                                     \
    (M(STP_TAKER) | M(STP_MAKER) | M(STP_BOTH) | M(STP_DECREMENT) | M(STP_TRANSFER) | M(STP_REJECT))
#define M_RARE                                                                                     \
    (M(HIDDEN) | M(ALL_OR_NONE) | M(REDUCE_ONLY) | M(PREVENTED) | M(PEGGED) | M(DATED) |           \
        M(RESERVE) | M_STPS)
#define M_RARER (M(HIDDEN) | M(ALL_OR_NONE) | M(REDUCE_ONLY) | M(PREVENTED) | M(STP_REJECT))

static grid met = {.name = "executions: taker feature x maker feature",
    .rows = met_names,
    .columns = met_names,
    .row_count = MET_COUNT,
    .column_count = MET_COUNT,
    .never = {[MET_PLAIN] = M_NEVER,
        [MET_ICEBERG] = M_NEVER,
        [MET_RESERVE] = UINT64_MAX,
        [MET_HIDDEN] = M_NEVER,
        [MET_ALL_OR_NONE] = M_NEVER,
        [MET_PEGGED] = M_NEVER,
        [MET_RELEASED] = M_NEVER,
        [MET_REDUCE_ONLY] = M_NEVER,
        [MET_BUDGET] = M_NEVER,
        [MET_SINGLE_PRICE] = M_NEVER,
        [MET_AUCTION_TIF] = UINT64_MAX,
        [MET_DATED] = M_NEVER,
        [MET_DAY] = M_NEVER,
        [MET_STP_TAKER] = M_STP_NEVER,
        [MET_STP_MAKER] = M_STP_NEVER,
        [MET_STP_BOTH] = M_STP_NEVER,
        [MET_STP_DECREMENT] = M_STP_NEVER,
        [MET_STP_TRANSFER] = M_STP_NEVER,
        [MET_STP_REJECT] = M_STP_NEVER,
        [MET_OWN] = UINT64_MAX,
        [MET_ALLOCATED] = UINT64_MAX,
        [MET_BANDED] = UINT64_MAX,
        [MET_PREVENTED] = M_NEVER},
    .rare = {[MET_HIDDEN] = M_RARER,
        [MET_ALL_OR_NONE] = M_RARER,
        [MET_REDUCE_ONLY] = M_RARE,
        [MET_BUDGET] = M_RARE,
        [MET_SINGLE_PRICE] = M_RARE,
        [MET_STP_TAKER] = M_RARER,
        [MET_STP_MAKER] = M_RARER,
        [MET_STP_BOTH] = M_RARER,
        [MET_STP_DECREMENT] = M_RARER,
        [MET_STP_TRANSFER] = M_RARER,
        [MET_STP_REJECT] = M_RARE,
        [MET_PREVENTED] = M_RARE | M(OWN) | M(DAY) | M(ICEBERG)}};

/* Auctions are a table of their own: buyer x seller. All-or-none orders, pegs and what executes at
 * once take no part. What was prevented before is counted in continuous trading. */
#define C_NEVER (M_AT_ONCE | M(ALL_OR_NONE) | M(PEGGED) | M_MAKER | M(PREVENTED))

/* Two orders that are both more than plain meet in few auctions. */
#define C_SELDOM (~(M(PLAIN) | C_NEVER))

static grid crossed = {.name = "auctions: buyer feature x seller feature",
    .rows = met_names,
    .columns = met_names,
    .row_count = MET_COUNT,
    .column_count = MET_COUNT,
    .never = {[MET_PLAIN] = C_NEVER,
        [MET_ICEBERG] = C_NEVER,
        [MET_RESERVE] = UINT64_MAX,
        [MET_HIDDEN] = C_NEVER,
        [MET_ALL_OR_NONE] = UINT64_MAX,
        [MET_PEGGED] = UINT64_MAX,
        [MET_RELEASED] = C_NEVER,
        [MET_REDUCE_ONLY] = C_NEVER,
        [MET_BUDGET] = UINT64_MAX,
        [MET_SINGLE_PRICE] = UINT64_MAX,
        [MET_AUCTION_TIF] = C_NEVER,
        [MET_DATED] = C_NEVER,
        [MET_DAY] = C_NEVER,
        [MET_STP_TAKER] = C_NEVER,
        [MET_STP_MAKER] = C_NEVER,
        [MET_STP_BOTH] = C_NEVER,
        [MET_STP_DECREMENT] = C_NEVER,
        [MET_STP_TRANSFER] = C_NEVER,
        [MET_STP_REJECT] = C_NEVER,
        [MET_OWN] = UINT64_MAX,
        [MET_ALLOCATED] = UINT64_MAX,
        [MET_BANDED] = UINT64_MAX,
        [MET_PREVENTED] = UINT64_MAX},
    .rare = {[MET_ICEBERG] = C_SELDOM,
        [MET_HIDDEN] = C_SELDOM,
        [MET_RELEASED] = C_SELDOM,
        [MET_REDUCE_ONLY] = C_SELDOM,
        [MET_AUCTION_TIF] = C_SELDOM,
        [MET_DATED] = C_SELDOM,
        [MET_DAY] = C_SELDOM,
        [MET_STP_TAKER] = C_SELDOM,
        [MET_STP_MAKER] = C_SELDOM,
        [MET_STP_BOTH] = C_SELDOM,
        [MET_STP_DECREMENT] = C_SELDOM,
        [MET_STP_TRANSFER] = C_SELDOM,
        [MET_STP_REJECT] = C_SELDOM}};

static uint64_t order_bits(const naive_order *o) {
    static const uint64_t stp[] = {0, M(STP_TAKER), M(STP_MAKER), M(STP_BOTH), M(STP_DECREMENT),
        M(STP_TRANSFER), M(STP_REJECT)};
    uint64_t bits = stp[o->stp % COUNT_OF(stp)];
    bits |= o->peak != 0 ? M(ICEBERG) : 0;
    bits |= (o->exec & TRD_EXEC_HIDDEN) != 0 ? M(HIDDEN) : 0;
    bits |= (o->exec & TRD_EXEC_ALL_OR_NONE) != 0 ? M(ALL_OR_NONE) : 0;
    bits |= (o->exec & TRD_EXEC_REDUCE_ONLY) != 0 ? M(REDUCE_ONLY) : 0;
    bits |= (o->exec & TRD_EXEC_BUDGET) != 0 ? M(BUDGET) : 0;
    bits |= (o->exec & TRD_EXEC_SINGLE_PRICE) != 0 ? M(SINGLE_PRICE) : 0;
    bits |= o->type == TRD_TYPE_PEGGED ? M(PEGGED) : 0;
    bits |= (o->marks & NAIVE_WAS_RELEASED) != 0 ? M(RELEASED) : 0;
    bits |= o->tif >= TRD_TIF_AT_OPEN && o->tif <= TRD_TIF_GFA ? M(AUCTION_TIF) : 0;
    bits |= o->tif == TRD_TIF_GTD || o->tif == TRD_TIF_GTT ? M(DATED) : 0;
    bits |= o->tif == TRD_TIF_DAY ? M(DAY) : 0;
    bits |= o->prevented > 0 ? M(PREVENTED) : 0;
    return bits == 0 ? M(PLAIN) : bits;
}

static bool are_own(const naive_order *a, const naive_order *b) {
    return a->account == b->account || (a->group != 0 && a->group == b->group);
}

static const char *const letter_names[] = {"FIFO", "A", "C", "K", "O", "Q", "S", "T", "PRORATA"};
static uint64_t letters[COUNT_OF(letter_names)];

void coverage_special_execution(
    const naive_match *m, const naive_order *taker, const naive_order *maker) {
    const trd_profile *profile = naive_profile(m, maker->instrument);
    const uint64_t rows = order_bits(taker);
    uint64_t columns = order_bits(maker);
    if (naive_state(m, maker->instrument) != TRD_SESSION_CONTINUOUS) {
        grid_add(&crossed, rows, columns);
        return;
    }
    columns |= maker->peak != 0 && maker->displayed == 0 ? M(RESERVE) : 0;
    columns |= are_own(taker, maker) ? M(OWN) : 0;
    columns |= profile->allocation != TRD_ALLOCATE_FIFO ? M(ALLOCATED) : 0;
    columns |= profile->band_action != 0 ? M(BANDED) : 0;
    grid_add(&met, rows, columns);
    letters[profile->allocation % COUNT_OF(letters)]++;
}

/* --- Triggers, trails, pegs --------------------------------------------------------------------
 */

static const char *const source_names[] = {"-", "LAST", "BID", "ASK", "MARK", "INDEX"};
static grid triggers = {.name = "triggered: type x source",
    .rows = type_names,
    .columns = source_names,
    .row_count = COUNT_OF(type_names),
    .column_count = COUNT_OF(source_names),
    .never = {[0] = UINT64_MAX,
        [TRD_TYPE_LIMIT] = UINT64_MAX,
        [TRD_TYPE_MARKET] = UINT64_MAX,
        [TRD_TYPE_MARKET_PROTECTED] = UINT64_MAX,
        [TRD_TYPE_MARKET_TO_LIMIT] = UINT64_MAX,
        [TRD_TYPE_STOP] = BIT(0),
        [TRD_TYPE_STOP_LIMIT] = BIT(0),
        [TRD_TYPE_TOUCHED] = BIT(0),
        [TRD_TYPE_TOUCHED_LIMIT] = BIT(0),
        [TRD_TYPE_TRAILING_STOP] = BIT(0),
        [TRD_TYPE_TRAILING_STOP_LIMIT] = BIT(0),
        [TRD_TYPE_PEGGED] = UINT64_MAX}};

static const char *const unit_names[] = {"-", "TICKS", "AMOUNT", "BASIS_POINTS"};
static const char *const trail_names[] = {"STOP", "STOP_LIMIT", "WITH_ACTIVATION", "WITHOUT"};
static grid trails = {.name = "triggered trails: unit x how",
    .rows = unit_names,
    .columns = trail_names,
    .row_count = COUNT_OF(unit_names),
    .column_count = COUNT_OF(trail_names),
    .never = {[0] = UINT64_MAX}};

static const char *const peg_names[] = {"-", "BEST", "MID", "OPPOSITE"};
static const char *const repeg_names[] = {"PRICED", "WITHOUT_PRICE", "BUY", "SELL"};
static grid pegs = {.name = "repriced pegs: reference x result",
    .rows = peg_names,
    .columns = repeg_names,
    .row_count = COUNT_OF(peg_names),
    .column_count = COUNT_OF(repeg_names),
    .never = {[0] = UINT64_MAX}};

static void count_triggered(const trd_event *e) {
    const birth *b = birth_of(e->u.trigger.order);
    if (b->order != e->u.trigger.order) {
        return;
    }
    grid_add(&triggers, BIT(b->type), BIT(e->reason % COUNT_OF(source_names)));
    if (b->type == TRD_TYPE_TRAILING_STOP || b->type == TRD_TYPE_TRAILING_STOP_LIMIT) {
        const uint64_t how =
            BIT(b->type - TRD_TYPE_TRAILING_STOP) | (b->activation ? BIT(2) : BIT(3));
        grid_add(&trails, BIT(b->offset_unit % COUNT_OF(unit_names)), how);
    }
}

static void count_restated(const trd_event *e) {
    restates[e->reason % COUNT_OF(restates)]++;
    const birth *b = birth_of(e->u.restate.order);
    if (e->reason == TRD_RESTATE_PEG && b->order == e->u.restate.order) {
        const uint64_t side = e->side == TRD_BUY ? BIT(2) : BIT(3);
        grid_add(&pegs, BIT(b->peg % COUNT_OF(peg_names)),
            (e->u.restate.px != 0 ? BIT(0) : BIT(1)) | side);
    }
}

/* --- Sessions ----------------------------------------------------------------------------------
 */

#define STATES(ROW)                                                                                \
    ROW(STATE_0), ROW(CONTINUOUS), ROW(PRE_OPEN), ROW(OPENING), ROW(VOLATILITY), ROW(CLOSING),     \
        ROW(CLOSED), ROW(HALTED)
static const char *const state_names[] = {STATES(AS_TEXT)};

static const uint8_t kinds[] = {TRD_COMMAND_NEW, TRD_COMMAND_CANCEL, TRD_COMMAND_REPLACE,
    TRD_COMMAND_REDUCE, TRD_COMMAND_MASS_CANCEL, TRD_COMMAND_SESSION, TRD_COMMAND_PRICE,
    TRD_COMMAND_SUBSCRIBE, TRD_COMMAND_KILL, TRD_COMMAND_DEADMAN};
static const char *const kind_names[] = {"NEW", "CANCEL", "REPLACE", "REDUCE", "MASS_CANCEL",
    "SESSION", "PRICE", "SUBSCRIBE", "KILL", "DEADMAN"};

/* CLOSED and HALTED take neither NEW nor REPLACE. */
static grid taken = {.name = "commands that were taken: session state x kind",
    .rows = state_names,
    .columns = kind_names,
    .row_count = COUNT_OF(state_names),
    .column_count = COUNT_OF(kind_names),
    .never = {[0] = UINT64_MAX,
        [TRD_SESSION_CLOSED] = BIT(0) | BIT(2),
        [TRD_SESSION_HALTED] = BIT(0) | BIT(2)}};

static grid changes = {.name = "session changes: from x to",
    .rows = state_names,
    .columns = state_names,
    .row_count = COUNT_OF(state_names),
    .column_count = COUNT_OF(state_names),
    .never = {[0] = UINT64_MAX,
        [1] = BIT(0),
        [2] = BIT(0),
        [3] = BIT(0),
        [4] = BIT(0),
        [5] = BIT(0),
        [6] = BIT(0),
        [7] = BIT(0)}};

static const char *const by_names[] = {"BY_0", "COMMAND", "TIME", "BREAKER", "LIMIT", "CASCADE"};
#define S(name) BIT(TRD_SESSION_##name)
/* By itself an instrument goes on as sessions.md, "SESSION command", lists; a breaker ends in
 * VOLATILITY, the band in it or in HALTED, a cascade in HALTED. */
static grid caused = {.name = "session changes: cause x to",
    .rows = by_names,
    .columns = state_names,
    .row_count = COUNT_OF(by_names),
    .column_count = COUNT_OF(state_names),
    .never = {[0] = UINT64_MAX,
        [TRD_SESSION_BY_COMMAND] = BIT(0),
        [TRD_SESSION_BY_TIME] = BIT(0) | S(VOLATILITY) | S(HALTED),
        [TRD_SESSION_BY_BREAKER] = ~S(VOLATILITY),
        [TRD_SESSION_BY_LIMIT] = ~(S(VOLATILITY) | S(HALTED)),
        [TRD_SESSION_BY_CASCADE] = ~S(HALTED)}};

static const char *const tie_names[] = {
    "NONE", "IMBALANCE", "PRESSURE", "REFERENCE", "MIDDLE", "HIGHEST", "LOWEST"};
static const char *const auction_names[] = {
    "FINAL", "FINAL_WITHOUT_PRICE", "INDICATIVE", "INDICATIVE_WITHOUT_PRICE"};
static grid auctions = {.name = "auctions: tie-break of the profile x result",
    .rows = tie_names,
    .columns = auction_names,
    .row_count = COUNT_OF(tie_names),
    .column_count = COUNT_OF(auction_names)};

static void count_auction(const naive_match *m, const trd_event *e) {
    const trd_profile *p = naive_profile(m, e->instrument);
    uint64_t rows = p->ties[0] == TRD_TIE_NONE ? BIT(TRD_TIE_NONE) : 0u;
    for (int i = 0; i < TRD_TIES_MAX && p->ties[i] != TRD_TIE_NONE; i++) {
        rows |= BIT(p->ties[i]);
    }
    const unsigned column =
        (e->u.auction.final != 0 ? 0u : 2u) + (e->u.auction.priced != 0 ? 0u : 1u);
    grid_add(&auctions, rows, BIT(column));
}

/* --- Bands -------------------------------------------------------------------------------------
 */

static const char *const action_names[] = {"NO_BAND", "REJECT", "CANCEL", "WHOLE"};
static const char *const band_names[] = {
    "NEW_REFUSED", "REPLACE_REFUSED", "CANCELED", "AT_THE_BAND"};
/* CANCEL refuses nothing by its limit, but whole orders. */
static grid bands = {.name = "bands: action x what happened",
    .rows = action_names,
    .columns = band_names,
    .row_count = COUNT_OF(action_names),
    .column_count = COUNT_OF(band_names),
    .never = {[0] = UINT64_MAX, [TRD_BAND_CANCEL] = BIT(1)}};

static void count_band(const naive_match *m, const trd_event *e, unsigned column) {
    const trd_profile *p = naive_profile(m, e->instrument);
    grid_add(&bands, BIT(p->band_action % 3) | (p->band_whole != 0 ? BIT(3) : 0), BIT(column));
}

/* --- Prevention --------------------------------------------------------------------------------
 */

static const char *const where_names[] = {"BOOK", "HIDDEN", "ASIDE", "AUCTION", "WAITING"};
static uint64_t prevented[COUNT_OF(stp_names)];

/* --- Linked orders: what happened x relation ----------------------------------------------------
 */

static const char *const linked_names[NAIVE_LINK_BITS] = {"STAGED", "ENTERED", "REFUSED", "DROPPED",
    "DECIDED_BY_EXECUTION", "DECIDED_BY_RELEASE", "DECIDED_BY_END", "REDUCED", "REDUCED_TO_NOTHING",
    "REDUCED_BEFORE_ITS_TURN", "GRANTED", "GREW", "REVIVED", "PARKED", "PARKED_BY_SIBLING",
    "ENDED_WITH_PARENT", "OUTLIVED_PARENT", "NO_SESSION", "IN_AUCTION", "ENDED_BEFORE_ITS_TURN",
    "POST_ONLY"};
static const char *const relation_names[] = {"-", "OCO", "OTO", "OUO", "BRACKET"};
#define L(name) BIT(TRD_RELATION_##name)
#define L_CHILDREN (~(L(OTO) | L(BRACKET)))
#define L_SHARED (~(L(OUO) | L(BRACKET)))

/* Legs decide in OCO, and by a release in BRACKET; they share lots in OUO and BRACKET; OTO and
 * BRACKET have children, and OCO and OUO have more than one turn. Seldom: a breaker between an
 * execution and what follows it, and a post-only child that has lost its lots and finds the other
 * side at its price when it gets more. */
static grid linked = {.name = "linked orders: what happened x relation",
    .rows = linked_names,
    .columns = relation_names,
    .row_count = NAIVE_LINK_BITS,
    .column_count = COUNT_OF(relation_names),
    .never = {[0] = BIT(0),
        [1] = BIT(0),
        [2] = BIT(0),
        [3] = BIT(0),
        [4] = ~L(OCO),
        [5] = ~(L(OCO) | L(BRACKET)),
        [6] = ~L(OCO),
        [7] = L_SHARED,
        [8] = L_SHARED,
        [9] = L_SHARED,
        [10] = L_CHILDREN,
        [11] = L_CHILDREN,
        [12] = L_CHILDREN,
        [13] = L_CHILDREN,
        [14] = ~L(BRACKET),
        [15] = L_CHILDREN,
        [16] = L_CHILDREN,
        [17] = L_CHILDREN,
        [18] = L_CHILDREN,
        [19] = ~(L(OCO) | L(OUO)),
        [20] = L_CHILDREN},
    .rare = {[18] = UINT64_MAX, [20] = UINT64_MAX}};

/* --- Named orders: command x where the order is ------------------------------------------------
 */

static const char *const named_names[] = {"CANCEL", "REPLACE", "REDUCE", "REPLACE_REFUSED",
    "REDUCE_REFUSED", "ENDED_BY_MASS", "ENDED_BY_KILL", "ENDED_BY_DEADMAN", "EXPIRED"};
/* Only a wrong record of a CANCEL is refused, so it has no row; a market order in an auction is
 * one, and not dated. */
static grid named = {.name = "named orders: command x place",
    .rows = named_names,
    .columns = where_names,
    .row_count = 5,
    .column_count = COUNT_OF(where_names)};

static int named_row = -1;
static uint8_t named_where;

void coverage_special_before(const naive_match *m, const trd_command *c) {
    named_row = -1;
    if (c->kind < TRD_COMMAND_CANCEL || c->kind > TRD_COMMAND_REDUCE) {
        return;
    }
    const uint64_t target =
        c->kind == TRD_COMMAND_REPLACE ? c->u.replace.target : c->u.cancel.target;
    const naive_order *order = (c->flags & TRD_COMMAND_BY_HANDLE) != 0
                                   ? naive_by_handle(m, target)
                                   : naive_find(m, c->account, target);
    if (order != NULL) {
        named_row = c->kind - TRD_COMMAND_CANCEL;
        named_where = order->where;
    }
}

static void count_named(const trd_command *c, bool refused) {
    if (named_row < 0 || (refused && c->kind == TRD_COMMAND_CANCEL)) {
        return;
    }
    const int row = refused ? named_row + 2 : named_row;
    grid_add(&named, BIT(row), BIT(named_where % COUNT_OF(where_names)));
}

/* --- Counting ----------------------------------------------------------------------------------
 */

static void count_event(const naive_match *m, const trd_command *c, const trd_event *e) {
    events[e->kind % COUNT_OF(events)]++;
    exec_slots += e->slots - 1u;
    switch (e->kind) {
    case TRD_EVENT_ACCEPTED:
        /* The legs before the last, and quotes, came with no record of their own, or with none. */
        if (c->kind == TRD_COMMAND_NEW && c->u.order.client_id == e->u.order.client_id) {
            count_accepted(c, e->u.order.order);
        }
        break;
    case TRD_EVENT_REJECTED:
    case TRD_EVENT_REPLACE_REJECTED:
        if (e->reason == TRD_REJECT_BAND) {
            count_band(m, e, e->kind == TRD_EVENT_REJECTED ? 0 : 1);
        }
        break;
    case TRD_EVENT_CANCELED:
        causes[e->reason % COUNT_OF(causes)]++;
        if (e->reason == TRD_CAUSE_BAND) {
            count_band(m, e, 2);
        }
        break;
    case TRD_EVENT_TRIGGERED:
        count_triggered(e);
        break;
    case TRD_EVENT_PREVENTED:
        prevented[e->reason % COUNT_OF(prevented)]++;
        break;
    case TRD_EVENT_RESTATED:
        count_restated(e);
        break;
    case TRD_EVENT_SESSION:
        grid_add(&changes, BIT(e->u.session.former), BIT(e->u.session.state));
        grid_add(&caused, BIT(e->u.session.cause), BIT(e->u.session.state));
        if (e->u.session.cause == TRD_SESSION_BY_LIMIT) {
            count_band(m, e, 3);
        }
        break;
    case TRD_EVENT_AUCTION:
        count_auction(m, e);
        break;
    default:
        break;
    }
}

void coverage_special_after(const naive_match *m, const trd_match_def *def, const trd_command *c) {
    (void)def;
    uint32_t slots;
    const trd_event *e = naive_events(m, &slots);
    for (uint32_t i = 0; i < slots; i += e[i].slots) {
        count_event(m, c, &e[i]);
    }
    for (unsigned relation = TRD_RELATION_OCO; relation <= TRD_RELATION_BRACKET; relation++) {
        grid_add(&linked, naive_linking(m, relation), BIT(relation));
    }
    const bool refused = naive_broken(m) != 0;
    count_named(c, refused);
    for (uint32_t i = 0; i < COUNT_OF(kinds) && !refused; i++) {
        if (kinds[i] == c->kind && c->instrument < naive_instruments(m)) {
            grid_add(&taken, BIT(naive_state(m, c->instrument)), BIT(i));
        }
    }
}

/* --- Report ------------------------------------------------------------------------------------
 */

uint32_t coverage_special_report(void) {
    uint32_t missed = report_lists();
    for (size_t i = 0; i < COUNT_OF(letters); i++) {
        missed += grid_line("allocation", letter_names[i], letters[i], 1);
    }
    for (size_t i = TRD_STP_CANCEL_TAKER; i < COUNT_OF(prevented); i++) {
        missed += grid_line("prevented", stp_names[i], prevented[i], 1);
    }
    const grid *all[] = {&tifs, &execs, &stps, &met, &crossed, &triggers, &trails, &pegs, &taken,
        &changes, &caused, &auctions, &bands, &named, &linked};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        missed += grid_report(all[i]);
    }
    return missed;
}
