/* park_node.c - agents that sleep are woken by what they wait for, and do not sleep their time out.
 *
 *     park_node
 *
 * They sleep a second at most, and commands come one by one, each when all agents sleep. Counted
 * are the commands whose events came only after an agent had slept its second out. One may by
 * chance, where the machine itself has stood still; with a wake missing all of them do. */
#include <string.h>

#include "io/node.h"
#include "node_rig.h"
#include "scratch.h"
#include "stress.h"

enum { SECOND = 1000000000, COMMANDS = 12, SNAPSHOTS = 3 };

/* Where the journal is. */
enum journal { NONE, RING, PLAIN, JOURNALS };
static const char *const NAMES[JOURNALS] = {"no journal", "ring", "plain"};

static trd_node *open_node(const char *directory, uint32_t threads, enum journal kind) {
    const trd_subscription subscription = {.capacity = 1024, .policy = TRD_SLOW_CUT};
    trd_engine *engine = rig_engine();
    trd_journal_def journal = trd_journal_def_default();
    trd_node_def def = trd_node_def_default();
    trd_node_status status;
    trd_node *node;
    journal.directory = directory;
    journal.segment_size = TRD_JOURNAL_SIZE_MIN;
    journal.batch_size = 8192;
    journal.flags = kind == PLAIN ? TRD_JOURNAL_PLAIN : 0;
    def.engine = engine;
    def.journal = kind == NONE ? NULL : &journal;
    def.subscriptions = &subscription;
    def.subscribers = 1;
    def.threads = threads;
    def.idle = TRD_IDLE_PARK;
    def.park_ns = SECOND;
    check(trd_node_open(&def, &status, &node) == TRD_OK, "not opened");
    trd_engine_destroy(engine);
    return node;
}

static void await_sleep(trd_node *node) {
    for (uint32_t i = 0; i < node->def.threads;) {
        if (atomic_load(&node->agents[i].parked) != 0) {
            i++;
        } else {
            usleep(100);
            i = 0;
        }
    }
}

static uint64_t overslept(trd_node *node) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < node->def.threads; i++) {
        sum += atomic_load(&node->agents[i].overslept);
    }
    return sum;
}

/* Reads until command `seq` is acknowledged and told of. Those that open accounts never are. */
static void await_events(trd_node *node, uint64_t seq) {
    const bool told = seq > RIG_ACCOUNTS;
    trd_node_stats stats;
    uint32_t count;
    uint64_t seen = 0;
    do {
        const trd_event *span = trd_node_peek(node, 0, &count);
        for (uint32_t at = 0; span != NULL && at < count; at += span[at].slots) {
            seen += span[at].kind != TRD_EVENT_NONE;
        }
        trd_node_release(node, 0, count);
        trd_node_stats_get(node, &stats);
        usleep(20);
    } while ((told && seen == 0) || stats.acknowledged < seq);
}

static uint32_t count_late(trd_node *node) {
    uint32_t late = 0;
    for (uint64_t i = 1; i <= COMMANDS; i++) {
        trd_command record[TRD_SLOTS_MAX];
        rig_command(i, record);
        await_sleep(node);
        const uint64_t before = overslept(node);
        if (i % SNAPSHOTS == 0) {
            trd_node_status status;
            const int taken = trd_node_snapshot(node, &status);
            check(taken == TRD_OK || node->journal == NULL, "%d", taken);
        }
        check(trd_node_send(node, record) == TRD_OK, "not taken");
        await_events(node, i);
        late += overslept(node) != before;
    }
    return late;
}

/* --- an agent alone --------------------------------------------------------------------------- */

/* Something to do comes right after a look that has found nothing: the worst moment, as far as the
 * agent can tell from within. Each time after one fruitless look more, so once just before it falls
 * asleep. */
typedef struct lone {
    trd__agent agent;
    uint32_t fruitless; /* looks since there was something to do */
    uint32_t after;     /* so many, and it comes */
    bool news;
    _Atomic uint32_t done;
} lone;

/* Looks before it sleeps: one each round, and one when it has said that it will. */
enum { LOOKS = TRD__SPINS + TRD__YIELDS + 2 };

static uint32_t look(void *of) {
    lone *l = of;
    if (l->news) {
        l->news = false;
        l->fruitless = 0;
        l->after++;
        atomic_fetch_add(&l->done, 1);
        return 1;
    }
    if (++l->fruitless >= l->after && l->after <= LOOKS) {
        l->news = true;
        trd__agent_wake(&l->agent);
    }
    return 0;
}

static void news_are_never_missed(void) {
    static lone l = {.agent = {.work = look,
                         .name = "lone",
                         .idle = TRD_IDLE_PARK,
                         .park_ns = SECOND,
                         .cpu = -1},
        .after = 1};
    l.agent.of = &l;
    check(trd__agent_start(&l.agent) == TRD_OK, "not started");
    while (atomic_load(&l.done) < LOOKS) {
        usleep(100);
    }
    const uint64_t overslept = atomic_load(&l.agent.overslept);
    trd__agent_stop(&l.agent);
    printf("an agent alone: overslept %" PRIu64 " times\n", overslept);
    check(overslept == 0, "%" PRIu64, overslept);
}

int main(void) {
    trd_on_assert(stress_tell);
    news_are_never_missed();
    for (uint32_t threads = 1; threads <= TRD_NODE_THREADS_MAX; threads++) {
        for (enum journal kind = NONE; kind < JOURNALS; kind++) {
            char directory[] = "park_node-XXXXXX";
            scratch_make(directory);
            trd_node *node = open_node(directory, threads, kind);
            check(trd_node_start(node) == TRD_OK, "not started");
            const uint32_t late = count_late(node);
            check(trd_node_close(node) == TRD_OK, "not closed");
            scratch_remove(directory);
            printf("%u threads, %s: %u of %d late\n", threads, NAMES[kind], late, COMMANDS);
            fflush(stdout);
            check(late <= 1, "%u", late);
        }
    }
    return 0;
}
