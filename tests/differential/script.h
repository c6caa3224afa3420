/* script.h - the commands of a run as they were, in memory that survives the process that ran them.
 *
 * A run is played in a child process, which may diverge, crash or hang. Its commands are recorded
 * before they are executed, so that the parent can play them again, all or some of them. A target
 * by handle is recorded with the number of the command that made the order: played again it means
 * that order, whatever its handle then is. */
#ifndef TESTS_DIFFERENTIAL_SCRIPT_H
#define TESTS_DIFFERENTIAL_SCRIPT_H

#include "life.h"

enum { SCRIPT_RECORDS = 50000 + LIFE_RECORD_SLOTS, SCRIPT_TEXT = 128, SCRIPT_MADE = 2 };

typedef struct script_record {
    trd_command slot[TRD_SLOTS_MAX];
    uint32_t slots;
    uint32_t number; /* of the command in its run, from 1 */
    uint32_t maker;  /* number of the command that made the target by handle, 0: none */
    uint32_t nth;    /* and which of its orders */
} script_record;

/* What became of a play. */
typedef struct script_outcome {
    bool failed;
    bool finished;          /* neither crashed nor hung */
    bool by_state;          /* found by comparing states, not events */
    bool by_second;         /* found in the matcher that trd_match_run drives */
    uint32_t at;            /* number of the command that was begun last */
    char what[SCRIPT_TEXT]; /* in one line */
} script_outcome;

typedef struct script {
    uint64_t seed; /* of all runs */
    uint64_t run;
    uint64_t call_seed; /* how calls are made, each from this and its number alone */
    trd_match_def def;
    trd_match_def second_def;
    uint32_t instruments;
    trd_instrument spec[LIFE_INSTRUMENTS_MAX];
    trd_profile profile[LIFE_INSTRUMENTS_MAX];
    uint32_t accounts;
    uint32_t refuse;     /* of 1,000 verdicts, those that let an order not go on */
    uint32_t capacity;   /* of the output */
    uint32_t look_every; /* commands from one comparison of states to the next */
    uint32_t batch_mean; /* commands that are run as one array, about */
    script_outcome outcome;
    uint32_t count;
    script_record record[SCRIPT_RECORDS];
} script;

#endif
