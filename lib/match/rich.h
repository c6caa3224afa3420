/* rich.h - the long way: what the parts of the machine ask of each other.
 *
 *   rich.c      the machine, commands that come in
 *   enter.c     what is refused, and what an accepted order does first
 *   force.c     what the matcher's owner does besides commands
 *   take.c      a taker: which maker is next, executing, prevention, resting
 *   settle.c    after a transaction: peaks, all-or-none, pegs, cuts
 *   trigger.c   prices observed, election, release, trails
 *   session.c   states, timers, bands, pauses
 *   auction.c   the auction price and the uncross
 *   mass.c      mass cancel, kill, dead man
 *   quote.c     quotes and their protection
 *   link.c      linked orders
 *   watch.c     plain orders beside special ones that all wait: the short way, with an eye on
 * prices
 */
#ifndef TRD_MATCH_RICH_H
#define TRD_MATCH_RICH_H

#include "match/emit.h"
#include "match/form.h"
#include "match/state.h"

/* --- where things are ------------------------------------------------------------------------- */

trd_inline void *trd__region(const trd_match *match, uint64_t at) {
    return (char *)(uintptr_t)match + at;
}

trd_inline trd_desk *trd__desk(const trd_match *match, uint32_t instrument) {
    return (trd_desk *)trd__region(match, match->desks_at) + instrument;
}

/* By number, from 1. */
trd_inline trd_special *trd__special(const trd_match *match, uint32_t number) {
    return (trd_special *)trd__region(match, match->specials_at) + number;
}

trd_inline trd_wheel *trd__wheel(const trd_match *match) {
    return (trd_wheel *)trd__region(match, match->wheel_at);
}

trd_inline trd_node *trd__order(const trd_match *match, uint32_t unit) {
    return trd__node(trd__store_arena(&match->store), unit);
}

trd_inline trd_trail_in trd__trails(const trd_match *match) {
    trd_match *own = (trd_match *)(uintptr_t)match;
    return (trd_trail_in){&own->trail_pool, trd__region(match, match->trail_nodes_at),
        trd__region(match, match->trail_tops_at), trd__region(match, match->trail_groups_at)};
}

/* Number of an order's special record, 0: it is plain. */
trd_inline uint32_t trd__special_of(const trd_node *node) {
    return (node->exec & TRD_EXEC_SPECIAL) != 0 ? (uint32_t)node->more : 0;
}

trd_inline unsigned trd__stp_of(const trd_node *node) {
    return node->exec >> TRD_EXEC_STP_SHIFT & 7;
}

trd_inline unsigned trd__position_of(const trd_node *node) {
    return node->exec >> TRD_EXEC_POSITION_SHIFT & 3;
}

trd_inline uint32_t trd__tree_at(const trd_match *match, uint32_t instrument, uint32_t tree) {
    return trd__tree_side(&match->store, instrument * TRD_TREES + tree);
}

/* The row of an instrument's trees, by TRD_TREE_*: for a look at which are empty. */
trd_inline const trd_far *trd__trees(const trd_match *match, uint32_t instrument) {
    return trd__store_tree(&match->store, trd__tree_at(match, instrument, 0));
}

trd_inline uint32_t trd__trigger_tree(unsigned tree, unsigned source, unsigned direction) {
    return tree + (source - 1) * 2 + direction;
}

/* Key of a trigger: the nearest to the market is the highest. */
trd_inline uint64_t trd__trigger_key(trd_px trigger, unsigned direction) {
    return trd__key(trigger, direction);
}

/* All open lots of an order, and those that self-trade prevention took. */
trd_inline trd_qty trd__leaves(const trd_match *match, const trd_node *node) {
    const uint32_t number = trd__special_of(node);
    return node->leaves + (number != 0 ? trd__special(match, number)->reserve : 0);
}

trd_inline trd_qty trd__prevented(const trd_match *match, const trd_node *node) {
    const uint32_t number = trd__special_of(node);
    return number != 0 ? trd__special(match, number)->prevented : (trd_qty)node->more;
}

/* As many of these lots as an order may have: a split can leave a position that is no multiple of
 * the lot step. */
trd_inline trd_qty trd__whole_lots(const trd_match *match, uint32_t instrument, trd_qty lots) {
    return lots - lots % trd__listing(match, instrument)->rules.lot_step;
}

