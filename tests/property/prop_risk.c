/* prop_risk.c - random worlds of accounts, limits and orders against a second opinion, written from
 * docs/reference/risk.md: it asks the accounts their public questions, keeps every order and every
 * limit in a list, and computes each verdict from nothing else. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include <tradsys/risk.h>

#include "draw.h"
#include "risk/grant.h"
#include "risk/multi.h"
#include "risk/plain.h"

__extension__ typedef __int128 wide;

enum {
    ASSETS = 2,
    ACCOUNTS = 3,
    HEDGED = 2,
    INSTRUMENTS = 5,
    ACTORS = 3,
    TAGS = 3,
    ORDERS = 24,
    LIMITS = 64,
    REPEATS = 3,
    PARENTS = 3, /* numbers of parent orders, in each account */
    OUT = 256,
    PPM = 1000000,
    PPB = 1000000000
};

/* ---- what the second opinion knows ---------------------------------------------------------- */

typedef struct known_limit {
    trd_limit terms;
    wide tokens;      /* bucket: what is in it, in 1 / window messages */
    trd_ns filled;    /* when */
    bool begun;       /* something was counted */
    int64_t window;   /* number of the fixed window */
    int64_t messages; /* in it */
    trd_ns from;      /* of the window of executions */
    int64_t executed;
    bool latched;
} known_limit;

typedef struct known_order {
    trd_order handle; /* 0: none */
    trd_ask ask;
    trd_qty leaves;
    wide notional; /* sum of px x lots executed since it was held */
    trd_px px;     /* worst price that it holds with */
    uint8_t kind;
    uint32_t ppm;
    bool priced;
    trd_amt value; /* when it passed */
    trd_qty passed_qty;
    trd_qty passed_leaves;
} known_order;

typedef struct known_parent {
    uint32_t account;
    uint64_t number;
    uint32_t instrument;
    uint8_t side;
    trd_qty qty;
    wide executed;
} known_parent;

typedef struct known_instrument {
    trd_instrument spec;
    trd_margin_model model;
    trd_px mark;
    bool has_model;
    bool has_mark;
    bool disabled;
} known_instrument;

typedef struct world {
    trd_rng *rng;
    trd_accounts *a;
    trd_risk *k;
    size_t risk_size;
    size_t accounts_size;
    trd_event events[OUT];
    trd_out out;
    trd_ns now;
    int64_t rates[ASSETS][2]; /* 0 / 0: none */
    trd_haircut haircuts[ASSETS];
    int64_t fee[ACCOUNTS];     /* ppb */
    uint8_t role[ACTORS];      /* for all accounts */
    uint8_t role_of_0[ACTORS]; /* for account 0 */
    bool has_roles;
    bool used[ACCOUNTS][INSTRUMENTS][3]; /* positions that the accounts have a record of */
    uint32_t positions;
    uint32_t positions_max;
    known_instrument instruments[INSTRUMENTS];
    known_limit limits[LIMITS];
    uint32_t limit_count;
    known_order orders[ORDERS];
    uint32_t generation;
    trd_ask accepted[REPEATS]; /* newest first */
    uint32_t accepted_count;
    known_parent parents[ACCOUNTS * PARENTS];
    uint32_t parent_count;
    uint32_t parents_max;
    int64_t keeping; /* checks in a hundred that may keep sums over positions */
} world;

/* ---- arithmetic ----------------------------------------------------------------------------- */

static wide down(wide a, wide b) {
    wide q = a / b;
    if (q * b > a) {
        q--;
    }
    return q;
}

static wide up(wide a, wide b) {
    return -down(-a, b);
}

static wide size_of(wide a) {
    return a < 0 ? -a : a;
}

/* ceil |value|. */
static wide value_up(const trd_instrument *s, wide px, wide lots) {
    if (s->kind == TRD_INSTRUMENT_INVERSE) {
        return up(lots * s->numerator, px * s->denominator);
    }
    return up(size_of(px * lots * s->numerator), s->denominator);
}

/* Rounded into the valuation asset; false without a rate. */
static bool valued(const world *w, uint32_t asset, wide amount, bool ceil, wide *out) {
    const int64_t *rate = w->rates[asset];
    if (amount == 0) {
        *out = 0;
        return true;
    }
    if (rate[0] == 0) {
        return false;
    }
    *out = ceil ? up(amount * rate[0], rate[1]) : down(amount * rate[0], rate[1]);
    return true;
}

/* ---- limits --------------------------------------------------------------------------------- */

static bool same_name(const trd_limit *a, const trd_limit *b) {
    return a->limit == b->limit && a->scope == b->scope && a->account == b->account &&
           a->instrument == b->instrument && a->actor == b->actor && a->tag == b->tag;
}

static known_limit *limit_named(world *w, const trd_limit *name) {
    for (uint32_t i = 0; i < w->limit_count; i++) {
        if (same_name(&w->limits[i].terms, name)) {
            return &w->limits[i];
        }
    }
    return NULL;
}

/* firm, account, instrument, pair, actor, tag: by the order they are asked in. */
static known_limit *limit_for(world *w, const trd_ask *ask, uint8_t limit, uint8_t scope) {
    trd_limit name = {.limit = limit, .scope = scope};
    switch (scope) {
    case TRD_LIMIT_ACCOUNT:
        name.account = ask->account;
        break;
    case TRD_LIMIT_INSTRUMENT:
        name.instrument = ask->instrument;
        break;
    case TRD_LIMIT_PAIR:
        name.account = ask->account;
        name.instrument = ask->instrument;
        break;
    case TRD_LIMIT_ACTOR:
        name.actor = ask->actor;
        break;
    case TRD_LIMIT_TAG:
        if (ask->tag == 0) {
            return NULL;
        }
        name.tag = ask->tag;
        break;
    default:
        break;
    }
    return limit_named(w, &name);
}

static const uint8_t SCOPES[] = {TRD_LIMIT_FIRM, TRD_LIMIT_ACCOUNT, TRD_LIMIT_INSTRUMENT,
    TRD_LIMIT_PAIR, TRD_LIMIT_ACTOR, TRD_LIMIT_TAG};
enum { SCOPE_COUNT = 6 };

/* ---- the second opinion --------------------------------------------------------------------- */

typedef struct opinion {
    trd_verdict v;
    bool failed;
} opinion;

/* The first failure is the one. */
static void fail(opinion *o, uint32_t reason, uint8_t scope, wide measured, wide limit) {
    if (!o->failed) {
        o->failed = true;
        o->v.reason = reason;
        o->v.scope = scope;
        o->v.measured = measured > INT64_MAX ? INT64_MAX : (int64_t)measured;
        o->v.limit = (int64_t)limit;
    }
}

static trd_holding holding(const world *w, uint32_t account, uint32_t instrument, unsigned side) {
    trd_holding h;
    cr_assert(eq(int, trd_accounts_position(w->a, account, instrument, side, &h), TRD_OK));
    return h;
}

static known_order *order_of(world *w, trd_order handle) {
    for (int i = 0; i < ORDERS; i++) {
        if (handle != 0 && w->orders[i].handle == handle) {
            return &w->orders[i];
        }
    }
    return NULL;
}

/* What an open order counts for: ceil(V x open / passed). */
static wide counted(const known_order *o) {
    return up((wide)o->value * o->passed_leaves, o->passed_qty);
}

/* Sum over the positions of an account; false if one that matters is not known. `asset` -1: of any
 * kind, in the valuation asset; else of derivatives that settle in it. */
static bool unrealised_of(const world *w, uint32_t account, int asset, wide *sum) {
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        for (unsigned side = 0; side < 3; side++) {
            const trd_instrument *spec = &w->instruments[i].spec;
            trd_amt profit;
            wide worth;
            if (holding(w, account, i, side).qty == 0) {
                continue;
            }
            if (asset >= 0 &&
                (spec->settle_asset != (uint32_t)asset || spec->kind == TRD_INSTRUMENT_SPOT)) {
                continue;
            }
            if (!w->instruments[i].has_mark) {
                return false;
            }
            cr_assert(eq(int, trd_accounts_unrealised(w->a, account, i, side, &profit), TRD_OK));
            worth = profit;
            if (asset < 0 && !valued(w, spec->settle_asset, profit, false, &worth)) {
                return false;
            }
            *sum += worth;
        }
    }
    return true;
}

static bool worst_values(const world *w, const trd_ask *ask, trd_qty own, wide *sum) {
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        for (unsigned side = 0; side < 3; side++) {
            const trd_holding h = holding(w, ask->account, i, side);
            const bool here = i == ask->instrument && side == ask->position;
            const wide more = here ? (wide)ask->qty - own : 0;
            const wide buys = size_of((wide)h.qty + h.open[0] + (ask->side == TRD_BUY ? more : 0));
            const wide sells =
                size_of((wide)h.qty - h.open[1] - (ask->side == TRD_SELL ? more : 0));
            const wide most = buys > sells ? buys : sells;
            wide worth;
            if (most == 0) {
                continue;
            }
            if (!w->instruments[i].has_mark ||
                !valued(w, w->instruments[i].spec.settle_asset,
                    value_up(&w->instruments[i].spec, w->instruments[i].mark, most), true,
                    &worth)) {
                return false;
            }
            *sum += worth;
        }
    }
    return true;
}

static wide clamp(wide px, const trd_instrument *s) {
    return px < s->px_min ? s->px_min : px > s->px_max ? s->px_max : px;
}

/* "Worst price". */
static wide worst_price(const known_instrument *in, const trd_ask *ask, bool *is_known) {
    const trd_instrument *s = &in->spec;
    *is_known = true;
    if (ask->side == TRD_BUY) {
        *is_known = ask->has_px || ask->has_bound;
        return ask->has_px ? ask->px : clamp(ask->bound, s);
    }
    if (s->kind == TRD_INSTRUMENT_INVERSE) {
        if (ask->has_px) {
            return ask->px;
        }
        if (ask->has_bound) {
            return clamp(ask->bound, s);
        }
    } else if (ask->has_px) {
        return in->has_mark && in->mark > ask->px ? in->mark : ask->px;
    } else if (in->has_mark) {
        const wide bound = ask->has_bound ? clamp(ask->bound, s) : in->mark;
        return bound > in->mark ? bound : in->mark;
    }
    if (in->has_mark) {
        return in->mark;
    }
    *is_known = false;
    return ask->has_bound ? clamp(ask->bound, s) : s->px_min;
}

