/* prop_engine.c - random lives of the engine.
 *
 * After every command the audit compares matcher, accounts and risk with each other: what is held,
 * who has which position, that no money came or went. And the market is that of a matcher alone:
 * one that gets the same commands, without those that risk refused and with the same verdicts,
 * writes the same events. What risk says of an order is shown by its own tests. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "draw.h"
#include "match/quote.h"

enum { RUNS = 160, STEPS = 400, ROOM = 8192, ACCOUNTS = 6, INSTRUMENTS = 3, IDS = 400 };
enum { ORDERS = 128, PARENTS = 2 * INSTRUMENTS };

/* A group of linked orders that is being sent. */
typedef struct plan {
    uint64_t link;
    uint32_t account;
    uint32_t instrument;
    uint8_t relation;
    uint8_t legs;
    uint8_t next; /* leg to be sent, from 1; 0: there is no group */
    uint8_t side; /* of leg 1 */
    bool full_fill;
} plan;

/* A parent order as the events tell of it. */
typedef struct kin {
    bool is_there;
    int64_t executed;
    int64_t used;  /* after the last command */
    int64_t fills; /* lots, by this command */
} kin;

typedef struct life {
    trd_rng *rng;
    trd_engine *engine;
    trd_match *alone;
    trd_event got[ROOM]; /* of the engine, money and decisions taken out */
    uint32_t count;
    trd_event own[ROOM]; /* of the matcher alone */
    uint32_t own_count;
    trd_event part[ROOM];
    trd_ns time;
    uint64_t id;
    uint32_t room; /* of the engine's output */
    uint32_t accounts;
    int64_t spread;
    int64_t odds_special; /* percent */
    int64_t odds_poor;
    int64_t odds_linked;
    int64_t odds_quote;
    plan plan;
    uint64_t refused, released, executions, decisions, linked, granted, quoted, withdrawn, asked;
    uint64_t splits;     /* orders that a split has restated */
    uint64_t portfolios; /* commands after which a portfolio had something in a group */
    uint64_t backed;     /* and other assets stood for what was held on margin */
    bool decides;        /* DECISION events are written */
    uint32_t stock;      /* base asset of the share; others may stand on it, or on another one */
    bool is_apart;       /* no matcher alone goes beside: what it has no command for may be, too */
    uint8_t decided;     /* reason of the last one */
    int64_t kin_of;      /* one order in so many has a parent; 0: none has */
    kin kin[ACCOUNTS][PARENTS + 1];
    struct {
        trd_order order;
        uint32_t account;
        uint32_t parent;
    } children[ORDERS];
    uint64_t child_fills, child_refused, too_many;
} life;

static int64_t in(life *l, int64_t low, int64_t high) {
    return draw_in(l->rng, low, high);
}

static bool chance(life *l, int64_t percent) {
    return in(l, 0, 99) < percent;
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
        count > ACCOUNTS ? 1 << 14 : ORDERS;
    match->accounts_max = accounts->accounts_max = risk->accounts_max = count;
    match->specials_max = 128;
    match->positions_max = positions ? 64 : 0;
    match->ids_max = IDS;
    match->groups_max = 12;
    match->quotes_max = 16;
    accounts->assets_max = 3;
    accounts->balances_max = 20 + 3 * count;
    accounts->positions_max = 40 + 4 * count;
    accounts->publish = TRD_PUBLISH_MONEY_ALL;
    risk->repeats_max = 16;
}

static void list(life *l, int i) {
    const trd_instrument spec = spec_of(l, i);
    const trd_terms terms = {.struct_size = sizeof(terms)};
    trd_margin_model model;
    const trd_margin_rates rates = {.initial_ppm = (uint32_t)in(l, 20000, 500000)};
    cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
    trd_profile profile = trd_profile_default();
    if (chance(l, 60)) {
        profile.band_action = chance(l, 50) ? TRD_BAND_CANCEL : TRD_BAND_REJECT;
        profile.band_source = chance(l, 50) ? TRD_SOURCE_MARK : TRD_SOURCE_LAST;
        profile.band_below = 3000;
        profile.band_above = 3000;
    }
    const trd_engine_listing listing = {
        .spec = &spec, .terms = &terms, .profile = &profile, .model = &model};
    cr_assert(eq(int, trd_engine_list(l->engine, &listing), i));
    cr_assert(eq(int, trd_match_add(l->alone, &spec), i));
    cr_assert(eq(int, trd_match_configure(l->alone, (uint32_t)i, &profile), TRD_OK));
}

