/* portfolio.h - what followed accounts have in scenario groups. */
#ifndef TRD_RISK_PORTFOLIO_H
#define TRD_RISK_PORTFOLIO_H

#include "acct/hold.h"
#include "acct/margin.h"
#include "risk/state.h"

trd_inline bool trd__is_followed(const trd_risk *risk, uint32_t account) {
    return (trd__risk_account(risk, account)->mask & trd__bit(TRD_RISK_FOLLOWED)) != 0;
}

/* What a position in the instrument loses in the scenarios is known. */
trd_inline bool trd__has_array(const trd_risk *risk, uint32_t instrument) {
    return instrument < risk->def.instruments_max && trd__risk_market(risk, instrument)->array != 0;
}

/* Is a record wanted for its positions? Where no instrument has an array that is seen without a
 * look at the account. */
trd_inline bool trd__is_summed(const trd_risk *risk, uint32_t account) {
    return trd_unlikely(risk->arrays != 0) && trd__is_followed(risk, account);
}

/* --- records (portfolio.c) -------------------------------------------------------------------- */

/* The record of an account in a group, 0 if there is none. */
uint32_t trd__portfolio_find(const trd_risk *risk, uint32_t account, uint32_t group);

/* Is there a record for positions of a followed account in the instrument, or room for one; or is
 * none needed? prepare: there is one from now on; false without room. */
bool trd__portfolio_has_room(const trd_risk *risk, uint32_t account, uint32_t instrument);
bool trd__portfolio_prepare(trd_risk *risk, uint32_t account, uint32_t instrument);

/* A position of the account in the instrument has so many lots more, after which it has `after`.
 * There is an array and a record. */
void trd__portfolio_add(trd_risk *risk, const trd_risk_move *move);

/* Every position of a followed account in the instrument joins the sums (by = 1) or leaves them
 * (by = -1), for what changes them all: another array, an expiry (scenario.c). There is room.
 * O(positions of the instrument); nothing without an array. */
void trd__portfolio_move_all(trd_risk *risk, const trd_accounts *a, uint32_t instrument, int by);

/* One position more, or other lots of one, in sums of 128 bits. */
void trd__portfolio_shift(
    trd_risk_folio *portfolio, const trd_scenario_array *array, const trd_scenario_change *change);

/* The margin of one lot by itself, `sign` -1: of a short one (scenario.c). */
trd_wide trd__per_lot(const trd_scenario_group *group, const trd_scenario_array *array, int sign);

/* Are groups, pairs, arrays and records sound (audit_portfolio.c)? TRD_OK, or a negated line. */
int trd__portfolio_audit(const trd_risk *risk);

/* --- what it comes to (require.c) ------------------------------------------------------------- */

/* A position that has another number of lots than it has. */
typedef struct trd_portfolio_if {
    uint32_t instrument;
    trd_scenario_change change;
} trd_portfolio_if;

/* The sums in 64 bits; false if one does not fit. */
bool trd__portfolio_sums(const trd_risk_folio *portfolio, trd_scenario_sums *out);

/* What the groups of the account in the asset need together, if `then` (NULL: as it is). TRD_OK, or
 * TRD_E_RANGE. */
int trd__portfolio_require(const trd_risk *risk, uint32_t account, uint32_t asset,
    const trd_portfolio_if *then, trd_margin_requirement *out);

/* What is behind it. */
typedef struct trd_portfolio_worth {
    trd_wide equity;
    trd_amt free;
    trd_amt held; /* locked for orders */
} trd_portfolio_worth;

/* TRD_OK, or TRD_E_UNKNOWN if a mark is missing. `keeps` as in value.h. */
int trd__portfolio_worth_of(const trd_accounts *accounts, trd_accounts *keeps, uint32_t account,
    uint32_t asset, trd_portfolio_worth *out);

#endif
