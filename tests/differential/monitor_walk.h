/* monitor_walk.h - the events of one command, walked in lock-step with the naive model: what is
 * told of levels, and every step of every liquidation. What the market does in between is taken
 * from the events. */
#ifndef TESTS_DIFFERENTIAL_MONITOR_WALK_H
#define TESTS_DIFFERENTIAL_MONITOR_WALK_H

#include "monitor_script.h"

enum { MON_WAITING = 64 };

/* A unit that was told to WAIT, and what its account had when that liquidation began: money,
 * collateral, positions. What waits is looked at again when that changes. */
typedef struct mon_waiting {
    trd_unit unit;
    uint64_t digest;
    bool now; /* told by this command */
} mon_waiting;

typedef struct mon_walk {
    mirror *w;
    const life_mon_world *world;
    const trd_event *event;
    uint32_t count;
    uint32_t at;
    bool counts; /* for monitor_coverage.h */
    bool has_expected;
    trd_event expected; /* by the model, at `at`; its seq is 0 */
    char what[MON_WHAT];
    uint32_t waiting_count; /* from command to command */
    mon_waiting waiting[MON_WAITING];
} mon_walk;

/* mon_walk_command walks `count` slots of events of the command that the mirror knows: false at the
 * first that should be another. */
bool mon_walk_command(mon_walk *k, const trd_event *events, uint32_t count);

/* Words for what is not the same; always false. */
__attribute__((format(printf, 2, 3))) bool mon_walk_differ(mon_walk *k, const char *format, ...);

/* NULL if it was not told to wait. */
mon_waiting *mon_walk_waiting(mon_walk *k, const trd_unit *unit);
uint64_t mon_walk_digest(const naive_monitor *m, uint32_t account);

/* Applies events up to the next MARGIN or LIQUIDATION. */
void mon_walk_consume(mon_walk *k);

/* The next event must be this one, but for its seq. */
bool mon_walk_expect(mon_walk *k, const trd_event *e, const char *what);

/* One liquidation, which begins at the next event. */
bool mon_walk_liquidation(mon_walk *k);

#endif
