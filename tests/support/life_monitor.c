/* life_monitor.c - see life_monitor.h. */
#include "life_monitor.h"

#include "naive_liquidation.h"

#include <assert.h>
#include <string.h>

enum {
    USD,
    COIN,
    SHARE,
    MIDDLE = 150,
    PX_MAX = 400,
    AIM_TICKS = 80,
    AIM_TRIES = 6,
    MANY_ORDERS = 100
};

#define RICH ((trd_amt)1 << 40)

static int64_t in(life_monitor *l, int64_t low, int64_t high) {
    return dice_in(&l->rng, low, high);
}

static bool chance(life_monitor *l, uint32_t percent) {
    return dice_odds(&l->rng, percent, 100);
}

/* --- the world -------------------------------------------------------------------------------- */

/* Values up to those that an instrument may just have. */
static void draw_scale(life_monitor *l, trd_instrument *spec) {
    const wide most = ((wide)1 << 61) / PX_MAX / spec->qty_max / spec->numerator;
    if (chance(l, 15) && most > 1) {
        spec->numerator *= dice_log(&l->rng, 1, most > INT32_MAX ? INT32_MAX : (int64_t)most);
    }
}

/* Coarser ticks, all over or above the middle. */
static void draw_ticks(life_monitor *l, trd_instrument *spec) {
    if (chance(l, 75)) {
        return;
    }
    const int64_t step = in(l, 1, 2) == 1 ? 2 : 5;
    spec->px_min = spec->px_min == 0 ? 0 : step;
    spec->tiers[0] = (trd_tick_tier){.from = 0, .step = step};
    spec->tier_count = 1;
    if (chance(l, 50)) {
        spec->tiers[1] = (trd_tick_tier){.from = MIDDLE, .step = 10};
        spec->tier_count = 2;
    }
}

static void draw_spec(life_monitor *l, uint32_t i, trd_instrument *spec) {
    static const uint8_t kinds[] = {TRD_INSTRUMENT_LINEAR, TRD_INSTRUMENT_LINEAR,
        TRD_INSTRUMENT_INVERSE, TRD_INSTRUMENT_OPTION, TRD_INSTRUMENT_SPOT};
    *spec = trd_instrument_default();
    spec->symbol[0] = (char)('A' + i);
    spec->kind = i == 0 ? TRD_INSTRUMENT_LINEAR : kinds[in(l, 0, 4)];
    spec->px_max = PX_MAX;
    spec->lot_step = chance(l, 70) ? 1 : in(l, 2, 4);
    spec->qty_max = spec->lot_step * dice_log(&l->rng, 5, 60);
    spec->numerator = dice_log(&l->rng, 1, 500);
    spec->denominator = dice_log(&l->rng, 1, chance(l, 15) ? 2000 : 9);
    spec->settle_asset = chance(l, 80) ? USD : COIN;
    spec->base_asset = SHARE;
    switch (spec->kind) {
    case TRD_INSTRUMENT_INVERSE:
        spec->numerator *= 20000;
        spec->settle_asset = chance(l, 80) ? COIN : USD;
        break;
    case TRD_INSTRUMENT_OPTION:
        spec->option = chance(l, 50) ? TRD_OPTION_CALL : TRD_OPTION_PUT;
        spec->strike = MIDDLE;
        spec->expiry = INT64_MAX;
        spec->px_min = in(l, 0, 1);
        break;
    default:
        break;
    }
    spec->quote_asset = spec->settle_asset;
    draw_scale(l, spec);
    draw_ticks(l, spec);
}

static void one_tier(naive_mon_model *naive, uint32_t ppm) {
    *naive = (naive_mon_model){.there = true, .count = 1, .ppm = {ppm}};
}

static void draw_tiers(life_monitor *l, life_mon_listing *at, trd_amt typical) {
    const uint32_t count = (uint32_t)in(l, 2, NAIVE_MON_TIERS);
    trd_margin_tier tiers[NAIVE_MON_TIERS] = {{0}};
    uint32_t ppm = (uint32_t)dice_log(&l->rng, 2000, 60000);
    at->naive = (naive_mon_model){.there = true, .count = count};
    for (uint32_t i = 0; i < count; i++) {
        tiers[i].floor = i == 0 ? 0 : tiers[i - 1].floor + in(l, 1, typical);
        tiers[i].maintenance_ppm = ppm;
        tiers[i].initial_ppm = 2 * ppm;
        at->naive.floor[i] = tiers[i].floor;
        at->naive.ppm[i] = ppm;
        ppm += (uint32_t)in(l, 0, 70000);
    }
    const trd_margin_tier_terms terms = {.tiers = tiers, .count = count};
    const int result = trd_margin_tiered(&at->model, &terms);
    assert(result == TRD_OK);
    (void)result;
}

