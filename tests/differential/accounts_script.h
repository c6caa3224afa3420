/* accounts_script.h - a run of accounts.c as it was recorded: in memory that the process that plays
 * it shares with the one that shortens it. */
#ifndef TESTS_DIFFERENTIAL_ACCOUNTS_SCRIPT_H
#define TESTS_DIFFERENTIAL_ACCOUNTS_SCRIPT_H

#include "life_acct.h"

enum { ACCT_SCRIPT_CALLS = 4096, ACCT_WHAT = 120 };

typedef struct acct_outcome {
    bool finished; /* the process came to its end */
    bool failed;
    uint32_t at;          /* number of the last call */
    char what[ACCT_WHAT]; /* which call, and what was not the same */
} acct_outcome;

typedef struct acct_script {
    uint64_t seed;
    uint64_t run;
    trd_accounts_def def;
    uint32_t look_every; /* calls between two looks at everything */
    uint32_t count;
    acct_outcome outcome;
    acct_call call[ACCT_SCRIPT_CALLS];
} acct_script;

#endif
