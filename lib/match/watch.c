/* watch.c - plain orders in an instrument whose special orders all wait.
 *
 * Such an instrument is quiet: the special orders in it are in no queue that a plain order could
 * meet, so a command about plain orders does the same either way, and takes the short one. What the
 * long way adds is that prices are observed. That is made up for afterwards: the prices that the
 * command has moved are compared with the nearest triggers, and only if one of these is reached are
 * the observations written down and settled, as the long way would have done.
 *
 * Trails move with the price, so they make an instrument that is not quiet; so do orders that wait
 * for nothing but the next settlement. Whether an instrument is quiet, and its nearest triggers,
 * are found out when a command asks and remembered until a special order comes, goes or waits.
 *
 * In a quiet instrument the desk's bid and ask are those of the book between any two commands. */
#include "match/rich.h"

enum { WATCHED_SOURCES = 3 }; /* LAST, BID, ASK: those that a command about orders can move */

/* The nearest trigger of one direction; the end of the range of prices if there is none. */
static trd_px nearest(
    const trd_match *match, uint32_t instrument, unsigned source, unsigned direction) {
    const uint32_t unit = trd__tree_best(&match->store,
        trd__tree_at(match, instrument, trd__trigger_tree(TRD_TREE_TRIGGER, source, direction)));
    if (unit == 0) {
        return direction == TRD_FALLING ? INT64_MIN : INT64_MAX;
    }
    const uint64_t key = trd__queue(trd__store_arena(&match->store), unit)->key;
    return trd__key_px(key, direction);
}

/* Of an instrument whose only riches are special orders, between commands: what prices have touched
 * is elected by then. */
static bool is_quiet(const trd_match *match, uint32_t instrument) {
    const trd_listing *listing = trd__listing(match, instrument);
    const trd_desk *desk = trd__desk(match, instrument);
    if (listing->orders != desk->waits ||
        (desk->pegs.first | desk->elected.first | desk->late.first | desk->reacting.first) != 0) {
        return false;
    }
    for (unsigned source = TRD_SOURCE_LAST; source <= WATCHED_SOURCES; source++) {
        if (trd__has_trails(match, instrument, source)) {
            return false;
        }
    }
    return true;
}

bool trd__watch_quiet(trd_match *match, uint32_t instrument) {
    trd_listing *listing = trd__listing(match, instrument);
    trd_desk *desk = trd__desk(match, instrument);
    trd_assert(listing->rich == TRD_RICH_SPECIALS);
    trd_assert(desk->observed == 0);
    listing->quiet = is_quiet(match, instrument) ? TRD_QUIET_YES : TRD_QUIET_NO;
    for (unsigned source = TRD_SOURCE_LAST; source <= WATCHED_SOURCES; source++) {
        for (unsigned direction = 0; direction < 2; direction++) {
            desk->nearest[source][direction] = nearest(match, instrument, source, direction);
        }
    }
    return listing->quiet == TRD_QUIET_YES;
}

static bool reaches(const trd_desk *desk, unsigned source, trd_px low, trd_px high) {
    return low <= desk->nearest[source][TRD_FALLING] || high >= desk->nearest[source][TRD_RISING];
}

/* Did executions reach a trigger? A taker's prices run from the best one to the last. */
static bool last_reaches(const trd_match *match, uint32_t instrument, trd_px *first) {
    const trd_desk *desk = trd__desk(match, instrument);
    const trd_px last = trd__listing(match, instrument)->last;
    *first = desk->price[match->taker.s == 0 ? TRD_SOURCE_ASK : TRD_SOURCE_BID];
    return reaches(
        desk, TRD_SOURCE_LAST, *first < last ? *first : last, *first > last ? *first : last);
}

/* Has a side of the book another best price than the desk, or one where the desk has none, or none
 * where it has one? */
trd_inline bool best_moved(
    const trd_match *match, const trd_desk *desk, uint32_t instrument, uint32_t s) {
    const unsigned source = TRD_SOURCE_BID + s;
    const bool known = (desk->known >> source & 1) != 0;
    trd_px px;
    return trd__book_best(match, instrument, s, &px) != known ||
           (known && px != desk->price[source]);
}

/* Does the best price of a side reach a trigger? Only if it is another one than before. */
static bool best_reaches(const trd_match *match, uint32_t instrument, uint32_t s) {
    const trd_desk *desk = trd__desk(match, instrument);
    trd_px px;
    return best_moved(match, desk, instrument, s) && trd__book_best(match, instrument, s, &px) &&
           reaches(desk, TRD_SOURCE_BID + s, px, px);
}

