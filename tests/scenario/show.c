/* show.c - the right side of a scenario line: events become words, and the ledger follows them. */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "scenario.h"

/* --- the ledger --- */

order_name ledger_name(const ledger_order *order) {
    return (order_name){.account = order->account,
        .quote_side = order->quoted ? order->terms.side : 0,
        .client_id = order->client_id};
}

const ledger_order *ledger_named(const ledger *known, order_name name) {
    for (uint32_t i = known->count; i-- > 0;) {
        const ledger_order *at = &known->orders[i];
        const order_name own = ledger_name(at);
        if (own.account == name.account && own.client_id == name.client_id &&
            own.quote_side == name.quote_side) {
            return at;
        }
    }
    return NULL;
}

const ledger_order *ledger_handle(const ledger *known, trd_order handle) {
    for (uint32_t i = known->count; i-- > 0;) {
        if (known->orders[i].handle == handle) {
            return &known->orders[i];
        }
    }
    return NULL;
}

static ledger_order *booked(ledger *known, trd_order handle) {
    return (ledger_order *)(uintptr_t)ledger_handle(known, handle);
}

/* The live order that a CANCEL, REDUCE or REPLACE means, NULL if there is none that it may touch.
 */
static const ledger_order *target_of(const ledger *known, const trd_command *cause) {
    const ledger_order *found = NULL;
    for (uint32_t i = known->count; i-- > 0 && found == NULL;) {
        const ledger_order *at = &known->orders[i];
        const bool hit = (cause->flags & TRD_COMMAND_BY_HANDLE) != 0
                             ? at->handle == cause->u.cancel.target
                             : !at->quoted && at->client_id == cause->u.cancel.target;
        found = hit && at->live && at->account == cause->account ? at : NULL;
    }
    return found != NULL && found->instrument == cause->instrument ? found : NULL;
}

/* --- what an order becomes --- */

static bool waits_for_trigger(const ledger_order *order) {
    return order->type >= TRD_TYPE_STOP && order->type <= TRD_TYPE_TRAILING_STOP_LIMIT;
}

static bool is_auction(unsigned state) {
    return state >= TRD_SESSION_PRE_OPEN && state <= TRD_SESSION_CLOSING;
}

static bool for_auction(const ledger_order *order) {
    return order->terms.tif >= TRD_TIF_AT_OPEN && order->terms.tif <= TRD_TIF_GFA;
}

/* Does an order for an auction take part in it when the book is in `state`? */
static bool joins(const ledger_order *order, unsigned state) {
    switch (order->terms.tif) {
    case TRD_TIF_AT_OPEN:
        return state == TRD_SESSION_PRE_OPEN || state == TRD_SESSION_OPENING;
    case TRD_TIF_AT_CLOSE:
        return state == TRD_SESSION_CLOSING;
    default:
        return is_auction(state);
    }
}

static uint8_t place_of(const ledger_order *order) {
    if (order->idle || waits_for_trigger(order) ||
        (order->type == TRD_TYPE_PEGGED && !order->priced) ||
        (for_auction(order) && !order->joined)) {
        return TRD_WHERE_WAITING;
    }
    if (order->type == TRD_TYPE_MARKET) {
        return TRD_WHERE_AUCTION;
    }
    if ((order->terms.exec & TRD_EXEC_HIDDEN) != 0) {
        return TRD_WHERE_HIDDEN;
    }
    return (order->terms.exec & TRD_EXEC_ALL_OR_NONE) != 0 ? TRD_WHERE_ASIDE : TRD_WHERE_BOOK;
}

static trd_qty least(trd_qty a, trd_qty b) {
    return a < b ? a : b;
}

/* The next peak of an iceberg: for random ones the draw of special-orders.md, "Icebergs". */
static trd_qty next_peak(const ledger *known, ledger_order *order) {
    const trd_ext_sizes *sizes = &order->sizes;
    if ((order->terms.exec & TRD_EXEC_PEAK_RANDOM) == 0) {
        return sizes->peak;
    }
    const int64_t lot = known->specs[order->instrument].lot_step;
    const uint64_t n = (uint64_t)(2 * sizes->peak_range / lot + 1);
    order->draws += 0x9e3779b97f4a7c15u;
    uint64_t z = order->draws;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    const uint64_t k = (uint64_t)((unsigned __int128)z * n >> 64);
    return sizes->peak - sizes->peak_range + (trd_qty)k * lot;
}

static void show_lots(const ledger *known, ledger_order *order) {
    order->displayed =
        order->sizes.peak == 0 ? order->leaves : least(next_peak(known, order), order->leaves);
}

/* What was on its way is where it stays. */
static void rest(const ledger *known, ledger_order *order) {
    order->arriving = false;
    order->where = place_of(order);
    order->displayed = 0;
    if (order->where == TRD_WHERE_BOOK) {
        show_lots(known, order);
    }
}

/* Lots that are gone from a resting order are taken from its reserve first. */
static void take_lots(ledger_order *order, trd_qty leaves) {
    order->leaves = leaves;
    order->displayed = least(order->displayed, leaves);
}

