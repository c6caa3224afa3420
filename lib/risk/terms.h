/* terms.h - what the checks need to know of an order, each thing looked up once. Inline, and with
 * `is_new` known: of a new order, which is what nearly all are, nothing is held yet, and all that
 * would depend on that falls away. */
#ifndef TRD_RISK_TERMS_H
#define TRD_RISK_TERMS_H

#include "risk/case.h"

#include <string.h>

#include "acct/margin.h"
#include "acct/value.h"
#include "risk/portfolio.h"

/* Limits that a reducing order is not asked about, and those that an override passes over. */
#define TRD_RISK_REDUCING_PASSES                                                                   \
    (trd__bit(TRD_LIMIT_RESTRICTED) | trd__bit(TRD_RISK_LATCHED) | trd__bit(TRD_LIMIT_POSITION) |  \
        trd__bit(TRD_LIMIT_OPEN_VALUE) | trd__bit(TRD_LIMIT_LEVERAGE) |                            \
        trd__bit(TRD_LIMIT_DAILY_LOSS))
#define TRD_RISK_OVERRIDE_PASSES                                                                   \
    (trd__bit(TRD_LIMIT_COLLAR) | trd__bit(TRD_LIMIT_ORDER_QTY) |                                  \
        trd__bit(TRD_LIMIT_ORDER_VALUE) | trd__bit(TRD_LIMIT_REPEATED) |                           \
        trd__bit(TRD_RISK_LATCHED) | trd__bit(TRD_LIMIT_POSITION) |                                \
        trd__bit(TRD_LIMIT_OPEN_VALUE) | trd__bit(TRD_LIMIT_LEVERAGE) |                            \
        trd__bit(TRD_LIMIT_DAILY_LOSS))

/* --- where it acts ---------------------------------------------------------------------------- */

trd_inline bool trd__case_has_instrument(const trd_case *c) {
    return c->ask->instrument < c->accounts->listings &&
           c->ask->instrument < c->risk->def.instruments_max;
}

trd_inline bool trd__case_has_account(const trd_case *c) {
    return trd__is_open(c->accounts, c->ask->account) &&
           c->ask->account < c->risk->def.accounts_max;
}

/* Of pairs, actors and tags nothing is looked up where none of them has limits. */
trd_inline void trd__case_find_nodes(trd_case *c) {
    const trd_risk *risk = c->risk;
    const trd_ask *ask = c->ask;
    c->mask = risk->limits;
    c->nodes[TRD_LIMIT_FIRM - 1] = &risk->firm;
    c->nodes[TRD_LIMIT_ACCOUNT - 1] = trd__risk_account(risk, ask->account);
    c->nodes[TRD_LIMIT_INSTRUMENT - 1] = &c->market->node;
    if (trd_unlikely(risk->pool_map.count != 0)) {
        c->nodes[TRD_LIMIT_PAIR - 1] = trd__pair_node(risk, ask->account, ask->instrument);
        c->nodes[TRD_LIMIT_ACTOR - 1] = trd__actor_node(risk, ask->actor);
        c->nodes[TRD_LIMIT_TAG - 1] = trd__tag_node(risk, ask->tag);
    }
}

trd_inline uint32_t trd__case_place(trd_case *c) {
    if (trd__case_has_account(c)) {
        c->client = trd__client(c->accounts, c->ask->account);
        if (!trd__side_fits(c->client, c->ask->position)) {
            return TRD_REJECT_BAD_COMBINATION;
        }
    }
    if (!trd__case_has_instrument(c)) {
        return TRD_REJECT_UNKNOWN_INSTRUMENT;
    }
    if (c->client == NULL) {
        return TRD_REJECT_UNKNOWN_ACCOUNT;
    }
    c->market = trd__risk_market(c->risk, c->ask->instrument);
    trd__seat_fill(c->accounts, c->ask->account, c->ask->instrument, c->ask->position, &c->seat);
    c->entry = trd__entry(c->accounts, c->seat.entry);
    trd__case_find_nodes(c);
    return TRD_REJECT_NONE;
}

