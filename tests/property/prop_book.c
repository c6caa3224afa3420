/* prop_book.c - the life of books against lists of levels and orders that are searched linearly.
 *
 * Each run draws its market: from a spread of one tick to the whole int64 range, at rest, drifting
 * or jumping, somewhere or at the end of the prices; and its feed: how much is added and removed,
 * and from which end. Blocks are moved to other memory on the way. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "books.h"
#include "core/fixed.h"
#include "draw.h"

/* --- prices ---------------------------------------------------------------------------------- */

typedef struct market {
    trd_px center;
    int spread_bits; /* prices are within +-2^bits of the centre; 0: it is the only price */
    int64_t drift;   /* ticks per step */
    int jumps;       /* in 1,000 steps: to another centre */
    int extremes;    /* percent: prices at the end of the range */
    int scale;       /* bits of the centres it jumps to */
} market;

static trd_px clamp(trd_wide px) {
    return px > INT64_MAX ? INT64_MAX : px < INT64_MIN ? INT64_MIN : (trd_px)px;
}

static trd_px draw_center(draw *d, int scale) {
    if (draw_chance(d, 10)) {
        return draw_chance(d, 50) ? INT64_MIN : INT64_MAX;
    }
    const int64_t size = draw_size(d, scale);
    return draw_chance(d, 50) ? size : -size;
}

static market draw_market(draw *d) {
    market m = {.scale = (int)draw_in(d, 4, 63)};
    m.center = draw_center(d, m.scale);
    m.spread_bits = draw_chance(d, 70) ? (int)draw_in(d, 0, 14) : (int)draw_in(d, 0, 63);
    m.drift = draw_chance(d, 50) ? 0 : draw_in(d, -40, 40);
    m.jumps = draw_chance(d, 50) ? 0 : (int)draw_in(d, 1, 20);
    m.extremes = draw_chance(d, 80) ? 0 : (int)draw_in(d, 1, 30);
    return m;
}

static void market_step(draw *d, market *m) {
    m->center = clamp((trd_wide)m->center + m->drift);
    if (draw_in(d, 0, 999) < m->jumps) {
        m->center = draw_center(d, m->scale);
    }
}

static trd_px draw_px(draw *d, const market *m) {
    if (draw_chance(d, m->extremes)) {
        const int64_t off = draw_in(d, 0, 2);
        return draw_chance(d, 50) ? INT64_MAX - off : INT64_MIN + off;
    }
    const trd_wide reach = ((trd_wide)1 << m->spread_bits) - 1;
    return (trd_px)draw_in(d, clamp(m->center - reach), clamp(m->center + reach));
}

static uint32_t draw_window(draw *d) {
    return 64u << (draw_chance(d, 75) ? draw_in(d, 0, 4) : draw_in(d, 5, 10));
}

/* An audit walks the windows: less often if they are wide. */
static int audit_period(draw *d, uint32_t window) {
    return (int)draw_in(d, 1, 40) + (int)window / 128;
}

/* --- by level -------------------------------------------------------------------------------- */

enum { LEVELS_MAX = 600 };

/* One side: its levels, best first. */
typedef struct list {
    trd_level levels[LEVELS_MAX];
    int count;
} list;

static bool better(unsigned side, trd_px a, trd_px b) {
    return side == TRD_BUY ? a > b : a < b;
}

/* Where the price is, or would be. */
static int list_at(const list *l, unsigned side, trd_px px) {
    int at = 0;
    while (at < l->count && better(side, l->levels[at].px, px)) {
        at++;
    }
    return at;
}

static bool list_has(const list *l, int at, trd_px px) {
    return at < l->count && l->levels[at].px == px;
}

static int list_set(list *sides, unsigned side, trd_px px, trd_qty qty, int levels_max) {
    list *l = &sides[side - 1];
    const int at = list_at(l, side, px);
    trd_level *level = &l->levels[at];
    const size_t behind = (size_t)(l->count - at);
    if (list_has(l, at, px)) {
        if (qty > 0) {
            level->qty = qty;
        } else {
            memmove(level, level + 1, (behind - 1) * sizeof(*level));
            l->count--;
        }
        return TRD_OK;
    }
    if (qty == 0) {
        return TRD_E_UNKNOWN;
    }
    if (sides[0].count + sides[1].count == levels_max) {
        return TRD_E_FULL;
    }
    memmove(level + 1, level, behind * sizeof(*level));
    *level = (trd_level){.px = px, .qty = qty};
    l->count++;
    return TRD_OK;
}

