/* gate.c - the third agent of a node: events of acknowledged commands to subscribers.
 *
 * A subscriber's ring always has one slot free while it is not cut off, for TRD_NODE_CUT. Nothing
 * here waits: what has no room is conflated, or cuts. */
#include "io/node.h"

/* Events that are everybody's: they have no account. */
static const uint64_t PUBLIC = UINT64_C(1) << TRD_EVENT_LEVEL | UINT64_C(1) << TRD_EVENT_ORDER |
                               UINT64_C(1) << TRD_EVENT_TAPE | UINT64_C(1) << TRD_EVENT_SESSION |
                               UINT64_C(1) << TRD_EVENT_AUCTION;

static void count_up(_Atomic uint64_t *counter, uint64_t by) {
    const uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + by, memory_order_relaxed);
}

static uint32_t state_of(const trd__subscriber *s) {
    return atomic_load_explicit(&s->state, memory_order_relaxed); /* ours */
}

static void set_state(trd__subscriber *s, uint32_t state) {
    /* Partner: the acquire load of trd_node_resume. */
    atomic_store_explicit(&s->state, state, memory_order_release);
}

bool trd__node_wants(const trd_subscription *def, const trd_event *event) {
    const uint64_t kind = event->kind < 64 ? UINT64_C(1) << event->kind : 0;
    if (def->kinds != 0 && (def->kinds & kind) == 0) {
        return false;
    }
    if ((def->flags & TRD_SUBSCRIBE_TRANSFERS) != 0 && event->kind == TRD_EVENT_LEDGER &&
        event->u.ledger.entry != TRD_LEDGER_TRANSFER) {
        return false;
    }
    return (def->flags & TRD_SUBSCRIBE_ACCOUNT) == 0 || (PUBLIC & kind) != 0 ||
           event->account == def->account;
}

static bool wants(const trd__subscriber *s, const trd_event *event) {
    return s->wants_all || trd__node_wants(&s->def, event);
}

/* Appends a record and leaves a slot free behind it; false: there is no room for that. */
static bool put(trd__subscriber *s, const trd_event *record) {
    uint32_t room;
    trd_event *span = trd__ring_reserve(s->ring, record->slots + 1u, &room);
    if (span == NULL) {
        return false;
    }
    trd__record_copy(span, record, record->slots);
    trd__ring_append(s->ring, record->slots);
    return true;
}

static void put_notice(trd__subscriber *s, uint8_t kind, uint64_t seq) {
    uint32_t room;
    trd_event *span = trd__ring_reserve(s->ring, 1, &room);
    trd_assert(span != NULL); /* the slot that is always free */
    *span = (trd_event){.seq = seq, .kind = kind, .slots = 1};
    trd__ring_append(s->ring, 1);
}

/* From event `seq` on the subscriber gets nothing. What waits in its table, and what that has taken
 * the place of, came before: the first event it misses may be an earlier one. */
static void cut(trd__subscriber *s, uint64_t seq) {
    if (s->table != NULL && s->table->count > 0) {
        seq = s->table->since;
        trd__conflate_clear(s->table);
    }
    atomic_store_explicit(&s->resume, 0, memory_order_relaxed); /* it was about an earlier one */
    set_state(s, TRD_SUBSCRIBER_CUT);
    put_notice(s, TRD_NODE_CUT, seq);
    trd__ring_commit(s->ring, 0);
    count_up(&s->cuts, 1);
}

/* --- live events ------------------------------------------------------------------------------ */

/* Gives what waits in the table, as far as there is room. Slots. */
static uint32_t drain(trd__subscriber *s) {
    uint32_t given = 0;
    const trd_event *level;
    while ((level = trd__conflate_first(s->table)) != NULL && put(s, level)) {
        trd__conflate_pop(s->table);
        given++;
    }
    return given;
}

/* One event to a subscriber with a table; false: it has to be cut off. */
static bool give(trd__subscriber *s, const trd_event *event, uint64_t *given) {
    if (s->table->count > 0) {
        *given += drain(s);
    }
    if (s->table->count == 0 && put(s, event)) {
        *given += event->slots;
        return true;
    }
    return event->kind == TRD_EVENT_LEVEL && event->slots == 1 &&
           trd__conflate_add(s->table, event);
}

