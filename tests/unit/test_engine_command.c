/* test_engine_command.c - what an engine can be made of, its calls and their errors, and the
 * commands about accounts, money and limits: what is refused, and with which reason. */
#include <stdlib.h>

#include "engine_rig.h"
#include "hook.h"

enum { CAROL = 3, MANY = 64 };

/* --- what it is made of ----------------------------------------------------------------------- */

typedef struct parts {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_engine_def def;
} parts;

static parts parts_new(void) {
    parts p;
    memset(&p, 0, sizeof(p));
    p.def = def_of(&p.match, &p.accounts, &p.risk);
    return p;
}

/* Nothing is made of it, in no way. */
static void makes_nothing(parts *p) {
    p->def.match = p->def.match != NULL ? &p->match : NULL;
    p->def.accounts = p->def.accounts != NULL ? &p->accounts : NULL;
    p->def.risk = p->def.risk != NULL ? &p->risk : NULL;
    void *memory = aligned_alloc(TRD_ENGINE_ALIGN, 64);
    cr_expect(eq(sz, trd_engine_footprint(&p->def), 0));
    cr_expect(eq(ptr, trd_engine_create(&p->def), NULL));
    cr_expect(eq(ptr, trd_engine_init(memory, &p->def), NULL));
    free(memory);
}

#define MAKES_NOTHING(change)                                                                      \
    do {                                                                                           \
        parts p = parts_new();                                                                     \
        change;                                                                                    \
        makes_nothing(&p);                                                                         \
    } while (0)

Test(engine_command, a_definition_that_is_not_whole_makes_no_engine) {
    parts good = parts_new();
    good.def.match = &good.match;
    good.def.accounts = &good.accounts;
    good.def.risk = &good.risk;
    cr_assert(ne(sz, trd_engine_footprint(&good.def), 0));
    MAKES_NOTHING(p.def.struct_size = 0);
    MAKES_NOTHING(p.def.decisions = 2);
    MAKES_NOTHING(p.def.match = NULL);
    MAKES_NOTHING(p.def.accounts = NULL);
    MAKES_NOTHING(p.def.risk = NULL);
    MAKES_NOTHING(p.match.struct_size -= 8);
}

Test(engine_command, parts_of_different_size_make_no_engine) {
    MAKES_NOTHING(p.match.accounts_max = 15);
    MAKES_NOTHING(p.risk.accounts_max = 15);
    MAKES_NOTHING(p.match.instruments_max = 3);
    MAKES_NOTHING(p.risk.instruments_max = 3);
    MAKES_NOTHING(p.match.orders_max = 65);
    MAKES_NOTHING(p.risk.orders_max = 65);
}

/* Each part as it would be refused alone. */
Test(engine_command, a_part_that_cannot_be_made_makes_no_engine) {
    MAKES_NOTHING(p.match.window = 63);
    MAKES_NOTHING(p.accounts.assets_max = 0);
    MAKES_NOTHING(p.risk.limits_max = UINT32_MAX);
}

Test(engine_command, an_engine_lives_in_the_memory_that_it_is_given) {
    parts p = parts_new();
    p.def.match = &p.match;
    p.def.accounts = &p.accounts;
    p.def.risk = &p.risk;
    const size_t size = trd_engine_footprint(&p.def);
    char *memory = aligned_alloc(TRD_ENGINE_ALIGN, size + TRD_ENGINE_ALIGN);
    cr_assert(eq(ptr, trd_engine_init(NULL, &p.def), NULL));
    cr_assert(eq(ptr, trd_engine_init(memory + 32, &p.def), NULL));
    trd_engine *engine = trd_engine_init(memory, &p.def);
    cr_assert(eq(ptr, engine, memory));
    cr_assert(eq(int, trd_engine_audit(engine), TRD_OK));
    free(memory);
}

Test(engine_command, creation_uses_the_hook_once_and_gives_back_what_it_got) {
    parts p = parts_new();
    hook h = {.fail_at = 1};
    p.def.match = &p.match;
    p.def.accounts = &p.accounts;
    p.def.risk = &p.risk;
    p.def.mem = hook_mem(&h);
    cr_assert(eq(ptr, trd_engine_create(&p.def), NULL));
    cr_assert(eq(u32, h.allocs, 1));
    trd_engine *engine = trd_engine_create(&p.def);
    cr_assert(ne(ptr, engine, NULL));
    cr_assert(eq(sz, h.size, trd_engine_footprint(&p.def)));
    trd_engine_destroy(engine);
    trd_engine_destroy(NULL);
    cr_assert(eq(u32, h.allocs, 2));
    cr_assert(eq(u32, h.releases, 1));
}

