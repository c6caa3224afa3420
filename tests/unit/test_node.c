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
#include "scarce.h"

enum { COMMANDS = 600 };

/* A node, and a subscriber of all events who remembers what it got. */
typedef struct world {
    disk *d;
    trd_io_ops ops;
    trd_engine *engine;
    rig_story *story;
    trd_subscription subs[4];
    trd_journal_def journal;
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
    w->journal = trd_journal_def_default();
    w->def.journal = &w->journal;
    w->journal.directory = "/";
    w->journal.ops = &w->ops;
    w->journal.segment_size = TRD_JOURNAL_SIZE_MIN;
    w->journal.batch_size = 8192;
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

/* Works until there is nothing more to do, also for the disk, whose results come when they do. */
static void work_on(world *w) {
    for (int idle = 0; idle < 20;) {
        const int done = trd_node_work(w->node);
        cr_assert(done >= 0);
        idle = done > 0 ? 0 : idle + 1;
        read_on(w);
    }
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
    work_on(w);
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
    w->def.journal = NULL;
    open_node(w);
    run_to(w, COMMANDS);
    cr_assert(eq(u64, w->got, w->story->events));
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    cr_assert(eq(u32, disk_open_count(w->d), 0));
    world_free(w);
}

/* ---- subscribers ---- */

/* Events of commands up to `command`. */
static uint64_t events_until(const world *w, uint64_t command) {
    uint64_t last = 0;
    while (last < w->story->events && w->story->by[last + 1] <= command) {
        last++;
    }
    return last;
}

static const trd_event *told(const world *w, uint64_t seq) {
    return &w->story->slots[w->story->at[seq]];
}

/* The base slots that subscriber `s` can read now, and works in between while there are more. */
static uint32_t hear(world *w, uint32_t s, trd_event *heard, uint32_t most) {
    uint32_t count, n = 0;
    const trd_event *span;
    do {
        while ((span = trd_node_peek(w->node, s, &count)) != NULL) {
            for (uint32_t at = 0; at < count; at += span[at].slots) {
                if (span[at].kind != TRD_EVENT_NONE) {
                    cr_assert(n < most);
                    heard[n++] = span[at];
                }
            }
            trd_node_release(w->node, s, count);
        }
    } while (trd_node_work(w->node) > 0);
    return n;
}

/* Are these the events of the story in (from, to] that `wanted` says, and no others? */
static void check_heard(const world *w, const trd_event *heard, uint32_t count, uint64_t from,
    uint64_t to, bool (*wanted)(const trd_event *)) {
    uint32_t n = 0;
    for (uint64_t seq = from + 1; seq <= to; seq++) {
        const trd_event *event = told(w, seq);
        if (wanted(event)) {
            cr_assert(n < count, "event %lu is missing", seq);
            cr_assert(memcmp(&heard[n], event, sizeof(*event)) == 0, "event %lu", seq);
            n++;
        }
    }
    cr_assert(eq(u32, n, count));
}

static bool any(const trd_event *event) {
    (void)event;
    return true;
}

static bool is_fill(const trd_event *event) {
    return event->kind == TRD_EVENT_FILL;
}

static bool is_level(const trd_event *event) {
    return event->kind == TRD_EVENT_LEVEL;
}

static bool is_for_alice(const trd_event *event) {
    return event->account == RIG_ALICE || event->kind == TRD_EVENT_LEVEL ||
           event->kind == TRD_EVENT_TAPE;
}

static trd_event heard[8192];

Test(node, a_mask_and_an_account_choose_events) {
    world *w = world_new(3);
    w->subs[1] = (trd_subscription){
        .kinds = UINT64_C(1) << TRD_EVENT_FILL, .capacity = 16384, .policy = TRD_SLOW_CUT};
    w->subs[2] = (trd_subscription){.account = RIG_ALICE,
        .flags = TRD_SUBSCRIBE_ACCOUNT,
        .capacity = 16384,
        .policy = TRD_SLOW_CUT};
    open_node(w);
    run_to(w, COMMANDS);
    uint32_t count = hear(w, 1, heard, 8192);
    cr_assert(count > 100);
    check_heard(w, heard, count, 0, w->story->events, is_fill);
    count = hear(w, 2, heard, 8192);
    check_heard(w, heard, count, 0, w->story->events, is_for_alice);
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    world_free(w);
}

static bool is_fill_or_transfer(const trd_event *event) {
    const bool is_ledger = event->kind == TRD_EVENT_LEDGER;
    return is_fill(event) || (is_ledger && event->u.ledger.entry == TRD_LEDGER_TRANSFER);
}

Test(node, of_money_transfers_alone_may_be_wanted_live_and_again) {
    world *w = world_new(2);
    w->subs[1] =
        (trd_subscription){.kinds = UINT64_C(1) << TRD_EVENT_FILL | UINT64_C(1) << TRD_EVENT_LEDGER,
            .capacity = 16384,
            .policy = TRD_SLOW_CUT,
            .flags = TRD_SUBSCRIBE_TRANSFERS};
    open_node(w);
    run_to(w, COMMANDS);
    uint32_t count = hear(w, 1, heard, 8192);
    check_heard(w, heard, count, 0, w->story->events, is_fill_or_transfer);
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    w->subs[0].last = w->story->events; /* the other one is given all of it again */
    open_node(w);
    count = hear(w, 1, heard, 8192);
    check_heard(w, heard, count, 0, w->story->events, is_fill_or_transfer);
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    world_free(w);
}

Test(node, a_slow_subscriber_is_cut_off_and_the_others_are_not) {
    world *w = world_new(2);
    w->subs[1].capacity = 64;
    open_node(w);
    run_to(w, 300);
    cr_assert(eq(u64, w->got, events_until(w, 300)));
    cr_assert(eq(int, trd_node_resume(w->node, 1), TRD_E_BUSY)); /* it has not read that */
    const uint32_t count = hear(w, 1, heard, 8192);
    const uint64_t missed = heard[count - 1].seq;
    cr_assert(eq(u8, heard[count - 1].kind, TRD_NODE_CUT));
    cr_assert(eq(u8, heard[count - 1].slots, 1));
    check_heard(w, heard, count - 1, 0, missed - 1, any);
    /* As much as there was room for: the next event and the slot that is kept were too many. */
    uint32_t slots = 0;
    for (uint64_t seq = 1; seq < missed; seq++) {
        slots += told(w, seq)->slots;
    }
    cr_assert(slots + 1 <= 64);
    cr_assert(slots + told(w, missed)->slots + 1 > 64);
    trd_subscriber_stats stats;
    cr_assert(eq(int, trd_node_subscriber(w->node, 1, &stats), TRD_OK));
    cr_assert(eq(u32, stats.state, TRD_SUBSCRIBER_CUT));
    cr_assert(eq(u64, stats.cuts, 1));
    cr_assert(eq(u64, stats.given, slots));
    cr_assert(eq(u32, stats.used, 0));
    run_to(w, 310);
    cr_assert(eq(u32, hear(w, 1, heard, 8192), 0));

    cr_assert(eq(int, trd_node_resume(w->node, 1), TRD_OK));
    run_to(w, 312);
    const uint32_t again = hear(w, 1, heard, 8192);
    cr_assert(eq(u8, heard[0].kind, TRD_NODE_RESUMED));
    cr_assert(eq(u64, heard[0].seq, events_until(w, 310) + 1));
    check_heard(w, heard + 1, again - 1, events_until(w, 310), events_until(w, 312), any);
    cr_assert(eq(int, trd_node_resume(w->node, 1), TRD_E_BUSY)); /* it is not cut off */
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    world_free(w);
}

/* Sends commands up to `to`, and only then works: their events are one batch. */
static void run_at_once(world *w, uint64_t to) {
    while (w->sent < to) {
        cr_assert(eq(int, send_next(w), TRD_OK));
    }
    while (trd_node_work(w->node) > 0) {
    }
}

/* Of records that are put one after the other into a ring of 64 slots, of which `used` are not read
 * and the next one is number `position`: how many have room, with a slot that stays free, where
 * a record that would go over the end of the buffer begins at its start? */
static uint32_t fitting(
    const trd_event *records, uint32_t count, uint64_t position, uint64_t used, uint32_t *slots) {
    uint32_t n = 0;
    for (*slots = 0; n < count; n++) {
        const uint64_t to_end = 64 - position % 64;
        const uint64_t padding = to_end < records[n].slots + 1u ? to_end : 0;
        if (used + padding + records[n].slots + 1 > 64) {
            break;
        }
        used += padding + records[n].slots;
        position += padding + records[n].slots;
        *slots += records[n].slots;
    }
    return n;
}

Test(node, of_a_batch_a_slow_subscriber_gets_as_much_as_there_is_room_for) {
    static trd_event all[8192];
    world *w = world_new(2);
    trd_subscriber_stats stats;
    uint32_t slots;
    w->def.journal = NULL;
    w->subs[0].capacity = 16384;
    w->subs[1].capacity = 64;
    open_node(w);
    run_at_once(w, 46);
    uint32_t count = hear(w, 0, all, 8192);
    const uint32_t fit = fitting(all, count, 0, 0, &slots);
    cr_assert(fit > 10 && fit < count); /* else nothing is shown */
    cr_assert(eq(u32, hear(w, 1, heard, 8192), fit + 1));
    cr_assert(memcmp(heard, all, fit * sizeof(*all)) == 0);
    cr_assert(eq(u8, heard[fit].kind, TRD_NODE_CUT));
    cr_assert(eq(u64, heard[fit].seq, all[fit].seq));
    cr_assert(eq(int, trd_node_subscriber(w->node, 1, &stats), TRD_OK));
    cr_assert(eq(u64, stats.given, slots));

    /* The same behind them, where the end of the buffer is nearer. */
    const uint64_t position = slots + 1 + 1; /* TRD_NODE_CUT, TRD_NODE_RESUMED */
    cr_assert(eq(int, trd_node_resume(w->node, 1), TRD_OK));
    cr_assert(trd_node_work(w->node) > 0);
    run_at_once(w, 106);
    count = hear(w, 0, all, 8192);
    uint32_t more;
    const uint32_t fit_more = fitting(all, count, position, 1, &more);
    cr_assert(fit_more > 10 && fit_more < count);
    cr_assert(eq(u32, hear(w, 1, heard, 8192), 1 + fit_more + 1));
    cr_assert(eq(u8, heard[0].kind, TRD_NODE_RESUMED));
    cr_assert(memcmp(heard + 1, all, fit_more * sizeof(*all)) == 0);
    cr_assert(eq(u64, heard[1 + fit_more].seq, all[fit_more].seq));
    cr_assert(eq(int, trd_node_subscriber(w->node, 1, &stats), TRD_OK));
    cr_assert(eq(u64, stats.given, slots + more));
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    world_free(w);
}

/* A command a round, so that each has a batch of its own; the disk is done with several at once. */
Test(node, what_is_acknowledged_at_once_is_given_at_once) {
    world *w = world_new(1);
    uint32_t many = 0, count;
    uint64_t acknowledged = 0;
    w->journal.batch_size = 32768;
    w->def.events = 16384; /* all of them, and all commands: none waits for the start of a buffer */
    w->def.commands = 2048;
    open_node(w);
    while (acknowledged < COMMANDS) {
        if (w->sent < COMMANDS && w->sent < acknowledged + 30) { /* so many have room */
            cr_assert(eq(int, send_next(w), TRD_OK));
        }
        cr_assert(trd_node_work(w->node) >= 0);
        const trd_node_stats stats = stats_of(w);
        cr_assert(eq(u64, stats.executed, w->sent));
        cr_assert(eq(u64, stats.event, events_until(w, stats.acknowledged)));
        many += stats.acknowledged > acknowledged + 1;
        acknowledged = stats.acknowledged;
        if (trd_node_peek(w->node, 0, &count) != NULL) {
            trd_node_release(w->node, 0, count);
        }
    }
    cr_assert(many > 10); /* else nothing is shown */
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    world_free(w);
}

Test(node, who_was_dropped_gets_nothing) {
    world *w = world_new(2);
    open_node(w);
    cr_assert(eq(int, trd_node_drop(w->node, 1), TRD_OK));
    run_to(w, 50);
    cr_assert(eq(u32, hear(w, 1, heard, 8192), 0));
    cr_assert(eq(int, trd_node_resume(w->node, 1), TRD_E_BUSY));
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    world_free(w);
}

static int place_of(const trd_event *level) {
    return (int)(level->u.level.px - 95) * 2 + (level->side == TRD_SELL);
}

Test(node, of_levels_that_wait_the_latest_is_given) {
    world *w = world_new(2);
    w->subs[1] = (trd_subscription){.kinds = UINT64_C(1) << TRD_EVENT_LEVEL,
        .capacity = 64,
        .policy = TRD_SLOW_CONFLATE,
        .levels = 22}; /* 11 prices, two sides */
    open_node(w);
    run_to(w, COMMANDS);
    const uint32_t count = hear(w, 1, heard, 8192);
    const trd_event *latest[22] = {0};
    uint32_t levels = 0;
    for (uint64_t seq = 1; seq <= w->story->events; seq++) {
        const trd_event *event = told(w, seq);
        if (is_level(event)) {
            latest[place_of(event)] = event;
            levels++;
        }
    }
    uint64_t before = 0;
    const trd_event *got[22] = {0};
    for (uint32_t i = 0; i < count; i++) {
        cr_assert(heard[i].seq > before);
        before = heard[i].seq;
        cr_assert(memcmp(&heard[i], told(w, before), sizeof(heard[i])) == 0);
        got[place_of(&heard[i])] = told(w, before);
    }
    cr_assert(memcmp(got, latest, sizeof(got)) == 0);
    trd_subscriber_stats stats;
    cr_assert(eq(int, trd_node_subscriber(w->node, 1, &stats), TRD_OK));
    cr_assert(eq(u64, stats.cuts, 0));
    cr_assert(count > 22 && count < 64 + 22);
    cr_assert(eq(u64, stats.conflated, levels - count));
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    world_free(w);
}

Test(node, one_level_too_many_or_another_event_cuts) {
    static const struct {
        uint64_t kinds;
        uint32_t levels;
    } rows[] = {{UINT64_C(1) << TRD_EVENT_LEVEL, 2},
        {UINT64_C(1) << TRD_EVENT_LEVEL | UINT64_C(1) << TRD_EVENT_FILL, 22}};
    for (int row = 0; row < 2; row++) {
        world *w = world_new(2);
        w->subs[1] = (trd_subscription){.kinds = rows[row].kinds,
            .capacity = 64,
            .policy = TRD_SLOW_CONFLATE,
            .levels = rows[row].levels};
        open_node(w);
        run_to(w, COMMANDS);
        const uint32_t count = hear(w, 1, heard, 8192);
        cr_assert(eq(u8, heard[count - 1].kind, TRD_NODE_CUT));
        /* Everything before the cut was given: nothing was conflated before the ring was full. */
        uint32_t n = 0;
        for (uint64_t seq = 1; seq < heard[count - 1].seq; seq++) {
            if (is_level(told(w, seq)) || (row == 1 && is_fill(told(w, seq)))) {
                cr_assert(eq(u64, heard[n].seq, seq));
                n++;
            }
        }
        cr_assert(eq(u32, n, count - 1));
        cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
        world_free(w);
    }
}

/* ---- senders ---- */

Test(node, what_is_no_record_is_not_taken) {
    static const struct {
        uint8_t kind, slots, next_kind, next_slots;
    } rows[] = {{0, 1, 0, 0}, {96, 1, 0, 0}, {128, 1, 0, 0}, {1, 0, 0, 0}, {1, 5, 129, 0},
        {1, 2, 127, 0}, {1, 2, 129, 1}};
    world *w = world_new(1);
    open_node(w);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        trd_command record[TRD_SLOTS_MAX] = {{.kind = rows[i].kind, .slots = rows[i].slots},
            {.kind = rows[i].next_kind, .slots = rows[i].next_slots}};
        cr_assert(eq(int, trd_node_send(w->node, record), TRD_E_ARG), "row %zu", i);
    }
    trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1};
    cr_assert(eq(int, trd_node_send(NULL, &timer), TRD_E_ARG));
    cr_assert(eq(int, trd_node_send(w->node, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_node_send(w->node, &timer), TRD_OK));
    cr_assert(eq(int, trd_node_stop(w->node), TRD_OK));
    cr_assert(eq(int, trd_node_send(w->node, &timer), TRD_E_BUSY));
    cr_assert(eq(u64, stats_of(w).acknowledged, 1));
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    world_free(w);
}

