/* case.c - what the checks need to know of an order, each thing looked up once. */
#include "risk/case.h"

#include <string.h>

#include "acct/margin.h"
#include "risk/portfolio.h"

/* Limits that a reducing order is not asked about, and those that an override passes over. */
#define BIT(limit) ((uint32_t)1 << (limit))
#define REDUCING_PASSES                                                                            \
    (BIT(TRD_LIMIT_RESTRICTED) | BIT(TRD_RISK_LATCHED) | BIT(TRD_LIMIT_POSITION) |                 \
        BIT(TRD_LIMIT_OPEN_VALUE) | BIT(TRD_LIMIT_LEVERAGE) | BIT(TRD_LIMIT_DAILY_LOSS))
#define OVERRIDE_PASSES                                                                            \
    (BIT(TRD_LIMIT_COLLAR) | BIT(TRD_LIMIT_ORDER_QTY) | BIT(TRD_LIMIT_ORDER_VALUE) |               \
        BIT(TRD_LIMIT_REPEATED) | BIT(TRD_RISK_LATCHED) | BIT(TRD_LIMIT_POSITION) |                \
        BIT(TRD_LIMIT_OPEN_VALUE) | BIT(TRD_LIMIT_LEVERAGE) | BIT(TRD_LIMIT_DAILY_LOSS))

/* --- where it acts ---------------------------------------------------------------------------- */

static bool has_instrument(const trd_case *c) {
    return c->ask->instrument < c->accounts->listings &&
           c->ask->instrument < c->risk->def.instruments_max;
}

static bool has_account(const trd_case *c) {
    return trd__is_open(c->accounts, c->ask->account) &&
           c->ask->account < c->risk->def.accounts_max;
}

static void find_nodes(trd_case *c) {
    const trd_risk *risk = c->risk;
    const trd_ask *ask = c->ask;
    c->nodes[TRD_LIMIT_FIRM - 1] = &risk->firm;
    c->nodes[TRD_LIMIT_ACCOUNT - 1] = trd__risk_account(risk, ask->account);
    c->nodes[TRD_LIMIT_INSTRUMENT - 1] = &c->market->node;
    c->nodes[TRD_LIMIT_PAIR - 1] = trd__pair_node(risk, ask->account, ask->instrument);
    c->nodes[TRD_LIMIT_ACTOR - 1] = trd__actor_node(risk, ask->actor);
    c->nodes[TRD_LIMIT_TAG - 1] = trd__tag_node(risk, ask->tag);
    c->mask = 0;
    for (unsigned at = 0; at < TRD_RISK_SCOPES; at++) {
        c->mask |= c->nodes[at]->mask;
    }
}

uint32_t trd__case_place(trd_case *c) {
    if (has_account(c)) {
        c->client = trd__client(c->accounts, c->ask->account);
        if (!trd__side_fits(c->client, c->ask->position)) {
            return TRD_REJECT_BAD_COMBINATION;
        }
    }
    if (!has_instrument(c)) {
        return TRD_REJECT_UNKNOWN_INSTRUMENT;
    }
    if (c->client == NULL) {
        return TRD_REJECT_UNKNOWN_ACCOUNT;
    }
    c->market = trd__risk_market(c->risk, c->ask->instrument);
    c->seat = trd__seat_find(c->accounts, c->ask->account, c->ask->instrument, c->ask->position);
    c->entry = trd__entry(c->accounts, c->seat.entry);
    find_nodes(c);
    return TRD_REJECT_NONE;
}

/* --- what it could come to -------------------------------------------------------------------- */

static trd_px within(const trd_acct_listing *listing, trd_px px) {
    return px < listing->px_min ? listing->px_min : px > listing->px_max ? listing->px_max : px;
}

/* Where the order of a seller is worth most: at its limit or bound, or at the mark above it. What
 * an inverse contract is worth falls as its price rises: there the mark does not make it more. */
static void seller_px(trd_case *c, const trd_acct_listing *listing) {
    const trd_ask *ask = c->ask;
    const bool is_named = ask->has_px != 0 || ask->has_bound != 0;
    const bool is_inverse = listing->kind == TRD_INSTRUMENT_INVERSE;
    c->px = !is_named ? listing->px_min : within(listing, ask->has_px != 0 ? ask->px : ask->bound);
    c->has_px = ask->has_px != 0 || (is_inverse && is_named);
    if (listing->has_mark != 0) {
        c->has_px = true;
        if (!is_named || (!is_inverse && listing->mark > c->px)) {
            c->px = listing->mark;
        }
    }
}

