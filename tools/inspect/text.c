/* text.c - tradsys-inspect text, import: all of a snapshot as text, and a snapshot of a text. */
#include <tradsys/text.h>

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inspect/inspect.h"
#include "journal/restore.h"
#include "replay/progress.h"
#include "replay/symbols.h"

enum { PIECE = 1 << 16, READ_PIECE = 1 << 11 };

/* --- text ------------------------------------------------------------------------------------- */

int inspect_text(const inspect_arguments *args) {
    restored from;
    const int read = restored_read(&from, args->paths[0]);
    if (read != EXIT_DONE) {
        return read;
    }
    trd_text_writer *writer = memory_or_end(malloc(sizeof(*writer)));
    char *piece = memory_or_end(malloc(PIECE));
    int result = trd_text_begin(writer, from.engine);
    result = result == TRD_OK ? TRD_MORE : result;
    while (result == TRD_MORE) {
        size_t written = 0;
        result = trd_text_write(writer, piece, PIECE, &written);
        fwrite(piece, 1, written, stdout);
    }
    free(piece);
    free(writer);
    restored_free(&from);
    return result == TRD_OK ? EXIT_DONE
                            : complain(args->paths[0], 0, "%s", trd_result_text(result));
}

/* --- a definition with more room -------------------------------------------------------------- */

/* Where a number stands in the head of a text: the same one in several parts. */
typedef struct capacity {
    const char *name;
    size_t at[4]; /* 0 behind the last */
} capacity;

#define IN(part, field) offsetof(trd_text_head, part.field)

static const capacity capacities[] = {
    {"accounts_max", {IN(match, accounts_max), IN(accounts, accounts_max), IN(risk, accounts_max),
                         IN(monitor, accounts_max)}},
    {"actors_max", {IN(risk, actors_max)}},
    {"arrays_max", {IN(risk, arrays_max)}},
    {"assets_max", {IN(accounts, assets_max)}},
    {"balances_max", {IN(accounts, balances_max), IN(monitor, balances_max)}},
    {"elect_max", {IN(match, elect_max)}},
    {"fee_tables_max", {IN(accounts, fee_tables_max)}},
    {"groups_max", {IN(match, groups_max)}},
    {"ids_max", {IN(match, ids_max)}},
    {"instruments_max", {IN(match, instruments_max), IN(accounts, instruments_max),
                            IN(risk, instruments_max), IN(monitor, instruments_max)}},
    {"limits_max", {IN(risk, limits_max)}},
    {"match.positions_max", {IN(match, positions_max)}},
    {"models_max", {IN(risk, models_max)}},
    {"orders_max", {IN(match, orders_max), IN(accounts, orders_max), IN(risk, orders_max)}},
    {"pairs_max", {IN(risk, pairs_max)}},
    {"parents_max", {IN(risk, parents_max)}},
    {"portfolios_max", {IN(risk, portfolios_max)}},
    {"positions_max", {IN(accounts, positions_max), IN(monitor, positions_max)}},
    {"quotes_max", {IN(match, quotes_max)}},
    {"repeats_max", {IN(risk, repeats_max)}},
    {"scenario_groups_max", {IN(risk, groups_max)}},
    {"specials_max", {IN(match, specials_max)}},
    {"unsettled_max", {IN(accounts, unsettled_max)}},
    {"window", {IN(match, window)}},
};

/* NAME=NUMBER; false if it is not that. */
static bool set(trd_text_head *head, const char *setting) {
    const char *equals = strchr(setting, '=');
    uint64_t value;
    if (equals == NULL || !text_u64((text){equals + 1, strlen(equals + 1)}, &value) ||
        value > UINT32_MAX) {
        return false;
    }
    for (size_t i = 0; i < sizeof(capacities) / sizeof(capacities[0]); i++) {
        const capacity *c = &capacities[i];
        if (text_is((text){setting, (size_t)(equals - setting)}, c->name)) {
            const uint32_t number = (uint32_t)value;
            for (size_t k = 0; k < sizeof(c->at) / sizeof(c->at[0]) && c->at[k] != 0; k++) {
                memcpy((char *)head + c->at[k], &number, sizeof(number));
            }
            return true;
        }
    }
    return false;
}

/* --- import ----------------------------------------------------------------------------------- */

static int say_fault(const char *path, const trd_text_fault *fault) {
    char place[2 * TRD_TEXT_NAME_SIZE + 64] = "";
    if (fault->table[0] != 0) {
        snprintf(place, sizeof(place), ", %s %" PRIu64 "%s%s", fault->table, fault->row,
            fault->field[0] != 0 ? ", " : "", fault->field);
    }
    return complain(path, fault->line, "column %" PRIu32 "%s: %s", fault->column, place,
        trd_text_why(fault->why));
}

/* The text goes into the memory of an engine. */
static int feed(trd_text_reader *reader, const source *from, size_t at, bool shows) {
    progress bar = progress_begin(from->size, shows);
    int result = TRD_MORE;
    while (at < from->size && result >= TRD_OK) {
        const size_t left = from->size - at;
        const size_t size = left < READ_PIECE ? left : READ_PIECE;
        result = trd_text_read(reader, from->data + at, size);
        at += size;
        progress_at(&bar, at);
    }
    progress_end(&bar);
    if (result == TRD_MORE) {
        return complain(from->path, reader->lines, "the end is missing");
    }
    return result == TRD_OK ? EXIT_DONE : say_fault(from->path, &reader->fault);
}

