/* quiet_node.c - a node at work allocates nothing, and takes nothing else that it does not give
 * back.
 *
 *     quiet_node [--commands N] [--threads T] [--idle spin|yield|park] [--plain]
 *
 * In rounds: commands with nothing beside them, during which no thread may allocate, neither
 * through the hook nor by the C library; then a snapshot under load, which allocates in the thread
 * that asks for it, removes segments, and must give all back. After each round as many descriptors
 * are open and as many pages are resident as after the first ones.
 *
 * quiet_node_test.py looks at the system calls of the same program: what it says of its threads'
 * names marks the part to be looked at. */
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <tradsys/io/node.h>

#include "count_alloc.h"
#include "node_rig.h"
#include "scratch.h"
#include "stress.h"

enum {
    ROUNDS = 20,
    ROUNDS_TRACED = 4,
    SETTLING = 2,
    SUBSCRIBERS = 3,
    DESCRIPTORS = 256,
    SKIPPED = 77
};
enum { SLACK = 32 }; /* kB: stacks may become a page or two deeper than they were */

typedef struct options {
    uint64_t commands;
    uint64_t rounds;
    uint32_t threads, idle;
    bool plain, hook;
} options;

typedef struct world {
    trd_node *node;
    uint64_t sent, given; /* commands; slots of events that the first subscriber has read */
    uint64_t turn;
    _Atomic uint64_t hooked; /* allocations through the hook */
    _Atomic int64_t held;    /* of these, not given back */
} world;

/* What a process holds. */
typedef struct holding {
    uint64_t descriptors, resident; /* kB */
} holding;

/* --- counts ----------------------------------------------------------------------------------- */

static void *hook_alloc(void *user, size_t size, size_t align) {
    world *w = user;
    atomic_fetch_add(&w->hooked, 1);
    atomic_fetch_add(&w->held, 1);
    return aligned_alloc(align, size);
}

static void hook_release(void *user, void *at, size_t size) {
    world *w = user;
    (void)size;
    atomic_fetch_sub(&w->held, 1);
    free(at);
}

