/* test_risk_parent.c - parent orders: what their children may have executed and have open, all
 * together; how they are declared, changed and taken away. */
#include "risk_rig.h"

#include "risk/grant.h"
#include "risk/parent.h"
#include "risk/state.h"

enum { PARENT = 5000, OTHER = 5001 };

/* A's parent order PARENT, which buys FUT. */
static trd_limit parent_of(trd_qty qty) {
    trd_limit l = limit_of(TRD_LIMIT_PARENT_QTY, TRD_LIMIT_PARENT, qty);
    l.tag = PARENT;
    return l;
}

static gate gate_with(trd_qty qty) {
    gate g = gate_new();
    const trd_limit l = parent_of(qty);
    gate_set(&g, &l);
    return g;
}

static trd_ask child_of(trd_qty qty) {
    trd_ask ask = ask_of(A, FUT, TRD_BUY, qty, 100);
    ask.parent = PARENT;
    return ask;
}

static void child(gate *g, trd_order order, trd_qty qty) {
    trd_ask ask = child_of(qty);
    gate_accept(g, &ask, order);
}

static void fill(gate *g, trd_order order, trd_qty qty) {
    OK(g->r, release, order, qty);
    cr_assert(eq(int, trd_risk_filled(g->k, order, qty, 0), TRD_OK));
}

static void cancel(gate *g, trd_order order, trd_qty qty) {
    OK(g->r, release, order, qty);
    cr_assert(eq(int, trd_risk_closed(g->k, order, qty), TRD_OK));
}

static trd_parent parent(const gate *g) {
    trd_parent p;
    cr_assert(eq(int, trd_risk_parent(g->k, A, PARENT, &p), TRD_OK));
    return p;
}

/* So many are executed and open, `left` more pass, one more does not. */
static void expect(const gate *g, trd_qty executed, trd_qty open, trd_qty left) {
    const trd_parent p = parent(g);
    cr_assert(eq(i64, p.executed, executed));
    cr_assert(eq(i64, p.open, open));
    if (left > 0) {
        const trd_ask fits = child_of(left);
        EXPECT_PASS(g, &fits);
    }
    if (left > 1) {
        const trd_ask below = child_of(left - 1);
        EXPECT_PASS(g, &below);
    }
    const trd_ask above = child_of(left + 1);
    const trd_verdict v = gate_check(g, &above);
    cr_assert(eq(u32, v.reason, TRD_REJECT_PARENT_QTY));
    cr_assert(eq(u32, v.scope, TRD_LIMIT_PARENT));
    cr_assert(eq(i64, v.measured, executed + open + left + 1));
    cr_assert(eq(i64, v.limit, p.qty));
}

/* --- counting --------------------------------------------------------------------------------- */

/* The table of docs/reference/risk.md. */
Test(risk_parent, counts_what_children_execute_and_have_open) {
    gate g = gate_with(100);
    expect(&g, 0, 0, 100);
    child(&g, 1, 60);
    child(&g, 2, 30);
    expect(&g, 0, 90, 10);
    fill(&g, 1, 25);
    expect(&g, 25, 65, 10);
    cancel(&g, 1, 35);
    expect(&g, 25, 30, 45);
    trd_ask ask = child_of(75);
    ask.kind = TRD_ASK_AMEND;
    gate_accept(&g, &ask, 2);
    expect(&g, 25, 75, 0);
    gate_free(&g);
}

Test(risk_parent, executed_lots_never_come_back) {
    gate g = gate_with(10);
    child(&g, 1, 10);
    fill(&g, 1, 4);
    fill(&g, 1, 6);
    expect(&g, 10, 0, 0);
    gate_free(&g);
}

Test(risk_parent, lots_that_end_otherwise_are_there_again) {
    gate g = gate_with(10);
    child(&g, 1, 10);
    cancel(&g, 1, 3);
    expect(&g, 0, 7, 3);
    cancel(&g, 1, 7);
    expect(&g, 0, 0, 10);
    gate_free(&g);
}

