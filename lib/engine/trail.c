/* trail.c - the running hash of the events, and its checkpoints. */
#include "engine/state.h"

#include "core/hash.h"

void trd__past_begin(trd_past *past) {
    *past = (trd_past){.due = TRD_CHECKPOINT_SLOTS};
}

/* Slot by slot, so that it does not matter with how many of them an output was drained. */
static void add(trd_past *past, const trd_event *events, uint32_t count) {
    uint64_t hash = past->hash;
    for (uint32_t i = 0; i < count; i++) {
        hash = trd__hash(&events[i], sizeof(*events), hash);
    }
    past->hash = hash;
    past->slots += count;
}

/* A boundary between two commands is the same whatever the outputs were. */
static void note(trd_past *past, uint64_t seq) {
    past->checkpoints++;
    past->last[past->checkpoints % TRD_CHECKPOINTS] =
        (trd_checkpoint){.slots = past->slots, .hash = past->hash, .seq = seq};
    past->due = (past->slots / TRD_CHECKPOINT_SLOTS + 1) * TRD_CHECKPOINT_SLOTS;
}

void trd__past_follow(trd_engine *engine, const trd_out *out, uint32_t from, bool ends) {
    trd_past *past = &engine->past;
    add(past, out->events + from, out->count - from);
    if (ends && past->slots >= past->due) {
        note(past, engine->seq);
    }
}

int trd_engine_trail(const trd_engine *engine, trd_event_trail *out) {
    if (engine == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    if (engine->stage != TRD_ENGINE_IDLE) {
        return TRD_E_BUSY;
    }
    *out = (trd_event_trail){.seq = engine->seq,
        .slots = engine->past.slots,
        .hash = engine->past.hash,
        .checkpoints = engine->past.checkpoints};
    return TRD_OK;
}

int trd_engine_checkpoint(const trd_engine *engine, uint64_t number, trd_checkpoint *out) {
    if (engine == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    if (engine->stage != TRD_ENGINE_IDLE) {
        return TRD_E_BUSY;
    }
    const trd_past *past = &engine->past;
    if (number == 0 || number > past->checkpoints ||
        past->checkpoints - number >= TRD_CHECKPOINTS) {
        return TRD_E_UNKNOWN;
    }
    *out = past->last[number % TRD_CHECKPOINTS];
    return TRD_OK;
}
