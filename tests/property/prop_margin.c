/* prop_margin.c - margins, prices and cuts against full searches written from the formulas of
 * docs/reference/margin.md in plain 128-bit arithmetic: tick by tick, tier by tier, scenario by
 * scenario. Nothing of it is shared with lib/acct. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/margin.h>

#include "draw.h"

__extension__ typedef __int128 wide;

enum { PPM = 1000000, TIERS_MAX = 5, TICKS_MAX = 1500 };

/* ---- the naive side ------------------------------------------------------------------------- */

static wide down(wide a, wide b) {
    wide q = a / b;
    if (q * b > a) {
        q--;
    }
    return q;
}

static wide up(wide a, wide b) {
    return -down(-a, b);
}

static wide size_of(wide a) {
    return a < 0 ? -a : a;
}

/* What a tier-by-tier bill of `notional` / `unit` comes to, in 10^-6 x 1 / unit: every part pays
 * the rate of the tier that it lies in. */
static wide bill(const trd_margin_model *model, wide notional, wide unit) {
    wide sum = 0;
    for (uint32_t i = 0; i < model->tier_count; i++) {
        const wide from = model->tiers[i].floor * unit;
        wide to = notional;
        if (i + 1 < model->tier_count && to > model->tiers[i + 1].floor * unit) {
            to = model->tiers[i + 1].floor * unit;
        }
        if (to > from) {
            sum += (to - from) * model->tiers[i].maintenance_ppm;
        }
    }
    return sum;
}

static wide naive_maintenance(const trd_margin_model *model, wide notional) {
    return up(bill(model, notional, 1), PPM);
}

/* W of qty lots at half / 2 ticks as a fraction; *per > 0. */
static wide naive_worth(const trd_instrument *spec, wide qty, wide half, wide *per) {
    if (spec->kind == TRD_INSTRUMENT_INVERSE) {
        *per = half * spec->denominator;
        return -qty * spec->numerator * 2;
    }
    *per = (wide)2 * spec->denominator;
    return qty * half * spec->numerator;
}

/* balance + others + profit - maintenance at px, all rounded. */
static wide naive_excess(const trd_margin_position *p, const trd_margin_funds *funds, trd_px px) {
    wide per;
    const wide worth = naive_worth(p->spec, p->qty, (wide)px * 2, &per);
    const wide equity = funds->balance + funds->others + down(worth, per) - p->cost;
    return equity - naive_maintenance(p->model, up(size_of(worth), per));
}

/* The same with nothing rounded, at half / 2 ticks, times something above zero. */
static wide naive_exact(const trd_margin_position *p, const trd_margin_funds *funds, wide half) {
    wide per;
    const wide worth = naive_worth(p->spec, p->qty, half, &per);
    const wide rest = (wide)funds->balance + funds->others - p->cost;
    return (rest * per + worth) * PPM - bill(p->model, size_of(worth), per);
}

/* Tick by tick from the favourable end. */
static bool naive_trigger(
    const trd_margin_position *p, const trd_margin_funds *funds, trd_px *trigger) {
    const int side = p->qty > 0 ? 1 : -1;
    const trd_px low = p->spec->px_min, high = p->spec->px_max;
    for (trd_px px = side > 0 ? high : low; px >= low && px <= high; px -= side) {
        if (naive_excess(p, funds, px) < 0) {
            *trigger = px;
            return true;
        }
    }
    return false;
}

/* The tick around which, half a tick to both sides, the exact excess changes its sign; halves go
 * away from zero. */
static bool naive_shown(
    const trd_margin_position *p, const trd_margin_funds *funds, trd_px *shown) {
    const int side = p->qty > 0 ? 1 : -1;
    for (trd_px px = p->spec->px_min; px <= p->spec->px_max; px++) {
        const wide left = side * naive_exact(p, funds, (wide)px * 2 - 1);
        const wide right = side * naive_exact(p, funds, (wide)px * 2 + 1);
        const bool is_after = px > 0 ? left <= 0 : left < 0;
        const bool is_before = px >= 0 ? right > 0 : right >= 0;
        if (is_after && is_before) {
            *shown = px;
            return true;
        }
    }
    return false;
}

/* ---- the exact price of large numbers ------------------------------------------------------- */

/* 384 bits, two's complement, the lowest limb first. */
enum { LIMBS = 6 };

typedef struct big {
    uint64_t limb[LIMBS];
} big;

static big big_add(big a, big b) {
    big sum;
    unsigned carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        const uint64_t part = a.limb[i] + b.limb[i];
        sum.limb[i] = part + carry;
        carry = (part < a.limb[i]) | (sum.limb[i] < part);
    }
    return sum;
}

static big big_of(uint64_t x) {
    return (big){{x}};
}

