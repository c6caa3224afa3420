/* memory.c - the one place that knows the C library's allocator. */
#include "core/memory.h"

#include <stdlib.h>

void *trd__mem_alloc(const trd_mem *mem, size_t size, size_t align) {
    if (mem->alloc != NULL) {
        return mem->alloc(mem->user, size, align);
    }
    return aligned_alloc(align, (size + align - 1) & ~(align - 1));
}

void trd__mem_release(const trd_mem *mem, void *at, size_t size) {
    /* What the C library gave goes back to it, whatever the release hook is; an alloc hook without
     * a release hook is an arena that is given up as a whole. */
    if (mem->alloc == NULL) {
        free(at);
    } else if (mem->release != NULL) {
        mem->release(mem->user, at, size);
    }
}
