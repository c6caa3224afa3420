/* naive_acct_money.c - balances, postings, limits, transfers, loans: see naive_acct_model.h. */
#include "naive_acct_model.h"

#include <string.h>

/* --- Balances ----------------------------------------------------------------------------------
 */

naive_balance *naive_find_balance(naive_acct *m, uint32_t account, uint32_t asset) {
    for (uint32_t i = 0; i < m->now.balances; i++) {
        naive_balance *b = &m->now.balance[i];
        if (b->account == account && b->asset == asset) {
            return b;
        }
    }
    return NULL;
}

naive_balance *naive_use_balance(naive_acct *m, uint32_t account, uint32_t asset) {
    naive_balance *b = naive_find_balance(m, account, asset);
    if (b == NULL) {
        b = &m->now.balance[m->now.balances++];
        memset(b, 0, sizeof(*b));
        b->account = account;
        b->asset = asset;
    }
    return b;
}

/* All holds and all collaterals. */
wide naive_locked(naive_acct *m, uint32_t account, uint32_t asset) {
    wide sum = 0;
    for (uint32_t i = 0; i < m->now.orders; i++) {
        const naive_order *o = &m->now.order[i];
        if (o->terms.account == account && naive_held_asset(m, o) == asset) {
            sum += o->held;
        }
    }
    for (uint32_t i = 0; i < m->now.positions; i++) {
        const naive_position *p = &m->now.position[i];
        if (p->account == account && m->now.instrument[p->instrument].spec.settle_asset == asset) {
            sum += p->collateral;
        }
    }
    return sum;
}

wide naive_unsettled(const naive_balance *b) {
    wide sum = 0;
    for (unsigned days = 1; days <= TRD_SETTLE_DAYS_MAX; days++) {
        sum += b->unsettled[days];
    }
    return sum;
}

static wide total(naive_acct *m, const naive_balance *b) {
    return b->free + naive_locked(m, b->account, b->asset) + naive_unsettled(b);
}

void naive_forget_causes(naive_acct *m, uint32_t account) {
    for (uint32_t i = 0; i < m->now.balances; i++) {
        naive_balance *b = &m->now.balance[i];
        if (b->account == account && b->free >= 0) {
            m->seen |= b->cause != 0 ? NAIVE_SEEN_CLEARED : 0;
            b->cause = 0;
        }
    }
}

/* --- Events ------------------------------------------------------------------------------------
 */

static trd_event *next_event(naive_acct *m, uint8_t kind, uint32_t account) {
    trd_event *e = &m->event[m->events++];
    memset(e, 0, sizeof(*e));
    e->seq = m->now.seq++;
    e->time = m->now.time;
    e->kind = kind;
    e->slots = 1;
    e->account = account;
    return e;
}

static void put(trd_event *e, unsigned at, const void *value, size_t size) {
    memcpy(e->u.body + at, value, size);
}

void naive_ledger_event(naive_acct *m, uint32_t account, uint32_t asset, wide amount, wide balance,
    uint16_t entry, uint16_t part, uint32_t publish) {
    if ((m->def.publish & publish) == 0) {
        return;
    }
    trd_event *e = next_event(m, TRD_EVENT_LEDGER, account);
    e->instrument = m->context_instrument;
    const uint64_t amount64 = (uint64_t)amount;
    const uint64_t balance64 = (uint64_t)balance;
    put(e, 0, &amount64, 8);
    put(e, 8, &balance64, 8);
    put(e, 16, &m->context_reference, 8);
    put(e, 24, &asset, 4);
    put(e, 28, &entry, 2);
    put(e, 30, &part, 2);
}

void naive_position_event(naive_acct *m, const naive_position *p) {
    if ((m->def.publish & TRD_PUBLISH_MONEY_POSITIONS) == 0) {
        return;
    }
    trd_event *e = next_event(m, TRD_EVENT_POSITION, p->account);
    e->instrument = p->instrument;
    const int64_t qty = (int64_t)p->qty;
    const int64_t cost = (int64_t)p->cost;
    const int64_t realised = (int64_t)p->realised;
    const uint8_t side = (uint8_t)p->side;
    put(e, 0, &qty, 8);
    put(e, 8, &cost, 8);
    put(e, 16, &realised, 8);
    put(e, 24, &side, 1);
}

/* --- Postings ----------------------------------------------------------------------------------
 */

static void add_to_venue(
    naive_acct *m, uint32_t account, uint32_t asset, wide amount, uint16_t entry, uint16_t part) {
    wide *balance = &m->now.venue[account - TRD_ACCOUNT_VENUE][asset];
    *balance += amount;
    naive_ledger_event(m, account, asset, amount, *balance, entry, part, TRD_PUBLISH_MONEY_VENUE);
}

