/* test_liquidation_engine.c - liquidation as a part of the engine: definitions, client ids, room,
 * what is counted, what a reset leaves. */
#include "liquidation_rig.h"

#include <stdlib.h>

enum { TRIGGER = 2714141 };

/* --- definitions ------------------------------------------------------------------------------ */

static bool can_be_made(const world *w, void (*change)(trd_engine_def *, rig_parts *)) {
    rig_parts parts;
    trd_engine_def def = rig_def(&parts, w);
    if (change != NULL) {
        change(&def, &parts);
    }
    const size_t size = trd_engine_footprint(&def);
    trd_engine *engine = trd_engine_create(&def);
    cr_assert(eq(int, engine != NULL, size != 0));
    trd_engine_destroy(engine);
    return size != 0;
}

static void without_monitor(trd_engine_def *def, rig_parts *parts) {
    (void)parts;
    def->monitor = NULL;
}

static void without_both(trd_engine_def *def, rig_parts *parts) {
    without_monitor(def, parts);
    def->liquidation = NULL;
}

static void exempts_nobody(trd_engine_def *def, rig_parts *parts) {
    (void)def;
    parts->monitor.exempt = 0;
}

static void exempts_another(trd_engine_def *def, rig_parts *parts) {
    (void)def;
    parts->monitor.exempt = FUND + 2;
}

static void without_positions(trd_engine_def *def, rig_parts *parts) {
    (void)def;
    parts->match.positions_max = 0;
}

static void without_specials(trd_engine_def *def, rig_parts *parts) {
    (void)def;
    parts->match.specials_max = 0;
}

static void other_accounts(trd_engine_def *def, rig_parts *parts) {
    (void)def;
    parts->monitor.accounts_max++;
}

static void other_instruments(trd_engine_def *def, rig_parts *parts) {
    (void)def;
    parts->monitor.instruments_max++;
}

static void other_balances(trd_engine_def *def, rig_parts *parts) {
    (void)def;
    parts->monitor.balances_max++;
}

static void other_positions(trd_engine_def *def, rig_parts *parts) {
    (void)def;
    parts->monitor.positions_max++;
}

static void bad_monitor(trd_engine_def *def, rig_parts *parts) {
    (void)def;
    parts->monitor.call_ppm = 999999;
}

Test(liquidation_engine, parts_that_do_not_go_together_make_no_engine) {
    const world w = world_usual();
    cr_assert(can_be_made(&w, NULL));
    cr_assert(can_be_made(&w, without_both));
    void (*const bad[])(trd_engine_def *, rig_parts *) = {without_monitor, exempts_nobody,
        exempts_another, without_positions, without_specials, other_accounts, other_instruments,
        other_balances, other_positions, bad_monitor};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert(can_be_made(&w, bad[i]) == false, "%zu", i);
    }
}

Test(liquidation_engine, each_term_has_its_range) {
    const world usual = world_usual();
    const struct {
        size_t field;
        uint32_t low;
        uint32_t high;
    } fields[] = {{offsetof(trd_liquidation, target_ppm), 1000000, 10000000},
        {offsetof(trd_liquidation, fee_ppm), 0, 100000},
        {offsetof(trd_liquidation, step_pct), 1, 100},
        {offsetof(trd_liquidation, orders_max), 1, 1000},
        {offsetof(trd_liquidation, fund), 0, ACCOUNTS - 1},
        {offsetof(trd_liquidation, struct_size), sizeof(trd_liquidation), sizeof(trd_liquidation)}};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const uint32_t values[4] = {
            fields[i].low, fields[i].high, fields[i].high + 1, fields[i].low - 1};
        for (int k = 0; k < 4; k++) {
            world w = usual;
            memcpy((char *)&w.terms + fields[i].field, &values[k], sizeof(uint32_t));
            cr_assert(eq(int, can_be_made(&w, NULL), k < 2), "field %zu value %u", i, values[k]);
        }
    }
}

Test(liquidation_engine, without_a_monitor_there_is_none) {
    rig_parts parts;
    const world w = world_usual();
    trd_engine_def def = rig_def(&parts, &w);
    without_both(&def, &parts);
    trd_engine *engine = trd_engine_create(&def);
    cr_assert(trd_engine_monitor(engine) == NULL);
    trd_engine_destroy(engine);
    rig r;
    rig_init(&r, &w);
    cr_assert(trd_engine_monitor(r.engine) != NULL);
    rig_fini(&r);
}

/* --- levels without liquidation --------------------------------------------------------------- */

