/* prop_portfolio.c - random lives of an engine with accounts of mode PORTFOLIO against a second
 * opinion, written from docs/reference/risk.md, "Portfolio": before each order it sums up all
 * positions anew, and says whether MARGIN passes and what was compared. Behind every command the
 * audit sums up what the library keeps. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "draw.h"

__extension__ typedef __int128 wide;

enum { SPOT, NEAR, FAR, OPTION, COIN, OTHER, PLAIN, INSTRUMENTS };
enum { CASH, COINS, ASSETS };
enum { ACCOUNTS = 5, HEDGED = 3, SIDES = 3 };
enum { GROUPS = 3, MONTHS = TRD_SCENARIO_MONTHS_MAX, SCENARIOS = TRD_SCENARIO_COUNT };
enum { RUNS = 300, STEPS = 250, ROOM = 8192, ORDERS = 128, NAMES = 400, PPM = 1000000 };

/* An order that was accepted, and the terms it holds on. */
typedef struct known {
    trd_order order;
    uint32_t account;
    uint32_t asset;
    uint8_t kind;
    uint32_t margin_ppm;
    trd_amt per_lot;
} known;

typedef struct life {
    draw *rng;
    trd_engine *engine;
    trd_event events[ROOM];
    trd_out out;
    trd_ns time;
    uint64_t id;
    trd_instrument specs[INSTRUMENTS];
    trd_px marks[INSTRUMENTS]; /* 0: none */
    trd_scenario_group groups[GROUPS];
    uint32_t group_asset[GROUPS];
    trd_scenario_pair pairs[2];
    trd_scenario_array arrays[INSTRUMENTS];
    int array_group[INSTRUMENTS]; /* -1: none */
    known orders[NAMES];
    uint32_t order_count;
    int64_t fee;     /* ppb, of everybody */
    int64_t spread;  /* of prices */
    int64_t poverty; /* percent of transfers that take money away */
} life;

static uint64_t met_pass, met_margin, met_unknown, met_free, met_left, met_then, met_hedge,
    met_paid, met_reducing, met_kept, met_amended, met_less;

static int64_t in(life *l, int64_t low, int64_t high) {
    return draw_in(l->rng, low, high);
}

static bool chance(life *l, int64_t percent) {
    return draw_chance(l->rng, percent);
}

/* --- arithmetic ------------------------------------------------------------------------------- */

static wide down(wide a, wide b) {
    const wide q = a / b;
    return q * b > a ? q - 1 : q;
}

static wide up(wide a, wide b) {
    return -down(-a, b);
}

static wide size_of(wide a) {
    return a < 0 ? -a : a;
}

static wide least(wide a, wide b) {
    return a < b ? a : b;
}

/* --- the second opinion: what positions need -------------------------------------------------- */

static trd_holding holding(const life *l, uint32_t account, uint32_t instrument, unsigned side) {
    trd_holding h;
    cr_assert(eq(int,
        trd_accounts_position(trd_engine_accounts(l->engine), account, instrument, side, &h),
        TRD_OK));
    return h;
}

/* Lots of a position instead of those that are there. */
typedef struct instead {
    uint32_t instrument;
    unsigned side;
    wide lots;
} instead;

typedef struct risk_of {
    wide loss[SCENARIOS];
    wide month[MONTHS];
    wide shorts;
    wide scan;
    wide spread;
    wide credit;
    wide delta;
    wide whole;
} risk_of;

static risk_of sums_of(const life *l, uint32_t account, int group, const instead *other) {
    risk_of r = {0};
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        for (unsigned side = 0; side < SIDES && l->array_group[i] == group; side++) {
            const trd_scenario_array *array = &l->arrays[i];
            const bool here = other != NULL && other->instrument == i && other->side == side;
            const wide lots = here ? other->lots : holding(l, account, i, side).qty;
            for (int s = 0; s < SCENARIOS; s++) {
                r.loss[s] += lots * array->loss[s];
            }
            r.month[array->month] += lots * array->delta;
            r.shorts += array->is_option && lots < 0 ? -lots : 0;
        }
    }
    return r;
}

