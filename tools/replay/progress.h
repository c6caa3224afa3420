/* progress.h - a bar on stderr while a file is replayed, if stderr is a terminal. */
#ifndef REPLAY_PROGRESS_H
#define REPLAY_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct progress {
    bool shown;
    size_t total;
    uint64_t calls;
    uint64_t drawn_ns; /* when it was last drawn */
} progress;

progress progress_begin(size_t total, bool wanted);

/* progress_at says how much is done. Cheap: the clock is looked at once in 4,096 calls. */
void progress_at(progress *at, size_t done);

/* progress_end wipes the bar. */
void progress_end(progress *at);

#endif
