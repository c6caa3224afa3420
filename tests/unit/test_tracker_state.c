/* test_tracker_state.c - the audit of the tracker sees damage: each rule of a sound tracker, broken
 * by hand. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "oms/state.h"

enum { ORDERS = 4, REQUESTS = 4, FILLS = 8 };

static trd_outcome out;

static void ask(trd_tracker *t, trd_request r) {
    cr_assert(eq(int, trd_tracker_request(t, &r, &out), TRD_OK));
}

static void say(trd_tracker *t, trd_report r) {
    r.channel = TRD_CHANNEL_STREAM;
    r.flags |= TRD_REPORT_HAS_CLIENT_ID;
    cr_assert(eq(int, trd_tracker_report(t, &r, &out), TRD_OK));
}

/* Slot 0: open, partially filled, by the id of a replace that was accepted, another one and a
 * cancel pending, a third rejected. Slot 1: canceled, with a fill. Slot 2: not used. */
static trd_tracker *tracker_new(void) {
    trd_tracker_def def = trd_tracker_def_default();
    def.orders_max = ORDERS;
    def.requests_max = REQUESTS;
    def.fills_max = FILLS;
    def.positions_max = 4;
    def.accounts_max = 2;
    trd_tracker *t = trd_tracker_create(&def);
    cr_assert(t != NULL);
    for (uint64_t id = 1; id <= 2; id++) {
        ask(t,
            (trd_request){.kind = TRD_REQUEST_SUBMIT, .client_id = id, .qty = 10, .side = TRD_BUY});
        say(t, (trd_report){.kind = TRD_REPORT_FILL,
                   .client_id = id,
                   .fill_qty = 3,
                   .trade_id = trd_name_of_number(id),
                   .venue_id = trd_name_of_number(100 + id)});
    }
    say(t, (trd_report){.kind = TRD_REPORT_CANCELED, .client_id = 2});
    for (uint64_t id = 3; id <= 5; id++) {
        ask(t, (trd_request){.kind = TRD_REQUEST_REPLACE,
                   .target = 1,
                   .client_id = id,
                   .qty = 20,
                   .flags = TRD_REQUEST_HAS_ID});
    }
    ask(t, (trd_request){.kind = TRD_REQUEST_CANCEL, .target = 1});
    say(t, (trd_report){.kind = TRD_REPORT_REPLACED, .client_id = 3});
    say(t, (trd_report){.kind = TRD_REPORT_REPLACE_REJECTED, .client_id = 4});
    cr_assert(eq(int, trd_tracker_audit(t), TRD_OK));
    return t;
}

#define SEES(what)                                                                                 \
    do {                                                                                           \
        trd_tracker *t = tracker_new();                                                            \
        what;                                                                                      \
        cr_assert(trd_tracker_audit(t) < 0, #what);                                                \
        trd_tracker_destroy(t);                                                                    \
    } while (0)

Test(tracker_state, the_audit_sees_damaged_orders) {
    SEES(trd__track(t, 0)->side = 0);
    SEES(trd__track(t, 0)->position = 1);
    SEES(trd__track(t, 0)->qty = 0);
    SEES(trd__track(t, 0)->qty_high = 1);
    SEES(trd__track(t, 0)->cum = -1);
    SEES(trd__track(t, 0)->cum++);
    SEES(trd__track(t, 0)->named++);
    SEES(trd__track(t, 0)->base = TRD_STATE_CANCELED);
    SEES(trd__track(t, 1)->base = TRD_STATE_NEW);
    SEES(trd__track(t, 1)->flags |= ORDER_MISSING);
    SEES(trd__track(t, 0)->not_found = 3);
    SEES(trd__track(t, 0)->timer = 0);
    SEES(trd__track(t, 0)->current = trd__own_client(1));
    SEES(trd__track(t, 0)->cancels++);
    SEES(trd__track(t, 0)->replaces--);
    SEES(trd__track(t, 0)->generation++);
}

Test(tracker_state, the_audit_sees_damaged_ids) {
    SEES(trd__id(t, trd__own_client(0))->kind = ID_VENUE);
    SEES(trd__id(t, trd__own_venue(0))->kind = ID_UNUSED);
    SEES(trd__id(t, trd__own_client(2))->kind = ID_CLIENT);
    SEES(trd__id(t, trd__own_client(0))->key.hash++);
    SEES(trd__id(t, trd__own_venue(0))->key.name.text[0]++);
    SEES(trd__id(t, trd__own_venue(0))->order = 0);
    SEES(trd__id(t, trd__track(t, 0)->current)->retired = 1);
    SEES(trd__id(t, trd__track(t, 0)->pending_first)->state = ID_ACCEPTED);
    SEES(trd__id(t, trd__track(t, 0)->pending_first)->retired = 1);
    SEES(trd__id(t, trd__track(t, 0)->pending_first)->prev = 0);
    SEES(trd__id(t, trd__track(t, 0)->pending_first)->number += 10);
    SEES(trd__id(t, trd__track(t, 0)->pending_first)->kind = ID_CANCEL);
    SEES(trd__id(t, t->retired.first)->retired = 0);
    SEES(trd__id(t, t->retired.first)->keyed = 0);
    SEES(trd__id(t, t->retired.first)->prev = 0);
    SEES(trd__id(t, t->retired.first)->state = ID_PENDING);
}

Test(tracker_state, the_audit_sees_damaged_fills_and_positions) {
    SEES(trd__fill(t, 0)->qty++);
    SEES(trd__fill(t, 0)->qty = -1);
    SEES(trd__fill(t, 0)->busted = 1);
    SEES(trd__fill(t, 0)->order = 0);
    SEES(trd__fill(t, 0)->position = 1);
    SEES(trd__fill(t, 0)->side = TRD_SELL);
    SEES(trd__fill(t, 0)->key.name.text[0]++);
    SEES(trd__fill(t, 5)->used = 1);
    SEES(trd__position(t, 0)->qty++);
    SEES(trd__position(t, 0)->adjusted++);
    SEES(trd__position(t, 0)->loose++);
    SEES(trd__position(t, 0)->account = 1);
    SEES(trd__position(t, 0)->instrument = 1);
    SEES(trd__account(t, 0)->venue++);
}

Test(tracker_state, the_audit_sees_damaged_lists) {
    SEES(t->open.count++);
    SEES(t->open.last = 1);
    SEES(t->ended.count--);
    SEES(t->ended.first = 0);
    SEES(t->retired.count++);
    SEES(t->retired.last = TRD_NONE);
    SEES(t->pending++);
    SEES(trd__track(t, 0)->prev = 1);
    SEES(trd__track(t, 0)->pending_last = TRD_NONE);
    SEES(trd__track(t, 0)->flags |= ORDER_ENDED);
    SEES(t->map.count++);
    SEES(t->open.first = UINT32_MAX / 2);
    SEES(t->retired.first = UINT32_MAX / 2);
    SEES(trd__track(t, 0)->next = UINT32_MAX / 2);
    SEES(trd__track(t, 0)->current = UINT32_MAX / 2);
    SEES(trd__track(t, 0)->pending_first = UINT32_MAX / 2);
    SEES(trd__track(t, 0)->position = UINT32_MAX / 2);
    SEES(trd__pool_release(trd__orders_pool(t), 1));
    SEES(trd__pool_alloc(trd__orders_pool(t)));
    SEES(trd__pool_release(trd__ids_pool(t), 0));
    SEES(trd__orders_pool(t)->count++);
    SEES(trd__ids_pool(t)->count++);
    SEES(trd__wheel_cancel(trd__tracker_wheel(t), trd__track(t, 0)->timer));
}