/* Legs that are told of by later events are kept. */
static void stage(ledger *known, const trd_command *command) {
    const size_t slots =
        command->slots >= 1 && command->slots <= TRD_SLOTS_MAX ? command->slots : 1;
    if (command->kind != TRD_COMMAND_NEW || (command->flags & TRD_COMMAND_STAGED) == 0) {
        return;
    }
    if (known->staged_count == STAGED_MAX) {
        bail("more than %d staged legs", STAGED_MAX);
    }
    memcpy(known->staged[known->staged_count++], command, slots * sizeof(*command));
}

/* The record that an ACCEPTED or REJECTED is about: the first staged leg with that name, which is
 * staged no longer, or the command. `room` has TRD_SLOTS_MAX slots. */
static const trd_command *origin_of(
    ledger *known, const trd_command *cause, const trd_event *event, trd_command *room) {
    for (uint32_t i = 0; i < known->staged_count; i++) {
        const trd_command *at = known->staged[i];
        if (at->account == event->account && at->u.order.client_id == event->u.order.client_id) {
            memcpy(room, at, sizeof(known->staged[i]));
            known->staged_count--;
            memmove(known->staged[i], known->staged[i + 1],
                (known->staged_count - i) * sizeof(known->staged[0]));
            return room;
        }
    }
    return cause;
}

static bool has_parent(const ledger_order *order) {
    return order->link.leg > 1 && (order->link.relation == TRD_RELATION_OTO ||
                                      order->link.relation == TRD_RELATION_BRACKET);
}

static const ledger_order *parent_of(const ledger *known, const ledger_order *order) {
    for (uint32_t i = known->count; i-- > 0;) {
        const ledger_order *at = &known->orders[i];
        if (at->account == order->account && at->link.link == order->link.link &&
            at->link.leg == 1) {
            return at;
        }
    }
    bail("a child without a parent");
}

/* May a child that has no lots open be granted more? */
static bool may_grow(const ledger *known, const ledger_order *order) {
    if (!has_parent(order) || (order->link.flags & TRD_LINK_FULL_FILL) != 0 || !order->granted) {
        return false;
    }
    const ledger_order *parent = parent_of(known, order);
    return order->given < order->own &&
           (parent->live || least(order->own, parent->executed) > order->given);
}

/* RESTATED of a linked order: a child is granted lots, or lots of another leg are taken off. */
static void relink(const ledger *known, ledger_order *order, const trd_ev_restate *body);

void ledger_command(ledger *known, const trd_command *command) {
    stage(known, command);
    known->event_time = known->now;
    known->now = command->time > known->now ? command->time : known->now;
}

void ledger_settle(ledger *known) {
    for (uint32_t i = 0; i < known->count; i++) {
        if (known->orders[i].live && known->orders[i].arriving) {
            rest(known, &known->orders[i]);
        }
    }
}

trd_qty ledger_position(const ledger *known, uint32_t account, uint32_t book, unsigned side) {
    trd_qty sum = 0;
    for (uint32_t i = 0; i < known->count; i++) {
        const ledger_order *order = &known->orders[i];
        if (order->account == account && order->instrument == book &&
            order->terms.position == side) {
            const trd_qty moved = order->executed + order->transferred;
            sum += order->terms.side == TRD_BUY ? moved : -moved;
        }
    }
    return sum;
}

static void relink(const ledger *known, ledger_order *order, const trd_ev_restate *body) {
    const bool grows = has_parent(order) && (order->idle || body->leaves > order->leaves);
    if (grows) {
        const bool full = (order->link.flags & TRD_LINK_FULL_FILL) != 0;
        order->own = order->granted ? order->own : order->leaves;
        order->given = full ? order->own : least(order->own, parent_of(known, order)->executed);
        order->granted = true;
        order->idle = body->leaves == 0;
        order->arriving = true;
        order->leaves = body->leaves;
        order->displayed = 0;
        return;
    }
    if (order->arriving && body->displayed != 0) {
        rest(known, order);
    }
    take_lots(order, body->leaves);
    if (body->leaves == 0 && may_grow(known, order)) {
        order->idle = true;
        order->where = TRD_WHERE_WAITING;
    }
}

/* The limit of a trailing order that is released: the trigger and its offset, at a valid price. */
static trd_px limit_behind(const ledger *known, const ledger_order *order, trd_px trigger) {
    const trd_instrument *spec = &known->specs[order->instrument];
    const bool buys = order->terms.side == TRD_BUY;
    trd_px px = trigger + (buys ? order->prices.limit_offset : -order->prices.limit_offset);
    px = px < spec->px_min ? spec->px_min : px > spec->px_max ? spec->px_max : px;
    while (px % trd_instrument_tick_step(spec, px) != 0) {
        px += buys ? -1 : 1;
    }
    return px;
}

/* A waiting order is released: type, limit and, if it follows the position, size. */
static void release(const ledger *known, ledger_order *order, trd_px trigger) {
    const unsigned type = order->type;
    const bool market =
        type == TRD_TYPE_STOP || type == TRD_TYPE_TOUCHED || type == TRD_TYPE_TRAILING_STOP;
    order->type = market ? TRD_TYPE_MARKET : TRD_TYPE_LIMIT;
    order->arriving = true;
    if ((order->prices.flags & TRD_PRICES_LIMIT_OFFSET) != 0) {
        order->px = limit_behind(known, order, trigger);
    }
    if ((order->terms.exec & TRD_EXEC_CLOSE_POSITION) != 0) {
        const trd_qty net =
            ledger_position(known, order->account, order->instrument, order->terms.position);
        const trd_qty held = order->terms.side == TRD_SELL ? net : -net;
        const int64_t lot = known->specs[order->instrument].lot_step;
        order->leaves = held > 0 ? held - held % lot : 0;
    }
}

