/* flow_hash.c - executes what a binding has written to a file, by the library alone, and prints
 * what came of it: slots of events, their hash, the digest of the state.
 *
 * The file: definitions of matcher, accounts, risk and monitor; a number of assets, and they; a fee
 * table; a number of instruments, each with its specification, terms and margin model; commands. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <tradsys/tradsys.h>

static void take(FILE *file, void *to, size_t size) {
    if (fread(to, 1, size, file) != size) {
        fprintf(stderr, "the file ends\n");
        exit(1);
    }
}

static void must(int result) {
    if (result < 0) {
        fprintf(stderr, "%s\n", trd_result_text(result));
        exit(1);
    }
}

static trd_engine *read_engine(FILE *file) {
    trd_match_def match;
    trd_accounts_def accounts;
    trd_risk_def risk;
    trd_monitor_def monitor;
    take(file, &match, sizeof(match));
    take(file, &accounts, sizeof(accounts));
    take(file, &risk, sizeof(risk));
    take(file, &monitor, sizeof(monitor));
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .monitor = &monitor,
        .trail = 1};
    trd_engine *engine = trd_engine_create(&def);
    must(engine != NULL ? TRD_OK : TRD_E_ARG);
    return engine;
}

static void read_setup(FILE *file, trd_engine *engine) {
    uint32_t count;
    take(file, &count, sizeof(count));
    for (uint32_t i = 0; i < count; i++) {
        trd_asset asset;
        take(file, &asset, sizeof(asset));
        must(trd_engine_asset(engine, &asset));
    }
    trd_fee_table fees;
    take(file, &fees, sizeof(fees));
    must(trd_engine_fees(engine, &fees));
    take(file, &count, sizeof(count));
    for (uint32_t i = 0; i < count; i++) {
        trd_instrument spec;
        trd_terms terms;
        trd_margin_model model;
        take(file, &spec, sizeof(spec));
        take(file, &terms, sizeof(terms));
        take(file, &model, sizeof(model));
        const trd_engine_listing listing = {.spec = &spec, .terms = &terms, .model = &model};
        must(trd_engine_list(engine, &listing));
    }
}

/* A record at a time; what does not end in its output goes on. */
static void execute(trd_engine *engine, const trd_command *record) {
    trd_event events[TRD_ENGINE_OUT_MIN];
    int result;
    do {
        trd_out out = {.events = events, .capacity = TRD_ENGINE_OUT_MIN};
        result = trd_engine_step(engine, record, &out);
        must(result);
        record = NULL;
    } while (result == TRD_MORE);
}

int main(int count, char **arguments) {
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "flow_hash FILE\n");
        return 2;
    }
    trd_engine *engine = read_engine(file);
    read_setup(file, engine);
    trd_command record[TRD_SLOTS_MAX];
    while (fread(record, sizeof(record[0]), 1, file) == 1) {
        if (record[0].slots > 1 && record[0].slots <= TRD_SLOTS_MAX) {
            take(file, &record[1], (record[0].slots - 1u) * sizeof(record[0]));
        }
        execute(engine, record);
    }
    trd_event_trail trail;
    uint64_t digest;
    must(trd_engine_trail(engine, &trail));
    must(trd_engine_digest(engine, &digest));
    printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", trail.slots, trail.hash, digest);
    trd_engine_destroy(engine);
    fclose(file);
    return 0;
}