static void add_to_account(naive_acct *m, const naive_posting *p) {
    naive_balance *b = naive_use_balance(m, p->account, p->asset);
    if (p->days > 0) {
        if (b->waits_since == 0) {
            b->waits_since = ++m->now.rank;
        }
        b->unsettled[p->days] += p->amount;
        m->seen |= p->amount > 0 ? NAIVE_SEEN_UNSETTLED : NAIVE_SEEN_FEE_UNSETTLED;
    } else {
        b->free += p->amount;
        if (p->amount < 0 && b->free < 0) {
            b->cause |= p->cause;
        }
    }
    naive_ledger_event(m, p->account, p->asset, p->amount, total(m, b), p->entry, p->part,
        TRD_PUBLISH_MONEY_ACCOUNTS);
}

void naive_post(naive_acct *m, naive_posting p) {
    if (p.amount == 0) {
        return;
    }
    if (p.account >= TRD_ACCOUNT_VENUE) {
        add_to_venue(m, p.account, p.asset, p.amount, p.entry, p.part);
    } else {
        add_to_account(m, &p);
    }
    add_to_venue(m, p.counter, p.asset, -p.amount, p.entry, p.part);
}

void naive_post_venue(
    naive_acct *m, uint32_t to, uint32_t from, uint32_t asset, wide amount, uint16_t entry) {
    if (amount != 0) {
        add_to_venue(m, to, asset, amount, entry, 0);
        add_to_venue(m, from, asset, -amount, entry, 0);
    }
}

void naive_post_locked(naive_acct *m, uint32_t account, uint32_t asset, wide change, wide *held) {
    if (change == 0) {
        return;
    }
    naive_balance *b = naive_use_balance(m, account, asset);
    b->free += change;
    *held -= change;
    naive_ledger_event(m, account, asset, change, b->free, change > 0 ? NAIVE_RELEASE : NAIVE_LOCK,
        0, TRD_PUBLISH_MONEY_HOLDS);
}

/* --- Limits ------------------------------------------------------------------------------------
 */

wide naive_load(naive_acct *m, uint32_t account, uint32_t asset) {
    wide load = naive_locked(m, account, asset);
    const naive_balance *b = naive_find_balance(m, account, asset);
    if (b != NULL) {
        load += wide_abs(b->free) + naive_unsettled(b) + b->debt;
    }
    for (uint32_t i = 0; i < m->now.positions; i++) {
        const naive_position *p = &m->now.position[i];
        const naive_instrument *it = &m->now.instrument[p->instrument];
        if (p->account != account) {
            continue;
        }
        const wide lots =
            wide_abs(p->qty) + naive_open_lots(m, p, TRD_BUY) + naive_open_lots(m, p, TRD_SELL);
        load += it->spec.settle_asset == asset ? naive_reach(m, p) : 0;
        if (it->spec.kind == TRD_INSTRUMENT_SPOT && it->spec.base_asset == asset) {
            load += it->base_per_lot * lots;
        }
    }
    return load;
}

/* Could an order bring this balance an amount that is not settled? */
static bool may_bring(naive_acct *m, const naive_order *o, const naive_balance *b) {
    const naive_instrument *it = &m->now.instrument[o->terms.instrument];
    const uint32_t gets = o->terms.side == TRD_BUY ? it->spec.base_asset : it->spec.quote_asset;
    return it->terms.settle_days > 0 && o->terms.account == b->account && gets == b->asset;
}

static uint32_t waiting_balances(naive_acct *m) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->now.balances; i++) {
        const naive_balance *b = &m->now.balance[i];
        bool waits = naive_unsettled(b) != 0;
        for (uint32_t k = 0; k < m->now.orders; k++) {
            waits |= may_bring(m, &m->now.order[k], b);
        }
        count += waits;
    }
    return count;
}

unsigned naive_room(naive_acct *m) {
    return naive_if(m->now.balances > m->def.balances_max, TRD_E_FULL) |
           naive_if(m->now.positions > m->def.positions_max, TRD_E_FULL) |
           naive_if(waiting_balances(m) > m->def.unsettled_max, TRD_E_FULL);
}

static bool is_over(wide amount) {
    return wide_abs(amount) >= NAIVE_LIMIT;
}

static bool balance_is_over(naive_acct *m, uint32_t i) {
    const naive_balance *b = &m->now.balance[i];
    const bool same = i < m->before.balances && memcmp(b, &m->before.balance[i], sizeof(*b)) == 0;
    const wide locked = naive_locked(m, b->account, b->asset);
    return !same && is_over(wide_abs(b->free) + locked + naive_unsettled(b) + b->debt);
}

static bool position_is_over(naive_acct *m, uint32_t i) {
    const naive_position *p = &m->now.position[i];
    if (memcmp(p, &m->before.position[i], sizeof(*p)) == 0) {
        return false;
    }
    const wide lots =
        wide_abs(p->qty) + naive_open_lots(m, p, TRD_BUY) + naive_open_lots(m, p, TRD_SELL);
    return is_over(p->cost) || is_over(p->realised) || is_over(p->fees) || is_over(p->funding) ||
           is_over(lots);
}

