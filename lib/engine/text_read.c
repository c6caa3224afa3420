/* text_read.c - an engine of text: docs/formats/text.md. Line by line, field by field by the tables
 * of rows.h; the memory is no engine before the last line, and what follows it, is right. */
#include "engine/text.h"

#include <string.h>

#include "engine/image.h"
#include "engine/rows_field.h"

const char *trd_text_why(unsigned why) {
    static const char *const texts[TRD_TEXT_FAULTS] = {[TRD_TEXT_NO_FAULT] = "no fault",
        [TRD_TEXT_SYNTAX] = "no line of this format",
        [TRD_TEXT_LENGTH] = "a line that is too long",
        [TRD_TEXT_TABLE] = "no such table here",
        [TRD_TEXT_FIELD] = "no such field",
        [TRD_TEXT_ORDER] = "twice, or out of order",
        [TRD_TEXT_NUMBER] = "no row of this number here",
        [TRD_TEXT_VALUE] = "no value that it can have here",
        [TRD_TEXT_LINES] = "the end counts other lines",
        [TRD_TEXT_BEHIND] = "text behind the end",
        [TRD_TEXT_DIGEST] = "not the engine that was written",
        [TRD_TEXT_RULES] = "terms that no engine takes",
        [TRD_TEXT_ROOM] = "no room for it here",
        [TRD_TEXT_AUDIT] = "rows contradict each other"};
    return why < TRD_TEXT_FAULTS ? texts[why] : "?";
}

/* --- a line ----------------------------------------------------------------------------------- */

/* A line that is read, without its line feed; the fault that was found in it. */
typedef struct scan {
    const char *text;
    uint32_t size;
    uint32_t at;
    trd_text_fault *fault;
} scan;

/* One key and its value, which is a number or text. */
typedef struct pair {
    const char *key;
    uint32_t key_size;
    uint32_t key_at;
    bool is_text;
    trd_wide number;
    char text[TRD_TEXT_NAME_SIZE];
    uint32_t text_size;
} pair;

static bool fail(scan *s, unsigned why, uint32_t at) {
    s->fault->why = why;
    s->fault->column = at + 1;
    return false;
}

static bool take(scan *s, char c) {
    if (s->at < s->size && s->text[s->at] == c) {
        s->at++;
        return true;
    }
    return fail(s, TRD_TEXT_SYNTAX, s->at);
}

static bool is_next(const scan *s, char c) {
    return s->at < s->size && s->text[s->at] == c;
}

/* Keys are letters, digits, _ . [ ]: none of them is escaped. */
static bool take_key(scan *s, pair *out) {
    if (!take(s, '"')) {
        return false;
    }
    out->key = s->text + s->at;
    out->key_at = s->at;
    while (s->at < s->size && s->text[s->at] != '"' && s->text[s->at] != '\\') {
        s->at++;
    }
    out->key_size = s->at - out->key_at;
    return take(s, '"') && take(s, ':');
}

static bool take_text(scan *s, pair *out) {
    out->is_text = true;
    out->text_size = 0;
    s->at++;
    while (s->at < s->size && s->text[s->at] != '"') {
        s->at += s->text[s->at] == '\\';
        const char c = s->at < s->size ? s->text[s->at] : 0;
        if (c < ' ' || c > '~' || out->text_size + 1 == sizeof(out->text)) {
            return fail(s, TRD_TEXT_SYNTAX, s->at);
        }
        out->text[out->text_size++] = c;
        s->at++;
    }
    out->text[out->text_size] = 0;
    return take(s, '"');
}

/* Digits up to 2^127 - 1, the first of several not 0. */
static bool take_number(scan *s, pair *out) {
    const uint32_t begin = s->at;
    const bool is_negative = is_next(s, '-');
    s->at += is_negative;
    const uint32_t first = s->at;
    trd_wide value = 0;
    while (s->at < s->size && s->text[s->at] >= '0' && s->text[s->at] <= '9') {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, s->text[s->at] - '0', &value)) {
            return fail(s, TRD_TEXT_VALUE, begin);
        }
        s->at++;
    }
    const bool has_zero = s->at > first && s->text[first] == '0';
    if (s->at == first || (has_zero && (s->at > first + 1 || is_negative))) {
        return fail(s, TRD_TEXT_SYNTAX, begin);
    }
    /* Reckoned below zero, where one number more has room. */
    if (!is_negative && __builtin_sub_overflow((trd_wide)0, value, &value)) {
        return fail(s, TRD_TEXT_VALUE, begin);
    }
    out->is_text = false;
    out->number = value;
    return true;
}

