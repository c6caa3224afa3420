/* naive_price.c - prices and quantities that an instrument allows, and drawn numbers. */
#include "naive_model.h"

/* The first row of reject.def whose rule is broken. */
uint8_t naive__first_reason(uint64_t broken) {
#define TRD_REJECT_ROW(name, number, text)                                                         \
    if ((broken & BROKEN(name)) != 0) {                                                            \
        return number;                                                                             \
    }
#include <tradsys/reject.def>
    return TRD_REJECT_NONE;
}

/* The tier that a price is in; the first one also covers what is below it. */
static uint32_t tier_of(const trd_instrument *spec, __int128 px) {
    uint32_t tier = 0;
    while (tier + 1 < spec->tier_count && px >= spec->tiers[tier + 1].from) {
        tier++;
    }
    return tier;
}

static int64_t step_of(const trd_instrument *spec, uint32_t tier) {
    return spec->tier_count == 0 ? 1 : spec->tiers[tier].step;
}

static __int128 floor_to(__int128 px, int64_t step) {
    const __int128 rest = px % step;
    return rest < 0 ? px - rest - step : px - rest;
}

trd_px naive__valid(const trd_instrument *spec, __int128 px, bool up) {
    if (px <= spec->px_min) {
        return spec->px_min;
    }
    if (px >= spec->px_max) {
        return spec->px_max;
    }
    for (;;) {
        const uint32_t tier = tier_of(spec, px);
        const int64_t step = step_of(spec, tier);
        const __int128 at = up ? -floor_to(-px, step) : floor_to(px, step);
        if (tier_of(spec, at) == tier) {
            return (trd_px)at;
        }
        /* The tier has no price between px and its border: go on in the next one. */
        px = up ? spec->tiers[tier + 1].from : (__int128)spec->tiers[tier].from - 1;
    }
}

bool naive__crosses(unsigned taker_side, trd_px limit, trd_px maker_px) {
    return taker_side == TRD_BUY ? maker_px <= limit : maker_px >= limit;
}

uint64_t naive__px_rules(const trd_instrument *spec, trd_px px) {
    uint64_t broken = px % step_of(spec, tier_of(spec, px)) != 0 ? BROKEN(OFF_TICK) : 0;
    if (px < spec->px_min || px > spec->px_max) {
        broken |= BROKEN(PRICE_LIMIT);
    }
    return broken;
}

uint64_t naive__qty_rules(const trd_instrument *spec, trd_qty qty) {
    uint64_t broken = qty == 0 ? BROKEN(QTY_ZERO) : 0;
    broken |= qty < 0 ? BROKEN(QTY_NEGATIVE) : 0;
    broken |= qty % spec->lot_step != 0 ? BROKEN(OFF_LOT) : 0;
    broken |= qty < spec->qty_min ? BROKEN(QTY_MIN) : 0;
    broken |= qty > spec->qty_max ? BROKEN(QTY_MAX) : 0;
    return broken;
}

/* For px and qty that pass px_rules and qty_rules. The value is over / under; it is compared with a
 * whole limit as quotient and remainder, because limit x under need not fit 128 bits. */
uint64_t naive__notional_rules(const trd_instrument *spec, trd_px px, trd_qty qty) {
    __int128 over = (__int128)qty * spec->numerator;
    __int128 under = spec->denominator;
    if (spec->kind == TRD_INSTRUMENT_INVERSE) {
        under *= px;
    } else {
        over *= px < 0 ? -(__int128)px : px;
    }
    const __int128 whole = over / under;
    const bool exact = over % under == 0;
    uint64_t broken = 0;
    if (spec->notional_min != 0 && whole < spec->notional_min) {
        broken |= BROKEN(NOTIONAL_MIN);
    }
    if (spec->notional_max != 0 &&
        (whole > spec->notional_max || (whole == spec->notional_max && !exact))) {
        broken |= BROKEN(NOTIONAL_MAX);
    }
    return broken;
}

/* As in "Icebergs" of special-orders.md. */
uint64_t naive__draw(uint64_t *state) {
    *state += 0x9e3779b97f4a7c15u;
    uint64_t z = *state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint64_t naive__scaled(uint64_t z, uint64_t n) {
    return (uint64_t)((unsigned __int128)z * n >> 64);
}
