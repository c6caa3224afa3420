/* text_check.c - what set-up has agreed, of an engine that was read of text: nobody has looked at
 * it as the calls do that set up. */
#include "engine/text.h"

#include <string.h>

#include "match/rich.h"

/* Rules are what the specification makes of them. */
static bool is_listing(const trd_match *match, const trd_listing *listing) {
    trd_listing made = *listing;
    if (trd_instrument_check(&listing->spec, match->store.orders_max) != TRD_INSTRUMENT_OK) {
        return false;
    }
    trd__rules_make(&made.rules, &made.spec);
    return memcmp(&made.rules, &listing->rules, sizeof(made.rules)) == 0;
}

unsigned trd__text_check(const trd_engine *engine) {
    const trd_match *match = trd__engine_match(engine);
    const trd_accounts *accounts = trd__engine_accounts(engine);
    const trd_risk *risk = trd__engine_risk(engine);
    if (match->instruments > match->instruments_max || accounts->listings != match->instruments ||
        accounts->assets > accounts->def.assets_max || risk->models > risk->def.models_max) {
        return TRD_TEXT_RULES;
    }
    for (uint32_t i = 0; i < match->instruments; i++) {
        if (!is_listing(match, trd__listing(match, i)) ||
            trd_profile_check(&trd__desk(match, i)->profile) != TRD_OK) {
            return TRD_TEXT_RULES;
        }
    }
    for (uint32_t number = 1; number <= risk->models; number++) {
        const trd_margin_model *model = trd__risk_model(risk, number);
        if (model->kind != TRD_MARGIN_GROUPED && trd_margin_model_check(model) != TRD_OK) {
            return TRD_TEXT_RULES;
        }
    }
    return TRD_TEXT_NO_FAULT;
}
