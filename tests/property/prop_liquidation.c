/* prop_liquidation.c - random lives of an engine that liquidates.
 *
 * After every command: the audit finds nothing (all money of an asset sums to zero, positions are
 * the same wherever they are kept, levels are those of a walk, no order of the engine is left);
 * nobody is short of maintenance but those who were told to wait; an isolated position has cost its
 * account nothing but what it stood on; and an engine whose output has another room has told the
 * same. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "draw.h"

enum {
    RUNS = 150,
    STEPS = 300,
    ROOM = 65536,
    ACCOUNTS = 8,
    FUND = 7,
    INSTRUMENTS = 4,
    ASSETS = 2,
    SIDES = 3
};

typedef struct life {
    trd_rng *rng;
    trd_engine *engine[2];
    uint32_t room[2];
    trd_event told[2][ROOM];
    uint32_t count[2];
    trd_px mark[INSTRUMENTS];
    trd_px usual[INSTRUMENTS];
    uint64_t id;
    trd_ns time;
    int64_t odds_mark, odds_jump, odds_session, depth;
    bool waits_pool[ACCOUNTS][ASSETS];
    bool waits_position[ACCOUNTS][INSTRUMENTS][SIDES];
    bool waits_all[ACCOUNTS];
    uint64_t steps[TRD_STEP_DONE + 1];
    trd_amt others[ACCOUNTS][ASSETS]; /* before the command: money that no position stands on */
    uint64_t isolated, whole, grouped, cut, kept;
} life;

static int64_t in(life *l, int64_t low, int64_t high) {
    return draw_in(l->rng, low, high);
}

static bool chance(life *l, int64_t percent) {
    return draw_chance(l->rng, percent);
}

/* --- the world -------------------------------------------------------------------------------- */

/* PERP with tiers and odd fractions, MINI, an inverse contract that settles in the other asset, an
 * option. */
static trd_instrument spec_of(life *l, int i) {
    static const uint8_t kinds[INSTRUMENTS] = {TRD_INSTRUMENT_LINEAR, TRD_INSTRUMENT_LINEAR,
        TRD_INSTRUMENT_INVERSE, TRD_INSTRUMENT_OPTION};
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = (char)('A' + i);
    spec.kind = kinds[i];
    spec.px_max = 400;
    spec.qty_max = in(l, 10, 200);
    spec.numerator = in(l, 1, 50);
    spec.denominator = in(l, 1, 7);
    spec.base_asset = 1;
    spec.settle_asset = spec.kind == TRD_INSTRUMENT_INVERSE ? 1 : 0;
    if (spec.kind == TRD_INSTRUMENT_INVERSE) {
        spec.numerator = 300000;
    }
    if (spec.kind == TRD_INSTRUMENT_OPTION) {
        spec.option = TRD_OPTION_CALL;
        spec.strike = 100;
        spec.expiry = 1;
    }
    return spec;
}

static trd_margin_model model_of(life *l, int i) {
    trd_margin_model model;
    const uint32_t maintenance = (uint32_t)in(l, 5000, 100000);
    trd_margin_tier tiers[3] = {
        {.maintenance_ppm = maintenance, .initial_ppm = maintenance + 20000},
        {.floor = 2000, .maintenance_ppm = maintenance + 7000, .initial_ppm = maintenance + 40000},
        {.floor = 9000, .maintenance_ppm = 150000, .initial_ppm = 200000}};
    const trd_margin_tier_terms terms = {.tiers = tiers, .count = i == 0 ? 3 : 1};
    cr_assert(eq(int, trd_margin_tiered(&model, &terms), TRD_OK));
    return model;
}

