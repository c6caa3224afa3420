/* margin_scenario.c - risk arrays: the worst of 16 scenarios over a group of positions.
 *
 * Sums of a group are linear in the positions, but for the short option lots, which count one side
 * only; so a change of one position is added to them, and the sums are the same whatever the way.
 * The products of one change are exact in 128 bits; sums are kept in 64, and a change whose result
 * does not fit is refused before anything is stored. */
#include "acct/margin.h"

/* ---- running sums --------------------------------------------------------------------------- */

static trd_wide short_lots(trd_qty qty) {
    return qty < 0 ? -(trd_wide)qty : 0;
}

/* The sum with `each` times the lots after instead of before. Lots are above -2^63, so the two
 * products together stay below 2^127. */
static bool moved(int64_t sum, int64_t each, const trd_scenario_change *change, int64_t *out) {
    return trd__narrow(
        sum + trd__mul(each, change->qty_after) - trd__mul(each, change->qty_before), out);
}

int trd_scenario_add(
    trd_scenario_sums *sums, const trd_scenario_array *array, const trd_scenario_change *change) {
    if (array->month >= TRD_SCENARIO_MONTHS_MAX || array->is_option > 1) {
        return TRD_E_ARG;
    }
    if (change->qty_before == INT64_MIN || change->qty_after == INT64_MIN) {
        return TRD_E_RANGE;
    }
    trd_scenario_sums next = *sums;
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        if (!moved(sums->loss[i], array->loss[i], change, &next.loss[i])) {
            return TRD_E_RANGE;
        }
    }
    trd_wide lots = sums->short_lots;
    if (array->is_option != 0) {
        lots += short_lots(change->qty_after) - short_lots(change->qty_before);
    }
    if (lots < 0) {
        return TRD_E_ARG;
    }
    int64_t *delta = &next.delta[array->month];
    if (!moved(*delta, array->delta, change, delta) || !trd__narrow(lots, &next.short_lots)) {
        return TRD_E_RANGE;
    }
    *sums = next;
    return TRD_OK;
}

/* ---- definitions ---------------------------------------------------------------------------- */

static bool group_is_good(const trd_scenario_group *group) {
    if (group->initial_ppm < TRD__PPM || group->initial_ppm > 10 * TRD__PPM ||
        group->spread_count > TRD_SCENARIO_SPREADS_MAX || group->short_min < 0) {
        return false;
    }
    for (uint32_t i = 0; i < group->spread_count; i++) {
        const trd_scenario_spread *spread = &group->spreads[i];
        if (spread->month_a >= TRD_SCENARIO_MONTHS_MAX ||
            spread->month_b >= TRD_SCENARIO_MONTHS_MAX || spread->month_a == spread->month_b ||
            spread->charge < 0) {
            return false;
        }
    }
    return true;
}

bool trd__scenario_pair_is_good(const trd_scenario_pair *pair, uint32_t count) {
    return pair->group_a < count && pair->group_b < count && pair->group_a != pair->group_b &&
           pair->delta_a > 0 && pair->delta_b > 0 && pair->credit_ppm <= TRD__PPM &&
           pair->same_side <= 1;
}

int trd_scenario_check(const trd_scenario_portfolio *portfolio) {
    for (uint32_t i = 0; i < portfolio->count; i++) {
        if (!group_is_good(&portfolio->groups[i])) {
            return TRD_E_ARG;
        }
    }
    for (uint32_t i = 0; i < portfolio->pair_count; i++) {
        if (!trd__scenario_pair_is_good(&portfolio->pairs[i], portfolio->count)) {
            return TRD_E_ARG;
        }
    }
    return TRD_OK;
}

/* ---- one group ------------------------------------------------------------------------------ */

static trd_amt scan_of(const trd_scenario_sums *sums) {
    trd_amt worst = 0;
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        worst = sums->loss[i] > worst ? sums->loss[i] : worst;
    }
    return worst;
}

/* How much of two deltas stands against each other. */
static uint64_t opposed(int64_t a, int64_t b) {
    if (a == 0 || b == 0 || (a < 0) == (b < 0)) {
        return 0;
    }
    const uint64_t one = trd__magnitude(a), other = trd__magnitude(b);
    return one < other ? one : other;
}

/* `delta` brought nearer to zero by `used`, which is not more than it has. */
static int64_t less(int64_t delta, uint64_t used) {
    trd_assert(used <= trd__magnitude(delta));
    return (int64_t)(delta < 0 ? (trd_wide)delta + used : (trd_wide)delta - used);
}

/* Charges of all spreads, each taking its deltas away from those behind it. At most 32 charges of
 * less than 2^107 each. */
static trd_wide spread_charge(const trd_scenario_group *group, const trd_scenario_sums *sums) {
    trd_scenario_sums left = *sums;
    trd_wide charge = 0;
    for (uint32_t i = 0; i < group->spread_count; i++) {
        const trd_scenario_spread *spread = &group->spreads[i];
        int64_t *a = &left.delta[spread->month_a], *b = &left.delta[spread->month_b];
        const uint64_t used = opposed(*a, *b);
        charge += trd__div_ceil((trd_wide)used * spread->charge, TRD__PPM);
        *a = less(*a, used);
        *b = less(*b, used);
    }
    return charge;
}

