/* coverage.c - see coverage.h. */
#include "coverage.h"

#include "coverage_quote.h"
#include "coverage_special.h"
#include "coverage_verdict.h"
#include "grid.h"
#include "life.h"

#include <stdio.h>
#include <string.h>

/* --- Executions: how the taker came x what the maker was -------------------------------------- */

#define TAKERS(ROW)                                                                                \
    ROW(GTC), ROW(IOC), ROW(FOK), ROW(MARKET_GTC), ROW(MARKET_IOC), ROW(MARKET_FOK), ROW(MINIMUM), \
        ROW(REPLACED), ROW(FILLS), ROW(GOES_ON), ROW(BUYS), ROW(SELLS)
#define MAKERS(ROW)                                                                                \
    ROW(PLAIN), ROW(POST_ONLY), ROW(HAD_MINIMUM), ROW(MOVED), ROW(CUT), ROW(RENAMED),              \
        ROW(EXECUTED_BEFORE), ROW(FILLED), ROW(LEFT), ROW(SAME_ACCOUNT), ROW(OTHERS_BEHIND),       \
        ROW(LAST_OF_LEVEL), ROW(LAST_OF_SIDE), ROW(AT_PX_MIN), ROW(AT_PX_MAX)
#define AS_TAKER(name) TAKER_##name
#define AS_MAKER(name) MAKER_##name
#define AS_TEXT(name) #name

enum { TAKERS(AS_TAKER), TAKER_COUNT };
enum { MAKERS(AS_MAKER), MAKER_COUNT };
static const char *const taker_names[] = {TAKERS(AS_TEXT)};
static const char *const maker_names[] = {MAKERS(AS_TEXT)};

static grid executions = {.name = "executions: taker x maker",
    .rows = taker_names,
    .columns = maker_names,
    .row_count = TAKER_COUNT,
    .column_count = MAKER_COUNT,
    .never = {[TAKER_GOES_ON] = BIT(MAKER_LEFT)}};

static bool opens(const naive_match *m, uint32_t instrument) {
    return naive_state(m, instrument) == TRD_SESSION_CONTINUOUS;
}

/* An order as matching.md knows it. */
static bool is_plain(const naive_order *order) {
    return order->type <= TRD_TYPE_MARKET && order->tif <= TRD_TIF_FOK &&
           (order->exec & ~TRD_EXEC_POST_ONLY) == 0 && (order->marks & NAIVE_WAS_RELEASED) == 0;
}

static uint64_t taker_bits(const naive_order *taker, trd_qty qty) {
    const bool market = taker->type == TRD_TYPE_MARKET;
    uint64_t bits = 0;
    if ((taker->marks & NAIVE_BY_REPLACE) != 0) {
        bits = BIT(TAKER_REPLACED);
    } else if (taker->tif == TRD_TIF_GTC) {
        bits = market ? BIT(TAKER_MARKET_GTC) : BIT(TAKER_GTC);
    } else if (taker->tif == TRD_TIF_IOC) {
        bits = market ? BIT(TAKER_MARKET_IOC) : BIT(TAKER_IOC);
    } else {
        bits = market ? BIT(TAKER_MARKET_FOK) : BIT(TAKER_FOK);
    }
    if ((taker->marks & (NAIVE_HAD_MINIMUM | NAIVE_BY_REPLACE)) == NAIVE_HAD_MINIMUM) {
        bits |= BIT(TAKER_MINIMUM);
    }
    bits |= taker->leaves == qty ? BIT(TAKER_FILLS) : BIT(TAKER_GOES_ON);
    return bits | (taker->side == TRD_BUY ? BIT(TAKER_BUYS) : BIT(TAKER_SELLS));
}

static uint64_t maker_bits(
    const naive_match *m, const naive_order *taker, const naive_order *maker, trd_qty qty) {
    const naive_side *side = naive_orders(m, maker->instrument, maker->side);
    const trd_instrument *spec = naive_spec(m, maker->instrument);
    const unsigned marks = maker->marks;
    uint64_t bits = 0;
    bits |= (maker->exec & TRD_EXEC_POST_ONLY) != 0 ? BIT(MAKER_POST_ONLY) : 0;
    bits |= (marks & NAIVE_HAD_MINIMUM) != 0 ? BIT(MAKER_HAD_MINIMUM) : 0;
    bits |= (marks & NAIVE_WAS_MOVED) != 0 ? BIT(MAKER_MOVED) : 0;
    bits |= (marks & NAIVE_WAS_CUT) != 0 ? BIT(MAKER_CUT) : 0;
    bits |= (marks & NAIVE_WAS_RENAMED) != 0 ? BIT(MAKER_RENAMED) : 0;
    bits |= bits == 0 ? BIT(MAKER_PLAIN) : 0;
    bits |= maker->executed > 0 ? BIT(MAKER_EXECUTED_BEFORE) : 0;
    bits |= maker->leaves == qty ? BIT(MAKER_FILLED) : BIT(MAKER_LEFT);
    bits |= maker->account == taker->account ? BIT(MAKER_SAME_ACCOUNT) : 0;
    if (side->count == 1) {
        bits |= BIT(MAKER_LAST_OF_SIDE);
    } else {
        bits |= side->at[1]->px == maker->px ? BIT(MAKER_OTHERS_BEHIND) : BIT(MAKER_LAST_OF_LEVEL);
    }
    bits |= maker->px == spec->px_min ? BIT(MAKER_AT_PX_MIN) : 0;
    bits |= maker->px == spec->px_max ? BIT(MAKER_AT_PX_MAX) : 0;
    return bits;
}

