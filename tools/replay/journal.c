#include "replay/journal.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/fields.h"
#include "journal/run.h"
#include "replay/json.h"
#include "replay/progress.h"

static const char help[] =
    "usage: tradsys-replay journal [options] DIR\n"
    "\n"
    "journal replays the journal in DIR through an engine, from a snapshot on, and says what came\n"
    "of it: commands, events, their hash, the digest of the state. Snapshots are the files of the\n"
    "directory that begin as one, whatever their names.\n"
    "\n"
    "  --from N          begin with the newest snapshot before command N, tell events from N on\n"
    "                    (without it: the oldest snapshot that the journal goes on from)\n"
    "  --to N            stop behind command N\n"
    "  --print           write each event as a line\n"
    "  --events FILE     write these lines to FILE\n"
    "  --verify          compare every checkpoint of the journal; stop at the first that differs\n"
    "\n"
    "  --snapshots DIR   where the snapshots are, if not beside the journal\n"
    "  --json            lines and result as JSON, one object per line\n"
    "  --quiet           no progress bar\n"
    "  --help\n"
    "\n"
    "Exit codes: 0 done, 1 the journal or the snapshot is missing or damaged, 2 wrong usage,\n"
    "3 a checkpoint differs.\n";

typedef struct journal_arguments {
    const char *directory;
    const char *snapshots;
    const char *events;
    uint64_t from; /* 0: not given */
    uint64_t to;
    bool print;
    bool verify;
    bool json;
    bool quiet;
} journal_arguments;

/* A replay on its way. */
typedef struct replaying {
    const journal_arguments *args;
    journal_run run;
    FILE *events; /* NULL: none */
    progress bar;
    size_t check;     /* the next one to be compared */
    uint64_t checked; /* compared, and equal */
    bool differs;
} replaying;

enum { OPTION_FROM = 256, OPTION_TO, OPTION_PRINT, OPTION_EVENTS, OPTION_VERIFY };
enum { OPTION_SNAPSHOTS = 300, OPTION_JSON, OPTION_QUIET, OPTION_HELP };

static const struct option options[] = {
    {"from", required_argument, NULL, OPTION_FROM},
    {"to", required_argument, NULL, OPTION_TO},
    {"print", no_argument, NULL, OPTION_PRINT},
    {"events", required_argument, NULL, OPTION_EVENTS},
    {"verify", no_argument, NULL, OPTION_VERIFY},
    {"snapshots", required_argument, NULL, OPTION_SNAPSHOTS},
    {"json", no_argument, NULL, OPTION_JSON},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static int usage(const char *what, const char *value) {
    fprintf(stderr, "%s: %s%s; see --help\n", program_name, what, value);
    return EXIT_USAGE;
}

static int parse_seq(const char *value, uint64_t *out) {
    if (!text_u64((text){value, strlen(value)}, out) || *out < 1 || *out == UINT64_MAX) {
        return usage("not the number of a command: ", value);
    }
    return -1;
}

static int apply(int option, journal_arguments *out) {
    switch (option) {
    case OPTION_FROM:
        return parse_seq(optarg, &out->from);
    case OPTION_TO:
        return parse_seq(optarg, &out->to);
    case OPTION_PRINT:
        out->print = true;
        return -1;
    case OPTION_EVENTS:
        out->events = optarg;
        return -1;
    case OPTION_VERIFY:
        out->verify = true;
        return -1;
    case OPTION_SNAPSHOTS:
        out->snapshots = optarg;
        return -1;
    case OPTION_JSON:
        out->json = true;
        return -1;
    case OPTION_QUIET:
        out->quiet = true;
        return -1;
    case OPTION_HELP:
        fputs(help, stdout);
        return EXIT_DONE;
    default:
        return usage("wrong option", "");
    }
}

static int parse(int argc, char **argv, journal_arguments *out) {
    *out = (journal_arguments){.to = UINT64_MAX};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        const int result = apply(option, out);
        if (result >= 0) {
            return result;
        }
    }
    if (optind + 1 != argc) {
        return usage("one directory is needed", "");
    }
    if (out->from > out->to) {
        return usage("--from is behind --to", "");
    }
    if (out->print && out->events != NULL) {
        return usage("--print and --events: one of them", "");
    }
    out->directory = argv[optind];
    out->snapshots = out->snapshots != NULL ? out->snapshots : out->directory;
    return -1;
}

/* --- replay ----------------------------------------------------------------------------------- */

static bool same(const journal_run *at, const trd_journal_check *check) {
    return check->events == at->slots && check->digest == at->digest;
}

static void say_differs(const journal_run *at, const recorded *of) {
    complain(of->place.in->path, 0,
        "segment %" PRIu64 ", byte %" PRIu64 ": the checkpoint of command %" PRIu64
        " differs: recorded %" PRIu64 " slots of events, hash %016" PRIx64 "; replayed %" PRIu64
        ", %016" PRIx64,
        of->place.in->number, of->place.at, of->check.seq, of->check.events, of->check.digest,
        at->slots, at->digest);
}

/* Compares the checkpoints of the command that the run stands behind. What was counted before a
 * snapshot that does not say so is taken from the first checkpoint. False: one differs. */
