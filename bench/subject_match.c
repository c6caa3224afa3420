/* subject_match.c - the library's matcher as a subject, in four settings.
 *
 * Every event is written into an output array of OUT_SLOTS slots that is emptied between batches,
 * as a ring with a quick consumer would be: it stays in the second level cache. While the clock
 * runs nobody reads the events; the check reads all of them.
 *
 * The ring subject hands them to a second thread instead, a batch at a time: the matcher writes
 * into the ring's own memory, the reader touches every slot, and the clock stops when the last one
 * is read. The reader is a thread per call, started and joined within it, on a processor of its
 * own.
 */
#include "subject.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <tradsys/match.h>

#include "core/ring.h"

enum { OUT_SLOTS = 4096, BATCH = 64, SPAN_LEAST = 512 };

static subject_ids ids = {.mode = TRD_IDS_WINDOW, .ids_max = 0};
static trd_match *match;
static trd_event *events;
static trd_out out;
static uint32_t orders_known;

void subject_match_ids(subject_ids wanted) {
    ids = wanted;
}

static void fail(const char *what, int result) {
    fprintf(stderr, "bench: %s: %s\n", what, trd_result_text(result));
    exit(2);
}

/* --- Life ------------------------------------------------------------------------------------- */

static trd_match_def def_of(const flow *made, uint32_t orders_max, uint32_t publish) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = made->def.regime->instruments;
    def.orders_max = orders_max;
    def.publish = publish;
    def.id_mode = ids.mode;
    if (ids.mode != TRD_IDS_WINDOW) {
        def.ids_max = 0;
    } else if (ids.ids_max != 0) {
        def.ids_max = ids.ids_max;
    }
    def.accounts_max = ids.mode == TRD_IDS_ASCENDING ? FLOW_ACCOUNTS : 0;
    return def;
}

static void instruments_add(const flow_regime *regime) {
    for (uint32_t i = 0; i < regime->instruments; i++) {
        trd_instrument spec = trd_instrument_default();
        snprintf(spec.symbol, sizeof(spec.symbol), "B%u", i);
        spec.px_max = ((trd_px)1 << regime->levels_log2) - 2;
        spec.base_asset = 1;
        spec.quote_asset = 2;
        spec.settle_asset = 2;
        const int at = trd_match_add(match, &spec);
        if (at != (int)i) {
            fail("trd_match_add", at);
        }
    }
}

static void start_with(void *mem, const flow *made, uint32_t orders_max, uint32_t publish) {
    const trd_match_def def = def_of(made, orders_max, publish);
    match = trd_match_init(mem, &def);
    if (match == NULL) {
        fail("trd_match_init", TRD_E_ARG);
    }
    instruments_add(made->def.regime);
    if (events == NULL) {
        events = bench_alloc(OUT_SLOTS * sizeof(*events));
    }
    out = (trd_out){.events = events, .capacity = OUT_SLOTS};
    orders_known = orders_max;
}

static size_t footprint(const flow *made, uint32_t orders_max) {
    const trd_match_def def = def_of(made, orders_max, 0);
    return trd_match_footprint(&def);
}

static void start(void *mem, const flow *made, uint32_t orders_max) {
    start_with(mem, made, orders_max, 0);
}

static void start_data(void *mem, const flow *made, uint32_t orders_max) {
    start_with(mem, made, orders_max, TRD_PUBLISH_ALL);
}

/* --- Running ---------------------------------------------------------------------------------- */

/* Takes the events out of `out` and makes room in it. */
typedef void drain_fn(void);

static inline __attribute__((always_inline)) void drain_nothing(void) {
    out.count = 0;
}

/* Brings the command that is pending to its end. */
static inline __attribute__((always_inline)) void finish(drain_fn *drain, int result) {
    while (result == TRD_MORE) {
        drain();
        result = trd_match_step(match, NULL, &out);
    }
    if (result != TRD_OK) {
        fail("trd_match_step", result);
    }
}

/* Events are taken out when `out` is half full, or, `at_once`, after each command or batch. */
static inline __attribute__((always_inline)) void one(
    drain_fn *drain, bool at_once, const trd_command *command) {
    finish(drain, trd_match_step(match, command, &out));
    if (at_once || out.count > out.capacity / 2) {
        drain();
    }
}

