/* life_engine.c - see life_engine.h. */
#include "life_engine.h"

#include <stdlib.h>
#include <string.h>

enum { INSTRUMENTS = LIFE_ENGINE_INSTRUMENTS };

typedef life_engine life;
typedef life_engine_plan plan;

static int64_t in(life *l, int64_t low, int64_t high) {
    return life_in(l, low, high);
}

static bool chance(life *l, int64_t percent) {
    return life_chance(l, percent);
}

/* What must not fail: then there is no life. */
static void must(bool is_so) {
    if (!is_so) {
        abort();
    }
}

/* --- the world -------------------------------------------------------------------------------- */

static trd_instrument spec_of(life *l, int i) {
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = (char)('A' + i);
    spec.kind = i == 0   ? TRD_INSTRUMENT_SPOT
                : i == 1 ? TRD_INSTRUMENT_LINEAR
                         : TRD_INSTRUMENT_INVERSE;
    spec.px_max = 300;
    spec.qty_max = 200;
    spec.numerator = in(l, 1, 5);
    spec.denominator = in(l, 1, 7);
    if (i == 2) {
        spec.numerator = 100000;
    }
    spec.base_asset = i == 0 ? l->stock : 1;
    spec.quote_asset = 0;
    spec.settle_asset = i == 2 ? 1 : 0;
    return spec;
}

static void definitions(trd_match_def *match, trd_accounts_def *accounts, trd_risk_def *risk,
    uint32_t count, bool positions) {
    *match = trd_match_def_default();
    *accounts = trd_accounts_def_default();
    *risk = trd_risk_def_default();
    match->instruments_max = accounts->instruments_max = risk->instruments_max = INSTRUMENTS;
    /* With many accounts the matcher is large enough to look ahead, too. */
    match->orders_max = accounts->orders_max = risk->orders_max =
        count > LIFE_ENGINE_FEW ? 1 << 14 : LIFE_ENGINE_ORDERS;
    match->accounts_max = accounts->accounts_max = risk->accounts_max = count;
    match->specials_max = 128;
    match->positions_max = positions ? 64 : 0;
    match->ids_max = LIFE_ENGINE_IDS;
    match->groups_max = 12;
    match->quotes_max = 16;
    accounts->assets_max = 3;
    accounts->balances_max = 20 + 3 * count;
    accounts->positions_max = 40 + 4 * count;
    accounts->publish = TRD_PUBLISH_MONEY_ALL;
    risk->repeats_max = 16;
}

static void list(life *l, trd_engine *engine, int i) {
    const trd_instrument spec = spec_of(l, i);
    const trd_terms terms = {.struct_size = sizeof(terms)};
    trd_margin_model model;
    trd_margin_rates rates = {.initial_ppm = (uint32_t)in(l, 20000, 500000)};
    rates.maintenance_ppm = l->watches ? rates.initial_ppm / 2 : 0;
    must(trd_margin_flat(&model, &rates) == TRD_OK);
    trd_profile profile = trd_profile_default();
    if (chance(l, 60)) {
        profile.band_action = chance(l, 50) ? TRD_BAND_CANCEL : TRD_BAND_REJECT;
        profile.band_source = chance(l, 50) ? TRD_SOURCE_MARK : TRD_SOURCE_LAST;
        profile.band_below = 3000;
        profile.band_above = 3000;
    }
    if (l->allocates && chance(l, 50)) {
        profile.allocation = TRD_ALLOCATE_PRORATA;
    }
    const trd_engine_listing listing = {
        .spec = &spec, .terms = &terms, .profile = &profile, .model = &model};
    must(trd_engine_list(engine, &listing) == i);
}

static void set_array(life *l, trd_engine *engine, uint32_t instrument, uint32_t group) {
    trd_scenario_array array = {.delta = in(l, -3, 3)};
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        array.loss[i] = in(l, -40, 40);
    }
    must(trd_engine_array(engine, instrument, group, &array) == TRD_OK);
}

static void set_groups(life *l, trd_engine *engine) {
    const trd_scenario_group group = {.initial_ppm = 1100000};
    for (uint32_t asset = 0; asset < 2; asset++) {
        must(trd_engine_group(engine, asset, &group) == (int)asset);
        if (chance(l, 80)) {
            set_array(l, engine, 1 + asset, asset);
        }
    }
}

