/* audit.c - recomputes everything that is kept.
 *
 * What many orders count for in many places is compared all at once, as lib/acct does: each place
 * has an odd multiplier of its own, and what is kept times it must be what the orders say. */
#include "risk/parent.h"
#include "risk/portfolio.h"

#include <string.h>

typedef struct tally {
    uint64_t difference;
    uint32_t set[TRD_LIMIT_TAG][TRD_RISK_LIMITS];
} tally;

static uint64_t multiplier(unsigned what, uint32_t of) {
    uint64_t x = ((uint64_t)what << 32 | of) * 2 + 1;
    x = x * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
    return (x ^ x >> 29) | 1;
}

enum { FIRM, ACCOUNT, TAG, OPEN_BUY, OPEN_SELL, PARENT };

static void kept(tally *t, unsigned what, uint32_t of, trd_wide amount) {
    t->difference += multiplier(what, of) * (uint64_t)amount;
}

static void said(tally *t, unsigned what, uint32_t of, trd_wide amount) {
    t->difference -= multiplier(what, of) * (uint64_t)amount;
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* Limits of each scope, written out: what limit.c lets in must be among them. */
static uint32_t limits_of(unsigned scope) {
    const uint32_t of_order = 1u << TRD_LIMIT_ORDER_QTY | 1u << TRD_LIMIT_ORDER_VALUE;
    const uint32_t of_account = 1u << TRD_LIMIT_POSITION | 1u << TRD_LIMIT_OPEN_VALUE |
                                1u << TRD_LIMIT_LEVERAGE | 1u << TRD_LIMIT_DAILY_LOSS |
                                1u << TRD_LIMIT_MESSAGES;
    const uint32_t of_market =
        1u << TRD_LIMIT_POSITION | 1u << TRD_LIMIT_COLLAR | 1u << TRD_LIMIT_RESTRICTED;
    const uint32_t of_executions = 1u << TRD_LIMIT_EXECUTIONS | 1u << TRD_RISK_LATCHED;
    switch (scope) {
    case TRD_LIMIT_FIRM:
        return of_order | of_account | 1u << TRD_LIMIT_COLLAR | 1u << TRD_LIMIT_REPEATED;
    case TRD_LIMIT_ACCOUNT:
        return of_order | of_account | of_executions | 1u << TRD_RISK_FOLLOWED;
    case TRD_LIMIT_INSTRUMENT:
    case TRD_LIMIT_PAIR:
        return of_order | of_market;
    case TRD_LIMIT_ACTOR:
        return of_order | 1u << TRD_LIMIT_MESSAGES;
    default:
        return of_order | of_executions | 1u << TRD_LIMIT_OPEN_VALUE | 1u << TRD_LIMIT_MESSAGES;
    }
}

static int audit_node(const trd_risk_node *node, unsigned scope, tally *t) {
    trd_audit((node->mask & ~limits_of(scope)) == 0);
    trd_audit((node->mask & trd__bit(TRD_RISK_LATCHED)) == 0 ||
              (node->mask & trd__bit(TRD_LIMIT_EXECUTIONS)) != 0);
    for (unsigned limit = TRD_LIMIT_POSITION; limit < TRD_RISK_LIMITS; limit++) {
        const bool is_set = (node->mask & trd__bit(limit)) != 0;
        trd_audit(is_set ? node->value[limit - 1] >= 0 : node->value[limit - 1] == 0);
        t->set[scope - 1][limit] += is_set;
    }
    trd_audit(node->open_value >= 0);
    trd_audit(scope == TRD_LIMIT_ACCOUNT || node->portfolios == 0);
    return TRD_OK;
}

/* Nodes of the pool: each is named by the map or free. */
static int audit_pool(const trd_risk *risk, tally *t) {
    const trd_map_slot *slots = trd__pool_slots(risk);
    uint32_t count[TRD_LIMIT_TAG + 1] = {0};
    const int map = trd__map_audit(&risk->pool_map, slots);
    trd_audit(map == TRD_OK);
    for (uint32_t slot = 0; slot < risk->pool_map.buckets * TRD_MAP_WAYS; slot++) {
        const uint32_t number = trd__map_ref(slots, slot);
        if (number == 0) {
            continue;
        }
        trd_audit(number <= risk->def.limits_max);
        trd_audit(slots[slot].scope >= TRD_LIMIT_PAIR && slots[slot].scope <= TRD_LIMIT_TAG);
        const trd_risk_node *node = trd__risk_pooled(risk, number);
        trd_audit(node->mask != 0 && audit_node(node, slots[slot].scope, t) == TRD_OK);
        count[slots[slot].scope]++;
        if (slots[slot].scope == TRD_LIMIT_TAG) {
            kept(t, TAG, number, node->open_value);
            kept(t, TAG, number, (trd_wide)node->unpriced << 32);
        }
    }
    trd_audit(count[TRD_LIMIT_PAIR] == risk->pairs && count[TRD_LIMIT_ACTOR] == risk->actors &&
              count[TRD_LIMIT_TAG] == risk->tags);
    uint32_t free = 0;
    for (uint32_t i = risk->pool_free; i != 0; i = trd__risk_pooled(risk, i)->next_free) {
        trd_audit(i <= risk->def.limits_max && free < risk->def.limits_max);
        trd_audit(trd__risk_pooled(risk, i)->mask == 0);
        free++;
    }
    trd_audit(free + risk->pool_map.count == risk->def.limits_max);
    static const trd_risk_node empty;
    trd_audit(memcmp(trd__risk_pooled(risk, 0), &empty, sizeof(empty)) == 0);
    return TRD_OK;
}

/* What is known of limits without looking at all nodes. */
static int audit_limits(const trd_risk *risk, const tally *t) {
    uint32_t limits = 0;
    trd_audit(memcmp(t->set, risk->set, sizeof(t->set)) == 0);
    trd_audit(risk->scopes_of[0] == 0);
    for (unsigned limit = TRD_LIMIT_POSITION; limit < TRD_RISK_LIMITS; limit++) {
        uint32_t scopes = 0;
        for (unsigned at = 0; at < TRD_LIMIT_TAG; at++) {
            scopes |= (uint32_t)(t->set[at][limit] != 0) << at;
        }
        trd_audit(scopes == risk->scopes_of[limit]);
        limits |= scopes != 0 ? trd__bit(limit) : 0;
    }
    if ((limits & trd__bit(TRD_LIMIT_EXECUTIONS)) != 0) {
        limits |= 1u << TRD_RISK_LATCHED;
    }
    trd_audit(risk->parents == risk->def.parents_max);
    if (risk->parents != 0) {
        limits |= trd__bit(TRD_LIMIT_PARENT_QTY);
    }
    trd_audit(risk->limits == limits);
    return TRD_OK;
}

/* --- orders ----------------------------------------------------------------------------------- */

static int audit_order(const trd_risk *risk, uint32_t slot) {
    const trd_risk_order *order = trd__risk_order(risk, slot);
    trd_audit(trd__handle_slot(order->order) == slot);
    trd_audit(order->account < risk->def.accounts_max);
    trd_audit(order->instrument < risk->def.instruments_max);
    trd_audit(order->leaves > 0 && order->leaves <= order->qty);
    trd_audit(order->sells <= 1 && order->is_unpriced <= 1);
    trd_audit(order->is_unpriced == 0 || order->value == 0);
    trd_audit(order->value >= 0);
    trd_audit(order->counted == trd__div_ceil(trd__mul(order->value, order->leaves), order->qty));
    return TRD_OK;
}

static int audit_orders(const trd_risk *risk, tally *t) {
    for (uint32_t slot = 0; slot < risk->def.orders_max; slot++) {
        const trd_risk_order *order = trd__risk_order(risk, slot);
        if (order->order == 0) {
            continue;
        }
        trd_audit(audit_order(risk, slot) == TRD_OK);
        const trd_wide counts = order->counted + ((trd_wide)order->is_unpriced << 32);
        said(t, FIRM, 0, counts);
        said(t, ACCOUNT, order->account, counts);
        said(t, order->sells != 0 ? OPEN_SELL : OPEN_BUY, order->instrument, order->leaves);
        trd_audit(order->is_child == (order->parent != 0));
        if (order->is_child != 0) {
            trd_audit(trd__parent_audit_child(risk, order) == TRD_OK);
            said(t, PARENT, order->parent, order->leaves);
        }
        const trd_risk_node *tag = trd__tag_node(risk, order->tag);
        const uint32_t number = (uint32_t)(tag - trd__risk_pooled(risk, 0));
        if (number != 0) {
            said(t, TAG, number, counts);
        }
    }
    return TRD_OK;
}

static int audit_scopes(const trd_risk *risk, tally *t) {
    trd_audit(audit_node(&risk->firm, TRD_LIMIT_FIRM, t) == TRD_OK);
    kept(t, FIRM, 0, risk->firm.open_value + ((trd_wide)risk->firm.unpriced << 32));
    for (uint32_t i = 0; i < risk->def.accounts_max; i++) {
        const trd_risk_node *node = trd__risk_account(risk, i);
        trd_audit(audit_node(node, TRD_LIMIT_ACCOUNT, t) == TRD_OK);
        kept(t, ACCOUNT, i, node->open_value + ((trd_wide)node->unpriced << 32));
    }
    uint32_t models = 0;
    for (uint32_t i = 0; i < risk->def.instruments_max; i++) {
        const trd_risk_market *market = trd__risk_market(risk, i);
        trd_audit(audit_node(&market->node, TRD_LIMIT_INSTRUMENT, t) == TRD_OK);
        trd_audit(market->model <= risk->models && market->is_disabled <= 1);
        kept(t, OPEN_BUY, i, market->open[0]);
        kept(t, OPEN_SELL, i, market->open[1]);
        models += market->model != 0;
    }
    trd_audit(models == risk->models && models <= risk->def.models_max);
    return TRD_OK;
}

/* Parent orders are sound by themselves; what is open of each is compared with all orders. */
static int audit_parents(const trd_risk *risk, tally *t) {
    const int result = trd__parents_audit(risk);
    for (uint32_t number = 1; result == TRD_OK && number <= risk->def.parents_max; number++) {
        kept(t, PARENT, number, trd__risk_parent(risk, number)->open);
    }
    return result;
}

/* --- repeats and roles ------------------------------------------------------------------------ */

static int audit_repeats(const trd_risk *risk) {
    uint32_t count = 0;
    for (uint32_t chain = 0; chain < risk->chains; chain++) {
        uint32_t before = 0;
        for (uint32_t i = *trd__risk_chain(risk, chain); i != 0;) {
            trd_audit(i <= risk->repeats && count < risk->repeats);
            const trd_risk_repeat *own = trd__risk_repeat(risk, i);
            trd_audit(own->prev == before && own->time <= risk->repeat_time);
            trd_audit(trd__repeat_chain(risk, &own->terms) == chain);
            before = i;
            i = own->next;
            count++;
        }
    }
    trd_audit(count == risk->repeats && count <= risk->def.repeats_max);
    trd_audit(risk->repeat_last <= risk->repeats);
    return TRD_OK;
}

static int audit_roles(const trd_risk *risk) {
    const trd_map_slot *slots = trd__role_slots(risk);
    trd_audit(trd__map_audit(&risk->role_map, slots) == TRD_OK);
    trd_audit(risk->role_map.count <= risk->def.actors_max);
    for (uint32_t slot = 0; slot < risk->role_map.buckets * TRD_MAP_WAYS; slot++) {
        trd_audit(trd__map_ref(slots, slot) <= TRD_ROLE_ADMIN);
    }
    return TRD_OK;
}

int trd_risk_audit(const trd_risk *risk) {
    tally t = {0};
    int result = audit_scopes(risk, &t);
    if (result == TRD_OK) {
        result = audit_pool(risk, &t);
    }
    if (result == TRD_OK) {
        result = audit_limits(risk, &t);
    }
    if (result == TRD_OK) {
        result = audit_parents(risk, &t);
    }
    if (result == TRD_OK) {
        result = audit_orders(risk, &t);
    }
    if (result == TRD_OK) {
        trd_audit(t.difference == 0);
        result = audit_repeats(risk);
    }
    result = result == TRD_OK ? audit_roles(risk) : result;
    return result == TRD_OK ? trd__portfolio_audit(risk) : result;
}