static void draw_model(life_monitor *l, life_mon_listing *at) {
    const trd_amt typical =
        (trd_amt)naive_notional(&at->spec, in(l, 1, at->spec.qty_max), MIDDLE) + 2;
    const uint32_t initial = (uint32_t)dice_log(&l->rng, 20000, 500000);
    const uint32_t keep = (uint32_t)(initial * (uint64_t)in(l, 20, 95) / 100);
    const trd_margin_rates rates = {.initial_ppm = initial, .maintenance_ppm = keep};
    const trd_margin_leverage_terms lever = {
        .leverage_centi = 100000000 / initial, .maintenance_ppm = keep};
    const trd_margin_nrml_terms nrml = {.var_ppm = keep - keep / 3, .elm_ppm = keep / 3};
    int result = TRD_OK;
    at->has_model = true;
    one_tier(&at->naive, keep);
    switch (in(l, 0, 15)) {
    case 0:
        result = trd_margin_cash(&at->model);
        at->naive = (naive_mon_model){.there = true, .covered = true};
        break;
    case 1:
        at->has_model = at->spec.kind == TRD_INSTRUMENT_LINEAR;
        at->naive.there = at->has_model;
        result = trd_margin_mis(&at->model, &rates);
        break;
    case 2:
        result = trd_margin_nrml(&at->model, &nrml);
        break;
    case 3:
    case 4:
        result = trd_margin_leverage(&at->model, &lever);
        break;
    case 5:
    case 6:
    case 7:
        result = trd_margin_flat(&at->model, &rates);
        break;
    default:
        draw_tiers(l, at, typical);
        break;
    }
    assert(result == TRD_OK);
    (void)result;
}

static void draw_profile(life_monitor *l, trd_profile *profile) {
    static const uint8_t sources[] = {TRD_SOURCE_MARK, TRD_SOURCE_MARK, TRD_SOURCE_LAST};
    *profile = trd_profile_default();
    if (chance(l, 70)) {
        profile->band_action = chance(l, 50) ? TRD_BAND_CANCEL : TRD_BAND_REJECT;
        profile->band_source = sources[in(l, 0, 2)];
        profile->band_below = (uint32_t)dice_log(&l->rng, 200, 9000);
        profile->band_above = (uint32_t)dice_log(&l->rng, 200, 9000);
    }
}

static void draw_odds(life_monitor *l) {
    l->odds_order = (uint32_t)in(l, 20, 60);
    l->odds_mark = (uint32_t)in(l, 15, 60);
    l->odds_money = (uint32_t)in(l, 2, 25);
    l->odds_pay_in = (uint32_t)in(l, 20, 90);
    l->odds_aim = (uint32_t)in(l, 10, 90);
    l->odds_session = (uint32_t)in(l, 0, 3);
    l->odds_buy = (uint32_t)in(l, 40, 60);
    l->odds_isolated = chance(l, 50) ? 0 : (uint32_t)in(l, 0, 80);
    l->odds_more = (uint32_t)in(l, 0, 90);
    l->step = dice_log(&l->rng, 1, 12);
    l->spread = dice_log(&l->rng, 1, 12);
    l->size = dice_log(&l->rng, 3, 60);
    l->alike = chance(l, 20);
    l->poor_fund = l->world.liquidates && chance(l, l->alike ? 70 : 30);
    if (l->alike) {
        l->spread = 0;
        l->odds_order = 60;
        l->odds_mark = 15;
        l->odds_money = 1;
    }
    l->world.fees = l->alike ? (trd_fee_tier){0} : l->world.fees;
}

