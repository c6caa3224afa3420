/* journal.h - the journal's bytes: commands on their way to a disk and back.
 *
 * A journal holds the commands of an engine in the order in which they were numbered, and nothing
 * that follows from them: what an engine does by itself is computed again. It begins at a snapshot,
 * since set-up is no command. It is a row of segments of a fixed size. Everything in a segment is
 * 64-byte slots with a kind at byte 16, as in command.h:
 *
 *     byte 0       the head of the segment: trd_journal_head, then zeros up to byte 4,096
 *     byte 4,096   frames, one after the other without gaps: trd_journal_frame, then its payload,
 *                  which is either the records of commands, or one trd_journal_check, or nothing
 *     then         zeros up to the end
 *
 * Each frame holds the hash of the frame before it, also across segments, and its own hash depends
 * on the journal, the segment and the byte where it stands. So a reader knows for every frame that
 * it is whole, in its place, and the next one. docs/formats/journal.md has the bytes and the rules.
 *
 * This header works on memory. It makes no system call, allocates nothing, and knows no clock. The
 * files are written and read by io/journal.h.
 *
 *     writing   trd_journal_head_seal    the head of each segment
 *               trd_journal_turn         to its first byte
 *               trd_journal_frame_seal   a frame after the other: slots are there, the head is made
 *     reading   trd_journal_walk_begin   then, for each segment in order:
 *               trd_journal_walk_enter   a segment that is in memory
 *               trd_journal_walk_next    its frames, until it returns 0
 *               trd_journal_walk_end     what kind of an end that was, and where to go on
 */
#ifndef TRADSYS_JOURNAL_H
#define TRADSYS_JOURNAL_H

#include <tradsys/base.h>
#include <tradsys/command.h>

TRD_BEGIN_DECLS

/* Kinds of slots: bases, apart from those of commands and events. Up to 103 they are the
 * journal's. */
enum { TRD_JOURNAL_HEAD = 96, TRD_JOURNAL_FRAME = 97, TRD_JOURNAL_CHECK = 98 };

enum {
    TRD_JOURNAL_VERSION = 1,
    TRD_JOURNAL_DATA = 4096,        /* byte of a segment where frames begin */
    TRD_JOURNAL_PAYLOAD_MAX = 1024, /* slots behind the head of one frame */
    TRD_JOURNAL_SIZE_MIN = 65536,   /* bytes of a segment: a multiple of 4,096 in this range */
    TRD_JOURNAL_SIZE_MAX = 1073741824
};

#define TRD_JOURNAL_MAGIC UINT64_C(0x314c4e524a445254) /* the bytes "TRDJRNL1" */

/* First slot of a segment. It is on the disk before the first frame is written, and is not written
 * again. */
typedef struct trd_journal_head {
    uint64_t magic;    /* TRD_JOURNAL_MAGIC */
    trd_ns time;       /* when it was made; not interpreted */
    uint8_t kind;      /* TRD_JOURNAL_HEAD */
    uint8_t slots;     /* 1 */
    uint16_t version;  /* TRD_JOURNAL_VERSION */
    uint32_t data;     /* TRD_JOURNAL_DATA */
    uint64_t id;       /* of the journal: the same in all its segments, and no other journal's */
    uint64_t number;   /* of the segment: one more than that of the segment before, >= 1 */
    uint64_t size;     /* bytes of the segment, this slot included */
    uint64_t reserved; /* zero */
    uint64_t hash;     /* of the 56 bytes above */
} trd_journal_head;

/* First slot of a frame. */
typedef struct trd_journal_frame {
    uint64_t seq;       /* of its first command; without commands: of the next one there will be */
    trd_ns time;        /* of the last command up to its end; of a journal without any: its start */
    uint8_t kind;       /* TRD_JOURNAL_FRAME */
    uint8_t slots;      /* 1 */
    uint16_t flags;     /* zero */
    uint32_t count;     /* commands in it */
    uint32_t payload;   /* slots that follow and belong to it, [0, TRD_JOURNAL_PAYLOAD_MAX] */
    uint32_t reserved0; /* zero */
    uint64_t before;    /* hash of the frame before; of a journal's first one: 0 */
    uint64_t synced;    /* below this byte all of the segment was on the disk when this was made */
    uint64_t reserved1; /* zero */
    uint64_t hash;      /* of the 56 bytes above, the payload, and the place */
} trd_journal_frame;