unsigned naive_check_changed(naive_acct *m) {
    bool over = m->over;
    for (uint32_t i = 0; i < m->now.balances; i++) {
        over |= balance_is_over(m, i);
    }
    for (uint32_t i = 0; i < m->now.positions; i++) {
        over |= position_is_over(m, i);
    }
    return naive_if(over, TRD_E_RANGE);
}

/* --- Activity ----------------------------------------------------------------------------------
 */

void naive_count(naive_acct *m, uint32_t account, trd_amt *sum, uint32_t asset, wide amount) {
    const naive_asset *a = &m->now.asset[asset];
    if (amount == 0) {
        return;
    }
    if (a->priced) {
        const wide worth =
            wide_floor((quotient){{amount, a->numerator, 1}, {a->denominator, 1, 1}});
        const wide after = *sum + worth;
        if (!is_over(worth) && !is_over(after)) {
            *sum = (trd_amt)after;
            return;
        }
    }
    m->now.account[account].activity.unpriced++;
    m->seen |= NAIVE_SEEN_UNPRICED;
}

/* --- Transfers and loans -----------------------------------------------------------------------
 */

static bool is_venue(uint32_t account) {
    return account >= TRD_ACCOUNT_VENUE && account < TRD_ACCOUNT_VENUE + TRD_VENUE_COUNT;
}

static bool is_end(naive_acct *m, uint32_t account) {
    return is_venue(account) || naive_account_is_open(m, account);
}

static void add_to_end(naive_acct *m, uint32_t account, uint32_t asset, wide amount) {
    if (is_venue(account)) {
        add_to_venue(m, account, asset, amount, NAIVE_TRANSFER, 0);
    } else {
        const naive_posting p = {
            .account = account, .asset = asset, .amount = amount, .entry = NAIVE_TRANSFER};
        add_to_account(m, &p);
    }
}

static wide free_of(naive_acct *m, uint32_t account, uint32_t asset) {
    const naive_balance *b = naive_find_balance(m, account, asset);
    return b == NULL ? 0 : b->free;
}

static unsigned receiver_limits(naive_acct *m, uint32_t account, uint32_t asset) {
    return naive_if(naive_load(m, account, asset) >= NAIVE_LIMIT, TRD_E_RANGE) | naive_room(m);
}

unsigned naive_acct_transfer(naive_acct *m, const trd_transfer *t) {
    unsigned codes = naive_begin(m, true);
    codes |= naive_if(t->from == t->to || t->amount <= 0 || t->reserved != 0, TRD_E_ARG);
    codes |= naive_if(t->from == TRD_ACCOUNT_CLEARING || t->to == TRD_ACCOUNT_CLEARING, TRD_E_ARG);
    codes |= naive_if(!is_end(m, t->from) || !is_end(m, t->to), TRD_E_UNKNOWN);
    codes |= naive_if(t->asset >= m->now.assets, TRD_E_UNKNOWN);
    if (codes != 0) {
        return naive_end(m, codes);
    }
    codes |= naive_if(!is_venue(t->from) && free_of(m, t->from, t->asset) < t->amount, TRD_E_FUNDS);
    codes |= naive_if(is_over(t->amount), TRD_E_RANGE);
    m->context_reference = t->reference;
    add_to_end(m, t->from, t->asset, -(wide)t->amount);
    add_to_end(m, t->to, t->asset, t->amount);
    if (!is_venue(t->to)) {
        codes |= receiver_limits(m, t->to, t->asset);
    }
    return naive_end(m, codes);
}

unsigned naive_acct_loan(
    naive_acct *m, uint32_t account, uint32_t asset, trd_amt amount, uint64_t reference) {
    unsigned codes = naive_begin(m, true);
    codes |= naive_if(amount == 0, TRD_E_ARG);
    codes |= naive_if(!naive_account_is_open(m, account), TRD_E_UNKNOWN);
    codes |= naive_if(asset >= m->now.assets, TRD_E_UNKNOWN);
    if (codes != 0) {
        return naive_end(m, codes);
    }
    naive_balance *b = naive_use_balance(m, account, asset);
    codes |= naive_if(amount < 0 && b->debt < -(wide)amount, TRD_E_RANGE);
    codes |= naive_if(amount < 0 && b->free < -(wide)amount, TRD_E_FUNDS);
    codes |= naive_if(is_over(amount), TRD_E_RANGE);
    m->context_reference = reference;
    b->debt += amount;
    naive_post(m, (naive_posting){.account = account,
                      .asset = asset,
                      .amount = amount,
                      .entry = NAIVE_LOAN,
                      .counter = TRD_ACCOUNT_LENDER});
    if (amount > 0) {
        codes |= receiver_limits(m, account, asset);
    }
    return naive_end(m, codes);
}
