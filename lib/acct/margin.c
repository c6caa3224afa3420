/* margin.c - what all models share: the table of tiers, worth and notional, one position. */
#include "acct/margin.h"

#include <string.h>

/* ---- the table ------------------------------------------------------------------------------ */

void trd__margin_one_tier(
    trd_margin_model *out, uint32_t kind, uint32_t leverage_centi, const trd_margin_rates *rates) {
    trd_assert(trd__margin_rates_are_good(rates));
    memset(out, 0, sizeof(*out));
    out->struct_size = (uint32_t)sizeof(*out);
    out->kind = kind;
    out->leverage_centi = leverage_centi;
    out->tier_count = 1;
    out->tiers[0].maintenance_ppm = rates->maintenance_ppm;
    out->tiers[0].initial_ppm = rates->initial_ppm;
}

static bool tier_follows(const trd_margin_tier *before, const trd_margin_tier *tier) {
    return tier->floor > before->floor && tier->maintenance_ppm >= before->maintenance_ppm &&
           tier->initial_ppm >= before->initial_ppm;
}

static bool tier_is_good(const trd_margin_tier *tier) {
    const trd_margin_rates rates = {tier->initial_ppm, tier->maintenance_ppm};
    return trd__margin_rates_are_good(&rates) && tier->reserved == 0;
}

/* cum_i = cum_(i-1) + floor_i x (rate_i - rate_(i-1)). Rates never fall and end at 1 at most, so
 * cum_i <= floor_i: it fits, and the maintenance of any notional is in [0, notional]. */
bool trd__margin_chain(trd_margin_tier *tiers, uint32_t count) {
    trd_assert(count >= 1);
    trd_assert(count <= TRD_MARGIN_TIERS_MAX);
    if (tiers[0].floor != 0) {
        return false;
    }
    trd_wide cum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!tier_is_good(&tiers[i]) || (i > 0 && !tier_follows(&tiers[i - 1], &tiers[i]))) {
            return false;
        }
        if (i > 0) {
            cum +=
                trd__mul(tiers[i].floor, tiers[i].maintenance_ppm - tiers[i - 1].maintenance_ppm);
        }
        tiers[i].cum = (trd_amt)(cum / TRD__PPM);
        tiers[i].cum_micro = (uint32_t)(cum % TRD__PPM);
    }
    return true;
}

/* Is the leverage one that goes with the kind? Above 1 / maintenance the initial margin would be
 * below the maintenance. */
static bool leverage_is_good(const trd_margin_model *model) {
    const uint64_t leverage = model->leverage_centi;
    switch (model->kind) {
    case TRD_MARGIN_LEVERAGE:
        return leverage >= 100 && leverage <= TRD_MARGIN_LEVERAGE_MAX &&
               leverage * model->tiers[0].maintenance_ppm <= 100 * (uint64_t)TRD__PPM;
    case TRD_MARGIN_TIERED:
        return leverage == 0 || (leverage >= 100 && leverage <= TRD_MARGIN_LEVERAGE_MAX);
    default:
        return leverage == 0;
    }
}

/* Are the rates of the first tier those that the kind fixes? */
static bool rates_go_with_kind(const trd_margin_model *model) {
    const trd_margin_tier *first = &model->tiers[0];
    switch (model->kind) {
    case TRD_MARGIN_CASH:
    case TRD_MARGIN_CNC:
        return first->initial_ppm == TRD__PPM && first->maintenance_ppm == 0;
    case TRD_MARGIN_LEVERAGE:
    case TRD_MARGIN_NRML:
        return first->initial_ppm == first->maintenance_ppm;
    case TRD_MARGIN_GROUPED:
        return first->initial_ppm == 0;
    default:
        return true;
    }
}

int trd_margin_model_check(const trd_margin_model *model) {
    if (model->struct_size != sizeof(*model) || model->kind < TRD_MARGIN_CASH ||
        model->kind > TRD_MARGIN_GROUPED || model->tier_count < 1 ||
        model->tier_count > (model->kind == TRD_MARGIN_TIERED ? TRD_MARGIN_TIERS_MAX : 1)) {
        return TRD_E_ARG;
    }
    trd_margin_tier chained[TRD_MARGIN_TIERS_MAX] = {{0}};
    memcpy(chained, model->tiers, model->tier_count * sizeof(chained[0]));
    const bool is_good = trd__margin_chain(chained, model->tier_count) &&
                         memcmp(chained, model->tiers, sizeof(chained)) == 0 &&
                         leverage_is_good(model) && rates_go_with_kind(model);
    return is_good ? TRD_OK : TRD_E_ARG;
}

