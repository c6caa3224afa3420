/* naive_settle.c - what follows each transaction: the settlement of special-orders.md, its triggers
 * and pegs. */
#include "naive_model.h"

static bool is_continuous(const naive_match *m, uint32_t instrument) {
    return m->market[instrument].state == TRD_SESSION_CONTINUOUS;
}

/* --- Trails ---------------------------------------------------------------------------------- */

static bool is_trail(const naive_order *order) {
    return order->type == TRD_TYPE_TRAILING_STOP || order->type == TRD_TYPE_TRAILING_STOP_LIMIT;
}

/* Distance of the trigger from the extreme, in ticks. */
static __int128 distance(const naive_match *m, const naive_order *order) {
    const __int128 extreme = order->extreme;
    switch (order->offset_unit) {
    case TRD_OFFSET_AMOUNT: {
        const int64_t tick = naive__market(m, order)->spec.tick_size;
        return ((__int128)order->offset + tick - 1) / tick;
    }
    case TRD_OFFSET_BASIS_POINTS:
        return ((extreme < 0 ? -extreme : extreme) * order->offset + 9999) / 10000;
    default:
        return order->offset;
    }
}

static void set_extreme(const naive_match *m, naive_order *order, trd_px px) {
    order->active = true;
    order->extreme = px;
    const __int128 d = distance(m, order);
    order->trigger = (trd_px)(order->side == TRD_SELL ? px - d : px + d);
}

static bool is_reached(const naive_order *order, trd_px px) {
    return (order->prices & TRD_PRICES_ACTIVATION) == 0 ||
           (order->side == TRD_SELL ? px >= order->activation : px <= order->activation);
}

static void trail_sees(const naive_match *m, naive_order *order, trd_px px) {
    const bool sells = order->side == TRD_SELL;
    if (!order->active) {
        if (is_reached(order, px)) {
            set_extreme(m, order, px);
        }
    } else if (sells ? px <= order->trigger : px >= order->trigger) {
        order->touched = true;
    } else if (sells ? px > order->extreme : px < order->extreme) {
        set_extreme(m, order, px);
    }
}

/* A trailing order is accepted: the price that is known is its extreme, or what activates it. */
void naive__trail_begins(const naive_match *m, naive_order *order) {
    const naive_seen *seen = &naive__market(m, order)->seen[order->source];
    if (is_trail(order) && seen->known && is_continuous(m, order->instrument)) {
        trail_sees(m, order, seen->last);
    }
}

/* --- Prices observed ------------------------------------------------------------------------- */

/* Elected by prices that rise to the trigger; the others by prices that fall to it. */
static bool rises(const naive_order *order) {
    const bool touched_type =
        order->type == TRD_TYPE_TOUCHED || order->type == TRD_TYPE_TOUCHED_LIMIT;
    return (order->side == TRD_BUY) != touched_type;
}

static bool touches(const naive_order *order, trd_px px) {
    return rises(order) ? px >= order->trigger : px <= order->trigger;
}

bool naive__is_touched(const naive_match *m, const naive_order *order) {
    const naive_seen *seen = &naive__market(m, order)->seen[order->source];
    return !is_trail(order) && seen->known && touches(order, seen->last);
}

static bool watches(const naive_order *order, unsigned source) {
    return naive__is_trigger_type(order->type) && order->source == source && !order->touched &&
           !order->asleep;
}

/* A price becomes known; in continuous trading orders watch it, too. */
void naive__observe(naive_match *m, uint32_t instrument, unsigned source, trd_px px) {
    naive_seen *seen = &m->market[instrument].seen[source];
    const naive_side *waiting = naive__place(m, instrument, TRD_WHERE_WAITING, 0);
    const bool continuous = is_continuous(m, instrument);
    if (continuous && !seen->pending) {
        seen->pending = true;
        seen->previous = seen->known ? seen->last : px;
    }
    seen->known = true;
    seen->last = px;
    for (uint32_t i = 0; continuous && i < waiting->count; i++) {
        naive_order *order = waiting->at[i];
        if (!watches(order, source)) {
            continue;
        }
        if (is_trail(order)) {
            trail_sees(m, order, px);
        } else {
            order->touched = touches(order, px);
        }
    }
}

/* Best bid and offer after refreshes. */
static void observe_quotes(naive_match *m, uint32_t instrument) {
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        const unsigned source = side == TRD_BUY ? TRD_SOURCE_BID : TRD_SOURCE_ASK;
        naive_seen *seen = &m->market[instrument].seen[source];
        trd_px best;
        if (!naive__best(m, instrument, side, &best)) {
            seen->known = false;
        } else if (!seen->known || seen->last != best) {
            naive__observe(m, instrument, source, best);
        }
    }
}

