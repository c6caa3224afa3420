/* naive.c - the slow matcher. Read it beside docs/reference/matching.md: it is in the same order.
 */
#include "naive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct naive_market {
    trd_instrument spec;
    uint32_t publish;
    naive_side side[2]; /* by side - 1 */
} naive_market;

typedef struct naive_id {
    uint32_t account;
    uint64_t client_id;
} naive_id;

typedef struct naive_highest {
    bool has;
    uint64_t client_id;
} naive_highest;

struct naive_match {
    trd_match_def def;
    naive_market *market;
    trd_match_stats stats;
    trd_ns time;
    naive_id *ended; /* WINDOW: remembered ids, the one that ended first in front */
    uint32_t ended_count;
    naive_highest *highest; /* ASCENDING: by account */
    trd_event *events;
    uint32_t event_slots;
    uint32_t event_room;
    uint64_t broken;
    uint64_t command_seq;
    naive_watch watch;
    void *watch_user;
};

static void *grown(void *at, size_t size) {
    void *out = realloc(at, size);
    if (out == NULL) {
        fputs("naive: no memory\n", stderr);
        abort();
    }
    return out;
}

static trd_qty leaves(const naive_order *order) {
    return order->total - order->executed;
}

static uint8_t status_of(const naive_order *order) {
    if (leaves(order) == 0) {
        return TRD_STATUS_FILLED;
    }
    return order->executed == 0 ? TRD_STATUS_NEW : TRD_STATUS_PARTIALLY_FILLED;
}

/* --- Events ---------------------------------------------------------------------------------- */

static trd_event *slot(naive_match *m) {
    if (m->event_slots == m->event_room) {
        m->event_room = m->event_room * 2 + 64;
        m->events = grown(m->events, m->event_room * sizeof(trd_event));
    }
    trd_event *event = &m->events[m->event_slots++];
    memset(event, 0, sizeof(*event));
    return event;
}

static trd_event *emit(naive_match *m, uint8_t kind, uint32_t instrument, uint32_t account) {
    trd_event *event = slot(m);
    event->seq = ++m->stats.events;
    event->time = m->time;
    event->kind = kind;
    event->slots = 1;
    event->instrument = instrument;
    event->account = account;
    return event;
}

static uint32_t publish_of(const naive_match *m, const naive_order *order) {
    return m->market[order->instrument].publish;
}

static void emit_order_terms(naive_match *m, uint8_t kind, const naive_order *order, bool kept) {
    trd_event *event = emit(m, kind, order->instrument, order->account);
    event->side = order->side;
    event->status = status_of(order);
    event->flags = kept ? TRD_EVENT_PLACE_KEPT : 0;
    event->u.order.client_id = order->client_id;
    event->u.order.order = order->handle;
    event->u.order.px = order->px;
    event->u.order.qty = order->total;
}

static void emit_canceled(naive_match *m, const naive_order *order, uint8_t cause) {
    trd_event *event = emit(m, TRD_EVENT_CANCELED, order->instrument, order->account);
    event->side = order->side;
    event->status = TRD_STATUS_CANCELED;
    event->reason = cause;
    event->u.cancel.client_id = order->client_id;
    event->u.cancel.order = order->handle;
    event->u.cancel.qty = leaves(order);
    event->u.cancel.cum = order->executed;
}

static void emit_fill(naive_match *m, const naive_order *order, const naive_order *contra,
    trd_px px, trd_qty qty, uint8_t liquidity) {
    trd_event *event = emit(m, TRD_EVENT_FILL, order->instrument, order->account);
    event->side = order->side;
    event->liquidity = liquidity;
    event->status = status_of(order);
    event->u.fill.order = order->handle;
    event->u.fill.px = px;
    event->u.fill.qty = qty;
    event->u.fill.leaves = leaves(order);
    if ((publish_of(m, order) & TRD_PUBLISH_EXEC) == 0) {
        return;
    }
    event->slots = 2;
    trd_ext_exec exec;
    memset(&exec, 0, sizeof(exec));
    exec.seq = event->seq;
    exec.client_id = order->client_id;
    exec.kind = TRD_EXT_EXEC;
    exec.contra_account = contra->account;
    exec.cum = order->executed;
    exec.contra = contra->handle;
    exec.command_seq = m->command_seq;
    memcpy(slot(m), &exec, sizeof(exec));
}

static void emit_public(naive_match *m, const naive_order *order, trd_px px, uint8_t what,
    trd_qty left, trd_qty changed) {
    if ((publish_of(m, order) & TRD_PUBLISH_ORDERS) == 0) {
        return;
    }
    trd_event *event = emit(m, TRD_EVENT_ORDER, order->instrument, 0);
    event->side = order->side;
    event->status = what;
    event->u.displayed.order = order->handle;
    event->u.displayed.px = px;
    event->u.displayed.qty = left;
    event->u.displayed.changed = changed;
}

