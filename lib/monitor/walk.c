/* walk.c - the exact end of an interval, in a bounded number of steps.
 *
 * Let mu be the maintenance before it is rounded, in 10^-6, and w = floor(W). For a ppm t
 *
 *     Phi(w) = w x 10^12 - t x mu(|w|)
 *
 * is concave: mu is convex, even and never falls with |w|. The excess, which has roundings, is
 * near: its notional is w or w + 1 (or -w, of a debt), which adds 10^6 to mu at most, rates being 1
 * at most; rounding M up adds less than 10^6. So
 *
 *     Phi(w) - 2 x 10^6 x t  <  excess x 10^6  <=  Phi(w).
 *
 * Where Phi is below a bound (x 10^6), so is the excess; where Phi is 2 x 10^6 x t above it, the
 * excess is not below. Either is true of an interval of w, or of all outside of one, whose ends are
 * solved for in the one tier that they are in. Between, roundings decide: there the walk goes from
 * one value of (floor W, ceil |W|) to the next, and looks at each. That is a handful, unless the
 * slope 1 - t x rate of the tier is near zero. */
#include "monitor/stake.h"

static const trd_wide micro = (trd_wide)TRD__PPM * TRD__PPM;
static const trd_wide endless = (trd_wide)1 << 66; /* beyond every w */

typedef struct range {
    trd_wide low;
    trd_wide high; /* below low: nothing */
} range;

/* --- Phi -------------------------------------------------------------------------------------- */

/* Phi at the floor of a tier, as an asset (1) or a debt (-1). */
static trd_wide phi_at(const trd_margin_tier *tier, uint32_t ppm, int sign) {
    const trd_wide mu = trd__mul(tier->floor, tier->maintenance_ppm) - trd__margin_cum(tier);
    return sign * tier->floor * micro - mu * ppm;
}

/* What Phi rises by from w to w + 1, of assets. */
static trd_wide slope_of(const trd_margin_tier *tier, uint32_t ppm) {
    return micro - trd__mul(tier->maintenance_ppm, ppm);
}

/* The lowest w with Phi(w) >= bound, endless without one. Phi rises up to the first tier of which
 * the slope is not above zero. */
static trd_wide lowest(const trd_stake *s, uint32_t ppm, trd_wide bound) {
    const trd_margin_tier *tiers = s->tiers;
    uint32_t at = 0;
    if (bound <= 0) {
        at = s->count - 1;
        while (at > 0 && phi_at(&tiers[at], ppm, -1) < bound) {
            at--;
        }
        const trd_wide slope = micro + trd__mul(tiers[at].maintenance_ppm, ppm);
        return -((trd__margin_cum(&tiers[at]) * ppm - bound) / slope);
    }
    while (at + 1 < s->count && slope_of(&tiers[at], ppm) > 0 &&
           phi_at(&tiers[at + 1], ppm, 1) < bound) {
        at++;
    }
    const trd_wide slope = slope_of(&tiers[at], ppm);
    return slope <= 0 ? endless : trd__div_ceil(bound - trd__margin_cum(&tiers[at]) * ppm, slope);
}

/* The highest one, if there is a lowest. */
static trd_wide highest(const trd_stake *s, uint32_t ppm, trd_wide bound) {
    const trd_margin_tier *tiers = s->tiers;
    uint32_t at = 0;
    while (at < s->count && slope_of(&tiers[at], ppm) >= 0) {
        at++;
    }
    if (at == s->count) {
        return endless;
    }
    trd_assert(phi_at(&tiers[at], ppm, 1) >= bound); /* the top, and there is a lowest */
    while (at + 1 < s->count && phi_at(&tiers[at + 1], ppm, 1) >= bound) {
        at++;
    }
    return (trd__margin_cum(&tiers[at]) * ppm - bound) / -slope_of(&tiers[at], ppm);
}

