/* disk.h - a disk in memory behind the table of io/ops.h, with what real ones do at their worst.
 *
 * What was written and not synced is in the cache: reads see it, a process that is killed leaves
 * it, and when the power goes any part of it is lost: each sector of 512 bytes then is as after any
 * of the writes to it since the last sync, or none of them. Names that were made, changed or
 * removed since the directory was synced come and go the same way. A sync that fails forgets what
 * was not yet on the disk, and the next one says nothing of it.
 *
 * Any call can be made to fail, once or from then on. Requests of the ring are made when results
 * are asked for, some at a time; those that are not linked, in any order. */
#ifndef TRD_SUPPORT_DISK_H
#define TRD_SUPPORT_DISK_H

#include <stdbool.h>

#include <tradsys/io/ops.h>

#include "draw.h"

typedef struct disk disk;

enum disk_fault_kind {
    DISK_FAULT_NONE,
    DISK_FAULT_ERROR, /* the call fails with `error` and does nothing */
    DISK_FAULT_SHORT, /* a write or read does `part` bytes at most; other calls are made */
    DISK_FAULT_POWER  /* this call and all after it fail and do nothing, until disk_crash */
};

typedef struct disk_fault {
    enum disk_fault_kind kind;
    uint64_t at;    /* number of the call, from 0 */
    bool keeps_on;  /* it and all after it that `calls` names */
    uint32_t calls; /* bit TRD_IO_*: of these calls alone, the `at`-th of them; 0: of all */
    int error;
    uint64_t part;
} disk_fault;

disk *disk_new(uint64_t seed);
void disk_free(disk *d);

/* The table, with a ring or without. */
trd_io_ops disk_ops(disk *d, bool ring);

/* Faults from now on; the count of calls begins again. */
void disk_set_fault(disk *d, const disk_fault *fault);

/* Calls since disk_set_fault, of those that the fault names. */
uint64_t disk_calls(const disk *d);

/* Did the fault strike? */
bool disk_struck(const disk *d);

/* Has the power gone, or the process ended, by DISK_FAULT_POWER? */
bool disk_is_dead(const disk *d);

/* How soon requests of the ring come back: so many of a hundred that could, each time that results
 * are asked for. 40, if nothing is said. */
void disk_set_pace(disk *d, int64_t percent);

/* For tests of tests: these calls (bit TRD_IO_*: of SYNC and DATA_SYNC) say that they are done, and
 * nothing is on the disk. */
void disk_set_lies(disk *d, uint32_t calls);

/* The power goes, and comes back. */
void disk_crash(disk *d);

/* The process ends: its files and locks do, what it wrote stays. Of the requests that are on their
 * way any are made; their memory is still there, here as in disk_crash. */
void disk_kill(disk *d);

/* The bytes of a file, for a look or for damage to cache and disk alike; NULL: there is none. */
uint8_t *disk_file(disk *d, const char *name, uint64_t *size);
void disk_damage(disk *d, const char *name, uint64_t at, uint8_t flip);

/* Files that are open. */
unsigned disk_open_count(const disk *d);

#endif
