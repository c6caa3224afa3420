/* node.c - a node's life: made, started, stopped, closed; and its two ends, senders and readers. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/def.h"
#include "io/node.h"

_Static_assert(TRD_NODE_CHECK < 112, "kinds of the node");

/* --- definitions ------------------------------------------------------------------------------ */

static bool in_range(uint32_t value, uint32_t least, uint32_t most) {
    return value >= least && value <= most;
}

static bool is_ring(uint32_t capacity, uint32_t least, uint32_t most) {
    return trd__is_power_of_two(capacity) && in_range(capacity, least, most);
}

static bool is_subscription(const trd_subscription *def) {
    const bool conflates = def->policy == TRD_SLOW_CONFLATE;
    const uint32_t flags = TRD_SUBSCRIBE_ACCOUNT | TRD_SUBSCRIBE_NOW | TRD_SUBSCRIBE_CONFIRMS |
                           TRD_SUBSCRIBE_TRANSFERS;
    const uint32_t past = TRD_SUBSCRIBE_NOW | TRD_SUBSCRIBE_CONFIRMS; /* not both */
    return is_ring(def->capacity, 64, TRD_RING_CAPACITY_MAX) &&
           in_range(def->policy, TRD_SLOW_CUT, TRD_SLOW_CONFLATE) &&
           in_range(def->levels, conflates ? 1 : 0, conflates ? 1u << 20 : 0) &&
           (def->flags & ~flags) == 0 && (def->flags & past) != past && def->reserved == 0 &&
           (def->account == 0 || (def->flags & TRD_SUBSCRIBE_ACCOUNT) != 0);
}

static bool is_valid(const trd_node_def *def) {
    if (!is_ring(def->ingress, TRD_MPSC_CAPACITY_MIN, TRD_MPSC_CAPACITY_MAX) ||
        !is_ring(def->commands, 64, TRD_RING_CAPACITY_MAX) ||
        !is_ring(def->events, 512, TRD_RING_CAPACITY_MAX) || def->keep == 0 ||
        !in_range(def->threads, 1, TRD_NODE_THREADS_MAX) ||
        !in_range(def->idle, TRD_IDLE_SPIN, TRD_IDLE_PARK) ||
        !in_range(def->park_ns, 1000, 1000000000) || (def->flags & ~(uint32_t)TRD_NODE_HUGE) != 0 ||
        def->reserved != 0 || def->subscribers > TRD_NODE_SUBSCRIBERS_MAX ||
        (def->subscribers > 0 && def->subscriptions == NULL)) {
        return false;
    }
    for (uint32_t i = 0; i < def->subscribers; i++) {
        if (!is_subscription(&def->subscriptions[i])) {
            return false;
        }
    }
    return true;
}

/* --- memory ----------------------------------------------------------------------------------- */

static bool make_rings(trd_node *n) {
    const trd_node_def *def = &n->def;
    const bool huge = (def->flags & TRD_NODE_HUGE) != 0;
    const trd_mem *mem = &n->mem;
    if (!trd__block_make(&n->ingress_block, mem, trd__mpsc_footprint(def->ingress), huge) ||
        !trd__block_make(&n->commands_block, mem, trd__ring_footprint(def->commands), huge) ||
        !trd__block_make(&n->events_block, mem, trd__ring_footprint(def->events), huge) ||
        !trd__block_make(&n->checks_block, mem, trd__ring_footprint(TRD__NODE_CHECKS), false)) {
        return false;
    }
    n->ingress = trd__mpsc_init(n->ingress_block.at, def->ingress);
    n->commands = trd__ring_init(n->commands_block.at, def->commands);
    n->events = trd__ring_init(n->events_block.at, def->events);
    n->checks = trd__ring_init(n->checks_block.at, TRD__NODE_CHECKS);
    return true;
}

