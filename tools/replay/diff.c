/* diff.c - tradsys-replay diff: where two runs part.
 *
 * Checkpoints are hashes of all events so far, so once two runs differ all later checkpoints do. Of
 * those that both runs have the first that differs is looked for, one after the other: all have
 * been read to verify the journals, and so one that is wrong by itself is found too. From the last
 * one before it both runs are replayed, a command at a time, until an event differs. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/fields.h"
#include "journal/run.h"
#include "replay/journal.h"
#include "replay/json.h"
#include "replay/progress.h"
#include "replay/symbols.h"

static const char help[] =
    "usage: tradsys-replay diff [options] DIR_A DIR_B\n"
    "\n"
    "Finds the first event in which two runs differ. DIR_A and DIR_B hold a journal and its\n"
    "snapshots each. Their checkpoints say between which commands they part; there both are\n"
    "replayed.\n"
    "\n"
    "  --json            the result as one JSON object\n"
    "  --quiet           no progress bar\n"
    "  --help\n"
    "\n"
    "Exit codes: 0 no event differs, 1 a journal or a snapshot is missing or damaged, 2 wrong\n"
    "usage, 3 the runs differ.\n";

enum { A, B, SIDES };

typedef struct differing {
    const char *directories[SIDES];
    bool json;
    bool quiet;
    journal_run run[SIDES];
    uint64_t pairs;      /* checkpoints of one command in both */
    uint64_t agreeing;   /* of them, before the first that differs */
    uint64_t agrees_at;  /* command of the last of these; 0: none */
    uint64_t differs_at; /* command of the first that differs; 0: none */
    uint64_t from;       /* command behind which the replay began */
    bool states_differ;  /* there already */
    uint64_t command;    /* whose record is the first that differs; 0: none so far */
    bool going[SIDES];   /* the journal has this command */
    size_t event;        /* slot of the first that differs */
    bool found;          /* an event differs, or one journal is at its end */
} differing;

enum { OPTION_JSON = 256, OPTION_QUIET, OPTION_HELP };

static const struct option options[] = {
    {"json", no_argument, NULL, OPTION_JSON},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static int usage(const char *what) {
    fprintf(stderr, "%s: %s; see --help\n", program_name, what);
    return EXIT_USAGE;
}

static int parse(int argc, char **argv, differing *out) {
    *out = (differing){0};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case OPTION_JSON:
            out->json = true;
            break;
        case OPTION_QUIET:
            out->quiet = true;
            break;
        case OPTION_HELP:
            fputs(help, stdout);
            return EXIT_DONE;
        default:
            return usage("wrong option");
        }
    }
    if (argc - optind != SIDES) {
        return usage("two directories are needed");
    }
    out->directories[A] = argv[optind];
    out->directories[B] = argv[optind + 1];
    return -1;
}

/* --- checkpoints ------------------------------------------------------------------------------ */

typedef struct pair {
    const trd_journal_check *check[SIDES];
} pair;

static bool agrees(const pair *of) {
    return of->check[A]->events == of->check[B]->events &&
           of->check[A]->digest == of->check[B]->digest;
}

/* Checkpoints of one command in both. */
static pair *make_pairs(const journal_run run[SIDES], uint64_t *count) {
    const size_t most = run[A].check_count;
    pair *pairs = memory_or_end(calloc(most + 1, sizeof(*pairs)));
    *count = 0;
    size_t b = 0;
    for (size_t a = 0; a < most; a++) {
        const trd_journal_check *left = &run[A].checks[a].check;
        while (b < run[B].check_count && run[B].checks[b].check.seq < left->seq) {
            b++;
        }
        if (b < run[B].check_count && run[B].checks[b].check.seq == left->seq) {
            pairs[(*count)++] = (pair){{left, &run[B].checks[b].check}};
        }
    }
    return pairs;
}

static void compare_checks(differing *d) {
    pair *pairs = make_pairs(d->run, &d->pairs);
    uint64_t at = 0;
    while (at < d->pairs && agrees(&pairs[at])) {
        at++;
    }
    d->agreeing = at;
    d->agrees_at = at > 0 ? pairs[at - 1].check[A]->seq : 0;
    d->differs_at = at < d->pairs ? pairs[at].check[A]->seq : 0;
    free(pairs);
}

/* --- replay ----------------------------------------------------------------------------------- */

static int open_runs(differing *d, bool first, uint64_t before) {
    for (int i = 0; i < SIDES; i++) {
        const run_wanted wanted = {.directory = d->directories[i],
            .snapshots = d->directories[i],
            .first = first,
            .before = before};
        const int result = run_open(&d->run[i], &wanted);
        if (result != EXIT_DONE) {
            return result;
        }
    }
    return EXIT_DONE;
}