static trd_wide net_delta(const trd_scenario_sums *sums) {
    trd_wide net = 0;
    for (int i = 0; i < TRD_SCENARIO_MONTHS_MAX; i++) {
        net += sums->delta[i];
    }
    return net;
}

bool trd__scenario_add_up(const trd_scenario_group *group, trd_scenario_need *need) {
    const trd_wide risk = (trd_wide)need->scan + need->spread - need->credit;
    const trd_wide keep = risk > need->minimum ? risk : need->minimum;
    return trd__narrow(keep, &need->maintenance) &&
           trd__narrow(trd__div_ceil(keep * group->initial_ppm, TRD__PPM), &need->initial);
}

bool trd__scenario_alone(
    const trd_scenario_group *group, const trd_scenario_sums *sums, trd_scenario_need *out) {
    *out = (trd_scenario_need){.scan = scan_of(sums)};
    return trd__narrow(spread_charge(group, sums), &out->spread) &&
           trd__narrow(net_delta(sums), &out->delta) &&
           trd__narrow(trd__mul(group->short_min, sums->short_lots), &out->minimum) &&
           trd__scenario_add_up(group, out);
}

/* ---- all groups ----------------------------------------------------------------------------- */

/* Credits lower everything, so what fits without them fits with them. */
static bool all_fit(const trd_scenario_portfolio *portfolio) {
    trd_wide initial = 0;
    for (uint32_t i = 0; i < portfolio->count; i++) {
        trd_scenario_need need;
        if (!trd__scenario_alone(&portfolio->groups[i], &portfolio->sums[i], &need)) {
            return false;
        }
        initial += need.initial; /* >= maintenance */
    }
    return trd_fits(initial);
}

/* The part of the scan risk that `used` of the group's whole delta stands for, times the rate, each
 * step rounded down. All parts together stay below the whole. */
static trd_amt credit_of(trd_amt scan, uint64_t used, uint64_t whole, uint32_t ppm) {
    const trd_wide share = (trd_wide)scan * used / whole;
    return (trd_amt)(share * ppm / TRD__PPM);
}

static void take(const trd_scenario_part *part, uint64_t used, uint32_t credit_ppm) {
    trd_scenario_need *need = part->need;
    if (used > 0) {
        need->credit += credit_of(need->scan, used, part->whole, credit_ppm);
        need->delta = less(need->delta, used);
    }
}

/* As many whole spreads as both deltas have. */
void trd__scenario_credit(
    const trd_scenario_pair *pair, const trd_scenario_part *a, const trd_scenario_part *b) {
    const bool is_same_side = (a->need->delta < 0) == (b->need->delta < 0);
    if (is_same_side != (pair->same_side != 0)) {
        return;
    }
    const uint64_t of_a = trd__magnitude(a->need->delta) / (uint64_t)pair->delta_a;
    const uint64_t of_b = trd__magnitude(b->need->delta) / (uint64_t)pair->delta_b;
    const uint64_t spreads = of_a < of_b ? of_a : of_b;
    take(a, spreads * (uint64_t)pair->delta_a, pair->credit_ppm);
    take(b, spreads * (uint64_t)pair->delta_b, pair->credit_ppm);
}

/* The delta of a group before all pairs fits: it was computed alone. */
static trd_scenario_part part_of(
    const trd_scenario_portfolio *portfolio, trd_scenario_need *needs, uint32_t group) {
    return (trd_scenario_part){.need = &needs[group],
        .whole = trd__magnitude((int64_t)net_delta(&portfolio->sums[group]))};
}

int trd_scenario_require(const trd_scenario_portfolio *portfolio, trd_scenario_need *needs,
    trd_margin_requirement *out) {
    if (!all_fit(portfolio)) {
        return TRD_E_RANGE;
    }
    for (uint32_t i = 0; i < portfolio->count; i++) {
        (void)trd__scenario_alone(&portfolio->groups[i], &portfolio->sums[i], &needs[i]);
    }
    for (uint32_t i = 0; i < portfolio->pair_count; i++) {
        const trd_scenario_pair *pair = &portfolio->pairs[i];
        const trd_scenario_part a = part_of(portfolio, needs, pair->group_a);
        const trd_scenario_part b = part_of(portfolio, needs, pair->group_b);
        trd__scenario_credit(pair, &a, &b);
    }
    trd_margin_requirement total = {0};
    for (uint32_t i = 0; i < portfolio->count; i++) {
        const bool fits = trd__scenario_add_up(&portfolio->groups[i], &needs[i]);
        trd_assert(fits);
        trd_assert(needs[i].credit <= needs[i].scan);
        total.initial += needs[i].initial;
        total.maintenance += needs[i].maintenance;
    }
    *out = total;
    return TRD_OK;
}