Test(liquidation_engine, without_terms_of_liquidation_levels_are_told_and_nothing_is_done) {
    rig r;
    rig_parts parts;
    const world w = world_usual();
    trd_engine_def def = rig_def(&parts, &w);
    def.liquidation = NULL;
    parts.monitor.alert_ppm = 90000;
    r = (rig){.engine = trd_engine_create(&def), .room = w.room};
    rig_assets(&r);
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_engine_fees(r.engine, &fees), 0));
    rig_instruments(&r, &w);
    rig_people(&r, &w);
    rig_long(&r);
    rig_mark(&r, PERP, TRIGGER); /* 2,858.59 of 30,000.00 are more than 9 % */
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_LIQUIDATION), 0));
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_MARGIN), 2));
    const trd_event *alert = rig_event(&r, TRD_EVENT_MARGIN, 0);
    cr_assert(eq(u8, alert->reason, TRD_CHANGE_ALERT));
    cr_assert(eq(u8, alert->status, 1));
    cr_assert(eq(u8, alert->u.margin.former, 0));
    cr_assert(eq(u32, alert->account, A));
    cr_assert(eq(u32, alert->instrument, PERP));
    cr_assert(eq(i64, alert->u.margin.equity, -2858590));
    cr_assert(eq(i64, alert->u.margin.maintenance, 30000000));
    cr_assert(eq(i64, alert->u.margin.mark, TRIGGER));
    rig_level(&r, 1, A, TRD_MARGIN_LIQUIDATE, TRD_MARGIN_FINE);
    rig_lots(&r, A, PERP, TRD_POSITION_NET, 10);
    /* Ids of the engine are nobody's without orders of the engine. */
    trd_command c = rig_order(&r, C, PERP, TRD_BUY, 1, 2600000);
    c.u.order.client_id = UINT64_MAX;
    rig_good(&r, c);
    rig_fini(&r);
}

/* --- client ids ------------------------------------------------------------------------------- */

static void is_refused(rig *r, trd_command c, unsigned kind, unsigned reason) {
    rig_send(r, &c);
    cr_assert(eq(u32, r->count, 1));
    cr_assert(eq(u8, r->events[0].kind, kind));
    cr_assert(eq(u8, r->events[0].reason, reason));
}

Test(liquidation_engine, client_ids_of_the_engine_are_taken) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    const uint64_t first = UINT64_MAX - UINT32_MAX;
    trd_command c = rig_order(&r, C, PERP, TRD_BUY, 1, 2600000);
    c.u.order.client_id = first;
    is_refused(&r, c, TRD_EVENT_REJECTED, TRD_REJECT_DUPLICATE_ID);
    c.u.order.px = 0; /* stands before what is wrong with the price, and behind what it is */
    is_refused(&r, c, TRD_EVENT_REJECTED, TRD_REJECT_DUPLICATE_ID);
    c.u.order.side = 3;
    is_refused(&r, c, TRD_EVENT_REJECTED, TRD_REJECT_BAD_SIDE);
    c.u.order.side = TRD_BUY;
    c.u.order.px = 2600000;
    c.u.order.client_id = first - 1;
    rig_good(&r, c);
    trd_command replace = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .flags = TRD_COMMAND_NEW_ID | TRD_COMMAND_KEEP_QTY,
        .account = C,
        .u.replace = {.target = first - 1, .client_id = UINT64_MAX, .px = 2600001}};
    is_refused(&r, replace, TRD_EVENT_REPLACE_REJECTED, TRD_REJECT_DUPLICATE_ID);
    replace.u.replace.client_id = 1000;
    rig_send(&r, &replace);
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REPLACED));
    rig_fini(&r);
}

Test(liquidation_engine, ids_that_must_rise_are_not_moved_by_orders_of_the_engine) {
    rig r;
    world w = world_usual();
    w.id_mode = TRD_IDS_ASCENDING;
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, C, PERP, 1, TRIGGER);
    rig_mark(&r, PERP, TRIGGER);
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_FILL), 2));
    rig_deposit(&r, A, USD, 10000000);
    rig_bid(&r, A, PERP, 1, 2000);
    rig_fini(&r);
}

Test(liquidation_engine, each_order_of_the_engine_has_an_id_of_its_own) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, C, PERP, 10, 2600000);
    rig_mark(&r, PERP, TRIGGER);
    for (uint32_t i = 0; i < 3; i++) {
        const trd_event *e = rig_event(&r, TRD_EVENT_ACCEPTED, i);
        cr_assert(eq(u64, e->u.order.client_id, UINT64_MAX - UINT32_MAX + i));
    }
    rig_fini(&r);
}

