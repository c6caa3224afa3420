/* naive_acct_bulk.c - what concerns many accounts: see naive_acct_model.h. */
#include "naive_acct_model.h"

#include <string.h>

/* Against an account of the venue, without part or days. */
static void post(naive_acct *m, uint32_t account, uint32_t asset, wide amount, uint16_t entry,
    uint32_t counter, uint32_t cause) {
    m->over |= wide_abs(amount) >= NAIVE_LIMIT;
    naive_post(m, (naive_posting){.account = account,
                      .asset = asset,
                      .amount = amount,
                      .entry = entry,
                      .counter = counter,
                      .cause = cause});
}

wide naive_outside(naive_acct *m, uint32_t instrument) {
    wide sum = 0;
    for (uint32_t i = 0; i < m->now.positions; i++) {
        sum += m->now.position[i].instrument == instrument ? m->now.position[i].qty : 0;
    }
    return -sum;
}

unsigned naive_acct_outside(naive_acct *m, uint32_t instrument, trd_qty *qty) {
    if (instrument >= m->now.instruments) {
        return NAIVE_CODE(TRD_E_UNKNOWN);
    }
    const wide sum = naive_outside(m, instrument);
    if (sum < INT64_MIN || sum > INT64_MAX) {
        return NAIVE_CODE(TRD_E_RANGE);
    }
    *qty = (trd_qty)sum;
    return NAIVE_DONE;
}

/* The n-th position of the instrument that is not flat, NULL behind the last. */
static naive_position *open_position(naive_acct *m, uint32_t instrument, uint32_t n) {
    for (uint32_t i = 0; i < m->now.positions; i++) {
        naive_position *p = &m->now.position[i];
        if (p->instrument == instrument && p->qty != 0 && n-- == 0) {
            return p;
        }
    }
    return NULL;
}

static uint32_t open_count(naive_acct *m, uint32_t instrument) {
    uint32_t count = 0;
    while (open_position(m, instrument, count) != NULL) {
        count++;
    }
    return count;
}

/* --- Days --------------------------------------------------------------------------------------
 */

/* The balance that waits longest among those that came behind `rank`. */
static naive_balance *next_waiting(naive_acct *m, uint64_t rank) {
    naive_balance *next = NULL;
    for (uint32_t i = 0; i < m->now.balances; i++) {
        naive_balance *b = &m->now.balance[i];
        if (b->waits_since > rank && (next == NULL || b->waits_since < next->waits_since)) {
            next = b;
        }
    }
    return next;
}

static void settle(naive_acct *m, naive_balance *b) {
    const wide due = b->unsettled[1];
    for (unsigned days = 1; days < TRD_SETTLE_DAYS_MAX; days++) {
        b->unsettled[days] = b->unsettled[days + 1];
    }
    b->unsettled[TRD_SETTLE_DAYS_MAX] = 0;
    b->free += due;
    if (due != 0) {
        m->seen |= NAIVE_SEEN_SETTLED;
        naive_ledger_event(m, b->account, b->asset, due,
            b->free + naive_locked(m, b->account, b->asset) + naive_unsettled(b), NAIVE_SETTLEMENT,
            0, TRD_PUBLISH_MONEY_ACCOUNTS);
    }
    naive_forget_causes(m, b->account);
}

unsigned naive_acct_day(naive_acct *m) {
    const unsigned codes = naive_begin(m, true);
    if (codes != 0) {
        return naive_end(m, codes);
    }
    uint64_t rank = 0;
    for (naive_balance *b; (b = next_waiting(m, rank)) != NULL;) {
        rank = b->waits_since;
        settle(m, b);
    }
    for (uint32_t i = 0; i < NAIVE_ACCT_ACCOUNTS; i++) {
        trd_activity *a = &m->now.account[i].activity;
        a->realised = 0;
        a->fees = 0;
        a->funding = 0;
        a->unpriced = 0;
    }
    return naive_end(m, 0);
}

unsigned naive_acct_period(naive_acct *m) {
    const unsigned codes = naive_begin(m, false);
    for (uint32_t i = 0; i < NAIVE_ACCT_ACCOUNTS && codes == 0; i++) {
        trd_activity *a = &m->now.account[i].activity;
        a->volume_before = a->volume;
        a->volume = 0;
    }
    return naive_end(m, codes);
}

