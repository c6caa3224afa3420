/* test_vet.c - trd_match_vet: what it says of an order before it is one. That it says what step
 * then does is shown by the differential test, for every NEW and REPLACE of its lives. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "draw.h"
#include "match/form.h"
#include "match/state.h"

enum { ROOM = 64 };

typedef struct rig {
    trd_match *match;
    trd_event events[ROOM];
    trd_out out;
} rig;

static void rig_init(rig *r) {
    trd_match_def def = trd_match_def_default();
    trd_instrument spec = trd_instrument_default();
    def.orders_max = 16;
    def.specials_max = 16;
    def.ids_max = 16;
    def.positions_max = 8;
    def.groups_max = 4;
    spec.symbol[0] = 'X';
    spec.qty_max = 100;
    r->match = trd_match_create(&def);
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    cr_assert(ne(ptr, r->match, NULL));
    cr_assert(eq(int, trd_match_add(r->match, &spec), 0));
}

static void rig_fini(rig *r) {
    cr_assert(eq(int, trd_match_audit(r->match), TRD_OK));
    trd_match_destroy(r->match);
}

static trd_command order(uint64_t id, unsigned side, trd_px px, trd_qty qty) {
    return (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = 7,
        .u.order = {.client_id = id,
            .px = px,
            .qty = qty,
            .side = (uint8_t)side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
}

static void send(rig *r, const trd_command *command) {
    r->out.count = 0;
    cr_assert(eq(int, trd_match_step(r->match, command, &r->out), TRD_OK));
}

Test(vet, a_good_order_passes_and_is_described) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    const trd_command c = order(1, TRD_SELL, 105, 9);
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), 0));
    cr_assert(eq(u64, v.order, 0));
    cr_assert(eq(u32, v.account, 7));
    cr_assert(eq(u32, v.instrument, 0));
    cr_assert(eq(u8, v.side, TRD_SELL));
    cr_assert(eq(u8, v.has_px, 1));
    cr_assert(eq(i64, v.px, 105));
    cr_assert(eq(i64, v.leaves, 9));
    cr_assert(eq(u8, v.waits, 0));
    cr_assert(eq(u8, v.reduces, 0));
    rig_fini(&r);
}

Test(vet, nothing_is_done) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    trd_match_stats before;
    trd_match_stats after;
    const trd_command c = order(1, TRD_BUY, 100, 5);
    trd_match_stats_get(r.match, &before);
    for (int i = 0; i < 100; i++) { /* more often than there is room for orders */
        cr_assert(eq(int, trd_match_vet(r.match, &c, &v), 0));
    }
    trd_match_stats_get(r.match, &after);
    cr_assert(eq(u64, after.commands, before.commands));
    cr_assert(eq(u64, after.events, before.events));
    cr_assert(eq(u32, after.orders, 0));
    cr_assert(eq(u64, trd_match_find(r.match, 7, 1), 0));
    rig_fini(&r);
}

Test(vet, a_reason_leaves_the_description_as_it_was) {
    rig r;
    rig_init(&r);
    trd_vetted v = {.leaves = 77};
    const trd_command large = order(1, TRD_BUY, 100, 101);
    cr_assert(eq(int, trd_match_vet(r.match, &large, &v), TRD_REJECT_QTY_MAX));
    cr_assert(eq(i64, v.leaves, 77));
    rig_fini(&r);
}

Test(vet, a_full_book_has_no_room) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    for (uint64_t id = 1; id <= 16; id++) {
        const trd_command c = order(id, TRD_BUY, 100, 5);
        send(&r, &c);
    }
    const trd_command c = order(17, TRD_BUY, 100, 5);
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), TRD_REJECT_NO_CAPACITY));
    rig_fini(&r);
}

Test(vet, a_replace_names_its_order_and_what_will_be_open) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    const trd_command bid = order(1, TRD_BUY, 100, 10);
    const trd_command hit = order(2, TRD_SELL, 100, 4);
    send(&r, &bid);
    send(&r, &hit);
    trd_command c = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .account = 7,
        .u.replace = {.target = 1, .px = 101, .qty = 15}};
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), 0));
    cr_assert(eq(u64, v.order, trd_match_find(r.match, 7, 1)));
    cr_assert(eq(u8, v.side, TRD_BUY));
    cr_assert(eq(i64, v.px, 101));
    cr_assert(eq(i64, v.leaves, 11)); /* 15 less the 4 that were executed */
    c.u.replace.qty = 4;
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), 0));
    cr_assert(eq(i64, v.leaves, 0)); /* it would end */
    c.u.replace.target = 9;
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), TRD_REJECT_UNKNOWN_ORDER));
    rig_fini(&r);
}

