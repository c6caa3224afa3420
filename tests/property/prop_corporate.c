/* prop_corporate.c - splits in the middle of random lives of a matcher (life.h), with orders of
 * every kind: after each unit the audit holds, every live order is told once, and the lives go on.
 *
 * What the new terms are is shown by prop_split.c, for the orders that an engine takes. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "life.h"
#include "match/corporate.h"
#include "match/force.h"
#include "match/rich.h"

enum { RUNS = 250, SLOTS_MAX = 1500, OUT_ROOM = 1 << 14, HANDLES = 1 << 12 };

/* Quotes are never split; orders with a budget are none of an engine's. */
static const uint32_t features = LIFE_ALL & ~(LIFE_VERDICT | LIFE_QUOTE | LIFE_BUDGET);

typedef struct world {
    life life;
    trd_command slots[SLOTS_MAX + LIFE_RECORD_SLOTS];
    uint32_t slot_count;
    trd_event events[OUT_ROOM];
    trd_order told[HANDLES];
    uint32_t told_count;
    uint64_t restated, ended, by_kind[TRD_TYPE_PEGGED + 1], linked;
} world;

static trd_match *match_of(const world *w) {
    trd_match *match = trd_match_create(&w->life.def);
    cr_assert(ne(ptr, match, NULL));
    for (uint32_t i = 0; i < w->life.instruments; i++) {
        cr_assert(eq(int, trd_match_add(match, &w->life.spec[i]), (int)i));
        cr_assert(eq(int, trd_match_configure(match, i, &w->life.profile[i]), TRD_OK));
    }
    return match;
}

/* Draws a life and keeps its records; the model says what is worth sending. */
static void record(world *w, uint64_t seed) {
    w->slot_count = 0;
    life_begin(&w->life, seed, features);
    trd_match *match = match_of(w);
    naive_match *model = naive_create(&w->life.def);
    for (uint32_t i = 0; i < w->life.instruments; i++) {
        naive_add(model, &w->life.spec[i]);
        naive_configure(model, i, &w->life.profile[i]);
    }
    while (w->slot_count < SLOTS_MAX) {
        trd_command *slot = &w->slots[w->slot_count];
        const uint32_t count = life_next(&w->life, model, slot);
        for (uint32_t at = 0; at < count; at += naive_stride(&slot[at])) {
            trd_out out = {.events = w->events, .capacity = OUT_ROOM};
            trd_order handles[TRD_SLOTS_MAX];
            uint32_t accepted = 0;
            cr_assert(eq(int, trd_match_step(match, &slot[at], &out), TRD_OK));
            for (uint32_t i = 0; i < out.count; i += out.events[i].slots) {
                if (out.events[i].kind == TRD_EVENT_ACCEPTED && accepted < TRD_SLOTS_MAX) {
                    handles[accepted] = out.events[i].u.order.order;
                    life_learn(&w->life, handles[accepted++]);
                }
            }
            naive_step(model, &slot[at], handles, accepted);
        }
        w->slot_count += count;
    }
    naive_destroy(model);
    trd_match_destroy(match);
}

static void sound(const trd_match *match) {
    const int result = trd_match_audit(match);
    cr_assert(eq(int, result, TRD_OK), "line %d", -result);
}

static void once(world *w, trd_order order) {
    for (uint32_t i = 0; i < w->told_count; i++) {
        cr_assert(ne(u64, w->told[i], order));
    }
    cr_assert(w->told_count < HANDLES);
    w->told[w->told_count++] = order;
}

static void count(world *w, const trd_match *match, const trd_split_order *order, bool ends) {
    trd_order_info info;
    once(w, order->order);
    w->ended += ends;
    if (!ends) {
        cr_assert(eq(int, trd_match_order(match, order->order, &info), TRD_OK));
        cr_assert(eq(i64, info.leaves, order->lots));
        w->restated++;
        w->by_kind[info.type]++;
        w->linked += order->number != 0 && trd__special(match, order->number)->linked != 0;
    }
}

/* Positions as the accounts of an engine would have them. */
static void split_positions(const world *w, trd_match *match, const trd_split_terms *terms) {
    for (uint32_t account = 0; w->life.def.positions_max != 0 && account < 64; account++) {
        for (unsigned side = TRD_POSITION_NET; side <= TRD_POSITION_SHORT; side++) {
            trd_qty qty = 0;
            cr_assert(
                eq(int, trd_match_position(match, account, terms->instrument, side, &qty), TRD_OK));
            const __int128 next = (__int128)qty * terms->numerator / terms->denominator;
            if (next < ((__int128)1 << 60) && next > -((__int128)1 << 60)) {
                trd__match_set_position(match, account, terms->instrument, side, (trd_qty)next);
            }
        }
    }
}