trd_inline bool trd__tif_rests(unsigned tif) {
    return tif != TRD_TIF_IOC && tif != TRD_TIF_FOK;
}

trd_inline bool trd__state_is_auction(unsigned state) {
    return state >= TRD_SESSION_PRE_OPEN && state <= TRD_SESSION_CLOSING;
}

/* --- rich.c ----------------------------------------------------------------------------------- */

/* Does a command for this instrument go the long way? */
trd_inline bool trd__is_rich(const trd_match *match, uint32_t instrument) {
    return instrument < match->instruments && trd__listing(match, instrument)->rich != 0;
}

void trd__rich_set(trd_match *match, uint32_t instrument, unsigned why);
void trd__rich_clear(trd_match *match, uint32_t instrument, unsigned why);

/* A special order of the instrument comes, goes or waits: whether all wait is to be found out. */
trd_inline void trd__quiet_forget(const trd_match *match, uint32_t instrument) {
    trd__listing(match, instrument)->quiet = TRD_QUIET_UNKNOWN;
}

/* Lists of special orders (place.c). */
void trd__ends_add(trd_match *match, trd_ends *ends, unsigned list, uint32_t number);
void trd__ends_remove(trd_match *match, trd_ends *ends, unsigned list, uint32_t number);
void trd__peg_unlist(trd_match *match, trd_desk *desk, uint32_t number);

/* Executes a command the long way, and goes on with what is pending. */
int trd__rich_run(trd_match *match, trd_out *out);

/* Sets match->plain_until anew. */
void trd__plain_until_set(trd_match *match);

/* Sets match->timer_bound anew. */
void trd__timers_changed(trd_match *match);

/* --- enter.c ---------------------------------------------------------------------------------- */

void trd__rich_new(trd_match *match, trd_out *out);
void trd__rich_cancel(trd_match *match, trd_out *out);
void trd__rich_replace(trd_match *match, trd_out *out);

/* The lots of an order of this side that closes the position: whole ones, as many as it may have.
 */
trd_qty trd__closing_lots(const trd_match *match, uint32_t account, uint32_t instrument,
    unsigned position, unsigned side);

/* The most lots that an order with a budget can execute if it is entered now: a buyer's at the best
 * offer, a seller's at the lowest price of band or range. */
trd_qty trd__budget_lots(
    const trd_match *match, uint32_t instrument, unsigned side, trd_amt budget);

/* trd_match_vet of what the short way does not know. */
unsigned trd__rich_vet_new(
    trd_match *match, const trd_command *command, size_t slots, trd_vetted *out);
unsigned trd__rich_vet_replace(
    trd_match *match, const trd_command *command, size_t slots, trd_vetted *out);

/* An order (terms in node and record, in no place) arrives by itself: released, or as a peg. It is
 * checked for what can have changed since it was accepted, then it is the taker. */
enum {
    TRD_ARRIVES_RELEASED = 1,
    TRD_ARRIVES_PEG = 2,
    TRD_ARRIVES_TURN = 3, /* a leg whose turn it is */
    TRD_ARRIVES_AGAIN = 4 /* a child that was granted more */
};
void trd__arrive(trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument, unsigned how);

/* Records of legs, TRD_SLOTS_MAX slots each; those from `children_from` on, from 0, wait for the
 * first one. */
typedef struct trd_legs {
    const trd_command *records;
    uint32_t count;
    uint32_t children_from;
} trd_legs;

/* Judges legs as new orders, each against the state before all of them. 0, and all are accepted:
 * their special records in numbers[], in no place. Or why one is refused, *guilty, from 0: nothing
 * was done. */
unsigned trd__legs_enter(
    trd_match *match, trd_out *out, const trd_legs *legs, uint32_t *numbers, uint32_t *guilty);

/* The same judgement without entering anything: the reason of each leg, 0 if it has none, and with
 * 0 or NO_CAPACITY what it would be. */
void trd__legs_vet(trd_match *match, const trd_legs *legs, unsigned *reasons, trd_vetted *out);

/* An order that was taken out of its place by a replace: arrives at px, or rests there. */
void trd__move(trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument, trd_px px,
    trd_qty leaves, bool slides);