/* --- Funding and interest ----------------------------------------------------------------------
 */

/* What who has `qty` gets: magnitude rounded up for who pays, down for who gets. */
static wide funding_of(const naive_instrument *it, const trd_funding *f, wide qty) {
    const wide rate = wide_abs(f->rate_ppb);
    const wide size = wide_abs(qty);
    const wide px = wide_abs(f->mark);
    quotient q = {{px * rate, size, it->spec.numerator}, {it->spec.denominator, TRD_RATE_ONE, 1}};
    if (it->spec.kind == TRD_INSTRUMENT_INVERSE) {
        q = (quotient){{rate, size, it->spec.numerator}, {px, it->spec.denominator, TRD_RATE_ONE}};
    }
    const bool pays = (qty > 0) == (f->rate_ppb > 0);
    return pays ? -wide_ceil(q) : wide_floor(q);
}

static unsigned check_funding(naive_acct *m, const trd_funding *f) {
    unsigned codes = naive_if(f->rate_ppb < -TRD_RATE_ONE || f->rate_ppb > TRD_RATE_ONE, TRD_E_ARG);
    if (f->instrument >= m->now.instruments) {
        return codes | NAIVE_CODE(TRD_E_UNKNOWN);
    }
    const naive_instrument *it = &m->now.instrument[f->instrument];
    codes |= naive_if(!naive_is_derivative(it), TRD_E_ARG);
    codes |= naive_if(f->mark < it->spec.px_min || f->mark > it->spec.px_max, TRD_E_ARG);
    return codes;
}

unsigned naive_acct_funding(naive_acct *m, const trd_funding *f) {
    unsigned codes = naive_begin(m, true) | check_funding(m, f);
    if (codes != 0) {
        return naive_end(m, codes);
    }
    naive_instrument *it = &m->now.instrument[f->instrument];
    codes |= naive_if(it->funded && f->due <= it->funding_due, TRD_E_EXISTS);
    it->funded = true;
    it->funding_due = f->due;
    m->context_instrument = f->instrument;
    const uint32_t settles = it->spec.settle_asset;
    naive_position *p;
    for (uint32_t n = 0; (p = open_position(m, f->instrument, n)) != NULL; n++) {
        const wide amount = funding_of(it, f, p->qty);
        post(
            m, p->account, settles, amount, NAIVE_FUNDING, TRD_ACCOUNT_ROUNDING, TRD_SHORT_FUNDING);
        p->funding += amount;
        naive_count(m, p->account, &m->now.account[p->account].activity.funding, settles, amount);
        naive_forget_causes(m, p->account);
        m->seen |= amount < 0 ? NAIVE_SEEN_FUNDING_PAID : 0;
    }
    const wide outside = naive_outside(m, f->instrument);
    if (outside != 0) {
        post(m, TRD_ACCOUNT_OUTSIDE, settles, funding_of(it, f, outside), NAIVE_FUNDING,
            TRD_ACCOUNT_ROUNDING, 0);
    }
    return naive_end(m, codes | naive_check_changed(m));
}

unsigned naive_acct_interest(naive_acct *m, uint32_t asset, uint32_t rate_ppb, trd_ns due) {
    unsigned codes = naive_begin(m, true);
    codes |= naive_if(rate_ppb > TRD_RATE_ONE, TRD_E_ARG);
    codes |= naive_if(asset >= m->now.assets, TRD_E_UNKNOWN);
    if (codes != 0) {
        return naive_end(m, codes);
    }
    naive_asset *a = &m->now.asset[asset];
    codes |= naive_if(a->had_interest && due <= a->interest_due, TRD_E_EXISTS);
    a->had_interest = true;
    a->interest_due = due;
    for (uint32_t i = 0; i < m->now.balances; i++) {
        naive_balance *b = &m->now.balance[i];
        const wide more = wide_ceil((quotient){{b->debt, rate_ppb, 1}, {TRD_RATE_ONE, 1, 1}});
        if (b->asset != asset || more == 0) {
            continue;
        }
        b->debt += more;
        naive_ledger_event(
            m, b->account, asset, more, b->debt, NAIVE_INTEREST, 0, TRD_PUBLISH_MONEY_ACCOUNTS);
    }
    return naive_end(m, codes | naive_check_changed(m));
}