static bool take_value(scan *s, pair *out) {
    return is_next(s, '"') ? take_text(s, out) : take_number(s, out);
}

static bool take_pair(scan *s, pair *out) {
    return take_key(s, out) && take_value(s, out);
}

static bool take_end(scan *s) {
    return take(s, '}') && (s->at == s->size || fail(s, TRD_TEXT_SYNTAX, s->at));
}

static bool is_key(const pair *p, const char *key) {
    uint32_t i = 0;
    while (i < p->key_size && key[i] != 0 && p->key[i] == key[i]) {
        i++;
    }
    return i == p->key_size && key[i] == 0;
}

/* Copies as much of a name as has room, for a fault. */
static void name_copy(char *out, const char *text, uint32_t size) {
    const uint32_t taken = size < TRD_TEXT_NAME_SIZE - 1 ? size : TRD_TEXT_NAME_SIZE - 1;
    memset(out, 0, TRD_TEXT_NAME_SIZE);
    memcpy(out, text, taken);
}

/* --- fields ----------------------------------------------------------------------------------- */

/* Length of `name` if the text begins with it; 0 if not. */
static uint32_t begins(const char *text, uint32_t size, const char *name) {
    uint32_t i = 0;
    while (name[i] != 0) {
        if (i == size || text[i] != name[i]) {
            return 0;
        }
        i++;
    }
    return i;
}

/* Reads "[i]" at text; the characters of it, 0 if there is no such element. */
static uint32_t index_read(const char *text, uint32_t size, uint32_t count, uint32_t *index) {
    uint64_t value = 0;
    uint32_t at = 1;
    if (size < 3 || text[0] != '[' || (text[1] == '0' && text[2] != ']')) {
        return 0;
    }
    for (; at < size && text[at] >= '0' && text[at] <= '9' && value < count; at++) {
        value = value * 10 + (uint64_t)(text[at] - '0');
    }
    *index = (uint32_t)value;
    return at > 1 && at < size && text[at] == ']' && value < count ? at + 1 : 0;
}

/* The field that a key names, and *at where it is; NULL if there is none. */
static const trd_field *field_find(
    const trd_fields *fields, const char *key, uint32_t size, uint64_t *at) {
    for (uint32_t i = 0; i < fields->count; i++) {
        const trd_field *field = &fields->field[i];
        uint32_t used = begins(key, size, field->name);
        uint32_t index = 0;
        if (used == 0 || (!trd__field_has_value(field) && field->kind != TRD_FIELD_ROWS)) {
            continue;
        }
        if (field->is_array != 0) {
            const uint32_t more = index_read(key + used, size - used, field->count, &index);
            used = more != 0 ? used + more : size + 1;
        }
        const uint64_t from = field->at + (uint64_t)index * field->size;
        if (used == size && trd__field_has_value(field)) {
            *at += from;
            return field;
        }
        if (used < size && key[used] == '.' && field->kind == TRD_FIELD_ROWS) {
            *at += from;
            return field_find(field->of, key + used + 1, size - used - 1, at);
        }
    }
    return NULL;
}

static const trd_field ended_row[] = {
    V(trd_text_ended, slot),
    ZERO(trd_text_ended, reserved),
    V(trd_text_ended, id),
    V(trd_text_ended, account),
    ZERO(trd_text_ended, reserved1),
};
TABLE(ended, trd_text_ended)

/* Where fields are put: behind those that were. */
typedef struct target {
    const trd_rows *rows;
    const trd_fields *fields;
    char *row;
    uint64_t next; /* bytes of the row that have been passed */
    bool passes_over;
    uint64_t passed_over;
    trd_text_fault passed; /* the first of them */
} target;

