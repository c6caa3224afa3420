/* naive_take.c - takers: "The order in which makers trade", "Reach", "Self-trade prevention" and
 * "Post-only" of special-orders.md. */
#include "naive_model.h"

#include <stdlib.h>

bool naive__is_trigger_type(unsigned type) {
    return type >= TRD_TYPE_STOP && type <= TRD_TYPE_TRAILING_STOP_LIMIT;
}

bool naive__own(const naive_order *a, const naive_order *b) {
    return a->account == b->account || (a->group != 0 && a->group == b->group);
}

static bool has_budget(const naive_order *order) {
    return (order->exec & TRD_EXEC_BUDGET) != 0;
}

static bool is_allocated(const naive_match *m, const naive_order *order) {
    return naive__market(m, order)->profile.allocation != TRD_ALLOCATE_FIFO;
}

static trd_qty least(trd_qty a, trd_qty b) {
    return a < b ? a : b;
}

/* Lots that a BUDGET order can pay for at px when it has bought and spent this much. */
static trd_qty affords(
    const naive_match *m, const naive_order *order, trd_px px, trd_qty bought, __int128 spent) {
    const trd_instrument *spec = &naive__market(m, order)->spec;
    if (px <= 0) {
        return 0;
    }
    const __int128 rest =
        (__int128)order->budget * spec->denominator - spent * (__int128)spec->numerator;
    const __int128 lots = rest / ((__int128)px * spec->numerator);
    const trd_qty most = spec->qty_max - spec->qty_max % spec->lot_step - bought;
    const trd_qty can = lots < most ? (trd_qty)lots : most;
    return can - can % spec->lot_step;
}

/* Lots that the taker can take at px now. */
static trd_qty can_take(const naive_match *m, const naive_order *taker, trd_px px) {
    return has_budget(taker) ? affords(m, taker, px, taker->executed, taker->spent) : taker->leaves;
}

static bool takes_price(const naive_order *taker, trd_px px) {
    return taker->type == TRD_TYPE_MARKET || naive__crosses(taker->side, taker->px, px);
}

static const naive_side *makers(const naive_match *m, const naive_order *taker, unsigned where) {
    return naive__place(m, taker->instrument, where, naive__other(taker->side));
}

/* --- Reach ----------------------------------------------------------------------------------- */

/* The makers that a walk has still to meet. */
typedef struct naive_heads {
    const naive_side *side[3]; /* by where: book, hidden, aside */
    uint32_t at[3];
} naive_heads;

static const naive_order *head(const naive_heads *h, unsigned where) {
    return h->at[where] < h->side[where]->count ? h->side[where]->at[h->at[where]] : NULL;
}

static const naive_order *head_at(const naive_heads *h, unsigned where, trd_px px) {
    const naive_order *order = head(h, where);
    return order != NULL && order->px == px ? order : NULL;
}

static trd_qty walk_can_take(
    const naive_match *m, const naive_order *taker, const naive_walk *w, trd_px px) {
    return has_budget(taker) ? affords(m, taker, px, taker->executed + w->reach, w->spent)
                             : w->left;
}

/* All-or-none makers that are too large now will be too large later. */
static void pass_over_too_large(
    const naive_match *m, const naive_order *taker, const naive_walk *w, naive_heads *h) {
    const naive_order *order = head(h, TRD_WHERE_ASIDE);
    while (order != NULL && order->leaves > walk_can_take(m, taker, w, order->px)) {
        h->at[TRD_WHERE_ASIDE]++;
        order = head(h, TRD_WHERE_ASIDE);
    }
}

static bool best_head(const naive_heads *h, unsigned side, trd_px *px) {
    bool any = false;
    for (unsigned where = 0; where < 3; where++) {
        const naive_order *order = head(h, where);
        if (order != NULL && (!any || naive__better(side, order->px, *px))) {
            *px = order->px;
            any = true;
        }
    }
    return any;
}

static void walk_takes(
    const naive_match *m, const naive_order *taker, naive_walk *w, trd_px px, trd_qty lots) {
    const trd_qty qty = least(walk_can_take(m, taker, w, px), lots);
    w->reach += qty;
    w->left -= has_budget(taker) ? 0 : qty;
    w->spent += (__int128)qty * px;
}

