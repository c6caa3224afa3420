/* prop_snapshot.c - two engines live the same life and are driven otherwise: one command at a time
 * and in batches, into outputs of other sizes that hold other bytes, in memory that held other
 * bytes, behind a stack of other bytes, asked and not asked. They write the same events, have the
 * same hash of them, and are the same state. Again and again one of them is thrown away and made
 * anew of a snapshot or a copy of the other one, and goes on. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <tradsys/tradsys.h>

#include "life_engine.h"

enum {
    RUNS = 150,
    STEPS = 400,
    ROOM = 8192,
    ACCOUNTS = 6,
    SCRIBBLE = 1 << 14,
    EDGE = 4096,
    TEXT_MAX = 1 << 18,
    STATE_MAX = 1 << 22
};

typedef struct side {
    trd_engine *engine;
    void *mem; /* that the engine was restored in; NULL: it was created */
    uint8_t filth;
    bool in_batches;
    uint32_t room;
    trd_event event[ROOM];
    uint32_t count;
} side;

typedef struct life {
    life_engine gen;
    side side[2];
    uint64_t hash; /* as the test reckons it */
    uint64_t slots;
    uint64_t events, restored, written, copied, asked, liquidated, checkpoints, orders;
} life;

static bool chance(life *l, int64_t percent) {
    return life_chance(&l->gen, percent);
}

/* --- what must not matter --------------------------------------------------------------------- */

static void *dirty_alloc(void *user, size_t size, size_t align) {
    void *mem = aligned_alloc(align, (size + align - 1) / align * align);
    cr_assert(ne(ptr, mem, NULL));
    memset(mem, *(const uint8_t *)user, size);
    return mem;
}

static void dirty_release(void *user, void *at, size_t size) {
    memset(at, *(const uint8_t *)user, size);
    free(at);
}

/* What a function finds on its stack, where it does not write first. */
static __attribute__((noinline)) void scribble(uint8_t filth) {
    volatile uint8_t stack[SCRIBBLE];
    for (size_t i = 0; i < sizeof(stack); i++) {
        stack[i] = filth;
    }
}

/* --- both sides ------------------------------------------------------------------------------- */

static void begin_side(life *l, side *s, uint8_t filth) {
    *s = (side){.filth = filth, .in_batches = filth != 0};
    l->gen.mem = (trd_mem){dirty_alloc, dirty_release, &s->filth};
    s->engine = life_engine_begin(&l->gen);
    s->room = l->gen.room;
}

static void begin(life *l, draw *rng) {
    draw same = *rng;
    l->gen.rng = &same;
    begin_side(l, &l->side[0], 0);
    l->gen.rng = rng;
    begin_side(l, &l->side[1], 0xaa);
    l->side[1].room = (uint32_t)life_in(&l->gen, TRD_ENGINE_OUT_MIN, 600);
}

static void end_side(side *s) {
    if (s->mem == NULL) {
        trd_engine_destroy(s->engine);
    }
    free(s->mem);
}

static int first_step(side *s, const trd_command *c, trd_out *out) {
    if (!s->in_batches) {
        return trd_engine_step(s->engine, c, out);
    }
    size_t done = 0;
    const int result = trd_engine_run(s->engine, c, c->slots, &done, out);
    cr_assert(eq(sz, done, c->slots));
    return result;
}

/* The command on one side; its events are kept. */
static void live(side *s, const trd_command *c) {
    static trd_event part[ROOM];
    s->count = 0;
    int result = TRD_MORE;
    for (bool is_first = true; result == TRD_MORE; is_first = false) {
        memset(part, s->filth, sizeof(part));
        scribble(s->filth);
        trd_out out = {.events = part, .capacity = s->room};
        result = is_first ? first_step(s, c, &out) : trd_engine_step(s->engine, NULL, &out);
        cr_assert(s->count + out.count <= ROOM);
        memcpy(s->event + s->count, part, out.count * sizeof(*part));
        s->count += out.count;
    }
    cr_assert(eq(int, result, TRD_OK));
}

static void same_events(life *l, const trd_command *c) {
    const side *one = &l->side[0];
    const side *other = &l->side[1];
    cr_assert(eq(u32, one->count, other->count));
    for (uint32_t i = 0; i < one->count; i++) {
        cr_assert(memcmp(&one->event[i], &other->event[i], sizeof(trd_event)) == 0,
            "event %u of command %u: %s", i, c->kind, trd_event_text(one->event[i].kind));
        l->hash = XXH3_64bits_withSeed(&one->event[i], sizeof(trd_event), l->hash);
        l->liquidated += one->event[i].kind == TRD_EVENT_LIQUIDATION;
    }
    l->slots += one->count;
    l->events += one->count;
}

