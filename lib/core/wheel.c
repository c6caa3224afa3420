/* wheel.c - hierarchical timer wheel with a heap for what is due (core/wheel.h).
 *
 * Deadlines are 64-bit numbers, read as eleven digits of six bits. A timer waits at the level of
 * the highest digit in which its deadline differs from the wheel's time, in the slot of that digit:
 *
 *     level 0    64 slots of 1 ns         the last digit differs
 *     level 1    64 slots of 64 ns        the last digit but one differs
 *     ...
 *     level 10   16 slots of 2^60 ns      the first digit differs
 *
 * All deadlines are ahead of the wheel's time, so within a level a higher slot is later, and every
 * timer of a level is earlier than every timer of the levels above: the lowest level that is not
 * empty has the earliest timers in its lowest slot. Two bitmaps find it without a search, and any
 * distance fits, so there is no list of timers that are too far away.
 *
 * When time comes to the start of that slot, its timers differ from the wheel's time in a lower
 * digit only (or in none) and are sorted in again. Nobody else moves: the digits above are the same
 * and the other slots of the level still differ in the same digit. For the same reason time may go
 * to any point before the start of the earliest slot without moving anybody.
 *
 * A timer whose deadline is the wheel's time is due and waits in a binary heap by (order, sequence
 * of adding). Lists therefore need no order of their own, and a hundred thousand day orders that
 * expire at one instant cost log n each, in pieces of TRD_WHEEL_STEPS. */
#include "core/wheel.h"

#include <string.h>

#include "core/assert.h"
#include "core/handle.h"
#include "core/layout.h"
#include "core/pool.h"
#include "core/wheel_state.h"

enum {
    DIGIT_BITS = TRD_WHEEL_DIGIT_BITS,
    SLOTS = TRD_WHEEL_SLOTS,
    LEVELS = TRD_WHEEL_LEVELS,
    LISTS = TRD_WHEEL_LISTS,
    DUE = TRD_WHEEL_LIST_DUE,
    NO_LIST = TRD_WHEEL_NO_LIST
};

#define NONE TRD_WHEEL_NODE_NONE

typedef trd_wheel_node node;

typedef struct regions {
    size_t nodes_at, heap_at, pool_at, size;
} regions;

static regions regions_of(uint32_t capacity) {
    trd_layout at = {0};
    regions r;
    trd__layout_add(&at, 1, sizeof(trd_wheel), TRD_LINE);
    r.nodes_at = trd__layout_add(&at, capacity, sizeof(node), TRD_LINE);
    r.heap_at = trd__layout_add(&at, capacity, sizeof(uint32_t), TRD_LINE);
    r.pool_at = trd__layout_add(&at, 1, trd__pool_footprint(capacity), TRD_LINE);
    r.size = trd__layout_size(&at, TRD_LINE);
    return r;
}

trd_inline node *nodes_of(const trd_wheel *wheel) {
    return (node *)((uintptr_t)wheel + wheel->nodes_at);
}

trd_inline uint32_t *heap_of(const trd_wheel *wheel) {
    return (uint32_t *)((uintptr_t)wheel + wheel->heap_at);
}

trd_inline trd_pool *pool_of(const trd_wheel *wheel) {
    return (trd_pool *)((uintptr_t)wheel + wheel->pool_at);
}

/* Times are signed, digits are not: the sign bit turned over keeps the order. */
trd_inline uint64_t point_of(trd_ns time) {
    return (uint64_t)time ^ UINT64_C(1) << 63;
}

trd_inline trd_ns time_of(uint64_t point) {
    return (trd_ns)(point ^ UINT64_C(1) << 63);
}

/* The list where a deadline ahead of `now` belongs. */
static uint32_t list_of(uint64_t deadline, uint64_t now) {
    trd_assert(deadline > now);
    const uint32_t highest = 63 - (uint32_t)__builtin_clzll(deadline ^ now);
    const uint32_t level = highest / DIGIT_BITS;
    const uint32_t slot = (uint32_t)(deadline >> level * DIGIT_BITS) & (SLOTS - 1);
    return level * SLOTS + slot;
}

/* The first point of a list's slot: the digits of `now` above the level, the slot, then zeros. The
 * mask is all ones at the top level, where no digits are above. */
static uint64_t start_of(uint32_t list, uint64_t now) {
    const uint32_t shift = list / SLOTS * DIGIT_BITS;
    const uint64_t below = ((uint64_t)SLOTS << shift) - 1;
    return (now & ~below) | (uint64_t)(list % SLOTS) << shift;
}

