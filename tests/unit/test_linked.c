/* test_linked.c - the groups of linked orders after a reset, and that the audit sees each thing
 * that can be wrong in them. What linked orders do is in tests/scenario/oco.txt and its neighbours.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "match/rich.h"

enum { SLOTS = 64, GROUPS = 3, LIVE = 1, STAGED = 2, FREE = 3, BEYOND = GROUPS + 1 };

static trd_event events[SLOTS];

static trd_match *match_new(void) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 2;
    def.orders_max = 8;
    def.ids_max = 8;
    def.specials_max = 8;
    def.window = 64;
    def.groups_max = GROUPS;
    trd_match *match = trd_match_create(&def);
    cr_assert(match != NULL);
    trd_instrument spec = trd_instrument_default();
    for (int i = 0; i < 2; i++) {
        spec.symbol[0] = (char)('X' + i);
        cr_assert(eq(int, trd_match_add(match, &spec), i));
    }
    return match;
}

/* Sends an order of `account`, leg `at` of two of an OCO, or of no group with 0; returns how many
 * events it caused. */
static uint32_t send(trd_match *match, uint32_t account, unsigned at, uint64_t id, trd_px px) {
    trd_out out = {.events = events, .capacity = SLOTS};
    trd_command record[2] = {{.kind = TRD_COMMAND_NEW,
        .slots = at != 0 ? 2 : 1,
        .flags = at == 1 ? TRD_COMMAND_STAGED : 0,
        .account = account,
        .u.order = {.client_id = id,
            .px = px,
            .qty = 5,
            .side = TRD_BUY,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}}};
    const trd_ext_link link = {.link = 7,
        .kind = TRD_EXT_ORDER_LINK,
        .leg = (uint8_t)at,
        .legs = 2,
        .relation = TRD_RELATION_OCO};
    memcpy(&record[1], &link, sizeof(link));
    cr_assert(eq(int, trd_match_step(match, record, &out), TRD_OK));
    return out.count;
}

/* Account 1 has a live group, account 2 stages one, and one is free. */
static void fill(trd_match *match) {
    cr_assert(eq(u32, send(match, 1, 1, 1, 100), 0));
    cr_assert(eq(u32, send(match, 1, 2, 2, 99), 2));
    cr_assert(eq(u32, send(match, 2, 1, 3, 100), 0));
}

static trd_group *group_of(const trd_match *match, uint32_t number) {
    return (trd_group *)trd__region(match, match->groups.rows_at) + number;
}

static trd_command *record_of(const trd_match *match, uint32_t number) {
    return (trd_command *)trd__region(match, match->groups.records_at) +
           (size_t)number * TRD_LEGS_MAX * TRD_SLOTS_MAX;
}

/* Every group is used before each reset; the leg that was staged before it has no group after. */
Test(linked, a_reset_forgets_groups_live_and_staged) {
    trd_match *match = match_new();
    for (int life = 0; life < 2; life++) {
        fill(match);
        cr_assert(eq(u32, send(match, 3, 1, 4, 100), 0));
        cr_assert(eq(u32, send(match, 4, 1, 5, 100), 1));
        cr_assert(eq(u32, events[0].reason, TRD_REJECT_NO_CAPACITY));
        trd_match_reset(match);
        cr_assert(eq(int, trd_match_audit(match), TRD_OK));
        cr_assert(eq(u32, match->groups.count, 0));
        cr_assert(eq(u32, match->groups.staged, 0));
        cr_assert(eq(u32, send(match, 2, 2, 3, 99), 1));
        cr_assert(eq(u32, events[0].reason, TRD_REJECT_LINK));
        cr_assert(eq(int, trd_match_audit(match), TRD_OK));
    }
    trd_match_destroy(match);
}

/* --- audit: each row damages one thing of a sound matcher, sees it told, and repairs it --- */

