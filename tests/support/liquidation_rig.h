/* liquidation_rig.h - a small venue that liquidates: an engine with four instruments, the tiers of
 * docs/reference/margin.md, and what it told of the last command. */
#ifndef TRD_SUPPORT_LIQUIDATION_RIG_H
#define TRD_SUPPORT_LIQUIDATION_RIG_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/engine.h>
#include <tradsys/tradsys.h>

/* USD in cents, COIN in 10^-8. PERP: a lot at a tick is a cent, the tiers. MINI: the same with 10 %
 * and 5 %. BACK: inverse, contracts of 100 dollars, 1 % and 0.5 %. CALL: an option, 20 % and 10 %.
 */
enum { USD = 0, COIN = 1, PERP = 0, MINI = 1, BACK = 2, CALL = 3, LISTED = 4 };
enum { A = 1, B = 2, C = 3, D = 4, E = 5, FUND = 9, ACCOUNTS = 16, EVENTS = 8192 };

typedef struct rig {
    trd_engine *engine;
    trd_event events[EVENTS]; /* of the last command */
    uint32_t count;
    uint32_t room; /* of the output */
    uint64_t id;
    trd_ns time;
    bool keeps; /* events of later commands are added */
} rig;

/* What differs from test to test. */
typedef struct world {
    trd_liquidation terms;
    trd_profile profile;
    trd_instrument perp; /* what is 0 is as always */
    int32_t fee_ppb;
    uint32_t id_mode;
    uint32_t orders_max;
    uint32_t positions_max;  /* of the accounts */
    uint32_t quantities_max; /* of the matcher */
    uint32_t portfolios_max;
    uint32_t room;
    bool fund_is_closed;
    bool fund_hedges;
    bool is_grouped; /* no instrument has a model */
} world;

static inline world world_usual(void) {
    return (world){.terms = {.struct_size = sizeof(trd_liquidation),
                       .target_ppm = 1000000,
                       .step_pct = 10,
                       .orders_max = 3,
                       .fund = FUND},
        .profile = trd_profile_default(),
        .id_mode = TRD_IDS_WINDOW,
        .orders_max = 64,
        .positions_max = 64,
        .quantities_max = 64,
        .portfolios_max = 4,
        .room = 1024};
}

/* --- commands --------------------------------------------------------------------------------- */

static inline int rig_part(rig *r, const trd_command *command) {
    static trd_event part[1024];
    trd_out out = {.events = part, .capacity = r->room};
    const int result = trd_engine_step(r->engine, command, &out);
    cr_assert(r->count + out.count <= EVENTS);
    memcpy(r->events + r->count, part, out.count * sizeof(trd_event));
    r->count += out.count;
    return result;
}

/* A record, with what the audits have to say behind it. */
static inline void rig_send(rig *r, trd_command *record) {
    r->count = r->keeps ? r->count : 0;
    record->time = r->time;
    int result = rig_part(r, record);
    while (result == TRD_MORE) {
        result = rig_part(r, NULL);
    }
    cr_assert(eq(int, result, TRD_OK));
    cr_assert(eq(int, trd_engine_audit(r->engine), TRD_OK));
}

static inline void rig_open(rig *r, uint32_t account, unsigned mode, bool hedge) {
    trd_command c = {.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .account = account,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = (uint8_t)mode,
            .hedge = hedge,
            .enabled = 1}};
    rig_send(r, &c);
}

static inline void rig_deposit(rig *r, uint32_t account, uint32_t asset, trd_amt amount) {
    trd_command c = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = account,
        .u.transfer = {.action = TRD_TRANSFER_DEPOSIT, .asset = asset, .amount = amount}};
    rig_send(r, &c);
}

static inline void rig_mark(rig *r, uint32_t instrument, trd_px px) {
    trd_command c = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .instrument = instrument,
        .u.price = {.px = px, .source = TRD_SOURCE_MARK}};
    rig_send(r, &c);
}

static inline void rig_session(rig *r, uint32_t instrument, unsigned state) {
    trd_command c = {.kind = TRD_COMMAND_SESSION,
        .slots = 1,
        .instrument = instrument,
        .u.session = {.state = (uint8_t)state}};
    rig_send(r, &c);
}

static inline void rig_kill(rig *r, unsigned scope, unsigned action, bool reducing) {
    trd_command c = {.kind = TRD_COMMAND_KILL,
        .slots = 1,
        .account = A,
        .u.kill = {
            .scope = (uint8_t)scope, .action = (uint8_t)action, .reducing = (uint8_t)reducing}};
    rig_send(r, &c);
}

