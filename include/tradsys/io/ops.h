/* ops.h - the system calls that files are written and read with, as a table that can be replaced.
 *
 * Whatever opens a file takes a table; NULL means the system's (trd_io_system). Tests put their own
 * in its place, which fails calls or keeps a disk in memory. Each call returns what its namesake in
 * the system returns, but -errno instead of -1. `user` is passed to each.
 *
 * The ring is the way to have several calls under way at once: io_uring, if the library was built
 * with it and the kernel allows it. Where ring_open is NULL or fails, the others are called one
 * after the other, with the same results.
 */
#ifndef TRADSYS_IO_OPS_H
#define TRADSYS_IO_OPS_H

#include <tradsys/base.h>

TRD_BEGIN_DECLS

/* What a call is, in requests and in faults. */
enum {
    TRD_IO_OPEN = 1,
    TRD_IO_CLOSE = 2,
    TRD_IO_READ = 3,
    TRD_IO_WRITE = 4,
    TRD_IO_ALLOCATE = 5,
    TRD_IO_SYNC = 6,      /* with metadata: fsync */
    TRD_IO_DATA_SYNC = 7, /* fdatasync */
    TRD_IO_RENAME = 8,
    TRD_IO_REMOVE = 9,
    TRD_IO_LIST = 10,
    TRD_IO_LOCK = 11,
    TRD_IO_SIZE = 12,
    TRD_IO_DROP = 13,
    TRD_IO_RANDOM = 14,
    TRD_IO_RING = 15 /* the ring itself */
};

/* How a file is opened. */
enum {
    TRD_IO_TO_READ = 1,  /* an existing file, to be read and synced */
    TRD_IO_TO_WRITE = 2, /* made if it is not there, and made empty; to be read and written */
    TRD_IO_TO_ADD = 3,   /* an existing file, to be read and written */
    TRD_IO_DIRECTORY = 4 /* an existing directory; `directory` is not looked at */
};

/* One call on its way. It and what it points to stay as they are until its result is there. */
typedef struct trd_io_request {
    uint32_t call;    /* OPEN, CLOSE, WRITE, ALLOCATE, SYNC, DATA_SYNC, RENAME */
    uint32_t link;    /* 1: the next request of this submission begins when this one has succeeded
                         in full, and has the result -ECANCELED if it has not */
    int32_t fd;       /* of the directory: OPEN, RENAME */
    uint32_t how;     /* OPEN: TRD_IO_TO_* */
    const void *data; /* WRITE */
    uint64_t size;    /* WRITE, ALLOCATE */
    uint64_t at;      /* WRITE */
    const char *name; /* OPEN, RENAME */
    const char *to;   /* RENAME */
    uint64_t tag;     /* given back with the result */
} trd_io_request;

typedef struct trd_io_result {
    uint64_t tag;
    int64_t result;
} trd_io_result;

typedef struct trd_io_ring_def {
    uint32_t requests_max; /* under way at once */
    uint32_t buffers;      /* memory that is written from */
    uint64_t cpus;         /* bit n: workers of the kernel may use processor n; 0: any */
    void *const *buffer;   /* [buffers] */
    uint64_t buffer_size;  /* of each */
} trd_io_ring_def;

typedef struct trd_io_ops {
    void *user;
    int (*open)(void *user, int directory, const char *name, unsigned how);
    int (*close)(void *user, int fd);
    int64_t (*size)(void *user, int fd);
    int64_t (*read)(void *user, int fd, void *to, uint64_t size, uint64_t at);
    int64_t (*write)(void *user, int fd, const void *from, uint64_t size, uint64_t at);
    /* Gives an empty file `size` bytes that read as zeros and are reserved. */
    int (*allocate)(void *user, int fd, uint64_t size);
    int (*sync)(void *user, int fd);
    int (*data_sync)(void *user, int fd);
    /* What of the file is only a copy of the disk is forgotten, and read from there again. */
    int (*drop)(void *user, int fd);
    int (*rename)(void *user, int directory, const char *from, const char *to);
    int (*remove)(void *user, int directory, const char *name);
    /* Calls `each` with every name; stops when that returns below zero, and returns it. */
    int (*list)(void *user, int directory, int (*each)(void *to, const char *name), void *to);
    /* One process holds the lock of a directory, until it closes the directory. -EWOULDBLOCK. */
    int (*lock)(void *user, int fd);
    int (*random)(void *user, void *to, uint64_t size);

    int (*ring_open)(void *user, const trd_io_ring_def *def, void **ring);
    /* All or none of the requests is on its way. */
    int (*ring_submit)(void *user, void *ring, const trd_io_request *requests, uint32_t count);
    /* Stores up to `max` results, returns how many; `wait` not 0: at least one, if any request is
     * under way. */
    int (*ring_reap)(void *user, void *ring, trd_io_result *results, uint32_t max, unsigned wait);
    void (*ring_close)(void *user, void *ring);
} trd_io_ops;

/* trd_io_system returns the system's calls. */
TRD_API const trd_io_ops *trd_io_system(void);

/* What failed: a call of ops.h, and the errno. */
typedef struct trd_io_fault {
    uint32_t call;   /* TRD_IO_*; 0: nothing failed */
    int32_t error;   /* errno, > 0 */
    uint64_t number; /* of the segment or file it was about, 0 if none */
    uint64_t at;     /* byte in it, of reads and writes */
} trd_io_fault;

/* trd_io_call_text returns the name of a call, "?" if there is none. */
TRD_API const char *trd_io_call_text(unsigned call);

TRD_END_DECLS

#endif