/* "What is held": the rate; false if it is not known. */
static bool margin_rate(
    const known_instrument *in, uint32_t leverage, wide px, wide worst, wide *rate) {
    const trd_margin_model *m = &in->model;
    if (!in->has_model || !in->has_mark ||
        ((m->kind == TRD_MARGIN_CASH || m->kind == TRD_MARGIN_CNC) && worst < 0)) {
        return false;
    }
    const wide notional = value_up(&in->spec, px, size_of(worst));
    *rate = 0;
    for (uint32_t i = 0; i < m->tier_count; i++) {
        *rate = notional >= m->tiers[i].floor ? m->tiers[i].initial_ppm : *rate;
    }
    if (m->leverage_centi != 0 && up(100 * PPM, m->leverage_centi) > *rate) {
        *rate = up(100 * PPM, m->leverage_centi);
    }
    if (leverage != 0 && up(100 * PPM, leverage) > *rate) {
        *rate = up(100 * PPM, leverage);
    }
    return *rate <= 10 * PPM;
}

/* Is something covered by what is usable and, if it is only amended, by what it holds? */
static bool covered(wide amount, wide usable, wide own, bool rehold) {
    return amount <= 0 || amount <= usable || (!rehold && amount <= own);
}

/* "Several assets as collateral": what an account comes to. */
typedef struct standing {
    bool known;
    bool used; /* something stands on it; read also where nothing is known */
    wide value;
    wide initial;
    wide held;
} standing;

/* What an amount of an asset counts for, or (< 0) is owed. */
static bool counts_for(const world *w, uint32_t asset, wide amount, wide *out) {
    const trd_haircut *haircut = &w->haircuts[asset];
    const int64_t *rate = w->rates[asset];
    *out = 0;
    if (amount == 0) {
        return true;
    }
    if (rate[0] == 0) {
        return false;
    }
    if (amount < 0) {
        *out = -up(-amount * rate[0], rate[1]);
        return true;
    }
    *out = down(amount * rate[0] * (PPM - haircut->ppm), (wide)rate[1] * PPM);
    *out = haircut->has_cap && *out > haircut->cap ? haircut->cap : *out;
    return true;
}

/* Initial margin of a position at its mark. */
static bool initial_of(
    const known_instrument *in, uint32_t leverage, const trd_holding *h, wide *out) {
    const trd_margin_model *m = &in->model;
    const bool is_cash = m->kind == TRD_MARGIN_CASH;
    if (!in->has_model || !in->has_mark || (is_cash && h->qty < 0)) {
        return false;
    }
    const wide notional = value_up(&in->spec, in->mark, size_of(h->qty));
    wide rate = 0;
    for (uint32_t i = 0; i < m->tier_count; i++) {
        rate = notional >= m->tiers[i].floor ? m->tiers[i].initial_ppm : rate;
    }
    *out = is_cash ? notional : up(notional * rate, PPM);
    if (m->leverage_centi != 0 && up(notional * 100, m->leverage_centi) > *out) {
        *out = up(notional * 100, m->leverage_centi);
    }
    if (leverage != 0 && up(notional * 100, leverage) > *out) {
        *out = up(notional * 100, leverage);
    }
    return true;
}

/* What is held for orders of an account in an asset, `but` one of them, of one kind. */
static wide held_for(
    const world *w, uint32_t account, uint32_t asset, uint8_t kind, trd_order but) {
    wide sum = 0;
    for (int i = 0; i < ORDERS; i++) {
        const known_order *at = &w->orders[i];
        trd_held held;
        if (at->handle == 0 || at->handle == but || at->ask.account != account ||
            at->kind != kind) {
            continue;
        }
        cr_assert(eq(int, trd_accounts_held(w->a, at->handle, &held), TRD_OK));
        sum += held.asset == asset ? held.amount : 0;
    }
    return sum;
}

/* Adds what settles in an asset: its worth to *equity, what it needs to the standing. */
static void add_positions(
    const world *w, uint32_t account, uint32_t asset, wide *equity, standing *s) {
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(w->a, account, &terms), TRD_OK));
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        const known_instrument *in = &w->instruments[i];
        const bool is_option = in->spec.kind == TRD_INSTRUMENT_OPTION;
        for (unsigned side = 0; side < 3; side++) {
            const trd_holding h = holding(w, account, i, side);
            trd_amt profit = 0;
            wide initial = 0;
            if (h.qty == 0 || in->spec.kind == TRD_INSTRUMENT_SPOT ||
                in->spec.settle_asset != asset) {
                continue;
            }
            if (!in->has_mark) {
                s->known = false;
            } else {
                trd_accounts_unrealised(w->a, account, i, side, &profit);
            }
            *equity += profit + (is_option ? (wide)h.cost : 0);
            if (is_option && h.qty > 0) {
                continue;
            }
            s->used = true;
            s->known &= initial_of(in, terms.leverage, &h, &initial) &&
                        valued(w, asset, initial, true, &initial);
            s->initial += initial;
        }
    }
}

/* Without what order `but` holds, and without `spent` of an asset; `all`: also what is held in full
 * counts. */
static standing stand(
    const world *w, uint32_t account, trd_order but, uint32_t spends, wide spent, bool all) {
    standing s = {.known = true};
    for (uint32_t asset = 0; asset < ASSETS; asset++) {
        trd_balance b;
        wide held = held_for(w, account, asset, TRD_HOLD_MARGIN, but);
        wide value = 0;
        cr_assert(eq(int, trd_accounts_balance(w->a, account, asset, &b), TRD_OK));
        wide equity = (wide)b.free + b.locked + b.unsettled - b.debt;
        add_positions(w, account, asset, &equity, &s);
        equity -= all ? 0 : held_for(w, account, asset, TRD_HOLD_FULL, but);
        equity -= asset == spends ? spent : 0;
        s.used |= held != 0;
        s.known &= counts_for(w, asset, equity, &value) && valued(w, asset, held, true, &held);
        s.value += value;
        s.held += held;
    }
    return s;
}

static bool may_create(const world *w, const trd_ask *ask, bool configure) {
    if (!w->has_roles) {
        return true;
    }
    const unsigned have = trd_risk_permissions(w->role[ask->actor]) |
                          (ask->account == 0 ? trd_risk_permissions(w->role_of_0[ask->actor]) : 0);
    return (have & TRD_MAY_CREATE_ORDERS) != 0 && (!configure || (have & TRD_MAY_CONFIGURE) != 0);
}

static known_parent *parent_named(world *w, uint32_t account, uint64_t number) {
    for (uint32_t i = 0; i < w->parent_count; i++) {
        if (w->parents[i].account == account && w->parents[i].number == number) {
            return &w->parents[i];
        }
    }
    return NULL;
}

/* Open lots of all children but one. */
static wide open_of(const world *w, const known_parent *parent, const known_order *but) {
    wide lots = 0;
    for (int i = 0; i < ORDERS; i++) {
        const known_order *at = &w->orders[i];
        if (at->handle != 0 && at != but && at->ask.account == parent->account &&
            at->ask.parent == parent->number) {
            lots += at->passed_leaves;
        }
    }
    return lots;
}

/* "Parent orders". */
static void judge_parent(world *w, const trd_ask *ask, const known_order *order, opinion *o) {
    if (w->parents_max == 0 || ask->parent == 0) {
        return;
    }
    const known_parent *parent = parent_named(w, ask->account, ask->parent);
    if (parent == NULL || parent->instrument != ask->instrument || parent->side != ask->side) {
        fail(o, TRD_REJECT_PARENT, TRD_LIMIT_PARENT, INT64_MAX, 0);
        return;
    }
    const wide used = parent->executed + open_of(w, parent, order) + ask->qty;
    const bool takes = order == NULL || ask->qty > order->passed_leaves;
    if (takes && used > parent->qty) {
        fail(o, TRD_REJECT_PARENT_QTY, TRD_LIMIT_PARENT, used, parent->qty);
    }
}

/* What was met of mode MULTI. */
enum {
    MULTI_CHARGED, /* a charge that other assets pay for */
    MULTI_BALANCE, /* one that all of them do not */
    MULTI_PASSES,
    MULTI_MARGIN, /* refused */
    MULTI_PAYS,   /* in full, with something that stands on the rest */
    MULTI_SPENT,  /* refused: the rest is not enough */
    MULTI_UNUSED, /* nothing stands on it */
    MULTI_LEAVES, /* a part of what is free may leave */
    MULTI_STATES, /* questions that had an answer */
    MULTI_MET
};
static uint64_t multi_met[MULTI_MET];

