/* test_match_state.c - what the parts of a matcher are after a reset, and that its audit sees each
 * thing that can be wrong between them. (What can be wrong inside of the books is in test_store.c,
 * inside of the id map in test_map.c.) */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "match/state.h"

enum { SLOTS = 64 };

static trd_event events[SLOTS];

static trd_match *match_new(uint32_t id_mode) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 2;
    def.orders_max = 8;
    def.id_mode = id_mode;
    def.ids_max = id_mode == TRD_IDS_WINDOW ? 8 : 0;
    def.accounts_max = 4;
    def.window = 64;
    trd_match *match = trd_match_create(&def);
    cr_assert(match != NULL);
    trd_instrument spec = trd_instrument_default();
    for (int i = 0; i < 2; i++) {
        spec.symbol[0] = (char)('X' + i);
        cr_assert(eq(int, trd_match_add(match, &spec), i));
    }
    return match;
}

static void check_sound(const trd_match *match) {
    cr_assert(eq(int, trd_match_audit(match), TRD_OK));
}

static void check_broken(const trd_match *match, const char *what) {
    cr_expect(lt(int, trd_match_audit(match), 0), "%s", what);
}

/* Sends a limit order; returns the unit where it rests, or 0. */
static uint32_t send(
    trd_match *match, uint32_t instrument, uint64_t id, unsigned side, trd_px px, unsigned tif) {
    trd_out out = {.events = events, .capacity = SLOTS};
    const trd_command command = {.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .instrument = instrument,
        .account = 1,
        .u.order = {.client_id = id,
            .px = px,
            .qty = 5,
            .side = (uint8_t)side,
            .type = TRD_TYPE_LIMIT,
            .tif = (uint8_t)tif}};
    cr_assert(eq(int, trd_match_step(match, &command, &out), TRD_OK));
    cr_assert(eq(uint, events[0].kind, TRD_EVENT_ACCEPTED));
    return trd__id_find(match, 1, id);
}

static uint32_t bid(trd_match *match, uint32_t instrument, uint64_t id, trd_px px) {
    const uint32_t unit = send(match, instrument, id, TRD_BUY, px, TRD_TIF_GTC);
    cr_assert(lt(u32, 0, unit));
    return unit;
}

static void cancel(trd_match *match, uint32_t instrument, uint64_t id) {
    trd_out out = {.events = events, .capacity = SLOTS};
    const trd_command command = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .instrument = instrument,
        .account = 1,
        .u.cancel = {.target = id}};
    cr_assert(eq(int, trd_match_step(match, &command, &out), TRD_OK));
    cr_assert(eq(uint, events[0].kind, TRD_EVENT_CANCELED));
}

static trd_node *node_of(const trd_match *match, uint32_t unit) {
    return trd__node(trd__store_arena(&match->store), unit);
}

/* --- reset --- */

/* All regions in front of the orders: instruments, ids, the windows of the books. Orders keep
 * their generations, so that old handles name nothing. */
static void check_like_new(const trd_match *match, const trd_match *fresh) {
    cr_assert(eq(u64, match->listings_at, fresh->listings_at));
    cr_assert(eq(u64, match->store.arena_at, fresh->store.arena_at));
    const size_t end = offsetof(trd_match, store) + match->store.arena_at;
    cr_assert(lt(sz, match->last_ids_at, end));
    const unsigned char *left = (const unsigned char *)match;
    const unsigned char *right = (const unsigned char *)fresh;
    for (size_t at = match->listings_at; at < end; at++) {
        cr_assert(eq(uint, left[at], right[at]), "byte %zu", at);
    }
    cr_assert(eq(u32, match->ids.count, 0));
    cr_assert(eq(u64, match->ended, 0));
    cr_assert(eq(u32, match->publish_any, fresh->publish_any));
}

Test(match_state, a_reset_leaves_nothing_of_instruments_and_ids_that_a_new_matcher_has_not) {
    for (uint32_t id_mode = TRD_IDS_WINDOW; id_mode <= TRD_IDS_REUSE; id_mode++) {
        trd_match *match = match_new(id_mode);
        trd_match *fresh = match_new(id_mode);
        for (uint64_t id = 1; id <= 30; id++) { /* the ring of ended ids goes round */
            bid(match, (uint32_t)(id % 2), id, 100);
            cancel(match, (uint32_t)(id % 2), id);
        }
        bid(match, 0, 31, 100);
        bid(match, 1, 32, 100);
        trd__publish_set(match, trd__listing(match, 1), TRD_PUBLISH_TAPE);
        trd_match_reset(match);
        check_like_new(match, fresh);
        check_sound(match);
        trd_match_destroy(match);
        trd_match_destroy(fresh);
    }
}

/* --- audit: each row damages one thing of a sound matcher, sees it told, and repairs it --- */