static big big_minus(big a) {
    for (int i = 0; i < LIMBS; i++) {
        a.limb[i] = ~a.limb[i];
    }
    return big_add(a, big_of(1));
}

static int big_sign(big a) {
    if (a.limb[LIMBS - 1] >> 63 != 0) {
        return -1;
    }
    for (int i = 0; i < LIMBS; i++) {
        if (a.limb[i] != 0) {
            return 1;
        }
    }
    return 0;
}

/* By doubling. */
static big big_times(big a, int64_t factor) {
    const uint64_t size = factor < 0 ? 0 - (uint64_t)factor : (uint64_t)factor;
    big product = big_of(0);
    for (int bit = 63; bit >= 0; bit--) {
        product = big_add(product, product);
        if (size >> bit & 1) {
            product = big_add(product, a);
        }
    }
    return factor < 0 ? big_minus(product) : product;
}

static big big_less(big a, big b) {
    return big_sign(big_add(a, big_minus(b))) < 0 ? a : b;
}

/* naive_exact, in numbers of any size: its sign. */
static int sign_of_excess(
    const trd_margin_position *p, const trd_margin_funds *funds, int64_t half) {
    const trd_instrument *spec = p->spec;
    const bool is_inverse = spec->kind == TRD_INSTRUMENT_INVERSE;
    const big per = big_times(big_of((uint64_t)spec->denominator), is_inverse ? half : 2);
    const big worth =
        big_times(big_times(big_of((uint64_t)spec->numerator), p->qty), is_inverse ? -2 : half);
    const big value = big_sign(worth) < 0 ? big_minus(worth) : worth;
    big sum = big_add(big_times(per, funds->balance), big_times(per, funds->others));
    sum = big_add(sum, big_minus(big_times(per, p->cost)));
    sum = big_times(big_add(sum, worth), PPM);
    for (uint32_t i = 0; i < p->model->tier_count; i++) {
        const trd_margin_tier *tier = &p->model->tiers[i];
        const big from = big_times(per, tier->floor);
        const big to =
            i + 1 < p->model->tier_count ? big_less(value, big_times(per, tier[1].floor)) : value;
        const big part = big_add(to, big_minus(from));
        if (big_sign(part) > 0) {
            sum = big_add(sum, big_minus(big_times(part, tier->maintenance_ppm)));
        }
    }
    return big_sign(sum);
}

/* Is the exact price at or above px - 1/2, is it below px + 1/2? Halves go away from zero. */
static bool is_from(const trd_margin_position *p, const trd_margin_funds *funds, trd_px px) {
    const int side = p->qty > 0 ? 1 : -1;
    return side * sign_of_excess(p, funds, 2 * px - 1) < (px > 0);
}

static bool is_until(const trd_margin_position *p, const trd_margin_funds *funds, trd_px px) {
    const int side = p->qty > 0 ? 1 : -1;
    return side * sign_of_excess(p, funds, 2 * px + 1) > -(px < 0);
}

/* ---- random positions ----------------------------------------------------------------------- */

/* Odds of one run. */
typedef struct odds {
    int kind;
    int qty_bits;
    int ratio_bits;  /* of numerator and denominator */
    int ticks;       /* prices in the range */
    bool below_zero; /* linear prices on both sides of zero */
    int rate_bits;
    int tiers_max;
} odds;

static odds draw_odds(draw *d) {
    static const int kinds[] = {TRD_INSTRUMENT_LINEAR, TRD_INSTRUMENT_INVERSE};
    return (odds){
        .kind = kinds[draw_below(d, 2)],
        .qty_bits = (int)draw_in(d, 1, 20),
        .ratio_bits = (int)draw_in(d, 1, 16),
        .ticks = (int)draw_in(d, 2, TICKS_MAX),
        .below_zero = draw_chance(d, 20),
        .rate_bits = (int)draw_in(d, 1, 20),
        .tiers_max = (int)draw_in(d, 1, TIERS_MAX),
    };
}

static trd_instrument draw_spec(draw *d, const odds *o) {
    trd_instrument spec = trd_instrument_default();
    memcpy(spec.symbol, "X", 1);
    spec.kind = (uint8_t)o->kind;
    spec.numerator = draw_size(d, o->ratio_bits);
    spec.denominator = draw_size(d, o->ratio_bits);
    spec.px_min = draw_chance(d, 50) ? 1 : draw_size(d, 16);
    if (o->below_zero && o->kind == TRD_INSTRUMENT_LINEAR) {
        spec.px_min = -draw_in(d, 0, 2 * o->ticks);
    }
    spec.px_max = spec.px_min + draw_in(d, 1, o->ticks) - 1;
    spec.lot_step = draw_chance(d, 50) ? 1 : draw_size(d, 5);
    spec.qty_max = INT64_C(1) << 21;
    cr_assert(eq(int, (int)trd_instrument_check(&spec, 1000), TRD_INSTRUMENT_OK));
    return spec;
}