static bool make_subscriber(const trd_node *n, trd__subscriber *s, const trd_subscription *def) {
    const bool huge = (n->def.flags & TRD_NODE_HUGE) != 0;
    s->def = *def;
    s->wants_all =
        def->kinds == 0 && (def->flags & ~(TRD_SUBSCRIBE_NOW | TRD_SUBSCRIBE_CONFIRMS)) == 0;
    atomic_init(&s->confirmed, def->last);
    if (!trd__block_make(&s->ring_block, &n->mem, trd__ring_footprint(def->capacity), huge)) {
        return false;
    }
    s->ring = trd__ring_init(s->ring_block.at, def->capacity);
    if (def->policy == TRD_SLOW_CONFLATE) {
        const size_t size = trd__conflate_footprint(def->levels);
        if (!trd__block_make(&s->table_block, &n->mem, size, false)) {
            return false;
        }
        s->table = trd__conflate_init(s->table_block.at, def->levels);
    }
    return true;
}

static bool make_subscribers(trd_node *n) {
    const size_t size = n->def.subscribers * sizeof(trd__subscriber);
    if (size == 0) {
        return true;
    }
    if (!trd__block_make(&n->subscribers_block, &n->mem, size, false)) {
        return false;
    }
    n->subscribers = n->subscribers_block.at;
    for (uint32_t i = 0; i < n->def.subscribers; i++) {
        if (!make_subscriber(n, &n->subscribers[i], &n->def.subscriptions[i])) {
            return false;
        }
    }
    return true;
}

static void free_all(trd_node *n) {
    const trd_mem mem = n->mem;
    for (uint32_t i = 0; n->subscribers != NULL && i < n->def.subscribers; i++) {
        trd__block_free(&n->subscribers[i].ring_block, &mem);
        trd__block_free(&n->subscribers[i].table_block, &mem);
    }
    for (trd__spool_piece *piece = n->spool.first; piece != NULL;) {
        trd__block block = piece->block;
        piece = piece->next;
        trd__block_free(&block, &mem);
    }
    if (n->directory >= 0) {
        n->ops.close(n->ops.user, n->directory);
    }
    trd__block_free(&n->subscribers_block, &mem);
    trd__block_free(&n->ingress_block, &mem);
    trd__block_free(&n->commands_block, &mem);
    trd__block_free(&n->events_block, &mem);
    trd__block_free(&n->checks_block, &mem);
    trd__block_free(&n->engine_block, &mem);
    trd__block_free(&n->directory_block, &mem);
    trd__block own = n->own;
    trd__block_free(&own, &mem);
}

/* --- agents ----------------------------------------------------------------------------------- */

/* What the thread of an agent does, and what it waits for. */
typedef struct role {
    uint32_t (*work)(void *of);
    bool (*waits)(void *of);
    const char *name;
} role;

static uint32_t work_sequencer(void *of) {
    return trd__node_sequence(of);
}

static uint32_t work_engine(void *of) {
    return trd__node_execute(of);
}

static uint32_t work_gate(void *of) {
    return trd__node_gate(of);
}

static uint32_t work_ends(void *of) {
    const uint32_t done = trd__node_sequence(of);
    return done + trd__node_gate(of);
}

static uint32_t work_all(void *of) {
    uint32_t done = trd__node_sequence(of);
    done += trd__node_execute(of);
    return done + trd__node_gate(of);
}

static bool sequencer_waits(void *of) {
    return trd__node_sequence_waits(of);
}

static bool engine_waits(void *of) {
    return trd__node_execute_waits(of);
}

static bool gate_waits(void *of) {
    return trd__node_gate_waits(of);
}

static bool ends_wait(void *of) {
    return trd__node_sequence_waits(of) || trd__node_gate_waits(of);
}

static bool all_wait(void *of) {
    return ends_wait(of) || trd__node_execute_waits(of);
}

/* By number of threads. */
static const role ROLES[TRD_NODE_THREADS_MAX][TRD_NODE_THREADS_MAX] = {
    {{work_all, all_wait, "trd_node"}},
    {{work_ends, ends_wait, "trd_ends"}, {work_engine, engine_waits, "trd_engine"}},
    {{work_sequencer, sequencer_waits, "trd_sequencer"}, {work_engine, engine_waits, "trd_engine"},
        {work_gate, gate_waits, "trd_gate"}}};

