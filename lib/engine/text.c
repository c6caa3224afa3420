/* text.c - an engine as text: docs/formats/text.md. Rows are found and written by the tables of
 * rows.h alone; nothing here knows what any of them means. */
#include "engine/text.h"

#include <string.h>

#include "engine/image.h"
#include "engine/line.h"
#include "engine/rows_field.h"
#include "monitor/state.h"

/* --- the head --------------------------------------------------------------------------------- */

static const trd_field match_def_row[] = {
    MADE(trd_match_def, struct_size),
    VL(trd_match_def, instruments_max, TRD_UP_TO_GROWN),
    VL(trd_match_def, orders_max, TRD_UP_TO_GROWN),
    VL(trd_match_def, ids_max, TRD_UP_TO_GROWN),
    V(trd_match_def, id_mode),
    VL(trd_match_def, accounts_max, TRD_UP_TO_GROWN),
    VL(trd_match_def, window, TRD_UP_TO_FREE),
    V(trd_match_def, publish),
    VL(trd_match_def, hash_seed, TRD_UP_TO_FREE),
    BLANK(trd_match_def, mem),
    VL(trd_match_def, specials_max, TRD_UP_TO_GROWN),
    VL(trd_match_def, positions_max, TRD_UP_TO_GROWN),
    VL(trd_match_def, elect_max, TRD_UP_TO_GROWN),
    V(trd_match_def, allocates),
    VL(trd_match_def, quotes_max, TRD_UP_TO_GROWN),
    VL(trd_match_def, groups_max, TRD_UP_TO_GROWN),
    V(trd_match_def, verdicts),
    ZERO(trd_match_def, reserved1),
};
TABLE(match_def, trd_match_def)

static const trd_field accounts_def_row[] = {
    MADE(trd_accounts_def, struct_size),
    VL(trd_accounts_def, assets_max, TRD_UP_TO_GROWN),
    VL(trd_accounts_def, instruments_max, TRD_UP_TO_GROWN),
    VL(trd_accounts_def, accounts_max, TRD_UP_TO_GROWN),
    VL(trd_accounts_def, balances_max, TRD_UP_TO_GROWN),
    VL(trd_accounts_def, positions_max, TRD_UP_TO_GROWN),
    VL(trd_accounts_def, orders_max, TRD_UP_TO_GROWN),
    VL(trd_accounts_def, unsettled_max, TRD_UP_TO_GROWN),
    VL(trd_accounts_def, fee_tables_max, TRD_UP_TO_GROWN),
    V(trd_accounts_def, valuation_asset),
    V(trd_accounts_def, publish),
    ZERO(trd_accounts_def, reserved),
    VL(trd_accounts_def, hash_seed, TRD_UP_TO_FREE),
    BLANK(trd_accounts_def, mem),
};
TABLE(accounts_def, trd_accounts_def)

static const trd_field risk_def_row[] = {
    MADE(trd_risk_def, struct_size),
    VL(trd_risk_def, accounts_max, TRD_UP_TO_GROWN),
    VL(trd_risk_def, instruments_max, TRD_UP_TO_GROWN),
    VL(trd_risk_def, orders_max, TRD_UP_TO_GROWN),
    VL(trd_risk_def, actors_max, TRD_UP_TO_GROWN),
    VL(trd_risk_def, limits_max, TRD_UP_TO_GROWN),
    VL(trd_risk_def, models_max, TRD_UP_TO_GROWN),
    VL(trd_risk_def, repeats_max, TRD_UP_TO_GROWN),
    VL(trd_risk_def, hash_seed, TRD_UP_TO_FREE),
    BLANK(trd_risk_def, mem),
    VL(trd_risk_def, groups_max, TRD_UP_TO_GROWN),
    VL(trd_risk_def, arrays_max, TRD_UP_TO_GROWN),
    VL(trd_risk_def, pairs_max, TRD_UP_TO_GROWN),
    VL(trd_risk_def, portfolios_max, TRD_UP_TO_GROWN),
    VL(trd_risk_def, parents_max, TRD_UP_TO_GROWN),
    ZERO(trd_risk_def, reserved),
};
TABLE(risk_def, trd_risk_def)

