/* The bytes of the journal, in memory: docs/formats/journal.md. Expected bytes are laid out by hand
 * from the page (tests/support/journal_bytes.h), their hashes made by libxxhash. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include <tradsys/journal.h>

#include "journal_bytes.h"

#define ID UINT64_C(0x1122334455667788)

enum { SIZE = TRD_JOURNAL_SIZE_MIN };

static trd_journal_head head_of(uint64_t number) {
    trd_journal_head head = {.id = ID, .number = number, .size = SIZE, .time = -5};
    cr_assert(eq(int, trd_journal_head_seal(&head), TRD_OK));
    return head;
}

static trd_journal_place place_in(uint64_t number, uint64_t seq) {
    trd_journal_place place = {.seq = seq};
    const trd_journal_head head = head_of(number);
    cr_assert(eq(int, trd_journal_turn(&place, &head), TRD_OK));
    return place;
}

Test(journal, a_head_has_the_bytes_of_the_page) {
    const trd_journal_head head = head_of(3);
    uint8_t slot[64] = {'T', 'R', 'D', 'J', 'R', 'N', 'L', '1', 0xfb, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 96, 1, 1, 0, 0, 16, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 3, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    jb_put(slot + 56, 8, XXH3_64bits_withSeed(slot, 56, 0));
    cr_assert(memcmp(&head, slot, 64) == 0);
}

Test(journal, a_head_is_recognised_by_every_bit) {
    trd_journal_head head = head_of(3), out;
    uint8_t *bytes = (uint8_t *)&head;
    cr_assert(eq(int, trd_journal_head_check(bytes, 64, &out), TRD_OK));
    cr_assert(memcmp(&out, &head, 64) == 0);
    cr_assert(eq(int, trd_journal_head_check(bytes, 63, &out), TRD_E_TRUNCATED));
    for (int bit = 0; bit < 512; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert(eq(int, trd_journal_head_check(bytes, 64, &out), TRD_E_FORMAT), "bit %d", bit);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* A head whose hash is right, and whose fields are not. */
