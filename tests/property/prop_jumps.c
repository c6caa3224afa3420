/* prop_jumps.c - deep books whose best jumps, against arrays that are searched.
 *
 * Prices lie in a few stretches, dense within and far from each other, up to both ends of int64.
 * Orders go to the best stretches and away again, so that the window of a side leaves hundreds of
 * levels behind, comes back to them, and takes them back piece by piece (book/store.h). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include <tradsys/book.h>

#include "draw.h"

enum { STRETCHES = 5, WIDTH = 2048, LEVELS_MAX = STRETCHES * WIDTH, RUNS = 60, STEPS = 4000 };

/* Lowest prices of the stretches: the second and third may share a window. */
static const trd_px low[STRETCHES] = {
    INT64_MIN, -3000, 0, INT64_C(1000000000000), INT64_MAX - (WIDTH - 1)};

/* The naive side: the quantity of every price, and how many there are in each stretch. */
typedef struct model {
    trd_qty qty[STRETCHES][WIDTH];
    uint32_t count[STRETCHES];
    uint32_t levels;
} model;

/* What is tried, in percent; drawn for each run. */
typedef struct odds {
    int64_t fill;   /* a stretch gets many levels at once */
    int64_t best;   /* the best level is removed */
    int64_t remove; /* some level is removed */
    int64_t clear;  /* the best stretch is emptied from the best on */
    int64_t trim;
} odds;

typedef struct run {
    draw rng;
    odds odds;
    unsigned side;
    trd_level_book *book;
    model model;
    trd_level depth[LEVELS_MAX];
} run;

static void set(run *r, uint32_t stretch, uint32_t at, trd_qty qty) {
    trd_qty *have = &r->model.qty[stretch][at];
    const int expected = qty == 0 && *have == 0 ? TRD_E_UNKNOWN : TRD_OK;
    cr_assert(
        eq(int, trd_level_book_set(r->book, r->side, low[stretch] + (trd_px)at, qty), expected));
    const int change = (qty != 0) - (*have != 0);
    r->model.count[stretch] += (uint32_t)change;
    r->model.levels += (uint32_t)change;
    *have = qty;
}

/* Walks the model from the best: stores up to `max` levels and returns how many. */
static uint32_t walk(const run *r, trd_level *out, uint32_t max) {
    const bool down = r->side == TRD_BUY;
    uint32_t found = 0;
    for (uint32_t i = 0; i < STRETCHES; i++) {
        const uint32_t stretch = down ? STRETCHES - 1 - i : i;
        for (uint32_t j = 0; j < WIDTH && r->model.count[stretch] > 0 && found < max; j++) {
            const uint32_t at = down ? WIDTH - 1 - j : j;
            if (r->model.qty[stretch][at] > 0) {
                out[found++] =
                    (trd_level){.px = low[stretch] + (trd_px)at, .qty = r->model.qty[stretch][at]};
            }
        }
    }
    return found;
}

static void remove_px(run *r, trd_px px) {
    uint32_t stretch = STRETCHES - 1;
    while (px < low[stretch]) {
        stretch--;
    }
    set(r, stretch, (uint32_t)((uint64_t)px - (uint64_t)low[stretch]), 0);
}

static void remove_best(run *r, uint32_t count) {
    trd_level best;
    for (; count > 0 && walk(r, &best, 1) == 1; count--) {
        remove_px(r, best.px);
    }
}

static void fill(run *r) {
    const uint32_t stretch = (uint32_t)draw_in(&r->rng, 0, STRETCHES - 1);
    const int64_t first = draw_in(&r->rng, 0, WIDTH - 1);
    const int64_t step = draw_in(&r->rng, 1, 3);
    const int64_t count = draw_in(&r->rng, 1, 600);
    for (int64_t i = 0; i < count && first + i * step < WIDTH; i++) {
        set(r, stretch, (uint32_t)(first + i * step), draw_in(&r->rng, 1, INT64_MAX));
    }
}

