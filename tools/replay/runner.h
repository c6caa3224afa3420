/* runner.h - drives the matching engine for an input: commands in, tallies out. */
#ifndef REPLAY_RUNNER_H
#define REPLAY_RUNNER_H

#include <stdio.h>
#include <tradsys/match.h>

#include "replay/args.h"
#include "replay/feed.h"
#include "replay/report.h"

enum { RUNNER_EVENTS = 1024 };

/* What the last command did. */
typedef struct runner_last {
    uint32_t fills;    /* executions */
    uint32_t rejected; /* TRD_REJECT_*, 0 if it was accepted */
    trd_order maker;   /* resting order of the first execution */
    trd_qty maker_qty; /* lots of it that were executed */
} runner_last;

typedef struct runner {
    trd_match *match;
    report *report;
    FILE *fills; /* executions as CSV; NULL: not wanted */
    feed feed;   /* public feed as ITCH; closed: not wanted */
    bool tally;  /* executions and commands are those of the report; else only counted here */
    runner_last last;
    uint64_t executions;
    trd_event taker; /* the taker's FILL of the execution at hand */
    uint64_t commands[256];
    uint64_t events[256];
    uint64_t rejects[256];
    uint64_t causes[256];
    trd_event out[RUNNER_EVENTS];
} runner;

/* What a matcher has to have room for. */
typedef struct runner_sizes {
    uint64_t instruments;
    uint64_t orders;
    uint64_t renames; /* ids beyond those of new orders */
    uint32_t id_mode; /* TRD_IDS_* */
} runner_sizes;

/* runner_open makes the matcher and opens the files that `args` name. An exit code; the reason of a
 * failure is said. `at` is large: keep it on the heap. runner_close takes a zeroed one. */
int runner_open(runner *at, const arguments *args, report *to, runner_sizes sizes);
void runner_close(runner *at);

/* runner_add makes an instrument known to matcher and report, under the same index. NULL, or a
 * sentence that says why not. */
const char *runner_add(runner *at, const trd_instrument *spec);

/* runner_step executes one command, times it, and tallies its events. EXIT_DONE, or EXIT_MISMATCH
 * if the engine broke its own contract. */
int runner_step(runner *at, const trd_command *command);

/* runner_tell adds what was counted to the report: commands, events, rejects, causes, statistics.
 * Checks the matcher's invariants: EXIT_MISMATCH if one is broken. Closes the files that were
 * written. */
int runner_tell(runner *at);

/* runner_view shows the matcher's books. */
view runner_view(runner *at);

#endif
