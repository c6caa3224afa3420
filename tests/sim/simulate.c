/* simulate.c - whole systems, each from one seed, that must live through everything.
 *
 *     simulate [--seeds N] [--seed S] [--steps N] [--trace N] [--plant NAME] [--caught]
 *
 *   --seeds   lives, with the seeds S, S + 1, ...: 200; with --seed and without it 1
 *   --seed    of the first, 1; so does TRD_SEED
 *   --steps   of each life; without it each draws its own number
 *   --trace   so many lines of what happened last are printed of a life that goes wrong: 20
 *   --plant   a fault of the test itself, lying-sync or new-retry
 *   --caught  something must go wrong in one of the lives: for tests of this test
 *
 * Ends with its figures and exit 0, or at the first violation with 1; with --caught the other way
 * round. Many lives that have not met everything end with 1, too. docs/testing.md, "Simulation",
 * says what is checked. */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

enum { LIFE_SECONDS = 120 };

static sim *living; /* for hooks that are given nothing */

static void tell_assertion(const char *condition, const char *file, int line) {
    sim_wrong(living, "%s:%d: %s", file, line, condition);
}

/* A life without an end is one that goes wrong. */
static void tell_endless(int number) {
    (void)number;
    sim_wrong(living, "no end after %d seconds", LIFE_SECONDS);
}

static bool read_number(const char *text, uint64_t *out) {
    char *end;
    *out = strtoull(text, &end, 0);
    return *text >= '0' && *text <= '9' && *end == '\0';
}

static bool read_plant(const char *text, enum sim_plant *out) {
    static const char *const names[] = {"none", "lying-sync", "new-retry"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (enum sim_plant)i;
            return true;
        }
    }
    return false;
}

static bool read_option(const char *name, const char *value, sim_options *o) {
    if (strcmp(name, "--seeds") == 0) {
        return read_number(value, &o->seeds) && o->seeds > 0;
    }
    if (strcmp(name, "--seed") == 0) {
        return read_number(value, &o->seed);
    }
    if (strcmp(name, "--steps") == 0) {
        return read_number(value, &o->steps);
    }
    if (strcmp(name, "--trace") == 0) {
        return read_number(value, &o->trace);
    }
    return strcmp(name, "--plant") == 0 && read_plant(value, &o->plant);
}

static bool read_options(int argc, char **argv, sim_options *o) {
    const char *seed = getenv("TRD_SEED");
    *o = (sim_options){.seed = UINT64_MAX, .trace = 20};
    if (seed != NULL && *seed != '\0' && !read_number(seed, &o->seed)) {
        return false;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--caught") == 0) {
            o->caught = true;
        } else if (i + 1 == argc || !read_option(argv[i], argv[i + 1], o)) {
            return false;
        } else {
            i++;
        }
    }
    o->seeds = o->seeds != 0 ? o->seeds : o->seed == UINT64_MAX ? 200 : 1;
    o->seed = o->seed == UINT64_MAX ? 1 : o->seed;
    return true;
}

static void print_counts(const sim_counts *n) {
    printf("  modes: %" PRIu64 " openings SYNC, %" PRIu64 " WRITTEN, %" PRIu64 " LAZY; %" PRIu64
           " commands executed again, %" PRIu64 " lost that had been acknowledged without a sync\n",
        n->by_mode[TRD_JOURNAL_SYNC], n->by_mode[TRD_JOURNAL_WRITTEN], n->by_mode[TRD_JOURNAL_LAZY],
        n->replayed, n->lost);
    printf("  ends: %" PRIu64 " without power, %" PRIu64 " killed, %" PRIu64 " in order; %" PRIu64
           " journals failed\n",
        n->powers, n->kills, n->restarts, n->poisoned);
    printf("  snapshots: %" PRIu64 " damaged, %" PRIu64 " passed over, %" PRIu64
           " restored and brought to the end; %" PRIu64 " segments archived\n",
        n->damaged, n->fallen_back, n->restored, n->archived);
    printf("  subscribers: %" PRIu64 " cuts, %" PRIu64 " resumed, %" PRIu64
           " levels conflated, %" PRIu64 " events asked for again\n",
        n->cuts, n->resumed, n->conflated, n->again);
    printf("  clients: %" PRIu64 " retries, %" PRIu64 " doubled messages, %" PRIu64
           " ids refused\n",
        n->retries, n->doubles, n->refused_ids);
    printf("  checks: %" PRIu64 " calms, %" PRIu64 " audits\n", n->calms, n->audits);
    printf("simulate: %" PRIu64 " seeds, %" PRIu64 " commands, %" PRIu64 " events, %" PRIu64
           " crashes, %" PRIu64 " faults, %" PRIu64 " snapshots, 0 violations\n",
        n->seeds, n->commands, n->events, n->powers + n->kills, n->faults, n->snapshots);
}

/* So many lives must have met everything at least so often: else they show less than they say. */
enum { MET_SEEDS = 300, MET_LEAST = 10 };

static bool was_all_met(const sim_counts *n) {
    const struct {
        uint64_t count;
        const char *what;
    } rows[] = {{n->by_mode[TRD_JOURNAL_SYNC], "SYNC"},
        {n->by_mode[TRD_JOURNAL_WRITTEN], "WRITTEN"}, {n->by_mode[TRD_JOURNAL_LAZY], "LAZY"},
        {n->powers, "powers"}, {n->kills, "kills"}, {n->restarts, "restarts"},
        {n->replayed, "replayed"}, {n->faults, "faults"}, {n->poisoned, "poisoned"},
        {n->lost, "lost"}, {n->snapshots, "snapshots"}, {n->damaged, "damaged"},
        {n->fallen_back, "fallen back"}, {n->restored, "restored"}, {n->archived, "archived"},
        {n->cuts, "cuts"}, {n->resumed, "resumed"}, {n->conflated, "conflated"},
        {n->again, "again"}, {n->retries, "retries"}, {n->doubles, "doubles"},
        {n->refused_ids, "refused ids"}, {n->calms, "calms"}, {n->audits, "audits"}};
    bool all = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].count < MET_LEAST) {
            printf("simulate: %s: met %" PRIu64 " times\n", rows[i].what, rows[i].count);
            all = false;
        }
    }
    return all;
}

static void live(const sim_options *options, uint64_t seed, sim_counts *counts) {
    story *own = living->story;
    memset(living, 0, sizeof(*living));
    living->options = options;
    living->counts = counts;
    living->seed = seed;
    living->story = own;
    alarm(LIFE_SECONDS);
    sim_live(living);
    alarm(0);
}

int main(int argc, char **argv) {
    sim_options options;
    sim_counts counts = {.seeds = 0};
    if (!read_options(argc, argv, &options)) {
        fputs("usage: simulate [--seeds N] [--seed S] [--steps N] [--trace N] [--plant NAME]\n"
              "                [--caught]\n",
            stderr);
        return 2;
    }
    trd_on_assert(tell_assertion);
    signal(SIGALRM, tell_endless);
    /* Engines come and go: their pages stay with us. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    living = calloc(1, sizeof(*living));
    living->story = calloc(1, sizeof(*living->story));
    if (living->story == NULL) {
        return 2;
    }
    for (uint64_t i = 0; i < options.seeds; i++) {
        live(&options, options.seed + i, &counts);
    }
    free(living->story);
    free(living);
    print_counts(&counts);
    if (options.caught) {
        printf("simulate: nothing found in %" PRIu64 " seeds\n", options.seeds);
    }
    const bool looks = options.seeds >= MET_SEEDS && options.steps == 0;
    return options.caught || (looks && !was_all_met(&counts)) ? 1 : 0;
}
