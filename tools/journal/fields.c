#include "journal/fields.h"

#include <inttypes.h>
#include <string.h>
#include <tradsys/command.h>
#include <tradsys/event.h>
#include <tradsys/margin.h>

#include "abi/byte_table.h"

/* What the bytes of a field are is read off its type. */
typedef enum form { FORM_UNSIGNED, FORM_SIGNED, FORM_TEXT, FORM_RESERVED } form;

/* clang-format off */
#define FORM(type, member)                                                                         \
    _Generic(((type *)0)->member, int64_t: FORM_SIGNED, char *: FORM_TEXT,                         \
        uint8_t *: FORM_RESERVED, uint32_t *: FORM_RESERVED, uint64_t *: FORM_RESERVED,            \
        default: FORM_UNSIGNED)
/* clang-format on */
#define FIELD(record, type, member, name, offset, width)                                           \
    {#record, name, offset, width, FORM(type, member)},

typedef struct field {
    const char *record;
    const char *name;
    uint8_t offset;
    uint8_t width;
    uint8_t form;
} field;

static const field fields[] = {SLOT_FIELDS};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]), BODY = 32, KIND = 16 };

/* Values that have names. A record of NULL is any. */
typedef struct named {
    const char *record;
    const char *field;
    uint64_t value;
    const char *name;
} named;

