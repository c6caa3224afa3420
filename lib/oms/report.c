/* report.c - what a venue says: whose report it is, what it does to lots, state and terms.
 *
 * In this order, because each step needs the one before: find the order (or adopt it), compute the
 * lots and see that they fit, and only then change anything: identity, lots, replies, state, terms,
 * which list the order is in, when it is asked for. */
#include "oms/lots.h"

/* A report on its way. */
typedef struct arrival {
    const trd_report *r;
    trd_track *order; /* NULL: none */
    trd_track *alias; /* an external order that turns out to be `order`, or NULL */
    uint32_t account; /* index, TRD_NONE: never heard of */
    uint32_t reply;   /* id of `order` that client_id names, or TRD_NONE */
    bool adopts;      /* an order is to be made */
    bool progress;    /* a request was answered */
    bool asks;        /* ask for the order at once */
    uint32_t flags;   /* TRD_OUTCOME_* */
} arrival;

/* --- form ------------------------------------------------------------------------------------- */

static bool name_valid(const trd_name *name) {
    bool ended = false;
    for (size_t i = 0; i < sizeof(name->text); i++) {
        if (ended && name->text[i] != 0) {
            return false;
        }
        ended = ended || name->text[i] == 0;
    }
    return true;
}

static bool in_range(trd_qty qty, trd_qty lowest) {
    return qty >= lowest && qty <= TRD_TRACKER_QTY_MAX;
}

static bool reserved_is_zero(const trd_report *r) {
    static const uint8_t zeros[sizeof(r->reserved)];
    return r->reserved0 == 0 && memcmp(r->reserved, zeros, sizeof(zeros)) == 0;
}

static bool lots_valid(const trd_report *r) {
    const bool has_trade = trd__is_named(&r->trade_id);
    const bool has_cum = (r->flags & TRD_REPORT_HAS_CUM) != 0;
    switch (r->kind) {
    case TRD_REPORT_FILL:
        return in_range(r->fill_qty, 1) && (has_trade || has_cum);
    case TRD_REPORT_CORRECT:
        return in_range(r->fill_qty, 1) && has_trade;
    case TRD_REPORT_BUST:
        return in_range(r->fill_qty, 0) && has_trade;
    case TRD_REPORT_STATUS:
        return has_cum && r->state != TRD_STATE_NONE;
    default:
        return true;
    }
}

static bool valid(const trd_report *r) {
    return r->kind >= TRD_REPORT_PENDING_NEW && r->kind < TRD_REPORT_KINDS &&
           (r->channel == TRD_CHANNEL_STREAM || r->channel == TRD_CHANNEL_QUERY) &&
           (r->flags & ~(uint32_t)TRD_REPORT_FLAGS) == 0 && r->state < TRD_STATE_LOST &&
           r->side <= TRD_SELL && reserved_is_zero(r) &&
           ((r->flags & TRD_REPORT_HAS_CUM) == 0 || in_range(r->cum, 0)) &&
           ((r->flags & TRD_REPORT_HAS_TERMS) == 0 || in_range(r->qty, 1)) && lots_valid(r) &&
           name_valid(&r->venue_id) && name_valid(&r->trade_id);
}

/* --- whose report it is ----------------------------------------------------------------------- */

static bool moves_lots(const trd_report *r) {
    return r->kind == TRD_REPORT_FILL || r->kind == TRD_REPORT_BUST ||
           r->kind == TRD_REPORT_CORRECT;
}

/* The order of a fill that is known, for busts and corrections: what they name is the fill. */
static trd_track *order_of_fill(const trd_tracker *t, const arrival *a) {
    const trd_report *r = a->r;
    const uint8_t side = a->order != NULL ? a->order->side : r->side;
    const uint32_t position =
        a->order != NULL ? a->order->position : trd__position_find(t, a->account, r->instrument);
    if (position == TRD_NONE || side == 0) {
        return NULL;
    }
    const uint32_t fill = trd__fill_find(t, position, side, &r->trade_id);
    return fill != TRD_NONE ? trd__track_of(t, trd__fill(t, fill)->order) : NULL;
}

/* May `other`, known by the venue's id alone, be the same order as `own`, which had none yet? */
static bool is_alias(const trd_tracker *t, const trd_track *own, const trd_track *other) {
    return (other->flags & ORDER_EXTERNAL) != 0 && trd__id(t, other->current)->keyed == 0 &&
           trd__id(t, trd__own_venue(trd__slot_of(t, own)))->keyed == 0 &&
           own->position == other->position && own->side == other->side &&
           own->named + other->named <= TRD_LOTS_MAX && own->cum + other->cum <= TRD_LOTS_MAX;
}