static inline __attribute__((always_inline)) void batches(
    drain_fn *drain, bool at_once, const trd_command *commands, size_t count) {
    size_t at = 0;
    while (at < count) {
        size_t done = 0;
        const size_t slots = count - at < BATCH ? count - at : BATCH;
        const int result = trd_match_run(match, commands + at, slots, &done, &out);
        at += done;
        if (result == TRD_E_FULL) {
            drain();
            continue;
        }
        finish(drain, result);
        if (at_once || out.count > out.capacity / 2) {
            drain();
        }
    }
}

static void run(const trd_command *commands, size_t count) {
    batches(drain_nothing, false, commands, count);
}

static void run_step(const trd_command *commands, size_t count) {
    for (size_t i = 0; i < count; i++) {
        one(drain_nothing, false, &commands[i]);
    }
}

static void time_each(
    const trd_command *commands, size_t count, const bench_clock *clock, bench_hist *hist) {
    for (size_t i = 0; i < count; i++) {
        const uint64_t from = bench_ticks_begin();
        one(drain_nothing, false, &commands[i]);
        subject_record(hist, clock, bench_ticks_end() - from);
    }
}

/* --- Checking --------------------------------------------------------------------------------- */

/* Client id by slot of the handle: a fill names its maker by handle only. */
static uint64_t *clients;
static outcome seen;

static uint32_t slot_of(trd_order order) {
    const uint32_t slot = (uint32_t)order - 1;
    if (slot > 2 * orders_known) {
        fprintf(stderr, "bench: order slot %u out of %u\n", slot, orders_known);
        exit(2);
    }
    return slot;
}

static void refused(const trd_event *event) {
    if (seen.refused++ == 0) {
        fprintf(stderr, "bench: event %llu: %s: %s\n", (unsigned long long)event->seq,
            trd_event_text(event->kind), trd_reject_text(event->reason));
    }
}

static void read_event(const trd_event *event) {
    switch (event->kind) {
    case TRD_EVENT_ACCEPTED:
        if (event->u.order.order != 0) {
            clients[slot_of(event->u.order.order)] = event->u.order.client_id;
        }
        break;
    case TRD_EVENT_FILL:
        if (event->liquidity == TRD_LIQUIDITY_MAKER) {
            const trd_ev_fill *fill = &event->u.fill;
            tally_add(
                &seen.sum, (uint64_t)fill->px, (uint64_t)fill->qty, clients[slot_of(fill->order)]);
        }
        break;
    case TRD_EVENT_REJECTED:
    case TRD_EVENT_REPLACE_REJECTED:
    case TRD_EVENT_COMMAND_REJECTED:
        refused(event);
        break;
    default:
        break;
    }
}

static void drain_read(void) {
    for (uint32_t i = 0; i < out.count; i += events[i].slots) {
        read_event(&events[i]);
    }
    out.count = 0;
}

static void check_begin(void) {
    clients = bench_alloc((2 * (size_t)orders_known + 1) * sizeof(*clients));
    seen = (outcome){.refused = 0};
}

static outcome check_end(void) {
    trd_match_stats stats;
    trd_match_stats_get(match, &stats);
    seen.resting = stats.orders;
    bench_free(clients, (2 * (size_t)orders_known + 1) * sizeof(*clients));
    return seen;
}

static outcome check(const trd_command *commands, size_t count) {
    check_begin();
    batches(drain_read, false, commands, count);
    drain_read();
    return check_end();
}

static outcome check_step(const trd_command *commands, size_t count) {
    check_begin();
    for (size_t i = 0; i < count; i++) {
        one(drain_read, false, &commands[i]);
    }
    drain_read();
    return check_end();
}

/* --- Through the ring ------------------------------------------------------------------------- */

typedef void read_fn(const trd_event *slots, uint32_t count);

static trd_ring *ring;
static pthread_t reader;
static uint64_t reader_sum;
static cpu_set_t processors; /* that the program may use */
/* Released by ring_end after the last commit, acquired by the reader, which then looks once more.
 */