/* The walk meets a maker that offers lots: prevention, or an execution. */
static void walk_meets(const naive_match *m, const naive_order *taker, naive_walk *w,
    const naive_order *maker, trd_qty lots) {
    if (w->ended || walk_can_take(m, taker, w, maker->px) == 0) {
        w->ended = true;
        return;
    }
    if (taker->stp == TRD_STP_NONE || !naive__own(taker, maker)) {
        walk_takes(m, taker, w, maker->px, lots);
    } else if (taker->stp == TRD_STP_DECREMENT || taker->stp == TRD_STP_TRANSFER) {
        w->left -= least(w->left, maker->leaves);
    } else if (taker->stp != TRD_STP_CANCEL_MAKER) {
        w->met_own = true;
        w->ended = true;
    }
}

static bool prevents(const naive_order *taker, const naive_order *maker) {
    return taker->stp != TRD_STP_NONE && naive__own(taker, maker);
}

/* The displayed lots of a level that is allocated: own orders first. */
static void walk_level(const naive_match *m, const naive_order *taker, naive_walk *w,
    const naive_heads *h, trd_px px) {
    for (int own = 1; own >= 0; own--) {
        naive_heads level = *h;
        const naive_order *maker;
        while ((maker = head_at(&level, TRD_WHERE_BOOK, px)) != NULL) {
            if (prevents(taker, maker) == (own != 0)) {
                walk_meets(m, taker, w, maker, maker->displayed);
            }
            level.at[TRD_WHERE_BOOK]++;
        }
    }
}

/* Step 1: displayed lots and those aside, by time. */
static void walk_queue(const naive_match *m, const naive_order *taker, naive_walk *w,
    naive_heads *h, trd_px px, bool displayed) {
    uint32_t book = h->at[TRD_WHERE_BOOK];
    if (!displayed) {
        h->at[TRD_WHERE_BOOK] = h->side[TRD_WHERE_BOOK]->count;
    }
    while (!w->ended) {
        pass_over_too_large(m, taker, w, h);
        const naive_order *shown = head_at(h, TRD_WHERE_BOOK, px);
        const naive_order *aside = head_at(h, TRD_WHERE_ASIDE, px);
        if (shown == NULL && aside == NULL) {
            break;
        }
        if (aside == NULL || (shown != NULL && shown->place < aside->place)) {
            h->at[TRD_WHERE_BOOK]++;
            walk_meets(m, taker, w, shown, shown->displayed);
        } else {
            h->at[TRD_WHERE_ASIDE]++;
            walk_meets(m, taker, w, aside, aside->leaves);
        }
    }
    if (!displayed) {
        h->at[TRD_WHERE_BOOK] = book;
    }
}

/* All makers at one price. */
static void walk_price(
    const naive_match *m, const naive_order *taker, naive_walk *w, naive_heads *h, trd_px px) {
    const naive_heads level = *h;
    if (is_allocated(m, taker)) {
        walk_level(m, taker, w, h, px);
        walk_queue(m, taker, w, h, px, false);
    } else {
        walk_queue(m, taker, w, h, px, true);
    }
    h->at[TRD_WHERE_BOOK] = level.at[TRD_WHERE_BOOK];
    const naive_order *maker;
    while ((maker = head_at(h, TRD_WHERE_BOOK, px)) != NULL) {
        if (!w->ended && !prevents(taker, maker)) {
            walk_takes(m, taker, w, px, maker->leaves - maker->displayed);
        }
        h->at[TRD_WHERE_BOOK]++;
    }
    while ((maker = head_at(h, TRD_WHERE_HIDDEN, px)) != NULL) {
        walk_meets(m, taker, w, maker, maker->leaves);
        h->at[TRD_WHERE_HIDDEN]++;
    }
}

static bool at_one_price(const naive_match *m, const naive_order *taker) {
    return taker->tif == TRD_TIF_FOK &&
           ((taker->exec & TRD_EXEC_SINGLE_PRICE) != 0 ||
               (naive__market(m, taker)->spec.profile & TRD_PROFILE_FOK_SINGLE_PRICE) != 0);
}

