/* shard_sum.c - what all shards have together, at rest. */
#include "core/fixed.h"
#include "io/shard.h"

/* Nothing moves: no threads, and no step whose result is not known. */
static bool is_at_rest(const trd_shards *s) {
    for (uint32_t i = 0; i < s->def.shards; i++) {
        const trd_node *node = s->shards[i].node;
        if (node == NULL || atomic_load_explicit(&node->running, memory_order_relaxed) != 0) {
            return false;
        }
    }
    for (uint32_t i = 0; i < s->places_max; i++) {
        if (s->moves[i].reference != 0 && s->moves[i].is_sent != 0) {
            return false;
        }
    }
    return true;
}

/* Is the money of the move in transit? */
static bool is_in_transit(const trd__move *m) {
    return m->reference != 0 && m->step != TRD_MOVE_OUT && m->state != TRD_MOVE_DONE &&
           m->state != TRD_MOVE_RETURNED;
}

static const trd_accounts *accounts_of(const trd_shards *s, uint32_t shard) {
    return trd_engine_accounts(trd_node_engine(s->shards[shard].node));
}

/* Stores a sum; false: it does not fit. */
static bool put(trd_wide sum, trd_amt *out) {
    *out = (trd_amt)sum;
    return trd_fits(sum);
}

/* What all shards have in an account of the venue or in that of transit, 128 bits. TRD_OK, or as
 * trd_accounts_balance. */
static int sum_of(const trd_shards *s, uint32_t account, uint32_t asset, trd_wide *sum) {
    *sum = 0;
    for (uint32_t i = 0; i < s->def.shards; i++) {
        trd_balance balance;
        const int result = trd_accounts_balance(accounts_of(s, i), account, asset, &balance);
        if (result == TRD_OK) {
            *sum += (trd_wide)balance.free + balance.locked + balance.unsettled;
        } else if (result != TRD_E_UNKNOWN) {
            return result;
        }
    }
    return TRD_OK;
}

static bool is_asset(const trd_shards *s, uint32_t asset) {
    trd_asset out;
    return trd_accounts_asset_get(accounts_of(s, 0), asset, &out) == TRD_OK;
}

int trd_shards_sum(const trd_shards *shards, uint32_t asset, trd_shard_sum *out) {
    if (shards == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    if (!is_at_rest(shards)) {
        return TRD_E_BUSY;
    }
    if (!is_asset(shards, asset)) {
        return TRD_E_UNKNOWN;
    }
    trd_shard_sum sum = {0};
    trd_wide outside, transit = 0, moved = 0, arrived = 0;
    int result = sum_of(shards, TRD_ACCOUNT_OUTSIDE, asset, &outside);
    if (result == TRD_OK && shards->def.transit != 0) {
        result = sum_of(shards, shards->def.transit - 1, asset, &transit);
    }
    if (result != TRD_OK) {
        return result;
    }
    for (uint32_t i = 0; i < shards->places_max; i++) {
        const trd__move *m = &shards->moves[i];
        if (is_in_transit(m) && m->asset == asset) {
            moved += m->amount;
            arrived += m->step == TRD_MOVE_FIN ? m->amount : 0;
            sum.moves++;
        }
    }
    if (!put(-outside - arrived, &sum.owned) || !put(transit, &sum.transit) ||
        !put(arrived, &sum.arrived)) {
        return TRD_E_RANGE;
    }
    *out = sum;
    return shards->def.moves_max == 0 || transit == moved ? TRD_OK : TRD_E_CORRUPT;
}

/* The account's money that no shard has. */
static trd_wide on_its_way(const trd_shards *s, uint32_t account, uint32_t asset) {
    trd_wide sum = 0;
    for (uint32_t i = 0; i < s->places_max; i++) {
        const trd__move *m = &s->moves[i];
        const bool is_its = m->account == account && m->asset == asset;
        sum += is_its && is_in_transit(m) && m->step != TRD_MOVE_FIN ? m->amount : 0;
    }
    return sum;
}

int trd_shards_balance(const trd_shards *shards, uint32_t account, uint32_t asset, trd_balance *out,
    trd_amt *transit) {
    if (shards == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    if (!is_at_rest(shards)) {
        return TRD_E_BUSY;
    }
    trd_wide free = 0, locked = 0, unsettled = 0, debt = 0;
    trd_balance sum = {0};
    trd_amt moved;
    bool is_known = false;
    for (uint32_t i = 0; i < shards->def.shards; i++) {
        trd_balance own;
        const int result = trd_accounts_balance(accounts_of(shards, i), account, asset, &own);
        if (result == TRD_E_UNKNOWN) {
            continue;
        }
        if (result != TRD_OK) {
            return result;
        }
        is_known = true;
        free += own.free;
        locked += own.locked;
        unsettled += own.unsettled;
        debt += own.debt;
        sum.cause |= own.cause;
    }
    if (!is_known) {
        return TRD_E_UNKNOWN;
    }
    if (!put(free, &sum.free) || !put(locked, &sum.locked) || !put(unsettled, &sum.unsettled) ||
        !put(debt, &sum.debt) || !put(on_its_way(shards, account, asset), &moved)) {
        return TRD_E_RANGE;
    }
    *out = sum;
    if (transit != NULL) {
        *transit = moved;
    }
    return TRD_OK;
}