#define BREAK(place, value)                                                                        \
    do {                                                                                           \
        const __typeof__(place) kept = (place);                                                    \
        (place) = (__typeof__(place))(value);                                                      \
        check_broken(match, #place " = " #value);                                                  \
        (place) = kept;                                                                            \
        check_sound(match);                                                                        \
    } while (0)

Test(match_audit, what_is_wrong_in_the_books_or_in_the_id_map_is_wrong_in_the_matcher) {
    trd_match *match = match_new(TRD_IDS_WINDOW);
    const uint32_t unit = bid(match, 0, 1, 100);
    check_sound(match);
    BREAK(node_of(match, unit)->leaves, 6);
    BREAK(match->ids.count, 2);
    uint32_t *ref = &trd__id_slots(match)[2].ref; /* only what it says of its bucket */
    BREAK(*ref, *ref | (uint32_t)1 << TRD_MAP_BUCKET_SHIFT);
    BREAK(match->store.orders, 2);
    trd_match_destroy(match);
}

Test(match_audit, an_order_in_a_book_that_was_not_added) {
    trd_match *match = match_new(TRD_IDS_WINDOW);
    bid(match, 1, 1, 100);
    check_sound(match);
    BREAK(match->instruments, 1);
    trd_match_destroy(match);
}

/* Puts a resting order at another price as no command would: without a look at the other side. */
static void force_px(trd_match *match, uint32_t unit, trd_px px) {
    trd_node *node = node_of(match, unit);
    const uint32_t s = node->side - 1u;
    trd__order_unrest(&match->store, node);
    trd__order_rest(&match->store, s, trd__key(px, s), unit);
}

Test(match_audit, a_book_that_is_locked_or_crossed) {
    trd_match *match = match_new(TRD_IDS_WINDOW);
    bid(match, 0, 1, 100);
    const uint32_t ask = send(match, 0, 2, TRD_SELL, 110, TRD_TIF_GTC);
    check_sound(match);
    force_px(match, ask, 100);
    check_broken(match, "locked");
    force_px(match, ask, 99);
    check_broken(match, "crossed");
    force_px(match, ask, 101);
    check_sound(match);
    trd_match_destroy(match);
}

Test(match_audit, an_order_under_another_id_than_its_own) {
    trd_match *match = match_new(TRD_IDS_WINDOW);
    trd_node *first = node_of(match, bid(match, 0, 1, 100));
    trd_node *second = node_of(match, bid(match, 0, 2, 100));
    trd_node *behind = node_of(match, bid(match, 0, 3, 99));
    trd_node *ask = node_of(match, send(match, 0, 4, TRD_SELL, 110, TRD_TIF_GTC));
    check_sound(match);
    trd_node *const nodes[] = {first, second, behind, ask};
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        BREAK(nodes[i]->id_slot, nodes[(i + 1) % 4]->id_slot);
        BREAK(nodes[i]->account, 2);
        BREAK(nodes[i]->id_slot, UINT32_MAX);
    }
    trd_match_destroy(match);
}

Test(match_audit, ids_that_are_neither_live_nor_remembered) {
    trd_match *match = match_new(TRD_IDS_WINDOW);
    bid(match, 0, 1, 100);
    cr_assert(eq(u32, send(match, 0, 2, TRD_BUY, 100, TRD_TIF_IOC), 0));
    cr_assert(eq(u32, send(match, 0, 3, TRD_BUY, 100, TRD_TIF_IOC), 0));
    check_sound(match);
    cr_assert(eq(u64, match->ended, 2));
    BREAK(match->ended, 1);
    BREAK(match->ended, 3);
    BREAK(match->ended, 0);
    trd_match_destroy(match);
}

Test(match_audit, a_remembered_id_whose_slot_is_empty_live_or_none) {
    trd_match *match = match_new(TRD_IDS_WINDOW);
    const uint32_t unit = bid(match, 0, 1, 100);
    cr_assert(eq(u32, send(match, 0, 2, TRD_BUY, 100, TRD_TIF_IOC), 0));
    cr_assert(eq(u32, send(match, 0, 3, TRD_BUY, 100, TRD_TIF_IOC), 0));
    check_sound(match);
    const uint32_t slots = match->ids.buckets * TRD_MAP_WAYS;
    uint32_t empty = 0;
    while (trd__map_ref(trd__id_slots(match), empty) != 0) {
        empty++;
    }
    cr_assert(lt(u32, empty, slots));
    for (uint32_t i = 0; i < 2; i++) {
        BREAK(trd__ended(match)[i], empty);
        BREAK(trd__ended(match)[i], node_of(match, unit)->id_slot);
        BREAK(trd__ended(match)[i], slots);
        BREAK(trd__ended(match)[i], UINT32_MAX);
    }
    trd_match_destroy(match);
}

/* While a taker waits for room its order is in use and its id in the map, but it rests nowhere. */
Test(match_audit, a_pending_order_is_counted_and_only_a_pending_one) {
    trd_match *match = match_new(TRD_IDS_REUSE);
    for (uint64_t id = 1; id <= 6; id++) {
        cr_assert(lt(u32, 0, send(match, 0, id, TRD_SELL, 100, TRD_TIF_GTC)));
    }
    trd_command sweep = {.kind = TRD_COMMAND_NEW, .slots = 1, .account = 1};
    sweep.u.order = (trd_new){.client_id = 7,
        .px = 100,
        .qty = 30,
        .side = TRD_BUY,
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_GTC};
    trd_out out = {.events = events, .capacity = TRD_OUT_MIN};
    cr_assert(eq(int, trd_match_step(match, &sweep, &out), TRD_MORE));
    check_sound(match);
    BREAK(match->taker.unit, 0);
    out = (trd_out){.events = events, .capacity = SLOTS};
    cr_assert(eq(int, trd_match_step(match, NULL, &out), TRD_OK));
    check_sound(match);
    bid(match, 0, 8, 90);
    BREAK(match->taker.unit, 2);
    trd_match_destroy(match);
}
