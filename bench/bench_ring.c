/* bench_ring.c - what one 64-byte message costs from one thread to another: the ring of core/ring.h
 * beside ck_ring (single producer, single consumer, typed copy), in turn within one run.
 *
 *     bench_ring [messages]
 *
 * The clock runs from before the first message is sent until the last one is read and added up. The
 * receiver adds up a word of each message, so none is skipped and the sums must be equal. A batch
 * is how many messages the sender commits and the receiver releases at once; ck_ring publishes each
 * message by itself, so its figure is the same thing for every batch. Each figure is the median of
 * the runs, the smallest beside it; the ratio is that of the medians. The threads are pinned to the
 * first two cores if there are two. */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <ck_ring.h>

#include "core/ring.h"

enum { CAPACITY = 4096, RUNS = 7 };

CK_RING_PROTOTYPE(trd_event, trd_event)

typedef struct subject {
    trd_ring *ring;
    ck_ring_t *ck;
    trd_event *ck_slots;
    uint64_t messages;
    uint32_t batch;
} subject;

static void pin(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    (void)sched_setaffinity(0, sizeof(set), &set); /* one core: left to the scheduler */
}

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* Waiting is a pause, and now and then the core for others: with one core nothing else ends. */
static void wait_a_little(uint32_t *waits) {
    __builtin_ia32_pause();
    if (++*waits % 4096 == 0) {
        sched_yield();
    }
}

static void write_message(trd_event *slot, uint64_t seq) {
    *slot = (trd_event){.seq = seq, .kind = TRD_EVENT_FILL, .slots = 1};
}

static void *send_ring(void *of) {
    const subject *s = of;
    uint32_t waits = 0, room;
    pin(1);
    for (uint64_t seq = 1; seq <= s->messages;) {
        trd_event *span = trd__ring_reserve(s->ring, 1, &room);
        if (span == NULL) {
            wait_a_little(&waits);
            continue;
        }
        const uint64_t left = s->messages - seq + 1;
        uint32_t count = room < s->batch ? room : s->batch;
        count = left < count ? (uint32_t)left : count;
        for (uint32_t i = 0; i < count; i++) {
            write_message(&span[i], seq++);
        }
        trd__ring_commit(s->ring, count);
    }
    return NULL;
}

static uint64_t receive_ring(subject *s) {
    uint64_t sum = 0;
    uint32_t waits = 0, count;
    for (uint64_t got = 0; got < s->messages;) {
        const trd_event *span = trd__ring_peek(s->ring, &count);
        if (span == NULL) {
            wait_a_little(&waits);
            continue;
        }
        count = count < s->batch ? count : s->batch;
        for (uint32_t i = 0; i < count; i++) {
            sum += span[i].seq;
        }
        trd__ring_release(s->ring, count);
        got += count;
    }
    return sum;
}

static void *send_ck(void *of) {
    const subject *s = of;
    uint32_t waits = 0;
    pin(1);
    for (uint64_t seq = 1; seq <= s->messages; seq++) {
        trd_event message;
        write_message(&message, seq);
        while (!CK_RING_ENQUEUE_SPSC(trd_event, s->ck, s->ck_slots, &message)) {
            wait_a_little(&waits);
        }
    }
    return NULL;
}

static uint64_t receive_ck(subject *s) {
    uint64_t sum = 0;
    uint32_t waits = 0;
    for (uint64_t got = 0; got < s->messages; got++) {
        trd_event message;
        while (!CK_RING_DEQUEUE_SPSC(trd_event, s->ck, s->ck_slots, &message)) {
            wait_a_little(&waits);
        }
        sum += message.seq;
    }
    return sum;
}

/* Nanoseconds per message of one run. */
static double run_f64(subject *s, void *(*send)(void *), uint64_t (*receive)(subject *)) {
    pthread_t sender;
    const uint64_t begin = now_ns();
    if (pthread_create(&sender, NULL, send, s) != 0) {
        fprintf(stderr, "no thread\n");
        exit(1);
    }
    const uint64_t sum = receive(s);
    const uint64_t end = now_ns();
    pthread_join(sender, NULL);
    if (sum != s->messages * (s->messages + 1) / 2) {
        fprintf(stderr, "messages lost: sum %" PRIu64 "\n", sum);
        exit(1);
    }
    return (double)(end - begin) / (double)s->messages;
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void compare(subject *s, uint32_t batch) {
    double ring[RUNS], ck[RUNS];
    s->batch = batch;
    for (int i = 0; i < RUNS; i++) {
        ring[i] = run_f64(s, send_ring, receive_ring);
        ck[i] = run_f64(s, send_ck, receive_ck);
    }
    qsort(ring, RUNS, sizeof(double), by_size);
    qsort(ck, RUNS, sizeof(double), by_size);
    printf("%5u  %12.1f %8.1f  %12.1f %8.1f  %9.2f\n", batch, ring[RUNS / 2], ring[0], ck[RUNS / 2],
        ck[0], ring[RUNS / 2] / ck[RUNS / 2]);
}

static void *allocate(size_t size) {
    void *mem = aligned_alloc(TRD_LINES_APART, size);
    if (mem == NULL) {
        fprintf(stderr, "no memory\n");
        exit(1);
    }
    memset(mem, 0, size);
    return mem;
}

int main(int argc, char **argv) {
    static const uint32_t batches[] = {1, 4, 16, 64, 256};
    subject s = {.messages = argc > 1 ? strtoull(argv[1], NULL, 0) : 2000000};
    if (s.messages == 0) {
        fprintf(stderr, "usage: bench_ring [messages]\n");
        return 2;
    }
    /* ck's positions lie in neighbouring lines as the header declares them; given is the alignment
     * that keeps them from sharing one. */
    s.ring = trd__ring_init(allocate(trd__ring_footprint(CAPACITY)), CAPACITY);
    s.ck = allocate((sizeof(ck_ring_t) + 127) / 128 * 128);
    s.ck_slots = allocate(CAPACITY * sizeof(trd_event));
    ck_ring_init(s.ck, CAPACITY);
    pin(0);
    printf("%" PRIu64 " messages of 64 bytes, ring of %d, ns per message, %d runs\n", s.messages,
        CAPACITY, RUNS);
    printf("batch   ring median      min     ck median      min    ring/ck\n");
    for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
        compare(&s, batches[i]);
    }
    free(s.ring);
    free(s.ck);
    free(s.ck_slots);
    return 0;
}
