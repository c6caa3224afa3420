/* test_formats.c - every order feature can be said in the records, and is said in the bytes that
 * docs/formats/records.md lays down.
 *
 * A case is written twice: as the structs a program would fill, and as text, "record field=number
 * ...", one part per slot. The text is encoded with the offsets and widths of byte_table.h, not
 * with the structs, and its numbers are those of the page, not enumerators. Both must give the same
 * bytes.
 */
#include <criterion/criterion.h>
#include <tradsys/tradsys.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "byte_table.h"

typedef union slot {
    trd_command command;
    trd_ext_prices prices;
    trd_ext_sizes sizes;
    trd_ext_link link;
    trd_ext_text text;
    trd_ext_row row;
    uint8_t byte[TRD_SLOT_SIZE];
} slot;

typedef struct feature {
    const char *name;
    slot made[TRD_SLOTS_MAX];
    const char *text; /* slots divided by " | " */
} feature;

typedef struct field {
    const char *record;
    const char *name;
    size_t offset;
    size_t width;
} field;

#define FIELD(record, type, member, name, offset, width) {#record, name, offset, width},
static const field FIELDS[] = {SLOT_FIELDS};
#undef FIELD

/* Heads that all cases share, in structs and in text. */
#define BASE(kind_, slots_)                                                                        \
    .seq = 7, .time = 1000, .kind = (kind_), .slots = (slots_), .instrument = 3, .account = 42,    \
    .actor = 5
#define HEAD "command seq=7 time=1000 instrument=3 account=42 actor=5 "

#define NEW(slots_, ...)                                                                           \
    {                                                                                              \
        .command = { BASE(TRD_COMMAND_NEW, slots_), .u.order = {.client_id = 77, __VA_ARGS__} }    \
    }
#define COMMAND(kind_, slots_, ...)                                                                \
    {                                                                                              \
        .command = { BASE(kind_, slots_), __VA_ARGS__ }                                            \
    }
#define PRICES(...)                                                                                \
    {                                                                                              \
        .prices = {.seq = 7, .kind = TRD_EXT_ORDER_PRICES, __VA_ARGS__ }                           \
    }
#define SIZES(...)                                                                                 \
    {                                                                                              \
        .sizes = {.seq = 7, .kind = TRD_EXT_ORDER_SIZES, __VA_ARGS__ }                             \
    }
#define LINK(...)                                                                                  \
    {                                                                                              \
        .link = {.seq = 7, .kind = TRD_EXT_ORDER_LINK, __VA_ARGS__ }                               \
    }
#define ROW(table_, key_, ...)                                                                     \
    {                                                                                              \
        .row = {                                                                                   \
            .seq = 7,                                                                              \
            .kind = TRD_EXT_TABLE_ROW,                                                             \
            .table = (table_),                                                                     \
            .key = (key_),                                                                         \
            .value = {__VA_ARGS__}                                                                 \
        }                                                                                          \
    }

#define LIMIT .type = TRD_TYPE_LIMIT, .tif = TRD_TIF_GTC, .px = 100, .qty = 10
#define BUY .side = TRD_BUY
#define SELL .side = TRD_SELL
#define BUY_LIMIT BUY, LIMIT

#define T_NEW(slots) HEAD "kind=1 slots=" #slots " order client_id=77 "
#define T_BUY_LIMIT "side=1 type=1 tif=1 px=100 qty=10 "
#define T_PRICES " | order_prices seq=7 kind=128 "
#define T_SIZES " | order_sizes seq=7 kind=129 "
#define T_LINK " | order_link seq=7 kind=130 "
#define T_ROW " | table_row seq=7 kind=133 "

#include "order_features.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- The encoder: knows byte_table.h and nothing of the structs ------------------------------ */

static const field *find_field(const char *record, const char *name, size_t length) {
    for (size_t i = 0; i < COUNT(FIELDS); i++) {
        const field *f = &FIELDS[i];
        if (strcmp(f->record, record) == 0 && strlen(f->name) == length &&
            strncmp(f->name, name, length) == 0) {
            return f;
        }
    }
    cr_assert(0, "no field %s.%.*s", record, (int)length, name);
    return NULL;
}

static void put(uint8_t *at, const field *f, int64_t value) {
    cr_assert(f->width <= 8, "%s is no number", f->name);
    for (size_t i = 0; i < f->width; i++) {
        at[f->offset + i] = (uint8_t)((uint64_t)value >> (8 * i));
    }
}

static int64_t get(const uint8_t *at, const field *f) {
    uint64_t value = 0;
    for (size_t i = 0; i < f->width; i++) {
        value |= (uint64_t)at[f->offset + i] << (8 * i);
    }
    return (int64_t)value;
}