void coverage_execution(void *user, const naive_match *m, const naive_order *taker,
    const naive_order *maker, trd_qty qty) {
    (void)user;
    coverage_special_execution(m, taker, maker);
    coverage_quote_execution(m, taker, maker);
    if (is_plain(taker) && maker->where == TRD_WHERE_BOOK && opens(m, maker->instrument)) {
        grid_add(&executions, taker_bits(taker, qty), maker_bits(m, taker, maker, qty));
    }
}

/* --- Changes: what was asked x what the order was --------------------------------------------- */

#define CHANGES(ROW)                                                                               \
    ROW(CANCEL), ROW(REDUCE), ROW(REDUCE_ALL), ROW(SAME), ROW(RENAME), ROW(LESS), ROW(MORE),       \
        ROW(AWAY), ROW(CLOSER), ROW(ACROSS), ROW(ENDS), ROW(BY_HANDLE), ROW(BY_ID), ROW(NEW_ID),   \
        ROW(KEEP_PX), ROW(KEEP_QTY)
#define STATES(ROW)                                                                                \
    ROW(ALONE_ON_SIDE), ROW(ALONE_AT_PRICE), ROW(FIRST), ROW(MIDDLE), ROW(LAST), ROW(AT_BEST),     \
        ROW(BEHIND_BEST), ROW(UNTOUCHED), ROW(EXECUTED), ROW(POST_ONLY), ROW(HAD_MINIMUM),         \
        ROW(MOVED), ROW(CUT), ROW(RENAMED), ROW(OPPOSITE_EMPTY), ROW(NO_CAPACITY),                 \
        ROW(IDS_WINDOW), ROW(IDS_ASCENDING), ROW(IDS_REUSE), ROW(TIERS), ROW(LOT_STEP),            \
        ROW(INVERSE)
#define AS_CHANGE(name) CHANGE_##name
#define AS_STATE(name) STATE_##name

enum { CHANGES(AS_CHANGE), CHANGE_COUNT };
enum { STATES(AS_STATE), STATE_COUNT };
static const char *const change_names[] = {CHANGES(AS_TEXT)};
static const char *const state_names[] = {STATES(AS_TEXT)};

static grid changes = {.name = "changes: command x order",
    .rows = change_names,
    .columns = state_names,
    .row_count = CHANGE_COUNT,
    .column_count = STATE_COUNT,
    .never = {[CHANGE_ENDS] = BIT(STATE_UNTOUCHED),
        [CHANGE_ACROSS] = BIT(STATE_OPPOSITE_EMPTY) | BIT(STATE_POST_ONLY)}};

static const naive_order *target_of(const naive_match *m, const trd_command *c) {
    const uint64_t target =
        c->kind == TRD_COMMAND_REPLACE ? c->u.replace.target : c->u.cancel.target;
    return (c->flags & TRD_COMMAND_BY_HANDLE) != 0 ? naive_by_handle(m, target)
                                                   : naive_find(m, c->account, target);
}

static uint64_t place_bits(const naive_side *side, const naive_order *order) {
    uint32_t at = 0;
    while (side->at[at] != order) {
        at++;
    }
    const bool ahead = at > 0 && side->at[at - 1]->px == order->px;
    const bool behind = at + 1 < side->count && side->at[at + 1]->px == order->px;
    uint64_t bits = side->at[0]->px == order->px ? BIT(STATE_AT_BEST) : BIT(STATE_BEHIND_BEST);
    bits |= side->count == 1 ? BIT(STATE_ALONE_ON_SIDE) : 0;
    bits |= !ahead && !behind ? BIT(STATE_ALONE_AT_PRICE) : 0;
    bits |= !ahead && behind ? BIT(STATE_FIRST) : 0;
    bits |= ahead && behind ? BIT(STATE_MIDDLE) : 0;
    bits |= ahead && !behind ? BIT(STATE_LAST) : 0;
    return bits;
}

