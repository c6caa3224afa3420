/* take.c - a taker on the long way: which maker is next, executing, prevention, where it ends. */
#include "match/rich.h"

/* Which kind of lots a maker gives. */
enum { GIVES_DISPLAYED, GIVES_ASIDE, GIVES_RESERVE, GIVES_HIDDEN };

typedef struct trd_maker {
    uint32_t unit;
    uint8_t gives;
    trd_px px;
    uint64_t key;
} trd_maker;

/* --- what a taker can pay ----------------------------------------------------------------------
 */

/* Lots that `budget` (minor units x denominator) affords at px, at most `leaves`. */
static trd_qty affordable(const trd_rules *rules, trd_wide budget, trd_px px, trd_qty leaves) {
    if (px <= 0) {
        return 0;
    }
    const trd_wide lots = budget / trd__mul(px, rules->numerator);
    const trd_qty most = lots < leaves ? (trd_qty)lots : leaves;
    return most - most % rules->lot_step;
}

/* Lots that the taker can still take at px. */
static trd_qty takes_at(const trd_match *match, trd_px px) {
    const trd_taker *taker = &match->taker;
    return match->work.budgeted ? affordable(&trd__listing(match, taker->instrument)->rules,
                                      match->work.budget, px, taker->leaves)
                                : taker->leaves;
}

/* The lowest price at which an offer rests anywhere; false if none does. */
static bool lowest_offer(const trd_match *match, uint32_t instrument, trd_px *px) {
    static const uint32_t trees[] = {TRD_TREE_HIDDEN, TRD_TREE_RESERVE, TRD_TREE_ASIDE};
    const trd_store *store = &match->store;
    const trd_side *side = trd__store_side(store, instrument * 2 + 1);
    uint64_t best = side->near > 0 ? side->best : 0;
    bool found = side->near > 0;
    for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
        const uint32_t unit = trd__tree_best(store, trd__tree_at(match, instrument, trees[i] + 1));
        if (unit != 0) {
            const uint64_t key = trd__queue(trd__store_arena(store), unit)->key;
            best = !found || key > best ? key : best;
            found = true;
        }
    }
    *px = found ? trd__key_px(best, 1) : 0;
    return found;
}

trd_qty trd__budget_lots(
    const trd_match *match, uint32_t instrument, unsigned side, trd_amt budget) {
    const trd_listing *listing = trd__listing(match, instrument);
    trd_px low = listing->spec.px_min;
    trd_px high;
    const trd_wide money = trd__mul(budget, listing->spec.denominator);
    if (side == TRD_BUY) {
        return lowest_offer(match, instrument, &low)
                   ? affordable(&listing->rules, money, low > 1 ? low : 1, listing->spec.qty_max)
                   : 0;
    }
    trd__band(match, instrument, &low, &high);
    return affordable(&listing->rules, money, low > 1 ? low : 1, listing->spec.qty_max);
}

static bool outside_band(const trd_match *match, trd_px px) {
    const trd_work *work = &match->work;
    return work->banded && (px < work->band_low || px > work->band_high);
}

static bool is_own(const trd_match *match, const trd_node *node) {
    const uint32_t number = trd__special_of(node);
    const uint64_t group = match->work.group;
    return node->account == match->taker.account ||
           (group != 0 && number != 0 && trd__special(match, number)->group == group);
}

/* --- the next maker ----------------------------------------------------------------------------
 */

/* The first order aside that the taker can take whole; 0 if there is none. */
static uint32_t next_aside(const trd_match *match, uint32_t tree, uint64_t limit, uint64_t *key) {
    const trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    uint32_t unit = trd__tree_best(store, tree);
    while (unit != 0) {
        const trd_queue *level = trd__queue(arena, unit);
        if (level->key < limit) {
            break;
        }
        const trd_qty most = takes_at(match, trd__key_px(level->key, match->taker.s ^ 1u));
        for (uint32_t at = level->link.next; at != unit; at = trd__link(arena, at)->next) {
            if (trd__node(arena, at)->leaves <= most) {
                *key = level->key;
                return at;
            }
        }
        unit = trd__tree_below(store, tree, level->key);
    }
    return 0;
}

/* Key of a tree's best level, and its unit; false if there is none within the limit. */
static bool tree_within(
    const trd_store *store, uint32_t tree, uint64_t limit, uint64_t *key, uint32_t *unit) {
    *unit = trd__tree_best(store, tree);
    if (*unit == 0) {
        return false;
    }
    *key = trd__queue(trd__store_arena(store), *unit)->key;
    return *key >= limit;
}

