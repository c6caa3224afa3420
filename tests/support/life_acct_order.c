/* life_acct_order.c - orders of random lives of accounts: see life_acct_inner.h. */
#include "life_acct_inner.h"

#include <string.h>

/* --- Handles -----------------------------------------------------------------------------------
 */

static bool slot_is_free(naive_acct *m, uint32_t slot) {
    for (uint32_t i = 0; i < m->now.orders; i++) {
        if ((uint32_t)m->now.order[i].terms.order == slot) {
            return false;
        }
    }
    return true;
}

static trd_order new_handle(life_acct *l, naive_acct *m) {
    uint32_t slot = 1 + (uint32_t)dice_below(&l->rng, l->def.orders_max);
    for (uint32_t i = 0; i < l->def.orders_max && !slot_is_free(m, slot); i++) {
        slot = slot % l->def.orders_max + 1;
    }
    if (life_acct_wrong(l)) {
        slot = dice_odds(&l->rng, 1, 2) ? 0 : l->def.orders_max + 1;
    }
    const trd_order order = (trd_order)++l->generation << 32 | slot;
    l->past[l->pasts++ % LIFE_ACCT_PAST] = order;
    return order;
}

static trd_order old_handle(life_acct *l) {
    const uint32_t count = l->pasts < LIFE_ACCT_PAST ? l->pasts : LIFE_ACCT_PAST;
    trd_order order = count == 0 ? 1 : l->past[dice_below(&l->rng, count)];
    if (dice_odds(&l->rng, 1, 4)) {
        order += (trd_order)1 << 32;
    }
    return order;
}

static naive_order *some_order(life_acct *l, naive_acct *m) {
    if (m->now.orders == 0 || life_acct_wrong(l)) {
        return NULL;
    }
    return &m->now.order[dice_below(&l->rng, m->now.orders)];
}

/* --- Holds -------------------------------------------------------------------------------------
 */

static uint8_t draw_kind(life_acct *l, const naive_instrument *it, unsigned side) {
    if (dice_odds(&l->rng, 1, l->nothing_of)) {
        return TRD_HOLD_NOTHING;
    }
    const bool full = it->spec.kind == TRD_INSTRUMENT_SPOT ||
                      (it->spec.kind == TRD_INSTRUMENT_OPTION && side == TRD_BUY);
    return full ? TRD_HOLD_FULL : TRD_HOLD_MARGIN;
}

static uint8_t draw_position(life_acct *l, naive_acct *m, uint32_t account) {
    if (life_acct_wrong(l)) {
        return (uint8_t)dice_below(&l->rng, 4);
    }
    const bool hedge = account < l->def.accounts_max && m->now.account[account].terms.hedge;
    return hedge ? (uint8_t)dice_in(&l->rng, TRD_POSITION_LONG, TRD_POSITION_SHORT)
                 : TRD_POSITION_NET;
}

/* Lots that bring a load to about the limit. */
static trd_qty lots_at_limit(
    life_acct *l, naive_acct *m, const naive_instrument *it, uint32_t account) {
    const bool base = it->spec.kind == TRD_INSTRUMENT_SPOT && dice_odds(&l->rng, 1, 3);
    const uint32_t asset = base ? it->spec.base_asset : it->spec.settle_asset;
    const wide each = base ? it->base_per_lot : naive_unit(it);
    const wide left = NAIVE_LIMIT - 1 - naive_load(m, account, asset);
    const int parts = dice_odds(&l->rng, 1, 2) ? 3 : 1;
    return life_acct_about(l, (each > 0 ? left / each : NAIVE_LIMIT - 1) / parts);
}

static trd_qty draw_qty(life_acct *l) {
    if (l->dribbles && dice_odds(&l->rng, 3, 4)) {
        return dice_in(&l->rng, 5, 60);
    }
    return dice_log(&l->rng, 1, dice_odds(&l->rng, 1, 2) ? 10 : l->many);
}

/* Fewer lots, until what is free covers them. */
static void make_affordable(naive_acct *m, trd_hold *h) {
    trd_amt amount;
    uint32_t asset;
    while (h->qty > 1 && naive_acct_quote_hold(m, h, &amount, &asset) == NAIVE_DONE) {
        const naive_balance *b = naive_find_balance(m, h->account, asset);
        if (amount <= (b == NULL ? 0 : b->free)) {
            return;
        }
        h->qty /= 2;
    }
}