Test(engine_command, reset_keeps_assets_fees_and_instruments_and_nothing_that_happened) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 10, 1000));
    trd_engine_reset(r.engine);
    cr_assert(eq(int, trd_engine_audit(r.engine), TRD_OK));
    trd_match_stats stats;
    trd_match_stats_get(trd_engine_match(r.engine), &stats);
    cr_assert(eq(u64, stats.orders, 0));
    trd_account got;
    cr_assert(eq(int, trd_accounts_get(trd_engine_accounts(r.engine), ALICE, &got), TRD_E_UNKNOWN));
    open_account(&r, ALICE, TRD_MODE_FLAT);
    deposit(&r, ALICE, USD, 100000);
    r.id = 0; /* the same id is as good as new */
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 10, 1000));
    has(&r, ALICE, USD, 89990, 10010);
    rig_fini(&r);
}

/* --- set-up ----------------------------------------------------------------------------------- */

Test(engine_command, a_listing_that_is_not_whole_is_refused) {
    parts p = parts_new();
    p.def.match = &p.match;
    p.def.accounts = &p.accounts;
    p.def.risk = &p.risk;
    trd_engine *engine = trd_engine_create(&p.def);
    const trd_asset usd = asset("USD");
    const trd_asset sh = asset("SHARE");
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_engine_asset(engine, &usd), USD));
    cr_assert(eq(int, trd_engine_asset(engine, &sh), SHARE));
    cr_assert(eq(int, trd_engine_fees(engine, &fees), 0));
    const trd_instrument spec = share();
    const trd_terms terms = {.struct_size = sizeof(terms)};
    trd_margin_model no_model;
    memset(&no_model, 0, sizeof(no_model));
    trd_profile bad = trd_profile_default();
    bad.reserved = 1;
    trd_profile allocates = trd_profile_default();
    allocates.allocation = TRD_ALLOCATE_PRORATA;
    const trd_engine_listing rows[] = {{.terms = &terms}, {.spec = &spec},
        {.spec = &spec, .terms = &terms, .profile = &bad},
        {.spec = &spec, .terms = &terms, .model = &no_model},
        {.spec = &spec, .terms = &terms, .profile = &allocates}};
    cr_assert(eq(int, trd_engine_list(engine, NULL), TRD_E_ARG));
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert(eq(int, trd_engine_list(engine, &rows[i]), TRD_E_ARG), "row %u", i);
    }
    trd_engine_destroy(engine);
    p.match.allocates = 1;
    engine = trd_engine_create(&p.def);
    cr_assert(eq(int, trd_engine_asset(engine, &usd), USD));
    cr_assert(eq(int, trd_engine_asset(engine, &sh), SHARE));
    cr_assert(eq(int, trd_engine_fees(engine, &fees), 0));
    cr_assert(eq(int, trd_engine_list(engine, &rows[4]), 0));
    trd_engine_destroy(engine);
}

/* ALICE buys from 20 orders with an output of the smallest room. */
static trd_command begin_sweep(rig *r) {
    rig_init(r);
    deposit(r, ALICE, USD, 1000000);
    deposit(r, BOB, SHARE, 10000);
    for (trd_px px = 100; px < 120; px++) {
        good(r, order(r, BOB, SPOT, TRD_SELL, 1, px));
    }
    const trd_command sweep = order(r, ALICE, SPOT, TRD_BUY, 20, 150);
    r->out = (trd_out){.events = r->events, .capacity = TRD_ENGINE_OUT_MIN};
    cr_assert(eq(int, trd_engine_step(r->engine, &sweep, &r->out), TRD_MORE));
    return sweep;
}

Test(engine_command, while_a_command_is_pending_nothing_else_is_taken) {
    rig r;
    const trd_command sweep = begin_sweep(&r);
    const trd_asset eur = asset("EUR");
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    const trd_actor actor = {.actor = 1, .role = TRD_ROLE_ADMIN};
    const trd_instrument spec = share();
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_engine_listing listing = {.spec = &spec, .terms = &terms};
    trd_verdict verdict;
    cr_assert(eq(int, trd_engine_asset(r.engine, &eur), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_fees(r.engine, &fees), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_actor(r.engine, &actor), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_enable(r.engine, SPOT, 0), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_list(r.engine, &listing), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_ask(r.engine, &sweep, &verdict), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_step(r.engine, &sweep, &r.out), TRD_E_BUSY));
    cr_assert(eq(int, trd_engine_audit(r.engine), TRD_OK)); /* the parts are sound at any time */
    /* Without room it waits. */
    cr_assert(eq(int, trd_engine_step(r.engine, NULL, &r.out), TRD_MORE));
    int result = TRD_MORE;
    while (result == TRD_MORE) {
        r.out.count = 0;
        result = trd_engine_step(r.engine, NULL, &r.out);
    }
    cr_assert(eq(int, result, TRD_OK));
    has(&r, ALICE, SHARE, 2000, 0);
    rig_fini(&r);
}

