/* journal.h - a journal in files: commands are appended, become durable, and are read again.
 *
 *     writing   trd_journal_writer_open    a new journal, or on from where the old one ends
 *               trd_journal_append         commands, as the sequencer has numbered them
 *               trd_journal_poll           again and again: moves them towards the disk
 *               trd_journal_acknowledged   up to which command what the mode promises holds
 *               trd_journal_writer_close
 *     reading   trd_journal_reader_open, trd_journal_reader_next, trd_journal_reader_report,
 *               trd_journal_reader_close
 *     keeping   trd_journal_trim           removes what a snapshot has made unneeded
 *
 * What is appended while a write is under way is written together by the next one, so the slower
 * the disk, the larger the groups. The library is libtradsys-io; the bytes are in journal.h and
 * docs/formats/journal.md. One thread at a time uses a writer or a reader; one process at a time
 * has a writer on a directory.
 */
#ifndef TRADSYS_IO_JOURNAL_H
#define TRADSYS_IO_JOURNAL_H

#include <tradsys/base.h>
#include <tradsys/command.h>
#include <tradsys/io/ops.h>
#include <tradsys/journal.h>

TRD_BEGIN_DECLS

typedef struct trd_journal_writer trd_journal_writer;
typedef struct trd_journal_reader trd_journal_reader;

/* When a command counts as acknowledged, and so what can be lost that was. */
enum {
    TRD_JOURNAL_SYNC = 1,    /* when it is on the disk: nothing */
    TRD_JOURNAL_WRITTEN = 2, /* when the system has it: what the system had not yet written when the
                                machine goes down; nothing when only the process does */
    TRD_JOURNAL_LAZY = 3     /* at once: also what was appended since the last write, which waits
                                until half a batch is there */
};

/* Flags of a definition. */
enum { TRD_JOURNAL_PLAIN = 1 /* no ring, even if there is one */ };

/* Start from trd_journal_def_default(). */
typedef struct trd_journal_def {
    uint32_t struct_size;  /* sizeof(trd_journal_def) */
    uint32_t mode;         /* TRD_JOURNAL_SYNC, WRITTEN, LAZY */
    const char *directory; /* exists; holds nothing but this journal's segments, or other names */
    uint64_t seq;          /* >= 1. The first command that is wanted: a journal without any frames
                              begins there; of an older one what is before is not looked at */
    trd_ns time;           /* a new journal: no command is before that */
    uint64_t segment_size; /* bytes, TRD_JOURNAL_SIZE_MIN to MAX, a multiple of 4,096 */
    uint32_t batch_size;   /* bytes of each of two buffers, a multiple of 4,096: [8192, 2^24], at
                              most segment_size - 4,096 */
    uint32_t flags;        /* TRD_JOURNAL_PLAIN */
    uint64_t cpus;         /* bit n: workers of the kernel may use processor n; 0: any. Without it
                              they share the appending thread's, if that is pinned */
    const trd_io_ops *ops; /* NULL: the system's. Copied */
    trd_mem mem;
} trd_journal_def;

static inline trd_journal_def trd_journal_def_default(void) {
    trd_journal_def def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    def.mode = TRD_JOURNAL_SYNC;
    def.seq = 1;
    def.segment_size = UINT64_C(64) << 20;
    def.batch_size = UINT32_C(1) << 20;
    return def;
}

/* How opening or reading went. */
typedef struct trd_journal_status {
    trd_journal_report report; /* after the last frame; with TRD_E_CORRUPT: segment and byte of the
                                  damage */
    trd_io_fault fault;        /* with TRD_E_IO */
} trd_journal_status;

/* trd_journal_writer_open makes a journal in a directory without one, or reads the one that is
 * there from command def->seq on, and goes on behind it in a new segment. What it has read, and
 * where it goes on, is on the disk when it returns. The next command is status->report.last.seq.
 * Open the writer first and read then what there is to be replayed: before, the page cache may
 * show what a failed sync has lost.
 *
 * TRD_OK, and `*out` is the writer. Otherwise `*out` is NULL:
 *   TRD_E_ARG      the definition, or a NULL argument
 *   TRD_E_MEMORY
 *   TRD_E_BUSY     another writer has the directory; or had it with a ring when its process was
 *                  killed, milliseconds ago: try again
 *   TRD_E_UNKNOWN  the journal has no command def->seq and does not end before it: the commands in
 *                  between are missing
 *   TRD_E_CORRUPT  the journal is damaged: status->report says where. Nothing was written
 *   TRD_E_IO       a call failed: status->fault says which
 * Reads all frames from def->seq on from the disk; allocates the two buffers, and one segment while
 * it reads. */
TRD_API int trd_journal_writer_open(
    const trd_journal_def *def, trd_journal_status *status, trd_journal_writer **out);

/* trd_journal_append takes `slots` slots of whole records, numbered on from the last and with times
 * that do not fall: all of them or none. They are copied.
 *
 * TRD_OK; TRD_E_FULL: the buffer is full, poll and try again; TRD_E_ARG: not such records, NULL, 0
 * or more than TRD_JOURNAL_PAYLOAD_MAX slots; TRD_E_IO: the journal has failed.
 * No system call, no allocation: a copy and a look at each record. */
TRD_API int trd_journal_append(
    trd_journal_writer *writer, const trd_command *records, uint32_t slots);

/* trd_journal_checkpoint appends a checkpoint: after command `seq`, which was appended, there were
 * that many slots of events with that digest. Results as trd_journal_append. */
