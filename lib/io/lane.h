/* lane.h - requests on their way: through a ring, or made one after the other when they are given.
 * The results are the same, and so is the order in which a caller may see them. */
#ifndef TRD_IO_LANE_H
#define TRD_IO_LANE_H

#include <tradsys/io/ops.h>

#include "core/compiler.h"

enum { TRD__LANE_MAX = 8 }; /* requests under way at once */

typedef struct trd__lane {
    const trd_io_ops *ops;
    void *ring; /* NULL: there is none */
    uint32_t under_way;
    uint32_t done_count; /* without a ring: results that were not taken yet */
    trd_io_result done[TRD__LANE_MAX];
} trd__lane;

/* Tries for a ring unless `plain`; without one the lane works all the same. */
void trd__lane_open(trd__lane *lane, const trd_io_ops *ops, const trd_io_ring_def *def, bool plain);

/* Starts `count` requests; with those under way they are TRD__LANE_MAX at most. 0 or -errno: then
 * the lane is not to be used any more. */
int trd__lane_start(trd__lane *lane, const trd_io_request *requests, uint32_t count);

/* Stores the results that are there, waits for one if `wait` and any is to come. A count, or
 * -errno. */
int trd__lane_reap(trd__lane *lane, trd_io_result *results, uint32_t max, bool wait);

/* Waits for what is under way, whose memory can be freed then. */
void trd__lane_close(trd__lane *lane);

#endif
