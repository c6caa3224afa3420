/* test_corporate.c - a split as the matcher sees it (corporate.h): what an engine never shows, or
 * not yet. Numbers are worked out from docs/reference/engine.md, "Splits". */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/tradsys.h>

#include "match/corporate.h"
#include "match/force.h"

enum { ROOM = 256 };

typedef struct rig {
    trd_match *match;
    trd_event events[ROOM];
    trd_out out;
    uint64_t id;
} rig;

static void rig_init_to(rig *r, const trd_profile *profile, trd_px px_max) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 2;
    def.orders_max = def.specials_max = 32;
    def.ids_max = 32;
    def.groups_max = 4;
    def.quotes_max = 4;
    def.positions_max = 8;
    def.allocates = 1;
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    spec.px_min = 0;
    spec.px_max = px_max;
    spec.qty_max = px_max <= 10000 ? 10000 : 64;
    spec.denominator = 64;
    *r = (rig){.match = trd_match_create(&def)};
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    cr_assert(ne(ptr, r->match, NULL));
    cr_assert(eq(int, trd_match_add(r->match, &spec), 0));
    cr_assert(eq(int, trd_match_add(r->match, &spec), 1));
    if (profile != NULL) {
        cr_assert(eq(int, trd_match_configure(r->match, 0, profile), TRD_OK));
    }
}

static void rig_init(rig *r, const trd_profile *profile) {
    rig_init_to(r, profile, 10000);
}

static void rig_fini(rig *r) {
    cr_assert(eq(int, trd_match_audit(r->match), TRD_OK));
    trd_match_destroy(r->match);
}

static void send(rig *r, const trd_command *c) {
    r->out.count = 0;
    cr_assert(eq(int, trd_match_step(r->match, c, &r->out), TRD_OK));
    cr_assert(eq(int, trd_match_audit(r->match), TRD_OK));
}

static trd_command order(rig *r, uint32_t account, unsigned side, trd_qty qty, trd_px px) {
    return (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = account,
        .u.order = {.client_id = ++r->id,
            .px = px,
            .qty = qty,
            .side = (uint8_t)side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
}

static uint64_t enter(rig *r, uint32_t account, unsigned side, trd_qty qty, trd_px px) {
    const trd_command c = order(r, account, side, qty, px);
    send(r, &c);
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_ACCEPTED));
    return r->id;
}

static uint64_t enter_with(rig *r, trd_command base, const void *extension) {
    trd_command c[2] = {base};
    c[0].slots = 2;
    memcpy(&c[1], extension, sizeof(c[1]));
    send(r, c);
    return base.u.order.client_id;
}

static void split(rig *r, uint32_t numerator, uint32_t denominator) {
    const trd_split_terms terms = {.numerator = numerator, .denominator = denominator};
    trd_split_walk walk;
    trd_split_order next;
    int what;
    r->out.count = 0;
    trd__split_begin(r->match, &walk, &terms);
    while ((what = trd__split_next(r->match, &walk, &next)) != TRD_SPLIT_OVER) {
        if (what == TRD_SPLIT_ORDER) {
            trd__split_apply(r->match, &r->out, &walk, &next, next.ends);
        }
        cr_assert(eq(int, trd_match_audit(r->match), TRD_OK));
    }
    trd__split_settle(r->match, &walk);
    cr_assert(eq(int, trd_match_step(r->match, NULL, &r->out), TRD_OK));
    cr_assert(eq(int, trd_match_audit(r->match), TRD_OK));
}

static trd_order_info info_of(const rig *r, uint32_t account, uint64_t id) {
    trd_order_info info = {0};
    cr_assert(
        eq(int, trd_match_order(r->match, trd_match_find(r->match, account, id), &info), TRD_OK));
    return info;
}

static trd_ext_prices trigger(unsigned source, trd_px px) {
    return (trd_ext_prices){.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = px,
        .source = (uint8_t)source};
}

/* A bought 10 at 100 first, and alone: it has bettered the market. Of 24 that are sold it gets all,
 * where shares by size would be 6 of its 30, and 18 of the 90 of B. */