static void watch(
    life *l, trd_monitor_def *monitor, trd_liquidation *terms, const trd_accounts_def *accounts) {
    *monitor = trd_monitor_def_default();
    monitor->accounts_max = accounts->accounts_max;
    monitor->instruments_max = accounts->instruments_max;
    monitor->balances_max = accounts->balances_max;
    monitor->positions_max = accounts->positions_max;
    monitor->exempt = 1;
    *terms = (trd_liquidation){.struct_size = sizeof(*terms),
        .target_ppm = (uint32_t)in(l, 1000000, 1500000),
        .fee_ppm = (uint32_t)in(l, 0, 20000),
        .step_pct = (uint32_t)in(l, 10, 100),
        .orders_max = (uint32_t)in(l, 1, 10),
        .fund = 0};
}

static trd_engine *make(life *l) {
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_monitor_def monitor;
    trd_liquidation terms;
    definitions(&l->match, &accounts, &risk, l->accounts, l->watches || chance(l, 50));
    l->match.allocates = l->allocates;
    l->decides = chance(l, 50);
    l->kin_of = l->parents && chance(l, 40) ? in(l, 1, 4) : 0;
    if (l->kin_of != 0) {
        const uint32_t all = l->accounts * LIFE_ENGINE_PARENTS;
        risk.parents_max = chance(l, 60) ? all : (uint32_t)in(l, 1, all);
    }
    if (l->watches) {
        watch(l, &monitor, &terms, &accounts);
    }
    const trd_engine_def def = {.struct_size = sizeof(def),
        .decisions = l->decides,
        .match = &l->match,
        .accounts = &accounts,
        .risk = &risk,
        .monitor = l->watches ? &monitor : NULL,
        .liquidation = l->watches ? &terms : NULL,
        .mem = l->mem,
        .trail = l->trail};
    trd_engine *engine = trd_engine_create(&def);
    must(engine != NULL);
    return engine;
}

static void draw_odds(life *l) {
    l->spread = in(l, 1, 20);
    l->odds_special = in(l, 0, 60);
    l->odds_poor = in(l, 0, 80);
    l->odds_quote = chance(l, 50) ? in(l, 0, 25) : 0;
    l->odds_linked = chance(l, 70) ? in(l, 0, 25) : 0;
    l->room = (uint32_t)in(l, TRD_ENGINE_OUT_MIN, 600);
}

trd_engine *life_engine_begin(life *l) {
    static const char *const symbols[] = {"USD", "COIN", "STOCK"};
    trd_engine *engine = make(l);
    for (int i = 0; i < 3; i++) {
        trd_asset asset = {.struct_size = sizeof(asset), .scale = 2};
        strcpy(asset.symbol, symbols[i]);
        must(trd_engine_asset(engine, &asset) == i);
    }
    l->stock = (uint32_t)in(l, 1, 2);
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = (int32_t)in(l, -2000000, 5000000),
            .taker_ppb = (int32_t)in(l, 0, 9000000)}}};
    must(trd_engine_fees(engine, &fees) == 0);
    for (int i = 0; i < INSTRUMENTS; i++) {
        list(l, engine, i);
    }
    set_groups(l, engine);
    draw_odds(l);
    return engine;
}

/* --- commands --------------------------------------------------------------------------------- */

static trd_command base(life *l, unsigned kind) {
    return (trd_command){.kind = (uint8_t)kind,
        .slots = 1,
        .time = l->time,
        .instrument = (uint32_t)in(l, 0, INSTRUMENTS - 1),
        .account = (uint32_t)in(l, 0, l->accounts - 1)};
}

static trd_px near_px(life *l) {
    return 100 + in(l, -l->spread, l->spread);
}