/* Calls `use` for each "field=number" of the text; a word without '=' names the record from there
 * on, and "|" begins the next slot. Returns the number of slots. */
typedef void (*use_number)(uint8_t *at, const field *f, int64_t value);

static size_t walk(const char *text, uint8_t *bytes, use_number use) {
    char record[32] = "";
    size_t at = 0;
    while (*text != '\0') {
        const size_t word = strcspn(text, " ");
        const char *equals = memchr(text, '=', word);
        if (word == 1 && *text == '|') {
            at++;
            cr_assert(at < TRD_SLOTS_MAX, "more than %d slots", TRD_SLOTS_MAX);
        } else if (equals != NULL) {
            const field *f = find_field(record, text, (size_t)(equals - text));
            use(bytes + at * TRD_SLOT_SIZE, f, strtoll(equals + 1, NULL, 10));
        } else if (word > 0) {
            cr_assert(word < sizeof(record));
            memcpy(record, text, word);
            record[word] = '\0';
        }
        text += word + strspn(text + word, " ");
    }
    return at + 1;
}

static void expect_number(uint8_t *at, const field *f, int64_t value) {
    const uint64_t mask = f->width == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * f->width)) - 1;
    cr_expect((uint64_t)get(at, f) == ((uint64_t)value & mask), "%s.%s", f->record, f->name);
}

/* --- The rules -------------------------------------------------------------------------------- */

Test(formats, structs_and_byte_table_encode_every_feature_alike) {
    for (size_t i = 0; i < COUNT(FEATURES); i++) {
        const feature *f = &FEATURES[i];
        uint8_t bytes[TRD_SLOTS_MAX * TRD_SLOT_SIZE] = {0};
        walk(f->text, bytes, put);
        for (size_t at = 0; at < sizeof(bytes); at++) {
            const uint8_t made = f->made[at / TRD_SLOT_SIZE].byte[at % TRD_SLOT_SIZE];
            cr_expect(made == bytes[at], "%s: slot %zu byte %zu is %u, must be %u", f->name,
                at / TRD_SLOT_SIZE, at % TRD_SLOT_SIZE, made, bytes[at]);
        }
    }
}

Test(formats, every_feature_fits_one_record) {
    for (size_t i = 0; i < COUNT(FEATURES); i++) {
        const feature *f = &FEATURES[i];
        uint8_t bytes[TRD_SLOTS_MAX * TRD_SLOT_SIZE] = {0};
        const size_t slots = walk(f->text, bytes, put);
        cr_expect(slots >= 1 && slots <= 4, "%s", f->name);
        cr_expect(f->made[0].byte[17] == slots, "%s: slots of the base", f->name);
        for (size_t at = 1; at < slots; at++) {
            cr_expect(f->made[at].byte[16] >= 128, "%s: slot %zu is no extension", f->name, at);
            cr_expect(f->made[at].byte[17] == 0, "%s: slot %zu looks like a base", f->name, at);
        }
    }
}

Test(formats, bytes_read_back_as_the_numbers_that_were_written) {
    for (size_t i = 0; i < COUNT(FEATURES); i++) {
        slot copy[TRD_SLOTS_MAX];
        memcpy(copy, FEATURES[i].made, sizeof(copy));
        walk(FEATURES[i].text, copy[0].byte, expect_number);
    }
}

Test(formats, different_features_have_different_bytes) {
    for (size_t i = 0; i < COUNT(FEATURES); i++) {
        for (size_t j = 0; j < i; j++) {
            cr_expect(memcmp(FEATURES[i].made, FEATURES[j].made, sizeof(FEATURES[i].made)) != 0,
                "%s and %s", FEATURES[i].name, FEATURES[j].name);
        }
    }
}

Test(formats, every_field_of_the_commands_is_used_by_a_feature) {
    for (size_t i = 0; i < COUNT(FIELDS); i++) {
        const field *f = &FIELDS[i];
        /* Events, and what is zero, is no part of what a command can say. */
        if (strncmp(f->record, "ev", 2) == 0 || strcmp(f->record, "exec") == 0 ||
            strcmp(f->record, "decision") == 0 || strcmp(f->record, "text") == 0 ||
            strncmp(f->name, "reserved", 8) == 0 ||
            (strcmp(f->name, "slots") == 0 && strcmp(f->record, "command") != 0) ||
            (strcmp(f->name, "flags") == 0 && strcmp(f->record, "table_row") == 0)) {
            continue;
        }
        char word[64];
        bool used = false;
        for (size_t j = 0; j < COUNT(FEATURES) && !used; j++) {
            const char *at = FEATURES[j].text;
            snprintf(word, sizeof(word), "%s ", f->record);
            const char *record = strstr(at, word);
            snprintf(word, sizeof(word), " %s=", f->name);
            used = record != NULL && strstr(record, word) != NULL;
        }
        cr_expect(used, "%s.%s", f->record, f->name);
    }
}