static uint64_t count_descriptors(void) {
    uint64_t count = 0;
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

/* The next segment is opened a moment after the last one was full: how many there are when that has
 * not changed for a while. */
static uint64_t settled_descriptors(void) {
    uint64_t count = count_descriptors();
    for (int same = 0; same < 10; same++) {
        usleep(5000);
        const uint64_t now = count_descriptors();
        same = now == count ? same : 0;
        count = now;
    }
    return count;
}

/* Counted page by page, which the shorter files of /proc are not. Pages of the program itself,
 * which come when code is run for the first time, are not memory that anybody has taken. */
static uint64_t count_resident(void) {
    char text[4096];
    const int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    const ssize_t size = read(fd, text, sizeof(text) - 1);
    check(fd >= 0 && size > 0, "no /proc/self/smaps_rollup");
    close(fd);
    text[size] = '\0';
    const char *line = strstr(text, "\nAnonymous:");
    check(line != NULL, "%s", text);
    return strtoull(line + strlen("\nAnonymous:"), NULL, 10);
}

static holding hold(void) {
    return (holding){settled_descriptors(), count_resident()};
}

/* --- work ------------------------------------------------------------------------------------- */

static uint64_t read_all(world *w, uint32_t subscriber) {
    uint32_t count;
    uint64_t slots = 0;
    while (trd_node_peek(w->node, subscriber, &count) != NULL) {
        trd_node_release(w->node, subscriber, count);
        slots += count;
    }
    return slots;
}

/* The first subscriber keeps up; the second reads now and then, and its levels are conflated; the
 * third is cut off again and again. */
static void read_some(world *w) {
    w->given += read_all(w, 0);
    if (++w->turn % 64 == 0) {
        (void)read_all(w, 1);
        (void)read_all(w, 2);
        (void)trd_node_resume(w->node, 2);
    }
}

static void send_up_to(world *w, uint64_t to) {
    while (w->sent < to) {
        trd_command record[TRD_SLOTS_MAX];
        rig_command(w->sent + 1, record);
        const int result = trd_node_send(w->node, record);
        check(result == TRD_OK || result == TRD_E_FULL, "%d", result);
        w->sent += result == TRD_OK;
        if (result != TRD_OK) {
            read_some(w);
            usleep(20);
        }
    }
}

static void finish(world *w) {
    trd_node_stats stats;
    do {
        read_some(w);
        usleep(20);
        trd_node_stats_get(w->node, &stats);
    } while (stats.acknowledged < w->sent || stats.events > 0);
    read_some(w);
}

/* Nothing beside it. */
static void work_quietly(world *w, uint64_t to) {
    const uint64_t allocated = atomic_load(&alloc_all), hooked = atomic_load(&w->hooked);
    send_up_to(w, to);
    finish(w);
    check(atomic_load(&alloc_all) == allocated, "%" PRIu64 " allocations in %" PRIu64 " commands",
        atomic_load(&alloc_all) - allocated, to);
    check(atomic_load(&w->hooked) == hooked, "%" PRIu64 " by the hook",
        atomic_load(&w->hooked) - hooked);
}

/* As many as the node has room for are under way while it is taken. Only its caller allocates. */
static void work_with_a_snapshot(world *w, uint64_t to) {
    trd_node_status status;
    const int64_t held = atomic_load(&w->held);
    const uint64_t allocated = atomic_load(&alloc_all) - alloc_own;
    send_up_to(w, to);
    const int result = trd_node_snapshot(w->node, &status);
    check(result == TRD_OK, "%d: %s %d", result, trd_io_call_text(status.fault.call),
        status.fault.error);
    finish(w);
    check(atomic_load(&alloc_all) - alloc_own == allocated, "the node's threads allocate");
    check(atomic_load(&w->held) == held, "it has kept something");
}

/* --- a run ------------------------------------------------------------------------------------ */

static void open_node(world *w, const options *o, const char *directory) {
    const trd_subscription subscriptions[SUBSCRIBERS] = {
        {.capacity = 1 << 17, .policy = TRD_SLOW_CUT},
        {.kinds = UINT64_C(1) << TRD_EVENT_LEVEL,
            .capacity = 64,
            .policy = TRD_SLOW_CONFLATE,
            .levels = 22},
        {.capacity = 64, .policy = TRD_SLOW_CUT}};
    trd_engine *engine = rig_engine();
    trd_journal_def journal = trd_journal_def_default();
    trd_node_def def = trd_node_def_default();
    trd_node_status status;
    journal.directory = directory;
    journal.segment_size = TRD_JOURNAL_SIZE_MIN;
    journal.batch_size = 1 << 15;
    journal.flags = o->plain ? TRD_JOURNAL_PLAIN : 0;
    def.engine = engine;
    def.journal = &journal;
    def.subscriptions = subscriptions;
    def.subscribers = SUBSCRIBERS;
    def.ingress = 1024;
    def.commands = 1024;
    def.events = 1 << 14;
    def.keep = 1;
    def.threads = o->threads;
    def.idle = o->idle;
    if (o->hook) {
        def.mem = (trd_mem){.alloc = hook_alloc, .release = hook_release, .user = w};
    }
    check(trd_node_open(&def, &status, &w->node) == TRD_OK, "not opened");
    trd_engine_destroy(engine);
}

/* From here to "quiet_end" is what quiet_node_test.py judges. */
static void mark(const char *name) {
    check(prctl(PR_SET_NAME, name) == 0, "no name");
}

static void compare(const holding *now, const holding *then, uint64_t round) {
    check(now->descriptors == then->descriptors,
        "round %" PRIu64 ": %" PRIu64 " descriptors, %" PRIu64 " before", round, now->descriptors,
        then->descriptors);
    check(now->resident <= then->resident + SLACK,
        "round %" PRIu64 ": %" PRIu64 " kB, %" PRIu64 " before", round, now->resident,
        then->resident);
}

static void run(const options *o) {
    char directory[] = "quiet_node-XXXXXX";
    world w = {0};
    holding settled = {0}, now = {0};
    scratch_make(directory);
    open_node(&w, o, directory);
    check(alloc_own > 0, "allocations are not counted"); /* some were made until here */
    check(trd_node_start(w.node) == TRD_OK, "not started");
    mark("quiet_begin");
    for (uint64_t round = 1; round <= o->rounds; round++) {
        const uint64_t to = o->commands * round / o->rounds;
        work_quietly(&w, to - o->commands / o->rounds / 4);
        work_with_a_snapshot(&w, to);
        now = hold();
        if (round <= SETTLING) {
            settled = now;
        } else if (!o->hook) { /* what the C library keeps for itself is not ours */
            compare(&now, &settled, round);
        }
    }
    mark("quiet_end");
    check(trd_node_close(w.node) == TRD_OK, "not closed");
    printf("%" PRIu64 " commands, %" PRIu64 " slots of events, %" PRIu64
           " allocations by the hook; "
           "%" PRIu64 " kB and %" PRIu64 " descriptors after %d rounds, %" PRIu64 " and %" PRIu64
           " in the end\n",
        w.sent, w.given, atomic_load(&w.hooked), settled.resident, settled.descriptors, SETTLING,
        now.resident, now.descriptors);
    check(w.given > w.sent, "events were not read");
    scratch_remove(directory);
}

static uint32_t idle_of(const char *name) {
    static const char *const names[] = {"", "spin", "yield", "park"};
    for (uint32_t i = TRD_IDLE_SPIN; i <= TRD_IDLE_PARK; i++) {
        if (strcmp(name, names[i]) == 0) {
            return i;
        }
    }
    check(false, "rest: spin, yield or park");
}

/* True: none of the options says how the node works. Then there is a second run, with the hook. */
static bool read_options(options *o, int argc, char **argv) {
    bool both = true;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--plain") == 0) {
            o->plain = true;
        } else if (strcmp(argv[i], "--commands") == 0) {
            o->commands = strtoull(value, NULL, 0);
            i++;
            continue;
        } else if (strcmp(argv[i], "--threads") == 0) {
            o->threads = (uint32_t)strtoul(value, NULL, 0);
            i++;
        } else {
            check(strcmp(argv[i], "--idle") == 0, "%s?", argv[i]);
            o->idle = idle_of(value);
            i++;
        }
        both = false;
    }
    return both;
}

int main(int argc, char **argv) {
    options o = {.commands = 3000000, .threads = 3, .idle = TRD_IDLE_YIELD};
    trd_on_assert(stress_tell);
    const bool both = read_options(&o, argc, argv);
    if (!COUNT_ALLOC) {
        puts("this build is instrumented, and allocates by itself");
        return SKIPPED;
    }
    o.rounds = both ? ROUNDS : ROUNDS_TRACED;
    run(&o);
    if (both) {
        o.commands /= 10;
        o.hook = true;
        run(&o);
    }
    return 0;
}
