/* monitor_interval.h - what a monitor answers: how units stand, and its intervals, tick by tick. */
#ifndef TESTS_DIFFERENTIAL_MONITOR_INTERVAL_H
#define TESTS_DIFFERENTIAL_MONITOR_INTERVAL_H

#include "life_monitor.h"

/* mon_interval_look: what is wrong with an answer, NULL if nothing. Within them no level and no
 * alert changes: of a unit of one position all marks are tried, and the ones just outside, which
 * must change something; of a pool of several some that `rng` draws, and the ends. `counts`: for
 * monitor_coverage.h. */
const char *mon_interval_look(
    const naive_monitor *m, const trd_engine *engine, dice *rng, bool counts);

#endif
