/* shim_engine.c - the engine's box: its life, what it is made of, its commands, its state. */
#include <stdlib.h>

#include "bindings/engine.h"

static int driver_step(void *object, const trd_command *command, trd_out *out) {
    return trd_engine_step(object, command, out);
}

static int driver_run(
    void *object, const trd_command *commands, size_t slots, size_t *done, trd_out *out) {
    return trd_engine_run(object, commands, slots, done, out);
}

static const trb__driver driver = {
    .step = driver_step, .run = driver_run, .room = TRD_ENGINE_OUT_MIN};

/* --- life ------------------------------------------------------------------------------------- */

trb_engine *trb_engine_new(void) {
    return calloc(1, sizeof(trb_engine));
}

static void empty(trb_engine *engine) {
    trd_engine_destroy(trb__engine(engine));
    trb__work_stop(&engine->work);
    free(engine->writer);
    free(engine->exporter);
    engine->writer = NULL;
    engine->exporter = NULL;
}

void trb_engine_delete(trb_engine *engine) {
    if (engine != NULL) {
        empty(engine);
        free(engine);
    }
}

static int start(trb_engine *engine, const trd_engine_def *def) {
    if (engine->work.object != NULL || trd_engine_footprint(def) == 0) {
        return TRD_E_ARG;
    }
    trd_engine *made = trd_engine_create(def);
    if (made == NULL) {
        return TRD_E_MEMORY;
    }
    trb__work_start(&engine->work, &driver, made);
    engine->work.memory = trd_engine_footprint(def);
    return TRD_OK;
}

int trb_engine_open(trb_engine *engine, const void *match, size_t match_size, const void *accounts,
    size_t accounts_size, const void *risk, size_t risk_size, const void *monitor,
    size_t monitor_size, const void *liquidation, size_t liquidation_size, unsigned decisions,
    unsigned trail) {
    trd_match_def match_def;
    trd_accounts_def accounts_def;
    trd_risk_def risk_def;
    trd_monitor_def monitor_def;
    trd_liquidation liquidation_terms;
    if (!trb__read(&match_def, sizeof(match_def), match, match_size) ||
        !trb__read(&accounts_def, sizeof(accounts_def), accounts, accounts_size) ||
        !trb__read(&risk_def, sizeof(risk_def), risk, risk_size) ||
        (monitor_size != 0 &&
            !trb__read(&monitor_def, sizeof(monitor_def), monitor, monitor_size)) ||
        (liquidation_size != 0 && !trb__read(&liquidation_terms, sizeof(liquidation_terms),
                                      liquidation, liquidation_size))) {
        return TRB_E_BUFFER;
    }
    const trd_engine_def def = {.struct_size = sizeof(def),
        .decisions = decisions,
        .match = &match_def,
        .accounts = &accounts_def,
        .risk = &risk_def,
        .monitor = monitor_size != 0 ? &monitor_def : NULL,
        .liquidation = liquidation_size != 0 ? &liquidation_terms : NULL,
        .trail = trail};
    return start(engine, &def);
}

/* The block of a snapshot: what the library gives back when the engine is destroyed. */
static int read_block(
    const trd_snapshot_head *head, const void *data, size_t size, trd_engine **out) {
    if (head->block_size > SIZE_MAX - TRD_ENGINE_ALIGN) {
        return TRD_E_MEMORY;
    }
    const size_t whole =
        ((size_t)head->block_size + TRD_ENGINE_ALIGN - 1) & ~(size_t)(TRD_ENGINE_ALIGN - 1);
    void *block = aligned_alloc(TRD_ENGINE_ALIGN, whole);
    if (block == NULL) {
        return TRD_E_MEMORY;
    }
    trd_snapshot_reader reader;
    const trd_mem mem = {0};
    int result = trd_snapshot_open(&reader, head, block, whole);
    if (result == TRD_OK) {
        result =
            trd_snapshot_read(&reader, (const uint8_t *)data + sizeof(*head), size - sizeof(*head));
    }
    if (result == TRD_MORE) {
        result = TRD_E_TRUNCATED;
    }
    if (result == TRD_OK) {
        result = trd_snapshot_engine(&reader, &mem, out);
    }
    if (result != TRD_OK) {
        free(block);
    }
    return result;
}

int trb_engine_load(trb_engine *engine, const void *data, size_t size) {
    if (engine->work.object != NULL) {
        return TRD_E_ARG;
    }
    if (size == 0) {
        return TRD_E_TRUNCATED;
    }
    trd_snapshot_head head;
    trd_engine *made = NULL;
    int result = trd_snapshot_peek(data, size, &head);
    if (result == TRD_OK) {
        result = read_block(&head, data, size, &made);
    }
    if (result == TRD_OK) {
        trb__work_start(&engine->work, &driver, made);
        engine->work.memory = head.block_size;
        engine->work.time = head.time;
        engine->work.seq = head.seq + 1;
    }
    return result;
}