static void same_trail(life *l, uint64_t seq) {
    trd_event_trail trail[2];
    for (int i = 0; i < 2; i++) {
        cr_assert(eq(int, trd_engine_trail(l->side[i].engine, &trail[i]), TRD_OK));
        cr_assert(eq(u64, trail[i].seq, seq));
        cr_assert(eq(u64, trail[i].slots, l->slots));
        cr_assert(eq(u64, trail[i].hash, l->hash));
    }
    cr_assert(eq(u64, trail[0].checkpoints, trail[1].checkpoints));
    if (trail[0].checkpoints != 0) {
        trd_checkpoint point[2];
        const uint64_t number = trail[0].checkpoints;
        for (int i = 0; i < 2; i++) {
            cr_assert(eq(int, trd_engine_checkpoint(l->side[i].engine, number, &point[i]), TRD_OK));
        }
        cr_assert(eq(int, memcmp(&point[0], &point[1], sizeof(point[0])), 0));
        l->checkpoints = number;
    }
}

/* Where the states differ, if they do. */
static void same_pages(life *l) {
    trd_page page[2];
    const trd_engine *one = l->side[0].engine;
    const trd_engine *other = l->side[1].engine;
    for (uint64_t number = 0; trd_engine_page(one, number, &page[0]) == TRD_OK; number++) {
        cr_assert(eq(int, trd_engine_page(other, number, &page[1]), TRD_OK));
        if (page[0].hash == page[1].hash) {
            continue;
        }
        const uint8_t *bytes[2] = {
            (const uint8_t *)one + page[0].at, (const uint8_t *)other + page[0].at};
        for (uint32_t i = 0; i < page[0].size; i++) {
            if (bytes[0][i] != bytes[1][i]) {
                fprintf(stderr, "# byte %" PRIu64 ": %02x %02x\n", page[0].at + i, bytes[0][i],
                    bytes[1][i]);
            }
        }
        cr_fail("page %" PRIu64 ", parts %x", number, page[0].parts);
    }
}

static void same_state(life *l) {
    uint64_t digest[2];
    cr_assert(eq(int, trd_engine_digest(l->side[0].engine, &digest[0]), TRD_OK));
    cr_assert(eq(int, trd_engine_digest(l->side[1].engine, &digest[1]), TRD_OK));
    if (digest[0] != digest[1]) {
        same_pages(l);
    }
    cr_assert(eq(u64, digest[0], digest[1]));
}

/* --- a side that is made anew ----------------------------------------------------------------- */

/* Memory that held something else, and begins anywhere within a page. */
static void *other_memory(life *l, size_t size, void **mem) {
    *mem = aligned_alloc(EDGE, (size + 2 * (size_t)EDGE) / EDGE * EDGE);
    cr_assert(ne(ptr, *mem, NULL));
    memset(*mem, (int)life_in(&l->gen, 0, 255), size + EDGE);
    return (char *)*mem + 64 * life_in(&l->gen, 0, 63);
}

/* All of a snapshot, in pieces of random sizes. */
static uint8_t *write_all(life *l, const trd_engine *engine, size_t *size) {
    static trd_snapshot_writer writer;
    cr_assert(eq(int, trd_snapshot_begin(&writer, engine), TRD_OK));
    *size = writer.head.size;
    uint8_t *bytes = malloc(*size);
    cr_assert(ne(ptr, bytes, NULL));
    const int64_t piece = chance(l, 50) ? 20000 : 300;
    size_t at = 0;
    int result = TRD_MORE;
    while (result == TRD_MORE) {
        size_t written = 0;
        size_t room = (size_t)life_in(&l->gen, 1, piece);
        room = room < *size - at ? room : *size - at;
        result = trd_snapshot_write(&writer, bytes + at, room, &written);
        cr_assert(written > 0 && written <= room);
        at += written;
    }
    cr_assert(eq(int, result, TRD_OK));
    cr_assert(eq(sz, at, *size));
    return bytes;
}

