/* walk.c - a journal read: its segments one after the other, and what kind of an end they come to.
 *
 * A segment is read up to its stop, the first byte where no whole frame begins. What stands behind
 * the stop decides how the segment ended, but not alone: the first frame of a later segment knows
 * the last frame that its writer had read, and so whether the rest was given up on purpose. That is
 * why an ending is kept (`ended`) until the next frame or the end of the walk settles it. */
#include <string.h>

#include "core/assert.h"
#include "log/frame.h"

const char *trd_journal_outcome_text(unsigned outcome) {
    switch (outcome) {
    case TRD_JOURNAL_CLEAN:
        return "clean";
    case TRD_JOURNAL_TORN:
        return "torn";
    case TRD_JOURNAL_GAP:
        return "gap";
    case TRD_JOURNAL_CORRUPT:
        return "corrupt";
    default:
        return "?";
    }
}

void trd_journal_walk_begin(trd_journal_walk *walk) {
    if (walk != NULL) {
        *walk = (trd_journal_walk){0};
    }
}

/* The whole frame at byte `at`, or NULL. Its payload is within the bytes that are there. */
static const trd_journal_frame *frame_at(const trd_journal_walk *walk, uint64_t at) {
    const uint64_t end = walk->size < walk->here.size ? walk->size : walk->here.size;
    if (at >= end || end - at < TRD_SLOT_SIZE) {
        return NULL;
    }
    const trd_journal_frame *frame = (const void *)(walk->bytes + at);
    if (frame->kind != TRD_JOURNAL_FRAME || frame->slots != 1 || frame->flags != 0 ||
        frame->reserved0 != 0 || frame->reserved1 != 0 ||
        frame->payload > TRD_JOURNAL_PAYLOAD_MAX ||
        end - at < (1 + (uint64_t)frame->payload) * TRD_SLOT_SIZE) {
        return NULL;
    }
    return trd__frame_hash(walk->here.id, walk->here.number, at, frame) == frame->hash ? frame
                                                                                       : NULL;
}

static bool is_zero(const uint8_t *bytes, uint64_t size) {
    static const uint8_t zeros[4096];
    while (size > 0) {
        const uint64_t part = size < sizeof(zeros) ? size : sizeof(zeros);
        if (memcmp(bytes, zeros, part) != 0) {
            return false;
        }
        bytes += part;
        size -= part;
    }
    return true;
}

/* Zeros from `at` to the end of what is there. */
static bool is_blank(const trd_journal_walk *walk, uint64_t at) {
    return at >= walk->size || is_zero(walk->bytes + at, walk->size - at);
}

/* From here on the journal is damaged, and nothing changes that. */
static int broken(trd_journal_walk *walk, uint64_t number, uint64_t at) {
    walk->ended.outcome = TRD_JOURNAL_CORRUPT;
    walk->ended.number = number;
    walk->ended.at = at;
    walk->broken = 1;
    walk->bytes = NULL;
    return TRD_E_CORRUPT;
}

/* A segment without a head. It is none of the journal's if it was never finished: then nothing is
 * in it, and nothing follows it. */
static int enter_headless(trd_journal_walk *walk, uint64_t number) {
    if (!is_blank(walk, TRD_JOURNAL_DATA)) {
        return broken(walk, number, 0);
    }
    walk->headless = 1;
    walk->number = number;
    walk->bytes = NULL;
    if (walk->ended.outcome == 0) {
        walk->ended.outcome = TRD_JOURNAL_CLEAN;
        walk->ended.number = number;
    }
    return TRD_OK;
}

int trd_journal_walk_enter(
    trd_journal_walk *walk, uint64_t number, const void *bytes, size_t size) {
    if (walk == NULL || number == 0 || bytes == NULL || (uintptr_t)bytes % 8 != 0) {
        return TRD_E_ARG;
    }
    if (walk->broken) {
        return TRD_E_CORRUPT;
    }
    if (walk->bytes != NULL) {
        return TRD_E_BUSY;
    }
    if (walk->number != 0 && (walk->headless || number != walk->number + 1)) {
        return broken(walk, walk->number + !walk->headless, 0);
    }
    walk->bytes = bytes;
    walk->size = size;
    walk->first = walk->first == 0 ? number : walk->first;
    trd_journal_head head;
    if (trd_journal_head_check(bytes, size, &head) != TRD_OK) {
        return enter_headless(walk, number);
    }
    trd_journal_place here = walk->place;
    here.number = walk->number;
    if (head.number != number || trd_journal_turn(&here, &head) != TRD_OK) {
        return broken(walk, number, 0);
    }
    walk->here = here;
    walk->place.id = head.id;
    walk->number = number;
    return TRD_OK;
}

/* May reading begin with this frame? Not if frames are known to have been before it: nothing is
 * before segment 1, and a segment that ended CORRUPT by itself had more on the disk. */