static void definitions(life *l, trd_match_def *match, trd_accounts_def *accounts,
    trd_risk_def *risk, trd_monitor_def *monitor, trd_liquidation *terms) {
    *match = trd_match_def_default();
    *accounts = trd_accounts_def_default();
    *risk = trd_risk_def_default();
    *monitor = trd_monitor_def_default();
    match->instruments_max = accounts->instruments_max = risk->instruments_max =
        monitor->instruments_max = INSTRUMENTS;
    match->orders_max = accounts->orders_max = risk->orders_max =
        (uint32_t)(chance(l, 10) ? 12 : 96);
    match->specials_max = match->orders_max;
    match->accounts_max = accounts->accounts_max = risk->accounts_max = monitor->accounts_max =
        ACCOUNTS;
    match->positions_max = accounts->positions_max = monitor->positions_max = 80;
    match->ids_max = 4096;
    accounts->assets_max = ASSETS;
    accounts->balances_max = monitor->balances_max = 16;
    accounts->publish = TRD_PUBLISH_MONEY_ALL;
    monitor->exempt = FUND + 1;
    monitor->alert_ppm = (uint32_t)(chance(l, 50) ? in(l, 10000, 200000) : 0);
    *terms = (trd_liquidation){.struct_size = sizeof(*terms),
        .target_ppm = (uint32_t)in(l, 1000000, 2000000),
        .fee_ppm = (uint32_t)(chance(l, 70) ? in(l, 0, 20000) : 0),
        .step_pct = (uint32_t)in(l, 1, 100),
        .orders_max = (uint32_t)in(l, 1, 4),
        .fund = FUND};
}

static void list(life *l, int i) {
    const trd_instrument spec = spec_of(l, i);
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_margin_model model = model_of(l, i);
    trd_profile profile = trd_profile_default();
    if (chance(l, 50)) {
        profile.band_action = chance(l, 50) ? TRD_BAND_CANCEL : TRD_BAND_REJECT;
        profile.band_source = TRD_SOURCE_MARK;
        profile.band_below = (uint32_t)in(l, 200, 3000);
        profile.band_above = (uint32_t)in(l, 200, 3000);
    }
    if (chance(l, 10)) {
        profile.breaker_window = 1000;
        profile.breaker_pause = 50;
        profile.breaker_variation = 500;
    }
    const trd_engine_listing listing = {
        .spec = &spec, .terms = &terms, .profile = &profile, .model = &model};
    for (int e = 0; e < 2; e++) {
        cr_assert(eq(int, trd_engine_list(l->engine[e], &listing), i));
    }
    l->usual[i] = i == 3 ? 20 : 100;
}

/* What the instrument loses in scenarios, about as much as a mark moves. Of one engine as of the
 * other. */
static void set_array(life *l, uint32_t i) {
    trd_scenario_array array = {
        .month = (uint32_t)in(l, 0, 1), .is_option = i == 3, .delta = in(l, -2, 2) * 500000};
    const int64_t most = in(l, 1, i == 2 ? 400 : 60);
    for (int k = 0; k < TRD_SCENARIO_COUNT; k++) {
        array.loss[k] = in(l, -most, most);
    }
    const uint32_t group = i == 2 ? 2 : (uint32_t)in(l, 0, 1);
    for (int e = 0; e < 2; e++) {
        cr_assert(eq(int, trd_engine_array(l->engine[e], i, group, &array), TRD_OK));
    }
}

/* Two groups of the one asset, which earn credits, and one of the other. */
static void set_groups(life *l) {
    for (uint32_t i = 0; i < 3; i++) {
        const trd_scenario_group group = {.initial_ppm = (uint32_t)in(l, 1000000, 1500000),
            .short_min = in(l, 0, 30),
            .spread_count = 1,
            .spreads = {{.month_a = 0, .month_b = 1, .charge = in(l, 0, 20)}}};
        for (int e = 0; e < 2; e++) {
            cr_assert(eq(int, trd_engine_group(l->engine[e], i == 2, &group), (int)i));
        }
    }
    const trd_scenario_pair pair = {.group_a = 0,
        .group_b = 1,
        .delta_a = in(l, 1, 3) * 500000,
        .delta_b = in(l, 1, 3) * 500000,
        .credit_ppm = (uint32_t)in(l, 0, 1000000)};
    for (int e = 0; e < 2; e++) {
        cr_assert(eq(int, trd_engine_pair(l->engine[e], &pair), TRD_OK));
    }
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        if (chance(l, 90)) {
            set_array(l, i);
        }
    }
}