naive_walk naive__reach(const naive_match *m, const naive_order *taker) {
    naive_walk w = {.left = taker->leaves, .spent = taker->spent};
    naive_heads h = {.side = {makers(m, taker, TRD_WHERE_BOOK), makers(m, taker, TRD_WHERE_HIDDEN),
                         makers(m, taker, TRD_WHERE_ASIDE)}};
    trd_px px = 0;
    for (bool first = true;; first = false) {
        pass_over_too_large(m, taker, &w, &h);
        if (w.ended || (!has_budget(taker) && w.left == 0) ||
            !best_head(&h, naive__other(taker->side), &px) || !takes_price(taker, px) ||
            (!first && at_one_price(m, taker)) || walk_can_take(m, taker, &w, px) == 0) {
            return w;
        }
        if (naive__is_outside(m, taker->instrument, px)) {
            w.met_band = true;
            return w;
        }
        walk_price(m, taker, &w, &h, px);
    }
}

/* --- Post-only ------------------------------------------------------------------------------- */

/* The best price that a post-only order would meet. */
static bool post_only_best(const naive_match *m, const naive_order *order, trd_px *best) {
    const unsigned side = naive__other(order->side);
    bool any = false;
    for (unsigned where = TRD_WHERE_BOOK; where <= TRD_WHERE_ASIDE; where++) {
        const naive_side *orders = naive__place(m, order->instrument, where, side);
        for (uint32_t i = 0; i < orders->count; i++) {
            const naive_order *maker = orders->at[i];
            if ((where != TRD_WHERE_ASIDE || maker->leaves <= order->leaves) &&
                (!any || naive__better(side, maker->px, *best))) {
                *best = maker->px;
                any = true;
            }
        }
    }
    return any;
}

bool naive__post_only_px(const naive_match *m, const naive_order *order, trd_px *px) {
    const naive_market *market = naive__market(m, order);
    const bool slides = (order->exec & TRD_EXEC_POST_ONLY_SLIDE) != 0 ||
                        (market->spec.profile & TRD_PROFILE_POST_ONLY_SLIDE) != 0;
    const bool buys = order->side == TRD_BUY;
    trd_px best;
    *px = order->px;
    if ((order->exec & TRD_EXEC_POST_ONLY) == 0 || market->state != TRD_SESSION_CONTINUOUS ||
        !post_only_best(m, order, &best) || !naive__crosses(order->side, order->px, best)) {
        return true;
    }
    if (!slides || best == (buys ? market->spec.px_min : market->spec.px_max)) {
        return false;
    }
    *px = naive__valid(&market->spec, buys ? (__int128)best - 1 : (__int128)best + 1, !buys);
    return true;
}

bool naive__slide(naive_match *m, naive_order *order) {
    trd_px px;
    if (!naive__post_only_px(m, order, &px)) {
        return false;
    }
    if (px != order->px) {
        order->px = px;
        naive__emit_restated(m, order, TRD_RESTATE_SLIDE, 0);
    }
    return true;
}

/* --- One taker ------------------------------------------------------------------------------- */

typedef struct naive_taking {
    naive_match *m;
    naive_order *taker;
    bool stopped;
    uint8_t cause; /* why it ends, if it was stopped and does not rest; 0: it may rest */
    bool broke;    /* the circuit breaker stopped it */
    bool ended;    /* its protection did that */
} naive_taking;

static void stop(naive_taking *t, uint8_t cause) {
    t->stopped = true;
    t->cause = cause;
}

void naive__tell_level(naive_match *m) {
    if (m->untold) {
        naive__emit_level(m, m->untold_instrument, m->untold_side, m->untold_px);
    }
}

/* The taker, which was stopped, ends. */
static void end_stopped(naive_taking *t) {
    naive__tell_level(t->m);
    naive__end_taker(t->m, t->taker, t->cause);
    t->ended = true;
}

static bool shows_lots_at(const naive_match *m, uint32_t instrument, unsigned side, trd_px px) {
    const naive_side *orders = naive__place(m, instrument, TRD_WHERE_BOOK, side);
    for (uint32_t i = 0; i < orders->count; i++) {
        if (orders->at[i]->px == px && orders->at[i]->displayed > 0) {
            return true;
        }
    }
    return false;
}

