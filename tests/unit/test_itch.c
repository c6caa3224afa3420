/* test_itch.c - ITCH 5.0: every message type against bytes written by hand from the field offsets
 * of the specification, and the ways in which messages follow each other. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/codec/itch.h>

#include "draw.h"
#include "wire_text.h"

typedef struct vector {
    const char *name;
    size_t size; /* of the message, by the specification */
    const char *wire;
    trd_itch_msg msg;
} vector;

/* type, locate, tracking and time, in hex and as fields; the time of each row has its top bit or
 * its lowest bit somewhere else than its neighbour. */
static const vector vectors[] = {
    {"SYSTEM_EVENT", 12, "'S' 0000 0000 0A30478F8F96 'O'",
        {.type = 'S', .time = 0x0A30478F8F96, .u.system = {'O'}}},
    {"STOCK_DIRECTORY", 39,
        "'R' 0102 0304 050607080910 'ALC     ' 'N' 'D' 00000064 'Y' 'A' 'Zx' 'P' 'n' 'i' '2' 'e' "
        "80000003 'v'",
        {.type = 'R',
            .locate = 0x0102,
            .tracking = 0x0304,
            .time = 0x050607080910,
            .u.directory = {.stock = "ALC     ",
                .market_category = 'N',
                .financial_status = 'D',
                .round_lot_qty = 100,
                .round_lots_only = 'Y',
                .classification = 'A',
                .subtype = "Zx",
                .authenticity = 'P',
                .short_sale_threshold = 'n',
                .ipo = 'i',
                .luld_tier = '2',
                .etp = 'e',
                .etp_leverage = 0x80000003,
                .inverse = 'v'}}},
    {"TRADING_ACTION", 25, "'H' FFFF FFFE FFFFFFFFFFFF 'BOB     ' 'Q' 07 'LUDP'",
        {.type = 'H',
            .locate = 0xFFFF,
            .tracking = 0xFFFE,
            .time = 0xFFFFFFFFFFFF,
            .u.action = {.stock = "BOB     ", .state = 'Q', .spare = 7, .reason = "LUDP"}}},
    {"REG_SHO", 20, "'Y' 0001 8000 000000000001 'CHARLIE ' '2'",
        {.type = 'Y',
            .locate = 1,
            .tracking = 0x8000,
            .time = 1,
            .u.reg_sho = {.stock = "CHARLIE ", .action = '2'}}},
    {"PARTICIPANT", 26, "'L' 1234 0000 800000000000 'MPID' 'DELTAECH' 'Y' 'N' 'A'",
        {.type = 'L',
            .locate = 0x1234,
            .time = 0x800000000000,
            .u.participant =
                {.mpid = "MPID", .stock = "DELTAECH", .primary = 'Y', .mode = 'N', .state = 'A'}}},
    {"MWCB_LEVELS", 35,
        "'V' 0000 0001 00000000FFFF 0000001122334455 8000000000000001 FEDCBA9876543210",
        {.type = 'V',
            .tracking = 1,
            .time = 0xFFFF,
            .u.mwcb_levels = {0x1122334455, 0x8000000000000001, 0xFEDCBA9876543210}}},
    {"MWCB_STATUS", 12, "'W' 0000 0002 000000010000 '3'",
        {.type = 'W', .tracking = 2, .time = 0x10000, .u.mwcb_status = {'3'}}},
    {"IPO_QUOTING", 28, "'K' 0010 0003 123456789ABC 'EPSILON ' 00008CA0 'A' 01020304",
        {.type = 'K',
            .locate = 16,
            .tracking = 3,
            .time = 0x123456789ABC,
            .u.ipo =
                {.stock = "EPSILON ", .release_s = 36000, .px = 0x01020304, .qualifier = 'A'}}},
    {"LULD_COLLAR", 35, "'J' 0011 0004 0000FFFF0000 'FOX     ' 000186A0 0001ADB0 00015F90 00000002",
        {.type = 'J',
            .locate = 17,
            .tracking = 4,
            .time = 0xFFFF0000,
            .u.collar = {.stock = "FOX     ",
                .reference_px = 100000,
                .upper_px = 110000,
                .lower_px = 90000,
                .extension = 2}}},
    {"OPERATIONAL_HALT", 21, "'h' 0012 0005 000100000000 'GOLF    ' 'X' 'T'",
        {.type = 'h',
            .locate = 18,
            .tracking = 5,
            .time = 0x100000000,
            .u.halt = {.stock = "GOLF    ", .market = 'X', .action = 'T'}}},
    {"ADD", 36, "'A' 0002 0000 1C522027C055 0102030405060708 'B' 000003E8 'BOB     ' 0000CFAF",
        {.type = 'A',
            .locate = 2,
            .time = 0x1C522027C055,
            .u.add = {.ref = 0x0102030405060708,
                .side = 'B',
                .qty = 1000,
                .stock = "BOB     ",
                .px = 53167}}},
    {"ADD_MPID", 40,
        "'F' 0003 0006 1DD7F895FA01 F0E0D0C0B0A09080 'S' FFFFFFFF 'HOTEL   ' FFFFFFFE 'NSDQ'",
        {.type = 'F',
            .locate = 3,
            .tracking = 6,
            .time = 0x1DD7F895FA01,
            .u.add = {.ref = 0xF0E0D0C0B0A09080,
                .side = 'S',
                .qty = UINT32_MAX,
                .stock = "HOTEL   ",
                .px = UINT32_MAX - 1,
                .mpid = "NSDQ"}}},
    {"EXECUTED", 31, "'E' 0004 0007 2000000000FF 1111111122222222 00000064 3333333344444444",
        {.type = 'E',
            .locate = 4,
            .tracking = 7,
            .time = 0x2000000000FF,
            .u.executed = {.ref = 0x1111111122222222, .qty = 100, .match = 0x3333333344444444}}},
    {"EXECUTED_AT", 36,
        "'C' 0005 0008 200000001000 5555555566666666 000000C8 7777777788888888 'N' 00ABCDEF",
        {.type = 'C',
            .locate = 5,
            .tracking = 8,
            .time = 0x200000001000,
            .u.executed = {.ref = 0x5555555566666666,
                .qty = 200,
                .match = 0x7777777788888888,
                .printable = 'N',
                .px = 0xABCDEF}}},
    {"CANCEL", 23, "'X' 0006 0009 200000002000 00000000000000FF 00010000",
        {.type = 'X',
            .locate = 6,
            .tracking = 9,
            .time = 0x200000002000,
            .u.cancel = {.ref = 255, .qty = 65536}}},
    {"DELETE", 19, "'D' 0007 000A 200000003000 FF00000000000000",
        {.type = 'D',
            .locate = 7,
            .tracking = 10,
            .time = 0x200000003000,
            .u.removed = {.ref = 0xFF00000000000000}}},
    {"REPLACE", 35,
        "'U' 0008 000B 200000004000 0000000000000011 0000000000000012 00000013 00000014",
        {.type = 'U',
            .locate = 8,
            .tracking = 11,
            .time = 0x200000004000,
            .u.replace = {.ref = 0x11, .new_ref = 0x12, .qty = 0x13, .px = 0x14}}},
    {"TAPE", 44,
        "'P' 0009 000C 200000005000 0000000000000000 'B' 00000001 'INDIA   ' 7FFFFFFF "
        "0000000100000002",
        {.type = 'P',
            .locate = 9,
            .tracking = 12,
            .time = 0x200000005000,
            .u.tape = {.ref = 0,
                .side = 'B',
                .qty = 1,
                .stock = "INDIA   ",
                .px = 0x7FFFFFFF,
                .match = 0x100000002}}},
    {"CROSS", 40,
        "'Q' 000A 000D 200000006000 0000000200000003 'JULIETT ' 0000ABCD 0000000400000005 'C'",
        {.type = 'Q',
            .locate = 10,
            .tracking = 13,
            .time = 0x200000006000,
            .u.cross = {.qty = 0x200000003,
                .stock = "JULIETT ",
                .px = 0xABCD,
                .match = 0x400000005,
                .kind = 'C'}}},
    {"BROKEN", 19, "'B' 000B 000E 200000007000 8070605040302010",
        {.type = 'B',
            .locate = 11,
            .tracking = 14,
            .time = 0x200000007000,
            .u.broken = {.match = 0x8070605040302010}}},
    {"IMBALANCE", 50,
        "'I' 000C 000F 200000008000 0000000600000007 0000000800000009 'B' 'KILO    ' 00000A0B "
        "00000C0D 00000E0F 'O' 'L'",
        {.type = 'I',
            .locate = 12,
            .tracking = 15,
            .time = 0x200000008000,
            .u.imbalance = {.paired_qty = 0x600000007,
                .imbalance_qty = 0x800000009,
                .direction = 'B',
                .stock = "KILO    ",
                .far_px = 0xA0B,
                .near_px = 0xC0D,
                .reference_px = 0xE0F,
                .kind = 'O',
                .variation = 'L'}}},
    {"RETAIL_INTEREST", 20, "'N' 000D 0010 200000009000 'LIMA    ' 'A'",
        {.type = 'N',
            .locate = 13,
            .tracking = 16,
            .time = 0x200000009000,
            .u.retail = {.stock = "LIMA    ", .interest = 'A'}}},
    {"DIRECT_LISTING", 48,
        "'O' 000E 0011 20000000A000 'MIKE    ' 'Y' 00001001 00002002 00003003 0000400400005005 "
        "00006006 00007007",
        {.type = 'O',
            .locate = 14,
            .tracking = 17,
            .time = 0x20000000A000,
            .u.listing = {.stock = "MIKE    ",
                .open_eligible = 'Y',
                .min_px = 0x1001,
                .max_px = 0x2002,
                .near_px = 0x3003,
                .near_time = 0x400400005005,
                .lower_px = 0x6006,
                .upper_px = 0x7007}}},
};