static void check_levels(const trd_level_book *book, const list *sides) {
    static trd_level seen[LEVELS_MAX + 1];
    cr_assert(eq(int, trd_level_book_audit(book), 0));
    for (unsigned side = TRD_BUY; side <= TRD_SELL; side++) {
        const list *l = &sides[side - 1];
        cr_assert(eq(int, trd_level_book_depth(book, side, seen, LEVELS_MAX + 1), l->count));
        cr_assert(levels_equal(seen, l->levels, l->count));
        cr_assert(eq(int, trd_level_book_count(book, side), l->count));
    }
}

static void check_best(const trd_level_book *book, const list *sides, unsigned side, trd_px px) {
    const list *l = &sides[side - 1];
    trd_level best;
    cr_assert(trd_level_book_best(book, side, &best) == (l->count > 0));
    cr_assert(l->count == 0 || levels_equal(&best, l->levels, 1));
    const int at = list_at(l, side, px);
    cr_assert(trd_level_book_get(book, side, px) == (list_has(l, at, px) ? l->levels[at].qty : 0));
}

/* The odds of a feed, in percent: of 100 updates so many remove, and of these from the best or the
 * worst end; the rest removes somewhere. */
typedef struct odds {
    int removes;
    int from_best;
    int from_worst;
    int trims; /* in 1,000 */
    int moves; /* in 1,000: the block goes elsewhere */
    int period;
} odds;

static odds draw_odds(draw *d) {
    const int from_best = (int)draw_in(d, 0, 100);
    return (odds){
        .removes = (int)draw_in(d, 5, 70),
        .from_best = from_best,
        .from_worst = (int)draw_in(d, 0, 100 - from_best),
        .trims = draw_chance(d, 60) ? 0 : (int)draw_in(d, 1, 50),
        .moves = draw_chance(d, 70) ? 0 : 5,
        .period = (int)draw_in(d, 20, 2000),
    };
}

static trd_px draw_victim(draw *d, const odds *o, const market *m, const list *l) {
    const int64_t kind = draw_in(d, 0, 99);
    if (l->count == 0 || draw_chance(d, 5)) {
        return draw_px(d, m);
    }
    return kind < o->from_best                   ? l->levels[0].px
           : kind < o->from_best + o->from_worst ? l->levels[l->count - 1].px
                                                 : l->levels[draw_in(d, 0, l->count - 1)].px;
}

static void live_by_level(draw *d, int steps) {
    static list sides[2];
    trd_level_book_def def = trd_level_book_def_default();
    def.levels_max = (uint32_t)draw_in(d, 2, draw_chance(d, 20) ? 20 : LEVELS_MAX);
    def.window = draw_window(d);
    market m = draw_market(d);
    const odds o = draw_odds(d);
    const int audits = audit_period(d, def.window);
    block mem = block_new(trd_level_book_footprint(&def));
    trd_level_book *book = trd_level_book_init(mem.at, &def);
    memset(sides, 0, sizeof(sides));
    for (int step = 0; step < steps; step++) {
        const unsigned side = (unsigned)draw_in(d, TRD_BUY, TRD_SELL);
        list *l = &sides[side - 1];
        market_step(d, &m);
        /* Every other period empties what the one before it built. */
        const int removes = step / o.period % 2 == 0 ? o.removes : 95 - o.removes / 4;
        const bool remove = draw_chance(d, removes);
        const trd_px px = remove ? draw_victim(d, &o, &m, l) : draw_px(d, &m);
        const trd_qty qty = remove ? 0 : draw_size(d, 63);
        const int want = list_set(sides, side, px, qty, (int)def.levels_max);
        cr_assert(trd_level_book_set(book, side, px, qty) == want, "step %d", step);
        check_best(book, sides, side, px);
        if (draw_in(d, 0, 999) < o.trims) {
            const int keep = (int)draw_in(d, 0, l->count + 1);
            const int gone = l->count > keep ? l->count - keep : 0;
            cr_assert(eq(int, trd_level_book_trim(book, side, (uint32_t)keep), gone));
            l->count -= gone;
        }
        if (draw_in(d, 0, 999) < o.moves) {
            mem = block_moved(&mem);
            book = (trd_level_book *)(void *)mem.at;
        }
        if (step % audits == 0) {
            check_levels(book, sides);
        }
    }
    check_levels(book, sides);
    cr_assert(block_guards_intact(&mem));
    block_free(&mem);
}

