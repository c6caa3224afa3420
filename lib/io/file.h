/* file.h - what writing, reading and trimming a journal share: names of segments, whole reads. */
#ifndef TRD_IO_FILE_H
#define TRD_IO_FILE_H

#include <tradsys/io/journal.h>

#include "core/compiler.h"

enum { TRD__NAME_SIZE = 24 }; /* "000000000001.journal" and a zero */

enum { TRD__RETRIES_MAX = 100 }; /* of a call that is interrupted, or does nothing, in a row */

/* The file name of segment `number`, which has twelve digits at most: more segments of the smallest
 * size than a disk has room for. */
void trd__name_of(uint64_t number, char name[TRD__NAME_SIZE]);

/* The number of the segment of that name; 0: it is none's. */
uint64_t trd__name_number(const char *name);

/* The segments of a directory. */
typedef struct trd__span {
    uint64_t first; /* 0: there are none */
    uint64_t last;
    uint64_t count; /* last - first + 1, if none is missing */
} trd__span;

/* 0 or -errno. */
int trd__span_of(const trd_io_ops *ops, int directory, trd__span *out);

/* Memory of the definition's allocator, or the C library's. */
void *trd__io_alloc(const trd_mem *mem, size_t size);
void trd__io_release(const trd_mem *mem, void *at, size_t size);

/* Reads until `size` bytes are there or the file ends; short and interrupted reads are continued.
 * Bytes read, or -errno. */
int64_t trd__read_whole(const trd_io_ops *ops, int fd, uint8_t *to, uint64_t size);

/* Says in `fault` what failed, if it is not NULL, and returns TRD_E_IO. */
int trd__fault(trd_io_fault *fault, uint32_t call, int64_t result, uint64_t number, uint64_t at);

/* Is that a result after which the same call is made again? A sync that fails in any other way than
 * being interrupted may have lost what it was about, and is not. */
bool trd__again(uint32_t call, int64_t result);

/* Is something under way to the disk, whose result trd_journal_poll will find some time? */
bool trd__journal_is_under_way(const trd_journal_writer *writer);

#endif
