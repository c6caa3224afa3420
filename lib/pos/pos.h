/* pos.h - the net quantity of each (account, instrument, position side).
 *
 * Entries exist while somebody has an order or a quantity there: an order that is accepted holds
 * its entry, so that a fill never has to look for room. Sizes of resting reduce-only orders are
 * summed up per side, because they are what a change of the quantity is compared with.
 *
 * A fixed table: a map and an array in memory of the owner, addressed by number from 1. */
#ifndef TRD_POS_POS_H
#define TRD_POS_POS_H

#include <tradsys/base.h>
#include <tradsys/command.h>

#include "core/layout.h"
#include "core/map.h"

typedef struct trd_pos_entry {
    trd_qty qty;          /* bought - sold */
    trd_qty reducing[2];  /* lots of resting reduce-only orders that buy, that sell */
    uint32_t first, last; /* these orders, a list of the owner's numbers */
    uint32_t account;
    uint32_t instrument;
    uint32_t orders; /* live orders that act on it */
    uint32_t side;   /* TRD_POSITION_* */
    uint32_t next_free;
    uint32_t slot; /* in the map */
} trd_pos_entry;

_Static_assert(sizeof(trd_pos_entry) == 56, "no padding");

/* Offsets are from the table's own address. */
typedef struct trd_pos {
    trd_map map;
    uint64_t slots_at;
    uint64_t entries_at;
    uint32_t capacity; /* 0: positions are not kept */
    uint32_t free;
    uint32_t count;
    uint32_t reserved;
} trd_pos;

trd_inline trd_map_slot *trd__pos_slots(const trd_pos *pos) {
    return (trd_map_slot *)(void *)((char *)(uintptr_t)pos + pos->slots_at);
}

/* Entry by number, from 1. */
trd_inline trd_pos_entry *trd__pos_entry(const trd_pos *pos, uint32_t number) {
    return (trd_pos_entry *)(void *)((char *)(uintptr_t)pos + pos->entries_at) + number;
}

/* Appends the regions; with `pos` not NULL makes an empty table of them, `at` counting from
 * `origin`. */
void trd__pos_layout(trd_layout *at, uint32_t capacity, trd_pos *pos, const void *origin);
void trd__pos_reset(trd_pos *pos);

/* find: number of the entry, 0 if there is none. hold: the same for an order that is accepted, made
 * if need be; 0 if there is no room. release: an order has ended. Both count. */
uint32_t trd__pos_find(const trd_pos *pos, uint32_t account, uint32_t instrument, uint32_t side);
uint32_t trd__pos_hold(trd_pos *pos, uint32_t account, uint32_t instrument, uint32_t side);
void trd__pos_release(trd_pos *pos, uint32_t number);
bool trd__pos_has_room(const trd_pos *pos, uint32_t account, uint32_t instrument, uint32_t side);

/* What an order of this side (TRD_BUY, TRD_SELL) can take off the quantity: 0 if it would add. */
trd_inline trd_qty trd__pos_reducible(trd_qty qty, unsigned side) {
    return side == TRD_SELL ? (qty > 0 ? qty : 0) : (qty < 0 ? -qty : 0);
}

int trd__pos_audit(const trd_pos *pos);

#endif