static void find_px(trd_case *c) {
    const trd_ask *ask = c->ask;
    const trd_acct_listing *listing = c->seat.listing;
    if (ask->side == TRD_SELL) {
        seller_px(c, listing);
        return;
    }
    c->has_px = ask->has_px != 0 || ask->has_bound != 0;
    c->px = within(listing, ask->has_px != 0 ? ask->px : ask->bound);
}

static void find_worst(trd_case *c) {
    const bool buys = c->ask->side == TRD_BUY;
    c->own = c->held != NULL ? c->held->leaves : 0;
    const trd_wide open = (trd_wide)c->entry->open[c->ask->side - TRD_BUY] - c->own + c->ask->qty;
    c->worst = buys ? c->entry->qty + open : c->entry->qty - open;
    const trd_wide size = c->worst < 0 ? -c->worst : c->worst;
    c->reducing = c->ask->reduce_only != 0 || size <= trd__abs_qty(c->entry->qty);
}

bool trd__worth_up(const trd_accounts *accounts, uint32_t asset, trd_amt amount, trd_amt *out) {
    const trd_acct_asset *own = trd__asset(accounts, asset);
    const trd_wide product = trd__mul(amount, own->numerator);
    if (amount != 0 && own->numerator == 0) {
        return false;
    }
    const trd_wide worth = own->denominator <= 1 ? product
                           : trd_fits(product)   ? trd__ceil_by(product, own->denominator)
                                                 : trd__div_ceil(product, own->denominator);
    *out = (trd_amt)worth;
    return worth < TRD_AMT_LIMIT;
}

/* --- what it would lock ----------------------------------------------------------------------- */

/* The initial rate of the model for the worst case at the worst price, not below what leverage
 * asks for. False if it is not known. */
static bool rate_of(const trd_case *c, uint64_t *out) {
    const trd_risk_market *market = c->market;
    if (market->model == 0 || c->seat.listing->has_mark == 0 ||
        (market->is_cash != 0 && c->worst < 0)) {
        return false;
    }
    uint64_t rate = market->rate_ppm;
    if (market->tiers > 1) {
        const trd_wide size = c->worst < 0 ? -c->worst : c->worst;
        const trd_amt notional = trd__value_up(c->seat.listing, c->px, (trd_qty)size);
        const trd_margin_model *model = trd__risk_model(c->risk, market->model);
        rate = trd__margin_tier_of(model, notional)->initial_ppm;
        rate = rate > market->lever_ppm ? rate : market->lever_ppm;
    }
    if (c->client->leverage != 0) {
        const uint32_t asked = trd__lever_ppm(c->client->leverage);
        rate = rate > asked ? rate : asked;
    }
    *out = rate;
    return rate <= 10 * TRD_RISK_PPM;
}

/* What a lot needs in a portfolio, whatever else is in it. False if it is not known. */
static bool per_lot_of(const trd_case *c, trd_amt *out) {
    if (c->market->array == 0 || !trd__is_followed(c->risk, c->ask->account)) {
        return false;
    }
    *out = trd__risk_array(c->risk, c->market->array)->per_lot[c->ask->side - TRD_BUY];
    return true;
}

/* A new hold, or the present one with other terms. */
static void find_hold(trd_case *c, uint8_t kind, uint32_t rate, trd_amt per_lot) {
    trd_acct_hold *hold = &c->hold;
    const trd_acct_hold *held = c->held;
    const bool goes_on = held != NULL && held->kind == kind && held->margin_ppm == rate &&
                         held->margin_per_lot == per_lot;
    if (goes_on) {
        memcpy(hold, held, offsetof(trd_acct_hold, missing));
    } else {
        memset(hold, 0, offsetof(trd_acct_hold, missing));
        hold->order = c->ask->order;
        hold->margin_ppm = rate;
        hold->margin_per_lot = per_lot;
        hold->kind = kind;
        hold->side = c->ask->side;
        trd__hold_rates(c->accounts, c->seat.listing, c->client, hold);
    }
    hold->px = c->px;
    hold->leaves = c->ask->qty;
    c->need.rehold = held != NULL && !goes_on;
}