/* The maker that the taker meets next: special-orders.md, "The order in which makers trade". */
static bool next_maker(const trd_match *match, trd_maker *out) {
    const trd_taker *taker = &match->taker;
    const trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    const uint32_t opposite = taker->s ^ 1u;
    const uint32_t i = taker->instrument;
    const trd_side *side = trd__store_side(store, i * 2 + opposite);
    const trd_far *trees = trd__trees(match, i) + opposite;
    uint64_t hidden_key = 0;
    uint64_t reserve_key = 0;
    uint64_t aside_key = 0;
    uint32_t hidden = 0;
    uint32_t reserve = 0;
    const bool book = side->near > 0 && side->best >= taker->limit;
    if ((trees[TRD_TREE_HIDDEN].height | trees[TRD_TREE_RESERVE].height |
            trees[TRD_TREE_ASIDE].height) == 0) {
        if (book) { /* only displayed orders, as nearly always */
            *out = (trd_maker){
                .unit = trd__link(arena, trd__ladder_best(store, i * 2 + opposite))->next,
                .gives = GIVES_DISPLAYED,
                .px = trd__key_px(side->best, opposite),
                .key = side->best};
        }
        return book;
    }
    const bool has_hidden = tree_within(store, trd__tree_at(match, i, TRD_TREE_HIDDEN + opposite),
        taker->limit, &hidden_key, &hidden);
    const bool has_reserve = tree_within(store, trd__tree_at(match, i, TRD_TREE_RESERVE + opposite),
        taker->limit, &reserve_key, &reserve);
    const uint32_t aside = next_aside(
        match, trd__tree_at(match, i, TRD_TREE_ASIDE + opposite), taker->limit, &aside_key);
    uint64_t best = book ? side->best : 0;
    best = has_hidden && hidden_key > best ? hidden_key : best;
    best = has_reserve && reserve_key > best ? reserve_key : best;
    best = aside != 0 && aside_key > best ? aside_key : best;
    if (!book && !has_hidden && !has_reserve && aside == 0) {
        return false;
    }
    *out = (trd_maker){.px = trd__key_px(best, opposite), .key = best};
    if (book && side->best == best) {
        const uint32_t level = trd__ladder_best(store, i * 2 + opposite);
        const uint32_t first = trd__link(arena, level)->next;
        const bool aside_first = aside != 0 && aside_key == best &&
                                 !trd__desk(match, i)->allocates &&
                                 trd__node(arena, aside)->place < trd__node(arena, first)->place;
        out->unit = aside_first ? aside : first;
        out->gives = aside_first ? GIVES_ASIDE : GIVES_DISPLAYED;
    } else if (aside != 0 && aside_key == best) {
        out->unit = aside;
        out->gives = GIVES_ASIDE;
    } else if (has_reserve && reserve_key == best) {
        out->gives = GIVES_RESERVE;
    } else {
        out->unit = trd__link(arena, hidden)->next;
        out->gives = GIVES_HIDDEN;
    }
    return true;
}

bool trd__best_against(
    const trd_match *match, uint32_t instrument, uint32_t s, trd_qty qty, trd_px *px) {
    const trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    const uint32_t opposite = s ^ 1;
    const trd_side *side = trd__store_side(store, instrument * 2 + opposite);
    bool found = side->near > 0;
    uint64_t best = found ? side->best : 0;
    const uint32_t hidden =
        trd__tree_best(store, trd__tree_at(match, instrument, TRD_TREE_HIDDEN + opposite));
    if (hidden != 0) {
        const uint64_t key = trd__queue(arena, hidden)->key;
        best = !found || key > best ? key : best;
        found = true;
    }
    const uint32_t tree = trd__tree_at(match, instrument, TRD_TREE_ASIDE + opposite);
    for (uint32_t unit = trd__tree_best(store, tree); unit != 0;) {
        const trd_queue *level = trd__queue(arena, unit);
        if (found && level->key <= best) {
            break;
        }
        for (uint32_t at = level->link.next; at != unit; at = trd__link(arena, at)->next) {
            if (trd__node(arena, at)->leaves <= qty) {
                best = level->key;
                found = true;
                break;
            }
        }
        unit = found && best == level->key ? 0 : trd__tree_below(store, tree, level->key);
    }
    *px = trd__key_px(best, opposite);
    return found;
}

/* --- looking ahead -----------------------------------------------------------------------------
 */

/* A taker in thought. */
typedef struct thought {
    trd_qty left;
    trd_wide budget;
    trd_qty own_reserve; /* reserves at the price that nobody gets */
    trd_reach *reach;
} thought;

static trd_qty thought_takes(const trd_match *match, const thought *t, trd_px px) {
    return match->work.budgeted ? affordable(&trd__listing(match, match->taker.instrument)->rules,
                                      t->budget, px, t->left)
                                : t->left;
}

static void thought_executes(const trd_match *match, thought *t, trd_px px, trd_qty qty) {
    t->reach->lots += qty;
    t->left -= qty;
    if (match->work.budgeted) {
        t->budget -=
            trd__mul(px, qty) * trd__listing(match, match->taker.instrument)->rules.numerator;
    }
}

/* Meets one order in thought; `displayed` are the lots that it gives at this point. */
static void thought_meets(
    const trd_match *match, thought *t, const trd_node *node, trd_px px, trd_qty displayed) {
    const trd_work *work = &match->work;
    const uint32_t number = trd__special_of(node);
    if (work->budgeted && thought_takes(match, t, px) == 0) {
        t->left = 0; /* the budget is spent: it meets nobody any more */
        return;
    }
    if (work->stp != TRD_STP_NONE && is_own(match, node)) {
        const trd_qty all = trd__leaves(match, node);
        t->reach->meets_own = true;
        switch (work->stp) {
        case TRD_STP_CANCEL_TAKER:
        case TRD_STP_CANCEL_BOTH:
            t->left = 0;
            return;
        case TRD_STP_CANCEL_MAKER:
            t->own_reserve += number != 0 ? trd__special(match, number)->reserve : 0;
            return;
        case TRD_STP_DECREMENT:
        case TRD_STP_TRANSFER:
            t->own_reserve += number != 0 ? trd__special(match, number)->reserve : 0;
            t->left -= all < t->left ? all : t->left;
            return;
        default: /* REJECT: at entry it is only seen, later it ends the taker */
            if (!work->counts_own) {
                t->left = 0;
                return;
            }
            break;
        }
    }
    const trd_qty most = thought_takes(match, t, px);
    thought_executes(match, t, px, displayed < most ? displayed : most);
}

/* An order aside in thought: whole or not at all. */
static void thought_meets_aside(
    const trd_match *match, thought *t, const trd_node *node, trd_px px) {
    if (node->leaves <= thought_takes(match, t, px)) {
        thought_meets(match, t, node, px, node->leaves);
    }
}

/* All orders of one queue in thought. */
static void thought_queue(
    const trd_match *match, thought *t, uint32_t unit, trd_px px, bool aside) {
    char *arena = trd__store_arena(&match->store);
    if (unit == 0) {
        return;
    }
    for (uint32_t at = trd__link(arena, unit)->next; at != unit && t->left > 0;
         at = trd__link(arena, at)->next) {
        const trd_node *node = trd__node(arena, at);
        if (aside) {
            thought_meets_aside(match, t, node, px);
        } else {
            thought_meets(match, t, node, px, node->leaves);
        }
    }
}