static void spreads_of(const trd_scenario_group *terms, risk_of *r) {
    wide left[MONTHS];
    memcpy(left, r->month, sizeof(left));
    for (uint32_t i = 0; i < terms->spread_count; i++) {
        wide *a = &left[terms->spreads[i].month_a];
        wide *b = &left[terms->spreads[i].month_b];
        const wide used = *a * *b < 0 ? least(size_of(*a), size_of(*b)) : 0;
        r->spread += up(used * terms->spreads[i].charge, PPM);
        *a += *a < 0 ? used : -used;
        *b += *b < 0 ? used : -used;
    }
}

static void credit(risk_of *r, wide used, uint32_t ppm) {
    if (used > 0) {
        r->credit += r->scan * used / size_of(r->whole) * ppm / PPM;
        r->delta += r->delta < 0 ? used : -used;
    }
}

static void pair_of(const trd_scenario_pair *pair, risk_of *all) {
    risk_of *a = &all[pair->group_a];
    risk_of *b = &all[pair->group_b];
    if (a->delta == 0 || b->delta == 0 || ((a->delta < 0) == (b->delta < 0)) != pair->same_side) {
        return;
    }
    const wide spreads =
        least(size_of(a->delta) / pair->delta_a, size_of(b->delta) / pair->delta_b);
    credit(a, spreads * pair->delta_a, pair->credit_ppm);
    credit(b, spreads * pair->delta_b, pair->credit_ppm);
}

typedef struct needed {
    wide initial;
    wide maintenance;
} needed;

static needed need_of(const life *l, uint32_t account, uint32_t asset, const instead *other) {
    risk_of all[GROUPS];
    needed n = {0};
    for (int g = 0; g < GROUPS; g++) {
        risk_of *r = &all[g];
        *r = sums_of(l, account, g, other);
        for (int s = 0; s < SCENARIOS; s++) {
            r->scan = r->loss[s] > r->scan ? r->loss[s] : r->scan;
        }
        for (int m = 0; m < MONTHS; m++) {
            r->whole += r->month[m];
        }
        r->delta = r->whole;
        spreads_of(&l->groups[g], r);
    }
    for (int i = 0; i < 2; i++) {
        pair_of(&l->pairs[i], all);
    }
    for (int g = 0; g < GROUPS; g++) {
        const trd_scenario_group *terms = &l->groups[g];
        const wide risk = all[g].scan + all[g].spread - all[g].credit;
        const wide minimum = terms->short_min * all[g].shorts;
        const wide keep = risk > minimum ? risk : minimum;
        if (l->group_asset[g] == asset) {
            n.maintenance += keep;
            n.initial += up(keep * terms->initial_ppm, PPM);
        }
    }
    return n;
}

/* --- the second opinion: what is there -------------------------------------------------------- */

/* Profit of a contract, value of an option. */
static wide worth_of(const life *l, uint32_t instrument, const trd_holding *h) {
    const trd_instrument *spec = &l->specs[instrument];
    const wide mark = l->marks[instrument];
    if (instrument == COIN) {
        return down(-(wide)h->qty * spec->numerator, mark * spec->denominator) - h->cost;
    }
    return down(h->qty * mark * spec->numerator, spec->denominator) -
           (instrument == OPTION ? 0 : h->cost);
}

static bool equity_of(const life *l, uint32_t account, uint32_t asset, wide *out) {
    trd_balance b;
    cr_assert(
        eq(int, trd_accounts_balance(trd_engine_accounts(l->engine), account, asset, &b), TRD_OK));
    *out = (wide)b.free + b.locked + b.unsettled - b.debt;
    for (uint32_t i = NEAR; i < INSTRUMENTS; i++) {
        for (unsigned side = 0; side < SIDES && l->specs[i].settle_asset == asset; side++) {
            const trd_holding h = holding(l, account, i, side);
            if (h.qty != 0 && l->marks[i] == 0) {
                return false;
            }
            *out += h.qty != 0 ? worth_of(l, i, &h) : 0;
        }
    }
    return true;
}

/* What all orders of the account hold in the asset, but `not`. */
static wide held_of(const life *l, uint32_t account, uint32_t asset, trd_order not ) {
    wide sum = 0;
    for (uint32_t i = 0; i < l->order_count; i++) {
        const known *o = &l->orders[i];
        trd_held held;
        if (o->account == account && o->asset == asset &&
            o->order != not &&trd_accounts_held(trd_engine_accounts(l->engine), o->order, &held) ==
                TRD_OK) {
            sum += held.amount;
        }
    }
    return sum;
}

