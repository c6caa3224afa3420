/* assert.h - assertions that stay on in release: for mistakes of ours, never for input. */
#ifndef TRD_CORE_ASSERT_H
#define TRD_CORE_ASSERT_H

#include "core/compiler.h"

/* Reports through the hook of trd_on_assert and aborts. */
_Noreturn void trd__assert_failed(const char *condition, const char *file, int line)
    __attribute__((cold));

/* With TRD_COVERAGE, which only tools/coverage sets, the arm that must never run is no branch of
 * the source, so that every branch that is counted can be taken. The condition is checked all the
 * same, behind a call. */
#if defined(TRD_COVERAGE)
void trd__assert_that(bool holds, const char *condition, const char *file, int line);
#define trd_assert(condition) trd__assert_that((condition), #condition, __FILE__, __LINE__)
#else
#define trd_assert(condition)                                                                      \
    do {                                                                                           \
        if (trd_unlikely(!(condition))) {                                                          \
            trd__assert_failed(#condition, __FILE__, __LINE__);                                    \
        }                                                                                          \
    } while (0)
#endif

/* For whole-structure checks: return the negated line of the first condition that does not hold. */
#define trd_audit(condition)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            return -__LINE__;                                                                      \
        }                                                                                          \
    } while (0)

#endif
