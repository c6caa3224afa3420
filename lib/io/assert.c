/* assert.c - failed assertions of libtradsys-io.
 *
 * Linked statically, the weak definitions give way to those of the core, which report through the
 * hook. The shared library does not see these, for they are not exported: it says what has failed,
 * and aborts, and the hook is not called.
 *
 * Other ways were looked at. The core's object linked into this library as well, hidden, would have
 * a hook of its own that nobody can set, and abort without a word. Exporting trd__assert_failed
 * makes an internal name part of the ABI. A public function that fails as an assertion does would
 * be right, and would have the hook called here too; it is for a release that adds to base.h
 * anyway. */
#include <stdio.h>
#include <stdlib.h>

#include <tradsys/base.h>

#include "core/assert.h"

__attribute__((weak)) void trd__assert_failed(const char *condition, const char *file, int line) {
    /* What asks for the version has the core's object linked that the other definition is in. */
    fprintf(
        stderr, "%s:%d: %s (libtradsys %06x)\n", file, line, condition, (unsigned)trd_version());
    abort();
}

#if defined(TRD_COVERAGE)
__attribute__((weak)) void trd__assert_that(
    bool holds, const char *condition, const char *file, int line) {
    if (!holds) {
        trd__assert_failed(condition, file, line);
    }
}
#endif
