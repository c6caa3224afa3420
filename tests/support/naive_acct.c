/* naive_acct.c - life cycle, what there is, prices, and the model's own laws: see
 * naive_acct_model.h. */
#include "naive_acct_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Life cycle --------------------------------------------------------------------------------
 */

static void require(bool is, const char *what) {
    if (!is) {
        fprintf(stderr, "naive_acct: %s\n", what);
        abort();
    }
}

naive_acct *naive_acct_create(const trd_accounts_def *def) {
    require(def->assets_max <= NAIVE_ACCT_ASSETS && def->accounts_max <= NAIVE_ACCT_ACCOUNTS &&
                def->instruments_max <= NAIVE_ACCT_INSTRUMENTS &&
                def->fee_tables_max <= NAIVE_ACCT_TABLES &&
                def->balances_max + 2 * NAIVE_ACCT_ACCOUNTS <= NAIVE_ACCT_BALANCES &&
                def->positions_max + 2 <= NAIVE_ACCT_POSITIONS &&
                def->orders_max + 2 <= NAIVE_ACCT_ORDERS,
        "the world is too large");
    naive_acct *m = calloc(1, sizeof(*m));
    require(m != NULL, "no memory");
    m->def = *def;
    m->now.seq = 1;
    return m;
}

void naive_acct_destroy(naive_acct *m) {
    free(m);
}

void naive_acct_reset(naive_acct *m) {
    naive_state *s = &m->before;
    memset(s, 0, sizeof(*s));
    s->seq = 1;
    s->assets = m->now.assets;
    s->instruments = m->now.instruments;
    s->tables = m->now.tables;
    memcpy(s->table, m->now.table, sizeof(s->table));
    for (uint32_t i = 0; i < s->assets; i++) {
        s->asset[i].spec = m->now.asset[i].spec;
        s->asset[i].priced = i == m->def.valuation_asset;
        s->asset[i].numerator = s->asset[i].priced;
        s->asset[i].denominator = s->asset[i].priced;
    }
    for (uint32_t i = 0; i < s->instruments; i++) {
        s->instrument[i].spec = m->now.instrument[i].spec;
        s->instrument[i].terms = m->now.instrument[i].terms;
        s->instrument[i].base_per_lot = m->now.instrument[i].base_per_lot;
    }
    m->now = *s;
    m->pending = false;
    m->events = 0;
    m->output = 0;
}

/* --- Calls -------------------------------------------------------------------------------------
 */

unsigned naive_begin(naive_acct *m, bool writes) {
    m->before = m->now;
    m->events = 0;
    m->seen = 0;
    m->over = false;
    m->context_instrument = 0;
    m->context_reference = 0;
    const unsigned codes = (writes ? m->output : 0) | naive_if(m->pending, TRD_E_BUSY);
    m->output = 0;
    return codes;
}

unsigned naive_end(naive_acct *m, unsigned codes) {
    require(m->events <= NAIVE_ACCT_EVENTS && m->now.balances <= NAIVE_ACCT_BALANCES, "limits");
    if (codes != 0) {
        m->now = m->before;
        m->events = 0;
        m->seen = 0;
        return codes;
    }
    for (uint32_t i = 0; i < m->now.balances; i++) {
        naive_balance *b = &m->now.balance[i];
        if (naive_unsettled(b) == 0) {
            b->waits_since = 0;
        }
        naive_forget_causes(m, b->account);
    }
    return NAIVE_DONE;
}

void naive_acct_output(naive_acct *m, unsigned codes) {
    m->output = codes;
}

void naive_acct_pending(naive_acct *m, bool pending) {
    m->pending = pending;
}

unsigned naive_acct_continue(naive_acct *m) {
    const unsigned codes = m->output;
    m->output = 0;
    m->events = 0;
    return codes;
}

const trd_event *naive_acct_events(naive_acct *m, uint32_t *count) {
    *count = m->events;
    return m->event;
}

uint32_t naive_acct_seen(naive_acct *m) {
    return m->seen;
}

