/* naive_acct_order.c - value, positions, holds: see naive_acct_model.h. */
#include "naive_acct_model.h"

#include <string.h>

/* --- Value -------------------------------------------------------------------------------------
 */

wide naive_worth(const naive_instrument *it, int sign, wide px, wide lots) {
    if (it->spec.kind == TRD_INSTRUMENT_INVERSE) {
        return wide_floor(
            (quotient){{sign, lots, it->spec.numerator}, {px, it->spec.denominator, 1}});
    }
    return wide_floor(
        (quotient){{sign * px, lots, it->spec.numerator}, {it->spec.denominator, 1, 1}});
}

wide naive_value_ceil(const naive_instrument *it, wide px, wide lots) {
    return -naive_worth(it, -1, px, lots);
}

bool naive_is_derivative(const naive_instrument *it) {
    return it->spec.kind == TRD_INSTRUMENT_LINEAR || it->spec.kind == TRD_INSTRUMENT_INVERSE;
}

/* Who closes a long position sells: F > 0 of it, but of an INVERSE contract F < 0. */
wide naive_closing(const naive_instrument *it, wide qty, wide px) {
    const int sells = qty > 0 ? 1 : -1;
    const int sign = it->spec.kind == TRD_INSTRUMENT_INVERSE ? -sells : sells;
    return naive_worth(it, sign, px, wide_abs(qty));
}

/* The largest |value| of one lot. */
wide naive_unit(const naive_instrument *it) {
    const wide low = it->spec.px_min;
    const wide high = it->spec.px_max;
    const bool inverse = it->spec.kind == TRD_INSTRUMENT_INVERSE;
    return naive_value_ceil(it, inverse ? low : wide_max(wide_abs(low), wide_abs(high)), 1);
}

/* --- Positions ---------------------------------------------------------------------------------
 */

naive_position *naive_find_position(
    naive_acct *m, uint32_t account, uint32_t instrument, unsigned side) {
    for (uint32_t i = 0; i < m->now.positions; i++) {
        naive_position *p = &m->now.position[i];
        if (p->account == account && p->instrument == instrument && p->side == side) {
            return p;
        }
    }
    return NULL;
}

naive_position *naive_use_position(
    naive_acct *m, uint32_t account, uint32_t instrument, unsigned side) {
    naive_position *p = naive_find_position(m, account, instrument, side);
    if (p == NULL) {
        p = &m->now.position[m->now.positions++];
        memset(p, 0, sizeof(*p));
        p->account = account;
        p->instrument = instrument;
        p->side = side;
    }
    return p;
}

wide naive_open_lots(naive_acct *m, const naive_position *p, unsigned side) {
    wide sum = 0;
    for (uint32_t i = 0; i < m->now.orders; i++) {
        const naive_order *o = &m->now.order[i];
        if (o->terms.account == p->account && o->terms.instrument == p->instrument &&
            o->terms.position == p->side && o->terms.side == side) {
            sum += o->leaves;
        }
    }
    return sum;
}

static wide lots_of(naive_acct *m, const naive_position *p) {
    return wide_abs(p->qty) + naive_open_lots(m, p, TRD_BUY) + naive_open_lots(m, p, TRD_SELL);
}

wide naive_reach(naive_acct *m, const naive_position *p) {
    return naive_unit(&m->now.instrument[p->instrument]) * lots_of(m, p);
}

unsigned naive_check_position_side(naive_acct *m, uint32_t account, unsigned position) {
    const bool hedge = m->now.account[account].terms.hedge != 0;
    const bool good = hedge ? position == TRD_POSITION_LONG || position == TRD_POSITION_SHORT
                            : position == TRD_POSITION_NET;
    return naive_if(!good, TRD_E_ARG);
}

/* --- What must be held -------------------------------------------------------------------------
 */

static bool is_base_hold(const naive_instrument *it, const trd_hold *h) {
    return it->spec.kind == TRD_INSTRUMENT_SPOT && h->kind == TRD_HOLD_FULL && h->side == TRD_SELL;
}

