/* state.h - what a matcher is made of: one relocatable block, offsets instead of pointers.
 *
 *     trd_match | instruments | rules and specifications | id map | ended ids | account ids | store
 */
#ifndef TRD_MATCH_STATE_H
#define TRD_MATCH_STATE_H

#include <tradsys/match.h>

#include <string.h>

#include "book/store.h"
#include "core/map.h"
#include "inst/rules.h"
#include "match/special.h"

/* A specification and, in its reach, the rules made of it. */
typedef struct trd_listing {
    trd_rules rules;
    uint32_t publish; /* TRD_PUBLISH_* mask */
    uint32_t rich;    /* TRD_RICH_* bits: why plain orders need the long way; 0: they do not */
    trd_px last;      /* price of the last execution, or as PRICE has set it */
    uint32_t has_last;
    uint32_t orders; /* live special orders, of any place */
    uint32_t quiet;  /* TRD_QUIET_* */
    uint32_t reserved[9];
    trd_instrument spec;
} trd_listing;

/* The highest id an account has used (ASCENDING). */
typedef struct trd_last_id {
    uint64_t client_id;
    uint64_t used; /* 0: no id yet */
} trd_last_id;

/* The order that is taking liquidity: the whole state between two units of work, so that a command
 * can stop at any of them and go on in the next call. */
typedef struct trd_taker {
    uint32_t unit; /* 0: no command is pending */
    uint32_t instrument;
    uint32_t account;
    uint32_t id_slot; /* of its id in the id map */
    uint64_t limit;   /* crosses while the best key of the opposite side is at least this */
    uint64_t client_id;
    trd_px px;
    trd_qty leaves;
    trd_qty executed;
    uint64_t command_seq;
    uint8_t s; /* own side, 0 bid, 1 ask */
    uint8_t type;
    uint8_t tif;
    uint8_t reserved;
    uint16_t exec;
    uint16_t reserved2;
    uint32_t actor;
    uint32_t reserved3;
} trd_taker;

struct trd_match {
    /* line 0: every command */
    trd_ns time;
    uint64_t seq; /* of the last event */
    uint64_t commands;
    uint64_t executions;
    uint32_t instruments;
    uint32_t id_mode;
    uint64_t accounts_end; /* accounts are below it; 2^32 if any number is one */
    uint64_t listings_at;
    uint64_t slots_at;

    /* line 1: ids, batches, publishing */
    trd_map ids;
    uint64_t ended_at;
    uint64_t last_ids_at;
    uint64_t ended;      /* ids that ended so far; the ring holds the last ids_max of them */
    uint32_t ended_mask; /* slots of the ring - 1, a power of two - 1 */
    uint32_t ids_max;
    uint32_t instruments_max;
    uint32_t looks_ahead; /* TRD_LOOK_AT_*: too large for the caches, prefetching pays */
    uint32_t publish;     /* of new instruments */
    uint32_t publish_any; /* mask of what any instrument publishes or has published */
    uint32_t rich_any;    /* instruments that need the long way */
    uint64_t time_steps_back;

    trd_ns plain_until; /* commands before it go the short way: timer_bound, or INT64_MIN while an
                           instrument needs the long way or a kill switch is on */
    trd_ns timer_bound; /* no timer is due before; INT64_MAX without timers */
    trd_taker taker;
    trd_store store;
    trd_work work;

    /* the long way: rich.h */
    uint64_t desks_at;
    uint64_t specials_at;
    uint64_t wheel_at;
    uint64_t trail_nodes_at;
    uint64_t trail_tops_at;
    uint64_t trail_groups_at;
    trd_trail_pool trail_pool;
    uint64_t scratch_at; /* orders of a level that is allocated, then their handles */
    uint64_t handles_at;
    trd_pos positions;
    trd_quotes quotes;
    trd_groups groups;
    uint32_t specials_max;
    uint32_t specials; /* in use */
    uint32_t special_free;
    uint32_t elect_max;
    uint32_t allocates;
    uint32_t verdicts;
    uint32_t timer_count;
    uint32_t kill_count;
    uint32_t crosses; /* instruments whose crossing is kept */
    trd_scope kills[TRD_SCOPES_MAX];
    trd_deadman_row deadmen[TRD_SCOPES_MAX];

    /* control plane */
    trd_mem mem;
    size_t size;
};

trd_inline trd_listing *trd__listing(const trd_match *match, uint32_t instrument) {
    return (trd_listing *)(void *)((char *)(uintptr_t)match + match->listings_at) + instrument;
}

trd_inline trd_map_slot *trd__id_slots(const trd_match *match) {
    return (trd_map_slot *)(void *)((char *)(uintptr_t)match + match->slots_at);
}

/* The ring of ids that ended and are remembered: their slots in the id map, in order. The n-th end
 * of all, from 0, is at n & ended_mask. */
trd_inline uint32_t *trd__ended(const trd_match *match) {
    return (uint32_t *)(void *)((char *)(uintptr_t)match + match->ended_at);
}