static trd_amt value_at(const trd_instrument *spec, trd_qty qty, trd_px px) {
    wide per;
    const wide worth = naive_worth(spec, qty, (wide)px * 2, &per);
    return (trd_amt)up(size_of(worth), per);
}

/* Rates that do not fall, floors around `about`. */
static trd_margin_model draw_model(draw *d, const odds *o, trd_amt about) {
    trd_margin_tier tiers[TIERS_MAX] = {{0}};
    uint32_t count = (uint32_t)draw_in(d, 1, o->tiers_max);
    const int64_t rate_max = draw_chance(d, 50) ? PPM : PPM - 1;
    int64_t rate = 0;
    for (uint32_t i = 0; i < count; i++) {
        rate += draw_chance(d, 10) ? 0 : draw_size(d, o->rate_bits);
        rate = rate < rate_max ? rate : rate_max;
        tiers[i].floor = i == 0 ? 0 : tiers[i - 1].floor + draw_in(d, 1, about + 1);
        tiers[i].maintenance_ppm = (uint32_t)rate;
        tiers[i].initial_ppm = PPM;
    }
    trd_margin_model model;
    const trd_margin_tier_terms terms = {.tiers = tiers, .count = count};
    cr_assert(eq(int, trd_margin_tiered(&model, &terms), TRD_OK));
    return model;
}

/* A position opened somewhere in the range, with a balance that is often tight. */
static trd_margin_position draw_position(draw *d, const odds *o, const trd_instrument *spec,
    const trd_margin_model *model, trd_margin_funds *funds) {
    trd_margin_position p = {.spec = spec, .model = model, .qty = draw_size(d, o->qty_bits)};
    p.qty = draw_chance(d, 50) ? p.qty : -p.qty;
    const trd_px entry = draw_in(d, spec->px_min, spec->px_max);
    wide per;
    const wide worth = naive_worth(spec, p.qty, (wide)entry * 2, &per);
    p.cost = (trd_amt)up(worth, per) + draw_in(d, -2, 2);
    const trd_px other = draw_in(d, spec->px_min, spec->px_max);
    funds->balance = (trd_amt)size_of(value_at(spec, p.qty, entry) - value_at(spec, p.qty, other));
    funds->balance += draw_chance(d, 50) ? draw_in(d, -3, 3) : draw_size(d, 10);
    funds->others = draw_chance(d, 50) ? 0 : draw_in(d, -100, 100);
    return p;
}

/* ---- laws ----------------------------------------------------------------------------------- */

Test(margin, maintenance_is_the_bill_of_all_tiers) {
    draw d = draw_seeded(1);
    for (int run = 0; run < 3000; run++) {
        const odds o = draw_odds(&d);
        const trd_amt about = draw_size(&d, 50);
        const trd_margin_model model = draw_model(&d, &o, about);
        trd_amt last = 0;
        for (int i = 0; i < 20; i++) {
            const trd_margin_tier *tier = &model.tiers[draw_below(&d, model.tier_count)];
            const trd_amt near = tier->floor + draw_in(&d, -2, 2);
            const trd_amt notional = draw_chance(&d, 50) && near >= 0 ? near : draw_size(&d, 62);
            trd_margin_requirement need;
            cr_assert(eq(int, trd_margin_require(&model, notional, &need), TRD_OK));
            cr_assert(need.maintenance == naive_maintenance(&model, notional), "run %d", run);
            last = need.maintenance;
        }
        cr_assert(last >= 0);
    }
}

Test(margin, liquidation_is_the_first_tick_that_a_full_search_finds) {
    draw d = draw_seeded(2);
    int found = 0, none = 0, shown = 0;
    for (int run = 0; run < 20000; run++) {
        const odds o = draw_odds(&d);
        const trd_instrument spec = draw_spec(&d, &o);
        const trd_amt about = value_at(&spec, INT64_C(1) << (o.qty_bits - 1), spec.px_max);
        const trd_margin_model model = draw_model(&d, &o, about);
        trd_margin_funds funds;
        const trd_margin_position p = draw_position(&d, &o, &spec, &model, &funds);

        trd_margin_prices prices = {0};
        trd_px trigger = 0, nearest = 0;
        cr_assert(eq(int, trd_margin_liquidation(&p, &funds, &prices), TRD_OK));
        const bool is_there = naive_trigger(&p, &funds, &trigger);
        cr_assert(prices.has_trigger == is_there, "run %d", run);
        cr_assert(prices.trigger == trigger || !is_there, "run %d: %lld, not %lld", run,
            (long long)prices.trigger, (long long)trigger);
        found += is_there;
        none += !is_there;

        /* Under a rate of the whole an asset can be exact at many prices. */
        if (model.tiers[model.tier_count - 1].maintenance_ppm < PPM) {
            const bool has_shown = naive_shown(&p, &funds, &nearest);
            cr_assert(prices.has_shown == has_shown, "run %d", run);
            cr_assert(prices.shown == nearest || !has_shown, "run %d: %lld, not %lld", run,
                (long long)prices.shown, (long long)nearest);
            shown += has_shown;
        }
    }
    cr_expect(found > 5000, "%d", found);
    cr_expect(none > 2000, "%d", none);
    cr_expect(shown > 2000, "%d", shown);
}