static bool is_portfolio(const life *l, uint32_t account) {
    trd_account terms;
    return trd_accounts_get(trd_engine_accounts(l->engine), account, &terms) == TRD_OK &&
           terms.mode == TRD_MODE_PORTFOLIO;
}

static trd_amt free_of(const life *l, uint32_t account, uint32_t asset) {
    trd_balance b;
    cr_assert(
        eq(int, trd_accounts_balance(trd_engine_accounts(l->engine), account, asset, &b), TRD_OK));
    return b.free;
}

/* What may leave; false if that is not known. */
static bool available_of(const life *l, uint32_t account, uint32_t asset, wide *out) {
    const wide needs = need_of(l, account, asset, NULL).initial;
    const wide free = free_of(l, account, asset);
    wide equity;
    if (!equity_of(l, account, asset, &equity)) {
        return false;
    }
    *out = least(free, equity - needs - held_of(l, account, asset, 0));
    return true;
}

static void same_state(const life *l) {
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        for (uint32_t asset = 0; asset < ASSETS; asset++) {
            const trd_risk *risk = trd_engine_risk(l->engine);
            trd_portfolio got;
            wide equity = 0, available = 0;
            const int result =
                trd_risk_portfolio(risk, trd_engine_accounts(l->engine), account, asset, &got);
            if (!is_portfolio(l, account)) {
                cr_assert(eq(int, result, TRD_E_ARG));
                continue;
            }
            const needed need = need_of(l, account, asset, NULL);
            const bool is_known = equity_of(l, account, asset, &equity) &&
                                  available_of(l, account, asset, &available);
            cr_assert(eq(int, result, is_known ? TRD_OK : TRD_E_UNKNOWN));
            if (is_known) {
                cr_assert(got.equity == equity && got.initial == need.initial &&
                          got.maintenance == need.maintenance && got.available == available);
                cr_assert(got.held == held_of(l, account, asset, 0));
            }
        }
    }
}

/* --- the second opinion: orders --------------------------------------------------------------- */

typedef struct opinion {
    bool is_asked; /* MARGIN is */
    bool passes;
    wide measured;
    wide limit;
} opinion;

static opinion fails(wide measured, wide limit) {
    return (opinion){.is_asked = true, .measured = measured, .limit = limit};
}

static opinion passes(uint64_t *met) {
    (*met)++;
    return (opinion){.is_asked = true, .passes = true};
}

/* An order as the market takes it. */
typedef struct asked {
    const trd_vetted *v;
    const known *order; /* of a REPLACE */
    trd_held held;      /* by it */
    wide worst;
    bool on_margin;
    bool reducing;
    uint32_t asset;
} asked;

static asked asked_of(const life *l, const trd_vetted *v) {
    asked a = {.v = v};
    const bool buys = v->side == TRD_BUY;
    for (uint32_t i = 0; i < l->order_count; i++) {
        if (v->order != 0 && l->orders[i].order == v->order) {
            a.order = &l->orders[i];
        }
    }
    if (v->order != 0) {
        const int result = trd_accounts_held(trd_engine_accounts(l->engine), v->order, &a.held);
        cr_assert(eq(int, result, TRD_OK));
    }
    const trd_holding h = holding(l, v->account, v->instrument, v->position);
    const wide open = (wide)h.open[buys ? 0 : 1] - a.held.leaves + v->leaves;
    a.worst = buys ? h.qty + open : h.qty - open;
    a.reducing = v->reduces || size_of(a.worst) <= size_of(h.qty);
    a.on_margin = v->instrument != SPOT && !(v->instrument == OPTION && buys);
    a.asset =
        v->instrument == SPOT && !buys ? (uint32_t)COINS : l->specs[v->instrument].settle_asset;
    return a;
}

static wide per_lot_of(const life *l, const asked *a) {
    const trd_scenario_array *array = &l->arrays[a->v->instrument];
    const trd_scenario_group *group = &l->groups[l->array_group[a->v->instrument]];
    const bool buys = a->v->side == TRD_BUY;
    wide worst = !buys && array->is_option ? group->short_min : 0;
    for (int s = 0; s < SCENARIOS; s++) {
        const wide loss = buys ? (wide)array->loss[s] : -(wide)array->loss[s];
        worst = loss > worst ? loss : worst;
    }
    return up(worst * group->initial_ppm, PPM);
}

