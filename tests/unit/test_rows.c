/* test_rows.c - the tables of engine/rows.h have every byte of what an engine keeps, once. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "engine/rows.h"

/* Bytes that a compiler leaves out before something of this size. */
static uint32_t aligned(uint32_t at, uint32_t size) {
    const uint32_t align = size >= 16 ? 16 : size >= 8 ? 8 : size >= 4 ? 4 : size >= 2 ? 2 : 1;
    return (at + align - 1) / align * align;
}

/* The most that a struct of these fields is aligned to. */
static uint32_t widest(const trd_fields *table) {
    uint32_t most = 1;
    for (uint32_t i = 0; i < table->count; i++) {
        const trd_field *field = &table->field[i];
        const uint32_t own = field->of != NULL ? widest(field->of) : field->size;
        const bool is_value = field->kind <= TRD_FIELD_INT || field->of != NULL;
        most = is_value && own > most && own <= 16 ? own : most;
    }
    return most;
}

Test(rows, name_every_byte_of_a_struct_once) {
    uint32_t number = 0;
    const trd_fields *table;
    for (; (table = trd__rows_table(number)) != NULL; number++) {
        uint32_t end = 0;
        for (uint32_t i = 0; i < table->count; i++) {
            const trd_field *field = &table->field[i];
            const uint32_t gap_end = field->of != NULL ? aligned(end, widest(field->of))
                                     : field->kind <= TRD_FIELD_INT ? aligned(end, field->size)
                                                                    : field->at;
            cr_assert(field->at == end || field->at == gap_end, "table %u: %s at %u, not %u",
                number, field->name, field->at, end);
            cr_assert(field->at - end < 16, "table %u: a gap before %s", number, field->name);
            end = field->at + field->size * field->count;
        }
        cr_assert(end <= table->size && table->size - end < 16, "table %u ends at %u of %u", number,
            end, table->size);
    }
    cr_assert(number > 60);
}

Test(rows, have_no_name_twice) {
    const trd_fields *table;
    for (uint32_t number = 0; (table = trd__rows_table(number)) != NULL; number++) {
        for (uint32_t i = 0; i < table->count; i++) {
            for (uint32_t k = 0; k < i; k++) {
                cr_assert(strcmp(table->field[i].name, table->field[k].name) != 0, "table %u: %s",
                    number, table->field[i].name);
            }
        }
    }
}

/* An engine that has everything that one can have. */
static trd_engine *whole_engine(void) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    trd_monitor_def monitor = trd_monitor_def_default();
    match.instruments_max = accounts.instruments_max = risk.instruments_max =
        monitor.instruments_max = 3;
    match.orders_max = accounts.orders_max = risk.orders_max = 10;
    match.accounts_max = accounts.accounts_max = risk.accounts_max = monitor.accounts_max = 5;
    match.id_mode = TRD_IDS_ASCENDING;
    match.ids_max = 0;
    match.specials_max = 7;
    match.positions_max = 9;
    match.quotes_max = 4;
    match.groups_max = 3;
    match.allocates = 1;
    match.window = 64;
    accounts.balances_max = monitor.balances_max = 11;
    accounts.positions_max = monitor.positions_max = 13;
    accounts.unsettled_max = 3;
    risk.actors_max = risk.limits_max = risk.repeats_max = risk.parents_max = 5;
    monitor.exempt = 1;
    const trd_liquidation liquidation = {
        .struct_size = sizeof(liquidation), .target_ppm = 1000000, .step_pct = 1, .orders_max = 1};
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .monitor = &monitor,
        .liquidation = &liquidation};
    trd_engine *engine = trd_engine_create(&def);
    cr_assert(ne(ptr, engine, NULL));
    return engine;
}

static void mark(uint8_t *seen, uint64_t at, uint64_t size, const char *name) {
    for (uint64_t i = at; i < at + size; i++) {
        cr_assert(eq(u8, seen[i], 0), "%s has byte %" PRIu64 " too", name, i);
        seen[i] = 1;
    }
}

/* Row 0 of a table that begins with 1: it is nobody, and stays as it is. */
static void mark_none(uint8_t *seen, const trd_region *region) {
    const uint64_t size = region->of->size;
    for (uint64_t i = region->at - size; i < region->at; i++) {
        if (seen[i] != 0) {
            return; /* there is no row 0 */
        }
    }
    memset(seen + region->at - size, 1, size);
}

static bool is_within_others(const trd_region *region) {
    return strcmp(region->name, "checkpoint") == 0 || strcmp(region->name, "kill") == 0 ||
           strcmp(region->name, "deadman") == 0 || strcmp(region->name, "slice") == 0;
}

/* But for what is no state: orders of a level that is allocated, and the heap of ranks. */
Test(rows, have_every_byte_of_a_block_once) {
    enum { LINE = 64, UNIT = 32 };
    trd_engine *engine = whole_engine();
    const size_t size = trd_engine_size(engine);
    const trd_match *match = trd__engine_match(engine);
    uint8_t *seen = calloc(1, size);
    static trd_rows rows;
    trd__rows_of(engine, &rows);
    cr_assert(rows.count > 60);
    for (uint32_t i = 0; i < rows.count; i++) {
        const trd_region *region = &rows.region[i];
        for (uint64_t place = 0; place < region->count && !is_within_others(region); place++) {
            mark(seen, trd__row_at(region, place), region->of->size, region->name);
        }
    }
    for (uint32_t i = 0; i < rows.count; i++) {
        if (rows.region[i].first == 1) {
            mark_none(seen, &rows.region[i]);
        }
    }
    mark(seen, engine->ranks_at, 13 * sizeof(trd_rank), "ranks");
    mark(seen, engine->match_at + match->scratch_at, 10 * sizeof(trd_alloc_order), "scratch");
    mark(seen, engine->match_at + match->handles_at, 10 * sizeof(trd_order), "handles");
    uint64_t run = 0;
    for (uint64_t i = 0; i < size; i++) {
        run = seen[i] == 0 ? run + 1 : 0;
        cr_assert(run < LINE + UNIT, "byte %" PRIu64 " is in no row", i); /* the end of a line */
    }
    free(seen);
    trd_engine_destroy(engine);
}
