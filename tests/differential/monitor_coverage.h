/* monitor_coverage.h - what the lives of monitor.c have met, and what they must have met. */
#ifndef TESTS_DIFFERENTIAL_MONITOR_COVERAGE_H
#define TESTS_DIFFERENTIAL_MONITOR_COVERAGE_H

#include "life_monitor.h"

/* Single things, counted one by one. */
enum {
    MON_SEEN_EXECUTIONS,
    MON_SEEN_REFUSED,
    MON_SEEN_MORE,
    MON_SEEN_EXEMPT, /* one that would be told of another level */
    MON_SEEN_OPTION_LONG,
    MON_SEEN_OPTION_SHORT,
    MON_SEEN_INVERSE,
    MON_SEEN_TIERED,
    MON_SEEN_HEDGED, /* both sides of an instrument in one pool */
    MON_SEEN_FLAT_AGAIN,
    MON_SEEN_RESERVED_ID,
    MON_SEEN_EXACT,    /* an end of an interval at a change of level or alert */
    MON_SEEN_OPEN_END, /* one at the end of the price range */
    MON_SEEN_SHARED,   /* intervals of a pool of several */
    MON_SEEN_GONE,     /* a unit that a mode took away */
    MON_SEEN_COUNT
};

/* The steps of liquidations. */
enum {
    MON_STEP_CANCEL,
    MON_STEP_UNBLOCKS,    /* and an all-or-none order executes then */
    MON_STEP_REDUCE_ALL,  /* closes all that it was to close */
    MON_STEP_REDUCE_PART, /* some of it */
    MON_STEP_REDUCE_NONE,
    MON_STEP_REDUCE_CUT, /* to the largest quantity of an order */
    MON_STEP_REDUCE_AGAIN,
    MON_STEP_NOT_SENT, /* no valid price lies within the band */
    MON_STEP_ELECTS,   /* its executions elect an order */
    MON_STEP_CUTS,     /* lots that went over cut a reduce-only order */
    MON_STEP_NEXT_POSITION,
    MON_STEP_RESTORED, /* by step 2 and 3 */
    MON_STEP_FEE_CAPPED,
    MON_STEP_FEE_NONE,
    MON_STEP_TAKEOVER,
    MON_STEP_TAKEOVER_AGAIN, /* of a second position */
    MON_STEP_TAKEOVER_LOSES,
    MON_STEP_FUND_CLOSED,
    MON_STEP_FUND_HEDGED,
    MON_STEP_FUND_POOR,
    MON_STEP_DELEVERAGE,
    MON_STEP_DELEVERAGE_MANY,
    MON_STEP_BOUNDED, /* at a price that the other unit can bear */
    MON_STEP_TIE,     /* two of the queue have one rank */
    MON_STEP_NOBODY,
    MON_STEP_INSURED,
    MON_STEP_UNINSURED, /* the fund has not all of it */
    MON_STEP_COVERED,   /* in part by options that were bought */
    MON_STEP_BELOW_COLLATERAL,
    MON_STEP_PASSED_OVER,
    MON_STEP_POOL,
    MON_STEP_POSITION,
    MON_STEP_INVERSE,
    MON_STEP_OPTION,
    MON_STEP_HEDGED,
    MON_STEP_DONE,
    MON_STEP_COUNT
};

void mon_coverage_change(const mirror *w, const trd_monitor_change *change);
void mon_coverage_seen(unsigned seen);
void mon_coverage_step(unsigned step);
/* Looks at the state that a command has left. */
void mon_coverage_state(const mirror *w);

/* mon_coverage_report prints all counts and returns how many that must not be are 0 after so many
 * commands, of which none, all, or (2) every second run's may liquidate. */
uint32_t mon_coverage_report(unsigned liquidation, uint64_t commands);

#endif