enum { VECTORS = sizeof(vectors) / sizeof(vectors[0]) };

static const trd_itch_msg untouched = {.u.body = {0xEE, 0xEE}, .type = 0xEE};

static bool same(const trd_itch_msg *a, const trd_itch_msg *b) {
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* --- One message ------------------------------------------------------------------------------ */

Test(itch, every_type_has_its_size_and_name_and_there_are_23) {
    int types = 0;
    for (unsigned type = 0; type < 300; type++) {
        const int size = trd_itch_size(type);
        types += size > 0;
        if (size <= 0) {
            cr_assert(eq(int, size, TRD_E_UNKNOWN), "type %u", type);
            cr_assert(eq(int, strcmp(trd_itch_text(type), "?"), 0), "type %u", type);
        }
    }
    cr_assert(eq(int, types, 23));
    cr_assert(eq(int, VECTORS, 23));
    for (int i = 0; i < VECTORS; i++) {
        const vector *v = &vectors[i];
        cr_assert(eq(int, trd_itch_size(v->msg.type), (int)v->size), "%s", v->name);
        cr_assert(eq(int, strcmp(trd_itch_text(v->msg.type), v->name), 0), "%s", v->name);
        cr_assert(eq(sz, wire_text(v->wire).size, v->size), "%s: the vector itself", v->name);
    }
}

Test(itch, every_type_is_decoded_from_the_offsets_of_the_specification) {
    for (int i = 0; i < VECTORS; i++) {
        const wire_bytes wire = wire_text(vectors[i].wire);
        trd_itch_msg msg = untouched;
        cr_assert(eq(int, trd_itch_decode(wire.data, wire.size, &msg), (int)vectors[i].size));
        cr_assert(same(&msg, &vectors[i].msg), "%s", vectors[i].name);
    }
}

Test(itch, every_type_is_encoded_to_the_offsets_of_the_specification) {
    for (int i = 0; i < VECTORS; i++) {
        const wire_bytes wire = wire_text(vectors[i].wire);
        uint8_t bytes[TRD_ITCH_SIZE_MAX + 1];
        memset(bytes, 0xEE, sizeof(bytes));
        const int size = trd_itch_encode(&vectors[i].msg, bytes, sizeof(bytes));
        cr_assert(eq(int, size, (int)vectors[i].size), "%s", vectors[i].name);
        cr_assert(eq(int, memcmp(bytes, wire.data, wire.size), 0), "%s", vectors[i].name);
        cr_assert(eq(int, bytes[size], 0xEE), "%s wrote behind its end", vectors[i].name);
    }
}

Test(itch, what_follows_a_message_is_not_consumed) {
    for (int i = 0; i < VECTORS; i++) {
        wire_bytes wire = wire_text(vectors[i].wire);
        memset(wire.data + wire.size, 0xEE, 100);
        trd_itch_msg msg;
        cr_assert(eq(int, trd_itch_decode(wire.data, wire.size + 100, &msg), (int)wire.size));
        cr_assert(same(&msg, &vectors[i].msg), "%s", vectors[i].name);
    }
}

/* The bytes are copied to a block of exactly their size, so that a sanitizer sees any read beyond.
 */
Test(itch, a_message_that_is_cut_anywhere_is_truncated_and_leaves_the_output_alone) {
    for (int i = 0; i < VECTORS; i++) {
        const wire_bytes wire = wire_text(vectors[i].wire);
        for (size_t size = 0; size < wire.size; size++) {
            uint8_t *cut = malloc(size + 1);
            memcpy(cut + 1, wire.data, size);
            trd_itch_msg msg = untouched;
            cr_assert(eq(int, trd_itch_decode(cut + 1, size, &msg), TRD_E_TRUNCATED), "%s at %zu",
                vectors[i].name, size);
            cr_assert(same(&msg, &untouched));
            free(cut);
        }
    }
}

Test(itch, an_unknown_type_is_unknown_and_leaves_the_outputs_alone) {
    uint8_t bytes[64] = {0};
    for (int type = 0; type < 256; type++) {
        if (trd_itch_size((unsigned)type) > 0) {
            continue;
        }
        bytes[0] = (uint8_t)type;
        trd_itch_msg msg = untouched;
        cr_assert(eq(int, trd_itch_decode(bytes, sizeof(bytes), &msg), TRD_E_UNKNOWN));
        cr_assert(eq(int, trd_itch_decode(bytes, 1, &msg), TRD_E_UNKNOWN));
        cr_assert(same(&msg, &untouched));
        const trd_itch_msg bad = {.type = (uint8_t)type};
        uint8_t out[64] = {0};
        cr_assert(eq(int, trd_itch_encode(&bad, out, sizeof(out)), TRD_E_UNKNOWN));
        cr_assert(eq(int, out[0], 0));
    }
}

Test(itch, an_encoder_without_room_or_with_a_time_of_49_bits_writes_nothing) {
    uint8_t out[64] = {0};
    const uint8_t zero[64] = {0};
    for (int i = 0; i < VECTORS; i++) {
        trd_itch_msg msg = vectors[i].msg;
        for (size_t capacity = 0; capacity < vectors[i].size; capacity++) {
            cr_assert(eq(int, trd_itch_encode(&msg, out, capacity), TRD_E_FULL));
        }
        msg.time = (trd_ns)1 << 48;
        cr_assert(eq(int, trd_itch_encode(&msg, out, sizeof(out)), TRD_E_RANGE));
        msg.time = -1;
        cr_assert(eq(int, trd_itch_encode(&msg, out, sizeof(out)), TRD_E_RANGE));
        cr_assert(eq(int, memcmp(out, zero, sizeof(out)), 0), "%s", vectors[i].name);
    }
}

/* Any bytes at all behind the type are kept, and each has its own place in the record: a change of
 * one byte on the wire changes the record. */
Test(itch, any_bytes_go_through_the_record_and_come_back) {
    const uint64_t seed = draw_seed(1);
    draw d = trd__rng_seeded(seed);
    for (int run = 0; run < 20000; run++) {
        const vector *v = &vectors[run % VECTORS];
        uint8_t bytes[TRD_ITCH_SIZE_MAX], again[TRD_ITCH_SIZE_MAX];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            bytes[i] = (uint8_t)draw_u64(&d);
        }
        bytes[0] = v->msg.type;
        trd_itch_msg msg, changed;
        cr_assert(eq(int, trd_itch_decode(bytes, sizeof(bytes), &msg), (int)v->size));
        cr_assert(eq(int, trd_itch_encode(&msg, again, v->size), (int)v->size));
        cr_assert(eq(int, memcmp(bytes, again, v->size), 0), "%s, seed %" PRIu64, v->name, seed);
        trd_itch_decode(again, v->size, &changed);
        cr_assert(same(&msg, &changed), "%s, seed %" PRIu64, v->name, seed);

        again[1 + draw_below(&d, v->size - 1)] ^= 1;
        trd_itch_decode(again, v->size, &changed);
        cr_assert(not(same(&msg, &changed)), "%s, seed %" PRIu64, v->name, seed);
    }
}

