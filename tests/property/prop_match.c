/* prop_match.c - what must not change the events of a matcher: where its block is, how much room
 * the output has, which seed the id map has, and what lies behind the end of the array of commands.
 *
 * Each run draws a life (life.h), plays it once on a matcher with room for everything, and keeps
 * the records and the events. Then it plays the same records under other circumstances: the events
 * must be the same bytes. (That they are the right ones is shown by tests/differential, and what
 * waits for verdicts.) */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "draw.h"
#include "life.h"

enum { SLOTS_MAX = 1 << 13, EVENTS_MAX = 1 << 17, OUT_ROOM = 1 << 14, CAPACITY_MAX = 64 };

/* A life that was played: its records one behind the other, and all its events. */
typedef struct script {
    life life;
    trd_command slots[SLOTS_MAX];
    uint32_t slot_count;
    trd_event events[EVENTS_MAX];
    uint32_t event_count;
    uint64_t number; /* of the run */
} script;

static script *script_create(void) {
    script *played = calloc(1, sizeof(*played));
    cr_assert(played != NULL);
    return played;
}

static void add_instruments(const script *played, trd_match *match) {
    for (uint32_t i = 0; i < played->life.instruments; i++) {
        cr_assert(eq(int, trd_match_add(match, &played->life.spec[i]), (int)i));
        cr_assert(eq(int, trd_match_configure(match, i, &played->life.profile[i]), TRD_OK));
    }
}

static trd_match *match_of(const script *played, const trd_match_def *def) {
    trd_match *match = trd_match_create(def);
    cr_assert(match != NULL);
    add_instruments(played, match);
    return match;
}

/* Plays one record and tells life and model the handle of an accepted order. */
static void play_record(
    script *played, trd_match *match, naive_match *model, const trd_command *c) {
    trd_out out = {.events = &played->events[played->event_count],
        .capacity = EVENTS_MAX - played->event_count};
    cr_assert(eq(int, trd_match_step(match, c, &out), TRD_OK));
    trd_order handles[TRD_SLOTS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < out.count; i += out.events[i].slots) {
        if (out.events[i].kind == TRD_EVENT_ACCEPTED && count < TRD_SLOTS_MAX) {
            handles[count] = out.events[i].u.order.order;
            life_learn(&played->life, handles[count++]);
        }
    }
    naive_step(model, c, handles, count);
    played->event_count += out.count;
}

/* Draws life `number` of `seed` and plays it until `slots_most` slots or the room for them. */
static void play(script *played, uint64_t seed, uint64_t number, uint32_t slots_most) {
    played->slot_count = 0;
    played->event_count = 0;
    played->number = number;
    life_begin(&played->life, seed * 1000003 + number, LIFE_ALL & ~LIFE_VERDICT);
    trd_match *match = match_of(played, &played->life.def);
    naive_match *model = naive_create(&played->life.def);
    for (uint32_t i = 0; i < played->life.instruments; i++) {
        naive_add(model, &played->life.spec[i]);
        naive_configure(model, i, &played->life.profile[i]);
    }
    while (played->slot_count < slots_most && played->event_count < EVENTS_MAX - OUT_ROOM) {
        trd_command slot[LIFE_RECORD_SLOTS];
        const uint32_t count = life_next(&played->life, model, slot);
        for (uint32_t at = 0; at < count;) {
            const uint32_t stride = naive_stride(&slot[at]);
            trd_command *kept = &played->slots[played->slot_count];
            memcpy(kept, &slot[at], stride * sizeof(*kept));
            played->slot_count += stride;
            play_record(played, match, model, kept);
            at += stride;
        }
    }
    naive_destroy(model);
    trd_match_destroy(match);
}

/* --- the events of another play, compared as they come --- */

typedef struct follower {
    const script *played;
    uint32_t seen; /* events that were the same so far */
    const char *what;
    trd_event room[OUT_ROOM];
} follower;

static void follow(follower *f, const trd_out *out) {
    const script *played = f->played;
    const trd_event *events = out->events;
    const uint32_t count = out->count;
    cr_assert(
        count <= out->capacity, "run %lu: %s: more events than room", played->number, f->what);
    cr_assert(count <= played->event_count - f->seen, "run %lu: %s: more events than before",
        played->number, f->what);
    cr_assert(memcmp(events, &played->events[f->seen], count * sizeof(*events)) == 0,
        "run %lu: %s: other events from %u on", played->number, f->what, f->seen);
    f->seen += count;
}

static void follow_to_end(const follower *f) {
    cr_assert(eq(u32, f->seen, f->played->event_count), "run %lu: %s: events are missing",
        f->played->number, f->what);
}