/* The list with the earliest timers of all lists, or NO_LIST. */
static uint32_t earliest_list(const trd_wheel *wheel) {
    if (wheel->levels == 0) {
        return NO_LIST;
    }
    const uint32_t level = (uint32_t)__builtin_ctz(wheel->levels);
    return level * SLOTS + (uint32_t)__builtin_ctzll(wheel->slots[level]);
}

static void list_link(trd_wheel *wheel, uint32_t at, uint32_t list) {
    node *nodes = nodes_of(wheel);
    const uint32_t head = wheel->heads[list];
    nodes[at].list = list;
    nodes[at].prev = NONE;
    nodes[at].next = head;
    if (head != NONE) {
        nodes[head].prev = at;
    }
    wheel->heads[list] = at;
    wheel->slots[list / SLOTS] |= UINT64_C(1) << list % SLOTS;
    wheel->levels |= 1u << list / SLOTS;
}

static void list_unlink(trd_wheel *wheel, uint32_t at) {
    node *nodes = nodes_of(wheel);
    const uint32_t list = nodes[at].list, next = nodes[at].next, prev = nodes[at].prev;
    if (next != NONE) {
        nodes[next].prev = prev;
    }
    if (prev != NONE) {
        nodes[prev].next = next;
        return;
    }
    wheel->heads[list] = next;
    if (next == NONE) {
        uint64_t *slots = &wheel->slots[list / SLOTS];
        *slots &= ~(UINT64_C(1) << list % SLOTS);
        if (*slots == 0) {
            wheel->levels &= ~(1u << list / SLOTS);
        }
    }
}

trd_inline bool goes_before(const node *a, const node *b) {
    return a->order != b->order ? a->order < b->order : a->sequence < b->sequence;
}

trd_inline void heap_put(trd_wheel *wheel, uint32_t place, uint32_t at) {
    heap_of(wheel)[place] = at;
    nodes_of(wheel)[at].prev = place;
}

/* Puts `at` in the hole at `place`, moving down those above it that go after it. */
static void heap_rise(trd_wheel *wheel, uint32_t place, uint32_t at) {
    const node *nodes = nodes_of(wheel);
    while (place > 0) {
        const uint32_t parent = (place - 1) / 2;
        const uint32_t above = heap_of(wheel)[parent];
        if (!goes_before(&nodes[at], &nodes[above])) {
            break;
        }
        heap_put(wheel, place, above);
        place = parent;
    }
    heap_put(wheel, place, at);
}

/* Fills the hole at `place` with `at`, or with those below it that go before it. */
static void heap_sink(trd_wheel *wheel, uint32_t place, uint32_t at) {
    const node *nodes = nodes_of(wheel);
    const uint32_t *heap = heap_of(wheel);
    for (;;) {
        uint32_t child = place * 2 + 1;
        if (child >= wheel->due_count) {
            break;
        }
        if (child + 1 < wheel->due_count &&
            goes_before(&nodes[heap[child + 1]], &nodes[heap[child]])) {
            child++;
        }
        if (!goes_before(&nodes[heap[child]], &nodes[at])) {
            break;
        }
        heap_put(wheel, place, heap[child]);
        place = child;
    }
    heap_put(wheel, place, at);
}

static void heap_add(trd_wheel *wheel, uint32_t at) {
    nodes_of(wheel)[at].list = DUE;
    nodes_of(wheel)[at].next = NONE;
    heap_rise(wheel, wheel->due_count++, at);
}

static void heap_remove(trd_wheel *wheel, uint32_t at) {
    const node *nodes = nodes_of(wheel);
    const uint32_t place = nodes[at].prev;
    trd_assert(place < wheel->due_count && heap_of(wheel)[place] == at);
    const uint32_t last = heap_of(wheel)[--wheel->due_count];
    if (last == at) {
        return;
    }
    /* The last one comes from another branch: it may belong above the hole or below it. */
    if (goes_before(&nodes[last], &nodes[at])) {
        heap_rise(wheel, place, last);
    } else {
        heap_sink(wheel, place, last);
    }
}

/* Puts a timer where its deadline belongs at the wheel's time. */
static void place_node(trd_wheel *wheel, uint32_t at) {
    const uint64_t deadline = nodes_of(wheel)[at].deadline;
    if (deadline == wheel->now) {
        heap_add(wheel, at);
    } else {
        list_link(wheel, at, list_of(deadline, wheel->now));
    }
}

static void take_out(trd_wheel *wheel, uint32_t at) {
    if (nodes_of(wheel)[at].list == DUE) {
        heap_remove(wheel, at);
    } else {
        list_unlink(wheel, at);
    }
}

