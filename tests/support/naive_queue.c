/* naive_queue.c - where orders are, by which ids they are known, which positions they act on, and
 * how they end. */
#include "naive_model.h"

#include <string.h>

naive_market *naive__market(const naive_match *m, const naive_order *order) {
    return &m->market[order->instrument];
}

naive_side *naive__place(const naive_match *m, uint32_t instrument, unsigned where, unsigned side) {
    return &m->market[instrument].place[where][where == TRD_WHERE_WAITING ? 0 : side - 1];
}

unsigned naive__other(unsigned side) {
    return side == TRD_BUY ? TRD_SELL : TRD_BUY;
}

bool naive__better(unsigned side, trd_px a, trd_px b) {
    return side == TRD_BUY ? a > b : a < b;
}

/* The best displayed price of a side of the book. */
bool naive__best(const naive_match *m, uint32_t instrument, unsigned side, trd_px *px) {
    const naive_side *orders = naive__place(m, instrument, TRD_WHERE_BOOK, side);
    for (uint32_t i = 0; i < orders->count; i++) {
        if (orders->at[i]->displayed > 0) {
            *px = orders->at[i]->px;
            return true;
        }
    }
    return false;
}

/* --- Places ---------------------------------------------------------------------------------- */

static bool goes_before(const naive_order *a, const naive_order *b) {
    const bool by_price = a->where <= TRD_WHERE_ASIDE;
    if (by_price && a->px != b->px) {
        return naive__better(a->side, a->px, b->px);
    }
    return a->place < b->place;
}

/* An order that betters all of its side is the top order of it, if it is large enough. */
static void give_top(naive_match *m, naive_order *order) {
    const naive_market *market = naive__market(m, order);
    const naive_side *side = naive__place(m, order->instrument, order->where, order->side);
    if (order->where != TRD_WHERE_BOOK || market->state != TRD_SESSION_CONTINUOUS ||
        order->displayed < naive__top_min(&market->profile) ||
        (side->count > 0 && !naive__better(order->side, order->px, side->at[0]->px))) {
        return;
    }
    for (uint32_t i = 0; i < side->count; i++) {
        side->at[i]->top = false;
    }
    order->top = true;
}

void naive__enqueue_again(naive_match *m, naive_order *order) {
    naive_side *side = naive__place(m, order->instrument, order->where, order->side);
    naive__push(side, order);
    uint32_t at = side->count - 1;
    while (at > 0 && goes_before(order, side->at[at - 1])) {
        side->at[at] = side->at[at - 1];
        at--;
    }
    side->at[at] = order;
    m->stats.orders++;
}

void naive__enqueue(naive_match *m, naive_order *order, uint8_t where) {
    order->where = where;
    order->place = ++m->places;
    order->top = false;
    give_top(m, order);
    naive__enqueue_again(m, order);
}

void naive__dequeue(naive_match *m, naive_order *order) {
    naive_side *side = naive__place(m, order->instrument, order->where, order->side);
    uint32_t at = 0;
    while (side->at[at] != order) {
        at++;
    }
    memmove(&side->at[at], &side->at[at + 1], (side->count - at - 1) * sizeof(naive_order *));
    side->count--;
    m->stats.orders--;
}

/* --- Orders by name -------------------------------------------------------------------------- */

enum { LISTS = NAIVE_PLACES * 2 };

naive_order *naive_find(const naive_match *m, uint32_t account, uint64_t client_id) {
    for (uint32_t i = 0; i < m->stats.instruments * LISTS; i++) {
        const naive_side *side = &m->market[i / LISTS].place[i % LISTS / 2][i % 2];
        for (uint32_t at = 0; at < side->count; at++) {
            if (!side->at[at]->quote && side->at[at]->account == account &&
                side->at[at]->client_id == client_id) {
                return side->at[at];
            }
        }
    }
    return NULL;
}

naive_order *naive_by_handle(const naive_match *m, trd_order handle) {
    for (uint32_t i = 0; i < m->stats.instruments * LISTS; i++) {
        const naive_side *side = &m->market[i / LISTS].place[i % LISTS / 2][i % 2];
        for (uint32_t at = 0; at < side->count; at++) {
            if (side->at[at]->handle == handle) {
                return side->at[at];
            }
        }
    }
    return NULL;
}

