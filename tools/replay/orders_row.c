#include <stdint.h>
#include <string.h>

#include "replay/orders.h"

/* A word of a field and the value that it stands for. */
typedef struct word {
    const char *name;
    uint32_t value;
} word;

static const word sides[] = {{"buy", TRD_BUY}, {"sell", TRD_SELL}, {NULL, 0}};

static const word types[] = {{"limit", TRD_TYPE_LIMIT}, {"market", TRD_TYPE_MARKET},
    {"market_protected", TRD_TYPE_MARKET_PROTECTED}, {"market_to_limit", TRD_TYPE_MARKET_TO_LIMIT},
    {"stop", TRD_TYPE_STOP}, {"stop_limit", TRD_TYPE_STOP_LIMIT}, {"touched", TRD_TYPE_TOUCHED},
    {"touched_limit", TRD_TYPE_TOUCHED_LIMIT}, {"trailing_stop", TRD_TYPE_TRAILING_STOP},
    {"trailing_stop_limit", TRD_TYPE_TRAILING_STOP_LIMIT}, {"pegged", TRD_TYPE_PEGGED}, {NULL, 0}};

static const word tifs[] = {{"gtc", TRD_TIF_GTC}, {"ioc", TRD_TIF_IOC}, {"fok", TRD_TIF_FOK},
    {"day", TRD_TIF_DAY}, {"gtd", TRD_TIF_GTD}, {"at_open", TRD_TIF_AT_OPEN},
    {"at_close", TRD_TIF_AT_CLOSE}, {"gfa", TRD_TIF_GFA}, {"gfn", TRD_TIF_GFN},
    {"gtt", TRD_TIF_GTT}, {NULL, 0}};

static const word flags[] = {{"post_only", TRD_EXEC_POST_ONLY},
    {"post_only_slide", TRD_EXEC_POST_ONLY_SLIDE}, {"reduce_only", TRD_EXEC_REDUCE_ONLY},
    {"close_position", TRD_EXEC_CLOSE_POSITION}, {"hidden", TRD_EXEC_HIDDEN},
    {"all_or_none", TRD_EXEC_ALL_OR_NONE}, {"single_price", TRD_EXEC_SINGLE_PRICE},
    {"peak_random", TRD_EXEC_PEAK_RANDOM}, {"peak_in_place", TRD_EXEC_PEAK_IN_PLACE},
    {"budget", TRD_EXEC_BUDGET}, {NULL, 0}};

static row_verdict bad(order_rows *at, const char *why) {
    at->why = why;
    return ROW_BAD;
}

/* A word of the list, or a number: an order file must be able to hold what a venue refuses. */
static bool read_word(const word *list, text field, uint64_t most, uint64_t *out) {
    for (const word *row = list; row->name != NULL; row++) {
        if (text_is(field, row->name)) {
            *out = row->value;
            return true;
        }
    }
    return text_u64(field, out) && *out <= most;
}

/* Words joined by '+'; empty is none. */
static bool read_flags(text field, uint16_t *out) {
    const char *end = field.at + field.size;
    *out = 0;
    while (field.size > 0) {
        const char *plus = memchr(field.at, '+', field.size);
        const char *stop = plus != NULL ? plus : end;
        uint64_t bit;
        if (!read_word(flags, (text){field.at, (size_t)(stop - field.at)}, UINT16_MAX, &bit)) {
            return false;
        }
        *out |= (uint16_t)bit;
        field.at = plus != NULL ? plus + 1 : end;
        field.size = (size_t)(end - field.at);
    }
    return true;
}

/* The fields that every command row begins with: kind, time, symbol, account, id. */
static const char *read_head(order_rows *at, const text fields[FIELDS_MAX], order_record *out) {
    uint64_t time, account;
    if (!text_u64(fields[1], &time) || time > INT64_MAX) {
        return "time is not a number of nanoseconds";
    }
    if (!text_u64(fields[3], &account) || account > UINT32_MAX) {
        return "account is not a number in [0, 2^32)";
    }
    memset(out, 0, sizeof(*out));
    out->base.time = (trd_ns)time;
    out->base.slots = 1;
    out->base.instrument = symbols_find(&at->run->report->symbols, fields[2]);
    out->base.account = (uint32_t)account;
    return NULL;
}

/* Text that is a decimal but no whole number of ticks or lots is refused here, as a gateway would:
 * no command can hold it. For an unknown symbol there is nothing to convert with; 1 stands in, so
 * that the matcher can refuse the instrument, which it does before it looks at numbers. */
static row_verdict read_number(
    order_rows *at, text field, uint32_t instrument, bool px, int64_t *out) {
    *out = 1;
    if (instrument == SYMBOL_NONE) {
        return ROW_COMMAND;
    }
    const trd_instrument *spec = &at->run->report->symbols.list[instrument].spec;
    const int result = px ? trd_instrument_px(spec, field.at, field.size, TRD_ROUND_EXACT, out)
                          : trd_instrument_qty(spec, field.at, field.size, TRD_ROUND_EXACT, out);
    if (result == TRD_E_RANGE) {
        *(px ? &at->off_tick : &at->off_lot) += 1;
        return ROW_REFUSED;
    }
    if (result != TRD_OK) {
        return bad(at, px ? "price is not a decimal number" : "quantity is not a decimal number");
    }
    return ROW_COMMAND;
}