/* A checkpoint, alone in its frame: what the commands have led to. Whoever replays them compares.
 * It may come later than the command that it is about. */
typedef struct trd_journal_check {
    uint64_t seq;          /* of the last command whose events are counted */
    trd_ns time;           /* of the last command before this slot; not interpreted */
    uint8_t kind;          /* TRD_JOURNAL_CHECK */
    uint8_t slots;         /* 1 */
    uint16_t flags;        /* zero */
    uint32_t reserved;     /* zero */
    uint64_t events;       /* slots of events so far, since whatever the host counts from */
    uint64_t digest;       /* of all of them: trd_journal_digest */
    uint64_t reserved1[3]; /* zero */
} trd_journal_check;

TRD_STATIC_ASSERT(sizeof(trd_journal_head) == TRD_SLOT_SIZE, "one slot");
TRD_STATIC_ASSERT(sizeof(trd_journal_frame) == TRD_SLOT_SIZE, "one slot");
TRD_STATIC_ASSERT(sizeof(trd_journal_check) == TRD_SLOT_SIZE, "one slot");

/* trd_journal_digest returns the digest of more slots of events, given that of all before them; of
 * none it is 0. However a stream is cut into calls, the result is the same. About 3 ns per slot. */
TRD_API uint64_t trd_journal_digest(const void *slots, size_t count, uint64_t digest);

/* A place between two frames: where reading has come to, or where writing goes on. A plain value;
 * a copy is the same place. */
typedef struct trd_journal_place {
    uint64_t id;     /* of the journal */
    uint64_t number; /* of the segment; 0: in none yet */
    uint64_t at;     /* byte of the segment */
    uint64_t seq;    /* of the next command, >= 1; 0: the first frame read will say */
    trd_ns time;     /* of the last command */
    uint64_t hash;   /* of the frame before */
    uint64_t synced; /* writing: bytes of the segment that are on the disk; reading: as last said */
    uint64_t size;   /* of the segment */
} trd_journal_place;

/* trd_journal_head_seal completes a head of which id, number, size and time are set.
 * TRD_OK; TRD_E_ARG: NULL, number 0, a size that is none; then `head` is as it was. */
TRD_API int trd_journal_head_seal(trd_journal_head *head);

/* trd_journal_head_check: do the `size` bytes at `segment` begin with a whole head? TRD_OK, and it
 * is in `out`; TRD_E_TRUNCATED: fewer than 64 bytes; TRD_E_FORMAT: no; TRD_E_ARG: NULL. */
TRD_API int trd_journal_head_check(const void *segment, size_t size, trd_journal_head *out);

/* trd_journal_turn moves `place` to the first frame of the segment with that head: of the journal's
 * first segment (place->number 0: any number, and the id is the head's), or of a later one. All
 * frames of the segment before must be on the disk before one is written there; the head is taken
 * to be. TRD_OK; TRD_E_ARG: NULL, another journal, no higher number; then the place is as it was.
 */
TRD_API int trd_journal_turn(trd_journal_place *place, const trd_journal_head *head);

/* trd_journal_frame_seal makes a frame of the `payload` slots that stand behind `frame`, in memory
 * that is aligned to 8 bytes: it writes the head of the frame and moves `place` behind it.
 *
 * The slots are whole records of commands with the numbers place->seq, + 1, ... and times that do
 * not fall below place->time; or one trd_journal_check of a command before place->seq; or none.
 * Nothing else of a command is looked at. Set place->synced before when more is on the disk.
 *
 * TRD_OK; TRD_E_FULL: the segment ends before the frame does; TRD_E_ARG: NULL, the slots are not
 * that, or place->seq is 0. Then nothing has changed. Costs the hash of the payload and a look at
 * each record. */
TRD_API int trd_journal_frame_seal(trd_journal_place *place, void *frame, uint32_t payload);