static void begin(life *l) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_monitor_def monitor;
    trd_liquidation terms;
    definitions(l, &match, &accounts, &risk, &monitor, &terms);
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .monitor = &monitor,
        .liquidation = &terms};
    const trd_asset assets[ASSETS] = {{.struct_size = sizeof(trd_asset), .scale = 2, .symbol = "U"},
        {.struct_size = sizeof(trd_asset), .scale = 2, .symbol = "C"}};
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = (int32_t)in(l, -2000000, 5000000),
            .taker_ppb = (int32_t)in(l, 0, 9000000)}}};
    for (int e = 0; e < 2; e++) {
        l->engine[e] = trd_engine_create(&def);
        cr_assert(l->engine[e] != NULL);
        cr_assert(eq(int, trd_engine_asset(l->engine[e], &assets[0]), 0));
        cr_assert(eq(int, trd_engine_asset(l->engine[e], &assets[1]), 1));
        cr_assert(eq(int, trd_engine_fees(l->engine[e], &fees), 0));
    }
    for (int i = 0; i < INSTRUMENTS; i++) {
        list(l, i);
    }
    set_groups(l);
    l->room[0] = TRD_ENGINE_OUT_MIN;
    l->room[1] = (uint32_t)in(l, TRD_ENGINE_OUT_MIN + 1, 2000);
    l->odds_mark = in(l, 5, 40);
    l->odds_jump = in(l, 0, 40);
    l->odds_session = in(l, 0, 4);
    l->depth = in(l, 1, 30);
}

static void end(life *l) {
    trd_engine_destroy(l->engine[0]);
    trd_engine_destroy(l->engine[1]);
}

/* --- commands --------------------------------------------------------------------------------- */

static trd_command base(life *l, unsigned kind) {
    return (trd_command){.kind = (uint8_t)kind,
        .slots = 1,
        .time = l->time,
        .instrument = (uint32_t)in(l, 0, INSTRUMENTS - 1),
        .account = (uint32_t)in(l, 0, ACCOUNTS - 1)};
}

static trd_px within(trd_px px) {
    return px < 1 ? 1 : px > 400 ? 400 : px;
}

static bool is_hedged(const life *l, uint32_t account) {
    trd_account a;
    return trd_accounts_get(trd_engine_accounts(l->engine[0]), account, &a) == TRD_OK &&
           a.hedge != 0;
}

static void make_order(life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_NEW);
    const trd_px mark = l->mark[c->instrument];
    const unsigned side = (unsigned)in(l, TRD_BUY, TRD_SELL);
    c->u.order = (trd_new){.client_id = ++l->id,
        .px = within(mark + in(l, -l->depth, l->depth)),
        .qty = in(l, 1, chance(l, 20) ? 60 : 10),
        .side = (uint8_t)side,
        .type = TRD_TYPE_LIMIT,
        .tif = (uint8_t)(chance(l, 80) ? TRD_TIF_GTC : TRD_TIF_IOC)};
    if (is_hedged(l, c->account)) {
        c->u.order.position = (uint8_t)in(l, TRD_POSITION_LONG, TRD_POSITION_SHORT);
    } else if (chance(l, 15)) {
        c->u.order.exec = TRD_EXEC_REDUCE_ONLY;
    }
    if (chance(l, 10)) {
        const trd_ext_prices stop = {.kind = TRD_EXT_ORDER_PRICES,
            .flags = TRD_PRICES_TRIGGER,
            .source = (uint8_t)(chance(l, 50) ? TRD_SOURCE_LAST : TRD_SOURCE_MARK),
            .trigger = within(mark + in(l, -l->depth, l->depth))};
        const bool closes = chance(l, 30) && c->u.order.position == 0;
        c->u.order.type = closes ? TRD_TYPE_STOP : TRD_TYPE_STOP_LIMIT;
        c->u.order.tif = TRD_TIF_GTC;
        if (closes) {
            c->u.order.px = 0;
            c->u.order.qty = 0;
            c->u.order.exec = TRD_EXEC_CLOSE_POSITION;
        }
        memcpy(c + 1, &stop, sizeof(stop));
        c->slots = 2;
    }
}

