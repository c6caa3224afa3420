/* test_tracker_names.c - names of one hash: a collision of 64 bits cannot be made by hand, so here
 * the tables of the tracker are compiled with a hash that is the same for all names. */
#include "core/hash.h"

/* The tables, instead of those of the library. */
static inline uint64_t one_hash(const void *data, size_t size, uint64_t seed) {
    (void)data;
    (void)size;
    return seed;
}
#define trd__hash one_hash
#include "oms/table.c"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

enum { FILLS = 6 };

static trd_tracker *tracker_new(void) {
    trd_tracker_def def = trd_tracker_def_default();
    def.orders_max = 4;
    def.requests_max = 4;
    def.fills_max = FILLS;
    def.positions_max = 4;
    def.accounts_max = 2;
    trd_tracker *t = trd_tracker_create(&def);
    cr_assert(t != NULL);
    return t;
}

static trd_report report(uint8_t kind, uint64_t venue_id, uint64_t trade_id) {
    return (trd_report){.kind = kind,
        .channel = TRD_CHANNEL_STREAM,
        .side = TRD_BUY,
        .px = 100,
        .qty = 100,
        .flags = TRD_REPORT_HAS_TERMS,
        .fill_qty = 1,
        .venue_id = trd_name_of_number(venue_id),
        .trade_id = trade_id != 0 ? trd_name_of_number(trade_id) : (trd_name){{0}}};
}

static trd_outcome tell(trd_tracker *t, const trd_report *r) {
    trd_outcome out;
    cr_assert(eq(int, trd_tracker_report(t, r, &out), TRD_OK));
    cr_assert(eq(int, trd_tracker_audit(t), TRD_OK));
    return out;
}

Test(tracker_names, trade_ids_of_one_hash_are_different_fills) {
    trd_tracker *t = tracker_new();
    for (uint64_t trade = 1; trade <= FILLS; trade++) {
        const trd_report r = report(TRD_REPORT_FILL, 1, trade);
        cr_assert(eq(i64, tell(t, &r).cum, (trd_qty)trade));
    }
    for (uint64_t trade = 1; trade <= FILLS; trade++) {
        const trd_report r = report(TRD_REPORT_FILL, 1, trade);
        cr_assert(eq(i64, tell(t, &r).cum_delta, 0));
    }
}

/* The first of a chain goes, then one from its middle: the window forgets in the order of making,
 * the chain is in another. */
Test(tracker_names, forgetting_one_of_a_hash_keeps_the_others) {
    trd_tracker *t = tracker_new();
    for (uint64_t trade = 1; trade <= FILLS * 3; trade++) {
        const trd_report r = report(TRD_REPORT_FILL, 1, trade);
        tell(t, &r);
        for (uint64_t known = trade > FILLS ? trade - FILLS + 1 : 1; known <= trade; known++) {
            const trd_report again = report(TRD_REPORT_FILL, 1, known);
            cr_assert(eq(i64, tell(t, &again).cum_delta, 0));
        }
    }
}

Test(tracker_names, ids_of_one_hash_are_different_orders) {
    trd_tracker *t = tracker_new();
    trd_order orders[4];
    for (uint64_t id = 0; id < 4; id++) {
        const trd_report r = report(TRD_REPORT_NEW, id + 1, 0);
        orders[id] = tell(t, &r).order;
    }
    const trd_account_key account = {0, 0};
    for (uint64_t id = 0; id < 4; id++) {
        const trd_name name = trd_name_of_number(id + 1);
        cr_assert(eq(u64, trd_tracker_find_venue_id(t, &account, &name), orders[id]));
    }
    const trd_report gone = report(TRD_REPORT_CANCELED, 2, 0);
    tell(t, &gone);
    const trd_report next = report(TRD_REPORT_NEW, 9, 0); /* in the place of 2 */
    tell(t, &next);
    const trd_name name = trd_name_of_number(2);
    cr_assert(eq(u64, trd_tracker_find_venue_id(t, &account, &name), 0));
}
