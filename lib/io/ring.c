/* ring.c - io_uring: several calls under way at once, and none that waits for a disk.
 *
 * A sync is not made by the thread that asks for it but by a worker of the kernel, which inherits
 * the processors that the thread may use. If that thread is pinned and spins, the worker waits for
 * the scheduler: `cpus` gives it others. */
#include "io/ring.h"

#include <errno.h>
#include <liburing.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "core/compiler.h"

enum { BUFFERS_MAX = 4 };

typedef struct ring {
    struct io_uring uring;
    struct iovec buffers[BUFFERS_MAX]; /* that are registered */
    uint32_t buffers_count;
    uint32_t under_way;
} ring;

/* What the journal asks for; a kernel that cannot do one of them is served without a ring. */
static const int WANTED[] = {IORING_OP_OPENAT, IORING_OP_CLOSE, IORING_OP_WRITE,
    IORING_OP_WRITE_FIXED, IORING_OP_FALLOCATE, IORING_OP_FSYNC, IORING_OP_RENAMEAT};

static bool can_all(struct io_uring *uring) {
    struct io_uring_probe *probe = io_uring_get_probe_ring(uring);
    bool all = probe != NULL;
    for (size_t i = 0; all && i < sizeof(WANTED) / sizeof(WANTED[0]); i++) {
        all = io_uring_opcode_supported(probe, WANTED[i]);
    }
    io_uring_free_probe(probe);
    return all;
}

/* Registered memory is not looked up at each write. Where it may not be pinned it is written from
 * as any other. */
static void register_buffers(ring *r, const trd_io_ring_def *def) {
    for (uint32_t i = 0; i < def->buffers; i++) {
        r->buffers[i] = (struct iovec){def->buffer[i], def->buffer_size};
    }
    if (def->buffers > 0 && io_uring_register_buffers(&r->uring, r->buffers, def->buffers) == 0) {
        r->buffers_count = def->buffers;
    }
}

static int place_workers(ring *r, uint64_t cpus) {
    if (cpus == 0) {
        return 0;
    }
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < 64; i++) {
        if ((cpus >> i & 1) != 0) {
            CPU_SET(i, &set);
        }
    }
    return io_uring_register_iowq_aff(&r->uring, sizeof(set), &set);
}

int trd__ring_open(void *user, const trd_io_ring_def *def, void **out) {
    (void)user;
    if (def->buffers > BUFFERS_MAX) {
        return -EINVAL;
    }
    ring *r = calloc(1, sizeof(*r));
    if (r == NULL) {
        return -ENOMEM;
    }
    int result = io_uring_queue_init(def->requests_max, &r->uring, 0);
    if (result < 0) {
        free(r);
        return result;
    }
    result = can_all(&r->uring) ? place_workers(r, def->cpus) : -ENOSYS;
    if (result < 0) {
        trd__ring_close(user, r);
        return result;
    }
    register_buffers(r, def);
    *out = r;
    return 0;
}

void trd__ring_close(void *user, void *at) {
    (void)user;
    ring *r = at;
    io_uring_queue_exit(&r->uring);
    free(r);
}

static void prepare_write(const ring *r, struct io_uring_sqe *sqe, const trd_io_request *q) {
    const uint8_t *from = q->data;
    for (uint32_t i = 0; i < r->buffers_count; i++) {
        const uint8_t *base = r->buffers[i].iov_base;
        if (from >= base && from + q->size <= base + r->buffers[i].iov_len) {
            io_uring_prep_write_fixed(sqe, q->fd, from, (unsigned)q->size, q->at, (int)i);
            return;
        }
    }
    io_uring_prep_write(sqe, q->fd, from, (unsigned)q->size, q->at);
}

static bool prepare(const ring *r, struct io_uring_sqe *sqe, const trd_io_request *q) {
    switch (q->call) {
    case TRD_IO_OPEN:
        io_uring_prep_openat(sqe, q->fd, q->name, trd__open_flags(q->how), 0640);
        return true;
    case TRD_IO_CLOSE:
        io_uring_prep_close(sqe, q->fd);
        return true;
    case TRD_IO_WRITE:
        prepare_write(r, sqe, q);
        return true;
    case TRD_IO_ALLOCATE:
        io_uring_prep_fallocate(sqe, q->fd, 0, 0, (off_t)q->size);
        return true;
    case TRD_IO_SYNC:
        io_uring_prep_fsync(sqe, q->fd, 0);
        return true;
    case TRD_IO_DATA_SYNC:
        io_uring_prep_fsync(sqe, q->fd, IORING_FSYNC_DATASYNC);
        return true;
    case TRD_IO_RENAME:
        io_uring_prep_renameat(sqe, q->fd, q->name, q->fd, q->to, 0);
        return true;
    default:
        return false;
    }
}

int trd__ring_submit(void *user, void *at, const trd_io_request *requests, uint32_t count) {
    (void)user;
    ring *r = at;
    if (io_uring_sq_space_left(&r->uring) < count) {
        return -EBUSY;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(&r->uring);
        if (!prepare(r, sqe, &requests[i])) {
            return -EINVAL;
        }
        io_uring_sqe_set_data64(sqe, requests[i].tag);
        if (requests[i].link != 0) {
            io_uring_sqe_set_flags(sqe, IOSQE_IO_LINK);
        }
    }
    /* What the kernel has not taken stays in the queue, so asking again goes on. */
    for (int tries = 0; io_uring_sq_ready(&r->uring) > 0;) {
        const int taken = io_uring_submit(&r->uring);
        if (taken < 0 && (taken != -EINTR && taken != -EAGAIN && taken != -EBUSY)) {
            return taken;
        }
        if (taken <= 0 && ++tries > 1000) {
            return -EAGAIN;
        }
    }
    r->under_way += count;
    return 0;
}

int trd__ring_reap(void *user, void *at, trd_io_result *results, uint32_t max, unsigned wait) {
    (void)user;
    ring *r = at;
    uint32_t count = 0;
    struct io_uring_cqe *cqe;
    while (count < max && r->under_way > 0) {
        int result = io_uring_peek_cqe(&r->uring, &cqe);
        if (result == -EAGAIN && wait != 0 && count == 0) {
            result = io_uring_wait_cqe(&r->uring, &cqe);
        }
        if (result == -EINTR) {
            continue;
        }
        if (result < 0) {
            return result == -EAGAIN ? (int)count : result;
        }
        results[count++] = (trd_io_result){io_uring_cqe_get_data64(cqe), cqe->res};
        io_uring_cqe_seen(&r->uring, cqe);
        r->under_way--;
    }
    return (int)count;
}
