/* show.c - the right side of a scenario line: events become words, and the ledger follows them. */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "scenario.h"

/* --- the ledger --- */

const ledger_order *ledger_named(const ledger *known, order_name name) {
    for (uint32_t i = known->count; i-- > 0;) {
        const ledger_order *at = &known->orders[i];
        if (at->account == name.account && at->client_id == name.client_id) {
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
                             : at->client_id == cause->u.cancel.target;
        found = hit && at->live && at->account == cause->account ? at : NULL;
    }
    return found != NULL && found->instrument == cause->instrument ? found : NULL;
}

void ledger_command(ledger *known, const trd_command *command) {
    known->now = command->time > known->now ? command->time : known->now;
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

void name_text(uint32_t account, uint64_t client_id, char *to, size_t size) {
    if (account >= 1 && account <= 26) {
        snprintf(to, size, "%c%" PRIu64, (char)('A' + account - 1), client_id);
    } else {
        snprintf(to, size, "%" PRIu32 ":%" PRIu64, account, client_id);
    }
}

static void put_name(text *to, uint32_t account, uint64_t client_id) {
    char name[48];
    name_text(account, client_id, name, sizeof(name));
    put(to, " %s", name);
}

static void put_handle(text *to, const ledger *known, trd_order handle) {
    const ledger_order *order = ledger_handle(known, handle);
    if (order != NULL) {
        put_name(to, order->account, order->client_id);
    } else {
        put(to, " %" PRIu64, handle);
    }
}

/* What the head of every event says by implication; kinds add what they do not show. */
typedef struct head {
    uint32_t slots, instrument, account;
    unsigned flags, side, liquidity, status, reason;
} head;

static void put_head(text *to, const ledger *known, const trd_event *event, head implied) {
    put_implied(to, "seq", event->seq, known->seq + 1);
    put_implied(to, "time", (uint64_t)event->time, (uint64_t)known->now);
    put_implied(to, "slots", event->slots, implied.slots == 0 ? 1 : implied.slots);
    put_implied(to, "flags", event->flags, implied.flags);
    put_implied(to, "instrument", event->instrument, implied.instrument);
    put_implied(to, "account", event->account, implied.account);
    put_implied(to, "side", event->side, implied.side);
    put_implied(to, "liquidity", event->liquidity, implied.liquidity);
    put_implied(to, "status", event->status, implied.status);
    put_implied(to, "reason", event->reason, implied.reason);
}

/* The status of an order that lives: it follows from what is executed. */
static unsigned status_live(const ledger_order *order) {
    return order->executed > 0 ? TRD_STATUS_PARTIALLY_FILLED : TRD_STATUS_NEW;
}

/* --- one function per kind --- */

static void show_accepted(
    ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    const trd_ev_order *body = &event->u.order;
    const trd_new *order = &cause->u.order;
    put(to, "accept");
    put_name(to, event->account, body->client_id);
    put_implied(to, "client_id", body->client_id, order->client_id);
    put_implied(to, "px", (uint64_t)body->px, (uint64_t)order->px);
    put_implied(to, "qty", (uint64_t)body->qty, (uint64_t)order->qty);
    const ledger_order *same = ledger_handle(known, body->order);
    if (body->order == 0 || same != NULL) {
        put(to, " !order=%" PRIu64 " is none or not new", body->order);
    }
    put_head(to, known, event,
        (head){.instrument = cause->instrument,
            .account = cause->account,
            .side = order->side,
            .status = TRD_STATUS_NEW});
    if (known->count == LEDGER_MAX) {
        bail("more than %d orders in a case", LEDGER_MAX);
    }
    known->orders[known->count++] = (ledger_order){.handle = body->order,
        .client_id = body->client_id,
        .px = body->px,
        .total = body->qty,
        .account = event->account,
        .instrument = event->instrument,
        .side = event->side,
        .live = true};
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
    put_implied(to, "exec.prevented", (uint64_t)exec->prevented, 0);
    put_implied(to, "exec.command_seq", exec->command_seq, cause->seq);
    put_implied(to, "exec.tag", exec->tag, 0);
}

static void show_fill(ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    const trd_ev_fill *body = &event->u.fill;
    ledger_order *order = booked(known, body->order);
    put(to, "fill");
    put_handle(to, known, body->order);
    if (order == NULL) {
        put(to, " !an order that nobody knows");
        return;
    }
    order->executed += body->qty;
    order->live = order->executed < order->total;
    put(to, " %" PRId64 " @ %" PRId64 " %s leaves %" PRId64, body->qty, body->px,
        event->liquidity == TRD_LIQUIDITY_TAKER   ? "taker"
        : event->liquidity == TRD_LIQUIDITY_MAKER ? "maker"
                                                  : "?",
        body->leaves);
    if (event->slots == 2) {
        show_exec(known, cause, event, order, to);
    }
    put_implied(to, "leaves", (uint64_t)body->leaves, (uint64_t)(order->total - order->executed));
    put_head(to, known, event,
        (head){.slots = event->slots == 2 ? 2 : 1,
            .instrument = order->instrument,
            .account = order->account,
            .side = order->side,
            .liquidity = event->liquidity,
            .status = order->live ? TRD_STATUS_PARTIALLY_FILLED : TRD_STATUS_FILLED});
    if (event->liquidity == TRD_LIQUIDITY_TAKER) {
        known->taker_seq = event->seq;
    } else {
        put_implied(to, "seq of the maker", event->seq, known->taker_seq + 1);
    }
}

static void show_canceled(ledger *known, const trd_event *event, text *to) {
    const trd_ev_cancel *body = &event->u.cancel;
    ledger_order *order = booked(known, body->order);
    put(to, "cancel");
    put_name(to, event->account, body->client_id);
    if (order == NULL) {
        put(to, " !an order that nobody knows");
        return;
    }
    put(to, " %" PRId64 " cum %" PRId64 " ", body->qty, body->cum);
    put_lower(to, trd_cause_text(event->reason));
    put_implied(to, "client_id", body->client_id, order->client_id);
    put_implied(to, "live", order->live, true);
    put_implied(to, "qty", (uint64_t)body->qty, (uint64_t)(order->total - order->executed));
    put_implied(to, "cum", (uint64_t)body->cum, (uint64_t)order->executed);
    put_head(to, known, event,
        (head){.instrument = order->instrument,
            .account = order->account,
            .side = order->side,
            .status = TRD_STATUS_CANCELED,
            .reason = event->reason});
    order->live = false;
}

static void show_replaced(
    ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    const trd_ev_order *body = &event->u.order;
    const ledger_order *target = target_of(known, cause);
    ledger_order *order = booked(known, body->order);
    const bool renamed =
        cause->kind == TRD_COMMAND_REPLACE && (cause->flags & TRD_COMMAND_NEW_ID) != 0;
    put(to, "replace");
    put_name(to, event->account, body->client_id);
    if (order == NULL || target != order) {
        put(to, " !not the order that was meant");
        return;
    }
    order->px = body->px;
    order->total = body->qty;
    order->live = order->executed < order->total;
    const unsigned status = order->live ? status_live(order) : TRD_STATUS_FILLED;
    const unsigned kept = event->flags & TRD_EVENT_PLACE_KEPT;
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
            .side = order->side,
            .status = status});
    order->client_id = body->client_id;
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
        put_name(to, event->account, body->client_id);
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
    put_implied(to, "reserved0", body->reserved0, 0);
    put_implied(to, "reserved", body->reserved, 0);
    put_head(to, known, event,
        (head){
            .instrument = cause->instrument, .side = event->side == TRD_BUY ? TRD_BUY : TRD_SELL});
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
    put_head(to, known, event,
        (head){.instrument = order != NULL ? order->instrument : 0,
            .side = order != NULL ? order->side : 0,
            .status = event->status});
}

static void show_tape(
    const ledger *known, const trd_command *cause, const trd_event *event, text *to) {
    const trd_ev_tape *body = &event->u.tape;
    put(to, "tape %s %" PRId64 " @ %" PRId64, event->side == TRD_BUY ? "buy" : "sell", body->qty,
        body->px);
    put_implied(to, "trade", body->trade, known->taker_seq);
    put_implied(to, "reserved", body->reserved, 0);
    put_head(to, known, event,
        (head){
            .instrument = cause->instrument, .side = event->side == TRD_BUY ? TRD_BUY : TRD_SELL});
}

void show_event(ledger *known, const trd_command *cause, const trd_event *event, char *at) {
    text to = {.at = at};
    at[0] = '\0';
    switch (event->kind) {
    case TRD_EVENT_ACCEPTED:
        show_accepted(known, cause, event, &to);
        break;
    case TRD_EVENT_REJECTED:
        show_rejected(known, cause, event, &to);
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
}