Test(node, a_full_ingress_says_so_and_loses_nothing) {
    world *w = world_new(1);
    w->clock = 1;
    open_node(w);
    const trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1};
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < w->def.ingress; i++) {
            cr_assert(eq(int, trd_node_send(w->node, &timer), TRD_OK));
        }
        cr_assert(eq(int, trd_node_send(w->node, &timer), TRD_E_FULL));
        work_on(w);
        cr_assert(eq(u64, stats_of(w).acknowledged, (round + 1) * w->def.ingress));
    }
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    world_free(w);
}

Test(node, where_the_clock_goes_back_time_stands_still) {
    static const uint64_t clock[] = {5, 9, 4, 9, 8, 12, 3};
    static const trd_ns time[] = {5, 9, 9, 9, 9, 12, 12};
    world *w = world_new(1);
    w->journal.flags = TRD_JOURNAL_PLAIN; /* so that each command is acknowledged at once */
    open_node(w);
    for (size_t i = 0; i < sizeof(clock) / sizeof(clock[0]); i++) {
        const trd_command account = {.kind = TRD_COMMAND_ACCOUNT, .slots = 1}; /* refused */
        w->clock = clock[i];
        cr_assert(eq(int, trd_node_send(w->node, &account), TRD_OK));
        const uint32_t count = hear(w, 0, heard, 8);
        cr_assert(eq(u32, count, 1));
        cr_assert(eq(u8, heard[0].kind, TRD_EVENT_COMMAND_REJECTED));
        cr_assert(eq(i64, heard[0].time, time[i]), "row %zu", i);
    }
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    world_free(w);
}

