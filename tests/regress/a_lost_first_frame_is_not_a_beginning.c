/* The first frame that a reader meets continues anything, since old segments may be gone. Where the
 * segments before it hold no frame that counts, it was taken for a beginning as well: the frames
 * that had been there were missing, and the journal read as CLEAN (docs/formats/journal.md,
 * "Reading"). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <tradsys/journal.h>

#include "journal_bytes.h"

enum { SIZE = TRD_JOURNAL_SIZE_MIN, FIRST = 4096, SECOND = FIRST + 64 * (1 + 2) };

static jb two[2];

/* Two segments, `number` and the next, of two frames of two commands each; the second frame knows
 * the first to be on the disk, or not. */
static void make(uint64_t number, bool synced) {
    for (size_t i = 0; i < 2; i++) {
        jb_begin(&two[i], i > 0 ? &two[0] : NULL, 77, number + i, SIZE);
        jb_add_plain(&two[i], 2);
        if (synced) {
            jb_sync(&two[i]);
        }
        jb_add_plain(&two[i], 2);
    }
}

static void expect(int wanted, size_t frames, unsigned outcome, uint64_t number, uint64_t at) {
    trd_journal_walk walk;
    trd_journal_report report;
    const trd_journal_frame *frame;
    size_t read = 0;
    int result = TRD_OK;
    trd_journal_walk_begin(&walk);
    for (size_t i = 0; i < 2 && result == TRD_OK; i++) {
        result = trd_journal_walk_enter(&walk, two[i].number, two[i].bytes, two[i].size);
        while (result == TRD_OK && (result = trd_journal_walk_next(&walk, &frame)) == 1) {
            read++;
            result = TRD_OK;
        }
    }
    cr_assert(eq(int, trd_journal_walk_end(&walk, &report), wanted));
    cr_assert(eq(sz, read, frames));
    cr_assert(eq(u32, report.outcome, outcome));
    cr_assert(eq(u64, report.number, number));
    cr_assert(eq(u64, report.at, at));
}

/* Nothing is before segment 1: what its frames held is missing, whatever has become of them. */
Test(regress, what_the_first_segment_ever_held_is_missed) {
    make(1, true);
    expect(TRD_OK, 4, TRD_JOURNAL_CLEAN, 2, SECOND + 64 * 3);
    two[0].bytes[FIRST + 100] ^= 1; /* the second frame knew it to be on the disk */
    expect(TRD_E_CORRUPT, 0, TRD_JOURNAL_CORRUPT, 1, FIRST);
    make(1, false);
    two[0].bytes[FIRST + 100] ^= 1; /* it did not: but segment 2 goes on behind both */
    expect(TRD_E_CORRUPT, 0, TRD_JOURNAL_CORRUPT, 1, FIRST);
    two[0].bytes[SECOND + 100] ^= 1; /* no whole frame is left */
    expect(TRD_E_CORRUPT, 0, TRD_JOURNAL_CORRUPT, 1, FIRST);
    memset(two[0].bytes + FIRST, 0, SIZE - FIRST);
    expect(TRD_E_CORRUPT, 0, TRD_JOURNAL_CORRUPT, 1, FIRST);
}

/* Of a later one nobody knows what was before; but what it knew to be on the disk is missed. */
Test(regress, what_a_later_segment_knew_to_be_on_the_disk_is_missed) {
    make(5, true);
    two[0].bytes[FIRST + 100] ^= 1;
    expect(TRD_E_CORRUPT, 0, TRD_JOURNAL_CORRUPT, 5, FIRST);
}

/* A journal whose first segment was given up, and one whose older segments are gone. */
Test(regress, a_beginning_that_was_given_up_stays_one) {
    for (uint64_t number = 1; number <= 5; number += 4) {
        make(number, false);
        jb_end(&two[1]);
        jb_begin(&two[1], NULL, 77, number + 1, SIZE); /* `before` is 0 */
        jb_add_plain(&two[1], 3);
        two[0].bytes[FIRST + 100] ^= 1;
        expect(TRD_OK, 1, TRD_JOURNAL_CLEAN, number + 1, FIRST + 64 * 4);
    }
    make(5, false);
    two[0].bytes[FIRST + 100] ^= 1;
    two[0].bytes[SECOND + 100] ^= 1;
    expect(TRD_OK, 2, TRD_JOURNAL_CLEAN, 6, SECOND + 64 * 3);
}
