/* trigger.c - prices observed, and the orders that wait for them: election, release, trails.
 *
 * Orders with a trigger that does not move wait in trees by trigger, one for each source and
 * direction. Active trails are in an index of their own (trail.h), which says at each observed
 * price which of them are touched; these then wait, with that trigger, in the tree of the touched.
 * What is elected is found at the end of a transaction from the lowest and highest price observed
 * in it: only orders that are elected are ever looked at. */
#include "match/rich.h"

/* --- waiting ---------------------------------------------------------------------------------- */

void trd__wait(trd_match *match, uint32_t number, unsigned waits) {
    trd_special *special = trd__special(match, number);
    special->where = TRD_WHERE_WAITING;
    special->waits = (uint8_t)waits;
    trd__order(match, special->unit)->place = ++match->store.place;
    trd_desk *desk = trd__desk(match, special->instrument);
    trd__ends_add(match, &desk->waiting, TRD_LIST_WAITING, number);
    desk->waits++;
    trd__quiet_forget(match, special->instrument);
}

/* Prices of the trail index: those of a sell. */
static trd_px as_sell(unsigned direction, trd_px px) {
    return direction == TRD_FALLING ? px : -px;
}

static trd_trail *trail_of(const trd_match *match, const trd_special *special) {
    return &trd__desk(match, special->instrument)->trails[special->source - 1][special->direction];
}

void trd__wait_end(trd_match *match, uint32_t number) {
    trd_special *special = trd__special(match, number);
    trd_desk *desk = trd__desk(match, special->instrument);
    trd__ends_remove(match, &desk->waiting, TRD_LIST_WAITING, number);
    desk->waits--;
    trd__quiet_forget(match, special->instrument);
    if (special->waits == TRD_WAITS_TRAIL) {
        trd__trail_remove(trd__trails(match), trail_of(match, special), number);
    } else if (special->waits == TRD_WAITS_ELECTED) {
        trd__ends_remove(match, &desk->elected, TRD_LIST_OWN, number);
    } else if (special->waits == TRD_WAITS_LATE) {
        trd__ends_remove(match, &desk->late, TRD_LIST_OWN, number);
    }
    special->waits = TRD_WAITS_NOT;
}

void trd__wait_idle(trd_match *match, uint32_t number) {
    trd_special *special = trd__special(match, number);
    trd_desk *desk = trd__desk(match, special->instrument);
    if (special->waits == TRD_WAITS_ELECTED) {
        trd__ends_remove(match, &desk->elected, TRD_LIST_OWN, number);
    } else if (special->waits == TRD_WAITS_LATE) {
        trd__ends_remove(match, &desk->late, TRD_LIST_OWN, number);
    }
    trd__place_leave(&match->store, special->unit);
    trd__limbo_enter(&match->store, special->unit);
    special->waits = TRD_WAITS_LINK;
    trd__quiet_forget(match, special->instrument);
}

bool trd__trigger_now(const trd_match *match, uint32_t number, trd_px *trigger) {
    const trd_special *special = trd__special(match, number);
    *trigger = special->trigger;
    switch (special->waits) {
    case TRD_WAITS_TRAIL:
        *trigger = as_sell(special->direction, trd__trail_trigger(trd__trails(match), number));
        return true;
    case TRD_WAITS_TRIGGER:
    case TRD_WAITS_TOUCHED:
    case TRD_WAITS_ELECTED:
        return true;
    default:
        return false;
    }
}

bool trd__is_touched(trd_px trigger, unsigned direction, trd_px px) {
    return direction == TRD_FALLING ? px <= trigger : px >= trigger;
}

/* Puts an order (in no queue) into a tree at a trigger, behind those with lower places. */
static void tree_enter(
    trd_match *match, const trd_special *special, unsigned tree, trd_px trigger) {
    trd_store *store = &match->store;
    const uint32_t side = trd__tree_at(
        match, special->instrument, trd__trigger_tree(tree, special->source, special->direction));
    trd_node *node = trd__order(match, special->unit);
    trd__quiet_forget(match, special->instrument);
    trd__tree_rest(
        store, side, trd__trigger_key(trigger, special->direction), special->unit, node->place);
}

static uint32_t dormant_tree(
    const trd_match *match, uint32_t instrument, unsigned source, unsigned direction) {
    return trd__tree_at(match, instrument, trd__trigger_tree(TRD_TREE_DORMANT, source, direction));
}