uint32_t naive_held_asset(naive_acct *m, const naive_order *o) {
    const naive_instrument *it = &m->now.instrument[o->terms.instrument];
    return is_base_hold(it, &o->terms) ? it->spec.base_asset : it->spec.settle_asset;
}

wide naive_margin(naive_acct *m, const naive_order *o, wide leaves) {
    const naive_instrument *it = &m->now.instrument[o->terms.instrument];
    if (o->terms.kind != TRD_HOLD_MARGIN) {
        return 0;
    }
    const wide v = naive_value_ceil(it, wide_abs(o->terms.px), leaves);
    return wide_ceil((quotient){{v, o->terms.margin_ppm, 1}, {NAIVE_MILLION, 1, 1}}) +
           o->terms.margin_per_lot * leaves;
}

static uint32_t tax_rate(const naive_instrument *it, unsigned k, unsigned side) {
    return side == TRD_BUY ? it->terms.taxes[k].buyer_ppb : it->terms.taxes[k].seller_ppb;
}

/* Fees and taxes if `more` is still executed. */
static wide charges_with(const naive_instrument *it, const naive_order *o, wide more) {
    const wide w = wide_max(wide_max(o->maker_ppb, o->taker_ppb), 0);
    wide sum = wide_ceil((quotient){{o->fee_sum + w * more, 1, 1}, {TRD_RATE_ONE, 1, 1}}) -
               o->fees_charged;
    for (unsigned k = 0; k < it->terms.tax_count; k++) {
        const wide rate = tax_rate(it, k, o->terms.side);
        sum += wide_ceil((quotient){{rate, o->basis + more, 1}, {TRD_RATE_ONE, 1, 1}}) -
               o->tax_charged[k];
    }
    return sum;
}

wide naive_must_hold(naive_acct *m, const naive_order *o) {
    const naive_instrument *it = &m->now.instrument[o->terms.instrument];
    if (o->terms.kind == TRD_HOLD_NOTHING || o->leaves == 0) {
        return 0;
    }
    if (is_base_hold(it, &o->terms)) {
        return o->leaves * it->base_per_lot;
    }
    if (o->terms.kind == TRD_HOLD_FULL) {
        const wide all = o->value + o->terms.px * o->leaves;
        const wide p = naive_value_ceil(it, all, 1) + o->moved;
        return p + charges_with(it, o, p);
    }
    const wide margin = naive_margin(m, o, o->leaves);
    if (!naive_is_derivative(it)) {
        return margin;
    }
    return margin + charges_with(it, o, naive_value_ceil(it, wide_abs(o->terms.px), o->leaves));
}

void naive_shrink_hold(naive_acct *m, naive_order *o) {
    const wide must = naive_must_hold(m, o);
    m->seen |= must > o->held ? NAIVE_SEEN_KEPT : 0;
    naive_post_locked(
        m, o->terms.account, naive_held_asset(m, o), o->held - wide_min(must, o->held), &o->held);
}

/* --- The list of orders ------------------------------------------------------------------------
 */

naive_order *naive_find_order(naive_acct *m, trd_order handle) {
    for (uint32_t i = 0; i < m->now.orders; i++) {
        if (m->now.order[i].terms.order == handle && handle != 0) {
            return &m->now.order[i];
        }
    }
    return NULL;
}

static bool slot_holds(naive_acct *m, trd_order handle) {
    for (uint32_t i = 0; i < m->now.orders; i++) {
        if ((uint32_t)m->now.order[i].terms.order == (uint32_t)handle) {
            return true;
        }
    }
    return false;
}

