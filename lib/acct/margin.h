/* margin.h - what the margin models share: worth, notional and maintenance. */
#ifndef TRD_ACCT_MARGIN_H
#define TRD_ACCT_MARGIN_H

#include <tradsys/margin.h>

#include "core/fixed.h"

enum { TRD__PPM = 1000000 };

/* The sign of the profit of a rising price. */
trd_inline int trd__margin_side(trd_qty qty) {
    return (qty > 0) - (qty < 0);
}

/* cum in 10^-6 minor units. */
trd_inline trd_wide trd__margin_cum(const trd_margin_tier *tier) {
    return trd__mul(tier->cum, TRD__PPM) + tier->cum_micro;
}

/* ceil(amount x ppm / 10^6) for an amount >= 0 and ppm <= 10^6: never above the amount. */
static inline trd_amt trd__margin_part_up(trd_amt amount, uint32_t ppm) {
    trd_assert(amount >= 0);
    trd_assert(ppm <= TRD__PPM);
    return (trd_amt)trd__div_ceil(trd__mul(amount, ppm), TRD__PPM);
}

/* Maintenance of a notional under the terms of `tier`. On the border of two tiers both say the
 * same, which is what cum is for. */
static inline trd_amt trd__margin_tier_keep(const trd_margin_tier *tier, trd_amt notional) {
    trd_assert(notional >= tier->floor);
    const trd_wide micro = trd__mul(notional, tier->maintenance_ppm) - trd__margin_cum(tier);
    trd_assert(micro >= 0);
    return (trd_amt)trd__div_ceil(micro, TRD__PPM);
}

/* The tier that a notional >= 0 is in. */
static inline const trd_margin_tier *trd__margin_tier_of(
    const trd_margin_model *model, trd_amt notional) {
    trd_assert(model->tier_count >= 1);
    trd_assert(model->tier_count <= TRD_MARGIN_TIERS_MAX);
    uint32_t at = model->tier_count - 1;
    while (at > 0 && notional < model->tiers[at].floor) {
        at--;
    }
    return &model->tiers[at];
}

/* CASH and CNC: nothing borrowed, neither money nor what is sold. */
trd_inline bool trd__margin_is_cash(const trd_margin_model *model) {
    return model->kind == TRD_MARGIN_CASH || model->kind == TRD_MARGIN_CNC;
}

/* Fills *out with a model of one tier; the numbers are known to be good. */
void trd__margin_one_tier(
    trd_margin_model *out, uint32_t kind, uint32_t leverage_centi, const trd_margin_rates *rates);

/* Are both in range, and in order? */
trd_inline bool trd__margin_rates_are_good(const trd_margin_rates *rates) {
    return rates->maintenance_ppm <= rates->initial_ppm && rates->initial_ppm <= TRD__PPM;
}

/* Makes cum of each of [1, TRD_MARGIN_TIERS_MAX] tiers from floors and rates. False, with `tiers`
 * partly written, if the table is none. */
bool trd__margin_chain(trd_margin_tier *tiers, uint32_t count);

/* floor(W) of qty lots at px, and ceil(|W|). TRD_OK, TRD_E_ARG (a px below 1 of an inverse
 * contract), TRD_E_RANGE. */
int trd__margin_worth(const trd_instrument *spec, trd_px px, trd_qty qty, trd_amt *out);
int trd__margin_notional(const trd_instrument *spec, trd_px px, trd_qty qty, trd_amt *out);

/* Lots between two candidates of a reduction: step_pct of the position, up to a multiple of
 * lot_step; it may be more than the position. */
trd_wide trd__margin_step(const trd_margin_position *position, uint32_t step_pct);

/* --- assets as collateral, one at a time (margin_collateral.c) ---------------------------------
 */

typedef struct trd_collateral_sums {
    trd_wide credit;
    trd_wide debt;
} trd_collateral_sums;

/* add: an asset counts. TRD_OK, or what trd_margin_collateral says of it, with nothing added.
 * value: what all of them come to. TRD_OK, or TRD_E_RANGE with *out untouched. */
int trd__collateral_add(trd_collateral_sums *sums, const trd_margin_asset *asset);
int trd__collateral_value(const trd_collateral_sums *sums, trd_margin_collateral_value *out);

/* --- scenario groups, one at a time (margin_scenario.c) --------------------------------------- */

/* Is the pair one of `count` groups, and in range? */
bool trd__scenario_pair_is_good(const trd_scenario_pair *pair, uint32_t count);

/* What a group needs if no pair credits it; false if a number does not fit, with *out partly
 * written. */
bool trd__scenario_alone(
    const trd_scenario_group *group, const trd_scenario_sums *sums, trd_scenario_need *out);

/* A group that pairs may credit: its need, and |net delta| before all pairs. */
typedef struct trd_scenario_part {
    trd_scenario_need *need;
    uint64_t whole;
} trd_scenario_part;

/* Credits both groups of the pair, and takes what it used off their deltas. */
void trd__scenario_credit(
    const trd_scenario_pair *pair, const trd_scenario_part *a, const trd_scenario_part *b);

/* Maintenance and initial from the other numbers of a need; false if they do not fit. */
bool trd__scenario_add_up(const trd_scenario_group *group, trd_scenario_need *need);

#endif
