/* command.c - the left side of a scenario line: words become a record. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

bool words_more(const words *line) {
    return line->next < line->count;
}

const char *words_take(words *line) {
    if (!words_more(line)) {
        bail("the line ends too early");
    }
    return line->at[line->next++];
}

bool words_accept(words *line, const char *word) {
    if (!words_more(line) || strcmp(line->at[line->next], word) != 0) {
        return false;
    }
    line->next++;
    return true;
}

static int64_t to_number(const char *text) {
    char *end = NULL;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0) {
        bail("'%s' is no number", text);
    }
    return value;
}

/* The upper half of uint64 is wanted for ids and handles, a sign for everything else. */
static uint64_t to_bits(const char *text) {
    if (text[0] == '-') {
        return (uint64_t)to_number(text);
    }
    char *end = NULL;
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0) {
        bail("'%s' is no number", text);
    }
    return value;
}

int64_t words_number(words *line) {
    return to_number(words_take(line));
}

trd_ns words_time(words *line) {
    static const struct {
        const char *unit;
        trd_ns ns;
    } units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    const char *word = words_take(line);
    char *end = NULL;
    const long long value = strtoll(word, &end, 10);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (end != word && strcmp(end, units[i].unit) == 0) {
            return value * units[i].ns;
        }
    }
    bail("'%s' is no time: 5s, 20ms, 7us, 1ns", word);
}

uint32_t words_publish(words *line) {
    static const struct {
        const char *name;
        uint32_t bit;
    } masks[] = {{"none", 0}, {"exec", TRD_PUBLISH_EXEC}, {"levels", TRD_PUBLISH_LEVELS},
        {"orders", TRD_PUBLISH_ORDERS}, {"tape", TRD_PUBLISH_TAPE}, {"all", TRD_PUBLISH_ALL}};
    uint32_t mask = 0;
    bool any = false;
    for (bool found = true; found;) {
        found = false;
        for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]) && !found; i++) {
            if (words_accept(line, masks[i].name)) {
                mask |= masks[i].bit;
                found = any = true;
            }
        }
    }
    if (!any) {
        bail("publish what? none, all, exec, levels, orders, tape");
    }
    return mask;
}

uint32_t book_at(const ledger *known, const char *name) {
    for (uint32_t i = 0; i < known->book_count; i++) {
        if (strcmp(known->books[i], name) == 0) {
            return i;
        }
    }
    bail("no book '%s'", name);
}

static order_name to_name(const char *word) {
    if (word[0] < 'A' || word[0] > 'Z' || word[1] < '0' || word[1] > '9') {
        bail("'%s' is no order name such as A1", word);
    }
    return (order_name){(uint32_t)(word[0] - 'A') + 1, to_bits(word + 1)};
}

/* --- fields by name, for records that no sane sender would send --- */

typedef struct field {
    const char *name;
    size_t at;
    size_t size;
} field;

#define FIELD(type, name, member)                                                                  \
    { name, offsetof(type, member), sizeof(((type *)0)->member) }

static const field base_fields[] = {FIELD(trd_command, "seq", seq),
    FIELD(trd_command, "time", time), FIELD(trd_command, "kind", kind),
    FIELD(trd_command, "slots", slots), FIELD(trd_command, "flags", flags),
    FIELD(trd_command, "instrument", instrument), FIELD(trd_command, "account", account),
    FIELD(trd_command, "actor", actor), {0}};

static const field new_fields[] = {FIELD(trd_command, "client_id", u.order.client_id),
    FIELD(trd_command, "px", u.order.px), FIELD(trd_command, "qty", u.order.qty),
    FIELD(trd_command, "side", u.order.side), FIELD(trd_command, "type", u.order.type),
    FIELD(trd_command, "tif", u.order.tif), FIELD(trd_command, "stp", u.order.stp),
    FIELD(trd_command, "exec", u.order.exec), FIELD(trd_command, "position", u.order.position),
    FIELD(trd_command, "reserved", u.order.reserved), {0}};

static const field cancel_fields[] = {FIELD(trd_command, "target", u.cancel.target),
    FIELD(trd_command, "qty", u.cancel.qty), FIELD(trd_command, "reserved", u.cancel.reserved[0]),
    FIELD(trd_command, "reserved1", u.cancel.reserved[1]), {0}};

static const field replace_fields[] = {FIELD(trd_command, "target", u.replace.target),
    FIELD(trd_command, "client_id", u.replace.client_id), FIELD(trd_command, "px", u.replace.px),
    FIELD(trd_command, "qty", u.replace.qty), {0}};

static const field subscribe_fields[] = {FIELD(trd_command, "publish", u.subscribe.publish),
    FIELD(trd_command, "reserved", u.subscribe.reserved[0]),
    FIELD(trd_command, "reserved6", u.subscribe.reserved[6]), {0}};