/* Large numbers cannot be searched; there the account itself is asked on both sides. */
Test(margin, liquidation_agrees_with_the_account_at_any_size) {
    draw d = draw_seeded(3);
    int found = 0, shown = 0;
    for (int run = 0; run < 20000; run++) {
        odds o = draw_odds(&d);
        trd_instrument spec = trd_instrument_default();
        spec.kind = (uint8_t)o.kind;
        spec.px_max = draw_size(&d, 62);
        spec.px_min = draw_in(&d, 1, spec.px_max);
        if (o.below_zero && o.kind == TRD_INSTRUMENT_LINEAR) {
            spec.px_min = -spec.px_min;
        }
        spec.numerator = draw_size(&d, 63);
        spec.denominator = draw_size(&d, 63);
        trd_margin_position p = {
            .spec = &spec, .qty = draw_size(&d, 62), .has_mark = 1, .mark = spec.px_max};
        p.qty = draw_chance(&d, 50) ? p.qty : -p.qty;

        const trd_margin_model flat = draw_model(&d, &(odds){.rate_bits = 19, .tiers_max = 1}, 1);
        p.model = &flat;
        trd_margin_need need;
        if (trd_margin_need_of(&p, &need) != TRD_OK || need.notional == 0) {
            continue;
        }
        const trd_margin_model model = draw_model(&d, &o, need.notional / 4);
        p.model = &model;
        trd_margin_funds funds = {.balance = draw_size(&d, 62) * (draw_chance(&d, 50) ? 1 : -1)};
        if (draw_chance(&d, 80)) {
            p.mark = draw_in(&d, spec.px_min, spec.px_max);
            if (trd_margin_need_of(&p, &need) != TRD_OK) {
                continue;
            }
            p.cost = need.profit;
            funds.balance = draw_in(&d, 0, need.notional);
        }
        trd_margin_prices prices;
        const int result = trd_margin_liquidation(&p, &funds, &prices);
        if (result != TRD_OK) {
            cr_assert(eq(int, result, TRD_E_RANGE));
            continue;
        }
        if (model.tiers[model.tier_count - 1].maintenance_ppm < PPM) {
            const bool is_inside =
                is_from(&p, &funds, spec.px_min) && is_until(&p, &funds, spec.px_max);
            cr_assert(prices.has_shown == is_inside, "run %d", run);
            cr_assert(prices.has_shown == 0 ||
                          (is_from(&p, &funds, prices.shown) && is_until(&p, &funds, prices.shown)),
                "run %d", run);
            shown += is_inside;
        }
        const int side = p.qty > 0 ? 1 : -1;
        const trd_margin_account account = {.positions = &p,
            .count = 1,
            .warn_ppm = PPM,
            .call_ppm = PPM,
            .balance = funds.balance};
        const trd_px end = side > 0 ? spec.px_min : spec.px_max;
        const trd_px start = prices.has_trigger ? prices.trigger : end;
        const trd_px best = side > 0 ? spec.px_max : spec.px_min;
        for (int step = 0; step < 40; step++) {
            trd_margin_state state;
            /* next to the trigger, and then anywhere on its favourable side */
            const trd_px px =
                step < 20 ? start + side * step
                          : (side > 0 ? draw_in(&d, start, best) : draw_in(&d, best, start));
            if (px < spec.px_min || px > spec.px_max) {
                continue;
            }
            p.mark = px;
            if (trd_margin_account_state(&account, &state) == TRD_OK) {
                const bool is_due = state.level >= TRD_MARGIN_LIQUIDATE;
                const bool expected = prices.has_trigger && px == start;
                cr_assert(is_due == expected, "run %d step %d", run, step);
                found += is_due;
            }
        }
    }
    cr_expect(found > 1000, "%d", found);
    cr_expect(shown > 500, "%d", shown);
}