/* Book and aside at one price, by time. */
static void thought_by_time(
    const trd_match *match, thought *t, uint32_t level, uint32_t aside, trd_px px) {
    char *arena = trd__store_arena(&match->store);
    uint32_t at = level != 0 ? trd__link(arena, level)->next : 0;
    uint32_t other = aside != 0 ? trd__link(arena, aside)->next : 0;
    while (t->left > 0 && (at != level || other != aside)) {
        const bool from_aside = other != aside && (at == level || trd__node(arena, other)->place <
                                                                      trd__node(arena, at)->place);
        const trd_node *node = trd__node(arena, from_aside ? other : at);
        if (from_aside) {
            thought_meets_aside(match, t, node, px);
            other = node->link.next;
        } else {
            thought_meets(match, t, node, px, node->leaves);
            at = node->link.next;
        }
    }
}

/* Book and aside of an instrument that allocates: own orders first, then the level as a whole. */
static void thought_allocated(
    const trd_match *match, thought *t, uint32_t level, uint32_t aside, trd_px px) {
    char *arena = trd__store_arena(&match->store);
    trd_qty lots = 0;
    if (level != 0) {
        const unsigned stp = match->work.stp;
        if (stp != TRD_STP_NONE) {
            const bool rejects = stp == TRD_STP_REJECT && match->work.counts_own;
            for (uint32_t at = trd__link(arena, level)->next; at != level && t->left > 0;
                 at = trd__link(arena, at)->next) {
                const trd_node *node = trd__node(arena, at);
                if (is_own(match, node) && !rejects) {
                    thought_meets(match, t, node, px, node->leaves);
                } else {
                    t->reach->meets_own |= is_own(match, node);
                    lots += node->leaves;
                }
            }
        } else {
            lots = trd__queue(arena, level)->qty;
        }
    }
    const trd_qty most = thought_takes(match, t, px);
    thought_executes(match, t, px, lots < most ? lots : most);
    thought_queue(match, t, aside, px, true);
}

/* Everything at one price. */
static void thought_price(const trd_match *match, thought *t, uint64_t key) {
    const trd_store *store = &match->store;
    const trd_taker *taker = &match->taker;
    const uint32_t i = taker->instrument;
    const uint32_t opposite = taker->s ^ 1u;
    const trd_px px = trd__key_px(key, opposite);
    const uint32_t level = trd__ladder_find(store, i * 2 + opposite, key);
    const uint32_t aside =
        trd__tree_find(store, trd__tree_at(match, i, TRD_TREE_ASIDE + opposite), key);
    const uint32_t reserve =
        trd__tree_find(store, trd__tree_at(match, i, TRD_TREE_RESERVE + opposite), key);
    const uint32_t hidden =
        trd__tree_find(store, trd__tree_at(match, i, TRD_TREE_HIDDEN + opposite), key);
    t->own_reserve = 0;
    if (trd__desk(match, i)->allocates) {
        thought_allocated(match, t, level, aside, px);
    } else if (aside == 0 && match->work.stp == TRD_STP_NONE && level != 0) {
        const trd_qty most = thought_takes(match, t, px);
        const trd_qty lots = trd__queue(trd__store_arena(store), level)->qty;
        thought_executes(match, t, px, lots < most ? lots : most);
    } else {
        thought_by_time(match, t, level, aside, px);
    }
    if (reserve != 0 && t->left > 0) {
        const trd_qty lots = trd__queue(trd__store_arena(store), reserve)->qty - t->own_reserve;
        const trd_qty most = thought_takes(match, t, px);
        thought_executes(match, t, px, lots < most ? lots : most);
    }
    thought_queue(match, t, hidden, px, false);
}

/* The best key below `key` (or at all, if `any`) of book, aside, hidden; false if there is none
 * within the limit. Reserves are where the book is. */
static bool next_price(const trd_match *match, bool any, uint64_t *key) {
    const trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    const trd_taker *taker = &match->taker;
    const uint32_t i = taker->instrument;
    const uint32_t opposite = taker->s ^ 1u;
    const uint32_t hidden = trd__tree_at(match, i, TRD_TREE_HIDDEN + opposite);
    const uint32_t aside = trd__tree_at(match, i, TRD_TREE_ASIDE + opposite);
    const uint32_t side = i * 2 + opposite;
    const uint32_t units[3] = {
        any ? trd__ladder_best(store, side) : trd__ladder_below(store, side, *key),
        any ? trd__tree_best(store, hidden) : trd__tree_below(store, hidden, *key),
        any ? trd__tree_best(store, aside) : trd__tree_below(store, aside, *key)};
    bool found = false;
    uint64_t best = 0;
    for (int k = 0; k < 3; k++) {
        if (units[k] != 0 && (!found || trd__queue(arena, units[k])->key > best)) {
            best = trd__queue(arena, units[k])->key;
            found = true;
        }
    }
    *key = best;
    return found && best >= taker->limit;
}

/* Is there anything at this price that the thought could meet? An order aside that is too large is
 * nothing. */
static bool price_has_maker(const trd_match *match, const thought *t, uint64_t key) {
    const trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    const uint32_t i = match->taker.instrument;
    const uint32_t opposite = match->taker.s ^ 1u;
    if (trd__ladder_find(store, i * 2 + opposite, key) != 0 ||
        trd__tree_find(store, trd__tree_at(match, i, TRD_TREE_HIDDEN + opposite), key) != 0) {
        return true;
    }
    const uint32_t aside =
        trd__tree_find(store, trd__tree_at(match, i, TRD_TREE_ASIDE + opposite), key);
    const trd_qty most = thought_takes(match, t, trd__key_px(key, opposite));
    trd_assert(aside != 0); /* the price is one of next_price */
    for (uint32_t at = trd__link(arena, aside)->next; at != aside;
         at = trd__link(arena, at)->next) {
        if (trd__node(arena, at)->leaves <= most) {
            return true;
        }
    }
    return false;
}

