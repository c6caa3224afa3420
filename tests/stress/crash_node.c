/* crash_node.c - a server that is killed again and again, and somebody outside who remembers.
 *
 *     crash_node [--cycles N] [--seed S] [--directory D]
 *
 * The server (crash_server.c) is a process with a node: threads, a journal that syncs (in one life
 * of five it only writes), small segments, snapshots that remove what they make unneeded. Here is
 * its client and witness. It sends commands and counts those as acknowledged whose events it has
 * got; it kills the server at a moment that is drawn, starts the next one with the last event that
 * it has, and sends again what was not answered. Each event must come once, in order, with the
 * bytes that a bare engine here makes of the same commands. In the end the whole journal, segments
 * that were removed on the way included, must hold each command once, as it was sent, and lead to
 * the same events.
 *
 * The seed draws what is done; what a moment hits is the machine's. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <tradsys/io/node.h>

#include "crash.h"
#include "draw.h"
#include "node_rig.h"
#include "scratch.h"
#include "stress.h"

/* What may never come, the moment to kill or an end in order, is not waited for much longer. */
static const int64_t PATIENCE_NS = 2000000000, END_NS = 60000000000;

enum {
    WINDOW = 300,     /* commands without an answer */
    OF_A_LIFE = 3000, /* commands that one server gets at most */
    LAST_LIFE = 500,
    EXPECTED = 8192 /* slots: more than follow from any command */
};

/* When a server is killed. */
enum moment {
    WHILE_OPENING, /* soon after its start */
    WHILE_OWING,   /* after it has opened its node: what it owes has to be told */
    WHEN_LIVE,     /* after it has told all that was owed */
    IN_A_SNAPSHOT, /* after one of its snapshots has begun */
    ANY_TIME,      /* since its start */
    NEVER,
    MOMENTS
};

typedef struct witness {
    trd_engine *engine; /* has executed what is answered, and the command that is being answered */
    trd_event *expected;
    uint32_t count, at; /* slots: of its events; of those, seen */
    uint64_t executed;
    uint64_t event; /* the last one that was seen */
    uint64_t sent;  /* the highest command that was ever sent */
    uint64_t again; /* sent once more, because nobody had answered */
    uint64_t lost, twice;
    uint64_t killed_at[4]; /* opening, owing, at work, in a snapshot */
    uint64_t replayed;
} witness;

/* What is known of the server that runs. */
typedef struct life {
    crash_life def;
    pid_t child;
    int notes, commands; /* our ends; -1: closed */
    uint64_t next;       /* command that is sent next; 0: it is not live yet */
    uint64_t sent, most; /* commands to this server */
    bool opened, in_shot, ended;
    enum moment moment;
    int64_t kill_ns;     /* when, at the latest */
    int64_t delay_ns;    /* after what it waits for */
    uint32_t shots_left; /* that begin before the one it waits for */
    crash_note last_note;
} life;

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* --- events ----------------------------------------------------------------------------------- */

/* Commands whose events have all been seen. Those that open accounts have none. */
static uint64_t answered(const witness *w) {
    return w->at == w->count ? w->executed : w->executed - 1;
}

/* The next command, at the time that the node says it has. */
static void execute_next(witness *w, trd_ns time) {
    trd_command record[TRD_SLOTS_MAX];
    check(w->executed < w->sent, "an event of a command that was never sent");
    rig_command(++w->executed, record);
    record->seq = w->executed;
    record->time = time;
    trd_out out = {.events = w->expected, .capacity = EXPECTED};
    check(trd_engine_step(w->engine, record, &out) == TRD_OK, "command %" PRIu64, w->executed);
    w->count = out.count;
    w->at = 0;
}

static void see_event(witness *w, const trd_event *event) {
    if (event->seq <= w->event) {
        w->twice++;
        return;
    }
    w->lost += event->seq - w->event - 1;
    if (w->lost > 0) {
        return; /* nothing can be compared any more */
    }
    while (w->at == w->count) {
        execute_next(w, event->time);
    }
    const trd_event *own = &w->expected[w->at];
    check(own->slots == event->slots && memcmp(own, event, own->slots * sizeof(*own)) == 0,
        "event %" PRIu64 " of command %" PRIu64 " is another", event->seq, w->executed);
    w->event = event->seq;
    w->at += own->slots;
}

