/* order.c - what open orders count for, from their acceptance to their end. */
#include "risk/parent.h"
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

static void unpriced_moves(trd_risk *risk, const trd_risk_order *order, int by) {
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

/* What few orders have: a value that is not known, a parent order. */
static trd_noinline void more_begins(trd_risk *risk, const trd_risk_order *order) {
    if (order->is_unpriced != 0) {
        unpriced_moves(risk, order, 1);
    }
    if (order->is_child != 0) {
        trd__risk_parent(risk, order->parent)->open += order->leaves;
    }
}

/* So many lots of a child end. */
static void parent_loses(trd_risk *risk, const trd_risk_order *order, trd_qty lots, bool executed) {
    trd_risk_parent_row *parent = trd__risk_parent(risk, order->parent);
    trd_assert(lots <= parent->open);
    parent->open -= lots;
    parent->executed += executed ? lots : 0;
}

static trd_noinline void more_ends(
    trd_risk *risk, const trd_risk_order *order, trd_qty lots, bool executed) {
    if (order->is_unpriced != 0 && lots == order->leaves) {
        unpriced_moves(risk, order, -1);
    }
    if (order->is_child != 0) {
        parent_loses(risk, order, lots, executed);
    }
}

trd_inline void begin(trd_risk *risk, const trd_risk_order *order) {
    lots_move(risk, order, order->leaves);
    value_moves(risk, order, order->counted);
    if (trd_unlikely(trd__counts_more(order))) {
        more_begins(risk, order);
    }
}

trd_inline void end(trd_risk *risk, trd_risk_order *order, bool executed) {
    lots_move(risk, order, -order->leaves);
    value_moves(risk, order, -order->counted);
    if (trd_unlikely(trd__counts_more(order))) {
        more_ends(risk, order, order->leaves, executed);
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

/* What an order counts for besides: a parent order, and what its account has in a group. */
static trd_noinline int more_of(trd_risk *risk, const trd_ask *ask, uint32_t *parent) {
    if (!trd__parent_is_its_own(risk, ask)) {
        return TRD_E_ARG;
    }
    const int result = ask->parent != 0 ? trd__parent_take(risk, ask, parent) : TRD_OK;
    if (result != TRD_OK) {
        return result;
    }
    return trd__is_summed(risk, ask->account) &&
                   !trd__portfolio_prepare(risk, ask->account, ask->instrument)
               ? TRD_E_FULL
               : TRD_OK;
}

int trd_risk_passed(trd_risk *risk, const trd_ask *ask, const trd_verdict *verdict) {
    if (!is_judged(risk, ask, verdict)) {
        return TRD_E_ARG;
    }
    trd_risk_order *order = trd__risk_order(risk, trd__handle_slot(ask->order));
    if (order->order != 0 && (order->order != ask->order || ask->kind == TRD_ASK_NEW)) {
        return TRD_E_EXISTS;
    }
    uint32_t parent = 0;
    if (trd_unlikely(trd__has_more(risk))) {
        const int result = more_of(risk, ask, &parent);
        if (result != TRD_OK) {
            return result;
        }
    }
    if (trd_unlikely(order->order != 0)) {
        end(risk, order, false);
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
    if (trd_unlikely(parent != 0)) { /* else the record has none */
        order->parent = parent;
        order->is_child = 1;
    }
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

/* `qty` lots of `order` are open no more. */
trd_inline void lots_end(trd_risk *risk, trd_risk_order *order, trd_qty qty, bool executed) {
    if (qty == order->leaves) {
        end(risk, order, executed);
        return;
    }
    lots_move(risk, order, -qty);
    if (trd_unlikely(trd__counts_more(order))) {
        more_ends(risk, order, qty, executed);
    }
    order->leaves -= qty;
    const trd_amt counted = share_of(order);
    value_moves(risk, order, counted - order->counted);
    order->counted = counted;
}

/* The order that has so many open lots: TRD_OK, or what is wrong. */
trd_inline int find_open(
    const trd_risk *risk, trd_order handle, trd_qty qty, trd_risk_order **out) {
    if (qty <= 0) {
        return TRD_E_ARG;
    }
    *out = handle != 0 ? trd__risk_order_of(risk, handle) : NULL;
    return *out == NULL ? TRD_E_UNKNOWN : qty > (*out)->leaves ? TRD_E_RANGE : TRD_OK;
}

int trd_risk_closed(trd_risk *risk, trd_order handle, trd_qty qty) {
    trd_risk_order *order;
    const int result = find_open(risk, handle, qty, &order);
    if (result == TRD_OK) {
        lots_end(risk, order, qty, false);
    }
    return result;
}

int trd_risk_filled(trd_risk *risk, trd_order handle, trd_qty qty, trd_ns now) {
    trd_risk_order *order;
    const int result = find_open(risk, handle, qty, &order);
    if (result != TRD_OK) {
        return result;
    }
    const uint32_t account = order->account;
    const uint64_t tag = order->tag;
    lots_end(risk, order, qty, true);
    return trd_risk_executed(risk, account, tag, now);
}

void trd__risk_restated(trd_risk *risk, trd_order handle, trd_qty leaves) {
    trd_risk_order *order = trd__risk_order_of(risk, handle);
    trd_assert(order != NULL && leaves > 0);
    lots_move(risk, order, leaves - order->leaves);
    if (order->is_child != 0) {
        trd__risk_parent(risk, order->parent)->open += leaves - order->leaves;
    }
    order->value = order->counted;
    order->qty = leaves;
    order->leaves = leaves;
}