Test(journal, a_head_of_another_version_or_layout_is_none) {
    static const struct {
        int at, width;
        uint64_t value;
    } rows[] = {{16, 1, 95}, {17, 1, 2}, {18, 2, 2}, {20, 4, 8192}, {32, 8, 0},
        {40, 8, SIZE - 4096}, {40, 8, SIZE + 64}, {40, 8, TRD_JOURNAL_SIZE_MAX + UINT64_C(4096)},
        {48, 8, 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        trd_journal_head head = head_of(3), out;
        uint8_t *bytes = (uint8_t *)&head;
        jb_put(bytes + rows[i].at, rows[i].width, rows[i].value);
        jb_put(bytes + 56, 8, XXH3_64bits_withSeed(bytes, 56, 0));
        cr_assert(eq(int, trd_journal_head_check(bytes, 64, &out), TRD_E_FORMAT), "row %zu", i);
    }
}

/* Two commands, the second of two slots; then a checkpoint; then nothing. */
Test(journal, frames_have_the_bytes_of_the_page) {
    uint8_t made[64 * 8] = {0}, wanted[64 * 8] = {0};
    trd_journal_place place = place_in(7, 100);
    place.time = 50;
    place.hash = 0xabcdef;
    jb_command(made + 64, 100, 50, 1, 1);
    jb_command(made + 128, 101, 60, 3, 2);
    jb_extension(made + 192, 0, 130);
    cr_assert(eq(int, trd_journal_frame_seal(&place, made, 3), TRD_OK));
    place.synced = 4352;
    const trd_journal_check check = {.seq = 99,
        .kind = TRD_JOURNAL_CHECK,
        .slots = 1,
        .events = 0x0102,
        .digest = 0x0304,
        .time = 7};
    memcpy(made + 320, &check, 64);
    cr_assert(eq(int, trd_journal_frame_seal(&place, made + 256, 1), TRD_OK));
    cr_assert(eq(int, trd_journal_frame_seal(&place, made + 384, 0), TRD_OK));

    jb_put(wanted, 8, 100);
    jb_put(wanted + 8, 8, 60);
    wanted[16] = 97, wanted[17] = 1, wanted[20] = 2, wanted[24] = 3;
    jb_put(wanted + 32, 8, 0xabcdef);
    jb_put(wanted + 40, 8, 4096);
    memcpy(wanted + 64, made + 64, 192);
    jb_put(wanted + 56, 8, jb_hash(ID, 7, 4096, wanted));

    jb_put(wanted + 256, 8, 102);
    jb_put(wanted + 264, 8, 60);
    wanted[272] = 97, wanted[273] = 1, wanted[280] = 1;
    memcpy(wanted + 288, wanted + 56, 8);
    jb_put(wanted + 296, 8, 4352);
    wanted[320] = 99, wanted[328] = 7, wanted[336] = 98, wanted[337] = 1;
    wanted[344] = 2, wanted[345] = 1, wanted[352] = 4, wanted[353] = 3;
    jb_put(wanted + 312, 8, jb_hash(ID, 7, 4352, wanted + 256));

    jb_put(wanted + 384, 8, 102);
    jb_put(wanted + 392, 8, 60);
    wanted[400] = 97, wanted[401] = 1;
    memcpy(wanted + 416, wanted + 312, 8);
    jb_put(wanted + 424, 8, 4352);
    jb_put(wanted + 440, 8, jb_hash(ID, 7, 4480, wanted + 384));

    for (int i = 0; i < 448; i++) {
        cr_assert(eq(u8, made[i], wanted[i]), "byte %d", i);
    }
    cr_assert(eq(u64, place.seq, 102));
    cr_assert(eq(u64, place.at, 4096 + 448));
    cr_assert(eq(u64, place.hash, jb_get(wanted + 440, 8)));
    cr_assert(eq(i64, place.time, 60));
}

/* d(none) = 0, d(s1) = hash(s1, 0), d(s1 s2) = hash(s2, d(s1)). */
Test(journal, a_digest_does_not_depend_on_how_the_stream_is_cut) {
    uint8_t slots[128];
    for (int i = 0; i < 128; i++) {
        slots[i] = (uint8_t)(i * 3);
    }
    const uint64_t one = XXH3_64bits_withSeed(slots, 64, 0);
    const uint64_t two = XXH3_64bits_withSeed(slots + 64, 64, one);
    cr_assert(eq(u64, trd_journal_digest(slots, 0, 0), 0));
    cr_assert(eq(u64, trd_journal_digest(slots, 1, 0), one));
    cr_assert(eq(u64, trd_journal_digest(slots, 2, 0), two));
    cr_assert(eq(u64, trd_journal_digest(slots + 64, 1, one), two));
}

/* Payloads that are none: `slots` of them at seq 10, time 100. */
typedef struct payload {
    const char *why;
    uint32_t slots;
    uint8_t bytes[64 * 6];
} payload;

#define PAYLOADS 23

static size_t make_payloads(payload *out) {
    size_t n = 0;
#define ROW(text, count, ...)                                                                      \
    do {                                                                                           \
        payload *p = &out[n++];                                                                    \
        memset(p, 0, sizeof(*p));                                                                  \
        p->why = text;                                                                             \
        p->slots = count;                                                                          \
        uint8_t *b = p->bytes;                                                                     \
        __VA_ARGS__;                                                                               \
    } while (0)
    ROW("a lower seq", 1, jb_command(b, 9, 100, 1, 1));
    ROW("a higher seq", 1, jb_command(b, 11, 100, 1, 1));
    ROW("seq twice", 2, jb_command(b, 10, 100, 1, 1); jb_command(b + 64, 10, 100, 1, 1));
    ROW("time falls", 1, jb_command(b, 10, 99, 1, 1));
    ROW("time falls inside", 2, jb_command(b, 10, 200, 1, 1); jb_command(b + 64, 11, 199, 1, 1));
    ROW("kind 0", 1, jb_command(b, 10, 100, 0, 1));
    ROW("kind of a head", 1, jb_command(b, 10, 100, 96, 1));
    ROW("kind of a frame", 1, jb_command(b, 10, 100, 97, 1));
    ROW("an extension first", 1, jb_command(b, 10, 100, 128, 1));
    ROW("no slots", 1, jb_command(b, 10, 100, 1, 0));
    ROW("five slots", 5, jb_command(b, 10, 100, 1, 5);
        for (int i = 1; i < 5; i++) jb_extension(b + 64 * i, 10, 129));
    ROW("cut inside", 1, jb_command(b, 10, 100, 1, 2));
    ROW("a base where an extension belongs", 2, jb_command(b, 10, 100, 1, 2);
        jb_command(b + 64, 11, 100, 1, 0));
    ROW("an extension with slots", 2, jb_command(b, 10, 100, 1, 2);
        jb_command(b + 64, 10, 0, 129, 1));
    ROW("a check of the next command", 1, jb_put(b, 8, 10); b[16] = 98; b[17] = 1);
    ROW("a check with flags", 1, jb_put(b, 8, 9); b[16] = 98; b[17] = 1; b[18] = 1);
    ROW("a check of two slots", 1, jb_put(b, 8, 9); b[16] = 98; b[17] = 2);
    ROW("a check with byte 20 set", 1, jb_put(b, 8, 9); b[16] = 98; b[17] = 1; b[20] = 1);
    ROW("a check with byte 40 set", 1, jb_put(b, 8, 9); b[16] = 98; b[17] = 1; b[40] = 1);
    ROW("a check with byte 48 set", 1, jb_put(b, 8, 9); b[16] = 98; b[17] = 1; b[48] = 1);
    ROW("a check with byte 63 set", 1, jb_put(b, 8, 9); b[16] = 98; b[17] = 1; b[63] = 1);
    ROW("a check behind a command", 2, jb_command(b, 10, 100, 1, 1); jb_put(b + 64, 8, 9);
        b[80] = 98; b[81] = 1);
    ROW("two checks", 2, jb_put(b, 8, 9); b[16] = 98; b[17] = 1; jb_put(b + 64, 8, 9); b[80] = 98;
        b[81] = 1);
#undef ROW
    return n;
}

Test(journal, slots_that_are_no_payload_are_refused_and_change_nothing) {
    static payload payloads[PAYLOADS];
    cr_assert(eq(sz, make_payloads(payloads), PAYLOADS));
    for (size_t i = 0; i < PAYLOADS; i++) {
        uint8_t made[64 * 7], was[64 * 7];
        trd_journal_place place = place_in(1, 10);
        place.time = 100;
        const trd_journal_place before = place;
        memset(made, 0x5a, 64);
        memcpy(made + 64, payloads[i].bytes, sizeof(payloads[i].bytes));
        memcpy(was, made, sizeof(made));
        const int result = trd_journal_frame_seal(&place, made, payloads[i].slots);
        cr_assert(eq(int, result, TRD_E_ARG), "%s", payloads[i].why);
        cr_assert(memcmp(&place, &before, sizeof(place)) == 0, "%s", payloads[i].why);
        cr_assert(memcmp(made, was, sizeof(made)) == 0, "%s", payloads[i].why);
    }
}

/* The same payloads, in frames whose hash is right: no interrupted write makes them. */
Test(journal, a_whole_frame_with_such_a_payload_is_damage) {
    static payload payloads[PAYLOADS];
    const trd_journal_frame *frame;
    make_payloads(payloads);
    for (size_t i = 0; i < PAYLOADS; i++) {
        static jb s;
        trd_journal_walk walk;
        trd_journal_report report;
        jb_begin(&s, NULL, ID, 1, SIZE);
        s.seq = 10;
        jb_add(&s, NULL, 0, 0, 100); /* so that seq and time are known */
        const bool check = payloads[i].bytes[16] == 98;
        const uint8_t *last = payloads[i].bytes + 64 * (payloads[i].slots - 1);
        jb_add(&s, payloads[i].bytes, payloads[i].slots, check ? 0 : payloads[i].slots,
            check ? 100 : (int64_t)jb_get(last + 8, 8));
        trd_journal_walk_begin(&walk);
        cr_assert(eq(int, trd_journal_walk_enter(&walk, 1, s.bytes, SIZE), TRD_OK));
        cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), 1));
        cr_assert(
            eq(int, trd_journal_walk_next(&walk, &frame), TRD_E_CORRUPT), "%s", payloads[i].why);
        cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), TRD_E_CORRUPT));
        cr_assert(eq(int, trd_journal_walk_end(&walk, &report), TRD_E_CORRUPT));
        cr_assert(eq(u64, report.at, 4160));
        cr_assert(eq(u64, report.last.seq, 10));
        jb_end(&s);
    }
}

