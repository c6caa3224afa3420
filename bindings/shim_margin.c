/* shim_margin.c - instruments, profiles and margin: functions of values, without a box. */
#include <stdlib.h>

#include "bindings/inner.h"

/* Live orders that a specification must be usable with: as few as there can be. */
enum { ORDERS_MIN = 1 };

/* What the library takes for granted of specifications is asked for here. */
static int spec_of(trd_instrument *spec, const void *data, size_t size) {
    if (!trb__read(spec, sizeof(*spec), data, size)) {
        return TRB_E_BUFFER;
    }
    return trd_instrument_check(spec, ORDERS_MIN) == TRD_INSTRUMENT_OK ? TRD_OK : TRD_E_ARG;
}

/* --- instruments ------------------------------------------------------------------------------ */

int trb_instrument_check(const void *spec, size_t spec_size, uint64_t orders_max) {
    trd_instrument of;
    return trb__read(&of, sizeof(of), spec, spec_size) ? (int)trd_instrument_check(&of, orders_max)
                                                       : TRB_E_BUFFER;
}

const char *trb_instrument_fault_text(int fault) {
    return trd_instrument_fault_text((trd_instrument_fault)fault);
}

int trb_instrument_tick_step(const void *spec, size_t spec_size, int64_t px, int64_t *value) {
    trd_instrument of;
    const int result = spec_of(&of, spec, spec_size);
    if (result == TRD_OK) {
        *value = trd_instrument_tick_step(&of, px);
    }
    return result;
}

int trb_instrument_value(
    const void *spec, size_t spec_size, int64_t px, int64_t qty, int rounding, int64_t *value) {
    trd_instrument of;
    const int result = spec_of(&of, spec, spec_size);
    return result != TRD_OK ? result : trd_instrument_value(&of, px, qty, rounding, value);
}

int trb_instrument_px(const void *spec, size_t spec_size, const char *text, size_t text_size,
    int rounding, int64_t *value) {
    trd_instrument of;
    const int result = spec_of(&of, spec, spec_size);
    return result != TRD_OK ? result : trd_instrument_px(&of, text, text_size, rounding, value);
}

int trb_instrument_qty(const void *spec, size_t spec_size, const char *text, size_t text_size,
    int rounding, int64_t *value) {
    trd_instrument of;
    const int result = spec_of(&of, spec, spec_size);
    return result != TRD_OK ? result : trd_instrument_qty(&of, text, text_size, rounding, value);
}

int trb_instrument_px_text(
    const void *spec, size_t spec_size, int64_t px, void *out, size_t out_size) {
    trd_instrument of;
    const int result = spec_of(&of, spec, spec_size);
    return result != TRD_OK ? result : trd_instrument_px_text(&of, px, out, out_size);
}

int trb_instrument_qty_text(
    const void *spec, size_t spec_size, int64_t qty, void *out, size_t out_size) {
    trd_instrument of;
    const int result = spec_of(&of, spec, spec_size);
    return result != TRD_OK ? result : trd_instrument_qty_text(&of, qty, out, out_size);
}

int trb_profile_check(const void *data, size_t size) {
    trd_profile profile;
    return trb__read(&profile, sizeof(profile), data, size) ? trd_profile_check(&profile)
                                                            : TRB_E_BUFFER;
}

int trb_profile_ties(const void *data, size_t size, unsigned preset, void *out, size_t out_size) {
    trd_profile profile;
    if (out_size != sizeof(profile) || !trb__read(&profile, sizeof(profile), data, size)) {
        return TRB_E_BUFFER;
    }
    return trb__give(trd_profile_ties(&profile, preset), out, &profile, sizeof(profile));
}

/* --- models ----------------------------------------------------------------------------------- */

static int give_model(int result, const trd_margin_model *model, void *out, size_t out_size) {
    return out_size != sizeof(*model) ? TRB_E_BUFFER
                                      : trb__give(result, out, model, sizeof(*model));
}

int trb_margin_cash(void *out, size_t out_size) {
    trd_margin_model model;
    return give_model(trd_margin_cash(&model), &model, out, out_size);
}

int trb_margin_cnc(void *out, size_t out_size) {
    trd_margin_model model;
    return give_model(trd_margin_cnc(&model), &model, out, out_size);
}

int trb_margin_grouped(void *out, size_t out_size) {
    trd_margin_model model;
    return give_model(trd_margin_grouped(&model), &model, out, out_size);
}

int trb_margin_flat(uint32_t initial_ppm, uint32_t maintenance_ppm, void *out, size_t out_size) {
    trd_margin_model model;
    const trd_margin_rates rates = {.initial_ppm = initial_ppm, .maintenance_ppm = maintenance_ppm};
    return give_model(trd_margin_flat(&model, &rates), &model, out, out_size);
}