Test(corporate, who_had_bettered_the_market_still_has) {
    rig r;
    trd_profile profile = trd_profile_default();
    profile.allocation = TRD_ALLOCATE_PRORATA;
    profile.top_max = 1000;
    rig_init(&r, &profile);
    const uint64_t a = enter(&r, 1, TRD_BUY, 10, 100);
    const uint64_t b = enter(&r, 2, TRD_BUY, 30, 100);
    split(&r, 3, 1);
    enter(&r, 3, TRD_SELL, 24, 33);
    cr_assert(eq(i64, info_of(&r, 1, a).leaves, 6));
    cr_assert(eq(i64, info_of(&r, 2, b).leaves, 90));
    rig_fini(&r);
}

/* Nobody was alone at the best price when he came: nobody has bettered the market by being moved.
 */
Test(corporate, nobody_betters_the_market_by_a_split) {
    rig r;
    trd_profile profile = trd_profile_default();
    profile.allocation = TRD_ALLOCATE_PRORATA;
    profile.top_max = 1000;
    rig_init(&r, &profile);
    const uint64_t first = enter(&r, 1, TRD_BUY, 1, 100);
    const uint64_t a = enter(&r, 1, TRD_BUY, 10, 100);
    const uint64_t b = enter(&r, 2, TRD_BUY, 30, 100);
    const trd_command cancel = {
        .kind = TRD_COMMAND_CANCEL, .slots = 1, .account = 1, .u.cancel = {.target = first}};
    send(&r, &cancel);
    split(&r, 3, 1);
    enter(&r, 3, TRD_SELL, 24, 33);
    cr_assert(eq(i64, info_of(&r, 1, a).leaves, 30 - 6));
    cr_assert(eq(i64, info_of(&r, 2, b).leaves, 90 - 18));
    rig_fini(&r);
}

/* Last 101 and mark 102 become 33 and 34: buy stops at 40 are not touched when they come, and a
 * trail of 3 below the last price begins at 30. */
Test(corporate, prices_that_were_seen_are_seen_in_new_ticks) {
    rig r;
    rig_init(&r, NULL);
    enter(&r, 1, TRD_SELL, 1, 101);
    enter(&r, 2, TRD_BUY, 1, 101);
    const trd_command mark = {
        .kind = TRD_COMMAND_PRICE, .slots = 1, .u.price = {.px = 102, .source = TRD_SOURCE_MARK}};
    send(&r, &mark);
    split(&r, 3, 1);
    static const unsigned sources[] = {TRD_SOURCE_LAST, TRD_SOURCE_MARK};
    for (int i = 0; i < 2; i++) {
        trd_command c = order(&r, 1, TRD_BUY, 1, 45);
        c.u.order.type = TRD_TYPE_STOP_LIMIT;
        const trd_ext_prices at = trigger(sources[i], 35);
        const uint64_t id = enter_with(&r, c, &at);
        cr_assert(eq(u8, info_of(&r, 1, id).where, TRD_WHERE_WAITING));
    }
    trd_command c = order(&r, 1, TRD_SELL, 1, 20);
    c.u.order.type = TRD_TYPE_TRAILING_STOP_LIMIT;
    const trd_ext_prices trail = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET,
        .source = TRD_SOURCE_LAST,
        .offset_unit = TRD_OFFSET_TICKS,
        .offset = 3};
    const uint64_t id = enter_with(&r, c, &trail);
    cr_assert(eq(i64, info_of(&r, 1, id).trigger, 30));
    rig_fini(&r);
}

/* A stop on the bid at 99 with the bid at 100: both are 33 afterwards, and the bid has not moved.
 * At 32 it has. */
Test(corporate, a_best_price_in_new_ticks_is_no_new_price) {
    rig r;
    rig_init(&r, NULL);
    const uint64_t bid = enter(&r, 2, TRD_BUY, 5, 100);
    enter(&r, 2, TRD_BUY, 5, 97);
    trd_command c = order(&r, 1, TRD_SELL, 1, 90);
    c.u.order.type = TRD_TYPE_STOP_LIMIT;
    const trd_ext_prices at = trigger(TRD_SOURCE_BID, 99);
    const uint64_t id = enter_with(&r, c, &at);
    split(&r, 3, 1);
    cr_assert(eq(u8, info_of(&r, 1, id).where, TRD_WHERE_WAITING));
    cr_assert(eq(i64, info_of(&r, 1, id).trigger, 33));
    const trd_command cancel = {
        .kind = TRD_COMMAND_CANCEL, .slots = 1, .account = 2, .u.cancel = {.target = bid}};
    send(&r, &cancel);
    cr_assert(eq(u8, r.events[1].kind, TRD_EVENT_TRIGGERED));
    rig_fini(&r);
}

