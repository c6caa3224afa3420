/* coverage_special.h - what a differential run has met of special orders, sessions and groups. For
 * coverage.c, which counts plain orders and calls these. */
#ifndef TESTS_DIFFERENTIAL_COVERAGE_SPECIAL_H
#define TESTS_DIFFERENTIAL_COVERAGE_SPECIAL_H

#include "naive.h"

void coverage_special_before(const naive_match *model, const trd_command *command);
void coverage_special_after(
    const naive_match *model, const trd_match_def *def, const trd_command *command);
void coverage_special_execution(
    const naive_match *model, const naive_order *taker, const naive_order *maker);

/* Prints the counts and returns how many that should have been met were not. */
uint32_t coverage_special_report(void);

#endif