int trb_margin_mis(uint32_t initial_ppm, uint32_t maintenance_ppm, void *out, size_t out_size) {
    trd_margin_model model;
    const trd_margin_rates rates = {.initial_ppm = initial_ppm, .maintenance_ppm = maintenance_ppm};
    return give_model(trd_margin_mis(&model, &rates), &model, out, out_size);
}

int trb_margin_leverage(
    uint32_t leverage_centi, uint32_t maintenance_ppm, void *out, size_t out_size) {
    trd_margin_model model;
    const trd_margin_leverage_terms terms = {
        .leverage_centi = leverage_centi, .maintenance_ppm = maintenance_ppm};
    return give_model(trd_margin_leverage(&model, &terms), &model, out, out_size);
}

int trb_margin_nrml(uint32_t var_ppm, uint32_t elm_ppm, void *out, size_t out_size) {
    trd_margin_model model;
    const trd_margin_nrml_terms terms = {.var_ppm = var_ppm, .elm_ppm = elm_ppm};
    return give_model(trd_margin_nrml(&model, &terms), &model, out, out_size);
}

int trb_margin_tiered(
    const void *data, size_t size, uint32_t leverage_centi, void *out, size_t out_size) {
    trd_margin_tier tiers[TRD_MARGIN_TIERS_MAX];
    trd_margin_model model;
    if (size % sizeof(tiers[0]) != 0) {
        return TRB_E_BUFFER;
    }
    if (size > sizeof(tiers)) {
        return TRD_E_ARG;
    }
    memset(tiers, 0, sizeof(tiers));
    memcpy(tiers, data, size);
    const trd_margin_tier_terms terms = {.tiers = tiers,
        .count = (uint32_t)(size / sizeof(tiers[0])),
        .leverage_centi = leverage_centi};
    return give_model(trd_margin_tiered(&model, &terms), &model, out, out_size);
}

/* What the library takes for granted of models. */
static int model_of(trd_margin_model *model, const void *data, size_t size) {
    return trb__read(model, sizeof(*model), data, size) ? trd_margin_model_check(model)
                                                        : TRB_E_BUFFER;
}

int trb_margin_model_check(const void *model, size_t model_size) {
    trd_margin_model of;
    return model_of(&of, model, model_size);
}

int trb_margin_require(
    const void *model, size_t model_size, int64_t notional, void *out, size_t out_size) {
    trd_margin_model of;
    trd_margin_requirement found;
    const int result = model_of(&of, model, model_size);
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    return trb__give(trd_margin_require(&of, notional, &found), out, &found, sizeof(found));
}

/* --- positions -------------------------------------------------------------------------------- */

/* A position with what it points to. */
typedef struct whole {
    trd_instrument spec;
    trd_margin_model model;
    trd_margin_position position;
} whole;

static int whole_of(whole *of, const void *spec, size_t spec_size, const void *model,
    size_t model_size, const void *position, size_t position_size) {
    int result = spec_of(&of->spec, spec, spec_size);
    if (result == TRD_OK) {
        result = model_of(&of->model, model, model_size);
    }
    if (result == TRD_OK &&
        !trb__read(&of->position, sizeof(of->position), position, position_size)) {
        result = TRB_E_BUFFER;
    }
    of->position.spec = &of->spec;
    of->position.model = &of->model;
    return result;
}

int trb_margin_need(const void *spec, size_t spec_size, const void *model, size_t model_size,
    const void *position, size_t position_size, void *out, size_t out_size) {
    whole of;
    trd_margin_need found;
    const int result = whole_of(&of, spec, spec_size, model, model_size, position, position_size);
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    return trb__give(trd_margin_need_of(&of.position, &found), out, &found, sizeof(found));
}

/* An account of `count` positions, each with what it points to. */
static int state_of(trd_margin_account *account, whole *wholes, trd_margin_position *positions,
    const uint8_t *spec, const uint8_t *model, const uint8_t *position, trd_margin_state *out) {
    for (uint32_t i = 0; i < account->count; i++) {
        const int result = whole_of(&wholes[i], spec + i * sizeof(trd_instrument),
            sizeof(trd_instrument), model + i * sizeof(trd_margin_model), sizeof(trd_margin_model),
            position + i * sizeof(trd_margin_position), sizeof(trd_margin_position));
        if (result != TRD_OK) {
            return result;
        }
        positions[i] = wholes[i].position;
    }
    account->positions = positions;
    return trd_margin_account_state(account, out);
}