static const trd_field monitor_def_row[] = {
    MADE(trd_monitor_def, struct_size),
    VL(trd_monitor_def, accounts_max, TRD_UP_TO_GROWN),
    VL(trd_monitor_def, instruments_max, TRD_UP_TO_GROWN),
    VL(trd_monitor_def, balances_max, TRD_UP_TO_GROWN),
    VL(trd_monitor_def, positions_max, TRD_UP_TO_GROWN),
    V(trd_monitor_def, warn_ppm),
    V(trd_monitor_def, call_ppm),
    V(trd_monitor_def, alert_ppm),
    V(trd_monitor_def, exempt),
    ZERO(trd_monitor_def, reserved),
    BLANK(trd_monitor_def, mem),
};
TABLE(monitor_def, trd_monitor_def)

static const trd_field liquidation_row[] = {
    MADE(trd_liquidation, struct_size),
    V(trd_liquidation, target_ppm),
    V(trd_liquidation, fee_ppm),
    V(trd_liquidation, step_pct),
    V(trd_liquidation, orders_max),
    V(trd_liquidation, fund),
};
TABLE(liquidation, trd_liquidation)

static const trd_field head_row[] = {
    MADE(trd_text_head, format),
    VL(trd_text_head, version, TRD_UP_TO_FREE),
    VL(trd_text_head, layout, TRD_UP_TO_FREE),
    VL(trd_text_head, time, TRD_UP_TO_FREE),
    VL(trd_text_head, seq, TRD_UP_TO_FREE),
    VL(trd_text_head, events, TRD_UP_TO_FREE),
    V(trd_text_head, decisions),
    V(trd_text_head, trail),
    V(trd_text_head, is_monitored),
    V(trd_text_head, is_liquidated),
    S(trd_text_head, match, match_def_fields),
    S(trd_text_head, accounts, accounts_def_fields),
    S(trd_text_head, risk, risk_def_fields),
    S(trd_text_head, monitor, monitor_def_fields),
    S(trd_text_head, liquidation, liquidation_fields),
};

const trd_fields trd__text_head_fields = {
    head_row, sizeof(head_row) / sizeof(head_row[0]), sizeof(trd_text_head)};

/* A matcher does not keep its definition. */
static trd_match_def match_def_of(const trd_match *match) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = match->instruments_max;
    def.orders_max = match->store.orders_max;
    def.ids_max = match->ids_max;
    def.id_mode = match->id_mode;
    def.accounts_max = (uint32_t)match->accounts_end; /* 2^32 is any number, and so is 0 */
    def.window = match->store.window;
    def.publish = match->publish;
    def.hash_seed = match->ids.seed;
    def.specials_max = match->specials_max;
    def.positions_max = match->positions.capacity;
    def.elect_max = match->elect_max;
    def.allocates = match->allocates;
    def.quotes_max = match->quotes.capacity;
    def.groups_max = match->groups.capacity;
    def.verdicts = match->verdicts;
    return def;
}

void trd__text_head_of(const trd_engine *engine, trd_text_head *out) {
    const trd_match *match = trd__engine_match(engine);
    *out = (trd_text_head){.format = TRD_TEXT_FORMAT,
        .version = TRD_VERSION,
        .layout = trd__image_layout(),
        .time = match->time,
        .seq = engine->seq,
        .events = match->seq,
        .decisions = engine->decisions,
        .trail = engine->trail,
        .is_monitored = engine->monitor_at != 0,
        .is_liquidated = engine->ranks_at != 0,
        .match = match_def_of(match),
        .accounts = trd__engine_accounts(engine)->def,
        .risk = trd__engine_risk(engine)->def,
        .liquidation = engine->terms};
    out->accounts.mem = out->risk.mem = (trd_mem){0};
    if (out->is_monitored != 0) {
        out->monitor = trd__engine_monitor(engine)->def;
        out->monitor.mem = (trd_mem){0};
    }
}

