/* naive_acct_execute.c - executions: see naive_acct_model.h. Each leg becomes an order of the list,
 * one that holds or one that lives for this call alone; from there on they are alike. */
#include "naive_acct_model.h"

#include <string.h>

typedef struct side_of {
    bool outside;
    unsigned side;
    trd_leg leg;
    trd_order key; /* of its order in the list */
    wide gets;     /* F */
} side_of;

/* Handles of orders that live for one call: no hold has one. */
enum { KEY_BUYER = 1, KEY_SELLER = 2 };
static trd_order temporary(unsigned side) {
    return (trd_order)(side == TRD_BUY ? KEY_BUYER : KEY_SELLER) << 32;
}

static naive_order *order_of(naive_acct *m, const side_of *s) {
    return naive_find_order(m, s->key);
}

/* --- Checks ------------------------------------------------------------------------------------
 */

static unsigned check_held_leg(naive_acct *m, const trd_execution *x, const side_of *s) {
    const naive_order *o = naive_find_order(m, s->leg.order);
    if (o == NULL || (uint32_t)s->leg.order == 0) {
        return NAIVE_CODE(TRD_E_UNKNOWN);
    }
    const trd_hold *h = &o->terms;
    const bool other = h->account != s->leg.account || h->position != s->leg.position ||
                       h->instrument != x->instrument || h->side != s->side;
    const bool worse = s->side == TRD_BUY && x->px > h->px;
    return naive_if(other, TRD_E_ARG) |
           naive_if(o->leaves < x->qty || (worse && h->kind != TRD_HOLD_NOTHING), TRD_E_RANGE);
}

static unsigned check_leg(naive_acct *m, const trd_execution *x, const side_of *s) {
    const trd_leg *leg = &s->leg;
    if (s->outside) {
        return naive_if(leg->order != 0 || leg->position != 0 || leg->liquidity != 0 ||
                            leg->free_of_fees != 0 || leg->reserved != 0,
            TRD_E_ARG);
    }
    unsigned codes =
        naive_if(leg->position > TRD_POSITION_SHORT || leg->liquidity > TRD_LIQUIDITY_AUCTION ||
                     leg->free_of_fees > 1 || leg->reserved != 0,
            TRD_E_ARG);
    if (!naive_account_is_open(m, leg->account)) {
        codes |= NAIVE_CODE(TRD_E_UNKNOWN);
    } else {
        codes |= naive_check_position_side(m, leg->account, leg->position);
    }
    return codes | (leg->order != 0 ? check_held_leg(m, x, s) : 0);
}

static unsigned check_execution(naive_acct *m, const trd_execution *x) {
    unsigned codes = naive_if(x->qty <= 0 || x->reserved != 0, TRD_E_ARG);
    if (x->instrument >= m->now.instruments) {
        return codes | NAIVE_CODE(TRD_E_UNKNOWN);
    }
    const trd_instrument *spec = &m->now.instrument[x->instrument].spec;
    return codes | naive_if(x->px < spec->px_min || x->px > spec->px_max, TRD_E_ARG);
}

/* Finds the order of a leg, or makes one of which nothing is held. */
static void enter_leg(naive_acct *m, const trd_execution *x, side_of *s) {
    if (s->outside) {
        return;
    }
    s->key = s->leg.order;
    if (s->leg.order == 0) {
        const trd_hold hold = {.order = temporary(s->side),
            .account = s->leg.account,
            .instrument = x->instrument,
            .side = (uint8_t)s->side,
            .position = s->leg.position,
            .kind = TRD_HOLD_NOTHING,
            .px = x->px,
            .qty = x->qty};
        s->key = hold.order;
        naive_add_order(m, &hold);
    }
}

/* --- F -----------------------------------------------------------------------------------------
 */