static void emit_level(naive_match *m, uint32_t instrument, unsigned side, trd_px px) {
    const naive_market *market = &m->market[instrument];
    if ((market->publish & TRD_PUBLISH_LEVELS) == 0) {
        return;
    }
    trd_event *event = emit(m, TRD_EVENT_LEVEL, instrument, 0);
    event->side = (uint8_t)side;
    event->u.level.px = px;
    for (uint32_t i = 0; i < market->side[side - 1].count; i++) {
        const naive_order *order = market->side[side - 1].at[i];
        if (order->px == px) {
            event->u.level.qty += leaves(order);
            event->u.level.count++;
        }
    }
}

static void emit_tape(
    naive_match *m, const naive_order *taker, trd_px px, trd_qty qty, uint64_t trade) {
    if ((publish_of(m, taker) & TRD_PUBLISH_TAPE) == 0) {
        return;
    }
    trd_event *event = emit(m, TRD_EVENT_TAPE, taker->instrument, 0);
    event->side = taker->side;
    event->u.tape.px = px;
    event->u.tape.qty = qty;
    event->u.tape.trade = trade;
}

/* --- Orders in their queues ------------------------------------------------------------------ */

static naive_side *side_of(const naive_match *m, const naive_order *order) {
    return &m->market[order->instrument].side[order->side - 1];
}

static naive_side *opposite_of(const naive_match *m, uint32_t instrument, unsigned side) {
    return &m->market[instrument].side[side == TRD_BUY ? 1 : 0];
}

static bool better(unsigned side, trd_px a, trd_px b) {
    return side == TRD_BUY ? a > b : a < b;
}

/* An order goes behind all that are better and all that are there already at its price. */
static void enqueue(naive_match *m, naive_order *order) {
    naive_side *side = side_of(m, order);
    if (side->count == side->room) {
        side->room = side->room * 2 + 16;
        side->at = grown(side->at, side->room * sizeof(naive_order *));
    }
    uint32_t at = 0;
    while (at < side->count && !better(order->side, order->px, side->at[at]->px)) {
        at++;
    }
    memmove(&side->at[at + 1], &side->at[at], (side->count - at) * sizeof(naive_order *));
    side->at[at] = order;
    side->count++;
    m->stats.orders++;
}

static void dequeue(naive_match *m, const naive_order *order) {
    naive_side *side = side_of(m, order);
    uint32_t at = 0;
    while (side->at[at] != order) {
        at++;
    }
    memmove(&side->at[at], &side->at[at + 1], (side->count - at - 1) * sizeof(naive_order *));
    side->count--;
    m->stats.orders--;
}

naive_order *naive_find(const naive_match *m, uint32_t account, uint64_t client_id) {
    for (uint32_t i = 0; i < m->stats.instruments * 2; i++) {
        const naive_side *side = &m->market[i / 2].side[i % 2];
        for (uint32_t at = 0; at < side->count; at++) {
            if (side->at[at]->account == account && side->at[at]->client_id == client_id) {
                return side->at[at];
            }
        }
    }
    return NULL;
}

naive_order *naive_by_handle(const naive_match *m, trd_order handle) {
    for (uint32_t i = 0; i < m->stats.instruments * 2; i++) {
        const naive_side *side = &m->market[i / 2].side[i % 2];
        for (uint32_t at = 0; at < side->count; at++) {
            if (side->at[at]->handle == handle) {
                return side->at[at];
            }
        }
    }
    return NULL;
}

/* --- Client ids ------------------------------------------------------------------------------ */

static void end_id(naive_match *m, uint32_t account, uint64_t client_id) {
    if (m->def.id_mode != TRD_IDS_WINDOW) {
        return;
    }
    m->ended[m->ended_count++] = (naive_id){account, client_id};
    if (m->ended_count > m->def.ids_max) {
        memmove(m->ended, m->ended + 1, --m->ended_count * sizeof(*m->ended));
        m->stats.ids_forgotten++;
    }
}

static void use_id(naive_match *m, uint32_t account, uint64_t client_id) {
    if (m->def.id_mode == TRD_IDS_ASCENDING) {
        m->highest[account] = (naive_highest){true, client_id};
    }
}

static bool id_is_taken(const naive_match *m, uint32_t account, uint64_t client_id) {
    for (uint32_t i = 0; i < m->ended_count; i++) {
        if (m->ended[i].account == account && m->ended[i].client_id == client_id) {
            return true;
        }
    }
    return naive_find(m, account, client_id) != NULL;
}

static bool account_exists(const naive_match *m, uint32_t account) {
    return m->def.accounts_max == 0 || account < m->def.accounts_max;
}

static bool id_is_low(const naive_match *m, uint32_t account, uint64_t client_id) {
    return m->def.id_mode == TRD_IDS_ASCENDING && account_exists(m, account) &&
           m->highest[account].has && client_id <= m->highest[account].client_id;
}

static void end_order(naive_match *m, naive_order *order) {
    end_id(m, order->account, order->client_id);
    free(order);
}

/* --- Matching -------------------------------------------------------------------------------- */

static bool crosses(unsigned taker_side, trd_px limit, trd_px maker_px) {
    return taker_side == TRD_BUY ? maker_px <= limit : maker_px >= limit;
}

static bool would_trade(const naive_order *taker, const naive_order *maker) {
    return taker->type == TRD_TYPE_MARKET || crosses(taker->side, taker->px, maker->px);
}

