/* shim_query.c - what an engine is asked. Each is one question of the library. */
#include "bindings/engine.h"

static const trd_match *books(const trb_engine *engine) {
    return trd_engine_match(trb__engine(engine));
}

static const trd_accounts *money(const trb_engine *engine) {
    return trd_engine_accounts(trb__engine(engine));
}

static const trd_risk *risk(const trb_engine *engine) {
    return trd_engine_risk(trb__engine(engine));
}

/* --- orders and books ------------------------------------------------------------------------- */

int trb_engine_ask(trb_engine *engine, const void *data, size_t size, void *out, size_t out_size) {
    trd_verdict verdict;
    trd_command slots[TRD_SLOTS_MAX];
    const int result = trb__askable(&engine->work, out_size, sizeof(verdict));
    if (result != TRD_OK) {
        return result;
    }
    if (!trb__record(slots, data, size)) {
        return TRB_E_BUFFER;
    }
    return trb__give(
        trd_engine_ask(trb__engine(engine), slots, &verdict), out, &verdict, sizeof(verdict));
}

int trb_engine_find(
    const trb_engine *engine, uint32_t account, uint64_t client_id, uint64_t *value) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK ? result : trb__ask_find(books(engine), account, client_id, value);
}

int trb_engine_order(const trb_engine *engine, uint64_t order, void *out, size_t out_size) {
    const int result = trb__askable(&engine->work, out_size, sizeof(trd_order_info));
    return result != TRD_OK ? result : trb__ask_order(books(engine), order, out);
}

int trb_engine_orders(
    const trb_engine *engine, const void *data, size_t size, void *out, size_t out_size) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK ? result : trb__ask_orders(books(engine), data, size, out, out_size);
}

int trb_engine_best(
    const trb_engine *engine, uint32_t instrument, unsigned side, void *out, size_t out_size) {
    const int result = trb__askable(&engine->work, out_size, sizeof(trd_level));
    return result != TRD_OK ? result : trb__ask_best(books(engine), instrument, side, out);
}

int trb_engine_depth(
    const trb_engine *engine, uint32_t instrument, unsigned side, void *out, size_t out_size) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK ? result
                            : trb__ask_depth(books(engine), instrument, side, out, out_size);
}

int trb_engine_queue(const trb_engine *engine, uint32_t instrument, unsigned side, int64_t px,
    void *out, size_t out_size) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK ? result
                            : trb__ask_queue(books(engine), instrument, side, px, out, out_size);
}

int trb_engine_state(const trb_engine *engine, uint32_t instrument) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK ? result : trd_match_state(books(engine), instrument);
}

int trb_engine_net(const trb_engine *engine, uint32_t account, uint32_t instrument, unsigned side,
    int64_t *value) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK ? result
                            : trd_match_position(books(engine), account, instrument, side, value);
}

int trb_engine_spec(const trb_engine *engine, uint32_t instrument, void *out, size_t out_size) {
    const int result = trb__askable(&engine->work, out_size, sizeof(trd_instrument));
    return result != TRD_OK ? result : trb__ask_spec(books(engine), instrument, out);
}

int trb_engine_stats(const trb_engine *engine, void *out, size_t out_size) {
    const int result = trb__askable(&engine->work, out_size, sizeof(trd_match_stats));
    return result != TRD_OK ? result : trb__ask_stats(books(engine), out);
}

/* --- money ------------------------------------------------------------------------------------ */

int trb_engine_account(const trb_engine *engine, uint32_t account, void *out, size_t out_size) {
    trd_account found;
    const int result = trb__askable(&engine->work, out_size, sizeof(found));
    return result != TRD_OK ? result
                            : trb__give(trd_accounts_get(money(engine), account, &found), out,
                                  &found, sizeof(found));
}

int trb_engine_balance(
    const trb_engine *engine, uint32_t account, uint32_t asset, void *out, size_t out_size) {
    trd_balance found;
    const int result = trb__askable(&engine->work, out_size, sizeof(found));
    return result != TRD_OK ? result
                            : trb__give(trd_accounts_balance(money(engine), account, asset, &found),
                                  out, &found, sizeof(found));
}

int trb_engine_balances(const trb_engine *engine, uint32_t account, void *out, size_t out_size) {
    const int result = trb__usable(&engine->work);
    if (result != TRD_OK) {
        return result;
    }
    if (!trb__aligned(out, out_size)) {
        return TRB_E_BUFFER;
    }
    return trd_accounts_balances(
        money(engine), account, out, trb__room(out_size, sizeof(trd_asset_balance)));
}

int trb_engine_position(const trb_engine *engine, uint32_t account, uint32_t instrument,
    unsigned side, void *out, size_t out_size) {
    trd_holding found;
    const int result = trb__askable(&engine->work, out_size, sizeof(found));
    return result != TRD_OK
               ? result
               : trb__give(trd_accounts_position(money(engine), account, instrument, side, &found),
                     out, &found, sizeof(found));
}

int trb_engine_positions(const trb_engine *engine, uint32_t account, void *out, size_t out_size) {
    const int result = trb__usable(&engine->work);
    if (result != TRD_OK) {
        return result;
    }
    if (!trb__aligned(out, out_size)) {
        return TRB_E_BUFFER;
    }
    return trd_accounts_positions(
        money(engine), account, out, trb__room(out_size, sizeof(trd_instrument_holding)));
}

int trb_engine_unrealised(const trb_engine *engine, uint32_t account, uint32_t instrument,
    unsigned side, int64_t *value) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK
               ? result
               : trd_accounts_unrealised(money(engine), account, instrument, side, value);
}

