/* plain.h - the short way to a verdict that passes, for orders about which nothing is special:
 * nearly all of them.
 *
 * A new order with a limit, of an account that has its position and no limits of its own; what is
 * limited is limited for the firm or the instrument; it is paid in full, reduces, or needs margin
 * at one rate that stands on what is free. It goes through the same
 * checks as every order (risk.c, terms.h), straight on: each thing is looked up where it is needed
 * once, and the first that is not as usual ends it. The answer is then "not here", never a refusal:
 * the long way finds the reason, and knows everything else. So this may only be stricter than it,
 * and what it does not know (another mode, limit, scope) it must not take: the lists below name
 * what it does. prop_risk.c compares both ways. */
#ifndef TRD_RISK_PLAIN_H
#define TRD_RISK_PLAIN_H

#include "risk/check_collar.h"
#include "risk/terms.h"

_Static_assert(TRD_LIMIT_COUNT == 13, "the short way knows every limit");

/* Are all limits set where the short way looks: for the firm, the instrument, or an account, which
 * must have none? Where accounts have some, or arrays ask for records of portfolios, *looks is
 * true: the account is to be looked at. MESSAGES are counted elsewhere, and children of parent
 * orders do not come here. */
trd_inline bool trd__plain_limits(const trd_risk *risk, bool *looks) {
    enum {
        FIRM = 1 << (TRD_LIMIT_FIRM - 1),
        ACCOUNT = 1 << (TRD_LIMIT_ACCOUNT - 1),
        MARKET = 1 << (TRD_LIMIT_INSTRUMENT - 1)
    };
    static const uint8_t known[2 * sizeof(uint64_t)] = {[TRD_LIMIT_POSITION] = ACCOUNT | MARKET,
        [TRD_LIMIT_ORDER_QTY] = FIRM | ACCOUNT | MARKET,
        [TRD_LIMIT_ORDER_VALUE] = FIRM | ACCOUNT | MARKET,
        [TRD_LIMIT_OPEN_VALUE] = FIRM | ACCOUNT,
        [TRD_LIMIT_LEVERAGE] = ACCOUNT,
        [TRD_LIMIT_DAILY_LOSS] = FIRM | ACCOUNT,
        [TRD_LIMIT_MESSAGES] = UINT8_MAX,
        [TRD_LIMIT_COLLAR] = FIRM | MARKET,
        [TRD_LIMIT_EXECUTIONS] = ACCOUNT,
        [TRD_LIMIT_RESTRICTED] = MARKET,
        [TRD_LIMIT_PARENT_QTY] = UINT8_MAX};
    const uint64_t of_account = UINT64_MAX / UINT8_MAX * ACCOUNT; /* in each byte */
    uint64_t set[2] = {0};
    uint64_t good[2];
    memcpy(set, risk->scopes_of, sizeof(risk->scopes_of));
    memcpy(good, known, sizeof(good));
    *looks = (((set[0] | set[1]) & of_account) | risk->arrays) != 0;
    return ((set[0] & ~good[0]) | (set[1] & ~good[1])) == 0;
}

/* New, with a limit, and nothing else said; the side of the position goes with the account. */
trd_inline bool trd__plain_ask(const trd_ask *ask) {
    static const trd_ask plain = {.kind = TRD_ASK_NEW, .has_px = 1};
    static const trd_ask free = {.side = UINT8_MAX, .position = UINT8_MAX};
    uint64_t own;
    uint64_t good;
    uint64_t any;
    memcpy(&own, &ask->kind, sizeof(own));
    memcpy(&good, &plain.kind, sizeof(good));
    memcpy(&any, &free.kind, sizeof(any));
    return (own & ~any) == good && (uint8_t)(ask->side - TRD_BUY) < 2 && ask->reserved1 == 0 &&
           ask->bound == 0 && ask->qty > 0 && ask->parent == 0;
}

trd_inline bool trd__plain_client(
    const trd_risk *risk, const trd_ask *ask, const trd_acct_client *client) {
    return client->open != 0 && client->enabled != 0 && client->mode <= TRD_MODE_CROSS &&
           (trd__role_permissions(client->role) & TRD_MAY_CREATE_ORDERS) != 0 &&
           trd__side_fits(client, ask->position) &&
           trd__may(risk, ask->actor, ask->account, TRD_MAY_CREATE_ORDERS);
}

trd_inline bool trd__plain_market(
    const trd_acct_listing *listing, const trd_risk_market *market, const trd_ask *ask) {
    return market->is_disabled == 0 && trd__px_fits(listing, ask->px);
}

/* Is `measured` within the limit of the node, if it has one? */
trd_inline bool trd__plain_within(const trd_risk_node *node, unsigned limit, int64_t measured) {
    return !trd__has(node, limit) || trd_likely(measured <= trd__value_of_limit(node, limit));
}

