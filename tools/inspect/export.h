/* export.h - the export of an engine, line by line. */
#ifndef INSPECT_EXPORT_H
#define INSPECT_EXPORT_H

#include <tradsys/engine.h>

/* export_lines gives each line, with its line feed, to `line`. */
void export_lines(
    const trd_engine *engine, void (*line)(void *user, const char *text, size_t size), void *user);

#endif