/* ---- a journal that fails ---- */

Test(node, of_a_failed_journal_nothing_is_seen) {
    world *w = world_new(1);
    open_node(w);
    run_to(w, 100);
    const uint64_t got = w->got;
    disk_set_fault(w->d, &(disk_fault){.kind = DISK_FAULT_ERROR,
                             .keeps_on = true,
                             .calls = 1u << TRD_IO_DATA_SYNC,
                             .error = EIO});
    for (int i = 0; i < 50; i++) {
        (void)send_next(w);
    }
    work_on(w);
    cr_assert(eq(u64, w->got, got));
    cr_assert(disk_struck(w->d));
    cr_assert(eq(int, send_next(w), TRD_E_IO));
    const trd_node_stats stats = stats_of(w);
    cr_assert(eq(int, stats.failed, TRD_E_IO));
    cr_assert(eq(u32, stats.fault.call, TRD_IO_DATA_SYNC));
    cr_assert(eq(int, stats.fault.error, EIO));
    cr_assert(eq(u64, stats.acknowledged, 100));
    cr_assert(stats.executed > 100); /* the engine knew them */
    trd_node_status status;
    cr_assert(eq(int, trd_node_snapshot(w->node, &status), TRD_E_IO));
    cr_assert(eq(int, trd_node_stop(w->node), TRD_E_IO));
    cr_assert(eq(u32, read_on(w), 0));
    cr_assert(eq(u64, w->got, got));
    cr_assert(eq(int, trd_node_close(w->node), TRD_E_IO));
    cr_assert(eq(u32, disk_open_count(w->d), 0));
    world_free(w);
}

