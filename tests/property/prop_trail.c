/* prop_trail.c - random lives of trailing stops against orders that are looked at one by one, and
 * how much work a life is.
 *
 * Two indices share a pool: one of sells, and one of buys that is driven with negated prices and
 * compared with the rule for buys. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "match/trail.h"

enum { CAPACITY_MAX = 3000, RUNS = 400, STEPS = 1200, SIDES = 2 };

static const trd_px PX_MAX = INT64_C(1) << 62;

/* --- the rules, order by order --------------------------------------------------------------- */

typedef struct stop {
    bool active;
    int side;
    trd_px extreme; /* as the market says it: a low of buys */
    uint32_t unit;
    int64_t offset;
    uint64_t place;
} stop;

__extension__ typedef __int128 wide;

static trd_px trigger_of(const stop *s) {
    wide d = s->offset;
    if (s->unit == TRD_OFFSET_BASIS_POINTS) {
        const wide size = s->extreme < 0 ? -(wide)s->extreme : s->extreme;
        d = size * s->offset / 10000;
        d += size * s->offset % 10000 != 0;
    }
    return (trd_px)(s->side == 0 ? s->extreme - d : s->extreme + d);
}

/* Is the price at the trigger or beyond? */
static bool is_touched(const stop *s, trd_px price) {
    return s->side == 0 ? price <= trigger_of(s) : price >= trigger_of(s);
}

/* Sells: the highest trigger, buys: the lowest; then the lowest place. */
static bool goes_before(const stop *a, const stop *b) {
    const trd_px x = trigger_of(a), y = trigger_of(b);
    if (x != y) {
        return a->side == 0 ? x > y : x < y;
    }
    return a->place < b->place;
}

static void follow(stop *s, trd_px price) {
    if (s->side == 0 ? price > s->extreme : price < s->extreme) {
        s->extreme = price;
    }
}

/* --- a life ---------------------------------------------------------------------------------- */

typedef struct block {
    trd_trail_pool pool;
    trd_trail trails[SIDES];
    trd_trail_node nodes[CAPACITY_MAX + 1];
    trd_trail_node tops[CAPACITY_MAX + 1];
    trd_trail_group groups[CAPACITY_MAX + 1];
} block;

/* The odds of one run, drawn when it begins: percentages unless said otherwise. */
typedef struct odds {
    uint32_t capacity;
    int64_t origin;      /* where the price is at first */
    int64_t step_max;    /* how far it goes at a time */
    int64_t offsets;     /* different offsets in ticks */
    int64_t points;      /* different offsets in basis points */
    int64_t points_unit; /* what those are multiples of */
    int64_t basis_points;
    int64_t up; /* a step goes up: drawn anew now and then, at most up_max */
    int64_t up_max;
    int64_t add, remove; /* the rest of the steps observes */
    int64_t crowd;       /* adding adds many at one price */
    int64_t jump;        /* a price is one that some order has as its extreme, or beside it */
    int64_t other;       /* adding adds at another price than the present one */
    int64_t audit;
    int64_t move;      /* the block is copied to another place */
    uint64_t shuffles; /* place numbers are multiples of it: of 1 they rise, of others not */
} odds;

typedef struct life {
    draw rng;
    odds odds;
    block *at;
    block *spare;
    stop stops[CAPACITY_MAX + 1];
    uint32_t unused[CAPACITY_MAX]; /* numbers of no order */
    uint32_t used[CAPACITY_MAX];   /* numbers of orders */
    uint32_t count;
    trd_px price[SIDES];
    uint64_t added, removed;
} life;

static odds draw_odds(draw *rng) {
    const trd_px origins[] = {
        0, 50, -50, 5000, -5000, 42000, 1000000, -1000000, PX_MAX - 1000, -PX_MAX + 1000};
    const int64_t points = draw_in(rng, 1, draw_chance(rng, 50) ? 10 : 1000);
    odds o = {
        .capacity = (uint32_t)draw_in(rng, 1, 60),
        .origin = origins[draw_below(rng, sizeof(origins) / sizeof(origins[0]))],
        .step_max = draw_size(rng, draw_chance(rng, 10) ? 62 : 12),
        .offsets = draw_size(rng, draw_chance(rng, 10) ? 40 : 10),
        .points = points,
        .points_unit = draw_in(rng, 1, 10000 / points),
        .basis_points = draw_in(rng, 0, 100),
        .up_max = 100,
        .add = draw_in(rng, 10, 70),
        .remove = draw_in(rng, 0, 30),
        .crowd = draw_in(rng, 0, 20),
        .jump = draw_in(rng, 0, 60),
        .other = draw_chance(rng, 50) ? 0 : draw_in(rng, 0, 100),
        .audit = draw_in(rng, 0, 100),
        .move = draw_in(rng, 0, 5),
        .shuffles = draw_chance(rng, 50) ? 1 : draw_u64(rng) | 1,
    };
    if (draw_chance(rng, 20)) {
        /* Many orders: small steps, far triggers. */
        o.capacity = (uint32_t)draw_in(rng, 1000, CAPACITY_MAX);
        o.step_max = draw_in(rng, 1, 50);
        o.offsets = draw_size(rng, 40);
        o.basis_points = draw_in(rng, 0, 40);
        o.jump = draw_in(rng, 0, 10);
        if (draw_chance(rng, 50)) {
            /* Many groups: the price falls, and orders come one by one. */
            o.offsets = TRD_TRAIL_OFFSET_MAX;
            o.basis_points = 0;
            o.up_max = draw_in(rng, 0, 30);
            o.crowd = o.jump = 0;
        }
    }
    return o;
}