static uint64_t market_bits(
    const naive_match *m, const trd_match_def *def, uint32_t instrument, unsigned side) {
    const trd_instrument *spec = naive_spec(m, instrument);
    const naive_side *opposite = naive_orders(m, instrument, side == TRD_BUY ? TRD_SELL : TRD_BUY);
    uint64_t bits = opposite->count == 0 ? BIT(STATE_OPPOSITE_EMPTY) : 0;
    bits |= naive_count(m) >= def->orders_max ? BIT(STATE_NO_CAPACITY) : 0;
    bits |= def->id_mode == TRD_IDS_WINDOW ? BIT(STATE_IDS_WINDOW) : 0;
    bits |= def->id_mode == TRD_IDS_ASCENDING ? BIT(STATE_IDS_ASCENDING) : 0;
    bits |= def->id_mode == TRD_IDS_REUSE ? BIT(STATE_IDS_REUSE) : 0;
    bits |= spec->tier_count > 0 ? BIT(STATE_TIERS) : 0;
    bits |= spec->lot_step > 1 ? BIT(STATE_LOT_STEP) : 0;
    bits |= spec->kind == TRD_INSTRUMENT_INVERSE ? BIT(STATE_INVERSE) : 0;
    return bits;
}

static uint64_t state_bits(
    const naive_match *m, const trd_match_def *def, const naive_order *order) {
    uint64_t bits = place_bits(naive_orders(m, order->instrument, order->side), order);
    bits |= market_bits(m, def, order->instrument, order->side);
    bits |= order->executed == 0 ? BIT(STATE_UNTOUCHED) : BIT(STATE_EXECUTED);
    bits |= (order->exec & TRD_EXEC_POST_ONLY) != 0 ? BIT(STATE_POST_ONLY) : 0;
    bits |= (order->marks & NAIVE_HAD_MINIMUM) != 0 ? BIT(STATE_HAD_MINIMUM) : 0;
    bits |= (order->marks & NAIVE_WAS_MOVED) != 0 ? BIT(STATE_MOVED) : 0;
    bits |= (order->marks & NAIVE_WAS_CUT) != 0 ? BIT(STATE_CUT) : 0;
    bits |= (order->marks & NAIVE_WAS_RENAMED) != 0 ? BIT(STATE_RENAMED) : 0;
    return bits;
}

static uint64_t px_change_bits(const naive_match *m, const naive_order *order, trd_px px) {
    const bool buy = order->side == TRD_BUY;
    const naive_side *opposite = naive_orders(m, order->instrument, buy ? TRD_SELL : TRD_BUY);
    if (opposite->count > 0 && (buy ? px >= opposite->at[0]->px : px <= opposite->at[0]->px)) {
        return BIT(CHANGE_ACROSS);
    }
    return (buy ? px > order->px : px < order->px) ? BIT(CHANGE_CLOSER) : BIT(CHANGE_AWAY);
}

static uint64_t replace_bits(const naive_match *m, const trd_command *c, const naive_order *order) {
    const bool keep_px = (c->flags & TRD_COMMAND_KEEP_PX) != 0;
    const bool keep_qty = (c->flags & TRD_COMMAND_KEEP_QTY) != 0;
    const bool new_id =
        (c->flags & TRD_COMMAND_NEW_ID) != 0 && c->u.replace.client_id != order->client_id;
    const trd_px px = keep_px ? order->px : c->u.replace.px;
    const trd_qty total = keep_qty ? order->total : c->u.replace.qty;
    uint64_t bits = keep_px ? BIT(CHANGE_KEEP_PX) : 0;
    bits |= keep_qty ? BIT(CHANGE_KEEP_QTY) : 0;
    bits |= new_id ? BIT(CHANGE_NEW_ID) : 0;
    if (order->executed > 0 && total <= order->executed) {
        return bits | BIT(CHANGE_ENDS);
    }
    if (px != order->px) {
        return bits | px_change_bits(m, order, px);
    }
    if (total != order->total) {
        return bits | (total < order->total ? BIT(CHANGE_LESS) : BIT(CHANGE_MORE));
    }
    return bits | (new_id ? BIT(CHANGE_RENAME) : BIT(CHANGE_SAME));
}

static uint64_t change_bits(const naive_match *m, const trd_command *c, const naive_order *order) {
    const uint64_t by =
        (c->flags & TRD_COMMAND_BY_HANDLE) != 0 ? BIT(CHANGE_BY_HANDLE) : BIT(CHANGE_BY_ID);
    if (c->kind == TRD_COMMAND_CANCEL) {
        return by | BIT(CHANGE_CANCEL);
    }
    if (c->kind == TRD_COMMAND_REDUCE) {
        const bool all = c->u.cancel.qty >= order->leaves;
        return by | (all ? BIT(CHANGE_REDUCE_ALL) : BIT(CHANGE_REDUCE));
    }
    return by | replace_bits(m, c, order);
}

/* --- New orders: what became of them x where they came ---------------------------------------- */