static void make_mark(life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_PRICE);
    trd_px *mark = &l->mark[c->instrument];
    const int64_t far = chance(l, l->odds_jump) ? 60 : 4;
    *mark = chance(l, 15) ? l->usual[c->instrument] : within(*mark + in(l, -far, far));
    c->u.price = (trd_price){.px = *mark, .source = TRD_SOURCE_MARK};
}

/* What the other asset is worth. */
static void make_rate(life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_BOOKS);
    c->instrument = 0;
    c->account = 0;
    c->u.books = (trd_books_body){.action = TRD_BOOKS_RATE,
        .asset = 1,
        .numerator = (uint32_t)in(l, 1, 12),
        .denominator = (uint32_t)in(l, 1, 12)};
}

static void make_rare(life *l, trd_command *c) {
    switch (in(l, 0, 5)) {
    case 5:
        make_rate(l, c);
        return;
    case 0:
        *c = base(l, TRD_COMMAND_KILL);
        c->u.kill = (trd_kill){.scope = (uint8_t)in(l, TRD_SCOPE_FIRM, TRD_SCOPE_INSTRUMENT),
            .action = (uint8_t)(chance(l, 30) ? TRD_KILL_ON : TRD_KILL_OFF)};
        if (c->u.kill.action == TRD_KILL_ON) {
            c->u.kill.reducing = (uint8_t)in(l, 0, 1);
            c->u.kill.cancel = (uint8_t)in(l, 0, 1);
        }
        return;
    case 1:
        *c = base(l, TRD_COMMAND_SESSION);
        c->u.session.state =
            (uint8_t)(chance(l, 60) ? TRD_SESSION_CONTINUOUS
                                    : in(l, TRD_SESSION_PRE_OPEN, TRD_SESSION_HALTED));
        if (c->u.session.state != TRD_SESSION_CONTINUOUS && chance(l, 50)) {
            c->u.session.until = l->time + in(l, -3, 10); /* due already, or soon */
        }
        return;
    case 2: {
        trd_account a;
        *c = base(l, TRD_COMMAND_ACCOUNT);
        cr_assert(
            eq(int, trd_accounts_get(trd_engine_accounts(l->engine[0]), c->account, &a), TRD_OK));
        c->u.account = (trd_account_body){.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = (uint8_t)in(l, TRD_MODE_CASH, TRD_MODE_MULTI),
            .hedge = a.hedge,
            .enabled = 1};
        return;
    }
    case 3:
        *c = base(l, TRD_COMMAND_FUNDING);
        c->u.funding = (trd_funding_body){
            .rate = in(l, -30000000, 30000000), .mark = l->mark[c->instrument], .due = l->time};
        return;
    default:
        *c = base(l, TRD_COMMAND_MASS_CANCEL);
        c->u.mass.filter = TRD_MASS_ACCOUNT;
        return;
    }
}

