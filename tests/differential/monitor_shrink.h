/* monitor_shrink.h - the shortest list of commands that still ends as a run of monitor.c did. */
#ifndef TESTS_DIFFERENTIAL_MONITOR_SHRINK_H
#define TESTS_DIFFERENTIAL_MONITOR_SHRINK_H

#include "monitor_script.h"

/* mon_shrink looks for at most so many seconds, then prints and plays what it has. */
void mon_shrink(mon_script *script, unsigned seconds);

#endif
