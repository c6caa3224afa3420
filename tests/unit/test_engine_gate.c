/* test_engine_gate.c - who may send which command, what counts as a message, and which of two
 * reasons is told. */
#include "engine_rig.h"

/* --- permissions ------------------------------------------------------------------------------ */

enum { VIEWER = 1, TRADER = 2, MANAGER = 3, STRANGER = 4 };

/* An engine with roles, and an order of ALICE, who bids for 10 at 1,000. */
static void with_roles(rig *r) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    risk.actors_max = 4;
    *r = (rig){.engine = trd_engine_create(&def)};
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    const trd_asset usd = asset("USD");
    const trd_asset sh = asset("SHARE");
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    const trd_instrument spec = share();
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_engine_listing spot = {.spec = &spec, .terms = &terms};
    cr_assert(eq(int, trd_engine_asset(r->engine, &usd), USD));
    cr_assert(eq(int, trd_engine_asset(r->engine, &sh), SHARE));
    cr_assert(eq(int, trd_engine_fees(r->engine, &fees), 0));
    cr_assert(eq(int, trd_engine_list(r->engine, &spot), SPOT));
    const trd_actor actors[] = {{.actor = 0, .role = TRD_ROLE_ADMIN},
        {.actor = VIEWER, .role = TRD_ROLE_VIEWER},
        {.actor = TRADER, .account = 1 + ALICE, .role = TRD_ROLE_TRADER},
        {.actor = MANAGER, .role = TRD_ROLE_ADMIN}};
    for (int i = 0; i < 4; i++) {
        cr_assert(eq(int, trd_engine_actor(r->engine, &actors[i]), TRD_OK));
    }
    open_account(r, ALICE, TRD_MODE_CASH);
    deposit(r, ALICE, USD, 100000);
    good(r, order(r, ALICE, SPOT, TRD_BUY, 10, 1000));
}

static bool is_permitted(unsigned kind, uint32_t actor) {
    rig r;
    with_roles(&r);
    trd_command c = {
        .kind = (uint8_t)kind, .slots = 1, .account = ALICE, .actor = actor, .instrument = SPOT};
    if (kind == TRD_COMMAND_NEW) {
        c.u.order = order(&r, ALICE, SPOT, TRD_BUY, 1, 1000).u.order;
    } else if (kind == TRD_COMMAND_REPLACE) {
        c.u.replace = (trd_replace){.target = r.id, .px = 1000, .qty = 11};
    } else if (kind == TRD_COMMAND_CANCEL || kind == TRD_COMMAND_REDUCE) {
        c.u.cancel = (trd_cancel){.target = r.id, .qty = kind == TRD_COMMAND_REDUCE};
    }
    cr_assert(eq(int, send(&r, c), TRD_OK));
    const trd_event *e = r.events;
    const bool refuses =
        r.out.count != 0 &&
        (e->kind == TRD_EVENT_REJECTED || e->kind == TRD_EVENT_CANCEL_REJECTED ||
            e->kind == TRD_EVENT_REPLACE_REJECTED || e->kind == TRD_EVENT_COMMAND_REJECTED);
    const bool permitted = !refuses || e->reason != TRD_REJECT_NOT_PERMITTED;
    rig_fini(&r);
    return permitted;
}

