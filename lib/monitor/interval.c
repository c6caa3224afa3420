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

/* Marks of a position, as x of stake.h. */
typedef struct span {
    trd_wide low;
    trd_wide high;
} span;

/* floor(amount x weight / weights) or less; the parts of all weights together are not above the
 * amount. amount >= 0 needs up to 92 bits, so the weights are brought down to 32 each. */
trd_wide trd__distance_part(trd_wide amount, trd_wide weight, trd_wide weights) {
    trd_assert(amount >= 0);
    trd_assert(weight <= weights);
    int shift = 0;
    while (weights >> shift > UINT32_MAX) {
        shift++;
    }
    return amount * (weight >> shift) / (weights >> shift);
}

/* Ends of a level, [level]: next_ppm of what is beyond it. */
uint32_t trd__next_ppm(const trd_monitor *m, unsigned level) {
    return level == TRD_MARGIN_FINE   ? m->def.warn_ppm
           : level == TRD_MARGIN_WARN ? m->def.call_ppm
                                      : (uint32_t)TRD__PPM;
}

/* --- on one balance --------------------------------------------------------------------------- */

/* What the excess of one position of the unit may be. */
static trd_keep keep_of(const trd_monitor *m, const trd_unit_sums *sums, const trd_stake *stake,
    const trd_worth *worth) {
    const trd_wide weight = trd__weight_of(worth);
    trd_keep keep = {.next_ppm = trd__next_ppm(m, sums->level)};
    keep.next = trd__stake_excess(stake, worth, keep.next_ppm) -
                trd__distance_part(trd__distance(sums, keep.next_ppm), weight, sums->weights);
    if (sums->level != TRD_MARGIN_FINE) {
        keep.has_here = true;
        keep.here_ppm = trd__next_ppm(m, sums->level - 1u);
        keep.here =
            trd__stake_excess(stake, worth, keep.here_ppm) +
            trd__distance_part(-trd__distance(sums, keep.here_ppm) - 1, weight, sums->weights) + 1;
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
    const trd_stake *stake, const trd_worth *worth, trd_wide down, trd_wide up, span *in) {
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
    const trd_stake *stake, const trd_worth *worth, span *in) {
    const uint32_t ppm = trd__next_ppm(m, sums->level);
    const trd_wide next = trd__distance_part(trd__distance(sums, ppm), s->weight, sums->weights);
    trd_wide down = reach_of(s, next, ppm, true);
    trd_wide up = reach_of(s, next, ppm, false);
    if (sums->level != TRD_MARGIN_FINE) {
        const uint32_t here_ppm = trd__next_ppm(m, sums->level - 1u);
        const trd_wide here =
            trd__distance_part(-trd__distance(sums, here_ppm) - 1, s->weight, sums->weights);
        up = least(up, reach_of(s, here, here_ppm, true));
        down = least(down, reach_of(s, here, here_ppm, false));
    }
    narrow_to(stake, worth, down, up, in);
}

/* --- a position ------------------------------------------------------------------------------- */

/* An alert holds while floor(W) - cost < -alert_ppm x |cost| / 10^6, so for floor(W) below a whole
 * number. */
static void alert_ends(const trd_monitor *m, const trd_stake *stake, const trd_acct_entry *entry,
    bool alerts, span *in) {
    const trd_wide loss = trd__mul(trd__abs_amt(entry->cost), m->def.alert_ppm) / TRD__PPM;
    const trd_wide first = trd__stake_reaches(stake, entry->cost - loss);
    if (alerts) {
        in->high = first - 1 < in->high ? first - 1 : in->high;
    } else {
        in->low = first > in->low ? first : in->low;
    }
}

/* The marks of a unit of several assets that keep its level. */
static span valued_span(const trd_monitor *m, const trd_accounts *a, const trd_unit_sums *sums,
    const trd_stake *stake, const trd_worth *worth) {
    const trd_wide x = trd__stake_x(stake, stake->listing->mark);
    const uint32_t asset = stake->listing->settle_asset;
    const share s = {.asset = trd__asset(a, asset),
        .weight = trd__weight_in(a, asset, worth),
        .rate_ppm = stake->tiers[stake->count - 1].maintenance_ppm};
    span in = {.low = x, .high = x};
    if (s.asset->numerator != 0) {
        span_of(m, sums, &s, stake, worth, &in);
    }
    return in;
}

/* `in` keeps the level; its alert may bound it further. */
static void watch_span(
    trd_monitor *m, const trd_accounts *a, uint32_t number, const trd_stake *stake, span in) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_wide x = trd__stake_x(stake, stake->listing->mark);
    trd_watch *watch = trd__watch(m, number);
    if (m->def.alert_ppm != 0) {
        alert_ends(m, stake, entry, trd__alerts(m, stake->listing, entry), &in);
    }
    trd_assert(in.low <= x);
    trd_assert(in.high >= x);
    watch->low = (trd_px)(stake->side > 0 ? in.low : -in.high);
    watch->high = (trd_px)(stake->side > 0 ? in.high : -in.low);
    watch->state = TRD_WATCH_INTERVAL;
    trd__index_put(m, entry->instrument, number, watch->low, watch->high);
}

void trd__watch_keeps(trd_monitor *m, const trd_accounts *a, uint32_t number,
    const trd_stake *stake, const trd_worth *worth, const trd_keep *keep) {
    span in;
    trd__stake_walk(
        stake, keep, trd__stake_x(stake, stake->listing->mark), worth, &in.low, &in.high);
    watch_span(m, a, number, stake, in);
}

void trd__watch_interval(trd_monitor *m, const trd_accounts *a, const trd_risk *risk,
    uint32_t number, const trd_unit_sums *sums) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_client *client = trd__client(a, entry->account);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_stake stake = trd__stake_of(listing, entry->qty, NULL, 0);
    if (sums == NULL) {
        watch_span(m, a, number, &stake, (span){.low = stake.low, .high = stake.high});
        return;
    }
    trd_worth worth;
    const bool known = trd__stake_at_mark(sums, risk, listing, entry, &stake, &worth);
    trd_assert(known);
    if (sums->need == TRD_NEED_VALUED) {
        watch_span(m, a, number, &stake, valued_span(m, a, sums, &stake, &worth));
        return;
    }
    const trd_keep keep = keep_of(m, sums, &stake, &worth);
    trd__watch_keeps(m, a, number, &stake, &worth, &keep);
    if (trd__has_several(client)) {
        trd__shares_add(m, listing, entry, number, client->mode, &keep);
    }
}