/* Post-only: TRD_REJECT_POST_ONLY, or 0 and whether, and to where, the order slides. */
unsigned trd__check_passive(const trd_match *match, uint32_t instrument, const trd_node *node,
    trd_qty leaves, trd_px px, bool *slides, trd_px *slide);

/* Is an order with this TIF in its place in this state? */
bool trd__joins(unsigned tif, unsigned state);

/* Takes a record for a special order of the instrument: zeroed but for these two. */
uint32_t trd__special_take(trd_match *match, uint32_t unit, uint32_t instrument);

/* Could the position leave the range of 64 bits with one more order? */
bool trd__position_is_far(
    const trd_match *match, uint32_t account, uint32_t instrument, unsigned position);

/* The limit of an order, 0 while it has none. */
trd_px trd__px_of(const trd_match *match, uint32_t unit);

/* The nearest valid price at or below px (up: at or above), within the bounds. */
trd_px trd__px_rounded(const trd_listing *listing, trd_wide px, bool up);

void trd__reject_new(trd_match *match, trd_out *out, const trd_command *command, unsigned reason);
void trd__reject_command(
    trd_match *match, trd_out *out, const trd_command *command, unsigned reason);

/* --- place.c ---------------------------------------------------------------------------------- */

/* Puts an order that is in no place (terms in node and record) to rest with `leaves` open lots, at
 * the back of px, where its instructions say: book, hidden, aside, auction queue. [ORDER], [LEVEL].
 */
void trd__rest_order(
    trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument, trd_px px, trd_qty leaves);

/* Takes an order out of whatever place it is in; [ORDER], [LEVEL], unless `out` is NULL. */
void trd__leave_place(trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument);

/* Frees an order that is in no place: id, record, position, timer. */
void trd__free_order(trd_match *match, uint32_t unit, uint32_t instrument);

/* CANCELED with `qty`, then out of its place if it is in one, and freed. */
void trd__end_order(trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument,
    unsigned cause, trd_qty qty);

/* Lots off the reserve; off what is displayed (or hidden, aside, waiting). No events. */
void trd__reserve_take(trd_match *match, uint32_t number, trd_qty qty);
void trd__displayed_take(trd_match *match, uint32_t unit, trd_qty qty);

/* Takes `less` lots off an order, fewer than it has, reserve first; returns how many were not of
 * the reserve. shrink_order also tells: [ORDER], [LEVEL]. */
trd_qty trd__shrink_lots(trd_match *match, uint32_t unit, trd_qty less);
void trd__shrink_order(trd_match *match, trd_out *out, uint32_t unit, trd_qty less);

bool trd__is_displayed(const trd_match *match, const trd_node *node);

/* An iceberg has nothing displayed and lots in reserve: out of its queue, to the list of those that
 * refresh. Then its refresh, one unit. */
void trd__peak_consumed(trd_match *match, uint32_t unit);
void trd__peak_refresh(trd_match *match, trd_out *out, uint32_t number);

/* The order that is last in its queue goes before those with a higher place. */
void trd__queue_sort_last(trd_match *match, uint32_t unit);

/* PREVENTED of a maker, accounted; its lots are still in their place. */
void trd__prevent_maker(trd_match *match, trd_out *out, uint32_t instrument, uint32_t unit,
    uint32_t contra_unit, unsigned mode, trd_qty qty);
void trd__emit_prevented(trd_match *match, trd_out *out, uint32_t instrument, const trd_node *node,
    uint32_t unit, const trd_node *contra, uint32_t contra_unit, unsigned mode, unsigned status,
    trd_qty qty, trd_qty leaves);
void trd__emit_exec_of(trd_match *match, trd_out *out, const trd_node *node, trd_qty executed,
    trd_qty prevented, const trd_node *contra, uint32_t contra_unit);

void trd__emit_restated(trd_match *match, trd_out *out, uint32_t instrument, uint32_t unit,
    unsigned why, trd_px px, trd_qty displayed, trd_qty leaves);

/* A LEVEL event of this level was or would have been written: it is not owed any more. */
trd_inline void trd__level_was_told(trd_match *match, const trd_queue *level) {
    if (match->work.level_told == level->side_at + 1 && match->work.level_key == level->key) {
        match->work.level_told = 0;
    }
}