/* --- notes ------------------------------------------------------------------------------------ */

static void kill_after(life *l, int64_t delay_ns) {
    const int64_t then = now_ns() + delay_ns;
    l->kill_ns = then < l->kill_ns ? then : l->kill_ns;
}

/* All that was journaled has been told: what is still not answered is sent again. */
static void go_live(witness *w, life *l, uint64_t seq) {
    while (w->executed < seq && w->executed < RIG_ACCOUNTS) {
        execute_next(w, 0); /* told of by nobody */
    }
    if (answered(w) > seq) {
        w->lost += answered(w) - seq; /* which ends it */
        return;
    }
    check(answered(w) == seq, "%" PRIu64 " answered, %" PRIu64 " journaled", answered(w), seq);
    l->next = seq + 1;
    w->again += w->sent - seq;
    if (l->moment == WHEN_LIVE) {
        kill_after(l, l->delay_ns);
    }
}

static void begin_shot(life *l) {
    l->in_shot = true;
    if (l->moment == IN_A_SNAPSHOT && l->shots_left-- == 0) {
        kill_after(l, l->delay_ns);
    }
}

static void hear(witness *w, life *l, const crash_note *note, const trd_event *events) {
    switch (note->kind) {
    case CRASH_REFUSED:
        /* RANGE: we have events that it does not know. */
        w->lost += note->result == TRD_E_RANGE ? w->event - note->event : 0;
        check(note->result == TRD_E_RANGE, "the node was not opened: %d", note->result);
        break;
    case CRASH_OPENED:
        l->opened = true;
        if (l->moment == WHILE_OWING) {
            kill_after(l, l->delay_ns);
        }
        w->replayed += note->replayed;
        break;
    case CRASH_LIVE:
        go_live(w, l, note->seq);
        break;
    case CRASH_SHOT_BEGINS:
        begin_shot(l);
        break;
    case CRASH_SHOT_ENDS:
        l->in_shot = false;
        break;
    case CRASH_ENDED:
        l->ended = true;
        break;
    default:
        check(note->kind == CRASH_EVENTS, "%u", note->kind);
        for (uint32_t at = 0; at < note->slots; at += events[at].slots) {
            see_event(w, &events[at]);
        }
        break;
    }
    l->last_note = *note;
}

/* One note, if there is one; false: the pipe has ended. */
static bool read_note(witness *w, life *l) {
    crash_note note;
    trd_event events[CRASH_SLOTS_MAX];
    const ssize_t got = read(l->notes, &note, sizeof(note));
    if (got == 0) {
        return false;
    }
    check(got == sizeof(note) && note.slots <= CRASH_SLOTS_MAX, "%zd bytes", got);
    const size_t size = note.slots * sizeof(*events);
    if (size > 0) {
        check(read(l->notes, events, size) == (ssize_t)size, "half a note");
    }
    hear(w, l, &note, events);
    return true;
}

/* --- commands --------------------------------------------------------------------------------- */

static bool wants_to_send(const witness *w, const life *l) {
    return l->commands >= 0 && l->next != 0 && l->next <= answered(w) + WINDOW && l->sent < l->most;
}

/* As many as go into the pipe now. */
static void send_commands(witness *w, life *l) {
    while (wants_to_send(w, l)) {
        trd_command record[TRD_SLOTS_MAX];
        const size_t size = rig_command(l->next, record) * sizeof(*record);
        const ssize_t put = write(l->commands, record, size);
        if (put < 0) {
            check(errno == EAGAIN || errno == EPIPE, "errno %d", errno); /* its end is read */
            return;
        }
        check(put == (ssize_t)size, "half a command");
        w->sent = l->next > w->sent ? l->next : w->sent;
        l->next++;
        l->sent++;
    }
}

/* --- a life ----------------------------------------------------------------------------------- */

