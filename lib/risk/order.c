/* order.c - what open orders count for, from their acceptance to their end. */
#include "risk/portfolio.h"

#include <string.h>

/* The tag of an order, where tags have limits at all; NULL: nothing is counted for it. */
trd_inline trd_risk_node *counted_tag(trd_risk *risk, const trd_risk_order *order) {
    trd_risk_node *none = trd__risk_pooled(risk, 0);
    trd_risk_node *tag = trd__tag_node(risk, order->tag);
    return tag != none ? tag : NULL;
}

/* Adds `value` to what the firm, the account and the tag of an order have open. */
trd_inline void value_moves(trd_risk *risk, const trd_risk_order *order, trd_amt value) {
    risk->firm.open_value += value;
    trd__risk_account(risk, order->account)->open_value += value;
    if (trd_unlikely(risk->tags != 0)) {
        trd_risk_node *tag = counted_tag(risk, order);
        if (tag != NULL) {
            tag->open_value += value;
        }
    }
}

static trd_noinline void unpriced_moves(trd_risk *risk, const trd_risk_order *order, int by) {
    risk->firm.unpriced += (uint64_t)by;
    trd__risk_account(risk, order->account)->unpriced += (uint64_t)by;
    trd_risk_node *tag = counted_tag(risk, order);
    if (tag != NULL) {
        tag->unpriced += (uint64_t)by;
    }
}

trd_inline void lots_move(trd_risk *risk, const trd_risk_order *order, trd_qty lots) {
    trd__risk_market(risk, order->instrument)->open[order->sells] += lots;
}

trd_inline void begin(trd_risk *risk, const trd_risk_order *order) {
    lots_move(risk, order, order->leaves);
    value_moves(risk, order, order->counted);
    if (trd_unlikely(order->is_unpriced != 0)) {
        unpriced_moves(risk, order, 1);
    }
}

trd_inline void end(trd_risk *risk, trd_risk_order *order) {
    lots_move(risk, order, -order->leaves);
    value_moves(risk, order, -order->counted);
    if (trd_unlikely(order->is_unpriced != 0)) {
        unpriced_moves(risk, order, -1);
    }
    memset(order, 0, sizeof(*order));
}

void trd__tag_counts(trd_risk *risk, uint64_t tag, trd_risk_node *node) {
    for (uint32_t slot = 0; slot < risk->def.orders_max; slot++) {
        const trd_risk_order *order = trd__risk_order(risk, slot);
        if (order->order != 0 && order->tag == tag) {
            node->open_value += order->counted;
            node->unpriced += order->is_unpriced;
        }
    }
}

/* Only what trd_risk_check has looked at can have passed: its account and instrument exist. */
static bool is_judged(const trd_risk *risk, const trd_ask *ask, const trd_verdict *verdict) {
    return ask != NULL && verdict != NULL && verdict->reason == TRD_REJECT_NONE &&
           trd__handle_slot(ask->order) < risk->def.orders_max &&
           ask->account < risk->def.accounts_max && ask->instrument < risk->def.instruments_max &&
           ask->qty > 0 && (ask->side == TRD_BUY || ask->side == TRD_SELL);
}

int trd_risk_passed(trd_risk *risk, const trd_ask *ask, const trd_verdict *verdict) {
    if (!is_judged(risk, ask, verdict)) {
        return TRD_E_ARG;
    }
    trd_risk_order *order = trd__risk_order(risk, trd__handle_slot(ask->order));
    if (order->order != 0 && (order->order != ask->order || ask->kind == TRD_ASK_NEW)) {
        return TRD_E_EXISTS;
    }
    if (trd__is_summed(risk, ask->account) &&
        !trd__portfolio_prepare(risk, ask->account, ask->instrument)) {
        return TRD_E_FULL;
    }
    if (trd_unlikely(order->order != 0)) {
        end(risk, order);
    }
    order->order = ask->order;
    order->tag = ask->tag;
    order->value = verdict->value;
    order->counted = verdict->value;
    order->qty = ask->qty;
    order->leaves = ask->qty;
    order->account = ask->account;
    order->instrument = ask->instrument;
    order->sells = ask->side == TRD_SELL;
    order->is_unpriced = verdict->has_value == 0;
    begin(risk, order);
    if (ask->kind == TRD_ASK_NEW && (risk->firm.mask & trd__bit(TRD_LIMIT_REPEATED)) != 0) {
        const trd_risk_terms terms = trd__terms_of(ask);
        trd__repeat_add(risk, &terms, ask->now);
    }
    return TRD_OK;
}

/* ceil(value x leaves / qty) in 64 bits where they hold the product. */
static trd_amt share_of(const trd_risk_order *order) {
    const trd_wide product = trd__mul(order->value, order->leaves);
    if (trd_likely(trd_fits(product))) {
        const int64_t small = (int64_t)product;
        return small / order->qty + (small % order->qty > 0);
    }
    return (trd_amt)trd__div_ceil(product, order->qty);
}

int trd_risk_closed(trd_risk *risk, trd_order handle, trd_qty qty) {
    if (qty <= 0) {
        return TRD_E_ARG;
    }
    trd_risk_order *order = handle != 0 ? trd__risk_order_of(risk, handle) : NULL;
    if (order == NULL) {
        return TRD_E_UNKNOWN;
    }
    if (qty > order->leaves) {
        return TRD_E_RANGE;
    }
    if (qty == order->leaves) {
        end(risk, order);
        return TRD_OK;
    }
    lots_move(risk, order, -qty);
    order->leaves -= qty;
    const trd_amt counted = share_of(order);
    value_moves(risk, order, counted - order->counted);
    order->counted = counted;
    return TRD_OK;
}

void trd__risk_restated(trd_risk *risk, trd_order handle, trd_qty leaves) {
    trd_risk_order *order = trd__risk_order_of(risk, handle);
    trd_assert(order != NULL && leaves > 0);
    lots_move(risk, order, leaves - order->leaves);
    order->value = order->counted;
    order->qty = leaves;
    order->leaves = leaves;
}
