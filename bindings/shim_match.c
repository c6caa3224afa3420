/* shim_match.c - the matcher, and what engines are asked about theirs. */
#include <stdlib.h>

#include "bindings/inner.h"

/* --- questions -------------------------------------------------------------------------------- */

int trb__ask_find(const trd_match *match, uint32_t account, uint64_t client_id, uint64_t *value) {
    *value = trd_match_find(match, account, client_id);
    return TRD_OK;
}

int trb__ask_order(const trd_match *match, uint64_t order, void *out) {
    trd_order_info info;
    const int result = trd_match_order(match, order, &info);
    return trb__give(result, out, &info, sizeof(info));
}

int trb__ask_orders(
    const trd_match *match, const void *data, size_t size, void *out, size_t out_size) {
    trd_order_filter filter;
    if (!trb__read(&filter, sizeof(filter), data, size) || !trb__aligned(out, out_size)) {
        return TRB_E_BUFFER;
    }
    return trd_match_orders(match, &filter, out, trb__room(out_size, sizeof(trd_order_info)));
}

int trb__ask_best(const trd_match *match, uint32_t instrument, unsigned side, void *out) {
    trd_level level = {0};
    const int result = trd_match_best(match, instrument, side, &level);
    return trb__give(result, out, &level, sizeof(level));
}

int trb__ask_depth(
    const trd_match *match, uint32_t instrument, unsigned side, void *out, size_t out_size) {
    if (!trb__aligned(out, out_size)) {
        return TRB_E_BUFFER;
    }
    return trd_match_depth(match, instrument, side, out, trb__room(out_size, sizeof(trd_level)));
}

int trb__ask_queue(const trd_match *match, uint32_t instrument, unsigned side, int64_t px,
    void *out, size_t out_size) {
    if (!trb__aligned(out, out_size)) {
        return TRB_E_BUFFER;
    }
    return trd_match_queue(
        match, instrument, side, px, out, trb__room(out_size, sizeof(trd_order_info)));
}

int trb__ask_spec(const trd_match *match, uint32_t instrument, void *out) {
    const trd_instrument *spec = trd_match_instrument(match, instrument);
    if (spec == NULL) {
        return TRD_E_UNKNOWN;
    }
    memcpy(out, spec, sizeof(*spec));
    return TRD_OK;
}

int trb__ask_stats(const trd_match *match, void *out) {
    trd_match_stats stats;
    trd_match_stats_get(match, &stats);
    memcpy(out, &stats, sizeof(stats));
    return TRD_OK;
}

/* --- the box ---------------------------------------------------------------------------------- */

struct trb_match {
    trb__work work;
};

static int driver_step(void *object, const trd_command *command, trd_out *out) {
    return trd_match_step(object, command, out);
}

static int driver_run(
    void *object, const trd_command *commands, size_t slots, size_t *done, trd_out *out) {
    return trd_match_run(object, commands, slots, done, out);
}

static const trb__driver driver = {.step = driver_step, .run = driver_run, .room = TRD_OUT_MIN};

static trd_match *match_of(const trb_match *match) {
    return match->work.object;
}

trb_match *trb_match_new(void) {
    return calloc(1, sizeof(trb_match));
}

void trb_match_delete(trb_match *match) {
    if (match != NULL) {
        trd_match_destroy(match_of(match));
        trb__work_stop(&match->work);
        free(match);
    }
}

int trb_match_open(trb_match *match, const void *data, size_t size) {
    trd_match_def def;
    if (!trb__read(&def, sizeof(def), data, size)) {
        return TRB_E_BUFFER;
    }
    def.mem = (trd_mem){0};
    if (match->work.object != NULL || def.verdicts != 0 || trd_match_footprint(&def) == 0) {
        return TRD_E_ARG;
    }
    trd_match *made = trd_match_create(&def);
    if (made == NULL) {
        return TRD_E_MEMORY;
    }
    trb__work_start(&match->work, &driver, made);
    match->work.memory = trd_match_footprint(&def);
    return TRD_OK;
}

size_t trb_match_memory(const trb_match *match) {
    return trb__work_memory(&match->work);
}

int trb_match_close(trb_match *match) {
    const int result = trb__usable(&match->work);
    if (result == TRD_OK) {
        trd_match_destroy(match_of(match));
        trb__work_stop(&match->work);
    }
    return result;
}

int trb_match_is_open(const trb_match *match) {
    return match->work.object != NULL;
}

int trb_match_reset(trb_match *match) {
    const int result = trb__usable(&match->work);
    if (result == TRD_OK) {
        trd_match_reset(match_of(match));
        trb__work_start(&match->work, &driver, match->work.object);
    }
    return result;
}

int trb_match_add(trb_match *match, const void *data, size_t size) {
    const int result = trb__usable(&match->work);
    trd_instrument spec;
    if (result != TRD_OK) {
        return result;
    }
    return trb__read(&spec, sizeof(spec), data, size) ? trd_match_add(match_of(match), &spec)
                                                      : TRB_E_BUFFER;
}

