/* Whatever is done to the bytes of a journal, a reader accepts whole frames from the beginning on
 * and nothing else, and says damage where frames knew more to be on the disk. The verdict that is
 * expected is jb_judge's, of tests/support/journal_bytes.h. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/journal.h>

#include "draw.h"
#include "journal_bytes.h"

#define ID UINT64_C(0xfeedfacecafebeef)

enum { SIZE = TRD_JOURNAL_SIZE_MIN, SECTOR = 512, SECTORS = SIZE / SECTOR };

/* A segment of frames of all sizes, `used` bytes of it. The next one is written with the one before
 * `grouped` times out of 100. */
static void make_grouped(jb *s, draw *d, uint64_t number, uint64_t used, int64_t grouped) {
    jb_begin(s, NULL, ID, number, SIZE);
    for (;;) {
        const uint64_t room = (used - s->at) / 64;
        const uint64_t most = draw_chance(d, 20) ? 120 : 6;
        const uint32_t count = (uint32_t)draw_below(d, most);
        if (s->at >= used || room < count + 1) {
            break;
        }
        jb_add_plain(s, count);
        if (!draw_chance(d, grouped)) {
            jb_sync(s);
        }
    }
}

static void make_segment(jb *s, draw *d, uint64_t number, uint64_t used) {
    make_grouped(s, d, number, used, draw_in(d, 0, 100));
}

/* Reads `size` bytes of the segment and compares with the verdict. */
static void check(const jb *s, uint64_t size, const char *what, uint64_t which) {
    const jb_verdict v = jb_judge(s, size);
    trd_journal_walk walk;
    trd_journal_report report;
    const trd_journal_frame *frame;
    size_t frames = 0;
    trd_journal_walk_begin(&walk);
    const int entered = trd_journal_walk_enter(&walk, s->number, s->bytes, size);
    cr_assert(eq(int, entered, v.headless &&v.outcome == JB_CORRUPT ? TRD_E_CORRUPT : TRD_OK),
        "%s %" PRIu64, what, which);
    while (trd_journal_walk_next(&walk, &frame) == 1) {
        cr_assert(frames < v.frames && (const uint8_t *)frame == s->bytes + s->frames[frames].at,
            "%s %" PRIu64 ": frame %zu", what, which, frames);
        frames++;
    }
    const int result = trd_journal_walk_end(&walk, &report);
    cr_assert(eq(int, result, v.outcome == JB_CORRUPT ? TRD_E_CORRUPT : TRD_OK), "%s %" PRIu64,
        what, which);
    cr_assert(eq(sz, frames, v.frames), "%s %" PRIu64, what, which);
    cr_assert(eq(u32, report.outcome, v.outcome), "%s %" PRIu64, what, which);
    cr_assert(eq(u64, report.at, v.at), "%s %" PRIu64, what, which);
    cr_assert(eq(u64, report.behind, v.behind), "%s %" PRIu64, what, which);
}

/* In a block of just that size, so that a sanitizer sees reads behind it. */
static void check_cut(const jb *s, uint64_t size) {
    jb cut = *s;
    cut.bytes = malloc(size > 0 ? size : 1);
    memcpy(cut.bytes, s->bytes, size);
    check(&cut, size, "cut", size);
    free(cut.bytes);
}

static jb segment;

Test(journal, a_cut_at_every_byte_leaves_whole_frames) {
    draw d = draw_seeded(1);
    make_segment(&segment, &d, 1, 40000);
    for (uint64_t size = 0; size <= SIZE; size++) {
        check_cut(&segment, size);
    }
}

