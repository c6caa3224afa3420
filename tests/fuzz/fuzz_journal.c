/* Any bytes as a journal: the reader neither crashes nor loops nor gives out what it must not.
 *
 *     byte 0     flags: 1 each frame that the input lays out gets the hash it must have; 2 it also
 *                continues the one before; so the fuzzer reaches what is behind both; 4 the
 * segments are 2 and 3, before which there may be another byte 1, 2  bytes of the first segment,
 * little-endian; the rest is the second one then       the segments from byte 4,096 on; their heads
 * are right */
#include "fuzz.h"

#include <string.h>

#include <tradsys/journal.h>

#include "journal_bytes.h"

enum { REHASH = 1, CHAIN = 2, LATER = 4, SIZE = 65536, ID = 77 };

/* Lays the bytes out as a segment of a file that ends behind them. */
static void lay_out(
    jb *s, const uint8_t *data, size_t size, uint64_t number, unsigned flags, uint64_t *before) {
    const size_t room = SIZE - JB_DATA;
    *s = (jb){.id = ID, .number = number};
    size = size < room ? size : room;
    s->size = JB_DATA + size;
    s->bytes = aligned_alloc(64, (s->size + 63) / 64 * 64);
    memset(s->bytes, 0, JB_DATA);
    jb_put_head(s->bytes, ID, number, SIZE, 0);
    memcpy(s->bytes + JB_DATA, data, size);
    for (uint64_t at = JB_DATA; (flags & REHASH) != 0 && at + 64 <= s->size;) {
        const uint64_t payload = jb_get(s->bytes + at + 24, 4);
        if (s->bytes[at + 16] != 97 || payload > 1024 || s->size - at < 64 * (1 + payload)) {
            break;
        }
        if ((flags & CHAIN) != 0) {
            jb_put(s->bytes + at + 32, 8, *before);
        }
        jb_rehash(s, at);
        *before = jb_get(s->bytes + at + 56, 8);
        at += 64 * (1 + payload);
    }
}

/* What a reader may give out: whole records in a row, one checkpoint, or nothing. */
static void check_frame(const trd_journal_frame *frame, uint64_t *seq, trd_ns *time) {
    const uint8_t *at = (const uint8_t *)(frame + 1);
    fuzz_check(frame->payload <= TRD_JOURNAL_PAYLOAD_MAX && frame->count <= frame->payload);
    fuzz_check(*seq == 0 || (frame->seq == *seq && frame->time >= *time));
    uint32_t slots = 0;
    for (uint32_t i = 0; i < frame->count; i++) {
        const trd_command *base = (const void *)(at + 64 * (size_t)slots);
        fuzz_check(base->seq == frame->seq + i && base->kind > 0 && base->kind < 96);
        fuzz_check(base->slots >= 1 && base->slots <= TRD_SLOTS_MAX);
        for (uint32_t e = 1; e < base->slots; e++) {
            fuzz_check(at[64 * (size_t)(slots + e) + 16] >= 128);
        }
        slots += base->slots;
    }
    fuzz_check(
        slots == frame->payload || (frame->count == 0 && frame->payload == 1 && at[16] == 98));
    *seq = frame->seq + frame->count;
    *time = frame->time;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3) {
        return 0;
    }
    const size_t first = data[1] | (size_t)data[2] << 8;
    const size_t sizes[2] = {first < size - 3 ? first : size - 3, 0};
    const uint8_t *from = data + 3;
    uint64_t before = 0, seq = 0, frames = 0;
    trd_ns time = 0;
    trd_journal_walk walk;
    trd_journal_report report;
    const trd_journal_frame *frame;
    trd_journal_walk_begin(&walk);
    const uint64_t number = (data[0] & LATER) != 0 ? 2 : 1;
    for (uint64_t i = 0; i < 2; i++) {
        static jb s;
        const size_t part = i == 0 ? sizes[0] : size - 3 - sizes[0];
        lay_out(&s, from, part, number + i, data[0], &before);
        from += part;
        if (trd_journal_walk_enter(&walk, number + i, s.bytes, s.size) == TRD_OK) {
            while (trd_journal_walk_next(&walk, &frame) == 1) {
                check_frame(frame, &seq, &time);
                frames++;
            }
        }
        free(s.bytes);
    }
    const int result = trd_journal_walk_end(&walk, &report);
    fuzz_check(report.frames == frames && report.last.seq == seq);
    fuzz_check(result == (report.outcome == TRD_JOURNAL_CORRUPT ? TRD_E_CORRUPT : TRD_OK));
    fuzz_check(report.outcome >= TRD_JOURNAL_CLEAN && report.outcome <= TRD_JOURNAL_CORRUPT);
    return 0;
}