/* Fees of a new order. */
static wide charge_of(const life *l, const trd_vetted *v) {
    const trd_instrument *spec = &l->specs[v->instrument];
    const bool seller = v->side == TRD_SELL && v->instrument != COIN;
    const wide px = seller && l->marks[v->instrument] > v->px ? l->marks[v->instrument] : v->px;
    const wide value = v->instrument == COIN
                           ? up((wide)v->leaves * spec->numerator, px * spec->denominator)
                           : up(px * v->leaves * spec->numerator, spec->denominator);
    return v->instrument == OPTION ? 0 : up(value * l->fee, TRD_RATE_ONE);
}

static bool covered(wide amount, wide usable, wide own) {
    return amount <= 0 || amount <= usable || amount <= own;
}

static opinion outright(const life *l, const asked *a, wide need, wide charge) {
    const trd_vetted *v = a->v;
    const wide per_lot = per_lot_of(l, a);
    const bool goes_on = a->order != NULL && a->order->kind == TRD_HOLD_MARGIN &&
                         a->order->margin_ppm == 0 && a->order->per_lot == per_lot;
    const wide own = goes_on ? a->held.amount : 0;
    const wide usable = (wide)free_of(l, v->account, a->asset) + a->held.amount;
    const instead then = {v->instrument, v->position, a->worst};
    const wide now = need_of(l, v->account, a->asset, NULL).initial;
    const wide later = need_of(l, v->account, a->asset, &then).initial;
    wide equity = 0;
    if (!equity_of(l, v->account, a->asset, &equity)) {
        met_unknown++;
        return fails(INT64_MAX, usable);
    }
    if (!covered(need, usable, own)) {
        met_free++;
        return fails(need, usable);
    }
    if (later <= now) {
        return passes(&met_hedge);
    }
    if (goes_on && need <= own) {
        return passes(&met_less);
    }
    const wide left = equity - now - held_of(l, v->account, a->asset, v->order);
    if (!covered(need, left, own)) {
        met_left++;
        return fails(need, left);
    }
    if (later + charge > equity) {
        met_then++;
        return fails(later + charge, equity);
    }
    return passes(&met_pass);
}

static opinion paid(const life *l, const asked *a, wide need) {
    const trd_vetted *v = a->v;
    const bool goes_on = a->order != NULL && a->order->kind == TRD_HOLD_FULL;
    const wide own = goes_on ? a->held.amount : 0;
    const wide usable = (wide)free_of(l, v->account, a->asset) + a->held.amount;
    const wide now = need_of(l, v->account, a->asset, NULL).initial;
    const wide has = holding(l, v->account, v->instrument, v->position).qty;
    const instead then = {v->instrument, v->position, has + v->leaves};
    const wide later =
        v->instrument == SPOT ? now : need_of(l, v->account, a->asset, &then).initial;
    wide equity = 0;
    if (now == 0) {
        return (opinion){.is_asked = true, .passes = true};
    }
    if (!equity_of(l, v->account, a->asset, &equity)) {
        met_unknown++;
        return fails(INT64_MAX, usable);
    }
    const wide left = equity - least(now, later) - held_of(l, v->account, a->asset, v->order);
    if (covered(need, left, own)) {
        return passes(&met_pass);
    }
    met_paid++;
    return fails(need, left);
}

/* `need` and fees are what the verdict says where orders have executed, and fees depend on that. */
static opinion judge(const life *l, const trd_vetted *v, const trd_verdict *verdict) {
    const asked a = asked_of(l, v);
    if (!is_portfolio(l, v->account) || (a.reducing && v->instrument != SPOT)) {
        met_reducing += is_portfolio(l, v->account);
        return (opinion){0};
    }
    if (!a.on_margin) {
        return paid(l, &a, verdict->need);
    }
    if (l->array_group[v->instrument] < 0) {
        met_unknown++;
        return fails(INT64_MAX, (wide)free_of(l, v->account, a.asset) + a.held.amount);
    }
    const wide margin = per_lot_of(l, &a) * v->leaves;
    if (v->order == 0) {
        cr_assert(verdict->need == charge_of(l, v) + margin);
    }
    return outright(l, &a, verdict->need, verdict->need - margin);
}

