/* The fields of records as text: every kind has some, and nothing of a slot is kept back. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <tradsys/command.h>
#include <tradsys/event.h>

#include "journal/fields.h"

static field_text found[FIELDS_PER_SLOT];

static unsigned fields_of(unsigned kind, record_kind record) {
    trd_command slot = {.kind = (uint8_t)kind, .slots = kind < 128};
    return slot_fields(&slot, record, found);
}

static const char *text_of(const void *slot, record_kind kind, const char *name) {
    const unsigned count = slot_fields(slot, kind, found);
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(found[i].name, name) == 0) {
            return found[i].text;
        }
    }
    return "none";
}

static char *line_of(const void *record, unsigned slots, record_kind kind, bool json) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    record_line(out, record, slots, kind, json);
    fclose(out);
    return text;
}

/* TIMER has no body, and INSTRUMENT is rows: they have the four fields of the head alone, behind
 * seq, time, kind and slots. */
Test(fields, every_kind_of_command_has_the_fields_of_its_body) {
    enum { HEAD = 4 };
    static const unsigned kinds[] = {
#define TRD_COMMAND_ROW(name, number, text) number,
#include <tradsys/command.def>
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const bool bare = kinds[i] == TRD_COMMAND_TIMER || kinds[i] == TRD_COMMAND_INSTRUMENT;
        const unsigned count = fields_of(kinds[i], RECORD_COMMAND);
        cr_assert(bare ? count == HEAD : count > HEAD, "%u: %u", kinds[i], count);
    }
}

/* seven fields of the head are told: flags, instrument, account, side, liquidity, status, reason.
 */
Test(fields, every_kind_of_event_has_the_fields_of_its_body) {
    enum { HEAD = 7 };
    static const unsigned kinds[] = {
#define TRD_EVENT_ROW(name, number, text) number,
#include <tradsys/event.def>
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        cr_assert(fields_of(kinds[i], RECORD_EVENT) > HEAD, "%u", kinds[i]);
    }
}

Test(fields, every_kind_of_extension_has_fields) {
    static const unsigned kinds[] = {
#define TRD_EXTENSION_ROW(name, number, text) number,
#include <tradsys/command.def>
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        cr_assert(fields_of(kinds[i], RECORD_COMMAND) > 1, "%u", kinds[i]);
        cr_assert(fields_of(kinds[i], RECORD_EVENT) > 1, "%u", kinds[i]);
    }
}

Test(fields, prices_are_signed_and_ids_are_not) {
    const trd_command c = {.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .u.order = {.client_id = UINT64_MAX, .px = -3, .side = TRD_SELL}};
    cr_assert_str_eq(text_of(&c, RECORD_COMMAND, "px"), "-3");
    cr_assert_str_eq(text_of(&c, RECORD_COMMAND, "client_id"), "18446744073709551615");
    cr_assert_str_eq(text_of(&c, RECORD_COMMAND, "side"), "SELL");
}

/* One value of each list that has names, at the byte where docs/formats/records.md has the field.
 */