trd_inline trd_last_id *trd__last_ids(const trd_match *match) {
    return (trd_last_id *)(void *)((char *)(uintptr_t)match + match->last_ids_at);
}

/* Changes what an instrument publishes. */
trd_inline void trd__publish_set(trd_match *match, trd_listing *listing, uint32_t publish) {
    listing->publish = publish;
    match->publish_any |= publish;
}

/* What an instrument publishes. While nobody publishes anything the listing is not touched: with
 * thousands of instruments that is a cache line from memory for every cancel. */
trd_inline uint32_t trd__publish(const trd_match *match, uint32_t instrument) {
    return match->publish_any == 0 ? 0 : trd__listing(match, instrument)->publish;
}

/* --- ids ------------------------------------------------------------------------------------- */

/* Unit of the live order that holds the slot, 0 if its id ended and is only remembered. The slot
 * refers to an order, and the order to its slot: the id is live while both agree, so that nothing
 * has to be written to the map when a maker is filled. */
trd_inline uint32_t trd__id_live(const trd_match *match, uint32_t slot) {
    const trd_store *store = &match->store;
    const uint32_t unit = trd__order_unit(trd__map_ref(trd__id_slots(match), slot));
    const trd_node *node = trd__node(trd__store_arena(store), unit);
    return node->level != 0 && node->id_slot == slot ? unit : 0;
}

/* Unit of the live order of (account, id), 0 if there is none. */
trd_inline uint32_t trd__id_find(const trd_match *match, uint32_t account, uint64_t client_id) {
    const uint32_t slot = trd__map_find(&match->ids, trd__id_slots(match),
        trd__map_home(&match->ids, client_id, account), client_id, account);
    return slot != TRD_MAP_NONE ? trd__id_live(match, slot) : 0;
}

/* Ended ids that are remembered now. */
trd_inline uint32_t trd__ended_count(const trd_match *match) {
    return match->ended < match->ids_max ? (uint32_t)match->ended : match->ids_max;
}

/* Ends between the prefetch of a remembered id and its erasure. */
enum { ENDED_AHEAD = 8 };

/* The id in `slot` has ended: its order did, or got another id. It is remembered, or forgotten, as
 * the mode says. */
trd_inline void trd__id_end(trd_match *match, uint32_t slot) {
    trd_map_slot *slots = trd__id_slots(match);
    if (match->id_mode != TRD_IDS_WINDOW) {
        trd__map_erase(&match->ids, slots, slot);
        return;
    }
    uint32_t *ended = trd__ended(match);
    const uint64_t at = match->ended++;
    const uint64_t oldest = at - match->ids_max;
    if (trd_likely(at >= match->ids_max)) {
        trd__map_erase(&match->ids, slots, ended[oldest & match->ended_mask]);
    }
    ended[at & match->ended_mask] = slot;
    /* What later ends will erase: nobody has touched it for a long time. */
    trd_prefetch(&slots[ended[(oldest + ENDED_AHEAD) & match->ended_mask]]);
}

/* ASCENDING: is the id above the last one? Not judged for an account that does not exist. */
trd_inline bool trd__id_ascends(const trd_match *match, uint32_t account, uint64_t client_id) {
    if (trd_likely(match->id_mode != TRD_IDS_ASCENDING) || account >= match->accounts_end) {
        return true;
    }
    const trd_last_id *last = &trd__last_ids(match)[account];
    return last->used == 0 || client_id > last->client_id;
}

/* Why an account may not have an order of this client id: DUPLICATE_ID, ID_NOT_ASCENDING, or 0.
 * *home is where the map begins to look for it. */
trd_inline unsigned trd__id_check(
    const trd_match *match, uint32_t account, uint64_t client_id, uint32_t *home) {
    *home = trd__map_home(&match->ids, client_id, account);
    if (trd_unlikely(trd__map_find(&match->ids, trd__id_slots(match), *home, client_id, account) !=
                     TRD_MAP_NONE)) {
        return TRD_REJECT_DUPLICATE_ID;
    }
    return trd_likely(trd__id_ascends(match, account, client_id)) ? 0 : TRD_REJECT_ID_NOT_ASCENDING;
}

/* Takes an id that is not in the map for the order at `unit`; returns its slot. */
trd_inline uint32_t trd__id_take(
    trd_match *match, uint32_t home, uint32_t account, uint64_t client_id, uint32_t unit) {
    if (trd_unlikely(match->id_mode == TRD_IDS_ASCENDING) && !match->work.forced) {
        trd__last_ids(match)[account] = (trd_last_id){.client_id = client_id, .used = 1};
    }
    return trd__map_put(
        &match->ids, trd__id_slots(match), home, client_id, account, trd__order_number(unit));
}

/* --- events ---------------------------------------------------------------------------------- */

/* Four bytes of detail at the end of an event's head. */
#define TRD_DETAIL(side, liquidity, status, reason)                                                \
    ((uint32_t)(side) | (uint32_t)(liquidity) << 8 | (uint32_t)(status) << 16 |                    \
        (uint32_t)(reason) << 24)

