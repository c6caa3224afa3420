/* state.c - tradsys-inspect state. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/export.h"
#include "inspect/inspect.h"
#include "inspect/table.h"
#include "journal/restore.h"
#include "replay/symbols.h"

#define EXPORT_END "{\"record\":\"end\","

static void to_stdout(void *user, const char *line, size_t size) {
    (void)user;
    fwrite(line, 1, size, stdout);
}

/* The end of an export counts its lines, of which there are none in tables. */
static void to_table(void *user, const char *line, size_t size) {
    if (strncmp(line, EXPORT_END, strlen(EXPORT_END)) != 0) {
        table_add(user, line, size);
    }
}

/* Levels have the form of an export's line, so that they become a table like the others. */
static void tell_levels(const inspect_arguments *args, const trd_match *match, uint32_t instrument,
    unsigned side, table *into) {
    trd_level *levels = memory_or_end(calloc(args->depth, sizeof(*levels)));
    const int count = trd_match_depth(match, instrument, side, levels, args->depth);
    for (int i = 0; i < count; i++) {
        char line[256];
        const int size = snprintf(line, sizeof(line),
            "{\"record\":\"level\",\"instrument\":%" PRIu32 ",\"side\":\"%s\",\"px\":%" PRId64
            ",\"qty\":%" PRId64 ",\"count\":%" PRIu32 "}\n",
            instrument, side == TRD_BUY ? "BUY" : "SELL", levels[i].px, levels[i].qty,
            levels[i].count);
        (args->json ? to_stdout : to_table)(into, line, (size_t)size);
    }
    free(levels);
}

int inspect_state(const inspect_arguments *args) {
    restored from;
    const int result = restored_read(&from, args->paths[0]);
    if (result != EXIT_DONE) {
        return result;
    }
    table into = {0};
    export_lines(from.engine, args->json ? to_stdout : to_table, &into);
    const trd_match *match = trd_engine_match(from.engine);
    for (uint32_t i = 0; trd_match_instrument(match, i) != NULL; i++) {
        tell_levels(args, match, i, TRD_BUY, &into);
        tell_levels(args, match, i, TRD_SELL, &into);
    }
    table_print(&into);
    restored_free(&from);
    return EXIT_DONE;
}
