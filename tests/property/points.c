/* points.c - a snapshot and the commands behind it are the whole run, at many points of it.
 *
 *     points [--points N] [--events N] [--seed S]
 *
 * One engine lives a random life of so many slots of events. At points of it, in about equal
 * distances, a snapshot is taken. At each of them
 *
 *   - what is read of the snapshot is the engine, by digest and by the hash of all events;
 *   - the snapshot, damaged somehow, is refused, the one before it is taken instead, and with the
 *     commands between the two is the same;
 *   - so is, at the end, the first one with all commands behind it.
 *
 * Last line: `points: N points, N slots, N commands, all the same`; exit code 1 if something was
 * not. */
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "life_engine.h"

enum { ACCOUNTS = 6, ROOM = 1024, PIECE_MAX = 9000, FLIPPED_MOST = 3 };

typedef struct snapshot {
    uint8_t *bytes;
    size_t size;
    size_t command; /* that comes behind it, in `records` */
    uint64_t digest;
    trd_event_trail trail;
} snapshot;

typedef struct run {
    life_engine life;
    trd_engine *engine;
    trd_command *records; /* all commands so far, one behind the other */
    size_t count;         /* slots of them */
    size_t room;
    uint64_t commands;
    uint64_t slots; /* of events */
    uint64_t point;
    snapshot first, before, newest;
} run;

/* What is not so ends the program. */
static void must(const run *r, const char *what, bool is_so) {
    if (!is_so) {
        fprintf(stderr, "points: command %" PRIu64 ", point %" PRIu64 ": %s\n", r->commands,
            r->point, what);
        exit(1);
    }
}

static void *alloc(size_t size) {
    void *mem = aligned_alloc(TRD_ENGINE_ALIGN,
        (size + TRD_ENGINE_ALIGN - 1) / TRD_ENGINE_ALIGN * (size_t)TRD_ENGINE_ALIGN);
    if (mem == NULL) {
        fprintf(stderr, "points: no memory\n");
        exit(1);
    }
    return mem;
}

/* --- living ----------------------------------------------------------------------------------- */

static void step(const run *r, trd_engine *engine, const trd_command *command) {
    static trd_event events[ROOM];
    int result = TRD_MORE;
    for (bool is_first = true; result == TRD_MORE; is_first = false) {
        trd_out out = {.events = events, .capacity = r->life.room < ROOM ? r->life.room : ROOM};
        result = trd_engine_step(engine, is_first ? command : NULL, &out);
    }
    must(r, "a command fails", result == TRD_OK);
}

static void keep(run *r, const trd_command *command) {
    while (r->room < r->count + command->slots) {
        r->room = r->room != 0 ? r->room * 2 : 4096;
        r->records = realloc(r->records, r->room * sizeof(*command));
        must(r, "no memory", r->records != NULL);
    }
    memcpy(r->records + r->count, command, command->slots * sizeof(*command));
    r->count += command->slots;
}

static void one(run *r, trd_command *command) {
    trd_event_trail trail;
    r->commands++;
    for (uint32_t i = 0; i < command->slots; i++) {
        command[i].seq = r->commands;
    }
    keep(r, command);
    step(r, r->engine, command);
    must(r, "no trail", trd_engine_trail(r->engine, &trail) == TRD_OK);
    r->slots = trail.slots;
}

/* --- snapshots -------------------------------------------------------------------------------- */

static snapshot take(run *r) {
    static trd_snapshot_writer writer;
    snapshot s = {.command = r->count};
    must(r, "begin", trd_snapshot_begin(&writer, r->engine) == TRD_OK);
    s.size = writer.head.size;
    s.digest = writer.head.digest;
    s.bytes = alloc(s.size);
    size_t written = 0;
    must(r, "write", trd_snapshot_write(&writer, s.bytes, s.size, &written) == TRD_OK);
    must(r, "trail", trd_engine_trail(r->engine, &s.trail) == TRD_OK);
    return s;
}

/* TRD_OK and *out, in memory that is the caller's; or what the snapshot is refused for. */
static int restore(run *r, const uint8_t *bytes, size_t size, void **mem, trd_engine **out) {
    trd_snapshot_head head;
    trd_snapshot_reader reader;
    *mem = NULL;
    int result = trd_snapshot_peek(bytes, size, &head);
    if (result != TRD_OK) {
        return result;
    }
    *mem = alloc(head.block_size);
    result = trd_snapshot_open(&reader, &head, *mem, head.block_size);
    result = result == TRD_OK ? TRD_MORE : result;
    for (size_t at = sizeof(head); at < size && result >= TRD_OK;) {
        const size_t piece = (size_t)life_in(&r->life, 1, PIECE_MAX);
        const size_t left = size - at;
        result = trd_snapshot_read(&reader, bytes + at, left < piece ? left : piece);
        at += piece;
    }
    return result >= TRD_OK ? trd_snapshot_engine(&reader, NULL, out) : result;
}