static void spoil_hold(life_acct *l, trd_hold *h) {
    dice *d = &l->rng;
    switch (dice_below(d, 10)) {
    case 0:
        h->side = (uint8_t)(dice_below(d, 2) * 3);
        break;
    case 1:
        h->kind = (uint8_t)dice_below(d, 5);
        break;
    case 2:
        h->reserved = 1;
        break;
    case 3:
        h->margin_ppm = (uint32_t)dice_in(d, 10000000, 10000001);
        break;
    case 4:
        h->margin_per_lot = dice_odds(d, 1, 2) ? -1 : TRD_AMT_LIMIT - (int64_t)dice_below(d, 2);
        break;
    case 5:
        h->px = dice_odds(d, 1, 2) ? INT64_MIN : INT64_MAX;
        break;
    case 6:
        h->qty = dice_in(d, -1, 0);
        break;
    case 7:
        h->qty = INT64_MAX - (int64_t)dice_below(d, 2);
        break;
    case 8:
        h->account = l->def.accounts_max + (uint32_t)dice_below(d, 2);
        break;
    default:
        h->instrument = l->def.instruments_max;
        break;
    }
}

void life_acct_hold(life_acct *l, naive_acct *m, acct_call *c) {
    trd_hold *h = &c->u.hold;
    h->account = life_acct_account(l);
    h->instrument = life_acct_instrument_at(l, m);
    h->order = new_handle(l, m);
    h->side = (uint8_t)dice_in(&l->rng, TRD_BUY, TRD_SELL);
    const naive_order *other = dice_odds(&l->rng, 1, 2) ? some_order(l, m) : NULL;
    if (other != NULL) { /* to meet it */
        h->instrument = other->terms.instrument;
        h->side = other->terms.side == TRD_BUY ? TRD_SELL : TRD_BUY;
    }
    h->position = draw_position(l, m, h->account);
    h->qty = draw_qty(l);
    if (h->instrument >= m->now.instruments) {
        return;
    }
    const naive_instrument *it = &m->now.instrument[h->instrument];
    h->kind = draw_kind(l, it, h->side);
    h->px = other != NULL && dice_odds(&l->rng, 1, 2) ? other->terms.px : life_acct_px(l, it);
    if (h->kind == TRD_HOLD_MARGIN) {
        const int64_t most = dice_odds(&l->rng, 1, 8)   ? 10000001
                             : dice_odds(&l->rng, 1, 3) ? 100
                                                        : 300000;
        h->margin_ppm = (uint32_t)dice_log(&l->rng, 1, most) - 1;
        h->margin_per_lot = dice_odds(&l->rng, 1, 3) ? dice_log(&l->rng, 1, 100) : 0;
    }
    if (dice_odds(&l->rng, 7, 8)) {
        make_affordable(m, h);
    }
    if (life_acct_at_limit(l)) {
        h->qty = lots_at_limit(l, m, it, h->account);
        h->kind = dice_odds(&l->rng, 1, 2) ? TRD_HOLD_NOTHING : h->kind;
        h->margin_ppm = h->kind == TRD_HOLD_MARGIN ? h->margin_ppm : 0;
        h->margin_per_lot = h->kind == TRD_HOLD_MARGIN ? h->margin_per_lot : 0;
    }
    if (life_acct_wrong(l)) {
        spoil_hold(l, h);
    }
}

/* The order that has executed most. */
static const naive_order *largest_order(naive_acct *m) {
    const naive_order *o = &m->now.order[0];
    for (uint32_t i = 1; i < m->now.orders; i++) {
        o = m->now.order[i].executed > o->executed ? &m->now.order[i] : o;
    }
    return o;
}