/* Whoever sends may do so before the threads are started: what a wake looks at is there then. */
static void make_agents(trd_node *n) {
    for (uint32_t i = 0; i < n->def.threads; i++) {
        const role *r = &ROLES[n->def.threads - 1][i];
        n->agents[i] = (trd__agent){.work = r->work,
            .waits = r->waits,
            .of = n,
            .name = r->name,
            .idle = n->def.idle,
            .park_ns = n->def.park_ns,
            .cpu = n->def.cpu[i]};
    }
}

/* --- opening ---------------------------------------------------------------------------------- */

/* What the definition points to belongs to the caller; the directory is needed later. */
static int open_directory(trd_node *n, trd_node_status *status) {
    const char *name = n->journal_def.directory;
    if (n->def.journal == NULL) {
        return TRD_OK;
    }
    const size_t size = strlen(name) + 1;
    if (!trd__block_make(&n->directory_block, &n->mem, size, false)) {
        return TRD_E_MEMORY;
    }
    n->journal_def.directory = memcpy(n->directory_block.at, name, size);
    n->directory = n->ops.open(n->ops.user, -1, name, TRD_IO_DIRECTORY);
    return n->directory < 0 ? trd__fault(&status->fault, TRD_IO_OPEN, n->directory, 0, 0) : TRD_OK;
}

/* The kernel's workers must not wait for the engine's processor. */
static void spare_engine(const trd_node_def *def, trd_journal_def *journal) {
    const int engine = def->threads == 1 ? def->cpu[0] : def->cpu[1];
    const long count = sysconf(_SC_NPROCESSORS_ONLN);
    if (journal->cpus != 0 || engine < 0 || engine > 63 || count < 2) {
        return;
    }
    const uint64_t all = count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
    journal->cpus = all & ~(UINT64_C(1) << engine);
}

static int open_all(trd_node *n, trd_node_status *status) {
    const trd_engine *engine = n->def.engine;
    if (!make_rings(n) || !make_subscribers(n)) {
        return TRD_E_MEMORY;
    }
    int result = open_directory(n, status);
    result = result == TRD_OK ? trd__node_recover(n, engine, status) : result;
    n->def.subscriptions = NULL; /* the caller's */
    n->def.engine = NULL;
    n->def.journal = NULL;
    return result;
}

/* The journal's definition, and its table of calls; without a journal the system's. */
static bool read_journal(const trd_node_def *def, trd_journal_def *journal) {
    *journal = trd_journal_def_default();
    if (def->journal == NULL) {
        return true;
    }
    if (!trd__def_read(journal, sizeof(*journal), def->journal) || journal->directory == NULL) {
        return false;
    }
    spare_engine(def, journal);
    return true;
}

int trd_node_open(const trd_node_def *def, trd_node_status *status, trd_node **out) {
    trd_node_def own = trd_node_def_default();
    trd_journal_def journal;
    if (out != NULL) {
        *out = NULL;
    }
    if (status == NULL || out == NULL || !trd__def_read(&own, sizeof(own), def) ||
        !is_valid(&own) || !read_journal(&own, &journal)) {
        return TRD_E_ARG;
    }
    *status = (trd_node_status){0};
    trd__block block;
    if (!trd__block_make(&block, &own.mem, sizeof(trd_node), false)) {
        return TRD_E_MEMORY;
    }
    trd_node *n = block.at;
    n->own = block;
    n->def = own;
    n->mem = own.mem;
    n->journal_def = journal;
    n->ops = journal.ops != NULL ? *journal.ops : *trd_io_system();
    n->directory = -1;
    make_agents(n);
    const int result = open_all(n, status);
    if (result != TRD_OK) {
        (void)trd_journal_writer_close(n->journal);
        free_all(n);
        return result;
    }
    *out = n;
    return TRD_OK;
}

/* --- senders and subscribers ------------------------------------------------------------------ */

static bool is_record(const trd_command *base) {
    if (base->kind < 1 || base->kind >= TRD_JOURNAL_HEAD || base->slots < 1 ||
        base->slots > TRD_SLOTS_MAX) {
        return false;
    }
    for (uint32_t i = 1; i < base->slots; i++) {
        if (base[i].kind < 128 || base[i].slots != 0) {
            return false;
        }
    }
    return true;
}

