/* convert.c - px and qty in other units: as a value in minor units, and as decimal text. */
#include <tradsys/instrument.h>

#include "core/assert.h"
#include "core/decimal.h"
#include "core/fixed.h"
#include "inst/tick.h"

TRD_STATIC_ASSERT(
    (int)TRD_SCALE_MAX == (int)TRD__DECIMAL_SCALE_MAX, "scales are those of decimals");
TRD_STATIC_ASSERT((int)TRD_DECIMAL_SIZE >= (int)TRD__DECIMAL_SIZE, "every decimal fits");

static bool rounding_is_known(int rounding) {
    return rounding >= TRD_ROUND_EXACT && rounding <= TRD_ROUND_CEIL;
}

int64_t trd_instrument_tick_step(const trd_instrument *spec, trd_px px) {
    trd_assert(spec->tier_count <= TRD_TIERS_MAX);
    return spec->tier_count == 0 ? 1 : trd__tick_step(spec->tiers, spec->tier_count, px);
}

/* px x qty x numerator may have 190 bits here, since neither px nor qty has to be within the limits
 * that trd_instrument_check proved harmless. */
static bool linear_value(
    const trd_instrument *spec, uint64_t magnitude, uint64_t qty, uint64_t *out, bool *inexact) {
    return trd__umuldiv((trd_uwide)magnitude * qty, (uint64_t)spec->numerator,
        (uint64_t)spec->denominator, out, inexact);
}

static bool inverse_value(
    const trd_instrument *spec, uint64_t magnitude, uint64_t qty, uint64_t *out, bool *inexact) {
    const trd_uwide gained = (trd_uwide)qty * (uint64_t)spec->numerator;
    const trd_uwide per = (trd_uwide)magnitude * (uint64_t)spec->denominator;
    const trd_uwide quotient = gained / per;
    if (quotient > UINT64_MAX) {
        return false;
    }
    *out = (uint64_t)quotient;
    *inexact = quotient * per != gained;
    return true;
}

int trd_instrument_value(
    const trd_instrument *spec, trd_px px, trd_qty qty, int rounding, trd_amt *out) {
    trd_assert(spec->numerator > 0);
    trd_assert(spec->denominator > 0);
    const bool is_inverse = spec->kind == TRD_INSTRUMENT_INVERSE;
    if (qty < 0 || (is_inverse && px < 1) || !rounding_is_known(rounding)) {
        return TRD_E_ARG;
    }

    uint64_t quotient;
    bool inexact;
    const bool fits = (is_inverse ? inverse_value : linear_value)(
        spec, trd__magnitude(px), (uint64_t)qty, &quotient, &inexact);
    if (!fits || (inexact && rounding == TRD_ROUND_EXACT)) {
        return TRD_E_RANGE;
    }

    /* The division was toward zero; a rest counts when the rounding leads away from it. */
    const bool away = px < 0 ? rounding == TRD_ROUND_FLOOR : rounding == TRD_ROUND_CEIL;
    const trd_wide magnitude = (trd_wide)quotient + (inexact && away);
    return trd__narrow(px < 0 ? -magnitude : magnitude, out) ? TRD_OK : TRD_E_RANGE;
}

/* A decimal as a count of `unit`, which is itself in units of 10^-scale. Rounding twice the same
 * way, to the scale and then to the unit, is the same as once: no multiple of the unit lies between
 * a number and its next integer in that direction. */
typedef struct measure {
    unsigned scale;
    int64_t unit;
} measure;

static measure px_measure(const trd_instrument *spec) {
    return (measure){.scale = spec->px_scale, .unit = spec->tick_size};
}

static measure qty_measure(const trd_instrument *spec) {
    return (measure){.scale = spec->qty_scale, .unit = spec->lot_size};
}

static int count_of(measure in, const char *text, size_t size, int rounding, int64_t *out) {
    if (!rounding_is_known(rounding)) {
        return TRD_E_ARG;
    }
    int64_t scaled = 0;
    const int result = trd__decimal_parse(text, size, in.scale, rounding, &scaled);
    if (result != TRD_OK) {
        return result;
    }
    return trd__div64(scaled, in.unit, rounding, out) ? TRD_OK : TRD_E_RANGE;
}

static int text_of(measure in, int64_t count, char *out, size_t capacity) {
    trd_assert(in.unit > 0);
    int64_t scaled;
    if (!trd__narrow(trd__mul(count, in.unit), &scaled)) {
        return TRD_E_RANGE;
    }
    return trd__decimal_format(scaled, in.scale, out, capacity);
}

int trd_instrument_px(
    const trd_instrument *spec, const char *text, size_t size, int rounding, trd_px *out) {
    return count_of(px_measure(spec), text, size, rounding, out);
}

int trd_instrument_qty(
    const trd_instrument *spec, const char *text, size_t size, int rounding, trd_qty *out) {
    return count_of(qty_measure(spec), text, size, rounding, out);
}

int trd_instrument_px_text(const trd_instrument *spec, trd_px px, char *out, size_t capacity) {
    return text_of(px_measure(spec), px, out, capacity);
}

int trd_instrument_qty_text(const trd_instrument *spec, trd_qty qty, char *out, size_t capacity) {
    return text_of(qty_measure(spec), qty, out, capacity);
}
