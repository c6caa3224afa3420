/* reconcile.c - the venue's lists beside ours: positions, open orders. */
#include "oms/state.h"

static bool valid(const trd_position_report *r) {
    return r->qty >= -TRD_TRACKER_QTY_MAX && r->qty <= TRD_TRACKER_QTY_MAX && r->reserved == 0;
}

static bool is_unsettled(const trd_tracker *t, const trd_position_state *p) {
    return t->def.settle_ns > 0 && p->moved > INT64_MIN + t->def.settle_ns &&
           p->moved > t->time - t->def.settle_ns;
}

int trd_tracker_reconcile(trd_tracker *t, const trd_position_report *r, trd_outcome *out) {
    if (r == NULL || out == NULL || !valid(r)) {
        return TRD_E_ARG;
    }
    const trd_position_key key = {r->venue, r->account, r->instrument};
    uint32_t at = trd__position_find(t, trd__account_find(t, r->venue, r->account), r->instrument);
    trd_outcome o = {.kind = TRD_OUTCOME_POSITION,
        .venue = r->venue,
        .account = r->account,
        .instrument = r->instrument};
    if (at == TRD_NONE && r->qty != 0 && !trd__room_for_position(t, &key)) {
        return TRD_E_FULL;
    }
    const trd_qty delta = at != TRD_NONE ? r->qty - trd__position(t, at)->qty : r->qty;
    const trd_qty adjusted = (at != TRD_NONE ? trd__position(t, at)->adjusted : 0) + delta;
    if (adjusted > TRD_LOTS_MAX || adjusted < -TRD_LOTS_MAX) {
        return TRD_E_RANGE;
    }
    trd__time_goes_on(t, r->time);
    if (delta != 0) {
        at = trd__position_make(t, &key);
        trd_position_state *p = trd__position(t, at);
        if (is_unsettled(t, p)) {
            o.flags |= TRD_OUTCOME_UNSETTLED;
        } else {
            p->qty = r->qty;
            p->adjusted = adjusted;
            o.position_delta = delta;
            o.flags |= TRD_OUTCOME_MISMATCH;
            t->stats.mismatches++;
        }
    }
    o.time = t->time;
    o.position = at != TRD_NONE ? trd__position(t, at)->qty : 0;
    *out = o;
    return TRD_OK;
}

int trd_tracker_snapshot_begin(trd_tracker *t, const trd_account_key *account, trd_ns asked) {
    if (account == NULL) {
        return TRD_E_ARG;
    }
    if (t->in_snapshot != 0) {
        return TRD_E_BUSY;
    }
    t->in_snapshot = 1;
    t->snapshot++;
    t->snapshot_account = trd__account_find(t, account->venue, account->account);
    t->snapshot_asked = asked;
    return TRD_OK;
}

static bool is_missing(const trd_tracker *t, const trd_track *order) {
    return trd__position(t, order->position)->account == t->snapshot_account &&
           order->snapshot != t->snapshot && order->time < t->snapshot_asked;
}

int trd_tracker_snapshot_end(trd_tracker *t) {
    if (t->in_snapshot == 0) {
        return TRD_E_ARG;
    }
    int missing = 0;
    for (uint32_t slot = t->open.first; slot != TRD_NONE; slot = trd__track(t, slot)->next) {
        trd_track *order = trd__track(t, slot);
        if (is_missing(t, order)) {
            trd__ask_now(t, order);
            missing++;
        }
    }
    t->in_snapshot = 0;
    return missing;
}