#define OUTCOMES(ROW)                                                                              \
    ROW(RESTS), ROW(TAKES_THEN_RESTS), ROW(FILLED), ROW(POST_ONLY_RESTS), ROW(IOC_FILLED),         \
        ROW(IOC_ENDS), ROW(IOC_TAKES_THEN_ENDS), ROW(FOK_FILLED), ROW(FOK_ENDS),                   \
        ROW(MARKET_FILLED), ROW(MARKET_ENDS), ROW(MARKET_TAKES_THEN_ENDS), ROW(MINIMUM_FILLED),    \
        ROW(MINIMUM_ENDS), ROW(MINIMUM_RESTS)
#define PLACES(ROW)                                                                                \
    ROW(OPPOSITE_EMPTY), ROW(OPPOSITE_FULL), ROW(OWN_EMPTY), ROW(OWN_FULL), ROW(LAST_ROOM),        \
        ROW(IDS_WINDOW), ROW(IDS_ASCENDING), ROW(IDS_REUSE), ROW(EXEC_ON), ROW(EXEC_OFF),          \
        ROW(LEVELS_ON), ROW(LEVELS_OFF), ROW(ORDERS_ON), ROW(ORDERS_OFF), ROW(TAPE_ON),            \
        ROW(TAPE_OFF), ROW(TIERS), ROW(LOT_STEP), ROW(INVERSE), ROW(NEGATIVE_PX),                  \
        ROW(ANY_ACCOUNT), ROW(FEW_ACCOUNTS)
#define AS_OUTCOME(name) OUTCOME_##name
#define AS_PLACE(name) PLACE_##name

enum { OUTCOMES(AS_OUTCOME), OUTCOME_COUNT };
enum { PLACES(AS_PLACE), PLACE_COUNT };
static const char *const outcome_names[] = {OUTCOMES(AS_TEXT)};
static const char *const place_names[] = {PLACES(AS_TEXT)};

/* Nothing is taken from an empty side; a market order has px 0. */
static grid outcomes = {.name = "new orders: outcome x place",
    .rows = outcome_names,
    .columns = place_names,
    .row_count = OUTCOME_COUNT,
    .column_count = PLACE_COUNT,
    .never = {[OUTCOME_TAKES_THEN_RESTS] = BIT(PLACE_OPPOSITE_EMPTY),
        [OUTCOME_FILLED] = BIT(PLACE_OPPOSITE_EMPTY),
        [OUTCOME_IOC_FILLED] = BIT(PLACE_OPPOSITE_EMPTY),
        [OUTCOME_IOC_TAKES_THEN_ENDS] = BIT(PLACE_OPPOSITE_EMPTY),
        [OUTCOME_FOK_FILLED] = BIT(PLACE_OPPOSITE_EMPTY),
        [OUTCOME_MARKET_FILLED] = BIT(PLACE_OPPOSITE_EMPTY) | BIT(PLACE_NEGATIVE_PX),
        [OUTCOME_MARKET_ENDS] = BIT(PLACE_OPPOSITE_FULL) | BIT(PLACE_NEGATIVE_PX),
        [OUTCOME_MARKET_TAKES_THEN_ENDS] = BIT(PLACE_OPPOSITE_EMPTY) | BIT(PLACE_NEGATIVE_PX),
        [OUTCOME_MINIMUM_FILLED] = BIT(PLACE_OPPOSITE_EMPTY),
        [OUTCOME_MINIMUM_RESTS] = BIT(PLACE_OPPOSITE_EMPTY)}};

static uint64_t publish_bits(uint32_t publish) {
    uint64_t bits = (publish & TRD_PUBLISH_EXEC) != 0 ? BIT(PLACE_EXEC_ON) : BIT(PLACE_EXEC_OFF);
    bits |= (publish & TRD_PUBLISH_LEVELS) != 0 ? BIT(PLACE_LEVELS_ON) : BIT(PLACE_LEVELS_OFF);
    bits |= (publish & TRD_PUBLISH_ORDERS) != 0 ? BIT(PLACE_ORDERS_ON) : BIT(PLACE_ORDERS_OFF);
    return bits | ((publish & TRD_PUBLISH_TAPE) != 0 ? BIT(PLACE_TAPE_ON) : BIT(PLACE_TAPE_OFF));
}

