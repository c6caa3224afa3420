#include "journal/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/symbols.h"

enum { ROOM = 512 }; /* slots that an output has; more is asked for again */

_Static_assert((int)ROOM >= (int)TRD_ENGINE_OUT_MIN, "the engine takes an output of that room");

int say_damage(const cursor *at) {
    trd_journal_report report;
    if (cursor_end(at, &report) != TRD_E_CORRUPT) {
        return complain(at->of->path, 0, "cannot be read");
    }
    return complain(at->of->path, 0,
        "the journal is damaged: segment %" PRIu64 ", byte %" PRIu64 ", behind command %" PRIu64,
        report.number, report.at, report.last.seq > 0 ? report.last.seq - 1 : 0);
}

/* The first pass: all frames are whole, and where are the checkpoints? */
static int read_checks(journal_run *at, uint32_t first) {
    cursor walk = cursor_begin(&at->journal, first);
    const trd_journal_frame *frame;
    frame_place place;
    int result;
    while ((result = cursor_next(&walk, &frame, &place)) == 1) {
        const trd_journal_check *check = frame_check(frame);
        if (check != NULL) {
            at->checks =
                memory_or_end(realloc(at->checks, (at->check_count + 1) * sizeof(at->checks[0])));
            at->checks[at->check_count++] = (recorded){*check, place};
        }
    }
    trd_journal_report report;
    if (result != 0 || cursor_end(&walk, &report) != TRD_OK) {
        return say_damage(&walk);
    }
    at->outcome = report.outcome;
    at->end_number = report.number;
    at->end_at = report.at;
    return EXIT_DONE;
}

/* The number of the first command that is left, or will be written; 1 if there is no frame. */
static int first_seq(const journal *of, uint64_t *out) {
    cursor walk = cursor_begin(of, 0);
    const trd_journal_frame *frame;
    frame_place place;
    const int result = cursor_next(&walk, &frame, &place);
    if (result < 0) {
        return say_damage(&walk);
    }
    *out = result == 1 ? frame->seq : 1;
    return EXIT_DONE;
}

static int restore(journal_run *at, const run_wanted *wanted) {
    snapshot_wanted snapshot = {.directory = wanted->snapshots, .most = wanted->before};
    if (wanted->first) {
        uint64_t first = 1;
        const int result = first_seq(&at->journal, &first);
        if (result != EXIT_DONE) {
            return result;
        }
        snapshot.oldest = true;
        snapshot.least = first - 1;
        snapshot.most = UINT64_MAX;
    }
    return restored_find(&at->start, &snapshot);
}

static int begin(journal_run *at) {
    const trd_snapshot_head *head = &at->start.head;
    const uint32_t first = journal_find(&at->journal, head->seq + 1);
    if (first == at->journal.count) {
        return complain(at->journal.path, 0,
            "has no command %" PRIu64 ", where the snapshot goes on: it begins behind it",
            head->seq + 1);
    }
    at->at = cursor_begin(&at->journal, first);
    at->seq = head->seq;
    at->last_event = head->events;
    at->slots = head->slots;
    at->digest = head->hash;
    at->counted = head->slots > 0 || head->events == 0;
    return read_checks(at, first);
}

int run_open(journal_run *at, const run_wanted *wanted) {
    *at = (journal_run){0};
    int result = journal_open(&at->journal, wanted->directory);
    if (result == EXIT_DONE) {
        result = restore(at, wanted);
    }
    if (result == EXIT_DONE) {
        result = begin(at);
    }
    if (result != EXIT_DONE) {
        run_close(at);
    }
    return result;
}

void run_close(journal_run *at) {
    restored_free(&at->start);
    journal_close(&at->journal);
    free(at->checks);
    free(at->events);
    *at = (journal_run){0};
}

/* The next command that the snapshot does not have; NULL behind the last. */
static const trd_command *find_next(journal_run *at) {
    for (;;) {
        if (at->frame != NULL) {
            at->command = frame_command(at->frame, at->command);
            if (at->command != NULL && at->command->seq > at->seq) {
                return at->command;
            }
        }
        if (at->frame == NULL || at->command == NULL) {
            /* The first pass has found all frames whole, so there is none only at the end. */
            if (cursor_next(&at->at, &at->frame, &at->place) != 1) {
                at->frame = NULL;
                return NULL;
            }
            at->command = NULL;
        }
    }
}

static void make_room(journal_run *at) {
    if (at->capacity - at->count < ROOM) {
        at->capacity = at->capacity * 2 + ROOM;
        at->events = memory_or_end(realloc(at->events, at->capacity * sizeof(at->events[0])));
    }
}

static int execute(journal_run *at, const trd_command *command) {
    int result;
    at->count = 0;
    do {
        make_room(at);
        trd_out out = {.events = at->events + at->count, .capacity = ROOM};
        result = trd_engine_step(at->start.engine, command, &out);
        at->count += out.count;
        command = NULL;
    } while (result == TRD_MORE);
    return result;
}

int run_next(journal_run *at) {
    const trd_command *command = find_next(at);
    if (command == NULL) {
        return 0;
    }
    const int result = execute(at, command);
    if (result != TRD_OK) {
        complain(at->place.in->path, 0,
            "byte %" PRIu64 ": command %" PRIu64 " cannot be executed: %s", at->place.at,
            command->seq, trd_result_text(result));
        return -1;
    }
    at->seq = command->seq;
    at->commands++;
    at->slots += at->count;
    at->last_event = at->count > 0 ? at->events[at->count - 1].seq : at->last_event;
    at->digest = trd_journal_digest(at->events, at->count, at->digest);
    return 1;
}

int run_seek(journal_run *at, uint64_t seq) {
    while (at->seq < seq) {
        const int result = run_next(at);
        if (result != 1) {
            return result;
        }
    }
    return 1;
}

uint64_t run_state_digest(const journal_run *at) {
    uint64_t digest = 0;
    (void)trd_engine_digest(at->start.engine, &digest); /* between two commands it has one */
    return digest;
}