/* --- the world -------------------------------------------------------------------------------- */

static trd_instrument spec_of(life *l, int i) {
    static const uint8_t kinds[INSTRUMENTS] = {TRD_INSTRUMENT_SPOT, TRD_INSTRUMENT_LINEAR,
        TRD_INSTRUMENT_LINEAR, TRD_INSTRUMENT_OPTION, TRD_INSTRUMENT_INVERSE, TRD_INSTRUMENT_LINEAR,
        TRD_INSTRUMENT_LINEAR};
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = (char)('A' + i);
    spec.kind = kinds[i];
    spec.px_max = 400;
    spec.qty_max = 100;
    spec.numerator = i == COIN ? 100000 : in(l, 1, 3);
    spec.denominator = in(l, 1, 4);
    spec.base_asset = COINS;
    spec.quote_asset = CASH;
    spec.settle_asset = i == COIN ? COINS : CASH;
    if (i == OPTION) {
        spec.option = TRD_OPTION_PUT;
        spec.strike = 100;
        spec.expiry = INT64_MAX;
    }
    return spec;
}

static void run(life *l, const trd_command *c) {
    l->out.count = 0;
    cr_assert(eq(int, trd_engine_step(l->engine, c, &l->out), TRD_OK));
    for (uint32_t i = 0; i < l->out.count; i += l->events[i].slots) {
        const trd_event *e = &l->events[i];
        if (e->kind == TRD_EVENT_ACCEPTED && l->order_count < NAMES) {
            l->orders[l->order_count++] = (known){.order = e->u.order.order, .account = e->account};
        }
    }
}

/* The reason of a refusal, 0 if there was none. */
static unsigned refusal(const life *l) {
    for (uint32_t i = 0; i < l->out.count; i += l->events[i].slots) {
        const unsigned kind = l->events[i].kind;
        if (kind == TRD_EVENT_REJECTED || kind == TRD_EVENT_REPLACE_REJECTED ||
            kind == TRD_EVENT_COMMAND_REJECTED) {
            return l->events[i].reason;
        }
    }
    return 0;
}

static void draw_groups(life *l) {
    for (int g = 0; g < GROUPS; g++) {
        trd_scenario_group *terms = &l->groups[g];
        *terms = (trd_scenario_group){.initial_ppm = (uint32_t)in(l, PPM, 2 * PPM),
            .spread_count = (uint32_t)in(l, 0, 3),
            .short_min = in(l, 0, 40)};
        for (uint32_t i = 0; i < terms->spread_count; i++) {
            const uint32_t a = (uint32_t)in(l, 0, 2);
            terms->spreads[i] = (trd_scenario_spread){.month_a = a,
                .month_b = (a + (uint32_t)in(l, 1, 2)) % 3,
                .charge = in(l, 0, chance(l, 50) ? 3000 : 50)};
        }
        l->group_asset[g] = g == 2 ? COINS : CASH;
        cr_assert(eq(int, trd_engine_group(l->engine, l->group_asset[g], terms), g));
    }
    for (int i = 0; i < 2; i++) {
        l->pairs[i] = (trd_scenario_pair){.group_a = (uint32_t)i,
            .group_b = 1 - (uint32_t)i,
            .delta_a = in(l, 1, 3 * PPM),
            .delta_b = in(l, 1, 3 * PPM),
            .credit_ppm = (uint32_t)in(l, 0, 500000),
            .same_side = chance(l, 30)};
        cr_assert(eq(int, trd_engine_pair(l->engine, &l->pairs[i]), TRD_OK));
    }
}

