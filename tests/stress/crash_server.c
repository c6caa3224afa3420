/* crash_server.c - the process that is killed: a node with threads, fed from a pipe. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <tradsys/io/node.h>

#include "crash.h"
#include "node_rig.h"
#include "stress.h"

typedef struct server {
    const crash_life *life;
    trd_node *node;
    uint64_t seq;         /* of the last command that was there when it opened */
    bool live;            /* what was owed has been told */
    _Atomic bool ending;  /* no more snapshots */
    crash_message events; /* collected for the next note */
    /* Commands that were read, and not yet taken. */
    trd_command read[256];
    uint32_t read_size; /* bytes */
} server;

/* In one piece: no other thread's words are in between, and no half of it remains when we are
 * killed. */
static void say(int to, const crash_note *note) {
    check(write(to, note, sizeof(*note)) == sizeof(*note), "errno %d", errno);
}

/* --- opening ---------------------------------------------------------------------------------- */

/* A link to the segment stays when the node removes it. Again, if we were killed in between. */
static int keep_segment(void *user, const char *name, uint64_t number) {
    const crash_life *life = user;
    char from[PATH_MAX], to[PATH_MAX];
    (void)number;
    snprintf(from, sizeof(from), "%s/%s", life->directory, name);
    snprintf(to, sizeof(to), "%s/%s", life->archive, name);
    check(link(from, to) == 0 || errno == EEXIST, "%s: errno %d", name, errno);
    return 0;
}

static _Noreturn void say_refused(const server *s, int result, const trd_node_status *status) {
    fprintf(stderr, "refused: %d, %s %d, %s, subscriber %u, command %" PRIu64 " differs\n", result,
        trd_io_call_text(status->fault.call), status->fault.error,
        trd_journal_outcome_text(status->journal.report.outcome), status->subscriber,
        status->differs);
    say(s->life->notes_to,
        &(crash_note){.kind = CRASH_REFUSED, .result = result, .event = status->event});
    _exit(1);
}

static void open_node(server *s) {
    const crash_life *life = s->life;
    const trd_subscription subscription = {
        .capacity = 1 << 16, /* for all that is under way when it ends */
        .policy = TRD_SLOW_CUT,
        .last = life->last,
        .flags = TRD_SUBSCRIBE_CONFIRMS};
    trd_engine *engine = rig_engine();
    trd_node_def def = trd_node_def_default();
    trd_journal_def journal = trd_journal_def_default();
    trd_node_status status;
    def.engine = engine;
    def.journal = &journal;
    journal.directory = life->directory;
    journal.mode = life->mode;
    journal.segment_size = life->segment_size;
    journal.batch_size = life->batch_size;
    journal.flags = life->plain != 0 ? TRD_JOURNAL_PLAIN : 0;
    def.subscriptions = &subscription;
    def.subscribers = 1;
    def.ingress = 256;
    def.commands = 256;
    def.events = 4096;
    def.threads = life->threads;
    def.idle = life->idle;
    def.keep = life->keep;
    def.archive = keep_segment;
    def.archive_user = (void *)(uintptr_t)life;
    int result;
    /* The kernel may have the directory of the one that was killed a moment longer. */
    while ((result = trd_node_open(&def, &status, &s->node)) == TRD_E_BUSY) {
        usleep(1000);
    }
    if (result != TRD_OK) {
        say_refused(s, result, &status);
    }
    s->seq = status.seq;
    say(life->notes_to, &(crash_note){.kind = CRASH_OPENED,
                            .seq = status.seq,
                            .event = status.event,
                            .replayed = status.replayed});
    trd_engine_destroy(engine);
}

/* --- working ---------------------------------------------------------------------------------- */

/* Another thread: snapshots, one after the other. */
static void *take_snapshots(void *of) {
    server *s = of;
    while (!atomic_load(&s->ending)) {
        trd_node_status status;
        usleep(s->life->shot_us);
        say(s->life->notes_to, &(crash_note){.kind = CRASH_SHOT_BEGINS});
        const int result = trd_node_snapshot(s->node, &status);
        check(result == TRD_OK, "%d: %s %d", result, trd_io_call_text(status.fault.call),
            status.fault.error);
        say(s->life->notes_to,
            &(crash_note){.kind = CRASH_SHOT_ENDS, .seq = status.seq, .event = status.event});
    }
    return NULL;
}

