/* corporate.c - a split: every order of an instrument gets new lots and prices.
 *
 * Orders are taken one by one, the best price first and of one price the earliest, and rest again
 * at the back of their new price. So their order stays what it was, by price and then by time, also
 * where several old prices become one. An order that has been moved has a place number above all
 * that were given before the split: the walk goes down the prices once, and where it meets a moved
 * order, which is behind all others of its level, the level is done.
 *
 * The book is never crossed. Buy limits are rounded down and sell limits up, so that bid < offer
 * stays so; and the side that moves away from the other one is walked first: bids where prices
 * fall, offers where they rise. */
#include "match/corporate.h"

#include "match/rich.h"

enum { PHASE_FIRST_SIDE, PHASE_FIRST_AUCTION, PHASE_SECOND_SIDE, PHASE_SECOND_AUCTION, PHASE_WAIT };
enum { PHASE_OVER = PHASE_WAIT + 1 };

/* --- numbers ---------------------------------------------------------------------------------- */

bool trd__split_px(
    const trd_match *match, const trd_split_terms *terms, trd_px px, bool up, trd_px *out) {
    if (px == 0) {
        *out = 0;
        return true;
    }
    const trd_listing *listing = trd__listing(match, terms->instrument);
    const trd_wide whole = (trd_wide)px * terms->denominator;
    const trd_wide exact =
        up ? trd__div_ceil(whole, terms->numerator) : trd__div_floor(whole, terms->numerator);
    *out = trd__px_rounded(listing, exact, up);
    return *out != 0 && (up ? *out >= exact : *out <= exact);
}

trd_wide trd__split_lots(const trd_match *match, const trd_split_terms *terms, trd_qty lots) {
    const int64_t step = trd__listing(match, terms->instrument)->rules.lot_step;
    const trd_wide whole = (trd_wide)lots * terms->numerator / terms->denominator;
    return whole - whole % step;
}

/* A distance in ticks; false if it is none any more. */
static bool split_distance(const trd_split_terms *terms, int64_t ticks, bool up, int64_t *out) {
    const trd_wide whole = (trd_wide)ticks * terms->denominator;
    const trd_wide exact =
        up ? trd__div_ceil(whole, terms->numerator) : trd__div_floor(whole, terms->numerator);
    *out = (int64_t)exact;
    return exact <= TRD_TRAIL_OFFSET_MAX && exact >= -TRD_TRAIL_OFFSET_MAX;
}

/* As many lots, at least a step where there were some, at most `most`. */
static trd_qty some_lots(
    const trd_match *match, const trd_split_terms *terms, trd_qty lots, trd_qty most) {
    const int64_t step = trd__listing(match, terms->instrument)->rules.lot_step;
    const trd_wide exact = trd__split_lots(match, terms, lots);
    const trd_wide least = exact < step ? step : exact;
    return lots == 0 ? 0 : least < most ? (trd_qty)least : most;
}

/* --- new terms -------------------------------------------------------------------------------- */

static bool is_trail(const trd_special *special) {
    return special->type == TRD_TYPE_TRAILING_STOP || special->type == TRD_TYPE_TRAILING_STOP_LIMIT;
}

/* A trigger, and what an elected order was touched at: rounded away from the price that comes. */
static bool trigger_of(const trd_match *match, const trd_split_terms *terms,
    const trd_special *special, trd_split_order *out) {
    const bool up = special->direction == TRD_RISING;
    if (special->where != TRD_WHERE_WAITING) {
        return true;
    }
    if (special->waits == TRD_WAITS_ELECTED) {
        const trd_wide whole = (trd_wide)special->trigger * terms->denominator;
        const trd_wide exact =
            up ? trd__div_ceil(whole, terms->numerator) : trd__div_floor(whole, terms->numerator);
        out->trigger = (trd_px)exact;
        return trd_fits(exact);
    }
    return special->waits != TRD_WAITS_TRIGGER ||
           trd__split_px(match, terms, special->trigger, up, &out->trigger);
}