static void take_rates(naive_acct *m, naive_order *o) {
    const naive_instrument *it = &m->now.instrument[o->terms.instrument];
    const naive_account *a = &m->now.account[o->terms.account];
    const trd_fee_table *table =
        &m->now.table[it->terms.fees != 0 ? it->terms.fees - 1 : a->terms.fees];
    const trd_amt volume = a->activity.volume > a->activity.volume_before
                               ? a->activity.volume
                               : a->activity.volume_before;
    uint32_t tier = 0;
    for (uint32_t i = 0; i < table->tier_count; i++) {
        if (table->tiers[i].volume <= volume) {
            tier = i;
        }
    }
    m->seen |= tier > 0 ? NAIVE_SEEN_TIER : 0;
    o->maker_ppb = table->tiers[tier].maker_ppb;
    o->taker_ppb = table->tiers[tier].taker_ppb;
    o->pays_in = table->pays_in;
    o->discount_ppm = table->discount_ppm;
}

naive_order *naive_add_order(naive_acct *m, const trd_hold *hold) {
    naive_order *o = &m->now.order[m->now.orders++];
    memset(o, 0, sizeof(*o));
    o->terms = *hold;
    o->leaves = hold->qty;
    take_rates(m, o);
    const trd_instrument *spec = &m->now.instrument[hold->instrument].spec;
    naive_use_balance(m, hold->account, spec->settle_asset);
    if (spec->kind == TRD_INSTRUMENT_SPOT) {
        naive_use_balance(m, hold->account, spec->base_asset);
    }
    naive_use_position(m, hold->account, hold->instrument, hold->position);
    return o;
}

void naive_remove_order(naive_acct *m, const naive_order *o) {
    const uint32_t at = (uint32_t)(o - m->now.order);
    m->now.orders--;
    memmove(
        &m->now.order[at], &m->now.order[at + 1], (m->now.orders - at) * sizeof(m->now.order[0]));
}

unsigned naive_order_limits(naive_acct *m, const naive_order *o) {
    const naive_instrument *it = &m->now.instrument[o->terms.instrument];
    const naive_position *p =
        naive_find_position(m, o->terms.account, o->terms.instrument, o->terms.position);
    bool over = naive_load(m, o->terms.account, it->spec.settle_asset) >= NAIVE_LIMIT;
    if (it->spec.kind == TRD_INSTRUMENT_SPOT) {
        over |= naive_load(m, o->terms.account, it->spec.base_asset) >= NAIVE_LIMIT;
    }
    /* A split can leave more cost than the lots are worth. */
    const wide more_cost = wide_max(wide_abs(p->cost) - naive_unit(it) * wide_abs(p->qty), 0);
    over |= wide_abs(p->realised) + wide_abs(p->fees) + wide_abs(p->funding) + naive_reach(m, p) +
                more_cost >=
            NAIVE_LIMIT;
    over |= lots_of(m, p) >= NAIVE_LIMIT;
    over |= naive_unit(it) * (o->executed + o->leaves) >= NAIVE_LIMIT;
    over |= o->executed + o->leaves >= NAIVE_LIMIT;
    return naive_if(over, TRD_E_RANGE);
}

/* --- Calls -------------------------------------------------------------------------------------
 */

static bool kind_is_allowed(const naive_instrument *it, const trd_hold *h) {
    switch (it->spec.kind) {
    case TRD_INSTRUMENT_SPOT:
        return h->kind == TRD_HOLD_FULL || h->kind == TRD_HOLD_NOTHING;
    case TRD_INSTRUMENT_OPTION:
        return h->kind == TRD_HOLD_NOTHING ||
               h->kind == (h->side == TRD_BUY ? TRD_HOLD_FULL : TRD_HOLD_MARGIN);
    default:
        return h->kind == TRD_HOLD_MARGIN || h->kind == TRD_HOLD_NOTHING;
    }
}