static inline trd_command rig_order(
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

static inline void rig_good(rig *r, trd_command c) {
    const uint32_t at = r->keeps ? r->count : 0;
    rig_send(r, &c);
    cr_assert(eq(u8, r->events[at].kind, TRD_EVENT_ACCEPTED), "%s",
        trd_reject_text(r->events[at].reason));
}

static inline void rig_bid(rig *r, uint32_t account, uint32_t instrument, trd_qty qty, trd_px px) {
    rig_good(r, rig_order(r, account, instrument, TRD_BUY, qty, px));
}

static inline void rig_offer(
    rig *r, uint32_t account, uint32_t instrument, trd_qty qty, trd_px px) {
    rig_good(r, rig_order(r, account, instrument, TRD_SELL, qty, px));
}

/* `buyer` has bought from `seller`. */
static inline void rig_deal(
    rig *r, uint32_t buyer, uint32_t seller, uint32_t instrument, trd_qty qty, trd_px px) {
    rig_offer(r, seller, instrument, qty, px);
    rig_bid(r, buyer, instrument, qty, px);
}

/* --- the venue -------------------------------------------------------------------------------- */

static inline trd_instrument rig_spec(const char *symbol, unsigned kind) {
    trd_instrument spec = trd_instrument_default();
    strcpy(spec.symbol, symbol);
    spec.kind = (uint8_t)kind;
    spec.px_max = 10000000;
    spec.qty_max = 1000;
    spec.base_asset = COIN;
    spec.quote_asset = USD;
    spec.settle_asset = kind == TRD_INSTRUMENT_INVERSE ? COIN : USD;
    if (kind == TRD_INSTRUMENT_INVERSE) {
        spec.numerator = 10000000000;
    }
    if (kind == TRD_INSTRUMENT_OPTION) {
        spec.option = TRD_OPTION_CALL;
        spec.strike = 3000000;
        spec.expiry = 1;
        spec.px_min = 0;
    }
    return spec;
}

static inline trd_margin_model rig_tiers(void) {
    const trd_margin_tier tiers[4] = {{.maintenance_ppm = 4000, .initial_ppm = 8000},
        {.floor = 5000000, .maintenance_ppm = 5000, .initial_ppm = 10000},
        {.floor = 25000000, .maintenance_ppm = 10000, .initial_ppm = 20000},
        {.floor = 100000000, .maintenance_ppm = 25000, .initial_ppm = 50000}};
    const trd_margin_tier_terms terms = {.tiers = tiers, .count = 4};
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_tiered(&model, &terms), TRD_OK));
    return model;
}

static inline trd_margin_model rig_flat(uint32_t initial_ppm) {
    const trd_margin_rates rates = {initial_ppm, initial_ppm / 2};
    trd_margin_model model;
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    return model;
}

static inline void rig_list(
    rig *r, const trd_instrument *spec, const trd_margin_model *model, const trd_profile *profile) {
    const trd_terms terms = {.struct_size = sizeof(terms)};
    const trd_engine_listing listing = {
        .spec = spec, .terms = &terms, .model = model, .profile = profile};
    cr_assert(trd_engine_list(r->engine, &listing) >= 0);
}

/* The parts of a definition, for as long as it is used. */
typedef struct rig_parts {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_monitor_def monitor;
} rig_parts;

static inline trd_engine_def rig_def(rig_parts *p, const world *w) {
    p->match = trd_match_def_default();
    p->accounts = trd_accounts_def_default();
    p->risk = trd_risk_def_default();
    p->risk.portfolios_max = w->portfolios_max;
    p->monitor = trd_monitor_def_default();
    p->match.instruments_max = p->accounts.instruments_max = p->risk.instruments_max =
        p->monitor.instruments_max = LISTED;
    p->match.orders_max = p->accounts.orders_max = p->risk.orders_max = w->orders_max;
    p->match.accounts_max = p->accounts.accounts_max = p->risk.accounts_max =
        p->monitor.accounts_max = ACCOUNTS;
    p->match.specials_max = w->orders_max;
    p->match.positions_max = w->quantities_max;
    p->accounts.positions_max = p->monitor.positions_max = w->positions_max;
    p->match.ids_max = w->id_mode == TRD_IDS_WINDOW ? 256 : 0;
    p->match.id_mode = w->id_mode;
    p->match.groups_max = 4;
    p->match.quotes_max = 4;
    p->accounts.assets_max = 2;
    p->accounts.balances_max = p->monitor.balances_max = 32;
    p->accounts.publish = TRD_PUBLISH_MONEY_ALL;
    p->monitor.exempt = w->terms.fund + 1;
    return (trd_engine_def){.struct_size = sizeof(trd_engine_def),
        .match = &p->match,
        .accounts = &p->accounts,
        .risk = &p->risk,
        .monitor = &p->monitor,
        .liquidation = &w->terms};
}

