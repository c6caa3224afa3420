/* coverage_quote.h - what a differential run has met of quotes and their protection. For
 * coverage.c. */
#ifndef TESTS_DIFFERENTIAL_COVERAGE_QUOTE_H
#define TESTS_DIFFERENTIAL_COVERAGE_QUOTE_H

#include "naive.h"

void coverage_quote_before(const naive_match *model, const trd_command *command);
void coverage_quote_after(const naive_match *model, const trd_command *command);
void coverage_quote_execution(
    const naive_match *model, const naive_order *taker, const naive_order *maker);

/* Prints the counts and returns how many that should have been met were not. */
uint32_t coverage_quote_report(void);

#endif