static trd_trail_in in_of(block *b) {
    return (trd_trail_in){&b->pool, b->nodes, b->tops, b->groups};
}

/* From the market's prices to those of the index, and back. */
static trd_px turned(int side, trd_px px) {
    return side == 0 ? px : -px;
}

static void add_one(life *l, int side, trd_px extreme) {
    if (l->count == l->odds.capacity) {
        return;
    }
    const uint32_t number = l->unused[l->odds.capacity - l->count - 1];
    const bool points = draw_chance(&l->rng, l->odds.basis_points);
    stop *s = &l->stops[number];
    *s = (stop){
        .active = true,
        .side = side,
        .extreme = extreme,
        .unit = points ? TRD_OFFSET_BASIS_POINTS : TRD_OFFSET_TICKS,
        .offset = points ? draw_in(&l->rng, 1, l->odds.points) * l->odds.points_unit
                         : draw_in(&l->rng, 1, l->odds.offsets),
        .place = ++l->added * l->odds.shuffles,
    };
    const trd_trail_order terms = {
        .extreme = turned(side, s->extreme),
        .offset = s->offset,
        .place = s->place,
        .unit = s->unit,
    };
    trd__trail_add(in_of(l->at), &l->at->trails[side], number, &terms);
    l->used[l->count++] = number;
}

static void remove_at(life *l, uint32_t index) {
    const uint32_t number = l->used[index];
    trd__trail_remove(in_of(l->at), &l->at->trails[l->stops[number].side], number);
    l->stops[number].active = false;
    l->removed++;
    l->used[index] = l->used[--l->count];
    l->unused[l->odds.capacity - l->count - 1] = number;
}

/* Place in l->used of the first order of a side that the price touches; l->count if none. */
static uint32_t first_touched(const life *l, int side, trd_px price) {
    uint32_t first = l->count;
    for (uint32_t i = 0; i < l->count; i++) {
        const stop *s = &l->stops[l->used[i]];
        if (s->side == side && is_touched(s, price) &&
            (first == l->count || goes_before(s, &l->stops[l->used[first]]))) {
            first = i;
        }
    }
    return first;
}

/* Asks both who is first at a price; returns its place in l->used, l->count if there is none. */
static uint32_t check_touched(life *l, int side, trd_px price) {
    const uint32_t first = first_touched(l, side, price);
    trd_px trigger = 0;
    const uint32_t number =
        trd__trail_touched(in_of(l->at), &l->at->trails[side], turned(side, price), &trigger);
    cr_assert(eq(u32, number, first == l->count ? 0 : l->used[first]));
    if (first != l->count) {
        cr_assert(eq(i64, turned(side, trigger), trigger_of(&l->stops[number])));
    }
    return first;
}

/* Buys stop one tick earlier at the top: with 10,000 basis points the trigger at 2^62 is 2^63. */
static trd_px bounded(int side, wide px) {
    const trd_px high = PX_MAX - side;
    return px > high ? high : px < -PX_MAX ? -PX_MAX : (trd_px)px;
}

static trd_px draw_price(life *l, int side) {
    if (l->count > 0 && draw_chance(&l->rng, l->odds.jump)) {
        const stop *s = &l->stops[l->used[draw_below(&l->rng, l->count)]];
        const trd_px near = draw_chance(&l->rng, 80) ? s->extreme : trigger_of(s);
        return bounded(side, (wide)near + draw_in(&l->rng, -1, 1));
    }
    const wide step = draw_in(&l->rng, 0, l->odds.step_max);
    return bounded(side, l->price[side] + (draw_chance(&l->rng, l->odds.up) ? step : -step));
}

