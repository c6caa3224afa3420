/* fuzz_text.c - the text of an engine of which anything was changed: nothing is read or written
 * past the memory that was given, nothing is asserted, and what is accepted without being asked for
 * as edited is the engine that was written.
 *
 * The first byte: bit 0 the rest is the text itself, else a list of changes of a good one, four
 * bytes each: what (0 another character, 1 cut here, 2 a character put in, 3 one taken out, 4 size
 * of the pieces, 5 the line twice, 6 the line taken out), where (2), value. Bit 1: it is read as
 * edited, bit 2: passing over what is not known, bit 3: into more room. */
#include <tradsys/tradsys.h>

#include <string.h>

#include "fuzz.h"

enum {
    TEXT_MAX = 1 << 16,
    MEMORY_SIZE = 1 << 19,
    CHANGES_MAX = 64,
    GUARD = 64,
    ROOM = 256,
    RAW = 1,
    EDITED = 2,
    PASSES_OVER = 4,
    GROWS = 8
};

static _Alignas(64) uint8_t first[MEMORY_SIZE];
static _Alignas(64) uint8_t memory[MEMORY_SIZE + GUARD];
static char good[TEXT_MAX];
static size_t good_size;
static uint64_t good_digest;

/* --- the good one ----------------------------------------------------------------------------- */

static trd_event events[ROOM];

static void send(trd_engine *engine, trd_command *command) {
    trd_out out = {.events = events, .capacity = ROOM};
    for (uint32_t i = command[0].slots; i-- > 1;) {
        command[i].seq = command[0].seq;
    }
    fuzz_check(trd_engine_step(engine, command, &out) == TRD_OK);
}

static trd_command order(uint64_t id, uint32_t account, unsigned side, trd_qty qty, trd_px px) {
    return (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = account,
        .u.order = {.client_id = id,
            .px = px,
            .qty = qty,
            .side = (uint8_t)side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
}

static void extend(trd_engine *engine, trd_command *command, const void *extension) {
    memcpy(command + 1, extension, sizeof(*command));
    command[0].slots = 2;
    send(engine, command);
}

static void set_up(trd_engine *engine) {
    const trd_asset asset = {.struct_size = sizeof(asset), .scale = 2, .symbol = "USD"};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    trd_instrument spec = trd_instrument_default();
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_margin_rates rates = {.initial_ppm = 100000, .maintenance_ppm = 50000};
    trd_margin_model model;
    spec.kind = TRD_INSTRUMENT_LINEAR;
    spec.px_max = 100000;
    spec.qty_max = 1000;
    memcpy(spec.symbol, "FUTURE", 6);
    fuzz_check(trd_margin_flat(&model, &rates) == TRD_OK);
    fuzz_check(trd_engine_asset(engine, &asset) == 0 && trd_engine_fees(engine, &fees) == 0);
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms, .model = &model};
    fuzz_check(trd_engine_list(engine, &listing) == 0);
}

static void live(trd_engine *engine) {
    for (uint32_t account = 0; account < 3; account++) {
        trd_command c = {.kind = TRD_COMMAND_ACCOUNT,
            .slots = 1,
            .account = account,
            .u.account = {.action = TRD_ACCOUNT_SET,
                .role = TRD_ROLE_TRADER,
                .margin = TRD_MODE_CROSS,
                .enabled = 1}};
        send(engine, &c);
        c = (trd_command){.kind = TRD_COMMAND_TRANSFER,
            .slots = 1,
            .account = account,
            .u.transfer = {.action = TRD_TRANSFER_DEPOSIT, .amount = 1000000}};
        send(engine, &c);
    }
    trd_command mark = {
        .kind = TRD_COMMAND_PRICE, .slots = 1, .u.price = {.px = 500, .source = TRD_SOURCE_MARK}};
    send(engine, &mark);
    /* The last one buys what the first one sells. */
    for (uint64_t id = 1; id <= 5; id++) {
        const unsigned side = id % 2 != 0 ? TRD_SELL : TRD_BUY;
        trd_command c = order(id, 1 + id % 2, side, 10, side == TRD_SELL ? 505 : 495);
        send(engine, &c);
    }
    trd_command last = order(6, 1, TRD_BUY, 10, 505);
    send(engine, &last);
    /* A stop that waits, a trail, and an iceberg. */
    const trd_ext_prices trigger = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .source = TRD_SOURCE_MARK,
        .trigger = 460};
    const trd_ext_prices trail = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET,
        .source = TRD_SOURCE_MARK,
        .offset = 20,
        .offset_unit = TRD_OFFSET_TICKS};
    const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .peak = 2};
    trd_command stop[2] = {order(7, 1, TRD_SELL, 5, 450)};
    stop[0].u.order.type = TRD_TYPE_STOP_LIMIT;
    extend(engine, stop, &trigger);
    trd_command follows[2] = {order(8, 1, TRD_SELL, 1, 0)};
    follows[0].u.order.type = TRD_TYPE_TRAILING_STOP;
    extend(engine, follows, &trail);
    trd_command iceberg[2] = {order(9, 2, TRD_BUY, 9, 480)};
    extend(engine, iceberg, &sizes);
}

