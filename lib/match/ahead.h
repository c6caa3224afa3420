/* ahead.h - batches: which slots are a record, and memory of the commands ahead. */
#ifndef TRD_MATCH_AHEAD_H
#define TRD_MATCH_AHEAD_H

#include "match/state.h"

/* Slots that a record takes in an array in which `left` slots can be read. */
trd_inline size_t trd__record_slots(const trd_command *command, size_t left) {
    const bool base = command->kind != 0 && command->kind < TRD_EXT_ORDER_PRICES &&
                      command->slots >= 1 && command->slots <= TRD_SLOTS_MAX &&
                      command->slots <= left;
    return base ? command->slots : 1;
}

/* How far a batch looks ahead: first to have the id's bucket in the cache, then the order,
 * then its neighbours and its level. Each is one miss of main memory, about 100 ns, and a command
 * takes a quarter of that. */
enum { TRD_AHEAD_ID = 12, TRD_AHEAD_ORDER = 8, TRD_AHEAD_LEVEL = 4, TRD_AHEAD_RING = 16 };

/* What has been seen of the commands ahead: unit of the order that each names, or 0. */
typedef struct trd_horizon {
    uint32_t unit[TRD_AHEAD_RING];
} trd_horizon;

/* The first word of the body is the id in NEW, the target in CANCEL, REDUCE and REPLACE. */
trd_inline uint64_t trd__ahead_name(const trd_command *command) {
    return command->u.order.client_id;
}

trd_inline bool trd__ahead_by_handle(const trd_command *command) {
    return (command->flags & TRD_COMMAND_BY_HANDLE) != 0;
}

/* The bucket of the id that a command names. */
trd_inline const trd_map_slot *trd__ahead_bucket(
    const trd_match *match, const trd_command *command) {
    const uint32_t home = trd__map_home(&match->ids, trd__ahead_name(command), command->account);
    return &trd__id_slots(match)[(size_t)home * TRD_MAP_WAYS];
}

/* Unit of the order that a command most probably names, 0 if there is none. */
static inline uint32_t trd__unit_ahead(const trd_match *match, const trd_command *command) {
    if (trd__ahead_by_handle(command)) {
        const uint32_t unit = trd__order_unit((uint32_t)trd__ahead_name(command));
        return unit < match->store.level_unit ? unit : 0;
    }
    const trd_map_slot *bucket = trd__ahead_bucket(match, command);
    const unsigned with_id = trd__map_with_id(bucket, trd__ahead_name(command));
    return with_id != 0 ? trd__order_unit(trd__map_ref(bucket, (uint32_t)__builtin_ctz(with_id)))
                        : 0;
}

/* Where the array window would have the level of a new order. */
static inline void trd__ahead_place(const trd_match *match, const trd_command *command) {
    const uint32_t s = command->u.order.side - 1u;
    if (command->kind == TRD_COMMAND_NEW && command->instrument < match->instruments && s < 2) {
        const uint64_t key = trd__key(command->u.order.px, s);
        trd_prefetch(&trd__store_window(
            &match->store, command->instrument * 2 + s)[key & (match->store.window - 1)]);
    }
}

/* How much trd_match.looks_ahead looks at. */
enum { TRD_LOOK_AT_IDS = 1, TRD_LOOK_AT_ORDERS = 2 };

/* Prefetches for the commands after `at`. Only hints: nothing here has to be right. */
static inline void trd__look_ahead(const trd_match *match, const trd_command *commands, size_t at,
    size_t slots, trd_horizon *seen) {
    if (at + TRD_AHEAD_ID < slots) {
        trd_prefetch(trd__ahead_bucket(match, &commands[at + TRD_AHEAD_ID]));
    }
    if (match->looks_ahead < TRD_LOOK_AT_ORDERS) {
        return;
    }
    char *arena = trd__store_arena(&match->store);
    if (at + TRD_AHEAD_ORDER < slots) {
        const trd_command *command = &commands[at + TRD_AHEAD_ORDER];
        uint32_t unit = 0;
        if (command->kind != TRD_COMMAND_NEW) {
            unit = trd__unit_ahead(match, command);
        } else if (command->instrument < match->instruments) {
            trd_prefetch(trd__listing(match, command->instrument));
            trd_prefetch(trd__store_side(&match->store, command->instrument * 2));
        }
        seen->unit[(at + TRD_AHEAD_ORDER) % TRD_AHEAD_RING] = unit;
        trd_prefetch(trd__node(arena, unit));
    }
    if (at + TRD_AHEAD_LEVEL < slots) {
        const uint32_t unit = seen->unit[(at + TRD_AHEAD_LEVEL) % TRD_AHEAD_RING];
        if (unit != 0) {
            const trd_node *node = trd__node(arena, unit);
            trd_prefetch(trd__link(arena, node->link.prev));
            trd_prefetch(trd__link(arena, node->link.next));
            trd_prefetch(trd__queue(arena, node->level));
        } else {
            trd__ahead_place(match, &commands[at + TRD_AHEAD_LEVEL]);
        }
    }
}

#endif