#define NAMED(record, field, prefix, name)                                                         \
    { record, field, prefix##name, #name }

static const named names[] = {
    NAMED(NULL, "side", TRD_, BUY),
    NAMED(NULL, "side", TRD_, SELL),
    NAMED("order", "type", TRD_TYPE_, LIMIT),
    NAMED("order", "type", TRD_TYPE_, MARKET),
    NAMED("order", "type", TRD_TYPE_, MARKET_PROTECTED),
    NAMED("order", "type", TRD_TYPE_, MARKET_TO_LIMIT),
    NAMED("order", "type", TRD_TYPE_, STOP),
    NAMED("order", "type", TRD_TYPE_, STOP_LIMIT),
    NAMED("order", "type", TRD_TYPE_, TOUCHED),
    NAMED("order", "type", TRD_TYPE_, TOUCHED_LIMIT),
    NAMED("order", "type", TRD_TYPE_, TRAILING_STOP),
    NAMED("order", "type", TRD_TYPE_, TRAILING_STOP_LIMIT),
    NAMED("order", "type", TRD_TYPE_, PEGGED),
    NAMED("order", "tif", TRD_TIF_, GTC),
    NAMED("order", "tif", TRD_TIF_, IOC),
    NAMED("order", "tif", TRD_TIF_, FOK),
    NAMED("order", "tif", TRD_TIF_, DAY),
    NAMED("order", "tif", TRD_TIF_, GTD),
    NAMED("order", "tif", TRD_TIF_, AT_OPEN),
    NAMED("order", "tif", TRD_TIF_, AT_CLOSE),
    NAMED("order", "tif", TRD_TIF_, GFA),
    NAMED("order", "tif", TRD_TIF_, GFN),
    NAMED("order", "tif", TRD_TIF_, GTT),
    NAMED("order", "stp", TRD_STP_, NONE),
    NAMED("order", "stp", TRD_STP_, CANCEL_TAKER),
    NAMED("order", "stp", TRD_STP_, CANCEL_MAKER),
    NAMED("order", "stp", TRD_STP_, CANCEL_BOTH),
    NAMED("order", "stp", TRD_STP_, DECREMENT),
    NAMED("order", "stp", TRD_STP_, TRANSFER),
    NAMED("order", "stp", TRD_STP_, REJECT),
    NAMED(NULL, "position", TRD_POSITION_, NET),
    NAMED(NULL, "position", TRD_POSITION_, LONG),
    NAMED(NULL, "position", TRD_POSITION_, SHORT),
    NAMED(NULL, "source", TRD_SOURCE_, LAST),
    NAMED(NULL, "source", TRD_SOURCE_, BID),
    NAMED(NULL, "source", TRD_SOURCE_, ASK),
    NAMED(NULL, "source", TRD_SOURCE_, MARK),
    NAMED(NULL, "source", TRD_SOURCE_, INDEX),
    NAMED(NULL, "source", TRD_SOURCE_, MID),
    NAMED(NULL, "state", TRD_SESSION_, CONTINUOUS),
    NAMED(NULL, "state", TRD_SESSION_, PRE_OPEN),
    NAMED(NULL, "state", TRD_SESSION_, OPENING),
    NAMED(NULL, "state", TRD_SESSION_, VOLATILITY),
    NAMED(NULL, "state", TRD_SESSION_, CLOSING),
    NAMED(NULL, "state", TRD_SESSION_, CLOSED),
    NAMED(NULL, "state", TRD_SESSION_, HALTED),
    NAMED("transfer", "action", TRD_TRANSFER_, DEPOSIT),
    NAMED("transfer", "action", TRD_TRANSFER_, WITHDRAW),
    NAMED("transfer", "action", TRD_TRANSFER_, MOVE),
    NAMED("transfer", "action", TRD_TRANSFER_, BORROW),
    NAMED("transfer", "action", TRD_TRANSFER_, REPAY),
    NAMED("books", "action", TRD_BOOKS_, DAY),
    NAMED("books", "action", TRD_BOOKS_, PERIOD),
    NAMED("books", "action", TRD_BOOKS_, RATE),
    NAMED("books", "action", TRD_BOOKS_, INTEREST),
    NAMED("books", "action", TRD_BOOKS_, EXPIRE),
    NAMED("books", "action", TRD_BOOKS_, ENABLE),
    NAMED("books", "action", TRD_BOOKS_, DISABLE),
    NAMED("books", "action", TRD_BOOKS_, COLLATERAL),
    NAMED(NULL, "liquidity", TRD_LIQUIDITY_, MAKER),
    NAMED(NULL, "liquidity", TRD_LIQUIDITY_, TAKER),
    NAMED(NULL, "liquidity", TRD_LIQUIDITY_, AUCTION),
    NAMED("ev_public", "status", TRD_ORDER_, ADDED),
    NAMED("ev_public", "status", TRD_ORDER_, EXECUTED),
    NAMED("ev_public", "status", TRD_ORDER_, REDUCED),
    NAMED("ev_public", "status", TRD_ORDER_, DELETED),
    NAMED("ev_order", "status", TRD_STATUS_, NEW),
    NAMED("ev_order", "status", TRD_STATUS_, PARTIALLY_FILLED),
    NAMED("ev_order", "status", TRD_STATUS_, REJECTED),
    NAMED("ev_order", "status", TRD_STATUS_, SUSPENDED),
    NAMED("ev_fill", "status", TRD_STATUS_, PARTIALLY_FILLED),
    NAMED("ev_fill", "status", TRD_STATUS_, FILLED),
    NAMED("ev_cancel", "status", TRD_STATUS_, CANCELED),
    NAMED("ev_cancel", "status", TRD_STATUS_, EXPIRED),
    NAMED("ev_margin", "status", TRD_MARGIN_, FINE),
    NAMED("ev_margin", "status", TRD_MARGIN_, WARN),
    NAMED("ev_margin", "status", TRD_MARGIN_, CALL),
    NAMED("ev_margin", "status", TRD_MARGIN_, LIQUIDATE),
    NAMED("ev_margin", "status", TRD_MARGIN_, BANKRUPT),
    NAMED("ev_trigger", "reason", TRD_SOURCE_, LAST),
    NAMED("ev_trigger", "reason", TRD_SOURCE_, BID),
    NAMED("ev_trigger", "reason", TRD_SOURCE_, ASK),
    NAMED("ev_trigger", "reason", TRD_SOURCE_, MARK),
    NAMED("ev_trigger", "reason", TRD_SOURCE_, INDEX),
    NAMED("ev_restate", "reason", TRD_RESTATE_, PEAK),
    NAMED("ev_restate", "reason", TRD_RESTATE_, CUT),
    NAMED("ev_restate", "reason", TRD_RESTATE_, PEG),
    NAMED("ev_restate", "reason", TRD_RESTATE_, SLIDE),
    NAMED("ev_restate", "reason", TRD_RESTATE_, LINKED),
    NAMED("ev_restate", "reason", TRD_RESTATE_, CORPORATE),
    NAMED("ev_liquidation", "reason", TRD_STEP_, CANCEL),
    NAMED("ev_liquidation", "reason", TRD_STEP_, REDUCE),
    NAMED("ev_liquidation", "reason", TRD_STEP_, FEE),
    NAMED("ev_liquidation", "reason", TRD_STEP_, TAKEOVER),
    NAMED("ev_liquidation", "reason", TRD_STEP_, DELEVERAGE),
    NAMED("ev_liquidation", "reason", TRD_STEP_, INSURED),
    NAMED("ev_liquidation", "reason", TRD_STEP_, WAIT),
    NAMED("ev_liquidation", "reason", TRD_STEP_, DONE),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, PRINCIPAL),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, FEE),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, REBATE),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, FUNDING),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, TRANSFER),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, LOCK),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, RELEASE),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, ROUNDING),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, SETTLEMENT),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, INSURANCE),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, REALISED),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, TAX),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, INTEREST),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, LOAN),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, CORPORATE),
    NAMED("ev_ledger", "entry", TRD_LEDGER_, DELIVERY),
};