/* --- Expiry ------------------------------------------------------------------------------------
 */

typedef struct ending {
    naive_acct *m;
    const naive_instrument *it;
    wide px;
} ending;

static wide intrinsic(const ending *e) {
    const wide over = e->px - e->it->spec.strike;
    return wide_max(e->it->spec.option == TRD_OPTION_CALL ? over : -over, 0);
}

/* F of who has `qty`. */
static wide final_gets(const ending *e, wide qty) {
    if (e->it->spec.kind == TRD_INSTRUMENT_OPTION) {
        return naive_worth(e->it, qty > 0 ? 1 : -1, intrinsic(e), wide_abs(qty));
    }
    return naive_closing(e->it, qty, e->px);
}

static bool delivers(const ending *e) {
    return e->it->terms.delivery == TRD_DELIVERY_PHYSICAL &&
           (e->it->spec.kind != TRD_INSTRUMENT_OPTION || intrinsic(e) > 0);
}

static void deliver(const ending *e, uint32_t account, wide qty) {
    const trd_instrument *spec = &e->it->spec;
    const bool option = spec->kind == TRD_INSTRUMENT_OPTION;
    const bool gets_base = (qty > 0) == (!option || spec->option == TRD_OPTION_CALL);
    const wide px = option ? spec->strike : e->px;
    const wide cash = naive_worth(e->it, gets_base ? -1 : 1, px, wide_abs(qty));
    const wide base = wide_abs(qty) * e->it->base_per_lot;
    post(e->m, account, spec->settle_asset, cash, NAIVE_DELIVERY, TRD_ACCOUNT_ROUNDING,
        TRD_SHORT_DELIVERY);
    post(e->m, account, spec->base_asset, gets_base ? base : -base, NAIVE_DELIVERY,
        TRD_ACCOUNT_ROUNDING, TRD_SHORT_DELIVERY);
    e->m->seen |= option ? NAIVE_SEEN_EXERCISED : NAIVE_SEEN_DELIVERED;
}

static void end_position(const ending *e, naive_position *p) {
    naive_acct *m = e->m;
    const uint32_t settles = e->it->spec.settle_asset;
    const wide f = final_gets(e, p->qty);
    const wide realised = f - p->cost;
    m->over |= wide_abs(f) >= NAIVE_LIMIT;
    naive_post_locked(m, p->account, settles, p->collateral, &p->collateral);
    if (naive_is_derivative(e->it)) {
        post(
            m, p->account, settles, realised, NAIVE_REALISED, TRD_ACCOUNT_CLEARING, TRD_SHORT_LOSS);
        naive_post_venue(m, TRD_ACCOUNT_CLEARING, TRD_ACCOUNT_ROUNDING, settles, f, NAIVE_ROUNDING);
    } else if (!delivers(e)) {
        post(m, p->account, settles, f, NAIVE_SETTLEMENT, TRD_ACCOUNT_ROUNDING, TRD_SHORT_DELIVERY);
        m->seen |= f == 0 ? NAIVE_SEEN_WORTHLESS : 0;
    }
    if (delivers(e)) {
        deliver(e, p->account, p->qty);
    }
    p->realised += realised;
    naive_count(m, p->account, &m->now.account[p->account].activity.realised, settles, realised);
    p->qty = 0;
    p->cost = 0;
    naive_position_event(m, p);
    naive_forget_causes(m, p->account);
}

static void end_outside(const ending *e, wide qty) {
    if (qty == 0) {
        return;
    }
    if (naive_is_derivative(e->it) || !delivers(e)) {
        post(e->m, TRD_ACCOUNT_OUTSIDE, e->it->spec.settle_asset, final_gets(e, qty),
            NAIVE_SETTLEMENT, TRD_ACCOUNT_ROUNDING, 0);
    }
    if (delivers(e)) {
        deliver(e, TRD_ACCOUNT_OUTSIDE, qty);
    }
}

