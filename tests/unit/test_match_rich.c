/* test_match_rich.c - the long way where a scenario does not reach: many timers at one time, what
 * is asked while a command is pending, and what the audit sees in trees, positions and groups. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "match/rich.h"

enum { SLOTS = 512, ORDERS = 128, UNTIL = 5000, LATER = 9000 };

static trd_event events[SLOTS];

/* Without positions an instrument is quiet while its special orders wait. */
static trd_match *match_of(uint32_t positions) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 1;
    def.orders_max = ORDERS;
    def.ids_max = ORDERS;
    def.specials_max = ORDERS;
    def.positions_max = positions;
    def.groups_max = 2;
    def.allocates = 1;
    trd_match *match = trd_match_create(&def);
    cr_assert(match != NULL);
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    cr_assert(eq(int, trd_match_add(match, &spec), 0));
    return match;
}

static trd_match *match_new(void) {
    return match_of(4);
}

static trd_command limit(uint32_t account, uint64_t id, unsigned side, trd_px px, trd_qty qty) {
    return (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = account,
        .u.order = {.client_id = id,
            .px = px,
            .qty = qty,
            .side = (uint8_t)side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
}

/* Executes a record whole; returns how many events it caused. */
static uint32_t send(trd_match *match, const trd_command *record) {
    trd_out out = {.events = events, .capacity = SLOTS};
    cr_assert(eq(int, trd_match_step(match, record, &out), TRD_OK));
    return out.count;
}

static void enter(
    trd_match *match, uint32_t account, uint64_t id, unsigned side, trd_px px, trd_qty qty) {
    const trd_command record = limit(account, id, side, px, qty);
    cr_assert(lt(u32, 0, send(match, &record)));
    cr_assert(eq(uint, events[0].kind, TRD_EVENT_ACCEPTED));
}

static void last(trd_match *match, trd_px px) {
    const trd_command record = {
        .kind = TRD_COMMAND_PRICE, .slots = 1, .u.price = {.px = px, .source = TRD_SOURCE_LAST}};
    cr_assert(eq(u32, send(match, &record), 0));
}

/* --- timers --- */

/* More than a wheel sorts in at once (TRD_WHEEL_STEPS): the command goes on all the same, and each
 * order expires at its time, in the order in which they came. */
Test(match_rich, orders_that_expire_together_do_so_by_time_of_entry_however_many) {
    trd_match *match = match_new();
    const trd_ext_link link = {
        .kind = TRD_EXT_ORDER_LINK, .flags = TRD_LINK_EXPIRY, .expiry = UNTIL};
    for (uint64_t id = 1; id <= ORDERS; id++) {
        trd_command record[2] = {limit(1, id, TRD_BUY, 100 - (trd_px)(id % 7), 1)};
        record[0].slots = 2;
        record[0].u.order.tif = TRD_TIF_GTD;
        memcpy(&record[1], &link, sizeof(link));
        cr_assert(eq(u32, send(match, record), 1));
    }
    const trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1, .time = LATER};
    cr_assert(eq(u32, send(match, &timer), ORDERS));
    for (uint64_t i = 0; i < ORDERS; i++) {
        cr_assert(eq(uint, events[i].kind, TRD_EVENT_CANCELED));
        cr_assert(eq(uint, events[i].reason, TRD_CAUSE_EXPIRED));
        cr_assert(eq(i64, events[i].time, UNTIL));
        cr_assert(eq(u64, events[i].u.cancel.client_id, i + 1));
    }
    cr_assert(eq(int, trd_match_audit(match), TRD_OK));
    trd_match_destroy(match);
}

/* --- while a command is pending --- */

/* A sell that trails the last price 110 by 10 is touched at 100. It keeps that trigger while the
 * buyer who touched it goes on to 120, which would have moved it to 110; then it is released. */
Test(match_rich, a_touched_trail_shows_its_trigger_until_it_is_elected) {
    trd_match *match = match_new();
    last(match, 110);
    trd_command trail[2] = {limit(1, 1, TRD_SELL, 0, 1)};
    trail[0].slots = 2;
    trail[0].u.order.type = TRD_TYPE_TRAILING_STOP;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET,
        .source = TRD_SOURCE_LAST,
        .offset_unit = TRD_OFFSET_TICKS,
        .offset = 10};
    memcpy(&trail[1], &prices, sizeof(prices));
    cr_assert(eq(u32, send(match, trail), 1));
    const trd_order order = trd_match_find(match, 1, 1);
    enter(match, 2, 1, TRD_SELL, 100, 1);
    enter(match, 2, 2, TRD_SELL, 120, 1);
    enter(match, 2, 3, TRD_SELL, 120, 1);

    const trd_command buy = limit(3, 1, TRD_BUY, 120, 3);
    trd_out out = {.events = events, .capacity = TRD_OUT_MIN};
    int result = trd_match_step(match, &buy, &out);
    trd_px px = 0;
    int touched = 0;
    while (result == TRD_MORE) {
        trd_order_info info;
        px = events[0].kind == TRD_EVENT_FILL ? events[0].u.fill.px : px;
        if (trd_match_order(match, order, &info) == TRD_OK) {
            cr_assert(eq(uint, info.where, TRD_WHERE_WAITING));
            cr_assert(eq(i64, info.trigger, 100));
            touched += px == 120;
        }
        out = (trd_out){.events = events, .capacity = TRD_OUT_MIN};
        result = trd_match_step(match, NULL, &out);
    }
    cr_assert(eq(int, result, TRD_OK));
    cr_assert(lt(int, 0, touched));
    cr_assert(eq(u64, trd_match_find(match, 1, 1), 0));
    trd_match_destroy(match);
}