static opinion judge(world *w, const trd_ask *ask) {
    opinion o = {0};
    const known_instrument *in = &w->instruments[ask->instrument];
    const trd_instrument *spec = &in->spec;
    const bool buys = ask->side == TRD_BUY;
    known_order *order = ask->kind == TRD_ASK_NEW ? NULL : order_of(w, ask->order);
    trd_held held = {0};
    trd_account terms;
    cr_assert(eq(int, trd_accounts_get(w->a, ask->account, &terms), TRD_OK));
    if (ask->kind != TRD_ASK_NEW && trd_accounts_held(w->a, ask->order, &held) != TRD_OK) {
        held = (trd_held){0};
    }
    const trd_qty own = held.leaves;
    if ((terms.hedge != 0) != (ask->position != TRD_POSITION_NET)) {
        fail(&o, TRD_REJECT_BAD_COMBINATION, 0, 0, 0);
        return o;
    }

    /* Terms. */
    const trd_holding h = holding(w, ask->account, ask->instrument, ask->position);
    const wide open = (wide)h.open[buys ? 0 : 1] - own + ask->qty;
    const wide worst = buys ? h.qty + open : h.qty - open;
    const bool reducing = ask->reduce_only || size_of(worst) <= size_of(h.qty);
    o.v.reducing = reducing;
    bool px_known;
    const wide px = worst_price(in, ask, &px_known);
    const bool px_good = !ask->has_px || (ask->px >= spec->px_min && ask->px <= spec->px_max);
    const bool computes = px_good && (px_known || !buys);
    const bool on_margin =
        spec->kind != TRD_INSTRUMENT_SPOT && !(spec->kind == TRD_INSTRUMENT_OPTION && buys);
    wide value = 0;
    const bool has_value =
        computes && px_known &&
        valued(w, spec->settle_asset, value_up(spec, px, ask->qty), true, &value);
    o.v.has_value = has_value;
    o.v.value = has_value ? (trd_amt)value : 0;

    /* What it would lock. */
    wide rate = 0, charge = 0, need = 0;
    bool rehold = false, has_rate = true;
    trd_balance balance = {0};
    if (computes) {
        const bool of_base = spec->kind == TRD_INSTRUMENT_SPOT && !buys;
        const uint32_t asset = of_base ? spec->base_asset : spec->settle_asset;
        const uint8_t kind = on_margin ? TRD_HOLD_MARGIN : TRD_HOLD_FULL;
        trd_accounts_balance(w->a, ask->account, asset, &balance);
        /* Nobody is followed here: nothing is known of what portfolios need. */
        has_rate =
            !on_margin || reducing ||
            (terms.mode != TRD_MODE_PORTFOLIO && margin_rate(in, terms.leverage, px, worst, &rate));
        rate = has_rate ? rate : 0;
        const bool goes_on = own != 0 && order->kind == kind && order->ppm == rate;
        rehold = own != 0 && !goes_on;
        const wide spent = goes_on ? size_of(held.amount_moved) : 0;
        const wide fees = goes_on ? held.fees : 0;
        const wide notional = goes_on ? order->notional : 0;
        const wide fee = w->fee[ask->account];
        if (of_base) {
            charge = ask->qty; /* a lot is a minor unit of it */
            need = charge;
        } else if (!on_margin) {
            const wide price =
                up((notional + px * ask->qty) * spec->numerator, spec->denominator) - spent;
            charge = price + up(fee * (spent + price), PPB) - fees;
            need = charge;
        } else {
            const wide v = value_up(spec, px, ask->qty);
            charge = spec->kind == TRD_INSTRUMENT_OPTION ? 0 : up(fee * (spent + v), PPB) - fees;
            need = charge + up(v * rate, PPM);
        }
        o.v.asset = asset;
        o.v.need = (trd_amt)need;
        o.v.free_before = balance.free;
        o.v.free_after = (trd_amt)(balance.free + held.amount - need);
    }
    const wide usable = (wide)balance.free + held.amount;

    /* The checks. */
    const bool passes_over = ask->override != 0;
    known_limit *l;
    if (ask->kind != TRD_ASK_RELEASE &&
        (terms.role == TRD_ROLE_VIEWER || !may_create(w, ask, passes_over))) {
        fail(&o, TRD_REJECT_NOT_PERMITTED, 0, 0, 0);
    }
    if (!terms.enabled || in->disabled) {
        fail(&o, TRD_REJECT_DISABLED, 0, 0, 0);
    }
    for (int s = 0; s < SCOPE_COUNT && !reducing; s++) {
        if (limit_for(w, ask, TRD_LIMIT_RESTRICTED, SCOPES[s]) != NULL) {
            fail(&o, TRD_REJECT_RESTRICTED, SCOPES[s], 1, 0);
        }
    }
    if (!px_good) {
        fail(&o, TRD_REJECT_PRICE_LIMIT, 0, 0, 0);
    }
    for (int s = 0; s < SCOPE_COUNT && ask->has_px && !passes_over; s++) {
        l = limit_for(w, ask, TRD_LIMIT_COLLAR, SCOPES[s]);
        if (l == NULL) {
            continue;
        }
        const wide away = size_of((wide)ask->px - in->mark) * PPM;
        if (!in->has_mark) {
            fail(&o, TRD_REJECT_COLLAR, SCOPES[s], INT64_MAX, l->terms.value);
        } else if (away > l->terms.value * size_of(in->mark)) {
            fail(&o, TRD_REJECT_COLLAR, SCOPES[s],
                in->mark == 0 ? INT64_MAX : up(away, size_of(in->mark)), l->terms.value);
        }
    }
    for (int s = 0; s < SCOPE_COUNT && !passes_over; s++) {
        l = limit_for(w, ask, TRD_LIMIT_ORDER_QTY, SCOPES[s]);
        if (l != NULL && ask->qty > l->terms.value) {
            fail(&o, TRD_REJECT_ORDER_QTY, SCOPES[s], ask->qty, l->terms.value);
        }
    }
    if (!px_known && (buys || (on_margin && !reducing))) {
        fail(&o, TRD_REJECT_NO_BOUND, 0, 0, 0);
    }
    for (int s = 0; s < SCOPE_COUNT && !passes_over; s++) {
        l = limit_for(w, ask, TRD_LIMIT_ORDER_VALUE, SCOPES[s]);
        if (l != NULL && (!has_value || value > l->terms.value)) {
            fail(&o, TRD_REJECT_ORDER_VALUE, SCOPES[s], has_value ? value : INT64_MAX,
                l->terms.value);
        }
    }
    l = limit_for(w, ask, TRD_LIMIT_REPEATED, TRD_LIMIT_FIRM);
    for (uint32_t i = 0;
         i < w->accepted_count && l != NULL && ask->kind == TRD_ASK_NEW && !passes_over; i++) {
        const trd_ask *before = &w->accepted[i];
        if (before->account == ask->account && before->instrument == ask->instrument &&
            before->side == ask->side && before->position == ask->position &&
            before->has_px == ask->has_px && before->px == ask->px && before->qty == ask->qty &&
            ask->now - before->now < l->terms.window) {
            fail(&o, TRD_REJECT_REPEATED, TRD_LIMIT_FIRM, ask->now - before->now, l->terms.window);
        }
    }
    judge_parent(w, ask, order, &o);
    for (int s = 0; s < SCOPE_COUNT && !passes_over && !reducing; s++) {
        l = limit_for(w, ask, TRD_LIMIT_EXECUTIONS, SCOPES[s]);
        if (l != NULL && l->latched) {
            fail(&o, TRD_REJECT_LATCHED, SCOPES[s], l->executed, l->terms.value);
        }
    }
    if (own == 0 && !w->used[ask->account][ask->instrument][ask->position] &&
        w->positions == w->positions_max) {
        fail(&o, TRD_REJECT_NO_CAPACITY, 0, 0, 0);
    }
    const bool multi = terms.mode == TRD_MODE_MULTI;
    const bool short_of = !covered(charge, usable, held.amount, rehold);
    if (short_of && multi && on_margin) {
        const standing s = stand(w, ask->account, own != 0 ? ask->order : 0, 0, 0, false);
        wide asked = 0;
        if (!s.known || !valued(w, o.v.asset, charge, true, &asked)) {
            fail(&o, TRD_REJECT_BALANCE, 0, charge, usable);
        } else if (asked > s.value - s.held) {
            fail(&o, TRD_REJECT_BALANCE, 0, asked, s.value - s.held);
            multi_met[MULTI_BALANCE]++;
        } else {
            multi_met[MULTI_CHARGED]++;
        }
    } else if (short_of) {
        fail(&o, TRD_REJECT_BALANCE, 0, charge, usable);
    }
    for (int s = 0; s < SCOPE_COUNT && !passes_over && !reducing; s++) {
        l = limit_for(w, ask, TRD_LIMIT_POSITION, SCOPES[s]);
        wide measured = buys ? worst : -worst;
        if (SCOPES[s] == TRD_LIMIT_FIRM) {
            wide all = 0;
            wide lots = ask->qty;
            for (uint32_t i = 0; i < ACCOUNTS; i++) {
                for (unsigned side = 0; side < 3; side++) {
                    all += holding(w, i, ask->instrument, side).qty;
                }
            }
            for (int i = 0; i < ORDERS; i++) {
                const known_order *at = &w->orders[i];
                if (at->handle != 0 && at != order && at->ask.instrument == ask->instrument &&
                    at->ask.side == ask->side) {
                    lots += at->passed_leaves;
                }
            }
            measured = buys ? all + lots : lots - all;
        }
        if (l != NULL && measured > l->terms.value) {
            fail(&o, TRD_REJECT_POSITION_LIMIT, SCOPES[s], measured, l->terms.value);
        }
    }
    for (int s = 0; s < SCOPE_COUNT && !passes_over && !reducing; s++) {
        l = limit_for(w, ask, TRD_LIMIT_OPEN_VALUE, SCOPES[s]);
        wide all = value;
        bool known = has_value;
        for (int i = 0; i < ORDERS; i++) {
            const known_order *at = &w->orders[i];
            if (at->handle != 0 && at != order &&
                (SCOPES[s] == TRD_LIMIT_FIRM ||
                    (SCOPES[s] == TRD_LIMIT_ACCOUNT && at->ask.account == ask->account) ||
                    (SCOPES[s] == TRD_LIMIT_TAG && at->ask.tag == ask->tag))) {
                all += counted(at);
                known &= at->priced;
            }
        }
        if (l != NULL && (!known || all > l->terms.value)) {
            fail(&o, TRD_REJECT_OPEN_VALUE, SCOPES[s], known ? all : INT64_MAX, l->terms.value);
        }
    }
    trd_equity equity;
    wide values = 0;
    const bool leverage_known = worst_values(w, ask, own, &values) &&
                                trd_accounts_equity(w->a, ask->account, &equity) == TRD_OK &&
                                equity.total > 0;
    for (int s = 0; s < SCOPE_COUNT && !passes_over && !reducing; s++) {
        l = limit_for(w, ask, TRD_LIMIT_LEVERAGE, SCOPES[s]);
        if (l != NULL && (!leverage_known || values * 100 > (wide)l->terms.value * equity.total)) {
            fail(&o, TRD_REJECT_LEVERAGE, SCOPES[s],
                leverage_known ? up(values * 100, equity.total) : INT64_MAX, l->terms.value);
        }
    }
    trd_activity activity;
    wide unrealised = 0;
    cr_assert(eq(int, trd_accounts_activity(w->a, ask->account, &activity), TRD_OK));
    const wide loss = -((wide)activity.realised + activity.funding - activity.fees);
    const bool unrealised_known = unrealised_of(w, ask->account, -1, &unrealised);
    for (int s = 0; s < SCOPE_COUNT && !passes_over && !reducing; s++) {
        l = limit_for(w, ask, TRD_LIMIT_DAILY_LOSS, SCOPES[s]);
        if (l == NULL) {
            continue;
        }
        const bool with = l->terms.burst != 0;
        const bool known = activity.unpriced == 0 && (!with || unrealised_known);
        const wide lost = loss - (with ? unrealised : 0);
        if (!known || lost >= l->terms.value) {
            fail(&o, TRD_REJECT_DAILY_LOSS, SCOPES[s], known ? lost : INT64_MAX, l->terms.value);
        }
    }
    if (multi && computes && (spec->kind == TRD_INSTRUMENT_SPOT || !reducing)) {
        const standing s = stand(
            w, ask->account, own != 0 ? ask->order : 0, o.v.asset, on_margin ? 0 : need, false);
        const bool keeps = need <= 0 || (!rehold && need <= held.amount);
        const wide left = s.value - s.initial - s.held;
        const bool known = s.known && has_rate;
        wide asked = 0;
        if (!on_margin && !s.used) {
            multi_met[MULTI_UNUSED]++;
        } else if (!known || (on_margin && !valued(w, o.v.asset, need, true, &asked))) {
            fail(&o, TRD_REJECT_MARGIN, 0, INT64_MAX, usable);
        } else if (on_margin) {
            if (!keeps && asked > left) {
                fail(&o, TRD_REJECT_MARGIN, 0, asked, left);
            }
            multi_met[keeps || asked <= left ? MULTI_PASSES : MULTI_MARGIN]++;
        } else {
            if (!keeps && left < 0) {
                fail(&o, TRD_REJECT_MARGIN, 0, s.initial + s.held, s.value);
            }
            multi_met[keeps || left >= 0 ? MULTI_PAYS : MULTI_SPENT]++;
        }
    } else if (on_margin && !reducing) {
        wide profit = 0;
        const bool allows = terms.mode != TRD_MODE_CASH && terms.mode != TRD_MODE_PORTFOLIO;
        const bool crosses = terms.mode == TRD_MODE_CROSS;
        const bool known =
            allows && has_rate &&
            (!crosses || unrealised_of(w, ask->account, (int)spec->settle_asset, &profit));
        const wide margin = usable + (crosses && profit < 0 ? profit : 0);
        if (!known) {
            fail(&o, TRD_REJECT_MARGIN, 0, INT64_MAX, usable);
        } else if (!covered(need, margin, held.amount, rehold)) {
            fail(&o, TRD_REJECT_MARGIN, 0, need, margin);
        }
    }
    if (!o.failed) {
        o.v.rehold = rehold;
        o.v.hold = (trd_hold){.order = ask->order,
            .account = ask->account,
            .instrument = ask->instrument,
            .side = ask->side,
            .position = ask->position,
            .kind = on_margin ? TRD_HOLD_MARGIN : TRD_HOLD_FULL,
            .margin_ppm = (uint32_t)rate,
            .px = (trd_px)px,
            .qty = ask->qty};
    }
    return o;
}

