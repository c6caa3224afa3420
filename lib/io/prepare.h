/* prepare.h - the next segment, made ahead: a file of its full size with a head, all on the disk,
 * under its name.
 *
 * It is made under another name first, so that whatever has a segment's name has a head. One
 * request is under way at a time; the writer's lane carries it beside the writes. */
#ifndef TRD_IO_PREPARE_H
#define TRD_IO_PREPARE_H

#include "io/file.h"
#include "io/lane.h"

enum trd__making {
    TRD__MAKING_NONE,
    TRD__MAKING_OPEN,
    TRD__MAKING_ALLOCATE,
    TRD__MAKING_ZEROS, /* where the file system cannot allocate */
    TRD__MAKING_HEAD,
    TRD__MAKING_SYNC,
    TRD__MAKING_RENAME,
    TRD__MAKING_DIRECTORY,
    TRD__MAKING_READY,
    TRD__MAKING_FAILED
};

typedef struct trd__maker {
    trd__lane *lane;
    int directory;
    int fd; /* of the segment; -1: none */
    enum trd__making state;
    bool under_way;
    bool final; /* a sync failed: it must not be tried again */
    uint32_t retries;
    uint64_t sent; /* bytes of what is being written */
    trd_journal_head head;
    char name[TRD__NAME_SIZE];
    trd_io_fault fault;
} trd__maker;

/* Tag of the maker's requests. */
enum { TRD__TAG_MAKER = 3 };

/* Begins to make a segment with that head, which is sealed. None is being made. */
void trd__maker_begin(trd__maker *maker, const trd_journal_head *head);

/* Gives the lane the next request, if there is one to give. Requests started, or -errno of the
 * lane.
 */
int trd__maker_step(trd__maker *maker);

/* The result of the request. */
void trd__maker_take(trd__maker *maker, int64_t result);

/* READY: the file is the caller's now. */
int trd__maker_hand_over(trd__maker *maker);

/* Frees what it has. Nothing is under way. */
void trd__maker_end(trd__maker *maker);

#endif
