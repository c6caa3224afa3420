/* test_engine_split_monitor.c - a split where margin is watched: what is paid for fractions counts
 * in the pool of the quote asset, and what follows from that is told with the split itself. Numbers
 * are those of docs/reference/accounts.md, "Splits and dividends", and monitoring.md. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/tradsys.h>

/* USD in cents. A share is 100 minor units of SHARE; nothing but SPOT counts on them, so that they
 * may be split. FUTURE: a tick x lot is one cent, 10 % initial, 5 % maintenance. Nothing has fees.
 */
enum { ROOM = 512, USD = 0, SHARE = 1, COIN = 2, SPOT = 0, FUTURE = 1, ALICE = 1, BOB = 2 };

typedef struct rig {
    trd_engine *engine;
    trd_event events[ROOM];
    trd_out out;
    uint64_t id;
} rig;

static void send(rig *r, trd_command command) {
    command.slots = 1;
    r->out.count = 0;
    cr_assert(eq(int, trd_engine_step(r->engine, &command, &r->out), TRD_OK));
    /* It compares the levels with those of a walk over everything. */
    cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
    for (uint32_t i = 0; i < r->out.count; i += r->events[i].slots) {
        cr_assert(eq(u8,
                      r->events[i].kind == TRD_EVENT_REJECTED ||
                          r->events[i].kind == TRD_EVENT_COMMAND_REJECTED,
                      0),
            "%s", trd_reject_text(r->events[i].reason));
    }
}

static void open_account(rig *r, uint32_t account, unsigned mode) {
    send(r, (trd_command){.kind = TRD_COMMAND_ACCOUNT,
                .account = account,
                .u.account = {.action = TRD_ACCOUNT_SET,
                    .role = TRD_ROLE_TRADER,
                    .margin = (uint8_t)mode,
                    .enabled = 1}});
}

static void deposit(rig *r, uint32_t account, uint32_t asset, trd_amt amount) {
    send(r, (trd_command){.kind = TRD_COMMAND_TRANSFER,
                .account = account,
                .u.transfer = {.action = TRD_TRANSFER_DEPOSIT, .asset = asset, .amount = amount}});
}

static void mark(rig *r, uint32_t instrument, trd_px px) {
    send(r, (trd_command){.kind = TRD_COMMAND_PRICE,
                .instrument = instrument,
                .u.price = {.px = px, .source = TRD_SOURCE_MARK}});
}

static void order(
    rig *r, uint32_t account, uint32_t instrument, unsigned side, trd_qty qty, trd_px px) {
    send(r, (trd_command){.kind = TRD_COMMAND_NEW,
                .account = account,
                .instrument = instrument,
                .u.order = {.client_id = ++r->id,
                    .px = px,
                    .qty = qty,
                    .side = (uint8_t)side,
                    .type = TRD_TYPE_LIMIT,
                    .tif = TRD_TIF_GTC}});
}

static void split(rig *r, int64_t numerator, int64_t denominator) {
    send(r, (trd_command){.kind = TRD_COMMAND_CORPORATE,
                .instrument = SPOT,
                .u.corporate = {.action = TRD_CORPORATE_SPLIT,
                    .numerator = numerator,
                    .denominator = denominator}});
}

static void list(rig *r, unsigned kind, uint32_t base) {
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_margin_rates rates = {.initial_ppm = 100000, .maintenance_ppm = 50000};
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = (char)('A' + kind);
    spec.kind = (uint8_t)kind;
    spec.px_max = 100000;
    spec.qty_max = 10000;
    spec.base_asset = base;
    spec.quote_asset = USD;
    spec.settle_asset = USD;
    const trd_engine_listing listing = {
        .spec = &spec, .terms = &terms, .model = kind == TRD_INSTRUMENT_LINEAR ? &model : NULL};
    cr_assert(trd_engine_list(r->engine, &listing) >= 0);
}

static void assets(rig *r) {
    static const char *const symbols[] = {"USD", "SHARE", "COIN"};
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1};
    for (int i = USD; i <= COIN; i++) {
        trd_asset asset = {.struct_size = sizeof(asset), .scale = 2};
        strcpy(asset.symbol, symbols[i]);
        cr_assert(eq(int, trd_engine_asset(r->engine, &asset), i));
    }
    cr_assert(eq(int, trd_engine_fees(r->engine, &fees), 0));
}

static void rig_init(rig *r, unsigned mode) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    trd_monitor_def monitor = trd_monitor_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max =
        monitor.instruments_max = 2;
    match.orders_max = accounts.orders_max = risk.orders_max = 16;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = monitor.accounts_max = 8;
    match.positions_max = accounts.positions_max = monitor.positions_max = 16;
    match.specials_max = match.ids_max = 16;
    accounts.assets_max = 3;
    accounts.balances_max = monitor.balances_max = 16;
    accounts.publish = TRD_PUBLISH_MONEY_ALL;
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .monitor = &monitor};
    *r = (rig){.engine = trd_engine_create(&def)};
    r->out = (trd_out){.events = r->events, .capacity = ROOM};
    cr_assert(ne(ptr, r->engine, NULL));
    assets(r);
    list(r, TRD_INSTRUMENT_SPOT, SHARE);
    list(r, TRD_INSTRUMENT_LINEAR, COIN);
    open_account(r, ALICE, mode);
    open_account(r, BOB, TRD_MODE_FLAT);
    deposit(r, BOB, USD, 100000);
    mark(r, FUTURE, 100);
    mark(r, SPOT, 1000);
}

