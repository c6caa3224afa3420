/* coverage.h - what a differential run has met, so that "no divergence" cannot mean "nothing was
 * tried": events, refusals, causes, and pairs of features that met each other. */
#ifndef TESTS_DIFFERENTIAL_COVERAGE_H
#define TESTS_DIFFERENTIAL_COVERAGE_H

#include "naive.h"

/* What the calls themselves have returned. */
typedef enum coverage_call {
    COVERAGE_MORE,
    COVERAGE_MORE_NO_ROOM,
    COVERAGE_FULL,
    COVERAGE_BUSY_STEP,
    COVERAGE_BUSY_RUN,
    COVERAGE_NOTHING_PENDING,
    COVERAGE_RUN,
    COVERAGE_RUN_STOPPED,
    COVERAGE_RUN_MORE,
    COVERAGE_RUN_FULL,
    COVERAGE_CUT_RECORD,
    COVERAGE_AUDIT,
    COVERAGE_FAR_LEVELS,
    COVERAGE_IDS_FORGOTTEN,
    COVERAGE_VERDICT,
    COVERAGE_VERDICT_AGAIN,
    COVERAGE_VERDICT_TWICE,
    COVERAGE_RUN_VERDICT,
    COVERAGE_VETTED,
    COVERAGE_VET_REFUSED,
    COVERAGE_VET_BUSY,
    COVERAGE_CALLS
} coverage_call;

void coverage_count_call(coverage_call call);

/* Before and after naive_step of the same command. */
void coverage_before(
    const naive_match *model, const trd_match_def *def, const trd_command *command);
void coverage_after(const naive_match *model, const trd_match_def *def, const trd_command *command);

/* A naive_watch. */
void coverage_execution(void *user, const naive_match *model, const naive_order *taker,
    const naive_order *maker, trd_qty qty);

/* coverage_report prints the counts and returns how many that should have been met were not. */
uint32_t coverage_report(void);

#endif
