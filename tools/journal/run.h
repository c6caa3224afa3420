/* run.h - a journal replayed: from a snapshot on, command by command, with the events of each. */
#ifndef JOURNAL_RUN_H
#define JOURNAL_RUN_H

#include <stdbool.h>
#include <tradsys/engine.h>

#include "journal/files.h"
#include "journal/restore.h"

/* A checkpoint as it was recorded, and where. */
typedef struct recorded {
    trd_journal_check check;
    frame_place place;
} recorded;

typedef struct journal_run {
    journal journal;
    restored start;
    cursor at;
    const trd_journal_frame *frame; /* that is read; NULL before the first */
    frame_place place;              /* of it */
    const trd_command *command;     /* that was executed last; NULL before the first of a frame */
    trd_event *events;              /* of that command */
    size_t count;                   /* slots of it */
    size_t capacity;
    recorded *checks; /* of the journal, from the segment on where the run begins */
    size_t check_count;
    uint64_t seq;        /* of the last command of the state */
    uint64_t commands;   /* executed */
    uint64_t last_event; /* seq of it */
    uint64_t slots;      /* of events, counted as the snapshot counts them */
    uint64_t digest;     /* of them */
    bool counted;     /* the snapshot says what was before, or nothing was: the two above count */
    uint32_t outcome; /* of the journal, at its end: TRD_JOURNAL_* */
    uint64_t end_number; /* segment and byte of it */
    uint64_t end_at;
} journal_run;

/* What to replay. */
typedef struct run_wanted {
    const char *directory;
    const char *snapshots; /* directory of them */
    bool first;            /* begin with the oldest snapshot that the journal goes on from */
    uint64_t before;       /* else with the newest whose last command is not behind this one */
} run_wanted;

/* run_open opens the journal, restores the snapshot, and reads all checkpoints: the whole tail of
 * the journal is verified before the first command is executed. An exit code; what failed is said
 * with its segment and byte. run_close: a zeroed run may be closed. */
int run_open(journal_run *at, const run_wanted *wanted);
void run_close(journal_run *at);

/* run_next executes the next command: 1, and its events are there; 0: there is none; -1: it failed,
 * which was said. */
int run_next(journal_run *at);

/* run_seek executes all commands up to `seq`: 1; 0: the journal ends before it; -1. */
int run_seek(journal_run *at, uint64_t seq);

/* run_state_digest: of the engine. */
uint64_t run_state_digest(const journal_run *at);

/* say_damage says on stderr where a walk found the journal damaged. EXIT_INPUT. */
int say_damage(const cursor *at);

#endif