/* Puts an order that is in no place to wait, with a new place number. end: it waits no longer, and
 * is in limbo. */
void trd__wait(trd_match *match, uint32_t number, unsigned waits);
void trd__wait_end(trd_match *match, uint32_t number);

/* The same as it waited before (`waits`), a trail with its extreme. */
void trd__wait_renew(trd_match *match, uint32_t number); /* only a new place number */
void trd__wait_as(trd_match *match, uint32_t number, unsigned waits, trd_px extreme);

/* It waits on, in the same place, but for nothing that happens in the market. */
void trd__wait_idle(trd_match *match, uint32_t number);

/* --- take.c ----------------------------------------------------------------------------------- */

/* What a taker may do: the same for real and for a look ahead. */
typedef struct trd_reach {
    trd_qty lots;   /* would execute */
    bool meets_own; /* before it is filled */
    bool breaks;    /* would meet a price outside the band with lots left */
} trd_reach;

/* Fills match->taker and work from an order that is in no place. `leaves` are its open lots. */
void trd__taker_load(
    trd_match *match, uint32_t unit, uint32_t instrument, unsigned type, trd_px px, trd_qty leaves);

/* What the taker could execute. `whole`: looks on behind what its lots need, for the band. */
trd_reach trd__reach(const trd_match *match, bool single_price);

void trd__take_unit(trd_match *match, trd_out *out);
void trd__taker_cancel(trd_match *match, trd_out *out, unsigned cause, trd_qty qty);
void trd__taker_rest(trd_match *match, trd_out *out);

/* Nothing more to take: it rests or ends, as its type, time and the band say. */
void trd__taker_rests_or_ends(trd_match *match, trd_out *out);

/* Best opposite price that an order of side `s` with `qty` lots would trade with, hidden and aside
 * included; false if there is none. */
bool trd__best_against(
    const trd_match *match, uint32_t instrument, uint32_t s, trd_qty qty, trd_px *px);

/* Lots of a position moved: after FILL or transfer. Marks it for cuts. */
void trd__position_move(trd_match *match, uint32_t account, uint32_t instrument, unsigned position,
    unsigned side, trd_qty qty, unsigned which);

/* --- settle.c --------------------------------------------------------------------------------- */

void trd__settle_begin(trd_match *match, uint32_t instrument);

/* The caller's verdict about an order that is to be released. TRD_VERDICT_NONE: it is asked for
 * now, and the unit ends; settlement comes to the same order again afterwards. */
unsigned trd__verdict(trd_match *match, uint32_t number);

/* The verdict was no: CANCELED, cause RISK. */
void trd__refuse(trd_match *match, trd_out *out, uint32_t number);

void trd__settle_unit(trd_match *match, trd_out *out);
void trd__cut_unit(trd_match *match, trd_out *out);

/* After an execution: cuts, protections that are due, legs that react, then `stage`. */
void trd__after_execution(trd_match *match, unsigned stage);

/* A peg that was just accepted: it has a price and arrives, or waits. */
void trd__peg_arrive(trd_match *match, trd_out *out, uint32_t number);

/* Takes the price away from the first peg that has one; false if none has. */
bool trd__peg_unprice(trd_match *match, trd_out *out, uint32_t instrument);

/* Book's best price, displayed orders; false if the side is empty. */
trd_inline bool trd__book_best(
    const trd_match *match, uint32_t instrument, uint32_t s, trd_px *px) {
    const trd_side *side = trd__store_side(&match->store, instrument * 2 + s);
    *px = trd__key_px(side->best, s);
    return side->near > 0;
}

/* --- trigger.c -------------------------------------------------------------------------------- */

bool trd__price_of(const trd_match *match, uint32_t instrument, unsigned source, trd_px *px);
void trd__observe(trd_match *match, uint32_t instrument, unsigned source, trd_px px);
void trd__quotes_observe(trd_match *match, uint32_t instrument);

/* Does any trail watch the source, active or not? One that is touched does so no longer. */
bool trd__has_trails(const trd_match *match, uint32_t instrument, unsigned source);

/* All present prices are observed: trading has become continuous. */
void trd__prices_observe(trd_match *match, uint32_t instrument);
bool trd__is_touched(trd_px trigger, unsigned direction, trd_px px);