static bool text_put(char *at, const trd_field *field, const pair *p) {
    if (p->text_size >= field->count) {
        return false;
    }
    memset(at, 0, field->count);
    memcpy(at, p->text, p->text_size);
    return true;
}

static bool field_put(scan *s, target *to, const pair *p) {
    uint64_t at = 0;
    const trd_field *field = field_find(to->fields, p->key, p->key_size, &at);
    if (field == NULL) {
        to->passed = to->passed_over++ == 0 ? *s->fault : to->passed;
        return to->passes_over || fail(s, TRD_TEXT_FIELD, p->key_at);
    }
    if (at < to->next) {
        return fail(s, TRD_TEXT_ORDER, p->key_at);
    }
    const bool is_text = field->kind == TRD_FIELD_TEXT;
    to->next = at + 1;
    if (is_text != p->is_text ||
        !(is_text ? text_put(to->row + at, field, p)
                  : trd__row_put(to->rows, field, to->row + at, p->number))) {
        return fail(s, TRD_TEXT_VALUE, p->key_at);
    }
    return true;
}

/* The fields up to the end of the line. */
static bool fields_put(scan *s, target *to) {
    pair p;
    while (is_next(s, ',')) {
        s->at++;
        if (!take_key(s, &p)) {
            return false;
        }
        name_copy(s->fault->field, p.key, p.key_size);
        if (!take_value(s, &p) || !field_put(s, to, &p)) {
            return false;
        }
    }
    return take_end(s);
}

/* --- the head --------------------------------------------------------------------------------- */

static uint32_t line_end(const char *text, size_t size) {
    uint32_t at = 0;
    while (at < size && at < TRD_TEXT_LINE_MAX && text[at] != '\n') {
        at++;
    }
    return at;
}

static trd_text_head head_default(void) {
    trd_text_head head = {.match = trd_match_def_default(),
        .accounts = trd_accounts_def_default(),
        .risk = trd_risk_def_default(),
        .monitor = trd_monitor_def_default()};
    /* What is not said is zero, whatever the default is. */
    head.match = (trd_match_def){.struct_size = head.match.struct_size};
    head.accounts = (trd_accounts_def){.struct_size = head.accounts.struct_size};
    head.risk = (trd_risk_def){.struct_size = head.risk.struct_size};
    head.monitor = (trd_monitor_def){.struct_size = head.monitor.struct_size};
    head.liquidation.struct_size = sizeof(head.liquidation);
    return head;
}

static int head_read(scan *s, trd_text_head *out) {
    trd_rows none = {0};
    pair p;
    memset(none.limit, 0xff, sizeof(none.limit));
    *out = head_default();
    if (!take(s, '{') || !take_pair(s, &p)) {
        return TRD_E_FORMAT;
    }
    if (!is_key(&p, "text") || p.is_text) {
        fail(s, TRD_TEXT_SYNTAX, p.key_at);
        return TRD_E_FORMAT;
    }
    if (p.number != TRD_TEXT_FORMAT) {
        return TRD_E_UNKNOWN;
    }
    out->format = TRD_TEXT_FORMAT;
    target to = {
        .rows = &none, .fields = &trd__text_head_fields, .row = (char *)out, .passes_over = true};
    return fields_put(s, &to) ? TRD_OK : TRD_E_FORMAT;
}

int trd_text_peek(
    const char *text, size_t size, trd_text_head *out, size_t *head_size, trd_text_fault *fault) {
    if (text == NULL || out == NULL || head_size == NULL) {
        return TRD_E_ARG;
    }
    const uint32_t end = line_end(text, size);
    trd_text_fault found = {.line = 1};
    scan s = {.text = text, .size = end, .fault = &found};
    trd_text_head head;
    int result = TRD_E_TRUNCATED;
    if (end == TRD_TEXT_LINE_MAX) {
        fail(&s, TRD_TEXT_LENGTH, end);
        result = TRD_E_FORMAT;
    } else if (end < size) {
        result = head_read(&s, &head);
    }
    if (result == TRD_OK) {
        *out = head;
        *head_size = (size_t)end + 1;
    }
    if (result == TRD_E_FORMAT && fault != NULL) {
        *fault = found;
    }
    return result;
}

