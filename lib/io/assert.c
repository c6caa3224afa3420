/* assert.c - failed assertions of libtradsys-io.
 *
 * Linked statically, weak definitions give way to those of the core, which report through the hook.
 * The shared library does not see these, for they are not exported: it aborts at once. */
#include "core/assert.h"

__attribute__((weak)) void trd__assert_failed(const char *condition, const char *file, int line) {
    (void)condition;
    (void)file;
    (void)line;
    __builtin_trap();
}

#if defined(TRD_COVERAGE)
__attribute__((weak)) void trd__assert_that(
    bool holds, const char *condition, const char *file, int line) {
    if (!holds) {
        trd__assert_failed(condition, file, line);
    }
}
#endif