/* As read_number, but an empty field is zero. */
static row_verdict read_optional(
    order_rows *at, text field, uint32_t instrument, bool px, int64_t *out) {
    *out = 0;
    return field.size > 0 ? read_number(at, field, instrument, px, out) : ROW_COMMAND;
}

static row_verdict read_minimum(order_rows *at, text field, order_record *out) {
    if (field.size == 0) {
        return ROW_COMMAND;
    }
    out->base.slots = 2;
    out->sizes.kind = TRD_EXT_ORDER_SIZES;
    return read_number(at, field, out->base.instrument, false, &out->sizes.minimum);
}

/* new,time,symbol,account,id,side,type,tif,px,qty[,flags[,minimum]] */
static row_verdict read_new(
    order_rows *at, const text fields[FIELDS_MAX], int count, order_record *out) {
    trd_new *order = &out->base.u.order;
    uint64_t side, type, tif;
    if (count < 10 || count > 12) {
        return bad(at, "a new row has 10 to 12 fields");
    }
    if (!text_u64(fields[4], &order->client_id)) {
        return bad(at, "client id is not a number in [0, 2^64)");
    }
    if (!read_word(sides, fields[5], UINT8_MAX, &side)) {
        return bad(at, "side is neither buy nor sell");
    }
    if (!read_word(types, fields[6], UINT8_MAX, &type)) {
        return bad(at, "no such order type");
    }
    if (!read_word(tifs, fields[7], UINT8_MAX, &tif)) {
        return bad(at, "no such time in force");
    }
    if (!read_flags(fields[10], &order->exec)) {
        return bad(at, "no such flag");
    }
    out->base.kind = TRD_COMMAND_NEW;
    order->side = (uint8_t)side;
    order->type = (uint8_t)type;
    order->tif = (uint8_t)tif;
    row_verdict verdict = read_optional(at, fields[8], out->base.instrument, true, &order->px);
    if (verdict == ROW_COMMAND) {
        verdict = read_number(at, fields[9], out->base.instrument, false, &order->qty);
    }
    return verdict == ROW_COMMAND ? read_minimum(at, fields[11], out) : verdict;
}

/* cancel,time,symbol,account,id */
static row_verdict read_cancel(
    order_rows *at, const text fields[FIELDS_MAX], int count, order_record *out) {
    if (count != 5) {
        return bad(at, "a cancel row has 5 fields");
    }
    if (!text_u64(fields[4], &out->base.u.cancel.target)) {
        return bad(at, "client id is not a number in [0, 2^64)");
    }
    out->base.kind = TRD_COMMAND_CANCEL;
    return ROW_COMMAND;
}

/* reduce,time,symbol,account,id,qty */
static row_verdict read_reduce(
    order_rows *at, const text fields[FIELDS_MAX], int count, order_record *out) {
    if (count != 6) {
        return bad(at, "a reduce row has 6 fields");
    }
    if (!text_u64(fields[4], &out->base.u.cancel.target)) {
        return bad(at, "client id is not a number in [0, 2^64)");
    }
    out->base.kind = TRD_COMMAND_REDUCE;
    return read_number(at, fields[5], out->base.instrument, false, &out->base.u.cancel.qty);
}

/* replace,time,symbol,account,id,new_id,px,qty: an empty field keeps what the order has */
static row_verdict read_replace(
    order_rows *at, const text fields[FIELDS_MAX], int count, order_record *out) {
    trd_replace *change = &out->base.u.replace;
    if (count != 8) {
        return bad(at, "a replace row has 8 fields");
    }
    if (!text_u64(fields[4], &change->target) ||
        (fields[5].size > 0 && !text_u64(fields[5], &change->client_id))) {
        return bad(at, "client id is not a number in [0, 2^64)");
    }
    out->base.kind = TRD_COMMAND_REPLACE;
    out->base.flags = (uint16_t)((fields[5].size > 0 ? TRD_COMMAND_NEW_ID : 0) |
                                 (fields[6].size > 0 ? 0 : TRD_COMMAND_KEEP_PX) |
                                 (fields[7].size > 0 ? 0 : TRD_COMMAND_KEEP_QTY));
    const row_verdict verdict =
        read_optional(at, fields[6], out->base.instrument, true, &change->px);
    return verdict == ROW_COMMAND
               ? read_optional(at, fields[7], out->base.instrument, false, &change->qty)
               : verdict;
}

typedef row_verdict read_body(order_rows *, const text[FIELDS_MAX], int, order_record *);

row_verdict order_row(order_rows *at, text line, order_record *out) {
    static const struct {
        const char *name;
        read_body *read;
    } kinds[] = {{"new", read_new}, {"cancel", read_cancel}, {"replace", read_replace},
        {"reduce", read_reduce}};
    text fields[FIELDS_MAX];
    if (line.size == 0 || line.at[0] == '#') {
        return ROW_NONE;
    }
    const int count = fields_split(line, fields);
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (text_is(fields[0], kinds[i].name)) {
            const char *why = read_head(at, fields, out);
            return why != NULL ? bad(at, why) : kinds[i].read(at, fields, count, out);
        }
    }
    if (text_is(fields[0], "instrument")) {
        return orders_instrument(at, fields, count);
    }
    return bad(at, "row is none of instrument, new, cancel, replace, reduce");
}
