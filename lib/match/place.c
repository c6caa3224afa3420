/* place.c - where orders are: putting them to their place, taking lots off them, taking them out.
 */
#include "core/rng.h"
#include "match/rich.h"

/* --- lists ------------------------------------------------------------------------------------ */

void trd__ends_add(trd_match *match, trd_ends *ends, unsigned list, uint32_t number) {
    trd_special *special = trd__special(match, number);
    special->list[list] = (trd_link){.prev = ends->last};
    if (ends->last != 0) {
        trd__special(match, ends->last)->list[list].next = number;
    } else {
        ends->first = number;
    }
    ends->last = number;
}

void trd__ends_remove(trd_match *match, trd_ends *ends, unsigned list, uint32_t number) {
    const trd_link link = trd__special(match, number)->list[list];
    if (link.prev != 0) {
        trd__special(match, link.prev)->list[list].next = link.next;
    } else {
        ends->first = link.next;
    }
    if (link.next != 0) {
        trd__special(match, link.next)->list[list].prev = link.prev;
    } else {
        ends->last = link.prev;
    }
    trd__special(match, number)->list[list] = (trd_link){0};
}

void trd__peg_unlist(trd_match *match, trd_desk *desk, uint32_t number) {
    if (desk->peg_next == number) {
        desk->peg_next = trd__special(match, number)->list[TRD_LIST_OWN].next;
    }
    trd__ends_remove(match, &desk->pegs, TRD_LIST_OWN, number);
}

/* --- what depends on the open lots of a resting order ----------------------------------------- */

/* The position's sum of resting reduce-only lots changes by `by`. Waiting orders are not in it. */
static void reducing_change(trd_match *match, const trd_special *special, trd_qty by) {
    if (special->reduces && special->where != TRD_WHERE_WAITING) {
        const trd_node *node = trd__order(match, special->unit);
        trd__pos_entry(&match->positions, special->position)->reducing[node->side - 1] += by;
    }
}

static void reducing_enter(trd_match *match, uint32_t number, trd_qty leaves) {
    const trd_special *special = trd__special(match, number);
    if (special->reduces) {
        trd_pos_entry *entry = trd__pos_entry(&match->positions, special->position);
        trd_ends ends = {entry->first, entry->last};
        trd__ends_add(match, &ends, TRD_LIST_REDUCING, number);
        entry->first = ends.first;
        entry->last = ends.last;
        reducing_change(match, special, leaves);
    }
}

static void reducing_leave(trd_match *match, uint32_t number, trd_qty leaves) {
    const trd_special *special = trd__special(match, number);
    if (special->reduces) {
        trd_pos_entry *entry = trd__pos_entry(&match->positions, special->position);
        trd_ends ends = {entry->first, entry->last};
        trd__ends_remove(match, &ends, TRD_LIST_REDUCING, number);
        entry->first = ends.first;
        entry->last = ends.last;
        reducing_change(match, special, -leaves);
    }
}

/* Lots of icebergs at a price that are not displayed. */
static void reserve_change(
    trd_match *match, uint32_t instrument, uint32_t s, trd_px px, trd_qty by) {
    if (by == 0) {
        return;
    }
    trd_store *store = &match->store;
    const uint32_t tree = trd__tree_at(match, instrument, TRD_TREE_RESERVE + s);
    const uint32_t unit = trd__tree_level(store, tree, trd__key(px, s));
    trd_queue *level = trd__queue(trd__store_arena(store), unit);
    level->qty += by;
    trd_assert(level->qty >= 0);
    trd__cross_change(match, level, by);
    if (level->qty == 0) {
        trd__tree_drop(store, unit);
    }
}

void trd__reserve_take(trd_match *match, uint32_t number, trd_qty qty) {
    trd_special *special = trd__special(match, number);
    const trd_node *node = trd__order(match, special->unit);
    special->reserve -= qty;
    reserve_change(match, special->instrument, node->side - 1u, special->px, -qty);
    reducing_change(match, special, -qty);
}

