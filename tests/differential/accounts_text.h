/* accounts_text.h - calls and events of accounts as text that a person can read. */
#ifndef TESTS_DIFFERENTIAL_ACCOUNTS_TEXT_H
#define TESTS_DIFFERENTIAL_ACCOUNTS_TEXT_H

#include "life_acct.h"

void acct_text_def(const trd_accounts_def *def);
void acct_text_call(const acct_call *c);
void acct_text_event(const trd_event *e);
/* The result codes of a set. */
void acct_text_codes(unsigned codes);

#endif
