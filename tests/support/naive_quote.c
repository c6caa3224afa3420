/* naive_quote.c - "QUOTE and PROTECTION" of docs/reference/groups.md. */
#include "naive_model.h"

#include <string.h>

/* --- Rows ------------------------------------------------------------------------------------ */

static naive_row *row_of(const naive_match *m, uint32_t account, uint32_t instrument) {
    for (uint32_t i = 0; i < m->row_count; i++) {
        if (m->row[i]->account == account && m->row[i]->instrument == instrument) {
            return m->row[i];
        }
    }
    return NULL;
}

const naive_row *naive_row_of(const naive_match *m, uint32_t account, uint32_t instrument) {
    return row_of(m, account, instrument);
}

/* A row is there while a quote order lives or a protection is set. */
static bool is_there(const naive_row *row) {
    return row->order[0] != NULL || row->order[1] != NULL || row->has_protection;
}

static bool has_no_row(const naive_match *m, const trd_command *c) {
    const naive_row *own = row_of(m, c->account, c->instrument);
    uint32_t rows = 0;
    for (uint32_t i = 0; i < m->row_count; i++) {
        rows += is_there(m->row[i]);
    }
    return (own == NULL || !is_there(own)) && rows >= m->def.quotes_max;
}

static naive_row *row_made_for(naive_match *m, uint32_t account, uint32_t instrument) {
    naive_row *row = row_of(m, account, instrument);
    if (row == NULL) {
        row = naive__grown(NULL, sizeof(*row));
        memset(row, 0, sizeof(*row));
        row->account = account;
        row->instrument = instrument;
        m->row = naive__grown(m->row, (m->row_count + 1) * sizeof(naive_row *));
        m->row[m->row_count++] = row;
    }
    return row;
}

void naive__quote_begins(naive_match *m, naive_order *order) {
    row_made_for(m, order->account, order->instrument)->order[order->side - 1] = order;
}

void naive__quote_ends(naive_match *m, const naive_order *order) {
    row_of(m, order->account, order->instrument)->order[order->side - 1] = NULL;
}

/* --- QUOTE: when it is refused --------------------------------------------------------------- */

/* One side of a QUOTE. */
typedef struct naive_half {
    unsigned side;
    trd_px px;
    trd_qty qty;
} naive_half;

static naive_half half_of(const trd_command *c, unsigned side) {
    const trd_quote *q = &c->u.quote;
    return side == TRD_BUY ? (naive_half){side, q->bid_px, q->bid_qty}
                           : (naive_half){side, q->ask_px, q->ask_qty};
}

/* The order that this side would be. */
static naive_order quote_order(const trd_command *c, naive_half half) {
    naive_order order;
    memset(&order, 0, sizeof(order));
    order.quote = true;
    order.special = true;
    order.account = c->account;
    order.instrument = c->instrument;
    order.actor = c->actor;
    order.side = (uint8_t)half.side;
    order.type = TRD_TYPE_LIMIT;
    order.tif = TRD_TIF_DAY;
    order.stp = TRD_STP_CANCEL_MAKER;
    order.position = TRD_POSITION_NET;
    order.px = half.px;
    naive__resize(&order, half.qty);
    return order;
}

static naive_order *order_there(const naive_match *m, const trd_command *c, unsigned side) {
    const naive_row *row = row_of(m, c->account, c->instrument);
    return row != NULL ? row->order[side - 1] : NULL;
}

/* Its total so far may execute before its turn comes. */
static bool total_overflows(const naive_order *order, trd_qty qty) {
    return order != NULL &&
           (__int128)order->executed + order->prevented + order->leaves + qty > INT64_MAX;
}

static uint64_t half_rules(const naive_match *m, const trd_command *c, naive_half half) {
    const naive_market *market = &m->market[c->instrument];
    if (half.qty == 0) {
        return 0;
    }
    uint64_t broken = naive__px_rules(&market->spec, half.px);
    broken |= naive__qty_rules(&market->spec, half.qty);
    broken |= total_overflows(order_there(m, c, half.side), half.qty) ? BROKEN(QTY_MAX) : 0;
    if (broken == 0) {
        broken |= naive__notional_rules(&market->spec, half.px, half.qty);
    }
    if (market->profile.band_action == TRD_BAND_REJECT &&
        naive__is_outside(m, c->instrument, half.px)) {
        broken |= BROKEN(BAND);
    }
    return broken;
}