Test(vet, a_market_order_has_the_band_as_its_bound) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    trd_profile profile = trd_profile_default();
    profile.band_action = TRD_BAND_CANCEL;
    profile.band_source = TRD_SOURCE_MARK;
    profile.band_below = 1000; /* 10 % */
    profile.band_above = 2000;
    cr_assert(eq(int, trd_match_configure(r.match, 0, &profile), TRD_OK));
    trd_command c = order(1, TRD_BUY, 0, 5);
    c.u.order.type = TRD_TYPE_MARKET;
    c.u.order.tif = TRD_TIF_IOC;
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), 0));
    cr_assert(eq(u8, v.has_px, 0));
    cr_assert(eq(u8, v.has_bound, 0)); /* no reference yet */
    const trd_command mark = {
        .kind = TRD_COMMAND_PRICE, .slots = 1, .u.price = {.px = 1000, .source = TRD_SOURCE_MARK}};
    send(&r, &mark);
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), 0));
    cr_assert(eq(u8, v.has_bound, 1));
    cr_assert(eq(i64, v.bound, 1200));
    c.u.order.side = TRD_SELL;
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), 0));
    cr_assert(eq(i64, v.bound, 900));
    rig_fini(&r);
}

/* A record of two slots. */
typedef struct two {
    trd_command base;
    union {
        trd_ext_prices prices;
        trd_ext_link link;
    } ext;
} two;

Test(vet, a_stop_waits) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    two c = {.base = order(1, TRD_BUY, 111, 5)};
    c.base.slots = 2;
    c.base.u.order.type = TRD_TYPE_STOP_LIMIT;
    c.ext.prices = (trd_ext_prices){.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = 110,
        .source = TRD_SOURCE_LAST};
    cr_assert(eq(int, trd_match_vet(r.match, &c.base, &v), 0));
    cr_assert(eq(u8, v.waits, 1));
    cr_assert(eq(u8, v.has_px, 1));
    cr_assert(eq(i64, v.px, 111));
    rig_fini(&r);
}

Test(vet, a_peg_may_execute_up_to_its_cap_or_to_the_end_of_all_prices) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    two c = {.base = order(1, TRD_BUY, 0, 5)};
    c.base.slots = 2;
    c.base.u.order.type = TRD_TYPE_PEGGED;
    c.ext.prices = (trd_ext_prices){.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET | TRD_PRICES_CAP,
        .peg = TRD_PEG_BEST,
        .offset_unit = TRD_OFFSET_TICKS,
        .cap = 130};
    cr_assert(eq(int, trd_match_vet(r.match, &c.base, &v), 0));
    cr_assert(eq(u8, v.has_px, 0));
    cr_assert(eq(u8, v.has_bound, 1));
    cr_assert(eq(i64, v.bound, 130));
    c.ext.prices.flags = TRD_PRICES_OFFSET;
    c.ext.prices.cap = 0;
    cr_assert(eq(int, trd_match_vet(r.match, &c.base, &v), 0));
    cr_assert(eq(i64, v.bound, 1000000000)); /* px_max */
    c.base.u.order.side = TRD_SELL;
    cr_assert(eq(int, trd_match_vet(r.match, &c.base, &v), 0));
    cr_assert(eq(i64, v.bound, 1)); /* px_min */
    rig_fini(&r);
}

Test(vet, an_amended_market_order_for_an_auction_may_execute_up_to_the_end_of_all_prices) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    const trd_command opening = {
        .kind = TRD_COMMAND_SESSION, .slots = 1, .u.session = {.state = TRD_SESSION_OPENING}};
    send(&r, &opening);
    trd_command c = order(1, TRD_BUY, 0, 5);
    c.u.order.type = TRD_TYPE_MARKET;
    c.u.order.tif = TRD_TIF_AT_OPEN;
    send(&r, &c);
    const trd_command fewer = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .flags = TRD_COMMAND_KEEP_PX,
        .account = c.account,
        .u.replace = {.target = 1, .qty = 4}};
    cr_assert(eq(int, trd_match_vet(r.match, &fewer, &v), 0));
    cr_assert(eq(i64, v.leaves, 4));
    cr_assert(eq(u8, v.has_bound, 1));
    cr_assert(eq(i64, v.bound, 1000000000)); /* px_max */
    rig_fini(&r);
}

Test(
    vet, an_order_that_closes_the_position_and_is_triggered_at_entry_has_the_lots_of_the_position) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    const trd_command bid = order(1, TRD_BUY, 100, 6);
    trd_command hit = order(1, TRD_SELL, 100, 6);
    hit.account = 8;
    send(&r, &bid);
    send(&r, &hit);
    two c = {.base = order(2, TRD_SELL, 0, 0)};
    c.base.slots = 2;
    c.base.u.order.type = TRD_TYPE_STOP;
    c.base.u.order.exec = TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION;
    c.ext.prices = (trd_ext_prices){.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = 90,
        .source = TRD_SOURCE_LAST};
    cr_assert(eq(int, trd_match_vet(r.match, &c.base, &v), 0));
    cr_assert(eq(u8, v.waits, 1));
    cr_assert(eq(i64, v.leaves, 0));
    c.ext.prices.trigger = 100; /* the last price */
    cr_assert(eq(int, trd_match_vet(r.match, &c.base, &v), 0));
    cr_assert(eq(u8, v.waits, 0));
    cr_assert(eq(i64, v.leaves, 6));
    rig_fini(&r);
}

