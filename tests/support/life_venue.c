/* life_venue.c - the world, and what is sent to it. */
#include "life_venue.h"

#include <string.h>

static int64_t in(venue_life *l, int64_t low, int64_t high) {
    return draw_in(l->rng, low, high);
}

static bool chance(venue_life *l, int64_t percent) {
    return draw_chance(l->rng, percent);
}

/* --- the world -------------------------------------------------------------------------------- */

enum { PX_MAX = 400, QTY_MAX = 100 };

static trd_instrument spec_of(venue_life *l, uint32_t i) {
    static const uint8_t kinds[VENUE_INSTRUMENTS] = {TRD_INSTRUMENT_SPOT, TRD_INSTRUMENT_LINEAR,
        TRD_INSTRUMENT_LINEAR, TRD_INSTRUMENT_INVERSE, TRD_INSTRUMENT_OPTION};
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = (char)('A' + i);
    spec.kind = kinds[i];
    spec.px_max = PX_MAX;
    spec.qty_max = QTY_MAX;
    spec.numerator = i == VENUE_THIN ? 300000 : in(l, 1, 20);
    spec.denominator = in(l, 1, 7);
    spec.base_asset = i == VENUE_STOCK ? VENUE_SHARE : VENUE_COIN;
    spec.quote_asset = VENUE_USD;
    spec.settle_asset = i == VENUE_THIN ? VENUE_COIN : VENUE_USD;
    if (i == VENUE_CALL) {
        spec.option = TRD_OPTION_CALL;
        spec.strike = 100;
        spec.expiry = 1;
    } else if (i != VENUE_STOCK && chance(l, 30)) {
        spec.px_min = i == VENUE_THIN ? 1 : -20;
    }
    return spec;
}

static trd_terms terms_of(venue_life *l, uint32_t i) {
    trd_terms terms = {.struct_size = sizeof(terms)};
    if (i == VENUE_STOCK && chance(l, 30)) {
        terms.settle_days = 1;
    }
    if ((i == VENUE_FAR || i == VENUE_CALL) && chance(l, 30)) {
        terms.delivery = TRD_DELIVERY_PHYSICAL;
    }
    if (chance(l, 30)) {
        terms.tax_count = 1;
        terms.taxes[0].buyer_ppb = (uint32_t)in(l, 0, 3000000);
        terms.taxes[0].seller_ppb = (uint32_t)in(l, 0, 3000000);
    }
    return terms;
}

static trd_profile profile_of(venue_life *l) {
    trd_profile profile = trd_profile_default();
    if (chance(l, 70)) {
        profile.band_action = (uint8_t)(chance(l, 50) ? TRD_BAND_CANCEL : TRD_BAND_REJECT);
        profile.band_source = TRD_SOURCE_MARK;
        profile.band_below = (uint32_t)in(l, 300, 3000);
        profile.band_above = (uint32_t)in(l, 300, 3000);
    }
    return profile;
}

static bool list(venue_life *l, trd_engine *engine, uint32_t i) {
    const uint32_t maintenance = (uint32_t)in(l, 5000, 100000);
    const trd_margin_rates rates = {
        .initial_ppm = maintenance + (uint32_t)in(l, 1000, 100000), .maintenance_ppm = maintenance};
    const trd_instrument spec = spec_of(l, i);
    const trd_terms terms = terms_of(l, i);
    const trd_profile profile = profile_of(l);
    trd_margin_model model;
    const bool is_model = trd_margin_flat(&model, &rates) == TRD_OK;
    const trd_engine_listing listing = {
        .spec = &spec, .terms = &terms, .profile = &profile, .model = &model};
    return is_model && trd_engine_list(engine, &listing) == (int)i;
}