size_t trb_engine_memory(const trb_engine *engine) {
    return trb__work_memory(&engine->work);
}

int trb_engine_close(trb_engine *engine) {
    const int result = trb__usable(&engine->work);
    if (result == TRD_OK) {
        empty(engine);
    }
    return result;
}

int trb_engine_is_open(const trb_engine *engine) {
    return engine->work.object != NULL;
}

int trb_engine_reset(trb_engine *engine) {
    const int result = trb__usable(&engine->work);
    if (result == TRD_OK) {
        trd_engine_reset(trb__engine(engine));
        free(engine->writer); /* what they have begun is not there any more */
        free(engine->exporter);
        engine->writer = NULL;
        engine->exporter = NULL;
        trb__work_start(&engine->work, &driver, engine->work.object);
    }
    return result;
}

/* --- set-up ----------------------------------------------------------------------------------- */

/* A record of the set-up, if the box is open. */
static int record_of(
    const trb_engine *engine, void *to, size_t wanted, const void *data, size_t size) {
    const int result = trb__usable(&engine->work);
    return result == TRD_OK && !trb__read(to, wanted, data, size) ? TRB_E_BUFFER : result;
}

int trb_engine_asset(trb_engine *engine, const void *data, size_t size) {
    trd_asset record;
    const int result = record_of(engine, &record, sizeof(record), data, size);
    return result != TRD_OK ? result : trd_engine_asset(trb__engine(engine), &record);
}

int trb_engine_fees(trb_engine *engine, const void *data, size_t size) {
    trd_fee_table record;
    const int result = record_of(engine, &record, sizeof(record), data, size);
    return result != TRD_OK ? result : trd_engine_fees(trb__engine(engine), &record);
}

int trb_engine_actor(trb_engine *engine, const void *data, size_t size) {
    trd_actor record;
    const int result = record_of(engine, &record, sizeof(record), data, size);
    return result != TRD_OK ? result : trd_engine_actor(trb__engine(engine), &record);
}

int trb_engine_group(trb_engine *engine, uint32_t asset, const void *data, size_t size) {
    trd_scenario_group record;
    const int result = record_of(engine, &record, sizeof(record), data, size);
    return result != TRD_OK ? result : trd_engine_group(trb__engine(engine), asset, &record);
}

int trb_engine_pair(trb_engine *engine, const void *data, size_t size) {
    trd_scenario_pair record;
    const int result = record_of(engine, &record, sizeof(record), data, size);
    return result != TRD_OK ? result : trd_engine_pair(trb__engine(engine), &record);
}

int trb_engine_array(
    trb_engine *engine, uint32_t instrument, uint32_t group, const void *data, size_t size) {
    trd_scenario_array record;
    const int result = record_of(engine, &record, sizeof(record), data, size);
    return result != TRD_OK ? result
                            : trd_engine_array(trb__engine(engine), instrument, group, &record);
}

int trb_engine_enable(trb_engine *engine, uint32_t instrument, unsigned enabled) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK ? result : trd_engine_enable(trb__engine(engine), instrument, enabled);
}

int trb_engine_list(trb_engine *engine, const void *spec, size_t spec_size, const void *terms,
    size_t terms_size, const void *profile, size_t profile_size, const void *model,
    size_t model_size) {
    const int result = trb__usable(&engine->work);
    if (result != TRD_OK) {
        return result;
    }
    trd_instrument spec_of;
    trd_terms terms_of;
    trd_profile profile_of;
    trd_margin_model model_of;
    if (!trb__read(&spec_of, sizeof(spec_of), spec, spec_size) ||
        !trb__read(&terms_of, sizeof(terms_of), terms, terms_size) ||
        (profile_size != 0 && !trb__read(&profile_of, sizeof(profile_of), profile, profile_size)) ||
        (model_size != 0 && !trb__read(&model_of, sizeof(model_of), model, model_size))) {
        return TRB_E_BUFFER;
    }
    const trd_engine_listing listing = {.spec = &spec_of,
        .terms = &terms_of,
        .profile = profile_size != 0 ? &profile_of : NULL,
        .model = model_size != 0 ? &model_of : NULL};
    return trd_engine_list(trb__engine(engine), &listing);
}

/* --- commands --------------------------------------------------------------------------------- */

int trb_engine_stamp(trb_engine *engine, int64_t time, uint64_t seq) {
    return trb__work_stamp(&engine->work, time, seq);
}

int trb_engine_submit(trb_engine *engine, uint32_t account, uint64_t client_id, unsigned side,
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
    return trb__work_order(&engine->work, &terms);
}

int trb_engine_send(trb_engine *engine, const void *data, size_t size) {
    return trb__work_send(&engine->work, data, size);
}

