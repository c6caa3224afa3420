/* inspect.h - what tradsys-inspect can be asked. */
#ifndef INSPECT_INSPECT_H
#define INSPECT_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

enum { INSPECT_SETTINGS_MAX = 32 };

typedef struct inspect_arguments {
    const char *paths[2];
    uint32_t depth; /* levels of each side of a book */
    bool frames;
    bool commands;
    bool pages;
    bool json;
    bool quiet;
    bool edited;
    bool pass_over;
    uint32_t setting_count;
    const char *settings[INSPECT_SETTINGS_MAX]; /* NAME=NUMBER */
} inspect_arguments;

/* Each answers on stdout and returns an exit code of replay/source.h; what failed is said on
 * stderr. */
int inspect_journal(const inspect_arguments *args);
int inspect_snapshot(const inspect_arguments *args);
int inspect_state(const inspect_arguments *args);
int inspect_text(const inspect_arguments *args);
int inspect_import(const inspect_arguments *args);
int inspect_diff(const inspect_arguments *args);

#endif
