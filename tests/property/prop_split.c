/* prop_split.c - random books that are split.
 *
 * Before each split all orders are listed, by price and then by time; what they must be afterwards
 * is computed from docs/reference/engine.md, "Splits", with divisions of its own. Each order is
 * told once, with those terms; the queues are those of the list; nobody holds more than before; and
 * at every pause of the engine the audit holds. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "draw.h"

enum { RUNS = 150, STEPS = 120, ROOM = 4096, ACCOUNTS = 4, ORDERS = 64, USD = 0, SHARE = 1 };

/* An order as it was entered. */
typedef struct entered {
    uint64_t id;
    uint32_t account;
    uint8_t type;
    uint8_t side;
    bool is_capped;
    trd_px cap;
    trd_qty peak;
} entered;

/* What one must be after the split. */
typedef struct expected {
    entered *as;
    trd_order_info before;
    trd_amt held; /* before */
    trd_px px;
    trd_qty leaves;
    trd_qty displayed;
    trd_px trigger;
    bool ends;
    bool told;
} expected;

typedef struct life {
    draw *rng;
    trd_engine *engine;
    trd_event events[ROOM];
    trd_event part[ROOM];
    uint32_t count;
    uint32_t room;
    trd_instrument spec;
    entered list[STEPS];
    uint32_t entered;
    int64_t spread;
    int64_t odds_special;
    int64_t numerator, denominator;
    uint64_t changed, ended, quiet;
} life;

static int64_t in(life *l, int64_t low, int64_t high) {
    return draw_in(l->rng, low, high);
}

static bool chance(life *l, int64_t percent) {
    return in(l, 0, 99) < percent;
}

static const trd_match *match_of(const life *l) {
    return trd_engine_match(l->engine);
}

/* --- the world -------------------------------------------------------------------------------- */

static void run(life *l, const trd_command *c) {
    trd_out out = {.events = l->part, .capacity = l->room};
    l->count = 0;
    int result = trd_engine_step(l->engine, c, &out);
    for (;;) {
        cr_assert(l->count + out.count <= ROOM);
        memcpy(l->events + l->count, l->part, out.count * sizeof(trd_event));
        l->count += out.count;
        const int sound = trd_engine_audit(l->engine);
        cr_assert(eq(int, sound, TRD_OK), "line %d", -sound);
        if (result == TRD_OK) {
            return;
        }
        cr_assert(eq(int, result, TRD_MORE));
        out.count = 0;
        result = trd_engine_step(l->engine, NULL, &out);
    }
}

static void list(life *l) {
    trd_instrument *spec = &l->spec;
    *spec = trd_instrument_default();
    strcpy(spec->symbol, "SHARE");
    spec->base_asset = SHARE;
    spec->quote_asset = spec->settle_asset = USD;
    spec->px_max = in(l, 300, 2000) * 10;
    spec->px_min = chance(l, 50) ? 10 : 0;
    spec->qty_max = in(l, 100, 1000) * 12;
    spec->lot_step = chance(l, 50) ? 1 : 3;
    spec->qty_min = spec->lot_step;
    spec->numerator = in(l, 1, 3);
    spec->denominator = in(l, 1, 3);
    if (chance(l, 50)) {
        spec->tier_count = 1;
        spec->tiers[0] = (trd_tick_tier){.from = 0, .step = 5};
    }
    const trd_terms terms = {.struct_size = sizeof(terms)};
    trd_profile profile = trd_profile_default();
    if (chance(l, 50)) {
        profile.band_action = TRD_BAND_CANCEL;
        profile.band_source = TRD_SOURCE_MARK;
        profile.band_below = profile.band_above = 9000;
    }
    const trd_engine_listing listing = {.spec = spec, .terms = &terms, .profile = &profile};
    cr_assert(eq(int, trd_engine_list(l->engine, &listing), 0));
}