enum { NAMES = sizeof(names) / sizeof(names[0]), RECORD_NAME_SIZE = 32 };

static unsigned kind_of(const void *slot) {
    return ((const uint8_t *)slot)[KIND];
}

static bool is_extension(const void *slot) {
    return kind_of(slot) >= 128;
}

const char *slot_kind(const void *slot, record_kind kind) {
    return kind == RECORD_EVENT && !is_extension(slot) ? trd_event_text(kind_of(slot))
                                                       : trd_command_text(kind_of(slot));
}

/* Events whose body is not called like their kind. */
static const char *shared_body(unsigned event) {
    switch (event) {
    case TRD_EVENT_ACCEPTED:
    case TRD_EVENT_REJECTED:
    case TRD_EVENT_REPLACED:
    case TRD_EVENT_CANCEL_REJECTED:
    case TRD_EVENT_REPLACE_REJECTED:
    case TRD_EVENT_COMMAND_REJECTED:
        return "ev_order";
    case TRD_EVENT_CANCELED:
        return "ev_cancel";
    case TRD_EVENT_TRIGGERED:
        return "ev_trigger";
    case TRD_EVENT_PREVENTED:
        return "ev_prevent";
    case TRD_EVENT_RESTATED:
        return "ev_restate";
    case TRD_EVENT_ORDER:
        return "ev_public";
    default:
        return NULL;
    }
}

/* The record of the byte table that describes the body, or all of an extension: the name of the
 * kind in small letters, unless several kinds share one. */
static void body_name(const void *slot, record_kind kind, char out[RECORD_NAME_SIZE]) {
    const bool event = kind == RECORD_EVENT && !is_extension(slot);
    const unsigned number = kind_of(slot);
    const char *shared = NULL;
    if (event) {
        shared = shared_body(number);
    } else if (number == TRD_COMMAND_NEW) {
        shared = "order";
    } else if (number == TRD_COMMAND_REDUCE) {
        shared = "cancel";
    }
    snprintf(out, RECORD_NAME_SIZE, "%s%s", event && shared == NULL ? "ev_" : "",
        shared != NULL ? shared : slot_kind(slot, kind));
    for (char *c = out; *c != '\0'; c++) {
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    }
}

