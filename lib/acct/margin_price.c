/* margin_price.c - the price at which a position is liquidated, and the one at which it is
 * bankrupt.
 *
 * Let V = |W| be the exact value of the position at a price, C what is left in the account if V is
 * zero (balance + others - cost), and M(n) the maintenance of a notional n, an integer function.
 * The account is short of its maintenance when the position is an asset (W = V):    C + floor(V) -
 * M(ceil V) < 0 the position is a debt (W = -V):     C - ceil(V)  - M(ceil V) < 0 M never rises
 * faster than its argument, so n - M(n) and n + M(n) never fall. Hence, for whole n, debt:   short
 * if V > d,              d the last n with n + M(n) <= C asset:  short if V <= a,             a the
 * last n with n - M(n) < -C or if V < b and V not whole, b the last n with n - M(n) <= -C (V
 * between n - 1 and n has the floor of the one and the ceiling of the other: one unit less than a
 * whole V = n has.) So three notionals are solved for, each in the one tier it can be in, and
 * turned into ticks by a division. Nothing is searched and nothing is approximated.
 *
 * A price going against a linear position makes an asset smaller and then, below zero, a debt
 * larger. Of a short position that holds for minus the price: it is mirrored, and only long ones
 * are looked at. An inverse position, whose prices are above zero, is a debt if long (bought coin
 * is owed) and an asset if short. */
#include "acct/margin.h"

/* What V is made of, and what stands against it. linear: V = m x gross / per at |price| m; inverse:
 * V = gross / (m x per). */
typedef struct stake {
    trd_uwide gross; /* |qty| x numerator, > 0, < 2^126 */
    uint64_t per;    /* denominator, > 0 */
    trd_wide slack;  /* C, within 2^66 */
    const trd_margin_tier *tiers;
    uint32_t count;
} stake;

/* Prices, mirrored if short, from the favourable end to the other. */
typedef struct span {
    trd_wide from;
    trd_wide to; /* <= from */
} span;

/* ---- notionals at which the balance tips ---------------------------------------------------- */

static trd_amt within_range(trd_wide n) {
    return n < INT64_MAX ? (trd_amt)n : INT64_MAX;
}

/* The last n with n - M(n) <= bound, -1 if there is none. In its tier, with M = ceil(x):
 *     n - ceil(x) <= bound  <=>  x > n - bound - 1
 *                           <=>  n x (1 - rate) < bound + 1 - cum. */
static trd_amt asset_reach(const stake *s, trd_wide bound) {
    uint32_t at = s->count;
    do {
        if (at == 0) {
            return -1;
        }
        at--;
    } while (s->tiers[at].floor - trd__margin_tier_keep(&s->tiers[at], s->tiers[at].floor) > bound);

    const trd_margin_tier *tier = &s->tiers[at];
    const trd_wide rest = TRD__PPM - (trd_wide)tier->maintenance_ppm;
    const trd_wide limit = (bound + 1) * TRD__PPM - trd__margin_cum(tier);
    if (rest == 0) {
        return INT64_MAX; /* n does not matter, and no tier with another rate can follow */
    }
    const trd_wide n = trd__div_ceil(limit, rest) - 1;
    trd_assert(n >= tier->floor);
    trd_assert(at + 1 == s->count || n < tier[1].floor);
    return within_range(n);
}

/* The last n with n + M(n) <= bound; 0 also if there is none, since every V above 0 is too much
 * then. In its tier, with M = ceil(x):
 *     n + ceil(x) <= bound  <=>  n x (1 + rate) <= bound + cum. */
static trd_amt debt_reach(const stake *s, trd_wide bound) {
    uint32_t at = s->count;
    do {
        if (at == 0) {
            return 0;
        }
        at--;
    } while (
        (trd_wide)s->tiers[at].floor + trd__margin_tier_keep(&s->tiers[at], s->tiers[at].floor) >
        bound);

    const trd_margin_tier *tier = &s->tiers[at];
    const trd_wide limit = bound * TRD__PPM + trd__margin_cum(tier);
    const trd_wide n = trd__div_floor(limit, TRD__PPM + (trd_wide)tier->maintenance_ppm);
    trd_assert(n >= tier->floor);
    trd_assert(at + 1 == s->count || n < tier[1].floor);
    return within_range(n);
}