static void rig_fini(rig *r) {
    trd_engine_destroy(r->engine);
}

/* ALICE is long 10 at 100 with this much, at a mark of 90: 100 of it are lost. Maintenance is 5 %
 * of 900. */
static void long_ten(rig *r, trd_amt money) {
    deposit(r, ALICE, USD, money);
    order(r, BOB, FUTURE, TRD_SELL, 10, 100);
    order(r, ALICE, FUTURE, TRD_BUY, 10, 100);
    mark(r, FUTURE, 90);
}

static const trd_event *change_of(const rig *r) {
    const trd_event *found = NULL;
    for (uint32_t i = 0; i < r->out.count; i += r->events[i].slots) {
        if (r->events[i].kind == TRD_EVENT_MARGIN) {
            cr_assert(found == NULL, "two changes");
            found = &r->events[i];
        }
    }
    return found;
}

static void changes(const rig *r, unsigned former, unsigned level, trd_amt equity, trd_amt need) {
    const trd_event *e = change_of(r);
    cr_assert(e != NULL);
    cr_assert(eq(u8, e->reason, TRD_CHANGE_LEVEL));
    cr_assert(eq(u32, e->account, ALICE));
    cr_assert(eq(u8, e->u.margin.former, former));
    cr_assert(eq(u8, e->status, level));
    cr_assert(eq(i64, e->u.margin.equity, equity));
    cr_assert(eq(i64, e->u.margin.maintenance, need));
}

/* Of 101 units of shares a split of 1 for 2 leaves 50; half of one new unit is one old one, a
 * hundredth of a share of 10.00. So 60 cents become 70, and 67.5 are wanted: 45 x 150 %. At 89 they
 * would be 60 of 45 x 1.5. */
Test(engine_split_monitor, what_a_fraction_brings_counts_for_the_level) {
    rig r;
    rig_init(&r, TRD_MODE_CROSS);
    deposit(&r, ALICE, SHARE, 101);
    long_ten(&r, 160);
    changes(&r, TRD_MARGIN_FINE, TRD_MARGIN_WARN, 60, 45);
    split(&r, 1, 2);
    changes(&r, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 70, 45);
    mark(&r, FUTURE, 89);
    changes(&r, TRD_MARGIN_FINE, TRD_MARGIN_WARN, 60, 45);
    mark(&r, FUTURE, 90);
    changes(&r, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 70, 45);
    rig_fini(&r);
}

/* 100 units have no half. */
Test(engine_split_monitor, shares_without_a_fraction_change_no_level) {
    rig r;
    rig_init(&r, TRD_MODE_CROSS);
    deposit(&r, ALICE, SHARE, 100);
    long_ten(&r, 160);
    split(&r, 1, 2);
    cr_assert(change_of(&r) == NULL);
    mark(&r, FUTURE, 92); /* 80 of 69 */
    changes(&r, TRD_MARGIN_WARN, TRD_MARGIN_FINE, 80, 46);
    split(&r, 3, 1);
    cr_assert(change_of(&r) == NULL);
    rig_fini(&r);
}

/* The collateral of an isolated position is its own: 100 at entry, 0 is left of it at 90. What the
 * fraction brings is free. */
Test(engine_split_monitor, an_isolated_position_gets_nothing_from_a_fraction) {
    rig r;
    rig_init(&r, TRD_MODE_ISOLATED);
    deposit(&r, ALICE, SHARE, 101);
    long_ten(&r, 160);
    changes(&r, TRD_MARGIN_FINE, TRD_MARGIN_LIQUIDATE, 0, 45);
    split(&r, 1, 2);
    cr_assert(change_of(&r) == NULL);
    const trd_unit unit = {.account = ALICE,
        .asset = USD,
        .instrument = FUTURE,
        .kind = TRD_UNIT_POSITION,
        .position = TRD_POSITION_NET};
    cr_assert(eq(int,
        trd_monitor_level(trd_engine_monitor(r.engine), trd_engine_accounts(r.engine), &unit),
        TRD_MARGIN_LIQUIDATE));
    rig_fini(&r);
}

/* A bid of 1 at 10.00 and an offer of 1 share wait while the split goes on: what is held for them
 * is money of the pool all the time. ALICE has 1,160: 1,060 of 45 x 150 % at 90. */
Test(engine_split_monitor, what_is_held_counts_before_and_after) {
    rig r;
    rig_init(&r, TRD_MODE_CROSS);
    deposit(&r, ALICE, SHARE, 201);
    long_ten(&r, 1160);
    cr_assert(change_of(&r) == NULL);
    order(&r, ALICE, SPOT, TRD_BUY, 1, 1000);
    order(&r, ALICE, SPOT, TRD_SELL, 2, 1010);
    split(&r, 1, 2); /* the bid has no lots left, the offer one */
    cr_assert(change_of(&r) == NULL);
    trd_balance balance;
    const trd_accounts *accounts = trd_engine_accounts(r.engine);
    cr_assert(eq(int, trd_accounts_balance(accounts, ALICE, USD, &balance), TRD_OK));
    cr_assert(eq(i64, balance.free + balance.locked, 1170));
    cr_assert(eq(int, trd_accounts_balance(accounts, ALICE, SHARE, &balance), TRD_OK));
    cr_assert(eq(i64, balance.free, 0));
    cr_assert(eq(i64, balance.locked, 100));
    mark(&r, FUTURE, 1); /* 1,170 - 990: 180 of 1 */
    cr_assert(change_of(&r) == NULL);
    rig_fini(&r);
}