void trd__displayed_take(trd_match *match, uint32_t unit, trd_qty qty) {
    trd_node *node = trd__order(match, unit);
    trd_queue *level = trd__queue(trd__store_arena(&match->store), node->level);
    const uint32_t number = trd__special_of(node);
    node->leaves -= qty;
    if (node->level != match->store.limbo) {
        level->qty -= qty;
        trd__cross_change(match, level, -qty);
    }
    if (number != 0) {
        reducing_change(match, trd__special(match, number), -qty);
    }
}

/* --- to a place ------------------------------------------------------------------------------- */

/* The next peak: special-orders.md, "Icebergs". */
static trd_qty peak_draw(trd_match *match, trd_special *special) {
    if (special->peak_range == 0) {
        return special->peak;
    }
    const int64_t step = trd__listing(match, special->instrument)->rules.lot_step;
    const uint64_t count = (uint64_t)(2 * special->peak_range / step) + 1;
    const trd_uwide drawn = (trd_uwide)trd__splitmix(&special->random) * count;
    return special->peak - special->peak_range + (trd_qty)(uint64_t)(drawn >> 64) * step;
}

/* Divides the open lots of an iceberg into those displayed and its reserve; returns the former. */
static trd_qty peak_display(
    trd_match *match, trd_special *special, uint32_t s, trd_qty leaves, trd_qty peak) {
    const trd_qty displayed = peak < leaves ? peak : leaves;
    const trd_qty reserve = leaves - displayed;
    reserve_change(match, special->instrument, s, special->px, reserve - special->reserve);
    special->reserve = reserve;
    return displayed;
}

/* Who bettered the market: special-orders.md, "Top order". Icebergs that have nothing displayed
 * just now are all at one price of one side, since a taker has all lots at a price before it goes
 * on, and it has gone before anything comes to rest. So they are at this price, and nobody is alone
 * there. */
static void top_update(trd_match *match, uint32_t instrument, uint32_t s, uint32_t unit) {
    trd_desk *desk = trd__desk(match, instrument);
    const trd_store *store = &match->store;
    const trd_node *node = trd__order(match, unit);
    const trd_queue *level = trd__queue(trd__store_arena(store), node->level);
    if (desk->rule.top != 0 && desk->state == TRD_SESSION_CONTINUOUS && level->count == 1 &&
        level->key == trd__store_side(store, instrument * 2 + s)->best &&
        node->leaves >= desk->top_min && desk->refreshing.first == 0) {
        desk->top[s] = trd__store_handle(node, unit);
    }
}

/* Puts an order whose lots are in its node to the back of its price in the book. */
static void enter_book(trd_match *match, trd_out *out, uint32_t instrument, uint32_t s, trd_px px,
    uint32_t unit, bool anew) {
    const trd_node *node = trd__order(match, unit);
    const trd_queue *level =
        trd__order_rest(&match->store, instrument * 2 + s, trd__key(px, s), unit);
    trd__cross_change(match, level, node->leaves);
    if (anew) {
        top_update(match, instrument, s, unit);
    }
    trd__publish_change(match, out, trd__publish(match, instrument), level,
        trd__store_handle(node, unit), TRD_ORDER_ADDED, node->leaves, node->leaves);
}

/* The same in a tree, with a new place number. */
static void enter_tree(trd_match *match, uint32_t side_at, uint64_t key, uint32_t unit) {
    trd_store *store = &match->store;
    const trd_node *node = trd__order(match, unit);
    trd__tree_rest(store, side_at, key, unit, ++store->place);
    trd__cross_change(match, trd__queue(trd__store_arena(store), node->level), node->leaves);
}