static bool trail_of(const trd_match *match, const trd_split_terms *terms,
    const trd_special *special, uint32_t number, trd_split_order *out) {
    if (!is_trail(special)) {
        return true;
    }
    if (special->waits == TRD_WAITS_TRAIL) {
        const trd_wide whole =
            (trd_wide)trd__trail_extreme(trd__trails(match), number) * terms->denominator;
        const trd_wide extreme = trd__div_floor(whole, terms->numerator);
        out->extreme = (trd_px)extreme;
        if (extreme > TRD_TRAIL_PX_MAX || extreme < -TRD_TRAIL_PX_MAX) {
            return false;
        }
    }
    const bool rises = special->direction == TRD_RISING;
    return (special->in_ticks == 0 || split_distance(terms, special->offset, true, &out->offset)) &&
           split_distance(terms, special->limit_offset, false, &out->limit_offset) &&
           trd__split_px(match, terms, special->activation, !rises, &out->activation);
}

/* A peg that buys was bounded by the highest price there is: that bound falls with the prices. */
static bool peg_of(const trd_match *match, const trd_split_terms *terms, const trd_special *special,
    bool buys, trd_split_order *out) {
    if (special->type != TRD_TYPE_PEGGED) {
        return true;
    }
    const trd_px px_max = trd__listing(match, terms->instrument)->spec.px_max;
    const bool falls = terms->numerator > terms->denominator;
    out->has_cap = special->has_cap != 0 || (buys && falls);
    const trd_px cap = special->has_cap != 0 ? special->cap : out->has_cap ? px_max : 0;
    return split_distance(terms, special->offset, true, &out->offset) &&
           trd__split_px(match, terms, cap, !buys, &out->cap);
}

/* A peak may be above what is open, when some was taken off, but not above what an order may have.
 */
static void sizes_of(const trd_match *match, const trd_split_terms *terms,
    const trd_special *special, trd_split_order *out) {
    const trd_instrument *spec = &trd__listing(match, terms->instrument)->spec;
    const trd_qty most = spec->qty_max - spec->qty_max % spec->lot_step;
    out->peak = some_lots(match, terms, special->peak, most);
    out->minimum = some_lots(match, terms, special->minimum, out->lots);
    const trd_wide range = trd__split_lots(match, terms, special->peak_range);
    const trd_qty wide = out->peak != 0 ? out->peak - spec->lot_step : 0;
    out->peak_range = range < wide ? (trd_qty)range : wide;
    if (special->where == TRD_WHERE_BOOK && special->peak != 0) {
        const trd_qty displayed = trd__order(match, special->unit)->leaves;
        out->displayed = some_lots(match, terms, displayed, out->lots);
    }
}

/* A market order for an auction could execute at any price, and would have more lots now. */
static bool is_boundless(const trd_split_terms *terms, const trd_special *special, bool buys) {
    return special->type == TRD_TYPE_MARKET && buys && terms->numerator > terms->denominator;
}

static bool special_terms(
    const trd_match *match, const trd_split_terms *terms, bool buys, trd_split_order *out) {
    const trd_special *special = trd__special(match, out->number);
    trd_assert(special->waits != TRD_WAITS_TOUCHED && special->waits != TRD_WAITS_LATE);
    trd_assert(special->refreshing == 0);
    out->trigger = special->trigger;
    out->activation = special->activation;
    out->offset = special->offset;
    out->limit_offset = special->limit_offset;
    out->has_cap = special->has_cap != 0;
    out->cap = special->cap;
    sizes_of(match, terms, special, out);
    return trigger_of(match, terms, special, out) &&
           trail_of(match, terms, special, out->number, out) &&
           peg_of(match, terms, special, buys, out) && !is_boundless(terms, special, buys);
}