static void release_node(trd_wheel *wheel, uint32_t at) {
    node *timer = &nodes_of(wheel)[at];
    timer->generation = trd__handle_generation_next(timer->generation);
    trd__pool_release(pool_of(wheel), at);
}

/* The slot that `handle` names while its timer is set, or NONE. */
static uint32_t find_node(const trd_wheel *wheel, uint64_t handle) {
    const uint32_t at = trd__handle_slot(handle);
    if (!trd__pool_is_used(pool_of(wheel), at)) {
        return NONE;
    }
    return nodes_of(wheel)[at].generation == trd__handle_generation(handle) ? at : NONE;
}

size_t trd__wheel_footprint(uint32_t capacity) {
    if (capacity < 1 || capacity > TRD_WHEEL_CAPACITY_MAX) {
        return 0;
    }
    return regions_of(capacity).size;
}

trd_wheel *trd__wheel_init(void *mem, uint32_t capacity, trd_ns now) {
    if (trd__wheel_footprint(capacity) == 0 || (uintptr_t)mem % TRD_LINE != 0) {
        return NULL;
    }
    const regions r = regions_of(capacity);
    trd_wheel *wheel = mem;
    memset(mem, 0, r.size);
    wheel->now = point_of(now);
    wheel->capacity = capacity;
    wheel->sorting = NO_LIST;
    wheel->nodes_at = r.nodes_at;
    wheel->heap_at = r.heap_at;
    wheel->pool_at = r.pool_at;
    for (uint32_t list = 0; list < LISTS; list++) {
        wheel->heads[list] = NONE;
    }
    trd__pool_init(pool_of(wheel), capacity);
    return wheel;
}

uint64_t trd__wheel_add(trd_wheel *wheel, const trd_timer *timer) {
    const uint32_t at = trd__pool_alloc(pool_of(wheel));
    if (at == TRD_POOL_NONE) {
        return TRD_HANDLE_NONE;
    }
    const uint64_t deadline = point_of(timer->deadline);
    node *added = &nodes_of(wheel)[at];
    added->deadline = deadline > wheel->now ? deadline : wheel->now;
    added->sequence = wheel->sequence++;
    added->key = timer->key;
    added->order = timer->order;
    /* Also right while a slot is being sorted in: `now` is the start of that slot already, so the
     * new timer goes where its neighbours have gone, never back into the slot. */
    place_node(wheel, at);
    trd_assert(added->list != wheel->sorting);
    return trd__handle_make(at, added->generation);
}

int trd__wheel_cancel(trd_wheel *wheel, uint64_t handle) {
    const uint32_t at = find_node(wheel, handle);
    if (at == NONE) {
        return TRD_E_UNKNOWN;
    }
    take_out(wheel, at);
    release_node(wheel, at);
    return TRD_OK;
}

/* Sorts in the slot that time has come to: true when it is empty, false if `steps` ran out. */
static bool sort_in(trd_wheel *wheel, uint32_t *steps) {
    if (wheel->sorting == NO_LIST) {
        return true;
    }
    uint32_t at;
    while ((at = wheel->heads[wheel->sorting]) != NONE) {
        if (*steps == 0) {
            return false;
        }
        --*steps;
        list_unlink(wheel, at);
        place_node(wheel, at);
    }
    wheel->sorting = NO_LIST;
    return true;
}

static void give_first_due(trd_wheel *wheel, trd_timer *due) {
    const uint32_t at = heap_of(wheel)[0];
    const node *timer = &nodes_of(wheel)[at];
    trd_assert(timer->deadline == wheel->now);
    *due =
        (trd_timer){.deadline = time_of(timer->deadline), .key = timer->key, .order = timer->order};
    heap_remove(wheel, at);
    release_node(wheel, at);
}

int trd__wheel_advance(trd_wheel *wheel, trd_ns now, trd_timer *due) {
    const uint64_t asked = point_of(now);
    const uint64_t limit = asked > wheel->now ? asked : wheel->now;
    uint32_t steps = TRD_WHEEL_STEPS;
    for (;;) {
        if (!sort_in(wheel, &steps)) {
            return TRD_WHEEL_MORE;
        }
        if (wheel->due_count > 0) {
            give_first_due(wheel, due);
            return TRD_WHEEL_DUE;
        }
        const uint32_t list = earliest_list(wheel);
        const uint64_t start = list == NO_LIST ? 0 : start_of(list, wheel->now);
        if (list == NO_LIST || start > limit) {
            wheel->now = limit;
            return TRD_WHEEL_NONE;
        }
        trd_assert(start > wheel->now);
        wheel->now = start;
        wheel->sorting = list;
    }
}

