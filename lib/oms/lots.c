/* lots.c - executed lots: fills, busts, corrections, and what the venue says they add up to. */
#include "oms/lots.h"

/* The venue's cum of this version or a newer one is known, and has the report's lots in it. If not,
 * because several fills share a version, their cum says so, or the gap that is left. */
static bool is_included(const trd_lots_ask *ask) {
    return ask->report->version != 0 && ask->report->version <= ask->order->cum_version;
}

static trd_qty lower(trd_qty a, trd_qty b) {
    return a < b ? a : b;
}

static trd_qty higher(trd_qty a, trd_qty b) {
    return a > b ? a : b;
}

/* The named fills change by `by`. */
static void move_named(trd_lots *l, const trd_lots_ask *ask, trd_qty by) {
    const trd_qty unnamed = l->cum - l->named;
    l->named += by;
    if (is_included(ask)) {
        return;
    }
    if (by > 0) {
        l->cum = unnamed > 0 ? higher(l->cum, l->named) : l->cum + by;
    } else {
        l->cum = unnamed < 0 ? lower(l->cum, l->named) : l->cum + by;
    }
}

static void move(trd_lots *l, const trd_lots_ask *ask, bool of_order, trd_qty by) {
    if (of_order) {
        move_named(l, ask, by);
    } else {
        l->loose_delta += by;
    }
}

static void add(trd_lots *l, const trd_lots_ask *ask) {
    l->act = LOTS_ADD;
    move(l, ask, ask->owned, ask->report->fill_qty);
}

/* Lots that are counted without a fill are most likely those of the fill that was busted. If they
 * are another one's, that one will count when it comes. */
static void take_back_unnamed(trd_lots *l, const trd_lots_ask *ask, trd_qty qty) {
    if (ask->owned && !is_included(ask)) {
        l->cum -= higher(0, lower(l->cum - l->named, qty));
    }
}

/* A fill that was busted before it came. If the bust did not know the order, it does now. */
static void busted_fill(trd_lots *l, const trd_lots_ask *ask, const trd_fill_entry *known) {
    l->flags |= TRD_OUTCOME_BUSTED | TRD_OUTCOME_DUPLICATE;
    if (known->order == 0 && ask->owned) {
        l->act = LOTS_ATTACH;
        take_back_unnamed(l, ask, ask->report->fill_qty);
    }
}

static bool is_own(const trd_lots_ask *ask, const trd_fill_entry *known) {
    return ask->owned &&
           (known->order == ask->handle || (ask->alias != 0 && known->order == ask->alias));
}

static void fill(trd_lots *l, const trd_lots_ask *ask, const trd_fill_entry *known) {
    if (known == NULL) {
        add(l, ask);
    } else if (known->busted != 0) {
        busted_fill(l, ask, known);
    } else if (known->order == 0 && ask->owned) {
        l->act = LOTS_ATTACH;
        move_named(l, ask, known->qty);
        l->loose_delta -= known->qty;
    } else {
        l->flags |= TRD_OUTCOME_DUPLICATE;
        if (known->unseen != 0 && is_own(ask, known)) {
            l->act = LOTS_SEEN;
            take_back_unnamed(l, ask, ask->report->fill_qty - known->qty);
        }
    }
}

static void bust(trd_lots *l, const trd_lots_ask *ask, const trd_fill_entry *known) {
    if (known == NULL) {
        l->act = LOTS_MARK;
        take_back_unnamed(l, ask, ask->report->fill_qty);
    } else if (known->busted != 0) {
        l->flags |= TRD_OUTCOME_DUPLICATE;
    } else {
        l->act = LOTS_BUST;
        move(l, ask, is_own(ask, known), -known->qty);
    }
}

static void correct(trd_lots *l, const trd_lots_ask *ask, const trd_fill_entry *known) {
    const trd_report *r = ask->report;
    if (known == NULL) {
        add(l, ask);
    } else if (known->busted != 0) {
        l->flags |= TRD_OUTCOME_BUSTED | TRD_OUTCOME_DUPLICATE;
    } else if (known->qty == r->fill_qty && known->px == r->fill_px) {
        l->flags |= TRD_OUTCOME_DUPLICATE;
    } else if (r->version != 0 && r->version <= known->version) {
        l->flags |= TRD_OUTCOME_STALE;
    } else {
        l->act = LOTS_AMEND;
        move(l, ask, is_own(ask, known), r->fill_qty - known->qty);
    }
}

/* After these a cum without a version may be one from before them. */
static bool undoes(const trd_lots *l, const trd_lots_ask *ask) {
    return l->act == LOTS_BUST || l->act == LOTS_MARK || (l->flags & TRD_OUTCOME_BUSTED) != 0 ||
           ask->report->kind == TRD_REPORT_CORRECT;
}

/* What the venue says cum is: of all changes up to that version, so it says nothing beside a fill
 * that is newer. Of one version the highest one counts: fills may share it. */