static bool has_nothing_left(const naive_order *taker) {
    return taker->leaves == 0 && !has_budget(taker);
}

void naive__cut_new(naive_match *m, naive_order *order) {
    const trd_qty may = naive__may_reduce(m, order);
    if (naive__reduces(order) && order->leaves > may) {
        naive__resize(order, may);
        naive__emit_restated(m, order, TRD_RESTATE_CUT, 0);
    }
}

static bool may_rest(const naive_order *order) {
    return order->type != TRD_TYPE_MARKET && order->tif != TRD_TIF_IOC && order->tif != TRD_TIF_FOK;
}

/* A reduce-only taker has no more lots than there are to reduce, whenever it looks for a maker. */
static bool may_take(naive_taking *t) {
    if (!naive__reduces(t->taker)) {
        return true;
    }
    if (naive__may_reduce(t->m, t->taker) == 0) {
        stop(t, TRD_CAUSE_REDUCE_ONLY);
        return false;
    }
    naive__cut_new(t->m, t->taker);
    return true;
}

/* Before an execution at px: the circuit breaker, then the same again. */
static bool may_execute(naive_taking *t, trd_px px) {
    if (naive__breaks(t->m, t->taker->instrument, px)) {
        t->broke = true;
        stop(t, may_rest(t->taker) ? 0 : TRD_CAUSE_SESSION);
        return false;
    }
    return may_take(t);
}

/* The maker's side of an execution, after which it may have ended. */
static void maker_gives(naive_match *m, naive_order *maker, trd_qty was) {
    if (was > 0) {
        m->untold = true;
        m->untold_instrument = maker->instrument;
        m->untold_side = maker->side;
        m->untold_px = maker->px;
    }
    if (maker->leaves == 0) {
        naive__dequeue(m, maker);
        naive__fill(m, maker);
    } else if (was > 0 && maker->displayed == 0) {
        maker->consumed = ++m->consumed;
    }
}

/* The taker, or its maker, may be a quote whose protection acts. */
static void protect(naive_taking *t, const naive_order *order) {
    if (naive__protect(t->m, order, t->taker)) {
        t->ended = true;
        t->stopped = true;
    }
}

static void execute(naive_taking *t, naive_order *maker, trd_qty qty) {
    naive_match *m = t->m;
    naive_order *taker = t->taker;
    const trd_px px = maker->px;
    const trd_qty was = maker->displayed;
    const uint64_t trade = m->stats.events + 1;
    if (m->watch != NULL) {
        m->watch(m->watch_user, m, taker, maker, qty);
    }
    m->stats.executions++;
    naive__link_executes(m, taker);
    naive__link_executes(m, maker);
    taker->executed += qty;
    taker->leaves -= has_budget(taker) ? 0 : qty;
    taker->total += has_budget(taker) ? qty : 0;
    taker->spent += (__int128)qty * px;
    maker->executed += qty;
    maker->leaves -= qty;
    maker->displayed -= least(was, qty);
    naive__emit_fill(m, taker, maker, px, qty, TRD_LIQUIDITY_TAKER,
        has_nothing_left(taker) && !naive__may_be_granted(taker));
    naive__emit_fill(m, maker, taker, px, qty, TRD_LIQUIDITY_MAKER,
        maker->leaves == 0 && !naive__may_be_granted(maker));
    if (was > 0) {
        naive__emit_public(m, maker, TRD_ORDER_EXECUTED, maker->displayed, least(was, qty));
    }
    naive__emit_tape(m, maker, taker->side, px, qty, trade);
    naive__hold(m, taker, qty);
    naive__hold(m, maker, qty);
    naive__count_fill(m, taker, px, qty);
    naive__count_fill(m, maker, px, qty);
    naive__observe(m, taker->instrument, TRD_SOURCE_LAST, px);
    naive__count_for_breaker(m, taker->instrument, px);
    maker_gives(m, maker, was);
    if (m->untold && (has_nothing_left(taker) ||
                         !shows_lots_at(m, m->untold_instrument, m->untold_side, m->untold_px))) {
        naive__tell_level(m);
    }
    naive__cut_excess(m, taker->account, taker->instrument, taker->position);
    naive__cut_excess(m, maker->account, maker->instrument, maker->position);
    protect(t, taker);
    protect(t, maker);
    naive__link_executed(m, taker, qty);
    naive__link_executed(m, maker, qty);
}