Test(level_book, shows_what_a_list_of_levels_shows) {
    draw d = draw_seeded(4);
    for (int run = 0; run < 300; run++) {
        live_by_level(&d, 2000);
    }
}

/* --- by order -------------------------------------------------------------------------------- */

enum { ORDERS_MAX = 150, INSTRUMENTS = 3 };

/* Orders of all books, those that came to their level earlier first. */
typedef struct crowd {
    trd_book_order orders[ORDERS_MAX];
    int count;
} crowd;

static int crowd_at(const crowd *c, uint64_t ref) {
    int at = 0;
    while (at < c->count && c->orders[at].ref != ref) {
        at++;
    }
    return at;
}

static bool same_side(const trd_book_order *order, uint32_t instrument, unsigned side) {
    return order->instrument == instrument && order->side == side;
}

static void crowd_erase(crowd *c, int at) {
    c->count--;
    memmove(&c->orders[at], &c->orders[at + 1], (size_t)(c->count - at) * sizeof(c->orders[0]));
}

/* The level of a price, without the order at `except`. */
static trd_level crowd_level(
    const crowd *c, uint32_t instrument, unsigned side, trd_px px, int except) {
    trd_level level = {.px = px};
    for (int i = 0; i < c->count; i++) {
        if (i != except && same_side(&c->orders[i], instrument, side) && c->orders[i].px == px) {
            level.qty += c->orders[i].qty;
            level.count++;
        }
    }
    return level;
}

/* Levels of a side, best first: the best price behind the last one, again and again. */
static int crowd_depth(const crowd *c, uint32_t instrument, unsigned side, trd_level *out) {
    int count = 0;
    for (;;) {
        const trd_book_order *next = NULL;
        for (int i = 0; i < c->count; i++) {
            const trd_book_order *order = &c->orders[i];
            if (same_side(order, instrument, side) &&
                (count == 0 || better(side, out[count - 1].px, order->px)) &&
                (next == NULL || better(side, order->px, next->px))) {
                next = order;
            }
        }
        if (next == NULL) {
            return count;
        }
        out[count++] = crowd_level(c, instrument, side, next->px, -1);
    }
}

static const trd_book_order *crowd_first(const crowd *c, uint32_t instrument, unsigned side) {
    const trd_book_order *first = NULL;
    for (int i = 0; i < c->count; i++) {
        if (same_side(&c->orders[i], instrument, side) &&
            (first == NULL || better(side, c->orders[i].px, first->px))) {
            first = &c->orders[i];
        }
    }
    return first;
}

static bool orders_equal(const trd_book_order *a, const trd_book_order *b) {
    return a->ref == b->ref && a->px == b->px && a->qty == b->qty &&
           a->instrument == b->instrument && a->side == b->side;
}

static void check_first(
    const trd_order_book *book, const crowd *c, uint32_t instrument, unsigned side) {
    trd_book_order first;
    const trd_book_order *want = crowd_first(c, instrument, side);
    cr_assert(trd_order_book_first(book, instrument, side, &first) == (want != NULL));
    cr_assert(want == NULL || orders_equal(&first, want));
    trd_level best;
    cr_assert(trd_order_book_best(book, instrument, side, &best) == (want != NULL));
    if (want != NULL) {
        const trd_level level = crowd_level(c, instrument, side, want->px, -1);
        cr_assert(levels_equal(&best, &level, 1));
    }
}