static void start(life *l) {
    int notes[2], commands[2];
    check(pipe2(notes, O_CLOEXEC) == 0 && pipe2(commands, O_CLOEXEC) == 0, "no pipe");
    l->def.commands_from = commands[0];
    l->def.notes_to = notes[1];
    fflush(NULL);
    l->child = fork();
    check(l->child >= 0, "no process");
    if (l->child == 0) {
        close(notes[0]);
        close(commands[1]);
        crash_serve(&l->def);
    }
    close(notes[1]);
    close(commands[0]);
    check(fcntl(commands[1], F_SETFL, O_NONBLOCK) == 0, "errno %d", errno);
    l->notes = notes[0];
    l->commands = commands[1];
}

static void end_commands(life *l) {
    if (l->commands >= 0) {
        close(l->commands);
        l->commands = -1;
    }
}

/* Lets it live until it is killed, or has ended by itself. */
static void attend(witness *w, life *l) {
    for (;;) {
        const int64_t left = l->kill_ns - now_ns();
        if (left <= 0 || w->lost + w->twice > 0) {
            check(kill(l->child, SIGKILL) == 0, "errno %d", errno);
            return;
        }
        struct pollfd ends[2] = {{.fd = l->notes, .events = POLLIN},
            {.fd = wants_to_send(w, l) ? l->commands : -1, .events = POLLOUT}};
        const struct timespec most = {
            .tv_sec = left < 1000000000 ? 0 : 1, .tv_nsec = left < 1000000000 ? (long)left : 0};
        check(ppoll(ends, 2, &most, NULL) >= 0, "errno %d", errno);
        if (ends[0].revents != 0 && !read_note(w, l)) {
            return;
        }
        if (ends[1].revents != 0) {
            send_commands(w, l);
        }
        if (l->moment == NEVER && l->sent == l->most) {
            end_commands(l);
        }
    }
}

/* What it has said before it ended counts. */
static void bury(witness *w, life *l) {
    int status;
    end_commands(l);
    while (read_note(w, l)) {
    }
    close(l->notes);
    check(waitpid(l->child, &status, 0) == l->child, "errno %d", errno);
    const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    const bool ended = WIFEXITED(status) && WEXITSTATUS(status) == 0 && l->ended;
    check(w->lost + w->twice > 0 || (l->moment == NEVER ? ended : killed),
        "the server ended with %x", status);
    if (killed) {
        w->killed_at[!l->opened ? 0 : l->next == 0 ? 1 : !l->in_shot ? 2 : 3]++;
    }
}

static life draw_life(draw *rng, const char *directory, const char *archive, uint64_t last) {
    static const int64_t most_us[MOMENTS] = {4000, 400, 30000, 3000, 60000, 0};
    life l = {.moment = (enum moment)draw_below(rng, NEVER), .most = OF_A_LIFE};
    l.delay_ns = draw_in(rng, 0, most_us[l.moment] * 1000);
    l.shots_left = (uint32_t)draw_below(rng, 3);
    l.def = (crash_life){.directory = directory,
        .archive = archive,
        .last = last,
        .threads = (uint32_t)draw_in(rng, 1, TRD_NODE_THREADS_MAX),
        .idle = draw_chance(rng, 50) ? TRD_IDLE_YIELD : TRD_IDLE_PARK,
        /* Of a process that ends, what the system has is not lost either. */
        .mode = draw_chance(rng, 80) ? TRD_JOURNAL_SYNC : TRD_JOURNAL_WRITTEN,
        .keep = (uint32_t)draw_in(rng, 1, 3),
        .plain = draw_chance(rng, 30),
        .segment_size = (uint64_t)draw_in(rng, 1, 2) * TRD_JOURNAL_SIZE_MIN,
        .batch_size = (uint32_t)draw_in(rng, 2, 8) * 4096,
        .shot_us = (uint32_t)draw_in(rng, 1000, 40000)};
    return l;
}

static void live(witness *w, life *l) {
    start(l);
    l->kill_ns = now_ns() + (l->moment == NEVER ? END_NS : PATIENCE_NS);
    if (l->moment == WHILE_OPENING || l->moment == ANY_TIME) {
        kill_after(l, l->delay_ns);
    }
    attend(w, l);
    bury(w, l);
}

/* --- all of them ------------------------------------------------------------------------------ */