static void make_special(life *l, trd_command *c) {
    trd_new *order = &c->u.order;
    switch (in(l, 0, 12)) {
    case 0:
        order->type = TRD_TYPE_MARKET;
        order->px = 0;
        order->tif = TRD_TIF_IOC;
        return;
    case 1:
        order->exec = TRD_EXEC_POST_ONLY | (chance(l, 50) ? TRD_EXEC_POST_ONLY_SLIDE : 0);
        return;
    case 2:
        order->exec = TRD_EXEC_REDUCE_ONLY;
        return;
    case 3:
        order->exec = chance(l, 50) ? TRD_EXEC_HIDDEN : TRD_EXEC_ALL_OR_NONE;
        return;
    case 4: {
        const trd_ext_sizes sizes = {
            .kind = TRD_EXT_ORDER_SIZES, .peak = order->qty > 3 ? order->qty / 3 : order->qty};
        memcpy(c + 1, &sizes, sizeof(sizes));
        c->slots = 2;
        return;
    }
    case 5:
        order->stp = (uint8_t)in(l, TRD_STP_CANCEL_TAKER, TRD_STP_DECREMENT);
        return;
    case 6: {
        const trd_ext_prices peg = {.kind = TRD_EXT_ORDER_PRICES,
            .flags = (uint16_t)(TRD_PRICES_OFFSET | (chance(l, 50) ? TRD_PRICES_CAP : 0)),
            .peg = (uint8_t)in(l, TRD_PEG_BEST, TRD_PEG_OPPOSITE),
            .offset_unit = TRD_OFFSET_TICKS,
            .offset = in(l, 0, 2)};
        order->type = TRD_TYPE_PEGGED;
        order->px = 0;
        order->tif = TRD_TIF_GTC;
        memcpy(c + 1, &peg, sizeof(peg));
        if ((peg.flags & TRD_PRICES_CAP) != 0) {
            ((trd_ext_prices *)(void *)(c + 1))->cap = near_px(l);
        }
        c->slots = 2;
        return;
    }
    case 7: {
        const trd_ext_prices trail = {.kind = TRD_EXT_ORDER_PRICES,
            .flags = TRD_PRICES_OFFSET,
            .source = TRD_SOURCE_LAST,
            .offset_unit = TRD_OFFSET_TICKS,
            .offset = in(l, 1, 5)};
        order->type = TRD_TYPE_TRAILING_STOP_LIMIT;
        order->tif = TRD_TIF_GTC;
        memcpy(c + 1, &trail, sizeof(trail));
        c->slots = 2;
        return;
    }
    case 8:
        order->type = chance(l, 50) ? TRD_TYPE_MARKET_TO_LIMIT : TRD_TYPE_MARKET;
        order->px = 0;
        order->tif = order->type == TRD_TYPE_MARKET ? TRD_TIF_AT_OPEN : TRD_TIF_GTC;
        return;
    case 9:
    case 10: {
        const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES,
            .flags = TRD_SIZES_BUDGET,
            .budget = in(l, 1, chance(l, 50) ? 500 : 30000)};
        order->type = TRD_TYPE_MARKET;
        order->exec = TRD_EXEC_BUDGET;
        order->qty = 0;
        order->px = 0;
        order->tif = chance(l, 50) ? TRD_TIF_IOC : TRD_TIF_GTC;
        order->stp =
            (uint8_t)(chance(l, 70) ? 0 : in(l, TRD_STP_CANCEL_TAKER, TRD_STP_CANCEL_BOTH));
        memcpy(c + 1, &sizes, sizeof(sizes));
        c->slots = 2;
        return;
    }
    default: {
        const bool closes = chance(l, 20);
        const bool limited = !closes && chance(l, 60);
        const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
            .flags = TRD_PRICES_TRIGGER,
            .trigger = near_px(l),
            .source = chance(l, 70) ? TRD_SOURCE_LAST : TRD_SOURCE_MARK};
        order->type = (uint8_t)(chance(l, 50) ? (limited ? TRD_TYPE_STOP_LIMIT : TRD_TYPE_STOP)
                                : limited     ? TRD_TYPE_TOUCHED_LIMIT
                                              : TRD_TYPE_TOUCHED);
        order->px = limited ? order->px : 0;
        order->tif = chance(l, 20) ? TRD_TIF_IOC : TRD_TIF_GTC;
        if (closes) {
            order->exec = TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION;
            order->qty = 0;
        }
        memcpy(c + 1, &prices, sizeof(prices));
        c->slots = 2;
        return;
    }
    }
}

static void make_order(life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_NEW);
    c->u.order = (trd_new){.client_id = ++l->id,
        .px = near_px(l),
        .qty = in(l, 1, 60),
        .side = (uint8_t)in(l, TRD_BUY, TRD_SELL),
        .type = TRD_TYPE_LIMIT,
        .tif = chance(l, 80)   ? TRD_TIF_GTC
               : chance(l, 50) ? TRD_TIF_IOC
                               : TRD_TIF_FOK};
    if (chance(l, l->odds_special)) {
        make_special(l, c);
    }
    if (chance(l, 2)) { /* what no market takes */
        c->u.order.qty = in(l, -1, 300);
    }
}

