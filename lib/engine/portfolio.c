/* portfolio.c - accounts of mode PORTFOLIO: risk follows their positions, and what these need does
 * not leave the account. */
#include "engine/state.h"

#include "acct/state.h"
#include "risk/portfolio.h"

/* --- set-up ----------------------------------------------------------------------------------- */

int trd_engine_group(trd_engine *engine, uint32_t asset, const trd_scenario_group *group) {
    return engine->stage != TRD_ENGINE_IDLE
               ? TRD_E_BUSY
               : trd_risk_group(trd__engine_risk(engine), asset, group);
}

/* Who has positions in groups is looked at behind the next command, which has room for what there
 * is to tell. */
static int changed(trd_engine *engine, int result) {
    if (result == TRD_OK && engine->monitor_at != 0) {
        trd_monitor_portfolios(
            trd__engine_monitor(engine), trd__engine_accounts(engine), trd__engine_risk(engine));
        engine->regrouped = 1;
    }
    return result;
}

int trd_engine_pair(trd_engine *engine, const trd_scenario_pair *pair) {
    return engine->stage != TRD_ENGINE_IDLE
               ? TRD_E_BUSY
               : changed(engine, trd_risk_pair(trd__engine_risk(engine), pair));
}

int trd_engine_array(
    trd_engine *engine, uint32_t instrument, uint32_t group, const trd_scenario_array *array) {
    return engine->stage != TRD_ENGINE_IDLE
               ? TRD_E_BUSY
               : changed(engine, trd_risk_array(trd__engine_risk(engine),
                                     trd__engine_accounts(engine), instrument, group, array));
}

/* --- positions -------------------------------------------------------------------------------- */

/* The position of a side of the execution; flat if there is none yet. */
static const trd_acct_entry *entry_of(
    const trd_engine *engine, const trd_execution *execution, const trd_leg *leg) {
    const trd_accounts *accounts = trd__engine_accounts(engine);
    return trd__entry(
        accounts, trd__entry_find(accounts, leg->account, execution->instrument, leg->position));
}

static bool is_portfolio(const trd_accounts *accounts, uint32_t account) {
    return trd__client(accounts, account)->mode == TRD_MODE_PORTFOLIO;
}

/* There is room for the position of an order since the order passed; who takes lots over without
 * one may be new in the group. */
static bool has_room(const trd_engine *engine, const trd_execution *execution, const trd_leg *leg) {
    return !is_portfolio(trd__engine_accounts(engine), leg->account) ||
           trd__portfolio_has_room(trd__engine_risk(engine), leg->account, execution->instrument);
}

static void moved(
    trd_engine *engine, const trd_execution *execution, const trd_leg *leg, trd_qty before) {
    if (!is_portfolio(trd__engine_accounts(engine), leg->account)) {
        return;
    }
    const trd_risk_move move = {.account = leg->account,
        .instrument = execution->instrument,
        .qty_before = before,
        .qty_after = entry_of(engine, execution, leg)->qty};
    const int result = trd_risk_moved(trd__engine_risk(engine), &move);
    trd_assert(result == TRD_OK);
}

int trd__engine_execute_followed(trd_engine *engine, const trd_execution *execution, trd_out *out) {
    const trd_leg *buyer = &execution->buyer;
    const trd_leg *seller = &execution->seller;
    if (!has_room(engine, execution, buyer) || !has_room(engine, execution, seller)) {
        return TRD_E_FULL;
    }
    const trd_qty bought = entry_of(engine, execution, buyer)->qty;
    const trd_qty sold = entry_of(engine, execution, seller)->qty;
    const int result = trd_accounts_execute(trd__engine_accounts(engine), execution, out);
    if (result == TRD_OK) {
        moved(engine, execution, buyer, bought);
        moved(engine, execution, seller, sold); /* of one that met itself: as it was, both times */
    }
    return result;
}

/* --- accounts --------------------------------------------------------------------------------- */

static bool is_open_portfolio(const trd_accounts *accounts, uint32_t account) {
    return trd__is_open(accounts, account) && is_portfolio(accounts, account);
}

int trd__engine_open(trd_engine *engine, uint32_t account, const trd_account *terms) {
    trd_accounts *accounts = trd__engine_accounts(engine);
    trd_risk *risk = trd__engine_risk(engine);
    const bool was = is_open_portfolio(accounts, account);
    const bool asked = terms->mode == TRD_MODE_PORTFOLIO;
    if (asked && !was) {
        const int result = trd_risk_follow(risk, accounts, account, 1);
        if (result != TRD_OK) {
            return result;
        }
    }
    const int result = trd_accounts_open(accounts, account, terms);
    if ((was || asked) && !is_open_portfolio(accounts, account)) {
        const int forgotten = trd_risk_follow(risk, accounts, account, 0);
        trd_assert(forgotten == TRD_OK);
    }
    return result;
}