void trd__rest_order(
    trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument, trd_px px, trd_qty leaves) {
    trd_node *node = trd__order(match, unit);
    const uint32_t s = node->side - 1u;
    const uint32_t number = trd__special_of(node);
    node->leaves = leaves;
    if (number == 0) {
        enter_book(match, out, instrument, s, px, unit, true);
        return;
    }
    trd_special *special = trd__special(match, number);
    trd_desk *desk = trd__desk(match, instrument);
    special->px = px;
    special->waits = TRD_WAITS_NOT;
    special->where = TRD_WHERE_BOOK;
    trd__quiet_forget(match, instrument);
    reducing_enter(match, number, leaves);
    if (special->type == TRD_TYPE_MARKET) {
        special->where = TRD_WHERE_AUCTION;
        enter_tree(match, trd__tree_at(match, instrument, TRD_TREE_AUCTION + s), 0, unit);
    } else if ((node->exec & TRD_EXEC_HIDDEN) != 0) {
        special->where = TRD_WHERE_HIDDEN;
        enter_tree(
            match, trd__tree_at(match, instrument, TRD_TREE_HIDDEN + s), trd__key(px, s), unit);
    } else if ((node->exec & TRD_EXEC_ALL_OR_NONE) != 0) {
        special->where = TRD_WHERE_ASIDE;
        enter_tree(
            match, trd__tree_at(match, instrument, TRD_TREE_ASIDE + s), trd__key(px, s), unit);
        trd__ends_add(match, &desk->aside, TRD_LIST_OWN, number);
    } else {
        special->where = TRD_WHERE_BOOK;
        if (special->peak != 0) {
            desk->icebergs++;
            node->leaves = peak_display(match, special, s, leaves, peak_draw(match, special));
        }
        enter_book(match, out, instrument, s, px, unit, true);
    }
    if (special->type == TRD_TYPE_PEGGED) {
        desk->pegs_priced++;
        trd__peg_unlist(match, desk, number);
        trd__ends_add(match, &desk->pegs, TRD_LIST_OWN, number);
    }
}

/* --- refreshing ------------------------------------------------------------------------------- */

void trd__peak_consumed(trd_match *match, uint32_t unit) {
    trd_node *node = trd__order(match, unit);
    const uint32_t number = trd__special_of(node);
    trd_special *special = trd__special(match, number);
    trd_desk *desk = trd__desk(match, special->instrument);
    trd__place_leave(&match->store, unit);
    trd__limbo_enter(&match->store, unit);
    special->refreshing = 1;
    trd__ends_add(match, &desk->refreshing, TRD_LIST_OWN, number);
}

static void emit_restated(trd_match *match, trd_out *out, uint32_t instrument, uint32_t unit,
    unsigned why, trd_px px, trd_qty displayed, trd_qty leaves) {
    const trd_node *node = trd__order(match, unit);
    trd_event *event = trd__emit(match, out, TRD_EVENT_RESTATED, 0, instrument, node->account,
        TRD_DETAIL(node->side, 0, trd__open_status(node->executed), why));
    event->u.restate = (trd_ev_restate){
        .order = trd__store_handle(node, unit), .px = px, .displayed = displayed, .leaves = leaves};
}

void trd__emit_restated(trd_match *match, trd_out *out, uint32_t instrument, uint32_t unit,
    unsigned why, trd_px px, trd_qty displayed, trd_qty leaves) {
    emit_restated(match, out, instrument, unit, why, px, displayed, leaves);
}

/* Moves an order, the last in its queue, before all with a higher place. The orders that refreshed
 * in place just before it stand at the front: the search begins behind them. */
static void queue_by_place(trd_match *match, uint32_t unit, uint32_t behind) {
    char *arena = trd__store_arena(&match->store);
    trd_node *node = trd__node(arena, unit);
    uint32_t before = node->level;
    if (behind != 0) {
        const trd_node *hint = trd__node(arena, behind);
        trd_assert(hint->level == node->level); /* icebergs refresh at one price */
        before = hint->place < node->place ? behind : before;
    }
    uint32_t next = trd__link(arena, before)->next;
    while (next != unit && trd__node(arena, next)->place < node->place) {
        before = next;
        next = trd__link(arena, next)->next;
    }
    if (next == unit) {
        return;
    }
    trd__link(arena, node->link.prev)->next = node->link.next;
    trd__link(arena, node->link.next)->prev = node->link.prev;
    node->link = (trd_link){.prev = before, .next = next};
    trd__link(arena, before)->next = unit;
    trd__link(arena, next)->prev = unit;
}