/* Steps a command on, eight slots at a time, and audits the matcher where it stops. */
static void audit_while_pending(trd_match *match, const trd_command *record) {
    trd_out out = {.events = events, .capacity = TRD_OUT_MIN};
    int result = trd_match_step(match, record, &out);
    int stops = 0;
    while (result == TRD_MORE) {
        cr_assert(eq(int, trd_match_audit(match), TRD_OK));
        stops++;
        out = (trd_out){.events = events, .capacity = TRD_OUT_MIN};
        result = trd_match_step(match, NULL, &out);
    }
    cr_assert(eq(int, result, TRD_OK));
    cr_assert(lt(int, 0, stops));
    cr_assert(eq(int, trd_match_audit(match), TRD_OK));
}

/* What a book with a waiting stop knows of its best prices is made up at the end of a command. */
Test(match_rich, the_audit_holds_while_a_command_about_a_quiet_book_is_pending) {
    trd_match *match = match_of(0);
    trd_command stop[2] = {limit(1, 1, TRD_SELL, 0, 1)};
    stop[0].slots = 2;
    stop[0].u.order.type = TRD_TYPE_STOP;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .source = TRD_SOURCE_LAST,
        .trigger = 10};
    memcpy(&stop[1], &prices, sizeof(prices));
    cr_assert(eq(u32, send(match, stop), 1));
    for (trd_px px = 101; px <= 120; px++) {
        enter(match, 2, (uint64_t)px, TRD_SELL, px, 1);
    }
    const trd_command buy = limit(3, 1, TRD_BUY, 110, 10);
    audit_while_pending(match, &buy);
    const trd_command cancels = {.kind = TRD_COMMAND_MASS_CANCEL,
        .slots = 1,
        .account = 2,
        .u.mass = {.filter = TRD_MASS_ACCOUNT}};
    audit_while_pending(match, &cancels);
    trd_match_destroy(match);
}

/* The lots on both sides of a crossing that is kept follow each order that is canceled. */
Test(match_rich, the_audit_holds_while_a_command_about_a_call_is_pending) {
    trd_match *match = match_new();
    const trd_command subscribe = {
        .kind = TRD_COMMAND_SUBSCRIBE, .slots = 1, .u.subscribe = {.publish = TRD_PUBLISH_AUCTION}};
    send(match, &subscribe);
    const trd_command opening = {
        .kind = TRD_COMMAND_SESSION, .slots = 1, .u.session = {.state = TRD_SESSION_OPENING}};
    send(match, &opening);
    for (trd_px px = 101; px <= 110; px++) {
        enter(match, 1, (uint64_t)px, TRD_BUY, px, 1);
        enter(match, 2, (uint64_t)px, TRD_SELL, px, 1);
    }
    const trd_command cancels = {.kind = TRD_COMMAND_MASS_CANCEL,
        .slots = 1,
        .account = 2,
        .u.mass = {.filter = TRD_MASS_ACCOUNT}};
    audit_while_pending(match, &cancels);
    trd_match_destroy(match);
}

/* --- allocation --- */

/* Percents of lead makers may begin at any row. 10 lots for two orders of 10: 40 percent are 4 for
 * the lead maker, then the rest, 6, goes pro rata to what is open, 10 and 6: 3 and 2, and the odd
 * lot to the first. */