/* --- the calls -------------------------------------------------------------------------------- */

Test(engine_command, an_output_must_be_usable_and_have_room) {
    rig r;
    rig_init(&r);
    const trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1};
    trd_out out = {.events = NULL, .capacity = ROOM};
    cr_assert(eq(int, trd_engine_step(r.engine, &timer, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_step(r.engine, &timer, &out), TRD_E_ARG));
    out = (trd_out){.events = r.events, .capacity = ROOM, .count = ROOM + 1};
    cr_assert(eq(int, trd_engine_step(r.engine, &timer, &out), TRD_E_ARG));
    out.count = 0;
    cr_assert(eq(int, trd_engine_step(r.engine, NULL, &out), TRD_E_ARG));
    out.count = ROOM - TRD_ENGINE_OUT_MIN + 1;
    cr_assert(eq(int, trd_engine_step(r.engine, &timer, &out), TRD_E_FULL));
    trd_match_stats before;
    trd_match_stats_get(trd_engine_match(r.engine), &before);
    out.count--;
    cr_assert(eq(int, trd_engine_step(r.engine, &timer, &out), TRD_OK));
    trd_match_stats after;
    trd_match_stats_get(trd_engine_match(r.engine), &after);
    cr_assert(eq(u64, after.commands, before.commands + 1)); /* only the last one was consumed */
    rig_fini(&r);
}

Test(engine_command, a_question_is_about_an_order_and_about_now) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    trd_verdict verdict;
    trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 1, 100);
    cr_assert(eq(int, trd_engine_ask(NULL, &c, &verdict), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_ask(r.engine, NULL, &verdict), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_ask(r.engine, &c, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_engine_ask(r.engine, &c, &verdict), TRD_OK));
    trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1};
    cr_assert(eq(int, trd_engine_ask(r.engine, &timer, &verdict), TRD_E_ARG));
    /* A session that ends at 100: what the command would meet then is not known yet. */
    const trd_command session = {.kind = TRD_COMMAND_SESSION,
        .slots = 1,
        .instrument = FUTURE,
        .u.session = {.state = TRD_SESSION_VOLATILITY, .until = 100}};
    cr_assert(eq(int, send(&r, session), TRD_OK));
    c.time = 1000000000;
    cr_assert(eq(int, trd_engine_ask(r.engine, &c, &verdict), TRD_E_BUSY));
    rig_fini(&r);
}

Test(engine_command, a_record_of_too_many_slots_is_malformed) {
    rig r;
    rig_init(&r);
    trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 1, 100);
    c.slots = TRD_SLOTS_MAX + 1;
    refused(&r, c, TRD_REJECT_MALFORMED);
    c.slots = 0;
    refused(&r, c, TRD_REJECT_MALFORMED);
    rig_fini(&r);
}

/* 10 at 1,000 hold 10,010; a dry run of an amendment to 12 says so and changes nothing. */
Test(engine_command, a_dry_run_of_an_amendment_says_its_terms) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 12012);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 10, 1000));
    const trd_order handle = r.events[0].u.order.order;
    trd_command amend = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .flags = TRD_COMMAND_DRY_RUN,
        .account = ALICE,
        .instrument = SPOT,
        .u.replace = {.target = r.id, .px = 1000, .qty = 12}};
    cr_assert(eq(int, send(&r, amend), TRD_OK));
    cr_assert(eq(u32, r.out.count, 1));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REPLACED));
    cr_assert(eq(u16, r.events[0].flags, TRD_EVENT_DRY_RUN));
    cr_assert(eq(u64, r.events[0].u.order.client_id, r.id));
    cr_assert(eq(u64, r.events[0].u.order.order, handle));
    cr_assert(eq(i64, r.events[0].u.order.px, 1000));
    cr_assert(eq(i64, r.events[0].u.order.qty, 12));
    has(&r, ALICE, USD, 2002, 10010);
    amend.flags |= TRD_COMMAND_NEW_ID;
    amend.u.replace.client_id = 77;
    cr_assert(eq(int, send(&r, amend), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REPLACED));
    cr_assert(eq(u64, r.events[0].u.order.client_id, 77)); /* as it would be called */
    amend.flags = TRD_COMMAND_DRY_RUN;
    amend.u.replace.client_id = 0;
    amend.u.replace.qty = 13;
    cr_assert(eq(int, send(&r, amend), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REPLACE_REJECTED));
    cr_assert(eq(u8, r.events[0].reason, TRD_REJECT_BALANCE));
    cr_assert(eq(u16, r.events[0].flags, TRD_EVENT_DRY_RUN));
    has(&r, ALICE, USD, 2002, 10010);
    rig_fini(&r);
}