/* --- Behind a length -------------------------------------------------------------------------- */

Test(itch_take, says_what_it_did_with_each_message) {
    const wire_bytes wire = wire_text("'D' 0007 000A 200000003000 FF00000000000000 '!'");
    trd_itch_counts counts = {0};
    trd_itch_msg msg = untouched;
    cr_assert(eq(int, trd_itch_take(wire.data, 18, &msg, &counts), 0)); /* one byte short */
    cr_assert(eq(int, trd_itch_take(wire.data, 0, &msg, &counts), 0));  /* empty */
    cr_assert(eq(int, trd_itch_take((const uint8_t *)"Z12345", 6, &msg, &counts), 0));
    cr_assert(same(&msg, &untouched));
    cr_assert(eq(u64, counts.malformed, 2));
    cr_assert(eq(u64, counts.unknown, 1));
    cr_assert(eq(u64, counts.messages, 0));
    cr_assert(eq(int, trd_itch_take(wire.data, 19, &msg, &counts), 1));
    cr_assert(eq(u64, counts.oversized, 0));
    cr_assert(eq(int, trd_itch_take(wire.data, 20, &msg, &counts), 1));
    cr_assert(eq(u64, counts.oversized, 1));
    cr_assert(eq(u64, msg.u.removed.ref, 0xFF00000000000000));
    cr_assert(eq(u64, counts.messages, 2));
    cr_assert(eq(u64, counts.type['D'], 2));
    cr_assert(eq(u64, counts.truncated, 0));
}