int trd_node_send(trd_node *node, const trd_command *base) {
    if (node == NULL || base == NULL || !is_record(base)) {
        return TRD_E_ARG;
    }
    /* Partner: the release store of the sequencer, of trd_node_stop. */
    const int failed = atomic_load_explicit(&node->failed, memory_order_acquire);
    if (failed != TRD_OK) {
        return failed;
    }
    if (atomic_load_explicit(&node->closed, memory_order_acquire) != 0) {
        return TRD_E_BUSY;
    }
    const int result = trd__mpsc_push(node->ingress, base);
    if (result == TRD_OK) {
        trd__agent_wake(&node->agents[0]);
    }
    return result;
}

const trd_event *trd_node_peek(trd_node *node, uint32_t subscriber, uint32_t *count) {
    if (node == NULL || count == NULL || subscriber >= node->def.subscribers) {
        return NULL;
    }
    return trd__ring_peek(node->subscribers[subscriber].ring, count);
}

void trd_node_release(trd_node *node, uint32_t subscriber, uint32_t count) {
    if (node != NULL && subscriber < node->def.subscribers) {
        trd__ring_release(node->subscribers[subscriber].ring, count);
    }
}

int trd_node_resume(trd_node *node, uint32_t subscriber) {
    if (node == NULL || subscriber >= node->def.subscribers) {
        return TRD_E_ARG;
    }
    trd__subscriber *s = &node->subscribers[subscriber];
    uint32_t count;
    /* Partner: the release store of the gate, before TRD_NODE_CUT: whoever has read that sees it.
     */
    if (atomic_load_explicit(&s->state, memory_order_acquire) != TRD_SUBSCRIBER_CUT ||
        trd__ring_peek(s->ring, &count) != NULL) {
        return TRD_E_BUSY;
    }
    /* Partner: the acquire load of the gate. */
    atomic_store_explicit(&s->resume, 1, memory_order_release);
    trd__agent_wake(trd__node_gate_agent(node));
    return TRD_OK;
}

int trd_node_confirm(trd_node *node, uint32_t subscriber, uint64_t seq) {
    if (node == NULL || subscriber >= node->def.subscribers ||
        (node->subscribers[subscriber].def.flags & TRD_SUBSCRIBE_CONFIRMS) == 0) {
        return TRD_E_ARG;
    }
    atomic_store_explicit(&node->subscribers[subscriber].confirmed, seq, memory_order_relaxed);
    return TRD_OK;
}

int trd_node_drop(trd_node *node, uint32_t subscriber) {
    if (node == NULL || subscriber >= node->def.subscribers) {
        return TRD_E_ARG;
    }
    /* Partner: the acquire load of the gate. */
    atomic_store_explicit(&node->subscribers[subscriber].dropped, 1, memory_order_release);
    trd__agent_wake(trd__node_gate_agent(node));
    return TRD_OK;
}

/* --- work and threads ------------------------------------------------------------------------- */

int trd_node_work(trd_node *node) {
    if (node == NULL) {
        return TRD_E_ARG;
    }
    if (atomic_load_explicit(&node->running, memory_order_relaxed) != 0) {
        return TRD_E_BUSY;
    }
    const uint32_t done = work_all(node);
    return done < INT32_MAX ? (int)done : INT32_MAX;
}

static void stop_threads(trd_node *n) {
    for (uint32_t i = 0; i < TRD_NODE_THREADS_MAX; i++) {
        trd__agent_stop(&n->agents[i]);
    }
    atomic_store_explicit(&n->running, 0, memory_order_relaxed);
}

int trd_node_start(trd_node *node) {
    if (node == NULL) {
        return TRD_E_ARG;
    }
    if (node->stopped || atomic_load_explicit(&node->running, memory_order_relaxed) != 0) {
        return TRD_E_BUSY;
    }
    const uint32_t threads = node->def.threads;
    atomic_store_explicit(&node->running, threads, memory_order_relaxed);
    for (uint32_t i = 0; i < threads; i++) {
        const int result = trd__agent_start(&node->agents[i]);
        if (result != TRD_OK) {
            stop_threads(node);
            return result;
        }
    }
    return TRD_OK;
}