void life_monitor_begin(life_monitor *l, uint64_t seed, bool liquidates) {
    *l = (life_monitor){.rng = dice_seeded(seed)};
    life_mon_world *w = &l->world;
    w->instruments = chance(l, 15) ? 1 : (uint32_t)in(l, 2, LIFE_MON_INSTRUMENTS);
    w->accounts = (uint32_t)in(l, 3, LIFE_MON_ACCOUNTS);
    w->call_ppm = chance(l, 10) ? 1000000 : (uint32_t)in(l, 1000000, 2000000);
    w->warn_ppm = chance(l, 10) ? w->call_ppm : (uint32_t)in(l, w->call_ppm, 4000000);
    w->alert_ppm = chance(l, 30) ? 0 : (uint32_t)dice_log(&l->rng, 1000, 500000);
    w->exempt = liquidates ? 1 : chance(l, 50) ? 0 : (uint32_t)in(l, 1, w->accounts);
    w->liquidates = liquidates;
    w->liquidation = (trd_liquidation){.struct_size = sizeof(w->liquidation),
        .target_ppm = (uint32_t)dice_log(&l->rng, 1000000, 3000000),
        .fee_ppm = chance(l, 20) ? 0 : (uint32_t)dice_log(&l->rng, 1, 50000),
        .step_pct = (uint32_t)in(l, 1, 100),
        .orders_max = (uint32_t)dice_log(&l->rng, 1, 6),
        .fund = 0};
    w->fees = (trd_fee_tier){
        .maker_ppb = (int32_t)in(l, -1000000, 3000000), .taker_ppb = (int32_t)in(l, 0, 5000000)};
    w->room = (uint32_t)dice_log(&l->rng, TRD_ENGINE_OUT_MIN, 600);
    w->room = w->room < TRD_ENGINE_OUT_MIN ? TRD_ENGINE_OUT_MIN : w->room;
    for (uint32_t i = 0; i < w->instruments; i++) {
        draw_spec(l, i, &w->listing[i].spec);
        draw_model(l, &w->listing[i]);
        draw_profile(l, &w->listing[i].profile);
    }
    draw_odds(l);
}

void life_monitor_mirror(const life_mon_world *world, mirror *w) {
    memset(w, 0, sizeof(*w));
    w->m.warn_ppm = world->warn_ppm;
    w->m.call_ppm = world->call_ppm;
    w->m.alert_ppm = world->alert_ppm;
    w->m.exempt = world->exempt;
    w->m.instrument_count = world->instruments;
    for (uint32_t i = 0; i < world->instruments; i++) {
        const life_mon_listing *from = &world->listing[i];
        w->m.instrument[i].spec = from->spec;
        w->m.instrument[i].model = from->naive;
        w->market[i] = (mirror_market){.state = TRD_SESSION_CONTINUOUS,
            .band_action = from->profile.band_action,
            .band_source = from->profile.band_source,
            .band_below = from->profile.band_below,
            .band_above = from->profile.band_above};
    }
}

/* --- commands --------------------------------------------------------------------------------- */

static void base(life_monitor *l, trd_command *c, unsigned kind) {
    *c = (trd_command){.kind = (uint8_t)kind,
        .slots = 1,
        .time = l->time,
        .instrument = (uint32_t)in(l, 0, l->world.instruments - 1),
        .account = (uint32_t)in(l, 0, l->world.accounts - 1)};
}

static uint8_t draw_mode(life_monitor *l) {
    static const uint8_t pools[] = {TRD_MODE_CROSS, TRD_MODE_FLAT, TRD_MODE_LEVERAGE};
    return chance(l, 2)                  ? TRD_MODE_PORTFOLIO
           : chance(l, 8)                ? TRD_MODE_CASH
           : chance(l, l->odds_isolated) ? TRD_MODE_ISOLATED
                                         : pools[in(l, 0, 2)];
}

static void make_account(life_monitor *l, const mirror *w, trd_command *c, uint32_t account) {
    const bool opens = w->m.mode[account] == 0;
    base(l, c, TRD_COMMAND_ACCOUNT);
    c->account = account;
    c->u.account = (trd_account_body){.action = TRD_ACCOUNT_SET,
        .role = TRD_ROLE_TRADER,
        .margin = draw_mode(l),
        .hedge = opens ? chance(l, l->world.exempt == account + 1 ? 8 : 25) : w->hedged[account],
        .enabled = 1};
    if (opens && l->set_up <= l->world.accounts && c->u.account.margin >= TRD_MODE_PORTFOLIO) {
        c->u.account.margin = TRD_MODE_CROSS;
    }
}

