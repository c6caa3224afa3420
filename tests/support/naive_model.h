/* naive_model.h - what the sources of the naive model share. naive.h is for everybody else.
 *
 *   naive.c          step, life cycle, views
 *   naive_event.c    what stands in the events
 *   naive_queue.c    places, ids, positions; the end of an order
 *   naive_price.c    prices and quantities that an instrument allows
 *   naive_check.c    when a command is refused
 *   naive_take.c     takers: search, reach, prevention, executions, rest
 *   naive_allocate.c division of a level
 *   naive_settle.c   what follows a transaction: peaks, all-or-none, pegs, triggers
 *   naive_auction.c  the auction price, uncross
 *   naive_group.c    mass cancel, kill, dead man
 *   naive_quote.c    quotes and their protection
 *   naive_link.c     linked orders
 *   naive_session.c  states, bands, breakers, timers
 */
#ifndef TESTS_SUPPORT_NAIVE_MODEL_H
#define TESTS_SUPPORT_NAIVE_MODEL_H

#include "naive.h"

enum { NAIVE_PLACES = 5, NAIVE_SOURCES = TRD_SOURCE_MID, NAIVE_SLICES = 16, NAIVE_SCOPES = 64 };

/* The last price of a source, and what triggers have to know of the prices since the election. */
typedef struct naive_seen {
    bool known;
    bool pending; /* something was observed since the last election */
    trd_px last;
    trd_px previous; /* known before the first of these */
} naive_seen;

/* Lowest and highest execution price in one slice of time. */
typedef struct naive_slice {
    int64_t number;
    trd_px low;
    trd_px high;
} naive_slice;

typedef struct naive_market {
    trd_instrument spec;
    trd_profile profile;
    uint32_t publish;
    uint8_t state;
    bool ends; /* the state has a planned end */
    trd_ns until;
    uint64_t end_set;                  /* when it was set, among all timers of states */
    naive_side place[NAIVE_PLACES][2]; /* by where, then side - 1; all that wait are in [..][0] */
    naive_seen seen[NAIVE_SOURCES];    /* by source; 0 is not used */

    bool has_band; /* of the present transaction */
    __int128 lower;
    __int128 upper;
    bool at_band;    /* and waits there */
    trd_ns band_due; /* until then */
    uint64_t band_set;
    trd_ev_auction told; /* in this state; zero: nothing */
    naive_slice slice[NAIVE_SLICES];
    uint32_t slice_count;
} naive_market;

typedef struct naive_id {
    uint32_t account;
    uint64_t client_id;
} naive_id;

typedef struct naive_highest {
    bool has;
    uint64_t client_id;
} naive_highest;

typedef struct naive_held {
    uint32_t account;
    uint32_t instrument;
    unsigned side;
    uint32_t orders; /* live ones that act on it */
    trd_qty net;
} naive_held;

/* Whose orders a kill switch or dead-man timer means. */
typedef struct naive_scope {
    uint8_t kind; /* TRD_SCOPE_* */
    uint64_t key; /* account, instrument, actor or tag */
} naive_scope;

typedef struct naive_kill {
    naive_scope scope;
    bool reducing;
} naive_kill;

typedef struct naive_deadman {
    naive_scope scope;
    trd_ns due;
    uint64_t set; /* among all timers but those of orders */
} naive_deadman;

struct naive_match {
    trd_match_def def;
    naive_market *market;
    trd_match_stats stats;
    trd_ns time;
    uint64_t places;    /* last place number given */
    uint64_t born;      /* orders accepted */
    uint64_t consumed;  /* peaks used up */
    uint64_t elections; /* orders elected */
    uint64_t timers;    /* timers of states that were set */
    uint32_t released;  /* by this command */
    bool by_timer;      /* what runs is a timer, not a command */
    naive_id *ended;    /* WINDOW: remembered ids, the one that ended first in front */
    uint32_t ended_count;
    naive_highest *highest; /* ASCENDING: by account */
    naive_kill kill[NAIVE_SCOPES];
    uint32_t kill_count;
    naive_deadman deadman[NAIVE_SCOPES];
    uint32_t deadman_count;
    naive_held *held;
    uint32_t held_count;
    uint32_t held_room;
    naive_row **row; /* never dropped: one that holds nothing takes no room */
    uint32_t row_count;
    naive_group **group; /* staged or live */
    uint32_t group_count;
    uint64_t reactions;                         /* groups that had to react to something */
    unsigned linking[TRD_RELATION_BRACKET + 1]; /* NAIVE_LINK_*, by relation, of this command */
    unsigned quoting;                           /* NAIVE_QUOTE_*, NAIVE_ACTED_* of this command */
    bool untold; /* a level lost displayed lots to the taker, and no LEVEL said so yet */
    uint32_t untold_instrument;
    unsigned untold_side;
    trd_px untold_px;
    naive_side graveyard; /* ended orders, freed when the command is over */
    naive_side *listed;   /* what naive_live returned: a cache, no state */
    trd_event *events;
    uint32_t event_slots;
    uint32_t event_room;
    uint64_t broken;
    uint64_t command_seq;
    const trd_order *handles; /* of the orders that this command makes */
    uint32_t handle_count;
    naive_watch watch;
    void *watch_user;
    naive_judge judge;
    void *judge_user;
    naive_question *question; /* of this command */
    uint32_t question_count;
};

