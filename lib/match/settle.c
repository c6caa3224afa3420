/* settle.c - after a transaction: peaks refresh, all-or-none orders are tried, pegs reprice,
 * elected orders are released, reduce-only orders are cut. One bounded unit of work at a time. */
#include "match/rich.h"

enum { STEP_PEAKS, STEP_LINKS, STEP_QUOTES, STEP_WHOLE, STEP_PEGS, STEP_ELECT, STEP_RELEASE };

void trd__settle_begin(trd_match *match, uint32_t instrument) {
    trd_work *work = &match->work;
    work->stage = TRD_STAGE_SETTLE;
    work->instrument = instrument;
    work->step = STEP_PEAKS;
    work->refreshed_before = 0;
}

/* --- cuts ------------------------------------------------------------------------------------- */

/* The order of a position that is cut first: the least aggressive, then the latest. */
static uint32_t victim_of(const trd_match *match, const trd_pos_entry *entry, unsigned side) {
    uint32_t worst = 0;
    for (uint32_t number = entry->first; number != 0;
         number = trd__special(match, number)->list[TRD_LIST_REDUCING].next) {
        const trd_special *special = trd__special(match, number);
        const trd_node *node = trd__order(match, special->unit);
        if (node->side != side) {
            continue;
        }
        if (worst == 0) {
            worst = number;
            continue;
        }
        const trd_special *other = trd__special(match, worst);
        const bool less_aggressive =
            side == TRD_SELL ? special->px > other->px : special->px < other->px;
        if (less_aggressive ||
            (special->px == other->px && node->place > trd__order(match, other->unit)->place)) {
            worst = number;
        }
    }
    return worst;
}

/* Takes `excess` lots off one order, all it has at most. */
static void cut_order(trd_match *match, trd_out *out, uint32_t number, trd_qty excess) {
    const trd_special *special = trd__special(match, number);
    const trd_node *node = trd__order(match, special->unit);
    const uint32_t instrument = special->instrument;
    const trd_qty leaves = node->leaves + special->reserve;
    if (excess >= leaves) {
        trd__end_order(match, out, special->unit, instrument, TRD_CAUSE_REDUCE_ONLY, leaves);
        return;
    }
    const trd_qty from_displayed = excess > special->reserve ? excess - special->reserve : 0;
    const trd_qty displayed = trd__is_displayed(match, node) ? node->leaves - from_displayed : 0;
    trd__emit_restated(match, out, instrument, special->unit, TRD_RESTATE_CUT, special->px,
        displayed, leaves - excess);
    trd__shrink_order(match, out, special->unit, excess);
}

void trd__cut_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    for (int which = 0; which < 2; which++) {
        if (work->cut[which] == 0) {
            continue;
        }
        const trd_pos_entry *entry = trd__pos_entry(&match->positions, work->cut[which]);
        for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
            const trd_qty most = trd__pos_reducible(entry->qty, side);
            if (entry->reducing[side - 1] > most) {
                const trd_qty whole = trd__whole_lots(match, entry->instrument, most);
                cut_order(
                    match, out, victim_of(match, entry, side), entry->reducing[side - 1] - whole);
                return;
            }
        }
        work->cut[which] = 0;
    }
    work->stage = work->after_cut;
}

void trd__after_execution(trd_match *match, unsigned stage) {
    trd_work *work = &match->work;
    const bool guards = (work->guard[0] | work->guard[1]) != 0;
    const bool cuts = (work->cut[0] | work->cut[1]) != 0;
    const bool links = (work->linked[0].group | work->linked[1].group) != 0;
    work->after_link = (uint8_t)stage;
    work->after_protect = links ? TRD_STAGE_LINK : (uint8_t)stage;
    work->after_cut = guards ? TRD_STAGE_PROTECT : work->after_protect;
    work->stage = cuts ? TRD_STAGE_CUT : work->after_cut;
}

/* --- pegs ------------------------------------------------------------------------------------- */

/* The best price of the book without pegs; false if there is none. */
static bool best_without_pegs(const trd_match *match, uint32_t instrument, uint32_t s, trd_px *px) {
    const trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    const uint32_t side_at = instrument * 2 + s;
    uint32_t unit = trd__ladder_best(store, side_at);
    while (unit != 0) {
        const trd_queue *level = trd__queue(arena, unit);
        for (uint32_t at = level->link.next; at != unit; at = trd__link(arena, at)->next) {
            const uint32_t number = trd__special_of(trd__node(arena, at));
            if (number == 0 || trd__special(match, number)->type != TRD_TYPE_PEGGED) {
                *px = trd__key_px(level->key, s);
                return true;
            }
        }
        unit = trd__ladder_worse(store, side_at, level->key);
    }
    return false;
}