/* Where a price must go to touch an order of this type and side. */
trd_inline unsigned trd__direction_of(unsigned type, unsigned side) {
    const bool touched = type == TRD_TYPE_TOUCHED || type == TRD_TYPE_TOUCHED_LIMIT;
    return (side == TRD_SELL) != touched ? TRD_FALLING : TRD_RISING;
}

/* Puts a trigger order to wait for its price. anew: what was observed before does not touch it. */
void trd__trigger_wait(trd_match *match, uint32_t number);
void trd__trigger_wait_anew(trd_match *match, uint32_t number);

/* Present trigger of a waiting order; false if it has none yet. */
bool trd__trigger_now(const trd_match *match, uint32_t number, trd_px *trigger);

void trd__elect(trd_match *match, uint32_t instrument);

/* A waiting order is triggered, and arrives: at once, or when the legs beside it have reacted. */
void trd__release(trd_match *match, trd_out *out, uint32_t number);
void trd__release_arrive(trd_match *match, trd_out *out, uint32_t number);

/* --- watch.c ---------------------------------------------------------------------------------- */

/* Finds out whether an instrument whose only riches are special orders is quiet. */
bool trd__watch_quiet(trd_match *match, uint32_t instrument);

/* The command that is watched is through: were triggers reached? */
int trd__watch_end(trd_match *match, trd_out *out);

int trd__watch_audit(const trd_match *match, uint32_t instrument);

/* --- session.c -------------------------------------------------------------------------------- */

void trd__session_command(trd_match *match, trd_out *out);
void trd__session_begin(
    trd_match *match, uint32_t instrument, unsigned state, unsigned cause, bool ends, trd_ns until);
void trd__session_unit(trd_match *match, trd_out *out);
bool trd__timers_unit(trd_match *match, trd_out *out);
trd_ns trd__time_after(trd_ns time, trd_ns wait); /* at most INT64_MAX */
uint64_t trd__timer_add(trd_match *match, trd_ns deadline, uint64_t key, uint32_t order);
void trd__timer_cancel(trd_match *match, uint64_t *timer);

/* The price band now; false if there is none. band_now: of an instrument that may have one. */
bool trd__band_now(const trd_match *match, uint32_t instrument, trd_px *low, trd_px *high);
trd_inline bool trd__band(const trd_match *match, uint32_t instrument, trd_px *low, trd_px *high) {
    return trd__desk(match, instrument)->profile.band_action != 0 &&
           trd__band_now(match, instrument, low, high);
}

/* Is a side at the band, and since when? For an instrument that pauses there. */
void trd__limit_state(trd_match *match, uint32_t instrument);

/* Would an execution at px trip the breaker? record: it happened. */
bool trd__breaker_trips(const trd_match *match, uint32_t instrument, trd_px px);
void trd__breaker_note(trd_match *match, uint32_t instrument, trd_px px);
trd_inline bool trd__has_breaker(const trd_match *match, uint32_t instrument) {
    return trd__desk(match, instrument)->profile.breaker_window != 0;
}
trd_inline bool trd__breaks(const trd_match *match, uint32_t instrument, trd_px px) {
    return trd__has_breaker(match, instrument) && trd__breaker_trips(match, instrument, px);
}
trd_inline void trd__breaker_record(trd_match *match, uint32_t instrument, trd_px px) {
    if (trd__has_breaker(match, instrument)) {
        trd__breaker_note(match, instrument, px);
    }
}
void trd__breaker_forget(trd_match *match, uint32_t instrument);

/* Kinds of timers: upper half of the key, and the rank at one time. */
enum { TRD_TIMER_EXPIRY = 1, TRD_TIMER_SESSION = 2, TRD_TIMER_LIMIT = 3, TRD_TIMER_DEADMAN = 4 };

/* --- auction.c -------------------------------------------------------------------------------- */

/* Lots come to a queue of any kind, or leave it. */
void trd__cross_move(trd_match *match, const trd_queue *level, trd_qty by);
trd_inline void trd__cross_change(trd_match *match, const trd_queue *level, trd_qty by) {
    if (match->crosses != 0) {
        trd__cross_move(match, level, by);
    }
}

/* The crossing is kept no longer. */
void trd__cross_forget(trd_match *match, uint32_t instrument);