/* --- Self-trade prevention ------------------------------------------------------------------- */

static void take_away(
    naive_match *m, naive_order *order, const naive_order *contra, uint8_t mode, trd_qty qty) {
    order->prevented += qty;
    order->leaves -= qty;
    naive__emit_prevented(m, order, contra, mode, qty);
}

/* Lots of the maker were taken away: it ends, or shows fewer, its reserve going first. */
static void settle_maker(naive_match *m, naive_order *maker) {
    const trd_qty was = maker->displayed;
    if (maker->leaves == 0) {
        naive__cancel(m, maker, TRD_STATUS_CANCELED, TRD_CAUSE_SELF_MATCH);
        return;
    }
    maker->displayed = least(was, maker->leaves);
    naive__show_less(m, maker, was);
}

/* Both lose what the smaller one has. `t` is NULL when both rest, in an uncross; a taker without
 * lots ends before anybody's reduce-only orders are cut. */
static void decrement(naive_match *m, naive_taking *t, naive_order *taker, naive_order *maker) {
    const bool moves = taker->stp == TRD_STP_TRANSFER && maker->stp == TRD_STP_TRANSFER &&
                       taker->account != maker->account;
    const uint8_t mode = moves ? TRD_STP_TRANSFER : TRD_STP_DECREMENT;
    const trd_qty qty = least(taker->leaves, maker->leaves);
    const naive_order took = *taker;
    const naive_order made = *maker;
    take_away(m, taker, maker, mode, qty);
    take_away(m, maker, taker, mode, qty);
    if (moves) {
        naive__hold(m, taker, qty);
        naive__hold(m, maker, qty);
    }
    settle_maker(m, maker);
    if (t == NULL) {
        settle_maker(m, taker);
    } else if (has_nothing_left(taker)) {
        stop(t, TRD_CAUSE_SELF_MATCH);
        end_stopped(t);
    }
    if (moves) {
        naive__cut_excess(m, took.account, took.instrument, took.position);
        naive__cut_excess(m, made.account, made.instrument, made.position);
    }
}

/* In an uncross both rest. */
void naive__prevent_resting(naive_match *m, naive_order *taker, naive_order *maker) {
    const uint8_t mode = taker->stp;
    if (mode == TRD_STP_DECREMENT || mode == TRD_STP_TRANSFER) {
        decrement(m, NULL, taker, maker);
        return;
    }
    if (mode == TRD_STP_CANCEL_MAKER || mode == TRD_STP_CANCEL_BOTH) {
        take_away(m, maker, taker, mode, maker->leaves);
        settle_maker(m, maker);
    }
    if (mode != TRD_STP_CANCEL_MAKER) {
        take_away(m, taker, maker, mode, taker->leaves);
        settle_maker(m, taker);
    }
}

static void prevent(naive_taking *t, naive_order *maker) {
    naive_match *m = t->m;
    naive_order *taker = t->taker;
    const uint8_t mode = taker->stp;
    if (mode == TRD_STP_DECREMENT || mode == TRD_STP_TRANSFER) {
        decrement(m, t, taker, maker);
        return;
    }
    if (mode == TRD_STP_CANCEL_MAKER || mode == TRD_STP_CANCEL_BOTH) {
        take_away(m, maker, taker, mode, maker->leaves);
        settle_maker(m, maker);
    }
    if (mode != TRD_STP_CANCEL_MAKER) {
        take_away(m, taker, maker, mode, taker->leaves);
        stop(t, TRD_CAUSE_SELF_MATCH);
    }
}

/* --- The search ------------------------------------------------------------------------------ */

static naive_order *first_aside(const naive_taking *t) {
    const naive_side *aside = makers(t->m, t->taker, TRD_WHERE_ASIDE);
    for (uint32_t i = 0; i < aside->count; i++) {
        if (aside->at[i]->leaves <= can_take(t->m, t->taker, aside->at[i]->px)) {
            return aside->at[i];
        }
    }
    return NULL;
}