naive_side naive__listing(const naive_match *m, uint32_t instrument) {
    naive_side list = {0};
    for (uint32_t i = 0; i < LISTS; i++) {
        const naive_side *side = &m->market[instrument].place[i / 2][i % 2];
        for (uint32_t at = 0; at < side->count; at++) {
            naive__push(&list, side->at[at]);
        }
    }
    return list;
}

void naive__end_id(naive_match *m, uint32_t account, uint64_t client_id) {
    if (m->def.id_mode != TRD_IDS_WINDOW) {
        return;
    }
    m->ended[m->ended_count++] = (naive_id){account, client_id};
    if (m->ended_count > m->def.ids_max) {
        memmove(m->ended, m->ended + 1, --m->ended_count * sizeof(*m->ended));
        m->stats.ids_forgotten++;
    }
}

void naive__use_id(naive_match *m, uint32_t account, uint64_t client_id) {
    if (m->def.id_mode == TRD_IDS_ASCENDING) {
        m->highest[account] = (naive_highest){true, client_id};
    }
}

bool naive__id_is_taken(const naive_match *m, uint32_t account, uint64_t client_id) {
    for (uint32_t i = 0; i < m->ended_count; i++) {
        if (m->ended[i].account == account && m->ended[i].client_id == client_id) {
            return true;
        }
    }
    return naive_find(m, account, client_id) != NULL;
}

bool naive__account_exists(const naive_match *m, uint32_t account) {
    return m->def.accounts_max == 0 || account < m->def.accounts_max;
}

bool naive__id_is_low(const naive_match *m, uint32_t account, uint64_t client_id) {
    return m->def.id_mode == TRD_IDS_ASCENDING && naive__account_exists(m, account) &&
           m->highest[account].has && client_id <= m->highest[account].client_id;
}

/* --- Positions ------------------------------------------------------------------------------- */

naive_held *naive__held(
    const naive_match *m, uint32_t account, uint32_t instrument, unsigned side) {
    for (uint32_t i = 0; i < m->held_count; i++) {
        naive_held *held = &m->held[i];
        if (held->account == account && held->instrument == instrument && held->side == side) {
            return held;
        }
    }
    return NULL;
}

uint32_t naive__held_count(const naive_match *m) {
    return m->held_count;
}

/* A position is kept while there is an order for it, or lots. */
static void let_go(naive_match *m, naive_held *held) {
    if (held->orders == 0 && held->net == 0) {
        *held = m->held[--m->held_count];
    }
}

static naive_held *held_of(naive_match *m, const naive_order *order) {
    return naive__held(m, order->account, order->instrument, order->position);
}

static void add_to_held(naive_match *m, const naive_order *order) {
    if (m->def.positions_max == 0) {
        return;
    }
    naive_held *held = held_of(m, order);
    if (held == NULL) {
        if (m->held_count == m->held_room) {
            m->held_room = m->held_room * 2 + 16;
            m->held = naive__grown(m->held, m->held_room * sizeof(*m->held));
        }
        held = &m->held[m->held_count++];
        *held = (naive_held){order->account, order->instrument, order->position, 0, 0};
    }
    held->orders++;
}

static void remove_from_held(naive_match *m, const naive_order *order) {
    if (m->def.positions_max > 0) {
        naive_held *held = held_of(m, order);
        held->orders--;
        let_go(m, held);
    }
}

/* The order executed qty lots, or they were transferred. It lives. */
void naive__hold(naive_match *m, const naive_order *order, trd_qty qty) {
    if (m->def.positions_max > 0) {
        held_of(m, order)->net += order->side == TRD_BUY ? qty : -qty;
    }
}

trd_qty naive_position(const naive_match *m, uint32_t account, uint32_t instrument, unsigned side) {
    const naive_held *held = naive__held(m, account, instrument, side);
    return held != NULL ? held->net : 0;
}

/* An order that can only reduce: it says so, or it is on the closing side of its position. */
bool naive__reduces(const naive_order *order) {
    return (order->exec & TRD_EXEC_REDUCE_ONLY) != 0 ||
           (order->position == TRD_POSITION_LONG && order->side == TRD_SELL) ||
           (order->position == TRD_POSITION_SHORT && order->side == TRD_BUY);
}

trd_qty naive__may_reduce(const naive_match *m, const naive_order *order) {
    const trd_qty net = naive_position(m, order->account, order->instrument, order->position);
    if (order->side == TRD_SELL) {
        return net > 0 ? net : 0;
    }
    return net < 0 ? -net : 0;
}

