/* scarce.h - memory that runs out: an allocator hook that fails the n-th allocation, alone or with
 * all after it, and counts what is out. For what takes several blocks; of one block hook.h knows
 * more. */
#ifndef TRD_SUPPORT_SCARCE_H
#define TRD_SUPPORT_SCARCE_H

#include <tradsys/base.h>

#include <stdlib.h>

typedef struct scarce {
    int fails_at;    /* number of the allocation, from 0; below 0: none */
    bool keeps_on;   /* it and all after it */
    int allocations; /* so far, failed ones included */
    int live;        /* blocks that are out */
    size_t size;     /* bytes of them */
} scarce;

static inline void *scarce_alloc(void *user, size_t size, size_t align) {
    scarce *own = (scarce *)user;
    const int at = own->allocations++;
    if (own->fails_at >= 0 && (own->keeps_on ? at >= own->fails_at : at == own->fails_at)) {
        return NULL;
    }
    own->live++;
    own->size += size;
    return aligned_alloc(align, size);
}

static inline void scarce_release(void *user, void *at, size_t size) {
    scarce *own = (scarce *)user;
    own->live--;
    own->size -= size;
    free(at);
}

static inline trd_mem scarce_mem(scarce *own) {
    return (trd_mem){.alloc = scarce_alloc, .release = scarce_release, .user = own};
}

#endif