/* A buy trail that is not active before 90: 30 in new ticks, 500 basis points stay. It sells at
 * 100, then falls to 30: 5 % above it is 31.5, so 32. */
Test(corporate, a_trail_that_is_not_active_waits_for_its_price_in_new_ticks) {
    rig r;
    rig_init(&r, NULL);
    enter(&r, 1, TRD_SELL, 1, 100);
    enter(&r, 2, TRD_BUY, 1, 100);
    trd_command c = order(&r, 1, TRD_BUY, 2, 120);
    c.u.order.type = TRD_TYPE_TRAILING_STOP_LIMIT;
    const trd_ext_prices trail = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET | TRD_PRICES_ACTIVATION,
        .source = TRD_SOURCE_LAST,
        .offset_unit = TRD_OFFSET_BASIS_POINTS,
        .offset = 500,
        .activation = 92};
    const uint64_t id = enter_with(&r, c, &trail);
    split(&r, 3, 1);
    cr_assert(eq(i64, info_of(&r, 1, id).trigger, 0)); /* none yet */
    enter(&r, 2, TRD_SELL, 1, 31);
    enter(&r, 3, TRD_BUY, 1, 31);
    cr_assert(eq(i64, info_of(&r, 1, id).trigger, 0)); /* 92 / 3 is 30.7, down */
    enter(&r, 2, TRD_SELL, 1, 30);
    enter(&r, 3, TRD_BUY, 1, 30);
    cr_assert(eq(i64, info_of(&r, 1, id).trigger, 32));
    rig_fini(&r);
}

/* The offer at 1 stays at 1. Four ticks behind it are two in new ticks: 3, though 5 / 3 is 2. */
Test(corporate, a_peg_is_as_far_behind_in_new_ticks) {
    rig r;
    rig_init(&r, NULL);
    enter(&r, 2, TRD_SELL, 1, 1);
    trd_command c = order(&r, 1, TRD_SELL, 2, 0);
    c.u.order.type = TRD_TYPE_PEGGED;
    const trd_ext_prices peg = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET,
        .peg = TRD_PEG_BEST,
        .offset_unit = TRD_OFFSET_TICKS,
        .offset = 4};
    const uint64_t id = enter_with(&r, c, &peg);
    cr_assert(eq(i64, info_of(&r, 1, id).px, 5));
    split(&r, 3, 1);
    cr_assert(eq(i64, info_of(&r, 1, id).px, 3));
    rig_fini(&r);
}

/* The widest trail there is, of 2^40 ticks, and one of a third of that: three times as wide. */
Test(corporate, an_order_whose_distance_leaves_its_range_ends) {
    rig r;
    rig_init(&r, NULL);
    enter(&r, 1, TRD_SELL, 1, 100);
    enter(&r, 2, TRD_BUY, 1, 100);
    uint64_t ids[2];
    for (int i = 0; i < 2; i++) {
        trd_command c = order(&r, 1, TRD_SELL, 9, 80);
        c.u.order.type = TRD_TYPE_TRAILING_STOP_LIMIT;
        const trd_ext_prices trail = {.kind = TRD_EXT_ORDER_PRICES,
            .flags = TRD_PRICES_OFFSET,
            .source = TRD_SOURCE_LAST,
            .offset_unit = TRD_OFFSET_TICKS,
            .offset = i == 0 ? INT64_C(1) << 40 : (INT64_C(1) << 40) / 3};
        ids[i] = enter_with(&r, c, &trail);
        cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    }
    split(&r, 1, 3);
    cr_assert(eq(u64, trd_match_find(r.match, 1, ids[0]), 0));
    cr_assert(eq(i64, info_of(&r, 1, ids[1]).leaves, 3));
    rig_fini(&r);
}

static trd_command trailing(rig *r, unsigned side, trd_px px) {
    trd_command c = order(r, 1, side, 4, px);
    c.u.order.type = TRD_TYPE_TRAILING_STOP_LIMIT;
    return c;
}