/* Losses like those of a position that follows one price; or anything. */
static void draw_array(life *l, uint32_t instrument) {
    trd_scenario_array array = {.month = (uint32_t)in(l, 0, 2), .is_option = instrument == OPTION};
    const int64_t size = in(l, 1, 120) * (instrument == OPTION || instrument == COIN ? -1 : 1);
    const bool is_wild = chance(l, 20);
    for (int s = 0; s < SCENARIOS; s++) {
        static const int thirds[SCENARIOS] = {
            0, 0, -1, -1, 1, 1, -2, -2, 2, 2, -3, -3, 3, 3, -3, 3};
        array.loss[s] = is_wild ? in(l, -150, 150) : size * thirds[s] / 3 + in(l, -1, 1);
    }
    array.delta = is_wild ? in(l, -2 * PPM, 2 * PPM) : (size < 0 ? -PPM : PPM) / in(l, 1, 3);
    const int group = instrument == COIN        ? 2
                      : instrument == OTHER     ? 1
                      : (int)in(l, 0, 100) < 85 ? 0
                                                : 1;
    const int result = trd_engine_array(l->engine, instrument, (uint32_t)group, &array);
    cr_assert(result == TRD_OK || result == TRD_E_FULL);
    if (result == TRD_OK) {
        l->arrays[instrument] = array;
        l->array_group[instrument] = group;
    }
}

static void set_account(life *l, uint32_t account, uint8_t mode) {
    const trd_command c = {.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .time = l->time,
        .account = account,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = mode,
            .hedge = account == HEDGED,
            .enabled = 1}};
    run(l, &c);
    cr_assert(refusal(l) == 0 || refusal(l) == TRD_REJECT_NO_CAPACITY);
}

static void set_mark(life *l, uint32_t instrument, trd_px px) {
    const trd_command c = {.kind = TRD_COMMAND_PRICE,
        .slots = 1,
        .time = l->time,
        .instrument = instrument,
        .u.price = {.px = px, .source = TRD_SOURCE_MARK}};
    run(l, &c);
    l->marks[instrument] = px;
}

static trd_px near_px(life *l, uint32_t instrument) {
    return (instrument == OPTION ? 25 : 100) + in(l, -l->spread, l->spread);
}

static void begin(life *l) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max = INSTRUMENTS;
    match.orders_max = accounts.orders_max = risk.orders_max = ORDERS;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = ACCOUNTS;
    match.positions_max = 64;
    match.specials_max = 16;
    match.ids_max = NAMES;
    accounts.assets_max = ASSETS;
    accounts.balances_max = 32;
    accounts.positions_max = 64;
    accounts.publish = 0;
    risk.groups_max = GROUPS;
    risk.arrays_max = INSTRUMENTS;
    risk.pairs_max = 2;
    risk.portfolios_max = (uint32_t)(chance(l, 80) ? 20 : in(l, 0, 8));
    const trd_engine_def def = {
        .struct_size = sizeof(def), .match = &match, .accounts = &accounts, .risk = &risk};
    l->engine = trd_engine_create(&def);
    cr_assert(ne(ptr, l->engine, NULL));
    const trd_asset assets[ASSETS] = {{.struct_size = sizeof(trd_asset), .symbol = "USD"},
        {.struct_size = sizeof(trd_asset), .symbol = "COIN"}};
    cr_assert(eq(int, trd_engine_asset(l->engine, &assets[0]), 0));
    cr_assert(eq(int, trd_engine_asset(l->engine, &assets[1]), 1));
    l->fee = chance(l, 50) ? 0 : in(l, 1, 9000000);
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = (int32_t)l->fee, .taker_ppb = (int32_t)l->fee}}};
    cr_assert(eq(int, trd_engine_fees(l->engine, &fees), 0));
    l->spread = in(l, 1, 15);
    l->poverty = in(l, 10, 80);
    l->out = (trd_out){.events = l->events, .capacity = ROOM};
    for (int i = 0; i < INSTRUMENTS; i++) {
        const trd_terms terms = {.struct_size = sizeof(terms)};
        const trd_margin_rates rates = {.initial_ppm = 100000};
        trd_margin_model model;
        cr_assert(eq(int, trd_margin_flat(&model, &rates), TRD_OK));
        l->specs[i] = spec_of(l, i);
        const trd_engine_listing listing = {.spec = &l->specs[i], .terms = &terms, .model = &model};
        cr_assert(eq(int, trd_engine_list(l->engine, &listing), i));
        l->array_group[i] = -1;
    }
    draw_groups(l);
    for (uint32_t i = NEAR; i < PLAIN; i++) {
        if (chance(l, 90)) {
            draw_array(l, i);
        }
    }
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        set_account(l, i, TRD_MODE_CROSS);
        set_account(l, i, i < 4 ? TRD_MODE_PORTFOLIO : TRD_MODE_CROSS);
    }
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        if (chance(l, i == PLAIN ? 30 : 95)) {
            set_mark(l, i, near_px(l, i));
        }
    }
}