/* The best price at which there is a maker, if the taker crosses it. */
static bool next_px(const naive_taking *t, trd_px *px) {
    const unsigned side = naive__other(t->taker->side);
    const naive_side *book = makers(t->m, t->taker, TRD_WHERE_BOOK);
    const naive_side *hidden = makers(t->m, t->taker, TRD_WHERE_HIDDEN);
    const naive_order *first[3] = {book->count > 0 ? book->at[0] : NULL,
        hidden->count > 0 ? hidden->at[0] : NULL, first_aside(t)};
    bool any = false;
    for (int i = 0; i < 3; i++) {
        if (first[i] != NULL && (!any || naive__better(side, first[i]->px, *px))) {
            *px = first[i]->px;
            any = true;
        }
    }
    return any && takes_price(t->taker, *px);
}

static naive_order *first_shown_at(const naive_taking *t, trd_px px) {
    const naive_side *book = makers(t->m, t->taker, TRD_WHERE_BOOK);
    for (uint32_t i = 0; i < book->count; i++) {
        if (book->at[i]->px == px && book->at[i]->displayed > 0) {
            return book->at[i];
        }
    }
    return NULL;
}

static naive_order *first_aside_at(const naive_taking *t, trd_px px) {
    const naive_side *aside = makers(t->m, t->taker, TRD_WHERE_ASIDE);
    for (uint32_t i = 0; i < aside->count; i++) {
        if (aside->at[i]->px == px && aside->at[i]->leaves <= can_take(t->m, t->taker, px)) {
            return aside->at[i];
        }
    }
    return NULL;
}

/* Executes lots of a maker as far as both still have them; false: the taker stopped. */
static bool give(naive_taking *t, naive_order *maker, trd_qty lots) {
    if (!may_execute(t, maker->px)) {
        return false;
    }
    execute(t, maker, least(lots, can_take(t->m, t->taker, maker->px)));
    return !t->stopped;
}

static void meet(naive_taking *t, naive_order *maker) {
    if (prevents(t->taker, maker)) {
        prevent(t, maker);
    } else {
        give(t, maker, maker->where == TRD_WHERE_BOOK ? maker->displayed : maker->leaves);
    }
}

/* Orders of a level that a round is about. */
typedef struct naive_round {
    naive_side orders;
    trd_qty *given;
} naive_round;

/* The executions of a round: what was given, as far as it is still there. */
static void run_round(naive_taking *t, const naive_round *round, bool reserves) {
    for (uint32_t i = 0; i < round->orders.count; i++) {
        naive_order *maker = round->orders.at[i];
        const trd_qty there = !maker->live ? 0 : reserves ? maker->leaves : maker->displayed;
        const trd_qty lots = least(round->given[i], there);
        if (lots == 0) {
            continue;
        }
        if (can_take(t->m, t->taker, maker->px) == 0 || !give(t, maker, lots)) {
            return;
        }
    }
}

/* Own displayed orders of the level, before it is allocated. */
static void prevent_level(naive_taking *t, trd_px px) {
    const naive_side *book = makers(t->m, t->taker, TRD_WHERE_BOOK);
    for (uint32_t i = 0; i < book->count && !t->stopped && !has_nothing_left(t->taker);) {
        naive_order *maker = book->at[i];
        if (maker->px == px && maker->displayed > 0 && prevents(t->taker, maker)) {
            prevent(t, maker);
            i = 0;
        } else {
            i++;
        }
    }
}

static void allocate_level(naive_taking *t, trd_px px) {
    const naive_side *book = makers(t->m, t->taker, TRD_WHERE_BOOK);
    naive_round round = {0};
    prevent_level(t, px);
    if (t->stopped || has_nothing_left(t->taker) || first_shown_at(t, px) == NULL ||
        !may_execute(t, px)) {
        return;
    }
    for (uint32_t i = 0; i < book->count; i++) {
        if (book->at[i]->px == px && book->at[i]->displayed > 0) {
            naive__push(&round.orders, book->at[i]);
        }
    }
    round.given = naive__grown(NULL, round.orders.count * sizeof(trd_qty));
    naive__allocate(naive__market(t->m, t->taker), round.orders.at, round.orders.count,
        can_take(t->m, t->taker, px), round.given);
    run_round(t, &round, false);
    free(round.orders.at);
    free(round.given);
}