/* The least aggressive reduce-only order that rests for a position on a side, the latest among
 * equals; *sum is the leaves of all. */
static naive_order *least_aggressive(naive_match *m, uint32_t account, uint32_t instrument,
    unsigned position, unsigned side, __int128 *sum) {
    naive_order *worst = NULL;
    *sum = 0;
    for (unsigned where = TRD_WHERE_BOOK; where <= TRD_WHERE_ASIDE; where++) {
        const naive_side *orders = naive__place(m, instrument, where, side);
        for (uint32_t i = 0; i < orders->count; i++) {
            naive_order *order = orders->at[i];
            if (order->account != account || order->position != position ||
                !naive__reduces(order)) {
                continue;
            }
            *sum += order->leaves;
            if (worst == NULL || naive__better(side, worst->px, order->px) ||
                (worst->px == order->px && order->place > worst->place)) {
                worst = order;
            }
        }
    }
    return worst;
}

static void cut_side(naive_match *m, uint32_t account, uint32_t instrument, unsigned position,
    unsigned side, trd_qty most) {
    for (;;) {
        __int128 sum;
        naive_order *order = least_aggressive(m, account, instrument, position, side, &sum);
        if (sum <= most) {
            return;
        }
        if (sum - most >= order->leaves) {
            naive__cancel(m, order, TRD_STATUS_CANCELED, TRD_CAUSE_REDUCE_ONLY);
            continue;
        }
        const trd_qty was = order->displayed;
        naive__resize(order, order->leaves - (trd_qty)(sum - most));
        order->displayed = was < order->leaves ? was : order->leaves;
        naive__emit_restated(m, order, TRD_RESTATE_CUT, order->displayed);
        naive__show_less(m, order, was);
    }
}

/* Resting reduce-only orders of a position hold no more lots than it has; those on its other side,
 * or of a flat one, end. */
void naive__cut_excess(naive_match *m, uint32_t account, uint32_t instrument, unsigned position) {
    if (m->def.positions_max == 0) {
        return;
    }
    const trd_qty net = naive_position(m, account, instrument, position);
    const unsigned closing = net > 0 ? TRD_SELL : TRD_BUY;
    cut_side(m, account, instrument, position, closing, net > 0 ? net : -net);
    cut_side(m, account, instrument, position, naive__other(closing), 0);
}

/* --- The life of an order --------------------------------------------------------------------- */

void naive__resize(naive_order *order, trd_qty leaves) {
    order->leaves = leaves;
    order->total = order->executed + order->prevented + leaves;
}

/* Tells of lots that are not displayed any more, the order keeping its place. */
void naive__show_less(naive_match *m, naive_order *order, trd_qty was) {
    if (order->displayed != was) {
        naive__emit_public(m, order, TRD_ORDER_REDUCED, order->displayed, was - order->displayed);
        naive__emit_level(m, order->instrument, order->side, order->px);
    }
}

void naive__begin(naive_match *m, naive_order *order) {
    order->live = true;
    order->born = ++m->born;
    m->stats.specials += order->special;
    add_to_held(m, order);
    if (order->quote) {
        naive__quote_begins(m, order);
    } else {
        naive__use_id(m, order->account, order->client_id);
    }
}

/* The order is in no place any more. What points to it may look at it until the command is over. */
void naive__end(naive_match *m, naive_order *order) {
    order->live = false;
    m->stats.specials -= order->special;
    remove_from_held(m, order);
    if (order->quote) {
        naive__quote_ends(m, order);
    } else {
        naive__end_id(m, order->account, order->client_id);
    }
    naive__link_ends(m, order);
    naive__push(&m->graveyard, order);
}

void naive__fill(naive_match *m, naive_order *order) {
    if (naive__may_be_granted(order)) {
        naive__park(m, order);
        return;
    }
    order->filled = true;
    naive__end(m, order);
}

/* Ends an order that is in a place. */
void naive__cancel(naive_match *m, naive_order *order, uint8_t status, uint8_t cause) {
    const trd_qty was = order->displayed;
    naive__dequeue(m, order);
    naive__emit_canceled(m, order, status, cause, order->leaves);
    if (was > 0) {
        naive__emit_public(m, order, TRD_ORDER_DELETED, 0, was);
        naive__emit_level(m, order->instrument, order->side, order->px);
    }
    naive__end(m, order);
}