void trd_text_def(const trd_text_head *head, trd_engine_def *out) {
    *out = (trd_engine_def){.struct_size = sizeof(*out),
        .decisions = head->decisions,
        .match = &head->match,
        .accounts = &head->accounts,
        .risk = &head->risk,
        .monitor = head->is_monitored != 0 ? &head->monitor : NULL,
        .liquidation = head->is_liquidated != 0 ? &head->liquidation : NULL,
        .trail = head->trail};
}

/* A value as it was written, and as it is here. */
static bool may_be(const trd_field *field, const void *was, const void *is, bool grows) {
    static const trd_rows none = {0};
    const trd_wide before = trd__row_get(&none, field, was);
    const trd_wide now = trd__row_get(&none, field, is);
    if (now == before || !grows) {
        return now == before;
    }
    return field->limit == TRD_UP_TO_FREE ||
           (field->limit == TRD_UP_TO_GROWN && before != 0 && now > before);
}

static bool fields_agree(const trd_fields *fields, const void *was, const void *is, bool grows) {
    for (uint32_t i = 0; i < fields->count; i++) {
        const trd_field *field = &fields->field[i];
        const char *a = (const char *)was + field->at;
        const char *b = (const char *)is + field->at;
        const bool is_value = field->kind == TRD_FIELD_UINT || field->kind == TRD_FIELD_INT;
        if ((is_value && !may_be(field, a, b, grows)) ||
            (field->kind == TRD_FIELD_ROWS && !fields_agree(field->of, a, b, grows))) {
            return false;
        }
    }
    return true;
}

bool trd__text_may_become(const trd_text_head *was, const trd_text_head *is) {
    return fields_agree(&trd__text_head_fields, was, is, true);
}

bool trd__text_is_alike(const trd_text_head *was, const trd_text_head *is) {
    trd_text_head same = *is;
    same.version = was->version;
    same.time = was->time;
    same.seq = was->seq;
    same.events = was->events;
    return fields_agree(&trd__text_head_fields, was, &same, false);
}

/* --- a line ----------------------------------------------------------------------------------- */

/* Where a row stands, and how its fields are called so far. */
typedef struct row_at {
    const trd_rows *rows;
    const trd_region *region;
    uint64_t place;
    uint32_t prefix_size;
    char prefix[TRD_TEXT_NAME_SIZE];
} row_at;

static void prefix_add(row_at *row, const char *text) {
    for (; *text != 0; text++) {
        trd_assert(row->prefix_size + 1 < sizeof(row->prefix));
        row->prefix[row->prefix_size++] = *text;
    }
    row->prefix[row->prefix_size] = 0;
}

static void prefix_add_index(row_at *row, uint32_t index) {
    char digits[16];
    trd_line line = {digits, 0, sizeof(digits)};
    TRD__LINE_PUT(&line, "[");
    trd__line_number(&line, index);
    trd__line_put(&line, "]", 2);
    prefix_add(row, digits);
}

static void prefix_cut(row_at *row, uint32_t size) {
    row->prefix_size = size;
    row->prefix[size] = 0;
}

/* Text that stands in an array of characters: all that engines have is printable. */
static void put_text(trd_line *line, const row_at *row, const char *text, uint32_t size) {
    char whole[TRD_SYMBOL_SIZE + 1] = {0};
    trd_assert(size <= TRD_SYMBOL_SIZE);
    memcpy(whole, text, size);
    if (whole[0] != 0) {
        trd__line_text(line, row->prefix, whole);
    }
}