/* Of the first frame that is read only the time at its end is known. */
Test(journal, a_first_frame_may_begin_at_any_time_and_goes_on_from_there) {
    for (int falls = 0; falls < 2; falls++) {
        static jb s;
        uint8_t both[64 * 2];
        trd_journal_walk walk;
        const trd_journal_frame *frame;
        jb_begin(&s, NULL, ID, 1, SIZE);
        jb_command(both, 1, 5, 1, 1);
        jb_command(both + 64, 2, 6 - 2 * falls, 1, 1);
        jb_add(&s, both, 2, 2, 6 - 2 * falls);
        trd_journal_walk_begin(&walk);
        cr_assert(eq(int, trd_journal_walk_enter(&walk, 1, s.bytes, SIZE), TRD_OK));
        cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), falls ? TRD_E_CORRUPT : 1));
        jb_end(&s);
    }
}

/* Heads of frames that are whole by their hash, and say what cannot be. */
Test(journal, a_whole_frame_that_does_not_continue_is_damage) {
    static const struct {
        const char *why;
        int at, width;
        uint64_t value;
    } rows[] = {{"seq", 0, 8, 3}, {"seq back", 0, 8, 1}, {"time", 8, 8, 3}, {"count", 20, 4, 2},
        {"before", 32, 8, 1}, {"synced too low", 40, 8, 4095}, {"synced beyond it", 40, 8, 4225}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static jb s;
        trd_journal_walk walk;
        const trd_journal_frame *frame;
        jb_begin(&s, NULL, ID, 1, SIZE);
        jb_add_plain(&s, 1);
        jb_add_plain(&s, 1); /* at 4,224, seq 2, time 2 */
        jb_put(s.bytes + 4224 + rows[i].at, rows[i].width, rows[i].value);
        jb_rehash(&s, 4224);
        trd_journal_walk_begin(&walk);
        cr_assert(eq(int, trd_journal_walk_enter(&walk, 1, s.bytes, SIZE), TRD_OK));
        cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), 1));
        cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), TRD_E_CORRUPT), "%s", rows[i].why);
        jb_end(&s);
    }
}