/* All but the handle. */
static unsigned check_terms(naive_acct *m, const trd_hold *h) {
    unsigned codes = 0;
    const bool margin = h->kind == TRD_HOLD_MARGIN;
    codes |= naive_if(h->side != TRD_BUY && h->side != TRD_SELL, TRD_E_ARG);
    codes |= naive_if(h->kind < TRD_HOLD_FULL || h->kind > TRD_HOLD_NOTHING, TRD_E_ARG);
    codes |= naive_if(h->position > TRD_POSITION_SHORT || h->reserved != 0, TRD_E_ARG);
    codes |= naive_if(h->qty <= 0, TRD_E_ARG);
    codes |= naive_if(h->margin_ppm > (margin ? 10 * NAIVE_MILLION : 0), TRD_E_ARG);
    codes |= naive_if(h->margin_per_lot < 0 || h->margin_per_lot >= TRD_AMT_LIMIT, TRD_E_ARG);
    codes |= naive_if(!margin && h->margin_per_lot != 0, TRD_E_ARG);
    if (h->instrument < m->now.instruments) {
        const naive_instrument *it = &m->now.instrument[h->instrument];
        codes |= naive_if(h->px < it->spec.px_min || h->px > it->spec.px_max, TRD_E_ARG);
        codes |= naive_if(!kind_is_allowed(it, h), TRD_E_ARG);
    } else {
        codes |= naive_if(true, TRD_E_UNKNOWN);
    }
    if (naive_account_is_open(m, h->account)) {
        codes |= naive_check_position_side(m, h->account, h->position);
    } else {
        codes |= naive_if(true, TRD_E_UNKNOWN);
    }
    return codes;
}

unsigned naive_acct_quote_hold(
    naive_acct *m, const trd_hold *hold, trd_amt *amount, uint32_t *asset) {
    unsigned codes = check_terms(m, hold);
    if (codes != 0) {
        return codes;
    }
    naive_order o = {.terms = *hold, .leaves = hold->qty};
    take_rates(m, &o);
    const naive_instrument *it = &m->now.instrument[hold->instrument];
    const wide base = is_base_hold(it, hold) ? it->base_per_lot * o.leaves : 0;
    const wide reach = naive_unit(it) * o.leaves;
    const wide must = naive_must_hold(m, &o);
    if (wide_max(wide_max(must, o.leaves), wide_max(base, reach)) >= NAIVE_LIMIT) {
        return NAIVE_CODE(TRD_E_RANGE);
    }
    *amount = (trd_amt)must;
    *asset = naive_held_asset(m, &o);
    return NAIVE_DONE;
}

/* Locks or releases what an order must hold now; more than is free is refused, unless all assets of
 * the account stand behind it: then only what would leave the range of the balance. */
static unsigned adjust_hold(naive_acct *m, naive_order *o) {
    const uint32_t asset = naive_held_asset(m, o);
    const wide must = naive_must_hold(m, o);
    const wide more = must - o->held;
    naive_balance *b = naive_find_balance(m, o->terms.account, asset);
    const bool all = o->terms.kind == TRD_HOLD_MARGIN &&
                     m->now.account[o->terms.account].terms.mode == TRD_MODE_MULTI;
    unsigned codes = naive_if(must >= NAIVE_LIMIT, TRD_E_RANGE) |
                     naive_if(more > 0 && more > b->free && !all, TRD_E_FUNDS);
    naive_post_locked(m, o->terms.account, asset, -more, &o->held);
    if (all && more > 0) {
        codes |= naive_if(naive_load(m, o->terms.account, asset) >= NAIVE_LIMIT, TRD_E_RANGE);
        m->seen |= b->free < 0 ? NAIVE_SEEN_BACKED : 0;
        b->cause |= b->free < 0 ? TRD_SHORT_MARGIN : 0;
    }
    naive_forget_causes(m, o->terms.account);
    return codes;
}

unsigned naive_acct_hold(naive_acct *m, const trd_hold *hold) {
    unsigned codes = naive_begin(m, true);
    const uint32_t slot = (uint32_t)hold->order;
    codes |= naive_if(slot == 0 || slot > m->def.orders_max, TRD_E_ARG);
    codes |= check_terms(m, hold);
    if (codes != 0) {
        return naive_end(m, codes);
    }
    codes |= naive_if(slot_holds(m, hold->order), TRD_E_EXISTS);
    m->context_instrument = hold->instrument;
    naive_order *o = naive_add_order(m, hold);
    codes |= naive_order_limits(m, o) | naive_room(m);
    return naive_end(m, codes | adjust_hold(m, o));
}

