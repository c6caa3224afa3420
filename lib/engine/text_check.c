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

/* Marks, those that positions were valued at, and what orders are held at are prices of their
 * instruments: values divide by them. */
static bool are_marks(const trd_accounts *a) {
    for (uint32_t i = 0; i < a->listings; i++) {
        const trd_acct_listing *listing = trd__listed(a, i);
        if (listing->has_mark != 0 && !trd__px_fits(listing, listing->mark)) {
            return false;
        }
    }
    for (uint32_t slot = 0; slot < a->def.orders_max; slot++) {
        const trd_acct_hold *hold = trd__held(a, slot);
        const trd_acct_listing *listing = trd__listed(a, trd__entry(a, hold->entry)->instrument);
        if (hold->order != 0 && !trd__px_fits(listing, hold->px)) {
            return false;
        }
    }
    for (uint32_t number = 1; number <= a->def.positions_max; number++) {
        const trd_acct_value *value = trd__value(a, number);
        const trd_acct_listing *listing = trd__listed(a, trd__entry(a, number)->instrument);
        if (value->has_px != 0 && !trd__px_fits(listing, value->px)) {
            return false;
        }
    }
    return true;
}

/* What audits take for granted: an order that has something besides names a record there is, and
 * what is in that is of an order; what waits as a trail is in an index of trails. */
static bool are_specials(const trd_match *match) {
    for (uint32_t number = 1; number <= match->store.orders_max; number++) {
        const trd_node *node = trd__order(match, trd__order_unit(number));
        if ((node->exec & TRD_EXEC_SPECIAL) != 0 && node->more > match->specials_max) {
            return false;
        }
    }
    for (uint32_t number = 1; number <= match->specials_max; number++) {
        const trd_special *special = trd__special(match, number);
        if (special->unit >= match->store.level_unit ||
            (special->waits == TRD_WAITS_TRAIL && trd__trails(match).nodes[number].group == 0)) {
            return false;
        }
    }
    return true;
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
    return are_specials(match) && are_marks(accounts) ? TRD_TEXT_NO_FAULT : TRD_TEXT_AUDIT;
}
