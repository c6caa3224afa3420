/* command.c - the left side of a scenario line: words become a record. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

const char *const state_names[STATES_COUNT] = {
    "continuous", "pre_open", "opening", "volatility", "closing", "closed", "halted"};
const char *const source_names[SOURCES_COUNT] = {"last", "bid", "ask", "mark", "index", "mid"};
const char *const mode_names[MODES_COUNT] = {
    "taker", "maker", "both", "decrement", "transfer", "reject"};

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

unsigned words_choice(words *line, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (words_accept(line, names[i])) {
            return (unsigned)i + 1;
        }
    }
    return 0;
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
        {"orders", TRD_PUBLISH_ORDERS}, {"tape", TRD_PUBLISH_TAPE},
        {"auction", TRD_PUBLISH_AUCTION}, {"all", TRD_PUBLISH_ALL}};
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
        bail("publish what? none, all, exec, levels, orders, tape, auction");
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
    const bool bid = word[0] >= 'A' && word[0] <= 'Z' && strcmp(word + 1, "bid") == 0;
    if (bid || (word[0] >= 'A' && word[0] <= 'Z' && strcmp(word + 1, "ask") == 0)) {
        return (order_name){
            .account = (uint32_t)(word[0] - 'A') + 1, .quote_side = bid ? TRD_BUY : TRD_SELL};
    }
    if (word[0] < 'A' || word[0] > 'Z' || word[1] < '0' || word[1] > '9') {
        bail("'%s' is no order name such as A1", word);
    }
    return (order_name){.account = (uint32_t)(word[0] - 'A') + 1, .client_id = to_bits(word + 1)};
}

order_name words_name(words *line) {
    return to_name(words_take(line));
}

/* An account is a letter, A is 1. */
uint32_t words_account(words *line) {
    char word[3] = {words_take(line)[0], '0', '\0'};
    return to_name(word).account;
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

static const field mass_fields[] = {FIELD(trd_command, "tag", u.mass.tag),
    FIELD(trd_command, "side", u.mass.side), FIELD(trd_command, "filter", u.mass.filter),
    FIELD(trd_command, "reserved", u.mass.reserved[0]),
    FIELD(trd_command, "reserved21", u.mass.reserved[21]), {0}};

static const field price_fields[] = {FIELD(trd_command, "px", u.price.px),
    FIELD(trd_command, "source", u.price.source),
    FIELD(trd_command, "reserved", u.price.reserved[0]),
    FIELD(trd_command, "reserved22", u.price.reserved[22]), {0}};

static const field session_fields[] = {FIELD(trd_command, "state", u.session.state),
    FIELD(trd_command, "reserved", u.session.reserved[0]),
    FIELD(trd_command, "until", u.session.until), FIELD(trd_command, "seed", u.session.seed),
    FIELD(trd_command, "random", u.session.random), {0}};

static const field kill_fields[] = {FIELD(trd_command, "tag", u.kill.tag),
    FIELD(trd_command, "scope", u.kill.scope), FIELD(trd_command, "action", u.kill.action),
    FIELD(trd_command, "cancel", u.kill.cancel), FIELD(trd_command, "reducing", u.kill.reducing),
    FIELD(trd_command, "reserved", u.kill.reserved),
    FIELD(trd_command, "reference", u.kill.reference),
    FIELD(trd_command, "reserved1", u.kill.reserved1), {0}};

static const field deadman_fields[] = {FIELD(trd_command, "timeout", u.deadman.timeout),
    FIELD(trd_command, "tag", u.deadman.tag), FIELD(trd_command, "scope", u.deadman.scope),
    FIELD(trd_command, "action", u.deadman.action),
    FIELD(trd_command, "reserved", u.deadman.reserved[0]),
    FIELD(trd_command, "reserved13", u.deadman.reserved[13]), {0}};

static const field quote_fields[] = {FIELD(trd_command, "bid_px", u.quote.bid_px),
    FIELD(trd_command, "bid_qty", u.quote.bid_qty), FIELD(trd_command, "ask_px", u.quote.ask_px),
    FIELD(trd_command, "ask_qty", u.quote.ask_qty), {0}};

static const field protection_fields[] = {FIELD(trd_command, "window", u.protection.window),
    FIELD(trd_command, "qty", u.protection.qty), FIELD(trd_command, "amount", u.protection.amount),
    FIELD(trd_command, "fills", u.protection.fills),
    FIELD(trd_command, "action", u.protection.action),
    FIELD(trd_command, "reserved", u.protection.reserved[0]),
    FIELD(trd_command, "reserved2", u.protection.reserved[2]), {0}};

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

static const field row_fields[] = {FIELD(trd_ext_row, "key", key),
    FIELD(trd_ext_row, "table", table), FIELD(trd_ext_row, "value0", value[0]),
    FIELD(trd_ext_row, "value1", value[1]), FIELD(trd_ext_row, "value2", value[2]),
    FIELD(trd_ext_row, "value3", value[3]), FIELD(trd_ext_row, "value4", value[4]), {0}};

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
    case TRD_COMMAND_MASS_CANCEL:
        return mass_fields;
    case TRD_COMMAND_PRICE:
        return price_fields;
    case TRD_COMMAND_SESSION:
        return session_fields;
    case TRD_COMMAND_KILL:
        return kill_fields;
    case TRD_COMMAND_DEADMAN:
        return deadman_fields;
    case TRD_COMMAND_QUOTE:
        return quote_fields;
    case TRD_COMMAND_PROTECTION:
        return protection_fields;
    default:
        return NULL;
    }
}

