#include <string.h>

#include "replay/orders.h"

static row_verdict bad(order_rows *at, const char *why) {
    at->why = why;
    return ROW_BAD;
}

/* Digits behind the point. */
static unsigned decimals_of(text field) {
    const char *point = memchr(field.at, '.', field.size);
    return point != NULL ? (unsigned)(field.at + field.size - point - 1) : 0;
}

/* A tick or a lot as text says how many decimals there are and what one step is worth. */
static bool read_step(text field, uint8_t *scale, int64_t *size) {
    trd_instrument unit = trd_instrument_default();
    const unsigned decimals = decimals_of(field);
    if (decimals > TRD_SCALE_MAX) {
        return false;
    }
    unit.px_scale = (uint8_t)decimals;
    *scale = unit.px_scale;
    return trd_instrument_px(&unit, field.at, field.size, TRD_ROUND_EXACT, size) == TRD_OK &&
           *size > 0;
}

static bool read_px(const trd_instrument *spec, text field, trd_px *out) {
    return trd_instrument_px(spec, field.at, field.size, TRD_ROUND_EXACT, out) == TRD_OK;
}

static bool read_qty(const trd_instrument *spec, text field, trd_qty *out) {
    return trd_instrument_qty(spec, field.at, field.size, TRD_ROUND_EXACT, out) == TRD_OK;
}

/* One minor unit is one tick x one lot, so an amount is a price with the decimals of both. */
static bool read_amount(const trd_instrument *spec, text field, trd_amt *out) {
    trd_instrument unit = trd_instrument_default();
    unit.px_scale = (uint8_t)(spec->px_scale + spec->qty_scale);
    if (unit.px_scale > TRD_SCALE_MAX ||
        __builtin_mul_overflow(spec->tick_size, spec->lot_size, &unit.tick_size)) {
        return false;
    }
    return read_px(&unit, field, out);
}

/* from:step joined by ';' */
static bool read_tiers(trd_instrument *spec, text field) {
    const char *end = field.at + field.size;
    while (field.size > 0) {
        const char *semicolon = memchr(field.at, ';', field.size);
        const char *stop = semicolon != NULL ? semicolon : end;
        const char *colon = memchr(field.at, ':', (size_t)(stop - field.at));
        if (colon == NULL || spec->tier_count == TRD_TIERS_MAX) {
            return false;
        }
        trd_tick_tier *tier = &spec->tiers[spec->tier_count++];
        if (!read_px(spec, (text){field.at, (size_t)(colon - field.at)}, &tier->from) ||
            !read_px(spec, (text){colon + 1, (size_t)(stop - colon - 1)}, &tier->step)) {
            return false;
        }
        field.at = semicolon != NULL ? semicolon + 1 : end;
        field.size = (size_t)(end - field.at);
    }
    return true;
}

static const char *read_limits(trd_instrument *spec, const text fields[FIELDS_MAX]) {
    if (!read_px(spec, fields[4], &spec->px_min) || !read_px(spec, fields[5], &spec->px_max)) {
        return "price limits are not whole numbers of ticks";
    }
    if (!read_qty(spec, fields[6], &spec->qty_min) || !read_qty(spec, fields[7], &spec->qty_max)) {
        return "quantity limits are not whole numbers of lots";
    }
    if (fields[8].size > 0 && !read_qty(spec, fields[8], &spec->lot_step)) {
        return "quantity step is not a whole number of lots";
    }
    if ((fields[9].size > 0 && !read_amount(spec, fields[9], &spec->notional_min)) ||
        (fields[10].size > 0 && !read_amount(spec, fields[10], &spec->notional_max))) {
        return "value limits are not whole numbers of tick x lot";
    }
    return read_tiers(spec, fields[11]) ? NULL : "tick table is not from:step;from:step...";
}

/* instrument,symbol,tick,lot,px_min,px_max,qty_min,qty_max[,step[,value_min[,value_max[,tiers]]]]
 */
row_verdict orders_instrument(order_rows *at, const text fields[FIELDS_MAX], int count) {
    trd_instrument spec = trd_instrument_default();
    if (count < 8 || count > 12) {
        return bad(at, "an instrument row has 8 to 12 fields");
    }
    if (!text_names(fields[1], TRD_SYMBOL_SIZE - 1)) {
        return bad(at, "symbol must have 1 to 23 printable characters");
    }
    if (symbols_find(&at->run->report->symbols, fields[1]) != SYMBOL_NONE) {
        return bad(at, "symbol is defined twice");
    }
    memcpy(spec.symbol, fields[1].at, fields[1].size);
    if (!read_step(fields[2], &spec.px_scale, &spec.tick_size)) {
        return bad(at, "tick is not a decimal above zero");
    }
    if (!read_step(fields[3], &spec.qty_scale, &spec.lot_size)) {
        return bad(at, "lot is not a decimal above zero");
    }
    const char *why = read_limits(&spec, fields);
    if (why == NULL) {
        why = runner_add(at->run, &spec);
    }
    return why != NULL ? bad(at, why) : ROW_NONE;
}
