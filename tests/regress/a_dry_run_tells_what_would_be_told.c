/* The event of a dry run has the fields of the one that the order would cause (event.h): `qty` is
 * the total, executed lots included, and `client_id` is the one that is valid from then on. A dry
 * run of a REPLACE told the open lots, the handle that it was named by, and the old id; that of an
 * order that is cut to a position told the lots behind the cut. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/tradsys.h>

#include "engine_rig.h"

/* ALICE bids for 10 at 1.00 and has got 4 of them. */
static trd_order partly_filled(rig *r) {
    rig_init(r);
    deposit(r, ALICE, USD, 10000);
    deposit(r, BOB, SHARE, 1000);
    good(r, order(r, ALICE, SPOT, TRD_BUY, 10, 100));
    const trd_order handle = r->events[0].u.order.order;
    good(r, order(r, BOB, SPOT, TRD_SELL, 4, 100));
    return handle;
}

static trd_command replace_of(uint64_t target, unsigned flags) {
    return (trd_command){.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .flags = (uint16_t)flags,
        .account = ALICE,
        .instrument = SPOT,
        .u.replace = {.target = target, .px = 101, .qty = 12}};
}

/* The dry run tells these terms; what is carried out tells the same. */
static void tells(rig *r, trd_command c, unsigned kind, const trd_ev_order *terms) {
    trd_command dry = c;
    dry.flags |= TRD_COMMAND_DRY_RUN;
    for (int done = 0; done <= 1; done++) {
        cr_assert(eq(int, send(r, done ? c : dry), TRD_OK));
        const trd_event *e = &r->events[0];
        cr_assert(eq(u8, e->kind, kind), "%s", trd_reject_text(e->reason));
        cr_assert(eq(u16, e->flags & TRD_EVENT_DRY_RUN, done ? 0 : TRD_EVENT_DRY_RUN));
        cr_assert(eq(u64, e->u.order.client_id, terms->client_id));
        cr_assert(eq(i64, e->u.order.px, terms->px));
        cr_assert(eq(i64, e->u.order.qty, terms->qty));
        cr_assert(done || e->u.order.order == terms->order);
        cr_assert(done || r->out.count == 1);
    }
}

Test(regress, a_dry_run_counts_lots_that_are_executed) {
    rig r;
    const trd_order handle = partly_filled(&r);
    tells(&r, replace_of(1, 0), TRD_EVENT_REPLACED,
        &(trd_ev_order){.client_id = 1, .order = handle, .px = 101, .qty = 12});
    trd_command same = replace_of(1, TRD_COMMAND_KEEP_PX | TRD_COMMAND_KEEP_QTY);
    same.u.replace.px = 0;
    same.u.replace.qty = 0;
    tells(&r, same, TRD_EVENT_REPLACED,
        &(trd_ev_order){.client_id = 1, .order = handle, .px = 101, .qty = 12});
    trd_command ends = replace_of(1, 0);
    ends.u.replace.qty = 3; /* below the 4 that it has */
    tells(&r, ends, TRD_EVENT_REPLACED,
        &(trd_ev_order){.client_id = 1, .order = handle, .px = 101, .qty = 4});
    rig_fini(&r);
}

/* ALICE's own offer takes 3 lots off her bid: DECREMENT. */
Test(regress, a_dry_run_counts_lots_that_were_prevented) {
    rig r;
    const trd_order handle = partly_filled(&r);
    trd_command sells = order(&r, ALICE, SPOT, TRD_SELL, 3, 100);
    sells.u.order.stp = TRD_STP_DECREMENT;
    cr_assert(eq(int, send(&r, sells), TRD_OK));
    tells(&r, replace_of(1, 0), TRD_EVENT_REPLACED,
        &(trd_ev_order){.client_id = 1, .order = handle, .px = 101, .qty = 12});
    rig_fini(&r);
}

Test(regress, a_dry_run_tells_the_id_that_would_be_valid) {
    rig r;
    const trd_order handle = partly_filled(&r);
    tells(&r, replace_of(handle, TRD_COMMAND_BY_HANDLE), TRD_EVENT_REPLACED,
        &(trd_ev_order){.client_id = 1, .order = handle, .px = 101, .qty = 12});
    trd_command renamed = replace_of(1, TRD_COMMAND_NEW_ID);
    renamed.u.replace.client_id = 77;
    tells(&r, renamed, TRD_EVENT_REPLACED,
        &(trd_ev_order){.client_id = 77, .order = handle, .px = 101, .qty = 12});
    rig_fini(&r);
}

/* ALICE has bought 5 futures: of 8 to be sold REDUCE_ONLY the command's 8 are told, then the cut.
 */
Test(regress, a_dry_run_tells_the_lots_of_the_command) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 10000);
    deposit(&r, BOB, USD, 10000);
    set_mark(&r, 100);
    good(&r, order(&r, BOB, FUTURE, TRD_SELL, 5, 100));
    good(&r, order(&r, ALICE, FUTURE, TRD_BUY, 5, 100));
    trd_command sells = order(&r, ALICE, FUTURE, TRD_SELL, 8, 100);
    sells.u.order.exec = TRD_EXEC_REDUCE_ONLY;
    tells(&r, sells, TRD_EVENT_ACCEPTED, &(trd_ev_order){.client_id = r.id, .px = 100, .qty = 8});
    rig_fini(&r);
}