/* --- Files ------------------------------------------------------------------------------------ */

static const char *const file_with_lengths =
    "000C 'S' 0000 0000 000000000001 'O'"
    "0013 'D' 0001 0000 000000000002 0000000000000005"
    "0004 'zzzz'"                                               /* unknown */
    "000B 'S' 0000 0000 000000000003"                           /* short */
    "000E 'S' 0000 0000 000000000004 'Q' 'xy'"                  /* long */
    "0017 'X' 0001 0000 000000000005 0000000000000005 00000001" /* plain */
    "0000";
static const char *const file_with_zeros = "0000 'S' 0000 0000 000000000001 'O'"
                                           "0000 'D' 0001 0000 000000000002 0000000000000005"
                                           "0000 'S' 0000 0000 000000000003 'C'";
static const char *const file_raw = "'S' 0000 0000 000000000001 'O'"
                                    "'D' 0001 0000 000000000002 0000000000000005"
                                    "'S' 0000 0000 000000000003 'C'";

static trd_itch_reader reader_of(unsigned framing, const wire_bytes *wire) {
    trd_itch_reader reader;
    cr_assert(eq(int, trd_itch_reader_init(&reader, framing), TRD_OK));
    trd_itch_reader_feed(&reader, wire->data, wire->size);
    return reader;
}