/* Closing at this price leaves something, and one tick on it does not. */
Test(margin, bankruptcy_is_the_last_tick_that_a_full_search_finds) {
    draw d = draw_seeded(4);
    int found = 0, none = 0;
    for (int run = 0; run < 10000; run++) {
        const odds o = draw_odds(&d);
        const trd_instrument spec = draw_spec(&d, &o);
        const uint32_t fee_ppm = draw_chance(&d, 50) ? 0 : (uint32_t)draw_in(&d, 1, 10000);
        trd_margin_model fee;
        const trd_margin_rates rates = {.initial_ppm = fee_ppm, .maintenance_ppm = fee_ppm};
        cr_assert(eq(int, trd_margin_flat(&fee, &rates), TRD_OK));
        trd_margin_funds funds;
        const trd_margin_position p = draw_position(&d, &o, &spec, &fee, &funds);

        const int side = p.qty > 0 ? 1 : -1;
        trd_px first = 0, px = 0;
        const bool is_there =
            naive_trigger(&p, &funds, &first) && first != (side > 0 ? spec.px_max : spec.px_min);
        const int result = trd_margin_bankruptcy(&p, &funds, fee_ppm, &px);
        cr_assert(eq(int, result, is_there ? TRD_OK : TRD_E_UNKNOWN), "run %d", run);
        cr_assert(px == first + side || !is_there, "run %d", run);
        found += is_there;
        none += !is_there;
    }
    cr_expect(found > 1000, "%d", found);
    cr_expect(none > 1000, "%d", none);
}

/* ---- cuts ----------------------------------------------------------------------------------- */

/* Is the account restored once `lots` are closed? Books the close as a ledger would: profit
 * realised against a share of the cost, the rest valued with what is left of the cost. */
static bool naive_is_restored(
    const trd_margin_position *p, const trd_margin_cut_terms *t, trd_qty lots) {
    const int side = p->qty > 0 ? 1 : -1;
    const wide closed = side * lots, rest = p->qty - closed;
    const wide cost_out = down((wide)p->cost * lots, size_of(p->qty));
    wide per;
    const wide flow = naive_worth(p->spec, closed, (wide)t->px * 2, &per);
    const wide fee = up(up(size_of(flow), per) * t->fee_ppm, PPM);
    const wide balance = t->balance + (down(flow, per) - cost_out) - fee;
    const wide left = naive_worth(p->spec, rest, (wide)p->mark * 2, &per);
    const wide equity = balance + t->others_profit + down(left, per) - (p->cost - cost_out);
    const wide maintenance =
        t->others_maintenance + naive_maintenance(p->model, up(size_of(left), per));
    return equity >= up(maintenance * t->target_ppm, PPM);
}

Test(margin, a_reduction_is_the_first_step_that_restores) {
    draw d = draw_seeded(5);
    int part = 0, all = 0, nothing = 0, never = 0;
    for (int run = 0; run < 20000; run++) {
        const odds o = draw_odds(&d);
        const trd_instrument spec = draw_spec(&d, &o);
        const trd_amt about = value_at(&spec, INT64_C(1) << (o.qty_bits - 1), spec.px_max);
        const trd_margin_model model = draw_model(&d, &o, about);
        trd_margin_funds funds;
        trd_margin_position p = draw_position(&d, &o, &spec, &model, &funds);
        p.has_mark = 1;
        p.mark = draw_in(&d, spec.px_min, spec.px_max);
        const trd_margin_cut_terms terms = {
            .px = draw_chance(&d, 30) ? p.mark : draw_in(&d, spec.px_min, spec.px_max),
            .balance = funds.balance,
            .others_profit = funds.others,
            .others_maintenance = draw_chance(&d, 50) ? 0 : draw_size(&d, 12),
            .target_ppm = (uint32_t)(draw_chance(&d, 50) ? PPM : draw_in(&d, PPM, 3 * PPM)),
            .fee_ppm = draw_chance(&d, 50) ? 0 : (uint32_t)draw_in(&d, 1, 10000),
            .step_pct = (uint32_t)draw_in(&d, 1, draw_chance(&d, 50) ? 10 : 100),
        };
        const trd_qty held = p.qty < 0 ? -p.qty : p.qty;
        trd_qty step = (held * terms.step_pct + 99) / 100;
        while (step % spec.lot_step != 0) {
            step++;
        }
        trd_qty lots = 0;
        while (lots < held && !naive_is_restored(&p, &terms, lots)) {
            lots = lots + step < held ? lots + step : held;
        }

        trd_margin_cut cut;
        cr_assert(eq(int, trd_margin_reduction(&p, &terms, &cut), TRD_OK));
        cr_assert(
            cut.lots == lots, "run %d: %lld, not %lld", run, (long long)cut.lots, (long long)lots);
        cr_assert(cut.restored == naive_is_restored(&p, &terms, lots), "run %d", run);
        nothing += lots == 0;
        part += lots > 0 && lots < held;
        all += lots == held && cut.restored;
        never += !cut.restored;
    }
    cr_expect(part > 300, "%d", part);
    cr_expect(all > 300, "%d", all);
    cr_expect(nothing > 300, "%d", nothing);
    cr_expect(never > 300, "%d", never);
}