/* The price that a peg should have; false if it should have none. */
static bool peg_price(const trd_match *match, uint32_t number, trd_px *out) {
    const trd_special *special = trd__special(match, number);
    const trd_desk *desk = trd__desk(match, special->instrument);
    const bool buys = trd__order(match, special->unit)->side == TRD_BUY;
    const bool has_bid = (desk->peg_known & 1) != 0;
    const bool has_offer = (desk->peg_known & 2) != 0;
    const bool own_is_bid = (special->peg == TRD_PEG_BEST) == buys;
    trd_wide reference = 0;
    if (special->peg == TRD_PEG_MID) {
        if (!has_bid || !has_offer) {
            return false;
        }
        const trd_wide sum = (trd_wide)desk->peg_bid + desk->peg_offer;
        reference = buys ? trd__div_floor(sum, 2) : trd__div_ceil(sum, 2);
    } else {
        if (own_is_bid ? !has_bid : !has_offer) {
            return false;
        }
        reference = own_is_bid ? desk->peg_bid : desk->peg_offer;
    }
    trd_wide px = buys ? reference - special->offset : reference + special->offset;
    if (special->has_cap) {
        px = buys ? (px < special->cap ? px : special->cap)
                  : (px > special->cap ? px : special->cap);
    }
    *out = trd__px_rounded(trd__listing(match, special->instrument), px, !buys);
    return true;
}

static void pegs_look(trd_match *match, uint32_t instrument) {
    trd_desk *desk = trd__desk(match, instrument);
    trd_px bid = 0;
    trd_px offer = 0;
    const bool has_bid = best_without_pegs(match, instrument, 0, &bid);
    const bool has_offer = best_without_pegs(match, instrument, 1, &offer);
    const unsigned known = (unsigned)has_bid | (unsigned)has_offer << 1;
    if (known != desk->peg_known || bid != desk->peg_bid || offer != desk->peg_offer) {
        desk->peg_known = (uint8_t)known;
        desk->peg_bid = bid;
        desk->peg_offer = offer;
        desk->pegs_settled = 0;
        desk->peg_next = desk->pegs.first;
    }
}

/* A peg (in no place) without a price. */
static void peg_wait(trd_match *match, uint32_t number) {
    const trd_special *special = trd__special(match, number);
    trd_desk *desk = trd__desk(match, special->instrument);
    trd__wait(match, number, TRD_WAITS_PRICE);
    trd__limbo_enter(&match->store, special->unit);
    trd__peg_unlist(match, desk, number);
    trd__ends_add(match, &desk->pegs, TRD_LIST_OWN, number);
}

static void emit_peg(trd_match *match, trd_out *out, uint32_t number, bool priced) {
    const trd_special *special = trd__special(match, number);
    const trd_node *node = trd__order(match, special->unit);
    const bool shown = priced && (node->exec & TRD_EXEC_HIDDEN) == 0;
    trd__emit_restated(match, out, special->instrument, special->unit, TRD_RESTATE_PEG,
        priced ? special->px : 0, shown ? node->leaves : 0, node->leaves);
}

void trd__peg_arrive(trd_match *match, trd_out *out, uint32_t number) {
    trd_special *special = trd__special(match, number);
    trd_desk *desk = trd__desk(match, special->instrument);
    trd_px px;
    special->px = 0;
    if (desk->state == TRD_SESSION_CONTINUOUS) {
        pegs_look(match, special->instrument);
        if (peg_price(match, number, &px)) {
            special->px = px;
            emit_peg(match, out, number, true);
            trd__arrive(match, out, special->unit, special->instrument, TRD_ARRIVES_PEG);
            return;
        }
    }
    peg_wait(match, number);
    trd__settle_begin(match, special->instrument);
}

/* Takes a peg out of where it is, its place in the list of pegs excepted. */
static void peg_leave(trd_match *match, trd_out *out, uint32_t number) {
    const trd_special *special = trd__special(match, number);
    trd__leave_place(match, out, special->unit, special->instrument);
}

bool trd__peg_unprice(trd_match *match, trd_out *out, uint32_t instrument) {
    const trd_desk *desk = trd__desk(match, instrument);
    for (uint32_t number = desk->pegs.first; number != 0;
         number = trd__special(match, number)->list[TRD_LIST_OWN].next) {
        trd_special *special = trd__special(match, number);
        if (special->where != TRD_WHERE_WAITING) {
            peg_leave(match, out, number);
            special->px = 0;
            emit_peg(match, out, number, false);
            peg_wait(match, number);
            return true;
        }
    }
    return false;
}

/* Moves the first peg that has not the price that it should have; false if all have. */
static bool peg_unit(trd_match *match, trd_out *out, uint32_t instrument) {
    trd_desk *desk = trd__desk(match, instrument);
    if (desk->pegs.first == 0) {
        return false;
    }
    pegs_look(match, instrument);
    if (desk->pegs_settled) {
        return false;
    }
    while (desk->peg_next != 0) {
        const uint32_t number = desk->peg_next;
        trd_special *special = trd__special(match, number);
        trd_px px = 0;
        const bool priced = peg_price(match, number, &px);
        const bool had = special->where != TRD_WHERE_WAITING;
        if (priced == had && (!priced || px == special->px)) {
            desk->peg_next = special->list[TRD_LIST_OWN].next;
            continue;
        }
        peg_leave(match, out, number);
        desk->peg_next = special->list[TRD_LIST_OWN].next;
        special->px = px;
        emit_peg(match, out, number, priced);
        if (priced) {
            trd__arrive(match, out, special->unit, instrument, TRD_ARRIVES_PEG);
        } else {
            peg_wait(match, number);
            trd__settle_begin(match, instrument);
        }
        return true;
    }
    desk->pegs_settled = 1;
    return false;
}