/* A limit 2^40 ticks behind its trigger, or before it, and twice as far from it in new ticks. */
static void limit_is_too_far(int64_t limit_offset) {
    rig r;
    rig_init(&r, NULL);
    const trd_ext_prices trail = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET | TRD_PRICES_LIMIT_OFFSET,
        .source = TRD_SOURCE_LAST,
        .offset_unit = TRD_OFFSET_TICKS,
        .offset = 1,
        .limit_offset = limit_offset};
    const uint64_t id = enter_with(&r, trailing(&r, TRD_SELL, 0), &trail);
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    split(&r, 2, 2);
    cr_assert(eq(u8, info_of(&r, 1, id).where, TRD_WHERE_WAITING));
    split(&r, 2, 4);
    cr_assert(eq(u64, trd_match_find(r.match, 1, id), 0));
    rig_fini(&r);
}

Test(corporate, an_order_whose_limit_is_too_far_from_its_trigger_ends) {
    limit_is_too_far(INT64_C(1) << 40);
    limit_is_too_far(-(INT64_C(1) << 40));
}

/* A peg 2^40 ticks behind an offer that is not there. Half as far it waits on, twice as far it
 * ends. */
Test(corporate, a_peg_that_is_too_far_from_its_price_ends) {
    rig r;
    rig_init(&r, NULL);
    trd_command c = order(&r, 1, TRD_SELL, 4, 0);
    c.u.order.type = TRD_TYPE_PEGGED;
    const trd_ext_prices peg = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET,
        .peg = TRD_PEG_BEST,
        .offset_unit = TRD_OFFSET_TICKS,
        .offset = INT64_C(1) << 40};
    const uint64_t id = enter_with(&r, c, &peg);
    split(&r, 2, 1);
    split(&r, 1, 2);
    cr_assert(eq(i64, info_of(&r, 1, id).leaves, 4));
    split(&r, 1, 2);
    cr_assert(eq(u64, trd_match_find(r.match, 1, id), 0));
    rig_fini(&r);
}

/* Active from 30 on, which three times is 90; from 4,000 on, which is no price any more. */
Test(corporate, a_trail_that_could_never_be_active_ends) {
    rig r;
    rig_init(&r, NULL);
    const trd_command last = {
        .kind = TRD_COMMAND_PRICE, .slots = 1, .u.price = {.px = 20, .source = TRD_SOURCE_LAST}};
    send(&r, &last);
    trd_ext_prices trail = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET | TRD_PRICES_ACTIVATION,
        .source = TRD_SOURCE_LAST,
        .offset_unit = TRD_OFFSET_TICKS,
        .offset = 1,
        .activation = 30};
    const uint64_t lives = enter_with(&r, trailing(&r, TRD_SELL, 10), &trail);
    trail.activation = 4000;
    const uint64_t ends = enter_with(&r, trailing(&r, TRD_SELL, 10), &trail);
    split(&r, 1, 3);
    cr_assert(eq(i64, info_of(&r, 1, lives).leaves, 1));
    cr_assert(eq(u64, trd_match_find(r.match, 1, ends), 0));
    rig_fini(&r);
}

/* The last price was 2^60. Four times that is the highest a trail can have seen, eight times is
 * none. */
Test(corporate, a_trail_that_has_seen_too_high_a_price_ends) {
    rig r;
    rig_init_to(&r, NULL, INT64_C(1) << 60);
    const trd_command last = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .u.price = {.px = INT64_C(1) << 60, .source = TRD_SOURCE_LAST}};
    const trd_ext_prices trail = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET,
        .source = TRD_SOURCE_LAST,
        .offset_unit = TRD_OFFSET_BASIS_POINTS,
        .offset = 100};
    uint64_t ids[2];
    send(&r, &last);
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        trd_command c = trailing(&r, side, 10);
        c.u.order.qty = 64;
        ids[side - 1] = enter_with(&r, c, &trail);
        cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED), "%s",
            trd_reject_text(r.events[0].reason));
    }
    split(&r, 4, 16);
    for (int i = 0; i < 2; i++) {
        cr_assert(eq(i64, info_of(&r, 1, ids[i]).leaves, 16));
    }
    split(&r, 1, 2);
    for (int i = 0; i < 2; i++) {
        cr_assert(eq(u64, trd_match_find(r.match, 1, ids[i]), 0));
    }
    rig_fini(&r);
}

