/* accounts_shrink.h - the fewest calls of a run that still end as it did. */
#ifndef TESTS_DIFFERENTIAL_ACCOUNTS_SHRINK_H
#define TESTS_DIFFERENTIAL_ACCOUNTS_SHRINK_H

#include "accounts_script.h"

/* acct_shrink looks for them for so many seconds, and prints them with both answers to the last. */
void acct_shrink(acct_script *script, unsigned seconds);

#endif
