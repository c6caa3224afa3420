/* engine_rig.h - a small engine for tests by hand: two accounts, a share and a future on it. */
#ifndef TRD_TESTS_ENGINE_RIG_H
#define TRD_TESTS_ENGINE_RIG_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/tradsys.h>

/* Two assets with two decimals: 0 dollars, 1 shares of which one lot is 100 minor units. Instrument
 * 0 is the share: a tick is one cent, a lot one share. Instrument 1 is a future on it, 10 %
 * initial. A fee of 0.1 %, maker and taker. Values are in cents. */
enum { ROOM = 512, USD = 0, SHARE = 1, SPOT = 0, FUTURE = 1, ALICE = 1, BOB = 2, ADMIN = 90 };

typedef struct rig {
    trd_engine *engine;
    trd_event events[ROOM];
    trd_out out;
    uint64_t id;
    trd_ns time;
} rig;

static inline trd_asset asset(const char *symbol) {
    trd_asset a = {.struct_size = sizeof(a), .scale = 2};
    strcpy(a.symbol, symbol);
    return a;
}

static inline trd_instrument share(void) {
    trd_instrument spec = trd_instrument_default();
    strcpy(spec.symbol, "SHARE");
    spec.px_max = 100000;
    spec.qty_max = 10000;
    spec.base_asset = SHARE;
    spec.quote_asset = USD;
    spec.settle_asset = USD;
    return spec;
}

static inline trd_engine_def def_of(
    trd_match_def *match, trd_accounts_def *accounts, trd_risk_def *risk) {
    *match = trd_match_def_default();
    *accounts = trd_accounts_def_default();
    *risk = trd_risk_def_default();
    match->instruments_max = accounts->instruments_max = risk->instruments_max = 2;
    match->orders_max = accounts->orders_max = risk->orders_max = 64;
    match->accounts_max = accounts->accounts_max = risk->accounts_max = 16;
    match->specials_max = 64;
    match->positions_max = 64;
    match->ids_max = 64;
    match->groups_max = 8;
    match->quotes_max = 8;
    risk->parents_max = 2;
    accounts->assets_max = 2;
    accounts->balances_max = 32;
    accounts->positions_max = 64;
    accounts->publish = TRD_PUBLISH_MONEY_ALL;
    return (trd_engine_def){
        .struct_size = sizeof(trd_engine_def), .match = match, .accounts = accounts, .risk = risk};
}

static inline int send(rig *r, trd_command command) {
    r->out.count = 0;
    command.time = r->time;
    const int result = trd_engine_step(r->engine, &command, &r->out);
    if (result == TRD_OK) {
        cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
    }
    return result;
}

static inline void open_account(rig *r, uint32_t account, unsigned mode) {
    const trd_command c = {.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .account = account,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = (uint8_t)mode,
            .enabled = 1}};
    cr_assert(eq(int, send(r, c), TRD_OK));
    trd_account got;
    cr_assert(eq(int, trd_accounts_get(trd_engine_accounts(r->engine), account, &got), TRD_OK));
}

static inline void deposit(rig *r, uint32_t account, uint32_t in, trd_amt amount) {
    const trd_command c = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = account,
        .u.transfer = {.action = TRD_TRANSFER_DEPOSIT, .asset = in, .amount = amount}};
    cr_assert(eq(int, send(r, c), TRD_OK));
}

/* The account has two positions from now on, LONG and SHORT. */
static inline void hedge(rig *r, uint32_t account) {
    const trd_command c = {.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .account = account,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = TRD_MODE_FLAT,
            .hedge = 1,
            .enabled = 1}};
    cr_assert(eq(int, send(r, c), TRD_OK));
}