static inline void rig_assets(rig *r) {
    const trd_asset usd = {.struct_size = sizeof(usd), .scale = 2, .symbol = "USD"};
    const trd_asset coin = {.struct_size = sizeof(coin), .scale = 8, .symbol = "COIN"};
    cr_assert(eq(int, trd_engine_asset(r->engine, &usd), USD));
    cr_assert(eq(int, trd_engine_asset(r->engine, &coin), COIN));
}

static inline void rig_instruments(rig *r, const world *w) {
    trd_instrument perp = rig_spec("PERP", TRD_INSTRUMENT_LINEAR);
    perp.qty_min = w->perp.qty_min != 0 ? w->perp.qty_min : perp.qty_min;
    perp.qty_max = w->perp.qty_max != 0 ? w->perp.qty_max : perp.qty_max;
    perp.notional_min = w->perp.notional_min;
    const trd_margin_model tiers = rig_tiers();
    rig_list(r, &perp, w->is_grouped ? NULL : &tiers, &w->profile);
    const struct {
        const char *symbol;
        unsigned kind;
        uint32_t initial_ppm;
    } others[] = {{"MINI", TRD_INSTRUMENT_LINEAR, 100000}, {"BACK", TRD_INSTRUMENT_INVERSE, 10000},
        {"CALL", TRD_INSTRUMENT_OPTION, 200000}};
    for (int i = 0; i < 3; i++) {
        const trd_instrument spec = rig_spec(others[i].symbol, others[i].kind);
        const trd_margin_model model = rig_flat(others[i].initial_ppm);
        rig_list(r, &spec, w->is_grouped ? NULL : &model, NULL);
    }
}

/* All marks are known, A is CROSS and has no money, B to E are FLAT and rich. */
static inline void rig_people(rig *r, const world *w) {
    const trd_px marks[LISTED] = {3000000, 1000, 50000, 500};
    rig_open(r, A, TRD_MODE_CROSS, false);
    for (uint32_t account = B; account <= E; account++) {
        rig_open(r, account, TRD_MODE_FLAT, false);
        rig_deposit(r, account, USD, 100000000);
        rig_deposit(r, account, COIN, 100000000);
    }
    if (!w->fund_is_closed) {
        rig_open(r, FUND, TRD_MODE_FLAT, w->fund_hedges);
    }
    for (uint32_t i = 0; i < LISTED; i++) {
        rig_mark(r, i, marks[i]);
    }
}

static inline void rig_init(rig *r, const world *w) {
    rig_parts parts;
    const trd_engine_def def = rig_def(&parts, w);
    *r = (rig){.engine = trd_engine_create(&def), .room = w->room};
    cr_assert(ne(ptr, r->engine, NULL));
    rig_assets(r);
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = w->fee_ppb, .taker_ppb = w->fee_ppb}}};
    cr_assert(eq(int, trd_engine_fees(r->engine, &fees), 0));
    rig_instruments(r, w);
    rig_people(r, w);
}

/* The account of margin.md: long 10 at 30,000.00 with 30,000.00, bought from B. */
static inline void rig_long(rig *r) {
    rig_deposit(r, A, USD, 3000000);
    rig_deal(r, A, B, PERP, 10, 3000000);
}

static inline void rig_fini(rig *r) {
    trd_engine_destroy(r->engine);
}

/* --- what is there, and what was told --------------------------------------------------------- */

static inline trd_balance rig_balance(const rig *r, uint32_t account, uint32_t asset) {
    trd_balance b;
    const trd_accounts *accounts = trd_engine_accounts(r->engine);
    cr_assert(eq(int, trd_accounts_balance(accounts, account, asset, &b), TRD_OK));
    return b;
}

static inline void rig_has(
    const rig *r, uint32_t account, uint32_t asset, trd_amt free, trd_amt locked) {
    const trd_balance b = rig_balance(r, account, asset);
    cr_assert(eq(i64, b.free, free), "account %u", account);
    cr_assert(eq(i64, b.locked, locked), "account %u", account);
}

static inline trd_holding rig_position(
    const rig *r, uint32_t account, uint32_t instrument, unsigned side) {
    trd_holding h;
    const trd_accounts *accounts = trd_engine_accounts(r->engine);
    cr_assert(eq(int, trd_accounts_position(accounts, account, instrument, side, &h), TRD_OK));
    return h;
}

