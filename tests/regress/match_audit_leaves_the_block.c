/* match_audit_leaves_the_block.c - the audit of a matcher followed the references of its id map and
 * of the ring of ended ids before it had checked them, and read outside the block when they were
 * damaged. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "match/state.h"

/* One order that rests, and one id that ended. */
static trd_match *match_new(void) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 1;
    def.orders_max = 4;
    def.ids_max = 4;
    def.window = 64;
    trd_match *match = trd_match_create(&def);
    trd_instrument spec = trd_instrument_default();
    strcpy(spec.symbol, "X");
    cr_assert(eq(int, trd_match_add(match, &spec), 0));
    trd_event events[2 * TRD_OUT_MIN];
    trd_command command = {.kind = TRD_COMMAND_NEW, .slots = 1};
    command.u.order = (trd_new){.px = 10, .qty = 1, .side = TRD_BUY, .type = TRD_TYPE_LIMIT};
    for (uint64_t id = 1; id <= 2; id++) {
        trd_out out = {.events = events, .capacity = 2 * TRD_OUT_MIN};
        command.u.order.client_id = id;
        command.u.order.tif = id == 1 ? TRD_TIF_GTC : TRD_TIF_IOC;
        cr_assert(eq(int, trd_match_step(match, &command, &out), TRD_OK));
    }
    cr_assert(eq(int, trd_match_audit(match), TRD_OK));
    cr_assert(eq(u32, trd__ended_count(match), 1));
    return match;
}

Test(regress, the_audit_follows_no_reference_that_names_no_order) {
    trd_match *match = match_new();
    trd_map_slot *slots = trd__id_slots(match);
    for (uint32_t at = 0; at < match->ids.buckets * TRD_MAP_WAYS; at++) {
        if (trd__map_ref(slots, at) != 0) {
            const uint32_t before = slots[at].ref;
            slots[at].ref = (before & ~(uint32_t)TRD_MAP_REF) | TRD_MAP_REF;
            cr_expect(lt(int, trd_match_audit(match), 0));
            slots[at].ref = before;
        }
    }
    cr_expect(eq(int, trd_match_audit(match), TRD_OK));
    trd_match_destroy(match);
}

Test(regress, the_audit_follows_no_ended_slot_that_is_none) {
    trd_match *match = match_new();
    trd__ended(match)[0] = UINT32_MAX;
    cr_expect(lt(int, trd_match_audit(match), 0));
    trd_match_destroy(match);
}
