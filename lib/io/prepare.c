/* prepare.c - the next segment, made ahead: one step per request. */
#include "io/prepare.h"

#include <errno.h>
#include <string.h>

static const char WORKING_NAME[] = "segment.new";
static const uint8_t ZEROS[65536];

void trd__maker_begin(trd__maker *maker, const trd_journal_head *head) {
    maker->state = TRD__MAKING_OPEN;
    maker->retries = 0;
    maker->sent = 0;
    maker->head = *head;
    trd__name_of(head->number, maker->name);
}

static trd_io_request request_of(const trd__maker *m) {
    trd_io_request q = {.tag = TRD__TAG_MAKER, .fd = m->fd};
    switch (m->state) {
    case TRD__MAKING_OPEN:
        q.call = TRD_IO_OPEN;
        q.fd = m->directory;
        q.how = TRD_IO_TO_WRITE;
        q.name = WORKING_NAME;
        break;
    case TRD__MAKING_ALLOCATE:
        q.call = TRD_IO_ALLOCATE;
        q.size = m->head.size;
        break;
    case TRD__MAKING_ZEROS:
        q.call = TRD_IO_WRITE;
        q.data = ZEROS;
        q.at = m->sent;
        q.size = m->head.size - m->sent;
        q.size = q.size < sizeof(ZEROS) ? q.size : sizeof(ZEROS);
        break;
    case TRD__MAKING_HEAD:
        q.call = TRD_IO_WRITE;
        q.data = (const uint8_t *)&m->head + m->sent;
        q.at = m->sent;
        q.size = sizeof(m->head) - m->sent;
        break;
    case TRD__MAKING_SYNC:
        q.call = TRD_IO_SYNC;
        break;
    case TRD__MAKING_RENAME:
        q.call = TRD_IO_RENAME;
        q.fd = m->directory;
        q.name = WORKING_NAME;
        q.to = m->name;
        break;
    default:
        q.call = TRD_IO_SYNC;
        q.fd = m->directory;
        break;
    }
    return q;
}

static bool is_making(const trd__maker *m) {
    return m->state > TRD__MAKING_NONE && m->state < TRD__MAKING_READY;
}

int trd__maker_step(trd__maker *maker) {
    if (!is_making(maker) || maker->under_way) {
        return 0;
    }
    const trd_io_request request = request_of(maker);
    const int result = trd__lane_start(maker->lane, &request, 1);
    maker->under_way = result >= 0;
    return result < 0 ? result : 1;
}

static void fail(trd__maker *m, int64_t result) {
    const trd_io_request request = request_of(m);
    trd__fault(&m->fault, request.call, result, m->head.number, request.at);
    /* A sync that failed may have lost what a second one says nothing of. */
    m->final = request.call == TRD_IO_SYNC;
    if (m->fd >= 0) {
        m->lane->ops->close(m->lane->ops->user, m->fd);
        m->fd = -1;
    }
    m->state = TRD__MAKING_FAILED;
}

/* The same request again; but not for ever. */
static void again(trd__maker *m, int64_t result) {
    if (++m->retries > TRD__RETRIES_MAX) {
        fail(m, result);
    }
}

static void next(trd__maker *m, enum trd__making state) {
    m->state = state;
    m->retries = 0;
    m->sent = 0;
}

/* A write of which `size` bytes are wanted in all, perhaps in many pieces. */
static void take_write(trd__maker *m, int64_t result, uint64_t size, enum trd__making then) {
    if (result == 0) {
        again(m, -EIO);
        return;
    }
    m->sent += (uint64_t)result;
    m->retries = 0;
    if (m->sent >= size) {
        next(m, then);
    }
}

void trd__maker_take(trd__maker *maker, int64_t result) {
    maker->under_way = false;
    if (trd__again(request_of(maker).call, result)) {
        again(maker, result);
        return;
    }
    if (maker->state == TRD__MAKING_ALLOCATE && (result == -EOPNOTSUPP || result == -ENOSYS)) {
        next(maker, TRD__MAKING_ZEROS);
        return;
    }
    if (result < 0) {
        fail(maker, result);
        return;
    }
    switch (maker->state) {
    case TRD__MAKING_OPEN:
        maker->fd = (int)result;
        next(maker, TRD__MAKING_ALLOCATE);
        break;
    case TRD__MAKING_ALLOCATE:
        next(maker, TRD__MAKING_HEAD);
        break;
    case TRD__MAKING_ZEROS:
        take_write(maker, result, maker->head.size, TRD__MAKING_HEAD);
        break;
    case TRD__MAKING_HEAD:
        take_write(maker, result, sizeof(maker->head), TRD__MAKING_SYNC);
        break;
    default: /* SYNC, RENAME, DIRECTORY */
        next(maker, maker->state + 1);
        break;
    }
}

int trd__maker_hand_over(trd__maker *maker) {
    const int fd = maker->fd;
    maker->fd = -1;
    maker->state = TRD__MAKING_NONE;
    maker->fault = (trd_io_fault){0};
    return fd;
}

void trd__maker_end(trd__maker *maker) {
    if (maker->fd >= 0) {
        maker->lane->ops->close(maker->lane->ops->user, maker->fd);
        maker->fd = -1;
    }
    maker->state = TRD__MAKING_NONE;
}