/* A trail becomes active at px. */
static void trail_start(trd_match *match, uint32_t number, trd_px px) {
    trd_special *special = trd__special(match, number);
    special->waits = TRD_WAITS_TRAIL;
    trd__limbo_enter(&match->store, special->unit);
    trd__trail_add(trd__trails(match), trail_of(match, special), number,
        &(trd_trail_order){.extreme = as_sell(special->direction, px),
            .offset = special->offset,
            .place = trd__order(match, special->unit)->place,
            .unit = special->in_ticks ? TRD_OFFSET_TICKS : TRD_OFFSET_BASIS_POINTS});
}

/* Does px activate a trail? A sell is active from a price at or above on. */
static bool activates(const trd_special *special, trd_px px) {
    return !special->has_activation ||
           (special->direction == TRD_FALLING ? px >= special->activation
                                              : px <= special->activation);
}

void trd__trigger_wait(trd_match *match, uint32_t number) {
    trd_special *special = trd__special(match, number);
    const bool trails =
        special->type == TRD_TYPE_TRAILING_STOP || special->type == TRD_TYPE_TRAILING_STOP_LIMIT;
    trd_px px;
    if (!trails) {
        trd__wait(match, number, TRD_WAITS_TRIGGER);
        tree_enter(match, special, TRD_TREE_TRIGGER, special->trigger);
        return;
    }
    trd__wait(match, number, TRD_WAITS_DORMANT);
    if (trd__desk(match, special->instrument)->state == TRD_SESSION_CONTINUOUS &&
        trd__price_of(match, special->instrument, special->source, &px) && activates(special, px)) {
        trail_start(match, number, px);
        return;
    }
    /* The price that activates the earliest is first: the lowest for a sell, which rises to it. */
    trd_px at = special->activation;
    if (!special->has_activation) {
        at = special->direction == TRD_FALLING ? INT64_MIN : INT64_MAX;
    }
    const uint32_t side =
        dormant_tree(match, special->instrument, special->source, special->direction);
    trd__tree_rest(&match->store, side, trd__trigger_key(at, special->direction ^ 1u),
        special->unit, trd__order(match, special->unit)->place);
}

/* Has a price that was observed since the last election touched the trigger? */
static bool touched_before(const trd_match *match, const trd_special *special) {
    const trd_desk *desk = trd__desk(match, special->instrument);
    const unsigned source = special->source;
    return desk->state == TRD_SESSION_CONTINUOUS && (desk->observed >> source & 1) != 0 &&
           trd__is_touched(special->trigger, special->direction,
               special->direction == TRD_FALLING ? desk->low[source] : desk->high[source]);
}

void trd__trigger_wait_anew(trd_match *match, uint32_t number) {
    trd_special *special = trd__special(match, number);
    if (!touched_before(match, special)) {
        trd__trigger_wait(match, number);
        return;
    }
    trd__wait(match, number, TRD_WAITS_LATE);
    trd__limbo_enter(&match->store, special->unit);
    trd__ends_add(match, &trd__desk(match, special->instrument)->late, TRD_LIST_OWN, number);
}

/* An order that came too late for the prices of the last election waits with the others. */
static void late_over(trd_match *match, uint32_t number) {
    trd_special *special = trd__special(match, number);
    trd__ends_remove(match, &trd__desk(match, special->instrument)->late, TRD_LIST_OWN, number);
    trd__place_leave(&match->store, special->unit);
    special->waits = TRD_WAITS_TRIGGER;
    tree_enter(match, special, TRD_TREE_TRIGGER, special->trigger);
    trd__queue_sort_last(match, special->unit);
}

/* Those among the late that px touches. */
static void late_observe(trd_match *match, uint32_t instrument, unsigned source, trd_px px) {
    for (uint32_t number = trd__desk(match, instrument)->late.first; number != 0;) {
        const trd_special *special = trd__special(match, number);
        const uint32_t next = special->list[TRD_LIST_OWN].next;
        if (special->source == source &&
            trd__is_touched(special->trigger, special->direction, px)) {
            late_over(match, number);
        }
        number = next;
    }
}

void trd__wait_renew(trd_match *match, uint32_t number) {
    const trd_special *special = trd__special(match, number);
    trd_ends *waiting = &trd__desk(match, special->instrument)->waiting;
    trd__order(match, special->unit)->place = ++match->store.place;
    trd__ends_remove(match, waiting, TRD_LIST_WAITING, number);
    trd__ends_add(match, waiting, TRD_LIST_WAITING, number);
}