unsigned naive_acct_amend(naive_acct *m, trd_order order, trd_px px, trd_qty leaves) {
    unsigned codes = naive_begin(m, true);
    naive_order *o = naive_find_order(m, order);
    codes |= naive_if(leaves <= 0, TRD_E_ARG) | naive_if(o == NULL, TRD_E_UNKNOWN);
    if (o != NULL) {
        const trd_instrument *spec = &m->now.instrument[o->terms.instrument].spec;
        codes |= naive_if(px < spec->px_min || px > spec->px_max, TRD_E_ARG);
    }
    if (codes != 0) {
        return naive_end(m, codes);
    }
    m->context_instrument = o->terms.instrument;
    const bool grows = leaves > o->leaves;
    o->terms.px = px;
    o->leaves = leaves;
    codes |= grows ? naive_order_limits(m, o) : 0;
    return naive_end(m, codes | adjust_hold(m, o));
}

unsigned naive_acct_release(naive_acct *m, trd_order order, trd_qty qty) {
    unsigned codes = naive_begin(m, true);
    naive_order *o = naive_find_order(m, order);
    codes |= naive_if(qty <= 0, TRD_E_ARG) | naive_if(o == NULL, TRD_E_UNKNOWN);
    if (codes != 0) {
        return naive_end(m, codes);
    }
    if (qty > o->leaves) {
        return naive_end(m, NAIVE_CODE(TRD_E_RANGE));
    }
    m->context_instrument = o->terms.instrument;
    const uint32_t account = o->terms.account;
    o->leaves -= qty;
    naive_shrink_hold(m, o);
    if (o->leaves == 0) {
        naive_remove_order(m, o);
    }
    naive_forget_causes(m, account);
    return naive_end(m, 0);
}

unsigned naive_acct_collateral(
    naive_acct *m, uint32_t account, uint32_t instrument, unsigned side, trd_amt amount) {
    unsigned codes = naive_begin(m, true);
    const bool exists = instrument < m->now.instruments;
    codes |= naive_if(amount == 0 || side > TRD_POSITION_SHORT, TRD_E_ARG);
    codes |= naive_if(!naive_account_is_open(m, account) || !exists, TRD_E_UNKNOWN);
    codes |= naive_if(
        exists && m->now.instrument[instrument].spec.kind == TRD_INSTRUMENT_SPOT, TRD_E_ARG);
    naive_position *p = naive_find_position(m, account, instrument, side);
    codes |= naive_if(p == NULL || p->qty == 0, TRD_E_UNKNOWN);
    if (codes != 0) {
        return naive_end(m, codes);
    }
    const uint32_t asset = m->now.instrument[instrument].spec.settle_asset;
    const wide has = amount > 0 ? naive_use_balance(m, account, asset)->free : p->collateral;
    codes |= naive_if(wide_abs(amount) > has, TRD_E_FUNDS);
    m->context_instrument = instrument;
    naive_post_locked(m, account, asset, -(wide)amount, &p->collateral);
    naive_forget_causes(m, account);
    return naive_end(m, codes);
}

unsigned naive_acct_held(naive_acct *m, trd_order order, trd_held *out) {
    const naive_order *o = naive_find_order(m, order);
    if (o == NULL) {
        return NAIVE_CODE(TRD_E_UNKNOWN);
    }
    wide fees = o->fees_charged - o->rebate_paid;
    for (unsigned k = 0; k < TRD_TAXES_MAX; k++) {
        fees += o->tax_charged[k];
    }
    *out = (trd_held){.amount = (trd_amt)o->held,
        .fees = (trd_amt)fees,
        .amount_moved = (trd_amt)o->moved,
        .leaves = (trd_qty)o->leaves,
        .asset = naive_held_asset(m, o),
        .account = o->terms.account};
    return NAIVE_DONE;
}
