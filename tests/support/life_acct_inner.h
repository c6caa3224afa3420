/* life_acct_inner.h - what the sources of the random lives of accounts share.
 *
 *   life_acct.c        which call is next
 *   life_acct_world.c  assets, fee tables, instruments, accounts, odds
 *   life_acct_order.c  holds, executions and what concerns orders
 *   life_acct_call.c   names, and calls made on the model
 */
#ifndef TESTS_SUPPORT_LIFE_ACCT_INNER_H
#define TESTS_SUPPORT_LIFE_ACCT_INNER_H

#include "life_acct.h"
#include "naive_acct_model.h"

void life_acct_asset(life_acct *l, naive_acct *m, acct_call *c);
void life_acct_fees(life_acct *l, acct_call *c);
void life_acct_instrument(life_acct *l, naive_acct *m, acct_call *c);
void life_acct_open(life_acct *l, naive_acct *m, acct_call *c, uint32_t account);

bool life_acct_wrong(life_acct *l);
uint32_t life_acct_account(life_acct *l);
uint32_t life_acct_instrument_at(life_acct *l, naive_acct *m);
trd_px life_acct_px(life_acct *l, const naive_instrument *it);
/* An amount about the one that is left until the limit. */
trd_amt life_acct_about(life_acct *l, wide left);
bool life_acct_at_limit(life_acct *l);

void life_acct_hold(life_acct *l, naive_acct *m, acct_call *c);
void life_acct_amend(life_acct *l, naive_acct *m, acct_call *c);
void life_acct_release(life_acct *l, naive_acct *m, acct_call *c);
void life_acct_execute(life_acct *l, naive_acct *m, acct_call *c);

#endif