/* What the runs have met. */
static uint64_t met[64]; /* reasons, by number */
static uint64_t went_short, went_short_on_margin;
static uint64_t held_anew;
static uint64_t amended_after_fills;

/* ---- the world moves ------------------------------------------------------------------------ */

static int64_t pick(world *w, int64_t low, int64_t high) {
    return trd__rng_in(w->rng, low, high);
}

#define CALL(w, function, ...)                                                                     \
    ((w)->out.count = 0, trd_accounts_##function((w)->a, __VA_ARGS__, &(w)->out))

static void random_model(world *w, uint32_t instrument) {
    known_instrument *k = &w->instruments[instrument];
    trd_margin_tier tiers[2] = {{.floor = 0}, {.floor = pick(w, 1, 3000)}};
    tiers[0].initial_ppm = (uint32_t)pick(w, 0, 400000);
    tiers[1].initial_ppm = (uint32_t)pick(w, tiers[0].initial_ppm, PPM);
    const trd_margin_tier_terms terms = {.tiers = tiers,
        .count = (uint32_t)pick(w, 1, 2),
        .leverage_centi = pick(w, 0, 1) ? (uint32_t)pick(w, 100, 3000) : 0};
    if (pick(w, 0, 5) == 0) {
        cr_assert(eq(int, trd_margin_cash(&k->model), TRD_OK));
    } else {
        cr_assert(eq(int, trd_margin_tiered(&k->model, &terms), TRD_OK));
    }
    k->has_model = true;
    cr_assert(eq(int, trd_risk_model(w->k, instrument, &k->model), TRD_OK));
}

static void random_mark(world *w, uint32_t instrument) {
    known_instrument *k = &w->instruments[instrument];
    const bool below = k->spec.kind == TRD_INSTRUMENT_LINEAR && pick(w, 0, 5) == 0;
    k->mark = below ? pick(w, -3, 3) : pick(w, 80, 120);
    k->has_mark = true;
    cr_assert(eq(int, trd_accounts_mark(w->a, instrument, k->mark), TRD_OK));
}

static void random_account(world *w, uint32_t account) {
    const uint8_t usual = pick(w, 0, 1) ? TRD_MODE_CROSS : TRD_MODE_MULTI;
    trd_account terms = {.struct_size = sizeof(terms),
        .fees = account,
        .leverage = pick(w, 0, 2) ? 0 : (uint32_t)pick(w, 5, 2000),
        .role = (uint8_t)(pick(w, 0, 15) ? TRD_ROLE_TRADER : TRD_ROLE_VIEWER),
        .mode = (uint8_t)(pick(w, 0, 3) ? usual : pick(w, TRD_MODE_CASH, TRD_MODE_MULTI)),
        .hedge = account == HEDGED,
        .enabled = pick(w, 0, 15) != 0};
    cr_assert(eq(int, trd_accounts_open(w->a, account, &terms), TRD_OK));
}

/* Values near what is measured, which the prices and lots below are made for. */
static int64_t random_value(world *w, uint8_t limit) {
    static const int64_t scale[TRD_LIMIT_COUNT] = {
        0, 25, 12, 1500, 5000, 100, 300, 4, 200000, 0, 3, 0};
    return scale[limit] == 0 ? 0 : pick(w, 0, scale[limit]);
}

static const char *const SCOPES_OF[TRD_LIMIT_COUNT] = {"", "111100", "111111", "111111", "110001",
    "110000", "110000", "110011", "101100", "100000", "010001", "001100"};

static void random_limit(world *w) {
    trd_limit l = {.limit = (uint8_t)pick(w, 1, TRD_LIMIT_RESTRICTED)};
    do {
        l.scope = (uint8_t)pick(w, 1, TRD_LIMIT_TAG);
    } while (SCOPES_OF[l.limit][l.scope - 1] != '1');
    if (l.scope == TRD_LIMIT_ACCOUNT || l.scope == TRD_LIMIT_PAIR) {
        l.account = (uint32_t)pick(w, 0, ACCOUNTS - 1);
    }
    if (l.scope == TRD_LIMIT_INSTRUMENT || l.scope == TRD_LIMIT_PAIR) {
        l.instrument = (uint32_t)pick(w, 0, INSTRUMENTS - 1);
    }
    l.actor = l.scope == TRD_LIMIT_ACTOR ? (uint32_t)pick(w, 0, ACTORS - 1) : 0;
    l.tag = l.scope == TRD_LIMIT_TAG ? (uint64_t)pick(w, 1, TAGS) : 0;
    known_limit *known = limit_named(w, &l);
    if (pick(w, 0, 2) == 0) {
        l.remove = 1;
        cr_assert(eq(int, trd_risk_limit(w->k, &l), TRD_OK));
        if (known != NULL) {
            *known = w->limits[--w->limit_count];
        }
        return;
    }
    l.value = random_value(w, l.limit);
    l.window = l.limit == TRD_LIMIT_MESSAGES || l.limit == TRD_LIMIT_REPEATED ||
                       l.limit == TRD_LIMIT_EXECUTIONS
                   ? pick(w, 1, 40)
                   : 0;
    l.burst = l.limit == TRD_LIMIT_MESSAGES     ? (uint64_t)pick(w, 0, 3)
              : l.limit == TRD_LIMIT_DAILY_LOSS ? (uint64_t)pick(w, 0, 1)
                                                : 0;
    if (known == NULL) {
        if (w->limit_count == LIMITS) {
            return;
        }
        known = &w->limits[w->limit_count++];
        *known = (known_limit){0};
    }
    cr_assert(eq(int, trd_risk_limit(w->k, &l), TRD_OK));
    *known = (known_limit){.terms = l, .latched = known->latched};
}

/* Both say the same of every parent order. */
static void compare_parents(world *w) {
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        for (uint64_t number = 1; number <= PARENTS; number++) {
            const known_parent *known = parent_named(w, account, number);
            trd_parent got;
            cr_assert(eq(int, trd_risk_parent(w->k, account, number, &got),
                known != NULL ? TRD_OK : TRD_E_UNKNOWN));
            if (known != NULL) {
                cr_assert(eq(i64, got.qty, known->qty));
                cr_assert(got.executed == known->executed);
                cr_assert(got.open == open_of(w, known, NULL));
            }
        }
    }
}

/* A parent order is declared, gets another quantity, or is taken away; or it cannot be. */
static void random_parent(world *w) {
    trd_limit l = {.limit = TRD_LIMIT_PARENT_QTY,
        .scope = TRD_LIMIT_PARENT,
        .account = (uint32_t)pick(w, 0, ACCOUNTS - 1),
        .instrument = (uint32_t)pick(w, 0, INSTRUMENTS - 1),
        .side = (uint8_t)pick(w, TRD_BUY, TRD_SELL),
        .tag = (uint64_t)pick(w, 1, PARENTS),
        .remove = pick(w, 0, 3) == 0};
    known_parent *known = parent_named(w, l.account, l.tag);
    if (known != NULL && pick(w, 0, 5) != 0) {
        l.instrument = known->instrument;
        l.side = known->side;
    }
    l.value = l.remove ? 0 : pick(w, 0, 40);
    int expected = TRD_OK;
    if (known == NULL) {
        expected = !l.remove && w->parent_count == w->parents_max ? TRD_E_FULL : TRD_OK;
    } else if (known->instrument != l.instrument || known->side != l.side) {
        expected = TRD_E_EXISTS;
    } else if (l.remove && open_of(w, known, NULL) != 0) {
        expected = TRD_E_BUSY;
    }
    cr_assert(eq(int, trd_risk_limit(w->k, &l), expected));
    if (expected != TRD_OK || (known == NULL && l.remove)) {
        return;
    }
    if (l.remove) {
        *known = w->parents[--w->parent_count];
        return;
    }
    if (known == NULL) {
        known = &w->parents[w->parent_count++];
        *known = (known_parent){
            .account = l.account, .number = l.tag, .instrument = l.instrument, .side = l.side};
    }
    known->qty = l.value;
}

