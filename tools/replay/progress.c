#include "replay/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "replay/histogram.h"

enum { BAR_WIDTH = 40, CALLS_PER_LOOK = 4096 };

static const uint64_t draw_every_ns = 100000000;

progress progress_begin(size_t total, bool wanted) {
    return (progress){.shown = wanted && isatty(STDERR_FILENO) == 1, .total = total};
}

static void draw(const progress *at, size_t done) {
    char bar[BAR_WIDTH + 1];
    const double part_f64 = at->total > 0 ? (double)done / (double)at->total : 1.0;
    const size_t full = (size_t)(part_f64 * BAR_WIDTH);
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', full < BAR_WIDTH ? full : BAR_WIDTH);
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r[%s] %3.0f %%", bar, 100.0 * part_f64);
    fflush(stderr);
}

void progress_at(progress *at, size_t done) {
    if (!at->shown || ++at->calls % CALLS_PER_LOOK != 0) {
        return;
    }
    const uint64_t now = now_ns();
    if (now - at->drawn_ns >= draw_every_ns) {
        at->drawn_ns = now;
        draw(at, done);
    }
}

void progress_end(progress *at) {
    if (at->shown) {
        fprintf(stderr, "\r%*s\r", BAR_WIDTH + 8, "");
        fflush(stderr);
    }
}