/* --- what it could come to -------------------------------------------------------------------- */

trd_inline trd_px trd__case_within(const trd_acct_listing *listing, trd_px px) {
    return px < listing->px_min ? listing->px_min : px > listing->px_max ? listing->px_max : px;
}

/* Where the order of a seller is worth most: at its limit or bound, or at the mark above it. What
 * an inverse contract is worth falls as its price rises: there the mark does not make it more. */
trd_inline void trd__case_seller_px(trd_case *c, const trd_acct_listing *listing) {
    const trd_ask *ask = c->ask;
    const bool is_named = ask->has_px != 0 || ask->has_bound != 0;
    const bool is_inverse = listing->kind == TRD_INSTRUMENT_INVERSE;
    c->px = !is_named ? listing->px_min
                      : trd__case_within(listing, ask->has_px != 0 ? ask->px : ask->bound);
    c->has_px = ask->has_px != 0 || (is_inverse && is_named);
    if (listing->has_mark != 0) {
        c->has_px = true;
        if (!is_named || (!is_inverse && listing->mark > c->px)) {
            c->px = listing->mark;
        }
    }
}

trd_inline void trd__case_find_px(trd_case *c) {
    const trd_ask *ask = c->ask;
    const trd_acct_listing *listing = c->seat.listing;
    if (ask->side == TRD_SELL) {
        trd__case_seller_px(c, listing);
        return;
    }
    c->has_px = ask->has_px != 0 || ask->has_bound != 0;
    c->px = trd__case_within(listing, ask->has_px != 0 ? ask->px : ask->bound);
}

/* What the order holds now; a new one nothing. */
trd_inline const trd_acct_hold *trd__case_held(const trd_case *c, bool is_new) {
    return is_new ? NULL : c->held;
}

/* The position if this order and all held ones of its side execute. Lots of an entry are below
 * 2^62 all together, so that 64 bits hold it for every order that could pass. */
trd_inline void trd__case_find_worst(trd_case *c, bool is_new) {
    const bool buys = c->ask->side == TRD_BUY;
    const trd_qty qty = c->entry->qty;
    const trd_acct_hold *held = trd__case_held(c, is_new);
    c->own = held != NULL ? held->leaves : 0;
    const trd_qty others = c->entry->open[c->ask->side - TRD_BUY] - c->own +
                           (is_new ? 0 : c->beside->lots[c->ask->position]);
    if (trd_likely(c->ask->qty < TRD_QTY_LIMIT)) {
        const trd_qty open = others + c->ask->qty;
        c->worst = buys ? qty + open : qty - open;
        c->reducing = trd__abs_qty(c->worst) <= trd__abs_qty(qty);
    } else {
        const trd_wide open = (trd_wide)others + c->ask->qty;
        const trd_wide worst = buys ? qty + open : qty - open;
        c->worst = 0; /* too many lots: nobody asks for it */
        c->reducing = (worst < 0 ? -worst : worst) <= trd__abs_qty(qty);
    }
    c->reducing |= c->ask->reduce_only != 0;
}

/* --- what it would lock ----------------------------------------------------------------------- */

/* What one lot holds in a portfolio, whatever else is in it. False if it is not known. */
trd_inline bool trd__case_per_lot(trd_case *c) {
    if (c->market->array == 0 || !trd__is_followed(c->risk, c->ask->account)) {
        return false;
    }
    c->need.per_lot = trd__risk_array(c->risk, c->market->array)->per_lot[c->ask->side - TRD_BUY];
    return true;
}

/* The initial rate of the model for the worst case at the worst price, not below what leverage
 * asks for; of a portfolio what a lot needs, and no rate. False if it is not known. */