void naive_acct_stamp(naive_acct *m, trd_ns time, uint64_t seq) {
    m->now.time = time;
    m->now.seq = seq;
}

uint64_t naive_acct_next_seq(naive_acct *m) {
    return m->now.seq;
}

/* --- The model's own laws ----------------------------------------------------------------------
 */

static wide sum_of_asset(naive_acct *m, uint32_t asset) {
    wide sum = 0;
    for (uint32_t i = 0; i < TRD_VENUE_COUNT; i++) {
        sum += m->now.venue[i][asset];
    }
    for (uint32_t i = 0; i < m->now.balances; i++) {
        const naive_balance *b = &m->now.balance[i];
        if (b->asset == asset) {
            sum += b->free + naive_locked(m, b->account, asset) + naive_unsettled(b);
        }
    }
    return sum;
}

static wide open_cost(naive_acct *m, uint32_t asset) {
    wide sum = 0;
    for (uint32_t i = 0; i < m->now.positions; i++) {
        const naive_position *p = &m->now.position[i];
        const naive_instrument *it = &m->now.instrument[p->instrument];
        sum += naive_is_derivative(it) && it->spec.settle_asset == asset ? p->cost : 0;
    }
    return sum;
}

static bool fits(wide a) {
    return a >= INT64_MIN && a <= INT64_MAX;
}

/* Does what an order, a balance or a position says fit 64 bits? The sum of a balance's parts, too.
 */
static bool all_fit(naive_acct *m) {
    bool fit = true;
    for (uint32_t i = 0; i < m->now.balances; i++) {
        const naive_balance *b = &m->now.balance[i];
        const wide locked = naive_locked(m, b->account, b->asset);
        fit &= fits(wide_abs(b->free) + locked + naive_unsettled(b) + b->debt);
    }
    for (uint32_t i = 0; i < m->now.positions; i++) {
        const naive_position *p = &m->now.position[i];
        fit &= fits(p->qty) && fits(p->cost) && fits(p->realised) && fits(p->fees) &&
               fits(p->funding) && fits(wide_abs(p->realised) + wide_abs(p->cost));
    }
    for (uint32_t i = 0; i < m->now.orders; i++) {
        const naive_order *o = &m->now.order[i];
        fit &= fits(o->held) && fits(o->moved) && fits(o->basis) && fits(o->fees_charged) &&
               fits(o->executed + o->leaves);
    }
    return fit;
}

const char *naive_acct_broken(naive_acct *m) {
    if (!all_fit(m)) {
        return "a number that does not fit 64 bits";
    }
    for (uint32_t i = 0; i < m->now.assets; i++) {
        if (sum_of_asset(m, i) != 0) {
            return "an asset does not sum to zero";
        }
        if (m->now.venue[TRD_ACCOUNT_CLEARING - TRD_ACCOUNT_VENUE][i] != -open_cost(m, i)) {
            return "CLEARING is not the open cost";
        }
    }
    for (uint32_t i = 0; i < m->now.balances; i++) {
        const naive_balance *b = &m->now.balance[i];
        if ((b->free < 0) != (b->cause != 0)) {
            return "a shortage without cause, or a cause without shortage";
        }
        if (b->debt < 0 || naive_unsettled(b) < 0) {
            return "debt or unsettled below zero";
        }
    }
    for (uint32_t i = 0; i < m->now.positions; i++) {
        const naive_position *p = &m->now.position[i];
        if (p->collateral < 0 || (p->qty == 0 && (p->cost != 0 || p->collateral != 0))) {
            return "a flat position with cost or collateral";
        }
    }
    for (uint32_t i = 0; i < m->now.orders; i++) {
        if (m->now.order[i].held < 0 || m->now.order[i].leaves <= 0) {
            return "a hold below zero, or without lots";
        }
    }
    return NULL;
}

/* --- What there is -----------------------------------------------------------------------------
 */