/* What the order at `unit` is to be. */
static void order_terms(
    const trd_match *match, const trd_split_terms *terms, uint32_t unit, trd_split_order *out) {
    const trd_node *node = trd__order(match, unit);
    const trd_qty lots = trd__leaves(match, node);
    const bool buys = node->side == TRD_BUY;
    const trd_wide next = trd__split_lots(match, terms, lots);
    const trd_wide executed = trd__split_lots(match, terms, node->executed);
    const trd_wide prevented = trd__split_lots(match, terms, trd__prevented(match, node));
    const bool fits =
        next + executed + prevented <= trd__listing(match, terms->instrument)->spec.qty_max;
    *out = (trd_split_order){
        .unit = unit, .number = trd__special_of(node), .order = trd__store_handle(node, unit)};
    if (!fits || (lots != 0 && next == 0)) {
        out->ends = true;
        return;
    }
    out->lots = (trd_qty)next;
    out->executed = (trd_qty)executed;
    out->prevented = (trd_qty)prevented;
    out->displayed = trd__is_displayed(match, node) ? out->lots : 0;
    out->ends = !trd__split_px(match, terms, trd__px_of(match, unit), !buys, &out->px) ||
                (out->number != 0 && !special_terms(match, terms, buys, out));
}

/* --- the walk --------------------------------------------------------------------------------- */

/* The side that moves away from the other one is the first. */
static uint32_t side_of(const trd_split_walk *walk) {
    const uint32_t first = walk->terms.numerator > walk->terms.denominator ? 0 : 1;
    return walk->phase <= PHASE_FIRST_AUCTION ? first : first ^ 1;
}

static uint32_t place_side(
    const trd_match *match, uint32_t instrument, uint32_t s, uint32_t place) {
    return place == 0   ? instrument * 2 + s
           : place == 1 ? trd__tree_at(match, instrument, TRD_TREE_HIDDEN + s)
                        : trd__tree_at(match, instrument, TRD_TREE_ASIDE + s);
}

/* The best level at or below `key`, or below it; 0: there is none. */
static uint32_t level_from(const trd_match *match, uint32_t side, uint64_t key, bool below) {
    const trd_store *store = &match->store;
    const bool is_tree = trd__side_is_tree(store, side);
    const uint32_t at = below     ? 0
                        : is_tree ? trd__tree_find(store, side, key)
                                  : trd__ladder_find(store, side, key);
    if (at != 0) {
        return at;
    }
    return is_tree ? trd__tree_below(store, side, key) : trd__ladder_below(store, side, key);
}

static void phase_next(trd_split_walk *walk) {
    walk->phase++;
    walk->passed = 0;
    for (uint32_t place = 0; place < TRD_SPLIT_PLACES; place++) {
        walk->key[place] = UINT64_MAX;
    }
}

/* The next order of a side: of the three places the best price, then the earliest. */
static int side_next(const trd_match *match, trd_split_walk *walk, uint32_t *unit) {
    char *arena = trd__store_arena(&match->store);
    const trd_node *best = NULL;
    uint64_t best_key = 0;
    for (uint32_t place = 0; place < TRD_SPLIT_PLACES; place++) {
        const uint32_t side = place_side(match, walk->terms.instrument, side_of(walk), place);
        const uint32_t level =
            level_from(match, side, walk->key[place], (walk->passed >> place & 1) != 0);
        if (level == 0) {
            continue;
        }
        const uint64_t key = trd__queue(arena, level)->key;
        const uint32_t first = trd__link(arena, level)->next;
        const trd_node *node = trd__node(arena, first);
        walk->key[place] = key;
        walk->passed &= ~(1u << place);
        if (node->place > walk->boundary) {
            walk->passed |= 1u << place;
            return TRD_SPLIT_PASSED;
        }
        if (best == NULL || key > best_key || (key == best_key && node->place < best->place)) {
            best = node;
            best_key = key;
            *unit = first;
        }
    }
    return best != NULL ? TRD_SPLIT_ORDER : TRD_SPLIT_OVER;
}

/* Market orders for an auction have one level. */
static int auction_next(const trd_match *match, const trd_split_walk *walk, uint32_t *unit) {
    char *arena = trd__store_arena(&match->store);
    const uint32_t side =
        trd__tree_at(match, walk->terms.instrument, TRD_TREE_AUCTION + side_of(walk));
    const uint32_t level = trd__tree_best(&match->store, side);
    if (level == 0) {
        return TRD_SPLIT_OVER;
    }
    *unit = trd__link(arena, level)->next;
    return trd__node(arena, *unit)->place <= walk->boundary ? TRD_SPLIT_ORDER : TRD_SPLIT_OVER;
}

