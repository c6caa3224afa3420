/* ring.h - 64-byte slots from one thread to one other, in order: the way of the events.
 *
 *     producer                                     consumer
 *     span = trd__ring_reserve(ring, least, &room)  span = trd__ring_peek(ring, &count)
 *     ... write n <= room slots ...                 ... read count slots ...
 *     trd__ring_commit(ring, n)                     trd__ring_release(ring, count)
 *
 * Both sides work on the ring's memory itself: nothing is copied, and a trd_out made of a reserved
 * span lets the matcher write its events where they are read. One commit or release moves any
 * number of slots with one store, and each side remembers how far it saw the other and looks again
 * only when that is used up: with batches the two cores seldom touch each other's lines.
 *
 * A span does not wrap around. When the end of the buffer does not hold the slots that are asked
 * for, it is filled with padding - events of kind TRD_EVENT_NONE, one slot each - and the span
 * begins at the start. Padding is part of what the consumer sees and releases: skip it like any
 * kind that you do not want. A record committed as a whole is never split between two spans.
 *
 * Every one of the `capacity` slots can be used (the positions count slots since the beginning, so
 * a full ring is not an empty one). One producer thread and one consumer thread; the functions of
 * each side may only be called by its thread. No pointers inside: two processes may map the ring.
 */
#ifndef TRD_CORE_RING_H
#define TRD_CORE_RING_H

#include <stdatomic.h>
#include <string.h>

#include <tradsys/event.h>

#include "core/assert.h"
#include "core/layout.h"

enum { TRD_RING_CAPACITY_MIN = 2, TRD_RING_CAPACITY_MAX = 1 << 24 };

/* "trd_ring" in ASCII: written last by init, so that a mapped block that is not ready is noticed.
 */
#define TRD_RING_MAGIC UINT64_C(0x676e69725f647274)

/* Three parts, TRD_LINES_APART each: what nobody writes after init, the producer's, the consumer's.
 * Positions are slots since the beginning; position & mask is the index. */
typedef struct trd_ring {
    /* Released by init, acquired by join. */
    _Alignas(TRD_LINES_APART) _Atomic uint64_t magic;
    uint32_t capacity; /* slots, a power of two */
    uint32_t mask;     /* capacity - 1 */

    /* Released by commit; acquired by peek, which so sees the slots below it written. */
    _Alignas(TRD_LINES_APART) _Atomic uint64_t tail;
    uint64_t write;     /* producer's own: end of what it has written, padding included */
    uint64_t head_seen; /* producer's own: `head` when it last looked */

    /* Released by release; acquired by reserve, which so knows the slots below it read. */
    _Alignas(TRD_LINES_APART) _Atomic uint64_t head;
    uint64_t tail_seen; /* consumer's own: `tail` when it last looked */

    _Alignas(TRD_LINES_APART) trd_event slots[];
} trd_ring;

_Static_assert(sizeof(trd_ring) == 3 * TRD_LINES_APART, "three parts");
_Static_assert(offsetof(trd_ring, tail) == 1 * TRD_LINES_APART, "the producer's part");
_Static_assert(offsetof(trd_ring, head) == 2 * TRD_LINES_APART, "the consumer's part");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "positions are lock-free");

/* trd__ring_footprint returns the bytes of a ring of `capacity` slots, at TRD_LINES_APART; 0 if
 * capacity is no power of two in [TRD_RING_CAPACITY_MIN, TRD_RING_CAPACITY_MAX]. */
static inline size_t trd__ring_footprint(uint32_t capacity) {
    if (!trd__is_power_of_two(capacity) || capacity < TRD_RING_CAPACITY_MIN ||
        capacity > TRD_RING_CAPACITY_MAX) {
        return 0;
    }
    trd_layout at = {0};
    trd__layout_add(&at, 1, sizeof(trd_ring), TRD_LINES_APART);
    trd__layout_add(&at, capacity, sizeof(trd_event), TRD_LINES_APART);
    return trd__layout_size(&at, TRD_LINES_APART);
}

/* trd__ring_init makes an empty ring in `mem`, which has trd__ring_footprint(capacity) bytes at
 * TRD_LINES_APART and stays the caller's. Writes all of it, so no page of it faults later. NULL if
 * the capacity is out of range or `mem` misaligned. Before the other thread is started. */
static inline trd_ring *trd__ring_init(void *mem, uint32_t capacity) {
    const size_t size = trd__ring_footprint(capacity);
    if (size == 0 || (uintptr_t)mem % TRD_LINES_APART != 0) {
        return NULL;
    }
    memset(mem, 0, size);
    trd_ring *ring = mem;
    ring->capacity = capacity;
    ring->mask = capacity - 1;
    atomic_init(&ring->tail, 0);
    atomic_init(&ring->head, 0);
    /* Partner: the acquire load of trd__ring_join. Who sees the magic sees the rest. */
    atomic_store_explicit(&ring->magic, TRD_RING_MAGIC, memory_order_release);
    return ring;
}

/* trd__ring_join returns the ring that somebody else made in the `size` bytes at `mem`, which may
 * be another mapping of its memory; NULL if there is none yet, or one that does not fit. */