/* Heads whose fixed fields are not what they must be, though the hash is right: no frames at all,
 * so that a later version can give them a meaning and no earlier one mistakes it. */
Test(journal, a_frame_of_another_layout_is_none) {
    static const struct {
        const char *why;
        int at, width;
        uint64_t value;
    } rows[] = {{"kind", 16, 1, 98}, {"slots", 17, 1, 2}, {"flags", 18, 2, 256},
        {"payload", 24, 4, 1025}, {"reserved", 28, 4, 1}, {"reserved", 48, 8, 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static jb s;
        trd_journal_walk walk;
        trd_journal_report report;
        const trd_journal_frame *frame;
        jb_begin(&s, NULL, ID, 1, 2 * SIZE); /* room for 1,025 slots and more */
        jb_add_plain(&s, 1);
        jb_add_plain(&s, 1);
        jb_put(s.bytes + 4224 + rows[i].at, rows[i].width, rows[i].value);
        jb_rehash(&s, 4224);
        trd_journal_walk_begin(&walk);
        cr_assert(eq(int, trd_journal_walk_enter(&walk, 1, s.bytes, 2 * SIZE), TRD_OK));
        cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), 1));
        cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), 0), "%s", rows[i].why);
        cr_assert(eq(int, trd_journal_walk_end(&walk, &report), TRD_OK));
        cr_assert(eq(u32, report.outcome, TRD_JOURNAL_TORN), "%s", rows[i].why);
        jb_end(&s);
    }
}