/* Is the engine that of the snapshot `as`? */
static void same(run *r, const trd_engine *engine, const snapshot *as) {
    uint64_t digest = 0;
    trd_event_trail trail;
    must(r, "digest", trd_engine_digest(engine, &digest) == TRD_OK && digest == as->digest);
    must(r, "trail", trd_engine_trail(engine, &trail) == TRD_OK);
    must(r, "another hash of the events", memcmp(&trail, &as->trail, sizeof(trail)) == 0);
}

/* `from`, and the commands up to those of `to`, are `to`. */
static void tail(run *r, const snapshot *from, const snapshot *to) {
    void *mem;
    trd_engine *engine = NULL;
    must(r, "refused", restore(r, from->bytes, from->size, &mem, &engine) == TRD_OK);
    for (size_t at = from->command; at < to->command; at += r->records[at].slots) {
        step(r, engine, &r->records[at]);
    }
    same(r, engine, to);
    must(r, "audit", trd_engine_audit(engine) == TRD_OK);
    free(mem);
}

/* Bits change, or the end is missing. */
static void damage(run *r, const snapshot *s, uint8_t *bytes, size_t *size) {
    memcpy(bytes, s->bytes, s->size);
    *size = s->size;
    if (life_chance(&r->life, 30)) {
        *size = (size_t)life_in(&r->life, 0, (int64_t)s->size - 1);
        return;
    }
    /* Of neighbours, so that no flip takes back another. */
    const size_t from = (size_t)life_in(&r->life, 0, (int64_t)s->size - FLIPPED_MOST);
    for (int64_t i = life_in(&r->life, 1, FLIPPED_MOST); i > 0; i--) {
        bytes[from + (size_t)i - 1] ^= (uint8_t)(1 << life_in(&r->life, 0, 7));
    }
}

static void damaged_is_refused(run *r, const snapshot *s) {
    void *mem;
    trd_engine *engine = NULL;
    size_t size;
    uint8_t *bytes = alloc(s->size);
    damage(r, s, bytes, &size);
    const int result = restore(r, bytes, size, &mem, &engine);
    must(r, "a damaged snapshot is taken",
        result == TRD_E_FORMAT || result == TRD_E_TRUNCATED || result == TRD_E_UNKNOWN);
    must(r, "a damaged snapshot is an engine", engine == NULL);
    free(mem);
    free(bytes);
}

static void point(run *r) {
    r->point++;
    if (r->before.bytes != r->first.bytes) {
        free(r->before.bytes);
    }
    r->before = r->newest;
    r->newest = take(r);
    if (r->point == 1) {
        r->first = r->newest;
    }
    tail(r, &r->newest, &r->newest);
    damaged_is_refused(r, &r->newest);
    if (r->point > 1) {
        tail(r, &r->before, &r->newest);
    }
}

/* --- the run ---------------------------------------------------------------------------------- */

static void live(run *r, uint64_t points, uint64_t events) {
    trd_command c[TRD_SLOTS_MAX];
    memset(c, 0, sizeof(c));
    r->engine = life_engine_begin(&r->life);
    must(r, "no engine", r->engine != NULL);
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        life_engine_open(&r->life, account, c);
        one(r, c);
    }
    while (r->point < points) {
        life_engine_next(&r->life, c);
        one(r, c);
        if (r->slots * points >= events * (r->point + 1)) {
            point(r);
        }
    }
    tail(r, &r->first, &r->newest);
}

static uint64_t number(const char *text, uint64_t most) {
    char *end;
    const unsigned long long value = strtoull(text, &end, 10);
    if (*text == 0 || *end != 0 || value < 1 || value > most) {
        fprintf(stderr, "points: not in [1, %" PRIu64 "]: %s\n", most, text);
        exit(2);
    }
    return value;
}

static void say(const char *condition, const char *file, int line) {
    fprintf(stderr, "# %s:%d: %s\n", file, line, condition);
}

int main(int argc, char **argv) {
    static const struct option names[] = {
        {"points", 1, NULL, 'p'}, {"events", 1, NULL, 'e'}, {"seed", 1, NULL, 's'}, {0}};
    uint64_t points = 20, events = 20000, seed = 1;
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (c == '?') {
            fprintf(stderr, "usage: points [--points N] [--events N] [--seed S]\n");
            return 2;
        }
        *(c == 'p' ? &points : c == 'e' ? &events : &seed) = number(optarg, 1000000000);
    }
    if (optind != argc) {
        fprintf(stderr, "points: no files are read\n");
        return 2;
    }
    draw rng = draw_seeded(seed);
    static run r;
    trd_on_assert(say);
    r.life = (life_engine){.rng = &rng,
        .accounts = ACCOUNTS,
        .parents = true,
        .is_apart = true,
        .watches = true,
        .allocates = true,
        .trail = true};
    live(&r, points, events);
    trd_engine_destroy(r.engine);
    free(r.records);
    free(r.first.bytes);
    if (r.before.bytes != r.first.bytes) {
        free(r.before.bytes);
    }
    if (r.point > 1) {
        free(r.newest.bytes);
    }
    printf("points: %" PRIu64 " points, %" PRIu64 " slots, %" PRIu64 " commands, all the same\n",
        r.point, r.slots, r.commands);
    return 0;
}
