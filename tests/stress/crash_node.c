/* crash_node.c - a node that is killed again and again, and somebody outside who remembers.
 *
 *     crash_node [kills]
 *
 * A child has the node, its threads, a journal that syncs, and takes a snapshot now and then. What
 * its subscriber gets it writes to a pipe: the seq of each event, and a hash of its bytes. The
 * parent reads, kills the child at a moment that is drawn, reads what is left in the pipe, and
 * starts the next one with the last event that it has seen. Each event must come once, in order,
 * with the bytes that a bare engine makes of the same commands; in the end all must be there. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tradsys/io/node.h>

#include "core/hash.h"
#include "draw.h"
#include "node_rig.h"
#include "scratch.h"
#include "stress.h"

enum { COMMANDS = 3000 };

typedef struct seen {
    uint64_t seq, hash;
} seen;

static uint64_t hash_of(const trd_event *event) {
    return trd__hash(event, event->slots * sizeof(*event), 0);
}

/* Time stands still, so that commands are the same whenever they are sent. */
static trd_ns no_time(void *of) {
    (void)of;
    return 0;
}

/* --- the child -------------------------------------------------------------------------------- */

static trd_node *open_node(const char *directory, uint64_t last, uint64_t *sent) {
    const trd_subscription subscription = {
        .capacity = 1 << 16, .policy = TRD_SLOW_CUT, .last = last, .flags = TRD_SUBSCRIBE_CONFIRMS};
    trd_engine *engine = rig_engine();
    trd_node_def def = trd_node_def_default();
    trd_journal_def journal = trd_journal_def_default();
    trd_node_status status;
    trd_node *node;
    int result;
    def.engine = engine;
    def.journal = &journal;
    journal.directory = directory;
    journal.segment_size = 1 << 18;
    journal.batch_size = 1 << 15;
    def.clock = no_time;
    def.subscriptions = &subscription;
    def.subscribers = 1;
    def.commands = 256;
    def.events = 1024;
    /* The kernel may have the directory of the one that was killed a moment longer. */
    while ((result = trd_node_open(&def, &status, &node)) == TRD_E_BUSY) {
        usleep(1000);
    }
    check(result == TRD_OK, "%d, %s %d, %s, subscriber %u, command %" PRIu64 " differs", result,
        trd_io_call_text(status.fault.call), status.fault.error,
        trd_journal_outcome_text(status.journal.report.outcome), status.subscriber, status.differs);
    *sent = status.seq;
    trd_engine_destroy(engine);
    return node;
}

static void tell(int pipe_end, const trd_event *event) {
    const seen s = {event->seq, hash_of(event)};
    check(write(pipe_end, &s, sizeof(s)) == sizeof(s), "errno %d", errno);
}

static void read_events(trd_node *node, int pipe_end) {
    uint32_t count;
    const trd_event *span = trd_node_peek(node, 0, &count);
    for (uint32_t at = 0; span != NULL && at < count; at += span[at].slots) {
        check(span[at].kind != TRD_NODE_CUT, "cut off at %" PRIu64, span[at].seq);
        if (span[at].kind != TRD_EVENT_NONE) {
            tell(pipe_end, &span[at]);
            /* What is in the pipe stays there when we are killed. */
            check(trd_node_confirm(node, 0, span[at].seq) == TRD_OK, "not confirmed");
        }
    }
    trd_node_release(node, 0, count);
}

/* Sends up to command `to` and says all that comes back. Ends by itself only if `last_run`. */
static void live(const char *directory, uint64_t last, uint64_t to, int pipe_end, bool last_run) {
    uint64_t sent;
    trd_node *node = open_node(directory, last, &sent);
    trd_node_stats stats;
    check(trd_node_start(node) == TRD_OK, "not started");
    const seen ready = {0};
    check(write(pipe_end, &ready, sizeof(ready)) == sizeof(ready), "errno %d", errno);
    do {
        trd_command record[TRD_SLOTS_MAX];
        rig_command(sent + 1, record);
        if (sent < to && trd_node_send(node, record) == TRD_OK) {
            sent++;
            if (sent % 512 == 0) {
                trd_node_status status;
                check(trd_node_snapshot(node, &status) == TRD_OK, "no snapshot");
            }
        }
        read_events(node, pipe_end);
        trd_node_stats_get(node, &stats);
    } while (!last_run || stats.acknowledged < to);
    check(trd_node_stop(node) == TRD_OK, "not stopped");
    for (int i = 0; i < 2; i++) { /* a span may end where the ring does */
        read_events(node, pipe_end);
    }
    check(trd_node_close(node) == TRD_OK, "not closed");
    _exit(0);
}

