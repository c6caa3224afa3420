/* ring.h - io_uring behind the ring calls of ops.h. */
#ifndef TRD_IO_RING_H
#define TRD_IO_RING_H

#include <tradsys/io/ops.h>

/* Flags of open(2) for TRD_IO_TO_*. */
int trd__open_flags(unsigned how);

int trd__ring_open(void *user, const trd_io_ring_def *def, void **ring);
int trd__ring_submit(void *user, void *ring, const trd_io_request *requests, uint32_t count);
int trd__ring_reap(void *user, void *ring, trd_io_result *results, uint32_t max, unsigned wait);
void trd__ring_close(void *user, void *ring);

#endif