#define BROKEN(name) ((uint64_t)1 << TRD_REJECT_##name)

/* A record with its extension slots, copied so that each is read as its own type; those that are
 * not there are zero. */
typedef struct naive_record {
    const trd_command *base;
    bool malformed;
    uint32_t count; /* extension slots */
    bool has_prices;
    bool has_sizes;
    bool has_link;
    trd_ext_prices prices;
    trd_ext_sizes sizes;
    trd_ext_link link;
} naive_record;

/* What a replaced order would be. */
typedef struct naive_terms {
    trd_px px;
    trd_qty total;
    bool ends;
    bool keeps_place;
} naive_terms;

/* --- naive.c */
void *naive__grown(void *at, size_t size);
void naive__push(naive_side *side, naive_order *order);
/* The end of a REPLACE or QUOTE that leaves the order where it is, with a total that is no higher,
 * and of one that moves it. */
void naive__keep_place(naive_match *m, naive_order *order, trd_qty total);
void naive__lose_place(naive_match *m, naive_order *order, const naive_terms *t);
trd_order naive__next_handle(naive_match *m);
void naive__info(const naive_order *order, trd_order_info *info);

/* --- naive_event.c */
trd_event *naive__emit(naive_match *m, uint8_t kind, uint32_t instrument, uint32_t account);
uint8_t naive__status(const naive_order *order); /* of an order that goes on */
void naive__emit_terms(
    naive_match *m, uint8_t kind, const naive_order *order, uint8_t status, bool kept);
void naive__emit_canceled(
    naive_match *m, const naive_order *order, uint8_t status, uint8_t cause, trd_qty qty);
void naive__emit_fill(naive_match *m, const naive_order *order, const naive_order *contra,
    trd_px px, trd_qty qty, uint8_t liquidity, bool filled);
void naive__emit_prevented(
    naive_match *m, const naive_order *order, const naive_order *contra, uint8_t mode, trd_qty qty);
void naive__emit_restated(naive_match *m, const naive_order *order, uint8_t why, trd_qty displayed);
void naive__emit_triggered(naive_match *m, const naive_order *order, trd_px trigger, trd_px px);
void naive__emit_session(naive_match *m, uint32_t instrument, uint8_t former, uint8_t cause);
void naive__emit_public(
    naive_match *m, const naive_order *order, uint8_t what, trd_qty left, trd_qty changed);
void naive__emit_level(naive_match *m, uint32_t instrument, unsigned side, trd_px px);
void naive__emit_added(naive_match *m, const naive_order *order, bool place_kept);
void naive__emit_tape(
    naive_match *m, const naive_order *maker, uint8_t side, trd_px px, trd_qty qty, uint64_t trade);

/* --- naive_queue.c */
naive_market *naive__market(const naive_match *m, const naive_order *order);
naive_side *naive__place(const naive_match *m, uint32_t instrument, unsigned where, unsigned side);
unsigned naive__other(unsigned side);
bool naive__better(unsigned side, trd_px a, trd_px b);
bool naive__best(const naive_match *m, uint32_t instrument, unsigned side, trd_px *px);
void naive__enqueue(naive_match *m, naive_order *order, uint8_t where);
void naive__enqueue_again(naive_match *m, naive_order *order); /* with its old place number */
void naive__dequeue(naive_match *m, naive_order *order);
/* The orders of an instrument in the order of a mass cancel; the caller frees at. */
naive_side naive__listing(const naive_match *m, uint32_t instrument);
void naive__resize(naive_order *order, trd_qty leaves);
void naive__show_less(naive_match *m, naive_order *order, trd_qty was);
void naive__begin(naive_match *m, naive_order *order);
void naive__end(naive_match *m, naive_order *order);
void naive__fill(naive_match *m, naive_order *order); /* its last open lots were executed */
void naive__cancel(naive_match *m, naive_order *order, uint8_t status, uint8_t cause);
void naive__end_id(naive_match *m, uint32_t account, uint64_t client_id);
void naive__use_id(naive_match *m, uint32_t account, uint64_t client_id);
bool naive__id_is_taken(const naive_match *m, uint32_t account, uint64_t client_id);
bool naive__id_is_low(const naive_match *m, uint32_t account, uint64_t client_id);
bool naive__account_exists(const naive_match *m, uint32_t account);
naive_held *naive__held(const naive_match *m, uint32_t account, uint32_t instrument, unsigned side);
uint32_t naive__held_count(const naive_match *m);
void naive__hold(naive_match *m, const naive_order *order, trd_qty qty);
bool naive__reduces(const naive_order *order);
trd_qty naive__may_reduce(const naive_match *m, const naive_order *order);
void naive__cut_excess(naive_match *m, uint32_t account, uint32_t instrument, unsigned position);