trd_reach trd__reach(const trd_match *match, bool single_price) {
    trd_reach reach = {0};
    thought t = {.left = match->taker.leaves, .budget = match->work.budget, .reach = &reach};
    uint64_t key = 0;
    bool any = true;
    while (t.left > 0 && next_price(match, any, &key)) {
        any = false;
        if (!price_has_maker(match, &t, key)) {
            continue;
        }
        const trd_px px = trd__key_px(key, match->taker.s ^ 1u);
        if (match->work.budgeted && thought_takes(match, &t, px) == 0) {
            break;
        }
        if (outside_band(match, px)) {
            reach.breaks = true;
            break;
        }
        thought_price(match, &t, key);
        if (single_price) {
            break;
        }
    }
    return reach;
}

/* --- the end of a taker ------------------------------------------------------------------------
 */

/* The level that changed and was not told is told now. */
static void tell_level(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    if (work->level_told == 0) {
        return;
    }
    const uint32_t side_at = work->level_told - 1;
    work->level_told = 0;
    if ((trd__publish(match, side_at / 2) & TRD_PUBLISH_LEVELS) == 0) {
        return;
    }
    const uint32_t unit = trd__ladder_find(&match->store, side_at, work->level_key);
    const trd_queue gone = {.key = work->level_key, .side_at = side_at};
    trd__publish_level(
        match, out, unit != 0 ? trd__queue(trd__store_arena(&match->store), unit) : &gone);
}

/* What a taker has done goes back to its node and record. */
static void taker_store(trd_match *match) {
    const trd_taker *taker = &match->taker;
    trd_node *node = trd__order(match, taker->unit);
    node->executed = taker->executed;
    if (match->work.special != 0) {
        trd__special(match, match->work.special)->prevented = match->work.prevented;
    } else {
        node->more = (uint64_t)match->work.prevented;
    }
}

static void taker_over(trd_match *match) {
    const uint32_t instrument = match->taker.instrument;
    match->taker.unit = 0;
    match->work.round = TRD_ROUND_OF_NONE;
    trd__settle_begin(match, instrument);
}

void trd__taker_cancel(trd_match *match, trd_out *out, unsigned cause, trd_qty qty) {
    const trd_taker *taker = &match->taker;
    tell_level(match, out);
    taker_store(match);
    trd__end_order(
        match, out, taker->unit, taker->instrument, cause, match->work.budgeted ? 0 : qty);
    taker_over(match);
}

static void taker_filled(trd_match *match) {
    const trd_taker *taker = &match->taker;
    taker_store(match);
    if (match->work.taker_waits) {
        trd__order(match, taker->unit)->leaves = 0;
        trd__special(match, match->work.special)->px = taker->px;
        trd__leg_park(match, match->work.special);
    } else {
        trd__free_order(match, taker->unit, taker->instrument);
    }
    taker_over(match);
}

void trd__taker_rest(trd_match *match, trd_out *out) {
    const trd_taker *taker = &match->taker;
    trd_work *work = &match->work;
    const uint32_t unit = taker->unit;
    tell_level(match, out);
    taker_store(match);
    trd__rest_order(match, out, unit, taker->instrument, taker->px, taker->leaves);
    const uint32_t position = work->reduces ? work->position : 0;
    taker_over(match);
    if (position != 0) {
        work->cut[0] = position;
        work->cut[1] = 0;
        work->after_cut = work->stage;
        work->stage = TRD_STAGE_CUT;
    }
}

/* Nothing more to take. */
void trd__taker_rests_or_ends(trd_match *match, trd_out *out) {
    const trd_taker *taker = &match->taker;
    const trd_work *work = &match->work;
    if (taker->type != TRD_TYPE_LIMIT) {
        trd__taker_cancel(match, out, TRD_CAUSE_MARKET, taker->leaves);
        return;
    }
    if (!trd__tif_rests(taker->tif)) {
        trd__taker_cancel(match, out, TRD_CAUSE_IOC, taker->leaves);
        return;
    }
    const trd_profile *profile = &trd__desk(match, taker->instrument)->profile;
    if (work->banded && profile->band_action == TRD_BAND_CANCEL &&
        (taker->s == 0 ? taker->px > work->band_high : taker->px < work->band_low)) {
        trd__taker_cancel(match, out, TRD_CAUSE_BAND, taker->leaves);
        return;
    }
    trd__taker_rest(match, out);
}

/* The circuit breaker trips: the taker rests or ends, then the volatility auction begins. */
static void taker_breaks(trd_match *match, trd_out *out) {
    const trd_taker *taker = &match->taker;
    const uint32_t instrument = taker->instrument;
    trd_desk *desk = trd__desk(match, instrument);
    if (taker->type == TRD_TYPE_LIMIT && trd__tif_rests(taker->tif)) {
        trd__taker_rests_or_ends(match, out);
    } else {
        trd__taker_cancel(match, out, TRD_CAUSE_SESSION, taker->leaves);
    }
    desk->tripped = 1;
}

/* --- executing ---------------------------------------------------------------------------------
 */

void trd__position_move(trd_match *match, uint32_t account, uint32_t instrument, unsigned position,
    unsigned side, trd_qty qty, unsigned which) {
    if (match->positions.capacity == 0) {
        return;
    }
    const uint32_t number = trd__pos_find(&match->positions, account, instrument, position);
    trd_assert(number != 0);
    trd__pos_entry(&match->positions, number)->qty += side == TRD_BUY ? qty : -qty;
    match->work.cut[which] = number;
}