void trd__queue_sort_last(trd_match *match, uint32_t unit) {
    char *arena = trd__store_arena(&match->store);
    trd_node *node = trd__node(arena, unit);
    uint32_t before = node->link.prev;
    const uint32_t last = before;
    while (before != node->level && trd__node(arena, before)->place > node->place) {
        before = trd__link(arena, before)->prev;
    }
    if (before == last) {
        return;
    }
    const uint32_t next = trd__link(arena, before)->next;
    trd__link(arena, last)->next = node->level;
    trd__link(arena, node->level)->prev = last;
    node->link = (trd_link){.prev = before, .next = next};
    trd__link(arena, before)->next = unit;
    trd__link(arena, next)->prev = unit;
}

void trd__peak_refresh(trd_match *match, trd_out *out, uint32_t number) {
    trd_special *special = trd__special(match, number);
    const uint32_t instrument = special->instrument;
    const uint32_t unit = special->unit;
    trd_desk *desk = trd__desk(match, instrument);
    trd_node *node = trd__order(match, unit);
    const uint32_t s = node->side - 1u;
    const uint64_t place = node->place;
    const trd_qty leaves = special->reserve;
    trd__ends_remove(match, &desk->refreshing, TRD_LIST_OWN, number);
    special->refreshing = 0;
    trd__place_leave(&match->store, unit);
    node->leaves = peak_display(match, special, s, leaves, peak_draw(match, special));
    emit_restated(
        match, out, instrument, unit, TRD_RESTATE_PEAK, special->px, node->leaves, leaves);
    const uint32_t first = out->count;
    const bool in_place = (node->exec & TRD_EXEC_PEAK_IN_PLACE) != 0;
    if (!in_place && desk->top[s] == trd__store_handle(node, unit)) {
        desk->top[s] = 0;
    }
    enter_book(match, out, instrument, s, special->px, unit, !in_place);
    if (in_place) {
        node->place = place;
        queue_by_place(match, unit, match->work.refreshed_before);
        match->work.refreshed_before = unit;
        if ((trd__publish(match, instrument) & TRD_PUBLISH_ORDERS) != 0) {
            out->events[first].flags = TRD_EVENT_PLACE_KEPT;
        }
    }
}

/* --- fewer lots ------------------------------------------------------------------------------- */

trd_qty trd__shrink_lots(trd_match *match, uint32_t unit, trd_qty less) {
    const trd_node *node = trd__order(match, unit);
    const uint32_t number = trd__special_of(node);
    trd_qty reserve = number != 0 ? trd__special(match, number)->reserve : 0;
    reserve = reserve < less ? reserve : less;
    if (reserve > 0) {
        trd__reserve_take(match, number, reserve);
    }
    if (less > reserve) {
        trd__displayed_take(match, unit, less - reserve);
    }
    return less - reserve;
}

bool trd__is_displayed(const trd_match *match, const trd_node *node) {
    const trd_store *store = &match->store;
    return node->level != store->limbo &&
           !trd__side_is_tree(store, trd__queue(trd__store_arena(store), node->level)->side_at);
}

void trd__shrink_order(trd_match *match, trd_out *out, uint32_t unit, trd_qty less) {
    const trd_qty displayed = trd__shrink_lots(match, unit, less);
    const trd_node *node = trd__order(match, unit);
    if (displayed > 0 && trd__is_displayed(match, node)) {
        const trd_queue *level = trd__queue(trd__store_arena(&match->store), node->level);
        trd__publish_change(match, out, trd__publish(match, level->side_at / 2), level,
            trd__store_handle(node, unit), TRD_ORDER_REDUCED, node->leaves, displayed);
        trd__level_was_told(match, level);
    }
}

/* --- out of a place --------------------------------------------------------------------------- */