static bool is_rejection(unsigned event) {
    return event == TRD_EVENT_REJECTED || event == TRD_EVENT_CANCEL_REJECTED ||
           event == TRD_EVENT_REPLACE_REJECTED || event == TRD_EVENT_COMMAND_REJECTED;
}

/* The name of a value of the head whose list depends on the event, or NULL. */
static const char *event_name(const void *slot, const char *name, unsigned value) {
    const unsigned kind = kind_of(slot);
    const bool reason = strcmp(name, "reason") == 0;
    if (reason && (is_rejection(kind) || kind == TRD_EVENT_DECISION)) {
        return value != 0 ? trd_reject_text(value) : NULL;
    }
    if (reason && kind == TRD_EVENT_CANCELED) {
        return trd_cause_text(value);
    }
    if (strcmp(name, "liquidity") == 0 && is_rejection(kind)) {
        return trd_command_text(value);
    }
    return NULL;
}

static const char *value_name(const char *record, const char *name, uint64_t value) {
    for (unsigned i = 0; i < NAMES; i++) {
        if (names[i].value == value && strcmp(names[i].field, name) == 0 &&
            (names[i].record == NULL || strcmp(names[i].record, record) == 0)) {
            return names[i].name;
        }
    }
    return NULL;
}

static uint64_t load(const uint8_t *at, unsigned width) {
    uint64_t value = 0;
    memcpy(&value, at, width);
    return value;
}

static bool is_zero(const uint8_t *at, unsigned width) {
    for (unsigned i = 0; i < width; i++) {
        if (at[i] != 0) {
            return false;
        }
    }
    return true;
}

static void put_bytes(field_text *out, const uint8_t *at, unsigned width) {
    out->word = true;
    for (unsigned i = 0; i < width; i++) {
        snprintf(out->text + (size_t)2 * i, 3, "%02x", at[i]);
    }
}

/* Text of a record is whatever somebody sent: what would not stay on the line, or within quotes,
 * becomes a question mark. */
static void put_text(field_text *out, const uint8_t *at, unsigned width) {
    out->word = out->quoted = true;
    for (unsigned i = 0; i < width && at[i] != 0; i++) {
        const bool plain = at[i] >= ' ' && at[i] <= '~' && at[i] != '"' && at[i] != '\\';
        out->text[i] = (char)(plain ? at[i] : '?');
    }
}

static void put_number(
    field_text *out, const field *of, const void *slot, record_kind kind, const char *body) {
    const uint64_t value = load((const uint8_t *)slot + of->offset, of->width);
    const char *name = NULL;
    if (kind == RECORD_EVENT && !is_extension(slot) && of->offset < BODY) {
        name = event_name(slot, of->name, (unsigned)value);
    }
    if (name == NULL) {
        name = value_name(body, of->name, value);
    }
    out->word = name != NULL;
    if (name != NULL) {
        snprintf(out->text, sizeof(out->text), "%s", name);
    } else if (of->form == FORM_SIGNED) {
        snprintf(out->text, sizeof(out->text), "%" PRId64, (int64_t)value);
    } else {
        snprintf(out->text, sizeof(out->text), "%" PRIu64, value);
    }
}

/* Fields that every line has in front, or that say only how long the record is. */
static bool is_front(const field *of) {
    return of->offset == KIND || of->offset == KIND + 1 || strcmp(of->name, "seq") == 0 ||
           (strcmp(of->name, "time") == 0 && of->offset == 8);
}

static bool is_reserved(const field *of) {
    return of->form == FORM_RESERVED || strncmp(of->name, "reserved", 8) == 0;
}

