/* monitor_play.h - commands on an engine, and what the naive model says to its events. */
#ifndef TESTS_DIFFERENTIAL_MONITOR_PLAY_H
#define TESTS_DIFFERENTIAL_MONITOR_PLAY_H

#include "monitor_script.h"

typedef struct mon_play mon_play;

/* `audits`: trd_engine_audit after every command, not only now and then. `counts`: for
 * monitor_coverage.h. `aloud`: every event is printed. */
mon_play *mon_play_begin(mon_script *script, bool audits, bool counts, bool aloud);
void mon_play_end(mon_play *p);
const mirror *mon_play_mirror(const mon_play *p);

/* mon_play_command returns false when the two differ: said in the outcome of the script, and on
 * stdout. The command must stay where it is. */
bool mon_play_command(mon_play *p, const trd_command *c);

/* mon_play_again resets the engine and plays all commands once more: the events of
 * money, levels and liquidations must be the same. The last thing to do. */
bool mon_play_again(mon_play *p);

#endif