/* Says what has been collected, and then that we are done with it. */
static void say_events(server *s, uint64_t last) {
    crash_message *message = &s->events;
    const size_t size = sizeof(crash_note) + message->note.slots * sizeof(trd_event);
    if (message->note.slots > 0) {
        message->note.kind = CRASH_EVENTS;
        check(write(s->life->notes_to, message, size) == (ssize_t)size, "errno %d", errno);
        check(trd_node_confirm(s->node, 0, last) == TRD_OK, "not confirmed");
        message->note.slots = 0;
    }
}

/* All events that are there. How many slots. */
static uint32_t tell_events(server *s) {
    uint32_t count, told = 0;
    uint64_t last = 0;
    const trd_event *span;
    while ((span = trd_node_peek(s->node, 0, &count)) != NULL) {
        for (uint32_t at = 0; at < count; at += span[at].slots) {
            const trd_event *event = &span[at];
            check(event->kind != TRD_NODE_CUT, "cut off at %" PRIu64, event->seq);
            if (event->kind == TRD_EVENT_NONE) {
                continue;
            }
            if (s->events.note.slots + event->slots > CRASH_SLOTS_MAX) {
                say_events(s, last);
            }
            memcpy(&s->events.slots[s->events.note.slots], event, event->slots * sizeof(*event));
            s->events.note.slots += event->slots;
            last = event->seq;
            told += event->slots;
        }
        say_events(s, last);
        trd_node_release(s->node, 0, count);
    }
    return told;
}

static void tell_live(server *s) {
    trd_node_stats stats;
    trd_node_stats_get(s->node, &stats);
    if (!s->live && stats.recovering == 0) {
        (void)tell_events(s); /* the last of what is owed was given before `recovering` was 0 */
        say(s->life->notes_to, &(crash_note){.kind = CRASH_LIVE, .seq = s->seq});
        s->live = true;
    }
}

/* Sends what was read as far as the node takes it. */
static uint32_t send_commands(server *s) {
    uint32_t sent = 0, at = 0;
    const uint32_t slots = s->read_size / TRD_SLOT_SIZE;
    while (at < slots && s->read[at].slots <= slots - at) {
        const int result = trd_node_send(s->node, &s->read[at]);
        check(result == TRD_OK || result == TRD_E_FULL, "%d", result);
        if (result == TRD_E_FULL) {
            break;
        }
        at += s->read[at].slots;
        sent++;
    }
    s->read_size -= at * TRD_SLOT_SIZE;
    memmove(s->read, &s->read[at], s->read_size);
    return sent;
}

/* False: nobody will write any more. */
static bool read_commands(server *s) {
    const size_t room = sizeof(s->read) - s->read_size;
    if (room == 0) {
        return true;
    }
    const ssize_t got = read(s->life->commands_from, (uint8_t *)s->read + s->read_size, room);
    check(got >= 0 || errno == EAGAIN, "errno %d", errno);
    s->read_size += got > 0 ? (uint32_t)got : 0;
    return got != 0;
}

static void work(server *s) {
    bool more = true;
    while (more || s->read_size > 0) {
        more = more && read_commands(s);
        tell_live(s);
        const uint32_t done = send_commands(s) + tell_events(s);
        if (done == 0) {
            usleep(20);
        }
    }
}

/* All that was sent is acknowledged and told of, and the node closed. */
static void end(server *s) {
    trd_event_trail trail;
    check(trd_node_stop(s->node) == TRD_OK, "not stopped");
    (void)tell_events(s);
    check(trd_engine_trail(trd_node_engine(s->node), &trail) == TRD_OK, "no trail");
    check(trd_node_close(s->node) == TRD_OK, "not closed");
    say(s->life->notes_to,
        &(crash_note){
            .kind = CRASH_ENDED, .seq = trail.seq, .event = trail.slots, .hash = trail.hash});
}

_Noreturn void crash_serve(const crash_life *life) {
    static server s;
    s.life = life;
    check(fcntl(life->commands_from, F_SETFL, O_NONBLOCK) == 0, "errno %d", errno);
    open_node(&s);
    check(trd_node_start(s.node) == TRD_OK, "not started");
    const pthread_t keeper = stress_start(take_snapshots, &s);
    work(&s);
    atomic_store(&s.ending, true);
    stress_join(keeper);
    end(&s);
    _exit(0);
}
