/* compiler.h - what the language leaves to the compiler: hints, lines, small integer helpers. */
#ifndef TRD_CORE_COMPILER_H
#define TRD_CORE_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRD_LINE 64 /* cache line */
#define TRD_LINES_APART                                                                            \
    128 /* distance of what two threads write: adjacent lines are fetched in pairs */

#define trd_likely(x) __builtin_expect(!!(x), 1)
#define trd_unlikely(x) __builtin_expect(!!(x), 0)
#define trd_inline static inline __attribute__((always_inline))
#define trd_noinline __attribute__((noinline))
#define trd_cold __attribute__((cold, noinline))
#define trd_prefetch(at) __builtin_prefetch((at), 1, 3)

trd_inline bool trd__is_power_of_two(uint64_t x) {
    return x != 0 && (x & (x - 1)) == 0;
}

#endif