static range where_phi_reaches(const trd_stake *s, uint32_t ppm, trd_wide bound) {
    const trd_wide low = lowest(s, ppm, bound);
    return low == endless ? (range){.low = 1, .high = 0}
                          : (range){.low = low, .high = highest(s, ppm, bound)};
}

/* --- where the level is kept whatever roundings do ----------------------------------------------
 */

static void keep_sure(const trd_stake *s, const trd_keep *keep, range *sure) {
    const trd_wide rounding = (trd_wide)2 * TRD__PPM * keep->next_ppm;
    const range next = where_phi_reaches(s, keep->next_ppm, keep->next * TRD__PPM + rounding);
    sure[0] = next;
    sure[1] = (range){.low = 1, .high = 0};
    if (!keep->has_here) {
        return;
    }
    const range here = where_phi_reaches(s, keep->here_ppm, keep->here * TRD__PPM);
    if (here.low <= here.high) {
        /* uncovered: phi of the larger ppm has its top at a lesser notional, so that what is surely
         * better than the level begins before what is surely worse does */
        sure[0].high = next.high < here.low ? next.high : here.low - 1;
        sure[1] =
            (range){.low = next.low > here.high ? next.low : here.high + 1, .high = next.high};
    }
}

static const range *range_of(const range *sure, trd_wide w) {
    for (int i = 0; i < 2; i++) {
        if (w >= sure[i].low && w <= sure[i].high) {
            return &sure[i];
        }
    }
    return NULL;
}

/* --- steps ------------------------------------------------------------------------------------ */

static bool is_kept(const trd_stake *s, const trd_keep *keep, const trd_worth *at) {
    return trd__stake_excess(s, at, keep->next_ppm) >= keep->next &&
           (!keep->has_here || trd__stake_excess(s, at, keep->here_ppm) < keep->here);
}

/* Of an asset. */
static bool is_whole(const trd_worth *at) {
    return at->floor == at->up;
}

/* The nearest x with another floor, or (of an asset) another ceiling: of those with the same floor
 * the least x alone may be whole. */
static trd_wide neighbour(const trd_stake *s, trd_wide x, const trd_worth *at, int dir) {
    const bool is_asset = at->floor >= 0;
    if (dir > 0) {
        return is_asset && is_whole(at) ? x + 1 : trd__stake_reaches(s, (trd_wide)at->floor + 1);
    }
    const trd_wide first = trd__stake_reaches(s, at->floor);
    if (is_asset && first < x) {
        const trd_worth least = trd__stake_worth(s, first);
        return is_whole(&least) ? first : first - 1;
    }
    return first - 1;
}

/* The farthest x toward lower (dir -1) or higher (dir 1) ones. */
static trd_wide walk(const trd_stake *s, const trd_keep *keep, const range *sure, trd_wide from,
    const trd_worth *worth, int dir) {
    const trd_wide end = dir < 0 ? s->low : s->high;
    trd_wide x = from;
    trd_worth at = *worth;
    for (int steps = 0; steps < TRD_WALK_MAX; steps++) {
        const range *in = range_of(sure, at.floor);
        if (in != NULL) {
            x = dir < 0 ? trd__stake_reaches(s, in->low) : trd__stake_reaches(s, in->high + 1) - 1;
            if (x == end) {
                return end;
            }
            at = trd__stake_worth(s, x);
        }
        const trd_wide next = neighbour(s, x, &at, dir);
        if (dir < 0 ? next < end : next > end) {
            return end;
        }
        at = trd__stake_worth(s, next);
        if (!is_kept(s, keep, &at)) {
            return next - dir;
        }
        x = next;
    }
    return x;
}

void trd__stake_walk(const trd_stake *s, const trd_keep *keep, trd_wide from,
    const trd_worth *worth, trd_wide *low, trd_wide *high) {
    range sure[2];
    keep_sure(s, keep, sure);
    *low = walk(s, keep, sure, from, worth, -1);
    *high = walk(s, keep, sure, from, worth, 1);
}