static void close_runs(differing *d) {
    run_close(&d->run[A]);
    run_close(&d->run[B]);
}

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* Both runs to the same command: the last one where they are known to agree, or the first one that
 * both can begin with. */
static int begin(differing *d) {
    int result = open_runs(d, true, 0);
    if (result != EXIT_DONE) {
        return result;
    }
    compare_checks(d);
    const uint64_t both = larger(d->run[A].start.head.seq, d->run[B].start.head.seq);
    d->from = larger(both, d->agrees_at);
    close_runs(d);
    result = open_runs(d, false, d->from);
    for (int i = 0; i < SIDES && result == EXIT_DONE; i++) {
        const int sought = run_seek(&d->run[i], d->from);
        if (sought == 0) {
            result = complain(d->directories[i], 0,
                "ends behind command %" PRIu64 ": nothing of it can be compared", d->run[i].seq);
        } else if (sought < 0) {
            result = EXIT_INPUT;
        }
    }
    return result;
}

/* The first slot in which the events of one command differ; the number of slots if none does. */
static size_t first_difference(const journal_run run[SIDES]) {
    const size_t least = run[A].count < run[B].count ? run[A].count : run[B].count;
    size_t i = 0;
    while (i < least && memcmp(&run[A].events[i], &run[B].events[i], sizeof(trd_event)) == 0) {
        i++;
    }
    return i;
}

/* The base of the record that a slot belongs to. */
static size_t base_of(const journal_run *run, size_t slot) {
    size_t at = 0;
    while (at < run->count && at + run->events[at].slots <= slot) {
        at += run->events[at].slots;
    }
    return at;
}

static bool same_command(const journal_run run[SIDES]) {
    const trd_command *a = run[A].command, *b = run[B].command;
    return a->slots == b->slots && memcmp(a, b, (size_t)a->slots * sizeof(*a)) == 0;
}

static void compare(differing *d) {
    if (!d->going[A] || !d->going[B]) {
        d->found = d->going[A] != d->going[B];
        return;
    }
    if (d->command == 0 && !same_command(d->run)) {
        d->command = d->run[A].seq;
    }
    const size_t slot = first_difference(d->run);
    if (slot < d->run[A].count || slot < d->run[B].count) {
        d->found = true;
        d->event = base_of(&d->run[slot < d->run[A].count ? A : B], slot);
    }
}

/* Command by command until something differs, both are at their end, or the next checkpoint that
 * differs is reached. */
static int play(differing *d) {
    progress bar = progress_begin(d->run[A].journal.size, !d->quiet);
    d->states_differ = run_state_digest(&d->run[A]) != run_state_digest(&d->run[B]);
    do {
        for (int i = 0; i < SIDES; i++) {
            const int result = run_next(&d->run[i]);
            if (result < 0) {
                return EXIT_INPUT;
            }
            d->going[i] = result == 1;
        }
        compare(d);
        progress_at(&bar, (size_t)(cursor_done(&d->run[A].at) + d->run[A].place.at));
    } while (!d->found && d->going[A] && d->going[B] &&
             (d->differs_at == 0 || d->run[A].seq < d->differs_at));
    progress_end(&bar);
    return d->found || d->differs_at != 0 ? EXIT_MISMATCH : EXIT_DONE;
}

/* --- what was found --------------------------------------------------------------------------- */

static const char *const side_names[SIDES] = {"A", "B"};

/* The event of a side that is told; NULL if it has none there. */
static const trd_event *event_of(const differing *d, int side) {
    const journal_run *run = &d->run[side];
    return d->going[side] && d->event < run->count ? &run->events[d->event] : NULL;
}

static void tell_command(const differing *d, int side) {
    const journal_run *run = &d->run[side];
    if (!d->going[side]) {
        printf("%s  has no command behind %" PRIu64 "\n", side_names[side], run->seq);
        return;
    }
    printf("%s  segment %" PRIu64 ", byte %" PRIu64 ": ", side_names[side], run->place.in->number,
        run->place.at);
    record_line(stdout, run->command, run->command->slots, RECORD_COMMAND, false);
}

static void tell_field(const char *name, const char *a, const char *b) {
    const bool differs = strcmp(a, b) != 0;
    printf("%c %-14s %-24s %s\n", differs ? '*' : ' ', name, a, b);
}