static trd_qty crossing_qty(const naive_match *m, const naive_order *taker) {
    const naive_side *side = opposite_of(m, taker->instrument, taker->side);
    trd_qty sum = 0;
    for (uint32_t i = 0; i < side->count && would_trade(taker, side->at[i]); i++) {
        sum += leaves(side->at[i]);
    }
    return sum;
}

static void execute(naive_match *m, naive_order *taker, naive_order *maker) {
    const trd_qty qty = leaves(taker) < leaves(maker) ? leaves(taker) : leaves(maker);
    if (m->watch != NULL) {
        m->watch(m->watch_user, m, taker, maker, qty);
    }
    const uint64_t trade = m->stats.events + 1;
    taker->executed += qty;
    maker->executed += qty;
    m->stats.executions++;
    emit_fill(m, taker, maker, maker->px, qty, TRD_LIQUIDITY_TAKER);
    emit_fill(m, maker, taker, maker->px, qty, TRD_LIQUIDITY_MAKER);
    emit_public(m, maker, maker->px, TRD_ORDER_EXECUTED, leaves(maker), qty);
    emit_tape(m, taker, maker->px, qty, trade);
    if (leaves(maker) == 0) {
        dequeue(m, maker);
        end_order(m, maker);
    }
}

static void take(naive_match *m, naive_order *taker) {
    const naive_side *side = opposite_of(m, taker->instrument, taker->side);
    const unsigned maker_side = taker->side == TRD_BUY ? TRD_SELL : TRD_BUY;
    while (leaves(taker) > 0 && side->count > 0 && would_trade(taker, side->at[0])) {
        const trd_px px = side->at[0]->px;
        execute(m, taker, side->at[0]);
        if (leaves(taker) == 0 || side->count == 0 || side->at[0]->px != px) {
            emit_level(m, taker->instrument, maker_side, px);
        }
    }
}

static void rest(naive_match *m, naive_order *order) {
    enqueue(m, order);
    emit_public(m, order, order->px, TRD_ORDER_ADDED, leaves(order), leaves(order));
    emit_level(m, order->instrument, order->side, order->px);
}

static void take_then_rest_or_end(naive_match *m, naive_order *taker) {
    take(m, taker);
    taker->marks &= ~(unsigned)NAIVE_BY_REPLACE;
    if (leaves(taker) == 0) {
        end_order(m, taker);
    } else if (taker->type == TRD_TYPE_LIMIT && taker->tif == TRD_TIF_GTC) {
        rest(m, taker);
    } else {
        emit_canceled(m, taker, taker->type == TRD_TYPE_MARKET ? TRD_CAUSE_MARKET : TRD_CAUSE_IOC);
        end_order(m, taker);
    }
}

/* --- Rules of the instrument ----------------------------------------------------------------- */

#define BROKEN(name) ((uint64_t)1 << TRD_REJECT_##name)

/* The first row of reject.def whose rule is broken. */
static uint8_t first_reason(uint64_t broken) {
#define TRD_REJECT_ROW(name, number, text)                                                         \
    if ((broken & BROKEN(name)) != 0) {                                                            \
        return number;                                                                             \
    }
#include <tradsys/reject.def>
    return TRD_REJECT_NONE;
}

static int64_t tick_step(const trd_instrument *spec, trd_px px) {
    if (spec->tier_count == 0) {
        return 1;
    }
    int64_t step = spec->tiers[0].step;
    for (uint32_t i = 1; i < spec->tier_count && px >= spec->tiers[i].from; i++) {
        step = spec->tiers[i].step;
    }
    return step;
}

static uint64_t px_rules(const trd_instrument *spec, trd_px px) {
    uint64_t broken = px % tick_step(spec, px) != 0 ? BROKEN(OFF_TICK) : 0;
    if (px < spec->px_min || px > spec->px_max) {
        broken |= BROKEN(PRICE_LIMIT);
    }
    return broken;
}

static uint64_t qty_rules(const trd_instrument *spec, trd_qty qty) {
    uint64_t broken = qty == 0 ? BROKEN(QTY_ZERO) : 0;
    broken |= qty < 0 ? BROKEN(QTY_NEGATIVE) : 0;
    broken |= qty % spec->lot_step != 0 ? BROKEN(OFF_LOT) : 0;
    broken |= qty < spec->qty_min ? BROKEN(QTY_MIN) : 0;
    broken |= qty > spec->qty_max ? BROKEN(QTY_MAX) : 0;
    return broken;
}

/* For px and qty that pass px_rules and qty_rules. The value is over / under; it is compared with a
 * whole limit as quotient and remainder, because limit x under need not fit 128 bits. */
static uint64_t notional_rules(const trd_instrument *spec, trd_px px, trd_qty qty) {
    __int128 over = (__int128)qty * spec->numerator;
    __int128 under = spec->denominator;
    if (spec->kind == TRD_INSTRUMENT_INVERSE) {
        under *= px;
    } else {
        over *= px < 0 ? -(__int128)px : px;
    }
    const __int128 whole = over / under;
    const bool exact = over % under == 0;
    uint64_t broken = 0;
    if (spec->notional_min != 0 && whole < spec->notional_min) {
        broken |= BROKEN(NOTIONAL_MIN);
    }
    if (spec->notional_max != 0 &&
        (whole > spec->notional_max || (whole == spec->notional_max && !exact))) {
        broken |= BROKEN(NOTIONAL_MAX);
    }
    return broken;
}

