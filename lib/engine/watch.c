/* watch.c - after a command: who is at another level, and who is to be liquidated. */
#include "engine/state.h"

#include "match/emit.h"

/* MARGIN: a unit is at another level, or an alert begins or ends. */
static void tell(trd_engine *engine, trd_out *out, const trd_monitor_change *change) {
    const bool is_alert = change->what == TRD_CHANGE_ALERT;
    const bool has_position = is_alert || change->unit.kind == TRD_UNIT_POSITION;
    const uint32_t instrument = is_alert ? change->instrument : change->unit.instrument;
    const trd_acct_listing *listing = trd__listed(trd__engine_accounts(engine), instrument);
    trd_event *event = trd__emit(trd__engine_match(engine), out, TRD_EVENT_MARGIN, 0, instrument,
        change->unit.account, TRD_DETAIL(0, 0, change->level, change->what));
    event->u.margin = (trd_ev_margin){.equity = change->equity,
        .maintenance = change->maintenance,
        .mark = has_position ? listing->mark : 0,
        .asset = change->unit.asset,
        .former = change->former,
        .position = is_alert ? change->position : change->unit.position,
        .unit = change->unit.kind};
}

int trd__engine_watch(trd_engine *engine, trd_out *out) {
    trd_monitor_change change;
    if (trd_monitor_next(trd__engine_monitor(engine), trd__engine_accounts(engine),
            trd__engine_risk(engine), &change) == 0) {
        return TRD_OK;
    }
    if (change.what != TRD_CHANGE_SHORT) {
        tell(engine, out, &change);
    } else if (engine->ranks_at != 0) {
        trd__liq_begin(engine, &change.unit);
        engine->stage = TRD_ENGINE_LIQUIDATE;
    }
    return TRD_MORE;
}