/* --- Election -------------------------------------------------------------------------------- */

/* The first of those that rise, or of those that fall. */
static naive_order *first_touched(
    naive_match *m, uint32_t instrument, unsigned source, bool rising) {
    const naive_side *waiting = naive__place(m, instrument, TRD_WHERE_WAITING, 0);
    naive_order *first = NULL;
    for (uint32_t i = 0; i < waiting->count; i++) { /* by place, so equals are by time */
        naive_order *order = waiting->at[i];
        if (order->touched && order->elected == 0 && order->source == source &&
            rises(order) == rising &&
            (first == NULL ||
                (rising ? order->trigger < first->trigger : order->trigger > first->trigger))) {
            first = order;
        }
    }
    return first;
}

static __int128 far_from(trd_px a, trd_px b) {
    const __int128 d = (__int128)a - b;
    return d < 0 ? -d : d;
}

static naive_order *nearer(naive_order *a, naive_order *b, trd_px reference) {
    if (a == NULL || b == NULL) {
        return a != NULL ? a : b;
    }
    const __int128 far_a = far_from(a->trigger, reference);
    const __int128 far_b = far_from(b->trigger, reference);
    if (far_a != far_b) {
        return far_a < far_b ? a : b;
    }
    return a->place < b->place ? a : b;
}

void naive__elect(naive_match *m, uint32_t instrument) {
    for (unsigned source = TRD_SOURCE_LAST; source <= TRD_SOURCE_INDEX; source++) {
        naive_seen *seen = &m->market[instrument].seen[source];
        naive_order *order;
        while (seen->pending &&
               (order = nearer(first_touched(m, instrument, source, true),
                    first_touched(m, instrument, source, false), seen->previous)) != NULL) {
            order->elected = ++m->elections;
        }
        seen->pending = false;
    }
}

/* --- Release --------------------------------------------------------------------------------- */

void naive__forget_touch(naive_order *order) {
    order->touched = false;
    order->elected = 0;
}

static void become_untriggered(const naive_match *m, naive_order *order) {
    const trd_instrument *spec = &naive__market(m, order)->spec;
    const bool buys = order->side == TRD_BUY;
    if (order->type == TRD_TYPE_STOP || order->type == TRD_TYPE_TOUCHED ||
        order->type == TRD_TYPE_TRAILING_STOP) {
        order->type = TRD_TYPE_MARKET;
    } else {
        if ((order->prices & TRD_PRICES_LIMIT_OFFSET) != 0) {
            const __int128 limit = buys ? (__int128)order->trigger + order->limit_offset
                                        : (__int128)order->trigger - order->limit_offset;
            order->px = naive__valid(spec, limit, !buys);
        }
        order->type = TRD_TYPE_LIMIT;
    }
    order->trigger = 0;
    naive__forget_touch(order);
    order->marks |= NAIVE_WAS_RELEASED;
}

static void refuse_release(naive_match *m, naive_order *order, uint8_t cause) {
    naive__emit_canceled(m, order, TRD_STATUS_CANCELED, cause, order->leaves);
    naive__end(m, order);
}

/* A trigger order that is in no place any more is a taker now. */
void naive__release(naive_match *m, naive_order *order) {
    naive__emit_triggered(
        m, order, order->trigger, naive__market(m, order)->seen[order->source].last);
    naive__link_released(m, order);
    become_untriggered(m, order);
    naive__size_and_price(m, order);
    naive__arrive_released(m, order);
}

/* What is judged of an order that arrives later than it was accepted. */
void naive__arrive_released(naive_match *m, naive_order *order) {
    if (order->type == TRD_TYPE_LIMIT &&
        naive__market(m, order)->profile.band_action == TRD_BAND_REJECT &&
        naive__is_outside(m, order->instrument, order->px)) {
        refuse_release(m, order, TRD_CAUSE_BAND);
        return;
    }
    if (naive__reduces(order) && (naive__may_reduce(m, order) == 0 || order->leaves == 0)) {
        refuse_release(m, order, TRD_CAUSE_REDUCE_ONLY);
        return;
    }
    naive__cut_new(m, order);
    if (!naive__slide(m, order)) {
        refuse_release(m, order, TRD_CAUSE_POST_ONLY);
        return;
    }
    naive__arrive(m, order);
}

/* --- Verdicts -------------------------------------------------------------------------------- */

