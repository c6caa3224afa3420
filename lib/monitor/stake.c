/* stake.c - a position as a function of its mark. */
#include "monitor/stake.h"

static const trd_margin_tier no_tier = {0};

trd_stake trd__stake_of(
    const trd_acct_listing *listing, trd_qty qty, const trd_margin_tier *tiers, uint32_t count) {
    trd_assert(qty != 0);
    trd_assert(tiers == NULL || count >= 1);
    trd_stake s = {.listing = listing,
        .tiers = tiers != NULL ? tiers : &no_tier,
        .count = tiers != NULL ? count : 1,
        .side = qty > 0 ? 1 : -1,
        .qty = qty,
        .gross = trd__mul(trd__abs_qty(qty), listing->numerator),
        .per = listing->denominator};
    s.low = trd__stake_x(&s, s.side > 0 ? listing->px_min : listing->px_max);
    s.high = trd__stake_x(&s, s.side > 0 ? listing->px_max : listing->px_min);
    return s;
}

trd_worth trd__stake_worth(const trd_stake *s, trd_wide x) {
    const trd_px px = (trd_px)(s->side > 0 ? x : -x);
    return (trd_worth){.floor = trd__closing_flow(s->listing, px, s->qty),
        .up = trd__value_up(s->listing, px, trd__abs_qty(s->qty))};
}

/* --- from W to x ------------------------------------------------------------------------------ */

static trd_wide within(const trd_stake *s, trd_wide x) {
    return x < s->low ? s->low : x > s->high ? s->high + 1 : x;
}

/* An inverse position. Long: W = -gross / (x x per), which is below zero. Short, with x below zero:
 * W = gross / (-x x per), above zero. */
static trd_wide inverse_reaches(const trd_stake *s, trd_wide w) {
    if (s->side > 0) {
        return w >= 0 ? s->high + 1 : trd__div_ceil(s->gross, -w * s->per);
    }
    return w <= 0 ? s->low : -(s->gross / (w * s->per));
}

/* No |W| within the range of prices reaches 2^62 (accounts.md, "Limits"). */
trd_wide trd__stake_reaches(const trd_stake *s, trd_wide w) {
    if (w >= TRD_AMT_LIMIT) {
        return s->high + 1;
    }
    if (w <= -TRD_AMT_LIMIT) {
        return s->low;
    }
    const bool is_inverse = s->listing->kind == TRD_INSTRUMENT_INVERSE;
    return within(s, is_inverse ? inverse_reaches(s, w) : trd__div_ceil(w * s->per, s->gross));
}
