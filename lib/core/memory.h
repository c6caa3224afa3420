/* memory.h - the allocator hook: the definition's, or the C library's. */
#ifndef TRD_CORE_MEMORY_H
#define TRD_CORE_MEMORY_H

#include <tradsys/base.h>

void *trd__mem_alloc(const trd_mem *mem, size_t size, size_t align);
void trd__mem_release(const trd_mem *mem, void *at, size_t size);

#endif