static void find_order(const trd_tracker *t, arrival *a) {
    const trd_report *r = a->r;
    uint32_t id = TRD_NONE;
    if ((r->flags & TRD_REPORT_HAS_CLIENT_ID) != 0) {
        id = trd__id_find_client(t, a->account, r->client_id);
        a->order = trd__id_order(t, id);
        a->reply = a->order != NULL ? id : TRD_NONE;
    }
    if (a->order == NULL && (r->flags & TRD_REPORT_HAS_ORIG_ID) != 0) {
        a->order = trd__id_order(t, trd__id_find_client(t, a->account, r->orig_id));
    }
    trd_track *by_venue = trd__id_order(t, trd__id_find_venue(t, a->account, &r->venue_id));
    if (a->order == NULL) {
        a->order = by_venue;
    } else if (by_venue != NULL && by_venue != a->order) {
        a->alias = is_alias(t, a->order, by_venue) ? by_venue : NULL;
        a->flags |= a->alias != NULL ? TRD_OUTCOME_MERGED : TRD_OUTCOME_CONFLICT;
    }
    if (a->alias == NULL && (r->kind == TRD_REPORT_BUST || r->kind == TRD_REPORT_CORRECT)) {
        trd_track *of_fill = order_of_fill(t, a);
        a->order = of_fill != NULL ? of_fill : a->order;
    }
    if (a->order != NULL && r->side != 0 && r->side != a->order->side) {
        a->flags |= TRD_OUTCOME_CONFLICT;
    }
}

static bool is_end(uint8_t state) {
    return state == TRD_STATE_FILLED || state == TRD_STATE_CANCELED ||
           state == TRD_STATE_REJECTED || state == TRD_STATE_EXPIRED;
}

/* Does it show an order that is worth knowing, and say enough of it? */
static bool adoptable(const trd_report *r) {
    const bool named = trd__is_named(&r->venue_id) ||
                       (r->flags & (TRD_REPORT_HAS_CLIENT_ID | TRD_REPORT_HAS_ORIG_ID)) != 0;
    if (r->side == 0 || !named) {
        return false;
    }
    switch (r->kind) {
    case TRD_REPORT_FILL:
        return true;
    case TRD_REPORT_REJECTED:
    case TRD_REPORT_CANCELED:
    case TRD_REPORT_EXPIRED:
    case TRD_REPORT_CANCEL_REJECTED:
    case TRD_REPORT_REPLACE_REJECTED:
    case TRD_REPORT_BUST:
    case TRD_REPORT_CORRECT:
    case TRD_REPORT_NOT_FOUND:
        return false;
    default:
        return (r->flags & TRD_REPORT_HAS_TERMS) != 0 && !is_end(r->state);
    }
}

/* The client id that an adopted order goes by. */
static bool adopted_id(const trd_report *r, uint64_t *client_id) {
    *client_id = (r->flags & TRD_REPORT_HAS_CLIENT_ID) != 0 ? r->client_id : r->orig_id;
    return (r->flags & (TRD_REPORT_HAS_CLIENT_ID | TRD_REPORT_HAS_ORIG_ID)) != 0;
}

/* Without terms an order is as large as what is executed of it, until the venue says more. */
static trd_track *adopt(trd_tracker *t, const trd_report *r, uint32_t position) {
    const uint32_t account = trd__position(t, position)->account;
    trd_track *order = trd__order_make(t, position);
    const bool terms = (r->flags & TRD_REPORT_HAS_TERMS) != 0;
    order->qty = terms ? r->qty : 1;
    order->qty_high = terms ? r->qty : TRD_LOTS_MAX;
    order->px = terms ? r->px : r->fill_px;
    order->terms_version = terms ? r->version : 0;
    order->side = r->side;
    order->flags |= ORDER_EXTERNAL;
    uint64_t client_id;
    if (adopted_id(r, &client_id)) {
        trd__id_clear_stale(t, trd__id_find_client(t, account, client_id));
        trd__id_key_client(t, order->current, account, client_id);
    }
    t->stats.adopted++;
    return order;
}

static void note_venue_id(trd_tracker *t, const arrival *a) {
    trd_track *order = a->order;
    if (!trd__is_named(&a->r->venue_id)) {
        return;
    }
    const uint32_t account = trd__position(t, order->position)->account;
    const uint32_t id = trd__id_find_venue(t, account, &a->r->venue_id);
    if (trd__id_order(t, id) == NULL) {
        trd__id_clear_stale(t, id);
        trd__venue_id_set(t, order, &a->r->venue_id);
    }
}

