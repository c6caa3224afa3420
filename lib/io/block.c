/* block.c - memory of a node: from the host's hook, or pages of the system, huge ones if wanted.
 *
 * All pages are there when a block is made: none faults later. Huge pages are taken from the
 * system's pool if it has some, else asked for by advice; neither is a failure. */
#include <string.h>
#include <sys/mman.h>

#include "io/node.h"

enum { PAGE = 4096, HUGE_PAGE = 2 << 20 };

static void *map(size_t size, int flags) {
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return at != MAP_FAILED ? at : NULL;
}

static size_t round_up(size_t size, size_t to) {
    return (size + to - 1) / to * to;
}

static bool map_huge(trd__block *out, size_t size) {
    const size_t whole = round_up(size, HUGE_PAGE);
    void *at = map(whole, MAP_HUGETLB | MAP_POPULATE);
    if (at == NULL) {
        at = map(whole, 0);
        if (at != NULL) {
            (void)madvise(at, whole, MADV_HUGEPAGE);
        }
    }
    *out = (trd__block){at, at != NULL ? whole : 0};
    return at != NULL;
}

bool trd__block_make(trd__block *out, const trd_mem *mem, size_t size, bool huge) {
    *out = (trd__block){0};
    if (mem->alloc != NULL) {
        const size_t whole = round_up(size, PAGE);
        out->at = mem->alloc(mem->user, whole, PAGE);
        out->size = out->at != NULL ? whole : 0;
    } else if (huge && size >= HUGE_PAGE) {
        (void)map_huge(out, size);
    } else {
        out->size = round_up(size, PAGE);
        out->at = map(out->size, MAP_POPULATE);
        out->size = out->at != NULL ? out->size : 0;
    }
    if (out->at != NULL) {
        memset(out->at, 0, out->size);
    }
    return out->at != NULL;
}

void trd__block_free(trd__block *block, const trd_mem *mem) {
    if (block->at != NULL) {
        if (mem->alloc == NULL) {
            (void)munmap(block->at, block->size);
        } else if (mem->release != NULL) {
            mem->release(mem->user, block->at, block->size);
        }
    }
    *block = (trd__block){0};
}