/* --- opening ---------------------------------------------------------------------------------- */

enum { READS_ROWS = 1, HAS_READ, HAS_GIVEN };

int trd_text_open(trd_text_reader *reader, const trd_text_head *head, const trd_engine_def *def,
    void *mem, size_t size, unsigned flags) {
    if (reader == NULL || head == NULL || def == NULL || mem == NULL ||
        (flags & ~(unsigned)(TRD_TEXT_PASS_OVER | TRD_TEXT_EDITED)) != 0) {
        return TRD_E_ARG;
    }
    const size_t footprint = trd_engine_footprint(def);
    trd_engine *engine = footprint != 0 && size >= footprint ? trd_engine_init(mem, def) : NULL;
    if (engine == NULL) {
        return TRD_E_ARG;
    }
    trd_text_head own;
    trd__text_head_of(engine, &own);
    *reader = (trd_text_reader){.head = *head,
        .engine = engine,
        .lines = 1,
        .flags = flags,
        .state = TRD_MORE,
        .phase = READS_ROWS};
    reader->is_remade = (flags & TRD_TEXT_EDITED) != 0 || !trd__text_is_alike(head, &own);
    return trd__text_may_become(head, &own) ? TRD_OK : TRD_E_UNKNOWN;
}

/* --- rows ------------------------------------------------------------------------------------- */

/* A fault that concerns the whole. */
static bool refuse(trd_text_reader *reader, unsigned why) {
    reader->fault.why = why;
    reader->fault.column = 1;
    return false;
}

static void note_passed(trd_text_reader *reader, const trd_text_fault *first, uint64_t count) {
    if (reader->passed_over == 0) {
        reader->passed = *first;
    }
    reader->passed_over += count;
}

static bool is_name(const char *name, const pair *p) {
    uint32_t i = 0;
    while (name[i] != 0 && name[i] == p->text[i]) {
        i++;
    }
    return name[i] == p->text[i];
}

static uint32_t table_find(const trd_rows *rows, const pair *p) {
    uint32_t i = 0;
    while (i < rows->count && !is_name(rows->region[i].name, p)) {
        i++;
    }
    return i;
}

/* The key that must come next, with a number not below 0. */
static bool take_count(scan *s, const char *key, pair *out) {
    if (!take(s, ',') || !take_pair(s, out)) {
        return false;
    }
    if (!is_key(out, key) || out->is_text) {
        return fail(s, TRD_TEXT_SYNTAX, out->key_at);
    }
    return (out->number >= 0 && out->number <= INT64_MAX) || fail(s, TRD_TEXT_VALUE, out->key_at);
}

static bool passes_over(const trd_text_reader *reader) {
    return (reader->flags & TRD_TEXT_PASS_OVER) != 0;
}

/* The table in work ends. */
static bool table_end(trd_text_reader *reader, const trd_rows *rows) {
    if (reader->tables == 0 || reader->skips != 0 || reader->is_remade == 0) {
        return true;
    }
    const unsigned fault = trd__text_table_end(reader, rows, &rows->region[reader->tables - 1]);
    return fault == TRD_TEXT_NO_FAULT || refuse(reader, fault);
}

/* Are all tables before number `table` known to have begun? One that is left out is as in a new
 * engine; who does not want that is told. */
static bool is_in_order(trd_text_reader *reader, uint32_t table) {
    if (table < reader->tables) {
        return refuse(reader, TRD_TEXT_ORDER);
    }
    return table == reader->tables || passes_over(reader) || refuse(reader, TRD_TEXT_TABLE);
}

/* May the table have so many rows here? */
static bool has_room(const trd_text_reader *reader, const trd_region *region, uint64_t count) {
    const bool goes_as_it_is = region->how == TRD_TABLE_ROWS || reader->is_remade == 0;
    return reader->is_remade == 0 ? count == region->count
                                  : !goes_as_it_is || count <= region->count;
}