/* Each of these gives one subscriber what it wants of `count` slots, says how many slots these are,
 * and returns the slot of the first event that it would have to wait for, or `count`. */
static uint32_t give_conflated(
    trd__subscriber *s, const trd_event *events, uint32_t count, uint64_t *given) {
    uint32_t at = 0;
    while (at < count && (!wants(s, &events[at]) || give(s, &events[at], given))) {
        at += events[at].slots;
    }
    atomic_store_explicit(&s->conflated, s->table->replaced, memory_order_relaxed);
    return at;
}

/* As if each was put by itself, but the ring is asked for room once for many. */
static uint32_t give_plain(
    trd__subscriber *s, const trd_event *events, uint32_t count, uint64_t *given) {
    trd_event *span = NULL;
    uint32_t room = 0, used = 0, at = 0;
    for (; at < count; at += events[at].slots) {
        const uint32_t slots = events[at].slots;
        if (!wants(s, &events[at])) {
            continue;
        }
        if (slots + 1 > room - used) {
            trd__ring_append(s->ring, used);
            *given += used;
            used = 0;
            span = trd__ring_reserve(s->ring, slots + 1, &room);
            if (span == NULL) {
                return at;
            }
        }
        trd__record_copy(&span[used], &events[at], slots);
        used += slots;
    }
    trd__ring_append(s->ring, used);
    *given += used;
    return at;
}

static void give_all(trd__subscriber *s, const trd_event *events, uint32_t count) {
    uint64_t given = 0;
    const uint32_t at = s->table != NULL ? give_conflated(s, events, count, &given)
                                         : give_plain(s, events, count, &given);
    if (at < count) {
        cut(s, events[at].seq);
    }
    trd__ring_commit(s->ring, 0);
    count_up(&s->given, given);
}

/* --- the past --------------------------------------------------------------------------------- */

/* Gives a subscriber what it is owed, as far as there is room. True: that was all. */
static bool repay(trd__subscriber *s, uint32_t *done) {
    uint64_t given = 0;
    bool room = true;
    while (room && s->owed != NULL) {
        if (s->owed_at == s->owed->used) {
            s->owed = s->owed->next;
            s->owed_at = 0;
            continue;
        }
        const trd_event *event = &s->owed->slots[s->owed_at];
        const bool wanted = event->seq > s->def.last && wants(s, event);
        room = !wanted || put(s, event);
        if (room) {
            s->owed_at += event->slots;
            given += wanted ? event->slots : 0;
            *done += 1;
        }
    }
    trd__ring_commit(s->ring, 0);
    count_up(&s->given, given);
    return s->owed == NULL;
}

static void settle(trd_node *n, trd__subscriber *s, uint32_t state) {
    set_state(s, state);
    const uint32_t owed = atomic_load_explicit(&n->owed, memory_order_relaxed);
    /* Partner: the acquire load of the sequencer. */
    atomic_store_explicit(&n->owed, owed - 1, memory_order_release);
}

void trd__node_cut_owed(trd_node *node) {
    for (uint32_t i = 0; i < node->def.subscribers; i++) {
        trd__subscriber *s = &node->subscribers[i];
        if (state_of(s) != TRD_SUBSCRIBER_OWED) {
            continue;
        }
        uint32_t done = 0;
        if (repay(s, &done)) {
            settle(node, s, TRD_SUBSCRIBER_LIVE);
            continue;
        }
        const uint64_t seq = s->owed->slots[s->owed_at].seq; /* what put had no room for */
        s->owed = NULL;
        settle(node, s, TRD_SUBSCRIBER_CUT);
        cut(s, seq);
    }
}

/* --- rounds ----------------------------------------------------------------------------------- */

/* Who has asked for it gets events again. It may have asked between our saying that it is cut off
 * and TRD_NODE_CUT: then its ring is full until it has read that. */
static uint32_t resume(const trd_node *n, trd__subscriber *s) {
    uint32_t room;
    /* Partner: the release store of trd_node_resume. */
    if (atomic_load_explicit(&s->resume, memory_order_acquire) == 0 ||
        trd__ring_reserve(s->ring, 2, &room) == NULL) {
        return 0;
    }
    atomic_store_explicit(&s->resume, 0, memory_order_relaxed);
    put_notice(s, TRD_NODE_RESUMED, n->event + 1);
    trd__ring_commit(s->ring, 0);
    set_state(s, TRD_SUBSCRIBER_LIVE);
    return 1;
}

