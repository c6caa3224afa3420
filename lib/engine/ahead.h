/* ahead.h - memory of what the commands ahead will need of the money, behind that of the matcher.
 *
 * An order of an account that is not in the caches misses its client, the node of its limits, the
 * bucket of its position, the position, two balances: some of them can only be asked for when
 * others are there. So each command is looked at three times while it comes nearer:
 *
 *     TRD_AHEAD_ID      client, node of limits; new orders: bucket of the position
 *     TRD_AHEAD_ORDER   new orders: the position; others: what is held for the order that they name
 *     AHEAD_ENTRY       others: the position that the hold names
 *     TRD_AHEAD_LEVEL   the balances of the position */
#ifndef TRD_ENGINE_AHEAD_H
#define TRD_ENGINE_AHEAD_H

#include "acct/state.h"
#include "engine/state.h"
#include "match/ahead.h"
#include "risk/state.h"

enum {
    TRD_ENGINE_AHEAD_ENTRY = 6,
    /* Positions from which on looking pays: with fewer, accounts stay in the caches. */
    TRD_ENGINE_AHEAD_FROM = 4096
};

/* What has been seen of the commands ahead. */
typedef struct trd_engine_horizon {
    trd_horizon match;
    uint32_t entry[TRD_AHEAD_RING]; /* of new orders, and later of all; 0: none */
    uint32_t slot[TRD_AHEAD_RING];  /* of the order that a command names, from 1; 0: none */
} trd_engine_horizon;

/* The position that a new order most probably is of, 0 if there is none. */
trd_inline const trd_map_slot *trd__engine_ahead_bucket(
    const trd_accounts *a, const trd_command *command) {
    const uint64_t key = trd__acct_key(command->account, command->instrument);
    const uint32_t home = trd__map_home(&a->entry_map, key, command->u.order.position);
    return &trd__entry_slots(a)[(size_t)home * TRD_MAP_WAYS];
}

trd_inline uint32_t trd__engine_ahead_find(const trd_accounts *a, const trd_command *command) {
    const trd_map_slot *bucket = trd__engine_ahead_bucket(a, command);
    const unsigned with_id =
        trd__map_with_id(bucket, trd__acct_key(command->account, command->instrument));
    return with_id != 0 ? trd__map_ref(bucket, (uint32_t)__builtin_ctz(with_id)) : 0;
}

static inline void trd__engine_ahead_account(const trd_engine *engine, const trd_command *command) {
    const trd_accounts *a = trd__engine_accounts(engine);
    if (command->account < a->def.accounts_max) {
        const trd_acct_client *client = trd__client(a, command->account);
        trd_prefetch(client);
        trd_prefetch(&client->realised);
        trd_prefetch(&trd__risk_account(trd__engine_risk(engine), command->account)->open_value);
    }
    if (command->kind == TRD_COMMAND_NEW) {
        trd_prefetch(trd__engine_ahead_bucket(a, command));
    }
}

static inline void trd__engine_ahead_order(
    const trd_engine *engine, const trd_command *command, uint32_t *entry, uint32_t *slot) {
    const trd_accounts *a = trd__engine_accounts(engine);
    const bool enters = command->kind == TRD_COMMAND_NEW;
    *entry = enters ? trd__engine_ahead_find(a, command) : 0;
    *slot = enters ? 0 : trd__order_number(trd__unit_ahead(trd__engine_match(engine), command));
    if (*entry != 0) {
        trd_prefetch(trd__entry(a, *entry));
    }
    if (*slot != 0) {
        trd_prefetch(trd__held(a, *slot - 1));
        trd_prefetch(&trd__held(a, *slot - 1)->taker_ppb);
        trd_prefetch(trd__risk_order(trd__engine_risk(engine), *slot - 1));
    }
}

/* Prefetches for the commands after `at`. Only hints: nothing here has to be right. */
static inline void trd__engine_look_ahead(const trd_engine *engine, const trd_command *commands,
    size_t at, size_t slots, trd_engine_horizon *seen) {
    const trd_match *match = trd__engine_match(engine);
    const trd_accounts *a = trd__engine_accounts(engine);
    if (match->looks_ahead != 0) {
        trd__look_ahead(match, commands, at, slots, &seen->match);
    }
    if (a->entries < TRD_ENGINE_AHEAD_FROM) {
        return;
    }
    if (at + TRD_AHEAD_ID < slots) {
        trd__engine_ahead_account(engine, &commands[at + TRD_AHEAD_ID]);
    }
    if (at + TRD_AHEAD_ORDER < slots) {
        const size_t in = (at + TRD_AHEAD_ORDER) % TRD_AHEAD_RING;
        trd__engine_ahead_order(
            engine, &commands[at + TRD_AHEAD_ORDER], &seen->entry[in], &seen->slot[in]);
    }
    const size_t next = (at + TRD_ENGINE_AHEAD_ENTRY) % TRD_AHEAD_RING;
    if (seen->slot[next] != 0) {
        seen->entry[next] = trd__held(a, seen->slot[next] - 1)->entry;
        trd_prefetch(trd__entry(a, seen->entry[next]));
    }
    const trd_acct_entry *entry =
        trd__entry(a, seen->entry[(at + TRD_AHEAD_LEVEL) % TRD_AHEAD_RING]);
    trd_prefetch(trd__purse(a, entry->settle));
    trd_prefetch(trd__purse(a, entry->base));
}

#endif
