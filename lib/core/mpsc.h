/* mpsc.h - command records from several threads to one, each producer's in its order.
 *
 * The way into a sequencer: gateways push records, the sequencer takes them out, numbers them and
 * so decides their order.
 *
 * The elements are whole records. A record has 1 to 4 slots that must stay adjacent; an element is
 * room for four, so a record is adjacent because it is one element, and a claim is always one step.
 * The producer writes only the slots in use: a plain order costs one line of the ring. The price is
 * memory, 256 bytes per element. Rejected: elements of one slot claimed n at a time (a claim that
 * straddles the end needs padding, which all producers then have to see); indices into a slab of
 * slots (the free slots go back through a second ring for which all producers compete).
 *
 * Each element has a turn of its own (Vyukov's bounded queue), so no producer waits for another:
 * one that is interrupted between claim and publication holds up the consumer at its element, and
 * the others go on until the ring is full. ck_ring was tried and rejected for that: its producers
 * publish in the order of their claims and spin until it is theirs. With more producers than free
 * cores the next in order was again and again the one without a core (docs/decisions/0003).
 *
 * Any number of producer threads, one consumer thread. All `capacity` elements can be used. */
#ifndef TRD_CORE_MPSC_H
#define TRD_CORE_MPSC_H

#include <stdatomic.h>
#include <string.h>

#include <tradsys/command.h>

#include "core/assert.h"
#include "core/layout.h"
#include "core/record.h"

enum {
    TRD_MPSC_CAPACITY_MIN = 2,
    TRD_MPSC_CAPACITY_MAX = 1 << 22,
    TRD_MPSC_SPAN_MAX = 64 /* records that one peek looks for at most */
};

/* One element: slot[0] is the base, whose `slots` says how many are valid. */
typedef struct trd_mpsc_record {
    _Alignas(TRD_LINE) trd_command slot[TRD_SLOTS_MAX];
} trd_mpsc_record;

_Static_assert(sizeof(trd_mpsc_record) == 256, "four lines");

/* Three parts, TRD_LINES_APART each: what nobody writes after init, the producers', the consumer's.
 * Behind them records[capacity] and turns[capacity]. Positions count elements since the beginning;
 * position & mask is the index. The turn of an element is
 *
 *     position               free for the producer that claims this position
 *     position + 1           holds the record of this position
 *     position + capacity    released: free for the position one round later */
typedef struct trd_mpsc {
    _Alignas(TRD_LINES_APART) uint32_t capacity; /* elements, a power of two */
    uint32_t mask;                               /* capacity - 1 */
    uint64_t turns_at;                           /* offset from here */

    /* The next position to claim. Claims order nothing but themselves: see the turns. */
    _Alignas(TRD_LINES_APART) _Atomic uint64_t tail;

    _Alignas(TRD_LINES_APART) uint64_t head; /* consumer's own: the next position to release */
    uint64_t ready;                          /* consumer's own: end of the records it has seen */

    _Alignas(TRD_LINES_APART) trd_mpsc_record records[];
} trd_mpsc;

_Static_assert(sizeof(trd_mpsc) == 3 * TRD_LINES_APART, "three parts");

/* Bytes of a ring of `capacity` elements, and where its turns are. */
static inline size_t trd__mpsc_layout(uint32_t capacity, uint64_t *turns_at) {
    trd_layout at = {0};
    trd__layout_add(&at, 1, sizeof(trd_mpsc), TRD_LINES_APART);
    trd__layout_add(&at, capacity, sizeof(trd_mpsc_record), TRD_LINES_APART);
    *turns_at = trd__layout_add(&at, capacity, sizeof(uint64_t), TRD_LINES_APART);
    return trd__layout_size(&at, TRD_LINES_APART);
}

/* trd__mpsc_footprint returns the bytes of a ring of `capacity` elements, at TRD_LINES_APART; 0 if
 * capacity is no power of two in [TRD_MPSC_CAPACITY_MIN, TRD_MPSC_CAPACITY_MAX]. */
static inline size_t trd__mpsc_footprint(uint32_t capacity) {
    if (!trd__is_power_of_two(capacity) || capacity < TRD_MPSC_CAPACITY_MIN ||
        capacity > TRD_MPSC_CAPACITY_MAX) {
        return 0;
    }
    uint64_t turns_at;
    return trd__mpsc_layout(capacity, &turns_at);
}

trd_inline _Atomic uint64_t *trd__mpsc_turn(trd_mpsc *mpsc, uint64_t position) {
    _Atomic uint64_t *turns = (_Atomic uint64_t *)((uintptr_t)mpsc + mpsc->turns_at);
    return &turns[position & mpsc->mask];
}