/* --- what is counted -------------------------------------------------------------------------- */

Test(liquidation_engine, orders_of_the_engine_count_as_no_messages_and_no_executions) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_long(&r);
    for (unsigned limit = TRD_LIMIT_MESSAGES; limit <= TRD_LIMIT_EXECUTIONS; limit++) {
        if (limit != TRD_LIMIT_MESSAGES && limit != TRD_LIMIT_EXECUTIONS) {
            continue;
        }
        trd_command c = {.kind = TRD_COMMAND_LIMIT,
            .slots = 1,
            .account = A,
            .u.limit = {.action = TRD_LIMIT_SET,
                .limit = (uint16_t)limit,
                .scope = TRD_LIMIT_ACCOUNT,
                .value = 1,
                .window = 1000,
                .burst = limit == TRD_LIMIT_MESSAGES}};
        rig_send(&r, &c);
        cr_assert(eq(u32, r.count, 0));
    }
    rig_bid(&r, C, PERP, 10, 2700000);
    rig_mark(&r, PERP, 2705000);
    cr_assert(rig_count(&r, TRD_EVENT_FILL) >= 4);
    rig_deposit(&r, A, USD, 10000000);
    rig_bid(&r, A, PERP, 1, 2000000); /* the first message; and nothing has latched */
    rig_fini(&r);
}

/* --- no room in the market -------------------------------------------------------------------- */

/* All orders that there may be rest: the engine's would be one too many. */
Test(liquidation_engine, an_order_that_the_market_has_no_room_for_is_not_sent) {
    rig r;
    world w = world_usual();
    w.orders_max = 4;
    rig_init(&r, &w);
    rig_long(&r);
    for (int i = 0; i < 4; i++) {
        rig_bid(&r, C, PERP, 1, 2600000);
    }
    rig_mark(&r, PERP, TRIGGER);
    POOL_STEPS(&r, TAKEOVER(PERP, TRD_SELL, 10, 2700000), DONE(0));
    cr_assert(eq(u32, rig_count(&r, TRD_EVENT_REJECTED), 0));
    rig_fini(&r);
}

/* --- room of the output ----------------------------------------------------------------------- */

/* All that a mark can do to four accounts: orders end, lots are sold, a stop is elected, accounts
 * give lots up, and orders that reduced them are cut. */
static uint32_t all_steps(uint32_t room, trd_event *events) {
    rig r;
    world w = world_usual();
    w.terms.fee_ppm = 1000;
    w.fee_ppb = 500000;
    w.profile.band_action = TRD_BAND_CANCEL;
    w.profile.band_source = TRD_SOURCE_MARK;
    w.profile.band_below = 500;
    w.profile.band_above = 10000;
    rig_init(&r, &w);
    rig_open(&r, 6, TRD_MODE_ISOLATED, false);
    rig_deposit(&r, 6, USD, 5000000);
    rig_deposit(&r, A, USD, 3100000);
    rig_deal(&r, A, B, PERP, 10, 3000000);
    rig_deal(&r, 6, B, PERP, 5, 3000000);
    rig_bid(&r, A, PERP, 1, 1000000);
    rig_bid(&r, A, MINI, 1, 100);
    for (int i = 0; i < 3; i++) {
        rig_bid(&r, C, PERP, 1, 2580000 + i);
    }
    trd_command c = rig_order(&r, B, PERP, TRD_BUY, 15, 2000000);
    c.u.order.exec = TRD_EXEC_REDUCE_ONLY;
    rig_good(&r, c);
    trd_command stop[2] = {rig_order(&r, D, PERP, TRD_SELL, 1, 2500000)};
    stop[0].slots = 2;
    stop[0].u.order.type = TRD_TYPE_STOP_LIMIT;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = 2590000,
        .source = TRD_SOURCE_LAST};
    memcpy(&stop[1], &prices, sizeof(prices));
    rig_send(&r, stop);
    r.room = room;
    rig_mark(&r, PERP, 2600000);
    memcpy(events, r.events, r.count * sizeof(trd_event));
    const uint32_t count = r.count;
    rig_fini(&r);
    return count;
}