/* Sends up to `to`, with a snapshot on the way, until the journal fails. Nobody sees what is not
 * acknowledged. */
static void run_until_failure(world *w, uint64_t to, uint64_t snapshot_at) {
    trd_node_status status;
    int result = TRD_OK;
    while (w->sent < to && result == TRD_OK) {
        result = send_next(w);
        cr_assert(result == TRD_OK || result == TRD_E_IO);
        for (int i = 0; i < 100 && stats_of(w).sequenced < w->sent; i++) {
            (void)trd_node_work(w->node);
            read_on(w);
            cr_assert(w->got == 0 || w->story->by[w->got] <= stats_of(w).acknowledged);
        }
        if (w->sent == snapshot_at && result == TRD_OK) {
            (void)trd_node_snapshot(w->node, &status);
        }
    }
    work_on(w);
    cr_assert(w->got == 0 || w->story->by[w->got] <= stats_of(w).acknowledged);
}

/* After whatever has happened: nothing that was acknowledged is lost, and what was seen is seen
 * once; then on to the end. */
static void reopen_and_finish(world *w, uint64_t acknowledged, uint64_t to) {
    disk_set_fault(w->d, &(disk_fault){0});
    w->subs[0].last = w->got;
    open_node(w);
    cr_assert(w->status.seq >= acknowledged, "%lu of %lu", w->status.seq, acknowledged);
    cr_assert(w->status.seq <= w->sent);
    w->sent = w->status.seq;
    run_to(w, to);
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    cr_assert(eq(u64, w->got, events_until(w, to)));
}

static void fail_at(uint64_t at, enum disk_fault_kind kind, bool keeps_on) {
    enum { TO = 120 };
    world *w = world_new(1);
    w->d = (disk_free(w->d), disk_new(at + 1));
    w->def.keep = 1 + at % 2; /* 1: the old one goes when the new one is there */
    w->ops = disk_ops(w->d, at % 2 == 0);
    const disk_fault fault = {.kind = kind, .at = at, .keeps_on = keeps_on, .error = EIO};
    disk_set_fault(w->d, &fault);
    uint64_t acknowledged = 0;
    if (trd_node_open(&w->def, &w->status, &w->node) == TRD_OK) {
        run_until_failure(w, TO, 60);
        (void)trd_node_stop(w->node);
        acknowledged = stats_of(w).acknowledged;
        read_on(w);
        cr_assert(w->got == 0 || w->story->by[w->got] <= acknowledged);
        (void)trd_node_close(w->node);
    }
    cr_assert(disk_struck(w->d), "call %lu was not reached", at);
    if (kind == DISK_FAULT_POWER) {
        disk_crash(w->d);
    }
    reopen_and_finish(w, acknowledged, TO + 20);
    world_free(w);
}

/* How many calls such a run makes, at least. */
static uint64_t calls_of_a_run(void) {
    world *w = world_new(1);
    disk_set_fault(w->d, &(disk_fault){0});
    open_node(w);
    run_until_failure(w, 120, 60);
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    const uint64_t calls = disk_calls(w->d);
    world_free(w);
    return calls;
}

Test(node, a_failure_of_any_call_loses_nothing_and_gives_nothing_twice) {
    const uint64_t calls = calls_of_a_run();
    cr_assert(calls > 200);
    for (uint64_t at = 0; at + 20 < calls; at += 3) {
        fail_at(at, DISK_FAULT_ERROR, at % 6 == 0);
    }
}

Test(node, without_power_at_any_call_nothing_is_lost_or_given_twice) {
    const uint64_t calls = calls_of_a_run();
    for (uint64_t at = 1; at + 20 < calls; at += 3) {
        fail_at(at, DISK_FAULT_POWER, false);
    }
}

/* A life with a snapshot and a restart, in which one call is interrupted, or does less than it was
 * told: nothing of that shows. False if there are not so many calls. */
static bool lives_with(disk_fault fault) {
    world *w = world_new(1);
    trd_node_status status;
    w->def.keep = 1;
    w->ops = disk_ops(w->d, fault.at % 2 == 0);
    disk_set_fault(w->d, &fault);
    open_node(w);
    run_to(w, 40);
    cr_assert(eq(int, trd_node_snapshot(w->node, &status), TRD_OK), "call %lu", fault.at);
    run_to(w, 60);
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK), "call %lu", fault.at);
    w->subs[0].last = w->got;
    open_node(w);
    cr_assert(eq(u64, w->status.seq, 60));
    cr_assert(eq(u64, w->status.snapshot, 40));
    run_to(w, 80);
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    cr_assert(eq(u64, w->got, events_until(w, 80)));
    const bool struck = disk_struck(w->d);
    world_free(w);
    return struck;
}