void trd__emit_exec_of(trd_match *match, trd_out *out, const trd_node *node, trd_qty executed,
    trd_qty prevented, const trd_node *contra, uint32_t contra_unit) {
    const uint32_t number = trd__special_of(node);
    trd__emit_exec(match, out,
        &(trd_ext_exec){.client_id = trd__client_id(match, node),
            .kind = TRD_EXT_EXEC,
            .contra_account = contra->account,
            .cum = executed,
            .prevented = prevented,
            .contra = trd__store_handle(contra, contra_unit),
            .command_seq = match->work.command[0].seq,
            .tag = number != 0 ? trd__special(match, number)->tag : 0});
}

/* FILL of taker and maker. */
static void emit_pair(trd_match *match, trd_out *out, uint32_t publish, const trd_node *maker,
    uint32_t maker_unit, bool maker_ends, trd_px px, trd_qty qty) {
    const trd_taker *taker = &match->taker;
    const trd_work *work = &match->work;
    const trd_node *own = trd__order(match, taker->unit);
    const trd_qty maker_leaves = trd__leaves(match, maker);
    const trd_qty leaves = work->budgeted ? 0 : taker->leaves;
    const unsigned status = taker->leaves == 0 && !work->budgeted && !work->taker_waits
                                ? TRD_STATUS_FILLED
                                : TRD_STATUS_PARTIALLY_FILLED;
    trd__emit_fill(match, out, taker->instrument, taker->account,
        TRD_DETAIL(taker->s + 1, TRD_LIQUIDITY_TAKER, status, 0),
        trd__store_handle(own, taker->unit), px, qty, leaves);
    if ((publish & TRD_PUBLISH_EXEC) != 0) {
        trd__emit_exec_of(match, out, own, taker->executed, work->prevented, maker, maker_unit);
    }
    trd__emit_fill(match, out, taker->instrument, maker->account,
        TRD_DETAIL(maker->side, TRD_LIQUIDITY_MAKER,
            maker_ends ? TRD_STATUS_FILLED : TRD_STATUS_PARTIALLY_FILLED, 0),
        trd__store_handle(maker, maker_unit), px, qty, maker_leaves);
    if ((publish & TRD_PUBLISH_EXEC) != 0) {
        trd__emit_exec_of(
            match, out, maker, maker->executed, trd__prevented(match, maker), own, taker->unit);
    }
}

/* A maker that has nothing left: out of its place without events, and freed, unless it waits for
 * more. */
static void maker_filled(trd_match *match, uint32_t unit, uint32_t instrument, bool ends) {
    trd__leave_place(match, NULL, unit, instrument);
    if (ends) {
        trd__free_order(match, unit, instrument);
    } else {
        trd__leg_park(match, trd__special_of(trd__order(match, unit)));
    }
}

static void publish_execution(trd_match *match, trd_out *out, uint32_t publish,
    const trd_queue *level, trd_order order, bool displayed, trd_qty left, trd_px px, trd_qty qty,
    uint64_t trade) {
    const trd_taker *taker = &match->taker;
    trd_work *work = &match->work;
    if (displayed && (publish & TRD_PUBLISH_ORDERS) != 0) {
        trd__publish_order(match, out, level, order, TRD_ORDER_EXECUTED, left, qty);
    }
    if ((publish & TRD_PUBLISH_TAPE) != 0) {
        trd_event *event = trd__emit(
            match, out, TRD_EVENT_TAPE, 0, taker->instrument, 0, TRD_DETAIL(taker->s + 1, 0, 0, 0));
        event->u.tape = (trd_ev_tape){.px = px, .qty = qty, .trade = trade};
    }
    if (displayed) {
        work->level_told = level->side_at + 1;
        work->level_key = level->key;
    }
    if ((displayed && level->count == 0) || taker->leaves == 0) {
        tell_level(match, out);
    }
}

/* One execution of `qty` lots, all of the maker's kind of lots at most. */
static void execute(trd_match *match, trd_out *out, const trd_maker *maker, trd_qty qty) {
    trd_taker *taker = &match->taker;
    trd_work *work = &match->work;
    const uint32_t i = taker->instrument;
    trd_node *node = trd__order(match, maker->unit);
    trd_queue *level = trd__queue(trd__store_arena(&match->store), node->level);
    const uint32_t publish = trd__publish(match, i);
    const trd_order order = trd__store_handle(node, maker->unit);
    const uint32_t account = node->account;
    const unsigned position = trd__position_of(node);
    const unsigned side = node->side;
    const uint64_t trade = match->seq + 1;
    trd_assert(qty > 0 && qty <= taker->leaves);

    taker->leaves -= qty;
    taker->executed += qty;
    if (work->budgeted) {
        work->budget -= trd__mul(maker->px, qty) * trd__listing(match, i)->rules.numerator;
    }
    node->executed += qty;
    if (maker->gives == GIVES_RESERVE) {
        trd__reserve_take(match, trd__special_of(node), qty);
    } else {
        trd__displayed_take(match, maker->unit, qty);
    }
    match->executions++;
    work->linked[0].group = 0;
    work->linked[1].group = 0;
    bool ends = trd__leaves(match, node) == 0;
    if (match->groups.count != 0) {
        const trd_node *own = trd__order(match, taker->unit);
        trd__leg_executed(match, own, qty, 0);
        trd__leg_executed(match, node, qty, 1);
        work->taker_waits = taker->leaves == 0 && trd__leg_waits(match, own);
        ends = ends && !trd__leg_waits(match, node);
    }
    emit_pair(match, out, publish, node, maker->unit, ends, maker->px, qty);

    work->cut[0] = 0;
    work->cut[1] = 0;
    work->guard[0] = 0;
    work->guard[1] = 0;
    if (match->quotes.count != 0) {
        trd__guard_count(match, trd__order(match, taker->unit), maker->px, qty, 0);
        trd__guard_count(match, node, maker->px, qty, 1);
    }
    trd__position_move(match, taker->account, i, work->position_side, taker->s + 1u, qty, 0);
    trd__position_move(match, account, i, position, side, qty, 1);
    const trd_qty left = node->leaves;
    if (trd__leaves(match, node) == 0) {
        maker_filled(match, maker->unit, i, ends);
    } else if (left == 0 && maker->gives == GIVES_DISPLAYED) {
        trd__peak_consumed(match, maker->unit);
    }
    publish_execution(match, out, publish, level, order, maker->gives == GIVES_DISPLAYED, left,
        maker->px, qty, trade);
    trd__breaker_record(match, i, maker->px);
    trd__observe(match, i, TRD_SOURCE_LAST, maker->px);
    trd__after_execution(match, TRD_STAGE_TAKE);
}

