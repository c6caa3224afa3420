/* stress_node.c - a node with threads: senders, its agents, subscribers, and snapshots meanwhile.
 *
 *     stress_node [commands]
 *
 * The order of the commands is the node's. So what the subscribers have got is compared afterwards
 * with what a bare engine makes of the commands in the journal: all of it for one that has room, a
 * part in order for those that have not. Without a ring of the kernel, whose writes a sanitizer of
 * threads does not see. */
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tradsys/io/node.h>

#include "node_rig.h"
#include "scratch.h"
#include "stress.h"

enum { SENDERS = 2, SUBSCRIBERS = 3, WIDE = 1 << 20 };

typedef struct world {
    trd_node *node;
    uint64_t commands; /* of each sender */
    _Atomic uint32_t ended;
} world;

typedef struct sender {
    world *w;
    uint32_t number;
} sender;

/* What a subscriber has got: slots of events, notices apart. */
typedef struct reader {
    world *w;
    uint32_t number;
    uint32_t count;
    uint32_t cuts, resumed;
    trd_event *slots;
} reader;

static void *send_all(void *of) {
    const sender *s = of;
    for (uint64_t i = 0; i < s->w->commands; i++) {
        trd_command record[TRD_SLOTS_MAX];
        rig_command(7 + i * SENDERS + s->number, record);
        int result;
        while ((result = trd_node_send(s->w->node, record)) == TRD_E_FULL) {
            sched_yield();
        }
        check(result == TRD_OK, "%d", result);
    }
    return NULL;
}

static void take(reader *r, const trd_event *event) {
    if (event->kind == TRD_NODE_CUT) {
        r->cuts++;
    } else if (event->kind == TRD_NODE_RESUMED) {
        r->resumed++;
    } else if (event->kind != TRD_EVENT_NONE) {
        check(r->count + event->slots <= WIDE, "%u slots", r->count);
        memcpy(&r->slots[r->count], event, event->slots * sizeof(*event));
        r->count += event->slots;
    }
}

/* Reads until there is nothing more after the end; whoever was cut off goes on. */
static void *read_all(void *of) {
    reader *r = of;
    for (;;) {
        const uint32_t ended = atomic_load(&r->w->ended);
        uint32_t count;
        const trd_event *span = trd_node_peek(r->w->node, r->number, &count);
        if (span == NULL) {
            if (ended != 0) {
                return NULL;
            }
            (void)trd_node_resume(r->w->node, r->number);
            sched_yield();
            continue;
        }
        for (uint32_t at = 0; at < count; at += span[at].slots) {
            take(r, &span[at]);
        }
        trd_node_release(r->w->node, r->number, count);
    }
}

/* Accounts and money, before anybody else sends. */
static void begin(world *w) {
    for (uint64_t i = 1; i <= 6; i++) {
        trd_command record[TRD_SLOTS_MAX];
        rig_command(i, record);
        check(trd_node_send(w->node, record) == TRD_OK, "command %" PRIu64, i);
    }
}

static void take_snapshots(world *w) {
    for (int i = 0; i < 3; i++) {
        trd_node_status status;
        const int result = trd_node_snapshot(w->node, &status);
        check(result == TRD_OK, "%d: %s %d", result, trd_io_call_text(status.fault.call),
            status.fault.error);
        usleep(2000);
    }
}

/* --- afterwards ------------------------------------------------------------------------------- */

/* All events, made by a bare engine of the journal's commands; `at[seq]` is where one begins. */
typedef struct truth {
    trd_event *slots;
    uint32_t *at;
    uint32_t count;
    uint64_t events, commands;
} truth;