/* Asked before anything of the release is written. */
static bool is_refused(naive_match *m, const naive_order *order, bool child) {
    m->question = naive__grown(m->question, (m->question_count + 1) * sizeof(*m->question));
    naive_question *q = &m->question[m->question_count++];
    naive__info(order, &q->order);
    q->slots = m->event_slots;
    q->relation = order->linked != NULL ? order->linked->relation : 0;
    q->child = child;
    q->refused = m->judge != NULL && m->judge(m->judge_user, &q->order) != 0;
    return q->refused;
}

bool naive__passes(naive_match *m, naive_order *order, bool child) {
    if (m->def.verdicts == 0 || !is_refused(m, order, child)) {
        return true;
    }
    const bool failed = order->tif == TRD_TIF_GTT;
    naive__cancel(m, order, failed ? TRD_STATUS_REJECTED : TRD_STATUS_CANCELED, TRD_CAUSE_RISK);
    return false;
}

static naive_order *first_elected(naive_match *m, uint32_t instrument) {
    const naive_side *waiting = naive__place(m, instrument, TRD_WHERE_WAITING, 0);
    naive_order *first = NULL;
    for (uint32_t i = 0; i < waiting->count; i++) {
        naive_order *order = waiting->at[i];
        if (order->elected != 0 && (first == NULL || order->elected < first->elected)) {
            first = order;
        }
    }
    return first;
}

/* One order more is released by this command; false: it would be one too many, and is a halt. */
bool naive__may_release(naive_match *m, uint32_t instrument) {
    if (m->released == m->def.elect_max) {
        naive__change_state(m, instrument, TRD_SESSION_HALTED, TRD_SESSION_BY_CASCADE, false, 0);
        return false;
    }
    m->released++;
    return true;
}

static bool release_first(naive_match *m, uint32_t instrument) {
    naive_order *order = first_elected(m, instrument);
    if (order == NULL) {
        return false;
    }
    if (naive__may_release(m, instrument) && naive__passes(m, order, false)) {
        naive__dequeue(m, order);
        naive__release(m, order);
    }
    return true;
}

/* --- Peaks and all-or-none ------------------------------------------------------------------- */

static naive_order *first_consumed(naive_match *m, uint32_t instrument) {
    naive_order *first = NULL;
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        const naive_side *book = naive__place(m, instrument, TRD_WHERE_BOOK, side);
        for (uint32_t i = 0; i < book->count; i++) {
            naive_order *order = book->at[i];
            if (order->consumed != 0 && (first == NULL || order->consumed < first->consumed)) {
                first = order;
            }
        }
    }
    return first;
}

static void refresh(naive_match *m, uint32_t instrument) {
    naive_order *order;
    while ((order = first_consumed(m, instrument)) != NULL) {
        const bool in_place = (order->exec & TRD_EXEC_PEAK_IN_PLACE) != 0;
        naive__dequeue(m, order);
        naive__show(m, order);
        order->marks |= NAIVE_WAS_REFRESHED;
        if (in_place) {
            naive__enqueue_again(m, order);
        } else {
            naive__enqueue(m, order, TRD_WHERE_BOOK);
        }
        naive__emit_restated(m, order, TRD_RESTATE_PEAK, order->displayed);
        naive__emit_added(m, order, in_place);
    }
}

/* The earliest all-or-none order that can execute completely does so. */
static bool try_aside(naive_match *m, uint32_t instrument) {
    naive_order *first = NULL;
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        const naive_side *aside = naive__place(m, instrument, TRD_WHERE_ASIDE, side);
        for (uint32_t i = 0; i < aside->count; i++) {
            naive_order *order = aside->at[i];
            if ((first == NULL || order->place < first->place) &&
                naive__reach(m, order).reach >= order->leaves) {
                first = order;
            }
        }
    }
    if (first == NULL) {
        return false;
    }
    naive__dequeue(m, first);
    naive__arrive(m, first);
    return true;
}

/* --- Pegs ------------------------------------------------------------------------------------ */

/* The best displayed price of a side without pegs. */
static bool peg_reference(const naive_match *m, uint32_t instrument, unsigned side, trd_px *px) {
    const naive_side *book = naive__place(m, instrument, TRD_WHERE_BOOK, side);
    for (uint32_t i = 0; i < book->count; i++) {
        if (book->at[i]->type != TRD_TYPE_PEGGED && book->at[i]->displayed > 0) {
            *px = book->at[i]->px;
            return true;
        }
    }
    return false;
}