int trb_match_configure(trb_match *match, uint32_t instrument, const void *data, size_t size) {
    const int result = trb__usable(&match->work);
    trd_profile profile;
    if (result != TRD_OK) {
        return result;
    }
    return trb__read(&profile, sizeof(profile), data, size)
               ? trd_match_configure(match_of(match), instrument, &profile)
               : TRB_E_BUFFER;
}

int trb_match_stamp(trb_match *match, int64_t time, uint64_t seq) {
    return trb__work_stamp(&match->work, time, seq);
}

int trb_match_submit(trb_match *match, uint32_t account, uint64_t client_id, unsigned side,
    int64_t qty, int64_t px, uint32_t instrument, unsigned type, unsigned tif, unsigned exec,
    uint32_t actor) {
    const trb__order_terms terms = {.account = account,
        .instrument = instrument,
        .actor = actor,
        .side = side,
        .type = type,
        .tif = tif,
        .exec = exec,
        .client_id = client_id,
        .qty = qty,
        .px = px};
    return trb__work_order(&match->work, &terms);
}

int trb_match_send(trb_match *match, const void *data, size_t size) {
    return trb__work_send(&match->work, data, size);
}

int trb_match_run(trb_match *match, const void *data, size_t size) {
    return trb__work_run(&match->work, data, size);
}

int trb_match_begin(trb_match *match, const void *data, size_t size) {
    return trb__work_begin(&match->work, data, size);
}

void trb_match_work(trb_match *match) {
    trb__work_do(&match->work);
}

int trb_match_end(trb_match *match) {
    return trb__work_end(&match->work);
}

int trb_match_consumed(const trb_match *match, uint64_t *value) {
    const int result = trb__usable(&match->work);
    *value = match->work.done;
    return result;
}

int trb_match_take(trb_match *match, trb_events *to) {
    return trb__work_take(&match->work, to);
}

int trb_match_waiting(const trb_match *match, uint64_t *value) {
    const int result = trb__usable(&match->work);
    *value = match->work.outbox.slots;
    return result;
}

int trb_match_vet(trb_match *match, const void *data, size_t size, void *out, size_t out_size) {
    trd_vetted vetted = {0};
    trd_command slots[TRD_SLOTS_MAX];
    const int result = trb__askable(&match->work, out_size, sizeof(vetted));
    if (result != TRD_OK) {
        return result;
    }
    if (!trb__record(slots, data, size)) {
        return TRB_E_BUFFER;
    }
    return trb__give(trd_match_vet(match_of(match), slots, &vetted), out, &vetted, sizeof(vetted));
}

int trb_match_find(const trb_match *match, uint32_t account, uint64_t client_id, uint64_t *value) {
    const int result = trb__usable(&match->work);
    return result != TRD_OK ? result : trb__ask_find(match_of(match), account, client_id, value);
}

int trb_match_order(const trb_match *match, uint64_t order, void *out, size_t out_size) {
    const int result = trb__askable(&match->work, out_size, sizeof(trd_order_info));
    return result != TRD_OK ? result : trb__ask_order(match_of(match), order, out);
}

int trb_match_orders(
    const trb_match *match, const void *data, size_t size, void *out, size_t out_size) {
    const int result = trb__usable(&match->work);
    return result != TRD_OK ? result : trb__ask_orders(match_of(match), data, size, out, out_size);
}

int trb_match_best(
    const trb_match *match, uint32_t instrument, unsigned side, void *out, size_t out_size) {
    const int result = trb__askable(&match->work, out_size, sizeof(trd_level));
    return result != TRD_OK ? result : trb__ask_best(match_of(match), instrument, side, out);
}

int trb_match_depth(
    const trb_match *match, uint32_t instrument, unsigned side, void *out, size_t out_size) {
    const int result = trb__usable(&match->work);
    return result != TRD_OK ? result
                            : trb__ask_depth(match_of(match), instrument, side, out, out_size);
}

int trb_match_queue(const trb_match *match, uint32_t instrument, unsigned side, int64_t px,
    void *out, size_t out_size) {
    const int result = trb__usable(&match->work);
    return result != TRD_OK ? result
                            : trb__ask_queue(match_of(match), instrument, side, px, out, out_size);
}

int trb_match_state(const trb_match *match, uint32_t instrument) {
    const int result = trb__usable(&match->work);
    return result != TRD_OK ? result : trd_match_state(match_of(match), instrument);
}

int trb_match_net(
    const trb_match *match, uint32_t account, uint32_t instrument, unsigned side, int64_t *value) {
    const int result = trb__usable(&match->work);
    return result != TRD_OK ? result
                            : trd_match_position(match_of(match), account, instrument, side, value);
}

int trb_match_spec(const trb_match *match, uint32_t instrument, void *out, size_t out_size) {
    const int result = trb__askable(&match->work, out_size, sizeof(trd_instrument));
    return result != TRD_OK ? result : trb__ask_spec(match_of(match), instrument, out);
}

int trb_match_stats(const trb_match *match, void *out, size_t out_size) {
    const int result = trb__askable(&match->work, out_size, sizeof(trd_match_stats));
    return result != TRD_OK ? result : trb__ask_stats(match_of(match), out);
}

int trb_match_audit(const trb_match *match) {
    const int result = trb__usable(&match->work);
    return result != TRD_OK ? result : -trd_match_audit(match_of(match));
}
