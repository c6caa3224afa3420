/* journal_rig.h - commands that follow from their number, and a reader that knows them. */
#ifndef TRD_SUPPORT_JOURNAL_RIG_H
#define TRD_SUPPORT_JOURNAL_RIG_H

#include <string.h>

#include <tradsys/io/journal.h>

#include "core/rng.h"

/* The record of command `seq`, of 1 to 4 slots; times rise now and then. Slots. */
static inline uint32_t rig_record(uint64_t seq, trd_command out[TRD_SLOTS_MAX]) {
    trd_rng rng = trd__rng_seeded(seq);
    const uint32_t slots = trd__rng_below(&rng, 4) == 0 ? 1 + (uint32_t)trd__rng_below(&rng, 4) : 1;
    for (uint32_t i = 0; i < slots; i++) {
        uint64_t words[8];
        for (int w = 0; w < 8; w++) {
            words[w] = trd__rng_next(&rng);
        }
        memcpy(&out[i], words, sizeof(words));
        out[i].kind = (uint8_t)(128 + trd__rng_below(&rng, 128));
        out[i].slots = 0;
    }
    out[0].seq = seq;
    out[0].time = (trd_ns)(seq / 3);
    out[0].kind = (uint8_t)(1 + trd__rng_below(&rng, 95));
    out[0].slots = (uint8_t)slots;
    return slots;
}

/* Are the commands of the frame those of rig_record? `*seq` is the first one, 0: any; afterwards
 * the next one. */
static inline bool rig_frame(const trd_journal_frame *frame, uint64_t *seq) {
    const trd_command *at = (const void *)(frame + 1);
    if (*seq != 0 && frame->seq != *seq) {
        return false;
    }
    *seq = frame->seq + frame->count;
    for (uint64_t i = frame->seq; i < *seq; i++) {
        trd_command record[TRD_SLOTS_MAX];
        const uint32_t slots = rig_record(i, record);
        if (memcmp(at, record, slots * sizeof(*at)) != 0) {
            return false;
        }
        at += slots;
    }
    return true;
}

/* What is in a journal from command `from` on. */
typedef struct rig_content {
    int result;      /* of the last call */
    bool right;      /* all commands are those that were appended */
    uint64_t first;  /* command that was read, 0: none */
    uint64_t next;   /* behind the last one; `from` of an empty journal */
    uint64_t checks; /* checkpoints */
    trd_journal_status status;
} rig_content;

static inline rig_content rig_read(const trd_io_ops *ops, const char *directory, uint64_t from) {
    rig_content c = {.right = true, .next = from};
    trd_journal_reading def = trd_journal_reading_default();
    trd_journal_reader *reader;
    const trd_journal_frame *frame;
    uint64_t seq = 0;
    def.directory = directory;
    def.seq = from;
    def.ops = ops;
    c.result = trd_journal_reader_open(&def, &c.status, &reader);
    if (c.result != TRD_OK) {
        return c;
    }
    while ((c.result = trd_journal_reader_next(reader, &frame)) == 1) {
        c.checks += frame->count == 0 && frame->payload == 1;
        c.first = c.first == 0 ? frame->seq : c.first;
        c.right = c.right && rig_frame(frame, &seq);
        c.next = seq;
    }
    (void)trd_journal_reader_report(reader, &c.status);
    trd_journal_reader_close(reader);
    return c;
}

/* Appends command `seq`. */
static inline int rig_append(trd_journal_writer *writer, uint64_t seq) {
    trd_command record[TRD_SLOTS_MAX];
    const uint32_t slots = rig_record(seq, record);
    return trd_journal_append(writer, record, slots);
}

#endif