static void check_orders(const trd_order_book *book, const crowd *c, uint32_t instruments) {
    trd_level seen[ORDERS_MAX + 1], want[ORDERS_MAX];
    cr_assert(eq(int, trd_order_book_audit(book), 0));
    cr_assert(eq(u32, trd_order_book_count(book), (uint32_t)c->count));
    for (uint32_t at = 0; at < instruments * 2; at++) {
        const int count = crowd_depth(c, at / 2, at % 2 + 1, want);
        cr_assert(
            eq(int, trd_order_book_depth(book, at / 2, at % 2 + 1, seen, ORDERS_MAX + 1), count));
        cr_assert(levels_equal(seen, want, count));
    }
    for (int i = 0; i < c->count; i++) {
        trd_book_order found;
        cr_assert(trd_order_book_find(book, c->orders[i].ref, &found) == TRD_OK);
        cr_assert(orders_equal(&found, &c->orders[i]));
    }
}

typedef struct feed {
    trd_order_book *book;
    crowd *crowd;
    int orders_max;
    uint32_t instruments;
    market market;
    uint64_t refs, stride; /* references are one of `refs` multiples of `stride` */
    int qty_bits;
    int adds, replaces, reduces; /* percent; the rest removes */
    int first;                   /* percent: it is the first of its side that is changed */
    int strangers;               /* percent: of references that need not live */
} feed;

static feed draw_feed(draw *d) {
    feed f = {
        .orders_max = (int)draw_in(d, 1, draw_chance(d, 20) ? 8 : ORDERS_MAX),
        .instruments = (uint32_t)draw_in(d, 1, INSTRUMENTS),
        .market = draw_market(d),
        .refs = (uint64_t)draw_in(d, 2, 1000),
        .stride = draw_chance(d, 50) ? 1 : draw_u64(d) | 1,
        .qty_bits = draw_chance(d, 60) ? (int)draw_in(d, 1, 40) : 63,
        .adds = (int)draw_in(d, 10, 80),
        .first = (int)draw_in(d, 0, 100),
        .strangers = (int)draw_in(d, 1, 20),
    };
    f.replaces = (int)draw_in(d, 0, 100 - f.adds);
    f.reduces = (int)draw_in(d, 0, 100 - f.adds - f.replaces);
    return f;
}

static uint64_t draw_ref(draw *d, const feed *f) {
    return draw_u64(d) % f->refs * f->stride;
}

/* An order that lives, most of the time. */
static uint64_t draw_living(draw *d, const feed *f) {
    const crowd *c = f->crowd;
    if (c->count == 0 || draw_chance(d, f->strangers)) {
        return draw_ref(d, f);
    }
    const trd_book_order *any = &c->orders[draw_in(d, 0, c->count - 1)];
    return draw_chance(d, f->first) ? crowd_first(c, any->instrument, any->side)->ref : any->ref;
}

static bool overflows(trd_qty a, trd_qty b) {
    return !trd_fits((trd_wide)a + b);
}

/* Of several reasons any may be given: true if `result` is one that applies, or TRD_OK and none
 * does. */
static bool fair(int result, bool exists, bool range, bool full) {
    return result == TRD_E_EXISTS  ? exists
           : result == TRD_E_RANGE ? range
           : result == TRD_E_FULL  ? full
                                   : result == TRD_OK && !exists && !range && !full;
}

static void feed_add(draw *d, feed *f) {
    crowd *c = f->crowd;
    const trd_book_order order = {.ref = draw_ref(d, f),
        .px = draw_px(d, &f->market),
        .qty = draw_size(d, f->qty_bits),
        .instrument = (uint32_t)draw_in(d, 0, f->instruments - 1),
        .side = (uint8_t)draw_in(d, TRD_BUY, TRD_SELL)};
    const int result = trd_order_book_add(f->book, &order);
    const trd_level level = crowd_level(c, order.instrument, order.side, order.px, -1);
    cr_assert(fair(result, crowd_at(c, order.ref) < c->count, overflows(level.qty, order.qty),
                  c->count == f->orders_max),
        "%d", result);
    if (result == TRD_OK) {
        c->orders[c->count++] = order;
    }
    check_first(f->book, c, order.instrument, order.side);
}