/* --- all-or-none -------------------------------------------------------------------------------
 */

/* Could an order aside trade at all: is there an opposite price within its limit? */
static bool may_execute(const trd_match *match, uint32_t number) {
    const trd_special *special = trd__special(match, number);
    const trd_node *node = trd__order(match, special->unit);
    trd_px best;
    return trd__best_against(match, special->instrument, node->side - 1u, node->leaves, &best) &&
           (node->side == TRD_BUY ? best <= special->px : best >= special->px);
}

/* Lets the first order aside execute that can; false if none can. */
static bool whole_unit(trd_match *match, trd_out *out, uint32_t instrument) {
    const trd_desk *desk = trd__desk(match, instrument);
    for (uint32_t number = desk->aside.first; number != 0;
         number = trd__special(match, number)->list[TRD_LIST_OWN].next) {
        const trd_special *special = trd__special(match, number);
        const uint32_t unit = special->unit;
        const trd_qty leaves = trd__order(match, unit)->leaves;
        if (!may_execute(match, number)) {
            continue;
        }
        trd__taker_load(match, unit, instrument, TRD_TYPE_LIMIT, special->px, leaves);
        if (trd__reach(match, false).lots >= leaves) {
            trd__leave_place(match, out, unit, instrument);
            match->work.stage = TRD_STAGE_TAKE;
            return true;
        }
        match->taker.unit = 0;
    }
    return false;
}

/* --- the order of things ---------------------------------------------------------------------- */

unsigned trd__verdict(trd_match *match, uint32_t number) {
    trd_work *work = &match->work;
    if (match->verdicts == 0) {
        return TRD_VERDICT_PASSED;
    }
    const unsigned verdict = work->verdict;
    trd_assert(verdict == TRD_VERDICT_NONE || work->judged == number);
    work->verdict = TRD_VERDICT_NONE;
    work->judged = 0;
    if (verdict == TRD_VERDICT_NONE) {
        work->judged = number;
        work->stage = TRD_STAGE_VERDICT;
    }
    return verdict;
}

void trd__refuse(trd_match *match, trd_out *out, uint32_t number) {
    const trd_special *special = trd__special(match, number);
    const trd_node *node = trd__order(match, special->unit);
    const uint32_t instrument = special->instrument;
    const bool failed = node->tif == TRD_TIF_GTT;
    const uint32_t first = out->count;
    trd__end_order(match, out, special->unit, instrument, TRD_CAUSE_RISK, node->leaves);
    out->events[first].status = failed ? TRD_STATUS_REJECTED : TRD_STATUS_CANCELED;
    trd__settle_begin(match, instrument);
}

/* Releases the first elected order, or halts when there were too many; false if there is none. */
static bool release_unit(trd_match *match, trd_out *out, uint32_t instrument) {
    trd_work *work = &match->work;
    const uint32_t number = trd__desk(match, instrument)->elected.first;
    if (number == 0) {
        return false;
    }
    if (work->elections == match->elect_max) {
        trd__session_begin(match, instrument, TRD_SESSION_HALTED, TRD_SESSION_BY_CASCADE, false, 0);
        return true;
    }
    switch (trd__verdict(match, number)) {
    case TRD_VERDICT_NONE:
        break;
    case TRD_VERDICT_REFUSED:
        work->elections++;
        trd__refuse(match, out, number);
        break;
    default:
        work->elections++;
        trd__release(match, out, number);
        break;
    }
    return true;
}

void trd__settle_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    const uint32_t instrument = work->instrument;
    trd_desk *desk = trd__desk(match, instrument);
    if (desk->tripped) {
        desk->tripped = 0;
        trd__session_begin(match, instrument, TRD_SESSION_VOLATILITY, TRD_SESSION_BY_BREAKER, true,
            trd__time_after(match->time, desk->profile.breaker_pause));
        return;
    }
    if (work->step == STEP_PEAKS) {
        if (desk->refreshing.first != 0) {
            trd__peak_refresh(match, out, desk->refreshing.first);
            return;
        }
        work->step = STEP_LINKS;
    }
    if (work->step == STEP_LINKS) {
        if (desk->reacting.first != 0 && trd__reacting_unit(match, out, instrument)) {
            return;
        }
        work->step = STEP_QUOTES;
    }
    if (desk->state != TRD_SESSION_CONTINUOUS) {
        work->stage = work->after_settle;
        return;
    }
    if (work->step == STEP_QUOTES) {
        trd__quotes_observe(match, instrument);
        if (desk->profile.limit_wait != 0) {
            trd__limit_state(match, instrument);
        }
        work->step = STEP_WHOLE;
    }
    if (whole_unit(match, out, instrument) || peg_unit(match, out, instrument)) {
        return;
    }
    trd__elect(match, instrument);
    if (!release_unit(match, out, instrument)) {
        work->stage = work->after_settle;
    }
}