void life_acct_amend(life_acct *l, naive_acct *m, acct_call *c) {
    const naive_order *o = some_order(l, m);
    const bool at_limit = life_acct_at_limit(l);
    if (o != NULL && at_limit && dice_odds(&l->rng, 1, 2)) {
        o = largest_order(m);
    }
    c->u.order.order = o == NULL ? old_handle(l) : o->terms.order;
    c->u.order.px = dice_in(&l->rng, 1, l->many);
    c->u.order.qty = draw_qty(l);
    if (o != NULL) {
        const naive_instrument *it = &m->now.instrument[o->terms.instrument];
        c->u.order.px = dice_odds(&l->rng, 1, 3) ? o->terms.px : life_acct_px(l, it);
        if (dice_odds(&l->rng, 1, 3)) {
            c->u.order.qty = (trd_qty)o->leaves;
        }
        if (at_limit) {
            const wide unit = wide_max(naive_unit(it), 1);
            c->u.order.qty = dice_odds(&l->rng, 1, 2)
                                 ? lots_at_limit(l, m, it, o->terms.account)
                                 : life_acct_about(l, (NAIVE_LIMIT - 1) / unit - o->executed);
        }
    }
    if (life_acct_wrong(l)) {
        c->u.order.qty = dice_in(&l->rng, -1, 0);
    }
    if (life_acct_wrong(l)) {
        c->u.order.px = dice_odds(&l->rng, 1, 2) ? INT64_MAX : INT64_MIN;
    }
}

void life_acct_release(life_acct *l, naive_acct *m, acct_call *c) {
    const naive_order *o = some_order(l, m);
    c->u.order.order = o == NULL ? old_handle(l) : o->terms.order;
    const trd_qty leaves = o == NULL ? 5 : (trd_qty)o->leaves;
    c->u.order.qty = dice_odds(&l->rng, 1, 2) ? leaves : dice_in(&l->rng, 1, leaves);
    if (life_acct_wrong(l)) {
        c->u.order.qty = dice_odds(&l->rng, 1, 2) ? leaves + 1 : dice_in(&l->rng, -1, 0);
    }
}

/* --- Executions --------------------------------------------------------------------------------
 */

static trd_leg fresh_leg(life_acct *l, naive_acct *m) {
    const uint32_t account = life_acct_account(l);
    return (trd_leg){.account = account, .position = draw_position(l, m, account)};
}

static trd_leg leg_of(const naive_order *o) {
    return (trd_leg){
        .order = o->terms.order, .account = o->terms.account, .position = o->terms.position};
}

/* An order of the other side that could meet it, or NULL. */
static const naive_order *contra(life_acct *l, naive_acct *m, const naive_order *o) {
    const uint32_t from = (uint32_t)dice_below(&l->rng, m->now.orders);
    for (uint32_t i = 0; i < m->now.orders; i++) {
        const naive_order *other = &m->now.order[(from + i) % m->now.orders];
        if (other->terms.instrument == o->terms.instrument && other->terms.side != o->terms.side) {
            return other;
        }
    }
    return NULL;
}

/* A price that is not worse than either wants, if there is one. */
static trd_px meeting_px(
    life_acct *l, const naive_instrument *it, const naive_order *buys, const naive_order *sells) {
    const bool any_buy = buys == NULL || buys->terms.kind == TRD_HOLD_NOTHING;
    const bool any_sell =
        sells == NULL || sells->terms.kind == TRD_HOLD_NOTHING || dice_odds(&l->rng, 1, 4);
    const trd_px low = any_sell ? it->spec.px_min : sells->terms.px;
    const trd_px high = any_buy ? it->spec.px_max : buys->terms.px;
    if (low > high || life_acct_wrong(l)) {
        return life_acct_px(l, it);
    }
    return dice_odds(&l->rng, 1, 4) ? (dice_odds(&l->rng, 1, 2) ? low : high)
                                    : dice_in(&l->rng, low, high);
}

static void spoil_leg(life_acct *l, trd_leg *leg) {
    switch (dice_below(&l->rng, 8)) {
    case 0:
        leg->order = old_handle(l);
        break;
    case 1:
        leg->account = life_acct_account(l);
        break;
    case 2:
        leg->position = (uint8_t)dice_below(&l->rng, 4);
        break;
    case 3:
        leg->liquidity = 4;
        break;
    case 4:
        leg->free_of_fees = 2;
        break;
    case 5:
        leg->reserved = 1;
        break;
    case 6:
        leg->account = TRD_ACCOUNT_OUTSIDE;
        break;
    default:
        leg->account = TRD_ACCOUNT_OUTSIDE + (uint32_t)dice_in(&l->rng, 1, 9);
        break;
    }
}