#define BREAK(place, value)                                                                        \
    do {                                                                                           \
        const __typeof__(place) kept = (place);                                                    \
        (place) = (__typeof__(place))(value);                                                      \
        cr_expect(trd_match_audit(match) < 0, #place " = " #value);                                \
        (place) = kept;                                                                            \
        cr_assert(eq(int, trd_match_audit(match), TRD_OK));                                        \
    } while (0)

Test(linked, the_audit_sees_a_live_group_that_is_not_its_legs) {
    trd_match *match = match_new();
    fill(match);
    send(match, 3, 0, 9, 90);
    trd_group *group = group_of(match, LIVE);
    trd_special *first = trd__special(match, group->legs[0].number);
    const uint32_t second = group->legs[1].number;
    cr_assert(eq(u32, first->linked, LIVE));
    BREAK(group->legs[0].number, 0);                       /* one that lives is not there */
    BREAK(group->legs[0].number, second);                  /* the other one twice */
    BREAK(group->legs[0].number, match->special_free);     /* no order */
    BREAK(group->legs[0].number, match->specials_max + 1); /* beyond all records */
    BREAK(group->legs[2].number, second);                  /* a third of two */
    BREAK(group->count, 1);
    BREAK(group->live, 1);
    BREAK(group->account, 9);
    BREAK(group->instrument, 1);
    BREAK(first->linked, STAGED);
    BREAK(first->linked, 0);
    BREAK(first->leg, 1);
    trd_match_destroy(match);
}

Test(linked, the_audit_sees_lots_granted_to_a_child_that_may_not_have_them) {
    trd_match *match = match_new();
    fill(match);
    trd_group_leg *leg = &group_of(match, LIVE)->legs[1];
    BREAK(leg->granted, 1); /* it was not released */
    leg->released = 1;
    leg->own = 5;
    leg->granted = 5;
    cr_assert(eq(int, trd_match_audit(match), TRD_OK));
    BREAK(leg->granted, -1);
    BREAK(leg->granted, 6);
    trd_match_destroy(match);
}

Test(linked, the_audit_sees_a_staged_group_that_is_not_its_records) {
    trd_match *match = match_new();
    fill(match);
    trd_group *group = group_of(match, STAGED);
    cr_assert(eq(u32, group->staged, 1));
    BREAK(group->staged, 2); /* all legs have arrived */
    BREAK(group->live, 1);
    BREAK(group->slot, group->slot ^ 1);
    BREAK(record_of(match, STAGED)->account, 1);
    BREAK(record_of(match, STAGED)->instrument, 1);
    /* Another account, and the record says so too: the map does not. */
    record_of(match, STAGED)->account = 9;
    group->account = 9;
    cr_expect(trd_match_audit(match) < 0);
    trd_match_destroy(match);
}

Test(linked, the_audit_sees_counts_and_lists_that_are_not_the_groups, .timeout = 10) {
    trd_match *match = match_new();
    fill(match);
    trd_groups *groups = &match->groups;
    cr_assert(eq(u32, groups->free, FREE));
    BREAK(groups->staged, 0);
    BREAK(groups->staged, 2);
    BREAK(groups->count, 1);
    BREAK(groups->map.count, 0);
    BREAK(groups->free, 0);      /* a free one that is lost */
    BREAK(groups->free, STAGED); /* one in use that is free */
    BREAK(groups->free, BEYOND);
    BREAK(group_of(match, FREE)->next_free, FREE); /* a list without an end */
    BREAK(group_of(match, FREE)->relation, TRD_RELATION_OCO);
    trd_match_destroy(match);
}

/* All other counts are right: it is in use, and is not among the free. */
Test(linked, the_audit_sees_a_live_group_without_legs) {
    trd_match *match = match_new();
    fill(match);
    trd_group *group = group_of(match, FREE);
    match->groups.free = 0;
    match->groups.count++;
    group->relation = TRD_RELATION_OCO;
    group->count = 2;
    cr_expect(trd_match_audit(match) < 0);
    trd_match_destroy(match);
}

/* The map leads from an account that stages nothing to the group of another. */
Test(linked, the_audit_sees_an_account_too_many_in_the_map) {
    trd_match *match = match_new();
    fill(match);
    trd_groups *groups = &match->groups;
    trd__map_put(&groups->map, trd__region(match, groups->slots_at),
        trd__map_home(&groups->map, 9, 0), 9, 0, STAGED);
    cr_expect(trd_match_audit(match) < 0);
    trd_match_destroy(match);
}

/* An order that is no leg says that it is one. */
Test(linked, the_audit_sees_an_order_that_is_in_no_group) {
    trd_match *match = match_new();
    fill(match);
    trd_out out = {.events = events, .capacity = SLOTS};
    const trd_command hidden = {.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = 3,
        .u.order = {.client_id = 9,
            .px = 90,
            .qty = 5,
            .side = TRD_BUY,
            .type = TRD_TYPE_LIMIT,
            .exec = TRD_EXEC_HIDDEN,
            .tif = TRD_TIF_GTC}};
    const uint32_t number = match->special_free;
    cr_assert(eq(int, trd_match_step(match, &hidden, &out), TRD_OK));
    trd_special *special = trd__special(match, number);
    cr_assert(special->unit != 0);
    BREAK(special->linked, LIVE);
    trd_match_destroy(match);
}

/* A bucket says of a slot in use that it is free, or the reverse. */
Test(linked, the_audit_sees_a_map_that_is_not_sound) {
    trd_match *match = match_new();
    fill(match);
    trd_map_slot *bucket = trd__region(match, match->groups.slots_at);
    BREAK(bucket[1].ref, bucket[1].ref ^ 1u << TRD_MAP_BUCKET_SHIFT);
    trd_match_destroy(match);
}
