/* market.c - what is known of instruments: their margin model, whether they take orders. */
#include "risk/state.h"

#include "acct/margin.h"

static void set_model(trd_risk_market *market, const trd_margin_model *model) {
    market->tiers = model->tier_count;
    market->lever_ppm = model->leverage_centi != 0 ? trd__lever_ppm(model->leverage_centi) : 0;
    market->rate_ppm = model->tiers[0].initial_ppm > market->lever_ppm ? model->tiers[0].initial_ppm
                                                                       : market->lever_ppm;
    market->is_cash = trd__margin_is_cash(model);
}

int trd_risk_model(trd_risk *risk, uint32_t instrument, const trd_margin_model *model) {
    if (model == NULL || trd_margin_model_check(model) != TRD_OK ||
        model->kind == TRD_MARGIN_GROUPED) {
        return TRD_E_ARG;
    }
    if (instrument >= risk->def.instruments_max) {
        return TRD_E_UNKNOWN;
    }
    trd_risk_market *market = trd__risk_market(risk, instrument);
    if (market->model == 0) {
        if (risk->models == risk->def.models_max) {
            return TRD_E_FULL;
        }
        market->model = ++risk->models;
    }
    *trd__risk_model(risk, market->model) = *model;
    set_model(market, model);
    risk->modelled++;
    return TRD_OK;
}

int trd_risk_enable(trd_risk *risk, uint32_t instrument, unsigned enabled) {
    if (enabled > 1) {
        return TRD_E_ARG;
    }
    if (instrument >= risk->def.instruments_max) {
        return TRD_E_UNKNOWN;
    }
    trd__risk_market(risk, instrument)->is_disabled = enabled == 0;
    return TRD_OK;
}