static trd_engine *make_engine(void) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    trd_monitor_def monitor = trd_monitor_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max =
        monitor.instruments_max = 1;
    match.orders_max = accounts.orders_max = risk.orders_max = 8;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = monitor.accounts_max = 4;
    match.specials_max = match.ids_max = match.positions_max = 4;
    match.quotes_max = match.groups_max = 2;
    match.window = 64;
    accounts.assets_max = accounts.fee_tables_max = 1;
    accounts.balances_max = accounts.positions_max = 4;
    monitor.balances_max = monitor.positions_max = 4;
    risk.models_max = risk.limits_max = risk.repeats_max = 2;
    risk.groups_max = risk.arrays_max = risk.pairs_max = risk.portfolios_max = 0;
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .monitor = &monitor,
        .trail = 1};
    const size_t size = trd_engine_footprint(&def);
    fuzz_check(size > 0 && size <= MEMORY_SIZE);
    return trd_engine_init(first, &def);
}

static void make_good(void) {
    static trd_text_writer writer;
    trd_engine *engine = make_engine();
    set_up(engine);
    live(engine);
    trd_match_stats stats;
    trd_match_stats_get(trd_engine_match(engine), &stats);
    fuzz_check(stats.orders >= 6);
    fuzz_check(trd_engine_digest(engine, &good_digest) == TRD_OK);
    fuzz_check(trd_text_begin(&writer, engine) == TRD_OK);
    fuzz_check(trd_text_write(&writer, good, TEXT_MAX - CHANGES_MAX, &good_size) == TRD_OK);
}

/* --- changes ---------------------------------------------------------------------------------- */

typedef struct changed {
    char text[2 * TEXT_MAX];
    size_t size;
    size_t piece;
} changed;

/* The line that a character is in. */
static size_t line_of(const changed *c, size_t at, size_t *size) {
    size_t begin = at;
    while (begin > 0 && c->text[begin - 1] != '\n') {
        begin--;
    }
    const char *end = memchr(c->text + begin, '\n', c->size - begin);
    *size = end != NULL ? (size_t)(end - c->text) + 1 - begin : c->size - begin;
    return begin;
}

static void put_in(changed *c, size_t at, const char *text, size_t size) {
    if (c->size + size <= sizeof(c->text)) {
        memmove(c->text + at + size, c->text + at, c->size - at);
        memmove(c->text + at, text, size);
        c->size += size;
    }
}

static void take_out(changed *c, size_t at, size_t size) {
    memmove(c->text + at, c->text + at + size, c->size - at - size);
    c->size -= size;
}