/* --- self-trade prevention ---------------------------------------------------------------------
 */

void trd__emit_prevented(trd_match *match, trd_out *out, uint32_t instrument, const trd_node *node,
    uint32_t unit, const trd_node *contra, uint32_t contra_unit, unsigned mode, unsigned status,
    trd_qty qty, trd_qty leaves) {
    trd_event *event = trd__emit(match, out, TRD_EVENT_PREVENTED, 0, instrument, node->account,
        TRD_DETAIL(node->side, 0, status, mode));
    event->u.prevent = (trd_ev_prevent){.order = trd__store_handle(node, unit),
        .contra = trd__store_handle(contra, contra_unit),
        .qty = qty,
        .leaves = leaves};
}

void trd__prevent_maker(trd_match *match, trd_out *out, uint32_t instrument, uint32_t unit,
    uint32_t contra_unit, unsigned mode, trd_qty qty) {
    trd_node *node = trd__order(match, unit);
    const uint32_t number = trd__special_of(node);
    const trd_qty leaves = trd__leaves(match, node) - qty;
    if (number != 0) {
        trd__special(match, number)->prevented += qty;
    } else {
        node->more += (uint64_t)qty;
    }
    trd__emit_prevented(match, out, instrument, node, unit, trd__order(match, contra_unit),
        contra_unit, mode, trd__open_status(node->executed), qty, leaves);
}

/* Lots of the taker are prevented. */
static void prevent_taker(
    trd_match *match, trd_out *out, uint32_t contra_unit, unsigned mode, trd_qty qty) {
    trd_taker *taker = &match->taker;
    taker->leaves -= qty;
    qty = match->work.budgeted ? 0 : qty; /* how many they would have been nobody knows */
    match->work.prevented += qty;
    trd__emit_prevented(match, out, taker->instrument, trd__order(match, taker->unit), taker->unit,
        trd__order(match, contra_unit), contra_unit, mode, trd__open_status(taker->executed), qty,
        match->work.budgeted ? 0 : taker->leaves);
}

/* The taker meets an own order. */
static void prevent(trd_match *match, trd_out *out, uint32_t unit, trd_px px) {
    trd_taker *taker = &match->taker;
    trd_work *work = &match->work;
    const uint32_t i = taker->instrument;
    const trd_node *node = trd__order(match, unit);
    const trd_qty all = trd__leaves(match, node);
    const uint32_t account = node->account;
    const unsigned position = trd__position_of(node);
    const unsigned side = node->side;
    unsigned mode = work->stp;
    if (mode == TRD_STP_DECREMENT || mode == TRD_STP_TRANSFER) {
        const bool transfers = mode == TRD_STP_TRANSFER && trd__stp_of(node) == TRD_STP_TRANSFER &&
                               account != taker->account;
        mode = transfers ? TRD_STP_TRANSFER : TRD_STP_DECREMENT;
        const trd_qty qty = all < taker->leaves ? all : taker->leaves;
        prevent_taker(match, out, unit, mode, qty);
        trd__prevent_maker(match, out, i, unit, taker->unit, mode, qty);
        if (transfers) {
            work->cut[0] = 0;
            work->cut[1] = 0;
            trd__position_move(
                match, taker->account, i, work->position_side, taker->s + 1u, qty, 0);
            trd__position_move(match, account, i, position, side, qty, 1);
        }
        if (qty == all) {
            trd__end_order(match, out, unit, i, TRD_CAUSE_SELF_MATCH, 0);
        } else {
            trd__shrink_order(match, out, unit, qty);
        }
        if (taker->leaves == 0) {
            trd__taker_cancel(match, out, TRD_CAUSE_SELF_MATCH, 0);
        }
        if (transfers && work->cut[0] != 0) {
            work->after_cut = work->stage;
            work->stage = TRD_STAGE_CUT;
        }
        (void)px;
        return;
    }
    if (mode == TRD_STP_CANCEL_MAKER || mode == TRD_STP_CANCEL_BOTH) {
        trd__prevent_maker(match, out, i, unit, taker->unit, mode, all);
        if (mode == TRD_STP_CANCEL_BOTH) {
            work->both = 1; /* the taker's end is the next unit: its contra's handle is kept */
            work->both_contra = trd__store_handle(trd__order(match, unit), unit);
        }
        trd__end_order(match, out, unit, i, TRD_CAUSE_SELF_MATCH, 0);
        return;
    }
    prevent_taker(match, out, unit, mode, taker->leaves);
    trd__taker_cancel(match, out, TRD_CAUSE_SELF_MATCH, 0);
}

/* CANCEL_BOTH, the taker's part. */
static void prevent_both(trd_match *match, trd_out *out) {
    trd_taker *taker = &match->taker;
    trd_work *work = &match->work;
    const trd_qty qty = work->budgeted ? 0 : taker->leaves;
    work->both = 0;
    taker->leaves = 0;
    work->prevented += qty;
    trd_event *event =
        trd__emit(match, out, TRD_EVENT_PREVENTED, 0, taker->instrument, taker->account,
            TRD_DETAIL(taker->s + 1, 0, trd__open_status(taker->executed), TRD_STP_CANCEL_BOTH));
    event->u.prevent =
        (trd_ev_prevent){.order = trd__store_handle(trd__order(match, taker->unit), taker->unit),
            .contra = work->both_contra,
            .qty = qty,
            .leaves = 0};
    trd__taker_cancel(match, out, TRD_CAUSE_SELF_MATCH, 0);
}