/* ---- from notionals to ticks, linear -------------------------------------------------------- */

/* Is the value whole at m? */
static bool is_whole(const stake *s, trd_wide m) {
    const uint64_t part = (uint64_t)(m % s->per);
    return (trd_uwide)part * (uint64_t)(s->gross % s->per) % s->per == 0;
}

/* The first m, from `high` down to `low`, at which an asset is not enough; -1 if there is none.
 * Below b every other tick at least is not whole, unless all of them are. */
static trd_wide asset_tick(const stake *s, trd_wide high, trd_wide low) {
    const trd_amt a = asset_reach(s, -s->slack - 1);
    const trd_amt b = asset_reach(s, -s->slack);
    trd_wide first = -1;
    if (a >= 0) {
        first = (trd_wide)((trd_uwide)(uint64_t)a * s->per / s->gross);
    }
    if (b >= 0 && s->gross % s->per != 0) {
        trd_wide m = (trd_wide)((trd_uwide)(uint64_t)b * s->per / s->gross);
        m = m < high ? m : high;
        m -= is_whole(s, m);
        first = m > first ? m : first;
    }
    first = first < high ? first : high;
    return first >= low ? first : -1;
}

/* The first m, from `low` up to `high`, at which a debt is too much; -1 if there is none. */
static trd_wide debt_tick(const stake *s, trd_wide low, trd_wide high) {
    const trd_amt d = debt_reach(s, s->slack);
    const trd_wide after = (trd_wide)((trd_uwide)(uint64_t)d * s->per / s->gross) + 1;
    const trd_wide first = after > low ? after : low;
    return first <= high ? first : -1;
}

/* First an asset, as far as prices are above zero or at it, then a debt. */
static bool linear_trigger(const stake *s, span prices, trd_wide *out) {
    if (prices.from >= 0) {
        const trd_wide m = asset_tick(s, prices.from, prices.to > 0 ? prices.to : 0);
        if (m >= 0) {
            *out = m;
            return true;
        }
    }
    if (prices.to < 0) {
        const trd_wide m = debt_tick(s, prices.from < 0 ? -prices.from : 1, -prices.to);
        *out = -m;
        return m >= 0;
    }
    return false;
}

/* ---- from notionals to ticks, inverse ------------------------------------------------------- */

/* Long: a debt that grows as the price falls. V > d  <=>  px < gross / (d x per). */
static bool inverse_long_trigger(const stake *s, trd_px low, trd_px high, trd_wide *out) {
    const trd_amt d = debt_reach(s, s->slack);
    trd_uwide first = (trd_uwide)high;
    if (d >= 1) {
        const trd_uwide last = (s->gross - 1) / ((trd_uwide)(uint64_t)d * s->per);
        first = last < first ? last : first;
    }
    *out = (trd_wide)first;
    return first >= (trd_uwide)low;
}

/* Short: an asset that shrinks as the price rises. Ticks with a whole value are skipped below b;
 * r of them in a row all divide gross < 2^126, so does the least common multiple of 1 .. r, which
 * is 2^(r - 1) at least: there are 126 at most. */
static bool inverse_short_trigger(const stake *s, trd_px low, trd_px high, trd_wide *out) {
    const trd_amt a = asset_reach(s, -s->slack - 1);
    const trd_amt b = asset_reach(s, -s->slack);
    const trd_uwide none = (trd_uwide)high + 1;
    trd_uwide first = none;
    if (a >= 1) {
        const trd_uwide per = (trd_uwide)(uint64_t)a * s->per;
        first = (s->gross - 1) / per + 1;
        first = first > (trd_uwide)low ? first : (trd_uwide)low;
    }
    first = first < none ? first : none;
    if (b >= 1) {
        trd_uwide px = s->gross / ((trd_uwide)(uint64_t)b * s->per) + 1;
        px = px > (trd_uwide)low ? px : (trd_uwide)low;
        while (px < first && s->gross % (px * s->per) == 0) {
            px++;
        }
        first = px < first ? px : first;
    }
    *out = (trd_wide)first;
    return first != none;
}