static void make_command(life *l, trd_command *c) {
    memset(c, 0, sizeof(*c) * TRD_SLOTS_MAX);
    l->time += in(l, 0, 5);
    if (chance(l, l->odds_mark)) {
        make_mark(l, c);
    } else if (chance(l, l->odds_session)) {
        make_rare(l, c);
    } else if (chance(l, 8)) {
        *c = base(l, TRD_COMMAND_TRANSFER);
        const bool comes = chance(l, 50);
        c->u.transfer = (trd_transfer_body){
            .action = (uint8_t)(comes ? TRD_TRANSFER_DEPOSIT : TRD_TRANSFER_WITHDRAW),
            .asset = (uint32_t)in(l, 0, ASSETS - 1),
            .amount = in(l, 1, 2000)};
    } else if (chance(l, 8)) {
        *c = base(l, TRD_COMMAND_CANCEL);
        c->u.cancel.target = (uint64_t)in(l, 1, (int64_t)l->id + 1);
    } else {
        make_order(l, c);
    }
}

/* --- running ---------------------------------------------------------------------------------- */

static void run(life *l, const trd_command *c) {
    static trd_event part[4096];
    for (int e = 0; e < 2; e++) {
        l->count[e] = 0;
        trd_out out = {.events = part, .capacity = l->room[e]};
        int result = trd_engine_step(l->engine[e], c, &out);
        for (;;) {
            cr_assert(l->count[e] + out.count <= ROOM);
            memcpy(l->told[e] + l->count[e], part, out.count * sizeof(trd_event));
            l->count[e] += out.count;
            if (result != TRD_MORE) {
                break;
            }
            out.count = 0;
            result = trd_engine_step(l->engine[e], NULL, &out);
        }
        cr_assert(eq(int, result, TRD_OK));
    }
    cr_assert(eq(u32, l->count[0], l->count[1]));
    cr_assert(eq(int, memcmp(l->told[0], l->told[1], l->count[0] * sizeof(trd_event)), 0));
}

static void open_accounts(life *l) {
    trd_command rate;
    make_rate(l, &rate);
    run(l, &rate);
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        const bool is_fund = account == FUND;
        const trd_command c = {.kind = TRD_COMMAND_ACCOUNT,
            .slots = 1,
            .account = account,
            .u.account = {.action = TRD_ACCOUNT_SET,
                .role = TRD_ROLE_TRADER,
                .margin = (uint8_t)(is_fund ? TRD_MODE_FLAT : in(l, TRD_MODE_FLAT, TRD_MODE_MULTI)),
                .hedge = chance(l, is_fund ? 10 : 30),
                .enabled = 1}};
        run(l, &c);
        for (uint32_t asset = 0; asset < ASSETS; asset++) {
            const trd_command money = {.kind = TRD_COMMAND_TRANSFER,
                .slots = 1,
                .account = account,
                .u.transfer = {.action = TRD_TRANSFER_DEPOSIT,
                    .asset = asset,
                    .amount = in(l, 1, is_fund && chance(l, 50) ? 200000 : 5000)}};
            run(l, &money);
        }
    }
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        l->mark[i] = l->usual[i];
        const trd_command c = {.kind = TRD_COMMAND_PRICE,
            .slots = 1,
            .instrument = i,
            .u.price = {.px = l->mark[i], .source = TRD_SOURCE_MARK}};
        run(l, &c);
    }
}

/* --- laws ------------------------------------------------------------------------------------- */

static uint32_t asset_of(uint32_t instrument) {
    return instrument == 2 ? 1 : 0;
}

static unsigned mode_of(const life *l, uint32_t account) {
    trd_account terms;
    cr_assert(
        eq(int, trd_accounts_get(trd_engine_accounts(l->engine[0]), account, &terms), TRD_OK));
    return terms.mode;
}

/* Remembers who waits. A WAIT that names no position is told of a unit of which nothing is known.
 */