static bool best_opposite_crosses(
    const naive_match *m, uint32_t instrument, unsigned side, trd_px px) {
    const naive_side *opposite = opposite_of(m, instrument, side);
    return opposite->count > 0 && crosses(side, px, opposite->at[0]->px);
}

/* --- Records --------------------------------------------------------------------------------- */

enum {
    FLAGS_LATER = TRD_COMMAND_DRY_RUN | TRD_COMMAND_OVERRIDE | TRD_COMMAND_STAGED,
    FLAGS_REPLACE = TRD_COMMAND_BY_HANDLE | TRD_COMMAND_KEEP_PX | TRD_COMMAND_KEEP_QTY |
                    TRD_COMMAND_NEW_ID | FLAGS_LATER,
    FLAGS_PRICES = TRD_PRICES_TRIGGER | TRD_PRICES_ACTIVATION | TRD_PRICES_CAP | TRD_PRICES_OFFSET |
                   TRD_PRICES_LIMIT_OFFSET,
    FLAGS_SIZES = TRD_SIZES_MINIMUM | TRD_SIZES_PEAK | TRD_SIZES_PEAK_RANGE | TRD_SIZES_BUDGET,
    FLAGS_LINK = TRD_LINK_EXPIRY | TRD_LINK_FULL_FILL | TRD_LINK_OWNER,
    EXEC_ALL = 1023
};