static bool position_may_overflow(const naive_match *m, const trd_command *c) {
    const __int128 net = naive_position(m, c->account, c->instrument, TRD_POSITION_NET);
    const __int128 most = (__int128)m->market[c->instrument].spec.qty_max * m->def.orders_max;
    return m->def.positions_max > 0 && (net < 0 ? -net : net) + most > INT64_MAX;
}

/* Both sides act on one position. */
static bool has_no_room(const naive_match *m, const trd_command *c) {
    uint32_t need = 0;
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        need += half_of(c, side).qty > 0 && order_there(m, c, side) == NULL;
    }
    const bool needs_position = need > 0 && m->def.positions_max > 0 &&
                                naive__held(m, c->account, c->instrument, TRD_POSITION_NET) == NULL;
    return has_no_row(m, c) || m->def.orders_max - m->stats.orders < need ||
           m->def.specials_max - m->stats.specials < need ||
           (needs_position && naive__held_count(m) >= m->def.positions_max);
}

static bool is_barred(const naive_match *m, const trd_command *c) {
    const unsigned state = m->market[c->instrument].state;
    return state == TRD_SESSION_CLOSED || state == TRD_SESSION_HALTED;
}

static bool has_acted(const naive_match *m, const trd_command *c) {
    const naive_row *row = row_of(m, c->account, c->instrument);
    return row != NULL && row->acted;
}

static uint64_t unknown(const naive_match *m, const trd_command *c) {
    return (c->instrument >= m->stats.instruments ? BROKEN(UNKNOWN_INSTRUMENT) : 0) |
           (!naive__account_exists(m, c->account) ? BROKEN(UNKNOWN_ACCOUNT) : 0);
}

/* Of a QUOTE that does not only withdraw. */
static uint64_t entering_rules(const naive_match *m, const trd_command *c) {
    const naive_order order = quote_order(c, half_of(c, TRD_BUY));
    uint64_t broken = naive__is_killed(m, &order) ? BROKEN(KILLED) : 0;
    broken |= has_acted(m, c) ? BROKEN(PROTECTED) : 0;
    broken |= has_no_room(m, c) ? BROKEN(NO_CAPACITY) : 0;
    if (c->instrument < m->stats.instruments) {
        broken |= is_barred(m, c) ? BROKEN(SESSION) : 0;
        broken |= position_may_overflow(m, c) ? BROKEN(POSITION) : 0;
        broken |= half_rules(m, c, half_of(c, TRD_BUY));
        broken |= half_rules(m, c, half_of(c, TRD_SELL));
    }
    return broken;
}

uint64_t naive__quote_rules(const naive_match *m, const trd_command *c) {
    const trd_quote *q = &c->u.quote;
    const bool good = c->slots == 1 && c->flags == 0 && (q->bid_qty != 0 || q->bid_px == 0) &&
                      (q->ask_qty != 0 || q->ask_px == 0);
    uint64_t broken = unknown(m, c) | (good ? 0 : BROKEN(MALFORMED));
    broken |= m->def.quotes_max == 0 ? BROKEN(UNSUPPORTED) : 0;
    if (q->bid_qty != 0 && q->ask_qty != 0 && q->bid_px >= q->ask_px) {
        broken |= BROKEN(BAD_COMBINATION);
    }
    return q->bid_qty != 0 || q->ask_qty != 0 ? broken | entering_rules(m, c) : broken;
}

/* --- QUOTE: what it does --------------------------------------------------------------------- */

static void enter(naive_match *m, const trd_command *c, naive_half half) {
    naive_order *order = naive__grown(NULL, sizeof(*order));
    *order = quote_order(c, half);
    order->handle = naive__next_handle(m);
    naive__begin(m, order);
    naive__emit_terms(m, TRD_EVENT_ACCEPTED, order, TRD_STATUS_NEW, false);
    naive__arrive(m, order);
}

/* The row of the table that applies; NAIVE_QUOTE_*. */
static unsigned table_row(const naive_order *order, naive_half half) {
    if (order == NULL) {
        return half.qty == 0 ? NAIVE_QUOTE_NOTHING : NAIVE_QUOTE_ENTERED;
    }
    if (half.qty == 0) {
        return NAIVE_QUOTE_WITHDRAWN;
    }
    return half.px == order->px && half.qty <= order->leaves ? NAIVE_QUOTE_KEPT : NAIVE_QUOTE_MOVED;
}