static inline trd_ring *trd__ring_join(void *mem, size_t size) {
    trd_ring *ring = mem;
    if ((uintptr_t)mem % TRD_LINES_APART != 0 || size < sizeof(trd_ring)) {
        return NULL;
    }
    /* Partner: the release store of trd__ring_init. */
    if (atomic_load_explicit(&ring->magic, memory_order_acquire) != TRD_RING_MAGIC) {
        return NULL;
    }
    const size_t footprint = trd__ring_footprint(ring->capacity);
    return footprint != 0 && footprint <= size && ring->mask == ring->capacity - 1 ? ring : NULL;
}

/* The largest span that reserve promises: an empty ring grants it wherever it stands, because
 * padding (less than a span) and span fit together. */
trd_inline uint32_t trd__ring_span_max(const trd_ring *ring) {
    return ring->capacity / 2;
}

/* Producer. The slots that are not in use, as far as it has looked. */
trd_inline uint64_t trd__ring_free_seen(const trd_ring *ring) {
    return ring->capacity - (ring->write - ring->head_seen);
}

/* Producer. Fills up the end of the buffer; at most trd__ring_span_max - 1 slots. */
static inline void trd__ring_pad(trd_ring *ring, uint64_t count) {
    memset(&ring->slots[ring->write & ring->mask], 0, count * sizeof(trd_event));
    for (; count > 0; count--) {
        trd_event *padding = &ring->slots[ring->write++ & ring->mask];
        padding->kind = TRD_EVENT_NONE;
        padding->slots = 1;
    }
}

/* trd__ring_reserve returns a span of at least `least` slots to write into, and in `*room` how many
 * it has; NULL, and nothing changed, if the consumer has not released enough yet. `least` is in
 * [1, trd__ring_span_max]. What the span contains is undefined. It stays the producer's until a
 * commit; reserving again without one gives the same place, or the start of the buffer when more is
 * asked for. O(1), but for padding. */
static inline trd_event *trd__ring_reserve(trd_ring *ring, uint32_t least, uint32_t *room) {
    trd_assert(least >= 1 && least <= trd__ring_span_max(ring));
    const uint64_t at = ring->write & ring->mask;
    const uint64_t to_end = ring->capacity - at;
    const uint64_t padding = to_end < least ? to_end : 0;
    if (trd_unlikely(trd__ring_free_seen(ring) < padding + least)) {
        /* Partner: the release store of trd__ring_release. What the consumer read from the slots
         * below `head` it has read before we write there again. */
        ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
        if (trd__ring_free_seen(ring) < padding + least) {
            return NULL;
        }
    }
    if (trd_unlikely(padding > 0)) {
        trd__ring_pad(ring, padding);
    }
    const uint64_t free_slots = trd__ring_free_seen(ring);
    const uint64_t contiguous = ring->capacity - (ring->write & ring->mask);
    *room = (uint32_t)(free_slots < contiguous ? free_slots : contiguous);
    return &ring->slots[ring->write & ring->mask];
}

/* trd__ring_append counts the first `count` slots of the span as written but keeps them from the
 * consumer until the next commit: for records written one by one and made visible together.
 * `count` is at most the room of the last reserve. */
trd_inline void trd__ring_append(trd_ring *ring, uint32_t count) {
    trd_assert(count <= ring->capacity - (ring->write & ring->mask));
    trd_assert(count <= trd__ring_free_seen(ring));
    ring->write += count;
}

/* trd__ring_commit appends `count` slots and makes all that is appended visible to the consumer:
 * whole records only. Zero is allowed. */
trd_inline void trd__ring_commit(trd_ring *ring, uint32_t count) {
    trd__ring_append(ring, count);
    /* Partner: the acquire load of trd__ring_peek. The slots are written before they are seen. */
    atomic_store_explicit(&ring->tail, ring->write, memory_order_release);
}

/* trd__ring_peek returns the slots that can be read in one span, and how many in `*count`; NULL and
 * 0 if there are none. They stay as they are until they are released. A span ends at the end of the
 * buffer; the next peek goes on at its start. O(1). */
static inline const trd_event *trd__ring_peek(trd_ring *ring, uint32_t *count) {
    /* Ours: only release writes it, and that is this thread. */
    const uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    if (head == ring->tail_seen) {
        /* Partner: the release store of trd__ring_commit. We read the slots after they are
         * written. */
        ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
        if (head == ring->tail_seen) {
            *count = 0;
            return NULL;
        }
    }
    const uint64_t ready = ring->tail_seen - head;
    const uint64_t to_end = ring->capacity - (head & ring->mask);
    *count = (uint32_t)(ready < to_end ? ready : to_end);
    return &ring->slots[head & ring->mask];
}

/* trd__ring_release gives the first `count` of the slots last peeked back to the producer. The
 * pieces of one span may be released one after another. */
trd_inline void trd__ring_release(trd_ring *ring, uint32_t count) {
    const uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    trd_assert(count <= ring->tail_seen - head);
    /* Partner: the acquire load of trd__ring_reserve. We have read the slots before they are
     * written again. */
    atomic_store_explicit(&ring->head, head + count, memory_order_release);
}

#endif
