/* monitor.c - an engine that watches its accounts against the naive model, command by command.
 *
 * Runs of random lives (tests/support/life_monitor.h), each with its own small world. After every
 * command the MARGIN events must be, byte by byte and in their order, what a walk over all units
 * finds; in every second run units that run short are liquidated, and each step of that is worked
 * out from the rules before its event is looked at. Balances, positions and collaterals must be
 * what the events say, money and lots must sum to what they did.
 *
 * Usage: monitor [--commands N] [--seed S] [--minutes M] [--run R] [--shrink SECONDS]
 *                [--liquidation no|yes|both]
 *   --run     plays run R of the seed alone.
 *   --shrink  how long to look for a shorter list after a divergence; 20, 0 is not at all.
 * TRD_SEED sets the seed too.
 *
 * The runs are played in a child process, so that a failed assertion is a divergence like any
 * other. Exits with 1 on a divergence, and when enough commands have not met everything that
 * monitor_coverage.c lists. */
#include "monitor_coverage.h"
#include "monitor_play.h"
#include "monitor_shrink.h"
#include "runs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUN_SECONDS = 120 };
enum { LIQUIDATION_NO, LIQUIDATION_YES, LIQUIDATION_BOTH };

typedef struct options {
    run_options runs;
    unsigned liquidation;
} options;

/* What a run is played with. */
typedef struct job {
    mon_script *s;
    const options *opt;
} job;

static bool liquidates(const options *opt, uint64_t number) {
    return opt->liquidation == LIQUIDATION_BOTH ? number % 2 == 1
                                                : opt->liquidation == LIQUIDATION_YES;
}

/* Returns the commands done, or 0 after a divergence. */
static uint64_t one_run(void *user, uint64_t number, uint64_t left) {
    static life_monitor l;
    const job *j = user;
    mon_script *s = j->s;
    const options *opt = j->opt;
    uint64_t state = opt->runs.seed + number * 0x632be59bd9b4e019u;
    dice rng = dice_seeded(dice_mix(&state));
    life_monitor_begin(&l, dice_mix(&state), liquidates(opt, number));
    s->seed = opt->runs.seed;
    s->run = number;
    s->world = l.world;
    s->count = 0;
    const uint32_t most = (uint32_t)dice_log(&rng, 200, MON_SCRIPT_COMMANDS);
    alarm(RUN_SECONDS);
    mon_play *p = mon_play_begin(s, false, true, false);
    bool good = true;
    while (good && s->count < most && s->count < left) {
        trd_command *c = s->command[s->count++];
        life_monitor_next(&l, mon_play_mirror(p), c);
        c->seq = s->count;
        good = mon_play_command(p, c);
    }
    good = good && mon_play_again(p);
    mon_play_end(p);
    alarm(0);
    return good ? s->count : 0;
}

/* In the child. */
static int compare(mon_script *s, const options *opt) {
    uint64_t done;
    const bool good = runs_play(&opt->runs, one_run, &(job){s, opt}, &done);
    s->outcome.finished = true;
    if (!good) {
        return 1;
    }
    const uint32_t missed = mon_coverage_report(opt->liquidation, done);
    printf("monitor: %" PRIu64 " commands, 0 divergences\n", done);
    return missed > 0 ? 1 : 0;
}

static int compare_in_child(mon_script *s, const options *opt) {
    printf("monitor: seed %" PRIu64 "\n", opt->runs.seed);
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        exit(compare(s, opt));
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        fputs("monitor: no child process\n", stderr);
        return 2;
    }
    if (s->outcome.finished && !s->outcome.failed) {
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    }
    if (!s->outcome.finished) {
        printf("DIVERGENCE: the process died (%s %d)\n  seed %" PRIu64 " run %" PRIu64
               " command %" PRIu64 "\n",
            WIFSIGNALED(status) ? "signal" : "exit",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), s->seed, s->run,
            s->outcome.at);
    }
    if (opt->runs.shrink > 0 && s->count > 0) {
        mon_shrink(s, (unsigned)opt->runs.shrink);
    }
    printf("monitor: 1 divergence\n");
    return 1;
}

/* --- options ---------------------------------------------------------------------------------- */

static bool read_liquidation(const char *text, unsigned *out) {
    static const char *const names[] = {"no", "yes", "both"};
    for (*out = 0; *out < 3; (*out)++) {
        if (strcmp(text, names[*out]) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_option(const char *name, const char *value, options *opt) {
    if (strcmp(name, "--liquidation") == 0) {
        return read_liquidation(value, &opt->liquidation);
    }
    return runs_option(name, value, &opt->runs);
}

static bool read_options(int argc, char **argv, options *opt) {
    if (!runs_seed(&opt->runs)) {
        return false;
    }
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc || !read_option(argv[i], argv[i + 1], opt)) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv) {
    trd_on_assert(runs_assert);
    options opt = {.runs = RUN_OPTIONS_USUAL, .liquidation = LIQUIDATION_BOTH};
    if (!read_options(argc, argv, &opt)) {
        fputs("usage: monitor [--commands N] [--seed S] [--minutes M] [--run R]\n"
              "               [--shrink SECONDS] [--liquidation no|yes|both]\n",
            stderr);
        return 2;
    }
    mon_script *s =
        mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED) {
        fputs("monitor: no memory\n", stderr);
        return 2;
    }
    return compare_in_child(s, &opt);
}