/* What is in one group stands for the other month, or the other side. */
static bool set_scenarios(venue_life *l, trd_engine *engine) {
    const trd_scenario_group group = {.initial_ppm = 1100000,
        .short_min = 2,
        .spread_count = 1,
        .spreads = {{.month_a = 0, .month_b = 1, .charge = in(l, 0, 20)}}};
    bool is_good = trd_engine_group(engine, VENUE_USD, &group) == 0 &&
                   trd_engine_group(engine, VENUE_COIN, &group) == 1;
    for (uint32_t i = VENUE_NEAR; i <= VENUE_CALL; i++) {
        trd_scenario_array array = {
            .delta = 1000000, .month = i == VENUE_FAR, .is_option = i == VENUE_CALL};
        for (int s = 0; s < TRD_SCENARIO_COUNT; s++) {
            array.loss[s] = in(l, -40, 40);
        }
        if (chance(l, 90)) {
            is_good &= trd_engine_array(engine, i, i == VENUE_THIN, &array) == TRD_OK;
        }
    }
    return is_good;
}

/* Assets, fees, instruments and groups. */
static bool fill(venue_life *l, trd_engine *engine) {
    static const char *const symbols[VENUE_ASSETS] = {"USD", "COIN", "SHARE"};
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = (int32_t)in(l, -2000000, 5000000),
            .taker_ppb = (int32_t)in(l, 0, 9000000)}}};
    bool is_good = true;
    for (int i = 0; i < VENUE_ASSETS; i++) {
        trd_asset asset = {.struct_size = sizeof(asset), .scale = 2};
        strcpy(asset.symbol, symbols[i]);
        is_good &= trd_engine_asset(engine, &asset) == i;
    }
    is_good &= trd_engine_fees(engine, &fees) == 0;
    for (uint32_t i = 0; i < VENUE_INSTRUMENTS; i++) {
        is_good &= list(l, engine, i);
    }
    return set_scenarios(l, engine) && is_good;
}

trd_engine *venue_create(venue_life *l) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    trd_monitor_def monitor = trd_monitor_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max =
        monitor.instruments_max = VENUE_INSTRUMENTS;
    match.orders_max = accounts.orders_max = risk.orders_max = VENUE_ORDERS;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = monitor.accounts_max =
        VENUE_ACCOUNTS;
    match.specials_max = match.orders_max;
    match.positions_max = accounts.positions_max = monitor.positions_max = 100;
    match.ids_max = 4096;
    match.groups_max = 12;
    match.quotes_max = 16;
    match.publish = l->publish;
    accounts.assets_max = VENUE_ASSETS;
    accounts.balances_max = monitor.balances_max = VENUE_ACCOUNTS * VENUE_ASSETS;
    accounts.publish = TRD_PUBLISH_MONEY_ALL;
    risk.parents_max = (uint32_t)(chance(l, 20) ? 3 : VENUE_ACCOUNTS * VENUE_PARENTS);
    risk.portfolios_max = (uint32_t)(chance(l, 20) ? 3 : 16);
    monitor.exempt = VENUE_FUND + 1;
    monitor.alert_ppm = (uint32_t)(chance(l, 50) ? in(l, 10000, 200000) : 0);
    const trd_liquidation liquidation = {.struct_size = sizeof(liquidation),
        .target_ppm = (uint32_t)in(l, 1000000, 2000000),
        .fee_ppm = (uint32_t)(chance(l, 70) ? in(l, 0, 20000) : 0),
        .step_pct = (uint32_t)in(l, 1, 100),
        .orders_max = (uint32_t)in(l, 1, 4),
        .fund = VENUE_FUND};
    const trd_engine_def def = {.struct_size = sizeof(def),
        .decisions = chance(l, 50),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .monitor = &monitor,
        .liquidation = &liquidation,
        .trail = l->trail};
    trd_engine *engine = trd_engine_create(&def);
    if (engine != NULL && !fill(l, engine)) {
        trd_engine_destroy(engine);
        return NULL;
    }
    return engine;
}

/* --- orders ----------------------------------------------------------------------------------- */

static trd_command base(venue_life *l, unsigned kind) {
    return (trd_command){.kind = (uint8_t)kind,
        .slots = 1,
        .time = l->time,
        .instrument = (uint32_t)in(l, 0, VENUE_INSTRUMENTS - 1),
        .account = (uint32_t)in(l, 0, VENUE_ACCOUNTS - 1)};
}