static void execute(truth *t, trd_engine *engine, const trd_journal_frame *frame) {
    const trd_command *at = (const void *)(frame + 1);
    for (uint32_t i = 0; i < frame->count; i++, at += at->slots) {
        check(at->seq == ++t->commands, "%" PRIu64, at->seq);
        trd_out out = {.events = t->slots + t->count, .capacity = 4096};
        check(t->count + out.capacity <= WIDE, "%u slots", t->count);
        check(trd_engine_step(engine, at, &out) == TRD_OK, "command %" PRIu64, at->seq);
        for (uint32_t e = 0; e < out.count; e += out.events[e].slots) {
            t->at[++t->events] = t->count + e;
        }
        t->count += out.count;
    }
}

static truth read_truth(const char *directory) {
    truth t = {.slots = malloc(WIDE * sizeof(trd_event)), .at = malloc(WIDE * sizeof(uint32_t))};
    trd_engine *engine = rig_engine();
    trd_journal_reading def = trd_journal_reading_default();
    trd_journal_status status;
    trd_journal_reader *journal;
    const trd_journal_frame *frame;
    def.directory = directory;
    def.seq = 1;
    check(trd_journal_reader_open(&def, &status, &journal) == TRD_OK, "no journal");
    int result;
    while ((result = trd_journal_reader_next(journal, &frame)) == 1) {
        execute(&t, engine, frame);
    }
    check(result == 0, "%d", result);
    trd_journal_reader_close(journal);
    trd_engine_destroy(engine);
    return t;
}

/* Each event is as it should be, and behind the one before. */
static void compare(const truth *t, const reader *r) {
    uint64_t before = 0;
    for (uint32_t at = 0; at < r->count; at += r->slots[at].slots) {
        const trd_event *event = &r->slots[at];
        check(event->seq > before && event->seq <= t->events, "%" PRIu64, event->seq);
        before = event->seq;
        const trd_event *own = &t->slots[t->at[before]];
        check(memcmp(event, own, own->slots * sizeof(*own)) == 0, "event %" PRIu64, before);
    }
}

/* --- a run ------------------------------------------------------------------------------------ */

static trd_journal_def journal_of(const char *directory) {
    trd_journal_def def = trd_journal_def_default();
    def.directory = directory;
    def.flags = TRD_JOURNAL_PLAIN;
    def.segment_size = 1 << 20;
    def.batch_size = 1 << 16;
    return def;
}

static trd_node_def def_of(const trd_subscription *subscriptions, uint32_t threads, uint32_t idle) {
    trd_node_def def = trd_node_def_default();
    def.subscriptions = subscriptions;
    def.subscribers = SUBSCRIBERS;
    def.ingress = 64;
    def.commands = 256;
    def.events = 2048;
    def.keep = 4; /* the journal stays from its beginning on */
    def.threads = threads;
    def.idle = idle;
    def.flags = threads == 3 ? TRD_NODE_HUGE : 0;
    def.cpu[1] = threads == 2 ? 0 : -1;
    return def;
}

