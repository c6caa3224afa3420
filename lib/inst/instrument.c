/* instrument.c - is a specification usable? Control plane: everything is checked here, once, so
 * that nothing has to be when an order comes or a fill happens. */
#include <tradsys/instrument.h>

#include <string.h>

#include "core/assert.h"
#include "inst/symbol.h"
#include "inst/tick.h"
#include "inst/value.h"

enum { VALUE_BITS = 62 }; /* a value stays below 2^62: two of them add without overflow */

static const int64_t step_max = INT64_C(1) << 32;

static bool kind_is_known(const trd_instrument *spec) {
    return spec->kind >= TRD_INSTRUMENT_SPOT && spec->kind <= TRD_INSTRUMENT_OPTION;
}

bool trd__symbol_is_good(const char *symbol) {
    size_t size = 0;
    while (size < TRD_SYMBOL_SIZE && symbol[size] >= 0x21 && symbol[size] <= 0x7e) {
        size++;
    }
    if (size == 0 || size == TRD_SYMBOL_SIZE) {
        return false;
    }
    for (size_t at = size; at < TRD_SYMBOL_SIZE; at++) {
        if (symbol[at] != 0) {
            return false;
        }
    }
    return true;
}

static bool px_range_is_good(const trd_instrument *spec) {
    const bool is_inverse = spec->kind == TRD_INSTRUMENT_INVERSE;
    return spec->px_min <= spec->px_max && (!is_inverse || spec->px_min >= 1);
}

/* There is a quantity that can be ordered. */
static bool qty_range_is_good(const trd_instrument *spec) {
    return spec->qty_min >= 1 && spec->qty_min <= spec->qty_max &&
           spec->qty_max - spec->qty_max % spec->lot_step >= spec->qty_min;
}

static bool notional_is_good(const trd_instrument *spec) {
    return spec->notional_min >= 0 && spec->notional_max >= 0 &&
           (spec->notional_max == 0 || spec->notional_min <= spec->notional_max);
}

static bool option_terms_are_good(const trd_instrument *spec) {
    if (spec->kind == TRD_INSTRUMENT_OPTION) {
        return (spec->option == TRD_OPTION_CALL || spec->option == TRD_OPTION_PUT) &&
               spec->expiry != 0;
    }
    return spec->option == TRD_OPTION_NONE && spec->strike == 0 &&
           (spec->kind != TRD_INSTRUMENT_SPOT || spec->expiry == 0);
}

static bool tiers_are_good(const trd_instrument *spec) {
    if (spec->tier_count > TRD_TIERS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < spec->tier_count; i++) {
        const trd_tick_tier tier = spec->tiers[i];
        if (tier.step < 1 || tier.step > step_max ||
            (i > 0 && tier.from <= spec->tiers[i - 1].from)) {
            return false;
        }
    }
    return spec->px_min % trd_instrument_tick_step(spec, spec->px_min) == 0 &&
           spec->px_max % trd_instrument_tick_step(spec, spec->px_max) == 0;
}

static bool reserved_is_zero(const trd_instrument *spec) {
    for (uint32_t i = spec->tier_count; i < TRD_TIERS_MAX; i++) {
        if (spec->tiers[i].from != 0 || spec->tiers[i].step != 0) {
            return false;
        }
    }
    return spec->reserved == 0;
}

/* Is the largest value of one order below 2^62? A linear value is largest at the price farthest
 * from zero, an inverse one at the lowest. */
static bool values_fit(const trd_instrument *spec) {
    const trd_value_terms terms = {.numerator = spec->numerator,
        .denominator = spec->denominator,
        .is_inverse = spec->kind == TRD_INSTRUMENT_INVERSE};
    const uint64_t low = trd__magnitude(spec->px_min);
    const uint64_t high = trd__magnitude(spec->px_max);
    const uint64_t farthest = low > high ? low : high;
    trd_value value;
    return trd__value_of(terms, terms.is_inverse ? low : farthest, spec->qty_max, &value) &&
           trd__value_against(&value, UINT64_C(1) << VALUE_BITS) < 0;
}

/* Does the quantity of all orders together fit, if each has the largest? */
static bool totals_fit(const trd_instrument *spec, uint64_t orders_max) {
    return (trd_uwide)(uint64_t)spec->qty_max * orders_max <= INT64_MAX;
}