static void begin(life *l) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max = 1;
    match.orders_max = accounts.orders_max = risk.orders_max = ORDERS;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = ACCOUNTS;
    match.specials_max = ORDERS;
    match.positions_max = chance(l, 70) ? 64 : 0;
    match.publish = chance(l, 50) ? TRD_PUBLISH_ALL : 0;
    accounts.assets_max = 2;
    accounts.balances_max = 32;
    accounts.positions_max = 16;
    accounts.publish = TRD_PUBLISH_MONEY_ALL;
    const trd_engine_def def = {
        .struct_size = sizeof(def), .match = &match, .accounts = &accounts, .risk = &risk};
    l->engine = trd_engine_create(&def);
    cr_assert(ne(ptr, l->engine, NULL));
    const trd_asset assets[2] = {{.struct_size = sizeof(trd_asset), .scale = 2, .symbol = "USD"},
        {.struct_size = sizeof(trd_asset), .scale = 2, .symbol = "SHARE"}};
    cr_assert(eq(int, trd_engine_asset(l->engine, &assets[0]), USD));
    cr_assert(eq(int, trd_engine_asset(l->engine, &assets[1]), SHARE));
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = (int32_t)in(l, -1000000, 5000000),
            .taker_ppb = (int32_t)in(l, 0, 9000000)}}};
    cr_assert(eq(int, trd_engine_fees(l->engine, &fees), 0));
    list(l);
    l->room = (uint32_t)in(l, TRD_ENGINE_OUT_MIN, 400);
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        const trd_command open = {.kind = TRD_COMMAND_ACCOUNT,
            .slots = 1,
            .account = account,
            .u.account = {.action = TRD_ACCOUNT_SET,
                .role = TRD_ROLE_TRADER,
                .margin = TRD_MODE_CASH,
                .enabled = 1}};
        run(l, &open);
        for (uint32_t asset = 0; asset < 2; asset++) {
            const trd_command give = {.kind = TRD_COMMAND_TRANSFER,
                .slots = 1,
                .account = account,
                .u.transfer = {.action = TRD_TRANSFER_DEPOSIT,
                    .asset = asset,
                    .amount = in(l, 1, 40) * (asset == USD ? 1000000 : 10001)}};
            run(l, &give);
        }
    }
    l->entered = 0;
    l->spread = in(l, 2, 60);
    l->odds_special = in(l, 0, 90);
}

static trd_px valid(const life *l, trd_px px) {
    const trd_px step = l->spec.tier_count != 0 ? 5 : 1;
    px -= px % step;
    return px < l->spec.px_min ? l->spec.px_min : px > l->spec.px_max ? l->spec.px_max : px;
}

static trd_px near_px(life *l) {
    return valid(l, 150 + in(l, -l->spread, l->spread));
}

static void mark(life *l) {
    const trd_command c = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .u.price = {.px = near_px(l), .source = TRD_SOURCE_MARK}};
    run(l, &c);
}

/* --- orders ----------------------------------------------------------------------------------- */

static void add(trd_command *c, const void *extension) {
    memcpy(c + 1, extension, sizeof(*c));
    c->slots = 2;
}

static void make_special(life *l, trd_command *c, entered *e) {
    trd_new *order = &c->u.order;
    trd_ext_prices prices = {.kind = TRD_EXT_ORDER_PRICES};
    switch (in(l, 0, 5)) {
    case 0:
        order->exec = chance(l, 50) ? TRD_EXEC_HIDDEN : TRD_EXEC_ALL_OR_NONE;
        return;
    case 1: {
        const trd_ext_sizes sizes = {
            .kind = TRD_EXT_ORDER_SIZES, .peak = l->spec.lot_step * in(l, 1, 3)};
        order->qty += 3 * l->spec.lot_step;
        e->peak = sizes.peak;
        add(c, &sizes);
        return;
    }
    case 2:
        prices.flags = (uint16_t)(TRD_PRICES_OFFSET | (chance(l, 50) ? TRD_PRICES_CAP : 0));
        prices.peg = (uint8_t)in(l, TRD_PEG_BEST, TRD_PEG_MID);
        prices.offset_unit = TRD_OFFSET_TICKS;
        prices.offset = prices.peg == TRD_PEG_BEST ? in(l, 0, 3) : 0;
        e->is_capped = (prices.flags & TRD_PRICES_CAP) != 0;
        e->cap = prices.cap = e->is_capped ? near_px(l) : 0;
        order->type = TRD_TYPE_PEGGED;
        order->px = 0;
        add(c, &prices);
        return;
    case 3:
        prices.flags = TRD_PRICES_OFFSET;
        prices.source = TRD_SOURCE_LAST;
        prices.offset_unit = chance(l, 50) ? TRD_OFFSET_TICKS : TRD_OFFSET_BASIS_POINTS;
        prices.offset = in(l, 1, 40);
        order->type = TRD_TYPE_TRAILING_STOP_LIMIT;
        add(c, &prices);
        return;
    default:
        prices.flags = TRD_PRICES_TRIGGER;
        prices.source = (uint8_t)(chance(l, 70) ? TRD_SOURCE_LAST : in(l, TRD_SOURCE_BID, 4));
        prices.trigger = near_px(l);
        order->type = chance(l, 50) ? TRD_TYPE_STOP_LIMIT : TRD_TYPE_TOUCHED_LIMIT;
        add(c, &prices);
        return;
    }
}