/* 5,000 with a peak of 4,000, of which 4,900 are taken off again: a peak of 10,000 at most. */
Test(corporate, a_peak_is_no_more_than_an_order_may_have) {
    rig r;
    rig_init(&r, NULL);
    const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .peak = 4000};
    const uint64_t id = enter_with(&r, order(&r, 1, TRD_SELL, 5000, 100), &sizes);
    const trd_command reduce = {.kind = TRD_COMMAND_REDUCE,
        .slots = 1,
        .account = 1,
        .u.cancel = {.target = id, .qty = 4900}};
    send(&r, &reduce);
    split(&r, 3, 1);
    const trd_order_info info = info_of(&r, 1, id);
    cr_assert(eq(i64, info.leaves, 300));
    cr_assert(eq(i64, info.displayed, 300));
    const trd_command more = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .account = 1,
        .u.replace = {.target = id, .px = 34, .qty = 10000}};
    send(&r, &more);
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REPLACED));
    cr_assert(eq(i64, info_of(&r, 1, id).displayed, 10000));
    rig_fini(&r);
}

/* Lots come in steps of 4. A position of 12 becomes one of 6, of which 4 can be sold: what is left
 * of an order that only reduces is cut to that. */
Test(corporate, an_order_that_reduces_keeps_whole_steps_of_a_position_that_is_none) {
    rig r;
    rig_init(&r, NULL);
    trd_match_destroy(r.match);
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 1;
    def.orders_max = def.specials_max = 32;
    def.positions_max = 8;
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    spec.lot_step = spec.qty_min = 4;
    r.match = trd_match_create(&def);
    cr_assert(eq(int, trd_match_add(r.match, &spec), 0));
    enter(&r, 1, TRD_BUY, 12, 100);
    enter(&r, 2, TRD_SELL, 12, 100);
    split(&r, 1, 2);
    trd__match_set_position(r.match, 1, 0, TRD_POSITION_NET, 6);
    trd__match_set_position(r.match, 2, 0, TRD_POSITION_NET, -6);
    trd_command c = order(&r, 1, TRD_SELL, 8, 300);
    c.u.order.exec = TRD_EXEC_REDUCE_ONLY;
    send(&r, &c);
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    cr_assert(eq(i64, info_of(&r, 1, r.id).leaves, 4));
    const uint64_t sell = r.id;
    enter(&r, 2, TRD_BUY, 4, 200);
    enter(&r, 1, TRD_SELL, 4, 200); /* 2 are left, and no step of them */
    cr_assert(eq(u64, trd_match_find(r.match, 1, sell), 0));
    rig_fini(&r);
}

/* Zero is a valid price here, and still none that an order is moved to. */
Test(corporate, an_order_is_not_moved_to_zero) {
    rig r;
    rig_init(&r, NULL);
    const uint64_t ends = enter(&r, 1, TRD_BUY, 1, 2);
    const uint64_t least = enter(&r, 1, TRD_BUY, 1, 3);
    const uint64_t none = enter(&r, 1, TRD_BUY, 1, 0);
    split(&r, 3, 1);
    cr_assert(eq(u64, trd_match_find(r.match, 1, ends), 0));
    cr_assert(eq(i64, info_of(&r, 1, least).px, 1));
    cr_assert(eq(i64, info_of(&r, 1, none).px, 0));
    rig_fini(&r);
}

Test(corporate, quotes_stand_in_the_way) {
    rig r;
    rig_init(&r, NULL);
    const trd_command quote = {.kind = TRD_COMMAND_QUOTE,
        .slots = 1,
        .instrument = 1,
        .account = 1,
        .u.quote = {.bid_px = 10, .bid_qty = 1}};
    send(&r, &quote);
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    cr_assert(eq(int, trd__split_is_hindered(r.match, 0), 0));
    cr_assert(eq(int, trd__split_is_hindered(r.match, 1), 1));
    rig_fini(&r);
}

static trd_ext_link leg(unsigned number, unsigned legs, unsigned relation) {
    return (trd_ext_link){.kind = TRD_EXT_ORDER_LINK,
        .link = 5,
        .leg = (uint8_t)number,
        .legs = (uint8_t)legs,
        .relation = (uint8_t)relation};
}

/* A parent of 10 that has executed 4, and a child that was granted these: 30, 12 and 12. The parent
 * executes 6 more, and so many more does the child get. */
