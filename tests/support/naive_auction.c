/* naive_auction.c - "The auction price", "Uncross" and "Indicative price" of sessions.md. */
#include "naive_model.h"

#include <stdlib.h>

/* --- The price ------------------------------------------------------------------------------- */

static bool takes_part(unsigned where) {
    return where == TRD_WHERE_BOOK || where == TRD_WHERE_HIDDEN || where == TRD_WHERE_AUCTION;
}

static bool is_within(const naive_order *order, trd_px px) {
    return order->where == TRD_WHERE_AUCTION || naive__crosses(order->side, order->px, px);
}

/* B(p) or S(p). */
static trd_qty lots_at(const naive_match *m, uint32_t instrument, unsigned side, trd_px px) {
    trd_qty sum = 0;
    for (unsigned where = 0; where < NAIVE_PLACES; where++) {
        const naive_side *orders = naive__place(m, instrument, where, side);
        for (uint32_t i = 0; takes_part(where) && i < orders->count; i++) {
            sum += is_within(orders->at[i], px) ? orders->at[i]->leaves : 0;
        }
    }
    return sum;
}

typedef struct naive_candidate {
    trd_px px;
    trd_qty buys;
    trd_qty sells;
} naive_candidate;

typedef struct naive_candidates {
    naive_candidate *at; /* ascending */
    uint32_t count;
} naive_candidates;

static trd_qty volume_of(const naive_candidate *c) {
    return c->buys < c->sells ? c->buys : c->sells;
}

static trd_qty surplus_of(const naive_candidate *c) {
    return c->buys > c->sells ? c->buys - c->sells : c->sells - c->buys;
}

static naive_candidate candidate_at(const naive_match *m, uint32_t instrument, trd_px px) {
    return (naive_candidate){
        px, lots_at(m, instrument, TRD_BUY, px), lots_at(m, instrument, TRD_SELL, px)};
}

static void add_candidate(naive_match *m, uint32_t instrument, naive_candidates *c, trd_px px) {
    uint32_t at = 0;
    while (at < c->count && c->at[at].px < px) {
        at++;
    }
    if (at < c->count && c->at[at].px == px) {
        return;
    }
    c->at = naive__grown(c->at, (c->count + 1) * sizeof(*c->at));
    for (uint32_t i = c->count; i > at; i--) {
        c->at[i] = c->at[i - 1];
    }
    c->at[at] = candidate_at(m, instrument, px);
    c->count++;
}

static naive_candidates candidates_of(naive_match *m, uint32_t instrument) {
    naive_candidates c = {0};
    for (unsigned where = TRD_WHERE_BOOK; where <= TRD_WHERE_HIDDEN; where++) {
        for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
            const naive_side *orders = naive__place(m, instrument, where, side);
            for (uint32_t i = 0; i < orders->count; i++) {
                add_candidate(m, instrument, &c, orders->at[i]->px);
            }
        }
    }
    const naive_seen *reference = &m->market[instrument].seen[TRD_SOURCE_LAST];
    if (c.count == 0 && reference->known) {
        add_candidate(m, instrument, &c, reference->last);
    }
    return c;
}

/* Keeps the candidates from `first` to `last`. */
static void keep_range(naive_candidates *c, uint32_t first, uint32_t last) {
    for (uint32_t i = first; i <= last; i++) {
        c->at[i - first] = c->at[i];
    }
    c->count = last - first + 1;
}

static void keep_largest_volume(naive_candidates *c) {
    trd_qty most = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        most = volume_of(&c->at[i]) > most ? volume_of(&c->at[i]) : most;
    }
    for (uint32_t i = 0; i < c->count; i++) {
        if (volume_of(&c->at[i]) == most && most > 0) {
            c->at[kept++] = c->at[i];
        }
    }
    c->count = kept;
}

static void keep_least_surplus(naive_candidates *c) {
    trd_qty fewest = INT64_MAX;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        fewest = surplus_of(&c->at[i]) < fewest ? surplus_of(&c->at[i]) : fewest;
    }
    for (uint32_t i = 0; i < c->count; i++) {
        if (surplus_of(&c->at[i]) == fewest) {
            c->at[kept++] = c->at[i];
        }
    }
    c->count = kept;
}

static void keep_by_pressure(naive_candidates *c) {
    bool buyers = true;
    bool sellers = true;
    for (uint32_t i = 0; i < c->count; i++) {
        buyers &= c->at[i].buys > c->at[i].sells;
        sellers &= c->at[i].buys < c->at[i].sells;
    }
    if (buyers) {
        keep_range(c, c->count - 1, c->count - 1);
    } else if (sellers) {
        keep_range(c, 0, 0);
    }
}