static void enter(life *l) {
    entered *e = &l->list[l->entered];
    trd_command c[2] = {{.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = (uint32_t)in(l, 0, ACCOUNTS - 1),
        .u.order = {.client_id = l->entered + 1,
            .px = near_px(l),
            .qty = l->spec.lot_step * in(l, 1, chance(l, 5) ? 400 : 12),
            .side = (uint8_t)in(l, TRD_BUY, TRD_SELL),
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}}};
    *e = (entered){.id = l->entered + 1, .account = c[0].account, .side = c[0].u.order.side};
    if (chance(l, 5)) {
        c[0].u.order.px = valid(l, chance(l, 50) ? in(l, 0, 40) : l->spec.px_max - in(l, 0, 200));
    }
    if (chance(l, l->odds_special)) {
        make_special(l, c, e);
    }
    e->type = c[0].u.order.type;
    run(l, c);
    l->entered++;
}

/* --- what must be ----------------------------------------------------------------------------- */

typedef __int128 wide;

static wide floor_by(wide a, wide b) {
    return a / b - (a % b < 0);
}

/* The nearest valid price at or below the one in new ticks, or at or above; false if there is none.
 */
static bool scaled(const life *l, trd_px px, bool up, trd_px *out) {
    const trd_px step = l->spec.tier_count != 0 ? 5 : 1;
    const wide all = (wide)px * l->denominator;
    const wide unit = (wide)l->numerator * step;
    *out = (trd_px)((up ? -floor_by(-all, unit) : floor_by(all, unit)) * step);
    if (px == 0) {
        return true;
    }
    if (up && *out < l->spec.px_min) {
        *out = l->spec.px_min;
    } else if (!up && *out > l->spec.px_max) {
        *out = l->spec.px_max;
    }
    return *out > 0 && *out >= l->spec.px_min && *out <= l->spec.px_max;
}

static trd_qty lots(const life *l, trd_qty qty) {
    const wide exact = (wide)qty * l->numerator / l->denominator;
    return (trd_qty)(exact - exact % l->spec.lot_step);
}

static bool is_stop(const expected *e) {
    return e->before.type == TRD_TYPE_STOP_LIMIT || e->before.type == TRD_TYPE_TOUCHED_LIMIT;
}

/* A sell stop and a buy that is to be touched wait for a price that falls. */
static bool rises(const expected *e) {
    return (e->before.side == TRD_BUY) == (e->before.type == TRD_TYPE_STOP_LIMIT);
}

static void foresee(const life *l, expected *e) {
    const trd_order_info *b = &e->before;
    const bool sells = b->side == TRD_SELL;
    trd_px cap = 0;
    e->leaves = lots(l, b->leaves);
    const trd_qty total = e->leaves + lots(l, b->executed) + lots(l, b->prevented);
    e->ends = e->leaves == 0 || total > l->spec.qty_max || !scaled(l, b->px, sells, &e->px);
    if (is_stop(e)) {
        e->ends |= !scaled(l, b->trigger, rises(e), &e->trigger);
    }
    if (b->type == TRD_TYPE_PEGGED) {
        /* What is held for a buyer without a cap is enough for the highest price of old. */
        const bool bounded = !sells && l->numerator > l->denominator;
        const trd_px old = e->as->is_capped ? e->as->cap : bounded ? l->spec.px_max : 0;
        e->ends |= !scaled(l, old, sells, &cap);
        e->as->is_capped |= bounded;
        e->as->cap = cap;
    }
    e->displayed = b->displayed == 0 ? 0 : e->leaves;
    if (e->as->peak != 0 && b->displayed != 0) {
        const trd_qty shown = lots(l, b->displayed);
        const trd_qty least = shown == 0 ? l->spec.lot_step : shown;
        e->displayed = least < e->leaves ? least : e->leaves;
    }
}