/* The bid is 1,000; the peg stands there and may go to 1,050, and holds for that: 10 x 1,050 and a
 * fee of 11 of 10.5; then 12 x 1,050 and 13 of 12.6. */
Test(engine_command, a_peg_holds_for_the_price_that_it_may_go_to_also_when_it_is_amended) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    deposit(&r, BOB, USD, 100000);
    good(&r, order(&r, BOB, SPOT, TRD_BUY, 1, 1000));
    trd_command peg[2] = {order(&r, ALICE, SPOT, TRD_BUY, 10, 0)};
    peg[0].u.order.type = TRD_TYPE_PEGGED;
    peg[0].slots = 2;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_OFFSET | TRD_PRICES_CAP,
        .peg = TRD_PEG_BEST,
        .offset_unit = TRD_OFFSET_TICKS,
        .cap = 1050};
    memcpy(&peg[1], &prices, sizeof(prices));
    r.out.count = 0;
    cr_assert(eq(int, trd_engine_step(r.engine, peg, &r.out), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    has(&r, ALICE, USD, 100000 - 10511, 10511);
    const trd_command amend = {.kind = TRD_COMMAND_REPLACE,
        .slots = 1,
        .flags = TRD_COMMAND_KEEP_PX,
        .account = ALICE,
        .instrument = SPOT,
        .u.replace = {.target = r.id, .qty = 12}};
    cr_assert(eq(int, send(&r, amend), TRD_OK));
    cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_REPLACED));
    has(&r, ALICE, USD, 100000 - 12613, 12613);
    rig_fini(&r);
}

/* --- timers ----------------------------------------------------------------------------------- */

/* Eight orders that end at 100, each with the event of what it held, before an order of then. The
 * events are the same for every room of the output. */
static uint32_t expire_in(uint32_t room, trd_event *all) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 1000000);
    for (int i = 0; i < 8; i++) {
        trd_command c[2] = {order(&r, ALICE, SPOT, TRD_BUY, 1, 100 + i)};
        c[0].u.order.tif = TRD_TIF_GTD;
        c[0].slots = 2;
        const trd_ext_link link = {
            .kind = TRD_EXT_ORDER_LINK, .flags = TRD_LINK_EXPIRY, .expiry = 100};
        memcpy(&c[1], &link, sizeof(link));
        r.out.count = 0;
        cr_assert(eq(int, trd_engine_step(r.engine, c, &r.out), TRD_OK));
        cr_assert(eq(u8, r.events[0].kind, TRD_EVENT_ACCEPTED));
    }
    trd_command c = order(&r, ALICE, SPOT, TRD_BUY, 1, 100);
    c.time = 100;
    r.out = (trd_out){.events = r.events, .capacity = room};
    uint32_t count = 0;
    int result = trd_engine_step(r.engine, &c, &r.out);
    while (result == TRD_MORE) {
        memcpy(all + count, r.events, r.out.count * sizeof(trd_event));
        count += r.out.count;
        r.out.count = 0;
        result = trd_engine_step(r.engine, NULL, &r.out);
    }
    cr_assert(eq(int, result, TRD_OK));
    memcpy(all + count, r.events, r.out.count * sizeof(trd_event));
    count += r.out.count;
    has(&r, ALICE, USD, 1000000 - 101, 101);
    rig_fini(&r);
    return count;
}