/* Old lots are off, new ones on: 60 open; up to 100 - 40 of the other pass. */
Test(risk_parent, an_amendment_counts_instead_of_what_its_order_has) {
    gate g = gate_with(100);
    child(&g, 1, 60);
    child(&g, 2, 40);
    trd_ask ask = child_of(60);
    ask.kind = TRD_ASK_AMEND;
    ask.order = 1;
    EXPECT_PASS(&g, &ask);
    ask.qty = 61;
    EXPECT_REASON(&g, &ask, PARENT_QTY);
    ask.qty = 20;
    gate_accept(&g, &ask, 1);
    expect(&g, 0, 60, 40);
    ask.qty = 60;
    gate_accept(&g, &ask, 1);
    expect(&g, 0, 100, 0);
    gate_free(&g);
}

/* Set to less than is used, what takes nothing passes: 25 executed, 75 open, 50 allowed. */
Test(risk_parent, what_gets_no_more_lots_is_not_asked) {
    gate g = gate_with(100);
    child(&g, 1, 100);
    fill(&g, 1, 25);
    const trd_limit lower = parent_of(50);
    gate_set(&g, &lower);
    trd_ask ask = child_of(75);
    ask.kind = TRD_ASK_AMEND;
    ask.order = 1;
    ask.px = 101;
    EXPECT_PASS(&g, &ask);
    ask.qty = 76;
    EXPECT_REASON(&g, &ask, PARENT_QTY);
    ask.qty = 74;
    EXPECT_PASS(&g, &ask);
    ask.qty = 75;
    ask.kind = TRD_ASK_RELEASE;
    EXPECT_PASS(&g, &ask);
    gate_accept(&g, &ask, 1);
    expect(&g, 25, 75, 0);
    gate_free(&g);
}

/* An order that is released for the first time is counted then. */
Test(risk_parent, what_is_released_is_counted_once) {
    gate g = gate_with(10);
    trd_ask ask = child_of(11);
    ask.kind = TRD_ASK_RELEASE;
    ask.order = 1;
    EXPECT_REASON(&g, &ask, PARENT_QTY);
    ask.qty = 10;
    gate_accept(&g, &ask, 1);
    expect(&g, 0, 10, 0);
    gate_accept(&g, &ask, 1);
    expect(&g, 0, 10, 0);
    gate_free(&g);
}

Test(risk_parent, legs_before_it_are_counted_in) {
    gate g = gate_with(10);
    const trd_ask ask = child_of(6);
    for (trd_qty lots = 3; lots <= 5; lots++) {
        const trd_risk_beside beside = {.parent = lots};
        trd_verdict v;
        trd_acct_grant grant;
        cr_assert(eq(int, trd__risk_grant_beside(g.k, g.r->a, &ask, &beside, &v, &grant), TRD_OK));
        cr_assert(eq(u32, v.reason, lots <= 4 ? 0 : TRD_REJECT_PARENT_QTY));
        cr_assert(eq(i64, v.measured, lots <= 4 ? 0 : 11));
    }
    gate_free(&g);
}

/* --- who is asked ----------------------------------------------------------------------------- */

static void expect_no_parent(const gate *g, const trd_ask *ask) {
    const trd_verdict v = gate_check(g, ask);
    cr_assert(eq(u32, v.reason, TRD_REJECT_PARENT));
    cr_assert(eq(u32, v.scope, TRD_LIMIT_PARENT));
    cr_assert(eq(i64, v.measured, INT64_MAX));
    cr_assert(eq(i64, v.limit, 0));
}