static bool has_orders(naive_acct *m, uint32_t instrument) {
    for (uint32_t i = 0; i < m->now.orders; i++) {
        if (m->now.order[i].terms.instrument == instrument) {
            return true;
        }
    }
    return false;
}

static unsigned check_expiry(naive_acct *m, uint32_t instrument, trd_px px) {
    if (instrument >= m->now.instruments) {
        return NAIVE_CODE(TRD_E_UNKNOWN);
    }
    const naive_instrument *it = &m->now.instrument[instrument];
    return naive_if(it->spec.kind == TRD_INSTRUMENT_SPOT, TRD_E_ARG) |
           naive_if(naive_is_derivative(it) && (px < it->spec.px_min || px > it->spec.px_max),
               TRD_E_ARG);
}

unsigned naive_acct_expire(naive_acct *m, uint32_t instrument, trd_px px) {
    unsigned codes = naive_begin(m, true) | check_expiry(m, instrument, px);
    if (codes != 0) {
        return naive_end(m, codes);
    }
    if (has_orders(m, instrument)) {
        return naive_end(m, NAIVE_CODE(TRD_E_BUSY));
    }
    m->context_instrument = instrument;
    const ending e = {.m = m, .it = &m->now.instrument[instrument], .px = px};
    const wide outside = naive_outside(m, instrument);
    for (naive_position *p; (p = open_position(m, instrument, 0)) != NULL;) {
        end_position(&e, p);
    }
    end_outside(&e, outside);
    return naive_end(m, naive_check_changed(m) | naive_room(m));
}

/* --- Splits and dividends ----------------------------------------------------------------------
 */

static void split_balance(naive_acct *m, const trd_split *s, naive_balance *b) {
    const naive_instrument *it = &m->now.instrument[s->instrument];
    const wide all = b->free * s->numerator;
    const wide after = wide_floor((quotient){{all, 1, 1}, {s->denominator, 1, 1}});
    const wide rest = all - after * s->denominator;
    const wide cash = wide_floor((quotient){
        {s->px, rest, it->spec.numerator}, {it->spec.denominator, s->numerator, it->base_per_lot}});
    const uint32_t account = b->account;
    post(m, account, it->spec.base_asset, after - b->free, NAIVE_CORPORATE, TRD_ACCOUNT_OUTSIDE,
        TRD_SHORT_CORPORATE);
    post(m, account, it->spec.quote_asset, cash, NAIVE_CORPORATE, TRD_ACCOUNT_OUTSIDE,
        TRD_SHORT_CORPORATE);
    m->seen |= cash != 0 ? NAIVE_SEEN_SPLIT_CASH : 0;
    naive_forget_causes(m, account);
}

static void split_position(naive_acct *m, const trd_split *s, naive_position *p) {
    const naive_instrument *it = &m->now.instrument[s->instrument];
    const wide lots = wide_abs(p->qty);
    const wide all = lots * s->numerator;
    const wide after = all / s->denominator;
    const wide rest = all - after * s->denominator;
    const int sign = p->qty > 0 ? 1 : -1;
    const wide cost_out = wide_floor((quotient){{p->cost, rest, 1}, {lots, s->numerator, 1}});
    const wide gets = wide_floor((quotient){
        {sign * (wide)s->px, rest, it->spec.numerator}, {it->spec.denominator, s->numerator, 1}});
    p->qty = sign * after;
    p->cost -= cost_out;
    p->realised += gets - cost_out;
    m->seen |= rest != 0 ? NAIVE_SEEN_SPLIT_LOTS : 0;
    naive_count(m, p->account, &m->now.account[p->account].activity.realised, it->spec.settle_asset,
        gets - cost_out);
    naive_position_event(m, p);
}

static bool load_is_over(naive_acct *m, uint32_t account, const trd_instrument *spec) {
    return naive_load(m, account, spec->settle_asset) >= NAIVE_LIMIT ||
           naive_load(m, account, spec->base_asset) >= NAIVE_LIMIT;
}