/* Is the collar of the node, if it has one, not narrower than that? */
trd_inline bool trd__plain_apart(const trd_risk_node *node, trd_uwide away, uint64_t mark) {
    const uint64_t limit = (uint64_t)trd__value_of_limit(node, TRD_LIMIT_COLLAR);
    return !trd__has(node, TRD_LIMIT_COLLAR) || trd_likely(away <= (trd_uwide)limit * mark);
}

trd_inline bool trd__plain_collar(const trd_risk *risk, const trd_risk_market *market,
    const trd_acct_listing *listing, trd_px px) {
    if (((risk->firm.mask | market->node.mask) & trd__bit(TRD_LIMIT_COLLAR)) == 0) {
        return true;
    }
    const uint64_t mark = trd__magnitude(listing->mark);
    const trd_uwide away = (trd_uwide)trd__apart(px, listing->mark) * TRD_RISK_PPM;
    return listing->has_mark != 0 && trd__plain_apart(&risk->firm, away, mark) &&
           trd__plain_apart(&market->node, away, mark);
}

/* What a day has brought, without what is unrealised. Sums of a day are amounts: the difference of
 * two fits. */
trd_inline bool trd__plain_daily_loss(
    const trd_risk *risk, const trd_accounts *accounts, const trd_acct_client *client) {
    int64_t loss = 0;
    if (!trd__has(&risk->firm, TRD_LIMIT_DAILY_LOSS)) {
        return true;
    }
    if (client->day == accounts->day &&
        (client->unpriced != 0 ||
            __builtin_sub_overflow(client->charged - client->realised, client->funding, &loss))) {
        return false;
    }
    return risk->firm.with_unrealised == 0 &&
           loss < trd__value_of_limit(&risk->firm, TRD_LIMIT_DAILY_LOSS);
}

trd_inline bool trd__plain_open_value(const trd_risk_node *firm, trd_amt value) {
    return !trd__has(firm, TRD_LIMIT_OPEN_VALUE) ||
           (firm->unpriced == 0 &&
               firm->open_value + value <= trd__value_of_limit(firm, TRD_LIMIT_OPEN_VALUE));
}

/* trd__charges_ahead of an order that has not executed. */
trd_inline trd_wide trd__plain_charges(
    const trd_acct_listing *listing, const trd_acct_hold *rates, unsigned side, trd_amt basis) {
    int32_t rate = rates->maker_ppb > rates->taker_ppb ? rates->maker_ppb : rates->taker_ppb;
    rate = rate > 0 ? rate : 0;
    trd_wide all = trd__ceil_ppb_of(basis, rate, 0);
    for (unsigned k = 0; k < listing->tax_count; k++) {
        all += trd__ceil_ppb_of(basis, trd__tax_rate(listing, k, side), 0);
    }
    return all;
}

/* Is there room for what it brings on a later day? A seat of its own: who lets one be looked at
 * behind a call keeps it in memory. */
static trd_noinline bool trd__plain_room(
    const trd_accounts *accounts, const trd_ask *ask, uint32_t number) {
    const trd_acct_entry *entry = trd__entry(accounts, number);
    const trd_acct_seat seat = {.listing = trd__listed(accounts, ask->instrument),
        .purses = trd__purse(accounts, 0),
        .account = ask->account,
        .instrument = ask->instrument,
        .side = ask->position,
        .entry = number,
        .settle = entry->settle,
        .base = entry->base};
    return trd__seat_has_room(accounts, &seat, ask->side);
}

/* What has been found of an order that passes. */
typedef struct trd_plain {
    const trd_acct_listing *listing;
    uint32_t entry;
    uint32_t settle;
    uint32_t base;
    bool of_base; /* what is locked */
    bool reducing;
    uint32_t rate_ppm;
    trd_px px; /* worst */
    trd_amt value;
    trd_amt margin;
    trd_amt amount;
    trd_amt free;
    trd_acct_hold rates;
} trd_plain;

/* The limits of firm and instrument on the order itself, and on the position that it could lead
 * to. */
trd_inline bool trd__plain_is_limited(const trd_risk *risk, const trd_risk_market *market,
    const trd_ask *ask, const trd_plain *p, trd_qty worst) {
    const trd_risk_node *firm = &risk->firm;
    const trd_risk_node *own = &market->node;
    return !trd__plain_within(firm, TRD_LIMIT_ORDER_QTY, ask->qty) ||
           !trd__plain_within(firm, TRD_LIMIT_ORDER_VALUE, p->value) ||
           !trd__plain_open_value(firm, p->value) ||
           (own->mask != 0 && (trd__has(own, TRD_LIMIT_RESTRICTED) ||
                                  !trd__plain_within(own, TRD_LIMIT_ORDER_QTY, ask->qty) ||
                                  !trd__plain_within(own, TRD_LIMIT_ORDER_VALUE, p->value) ||
                                  !trd__plain_within(own, TRD_LIMIT_POSITION, worst)));
}