/* --- ending ----------------------------------------------------------------------------------- */

static bool has_failed(const trd_node *n) {
    return atomic_load_explicit(&n->failed, memory_order_acquire) != TRD_OK;
}

/* Is all that was sent executed? */
static bool is_drained(trd_node *n) {
    uint32_t count;
    return trd__mpsc_peek(n->ingress, &count) == NULL &&
           trd__ring_peek(n->commands, &count) == NULL && !n->pending;
}

/* All agents by hand, until there is nothing more to do; what waits for the disk is waited for. */
static void drain(trd_node *n) {
    trd__node_cut_owed(n);
    for (;;) {
        while (work_all(n) > 0) {
        }
        if (n->journal == NULL || has_failed(n)) {
            return;
        }
        (void)trd_journal_flush(n->journal); /* a failure is the sequencer's to see */
        if (work_all(n) == 0 && !has_failed(n)) {
            trd_assert(is_drained(n));
            return;
        }
    }
}

int trd_node_stop(trd_node *node) {
    if (node == NULL) {
        return TRD_E_ARG;
    }
    if (!node->stopped) {
        /* Partner: the acquire load of trd_node_send. */
        atomic_store_explicit(&node->closed, 1, memory_order_release);
        stop_threads(node);
        drain(node);
        node->stopped = true;
        node->stop_result = atomic_load_explicit(&node->failed, memory_order_relaxed);
    }
    return node->stop_result;
}

int trd_node_close(trd_node *node) {
    if (node == NULL) {
        return TRD_OK;
    }
    const int stopped = trd_node_stop(node);
    const int closed = trd_journal_writer_close(node->journal);
    free_all(node);
    return stopped != TRD_OK ? stopped : closed;
}

/* --- snapshots -------------------------------------------------------------------------------- */

/* A moment later. By hand the agent whose turn it is is called. */
static void let_work(trd_node *n, uint32_t (*work)(trd_node *)) {
    const struct timespec nap = {.tv_nsec = 50000};
    if (atomic_load_explicit(&n->running, memory_order_relaxed) == 0) {
        (void)work(n);
    } else {
        nanosleep(&nap, NULL);
    }
}

static uint32_t shoot(trd_node *n) {
    return trd__node_shoot(n);
}

/* Waits for the engine's copy. An engine that is stuck because the journal has failed will make
 * none: then what was wanted is taken back. */
static int await_copy(trd_node *n) {
    /* Partner: the release store of the engine's agent. */
    while (atomic_load_explicit(&n->shot, memory_order_acquire) != TRD__SHOT_TAKEN) {
        uint32_t wanted = TRD__SHOT_WANTED;
        if (has_failed(n) && atomic_compare_exchange_strong_explicit(&n->shot, &wanted,
                                 TRD__SHOT_NONE, memory_order_relaxed, memory_order_relaxed)) {
            return TRD_E_IO;
        }
        let_work(n, shoot);
    }
    return TRD_OK;
}

/* Waits until the journal has all that was appended on the disk. */
static int await_flush(trd_node *n) {
    uint32_t shot;
    /* Partner: the release store of the sequencer. */
    while ((shot = atomic_load_explicit(&n->shot, memory_order_acquire)) == TRD__SHOT_FLUSH) {
        let_work(n, trd__node_sequence);
    }
    return shot == TRD__SHOT_FLUSHED ? TRD_OK : TRD_E_IO;
}

static void want(trd_node *n, uint32_t shot) {
    /* Partners: the acquire loads of the engine's agent and of the sequencer. */
    atomic_store_explicit(&n->shot, shot, memory_order_release);
}