/* Is there less room than a unit of work may need? */
trd_inline bool trd__out_full(const trd_out *out) {
    return out->capacity - out->count < TRD_OUT_MIN;
}

/* Appends a one-slot event and returns it for its body. The head is written as whole words. There
 * must be room: units of work check for TRD_OUT_MIN slots before they start. */
trd_inline trd_event *trd__emit(trd_match *match, trd_out *out, uint32_t kind, uint32_t flags,
    uint32_t instrument, uint32_t account, uint32_t detail) {
    trd_event *event = &out->events[out->count++];
    const uint64_t seq = ++match->seq;
    const uint64_t what =
        (uint64_t)kind | 1u << 8 | (uint64_t)flags << 16 | (uint64_t)instrument << 32;
    const uint64_t who = (uint64_t)account | (uint64_t)detail << 32;
    event->seq = seq;
    event->time = match->time;
    memcpy(&event->kind, &what, sizeof(what));
    memcpy(&event->account, &who, sizeof(who));
    return event;
}

/* What each kind of command does (order.c). `slots` is how many can be read at `command`. TRD_OK or
 * TRD_MORE; the output has room for one unit of work. */
int trd__order_new(trd_match *match, const trd_command *command, size_t slots, trd_out *out);
int trd__order_cancel(trd_match *match, const trd_command *command, trd_out *out);
int trd__order_reduce(trd_match *match, const trd_command *command, size_t slots, trd_out *out);
int trd__order_replace(trd_match *match, const trd_command *command, size_t slots, trd_out *out);
int trd__other(trd_match *match, const trd_command *command, size_t slots, trd_out *out);

/* trd_match_vet on the short way. */
unsigned trd__order_vet_new(
    trd_match *match, const trd_command *command, size_t slots, trd_vetted *out);
unsigned trd__order_vet_replace(
    trd_match *match, const trd_command *command, size_t slots, trd_vetted *out);

/* What the checks of a new order find out for the steps after them. */
typedef struct trd_entrant {
    uint32_t home;   /* of its id in the id map */
    uint64_t limit;  /* crosses while the best key of the opposite side is at least this */
    trd_qty minimum; /* to fill at once, 0: none */
    bool crosses;
    bool rich; /* goes the long way: nothing else was looked at */
} trd_entrant;

/* trd_match_vet and trd_match_step of a plain new order (trd__form_plain) on the short way, for who
 * vets and then enters: nothing is asked twice. vet returns the reason, or 0 and *to and *out;
 * enter executes what passed, if the matcher has done nothing in between: TRD_OK or TRD_MORE. The
 * output has room for one unit of work. */
unsigned trd__entrant_vet(
    const trd_match *match, const trd_command *command, trd_entrant *to, trd_vetted *out);
int trd__entrant_enter(
    trd_match *match, const trd_command *command, const trd_entrant *to, trd_out *out);

/* The long way (rich.c), which runs the timers that are due first. */
int trd__rich_command(trd_match *match, const trd_command *command, size_t slots, trd_out *out);

/* The short way, watched (watch.c): for a command about one order in a quiet instrument. */
int trd__watch_command(trd_match *match, const trd_command *command, size_t slots, trd_out *out);

/* Which way must this command go, whatever is in it? */
enum { TRD_WAY_SHORT, TRD_WAY_WATCHED, TRD_WAY_LONG };
trd_noinline unsigned trd__way(trd_match *match, const trd_command *command);

trd_inline void trd__time_pass(trd_match *match, trd_ns time) {
    if (trd_likely(time >= match->time)) {
        match->time = time;
    } else {
        match->time_steps_back++;
    }
}

/* The short way. */
trd_inline int trd__dispatch(
    trd_match *match, const trd_command *command, size_t slots, trd_out *out) {
    switch (command->kind) {
    case TRD_COMMAND_NEW:
        return trd__order_new(match, command, slots, out);
    case TRD_COMMAND_CANCEL:
        return trd__order_cancel(match, command, out);
    case TRD_COMMAND_REPLACE:
        return trd__order_replace(match, command, slots, out);
    case TRD_COMMAND_REDUCE:
        return trd__order_reduce(match, command, slots, out);
    default:
        return trd__other(match, command, slots, out);
    }
}

/* Executes one record. */
trd_inline int trd__execute(
    trd_match *match, const trd_command *command, size_t slots, trd_out *out) {
    match->commands++;
    if (trd_unlikely(command->time >= match->plain_until)) {
        const unsigned way = trd__way(match, command);
        if (way == TRD_WAY_LONG) {
            match->time_steps_back += command->time < match->time;
            return trd__rich_command(match, command, slots, out);
        }
        if (way == TRD_WAY_WATCHED) {
            return trd__watch_command(match, command, slots, out);
        }
    }
    trd__time_pass(match, command->time);
    return trd__dispatch(match, command, slots, out);
}

/* Goes on with the pending command. */
int trd__continue(trd_match *match, trd_out *out);

#endif