static void note_steps(life *l) {
    for (uint32_t i = 0; i < l->count[0]; i += l->told[0][i].slots) {
        const trd_event *e = &l->told[0][i];
        l->cut += e->kind == TRD_EVENT_RESTATED && e->reason == TRD_RESTATE_CUT;
        if (e->kind != TRD_EVENT_LIQUIDATION) {
            continue;
        }
        l->steps[e->reason]++;
        l->isolated += e->u.liquidation.unit == TRD_UNIT_POSITION;
        l->whole += e->u.liquidation.unit == TRD_UNIT_ACCOUNT;
        l->grouped += mode_of(l, e->account) == TRD_MODE_PORTFOLIO;
        if (e->reason != TRD_STEP_WAIT && e->reason != TRD_STEP_DONE) {
            continue;
        }
        const bool waits = e->reason == TRD_STEP_WAIT;
        if (e->u.liquidation.unit == TRD_UNIT_ACCOUNT) {
            l->waits_all[e->account] = waits;
        } else if (e->u.liquidation.unit == TRD_UNIT_POSITION) {
            l->waits_position[e->account][e->instrument][e->u.liquidation.position] = waits;
        } else if (waits) {
            l->waits_pool[e->account][asset_of(e->instrument)] = true;
        }
    }
}

static bool is_short(const life *l, const trd_unit *unit) {
    trd_margin_state state;
    const trd_engine *engine = l->engine[0];
    return trd_monitor_state(trd_engine_monitor(engine), trd_engine_accounts(engine),
               trd_engine_risk(engine), unit, &state) == TRD_OK &&
           state.equity < state.maintenance &&
           trd_monitor_level(trd_engine_monitor(engine), trd_engine_accounts(engine), unit) >=
               TRD_MARGIN_LIQUIDATE;
}

/* Whoever is short was told to wait, and who is not does not wait any more. */
static void nobody_else_is_short(life *l) {
    for (uint32_t account = 0; account < FUND; account++) {
        for (uint32_t asset = 0; asset < ASSETS; asset++) {
            const trd_unit pool = {.account = account, .asset = asset, .kind = TRD_UNIT_POOL};
            bool *waits = &l->waits_pool[account][asset];
            if (is_short(l, &pool)) {
                cr_assert(waits[0], "account %u asset %u", account, asset);
            } else {
                *waits = false;
            }
        }
        const trd_unit all = {.account = account, .asset = 0, .kind = TRD_UNIT_ACCOUNT};
        if (is_short(l, &all)) {
            cr_assert(l->waits_all[account], "account %u", account);
        } else {
            l->waits_all[account] = false;
        }
        for (uint32_t i = 0; i < INSTRUMENTS * SIDES; i++) {
            const trd_unit one = {.account = account,
                .asset = asset_of(i / SIDES),
                .instrument = i / SIDES,
                .kind = TRD_UNIT_POSITION,
                .position = (uint8_t)(i % SIDES)};
            bool *waits = &l->waits_position[account][i / SIDES][i % SIDES];
            if (is_short(l, &one)) {
                cr_assert(waits[0], "account %u instrument %u", account, i / SIDES);
            } else {
                *waits = false;
            }
        }
    }
}

/* Money of an account that is no collateral. */
static trd_amt other_money(const life *l, uint32_t account, uint32_t asset) {
    const trd_accounts *a = trd_engine_accounts(l->engine[0]);
    trd_balance b;
    trd_holding h;
    cr_assert(eq(int, trd_accounts_balance(a, account, asset, &b), TRD_OK));
    trd_amt sum = b.free + b.locked + b.unsettled - b.debt;
    for (uint32_t i = 0; i < INSTRUMENTS * SIDES; i++) {
        cr_assert(eq(int, trd_accounts_position(a, account, i / SIDES, i % SIDES, &h), TRD_OK));
        sum -= asset_of(i / SIDES) == asset ? h.collateral : 0;
    }
    return sum;
}

static void note_money(life *l) {
    for (uint32_t i = 0; i < ACCOUNTS * ASSETS; i++) {
        l->others[i / ASSETS][i % ASSETS] = other_money(l, i / ASSETS, i % ASSETS);
    }
}

/* Was the account party to nothing in this command but liquidations of its own? Those of options
 * are left out: their premium is other money, and goes when they are bought back. */