static bool symbol_is_good(const char *symbol) {
    const size_t size = strnlen(symbol, TRD_SYMBOL_SIZE);
    bool good = size > 0 && size < TRD_SYMBOL_SIZE;
    for (size_t i = 0; i < TRD_SYMBOL_SIZE; i++) {
        good &= i < size ? symbol[i] > ' ' && symbol[i] <= '~' : symbol[i] == 0;
    }
    return good;
}

unsigned naive_acct_asset_add(naive_acct *m, const trd_asset *asset, int *number) {
    unsigned codes = naive_begin(m, false);
    const bool good = asset->struct_size == sizeof(*asset) && asset->scale <= 12 &&
                      asset->reserved[0] == 0 && asset->reserved[1] == 0 &&
                      asset->reserved[2] == 0 && symbol_is_good(asset->symbol);
    codes |= naive_if(!good, TRD_E_ARG);
    codes |= naive_if(m->now.assets >= m->def.assets_max, TRD_E_FULL);
    if (codes == 0) {
        const bool valuation = m->now.assets == m->def.valuation_asset;
        *number = (int)m->now.assets;
        m->now.asset[m->now.assets++] = (naive_asset){
            .spec = *asset, .priced = valuation, .numerator = valuation, .denominator = valuation};
    }
    return naive_end(m, codes);
}

static bool rate_is_good(int32_t ppb) {
    return ppb >= -TRD_FEE_RATE_MAX && ppb <= TRD_FEE_RATE_MAX;
}

static bool tiers_are_good(const trd_fee_table *t) {
    bool good = t->tier_count >= 1 && t->tier_count <= TRD_FEE_TIERS_MAX && t->tiers[0].volume == 0;
    for (uint32_t i = 0; i < TRD_FEE_TIERS_MAX && good; i++) {
        const trd_fee_tier *tier = &t->tiers[i];
        if (i >= t->tier_count) {
            good = tier->volume == 0 && tier->maker_ppb == 0 && tier->taker_ppb == 0;
        } else {
            good = rate_is_good(tier->maker_ppb) && rate_is_good(tier->taker_ppb) &&
                   (i == 0 || tier->volume > tier[-1].volume);
        }
    }
    return good;
}

unsigned naive_acct_fees_add(naive_acct *m, const trd_fee_table *table, int *number) {
    unsigned codes = naive_begin(m, false);
    const bool good = table->struct_size == sizeof(*table) && tiers_are_good(table) &&
                      table->pays_in <= m->now.assets && table->discount_ppm < NAIVE_MILLION &&
                      (table->pays_in != 0 || table->discount_ppm == 0);
    codes |= naive_if(!good, TRD_E_ARG);
    codes |= naive_if(m->now.tables >= m->def.fee_tables_max, TRD_E_FULL);
    if (codes == 0) {
        *number = (int)m->now.tables;
        m->now.table[m->now.tables++] = *table;
    }
    return naive_end(m, codes);
}

/* Worlds of the model have no tick tiers. */
static bool numbers_are_good(const trd_instrument *s, uint64_t orders_max) {
    static const trd_tick_tier no_tiers[TRD_TIERS_MAX];
    if (s->px_scale > 18 || s->qty_scale > 18 || s->tick_size < 1 || s->lot_size < 1 ||
        s->lot_step < 1 || s->px_min > s->px_max || s->qty_min < 1 || s->qty_min > s->qty_max ||
        s->qty_max / s->lot_step * s->lot_step < s->qty_min || s->notional_min < 0 ||
        s->notional_max < 0 || (s->notional_max > 0 && s->notional_min > s->notional_max) ||
        s->numerator < 1 || s->denominator < 1 || s->reserved != 0 || s->tier_count != 0 ||
        memcmp(s->tiers, no_tiers, sizeof(no_tiers)) != 0) {
        return false;
    }
    const bool inverse = s->kind == TRD_INSTRUMENT_INVERSE;
    if ((inverse && s->px_min < 1) || (wide)s->qty_max * orders_max > INT64_MAX) {
        return false;
    }
    const wide far = wide_max(wide_abs(s->px_min), wide_abs(s->px_max));
    const quotient largest =
        inverse ? (quotient){{s->qty_max, s->numerator, 1}, {s->px_min, s->denominator, 1}}
                : (quotient){{far, s->qty_max, s->numerator}, {s->denominator, 1, 1}};
    return wide_floor(largest) < NAIVE_LIMIT;
}