static trd_px near(venue_life *l, uint32_t instrument) {
    const trd_px px = l->mark[instrument] + in(l, -l->depth, l->depth);
    return px < 1 ? 1 : px > PX_MAX ? PX_MAX : px;
}

/* An id that some order had, of an account that may be another one. */
static uint64_t some_id(venue_life *l) {
    return l->id > 40 ? l->id - (uint64_t)in(l, 0, 40) : l->id;
}

static void append(trd_command *c, const void *extension) {
    memcpy(c + c->slots, extension, sizeof(*c));
    c->slots++;
}

/* The parent order that an order may name; at times one of another instrument or side, or one that
 * was never declared. 0: none. */
static uint64_t some_parent(venue_life *l, const trd_command *c) {
    if (!chance(l, l->odds_parent)) {
        return 0;
    }
    if (chance(l, 10)) {
        return (uint64_t)in(l, 1, VENUE_PARENTS + 1);
    }
    const uint32_t number = 2 * c->instrument + (c->u.order.side == TRD_SELL);
    return (l->parents[c->account] >> number & 1) != 0 ? 1 + number : 0;
}

static trd_ext_prices trigger_of(venue_life *l, uint32_t instrument) {
    return (trd_ext_prices){.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = near(l, instrument),
        .source = (uint8_t)(chance(l, 60) ? TRD_SOURCE_LAST : TRD_SOURCE_MARK)};
}

static void make_stop(venue_life *l, trd_command *c) {
    trd_new *order = &c->u.order;
    const trd_ext_prices stop = trigger_of(l, c->instrument);
    const bool closes = order->position == TRD_POSITION_NET && chance(l, 20);
    order->type = (uint8_t)in(l, TRD_TYPE_STOP, TRD_TYPE_TOUCHED_LIMIT);
    order->tif = TRD_TIF_GTC;
    if (closes) {
        order->type = TRD_TYPE_STOP;
        order->exec = TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION;
        order->qty = 0;
    }
    if (order->type == TRD_TYPE_STOP || order->type == TRD_TYPE_TOUCHED) {
        order->px = 0;
    }
    append(c, &stop);
}

static void make_budget(venue_life *l, trd_command *c) {
    trd_new *order = &c->u.order;
    const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES,
        .flags = TRD_SIZES_BUDGET,
        .budget = in(l, 1, chance(l, 50) ? 500 : 9000)};
    order->type = TRD_TYPE_MARKET;
    order->tif = TRD_TIF_IOC;
    order->exec = TRD_EXEC_BUDGET;
    order->qty = 0;
    order->px = 0;
    append(c, &sizes);
}

static void make_peg(venue_life *l, trd_command *c) {
    const trd_ext_prices peg = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = (uint16_t)(TRD_PRICES_OFFSET | (chance(l, 70) ? TRD_PRICES_CAP : 0)),
        .peg = (uint8_t)in(l, TRD_PEG_BEST, TRD_PEG_OPPOSITE),
        .offset_unit = TRD_OFFSET_TICKS,
        .offset = in(l, 0, 2)};
    trd_ext_prices capped = peg;
    capped.cap = (peg.flags & TRD_PRICES_CAP) != 0 ? c->u.order.px : 0;
    c->u.order.type = TRD_TYPE_PEGGED;
    c->u.order.px = 0;
    c->u.order.tif = TRD_TIF_GTC;
    append(c, &capped);
}

static void make_special(venue_life *l, trd_command *c) {
    trd_new *order = &c->u.order;
    switch (in(l, 0, 8)) {
    case 0:
        order->type = TRD_TYPE_MARKET;
        order->px = 0;
        order->tif = TRD_TIF_IOC;
        return;
    case 1:
        order->exec = TRD_EXEC_POST_ONLY | (chance(l, 50) ? TRD_EXEC_POST_ONLY_SLIDE : 0);
        return;
    case 2:
        order->exec = chance(l, 50) ? TRD_EXEC_HIDDEN : TRD_EXEC_ALL_OR_NONE;
        return;
    case 3: {
        const trd_ext_sizes sizes = {.kind = TRD_EXT_ORDER_SIZES, .peak = 1 + order->qty / 3};
        append(c, &sizes);
        return;
    }
    case 4:
        order->stp = (uint8_t)in(l, TRD_STP_CANCEL_TAKER, TRD_STP_DECREMENT);
        return;
    case 5:
        make_budget(l, c);
        return;
    case 6:
        make_peg(l, c);
        return;
    default:
        make_stop(l, c);
        return;
    }
}

