/* differential.c - the matcher against the naive model, command by command.
 *
 * Runs of random lives (tests/support/life.h), each with its own definition, instruments and
 * profiles. Every record goes to a matcher through trd_match_step, with an output of drawn
 * capacity, and to the model; their events must be the same bytes. The same slots go in batches
 * through trd_match_run into a second matcher with another hash seed and window, which must write
 * the same bytes as the first. Orders wherever they are, depth, queues, positions, session states,
 * lookups, statistics and the audit are compared now and then. Where released orders wait for a
 * verdict, what waits, when and in which order is compared like the events; the answer follows from
 * the order and the number of the command, so that all three get the same one.
 *
 * Handles are opaque: the model takes them from the ACCEPTED events (naive.h), where each must be
 * one that this run has not seen.
 *
 * Usage: differential [--commands N] [--seed S] [--minutes M] [--features LIST] [--run R]
 *                     [--trace R] [--shrink SECONDS] [--hash]
 *   --features  what lives may use (life.h): plain, special, session, mass, single ones, all; "-x"
 *               takes one away. Default: all.
 *   --run       plays run R alone. --trace does so and prints every command and what the model
 *               says to it.
 *   --shrink    how long to look for a shorter list of commands after a divergence, 20 seconds if
 *               not said, 0: not at all.
 *   --hash      compares nothing and prints the XXH3 of all events, to be compared between builds;
 *               the model then only aims the commands.
 * TRD_SEED sets the seed too.
 *
 * The runs are played in a child process, so that a crash or an endless loop is a divergence like
 * any other: the commands that led to it are shortened and shown. Exits with 1 on a divergence, and
 * when all features and five million commands or more have not met everything that coverage.c
 * lists. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "coverage.h"
#include "life.h"
#include "play.h"
#include "runs.h"
#include "shrink.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COVERAGE_COMMANDS = 5000000, RUN_SECONDS = 300, OUT_MOST = 4096 };

typedef struct options {
    run_options runs;
    uint32_t features;
    bool trace;
    bool hash;
} options;

/* What a run is played with. */
typedef struct job {
    script *s;
    const options *opt;
    XXH3_state_t *hash; /* NULL: it is compared */
} job;

static void *checked(void *at) {
    if (at == NULL) {
        fputs("differential: no memory\n", stderr);
        abort();
    }
    return at;
}

/* --- A run ------------------------------------------------------------------------------------ */

/* Draws the life and how calls are made. Returns how many commands the run has. */
static uint32_t draw_run(script *s, life *l, const options *opt, uint64_t number) {
    uint64_t state = opt->runs.seed + number * 0x632be59bd9b4e019u;
    dice rng = dice_seeded(dice_mix(&state));
    life_begin(l, dice_mix(&state), opt->features);
    s->seed = opt->runs.seed;
    s->run = number;
    s->call_seed = dice_u64(&rng);
    s->def = l->def;
    s->second_def = l->def;
    s->second_def.hash_seed = dice_u64(&rng);
    s->second_def.window = (uint32_t)64 << dice_below(&rng, 5);
    s->instruments = l->instruments;
    memcpy(s->spec, l->spec, sizeof(s->spec));
    memcpy(s->profile, l->profile, sizeof(s->profile));
    s->accounts = l->accounts;
    s->refuse = l->refuse;
    s->capacity = (uint32_t)dice_log(&rng, TRD_OUT_MIN, OUT_MOST);
    if (dice_odds(&rng, 1, 3)) {
        s->capacity = TRD_OUT_MIN + (uint32_t)dice_below(&rng, 16);
    }
    s->look_every = (uint32_t)dice_log(&rng, 20, 2000);
    s->batch_mean = (uint32_t)dice_log(&rng, 1, 200);
    s->count = 0;
    return (uint32_t)dice_log(&rng, 2000, SCRIPT_RECORDS - LIFE_RECORD_SLOTS);
}

static const script_record *add_record(script *s, const play *p, const trd_command *c) {
    script_record *record = &s->record[s->count++];
    memset(record, 0, sizeof(*record));
    record->slots = naive_stride(c);
    record->number = s->count;
    memcpy(record->slot, c, record->slots * sizeof(*c));
    const bool named = c->kind >= TRD_COMMAND_CANCEL && c->kind <= TRD_COMMAND_REDUCE;
    const trd_order target =
        c->kind == TRD_COMMAND_REPLACE ? c->u.replace.target : c->u.cancel.target;
    uint32_t number;
    uint32_t nth;
    if (named && (c->flags & TRD_COMMAND_BY_HANDLE) != 0 && play_maker(p, target, &number, &nth) &&
        nth < SCRIPT_MADE) {
        record->maker = number;
        record->nth = nth;
    }
    return record;
}

/* A spoilt record may claim fewer slots than were drawn: those left over are looked at as records
 * of their own, as trd_match_run does. */
