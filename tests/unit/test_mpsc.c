/* test_mpsc.c - records of the command ring, one thread (core/mpsc.h). What several threads see is
 * stress_mpsc.c's. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdlib.h>

#include "core/mpsc.h"

static trd_mpsc *mpsc_of(uint32_t capacity) {
    void *mem = aligned_alloc(TRD_LINES_APART, trd__mpsc_footprint(capacity));
    trd_mpsc *mpsc = trd__mpsc_init(mem, capacity);
    cr_assert(ne(ptr, mpsc, NULL));
    return mpsc;
}

static int push(trd_mpsc *mpsc, uint8_t slots, uint64_t seq) {
    trd_command record[TRD_SLOTS_MAX] = {0};
    for (uint64_t i = 0; i < TRD_SLOTS_MAX; i++) {
        record[i].seq = seq * 10 + i;
    }
    record[0].slots = slots;
    return trd__mpsc_push(mpsc, record);
}

Test(mpsc, capacity_is_a_power_of_two_within_limits) {
    cr_assert(eq(sz, trd__mpsc_footprint(0), 0));
    cr_assert(eq(sz, trd__mpsc_footprint(1), 0));
    cr_assert(eq(sz, trd__mpsc_footprint(6), 0));
    cr_assert(eq(sz, trd__mpsc_footprint(TRD_MPSC_CAPACITY_MAX * 2u), 0));
    cr_assert(ge(sz, trd__mpsc_footprint(16), 16 * 256));
    static _Alignas(128) unsigned char mem[1024];
    cr_assert(eq(ptr, trd__mpsc_init(mem, 3), NULL));
    cr_assert(eq(ptr, trd__mpsc_init(mem + 64, 2), NULL));
}

Test(mpsc, the_ends_lie_two_lines_apart) {
    const size_t tail = offsetof(trd_mpsc, tail), head = offsetof(trd_mpsc, head);
    cr_assert(eq(sz, tail % 128, 0));
    cr_assert(eq(sz, head % 128, 0));
    cr_assert(ne(sz, tail, head));
    cr_assert(eq(sz, offsetof(trd_mpsc, records) % 128, 0));
}

Test(mpsc, a_record_arrives_with_its_slots_adjacent) {
    trd_mpsc *mpsc = mpsc_of(8);
    uint32_t count;
    for (uint8_t slots = 1; slots <= TRD_SLOTS_MAX; slots++) {
        cr_assert(eq(int, push(mpsc, slots, slots), TRD_OK));
    }
    const trd_mpsc_record *records = trd__mpsc_peek(mpsc, &count);
    cr_assert(eq(u32, count, 4));
    for (uint64_t at = 0; at < 4; at++) {
        cr_assert(eq(u8, records[at].slot[0].slots, at + 1));
        for (uint64_t i = 0; i <= at; i++) {
            cr_assert(eq(u64, records[at].slot[i].seq, (at + 1) * 10 + i));
        }
    }
    free(mpsc);
}

Test(mpsc, a_record_of_no_or_too_many_slots_is_refused) {
    trd_mpsc *mpsc = mpsc_of(8);
    uint32_t count;
    cr_assert(eq(int, push(mpsc, 0, 1), TRD_E_ARG));
    cr_assert(eq(int, push(mpsc, TRD_SLOTS_MAX + 1, 1), TRD_E_ARG));
    cr_assert(eq(ptr, (void *)(uintptr_t)trd__mpsc_peek(mpsc, &count), NULL));
    cr_assert(eq(u32, count, 0));
    free(mpsc);
}

Test(mpsc, every_element_of_the_capacity_can_be_used) {
    trd_mpsc *mpsc = mpsc_of(8);
    uint32_t count;
    for (uint64_t seq = 1; seq <= 8; seq++) {
        cr_assert(eq(int, push(mpsc, 1, seq), TRD_OK));
    }
    cr_assert(eq(int, push(mpsc, 1, 9), TRD_E_FULL));
    cr_assert(ne(ptr, (void *)(uintptr_t)trd__mpsc_peek(mpsc, &count), NULL));
    cr_assert(eq(u32, count, 8));
    cr_assert(eq(int, push(mpsc, 1, 9), TRD_E_FULL));
    trd__mpsc_release(mpsc, 2);
    cr_assert(eq(int, push(mpsc, 1, 9), TRD_OK));
    cr_assert(eq(int, push(mpsc, 1, 10), TRD_OK));
    cr_assert(eq(int, push(mpsc, 1, 11), TRD_E_FULL));
    free(mpsc);
}

/* A producer stopped between claim and publication: what is behind it waits, nobody else does. */
Test(mpsc, an_unfinished_record_holds_up_the_consumer_but_no_producer) {
    trd_mpsc *mpsc = mpsc_of(4);
    uint32_t count;
    cr_assert(eq(int, push(mpsc, 1, 1), TRD_OK));
    atomic_fetch_add(&mpsc->tail, 1); /* the claim */
    cr_assert(eq(int, push(mpsc, 1, 3), TRD_OK));
    cr_assert(eq(int, push(mpsc, 1, 4), TRD_OK));
    cr_assert(eq(int, push(mpsc, 1, 5), TRD_E_FULL));
    trd__mpsc_peek(mpsc, &count);
    cr_assert(eq(u32, count, 1));
    trd__mpsc_release(mpsc, 1);
    cr_assert(eq(ptr, (void *)(uintptr_t)trd__mpsc_peek(mpsc, &count), NULL));
    mpsc->records[1].slot[0].seq = 20;
    atomic_store(trd__mpsc_turn(mpsc, 1), 2); /* the publication */
    const trd_mpsc_record *records = trd__mpsc_peek(mpsc, &count);
    cr_assert(eq(u32, count, 3));
    cr_assert(eq(u64, records[0].slot[0].seq, 20));
    cr_assert(eq(u64, records[2].slot[0].seq, 40));
    free(mpsc);
}

Test(mpsc, a_span_is_bounded) {
    trd_mpsc *mpsc = mpsc_of(128);
    uint32_t count;
    for (uint64_t seq = 1; seq <= 128; seq++) {
        push(mpsc, 1, seq);
    }
    trd__mpsc_peek(mpsc, &count);
    cr_assert(eq(u32, count, TRD_MPSC_SPAN_MAX));
    free(mpsc);
}

Test(mpsc, spans_end_at_the_end_of_the_buffer_and_order_goes_on) {
    trd_mpsc *mpsc = mpsc_of(4);
    uint64_t pushed = 0, read = 0;
    while (read < 100) {
        while (push(mpsc, 1, pushed + 1) == TRD_OK) {
            pushed++;
        }
        uint32_t count;
        const trd_mpsc_record *records = trd__mpsc_peek(mpsc, &count);
        cr_assert(count >= 1 && records + count <= mpsc->records + 4);
        for (uint32_t i = 0; i < count; i++) {
            cr_assert(eq(u64, records[i].slot[0].seq, ++read * 10));
        }
        trd__mpsc_release(mpsc, count);
    }
    free(mpsc);
}

Test(mpsc, releasing_more_than_was_seen_is_our_mistake, .signal = SIGABRT) {
    trd_mpsc *mpsc = mpsc_of(4);
    uint32_t count;
    push(mpsc, 1, 1);
    trd__mpsc_peek(mpsc, &count);
    trd__mpsc_release(mpsc, 2);
}
