/* test_memory.c - what a matcher for 1,000 instruments and 350,000 orders costs in memory, and that
 * it holds what it promises in that memory: every order, wherever its price is. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <tradsys/tradsys.h>

#include "book/store.h"
#include "core/map.h"

enum { INSTRUMENTS = 1000, ORDERS = 350000, IDS = 350000, MEGABYTES_100 = 100000000 };

static trd_event events[64];

static trd_match_def def_of(uint32_t orders) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = INSTRUMENTS;
    def.orders_max = orders;
    def.ids_max = IDS;
    return def;
}

/* Executes a command; returns its first event. */
static trd_event send(trd_match *match, const trd_command *command) {
    trd_out out = {.events = events, .capacity = 64};
    cr_assert(eq(int, trd_match_step(match, command, &out), TRD_OK));
    cr_assert(out.count > 0);
    return events[0];
}

/* Odd orders sell above zero and even ones buy below it; neighbours of a side are far from each
 * other and fall into no order: a price is a scrambled number of 40 bits. */
static trd_command order(uint64_t id) {
    const unsigned side = (unsigned)(id / INSTRUMENTS % 2) + 1;
    const trd_px away = (trd_px)(id * UINT64_C(0x9e3779b97f4a7c15) >> 24) + 1;
    return (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .instrument = (uint32_t)(id % INSTRUMENTS),
        .account = (uint32_t)(id % 97),
        .u.order = {.client_id = id,
            .px = side == TRD_BUY ? -away : away,
            .qty = 1,
            .side = (uint8_t)side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
}

static trd_match *full_match(void) {
    const trd_match_def def = def_of(ORDERS);
    trd_match *match = trd_match_create(&def);
    cr_assert(match != NULL);
    for (int i = 0; i < INSTRUMENTS; i++) {
        trd_instrument spec = trd_instrument_default();
        spec.symbol[0] = 'X';
        spec.px_min = -((trd_px)1 << 41);
        spec.px_max = (trd_px)1 << 41;
        spec.qty_max = 1000;
        cr_assert(eq(int, trd_match_add(match, &spec), i));
    }
    for (uint64_t id = 0; id < ORDERS; id++) {
        const trd_command command = order(id);
        cr_assert(eq(uint, send(match, &command).kind, TRD_EVENT_ACCEPTED));
    }
    return match;
}

Test(memory, a_thousand_instruments_with_350000_orders_and_ids_take_less_than_100_mb) {
    const trd_match_def def = def_of(ORDERS);
    const size_t size = trd_match_footprint(&def);
    cr_assert(size > 0);
    cr_assert(size < MEGABYTES_100, "footprint %zu", size);
}

/* What one more order costs is its record and, for the worst case of a price of its own, a level
 * and its place in the tree, and a place in the id map. The first is 64 bytes. */
Test(memory, a_resting_order_takes_64_bytes_beside_map_and_levels) {
    enum { MORE = 100000 };
    const trd_match_def few = def_of(ORDERS);
    const trd_match_def many = def_of(ORDERS + MORE);
    const size_t more = trd_match_footprint(&many) - trd_match_footprint(&few);
    const uint64_t trees = INSTRUMENTS * 2;
    const size_t tree =
        (trd__far_capacity(ORDERS + MORE, trees) - trd__far_capacity(ORDERS, trees)) *
        sizeof(trd_far_node);
    const size_t map =
        (size_t)(trd__map_buckets(ORDERS + MORE + IDS + 1) - trd__map_buckets(ORDERS + IDS + 1)) *
        TRD_MAP_WAYS * sizeof(trd_map_slot);
    const size_t levels = (size_t)MORE * sizeof(trd_queue);
    cr_assert(more > tree + map + levels);
    /* Regions begin on a line each: a few lines belong to nobody. */
    cr_assert(more - tree - map - levels <= (size_t)MORE * 64 + 10 * TRD_LINE,
        "%zu bytes per order", (more - tree - map - levels) / MORE);
}

Test(memory, all_orders_rest_at_widely_spread_prices_and_one_more_is_refused) {
    trd_match *match = full_match();
    trd_match_stats stats;
    trd_match_stats_get(match, &stats);
    cr_assert(eq(u32, stats.orders, ORDERS));
    cr_assert(eq(u32, stats.instruments, INSTRUMENTS));
    cr_assert(stats.levels > ORDERS / 100 * 99, "prices meet too often: %u levels", stats.levels);
    cr_assert(stats.far_levels > ORDERS / 100 * 90, "not spread: %u far", stats.far_levels);
    const trd_command one_more = order(ORDERS);
    const trd_event refused = send(match, &one_more);
    cr_assert(eq(uint, refused.kind, TRD_EVENT_REJECTED));
    cr_assert(eq(uint, refused.reason, TRD_REJECT_NO_CAPACITY));
    cr_assert(eq(int, trd_match_audit(match), TRD_OK));
    trd_match_destroy(match);
}

Test(memory, all_orders_end_and_their_ids_are_remembered) {
    trd_match *match = full_match();
    for (uint64_t id = 0; id < ORDERS; id++) {
        const trd_command command = {.kind = TRD_COMMAND_CANCEL,
            .slots = 1,
            .instrument = (uint32_t)(id % INSTRUMENTS),
            .account = (uint32_t)(id % 97),
            .u.cancel = {.target = id}};
        cr_assert(eq(uint, send(match, &command).kind, TRD_EVENT_CANCELED));
    }
    trd_match_stats stats;
    trd_match_stats_get(match, &stats);
    cr_assert(eq(u32, stats.orders, 0));
    cr_assert(eq(u32, stats.levels, 0));
    cr_assert(eq(u64, stats.ids_forgotten, 0));
    for (uint64_t id = 0; id < ORDERS; id += 1000) {
        const trd_command again = order(id + id / 1000);
        const trd_event refused = send(match, &again);
        cr_assert(eq(uint, refused.kind, TRD_EVENT_REJECTED));
        cr_assert(eq(uint, refused.reason, TRD_REJECT_DUPLICATE_ID));
    }
    cr_assert(eq(int, trd_match_audit(match), TRD_OK));
    trd_match_destroy(match);
}