static void observe(life *l, int side, trd_px price) {
    uint32_t first;
    while ((first = check_touched(l, side, price)) != l->count) {
        remove_at(l, first);
    }
    trd__trail_observe(in_of(l->at), &l->at->trails[side], turned(side, price));
    for (uint32_t i = 0; i < l->count; i++) {
        stop *s = &l->stops[l->used[i]];
        if (s->side == side) {
            follow(s, price);
        }
    }
    l->price[side] = price;
}

static void check(life *l) {
    for (int i = 0; i < 3 && l->count > 0; i++) {
        const uint32_t number = l->used[draw_below(&l->rng, l->count)];
        const trd_px trigger = trd__trail_trigger(in_of(l->at), number);
        const stop *s = &l->stops[number];
        cr_assert(eq(i64, turned(s->side, trigger), trigger_of(s)));
        cr_assert(eq(i64, turned(s->side, trd__trail_extreme(in_of(l->at), number)), s->extreme));
    }
    if (draw_chance(&l->rng, 20)) {
        const int side = (int)draw_in(&l->rng, 0, SIDES - 1);
        check_touched(l, side, draw_price(l, side));
    }
}

static void audit(life *l) {
    uint32_t orders = 0, groups = 0;
    for (int side = 0; side < SIDES; side++) {
        cr_assert(eq(
            int, trd__trail_audit(in_of(l->at), &l->at->trails[side], &orders, &groups), TRD_OK));
    }
    cr_assert(eq(u32, orders, l->count));
    cr_assert(eq(int, trd__trail_pool_audit(in_of(l->at), orders, groups), TRD_OK));
}

/* An index is its bytes: it lives on in a copy, and the old place may be overwritten. */
static void move(life *l) {
    block *from = l->at;
    memcpy(l->spare, from, sizeof(*from));
    memset(from, 0xa5, sizeof(*from));
    l->at = l->spare;
    l->spare = from;
}

static void begin(life *l) {
    l->odds = draw_odds(&l->rng);
    memset(l->at, 0xa5, sizeof(*l->at));
    memset(l->at->trails, 0, sizeof(l->at->trails));
    trd__trail_pool_init(in_of(l->at), l->odds.capacity);
    for (uint32_t i = 0; i < l->odds.capacity; i++) {
        l->unused[i] = i + 1;
    }
    l->count = 0;
    l->added = l->removed = 0;
    l->price[0] = l->price[1] = l->odds.origin;
}

static void live(life *l) {
    for (int step = 0; step < STEPS; step++) {
        if (step % 200 == 0) {
            l->odds.up = draw_in(&l->rng, 0, l->odds.up_max);
        }
        const int64_t what = draw_in(&l->rng, 0, 99);
        const int side = (int)draw_in(&l->rng, 0, SIDES - 1);
        if (what < l->odds.add) {
            int64_t times = draw_chance(&l->rng, l->odds.crowd) ? draw_in(&l->rng, 2, 50) : 1;
            const bool other = draw_chance(&l->rng, l->odds.other);
            const trd_px extreme = other ? draw_price(l, side) : l->price[side];
            while (times-- > 0) {
                add_one(l, side, extreme);
            }
        } else if (what < l->odds.add + l->odds.remove) {
            if (l->count > 0) {
                remove_at(l, (uint32_t)draw_below(&l->rng, l->count));
            }
        } else {
            observe(l, side, draw_price(l, side));
        }
        check(l);
        if (l->count < 60 ? draw_chance(&l->rng, l->odds.audit) : step % 100 == 0) {
            audit(l);
        }
        if (draw_chance(&l->rng, l->odds.move)) {
            move(l);
        }
    }
}

/* The lowest k with 2^k >= n. */
static uint64_t log2_up(uint64_t n) {
    uint64_t bits = 0;
    while (UINT64_C(1) << bits < n) {
        bits++;
    }
    return bits;
}

/* Takes all that are left in their order. */
static void end(life *l) {
    const uint64_t moves = l->at->pool.moves;
    cr_assert(2 * moves <= 2 * l->added * log2_up(l->odds.capacity) + 3 * l->removed);
    const trd_px ends[SIDES] = {INT64_MIN, INT64_MAX};
    for (int side = 0; side < SIDES; side++) {
        uint32_t first;
        while ((first = check_touched(l, side, ends[side])) != l->count) {
            remove_at(l, first);
        }
        cr_assert(eq(u32, l->at->trails[side].root, 0));
        cr_assert(eq(u32, l->at->trails[side].lowest, 0));
    }
    cr_assert(eq(u32, l->count, 0));
    audit(l);
    cr_assert(eq(u64, l->at->pool.moves, moves), "removing moves nobody");
}

