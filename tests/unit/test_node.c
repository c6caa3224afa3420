/* A node, its agents called by hand, on a disk in memory: what comes out is what a bare engine
 * writes, once, in order, and never before it is acknowledged. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/io/node.h>

#include "disk.h"
#include "io/conflate.h"
#include "node_rig.h"

enum { COMMANDS = 600 };

/* A node, and a subscriber of all events who remembers what it got. */
typedef struct world {
    disk *d;
    trd_io_ops ops;
    trd_engine *engine;
    rig_story *story;
    trd_subscription subs[4];
    trd_node_def def;
    trd_node_status status;
    trd_node *node;
    uint64_t clock;
    uint64_t sent; /* commands that were taken */
    uint64_t got;  /* seq of the last event that subscriber 0 has */
} world;

static trd_ns tick(void *of) {
    return (trd_ns) * (uint64_t *)of;
}

static world *world_new(uint32_t subscribers) {
    world *w = calloc(1, sizeof(*w));
    w->d = disk_new(1);
    w->ops = disk_ops(w->d, true);
    w->engine = rig_engine();
    cr_assert(w->engine != NULL);
    w->story = rig_story_of(COMMANDS);
    w->def = trd_node_def_default();
    w->def.engine = w->engine;
    w->def.journal.directory = "/";
    w->def.journal.ops = &w->ops;
    w->def.journal.segment_size = TRD_JOURNAL_SIZE_MIN;
    w->def.journal.batch_size = 8192;
    w->def.clock = tick;
    w->def.clock_user = &w->clock;
    w->def.subscriptions = w->subs;
    w->def.subscribers = subscribers;
    w->def.ingress = 64;
    w->def.commands = 64;
    w->def.events = 512;
    for (uint32_t i = 0; i < subscribers; i++) {
        w->subs[i] = (trd_subscription){.capacity = 4096, .policy = TRD_SLOW_CUT};
    }
    return w;
}

static void open_node(world *w) {
    const int result = trd_node_open(&w->def, &w->status, &w->node);
    cr_assert(eq(int, result, TRD_OK), "%s %d, %s %d", trd_io_call_text(w->status.fault.call),
        w->status.fault.error, trd_io_call_text(w->status.journal.fault.call),
        w->status.journal.fault.error);
}

static void world_free(world *w) {
    trd_engine_destroy(w->engine);
    rig_story_free(w->story);
    disk_free(w->d);
    free(w);
}

/* Is that record event `seq` of the story? */
static void check_event(const world *w, const trd_event *event, uint64_t seq) {
    cr_assert(eq(u64, event->seq, seq));
    const trd_event *told = &w->story->slots[w->story->at[seq]];
    cr_assert(event->slots == told->slots);
    cr_assert(memcmp(event, told, event->slots * sizeof(*event)) == 0, "event %lu", seq);
}

/* Subscriber 0 reads what there is: the next events of the story, and nothing else. */
static uint32_t read_on(world *w) {
    uint32_t count, events = 0;
    const trd_event *span;
    while ((span = trd_node_peek(w->node, 0, &count)) != NULL) {
        for (uint32_t at = 0; at < count; at += span[at].slots) {
            if (span[at].kind != TRD_EVENT_NONE) {
                check_event(w, &span[at], ++w->got);
                events++;
            }
        }
        trd_node_release(w->node, 0, count);
    }
    return events;
}

/* Sends the next command, one at a time sequenced, so that its time is its number. */
static int send_next(world *w) {
    trd_command record[TRD_SLOTS_MAX];
    rig_command(w->sent + 1, record);
    w->clock = w->sent + 1;
    const int result = trd_node_send(w->node, record);
    w->sent += result == TRD_OK;
    return result;
}

static trd_node_stats stats_of(const world *w) {
    trd_node_stats stats;
    trd_node_stats_get(w->node, &stats);
    return stats;
}

/* Sends up to command `to` and works until all is done. */
static void run_to(world *w, uint64_t to) {
    while (w->sent < to) {
        cr_assert(eq(int, send_next(w), TRD_OK));
        do {
            cr_assert(trd_node_work(w->node) >= 0);
            read_on(w);
        } while (stats_of(w).sequenced < w->sent);
    }
    while (trd_node_work(w->node) > 0) {
        read_on(w);
    }
    read_on(w);
}

Test(node, events_are_those_of_a_bare_engine) {
    world *w = world_new(1);
    open_node(w);
    run_to(w, COMMANDS);
    cr_assert(eq(int, trd_node_stop(w->node), TRD_OK));
    read_on(w);
    cr_assert(w->story->events > 1000);
    cr_assert(eq(u64, w->got, w->story->events));
    trd_event_trail own, told;
    cr_assert(eq(int, trd_engine_trail(trd_node_engine(w->node), &own), TRD_OK));
    cr_assert(eq(int, trd_engine_trail(w->story->engine, &told), TRD_OK));
    cr_assert(eq(u64, own.hash, told.hash));
    cr_assert(eq(u64, own.slots, told.slots));
    const trd_node_stats stats = stats_of(w);
    cr_assert(eq(u64, stats.sequenced, COMMANDS));
    cr_assert(eq(u64, stats.acknowledged, COMMANDS));
    cr_assert(eq(u64, stats.executed, COMMANDS));
    cr_assert(eq(u64, stats.event, w->story->events));
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    world_free(w);
}

Test(node, without_a_journal_the_events_are_the_same) {
    world *w = world_new(1);
    w->def.journal.directory = NULL;
    open_node(w);
    run_to(w, COMMANDS);
    cr_assert(eq(u64, w->got, w->story->events));
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    cr_assert(eq(u32, disk_open_count(w->d), 0));
    world_free(w);
}
