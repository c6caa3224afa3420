/* interval.c - how far the mark of a position may go.
 *
 * A level is kept while the equity is not below the maintenance times one ppm, and is below it
 * times another. With the excess of stake.h, and F the sum of it over the positions of a unit plus
 * its balance less their basis (x 10^6): while F >= 0 for the one, and F < 0 for the other. What
 * scenario groups need moves with lots alone, no mark: positions of a PORTFOLIO have no maintenance
 * of their own, and that of the unit is a constant of F. F is a sum of whole numbers of the
 * positions, each of which depends on its own mark alone. So the distance of F from 0 is handed out
 * to the positions in parts that together are not more than all of it, and each position gets the
 * marks at which its own excess has not moved by more than its part. Whatever the marks do within
 * these, each by itself, F has not moved by more than the distance: the level is the same. Nothing
 * is lost to rounding, because the parts are compared with the excess as it is rounded itself. One
 * position alone gets all: its interval is exact.
 *
 * Of several assets as collateral F is no such sum: what an asset counts for bends at zero, and at
 * its cap. But it is bounded by one. Let the value of a position move by d, in units of an asset of
 * which one is worth r. What the asset counts for then moves no way but that of d, and by less than
 * r x d + 1. Its notional moves by d + 1 at most, so the maintenance by less than
 * rate x (d + 1) + 1, with the last and largest rate of the model, and in the valuation asset by
 * less than r times that, + 1. So each position may move as far as its part covers these. */
#include "monitor/state.h"

/* floor(amount x weight / weights) or less; the parts of all weights together are not above the
 * amount. amount >= 0 needs up to 92 bits, so the weights are brought down to 32 each. */
static trd_wide part_of(trd_wide amount, trd_wide weight, trd_wide weights) {
    trd_assert(amount >= 0);
    trd_assert(weight <= weights);
    int shift = 0;
    while (weights >> shift > UINT32_MAX) {
        shift++;
    }
    return amount * (weight >> shift) / (weights >> shift);
}

/* Ends of a level, [level]: next_ppm of what is beyond it. */
static uint32_t next_ppm(const trd_monitor *m, unsigned level) {
    return level == TRD_MARGIN_FINE   ? m->def.warn_ppm
           : level == TRD_MARGIN_WARN ? m->def.call_ppm
                                      : (uint32_t)TRD__PPM;
}

static trd_wide distance(const trd_unit_sums *sums, uint32_t ppm) {
    return sums->equity * TRD__PPM - sums->maintenance * ppm;
}

/* --- on one balance --------------------------------------------------------------------------- */

/* What the excess of one position of the unit may be. */
static trd_keep keep_of(const trd_monitor *m, const trd_unit_sums *sums, const trd_stake *stake,
    const trd_worth *worth) {
    const trd_wide weight = trd__weight_of(worth);
    trd_keep keep = {.next_ppm = next_ppm(m, sums->level)};
    keep.next = trd__stake_excess(stake, worth, keep.next_ppm) -
                part_of(distance(sums, keep.next_ppm), weight, sums->weights);
    if (sums->level != TRD_MARGIN_FINE) {
        keep.has_here = true;
        keep.here_ppm = next_ppm(m, sums->level - 1u);
        keep.here = trd__stake_excess(stake, worth, keep.here_ppm) +
                    part_of(-distance(sums, keep.here_ppm) - 1, weight, sums->weights) + 1;
    }
    return keep;
}

/* --- on several assets ------------------------------------------------------------------------ */

/* A position, and what one unit of its settlement asset is worth. */
typedef struct share {
    const trd_acct_asset *asset;
    trd_wide weight;
    uint32_t rate_ppm; /* the maintenance rate that is never exceeded; 0: needs none */
} share;

/* Beyond every W, and small enough to be multiplied. */
static const trd_wide far = (trd_wide)1 << 100;

/* How far floor(W) may move for a part of the distance at `ppm`: if it moves the way that brings F
 * nearer to the end of the level (`toward`), what the asset counts for and the maintenance are
 * counted against it; if the other way, the maintenance. Below zero: not even a tick that leaves
 * it. */