/* Icebergs at a price whose peak this taker used up, in that order. */
static void consumed_at(const naive_taking *t, trd_px px, naive_side *out) {
    const naive_side *book = makers(t->m, t->taker, TRD_WHERE_BOOK);
    for (uint32_t i = 0; i < book->count; i++) {
        if (book->at[i]->px == px && book->at[i]->consumed > 0) {
            naive__push(out, book->at[i]);
            for (uint32_t at = out->count - 1;
                 at > 0 && out->at[at]->consumed < out->at[at - 1]->consumed; at--) {
                naive_order *later = out->at[at - 1];
                out->at[at - 1] = out->at[at];
                out->at[at] = later;
            }
        }
    }
}

/* Step 2: reserves in proportion, odd lots to the earliest consumed. */
static void share_reserves(const naive_round *round, trd_qty lots, int64_t step) {
    __int128 sum = 0;
    trd_qty left = lots;
    for (uint32_t i = 0; i < round->orders.count; i++) {
        sum += round->orders.at[i]->leaves;
    }
    for (uint32_t i = 0; i < round->orders.count; i++) {
        const trd_qty reserve = round->orders.at[i]->leaves;
        round->given[i] =
            lots >= sum
                ? reserve
                : (trd_qty)((__int128)(lots / step) * (reserve / step) / (sum / step)) * step;
        left -= round->given[i];
    }
    for (uint32_t i = 0; i < round->orders.count && left > 0; i++) {
        const trd_qty more = least(left, round->orders.at[i]->leaves - round->given[i]);
        round->given[i] += more;
        left -= more;
    }
}

static bool take_reserves(naive_taking *t, trd_px px) {
    naive_round round = {0};
    consumed_at(t, px, &round.orders);
    if (round.orders.count == 0) {
        return false;
    }
    if (may_execute(t, px)) {
        round.given = naive__grown(NULL, round.orders.count * sizeof(trd_qty));
        share_reserves(
            &round, can_take(t->m, t->taker, px), naive__market(t->m, t->taker)->spec.lot_step);
        run_round(t, &round, true);
    }
    free(round.orders.at);
    free(round.given);
    return true;
}

static void take_at(naive_taking *t, trd_px px) {
    naive_order *shown = first_shown_at(t, px);
    naive_order *aside = first_aside_at(t, px);
    if (shown != NULL && is_allocated(t->m, t->taker)) {
        allocate_level(t, px);
    } else if (shown != NULL && (aside == NULL || shown->place < aside->place)) {
        meet(t, shown);
    } else if (aside != NULL) {
        meet(t, aside);
    } else if (!take_reserves(t, px)) {
        meet(t, makers(t->m, t->taker, TRD_WHERE_HIDDEN)->at[0]);
    }
}

static void stop_at_band(naive_taking *t) {
    stop(t, TRD_CAUSE_BAND);
}

static void take(naive_taking *t) {
    trd_px px = 0;
    while (!t->stopped && !has_nothing_left(t->taker) && may_take(t) && next_px(t, &px)) {
        if (can_take(t->m, t->taker, px) == 0) {
            stop(t, TRD_CAUSE_BUDGET);
        } else if (naive__is_outside(t->m, t->taker->instrument, px)) {
            stop_at_band(t);
        } else {
            take_at(t, px);
        }
    }
}

/* --- What becomes of it ---------------------------------------------------------------------- */

/* Ends an order that is in no place. */
void naive__end_taker(naive_match *m, naive_order *order, uint8_t cause) {
    naive__emit_canceled(m, order, TRD_STATUS_CANCELED, cause, order->leaves);
    naive__end(m, order);
}