/* Executes one record with an output of `capacity` slots that is drained whenever it is full. */
static void step(trd_match *match, const trd_command *command, uint32_t capacity, follower *f) {
    int result = TRD_MORE;
    while (result == TRD_MORE) {
        trd_out out = {.events = f->room, .capacity = capacity};
        result = trd_match_step(match, command, &out);
        cr_assert(result == TRD_OK || result == TRD_MORE);
        follow(f, &out);
        command = NULL;
    }
}

static uint32_t stride_of(const script *played, uint32_t at) {
    return naive_stride(&played->slots[at]);
}

/* --- the block may be copied --- */

/* Two blocks with the same matcher: the one the events are followed on, and the one it was copied
 * from, which goes on beside it. */
typedef struct pair {
    dice rng;
    size_t size;
    trd_match *original; /* NULL before the first copy */
    uint32_t copies;
    uint32_t copies_pending; /* of these in the middle of a command */
} pair;

/* Before one of 16 calls the matcher is copied to another address; from then on the copy is
 * followed. */
static trd_match *copy_sometimes(pair *p, trd_match *match, bool pending) {
    if (!dice_odds(&p->rng, 1, 16)) {
        return match;
    }
    trd_match *copy = aligned_alloc(TRD_MATCH_ALIGN, p->size);
    cr_assert(copy != NULL);
    memcpy(copy, match, p->size);
    free(p->original);
    p->original = match;
    p->copies++;
    p->copies_pending += pending;
    return copy;
}

/* Steps the copy, and then the block it was copied from: same result, same events. */
static int step_both(pair *p, trd_match *match, const trd_command *command, trd_out *out) {
    static trd_event beside[CAPACITY_MAX];
    const int result = trd_match_step(match, command, out);
    if (p->original != NULL) {
        trd_out also = {.events = beside, .capacity = out->capacity};
        cr_assert(eq(int, trd_match_step(p->original, command, &also), result));
        cr_assert(eq(u32, also.count, out->count));
        cr_assert(memcmp(out->events, beside, out->count * sizeof(*beside)) == 0);
    }
    return result;
}

static trd_match *record_on_both(
    pair *p, trd_match *match, const trd_command *command, uint32_t capacity, follower *f) {
    int result = TRD_MORE;
    while (result == TRD_MORE) {
        match = copy_sometimes(p, match, command == NULL);
        trd_out out = {.events = f->room, .capacity = capacity};
        result = step_both(p, match, command, &out);
        cr_assert(result == TRD_OK || result == TRD_MORE);
        follow(f, &out);
        command = NULL;
    }
    return match;
}

Test(match, a_copy_of_the_block_goes_on_like_the_original, .timeout = 120) {
    const uint64_t seed = draw_seed(11);
    script *played = script_create();
    follower *f = calloc(1, sizeof(*f));
    uint32_t copies = 0;
    uint32_t copies_pending = 0;
    for (uint64_t number = 0; number < 60; number++) {
        play(played, seed, number, 1000);
        *f = (follower){.played = played, .what = "copied"};
        trd_match_def def = played->life.def;
        pair p = {.rng = dice_seeded(number), .size = trd_match_footprint(&def)};
        trd_match *match = trd_match_init(aligned_alloc(TRD_MATCH_ALIGN, p.size), &def);
        cr_assert(match != NULL);
        add_instruments(played, match);
        for (uint32_t at = 0; at < played->slot_count; at += stride_of(played, at)) {
            const uint32_t capacity = TRD_OUT_MIN + (uint32_t)dice_below(&p.rng, 9);
            match = record_on_both(&p, match, &played->slots[at], capacity, f);
        }
        follow_to_end(f);
        cr_assert(eq(int, trd_match_audit(match), TRD_OK));
        cr_assert(eq(int, trd_match_audit(p.original), TRD_OK));
        copies += p.copies;
        copies_pending += p.copies_pending;
        free(match);
        free(p.original);
    }
    cr_assert(copies > 1000, "%u copies", copies);
    cr_assert(copies_pending > 20, "%u copies of a pending command", copies_pending);
    free(f);
    free(played);
}

/* --- the room of the output --- */