/* About what a position of one order needs. */
static trd_amt typical(life_monitor *l, const mirror *w) {
    const naive_mon_instrument *at = &w->m.instrument[in(l, 0, l->world.instruments - 1)];
    const wide notional = naive_notional(&at->spec, l->size, MIDDLE);
    return (trd_amt)wide_max(1, notional * in(l, 5, 120) / 100);
}

static void make_deposit(
    life_monitor *l, const mirror *w, trd_command *c, uint32_t account, uint32_t asset) {
    base(l, c, TRD_COMMAND_TRANSFER);
    c->account = account;
    c->u.transfer = (trd_transfer_body){
        .amount = typical(l, w), .asset = asset, .action = TRD_TRANSFER_DEPOSIT};
    l->money = l->money == 0 ? c->u.transfer.amount : l->money;
    c->u.transfer.amount = l->alike ? l->money : c->u.transfer.amount;
    if (asset == SHARE) {
        c->u.transfer.amount = in(l, 1, 200) * 1000;
    } else if (l->poor_fund && account == l->world.liquidation.fund) {
        c->u.transfer.amount = in(l, 1, 100);
    } else if (!l->alike && chance(l, 3) && c->u.transfer.amount < RICH) {
        c->u.transfer.amount *= in(l, 1, 100000);
    }
}

static const naive_mon_purse *some_purse(life_monitor *l, const mirror *w) {
    return w->m.purse_count == 0 ? NULL : &w->m.purse[in(l, 0, w->m.purse_count - 1)];
}

static void make_transfer(life_monitor *l, const mirror *w, trd_command *c) {
    const naive_mon_purse *p = some_purse(l, w);
    if (p == NULL || p->free <= 0 || chance(l, l->odds_pay_in)) {
        make_deposit(l, w, c, (uint32_t)in(l, 0, l->world.accounts - 1), (uint32_t)in(l, 0, 1));
        return;
    }
    base(l, c, TRD_COMMAND_TRANSFER);
    c->account = p->account;
    c->u.transfer =
        (trd_transfer_body){.amount = chance(l, 40) ? p->free : dice_log(&l->rng, 1, p->free),
            .asset = p->asset,
            .action = TRD_TRANSFER_WITHDRAW};
    const uint32_t to = (uint32_t)in(l, 0, l->world.accounts - 1);
    if (to != p->account && chance(l, 30)) {
        c->u.transfer.action = TRD_TRANSFER_MOVE;
        c->u.transfer.to = to;
    }
}

static trd_px inside(const trd_instrument *spec, int64_t px) {
    return px < spec->px_min ? spec->px_min : px > spec->px_max ? spec->px_max : px;
}

/* A price that orders may have. */
static trd_px valid(const trd_instrument *spec, int64_t px) {
    trd_px out = inside(spec, px);
    while (out % naive_tick(spec, out) != 0) {
        out--;
    }
    return out;
}

static trd_px around(const mirror *w, uint32_t instrument) {
    const naive_mon_instrument *at = &w->m.instrument[instrument];
    return at->has_mark ? at->mark : MIDDLE;
}

/* --- orders ----------------------------------------------------------------------------------- */

static void make_stop(life_monitor *l, const mirror *w, trd_command *c) {
    const trd_instrument *spec = &w->m.instrument[c->instrument].spec;
    const trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES,
        .flags = TRD_PRICES_TRIGGER,
        .trigger = valid(spec, around(w, c->instrument) + in(l, -3, 3) * in(l, 1, 10)),
        .source = chance(l, 50) ? TRD_SOURCE_LAST : TRD_SOURCE_MARK};
    c->u.order.type = chance(l, 50) ? TRD_TYPE_STOP_LIMIT : TRD_TYPE_TOUCHED_LIMIT;
    c->u.order.tif = TRD_TIF_GTC;
    memcpy(c + 1, &prices, sizeof(prices));
    c->slots = 2;
}

static void make_iceberg(const mirror *w, trd_command *c) {
    const trd_ext_sizes sizes = {
        .kind = TRD_EXT_ORDER_SIZES, .peak = w->m.instrument[c->instrument].spec.lot_step};
    memcpy(c + 1, &sizes, sizeof(sizes));
    c->slots = 2;
}