static bool live_once(script *s, life *l, play *p, XXH3_state_t *hash) {
    trd_command slot[LIFE_RECORD_SLOTS];
    const uint32_t count = life_next(l, play_model(p), slot);
    for (uint32_t at = 0; at < count; at += naive_stride(&slot[at])) {
        if (!play_record(p, add_record(s, p, &slot[at]))) {
            return false;
        }
        const trd_order *made;
        for (uint32_t i = play_made(p, &made); i-- > 0;) {
            life_learn(l, made[i]);
        }
        if (hash != NULL) {
            uint32_t slots;
            const trd_event *events = play_events(p, &slots);
            XXH3_64bits_update(hash, events, slots * sizeof(*events));
        }
    }
    return true;
}

/* Returns the commands done, or 0 after a divergence. */
static uint64_t one_run(void *user, uint64_t number, uint64_t left) {
    static life l;
    const job *j = user;
    script *s = j->s;
    const options *opt = j->opt;
    XXH3_state_t *hash = j->hash;
    const uint32_t most = draw_run(s, &l, opt, number);
    alarm(hash == NULL ? RUN_SECONDS : 0);
    if (opt->trace) {
        text_def(&s->def);
        for (uint32_t i = 0; i < s->instruments; i++) {
            text_instrument(i, &s->spec[i], &s->profile[i]);
        }
    }
    play *p = play_begin(
        s, (play_options){.second = hash == NULL, .hash = hash != NULL, .trace = opt->trace});
    bool good = true;
    while (good && s->count < most && s->count < left) {
        good = live_once(s, &l, p, hash);
    }
    good = good && play_finish(p);
    play_end(p);
    alarm(0);
    return good ? s->count : 0;
}

/* --- All runs --------------------------------------------------------------------------------- */

static int print_hash(script *s, const options *opt) {
    XXH3_state_t *hash = checked(XXH3_createState());
    XXH3_64bits_reset(hash);
    uint64_t done;
    const bool good = runs_play(&opt->runs, one_run, &(job){s, opt, hash}, &done);
    printf("hash: seed %" PRIu64 ", %" PRIu64 " commands, %016" PRIx64 "\n", opt->runs.seed, done,
        (uint64_t)XXH3_64bits_digest(hash));
    XXH3_freeState(hash);
    return good ? 0 : 1;
}

/* In the child. */
static int compare(script *s, const options *opt) {
    uint64_t done;
    if (!runs_play(&opt->runs, one_run, &(job){s, opt, NULL}, &done)) {
        s->outcome.finished = true;
        return 1;
    }
    const bool enough = opt->features == LIFE_ALL && done >= COVERAGE_COMMANDS;
    const uint32_t missed = coverage_report();
    printf("differential: %" PRIu64 " commands, 0 divergences\n", done);
    s->outcome.finished = true;
    return missed > 0 && enough ? 1 : 0;
}

static int compare_in_child(script *s, const options *opt) {
    printf("differential: seed %" PRIu64 "\n", opt->runs.seed);
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const int result = compare(s, opt);
        exit(result);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        fputs("differential: no child process\n", stderr);
        return 2;
    }
    if (s->outcome.finished && !s->outcome.failed) {
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    }
    if (!s->outcome.finished) {
        printf("DIVERGENCE: the process died (%s %d) or took more than %d seconds\n"
               "  seed %" PRIu64 " run %" PRIu64 " command %u\n",
            WIFSIGNALED(status) ? "signal" : "exit",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), RUN_SECONDS, s->seed,
            s->run, s->outcome.at);
    }
    if (opt->runs.shrink > 0 && s->count > 0) {
        shrink(s, (unsigned)opt->runs.shrink);
    }
    printf("differential: 1 divergence\n");
    return 1;
}

/* An option with a value. */
static bool read_option(const char *name, const char *value, options *opt) {
    if (strcmp(name, "--features") == 0) {
        return life_features(value, &opt->features);
    }
    if (strcmp(name, "--trace") == 0) {
        opt->runs.one = true;
        opt->trace = true;
        return runs_number(value, &opt->runs.run);
    }
    return runs_option(name, value, &opt->runs);
}

static bool read_options(int argc, char **argv, options *opt) {
    if (!runs_seed(&opt->runs)) {
        return false;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--hash") == 0) {
            opt->hash = true;
        } else if (i + 1 == argc || !read_option(argv[i], argv[i + 1], opt)) {
            return false;
        } else {
            i++;
        }
    }
    return true;
}

int main(int argc, char **argv) {
    trd_on_assert(runs_assert);
    options opt = {.runs = RUN_OPTIONS_USUAL, .features = LIFE_ALL};
    if (!read_options(argc, argv, &opt)) {
        fputs("usage: differential [--commands N] [--seed S] [--minutes M] [--features LIST]\n"
              "                    [--run R] [--trace R] [--shrink SECONDS] [--hash]\n",
            stderr);
        return 2;
    }
    script *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED) {
        fputs("differential: no memory\n", stderr);
        return 2;
    }
    return opt.hash ? print_hash(s, &opt) : compare_in_child(s, &opt);
}