/* ---- the requirement ------------------------------------------------------------------------ */

/* ceil(notional / leverage); below the notional, since leverages start at 1. */
static trd_amt by_leverage(trd_amt notional, uint32_t leverage_centi) {
    return leverage_centi == 0 ? 0
                               : (trd_amt)trd__div_ceil(trd__mul(notional, 100), leverage_centi);
}

int trd_margin_require(
    const trd_margin_model *model, trd_amt notional, trd_margin_requirement *out) {
    if (notional < 0) {
        return TRD_E_ARG;
    }
    const trd_margin_tier *tier = trd__margin_tier_of(model, notional);
    const trd_amt by_rate = trd__margin_part_up(notional, tier->initial_ppm);
    const trd_amt levered = by_leverage(notional, model->leverage_centi);
    out->initial = by_rate > levered ? by_rate : levered;
    out->maintenance = trd__margin_tier_keep(tier, notional);
    trd_assert(out->initial >= out->maintenance);
    return TRD_OK;
}

/* ---- one position --------------------------------------------------------------------------- */

/* The value of |qty| lots; rounded down it is `floored`, else up. */
static int value_of(
    const trd_instrument *spec, trd_px px, trd_qty qty, bool floored, trd_amt *out) {
    if (qty == INT64_MIN) {
        return TRD_E_RANGE;
    }
    return trd_instrument_value(
        spec, px, qty < 0 ? -qty : qty, floored ? TRD_ROUND_FLOOR : TRD_ROUND_CEIL, out);
}

int trd__margin_worth(const trd_instrument *spec, trd_px px, trd_qty qty, trd_amt *out) {
    /* Closing brings the value, or takes it: then down is up. */
    const bool brings = (qty > 0) != (spec->kind == TRD_INSTRUMENT_INVERSE);
    trd_amt value;
    const int result = value_of(spec, px, qty, brings, &value);
    if (result != TRD_OK) {
        return result;
    }
    return trd__narrow(brings ? (trd_wide)value : -(trd_wide)value, out) ? TRD_OK : TRD_E_RANGE;
}

int trd__margin_notional(const trd_instrument *spec, trd_px px, trd_qty qty, trd_amt *out) {
    trd_amt value;
    const int result = value_of(spec, px, qty, px < 0, &value);
    if (result != TRD_OK) {
        return result;
    }
    return trd__narrow(px < 0 ? -(trd_wide)value : (trd_wide)value, out) ? TRD_OK : TRD_E_RANGE;
}

/* Worth, notional and requirement at the mark. */
static int need_at_mark(const trd_margin_position *position, trd_margin_need *out) {
    const trd_instrument *spec = position->spec;
    trd_amt worth = 0, notional = 0, profit = 0;
    int result = trd__margin_worth(spec, position->mark, position->qty, &worth);
    if (result == TRD_OK) {
        result = trd__margin_notional(spec, position->mark, position->qty, &notional);
    }
    if (result != TRD_OK) {
        return result;
    }
    if (!trd__narrow((trd_wide)worth - position->cost, &profit)) {
        return TRD_E_RANGE;
    }
    trd_margin_requirement need;
    result = trd_margin_require(position->model, notional, &need);
    trd_assert(result == TRD_OK);
    *out = (trd_margin_need){.notional = notional,
        .profit = profit,
        .initial = need.initial,
        .maintenance = need.maintenance};
    return TRD_OK;
}

int trd_margin_need_of(const trd_margin_position *position, trd_margin_need *out) {
    const bool is_cash = trd__margin_is_cash(position->model);
    if (position->held < 0 || position->has_mark > 1 || position->reserved != 0 ||
        (position->qty == 0 && position->cost != 0)) {
        return TRD_E_ARG;
    }
    if (position->qty == 0) {
        *out = (trd_margin_need){0};
        return TRD_OK;
    }
    if (position->has_mark == 0) {
        return TRD_E_UNKNOWN;
    }
    if (is_cash && position->mark < 0) {
        return TRD_E_ARG; /* who paid in full could lose more than that */
    }
    if (!is_cash || position->qty > 0) {
        return need_at_mark(position, out);
    }
    if (position->qty < -position->held) {
        return TRD_E_RANGE;
    }
    trd_amt notional;
    const int result =
        trd__margin_notional(position->spec, position->mark, position->qty, &notional);
    if (result == TRD_OK) {
        *out = (trd_margin_need){.notional = notional};
    }
    return result;
}