static void expect_next(trd_itch_reader *reader, char type, trd_ns time) {
    trd_itch_msg msg = untouched;
    cr_assert(eq(int, trd_itch_reader_next(reader, &msg), 1), "%c at %" PRId64, type, time);
    cr_assert(eq(chr, (char)msg.type, type));
    cr_assert(eq(i64, msg.time, time));
}

static void expect_result(trd_itch_reader *reader, int result) {
    trd_itch_msg msg = untouched;
    cr_assert(eq(int, trd_itch_reader_next(reader, &msg), result));
    cr_assert(same(&msg, &untouched));
}

Test(itch_reader, with_lengths_skips_and_counts_what_it_cannot_use) {
    const wire_bytes wire = wire_text(file_with_lengths);
    trd_itch_reader reader = reader_of(TRD_ITCH_FRAMING_LENGTH, &wire);
    expect_next(&reader, 'S', 1);
    expect_next(&reader, 'D', 2);
    expect_next(&reader, 'S', 4);
    expect_next(&reader, 'X', 5);
    cr_assert(eq(int, reader.ended, 0));
    expect_result(&reader, 0);
    cr_assert(eq(int, reader.ended, 1));
    cr_assert(eq(sz, reader.at, wire.size));
    cr_assert(eq(int, trd_itch_reader_finish(&reader), TRD_OK));
    cr_assert(eq(u64, reader.counts.messages, 4));
    cr_assert(eq(u64, reader.counts.unknown, 1));
    cr_assert(eq(u64, reader.counts.malformed, 1));
    cr_assert(eq(u64, reader.counts.oversized, 1));
    cr_assert(eq(u64, reader.counts.truncated, 0));
    cr_assert(eq(u64, reader.counts.type['S'], 2));
    cr_assert(eq(u64, reader.counts.type['D'], 1));
    cr_assert(eq(u64, reader.counts.type['X'], 1));
}