static wide gets(naive_acct *m, const trd_execution *x, const side_of *s) {
    const naive_instrument *it = &m->now.instrument[x->instrument];
    const naive_order *o = order_of(m, s);
    if (it->spec.kind == TRD_INSTRUMENT_INVERSE) {
        return naive_worth(it, s->side == TRD_BUY ? 1 : -1, x->px, x->qty);
    }
    const int sign = s->side == TRD_BUY ? -1 : 1;
    const wide after = o->value + (wide)x->px * x->qty;
    return naive_worth(it, sign, after, 1) - naive_worth(it, sign, o->value, 1);
}

static void all_gets(naive_acct *m, const trd_execution *x, side_of side[2]) {
    for (int i = 0; i < 2; i++) {
        side[i].gets = side[i].outside ? 0 : gets(m, x, &side[i]);
    }
    for (int i = 0; i < 2; i++) {
        if (side[i].outside) {
            side[i].gets = -side[1 - i].gets;
        }
    }
}

/* --- What is due -------------------------------------------------------------------------------
 */

typedef struct dues {
    wide fee;
    wide tax[TRD_TAXES_MAX];
    wide rebate;
} dues;

static wide rounded_up(wide sum) {
    return wide_ceil((quotient){{sum, 1, 1}, {TRD_RATE_ONE, 1, 1}});
}

/* Takes what is due from what a seller got, if there is a limit at all. */
static wide charged(naive_acct *m, naive_order *o, bool limited, wide *room, wide due) {
    const wide out = limited ? wide_min(due, *room) : due;
    *room -= out;
    if (out < due) {
        m->seen |= NAIVE_SEEN_CAPPED;
        o->missing = true;
    }
    return out;
}

/* Adds the execution to the sums of the order, and says what is charged now. */
static dues add_to_sums(naive_acct *m, naive_order *o, const trd_execution *x, const side_of *s) {
    const naive_instrument *it = &m->now.instrument[x->instrument];
    const bool limited = s->side == TRD_SELL && !naive_is_derivative(it);
    const wide size = wide_abs(s->gets);
    dues d = {0};
    o->value += (wide)x->px * x->qty;
    o->moved += s->gets;
    o->executed += x->qty;
    o->leaves -= x->qty;
    if (s->leg.free_of_fees) {
        m->seen |= NAIVE_SEEN_FREE_OF_FEES;
        return d;
    }
    const bool missed = o->missing;
    const int32_t rate = s->leg.liquidity == TRD_LIQUIDITY_MAKER ? o->maker_ppb : o->taker_ppb;
    o->basis += size;
    o->fee_sum += rate >= 0 ? rate * size : 0;
    o->rebate_sum += rate < 0 ? -rate * size : 0;

    wide room = s->gets;
    o->missing = false;
    d.fee = charged(m, o, limited, &room, rounded_up(o->fee_sum) - o->fees_charged);
    o->fees_charged += d.fee;
    for (unsigned k = 0; k < it->terms.tax_count; k++) {
        const wide tax_rate =
            s->side == TRD_BUY ? it->terms.taxes[k].buyer_ppb : it->terms.taxes[k].seller_ppb;
        d.tax[k] =
            charged(m, o, limited, &room, rounded_up(tax_rate * o->basis) - o->tax_charged[k]);
        o->tax_charged[k] += d.tax[k];
    }
    d.rebate = wide_floor((quotient){{o->rebate_sum, 1, 1}, {TRD_RATE_ONE, 1, 1}}) - o->rebate_paid;
    o->rebate_paid += d.rebate;
    m->seen |= missed && !o->missing ? NAIVE_SEEN_CAUGHT_UP : 0;
    m->seen |= o->missing && o->leaves == 0 ? NAIVE_SEEN_WAIVED : 0;
    return d;
}

/* --- A side ------------------------------------------------------------------------------------
 */

typedef struct work {
    naive_acct *m;
    const trd_execution *x;
    const side_of *s;
    const naive_instrument *it;
    naive_order *o;
    naive_position *p;
    wide closes;
    wide opens;
    bool held; /* FULL or MARGIN: principal has no cause */
} work;