static bool spec_is_good(const trd_instrument *s, uint64_t orders_max) {
    if (s->struct_size != sizeof(*s) || s->kind < TRD_INSTRUMENT_SPOT ||
        s->kind > TRD_INSTRUMENT_OPTION || !symbol_is_good(s->symbol) ||
        (s->profile & ~(uint32_t)TRD_PROFILE_ALL) != 0) {
        return false;
    }
    if (s->kind == TRD_INSTRUMENT_OPTION) {
        if ((s->option != TRD_OPTION_CALL && s->option != TRD_OPTION_PUT) || s->expiry == 0) {
            return false;
        }
    } else if (s->option != TRD_OPTION_NONE || s->strike != 0 ||
               (s->kind == TRD_INSTRUMENT_SPOT && s->expiry != 0)) {
        return false;
    }
    return numbers_are_good(s, orders_max);
}

static bool terms_are_good(naive_acct *m, const trd_instrument *s, const trd_terms *t) {
    bool good = t->struct_size == sizeof(*t) && t->settle_days <= TRD_SETTLE_DAYS_MAX &&
                (t->settle_days == 0 || s->kind == TRD_INSTRUMENT_SPOT) && t->delivery <= 1 &&
                (t->delivery == 0 || s->kind == TRD_INSTRUMENT_LINEAR ||
                    s->kind == TRD_INSTRUMENT_OPTION) &&
                t->tax_count <= TRD_TAXES_MAX && t->reserved == 0 && t->reserved1 == 0 &&
                t->fees <= m->now.tables;
    for (uint32_t i = 0; i < TRD_TAXES_MAX; i++) {
        const uint32_t most = i < t->tax_count ? TRD_FEE_RATE_MAX : 0;
        good &= t->taxes[i].buyer_ppb <= most && t->taxes[i].seller_ppb <= most;
    }
    return good;
}

/* 0: not a whole number, or too large. */
static wide base_per_lot(naive_acct *m, const trd_instrument *s) {
    wide over = s->lot_size;
    wide under = 1;
    for (int i = 0; i < m->now.asset[s->base_asset].spec.scale; i++) {
        over *= 10;
    }
    for (int i = 0; i < s->qty_scale; i++) {
        under *= 10;
    }
    return over % under == 0 && over / under < NAIVE_LIMIT ? over / under : 0;
}

unsigned naive_acct_instrument_add(
    naive_acct *m, const trd_instrument *spec, const trd_terms *terms, int *number) {
    unsigned codes = naive_begin(m, false);
    bool good = spec_is_good(spec, m->def.orders_max) && terms_are_good(m, spec, terms) &&
                spec->base_asset < m->now.assets && spec->quote_asset < m->now.assets &&
                spec->settle_asset < m->now.assets;
    wide base = 0;
    if (good) {
        const bool spot = spec->kind == TRD_INSTRUMENT_SPOT;
        const bool needs_base = spot || terms->delivery == TRD_DELIVERY_PHYSICAL;
        base = needs_base ? base_per_lot(m, spec) : 0;
        good = (!spot || spec->settle_asset == spec->quote_asset) && (base > 0 || !needs_base);
        good &= !needs_base || spec->base_asset != spec->settle_asset;
        good &= spec->px_min >= 0 || naive_is_derivative(&(naive_instrument){.spec = *spec});
    }
    codes |= naive_if(!good, TRD_E_ARG);
    codes |= naive_if(m->now.instruments >= m->def.instruments_max, TRD_E_FULL);
    if (codes == 0) {
        *number = (int)m->now.instruments;
        m->now.instrument[m->now.instruments++] =
            (naive_instrument){.spec = *spec, .terms = *terms, .base_per_lot = base};
    }
    return naive_end(m, codes);
}