static bool reference_of(const naive_match *m, const naive_order *order, __int128 *reference) {
    const bool buys = order->side == TRD_BUY;
    trd_px own = 0;
    trd_px other = 0;
    const bool has_own = peg_reference(m, order->instrument, order->side, &own);
    const bool has_other = peg_reference(m, order->instrument, naive__other(order->side), &other);
    if (order->peg == TRD_PEG_BEST) {
        *reference = own;
        return has_own;
    }
    if (order->peg == TRD_PEG_OPPOSITE) {
        *reference = other;
        return has_other;
    }
    const __int128 sum = (__int128)own + other;
    const __int128 odd = sum & 1; /* floor for a buy, ceil for a sell */
    *reference = (buys ? sum - odd : sum + odd) / 2;
    return has_own && has_other;
}

/* Where a peg should stand; false: nowhere. */
static bool peg_px(const naive_match *m, const naive_order *order, trd_px *px) {
    const bool buys = order->side == TRD_BUY;
    __int128 at;
    if (!reference_of(m, order, &at)) {
        return false;
    }
    at = buys ? at - order->offset : at + order->offset;
    if ((order->prices & TRD_PRICES_CAP) != 0 && (buys ? at > order->cap : at < order->cap)) {
        at = order->cap;
    }
    *px = naive__valid(&naive__market(m, order)->spec, at, !buys);
    return true;
}

static bool is_peg(const naive_order *order) {
    return order->type == TRD_TYPE_PEGGED;
}

static bool has_price(const naive_order *order) {
    return order->where != TRD_WHERE_WAITING;
}

static bool stands_wrong(const naive_match *m, const naive_order *order) {
    trd_px px;
    return peg_px(m, order, &px) ? !has_price(order) || px != order->px : has_price(order);
}

void naive__leave_level(naive_match *m, naive_order *order) {
    const trd_qty was = order->displayed;
    naive__dequeue(m, order);
    order->displayed = 0;
    if (was > 0) {
        naive__emit_public(m, order, TRD_ORDER_DELETED, 0, was);
        naive__emit_level(m, order->instrument, order->side, order->px);
    }
}

static void lose_price(naive_match *m, naive_order *order) {
    naive__leave_level(m, order);
    order->px = 0;
    naive__emit_restated(m, order, TRD_RESTATE_PEG, 0);
    naive__wait(m, order);
}

static void move_peg(naive_match *m, naive_order *order) {
    trd_px px;
    if (!peg_px(m, order, &px)) {
        lose_price(m, order);
        return;
    }
    naive__leave_level(m, order);
    order->px = px;
    const bool hidden = (order->exec & TRD_EXEC_HIDDEN) != 0;
    naive__emit_restated(m, order, TRD_RESTATE_PEG, hidden ? 0 : order->leaves);
    naive__arrive(m, order);
}

/* The earliest peg of those that `fits` holds for. */
static naive_order *first_peg(naive_match *m, uint32_t instrument,
    bool (*fits)(const naive_match *m, const naive_order *order)) {
    naive_order *first = NULL;
    for (unsigned at = 0; at < NAIVE_PLACES * 2; at++) {
        const naive_side *orders = &m->market[instrument].place[at / 2][at % 2];
        for (uint32_t i = 0; i < orders->count; i++) {
            naive_order *order = orders->at[i];
            if (is_peg(order) && (first == NULL || order->place < first->place) && fits(m, order)) {
                first = order;
            }
        }
    }
    return first;
}

static bool move_a_peg(naive_match *m, uint32_t instrument) {
    naive_order *order = first_peg(m, instrument, stands_wrong);
    if (order != NULL) {
        move_peg(m, order);
    }
    return order != NULL;
}

static bool stands(const naive_match *m, const naive_order *order) {
    (void)m;
    return has_price(order);
}

/* Trading is not continuous any more: pegs have no price. */
void naive__unpeg(naive_match *m, uint32_t instrument) {
    naive_order *order;
    while ((order = first_peg(m, instrument, stands)) != NULL) {
        lose_price(m, order);
    }
}

/* --- Settlement ------------------------------------------------------------------------------ */

void naive__settle(naive_match *m, uint32_t instrument) {
    for (;;) {
        refresh(m, instrument);
        naive__set_band(m, instrument);
        if (naive__link_reacts(m, instrument)) {
            continue;
        }
        if (!is_continuous(m, instrument)) {
            return;
        }
        observe_quotes(m, instrument);
        naive__watch_band(m, instrument);
        if (try_aside(m, instrument) || move_a_peg(m, instrument)) {
            continue;
        }
        naive__elect(m, instrument);
        if (!release_first(m, instrument)) {
            return;
        }
    }
}