/* --- the parts of a command --- */

static void *append_slot(trd_command *record, unsigned kind) {
    if (record->slots >= TRD_SLOTS_MAX) {
        bail("more than %d slots", TRD_SLOTS_MAX);
    }
    trd_ext_sizes *slot = (trd_ext_sizes *)&record[record->slots++];
    slot->seq = record->seq;
    slot->kind = (uint8_t)kind;
    return slot;
}

/* The extension slot of a kind, appended if the record has none. */
static void *slot_of(trd_command *record, unsigned kind) {
    for (uint8_t i = 1; i < record->slots; i++) {
        if (record[i].kind == kind) {
            return &record[i];
        }
    }
    return append_slot(record, kind);
}

static trd_ext_sizes *sizes_of(trd_command *record) {
    return slot_of(record, TRD_EXT_ORDER_SIZES);
}

static trd_ext_link *link_of(trd_command *record) {
    return slot_of(record, TRD_EXT_ORDER_LINK);
}

/* The ORDER_PRICES slot, in which the fields of `flag` are meant from now on. */
static trd_ext_prices *prices_of(trd_command *record, unsigned flag) {
    trd_ext_prices *slot = slot_of(record, TRD_EXT_ORDER_PRICES);
    slot->flags |= (uint16_t)flag;
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
        {"row", TRD_EXT_TABLE_ROW, row_fields}, {"nothing", 0, NULL}};
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
            record->account = words_account(line);
        } else if (words_accept(line, "by")) {
            record->actor = (uint32_t)words_number(line);
        } else if (words_accept(line, "with")) {
            read_fields(line, fields_of(record->kind), base_fields, record);
        } else if (words_accept(line, "+")) {
            read_extension(line, record);
        } else {
            bail("what is '%s'?", words_take(line));
        }
    }
}

/* --- a new order --- */

static bool read_tif(words *line, trd_command *record) {
    static const char *const names[] = {"gtc", "ioc", "fok", "day", "gtd", "at_open", "at_close",
        "gfa", "gfn", "gtt"}; /* TRD_TIF_GTC is 1 */
    const unsigned tif = words_choice(line, names, sizeof(names) / sizeof(names[0]));
    if (tif != 0) {
        record->u.order.tif = (uint8_t)tif;
        return true;
    }
    if (!words_accept(line, "until")) {
        return false;
    }
    trd_ext_link *link = link_of(record);
    link->expiry = words_time(line);
    link->flags |= TRD_LINK_EXPIRY;
    if (record->u.order.tif == TRD_TIF_GTC) {
        record->u.order.tif = TRD_TIF_GTD;
    }
    return true;
}

static bool read_instruction(words *line, trd_command *record) {
    static const struct {
        const char *name;
        uint16_t bits;
    } names[] = {{"post", TRD_EXEC_POST_ONLY},
        {"slide", TRD_EXEC_POST_ONLY | TRD_EXEC_POST_ONLY_SLIDE},
        {"reduce-only", TRD_EXEC_REDUCE_ONLY}, {"hidden", TRD_EXEC_HIDDEN},
        {"aon", TRD_EXEC_ALL_OR_NONE}, {"single", TRD_EXEC_SINGLE_PRICE},
        {"in-place", TRD_EXEC_PEAK_IN_PLACE}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (words_accept(line, names[i].name)) {
            record->u.order.exec |= names[i].bits;
            return true;
        }
    }
    return false;
}