/* --- naive_price.c */
uint8_t naive__first_reason(uint64_t broken);
uint64_t naive__px_rules(const trd_instrument *spec, trd_px px);
uint64_t naive__qty_rules(const trd_instrument *spec, trd_qty qty);
uint64_t naive__notional_rules(const trd_instrument *spec, trd_px px, trd_qty qty);
/* The highest valid price at or below (up: the lowest at or above), within the limits. */
trd_px naive__valid(const trd_instrument *spec, __int128 px, bool up);
bool naive__crosses(unsigned taker_side, trd_px limit, trd_px maker_px);
/* The number of 64 bits that follows in the sequence of `state`. */
uint64_t naive__draw(uint64_t *state);
uint64_t naive__scaled(uint64_t z, uint64_t n); /* floor(z x n / 2^64) */

/* --- naive_check.c */
naive_record naive__record(const trd_command *c);
bool naive__slots_are_possible(const trd_command *c);
bool naive__all_zero(const void *bytes, size_t size);
naive_order naive__order_from(const naive_record *r);
/* What the order is as it arrives: sized, priced, cut. */
void naive__size_and_price(const naive_match *m, naive_order *order);
/* `group`: NULL, or the one that this is a leg of, whose legs before it are in its records. */
uint64_t naive__new_rules(const naive_match *m, const naive_record *r, const naive_group *group);
bool naive__new_is_no_record(const naive_match *m, const naive_record *r); /* or is UNSUPPORTED */
uint64_t naive__cancel_rules(const naive_match *m, const trd_command *c, const naive_order *order);
naive_terms naive__terms(const trd_command *c, const naive_order *order);
uint64_t naive__replace_rules(
    const naive_match *m, const naive_record *r, const naive_order *order);
uint64_t naive__other_rules(naive_match *m, const trd_command *c);

/* --- naive_take.c */
/* What an order could execute now. */
typedef struct naive_walk {
    trd_qty left;
    trd_qty reach;
    __int128 spent;
    bool ended;
    bool met_own;
    bool met_band;
} naive_walk;
bool naive__is_trigger_type(unsigned type);
bool naive__own(const naive_order *a, const naive_order *b);
naive_walk naive__reach(const naive_match *m, const naive_order *taker);
/* Post-only: false if the order has to be refused; else *px is its limit, slid or as it was. */
bool naive__post_only_px(const naive_match *m, const naive_order *order, trd_px *px);
/* Gives a post-only order its limit and says so if it slid; false: refused. */
bool naive__slide(naive_match *m, naive_order *order);
/* LEVEL of the last level that a taker changed and that was not told. */
void naive__tell_level(naive_match *m);
void naive__prevent_resting(naive_match *m, naive_order *taker, naive_order *maker);
void naive__arrive(naive_match *m, naive_order *order);
void naive__put(naive_match *m, naive_order *order);  /* to its place */
void naive__rest(naive_match *m, naive_order *order); /* the same, unless the band forbids it */
void naive__show(naive_match *m, naive_order *order);
void naive__wait(naive_match *m, naive_order *order);
void naive__cut_new(naive_match *m, naive_order *order);
void naive__end_taker(naive_match *m, naive_order *order, uint8_t cause); /* in no place */

/* --- naive_allocate.c */
/* Divides `aggressor` among displayed[0, count) of one level in queue order. */
trd_qty naive__top_min(const trd_profile *profile);
void naive__allocate(const naive_market *market, naive_order *const *orders, uint32_t count,
    trd_qty aggressor, trd_qty *given);