static void choose_position(venue_life *l, trd_command *c) {
    if (l->hedge[c->account] != 0) {
        c->u.order.position = (uint8_t)in(l, TRD_POSITION_LONG, TRD_POSITION_SHORT);
    } else if (chance(l, 15)) {
        c->u.order.exec = TRD_EXEC_REDUCE_ONLY;
    }
}

static void make_order(venue_life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_NEW);
    c->u.order = (trd_new){.client_id = ++l->id,
        .px = near(l, c->instrument),
        .qty = in(l, 1, chance(l, 20) ? 60 : 10),
        .side = (uint8_t)in(l, TRD_BUY, TRD_SELL),
        .type = TRD_TYPE_LIMIT,
        .tif = (uint8_t)(chance(l, 80) ? TRD_TIF_GTC : TRD_TIF_IOC)};
    choose_position(l, c);
    if (chance(l, l->odds_special)) {
        make_special(l, c);
    }
    const trd_ext_link link = {.kind = TRD_EXT_ORDER_LINK, .parent = some_parent(l, c)};
    if (link.parent != 0) {
        append(c, &link);
    }
    if (chance(l, 3)) {
        c->flags = TRD_COMMAND_DRY_RUN;
    }
}

static void plan_group(venue_life *l) {
    const uint8_t relation = (uint8_t)in(l, TRD_RELATION_OCO, TRD_RELATION_BRACKET);
    l->plan = (venue_plan){.link = ++l->id,
        .account = (uint32_t)in(l, 0, VENUE_ACCOUNTS - 1),
        .instrument = (uint32_t)in(l, 0, VENUE_INSTRUMENTS - 1),
        .relation = relation,
        .legs = (uint8_t)(relation == TRD_RELATION_BRACKET ? 3 : in(l, 2, TRD_SLOTS_MAX)),
        .next = 1,
        .side = (uint8_t)in(l, TRD_BUY, TRD_SELL)};
}

static void make_leg(venue_life *l, trd_command *c) {
    venue_plan *p = &l->plan;
    const bool is_child = p->relation > TRD_RELATION_OUO && p->next > 1;
    const bool is_turned = is_child && (p->relation == TRD_RELATION_BRACKET || chance(l, 70));
    *c = base(l, TRD_COMMAND_NEW);
    c->account = p->account;
    c->instrument = p->instrument;
    c->flags = p->next < p->legs ? TRD_COMMAND_STAGED : 0;
    c->u.order = (trd_new){.client_id = ++l->id,
        .px = near(l, c->instrument),
        .qty = in(l, 1, 20),
        .side = is_turned ? (uint8_t)(TRD_BUY + TRD_SELL - p->side) : p->side,
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_GTC};
    choose_position(l, c);
    if (chance(l, 40)) {
        const trd_ext_prices stop = trigger_of(l, c->instrument);
        c->u.order.type = TRD_TYPE_STOP_LIMIT;
        append(c, &stop);
    }
    const trd_ext_link link = {.link = p->link,
        .kind = TRD_EXT_ORDER_LINK,
        .leg = p->next,
        .legs = p->legs,
        .relation = p->relation,
        .parent = some_parent(l, c)};
    append(c, &link);
    p->next = p->next < p->legs ? (uint8_t)(p->next + 1) : 0;
}

static void make_quote(venue_life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_QUOTE);
    const bool bids = chance(l, 85);
    const bool asks = chance(l, 85);
    const trd_px bid = near(l, c->instrument);
    c->u.quote = (trd_quote){.bid_px = bids ? bid : 0,
        .bid_qty = bids ? in(l, 1, 30) : 0,
        .ask_px = asks ? bid + in(l, 0, 5) : 0,
        .ask_qty = asks ? in(l, 1, 30) : 0};
    if (chance(l, 10)) {
        *c = base(l, TRD_COMMAND_PROTECTION);
        c->u.protection.action = TRD_PROTECTION_SET;
        c->u.protection.window = in(l, 1, 1000);
        c->u.protection.qty = in(l, 1, 40);
    }
}