static trd_noinline bool trd__case_rate_of(trd_case *c, uint64_t *out) {
    const trd_risk_market *market = c->market;
    if (trd_unlikely(c->client->mode == TRD_MODE_PORTFOLIO)) {
        return trd__case_per_lot(c);
    }
    if (market->model == 0 || c->seat.listing->has_mark == 0 ||
        (market->is_cash != 0 && c->worst < 0)) {
        return false;
    }
    uint64_t rate = market->rate_ppm;
    if (market->tiers > 1) {
        const trd_amt notional = trd__value_up(c->seat.listing, c->px, trd__abs_qty(c->worst));
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

/* A new hold, or the present one with other terms. */
trd_inline void trd__case_find_hold(trd_case *c, bool is_new, uint8_t kind, uint32_t rate) {
    trd_acct_hold *hold = &c->grant->hold;
    const trd_acct_hold *held = trd__case_held(c, is_new);
    const bool goes_on = held != NULL && held->kind == kind && held->margin_ppm == rate &&
                         held->margin_per_lot == c->need.per_lot;
    if (goes_on) {
        memcpy(hold, held, offsetof(trd_acct_hold, missing));
    } else {
        trd__hold_clear(hold);
        hold->order = c->ask->order;
        hold->margin_ppm = rate;
        hold->margin_per_lot = c->need.per_lot;
        hold->kind = kind;
        hold->side = c->ask->side;
        trd__hold_rates(c->accounts, c->seat.listing, c->client, hold);
    }
    if (!is_new && c->beside->budget != 0) {
        hold->margin_per_lot = c->beside->budget;
    }
    hold->px = c->px;
    hold->leaves = c->ask->qty;
    hold->entry = c->seat.entry;
    c->need.rehold = held != NULL && !goes_on;
}

/* Do all numbers keep their range with the order counted in? Fewer lots than it has always do. The
 * worth of a new one is among what trd__seat_is_far looks at. */
static trd_noinline bool trd__case_fits_exactly(const trd_case *c, trd_qty more) {
    const trd_wide life = (trd_wide)c->ask->qty + (c->held != NULL ? c->held->executed : 0);
    return life < TRD_QTY_LIMIT && trd__is_amount(c->seat.listing->unit * life) &&
           trd__seat_fits(c->accounts, &c->seat, more);
}

trd_inline bool trd__case_fits(const trd_case *c, bool is_new) {
    const trd_qty more = c->ask->qty - c->own;
    if (is_new ? trd_likely(trd__seat_is_far(c->accounts, &c->seat, more)) : more <= 0) {
        return true;
    }
    return trd__case_fits_exactly(c, is_new ? more : more + c->beside->all);
}

/* What is held anew is looked at as a new order, also if it has fewer lots than before: proceeds of
 * executions may have brought a balance beyond what lets new orders in. */
trd_inline bool trd__case_rehold_fits(const trd_case *c) {
    const trd_qty more = c->ask->qty - c->own;
    return trd__seat_limits(c->accounts, &c->seat, more, more) == TRD_OK;
}

/* Margin, and what goes with it. */
static trd_noinline trd_wide trd__case_margin(trd_case *c, trd_wide *charge) {
    const trd_acct_listing *listing = c->seat.listing;
    trd_acct_hold *hold = &c->grant->hold;
    const trd_wide margin = trd__hold_margin(hold, c->notional);
    *charge = trd__has_open_cost(listing) ? trd__charges_ahead(listing, hold, c->notional) : 0;
    hold->margin = (trd_amt)margin; /* beyond every amount nothing is held */
    return *charge + margin;
}

/* Does the balance keep its range, where more than is free may be locked? */
static trd_noinline bool trd__case_lock_fits(const trd_case *c) {
    const trd_risk_need *need = &c->need;
    const trd_wide more = (trd_wide)need->amount - need->own;
    if (c->held != NULL && !need->rehold && more <= 0) {
        return true;
    }
    const trd_wide lots = (trd_wide)c->ask->qty - c->own + c->beside->all;
    return trd__lock_fits(
        &c->seat.purses[c->seat.settle], more + c->beside->amount, lots * c->seat.listing->unit);
}

trd_inline void trd__case_find_amount(trd_case *c) {
    const trd_acct_listing *listing = c->seat.listing;
    trd_risk_need *need = &c->need;
    trd_acct_hold *hold = &c->grant->hold;
    trd_wide charge;
    trd_wide amount;
    if (c->on_margin) {
        amount = trd__case_margin(c, &charge);
    } else if (c->ask->side == TRD_SELL) {
        charge = trd__mul(c->ask->qty, listing->base);
        amount = charge;
    } else {
        const trd_amt price = trd__hold_price(listing, hold, c->notional);
        charge = price + trd__charges_ahead(listing, hold, price);
        amount = charge;
    }
    /* What is charged is a part of the amount, or all of it. */
    need->fits = trd__is_amount(amount) && (!need->rehold || trd__case_rehold_fits(c));
    need->charge = (trd_amt)charge;
    need->amount = (trd_amt)amount;
    hold->amount = (trd_amt)amount;
    if (trd_unlikely(c->client->mode == TRD_MODE_MULTI) && c->on_margin && need->fits) {
        need->fits = trd__case_lock_fits(c);
    }
}

trd_inline void trd__case_find_need(trd_case *c, bool is_new) {
    const trd_acct_listing *listing = c->seat.listing;
    const trd_acct_hold *held = trd__case_held(c, is_new);
    trd_risk_need *need = &c->need;
    const bool of_base = listing->kind == TRD_INSTRUMENT_SPOT && c->ask->side == TRD_SELL;
    uint64_t rate = 0;
    need->asset = of_base ? listing->base_asset : listing->settle_asset;
    need->free = c->seat.purses[of_base ? c->seat.base : c->seat.settle].free -
                 (is_new ? 0 : c->beside->amount);
    need->own = held != NULL ? held->amount : 0;
    need->has_rate = !c->on_margin || c->reducing || trd__case_rate_of(c, &rate);
    if (!need->has_rate) {
        rate = 0;
    }
    trd__case_find_hold(c, is_new, c->on_margin ? TRD_HOLD_MARGIN : TRD_HOLD_FULL, (uint32_t)rate);
    trd__case_find_amount(c);
}

trd_inline bool trd__case_px_is_good(const trd_case *c) {
    return c->ask->has_px == 0 || trd__px_fits(c->seat.listing, c->ask->px);
}

trd_inline void trd__case_terms(trd_case *c, bool is_new) {
    const trd_acct_listing *listing = c->seat.listing;
    c->on_margin = listing->kind != TRD_INSTRUMENT_SPOT &&
                   !(listing->kind == TRD_INSTRUMENT_OPTION && c->ask->side == TRD_BUY);
    trd__case_find_worst(c, is_new);
    trd__case_find_px(c);
    c->mask &= c->reducing ? ~TRD_RISK_REDUCING_PASSES : UINT32_MAX;
    c->mask &= c->ask->override != 0 ? ~TRD_RISK_OVERRIDE_PASSES : UINT32_MAX;
    const bool has_no_px = !c->has_px && c->ask->side == TRD_BUY;
    if (has_no_px || !trd__case_px_is_good(c) || !trd__case_fits(c, is_new)) {
        return; /* nothing can be computed; one of the checks will say so */
    }
    c->notional = trd__value_up(listing, c->px, c->ask->qty);
    if (!is_new && c->beside->budget != 0 && c->notional > c->beside->budget) {
        c->notional = c->beside->budget;
    }
    c->has_value =
        c->has_px && trd__worth_up(c->accounts, listing->settle_asset, c->notional, &c->value);
    trd__case_find_need(c, is_new);
}

#endif