/* Those that wait stand in a list, by place. */
static int waiting_next(const trd_match *match, const trd_split_walk *walk, uint32_t *unit) {
    const uint32_t number = trd__desk(match, walk->terms.instrument)->waiting.first;
    if (number == 0) {
        return TRD_SPLIT_OVER;
    }
    *unit = trd__special(match, number)->unit;
    return trd__order(match, *unit)->place <= walk->boundary ? TRD_SPLIT_ORDER : TRD_SPLIT_OVER;
}

int trd__split_next(const trd_match *match, trd_split_walk *walk, trd_split_order *out) {
    uint32_t unit = 0;
    int what;
    trd_assert(walk->phase < PHASE_OVER);
    switch (walk->phase) {
    case PHASE_FIRST_SIDE:
    case PHASE_SECOND_SIDE:
        what = side_next(match, walk, &unit);
        break;
    case PHASE_FIRST_AUCTION:
    case PHASE_SECOND_AUCTION:
        what = auction_next(match, walk, &unit);
        break;
    default:
        what = waiting_next(match, walk, &unit);
        break;
    }
    if (what == TRD_SPLIT_OVER) {
        phase_next(walk);
        return walk->phase == PHASE_OVER ? TRD_SPLIT_OVER : TRD_SPLIT_PASSED;
    }
    if (what == TRD_SPLIT_ORDER) {
        order_terms(match, &walk->terms, unit, out);
    }
    return what;
}

/* --- before and after ------------------------------------------------------------------------- */

bool trd__split_is_hindered(const trd_match *match, uint32_t instrument) {
    for (uint32_t number = 1; number <= match->specials_max; number++) {
        const trd_special *special = trd__special(match, number);
        if (special->unit != 0 && special->instrument == instrument && special->quote != 0) {
            return true;
        }
    }
    return false;
}

/* What the legs of linked orders are granted, and owe each other. Legs that are staged are records
 * that wait, and stay as they were sent. */
static void split_groups(trd_match *match, const trd_split_terms *terms) {
    trd_group *groups = trd__region(match, match->groups.rows_at);
    for (uint32_t number = 1; number <= match->groups.capacity; number++) {
        trd_group *group = &groups[number];
        if (group->live == 0 || group->instrument != terms->instrument) {
            continue;
        }
        group->executed = (trd_qty)trd__split_lots(match, terms, group->executed);
        for (uint32_t leg = 0; leg < group->count; leg++) {
            trd_group_leg *own = &group->legs[leg];
            own->own = (trd_qty)trd__split_lots(match, terms, own->own);
            own->granted = (trd_qty)trd__split_lots(match, terms, own->granted);
            own->owed = (trd_qty)trd__split_lots(match, terms, own->owed);
        }
    }
}

/* A reference price in new ticks; the nearest bound where there is no valid price. */
static trd_px reference_of(
    const trd_match *match, const trd_split_terms *terms, trd_px px, bool up) {
    trd_px scaled = px;
    (void)trd__split_px(match, terms, px, up, &scaled);
    return scaled;
}

/* Prices that were seen before are seen in new ticks: nobody is elected because of the split. */
void trd__split_begin(trd_match *match, trd_split_walk *walk, const trd_split_terms *terms) {
    trd_listing *listing = trd__listing(match, terms->instrument);
    trd_desk *desk = trd__desk(match, terms->instrument);
    trd_assert(match->work.stage == TRD_STAGE_IDLE && match->taker.unit == 0);
    *walk = (trd_split_walk){.terms = *terms, .boundary = match->store.place};
    for (uint32_t place = 0; place < TRD_SPLIT_PLACES; place++) {
        walk->key[place] = UINT64_MAX;
    }
    if (listing->has_last != 0) {
        listing->last = reference_of(match, terms, listing->last, false);
    }
    for (unsigned source = TRD_SOURCE_BID; source <= TRD_SOURCES; source++) {
        if ((desk->known >> source & 1) != 0) {
            desk->price[source] =
                reference_of(match, terms, desk->price[source], source == TRD_SOURCE_ASK);
        }
    }
    split_groups(match, terms);
    trd__breaker_forget(match, terms->instrument);
    trd__cross_forget(match, terms->instrument);
    trd__quiet_forget(match, terms->instrument);
}