/* The loads of all who have the base asset, or a position. */
static unsigned split_limits(naive_acct *m, const trd_split *s) {
    const trd_instrument *spec = &m->now.instrument[s->instrument].spec;
    bool over = false;
    for (uint32_t i = 0; i < m->now.balances; i++) {
        const naive_balance *b = &m->now.balance[i];
        over |= b->asset == spec->base_asset && load_is_over(m, b->account, spec);
    }
    for (uint32_t i = 0; i < m->now.positions; i++) {
        const naive_position *p = &m->now.position[i];
        over |= p->instrument == s->instrument && m->before.position[i].qty != 0 &&
                load_is_over(m, p->account, spec);
    }
    return naive_if(over, TRD_E_RANGE);
}

static bool is_in_use(naive_acct *m, uint32_t asset) {
    for (uint32_t i = 0; i < m->now.orders; i++) {
        const naive_order *o = &m->now.order[i];
        const trd_instrument *spec = &m->now.instrument[o->terms.instrument].spec;
        if (naive_held_asset(m, o) == asset ||
            (spec->kind == TRD_INSTRUMENT_SPOT && spec->base_asset == asset)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < m->now.balances; i++) {
        if (m->now.balance[i].asset == asset && naive_unsettled(&m->now.balance[i]) != 0) {
            return true;
        }
    }
    return false;
}

static unsigned check_split(naive_acct *m, const trd_split *s) {
    const uint32_t most = 1u << 20;
    unsigned codes = naive_if(s->numerator == 0 || s->numerator > most || s->denominator == 0 ||
                                  s->denominator > most || s->reserved != 0,
        TRD_E_ARG);
    if (s->instrument >= m->now.instruments) {
        return codes | NAIVE_CODE(TRD_E_UNKNOWN);
    }
    const trd_instrument *spec = &m->now.instrument[s->instrument].spec;
    codes |= naive_if(spec->kind != TRD_INSTRUMENT_SPOT, TRD_E_ARG);
    return codes | naive_if(s->px < spec->px_min || s->px > spec->px_max, TRD_E_ARG);
}

unsigned naive_acct_split(naive_acct *m, const trd_split *s) {
    unsigned codes = naive_begin(m, true) | check_split(m, s);
    if (codes != 0) {
        return naive_end(m, codes);
    }
    const trd_instrument *spec = &m->now.instrument[s->instrument].spec;
    if (is_in_use(m, spec->base_asset)) {
        return naive_end(m, NAIVE_CODE(TRD_E_BUSY));
    }
    m->context_instrument = s->instrument;
    const uint32_t balances = m->now.balances;
    for (uint32_t i = 0; i < balances; i++) {
        if (m->now.balance[i].asset == spec->base_asset) {
            split_balance(m, s, &m->now.balance[i]);
        }
    }
    const uint32_t positions = m->now.positions;
    for (uint32_t i = 0; i < positions; i++) {
        naive_position *p = &m->now.position[i];
        if (p->instrument == s->instrument && p->qty != 0) {
            split_position(m, s, p);
        }
    }
    const wide outside = wide_abs(naive_outside(m, s->instrument));
    return naive_end(m, naive_check_changed(m) | split_limits(m, s) | naive_room(m) |
                            naive_if(outside >= NAIVE_LIMIT, TRD_E_RANGE));
}

unsigned naive_acct_dividend(naive_acct *m, uint32_t instrument, uint32_t asset, trd_amt amount) {
    unsigned codes = naive_begin(m, true);
    codes |= naive_if(amount < 0, TRD_E_ARG);
    codes |= naive_if(instrument >= m->now.instruments || asset >= m->now.assets, TRD_E_UNKNOWN);
    if (codes != 0) {
        return naive_end(m, codes);
    }
    m->context_instrument = instrument;
    const uint32_t count = open_count(m, instrument);
    for (uint32_t n = 0; n < count; n++) {
        const naive_position *p = open_position(m, instrument, n);
        post(m, p->account, asset, p->qty * amount, NAIVE_CORPORATE, TRD_ACCOUNT_OUTSIDE,
            TRD_SHORT_CORPORATE);
        naive_forget_causes(m, p->account);
    }
    return naive_end(m, naive_check_changed(m) | naive_room(m));
}