Test(liquidation_engine, the_events_do_not_depend_on_the_room) {
    static trd_event whole[EVENTS];
    static trd_event parts[EVENTS];
    const uint32_t count = all_steps(1024, whole);
    uint32_t seen = 0;
    uint32_t kinds = 0;
    for (uint32_t i = 0; i < count; i += whole[i].slots) {
        cr_assert(eq(u64, whole[i].seq, whole[0].seq + i));
        seen |= whole[i].kind == TRD_EVENT_LIQUIDATION ? 1u << whole[i].reason : 0;
        kinds |= 1u << whole[i].kind;
    }
    const uint32_t steps = 1u << TRD_STEP_CANCEL | 1u << TRD_STEP_REDUCE | 1u << TRD_STEP_FEE |
                           1u << TRD_STEP_DELEVERAGE | 1u << TRD_STEP_DONE;
    cr_assert(eq(u32, seen & steps, steps));
    const uint32_t told = 1u << TRD_EVENT_TRIGGERED | 1u << TRD_EVENT_RESTATED |
                          1u << TRD_EVENT_FILL | 1u << TRD_EVENT_MARGIN;
    cr_assert(eq(u32, kinds & told, told));
    for (uint32_t room = TRD_ENGINE_OUT_MIN; room < 220; room++) {
        cr_assert(eq(u32, all_steps(room, parts), count), "room %u", room);
        cr_assert(eq(int, memcmp(whole, parts, count * sizeof(trd_event)), 0), "room %u", room);
    }
}

/* --- as new ----------------------------------------------------------------------------------- */

static void sells_one(rig *r, const world *w) {
    rig_people(r, w);
    rig_long(r);
    rig_bid(r, C, PERP, 1, TRIGGER);
    rig_mark(r, PERP, TRIGGER);
    POOL_STEPS(r, REDUCE(PERP, TRD_SELL, 1, 1), FEE(PERP, TRD_SELL, 1, 0), DONE(0));
    cr_assert(
        eq(u64, rig_event(r, TRD_EVENT_ACCEPTED, 0)->u.order.client_id, UINT64_MAX - UINT32_MAX));
}

Test(liquidation_engine, a_reset_in_the_middle_leaves_nothing_of_it) {
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    rig_long(&r);
    rig_bid(&r, A, MINI, 1, 100);
    rig_bid(&r, C, PERP, 10, 2600000);
    trd_command c = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = PERP,
        .u.price = {.px = TRIGGER, .source = TRD_SOURCE_MARK}};
    r.count = 0;
    r.room = TRD_ENGINE_OUT_MIN;
    cr_assert(eq(int, rig_part(&r, &c), TRD_MORE));
    cr_assert(eq(int, rig_part(&r, &c), TRD_E_BUSY));
    r.room = w.room;
    trd_engine_reset(r.engine);
    cr_assert(eq(int, trd_engine_audit(r.engine), TRD_OK));
    sells_one(&r, &w);
    trd_engine_reset(r.engine);
    sells_one(&r, &w);
    rig_fini(&r);
}

/* The block can be moved between any two calls. */
Test(liquidation_engine, a_liquidation_goes_on_in_another_place) {
    static trd_event whole[EVENTS];
    rig r;
    rig_parts parts;
    const world w = world_usual();
    const trd_engine_def def = rig_def(&parts, &w);
    const size_t size = trd_engine_footprint(&def);
    uint32_t count = 0;
    for (int moves = 0; moves <= 1; moves++) {
        rig_init(&r, &w);
        rig_long(&r);
        rig_bid(&r, A, MINI, 1, 100);
        rig_bid(&r, C, PERP, 10, 2600000);
        r.count = 0;
        r.room = moves ? TRD_ENGINE_OUT_MIN : w.room;
        trd_command c = {.kind = TRD_COMMAND_PRICE,
            .slots = 1,
            .instrument = PERP,
            .u.price = {.px = TRIGGER, .source = TRD_SOURCE_MARK}};
        trd_engine *home = r.engine;
        int result = rig_part(&r, &c);
        while (result == TRD_MORE) {
            void *other = aligned_alloc(TRD_ENGINE_ALIGN, size);
            memcpy(other, r.engine, size);
            memset((void *)r.engine, 0xa5, r.engine == home ? 0 : size);
            if (r.engine != home) {
                free((void *)r.engine);
            }
            r.engine = other;
            result = rig_part(&r, NULL);
        }
        cr_assert(eq(int, result, TRD_OK));
        cr_assert(eq(int, trd_engine_audit(r.engine), TRD_OK));
        if (!moves) {
            memcpy(whole, r.events, r.count * sizeof(trd_event));
            count = r.count;
        } else {
            cr_assert(r.engine != home);
            free((void *)r.engine);
        }
        trd_engine_destroy(home);
    }
    cr_assert(eq(u32, r.count, count));
    cr_assert(eq(int, memcmp(whole, r.events, count * sizeof(trd_event)), 0));
}