/* Puts an instrument into the group of its settlement asset, which has the number of the asset. */
static void set_array(life *l, uint32_t instrument, uint32_t group) {
    trd_scenario_array array = {.delta = in(l, -3, 3)};
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        array.loss[i] = in(l, -40, 40);
    }
    cr_assert(eq(int, trd_engine_array(l->engine, instrument, group, &array), TRD_OK));
}

static void set_groups(life *l) {
    const trd_scenario_group group = {.initial_ppm = 1100000};
    for (uint32_t asset = 0; asset < 2; asset++) {
        cr_assert(eq(int, trd_engine_group(l->engine, asset, &group), (int)asset));
        if (chance(l, 80)) {
            set_array(l, 1 + asset, asset);
        }
    }
}

/* Has an account something in a group now? */
static bool has_portfolio(const life *l) {
    trd_scenario_sums sums;
    const trd_scenario_sums nothing = {0};
    for (uint32_t i = 0; i < 2 * l->accounts; i++) {
        if (trd_risk_sums(trd_engine_risk(l->engine), i / 2, i % 2, &sums) == TRD_OK &&
            memcmp(&sums, &nothing, sizeof(sums)) != 0) {
            return true;
        }
    }
    return false;
}

/* Is something held on margin that is not free? */
static bool has_backed(const life *l) {
    trd_balance b;
    for (uint32_t i = 0; i < 3 * l->accounts; i++) {
        if (trd_accounts_balance(trd_engine_accounts(l->engine), i / 3, i % 3, &b) == TRD_OK &&
            (b.cause & TRD_SHORT_MARGIN) != 0) {
            return true;
        }
    }
    return false;
}

static void begin(life *l) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    definitions(&match, &accounts, &risk, l->accounts, chance(l, 50));
    l->decides = chance(l, 50);
    l->kin_of = l->accounts == ACCOUNTS && chance(l, 40) ? in(l, 1, 4) : 0;
    const uint32_t all = ACCOUNTS * PARENTS;
    if (l->kin_of != 0) {
        risk.parents_max = chance(l, 60) ? all : (uint32_t)in(l, 1, all);
    }
    const trd_engine_def def = {.struct_size = sizeof(def),
        .decisions = l->decides,
        .match = &match,
        .accounts = &accounts,
        .risk = &risk};
    l->engine = trd_engine_create(&def);
    match.verdicts = 1;
    l->alone = trd_match_create(&match);
    trd__quotes_ask(l->alone);
    cr_assert(ne(ptr, l->engine, NULL));
    cr_assert(ne(ptr, l->alone, NULL));
    const trd_asset assets[3] = {{.struct_size = sizeof(trd_asset), .scale = 2, .symbol = "USD"},
        {.struct_size = sizeof(trd_asset), .scale = 2, .symbol = "COIN"},
        {.struct_size = sizeof(trd_asset), .scale = 2, .symbol = "STOCK"}};
    for (int i = 0; i < 3; i++) {
        cr_assert(eq(int, trd_engine_asset(l->engine, &assets[i]), i));
    }
    l->stock = (uint32_t)in(l, 1, 2);
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = (int32_t)in(l, -2000000, 5000000),
            .taker_ppb = (int32_t)in(l, 0, 9000000)}}};
    cr_assert(eq(int, trd_engine_fees(l->engine, &fees), 0));
    for (int i = 0; i < INSTRUMENTS; i++) {
        list(l, i);
    }
    set_groups(l);
    l->time = 0;
    l->id = 0;
    l->spread = in(l, 1, 20);
    l->odds_special = in(l, 0, 60);
    l->odds_poor = in(l, 0, 80);
    l->odds_quote = chance(l, 50) ? in(l, 0, 25) : 0;
    l->odds_linked = chance(l, 70) ? in(l, 0, 25) : 0;
    l->room = (uint32_t)in(l, TRD_ENGINE_OUT_MIN, 600);
}