/* A snapshot of the engine, under another name until all of it is there. */
static int write_snapshot(const trd_engine *engine, FILE *to, const char *path) {
    trd_snapshot_writer *writer = memory_or_end(malloc(sizeof(*writer)));
    char *piece = memory_or_end(malloc(PIECE));
    int result = trd_snapshot_begin(writer, engine);
    bool is_written = true;
    result = result == TRD_OK ? TRD_MORE : result;
    while (result == TRD_MORE && is_written) {
        size_t written = 0;
        result = trd_snapshot_write(writer, piece, PIECE, &written);
        is_written = fwrite(piece, 1, written, to) == written;
    }
    free(piece);
    free(writer);
    if (result != TRD_OK && is_written) {
        return complain(path, 0, "%s", trd_result_text(result));
    }
    is_written = is_written && fflush(to) == 0 && fsync(fileno(to)) == 0;
    return is_written ? EXIT_DONE : complain(path, 0, "%s", strerror(errno));
}

static int store(const trd_engine *engine, const char *path) {
    const size_t size = strlen(path) + sizeof(".new");
    char *new_path = memory_or_end(malloc(size));
    snprintf(new_path, size, "%s.new", path);
    FILE *to = fopen(new_path, "wbx");
    int result = to != NULL ? write_snapshot(engine, to, new_path)
                            : complain(new_path, 0, "%s", strerror(errno));
    if (to != NULL && fclose(to) != 0 && result == EXIT_DONE) {
        result = complain(new_path, 0, "%s", strerror(errno));
    }
    /* link, not rename: what is there already stays. */
    if (result == EXIT_DONE && link(new_path, path) != 0) {
        result = complain(path, 0, "%s", strerror(errno));
    }
    if (to != NULL) {
        unlink(new_path);
    }
    free(new_path);
    return result;
}

static void tell(const trd_text_reader *reader, const trd_engine *engine, const char *path) {
    uint64_t digest = 0;
    const int result = trd_engine_digest(engine, &digest);
    printf("%s: command %" PRIu64 ", %" PRIu64 " rows, state digest %016" PRIx64 "\n", path,
        reader->head.seq, reader->rows, result == TRD_OK ? digest : 0);
    printf("%s\n", reader->is_same != 0 ? "the engine is the one that was written"
                                        : "the engine was made anew, and audited");
    if (reader->passed_over != 0) {
        printf("passed over: %" PRIu64 " of what is not known, the first in line %" PRIu64
               ": %s %s\n",
            reader->passed_over, reader->passed.line, reader->passed.table, reader->passed.field);
    }
}

static int import_into(
    const inspect_arguments *args, const source *from, trd_text_reader *reader, void **mem) {
    trd_text_head head, wanted;
    trd_text_fault fault = {0};
    trd_engine_def def;
    size_t at = 0;
    const int peeked = trd_text_peek(from->data, from->size, &head, &at, &fault);
    if (peeked != TRD_OK) {
        return fault.line != 0 ? say_fault(from->path, &fault)
                               : complain(from->path, 0,
                                     "is no text of an engine that this "
                                     "program knows");
    }
    wanted = head;
    for (uint32_t i = 0; i < args->setting_count; i++) {
        if (!set(&wanted, args->settings[i])) {
            fprintf(stderr, "%s: --set %s: no such number; see --help\n", program_name,
                args->settings[i]);
            return EXIT_USAGE;
        }
    }
    trd_text_def(&wanted, &def);
    const size_t size = trd_engine_footprint(&def);
    if (size == 0) {
        return complain(from->path, 0, "no engine can be made with these capacities");
    }
    *mem = memory_or_end(aligned_alloc(TRD_ENGINE_ALIGN, size));
    const unsigned flags = (args->edited ? (unsigned)TRD_TEXT_EDITED : 0) |
                           (args->pass_over ? (unsigned)TRD_TEXT_PASS_OVER : 0);
    if (trd_text_open(reader, &head, &def, *mem, size, flags) != TRD_OK) {
        return complain(from->path, 0, "what is no capacity, or less than it was, cannot be set");
    }
    return feed(reader, from, at, !args->quiet);
}

int inspect_import(const inspect_arguments *args) {
    source from;
    int result = source_open(&from, args->paths[0]);
    if (result != EXIT_DONE) {
        return result;
    }
    void *mem = NULL;
    trd_engine *engine = NULL;
    trd_text_reader *reader = memory_or_end(malloc(sizeof(*reader)));
    result = import_into(args, &from, reader, &mem);
    if (result == EXIT_DONE && trd_text_engine(reader, NULL, &engine) == TRD_OK) {
        result = store(engine, args->paths[1]);
    }
    if (result == EXIT_DONE) {
        tell(reader, engine, args->paths[1]);
    }
    free(reader);
    free(mem);
    source_close(&from);
    return result;
}
