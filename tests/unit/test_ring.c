/* test_ring.c - spans, padding and room of the event ring, one thread (core/ring.h). What two
 * threads see is stress_ring.c's. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdlib.h>

#include "core/ring.h"
#include "draw.h"

static trd_ring *ring_of(uint32_t capacity) {
    void *mem = aligned_alloc(TRD_LINES_APART, trd__ring_footprint(capacity));
    trd_ring *ring = trd__ring_init(mem, capacity);
    cr_assert(ne(ptr, ring, NULL));
    return ring;
}

/* Writes a record of `slots` slots numbered `seq`; false if there is no room. */
static bool append(trd_ring *ring, uint32_t slots, uint64_t seq) {
    uint32_t room;
    trd_event *span = trd__ring_reserve(ring, slots, &room);
    if (span == NULL) {
        return false;
    }
    cr_assert(ge(u32, room, slots));
    for (uint32_t i = 0; i < slots; i++) {
        span[i] =
            (trd_event){.seq = seq, .kind = TRD_EVENT_FILL, .slots = i == 0 ? (uint8_t)slots : 0};
    }
    trd__ring_append(ring, slots);
    return true;
}

static void push(trd_ring *ring, uint32_t slots, uint64_t seq) {
    cr_assert(append(ring, slots, seq));
    trd__ring_commit(ring, 0);
}

static void expect_span(trd_ring *ring, uint32_t at, uint32_t count) {
    uint32_t found;
    const trd_event *span = trd__ring_peek(ring, &found);
    cr_assert(eq(u32, found, count));
    cr_assert(eq(ptr, (void *)(uintptr_t)span, count == 0 ? NULL : &ring->slots[at]));
}

Test(ring, capacity_is_a_power_of_two_within_limits) {
    cr_assert(eq(sz, trd__ring_footprint(0), 0));
    cr_assert(eq(sz, trd__ring_footprint(1), 0));
    cr_assert(eq(sz, trd__ring_footprint(48), 0));
    cr_assert(eq(sz, trd__ring_footprint(TRD_RING_CAPACITY_MAX * 2u), 0));
    cr_assert(eq(sz, trd__ring_footprint(64) % TRD_LINES_APART, 0));
    cr_assert(ge(sz, trd__ring_footprint(64), 3 * 128 + 64 * 64));
    cr_assert(trd__ring_footprint(TRD_RING_CAPACITY_MAX) > 0);
    static _Alignas(128) unsigned char mem[1024];
    cr_assert(eq(ptr, trd__ring_init(mem, 3), NULL));
    cr_assert(eq(ptr, trd__ring_init(mem + 64, 2), NULL));
}

Test(ring, what_two_threads_write_is_two_lines_apart) {
    const size_t tail = offsetof(trd_ring, tail), head = offsetof(trd_ring, head);
    cr_assert(ge(sz, head - (tail + 24), 64));
    cr_assert(eq(sz, tail % 128, 0));
    cr_assert(eq(sz, head % 128, 0));
    cr_assert(eq(sz, offsetof(trd_ring, slots) % 128, 0));
}

Test(ring, an_empty_ring_has_nothing_to_read_and_every_slot_to_write) {
    trd_ring *ring = ring_of(8);
    uint32_t room;
    expect_span(ring, 0, 0);
    cr_assert(eq(ptr, trd__ring_reserve(ring, 1, &room), &ring->slots[0]));
    cr_assert(eq(u32, room, 8));
    free(ring);
}

Test(ring, every_slot_of_the_capacity_can_be_used) {
    trd_ring *ring = ring_of(8);
    uint32_t room = 77;
    for (uint64_t seq = 1; seq <= 8; seq++) {
        push(ring, 1, seq);
    }
    cr_assert(eq(ptr, trd__ring_reserve(ring, 1, &room), NULL));
    cr_assert(eq(u32, room, 77));
    expect_span(ring, 0, 8);
    trd__ring_release(ring, 1);
    push(ring, 1, 9);
    cr_assert(not(append(ring, 1, 10)));
    free(ring);
}

Test(ring, slots_are_unseen_until_they_are_committed_and_then_all_at_once) {
    trd_ring *ring = ring_of(8);
    append(ring, 1, 1);
    append(ring, 2, 2);
    expect_span(ring, 0, 0);
    trd__ring_commit(ring, 0);
    expect_span(ring, 0, 3);
    free(ring);
}

Test(ring, a_reservation_without_commit_leaves_no_trace) {
    trd_ring *ring = ring_of(8);
    uint32_t room;
    trd_event *first = trd__ring_reserve(ring, 4, &room);
    cr_assert(eq(ptr, trd__ring_reserve(ring, 2, &room), first));
    trd__ring_commit(ring, 0);
    expect_span(ring, 0, 0);
    free(ring);
}

Test(ring, a_record_that_does_not_fit_the_end_begins_at_the_start_behind_padding) {
    trd_ring *ring = ring_of(8);
    push(ring, 3, 1);
    push(ring, 3, 2);
    expect_span(ring, 0, 6);
    trd__ring_release(ring, 6);
    push(ring, 3, 3);

    expect_span(ring, 6, 2);
    for (uint32_t at = 6; at < 8; at++) {
        const trd_event padding = {.kind = TRD_EVENT_NONE, .slots = 1};
        cr_assert(eq(int, memcmp(&ring->slots[at], &padding, sizeof(padding)), 0));
    }
    trd__ring_release(ring, 2);
    expect_span(ring, 0, 3);
    cr_assert(eq(u64, ring->slots[0].seq, 3));
    free(ring);
}