Test(risk_parent, a_child_is_of_its_parents_account_instrument_and_side) {
    gate g = gate_with(10);
    trd_ask ask = child_of(1);
    EXPECT_PASS(&g, &ask);
    ask.parent = OTHER;
    expect_no_parent(&g, &ask);
    ask = child_of(1);
    ask.account = B;
    expect_no_parent(&g, &ask);
    ask = child_of(1);
    ask.instrument = INV;
    expect_no_parent(&g, &ask);
    ask = child_of(1);
    ask.side = TRD_SELL;
    expect_no_parent(&g, &ask);
    gate_free(&g);
}

Test(risk_parent, orders_without_one_are_nobodys_children) {
    gate g = gate_with(0);
    gate_order(&g, 1, A, TRD_BUY, 5, 100);
    expect(&g, 0, 0, 0);
    cancel(&g, 1, 5);
    expect(&g, 0, 0, 0);
    gate_free(&g);
}

Test(risk_parent, the_same_number_is_another_parent_of_another_account) {
    gate g = gate_with(10);
    trd_limit l = parent_of(3);
    l.account = B;
    gate_set(&g, &l);
    child(&g, 1, 10);
    trd_ask ask = child_of(3);
    ask.account = B;
    EXPECT_PASS(&g, &ask);
    ask.qty = 4;
    EXPECT_REASON(&g, &ask, PARENT_QTY);
    gate_free(&g);
}

Test(risk_parent, nobody_is_exempt) {
    gate g = gate_with(4);
    gate_fill(&g, A, FUT, TRD_SELL, 10, 100);
    trd_ask ask = child_of(5);
    ask.reduce_only = 1;
    cr_assert(eq(u32, gate_check(&g, &ask).reducing, 1));
    EXPECT_REASON(&g, &ask, PARENT_QTY);
    ask.override = 1;
    ask.actor = ADMIN;
    EXPECT_REASON(&g, &ask, PARENT_QTY);
    ask.parent = OTHER;
    EXPECT_REASON(&g, &ask, PARENT);
    gate_free(&g);
}

Test(risk_parent, an_order_keeps_its_parent) {
    gate g = gate_with(10);
    trd_limit l = parent_of(10);
    l.tag = OTHER;
    gate_set(&g, &l);
    child(&g, 1, 5);
    gate_order(&g, 2, A, TRD_BUY, 5, 100);
    static const struct {
        trd_order order;
        uint64_t parent;
        int result;
    } rows[] = {{1, PARENT, TRD_OK}, {1, OTHER, TRD_E_ARG}, {1, 0, TRD_E_ARG}, {1, 1, TRD_E_ARG},
        {2, 0, TRD_OK}, {2, PARENT, TRD_E_ARG}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (uint8_t kind = TRD_ASK_AMEND; kind <= TRD_ASK_RELEASE; kind++) {
            trd_ask ask = ask_of(A, FUT, TRD_BUY, 5, 100);
            trd_verdict v;
            ask.kind = kind;
            ask.order = rows[i].order;
            ask.parent = rows[i].parent;
            cr_assert(eq(int, trd_risk_check(g.k, g.r->a, &ask, &v), rows[i].result), "%zu", i);
            const trd_verdict passed = {.has_value = 1};
            cr_assert(eq(int, trd_risk_passed(g.k, &ask, &passed), rows[i].result), "%zu", i);
        }
    }
    gate_free(&g);
}

/* --- declared, changed, taken away ------------------------------------------------------------ */

Test(risk_parent, set_again_keeps_what_was_counted) {
    gate g = gate_with(10);
    child(&g, 1, 10);
    fill(&g, 1, 4);
    const trd_limit more = parent_of(12);
    gate_set(&g, &more);
    expect(&g, 4, 6, 2);
    const trd_limit fewer = parent_of(7);
    gate_set(&g, &fewer);
    expect(&g, 4, 6, 0);
    cancel(&g, 1, 4);
    expect(&g, 4, 2, 1);
    const trd_limit none = parent_of(0);
    gate_set(&g, &none);
    expect(&g, 4, 2, 0);
    gate_free(&g);
}