static void merge(trd_tracker *t, arrival *a) {
    while (a->alias->pending_first != TRD_NONE) {
        trd__request_settle(t, a->alias, a->alias->pending_first, ID_MOOT);
    }
    trd__order_merge(t, a->order, a->alias);
}

/* --- replies ---------------------------------------------------------------------------------- */

static uint32_t oldest_pending(
    const trd_tracker *t, const trd_track *order, uint8_t kind, bool keyed) {
    uint32_t id = order->pending_first;
    while (
        id != TRD_NONE && (trd__id(t, id)->kind != kind || (trd__id(t, id)->keyed != 0) != keyed)) {
        id = trd__id(t, id)->next;
    }
    return id;
}

/* The request that the report answers: the one it names, else the oldest. */
static uint32_t answered(const trd_tracker *t, const arrival *a, uint8_t kind) {
    if (a->reply != TRD_NONE && trd__id(t, a->reply)->kind == kind) {
        return a->reply;
    }
    const uint32_t id = oldest_pending(t, a->order, kind, false);
    return id != TRD_NONE ? id : oldest_pending(t, a->order, kind, true);
}

static void reject_request(trd_tracker *t, arrival *a, uint8_t kind) {
    const uint32_t at = answered(t, a, kind);
    if (at == TRD_NONE) {
        a->flags |= trd__has_ended(a->order) ? TRD_OUTCOME_ABSORBED : TRD_OUTCOME_UNSOLICITED;
        return;
    }
    trd_id *id = trd__id(t, at);
    switch (id->state) {
    case ID_PENDING:
        trd__request_settle(t, a->order, at, ID_REJECTED);
        a->progress = true;
        break;
    case ID_REJECTED:
        a->flags |= TRD_OUTCOME_DUPLICATE;
        break;
    case ID_ACCEPTED:
        a->flags |= kind == ID_REPLACE ? TRD_OUTCOME_CONFLICT : TRD_OUTCOME_ABSORBED;
        break;
    default:
        id->state = ID_REJECTED;
        a->flags |= TRD_OUTCOME_ABSORBED;
    }
}

static void terms_set(trd_track *order, trd_qty qty, trd_px px) {
    order->qty = qty;
    order->px = px;
    /* Until now nobody knew the total of an order that was adopted without its terms. */
    const bool first = order->qty_high == TRD_LOTS_MAX;
    order->qty_high = first || qty > order->qty_high ? qty : order->qty_high;
}

/* The order goes by the id of the replace from now on. */
static void goes_by(trd_tracker *t, trd_track *order, uint32_t id) {
    trd__id_unretire(t, id);
    if (trd__is_extra(t, order->current)) {
        trd__id_retire(t, order->current);
    }
    order->current = id;
}

/* A replace that was sent before one that is in force was in force before it, or never. */
static void supersede_before(trd_tracker *t, trd_track *order, uint32_t number) {
    uint32_t id = order->pending_first;
    while (id != TRD_NONE) {
        const uint32_t next = trd__id(t, id)->next;
        if (trd__id(t, id)->kind == ID_REPLACE && trd__id(t, id)->number < number) {
            trd__request_settle(t, order, id, ID_SUPERSEDED);
        }
        id = next;
    }
}

static void accept_replace(trd_tracker *t, arrival *a, uint32_t at) {
    trd_track *order = a->order;
    const trd_id id = *trd__id(t, at);
    supersede_before(t, order, id.number);
    if (id.state == ID_PENDING) {
        trd__request_settle(t, order, at, ID_ACCEPTED);
        a->progress = true;
    } else {
        trd__id(t, at)->state = ID_ACCEPTED;
        a->flags |= id.state == ID_REJECTED ? TRD_OUTCOME_CONFLICT : 0;
    }
    if (id.keyed != 0) {
        goes_by(t, order, at);
    }
    order->accepted = id.number;
    if (a->r->version == 0 || a->r->version >= order->terms_version) {
        terms_set(order, id.qty, id.px);
        order->terms_version = a->r->version != 0 ? a->r->version : order->terms_version;
    }
}

/* A replace in force that nobody asked for, or whose request is settled. */
static bool is_repeated(const arrival *a) {
    return a->r->version != 0 && a->r->version <= a->order->terms_version;
}