static void finish_leg(life_acct *l, trd_leg *leg) {
    if (leg->account != TRD_ACCOUNT_OUTSIDE) {
        leg->liquidity = (uint8_t)dice_below(&l->rng, 4);
        leg->free_of_fees = dice_odds(&l->rng, 1, 20);
    }
    if (life_acct_wrong(l)) {
        spoil_leg(l, leg);
    }
}

static trd_qty execution_qty(life_acct *l, naive_acct *m, const trd_execution *x,
    const naive_order *buys, const naive_order *sells) {
    wide most = NAIVE_LIMIT;
    most = buys != NULL ? wide_min(most, buys->leaves) : most;
    most = sells != NULL ? wide_min(most, sells->leaves) : most;
    const trd_leg *leg = dice_odds(&l->rng, 1, 2) ? &x->buyer : &x->seller;
    const naive_position *p = naive_find_position(m, leg->account, x->instrument, leg->position);
    if (p != NULL && p->qty != 0 && dice_odds(&l->rng, 1, 6)) {
        most = wide_min(most, wide_abs(p->qty)); /* to be flat */
        return (trd_qty)most;
    }
    if (most == NAIVE_LIMIT) {
        const naive_instrument *it = &m->now.instrument[x->instrument];
        return life_acct_at_limit(l) ? lots_at_limit(l, m, it, x->buyer.account) : draw_qty(l);
    }
    if (life_acct_wrong(l)) {
        return (trd_qty)most + 1;
    }
    if (l->dribbles && dice_odds(&l->rng, 9, 10)) {
        return (trd_qty)wide_min(most, dice_in(&l->rng, 1, 2));
    }
    if (most > 1 && dice_odds(&l->rng, 1, 6)) {
        return (trd_qty)most - 1;
    }
    return dice_odds(&l->rng, 1, 3) ? (trd_qty)most : dice_log(&l->rng, 1, (int64_t)most);
}

void life_acct_execute(life_acct *l, naive_acct *m, acct_call *c) {
    trd_execution *x = &c->u.execution;
    x->reference = dice_u64(&l->rng);
    x->qty = 1;
    x->instrument = life_acct_instrument_at(l, m);
    const bool all_fresh = dice_odds(&l->rng, 1, 2 * l->fresh_of);
    const naive_order *o = all_fresh ? NULL : some_order(l, m);
    const naive_order *other = NULL;
    if (o != NULL) {
        x->instrument = o->terms.instrument;
        other = dice_odds(&l->rng, 1, l->fresh_of) ? NULL : contra(l, m, o);
    }
    const unsigned side = o == NULL ? TRD_BUY : o->terms.side;
    const naive_order *buys = side == TRD_BUY ? o : other;
    const naive_order *sells = side == TRD_BUY ? other : o;
    x->buyer = buys == NULL ? fresh_leg(l, m) : leg_of(buys);
    x->seller = sells == NULL ? fresh_leg(l, m) : leg_of(sells);
    if (dice_odds(&l->rng, 1, l->outside_of)) {
        trd_leg *leg = dice_odds(&l->rng, 1, 2) ? &x->buyer : &x->seller;
        *leg = (trd_leg){.account = TRD_ACCOUNT_OUTSIDE};
        buys = leg == &x->buyer ? NULL : buys;
        sells = leg == &x->seller ? NULL : sells;
    }
    if (x->instrument < m->now.instruments) {
        x->px = meeting_px(l, &m->now.instrument[x->instrument], buys, sells);
        x->qty = execution_qty(l, m, x, buys, sells);
    }
    finish_leg(l, &x->buyer);
    finish_leg(l, &x->seller);
    if (life_acct_wrong(l)) {
        switch (dice_below(&l->rng, 4)) {
        case 0:
            x->reserved = 1;
            break;
        case 1:
            x->qty = dice_in(&l->rng, -1, 0);
            break;
        case 2:
            x->px = dice_odds(&l->rng, 1, 2) ? INT64_MAX : INT64_MIN;
            break;
        default:
            x->qty = INT64_MAX - (int64_t)dice_below(&l->rng, 2);
            break;
        }
    }
}
