/* reader.h - reading a journal, also for a writer that goes on behind it. */
#ifndef TRD_IO_READER_H
#define TRD_IO_READER_H

#include "io/file.h"

/* What a writer does besides reading. */
typedef struct trd__settled {
    uint64_t next;         /* number of the segment to go on in */
    bool blank;            /* it is there, of `size` bytes, and holds nothing but its head */
    trd_journal_head head; /* of it */
} trd__settled;

/* trd__reader_open works in an open directory, which stays the caller's. `settle`: each segment is
 * synced, forgotten by the page cache, and read from the disk, so that what is read is what the
 * disk has; a sync that failed in an earlier process left pages behind that only look written. */
int trd__reader_open(const trd_journal_reading *def, int directory, bool settle,
    trd_journal_status *status, trd_journal_reader **out);

/* After the last frame. */
trd__settled trd__reader_settled(const trd_journal_reader *reader);

/* trd__first_frame reads the head and the first frame of a segment into `memory`, which has
 * TRD__FIRST_SIZE bytes, aligned to 8. 1: `seq` is that of the frame, or of the first command
 * behind it; 0: it has none; TRD_E_IO; TRD_E_UNKNOWN: there is no such file. */
enum { TRD__FIRST_SIZE = TRD_JOURNAL_DATA + (1 + TRD_JOURNAL_PAYLOAD_MAX) * TRD_SLOT_SIZE };
int trd__first_frame(const trd_io_ops *ops, int directory, uint64_t number, uint8_t *memory,
    uint64_t *seq, trd_io_fault *fault);

#endif