static void replaced(trd_tracker *t, arrival *a) {
    uint32_t at = answered(t, a, ID_REPLACE);
    if (at != a->reply && is_repeated(a)) {
        at = TRD_NONE;
    }
    if (at == TRD_NONE) {
        a->flags |= is_repeated(a) ? TRD_OUTCOME_DUPLICATE : TRD_OUTCOME_UNSOLICITED;
        return;
    }
    const trd_id *id = trd__id(t, at);
    if (id->state == ID_ACCEPTED) {
        a->flags |= TRD_OUTCOME_DUPLICATE;
    } else if (id->state == ID_SUPERSEDED || id->number < a->order->accepted) {
        trd__id(t, at)->state = ID_SUPERSEDED;
        a->flags |= TRD_OUTCOME_STALE;
    } else {
        accept_replace(t, a, at);
    }
}

/* --- terms ------------------------------------------------------------------------------------ */

/* Does the venue know the order by the id of a replace that is not known to be accepted? */
static bool is_shown_by_id(const trd_tracker *t, const arrival *a) {
    if (a->r->kind != TRD_REPORT_STATUS || a->reply == TRD_NONE) {
        return false;
    }
    const trd_id *id = trd__id(t, a->reply);
    return id->kind == ID_REPLACE && id->number > a->order->accepted &&
           (id->state == ID_PENDING || id->state == ID_MOOT || id->state == ID_DROPPED);
}

/* The replace whose acceptance the report shows: by its id, or the oldest to these terms. */
static uint32_t replace_shown(const trd_tracker *t, const arrival *a) {
    const trd_report *r = a->r;
    if (is_shown_by_id(t, a)) {
        return a->reply;
    }
    /* Without versions only an answer is sure to be younger than the request. */
    const bool young = r->version != 0
                           ? r->kind != TRD_REPORT_REPLACED
                           : r->kind == TRD_REPORT_STATUS && r->channel == TRD_CHANNEL_QUERY &&
                                 (a->order->flags & ORDER_ASKED) != 0;
    if (!young || (r->flags & TRD_REPORT_HAS_TERMS) == 0 ||
        (r->qty == a->order->qty && r->px == a->order->px)) {
        return TRD_NONE;
    }
    uint32_t id = a->order->pending_first;
    while (id != TRD_NONE && (trd__id(t, id)->kind != ID_REPLACE || trd__id(t, id)->qty != r->qty ||
                                 trd__id(t, id)->px != r->px)) {
        id = trd__id(t, id)->next;
    }
    return id;
}

/* Without versions only some kinds are sure to be news: others repeat what was in force when they
 * were sent. */
static bool terms_are_news(const arrival *a, uint8_t base_before) {
    const trd_report *r = a->r;
    const trd_track *order = a->order;
    if (r->version == 0 && is_end(r->state) &&
        (r->state != TRD_STATE_FILLED || order->replaces == 0)) {
        return true; /* of an order that has ended they do not change any more */
    }
    if (r->version != 0) {
        return r->version >= order->terms_version &&
               (r->kind == TRD_REPORT_REPLACED || (a->flags & TRD_OUTCOME_STALE) == 0);
    }
    switch (r->kind) {
    case TRD_REPORT_NEW:
        return base_before == TRD_STATE_PENDING_NEW && order->accepted == 0;
    case TRD_REPORT_REPLACED:
        return (a->flags & (TRD_OUTCOME_DUPLICATE | TRD_OUTCOME_STALE)) == 0;
    case TRD_REPORT_RESTATED:
        return true;
    case TRD_REPORT_STATUS:
        return (order->flags & ORDER_EXTERNAL) != 0 && order->made == 0;
    default:
        return false;
    }
}

static void take_terms(trd_tracker *t, arrival *a, uint8_t base_before) {
    const trd_report *r = a->r;
    const uint32_t shown = (a->flags & TRD_OUTCOME_STALE) == 0 ? replace_shown(t, a) : TRD_NONE;
    if (shown != TRD_NONE) {
        accept_replace(t, a, shown);
    }
    if ((r->flags & TRD_REPORT_HAS_TERMS) != 0 &&
        (shown != TRD_NONE || terms_are_news(a, base_before))) {
        terms_set(a->order, r->qty, r->px);
        a->order->terms_version = r->version != 0 ? r->version : a->order->terms_version;
    }
}

/* The venue says that all of it is executed: then that was its total. */
static void take_filled(arrival *a) {
    const trd_report *r = a->r;
    trd_track *order = a->order;
    const bool sure =
        r->version != 0 ? r->version >= order->terms_version : r->kind == TRD_REPORT_STATUS;
    if (r->state == TRD_STATE_FILLED && sure && (a->flags & TRD_OUTCOME_STALE) == 0 &&
        (r->flags & TRD_REPORT_HAS_CUM) != 0 && r->cum > 0 && r->cum == order->cum &&
        order->cum < order->qty) {
        order->qty = order->cum;
    }
}