/* ---- the nearest tick of the exact price ---------------------------------------------------- */

typedef struct product {
    trd_uwide high;
    trd_uwide low;
} product;

static product multiply(trd_uwide a, trd_uwide b) {
    const uint64_t a0 = (uint64_t)a, a1 = (uint64_t)(a >> 64);
    const uint64_t b0 = (uint64_t)b, b1 = (uint64_t)(b >> 64);
    const trd_uwide low = (trd_uwide)a0 * b0;
    const trd_uwide left = (trd_uwide)a0 * b1, right = (trd_uwide)a1 * b0;
    const trd_uwide middle = (low >> 64) + (uint64_t)left + (uint64_t)right;
    return (product){
        .high = (trd_uwide)a1 * b1 + (left >> 64) + (right >> 64) + (middle >> 64),
        .low = middle << 64 | (uint64_t)low,
    };
}

static bool is_above(product a, product b) {
    return a.high != b.high ? a.high > b.high : a.low > b.low;
}

/* Where V x per_v = v, exactly: v and per_v in 10^-6 minor units. */
typedef struct root {
    trd_uwide v;     /* < 2^87 */
    trd_uwide per_v; /* (0, 2 x 10^6] */
    bool is_asset;
} root;

/* Balance less maintenance, not rounded, at the floor of a tier, in 10^-6. */
static trd_wide excess_at(const stake *s, const trd_margin_tier *tier, bool is_asset) {
    const trd_wide keep = trd__mul(tier->floor, tier->maintenance_ppm) - trd__margin_cum(tier);
    const trd_wide worth = trd__mul(is_asset ? tier->floor : -tier->floor, TRD__PPM);
    return s->slack * TRD__PPM + worth - keep;
}

/* The one V at which the balance is the maintenance. With V zero the excess is C, so an asset is
 * needed if C is below zero, and a debt can be carried if not. */
static bool find_root(const stake *s, root *out) {
    out->is_asset = s->slack < 0;
    uint32_t at = s->count - 1;
    if (out->is_asset) {
        while (at > 0 && excess_at(s, &s->tiers[at], true) >= 0) {
            at--;
        }
    } else {
        while (at > 0 && excess_at(s, &s->tiers[at], false) < 0) {
            at--;
        }
    }
    const trd_wide rate = s->tiers[at].maintenance_ppm;
    const trd_wide whole = s->slack * TRD__PPM + trd__margin_cum(&s->tiers[at]);
    const trd_wide per = out->is_asset ? TRD__PPM - rate : TRD__PPM + rate;
    trd_assert((whole < 0) == out->is_asset);
    out->v = (trd_uwide)(whole < 0 ? -whole : whole);
    out->per_v = (trd_uwide)per;
    return per > 0;
}

/* Is the exact price below m + 1/2? linear: m = v x per / (per_v x gross); inverse: one over it
 * with per on the other side. */
static bool is_below_half_past(const stake *s, const root *at, bool is_inverse, uint64_t m) {
    const trd_uwide twice = (trd_uwide)m * 2 + 1;
    if (is_inverse) {
        return is_above(multiply(twice * s->per, at->v), multiply(at->per_v * 2, s->gross));
    }
    return is_above(multiply(twice * at->per_v, s->gross), multiply(at->v * 2, s->per));
}

