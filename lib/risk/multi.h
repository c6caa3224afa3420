/* multi.h - accounts of mode MULTI: what their assets count for, and what stands on them. */
#ifndef TRD_RISK_MULTI_H
#define TRD_RISK_MULTI_H

#include "acct/margin.h"
#include "acct/state.h"
#include "risk/state.h"

/* What is held in an asset besides what is; below zero: less. */
typedef struct trd_multi_with {
    uint32_t asset;
    trd_wide full;   /* in full: to be spent */
    trd_wide margin; /* for orders on margin */
} trd_multi_with;

typedef struct trd_multi {
    trd_amt value;        /* of all assets */
    trd_amt own;          /* of the asset that is asked about: what of it counts */
    trd_wide initial;     /* of the positions */
    trd_wide maintenance; /* of the same */
    trd_wide held;        /* for orders on margin */
} trd_multi;

/* What its margin positions need together, initial and maintenance margin: TRD_OK, or TRD_E_UNKNOWN
 * if a mark, a model or a rate is missing. `keeps` as in value.h: then it is kept until one of them
 * moves, and O(1) as long as none has; else O(positions of the account). Only one trd_risk may keep
 * with the same accounts, and it is reset only with them. */
int trd__multi_need(const trd_risk *risk, const trd_accounts *a, trd_accounts *keeps,
    uint32_t account, trd_acct_need *out);

/* How the account stands, in the valuation asset. Without `with` (NULL) all that it has counts, and
 * `own` is 0; else what is held in full does not. TRD_OK; TRD_E_UNKNOWN if a mark, a model or a
 * rate is missing, TRD_E_RANGE if what counts does not fit: the first that is met. O(balances of
 * the account) and trd__multi_need, if what its positions are worth is kept; else O(balances x
 * positions). */
int trd__multi_of(const trd_risk *risk, const trd_accounts *a, trd_accounts *keeps,
    uint32_t account, const trd_multi_with *with, trd_multi *out);

/* Does anything stand on the assets of the account: a margin position, or an order on margin?
 * O(balances of the account) and trd__multi_need. */
bool trd__multi_is_used(
    const trd_risk *risk, const trd_accounts *a, trd_accounts *keeps, uint32_t account);

/* What is kept of it is what follows from the positions: TRD_OK, or a negated line. */
int trd__multi_audit(const trd_risk *risk, const trd_accounts *a);

/* The most of `free` in an asset that may go so that what stands on the rest still can; 0 if that
 * is not known. */
trd_amt trd__multi_spare(
    const trd_risk *risk, const trd_accounts *a, uint32_t account, uint32_t asset, trd_amt free);

/* ceil of the worth of an amount >= 0 in the valuation asset, in 128 bits; false if it is not 0 and
 * no rate is known. */
trd_inline bool trd__multi_up(
    const trd_accounts *a, uint32_t asset, trd_wide amount, trd_wide *out) {
    const trd_acct_asset *own = trd__asset(a, asset);
    trd_assert(amount >= 0);
    *out = own->numerator != 0 ? trd__div_ceil(amount * own->numerator, own->denominator) : 0;
    return own->numerator != 0 || amount == 0;
}

/* What a notional needs under a model, the initial margin not less than the leverage of the account
 * asks for. */
typedef struct trd_required {
    trd_wide initial;
    trd_amt maintenance;
} trd_required;

trd_required trd__require_of(
    const trd_margin_model *model, const trd_acct_client *client, trd_amt notional);

#endif