static bool replace_covers(const trd_tracker *t, const trd_track *order) {
    for (uint32_t id = order->pending_first; id != TRD_NONE; id = trd__id(t, id)->next) {
        if (trd__id(t, id)->kind == ID_REPLACE && trd__id(t, id)->qty >= order->cum) {
            return true;
        }
    }
    return false;
}

/* More executed than the total. A replace to less than what is executed has that as its total,
 * unless the venue says another one, and so has an order whose total nobody said. More than any
 * total there was is too much, and so is a fill that is proved to have come after a replace to
 * less. */
static void fit_total(const trd_tracker *t, arrival *a, trd_qty cum_delta) {
    trd_track *order = a->order;
    const trd_report *r = a->r;
    const bool fresh = (a->flags & (TRD_OUTCOME_STALE | TRD_OUTCOME_DUPLICATE)) == 0;
    const bool replaces =
        r->kind == TRD_REPORT_REPLACED && fresh && (r->flags & TRD_REPORT_HAS_TERMS) == 0;
    const bool after = r->kind == TRD_REPORT_FILL && order->terms_version != 0 &&
                       r->version > order->terms_version && cum_delta > 0;
    if (order->cum <= order->qty) {
        order->flags &= ~(uint32_t)ORDER_OVERFILLED;
    } else if (order->qty_high == TRD_LOTS_MAX || (replaces && order->cum <= order->qty_high)) {
        order->qty = order->cum;
    } else if ((order->cum > order->qty_high || after) && !replace_covers(t, order)) {
        order->flags |= ORDER_OVERFILLED;
        a->flags |= cum_delta > 0 ? TRD_OUTCOME_OVERFILL : 0;
    }
}

/* --- state ------------------------------------------------------------------------------------ */

/* The venue said that it ended. */
static bool is_over(const trd_track *order) {
    return trd__base_ended(order) && order->base != TRD_STATE_LOST &&
           (order->flags & ORDER_CLOSED) == 0;
}

static bool is_waiting_to_exist(const trd_track *order) {
    return order->base == TRD_STATE_PENDING_NEW || order->base == TRD_STATE_LOST;
}

/* The venue has the order. */
static void exists(arrival *a) {
    if (is_waiting_to_exist(a->order)) {
        a->order->base = TRD_STATE_NEW;
    }
}

static void end(arrival *a, uint8_t state) {
    trd_track *order = a->order;
    if (is_over(order)) {
        a->flags |= order->base == state ? TRD_OUTCOME_DUPLICATE : TRD_OUTCOME_CONFLICT;
        return;
    }
    const bool absorbed = trd__has_ended(order) && order->base != TRD_STATE_LOST;
    a->flags |= absorbed ? TRD_OUTCOME_ABSORBED : 0;
    order->base = state;
    order->flags &= ~(uint32_t)ORDER_CLOSED;
}

static void live_as(arrival *a, uint8_t state) {
    trd_track *order = a->order;
    if (is_over(order)) {
        a->flags |= a->r->version != 0 ? TRD_OUTCOME_CONFLICT : TRD_OUTCOME_STALE;
        return;
    }
    if ((order->flags & ORDER_CLOSED) != 0) {
        order->base = TRD_STATE_NEW;
        order->flags &= ~(uint32_t)ORDER_CLOSED;
    }
    switch (state) {
    case TRD_STATE_NEW:
    case TRD_STATE_PARTIALLY_FILLED:
        order->base = TRD_STATE_NEW;
        break;
    case TRD_STATE_SUSPENDED:
    case TRD_STATE_STOPPED:
    case TRD_STATE_DONE_FOR_DAY:
    case TRD_STATE_CALCULATED:
        order->base = state;
        break;
    case TRD_STATE_PENDING_NEW:
        order->base = order->base == TRD_STATE_LOST ? TRD_STATE_PENDING_NEW : order->base;
        break;
    default:
        exists(a);
    }
}

/* The state that a report says beside what happened. An end is an end, however old the report. A
 * state to live in counts if it is the newest; from a reply or a fill only if versions prove that.
 */
