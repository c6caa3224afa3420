/* prop_wheel.c - random lives of the timer wheel against an unsorted list that is searched. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/handle.h"
#include "core/wheel.h"
#include "draw.h"

enum { CAPACITY_MAX = 400, RUNS = 1000, STEPS = 600, GONE_MAX = 64 };

typedef struct entry {
    trd_ns deadline; /* never before the wheel's time when it was set */
    uint64_t sequence, key, handle;
    uint32_t order;
} entry;

/* The odds of one run, drawn when it begins: percentages unless said otherwise. */
typedef struct odds {
    uint32_t capacity;
    int64_t far_bits;     /* deadlines and jumps are up to 2^far_bits ahead */
    int64_t orders;       /* how many different orders */
    uint64_t add, cancel; /* the rest of the steps advances */
    uint64_t again;       /* a new deadline is one that is in use */
    uint64_t past;        /* a new deadline is before now */
    uint64_t crowd;       /* adding adds many at one deadline */
    uint64_t stop;        /* an advance is left before it is finished */
    uint64_t move;        /* the block is copied to another place */
} odds;

typedef struct life {
    draw rng;
    odds odds;
    trd_wheel *wheel;
    void *memory[2];
    size_t size;
    entry entries[CAPACITY_MAX];
    uint32_t count;
    uint64_t sequence;
    uint64_t gone[GONE_MAX]; /* handles of timers that ended */
    uint32_t gone_count;
} life;

static odds draw_odds(draw *rng) {
    return (odds){
        .capacity = (uint32_t)draw_in(rng, 1, CAPACITY_MAX),
        .far_bits = draw_in(rng, 0, 63),
        .orders = draw_in(rng, 1, 6),
        .add = (uint64_t)draw_in(rng, 10, 80),
        .cancel = (uint64_t)draw_in(rng, 0, 40),
        .again = (uint64_t)draw_in(rng, 0, 60),
        .past = (uint64_t)draw_in(rng, 0, 20),
        .crowd = (uint64_t)draw_in(rng, 0, 10),
        .stop = (uint64_t)draw_in(rng, 0, 90),
        .move = (uint64_t)draw_in(rng, 0, 5),
    };
}

static trd_ns plus(trd_ns time, uint64_t ahead) {
    return ahead > (uint64_t)INT64_MAX - (uint64_t)time ? INT64_MAX
                                                        : (trd_ns)((uint64_t)time + ahead);
}

/* Distances of every magnitude are equally likely, up to the limit of the run. */
static uint64_t draw_distance(life *l) {
    const int64_t bits = draw_in(&l->rng, 0, l->odds.far_bits);
    return bits == 0 ? (uint64_t)draw_in(&l->rng, 0, 1) : draw_u64(&l->rng) >> (64 - bits);
}

static trd_ns draw_deadline(life *l) {
    if (l->count > 0 && draw_chance(&l->rng, l->odds.again)) {
        return l->entries[draw_below(&l->rng, l->count)].deadline;
    }
    const trd_ns now = trd__wheel_now(l->wheel);
    if (draw_chance(&l->rng, l->odds.past)) {
        return draw_in(&l->rng, INT64_MIN, now);
    }
    return plus(now, draw_distance(l));
}

static bool goes_before(const entry *a, const entry *b) {
    if (a->deadline != b->deadline) {
        return a->deadline < b->deadline;
    }
    return a->order != b->order ? a->order < b->order : a->sequence < b->sequence;
}

static uint32_t first_of(const life *l) {
    uint32_t first = 0;
    for (uint32_t i = 1; i < l->count; i++) {
        first = goes_before(&l->entries[i], &l->entries[first]) ? i : first;
    }
    return first;
}

static void forget(life *l, uint32_t at) {
    l->gone[l->gone_count++ % GONE_MAX] = l->entries[at].handle;
    l->entries[at] = l->entries[--l->count];
}

static void add_one(life *l, trd_ns deadline) {
    const trd_ns now = trd__wheel_now(l->wheel);
    const trd_timer timer = {
        .deadline = deadline,
        .key = draw_u64(&l->rng),
        .order = (uint32_t)draw_in(&l->rng, 1, l->odds.orders) * 0x2aaaaaaau,
    };
    const uint64_t handle = trd__wheel_add(l->wheel, &timer);
    cr_assert(eq(int, handle == TRD_HANDLE_NONE, l->count == l->odds.capacity));
    if (handle == TRD_HANDLE_NONE) {
        return;
    }
    l->entries[l->count++] = (entry){
        .deadline = deadline > now ? deadline : now,
        .sequence = l->sequence++,
        .key = timer.key,
        .handle = handle,
        .order = timer.order,
    };
}

static void add_some(life *l) {
    const trd_ns deadline = draw_deadline(l);
    int64_t times = draw_chance(&l->rng, l->odds.crowd) ? draw_in(&l->rng, 2, 200) : 1;
    while (times-- > 0) {
        add_one(l, deadline);
    }
}