static uint64_t new_place_bits(
    const naive_match *m, const trd_match_def *def, const trd_command *c) {
    const unsigned side = c->u.order.side;
    const uint64_t market = market_bits(m, def, c->instrument, side);
    uint64_t bits = publish_bits(naive_publish(m, c->instrument));
    bits |= (market & BIT(STATE_OPPOSITE_EMPTY)) != 0 ? BIT(PLACE_OPPOSITE_EMPTY)
                                                      : BIT(PLACE_OPPOSITE_FULL);
    bits |= naive_orders(m, c->instrument, side)->count == 0 ? BIT(PLACE_OWN_EMPTY)
                                                             : BIT(PLACE_OWN_FULL);
    bits |= naive_count(m) + 1 == def->orders_max ? BIT(PLACE_LAST_ROOM) : 0;
    bits |= BIT(PLACE_IDS_WINDOW + def->id_mode - TRD_IDS_WINDOW);
    bits |= (market & BIT(STATE_TIERS)) != 0 ? BIT(PLACE_TIERS) : 0;
    bits |= (market & BIT(STATE_LOT_STEP)) != 0 ? BIT(PLACE_LOT_STEP) : 0;
    bits |= (market & BIT(STATE_INVERSE)) != 0 ? BIT(PLACE_INVERSE) : 0;
    bits |= c->u.order.px < 0 ? BIT(PLACE_NEGATIVE_PX) : 0;
    return bits | (def->accounts_max == 0 ? BIT(PLACE_ANY_ACCOUNT) : BIT(PLACE_FEW_ACCOUNTS));
}

/* What happened to the order that the command made, by its own events. */
typedef struct fate {
    bool takes;
    bool filled;
    uint8_t cause;
} fate;

static fate fate_of(const naive_match *m, const trd_command *c) {
    uint32_t slots;
    const trd_event *e = naive_events(m, &slots);
    trd_order order = 0;
    fate f = {false, false, 0};
    for (uint32_t i = 0; i < slots; i += e[i].slots) {
        if (e[i].kind == TRD_EVENT_ACCEPTED && e[i].u.order.client_id == c->u.order.client_id) {
            order = e[i].u.order.order;
        } else if (e[i].kind == TRD_EVENT_FILL && e[i].u.fill.order == order) {
            f.takes |= e[i].liquidity == TRD_LIQUIDITY_TAKER;
            f.filled = e[i].status == TRD_STATUS_FILLED;
        } else if (e[i].kind == TRD_EVENT_CANCELED && e[i].u.cancel.order == order) {
            f.cause = e[i].reason;
        }
    }
    return f;
}

static uint64_t outcome_bits(const naive_match *m, const trd_command *c) {
    const fate f = fate_of(m, c);
    const bool takes = f.takes;
    const bool filled = f.filled;
    const uint8_t cause = f.cause;
    if (cause > TRD_CAUSE_MIN_QTY) { /* of rules that plain orders meet but do not have */
        return 0;
    }
    const trd_new *n = &c->u.order;
    if (cause == TRD_CAUSE_FOK) {
        return BIT(OUTCOME_FOK_ENDS);
    }
    if (cause == TRD_CAUSE_MIN_QTY) {
        return BIT(OUTCOME_MINIMUM_ENDS);
    }
    trd_qty minimum = 0;
    if (c->slots == 2) {
        memcpy(&minimum, (const char *)&c[1] + 8, sizeof(minimum));
    }
    uint64_t bits = 0;
    if (minimum > 0) {
        bits |= filled ? BIT(OUTCOME_MINIMUM_FILLED) : 0;
        bits |= !filled && cause == 0 ? BIT(OUTCOME_MINIMUM_RESTS) : 0;
    }
    if (n->type == TRD_TYPE_MARKET) {
        return bits | (filled     ? BIT(OUTCOME_MARKET_FILLED)
                          : takes ? BIT(OUTCOME_MARKET_TAKES_THEN_ENDS)
                                  : BIT(OUTCOME_MARKET_ENDS));
    }
    if (n->tif == TRD_TIF_FOK) {
        return bits | BIT(OUTCOME_FOK_FILLED);
    }
    if (n->tif == TRD_TIF_IOC) {
        return bits | (filled     ? BIT(OUTCOME_IOC_FILLED)
                          : takes ? BIT(OUTCOME_IOC_TAKES_THEN_ENDS)
                                  : BIT(OUTCOME_IOC_ENDS));
    }
    if (n->exec == TRD_EXEC_POST_ONLY) {
        return bits | BIT(OUTCOME_POST_ONLY_RESTS);
    }
    return bits | (filled     ? BIT(OUTCOME_FILLED)
                      : takes ? BIT(OUTCOME_TAKES_THEN_RESTS)
                              : BIT(OUTCOME_RESTS));
}

/* --- Refusals: command x reason, and which rule was broken behind the reported one -------------
 */

#define REJECT_NAME(name, number, text) [TRD_REJECT_##name] = #name,
#define TRD_REJECT_ROW REJECT_NAME
static const char *const reject_names[] = {
    [0] = "NONE",
#include <tradsys/reject.def>
};
enum { REJECT_COUNT = COUNT_OF(reject_names) };