static void take_state(arrival *a, uint64_t version_before) {
    const trd_report *r = a->r;
    const bool says_state = r->kind == TRD_REPORT_STATUS || r->kind == TRD_REPORT_RESTATED;
    const bool fresh = (a->flags & TRD_OUTCOME_STALE) == 0;
    if (r->state == TRD_STATE_NONE || r->kind == TRD_REPORT_NOT_FOUND) {
        return;
    }
    if (is_end(r->state) && r->state != TRD_STATE_FILLED) {
        if (!is_over(a->order)) {
            end(a, r->state);
        } else if (a->order->base != r->state) {
            a->flags |= fresh ? TRD_OUTCOME_CONFLICT : 0;
        }
    } else if (says_state ? fresh : r->version > version_before) {
        live_as(a, r->state);
    }
}

static void new_is_said(arrival *a, uint64_t version_before) {
    if (is_waiting_to_exist(a->order)) {
        exists(a);
    } else if (a->r->version > version_before && !trd__base_ended(a->order)) {
        a->order->base = TRD_STATE_NEW;
    }
}

static void not_found(const trd_tracker *t, arrival *a) {
    trd_track *order = a->order;
    if (trd__has_ended(order)) {
        a->flags |= TRD_OUTCOME_ABSORBED;
        return;
    }
    if ((order->flags & ORDER_ASKED) == 0) {
        a->asks = true; /* an answer to nothing: ask and be sure */
        return;
    }
    order->flags &= ~(uint32_t)ORDER_ASKED;
    order->flags |= ORDER_MISSING;
    order->not_found++;
    if (order->not_found >= t->def.not_found_max) {
        order->base = TRD_STATE_LOST;
        a->flags |= TRD_OUTCOME_LOST;
    }
}

static uint8_t state_of_kind(uint8_t kind) {
    switch (kind) {
    case TRD_REPORT_REJECTED:
        return TRD_STATE_REJECTED;
    case TRD_REPORT_CANCELED:
        return TRD_STATE_CANCELED;
    case TRD_REPORT_EXPIRED:
        return TRD_STATE_EXPIRED;
    case TRD_REPORT_SUSPENDED:
        return TRD_STATE_SUSPENDED;
    case TRD_REPORT_STOPPED:
        return TRD_STATE_STOPPED;
    case TRD_REPORT_DONE_FOR_DAY:
        return TRD_STATE_DONE_FOR_DAY;
    default:
        return TRD_STATE_CALCULATED;
    }
}

/* What happened. */
static void apply_kind(trd_tracker *t, arrival *a, const trd_lots *lots, uint64_t version_before) {
    const uint8_t kind = a->r->kind;
    switch (kind) {
    case TRD_REPORT_NEW:
        new_is_said(a, version_before);
        break;
    case TRD_REPORT_REJECTED:
    case TRD_REPORT_CANCELED:
    case TRD_REPORT_EXPIRED:
        end(a, state_of_kind(kind));
        break;
    case TRD_REPORT_FILL:
    case TRD_REPORT_CORRECT:
        if (lots->act != LOTS_NONE || lots->cum_delta > 0) {
            a->asks = a->order->base == TRD_STATE_LOST;
            exists(a);
        }
        break;
    case TRD_REPORT_CANCEL_REJECTED:
        reject_request(t, a, ID_CANCEL);
        break;
    case TRD_REPORT_REPLACE_REJECTED:
        reject_request(t, a, ID_REPLACE);
        break;
    case TRD_REPORT_REPLACED:
        exists(a);
        replaced(t, a);
        break;
    case TRD_REPORT_SUSPENDED:
    case TRD_REPORT_STOPPED:
    case TRD_REPORT_DONE_FOR_DAY:
    case TRD_REPORT_CALCULATED:
        if ((a->flags & TRD_OUTCOME_STALE) == 0) {
            live_as(a, state_of_kind(kind));
        }
        break;
    case TRD_REPORT_NOT_FOUND:
        not_found(t, a);
        break;
    default:
        break; /* PENDING_*: received, no more; RESTATED, STATUS: `state`; BUST: lots */
    }
}

/* --- queries ---------------------------------------------------------------------------------- */

static bool is_rejection(const trd_report *r) {
    return r->kind == TRD_REPORT_CANCEL_REJECTED || r->kind == TRD_REPORT_REPLACE_REJECTED;
}

/* An answer that shows the order without what was asked of it, again and again: the requests were
 * never received. */
static void count_answer(trd_tracker *t, arrival *a, bool asked) {
    trd_track *order = a->order;
    const uint8_t state = a->r->state;
    if (!asked || (a->flags & TRD_OUTCOME_STALE) != 0 || state == TRD_STATE_PENDING_CANCEL ||
        state == TRD_STATE_PENDING_REPLACE || order->pending_first == TRD_NONE) {
        return;
    }
    if (++order->unanswered >= t->def.not_found_max) {
        order->unanswered = 0;
        while (order->pending_first != TRD_NONE) {
            trd__request_settle(t, order, order->pending_first, ID_DROPPED);
        }
        a->flags |= TRD_OUTCOME_REQUEST_LOST;
    }
}