static bool read_size(words *line, trd_command *record) {
    if (words_accept(line, "min")) {
        sizes_of(record)->minimum = words_number(line);
    } else if (words_accept(line, "peak")) {
        sizes_of(record)->peak = words_number(line);
    } else if (words_accept(line, "range")) {
        sizes_of(record)->peak_range = words_number(line);
        record->u.order.exec |= TRD_EXEC_PEAK_RANDOM;
    } else if (words_accept(line, "seed")) {
        sizes_of(record)->seed = to_bits(words_take(line));
    } else {
        return false;
    }
    return true;
}

static bool read_owner(words *line, trd_command *record) {
    if (words_accept(line, "stp")) {
        record->u.order.stp = (uint8_t)words_choice(line, mode_names, MODES_COUNT);
        if (record->u.order.stp == TRD_STP_NONE) {
            bail("stp: taker, maker, both, decrement, transfer or reject");
        }
    } else if (words_accept(line, "group")) {
        link_of(record)->group = to_bits(words_take(line));
    } else if (words_accept(line, "tag")) {
        link_of(record)->tag = to_bits(words_take(line));
    } else if (words_accept(line, "long")) {
        record->u.order.position = TRD_POSITION_LONG;
    } else if (words_accept(line, "short")) {
        record->u.order.position = TRD_POSITION_SHORT;
    } else {
        return false;
    }
    return true;
}

/* `leg 1 of 3 bracket 7`: a leg of link 7, staged unless it is the last. `full`: FULL_FILL. */
static bool read_leg(words *line, trd_command *record) {
    static const char *const names[] = {"oco", "oto", "ouo", "bracket"}; /* TRD_RELATION_OCO is 1 */
    if (words_accept(line, "full")) {
        link_of(record)->flags |= TRD_LINK_FULL_FILL;
        return true;
    }
    if (!words_accept(line, "leg")) {
        return false;
    }
    trd_ext_link *link = link_of(record);
    link->leg = (uint8_t)words_number(line);
    if (!words_accept(line, "of")) {
        bail("leg 1 of how many?");
    }
    link->legs = (uint8_t)words_number(line);
    link->relation = (uint8_t)words_choice(line, names, sizeof(names) / sizeof(names[0]));
    if (link->relation == 0) {
        bail("leg: oco, oto, ouo or bracket");
    }
    link->link = to_bits(words_take(line));
    record->flags |= link->leg < link->legs ? TRD_COMMAND_STAGED : 0;
    return true;
}

/* `on mark`, the source of a trigger; `on X` is a book and not taken here. */
static bool read_source(words *line, trd_command *record) {
    if (!words_accept(line, "on")) {
        return false;
    }
    const unsigned source = words_choice(line, source_names, SOURCES_COUNT);
    if (source == 0) {
        line->next--;
        return false;
    }
    prices_of(record, 0)->source = (uint8_t)source;
    return true;
}

static bool read_price(words *line, trd_command *record) {
    if (words_accept(line, "activate")) {
        prices_of(record, TRD_PRICES_ACTIVATION)->activation = words_number(line);
    } else if (words_accept(line, "cap")) {
        prices_of(record, TRD_PRICES_CAP)->cap = words_number(line);
    } else {
        return read_source(line, record);
    }
    return true;
}

/* stop 95 [limit 94], touched 105 [limit 106] */
static void read_trigger(words *line, uint8_t type, trd_command *record) {
    trd_ext_prices *prices = prices_of(record, TRD_PRICES_TRIGGER);
    prices->trigger = words_number(line);
    prices->source = TRD_SOURCE_LAST;
    record->u.order.type = type;
    if (words_accept(line, "limit")) {
        record->u.order.type++; /* each type with a limit follows the one without */
        record->u.order.px = words_number(line);
    }
}