static void claim(trd_lots *l, const trd_lots_ask *ask) {
    const trd_report *r = ask->report;
    if (!ask->owned || (r->flags & TRD_REPORT_HAS_CUM) == 0) {
        return;
    }
    if (r->version == 0) {
        const bool doubtful = (ask->order->flags & ORDER_BUSTED) != 0 || undoes(l, ask) ||
                              (l->flags & TRD_OUTCOME_DUPLICATE) != 0;
        l->cum = doubtful ? l->cum : higher(l->cum, r->cum);
    } else if (r->version >= l->lots_version) {
        l->cum = r->version > ask->order->cum_version ? r->cum : higher(l->cum, r->cum);
        l->cum_version = r->version;
        l->lots_version = r->version;
    }
}

trd_lots trd__lots_of(const trd_tracker *t, const trd_lots_ask *ask) {
    const trd_report *r = ask->report;
    trd_lots l = {.named = ask->order->named,
        .cum = ask->order->cum,
        .cum_version = ask->order->cum_version,
        .lots_version = ask->order->lots_version,
        .fill = TRD_NONE};
    if (ask->position != TRD_NONE && ask->side != 0 && trd__is_named(&r->trade_id)) {
        l.fill = trd__fill_find(t, ask->position, ask->side, &r->trade_id);
    }
    const trd_fill_entry *known = l.fill != TRD_NONE ? trd__fill(t, l.fill) : NULL;
    if (r->kind == TRD_REPORT_FILL && trd__is_named(&r->trade_id)) {
        fill(&l, ask, known);
    } else if (r->kind == TRD_REPORT_BUST) {
        bust(&l, ask, known);
    } else if (r->kind == TRD_REPORT_CORRECT) {
        correct(&l, ask, known);
    }
    if (l.act != LOTS_NONE && r->version > l.lots_version) {
        l.lots_version = r->version;
    }
    claim(&l, ask);
    l.cum_delta = l.cum - ask->order->cum;
    trd_assert(l.cum >= 0);
    return l;
}

bool trd__lots_fit(const trd_tracker *t, const trd_lots *l, const trd_lots_ask *ask) {
    if (ask->position == TRD_NONE) {
        return true; /* one quantity alone */
    }
    const trd_position_state *p = trd__position(t, ask->position);
    const trd_qty sign = ask->side == TRD_SELL ? -1 : 1;
    const trd_qty qty = p->qty + sign * (l->cum_delta + l->loose_delta);
    return l->named <= TRD_LOTS_MAX && l->cum <= TRD_LOTS_MAX && qty <= TRD_LOTS_MAX &&
           qty >= -TRD_LOTS_MAX;
}

static void store_fill(trd_tracker *t, const trd_lots *l, const trd_lots_ask *ask) {
    const trd_report *r = ask->report;
    const bool is_new = l->act == LOTS_ADD || l->act == LOTS_MARK;
    if (l->act == LOTS_NONE) {
        return;
    }
    const uint32_t at =
        is_new ? trd__fill_make(t, ask->position, ask->side, &r->trade_id) : l->fill;
    trd_fill_entry *entry = trd__fill(t, at);
    if (is_new || l->act == LOTS_ATTACH) {
        entry->order = ask->owned ? ask->handle : 0;
    }
    if (is_new || l->act == LOTS_AMEND) {
        entry->qty = r->fill_qty;
        entry->px = r->fill_px;
        entry->version = r->version;
    }
    entry->unseen = l->act == LOTS_ADD ? r->kind == TRD_REPORT_CORRECT
                                       : entry->unseen != 0 && l->act != LOTS_SEEN;
    entry->busted = l->act == LOTS_BUST || l->act == LOTS_MARK || entry->busted != 0;
}

void trd__lots_store(trd_tracker *t, const trd_lots *l, const trd_lots_ask *ask, trd_track *order) {
    trd_assert(ask->position != TRD_NONE);
    trd_position_state *p = trd__position(t, ask->position);
    const trd_qty sign = trd__sign(ask->side);
    p->loose += (uint64_t)(sign * l->loose_delta);
    if (l->cum_delta + l->loose_delta != 0) {
        p->qty += sign * (l->cum_delta + l->loose_delta);
        p->moved = t->time;
    }
    store_fill(t, l, ask);
    if (order == NULL) {
        return;
    }
    const trd_qty gap = order->cum - order->named, gap_now = l->cum - l->named;
    if (gap_now == 0 || (gap_now > 0 ? gap_now > gap : gap_now < gap)) {
        order->flags &= ~(uint32_t)ORDER_GAP_ASKED;
    }
    if (undoes(l, ask)) {
        order->flags |= ORDER_BUSTED;
    }
    if (ask->report->kind == TRD_REPORT_FILL && !trd__is_named(&ask->report->trade_id)) {
        order->flags |= ORDER_UNNAMED;
    }
    order->named = l->named;
    order->cum = l->cum;
    order->cum_version = l->cum_version;
    order->lots_version = l->lots_version;
}