Test(vet, a_reduce_only_order_has_what_it_may_reduce) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    trd_command bid = order(1, TRD_BUY, 100, 6);
    trd_command hit = order(1, TRD_SELL, 100, 6);
    hit.account = 8;
    send(&r, &bid);
    send(&r, &hit);
    trd_command c = order(2, TRD_SELL, 120, 10);
    c.u.order.exec = TRD_EXEC_REDUCE_ONLY;
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), 0));
    cr_assert(eq(u8, v.reduces, 1));
    cr_assert(eq(i64, v.leaves, 6));
    c.account = 8;
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), TRD_REJECT_REDUCE_ONLY));
    rig_fini(&r);
}

Test(vet, a_leg_is_judged_by_itself) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    two c = {.base = order(1, TRD_BUY, 100, 5)};
    c.base.slots = 2;
    c.base.flags = TRD_COMMAND_STAGED;
    c.ext.link = (trd_ext_link){.kind = TRD_EXT_ORDER_LINK,
        .link = 5,
        .tag = 99,
        .leg = 1,
        .legs = 3,
        .relation = TRD_RELATION_OTO};
    cr_assert(eq(int, trd_match_vet(r.match, &c.base, &v), 0));
    cr_assert(eq(u8, v.child, 0));
    cr_assert(eq(u64, v.tag, 99));
    c.ext.link.leg = 2;
    cr_assert(eq(int, trd_match_vet(r.match, &c.base, &v), 0));
    cr_assert(eq(u8, v.child, 1));
    c.ext.link.leg = 4;
    cr_assert(eq(int, trd_match_vet(r.match, &c.base, &v), TRD_REJECT_LINK));
    rig_fini(&r);
}

Test(vet, other_commands_are_not_judged) {
    rig r;
    rig_init(&r);
    trd_vetted v = {.leaves = 77};
    const trd_command c = {.kind = TRD_COMMAND_CANCEL, .slots = 1, .u.cancel = {.target = 5}};
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), 0));
    cr_assert(eq(i64, v.leaves, 0));
    rig_fini(&r);
}

Test(vet, a_record_that_is_none_has_its_reason) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    trd_command c = order(1, TRD_BUY, 100, 5);
    c.slots = 0;
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), TRD_REJECT_MALFORMED));
    c.slots = 200;
    cr_assert(eq(int, trd_match_vet(r.match, &c, &v), TRD_REJECT_MALFORMED));
    rig_fini(&r);
}

Test(vet, it_is_busy_while_a_command_is_pending_and_when_timers_are_due) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    two c = {.base = order(1, TRD_BUY, 100, 5)};
    c.base.slots = 2;
    c.base.u.order.tif = TRD_TIF_GTD;
    c.ext.link =
        (trd_ext_link){.kind = TRD_EXT_ORDER_LINK, .flags = TRD_LINK_EXPIRY, .expiry = 1000};
    send(&r, &c.base);
    trd_command late = order(2, TRD_BUY, 100, 5);
    late.time = 1000;
    cr_assert(eq(int, trd_match_vet(r.match, &late, &v), TRD_E_BUSY));
    const trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1, .time = 1000};
    send(&r, &timer);
    cr_assert(eq(int, trd_match_vet(r.match, &late, &v), 0));

    for (uint64_t id = 10; id < 20; id++) {
        const trd_command offer = order(id, TRD_SELL, 100, 5);
        send(&r, &offer);
    }
    const trd_command sweep = order(30, TRD_BUY, 100, 50);
    r.out = (trd_out){.events = r.events, .capacity = TRD_OUT_MIN};
    cr_assert(eq(int, trd_match_step(r.match, &sweep, &r.out), TRD_MORE));
    cr_assert(eq(int, trd_match_vet(r.match, &late, &v), TRD_E_BUSY));
    int result = TRD_MORE;
    while (result == TRD_MORE) {
        r.out.count = 0;
        result = trd_match_step(r.match, NULL, &r.out);
    }
    cr_assert(eq(int, result, TRD_OK));
    rig_fini(&r);
}

Test(vet, nothing_is_an_argument) {
    rig r;
    rig_init(&r);
    trd_vetted v;
    const trd_command c = order(1, TRD_BUY, 100, 5);
    cr_assert(eq(int, trd_match_vet(NULL, &c, &v), TRD_E_ARG));
    cr_assert(eq(int, trd_match_vet(r.match, NULL, &v), TRD_E_ARG));
    cr_assert(eq(int, trd_match_vet(r.match, &c, NULL), TRD_E_ARG));
    rig_fini(&r);
}