/* trd__value_up of what is paid in full: its price is never below zero
 * (trd_accounts_instrument_add). */
trd_inline trd_amt trd__plain_notional(const trd_acct_listing *listing, trd_px px, trd_qty qty) {
    int64_t value = 0;
    const bool fits = trd__product(px, qty, listing->numerator, &value);
    return trd_likely(fits && listing->denominator == 1) ? value : trd__value_up(listing, px, qty);
}

/* trd__worth_up, of what is worth its number first. */
trd_inline bool trd__plain_worth(
    const trd_accounts *accounts, uint32_t asset, trd_amt amount, trd_amt *out) {
    const trd_acct_asset *own = trd__asset(accounts, asset);
    if (trd_likely(own->numerator == 1 && own->denominator == 1)) {
        *out = amount;
        return amount < TRD_AMT_LIMIT;
    }
    return trd__worth_up(accounts, asset, amount, out);
}

/* The rate of the margin, trd__case_rate_of of one tier: false if it is not known, or something
 * besides decides. */
trd_inline bool trd__plain_rate(
    const trd_acct_client *client, const trd_risk_market *market, trd_plain *p) {
    if (p->reducing) {
        return true;
    }
    if (client->mode < TRD_MODE_FLAT || client->mode > TRD_MODE_ISOLATED || market->model == 0 ||
        market->tiers > 1 || market->is_cash != 0 || p->listing->has_mark == 0) {
        return false;
    }
    p->rate_ppm = market->rate_ppm;
    if (client->leverage != 0) {
        const uint32_t asked = trd__lever_ppm(client->leverage);
        p->rate_ppm = p->rate_ppm > asked ? p->rate_ppm : asked;
    }
    return p->rate_ppm <= 10 * TRD_RISK_PPM;
}

/* What it locks: margin and charges, the price and charges, or what is delivered. */
trd_inline trd_wide trd__plain_amount(
    const trd_ask *ask, trd_amt notional, bool on_margin, trd_plain *p) {
    const trd_acct_listing *listing = p->listing;
    if (on_margin) {
        const trd_wide margin = trd__ceil_ppm((trd_wide)notional * p->rate_ppm);
        p->margin = (trd_amt)margin; /* beyond what is free nothing is held */
        return trd__has_open_cost(listing)
                   ? margin + trd__plain_charges(listing, &p->rates, ask->side, notional)
                   : margin;
    }
    return p->of_base ? trd__mul(ask->qty, listing->base)
                      : notional + trd__plain_charges(listing, &p->rates, TRD_BUY, notional);
}

/* Where its price is worst: as trd__case_find_px. */
trd_inline trd_px trd__plain_px(const trd_acct_listing *listing, const trd_ask *ask) {
    const bool rises =
        ask->side == TRD_SELL && listing->has_mark != 0 && listing->kind != TRD_INSTRUMENT_INVERSE;
    return rises && listing->mark > ask->px ? listing->mark : ask->px;
}

/* Position, price, money: false if any of them is not as usual. */
trd_inline bool trd__plain_terms(const trd_risk *risk, const trd_accounts *accounts,
    const trd_ask *ask, const trd_acct_client *client, const trd_risk_market *market,
    bool on_margin, trd_plain *p) {
    const trd_acct_listing *listing = p->listing;
    const bool buys = ask->side == TRD_BUY;
    p->entry = trd__entry_near(accounts, client, ask->account, ask->instrument, ask->position);
    const trd_acct_entry *entry = trd__entry(accounts, p->entry);
    p->settle = entry->settle;
    p->base = entry->base;
    const trd_acct_seat seat = {.listing = listing,
        .purses = trd__purse(accounts, 0),
        .entry = p->entry,
        .settle = entry->settle,
        .base = entry->base};
    if (trd_unlikely(p->entry == 0 || !trd__seat_is_far(accounts, &seat, ask->qty)) ||
        (trd_unlikely(listing->settle_days != 0) && !trd__plain_room(accounts, ask, p->entry))) {
        return false;
    }
    /* What counts toward the side of the order: all numbers are below 2^58. */
    const trd_qty held = buys ? entry->qty : -entry->qty;
    const trd_qty worst = held + entry->open[ask->side - TRD_BUY] + ask->qty;
    p->reducing = trd__abs_qty(worst) <= trd__abs_qty(held);
    if (on_margin && !trd__plain_rate(client, market, p)) {
        return false;
    }
    p->px = trd__plain_px(listing, ask);
    const trd_amt notional = on_margin ? trd__value_up(listing, p->px, ask->qty)
                                       : trd__plain_notional(listing, p->px, ask->qty);
    if (trd_unlikely(!trd__plain_worth(accounts, listing->settle_asset, notional, &p->value)) ||
        trd_unlikely(trd__plain_is_limited(risk, market, ask, p, worst))) {
        return false;
    }
    trd__hold_rates(accounts, listing, client, &p->rates);
    const trd_wide amount = trd__plain_amount(ask, notional, on_margin, p);
    p->free = trd__purse(accounts, p->of_base ? p->base : p->settle)->free;
    p->amount = (trd_amt)amount;
    return trd_likely(amount <= p->free);
}