/* All live orders. */
static uint32_t foresee_all(life *l, expected *all) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < l->entered; i++) {
        entered *as = &l->list[i];
        const trd_order handle = trd_match_find(match_of(l), as->account, as->id);
        trd_held held = {0};
        if (handle == 0) {
            continue;
        }
        expected *e = &all[count++];
        *e = (expected){.as = as};
        cr_assert(eq(int, trd_match_order(match_of(l), handle, &e->before), TRD_OK));
        cr_assert(
            eq(int, trd_accounts_held(trd_engine_accounts(l->engine), handle, &held), TRD_OK));
        e->held = held.amount;
        foresee(l, e);
    }
    return count;
}

static expected *named(expected *all, uint32_t count, trd_order handle) {
    for (uint32_t i = 0; i < count; i++) {
        if (all[i].before.order == handle) {
            return &all[i];
        }
    }
    cr_assert(false, "an order that was not there");
    return NULL;
}

/* Each order is told once, as it was foreseen; true if nothing else happened to orders. */
static bool follow(life *l, expected *all, uint32_t count) {
    bool quiet = true;
    for (uint32_t i = 0; i < l->count; i += l->events[i].slots) {
        const trd_event *e = &l->events[i];
        if (e->kind == TRD_EVENT_RESTATED && e->reason == TRD_RESTATE_CORPORATE) {
            expected *x = named(all, count, e->u.restate.order);
            cr_assert(x->told == false);
            cr_assert(x->ends == false, "id %u", (unsigned)x->as->id);
            cr_assert(eq(i64, e->u.restate.px, x->px));
            cr_assert(eq(i64, e->u.restate.leaves, x->leaves));
            cr_assert(eq(i64, e->u.restate.displayed, x->displayed));
            x->told = true;
            l->changed++;
        } else if (e->kind == TRD_EVENT_CANCELED && e->reason == TRD_CAUSE_CORPORATE) {
            expected *x = named(all, count, e->u.cancel.order);
            cr_assert(x->told == false);
            cr_assert(x->ends, "id %u", (unsigned)x->as->id);
            cr_assert(eq(i64, e->u.cancel.qty, x->before.leaves));
            x->told = true;
            l->ended++;
        } else {
            quiet &= e->kind == TRD_EVENT_LEDGER || e->kind == TRD_EVENT_POSITION ||
                     e->kind == TRD_EVENT_LEVEL || e->kind == TRD_EVENT_ORDER;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        cr_assert(all[i].told, "id %u", (unsigned)all[i].as->id);
    }
    return quiet;
}

/* Nobody holds more; sellers hold their lots: one is 100 hundredths of a share. */
static void check_holds(const life *l, const expected *e) {
    trd_held held;
    const trd_accounts *accounts = trd_engine_accounts(l->engine);
    cr_assert(eq(int, trd_accounts_held(accounts, e->before.order, &held), TRD_OK));
    cr_assert(eq(i64, held.leaves, e->leaves));
    if (e->before.side == TRD_SELL) {
        cr_assert(eq(i64, held.amount, e->leaves * 100));
    } else {
        cr_assert(held.amount <= e->held);
        cr_assert(held.amount >= e->px * e->leaves * l->spec.numerator / l->spec.denominator);
    }
}

/* Nothing else has happened: every order is what was foreseen. */
static void check_orders(const life *l, const expected *all, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const expected *e = &all[i];
        trd_order_info now;
        const int result = trd_match_order(match_of(l), e->before.order, &now);
        if (e->ends) {
            cr_assert(eq(int, result, TRD_E_UNKNOWN));
            continue;
        }
        cr_assert(eq(int, result, TRD_OK));
        cr_assert(eq(i64, now.px, e->px));
        cr_assert(eq(i64, now.leaves, e->leaves));
        cr_assert(eq(i64, now.displayed, e->displayed));
        cr_assert(eq(i64, now.executed, lots(l, e->before.executed)));
        cr_assert(eq(u8, now.where, e->before.where));
        if (is_stop(e)) {
            cr_assert(eq(i64, now.trigger, e->trigger));
        }
        check_holds(l, e);
    }
}