int trb_engine_run(trb_engine *engine, const void *data, size_t size) {
    return trb__work_run(&engine->work, data, size);
}

int trb_engine_begin(trb_engine *engine, const void *data, size_t size) {
    return trb__work_begin(&engine->work, data, size);
}

void trb_engine_work(trb_engine *engine) {
    trb__work_do(&engine->work);
}

int trb_engine_end(trb_engine *engine) {
    return trb__work_end(&engine->work);
}

int trb_engine_consumed(const trb_engine *engine, uint64_t *value) {
    const int result = trb__usable(&engine->work);
    *value = engine->work.done;
    return result;
}

int trb_engine_take(trb_engine *engine, trb_events *to) {
    return trb__work_take(&engine->work, to);
}

int trb_engine_waiting(const trb_engine *engine, uint64_t *value) {
    const int result = trb__usable(&engine->work);
    *value = engine->work.outbox.slots;
    return result;
}

/* --- state ------------------------------------------------------------------------------------ */

int trb_engine_trail(const trb_engine *engine, void *out, size_t out_size) {
    trd_event_trail trail;
    const int result = trb__askable(&engine->work, out_size, sizeof(trail));
    return result != TRD_OK ? result
                            : trb__give(trd_engine_trail(trb__engine(engine), &trail), out, &trail,
                                  sizeof(trail));
}

int trb_engine_checkpoint(const trb_engine *engine, uint64_t number, void *out, size_t out_size) {
    trd_checkpoint checkpoint;
    const int result = trb__askable(&engine->work, out_size, sizeof(checkpoint));
    return result != TRD_OK
               ? result
               : trb__give(trd_engine_checkpoint(trb__engine(engine), number, &checkpoint), out,
                     &checkpoint, sizeof(checkpoint));
}

int trb_engine_digest(const trb_engine *engine, uint64_t *value) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK ? result : trd_engine_digest(trb__engine(engine), value);
}

int trb_engine_page(const trb_engine *engine, uint64_t number, void *out, size_t out_size) {
    trd_page page;
    const int result = trb__askable(&engine->work, out_size, sizeof(page));
    return result != TRD_OK ? result
                            : trb__give(trd_engine_page(trb__engine(engine), number, &page), out,
                                  &page, sizeof(page));
}

int trb_engine_audit(const trb_engine *engine) {
    const int result = trb__usable(&engine->work);
    return result != TRD_OK ? result : -trd_engine_audit(trb__engine(engine));
}

/* The writer is some kilobytes large, and most engines never need one. */
static int writer_of(trb_engine *engine) {
    const int result = trb__usable(&engine->work);
    if (result == TRD_OK && engine->writer == NULL) {
        engine->writer = calloc(1, sizeof(*engine->writer));
    }
    return result == TRD_OK && engine->writer == NULL ? TRD_E_MEMORY : result;
}

int trb_engine_snapshot_begin(trb_engine *engine, uint64_t *value) {
    int result = writer_of(engine);
    if (result == TRD_OK) {
        result = trd_snapshot_begin(engine->writer, trb__engine(engine));
    }
    if (result == TRD_OK) {
        *value = engine->writer->head.size;
    }
    return result;
}

int trb_engine_snapshot_write(trb_engine *engine, void *out, size_t out_size, uint64_t *value) {
    const int result = trb__usable(&engine->work);
    if (result != TRD_OK) {
        return result;
    }
    if (engine->writer == NULL || engine->writer->engine == NULL) {
        return TRD_E_ARG;
    }
    size_t written = 0;
    const int written_result = trd_snapshot_write(engine->writer, out, out_size, &written);
    *value = written;
    return written_result;
}

int trb_engine_export_begin(trb_engine *engine) {
    const int result = trb__usable(&engine->work);
    if (result != TRD_OK) {
        return result;
    }
    if (engine->exporter == NULL) {
        engine->exporter = calloc(1, sizeof(*engine->exporter));
    }
    return engine->exporter == NULL ? TRD_E_MEMORY
                                    : trd_export_begin(engine->exporter, trb__engine(engine));
}

int trb_engine_export_write(trb_engine *engine, void *out, size_t out_size, uint64_t *value) {
    const int result = trb__usable(&engine->work);
    if (result != TRD_OK) {
        return result;
    }
    if (engine->exporter == NULL || engine->exporter->engine == NULL) {
        return TRD_E_ARG;
    }
    size_t written = 0;
    const int written_result = trd_export_write(engine->exporter, out, out_size, &written);
    *value = written;
    return written_result;
}

int trb_snapshot_peek(const void *data, size_t size, void *out, size_t out_size) {
    trd_snapshot_head head;
    if (out_size != sizeof(head)) {
        return TRB_E_BUFFER;
    }
    if (size == 0) {
        return TRD_E_TRUNCATED;
    }
    return trb__give(trd_snapshot_peek(data, size, &head), out, &head, sizeof(head));
}