/* Most are plain limits; the others what makes a market answer otherwise. */
static void make_kind(life_monitor *l, const mirror *w, trd_command *c) {
    trd_new *order = &c->u.order;
    switch (in(l, 0, 29)) {
    case 0:
    case 1:
        order->tif = TRD_TIF_IOC;
        break;
    case 2:
        order->tif = TRD_TIF_FOK;
        break;
    case 3:
    case 4:
        order->type = TRD_TYPE_MARKET;
        order->tif = TRD_TIF_IOC;
        order->px = 0;
        break;
    case 5:
        order->exec = TRD_EXEC_POST_ONLY;
        break;
    case 6:
        order->exec = TRD_EXEC_REDUCE_ONLY;
        break;
    case 7:
    case 8:
    case 9:
        make_stop(l, w, c);
        break;
    case 10:
        order->exec = TRD_EXEC_HIDDEN;
        break;
    case 11:
        order->exec = TRD_EXEC_ALL_OR_NONE;
        break;
    case 12:
    case 13:
        order->stp = (uint8_t)in(l, TRD_STP_CANCEL_TAKER, TRD_STP_DECREMENT);
        break;
    case 14:
        make_iceberg(w, c);
        break;
    default:
        break;
    }
}

/* A limit near the mark, of half of the orders on the other side of it, so that they meet. */
static trd_px limit(life_monitor *l, const mirror *w, const trd_command *c, uint8_t side) {
    const int64_t off = chance(l, 50)     ? in(l, -l->spread, l->spread)
                        : side == TRD_BUY ? in(l, 0, l->spread)
                                          : -in(l, 0, l->spread);
    return valid(&w->m.instrument[c->instrument].spec, around(w, c->instrument) + off);
}

/* An order that closes a position, or turns it. */
static bool make_closing(life_monitor *l, const mirror *w, trd_command *c) {
    const naive_mon_position *p =
        w->m.position_count == 0 ? NULL : &w->m.position[in(l, 0, w->m.position_count - 1)];
    if (p == NULL || p->qty == 0) {
        return false;
    }
    const trd_qty most = w->m.instrument[p->instrument].spec.qty_max;
    const trd_qty held = p->qty > 0 ? p->qty : -p->qty;
    base(l, c, TRD_COMMAND_NEW);
    c->account = p->account;
    c->instrument = p->instrument;
    c->u.order = (trd_new){.client_id = ++l->id,
        .qty = held < most ? held : most,
        .side = p->qty > 0 ? TRD_SELL : TRD_BUY,
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_GTC,
        .position = p->side};
    c->u.order.exec = chance(l, 50) ? TRD_EXEC_REDUCE_ONLY : 0;
    c->u.order.px = limit(l, w, c, c->u.order.side);
    return true;
}

/* An account that has a position already, so that pools have several. */
static uint32_t some_holder(life_monitor *l, const mirror *w, uint32_t otherwise) {
    const naive_mon_position *p =
        w->m.position_count == 0 ? NULL : &w->m.position[in(l, 0, w->m.position_count - 1)];
    return p == NULL || p->qty == 0 ? otherwise : p->account;
}

/* The order of somebody else once more. */
static bool make_again(life_monitor *l, trd_command *c) {
    if (l->again.kind == 0 || l->again.u.order.position != TRD_POSITION_NET) {
        return false;
    }
    *c = l->again;
    c->time = l->time;
    c->account = (uint32_t)in(l, 0, l->world.accounts - 1);
    c->u.order.client_id = ++l->id;
    return true;
}

static void make_order(life_monitor *l, const mirror *w, trd_command *c) {
    if (l->alike && chance(l, 80) && make_again(l, c)) {
        return;
    }
    if (chance(l, 15) && make_closing(l, w, c)) {
        return;
    }
    base(l, c, TRD_COMMAND_NEW);
    c->account = chance(l, l->odds_more) ? some_holder(l, w, c->account) : c->account;
    const trd_instrument *spec = &w->m.instrument[c->instrument].spec;
    const trd_qty most = l->size < spec->qty_max ? l->size : spec->qty_max;
    const trd_qty lots = (l->alike ? most : in(l, 1, most)) / spec->lot_step * spec->lot_step;
    c->u.order = (trd_new){.client_id = ++l->id,
        .qty = lots == 0 ? spec->lot_step : lots,
        .side = chance(l, l->odds_buy) ? TRD_BUY : TRD_SELL,
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_GTC};
    if (w->hedged[c->account]) {
        c->u.order.position = chance(l, 50) ? TRD_POSITION_LONG : TRD_POSITION_SHORT;
        const bool opens = chance(l, 60);
        const bool is_long = c->u.order.position == TRD_POSITION_LONG;
        c->u.order.side = opens == is_long ? TRD_BUY : TRD_SELL;
    }
    c->u.order.px = limit(l, w, c, c->u.order.side);
    l->again = *c;
    make_kind(l, w, c);
    if (l->world.liquidates && chance(l, 1)) {
        c->u.order.client_id = MIRROR_ENGINE_IDS + (uint64_t)in(l, 0, 9); /* refused */
    }
}

