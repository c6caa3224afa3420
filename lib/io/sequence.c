/* sequence.c - the first agent of a node: numbers, stamps and journals commands.
 *
 * A batch is made where the engine will read it, in a span of the command ring that is not
 * committed yet; the journal copies it from there; then it is committed. Where either has no room
 * nothing has happened, and the same records are taken again in the next round. */
#include <time.h>

#include "io/node.h"

static trd_ns system_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (trd_ns)now.tv_sec * 1000000000 + now.tv_nsec;
}

static trd_ns now_of(const trd_node *n) {
    const trd_ns now = n->def.clock != NULL ? n->def.clock(n->def.clock_user) : system_time();
    return now > n->time ? now : n->time;
}

static bool has_failed(const trd_node *n) {
    return atomic_load_explicit(&n->failed, memory_order_relaxed) != TRD_OK;
}

/* What the journal has failed of is its own, and stays. */
static void fail(trd_node *n) {
    trd_journal_progress progress;
    trd_journal_progress_get(n->journal, &progress);
    n->fault = progress.fault;
    /* Partner: the acquire loads of trd_node_send and trd_node_stats_get. */
    atomic_store_explicit(&n->failed, TRD_E_IO, memory_order_release);
}

static void count_wait(trd_node *n) {
    const uint64_t waits = atomic_load_explicit(&n->sequencer_waits, memory_order_relaxed);
    atomic_store_explicit(&n->sequencer_waits, waits + 1, memory_order_relaxed);
}

/* Copies records into `span`, numbered and stamped, as long as they have room. Slots; `*records`
 * is how many they are. */
static uint32_t fill(trd_node *n, const trd_mpsc_record *from, uint32_t count, trd_event *span,
    uint32_t room, trd_ns time, uint32_t *records) {
    uint32_t slots = 0;
    *records = 0;
    while (*records < count) {
        const trd_command *base = from[*records].slot;
        if (base->slots > room - slots) {
            break;
        }
        trd__record_copy(&span[slots], base, base->slots);
        trd_command *own = (trd_command *)&span[slots];
        own->seq = n->seq + *records;
        own->time = time;
        slots += base->slots;
        *records += 1;
    }
    return slots;
}

/* One batch: how many commands, 0 if there are none or no room. */
static uint32_t sequence_batch(trd_node *n) {
    uint32_t count, room, records;
    const trd_mpsc_record *from = trd__mpsc_peek(n->ingress, &count);
    if (from == NULL) {
        return 0;
    }
    trd_event *span = trd__ring_reserve(n->commands, TRD_SLOTS_MAX, &room);
    if (span == NULL) {
        count_wait(n);
        return 0;
    }
    room = room < TRD__NODE_SLOTS ? room : TRD__NODE_SLOTS;
    const trd_ns time = now_of(n);
    const uint32_t slots = fill(n, from, count, span, room, time, &records);
    trd_assert(records > 0); /* room for the longest record was asked for */
    if (n->journal != NULL) {
        const int result = trd_journal_append(n->journal, (const trd_command *)span, slots);
        if (result == TRD_E_FULL) {
            count_wait(n);
            return 0;
        }
        if (result != TRD_OK) {
            trd_assert(result == TRD_E_IO); /* send lets in what a journal takes */
            fail(n);
            return 0;
        }
    }
    n->seq += records;
    n->time = time;
    trd__ring_commit(n->commands, slots);
    trd__mpsc_release(n->ingress, records);
    atomic_store_explicit(&n->sequenced, n->seq - 1, memory_order_relaxed);
    return records;
}

static uint32_t journal_checks(trd_node *n) {
    uint32_t count, done = 0;
    const trd_event *slots = trd__ring_peek(n->checks, &count);
    for (; done < count; done++) {
        trd__node_check check;
        memcpy(&check, &slots[done], sizeof(check));
        const int result = trd_journal_checkpoint(n->journal, check.seq, check.count, check.hash);
        if (result == TRD_E_FULL) {
            break;
        }
        if (result != TRD_OK) {
            trd_assert(result == TRD_E_IO); /* the command was appended before it was executed */
            fail(n);
            break;
        }
    }
    if (done > 0) {
        trd__ring_release(n->checks, done);
    }
    return done;
}

/* All that was appended is on the disk when somebody waits for that. */
static uint32_t flush(trd_node *n) {
    /* Partner: the release store of trd_node_snapshot. */
    if (atomic_load_explicit(&n->shot, memory_order_acquire) != TRD__SHOT_FLUSH) {
        return 0;
    }
    const bool failed = has_failed(n) || trd_journal_flush(n->journal) != TRD_OK;
    if (failed && !has_failed(n)) {
        fail(n);
    }
    /* Partner: the acquire load of trd_node_snapshot. */
    atomic_store_explicit(
        &n->shot, failed ? TRD__SHOT_FAILED : TRD__SHOT_FLUSHED, memory_order_release);
    return 1;
}

/* Lets the journal work, and says how far it has come. */
static uint32_t poll_journal(trd_node *n) {
    uint32_t done = 0;
    if (!has_failed(n)) {
        const int result = trd_journal_poll(n->journal);
        if (result < 0) {
            fail(n);
        } else {
            done = (uint32_t)result;
        }
    }
    done += flush(n);
    const uint64_t acknowledged = trd_journal_acknowledged(n->journal);
    if (acknowledged != atomic_load_explicit(&n->acknowledged, memory_order_relaxed)) {
        /* Partner: the acquire load of the gate. */
        atomic_store_explicit(&n->acknowledged, acknowledged, memory_order_release);
        trd__agent_wake(trd__node_gate_agent(n));
        done++;
    }
    return done;
}

/* Batches as long as there are commands and room: how many commands. */
static uint32_t sequence(trd_node *n) {
    uint32_t done = 0;
    for (uint32_t i = 0; i < TRD__NODE_BATCHES && !has_failed(n); i++) {
        const uint32_t records = sequence_batch(n);
        if (records == 0) {
            break;
        }
        done += records;
    }
    if (done > 0) {
        trd__agent_wake(trd__node_engine_agent(n));
    }
    return done;
}

bool trd__node_sequence_waits(trd_node *node) {
    uint32_t count;
    return !has_failed(node) &&
           (trd__mpsc_peek(node->ingress, &count) != NULL ||
               (node->journal != NULL && trd__journal_is_under_way(node->journal)));
}

uint32_t trd__node_sequence(trd_node *node) {
    uint32_t done = 0;
    if (node->journal != NULL && !has_failed(node)) {
        done += journal_checks(node);
    }
    /* Partner: the release store of the gate. What is owed comes before anything new. */
    if (atomic_load_explicit(&node->owed, memory_order_acquire) == 0) {
        done += sequence(node);
    }
    if (node->journal != NULL) {
        done += poll_journal(node);
    }
    return done;
}