static void finish(naive_taking *t) {
    naive_match *m = t->m;
    naive_order *taker = t->taker;
    naive__tell_level(m);
    taker->marks &= ~(unsigned)NAIVE_BY_REPLACE;
    if (t->ended) {
        return;
    }
    if (t->cause != 0) {
        naive__end_taker(m, taker, t->cause);
    } else if (has_nothing_left(taker)) {
        naive__fill(m, taker);
    } else if (may_rest(taker)) {
        naive__rest(m, taker);
    } else {
        naive__end_taker(
            m, taker, taker->type == TRD_TYPE_MARKET ? TRD_CAUSE_MARKET : TRD_CAUSE_IOC);
    }
}

/* The lots that an order shows when it comes to rest, or its next peak. */
static trd_qty draw_displayed(const naive_match *m, naive_order *order) {
    trd_qty peak = order->peak;
    if (peak == 0) {
        return order->leaves;
    }
    if ((order->exec & TRD_EXEC_PEAK_RANDOM) != 0) {
        const int64_t lot = naive__market(m, order)->spec.lot_step;
        const uint64_t n = 2 * (uint64_t)(order->peak_range / lot) + 1;
        const uint64_t k = naive__scaled(naive__draw(&order->seed), n);
        peak += (trd_qty)k * lot - order->peak_range;
    }
    return least(peak, order->leaves);
}

void naive__show(naive_match *m, naive_order *order) {
    order->consumed = 0;
    order->displayed = draw_displayed(m, order);
}

static uint8_t place_of(const naive_order *order) {
    if (order->type == TRD_TYPE_MARKET) {
        return TRD_WHERE_AUCTION;
    }
    return (order->exec & TRD_EXEC_ALL_OR_NONE) != 0 ? TRD_WHERE_ASIDE
           : (order->exec & TRD_EXEC_HIDDEN) != 0    ? TRD_WHERE_HIDDEN
                                                     : TRD_WHERE_BOOK;
}

/* A limit beyond the band, with the action CANCEL. */
static bool may_not_rest(const naive_match *m, const naive_order *order) {
    const naive_market *market = naive__market(m, order);
    return market->profile.band_action == TRD_BAND_CANCEL && market->has_band &&
           (order->side == TRD_BUY ? order->px > market->upper : order->px < market->lower);
}

void naive__put(naive_match *m, naive_order *order) {
    const uint8_t where = place_of(order);
    order->displayed = 0;
    if (where == TRD_WHERE_BOOK) {
        naive__show(m, order);
    }
    naive__enqueue(m, order, where);
    if (order->displayed > 0) {
        naive__emit_added(m, order, false);
    }
    if (naive__reduces(order)) {
        naive__cut_excess(m, order->account, order->instrument, order->position);
    }
}

void naive__rest(naive_match *m, naive_order *order) {
    if (place_of(order) != TRD_WHERE_AUCTION && may_not_rest(m, order)) {
        naive__end_taker(m, order, TRD_CAUSE_BAND);
    } else {
        naive__put(m, order);
    }
}

void naive__wait(naive_match *m, naive_order *order) {
    order->displayed = 0;
    naive__enqueue(m, order, TRD_WHERE_WAITING);
}

/* Why an order does not even begin to execute; 0 if it does. */
static uint8_t why_not(const naive_match *m, const naive_order *order) {
    if (order->tif == TRD_TIF_FOK && naive__reach(m, order).reach < order->leaves) {
        return TRD_CAUSE_FOK;
    }
    return order->minimum > 0 && naive__reach(m, order).reach < order->minimum ? TRD_CAUSE_MIN_QTY
                                                                               : 0;
}

void naive__arrive(naive_match *m, naive_order *order) {
    if (naive__market(m, order)->state != TRD_SESSION_CONTINUOUS) {
        naive__rest(m, order);
        return;
    }
    const uint8_t cause = why_not(m, order);
    order->minimum = 0;
    if (cause != 0) {
        naive__end_taker(m, order, cause);
    } else if ((order->exec & TRD_EXEC_ALL_OR_NONE) != 0 &&
               naive__reach(m, order).reach < order->leaves) {
        naive__rest(m, order);
    } else {
        naive_taking t = {.m = m, .taker = order};
        take(&t);
        finish(&t);
        if (t.broke) {
            naive__break(m, order->instrument);
        }
    }
}
