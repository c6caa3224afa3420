/* test_risk_state.c - the audit of the checks sees damage. */
#include "risk_rig.h"

#include "risk/state.h"

/* Orders of two accounts, a tag, a pair and an actor with limits, something remembered. */
static gate full_world(void) {
    gate g = gate_new();
    trd_limit repeated = limit_of(TRD_LIMIT_REPEATED, TRD_LIMIT_FIRM, 0);
    repeated.window = 10;
    gate_set(&g, &repeated);
    for (uint8_t scope = TRD_LIMIT_FIRM; scope <= TRD_LIMIT_TAG; scope++) {
        gate_limit(&g, TRD_LIMIT_ORDER_QTY, scope, 100);
    }
    gate_order(&g, 1, A, TRD_BUY, 10, 100);
    gate_order(&g, 2, B, TRD_SELL, 5, 100);
    gate_order(&g, 3, C, TRD_BUY, 3, 100);
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 3), TRD_OK));
    cr_assert(eq(int, trd_risk_audit(g.k), TRD_OK));
    return g;
}

/* Each of these is seen, and mended again. */
#define SEEN(field, damage)                                                                        \
    do {                                                                                           \
        __typeof__(field) kept_ = (field);                                                         \
        (field) = (damage);                                                                        \
        cr_expect(trd_risk_audit(g.k) < 0, #field " = " #damage);                                  \
        (field) = kept_;                                                                           \
        cr_assert(eq(int, trd_risk_audit(g.k), TRD_OK));                                           \
    } while (0)

Test(risk_state, audit_sees_wrong_sums) {
    gate g = full_world();
    trd_risk_node *account = trd__risk_account(g.k, A);
    trd_risk_node *tag = trd__tag_node(g.k, STRATEGY);
    trd_risk_market *market = trd__risk_market(g.k, FUT);
    SEEN(g.k->firm.open_value, g.k->firm.open_value + 1);
    SEEN(g.k->firm.open_value, -1);
    SEEN(g.k->firm.unpriced, 1);
    SEEN(account->open_value, account->open_value + 1);
    SEEN(account->unpriced, 1);
    SEEN(tag->open_value, 0);
    SEEN(tag->unpriced, 2);
    SEEN(market->open[0], market->open[0] + 1);
    SEEN(market->open[1], 0);
    gate_free(&g);
}

Test(risk_state, audit_sees_wrong_orders) {
    gate g = full_world();
    trd_risk_order *order = trd__risk_order(g.k, 0);
    SEEN(order->order, 2);
    SEEN(order->account, B);
    SEEN(order->account, 8);
    SEEN(order->instrument, SPOT);
    SEEN(order->instrument, 8);
    SEEN(order->tag, 9);
    SEEN(order->value, order->value - 10);
    SEEN(order->value, -1);
    SEEN(order->counted, order->counted - 1);
    SEEN(order->leaves, 0);
    SEEN(order->leaves, order->qty + 1);
    SEEN(order->sells, 1);
    SEEN(order->sells, 2);
    SEEN(order->is_unpriced, 1);
    SEEN(order->is_unpriced, 2);
    gate_free(&g);
}

Test(risk_state, audit_sees_wrong_limits) {
    gate g = full_world();
    trd_risk_node *nodes[] = {&g.k->firm, trd__risk_account(g.k, A),
        &trd__risk_market(g.k, FUT)->node, trd__pair_node(g.k, A, FUT),
        trd__actor_node(g.k, TRADER), trd__tag_node(g.k, STRATEGY)};
    /* A limit that the scope does not have. */
    static const uint8_t never[] = {TRD_LIMIT_RESTRICTED, TRD_LIMIT_COLLAR, TRD_LIMIT_LEVERAGE,
        TRD_LIMIT_MESSAGES, TRD_LIMIT_POSITION, TRD_LIMIT_DAILY_LOSS};
    for (int i = 0; i < 6; i++) {
        SEEN(nodes[i]->mask, nodes[i]->mask | 1u << never[i]);
        SEEN(nodes[i]->mask, nodes[i]->mask | 1u << TRD_RISK_LATCHED);
        SEEN(nodes[i]->mask, nodes[i]->mask & ~(1u << TRD_LIMIT_ORDER_QTY));
        SEEN(nodes[i]->value[TRD_LIMIT_ORDER_QTY - 1], -1);
        SEEN(nodes[i]->value[TRD_LIMIT_POSITION - 1], 1);
    }
    /* REPEATED is set for the firm, ORDER_QTY in every scope, EXECUTIONS nowhere. */
    SEEN(g.k->set[TRD_LIMIT_FIRM - 1][TRD_LIMIT_REPEATED], 0);
    SEEN(g.k->set[TRD_LIMIT_TAG - 1][TRD_LIMIT_ORDER_QTY], 2);
    SEEN(g.k->scopes_of[TRD_LIMIT_ORDER_QTY], 0x1f);
    SEEN(g.k->scopes_of[TRD_LIMIT_REPEATED], 0);
    SEEN(g.k->scopes_of[0], 1);
    SEEN(g.k->limits, g.k->limits & ~(1u << TRD_LIMIT_ORDER_QTY));
    SEEN(g.k->limits, g.k->limits | 1u << TRD_RISK_LATCHED);
    gate_free(&g);
}

Test(risk_state, audit_sees_wrong_lists) {
    gate g = full_world();
    SEEN(g.k->pairs, 0);
    SEEN(g.k->actors, 2);
    SEEN(g.k->tags, 0);
    SEEN(g.k->pool_free, 0);
    SEEN(g.k->pool_map.count, 2);
    SEEN(g.k->role_map.count, 2);
    SEEN(g.k->models, 4);
    SEEN(g.k->models, 2);
    SEEN(trd__risk_pooled(g.k, 0)->mask, 1);
    SEEN(trd__risk_pooled(g.k, g.k->pool_free)->next_free, g.k->pool_free);
    SEEN(trd__risk_pooled(g.k, g.k->pool_free)->next_free, 5);
    SEEN(trd__risk_market(g.k, FUT)->model, 0);
    SEEN(trd__risk_market(g.k, FUT)->model, 5);
    SEEN(trd__risk_market(g.k, FUT)->is_disabled, 2);
    SEEN(g.k->repeats, 2);
    SEEN(g.k->repeat_last, 4);
    SEEN(trd__risk_repeat(g.k, 1)->terms.qty, 11);
    SEEN(trd__risk_repeat(g.k, 1)->prev, 1);
    SEEN(trd__risk_repeat(g.k, 1)->next, 1);
    SEEN(trd__risk_repeat(g.k, 1)->next, 4);
    SEEN(trd__risk_repeat(g.k, 1)->time, 1);
    gate_free(&g);
}

/* Nothing in the block is an address: a copy elsewhere goes on like the original. */
Test(risk_state, blocks_can_be_copied) {
    gate g = full_world();
    trd_risk *copy = (trd_risk *)aligned_alloc(TRD_RISK_ALIGN, g.size);
    memcpy(copy, g.k, g.size);
    memset(g.k, 0xa5, g.size);
    free(g.k);
    g.k = copy;
    cr_assert(eq(int, trd_risk_audit(g.k), TRD_OK));
    trd_ask ask = ask_of(A, FUT, TRD_BUY, 101, 100);
    EXPECT_REASON(&g, &ask, ORDER_QTY);
    ask.qty = 10;
    EXPECT_REASON(&g, &ask, REPEATED);
    ask.qty = 11;
    EXPECT_PASS(&g, &ask);
    cr_assert(eq(int, trd_risk_closed(g.k, 1, 7), TRD_OK));
    gate_free(&g);
}