Test(engine_command, timers_that_are_due_go_on_when_there_is_room_again) {
    static trd_event whole[ROOM];
    static trd_event pieces[ROOM];
    const uint32_t count = expire_in(ROOM, whole);
    cr_assert(eq(u32, count, 8 * 2 + 2));
    for (uint32_t i = 0; i < 16; i += 2) {
        cr_assert(eq(u8, whole[i].kind, TRD_EVENT_CANCELED));
        cr_assert(eq(u8, whole[i].status, TRD_STATUS_EXPIRED));
        cr_assert(eq(u8, whole[i + 1].kind, TRD_EVENT_LEDGER));
    }
    cr_assert(eq(u8, whole[16].kind, TRD_EVENT_ACCEPTED));
    for (uint32_t room = TRD_ENGINE_OUT_MIN; room < TRD_ENGINE_OUT_MIN + 20; room++) {
        cr_assert(eq(u32, expire_in(room, pieces), count));
        cr_assert(eq(int, memcmp(whole, pieces, count * sizeof(trd_event)), 0));
    }
}

/* --- accounts, money and limits --------------------------------------------------------------- */

static void command_refused(rig *r, trd_command c, unsigned reason) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(eq(u32, r->out.count, 1));
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(u8, r->events[0].reason, reason), "%s, not %s",
        trd_reject_text(r->events[0].reason), trd_reject_text(reason));
}

/* A command about money has one slot. */
static void second_slot_refused(rig *r, trd_command c) {
    trd_command record[2] = {c};
    record[0].slots = 2;
    r->out.count = 0;
    cr_assert(eq(int, trd_engine_step(r->engine, record, &r->out), TRD_OK));
    cr_assert(eq(u32, r->out.count, 1));
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_COMMAND_REJECTED));
    cr_assert(eq(u8, r->events[0].reason, TRD_REJECT_MALFORMED));
}

static void command_taken(rig *r, trd_command c) {
    cr_assert(eq(int, send(r, c), TRD_OK));
    cr_assert(r->out.count == 0 || r->events[0].kind != TRD_EVENT_COMMAND_REJECTED);
}

static trd_command account_set(uint32_t account) {
    return (trd_command){.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .account = account,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = TRD_MODE_FLAT,
            .enabled = 1}};
}

#define REFUSED(made, change, reason)                                                              \
    do {                                                                                           \
        trd_command c = (made);                                                                    \
        change;                                                                                    \
        command_refused(&r, c, TRD_REJECT_##reason);                                               \
    } while (0)

Test(engine_command, an_account_that_cannot_be_is_refused) {
    rig r;
    rig_init(&r);
    second_slot_refused(&r, account_set(CAROL));
    REFUSED(account_set(CAROL), c.flags = TRD_COMMAND_STAGED, MALFORMED);
    REFUSED(account_set(CAROL), c.u.account.action = 2, MALFORMED);
    REFUSED(account_set(CAROL), c.u.account.reserved[2] = 1, MALFORMED);
    REFUSED(account_set(CAROL), c.u.account.reserved1 = 1, MALFORMED);
    REFUSED(account_set(CAROL), c.u.account.role = 9, MALFORMED);
    REFUSED(account_set(16), (void)c, UNKNOWN_ACCOUNT);
    trd_account got;
    const trd_accounts *accounts = trd_engine_accounts(r.engine);
    cr_assert(eq(int, trd_accounts_get(accounts, CAROL, &got), TRD_E_UNKNOWN));
    deposit(&r, ALICE, USD, 100000);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100));
    REFUSED(account_set(ALICE), c.u.account.hedge = 1, BAD_COMBINATION); /* it holds an order */
    rig_fini(&r);
}

Test(engine_command, an_account_is_what_its_command_says) {
    rig r;
    rig_init(&r);
    trd_command c = account_set(CAROL);
    c.u.account = (trd_account_body){.action = TRD_ACCOUNT_SET,
        .role = TRD_ROLE_MARKET_MAKER,
        .margin = TRD_MODE_CROSS,
        .hedge = 1,
        .enabled = 0,
        .group = 77,
        .parent = 1 + ALICE,
        .leverage = 250};
    command_taken(&r, c);
    trd_account got;
    cr_assert(eq(int, trd_accounts_get(trd_engine_accounts(r.engine), CAROL, &got), TRD_OK));
    cr_assert(eq(u8, got.role, TRD_ROLE_MARKET_MAKER));
    cr_assert(eq(u8, got.mode, TRD_MODE_CROSS));
    cr_assert(eq(u8, got.hedge, 1));
    cr_assert(eq(u8, got.enabled, 0));
    cr_assert(eq(u64, got.group, 77));
    cr_assert(eq(u32, got.parent, 1 + ALICE));
    cr_assert(eq(u32, got.leverage, 250));
    rig_fini(&r);
}