void trd__wait_as(trd_match *match, uint32_t number, unsigned waits, trd_px extreme) {
    trd_special *special = trd__special(match, number);
    trd_desk *desk = trd__desk(match, special->instrument);
    switch (waits) {
    case TRD_WAITS_TRAIL:
        trd__wait(match, number, waits);
        trail_start(match, number, as_sell(special->direction, extreme));
        break;
    case TRD_WAITS_TRIGGER:
    case TRD_WAITS_DORMANT:
        trd__trigger_wait(match, number);
        break;
    default:
        trd__wait(match, number, waits);
        trd__limbo_enter(&match->store, special->unit);
        if (waits == TRD_WAITS_PRICE) {
            trd__peg_unlist(match, desk, number);
            trd__ends_add(match, &desk->pegs, TRD_LIST_OWN, number);
        }
        break;
    }
}

/* --- observing -------------------------------------------------------------------------------- */

bool trd__price_of(const trd_match *match, uint32_t instrument, unsigned source, trd_px *px) {
    if (source == TRD_SOURCE_LAST) {
        const trd_listing *listing = trd__listing(match, instrument);
        *px = listing->last;
        return listing->has_last != 0;
    }
    const trd_desk *desk = trd__desk(match, instrument);
    *px = desk->price[source];
    return (desk->known >> source & 1) != 0;
}

/* A touched trail waits for its election with the trigger that it has now. It stands among those of
 * the same trigger by place: they were touched at other prices, so from the back. */
static void trail_touched(trd_match *match, uint32_t number, trd_px trigger) {
    trd_special *special = trd__special(match, number);
    trd_store *store = &match->store;
    trd__trail_remove(trd__trails(match), trail_of(match, special), number);
    special->waits = TRD_WAITS_TOUCHED;
    special->trigger = trigger;
    trd__place_leave(store, special->unit);
    tree_enter(match, special, TRD_TREE_TOUCHED, trigger);
    trd__queue_sort_last(match, special->unit);
}

bool trd__has_trails(const trd_match *match, uint32_t instrument, unsigned source) {
    const trd_trail *trails = trd__desk(match, instrument)->trails[source - 1];
    const trd_far *dormant =
        trd__trees(match, instrument) + trd__trigger_tree(TRD_TREE_DORMANT, source, 0);
    return (trails[0].root | trails[1].root | dormant[0].height | dormant[1].height) != 0;
}

/* Trails of one direction see a price. */
static void trails_observe(
    trd_match *match, uint32_t instrument, unsigned source, unsigned direction, trd_px px) {
    trd_desk *desk = trd__desk(match, instrument);
    trd_trail *trail = &desk->trails[source - 1][direction];
    const trd_trail_in in = trd__trails(match);
    if (trail->root != 0) {
        trd_px trigger;
        uint32_t number;
        while ((number = trd__trail_touched(in, trail, as_sell(direction, px), &trigger)) != 0) {
            trail_touched(match, number, as_sell(direction, trigger));
        }
        trd__trail_observe(in, trail, as_sell(direction, px));
    }
    const uint32_t side = dormant_tree(match, instrument, source, direction);
    char *arena = trd__store_arena(&match->store);
    for (uint32_t unit; (unit = trd__tree_best(&match->store, side)) != 0;) {
        const uint32_t first = trd__link(arena, unit)->next;
        const uint32_t number = trd__special_of(trd__node(arena, first));
        if (!activates(trd__special(match, number), px)) {
            break;
        }
        trd__place_leave(&match->store, first);
        trail_start(match, number, px);
    }
}

/* The price of a source becomes known. */
static void price_set(trd_match *match, uint32_t instrument, unsigned source, trd_px px) {
    if (source == TRD_SOURCE_LAST) {
        trd_listing *listing = trd__listing(match, instrument);
        listing->last = px;
        listing->has_last = 1;
        return;
    }
    trd_desk *desk = trd__desk(match, instrument);
    desk->price[source] = px;
    desk->known = (uint8_t)(desk->known | 1u << source);
}

void trd__observe(trd_match *match, uint32_t instrument, unsigned source, trd_px px) {
    trd_desk *desk = trd__desk(match, instrument);
    const unsigned bit = 1u << source;
    if (desk->state != TRD_SESSION_CONTINUOUS) {
        price_set(match, instrument, source, px);
        return;
    }
    if ((desk->observed & bit) == 0) {
        trd_px former;
        desk->observed = (uint8_t)(desk->observed | bit);
        desk->before[source] = trd__price_of(match, instrument, source, &former) ? former : px;
        desk->low[source] = px;
        desk->high[source] = px;
    } else {
        desk->low[source] = px < desk->low[source] ? px : desk->low[source];
        desk->high[source] = px > desk->high[source] ? px : desk->high[source];
    }
    price_set(match, instrument, source, px);
    late_observe(match, instrument, source, px);
    if (trd__has_trails(match, instrument, source)) {
        trails_observe(match, instrument, source, TRD_FALLING, px);
        trails_observe(match, instrument, source, TRD_RISING, px);
    }
}