static void post(const work *w, uint32_t asset, wide amount, uint16_t entry, uint32_t counter,
    uint32_t cause, unsigned days) {
    naive_post(w->m, (naive_posting){.account = w->s->leg.account,
                         .asset = asset,
                         .amount = amount,
                         .entry = entry,
                         .counter = counter,
                         .cause = cause,
                         .days = days});
}

/* What the position realises by this execution; it changes. */
static wide move_position(const work *w) {
    naive_position *p = w->p;
    const wide f = w->s->gets;
    const wide closing_flow = wide_floor((quotient){{f, w->closes, 1}, {w->x->qty, 1, 1}});
    const wide lots = wide_abs(p->qty);
    const wide cost_out =
        lots == 0 ? 0 : wide_floor((quotient){{p->cost, w->closes, 1}, {lots, 1, 1}});
    if (w->closes > 0 && w->opens > 0) {
        w->m->seen |= NAIVE_SEEN_FLIP;
        w->m->seen |= f * w->closes % w->x->qty != 0 ? NAIVE_SEEN_FLOW_REMAINDER : 0;
    }
    w->m->seen |=
        lots > 0 && cost_out * lots != p->cost * w->closes ? NAIVE_SEEN_COST_REMAINDER : 0;
    p->realised += closing_flow - cost_out;
    p->cost += -cost_out - (f - closing_flow);
    p->qty += w->s->side == TRD_BUY ? w->x->qty : -w->x->qty;
    return closing_flow - cost_out;
}

static void principal(const work *w, wide realised) {
    const uint32_t unheld = w->held ? 0 : TRD_SHORT_UNHELD;
    const uint32_t settle = w->it->spec.settle_asset;
    const unsigned days = w->it->terms.settle_days;
    if (naive_is_derivative(w->it)) {
        post(w, settle, realised, NAIVE_REALISED, TRD_ACCOUNT_CLEARING, TRD_SHORT_LOSS, 0);
        return;
    }
    post(w, settle, w->s->gets, NAIVE_PRINCIPAL, TRD_ACCOUNT_CLEARING, unheld,
        w->s->gets > 0 ? days : 0);
    if (w->it->spec.kind == TRD_INSTRUMENT_SPOT) {
        const wide base = w->x->qty * w->it->base_per_lot;
        const bool buys = w->s->side == TRD_BUY;
        post(w, w->it->spec.base_asset, buys ? base : -base, NAIVE_DELIVERY, TRD_ACCOUNT_CLEARING,
            unheld, buys ? days : 0);
    }
}

/* The fee in the asset of pays_in, 0 if it is not paid there. */
static wide other_fee(const work *w, wide fee) {
    if (fee == 0 || w->o->pays_in == 0) {
        return 0;
    }
    const naive_asset *in = &w->m->now.asset[w->o->pays_in - 1];
    const naive_asset *of = &w->m->now.asset[w->it->spec.settle_asset];
    if (!in->priced || !of->priced) {
        return 0;
    }
    const wide less =
        wide_ceil((quotient){{fee, NAIVE_MILLION - w->o->discount_ppm, 1}, {NAIVE_MILLION, 1, 1}});
    const wide x = wide_ceil(
        (quotient){{less, of->numerator, in->denominator}, {of->denominator, in->numerator, 1}});
    const naive_balance *b = naive_find_balance(w->m, w->s->leg.account, w->o->pays_in - 1);
    if (b == NULL || b->free < x) {
        w->m->seen |= NAIVE_SEEN_PAYS_IN_REFUSED;
        return 0;
    }
    w->m->seen |= NAIVE_SEEN_PAYS_IN;
    return x;
}

/* Days of what a seller's charges are taken out of. */
static unsigned charge_days(const work *w) {
    return w->s->side == TRD_SELL ? w->it->terms.settle_days : 0;
}

