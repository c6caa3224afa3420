/* A subscriber that has nothing yet gets what can still be made again. While there was one, another
 * that had events up to a number before the oldest snapshot was not refused any more: the node
 * opened, and what lay between was never given to it. And where the oldest snapshot was damaged
 * the newcomer was refused, although a newer one was whole. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>

#include <tradsys/io/node.h>

#include "disk.h"
#include "node_rig.h"

typedef struct world {
    disk *d;
    trd_io_ops ops;
    trd_engine *engine;
    trd_journal_def journal;
    trd_subscription subs[2];
    trd_node_def def;
    trd_node_status status;
    trd_node *node;
    trd_ns time;
} world;

static trd_ns tick(void *of) {
    return ((world *)of)->time;
}

static void begin(world *w) {
    *w = (world){.d = disk_new(1), .engine = rig_engine(), .def = trd_node_def_default()};
    cr_assert(ne(ptr, w->engine, NULL));
    w->ops = disk_ops(w->d, false);
    w->journal = trd_journal_def_default();
    w->journal.directory = "/";
    w->journal.ops = &w->ops;
    w->journal.segment_size = TRD_JOURNAL_SIZE_MIN;
    w->journal.batch_size = 8192;
    for (int i = 0; i < 2; i++) {
        w->subs[i] = (trd_subscription){.capacity = 4096, .policy = TRD_SLOW_CUT};
    }
    w->def.engine = w->engine;
    w->def.journal = &w->journal;
    w->def.clock = tick;
    w->def.clock_user = w;
    w->def.subscriptions = w->subs;
    w->def.subscribers = 2;
    w->def.keep = 2;
}

static void end(world *w) {
    trd_engine_destroy(w->engine);
    disk_free(w->d);
}

static void run_to(world *w, uint64_t command) {
    while ((uint64_t)w->time < command) {
        trd_command record[TRD_SLOTS_MAX];
        rig_command((uint64_t)++w->time, record);
        cr_assert(eq(int, trd_node_send(w->node, record), TRD_OK));
        while (trd_node_work(w->node) > 0) {
        }
    }
}

static uint64_t snapshot(world *w) {
    trd_node_status status;
    cr_assert(eq(int, trd_node_snapshot(w->node, &status), TRD_OK));
    return status.event;
}

/* Snapshots behind commands 100 and 200; *first has the last event of the first one. */
static void live(world *w, uint64_t *first) {
    begin(w);
    cr_assert(eq(int, trd_node_open(&w->def, &w->status, &w->node), TRD_OK));
    run_to(w, 100);
    *first = snapshot(w);
    run_to(w, 200);
    (void)snapshot(w);
    run_to(w, 220);
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
}

Test(node, who_lacks_what_is_gone_is_refused_beside_a_newcomer) {
    world w;
    uint64_t first;
    live(&w, &first);
    w.subs[0].last = first - 1;
    w.subs[1].last = 0;
    cr_assert(eq(int, trd_node_open(&w.def, &w.status, &w.node), TRD_E_UNKNOWN));
    cr_assert(eq(u32, w.status.subscriber, 1));
    w.subs[0].last = first; /* all that it lacks can be made */
    cr_assert(eq(int, trd_node_open(&w.def, &w.status, &w.node), TRD_OK));
    cr_assert(eq(u64, w.status.snapshot, 100));
    uint32_t count;
    for (uint32_t i = 0; i < 2; i++) {
        (void)trd_node_work(w.node);
        const trd_event *span = trd_node_peek(w.node, i, &count);
        cr_assert(span != NULL);
        cr_assert(eq(u64, span->seq, first + 1));
    }
    cr_assert(eq(int, trd_node_close(w.node), TRD_OK));
    end(&w);
}

Test(node, a_newcomer_gets_what_a_newer_snapshot_makes_if_the_oldest_is_damaged) {
    world w;
    uint64_t first;
    live(&w, &first);
    disk_damage(w.d, "00000000000000000100.snapshot", 5000, 1);
    w.subs[0].last = w.subs[1].last = 0;
    cr_assert(eq(int, trd_node_open(&w.def, &w.status, &w.node), TRD_OK));
    cr_assert(eq(u64, w.status.snapshot, 200));
    cr_assert(eq(int, trd_node_close(w.node), TRD_OK));
    end(&w);
}