Test(journal, every_flipped_bit_is_seen, .timeout = 240) {
    draw d = draw_seeded(2);
    make_grouped(&segment, &d, 9, 16000, 60);
    uint64_t seen[5] = {0};
    for (uint64_t bit = 0; bit < SIZE * 8; bit++) {
        segment.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        check(&segment, SIZE, "bit", bit);
        seen[jb_judge(&segment, SIZE).outcome]++;
        segment.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (int outcome = JB_CLEAN; outcome <= JB_CORRUPT; outcome++) {
        cr_assert(seen[outcome] > 0, "outcome %d was never met", outcome);
    }
}

static void put_sector(uint64_t to, const uint8_t *from) {
    memcpy(segment.bytes + to * SECTOR, from, SECTOR);
}

static void mend(void) {
    memcpy(segment.bytes, segment.whole, SIZE);
}

Test(journal, every_sector_that_is_zero_or_torn_is_seen) {
    draw d = draw_seeded(3);
    static const uint8_t zeros[SECTOR];
    for (int run = 0; run < 10; run++) {
        make_segment(&segment, &d, 2, (uint64_t)draw_in(&d, 4096, SIZE));
        for (uint64_t i = 0; i < SECTORS; i++) {
            put_sector(i, zeros);
            check(&segment, SIZE, "zeroed", i);
            mend();
            const uint64_t part = (uint64_t)draw_in(&d, 1, SECTOR - 1);
            memset(segment.bytes + i * SECTOR + part, 0, SECTOR - part);
            check(&segment, SIZE, "torn", i);
            mend();
        }
        jb_end(&segment);
    }
}

/* A sector that went to another place, of this segment, of the next one, or of another journal
 * where it would have the same place: all of them hold frames with right hashes. */
Test(journal, every_sector_in_the_wrong_place_is_seen) {
    draw d = draw_seeded(4);
    static jb other;
    make_segment(&segment, &d, 2, 50000);
    for (uint64_t from = 0; from < SECTORS; from++) {
        for (uint64_t to = 0; to < SECTORS; to++) {
            put_sector(to, segment.whole + from * SECTOR);
            check(&segment, SIZE, "moved", from * SECTORS + to);
            mend();
        }
    }
    for (int i = 0; i < 2; i++) {
        draw same = draw_seeded(4);
        make_segment(&other, &same, i == 0 ? 3 : 2, 50000);
        other.id = i == 0 ? ID : ID + 1;
        for (size_t f = 0; f < other.frames_count; f++) { /* the same chain, of another key */
            const uint64_t at = other.frames[f].at;
            if (f > 0) {
                memcpy(other.bytes + at + 32, other.bytes + other.frames[f - 1].at + 56, 8);
            }
            jb_rehash(&other, at);
        }
        for (uint64_t to = TRD_JOURNAL_DATA / SECTOR; to < SECTORS; to++) {
            put_sector(to, other.bytes + to * SECTOR);
            check(&segment, SIZE, "foreign", to);
            mend();
        }
        jb_end(&other);
    }
}

Test(journal, damage_in_several_places_is_judged_by_the_first) {
    draw d = draw_seeded(5);
    for (int run = 0; run < 300; run++) {
        make_segment(&segment, &d, 2, (uint64_t)draw_in(&d, 4096, SIZE));
        for (int round = 0; round < 20; round++) {
            const int64_t places = draw_in(&d, 1, 6);
            for (int64_t i = 0; i < places; i++) {
                const uint64_t at = draw_below(&d, SIZE - 8);
                const uint64_t noise = draw_chance(&d, 50) ? 0 : draw_u64(&d);
                memcpy(segment.bytes + at, &noise, 8);
            }
            check(&segment, draw_chance(&d, 20) ? draw_below(&d, SIZE + 1) : SIZE, "run",
                (uint64_t)run);
            mend();
        }
        jb_end(&segment);
    }
}

enum { ROW = 4 };

static jb row[ROW], until[ROW];

/* Some segments; each goes on behind the last frame of the one before, or behind an earlier one
 * whose successors were given up, or behind nothing. */
static size_t make_row(draw *d) {
    const size_t count = (size_t)draw_in(d, 1, ROW);
    const uint64_t number = draw_chance(d, 50) ? 1 : (uint64_t)draw_in(d, 2, 9);
    const int64_t given_up = draw_in(d, 0, 60), synced = draw_in(d, 0, 100);
    for (size_t i = 0; i < count; i++) {
        const jb *before = i == 0 ? NULL : draw_chance(d, given_up) ? &until[i - 1] : &row[i - 1];
        jb_begin(&row[i], before, ID, number + i, SIZE);
        until[i] = row[i];
        for (int64_t frames = draw_in(d, 0, 4); frames > 0; frames--) {
            jb_add_plain(&row[i], (uint32_t)draw_below(d, 4));
            if (draw_chance(d, synced)) {
                jb_sync(&row[i]);
            }
            if (draw_chance(d, 40)) {
                until[i] = row[i];
            }
        }
    }
    return count;
}

/* A bit of a head, a bit of a frame, all frames, or the head of a segment that holds nothing. */
static void damage(jb *s, draw *d) {
    if (draw_chance(d, 10)) {
        memset(s->bytes, 0, 64);
    } else if (draw_chance(d, 15)) {
        memset(s->bytes + JB_DATA, 0, SIZE - JB_DATA);
    } else if (s->at > JB_DATA) {
        s->bytes[JB_DATA + draw_below(d, s->at - JB_DATA)] ^= (uint8_t)(1 << draw_below(d, 8));
    }
}

static void check_row(size_t count, const jb_row_verdict *wanted, int run) {
    trd_journal_walk walk;
    trd_journal_report report;
    const trd_journal_frame *frame;
    trd_journal_walk_begin(&walk);
    for (size_t i = 0; i < count; i++) {
        if (trd_journal_walk_enter(&walk, row[i].number, row[i].bytes, SIZE) == TRD_OK) {
            while (trd_journal_walk_next(&walk, &frame) == 1) {
            }
        }
    }
    const int result = trd_journal_walk_end(&walk, &report);
    cr_assert(eq(int, result, wanted->outcome == JB_CORRUPT ? TRD_E_CORRUPT : TRD_OK), "%d", run);
    cr_assert(eq(u32, report.outcome, wanted->outcome), "run %d", run);
    cr_assert(eq(u64, report.number, wanted->number), "run %d", run);
    cr_assert(eq(u64, report.at, wanted->at), "run %d", run);
    cr_assert(eq(u64, report.frames, wanted->frames), "run %d", run);
}

Test(journal, a_row_of_segments_ends_as_the_page_says) {
    draw d = draw_seeded(7);
    size_t seen[JB_CORRUPT + 1] = {0};
    for (int run = 0; run < 6000; run++) {
        const size_t count = make_row(&d);
        for (int64_t places = draw_in(&d, 0, 3); places > 0; places--) {
            damage(&row[draw_below(&d, count)], &d);
        }
        const jb_row_verdict wanted = jb_judge_row(row, count);
        check_row(count, &wanted, run);
        seen[wanted.outcome]++;
        for (size_t i = 0; i < count; i++) {
            jb_end(&row[i]);
        }
    }
    for (int outcome = JB_CLEAN; outcome <= JB_CORRUPT; outcome++) {
        cr_assert(seen[outcome] > 0, "outcome %d was never met", outcome);
    }
}

/* What the library writes is what the page says, frame by frame, for any mix of payloads. */
Test(journal, what_is_written_is_what_the_page_says) {
    draw d = draw_seeded(6);
    for (int run = 0; run < 300; run++) {
        static uint8_t made[SIZE] __attribute__((aligned(64)));
        uint64_t used = TRD_JOURNAL_DATA;
        jb_begin(&segment, NULL, ID, 3, SIZE);
        trd_journal_head head = {.id = ID, .number = 3, .size = SIZE};
        trd_journal_place place = {.seq = 1};
        memset(made, 0, SIZE);
        cr_assert(eq(int, trd_journal_head_seal(&head), TRD_OK));
        memcpy(made, &head, sizeof(head));
        cr_assert(eq(int, trd_journal_turn(&place, &head), TRD_OK));
        for (int i = 0; i < 100; i++) {
            uint8_t payload[64 * 40];
            const uint32_t records = (uint32_t)draw_below(&d, 10);
            uint32_t slots = 0;
            int64_t time = segment.time;
            for (uint32_t r = 0; r < records; r++) {
                const unsigned width = (unsigned)draw_in(&d, 1, 4);
                time += draw_in(&d, 0, 5);
                jb_command(payload + 64 * slots, segment.seq + r, time,
                    (unsigned)draw_in(&d, 1, 95), width);
                for (unsigned e = 1; e < width; e++) {
                    jb_extension(
                        payload + 64 * (slots + e), draw_u64(&d), (unsigned)draw_in(&d, 128, 255));
                }
                slots += width;
            }
            if (segment.at + 64 * (slots + 1) > SIZE) {
                break;
            }
            jb_add(&segment, payload, slots, records, time);
            memcpy(made + used + 64, payload, 64 * (size_t)slots);
            cr_assert(eq(int, trd_journal_frame_seal(&place, made + used, slots), TRD_OK));
            used += 64 * (1 + (uint64_t)slots);
            if (draw_chance(&d, 50)) {
                jb_sync(&segment);
                place.synced = place.at;
            }
        }
        cr_assert(memcmp(made, segment.bytes, SIZE) == 0);
        check(&segment, SIZE, "written", (uint64_t)run);
        jb_end(&segment);
    }
}