static inline void rig_lots(
    const rig *r, uint32_t account, uint32_t instrument, unsigned side, trd_qty qty) {
    cr_assert(eq(i64, rig_position(r, account, instrument, side).qty, qty), "account %u", account);
}

/* The n-th event of a kind, from 0; NULL if there are fewer. */
static inline const trd_event *rig_event(const rig *r, unsigned kind, uint32_t n) {
    for (uint32_t i = 0; i < r->count; i += r->events[i].slots) {
        if (r->events[i].kind == kind && n-- == 0) {
            return &r->events[i];
        }
    }
    return NULL;
}

static inline uint32_t rig_count(const rig *r, unsigned kind) {
    uint32_t count = 0;
    while (rig_event(r, kind, count) != NULL) {
        count++;
    }
    return count;
}

/* A step of the last command. */
typedef struct step {
    unsigned what;
    uint32_t instrument;
    unsigned side;
    trd_qty qty;
    trd_px px;
    trd_amt amount;
    uint32_t contra;
    unsigned position;
} step;

static inline void rig_steps(
    const rig *r, uint32_t account, unsigned unit, const step *steps, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const trd_event *e = rig_event(r, TRD_EVENT_LIQUIDATION, i);
        const step *s = &steps[i];
        cr_assert(e != NULL, "step %u is missing", i);
        cr_assert(eq(u8, e->reason, s->what), "step %u", i);
        cr_assert(eq(u32, e->account, account), "step %u", i);
        cr_assert(eq(u8, e->u.liquidation.unit, unit), "step %u", i);
        cr_assert(eq(u32, e->instrument, s->instrument), "step %u", i);
        cr_assert(eq(u8, e->side, s->side), "step %u", i);
        cr_assert(eq(i64, e->u.liquidation.qty, s->qty), "step %u", i);
        cr_assert(eq(i64, e->u.liquidation.px, s->px), "step %u", i);
        cr_assert(eq(i64, e->u.liquidation.amount, s->amount), "step %u", i);
        cr_assert(eq(u32, e->u.liquidation.contra, s->contra), "step %u", i);
        cr_assert(eq(u8, e->u.liquidation.position, s->position), "step %u", i);
    }
    cr_assert(eq(u32, rig_count(r, TRD_EVENT_LIQUIDATION), count));
}

#define STEPS(r, unit, ...)                                                                        \
    rig_steps(r, A, unit, (const step[]){__VA_ARGS__},                                             \
        sizeof((const step[]){__VA_ARGS__}) / sizeof(step))
#define POOL_STEPS(r, ...) STEPS(r, TRD_UNIT_POOL, __VA_ARGS__)
#define POSITION_STEPS(r, ...) STEPS(r, TRD_UNIT_POSITION, __VA_ARGS__)

#define CANCEL(instrument)                                                                         \
    { TRD_STEP_CANCEL, instrument, 0, 0, 0, 0, 0, 0 }
#define REDUCE(instrument, side, qty, px)                                                          \
    { TRD_STEP_REDUCE, instrument, side, qty, px, 0, 0, 0 }
#define FEE(instrument, side, qty, amount)                                                         \
    { TRD_STEP_FEE, instrument, side, qty, 0, amount, FUND, 0 }
#define TAKEOVER(instrument, side, qty, px)                                                        \
    { TRD_STEP_TAKEOVER, instrument, side, qty, px, 0, FUND, 0 }
#define DELEVERAGE(instrument, side, qty, px, who)                                                 \
    { TRD_STEP_DELEVERAGE, instrument, side, qty, px, 0, who, 0 }
#define INSURED(instrument, amount)                                                                \
    { TRD_STEP_INSURED, instrument, 0, 0, 0, amount, FUND, 0 }
#define WAIT(instrument, side, qty)                                                                \
    { TRD_STEP_WAIT, instrument, side, qty, 0, 0, 0, 0 }
#define DONE(instrument)                                                                           \
    { TRD_STEP_DONE, instrument, 0, 0, 0, 0, 0, 0 }

/* The n-th change of a level, from 0. */
static inline void rig_level(
    const rig *r, uint32_t n, uint32_t account, unsigned level, unsigned former) {
    const trd_event *e = rig_event(r, TRD_EVENT_MARGIN, n);
    cr_assert(e != NULL);
    cr_assert(eq(u8, e->reason, TRD_CHANGE_LEVEL));
    cr_assert(eq(u32, e->account, account));
    cr_assert(eq(u8, e->status, level));
    cr_assert(eq(u8, e->u.margin.former, former));
}

#endif
