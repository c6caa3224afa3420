/* Commands that name an account which the engine does not have, or that name none because they are
 * not about one, were refused with NOT_PERMITTED, also where everybody may do everything. An actor
 * has what its role for all accounts permits, whatever the number of the account is. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <tradsys/tradsys.h>

enum { ROOM = 256, ACCOUNTS = 16, NOWHERE = 77, ADMIN = 1, TRADER = 2 };

static trd_engine *engine_with(uint32_t actors_max) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max = 1;
    match.orders_max = accounts.orders_max = risk.orders_max = 16;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = ACCOUNTS;
    risk.actors_max = actors_max;
    const trd_engine_def def = {
        .struct_size = sizeof(def), .match = &match, .accounts = &accounts, .risk = &risk};
    trd_engine *engine = trd_engine_create(&def);
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_engine_fees(engine, &fees), 0));
    if (actors_max != 0) {
        const trd_actor admin = {.actor = ADMIN, .role = TRD_ROLE_ADMIN};
        const trd_actor trader = {.actor = TRADER, .account = 2, .role = TRD_ROLE_TRADER};
        cr_assert(eq(int, trd_engine_actor(engine, &admin), TRD_OK));
        cr_assert(eq(int, trd_engine_actor(engine, &trader), TRD_OK));
    }
    return engine;
}

/* The reason of the refusal; 0 if there is none. */
static unsigned reason_of(trd_engine *engine, trd_command command) {
    trd_event events[ROOM];
    trd_out out = {.events = events, .capacity = ROOM};
    cr_assert(eq(int, trd_engine_step(engine, &command, &out), TRD_OK));
    return out.count != 0 ? events[0].reason : 0;
}

static void expect(trd_engine *engine, uint32_t actor) {
    trd_command c = {.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .account = ACCOUNTS,
        .actor = actor,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = TRD_MODE_CASH,
            .enabled = 1}};
    cr_expect(eq(u32, reason_of(engine, c), TRD_REJECT_UNKNOWN_ACCOUNT));
    c = (trd_command){.kind = TRD_COMMAND_KILL,
        .slots = 1,
        .account = NOWHERE,
        .actor = actor,
        .u.kill = {.scope = TRD_SCOPE_FIRM, .action = TRD_KILL_ON}};
    cr_expect(eq(u32, reason_of(engine, c), 0));
    c.u.kill.scope = TRD_SCOPE_ACCOUNT;
    cr_expect(eq(u32, reason_of(engine, c), TRD_REJECT_UNKNOWN_ACCOUNT));
    c = (trd_command){.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .account = UINT32_MAX,
        .actor = actor,
        .u.cancel = {.target = 1}};
    cr_expect(eq(u32, reason_of(engine, c), TRD_REJECT_UNKNOWN_ORDER));
}

Test(regress, everybody_may_ask_about_an_account_that_is_none) {
    trd_engine *engine = engine_with(0);
    expect(engine, 0);
    trd_engine_destroy(engine);
}

Test(regress, so_may_who_has_a_role_for_all_accounts_and_nobody_else) {
    trd_engine *engine = engine_with(4);
    expect(engine, ADMIN);
    const trd_command c = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .account = NOWHERE,
        .actor = TRADER,
        .u.cancel = {.target = 1}};
    cr_expect(eq(u32, reason_of(engine, c), TRD_REJECT_NOT_PERMITTED));
    trd_engine_destroy(engine);
}