static bool compare(replaying *at) {
    journal_run *run = &at->run;
    for (; at->check < run->check_count; at->check++) {
        const recorded *of = &run->checks[at->check];
        if (of->check.seq > run->seq) {
            break;
        }
        if (of->check.seq < run->seq) {
            continue; /* of a command before the snapshot */
        }
        if (!run->counted) {
            run->counted = true;
            run->slots = of->check.events;
            run->digest = of->check.digest;
        } else if (same(run, &of->check)) {
            at->checked++;
        } else {
            say_differs(run, of);
            at->differs = true;
            return false;
        }
    }
    return true;
}

static void write_events(const replaying *at) {
    const journal_run *run = &at->run;
    if (at->events == NULL || run->seq < at->args->from) {
        return;
    }
    for (size_t i = 0; i < run->count; i += run->events[i].slots) {
        record_line(
            at->events, &run->events[i], run->events[i].slots, RECORD_EVENT, at->args->json);
    }
}

/* An exit code: of a difference EXIT_MISMATCH. */
static int play(replaying *at) {
    int result = 1;
    if (at->args->verify && !compare(at)) {
        return EXIT_MISMATCH;
    }
    while (at->run.seq < at->args->to && (result = run_next(&at->run)) == 1) {
        write_events(at);
        if (at->args->verify && !compare(at)) {
            return EXIT_MISMATCH;
        }
        progress_at(&at->bar, (size_t)(cursor_done(&at->run.at) + at->run.place.at));
    }
    return result < 0 ? EXIT_INPUT : EXIT_DONE;
}

/* --- what came of it -------------------------------------------------------------------------- */

static void tell_json(const replaying *at) {
    const journal_run *run = &at->run;
    json out = {.out = stdout};
    json_open(&out, NULL, '{');
    json_text(&out, "record", "replay");
    json_text(&out, "snapshot", run->start.path);
    json_count(&out, "snapshot_seq", run->start.head.seq);
    json_count(&out, "seq", run->seq);
    json_count(&out, "commands", run->commands);
    json_count(&out, "events", run->last_event);
    json_count(&out, "event_slots", run->slots);
    json_bool(&out, "event_slots_known", run->counted);
    json_hash(&out, "event_hash", run->digest);
    json_hash(&out, "state_digest", run_state_digest(run));
    json_count(&out, "checkpoints", run->check_count);
    json_count(&out, "checkpoints_equal", at->checked);
    json_bool(&out, "differs", at->differs);
    json_text(&out, "outcome", trd_journal_outcome_text(run->outcome));
    json_count(&out, "segment", run->end_number);
    json_count(&out, "byte", run->end_at);
    json_close(&out, '}');
    fputc('\n', stdout);
}

static void tell_text(const replaying *at) {
    const journal_run *run = &at->run;
    printf(
        "snapshot        %s, behind command %" PRIu64 "\n", run->start.path, run->start.head.seq);
    printf("commands        %" PRIu64 ", the last one is %" PRIu64 "\n", run->commands, run->seq);
    if (run->counted) {
        printf("events          %" PRIu64 ", in %" PRIu64 " slots\n", run->last_event, run->slots);
        printf("event hash      %016" PRIx64 "\n", run->digest);
    } else {
        printf("event slots     %" PRIu64
               ", without those before the snapshot, which are unknown\n",
            run->slots);
    }
    printf("state digest    %016" PRIx64 "\n", run_state_digest(run));
    if (at->args->verify) {
        printf("checkpoints     %" PRIu64 " equal%s\n", at->checked,
            at->differs ? ", then one that differs" : "");
    }
    printf("journal         %s, ends in segment %" PRIu64 " at byte %" PRIu64 "\n",
        trd_journal_outcome_text(run->outcome), run->end_number, run->end_at);
}

static int open_events(replaying *at) {
    at->events = at->args->print ? stdout : NULL;
    if (at->args->events != NULL) {
        at->events = fopen(at->args->events, "we");
        if (at->events == NULL) {
            return complain(at->args->events, 0, "%s", strerror(errno));
        }
    }
    return EXIT_DONE;
}

static int close_events(replaying *at) {
    if (at->args->events == NULL || at->events == NULL) {
        return EXIT_DONE;
    }
    const bool failed = ferror(at->events) != 0;
    const bool closed = fclose(at->events) == 0;
    return closed && !failed ? EXIT_DONE : complain(at->args->events, 0, "cannot be written");
}

static int replay_journal(replaying *at) {
    const journal_arguments *args = at->args;
    const run_wanted wanted = {.directory = args->directory,
        .snapshots = args->snapshots,
        .first = args->from == 0,
        .before = args->from - 1};
    int result = run_open(&at->run, &wanted);
    if (result != EXIT_DONE) {
        return result;
    }
    result = open_events(at);
    if (result == EXIT_DONE) {
        at->bar = progress_begin(at->run.journal.size, !args->quiet && !args->print);
        result = play(at);
        progress_end(&at->bar);
    }
    if (result == EXIT_DONE || result == EXIT_MISMATCH) {
        (args->json ? tell_json : tell_text)(at);
    }
    const int closed = close_events(at);
    return closed != EXIT_DONE ? closed : result;
}

int journal_main(int argc, char **argv) {
    journal_arguments args;
    const int end = parse(argc, argv, &args);
    if (end >= 0) {
        return end;
    }
    replaying at = {.args = &args};
    const int result = replay_journal(&at);
    run_close(&at.run);
    return fflush(stdout) == 0 ? result : complain("stdout", 0, "cannot be written");
}
