/* lane.c - requests through a ring, or one after the other. */
#include "io/lane.h"

#include <errno.h>
#include <string.h>

void trd__lane_open(
    trd__lane *lane, const trd_io_ops *ops, const trd_io_ring_def *def, bool plain) {
    *lane = (trd__lane){.ops = ops};
    void *ring = NULL;
    if (!plain && ops->ring_open != NULL && ops->ring_open(ops->user, def, &ring) == 0) {
        lane->ring = ring;
    }
}

static int64_t make(const trd_io_ops *ops, const trd_io_request *q) {
    switch (q->call) {
    case TRD_IO_OPEN:
        return ops->open(ops->user, q->fd, q->name, q->how);
    case TRD_IO_CLOSE:
        return ops->close(ops->user, q->fd);
    case TRD_IO_WRITE:
        return ops->write(ops->user, q->fd, q->data, q->size, q->at);
    case TRD_IO_ALLOCATE:
        return ops->allocate(ops->user, q->fd, q->size);
    case TRD_IO_SYNC:
        return ops->sync(ops->user, q->fd);
    case TRD_IO_DATA_SYNC:
        return ops->data_sync(ops->user, q->fd);
    case TRD_IO_RENAME:
        return ops->rename(ops->user, q->fd, q->name, q->to);
    default:
        return -EINVAL;
    }
}

/* Did the call do all that it was to do? What is linked behind it begins only then. */
static bool is_full(const trd_io_request *q, int64_t result) {
    return q->call == TRD_IO_WRITE ? result == (int64_t)q->size : result >= 0;
}

int trd__lane_start(trd__lane *lane, const trd_io_request *requests, uint32_t count) {
    if (lane->ring != NULL) {
        const int result = lane->ops->ring_submit(lane->ops->user, lane->ring, requests, count);
        lane->under_way += result < 0 ? 0 : count;
        return result;
    }
    bool cut = false;
    for (uint32_t i = 0; i < count; i++) {
        const int64_t result = cut ? -ECANCELED : make(lane->ops, &requests[i]);
        lane->done[lane->done_count++] = (trd_io_result){requests[i].tag, result};
        cut = requests[i].link != 0 && (cut || !is_full(&requests[i], result));
    }
    lane->under_way += count;
    return 0;
}

static int reap_done(trd__lane *lane, trd_io_result *results, uint32_t max) {
    const uint32_t count = lane->done_count < max ? lane->done_count : max;
    memcpy(results, lane->done, count * sizeof(*results));
    lane->done_count -= count;
    memmove(lane->done, lane->done + count, lane->done_count * sizeof(*results));
    return (int)count;
}

int trd__lane_reap(trd__lane *lane, trd_io_result *results, uint32_t max, bool wait) {
    if (lane->under_way == 0) {
        return 0;
    }
    const int count = lane->ring != NULL ? lane->ops->ring_reap(lane->ops->user, lane->ring,
                                               results, max, wait && lane->under_way > 0)
                                         : reap_done(lane, results, max);
    lane->under_way -= count > 0 ? (uint32_t)count : 0;
    return count;
}

void trd__lane_close(trd__lane *lane) {
    trd_io_result results[TRD__LANE_MAX];
    while (lane->under_way > 0 && trd__lane_reap(lane, results, TRD__LANE_MAX, true) > 0) {
    }
    if (lane->ring != NULL) {
        lane->ops->ring_close(lane->ops->user, lane->ring);
    }
    *lane = (trd__lane){.ops = lane->ops};
}