/* --- the parent ------------------------------------------------------------------------------- */

typedef struct witness {
    const rig_story *story;
    uint64_t last; /* event that was seen */
    int pipe_end;
} witness;

/* Reads one thing that the child says; false at the end of the pipe. */
static bool hear(witness *w) {
    seen s;
    const ssize_t got = read(w->pipe_end, &s, sizeof(s));
    if (got == 0) {
        return false;
    }
    check(got == sizeof(s), "%zd bytes", got);
    if (s.seq == 0) {
        return true; /* it has opened its node */
    }
    check(s.seq == w->last + 1, "event %" PRIu64 " behind %" PRIu64, s.seq, w->last);
    w->last = s.seq;
    check(s.seq <= w->story->events, "event %" PRIu64, s.seq);
    const trd_event *event = &w->story->slots[w->story->at[s.seq]];
    check(s.hash == hash_of(event), "event %" PRIu64 " is another", s.seq);
    return true;
}

/* One child, killed after `nap_us`, `opened`: since it has opened its node; nap_us 0: it ends by
 * itself. Returns whether it was killed. */
static bool run_child(
    witness *w, const char *directory, uint64_t to, useconds_t nap_us, bool opened) {
    int ends[2];
    check(pipe(ends) == 0, "no pipe");
    fflush(NULL);
    const pid_t child = fork();
    check(child >= 0, "no process");
    if (child == 0) {
        close(ends[0]);
        live(directory, w->last, to, ends[1], nap_us == 0);
    }
    close(ends[1]);
    w->pipe_end = ends[0];
    if (nap_us != 0) {
        /* The pipe holds some thousand events: the child is not stopped by our not reading. */
        check(!opened || hear(w), "it has not opened its node");
        usleep(nap_us);
        check(kill(child, SIGKILL) == 0, "errno %d", errno);
    }
    while (hear(w)) {
    }
    close(ends[0]);
    int status;
    check(waitpid(child, &status, 0) == child, "errno %d", errno);
    const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    check(killed || (nap_us == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0),
        "the child ended with %x", status);
    return killed;
}

/* The same commands by a bare engine, at the time that stands still. */
static rig_story *story_of(uint64_t commands) {
    rig_story *s = rig_story_new();
    for (uint64_t i = 1; i <= commands; i++) {
        trd_command record[TRD_SLOTS_MAX];
        rig_command(i, record);
        check(rig_tell(s, record, 0), "command %" PRIu64, i);
    }
    return s;
}

int main(int argc, char **argv) {
    trd_on_assert(stress_tell);
    const uint64_t kills = stress_count(argc, argv, 200);
    char directory[] = "crash_node-XXXXXX";
    draw rng = draw_seeded(1);
    rig_story *story = story_of(COMMANDS);
    witness w = {.story = story};
    scratch_make(directory);
    uint64_t progressed = 0;
    for (uint64_t i = 1; i <= kills; i++) {
        const uint64_t before = w.last;
        const bool opened = draw_chance(&rng, 75);
        const useconds_t nap = (useconds_t)draw_in(&rng, 1, opened ? 15000 : 60000);
        check(run_child(&w, directory, COMMANDS * i / (kills + 1), nap, opened), "not killed");
        progressed += w.last != before;
    }
    check(!run_child(&w, directory, COMMANDS, 0, false), "it was killed");
    check(w.last == story->events, "%" PRIu64 " of %" PRIu64, w.last, story->events);
    printf("%" PRIu64 " kills, %" PRIu64 " of them after events: %" PRIu64 " events, each once\n",
        kills, progressed, w.last);
    check(kills < 10 || progressed > 0, "nothing was ever seen");
    rig_story_free(story);
    scratch_remove(directory);
    return 0;
}