static bool was_alone(const life *l, uint32_t account) {
    trd_order own = 0;
    for (uint32_t i = 0; i < l->count[0]; i += l->told[0][i].slots) {
        const trd_event *e = &l->told[0][i];
        if (e->kind == TRD_EVENT_ACCEPTED) {
            own = e->u.order.order;
        }
        const bool fills = e->kind == TRD_EVENT_FILL && e->account == account &&
                           (e->u.fill.order != own || e->instrument == 3);
        const bool takes =
            e->kind == TRD_EVENT_LIQUIDATION &&
            (e->u.liquidation.contra == account || (e->account == account && e->instrument == 3));
        if (fills || takes) {
            return false;
        }
    }
    return true;
}

/* As long as the fund can pay. */
static void no_other_money_is_lost(life *l) {
    const trd_accounts *a = trd_engine_accounts(l->engine[0]);
    for (uint32_t account = 0; account < FUND; account++) {
        trd_account terms;
        cr_assert(eq(int, trd_accounts_get(a, account, &terms), TRD_OK));
        if (terms.mode != TRD_MODE_ISOLATED || !was_alone(l, account)) {
            continue;
        }
        for (uint32_t asset = 0; asset < ASSETS; asset++) {
            trd_balance fund;
            cr_assert(eq(int, trd_accounts_balance(a, FUND, asset, &fund), TRD_OK));
            if (fund.free > 0) {
                cr_assert(other_money(l, account, asset) >= l->others[account][asset],
                    "account %u asset %u", account, asset);
                l->kept++;
            }
        }
    }
}

static void say(const char *condition, const char *file, int line) {
    fprintf(stderr, "# %s:%d: %s\n", file, line, condition);
}

Test(liquidation, money_and_positions_stay_right_whoever_is_liquidated, .timeout = 120) {
    draw rng = draw_seeded(1);
    trd_on_assert(say);
    static life l;
    uint64_t steps[TRD_STEP_DONE + 1] = {0};
    uint64_t isolated = 0;
    uint64_t whole = 0;
    uint64_t grouped = 0;
    uint64_t cut = 0;
    uint64_t kept = 0;
    for (int round = 0; round < RUNS; round++) {
        memset(&l, 0, sizeof(l));
        l.rng = &rng;
        begin(&l);
        open_accounts(&l);
        for (int step = 0; step < STEPS; step++) {
            trd_command c[TRD_SLOTS_MAX];
            make_command(&l, c);
            note_money(&l);
            run(&l, c);
            const int result = trd_engine_audit(l.engine[0]);
            cr_assert(eq(int, result, TRD_OK), "run %d step %d: line %d", round, step, -result);
            note_steps(&l);
            if (chance(&l, 2)) {
                set_array(&l, (uint32_t)in(&l, 0, INSTRUMENTS - 1));
                cr_assert(eq(int, trd_engine_audit(l.engine[0]), TRD_OK));
                continue; /* who is short by it is told behind the next command */
            }
            nobody_else_is_short(&l);
            if (c->kind == TRD_COMMAND_PRICE) {
                no_other_money_is_lost(&l);
            }
        }
        for (int s = 0; s <= TRD_STEP_DONE; s++) {
            steps[s] += l.steps[s];
        }
        isolated += l.isolated;
        whole += l.whole;
        grouped += l.grouped;
        cut += l.cut;
        kept += l.kept;
        end(&l);
    }
    for (int s = TRD_STEP_CANCEL; s <= TRD_STEP_DONE; s++) {
        fprintf(stderr, "# step %d: %llu\n", s, (unsigned long long)steps[s]);
        cr_assert(steps[s] > 20, "step %d", s);
    }
    fprintf(stderr, "# of several assets: %llu, of groups: %llu\n", (unsigned long long)whole,
        (unsigned long long)grouped);
    cr_assert(isolated > 200);
    cr_assert(whole > 200);
    cr_assert(grouped > 200);
    cr_assert(cut > 20);
    cr_assert(kept > 2000);
}