static bool table_read(trd_text_reader *reader, scan *s, const trd_rows *rows, const pair *name) {
    const uint32_t table = table_find(rows, name);
    pair count;
    name_copy(s->fault->table, name->text, name->text_size);
    if (!take_count(s, "rows", &count) || !take_end(s) || !table_end(reader, rows)) {
        return false;
    }
    reader->skips = table == rows->count;
    if (reader->skips != 0) {
        note_passed(reader, &reader->fault, 1);
        return passes_over(reader) || fail(s, TRD_TEXT_TABLE, name->key_at);
    }
    if (!is_in_order(reader, table)) {
        return false;
    }
    reader->tables = table + 1;
    reader->table_rows = (uint64_t)count.number;
    reader->row = rows->region[table].first;
    if (!has_room(reader, &rows->region[table], reader->table_rows)) {
        return fail(s, TRD_TEXT_ROOM, count.key_at);
    }
    trd__text_table(reader, rows, &rows->region[table]);
    return true;
}

/* The fields of the row at `place`, into the block or to where it is found out where they go. */
static bool row_put(trd_text_reader *reader, scan *s, const trd_rows *rows, uint64_t place) {
    const trd_region *region = &rows->region[reader->tables - 1];
    const bool is_direct = reader->is_remade == 0 || region->how == TRD_TABLE_ROWS;
    trd_text_row row = {{{0}}};
    target to = {.rows = rows,
        .fields = region->of,
        .row = (char *)&row,
        .passes_over = passes_over(reader)};
    trd_assert(is_direct || region->of->size <= sizeof(row));
    if (region->how == TRD_TABLE_ENDED) {
        to.fields = &ended_fields;
    } else if (is_direct) {
        to.row = (char *)reader->engine + trd__row_at(region, place);
    }
    if (!fields_put(s, &to)) {
        return false;
    }
    if (to.passed_over != 0) {
        note_passed(reader, &to.passed, to.passed_over);
    }
    if (is_direct) {
        if (region->how == TRD_TABLE_ENDED) {
            memcpy((char *)reader->engine + trd__row_at(region, place), &row.u.ended.slot,
                sizeof(row.u.ended.slot));
        }
        return true;
    }
    const unsigned fault = trd__text_row(reader, region, place, &row);
    return fault == TRD_TEXT_NO_FAULT || fail(s, fault, 0);
}

static bool row_read(trd_text_reader *reader, scan *s, const trd_rows *rows, const pair *name) {
    pair number;
    name_copy(s->fault->table, name->text, name->text_size);
    reader->rows++;
    if (reader->skips != 0) {
        note_passed(reader, &reader->fault, 1);
        return true; /* nothing is known of it */
    }
    if (reader->tables == 0 || !is_name(rows->region[reader->tables - 1].name, name)) {
        return fail(s, TRD_TEXT_ORDER, name->key_at);
    }
    if (!take_count(s, "at", &number)) {
        return false;
    }
    const uint64_t first = rows->region[reader->tables - 1].first;
    const uint64_t at = (uint64_t)number.number;
    s->fault->row = at;
    if (at < first || at - first >= reader->table_rows) {
        return fail(s, TRD_TEXT_NUMBER, number.key_at);
    }
    if (at < reader->row) {
        return fail(s, TRD_TEXT_ORDER, number.key_at);
    }
    reader->row = at + 1;
    return row_put(reader, s, rows, at - first);
}

/* --- the end ---------------------------------------------------------------------------------- */

/* Is it the engine that was written? */
static bool is_same(trd_text_reader *reader, const pair *digest) {
    const uint64_t own = trd__image_sum(reader->engine).digest;
    reader->is_same = !digest->is_text && digest->number == own;
    return reader->is_same != 0 || refuse(reader, TRD_TEXT_DIGEST);
}

/* All rows are there. */
static bool finish(trd_text_reader *reader, const trd_rows *rows, const pair *digest) {
    if (!table_end(reader, rows)) {
        return false;
    }
    if (reader->is_remade == 0) {
        return is_same(reader, digest);
    }
    unsigned fault = trd__text_check(reader->engine);
    if (fault == TRD_TEXT_NO_FAULT) {
        fault = trd__text_remake(reader);
    }
    return fault == TRD_TEXT_NO_FAULT || refuse(reader, fault);
}