/* The copy is there: written, safe with the journal, named, and what it replaces removed. */
static int keep(trd_node *n, trd_node_status *status) {
    trd_snapshot_head head;
    int result = trd__shot_write(n, n->shot_engine, &head, &status->fault);
    if (result != TRD_OK) {
        return result;
    }
    status->snapshot = status->seq = head.seq;
    status->event = head.events;
    want(n, TRD__SHOT_FLUSH);
    trd__agent_wake(&n->agents[0]);
    result = await_flush(n);
    if (result != TRD_OK) {
        status->fault = n->fault;
        return result;
    }
    result = trd__shot_publish(n, head.seq, &status->fault);
    return result == TRD_OK ? trd__shot_retain(n, &status->fault) : result;
}

static int take(trd_node *n, trd_node_status *status) {
    if (has_failed(n)) {
        status->fault = n->fault;
        return TRD_E_IO;
    }
    if (atomic_load_explicit(&n->running, memory_order_relaxed) == 0 && n->pending) {
        return TRD_E_BUSY;
    }
    if (!trd__block_make(&n->shot_block, &n->mem, trd_engine_size(n->engine), false)) {
        return TRD_E_MEMORY;
    }
    want(n, TRD__SHOT_WANTED);
    trd__agent_wake(trd__node_engine_agent(n));
    int result = await_copy(n);
    if (result == TRD_OK) {
        result = keep(n, status);
        want(n, TRD__SHOT_NONE);
    } else {
        status->fault = n->fault;
    }
    trd__block_free(&n->shot_block, &n->mem);
    return result;
}

int trd_node_snapshot(trd_node *node, trd_node_status *status) {
    if (node == NULL || status == NULL || node->journal == NULL) {
        return TRD_E_ARG;
    }
    *status = (trd_node_status){0};
    /* Partner: the store below, of another thread. */
    if (atomic_exchange_explicit(&node->shooting, 1, memory_order_acquire) != 0) {
        return TRD_E_BUSY;
    }
    const int result = take(node, status);
    atomic_store_explicit(&node->shooting, 0, memory_order_release);
    return result;
}

/* --- questions -------------------------------------------------------------------------------- */

static uint64_t load(const _Atomic uint64_t *value) {
    return atomic_load_explicit(value, memory_order_relaxed);
}

static uint32_t used(const trd_ring *ring) {
    const uint64_t head = load(&ring->head); /* first: it never passes the tail */
    const uint64_t tail = load(&ring->tail);
    return (uint32_t)(tail - head);
}

void trd_node_stats_get(const trd_node *node, trd_node_stats *out) {
    if (node == NULL || out == NULL) {
        return;
    }
    const uint64_t acknowledged = load(&node->acknowledged);
    *out = (trd_node_stats){.sequenced = load(&node->sequenced),
        .executed = load(&node->executed),
        .event = load(&node->passed),
        .waits = {load(&node->sequencer_waits), load(&node->engine_waits), load(&node->gate_waits)},
        .skipped = load(&node->skipped),
        .commands = used(node->commands),
        .events = used(node->events),
        /* Partner: the release store of the sequencer. `fault` is not written any more then. */
        .failed = atomic_load_explicit(&node->failed, memory_order_acquire),
        /* Partner: the release store of the gate. Who sees 0 finds what was owed in the rings. */
        .recovering = atomic_load_explicit(&node->owed, memory_order_acquire) != 0};
    out->acknowledged = node->journal != NULL ? acknowledged : out->executed;
    if (out->failed != TRD_OK) {
        out->fault = node->fault;
    }
}

int trd_node_subscriber(const trd_node *node, uint32_t subscriber, trd_subscriber_stats *out) {
    if (node == NULL || out == NULL || subscriber >= node->def.subscribers) {
        return TRD_E_ARG;
    }
    const trd__subscriber *s = &node->subscribers[subscriber];
    *out = (trd_subscriber_stats){.given = load(&s->given),
        .conflated = load(&s->conflated),
        .cuts = load(&s->cuts),
        .used = used(s->ring),
        .state = atomic_load_explicit(&s->state, memory_order_relaxed)};
    return TRD_OK;
}

const trd_engine *trd_node_engine(const trd_node *node) {
    return node != NULL ? node->engine : NULL;
}