#define REFUSED(ROW)                                                                               \
    ROW(NEW), ROW(CANCEL), ROW(REDUCE), ROW(REPLACE), ROW(SUBSCRIBE), ROW(TIMER), ROW(PRICE),      \
        ROW(SESSION), ROW(MASS_CANCEL), ROW(KILL), ROW(DEADMAN), ROW(QUOTE), ROW(PROTECTION),      \
        ROW(OTHER)
#define AS_REFUSED(name) REFUSED_##name
enum { REFUSED(AS_REFUSED), REFUSED_COUNT };
static const char *const refused_names[] = {REFUSED(AS_TEXT)};

#define R(name) BIT(TRD_REJECT_##name)
#define R_NAME (R(MALFORMED) | R(UNKNOWN_ORDER) | R(ORDER_MISMATCH))
#define R_TERMS                                                                                    \
    (R(DUPLICATE_ID) | R(ID_NOT_ASCENDING) | R(OFF_TICK) | R(PRICE_LIMIT) | R(QTY_ZERO) |          \
        R(QTY_NEGATIVE) | R(OFF_LOT) | R(QTY_MIN) | R(QTY_MAX) | R(NOTIONAL_MIN) |                 \
        R(NOTIONAL_MAX) | R(POST_ONLY) | R(SESSION) | R(BAND) | R(BAD_COMBINATION) |               \
        R(SELF_MATCH))
#define R_NEW                                                                                      \
    (R_TERMS | R(MALFORMED) | R(UNSUPPORTED) | R(BAD_SIDE) | R(BAD_TYPE) | R(BAD_TIF) |            \
        R(UNKNOWN_INSTRUMENT) | R(UNKNOWN_ACCOUNT) | R(MIN_QTY) | R(NO_CAPACITY) | R(KILLED) |     \
        R(PEAK) | R(BUDGET) | R(OFFSET) | R(EXPIRY) | R(NO_MARKET) | R(REDUCE_ONLY) |              \
        R(POSITION) | R(THROUGH) | R(LINK))
#define R_WHERE (R(MALFORMED) | R(UNKNOWN_INSTRUMENT))
#define R_SCOPE (R_WHERE | R(UNKNOWN_ACCOUNT))
#define R_QUOTE                                                                                    \
    (R_SCOPE | R(UNSUPPORTED) | R(BAD_COMBINATION) | R(KILLED) | R(SESSION) | R(PROTECTED) |       \
        R(OFF_TICK) | R(PRICE_LIMIT) | R(QTY_NEGATIVE) | R(OFF_LOT) | R(QTY_MIN) | R(QTY_MAX) |    \
        R(NOTIONAL_MIN) | R(NOTIONAL_MAX) | R(BAND) | R(POSITION) | R(NO_CAPACITY))

/* The cells that the reference says there are; never = all others. */
static grid refusals = {.name = "refusals: command x reason",
    .rows = refused_names,
    .columns = reject_names,
    .row_count = REFUSED_COUNT,
    .column_count = REJECT_COUNT,
    .never = {[REFUSED_NEW] = ~R_NEW,
        [REFUSED_CANCEL] = ~R_NAME,
        [REFUSED_REDUCE] =
            ~(R_NAME | R(QTY_ZERO) | R(QTY_NEGATIVE) | R(OFF_LOT) | R(BAD_COMBINATION)),
        [REFUSED_REPLACE] = ~(R_NAME | R_TERMS | R(UNSUPPORTED) | R(PEAK)),
        [REFUSED_SUBSCRIBE] = ~R_WHERE,
        [REFUSED_TIMER] = ~R(MALFORMED),
        [REFUSED_PRICE] = ~R_WHERE,
        [REFUSED_SESSION] = ~(R_WHERE | R(EXPIRY)),
        [REFUSED_MASS_CANCEL] = ~R_SCOPE,
        [REFUSED_KILL] = ~(R_SCOPE | R(NO_CAPACITY)),
        [REFUSED_DEADMAN] = ~(R_SCOPE | R(EXPIRY) | R(NO_CAPACITY)),
        [REFUSED_QUOTE] = ~R_QUOTE,
        [REFUSED_PROTECTION] = ~(R_SCOPE | R(UNSUPPORTED) | R(NO_CAPACITY)),
        [REFUSED_OTHER] = ~(R(MALFORMED) | R(UNSUPPORTED))},
    /* More than 64 scopes at a time. */
    .rare = {[REFUSED_KILL] = R(NO_CAPACITY), [REFUSED_DEADMAN] = R(NO_CAPACITY)}};

static uint32_t refused_row(uint8_t kind) {
    switch (kind) {
#define REFUSED_CASE(name)                                                                         \
    case TRD_COMMAND_##name:                                                                       \
        return REFUSED_##name;
        REFUSED_CASE(NEW)
        REFUSED_CASE(CANCEL)
        REFUSED_CASE(REDUCE)
        REFUSED_CASE(REPLACE)
        REFUSED_CASE(SUBSCRIBE)
        REFUSED_CASE(TIMER)
        REFUSED_CASE(PRICE)
        REFUSED_CASE(SESSION)
        REFUSED_CASE(MASS_CANCEL)
        REFUSED_CASE(KILL)
        REFUSED_CASE(DEADMAN)
        REFUSED_CASE(QUOTE)
        REFUSED_CASE(PROTECTION)
    default:
        return REFUSED_OTHER;
    }
}