static void act(naive_match *m, const trd_command *c, unsigned side) {
    const naive_half half = half_of(c, side);
    naive_order *order = order_there(m, c, side);
    const unsigned row = table_row(order, half);
    m->quoting |= row;
    switch (row) {
    case NAIVE_QUOTE_NOTHING:
        return; /* no transaction, so nothing to settle */
    case NAIVE_QUOTE_ENTERED:
        enter(m, c, half);
        break;
    case NAIVE_QUOTE_WITHDRAWN:
        naive__cancel(m, order, TRD_STATUS_CANCELED, TRD_CAUSE_USER);
        break;
    case NAIVE_QUOTE_KEPT:
        naive__keep_place(m, order, order->executed + order->prevented + half.qty);
        break;
    default:
        naive__lose_place(m, order,
            &(naive_terms){.px = half.px, .total = order->executed + order->prevented + half.qty});
    }
    naive__settle(m, c->instrument);
}

/* What is in the way of an offer since the bid has acted: the cause with which it ends; 0: none. */
static uint8_t in_the_way(const naive_match *m, const trd_command *c) {
    if (c->u.quote.ask_qty == 0) {
        return 0;
    }
    return is_barred(m, c) ? TRD_CAUSE_SESSION : has_acted(m, c) ? TRD_CAUSE_PROTECTION : 0;
}

void naive__step_quote(naive_match *m, const trd_command *c) {
    act(m, c, TRD_BUY);
    const uint8_t cause = in_the_way(m, c);
    naive_order *order = order_there(m, c, TRD_SELL);
    if (cause == 0) {
        act(m, c, TRD_SELL);
        return;
    }
    m->quoting |= NAIVE_QUOTE_BARRED;
    if (order != NULL) {
        m->quoting |= NAIVE_QUOTE_BARRED_OFF;
        naive__cancel(m, order, TRD_STATUS_CANCELED, cause);
        naive__settle(m, c->instrument);
    }
}

/* --- PROTECTION ------------------------------------------------------------------------------ */

static trd_ext_row second_slot(const trd_command *c) {
    trd_ext_row row;
    memset(&row, 0, sizeof(row));
    if (c->slots == 2) {
        memcpy(&row, &c[1], sizeof(row));
    }
    return row;
}

static bool is_malformed(const trd_command *c) {
    const trd_protection *p = &c->u.protection;
    const trd_ext_row row = second_slot(c);
    const bool set = p->action == TRD_PROTECTION_SET;
    if ((c->slots != 1 && c->slots != 2) || c->flags != 0 ||
        !naive__all_zero(p->reserved, sizeof(p->reserved)) || p->action < TRD_PROTECTION_SET ||
        p->action > TRD_PROTECTION_RESUME) {
        return true;
    }
    if (c->slots == 2 && (row.kind != TRD_EXT_TABLE_ROW || row.table != TRD_TABLE_PROTECTION ||
                             row.key != 1 || row.slots != 0 || row.flags != 0 || row.value[0] < 0 ||
                             row.value[1] < 0 || row.value[4] != 0)) {
        return true;
    }
    return set ? p->window < 1 || p->qty < 0 || p->amount < 0
               : c->slots != 1 || p->window != 0 || p->qty != 0 || p->amount != 0 || p->fills != 0;
}

uint64_t naive__protection_rules(const naive_match *m, const trd_command *c) {
    uint64_t broken = unknown(m, c) | (is_malformed(c) ? BROKEN(MALFORMED) : 0);
    broken |= m->def.quotes_max == 0 ? BROKEN(UNSUPPORTED) : 0;
    if (c->u.protection.action == TRD_PROTECTION_SET && has_no_row(m, c)) {
        broken |= BROKEN(NO_CAPACITY);
    }
    return broken;
}

static void clear_sums(naive_row *row) {
    row->lots = 0;
    row->value = 0;
    row->fills = 0;
    row->delta = 0;
    row->vega = 0;
}

/* As if it had just been set. */
static void begin_anew(naive_row *row) {
    row->acted = false;
    row->has_window = false;
    clear_sums(row);
}

static void set(naive_match *m, const trd_command *c) {
    const trd_ext_row limits = second_slot(c);
    naive_row *row = row_made_for(m, c->account, c->instrument);
    row->has_protection = true;
    row->limit = c->u.protection;
    row->limit_delta = limits.value[0];
    row->limit_vega = limits.value[1];
    row->lot_delta = limits.value[2];
    row->lot_vega = limits.value[3];
    begin_anew(row);
}