int trb_margin_state(const void *data, size_t size, const void *spec, size_t spec_size,
    const void *model, size_t model_size, const void *position, size_t position_size, void *out,
    size_t out_size) {
    trd_margin_account account;
    trd_margin_state found;
    const size_t count = position_size / sizeof(trd_margin_position);
    if (!trb__read(&account, sizeof(account), data, size) || count > INT32_MAX ||
        position_size != count * sizeof(trd_margin_position) ||
        spec_size != count * sizeof(trd_instrument) ||
        model_size != count * sizeof(trd_margin_model) || out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    whole *wholes = calloc(count + 1, sizeof(*wholes));
    trd_margin_position *positions = calloc(count + 1, sizeof(*positions));
    int result = TRD_E_MEMORY;
    if (wholes != NULL && positions != NULL) {
        account.count = (uint32_t)count;
        result = state_of(&account, wholes, positions, spec, model, position, &found);
    }
    free(wholes);
    free(positions);
    return trb__give(result, out, &found, sizeof(found));
}

int trb_margin_collateral(const void *data, size_t size, void *out, size_t out_size) {
    trd_margin_collateral_value found;
    if (!trb__is_array(data, size, sizeof(trd_margin_asset)) || out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    return trb__give(
        trd_margin_collateral(data, (uint32_t)(size / sizeof(trd_margin_asset)), &found), out,
        &found, sizeof(found));
}

int trb_margin_liquidation(const void *spec, size_t spec_size, const void *model, size_t model_size,
    const void *position, size_t position_size, int64_t balance, int64_t others, void *out,
    size_t out_size) {
    whole of;
    trd_margin_prices found;
    const trd_margin_funds funds = {.balance = balance, .others = others};
    const int result = whole_of(&of, spec, spec_size, model, model_size, position, position_size);
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    return trb__give(
        trd_margin_liquidation(&of.position, &funds, &found), out, &found, sizeof(found));
}

int trb_margin_bankruptcy(const void *spec, size_t spec_size, const void *model, size_t model_size,
    const void *position, size_t position_size, int64_t balance, int64_t others, uint32_t fee_ppm,
    int64_t *value) {
    whole of;
    const trd_margin_funds funds = {.balance = balance, .others = others};
    const int result = whole_of(&of, spec, spec_size, model, model_size, position, position_size);
    return result != TRD_OK ? result : trd_margin_bankruptcy(&of.position, &funds, fee_ppm, value);
}

int trb_margin_reduction(const void *spec, size_t spec_size, const void *model, size_t model_size,
    const void *position, size_t position_size, const void *data, size_t size, void *out,
    size_t out_size) {
    whole of;
    trd_margin_cut_terms terms;
    trd_margin_cut found;
    const int result = whole_of(&of, spec, spec_size, model, model_size, position, position_size);
    if (result != TRD_OK) {
        return result;
    }
    if (!trb__read(&terms, sizeof(terms), data, size) || out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    return trb__give(
        trd_margin_reduction(&of.position, &terms, &found), out, &found, sizeof(found));
}

int trb_margin_rank(const void *spec, size_t spec_size, const void *model, size_t model_size,
    const void *position, size_t position_size, int64_t equity, int64_t *value) {
    whole of;
    const int result = whole_of(&of, spec, spec_size, model, model_size, position, position_size);
    return result != TRD_OK ? result : trd_margin_adl_rank(&of.position, equity, value);
}

/* --- scenarios -------------------------------------------------------------------------------- */

int trb_scenario_add(const void *data, size_t size, const void *array, size_t array_size,
    int64_t qty_before, int64_t qty_after, void *out, size_t out_size) {
    trd_scenario_sums sums;
    trd_scenario_array of;
    const trd_scenario_change change = {.qty_before = qty_before, .qty_after = qty_after};
    if (!trb__read(&sums, sizeof(sums), data, size) ||
        !trb__read(&of, sizeof(of), array, array_size) || out_size != sizeof(sums)) {
        return TRB_E_BUFFER;
    }
    return trb__give(trd_scenario_add(&sums, &of, &change), out, &sums, sizeof(sums));
}

int trb_scenario_require(const void *groups, size_t groups_size, const void *sums, size_t sums_size,
    const void *pairs, size_t pairs_size, void *out, size_t out_size) {
    const size_t count = groups_size / sizeof(trd_scenario_group);
    if (!trb__is_array(groups, groups_size, sizeof(trd_scenario_group)) ||
        !trb__is_array(pairs, pairs_size, sizeof(trd_scenario_pair)) ||
        !trb__aligned(sums, sums_size) || sums_size != count * sizeof(trd_scenario_sums) ||
        !trb__aligned(out, out_size) ||
        out_size != count * sizeof(trd_scenario_need) + sizeof(trd_margin_requirement)) {
        return TRB_E_BUFFER;
    }
    const trd_scenario_portfolio portfolio = {.groups = groups,
        .sums = sums,
        .pairs = pairs,
        .count = (uint32_t)count,
        .pair_count = (uint32_t)(pairs_size / sizeof(trd_scenario_pair))};
    const int result = trd_scenario_check(&portfolio);
    trd_scenario_need *needs = out;
    return result != TRD_OK ? result
                            : trd_scenario_require(&portfolio, needs,
                                  (trd_margin_requirement *)(void *)(needs + count));
}
