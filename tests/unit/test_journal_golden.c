/* The journal of tests/golden/journal-1, written by another program from docs/formats/journal.md:
 * tests/golden/make_journal.py says what is in it. Every version must read it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include <tradsys/journal.h>

/* What make_journal.py printed. */
#define GOLDEN_DIGEST UINT64_C(0xb010a6788da149ff)
#define GOLDEN_LAST UINT64_C(0xb431977d95eb58f2)

enum { SIZE = 65536 };

static uint8_t segments[2][SIZE] __attribute__((aligned(64)));

static void load(void) {
    for (int i = 0; i < 2; i++) {
        char path[512];
        snprintf(path, sizeof(path), "%s/journal-1/%012d.journal", TEST_GOLDEN, i + 1);
        FILE *file = fopen(path, "rb");
        cr_assert(file != NULL && fread(segments[i], 1, SIZE, file) == SIZE);
        fclose(file);
    }
}

TestSuite(journal_golden, .init = load);

typedef struct expected {
    uint64_t seq;
    trd_ns time;
    uint32_t count, payload;
    uint64_t synced;
} expected;

static const expected FRAMES[2][3] = {
    {{1, 1000, 0, 0, 4096}, {1, 1500, 3, 4, 4160}, {4, 1500, 0, 1, 4480}},
    {{4, 1500, 0, 0, 4096}, {4, 2000, 1, 1, 4160}, {5, 2000, 0, 0, 4288}},
};

static void check_frame(const trd_journal_frame *frame, const expected *e) {
    cr_assert(eq(u64, frame->seq, e->seq));
    cr_assert(eq(i64, frame->time, e->time));
    cr_assert(eq(u32, frame->count, e->count));
    cr_assert(eq(u32, frame->payload, e->payload));
    cr_assert(eq(u64, frame->synced, e->synced));
}

static void check_commands(const trd_command *at) {
    cr_assert(at[0].seq == 1 && at[0].time == 1000 && at[0].kind == 1 && at[0].slots == 1);
    cr_assert(at[1].seq == 2 && at[1].time == 1400 && at[1].kind == 3 && at[1].slots == 2);
    cr_assert(at[2].kind == 130 && at[2].slots == 0);
    cr_assert(at[3].seq == 3 && at[3].time == 1500 && at[3].kind == 7 && at[3].slots == 1);
    for (int i = 0; i < 32; i++) {
        cr_assert(at[0].u.body[i] == 1 && at[1].u.body[i] == 2 && at[3].u.body[i] == 3);
    }
}

static void check_check(const trd_journal_check *check) {
    uint64_t digest = 0;
    for (int n = 0; n < 5; n++) {
        uint8_t slot[64];
        memset(slot, n + 1, sizeof(slot));
        digest = trd_journal_digest(slot, 1, digest);
    }
    cr_assert(check->seq == 3 && check->time == 1500 && check->events == 5);
    cr_assert(eq(u64, check->digest, digest));
    cr_assert(eq(u64, digest, GOLDEN_DIGEST));
}

Test(journal_golden, every_version_reads_it) {
    trd_journal_walk walk;
    trd_journal_report report;
    const trd_journal_frame *frame;
    trd_journal_walk_begin(&walk);
    for (int i = 0; i < 2; i++) {
        cr_assert(
            eq(int, trd_journal_walk_enter(&walk, (uint64_t)i + 1, segments[i], SIZE), TRD_OK));
        for (int f = 0; f < 3; f++) {
            cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), 1));
            check_frame(frame, &FRAMES[i][f]);
            if (i == 0 && f == 1) {
                check_commands((const void *)(frame + 1));
            }
            if (i == 0 && f == 2) {
                check_check((const void *)(frame + 1));
            }
        }
        cr_assert(eq(int, trd_journal_walk_next(&walk, &frame), 0));
    }
    cr_assert(eq(int, trd_journal_walk_end(&walk, &report), TRD_OK));
    cr_assert(eq(u32, report.outcome, TRD_JOURNAL_CLEAN));
    cr_assert(eq(u64, report.frames, 6));
    cr_assert(eq(u64, report.commands, 4));
    cr_assert(eq(u64, report.last.id, UINT64_C(0x0123456789abcdef)));
    cr_assert(eq(u64, report.last.seq, 5));
    cr_assert(eq(i64, report.last.time, 2000));
    cr_assert(eq(u64, report.last.at, 4352));
}

/* Without the second segment: commands 4 and 5 were being written. */
Test(journal_golden, its_first_segment_alone_is_torn) {
    trd_journal_walk walk;
    trd_journal_report report;
    const trd_journal_frame *frame;
    trd_journal_walk_begin(&walk);
    cr_assert(eq(int, trd_journal_walk_enter(&walk, 1, segments[0], SIZE), TRD_OK));
    while (trd_journal_walk_next(&walk, &frame) == 1) {
    }
    cr_assert(eq(int, trd_journal_walk_end(&walk, &report), TRD_OK));
    cr_assert(eq(u32, report.outcome, TRD_JOURNAL_TORN));
    cr_assert(eq(u64, report.at, 4608));
    cr_assert(eq(u64, report.last.hash, GOLDEN_LAST));
}

/* From the payloads alone, the library makes the same bytes. */
Test(journal_golden, this_version_writes_it) {
    static uint8_t made[2][SIZE] __attribute__((aligned(64)));
    trd_journal_place place = {.seq = 1, .time = 1000};
    for (int i = 0; i < 2; i++) {
        trd_journal_head head = {.id = UINT64_C(0x0123456789abcdef),
            .number = (uint64_t)i + 1,
            .size = SIZE,
            .time = i == 0 ? 1000 : 1500};
        cr_assert(eq(int, trd_journal_head_seal(&head), TRD_OK));
        cr_assert(eq(int, trd_journal_turn(&place, &head), TRD_OK));
        memcpy(made[i], &head, sizeof(head));
        for (int f = 0; f < 3; f++) {
            const uint64_t at = place.at;
            const uint32_t payload = FRAMES[i][f].payload;
            memcpy(made[i] + at + 64, segments[i] + at + 64, 64 * (size_t)payload);
            place.synced = FRAMES[i][f].synced;
            cr_assert(eq(int, trd_journal_frame_seal(&place, made[i] + at, payload), TRD_OK));
        }
        cr_assert(memcmp(made[i], segments[i], i == 0 ? 4608 : SIZE) == 0);
    }
}