static void make_change(venue_life *l, trd_command *c) {
    switch (in(l, 0, 4)) {
    case 0:
        *c = base(l, TRD_COMMAND_MASS_CANCEL);
        c->u.mass.filter = TRD_MASS_ACCOUNT;
        return;
    case 1:
        *c = base(l, TRD_COMMAND_REDUCE);
        c->u.cancel = (trd_cancel){.target = some_id(l), .qty = in(l, 1, 10)};
        return;
    case 2:
        *c = base(l, TRD_COMMAND_CANCEL);
        c->u.cancel.target = some_id(l);
        return;
    default:
        *c = base(l, TRD_COMMAND_REPLACE);
        c->u.replace =
            (trd_replace){.target = some_id(l), .px = near(l, c->instrument), .qty = in(l, 1, 40)};
        return;
    }
}

/* --- money and books -------------------------------------------------------------------------- */

static void make_transfer(venue_life *l, trd_command *c) {
    static const uint8_t actions[] = {TRD_TRANSFER_DEPOSIT, TRD_TRANSFER_DEPOSIT,
        TRD_TRANSFER_WITHDRAW, TRD_TRANSFER_MOVE, TRD_TRANSFER_BORROW, TRD_TRANSFER_REPAY};
    *c = base(l, TRD_COMMAND_TRANSFER);
    c->u.transfer = (trd_transfer_body){.action = actions[in(l, 0, 5)],
        .asset = (uint32_t)in(l, 0, VENUE_ASSETS - 1),
        .amount = in(l, 1, 2000)};
    if (c->u.transfer.action == TRD_TRANSFER_MOVE) {
        c->u.transfer.to = (uint32_t)in(l, 0, VENUE_ACCOUNTS - 1);
    }
}

static void make_mark(venue_life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_PRICE);
    trd_px *mark = &l->mark[c->instrument];
    const trd_px usual = c->instrument == VENUE_CALL ? 20 : 100;
    const int64_t far = chance(l, l->odds_jump) ? 60 : 4;
    *mark += chance(l, 15) ? usual - *mark : in(l, -far, far);
    *mark = *mark < 1 ? 1 : *mark > PX_MAX ? PX_MAX : *mark;
    c->u.price = (trd_price){.px = *mark, .source = TRD_SOURCE_MARK};
}

static void make_corporate(venue_life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_CORPORATE);
    if (chance(l, 30)) {
        c->u.corporate = (trd_corporate_body){.action = TRD_CORPORATE_DIVIDEND,
            .amount = in(l, 0, 10),
            .asset = (uint32_t)in(l, 0, VENUE_ASSETS - 1)};
        return;
    }
    c->instrument = VENUE_STOCK;
    c->u.corporate = (trd_corporate_body){
        .action = TRD_CORPORATE_SPLIT, .numerator = in(l, 1, 4), .denominator = in(l, 1, 4)};
}