/* --- rounds ------------------------------------------------------------------------------------
 */

static trd_alloc_order *scratch(const trd_match *match) {
    return trd__region(match, match->scratch_at);
}

static trd_order *scratch_handles(const trd_match *match) {
    return trd__region(match, match->handles_at);
}

static unsigned lead_percent(const trd_profile *profile, uint32_t account) {
    for (int k = 0; k < TRD_LEAD_MAKERS_MAX; k++) {
        if (profile->lead[k].percent != 0 && profile->lead[k].account == account) {
            return profile->lead[k].percent;
        }
    }
    return 0;
}

/* Divides the taker's lots among the orders of the level, in whole lot steps. */
static void round_divide(trd_match *match, uint32_t level_unit, trd_qty lots) {
    trd_work *work = &match->work;
    char *arena = trd__store_arena(&match->store);
    const uint32_t i = match->taker.instrument;
    const trd_desk *desk = trd__desk(match, i);
    trd_alloc_order *orders = scratch(match);
    trd_order *handles = scratch_handles(match);
    const int64_t step = trd__listing(match, i)->rules.lot_step;
    uint32_t count = 0;
    for (uint32_t at = trd__link(arena, level_unit)->next; at != level_unit;
         at = trd__link(arena, at)->next) {
        const trd_node *node = trd__node(arena, at);
        handles[count] = trd__store_handle(node, at);
        orders[count] = (trd_alloc_order){.qty = node->leaves / step,
            .lmm_percent = (uint8_t)lead_percent(&desk->profile, node->account),
            .top = handles[count] == desk->top[match->taker.s ^ 1]};
        count++;
    }
    trd__allocate(&desk->rule, orders, count, lots / step);
    work->round_unit = step;
    work->round_at = 0;
    work->round_count = count;
    work->round_step = 1;
}

/* The next own order of the level, from where the search was; 0 if there is none. */
static uint32_t round_own(trd_match *match, uint32_t level_unit) {
    trd_work *work = &match->work;
    char *arena = trd__store_arena(&match->store);
    const trd_queue *level = trd__queue(arena, level_unit);
    uint32_t at = level->link.next;
    const uint32_t seen = trd__store_unit(&match->store, work->round_seen);
    if (seen != 0) { /* prevention may have it end, but nothing moves it */
        trd_assert(trd__node(arena, seen)->level == level_unit);
        at = seen;
    }
    for (; at != level_unit; at = trd__link(arena, at)->next) {
        const trd_node *node = trd__node(arena, at);
        if (is_own(match, node)) {
            return at;
        }
        work->round_seen = trd__store_handle(node, at);
    }
    return 0;
}

/* One unit of a round over a level; false: the round is over, nothing was done. */
static bool round_level_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    const uint32_t side_at = match->taker.instrument * 2 + (match->taker.s ^ 1u);
    const trd_px px = trd__key_px(work->round_key, match->taker.s ^ 1u);
    if (work->round_step == 0) {
        const uint32_t level = trd__ladder_find(&match->store, side_at, work->round_key);
        const uint32_t own = level != 0 && work->stp != TRD_STP_NONE ? round_own(match, level) : 0;
        if (own != 0) {
            prevent(match, out, own, px);
            return true;
        }
        if (level == 0) {
            return false;
        }
        const trd_qty lots = takes_at(match, px);
        trd_assert(lots > 0); /* as when the round began: prevention spends no budget */
        round_divide(match, level, lots);
    }
    while (work->round_at < work->round_count) {
        const uint32_t at = work->round_at++;
        const uint32_t unit = trd__store_unit(&match->store, scratch_handles(match)[at]);
        trd_qty qty = scratch(match)[at].given * work->round_unit;
        if (unit == 0 || qty == 0) {
            continue;
        }
        const trd_node *node = trd__order(match, unit);
        if (!trd__is_displayed(match, node)) {
            continue;
        }
        qty = qty < node->leaves ? qty : node->leaves;
        qty = qty < match->taker.leaves ? qty : match->taker.leaves;
        if (trd__breaks(match, match->taker.instrument, px)) {
            taker_breaks(match, out);
            return true;
        }
        execute(match, out,
            &(trd_maker){.unit = unit, .gives = GIVES_DISPLAYED, .px = px, .key = work->round_key},
            qty);
        return true;
    }
    return false;
}

/* What an iceberg of the round gives before odd lots. */
static trd_qty reserve_share(const trd_work *work, trd_qty reserve) {
    const int64_t step = work->round_unit;
    return (trd_qty)(trd__mul(work->round_leaves / step, reserve / step) /
                     (work->round_sum / step)) *
           step;
}

/* Begins the round of the reserves at a price. */
static void round_reserves_begin(trd_match *match, const trd_maker *maker, trd_qty lots) {
    trd_work *work = &match->work;
    const trd_desk *desk = trd__desk(match, match->taker.instrument);
    work->round = TRD_ROUND_OF_RESERVES;
    work->round_key = maker->key;
    work->round_at = desk->refreshing.first;
    work->round_sum = 0;
    work->round_rest = 0;
    work->round_unit = trd__listing(match, match->taker.instrument)->rules.lot_step;
    work->round_leaves = lots;
    for (uint32_t n = desk->refreshing.first; n != 0;
         n = trd__special(match, n)->list[TRD_LIST_OWN].next) {
        const trd_special *special = trd__special(match, n);
        trd_assert(special->px == maker->px); /* at a better price they have given all */
        work->round_sum += special->reserve;
    }
    if (lots >= work->round_sum) {
        work->round_leaves = work->round_sum;
        return;
    }
    work->round_rest = lots;
    for (uint32_t n = desk->refreshing.first; n != 0;
         n = trd__special(match, n)->list[TRD_LIST_OWN].next) {
        work->round_rest -= reserve_share(work, trd__special(match, n)->reserve);
    }
}

