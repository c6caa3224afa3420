/* stress_ring.c - the event ring between two threads: every slot arrives once, whole and in order.
 *
 *     stress_ring [records]
 *
 * Records of 1 to 8 slots, committed in batches of drawn size, through rings small enough to be
 * full, empty and padded all the time. Each word of a slot is a function of its number, so a slot
 * that is read too early or written too early does not add up. */
#include "core/ring.h"
#include "draw.h"
#include "stress.h"

typedef struct way {
    trd_ring *ring;
    uint64_t records;
    uint64_t seed;
} way;

static uint64_t word(uint64_t number, unsigned at) {
    return (number + at) * UINT64_C(0x9e3779b97f4a7c15);
}

static void fill_slot(trd_event *slot, uint64_t number, uint8_t slots) {
    *slot = (trd_event){.seq = number, .time = (trd_ns)word(number, 1)};
    slot->kind = TRD_EVENT_FILL;
    slot->slots = slots;
    slot->u.order.client_id = word(number, 4);
    slot->u.order.order = word(number, 5);
    slot->u.order.px = (trd_px)word(number, 6);
    slot->u.order.qty = (trd_qty)word(number, 7);
}

static void check_slot(const trd_event *slot, uint64_t number) {
    check(slot->seq == number, "got %" PRIu64 ", not %" PRIu64, slot->seq, number);
    check(slot->time == (trd_ns)word(number, 1), "at %" PRIu64, number);
    check(slot->u.order.client_id == word(number, 4), "at %" PRIu64, number);
    check(slot->u.order.order == word(number, 5), "at %" PRIu64, number);
    check(slot->u.order.px == (trd_px)word(number, 6), "at %" PRIu64, number);
    check(slot->u.order.qty == (trd_qty)word(number, 7), "at %" PRIu64, number);
}

static trd_event *reserve(trd_ring *ring, uint32_t slots) {
    uint32_t room;
    trd_event *span;
    while ((span = trd__ring_reserve(ring, slots, &room)) == NULL) {
        trd__ring_commit(ring, 0); /* else the consumer might wait for what we hold back */
        sched_yield();
    }
    check(room >= slots, "%u < %u", room, slots);
    return span;
}

static void *produce(void *of) {
    const way *w = of;
    draw rng = trd__rng_seeded(w->seed);
    uint64_t number = 0;
    for (uint64_t record = 0; record < w->records; record++) {
        const uint8_t slots = (uint8_t)draw_in(&rng, 1, 8);
        trd_event *span = reserve(w->ring, slots);
        for (uint8_t i = 0; i < slots; i++) {
            fill_slot(&span[i], number++, i == 0 ? slots : 0);
        }
        trd__ring_append(w->ring, slots);
        if (draw_chance(&rng, 30)) {
            trd__ring_commit(w->ring, 0);
        }
    }
    trd__ring_commit(w->ring, 0);
    return NULL;
}

/* Reads a span record by record; returns how many records it held. */
static uint64_t consume_span(
    trd_ring *ring, const trd_event *span, uint32_t count, uint64_t *number) {
    uint64_t records = 0;
    for (uint32_t at = 0; at < count;) {
        const uint32_t slots = span[at].slots;
        check(slots >= 1 && slots <= count - at, "a record is split: %u of %u", slots, count - at);
        if (span[at].kind != TRD_EVENT_NONE) {
            for (uint32_t i = 0; i < slots; i++) {
                check_slot(&span[at + i], (*number)++);
            }
            records++;
        }
        at += slots;
        trd__ring_release(ring, slots);
    }
    return records;
}

static void run(uint32_t capacity, uint64_t records, uint64_t seed) {
    way w = {.records = records, .seed = seed};
    void *mem = stress_alloc(trd__ring_footprint(capacity));
    w.ring = trd__ring_init(mem, capacity);
    const pthread_t producer = stress_start(produce, &w);
    uint64_t number = 0, read = 0;
    while (read < records) {
        uint32_t count;
        const trd_event *span = trd__ring_peek(w.ring, &count);
        if (span == NULL) {
            sched_yield();
            continue;
        }
        read += consume_span(w.ring, span, count, &number);
    }
    stress_join(producer);
    uint32_t left;
    check(trd__ring_peek(w.ring, &left) == NULL, "%u slots too many", left);
    printf("ring of %u: %" PRIu64 " records, %" PRIu64 " slots\n", capacity, read, number);
    free(mem);
}

int main(int argc, char **argv) {
    const uint64_t records = stress_count(argc, argv, 20000000);
    const uint64_t seed = draw_seed(1);
    run(16, records / 4, seed);
    run(64, records / 4, seed + 1);
    run(4096, records / 2, seed + 2);
    return 0;
}