Test(engine_gate, each_command_needs_its_permission) { /* S140 */
    const struct {
        uint8_t kind;
        uint8_t viewer;
        uint8_t trader;
    } rows[] = {{TRD_COMMAND_NEW, 0, 1}, {TRD_COMMAND_REPLACE, 0, 1}, {TRD_COMMAND_QUOTE, 0, 1},
        {TRD_COMMAND_PROTECTION, 0, 1}, {TRD_COMMAND_CANCEL, 0, 1}, {TRD_COMMAND_REDUCE, 0, 1},
        {TRD_COMMAND_MASS_CANCEL, 0, 1}, {TRD_COMMAND_DEADMAN, 0, 1}, {TRD_COMMAND_ACCOUNT, 0, 0},
        {TRD_COMMAND_TRANSFER, 0, 0}, {TRD_COMMAND_SESSION, 0, 0}, {TRD_COMMAND_PRICE, 0, 0},
        {TRD_COMMAND_LIMIT, 0, 0}, {TRD_COMMAND_KILL, 0, 0}, {TRD_COMMAND_FUNDING, 0, 0},
        {TRD_COMMAND_CORPORATE, 0, 0}, {TRD_COMMAND_INSTRUMENT, 0, 0}, {TRD_COMMAND_TIMER, 1, 1},
        {TRD_COMMAND_SUBSCRIBE, 1, 1}};
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *name = trd_command_text(rows[i].kind);
        cr_expect(eq(u8, is_permitted(rows[i].kind, STRANGER), rows[i].viewer), "%s", name);
        cr_expect(eq(u8, is_permitted(rows[i].kind, VIEWER), rows[i].viewer), "%s", name);
        cr_expect(eq(u8, is_permitted(rows[i].kind, TRADER), rows[i].trader), "%s", name);
        cr_expect(eq(u8, is_permitted(rows[i].kind, MANAGER), 1), "%s", name);
    }
}

/* --- messages --------------------------------------------------------------------------------- */

static trd_command limit_set(unsigned limit, unsigned scope, int64_t value) {
    return (trd_command){.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = ALICE,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = (uint16_t)limit,
            .scope = (uint8_t)scope,
            .value = value}};
}

static void command_taken(rig *r, trd_command c) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, r->out.count, 0));
}

/* One message per 1,000 ns, and this command is it: is it counted? */
static bool is_counted(unsigned kind) {
    rig r;
    with_roles(&r);
    trd_command limit = limit_set(TRD_LIMIT_MESSAGES, TRD_LIMIT_ACCOUNT, 1);
    limit.u.limit.window = 1000;
    limit.u.limit.burst = 1;
    command_taken(&r, limit);
    trd_command c = {.kind = (uint8_t)kind, .slots = 1, .account = ALICE, .instrument = SPOT};
    if (kind == TRD_COMMAND_REDUCE || kind == TRD_COMMAND_CANCEL) {
        c.u.cancel = (trd_cancel){.target = r.id, .qty = kind == TRD_COMMAND_REDUCE};
    }
    cr_assert(eq(int, send(&r, c), TRD_OK)); /* refused or not */
    cr_assert(eq(int, send(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 1000)), TRD_OK));
    const bool counted = r.events[0].kind == TRD_EVENT_REJECTED;
    cr_assert(eq(u8, counted ? r.events[0].reason : TRD_REJECT_MESSAGES, TRD_REJECT_MESSAGES));
    rig_fini(&r);
    return counted;
}

Test(engine_gate, orders_quotes_and_cancels_are_messages) { /* S138 */
    const uint8_t counted[] = {TRD_COMMAND_NEW, TRD_COMMAND_REPLACE, TRD_COMMAND_QUOTE,
        TRD_COMMAND_CANCEL, TRD_COMMAND_REDUCE, TRD_COMMAND_MASS_CANCEL};
    const uint8_t others[] = {TRD_COMMAND_TIMER, TRD_COMMAND_SUBSCRIBE, TRD_COMMAND_DEADMAN,
        TRD_COMMAND_TRANSFER, TRD_COMMAND_LIMIT, TRD_COMMAND_PRICE};
    for (unsigned i = 0; i < sizeof(counted); i++) {
        cr_expect(is_counted(counted[i]), "%s", trd_command_text(counted[i]));
    }
    for (unsigned i = 0; i < sizeof(others); i++) {
        cr_expect(eq(u8, is_counted(others[i]), 0), "%s", trd_command_text(others[i]));
    }
}