static trd_command transfer_of(unsigned action, trd_amt amount) {
    return (trd_command){.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = ALICE,
        .u.transfer = {.action = (uint8_t)action, .asset = USD, .amount = amount, .reference = 99}};
}

/* Whoever sent it knows which one it was; the body of other refusals is zero. */
Test(engine_command, a_refused_transfer_is_told_with_its_reference) {
    static const uint8_t zero[32] = {0};
    rig r;
    rig_init(&r);
    trd_command c = transfer_of(TRD_TRANSFER_WITHDRAW, 1);
    c.u.transfer.reference = 0xfedcba9876543210;
    c.account = CAROL;
    command_refused(&r, c, TRD_REJECT_UNKNOWN_ACCOUNT);
    cr_assert(eq(u64, r.events[0].u.order.client_id, 0xfedcba9876543210));
    cr_assert(memcmp(&r.events[0].u.order.order, zero, 24) == 0);
    c = account_set(ALICE);
    c.u.account.role = 99;
    c.u.account.group = 5; /* where a reference would stand */
    command_refused(&r, c, TRD_REJECT_MALFORMED);
    cr_assert(memcmp(r.events[0].u.body, zero, sizeof(zero)) == 0);
    rig_fini(&r);
}

Test(engine_command, a_transfer_that_cannot_be_is_refused) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100);
    REFUSED(transfer_of(0, 1), (void)c, MALFORMED);
    REFUSED(transfer_of(TRD_TRANSFER_REPAY + 1, 1), (void)c, MALFORMED);
    REFUSED(transfer_of(TRD_TRANSFER_DEPOSIT, 1), c.u.transfer.to = BOB, MALFORMED);
    REFUSED(transfer_of(TRD_TRANSFER_WITHDRAW, 1), c.u.transfer.to = BOB, MALFORMED);
    REFUSED(transfer_of(TRD_TRANSFER_DEPOSIT, 1), c.u.transfer.reserved[6] = 1, MALFORMED);
    REFUSED(transfer_of(TRD_TRANSFER_DEPOSIT, 0), (void)c, MALFORMED);
    REFUSED(transfer_of(TRD_TRANSFER_DEPOSIT, TRD_AMT_LIMIT), (void)c, MALFORMED);
    REFUSED(transfer_of(TRD_TRANSFER_DEPOSIT, 1), c.account = CAROL, UNKNOWN_ACCOUNT);
    REFUSED(transfer_of(TRD_TRANSFER_MOVE, 1), c.u.transfer.to = CAROL, UNKNOWN_ACCOUNT);
    REFUSED(transfer_of(TRD_TRANSFER_MOVE, 101), c.u.transfer.to = CAROL, UNKNOWN_ACCOUNT);
    REFUSED(transfer_of(TRD_TRANSFER_WITHDRAW, 101), (void)c, BALANCE);
    has(&r, ALICE, USD, 100, 0);
    trd_command moves = transfer_of(TRD_TRANSFER_MOVE, 30);
    moves.u.transfer.to = BOB;
    command_taken(&r, moves);
    has(&r, ALICE, USD, 70, 0);
    has(&r, BOB, USD, 30, 0);
    cr_assert(eq(u64, r.events[0].u.ledger.reference, 99));
    rig_fini(&r);
}

Test(engine_command, a_deposit_without_room_for_its_balance_is_refused) {
    rig r;
    rig_init(&r);
    trd_engine_destroy(r.engine);
    parts p = parts_new();
    p.def.match = &p.match;
    p.def.accounts = &p.accounts;
    p.def.risk = &p.risk;
    p.accounts.balances_max = 1;
    r.engine = trd_engine_create(&p.def);
    const trd_asset usd = asset("USD");
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_engine_asset(r.engine, &usd), USD));
    cr_assert(eq(int, trd_engine_fees(r.engine, &fees), 0));
    open_account(&r, ALICE, TRD_MODE_FLAT);
    open_account(&r, BOB, TRD_MODE_FLAT);
    deposit(&r, ALICE, USD, 1);
    REFUSED(transfer_of(TRD_TRANSFER_DEPOSIT, 1), c.account = BOB, NO_CAPACITY);
    rig_fini(&r);
}

static trd_command limit_set(unsigned limit, unsigned scope, int64_t value) {
    return (trd_command){.kind = TRD_COMMAND_LIMIT,
        .slots = 1,
        .account = ALICE,
        .instrument = FUTURE,
        .u.limit = {.action = TRD_LIMIT_SET,
            .limit = (uint16_t)limit,
            .scope = (uint8_t)scope,
            .value = value}};
}