static void post_fee(const work *w, uint32_t asset, wide fee, unsigned days) {
    naive_posting p = {.account = w->s->leg.account,
        .asset = asset,
        .entry = NAIVE_FEE,
        .counter = TRD_ACCOUNT_FEES,
        .cause = TRD_SHORT_FEES,
        .days = days};
    const wide closing = wide_floor((quotient){{fee, w->closes, 1}, {w->x->qty, 1, 1}});
    const bool split = w->closes > 0 && w->opens > 0;
    p.part = split ? 1 : 0;
    p.amount = -closing;
    naive_post(w->m, p);
    p.part = split ? 2 : 0;
    p.amount = -(fee - closing);
    naive_post(w->m, p);
}

static void charge(const work *w, const dues *d) {
    trd_amt *sum = &w->m->now.account[w->s->leg.account].activity.fees;
    const uint32_t settle = w->it->spec.settle_asset;
    const wide other = other_fee(w, d->fee);
    const uint32_t asset = other > 0 ? w->o->pays_in - 1 : settle;
    const wide fee = other > 0 ? other : d->fee;
    post_fee(w, asset, fee, other > 0 ? 0 : charge_days(w));
    naive_count(w->m, w->s->leg.account, sum, asset, fee);
    w->p->fees += d->fee;
    for (unsigned k = 0; k < w->it->terms.tax_count; k++) {
        post(w, settle, -d->tax[k], NAIVE_TAX, TRD_ACCOUNT_TAXES, TRD_SHORT_FEES, charge_days(w));
        naive_count(w->m, w->s->leg.account, sum, settle, d->tax[k]);
        w->p->fees += d->tax[k];
    }
    post(w, settle, d->rebate, NAIVE_REBATE, TRD_ACCOUNT_REBATES, 0, 0);
    naive_count(w->m, w->s->leg.account, sum, settle, -d->rebate);
    w->p->fees -= d->rebate;
    w->m->seen |= d->rebate > 0 ? NAIVE_SEEN_REBATE : 0;
}

static void move_collateral(const work *w, wide lots_before, wide margin_before) {
    const uint32_t account = w->s->leg.account;
    const uint32_t settle = w->it->spec.settle_asset;
    if (lots_before > 0) {
        const wide back =
            wide_floor((quotient){{w->p->collateral, w->closes, 1}, {lots_before, 1, 1}});
        w->m->seen |= back > 0 ? NAIVE_SEEN_COLLATERAL_BACK : 0;
        naive_post_locked(w->m, account, settle, back, &w->p->collateral);
    }
    if (w->m->now.account[account].terms.mode >= TRD_MODE_PORTFOLIO) {
        return;
    }
    const wide gone = margin_before - naive_margin(w->m, w->o, w->o->leaves);
    const wide all = wide_floor((quotient){{gone, w->opens, 1}, {w->x->qty, 1, 1}});
    const wide has = wide_max(naive_use_balance(w->m, account, settle)->free, 0);
    const wide lock = wide_min(all, has);
    w->m->seen |= lock > 0 ? NAIVE_SEEN_COLLATERAL : 0;
    w->m->seen |= lock < all ? NAIVE_SEEN_COLLATERAL_CUT : 0;
    naive_post_locked(w->m, account, settle, -lock, &w->p->collateral);
}

static void book_account(naive_acct *m, const trd_execution *x, const side_of *s) {
    work w = {.m = m, .x = x, .s = s, .it = &m->now.instrument[x->instrument]};
    w.o = order_of(m, s);
    w.p = naive_find_position(m, s->leg.account, x->instrument, s->leg.position);
    w.held = w.o->terms.kind != TRD_HOLD_NOTHING;
    const wide lots_before = wide_abs(w.p->qty);
    const bool against = s->side == TRD_BUY ? w.p->qty < 0 : w.p->qty > 0;
    w.closes = against ? wide_min(x->qty, lots_before) : 0;
    w.opens = x->qty - w.closes;
    const wide margin_before = naive_margin(m, w.o, w.o->leaves);

    const dues d = add_to_sums(m, w.o, x, s);
    naive_shrink_hold(m, w.o);
    const wide realised = move_position(&w);
    principal(&w, realised);
    charge(&w, &d);
    move_collateral(&w, lots_before, margin_before);
    naive_position_event(m, w.p);

    trd_activity *a = &m->now.account[s->leg.account].activity;
    a->executions++;
    naive_count(m, s->leg.account, &a->volume, w.it->spec.settle_asset, wide_abs(s->gets));
    naive_count(m, s->leg.account, &a->realised, w.it->spec.settle_asset, realised);
    naive_forget_causes(m, s->leg.account);
    if (w.o->leaves == 0) {
        naive_remove_order(m, w.o);
    }
}