/* Neighbours in precedence that one command can break both: the reported one x the next. */
typedef struct neighbours {
    uint8_t first;
    uint8_t second;
    uint64_t count;
} neighbours;

static neighbours of_new[] = {
    {TRD_REJECT_MALFORMED, TRD_REJECT_UNSUPPORTED, 0},
    {TRD_REJECT_UNSUPPORTED, TRD_REJECT_BAD_SIDE, 0},
    {TRD_REJECT_BAD_SIDE, TRD_REJECT_BAD_TYPE, 0},
    {TRD_REJECT_BAD_TYPE, TRD_REJECT_BAD_TIF, 0},
    {TRD_REJECT_BAD_COMBINATION, TRD_REJECT_KILLED, 0},
    {TRD_REJECT_KILLED, TRD_REJECT_DUPLICATE_ID, 0},
    {TRD_REJECT_BAD_COMBINATION, TRD_REJECT_DUPLICATE_ID, 0},
    {TRD_REJECT_DUPLICATE_ID, TRD_REJECT_ID_NOT_ASCENDING, 0},
    {TRD_REJECT_ID_NOT_ASCENDING, TRD_REJECT_UNKNOWN_INSTRUMENT, 0},
    {TRD_REJECT_UNKNOWN_INSTRUMENT, TRD_REJECT_UNKNOWN_ACCOUNT, 0},
    {TRD_REJECT_UNKNOWN_ACCOUNT, TRD_REJECT_OFF_TICK, 0},
    {TRD_REJECT_SESSION, TRD_REJECT_OFF_TICK, 0},
    {TRD_REJECT_OFF_TICK, TRD_REJECT_PRICE_LIMIT, 0},
    {TRD_REJECT_PRICE_LIMIT, TRD_REJECT_QTY_ZERO, 0},
    {TRD_REJECT_QTY_ZERO, TRD_REJECT_QTY_MIN, 0},
    {TRD_REJECT_QTY_NEGATIVE, TRD_REJECT_OFF_LOT, 0},
    {TRD_REJECT_OFF_LOT, TRD_REJECT_QTY_MIN, 0},
    {TRD_REJECT_OFF_LOT, TRD_REJECT_QTY_MAX, 0},
    {TRD_REJECT_NOTIONAL_MIN, TRD_REJECT_MIN_QTY, 0},
    {TRD_REJECT_NOTIONAL_MAX, TRD_REJECT_MIN_QTY, 0},
    {TRD_REJECT_MIN_QTY, TRD_REJECT_PEAK, 0},
    {TRD_REJECT_OFFSET, TRD_REJECT_EXPIRY, 0},
    {TRD_REJECT_EXPIRY, TRD_REJECT_NO_CAPACITY, 0},
    {TRD_REJECT_MIN_QTY, TRD_REJECT_NO_CAPACITY, 0},
    {TRD_REJECT_POST_ONLY, TRD_REJECT_NO_CAPACITY, 0},
};

static neighbours of_quote[] = {
    {TRD_REJECT_MALFORMED, TRD_REJECT_UNSUPPORTED, 0},
    {TRD_REJECT_UNSUPPORTED, TRD_REJECT_BAD_COMBINATION, 0},
    {TRD_REJECT_BAD_COMBINATION, TRD_REJECT_KILLED, 0},
    {TRD_REJECT_KILLED, TRD_REJECT_UNKNOWN_INSTRUMENT, 0},
    {TRD_REJECT_KILLED, TRD_REJECT_UNKNOWN_ACCOUNT, 0},
    {TRD_REJECT_KILLED, TRD_REJECT_SESSION, 0},
    {TRD_REJECT_SESSION, TRD_REJECT_PROTECTED, 0},
    {TRD_REJECT_PROTECTED, TRD_REJECT_OFF_TICK, 0},
    {TRD_REJECT_OFF_TICK, TRD_REJECT_PRICE_LIMIT, 0},
    {TRD_REJECT_PRICE_LIMIT, TRD_REJECT_QTY_NEGATIVE, 0},
    {TRD_REJECT_QTY_NEGATIVE, TRD_REJECT_OFF_LOT, 0},
    {TRD_REJECT_OFF_LOT, TRD_REJECT_QTY_MIN, 0},
    {TRD_REJECT_QTY_MAX, TRD_REJECT_BAND, 0},
    {TRD_REJECT_NOTIONAL_MIN, TRD_REJECT_BAND, 0},
    {TRD_REJECT_BAND, TRD_REJECT_NO_CAPACITY, 0},
    {TRD_REJECT_PROTECTED, TRD_REJECT_NO_CAPACITY, 0},
};