static void end(life *l) {
    trd_engine_destroy(l->engine);
    trd_match_destroy(l->alone);
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

/* There is one for each instrument and side; which orders name it, or another one, is seen from
 * their id. 0: none. */
static uint64_t parent_of(const life *l, uint64_t id, uint32_t instrument, unsigned side) {
    if (l->kin_of == 0 || id == 0 || id % (uint64_t)l->kin_of != 0) {
        return 0;
    }
    const uint64_t own = 1 + 2 * instrument + (side == TRD_SELL);
    return id % 11 == 0 ? 1 + id % PARENTS : own;
}

static void name_parent(const life *l, trd_command *c) {
    const uint64_t parent = parent_of(l, c->u.order.client_id, c->instrument, c->u.order.side);
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

static void make_parent(life *l, trd_command *c) {
    *c = base(l, TRD_COMMAND_LIMIT);
    const uint64_t number = (uint64_t)in(l, 1, PARENTS);
    const bool sets = chance(l, 90);
    if (chance(l, 95)) { /* else it would be another one */
        c->instrument = (uint32_t)(number - 1) / 2;
    }
    c->u.limit = (trd_limit_body){.action = sets ? TRD_LIMIT_SET : TRD_LIMIT_REMOVE,
        .limit = TRD_LIMIT_PARENT_QTY,
        .scope = TRD_LIMIT_PARENT,
        .side = number % 2 == 0 ? TRD_SELL : TRD_BUY,
        .name = number,
        .value = sets ? in(l, 0, chance(l, 60) ? 3000 : 300) : 0};
}

static void make_any(life *l, trd_command *c);

static void make_command(life *l, trd_command *c) {
    if (l->kin_of != 0 && chance(l, 6)) {
        make_parent(l, c);
        return;
    }
    make_any(l, c);
    if (c->kind == TRD_COMMAND_NEW) {
        name_parent(l, c);
    }
}

static void make_any(life *l, trd_command *c) {
    const int64_t what = in(l, 0, 99);
    memset(c, 0, TRD_SLOTS_MAX * sizeof(*c));
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

/* --- both of them ----------------------------------------------------------------------------- */

static bool is_apart(const trd_event *e) {
    return e->kind == TRD_EVENT_LEDGER || e->kind == TRD_EVENT_POSITION ||
           e->kind == TRD_EVENT_DECISION;
}

/* Each order is accepted or refused for the reason that its DECISION gave. */
static void follow_decision(life *l, const trd_event *e) {
    const bool rejects = e->kind == TRD_EVENT_REJECTED || e->kind == TRD_EVENT_REPLACE_REJECTED;
    if (e->kind == TRD_EVENT_DECISION) {
        l->decisions++;
        if (e->u.decision.ask != TRD_ASK_RELEASE) { /* between the sides of a quote */
            l->decided = e->reason;
        }
    } else if (l->decides && rejects && e->reason != TRD_REJECT_LINK) { /* for another leg */
        cr_assert(eq(u8, e->reason, l->decided));
    } else if (l->decides && e->kind == TRD_EVENT_ACCEPTED) {
        cr_assert(eq(u8, l->decided, 0));
    }
}

/* Lots of a child that executed count for the parent that it was accepted with. */
static void follow_child(life *l, const trd_event *e) {
    if (e->account >= ACCOUNTS) {
        return;
    }
    if (e->kind == TRD_EVENT_ACCEPTED) {
        const uint32_t at = (uint32_t)e->u.order.order - 1;
        l->children[at].order = e->u.order.order;
        l->children[at].account = e->account;
        l->children[at].parent =
            (uint32_t)parent_of(l, e->u.order.client_id, e->instrument, e->side);
    } else if (e->kind == TRD_EVENT_FILL) {
        const uint32_t at = (uint32_t)e->u.fill.order - 1;
        cr_assert(l->children[at].order == e->u.fill.order);
        const uint32_t parent = l->children[at].parent;
        l->kin[l->children[at].account][parent].fills += e->u.fill.qty;
        l->child_fills += parent != 0;
    } else if (e->kind == TRD_EVENT_REJECTED) {
        l->child_refused += e->reason == TRD_REJECT_PARENT;
        l->too_many += e->reason == TRD_REJECT_PARENT_QTY;
    }
}

static bool is_split(const trd_event *e) {
    return e->kind == TRD_EVENT_RESTATED && e->reason == TRD_RESTATE_CORPORATE;
}

/* Takes the engine's events: numbered without gaps; kept without money and decisions. */
static void collect(life *l, const trd_out *out, uint64_t *seq) {
    for (uint32_t i = 0; i < out->count; i += out->events[i].slots) {
        const trd_event *e = &out->events[i];
        cr_assert(eq(u64, e->seq, *seq));
        (*seq)++;
        follow_decision(l, e);
        if (l->kin_of != 0 && (e->flags & TRD_EVENT_DRY_RUN) == 0) {
            follow_child(l, e);
        }
        l->splits += is_split(e);
        if (!is_apart(e)) {
            memcpy(&l->got[l->count], e, e->slots * sizeof(*e));
            l->count += e->slots;
        }
    }
}

static void run_engine(life *l, const trd_command *c) {
    static uint64_t seq;
    trd_match_stats stats;
    trd_match_stats_get(trd_engine_match(l->engine), &stats);
    seq = stats.events + 1;
    l->count = 0;
    trd_out out = {.events = l->part, .capacity = l->room};
    int result = trd_engine_step(l->engine, c, &out);
    while (result == TRD_MORE) {
        const int sound = trd_engine_audit(l->engine);
        cr_assert(eq(int, sound, TRD_OK), "line %d", -sound);
        collect(l, &out, &seq);
        out.count = 0;
        result = trd_engine_step(l->engine, NULL, &out);
    }
    cr_assert(eq(int, result, TRD_OK));
    collect(l, &out, &seq);
}

static bool was_turned_down(const life *l) {
    bool is_last = false;
    for (uint32_t i = 0; i < l->count; i += l->got[i].slots) {
        is_last = l->got[i].kind == TRD_EVENT_COMMAND_REJECTED;
    }
    return is_last;
}

/* What a parent order has executed is what the fills of its children say, and it never has more
 * than it may have, unless it had before. Of a split the rounding is known, if it is all there was.
 */
static void parent_is_right(life *l, const trd_command *c, uint32_t account, uint64_t number) {
    kin *k = &l->kin[account][number];
    trd_parent got;
    const bool is_there =
        trd_risk_parent(trd_engine_risk(l->engine), account, number, &got) == TRD_OK;
    const bool splits = c->kind == TRD_COMMAND_CORPORATE && is_there &&
                        c->instrument == got.instrument &&
                        c->u.corporate.action == TRD_CORPORATE_SPLIT && !was_turned_down(l);
    if (!is_there) {
        cr_assert(k->is_there || k->fills == 0);
        *k = (kin){0};
        return;
    }
    k->executed += k->fills;
    if (splits && k->fills == 0) {
        k->executed = k->executed * c->u.corporate.numerator / c->u.corporate.denominator;
    }
    if (!splits || k->fills == 0) {
        cr_assert(eq(i64, got.executed, k->executed));
        cr_assert(
            got.executed + got.open <= got.qty || got.executed + got.open <= k->used || splits);
    }
    *k = (kin){.is_there = true, .executed = got.executed, .used = got.executed + got.open};
}

static void parents_are_right(life *l, const trd_command *c) {
    for (uint32_t account = 0; l->kin_of != 0 && account < l->accounts; account++) {
        for (uint64_t number = 1; number <= PARENTS; number++) {
            parent_is_right(l, c, account, number);
        }
    }
}

/* Was the order refused when it was released? Then that is the next event. */
static bool was_refused(const life *l, uint32_t at, trd_order order) {
    const trd_event *e = &l->got[at];
    return at < l->count && e->kind == TRD_EVENT_CANCELED && e->reason == TRD_CAUSE_RISK &&
           e->u.cancel.order == order;
}

/* Was a side of a quote entered, or given new terms? Then that is the next event. */
static bool was_entered(const life *l, uint32_t at, const trd_quote_side *side) {
    const trd_event *e = &l->got[at];
    return at < l->count && (e->kind == TRD_EVENT_ACCEPTED || e->kind == TRD_EVENT_REPLACED) &&
           e->side == side->side && e->u.order.client_id == 0;
}

static void run_alone(life *l, const trd_command *c) {
    trd_out out = {.events = l->own, .capacity = ROOM, .count = l->own_count};
    int result = trd_match_step(l->alone, c, &out);
    while (result == TRD_NEED_VERDICT) {
        trd_order_info info;
        trd_quote_side side;
        if (trd__quote_pending(l->alone, &side)) {
            trd__quote_verdict(l->alone, !was_entered(l, out.count, &side));
            result = trd_match_step(l->alone, NULL, &out);
            continue;
        }
        cr_assert(eq(int, trd_match_pending(l->alone, &info), TRD_OK));
        const bool refused = was_refused(l, out.count, info.order);
        l->released++;
        cr_assert(eq(int, trd_match_verdict(l->alone, refused), TRD_OK));
        result = trd_match_step(l->alone, NULL, &out);
    }
    cr_assert(eq(int, result, TRD_OK));
    l->own_count = out.count;
}

static bool is_of_risk(unsigned reason) {
    switch (reason) {
    case TRD_REJECT_NOT_PERMITTED:
    case TRD_REJECT_DISABLED:
    case TRD_REJECT_NO_BOUND:
    case TRD_REJECT_PARENT:
    case TRD_REJECT_PARENT_QTY:
    case TRD_REJECT_BALANCE:
    case TRD_REJECT_POSITION_LIMIT:
    case TRD_REJECT_MARGIN:
        return true;
    default:
        return false;
    }
}

/* Was the command, or a leg beside it, refused by the engine's own hand? */
static bool is_refused(const life *l, const trd_command *c) {
    for (uint32_t i = 0; i < l->count; i += l->got[i].slots) {
        const trd_event *e = &l->got[i];
        const bool rejects = e->kind == TRD_EVENT_REJECTED ||
                             e->kind == TRD_EVENT_REPLACE_REJECTED ||
                             e->kind == TRD_EVENT_COMMAND_REJECTED;
        if (rejects && e->liquidity == c->kind && is_of_risk(e->reason)) {
            return true;
        }
    }
    return false;
}

/* Is the command one that the matcher never gets? */
static bool is_of_money(const trd_command *c) {
    return c->kind == TRD_COMMAND_TRANSFER || c->kind == TRD_COMMAND_FUNDING ||
           c->kind == TRD_COMMAND_LIMIT || c->kind == TRD_COMMAND_ACCOUNT ||
           c->kind == TRD_COMMAND_BOOKS || c->kind == TRD_COMMAND_CORPORATE;
}

/* The matcher alone gets another command instead of one that risk refused, which drops what is
 * staged as that does. The last events, that both are refused, are left out; one of the legs before
 * it may have been the one for which risk refused it. */
static void run_refused(life *l, const trd_command *c) {
    const trd_command cancel = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .flags = TRD_COMMAND_BY_HANDLE,
        .time = c->time,
        .account = c->account,
        .instrument = c->instrument};
    run_alone(l, &cancel);
    l->own_count--;
    l->count--;
    l->refused++;
    for (uint32_t i = 0; i < l->count; i += l->got[i].slots) {
        trd_event *e = &l->got[i];
        if (e->kind == TRD_EVENT_REJECTED && is_of_risk(e->reason)) {
            e->reason = TRD_REJECT_LINK;
        }
    }
}

static void same_market(life *l, const trd_command *c) {
    l->own_count = 0;
    if (is_of_money(c)) {
        const trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1, .time = c->time};
        run_alone(l, &timer);
        l->count -= l->count > l->own_count; /* the refusal, which is the last event */
    } else if (is_refused(l, c)) {
        run_refused(l, c);
    } else {
        run_alone(l, c);
    }
    cr_assert(eq(u32, l->count, l->own_count));
    for (uint32_t i = 0; i < l->count; i++) {
        l->executions += l->got[i].kind == TRD_EVENT_FILL;
        l->granted +=
            l->got[i].kind == TRD_EVENT_RESTATED && l->got[i].reason == TRD_RESTATE_LINKED;
        l->quoted += c->kind == TRD_COMMAND_QUOTE && l->got[i].kind == TRD_EVENT_ACCEPTED;
        l->withdrawn +=
            l->got[i].kind == TRD_EVENT_CANCELED && l->got[i].reason == TRD_CAUSE_PROTECTION;
        l->linked += c->kind == TRD_COMMAND_NEW && c->slots > 1 && i > 0 &&
                     l->got[i].kind == TRD_EVENT_ACCEPTED;
        l->got[i].seq = 0;
        l->own[i].seq = 0;
        cr_assert(eq(int, memcmp(&l->got[i], &l->own[i], sizeof(trd_event)), 0),
            "event %u: %s, %s, %s", i, trd_event_text(l->got[i].kind),
            trd_event_text(l->own[i].kind), trd_reject_text(l->got[i].reason));
    }
}

/* Asks about an order before it is sent; false if it was not asked, or timers are due. */
static bool ask_before(life *l, const trd_command *c, trd_verdict *verdict) {
    if ((c->kind != TRD_COMMAND_NEW && c->kind != TRD_COMMAND_REPLACE) || !chance(l, 30)) {
        return false;
    }
    const int result = trd_engine_ask(l->engine, c, verdict);
    cr_assert(result == TRD_OK || result == TRD_E_BUSY);
    l->asked += result == TRD_OK;
    return result == TRD_OK;
}

/* What was said holds: the command, or a leg beside it, was refused for that reason, or was not. */
static void was_as_said(const life *l, const trd_command *c, unsigned reason) {
    bool is_refused = false;
    bool is_told = reason == 0;
    for (uint32_t i = 0; i < l->count; i += l->got[i].slots) {
        const trd_event *e = &l->got[i];
        is_refused |= e->kind == TRD_EVENT_REPLACE_REJECTED;
        if (e->kind == TRD_EVENT_REJECTED) {
            is_refused |= e->u.order.client_id == c->u.order.client_id;
            is_told |= e->reason == reason;
        }
        is_told |= e->kind == TRD_EVENT_REPLACE_REJECTED && e->reason == reason;
    }
    cr_assert(eq(int, is_refused, reason != 0), "%s", trd_reject_text(reason));
    cr_assert(is_told, "%s", trd_reject_text(reason));
}

/* Most lives know what everything is worth: else accounts whose assets stand together do little. */
static void open_accounts(life *l) {
    const bool is_known = chance(l, 80);
    for (uint32_t asset = 1; asset <= 2 && is_known; asset++) {
        const trd_command c = {.kind = TRD_COMMAND_BOOKS,
            .slots = 1,
            .u.books = {.action = TRD_BOOKS_RATE,
                .asset = asset,
                .numerator = (uint32_t)in(l, 1, 300),
                .denominator = (uint32_t)in(l, 1, 10)}};
        run_engine(l, &c);
        cr_assert(eq(u32, l->count, 0));
    }
    for (uint32_t account = 0; account < l->accounts; account++) {
        const trd_command c = {.kind = TRD_COMMAND_ACCOUNT,
            .slots = 1,
            .account = account,
            .u.account = {.action = TRD_ACCOUNT_SET,
                .role = TRD_ROLE_TRADER,
                .margin = (uint8_t)in(l, TRD_MODE_FLAT, TRD_MODE_MULTI),
                .enabled = 1}};
        run_engine(l, &c);
        cr_assert(eq(u32, l->count, 0));
    }
}

/* Parent orders of most accounts, instruments and sides, as far as there is room. */
static void declare_parents(life *l) {
    for (uint64_t number = 1; number <= PARENTS && l->kin_of != 0; number++) {
        for (uint32_t account = 0; account < l->accounts; account++) {
            trd_command c;
            make_parent(l, &c);
            c.account = account;
            c.instrument = (uint32_t)(number - 1) / 2;
            c.u.limit.name = number;
            c.u.limit.side = number % 2 == 0 ? TRD_SELL : TRD_BUY;
            run_engine(l, &c);
            parents_are_right(l, &c);
        }
    }
}

static void say(const char *condition, const char *file, int line) {
    fprintf(stderr, "# %s:%d: %s\n", file, line, condition);
}

Test(engine, a_market_with_money_is_a_market_and_the_money_is_right, .timeout = 120) {
    draw rng = draw_seeded(1);
    trd_on_assert(say);
    static life l;
    uint64_t refused = 0;
    uint64_t released = 0;
    uint64_t executions = 0;
    uint64_t decisions = 0;
    uint64_t linked = 0;
    uint64_t granted = 0;
    uint64_t quoted = 0;
    uint64_t withdrawn = 0;
    uint64_t asked = 0;
    uint64_t portfolios = 0;
    uint64_t backed = 0;
    uint64_t child_fills = 0;
    uint64_t child_refused = 0;
    uint64_t too_many = 0;
    for (int run = 0; run < RUNS; run++) {
        memset(&l, 0, sizeof(l));
        l.rng = &rng;
        l.accounts = ACCOUNTS;
        begin(&l);
        open_accounts(&l);
        declare_parents(&l);
        for (int step = 0; step < STEPS; step++) {
            trd_command c[TRD_SLOTS_MAX];
            make_command(&l, c);
            trd_verdict said;
            const bool is_asked = ask_before(&l, c, &said);
            run_engine(&l, c);
            if (is_asked) {
                was_as_said(&l, c, said.reason);
            }
            parents_are_right(&l, c);
            same_market(&l, c);
            const int result = trd_engine_audit(l.engine);
            cr_assert(eq(int, result, TRD_OK), "run %d step %d: line %d", run, step, -result);
            l.portfolios += has_portfolio(&l);
            l.backed += has_backed(&l);
        }
        portfolios += l.portfolios;
        backed += l.backed;
        refused += l.refused;
        released += l.released;
        executions += l.executions;
        decisions += l.decisions;
        linked += l.linked;
        granted += l.granted;
        quoted += l.quoted;
        withdrawn += l.withdrawn;
        asked += l.asked;
        child_fills += l.child_fills;
        child_refused += l.child_refused;
        too_many += l.too_many;
        end(&l);
    }
    cr_assert(refused > 1000);
    cr_assert(released > 100);
    cr_assert(executions > 3000);
    cr_assert(decisions > 10000);
    cr_assert(linked > 200);
    cr_assert(granted > 200);
    cr_assert(quoted > 200);
    cr_assert(withdrawn > 10);
    cr_assert(asked > 1000);
    cr_assert(portfolios > 1000);
    cr_assert(backed > 1000, "%lu", (unsigned long)backed);
    cr_assert(child_fills > 300, "%lu", (unsigned long)child_fills);
    cr_assert(child_refused > 300, "%lu", (unsigned long)child_refused);
    cr_assert(too_many > 100, "%lu", (unsigned long)too_many);
}

/* Bytes of a good record that are no longer what they were. */
static void damage(life *l, trd_command *c) {
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

Test(engine, any_record_gets_an_answer_and_the_money_stays_right, .timeout = 120) {
    draw rng = draw_seeded(2);
    trd_on_assert(say);
    static life l;
    uint64_t splits = 0;
    for (int run = 0; run < RUNS; run++) {
        memset(&l, 0, sizeof(l));
        l.rng = &rng;
        l.accounts = ACCOUNTS;
        l.is_apart = true;
        begin(&l);
        open_accounts(&l);
        declare_parents(&l);
        for (int step = 0; step < STEPS; step++) {
            trd_command c[TRD_SLOTS_MAX];
            make_command(&l, c);
            if (chance(&l, 40)) {
                damage(&l, c);
            }
            run_engine(&l, c);
            const int result = trd_engine_audit(l.engine);
            cr_assert(eq(int, result, TRD_OK), "run %d step %d: line %d", run, step, -result);
        }
        splits += l.splits;
        end(&l);
    }
    cr_assert(splits > 20); /* orders that a split has restated */
}

/* --- batches ---------------------------------------------------------------------------------- */

/* Accounts with which an engine looks ahead for their sake, and with which it does not. */
enum { MANY = 4200, RECORDS = 500, BATCH_SLOTS = RECORDS * TRD_SLOTS_MAX, BATCH_ROOM = 1 << 16 };

typedef struct tape {
    trd_event events[BATCH_ROOM];
    uint32_t count;
} tape;

static void keep(tape *t, trd_out *out) {
    cr_assert(t->count + out->count <= BATCH_ROOM);
    memcpy(t->events + t->count, out->events, out->count * sizeof(trd_event));
    t->count += out->count;
    out->count = 0;
}

/* The rest of a command. */
static void finish(life *l, int result, trd_out *out, tape *t) {
    keep(t, out);
    while (result == TRD_MORE) {
        result = trd_engine_step(l->engine, NULL, out);
        keep(t, out);
    }
    cr_assert(eq(int, result, TRD_OK));
}

/* What is a record of an array, as match.h says. */
static size_t record_at(const trd_command *c, size_t left) {
    return c->kind >= 1 && c->kind <= 127 && c->slots >= 1 && c->slots <= TRD_SLOTS_MAX &&
                   c->slots <= left
               ? c->slots
               : 1;
}

static void step_by_step(life *l, const trd_command *commands, size_t slots, tape *t) {
    trd_out out = {.events = l->part, .capacity = ROOM};
    for (size_t at = 0; at < slots;) {
        const size_t size = record_at(&commands[at], slots - at);
        trd_command c[TRD_SLOTS_MAX] = {{0}};
        memcpy(c, &commands[at], size * sizeof(*c));
        finish(l, trd_engine_step(l->engine, c, &out), &out, t);
        at += size;
    }
}

static void in_batches(life *l, const trd_command *commands, size_t slots, tape *t) {
    trd_out out = {.events = l->part, .capacity = l->room};
    size_t at = 0;
    while (at < slots) {
        size_t done = 0;
        const int result = trd_engine_run(l->engine, &commands[at], slots - at, &done, &out);
        cr_assert(done > 0 && done <= slots - at);
        at += done;
        finish(l, result, &out, t);
    }
}

/* Everybody is open, has money and a position record: an order that is canceled again. */
static size_t make_setting(life *l, trd_command *c) {
    size_t at = 0;
    for (uint32_t account = 0; account < l->accounts; account++) {
        c[at++] = (trd_command){.kind = TRD_COMMAND_ACCOUNT,
            .slots = 1,
            .account = account,
            .u.account = {.action = TRD_ACCOUNT_SET,
                .role = TRD_ROLE_TRADER,
                .margin = (uint8_t)in(l, TRD_MODE_FLAT, TRD_MODE_MULTI),
                .enabled = 1}};
        c[at++] = (trd_command){.kind = TRD_COMMAND_TRANSFER,
            .slots = 1,
            .account = account,
            .u.transfer = {.action = TRD_TRANSFER_DEPOSIT, .amount = 100000}};
        c[at++] = (trd_command){.kind = TRD_COMMAND_NEW,
            .slots = 1,
            .account = account,
            .u.order = {.client_id = ++l->id,
                .px = 50,
                .qty = 1,
                .side = TRD_BUY,
                .type = TRD_TYPE_LIMIT,
                .tif = TRD_TIF_GTC}};
        c[at++] = (trd_command){
            .kind = TRD_COMMAND_CANCEL, .slots = 1, .account = account, .u.cancel.target = l->id};
    }
    return at;
}

static size_t make_batch(life *l, trd_command *commands) {
    size_t at = 0;
    for (int i = 0; i < RECORDS; i++) {
        trd_command c[TRD_SLOTS_MAX];
        make_command(l, c);
        const size_t size = c->slots;
        if (chance(l, 10)) {
            damage(l, c);
        }
        memcpy(&commands[at], c, size * sizeof(*c));
        at += size;
    }
    for (int i = 1; i < TRD_SLOTS_MAX; i++) { /* no record reaches beyond the array */
        commands[at++] = (trd_command){.kind = TRD_COMMAND_TIMER, .slots = 1, .time = l->time};
    }
    return at;
}

/* Two engines with the same definition. */
static void begin_both(life *one, life *other, draw *rng, uint32_t accounts) {
    draw same = *rng;
    memset(one, 0, sizeof(*one));
    memset(other, 0, sizeof(*other));
    one->accounts = other->accounts = accounts;
    one->rng = &same;
    begin(one);
    other->rng = one->rng = rng;
    begin(other);
}

static uint64_t batches_of(draw *rng, uint32_t accounts) {
    static life one, other;
    static tape stepped, ran;
    begin_both(&one, &other, rng, accounts);
    trd_command *c = (trd_command *)malloc((4 * (size_t)MANY + BATCH_SLOTS + 3) * sizeof(*c));
    size_t slots = make_setting(&one, c);
    slots += make_batch(&one, c + slots);
    stepped.count = ran.count = 0;
    step_by_step(&one, c, slots, &stepped);
    in_batches(&other, c, slots, &ran);
    cr_assert(eq(u32, ran.count, stepped.count));
    cr_assert(memcmp(ran.events, stepped.events, ran.count * sizeof(trd_event)) == 0);
    cr_assert(eq(int, trd_engine_audit(other.engine), TRD_OK));
    trd_match_stats stats;
    trd_match_stats_get(trd_engine_match(other.engine), &stats);
    free(c);
    end(&one);
    end(&other);
    return stats.executions;
}

Test(engine, a_batch_writes_the_events_of_its_records, .timeout = 120) {
    draw rng = draw_seeded(3);
    trd_on_assert(say);
    uint64_t executions = 0;
    for (int run = 0; run < RUNS / 2; run++) {
        executions += batches_of(&rng, ACCOUNTS);
    }
    cr_assert(executions > 1000);
    executions = 0;
    for (int run = 0; run < 3; run++) {
        executions += batches_of(&rng, MANY);
    }
    cr_assert(executions > 0);
}