Test(risk_parent, cannot_get_another_instrument_or_side) {
    gate g = gate_with(10);
    for (uint8_t remove = 0; remove <= 1; remove++) {
        trd_limit l = parent_of(remove ? 0 : 20);
        l.remove = remove;
        l.side = TRD_SELL;
        cr_assert(eq(int, trd_risk_limit(g.k, &l), TRD_E_EXISTS));
        cr_assert(eq(int, trd_risk_limit_get(g.k, &l), TRD_E_UNKNOWN));
        l.side = TRD_BUY;
        l.instrument = SPOT;
        cr_assert(eq(int, trd_risk_limit(g.k, &l), TRD_E_EXISTS));
        cr_assert(eq(int, trd_risk_limit_get(g.k, &l), TRD_E_UNKNOWN));
    }
    expect(&g, 0, 0, 10);
    gate_free(&g);
}

Test(risk_parent, stays_while_a_child_is_open) {
    gate g = gate_with(10);
    trd_limit away = parent_of(0);
    away.remove = 1;
    child(&g, 1, 10);
    fill(&g, 1, 9);
    cr_assert(eq(int, trd_risk_limit(g.k, &away), TRD_E_BUSY));
    expect(&g, 9, 1, 0);
    fill(&g, 1, 1);
    expect(&g, 10, 0, 0);
    cr_assert(eq(int, trd_risk_limit(g.k, &away), TRD_OK));
    trd_parent p;
    cr_assert(eq(int, trd_risk_parent(g.k, A, PARENT, &p), TRD_E_UNKNOWN));
    const trd_ask ask = child_of(1);
    EXPECT_REASON(&g, &ask, PARENT);
    const trd_limit again = parent_of(3); /* another one: nothing of it is executed */
    gate_set(&g, &again);
    expect(&g, 0, 0, 3);
    gate_free(&g);
}

Test(risk_parent, finds_no_place_beyond_parents_max) {
    gate g = gate_new();
    trd_limit l = parent_of(1);
    for (l.tag = 1; l.tag <= 4; l.tag++) {
        gate_set(&g, &l);
    }
    cr_assert(eq(int, trd_risk_limit(g.k, &l), TRD_E_FULL));
    trd_limit third = parent_of(2);
    third.tag = 3;
    gate_set(&g, &third); /* it has its place */
    third.remove = 1;
    third.value = 0;
    gate_set(&g, &third);
    gate_set(&g, &third); /* it is not there any more */
    gate_set(&g, &l);
    cr_assert(eq(int, trd_risk_limit_get(g.k, &third), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_limit_get(g.k, &l), TRD_OK));
    gate_free(&g);
}

Test(risk_parent, without_room_numbers_are_not_read) {
    const trd_accounts_def accounts = rig_def();
    trd_risk_def def = gate_def();
    def.parents_max = 0;
    gate g = gate_of(&accounts, &def);
    trd_limit l = parent_of(1);
    cr_assert(eq(int, trd_risk_limit(g.k, &l), TRD_E_FULL));
    cr_assert(eq(int, trd_risk_limit_get(g.k, &l), TRD_E_UNKNOWN));
    child(&g, 1, 5);
    trd_ask ask = child_of(6);
    ask.kind = TRD_ASK_AMEND;
    ask.parent = OTHER;
    gate_accept(&g, &ask, 1);
    fill(&g, 1, 6);
    gate_free(&g);
}

/* The definition of before has no parents_max. */
Test(risk_parent, definitions_from_before_have_none) {
    trd_risk_def def = gate_def();
    def.struct_size = offsetof(trd_risk_def, parents_max);
    trd_risk *k = trd_risk_create(&def);
    cr_assert(k != NULL);
    const trd_limit l = parent_of(1);
    cr_assert(eq(int, trd_risk_limit(k, &l), TRD_E_FULL));
    trd_risk_destroy(k);
}

/* --- calls ------------------------------------------------------------------------------------ */