static void cancel_one(life *l) {
    if (l->gone_count > 0 && draw_chance(&l->rng, 20)) {
        const uint32_t kept = l->gone_count < GONE_MAX ? l->gone_count : GONE_MAX;
        const uint64_t stale = l->gone[draw_below(&l->rng, kept)];
        cr_assert(eq(int, trd__wheel_cancel(l->wheel, stale), TRD_E_UNKNOWN));
    }
    if (l->count > 0) {
        const uint32_t at = (uint32_t)draw_below(&l->rng, l->count);
        cr_assert(eq(int, trd__wheel_cancel(l->wheel, l->entries[at].handle), TRD_OK));
        forget(l, at);
    }
}

/* To the next deadline or right beside it, or by a distance like those of the timers. */
static trd_ns draw_target(life *l) {
    const trd_ns now = trd__wheel_now(l->wheel);
    if (l->count > 0 && draw_chance(&l->rng, 50)) {
        const trd_ns at = l->entries[draw_below(&l->rng, l->count)].deadline;
        const int64_t beside = draw_in(&l->rng, -1, 1);
        const bool fits = beside < 0 ? at > INT64_MIN : beside == 0 || at < INT64_MAX;
        return fits ? at + beside : at;
    }
    return draw_chance(&l->rng, 5) ? draw_in(&l->rng, INT64_MIN, now) : plus(now, draw_distance(l));
}

static void expect_due(life *l, const trd_timer *due, trd_ns limit) {
    cr_assert(l->count > 0);
    const uint32_t first = first_of(l);
    const entry *expected = &l->entries[first];
    cr_assert(le(i64, expected->deadline, limit));
    cr_assert(eq(i64, due->deadline, expected->deadline));
    cr_assert(eq(u64, due->key, expected->key));
    cr_assert(eq(u32, due->order, expected->order));
    cr_assert(eq(i64, trd__wheel_now(l->wheel), expected->deadline));
    forget(l, first);
}

static void advance(life *l) {
    const trd_ns target = draw_target(l);
    const trd_ns before = trd__wheel_now(l->wheel);
    const trd_ns limit = target > before ? target : before;
    trd_timer due;
    for (;;) {
        const trd_ns last = trd__wheel_now(l->wheel);
        const int result = trd__wheel_advance(l->wheel, target, &due);
        const trd_ns now = trd__wheel_now(l->wheel);
        cr_assert(now >= last && now <= limit);
        if (result == TRD_WHEEL_DUE) {
            expect_due(l, &due, limit);
        } else if (result == TRD_WHEEL_NONE) {
            cr_assert(eq(i64, now, limit));
            cr_assert(l->count == 0 || l->entries[first_of(l)].deadline > limit);
            return;
        } else {
            cr_assert(eq(int, result, TRD_WHEEL_MORE));
            cr_assert(l->count > 0 && l->entries[first_of(l)].deadline >= now);
        }
        if (draw_chance(&l->rng, l->odds.stop)) {
            return;
        }
        if (draw_chance(&l->rng, 20)) {
            add_some(l);
        }
    }
}

static void check(life *l) {
    cr_assert(eq(u32, trd__wheel_count(l->wheel), l->count));
    trd_ns next, bound;
    cr_assert(eq(int, trd__wheel_next(l->wheel, &next), l->count > 0));
    cr_assert(eq(int, trd__wheel_next_bound(l->wheel, &bound), l->count > 0));
    if (l->count > 0) {
        cr_assert(eq(i64, next, l->entries[first_of(l)].deadline));
        cr_assert(bound >= trd__wheel_now(l->wheel) && bound <= next);
    }
    if (draw_chance(&l->rng, 10)) {
        cr_assert(eq(int, trd__wheel_audit(l->wheel), 0));
    }
}

/* A wheel is its bytes: it lives on in a copy, and the old place may be overwritten. */
static void move(life *l) {
    void *from = l->wheel, *to = l->memory[l->wheel == l->memory[0]];
    memcpy(to, from, l->size);
    memset(from, 0xa5, l->size);
    l->wheel = to;
}

static void live(life *l) {
    for (int step = 0; step < STEPS; step++) {
        const uint64_t what = draw_below(&l->rng, 100);
        if (what < l->odds.add) {
            add_some(l);
        } else if (what < l->odds.add + l->odds.cancel) {
            cancel_one(l);
        } else {
            advance(l);
        }
        check(l);
        if (draw_chance(&l->rng, l->odds.move)) {
            move(l);
        }
    }
}

Test(wheel, any_life_equals_a_sorted_list) {
    static life l;
    l.rng = draw_seeded(1);
    for (int i = 0; i < 2; i++) {
        l.memory[i] = aligned_alloc(TRD_LINE, trd__wheel_footprint(CAPACITY_MAX));
    }
    for (int run = 0; run < RUNS; run++) {
        l.odds = draw_odds(&l.rng);
        l.count = l.gone_count = 0;
        l.size = trd__wheel_footprint(l.odds.capacity);
        const trd_ns start =
            draw_chance(&l.rng, 10) ? INT64_MIN : draw_in(&l.rng, -1000000, 1000000);
        l.wheel = trd__wheel_init(l.memory[0], l.odds.capacity, start);
        live(&l);
    }
    free(l.memory[0]);
    free(l.memory[1]);
}