/* A trigger, or a limit, or both, or none. */
static void make_leg_type(life *l, trd_command *c, const plan *p) {
    trd_new *order = &c->u.order;
    const bool apart = p->relation == TRD_RELATION_OCO || p->relation == TRD_RELATION_OUO;
    const int64_t what = in(l, 0, 9);
    if (what < 5) {
        return;
    }
    if (what < 7 && !apart) {
        order->type = TRD_TYPE_MARKET;
        order->px = 0;
        return;
    }
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = near_px(l),
        .source = chance(l, 70) ? TRD_SOURCE_LAST : TRD_SOURCE_MARK};
    order->type = (uint8_t)in(l, TRD_TYPE_STOP, TRD_TYPE_TOUCHED_LIMIT);
    if (order->type == TRD_TYPE_STOP || order->type == TRD_TYPE_TOUCHED) {
        order->px = 0;
    }
    memcpy(c + 1, &prices, sizeof(prices));
    c->slots = 2;
}

static void make_leg(life *l, trd_command *c) {
    plan *p = &l->plan;
    const bool child = p->relation > TRD_RELATION_OUO && p->next > 1;
    const bool turned = child && (p->relation == TRD_RELATION_BRACKET || chance(l, 70));
    *c = base(l, TRD_COMMAND_NEW);
    c->account = p->account;
    c->instrument = p->instrument;
    c->flags = p->next < p->legs ? TRD_COMMAND_STAGED : 0;
    c->u.order = (trd_new){.client_id = ++l->id,
        .px = near_px(l),
        .qty = in(l, 1, 60),
        .side = turned ? (uint8_t)(TRD_BUY + TRD_SELL - p->side) : p->side,
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_GTC,
        .exec = child && chance(l, 30) ? TRD_EXEC_REDUCE_ONLY : 0};
    if (p->relation > TRD_RELATION_OUO && !child && chance(l, 20)) {
        c->u.order.tif = TRD_TIF_IOC;
    }
    make_leg_type(l, c, p);
    const trd_ext_link link = {.link = p->link,
        .kind = TRD_EXT_ORDER_LINK,
        .flags = p->full_fill ? TRD_LINK_FULL_FILL : 0,
        .leg = p->next,
        .legs = p->legs,
        .relation = p->relation};
    memcpy(c + c->slots, &link, sizeof(link));
    c->slots++;
    p->next = p->next < p->legs ? (uint8_t)(p->next + 1) : 0;
}

static void plan_group(life *l) {
    const uint8_t relation = (uint8_t)in(l, TRD_RELATION_OCO, TRD_RELATION_BRACKET);
    l->plan = (plan){.link = ++l->id,
        .account = (uint32_t)in(l, 0, l->accounts - 1),
        .instrument = (uint32_t)in(l, 0, INSTRUMENTS - 1),
        .relation = relation,
        .legs = (uint8_t)(relation == TRD_RELATION_BRACKET ? 3 : in(l, 2, TRD_SLOTS_MAX)),
        .next = 1,
        .side = (uint8_t)in(l, TRD_BUY, TRD_SELL),
        .full_fill = relation > TRD_RELATION_OUO && chance(l, 40)};
}

/* An id that some order had, of an account that may be another one. */
static uint64_t some_id(life *l) {
    return l->id > 30 ? l->id - (uint64_t)in(l, 0, 30) : l->id;
}

/* What happens to the books of all. */
static void make_books(life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_BOOKS);
    trd_books_body *body = &c->u.books;
    body->action = (uint8_t)in(l, TRD_BOOKS_DAY, TRD_BOOKS_COLLATERAL);
    switch (body->action) {
    case TRD_BOOKS_RATE:
        body->asset = (uint32_t)in(l, 1, 2);
        body->numerator = (uint32_t)in(l, 1, 300);
        body->denominator = (uint32_t)in(l, 1, 10);
        break;
    case TRD_BOOKS_INTEREST:
        body->asset = (uint32_t)in(l, 0, 1);
        body->numerator = (uint32_t)in(l, 0, 2000000);
        body->due = l->time;
        break;
    case TRD_BOOKS_EXPIRE:
        body->px = near_px(l);
        if (!l->is_apart) {
            *body = (trd_books_body){.action = TRD_BOOKS_PERIOD};
        }
        break;
    case TRD_BOOKS_COLLATERAL:
        body->asset = (uint32_t)in(l, 0, 2);
        body->numerator = (uint32_t)in(l, 0, 300000);
        body->denominator = chance(l, 20);
        body->cap = body->denominator != 0 ? in(l, 0, 100000) : 0;
        break;
    case TRD_BOOKS_DISABLE:
        body->action = chance(l, 5) ? TRD_BOOKS_DISABLE : TRD_BOOKS_ENABLE;
        break;
    default:
        break;
    }
}