static uint64_t earliest_in(const trd_wheel *wheel, uint32_t list) {
    const node *nodes = nodes_of(wheel);
    uint64_t earliest = UINT64_MAX;
    for (uint32_t at = wheel->heads[list]; at != NONE; at = nodes[at].next) {
        earliest = nodes[at].deadline < earliest ? nodes[at].deadline : earliest;
    }
    return earliest;
}

bool trd__wheel_next(const trd_wheel *wheel, trd_ns *deadline) {
    if (trd__wheel_count(wheel) == 0) {
        return false;
    }
    if (wheel->due_count > 0) {
        *deadline = time_of(wheel->now);
        return true;
    }
    uint64_t earliest = earliest_in(wheel, earliest_list(wheel));
    if (wheel->sorting != NO_LIST) {
        /* Some of the slot's timers are on lower levels already, the others may be earlier. */
        const uint64_t waiting = earliest_in(wheel, wheel->sorting);
        earliest = waiting < earliest ? waiting : earliest;
    }
    *deadline = time_of(earliest);
    return true;
}

bool trd__wheel_next_bound(const trd_wheel *wheel, trd_ns *bound) {
    if (trd__wheel_count(wheel) == 0) {
        return false;
    }
    const bool reached = wheel->due_count > 0 || wheel->sorting != NO_LIST;
    *bound = time_of(reached ? wheel->now : start_of(earliest_list(wheel), wheel->now));
    return true;
}

trd_ns trd__wheel_now(const trd_wheel *wheel) {
    return time_of(wheel->now);
}

uint32_t trd__wheel_count(const trd_wheel *wheel) {
    return trd__pool_count(pool_of(wheel));
}

/* A list: linked both ways, marked in the bitmaps exactly if it has nodes, each of them in its
 * place. In the list that is being sorted in, that is the place before time came to it: the
 * deadline is still within the slot that starts now. */
static int audit_list(const trd_wheel *wheel, uint32_t list, uint32_t *count) {
    const node *nodes = nodes_of(wheel);
    const bool marked = wheel->slots[list / SLOTS] >> list % SLOTS & 1;
    trd_audit(marked == (wheel->heads[list] != NONE));
    uint32_t prev = NONE;
    for (uint32_t at = wheel->heads[list]; at != NONE; at = nodes[at].next) {
        trd_audit(trd__pool_is_used(pool_of(wheel), at));
        trd_audit(++*count <= wheel->capacity);
        trd_audit(nodes[at].list == list);
        trd_audit(nodes[at].prev == prev);
        if (list == wheel->sorting) {
            const uint64_t width = UINT64_C(1) << list / SLOTS * DIGIT_BITS;
            trd_audit(nodes[at].deadline >= wheel->now);
            trd_audit(nodes[at].deadline - wheel->now < width);
        } else {
            trd_audit(nodes[at].deadline > wheel->now);
            trd_audit(list_of(nodes[at].deadline, wheel->now) == list);
        }
        prev = at;
    }
    return 0;
}

static int audit_heap(const trd_wheel *wheel) {
    const node *nodes = nodes_of(wheel);
    const uint32_t *heap = heap_of(wheel);
    for (uint32_t place = 0; place < wheel->due_count; place++) {
        const uint32_t at = heap[place];
        trd_audit(trd__pool_is_used(pool_of(wheel), at));
        trd_audit(nodes[at].list == DUE);
        trd_audit(nodes[at].prev == place);
        trd_audit(nodes[at].deadline == wheel->now);
        trd_audit(place == 0 || goes_before(&nodes[heap[(place - 1) / 2]], &nodes[at]));
    }
    return 0;
}

int trd__wheel_audit(const trd_wheel *wheel) {
    int result = trd__pool_audit(pool_of(wheel));
    trd_audit(result == 0);
    trd_audit(wheel->due_count <= wheel->capacity);
    uint32_t count = wheel->due_count;
    for (uint32_t level = 0; level < LEVELS; level++) {
        trd_audit((wheel->levels >> level & 1) == (wheel->slots[level] != 0));
    }
    for (uint32_t list = 0; list < LISTS; list++) {
        if ((result = audit_list(wheel, list, &count)) != 0) {
            return result;
        }
    }
    trd_audit(count == trd__pool_count(pool_of(wheel)));
    return audit_heap(wheel);
}