/* The best prices, observed by nobody. */
static void best_renew(trd_match *match, uint32_t instrument) {
    trd_desk *desk = trd__desk(match, instrument);
    for (uint32_t s = 0; s < 2; s++) {
        const unsigned bit = 1u << (TRD_SOURCE_BID + s);
        trd_px px;
        if (trd__book_best(match, instrument, s, &px)) {
            desk->price[TRD_SOURCE_BID + s] = px;
            desk->known = (uint8_t)(desk->known | bit);
        } else {
            desk->known = (uint8_t)(desk->known & ~bit);
        }
    }
}

/* A trigger is reached: the long way goes on from here. */
static int settle(
    trd_match *match, trd_out *out, uint32_t instrument, bool executed, trd_px first) {
    trd_work *work = &match->work;
    trd_listing *listing = trd__listing(match, instrument);
    if (executed) {
        const trd_px last = listing->last;
        listing->last = work->watched_last;
        listing->has_last = work->watched_has_last;
        trd__observe(match, instrument, TRD_SOURCE_LAST, first);
        trd__observe(match, instrument, TRD_SOURCE_LAST, last);
    }
    work->after_settle = TRD_STAGE_END;
    work->after_end = TRD_STAGE_IDLE;
    work->elections = 0;
    work->refused = 0;
    work->timed = 0;
    work->indicate = instrument;
    trd__settle_begin(match, instrument);
    return trd__rich_run(match, out);
}

int trd__watch_end(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    const uint32_t instrument = work->watched - 1;
    const bool executed = match->executions != work->watched_executions;
    trd_px first = 0;
    work->watched = 0;
    if ((executed && last_reaches(match, instrument, &first)) ||
        best_reaches(match, instrument, 0) || best_reaches(match, instrument, 1)) {
        return settle(match, out, instrument, executed, first);
    }
    best_renew(match, instrument);
    return TRD_OK;
}

/* Has a command moved any price? Few do. */
trd_inline bool has_moved(const trd_match *match, uint32_t instrument) {
    const trd_desk *desk = trd__desk(match, instrument);
    return match->executions != match->work.watched_executions ||
           best_moved(match, desk, instrument, 0) || best_moved(match, desk, instrument, 1);
}

int trd__watch_command(trd_match *match, const trd_command *command, size_t slots, trd_out *out) {
    trd_work *work = &match->work;
    const trd_listing *listing = trd__listing(match, command->instrument);
    work->watched = command->instrument + 1;
    work->watched_has_last = listing->has_last;
    work->watched_last = listing->last;
    work->watched_executions = match->executions;
    work->command[0].seq = command->seq; /* what it sets off names it */
    trd__time_pass(match, command->time);
    const int result = trd__dispatch(match, command, slots, out);
    if (result != TRD_OK || work->watched == 0) {
        return result;
    }
    if (has_moved(match, command->instrument)) {
        return trd__watch_end(match, out);
    }
    work->watched = 0;
    return TRD_OK;
}

int trd__watch_audit(const trd_match *match, uint32_t instrument) {
    const trd_listing *listing = trd__listing(match, instrument);
    const trd_desk *desk = trd__desk(match, instrument);
    uint32_t waits = 0;
    for (uint32_t number = desk->waiting.first; number != 0;
         number = trd__special(match, number)->list[TRD_LIST_WAITING].next) {
        waits++;
    }
    trd_audit(waits == desk->waits && waits <= listing->orders);
    if (listing->quiet != TRD_QUIET_YES || match->taker.unit != 0 ||
        match->work.stage != TRD_STAGE_IDLE) {
        return TRD_OK;
    }
    trd_audit(listing->rich == TRD_RICH_SPECIALS && desk->observed == 0);
    trd_audit(is_quiet(match, instrument));
    for (unsigned source = TRD_SOURCE_LAST; source <= WATCHED_SOURCES; source++) {
        for (unsigned direction = 0; direction < 2; direction++) {
            trd_audit(
                desk->nearest[source][direction] == nearest(match, instrument, source, direction));
        }
    }
    for (uint32_t s = 0; s < 2; s++) {
        trd_px px;
        const bool known = (desk->known >> (TRD_SOURCE_BID + s) & 1) != 0;
        trd_audit(trd__book_best(match, instrument, s, &px) == known);
        trd_audit(!known || desk->price[TRD_SOURCE_BID + s] == px);
    }
    return TRD_OK;
}