static void trim(run *r) {
    static trd_level behind[LEVELS_MAX];
    const uint32_t keep = (uint32_t)draw_in(&r->rng, 0, r->model.levels);
    const uint32_t levels = walk(r, behind, LEVELS_MAX);
    cr_assert(eq(int, trd_level_book_trim(r->book, r->side, keep), (int)(levels - keep)));
    for (uint32_t i = keep; i < levels; i++) {
        uint32_t stretch = STRETCHES - 1;
        while (behind[i].px < low[stretch]) {
            stretch--;
        }
        r->model.qty[stretch][(uint64_t)behind[i].px - (uint64_t)low[stretch]] = 0;
        r->model.count[stretch]--;
        r->model.levels--;
    }
}

static void one_step(run *r) {
    const uint32_t stretch = (uint32_t)draw_in(&r->rng, 0, STRETCHES - 1);
    const uint32_t at = (uint32_t)draw_in(&r->rng, 0, WIDTH - 1);
    if (draw_chance(&r->rng, r->odds.fill)) {
        fill(r);
    } else if (draw_chance(&r->rng, r->odds.best)) {
        remove_best(r, 1);
    } else if (draw_chance(&r->rng, r->odds.clear)) {
        remove_best(r, (uint32_t)draw_in(&r->rng, 1, 300));
    } else if (draw_chance(&r->rng, r->odds.trim)) {
        trim(r);
    } else {
        const bool removes = draw_chance(&r->rng, r->odds.remove);
        set(r, stretch, at, removes ? 0 : draw_in(&r->rng, 1, INT64_MAX));
    }
}

static void compare_best(const run *r) {
    trd_level want = {0};
    trd_level have = {0};
    const int count = (int)walk(r, &want, 1);
    cr_assert(eq(int, trd_level_book_best(r->book, r->side, &have), count));
    if (count == 1) {
        cr_assert(have.px == want.px && have.qty == want.qty);
    }
    cr_assert(eq(int, trd_level_book_count(r->book, r->side), (int)r->model.levels));
}

static void compare_all(run *r) {
    static trd_level want[LEVELS_MAX];
    const uint32_t count = walk(r, want, LEVELS_MAX);
    cr_assert(eq(int, trd_level_book_depth(r->book, r->side, r->depth, LEVELS_MAX), (int)count));
    cr_assert(memcmp(r->depth, want, count * sizeof(*want)) == 0);
    for (uint32_t i = 0; i < count; i += 7) {
        cr_assert(eq(i64, trd_level_book_get(r->book, r->side, want[i].px), want[i].qty));
    }
    const int audit = trd_level_book_audit(r->book);
    cr_assert(eq(int, audit, TRD_OK));
}

Test(jumps, a_book_whose_best_jumps_is_what_the_arrays_say, .timeout = 120) {
    static run r;
    r.rng = draw_seeded(21);
    for (int number = 0; number < RUNS; number++) {
        memset(&r.model, 0, sizeof(r.model));
        r.side = number % 2 == 0 ? TRD_BUY : TRD_SELL;
        r.odds = (odds){.fill = draw_in(&r.rng, 1, 10),
            .best = draw_in(&r.rng, 0, 90),
            .remove = draw_in(&r.rng, 0, 60),
            .clear = draw_in(&r.rng, 0, 10),
            .trim = draw_in(&r.rng, 0, 1)};
        trd_level_book_def def = trd_level_book_def_default();
        def.levels_max = LEVELS_MAX;
        def.window = (uint32_t)64 << draw_in(&r.rng, 0, 10);
        r.book = trd_level_book_create(&def);
        cr_assert(r.book != NULL);
        for (int step = 0; step < STEPS; step++) {
            one_step(&r);
            compare_best(&r);
            if (step % 100 == 0) {
                compare_all(&r);
            }
        }
        trd_level_book_destroy(r.book);
    }
}