/* ---- accounts ------------------------------------------------------------------------------- */

static void shuffle(draw *d, trd_margin_position *positions, uint32_t count) {
    for (uint32_t i = count; i > 1; i--) {
        const uint64_t at = draw_below(d, i);
        const trd_margin_position kept = positions[i - 1];
        positions[i - 1] = positions[at];
        positions[at] = kept;
    }
}

/* S123 */
Test(margin, an_account_is_the_sum_of_its_positions_in_any_order) {
    enum { COUNT = 6 };
    draw d = draw_seeded(6);
    int failed = 0;
    for (int run = 0; run < 5000; run++) {
        trd_instrument specs[COUNT];
        trd_margin_model models[COUNT];
        trd_margin_position positions[COUNT];
        wide profit = 0, initial = 0, maintenance = 0;
        int expected = TRD_OK;
        for (int i = 0; i < COUNT; i++) {
            const odds o = draw_odds(&d);
            trd_margin_funds funds;
            specs[i] = draw_spec(&d, &o);
            models[i] = draw_model(&d, &o, 1000);
            positions[i] = draw_position(&d, &o, &specs[i], &models[i], &funds);
            trd_margin_position *p = &positions[i];
            p->mark = draw_in(&d, specs[i].px_min, specs[i].px_max);
            p->has_mark = !draw_chance(&d, 5);
            if (draw_chance(&d, 2)) {
                p->held = -1;
            }
            if (p->held < 0) {
                expected = TRD_E_ARG;
            } else if (p->has_mark == 0 && expected == TRD_OK) {
                expected = TRD_E_UNKNOWN;
            }
            wide per;
            const wide worth = naive_worth(&specs[i], p->qty, (wide)p->mark * 2, &per);
            const wide notional = up(size_of(worth), per);
            profit += down(worth, per) - p->cost;
            initial += notional; /* initial_ppm is the whole */
            maintenance += naive_maintenance(&models[i], notional);
        }
        trd_margin_account account = {.positions = positions,
            .count = COUNT,
            .warn_ppm = 2 * PPM,
            .call_ppm = PPM + PPM / 2,
            .balance = (trd_amt)(draw_in(&d, 0, 4) * maintenance / 2 - profit)};
        trd_margin_state state, again;
        const int result = trd_margin_account_state(&account, &state);
        cr_assert(eq(int, result, expected), "run %d", run);
        shuffle(&d, positions, COUNT);
        cr_assert(eq(int, trd_margin_account_state(&account, &again), expected), "run %d", run);
        failed += expected != TRD_OK;
        if (expected != TRD_OK) {
            continue;
        }
        cr_assert(memcmp(&state, &again, sizeof(state)) == 0, "run %d", run);
        const wide equity = account.balance + profit;
        cr_assert(state.profit == profit && state.equity == equity, "run %d", run);
        cr_assert(state.initial == initial && state.maintenance == maintenance, "run %d", run);
        cr_assert(state.available == equity - initial, "run %d", run);
        const uint32_t level = equity < 0                     ? TRD_MARGIN_BANKRUPT
                               : equity < maintenance         ? TRD_MARGIN_LIQUIDATE
                               : 2 * equity < 3 * maintenance ? TRD_MARGIN_CALL
                               : equity < 2 * maintenance     ? TRD_MARGIN_WARN
                                                              : TRD_MARGIN_FINE;
        cr_assert(eq(u32, state.level, level), "run %d", run);
    }
    cr_expect(failed > 500, "%d", failed);
}

/* ---- scenarios ------------------------------------------------------------------------------ */

enum { GROUPS = 3, INSTRUMENTS = 8, PAIRS = 4 };

typedef struct book {
    trd_scenario_array arrays[INSTRUMENTS];
    int group[INSTRUMENTS];
    trd_qty qty[INSTRUMENTS];
    trd_scenario_group groups[GROUPS];
    trd_scenario_pair pairs[PAIRS];
} book;