/* Takes a special order out of all lists and sums that it is in because of its place. */
static void special_leave(trd_match *match, uint32_t number) {
    trd_special *special = trd__special(match, number);
    trd_desk *desk = trd__desk(match, special->instrument);
    const trd_node *node = trd__order(match, special->unit);
    if (special->where == TRD_WHERE_WAITING) {
        trd__wait_end(match, number);
        return;
    }
    reducing_leave(match, number, node->leaves + special->reserve);
    if (special->where == TRD_WHERE_BOOK && special->peak != 0) {
        reserve_change(match, special->instrument, node->side - 1u, special->px, -special->reserve);
        special->reserve = 0;
        desk->icebergs--;
    }
    if (special->refreshing) {
        if (match->work.round == TRD_ROUND_OF_RESERVES && match->work.round_at == number) {
            match->work.round_at = special->list[TRD_LIST_OWN].next;
        }
        trd__ends_remove(match, &desk->refreshing, TRD_LIST_OWN, number);
        special->refreshing = 0;
    }
    if (special->where == TRD_WHERE_ASIDE) {
        trd__ends_remove(match, &desk->aside, TRD_LIST_OWN, number);
    }
    desk->pegs_priced -= special->type == TRD_TYPE_PEGGED;
}

void trd__leave_place(trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument) {
    trd_store *store = &match->store;
    const trd_node *node = trd__order(match, unit);
    const uint32_t number = trd__special_of(node);
    const bool displayed = trd__is_displayed(match, node);
    const trd_qty leaves = node->leaves;
    trd_desk *desk = trd__desk(match, instrument);
    const trd_order order = trd__store_handle(node, unit);
    if (number != 0) {
        special_leave(match, number);
    }
    if (desk->top[node->side - 1] == order) {
        desk->top[node->side - 1] = 0;
    }
    const trd_queue *level = trd__place_leave(store, unit);
    trd__cross_change(match, level, -leaves);
    if (displayed && out != NULL) {
        trd__publish_change(match, out, trd__publish(match, instrument), level, order,
            TRD_ORDER_DELETED, 0, leaves);
        trd__level_was_told(match, level);
    }
}

void trd__free_order(trd_match *match, uint32_t unit, uint32_t instrument) {
    trd_node *node = trd__order(match, unit);
    const uint32_t number = trd__special_of(node);
    if (match->positions.capacity != 0) {
        trd__pos_release(&match->positions,
            trd__pos_find(&match->positions, node->account, instrument, trd__position_of(node)));
    }
    if (number != 0) {
        trd_special *special = trd__special(match, number);
        if (special->type == TRD_TYPE_PEGGED) {
            trd__peg_unlist(match, trd__desk(match, instrument), number);
        }
        if (special->quote != 0) {
            trd__quote_ended(match, number);
        }
        if (special->linked != 0) {
            trd__leg_ended(match, special);
        }
        if (special->timer != 0) {
            trd__timer_cancel(match, &special->timer);
        }
        special->unit = 0;
        special->next_free = match->special_free;
        match->special_free = number;
        match->specials--;
        trd__quiet_forget(match, instrument);
        if (--trd__listing(match, instrument)->orders == 0) {
            trd__rich_clear(match, instrument, TRD_RICH_SPECIALS);
        }
    }
    if (node->id_slot != TRD_MAP_NONE) {
        trd__id_end(match, node->id_slot);
    }
    trd__order_release(&match->store, unit);
}

void trd__end_order(trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument,
    unsigned cause, trd_qty qty) {
    const trd_node *node = trd__order(match, unit);
    const unsigned status = cause == TRD_CAUSE_EXPIRED ? TRD_STATUS_EXPIRED : TRD_STATUS_CANCELED;
    trd_event *event = trd__emit(match, out, TRD_EVENT_CANCELED, 0, instrument, node->account,
        TRD_DETAIL(node->side, 0, status, cause));
    event->u.cancel = (trd_ev_cancel){.client_id = trd__client_id(match, node),
        .order = trd__store_handle(node, unit),
        .qty = qty,
        .cum = node->executed};
    if (node->level != 0) {
        trd__leave_place(match, out, unit, instrument);
    }
    const uint32_t number = trd__special_of(node);
    if (number != 0 && trd__special(match, number)->linked != 0) {
        trd__leg_canceled(match, trd__special(match, number));
    }
    trd__free_order(match, unit, instrument);
}