static _Atomic bool ring_ends;

static void wait_a_little(uint32_t *waits) {
#if defined(__x86_64__)
    _mm_pause();
#endif
    if (++*waits % 4096 == 0) {
        sched_yield(); /* with one core nothing else ends */
    }
}

static void read_touch(const trd_event *slots, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        reader_sum += slots[i].seq;
    }
}

static void read_check(const trd_event *slots, uint32_t count) {
    for (uint32_t i = 0; i < count; i += slots[i].slots) {
        read_event(&slots[i]);
    }
}

/* Puts the calling thread on the `nth` of the processors this program may use, so that the two ends
 * of the ring are on two of them; with only one there is nothing to do. */
static void pin(int nth) {
    cpu_set_t one;
    CPU_ZERO(&one);
    if (CPU_COUNT(&processors) < 2) {
        return;
    }
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &processors) && nth-- == 0) {
            CPU_SET(cpu, &one);
            pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
            return;
        }
    }
}

static void *ring_read(void *read) {
    uint32_t waits = 0;
    pin(1);
    for (;;) {
        const bool last = atomic_load_explicit(&ring_ends, memory_order_acquire);
        uint32_t count;
        const trd_event *slots = trd__ring_peek(ring, &count);
        if (slots != NULL) {
            (*(read_fn **)read)(slots, count);
            trd__ring_release(ring, count);
        } else if (last) {
            return NULL;
        } else {
            wait_a_little(&waits);
        }
    }
}

static void drain_ring(void) {
    uint32_t waits = 0;
    uint32_t room;
    trd_event *span;
    trd__ring_commit(ring, out.count);
    while ((span = trd__ring_reserve(ring, SPAN_LEAST, &room)) == NULL) {
        wait_a_little(&waits);
    }
    out = (trd_out){.events = span, .capacity = room};
}

static void ring_begin(read_fn **read) {
    atomic_store_explicit(&ring_ends, false, memory_order_relaxed);
    sched_getaffinity(0, sizeof(processors), &processors);
    pin(0);
    if (pthread_create(&reader, NULL, ring_read, read) != 0) {
        fail("pthread_create", TRD_E_MEMORY);
    }
    out.count = 0;
    drain_ring();
}

/* Returns when everything is read. */
static void ring_end(void) {
    trd__ring_commit(ring, out.count);
    out.count = 0;
    atomic_store_explicit(&ring_ends, true, memory_order_release);
    pthread_join(reader, NULL);
    pthread_setaffinity_np(pthread_self(), sizeof(processors), &processors);
}

static void start_ring(void *mem, const flow *made, uint32_t orders_max) {
    static void *ring_mem;
    start_with(mem, made, orders_max, 0);
    if (ring_mem == NULL) {
        ring_mem = bench_alloc(trd__ring_footprint(OUT_SLOTS));
    }
    ring = trd__ring_init(ring_mem, OUT_SLOTS);
}

static void run_ring(const trd_command *commands, size_t count) {
    read_fn *read = read_touch;
    ring_begin(&read);
    batches(drain_ring, true, commands, count);
    ring_end();
}

static void time_each_ring(
    const trd_command *commands, size_t count, const bench_clock *clock, bench_hist *hist) {
    read_fn *read = read_touch;
    ring_begin(&read);
    for (size_t i = 0; i < count; i++) {
        const uint64_t from = bench_ticks_begin();
        one(drain_ring, true, &commands[i]);
        subject_record(hist, clock, bench_ticks_end() - from);
    }
    ring_end();
}

static outcome check_ring(const trd_command *commands, size_t count) {
    read_fn *read = read_check;
    check_begin();
    ring_begin(&read);
    batches(drain_ring, true, commands, count);
    ring_end();
    return check_end();
}

const subject subject_match = {"matcher", footprint, start, run, time_each, check};
const subject subject_match_step = {
    "matcher-step", footprint, start, run_step, time_each, check_step};
const subject subject_match_data = {"matcher+data", footprint, start_data, run, time_each, check};
const subject subject_match_ring = {
    "matcher+ring", footprint, start_ring, run_ring, time_each_ring, check_ring};
