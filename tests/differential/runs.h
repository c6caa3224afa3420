/* runs.h - what the differentials share: which runs are played, how long, and how that is said on
 * the command line. */
#ifndef TRD_DIFFERENTIAL_RUNS_H
#define TRD_DIFFERENTIAL_RUNS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct run_options {
    uint64_t commands;
    uint64_t seed;
    uint64_t minutes; /* 0: no limit */
    uint64_t run;     /* the only one, with `one` */
    uint64_t shrink;  /* seconds; 0: not at all */
    bool one;
} run_options;

/* 200,000 commands of seed 1, 20 s to shrink. */
#define RUN_OPTIONS_USUAL                                                                          \
    { .commands = 200000, .seed = 1, .shrink = 20 }

/* Plays run `number`, `left` commands at most: the commands done, or 0 after a divergence. */
typedef uint64_t (*run_one)(void *user, uint64_t number, uint64_t left);

/* Runs 0, 1, ..., or the only one, until the commands are done or the time is over. False after a
 * divergence. */
bool runs_play(const run_options *opt, run_one one, void *user, uint64_t *done);

/* TRD_SEED sets the seed; false if it is no number. */
bool runs_seed(run_options *opt);

/* --commands, --seed, --minutes, --run, --shrink; false if it is none of them, or has no number. */
bool runs_option(const char *name, const char *value, run_options *opt);
bool runs_number(const char *text, uint64_t *out);

/* For trd_on_assert. */
void runs_assert(const char *condition, const char *file, int line);

#endif