/* trail 5, trail 500bp, trail amount 250; then limit 90 or behind 2 */
static void read_trail(words *line, trd_command *record) {
    trd_ext_prices *prices = prices_of(record, TRD_PRICES_OFFSET);
    record->u.order.type = TRD_TYPE_TRAILING_STOP;
    prices->source = TRD_SOURCE_LAST;
    prices->offset_unit = words_accept(line, "amount") ? TRD_OFFSET_AMOUNT : TRD_OFFSET_TICKS;
    char *word = line->next < line->count ? line->at[line->next] : NULL;
    const size_t length = word != NULL ? strlen(word) : 0;
    if (length > 2 && strcmp(word + length - 2, "bp") == 0) {
        word[length - 2] = '\0';
        prices->offset_unit = TRD_OFFSET_BASIS_POINTS;
    }
    prices->offset = words_number(line);
    if (words_accept(line, "limit")) {
        record->u.order.type = TRD_TYPE_TRAILING_STOP_LIMIT;
        record->u.order.px = words_number(line);
    } else if (words_accept(line, "behind")) {
        record->u.order.type = TRD_TYPE_TRAILING_STOP_LIMIT;
        prices_of(record, TRD_PRICES_LIMIT_OFFSET)->limit_offset = words_number(line);
    }
}

/* peg best [1], peg mid, peg opposite */
static void read_peg(words *line, trd_command *record) {
    static const char *const names[] = {"best", "mid", "opposite"}; /* TRD_PEG_BEST is 1 */
    trd_ext_prices *prices = prices_of(record, TRD_PRICES_OFFSET);
    record->u.order.type = TRD_TYPE_PEGGED;
    prices->offset_unit = TRD_OFFSET_TICKS;
    prices->peg = (uint8_t)words_choice(line, names, sizeof(names) / sizeof(names[0]));
    if (prices->peg == 0) {
        bail("peg: best, mid or opposite");
    }
    const char *next = words_more(line) ? line->at[line->next] : "";
    if (next[0] == '-' || (next[0] >= '0' && next[0] <= '9')) {
        prices->offset = words_number(line);
    }
}

static void read_type(words *line, trd_command *record) {
    trd_new *order = &record->u.order;
    if (words_accept(line, "@")) {
        order->type = TRD_TYPE_LIMIT;
        order->px = words_number(line);
    } else if (words_accept(line, "market")) {
        order->type = TRD_TYPE_MARKET;
    } else if (words_accept(line, "protect")) {
        order->type = TRD_TYPE_MARKET_PROTECTED;
        trd_ext_prices *prices = prices_of(record, TRD_PRICES_OFFSET);
        prices->offset_unit = TRD_OFFSET_TICKS;
        prices->offset = words_number(line);
    } else if (words_accept(line, "to-limit")) {
        order->type = TRD_TYPE_MARKET_TO_LIMIT;
    } else if (words_accept(line, "stop")) {
        read_trigger(line, TRD_TYPE_STOP, record);
    } else if (words_accept(line, "touched")) {
        read_trigger(line, TRD_TYPE_TOUCHED, record);
    } else if (words_accept(line, "trail")) {
        read_trail(line, record);
    } else if (words_accept(line, "peg")) {
        read_peg(line, record);
    } else {
        bail("what order? @ PX, market, protect, to-limit, stop, touched, trail, peg");
    }
}

/* NAME QTY @ PX, NAME QTY market, NAME budget 100, NAME close @ PX, ...; then everything else that
 * an order may have, in any order. */