void naive__step_protection(naive_match *m, const trd_command *c) {
    naive_row *row = row_of(m, c->account, c->instrument);
    if (c->u.protection.action == TRD_PROTECTION_SET) {
        set(m, c);
    } else if (row != NULL && row->has_protection) {
        row->has_protection = c->u.protection.action == TRD_PROTECTION_RESUME;
        begin_anew(row);
    }
}

/* The exact value, to be compared with a limit x denominator: below 2^125, because the value of an
 * order is below 2^62. An inverse contract has no denominator that all fills share: whole minor
 * units of each, rounded up. */
static __int128 value_of(const trd_instrument *spec, trd_px px, trd_qty qty) {
    const __int128 size = px < 0 ? -(__int128)px : px;
    if (spec->kind == TRD_INSTRUMENT_INVERSE) {
        const __int128 per = size * spec->denominator;
        const __int128 gained = (__int128)qty * spec->numerator;
        return gained / per + (gained % per != 0);
    }
    return size * qty * spec->numerator;
}

static __int128 value_limit(const trd_instrument *spec, trd_amt amount) {
    return spec->kind == TRD_INSTRUMENT_INVERSE ? (__int128)amount
                                                : (__int128)amount * spec->denominator;
}

/* Only what has a limit is counted: until it acts such a sum is below 2^126, and an execution adds
 * less than 2^126 to it. */
void naive__count_fill(naive_match *m, const naive_order *order, trd_px px, trd_qty qty) {
    naive_row *row = order->quote ? row_of(m, order->account, order->instrument) : NULL;
    if (row == NULL || !row->has_protection || row->acted) {
        return;
    }
    if (!row->has_window || (__int128)m->time - row->begun >= row->limit.window) {
        row->has_window = true;
        row->begun = m->time;
        clear_sums(row);
    }
    const __int128 lots = order->side == TRD_BUY ? (__int128)qty : -(__int128)qty;
    row->fills++;
    row->lots += qty;
    if (row->limit.amount != 0) {
        row->value += value_of(&m->market[row->instrument].spec, px, qty);
    }
    if (row->limit_delta != 0) {
        row->delta += lots * row->lot_delta;
    }
    if (row->limit_vega != 0) {
        row->vega += lots * row->lot_vega;
    }
}

static bool reaches(__int128 sum, __int128 limit) {
    return limit != 0 && (sum < 0 ? -sum : sum) >= limit;
}

/* The limits that are reached: NAIVE_ACTED_*. */
static unsigned reached(const naive_match *m, const naive_row *row) {
    const trd_instrument *spec = &m->market[row->instrument].spec;
    unsigned limits = 0;
    limits |= reaches(row->lots, row->limit.qty) ? NAIVE_ACTED_QTY : 0;
    limits |= reaches(row->value, value_limit(spec, row->limit.amount)) ? NAIVE_ACTED_AMOUNT : 0;
    limits |= reaches(row->fills, row->limit.fills) ? NAIVE_ACTED_FILLS : 0;
    limits |= reaches(row->delta, row->limit_delta) ? NAIVE_ACTED_DELTA : 0;
    limits |= reaches(row->vega, row->limit_vega) ? NAIVE_ACTED_VEGA : 0;
    return limits;
}

bool naive__protect(naive_match *m, const naive_order *order, naive_order *taker) {
    naive_row *row = order->quote ? row_of(m, order->account, order->instrument) : NULL;
    bool ends_taker = false;
    if (row == NULL || !row->has_protection || row->acted || reached(m, row) == 0) {
        return false;
    }
    row->acted = true;
    m->quoting |= reached(m, row) | (taker == NULL       ? NAIVE_ACTED_UNCROSS
                                        : taker == order ? NAIVE_ACTED_TAKER
                                                         : NAIVE_ACTED_MAKER);
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        naive_order *quote = row->order[side - 1];
        if (quote == NULL || quote->leaves == 0) {
            continue; /* a taker that is filled has its end already */
        }
        if (quote == taker) {
            m->quoting |= NAIVE_ACTED_ENDS_TAKER;
            naive__tell_level(m);
            naive__end_taker(m, quote, TRD_CAUSE_PROTECTION);
            ends_taker = true;
        } else {
            naive__cancel(m, quote, TRD_STATUS_CANCELED, TRD_CAUSE_PROTECTION);
        }
    }
    return ends_taker;
}