/* What expires is mostly listed again soon. */
static void make_books(venue_life *l, trd_command *c) {
    static const uint8_t actions[] = {TRD_BOOKS_DAY, TRD_BOOKS_DAY, TRD_BOOKS_PERIOD,
        TRD_BOOKS_RATE, TRD_BOOKS_COLLATERAL, TRD_BOOKS_COLLATERAL, TRD_BOOKS_INTEREST,
        TRD_BOOKS_EXPIRE, TRD_BOOKS_EXPIRE, TRD_BOOKS_EXPIRE, TRD_BOOKS_ENABLE, TRD_BOOKS_ENABLE,
        TRD_BOOKS_ENABLE, TRD_BOOKS_ENABLE};
    *c = base(l, TRD_COMMAND_BOOKS);
    trd_books_body *body = &c->u.books;
    body->action = actions[in(l, 0, 13)];
    if (body->action == TRD_BOOKS_RATE) {
        body->asset = (uint32_t)in(l, 1, 2);
        body->numerator = (uint32_t)in(l, 1, chance(l, 70) ? 10 : 300);
        body->denominator = (uint32_t)in(l, 1, 10);
    } else if (body->action == TRD_BOOKS_COLLATERAL) {
        body->asset = (uint32_t)in(l, 0, 2);
        body->numerator = (uint32_t)in(l, 0, chance(l, 50) ? 300000 : 1000000);
        body->denominator = chance(l, 30);
        body->cap = body->denominator != 0 ? in(l, 0, 5000) : 0;
    } else if (body->action == TRD_BOOKS_INTEREST) {
        body->asset = (uint32_t)in(l, 0, 2);
        body->numerator = (uint32_t)in(l, 0, 20000000);
        body->due = l->time;
    } else if (body->action == TRD_BOOKS_EXPIRE) {
        c->instrument = (uint32_t)in(l, VENUE_NEAR, VENUE_CALL);
        body->px = c->instrument == VENUE_CALL ? in(l, 80, 140) : near(l, c->instrument);
    }
}

static void make_kill(venue_life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_KILL);
    const bool is_on = chance(l, 30);
    c->u.kill = (trd_kill){.scope = (uint8_t)in(l, TRD_SCOPE_FIRM, TRD_SCOPE_INSTRUMENT),
        .action = is_on ? TRD_KILL_ON : TRD_KILL_OFF,
        .reducing = is_on && chance(l, 50),
        .cancel = is_on && chance(l, 50)};
}

/* Portfolios are frequent: only there expiries move sums. So is MULTI, where each asset counts. */
static uint8_t some_mode(venue_life *l, uint32_t account) {
    return (uint8_t)(account == VENUE_FUND ? TRD_MODE_FLAT
                     : chance(l, 30)       ? TRD_MODE_PORTFOLIO
                     : chance(l, 35)       ? TRD_MODE_MULTI
                                           : in(l, TRD_MODE_CASH, TRD_MODE_CROSS));
}

static void make_account(venue_life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_ACCOUNT);
    c->u.account = (trd_account_body){.action = TRD_ACCOUNT_SET,
        .role = TRD_ROLE_TRADER,
        .margin = some_mode(l, c->account),
        .hedge = l->hedge[c->account],
        .enabled = 1};
}

/* One is declared, made larger or smaller, or (while no child is open) is no more. */
static void make_parent(venue_life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_LIMIT);
    const bool sells = chance(l, 50);
    const uint32_t number = 2 * c->instrument + sells;
    const bool is_set = chance(l, 85);
    c->u.limit = (trd_limit_body){.action = is_set ? TRD_LIMIT_SET : TRD_LIMIT_REMOVE,
        .limit = TRD_LIMIT_PARENT_QTY,
        .scope = TRD_LIMIT_PARENT,
        .side = sells ? TRD_SELL : TRD_BUY,
        .name = 1 + number,
        .value = is_set ? in(l, 0, 120) : 0};
    const uint32_t bit = (uint32_t)1 << number;
    l->parents[c->account] = (l->parents[c->account] & ~bit) | (is_set ? bit : 0);
}

static void make_rare(venue_life *l, trd_command *c) {
    switch (in(l, 0, 9)) {
    case 0:
        make_kill(l, c);
        return;
    case 1:
        *c = base(l, TRD_COMMAND_SESSION);
        c->u.session.state =
            (uint8_t)(chance(l, 70) ? TRD_SESSION_CONTINUOUS
                                    : in(l, TRD_SESSION_PRE_OPEN, TRD_SESSION_HALTED));
        if (c->u.session.state != TRD_SESSION_CONTINUOUS) {
            c->u.session.until = l->time + in(l, 0, 30);
        }
        return;
    case 2:
    case 3:
        make_account(l, c);
        return;
    case 4:
        *c = base(l, TRD_COMMAND_FUNDING);
        c->u.funding = (trd_funding_body){
            .rate = in(l, -30000000, 30000000), .mark = l->mark[c->instrument], .due = l->time};
        return;
    case 5:
        *c = base(l, TRD_COMMAND_LIMIT);
        c->u.limit = (trd_limit_body){.action = chance(l, 30) ? TRD_LIMIT_SET : TRD_LIMIT_REMOVE,
            .limit = TRD_LIMIT_POSITION,
            .scope = TRD_LIMIT_ACCOUNT};
        c->u.limit.value = c->u.limit.action == TRD_LIMIT_SET ? in(l, 0, 50) : 0;
        return;
    case 6:
        make_corporate(l, c);
        return;
    default:
        make_books(l, c);
        return;
    }
}