/* --- Definitions as table rows ---------------------------------------------------------------- */

/* Where the page puts each field of a definition. */
typedef struct cell {
    uint32_t table;
    uint32_t key;
    uint32_t value;
    size_t offset; /* in the definition */
    size_t width;
} cell;

#define SPEC(key, value, member)                                                                   \
    { 1, key, value, offsetof(trd_instrument, member), sizeof(((trd_instrument *)0)->member) }
#define PROFILE(key, value, member)                                                                \
    { 3, key, value, offsetof(trd_profile, member), sizeof(((trd_profile *)0)->member) }

/* The symbol of a specification is the TEXT of its first record. */
static const cell CELLS[] = {
    SPEC(1, 0, kind),
    SPEC(1, 1, option),
    SPEC(1, 2, px_scale),
    SPEC(1, 3, qty_scale),
    SPEC(1, 4, profile),
    SPEC(2, 0, tick_size),
    SPEC(2, 1, lot_size),
    SPEC(2, 2, px_min),
    SPEC(2, 3, px_max),
    SPEC(2, 4, lot_step),
    SPEC(3, 0, qty_min),
    SPEC(3, 1, qty_max),
    SPEC(3, 2, notional_min),
    SPEC(3, 3, notional_max),
    SPEC(4, 0, numerator),
    SPEC(4, 1, denominator),
    SPEC(4, 2, base_asset),
    SPEC(4, 3, quote_asset),
    SPEC(4, 4, settle_asset),
    SPEC(5, 0, strike),
    SPEC(5, 1, expiry),
    SPEC(5, 2, tier_count),
    PROFILE(1, 0, allocation),
    PROFILE(1, 1, fifo_percent),
    PROFILE(1, 2, prorata_min),
    PROFILE(1, 3, top_min),
    PROFILE(1, 4, top_max),
    PROFILE(2, 0, ties[0]),
    PROFILE(2, 1, ties[1]),
    PROFILE(2, 2, ties[2]),
    PROFILE(2, 3, ties[3]),
    PROFILE(2, 4, ties[4]),
    PROFILE(3, 0, band_below),
    PROFILE(3, 1, band_above),
    PROFILE(3, 2, band_source),
    PROFILE(3, 3, band_action),
    PROFILE(3, 4, band_whole),
    PROFILE(4, 0, limit_wait),
    PROFILE(4, 1, limit_pause),
    PROFILE(4, 2, limit_auction),
    PROFILE(5, 0, breaker_window),
    PROFILE(5, 1, breaker_variation),
    PROFILE(5, 2, breaker_pause),
    PROFILE(6, 0, lead[0].account),
    PROFILE(6, 1, lead[0].percent),
    PROFILE(6, 2, lead[1].account),
    PROFILE(6, 3, lead[1].percent),
    PROFILE(7, 0, lead[2].account),
    PROFILE(7, 1, lead[2].percent),
    PROFILE(7, 2, lead[3].account),
    PROFILE(7, 3, lead[3].percent),
};

/* Fills in the values of a row that has its table and key. */
static void put_cells(trd_ext_row *row, const void *definition) {
    for (size_t i = 0; i < COUNT(CELLS); i++) {
        const cell *c = &CELLS[i];
        if (c->table == row->table && c->key == row->key) {
            memcpy(&row->value[c->value], (const uint8_t *)definition + c->offset, c->width);
        }
    }
}

static void get_cells(void *definition, const trd_ext_row *row) {
    for (size_t i = 0; i < COUNT(CELLS); i++) {
        const cell *c = &CELLS[i];
        if (c->table == row->table && c->key == row->key) {
            memcpy((uint8_t *)definition + c->offset, &row->value[c->value], c->width);
        }
    }
}

/* Every byte differs from zero and from its neighbours, so that no field can be lost unseen. */
static void fill(void *definition, size_t size) {
    for (size_t i = 0; i < size; i++) {
        ((uint8_t *)definition)[i] = (uint8_t)(1 + i % 255);
    }
}

/* --- A specification, which needs several records --------------------------------------------- */

enum {
    SPEC_ROWS = 5,
    TIER_ROWS = TRD_TIERS_MAX / 2,
    SPEC_RECORDS = (1 + SPEC_ROWS + TIER_ROWS + 2) / 3,
    SPEC_SLOTS = SPEC_RECORDS + 1 + SPEC_ROWS + TIER_ROWS
};

