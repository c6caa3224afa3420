/* naive_liquidation.c - see naive_liquidation.h. */
#include "naive_liquidation.h"

enum { PPM = 1000000, POINTS = 10000 };

static wide need_of(const naive_monitor *m, const naive_mon_position *p) {
    const naive_mon_instrument *in = &m->instrument[p->instrument];
    return in->model.covered
               ? 0
               : naive_maintenance(&in->model, naive_notional(&in->spec, p->qty, in->mark));
}

uint32_t naive_liquidation_order(
    const naive_monitor *m, const trd_unit *unit, uint32_t out[NAIVE_MON_POSITIONS]) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->position_count; i++) {
        const naive_mon_position *p = &m->position[i];
        if (!naive_is_in_unit(m, p, unit) ||
            !naive_is_margin(&m->instrument[p->instrument].spec, p->qty)) {
            continue;
        }
        uint32_t at = count++;
        for (; at > 0 && need_of(m, &m->position[out[at - 1]]) < need_of(m, p); at--) {
            out[at] = out[at - 1];
        }
        out[at] = i;
    }
    return count;
}

/* Whether closing `lots` of the position at its mark restores the unit. */
static bool restores(const naive_monitor *m, const trd_unit *unit, const naive_mon_position *p,
    const trd_liquidation *terms, trd_qty lots) {
    const naive_mon_instrument *in = &m->instrument[p->instrument];
    const naive_stand now = naive_monitor_stand(m, unit);
    const wide closed = p->qty > 0 ? lots : -lots;
    const wide left = p->qty - closed;
    const wide fee = wide_ceil(
        (quotient){{naive_notional(&in->spec, closed, in->mark), terms->fee_ppm, 1}, {PPM, 1, 1}});
    const wide equity = now.equity - naive_worth(&in->spec, p->qty, in->mark) +
                        naive_worth(&in->spec, closed, in->mark) - fee +
                        naive_worth(&in->spec, left, in->mark);
    const wide need = now.maintenance - need_of(m, p) +
                      (in->model.covered ? 0
                                         : naive_maintenance(&in->model,
                                               naive_notional(&in->spec, left, in->mark)));
    return equity >= wide_ceil((quotient){{need, terms->target_ppm, 1}, {PPM, 1, 1}});
}

trd_qty naive_liquidation_lots(const naive_monitor *m, const trd_unit *unit,
    const naive_mon_position *p, const trd_liquidation *terms) {
    const wide all = wide_abs(p->qty);
    const wide lot_step = m->instrument[p->instrument].spec.lot_step;
    const wide part = wide_ceil((quotient){{all, terms->step_pct, 1}, {100, 1, 1}});
    const wide step = wide_ceil((quotient){{part, 1, 1}, {lot_step, 1, 1}}) * lot_step;
    for (wide lots = 0; lots < all; lots += step) {
        if (restores(m, unit, p, terms, (trd_qty)lots)) {
            return (trd_qty)lots;
        }
    }
    return (trd_qty)all;
}

trd_amt naive_liquidation_fee(wide flow, uint32_t fee_ppm, wide left) {
    const wide fee = wide_ceil((quotient){{wide_abs(flow), fee_ppm, 1}, {PPM, 1, 1}});
    return (trd_amt)wide_max(0, wide_min(fee, left));
}

trd_px naive_liquidation_price(
    const naive_monitor *m, const trd_unit *unit, const naive_mon_position *p) {
    const naive_mon_instrument *in = &m->instrument[p->instrument];
    const naive_stand now = naive_monitor_stand(m, unit);
    const wide ground = now.equity - naive_worth(&in->spec, p->qty, in->mark);
    const trd_px step = p->qty > 0 ? -1 : 1;
    const trd_px from = p->qty > 0 ? in->spec.px_max : in->spec.px_min;
    trd_px out = from;
    for (trd_px px = from; px >= in->spec.px_min && px <= in->spec.px_max; px += step) {
        out = ground + naive_worth(&in->spec, p->qty, px) >= 0 ? px : out;
    }
    return out;
}

wide naive_liquidation_loss(const naive_mon_instrument *in, trd_qty qty, trd_px px) {
    const wide paid = naive_worth(&in->spec, -(wide)qty, px); /* the flow of taking them over */
    return wide_max(0, -(naive_worth(&in->spec, qty, in->mark) + paid));
}

int64_t naive_liquidation_rank(const naive_monitor *m, const naive_mon_position *p) {
    const naive_mon_instrument *in = &m->instrument[p->instrument];
    const trd_unit unit = naive_monitor_unit(m, p);
    const naive_stand s = naive_monitor_stand(m, &unit);
    if (!s.there || !s.known || s.equity <= 0 || !in->has_mark || p->qty == 0 || p->cost == 0) {
        return 0;
    }
    const wide profit = naive_worth(&in->spec, p->qty, in->mark) - p->cost;
    const wide gain = wide_floor((quotient){{profit, PPM, 1}, {wide_abs(p->cost), 1, 1}});
    const wide lever = wide_floor(
        (quotient){{naive_notional(&in->spec, p->qty, in->mark), PPM, 1}, {s.equity, 1, 1}});
    const wide rank = wide_floor((quotient){{gain, lever, 1}, {PPM, 1, 1}});
    return rank > 0 && rank <= INT64_MAX ? (int64_t)rank : 0;
}

int64_t naive_tick(const trd_instrument *spec, trd_px px) {
    int64_t step = spec->tier_count == 0 ? 1 : spec->tiers[0].step;
    for (uint32_t i = 0; i < spec->tier_count; i++) {
        step = px >= spec->tiers[i].from ? spec->tiers[i].step : step;
    }
    return step;
}

trd_px naive_liquidation_band(trd_px reference, uint32_t points, unsigned side) {
    const wide width = wide_floor((quotient){{wide_abs(reference), points, 1}, {POINTS, 1, 1}});
    return (trd_px)(side == TRD_SELL ? reference - width : reference + width);
}

trd_px naive_liquidation_bound(const trd_instrument *spec, trd_px end, unsigned side) {
    trd_px px = (trd_px)wide_max(spec->px_min, wide_min(spec->px_max, end));
    while (px % naive_tick(spec, px) != 0) {
        px += side == TRD_SELL ? 1 : -1;
    }
    return px;
}