Test(itch_reader, reads_nothing_behind_the_length_that_ends_a_file) {
    const wire_bytes wire = wire_text("0000 000C 'S' 0000 0000 000000000001 'O'");
    trd_itch_reader reader = reader_of(TRD_ITCH_FRAMING_LENGTH, &wire);
    expect_result(&reader, 0);
    expect_result(&reader, 0);
    cr_assert(eq(int, reader.ended, 1));
    cr_assert(eq(sz, reader.at, 2));
    cr_assert(eq(int, trd_itch_reader_finish(&reader), TRD_OK));
}

Test(itch_reader, tells_a_file_without_its_end_from_one_cut_inside_a_message) {
    wire_bytes wire = wire_text("000C 'S' 0000 0000 000000000001 'O'");
    trd_itch_reader reader = reader_of(TRD_ITCH_FRAMING_LENGTH, &wire);
    expect_next(&reader, 'S', 1);
    expect_result(&reader, 0);
    cr_assert(eq(int, trd_itch_reader_finish(&reader), TRD_OK));
    cr_assert(eq(int, reader.ended, 0));

    wire.size--;
    reader = reader_of(TRD_ITCH_FRAMING_LENGTH, &wire);
    expect_result(&reader, 0);
    cr_assert(eq(int, trd_itch_reader_finish(&reader), TRD_E_TRUNCATED));
    cr_assert(eq(u64, reader.counts.truncated, 1));
    cr_assert(eq(u64, reader.counts.messages, 0));
}

static void three_messages(unsigned framing, const char *text) {
    const wire_bytes wire = wire_text(text);
    trd_itch_reader reader = reader_of(framing, &wire);
    expect_next(&reader, 'S', 1);
    expect_next(&reader, 'D', 2);
    expect_next(&reader, 'S', 3);
    expect_result(&reader, 0);
    cr_assert(eq(int, trd_itch_reader_finish(&reader), TRD_OK));
    cr_assert(eq(sz, reader.at, wire.size));
    cr_assert(eq(u64, reader.counts.messages, 3));
}

Test(itch_reader, with_zeros_takes_the_length_from_the_type) {
    three_messages(TRD_ITCH_FRAMING_ZERO, file_with_zeros);
}

Test(itch_reader, raw_takes_the_length_from_the_type) {
    three_messages(TRD_ITCH_FRAMING_RAW, file_raw);
}

Test(itch_reader, without_a_length_stands_before_a_type_it_does_not_know) {
    wire_bytes wire = wire_text("0000 'S' 0000 0000 000000000001 'O' 0000 'Z' 1122");
    trd_itch_reader reader = reader_of(TRD_ITCH_FRAMING_ZERO, &wire);
    expect_next(&reader, 'S', 1);
    expect_result(&reader, TRD_E_FORMAT);
    expect_result(&reader, TRD_E_FORMAT);
    cr_assert(eq(sz, reader.at, 14));
    cr_assert(eq(u64, reader.counts.messages, 1));

    wire = wire_text("'S' 0000 0000 000000000001 'O' 'Z'");
    reader = reader_of(TRD_ITCH_FRAMING_RAW, &wire);
    expect_next(&reader, 'S', 1);
    expect_result(&reader, TRD_E_FORMAT);
    cr_assert(eq(sz, reader.at, 12));
}