/* The line that a run is judged by. */
static int sum_up(const witness *w, uint64_t cycles, const char *directory) {
    char system[32];
    crash_file_system(directory, system, sizeof(system));
    printf("crash: %" PRIu64 " cycles, %" PRIu64 " commands, %" PRIu64
           " acknowledged events, %" PRIu64 " lost, %" PRIu64 " twice (%s)\n",
        cycles, answered(w), w->event, w->lost, w->twice, system);
    return w->lost + w->twice == 0 ? 0 : 1;
}

static void tell_kills(const witness *w, const crash_segments *segments) {
    printf("killed: %" PRIu64 " while opening, %" PRIu64 " while it owed, %" PRIu64
           " at work, %" PRIu64 " in a snapshot; %" PRIu64 " commands replayed, %" PRIu64
           " sent again, %" PRIu64 " segments, %" PRIu64 " kept\n",
        w->killed_at[0], w->killed_at[1], w->killed_at[2], w->killed_at[3], w->replayed, w->again,
        segments->made, segments->kept);
}

/* The last server ends in order, with nothing left to answer. */
static void live_to_the_end(witness *w, draw *rng, const char *directory, const char *archive) {
    trd_event_trail trail;
    life l = draw_life(rng, directory, archive, w->event);
    l.moment = NEVER;
    l.most = LAST_LIFE;
    live(w, &l);
    if (w->lost + w->twice > 0) {
        return;
    }
    check(answered(w) == w->sent, "%" PRIu64 " of %" PRIu64, answered(w), w->sent);
    check(trd_engine_trail(w->engine, &trail) == TRD_OK, "no trail");
    check(l.last_note.seq == w->sent && l.last_note.event == trail.slots &&
              l.last_note.hash == trail.hash,
        "another trail");
}

static int run(uint64_t cycles, draw *rng, const char *directory, const char *archive) {
    witness w = {.engine = rig_engine(), .expected = malloc(EXPECTED * sizeof(trd_event))};
    uint64_t cycle = 0;
    for (; cycle < cycles && w.lost + w.twice == 0; cycle++) {
        life l = draw_life(rng, directory, archive, w.event);
        live(&w, &l);
    }
    if (w.lost + w.twice == 0) {
        live_to_the_end(&w, rng, directory, archive);
    }
    if (w.lost + w.twice == 0) {
        const crash_segments segments = crash_audit(directory, archive, w.sent, w.engine);
        tell_kills(&w, &segments);
        check(cycles < 100 || segments.kept < segments.made, "nothing was ever removed");
        for (int i = 0; i < 4; i++) { /* a fifth each is what is drawn, at least */
            check(cycles < 100 || w.killed_at[i] > 0, "never killed there: %d", i);
        }
    }
    const int result = sum_up(&w, cycle, directory);
    trd_engine_destroy(w.engine);
    free(w.expected);
    return result;
}

typedef struct options {
    uint64_t cycles, seed;
    const char *directory;
} options;

static options read_options(int argc, char **argv) {
    options o = {.cycles = 1000, .seed = 1, .directory = "."};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--cycles") == 0) {
            o.cycles = strtoull(argv[i + 1], NULL, 0);
        } else if (strcmp(argv[i], "--seed") == 0) {
            o.seed = strtoull(argv[i + 1], NULL, 0);
        } else if (strcmp(argv[i], "--directory") == 0) {
            o.directory = argv[i + 1];
        } else {
            argc = 0;
        }
    }
    check(argc % 2 == 1, "crash_node [--cycles N] [--seed S] [--directory D]");
    return o;
}

int main(int argc, char **argv) {
    char directory[PATH_MAX - 32], archive[PATH_MAX - 32];
    const options o = read_options(argc, argv);
    draw rng = draw_seeded(o.seed);
    trd_on_assert(stress_tell);
    signal(SIGPIPE, SIG_IGN);
    snprintf(directory, sizeof(directory), "%s/crash-XXXXXX", o.directory);
    snprintf(archive, sizeof(archive), "%s/crash-XXXXXX", o.directory);
    scratch_make(directory);
    scratch_make(archive);
    const int result = run(o.cycles, &rng, directory, archive);
    if (result != 0) {
        fprintf(stderr, "the files are in %s, removed segments in %s\n", directory, archive);
        return result;
    }
    scratch_remove(directory);
    scratch_remove(archive);
    return 0;
}