static void make_change(life_monitor *l, const mirror *w, trd_command *c) {
    const mirror_order *o = &w->order[in(l, 0, w->order_count - 1)];
    const trd_instrument *spec = &w->m.instrument[o->instrument].spec;
    if (chance(l, w->order_count > MANY_ORDERS ? 100 : 40)) {
        base(l, c, TRD_COMMAND_CANCEL);
        c->u.cancel.target = o->client_id;
    } else {
        base(l, c, TRD_COMMAND_REPLACE);
        c->u.replace = (trd_replace){.target = o->client_id,
            .px = valid(spec, around(w, o->instrument) + in(l, -l->spread, l->spread)),
            .qty = in(l, 1, spec->qty_max / spec->lot_step) * spec->lot_step};
    }
    c->account = o->account;
    c->instrument = o->instrument;
}

/* --- marks ------------------------------------------------------------------------------------ */

static int level_at(const naive_monitor *m, uint32_t instrument, const trd_unit *unit, trd_px px) {
    static naive_monitor copy;
    copy = *m;
    copy.instrument[instrument].mark = px;
    const naive_stand s = naive_monitor_stand(&copy, unit);
    return s.there && s.known ? s.level : -1;
}

/* The nearest mark in a direction at which a unit is at another level. */
static bool aim_at(life_monitor *l, const mirror *w, uint32_t position, trd_px *out) {
    const naive_mon_position *p = &w->m.position[position];
    const naive_mon_instrument *at = &w->m.instrument[p->instrument];
    const trd_unit unit = naive_monitor_unit(&w->m, p);
    const int now =
        at->has_mark && p->qty != 0 ? level_at(&w->m, p->instrument, &unit, at->mark) : -1;
    const trd_px step = chance(l, 50) ? 1 : -1;
    for (trd_px px = at->mark; now >= 0 && px != at->mark + step * AIM_TICKS; px += step) {
        if (px < at->spec.px_min || px > at->spec.px_max) {
            return false;
        }
        if (level_at(&w->m, p->instrument, &unit, px) != now) {
            *out = inside(&at->spec, px + in(l, -1, 1));
            return true;
        }
    }
    return false;
}

static bool aim(life_monitor *l, const mirror *w, trd_command *c) {
    for (int i = 0; i < AIM_TRIES && w->m.position_count > 0; i++) {
        const uint32_t at = (uint32_t)in(l, 0, w->m.position_count - 1);
        if (aim_at(l, w, at, &c->u.price.px)) {
            c->instrument = w->m.position[at].instrument;
            return true;
        }
    }
    return false;
}

static void make_mark(life_monitor *l, const mirror *w, trd_command *c) {
    base(l, c, TRD_COMMAND_PRICE);
    c->u.price.source = chance(l, 95) ? TRD_SOURCE_MARK : TRD_SOURCE_LAST;
    const trd_instrument *spec = &w->m.instrument[c->instrument].spec;
    const trd_px now = around(w, c->instrument);
    const int64_t width = in(l, 0, 99) < 8 ? 100 : l->step;
    c->u.price.px = chance(l, 10) && l->former[c->instrument] != 0
                        ? l->former[c->instrument]
                        : inside(spec, now + in(l, -width, width));
    if (chance(l, l->odds_aim)) {
        aim(l, w, c);
    }
    if (c->u.price.source == TRD_SOURCE_MARK) {
        l->former[c->instrument] = around(w, c->instrument);
    }
}

/* --- the rest --------------------------------------------------------------------------------- */

static void make_funding(life_monitor *l, const mirror *w, trd_command *c) {
    base(l, c, TRD_COMMAND_FUNDING);
    c->u.funding = (trd_funding_body){
        .rate = in(l, -30000000, 30000000), .mark = around(w, c->instrument), .due = ++l->due};
}