Test(node, a_call_that_is_interrupted_or_short_is_made_again) {
    const uint32_t calls =
        1u << TRD_IO_READ | 1u << TRD_IO_WRITE | 1u << TRD_IO_SYNC | 1u << TRD_IO_DATA_SYNC;
    uint64_t at = 0;
    while (lives_with(
        (disk_fault){.kind = DISK_FAULT_ERROR, .at = at, .calls = calls, .error = EINTR})) {
        at++;
    }
    cr_assert(at > 50);
    const uint32_t parts = 1u << TRD_IO_READ | 1u << TRD_IO_WRITE;
    for (at = 0;
         lives_with((disk_fault){.kind = DISK_FAULT_SHORT, .at = at, .calls = parts, .part = 100});
         at++) {
    }
    cr_assert(at > 50);
}

/* ---- recovery ---- */

static void close_node(world *w) {
    cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    cr_assert(eq(u32, disk_open_count(w->d), 0));
}

static bool has_snapshot(const world *w, uint64_t seq) {
    char name[40];
    uint64_t size;
    snprintf(name, sizeof(name), "%020lu.snapshot", seq);
    return disk_file(w->d, name, &size) != NULL;
}

static void damage_snapshot(const world *w, uint64_t seq, uint64_t at) {
    char name[40];
    snprintf(name, sizeof(name), "%020lu.snapshot", seq);
    disk_damage(w->d, name, at, 1);
}

static void snapshot(world *w) {
    trd_node_status status;
    cr_assert(eq(int, trd_node_snapshot(w->node, &status), TRD_OK));
    cr_assert(eq(u64, status.snapshot, w->sent));
    cr_assert(eq(u64, status.seq, w->sent));
    cr_assert(eq(u64, status.event, events_until(w, w->sent)));
}

/* Loses the power at call `at` of a snapshot that replaces the one before it. False: it made fewer
 * calls. */
static bool lose_power_in_snapshot(uint64_t at, uint64_t seed) {
    enum { TO = 20 };
    world *w = world_new(1);
    w->d = (disk_free(w->d), disk_new(seed));
    w->ops = disk_ops(w->d, seed % 2 == 0);
    w->def.keep = 1;
    open_node(w);
    run_to(w, TO);
    /* Between other calls names do not change. */
    const uint32_t calls = 1u << TRD_IO_RENAME | 1u << TRD_IO_REMOVE | 1u << TRD_IO_LIST;
    disk_set_fault(w->d, &(disk_fault){.kind = DISK_FAULT_POWER, .at = at, .calls = calls});
    trd_node_status status;
    (void)trd_node_snapshot(w->node, &status);
    const bool struck = disk_struck(w->d);
    (void)trd_node_close(w->node);
    disk_crash(w->d);
    reopen_and_finish(w, TO, TO + 10);
    world_free(w);
    return struck;
}

/* Of two names that changed one may be lost and the other not: the new snapshot's is on the disk
 * before the old one's goes. */
Test(node, there_is_a_snapshot_whenever_the_power_goes) {
    uint64_t at = 0;
    bool struck = true;
    for (; struck; at++) {
        for (uint64_t seed = 1; seed <= 16 && struck; seed++) {
            struck = lose_power_in_snapshot(at, seed);
        }
    }
    cr_assert(at > 4);
}

/* 500 commands with snapshots behind 0, 200 and 400, closed. */
static world *world_of_three(uint32_t keep) {
    world *w = world_new(1);
    w->def.keep = keep;
    open_node(w);
    run_to(w, 200);
    snapshot(w);
    run_to(w, 400);
    snapshot(w);
    run_to(w, 500);
    close_node(w);
    return w;
}

Test(node, begins_with_a_snapshot_and_replays_the_tail) {
    world *w = world_of_three(2);
    cr_assert(has_snapshot(w, 200) && has_snapshot(w, 400) && !has_snapshot(w, 0));
    w->subs[0].last = w->got;
    w->def.engine = NULL; /* it is in the snapshot */
    open_node(w);
    cr_assert(eq(u64, w->status.snapshot, 400));
    cr_assert(eq(u64, w->status.replayed, 100));
    cr_assert(eq(u64, w->status.damaged, 0));
    cr_assert(eq(u64, w->status.seq, 500));
    cr_assert(eq(u64, w->status.event, events_until(w, 500)));
    run_to(w, COMMANDS);
    cr_assert(eq(u64, w->got, w->story->events));
    trd_event_trail own, bare;
    cr_assert(eq(int, trd_engine_trail(trd_node_engine(w->node), &own), TRD_OK));
    cr_assert(eq(int, trd_engine_trail(w->story->engine, &bare), TRD_OK));
    cr_assert(eq(u64, own.hash, bare.hash));
    close_node(w);
    world_free(w);
}

Test(node, gives_again_what_a_subscriber_does_not_have) {
    static const struct {
        uint64_t has; /* events of commands up to this one */
        uint64_t snapshot;
    } rows[] = {{500, 400}, {499, 400}, {400, 400}, {399, 200}, {200, 200}, {10, 0}, {0, 0}};
    world *w = world_of_three(3);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        w->got = w->subs[0].last = events_until(w, rows[i].has);
        w->subs[0].capacity = 64; /* it is handed over in pieces */
        open_node(w);
        cr_assert(eq(u64, w->status.snapshot, rows[i].snapshot), "row %zu", i);
        cr_assert(eq(u32, stats_of(w).recovering, rows[i].has < 500), "row %zu", i);
        work_on(w);
        cr_assert(eq(u64, w->got, events_until(w, 500)), "row %zu", i);
        cr_assert(eq(u32, stats_of(w).recovering, 0));
        close_node(w);
    }
    world_free(w);
}

Test(node, each_subscriber_gets_what_it_lacks_itself) {
    world *w = world_of_three(2);
    w->def.subscribers = 2;
    w->got = w->subs[0].last = events_until(w, 430);
    w->subs[1] = w->subs[0];
    w->subs[1].last = events_until(w, 480);
    open_node(w);
    work_on(w);
    cr_assert(eq(u64, w->got, events_until(w, 500)));
    const uint32_t count = hear(w, 1, heard, 8192);
    cr_assert(count > 0);
    check_heard(w, heard, count, events_until(w, 480), events_until(w, 500), any);
    close_node(w);
    world_free(w);
}