void trd__split_settle(trd_match *match, const trd_split_walk *walk) {
    trd_work *work = &match->work;
    trd_desk *desk = trd__desk(match, walk->terms.instrument);
    trd_assert(work->stage == TRD_STAGE_IDLE && match->taker.unit == 0);
    desk->pegs_settled = 0;
    desk->peg_next = desk->pegs.first;
    work->time = match->time;
    work->after_settle = TRD_STAGE_END;
    work->after_end = TRD_STAGE_IDLE;
    work->elections = 0;
    work->refused = 0;
    work->timed = 0;
    work->indicate = walk->terms.instrument;
    work->watched = 0;
    trd__settle_begin(match, walk->terms.instrument);
}

/* --- one order -------------------------------------------------------------------------------- */

static void special_store(trd_special *special, const trd_split_order *order) {
    special->px = order->px;
    special->trigger = order->trigger;
    special->activation = order->activation;
    special->cap = order->cap;
    special->has_cap = order->has_cap;
    special->offset = order->offset;
    special->limit_offset = order->limit_offset;
    special->minimum = order->minimum;
    special->peak = order->peak;
    special->peak_range = order->peak_range;
    special->prevented = order->prevented;
}

/* An order that rests: out of its place, and to the back of its new one. It shows as much of its
 * peak as it did, and whoever had bettered the market has still done so. */
static void rest_again(trd_match *match, trd_out *out, uint32_t i, const trd_split_order *order) {
    trd_desk *desk = trd__desk(match, i);
    trd_node *node = trd__order(match, order->unit);
    const trd_order top[2] = {desk->top[0], desk->top[1]};
    trd__leave_place(match, out, order->unit, i);
    node->executed = order->executed;
    if (order->number == 0) {
        node->more = (uint64_t)order->prevented;
        trd__rest_order(match, out, order->unit, i, order->px, order->lots);
    } else {
        trd_special *special = trd__special(match, order->number);
        special_store(special, order);
        if (special->where == TRD_WHERE_BOOK && special->peak != 0) {
            special->peak = order->displayed;
            special->peak_range = 0;
        }
        trd__rest_order(match, out, order->unit, i, order->px, order->lots);
        special->peak = order->peak;
        special->peak_range = order->peak_range;
    }
    desk->top[0] = top[0];
    desk->top[1] = top[1];
}

static void wait_again(trd_match *match, const trd_split_order *order) {
    trd_special *special = trd__special(match, order->number);
    trd_node *node = trd__order(match, order->unit);
    const unsigned waits = special->waits;
    if (waits == TRD_WAITS_ELECTED) { /* it has its rank already, and is in no queue */
        trd__wait_renew(match, order->number);
    } else {
        trd__wait_end(match, order->number);
        trd__place_leave(&match->store, order->unit);
    }
    special_store(special, order);
    node->leaves = order->lots;
    node->executed = order->executed;
    if (waits != TRD_WAITS_ELECTED) {
        trd__wait_as(match, order->number, waits, order->extreme);
    }
}

void trd__split_apply(trd_match *match, trd_out *out, const trd_split_walk *walk,
    const trd_split_order *order, bool ends) {
    const uint32_t i = walk->terms.instrument;
    const trd_node *node = trd__order(match, order->unit);
    if (ends) {
        trd__end_order(match, out, order->unit, i, TRD_CAUSE_CORPORATE, trd__leaves(match, node));
        return;
    }
    trd__emit_restated(match, out, i, order->unit, TRD_RESTATE_CORPORATE, order->px,
        order->displayed, order->lots);
    out->events[out->count - 1].status = (uint8_t)trd__open_status(order->executed);
    if (order->number != 0 && trd__special(match, order->number)->where == TRD_WHERE_WAITING) {
        wait_again(match, order);
    } else {
        rest_again(match, out, i, order);
    }
}