/* trd__mpsc_init makes an empty ring in `mem`, which has trd__mpsc_footprint(capacity) bytes at
 * TRD_LINES_APART and stays the caller's. Writes all of it, so no page of it faults later. NULL if
 * the capacity is out of range or `mem` misaligned. Before the other threads are started. */
static inline trd_mpsc *trd__mpsc_init(void *mem, uint32_t capacity) {
    const size_t size = trd__mpsc_footprint(capacity);
    if (size == 0 || (uintptr_t)mem % TRD_LINES_APART != 0) {
        return NULL;
    }
    memset(mem, 0, size);
    trd_mpsc *mpsc = mem;
    mpsc->capacity = capacity;
    mpsc->mask = capacity - 1;
    trd__mpsc_layout(capacity, &mpsc->turns_at);
    atomic_init(&mpsc->tail, 0);
    for (uint64_t position = 0; position < capacity; position++) {
        atomic_init(trd__mpsc_turn(mpsc, position), position);
    }
    return mpsc;
}

/* Producers. trd__mpsc_push copies the record that begins with `base`, base->slots adjacent slots,
 * into the ring. TRD_E_FULL if there is no room now; TRD_E_ARG if `slots` is outside
 * [1, TRD_SLOTS_MAX]. Waits for nobody: it tries again only when another producer has claimed the
 * position before it. */
static inline int trd__mpsc_push(trd_mpsc *mpsc, const trd_command *base) {
    const uint32_t slots = base->slots;
    if (slots < 1 || slots > TRD_SLOTS_MAX) {
        return TRD_E_ARG;
    }
    uint64_t position = atomic_load_explicit(&mpsc->tail, memory_order_relaxed);
    for (;;) {
        /* Partner: the release store of trd__mpsc_release. The element was read before it is
         * written again. */
        const uint64_t turn =
            atomic_load_explicit(trd__mpsc_turn(mpsc, position), memory_order_acquire);
        const int64_t ahead = (int64_t)(turn - position);
        if (ahead < 0) {
            return TRD_E_FULL; /* not released since the round before */
        }
        if (ahead > 0) { /* claimed since we looked */
            position = atomic_load_explicit(&mpsc->tail, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(&mpsc->tail, &position, position + 1,
                       memory_order_relaxed, memory_order_relaxed)) {
            break; /* partner: the same line in other producers; one of them gets the position */
        }
    }
    trd__record_copy(&mpsc->records[position & mpsc->mask], base, slots);
    /* Partner: the acquire load of trd__mpsc_peek. The slots are written before they are seen. */
    atomic_store_explicit(trd__mpsc_turn(mpsc, position), position + 1, memory_order_release);
    return TRD_OK;
}

/* Consumer. trd__mpsc_peek returns the records that can be read in one span, and how many in
 * `*count`; NULL and 0 if there are none. They stay as they are until they are released. A span
 * ends at the end of the buffer or after TRD_MPSC_SPAN_MAX records; the next peek goes on behind
 * it. O(records found). */
static inline const trd_mpsc_record *trd__mpsc_peek(trd_mpsc *mpsc, uint32_t *count) {
    if (mpsc->head == mpsc->ready) {
        const uint64_t to_end = mpsc->capacity - (mpsc->head & mpsc->mask);
        const uint64_t limit = to_end < TRD_MPSC_SPAN_MAX ? to_end : TRD_MPSC_SPAN_MAX;
        while (mpsc->ready < mpsc->head + limit) {
            /* Partner: the release store of trd__mpsc_push. We read the slots after they are
             * written. */
            const uint64_t turn =
                atomic_load_explicit(trd__mpsc_turn(mpsc, mpsc->ready), memory_order_acquire);
            if (turn != mpsc->ready + 1) {
                break;
            }
            mpsc->ready++;
        }
    }
    *count = (uint32_t)(mpsc->ready - mpsc->head);
    return *count == 0 ? NULL : &mpsc->records[mpsc->head & mpsc->mask];
}

/* Consumer. trd__mpsc_release gives the first `count` of the records last peeked back to the
 * producers. The pieces of one span may be released one after another. O(count). */
static inline void trd__mpsc_release(trd_mpsc *mpsc, uint32_t count) {
    trd_assert(count <= mpsc->ready - mpsc->head);
    for (; count > 0; count--) {
        /* Partner: the acquire load of trd__mpsc_push. We have read the element before it is
         * written again. */
        atomic_store_explicit(
            trd__mpsc_turn(mpsc, mpsc->head), mpsc->head + mpsc->capacity, memory_order_release);
        mpsc->head++;
    }
}

#endif