static const field body_fields[] = {FIELD(trd_command, "byte0", u.body[0]),
    FIELD(trd_command, "byte8", u.body[8]), FIELD(trd_command, "byte16", u.body[16]),
    FIELD(trd_command, "byte24", u.body[24]), FIELD(trd_command, "byte31", u.body[31]), {0}};

static const field sizes_fields[] = {FIELD(trd_ext_sizes, "minimum", minimum),
    FIELD(trd_ext_sizes, "peak", peak), FIELD(trd_ext_sizes, "peak_range", peak_range),
    FIELD(trd_ext_sizes, "budget", budget), FIELD(trd_ext_sizes, "seed", seed),
    FIELD(trd_ext_sizes, "reserved0", reserved0), FIELD(trd_ext_sizes, "reserved", reserved), {0}};

static const field prices_fields[] = {FIELD(trd_ext_prices, "trigger", trigger),
    FIELD(trd_ext_prices, "source", source), FIELD(trd_ext_prices, "offset_unit", offset_unit),
    FIELD(trd_ext_prices, "peg", peg), FIELD(trd_ext_prices, "activation", activation),
    FIELD(trd_ext_prices, "offset", offset), FIELD(trd_ext_prices, "cap", cap),
    FIELD(trd_ext_prices, "reserved0", reserved0), FIELD(trd_ext_prices, "reserved", reserved),
    FIELD(trd_ext_prices, "limit_offset", limit_offset), {0}};

static const field link_fields[] = {FIELD(trd_ext_link, "link", link),
    FIELD(trd_ext_link, "leg", leg), FIELD(trd_ext_link, "legs", legs),
    FIELD(trd_ext_link, "relation", relation), FIELD(trd_ext_link, "race", race),
    FIELD(trd_ext_link, "expiry", expiry), FIELD(trd_ext_link, "tag", tag),
    FIELD(trd_ext_link, "parent", parent), FIELD(trd_ext_link, "group", group),
    FIELD(trd_ext_link, "owner", owner), FIELD(trd_ext_link, "reserved", reserved), {0}};

static const field *field_find(const field *list, const char *name) {
    for (; list != NULL && list->name != NULL; list++) {
        if (strcmp(list->name, name) == 0) {
            return list;
        }
    }
    return NULL;
}

/* Applies name=value words to a slot, whose fields are `own`, then those of every slot. */
static void read_fields(words *line, const field *own, const field *common, void *slot) {
    while (words_more(line) && strchr(line->at[line->next], '=') != NULL) {
        char *word = line->at[line->next++];
        char *sign = strchr(word, '=');
        *sign = '\0';
        const field *to = field_find(own, word);
        to = to != NULL ? to : field_find(common, word);
        to = to != NULL ? to : field_find(body_fields, word);
        if (to == NULL) {
            bail("no field '%s' here", word);
        }
        const uint64_t bits = to_bits(sign + 1);
        memcpy((unsigned char *)slot + to->at, &bits, to->size); /* little-endian */
    }
}

static const field *fields_of(unsigned kind) {
    switch (kind) {
    case TRD_COMMAND_NEW:
        return new_fields;
    case TRD_COMMAND_CANCEL:
    case TRD_COMMAND_REDUCE:
        return cancel_fields;
    case TRD_COMMAND_REPLACE:
        return replace_fields;
    case TRD_COMMAND_SUBSCRIBE:
        return subscribe_fields;
    default:
        return NULL;
    }
}

/* --- the parts of a command --- */

static trd_ext_sizes *append_slot(trd_command *record, unsigned kind) {
    if (record->slots >= TRD_SLOTS_MAX) {
        bail("more than %d slots", TRD_SLOTS_MAX);
    }
    trd_ext_sizes *slot = (trd_ext_sizes *)&record[record->slots++];
    slot->seq = record->seq;
    slot->kind = (uint8_t)kind;
    return slot;
}

static void read_extension(words *line, trd_command *record) {
    static const struct {
        const char *name;
        unsigned kind;
        const field *fields;
    } extensions[] = {{"sizes", TRD_EXT_ORDER_SIZES, sizes_fields},
        {"prices", TRD_EXT_ORDER_PRICES, prices_fields}, {"link", TRD_EXT_ORDER_LINK, link_fields},
        {"exec", TRD_EXT_EXEC, NULL}, {"text", TRD_EXT_TEXT, NULL},
        {"row", TRD_EXT_TABLE_ROW, NULL}, {"nothing", 0, NULL}};
    const char *name = words_take(line);
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        if (strcmp(extensions[i].name, name) == 0) {
            void *slot = append_slot(record, extensions[i].kind);
            read_fields(line, extensions[i].fields, base_fields, slot);
            return;
        }
    }
    bail("no extension '%s'", name);
}

