/* force.c - orders and lots that the owner of the matcher moves. */
#include "match/force.h"

#include "match/rich.h"

void trd__match_force(trd_match *match, bool is_forced) {
    match->work.forced = is_forced;
}

bool trd__match_has_orders(const trd_match *match, uint32_t account, uint32_t instrument) {
    const trd_pos *positions = &match->positions;
    for (unsigned side = TRD_POSITION_NET; side <= TRD_POSITION_SHORT; side++) {
        const uint32_t number = trd__pos_find(positions, account, instrument, side);
        if (number != 0 && trd__pos_entry(positions, number)->orders != 0) {
            return true;
        }
    }
    return false;
}

bool trd__match_is_open(
    const trd_match *match, uint32_t account, uint32_t instrument, uint32_t actor) {
    return trd__desk(match, instrument)->state == TRD_SESSION_CONTINUOUS &&
           (match->kill_count == 0 || !trd__is_killed(match, account, instrument, actor, 0, true));
}

trd_px trd__match_worst_px(const trd_match *match, uint32_t instrument, unsigned side) {
    const trd_listing *listing = trd__listing(match, instrument);
    trd_px low;
    trd_px high;
    if (!trd__band(match, instrument, &low, &high)) {
        return side == TRD_BUY ? listing->spec.px_max : listing->spec.px_min;
    }
    return side == TRD_BUY ? trd__px_rounded(listing, high, false)
                           : trd__px_rounded(listing, low, true);
}

/* --- lots without orders ---------------------------------------------------------------------- */

bool trd__match_can_hand_over(const trd_match *match, const trd_handover *lots) {
    const trd_pos *positions = &match->positions;
    const uint32_t i = lots->instrument;
    const uint32_t wanted =
        (trd__pos_find(positions, lots->seller, i, lots->seller_position) == 0) +
        (trd__pos_find(positions, lots->buyer, i, lots->buyer_position) == 0);
    return positions->capacity - positions->count >= wanted;
}

/* Moves one position. An entry is there while somebody has an order or lots: this one may begin, or
 * end, by it. One that ends has no orders that could be cut. */
static uint32_t move(
    trd_match *match, uint32_t account, uint32_t instrument, unsigned position, trd_qty by) {
    trd_pos *positions = &match->positions;
    const uint32_t number = trd__pos_hold(positions, account, instrument, position);
    trd_assert(number != 0);
    trd__pos_entry(positions, number)->qty += by;
    trd__pos_release(positions, number);
    return trd__pos_find(positions, account, instrument, position);
}

static bool has_excess(const trd_match *match, uint32_t number) {
    if (number == 0) {
        return false;
    }
    const trd_pos_entry *entry = trd__pos_entry(&match->positions, number);
    return entry->reducing[0] > trd__pos_reducible(entry->qty, TRD_BUY) ||
           entry->reducing[1] > trd__pos_reducible(entry->qty, TRD_SELL);
}

bool trd__match_hand_over(trd_match *match, const trd_handover *lots) {
    trd_work *work = &match->work;
    const uint32_t i = lots->instrument;
    trd_assert(work->stage == TRD_STAGE_IDLE && match->taker.unit == 0);
    trd_assert(trd__match_can_hand_over(match, lots));
    work->cut[0] = move(match, lots->seller, i, lots->seller_position, -lots->qty);
    work->cut[1] = move(match, lots->buyer, i, lots->buyer_position, lots->qty);
    if (!has_excess(match, work->cut[0]) && !has_excess(match, work->cut[1])) {
        return false;
    }
    work->time = match->time;
    work->after_settle = TRD_STAGE_END;
    work->after_end = TRD_STAGE_IDLE;
    work->elections = 0;
    work->refused = 0;
    work->timed = 0;
    work->indicate = i;
    work->watched = 0;
    trd__settle_begin(match, i);
    work->after_cut = work->stage;
    work->stage = TRD_STAGE_CUT;
    return true;
}

void trd__match_set_position(
    trd_match *match, uint32_t account, uint32_t instrument, unsigned position, trd_qty qty) {
    const uint32_t number = trd__pos_find(&match->positions, account, instrument, position);
    if (number == 0) {
        trd_assert(qty == 0);
        return;
    }
    const trd_qty by = qty - trd__pos_entry(&match->positions, number)->qty;
    (void)move(match, account, instrument, position, by);
}