static void read_new(words *line, uint8_t side, trd_command *record) {
    const order_name name = to_name(words_take(line));
    record->kind = TRD_COMMAND_NEW;
    record->account = name.account;
    record->u.order = (trd_new){.client_id = name.client_id, .side = side, .tif = TRD_TIF_GTC};
    if (words_accept(line, "budget")) {
        record->u.order.type = TRD_TYPE_MARKET;
        record->u.order.exec = TRD_EXEC_BUDGET;
        sizes_of(record)->budget = words_number(line);
    } else if (words_accept(line, "close")) {
        record->u.order.exec = TRD_EXEC_CLOSE_POSITION | TRD_EXEC_REDUCE_ONLY;
        read_type(line, record);
    } else {
        record->u.order.qty = words_number(line);
        read_type(line, record);
    }
    while (read_tif(line, record) || read_instruction(line, record) || read_size(line, record) ||
           read_owner(line, record) || read_leg(line, record) || read_price(line, record)) {
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

/* --- many orders at once --- */

/* mass-cancel [account A] [book X] [buy|sell] [tag 3] [actor 7] */
static void read_mass_cancel(words *line, const ledger *known, trd_command *record) {
    trd_mass_cancel *mass = &record->u.mass;
    record->kind = TRD_COMMAND_MASS_CANCEL;
    for (;;) {
        if (words_accept(line, "account")) {
            mass->filter |= TRD_MASS_ACCOUNT;
            record->account = words_account(line);
        } else if (words_accept(line, "book")) {
            mass->filter |= TRD_MASS_INSTRUMENT;
            record->instrument = book_at(known, words_take(line));
        } else if (words_accept(line, "buy")) {
            mass->filter |= TRD_MASS_SIDE;
            mass->side = TRD_BUY;
        } else if (words_accept(line, "sell")) {
            mass->filter |= TRD_MASS_SIDE;
            mass->side = TRD_SELL;
        } else if (words_accept(line, "tag")) {
            mass->filter |= TRD_MASS_TAG;
            mass->tag = to_bits(words_take(line));
        } else if (words_accept(line, "actor")) {
            mass->filter |= TRD_MASS_ACTOR;
            record->actor = (uint32_t)words_number(line);
        } else {
            return;
        }
    }
}

/* firm, account A, book X, actor 7 or tag 3: returns the TRD_SCOPE_*. */
static uint8_t read_scope(words *line, const ledger *known, trd_command *record, uint64_t *tag) {
    static const char *const names[] = {"firm", "account", "book", "actor", "tag"};
    const unsigned scope = words_choice(line, names, sizeof(names) / sizeof(names[0]));
    switch (scope) {
    case TRD_SCOPE_FIRM:
        break;
    case TRD_SCOPE_ACCOUNT:
        record->account = words_account(line);
        break;
    case TRD_SCOPE_INSTRUMENT:
        record->instrument = book_at(known, words_take(line));
        break;
    case TRD_SCOPE_ACTOR:
        record->actor = (uint32_t)words_number(line);
        break;
    case TRD_SCOPE_TAG:
        *tag = to_bits(words_take(line));
        break;
    default:
        bail("of whom? firm, account A, book X, actor 7, tag 3");
    }
    return (uint8_t)scope;
}

/* kill SCOPE [cancel] [reducing], kill off SCOPE */
static void read_kill(words *line, const ledger *known, trd_command *record) {
    trd_kill *kill = &record->u.kill;
    record->kind = TRD_COMMAND_KILL;
    kill->action = words_accept(line, "off") ? TRD_KILL_OFF : TRD_KILL_ON;
    kill->scope = read_scope(line, known, record, &kill->tag);
    for (;;) {
        if (words_accept(line, "cancel")) {
            kill->cancel = 1;
        } else if (words_accept(line, "reducing")) {
            kill->reducing = 1;
        } else {
            return;
        }
    }
}

/* deadman arm SCOPE 5s, deadman feed SCOPE 5s, deadman disarm SCOPE */
static void read_deadman(words *line, const ledger *known, trd_command *record) {
    static const char *const names[] = {"arm", "feed", "disarm"}; /* TRD_DEADMAN_ARM is 1 */
    trd_deadman *deadman = &record->u.deadman;
    record->kind = TRD_COMMAND_DEADMAN;
    deadman->action = (uint8_t)words_choice(line, names, sizeof(names) / sizeof(names[0]));
    if (deadman->action == 0) {
        bail("deadman: arm, feed or disarm");
    }
    deadman->scope = read_scope(line, known, record, &deadman->tag);
    if (deadman->action != TRD_DEADMAN_DISARM) {
        deadman->timeout = words_time(line);
    }
}

/* quote A [bid 10 @ 99] [ask 10 @ 101]: a side that is not named is withdrawn */
static void read_quote(words *line, trd_command *record) {
    trd_quote *quote = &record->u.quote;
    record->kind = TRD_COMMAND_QUOTE;
    record->account = words_account(line);
    for (;;) {
        const bool bid = words_accept(line, "bid");
        if (!bid && !words_accept(line, "ask")) {
            return;
        }
        const trd_qty qty = words_number(line);
        if (!words_accept(line, "@")) {
            bail("a side of a quote is: bid 10 @ 99");
        }
        const trd_px px = words_number(line);
        *(bid ? &quote->bid_qty : &quote->ask_qty) = qty;
        *(bid ? &quote->bid_px : &quote->ask_px) = px;
    }
}

/* delta LIMIT of EACH, vega LIMIT of EACH: how many of it one lot has */
static bool read_exposure(words *line, trd_command *record) {
    static const char *const names[] = {"delta", "vega"};
    const unsigned which = words_choice(line, names, sizeof(names) / sizeof(names[0]));
    if (which == 0) {
        return false;
    }
    trd_ext_row *row = slot_of(record, TRD_EXT_TABLE_ROW);
    row->table = TRD_TABLE_PROTECTION;
    row->key = 1;
    row->value[which - 1] = words_number(line);
    if (!words_accept(line, "of")) {
        bail("%s LIMIT of how much per lot?", names[which - 1]);
    }
    row->value[which + 1] = words_number(line);
    return true;
}

/* protection A window 1s [qty 10] [amount 1000] [fills 3] [delta 50 of 5] [vega 50 of -2],
 * protection A remove, protection A resume */
static void read_protection(words *line, trd_command *record) {
    trd_protection *protection = &record->u.protection;
    record->kind = TRD_COMMAND_PROTECTION;
    record->account = words_account(line);
    protection->action = words_accept(line, "remove")   ? TRD_PROTECTION_REMOVE
                         : words_accept(line, "resume") ? TRD_PROTECTION_RESUME
                                                        : TRD_PROTECTION_SET;
    for (;;) {
        if (words_accept(line, "window")) {
            protection->window = words_time(line);
        } else if (words_accept(line, "qty")) {
            protection->qty = words_number(line);
        } else if (words_accept(line, "amount")) {
            protection->amount = words_number(line);
        } else if (words_accept(line, "fills")) {
            protection->fills = (uint32_t)words_number(line);
        } else if (!read_exposure(line, record)) {
            return;
        }
    }
}

/* session STATE [until 5s] [random 2s] [seed 7] */
static void read_session(words *line, trd_command *record) {
    trd_session *session = &record->u.session;
    record->kind = TRD_COMMAND_SESSION;
    session->state = (uint8_t)words_choice(line, state_names, STATES_COUNT);
    if (session->state == 0) {
        bail("no session state '%s'", words_take(line));
    }
    for (;;) {
        if (words_accept(line, "until")) {
            session->until = words_time(line);
        } else if (words_accept(line, "random")) {
            session->random = (uint64_t)words_time(line);
        } else if (words_accept(line, "seed")) {
            session->seed = to_bits(words_take(line));
        } else {
            return;
        }
    }
}

/* price SOURCE PX */
static void read_reference(words *line, trd_command *record) {
    record->kind = TRD_COMMAND_PRICE;
    record->u.price.source = (uint8_t)words_choice(line, source_names, SOURCES_COUNT);
    if (record->u.price.source == 0) {
        bail("no source '%s'", words_take(line));
    }
    record->u.price.px = words_number(line);
}

/* The kinds that concern orders of many, or none. False if the next word is none of them. */
static bool read_wide(words *line, const ledger *known, trd_command *record) {
    if (words_accept(line, "mass-cancel")) {
        read_mass_cancel(line, known, record);
    } else if (words_accept(line, "kill")) {
        read_kill(line, known, record);
    } else if (words_accept(line, "deadman")) {
        read_deadman(line, known, record);
    } else if (words_accept(line, "quote")) {
        read_quote(line, record);
    } else if (words_accept(line, "protection")) {
        read_protection(line, record);
    } else if (words_accept(line, "session")) {
        read_session(line, record);
    } else if (words_accept(line, "price")) {
        read_reference(line, record);
    } else if (words_accept(line, "timer")) {
        record->kind = TRD_COMMAND_TIMER;
    } else if (words_accept(line, "subscribe")) {
        record->kind = TRD_COMMAND_SUBSCRIBE;
        record->u.subscribe.publish = words_publish(line);
    } else if (words_accept(line, "raw")) {
        read_fields(line, NULL, base_fields, record);
    } else {
        return false;
    }
    return true;
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
    } else if (!read_wide(line, known, record)) {
        bail("no command '%s'", words_take(line));
    }
    read_tail(line, known, record);
    return record->slots >= 1 && record->slots <= TRD_SLOTS_MAX ? record->slots : 1;
}