/* Most are, in most rounds: they get live events, ask for nothing, and nothing waits for room. */
static bool is_settled(const trd__subscriber *s) {
    /* Dropped is acquired by attend. */
    return state_of(s) == TRD_SUBSCRIBER_LIVE &&
           atomic_load_explicit(&s->dropped, memory_order_relaxed) == 0 &&
           (s->table == NULL || s->table->count == 0);
}

/* What the subscriber itself has asked for, and what waits for room. */
static uint32_t attend(trd_node *n, trd__subscriber *s) {
    const uint32_t state = state_of(s);
    uint32_t done = 0;
    if (state == TRD_SUBSCRIBER_DROPPED) {
        return 0;
    }
    /* Partner: the release store of trd_node_drop. */
    if (atomic_load_explicit(&s->dropped, memory_order_acquire) != 0) {
        if (state == TRD_SUBSCRIBER_OWED) {
            settle(n, s, TRD_SUBSCRIBER_DROPPED);
        }
        set_state(s, TRD_SUBSCRIBER_DROPPED);
        return 1;
    }
    if (state == TRD_SUBSCRIBER_CUT) {
        return resume(n, s);
    }
    if (state == TRD_SUBSCRIBER_OWED && repay(s, &done)) {
        settle(n, s, TRD_SUBSCRIBER_LIVE);
        done++;
    }
    if (state == TRD_SUBSCRIBER_LIVE && s->table != NULL && s->table->count > 0) {
        const uint32_t given = drain(s);
        trd__ring_commit(s->ring, 0);
        count_up(&s->given, given);
        done += given;
    }
    return done;
}

/* The next batch, if it may be given: slots of it, mark included; 0: none. */
static uint32_t pass(trd_node *n) {
    uint32_t count;
    const trd_event *slots = trd__ring_peek(n->events, &count);
    if (slots == NULL) {
        return 0;
    }
    if (slots[0].kind == TRD_EVENT_NONE) {
        trd__ring_release(n->events, 1);
        return 1;
    }
    trd__mark mark;
    memcpy(&mark, slots, sizeof(mark));
    trd_assert(mark.kind == TRD_NODE_MARK && mark.count < count);
    /* Partner: the release store of the sequencer. */
    if (mark.seq > atomic_load_explicit(&n->acknowledged, memory_order_acquire)) {
        count_up(&n->gate_waits, 1);
        return 0;
    }
    for (uint32_t i = 0; i < n->def.subscribers; i++) {
        if (state_of(&n->subscribers[i]) == TRD_SUBSCRIBER_LIVE) {
            give_all(&n->subscribers[i], slots + 1, mark.count);
        }
    }
    n->event = mark.last;
    atomic_store_explicit(&n->passed, mark.last, memory_order_relaxed);
    trd__ring_release(n->events, 1 + mark.count);
    return 1 + mark.count;
}

/* For a subscriber who has to read first. What is not acknowledged yet is the sequencer's to wake
 * us for. */
bool trd__node_gate_waits(const trd_node *node) {
    for (uint32_t i = 0; i < node->def.subscribers; i++) {
        const trd__subscriber *s = &node->subscribers[i];
        const uint32_t state = state_of(s);
        if (state == TRD_SUBSCRIBER_OWED ||
            (state == TRD_SUBSCRIBER_LIVE && s->table != NULL && s->table->count > 0)) {
            return true;
        }
    }
    return false;
}

/* Batches are as small as one command where there is little to do; a disk that has taken many
 * commands at once lets all of theirs pass at once. */
static uint32_t pass_some(trd_node *n) {
    uint32_t done = 0, batch;
    do {
        batch = pass(n);
        done += batch;
    } while (batch > 0 && done < TRD__NODE_PASSED);
    return done;
}

uint32_t trd__node_gate(trd_node *node) {
    uint32_t done = 0;
    for (uint32_t i = 0; i < node->def.subscribers; i++) {
        trd__subscriber *s = &node->subscribers[i];
        done += is_settled(s) ? 0 : attend(node, s);
    }
    return done + pass_some(node);
}
