/* conflate.h - of LEVEL events that wait only the latest of each (instrument, side, price).
 *
 * They are taken out in the order of their seq: an event that takes the place of an older one moves
 * to the end. One thread. */
#ifndef TRD_IO_CONFLATE_H
#define TRD_IO_CONFLATE_H

#include <tradsys/event.h>

#include "core/compiler.h"

typedef struct trd__conflate {
    uint32_t capacity; /* events */
    uint32_t mask;     /* of the index, which has a power of two of places, at least 2 x capacity */
    uint32_t count;
    uint32_t first, last; /* entry + 1, 0: none */
    uint32_t unused;      /* first entry + 1 that is free */
    uint64_t replaced;
    uint64_t since; /* seq of the first event that it has taken since it was empty */
} trd__conflate;

/* Bytes for `capacity` events, [1, 2^20], at TRD_LINE. */
size_t trd__conflate_footprint(uint32_t capacity);

trd__conflate *trd__conflate_init(void *mem, uint32_t capacity);

/* Empties it. O(capacity). */
void trd__conflate_clear(trd__conflate *table);

/* Keeps an event, of one slot. False: there is no room for one level more. */
bool trd__conflate_add(trd__conflate *table, const trd_event *level);

/* The one with the lowest seq; NULL: none waits. Until the next call. */
const trd_event *trd__conflate_first(const trd__conflate *table);

/* Removes it. */
void trd__conflate_pop(trd__conflate *table);

#endif
