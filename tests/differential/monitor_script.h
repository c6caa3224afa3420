/* monitor_script.h - a run of monitor.c as it was recorded: in memory that the process that plays
 * it shares with the one that shortens it. */
#ifndef TESTS_DIFFERENTIAL_MONITOR_SCRIPT_H
#define TESTS_DIFFERENTIAL_MONITOR_SCRIPT_H

#include "life_monitor.h"

enum { MON_SCRIPT_COMMANDS = 2048, MON_WHAT = 160 };

typedef struct mon_outcome {
    bool finished; /* the process came to its end */
    bool failed;
    uint64_t at;         /* seq of the last command */
    char what[MON_WHAT]; /* what was not the same */
} mon_outcome;

typedef struct mon_script {
    uint64_t seed;
    uint64_t run;
    life_mon_world world;
    uint32_t count;
    mon_outcome outcome;
    trd_command command[MON_SCRIPT_COMMANDS][LIFE_MON_SLOTS]; /* seq: number in the run, from 1 */
} mon_script;

#endif