/* The throttle is used up; what takes lots away passes. */
Test(engine_gate, cancels_of_every_kind_pass_a_throttle) { /* S138 */
    const uint8_t kinds[] = {TRD_COMMAND_REDUCE, TRD_COMMAND_CANCEL, TRD_COMMAND_MASS_CANCEL};
    for (unsigned i = 0; i < sizeof(kinds); i++) {
        rig r;
        with_roles(&r);
        trd_command limit = limit_set(TRD_LIMIT_MESSAGES, TRD_LIMIT_ACCOUNT, 0);
        limit.u.limit.window = 1000;
        command_taken(&r, limit);
        trd_command c = {.kind = kinds[i], .slots = 1, .account = ALICE, .instrument = SPOT};
        if (kinds[i] != TRD_COMMAND_MASS_CANCEL) {
            c.u.cancel = (trd_cancel){.target = r.id, .qty = kinds[i] == TRD_COMMAND_REDUCE};
        }
        cr_assert(eq(int, send(&r, c), TRD_OK));
        cr_assert(eq(u8, r.events[0].kind,
            kinds[i] == TRD_COMMAND_REDUCE ? TRD_EVENT_REPLACED : TRD_EVENT_CANCELED));
        rig_fini(&r);
    }
}

/* The strategy of an order is in its extension. */
Test(engine_gate, messages_of_a_strategy_are_counted_by_its_tag) { /* S138 */
    rig r;
    with_roles(&r);
    trd_command limit = limit_set(TRD_LIMIT_MESSAGES, TRD_LIMIT_TAG, 1);
    limit.u.limit.name = 7;
    limit.u.limit.window = 1000;
    limit.u.limit.burst = 1;
    command_taken(&r, limit);
    const struct {
        uint64_t tag;
        unsigned reason;
    } rows[] = {{7, 0}, {7, TRD_REJECT_MESSAGES}, {8, 0}, {0, 0}};
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        trd_command record[2] = {order(&r, ALICE, SPOT, TRD_BUY, 1, 1000)};
        const trd_ext_link link = {.kind = TRD_EXT_ORDER_LINK, .tag = rows[i].tag};
        memcpy(&record[1], &link, sizeof(link));
        record[0].slots = 2;
        r.out.count = 0;
        cr_assert(eq(int, trd_engine_step(r.engine, record, &r.out), TRD_OK));
        const bool refuses = r.events[0].kind == TRD_EVENT_REJECTED;
        cr_assert(eq(u32, refuses ? r.events[0].reason : 0, rows[i].reason), "row %u", i);
    }
    rig_fini(&r);
}

/* --- orders that are wrong in two ways -------------------------------------------------------- */

/* Risk is asked about what the market refuses too, on its terms as they are. */
Test(engine_gate, of_two_reasons_the_one_of_risk_may_be_the_first) { /* S131 */
    rig r;
    rig_init(&r);
    trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 0, 0);
    c.u.order.type = TRD_TYPE_MARKET;
    c.u.order.tif = TRD_TIF_IOC;
    refused(&r, c, TRD_REJECT_QTY_ZERO);
    c.u.order.qty = -1; /* nothing that could be asked about */
    refused(&r, c, TRD_REJECT_QTY_NEGATIVE);
    c = order(&r, ALICE, SPOT, TRD_BUY, 10001, 0);
    c.u.order.type = TRD_TYPE_MARKET;
    c.u.order.tif = TRD_TIF_IOC;
    refused(&r, c, TRD_REJECT_QTY_MAX);
    cr_assert(eq(int, trd_engine_enable(r.engine, SPOT, 0), TRD_OK));
    refused(&r, c, TRD_REJECT_DISABLED);
    cr_assert(eq(int, trd_engine_enable(r.engine, SPOT, 1), TRD_OK));
    /* ORDER_QTY stands before REDUCE_ONLY, unless it is passed over. */
    const trd_command limit = limit_set(TRD_LIMIT_ORDER_QTY, TRD_LIMIT_FIRM, 5);
    command_taken(&r, limit);
    c = order(&r, ALICE, FUTURE, TRD_SELL, 6, 1000);
    c.u.order.exec = TRD_EXEC_REDUCE_ONLY;
    refused(&r, c, TRD_REJECT_ORDER_QTY);
    c.flags = TRD_COMMAND_OVERRIDE;
    refused(&r, c, TRD_REJECT_REDUCE_ONLY);
    rig_fini(&r);
}