static void make_corporate(life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_CORPORATE);
    if (l->is_apart && chance(l, 80)) {
        c->instrument = chance(l, 90) ? 0 : c->instrument;
        c->u.corporate = (trd_corporate_body){
            .action = TRD_CORPORATE_SPLIT, .numerator = in(l, 1, 5), .denominator = in(l, 1, 5)};
        return;
    }
    c->u.corporate = (trd_corporate_body){
        .action = TRD_CORPORATE_DIVIDEND, .amount = in(l, 0, 20), .asset = (uint32_t)in(l, 0, 1)};
}

static void make_quote(life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_QUOTE);
    const bool bids = chance(l, 80);
    const bool asks = chance(l, 80);
    const trd_px bid = near_px(l);
    c->u.quote = (trd_quote){.bid_px = bids ? bid : 0,
        .bid_qty = bids ? in(l, 1, 60) : 0,
        .ask_px = asks ? bid + in(l, 0, 5) : 0,
        .ask_qty = asks ? in(l, 1, 60) : 0};
}

static void make_protection(life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_PROTECTION);
    const unsigned action = chance(l, 70)
                                ? TRD_PROTECTION_SET
                                : (unsigned)in(l, TRD_PROTECTION_REMOVE, TRD_PROTECTION_RESUME);
    c->u.protection.action = (uint8_t)action;
    if (action == TRD_PROTECTION_SET) {
        c->u.protection.window = in(l, 1, 1000);
        c->u.protection.qty = in(l, 1, 40);
    }
}

/* --- parent orders ---------------------------------------------------------------------------- */

uint64_t life_engine_parent_of(const life *l, uint64_t id, uint32_t instrument, unsigned side) {
    if (l->kin_of == 0 || id == 0 || id % (uint64_t)l->kin_of != 0) {
        return 0;
    }
    const uint64_t own = 1 + 2 * instrument + (side == TRD_SELL);
    return id % 11 == 0 ? 1 + id % LIFE_ENGINE_PARENTS : own;
}

static void name_parent(const life *l, trd_command *c) {
    const uint64_t parent =
        life_engine_parent_of(l, c->u.order.client_id, c->instrument, c->u.order.side);
    const trd_ext_link bare = {.kind = TRD_EXT_ORDER_LINK, .parent = parent};
    for (uint32_t at = 1; at < c->slots; at++) {
        trd_ext_link *link = (trd_ext_link *)(void *)(c + at);
        if (link->kind == TRD_EXT_ORDER_LINK) {
            link->parent = parent;
            return;
        }
    }
    if (parent != 0) {
        memcpy(c + c->slots, &bare, sizeof(bare));
        c->slots++;
    }
}

void life_engine_parent(life *l, uint32_t account, uint64_t number, trd_command *c) {
    *c = base(l, TRD_COMMAND_LIMIT);
    const bool sets = chance(l, 90);
    c->account = account;
    c->instrument = (uint32_t)(number - 1) / 2;
    c->u.limit = (trd_limit_body){.action = sets ? TRD_LIMIT_SET : TRD_LIMIT_REMOVE,
        .limit = TRD_LIMIT_PARENT_QTY,
        .scope = TRD_LIMIT_PARENT,
        .side = number % 2 == 0 ? TRD_SELL : TRD_BUY,
        .name = number,
        .value = sets ? in(l, 0, chance(l, 60) ? 3000 : 300) : 0};
}

static void make_any(life *l, trd_command *c);

void life_engine_next(life *l, trd_command *c) {
    memset(c, 0, TRD_SLOTS_MAX * sizeof(*c));
    if (l->kin_of != 0 && chance(l, 6)) {
        const uint64_t number = (uint64_t)in(l, 1, LIFE_ENGINE_PARENTS);
        life_engine_parent(l, (uint32_t)in(l, 0, l->accounts - 1), number, c);
        if (chance(l, 5)) { /* it would be another one */
            c->instrument = (uint32_t)in(l, 0, INSTRUMENTS - 1);
        }
        return;
    }
    make_any(l, c);
    if (c->kind == TRD_COMMAND_NEW) {
        name_parent(l, c);
    }
}

