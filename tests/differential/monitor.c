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

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUN_SECONDS = 120 };
enum { LIQUIDATION_NO, LIQUIDATION_YES, LIQUIDATION_BOTH };

typedef struct options {
    uint64_t commands;
    uint64_t seed;
    uint64_t minutes; /* 0: no limit */
    uint64_t run;     /* the only one, with `one` */
    uint64_t shrink;
    unsigned liquidation;
    bool one;
} options;

static bool liquidates(const options *opt, uint64_t number) {
    return opt->liquidation == LIQUIDATION_BOTH ? number % 2 == 1
                                                : opt->liquidation == LIQUIDATION_YES;
}

/* Returns the commands done, or 0 after a divergence. */
static uint64_t one_run(mon_script *s, const options *opt, uint64_t number, uint64_t left) {
    static life_monitor l;
    uint64_t state = opt->seed + number * 0x632be59bd9b4e019u;
    dice rng = dice_seeded(dice_mix(&state));
    life_monitor_begin(&l, dice_mix(&state), liquidates(opt, number));
    s->seed = opt->seed;
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

static int64_t seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec;
}

static bool all_runs(mon_script *s, const options *opt, uint64_t *done) {
    const int64_t end = seconds_now() + (int64_t)opt->minutes * 60;
    *done = 0;
    for (uint64_t number = opt->one ? opt->run : 0; *done < opt->commands; number++) {
        if (opt->minutes > 0 && seconds_now() >= end) {
            break;
        }
        const uint64_t more = one_run(s, opt, number, opt->commands - *done);
        if (more == 0) {
            return false;
        }
        *done += more;
        if (opt->one) {
            break;
        }
    }
    return true;
}

/* In the child. */
static int compare(mon_script *s, const options *opt) {
    uint64_t done;
    const bool good = all_runs(s, opt, &done);
    s->outcome.finished = true;
    if (!good) {
        return 1;
    }
    const uint32_t missed = mon_coverage_report(opt->liquidation, done);
    printf("monitor: %" PRIu64 " commands, 0 divergences\n", done);
    return missed > 0 ? 1 : 0;
}

static int compare_in_child(mon_script *s, const options *opt) {
    printf("monitor: seed %" PRIu64 "\n", opt->seed);
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
    if (opt->shrink > 0 && s->count > 0) {
        mon_shrink(s, (unsigned)opt->shrink);
    }
    printf("monitor: 1 divergence\n");
    return 1;
}

/* --- options ---------------------------------------------------------------------------------- */

static bool read_number(const char *text, uint64_t *out) {
    char *end;
    *out = strtoull(text, &end, 0);
    return text[0] != '\0' && *end == '\0';
}

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
    if (strcmp(name, "--run") == 0) {
        opt->one = true;
        return read_number(value, &opt->run);
    }
    uint64_t *number = strcmp(name, "--commands") == 0  ? &opt->commands
                       : strcmp(name, "--seed") == 0    ? &opt->seed
                       : strcmp(name, "--minutes") == 0 ? &opt->minutes
                       : strcmp(name, "--shrink") == 0  ? &opt->shrink
                                                        : NULL;
    return number != NULL && read_number(value, number);
}

static bool read_options(int argc, char **argv, options *opt) {
    const char *seed = getenv("TRD_SEED");
    if (seed != NULL && !read_number(seed, &opt->seed)) {
        return false;
    }
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc || !read_option(argv[i], argv[i + 1], opt)) {
            return false;
        }
    }
    return true;
}

static void report_assert(const char *condition, const char *file, int line) {
    fprintf(stderr, "assertion: %s, %s:%d\n", condition, file, line);
}

int main(int argc, char **argv) {
    trd_on_assert(report_assert);
    options opt = {.commands = 200000, .seed = 1, .shrink = 20, .liquidation = LIQUIDATION_BOTH};
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