/* Two asks passed their checks before either was counted: the second does not get in. */
Test(risk_parent, what_does_not_fit_any_more_has_not_passed) {
    gate g = gate_with(10);
    trd_ask first = child_of(6);
    trd_ask second = child_of(5);
    const trd_verdict v = gate_check(&g, &second);
    cr_assert(eq(u32, v.reason, 0));
    gate_accept(&g, &first, 1);
    second.order = 2;
    cr_assert(eq(int, trd_risk_passed(g.k, &second, &v), TRD_E_FULL));
    second.qty = 4;
    second.parent = OTHER;
    cr_assert(eq(int, trd_risk_passed(g.k, &second, &v), TRD_E_UNKNOWN));
    expect(&g, 0, 6, 4);
    cr_assert(eq(int, trd_risk_closed(g.k, 2, 1), TRD_E_UNKNOWN));
    gate_free(&g);
}

Test(risk_parent, filled_closes_and_counts_an_execution) {
    gate g = gate_with(10);
    trd_limit l = limit_of(TRD_LIMIT_EXECUTIONS, TRD_LIMIT_TAG, 1);
    l.window = 10;
    gate_set(&g, &l);
    child(&g, 1, 10);
    cr_assert(eq(int, trd_risk_filled(g.k, 1, 0, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_filled(g.k, 1, -1, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_risk_filled(g.k, 0, 1, 0), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_filled(g.k, 2, 1, 0), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_filled(g.k, RIG_ORDERS + 1, 1, 0), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_filled(g.k, 1, 11, 0), TRD_E_RANGE));
    fill(&g, 1, 2);
    OK(g.r, release, 1, 3);
    cr_assert(eq(int, trd_risk_filled(g.k, 1, 3, 9), 1)); /* the second within the window */
    const trd_parent p = parent(&g);
    cr_assert(eq(i64, p.executed, 5));
    cr_assert(eq(i64, p.open, 5));
    gate_free(&g);
}

Test(risk_parent, is_told_as_it_was_declared) {
    gate g = gate_with(10);
    trd_limit sells = parent_of(7);
    sells.tag = OTHER;
    sells.account = B;
    sells.instrument = OPT;
    sells.side = TRD_SELL;
    gate_set(&g, &sells);
    trd_parent p;
    cr_assert(eq(int, trd_risk_parent(g.k, B, OTHER, &p), TRD_OK));
    cr_assert(eq(i64, p.qty, 7));
    cr_assert(eq(u32, p.instrument, OPT));
    cr_assert(eq(u32, p.side, TRD_SELL));
    cr_assert(eq(int, trd_risk_parent(g.k, A, OTHER, &p), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_parent(g.k, B, PARENT, &p), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_parent(g.k, 99, PARENT, &p), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_parent(g.k, A, 0, &p), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_risk_parent(g.k, A, PARENT, NULL), TRD_E_ARG));
    gate_free(&g);
}

/* --- splits ----------------------------------------------------------------------------------- */

/* One lot for three: 100 / 3 = 33, 40 / 3 = 13. Then three for one. */
Test(risk_parent, a_split_rounds_down) {
    gate g = gate_with(100);
    trd_limit other = parent_of(100);
    other.tag = OTHER;
    other.instrument = SPOT;
    gate_set(&g, &other);
    child(&g, 1, 40);
    fill(&g, 1, 40);
    trd__parents_split(g.k, FUT, 1, 3);
    cr_assert(eq(i64, parent(&g).qty, 33));
    expect(&g, 13, 0, 20);
    trd__parents_split(g.k, FUT, 3, 1);
    cr_assert(eq(i64, parent(&g).qty, 99));
    expect(&g, 39, 0, 60);
    trd_parent p;
    cr_assert(eq(int, trd_risk_parent(g.k, A, OTHER, &p), TRD_OK));
    cr_assert(eq(i64, p.qty, 100));
    gate_free(&g);
}

Test(risk_parent, a_split_stays_within_the_range) {
    gate g = gate_with(((trd_qty)1 << 62) - 1);
    trd__parents_split(g.k, FUT, 1 << 20, 1);
    cr_assert(eq(i64, parent(&g).qty, ((trd_qty)1 << 62) - 1));
    gate_free(&g);
}

/* --- audit ------------------------------------------------------------------------------------ */

#define SEEN(field, damage)                                                                        \
    do {                                                                                           \
        __typeof__(field) kept_ = (field);                                                         \
        (field) = (damage);                                                                        \
        cr_expect(trd_risk_audit(g.k) < 0, #field " = " #damage);                                  \
        (field) = kept_;                                                                           \
        cr_assert(eq(int, trd_risk_audit(g.k), TRD_OK));                                           \
    } while (0)

Test(risk_parent, audit_sees_damage) {
    gate g = gate_with(10);
    trd_limit l = parent_of(5);
    l.tag = OTHER;
    gate_set(&g, &l);
    child(&g, 1, 6);
    gate_order(&g, 2, A, TRD_SELL, 5, 100);
    trd_risk_order *order = trd__risk_order(g.k, 0);
    trd_risk_parent_row *row = trd__risk_parent(g.k, order->parent);
    SEEN(row->open, 5);
    SEEN(row->open, -6);
    SEEN(row->executed, -1);
    SEEN(row->qty, -1);
    SEEN(row->qty, (trd_qty)1 << 62);
    SEEN(row->side, TRD_SELL);
    SEEN(row->side, 0);
    SEEN(row->account, B);
    SEEN(row->instrument, SPOT);
    SEEN(row->instrument, 8);
    SEEN(row->id, 0);
    SEEN(row->id, OTHER);
    SEEN(order->parent, 0);
    SEEN(order->parent, 2);
    SEEN(order->parent, 3);
    SEEN(order->parent, 5);
    SEEN(order->is_child, 0);
    SEEN(order->is_child, 2);
    SEEN(g.k->parents, 3);
    SEEN(trd__risk_order(g.k, 1)->parent, 1);
    SEEN(trd__risk_order(g.k, 1)->is_child, 1);
    SEEN(g.k->parent_free, 0);
    SEEN(g.k->parent_free, 1);
    SEEN(g.k->parent_free, 5);
    SEEN(trd__risk_parent(g.k, 4)->next_free, 3);
    SEEN(trd__risk_parent(g.k, 3)->open, 1);
    SEEN(g.k->parent_map.count, 3);
    SEEN(g.k->limits, 0);
    gate_free(&g);
}

/* Nothing in the block is an address. */
Test(risk_parent, blocks_can_be_copied) {
    gate g = gate_with(10);
    child(&g, 1, 6);
    trd_risk *copy = (trd_risk *)aligned_alloc(TRD_RISK_ALIGN, g.size);
    memcpy(copy, g.k, g.size);
    memset(g.k, 0xa5, g.size);
    free(g.k);
    g.k = copy;
    expect(&g, 0, 6, 4);
    fill(&g, 1, 6);
    expect(&g, 6, 0, 4);
    gate_free(&g);
}

Test(risk_parent, reset_forgets_it) {
    gate g = gate_with(10);
    const trd_risk_def def = gate_def();
    trd_risk *fresh = trd_risk_init(aligned_alloc(TRD_RISK_ALIGN, g.size), &def);
    const trd_ask ask = child_of(1);
    const trd_verdict passed = {.has_value = 1};
    trd_ask entered = ask;
    entered.order = 1;
    cr_assert(eq(int, trd_risk_passed(g.k, &entered, &passed), TRD_OK));
    trd_risk_reset(g.k);
    cr_assert(memcmp(g.k, fresh, g.size) == 0);
    trd_parent p;
    cr_assert(eq(int, trd_risk_parent(g.k, A, PARENT, &p), TRD_E_UNKNOWN));
    free(fresh);
    gate_free(&g);
}