static void split(world *w, draw *rng, trd_match *match, uint32_t instrument) {
    const trd_split_terms terms = {.instrument = instrument,
        .numerator = (uint32_t)draw_in(rng, 1, 6),
        .denominator = (uint32_t)draw_in(rng, 1, 6)};
    const uint32_t others = match->store.orders;
    trd_split_walk walk;
    trd_split_order order;
    uint32_t ended = 0;
    int what;
    w->told_count = 0;
    trd__split_begin(match, &walk, &terms);
    while ((what = trd__split_next(match, &walk, &order)) != TRD_SPLIT_OVER) {
        trd_out out = {.events = w->events, .capacity = OUT_ROOM};
        if (what == TRD_SPLIT_ORDER) {
            const bool ends = order.ends || draw_in(rng, 0, 19) == 0; /* what is held refuses it */
            trd__split_apply(match, &out, &walk, &order, ends);
            cr_assert(out.count <= 5);
            count(w, match, &order, ends);
            ended += ends;
        }
        sound(match);
    }
    cr_assert(eq(u32, match->store.orders, others - ended));
    for (uint32_t i = 0; i < w->told_count; i++) { /* and no other one is of the instrument */
        trd_order_info info;
        if (trd_match_order(match, w->told[i], &info) == TRD_OK) {
            cr_assert(eq(u32, info.instrument, instrument));
        }
    }
    split_positions(w, match, &terms);
    trd__split_settle(match, &walk);
    trd_out out = {.events = w->events, .capacity = OUT_ROOM};
    cr_assert(eq(int, trd_match_step(match, NULL, &out), TRD_OK));
    sound(match);
}

/* Live orders of an instrument, counted in another way. */
static uint32_t orders_of(const trd_match *match, uint32_t instrument) {
    trd_walk walk = {0};
    uint32_t count = 0;
    while (trd__walk_next(match, instrument, &walk) != 0) {
        count++;
    }
    return count;
}

static void replay(world *w, draw *rng) {
    trd_match *match = match_of(w);
    const int64_t odds = draw_in(rng, 5, 60);
    for (uint32_t at = 0; at < w->slot_count; at += naive_stride(&w->slots[at])) {
        trd_out out = {.events = w->events, .capacity = OUT_ROOM};
        cr_assert(eq(int, trd_match_step(match, &w->slots[at], &out), TRD_OK));
        if (draw_in(rng, 0, odds) == 0) {
            const uint32_t i = (uint32_t)draw_in(rng, 0, w->life.instruments - 1);
            if (w->life.spec[i].px_min >= 0) {
                const uint32_t expected = orders_of(match, i);
                split(w, rng, match, i);
                cr_assert(eq(u32, w->told_count, expected));
            }
        }
    }
    sound(match);
    trd_match_destroy(match);
}

static void say(const char *condition, const char *file, int line) {
    fprintf(stderr, "# %s:%d: %s\n", file, line, condition);
}

Test(corporate, a_split_leaves_every_book_sound, .timeout = 120) {
    draw rng = draw_seeded(1);
    trd_on_assert(say);
    world *w = calloc(1, sizeof(*w));
    for (int run = 0; run < RUNS; run++) {
        record(w, draw_u64(&rng));
        replay(w, &rng);
    }
    fprintf(stderr, "# restated %lu, ended %lu, linked %lu\n", w->restated, w->ended, w->linked);
    cr_assert(w->restated > 3000);
    cr_assert(w->ended > 300);
    cr_assert(w->linked > 30);
    static const uint8_t kinds[] = {TRD_TYPE_LIMIT, TRD_TYPE_MARKET, TRD_TYPE_STOP,
        TRD_TYPE_STOP_LIMIT, TRD_TYPE_TOUCHED, TRD_TYPE_TOUCHED_LIMIT, TRD_TYPE_TRAILING_STOP,
        TRD_TYPE_TRAILING_STOP_LIMIT, TRD_TYPE_PEGGED};
    for (size_t i = 0; i < sizeof(kinds); i++) {
        cr_assert(w->by_kind[kinds[i]] > 5, "type %u: %lu", kinds[i], w->by_kind[kinds[i]]);
    }
    free(w);
}
