/* margin_reduction.c - how much of a position has to go, and whose goes first when nobody buys. */
#include "acct/margin.h"

/* ---- the fewest lots ------------------------------------------------------------------------ */

static bool terms_are_good(const trd_margin_cut_terms *terms) {
    return terms->others_maintenance >= 0 && terms->target_ppm >= TRD__PPM &&
           terms->target_ppm <= 10 * TRD__PPM && terms->fee_ppm <= TRD__PPM &&
           terms->step_pct >= 1 && terms->step_pct <= 100 && terms->reserved == 0;
}

/* Not a sale of holdings, which nothing has to be bought back for, and not a part of a group, whose
 * maintenance is not that of its positions. */
static bool can_be_cut(const trd_margin_position *position) {
    const bool is_sold = trd__margin_is_cash(position->model) && position->qty < 0;
    return position->qty != 0 && !is_sold && position->model->kind != TRD_MARGIN_GROUPED;
}

trd_wide trd__margin_step(const trd_margin_position *position, uint32_t step_pct) {
    const trd_wide held = (trd_wide)trd__magnitude(position->qty);
    const trd_wide lot_step = position->spec->lot_step;
    return trd__div_ceil(trd__div_ceil(held * step_pct, 100), lot_step) * lot_step;
}

/* What closing `lots` (signed as the position) brings at the price of `terms`, less the fee. */
static int proceeds_of(const trd_margin_position *position, const trd_margin_cut_terms *terms,
    trd_qty lots, trd_wide *out) {
    trd_amt worth, notional;
    int result = trd__margin_worth(position->spec, terms->px, lots, &worth);
    if (result == TRD_OK) {
        result = trd__margin_notional(position->spec, terms->px, lots, &notional);
    }
    if (result == TRD_OK) {
        *out = (trd_wide)worth - trd__margin_part_up(notional, terms->fee_ppm);
    }
    return result;
}

/* The account after `lots` of the position are closed. The cost is taken off whole: what the closed
 * lots take along and what stays adds up to it. */
static int try_cut(const trd_margin_position *position, const trd_margin_cut_terms *terms,
    trd_qty lots, trd_margin_cut *out) {
    trd_margin_position rest = *position;
    rest.qty -= lots;
    rest.cost = 0;
    trd_margin_need need;
    trd_wide proceeds = 0;
    int result = trd_margin_need_of(&rest, &need);
    if (result == TRD_OK && lots != 0) {
        result = proceeds_of(position, terms, lots, &proceeds);
    }
    if (result != TRD_OK) {
        return result;
    }
    const trd_wide equity =
        (trd_wide)terms->balance + terms->others_profit - position->cost + need.profit + proceeds;
    const trd_wide maintenance = (trd_wide)terms->others_maintenance + need.maintenance;
    trd_margin_cut cut = {.lots = lots < 0 ? -lots : lots};
    if (!trd__narrow(equity, &cut.equity) || !trd__narrow(maintenance, &cut.maintenance)) {
        return TRD_E_RANGE;
    }
    cut.restored = equity * TRD__PPM >= maintenance * terms->target_ppm;
    *out = cut;
    return TRD_OK;
}

/* Closing at a price worse than the mark loses equity and frees maintenance, in a proportion that
 * changes from tier to tier, and every candidate has roundings of its own: more is not always
 * better, and the first that does has to be looked for from below. The steps bound that. */
int trd_margin_reduction(
    const trd_margin_position *position, const trd_margin_cut_terms *terms, trd_margin_cut *out) {
    if (!terms_are_good(terms) || !can_be_cut(position)) {
        return TRD_E_ARG;
    }
    if (position->qty == INT64_MIN) {
        return TRD_E_RANGE;
    }
    const int side = trd__margin_side(position->qty);
    const trd_wide held = (trd_wide)trd__magnitude(position->qty);
    const trd_wide step = trd__margin_step(position, terms->step_pct);
    trd_margin_cut cut = {0};
    for (trd_wide lots = 0; cut.restored == 0; lots += step) {
        const trd_wide tried = lots < held ? lots : held;
        const int result = try_cut(position, terms, (trd_qty)(side * tried), &cut);
        if (result != TRD_OK) {
            return result;
        }
        if (lots >= held) {
            break;
        }
    }
    *out = cut;
    return TRD_OK;
}

/* ---- the rank ------------------------------------------------------------------------------- */

int trd_margin_adl_rank(const trd_margin_position *position, trd_amt equity, int64_t *out) {
    if (position->qty == 0) {
        return TRD_E_ARG;
    }
    if (position->has_mark == 0) {
        return TRD_E_UNKNOWN;
    }
    trd_amt worth, notional;
    int result = trd__margin_worth(position->spec, position->mark, position->qty, &worth);
    if (result == TRD_OK) {
        result = trd__margin_notional(position->spec, position->mark, position->qty, &notional);
    }
    if (result != TRD_OK) {
        return result;
    }
    if (position->cost == 0 || equity <= 0) {
        return TRD_E_RANGE;
    }
    int64_t profit_ppm, leverage_ppm, rank;
    const trd_wide profit = (trd_wide)worth - position->cost;
    if (!trd__narrow(
            trd__div_floor(profit * TRD__PPM, trd__magnitude(position->cost)), &profit_ppm) ||
        !trd__muldiv64(notional, TRD__PPM, equity, TRD_ROUND_FLOOR, &leverage_ppm) ||
        !trd__muldiv64(profit_ppm, leverage_ppm, TRD__PPM, TRD_ROUND_FLOOR, &rank)) {
        return TRD_E_RANGE;
    }
    *out = rank;
    return TRD_OK;
}