Test(match, events_do_not_depend_on_the_room_of_the_output, .timeout = 120) {
    const uint64_t seed = draw_seed(12);
    script *played = script_create();
    follower *f = calloc(1, sizeof(*f));
    for (uint64_t number = 0; number < 12; number++) {
        play(played, seed, number, 1000);
        for (uint32_t capacity = TRD_OUT_MIN; capacity <= CAPACITY_MAX; capacity++) {
            *f = (follower){.played = played, .what = "room"};
            trd_match *match = match_of(played, &played->life.def);
            for (uint32_t at = 0; at < played->slot_count; at += stride_of(played, at)) {
                step(match, &played->slots[at], capacity, f);
            }
            follow_to_end(f);
            cr_assert(eq(int, trd_match_audit(match), TRD_OK));
            trd_match_destroy(match);
        }
    }
    free(f);
    free(played);
}

/* --- the memory it was made in --- */

static trd_match *match_in(const script *played, size_t size, int fill) {
    void *mem = aligned_alloc(TRD_MATCH_ALIGN, size);
    cr_assert(mem != NULL);
    memset(mem, fill, size);
    trd_match *match = trd_match_init(mem, &played->life.def);
    cr_assert(match != NULL);
    add_instruments(played, match);
    return match;
}

/* What copies, hashes and compares states relies on: no byte of the block is anybody's accident. */
Test(match, the_whole_block_is_a_function_of_the_commands, .timeout = 120) {
    const uint64_t seed = draw_seed(16);
    script *played = script_create();
    follower *f = calloc(1, sizeof(*f));
    follower *g = calloc(1, sizeof(*g));
    for (uint64_t number = 0; number < 60; number++) {
        play(played, seed, number, 1500);
        *f = (follower){.played = played, .what = "made in zeros"};
        *g = (follower){.played = played, .what = "made in ones"};
        const size_t size = trd_match_footprint(&played->life.def);
        trd_match *wide = match_in(played, size, 0x00);
        trd_match *narrow = match_in(played, size, 0xff);
        for (uint32_t at = 0; at < played->slot_count; at += stride_of(played, at)) {
            step(wide, &played->slots[at], OUT_ROOM, f);
            step(narrow, &played->slots[at], TRD_OUT_MIN, g);
            if (at % 16 == 0 || at + TRD_SLOTS_MAX >= played->slot_count) {
                cr_assert(memcmp(wide, narrow, size) == 0, "run %lu slot %u", number, at);
            }
        }
        follow_to_end(f);
        free(wide);
        free(narrow);
    }
    free(f);
    free(g);
    free(played);
}

/* --- the seed of the id map (S19) --- */

Test(match, events_do_not_depend_on_the_hash_seed, .timeout = 120) {
    const uint64_t seed = draw_seed(13);
    static const uint64_t hash_seeds[] = {0, 1, UINT64_C(0xd1ce5eedb16b00b5)};
    script *played = script_create();
    follower *f = calloc(1, sizeof(*f));
    for (uint64_t number = 0; number < 60; number++) {
        play(played, seed, number, 1500);
        for (uint32_t i = 0; i < sizeof(hash_seeds) / sizeof(hash_seeds[0]); i++) {
            *f = (follower){.played = played, .what = "hash seed"};
            trd_match_def def = played->life.def;
            def.hash_seed = hash_seeds[i];
            trd_match *match = match_of(played, &def);
            for (uint32_t at = 0; at < played->slot_count; at += stride_of(played, at)) {
                step(match, &played->slots[at], OUT_ROOM, f);
            }
            follow_to_end(f);
            trd_match_destroy(match);
        }
    }
    free(f);
    free(played);
}

/* --- the end of the array of commands --- */

/* Memory whose last byte is the last one that can be read. */
typedef struct cliff {
    unsigned char *map;
    size_t size; /* without the page behind it */
    size_t page;
} cliff;

