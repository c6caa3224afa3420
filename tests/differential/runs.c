/* runs.c - which runs are played, and how long. */
#include "runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec;
}

bool runs_play(const run_options *opt, run_one one, void *user, uint64_t *done) {
    const int64_t end = seconds_now() + (int64_t)opt->minutes * 60;
    *done = 0;
    for (uint64_t number = opt->one ? opt->run : 0; *done < opt->commands; number++) {
        if (opt->minutes > 0 && seconds_now() >= end) {
            break;
        }
        const uint64_t more = one(user, number, opt->commands - *done);
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

bool runs_number(const char *text, uint64_t *out) {
    char *end;
    *out = strtoull(text, &end, 0);
    return text[0] != '\0' && *end == '\0';
}

bool runs_seed(run_options *opt) {
    const char *seed = getenv("TRD_SEED");
    return seed == NULL || runs_number(seed, &opt->seed);
}

bool runs_option(const char *name, const char *value, run_options *opt) {
    if (strcmp(name, "--run") == 0) {
        opt->one = true;
        return runs_number(value, &opt->run);
    }
    uint64_t *number = strcmp(name, "--commands") == 0  ? &opt->commands
                       : strcmp(name, "--seed") == 0    ? &opt->seed
                       : strcmp(name, "--minutes") == 0 ? &opt->minutes
                       : strcmp(name, "--shrink") == 0  ? &opt->shrink
                                                        : NULL;
    return number != NULL && runs_number(value, number);
}

void runs_assert(const char *condition, const char *file, int line) {
    fprintf(stderr, "assertion: %s, %s:%d\n", condition, file, line);
}