/* How what was read ends. */
enum {
    TRD_JOURNAL_CLEAN = 1, /* nothing but zeros behind the last frame */
    TRD_JOURNAL_TORN = 2, /* something is there, and no whole frame: a write that was interrupted */
    TRD_JOURNAL_GAP = 3,  /* whole frames are there, but what is missing before them was not known
                             to be on the disk when they were written: the machine went down, and
                             of one write a later part had come to the disk before an earlier */
    TRD_JOURNAL_CORRUPT = 4 /* what is missing had been on the disk, or frames do not go together:
                               the journal is damaged */
};

/* trd_journal_report says where reading ended and how. */
typedef struct trd_journal_report {
    trd_journal_place last; /* behind the last frame that counts */
    uint64_t number;        /* segment, and byte in it, of the first thing that is no next frame; */
    uint64_t at;            /* CLEAN: of the first zero behind the last frame */
    uint64_t behind;        /* whole frames behind that byte, in the same segment */
    uint64_t frames;        /* that were read, of all segments */
    uint64_t commands;      /* in them */
    uint32_t outcome;       /* TRD_JOURNAL_CLEAN ... */
    uint32_t reserved;
} trd_journal_report;

/* A walk over segments, in the caller's memory. Its fields are the library's. */
typedef struct trd_journal_walk {
    trd_journal_place place;  /* behind the last frame that counts */
    trd_journal_place here;   /* in the segment that is being read */
    trd_journal_report ended; /* how the segments ended since that frame */
    const uint8_t *bytes;     /* the segment; NULL when it is finished */
    uint64_t size;            /* bytes that are there */
    uint64_t number;          /* of the last segment that was entered, 0: none */
    uint64_t first;           /* of the first one */
    uint32_t headless;        /* 1: it had no head, and nothing behind */
    uint32_t broken;          /* 1: CORRUPT has been said */
} trd_journal_walk;

/* trd_journal_walk_begin: before the first segment, which may be any: old ones may be gone. Of a
 * walk that begins with segment 1 all is expected that the journal ever held. NULL does nothing. */
TRD_API void trd_journal_walk_begin(trd_journal_walk *walk);

/* trd_journal_walk_enter goes on with segment `number`, whose file holds the `size` bytes at
 * `bytes`, aligned to 8, that stay as they are until the segment is finished (trd_journal_walk_next
 * returned 0). A file that is shorter than its head says reads as if the rest were torn off.
 *
 * TRD_OK, also for a segment whose making was interrupted: without a head, and zeros from byte
 * 4,096 on. TRD_E_CORRUPT: it cannot be the next segment of this journal, or its head is damaged.
 * TRD_E_BUSY: the segment before is not finished. TRD_E_ARG: NULL, number 0. */
TRD_API int trd_journal_walk_enter(
    trd_journal_walk *walk, uint64_t number, const void *bytes, size_t size);

/* trd_journal_walk_next: 1, and `frame` points to the next frame, in the segment's memory, with its
 * payload behind: whole records of commands numbered in a row, or one checkpoint, or nothing. 0:
 * the segment has no more; enter the next one if there is one, or end the walk. TRD_E_CORRUPT:
 * frames that do not go together; the report says where, and the walk stays there.
 * TRD_E_ARG: NULL, no segment entered.
 *
 * O(frame); the call that returns 0 looks at all of the rest of the segment. */
TRD_API int trd_journal_walk_next(trd_journal_walk *walk, const trd_journal_frame **frame);

/* trd_journal_walk_end: TRD_OK: all that was ever acknowledged as being on the disk has been read,
 * as far as the bytes can tell: what is not there was given up, or never finished. TRD_E_CORRUPT:
 * it has not. `report` says which and where, in both cases. TRD_E_BUSY: a segment is not finished.
 * TRD_E_ARG: NULL, or no segment was entered.
 *
 * To go on writing: turn report->last to a new segment, numbered behind all that there are, and
 * write an empty frame there which is on the disk before anything is acknowledged. So readers know
 * that what may stand behind the last frame is to be ignored. */
TRD_API int trd_journal_walk_end(const trd_journal_walk *walk, trd_journal_report *report);

/* trd_journal_outcome_text returns the English name of an outcome, "?" if there is none. */
TRD_API const char *trd_journal_outcome_text(unsigned outcome);

TRD_END_DECLS

#endif