static void change(changed *c, const uint8_t *what) {
    char line[TRD_TEXT_LINE_MAX];
    size_t size;
    if (c->size == 0) {
        return;
    }
    const size_t at = (size_t)(what[1] | what[2] << 8) % c->size;
    const size_t begin = line_of(c, at, &size);
    const char value = (char)what[3];
    switch (what[0] % 7) {
    case 0:
        c->text[at] = value;
        break;
    case 1:
        c->size = at;
        break;
    case 2:
        put_in(c, at, &value, 1);
        break;
    case 3:
        take_out(c, at, 1);
        break;
    case 4:
        c->piece = at + 1;
        break;
    case 5:
        if (size <= sizeof(line)) {
            memcpy(line, c->text + begin, size);
            put_in(c, begin, line, size);
        }
        break;
    default:
        take_out(c, begin, size);
        break;
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool is_refusal(int result) {
    return result == TRD_E_FORMAT || result == TRD_E_TRUNCATED || result == TRD_E_UNKNOWN;
}

static void grow(trd_text_head *head) {
    head->match.orders_max += 3;
    head->accounts.orders_max += 3;
    head->risk.orders_max += 3;
    head->match.ids_max += 5;
    head->risk.repeats_max += 1;
    head->accounts.balances_max += 1;
    head->monitor.balances_max += 1;
}

/* Memory that is just large enough, so that what lies behind it is not the engine's. */
static int load(const changed *c, uint8_t how, trd_engine **out) {
    static trd_text_reader reader;
    trd_text_head head, larger;
    trd_text_fault fault;
    trd_engine_def def;
    size_t at = 0;
    int result = trd_text_peek(c->text, c->size, &head, &at, &fault);
    if (result != TRD_OK) {
        return result;
    }
    larger = head;
    if ((how & GROWS) != 0) {
        grow(&larger);
    }
    trd_text_def(&larger, &def);
    const size_t size = trd_engine_footprint(&def);
    if (size == 0 || size > MEMORY_SIZE) {
        return TRD_E_FORMAT;
    }
    memset(memory + size, 0x5a, GUARD);
    const unsigned flags = ((how & EDITED) != 0 ? TRD_TEXT_EDITED : 0u) |
                           ((how & PASSES_OVER) != 0 ? TRD_TEXT_PASS_OVER : 0u);
    result = trd_text_open(&reader, &head, &def, memory, size, flags);
    for (; result >= TRD_OK && at < c->size; at += c->piece) {
        const size_t left = c->size - at;
        result = trd_text_read(&reader, c->text + at, left < c->piece ? left : c->piece);
        fuzz_check(result == TRD_OK || result == TRD_MORE || result == TRD_E_FORMAT);
        fuzz_check((result == TRD_E_FORMAT) == (reader.fault.line != 0));
    }
    for (size_t i = 0; i < GUARD; i++) {
        fuzz_check(memory[size + i] == 0x5a);
    }
    return result >= TRD_OK ? trd_text_engine(&reader, NULL, out) : result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static changed c;
    trd_engine *engine = NULL;
    if (good_size == 0) {
        make_good();
    }
    const uint8_t how = size > 0 ? data[0] : 0;
    c.piece = 4096;
    if ((how & RAW) != 0) {
        c.size = size - 1 < TEXT_MAX ? size - 1 : TEXT_MAX;
        memcpy(c.text, data + 1, c.size);
    } else {
        c.size = good_size;
        memcpy(c.text, good, good_size);
        for (size_t at = 1; at + 4 <= size && at < 4 * CHANGES_MAX; at += 4) {
            change(&c, data + at);
        }
    }
    const int result = load(&c, how, &engine);
    const bool is_good = c.size == good_size && memcmp(c.text, good, good_size) == 0;
    fuzz_check(result == TRD_OK ? engine != NULL : is_refusal(result) && engine == NULL);
    fuzz_check(!is_good || result == TRD_OK);
    if (result == TRD_OK && (how & (EDITED | GROWS)) == 0) {
        uint64_t digest;
        fuzz_check(trd_engine_digest(engine, &digest) == TRD_OK && digest == good_digest);
    }
    return 0;
}