static void make_any(life *l, trd_command *c) {
    const int64_t what = in(l, 0, 99);
    l->time += chance(l, 30) ? in(l, 0, 100) : 0;
    if (l->plan.next == 0 && chance(l, l->odds_linked)) {
        plan_group(l);
    }
    if (l->plan.next != 0 && chance(l, 90)) { /* else something comes between */
        make_leg(l, c);
    } else if (chance(l, l->odds_quote)) {
        if (chance(l, 85)) {
            make_quote(l, c);
        } else {
            make_protection(l, c);
        }
    } else if (what < 55) {
        make_order(l, c);
    } else if (what < 65) {
        *c = base(l, TRD_COMMAND_CANCEL);
        c->u.cancel.target = some_id(l);
    } else if (what < 78) {
        *c = base(l, TRD_COMMAND_REPLACE);
        c->u.replace = (trd_replace){.target = some_id(l), .px = near_px(l), .qty = in(l, 1, 90)};
        if (chance(l, 20)) {
            c->flags = TRD_COMMAND_KEEP_PX;
            c->u.replace.px = 0;
        }
    } else if (what < 81) {
        *c = base(l, TRD_COMMAND_REDUCE);
        c->u.cancel = (trd_cancel){.target = some_id(l), .qty = in(l, 1, 20)};
    } else if (what < 90) {
        *c = base(l, TRD_COMMAND_TRANSFER);
        const bool out = chance(l, 40);
        c->u.transfer = (trd_transfer_body){
            .amount = chance(l, l->odds_poor) ? in(l, 1, 500) : in(l, 1, 100000),
            .asset = (uint32_t)in(l, 0, 2),
            .action = out ? TRD_TRANSFER_WITHDRAW : TRD_TRANSFER_DEPOSIT};
        if (chance(l, 15)) {
            c->u.transfer.action = out ? TRD_TRANSFER_REPAY : TRD_TRANSFER_BORROW;
        }
    } else if (what < 96) {
        *c = base(l, TRD_COMMAND_PRICE);
        c->u.price = (trd_price){.px = near_px(l), .source = TRD_SOURCE_MARK};
    } else if (what < 97 && chance(l, 50)) {
        *c = base(l, TRD_COMMAND_SESSION);
        c->u.session.state = (uint8_t)(chance(l, 60)   ? TRD_SESSION_CONTINUOUS
                                       : chance(l, 80) ? TRD_SESSION_OPENING
                                                       : TRD_SESSION_HALTED);
    } else if (what < 97) {
        *c = base(l, TRD_COMMAND_MASS_CANCEL);
        c->u.mass.filter = TRD_MASS_ACCOUNT | (chance(l, 50) ? TRD_MASS_INSTRUMENT : 0);
    } else if (what < 98 && chance(l, l->is_apart ? 90 : 50)) {
        if (chance(l, l->is_apart ? 30 : 60)) {
            make_books(l, c);
        } else {
            make_corporate(l, c);
        }
    } else if (what < 98) {
        *c = base(l, TRD_COMMAND_FUNDING);
        c->u.funding = (trd_funding_body){
            .rate = in(l, -1000000, 1000000), .mark = near_px(l), .due = l->time};
    } else if (what < 99) {
        *c = base(l, TRD_COMMAND_LIMIT);
        c->u.limit = (trd_limit_body){.action = chance(l, 50) ? TRD_LIMIT_SET : TRD_LIMIT_REMOVE,
            .limit = TRD_LIMIT_POSITION,
            .scope = TRD_LIMIT_ACCOUNT};
        c->u.limit.value = c->u.limit.action == TRD_LIMIT_SET ? in(l, 0, 200) : 0;
    } else {
        *c = base(l, TRD_COMMAND_KILL);
        c->u.kill = (trd_kill){
            .scope = TRD_SCOPE_ACCOUNT, .action = chance(l, 30) ? TRD_KILL_ON : TRD_KILL_OFF};
        c->u.kill.reducing = c->u.kill.action == TRD_KILL_ON && chance(l, 50);
    }
}

/* Bytes of a good record that are no longer what they were. */
void life_engine_damage(life *l, trd_command *c) {
    uint8_t *bytes = (uint8_t *)c;
    const int64_t last = (int64_t)sizeof(*c) * c->slots - 1;
    for (int64_t i = in(l, 1, 4); i > 0; i--) {
        const int64_t at = in(l, 16, last);
        bytes[at] = (uint8_t)(chance(l, 70) ? in(l, 0, 12) : in(l, 0, 255));
        if (at == 17) { /* slots that are not there are not read */
            bytes[at] %= TRD_SLOTS_MAX + 1;
        }
    }
}

void life_engine_open(life *l, uint32_t account, trd_command *c) {
    *c = (trd_command){.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .account = account,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = (uint8_t)in(l, TRD_MODE_FLAT, TRD_MODE_MULTI),
            .enabled = 1}};
}