/* 256 records of 4 slots are the 1,024 that a frame may hold; kinds from end to end. */
Test(journal, the_longest_records_fill_the_longest_frame) {
    static jb s;
    static uint8_t payload_bytes[64 * 1024];
    trd_journal_walk walk;
    const trd_journal_frame *frame;
    for (uint32_t i = 0; i < 256; i++) {
        uint8_t *record = payload_bytes + 64 * 4 * (size_t)i;
        jb_command(record, 1 + i, 7, i % 2 == 0 ? 1 : 95, 4);
        jb_extension(record + 64, i, 128);
        jb_extension(record + 128, i, 200);
        jb_extension(record + 192, i, 255);
    }
    jb_begin(&s, NULL, ID, 1, 2 * SIZE);
    jb_add(&s, payload_bytes, 1024, 256, 7);
    trd_journal_walk_begin(&walk);
    cr_assert(eq(int, trd_journal_walk_enter(&walk, 1, s.bytes, 2 * SIZE), TRD_OK));
    cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), 1));
    cr_assert(eq(u32, frame->payload, 1024));
    cr_assert(eq(u32, frame->count, 256));
    cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), 0));
    jb_end(&s);
}

/* The first frame that is read continues anything that can be. */
Test(journal, a_first_frame_has_a_number_and_leaves_room_for_the_next) {
    static const struct {
        uint64_t seq;
        int result;
    } rows[] = {{0, TRD_E_CORRUPT}, {1, 1}, {UINT64_MAX - 1, 1}, {UINT64_MAX, TRD_E_CORRUPT}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static jb s;
        trd_journal_walk walk;
        trd_journal_report report;
        const trd_journal_frame *frame;
        jb_begin(&s, NULL, ID, 1, SIZE);
        s.seq = rows[i].seq;
        jb_add_plain(&s, 1);
        trd_journal_walk_begin(&walk);
        cr_assert(eq(int, trd_journal_walk_enter(&walk, 1, s.bytes, SIZE), TRD_OK));
        cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), rows[i].result), "row %zu", i);
        if (rows[i].result < 0) { /* and nothing can be entered any more */
            cr_assert(eq(int, trd_journal_walk_enter(&walk, 2, s.bytes, SIZE), TRD_E_CORRUPT));
            cr_assert(eq(int, trd_journal_walk_end(&walk, &report), TRD_E_CORRUPT));
            cr_assert(eq(u64, report.number, 1));
            cr_assert(eq(u64, report.at, 4096));
        }
        jb_end(&s);
    }
}

Test(journal, a_journal_may_be_nothing_but_a_segment_that_was_being_made) {
    static uint8_t zeros[SIZE] __attribute__((aligned(64)));
    trd_journal_walk walk;
    trd_journal_report report;
    trd_journal_walk_begin(&walk);
    cr_assert(eq(int, trd_journal_walk_enter(&walk, 4, zeros, SIZE), TRD_OK));
    cr_assert(eq(int, trd_journal_walk_end(&walk, &report), TRD_OK));
    cr_assert(eq(u32, report.outcome, TRD_JOURNAL_CLEAN));
    cr_assert(eq(u64, report.number, 4));
    cr_assert(eq(u64, report.last.seq, 0));
    cr_assert(eq(u64, report.last.id, 0));
}

Test(journal, every_outcome_has_a_name) {
    for (unsigned i = TRD_JOURNAL_CLEAN; i <= TRD_JOURNAL_CORRUPT; i++) {
        for (unsigned other = 0; other < i; other++) {
            cr_assert(strcmp(trd_journal_outcome_text(i), trd_journal_outcome_text(other)) != 0);
        }
    }
}

Test(journal, a_frame_fits_to_the_last_slot_of_its_segment) {
    static uint8_t made[64 * 3];
    trd_journal_place place = place_in(1, 1);
    place.at = SIZE - 128;
    jb_command(made + 64, 1, 0, 1, 1);
    jb_command(made + 128, 2, 0, 1, 1);
    const trd_journal_place before = place;
    cr_assert(eq(int, trd_journal_frame_seal(&place, made, 2), TRD_E_FULL));
    cr_assert(memcmp(&place, &before, sizeof(place)) == 0);
    cr_assert(eq(int, trd_journal_frame_seal(&place, made, 1), TRD_OK));
    cr_assert(eq(u64, place.at, SIZE));
    cr_assert(eq(int, trd_journal_frame_seal(&place, made, 0), TRD_E_FULL));
    place.at = SIZE + 64; /* no place at all, and no room there either */
    cr_assert(eq(int, trd_journal_frame_seal(&place, made, 0), TRD_E_FULL));
}

