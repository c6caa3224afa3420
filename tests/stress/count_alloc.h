/* count_alloc.h - every allocation of the C library that a program makes, counted by thread.
 *
 * The program defines malloc and its like itself, so that calls of libraries are counted, too, and
 * passes them on. Sanitizers do the same and cannot share, and code that is measured for coverage
 * allocates by itself: then COUNT_ALLOC is 0. One source file of a program includes this. */
#ifndef TRD_STRESS_COUNT_ALLOC_H
#define TRD_STRESS_COUNT_ALLOC_H

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define COUNT_ALLOC 0
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(TRD_COVERAGE)
#define COUNT_ALLOC 0
#endif
#if !defined(COUNT_ALLOC)
#define COUNT_ALLOC 1
#endif

/* All threads, and the one that asks. A call that frees is no allocation. */
static _Atomic uint64_t alloc_all;
static _Thread_local uint64_t alloc_own;

#if COUNT_ALLOC
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);
void *__libc_memalign(size_t align, size_t size);

static void count_alloc(void) {
    atomic_fetch_add_explicit(&alloc_all, 1, memory_order_relaxed);
    alloc_own++;
}

__attribute__((visibility("default"))) void *malloc(size_t size) {
    count_alloc();
    return __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t count, size_t size) {
    count_alloc();
    return __libc_calloc(count, size);
}

__attribute__((visibility("default"))) void *realloc(void *at, size_t size) {
    count_alloc();
    return __libc_realloc(at, size);
}

__attribute__((visibility("default"))) void *memalign(size_t align, size_t size) {
    count_alloc();
    return __libc_memalign(align, size);
}

__attribute__((visibility("default"))) void *aligned_alloc(size_t align, size_t size) {
    count_alloc();
    return __libc_memalign(align, size);
}

__attribute__((visibility("default"))) int posix_memalign(void **out, size_t align, size_t size) {
    count_alloc();
    *out = __libc_memalign(align, size);
    return *out != NULL ? 0 : ENOMEM;
}
#endif

#endif