void trd__prices_observe(trd_match *match, uint32_t instrument) {
    trd_desk *desk = trd__desk(match, instrument);
    for (unsigned source = TRD_SOURCE_LAST; source <= TRD_SOURCES; source++) {
        trd_px px = 0;
        bool known = trd__price_of(match, instrument, source, &px);
        if (source == TRD_SOURCE_BID || source == TRD_SOURCE_ASK) {
            known = trd__book_best(match, instrument, source - TRD_SOURCE_BID, &px);
            desk->known = (uint8_t)(desk->known & ~(1u << source));
        }
        if (known) {
            trd__observe(match, instrument, source, px);
        }
    }
}

void trd__quotes_observe(trd_match *match, uint32_t instrument) {
    trd_desk *desk = trd__desk(match, instrument);
    for (uint32_t s = 0; s < 2; s++) {
        const unsigned source = s == 0 ? TRD_SOURCE_BID : TRD_SOURCE_ASK;
        trd_px px;
        if (!trd__book_best(match, instrument, s, &px)) {
            desk->known = (uint8_t)(desk->known & ~(1u << source));
        } else if ((desk->known >> source & 1) == 0 || desk->price[source] != px) {
            trd__observe(match, instrument, source, px);
        }
    }
}

/* --- election --------------------------------------------------------------------------------- */

/* Trees of orders that a price can elect, by the `t` of what follows. */
static const unsigned elect_trees[2] = {TRD_TREE_TRIGGER, TRD_TREE_TOUCHED};

/* The first order of a tree that a price in the range observed has touched; 0 if there is none. */
static uint32_t head_of_tree(
    const trd_match *match, uint32_t instrument, unsigned t, unsigned source, unsigned direction) {
    const unsigned tree = trd__trigger_tree(elect_trees[t], source, direction);
    const trd_desk *desk = trd__desk(match, instrument);
    char *arena = trd__store_arena(&match->store);
    const trd_queue *level =
        trd__queue(arena, trd__tree_best(&match->store, trd__tree_at(match, instrument, tree)));
    const trd_px reached = direction == TRD_FALLING ? desk->low[source] : desk->high[source];
    return t == 1 || trd__trigger_key(reached, direction) <= level->key
               ? trd__special_of(trd__node(arena, level->link.next))
               : 0;
}

/* `trees` are those of the instrument: most are empty. */
trd_inline uint32_t head_of(const trd_match *match, const trd_far *trees, uint32_t instrument,
    unsigned t, unsigned source, unsigned direction) {
    return trees[trd__trigger_tree(elect_trees[t], source, direction)].height != 0
               ? head_of_tree(match, instrument, t, source, direction)
               : 0;
}

/* Of two heads of one direction: the nearer trigger, then the lower place. */
static uint32_t head_first(const trd_match *match, uint32_t a, uint32_t b) {
    if (a == 0 || b == 0) {
        return a + b;
    }
    const trd_special *one = trd__special(match, a);
    const trd_special *other = trd__special(match, b);
    if (one->trigger != other->trigger) {
        const bool higher = one->trigger > other->trigger;
        return higher == (one->direction == TRD_FALLING) ? a : b;
    }
    return trd__order(match, one->unit)->place < trd__order(match, other->unit)->place ? a : b;
}

/* Distance of a trigger from the previous reference. */
static uint64_t distance(const trd_special *special, trd_px before) {
    return special->trigger > before ? (uint64_t)special->trigger - (uint64_t)before
                                     : (uint64_t)before - (uint64_t)special->trigger;
}

/* Of the heads of both directions: the one nearer to the previous reference, then the lower place.
 */
static uint32_t head_nearer(const trd_match *match, uint32_t a, uint32_t b, trd_px before) {
    if (a == 0 || b == 0) {
        return a + b;
    }
    const trd_special *one = trd__special(match, a);
    const trd_special *other = trd__special(match, b);
    const uint64_t here = distance(one, before);
    const uint64_t there = distance(other, before);
    if (here != there) {
        return here < there ? a : b;
    }
    return trd__order(match, one->unit)->place < trd__order(match, other->unit)->place ? a : b;
}

/* Does anything wait for the source, or was touched? */
static bool has_triggers(const trd_match *match, uint32_t instrument, unsigned source) {
    const trd_far *trees = trd__trees(match, instrument);
    const trd_far *waiting = trees + trd__trigger_tree(TRD_TREE_TRIGGER, source, 0);
    const trd_far *touched = trees + trd__trigger_tree(TRD_TREE_TOUCHED, source, 0);
    return (waiting[0].height | waiting[1].height | touched[0].height | touched[1].height) != 0;
}

