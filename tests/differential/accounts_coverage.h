/* accounts_coverage.h - what the calls of accounts.c have met, and what they must have met. */
#ifndef TESTS_DIFFERENTIAL_ACCOUNTS_COVERAGE_H
#define TESTS_DIFFERENTIAL_ACCOUNTS_COVERAGE_H

#include "life_acct.h"

void acct_coverage_result(const acct_call *c, int result);
/* A bulk call returned TRD_MORE. */
void acct_coverage_more(const acct_call *c);
void acct_coverage_seen(uint32_t seen);
void acct_coverage_balance(const trd_balance *b);

void acct_coverage_events(const trd_event *events, uint32_t count);

/* What executes: before the call is made, and after it was. */
void acct_coverage_before(naive_acct *m, const acct_call *c);
void acct_coverage_executed(const acct_call *c);

/* acct_coverage_report prints all counts and returns how many that must not be are 0 after so many
 * calls. */
uint32_t acct_coverage_report(uint64_t calls);

#endif