static book draw_book(draw *d) {
    book b;
    memset(&b, 0, sizeof(b));
    for (int i = 0; i < INSTRUMENTS; i++) {
        b.group[i] = (int)draw_below(d, GROUPS);
        b.arrays[i].month = (uint32_t)draw_below(d, 4);
        b.arrays[i].is_option = draw_chance(d, 40);
        b.arrays[i].delta = draw_in(d, -2 * PPM, 2 * PPM);
        for (int k = 0; k < TRD_SCENARIO_COUNT; k++) {
            b.arrays[i].loss[k] = draw_in(d, -500, 500);
        }
    }
    for (int g = 0; g < GROUPS; g++) {
        b.groups[g].initial_ppm = (uint32_t)draw_in(d, PPM, 2 * PPM);
        b.groups[g].short_min = draw_chance(d, 50) ? 0 : draw_in(d, 0, 300);
        b.groups[g].spread_count = (uint32_t)draw_in(d, 0, 5);
        for (uint32_t s = 0; s < b.groups[g].spread_count; s++) {
            const uint32_t month = (uint32_t)draw_below(d, 4);
            b.groups[g].spreads[s] = (trd_scenario_spread){.month_a = month,
                .month_b = (month + 1 + (uint32_t)draw_below(d, 3)) % 4,
                .charge = draw_in(d, 0, 200)};
        }
    }
    for (int i = 0; i < PAIRS; i++) {
        const uint32_t a = (uint32_t)draw_below(d, GROUPS);
        b.pairs[i] = (trd_scenario_pair){.group_a = a,
            .group_b = (a + 1 + (uint32_t)draw_below(d, GROUPS - 1)) % GROUPS,
            .delta_a = draw_size(d, 21),
            .delta_b = draw_size(d, 21),
            .credit_ppm = (uint32_t)draw_in(d, 0, PPM),
            .same_side = draw_chance(d, 20)};
    }
    return b;
}

static wide toward_zero(wide x, wide by) {
    return x > 0 ? x - by : x + by;
}

static wide least(wide a, wide b) {
    return a < b ? a : b;
}

/* Everything from the positions, by the page. */
static void naive_scenarios(const book *b, trd_scenario_need needs[GROUPS]) {
    wide net[GROUPS] = {0}, left[GROUPS] = {0}, scan[GROUPS] = {0}, credit[GROUPS] = {0};
    wide spread[GROUPS] = {0}, minimum[GROUPS] = {0};
    for (int g = 0; g < GROUPS; g++) {
        wide months[TRD_SCENARIO_MONTHS_MAX] = {0};
        for (int k = 0; k < TRD_SCENARIO_COUNT; k++) {
            wide sum = 0;
            for (int i = 0; i < INSTRUMENTS; i++) {
                sum += b->group[i] == g ? (wide)b->arrays[i].loss[k] * b->qty[i] : 0;
            }
            scan[g] = sum > scan[g] ? sum : scan[g];
        }
        for (int i = 0; i < INSTRUMENTS; i++) {
            if (b->group[i] == g) {
                months[b->arrays[i].month] += (wide)b->arrays[i].delta * b->qty[i];
                net[g] += (wide)b->arrays[i].delta * b->qty[i];
                if (b->arrays[i].is_option && b->qty[i] < 0) {
                    minimum[g] += (wide)b->groups[g].short_min * -b->qty[i];
                }
            }
        }
        for (uint32_t s = 0; s < b->groups[g].spread_count; s++) {
            const trd_scenario_spread *pair = &b->groups[g].spreads[s];
            wide *x = &months[pair->month_a], *y = &months[pair->month_b];
            if ((*x > 0 && *y < 0) || (*x < 0 && *y > 0)) {
                const wide used = least(size_of(*x), size_of(*y));
                spread[g] += up(used * pair->charge, PPM);
                *x = toward_zero(*x, used);
                *y = toward_zero(*y, used);
            }
        }
        left[g] = net[g];
    }
    for (int i = 0; i < PAIRS; i++) {
        const trd_scenario_pair *pair = &b->pairs[i];
        const uint32_t x = pair->group_a, y = pair->group_b;
        const bool same = (left[x] > 0 && left[y] > 0) || (left[x] < 0 && left[y] < 0);
        if (left[x] == 0 || left[y] == 0 || same != (pair->same_side == 1)) {
            continue;
        }
        const wide count =
            least(size_of(left[x]) / pair->delta_a, size_of(left[y]) / pair->delta_b);
        credit[x] += scan[x] * count * pair->delta_a / size_of(net[x]) * pair->credit_ppm / PPM;
        credit[y] += scan[y] * count * pair->delta_b / size_of(net[y]) * pair->credit_ppm / PPM;
        left[x] = toward_zero(left[x], count * pair->delta_a);
        left[y] = toward_zero(left[y], count * pair->delta_b);
    }
    for (int g = 0; g < GROUPS; g++) {
        const wide risk = scan[g] + spread[g] - credit[g];
        const wide keep = risk > minimum[g] ? risk : minimum[g];
        needs[g] = (trd_scenario_need){.scan = (trd_amt)scan[g],
            .spread = (trd_amt)spread[g],
            .credit = (trd_amt)credit[g],
            .minimum = (trd_amt)minimum[g],
            .maintenance = (trd_amt)keep,
            .initial = (trd_amt)up(keep * b->groups[g].initial_ppm, PPM),
            .delta = (int64_t)left[g]};
    }
}