/* --- Accounts ----------------------------------------------------------------------------------
 */

bool naive_account_is_open(naive_acct *m, uint32_t account) {
    return account < m->def.accounts_max && m->now.account[account].open;
}

static bool account_is_good(naive_acct *m, const trd_account *t) {
    return t->struct_size == sizeof(*t) && t->fees < m->now.tables && t->role >= TRD_ROLE_VIEWER &&
           t->role <= TRD_ROLE_ADMIN && t->mode >= TRD_MODE_CASH && t->mode <= TRD_MODE_MULTI &&
           t->hedge <= 1 && t->enabled <= 1 && t->reserved == 0;
}

static bool parent_is_good(naive_acct *m, uint32_t account, const trd_account *t) {
    if (t->parent == 0) {
        return true;
    }
    const uint32_t parent = t->parent - 1;
    if (parent == account || !naive_account_is_open(m, parent) ||
        m->now.account[parent].terms.parent != 0) {
        return false;
    }
    for (uint32_t i = 0; i < m->def.accounts_max; i++) {
        if (m->now.account[i].open && m->now.account[i].terms.parent == account + 1) {
            return false;
        }
    }
    return true;
}

static bool is_engaged(naive_acct *m, uint32_t account) {
    bool is = false;
    for (uint32_t i = 0; i < m->now.positions; i++) {
        is |= m->now.position[i].account == account && m->now.position[i].qty != 0;
    }
    for (uint32_t i = 0; i < m->now.orders; i++) {
        is |= m->now.order[i].terms.account == account;
    }
    return is;
}

unsigned naive_acct_open(naive_acct *m, uint32_t account, const trd_account *terms) {
    unsigned codes = naive_begin(m, false);
    codes |= naive_if(account >= m->def.accounts_max, TRD_E_UNKNOWN);
    codes |= naive_if(!account_is_good(m, terms), TRD_E_ARG);
    codes |= naive_if(!parent_is_good(m, account, terms), TRD_E_ARG);
    if (codes != 0) {
        return naive_end(m, codes);
    }
    naive_account *a = &m->now.account[account];
    codes |=
        naive_if(a->open && a->terms.hedge != terms->hedge && is_engaged(m, account), TRD_E_BUSY);
    a->open = true;
    a->terms = *terms;
    return naive_end(m, codes);
}

unsigned naive_acct_get(naive_acct *m, uint32_t account, trd_account *out) {
    if (!naive_account_is_open(m, account)) {
        return NAIVE_CODE(TRD_E_UNKNOWN);
    }
    *out = m->now.account[account].terms;
    return NAIVE_DONE;
}

/* --- Prices ------------------------------------------------------------------------------------
 */

unsigned naive_acct_mark(naive_acct *m, uint32_t instrument, trd_px px) {
    unsigned codes = naive_begin(m, false);
    if (instrument >= m->now.instruments) {
        return naive_end(m, codes | NAIVE_CODE(TRD_E_UNKNOWN));
    }
    naive_instrument *it = &m->now.instrument[instrument];
    codes |= naive_if(px < it->spec.px_min || px > it->spec.px_max, TRD_E_ARG);
    it->marked = true;
    it->mark = px;
    return naive_end(m, codes);
}

unsigned naive_acct_rate(naive_acct *m, uint32_t asset, uint32_t numerator, uint32_t denominator) {
    const uint32_t most = 1u << 31;
    unsigned codes = naive_begin(m, false);
    codes |= naive_if(numerator == 0 || numerator > most || denominator == 0 ||
                          denominator > most || asset == m->def.valuation_asset,
        TRD_E_ARG);
    codes |= naive_if(asset >= m->now.assets, TRD_E_UNKNOWN);
    if (codes == 0) {
        m->now.asset[asset].priced = true;
        m->now.asset[asset].numerator = numerator;
        m->now.asset[asset].denominator = denominator;
    }
    return naive_end(m, codes);
}