static void run(uint64_t commands, uint32_t threads, uint32_t idle) {
    char directory[] = "stress_node-XXXXXX";
    scratch_make(directory);
    const trd_subscription subscriptions[SUBSCRIBERS] = {{.capacity = WIDE, .policy = TRD_SLOW_CUT},
        {.capacity = 256, .policy = TRD_SLOW_CUT},
        {.kinds = UINT64_C(1) << TRD_EVENT_LEVEL,
            .capacity = 64,
            .policy = TRD_SLOW_CONFLATE,
            .levels = 22}};
    trd_engine *engine = rig_engine();
    const trd_journal_def journal = journal_of(directory);
    trd_node_def def = def_of(subscriptions, threads, idle);
    def.engine = engine;
    def.journal = &journal;
    world w = {.commands = commands / SENDERS};
    trd_node_status status;
    check(trd_node_open(&def, &status, &w.node) == TRD_OK, "not opened");
    trd_engine_destroy(engine);
    begin(&w);
    check(trd_node_start(w.node) == TRD_OK, "not started");
    check(trd_node_work(w.node) == TRD_E_BUSY, "by hand, beside the threads");
    sender senders[SENDERS];
    reader readers[SUBSCRIBERS];
    pthread_t sending[SENDERS], reading[SUBSCRIBERS];
    for (uint32_t i = 0; i < SUBSCRIBERS; i++) {
        readers[i] = (reader){.w = &w, .number = i, .slots = malloc(WIDE * sizeof(trd_event))};
        reading[i] = stress_start(read_all, &readers[i]);
    }
    for (uint32_t i = 0; i < SENDERS; i++) {
        senders[i] = (sender){.w = &w, .number = i};
        sending[i] = stress_start(send_all, &senders[i]);
    }
    take_snapshots(&w);
    for (uint32_t i = 0; i < SENDERS; i++) {
        stress_join(sending[i]);
    }
    check(trd_node_stop(w.node) == TRD_OK, "not stopped");
    trd_node_stats stats;
    trd_node_stats_get(w.node, &stats);
    check(stats.acknowledged == 6 + w.commands * SENDERS, "%" PRIu64, stats.acknowledged);
    atomic_store(&w.ended, 1);
    for (uint32_t i = 0; i < SUBSCRIBERS; i++) {
        stress_join(reading[i]);
    }
    check(trd_node_close(w.node) == TRD_OK, "not closed");

    const truth t = read_truth(directory);
    check(t.commands == 6 + w.commands * SENDERS, "%" PRIu64, t.commands);
    check(readers[0].count == t.count, "%u of %u slots", readers[0].count, t.count);
    check(readers[2].cuts == 0, "levels were cut off");
    for (uint32_t i = 0; i < SUBSCRIBERS; i++) {
        compare(&t, &readers[i]);
    }
    printf("%u threads: %" PRIu64 " commands, %u slots; %u cuts; %u levels\n", threads, t.commands,
        t.count, readers[1].cuts, readers[2].count);
    for (uint32_t i = 0; i < SUBSCRIBERS; i++) {
        free(readers[i].slots);
    }
    free(t.slots);
    free(t.at);
    scratch_remove(directory);
}

/* Sends one command after the other, each when all threads have long been asleep, and waits until
 * it is told of. Each would take a second, the longest sleep, if the engine's thread did not wake
 * the gate's: more than this program is given. Now and then a wake is missed. */
static void wake_for_each(uint32_t threads) {
    const trd_subscription subscription = {.capacity = 4096, .policy = TRD_SLOW_CUT};
    trd_engine *engine = rig_engine();
    trd_node_def def = def_of(&subscription, threads, TRD_IDLE_PARK);
    def.engine = engine;
    def.subscribers = 1;
    def.park_ns = 1000000000;
    world w = {.commands = 300};
    trd_node_status status;
    check(trd_node_open(&def, &status, &w.node) == TRD_OK, "not opened");
    trd_engine_destroy(engine);
    begin(&w);
    while (trd_node_work(w.node) > 0) {
    }
    check(trd_node_start(w.node) == TRD_OK, "not started");
    for (uint64_t i = 0; i < w.commands; i++) {
        trd_command record[TRD_SLOTS_MAX];
        uint32_t count;
        while (trd_node_peek(w.node, 0, &count) != NULL) {
            trd_node_release(w.node, 0, count);
        }
        usleep(3000);
        rig_command(7 + i, record);
        check(trd_node_send(w.node, record) == TRD_OK, "command %" PRIu64, i);
        while (trd_node_peek(w.node, 0, &count) == NULL) {
            usleep(100);
        }
    }
    check(trd_node_close(w.node) == TRD_OK, "not closed");
    printf("%u threads: woken for each of %" PRIu64 " commands\n", threads, w.commands);
}

int main(int argc, char **argv) {
    trd_on_assert(stress_tell);
    const uint64_t commands = stress_count(argc, argv, 40000);
    run(commands, 1, TRD_IDLE_YIELD);
    run(commands, 2, TRD_IDLE_PARK);
    run(commands, 3, TRD_IDLE_YIELD);
    run(commands, 3, TRD_IDLE_PARK);
    wake_for_each(2);
    wake_for_each(3);
    return 0;
}
