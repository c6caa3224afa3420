/* request.c - what the application sends: each request is pending until the venue answers. */
#include "oms/state.h"

static bool qty_valid(trd_qty qty) {
    return qty >= 1 && qty <= TRD_TRACKER_QTY_MAX;
}

static bool submit_valid(const trd_request *r) {
    return qty_valid(r->qty) && (r->side == TRD_BUY || r->side == TRD_SELL) && r->target == 0 &&
           r->flags == 0;
}

static bool change_valid(const trd_request *r) {
    const bool has_id = (r->flags & TRD_REQUEST_HAS_ID) != 0;
    const bool terms = r->kind == TRD_REQUEST_REPLACE;
    return (r->flags & ~(TRD_REQUEST_BY_HANDLE | TRD_REQUEST_HAS_ID)) == 0 &&
           (has_id || r->client_id == 0) && r->tag == 0 && r->instrument == 0 && r->side == 0 &&
           (terms ? qty_valid(r->qty) : r->px == 0 && r->qty == 0);
}

static bool valid(const trd_request *r) {
    switch (r->kind) {
    case TRD_REQUEST_SUBMIT:
        return submit_valid(r);
    case TRD_REQUEST_CANCEL:
    case TRD_REQUEST_REPLACE:
        return change_valid(r);
    default:
        return false;
    }
}

static void finish(trd_tracker *t, const trd_request *r, trd_track *order, trd_outcome *out) {
    const uint8_t before = out->state;
    const trd_qty leaves = out->leaves;
    *out = trd__outcome_of(t, order);
    out->kind = TRD_OUTCOME_REQUEST;
    out->what = r->kind;
    out->state_before = before;
    out->leaves_delta = out->leaves - leaves;
    t->stats.requests++;
}

static int submit(trd_tracker *t, const trd_request *r, trd_outcome *out) {
    const trd_position_key key = {r->venue, r->account, r->instrument};
    const uint32_t known = trd__account_find(t, r->venue, r->account);
    if (trd__id_find_client(t, known, r->client_id) != TRD_NONE) {
        return TRD_E_EXISTS;
    }
    if (!trd__room_for_order(t) || !trd__room_for_position(t, &key)) {
        return TRD_E_FULL;
    }
    trd__time_goes_on(t, r->time);
    const uint32_t position = trd__position_make(t, &key);
    trd_track *order = trd__order_make(t, position);
    order->qty = r->qty;
    order->qty_high = r->qty;
    order->px = r->px;
    order->tag = r->tag;
    order->side = r->side;
    trd__id_key_client(t, order->current, trd__position(t, position)->account, r->client_id);
    trd__rearm(t, order, true);
    *out = (trd_outcome){0};
    finish(t, r, order, out);
    return TRD_OK;
}

static trd_track *target_of(const trd_tracker *t, const trd_request *r, uint32_t account) {
    if ((r->flags & TRD_REQUEST_BY_HANDLE) == 0) {
        return trd__id_order(t, trd__id_find_client(t, account, r->target));
    }
    trd_track *order = trd__track_of(t, r->target);
    return order != NULL && trd__position(t, order->position)->account == account ? order : NULL;
}

/* A filled order takes one thing more: a replace to a higher total. */
static bool takes(const trd_track *order, const trd_request *r) {
    const bool raises = r->kind == TRD_REQUEST_REPLACE && r->qty > order->cum;
    return !trd__has_ended(order) || (!trd__base_ended(order) && raises);
}

static int change(trd_tracker *t, const trd_request *r, trd_outcome *out) {
    const uint32_t account = trd__account_find(t, r->venue, r->account);
    trd_track *order = target_of(t, r, account);
    if (order == NULL || !takes(order, r)) {
        return TRD_E_UNKNOWN;
    }
    const bool has_id = (r->flags & TRD_REQUEST_HAS_ID) != 0;
    if (has_id && trd__id_find_client(t, account, r->client_id) != TRD_NONE) {
        return TRD_E_EXISTS;
    }
    const uint16_t pending = r->kind == TRD_REQUEST_CANCEL ? order->cancels : order->replaces;
    if (!trd__room_for_request(t) || pending == UINT16_MAX) {
        return TRD_E_FULL;
    }
    trd__time_goes_on(t, r->time);
    *out = trd__outcome_of(t, order);
    const uint32_t id =
        trd__request_make(t, order, r->kind == TRD_REQUEST_CANCEL ? ID_CANCEL : ID_REPLACE);
    trd__id(t, id)->qty = r->qty;
    trd__id(t, id)->px = r->px;
    if (has_id) {
        trd__id_key_client(t, id, account, r->client_id);
    }
    order->time = t->time;
    order->unanswered = 0;
    const uint32_t revived = trd__settle_order(t, order);
    trd__rearm(t, order, false);
    finish(t, r, order, out);
    out->flags |= revived;
    return TRD_OK;
}

int trd_tracker_request(trd_tracker *t, const trd_request *request, trd_outcome *out) {
    if (request == NULL || out == NULL || !valid(request)) {
        return TRD_E_ARG;
    }
    return request->kind == TRD_REQUEST_SUBMIT ? submit(t, request, out) : change(t, request, out);
}