Test(engine_command, a_limit_that_cannot_be_is_refused) {
    rig r;
    rig_init(&r);
    const trd_command firm = limit_set(TRD_LIMIT_ORDER_QTY, TRD_LIMIT_FIRM, 5);
    const trd_command actor = limit_set(TRD_LIMIT_ORDER_QTY, TRD_LIMIT_ACTOR, 5);
    const trd_command tag = limit_set(TRD_LIMIT_ORDER_QTY, TRD_LIMIT_TAG, 5);
    REFUSED(firm, c.u.limit.action = 0, MALFORMED);
    REFUSED(firm, c.u.limit.action = 4, MALFORMED);
    REFUSED(firm, c.u.limit.side = TRD_BUY, MALFORMED);
    REFUSED(firm, c.u.limit.limit = TRD_LIMIT_COUNT, MALFORMED);
    REFUSED(firm, c.u.limit.name = 1, MALFORMED);
    REFUSED(firm, c.u.limit.scope = 0, MALFORMED);
    REFUSED(actor, c.u.limit.name = (uint64_t)UINT32_MAX + 1, MALFORMED);
    REFUSED(tag, (void)c, MALFORMED); /* a tag has a name */
    second_slot_refused(&r, firm);
    rig_fini(&r);
}

/* The name of the scope is where the body and the base of the command have it. */
Test(engine_command, a_limit_is_of_what_its_command_names) {
    rig r;
    rig_init(&r);
    const struct {
        trd_limit name;
        uint64_t in_body;
    } rows[] = {{{.scope = TRD_LIMIT_FIRM}, 0}, {{.scope = TRD_LIMIT_ACCOUNT, .account = ALICE}, 0},
        {{.scope = TRD_LIMIT_INSTRUMENT, .instrument = FUTURE}, 0},
        {{.scope = TRD_LIMIT_PAIR, .account = ALICE, .instrument = FUTURE}, 0},
        {{.scope = TRD_LIMIT_ACTOR, .actor = UINT32_MAX}, UINT32_MAX},
        {{.scope = TRD_LIMIT_TAG, .tag = UINT64_MAX}, UINT64_MAX}};
    const trd_risk *risk = trd_engine_risk(r.engine);
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        trd_command c = limit_set(TRD_LIMIT_ORDER_QTY, rows[i].name.scope, 5 + i);
        c.u.limit.name = rows[i].in_body;
        command_taken(&r, c);
        trd_limit got = rows[i].name;
        got.limit = TRD_LIMIT_ORDER_QTY;
        cr_assert(eq(int, trd_risk_limit_get(risk, &got), TRD_OK), "row %u", i);
        cr_assert(eq(i64, got.value, 5 + i));
        c.u.limit.action = TRD_LIMIT_REMOVE;
        c.u.limit.value = 0;
        command_taken(&r, c);
        cr_assert(eq(int, trd_risk_limit_get(risk, &got), TRD_E_UNKNOWN), "row %u", i);
    }
    rig_fini(&r);
}

/* One execution within 1,000 ns is allowed: the second latches. */
Test(engine_command, what_has_latched_is_rearmed_by_command) {
    rig r;
    rig_init(&r);
    deposit(&r, ALICE, USD, 100000);
    deposit(&r, BOB, SHARE, 10000);
    trd_command limit = limit_set(TRD_LIMIT_EXECUTIONS, TRD_LIMIT_ACCOUNT, 1);
    limit.u.limit.window = 1000;
    command_taken(&r, limit);
    good(&r, order(&r, BOB, SPOT, TRD_SELL, 2, 100));
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100));
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100));
    refused(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100), TRD_REJECT_LATCHED);
    trd_command rearm = limit;
    rearm.u.limit.action = TRD_LIMIT_REARM;
    rearm.u.limit.value = 0;
    rearm.u.limit.window = 0;
    command_taken(&r, rearm);
    good(&r, order(&r, ALICE, SPOT, TRD_BUY, 1, 100));
    command_taken(&r, rearm);                         /* it had not latched: nothing to do */
    REFUSED(rearm, c.account = BOB, UNKNOWN_ACCOUNT); /* of whom there is none */
    rig_fini(&r);
}

static trd_command funding_of(int64_t rate, trd_ns due) {
    return (trd_command){.kind = TRD_COMMAND_FUNDING,
        .slots = 1,
        .instrument = FUTURE,
        .u.funding = {.rate = rate, .mark = 1000, .due = due}};
}