static __int128 away(const naive_candidate *c, trd_px reference) {
    const __int128 d = (__int128)c->px - reference;
    return d < 0 ? -d : d;
}

/* The nearest to the reference; the reference itself, if it is the middle of the nearest two. */
static void keep_nearest(
    naive_match *m, uint32_t instrument, naive_candidates *c, trd_px reference) {
    uint32_t nearest = 0;
    bool both = false;
    for (uint32_t i = 1; i < c->count; i++) {
        const __int128 a = away(&c->at[i], reference);
        const __int128 b = away(&c->at[nearest], reference);
        both = a == b || (both && a > b);
        nearest = a < b ? i : nearest;
    }
    keep_range(c, nearest, nearest);
    if (both) {
        c->at[0] = candidate_at(m, instrument, reference);
    }
}

static void keep_middle(naive_match *m, uint32_t instrument, naive_candidates *c) {
    const __int128 sum = (__int128)c->at[0].px + c->at[c->count - 1].px;
    const __int128 middle = (sum - (sum & 1)) / 2;
    keep_range(c, 0, 0);
    c->at[0] =
        candidate_at(m, instrument, naive__valid(&m->market[instrument].spec, middle, false));
}

static void apply_tie(naive_match *m, uint32_t instrument, naive_candidates *c, unsigned tie) {
    const naive_seen *reference = &m->market[instrument].seen[TRD_SOURCE_LAST];
    switch (tie) {
    case TRD_TIE_IMBALANCE:
        keep_least_surplus(c);
        break;
    case TRD_TIE_PRESSURE:
        keep_by_pressure(c);
        break;
    case TRD_TIE_REFERENCE:
        if (reference->known) {
            keep_nearest(m, instrument, c, reference->last);
        }
        break;
    case TRD_TIE_MIDDLE:
        keep_middle(m, instrument, c);
        break;
    case TRD_TIE_HIGHEST:
        keep_range(c, c->count - 1, c->count - 1);
        break;
    case TRD_TIE_LOWEST:
        keep_range(c, 0, 0);
        break;
    default:
        break;
    }
}

/* What an uncross now would give. */
static trd_ev_auction auction_now(naive_match *m, uint32_t instrument) {
    naive_candidates c = candidates_of(m, instrument);
    trd_ev_auction out = {0};
    keep_largest_volume(&c);
    for (uint32_t i = 0; i < TRD_TIES_MAX && c.count > 1; i++) {
        apply_tie(m, instrument, &c, m->market[instrument].profile.ties[i]);
    }
    if (c.count > 0) {
        out.px = c.at[0].px;
        out.volume = volume_of(&c.at[0]);
        out.imbalance = c.at[0].buys - c.at[0].sells;
        out.priced = 1;
    }
    free(c.at);
    return out;
}

static void emit_auction(naive_match *m, uint32_t instrument, const trd_ev_auction *result) {
    trd_event *event = naive__emit(m, TRD_EVENT_AUCTION, instrument, 0);
    event->u.auction = *result;
}

void naive__indicate(naive_match *m, uint32_t instrument) {
    naive_market *market = &m->market[instrument];
    if (!naive__is_auction(market->state) || (market->publish & TRD_PUBLISH_AUCTION) == 0) {
        return;
    }
    const trd_ev_auction now = auction_now(m, instrument);
    const trd_ev_auction *told = &market->told;
    if (now.priced != told->priced || now.px != told->px || now.volume != told->volume ||
        now.imbalance != told->imbalance) {
        emit_auction(m, instrument, &now);
        market->told = now;
    }
}

/* --- Uncross --------------------------------------------------------------------------------- */

/* Auction queue by time, then by price; at one price the book before what is hidden. */
static naive_side queue_of(naive_match *m, uint32_t instrument, unsigned side, trd_px px) {
    const naive_side *market = naive__place(m, instrument, TRD_WHERE_AUCTION, side);
    const naive_side *book = naive__place(m, instrument, TRD_WHERE_BOOK, side);
    const naive_side *hidden = naive__place(m, instrument, TRD_WHERE_HIDDEN, side);
    naive_side list = {0};
    uint32_t b = 0;
    uint32_t h = 0;
    for (uint32_t i = 0; i < market->count; i++) {
        naive__push(&list, market->at[i]);
    }
    while (b < book->count || h < hidden->count) {
        const bool from_book =
            h == hidden->count ||
            (b < book->count && !naive__better(side, hidden->at[h]->px, book->at[b]->px));
        naive_order *order = from_book ? book->at[b++] : hidden->at[h++];
        if (is_within(order, px)) {
            naive__push(&list, order);
        }
    }
    return list;
}