static trd_ask random_ask(world *w) {
    trd_ask ask = {.tag = (uint64_t)pick(w, 0, TAGS),
        .account = (uint32_t)pick(w, 0, ACCOUNTS - 1),
        .instrument = (uint32_t)pick(w, 0, INSTRUMENTS - 1),
        .actor = (uint32_t)pick(w, 0, ACTORS - 1),
        .kind = TRD_ASK_NEW,
        .side = (uint8_t)pick(w, TRD_BUY, TRD_SELL),
        .reduce_only = pick(w, 0, 9) == 0,
        .override = pick(w, 0, 9) == 0,
        .qty = pick(w, 1, 10),
        .now = w->now};
    const bool hedged = (ask.account == HEDGED) != (pick(w, 0, 30) == 0);
    ask.position = (uint8_t)(hedged ? pick(w, TRD_POSITION_LONG, TRD_POSITION_SHORT) : 0);
    if (pick(w, 0, 5) != 0) {
        ask.has_px = 1;
        ask.px = pick(w, 0, 40) == 0 ? 5000 : pick(w, 90, 110);
    } else if (pick(w, 0, 2) != 0) {
        ask.has_bound = 1;
        ask.bound = pick(w, 0, 20) == 0 ? 5000 : pick(w, 90, 110);
    }
    if (pick(w, 0, 7) == 0) {
        ask.parent = (uint64_t)pick(w, 1, PARENTS);
    } else if (w->parent_count != 0 && pick(w, 0, 3) == 0) {
        const known_parent *parent = &w->parents[pick(w, 0, w->parent_count - 1)];
        ask.parent = parent->number;
        ask.instrument = parent->instrument;
        ask.side = parent->side;
        ask.account = parent->account;
        ask.position = ask.account == HEDGED ? ask.position : TRD_POSITION_NET;
    }
    return ask;
}

/* Now and then one that was accepted a while ago, again. */
static trd_ask new_ask(world *w) {
    if (w->accepted_count == 0 || pick(w, 0, 5) != 0) {
        return random_ask(w);
    }
    trd_ask ask = w->accepted[pick(w, 0, w->accepted_count - 1)];
    ask.order = 0;
    ask.now = w->now;
    return ask;
}

/* The ask of an order that is there, with some terms changed. */
static trd_ask changed_ask(world *w, const known_order *order) {
    trd_ask ask = order->ask;
    const trd_ask other = random_ask(w);
    ask.kind = (uint8_t)pick(w, TRD_ASK_AMEND, TRD_ASK_RELEASE);
    ask.order = order->handle;
    ask.tag = pick(w, 0, 3) ? ask.tag : other.tag;
    ask.actor = other.actor;
    ask.reduce_only = other.reduce_only;
    ask.override = ask.kind == TRD_ASK_AMEND ? other.override : 0;
    ask.now = w->now;
    ask.qty = other.qty;
    ask.has_px = other.has_px;
    ask.px = other.px;
    ask.has_bound = other.has_bound;
    ask.bound = other.bound;
    return ask;
}

static void forget_if_over(known_order *order) {
    if (order->passed_leaves == 0) {
        *order = (known_order){0};
    }
}

/* What was granted is held as what is asked for by its terms: the same bytes in other accounts. */
static void hold_both(
    world *w, const trd_hold *hold, const known_order *rehold, const trd_acct_grant *grant) {
    trd_accounts *other = (trd_accounts *)malloc(w->accounts_size);
    static trd_event events[OUT];
    trd_out out = {.events = events, .capacity = OUT};
    memcpy(other, w->a, w->accounts_size);
    if (rehold != NULL) {
        cr_assert(
            eq(int, trd_accounts_release(other, rehold->handle, rehold->leaves, &out), TRD_OK));
        cr_assert(eq(int, CALL(w, release, rehold->handle, rehold->leaves), TRD_OK));
        out.count = 0;
    }
    trd__hold_granted(other, grant, hold->order, &out);
    cr_assert(eq(int, CALL(w, hold, hold), TRD_OK));
    cr_assert(memcmp(other, w->a, w->accounts_size) == 0);
    cr_assert(eq(u32, out.count, w->out.count));
    cr_assert(memcmp(events, w->events, out.count * sizeof(events[0])) == 0);
    free(other);
}

/* What passed is locked, to the minor unit, and known from now on. */
static void take_in(world *w, trd_ask *ask, const trd_verdict *v, const trd_acct_grant *grant) {
    known_order *order = order_of(w, ask->order);
    trd_held held;
    if (order == NULL) {
        for (int i = 0; order == NULL && i < ORDERS; i++) {
            order = w->orders[i].handle == 0 ? &w->orders[i] : NULL;
        }
        if (order == NULL) {
            return;
        }
        ask->order = (trd_order)++w->generation << 32 | (uint64_t)(order - w->orders + 1);
    }
    trd_hold hold = v->hold;
    hold.order = ask->order;
    const bool amends = !v->rehold && trd_accounts_held(w->a, ask->order, &held) == TRD_OK;
    held_anew += v->rehold;
    amended_after_fills += amends && held.amount_moved != 0;
    if (amends) {
        cr_assert(eq(int, CALL(w, amend, ask->order, hold.px, hold.qty), TRD_OK));
    } else {
        hold_both(w, &hold, v->rehold ? order : NULL, grant);
    }
    cr_assert(eq(int, trd_accounts_held(w->a, ask->order, &held), TRD_OK));
    cr_assert(eq(i64, held.amount, v->need));
    trd_balance balance;
    trd_accounts_balance(w->a, ask->account, v->asset, &balance);
    cr_assert(eq(i64, balance.free, v->free_after));
    cr_assert(eq(int, trd_risk_passed(w->k, ask, v), TRD_OK));
    *order = (known_order){.handle = ask->order,
        .ask = *ask,
        .leaves = hold.qty,
        .notional = amends ? order->notional : 0,
        .px = hold.px,
        .kind = hold.kind,
        .ppm = hold.margin_ppm,
        .priced = v->has_value,
        .value = v->value,
        .passed_qty = ask->qty,
        .passed_leaves = ask->qty};
    bool *used = &w->used[ask->account][ask->instrument][ask->position];
    w->positions += !*used;
    *used = true;
    const trd_limit repeated = {.limit = TRD_LIMIT_REPEATED, .scope = TRD_LIMIT_FIRM};
    if (ask->kind == TRD_ASK_NEW && limit_named(w, &repeated) != NULL) {
        memmove(w->accepted + 1, w->accepted, sizeof(w->accepted) - sizeof(w->accepted[0]));
        w->accepted[0] = *ask;
        w->accepted_count += w->accepted_count < REPEATS;
    }
}

/* The short way (lib/risk/plain.h) says nothing, and writes nothing, or what the long way says,
 * which is the one of those who have something beside them. */
static void ask_on_the_short_way(const world *w, const trd_ask *ask, const trd_verdict *wanted) {
    trd_verdict v, other;
    trd_acct_grant grant, held;
    memset(&v, 0xa5, sizeof(v));
    memset(&grant, 0xa5, sizeof(grant));
    if (!trd__plain_grant(w->k, w->a, ask, &v, &grant)) {
        memset(&other, 0xa5, sizeof(other));
        memset(&held, 0xa5, sizeof(held));
        cr_assert(memcmp(&v, &other, sizeof(v)) == 0);
        cr_assert(memcmp(&grant, &held, sizeof(grant)) == 0);
        return;
    }
    cr_assert(
        eq(int, trd__risk_grant_beside(w->k, w->a, ask, &trd__risk_alone, &other, &held), TRD_OK));
    v.hold = trd__granted_hold(&grant);
    cr_assert(memcmp(&v, wanted, sizeof(v)) == 0);
    cr_assert(memcmp(&grant.hold, &held.hold, offsetof(trd_acct_hold, missing)) == 0);
    cr_assert(eq(u32, grant.side, held.side));
    went_short++;
    went_short_on_margin += grant.hold.margin_ppm != 0;
}

/* The same verdict whether sums over positions are kept, or made for it alone; who may not write
 * does not, who may writes nothing else than sums. */
static void ask_one(world *w, trd_ask ask) {
    char *risk = (char *)malloc(w->risk_size);
    char *accounts = (char *)malloc(w->accounts_size);
    memcpy(risk, w->k, w->risk_size);
    memcpy(accounts, w->a, w->accounts_size);
    const opinion o = judge(w, &ask);
    trd_verdict v, again;
    trd_acct_grant grant;
    cr_assert(eq(int, trd_risk_check(w->k, w->a, &ask, &v), TRD_OK));
    cr_assert(memcmp(accounts, w->a, w->accounts_size) == 0);
    trd_accounts *keeps = pick(w, 0, 99) < w->keeping ? w->a : NULL;
    cr_assert(eq(int, trd__risk_judge(w->k, w->a, keeps, &ask, &again, &grant), TRD_OK));
    again.hold = again.reason == 0 ? trd__granted_hold(&grant) : (trd_hold){0};
    cr_assert(memcmp(&v, &again, sizeof(v)) == 0);
    ask_on_the_short_way(w, &ask, &v);
    memcpy(accounts, w->a, w->accounts_size);
    cr_assert(eq(int, trd_risk_check(w->k, w->a, &ask, &again), TRD_OK));
    cr_assert(memcmp(&v, &again, sizeof(v)) == 0);
    cr_assert(memcmp(accounts, w->a, w->accounts_size) == 0);
    cr_assert(memcmp(risk, w->k, w->risk_size) == 0);
    free(risk);
    free(accounts);
    met[v.reason]++;
    cr_assert(eq(u32, v.reason, o.v.reason));
    cr_assert(eq(u8, v.scope, o.v.scope), "reason %u", v.reason);
    cr_assert(eq(i64, v.measured, o.v.measured), "reason %u", v.reason);
    cr_assert(eq(i64, v.limit, o.v.limit), "reason %u", v.reason);
    cr_assert(eq(u8, v.reducing, o.v.reducing), "reason %u", v.reason);
    cr_assert(eq(u8, v.rehold, o.v.rehold), "reason %u", v.reason);
    cr_assert(eq(u8, v.has_value, o.v.has_value), "reason %u", v.reason);
    cr_assert(eq(i64, v.value, o.v.value), "reason %u", v.reason);
    cr_assert(eq(i64, v.need, o.v.need), "reason %u", v.reason);
    cr_assert(eq(u32, v.asset, o.v.asset), "reason %u", v.reason);
    cr_assert(eq(i64, v.free_before, o.v.free_before), "reason %u", v.reason);
    cr_assert(eq(i64, v.free_after, o.v.free_after), "reason %u", v.reason);
    cr_assert(memcmp(&v.hold, &o.v.hold, sizeof(v.hold)) == 0, "reason %u", v.reason);
    if (v.reason == 0) {
        take_in(w, &ask, &v, &grant);
    }
}