/* --- queues ----------------------------------------------------------------------------------- */

/* The displayed orders of a side, best first. */
static uint32_t queue_of(const life *l, unsigned side, trd_order *out) {
    trd_level levels[ORDERS];
    uint32_t count = 0;
    const int depth = trd_match_depth(match_of(l), 0, side, levels, ORDERS);
    for (int i = 0; i < depth; i++) {
        trd_order_info infos[ORDERS];
        const int orders = trd_match_queue(match_of(l), 0, side, levels[i].px, infos, ORDERS);
        for (int k = 0; k < orders; k++) {
            out[count++] = infos[k].order;
        }
    }
    return count;
}

static void check_queue(const trd_order *before, uint32_t had, const trd_order *after, uint32_t has,
    expected *all, uint32_t count) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < had; i++) {
        if (!named(all, count, before[i])->ends) {
            cr_assert(at < has);
            cr_assert(eq(u64, after[at], before[i]));
            at++;
        }
    }
    cr_assert(eq(u32, at, has));
}

/* --- positions -------------------------------------------------------------------------------- */

static trd_qty lots_of(const life *l, uint32_t account) {
    trd_holding holding;
    cr_assert(eq(int,
        trd_accounts_position(
            trd_engine_accounts(l->engine), account, 0, TRD_POSITION_NET, &holding),
        TRD_OK));
    return holding.qty;
}

static void draw_ratio(life *l) {
    l->numerator = in(l, 1, chance(l, 80) ? 4 : 30);
    l->denominator = in(l, 1, chance(l, 80) ? 4 : 30);
}

static void split(life *l) {
    static expected all[STEPS];
    trd_order before[2][ORDERS];
    trd_order after[ORDERS];
    uint32_t had[2];
    trd_qty position[ACCOUNTS];
    draw_ratio(l);
    const uint32_t count = foresee_all(l, all);
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        had[side - 1] = queue_of(l, side, before[side - 1]);
    }
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        position[account] = lots_of(l, account);
    }
    const trd_command c = {.kind = TRD_COMMAND_CORPORATE,
        .slots = 1,
        .u.corporate = {.action = TRD_CORPORATE_SPLIT,
            .numerator = l->numerator,
            .denominator = l->denominator}};
    run(l, &c);
    if (!follow(l, all, count)) {
        return; /* what settles afterwards, pegs or such that wait for all, is seen elsewhere */
    }
    l->quiet++;
    check_orders(l, all, count);
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        check_queue(before[side - 1], had[side - 1], after, queue_of(l, side, after), all, count);
    }
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        cr_assert(eq(i64, lots_of(l, account), position[account] * l->numerator / l->denominator));
    }
}

static void say(const char *condition, const char *file, int line) {
    fprintf(stderr, "# %s:%d: %s\n", file, line, condition);
}

Test(split, every_order_is_what_the_rules_make_of_it, .timeout = 120) {
    draw rng = draw_seeded(1);
    trd_on_assert(say);
    static life l;
    uint64_t changed = 0;
    uint64_t ended = 0;
    uint64_t quiet = 0;
    for (int round = 0; round < RUNS; round++) {
        memset(&l, 0, sizeof(l));
        l.rng = &rng;
        begin(&l);
        mark(&l);
        const int64_t odds = in(&l, 1, 8);
        while (l.entered < STEPS) {
            enter(&l);
            if (chance(&l, odds)) {
                split(&l);
                mark(&l);
            }
        }
        changed += l.changed;
        ended += l.ended;
        quiet += l.quiet;
        trd_engine_destroy(l.engine);
    }
    cr_assert(changed > 5000, "%u", (unsigned)changed);
    cr_assert(ended > 500, "%u", (unsigned)ended);
    cr_assert(quiet > 300, "%u", (unsigned)quiet);
}