/* --- commands --------------------------------------------------------------------------------- */

void venue_command(venue_life *l, trd_command *c) {
    memset(c, 0, sizeof(*c) * TRD_SLOTS_MAX);
    l->time += in(l, 0, 5);
    if (l->plan.next == 0 && chance(l, l->odds_linked)) {
        plan_group(l);
    }
    if (l->plan.next != 0 && chance(l, 90)) { /* else something comes between */
        make_leg(l, c);
    } else if (chance(l, l->odds_mark)) {
        make_mark(l, c);
    } else if (chance(l, l->odds_books)) {
        make_rare(l, c);
    } else if (chance(l, l->odds_quote)) {
        make_quote(l, c);
    } else if (chance(l, l->odds_parent / 2)) {
        make_parent(l, c);
    } else if (chance(l, 12)) {
        make_transfer(l, c);
    } else if (chance(l, 20)) {
        make_change(l, c);
    } else {
        make_order(l, c);
    }
}

static void draw_odds(venue_life *l) {
    l->odds_mark = in(l, 5, 30);
    l->odds_jump = in(l, 0, 30);
    l->odds_books = in(l, 2, 15);
    l->odds_special = in(l, 0, 50);
    l->odds_linked = chance(l, 70) ? in(l, 0, 15) : 0;
    l->odds_quote = chance(l, 70) ? in(l, 0, 15) : 0;
    l->odds_parent = chance(l, 70) ? in(l, 0, 60) : 0;
    l->depth = in(l, 1, 20);
}

bool venue_opening(venue_life *l, uint32_t n, trd_command *c) {
    memset(c, 0, sizeof(*c) * TRD_SLOTS_MAX);
    const uint32_t each = 1 + VENUE_ASSETS;
    const uint32_t account = n / each;
    if (n == 0) {
        draw_odds(l);
    }
    const uint32_t marks_end = each * VENUE_ACCOUNTS + VENUE_INSTRUMENTS;
    if (n >= marks_end) {
        *c = base(l, TRD_COMMAND_BOOKS);
        c->u.books = (trd_books_body){.action = TRD_BOOKS_RATE,
            .asset = VENUE_COIN + (n - marks_end),
            .numerator = (uint32_t)in(l, 1, 10),
            .denominator = (uint32_t)in(l, 1, 10)};
        return c->u.books.asset < VENUE_ASSETS;
    }
    if (account >= VENUE_ACCOUNTS) {
        const uint32_t instrument = n - each * VENUE_ACCOUNTS;
        *c = base(l, TRD_COMMAND_PRICE);
        c->instrument = instrument;
        l->mark[instrument] = instrument == VENUE_CALL ? 20 : 100;
        c->u.price = (trd_price){.px = l->mark[instrument], .source = TRD_SOURCE_MARK};
        return true;
    }
    if (n % each == 0) {
        l->hedge[account] = chance(l, account == VENUE_FUND ? 10 : 25);
        make_account(l, c);
        c->u.account.hedge = l->hedge[account];
        c->u.account.margin = some_mode(l, account);
        l->is_multi = c->u.account.margin == TRD_MODE_MULTI;
    } else {
        *c = base(l, TRD_COMMAND_TRANSFER);
        c->u.transfer = (trd_transfer_body){.action = TRD_TRANSFER_DEPOSIT,
            .asset = n % each - 1,
            .amount = in(l, 1,
                account == VENUE_FUND && chance(l, 30) ? 100000
                : l->is_multi                          ? 1000
                                                       : 6000)};
    }
    c->account = account;
    return true;
}