TRD_API int trd_journal_checkpoint(
    trd_journal_writer *writer, uint64_t seq, uint64_t events, uint64_t digest);

/* trd_journal_poll takes the results that are there, and starts the next write if none is under way
 * and there is something to write. With a ring it does not wait for the disk; without one it makes
 * the calls itself. Returns how many results it took or requests it made, 0 if there was nothing to
 * do, or TRD_E_IO: the journal has failed, and acknowledges nothing from then on.
 *
 * Calls that were interrupted or wrote a part are continued. Any other failure of a write or a sync
 * is final. So is the failure of making the next segment, but only when it is needed: until then
 * trd_journal_progress_get tells of it. */
TRD_API int trd_journal_poll(trd_journal_writer *writer);

/* trd_journal_flush returns when all that was appended is on the disk, whatever the mode. TRD_OK or
 * TRD_E_IO. */
TRD_API int trd_journal_flush(trd_journal_writer *writer);

/* trd_journal_acknowledged returns the number of the last command that is acknowledged; right after
 * opening, of the last one that was read. It never falls. */
TRD_API uint64_t trd_journal_acknowledged(const trd_journal_writer *writer);

typedef struct trd_journal_progress {
    uint64_t appended;     /* last command that was taken */
    uint64_t acknowledged; /* last one that is acknowledged */
    uint64_t written;      /* last one that the system has */
    uint64_t durable;      /* last one that is on the disk */
    uint64_t number;       /* segment that is being written */
    uint64_t at;           /* byte in it where the next write goes */
    uint64_t writes;       /* batches written so far */
    uint64_t syncs;        /* of them, so far */
    uint32_t ring;         /* 1: with a ring */
    uint32_t ready;        /* 1: the next segment is there */
    trd_io_fault fault;    /* what the journal failed of */
    trd_io_fault ahead;    /* what making the next segment failed of; it is tried again when it is
                              needed */
} trd_journal_progress;

TRD_API void trd_journal_progress_get(
    const trd_journal_writer *writer, trd_journal_progress *progress);

/* trd_journal_writer_close flushes, says in the journal that it was closed in order, and frees the
 * writer; a journal that has failed is only freed. TRD_OK, TRD_E_IO. NULL does nothing. */
TRD_API int trd_journal_writer_close(trd_journal_writer *writer);

/* What to read. */
typedef struct trd_journal_reading {
    uint32_t struct_size;  /* sizeof(trd_journal_reading) */
    uint32_t reserved;     /* zero */
    const char *directory; /* a writer may have it, but not append or poll meanwhile */
    uint64_t seq;          /* the first command that is wanted; 0: from the oldest on */
    const trd_io_ops *ops; /* NULL: the system's. Copied */
    trd_mem mem;
} trd_journal_reading;

static inline trd_journal_reading trd_journal_reading_default(void) {
    trd_journal_reading def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    return def;
}

/* trd_journal_reader_open finds the segment where command def->seq is, or will be. TRD_OK;
 * TRD_E_UNKNOWN: the oldest command that is left is a later one; TRD_E_ARG, TRD_E_MEMORY,
 * TRD_E_IO. A directory without a journal reads as an empty one. */
TRD_API int trd_journal_reader_open(
    const trd_journal_reading *def, trd_journal_status *status, trd_journal_reader **out);

/* trd_journal_reader_next: 1, and `frame` is the next one, with its payload behind, until the next
 * call. The first frames may hold commands before def->seq. 0: that was all. TRD_E_CORRUPT,
 * TRD_E_IO, TRD_E_MEMORY: as trd_journal_reader_report says; calling again gives the same. A
 * segment is read into memory when its first frame is asked for. */
TRD_API int trd_journal_reader_next(trd_journal_reader *reader, const trd_journal_frame **frame);

/* trd_journal_reader_report: how it ended, once trd_journal_reader_next has returned 0 or less;
 * before that TRD_E_BUSY. An empty journal has report.last.seq 0 and outcome CLEAN. */
TRD_API int trd_journal_reader_report(const trd_journal_reader *reader, trd_journal_status *status);

TRD_API void trd_journal_reader_close(trd_journal_reader *reader);

/* What to remove. */
typedef struct trd_journal_trimming {
    uint32_t struct_size;  /* sizeof(trd_journal_trimming) */
    uint32_t reserved;     /* zero */
    const char *directory; /* a writer may be at work there */
    uint64_t seq;          /* commands from here on are kept */
    /* Called with the name of each segment before it is removed. Below zero: it stays, and so do
     * all after it; the result is returned. NULL: none. */
    int (*archive)(void *user, const char *name, uint64_t number);
    void *user;
    const trd_io_ops *ops; /* NULL: the system's */
    trd_mem mem;
} trd_journal_trimming;

static inline trd_journal_trimming trd_journal_trimming_default(void) {
    trd_journal_trimming def = TRD_ZERO;
    def.struct_size = (uint32_t)sizeof(def);
    return def;
}

/* trd_journal_trim removes the oldest segments as long as all their commands are below def->seq,
 * never the last one with a frame. Returns how many; TRD_E_ARG, TRD_E_MEMORY, TRD_E_IO, or what
 * `archive` returned; `fault` may be NULL. Waits for the disk: not for the thread that appends. */
TRD_API int trd_journal_trim(const trd_journal_trimming *def, trd_io_fault *fault);

TRD_END_DECLS

#endif