static bool begins(const trd_journal_walk *walk, const trd_journal_frame *frame) {
    return walk->ended.outcome != TRD_JOURNAL_CORRUPT && (walk->first != 1 || frame->before == 0);
}

/* Does the frame at `here` continue what was read? Its payload is then in `held`. */
static bool continues(
    const trd_journal_walk *walk, const trd_journal_frame *frame, trd__payload *held) {
    const bool first = walk->here.seq == 0;
    if (frame->seq == 0 || frame->seq > UINT64_MAX - frame->count ||
        frame->synced < TRD_JOURNAL_DATA || frame->synced > walk->here.at) {
        return false;
    }
    if (first ? !begins(walk, frame)
              : frame->seq != walk->here.seq || frame->before != walk->here.hash) {
        return false;
    }
    const trd_ns time = first ? frame->time : walk->here.time;
    return trd__payload_check(
               (const uint8_t *)(frame + 1), frame->payload, frame->seq, time, first, held) &&
           held->count == frame->count && held->time == frame->time;
}

static void accept(
    trd_journal_walk *walk, const trd_journal_frame *frame, const trd__payload *held) {
    trd_journal_place *here = &walk->here;
    here->seq = frame->seq + held->count;
    here->time = frame->time;
    here->hash = frame->hash;
    here->synced = frame->synced;
    here->at += (1 + (uint64_t)frame->payload) * TRD_SLOT_SIZE;
    walk->place = *here;
    const uint64_t frames = walk->ended.frames + 1, commands = walk->ended.commands + held->count;
    walk->ended = (trd_journal_report){.frames = frames, .commands = commands};
}

/* How the segment ends that stops at `here`, judged by itself. */
static uint32_t ending(const trd_journal_walk *walk, uint64_t *behind) {
    const uint64_t at = walk->here.at;
    uint64_t synced = 0;
    *behind = 0;
    if (is_blank(walk, at)) {
        return walk->size >= walk->here.size ? TRD_JOURNAL_CLEAN : TRD_JOURNAL_TORN;
    }
    for (uint64_t i = at + TRD_SLOT_SIZE; i < walk->size; i += TRD_SLOT_SIZE) {
        const trd_journal_frame *frame = frame_at(walk, i);
        if (frame != NULL) {
            synced = frame->synced > synced ? frame->synced : synced;
            *behind += 1;
        }
    }
    if (*behind == 0) {
        return TRD_JOURNAL_TORN;
    }
    return synced > at ? TRD_JOURNAL_CORRUPT : TRD_JOURNAL_GAP;
}

/* The segment has no next frame. */
static int stop(trd_journal_walk *walk) {
    uint64_t behind;
    const uint32_t outcome = ending(walk, &behind);
    const bool open = walk->ended.outcome > TRD_JOURNAL_CLEAN; /* an earlier one is not clean */
    if (open && outcome >= TRD_JOURNAL_GAP) {
        /* Frames in this segment say that all before it was on the disk, and it is not. */
        return broken(walk, walk->ended.number, walk->ended.at);
    }
    if (walk->ended.outcome == 0 || (!open && outcome > TRD_JOURNAL_CLEAN)) {
        walk->ended.outcome = outcome;
        walk->ended.number = walk->here.number;
        walk->ended.at = walk->here.at;
        walk->ended.behind = behind;
    }
    walk->bytes = NULL;
    return 0;
}

int trd_journal_walk_next(trd_journal_walk *walk, const trd_journal_frame **frame) {
    if (walk == NULL || frame == NULL) {
        return TRD_E_ARG;
    }
    if (walk->broken) {
        return TRD_E_CORRUPT;
    }
    if (walk->number == 0) {
        return TRD_E_ARG;
    }
    if (walk->bytes == NULL) {
        return 0;
    }
    const trd_journal_frame *found = frame_at(walk, walk->here.at);
    if (found == NULL) {
        return stop(walk);
    }
    trd__payload held;
    if (!continues(walk, found, &held)) {
        /* The first frame of a segment does not know the stop of the one before: that is where
         * something is missing. */
        const bool before = walk->ended.outcome != 0;
        return broken(walk, before ? walk->ended.number : walk->here.number,
            before ? walk->ended.at : walk->here.at);
    }
    accept(walk, found, &held);
    *frame = found;
    return 1;
}

int trd_journal_walk_end(const trd_journal_walk *walk, trd_journal_report *report) {
    if (walk == NULL || report == NULL || (walk->number == 0 && !walk->broken)) {
        return TRD_E_ARG;
    }
    if (walk->bytes != NULL) {
        return TRD_E_BUSY;
    }
    trd_assert(walk->ended.outcome != 0);
    *report = walk->ended;
    report->last = walk->place;
    return report->outcome == TRD_JOURNAL_CORRUPT ? TRD_E_CORRUPT : TRD_OK;
}