/* ---- lots end, executions, messages --------------------------------------------------------- */

static known_order *some_order(world *w) {
    known_order *order = &w->orders[pick(w, 0, ORDERS - 1)];
    return order->handle != 0 ? order : NULL;
}

static void lots_end(known_order *order, trd_qty lots) {
    order->leaves -= lots;
    order->passed_leaves -= lots;
    forget_if_over(order);
}

static void close_lots(world *w, known_order *order, trd_qty lots) {
    cr_assert(eq(int, trd_risk_closed(w->k, order->handle, lots), TRD_OK));
    lots_end(order, lots);
}

static void cancel(world *w, known_order *order) {
    const trd_qty lots = pick(w, 0, 1) ? order->leaves : pick(w, 1, order->leaves);
    cr_assert(eq(int, CALL(w, release, order->handle, lots), TRD_OK));
    close_lots(w, order, lots);
}

static bool counts_execution(known_limit *l, trd_ns now) {
    if (l == NULL) {
        return false;
    }
    if (l->executed == 0 || now - l->from >= l->terms.window) {
        l->from = now;
        l->executed = 0;
    }
    l->executed++;
    const bool latches = l->executed > l->terms.value && !l->latched;
    l->latched |= latches;
    return latches;
}

static void execute(world *w, known_order *order) {
    const trd_instrument *spec = &w->instruments[order->ask.instrument].spec;
    const bool buys = order->ask.side == TRD_BUY;
    const trd_qty lots = pick(w, 1, order->leaves);
    /* Above zero: the sum of |F| is then |sum of F|, which is what the accounts tell. */
    const trd_px low = buys && order->px > 6   ? order->px - 5
                       : buys || order->px < 1 ? 1
                                               : order->px;
    const trd_px high = buys ? order->px : low + 5 < spec->px_max ? low + 5 : spec->px_max;
    const trd_px px = pick(w, low, high);
    const trd_leg own = {.order = order->handle,
        .account = order->ask.account,
        .position = order->ask.position,
        .liquidity = TRD_LIQUIDITY_TAKER};
    const trd_leg other = {.account = TRD_ACCOUNT_OUTSIDE};
    const trd_execution x = {.instrument = order->ask.instrument,
        .px = px,
        .qty = lots,
        .buyer = buys ? own : other,
        .seller = buys ? other : own};
    cr_assert(eq(int, CALL(w, execute, &x), TRD_OK));
    order->notional += (wide)px * lots;
    const bool by_account = counts_execution(
        limit_for(w, &order->ask, TRD_LIMIT_EXECUTIONS, TRD_LIMIT_ACCOUNT), w->now);
    const bool by_tag =
        counts_execution(limit_for(w, &order->ask, TRD_LIMIT_EXECUTIONS, TRD_LIMIT_TAG), w->now);
    known_parent *parent = parent_named(w, order->ask.account, order->ask.parent);
    if (parent != NULL) {
        parent->executed += lots;
    }
    if (order->ask.parent == 0 && pick(w, 0, 1) != 0) { /* told in two calls, it is the same */
        cr_assert(eq(int, trd_risk_executed(w->k, order->ask.account, order->ask.tag, w->now),
            by_account || by_tag));
        close_lots(w, order, lots);
        return;
    }
    cr_assert(eq(int, trd_risk_filled(w->k, order->handle, lots, w->now), by_account || by_tag));
    lots_end(order, lots);
}

/* A bucket as one thinks of it: `burst` at most, `value` per `window` flow in. */
static void refill(known_limit *l, trd_ns now) {
    const wide full = (wide)l->terms.burst * l->terms.window;
    l->tokens = l->begun ? l->tokens + (wide)(now - l->filled) * l->terms.value : full;
    l->tokens = l->tokens > full ? full : l->tokens;
    const int64_t window = now / l->terms.window;
    l->messages = l->begun && l->window == window ? l->messages : 0;
    l->window = window;
    l->filled = now;
    l->begun = true;
}

static void send_one(world *w) {
    const trd_ask who = random_ask(w);
    const trd_message m = {.tag = who.tag,
        .account = who.account,
        .actor = who.actor,
        .cancels = pick(w, 0, 4) == 0,
        .override = who.override,
        .now = w->now};
    bool passes = true;
    for (int s = 0; s < SCOPE_COUNT; s++) {
        known_limit *l = limit_for(w, &who, TRD_LIMIT_MESSAGES, SCOPES[s]);
        if (l != NULL) {
            refill(l, w->now);
            passes &= l->terms.value != 0 && (l->terms.burst != 0 ? l->tokens >= l->terms.window
                                                                  : l->messages < l->terms.value);
        }
    }
    const bool takes = passes || m.cancels || (m.override && may_create(w, &who, true));
    cr_assert(eq(int, trd_risk_message(w->k, &m), takes ? TRD_OK : TRD_REJECT_MESSAGES));
    met[TRD_REJECT_MESSAGES] += !takes;
    for (int s = 0; s < SCOPE_COUNT && takes; s++) {
        known_limit *l = limit_for(w, &who, TRD_LIMIT_MESSAGES, SCOPES[s]);
        if (l != NULL) {
            l->tokens -= l->terms.window;
            l->messages++;
        }
    }
}

static void rearm(world *w) {
    for (uint32_t i = 0; i < w->limit_count; i++) {
        known_limit *l = &w->limits[i];
        if (l->terms.limit == TRD_LIMIT_EXECUTIONS) {
            cr_assert(eq(int, trd_risk_rearm(w->k, &l->terms), l->latched));
            l->latched = false;
            l->executed = 0;
        }
    }
}

/* ---- a run ---------------------------------------------------------------------------------- */

static void add_instrument(world *w, uint32_t number) {
    static const uint8_t kinds[INSTRUMENTS] = {TRD_INSTRUMENT_LINEAR, TRD_INSTRUMENT_LINEAR,
        TRD_INSTRUMENT_SPOT, TRD_INSTRUMENT_OPTION, TRD_INSTRUMENT_INVERSE};
    known_instrument *k = &w->instruments[number];
    trd_instrument spec = trd_instrument_default();
    strcpy(spec.symbol, "X");
    spec.kind = kinds[number];
    spec.px_min = spec.kind == TRD_INSTRUMENT_LINEAR ? -10 : spec.kind == TRD_INSTRUMENT_INVERSE;
    spec.px_max = 4000;
    spec.qty_max = 100000;
    spec.base_asset = 1;
    spec.settle_asset = number == 1 || spec.kind == TRD_INSTRUMENT_INVERSE;
    spec.quote_asset = spec.kind == TRD_INSTRUMENT_SPOT ? 0 : spec.settle_asset;
    spec.numerator = pick(w, 1, 5) * (spec.kind == TRD_INSTRUMENT_INVERSE ? 1000 : 1);
    spec.denominator = pick(w, 1, 5);
    if (spec.kind == TRD_INSTRUMENT_OPTION) {
        spec.option = TRD_OPTION_CALL;
        spec.strike = 100;
        spec.expiry = 1;
    }
    const trd_terms terms = {.struct_size = sizeof(terms)};
    k->spec = spec;
    cr_assert(eq(int, trd_accounts_instrument_add(w->a, &spec, &terms), (int)number));
    if (pick(w, 0, 9) != 0) {
        random_mark(w, number);
    }
    if (pick(w, 0, 9) != 0) {
        random_model(w, number);
    }
}

static void deposit(world *w, uint32_t account, uint32_t asset, trd_amt amount) {
    const trd_transfer t = {
        .from = TRD_ACCOUNT_OUTSIDE, .to = account, .asset = asset, .amount = amount};
    cr_assert(eq(int, CALL(w, transfer, &t), TRD_OK));
}

static void random_rate(world *w) {
    w->rates[1][0] = pick(w, 1, 9);
    w->rates[1][1] = pick(w, 1, 9);
    cr_assert(eq(int,
        trd_accounts_rate(w->a, 1, (uint32_t)w->rates[1][0], (uint32_t)w->rates[1][1]), TRD_OK));
}

static void random_haircut(world *w) {
    const uint32_t asset = (uint32_t)pick(w, 0, ASSETS - 1);
    trd_haircut *haircut = &w->haircuts[asset];
    haircut->ppm = (uint32_t)(pick(w, 0, 5) ? pick(w, 0, 300000) : PPM);
    haircut->has_cap = pick(w, 0, 3) == 0;
    haircut->cap = haircut->has_cap ? pick(w, 0, 3000) : 0;
    cr_assert(eq(int, trd_accounts_haircut(w->a, asset, haircut), TRD_OK));
}

/* May `more` of what is free in an asset leave an account of mode MULTI? */
static bool may_leave(const world *w, uint32_t account, uint32_t asset, wide more) {
    const standing s = stand(w, account, 0, asset, more, false);
    return s.known && s.value >= s.initial + s.held;
}

