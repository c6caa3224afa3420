/* coverage_verdict.h - what a differential run has met of released orders that wait for a verdict.
 * For coverage.c. */
#ifndef TESTS_DIFFERENTIAL_COVERAGE_VERDICT_H
#define TESTS_DIFFERENTIAL_COVERAGE_VERDICT_H

#include "naive.h"

void coverage_verdict_after(const naive_match *model);

/* Prints the counts and returns how many that should have been met were not. */
uint32_t coverage_verdict_report(void);

#endif
