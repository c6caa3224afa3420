#include "inspect/export.h"

#include <stdlib.h>
#include <string.h>
#include <tradsys/export.h>

#include "replay/symbols.h"

enum { PIECE = 1 << 16 };

_Static_assert((int)PIECE >= (int)TRD_EXPORT_LINE_MAX, "a piece has room for the longest line");

void export_lines(
    const trd_engine *engine, void (*line)(void *user, const char *text, size_t size), void *user) {
    trd_exporter *exporter = memory_or_end(malloc(sizeof(*exporter)));
    char *piece = memory_or_end(malloc(PIECE));
    size_t kept = 0; /* the beginning of a line whose end is still to come */
    int result = trd_export_begin(exporter, engine);
    while (result >= 0) {
        size_t written = 0;
        result = trd_export_write(exporter, piece + kept, PIECE - kept, &written);
        const char *from = piece, *const end = piece + kept + written;
        for (const char *stop; (stop = memchr(from, '\n', (size_t)(end - from))) != NULL;) {
            line(user, from, (size_t)(stop - from) + 1);
            from = stop + 1;
        }
        kept = (size_t)(end - from);
        memmove(piece, from, kept);
        if (result == TRD_OK) {
            break;
        }
    }
    free(piece);
    free(exporter);
}