/* What any command may have at its end: a book, another account, fields, extension slots. */
static void read_tail(words *line, const ledger *known, trd_command *record) {
    while (words_more(line)) {
        if (words_accept(line, "on")) {
            record->instrument = book_at(known, words_take(line));
        } else if (words_accept(line, "as")) {
            char word[3] = {words_take(line)[0], '0', '\0'};
            record->account = to_name(word).account;
        } else if (words_accept(line, "with")) {
            read_fields(line, fields_of(record->kind), base_fields, record);
        } else if (words_accept(line, "+")) {
            read_extension(line, record);
        } else {
            bail("what is '%s'?", words_take(line));
        }
    }
}

static bool read_tif(words *line, trd_command *record) {
    static const char *const names[] = {"gtc", "ioc", "fok", "day", "gtd", "at_open", "at_close",
        "gfa", "gfn", "gtt"}; /* TRD_TIF_GTC is 1 */
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (words_accept(line, names[i])) {
            record->u.order.tif = (uint8_t)(i + TRD_TIF_GTC);
            return true;
        }
    }
    return false;
}

/* NAME QTY @ PX, or NAME QTY market; then gtc/ioc/fok/..., post, min N */
static void read_new(words *line, uint8_t side, trd_command *record) {
    const order_name name = to_name(words_take(line));
    record->kind = TRD_COMMAND_NEW;
    record->account = name.account;
    record->u.order = (trd_new){.client_id = name.client_id,
        .qty = words_number(line),
        .side = side,
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_GTC};
    if (words_accept(line, "market")) {
        record->u.order.type = TRD_TYPE_MARKET;
    } else if (words_accept(line, "@")) {
        record->u.order.px = words_number(line);
    } else {
        bail("'@ price' or 'market' is missing");
    }
    for (;;) {
        if (words_accept(line, "post")) {
            record->u.order.exec |= TRD_EXEC_POST_ONLY;
        } else if (words_accept(line, "min")) {
            append_slot(record, TRD_EXT_ORDER_SIZES)->minimum = words_number(line);
        } else if (!read_tif(line, record)) {
            return;
        }
    }
}

/* NAME, handle NAME (the last handle that the name had), or handle NUMBER. */
static uint64_t read_target(words *line, const ledger *known, trd_command *record) {
    if (!words_accept(line, "handle")) {
        const order_name name = to_name(words_take(line));
        record->account = name.account;
        return name.client_id;
    }
    record->flags |= TRD_COMMAND_BY_HANDLE;
    const char *word = words_take(line);
    if (word[0] >= '0' && word[0] <= '9') {
        record->account = 1;
        return to_bits(word);
    }
    const order_name name = to_name(word);
    const ledger_order *order = ledger_named(known, name);
    if (order == NULL) {
        bail("%s never had a handle", word);
    }
    record->account = name.account;
    return order->handle;
}

static void read_replace(words *line, trd_command *record) {
    record->flags |= TRD_COMMAND_KEEP_QTY | TRD_COMMAND_KEEP_PX;
    for (;;) {
        if (words_accept(line, "total")) {
            record->u.replace.qty = words_number(line);
            record->flags &= (uint16_t)~TRD_COMMAND_KEEP_QTY;
        } else if (words_accept(line, "px")) {
            record->u.replace.px = words_number(line);
            record->flags &= (uint16_t)~TRD_COMMAND_KEEP_PX;
        } else if (words_accept(line, "id")) {
            record->u.replace.client_id = to_name(words_take(line)).client_id;
            record->flags |= TRD_COMMAND_NEW_ID;
        } else {
            return;
        }
    }
}

int command_read(words *line, const ledger *known, trd_ns time, trd_command *record) {
    record->time = time;
    record->slots = 1;
    if (words_accept(line, "buy")) {
        read_new(line, TRD_BUY, record);
    } else if (words_accept(line, "sell")) {
        read_new(line, TRD_SELL, record);
    } else if (words_accept(line, "cancel")) {
        record->kind = TRD_COMMAND_CANCEL;
        record->u.cancel.target = read_target(line, known, record);
    } else if (words_accept(line, "reduce")) {
        record->kind = TRD_COMMAND_REDUCE;
        record->u.cancel.target = read_target(line, known, record);
        if (!words_accept(line, "by")) {
            bail("reduce by how much?");
        }
        record->u.cancel.qty = words_number(line);
    } else if (words_accept(line, "replace")) {
        record->kind = TRD_COMMAND_REPLACE;
        record->u.replace.target = read_target(line, known, record);
        read_replace(line, record);
    } else if (words_accept(line, "timer")) {
        record->kind = TRD_COMMAND_TIMER;
    } else if (words_accept(line, "subscribe")) {
        record->kind = TRD_COMMAND_SUBSCRIBE;
        record->u.subscribe.publish = words_publish(line);
    } else if (words_accept(line, "raw")) {
        read_fields(line, NULL, base_fields, record);
    } else {
        bail("no command '%s'", words_take(line));
    }
    read_tail(line, known, record);
    return record->slots >= 1 && record->slots <= TRD_SLOTS_MAX ? record->slots : 1;
}