static void book_outside(naive_acct *m, const trd_execution *x, const side_of *s) {
    const naive_instrument *it = &m->now.instrument[x->instrument];
    m->seen |= NAIVE_SEEN_OUTSIDE;
    naive_post(m, (naive_posting){.account = TRD_ACCOUNT_OUTSIDE,
                      .asset = it->spec.settle_asset,
                      .amount = s->gets,
                      .entry = NAIVE_PRINCIPAL,
                      .counter = TRD_ACCOUNT_CLEARING});
    if (it->spec.kind == TRD_INSTRUMENT_SPOT) {
        const wide base = x->qty * it->base_per_lot;
        naive_post(m, (naive_posting){.account = TRD_ACCOUNT_OUTSIDE,
                          .asset = it->spec.base_asset,
                          .amount = s->side == TRD_BUY ? base : -base,
                          .entry = NAIVE_DELIVERY,
                          .counter = TRD_ACCOUNT_CLEARING});
    }
}

/* --- The call ----------------------------------------------------------------------------------
 */

static unsigned enter_legs(naive_acct *m, const trd_execution *x, side_of side[2]) {
    enter_leg(m, x, &side[0]);
    enter_leg(m, x, &side[1]);
    unsigned codes = 0;
    for (int i = 0; i < 2; i++) {
        if (!side[i].outside && side[i].leg.order == 0) {
            codes |= naive_order_limits(m, order_of(m, &side[i])) | naive_room(m);
        } else if (side[i].outside) {
            const wide after = naive_outside(m, x->instrument) + (i == 0 ? x->qty : -(wide)x->qty);
            codes |= naive_if(wide_abs(after) >= NAIVE_LIMIT, TRD_E_RANGE);
        }
    }
    return codes;
}

unsigned naive_acct_execute(naive_acct *m, const trd_execution *x) {
    unsigned codes = naive_begin(m, true);
    side_of side[2] = {{.side = TRD_BUY, .leg = x->buyer}, {.side = TRD_SELL, .leg = x->seller}};
    codes |= check_execution(m, x);
    for (int i = 0; i < 2; i++) {
        side[i].outside = side[i].leg.account == TRD_ACCOUNT_OUTSIDE;
        codes |= check_leg(m, x, &side[i]);
    }
    codes |= naive_if(side[0].outside && side[1].outside, TRD_E_ARG);
    if (codes == 0) {
        codes |= enter_legs(m, x, side);
    }
    if (codes != 0) {
        return naive_end(m, codes);
    }
    m->context_instrument = x->instrument;
    m->context_reference = x->reference;
    m->seen |= x->buyer.account == x->seller.account ? NAIVE_SEEN_SELF : 0;
    all_gets(m, x, side);
    for (int i = 0; i < 2; i++) {
        if (side[i].outside) {
            book_outside(m, x, &side[i]);
        } else {
            book_account(m, x, &side[i]);
        }
    }
    const wide residual = -(side[0].gets + side[1].gets);
    m->seen |= residual > 0 ? NAIVE_SEEN_RESIDUAL : 0;
    m->seen |= residual < 0 ? NAIVE_SEEN_RESIDUAL_BELOW : 0;
    naive_post_venue(m, TRD_ACCOUNT_CLEARING, TRD_ACCOUNT_ROUNDING,
        m->now.instrument[x->instrument].spec.settle_asset, -residual, NAIVE_ROUNDING);
    return naive_end(m, 0);
}
