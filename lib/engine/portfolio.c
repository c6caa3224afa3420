/* portfolio.c - accounts of mode PORTFOLIO: risk follows their positions, and what these need does
 * not leave the account. */
#include "engine/state.h"

#include "acct/state.h"

/* --- set-up ----------------------------------------------------------------------------------- */

int trd_engine_group(trd_engine *engine, uint32_t asset, const trd_scenario_group *group) {
    return engine->stage != TRD_ENGINE_IDLE
               ? TRD_E_BUSY
               : trd_risk_group(trd__engine_risk(engine), asset, group);
}

int trd_engine_pair(trd_engine *engine, const trd_scenario_pair *pair) {
    return engine->stage != TRD_ENGINE_IDLE ? TRD_E_BUSY
                                            : trd_risk_pair(trd__engine_risk(engine), pair);
}

int trd_engine_array(
    trd_engine *engine, uint32_t instrument, uint32_t group, const trd_scenario_array *array) {
    return engine->stage != TRD_ENGINE_IDLE
               ? TRD_E_BUSY
               : trd_risk_array(trd__engine_risk(engine), trd__engine_accounts(engine), instrument,
                     group, array);
}

/* --- positions -------------------------------------------------------------------------------- */

static trd_engine_place place_of(const trd_accounts *accounts, trd_order order) {
    const uint32_t number = trd__hold_of(accounts, order)->entry;
    return (trd_engine_place){.entry = number, .qty = trd__entry(accounts, number)->qty};
}

trd_engine_places trd__engine_places(const trd_engine *engine, const trd_execution *execution) {
    const trd_accounts *accounts = trd__engine_accounts(engine);
    return (trd_engine_places){.buyer = place_of(accounts, execution->buyer.order),
        .seller = place_of(accounts, execution->seller.order)};
}

static void moved(trd_engine *engine, const trd_engine_place *place) {
    const trd_accounts *accounts = trd__engine_accounts(engine);
    const trd_acct_entry *entry = trd__entry(accounts, place->entry);
    if (trd__client(accounts, entry->account)->mode != TRD_MODE_PORTFOLIO) {
        return;
    }
    const trd_risk_move move = {.account = entry->account,
        .instrument = entry->instrument,
        .qty_before = place->qty,
        .qty_after = entry->qty};
    const int result = trd_risk_moved(trd__engine_risk(engine), &move);
    trd_assert(result == TRD_OK); /* there was room when the order passed */
}

void trd__engine_moved(trd_engine *engine, const trd_engine_places *places) {
    moved(engine, &places->buyer);
    moved(engine, &places->seller); /* of one that met itself: it is where it was, both times */
}

/* --- accounts --------------------------------------------------------------------------------- */

static bool is_portfolio(const trd_accounts *accounts, uint32_t account) {
    return trd__is_open(accounts, account) &&
           trd__client(accounts, account)->mode == TRD_MODE_PORTFOLIO;
}

int trd__engine_open(trd_engine *engine, uint32_t account, const trd_account *terms) {
    trd_accounts *accounts = trd__engine_accounts(engine);
    trd_risk *risk = trd__engine_risk(engine);
    const bool was = is_portfolio(accounts, account);
    const bool asked = terms->mode == TRD_MODE_PORTFOLIO;
    if (asked && !was) {
        const int result = trd_risk_follow(risk, accounts, account, 1);
        if (result != TRD_OK) {
            return result;
        }
    }
    const int result = trd_accounts_open(accounts, account, terms);
    if ((was || asked) && !is_portfolio(accounts, account)) {
        const int forgotten = trd_risk_follow(risk, accounts, account, 0);
        trd_assert(forgotten == TRD_OK);
    }
    return result;
}