/* What the report means for what is to be asked. */
static void heard_of(trd_tracker *t, arrival *a) {
    trd_track *order = a->order;
    const trd_report *r = a->r;
    const bool asked = (order->flags & ORDER_ASKED) != 0;
    if (r->kind == TRD_REPORT_NOT_FOUND) {
        return;
    }
    if ((a->flags & (TRD_OUTCOME_STALE | TRD_OUTCOME_DUPLICATE)) == 0 &&
        (r->flags & TRD_REPORT_NOT_KNOWN) == 0) {
        order->not_found = 0;
        order->flags &= ~(uint32_t)ORDER_MISSING;
    }
    if (r->kind == TRD_REPORT_STATUS && r->channel == TRD_CHANNEL_QUERY) {
        order->flags &= ~(uint32_t)ORDER_ASKED;
        count_answer(t, a, asked);
    }
    if (is_rejection(r) && ((r->flags & TRD_REPORT_NOT_KNOWN) != 0 || is_end(r->state))) {
        a->asks = true;
    }
    order->time = t->time;
    if (t->in_snapshot != 0 && r->kind == TRD_REPORT_STATUS && a->account == t->snapshot_account) {
        order->snapshot = t->snapshot;
    }
}

/* --- one report ------------------------------------------------------------------------------- */

static void count(trd_tracker *t, const trd_outcome *out) {
    t->stats.reports++;
    t->stats.duplicates += (out->flags & TRD_OUTCOME_DUPLICATE) != 0;
    t->stats.stale += (out->flags & TRD_OUTCOME_STALE) != 0;
    t->stats.late_fills += (out->flags & TRD_OUTCOME_LATE) != 0 && out->cum_delta > 0;
    t->stats.overfills += (out->flags & TRD_OUTCOME_OVERFILL) != 0;
    t->stats.unknown += (out->flags & TRD_OUTCOME_UNKNOWN_ORDER) != 0;
    t->stats.lost += (out->flags & TRD_OUTCOME_LOST) != 0;
}

/* No order, and none is made: a fill that says its side still moves the position. */
static int of_no_order(trd_tracker *t, const arrival *a, trd_outcome *out) {
    const trd_report *r = a->r;
    const trd_position_key key = {r->venue, r->account, r->instrument};
    trd_outcome o = {.kind = TRD_OUTCOME_REPORT,
        .what = r->kind,
        .side = r->side,
        .venue = r->venue,
        .account = r->account,
        .instrument = r->instrument,
        .flags = a->flags | TRD_OUTCOME_UNKNOWN_ORDER};
    const bool moves = moves_lots(r) && r->side != 0 && trd__is_named(&r->trade_id);
    if (moves) {
        const trd_track nothing = {.cum = 0};
        trd_lots_ask ask = {.report = r,
            .order = &nothing,
            .position = trd__position_find(t, a->account, r->instrument),
            .side = r->side};
        const trd_lots lots = trd__lots_of(t, &ask);
        if (!trd__lots_fit(t, &lots, &ask)) {
            return TRD_E_RANGE;
        }
        if (!trd__room_for_position(t, &key)) {
            return TRD_E_FULL;
        }
        trd__time_goes_on(t, r->time);
        ask.position = trd__position_make(t, &key);
        trd__lots_store(t, &lots, &ask, NULL);
        o.flags |= lots.flags;
        o.position = trd__position(t, ask.position)->qty;
        o.position_delta = trd__sign(r->side) * lots.loose_delta;
        o.fill_px = r->fill_px;
    } else {
        trd__time_goes_on(t, r->time);
    }
    o.time = t->time;
    *out = o;
    count(t, out);
    return TRD_OK;
}

/* The order changes; the lots are known to fit. */
static void apply(trd_tracker *t, arrival *a, const trd_lots *lots, trd_lots_ask *ask) {
    trd_track *order = a->order;
    const trd_report *r = a->r;
    const uint64_t version_before = order->version;
    const uint8_t base_before = order->base;
    const bool was_complete = trd__has_ended(order) && !trd__base_ended(order) && !a->adopts;
    trd__lots_store(t, lots, ask, order);
    if (was_complete && lots->cum_delta < 0 && !trd__complete(order)) {
        order->base = TRD_STATE_CANCELED; /* it ended, and does not open again by this */
        order->flags |= ORDER_CLOSED;
    }
    a->flags |= lots->flags;
    a->flags |= r->version < order->version && r->version != 0 ? TRD_OUTCOME_STALE : 0;
    order->version = r->version > order->version ? r->version : order->version;
    apply_kind(t, a, lots, version_before);
    if (r->version != 0 || (lots->flags & TRD_OUTCOME_DUPLICATE) == 0) {
        take_state(a, version_before);
    }
    take_terms(t, a, base_before);
    take_filled(a);
    fit_total(t, a, lots->cum_delta);
    heard_of(t, a);
    note_venue_id(
        t, a); /* last: it may forget an id that is retired, and the reply's could be one */
    a->progress = a->progress || order->base != base_before;
}

