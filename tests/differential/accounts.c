/* accounts.c - accounts against their naive model, call by call.
 *
 * Runs of random lives (tests/support/life_acct.h), each with its own small world. Every call goes
 * to a trd_accounts and to the model: the result must be one of those that the rules allow, the
 * events must be the same bytes, in however many pieces a bulk call writes them. All balances,
 * positions, holds, activities and equities are compared, and the audit made, every few calls.
 *
 * Usage: accounts [--commands N] [--seed S] [--minutes M] [--run R] [--shrink SECONDS]
 *   --run     plays run R of the seed alone.
 *   --shrink  how long to look for a shorter list of calls after a divergence; 20, 0 is not at all.
 * TRD_SEED sets the seed too.
 *
 * The runs are played in a child process, so that a crash is a divergence like any other. Exits
 * with 1 on a divergence, and when 200,000 calls or more have not met everything that
 * accounts_coverage.c lists. */
#include "accounts_coverage.h"
#include "accounts_play.h"
#include "accounts_shrink.h"
#include "runs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COVERAGE_CALLS = 200000, RUN_SECONDS = 120, LOOK_EVERY_MOST = 100 };

/* What a run is played with. */
typedef struct job {
    acct_script *s;
    const run_options *opt;
} job;

/* Returns the calls done, or 0 after a divergence. */
static uint64_t one_run(void *user, uint64_t number, uint64_t left) {
    static life_acct l;
    const job *j = user;
    acct_script *s = j->s;
    const run_options *opt = j->opt;
    uint64_t state = opt->seed + number * 0x632be59bd9b4e019u;
    dice rng = dice_seeded(dice_mix(&state));
    life_acct_begin(&l, dice_mix(&state));
    s->seed = opt->seed;
    s->run = number;
    s->def = l.def;
    s->count = 0;
    s->look_every = (uint32_t)dice_log(&rng, 1, LOOK_EVERY_MOST);
    const uint32_t most = (uint32_t)dice_log(&rng, 200, ACCT_SCRIPT_CALLS);
    alarm(RUN_SECONDS);
    acct_play *p = acct_play_begin(s, false, true);
    bool good = true;
    while (good && s->count < most && s->count < left) {
        acct_call *c = &s->call[s->count++];
        life_acct_next(&l, acct_play_model(p), c);
        good = acct_play_call(p, c);
    }
    good = good && acct_play_finish(p);
    acct_play_end(p);
    alarm(0);
    return good ? s->count : 0;
}

/* In the child. */
static int compare(acct_script *s, const run_options *opt) {
    uint64_t done;
    const bool good = runs_play(opt, one_run, &(job){s, opt}, &done);
    s->outcome.finished = true;
    if (!good) {
        return 1;
    }
    const uint32_t missed = acct_coverage_report(done);
    printf("accounts: %" PRIu64 " calls, 0 divergences\n", done);
    return missed > 0 && done >= COVERAGE_CALLS ? 1 : 0;
}

static int compare_in_child(acct_script *s, const run_options *opt) {
    printf("accounts: seed %" PRIu64 "\n", opt->seed);
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        exit(compare(s, opt));
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        fputs("accounts: no child process\n", stderr);
        return 2;
    }
    if (s->outcome.finished && !s->outcome.failed) {
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    }
    if (!s->outcome.finished) {
        printf("DIVERGENCE: the process died (%s %d)\n  seed %" PRIu64 " run %" PRIu64 " call %u\n",
            WIFSIGNALED(status) ? "signal" : "exit",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), s->seed, s->run,
            s->outcome.at);
    }
    if (opt->shrink > 0 && s->count > 0) {
        acct_shrink(s, (unsigned)opt->shrink);
    }
    printf("accounts: 1 divergence\n");
    return 1;
}

static bool read_options(int argc, char **argv, run_options *opt) {
    if (!runs_seed(opt)) {
        return false;
    }
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc || !runs_option(argv[i], argv[i + 1], opt)) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv) {
    trd_on_assert(runs_assert);
    run_options opt = RUN_OPTIONS_USUAL;
    if (!read_options(argc, argv, &opt)) {
        fputs("usage: accounts [--commands N] [--seed S] [--minutes M] [--run R]\n"
              "                [--shrink SECONDS]\n",
            stderr);
        return 2;
    }
    acct_script *s =
        mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED) {
        fputs("accounts: no memory\n", stderr);
        return 2;
    }
    return compare_in_child(s, &opt);
}