Test(node, numbers_nothing_new_before_all_have_what_they_are_owed) {
    world *w = world_of_three(2);
    w->def.subscribers = 2;
    w->subs[0].last = w->got = events_until(w, 450);
    w->subs[1] =
        (trd_subscription){.capacity = 64, .policy = TRD_SLOW_CUT, .last = events_until(w, 450)};
    open_node(w);
    cr_assert(eq(int, send_next(w), TRD_OK));
    work_on(w); /* subscriber 1 does not read */
    cr_assert(eq(u64, w->got, events_until(w, 500)));
    cr_assert(eq(u64, stats_of(w).sequenced, 500));
    cr_assert(eq(u32, stats_of(w).recovering, 1));
    cr_assert(eq(int, trd_node_drop(w->node, 1), TRD_OK));
    work_on(w);
    cr_assert(eq(u64, stats_of(w).sequenced, 501));
    cr_assert(eq(u64, w->got, events_until(w, 501)));
    close_node(w);
    world_free(w);
}

Test(node, who_is_owed_too_much_at_the_end_is_cut_off) {
    world *w = world_of_three(2);
    w->got = w->subs[0].last = events_until(w, 450);
    w->subs[0].capacity = 64;
    open_node(w);
    cr_assert(eq(int, trd_node_stop(w->node), TRD_OK));
    const uint32_t count = hear(w, 0, heard, 8192);
    const uint64_t missed = heard[count - 1].seq;
    cr_assert(eq(u8, heard[count - 1].kind, TRD_NODE_CUT));
    check_heard(w, heard, count - 1, w->got, missed - 1, any);
    close_node(w);
    world_free(w);
}

Test(node, a_damaged_snapshot_is_passed_over) {
    world *w = world_of_three(2);
    w->subs[0].last = w->got;
    damage_snapshot(w, 400, 5000);
    open_node(w);
    cr_assert(eq(u64, w->status.snapshot, 200));
    cr_assert(eq(u64, w->status.damaged, 1));
    cr_assert(eq(u64, w->status.replayed, 300));
    run_to(w, COMMANDS);
    cr_assert(eq(u64, w->got, w->story->events));
    close_node(w);
    /* Its head is as good as its pages; and so is the number of its format. */
    damage_snapshot(w, 400, 5000);
    damage_snapshot(w, 400, 8);
    w->subs[0].last = w->got;
    open_node(w);
    cr_assert(eq(u64, w->status.snapshot, 200));
    close_node(w);
    damage_snapshot(w, 200, 200);
    cr_assert(eq(int, trd_node_open(&w->def, &w->status, &w->node), TRD_E_CORRUPT));
    cr_assert(eq(u64, w->status.damaged, 2));
    cr_assert(w->node == NULL);
    cr_assert(eq(u32, disk_open_count(w->d), 0));
    world_free(w);
}

Test(node, what_cannot_be_made_again_is_refused) {
    world *w = world_of_three(2); /* the oldest snapshot is behind command 200 */
    w->subs[0].last = events_until(w, 199);
    cr_assert(eq(int, trd_node_open(&w->def, &w->status, &w->node), TRD_E_UNKNOWN));
    cr_assert(eq(u32, w->status.subscriber, 1));
    w->subs[0].last = events_until(w, 500) + 1;
    cr_assert(eq(int, trd_node_open(&w->def, &w->status, &w->node), TRD_E_RANGE));
    cr_assert(eq(u32, w->status.subscriber, 1));
    w->subs[0].flags = TRD_SUBSCRIBE_NOW; /* then it does not matter */
    w->got = events_until(w, 500);
    open_node(w);
    run_to(w, 510);
    cr_assert(eq(u64, w->got, events_until(w, 510)));
    close_node(w);
    world_free(w);
}

Test(node, a_snapshot_is_never_ahead_of_the_journal_on_the_disk) {
    world *w = world_new(1);
    w->journal.mode = TRD_JOURNAL_LAZY; /* writes next to nothing by itself */
    open_node(w);
    run_to(w, 50);
    snapshot(w);
    disk_set_fault(w->d, &(disk_fault){.kind = DISK_FAULT_POWER});
    (void)trd_node_close(w->node);
    disk_crash(w->d);
    disk_set_fault(w->d, &(disk_fault){0});
    w->subs[0].last = w->got;
    open_node(w);
    cr_assert(eq(u64, w->status.snapshot, 50));
    cr_assert(eq(u64, w->status.seq, 50));
    run_to(w, 60);
    close_node(w);
    world_free(w);
}

Test(node, snapshots_that_somebody_needs_are_kept) {
    world *w = world_new(1);
    w->subs[0].flags = TRD_SUBSCRIBE_CONFIRMS;
    w->def.keep = 1;
    open_node(w);
    run_to(w, 100);
    cr_assert(eq(int, trd_node_confirm(w->node, 0, events_until(w, 99)), TRD_OK));
    cr_assert(eq(int, trd_node_confirm(w->node, 1, 0), TRD_E_ARG));
    snapshot(w);
    run_to(w, 200);
    snapshot(w); /* the one of 100 has event 100 already: 0 is needed */
    cr_assert(has_snapshot(w, 0) && has_snapshot(w, 100) && has_snapshot(w, 200));
    cr_assert(eq(int, trd_node_confirm(w->node, 0, events_until(w, 100)), TRD_OK));
    run_to(w, 300);
    snapshot(w);
    cr_assert(has_snapshot(w, 100) && has_snapshot(w, 200) && has_snapshot(w, 300));
    cr_assert(has_snapshot(w, 0) == false);
    close_node(w);
    w->got = w->subs[0].last = events_until(w, 100);
    open_node(w);
    cr_assert(eq(u64, w->status.snapshot, 100));
    work_on(w);
    cr_assert(eq(u64, w->got, events_until(w, 300)));
    cr_assert(eq(int, trd_node_drop(w->node, 0), TRD_OK)); /* nobody needs them any more */
    w->sent = 300;
    snapshot(w);
    cr_assert(has_snapshot(w, 300) && has_snapshot(w, 200) == false);
    close_node(w);
    world_free(w);
}