Test(itch_reader, with_zeros_refuses_anything_else_in_their_place) {
    static const char *const bad[] = {"01", "0001", "000C 'S' 0000 0000 000000000001 'O'"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const wire_bytes wire = wire_text(bad[i]);
        trd_itch_reader reader = reader_of(TRD_ITCH_FRAMING_ZERO, &wire);
        expect_result(&reader, TRD_E_FORMAT);
        cr_assert(eq(sz, reader.at, 0));
    }
}

Test(itch_reader, there_are_three_framings) {
    trd_itch_reader reader = {.framing = 77};
    cr_assert(eq(int, trd_itch_reader_init(&reader, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_itch_reader_init(&reader, 4), TRD_E_ARG));
    cr_assert(eq(int, reader.framing, 77));
    for (unsigned framing = 1; framing <= 3; framing++) {
        cr_assert(eq(int, trd_itch_reader_init(&reader, framing), TRD_OK));
        expect_result(&reader, 0);
        cr_assert(eq(int, trd_itch_reader_finish(&reader), TRD_OK));
    }
}

/* Reads `wire` in spans of at most `step` new bytes, each in a block of exactly its size, and
 * stores what comes. Returns how many. */
static int read_in_steps(unsigned framing, const wire_bytes *wire, size_t step, trd_itch_msg *out,
    trd_itch_counts *sum) {
    trd_itch_reader reader;
    trd_itch_reader_init(&reader, framing);
    int count = 0;
    uint8_t *span = NULL;
    for (size_t at = 0, end = 0; end < wire->size;) {
        end = end + step < wire->size ? end + step : wire->size;
        uint8_t *fresh = malloc(end - at);
        memcpy(fresh, wire->data + at, end - at);
        trd_itch_reader_feed(&reader, fresh, end - at);
        free(span);
        span = fresh;
        while (trd_itch_reader_next(&reader, &out[count]) == 1) {
            count++;
        }
        at = (size_t)reader.offset + reader.at;
    }
    cr_assert(eq(int, trd_itch_reader_finish(&reader), TRD_OK));
    *sum = reader.counts;
    free(span);
    return count;
}

Test(itch_reader, how_the_input_is_cut_makes_no_difference) {
    const char *const files[] = {file_with_lengths, file_with_zeros, file_raw};
    for (unsigned framing = 1; framing <= 3; framing++) {
        const wire_bytes wire = wire_text(files[framing - 1]);
        trd_itch_msg whole[8], parts[8];
        trd_itch_counts whole_counts, counts;
        const int expected = read_in_steps(framing, &wire, wire.size, whole, &whole_counts);
        cr_assert(eq(int, expected, framing == 1 ? 4 : 3));
        for (size_t step = 1; step < wire.size; step++) {
            const int count = read_in_steps(framing, &wire, step, parts, &counts);
            cr_assert(eq(int, count, expected), "framing %u step %zu", framing, step);
            cr_assert(eq(int, memcmp(parts, whole, sizeof(whole[0]) * (size_t)count), 0));
            cr_assert(eq(int, memcmp(&counts, &whole_counts, sizeof(counts)), 0));
        }
    }
}

Test(itch_detect, tells_the_two_kinds_of_file_and_strangers) {
    static const struct {
        const char *wire;
        int result;
    } rows[] = {
        {"", TRD_E_TRUNCATED}, {"00", TRD_E_TRUNCATED}, {"000C", TRD_E_TRUNCATED},
        {"0000", TRD_ITCH_FRAMING_LENGTH}, /* nothing but the end */
        {"000C 'S'", TRD_ITCH_FRAMING_LENGTH},
        {"000C 'S' 0000 0000 000000000001 'O' FFFF", TRD_ITCH_FRAMING_LENGTH},
        {"0000 'S'", TRD_ITCH_FRAMING_ZERO},
        {"0000 'S' 0000 0000 000000000001 'O'", TRD_ITCH_FRAMING_ZERO},
        {"0000 'S' 0000 0000 000000000001 'O' 00", TRD_ITCH_FRAMING_ZERO},
        {"0000 'S' 0000 0000 000000000001 'O' 0000", TRD_ITCH_FRAMING_ZERO},
        {"0000 'S' 0000 0000 000000000001 'O' 0000 'R'", TRD_ITCH_FRAMING_ZERO},
        {"0000 'S' 0000 0000 000000000001 'O' 0000 'Z'", TRD_E_FORMAT},
        {"0000 'S' 0000 0000 000000000001 'O' 01", TRD_E_FORMAT},
        {"0000 'S' 0000 0000 000000000001 'O' 0001", TRD_E_FORMAT},
        {"000D 'S' 0000 0000 000000000001 'O'", TRD_E_FORMAT}, /* not the length of an S */
        {"000C 'Z'", TRD_E_FORMAT}, {"0000 00", TRD_E_FORMAT},
        {"1F8B 0808", TRD_E_FORMAT},                      /* gzip */
        {"D4C3 B2A1 0200 0400", TRD_E_FORMAT},            /* a capture */
        {"'8=FIX.4.4'", TRD_E_FORMAT},                    /* text */
        {"'S' 0000 0000 000000000001 'O'", TRD_E_FORMAT}, /* raw is not guessed */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const wire_bytes wire = wire_text(rows[i].wire);
        cr_assert(eq(int, trd_itch_detect(wire.data, wire.size), rows[i].result), "row %zu: %s", i,
            rows[i].wire);
    }
}

/* --- A recorded file -------------------------------------------------------------------------- */

static uint8_t *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *data = malloc(*size + 1);
    cr_assert(eq(sz, fread(data, 1, *size, file), *size));
    fclose(file);
    return data;
}

