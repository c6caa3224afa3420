/* naive_acct_ask.c - questions: see naive_acct_model.h. */
#include "naive_acct_model.h"

#include <string.h>

static bool fits64(wide a) {
    return a >= INT64_MIN && a <= INT64_MAX;
}

/* --- Balances ----------------------------------------------------------------------------------
 */

static unsigned venue_balance(naive_acct *m, uint32_t account, uint32_t asset, trd_balance *out) {
    const wide balance = m->now.venue[account - TRD_ACCOUNT_VENUE][asset];
    if (!fits64(balance)) {
        return NAIVE_CODE(TRD_E_RANGE);
    }
    *out = (trd_balance){.free = (trd_amt)balance};
    return NAIVE_DONE;
}

unsigned naive_acct_balance(naive_acct *m, uint32_t account, uint32_t asset, trd_balance *out) {
    const bool venue =
        account >= TRD_ACCOUNT_VENUE && account < TRD_ACCOUNT_VENUE + TRD_VENUE_COUNT;
    if (asset >= m->now.assets || (!venue && !naive_account_is_open(m, account))) {
        return NAIVE_CODE(TRD_E_UNKNOWN);
    }
    if (venue) {
        return venue_balance(m, account, asset, out);
    }
    memset(out, 0, sizeof(*out));
    const naive_balance *b = naive_find_balance(m, account, asset);
    if (b != NULL) {
        out->free = (trd_amt)b->free;
        out->locked = (trd_amt)naive_locked(m, account, asset);
        out->unsettled = (trd_amt)naive_unsettled(b);
        out->debt = (trd_amt)b->debt;
        out->cause = b->cause;
    }
    return NAIVE_DONE;
}

/* --- Positions ---------------------------------------------------------------------------------
 */

static unsigned check_position(
    naive_acct *m, uint32_t account, uint32_t instrument, unsigned side) {
    return naive_if(side > TRD_POSITION_SHORT, TRD_E_ARG) |
           naive_if(!naive_account_is_open(m, account) || instrument >= m->now.instruments,
               TRD_E_UNKNOWN);
}

unsigned naive_acct_position(
    naive_acct *m, uint32_t account, uint32_t instrument, unsigned side, trd_holding *out) {
    const unsigned codes = check_position(m, account, instrument, side);
    if (codes != 0) {
        return codes;
    }
    memset(out, 0, sizeof(*out));
    const naive_position *p = naive_find_position(m, account, instrument, side);
    if (p != NULL) {
        out->qty = (trd_qty)p->qty;
        out->cost = (trd_amt)p->cost;
        out->realised = (trd_amt)p->realised;
        out->fees = (trd_amt)p->fees;
        out->funding = (trd_amt)p->funding;
        out->collateral = (trd_amt)p->collateral;
        out->open[0] = (trd_qty)naive_open_lots(m, p, TRD_BUY);
        out->open[1] = (trd_qty)naive_open_lots(m, p, TRD_SELL);
    }
    return NAIVE_DONE;
}

/* What closing all of it at the mark would bring. */
static wide marked_value(naive_acct *m, const naive_position *p) {
    const naive_instrument *it = &m->now.instrument[p->instrument];
    return p->qty == 0 ? 0 : naive_closing(it, p->qty, it->mark);
}

unsigned naive_acct_unrealised(
    naive_acct *m, uint32_t account, uint32_t instrument, unsigned side, trd_amt *out) {
    const unsigned codes = check_position(m, account, instrument, side);
    if (codes != 0) {
        return codes;
    }
    if (!m->now.instrument[instrument].marked) {
        return NAIVE_CODE(TRD_E_UNKNOWN);
    }
    const naive_position *p = naive_find_position(m, account, instrument, side);
    const wide profit = p == NULL ? 0 : marked_value(m, p) - p->cost;
    if (!fits64(profit)) {
        return NAIVE_CODE(TRD_E_RANGE);
    }
    *out = (trd_amt)profit;
    return NAIVE_DONE;
}

/* --- Equity ------------------------------------------------------------------------------------
 */

/* Adds an amount in the valuation asset; false if its rate is not known. */
static bool add_valued(naive_acct *m, wide *sum, uint32_t asset, wide amount) {
    const naive_asset *a = &m->now.asset[asset];
    if (amount == 0) {
        return true;
    }
    if (!a->priced) {
        return false;
    }
    const wide worth = wide_floor((quotient){{amount, a->numerator, 1}, {a->denominator, 1, 1}});
    m->over |= wide_abs(worth) >= NAIVE_LIMIT;
    *sum += worth;
    return true;
}

static bool add_position(naive_acct *m, wide *unrealised, wide *options, const naive_position *p) {
    const naive_instrument *it = &m->now.instrument[p->instrument];
    if (p->qty == 0 || it->spec.kind == TRD_INSTRUMENT_SPOT) {
        return true;
    }
    if (!it->marked) {
        return false;
    }
    const wide value = marked_value(m, p);
    return it->spec.kind == TRD_INSTRUMENT_OPTION
               ? add_valued(m, options, it->spec.settle_asset, value)
               : add_valued(m, unrealised, it->spec.settle_asset, value - p->cost);
}

unsigned naive_acct_equity(naive_acct *m, uint32_t account, trd_equity *out) {
    if (!naive_account_is_open(m, account)) {
        return NAIVE_CODE(TRD_E_UNKNOWN);
    }
    wide money = 0;
    wide unrealised = 0;
    wide options = 0;
    bool known = true;
    m->over = false;
    for (uint32_t i = 0; i < m->now.balances; i++) {
        const naive_balance *b = &m->now.balance[i];
        if (b->account == account) {
            const wide all = b->free + naive_locked(m, account, b->asset) + naive_unsettled(b);
            known &= add_valued(m, &money, b->asset, all - b->debt);
        }
    }
    for (uint32_t i = 0; i < m->now.positions; i++) {
        const naive_position *p = &m->now.position[i];
        known &= p->account != account || add_position(m, &unrealised, &options, p);
    }
    const wide total = money + unrealised + options;
    const bool over = m->over || wide_abs(money) >= NAIVE_LIMIT ||
                      wide_abs(unrealised) >= NAIVE_LIMIT || wide_abs(options) >= NAIVE_LIMIT ||
                      wide_abs(total) >= NAIVE_LIMIT;
    const unsigned codes = naive_if(!known, TRD_E_UNKNOWN) | naive_if(over, TRD_E_RANGE);
    if (codes == 0) {
        *out = (trd_equity){.balances = (trd_amt)money,
            .unrealised = (trd_amt)unrealised,
            .options = (trd_amt)options,
            .total = (trd_amt)total};
    }
    return codes;
}

unsigned naive_acct_activity(naive_acct *m, uint32_t account, trd_activity *out) {
    if (!naive_account_is_open(m, account)) {
        return NAIVE_CODE(TRD_E_UNKNOWN);
    }
    *out = m->now.account[account].activity;
    return NAIVE_DONE;
}