/* What may leave is all that is free, or some of it and not one unit more, or nothing. */
static void ask_leaving(world *w) {
    const uint32_t account = (uint32_t)pick(w, 0, ACCOUNTS - 1);
    const uint32_t asset = (uint32_t)pick(w, 0, ASSETS - 1);
    trd_account terms;
    trd_balance b[ASSETS];
    trd_amt most = -1;
    trd_collateral c;
    cr_assert(eq(int, trd_accounts_get(w->a, account, &terms), TRD_OK));
    if (terms.mode != TRD_MODE_MULTI) {
        cr_assert(eq(int, trd_risk_collateral(w->k, w->a, account, &c), TRD_E_ARG));
        return;
    }
    bool below = false;
    for (uint32_t i = 0; i < ASSETS; i++) {
        cr_assert(eq(int, trd_accounts_balance(w->a, account, i, &b[i]), TRD_OK));
        below |= b[i].free + b[i].locked + b[i].unsettled < 0;
    }
    const standing now = stand(w, account, 0, 0, 0, false);
    const trd_amt free = b[asset].free > 0 ? b[asset].free : 0;
    cr_assert(eq(int, trd_risk_withdrawable(w->k, w->a, account, asset, &most), TRD_OK));
    if (!now.used && !below) {
        cr_assert(eq(i64, most, free));
    } else {
        cr_assert(most >= 0 && most <= free);
        cr_assert(most == 0 || may_leave(w, account, asset, most));
        cr_assert(most == free || !may_leave(w, account, asset, most + 1));
        multi_met[MULTI_LEAVES] += most > 0 && most < free;
    }
    const int result = trd_risk_collateral(w->k, w->a, account, &c);
    cr_assert(eq(int, result, now.known ? TRD_OK : TRD_E_UNKNOWN));
    if (now.known) {
        const wide equity = stand(w, account, 0, 0, 0, true).value;
        cr_assert(c.equity == equity && c.usable == now.value);
        cr_assert(c.initial == now.initial && c.held == now.held);
        cr_assert(c.available == now.value - now.initial - now.held);
        multi_met[MULTI_STATES]++;
    }
}

static void random_role(world *w) {
    const uint32_t number = (uint32_t)pick(w, 0, ACTORS - 1);
    const bool narrow = pick(w, 0, 1) != 0;
    const trd_actor actor = {.actor = number,
        .account = narrow,
        .role =
            (uint8_t)(pick(w, 0, 3) ? pick(w, TRD_ROLE_TRADER, TRD_ROLE_ADMIN) : pick(w, 0, 1))};
    (narrow ? w->role_of_0 : w->role)[number] = actor.role;
    cr_assert(eq(int, trd_risk_actor(w->k, &actor), TRD_OK));
}

static void begin(world *w, trd_rng *rng) {
    *w = (world){.rng = rng, .now = 1000, .rates = {{1, 1}}};
    w->out = (trd_out){.events = w->events, .capacity = OUT};
    trd_accounts_def accounts = trd_accounts_def_default();
    accounts.assets_max = ASSETS;
    accounts.instruments_max = INSTRUMENTS;
    accounts.accounts_max = ACCOUNTS;
    accounts.balances_max = ACCOUNTS * ASSETS;
    w->positions_max = pick(w, 0, 3) ? ACCOUNTS * INSTRUMENTS * 2 : (uint32_t)pick(w, 1, 8);
    accounts.positions_max = w->positions_max;
    accounts.orders_max = ORDERS;
    accounts.fee_tables_max = ACCOUNTS;
    w->a = trd_accounts_create(&accounts);
    w->accounts_size = trd_accounts_footprint(&accounts);
    trd_risk_def def = trd_risk_def_default();
    def.accounts_max = ACCOUNTS;
    def.instruments_max = INSTRUMENTS;
    def.orders_max = ORDERS;
    def.actors_max = pick(w, 0, 1) ? ACTORS * 2 : 0;
    def.limits_max = LIMITS;
    def.models_max = INSTRUMENTS;
    def.repeats_max = REPEATS;
    def.groups_max = 0; /* nobody is followed here, and the block is copied for each question */
    def.pairs_max = 0;
    def.arrays_max = 0;
    def.portfolios_max = 0;
    w->parents_max = pick(w, 0, 3) ? (uint32_t)pick(w, 1, ACCOUNTS * PARENTS) : 0;
    def.parents_max = w->parents_max;
    def.hash_seed = trd__rng_next(rng);
    w->k = trd_risk_create(&def);
    w->risk_size = trd_risk_footprint(&def);
    w->has_roles = def.actors_max != 0;
    for (int i = 0; i < ASSETS; i++) {
        const trd_asset asset = {.struct_size = sizeof(asset), .symbol = {(char)('A' + i)}};
        cr_assert(eq(int, trd_accounts_asset_add(w->a, &asset), i));
    }
    if (pick(w, 0, 3) != 0) {
        random_rate(w);
    }
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        add_instrument(w, i);
    }
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        w->fee[i] = pick(w, 0, 1) ? pick(w, 0, 30000000) : 0;
        const trd_fee_table fees = {.struct_size = sizeof(fees),
            .tier_count = 1,
            .tiers = {{.maker_ppb = (int32_t)w->fee[i], .taker_ppb = (int32_t)w->fee[i]}}};
        cr_assert(eq(int, trd_accounts_fees_add(w->a, &fees), (int)i));
        random_account(w, i);
        deposit(w, i, 0, pick(w, 1, 6000));
        deposit(w, i, 1, pick(w, 1, 3000));
    }
    for (int i = 0; i < ACTORS && w->has_roles; i++) {
        random_role(w);
    }
}

/* What happens, by odds that the run has drawn. */
enum { ASK, CHANGE, EXECUTE, CANCEL, SEND, LIMIT, PARENT, MOVE, ODDS };

static void step(world *w, unsigned what) {
    known_order *order = some_order(w);
    w->now += pick(w, 0, 3) ? 0 : pick(w, 0, 12);
    switch (what) {
    case ASK:
        ask_one(w, new_ask(w));
        break;
    case CHANGE:
        if (order != NULL) {
            ask_one(w, changed_ask(w, order));
        }
        break;
    case EXECUTE:
        if (order != NULL) {
            execute(w, order);
        }
        break;
    case CANCEL:
        if (order != NULL) {
            cancel(w, order);
        }
        break;
    case SEND:
        send_one(w);
        break;
    case LIMIT:
        random_limit(w);
        break;
    case PARENT:
        random_parent(w);
        break;
    default:
        switch (pick(w, 0, 9)) {
        case 8:
            random_haircut(w);
            break;
        case 9:
            ask_leaving(w);
            break;
        case 0:
            random_model(w, (uint32_t)pick(w, 0, INSTRUMENTS - 1));
            break;
        case 1:
            random_account(w, (uint32_t)pick(w, 0, ACCOUNTS - 1));
            break;
        case 2:
            if (w->has_roles) {
                random_role(w);
            }
            break;
        case 3: {
            const uint32_t number = (uint32_t)pick(w, 0, INSTRUMENTS - 1);
            w->instruments[number].disabled = pick(w, 0, 3) == 0;
            cr_assert(
                eq(int, trd_risk_enable(w->k, number, !w->instruments[number].disabled), TRD_OK));
            break;
        }
        case 4:
            rearm(w);
            break;
        case 5:
            w->out.count = 0;
            cr_assert(eq(int, trd_accounts_day(w->a, &w->out), TRD_OK));
            break;
        case 6:
            if (w->rates[1][0] != 0) {
                random_rate(w);
            }
            deposit(
                w, (uint32_t)pick(w, 0, ACCOUNTS - 1), (uint32_t)pick(w, 0, 1), pick(w, 1, 1000));
            break;
        default: {
            const uint32_t number = (uint32_t)pick(w, 0, INSTRUMENTS - 1);
            if (w->instruments[number].has_mark) {
                random_mark(w, number);
            }
        }
        }
    }
}

static void run(trd_rng *rng) {
    world *w = (world *)malloc(sizeof(*w));
    begin(w, rng);
    w->keeping = pick(w, 0, 2) * 50;
    int64_t odds[ODDS];
    int64_t sum = 0;
    for (int i = 0; i < ODDS; i++) {
        odds[i] = pick(w, 1, i == ASK ? 20 : 8);
        if (i == LIMIT && pick(w, 0, 3) == 0) {
            odds[i] = 0; /* without limits more orders are usual ones */
        }
        sum += odds[i];
    }
    for (int i = 0; i < 400; i++) {
        int64_t at = pick(w, 0, sum - 1);
        unsigned what = 0;
        while (at >= odds[what]) {
            at -= odds[what++];
        }
        step(w, what);
        if (i % 16 == 0) {
            cr_assert(eq(int, trd_risk_audit(w->k), TRD_OK));
            compare_parents(w);
            cr_assert(eq(int, trd_accounts_audit(w->a), TRD_OK));
            cr_assert(eq(int, trd__multi_audit(w->k, w->a), TRD_OK));
        }
    }
    compare_parents(w);
    cr_assert(eq(int, trd_risk_audit(w->k), TRD_OK));
    cr_assert(eq(int, trd_accounts_audit(w->a), TRD_OK));
    cr_assert(eq(int, trd__multi_audit(w->k, w->a), TRD_OK));
    trd_risk_destroy(w->k);
    trd_accounts_destroy(w->a);
    free(w);
}

/* The reasons that can be met in such worlds are met. */
Test(risk, every_verdict_is_the_one_of_the_page) {
    trd_rng rng = draw_seeded(7);
    for (int i = 0; i < 1500; i++) {
        run(&rng);
    }
    cr_expect(held_anew >= 100, "%lu", (unsigned long)held_anew);
    cr_expect(amended_after_fills >= 100, "%lu", (unsigned long)amended_after_fills);
    cr_expect(went_short >= 1000, "%lu", (unsigned long)went_short);
    cr_expect(went_short_on_margin >= 100, "%lu", (unsigned long)went_short_on_margin);
    for (int i = 0; i < MULTI_MET; i++) {
        const uint64_t wanted = i == MULTI_BALANCE ? 10 : 100; /* a charge is little */
        cr_expect(multi_met[i] >= wanted, "%d: %lu", i, (unsigned long)multi_met[i]);
    }
    static const uint8_t reasons[] = {0, TRD_REJECT_BAD_COMBINATION, TRD_REJECT_NOT_PERMITTED,
        TRD_REJECT_DISABLED, TRD_REJECT_RESTRICTED, TRD_REJECT_PRICE_LIMIT, TRD_REJECT_COLLAR,
        TRD_REJECT_ORDER_QTY, TRD_REJECT_NO_BOUND, TRD_REJECT_ORDER_VALUE, TRD_REJECT_REPEATED,
        TRD_REJECT_PARENT, TRD_REJECT_PARENT_QTY, TRD_REJECT_LATCHED, TRD_REJECT_MESSAGES,
        TRD_REJECT_NO_CAPACITY, TRD_REJECT_BALANCE, TRD_REJECT_POSITION_LIMIT,
        TRD_REJECT_OPEN_VALUE, TRD_REJECT_LEVERAGE, TRD_REJECT_DAILY_LOSS, TRD_REJECT_MARGIN};
    for (size_t i = 0; i < sizeof(reasons); i++) {
        cr_expect(met[reasons[i]] >= 100, "%s: %lu", trd_reject_text(reasons[i]),
            (unsigned long)met[reasons[i]]);
    }
}