static void feed_replace(draw *d, feed *f, uint64_t ref) {
    crowd *c = f->crowd;
    const int at = crowd_at(c, ref);
    trd_book_order order = {.ref = draw_chance(d, 30) ? ref : draw_ref(d, f),
        .px = draw_px(d, &f->market),
        .qty = draw_size(d, f->qty_bits),
        .instrument = (uint32_t)draw_u64(d),
        .side = (uint8_t)draw_u64(d)};
    if (at < c->count && draw_chance(d, 30)) {
        order.px = c->orders[at].px;
    }
    const int result = trd_order_book_replace(f->book, ref, &order);
    if (at == c->count) {
        cr_assert(eq(int, result, TRD_E_UNKNOWN));
        return;
    }
    order.instrument = c->orders[at].instrument;
    order.side = c->orders[at].side;
    const trd_level level = crowd_level(c, order.instrument, order.side, order.px, at);
    cr_assert(fair(result, order.ref != ref && crowd_at(c, order.ref) < c->count,
                  overflows(level.qty, order.qty), false),
        "%d", result);
    if (result == TRD_OK) {
        crowd_erase(c, at);
        c->orders[c->count++] = order;
    }
    check_first(f->book, c, order.instrument, order.side);
}

static void feed_reduce(draw *d, feed *f, uint64_t ref) {
    crowd *c = f->crowd;
    const int at = crowd_at(c, ref);
    trd_book_order *order = &c->orders[at];
    const trd_qty qty =
        at < c->count && draw_chance(d, 90) ? draw_in(d, 1, order->qty) : draw_size(d, f->qty_bits);
    const int result = trd_order_book_reduce(f->book, ref, qty);
    if (at == c->count || qty > order->qty) {
        cr_assert(eq(int, result, at == c->count ? TRD_E_UNKNOWN : TRD_E_RANGE));
        return;
    }
    cr_assert(eq(int, result, TRD_OK));
    const trd_book_order before = *order;
    order->qty -= qty;
    if (order->qty == 0) {
        crowd_erase(c, at);
    }
    check_first(f->book, c, before.instrument, before.side);
}

static void feed_remove(feed *f, uint64_t ref) {
    crowd *c = f->crowd;
    const int at = crowd_at(c, ref);
    const int result = trd_order_book_remove(f->book, ref);
    cr_assert(eq(int, result, at < c->count ? TRD_OK : TRD_E_UNKNOWN));
    if (at < c->count) {
        const trd_book_order before = c->orders[at];
        crowd_erase(c, at);
        check_first(f->book, c, before.instrument, before.side);
    }
}

static void live_by_order(draw *d, int steps) {
    static crowd c;
    feed f = draw_feed(d);
    trd_order_book_def def = trd_order_book_def_default();
    def.instruments_max = f.instruments;
    def.orders_max = (uint32_t)f.orders_max;
    def.window = draw_window(d);
    def.hash_seed = draw_u64(d);
    const int audits = audit_period(d, def.window * f.instruments);
    const int moves = draw_chance(d, 70) ? 0 : 5;
    block mem = block_new(trd_order_book_footprint(&def));
    f.book = trd_order_book_init(mem.at, &def);
    f.crowd = &c;
    c.count = 0;
    for (int step = 0; step < steps; step++) {
        const int64_t kind = draw_in(d, 0, 99);
        market_step(d, &f.market);
        if (kind < f.adds) {
            feed_add(d, &f);
        } else if (kind < f.adds + f.replaces) {
            feed_replace(d, &f, draw_living(d, &f));
        } else if (kind < f.adds + f.replaces + f.reduces) {
            feed_reduce(d, &f, draw_living(d, &f));
        } else {
            feed_remove(&f, draw_living(d, &f));
        }
        if (draw_in(d, 0, 999) < moves) {
            mem = block_moved(&mem);
            f.book = (trd_order_book *)(void *)mem.at;
        }
        if (step % audits == 0) {
            check_orders(f.book, &c, f.instruments);
        }
    }
    check_orders(f.book, &c, f.instruments);
    cr_assert(block_guards_intact(&mem));
    block_free(&mem);
}

Test(order_book, shows_what_a_list_of_orders_shows) {
    draw d = draw_seeded(5);
    for (int run = 0; run < 250; run++) {
        live_by_order(&d, 1200);
    }
}