/* Reads segments until one is refused or all are read; returns the frames. */
static size_t read_all(const jb *segments, size_t count, trd_journal_report *report, int *result) {
    trd_journal_walk walk;
    const trd_journal_frame *frame;
    size_t frames = 0;
    trd_journal_walk_begin(&walk);
    for (size_t i = 0; i < count; i++) {
        *result =
            trd_journal_walk_enter(&walk, segments[i].number, segments[i].bytes, segments[i].size);
        while (*result == TRD_OK && (*result = trd_journal_walk_next(&walk, &frame)) == 1) {
            frames++;
            *result = TRD_OK;
        }
        if (*result < 0) {
            break;
        }
    }
    *result = trd_journal_walk_end(&walk, report);
    cr_assert(eq(u64, report->frames, frames));
    return frames;
}

static jb three[3];

/* Three segments: frames of 2, 3 and 4 commands, each synced before the next one. */
static void make_three(void) {
    for (size_t i = 0; i < 3; i++) {
        jb_begin(&three[i], i > 0 ? &three[i - 1] : NULL, ID, 5 + i, SIZE);
        for (uint32_t n = 2; n < 5; n++) {
            jb_add_plain(&three[i], n);
            jb_sync(&three[i]);
        }
    }
}

/* Frames of a segment: at 4096 (192 bytes), 4288 (256), 4544 (320), up to 4864. */
enum { FIRST = 4096, SECOND = 4288, THIRD = 4544, END = 4864 };

static void expect(size_t count, size_t frames, unsigned outcome, uint64_t number, uint64_t at) {
    trd_journal_report report;
    int result;
    cr_expect(eq(sz, read_all(three, count, &report, &result), frames));
    cr_expect(eq(int, result, outcome == TRD_JOURNAL_CORRUPT ? TRD_E_CORRUPT : TRD_OK));
    cr_expect(eq(u32, report.outcome, outcome));
    cr_expect(eq(u64, report.number, number));
    cr_expect(eq(u64, report.at, at));
    cr_expect(eq(u64, report.last.id, ID));
}

Test(journal, segments_that_continue_are_read_to_the_end) {
    trd_journal_report report;
    int result;
    make_three();
    expect(3, 9, TRD_JOURNAL_CLEAN, 7, END);
    read_all(three, 3, &report, &result);
    cr_assert(eq(u64, report.commands, 27));
    cr_assert(eq(u64, report.last.seq, 28));
    cr_assert(eq(i64, report.last.time, 27));
    cr_assert(eq(u64, report.last.hash, three[2].before));
    cr_assert(eq(u64, report.last.number, 7));
    cr_assert(eq(u64, report.last.at, END));
}

Test(journal, the_first_segment_there_is_may_be_any) {
    trd_journal_report report;
    int result;
    make_three();
    cr_assert(eq(sz, read_all(three + 1, 2, &report, &result), 6));
    cr_assert(eq(int, result, TRD_OK));
    cr_assert(eq(u64, report.last.seq, 28));
}

Test(journal, a_torn_last_frame_is_cut) {
    make_three();
    three[2].bytes[THIRD + 100] ^= 1;
    expect(3, 8, TRD_JOURNAL_TORN, 7, THIRD);
}

Test(journal, what_a_later_frame_knew_to_be_on_the_disk_must_be_there) {
    make_three();
    three[2].bytes[SECOND + 100] ^= 1; /* the third frame has synced THIRD */
    expect(3, 7, TRD_JOURNAL_CORRUPT, 7, SECOND);
}

Test(journal, what_no_later_frame_knew_to_be_on_the_disk_is_cut) {
    make_three();
    jb_put(three[2].bytes + THIRD + 40, 8, SECOND); /* written with the second, in one go */
    jb_rehash(&three[2], THIRD);
    three[2].bytes[SECOND + 100] ^= 1;
    expect(3, 7, TRD_JOURNAL_GAP, 7, SECOND);
    jb_put(three[2].bytes + THIRD + 40, 8, SECOND + 1);
    jb_rehash(&three[2], THIRD);
    expect(3, 7, TRD_JOURNAL_CORRUPT, 7, SECOND);
}