static bool is_zero(const char *bytes, uint64_t size) {
    for (uint64_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void put_fields(trd_line *line, row_at *row, const trd_fields *fields, const char *at);

/* Element `i` of a field, if it is not what it usually is. */
static void put_element(
    trd_line *line, row_at *row, const trd_field *field, const char *at, uint32_t i) {
    const uint32_t size = row->prefix_size;
    if (field->kind != TRD_FIELD_ROWS) {
        const trd_wide value = trd__row_get(row->rows, field, at);
        if (value == trd__row_usual(row->region, row->place, field)) {
            return;
        }
        prefix_add(row, field->name);
        if (field->is_array != 0) {
            prefix_add_index(row, i);
        }
        trd__line_int(line, row->prefix, value);
    } else if (!is_zero(at, field->size) || row->region->has_usual) {
        prefix_add(row, field->name);
        if (field->is_array != 0) {
            prefix_add_index(row, i);
        }
        prefix_add(row, ".");
        put_fields(line, row, field->of, at);
    }
    prefix_cut(row, size);
}

static void put_fields(trd_line *line, row_at *row, const trd_fields *fields, const char *at) {
    for (uint32_t i = 0; i < fields->count; i++) {
        const trd_field *field = &fields->field[i];
        const uint32_t size = row->prefix_size;
        switch (field->kind) {
        case TRD_FIELD_MADE:
        case TRD_FIELD_BLANK:
        case TRD_FIELD_APART:
            break;
        case TRD_FIELD_ZERO:
            trd_assert(is_zero(at + field->at, field->size));
            break;
        case TRD_FIELD_TEXT:
            prefix_add(row, field->name);
            put_text(line, row, at + field->at, field->count);
            prefix_cut(row, size);
            break;
        default:
            for (uint32_t k = 0; k < field->count; k++) {
                put_element(line, row, field, at + field->at + (uint64_t)k * field->size, k);
            }
            break;
        }
    }
}

/* --- the lines -------------------------------------------------------------------------------- */

enum { WRITES_HEAD = 1, WRITES_TABLE, WRITES_ROWS, HAS_WRITTEN };

static void put_head(trd_line *line, const trd_text_head *head) {
    static const trd_region none = {0};
    row_at row = {.region = &none};
    TRD__LINE_PUT(line, "{\"text\":");
    trd__line_number(line, head->format);
    put_fields(line, &row, &trd__text_head_fields, (const char *)head);
    trd__line_end(line);
}

static void put_end(trd_line *line, const trd_text_writer *writer) {
    TRD__LINE_PUT(line, "{\"end\":");
    trd__line_number(line, (trd_wide)writer->lines + 1);
    trd__line_int(line, "digest", (trd_wide)writer->digest);
    trd__line_end(line);
}

/* The key of an id that has ended and is remembered, which another engine has in another slot. */
static void put_ended_key(trd_line *line, const trd_match *match, uint64_t place) {
    uint64_t number;
    if (trd__ended_number(match, place, &number)) {
        const trd_map_slot *slot = &trd__id_slots(match)[trd__ended(match)[place]];
        trd__line_int(line, "id", (trd_wide)slot->id);
        trd__line_int(line, "account", slot->scope);
    }
}

/* The row at writer->place: false if it is as in a new engine. */
static bool put_row(trd_text_writer *writer, trd_line *line, const trd_rows *rows) {
    const trd_region *region = &rows->region[writer->table];
    row_at row = {.rows = rows, .region = region, .place = writer->place};
    const char *at = (const char *)writer->engine + trd__row_at(region, writer->place);
    TRD__LINE_PUT(line, "{\"row\":");
    trd__line_string(line, region->name);
    trd__line_int(line, "at", (trd_wide)(region->first + writer->place));
    const uint32_t empty = line->size;
    put_fields(line, &row, region->of, at);
    if (region->how == TRD_TABLE_ENDED) {
        put_ended_key(line, trd__engine_match(writer->engine), writer->place);
    }
    if (line->size == empty) {
        line->size = 0;
        return false;
    }
    trd__line_end(line);
    return true;
}

/* The first row from `place` on that has a byte that is not zero, of a table whose new rows are
 * zero. */
static uint64_t behind_zeros(const trd_engine *engine, const trd_region *region, uint64_t place) {
    static const char zeros[TRD_PAGE_SIZE];
    const char *from = (const char *)engine + region->at;
    const uint64_t end = region->count * region->stride;
    uint64_t at = place * region->stride;
    while (end - at >= sizeof(zeros) && memcmp(from + at, zeros, sizeof(zeros)) == 0) {
        at += sizeof(zeros);
    }
    while (at < end && from[at] == 0) {
        at++;
    }
    return at / region->stride;
}

static void put_table(trd_line *line, const trd_region *region) {
    TRD__LINE_PUT(line, "{\"table\":");
    trd__line_string(line, region->name);
    trd__line_int(line, "rows", (trd_wide)region->count);
    trd__line_end(line);
}

/* The next row of the table that is said; false if it has no more. */
static bool next_row(trd_text_writer *writer, trd_line *line, const trd_rows *rows) {
    const trd_region *region = &rows->region[writer->table];
    const bool may_skip =
        !region->has_usual && region->inner == 0 && region->how != TRD_TABLE_ENDED;
    while (writer->place < region->count) {
        if (may_skip) {
            writer->place = behind_zeros(writer->engine, region, writer->place);
        }
        if (writer->place < region->count) {
            const bool is_said = put_row(writer, line, rows);
            writer->place++;
            if (is_said) {
                return true;
            }
        }
    }
    return false;
}

static void next_table(trd_text_writer *writer, trd_line *line, const trd_rows *rows) {
    writer->place = 0;
    writer->phase = writer->table < rows->count ? WRITES_ROWS : HAS_WRITTEN;
    if (writer->phase == WRITES_ROWS) {
        put_table(line, &rows->region[writer->table]);
    } else {
        put_end(line, writer);
    }
}

/* Makes the next line; false if there is none. */
static bool next_line(trd_text_writer *writer, const trd_rows *rows) {
    trd_line line = {writer->line, 0, sizeof(writer->line)};
    if (writer->phase == HAS_WRITTEN) {
        return false;
    }
    if (writer->phase == WRITES_HEAD) {
        put_head(&line, &writer->head);
        writer->phase = WRITES_TABLE;
    } else if (writer->phase == WRITES_TABLE) {
        next_table(writer, &line, rows);
    } else if (!next_row(writer, &line, rows)) {
        writer->table++;
        next_table(writer, &line, rows);
    }
    writer->lines++;
    writer->line_at = 0;
    writer->line_size = line.size;
    return true;
}

int trd_text_begin(trd_text_writer *writer, const trd_engine *engine) {
    const int result = trd__image_ask(engine, writer);
    if (result != TRD_OK) {
        return result;
    }
    trd__text_head_of(engine, &writer->head);
    writer->engine = engine;
    writer->digest = trd__image_sum(engine).digest;
    writer->lines = writer->place = 0;
    writer->table = writer->line_size = writer->line_at = 0;
    writer->phase = WRITES_HEAD;
    return TRD_OK;
}

static bool is_over(const trd_text_writer *writer) {
    return writer->phase == HAS_WRITTEN && writer->line_at == writer->line_size;
}

/* Has the engine another state than it had when the text began? What it executed counts at once,
 * what was set up is found at the end. */
static bool has_gone_on(const trd_text_writer *writer) {
    return writer->engine->stage != TRD_ENGINE_IDLE ||
           trd__engine_match(writer->engine)->seq != writer->head.events ||
           (is_over(writer) && trd__image_sum(writer->engine).digest != writer->digest);
}

int trd_text_write(trd_text_writer *writer, char *out, size_t size, size_t *written) {
    if (writer == NULL || out == NULL || size == 0 || written == NULL) {
        return TRD_E_ARG;
    }
    if (has_gone_on(writer)) {
        return TRD_E_BUSY;
    }
    size_t at = 0;
    trd_rows rows;
    trd__rows_of(writer->engine, &rows);
    while (at < size && (writer->line_at < writer->line_size || next_line(writer, &rows))) {
        const size_t left = writer->line_size - writer->line_at;
        const size_t taken = left < size - at ? left : size - at;
        memcpy(out + at, writer->line + writer->line_at, taken);
        writer->line_at += (uint32_t)taken;
        at += taken;
    }
    if (has_gone_on(writer)) {
        return TRD_E_BUSY;
    }
    *written = at;
    return is_over(writer) ? TRD_OK : TRD_MORE;
}