static bool round_reserves_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    const trd_px px = trd__key_px(work->round_key, match->taker.s ^ 1u);
    while (work->round_at != 0) {
        const uint32_t number = work->round_at;
        const trd_special *special = trd__special(match, number);
        work->round_at = special->list[TRD_LIST_OWN].next;
        trd_qty qty = reserve_share(work, special->reserve);
        const trd_qty open = special->reserve - qty;
        const trd_qty odd = open < work->round_rest ? open : work->round_rest;
        work->round_rest -= odd;
        qty += odd;
        qty = qty < match->taker.leaves ? qty : match->taker.leaves;
        if (qty == 0) {
            continue;
        }
        /* The peaks were executed at this price just now: the breaker has nothing against it. */
        execute(match, out,
            &(trd_maker){
                .unit = special->unit, .gives = GIVES_RESERVE, .px = px, .key = work->round_key},
            qty);
        return true;
    }
    return false;
}

/* --- the unit ----------------------------------------------------------------------------------
 */

/* A reduce-only taker has no more lots than it may reduce; true if that was a unit. */
static bool taker_cut(trd_match *match, trd_out *out) {
    trd_taker *taker = &match->taker;
    const trd_work *work = &match->work;
    if (!work->reduces) {
        return false;
    }
    const trd_qty held = trd__pos_entry(&match->positions, work->position)->qty;
    const trd_qty most =
        trd__whole_lots(match, taker->instrument, trd__pos_reducible(held, taker->s + 1u));
    if (taker->leaves <= most) {
        return false;
    }
    if (most == 0) {
        trd__taker_cancel(match, out, TRD_CAUSE_REDUCE_ONLY, taker->leaves);
        return true;
    }
    taker->leaves = most;
    trd_node *node = trd__order(match, taker->unit);
    node->executed = taker->executed;
    trd__emit_restated(
        match, out, taker->instrument, taker->unit, TRD_RESTATE_CUT, taker->px, 0, taker->leaves);
    return true;
}

void trd__take_unit(trd_match *match, trd_out *out) {
    trd_taker *taker = &match->taker;
    trd_work *work = &match->work;
    if (work->both) {
        prevent_both(match, out);
        return;
    }
    if (taker->leaves == 0 && !work->budgeted) {
        taker_filled(match);
        return;
    }
    if (taker_cut(match, out)) {
        return;
    }
    if (work->round != TRD_ROUND_OF_NONE) {
        if (work->round == TRD_ROUND_OF_LEVEL ? round_level_unit(match, out)
                                              : round_reserves_unit(match, out)) {
            return;
        }
        work->round = TRD_ROUND_OF_NONE;
    }
    trd_maker maker;
    if (!next_maker(match, &maker)) {
        trd__taker_rests_or_ends(match, out);
        return;
    }
    const trd_qty most = takes_at(match, maker.px);
    if (most == 0) {
        trd__taker_cancel(match, out, TRD_CAUSE_BUDGET, 0);
        return;
    }
    if (outside_band(match, maker.px)) {
        trd__taker_cancel(match, out, TRD_CAUSE_BAND, taker->leaves);
        return;
    }
    if (maker.gives == GIVES_RESERVE) {
        round_reserves_begin(match, &maker, most);
        const bool gives = round_reserves_unit(match, out);
        trd_assert(gives); /* somebody gets the first lot */
        return;
    }
    if (maker.gives == GIVES_DISPLAYED && trd__desk(match, taker->instrument)->allocates) {
        work->round = TRD_ROUND_OF_LEVEL;
        work->round_step = 0;
        work->round_seen = 0;
        work->round_key = maker.key;
        const bool gives = round_level_unit(match, out);
        trd_assert(gives); /* somebody gets the first lot, or is an own order */
        return;
    }
    const trd_node *node = trd__order(match, maker.unit);
    if (work->stp != TRD_STP_NONE && is_own(match, node)) {
        prevent(match, out, maker.unit, maker.px);
        return;
    }
    if (trd__breaks(match, taker->instrument, maker.px)) {
        taker_breaks(match, out);
        return;
    }
    execute(match, out, &maker, node->leaves < most ? node->leaves : most);
    if (work->stage == TRD_STAGE_TAKE && taker->leaves == 0 && !work->budgeted) {
        taker_filled(match); /* says nothing, so it needs no unit of its own */
    }
}

void trd__taker_load(trd_match *match, uint32_t unit, uint32_t instrument, unsigned type, trd_px px,
    trd_qty leaves) {
    const trd_node *node = trd__order(match, unit);
    const uint32_t number = trd__special_of(node);
    const trd_special *special = number != 0 ? trd__special(match, number) : NULL;
    trd_work *work = &match->work;
    const uint32_t s = node->side - 1u;
    match->taker = (trd_taker){.unit = unit,
        .instrument = instrument,
        .account = node->account,
        .id_slot = node->id_slot,
        .limit = type == TRD_TYPE_LIMIT ? trd__key(px, s ^ 1) : 0,
        .px = px,
        .leaves = leaves,
        .executed = node->executed,
        .command_seq = work->command[0].seq,
        .s = (uint8_t)s,
        .type = (uint8_t)type,
        .tif = node->tif,
        .exec = node->exec};
    work->special = number;
    work->group = special != NULL ? special->group : 0;
    work->prevented = trd__prevented(match, node);
    work->stp = (uint8_t)trd__stp_of(node);
    work->position_side = (uint8_t)trd__position_of(node);
    work->budgeted = 0;
    work->budget = 0;
    work->reduces = special != NULL && special->reduces;
    work->position = special != NULL ? special->position : 0;
    work->round = TRD_ROUND_OF_NONE;
    work->level_told = 0;
    work->both = 0;
    work->taker_waits = 0;
    work->banded = trd__band(match, instrument, &work->band_low, &work->band_high);
}
