/* journal_bytes.h - a journal's bytes as docs/formats/journal.md says them, and the verdict on
 * damaged ones: written from the page, sharing no code with lib/log but XXH3 itself.
 *
 * A segment is built in memory; which frames it holds is remembered, so that whatever is done to
 * the bytes afterwards, jb_judge knows what a reader must make of them. */
#ifndef TRD_SUPPORT_JOURNAL_BYTES_H
#define TRD_SUPPORT_JOURNAL_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { JB_DATA = 4096, JB_SLOT = 64, JB_FRAMES_MAX = 4096 };
enum { JB_CLEAN = 1, JB_TORN = 2, JB_GAP = 3, JB_CORRUPT = 4 };

typedef struct jb_frame {
    uint64_t at;
    uint64_t size; /* head and payload */
    uint64_t synced;
    uint32_t count;
} jb_frame;

typedef struct jb {
    uint8_t *bytes; /* aligned to 64 */
    uint8_t *whole; /* the same, before anything is done to it */
    uint64_t size;
    uint64_t id, number;
    uint64_t at, seq, before, synced; /* of the next frame */
    int64_t time;
    jb_frame frames[JB_FRAMES_MAX];
    size_t frames_count;
} jb;

static inline void jb_put(uint8_t *at, int width, uint64_t value) {
    for (int i = 0; i < width; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

static inline uint64_t jb_get(const uint8_t *at, int width) {
    uint64_t value = 0;
    for (int i = 0; i < width; i++) {
        value |= (uint64_t)at[i] << (8 * i);
    }
    return value;
}

static inline void jb_put_head(
    uint8_t *slot, uint64_t id, uint64_t number, uint64_t size, int64_t time) {
    memset(slot, 0, JB_SLOT);
    memcpy(slot, "TRDJRNL1", 8);
    jb_put(slot + 8, 8, (uint64_t)time);
    slot[16] = 96;
    slot[17] = 1;
    jb_put(slot + 18, 2, 1);
    jb_put(slot + 20, 4, 4096);
    jb_put(slot + 24, 8, id);
    jb_put(slot + 32, 8, number);
    jb_put(slot + 40, 8, size);
    jb_put(slot + 56, 8, XXH3_64bits_withSeed(slot, 56, 0));
}

static inline uint64_t jb_hash(uint64_t id, uint64_t number, uint64_t at, const uint8_t *frame) {
    uint8_t keyed[80];
    jb_put(keyed, 8, id);
    jb_put(keyed + 8, 8, number);
    jb_put(keyed + 16, 8, at);
    memcpy(keyed + 24, frame, 56);
    const uint64_t seed = XXH3_64bits_withSeed(keyed, 80, 0);
    return XXH3_64bits_withSeed(frame + 64, 64 * jb_get(frame + 24, 4), seed);
}

/* An empty segment that goes on behind `before`, which may be NULL: the first of a journal. */
static inline void jb_begin(jb *to, const jb *before, uint64_t id, uint64_t number, uint64_t size) {
    memset(to, 0, sizeof(*to));
    to->bytes = aligned_alloc(64, size);
    to->whole = aligned_alloc(64, size);
    memset(to->bytes, 0, size);
    to->size = size;
    to->id = id;
    to->number = number;
    to->at = JB_DATA;
    to->synced = JB_DATA;
    to->seq = before != NULL ? before->seq : 1;
    to->time = before != NULL ? before->time : 0;
    to->before = before != NULL ? before->before : 0;
    jb_put_head(to->bytes, id, number, size, to->time);
    memcpy(to->whole, to->bytes, size);
}

static inline void jb_end(jb *segment) {
    free(segment->bytes);
    free(segment->whole);
}

/* Makes the hash of the frame at `at` right for what is there. */
static inline void jb_rehash(jb *segment, uint64_t at) {
    uint8_t *frame = segment->bytes + at;
    jb_put(frame + 56, 8, jb_hash(segment->id, segment->number, at, frame));
}

/* Adds a frame; the payload holds `count` commands, the last of them at `time`. */
static inline void jb_add(
    jb *segment, const uint8_t *payload, uint32_t slots, uint32_t count, int64_t time) {
    uint8_t *frame = segment->bytes + segment->at;
    const uint64_t size = 64 * (1 + (uint64_t)slots);
    jb_put(frame, 8, segment->seq);
    jb_put(frame + 8, 8, (uint64_t)time);
    frame[16] = 97;
    frame[17] = 1;
    jb_put(frame + 20, 4, count);
    jb_put(frame + 24, 4, slots);
    jb_put(frame + 32, 8, segment->before);
    jb_put(frame + 40, 8, segment->synced);
    if (slots > 0) {
        memcpy(frame + 64, payload, 64 * (size_t)slots);
    }
    jb_rehash(segment, segment->at);
    segment->frames[segment->frames_count++] =
        (jb_frame){segment->at, size, segment->synced, count};
    segment->before = jb_get(frame + 56, 8);
    segment->at += size;
    segment->seq += count;
    segment->time = time;
    memcpy(segment->whole + (frame - segment->bytes), frame, size);
}

/* All before the next frame is on the disk. */
static inline void jb_sync(jb *segment) {
    segment->synced = segment->at;
}

/* One slot of a command, with something in all of its body. */
static inline void jb_command(
    uint8_t *slot, uint64_t seq, int64_t time, unsigned kind, unsigned slots) {
    memset(slot, 0, JB_SLOT);
    jb_put(slot, 8, seq);
    jb_put(slot + 8, 8, (uint64_t)time);
    slot[16] = (uint8_t)kind;
    slot[17] = (uint8_t)slots;
    for (int i = 32; i < 64; i++) {
        slot[i] = (uint8_t)(seq * 7 + (uint64_t)i);
    }
}

static inline void jb_extension(uint8_t *slot, uint64_t seq, unsigned kind) {
    jb_command(slot, seq, 0, kind, 0);
}

/* A frame of `count` plain commands, one slot each, a nanosecond apart. */
static inline void jb_add_plain(jb *segment, uint32_t count) {
    uint8_t *payload = malloc(64 * (size_t)(count + 1));
    for (uint32_t i = 0; i < count; i++) {
        jb_command(payload + 64 * (size_t)i, segment->seq + i, segment->time + 1 + i, 1, 1);
    }
    jb_add(segment, payload, count, count, segment->time + count);
    free(payload);
}

/* What a reader must make of a segment alone, of which `size` bytes are there. */
typedef struct jb_verdict {
    bool headless;
    size_t frames;
    uint64_t at;
    uint64_t behind;
    int outcome; /* JB_CLEAN ... */
} jb_verdict;

static inline bool jb_is_zero(const uint8_t *bytes, uint64_t from, uint64_t size) {
    for (uint64_t i = from; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static inline bool jb_intact(const jb *segment, uint64_t size, size_t i) {
    const jb_frame *f = &segment->frames[i];
    return f->at + f->size <= size &&
           memcmp(segment->bytes + f->at, segment->whole + f->at, f->size) == 0;
}

static inline jb_verdict jb_judge(const jb *segment, uint64_t size) {
    jb_verdict v = {.at = JB_DATA};
    if (size < 64 || memcmp(segment->bytes, segment->whole, 64) != 0) {
        v.headless = true;
        v.outcome = jb_is_zero(segment->bytes, JB_DATA, size) ? JB_CLEAN : JB_CORRUPT;
        v.at = 0;
        return v;
    }
    while (v.frames < segment->frames_count && jb_intact(segment, size, v.frames)) {
        v.at = segment->frames[v.frames].at + segment->frames[v.frames].size;
        v.frames++;
    }
    if (jb_is_zero(segment->bytes, v.at, size)) {
        v.outcome = size == segment->size ? JB_CLEAN : JB_TORN;
        return v;
    }
    uint64_t synced = 0;
    for (size_t i = v.frames; i < segment->frames_count; i++) {
        if (jb_intact(segment, size, i)) {
            v.behind++;
            synced = segment->frames[i].synced > synced ? segment->frames[i].synced : synced;
        }
    }
    v.outcome = v.behind == 0 ? JB_TORN : synced > v.at ? JB_CORRUPT : JB_GAP;
    return v;
}

/* What a reader must make of segments one behind the other, all of them of full size. */
typedef struct jb_row_verdict {
    int outcome;
    uint64_t number, at; /* where; number 0: nothing was read yet */
    size_t frames;       /* that count */
} jb_row_verdict;

/* Is the first frame of `segment` the next one? `before` is the hash of the last that counts; of a
 * reader that has met none and does not know what was before, `known` is false. */
static inline bool jb_follows(
    const jb *segment, const jb_row_verdict *so_far, bool known, uint64_t before) {
    const bool lost = so_far->frames == 0 && so_far->outcome == JB_CORRUPT;
    return !lost && (!known || jb_get(segment->whole + segment->frames[0].at + 32, 8) == before);
}

static inline jb_row_verdict jb_judge_row(const jb *row, size_t count) {
    jb_row_verdict all = {.outcome = JB_CLEAN};
    bool known = row[0].number == 1; /* nothing is before it */
    uint64_t before = 0;
    for (size_t i = 0; i < count; i++) {
        const jb_verdict v = jb_judge(&row[i], row[i].size);
        const jb_row_verdict own = {v.outcome, row[i].number, v.at, all.frames + v.frames};
        const bool bad = v.frames > 0 ? !jb_follows(&row[i], &all, known, before)
                                      : all.outcome > JB_CLEAN && v.outcome >= JB_GAP;
        if (v.headless && (v.outcome == JB_CORRUPT || i + 1 < count)) {
            return (jb_row_verdict){JB_CORRUPT, row[i].number, 0, all.frames};
        }
        if (bad && all.number == 0) {
            return (jb_row_verdict){JB_CORRUPT, row[i].number, JB_DATA, 0};
        }
        if (bad) {
            return (jb_row_verdict){JB_CORRUPT, all.number, all.at, all.frames};
        }
        if (v.frames > 0) {
            before = jb_get(row[i].whole + row[i].frames[v.frames - 1].at + 56, 8);
            known = true;
        }
        if (v.frames > 0 || all.number == 0 || (all.outcome == JB_CLEAN && v.outcome > JB_CLEAN)) {
            all = own;
        }
    }
    return all;
}

#endif