/* Counts as stated by who recorded it. Every message must also encode to the bytes it came from. */
Test(itch_recorded, all_12012_messages_of_the_sample_day_are_read) {
    static const struct {
        char type;
        uint64_t count;
    } expected[] = {{'P', 5000}, {'A', 4997}, {'D', 1745}, {'E', 198}, {'X', 45}, {'U', 12},
        {'S', 6}, {'R', 3}, {'H', 3}, {'F', 3}};
    const char *directory = getenv("TRADSYS_DATA");
    if (directory == NULL) {
        cr_skip("TRADSYS_DATA names no directory with recorded data");
    }
    char path[4096];
    snprintf(path, sizeof(path), "%s/ritch-ex20101224.itch50", directory);
    size_t size = 0;
    uint8_t *data = read_file(path, &size);
    if (data == NULL) {
        cr_skip("no ritch-ex20101224.itch50 in TRADSYS_DATA");
    }
    cr_assert(eq(int, trd_itch_detect(data, size), TRD_ITCH_FRAMING_ZERO));
    trd_itch_reader reader;
    trd_itch_reader_init(&reader, TRD_ITCH_FRAMING_ZERO);
    trd_itch_reader_feed(&reader, data, size);
    trd_itch_msg msg;
    uint8_t bytes[TRD_ITCH_SIZE_MAX];
    int result;
    for (size_t at = 2; (result = trd_itch_reader_next(&reader, &msg)) == 1; at = reader.at + 2) {
        const int used = trd_itch_encode(&msg, bytes, sizeof(bytes));
        cr_assert(eq(int, memcmp(bytes, data + at, (size_t)used), 0), "at %zu", at);
    }
    cr_assert(eq(int, result, 0));
    cr_assert(eq(int, trd_itch_reader_finish(&reader), TRD_OK));
    cr_assert(eq(sz, reader.at, size));
    cr_assert(eq(u64, reader.counts.messages, 12012));
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        cr_assert(eq(u64, reader.counts.type[(uint8_t)expected[i].type], expected[i].count), "%c",
            expected[i].type);
    }
    free(data);
}