static int of_order(trd_tracker *t, arrival *a, trd_outcome *out) {
    const trd_report *r = a->r;
    const trd_position_key key = {r->venue, r->account, r->instrument};
    trd_track before = a->adopts ? (trd_track){.side = r->side} : *a->order;
    trd_lots_ask ask = {.report = r,
        .order = &before,
        .handle = a->adopts ? 0 : trd__handle_of(t, a->order),
        .position =
            a->adopts ? trd__position_find(t, a->account, r->instrument) : a->order->position,
        .side = before.side,
        .owned = true};
    if (a->alias != NULL) {
        ask.alias = trd__handle_of(t, a->alias);
        before.cum = trd__merged_cum(&before, a->alias);
        before.named += a->alias->named;
        before.lots_version = a->alias->lots_version > before.lots_version ? a->alias->lots_version
                                                                           : before.lots_version;
        before.flags |= a->alias->flags & (ORDER_BUSTED | ORDER_UNNAMED);
        before.cum_version =
            a->alias->cum_version > before.cum_version ? a->alias->cum_version : before.cum_version;
    }
    const trd_lots lots = trd__lots_of(t, &ask);
    if (a->adopts && lots.cum == 0 && (r->flags & TRD_REPORT_HAS_TERMS) == 0) {
        return of_no_order(t, a, out); /* of a fill that was busted before nothing is left */
    }
    if (!trd__lots_fit(t, &lots, &ask)) {
        return TRD_E_RANGE;
    }
    if (a->adopts && !(trd__room_for_order(t) && trd__room_for_position(t, &key))) {
        return TRD_E_FULL;
    }
    trd__time_goes_on(t, r->time);
    trd_outcome was = {0};
    if (a->adopts) {
        ask.position = trd__position_make(t, &key);
        was.position = trd__position(t, ask.position)->qty;
        a->account = trd__position(t, ask.position)->account;
        a->order = adopt(t, r, ask.position);
        ask.handle = trd__handle_of(t, a->order);
    } else {
        was = trd__outcome_of(t, a->order);
        a->flags |= trd__has_ended(a->order) ? TRD_OUTCOME_LATE : 0;
        const bool canceling = a->order->cancels > 0 || a->order->base == TRD_STATE_CANCELED;
        a->flags |= canceling && lots.cum_delta > 0 ? TRD_OUTCOME_RACED : 0;
    }
    if (a->alias != NULL) {
        merge(t, a);
    }
    trd_track *order = a->order;
    apply(t, a, &lots, &ask);
    a->flags |= trd__settle_order(t, order);
    trd__rearm(t, order, a->progress);
    if (a->asks && !trd__has_ended(order)) {
        trd__ask_now(t, order);
        a->flags |= TRD_OUTCOME_NEEDS_QUERY;
    }
    *out = trd__outcome_of(t, order);
    out->kind = TRD_OUTCOME_REPORT;
    out->what = r->kind;
    out->state_before = was.state;
    out->cum_delta = out->cum - was.cum;
    out->leaves_delta = out->leaves - was.leaves;
    out->position_delta = out->position - was.position;
    out->fill_px = moves_lots(r) ? r->fill_px : 0;
    out->flags |= a->flags | ((order->flags & ORDER_EXTERNAL) != 0 ? TRD_OUTCOME_EXTERNAL : 0);
    count(t, out);
    return TRD_OK;
}

int trd_tracker_report(trd_tracker *t, const trd_report *report, trd_outcome *out) {
    if (report == NULL || out == NULL || !valid(report)) {
        return TRD_E_ARG;
    }
    arrival a = {.r = report,
        .account = trd__account_find(t, report->venue, report->account),
        .reply = TRD_NONE};
    find_order(t, &a);
    a.adopts = a.order == NULL && adoptable(report);
    return a.order != NULL || a.adopts ? of_order(t, &a, out) : of_no_order(t, &a, out);
}