static cliff cliff_make(size_t size) {
    cliff c = {.page = (size_t)sysconf(_SC_PAGESIZE)};
    c.size = (size + c.page - 1) / c.page * c.page;
    c.map = mmap(NULL, c.size + c.page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(c.map != MAP_FAILED);
    cr_assert(eq(int, mprotect(c.map + c.size, c.page, PROT_NONE), 0));
    return c;
}

static void cliff_free(const cliff *c) {
    munmap(c->map, c->size + c->page);
}

/* `count` slots that end where the memory does. */
static const trd_command *at_cliff(const cliff *c, const trd_command *slots, uint32_t count) {
    cr_assert(count * sizeof(*slots) <= c->size);
    unsigned char *at = c->map + c->size - count * sizeof(*slots);
    memcpy(at, slots, count * sizeof(*slots));
    return (const trd_command *)(void *)at;
}

/* A matcher like the life's, but so large that trd_match_run looks ahead: more room for
 * instruments and wider windows change no event. From 1 MiB on it looks for ids, from 16 MiB on for
 * orders and levels too. */
static trd_match *wide_match(const script *played, uint32_t window) {
    trd_match_def def = played->life.def;
    def.instruments_max = 40;
    def.window = window;
    const size_t size = trd_match_footprint(&def);
    cr_assert(size >= 1 << 20);
    cr_assert(eq(int, size >= 1 << 24, window == 65536));
    return match_of(played, &def);
}

static trd_match *large_match(const script *played) {
    return wide_match(played, 65536);
}

/* Runs the whole array with an output that is drained whenever it is full. */
static void run_all(
    trd_match *match, const trd_command *commands, uint32_t slots, uint32_t capacity, follower *f) {
    uint32_t at = 0;
    while (at < slots) {
        trd_out out = {.events = f->room, .capacity = capacity};
        size_t done;
        int result = trd_match_run(match, commands + at, slots - at, &done, &out);
        cr_assert(done > 0 && done <= slots - at);
        at += (uint32_t)done;
        follow(f, &out);
        while (result == TRD_MORE) {
            out.count = 0;
            result = trd_match_step(match, NULL, &out);
            follow(f, &out);
        }
        cr_assert(eq(int, result, TRD_OK));
    }
}

/* Runs the whole array with an output that holds all its events. */
static uint32_t run_at_once(
    trd_match *match, const trd_command *commands, uint32_t slots, trd_event *room) {
    trd_out out = {.events = room, .capacity = OUT_ROOM};
    size_t done;
    cr_assert(eq(int, trd_match_run(match, commands, slots, &done, &out), TRD_OK));
    cr_assert(eq(sz, done, slots));
    return out.count;
}

Test(match, run_reads_nothing_behind_the_end_of_the_array, .timeout = 120) {
    const uint64_t seed = draw_seed(14);
    script *played = script_create();
    follower *f = calloc(1, sizeof(*f));
    const cliff edge = cliff_make(128 * sizeof(trd_command));
    for (uint64_t number = 0; number < 18; number++) {
        play(played, seed, number, 3000);
        *f = (follower){.played = played, .what = "at the end of memory"};
        dice rng = dice_seeded(number);
        trd_match *match = number % 3 == 0 ? wide_match(played, 8192) : large_match(played);
        for (uint32_t at = 0; at < played->slot_count;) {
            /* Whole records, as many as a drawn number of slots asks for. */
            const uint32_t wanted = (uint32_t)dice_in(&rng, 1, 40);
            uint32_t count = 0;
            while (count < wanted && at + count < played->slot_count) {
                count += stride_of(played, at + count);
            }
            const uint32_t capacity = TRD_OUT_MIN + (uint32_t)dice_below(&rng, 64);
            run_all(match, at_cliff(&edge, &played->slots[at], count), count, capacity, f);
            at += count;
        }
        follow_to_end(f);
        trd_match_destroy(match);
    }
    cliff_free(&edge);
    free(f);
    free(played);
}

/* A record that the end cuts is refused without a look at what would follow it: cut where memory
 * ends, and cut in the middle of an array that goes on, it has the same events. */
Test(match, a_record_that_the_end_cuts_is_the_same_whatever_lies_behind_it, .timeout = 120) {
    const uint64_t seed = draw_seed(15);
    static trd_event left[OUT_ROOM];
    static trd_event right[OUT_ROOM];
    script *played = script_create();
    const cliff edge = cliff_make(128 * sizeof(trd_command));
    uint32_t cuts = 0;
    for (uint64_t number = 0; number < 12; number++) {
        play(played, seed, number, 3000);
        dice rng = dice_seeded(number);
        trd_match *at_end = large_match(played);
        trd_match *in_array = large_match(played);
        for (uint32_t at = 0; at < played->slot_count;) {
            uint32_t count = (uint32_t)dice_in(&rng, 1, 30);
            count = count < played->slot_count - at ? count : played->slot_count - at;
            for (uint32_t i = 0, stride; i < count; i += stride) {
                stride = stride_of(played, at + i);
                cuts += i + stride > count;
            }
            const uint32_t events =
                run_at_once(at_end, at_cliff(&edge, &played->slots[at], count), count, left);
            const uint32_t same = run_at_once(in_array, &played->slots[at], count, right);
            cr_assert(eq(u32, events, same));
            cr_assert(memcmp(left, right, events * sizeof(*left)) == 0);
            at += count;
        }
        trd_match_destroy(at_end);
        trd_match_destroy(in_array);
    }
    cr_assert(cuts > 10, "%u cuts", cuts);
    cliff_free(&edge);
    free(played);
}
