/* stress_mpsc.c - the command ring from three threads to one: every record arrives once, whole, and
 * those of one producer in its order.
 *
 *     stress_mpsc [records per producer] */
#include "core/mpsc.h"
#include "draw.h"
#include "stress.h"

enum { PRODUCERS = 3 };

typedef struct way {
    trd_mpsc *mpsc;
    uint64_t records;
    uint64_t seed;
    uint32_t producer;
} way;

static uint64_t word(uint32_t producer, uint64_t number, unsigned at) {
    return (number * 4 + at) * UINT64_C(0x9e3779b97f4a7c15) + producer;
}

static void *produce(void *of) {
    const way *w = of;
    draw rng = trd__rng_seeded(w->seed);
    trd_command record[TRD_SLOTS_MAX];
    memset(record, 0, sizeof(record));
    for (uint64_t number = 0; number < w->records; number++) {
        for (unsigned i = 0; i < TRD_SLOTS_MAX; i++) {
            record[i].seq = word(w->producer, number, i);
            record[i].u.order.client_id = ~record[i].seq;
        }
        record[0].slots = (uint8_t)draw_in(&rng, 1, TRD_SLOTS_MAX);
        record[0].account = w->producer;
        int result;
        while ((result = trd__mpsc_push(w->mpsc, record)) == TRD_E_FULL) {
            sched_yield();
        }
        check(result == TRD_OK, "%d", result);
    }
    return NULL;
}

static void check_record(const trd_mpsc_record *record, uint64_t *next) {
    const trd_command *slot = record->slot;
    const uint32_t producer = slot[0].account;
    check(producer < PRODUCERS, "%u", producer);
    check(slot[0].slots >= 1 && slot[0].slots <= TRD_SLOTS_MAX, "%u", slot[0].slots);
    for (unsigned i = 0; i < slot[0].slots; i++) {
        const uint64_t expected = word(producer, next[producer], i);
        check(slot[i].seq == expected, "producer %u, record %" PRIu64, producer, next[producer]);
        check(slot[i].u.order.client_id == ~expected, "producer %u", producer);
    }
    next[producer]++;
}

static void run(uint32_t capacity, uint64_t records, uint64_t seed) {
    void *mem = stress_alloc(trd__mpsc_footprint(capacity));
    trd_mpsc *mpsc = trd__mpsc_init(mem, capacity);
    way ways[PRODUCERS];
    pthread_t threads[PRODUCERS];
    for (uint32_t i = 0; i < PRODUCERS; i++) {
        ways[i] = (way){.mpsc = mpsc, .records = records, .seed = seed + i, .producer = i};
        threads[i] = stress_start(produce, &ways[i]);
    }
    uint64_t next[PRODUCERS] = {0}, read = 0;
    draw rng = trd__rng_seeded(seed + PRODUCERS);
    while (read < records * PRODUCERS) {
        uint32_t count;
        const trd_mpsc_record *span = trd__mpsc_peek(mpsc, &count);
        if (span == NULL) {
            sched_yield();
            continue;
        }
        const uint32_t taken = (uint32_t)draw_in(&rng, 1, count);
        for (uint32_t i = 0; i < taken; i++) {
            check_record(&span[i], next);
        }
        trd__mpsc_release(mpsc, taken);
        read += taken;
    }
    for (uint32_t i = 0; i < PRODUCERS; i++) {
        stress_join(threads[i]);
        check(next[i] == records, "producer %u: %" PRIu64, i, next[i]);
    }
    uint32_t left;
    check(trd__mpsc_peek(mpsc, &left) == NULL, "%u records too many", left);
    printf("ring of %u: %" PRIu64 " records from %d producers\n", capacity, read, PRODUCERS);
    free(mem);
}

int main(int argc, char **argv) {
    const uint64_t records = stress_count(argc, argv, 5000000);
    const uint64_t seed = draw_seed(1);
    run(4, records / 4, seed);
    run(1024, records - records / 4, seed + 10);
    return 0;
}