/* --- commands --------------------------------------------------------------------------------- */

static trd_command base(life *l, unsigned kind) {
    return (trd_command){.kind = (uint8_t)kind,
        .slots = 1,
        .time = l->time,
        .instrument = (uint32_t)in(l, 0, chance(l, 10) ? PLAIN : OTHER),
        .account = (uint32_t)in(l, 0, ACCOUNTS - 1)};
}

/* What became of the verdict: the order is accepted or refused as it said, and holds so. */
static void remember(life *l, const trd_vetted *v, const trd_verdict *verdict) {
    for (uint32_t i = 0; i < l->order_count; i++) {
        known *o = &l->orders[i];
        const bool is_new = v->order == 0 && i == l->order_count - 1;
        if (is_new || (v->order != 0 && o->order == v->order)) {
            o->asset = verdict->asset;
            o->kind = verdict->hold.kind;
            o->margin_ppm = verdict->hold.margin_ppm;
            o->per_lot = verdict->hold.margin_per_lot;
        }
    }
}

/* NEW or REPLACE: the verdict is the one of the page. */
static void order(life *l, const trd_command *c) {
    trd_match *match = (trd_match *)(uintptr_t)trd_engine_match(l->engine);
    trd_vetted v;
    trd_verdict verdict;
    const int invalid = trd_match_vet(match, c, &v);
    cr_assert(invalid >= 0);
    cr_assert(eq(int, trd_engine_ask(l->engine, c, &verdict), TRD_OK));
    const bool is_asked = invalid == 0 && v.leaves != 0;
    if (is_asked && (verdict.reason == 0 || verdict.reason == TRD_REJECT_MARGIN)) {
        const opinion o = judge(l, &v, &verdict);
        if (is_portfolio(l, v.account)) {
            cr_assert(eq(u32, verdict.reason, !o.is_asked || o.passes ? 0 : TRD_REJECT_MARGIN));
            cr_assert(eq(i64, verdict.measured, (int64_t)o.measured));
            cr_assert(eq(i64, verdict.limit, (int64_t)o.limit));
            met_margin += verdict.reason != 0;
            met_amended += v.order != 0 && verdict.reason == 0;
        }
    }
    run(l, c);
    cr_assert(eq(u32, refusal(l), verdict.reason));
    if (is_asked && verdict.reason == 0) {
        remember(l, &v, &verdict);
    }
}

static void new_order(life *l) {
    trd_command c = base(l, TRD_COMMAND_NEW);
    c.u.order = (trd_new){.client_id = ++l->id,
        .px = near_px(l, c.instrument),
        .qty = in(l, 1, chance(l, 30) ? 60 : 10),
        .side = (uint8_t)in(l, TRD_BUY, TRD_SELL),
        .position = c.account == HEDGED ? (uint8_t)in(l, TRD_POSITION_LONG, TRD_POSITION_SHORT)
                                        : TRD_POSITION_NET,
        .type = TRD_TYPE_LIMIT,
        .tif = chance(l, 80) ? TRD_TIF_GTC : TRD_TIF_IOC,
        .exec = chance(l, 5) ? TRD_EXEC_REDUCE_ONLY : 0};
    order(l, &c);
}

static void replace(life *l) {
    trd_command c = base(l, TRD_COMMAND_REPLACE);
    if (l->order_count == 0) {
        return;
    }
    const known *o =
        &l->orders[in(l, l->order_count > 40 ? l->order_count - 40 : 0, l->order_count - 1)];
    c.account = o->account;
    c.flags = TRD_COMMAND_BY_HANDLE;
    trd_order_info info;
    if (trd_match_order(trd_engine_match(l->engine), o->order, &info) != TRD_OK) {
        return;
    }
    c.instrument = info.instrument;
    c.u.replace =
        (trd_replace){.target = o->order, .px = near_px(l, info.instrument), .qty = in(l, 1, 40)};
    order(l, &c);
}