trd_instrument_fault trd_instrument_check(const trd_instrument *spec, uint64_t orders_max) {
    if (spec->struct_size != sizeof(*spec)) {
        return TRD_INSTRUMENT_STRUCT_SIZE;
    }
    if (!kind_is_known(spec)) {
        return TRD_INSTRUMENT_KIND;
    }
    if (!trd__symbol_is_good(spec->symbol)) {
        return TRD_INSTRUMENT_SYMBOL;
    }
    if (spec->px_scale > TRD_SCALE_MAX || spec->qty_scale > TRD_SCALE_MAX) {
        return TRD_INSTRUMENT_SCALE;
    }
    if (spec->tick_size < 1) {
        return TRD_INSTRUMENT_TICK;
    }
    if (spec->lot_size < 1 || spec->lot_step < 1) {
        return TRD_INSTRUMENT_LOT;
    }
    if (!px_range_is_good(spec)) {
        return TRD_INSTRUMENT_PX_RANGE;
    }
    if (!qty_range_is_good(spec)) {
        return TRD_INSTRUMENT_QTY_RANGE;
    }
    if (!notional_is_good(spec)) {
        return TRD_INSTRUMENT_NOTIONAL;
    }
    if (spec->numerator < 1 || spec->denominator < 1) {
        return TRD_INSTRUMENT_RATIO;
    }
    if (!option_terms_are_good(spec)) {
        return TRD_INSTRUMENT_OPTION_TERMS;
    }
    if ((spec->profile & ~(uint32_t)TRD_PROFILE_ALL) != 0) {
        return TRD_INSTRUMENT_PROFILE;
    }
    if (!tiers_are_good(spec)) {
        return TRD_INSTRUMENT_TIERS;
    }
    if (!reserved_is_zero(spec)) {
        return TRD_INSTRUMENT_RESERVED;
    }
    if (!values_fit(spec)) {
        return TRD_INSTRUMENT_VALUE_OVERFLOW;
    }
    if (!totals_fit(spec, orders_max)) {
        return TRD_INSTRUMENT_TOTAL_OVERFLOW;
    }
    return TRD_INSTRUMENT_OK;
}

const char *trd_instrument_fault_text(trd_instrument_fault fault) {
    switch (fault) {
    case TRD_INSTRUMENT_OK:
        return "no fault";
    case TRD_INSTRUMENT_STRUCT_SIZE:
        return "struct_size is not that of trd_instrument_default";
    case TRD_INSTRUMENT_KIND:
        return "no such kind of instrument";
    case TRD_INSTRUMENT_SYMBOL:
        return "symbol is not 1 to 23 printable characters followed by zeros";
    case TRD_INSTRUMENT_SCALE:
        return "px_scale or qty_scale is above 18";
    case TRD_INSTRUMENT_TICK:
        return "tick_size is below 1";
    case TRD_INSTRUMENT_LOT:
        return "lot_size or lot_step is below 1";
    case TRD_INSTRUMENT_PX_RANGE:
        return "px_min is above px_max, or below 1 in an inverse contract";
    case TRD_INSTRUMENT_QTY_RANGE:
        return "no multiple of lot_step, 1 or above, lies between qty_min and qty_max";
    case TRD_INSTRUMENT_NOTIONAL:
        return "a notional limit is negative, or the minimum is above the maximum";
    case TRD_INSTRUMENT_RATIO:
        return "numerator or denominator is below 1";
    case TRD_INSTRUMENT_OPTION_TERMS:
        return "option, strike or expiry do not go with the kind of instrument";
    case TRD_INSTRUMENT_PROFILE:
        return "profile has undefined bits";
    case TRD_INSTRUMENT_TIERS:
        return "tick tiers are not ascending, out of range, or off px_min or px_max";
    case TRD_INSTRUMENT_RESERVED:
        return "reserved bytes or unused tiers are not zero";
    case TRD_INSTRUMENT_VALUE_OVERFLOW:
        return "the largest order is worth 2^62 minor units or more";
    case TRD_INSTRUMENT_TOTAL_OVERFLOW:
        return "qty_max times the number of orders is 2^63 or more";
    }
    return "?";
}