/* The end counts the lines, and has the digest; one that nobody asks for may be missing. */
static bool end_read(trd_text_reader *reader, scan *s, const trd_rows *rows, const pair *end) {
    pair digest = {.is_text = true};
    if (end->is_text || end->number != (trd_wide)reader->lines) {
        return fail(s, TRD_TEXT_LINES, end->key_at);
    }
    if (is_next(s, ',')) {
        s->at++;
        if (!take_pair(s, &digest)) {
            return false;
        }
        if (!is_key(&digest, "digest") || digest.is_text) {
            return fail(s, TRD_TEXT_SYNTAX, digest.key_at);
        }
    }
    if (!take_end(s) || !is_in_order(reader, rows->count) || !finish(reader, rows, &digest)) {
        return false;
    }
    reader->phase = HAS_READ;
    return trd_engine_audit(reader->engine) == TRD_OK || refuse(reader, TRD_TEXT_AUDIT);
}

static bool line_read(trd_text_reader *reader, const trd_rows *rows) {
    scan s = {.text = reader->line, .size = reader->line_size, .fault = &reader->fault};
    pair p;
    reader->fault = (trd_text_fault){.line = ++reader->lines};
    if (!take(&s, '{') || !take_pair(&s, &p)) {
        return false;
    }
    if (is_key(&p, "row") && p.is_text) {
        return row_read(reader, &s, rows, &p);
    }
    if (is_key(&p, "table") && p.is_text) {
        return table_read(reader, &s, rows, &p);
    }
    return is_key(&p, "end") ? end_read(reader, &s, rows, &p) : fail(&s, TRD_TEXT_SYNTAX, p.key_at);
}

/* --- characters ------------------------------------------------------------------------------- */

/* Takes characters up to the end of a line; returns how many. */
static size_t accept(trd_text_reader *reader, const char *text, size_t size, const trd_rows *rows) {
    const uint32_t room = TRD_TEXT_LINE_MAX - reader->line_size;
    const size_t looked = size < room ? size : room;
    const uint32_t end = line_end(text, looked);
    memcpy(reader->line + reader->line_size, text, end);
    reader->line_size += end;
    if (reader->phase == HAS_READ || (end == looked && reader->line_size == TRD_TEXT_LINE_MAX)) {
        const bool is_behind = reader->phase == HAS_READ;
        reader->fault = (trd_text_fault){.line = reader->lines + 1};
        refuse(reader, is_behind ? TRD_TEXT_BEHIND : TRD_TEXT_LENGTH);
        reader->state = TRD_E_FORMAT;
        return end;
    }
    if (end == looked) {
        return end;
    }
    reader->state = !line_read(reader, rows)    ? TRD_E_FORMAT
                    : reader->phase == HAS_READ ? TRD_OK
                                                : TRD_MORE;
    reader->line_size = 0;
    if (reader->state >= TRD_OK) {
        reader->fault = (trd_text_fault){0};
    }
    return (size_t)end + 1;
}

int trd_text_read(trd_text_reader *reader, const char *text, size_t size) {
    if (reader == NULL || (text == NULL && size != 0)) {
        return TRD_E_ARG;
    }
    trd_rows rows;
    if (reader->state >= TRD_OK && size != 0) {
        trd__rows_of(reader->engine, &rows);
    }
    for (size_t at = 0; at < size && reader->state >= TRD_OK;) {
        at += accept(reader, text + at, size - at, &rows);
    }
    return reader->state;
}

int trd_text_engine(trd_text_reader *reader, const trd_mem *mem, trd_engine **out) {
    if (reader == NULL || out == NULL || reader->phase == HAS_GIVEN) {
        return TRD_E_ARG;
    }
    if (reader->state != TRD_OK) {
        return reader->state == TRD_MORE ? TRD_E_TRUNCATED : reader->state;
    }
    reader->phase = HAS_GIVEN;
    if (mem != NULL) {
        reader->engine->mem = *mem;
    }
    *out = reader->engine;
    return TRD_OK;
}