trd_inline void trd__plain_say(const trd_plain *p, trd_verdict *out) {
    out->reason = TRD_REJECT_NONE;
    out->scope = 0;
    out->reducing = p->reducing;
    out->rehold = 0;
    out->has_value = 1;
    out->measured = 0;
    out->limit = 0;
    out->value = p->value;
    out->need = p->amount;
    out->free_before = p->free;
    out->free_after = p->free - p->amount;
    out->asset = p->of_base ? p->listing->base_asset : p->listing->settle_asset;
    out->reserved = 0;
}

trd_inline void trd__plain_hold(
    const trd_ask *ask, const trd_plain *p, bool on_margin, trd_acct_grant *grant) {
    trd_acct_hold *hold = &grant->hold;
    trd__hold_clear(hold);
    hold->order = ask->order;
    hold->px = p->px;
    hold->leaves = ask->qty;
    hold->amount = p->amount;
    hold->entry = p->entry;
    hold->kind = on_margin ? TRD_HOLD_MARGIN : TRD_HOLD_FULL;
    hold->margin_ppm = p->rate_ppm;
    hold->margin = p->margin;
    hold->side = ask->side;
    hold->table = p->rates.table;
    hold->maker_ppb = p->rates.maker_ppb;
    hold->taker_ppb = p->rates.taker_ppb;
    grant->account = ask->account;
    grant->instrument = ask->instrument;
    grant->side = ask->position;
    grant->reserved = 0;
}

/* The checks of an order whose numbers are in range; `on_margin`, else it is paid in full: each has
 * code of its own. */
trd_inline bool trd__plain_passes(const trd_risk *risk, const trd_accounts *accounts,
    const trd_ask *ask, bool on_margin, trd_verdict *out, trd_acct_grant *grant) {
    const trd_acct_listing *listing = trd__listed(accounts, ask->instrument);
    const trd_acct_client *client = trd__client(accounts, ask->account);
    const trd_risk_market *market = trd__risk_market(risk, ask->instrument);
    trd_plain p = {.listing = listing,
        .of_base = listing->kind == TRD_INSTRUMENT_SPOT && ask->side == TRD_SELL};
    if (trd_unlikely(
            !trd__plain_client(risk, ask, client) || !trd__plain_market(listing, market, ask)) ||
        trd_unlikely(!trd__plain_collar(risk, market, listing, ask->px) ||
                     !trd__plain_daily_loss(risk, accounts, client) ||
                     !trd__plain_terms(risk, accounts, ask, client, market, on_margin, &p))) {
        return false;
    }
    trd__plain_say(&p, out);
    trd__plain_hold(ask, &p, on_margin, grant);
    return true;
}

static trd_noinline bool trd__plain_passes_on_margin(const trd_risk *risk,
    const trd_accounts *accounts, const trd_ask *ask, trd_verdict *out, trd_acct_grant *grant) {
    return trd__plain_passes(risk, accounts, ask, true, out, grant);
}

/* trd__risk_grant of an order that passes on the short way. False, and nothing was written, of any
 * other: ask again. */
trd_inline bool trd__plain_grant(const trd_risk *risk, const trd_accounts *accounts,
    const trd_ask *ask, trd_verdict *out, trd_acct_grant *grant) {
    bool looks;
    if (trd_unlikely(!trd__plain_ask(ask) || !trd__plain_limits(risk, &looks)) ||
        trd_unlikely(accounts->work.task != TRD_TASK_NONE) ||
        trd_unlikely(ask->account >= accounts->def.accounts_max ||
                     ask->account >= risk->def.accounts_max ||
                     ask->instrument >= accounts->listings ||
                     ask->instrument >= risk->def.instruments_max) ||
        (trd_unlikely(looks) &&
            (trd__risk_account(risk, ask->account)->mask & ~trd__bit(TRD_LIMIT_MESSAGES)) != 0)) {
        return false;
    }
    const unsigned kind = trd__listed(accounts, ask->instrument)->kind;
    return trd_likely(kind == TRD_INSTRUMENT_SPOT) ||
                   (kind == TRD_INSTRUMENT_OPTION && ask->side == TRD_BUY)
               ? trd__plain_passes(risk, accounts, ask, false, out, grant)
               : trd__plain_passes_on_margin(risk, accounts, ask, out, grant);
}

#endif