Test(corporate, children_are_granted_new_lots) {
    rig r;
    rig_init(&r, NULL);
    const trd_ext_link one = leg(1, 2, TRD_RELATION_OTO);
    const trd_ext_link two = leg(2, 2, TRD_RELATION_OTO);
    trd_command c = order(&r, 1, TRD_BUY, 10, 100);
    c.flags = TRD_COMMAND_STAGED;
    const uint64_t parent = enter_with(&r, c, &one);
    const uint64_t child = enter_with(&r, order(&r, 1, TRD_SELL, 10, 120), &two);
    enter(&r, 2, TRD_SELL, 4, 100);
    cr_assert(eq(i64, info_of(&r, 1, parent).leaves, 6));
    cr_assert(eq(i64, info_of(&r, 1, child).leaves, 4));
    split(&r, 3, 1);
    cr_assert(eq(i64, info_of(&r, 1, parent).leaves, 18));
    cr_assert(eq(i64, info_of(&r, 1, parent).px, 33));
    cr_assert(eq(i64, info_of(&r, 1, child).leaves, 12));
    cr_assert(eq(i64, info_of(&r, 1, child).px, 40));
    enter(&r, 2, TRD_SELL, 6, 33);
    cr_assert(eq(i64, info_of(&r, 1, child).leaves, 18));
    enter(&r, 2, TRD_SELL, 12, 33);
    cr_assert(eq(i64, info_of(&r, 1, child).leaves, 30));
    rig_fini(&r);
}

/* Of two legs that end each other one has no lots left: the other is canceled with it. */
Test(corporate, a_leg_that_ends_decides) {
    rig r;
    rig_init(&r, NULL);
    const trd_ext_link one = leg(1, 2, TRD_RELATION_OCO);
    const trd_ext_link two = leg(2, 2, TRD_RELATION_OCO);
    trd_command c = order(&r, 1, TRD_SELL, 2, 110);
    c.flags = TRD_COMMAND_STAGED;
    enter_with(&r, c, &one);
    const uint64_t other = enter_with(&r, order(&r, 1, TRD_SELL, 9, 120), &two);
    cr_assert(eq(i64, info_of(&r, 1, other).leaves, 9));
    split(&r, 1, 3);
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_CANCELED));
    cr_assert(eq(u8, r.events[0].reason, TRD_CAUSE_CORPORATE));
    cr_assert(eq(u8, r.events[1].kind, TRD_EVENT_RESTATED));
    cr_assert(eq(u8, r.events[2].kind, TRD_EVENT_CANCELED));
    cr_assert(eq(u8, r.events[2].reason, TRD_CAUSE_LINKED));
    cr_assert(eq(i64, r.events[2].u.cancel.qty, 3));
    cr_assert(eq(u64, trd_match_find(r.match, 1, other), 0));
    rig_fini(&r);
}

/* Levels and orders are told as they go and come. */
Test(corporate, the_book_is_told) {
    rig r;
    rig_init(&r, NULL);
    enter(&r, 1, TRD_BUY, 10, 100);
    const trd_command all = {
        .kind = TRD_COMMAND_SUBSCRIBE, .slots = 1, .u.subscribe = {.publish = TRD_PUBLISH_ALL}};
    send(&r, &all);
    split(&r, 3, 1);
    static const unsigned kinds[] = {
        TRD_EVENT_RESTATED, TRD_EVENT_ORDER, TRD_EVENT_LEVEL, TRD_EVENT_ORDER, TRD_EVENT_LEVEL};
    cr_assert(eq(u32, r.out.count, 5));
    for (int i = 0; i < 5; i++) {
        cr_assert(eq(u8, r.events[i].kind, kinds[i]));
    }
    cr_assert(eq(u8, r.events[1].status, TRD_ORDER_DELETED));
    cr_assert(eq(i64, r.events[1].u.displayed.px, 100));
    cr_assert(eq(i64, r.events[2].u.level.qty, 0));
    cr_assert(eq(u8, r.events[3].status, TRD_ORDER_ADDED));
    cr_assert(eq(i64, r.events[3].u.displayed.px, 33));
    cr_assert(eq(i64, r.events[3].u.displayed.qty, 30));
    cr_assert(eq(i64, r.events[4].u.level.qty, 30));
    rig_fini(&r);
}