/* The small engine of a definition, which is one of def_of that may have more of something. */
static inline void rig_make_of(rig *r, const trd_engine_def *def) {
    *r = (rig){.engine = trd_engine_create(def)};
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    cr_assert(ne(ptr, r->engine, NULL));
    const trd_asset usd = asset("USD");
    const trd_asset sh = asset("SHARE");
    cr_assert(eq(int, trd_engine_asset(r->engine, &usd), USD));
    cr_assert(eq(int, trd_engine_asset(r->engine, &sh), SHARE));
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = 1000000, .taker_ppb = 1000000}}};
    cr_assert(eq(int, trd_engine_fees(r->engine, &fees), 0));
    trd_instrument spec = share();
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_engine_listing spot = {.spec = &spec, .terms = &terms};
    cr_assert(eq(int, trd_engine_list(r->engine, &spot), SPOT));
    trd_margin_model model;
    const trd_margin_rates rates = {.initial_ppm = 100000, .maintenance_ppm = 50000};
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    trd_instrument future = share();
    strcpy(future.symbol, "FUTURE");
    future.kind = TRD_INSTRUMENT_LINEAR;
    const trd_engine_listing listing = {.spec = &future, .terms = &terms, .model = &model};
    cr_assert(eq(int, trd_engine_list(r->engine, &listing), FUTURE));
    open_account(r, ALICE, TRD_MODE_FLAT);
    open_account(r, BOB, TRD_MODE_FLAT);
}

/* With or without positions in the matcher: without them a plain order is one unit of work. */
static inline void rig_make(rig *r, uint32_t decisions, uint32_t positions_max) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_engine_def def = def_of(&match, &accounts, &risk);
    def.decisions = decisions;
    match.positions_max = positions_max;
    rig_make_of(r, &def);
}

/* With a third instrument, THIRD: this one, at a margin of 10 %. */
enum { THIRD = 2 };

static inline void rig_init_third(rig *r, const trd_instrument *third) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    const trd_engine_def def = def_of(&match, &accounts, &risk);
    match.instruments_max = accounts.instruments_max = risk.instruments_max = 3;
    rig_make_of(r, &def);
    trd_margin_model model;
    const trd_margin_rates rates = {.initial_ppm = 100000, .maintenance_ppm = 50000};
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_engine_listing listing = {.spec = third, .terms = &terms, .model = &model};
    cr_assert(eq(int, trd_engine_list(r->engine, &listing), THIRD));
}

/* A call on the share, settled in dollars. */
static inline trd_instrument call(trd_px strike) {
    trd_instrument spec = share();
    strcpy(spec.symbol, "CALL");
    spec.kind = TRD_INSTRUMENT_OPTION;
    spec.option = TRD_OPTION_CALL;
    spec.strike = strike;
    spec.expiry = 1;
    spec.px_max = 1000;
    return spec;
}

static inline void rig_init_with(rig *r, uint32_t decisions) {
    rig_make(r, decisions, 64);
}

static inline void rig_init(rig *r) {
    rig_make(r, 0, 64);
}

static inline void rig_fini(rig *r) {
    cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
    trd_engine_destroy(r->engine);
}

static inline trd_command order(
    rig *r, uint32_t account, uint32_t instrument, unsigned side, trd_qty qty, trd_px px) {
    return (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = account,
        .instrument = instrument,
        .u.order = {.client_id = ++r->id,
            .px = px,
            .qty = qty,
            .side = (uint8_t)side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
}

static inline void good(rig *r, trd_command command) {
    cr_assert(eq(int, send(r, command), TRD_OK));
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_ACCEPTED));
}

static inline void refused(rig *r, trd_command command, unsigned reason) {
    cr_assert(eq(int, send(r, command), TRD_OK));
    cr_assert(eq(u32, r->out.count, 1));
    cr_assert(eq(u8, r->events[0].kind, TRD_EVENT_REJECTED));
    cr_assert(eq(u8, r->events[0].reason, reason), "%s, not %s",
        trd_reject_text(r->events[0].reason), trd_reject_text(reason));
}

static inline trd_balance balance(const rig *r, uint32_t account, uint32_t in) {
    trd_balance b;
    const trd_accounts *accounts = trd_engine_accounts(r->engine);
    cr_assert(eq(int, trd_accounts_balance(accounts, account, in, &b), TRD_OK));
    return b;
}

static inline void has(const rig *r, uint32_t account, uint32_t in, trd_amt free, trd_amt locked) {
    const trd_balance b = balance(r, account, in);
    cr_assert(eq(i64, b.free, free));
    cr_assert(eq(i64, b.locked, locked));
}

static inline void set_mark(rig *r, trd_px px) {
    const trd_command c = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = FUTURE,
        .u.price = {.px = px, .source = TRD_SOURCE_MARK}};
    cr_assert(eq(int, send(r, c), TRD_OK));
}

#endif
