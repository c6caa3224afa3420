/* execute.c - the second agent of a node: the engine.
 *
 * It executes spans of the command ring where they lie, and writes events where the gate reads
 * them: behind a slot that is kept free for the mark, which is made last. */
#include "io/node.h"

static void add(_Atomic uint64_t *counter) {
    const uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + 1, memory_order_relaxed);
}

/* Slots of a span without the padding at its end, of which there are fewer than a record has
 * slots: padding is what the longest record did not fit in. */
static uint32_t without_padding(const trd_command *span, uint32_t count) {
    while (count > 0 && span[count - 1].kind == TRD_EVENT_NONE) {
        count--;
    }
    return count;
}

/* Number of the last command of a span. */
static uint64_t last_seq(const trd_command *span, size_t count) {
    do {
        count--;
    } while (span[count].slots == 0);
    return span[count].seq;
}

/* Slots of the first records, TRD__NODE_RUN and less than a record at most. */
static uint32_t run_length(const trd_command *span, uint32_t count) {
    if (count <= TRD__NODE_RUN) {
        return count;
    }
    uint32_t length = TRD__NODE_RUN;
    while (span[length].slots == 0) { /* an extension: the record ends behind it */
        length++;
    }
    return length;
}

/* Hands over what the output has, with its mark before it. */
static void hand_over(trd_node *n, trd_event *span, const trd_out *out, uint64_t seq) {
    if (out->count == 0) {
        return;
    }
    const trd__mark mark = {.seq = seq,
        .last = out->events[out->count - 1].seq, /* an extension has that of its base */
        .kind = TRD_NODE_MARK,
        .slots = 1,
        .count = out->count};
    memcpy(span, &mark, sizeof(mark));
    trd__ring_commit(n->events, 1 + out->count);
    trd__agent_wake(trd__node_gate_agent(n));
}

/* Gives new checkpoints to the sequencer, as far as there is room; those that the engine does not
 * have any more are skipped. */
static void give_checks(trd_node *n) {
    trd_event_trail trail;
    if (n->journal == NULL || trd_engine_trail(n->engine, &trail) != TRD_OK) {
        return;
    }
    while (n->checkpoint < trail.checkpoints) {
        uint32_t room;
        trd_checkpoint point;
        trd_event *span = trd__ring_reserve(n->checks, 1, &room);
        if (span == NULL) {
            return;
        }
        n->checkpoint++;
        if (trd_engine_checkpoint(n->engine, n->checkpoint, &point) != TRD_OK) {
            add(&n->skipped);
            continue;
        }
        const trd__node_check check = {.seq = point.seq,
            .hash = point.hash,
            .kind = TRD_NODE_CHECK,
            .slots = 1,
            .count = point.slots};
        memcpy(span, &check, sizeof(check));
        trd__ring_commit(n->checks, 1);
    }
}

/* Executes the next commands into `out`: slots of the ring that are done. */
static uint32_t run(trd_node *n, const trd_command *commands, uint32_t slots, trd_out *out) {
    size_t done = 0;
    const int result = trd_engine_run(n->engine, commands, slots, &done, out);
    trd_assert(result == TRD_OK || result == TRD_MORE); /* there is room */
    trd_assert(done > 0);
    n->pending = result == TRD_MORE;
    n->pending_seq = last_seq(commands, done);
    return (uint32_t)done;
}

static uint32_t finish(trd_node *n, trd_out *out) {
    const int result = trd_engine_step(n->engine, NULL, out);
    trd_assert(result == TRD_OK || result == TRD_MORE);
    n->pending = result == TRD_MORE;
    return 1;
}

/* One batch, with the commands at `commands`, none if one is pending. How much was done. */
static uint32_t execute(trd_node *n, const trd_command *commands, uint32_t slots) {
    uint32_t room;
    trd_event *span = trd__ring_reserve(n->events, 1 + TRD_ENGINE_OUT_MIN, &room);
    if (span == NULL) {
        add(&n->engine_waits);
        return 0;
    }
    room = room - 1 < TRD__NODE_EVENTS ? room - 1 : TRD__NODE_EVENTS;
    trd_out out = {.events = span + 1, .capacity = room};
    const uint32_t done = n->pending ? finish(n, &out) : run(n, commands, slots, &out);
    hand_over(n, span, &out, n->pending_seq);
    if (commands != NULL) {
        trd__ring_release(n->commands, done);
    }
    if (!n->pending) {
        atomic_store_explicit(&n->executed, n->pending_seq, memory_order_relaxed);
        give_checks(n);
    }
    return done;
}

bool trd__node_shoot(trd_node *node) {
    uint32_t shot = TRD__SHOT_WANTED;
    /* The load keeps the line shared while nothing is wanted. Partners: the release store of
     * trd_node_snapshot, and the exchange with which it takes back what it wanted. */
    if (node->pending ||
        atomic_load_explicit(&node->shot, memory_order_relaxed) != TRD__SHOT_WANTED ||
        !atomic_compare_exchange_strong_explicit(
            &node->shot, &shot, TRD__SHOT_COPYING, memory_order_acquire, memory_order_relaxed)) {
        return false;
    }
    const int result = trd_engine_copy(
        node->engine, node->shot_block.at, node->shot_block.size, &node->shot_engine);
    trd_assert(result == TRD_OK);
    /* Partner: the acquire load of trd_node_snapshot. */
    atomic_store_explicit(&node->shot, TRD__SHOT_TAKEN, memory_order_release);
    return true;
}

bool trd__node_execute_waits(trd_node *node) {
    uint32_t count;
    return node->pending || trd__ring_peek(node->commands, &count) != NULL;
}

uint32_t trd__node_execute(trd_node *node) {
    uint32_t count;
    if (node->pending) {
        return execute(node, NULL, 0);
    }
    const uint32_t shot = trd__node_shoot(node);
    const trd_event *span = trd__ring_peek(node->commands, &count);
    if (span == NULL) {
        return shot;
    }
    const trd_command *commands = (const trd_command *)span;
    const uint32_t slots = without_padding(commands, count);
    if (slots == 0) {
        trd__ring_release(node->commands, count);
        return shot + 1;
    }
    return shot + execute(node, commands, run_length(commands, slots));
}