Test(journal, an_old_end_that_the_next_segment_does_not_continue_is_damage) {
    make_three();
    three[1].bytes[THIRD + 100] ^= 1; /* torn, if it were the last segment */
    expect(2, 5, TRD_JOURNAL_TORN, 6, THIRD);
    expect(3, 5, TRD_JOURNAL_CORRUPT, 6, THIRD);
    memset(three[1].bytes + THIRD, 0, END - THIRD); /* or clean */
    expect(2, 5, TRD_JOURNAL_CLEAN, 6, THIRD);
    expect(3, 5, TRD_JOURNAL_CORRUPT, 6, THIRD);
}

/* A restart went on behind the second frame of segment 6, whatever stands behind. */
Test(journal, an_old_end_that_the_next_segment_continues_was_given_up) {
    make_three();
    jb until = three[1];
    until.before = jb_get(three[1].bytes + SECOND + 56, 8);
    until.seq = 15; /* 9 commands in segment 5, 5 here */
    until.time = 14;
    jb_end(&three[2]);
    jb_begin(&three[2], &until, ID, 7, SIZE);
    jb_add(&three[2], NULL, 0, 0, 14);
    jb_add_plain(&three[2], 1);
    three[1].bytes[THIRD + 1] ^= 1;
    expect(3, 7, TRD_JOURNAL_CLEAN, 7, 4096 + 64 + 128);
    three[1].bytes[SECOND + 1] ^= 1; /* damage before that place is damage */
    expect(3, 4, TRD_JOURNAL_CORRUPT, 6, SECOND);
}

Test(journal, a_segment_without_frames_leaves_the_end_where_it_was) {
    make_three();
    memset(three[2].bytes + FIRST, 0, END - FIRST);
    expect(3, 6, TRD_JOURNAL_CLEAN, 6, END);
    three[2].bytes[FIRST + 3] = 1;
    expect(3, 6, TRD_JOURNAL_TORN, 7, FIRST);
    memset(three[2].bytes + FIRST, 0, END - FIRST);
    three[1].bytes[THIRD] ^= 1; /* the first end that is not clean counts */
    expect(3, 5, TRD_JOURNAL_TORN, 6, THIRD);
}

/* Frames in a segment say that all of the one before is on the disk. */
Test(journal, an_old_end_is_damage_when_any_frame_follows_in_another_segment) {
    make_three();
    three[1].bytes[THIRD] ^= 1;
    three[2].bytes[FIRST] ^= 1;
    for (int i = 1; i < 3; i++) { /* of segment 7: none knew the first one to be on the disk */
        const uint64_t at = i == 1 ? SECOND : THIRD;
        jb_put(three[2].bytes + at + 40, 8, 4096);
        jb_rehash(&three[2], at);
    }
    expect(3, 5, TRD_JOURNAL_CORRUPT, 6, THIRD);
    three[1].bytes[THIRD] ^= 1;
    expect(3, 6, TRD_JOURNAL_GAP, 7, FIRST);
}

Test(journal, segments_of_another_journal_or_number_are_damage) {
    make_three();
    const jb kept = three[1];
    three[1] = three[2]; /* number 6 is missing */
    expect(2, 3, TRD_JOURNAL_CORRUPT, 6, 0);
    three[1] = kept;
    jb_put_head(three[1].bytes, ID + 1, 6, SIZE, 0);
    expect(3, 3, TRD_JOURNAL_CORRUPT, 6, 0);
    jb_put_head(three[1].bytes, ID, 7, SIZE, 0); /* not what its name says */
    expect(3, 3, TRD_JOURNAL_CORRUPT, 6, 0);
}

Test(journal, a_damaged_head_is_damage_when_anything_is_behind_it) {
    make_three();
    three[2].bytes[50] ^= 1;
    expect(3, 6, TRD_JOURNAL_CORRUPT, 7, 0);
    memset(three[2].bytes + FIRST, 0, SIZE - FIRST);
    expect(3, 6, TRD_JOURNAL_CLEAN, 6, END); /* its making was interrupted */
    three[2].bytes[SIZE - 1] = 1;
    expect(3, 6, TRD_JOURNAL_CORRUPT, 7, 0);
}

