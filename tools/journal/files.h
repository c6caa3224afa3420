/* files.h - a journal's files, mapped, and walked frame by frame with the place of each.
 *
 * A journal is a directory of segments, or one segment by itself. Segments are read as
 * docs/formats/journal.md says; nothing is written, and no writer is disturbed. */
#ifndef JOURNAL_FILES_H
#define JOURNAL_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <tradsys/journal.h>

typedef struct segment {
    char *path;
    uint64_t number;     /* as its name says; of a file by itself as its head says */
    const uint8_t *data; /* mapped; of an empty file one slot of zeros */
    uint64_t size;       /* bytes of the file */
} segment;

typedef struct journal {
    const char *path;
    segment *segments; /* by number */
    uint32_t count;
    uint64_t size; /* bytes of all */
    /* How each segment ended by itself, written by the walk that has read it; `number` is another
     * one where that is not known. A torn end that a later segment has given up is no fault. */
    trd_journal_report *stops;
} journal;

/* journal_open maps the segments of directory `path`, or the segment that is the file `path`. An
 * exit code of replay/source.h; what failed is said on stderr. A directory without segments is
 * refused. journal_close unmaps them; a zeroed journal may be closed. */
int journal_open(journal *at, const char *path);
void journal_close(journal *at);

/* journal_number: which segment a file of that name is, 0 if none. */
uint64_t journal_number(const char *name);

/* journal_find returns the index of the segment to begin with for command `seq`: the last one whose
 * first frame does not begin behind it; `count` if the oldest command that is left is a later one.
 */
uint32_t journal_find(const journal *at, uint64_t seq);

/* A walk over the frames. */
typedef struct cursor {
    const journal *of;
    trd_journal_walk walk;
    uint64_t done;  /* bytes of finished segments */
    uint32_t first; /* index of the segment where it began */
    uint32_t at;    /* of the segment that is read */
    bool entered;   /* it was given to the walk */
    bool begun;     /* there was a frame */
    bool headless;  /* the first one is not in the first segment, and is not a journal's first */
} cursor;

/* Where a frame is. */
typedef struct frame_place {
    const segment *in;
    uint64_t at; /* byte of the segment */
} frame_place;

/* cursor_begin begins with segment `first`. */
cursor cursor_begin(const journal *of, uint32_t first);

/* cursor_next: 1 and *frame with its *place; 0: that was all; TRD_E_CORRUPT, and again then. The
 * walk of the library takes any first frame, since older segments may have been removed; if they
 * are there and have no frames, what was in them is missing, and that is damage here. */
int cursor_next(cursor *at, const trd_journal_frame **frame, frame_place *place);

/* cursor_end says how it ended, after cursor_next has returned 0 or less. TRD_OK, TRD_E_CORRUPT. */
int cursor_end(const cursor *at, trd_journal_report *report);

/* cursor_done: bytes of the segments that were finished, for a progress bar. */
uint64_t cursor_done(const cursor *at);

/* The payload of a frame that is commands, one record after the other; NULL behind the last. */
const trd_command *frame_command(const trd_journal_frame *frame, const trd_command *before);

/* The checkpoint of a frame that holds one, else NULL. */
const trd_journal_check *frame_check(const trd_journal_frame *frame);

#endif