/* Do all numbers keep their range with the order counted in? Fewer lots than it has always do. */
static bool fits(const trd_case *c) {
    const trd_qty more = c->ask->qty - c->own;
    if (more <= 0) {
        return true;
    }
    const trd_wide life = (trd_wide)c->ask->qty + (c->held != NULL ? c->held->executed : 0);
    return life < TRD_QTY_LIMIT && trd__is_amount(c->seat.listing->unit * life) &&
           trd__seat_limits(c->accounts, &c->seat, more, more) == TRD_OK;
}

/* What is held anew is looked at as a new order, also if it has fewer lots than before: proceeds of
 * executions may have brought a balance beyond what lets new orders in. */
static bool rehold_fits(const trd_case *c) {
    const trd_qty more = c->ask->qty - c->own;
    return trd__seat_limits(c->accounts, &c->seat, more, more) == TRD_OK;
}

static void find_amount(trd_case *c) {
    const trd_acct_listing *listing = c->seat.listing;
    trd_risk_need *need = &c->need;
    const trd_acct_hold *hold = &c->hold;
    if (!c->on_margin && hold->side == TRD_SELL) {
        need->charge = trd__mul(hold->leaves, listing->base);
        need->amount = need->charge;
    } else if (!c->on_margin) {
        const trd_amt price = trd__ceil_by(
            trd__gross(listing, hold->px, hold->leaves) - hold->rest, listing->denominator);
        need->charge = price + trd__charges_ahead(listing, hold, price);
        need->amount = need->charge;
    } else {
        need->charge =
            trd__has_open_cost(listing) ? trd__charges_ahead(listing, hold, c->notional) : 0;
        need->amount = need->charge + trd__hold_margin(hold, c->notional);
    }
    need->fits = trd__is_amount(need->amount) && (!need->rehold || rehold_fits(c));
}

static void find_need(trd_case *c) {
    const trd_acct_listing *listing = c->seat.listing;
    trd_risk_need *need = &c->need;
    const bool of_base = listing->kind == TRD_INSTRUMENT_SPOT && c->ask->side == TRD_SELL;
    const bool is_portfolio = c->client->mode == TRD_MODE_PORTFOLIO;
    uint64_t rate = 0;
    trd_amt per_lot = 0;
    need->asset = of_base ? listing->base_asset : listing->settle_asset;
    need->free = trd__purse(c->accounts, of_base ? c->seat.base : c->seat.settle)->free;
    need->own = c->held != NULL ? c->held->amount : 0;
    need->has_rate = !c->on_margin || c->reducing ||
                     (is_portfolio ? per_lot_of(c, &per_lot) : rate_of(c, &rate));
    if (!need->has_rate) {
        rate = 0;
    }
    find_hold(c, c->on_margin ? TRD_HOLD_MARGIN : TRD_HOLD_FULL, (uint32_t)rate, per_lot);
    find_amount(c);
}

static bool px_is_good(const trd_case *c) {
    return c->ask->has_px == 0 || trd__px_fits(c->seat.listing, c->ask->px);
}

void trd__case_terms(trd_case *c) {
    const trd_acct_listing *listing = c->seat.listing;
    c->on_margin = listing->kind != TRD_INSTRUMENT_SPOT &&
                   !(listing->kind == TRD_INSTRUMENT_OPTION && c->ask->side == TRD_BUY);
    find_worst(c);
    find_px(c);
    c->mask &= c->reducing ? ~REDUCING_PASSES : UINT32_MAX;
    c->mask &= c->ask->override != 0 ? ~OVERRIDE_PASSES : UINT32_MAX;
    const bool has_no_px = !c->has_px && c->ask->side == TRD_BUY;
    if (has_no_px || !px_is_good(c) || !fits(c)) {
        return; /* nothing can be computed; one of the checks will say so */
    }
    c->notional = trd__value_up(listing, c->px, c->ask->qty);
    c->has_value =
        c->has_px && trd__worth_up(c->accounts, listing->settle_asset, c->notional, &c->value);
    find_need(c);
}