/* --- Counting -------------------------------------------------------------------------------- */

static const char *const call_names[] = {"step: MORE", "step: MORE without room", "step: E_FULL",
    "step: E_BUSY", "run: E_BUSY", "step: E_ARG", "run: OK", "run: stopped early", "run: MORE",
    "run: E_FULL", "run: record cut by the end", "audit", "levels outside the window",
    "ids forgotten", "step: NEED_VERDICT", "step: NEED_VERDICT again", "verdict: E_UNKNOWN",
    "run: NEED_VERDICT", "vet: passes", "vet: refuses", "vet: E_BUSY"};
static uint64_t calls[COVERAGE_CALLS];
/* From before to after. */
static uint64_t rows_before;
static uint64_t columns_before;

void coverage_count_call(coverage_call call) {
    calls[call]++;
}

void coverage_before(const naive_match *m, const trd_match_def *def, const trd_command *c) {
    coverage_special_before(m, c);
    coverage_quote_before(m, c);
    rows_before = 0;
    columns_before = 0;
    if (c->kind == TRD_COMMAND_NEW) {
        const bool judged = c->instrument < naive_instruments(m) &&
                            (c->u.order.side == TRD_BUY || c->u.order.side == TRD_SELL);
        columns_before = judged ? new_place_bits(m, def, c) : 0;
    } else if (c->kind >= TRD_COMMAND_CANCEL && c->kind <= TRD_COMMAND_REDUCE) {
        const naive_order *order = target_of(m, c);
        if (order != NULL && order->where == TRD_WHERE_BOOK && is_plain(order)) {
            rows_before = change_bits(m, c, order);
            columns_before = state_bits(m, def, order);
        }
    }
}

static void count_neighbours(neighbours *at, size_t count, uint8_t reason, uint64_t broken) {
    for (size_t i = 0; i < count; i++) {
        if (at[i].first == reason && (broken & BIT(at[i].second)) != 0) {
            at[i].count++;
        }
    }
}

static uint32_t report_neighbours(const char *what, const neighbours *at, size_t count) {
    uint32_t missed = 0;
    for (size_t i = 0; i < count; i++) {
        char name[64];
        snprintf(
            name, sizeof(name), "%s < %s", reject_names[at[i].first], reject_names[at[i].second]);
        missed += grid_line(what, name, at[i].count, 1);
    }
    return missed;
}

static void count_refusal(const trd_command *c, uint8_t reason, uint64_t broken) {
    grid_add(&refusals, BIT(refused_row(c->kind)), BIT(reason));
    if (c->kind == TRD_COMMAND_NEW) {
        count_neighbours(of_new, COUNT_OF(of_new), reason, broken);
    } else if (c->kind == TRD_COMMAND_QUOTE) {
        count_neighbours(of_quote, COUNT_OF(of_quote), reason, broken);
    }
}

/* The last base of the list: a refusal, if the command was refused. */
static const trd_event *last_event(const naive_match *m) {
    uint32_t slots;
    const trd_event *e = naive_events(m, &slots);
    const trd_event *last = NULL;
    for (uint32_t i = 0; i < slots; i += e[i].slots) {
        last = &e[i];
    }
    return last;
}

void coverage_after(const naive_match *m, const trd_match_def *def, const trd_command *c) {
    coverage_special_after(m, def, c);
    coverage_quote_after(m, c);
    coverage_verdict_after(m);
    if (naive_broken(m) != 0) {
        count_refusal(c, last_event(m)->reason, naive_broken(m));
    } else if (c->kind == TRD_COMMAND_NEW) {
        const bool plain = life_needs(c, naive_stride(c)) == 0 && opens(m, c->instrument);
        grid_add(&outcomes, plain ? outcome_bits(m, c) : 0, columns_before);
    } else {
        grid_add(&changes, rows_before, columns_before);
    }
}

/* --- Report ---------------------------------------------------------------------------------- */

static uint32_t report_lists(void) {
    uint32_t missed = 0;
    for (size_t i = 0; i < COVERAGE_CALLS; i++) {
        missed += grid_line("call", call_names[i], calls[i], 1);
    }
    missed += report_neighbours("precedence", of_new, COUNT_OF(of_new));
    missed += report_neighbours("precedence of QUOTE", of_quote, COUNT_OF(of_quote));
    return missed;
}

uint32_t coverage_report(void) {
    uint32_t missed = report_lists();
    const grid *all[] = {&refusals, &executions, &changes, &outcomes};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        missed += grid_report(all[i]);
    }
    return missed + coverage_special_report() + coverage_quote_report() + coverage_verdict_report();
}