static trd_engine *read_all(life *l, const uint8_t *bytes, size_t size, void **mem) {
    trd_snapshot_head head;
    trd_snapshot_reader reader;
    trd_engine *engine = NULL;
    cr_assert(eq(int, trd_snapshot_peek(bytes, size, &head), TRD_OK));
    void *in = other_memory(l, head.block_size, mem);
    cr_assert(eq(int, trd_snapshot_open(&reader, &head, in, head.block_size), TRD_OK));
    const int64_t piece = chance(l, 50) ? 20000 : 300;
    for (size_t at = sizeof(head); at < size;) {
        size_t next = (size_t)life_in(&l->gen, 1, piece);
        next = next < size - at ? next : size - at;
        cr_assert(eq(int, trd_snapshot_engine(&reader, NULL, &engine), TRD_E_TRUNCATED));
        const int result = trd_snapshot_read(&reader, bytes + at, next);
        at += next;
        cr_assert(eq(int, result, at == size ? TRD_OK : TRD_MORE));
    }
    cr_assert(eq(int, trd_snapshot_engine(&reader, NULL, &engine), TRD_OK));
    return engine;
}

/* All of the text, in pieces of random sizes; a reader makes it an engine. */
static trd_engine *read_text(life *l, const trd_engine *engine, void **mem) {
    static trd_text_writer writer;
    static trd_text_reader reader;
    static char whole[STATE_MAX];
    size_t size = 0;
    int result = TRD_MORE;
    const int64_t piece = chance(l, 50) ? 20000 : 300;
    cr_assert(eq(int, trd_text_begin(&writer, engine), TRD_OK));
    while (result == TRD_MORE) {
        size_t written = 0;
        const size_t room = (size_t)life_in(&l->gen, 1, piece);
        cr_assert(size + room <= STATE_MAX);
        result = trd_text_write(&writer, whole + size, room, &written);
        size += written;
    }
    cr_assert(eq(int, result, TRD_OK));
    trd_text_head head;
    trd_engine_def def;
    size_t at = 0;
    cr_assert(eq(int, trd_text_peek(whole, size, &head, &at, NULL), TRD_OK));
    trd_text_def(&head, &def);
    const size_t block_size = trd_engine_footprint(&def);
    cr_assert(eq(sz, block_size, trd_engine_size(engine)));
    void *in = other_memory(l, block_size, mem);
    cr_assert(eq(int, trd_text_open(&reader, &head, &def, in, block_size, 0), TRD_OK));
    while (at < size) {
        size_t next = (size_t)life_in(&l->gen, 1, piece);
        next = next < size - at ? next : size - at;
        result = trd_text_read(&reader, whole + at, next);
        at += next;
        cr_assert(eq(int, result, at == size ? TRD_OK : TRD_MORE), "line %" PRIu64 ": %s, %s %s",
            reader.fault.line, trd_text_why(reader.fault.why), reader.fault.table,
            reader.fault.field);
    }
    trd_engine *made = NULL;
    cr_assert(eq(u32, reader.is_same, 1));
    cr_assert(eq(int, trd_text_engine(&reader, NULL, &made), TRD_OK));
    return made;
}

/* One side goes, and comes back from the other one. */
static void make_anew(life *l) {
    const int which = (int)life_in(&l->gen, 0, 1);
    side *s = &l->side[which];
    const trd_engine *from = l->side[1 - which].engine;
    void *mem = NULL;
    trd_engine *engine = NULL;
    if (chance(l, 20)) {
        engine = read_text(l, from, &mem);
        l->written++;
    } else if (chance(l, 60)) {
        size_t size;
        uint8_t *bytes = write_all(l, from, &size);
        engine = read_all(l, bytes, size, &mem);
        free(bytes);
        l->restored++;
    } else {
        const size_t size = trd_engine_size(from);
        void *in = other_memory(l, size, &mem);
        cr_assert(eq(int, trd_engine_copy(from, in, size, &engine), TRD_OK));
        l->copied++;
    }
    end_side(s);
    s->engine = engine;
    s->mem = mem;
    same_state(l);
    const int sound = trd_engine_audit(engine);
    cr_assert(eq(int, sound, TRD_OK), "line %d", -sound);
}

/* --- as text ---------------------------------------------------------------------------------- */

static char text[2][TEXT_MAX];

static size_t export_all(life *l, int which) {
    static trd_exporter exporter;
    size_t at = 0;
    size_t written = 0;
    int result = TRD_MORE;
    cr_assert(eq(int, trd_export_begin(&exporter, l->side[which].engine), TRD_OK));
    while (result == TRD_MORE) {
        const size_t piece = (size_t)life_in(&l->gen, 1, 5000);
        cr_assert(at + piece < TEXT_MAX);
        result = trd_export_write(&exporter, text[which] + at, piece, &written);
        at += written;
    }
    cr_assert(eq(int, result, TRD_OK));
    text[which][at] = 0;
    return at;
}

static uint32_t lines_of(const char *record) {
    char begin[40];
    uint32_t count = 0;
    snprintf(begin, sizeof(begin), "{\"record\":\"%s\",", record);
    for (const char *at = text[0]; (at = strstr(at, begin)) != NULL; at++) {
        count++;
    }
    return count;
}

