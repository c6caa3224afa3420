/* report.h - what a replay found, and how it is told: as text for people, as JSON for programs.
 *
 * An input fills a report while it replays; the same report is then printed either way, so the two
 * cannot disagree. */
#ifndef REPLAY_REPORT_H
#define REPLAY_REPORT_H

#include <tradsys/book.h>

#include "replay/args.h"
#include "replay/histogram.h"
#include "replay/symbols.h"

/* A named count. Groups are printed in the order in which they first appear. */
typedef struct counter {
    const char *group;
    const char *name;
    uint64_t count;
} counter;

enum { COUNTERS_MAX = 256 };

/* The books to show, whatever kind they are of. */
typedef struct view {
    int (*depth)(void *state, uint32_t at, unsigned side, trd_level *out, uint32_t max);
    void (*release)(void *state);
    void *state;
} view;

typedef struct report {
    const char *format;   /* of the input */
    const char *unit;     /* what `messages` counts: "commands", "updates", "messages" */
    const char *measured; /* what a latency is the latency of */
    uint64_t messages;
    uint64_t executions;
    uint64_t checks; /* checksums of the venue compared, and of these equal */
    uint64_t checked;
    uint64_t elapsed_ns;
    histogram latency;
    symbols symbols;
    view view;
    counter counters[COUNTERS_MAX];
    uint32_t counter_count;
} report;

/* report_count adds a counter; report_count_some does so unless the count is zero. Names must
 * outlive the report. */
void report_count(report *at, const char *group, const char *name, uint64_t count);
void report_count_some(report *at, const char *group, const char *name, uint64_t count);

/* report_print writes the report to stdout as `args` say. Returns an exit code: EXIT_USAGE if
 * --symbol names one that is not in the file. */
int report_print(report *at, const arguments *args);

/* report_print_json does it as one JSON object. */
void report_print_json(
    report *at, const arguments *args, const uint32_t *shown, uint32_t shown_count);

void report_free(report *at);

/* The rows of every latency table. */
typedef struct percentile {
    const char *name;
    uint32_t per_100000;
} percentile;
enum { PERCENTILES = 4 };
extern const percentile report_percentiles[PERCENTILES];

#endif