static void cancel(life *l) {
    trd_command c = base(l, chance(l, 70) ? TRD_COMMAND_CANCEL : TRD_COMMAND_REDUCE);
    if (l->order_count != 0) {
        const known *o = &l->orders[in(l, 0, l->order_count - 1)];
        c.account = o->account;
        c.flags = TRD_COMMAND_BY_HANDLE;
        c.u.cancel = (trd_cancel){
            .target = o->order, .qty = c.kind == TRD_COMMAND_REDUCE ? in(l, 1, 10) : 0};
        run(l, &c);
    }
}

/* Money comes and goes, but what positions need stays. */
static void transfer(life *l) {
    trd_command c = base(l, TRD_COMMAND_TRANSFER);
    const bool out = chance(l, l->poverty);
    const uint32_t asset = (uint32_t)in(l, 0, ASSETS - 1);
    const trd_amt free = free_of(l, c.account, asset);
    wide available = 0;
    const bool is_bound = out && is_portfolio(l, c.account);
    const bool is_known = is_bound && available_of(l, c.account, asset, &available);
    trd_amt amount = out && free > 0 ? in(l, 1, free + 1) : in(l, 1, 6000);
    if (is_known && available >= 0 && chance(l, 60)) {
        amount = (trd_amt)available + in(l, 0, 1);
    }
    trd_amt most = 0; /* of accounts of other modes, which are not what this is about */
    cr_assert(eq(int,
        trd_risk_withdrawable(
            trd_engine_risk(l->engine), trd_engine_accounts(l->engine), c.account, asset, &most),
        TRD_OK));
    const bool moves = out && chance(l, 30);
    c.u.transfer = (trd_transfer_body){.amount = amount,
        .asset = asset,
        .to = moves ? (c.account + 1) % ACCOUNTS : 0,
        .action = (uint8_t)(!out    ? TRD_TRANSFER_DEPOSIT
                            : moves ? TRD_TRANSFER_MOVE
                                    : TRD_TRANSFER_WITHDRAW)};
    run(l, &c);
    if (amount > 0) {
        const bool may_leave = is_bound ? is_known && amount <= available : amount <= most;
        const unsigned reason = !out            ? 0
                                : amount > free ? TRD_REJECT_BALANCE
                                : may_leave     ? 0
                                                : TRD_REJECT_MARGIN;
        cr_assert(eq(u32, refusal(l), reason));
        met_kept += reason == TRD_REJECT_MARGIN;
    }
}

static void step(life *l) {
    const int64_t what = in(l, 0, 99);
    l->time += in(l, 0, 10);
    if (what < 60) {
        new_order(l);
    } else if (what < 72) {
        replace(l);
    } else if (what < 78) {
        cancel(l);
    } else if (what < 88) {
        transfer(l);
    } else if (what < 95) {
        const uint32_t instrument = (uint32_t)in(l, 0, INSTRUMENTS - 1);
        set_mark(l, instrument, near_px(l, instrument));
    } else if (what < 98) {
        draw_array(l, (uint32_t)in(l, NEAR, OTHER));
    } else {
        set_account(l, (uint32_t)in(l, 0, ACCOUNTS - 1),
            chance(l, 70) ? TRD_MODE_PORTFOLIO : TRD_MODE_CROSS);
    }
}

Test(portfolio, every_verdict_is_the_one_of_the_page, .timeout = 120) {
    draw rng = draw_seeded(1);
    static life l;
    for (int i = 0; i < RUNS; i++) {
        memset(&l, 0, sizeof(l));
        l.rng = &rng;
        begin(&l);
        for (int at = 0; at < STEPS; at++) {
            step(&l);
            const int result = trd_engine_audit(l.engine);
            cr_assert(eq(int, result, TRD_OK), "run %d step %d: line %d", i, at, -result);
            if (at % 4 == 0) {
                same_state(&l);
            }
        }
        trd_engine_destroy(l.engine);
    }
    const struct {
        const char *what;
        uint64_t met;
    } rows[] = {{"passed", met_pass}, {"refused", met_margin}, {"unknown", met_unknown},
        {"not free", met_free}, {"not left", met_left}, {"not there then", met_then},
        {"hedge", met_hedge}, {"paid", met_paid}, {"reducing", met_reducing}, {"kept", met_kept},
        {"amended", met_amended}, {"less", met_less}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect(rows[i].met >= 10, "%s: %lu", rows[i].what, (unsigned long)rows[i].met);
    }
}