static uint32_t open_accounts(const life *l) {
    uint32_t open = 0;
    trd_account terms;
    for (uint32_t account = 0; account < l->gen.accounts; account++) {
        const trd_accounts *accounts = trd_engine_accounts(l->side[0].engine);
        open += trd_accounts_get(accounts, account, &terms) == TRD_OK;
    }
    return open;
}

/* One state, one text; and nothing of which there is a count is left out of it. */
static void same_text(life *l) {
    trd_match_stats stats;
    const size_t size = export_all(l, 0);
    cr_assert(eq(sz, export_all(l, 1), size));
    cr_assert(eq(int, memcmp(text[0], text[1], size), 0));
    trd_match_stats_get(trd_engine_match(l->side[0].engine), &stats);
    cr_assert(eq(u32, lines_of("order"), stats.orders));
    cr_assert(eq(u32, lines_of("account"), open_accounts(l)));
    cr_assert(eq(u32, lines_of("instrument"), LIFE_ENGINE_INSTRUMENTS));
    l->orders += stats.orders;
}

/* --- the life --------------------------------------------------------------------------------- */

static void ask(life *l, const trd_command *c) {
    trd_verdict verdict;
    if ((c->kind == TRD_COMMAND_NEW || c->kind == TRD_COMMAND_REPLACE) && chance(l, 30)) {
        const int result = trd_engine_ask(l->side[1].engine, c, &verdict);
        cr_assert(result == TRD_OK || result == TRD_E_BUSY);
        l->asked++;
    }
}

static void one(life *l, trd_command *c, uint64_t seq) {
    for (int i = 0; i < TRD_SLOTS_MAX; i++) {
        c[i].seq = seq;
    }
    ask(l, c);
    live(&l->side[0], c);
    live(&l->side[1], c);
    same_events(l, c);
    same_trail(l, seq);
    if (chance(l, 4)) {
        make_anew(l);
    } else if (chance(l, 8)) {
        same_state(l);
    } else if (chance(l, 1)) {
        same_text(l);
    }
}

static void run(life *l, draw *rng) {
    trd_command c[TRD_SLOTS_MAX] = {{0}};
    uint64_t seq = 0;
    begin(l, rng);
    same_state(l);
    for (uint32_t account = 0; account < l->gen.accounts; account++) {
        life_engine_open(&l->gen, account, c);
        one(l, c, ++seq);
    }
    for (int step = 0; step < STEPS; step++) {
        life_engine_next(&l->gen, c);
        if (chance(l, 5)) {
            life_engine_damage(&l->gen, c);
            c->kind = c->kind >= 1 && c->kind <= 127 ? c->kind : 1; /* a batch has whole records */
            c->slots = c->slots >= 1 ? c->slots : 1;
        }
        one(l, c, ++seq);
    }
    same_state(l);
    end_side(&l->side[0]);
    end_side(&l->side[1]);
}

static void say(const char *condition, const char *file, int line) {
    fprintf(stderr, "# %s:%d: %s\n", file, line, condition);
}

Test(snapshot, an_engine_is_the_same_however_it_came_to_its_state, .timeout = 120) {
    draw rng = draw_seeded(1);
    trd_on_assert(say);
    static life l;
    uint64_t restored = 0, copied = 0, asked = 0, events = 0, liquidated = 0, checkpoints = 0,
             orders = 0, written = 0;
    for (int i = 0; i < RUNS; i++) {
        memset(&l, 0, sizeof(l));
        l.gen.accounts = ACCOUNTS;
        l.gen.parents = true;
        l.gen.is_apart = true;
        l.gen.trail = true;
        l.gen.watches = draw_chance(&rng, 50);
        l.gen.allocates = draw_chance(&rng, 50);
        run(&l, &rng);
        restored += l.restored;
        copied += l.copied;
        written += l.written;
        asked += l.asked;
        events += l.events;
        liquidated += l.liquidated;
        checkpoints += l.checkpoints;
        orders += l.orders;
    }
    fprintf(stderr,
        "# %" PRIu64 " slots, %" PRIu64 " restored, %" PRIu64 " copied, %" PRIu64 " read of text\n",
        events, restored, copied, written);
    cr_assert(restored > 700);
    cr_assert(copied > 400);
    cr_assert(written > 300);
    cr_assert(asked > 1000);
    cr_assert(liquidated > 50);
    cr_assert(checkpoints > 50);
    cr_assert(orders > 1000); /* as text */
}