static trd_wide reach_of(const share *s, trd_wide part, uint32_t ppm, bool toward) {
    const trd_wide per = (toward ? (trd_wide)TRD__PPM * TRD__PPM : 0) + trd__mul(s->rate_ppm, ppm);
    if (per == 0) {
        return far;
    }
    const trd_wide left = part - TRD__PPM - ppm; /* the value is rounded, and the maintenance */
    if (left < 0) {
        return -1;
    }
    const trd_wide own = left * s->asset->denominator / s->asset->numerator;
    const trd_wide rest =
        (own < far ? own : far) * TRD__PPM - trd__mul((trd_amt)s->rate_ppm + TRD__PPM, ppm);
    return rest < 0 ? -1 : rest / per;
}

static void narrow_to(
    const trd_stake *stake, const trd_worth *worth, trd_wide down, trd_wide up, trd_span *in) {
    if (down < 0 || up < 0) {
        return; /* the mark alone */
    }
    in->low = trd__stake_reaches(stake, worth->floor - down);
    in->high = trd__stake_reaches(stake, worth->floor + up + 1) - 1;
}

static trd_wide least(trd_wide a, trd_wide b) {
    return a < b ? a : b;
}

/* `in` is the mark alone. */
static void span_of(const trd_monitor *m, const trd_unit_sums *sums, const share *s,
    const trd_stake *stake, const trd_worth *worth, trd_span *in) {
    const uint32_t ppm = next_ppm(m, sums->level);
    const trd_wide next = part_of(distance(sums, ppm), s->weight, sums->weights);
    trd_wide down = reach_of(s, next, ppm, true);
    trd_wide up = reach_of(s, next, ppm, false);
    if (sums->level != TRD_MARGIN_FINE) {
        const uint32_t here_ppm = next_ppm(m, sums->level - 1u);
        const trd_wide here = part_of(-distance(sums, here_ppm) - 1, s->weight, sums->weights);
        up = least(up, reach_of(s, here, here_ppm, true));
        down = least(down, reach_of(s, here, here_ppm, false));
    }
    narrow_to(stake, worth, down, up, in);
}

/* --- a position ------------------------------------------------------------------------------- */

/* An alert holds while floor(W) - cost < -alert_ppm x |cost| / 10^6, so for floor(W) below a whole
 * number. */
static void alert_ends(const trd_monitor *m, const trd_stake *stake, const trd_acct_entry *entry,
    bool alerts, trd_span *in) {
    const trd_wide loss = trd__mul(trd__abs_amt(entry->cost), m->def.alert_ppm) / TRD__PPM;
    const trd_wide first = trd__stake_reaches(stake, entry->cost - loss);
    if (alerts) {
        in->high = first - 1 < in->high ? first - 1 : in->high;
    } else {
        in->low = first > in->low ? first : in->low;
    }
}

/* The marks that keep the level of its unit. */
static trd_span level_span(const trd_monitor *m, const trd_accounts *a, const trd_unit_sums *sums,
    const trd_stake *stake, const trd_worth *worth) {
    const trd_wide x = trd__stake_x(stake, stake->listing->mark);
    trd_span in = {.low = x, .high = x};
    if (sums->need != TRD_NEED_VALUED) {
        const trd_keep keep = keep_of(m, sums, stake, worth);
        trd__stake_walk(stake, &keep, x, worth, &in.low, &in.high);
        return in;
    }
    const uint32_t asset = stake->listing->settle_asset;
    const share s = {.asset = trd__asset(a, asset),
        .weight = trd__weight_in(a, asset, worth),
        .rate_ppm = stake->tiers[stake->count - 1].maintenance_ppm};
    if (s.asset->numerator != 0) {
        span_of(m, sums, &s, stake, worth, &in);
    }
    return in;
}

void trd__interval_of(const trd_monitor *m, const trd_accounts *a, const trd_risk *risk,
    const trd_acct_entry *entry, const trd_unit_sums *sums, trd_watch *watch) {
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_stake stake = trd__stake_of(listing, entry->qty, NULL, 0);
    const trd_wide x = trd__stake_x(&stake, listing->mark);
    trd_span in = {.low = stake.low, .high = stake.high};
    if (sums != NULL) {
        trd_worth worth;
        const bool known = trd__stake_at_mark(sums, risk, listing, entry, &stake, &worth);
        trd_assert(known);
        in = level_span(m, a, sums, &stake, &worth);
    }
    if (m->def.alert_ppm != 0) {
        alert_ends(m, &stake, entry, trd__alerts(m, listing, entry), &in);
    }
    trd_assert(in.low <= x);
    trd_assert(in.high >= x);
    watch->low = (trd_px)(stake.side > 0 ? in.low : -in.high);
    watch->high = (trd_px)(stake.side > 0 ? in.high : -in.low);
}