/* Fields of one record of the table, behind those that are there. */
static unsigned put_fields(const char *record, const void *slot, record_kind kind, const char *body,
    field_text *out, unsigned count) {
    for (unsigned i = 0; i < FIELDS && count < FIELDS_PER_SLOT; i++) {
        const field *of = &fields[i];
        const uint8_t *at = (const uint8_t *)slot + of->offset;
        const bool zero = is_zero(at, of->width);
        if (strcmp(of->record, record) != 0 || is_front(of) || (is_reserved(of) && zero)) {
            continue;
        }
        field_text *to = &out[count++];
        *to = (field_text){.name = of->name, .optional = zero && of->offset < BODY};
        if (is_reserved(of)) {
            put_bytes(to, at, of->width);
        } else if (of->form == FORM_TEXT) {
            put_text(to, at, of->width);
        } else {
            put_number(to, of, slot, kind, body);
        }
    }
    return count;
}

unsigned slot_fields(const void *slot, record_kind kind, field_text out[FIELDS_PER_SLOT]) {
    char body[RECORD_NAME_SIZE];
    body_name(slot, kind, body);
    unsigned head = 0;
    if (!is_extension(slot)) {
        head = put_fields(kind == RECORD_EVENT ? "event" : "command", slot, kind, body, out, 0);
    }
    const unsigned count = put_fields(body, slot, kind, body, out, head);
    const uint8_t *at = (const uint8_t *)slot + BODY;
    if (count == head && !is_zero(at, TRD_SLOT_SIZE - BODY)) {
        out[head] = (field_text){.name = "body"};
        put_bytes(&out[head], at, TRD_SLOT_SIZE - BODY);
        return head + 1;
    }
    return count;
}

static const uint8_t *slot_at(const void *record, unsigned slot) {
    return (const uint8_t *)record + (size_t)slot * TRD_SLOT_SIZE;
}

static void line_fields(FILE *out, const void *slot, record_kind kind) {
    field_text found[FIELDS_PER_SLOT];
    const unsigned count = slot_fields(slot, kind, found);
    for (unsigned i = 0; i < count; i++) {
        const bool base = !is_extension(slot);
        const bool always =
            strcmp(found[i].name, "instrument") == 0 || strcmp(found[i].name, "account") == 0;
        if (!base || !found[i].optional || always) {
            const char *quote = found[i].quoted ? "\"" : "";
            fprintf(out, " %s=%s%s%s", found[i].name, quote, found[i].text, quote);
        }
    }
}

static void json_fields(FILE *out, const void *slot, record_kind kind) {
    field_text found[FIELDS_PER_SLOT];
    const unsigned count = slot_fields(slot, kind, found);
    for (unsigned i = 0; i < count; i++) {
        const char *quote = found[i].word ? "\"" : "";
        fprintf(out, ",\"%s\":%s%s%s", found[i].name, quote, found[i].text, quote);
    }
}

void record_object(FILE *out, const void *record, unsigned slots, record_kind kind) {
    const uint8_t *base = record;
    fprintf(out, "{\"kind\":\"%s\",\"seq\":%" PRIu64 ",\"time\":%" PRId64, slot_kind(base, kind),
        load(base, 8), (int64_t)load(base + 8, 8));
    json_fields(out, base, kind);
    for (unsigned i = 1; i < slots; i++) {
        fprintf(out, "%s{\"kind\":\"%s\"", i == 1 ? ",\"extensions\":[" : ",",
            slot_kind(slot_at(record, i), kind));
        json_fields(out, slot_at(record, i), kind);
        fputc('}', out);
    }
    fputs(slots > 1 ? "]}" : "}", out);
}

void record_line(FILE *out, const void *record, unsigned slots, record_kind kind, bool json) {
    if (json) {
        record_object(out, record, slots, kind);
        fputc('\n', out);
        return;
    }
    const uint8_t *base = record;
    fprintf(out, "%" PRIu64 " %" PRId64 " %s", load(base, 8), (int64_t)load(base + 8, 8),
        slot_kind(base, kind));
    line_fields(out, base, kind);
    for (unsigned i = 1; i < slots; i++) {
        fprintf(out, " + %s", slot_kind(slot_at(record, i), kind));
        line_fields(out, slot_at(record, i), kind);
    }
    fputc('\n', out);
}