/* Fields of two slots of one kind, side by side. */
static void tell_same_kind(const void *a, const void *b) {
    field_text left[FIELDS_PER_SLOT], right[FIELDS_PER_SLOT];
    const unsigned count = slot_fields(a, RECORD_EVENT, left);
    const unsigned others = slot_fields(b, RECORD_EVENT, right);
    for (unsigned i = 0; i < count || i < others; i++) {
        const field_text *of = i < count ? &left[i] : &right[i];
        tell_field(of->name, i < count ? left[i].text : "", i < others ? right[i].text : "");
    }
}

static void tell_front(const trd_event *a, const trd_event *b) {
    char left[24], right[24];
    snprintf(left, sizeof(left), "%" PRIu64, a->seq);
    snprintf(right, sizeof(right), "%" PRIu64, b->seq);
    tell_field("seq", left, right);
    snprintf(left, sizeof(left), "%" PRId64, a->time);
    snprintf(right, sizeof(right), "%" PRId64, b->time);
    tell_field("time", left, right);
}

static void tell_fields(const trd_event *a, const trd_event *b) {
    tell_field("event", slot_kind(a, RECORD_EVENT), slot_kind(b, RECORD_EVENT));
    tell_front(a, b);
    if (a->kind != b->kind) {
        return;
    }
    tell_same_kind(a, b);
    for (unsigned i = 1; i < a->slots && i < b->slots; i++) {
        tell_field("extension", slot_kind(a + i, RECORD_EVENT), slot_kind(b + i, RECORD_EVENT));
        if (a[i].kind == b[i].kind) {
            tell_same_kind(a + i, b + i);
        }
    }
}

static void tell_events(const differing *d) {
    const trd_event *of[SIDES] = {event_of(d, A), event_of(d, B)};
    for (int i = 0; i < SIDES; i++) {
        printf("%s  ", side_names[i]);
        if (of[i] != NULL) {
            record_line(stdout, of[i], of[i]->slots, RECORD_EVENT, false);
        } else {
            puts("no event");
        }
    }
    if (of[A] != NULL && of[B] != NULL) {
        printf("  %-14s %-24s %s\n", "", "A", "B");
        tell_fields(of[A], of[B]);
    }
}

static void tell_text(const differing *d) {
    printf("checkpoints     %" PRIu64 " in common, %" PRIu64 " agree\n", d->pairs, d->agreeing);
    printf("replayed        from behind command %" PRIu64 "%s\n", d->from,
        d->states_differ ? ", where the states differ already" : "");
    if (d->command != 0) {
        printf("first command   that differs: %" PRIu64 "\n", d->command);
    }
    if (d->found) {
        printf("first event     that differs: of command %" PRIu64 "\n",
            d->run[d->going[A] ? A : B].seq);
        tell_command(d, A);
        tell_command(d, B);
        tell_events(d);
    } else if (d->differs_at != 0) {
        printf("no event differs up to command %" PRIu64
               ", whose checkpoints do: one of them is not what comes of\n"
               "the commands here; replay both with --verify\n",
            d->differs_at);
    } else {
        printf("no event differs up to command %" PRIu64 "\n", d->run[A].seq);
    }
}

static void json_event(json *out, const differing *d, int side) {
    const trd_event *event = event_of(d, side);
    fprintf(out->out, ",\"%s\":", side == A ? "a" : "b");
    if (event != NULL) {
        record_object(out->out, event, event->slots, RECORD_EVENT);
    } else {
        fputs("null", out->out);
    }
}

static void tell_json(const differing *d) {
    json out = {.out = stdout};
    json_open(&out, NULL, '{');
    json_text(&out, "record", "difference");
    json_count(&out, "checkpoints", d->pairs);
    json_count(&out, "checkpoints_agreeing", d->agreeing);
    json_count(&out, "checkpoint_differs_at", d->differs_at);
    json_count(&out, "from", d->from);
    json_bool(&out, "states_differ", d->states_differ);
    json_count(&out, "first_command", d->command);
    json_bool(&out, "differs", d->found);
    if (d->found) {
        json_count(&out, "command", d->run[d->going[A] ? A : B].seq);
        json_event(&out, d, A);
        json_event(&out, d, B);
    }
    json_close(&out, '}');
    putchar('\n');
}

int diff_main(int argc, char **argv) {
    differing d;
    const int end = parse(argc, argv, &d);
    if (end >= 0) {
        return end;
    }
    int result = begin(&d);
    if (result == EXIT_DONE) {
        result = play(&d);
    }
    if (result == EXIT_DONE || result == EXIT_MISMATCH) {
        (d.json ? tell_json : tell_text)(&d);
    }
    close_runs(&d);
    return fflush(stdout) == 0 ? result : complain("stdout", 0, "cannot be written");
}