Test(ring, padding_waits_until_the_record_fits_behind_it) {
    trd_ring *ring = ring_of(8);
    push(ring, 4, 1);
    push(ring, 3, 2);
    uint32_t room;
    cr_assert(eq(ptr, trd__ring_reserve(ring, 2, &room), NULL));
    cr_assert(eq(ptr, trd__ring_reserve(ring, 1, &room), &ring->slots[7]));
    cr_assert(eq(u32, room, 1));
    expect_span(ring, 0, 7);
    trd__ring_release(ring, 1);
    cr_assert(eq(ptr, trd__ring_reserve(ring, 2, &room), NULL));
    trd__ring_release(ring, 1);
    cr_assert(eq(ptr, trd__ring_reserve(ring, 2, &room), &ring->slots[0]));
    cr_assert(eq(u32, room, 2));
    free(ring);
}

Test(ring, an_empty_ring_grants_half_its_capacity_wherever_it_stands) {
    for (uint32_t offset = 0; offset < 16; offset++) {
        trd_ring *ring = ring_of(16);
        uint32_t room, count;
        for (uint32_t i = 0; i < offset; i++) {
            push(ring, 1, i);
            trd__ring_peek(ring, &count);
            trd__ring_release(ring, count);
        }
        cr_assert(ne(ptr, trd__ring_reserve(ring, trd__ring_span_max(ring), &room), NULL));
        cr_assert(ge(u32, room, 8));
        free(ring);
    }
}

Test(ring, a_span_can_be_released_in_pieces) {
    trd_ring *ring = ring_of(8);
    push(ring, 4, 1);
    expect_span(ring, 0, 4);
    trd__ring_release(ring, 1);
    trd__ring_release(ring, 2);
    expect_span(ring, 3, 1);
    free(ring);
}

Test(ring, only_a_ring_that_is_there_can_be_joined) {
    const size_t size = trd__ring_footprint(8);
    void *mem = aligned_alloc(TRD_LINES_APART, size);
    memset(mem, 0, size);
    cr_assert(eq(ptr, trd__ring_join(mem, size), NULL));
    trd_ring *ring = trd__ring_init(mem, 8);
    push(ring, 1, 1);
    cr_assert(eq(ptr, trd__ring_join(mem, size), ring));
    expect_span(trd__ring_join(mem, size), 0, 1);
    cr_assert(eq(ptr, trd__ring_join(mem, size - 1), NULL));
    cr_assert(eq(ptr, trd__ring_join(mem, 64), NULL));
    cr_assert(eq(ptr, trd__ring_join((char *)mem + 64, size), NULL));
    ring->capacity = 7;
    cr_assert(eq(ptr, trd__ring_join(mem, size), NULL));
    free(mem);
}

Test(ring, releasing_more_than_was_seen_is_our_mistake, .signal = SIGABRT) {
    trd_ring *ring = ring_of(8);
    uint32_t count;
    push(ring, 1, 1);
    trd__ring_peek(ring, &count);
    trd__ring_release(ring, 2);
}

Test(ring, committing_more_than_there_is_room_for_is_our_mistake, .signal = SIGABRT) {
    trd_ring *ring = ring_of(8);
    uint32_t room;
    push(ring, 4, 1);
    push(ring, 4, 2);
    trd__ring_reserve(ring, 1, &room);
    trd__ring_commit(ring, 1);
}

Test(ring, reserving_more_than_half_is_our_mistake, .signal = SIGABRT) {
    uint32_t room;
    trd__ring_reserve(ring_of(8), 5, &room);
}

/* Reads at most `limit` slots; returns how many records were whole and in order. */
static uint64_t read_some(trd_ring *ring, uint32_t limit, uint64_t last_seq) {
    uint32_t count;
    const trd_event *span = trd__ring_peek(ring, &count);
    uint32_t at = 0;
    while (at < count && at < limit) {
        const uint32_t slots = span[at].slots;
        cr_assert(slots >= 1 && slots <= count - at, "a record is within one span");
        if (span[at].kind != TRD_EVENT_NONE) {
            last_seq++;
            for (uint32_t i = 0; i < slots; i++) {
                cr_assert(eq(u64, span[at + i].seq, last_seq));
            }
        }
        at += slots;
    }
    trd__ring_release(ring, at);
    return last_seq;
}

/* Records of drawn sizes in drawn batches: all arrive whole, once, in order; and the ring refuses
 * only what does not fit. */
Test(ring, random_life_keeps_records_whole_and_in_order) {
    draw rng = draw_seeded(5);
    for (int run = 0; run < 300; run++) {
        trd_ring *ring = ring_of(1u << draw_in(&rng, 1, 7));
        const int64_t slots_max = draw_in(&rng, 1, trd__ring_span_max(ring));
        const uint64_t write = (uint64_t)draw_in(&rng, 10, 90);
        uint64_t written = 0, committed = 0, read = 0;
        for (int step = 0; step < 500; step++) {
            if (draw_chance(&rng, write)) {
                written += append(ring, (uint32_t)draw_in(&rng, 1, slots_max), written + 1);
            } else if (draw_chance(&rng, 50)) {
                trd__ring_commit(ring, 0);
                committed = written;
            } else {
                read = read_some(ring, (uint32_t)draw_in(&rng, 1, 2 * slots_max), read);
                cr_assert(le(u64, read, committed));
            }
        }
        trd__ring_commit(ring, 0);
        uint32_t count;
        while (trd__ring_peek(ring, &count) != NULL) {
            read = read_some(ring, UINT32_MAX, read);
        }
        cr_assert(eq(u64, read, written));
        free(ring);
    }
}