Test(trail, any_life_equals_a_list_of_orders) {
    static life l;
    l.rng = draw_seeded(1);
    l.at = malloc(sizeof(block));
    l.spare = malloc(sizeof(block));
    for (int run = 0; run < RUNS; run++) {
        begin(&l);
        live(&l);
        end(&l);
    }
    free(l.at);
    free(l.spare);
}

/* --- how much work it is --------------------------------------------------------------------- */

enum { MANY = 100000, ROUNDS_BITS = 16 };

typedef struct crowd {
    trd_trail_pool pool;
    trd_trail trail;
    trd_trail_in in;
    uint32_t orders;
} crowd;

static crowd *crowd_make(uint32_t capacity) {
    crowd *c = calloc(1, sizeof(*c));
    const size_t entries = (size_t)capacity + 1;
    c->in = (trd_trail_in){.pool = &c->pool,
        .nodes = malloc(entries * sizeof(*c->in.nodes)),
        .tops = malloc(entries * sizeof(*c->in.tops)),
        .groups = malloc(entries * sizeof(*c->in.groups))};
    trd__trail_pool_init(c->in, capacity);
    return c;
}

static void crowd_end(crowd *c) {
    uint32_t orders = 0, groups = 0;
    cr_assert(eq(int, trd__trail_audit(c->in, &c->trail, &orders, &groups), TRD_OK));
    cr_assert(eq(u32, orders, c->orders));
    cr_assert(eq(int, trd__trail_pool_audit(c->in, orders, groups), TRD_OK));
    free(c->in.nodes);
    free(c->in.tops);
    free(c->in.groups);
    free(c);
}

static void crowd_add(crowd *c, trd_px extreme) {
    const uint32_t number = ++c->orders;
    const trd_trail_order terms = {
        .extreme = extreme,
        .offset = 1 + number * 7919 % 1000,
        .place = number,
        .unit = number % 2 ? TRD_OFFSET_TICKS : TRD_OFFSET_BASIS_POINTS,
    };
    trd__trail_add(c->in, &c->trail, number, &terms);
}

/* The lowest group takes in one order at each price: one move each. */
Test(trail, a_rise_through_single_orders_moves_each_once) {
    crowd *c = crowd_make(MANY);
    for (uint32_t i = 1; i <= MANY; i++) {
        crowd_add(c, 1000000 - i);
    }
    for (uint32_t i = MANY; i >= 1; i--) {
        trd__trail_observe(c->in, &c->trail, 1000000 - i);
        cr_assert(eq(u64, c->pool.moves, MANY - i));
    }
    cr_expect(eq(u32, c->pool.used, 1));
    crowd_end(c);
}

/* A group at its highest extreme so far does not care how many orders it has. */
Test(trail, a_rise_of_one_group_moves_nobody) {
    crowd *c = crowd_make(MANY);
    for (uint32_t i = 1; i <= MANY; i++) {
        crowd_add(c, 500000);
    }
    for (uint32_t i = 1; i <= MANY; i++) {
        trd__trail_observe(c->in, &c->trail, 500000 + i);
    }
    cr_expect(eq(u64, c->pool.moves, 0));
    /* Order 1000 is 1 basis point below, order 1 is 7920 % 1000 ticks. */
    cr_expect(eq(i64, trd__trail_trigger(c->in, 1000), 599940));
    cr_expect(eq(i64, trd__trail_trigger(c->in, 1), 600000 - 920));
    crowd_end(c);
}

Test(trail, a_jump_over_all_moves_all_but_one) {
    crowd *c = crowd_make(MANY);
    for (uint32_t i = 1; i <= MANY; i++) {
        crowd_add(c, 1000000 - i);
    }
    trd__trail_observe(c->in, &c->trail, 1000000);
    cr_expect(eq(u64, c->pool.moves, MANY - 1));
    crowd_end(c);
}

/* Makes a group of 2^bits orders of two equal ones, all below `price`; returns its extreme. */
static trd_px make_of_halves(crowd *c, trd_px price, uint32_t bits) {
    if (bits == 0) {
        crowd_add(c, price - 1);
        return price - 1;
    }
    const trd_px upper = make_of_halves(c, price, bits - 1);
    make_of_halves(c, upper, bits - 1);
    trd__trail_observe(c->in, &c->trail, upper);
    return upper;
}

/* The worst there is: only equal groups meet. Half of all orders move for each doubling. */
Test(trail, no_order_moves_more_often_than_groups_double) {
    crowd *c = crowd_make(1 << ROUNDS_BITS);
    make_of_halves(c, 1000000, ROUNDS_BITS);
    cr_expect(eq(u32, c->pool.used, 1));
    cr_expect(eq(u64, c->pool.moves, (UINT64_C(1) << ROUNDS_BITS) / 2 * ROUNDS_BITS));
    crowd_end(c);
}
