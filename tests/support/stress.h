/* stress.h - what the programs that test with threads share: a check that stays on, and threads. */
#ifndef TRD_TEST_STRESS_H
#define TRD_TEST_STRESS_H

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/compiler.h"

#define check(condition, ...)                                                                      \
    do {                                                                                           \
        if (trd_unlikely(!(condition))) {                                                          \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);                        \
            fprintf(stderr, __VA_ARGS__);                                                          \
            fputc('\n', stderr);                                                                   \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* For trd_on_assert: says which assertion has failed. */
static inline void stress_tell(const char *condition, const char *file, int line) {
    fprintf(stderr, "%s:%d: %s\n", file, line, condition);
}

/* Records to send: the first argument, or `usual`. */
static inline uint64_t stress_count(int argc, char **argv, uint64_t usual) {
    return argc > 1 ? strtoull(argv[1], NULL, 0) : usual;
}

static inline pthread_t stress_start(void *(*body)(void *), void *of) {
    pthread_t thread;
    check(pthread_create(&thread, NULL, body, of) == 0, "no thread");
    return thread;
}

static inline void stress_join(pthread_t thread) {
    check(pthread_join(thread, NULL) == 0, "no end");
}

static inline void *stress_alloc(size_t size) {
    void *mem = aligned_alloc(TRD_LINES_APART, size);
    check(mem != NULL, "no memory");
    return mem;
}

#endif