static void elect_source(trd_match *match, uint32_t instrument, unsigned source) {
    trd_desk *desk = trd__desk(match, instrument);
    const trd_far *trees = trd__trees(match, instrument);
    uint32_t heads[2][2]; /* by direction and tree */
    for (unsigned direction = 0; direction < 2; direction++) {
        for (unsigned t = 0; t < 2; t++) {
            heads[direction][t] = head_of(match, trees, instrument, t, source, direction);
        }
    }
    for (;;) {
        const uint32_t number = head_nearer(match, head_first(match, heads[0][0], heads[0][1]),
            head_first(match, heads[1][0], heads[1][1]), desk->before[source]);
        if (number == 0) {
            return;
        }
        trd_special *special = trd__special(match, number);
        const unsigned direction = special->direction;
        const unsigned t = special->waits == TRD_WAITS_TOUCHED;
        trd__place_leave(&match->store, special->unit);
        trd__limbo_enter(&match->store, special->unit);
        special->waits = TRD_WAITS_ELECTED;
        trd__ends_add(match, &desk->elected, TRD_LIST_OWN, number);
        /* The other trees have their heads still. */
        heads[direction][t] = head_of(match, trees, instrument, t, source, direction);
    }
}

void trd__elect(trd_match *match, uint32_t instrument) {
    trd_desk *desk = trd__desk(match, instrument);
    if (desk->observed == 0) {
        return;
    }
    for (unsigned left = desk->observed; left != 0; left &= left - 1) {
        const unsigned source = (unsigned)__builtin_ctz(left);
        if (has_triggers(match, instrument, source)) {
            elect_source(match, instrument, source);
        }
    }
    while (desk->late.first != 0) {
        late_over(match, desk->late.first);
    }
    desk->observed = 0;
}

/* --- release ---------------------------------------------------------------------------------- */

static void emit_triggered(trd_match *match, trd_out *out, uint32_t number) {
    const trd_special *special = trd__special(match, number);
    const trd_node *node = trd__order(match, special->unit);
    trd_px reference = 0;
    trd__price_of(match, special->instrument, special->source, &reference);
    trd_event *event = trd__emit(match, out, TRD_EVENT_TRIGGERED, 0, special->instrument,
        node->account, TRD_DETAIL(node->side, 0, TRD_STATUS_NEW, special->source));
    event->u.trigger = (trd_ev_trigger){.client_id = trd__client_id(match, node),
        .order = trd__store_handle(node, special->unit),
        .trigger = special->trigger,
        .reference = reference};
}

/* The limit of a trailing order that is relative to its trigger. */
static trd_px relative_limit(const trd_match *match, const trd_special *special, unsigned side) {
    const trd_listing *listing = trd__listing(match, special->instrument);
    const trd_wide px = side == TRD_BUY ? (trd_wide)special->trigger + special->limit_offset
                                        : (trd_wide)special->trigger - special->limit_offset;
    return trd__px_rounded(listing, px, side == TRD_SELL);
}

/* What the order is once it is released: LIMIT or MARKET. */
static void become(trd_match *match, uint32_t number) {
    trd_special *special = trd__special(match, number);
    const unsigned side = trd__order(match, special->unit)->side;
    switch (special->type) {
    case TRD_TYPE_STOP:
    case TRD_TYPE_TOUCHED:
    case TRD_TYPE_TRAILING_STOP:
        special->type = TRD_TYPE_MARKET;
        break;
    case TRD_TYPE_TRAILING_STOP_LIMIT:
        if (special->has_limit_offset) {
            special->px = relative_limit(match, special, side);
        }
        special->type = TRD_TYPE_LIMIT;
        break;
    default:
        special->type = TRD_TYPE_LIMIT;
        break;
    }
}

void trd__release(trd_match *match, trd_out *out, uint32_t number) {
    emit_triggered(match, out, number);
    become(match, number);
    if (!trd__leg_released(match, number)) {
        trd__release_arrive(match, out, number);
    }
}

void trd__release_arrive(trd_match *match, trd_out *out, uint32_t number) {
    const trd_special *special = trd__special(match, number);
    if (special->where == TRD_WHERE_WAITING) {
        trd__wait_end(match, number);
        trd__place_leave(&match->store, special->unit);
    }
    trd__arrive(match, out, special->unit, special->instrument, TRD_ARRIVES_RELEASED);
}