/* --- naive_settle.c */
void naive__observe(naive_match *m, uint32_t instrument, unsigned source, trd_px px);
void naive__trail_begins(const naive_match *m, naive_order *order);
bool naive__is_touched(const naive_match *m, const naive_order *order);
void naive__release(naive_match *m, naive_order *order);
/* An order that waits is about to be released. False: its verdict was that it must not be, and it
 * has ended. */
bool naive__passes(naive_match *m, naive_order *order, bool child);
bool naive__may_release(naive_match *m, uint32_t instrument);
void naive__arrive_released(naive_match *m, naive_order *order);
void naive__leave_level(naive_match *m, naive_order *order);
void naive__forget_touch(naive_order *order);
void naive__unpeg(naive_match *m, uint32_t instrument);
void naive__elect(naive_match *m, uint32_t instrument);
void naive__settle(naive_match *m, uint32_t instrument);

/* --- naive_auction.c */
void naive__indicate(naive_match *m, uint32_t instrument);
void naive__uncross(naive_match *m, uint32_t instrument);

/* --- naive_group.c */
uint64_t naive__mass_rules(const naive_match *m, const trd_command *c);
void naive__step_mass(naive_match *m, const trd_command *c);
bool naive__is_killed(const naive_match *m, const naive_order *order);
uint64_t naive__kill_rules(naive_match *m, const trd_command *c);
void naive__step_kill(naive_match *m, const trd_command *c);
uint64_t naive__deadman_rules(naive_match *m, const trd_command *c);
void naive__step_deadman(naive_match *m, const trd_command *c);
void naive__run_deadman(naive_match *m, uint64_t set);

/* --- naive_quote.c */
uint64_t naive__quote_rules(const naive_match *m, const trd_command *c);
void naive__step_quote(naive_match *m, const trd_command *c);
uint64_t naive__protection_rules(const naive_match *m, const trd_command *c);
void naive__step_protection(naive_match *m, const trd_command *c);
void naive__quote_begins(naive_match *m, naive_order *order);
void naive__quote_ends(naive_match *m, const naive_order *order);
/* An order executed: counts it, if it is a quote. */
void naive__count_fill(naive_match *m, const naive_order *order, trd_px px, trd_qty qty);
/* After an execution: what the protection of this order's row does, if it has to act. `taker` is an
 * order in no place: true if it is ended. NULL in an uncross. */
bool naive__protect(naive_match *m, const naive_order *order, naive_order *taker);

/* --- naive.c */
void naive__reject_new(naive_match *m, const trd_command *c, uint64_t broken);
void naive__act(naive_match *m, naive_order *order); /* what an accepted order does first */

/* --- naive_link.c */
bool naive__is_child(const naive_group *group, unsigned leg);
/* A NEW with a link, or any of the account: true if it was one that waits or has its answer. */
bool naive__step_link(naive_match *m, const naive_record *r);
void naive__free_groups(naive_match *m); /* of those that are gone */
void naive__link_executes(naive_match *m, naive_order *order);
void naive__drop_staged(naive_match *m, uint32_t account);
void naive__link_ends(naive_match *m, naive_order *order);
/* An order executed: what its group does before anything else happens. */
void naive__link_executed(naive_match *m, naive_order *order, trd_qty qty);
void naive__link_released(naive_match *m, naive_order *order);
/* Nothing of it is open, but it may get more. */
bool naive__may_be_granted(const naive_order *order);
void naive__park(naive_match *m, naive_order *order);
bool naive__waits_for_lots(const naive_order *order);
/* Settlement 2: true after a transaction, which settlement follows anew. */
bool naive__link_reacts(naive_match *m, uint32_t instrument);

/* --- naive_session.c */
bool naive__is_auction(unsigned state);
bool naive__is_for_auctions(const naive_order *order);
uint64_t naive__session_rules(const naive_match *m, const trd_command *c);
void naive__step_session(naive_match *m, const trd_command *c);
void naive__set_band(naive_match *m, uint32_t instrument);
bool naive__is_outside(const naive_match *m, uint32_t instrument, trd_px px);
void naive__watch_band(naive_match *m, uint32_t instrument);
void naive__count_for_breaker(naive_match *m, uint32_t instrument, trd_px px);
bool naive__breaks(naive_match *m, uint32_t instrument, trd_px px);
void naive__break(naive_match *m, uint32_t instrument); /* pauses it */
/* An order that is for auctions takes part in the present state. */
bool naive__joins(const naive_match *m, const naive_order *order);
bool naive__session_refuses(const naive_match *m, const naive_record *r);
void naive__change_state(
    naive_match *m, uint32_t instrument, uint8_t state, uint8_t cause, bool ends, trd_ns until);
void naive__run_timers(naive_match *m, trd_ns until);

#endif
