/* A command whose time is before engine time is one step back (matching.md, "Time"), also if it is
 * refused. The engine counted two of a refused command that the matcher does not take. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <tradsys/tradsys.h>

#include "engine_rig.h"

static void counted(const rig *r, uint64_t commands, uint64_t steps) {
    trd_match_stats stats;
    trd_match_stats_get(trd_engine_match(r->engine), &stats);
    cr_assert(eq(u64, stats.commands, commands));
    cr_assert(eq(u64, stats.time_steps_back, steps));
}

static trd_command withdrawal(trd_amt amount) {
    return (trd_command){.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = ALICE,
        .u.transfer = {.action = TRD_TRANSFER_WITHDRAW, .amount = amount}};
}

static void rejected(rig *r, trd_command c, unsigned reason) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, r->out.count, 1));
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(u8, r->events[0].reason, reason));
    cr_assert(eq(i64, r->events[0].time, 100));
}

Test(regress, a_refused_transfer_steps_back_once) {
    rig r;
    rig_init(&r); /* two accounts */
    r.time = 100;
    deposit(&r, ALICE, USD, 50);
    counted(&r, 3, 0);
    r.time = 40;
    rejected(&r, withdrawal(51), TRD_REJECT_BALANCE);
    counted(&r, 4, 1);
    rejected(&r, withdrawal(0), TRD_REJECT_MALFORMED);
    counted(&r, 5, 2);
    cr_assert(eq(int, send(&r, withdrawal(50)), TRD_OK));
    counted(&r, 6, 3);
    r.time = 100;
    rejected(&r, withdrawal(1), TRD_REJECT_BALANCE);
    counted(&r, 7, 3);
    rig_fini(&r);
}