/* Ends a halt or a kill switch, if there is one. */
static bool make_normal(life_monitor *l, const mirror *w, trd_command *c) {
    base(l, c, TRD_COMMAND_SESSION);
    c->u.session.state = TRD_SESSION_CONTINUOUS;
    for (uint32_t i = 0; i < l->world.instruments; i++) {
        c->instrument = i;
        if (w->market[i].state != TRD_SESSION_CONTINUOUS) {
            return true;
        }
    }
    c->kind = TRD_COMMAND_KILL;
    c->u.kill = (trd_kill){.scope = TRD_SCOPE_FIRM, .action = TRD_KILL_OFF};
    if (w->firm.on) {
        return true;
    }
    c->u.kill.scope = TRD_SCOPE_INSTRUMENT;
    for (uint32_t i = 0; i < l->world.instruments; i++) {
        c->instrument = i;
        if (w->market[i].kill.on) {
            return true;
        }
    }
    c->u.kill.scope = TRD_SCOPE_ACCOUNT;
    for (uint32_t i = 0; i < l->world.accounts; i++) {
        c->account = i;
        if (w->kill[i].on) {
            return true;
        }
    }
    return false;
}

static void make_session(life_monitor *l, const mirror *w, trd_command *c) {
    static const uint8_t states[] = {TRD_SESSION_HALTED, TRD_SESSION_PRE_OPEN, TRD_SESSION_CLOSED};
    if (chance(l, 85) && make_normal(l, w, c)) {
        return;
    }
    if (chance(l, 65)) {
        base(l, c, TRD_COMMAND_SESSION);
        c->u.session.state = states[in(l, 0, 2)];
        return;
    }
    base(l, c, TRD_COMMAND_KILL);
    c->u.kill = (trd_kill){
        .scope = (uint8_t)in(l, TRD_SCOPE_FIRM, TRD_SCOPE_INSTRUMENT), .action = TRD_KILL_ON};
    if (c->u.kill.action == TRD_KILL_ON) {
        c->u.kill.reducing = chance(l, 40);
        c->u.kill.cancel = chance(l, 30);
    }
}

static bool make_first(life_monitor *l, const mirror *w, trd_command *c) {
    const uint32_t accounts = l->world.accounts;
    const uint32_t deposits = accounts * LIFE_MON_ASSETS;
    const uint32_t at = l->set_up++;
    if (at < accounts) {
        make_account(l, w, c, at);
        return at > 0 || !l->world.liquidates || chance(l, 85); /* the fund may open later */
    }
    if (at < accounts + deposits) {
        make_deposit(l, w, c, (at - accounts) / LIFE_MON_ASSETS, (at - accounts) % LIFE_MON_ASSETS);
        return chance(l, 90);
    }
    make_mark(l, w, c);
    c->instrument = at - accounts - deposits;
    c->u.price = (trd_price){.px = MIDDLE + in(l, -20, 20), .source = TRD_SOURCE_MARK};
    return chance(l, 75);
}

void life_monitor_next(life_monitor *l, const mirror *w, trd_command *c) {
    const uint32_t first = l->world.accounts * (1 + LIFE_MON_ASSETS) + l->world.instruments;
    memset(c, 0, LIFE_MON_SLOTS * sizeof(*c));
    while (l->set_up < first) {
        if (make_first(l, w, c)) {
            return;
        }
        memset(c, 0, LIFE_MON_SLOTS * sizeof(*c));
    }
    l->time += chance(l, 30) ? in(l, 0, 100) : 0;
    if (w->order_count > MANY_ORDERS && chance(l, 50)) {
        make_change(l, w, c);
        return;
    }
    if (chance(l, 4) && make_normal(l, w, c)) {
        return;
    }
    const uint32_t sum = l->odds_order + l->odds_mark + l->odds_money + l->odds_session + 14;
    uint32_t what = (uint32_t)in(l, 0, sum - 1);
    if (what < l->odds_order) {
        make_order(l, w, c);
    } else if ((what -= l->odds_order) < l->odds_mark) {
        make_mark(l, w, c);
    } else if ((what -= l->odds_mark) < l->odds_money) {
        make_transfer(l, w, c);
    } else if ((what -= l->odds_money) < l->odds_session) {
        make_session(l, w, c);
    } else if (what % 14 < 8 && w->order_count > 0) {
        make_change(l, w, c);
    } else if (what % 14 < 11) {
        make_funding(l, w, c);
    } else {
        make_account(l, w, c, (uint32_t)in(l, 0, l->world.accounts - 1));
    }
}