Test(journal, nothing_follows_a_segment_whose_making_was_interrupted) {
    make_three();
    memset(three[1].bytes, 0, SIZE);
    expect(2, 3, TRD_JOURNAL_CLEAN, 5, END);
    expect(3, 3, TRD_JOURNAL_CORRUPT, 6, 0);
}

Test(journal, a_file_that_is_too_short_reads_as_torn) {
    make_three();
    three[2].size = END;
    expect(3, 9, TRD_JOURNAL_TORN, 7, END);
    three[2].size = END - 1;
    expect(3, 8, TRD_JOURNAL_TORN, 7, THIRD);
    three[2].size = 64;
    expect(3, 6, TRD_JOURNAL_TORN, 7, FIRST);
    three[2].size = 63;
    expect(3, 6, TRD_JOURNAL_CLEAN, 6, END);
}

Test(journal, calls_that_make_no_sense_are_answered) {
    static jb s;
    trd_journal_walk walk;
    trd_journal_report report;
    const trd_journal_frame *frame;
    trd_journal_head head = head_of(1), other = head_of(2), out;
    trd_journal_place place = place_in(1, 1);
    uint8_t slot[64] = {0};
    const trd_journal_place was = place;
    cr_assert(eq(int, trd_journal_head_seal(NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_head_check(NULL, 64, &out), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_head_check(&head, 64, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_turn(NULL, &head), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_turn(&place, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_turn(&place, &head), TRD_E_ARG)); /* the same number */
    other.id++;
    cr_assert(eq(int, trd_journal_turn(&place, &other), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_frame_seal(NULL, slot, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_frame_seal(&place, NULL, 0), TRD_E_ARG));
    cr_assert(
        eq(int, trd_journal_frame_seal(&place, slot, TRD_JOURNAL_PAYLOAD_MAX + 1), TRD_E_ARG));
    cr_assert(memcmp(&place, &was, sizeof(was)) == 0);
    place.seq = 0;
    cr_assert(eq(int, trd_journal_frame_seal(&place, slot, 0), TRD_E_ARG));
    const trd_journal_head bad[] = {{.number = 0, .size = SIZE}, {.number = 1, .size = SIZE - 4096},
        {.number = 1, .size = SIZE + 64}, {.number = 1, .size = TRD_JOURNAL_SIZE_MAX + 4096ull}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        head = bad[i];
        cr_assert(eq(int, trd_journal_head_seal(&head), TRD_E_ARG));
        cr_assert(memcmp(&head, &bad[i], sizeof(head)) == 0);
    }

    jb_begin(&s, NULL, ID, 1, SIZE);
    trd_journal_walk_begin(NULL);
    trd_journal_walk_begin(&walk);
    cr_assert(eq(int, trd_journal_walk_end(&walk, &report), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_walk_enter(NULL, 1, s.bytes, SIZE), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_walk_enter(&walk, 0, s.bytes, SIZE), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_walk_enter(&walk, 1, NULL, SIZE), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_walk_enter(&walk, 1, s.bytes + 4, SIZE - 4), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_walk_enter(&walk, 1, s.bytes, SIZE), TRD_OK));
    cr_assert(eq(int, trd_journal_walk_enter(&walk, 2, s.bytes, SIZE), TRD_E_BUSY));
    cr_assert(eq(int, trd_journal_walk_end(&walk, &report), TRD_E_BUSY));
    cr_assert(eq(int, trd_journal_walk_next(&walk, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_walk_next(NULL, &frame), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), 0));
    cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), 0));
    cr_assert(eq(int, trd_journal_walk_end(&walk, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_walk_end(NULL, &report), TRD_E_ARG));
    cr_assert(eq(int, trd_journal_walk_end(&walk, &report), TRD_OK));
    cr_assert(strcmp(trd_journal_outcome_text(0), "?") == 0);
    cr_assert(strcmp(trd_journal_outcome_text(5), "?") == 0);
    jb_end(&s);
}