Test(match_rich, the_last_row_of_lead_makers_alone_is_a_rule) {
    trd_match *match = match_new();
    trd_profile profile = trd_profile_default();
    profile.allocation = TRD_ALLOCATE_PRORATA;
    profile.lead[TRD_LEAD_MAKERS_MAX - 1] = (trd_lead_maker){.account = 2, .percent = 40};
    cr_assert(eq(int, trd_match_configure(match, 0, &profile), TRD_OK));
    enter(match, 1, 1, TRD_SELL, 100, 10);
    enter(match, 2, 1, TRD_SELL, 100, 10);
    enter(match, 3, 1, TRD_BUY, 100, 10);
    cr_assert(eq(i64, events[1].u.fill.qty, 4));
    cr_assert(eq(i64, events[3].u.fill.qty, 6));
    trd_match_destroy(match);
}

/* --- audit --- */

/* Changes a number of a sound matcher: the audit sees it, and nothing else when it is put back. */
#define BREAK(place, value)                                                                        \
    do {                                                                                           \
        const __typeof__(place) kept = (place);                                                    \
        (place) = (__typeof__(place))(value);                                                      \
        cr_expect(lt(int, trd_match_audit(match), 0), #place " = " #value);                        \
        (place) = kept;                                                                            \
        cr_assert(eq(int, trd_match_audit(match), TRD_OK));                                        \
    } while (0)

Test(match_rich, the_audit_sees_a_hidden_order_that_its_price_does_not_count) {
    trd_match *match = match_new();
    trd_command record = limit(1, 1, TRD_BUY, 100, 5);
    record.u.order.exec = TRD_EXEC_HIDDEN;
    cr_assert(eq(u32, send(match, &record), 1));
    trd_node *node = trd__order(match, trd__id_find(match, 1, 1));
    cr_assert(eq(i64, node->leaves, 5));
    BREAK(node->leaves, 6);
    trd_match_destroy(match);
}

Test(match_rich, the_audit_sees_a_position_of_nobody) {
    trd_match *match = match_new();
    enter(match, 1, 1, TRD_BUY, 100, 5);
    trd_pos_entry *entry =
        trd__pos_entry(&match->positions, trd__pos_find(&match->positions, 1, 0, TRD_POSITION_NET));
    cr_assert(eq(u32, entry->orders, 1));
    BREAK(entry->orders, 0);
    trd_match_destroy(match);
}

/* Leg `leg` of two that cancel each other. */
static void stage(trd_match *match, uint32_t account, uint8_t leg) {
    trd_command record[2] = {limit(account, leg, TRD_SELL, 110 + leg, 5)};
    const trd_ext_link link = {
        .kind = TRD_EXT_ORDER_LINK, .link = 7, .leg = leg, .legs = 2, .relation = TRD_RELATION_OCO};
    record[0].slots = 2;
    record[0].flags = leg == 1 ? TRD_COMMAND_STAGED : 0;
    memcpy(&record[1], &link, sizeof(link));
    cr_assert(eq(u32, send(match, record), leg == 1 ? 0 : 2));
}

Test(match_rich, the_audit_sees_groups_and_legs_that_disagree) {
    trd_match *match = match_new();
    stage(match, 1, 1);
    stage(match, 1, 2);
    stage(match, 2, 1); /* and waits for the second one */
    cr_assert(eq(u32, match->groups.count, 2));
    cr_assert(eq(u32, match->groups.staged, 1));
    trd_group *live = (trd_group *)trd__region(match, match->groups.rows_at) + 1;
    trd_group *staged = live + 1;
    cr_assert(eq(uint, live->live, 2));
    cr_assert(eq(uint, staged->staged, 1));
    trd_special *first = trd__special(match, live->legs[0].number);
    BREAK(live->legs[0].number, 0);
    BREAK(live->legs[0].number, live->legs[1].number);
    BREAK(live->legs[1].number, ORDERS + 1);
    BREAK(live->live, 3);
    BREAK(live->account, 2);
    BREAK(live->instrument, 1);
    BREAK(live->legs[1].granted, 1);
    BREAK(first->linked, 2);
    BREAK(first->linked, 0);
    BREAK(first->leg, 1);
    BREAK(staged->staged, 2);
    BREAK(staged->live, 1);
    BREAK(staged->account, 3);
    BREAK(staged->instrument, 1);
    BREAK(match->groups.count, 1);
    BREAK(match->groups.staged, 2);
    BREAK(match->groups.free, 1);
    trd_match_destroy(match);
}
