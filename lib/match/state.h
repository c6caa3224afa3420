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

/* A specification and, in its reach, the rules made of it. */
typedef struct trd_listing {
    trd_rules rules;
    trd_instrument spec;
    uint32_t publish; /* TRD_PUBLISH_* mask */
    uint32_t reserved[3];
} trd_listing;

/* An id that ended, in the ring of those that are remembered. */
typedef struct trd_ended {
    uint64_t client_id;
    uint32_t account;
    uint32_t hash; /* of the pair in the id map */
} trd_ended;

_Static_assert(sizeof(trd_ended) == 16, "four to a cache line");

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
    uint32_t hash;  /* of (account, client_id) in the id map */
    uint64_t limit; /* crosses while the best key of the opposite side is at least this */
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
} trd_taker;

struct trd_match {
    /* line 0: every command */
    trd_ns time;
    uint64_t seq; /* of the last event */
    uint64_t commands;
    uint64_t executions;
    uint32_t instruments;
    uint32_t accounts_max; /* 0: any */
    uint32_t id_mode;
    uint32_t publish; /* of new instruments */
    uint64_t listings_at;
    uint64_t slots_at;

    /* line 1: ids */
    trd_map ids;
    uint64_t ended_at;
    uint64_t last_ids_at;
    uint32_t ended_next; /* where the next ended id goes */
    uint32_t ended_count;
    uint32_t ids_max;
    uint32_t instruments_max;
    uint64_t ids_forgotten;
    uint64_t time_steps_back;

    trd_taker taker;
    trd_store store;

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

trd_inline trd_ended *trd__ended(const trd_match *match) {
    return (trd_ended *)(void *)((char *)(uintptr_t)match + match->ended_at);
}

trd_inline trd_last_id *trd__last_ids(const trd_match *match) {
    return (trd_last_id *)(void *)((char *)(uintptr_t)match + match->last_ids_at);
}

/* --- ids ------------------------------------------------------------------------------------- */

/* A slot of the map holds the unit of an order. The id is live while the order there still rests
 * under it; otherwise it is one that ended and is remembered. Nothing has to be written to the map
 * when a maker is filled. */
trd_inline bool trd__id_live(const trd_match *match, const trd_map_slot *slot) {
    const trd_node *node = trd__node(trd__store_arena(&match->store), slot->ref);
    return node->level != 0 && node->client_id == slot->id && node->account == slot->scope;
}

/* Unit of the live order of (account, id), 0 if there is none. */
trd_inline uint32_t trd__id_find(
    const trd_match *match, uint32_t account, uint64_t client_id, uint32_t hash) {
    const trd_map_slot *slots = trd__id_slots(match);
    const uint32_t at = trd__map_find(&match->ids, slots, client_id, account, hash);
    return slots[at].ref != 0 && trd__id_live(match, &slots[at]) ? slots[at].ref : 0;
}

trd_inline void trd__id_erase(
    trd_match *match, uint32_t account, uint64_t client_id, uint32_t hash) {
    trd_map_slot *slots = trd__id_slots(match);
    const uint32_t at = trd__map_find(&match->ids, slots, client_id, account, hash);
    trd_assert(slots[at].ref != 0);
    trd__map_erase(&match->ids, slots, at);
}

/* The id's order has ended (or got another id): remembers it, or forgets it, as the mode says. */
trd_inline void trd__id_end(trd_match *match, uint32_t account, uint64_t client_id, uint32_t hash) {
    if (match->id_mode != TRD_IDS_WINDOW) {
        trd__id_erase(match, account, client_id, hash);
        return;
    }
    trd_ended *ended = &trd__ended(match)[match->ended_next];
    if (trd_likely(match->ended_count == match->ids_max)) {
        trd__id_erase(match, ended->account, ended->client_id, ended->hash);
        match->ids_forgotten++;
    } else {
        match->ended_count++;
    }
    *ended = (trd_ended){.client_id = client_id, .account = account, .hash = hash};
    match->ended_next = match->ended_next + 1 == match->ids_max ? 0 : match->ended_next + 1;
    /* The slot that the next end will erase: nobody else will have touched it for a long time. */
    const trd_ended *next = &trd__ended(match)[match->ended_next];
    trd_prefetch(&trd__id_slots(match)[trd__map_home(&match->ids, next->hash)]);
}

/* --- events ---------------------------------------------------------------------------------- */

/* Four bytes of detail at the end of an event's head. */
#define TRD_DETAIL(side, liquidity, status, reason)                                                \
    ((uint32_t)(side) | (uint32_t)(liquidity) << 8 | (uint32_t)(status) << 16 |                    \
        (uint32_t)(reason) << 24)

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

/* Executes one record; `more` slots of the array follow its base. Returns TRD_OK or TRD_MORE. */
int trd__execute(trd_match *match, const trd_command *command, size_t slots, trd_out *out);
int trd__continue(trd_match *match, trd_out *out);

#endif