int trb_engine_equity(const trb_engine *engine, uint32_t account, void *out, size_t out_size) {
    trd_equity found;
    const int result = trb__askable(&engine->work, out_size, sizeof(found));
    return result != TRD_OK ? result
                            : trb__give(trd_accounts_equity(money(engine), account, &found), out,
                                  &found, sizeof(found));
}

int trb_engine_activity(const trb_engine *engine, uint32_t account, void *out, size_t out_size) {
    trd_activity found;
    const int result = trb__askable(&engine->work, out_size, sizeof(found));
    return result != TRD_OK ? result
                            : trb__give(trd_accounts_activity(money(engine), account, &found), out,
                                  &found, sizeof(found));
}

int trb_engine_outside(const trb_engine *engine, uint32_t instrument, int64_t *value) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK ? result : trd_accounts_outside(money(engine), instrument, value);
}

int trb_engine_held(const trb_engine *engine, uint64_t order, void *out, size_t out_size) {
    trd_held found;
    const int result = trb__askable(&engine->work, out_size, sizeof(found));
    return result != TRD_OK ? result
                            : trb__give(trd_accounts_held(money(engine), order, &found), out,
                                  &found, sizeof(found));
}

/* --- limits and margin ------------------------------------------------------------------------ */

int trb_engine_withdrawable(
    const trb_engine *engine, uint32_t account, uint32_t asset, int64_t *value) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK
               ? result
               : trd_risk_withdrawable(risk(engine), money(engine), account, asset, value);
}

int trb_engine_portfolio(
    const trb_engine *engine, uint32_t account, uint32_t asset, void *out, size_t out_size) {
    trd_portfolio found;
    const int result = trb__askable(&engine->work, out_size, sizeof(found));
    return result != TRD_OK
               ? result
               : trb__give(trd_risk_portfolio(risk(engine), money(engine), account, asset, &found),
                     out, &found, sizeof(found));
}

int trb_engine_sums(
    const trb_engine *engine, uint32_t account, uint32_t group, void *out, size_t out_size) {
    trd_scenario_sums found;
    const int result = trb__askable(&engine->work, out_size, sizeof(found));
    return result != TRD_OK ? result
                            : trb__give(trd_risk_sums(risk(engine), account, group, &found), out,
                                  &found, sizeof(found));
}

int trb_engine_collateral(const trb_engine *engine, uint32_t account, void *out, size_t out_size) {
    trd_collateral found;
    const int result = trb__askable(&engine->work, out_size, sizeof(found));
    return result != TRD_OK
               ? result
               : trb__give(trd_risk_collateral(risk(engine), money(engine), account, &found), out,
                     &found, sizeof(found));
}

int trb_engine_parent(
    const trb_engine *engine, uint32_t account, uint64_t parent, void *out, size_t out_size) {
    trd_parent found;
    const int result = trb__askable(&engine->work, out_size, sizeof(found));
    return result != TRD_OK ? result
                            : trb__give(trd_risk_parent(risk(engine), account, parent, &found), out,
                                  &found, sizeof(found));
}

int trb_engine_limit(
    const trb_engine *engine, const void *data, size_t size, void *out, size_t out_size) {
    trd_limit limit;
    const int result = trb__askable(&engine->work, out_size, sizeof(limit));
    if (result != TRD_OK) {
        return result;
    }
    if (!trb__read(&limit, sizeof(limit), data, size)) {
        return TRB_E_BUFFER;
    }
    return trb__give(trd_risk_limit_get(risk(engine), &limit), out, &limit, sizeof(limit));
}

int trb_engine_may(
    const trb_engine *engine, uint32_t actor, uint32_t account, unsigned permissions) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK ? result : trd_risk_may(risk(engine), actor, account, permissions);
}

/* TRD_OK if the box is open and its engine watches levels. */
static int watched(const trb_engine *engine) {
    const int result = trb__usable(&engine->work);
    return result == TRD_OK && trd_engine_monitor(trb__engine(engine)) == NULL ? TRD_E_UNKNOWN
                                                                               : result;
}

/* The same, with the unit that is asked about. */
static int watched_unit(const trb_engine *engine, trd_unit *unit, const void *data, size_t size) {
    const int result = watched(engine);
    return result == TRD_OK && !trb__read(unit, sizeof(*unit), data, size) ? TRB_E_BUFFER : result;
}

int trb_engine_margin(
    const trb_engine *engine, const void *data, size_t size, void *out, size_t out_size) {
    trd_unit unit;
    trd_margin_state found;
    const int result = watched_unit(engine, &unit, data, size);
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    return trb__give(trd_monitor_state(trd_engine_monitor(trb__engine(engine)), money(engine),
                         risk(engine), &unit, &found),
        out, &found, sizeof(found));
}

int trb_engine_level(const trb_engine *engine, const void *data, size_t size) {
    trd_unit unit;
    const int result = watched_unit(engine, &unit, data, size);
    return result != TRD_OK
               ? result
               : trd_monitor_level(trd_engine_monitor(trb__engine(engine)), money(engine), &unit);
}

int trb_engine_interval(const trb_engine *engine, uint32_t account, uint32_t instrument,
    unsigned side, void *out, size_t out_size) {
    trd_px found[2];
    const int result = watched(engine);
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    return trb__give(trd_monitor_interval(trd_engine_monitor(trb__engine(engine)), money(engine),
                         account, instrument, side, &found[0], &found[1]),
        out, found, sizeof(found));
}

int trb_engine_watch(const trb_engine *engine, void *out, size_t out_size) {
    trd_monitor_stats found;
    const int result = watched(engine);
    if (result != TRD_OK) {
        return result;
    }
    if (out_size != sizeof(found)) {
        return TRB_E_BUFFER;
    }
    trd_monitor_stats_get(trd_engine_monitor(trb__engine(engine)), &found);
    memcpy(out, &found, sizeof(found));
    return TRD_OK;
}