/* --- text --- */

typedef struct text {
    char *at;
    size_t used;
} text;

static void put(text *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(text *to, const char *format, ...) {
    va_list values;
    va_start(values, format);
    const int length = vsnprintf(to->at + to->used, TEXT_SIZE - to->used, format, values);
    va_end(values);
    if (length < 0 || to->used + (size_t)length >= TEXT_SIZE) {
        bail("an event needs more than %d bytes of text", TEXT_SIZE);
    }
    to->used += (size_t)length;
}

static void put_lower(text *to, const char *word) {
    for (; *word != '\0'; word++) {
        put(to, "%c", tolower((unsigned char)*word));
    }
}

/* A value that the line does not name, because it must be `implied`. */
static void put_implied(text *to, const char *field, uint64_t value, uint64_t implied) {
    if (value != implied) {
        put(to, " !%s=%" PRId64, field, (int64_t)value);
    }
}

void name_text(order_name name, char *to, size_t size) {
    const char letter = (char)('A' + name.account - 1);
    if (name.account < 1 || name.account > 26) {
        snprintf(to, size, "%" PRIu32 ":%" PRIu64, name.account, name.client_id);
    } else if (name.quote_side != 0) {
        snprintf(to, size, "%c%s", letter, name.quote_side == TRD_BUY ? "bid" : "ask");
    } else {
        snprintf(to, size, "%c%" PRIu64, letter, name.client_id);
    }
}

void time_text(trd_ns time, char *to, size_t size) {
    static const struct {
        const char *unit;
        trd_ns ns;
    } units[] = {{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
    size_t i = 0;
    while (time % units[i].ns != 0) {
        i++;
    }
    snprintf(to, size, "%" PRId64 "%s", time / units[i].ns, units[i].unit);
}

static void put_order_name(text *to, order_name name) {
    char word[48];
    name_text(name, word, sizeof(word));
    put(to, " %s", word);
}

static void put_name(text *to, uint32_t account, uint64_t client_id) {
    put_order_name(to, (order_name){.account = account, .client_id = client_id});
}

/* The name that an event gives an order; a side of a quote has no id and is called by its side. */
static void put_told(text *to, uint32_t account, uint64_t client_id, const ledger_order *order) {
    const bool quoted = order != NULL && order->quoted;
    put_order_name(to, (order_name){.account = account,
                           .quote_side = quoted ? order->terms.side : 0,
                           .client_id = client_id});
}

static void put_handle(text *to, const ledger *known, trd_order handle) {
    const ledger_order *order = ledger_handle(known, handle);
    if (order != NULL) {
        put_order_name(to, ledger_name(order));
    } else {
        put(to, " %" PRIu64, handle);
    }
}

/* What the head of every event says by implication; kinds add what they do not show. */
typedef struct head {
    uint32_t slots, instrument, account;
    unsigned flags, side, liquidity, status, reason;
} head;

/* An event has the time of the command, or, told, that of a timer before it. */
static void put_time(text *to, const ledger *known, trd_ns time) {
    if (time == known->now) {
        return;
    }
    char word[32];
    time_text(time, word, sizeof(word));
    put(to, " at %s", word);
    if (time < known->event_time || time > known->now) {
        put(to, " !out of order");
    }
}

static void put_head(text *to, const ledger *known, const trd_event *event, head implied) {
    put_time(to, known, event->time);
    put_implied(to, "seq", event->seq, known->seq + 1);
    put_implied(to, "slots", event->slots, implied.slots == 0 ? 1 : implied.slots);
    put_implied(to, "flags", event->flags, implied.flags);
    put_implied(to, "instrument", event->instrument, implied.instrument);
    put_implied(to, "account", event->account, implied.account);
    put_implied(to, "side", event->side, implied.side);
    put_implied(to, "liquidity", event->liquidity, implied.liquidity);
    put_implied(to, "status", event->status, implied.status);
    put_implied(to, "reason", event->reason, implied.reason);
}

/* Events that are about a book and no order: which one, if it is not that of the command. Returns
 * what is implied from here on. */
static uint32_t put_book(
    text *to, const ledger *known, const trd_command *cause, const trd_event *event) {
    if (event->instrument == cause->instrument || event->instrument >= known->book_count) {
        return cause->instrument;
    }
    put(to, " on %s", known->books[event->instrument]);
    return event->instrument;
}

/* The status of an order that lives: it follows from what is executed. */
static unsigned status_live(const ledger_order *order) {
    return order->executed > 0 ? TRD_STATUS_PARTIALLY_FILLED : TRD_STATUS_NEW;
}

/* --- one function per kind --- */

static void copy_extensions(const trd_command *command, ledger_order *order) {
    for (unsigned i = 1; i < command->slots; i++) {
        const void *slot = &command[i];
        if (command[i].kind == TRD_EXT_ORDER_PRICES) {
            memcpy(&order->prices, slot, sizeof(order->prices));
        } else if (command[i].kind == TRD_EXT_ORDER_SIZES) {
            memcpy(&order->sizes, slot, sizeof(order->sizes));
        } else if (command[i].kind == TRD_EXT_ORDER_LINK) {
            memcpy(&order->link, slot, sizeof(order->link));
        }
    }
}

/* The terms of the order that an ACCEPTED is about: those of a side of a quote are fixed. */
static trd_new terms_of(const trd_command *cause, const trd_event *event) {
    if (cause->kind != TRD_COMMAND_QUOTE) {
        return cause->u.order;
    }
    const trd_quote *quote = &cause->u.quote;
    const bool bid = event->side == TRD_BUY;
    return (trd_new){.px = bid ? quote->bid_px : quote->ask_px,
        .qty = bid ? quote->bid_qty : quote->ask_qty,
        .side = bid ? TRD_BUY : TRD_SELL,
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_DAY,
        .stp = TRD_STP_CANCEL_MAKER};
}

/* Books the order of an ACCEPTED. */
static void enter(ledger *known, const trd_command *cause, const trd_event *event) {
    const trd_new terms = terms_of(cause, event);
    if (known->count == LEDGER_MAX) {
        bail("more than %d orders in a case", LEDGER_MAX);
    }
    ledger_order *order = &known->orders[known->count++];
    *order = (ledger_order){.handle = event->u.order.order,
        .client_id = event->u.order.client_id,
        .px = event->u.order.px,
        .leaves = event->u.order.qty,
        .terms = terms,
        .account = event->account,
        .instrument = event->instrument,
        .type = terms.type,
        .live = true,
        .arriving = true,
        .quoted = cause->kind == TRD_COMMAND_QUOTE};
    if (order->type == TRD_TYPE_MARKET_PROTECTED || order->type == TRD_TYPE_MARKET_TO_LIMIT) {
        order->type = TRD_TYPE_LIMIT;
    }
    copy_extensions(cause, order);
    order->idle = has_parent(order);
    order->draws = order->sizes.seed;
    order->joined = for_auction(order) && order->instrument < known->book_count &&
                    joins(order, known->states[order->instrument]);
}

/* The price is told where the engine finds it, the quantity where it follows the position. */
static void show_accepted(
    ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    const trd_ev_order *body = &event->u.order;
    const trd_new terms = terms_of(cause, event);
    const trd_new *order = &terms;
    put(to, "accept");
    put_order_name(to, (order_name){.account = event->account,
                           .quote_side = cause->kind == TRD_COMMAND_QUOTE ? terms.side : 0,
                           .client_id = body->client_id});
    if ((order->exec & TRD_EXEC_CLOSE_POSITION) != 0 && body->qty != 0) {
        put(to, " %" PRId64, body->qty);
    } else {
        put_implied(to, "qty", (uint64_t)body->qty, (uint64_t)order->qty);
    }
    if (order->type == TRD_TYPE_MARKET_PROTECTED || order->type == TRD_TYPE_MARKET_TO_LIMIT) {
        put(to, " @ %" PRId64, body->px);
    } else {
        put_implied(to, "px", (uint64_t)body->px, (uint64_t)order->px);
    }
    put_implied(to, "client_id", body->client_id, order->client_id);
    const ledger_order *same = ledger_handle(known, body->order);
    if (body->order == 0 || same != NULL) {
        put(to, " !order=%" PRIu64 " is none or not new", body->order);
    }
    put_head(to, known, event,
        (head){.instrument = cause->instrument,
            .account = cause->account,
            .side = order->side,
            .status = TRD_STATUS_NEW});
    enter(known, cause, event);
}

static void show_rejected(
    const ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    const trd_ev_order *body = &event->u.order;
    const trd_new *order = &cause->u.order;
    const bool sided = order->side == TRD_BUY || order->side == TRD_SELL;
    put(to, "reject");
    put_name(to, event->account, body->client_id);
    put(to, " ");
    put_lower(to, trd_reject_text(event->reason));
    put_implied(to, "client_id", body->client_id, order->client_id);
    put_implied(to, "order", body->order, 0);
    put_implied(to, "px", (uint64_t)body->px, (uint64_t)order->px);
    put_implied(to, "qty", (uint64_t)body->qty, (uint64_t)order->qty);
    put_head(to, known, event,
        (head){.instrument = cause->instrument,
            .account = cause->account,
            .side = sided ? order->side : 0,
            .liquidity = TRD_COMMAND_NEW,
            .status = TRD_STATUS_REJECTED,
            .reason = event->reason});
}

/* EXEC behind a FILL: who was on the other side, and the order's life so far. */
static void show_exec(const ledger *known, const trd_command *cause, const trd_event *event,
    const ledger_order *order, text *to) {
    const trd_ext_exec *exec = (const trd_ext_exec *)(event + 1);
    const ledger_order *contra = ledger_handle(known, exec->contra);
    put(to, " cum %" PRId64 " against", exec->cum);
    put_handle(to, known, exec->contra);
    put_implied(to, "exec.seq", exec->seq, event->seq);
    put_implied(to, "exec.kind", exec->kind, TRD_EXT_EXEC);
    put_implied(to, "exec.slots", exec->slots, 0);
    put_implied(to, "exec.flags", exec->flags, 0);
    put_implied(to, "exec.client_id", exec->client_id, order->client_id);
    put_implied(to, "exec.cum", (uint64_t)exec->cum, (uint64_t)order->executed);
    put_implied(
        to, "exec.contra_account", exec->contra_account, contra != NULL ? contra->account : 0);
    put_implied(to, "exec.prevented", (uint64_t)exec->prevented, (uint64_t)order->prevented);
    put_implied(to, "exec.command_seq", exec->command_seq, cause->seq);
    put_implied(to, "exec.tag", exec->tag, order->link.tag);
}

/* Moves an order by a FILL. The lots that a BUDGET order buys are open at no time. */
static void execute(const ledger *known, ledger_order *order, const trd_event *event) {
    const trd_qty qty = event->u.fill.qty;
    const bool budget = (order->terms.exec & TRD_EXEC_BUDGET) != 0;
    if (event->liquidity == TRD_LIQUIDITY_TAKER && !order->arriving) {
        order->arriving = true;
        order->displayed = 0;
    } else if (event->liquidity != TRD_LIQUIDITY_TAKER && order->arriving) {
        rest(known, order);
    }
    order->executed += qty;
    order->leaves -= budget ? 0 : qty;
    if (event->liquidity == TRD_LIQUIDITY_AUCTION) {
        take_lots(order, order->leaves);
    } else {
        order->displayed = order->displayed > qty ? order->displayed - qty : 0;
    }
    order->live = budget || order->leaves > 0 || may_grow(known, order);
    order->idle = order->live && !budget && order->leaves == 0;
    order->arriving = order->arriving || order->idle;
}

static void show_fill(ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    static const char *const sides[] = {"?", "maker", "taker", "auction"};
    const trd_ev_fill *body = &event->u.fill;
    ledger_order *order = booked(known, body->order);
    put(to, "fill");
    put_handle(to, known, body->order);
    if (order == NULL) {
        put(to, " !an order that nobody knows");
        return;
    }
    execute(known, order, event);
    put(to, " %" PRId64 " @ %" PRId64 " %s leaves %" PRId64, body->qty, body->px,
        sides[event->liquidity <= TRD_LIQUIDITY_AUCTION ? event->liquidity : 0], body->leaves);
    if (event->slots == 2) {
        show_exec(known, cause, event, order, to);
    }
    put_implied(to, "leaves", (uint64_t)body->leaves, (uint64_t)order->leaves);
    const bool first = event->liquidity == TRD_LIQUIDITY_TAKER ||
                       (event->liquidity == TRD_LIQUIDITY_AUCTION && event->side == TRD_BUY);
    if (!first) {
        put_implied(to, "seq of the other side", event->seq, known->taker_seq + 1);
    } else {
        known->taker_seq = event->seq;
    }
    put_head(to, known, event,
        (head){.slots = event->slots == 2 ? 2 : 1,
            .instrument = order->instrument,
            .account = order->account,
            .side = order->terms.side,
            .liquidity = event->liquidity,
            .status = order->live ? TRD_STATUS_PARTIALLY_FILLED : TRD_STATUS_FILLED});
}

/* A GTT order that is refused when it is released has failed. */
static unsigned status_of_end(const ledger_order *order, unsigned cause) {
    if (cause == TRD_CAUSE_RISK && order->terms.tif == TRD_TIF_GTT) {
        return TRD_STATUS_REJECTED;
    }
    return cause == TRD_CAUSE_EXPIRED ? TRD_STATUS_EXPIRED : TRD_STATUS_CANCELED;
}

static void show_canceled(ledger *known, const trd_event *event, text *to) {
    const trd_ev_cancel *body = &event->u.cancel;
    ledger_order *order = booked(known, body->order);
    put(to, "cancel");
    put_told(to, event->account, body->client_id, order);
    if (order == NULL) {
        put(to, " !an order that nobody knows");
        return;
    }
    put(to, " %" PRId64 " cum %" PRId64 " ", body->qty, body->cum);
    put_lower(to, trd_cause_text(event->reason));
    put_implied(to, "client_id", body->client_id, order->client_id);
    put_implied(to, "live", order->live, true);
    put_implied(to, "qty", (uint64_t)body->qty, (uint64_t)order->leaves);
    put_implied(to, "cum", (uint64_t)body->cum, (uint64_t)order->executed);
    put_head(to, known, event,
        (head){.instrument = order->instrument,
            .account = order->account,
            .side = order->terms.side,
            .status = status_of_end(order, event->reason),
            .reason = event->reason});
    order->live = false;
}

/* Is it a side of the quote that the command is about? */
static bool is_quoted_by(const ledger_order *order, const trd_command *cause) {
    return order != NULL && order->quoted && order->live && order->account == cause->account &&
           order->instrument == cause->instrument;
}

static void show_replaced(
    ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    const trd_ev_order *body = &event->u.order;
    ledger_order *order = booked(known, body->order);
    const bool meant = cause->kind == TRD_COMMAND_QUOTE ? is_quoted_by(order, cause)
                                                        : target_of(known, cause) == order;
    const bool renamed =
        cause->kind == TRD_COMMAND_REPLACE && (cause->flags & TRD_COMMAND_NEW_ID) != 0;
    put(to, "replace");
    put_told(to, event->account, body->client_id, order);
    if (order == NULL || !meant) {
        put(to, " !not the order that was meant");
        return;
    }
    const bool empty = order->leaves == 0; /* it follows the position and waits */
    const unsigned kept = event->flags & TRD_EVENT_PLACE_KEPT;
    order->px = body->px;
    take_lots(order, body->qty - order->executed - order->prevented);
    if (order->quoted && cause->kind == TRD_COMMAND_QUOTE) {
        const trd_new terms = terms_of(cause, event);
        put_implied(to, "leaves", (uint64_t)order->leaves, (uint64_t)terms.qty);
        put_implied(to, "px", (uint64_t)body->px, (uint64_t)terms.px);
    }
    order->live = order->leaves > 0 || empty;
    if (kept == 0) {
        order->arriving = true;
        order->displayed = 0;
    }
    const unsigned status = order->live ? status_live(order) : TRD_STATUS_FILLED;
    put(to, " %" PRId64 " @ %" PRId64 " %s", body->qty, body->px,
        !order->live ? "filled"
        : kept != 0  ? "kept"
                     : "back");
    put_implied(
        to, "client_id", body->client_id, renamed ? cause->u.replace.client_id : order->client_id);
    put_head(to, known, event,
        (head){.flags = order->live ? kept : 0,
            .instrument = order->instrument,
            .account = order->account,
            .side = order->terms.side,
            .status = status});
    order->client_id = body->client_id;
}

static void show_triggered(ledger *known, const trd_event *event, text *to) {
    const trd_ev_trigger *body = &event->u.trigger;
    ledger_order *order = booked(known, body->order);
    put(to, "trigger");
    put_told(to, event->account, body->client_id, order);
    if (order == NULL) {
        put(to, " !an order that nobody knows");
        return;
    }
    const bool fixed = order->type <= TRD_TYPE_TOUCHED_LIMIT;
    put(to, " %" PRId64 " by %" PRId64, body->trigger, body->reference);
    put_implied(to, "waits", waits_for_trigger(order), true);
    put_implied(to, "client_id", body->client_id, order->client_id);
    put_implied(to, "trigger", (uint64_t)body->trigger,
        (uint64_t)(fixed ? order->prices.trigger : body->trigger));
    put_head(to, known, event,
        (head){.instrument = order->instrument,
            .account = order->account,
            .side = order->terms.side,
            .status = status_live(order),
            .reason = order->prices.source});
    release(known, order, body->trigger);
}

static void show_prevented(ledger *known, const trd_event *event, text *to) {
    const trd_ev_prevent *body = &event->u.prevent;
    ledger_order *order = booked(known, body->order);
    put(to, "prevent");
    put_handle(to, known, body->order);
    if (order == NULL) {
        put(to, " !an order that nobody knows");
        return;
    }
    const unsigned mode = event->reason;
    order->prevented += body->qty;
    order->transferred += mode == TRD_STP_TRANSFER ? body->qty : 0;
    take_lots(order, order->leaves - body->qty);
    put(to, " %" PRId64 " against", body->qty);
    put_handle(to, known, body->contra);
    put(to, " left %" PRId64 " %s", body->leaves,
        mode >= 1 && mode <= MODES_COUNT ? mode_names[mode - 1] : "?");
    put_implied(to, "leaves", (uint64_t)body->leaves, (uint64_t)order->leaves);
    put_head(to, known, event,
        (head){.instrument = order->instrument,
            .account = order->account,
            .side = order->terms.side,
            .status = status_live(order),
            .reason = mode});
}

/* The order after the engine changed it, as far as the reason says what may change. */
static void restate(const ledger *known, ledger_order *order, const trd_event *event) {
    const trd_ev_restate *body = &event->u.restate;
    switch (event->reason) {
    case TRD_RESTATE_PEAK:
        show_lots(known, order);
        break;
    case TRD_RESTATE_CUT:
        if (order->arriving && body->displayed != 0) {
            rest(known, order); /* cut where it has come to rest */
        } else if (order->arriving) {
            order->displayed = 0;
        }
        take_lots(order, body->leaves);
        break;
    case TRD_RESTATE_PEG:
        order->px = body->px;
        order->priced = body->px != 0;
        order->arriving = order->priced;
        order->where = place_of(order);
        order->displayed = order->where == TRD_WHERE_BOOK ? order->leaves : 0;
        break;
    case TRD_RESTATE_SLIDE:
        order->px = body->px;
        break;
    case TRD_RESTATE_LINKED:
        relink(known, order, body);
        break;
    default:
        break;
    }
}

/* What is shown of an order that will come to rest is told after it: RESTATED has 0 of it. */
static void show_restated(ledger *known, const trd_event *event, text *to) {
    static const char *const reasons[] = {
        "?", "peak", "cut", "peg", "slide", "linked", "corporate"};
    const trd_ev_restate *body = &event->u.restate;
    ledger_order *order = booked(known, body->order);
    put(to, "restate");
    put_handle(to, known, body->order);
    if (order == NULL) {
        put(to, " !an order that nobody knows");
        return;
    }
    restate(known, order, event);
    put(to, " %s %" PRId64 " of %" PRId64 " @ %" PRId64,
        reasons[event->reason <= TRD_RESTATE_CORPORATE ? event->reason : 0], body->displayed,
        body->leaves, body->px);
    put_implied(to, "displayed", (uint64_t)body->displayed, (uint64_t)order->displayed);
    put_implied(to, "leaves", (uint64_t)body->leaves, (uint64_t)order->leaves);
    put_implied(to, "px", (uint64_t)body->px, (uint64_t)order->px);
    put_head(to, known, event,
        (head){.instrument = order->instrument,
            .account = order->account,
            .side = order->terms.side,
            .status = status_live(order),
            .reason = event->reason});
}

/* Orders that waited for an auction join when it begins. */
static void join(ledger *known, uint32_t book) {
    for (uint32_t i = 0; i < known->count; i++) {
        ledger_order *order = &known->orders[i];
        if (order->live && order->instrument == book && for_auction(order) && !order->joined &&
            joins(order, known->states[book])) {
            order->joined = true;
            rest(known, order);
        }
    }
}

static void show_session(
    ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    static const char *const causes[] = {"?", "command", "time", "breaker", "limit", "cascade"};
    const trd_ev_session *body = &event->u.session;
    const uint32_t book = event->instrument;
    if (body->state < 1 || body->state > STATES_COUNT || body->former < 1 ||
        body->former > STATES_COUNT || book >= known->book_count) {
        put(to, "session !%u from %u", body->state, body->former);
        return;
    }
    put(to, "session %s from %s", state_names[body->state - 1], state_names[body->former - 1]);
    if (body->cause != TRD_SESSION_BY_COMMAND) {
        put(to, " by %s", causes[body->cause <= TRD_SESSION_BY_CASCADE ? body->cause : 0]);
    }
    if (body->until != 0) {
        char word[32];
        time_text(body->until, word, sizeof(word));
        put(to, " until %s", word);
    }
    const uint32_t implied = put_book(to, known, cause, event);
    put_implied(to, "former", body->former, known->states[book]);
    for (size_t i = 0; i < sizeof(body->reserved); i++) {
        put_implied(to, "reserved", body->reserved[i], 0);
    }
    put_implied(to, "reserved1", body->reserved1[0] | body->reserved1[1], 0);
    put_head(to, known, event, (head){.instrument = implied});
    known->states[book] = body->state;
    join(known, book);
}

static void show_auction(
    const ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    const trd_ev_auction *body = &event->u.auction;
    put(to, "auction%s", body->final == 1 ? " final" : "");
    if (body->priced == 0) {
        put(to, " none");
        put_implied(to, "px", (uint64_t)body->px, 0);
        put_implied(to, "volume", (uint64_t)body->volume, 0);
        put_implied(to, "imbalance", (uint64_t)body->imbalance, 0);
    } else {
        put(to, " %" PRId64 " volume %" PRId64 " imbalance %" PRId64, body->px, body->volume,
            body->imbalance);
    }
    const uint32_t implied = put_book(to, known, cause, event);
    put_implied(to, "final", body->final, body->final == 1);
    put_implied(to, "priced", body->priced, body->priced != 0);
    for (size_t i = 0; i < sizeof(body->reserved); i++) {
        put_implied(to, "reserved", body->reserved[i], 0);
    }
    put_head(to, known, event, (head){.instrument = implied});
}

/* CANCEL_REJECTED and REPLACE_REJECTED. A status after the reason says that the order was found;
 * then the event has its handle and its client id, otherwise the target of the command. */
static void show_refused(
    const ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    const trd_ev_order *body = &event->u.order;
    const bool replaces = event->kind == TRD_EVENT_REPLACE_REJECTED;
    const bool handle = (cause->flags & TRD_COMMAND_BY_HANDLE) != 0;
    const ledger_order *target = target_of(known, cause);
    const bool found = event->status != TRD_STATUS_NONE && target != NULL;
    const uint64_t id = found ? target->client_id : (handle ? 0 : cause->u.cancel.target);
    const trd_order order = found ? target->handle : (handle ? cause->u.cancel.target : 0);
    put(to, replaces ? "replace-reject" : "cancel-reject");
    if (!found && handle) {
        put(to, " handle");
        put_handle(to, known, body->order);
    } else {
        put_told(to, event->account, body->client_id, found ? target : NULL);
    }
    put(to, " ");
    put_lower(to, trd_reject_text(event->reason));
    if (found) {
        put(to, event->status == TRD_STATUS_NEW ? " new" : " part");
    }
    put_implied(to, "client_id", body->client_id, id);
    put_implied(to, "order", body->order, order);
    put_implied(to, "px", (uint64_t)body->px, replaces ? (uint64_t)cause->u.replace.px : 0);
    put_implied(to, "qty", (uint64_t)body->qty,
        (uint64_t)(replaces ? cause->u.replace.qty : cause->u.cancel.qty));
    put_head(to, known, event,
        (head){.instrument = cause->instrument,
            .account = cause->account,
            .liquidity = cause->kind,
            .status = found ? status_live(target) : TRD_STATUS_NONE,
            .reason = event->reason});
}

static void show_command_rejected(
    const ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    static const uint8_t zeros[32];
    const char *kind = trd_command_text(event->liquidity);
    put(to, "command-reject ");
    if (strcmp(kind, "?") == 0) {
        put(to, "%u", event->liquidity);
    } else {
        put_lower(to, kind);
    }
    put(to, " ");
    put_lower(to, trd_reject_text(event->reason));
    if (memcmp(event->u.body, zeros, sizeof(zeros)) != 0) {
        put(to, " !body is not zero");
    }
    put_head(to, known, event,
        (head){.instrument = cause->instrument,
            .account = cause->account,
            .liquidity = cause->kind,
            .reason = event->reason});
}

static void show_level(
    const ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    const trd_ev_level *body = &event->u.level;
    put(to, "level %s %" PRId64, event->side == TRD_BUY ? "bid" : "ask", body->px);
    if (body->qty == 0 && body->count == 0) {
        put(to, " gone");
    } else {
        put(to, " %" PRId64 " in %" PRIu32, body->qty, body->count);
    }
    const uint32_t implied = put_book(to, known, cause, event);
    put_implied(to, "reserved0", body->reserved0, 0);
    put_implied(to, "reserved", body->reserved, 0);
    put_head(to, known, event,
        (head){.instrument = implied, .side = event->side == TRD_BUY ? TRD_BUY : TRD_SELL});
}

static void show_displayed(const ledger *known, const trd_event *event, text *to) {
    static const char *const verbs[] = {"?", "added", "executed", "reduced", "deleted"};
    const trd_ev_public *body = &event->u.displayed;
    const ledger_order *order = ledger_handle(known, body->order);
    const unsigned status = event->status <= TRD_ORDER_DELETED ? event->status : 0;
    put(to, "order");
    put_handle(to, known, body->order);
    put(to, " %s %" PRId64, verbs[status], body->changed);
    if (status == TRD_ORDER_EXECUTED || status == TRD_ORDER_REDUCED) {
        put(to, " left %" PRId64, body->qty);
    } else {
        put_implied(to, "qty", (uint64_t)body->qty,
            status == TRD_ORDER_ADDED ? (uint64_t)body->changed : 0);
    }
    put(to, " @ %" PRId64, body->px);
    const unsigned kept = status == TRD_ORDER_ADDED ? event->flags & TRD_EVENT_PLACE_KEPT : 0;
    if (kept != 0) {
        put(to, " kept");
    }
    put_head(to, known, event,
        (head){.flags = kept,
            .instrument = order != NULL ? order->instrument : 0,
            .side = order != NULL ? order->terms.side : 0,
            .status = event->status});
}

static void show_tape(
    const ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    const trd_ev_tape *body = &event->u.tape;
    static const char *const takers[] = {"auction", "buy", "sell"};
    put(to, "tape %s %" PRId64 " @ %" PRId64, takers[event->side <= TRD_SELL ? event->side : 0],
        body->qty, body->px);
    const uint32_t implied = put_book(to, known, cause, event);
    put_implied(to, "trade", body->trade, known->taker_seq);
    put_implied(to, "reserved", body->reserved, 0);
    put_head(to, known, event,
        (head){.instrument = implied, .side = event->side <= TRD_SELL ? event->side : 0});
}

void show_event(ledger *known, const trd_command *cause, const trd_event *event, char *at) {
    text to = {.at = at};
    trd_command room[TRD_SLOTS_MAX] = {0};
    at[0] = '\0';
    switch (event->kind) {
    case TRD_EVENT_ACCEPTED:
        show_accepted(known, origin_of(known, cause, event, room), event, &to);
        break;
    case TRD_EVENT_REJECTED:
        show_rejected(known, origin_of(known, cause, event, room), event, &to);
        break;
    case TRD_EVENT_FILL:
        show_fill(known, cause, event, &to);
        break;
    case TRD_EVENT_CANCELED:
        show_canceled(known, event, &to);
        break;
    case TRD_EVENT_REPLACED:
        show_replaced(known, cause, event, &to);
        break;
    case TRD_EVENT_CANCEL_REJECTED:
    case TRD_EVENT_REPLACE_REJECTED:
        show_refused(known, cause, event, &to);
        break;
    case TRD_EVENT_COMMAND_REJECTED:
        show_command_rejected(known, cause, event, &to);
        break;
    case TRD_EVENT_TRIGGERED:
        show_triggered(known, event, &to);
        break;
    case TRD_EVENT_PREVENTED:
        show_prevented(known, event, &to);
        break;
    case TRD_EVENT_RESTATED:
        show_restated(known, event, &to);
        break;
    case TRD_EVENT_SESSION:
        show_session(known, cause, event, &to);
        break;
    case TRD_EVENT_AUCTION:
        show_auction(known, cause, event, &to);
        break;
    case TRD_EVENT_LEVEL:
        show_level(known, cause, event, &to);
        break;
    case TRD_EVENT_ORDER:
        show_displayed(known, event, &to);
        break;
    case TRD_EVENT_TAPE:
        show_tape(known, cause, event, &to);
        break;
    default:
        put(&to, "event %u", event->kind);
    }
    known->seq = event->seq;
    known->event_time = event->time;
}