static naive_order *next_of(const naive_side *list) {
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->at[i]->live && list->at[i]->leaves > 0) { /* one without lots may wait for more */
            return list->at[i];
        }
    }
    return NULL;
}

static void execute(naive_order *order, trd_qty qty) {
    order->executed += qty;
    order->leaves -= qty;
}

/* Public events of one side; reserves go first. */
static void show(naive_match *m, naive_order *order) {
    const trd_qty was = order->displayed;
    order->displayed = was < order->leaves ? was : order->leaves;
    if (order->displayed != was) {
        naive__emit_public(m, order, TRD_ORDER_EXECUTED, order->displayed, was - order->displayed);
        naive__emit_level(m, order->instrument, order->side, order->px);
    }
}

static bool is_filled(const naive_order *order) {
    return order->leaves == 0 && !naive__may_be_granted(order);
}

static void end_if_filled(naive_match *m, naive_order *order) {
    if (order->leaves == 0) {
        naive__dequeue(m, order);
        naive__fill(m, order);
    }
}

static void cross(naive_match *m, naive_order *buy, naive_order *sell, trd_px px, trd_qty qty) {
    const uint64_t trade = m->stats.events + 1;
    if (m->watch != NULL) {
        m->watch(m->watch_user, m, buy, sell, qty);
    }
    m->stats.executions++;
    naive__link_executes(m, buy);
    naive__link_executes(m, sell);
    execute(buy, qty);
    execute(sell, qty);
    naive__emit_fill(m, buy, sell, px, qty, TRD_LIQUIDITY_AUCTION, is_filled(buy));
    naive__emit_fill(m, sell, buy, px, qty, TRD_LIQUIDITY_AUCTION, is_filled(sell));
    show(m, buy);
    show(m, sell);
    naive__emit_tape(m, buy, 0, px, qty, trade);
    naive__hold(m, buy, qty);
    naive__hold(m, sell, qty);
    naive__count_fill(m, buy, px, qty);
    naive__count_fill(m, sell, px, qty);
    naive__observe(m, buy->instrument, TRD_SOURCE_LAST, px);
    naive__count_for_breaker(m, buy->instrument, px);
    end_if_filled(m, buy);
    end_if_filled(m, sell);
    naive__cut_excess(m, buy->account, buy->instrument, buy->position);
    naive__cut_excess(m, sell->account, sell->instrument, sell->position);
    naive__protect(m, buy, NULL);
    naive__protect(m, sell, NULL);
    naive__link_executed(m, buy, qty);
    naive__link_executed(m, sell, qty);
}

/* Own orders at the head: the later one counts as the taker. False: they may execute. */
static bool prevent(naive_match *m, naive_order *buy, naive_order *sell) {
    naive_order *taker = buy->place > sell->place ? buy : sell;
    naive_order *maker = taker == buy ? sell : buy;
    const uint32_t profile = naive__market(m, buy)->spec.profile;
    if ((profile & TRD_PROFILE_AUCTION_STP) == 0 || taker->stp == TRD_STP_NONE ||
        !naive__own(buy, sell)) {
        return false;
    }
    naive__prevent_resting(m, taker, maker);
    return true;
}

static void uncross_at(naive_match *m, uint32_t instrument, trd_px px, trd_qty volume) {
    naive_side buys = queue_of(m, instrument, TRD_BUY, px);
    naive_side sells = queue_of(m, instrument, TRD_SELL, px);
    m->market[instrument].slice_count = 0;
    while (volume > 0) {
        naive_order *buy = next_of(&buys);
        naive_order *sell = next_of(&sells);
        if (buy == NULL || sell == NULL) {
            break;
        }
        if (prevent(m, buy, sell)) {
            continue;
        }
        trd_qty qty = buy->leaves < sell->leaves ? buy->leaves : sell->leaves;
        qty = qty < volume ? qty : volume;
        cross(m, buy, sell, px, qty);
        volume -= qty;
    }
    free(buys.at);
    free(sells.at);
}

void naive__uncross(naive_match *m, uint32_t instrument) {
    trd_ev_auction result = auction_now(m, instrument);
    result.final = 1;
    emit_auction(m, instrument, &result);
    while (result.priced) {
        uncross_at(m, instrument, result.px, result.volume);
        /* Prevention and cuts may have left orders that cross: they are uncrossed in turn. */
        result = auction_now(m, instrument);
        result.final = 1;
        if (result.priced) {
            emit_auction(m, instrument, &result);
        }
    }
}