Test(margin, running_scenario_sums_give_what_a_full_computation_gives) {
    draw d = draw_seeded(7);
    int credited = 0, spreads = 0, minima = 0;
    for (int run = 0; run < 500; run++) {
        book b = draw_book(&d);
        const int64_t lots_max = draw_size(&d, 16);
        trd_scenario_sums sums[GROUPS];
        memset(sums, 0, sizeof(sums));
        const trd_scenario_portfolio portfolio = {.groups = b.groups,
            .sums = sums,
            .pairs = b.pairs,
            .count = GROUPS,
            .pair_count = PAIRS};
        cr_assert(eq(int, trd_scenario_check(&portfolio), TRD_OK));
        for (int step = 0; step < 40; step++) {
            const int i = (int)draw_below(&d, INSTRUMENTS);
            const trd_qty qty = draw_in(&d, -lots_max, lots_max);
            const trd_scenario_change change = {.qty_before = b.qty[i], .qty_after = qty};
            cr_assert(eq(int, trd_scenario_add(&sums[b.group[i]], &b.arrays[i], &change), TRD_OK));
            b.qty[i] = qty;

            trd_scenario_need needs[GROUPS], expected[GROUPS];
            trd_margin_requirement total;
            cr_assert(eq(int, trd_scenario_require(&portfolio, needs, &total), TRD_OK));
            naive_scenarios(&b, expected);
            trd_amt initial = 0, maintenance = 0;
            for (int g = 0; g < GROUPS; g++) {
                cr_assert(memcmp(&needs[g], &expected[g], sizeof(needs[g])) == 0,
                    "run %d step %d group %d", run, step, g);
                initial += expected[g].initial;
                maintenance += expected[g].maintenance;
                credited += expected[g].credit > 0;
                spreads += expected[g].spread > 0;
                minima += expected[g].minimum == expected[g].maintenance && expected[g].minimum > 0;
            }
            cr_assert(total.initial == initial && total.maintenance == maintenance, "run %d", run);
        }
        for (int i = 0; i < INSTRUMENTS; i++) {
            const trd_scenario_change change = {.qty_before = b.qty[i]};
            cr_assert(eq(int, trd_scenario_add(&sums[b.group[i]], &b.arrays[i], &change), TRD_OK));
        }
        static const trd_scenario_sums empty[GROUPS];
        cr_assert(memcmp(sums, empty, sizeof(sums)) == 0, "run %d: something is left", run);
    }
    cr_expect(credited > 300, "%d", credited);
    cr_expect(spreads > 300, "%d", spreads);
    cr_expect(minima > 300, "%d", minima);
}

/* ---- collateral ----------------------------------------------------------------------------- */

Test(margin, collateral_is_what_is_owned_less_the_haircut_less_all_that_is_owed) {
    enum { COUNT = 5 };
    draw d = draw_seeded(8);
    int capped = 0, failed = 0;
    for (int run = 0; run < 20000; run++) {
        trd_margin_asset assets[COUNT];
        memset(assets, 0, sizeof(assets));
        wide credit = 0, debt = 0;
        for (int i = 0; i < COUNT; i++) {
            trd_margin_asset *a = &assets[i];
            a->balance = draw_chance(&d, 50) ? draw_size(&d, 40) : -draw_size(&d, 40);
            a->numerator = draw_size(&d, 38);
            a->denominator = draw_size(&d, 38);
            a->haircut_ppm = (uint32_t)draw_in(&d, 0, PPM);
            a->has_rate = 1;
            a->has_cap = draw_chance(&d, 50);
            a->cap = draw_size(&d, 40);
            if (a->balance < 0) {
                debt += up(-(wide)a->balance * a->numerator, a->denominator);
                continue;
            }
            const wide value = down((wide)a->balance * a->numerator * (PPM - a->haircut_ppm),
                (wide)a->denominator * PPM);
            credit += a->has_cap && value > a->cap ? a->cap : value;
            capped += a->has_cap && value > a->cap;
        }
        trd_margin_collateral_value value = {.total = 7};
        const int result = trd_margin_collateral(assets, COUNT, &value);
        const bool fits = credit <= INT64_MAX && debt <= INT64_MAX;
        cr_assert(eq(int, result, fits ? TRD_OK : TRD_E_RANGE), "run %d", run);
        cr_assert(value.total == (fits ? credit - debt : 7), "run %d", run);
        cr_assert(fits <= (value.credit == credit && value.debt == debt), "run %d", run);
        failed += !fits;
    }
    cr_expect(failed > 300, "%d", failed);
    cr_expect(capped > 5000, "%d", capped);
}
