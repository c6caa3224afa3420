/* assert.h - assertions that stay on in release: for mistakes of ours, never for input. */
#ifndef TRD_CORE_ASSERT_H
#define TRD_CORE_ASSERT_H

#include "core/compiler.h"

/* Reports through the hook of trd_on_assert and aborts. */
_Noreturn void trd__assert_failed(const char *condition, const char *file, int line)
    __attribute__((cold));

#define trd_assert(condition)                                                                      \
    do {                                                                                           \
        if (trd_unlikely(!(condition))) {                                                          \
            trd__assert_failed(#condition, __FILE__, __LINE__);                                    \
        }                                                                                          \
    } while (0)

/* For whole-structure checks: return the negated line of the first condition that does not hold. */
#define trd_audit(condition)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            return -__LINE__;                                                                      \
        }                                                                                          \
    } while (0)

#endif
