/* shard.h - what the parts of a router share: its struct, moves under way.
 *
 *   shard.c         made, opened over nodes; its table of instruments; nodes that come and go
 *   shard_route.c   which kind of command goes where; sending, also to many
 *   shard_move.c    moves: their steps, and the events that say how they stand
 *   shard_sum.c     what all shards have together
 *
 * All of it belongs to one thread; only the table is read by others, while nobody writes it. */
#ifndef TRD_IO_SHARD_H
#define TRD_IO_SHARD_H

#include <tradsys/io/shard.h>

#include "core/map.h"
#include "io/node.h"

/* A reference says which router's move it is, and from where to where: all that its own events do
 * not say.
 *
 *     bit 63   TRD_MOVE_REFERENCE
 *     16..62   number, rising
 *     12..15   router
 *      6..11   from
 *      0..5    to                                                                                */
enum { TRD__MOVE_NUMBER_SHIFT = 16, TRD__MOVE_ROUTER_SHIFT = 12, TRD__MOVE_FROM_SHIFT = 6 };
#define TRD__MOVE_NUMBERS ((uint64_t)1 << 47)

_Static_assert(TRD_SHARDS_MAX == 1 << TRD__MOVE_FROM_SHIFT, "six bits for a shard");
_Static_assert(TRD_SHARD_ROUTERS == 1 << 4, "four bits for a router");

trd_inline uint32_t trd__move_from(uint64_t reference) {
    return (uint32_t)(reference >> TRD__MOVE_FROM_SHIFT) % TRD_SHARDS_MAX;
}

trd_inline uint32_t trd__move_to(uint64_t reference) {
    return (uint32_t)reference % TRD_SHARDS_MAX;
}

/* A move under way, or whose result is not taken. It is in one list at most: that of what is to be
 * sent to a shard, or that of results. */
typedef struct trd__move {
    uint64_t reference; /* 0: the place is free */
    trd_amt amount;
    uint64_t first[2]; /* seq of the first event that it needs at `from`, at `to`; 0: none yet */
    uint32_t account;
    uint32_t asset;
    uint32_t next;   /* 1 + place of the next one of its list; 0: the last */
    uint8_t state;   /* TRD_MOVE_* */
    uint8_t step;    /* the last one, OUT .. BACK; of HELD the one that was refused */
    uint8_t is_sent; /* the step is on its way: its event decides */
    uint8_t reason;
    uint8_t is_told; /* HELD: its result is taken */
    uint8_t reserved[7];
} trd__move;

_Static_assert(sizeof(trd__move) == 56, "no padding");

/* First and last of a list, 1 + place; 0: it is empty. */
typedef struct trd__move_list {
    uint32_t first, last;
} trd__move_list;

typedef struct trd__shard {
    trd_node *node;    /* NULL: it has left */
    uint32_t *numbers; /* 1 + number over all of each local one; 0: none */
    uint64_t seen;
    uint64_t confirmed;
    trd__move_list todo;
    uint32_t waiting; /* moves in it */
    uint32_t subscription;
    uint32_t state; /* TRD_SHARD_* */
} trd__shard;

/* A record that has shards to go to. */
typedef struct trd__parcel {
    uint64_t left;   /* those that it has not reached */
    uint64_t missed; /* those that it will not reach */
    bool is_begun;   /* a shard has it */
    trd_command record[TRD_SLOTS_MAX];
} trd__parcel;

struct trd_shards {
    trd_shards_def def;
    size_t size; /* of all of it */
    trd__shard shards[TRD_SHARDS_MAX];
    trd_shard_place *places; /* of instruments */
    char (*symbols)[TRD_SYMBOL_SIZE];
    uint32_t instruments;
    uint32_t places_max; /* of moves: twice moves_max, which is only needed to find them again */
    trd__parcel parcel;
    trd__move *moves;
    trd_map map;
    trd_map_slot *map_slots; /* reference -> 1 + place */
    trd__move_list free, results;
    uint32_t moves_count;
    uint32_t since;  /* what has happened since the last time that events were confirmed */
    uint64_t number; /* of the next move */
};

/* --- moves ------------------------------------------------------------------------------------ */

/* All places are free. */
void trd__moves_begin(trd_shards *shards);

/* Finds the moves that are unfinished in what the nodes have given again. TRD_OK; TRD_E_FULL;
 * TRD_E_UNKNOWN: shards are missing, or in another order than they were; *which: one of them, + 1,
 * if it is known. */
int trd__moves_find(trd_shards *shards, uint32_t *which);

/* A node is there instead of another: what it gives again says which steps were lost. */
void trd__moves_rejoin(trd_shards *shards, uint32_t shard);

#endif