Test(node, without_snapshot_or_engine_there_is_nothing_to_begin_with) {
    world *w = world_new(1);
    w->def.engine = NULL;
    cr_assert(eq(int, trd_node_open(&w->def, &w->status, &w->node), TRD_E_UNKNOWN));
    w->def.journal = NULL;
    cr_assert(eq(int, trd_node_open(&w->def, &w->status, &w->node), TRD_E_UNKNOWN));
    /* A journal whose snapshots are gone does not begin anew. */
    w->def.journal = &w->journal;
    w->def.engine = w->engine;
    open_node(w);
    run_to(w, 10);
    close_node(w);
    const int directory = w->ops.open(w->ops.user, -1, "/", TRD_IO_DIRECTORY);
    cr_assert(w->ops.remove(w->ops.user, directory, "00000000000000000000.snapshot") == 0);
    w->ops.close(w->ops.user, directory);
    cr_assert(eq(int, trd_node_open(&w->def, &w->status, &w->node), TRD_E_UNKNOWN));
    world_free(w);
}

Test(node, one_node_has_a_directory) {
    world *w = world_new(1);
    trd_node *other;
    trd_node_status status;
    open_node(w);
    cr_assert(eq(int, trd_node_open(&w->def, &status, &other), TRD_E_BUSY));
    cr_assert(other == NULL);
    close_node(w);
    world_free(w);
}

/* ---- checkpoints ---- */

Test(node, checkpoints_are_compared) {
    world *w = world_new(1);
    open_node(w);
    run_to(w, COMMANDS);
    trd_event_trail trail;
    cr_assert(eq(int, trd_engine_trail(trd_node_engine(w->node), &trail), TRD_OK));
    close_node(w);
    cr_assert(trail.checkpoints >= 2);
    w->subs[0].last = w->got;
    open_node(w);
    cr_assert(eq(u64, w->status.checked, trail.checkpoints));
    cr_assert(eq(u64, w->status.unchecked, 0));
    close_node(w);
    world_free(w);
}

/* Adds a checkpoint to a journal of 500 commands: as the engine made it, with something changed. */
static void add_check(world *w, uint64_t seq, uint64_t slots, uint64_t hash) {
    trd_journal_def def = w->journal;
    trd_journal_status status;
    trd_journal_writer *writer;
    cr_assert(eq(int, trd_journal_writer_open(&def, &status, &writer), TRD_OK));
    cr_assert(eq(int, trd_journal_checkpoint(writer, seq, slots, hash), TRD_OK));
    cr_assert(eq(int, trd_journal_writer_close(writer), TRD_OK));
}