static bool all_zero(const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (((const uint8_t *)bytes)[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool slots_are_possible(const trd_command *c) {
    return c->slots >= 1 && c->slots <= TRD_SLOTS_MAX;
}

/* Extension slots of an order, copied so that each is read as its own type. */
typedef struct naive_extensions {
    bool malformed;
    uint32_t count;
    bool has_prices;
    bool has_sizes;
    bool has_link;
    trd_ext_sizes sizes;
} naive_extensions;

static bool prices_ok(const void *at) {
    trd_ext_prices p;
    memcpy(&p, at, sizeof(p));
    return p.slots == 0 && (p.flags & ~FLAGS_PRICES) == 0 && p.reserved0 == 0 && p.reserved == 0;
}

static bool sizes_ok(const trd_ext_sizes *s) {
    return s->slots == 0 && (s->flags & ~FLAGS_SIZES) == 0 && s->reserved0 == 0 && s->reserved == 0;
}

static bool link_ok(const void *at) {
    trd_ext_link l;
    memcpy(&l, at, sizeof(l));
    return l.slots == 0 && (l.flags & ~FLAGS_LINK) == 0 && l.reserved == 0;
}

static naive_extensions extensions_of(const trd_command *c) {
    naive_extensions e;
    memset(&e, 0, sizeof(e));
    if (!slots_are_possible(c)) {
        e.malformed = true;
        return e;
    }
    for (uint32_t i = 1; i < c->slots; i++) {
        const trd_command *at = &c[i];
        e.count++;
        if (at->kind == TRD_EXT_ORDER_PRICES) {
            e.malformed |= e.has_prices || !prices_ok(at);
            e.has_prices = true;
        } else if (at->kind == TRD_EXT_ORDER_SIZES) {
            e.malformed |= e.has_sizes;
            memcpy(&e.sizes, at, sizeof(e.sizes));
            e.malformed |= !sizes_ok(&e.sizes);
            e.has_sizes = true;
        } else if (at->kind == TRD_EXT_ORDER_LINK) {
            e.malformed |= e.has_link || !link_ok(at);
            e.has_link = true;
        } else {
            e.malformed = true;
        }
    }
    return e;
}

/* --- NEW ------------------------------------------------------------------------------------- */

static bool new_is_malformed(const trd_command *c, const naive_extensions *e) {
    const trd_new *n = &c->u.order;
    return e->malformed || (c->flags & ~FLAGS_LATER) != 0 || n->reserved != 0 ||
           (n->exec & ~EXEC_ALL) != 0 || n->stp > TRD_STP_REJECT ||
           n->position > TRD_POSITION_SHORT;
}

static bool new_is_unsupported(const trd_command *c, const naive_extensions *e) {
    const trd_new *n = &c->u.order;
    const bool sizes = e->sizes.peak != 0 || e->sizes.peak_range != 0 || e->sizes.budget != 0 ||
                       e->sizes.seed != 0;
    return (c->flags & FLAGS_LATER) != 0 || e->has_prices || e->has_link || sizes ||
           (n->type >= TRD_TYPE_MARKET_PROTECTED && n->type <= TRD_TYPE_PEGGED) ||
           (n->tif >= TRD_TIF_DAY && n->tif <= TRD_TIF_GTT) ||
           (n->exec & ~TRD_EXEC_POST_ONLY) != 0 || n->stp != 0 || n->position != 0;
}

static uint64_t new_form_rules(const trd_command *c, const naive_extensions *e) {
    const trd_new *n = &c->u.order;
    const bool market = n->type == TRD_TYPE_MARKET;
    const bool post_only = (n->exec & TRD_EXEC_POST_ONLY) != 0;
    const bool at_once = n->tif == TRD_TIF_IOC || n->tif == TRD_TIF_FOK;
    uint64_t broken = 0;
    broken |= new_is_malformed(c, e) ? BROKEN(MALFORMED) : 0;
    broken |= new_is_unsupported(c, e) ? BROKEN(UNSUPPORTED) : 0;
    broken |= n->side != TRD_BUY && n->side != TRD_SELL ? BROKEN(BAD_SIDE) : 0;
    broken |= n->type < TRD_TYPE_LIMIT || n->type > TRD_TYPE_PEGGED ? BROKEN(BAD_TYPE) : 0;
    broken |= n->tif < TRD_TIF_GTC || n->tif > TRD_TIF_GTT ? BROKEN(BAD_TIF) : 0;
    if ((market && n->px != 0) || (post_only && (market || at_once || e->sizes.minimum != 0))) {
        broken |= BROKEN(BAD_COMBINATION);
    }
    return broken;
}

static uint64_t new_market_rules(
    const naive_match *m, const trd_command *c, const naive_extensions *e) {
    const trd_new *n = &c->u.order;
    const trd_instrument *spec = &m->market[c->instrument].spec;
    const bool limit = n->type == TRD_TYPE_LIMIT;
    const bool has_side = n->side == TRD_BUY || n->side == TRD_SELL;
    uint64_t broken = qty_rules(spec, n->qty);
    broken |= limit ? px_rules(spec, n->px) : 0;
    if (limit && broken == 0) {
        broken |= notional_rules(spec, n->px, n->qty);
    }
    const trd_qty minimum = e->sizes.minimum;
    if (minimum < 0 || minimum > n->qty || minimum % spec->lot_step != 0) {
        broken |= BROKEN(MIN_QTY);
    }
    if ((n->exec & TRD_EXEC_POST_ONLY) != 0 && limit && has_side &&
        best_opposite_crosses(m, c->instrument, n->side, n->px)) {
        broken |= BROKEN(POST_ONLY);
    }
    return broken;
}

static uint64_t new_rules(const naive_match *m, const trd_command *c, const naive_extensions *e) {
    const uint64_t client_id = c->u.order.client_id;
    uint64_t broken = new_form_rules(c, e);
    broken |= id_is_taken(m, c->account, client_id) ? BROKEN(DUPLICATE_ID) : 0;
    broken |= id_is_low(m, c->account, client_id) ? BROKEN(ID_NOT_ASCENDING) : 0;
    broken |= !account_exists(m, c->account) ? BROKEN(UNKNOWN_ACCOUNT) : 0;
    broken |= m->stats.orders >= m->def.orders_max ? BROKEN(NO_CAPACITY) : 0;
    if (c->instrument >= m->stats.instruments) {
        return broken | BROKEN(UNKNOWN_INSTRUMENT);
    }
    return broken | new_market_rules(m, c, e);
}

static void reject_new(naive_match *m, const trd_command *c) {
    const trd_new *n = &c->u.order;
    trd_event *event = emit(m, TRD_EVENT_REJECTED, c->instrument, c->account);
    event->side = n->side == TRD_BUY || n->side == TRD_SELL ? n->side : 0;
    event->liquidity = c->kind;
    event->status = TRD_STATUS_REJECTED;
    event->reason = first_reason(m->broken);
    event->u.order.client_id = n->client_id;
    event->u.order.px = n->px;
    event->u.order.qty = n->qty;
}

static naive_order *order_from(const trd_command *c, trd_order handle, trd_qty minimum) {
    naive_order *order = grown(NULL, sizeof(*order));
    *order = (naive_order){
        .handle = handle,
        .client_id = c->u.order.client_id,
        .px = c->u.order.px,
        .total = c->u.order.qty,
        .account = c->account,
        .instrument = c->instrument,
        .side = c->u.order.side,
        .type = c->u.order.type,
        .tif = c->u.order.tif,
        .exec = c->u.order.exec,
        .marks = minimum > 0 ? NAIVE_HAD_MINIMUM : 0,
    };
    return order;
}

static void step_new(naive_match *m, const trd_command *c, trd_order handle) {
    const naive_extensions e = extensions_of(c);
    m->broken = new_rules(m, c, &e);
    if (m->broken != 0) {
        reject_new(m, c);
        return;
    }
    naive_order *order = order_from(c, handle, e.sizes.minimum);
    use_id(m, order->account, order->client_id);
    emit_order_terms(m, TRD_EVENT_ACCEPTED, order, false);
    const trd_qty reach = crossing_qty(m, order);
    if (order->tif == TRD_TIF_FOK && reach < order->total) {
        emit_canceled(m, order, TRD_CAUSE_FOK);
        end_order(m, order);
    } else if (reach < e.sizes.minimum) {
        emit_canceled(m, order, TRD_CAUSE_MIN_QTY);
        end_order(m, order);
    } else {
        take_then_rest_or_end(m, order);
    }
}

/* --- Orders that are named: CANCEL, REDUCE, REPLACE ------------------------------------------- */

static uint64_t target_of(const trd_command *c) {
    return c->kind == TRD_COMMAND_REPLACE ? c->u.replace.target : c->u.cancel.target;
}

static naive_order *named_order(const naive_match *m, const trd_command *c) {
    return (c->flags & TRD_COMMAND_BY_HANDLE) != 0 ? naive_by_handle(m, target_of(c))
                                                   : naive_find(m, c->account, target_of(c));
}

static uint64_t name_rules(const trd_command *c, const naive_order *order) {
    if (order == NULL) {
        return BROKEN(UNKNOWN_ORDER);
    }
    return order->instrument != c->instrument || order->account != c->account
               ? BROKEN(ORDER_MISMATCH)
               : 0;
}

static void reject_named(naive_match *m, const trd_command *c, const naive_order *order) {
    const bool replace = c->kind == TRD_COMMAND_REPLACE;
    const bool shown = (m->broken & (BROKEN(MALFORMED) | BROKEN(UNSUPPORTED) |
                                        BROKEN(UNKNOWN_ORDER) | BROKEN(ORDER_MISMATCH))) == 0;
    trd_event *event = emit(m, replace ? TRD_EVENT_REPLACE_REJECTED : TRD_EVENT_CANCEL_REJECTED,
        c->instrument, c->account);
    event->liquidity = c->kind;
    event->reason = first_reason(m->broken);
    event->u.order.px = replace ? c->u.replace.px : 0;
    event->u.order.qty = replace ? c->u.replace.qty : c->u.cancel.qty;
    if (shown) {
        event->status = status_of(order);
        event->u.order.client_id = order->client_id;
        event->u.order.order = order->handle;
    } else if ((c->flags & TRD_COMMAND_BY_HANDLE) != 0) {
        event->u.order.order = target_of(c);
    } else {
        event->u.order.client_id = target_of(c);
    }
}

/* What was displayed of an order is gone from the book. */
static void emit_gone(naive_match *m, const naive_order *order, trd_px px, trd_qty was) {
    emit_public(m, order, px, TRD_ORDER_DELETED, 0, was);
    emit_level(m, order->instrument, order->side, px);
}

static void end_resting(naive_match *m, naive_order *order, uint8_t cause) {
    dequeue(m, order);
    emit_canceled(m, order, cause);
    emit_gone(m, order, order->px, leaves(order));
    end_order(m, order);
}

/* The order keeps its place with a total that is not higher. */
static void cut(naive_match *m, naive_order *order, trd_qty total) {
    const trd_qty less = order->total - total;
    order->total = total;
    order->marks |= less > 0 ? NAIVE_WAS_CUT : 0;
    emit_order_terms(m, TRD_EVENT_REPLACED, order, true);
    if (less > 0) {
        emit_public(m, order, order->px, TRD_ORDER_REDUCED, leaves(order), less);
        emit_level(m, order->instrument, order->side, order->px);
    }
}

static uint64_t cancel_rules(const naive_match *m, const trd_command *c, const naive_order *order) {
    const trd_cancel *body = &c->u.cancel;
    const bool reduce = c->kind == TRD_COMMAND_REDUCE;
    uint64_t broken = name_rules(c, order);
    if (c->slots != 1 || (c->flags & ~TRD_COMMAND_BY_HANDLE) != 0 || body->reserved[0] != 0 ||
        body->reserved[1] != 0 || (!reduce && body->qty != 0)) {
        broken |= BROKEN(MALFORMED);
    }
    if (reduce) {
        broken |= body->qty == 0 ? BROKEN(QTY_ZERO) : 0;
        broken |= body->qty < 0 ? BROKEN(QTY_NEGATIVE) : 0;
    }
    if (reduce && order != NULL && body->qty % m->market[order->instrument].spec.lot_step != 0) {
        broken |= BROKEN(OFF_LOT);
    }
    return broken;
}

static void step_cancel_or_reduce(naive_match *m, const trd_command *c) {
    naive_order *order = named_order(m, c);
    m->broken = cancel_rules(m, c, order);
    if (m->broken != 0) {
        reject_named(m, c, order);
    } else if (c->kind == TRD_COMMAND_CANCEL) {
        end_resting(m, order, TRD_CAUSE_USER);
    } else if (c->u.cancel.qty >= leaves(order)) {
        end_resting(m, order, TRD_CAUSE_REDUCED);
    } else {
        cut(m, order, order->total - c->u.cancel.qty);
    }
}

static bool replace_is_malformed(const trd_command *c, const naive_extensions *e) {
    const trd_replace *r = &c->u.replace;
    return e->malformed || (c->flags & ~FLAGS_REPLACE) != 0 ||
           ((c->flags & TRD_COMMAND_KEEP_PX) != 0 && r->px != 0) ||
           ((c->flags & TRD_COMMAND_KEEP_QTY) != 0 && r->qty != 0) ||
           ((c->flags & TRD_COMMAND_NEW_ID) == 0 && r->client_id != 0);
}

/* What the order would be. */
typedef struct naive_terms {
    trd_px px;
    trd_qty total;
    bool ends;
    bool keeps_place;
} naive_terms;

static naive_terms terms_of(const trd_command *c, const naive_order *order) {
    naive_terms t;
    t.px = (c->flags & TRD_COMMAND_KEEP_PX) != 0 ? order->px : c->u.replace.px;
    t.total = (c->flags & TRD_COMMAND_KEEP_QTY) != 0 ? order->total : c->u.replace.qty;
    t.ends = order->executed > 0 && t.total <= order->executed;
    t.keeps_place = !t.ends && t.px == order->px && t.total <= order->total;
    return t;
}

static uint64_t replace_term_rules(
    const naive_match *m, const trd_command *c, const naive_order *order) {
    const trd_instrument *spec = &m->market[order->instrument].spec;
    const bool keep_px = (c->flags & TRD_COMMAND_KEEP_PX) != 0;
    const bool keep_qty = (c->flags & TRD_COMMAND_KEEP_QTY) != 0;
    const naive_terms t = terms_of(c, order);
    uint64_t broken = 0;
    broken |= !keep_px ? px_rules(spec, t.px) : 0;
    broken |= !keep_qty ? qty_rules(spec, t.total) : 0;
    if (broken == 0 && !(keep_px && keep_qty)) {
        broken |= notional_rules(spec, t.px, t.total);
    }
    if ((order->exec & TRD_EXEC_POST_ONLY) != 0 && !t.ends && !t.keeps_place &&
        best_opposite_crosses(m, order->instrument, order->side, t.px)) {
        broken |= BROKEN(POST_ONLY);
    }
    return broken;
}

static uint64_t replace_rules(const naive_match *m, const trd_command *c, const naive_extensions *e,
    const naive_order *order) {
    uint64_t broken = name_rules(c, order);
    broken |= replace_is_malformed(c, e) ? BROKEN(MALFORMED) : 0;
    broken |= (c->flags & FLAGS_LATER) != 0 || e->count > 0 ? BROKEN(UNSUPPORTED) : 0;
    if (order == NULL) {
        return broken;
    }
    const uint64_t client_id = c->u.replace.client_id;
    if ((c->flags & TRD_COMMAND_NEW_ID) != 0 && client_id != order->client_id) {
        broken |= id_is_taken(m, order->account, client_id) ? BROKEN(DUPLICATE_ID) : 0;
        broken |= id_is_low(m, order->account, client_id) ? BROKEN(ID_NOT_ASCENDING) : 0;
    }
    return broken | replace_term_rules(m, c, order);
}

static void rename_order(naive_match *m, const trd_command *c, naive_order *order) {
    const uint64_t client_id = c->u.replace.client_id;
    if ((c->flags & TRD_COMMAND_NEW_ID) != 0 && client_id != order->client_id) {
        end_id(m, order->account, order->client_id);
        use_id(m, order->account, client_id);
        order->client_id = client_id;
        order->marks |= NAIVE_WAS_RENAMED;
    }
}

static void step_replace(naive_match *m, const trd_command *c) {
    const naive_extensions e = extensions_of(c);
    naive_order *order = named_order(m, c);
    m->broken = replace_rules(m, c, &e, order);
    if (m->broken != 0) {
        reject_named(m, c, order);
        return;
    }
    const naive_terms t = terms_of(c, order);
    rename_order(m, c, order);
    if (t.keeps_place) {
        cut(m, order, t.total);
        return;
    }
    const trd_px old_px = order->px;
    const trd_qty was = leaves(order);
    dequeue(m, order);
    order->px = t.px;
    order->total = t.ends ? order->executed : t.total;
    emit_order_terms(m, TRD_EVENT_REPLACED, order, false);
    emit_gone(m, order, old_px, was);
    if (t.ends) {
        end_order(m, order);
        return;
    }
    order->marks |= NAIVE_WAS_MOVED | NAIVE_BY_REPLACE;
    take_then_rest_or_end(m, order);
}

/* --- The rest -------------------------------------------------------------------------------- */

static bool kind_is_listed(uint8_t kind) {
    switch (kind) {
#define TRD_COMMAND_ROW(name, number, text) case number:
#include <tradsys/command.def>
        return true;
    default:
        return false;
    }
}

static uint64_t other_rules(const naive_match *m, const trd_command *c) {
    const bool plain = c->slots == 1 && c->flags == 0;
    if (c->kind == TRD_COMMAND_TIMER) {
        return plain && all_zero(c->u.body, sizeof(c->u.body)) ? 0 : BROKEN(MALFORMED);
    }
    if (c->kind == TRD_COMMAND_SUBSCRIBE) {
        const trd_subscribe *s = &c->u.subscribe;
        uint64_t broken = plain && (s->publish & ~(uint32_t)TRD_PUBLISH_ALL) == 0 &&
                                  all_zero(s->reserved, sizeof(s->reserved))
                              ? 0
                              : BROKEN(MALFORMED);
        broken |= c->instrument >= m->stats.instruments ? BROKEN(UNKNOWN_INSTRUMENT) : 0;
        return broken;
    }
    if (!kind_is_listed(c->kind)) {
        return BROKEN(MALFORMED);
    }
    return slots_are_possible(c) ? BROKEN(UNSUPPORTED) : BROKEN(MALFORMED);
}

static void step_other(naive_match *m, const trd_command *c) {
    m->broken = other_rules(m, c);
    if (m->broken != 0) {
        trd_event *event = emit(m, TRD_EVENT_COMMAND_REJECTED, c->instrument, c->account);
        event->liquidity = c->kind;
        event->reason = first_reason(m->broken);
    } else if (c->kind == TRD_COMMAND_SUBSCRIBE) {
        m->market[c->instrument].publish = c->u.subscribe.publish;
    }
}

void naive_step(naive_match *m, const trd_command *c, trd_order handle) {
    m->event_slots = 0;
    m->broken = 0;
    m->command_seq = c->seq;
    m->stats.commands++;
    if (c->time < m->time) {
        m->stats.time_steps_back++;
    } else {
        m->time = c->time;
    }
    switch (c->kind) {
    case TRD_COMMAND_NEW:
        step_new(m, c, handle);
        break;
    case TRD_COMMAND_CANCEL:
    case TRD_COMMAND_REDUCE:
        step_cancel_or_reduce(m, c);
        break;
    case TRD_COMMAND_REPLACE:
        step_replace(m, c);
        break;
    default:
        step_other(m, c);
    }
}

/* --- Life cycle and views -------------------------------------------------------------------- */

naive_match *naive_create(const trd_match_def *def) {
    naive_match *m = grown(NULL, sizeof(*m));
    memset(m, 0, sizeof(*m));
    m->def = *def;
    m->time = INT64_MIN;
    m->market = grown(NULL, def->instruments_max * sizeof(*m->market));
    m->ended = grown(NULL, ((size_t)def->ids_max + 1) * sizeof(*m->ended));
    m->highest = grown(NULL, ((size_t)def->accounts_max + 1) * sizeof(*m->highest));
    memset(m->highest, 0, ((size_t)def->accounts_max + 1) * sizeof(*m->highest));
    return m;
}

void naive_destroy(naive_match *m) {
    for (uint32_t i = 0; i < m->stats.instruments * 2; i++) {
        naive_side *side = &m->market[i / 2].side[i % 2];
        for (uint32_t at = 0; at < side->count; at++) {
            free(side->at[at]);
        }
        free(side->at);
    }
    free(m->market);
    free(m->ended);
    free(m->highest);
    free(m->events);
    free(m);
}

uint32_t naive_add(naive_match *m, const trd_instrument *spec) {
    naive_market *market = &m->market[m->stats.instruments];
    memset(market, 0, sizeof(*market));
    market->spec = *spec;
    market->publish = m->def.publish;
    return m->stats.instruments++;
}

void naive_set_watch(naive_match *m, naive_watch watch, void *user) {
    m->watch = watch;
    m->watch_user = user;
}

const trd_event *naive_events(const naive_match *m, uint32_t *slots) {
    *slots = m->event_slots;
    return m->events;
}

uint64_t naive_broken(const naive_match *m) {
    return m->broken;
}

uint32_t naive_stride(const trd_command *c) {
    return c->kind >= 1 && c->kind < TRD_EXT_ORDER_PRICES && slots_are_possible(c) ? c->slots : 1;
}

const naive_side *naive_orders(const naive_match *m, uint32_t instrument, unsigned side) {
    return &m->market[instrument].side[side - 1];
}

const trd_instrument *naive_spec(const naive_match *m, uint32_t instrument) {
    return &m->market[instrument].spec;
}

uint32_t naive_publish(const naive_match *m, uint32_t instrument) {
    return m->market[instrument].publish;
}

uint32_t naive_instruments(const naive_match *m) {
    return m->stats.instruments;
}

uint32_t naive_count(const naive_match *m) {
    return m->stats.orders;
}

uint32_t naive_depth(
    const naive_match *m, uint32_t instrument, unsigned side, trd_level *out, uint32_t max) {
    const naive_side *orders = naive_orders(m, instrument, side);
    uint32_t levels = 0;
    for (uint32_t i = 0; i < orders->count; i++) {
        const naive_order *order = orders->at[i];
        if (levels == 0 || out[levels - 1].px != order->px) {
            if (levels == max) {
                break;
            }
            out[levels++] = (trd_level){.px = order->px};
        }
        out[levels - 1].qty += leaves(order);
        out[levels - 1].count++;
    }
    return levels;
}

uint32_t naive_queue(const naive_match *m, uint32_t instrument, unsigned side, trd_px px,
    trd_order_info *out, uint32_t max) {
    const naive_side *orders = naive_orders(m, instrument, side);
    uint32_t count = 0;
    for (uint32_t i = 0; i < orders->count && count < max; i++) {
        const naive_order *order = orders->at[i];
        if (order->px != px) {
            continue;
        }
        trd_order_info *info = &out[count++];
        memset(info, 0, sizeof(*info));
        info->order = order->handle;
        info->client_id = order->client_id;
        info->px = order->px;
        info->leaves = leaves(order);
        info->executed = order->executed;
        info->account = order->account;
        info->instrument = order->instrument;
        info->side = order->side;
        info->tif = order->tif;
        info->exec = order->exec;
    }
    return count;
}

void naive_stats(const naive_match *m, trd_match_stats *out) {
    *out = m->stats;
    for (uint32_t i = 0; i < m->stats.instruments * 2; i++) {
        const naive_side *side = &m->market[i / 2].side[i % 2];
        for (uint32_t at = 0; at < side->count; at++) {
            out->levels += at == 0 || side->at[at]->px != side->at[at - 1]->px;
        }
    }
}
