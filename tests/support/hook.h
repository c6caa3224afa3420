/* hook.h - an allocator hook for tests: counts, fails the n-th allocation, and gives wrongly
 * aligned memory on request. A release with another size than was allocated, or of memory that is
 * not the hook's, aborts. */
#ifndef TRD_SUPPORT_HOOK_H
#define TRD_SUPPORT_HOOK_H

#include <tradsys/base.h>

#include <stdlib.h>
#include <string.h>

typedef struct hook {
    unsigned allocs; /* calls of alloc, failed ones included */
    unsigned releases;
    unsigned fail_at; /* the alloc that fails, counted from 1; 0: none */
    size_t shift;     /* bytes off the alignment */
    size_t size;      /* of the memory that is out */
    void *at;         /* the memory that is out, or NULL: at most one at a time */
} hook;

static inline void *hook_alloc(void *user, size_t size, size_t align) {
    hook *own = (hook *)user;
    own->allocs++;
    if (own->allocs == own->fail_at) {
        return NULL;
    }
    if (own->at != NULL) {
        abort();
    }
    char *at = (char *)aligned_alloc(align, ((size + align - 1) & ~(align - 1)) + align);
    memset(at, 0xa5, size + own->shift); /* whoever relies on zeroed memory shall notice */
    own->size = size;
    own->at = at + own->shift;
    return own->at;
}

static inline void hook_release(void *user, void *at, size_t size) {
    hook *own = (hook *)user;
    own->releases++;
    if (at != own->at || size != own->size) {
        abort();
    }
    free((char *)at - own->shift);
    own->at = NULL;
}

static inline trd_mem hook_mem(hook *own) {
    return (trd_mem){.alloc = hook_alloc, .release = hook_release, .user = own};
}

#endif