int trd__cross_audit(const trd_match *match, uint32_t instrument);

void trd__auction_indicate(trd_match *match, trd_out *out, uint32_t instrument);
void trd__uncross_begin(trd_match *match, trd_out *out, uint32_t instrument);
void trd__uncross_unit(trd_match *match, trd_out *out);

/* --- mass.c ----------------------------------------------------------------------------------- */

void trd__mass_command(trd_match *match, trd_out *out);
void trd__kill_command(trd_match *match, trd_out *out);
void trd__deadman_command(trd_match *match, trd_out *out);
void trd__deadman_fire(trd_match *match, uint32_t row);
bool trd__is_killed(const trd_match *match, uint32_t account, uint32_t instrument, uint32_t actor,
    uint64_t tag, bool reduces);

/* The next order of a walk over an instrument, 0 when it is over. The walk stands behind it
 * afterwards, so that it may be ended. */
uint32_t trd__walk_next(const trd_match *match, uint32_t instrument, trd_walk *walk);

/* Does the order fit all that the sieve asks for? */
bool trd__sieve_keeps(const trd_match *match, const trd_sieve *sieve, const trd_node *node);

/* One unit of a walk over an instrument that ends what the sieve keeps, or, without a sieve, what
 * the present session change ends; false when it is over. */
bool trd__walk_unit(
    trd_match *match, trd_out *out, uint32_t instrument, trd_walk *walk, const trd_sieve *sieve);
void trd__mass_unit(trd_match *match, trd_out *out);

/* --- quote.c ---------------------------------------------------------------------------------- */

trd_inline trd_map_slot *trd__quote_slots(const trd_match *match) {
    return trd__region(match, match->quotes.slots_at);
}

/* By number, from 1. */
trd_inline trd_quote_row *trd__quote_row(const trd_match *match, uint32_t number) {
    return (trd_quote_row *)trd__region(match, match->quotes.rows_at) + number;
}

/* All rows are free. */
void trd__quotes_reset(trd_match *match);

void trd__quote_command(trd_match *match, trd_out *out);
void trd__quote_unit(trd_match *match, trd_out *out);
void trd__protection_command(trd_match *match, trd_out *out);

/* A quote order ends: its row has no order on that side. */
void trd__quote_ended(trd_match *match, uint32_t number);

/* An order has a FILL, which its protection counts if it is one of a quote. `which` side of the
 * execution: 0 the taker, in an uncross the buyer. */
void trd__guard_count(trd_match *match, const trd_node *node, trd_px px, trd_qty qty, int which);
void trd__protect_unit(trd_match *match, trd_out *out);

int trd__quotes_audit(const trd_match *match);

/* --- link.c ----------------------------------------------------------------------------------- */

/* All groups are free. */
void trd__groups_reset(trd_match *match);

/* Refuses what the command's account stages, if the command drops it; one unit. False: it does not,
 * or nothing is staged. */
bool trd__staged_drop(trd_match *match, trd_out *out);

/* NEW with a link. */
void trd__link_new(trd_match *match, trd_out *out, const trd_ticket *ticket);

/* The next turn of legs that were accepted. */
void trd__legs_unit(trd_match *match, trd_out *out);

/* An order has executed `qty` lots, which its node (or the taker) shows already: notes who has to
 * react. `which` as in trd__guard_count. */
void trd__leg_executed(trd_match *match, const trd_node *node, trd_qty qty, uint32_t which);

/* Does an order that has nothing open live on, because it may be granted more? park: it is in no
 * place, and does. */
bool trd__leg_waits(const trd_match *match, const trd_node *node);
void trd__leg_park(trd_match *match, uint32_t number);

/* An order is triggered: true if others have to react before it arrives; that is the stage then. */
bool trd__leg_released(trd_match *match, uint32_t number);

/* A leg is CANCELED; it ends, however it does. */
void trd__leg_canceled(trd_match *match, const trd_special *special);
void trd__leg_ended(trd_match *match, const trd_special *special);

/* The next reaction to an execution or a release. */
void trd__link_unit(trd_match *match, trd_out *out);

/* The next reaction in a settlement; false if there is none. */
bool trd__reacting_unit(trd_match *match, trd_out *out, uint32_t instrument);

int trd__groups_audit(const trd_match *match);

#endif