/* --- vetted, then entered --------------------------------------------------------------------- */

enum { TWINS_IDS = 60, TWINS_ORDERS = 10 };

/* A plain order, good or not: too much, off the prices, an id that lives, nobody, nowhere. */
static trd_command plain_order(trd_rng *rng) {
    trd_command c = order((uint64_t)draw_in(rng, 1, TWINS_IDS),
        (unsigned)draw_in(rng, TRD_BUY, TRD_SELL), draw_in(rng, 96, 104), draw_in(rng, 1, 12));
    c.u.order.tif = (uint8_t)draw_in(rng, TRD_TIF_GTC, TRD_TIF_FOK);
    if (c.u.order.tif == TRD_TIF_GTC && draw_chance(rng, 30)) {
        c.u.order.exec = TRD_EXEC_POST_ONLY;
    }
    c.instrument = draw_chance(rng, 3);
    c.account = draw_chance(rng, 3) ? UINT32_MAX : c.account;
    c.u.order.px = draw_chance(rng, 3) ? 0 : c.u.order.px;
    c.u.order.qty = draw_chance(rng, 3) ? 101 : c.u.order.qty;
    return c;
}

static void twins_cancel(trd_match *one, trd_match *other, uint64_t id) {
    trd_event events[ROOM];
    trd_out out = {.events = events, .capacity = ROOM};
    const trd_command c = {
        .kind = TRD_COMMAND_CANCEL, .slots = 1, .account = 7, .u.cancel.target = id};
    cr_assert(eq(int, trd_match_step(one, &c, &out), TRD_OK));
    out.count = 0;
    cr_assert(eq(int, trd_match_step(other, &c, &out), TRD_OK));
}

/* What was vetted by trd__entrant_vet is what trd_match_vet says, and what is entered with that is
 * what trd_match_step does: the same events, the same matcher. */
Test(vet, an_order_that_was_vetted_enters_as_one_that_was_not) {
    trd_rng rng = draw_seeded(1);
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 1;
    def.orders_max = TWINS_ORDERS;
    def.ids_max = 8;
    def.accounts_max = 8;
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    spec.qty_max = 100;
    const size_t size = trd_match_footprint(&def);
    trd_match *one = trd_match_init(aligned_alloc(TRD_MATCH_ALIGN, size), &def);
    trd_match *other = trd_match_init(aligned_alloc(TRD_MATCH_ALIGN, size), &def);
    cr_assert(one != NULL && other != NULL);
    cr_assert(eq(int, trd_match_add(one, &spec), 0));
    cr_assert(eq(int, trd_match_add(other, &spec), 0));
    unsigned met[256] = {0};
    for (int i = 0; i < 20000; i++) {
        trd_event by_step[ROOM], by_enter[ROOM];
        trd_out step = {.events = by_step, .capacity = ROOM};
        trd_out enter = {.events = by_enter, .capacity = ROOM};
        const trd_command c = plain_order(&rng);
        trd_vetted said, found;
        trd_entrant entrant;
        cr_assert(trd__form_plain(&c));
        const int reason = trd_match_vet(one, &c, &said);
        cr_assert(eq(int, (int)trd__entrant_vet(other, &c, &entrant, &found), reason));
        met[reason]++;
        if (reason == 0) {
            cr_assert(memcmp(&said, &found, sizeof(said)) == 0);
            cr_assert(eq(int, trd_match_step(one, &c, &step), TRD_OK));
            cr_assert(eq(int, trd__entrant_enter(other, &c, &entrant, &enter), TRD_OK));
            cr_assert(eq(u32, enter.count, step.count));
            cr_assert(memcmp(by_step, by_enter, step.count * sizeof(by_step[0])) == 0);
        }
        if (draw_chance(&rng, 10)) {
            twins_cancel(one, other, (uint64_t)draw_in(&rng, 1, TWINS_IDS));
        }
        cr_assert(i % 64 != 0 || memcmp(one, other, size) == 0);
    }
    static const unsigned reasons[] = {0, TRD_REJECT_DUPLICATE_ID, TRD_REJECT_UNKNOWN_INSTRUMENT,
        TRD_REJECT_UNKNOWN_ACCOUNT, TRD_REJECT_PRICE_LIMIT, TRD_REJECT_QTY_MAX,
        TRD_REJECT_POST_ONLY, TRD_REJECT_NO_CAPACITY};
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        cr_expect(met[reasons[i]] >= 10, "%s", trd_reject_text(reasons[i]));
    }
    cr_assert(eq(int, trd_match_audit(other), TRD_OK));
    free(one);
    free(other);
}