/* |price| nearest to the exact one, or false if it is beyond every price. */
static bool nearest_tick(const stake *s, const root *at, bool is_inverse, trd_wide *out) {
    uint64_t low = 0, high = INT64_MAX;
    if (!is_below_half_past(s, at, is_inverse, high)) {
        return false;
    }
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (is_below_half_past(s, at, is_inverse, middle)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    *out = (trd_wide)low;
    return true;
}

/* ---- together ------------------------------------------------------------------------------- */

/* All values lie between those of the two ends, or between zero and one of them: if these fit, all
 * do. */
static int ends_fit(const trd_margin_position *position) {
    trd_amt value;
    const trd_instrument *spec = position->spec;
    int result = trd__margin_notional(spec, spec->px_min, position->qty, &value);
    if (result == TRD_OK) {
        result = trd__margin_notional(spec, spec->px_max, position->qty, &value);
    }
    return result;
}

static stake stake_of(const trd_margin_position *position, const trd_margin_funds *funds,
    const trd_margin_tier *tiers, uint32_t count) {
    const trd_instrument *spec = position->spec;
    return (stake){
        .gross = (trd_uwide)trd__magnitude(position->qty) * (uint64_t)spec->numerator,
        .per = (uint64_t)spec->denominator,
        .slack = (trd_wide)funds->balance + funds->others - position->cost,
        .tiers = tiers,
        .count = count,
    };
}

/* The first tick at which the account is short. */
static bool find_trigger(const stake *s, const trd_instrument *spec, int side, trd_px *out) {
    trd_wide at = 0;
    bool is_there;
    if (spec->kind == TRD_INSTRUMENT_INVERSE) {
        is_there = (side > 0 ? inverse_long_trigger : inverse_short_trigger)(
            s, spec->px_min, spec->px_max, &at);
    } else {
        const trd_wide low = spec->px_min, high = spec->px_max;
        const span prices = {.from = side > 0 ? high : -low, .to = side > 0 ? low : -high};
        is_there = linear_trigger(s, prices, &at);
        at *= side;
    }
    if (!is_there) {
        return false;
    }
    trd_assert(at >= spec->px_min);
    trd_assert(at <= spec->px_max);
    *out = (trd_px)at;
    return true;
}

static bool find_shown(const stake *s, const trd_instrument *spec, int side, trd_px *out) {
    const bool is_inverse = spec->kind == TRD_INSTRUMENT_INVERSE;
    root at;
    trd_wide px = 0;
    if (!find_root(s, &at) || (is_inverse && at.is_asset != (side < 0)) ||
        !nearest_tick(s, &at, is_inverse, &px)) {
        return false;
    }
    if (!is_inverse) {
        px = at.is_asset ? side * px : -side * px;
    }
    if (px < spec->px_min || px > spec->px_max) {
        return false;
    }
    *out = (trd_px)px;
    return true;
}

int trd_margin_liquidation(
    const trd_margin_position *position, const trd_margin_funds *funds, trd_margin_prices *out) {
    const bool is_cash = trd__margin_is_cash(position->model);
    if (position->model->kind == TRD_MARGIN_GROUPED ||
        (position->qty == 0 && position->cost != 0) || (is_cash && position->spec->px_min < 0)) {
        return TRD_E_ARG;
    }
    if (position->qty == 0 || (is_cash && position->qty < 0)) {
        *out = (trd_margin_prices){0};
        return TRD_OK;
    }
    const int result = ends_fit(position);
    if (result != TRD_OK) {
        return result;
    }
    const trd_margin_model *model = position->model;
    const stake s = stake_of(position, funds, model->tiers, model->tier_count);
    const int side = trd__margin_side(position->qty);
    trd_margin_prices prices = {0};
    prices.has_trigger = find_trigger(&s, position->spec, side, &prices.trigger);
    prices.has_shown = find_shown(&s, position->spec, side, &prices.shown);
    *out = prices;
    return TRD_OK;
}

/* A fee is a maintenance of one tier: what closing must not eat up. */
int trd_margin_bankruptcy(const trd_margin_position *position, const trd_margin_funds *funds,
    uint32_t fee_ppm, trd_px *out) {
    if (position->qty == 0 || fee_ppm > TRD__PPM) {
        return TRD_E_ARG;
    }
    const int result = ends_fit(position);
    if (result != TRD_OK) {
        return result;
    }
    const trd_margin_tier fee = {.maintenance_ppm = fee_ppm, .initial_ppm = fee_ppm};
    const stake s = stake_of(position, funds, &fee, 1);
    const int side = trd__margin_side(position->qty);
    const trd_instrument *spec = position->spec;
    trd_px first;
    if (!find_trigger(&s, spec, side, &first) ||
        first == (side > 0 ? spec->px_max : spec->px_min)) {
        return TRD_E_UNKNOWN;
    }
    *out = first + side;
    return TRD_OK;
}