Test(node, a_checkpoint_that_differs_is_refused_and_nobody_hears_of_it) {
    static const struct {
        int64_t seq, slots;
        uint64_t hash;
    } rows[] = {{0, 0, 1}, {0, 1, 0}, {-1, 0, 0}, {1, 0, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world *w = world_new(1);
        rig_story *s = rig_story_of(300); /* what the engine was like when it made the last one */
        trd_event_trail trail;
        trd_checkpoint last;
        cr_assert(eq(int, trd_engine_trail(s->engine, &trail), TRD_OK));
        cr_assert(eq(int, trd_engine_checkpoint(s->engine, trail.checkpoints, &last), TRD_OK));
        rig_story_free(s);
        open_node(w);
        run_to(w, 300);
        close_node(w);
        const uint64_t seq = last.seq + (uint64_t)rows[i].seq;
        /* The journal has the right one already: it is the second one that is wrong. */
        add_check(w, seq, last.slots + (uint64_t)rows[i].slots, last.hash ^ rows[i].hash);
        cr_assert(eq(int, trd_node_open(&w->def, &w->status, &w->node), TRD_E_CORRUPT));
        cr_assert(eq(u64, w->status.differs, seq), "row %zu", i);
        cr_assert(eq(u64, w->status.checked, trail.checkpoints));
        world_free(w);
    }
}

/* ---- memory, definitions ---- */

/* Opens a node of which subscriber 0 is owed events, so that all is replayed; without the memory
 * that `s` denies. True if that was too little. */
static bool opens_without(world *w, scarce *s) {
    w->def.mem = scarce_mem(s);
    const int result = trd_node_open(&w->def, &w->status, &w->node);
    if (result == TRD_OK) {
        const int made = s->allocations;
        work_on(w);
        run_to(w, w->sent);
        cr_assert(eq(int, s->allocations, made)); /* none after the start */
        cr_assert(eq(int, trd_node_close(w->node), TRD_OK));
    } else {
        cr_assert(eq(int, result, TRD_E_MEMORY), "allocation %d", s->fails_at);
        cr_assert(w->node == NULL);
    }
    cr_assert(eq(int, s->live, 0), "allocation %d", s->fails_at);
    return result != TRD_OK;
}

/* One allocation fails, or it and all after it: each of those that are made. */
Test(node, a_failed_allocation_leaves_nothing_behind) {
    for (int keeps_on = 0; keeps_on < 2; keeps_on++) {
        world *w = world_of_three(2);
        w->subs[0].policy = TRD_SLOW_CONFLATE;
        w->subs[0].levels = 4;
        w->subs[0].last = w->got = events_until(w, 450);
        scarce s = {.keeps_on = keeps_on};
        while (opens_without(w, &s)) {
            s = (scarce){.fails_at = s.fails_at + 1, .keeps_on = keeps_on};
        }
        cr_assert(s.fails_at == s.allocations);
        cr_assert(s.fails_at > 10);
        world_free(w);
    }
}

Test(node, definitions_outside_their_ranges_are_refused) {
    world *w = world_new(1);
    trd_node_status status;
    trd_node *node;
    open_node(w);
    close_node(w);
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        const trd_node_def def = w->def;                                                           \
        const trd_subscription sub = w->subs[0];                                                   \
        change;                                                                                    \
        cr_assert(eq(int, trd_node_open(&w->def, &status, &node), TRD_E_ARG), #change);            \
        w->def = def;                                                                              \
        w->subs[0] = sub;                                                                          \
    } while (0)
    REFUSED(w->def.struct_size = 0);
    REFUSED(w->def.struct_size++);
    REFUSED(w->def.flags = 2);
    REFUSED(w->def.ingress = 3);
    REFUSED(w->def.ingress = 1);
    REFUSED(w->def.commands = 32);
    REFUSED(w->def.commands = 1 << 25);
    REFUSED(w->def.events = 256);
    REFUSED(w->def.keep = 0);
    REFUSED(w->def.threads = 0);
    REFUSED(w->def.threads = 4);
    REFUSED(w->def.idle = 0);
    REFUSED(w->def.idle = 4);
    REFUSED(w->def.park_ns = 999);
    REFUSED(w->def.reserved = 1);
    REFUSED(w->def.subscribers = 65);
    REFUSED(w->def.subscriptions = NULL);
    REFUSED(w->subs[0].capacity = 63);
    REFUSED(w->subs[0].capacity = 32);
    REFUSED(w->subs[0].policy = 0);
    REFUSED(w->subs[0].policy = 3);
    REFUSED(w->subs[0].levels = 1);
    REFUSED(w->subs[0].policy = TRD_SLOW_CONFLATE);
    REFUSED(w->subs[0].account = 1);
    REFUSED(w->subs[0].flags = 16);
    REFUSED(w->subs[0].flags = TRD_SUBSCRIBE_NOW | TRD_SUBSCRIBE_CONFIRMS);
    REFUSED(w->subs[0].reserved = 1);
#undef REFUSED
    cr_assert(eq(int, trd_node_open(NULL, &status, &node), TRD_E_ARG));
    cr_assert(eq(int, trd_node_open(&w->def, NULL, &node), TRD_E_ARG));
    cr_assert(eq(int, trd_node_open(&w->def, &status, NULL), TRD_E_ARG));
    world_free(w);
}

Test(node, what_is_no_node_or_no_subscriber_is_refused) {
    world *w = world_new(1);
    trd_node_status status;
    trd_node_stats stats;
    trd_subscriber_stats own;
    uint32_t count;
    open_node(w);
    cr_assert(trd_node_peek(NULL, 0, &count) == NULL);
    cr_assert(trd_node_peek(w->node, 1, &count) == NULL);
    cr_assert(trd_node_peek(w->node, 0, NULL) == NULL);
    trd_node_release(NULL, 0, 1);
    trd_node_release(w->node, 1, 1);
    cr_assert(eq(int, trd_node_resume(NULL, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_node_resume(w->node, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_node_confirm(NULL, 0, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_node_confirm(w->node, 1, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_node_confirm(w->node, 0, 1), TRD_E_ARG)); /* it does not confirm */
    cr_assert(eq(int, trd_node_drop(NULL, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_node_drop(w->node, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_node_subscriber(NULL, 0, &own), TRD_E_ARG));
    cr_assert(eq(int, trd_node_subscriber(w->node, 1, &own), TRD_E_ARG));
    cr_assert(eq(int, trd_node_subscriber(w->node, 0, NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_node_work(NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_node_start(NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_node_stop(NULL), TRD_E_ARG));
    cr_assert(eq(int, trd_node_snapshot(NULL, &status), TRD_E_ARG));
    cr_assert(eq(int, trd_node_snapshot(w->node, NULL), TRD_E_ARG));
    memset(&stats, 0x5a, sizeof(stats));
    const trd_node_stats was = stats;
    trd_node_stats_get(NULL, &stats);
    cr_assert(memcmp(&stats, &was, sizeof(stats)) == 0);
    trd_node_stats_get(w->node, NULL);
    cr_assert(trd_node_engine(NULL) == NULL);
    cr_assert(eq(int, trd_node_close(NULL), TRD_OK));
    run_to(w, 10); /* nothing of all that has changed anything */
    cr_assert(eq(u64, w->got, events_until(w, 10)));
    close_node(w);
    w->def.journal = NULL;
    w->def.engine = w->engine;
    open_node(w);
    cr_assert(eq(int, trd_node_snapshot(w->node, &status), TRD_E_ARG)); /* there is nowhere */
    close_node(w);
    world_free(w);
}

Test(node, a_processor_that_is_not_there_is_refused_and_work_goes_on_by_hand) {
    world *w = world_new(1);
    w->def.cpu[1] = 100000;
    open_node(w);
    cr_assert(eq(int, trd_node_start(w->node), TRD_E_ARG));
    run_to(w, 20);
    cr_assert(eq(u64, w->got, events_until(w, 20)));
    cr_assert(eq(int, trd_node_stop(w->node), TRD_OK));
    cr_assert(eq(int, trd_node_start(w->node), TRD_E_BUSY));
    close_node(w);
    world_free(w);
}

/* ---- levels that wait ---- */

Test(node, a_table_of_levels_is_as_a_list_of_the_latest) {
    enum { ROOM = 13, KEYS = 20 };
    trd_rng rng = trd__rng_seeded(7);
    void *mem = aligned_alloc(TRD_LINE, trd__conflate_footprint(ROOM));
    trd__conflate *table = trd__conflate_init(mem, ROOM);
    uint64_t latest[KEYS] = {0}; /* seq, 0: it does not wait */
    uint32_t waiting = 0;
    for (uint64_t seq = 1; seq < 20000; seq++) {
        const uint32_t key = (uint32_t)trd__rng_below(&rng, KEYS);
        const trd_event level = {.seq = seq,
            .kind = TRD_EVENT_LEVEL,
            .slots = 1,
            .instrument = key % 3,
            .side = (uint8_t)(1 + key / 3 % 2),
            .u.level.px = -(trd_px)(key / 6)};
        const bool taken = trd__conflate_add(table, &level);
        cr_assert(taken == (latest[key] != 0 || waiting < ROOM));
        waiting += taken && latest[key] == 0;
        latest[key] = taken ? seq : latest[key];
        for (uint64_t out = trd__rng_below(&rng, 3); out > 0 && waiting > 0; out--) {
            uint32_t oldest = KEYS;
            for (uint32_t i = 0; i < KEYS; i++) {
                if (latest[i] != 0 && (oldest == KEYS || latest[i] < latest[oldest])) {
                    oldest = i;
                }
            }
            cr_assert(eq(u64, trd__conflate_first(table)->seq, latest[oldest]));
            trd__conflate_pop(table);
            latest[oldest] = 0;
            waiting--;
        }
        cr_assert(eq(u32, table->count, waiting));
    }
    free(mem);
}
