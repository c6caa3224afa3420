/* accounts_play.h - one call after the other on the library and on the naive model. */
#ifndef TESTS_DIFFERENTIAL_ACCOUNTS_PLAY_H
#define TESTS_DIFFERENTIAL_ACCOUNTS_PLAY_H

#include "accounts_script.h"

typedef struct acct_play acct_play;

/* `always`: look at everything after each call. `counts`: for accounts_coverage.h. */
acct_play *acct_play_begin(acct_script *script, bool always, bool counts);
void acct_play_end(acct_play *p);
naive_acct *acct_play_model(acct_play *p);

/* acct_play_call returns false when the two differ: said in the outcome of the script, and on
 * stdout. acct_play_finish looks at everything once more. */
bool acct_play_call(acct_play *p, const acct_call *c);
bool acct_play_finish(acct_play *p);

#endif