/* ---- large numbers -------------------------------------------------------------------------- */

enum { LARGE_ORDERS = 16 };

typedef struct large {
    trd_accounts *a;
    trd_risk *k;
    trd_instrument specs[4];
    trd_qty leaves[LARGE_ORDERS];
    trd_ask asks[LARGE_ORDERS];
} large;

static trd_instrument large_spec(trd_rng *rng, uint8_t kind) {
    trd_instrument spec = trd_instrument_default();
    do {
        strcpy(spec.symbol, "X");
        spec.kind = kind;
        spec.px_max = draw_size(rng, 40);
        spec.px_min = kind == TRD_INSTRUMENT_LINEAR ? -draw_size(rng, 40) : 1;
        spec.qty_max = draw_size(rng, 20);
        spec.numerator = draw_size(rng, 30);
        spec.denominator = draw_size(rng, 30);
        spec.base_asset = 1;
        spec.option = kind == TRD_INSTRUMENT_OPTION ? TRD_OPTION_PUT : TRD_OPTION_NONE;
        spec.strike = kind == TRD_INSTRUMENT_OPTION;
        spec.expiry = kind == TRD_INSTRUMENT_OPTION;
    } while (trd_instrument_check(&spec, LARGE_ORDERS) != TRD_INSTRUMENT_OK);
    return spec;
}

/* Limits that everything is compared with, and nothing exceeds but what does not fit. */
static void large_limits(trd_risk *k) {
    static const uint8_t limits[] = {TRD_LIMIT_POSITION, TRD_LIMIT_ORDER_VALUE,
        TRD_LIMIT_OPEN_VALUE, TRD_LIMIT_LEVERAGE, TRD_LIMIT_DAILY_LOSS, TRD_LIMIT_COLLAR};
    for (size_t i = 0; i < sizeof(limits); i++) {
        const trd_limit l = {.limit = limits[i],
            .scope = TRD_LIMIT_FIRM,
            .value = INT64_MAX,
            .burst = limits[i] == TRD_LIMIT_DAILY_LOSS};
        cr_assert(eq(int, trd_risk_limit(k, &l), TRD_OK));
    }
}

static void large_begin(large *w, trd_rng *rng) {
    *w = (large){0};
    trd_accounts_def accounts = trd_accounts_def_default();
    accounts.accounts_max = 2;
    accounts.balances_max = 4;
    accounts.positions_max = 8;
    accounts.orders_max = LARGE_ORDERS;
    accounts.publish = 0;
    w->a = trd_accounts_create(&accounts);
    trd_risk_def def = trd_risk_def_default();
    def.accounts_max = 2;
    def.orders_max = LARGE_ORDERS;
    w->k = trd_risk_create(&def);
    const trd_asset asset = {.struct_size = sizeof(asset), .symbol = "A"};
    const trd_fee_table fees = {.struct_size = sizeof(fees),
        .tier_count = 1,
        .tiers = {{.maker_ppb = 1000000, .taker_ppb = TRD_FEE_RATE_MAX}}};
    trd_account account = {.struct_size = sizeof(account),
        .role = TRD_ROLE_TRADER,
        .mode = TRD_MODE_CROSS,
        .enabled = 1};
    const trd_terms terms = {
        .struct_size = sizeof(terms), .tax_count = 1, .taxes = {{.buyer_ppb = 7, .seller_ppb = 9}}};
    cr_assert(eq(int, trd_accounts_asset_add(w->a, &asset), 0));
    cr_assert(eq(int, trd_accounts_asset_add(w->a, &asset), 1));
    cr_assert(eq(int, trd_accounts_fees_add(w->a, &fees), 0));
    cr_assert(eq(int,
        trd_accounts_rate(w->a, 1, (uint32_t)draw_size(rng, 31), (uint32_t)draw_size(rng, 31)),
        TRD_OK));
    for (uint8_t i = 0; i < 4; i++) {
        const trd_margin_rates rates = {.initial_ppm = (uint32_t)draw_in(rng, 0, PPM)};
        trd_margin_model model;
        w->specs[i] = large_spec(rng, (uint8_t)(TRD_INSTRUMENT_SPOT + i));
        cr_assert(eq(int, trd_accounts_instrument_add(w->a, &w->specs[i], &terms), (int)i));
        cr_assert(eq(int,
            trd_accounts_mark(w->a, i, draw_in(rng, w->specs[i].px_min, w->specs[i].px_max)),
            TRD_OK));
        trd_margin_flat(&model, &rates);
        cr_assert(eq(int, trd_risk_model(w->k, i, &model), TRD_OK));
    }
    for (uint32_t i = 0; i < 2; i++) {
        account.mode = i == 0 ? TRD_MODE_CROSS : TRD_MODE_MULTI;
        cr_assert(eq(int, trd_accounts_open(w->a, i, &account), TRD_OK));
        for (uint32_t of = 0; of < 2; of++) {
            const trd_transfer t = {
                .from = TRD_ACCOUNT_OUTSIDE, .to = i, .asset = of, .amount = draw_size(rng, 61)};
            cr_assert(eq(int, trd_accounts_transfer(w->a, &t, NULL), TRD_OK));
        }
    }
    if (draw_chance(rng, 50)) { /* else nothing stands before the range */
        large_limits(w->k);
    }
}

/* Asks for a new order, or to change one: what passes is locked, and an execution is booked. */
static uint32_t large_step(large *w, trd_rng *rng, int at) {
    const uint32_t number = (uint32_t)draw_in(rng, 0, 3);
    const trd_instrument *spec = &w->specs[number];
    trd_ask ask = {.order = (trd_order)(at + 1),
        .account = (uint32_t)draw_in(rng, 0, 1),
        .instrument = number,
        .kind = TRD_ASK_NEW,
        .side = (uint8_t)draw_in(rng, TRD_BUY, TRD_SELL)};
    const bool is_new = w->leaves[at] == 0;
    if (!is_new) {
        ask = w->asks[at];
        ask.kind = TRD_ASK_AMEND;
        spec = &w->specs[ask.instrument];
    }
    ask.qty = draw_size(rng, 63);
    ask.has_px = 1;
    ask.px = draw_in(rng, spec->px_min, spec->px_max);
    trd_verdict v;
    if (draw_chance(rng, 30)) {
        cr_assert(eq(int, trd_accounts_revalue(w->a, ask.account), TRD_OK));
    }
    cr_assert(eq(int, trd_risk_check(w->k, w->a, &ask, &v), TRD_OK));
    if (v.reason != 0) {
        return v.reason;
    }
    if (v.rehold) {
        cr_assert(eq(int, trd_accounts_release(w->a, ask.order, w->leaves[at], NULL), TRD_OK));
    }
    if (is_new || v.rehold) {
        cr_assert(eq(int, trd_accounts_hold(w->a, &v.hold, NULL), TRD_OK));
    } else {
        cr_assert(eq(int, trd_accounts_amend(w->a, ask.order, v.hold.px, ask.qty, NULL), TRD_OK));
    }
    trd_held held;
    cr_assert(eq(int, trd_accounts_held(w->a, ask.order, &held), TRD_OK));
    cr_assert(eq(i64, held.amount, v.need));
    cr_assert(eq(int, trd_risk_passed(w->k, &ask, &v), TRD_OK));
    w->asks[at] = ask;
    w->leaves[at] = ask.qty;
    const trd_qty lots = draw_in(rng, 1, ask.qty);
    trd_qty outside;
    cr_assert(eq(int, trd_accounts_outside(w->a, ask.instrument, &outside), TRD_OK));
    const wide after = (wide)outside + (ask.side == TRD_BUY ? -(wide)lots : lots);
    /* The position of the rest of the world has a range too. */
    if (size_of(after) >= TRD_QTY_LIMIT || draw_chance(rng, 50)) {
        cr_assert(eq(int, trd_accounts_release(w->a, ask.order, lots, NULL), TRD_OK));
    } else {
        const trd_leg own = {.order = ask.order, .account = ask.account, .liquidity = 2};
        const trd_leg other = {.account = TRD_ACCOUNT_OUTSIDE};
        const bool buys = ask.side == TRD_BUY;
        const trd_execution x = {.instrument = ask.instrument,
            .px = v.hold.px,
            .qty = lots,
            .buyer = buys ? own : other,
            .seller = buys ? other : own};
        cr_assert(eq(int, trd_accounts_execute(w->a, &x, NULL), TRD_OK));
    }
    cr_assert(eq(int, trd_risk_closed(w->k, ask.order, lots), TRD_OK));
    w->leaves[at] -= lots;
    return 0;
}

/* Whatever the sizes, what passes can be locked, to the minor unit that was said. */
Test(risk, what_passes_can_be_held_at_any_size) {
    trd_rng rng = draw_seeded(8);
    large *w = (large *)malloc(sizeof(*w));
    uint64_t passed = 0, out_of_range = 0, below = 0;
    for (int run_ = 0; run_ < 3000; run_++) {
        large_begin(w, &rng);
        for (int i = 0; i < 60; i++) {
            const uint32_t reason = large_step(w, &rng, (int)draw_in(&rng, 0, LARGE_ORDERS - 1));
            passed += reason == 0;
            out_of_range += reason == TRD_REJECT_POSITION;
            for (uint32_t of = 0; of < 2; of++) {
                trd_balance b;
                cr_assert(eq(int, trd_accounts_balance(w->a, 1, of, &b), TRD_OK));
                below += (b.cause & TRD_SHORT_MARGIN) != 0;
            }
        }
        cr_assert(eq(int, trd_risk_audit(w->k), TRD_OK));
        cr_assert(eq(int, trd_accounts_audit(w->a), TRD_OK));
        cr_assert(eq(int, trd__multi_audit(w->k, w->a), TRD_OK));
        trd_risk_destroy(w->k);
        trd_accounts_destroy(w->a);
    }
    free(w);
    cr_expect(passed >= 1000, "%lu", (unsigned long)passed);
    cr_expect(out_of_range >= 1000, "%lu", (unsigned long)out_of_range);
    cr_expect(below >= 1000, "%lu", (unsigned long)below);
}