Test(fields, values_have_the_names_of_their_constants) {
    static const struct {
        record_kind record;
        uint8_t kind;
        uint8_t byte;
        uint8_t value;
        const char *field;
        const char *text;
    } rows[] = {
        {RECORD_COMMAND, TRD_COMMAND_NEW, 57, 11, "type", "PEGGED"},
        {RECORD_COMMAND, TRD_COMMAND_NEW, 58, 10, "tif", "GTT"},
        {RECORD_COMMAND, TRD_COMMAND_NEW, 59, 6, "stp", "REJECT"},
        {RECORD_COMMAND, TRD_COMMAND_NEW, 62, 2, "position", "SHORT"},
        {RECORD_COMMAND, TRD_COMMAND_PRICE, 40, 5, "source", "INDEX"},
        {RECORD_COMMAND, TRD_COMMAND_SESSION, 32, 7, "state", "HALTED"},
        {RECORD_COMMAND, TRD_COMMAND_TRANSFER, 56, 5, "action", "REPAY"},
        {RECORD_COMMAND, TRD_COMMAND_BOOKS, 60, 8, "action", "COLLATERAL"},
        {RECORD_COMMAND, TRD_EXT_ORDER_PRICES, 20, 6, "source", "MID"},
        {RECORD_EVENT, TRD_EVENT_FILL, 28, 1, "side", "BUY"},
        {RECORD_EVENT, TRD_EVENT_FILL, 29, 3, "liquidity", "AUCTION"},
        {RECORD_EVENT, TRD_EVENT_FILL, 30, 3, "status", "FILLED"},
        {RECORD_EVENT, TRD_EVENT_ACCEPTED, 30, 7, "status", "SUSPENDED"},
        {RECORD_EVENT, TRD_EVENT_CANCELED, 30, 6, "status", "EXPIRED"},
        {RECORD_EVENT, TRD_EVENT_MARGIN, 30, 4, "status", "BANKRUPT"},
        {RECORD_EVENT, TRD_EVENT_TRIGGERED, 31, 4, "reason", "MARK"},
        {RECORD_EVENT, TRD_EVENT_RESTATED, 31, 4, "reason", "SLIDE"},
        {RECORD_EVENT, TRD_EVENT_LIQUIDATION, 31, 8, "reason", "DONE"},
        {RECORD_EVENT, TRD_EVENT_SESSION, 32, 6, "state", "CLOSED"},
        {RECORD_EVENT, TRD_EVENT_LEDGER, 60, 16, "entry", "DELIVERY"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t slot[TRD_SLOT_SIZE] = {0};
        slot[16] = rows[i].kind;
        slot[rows[i].byte] = rows[i].value;
        cr_assert_str_eq(text_of(slot, rows[i].record, rows[i].field), rows[i].text, "row %zu", i);
    }
}

Test(fields, a_value_without_a_name_is_its_number) {
    const trd_command c = {.kind = TRD_COMMAND_NEW, .slots = 1, .u.order = {.side = 9}};
    cr_assert_str_eq(text_of(&c, RECORD_COMMAND, "side"), "9");
}

Test(fields, reserved_bytes_are_told_only_if_they_are_not_zero) {
    trd_command c = {.kind = TRD_COMMAND_CANCEL, .slots = 1};
    cr_assert_str_eq(text_of(&c, RECORD_COMMAND, "reserved"), "none");
    c.u.cancel.reserved[1] = 0xab;
    cr_assert_str_eq(text_of(&c, RECORD_COMMAND, "reserved"), "0000000000000000ab00000000000000");
}

Test(fields, bytes_of_a_kind_without_a_table_are_told) {
    trd_command c = {.kind = 95, .slots = 1};
    cr_assert_str_eq(text_of(&c, RECORD_COMMAND, "body"), "none");
    c.u.body[0] = 1;
    cr_assert(strncmp(text_of(&c, RECORD_COMMAND, "body"), "0100", 4) == 0);
    cr_assert_str_eq(slot_kind(&c, RECORD_COMMAND), "?");
}

/* A reason is that of the list which the event's kind names. */
Test(fields, reasons_and_causes_have_the_names_of_their_lists) {
    trd_event e = {.kind = TRD_EVENT_REJECTED,
        .slots = 1,
        .reason = TRD_REJECT_POST_ONLY,
        .liquidity = TRD_COMMAND_NEW};
    cr_assert_str_eq(text_of(&e, RECORD_EVENT, "reason"), "POST_ONLY");
    cr_assert_str_eq(text_of(&e, RECORD_EVENT, "liquidity"), "NEW");
    e = (trd_event){.kind = TRD_EVENT_CANCELED, .slots = 1, .reason = TRD_CAUSE_FOK};
    cr_assert_str_eq(text_of(&e, RECORD_EVENT, "reason"), "FOK");
    e = (trd_event){.kind = TRD_EVENT_ORDER, .slots = 1, .status = TRD_ORDER_REDUCED};
    cr_assert_str_eq(text_of(&e, RECORD_EVENT, "status"), "REDUCED");
}

Test(fields, a_line_has_the_extensions_behind_the_base) {
    union {
        trd_command base;
        trd_ext_text text;
    } record[2] = {
        {.base = {.seq = 5, .time = -2, .kind = TRD_COMMAND_TIMER, .slots = 2, .account = 7}}};
    record[1].text = (trd_ext_text){.kind = TRD_EXT_TEXT, .size = 6, .text = "a \"b\\c"};
    char *text = line_of(record, 2, RECORD_COMMAND, false);
    cr_assert_str_eq(
        text, "5 -2 TIMER instrument=0 account=7 + TEXT flags=0 size=6 text=\"a ?b?c\"\n");
    free(text);
    text = line_of(record, 2, RECORD_COMMAND, true);
    cr_assert_str_eq(text, "{\"kind\":\"TIMER\",\"seq\":5,\"time\":-2,\"flags\":0,\"instrument\":0,"
                           "\"account\":7,\"actor\":0,\"extensions\":[{\"kind\":\"TEXT\","
                           "\"flags\":0,\"size\":6,\"text\":\"a ?b?c\"}]}\n");
    free(text);
}