Test(engine_command, a_funding_that_cannot_be_is_refused) {
    rig r;
    rig_init(&r);
    REFUSED(funding_of(1, 1), c.u.funding.reserved = 1, MALFORMED);
    REFUSED(funding_of((int64_t)INT32_MIN - 1, 1), (void)c, MALFORMED);
    REFUSED(funding_of((int64_t)INT32_MAX + 1, 1), (void)c, MALFORMED);
    REFUSED(funding_of(TRD_RATE_ONE + 1, 1), (void)c, MALFORMED);
    REFUSED(funding_of(1, 1), c.instrument = SPOT, MALFORMED); /* nothing there pays it */
    REFUSED(funding_of(1, 1), c.instrument = 2, UNKNOWN_INSTRUMENT);
    command_taken(&r, funding_of(1, 1));
    REFUSED(funding_of(1, 1), (void)c, DUPLICATE_ID);
    rig_fini(&r);
}

/* Long 1 and short 1 at 1,000, many times over; 1 % of 1,000 goes from each long to each short.
 */
static uint32_t funding_in(uint32_t room, trd_event *all) {
    parts p = parts_new();
    p.def.match = &p.match;
    p.def.accounts = &p.accounts;
    p.def.risk = &p.risk;
    p.match.accounts_max = p.accounts.accounts_max = p.risk.accounts_max = MANY;
    p.accounts.balances_max = 2 * MANY;
    rig r;
    rig_init(&r);
    trd_engine_destroy(r.engine);
    r.engine = trd_engine_create(&p.def);
    const trd_asset usd = asset("USD");
    const trd_asset sh = asset("SHARE");
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    cr_assert(eq(int, trd_engine_asset(r.engine, &usd), USD));
    cr_assert(eq(int, trd_engine_asset(r.engine, &sh), SHARE));
    cr_assert(eq(int, trd_engine_fees(r.engine, &fees), 0));
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_margin_rates rates = {.initial_ppm = 100000};
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    trd_instrument spec = share();
    const trd_engine_listing spot = {.spec = &spec, .terms = &terms};
    cr_assert(eq(int, trd_engine_list(r.engine, &spot), SPOT));
    spec.kind = TRD_INSTRUMENT_LINEAR;
    const trd_engine_listing future = {.spec = &spec, .terms = &terms, .model = &model};
    cr_assert(eq(int, trd_engine_list(r.engine, &future), FUTURE));
    set_mark(&r, 1000);
    for (uint32_t account = 0; account < MANY; account++) {
        open_account(&r, account, TRD_MODE_FLAT);
        deposit(&r, account, USD, 1000);
        good(&r, order(&r, account, FUTURE, account % 2 == 0 ? TRD_SELL : TRD_BUY, 1, 1000));
    }
    const trd_command c = funding_of(10000000, 1);
    r.out = (trd_out){.events = r.events, .capacity = room};
    uint32_t count = 0;
    int result = trd_engine_step(r.engine, &c, &r.out);
    while (result == TRD_MORE) {
        memcpy(all + count, r.events, r.out.count * sizeof(trd_event));
        count += r.out.count;
        cr_assert(eq(int, trd_engine_step(r.engine, &c, &r.out), TRD_E_BUSY));
        r.out.count = 0;
        result = trd_engine_step(r.engine, NULL, &r.out);
    }
    cr_assert(eq(int, result, TRD_OK));
    memcpy(all + count, r.events, r.out.count * sizeof(trd_event));
    count += r.out.count;
    for (uint32_t account = 0; account < MANY; account++) {
        has(&r, account, USD, account % 2 == 0 ? 910 : 890, 100);
    }
    r.out.capacity = ROOM;
    set_mark(&r, 1000); /* and numbers go on */
    rig_fini(&r);
    return count;
}

Test(engine_command, funding_of_many_goes_on_when_there_is_room_again) {
    static trd_event whole[ROOM];
    static trd_event pieces[ROOM];
    const uint32_t count = funding_in(ROOM, whole);
    cr_assert(eq(u32, count, 2 * MANY)); /* LEDGER of the account, and of its counter side */
    for (uint32_t i = 1; i < count; i++) {
        cr_assert(eq(u64, whole[i].seq, whole[i - 1].seq + 1));
    }
    for (uint32_t room = TRD_ENGINE_OUT_MIN; room < TRD_ENGINE_OUT_MIN + 3; room++) {
        cr_assert(eq(u32, funding_in(room, pieces), count));
        cr_assert(eq(int, memcmp(whole, pieces, count * sizeof(trd_event)), 0));
    }
}