static slot make_row(const trd_instrument *spec, uint32_t number) {
    slot made = {.row = {.seq = 7, .kind = TRD_EXT_TABLE_ROW}};
    if (number >= SPEC_ROWS) {
        const trd_tick_tier *tier = &spec->tiers[2 * (number - SPEC_ROWS)];
        made.row.table = TRD_TABLE_TICKS;
        made.row.key = number - SPEC_ROWS + 1;
        made.row.value[0] = tier[0].from;
        made.row.value[1] = tier[0].step;
        made.row.value[2] = tier[1].from;
        made.row.value[3] = tier[1].step;
        return made;
    }
    made.row.table = TRD_TABLE_INSTRUMENT;
    made.row.key = number + 1;
    put_cells(&made.row, spec);
    return made;
}

static size_t write_spec(const trd_instrument *spec, slot *out) {
    size_t slots = 0, row = 0;
    for (size_t record = 0; record < SPEC_RECORDS; record++) {
        slot *base = &out[slots++];
        *base = (slot)COMMAND(TRD_COMMAND_INSTRUMENT, 1, .flags = TRD_COMMAND_STAGED);
        if (record == 0) {
            slot text = {.text = {.seq = 7, .kind = TRD_EXT_TEXT}};
            text.text.size = (uint32_t)strlen(spec->symbol);
            memcpy(text.text.text, spec->symbol, text.text.size);
            out[slots++] = text;
            base->command.slots++;
        }
        while (base->command.slots < TRD_SLOTS_MAX && row < SPEC_ROWS + TIER_ROWS) {
            out[slots++] = make_row(spec, (uint32_t)row++);
            base->command.slots++;
        }
        base->command.flags = row < SPEC_ROWS + TIER_ROWS ? TRD_COMMAND_STAGED : 0;
    }
    return slots;
}

static void read_row(trd_instrument *spec, const trd_ext_row *row) {
    if (row->table == TRD_TABLE_TICKS) {
        trd_tick_tier *tier = &spec->tiers[2 * (row->key - 1)];
        tier[0] = (trd_tick_tier){.from = row->value[0], .step = row->value[1]};
        tier[1] = (trd_tick_tier){.from = row->value[2], .step = row->value[3]};
        return;
    }
    get_cells(spec, row);
}

Test(formats, a_specification_with_every_field_set_survives_its_records) {
    trd_instrument spec;
    fill(&spec, sizeof(spec));
    memset(spec.symbol, 0, sizeof(spec.symbol));
    memset(spec.symbol, 'x', sizeof(spec.symbol) - 1);

    slot slots[SPEC_SLOTS];
    const size_t count = write_spec(&spec, slots);
    cr_assert(count == SPEC_SLOTS);

    trd_instrument back;
    memset(&back, 0, sizeof(back));
    back.struct_size = spec.struct_size; /* of the caller, no part of the specification */
    back.reserved = spec.reserved;
    size_t records = 0;
    for (size_t at = 0; at < count; at += slots[at].command.slots, records++) {
        const trd_command *base = &slots[at].command;
        cr_assert(base->kind == 11 && base->slots >= 2 && base->slots <= 4);
        const bool last = at + base->slots == count;
        cr_expect(base->flags == (last ? 0 : 64), "all but the last are staged");
        for (size_t i = at + 1; i < at + base->slots; i++) {
            if (slots[i].byte[16] == 132) {
                memcpy(back.symbol, slots[i].text.text, slots[i].text.size);
            } else {
                cr_assert(slots[i].byte[16] == 133);
                read_row(&back, &slots[i].row);
            }
        }
    }
    cr_expect(records == SPEC_RECORDS);
    cr_expect(memcmp(&back, &spec, sizeof(spec)) == 0);
}

/* --- A matching profile ----------------------------------------------------------------------- */

Test(formats, a_matching_profile_with_every_field_set_survives_its_rows) {
    trd_profile profile, back;
    fill(&profile, sizeof(profile));
    memset(&back, 0, sizeof(back));
    back.struct_size = profile.struct_size; /* of the caller, no part of the profile */
    back.reserved = profile.reserved;
    back.reserved1 = profile.reserved1;
    for (uint64_t key = 1; key <= 7; key++) {
        slot made = ROW(TRD_TABLE_MATCHING, key, 0);
        put_cells(&made.row, &profile);
        get_cells(&back, &made.row);
    }
    cr_expect(memcmp(&back, &profile, sizeof(profile)) == 0);
}
