/* value.h - what all positions of an account are worth, kept while nothing moves.
 *
 * Checks that ask what all positions of an account come to would have to value each of them for
 * each order. Instead their sums are kept: per account in the valuation asset, per balance in its
 * own. Each position has a record of what it counts for in them, and the mark that was used.
 *
 * Nothing is kept of an account that nobody has asked about. Of one that somebody has, a change of
 * a position puts it into a list of the account (trd__entry_moved, trd__entry_opened), which is all
 * that a fill or an order pays for. Who asks next values what is in the list again: the old value
 * leaves the sums, the new one joins them. Numbers are exact, so that the order in which that
 * happens does not show.
 *
 * A mark that moves is written into a ring of the last moves. The account knows how many there had
 * been when it was brought up to date: nothing is looked at if there was none since; the positions
 * in these instruments if they were fewer than its positions; else all positions, and those whose
 * mark is another one are valued. A rate that changes has a number too: all positions are looked
 * at, and those that settle in that asset are valued.
 *
 * Whoever may write keeps; questions that take the accounts as const use what is kept if it is up
 * to date, else they value every position, and write nothing. */
#ifndef TRD_ACCT_VALUE_H
#define TRD_ACCT_VALUE_H

#include "acct/hold.h"

/* ceil of the worth of an amount >= 0 in the valuation asset; false if no rate is known, or it is
 * not below TRD_AMT_LIMIT. */
trd_inline bool trd__worth_up(
    const trd_accounts *accounts, uint32_t asset, trd_amt amount, trd_amt *out) {
    const trd_acct_asset *own = trd__asset(accounts, asset);
    const trd_wide product = trd__mul(amount, own->numerator);
    if (amount != 0 && own->numerator == 0) {
        return false;
    }
    const trd_wide worth = own->denominator <= 1 ? product
                           : trd_fits(product)   ? trd__ceil_by(product, own->denominator)
                                                 : trd__div_ceil(product, own->denominator);
    *out = (trd_amt)worth;
    return worth < TRD_AMT_LIMIT;
}

/* The larger one of |buys| and |sells|: a position if all orders of one side execute. */
trd_inline trd_wide trd__larger_size(trd_wide buys, trd_wide sells) {
    const trd_wide up = buys < 0 ? -buys : buys;
    const trd_wide down = sells < 0 ? -sells : sells;
    return up > down ? up : down;
}

/* What that many lots are worth at a mark, valuation asset, rounded up. False if it is not known.
 */
trd_inline bool trd__size_worth(const trd_accounts *a, const trd_acct_listing *listing,
    bool has_mark, trd_px mark, trd_wide size, trd_amt *out) {
    *out = 0;
    return size == 0 || (has_mark && trd__worth_up(a, listing->settle_asset,
                                         trd__value_up(listing, mark, (trd_qty)size), out));
}

/* Makes *out what a position counts for at a mark, if there is one; `next` is not written. */
void trd__value_at(const trd_accounts *a, const trd_acct_entry *entry, bool has_mark, trd_px mark,
    trd_acct_value *out);

/* What is kept of an account, NULL if that is not up to date. `worst`: worst cases are wanted. */
trd_inline const trd_acct_kept *trd__kept_now(
    const trd_accounts *a, const trd_acct_client *client, bool worst) {
    const trd_acct_kept *kept = trd__kept(a, client->kept);
    return client->kept != 0 && kept->marks == a->marks && kept->rates == a->rates &&
                   kept->listed == 0 && (kept->has_worst != 0 || !worst)
               ? kept
               : NULL;
}

/* Brings what is kept of an account with a position up to date. O(what has moved), the first time
 * O(positions). */
void trd__keep(trd_accounts *a, uint32_t account, bool worst);

/* What all positions of an account are worth: what is kept, else *own, which is made of them.
 * `keeps` is NULL, or `a` as what may be written: then it is kept from now on. `worst` of the sums
 * only if it is wanted. */
const trd_acct_sums *trd__account_sums(
    const trd_accounts *a, trd_accounts *keeps, uint32_t account, bool worst, trd_acct_sums *own);

/* What is kept of an account, brought up to date if `keeps` allows it; NULL: it is not up to date.
 */
const trd_acct_kept *trd__account_kept(
    const trd_accounts *a, trd_accounts *keeps, uint32_t account, bool worst);

/* The same sums of the derivatives that settle in a balance, 0 for none; without `on_margin`. */
const trd_acct_pool *trd__balance_sums(
    const trd_accounts *a, trd_accounts *keeps, uint32_t purse, trd_acct_pool *own);

/* What is left of trd_accounts_equity when the positions are known: false if anything is not, or
 * does not fit. */
bool trd__equity_of(const trd_accounts *a, const trd_acct_client *client, const trd_acct_sums *sums,
    trd_equity *out);

/* A position that was made counts, for nothing yet. */
void trd__entry_joins(trd_accounts *a, uint32_t number);

/* Is what is kept what follows from the positions (audit_value.c)? TRD_OK, or a negated line. */
int trd__audit_values(const trd_accounts *a);

#endif
