/* prop_allocate.c - allocations against a second implementation of the steps of match/allocate.h,
 * and against laws that hold for all of them.
 *
 * The second implementation makes each step a list of claims, which order may have how much, in the
 * order in which they are served, and serves the list from a budget. It divides by search and ranks
 * by sorting. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "match/allocate.h"

/* Quantities of up to 2^56: x * total of the search fits 128 bits. */
enum { RUNS = 1000, STEPS = 60, ORDERS_MAX = 40, QTY_BITS = 56 };

__extension__ typedef unsigned __int128 wide;

/* --- the second implementation --- */

typedef struct claim {
    uint32_t at;
    trd_qty qty;
} claim;

typedef struct naive {
    const trd_alloc_order *orders;
    uint32_t count;
    trd_qty rest;
    trd_qty open[ORDERS_MAX];
    claim claims[ORDERS_MAX];
    uint32_t claim_count;
} naive;

static void claim_add(naive *n, uint32_t at, trd_qty qty) {
    n->claims[n->claim_count++] = (claim){.at = at, .qty = qty};
}

/* Serves the claims from `budget` and forgets them. */
static void serve(naive *n, trd_qty budget) {
    for (uint32_t i = 0; i < n->claim_count; i++) {
        trd_qty lots = n->claims[i].qty;
        if (lots > n->open[n->claims[i].at]) {
            lots = n->open[n->claims[i].at];
        }
        if (lots > budget) {
            lots = budget;
        }
        budget -= lots;
        n->rest -= lots;
        n->open[n->claims[i].at] -= lots;
    }
    n->claim_count = 0;
}

static void serve_queue(naive *n, trd_qty budget) {
    for (uint32_t i = 0; i < n->count; i++) {
        claim_add(n, i, n->open[i]);
    }
    serve(n, budget);
}

/* The largest x with x * of <= whole * part. */
static trd_qty share(trd_qty whole, trd_qty part, wide of) {
    trd_qty x = 0;
    for (int bit = 62; bit >= 0; bit--) {
        const trd_qty more = x | INT64_C(1) << bit;
        if (more <= whole && (wide)more * of <= (wide)whole * (wide)part) {
            x = more;
        }
    }
    return x;
}

static int by_size_then_time(const void *left, const void *right) {
    const claim *a = left;
    const claim *b = right;
    if (a->qty != b->qty) {
        return a->qty > b->qty ? -1 : 1;
    }
    return a->at < b->at ? -1 : 1;
}

static void naive_pro_rata(naive *n, const trd_alloc_rule *rule) {
    wide total = 0;
    for (uint32_t i = 0; i < n->count; i++) {
        total += (wide)n->open[i];
    }
    claim waiting[ORDERS_MAX];
    uint32_t waiting_count = 0;
    for (uint32_t i = 0; i < n->count; i++) {
        const trd_qty qty = share(n->rest, n->open[i], total);
        if (qty >= rule->prorata_min && qty != 0) {
            claim_add(n, i, qty);
        } else if (n->open[i] != 0) {
            waiting[waiting_count++] = (claim){.at = i, .qty = n->open[i]};
        }
    }
    serve(n, n->rest);
    if (rule->leveling != 0) {
        qsort(waiting, waiting_count, sizeof(*waiting), by_size_then_time);
        for (uint32_t i = 0; i < waiting_count; i++) {
            claim_add(n, waiting[i].at, 1);
        }
        serve(n, n->rest);
    }
}

static void naive_allocate(naive *n, const trd_alloc_rule *rule) {
    trd_qty top_gave[ORDERS_MAX] = {0};
    for (uint32_t i = 0; i < n->count && rule->top != 0 && n->claim_count == 0; i++) {
        if (n->orders[i].top != 0 && n->orders[i].qty >= rule->top_min) {
            claim_add(n, i, rule->top_max != 0 ? rule->top_max : INT64_MAX);
        }
    }
    serve(n, n->rest);
    for (uint32_t i = 0; i < n->count; i++) {
        top_gave[i] = n->orders[i].qty - n->open[i];
    }
    for (uint32_t i = 0; i < n->count && rule->lmm != 0; i++) {
        if (top_gave[i] == 0) {
            claim_add(n, i, share(n->rest, n->orders[i].lmm_percent, 100));
        }
    }
    serve(n, n->rest);
    serve_queue(n, share(n->rest, rule->fifo_percent, 100));
    if (rule->fifo_percent != 100) {
        naive_pro_rata(n, rule);
    }
    serve_queue(n, n->rest);
}

static void check_against_naive(const trd_alloc_rule *rule, const trd_alloc_order *orders,
    uint32_t count, trd_qty aggressor, trd_qty total) {
    naive n = {.orders = orders, .count = count, .rest = aggressor};
    for (uint32_t i = 0; i < count; i++) {
        n.open[i] = orders[i].qty;
    }
    if (aggressor < total) {
        naive_allocate(&n, rule);
    } else {
        memset(n.open, 0, sizeof(n.open));
    }
    for (uint32_t i = 0; i < count; i++) {
        cr_assert(eq(i64, orders[i].given, orders[i].qty - n.open[i]), "order %u of %u", i, count);
    }
}

/* --- random levels --- */

/* What is drawn, in percent and bits; drawn for each run. */
typedef struct odds {
    int64_t cme;   /* one of the eight rules and not any */
    int64_t lmm;   /* an order is of a lead maker */
    int64_t top;   /* an order has top status */
    int64_t equal; /* an order is as large as the one before */
    int64_t orders_max;
    int qty_bits;
} odds;

static odds draw_odds(draw *d) {
    return (odds){.cme = draw_in(d, 0, 100),
        .lmm = draw_in(d, 0, 60),
        .top = draw_in(d, 0, 30),
        .equal = draw_in(d, 0, 80),
        .orders_max = draw_in(d, 1, ORDERS_MAX),
        .qty_bits = (int)draw_in(d, 1, QTY_BITS)};
}

static trd_alloc_rule draw_rule(draw *d, const odds *o) {
    trd_alloc_rule rule;
    if (draw_chance(d, o->cme)) {
        cr_assert(eq(int, trd__alloc_cme("ACFKOQST"[draw_below(d, 8)], &rule), TRD_OK));
        return rule;
    }
    return (trd_alloc_rule){.top = (uint8_t)draw_in(d, 0, 1),
        .lmm = (uint8_t)draw_in(d, 0, 1),
        .fifo_percent = draw_chance(d, 50) ? 0 : (uint8_t)draw_in(d, 0, 100),
        .leveling = (uint8_t)draw_in(d, 0, 1),
        .top_min = draw_chance(d, 50) ? 0 : draw_size(d, o->qty_bits),
        .top_max = draw_chance(d, 50) ? 0 : draw_size(d, o->qty_bits),
        .prorata_min = draw_chance(d, 50) ? draw_in(d, 0, 3) : draw_size(d, o->qty_bits)};
}

/* Returns the sum of qty. */
static trd_qty draw_level(draw *d, const odds *o, trd_alloc_order *orders, uint32_t count) {
    trd_qty total = 0;
    for (uint32_t i = 0; i < count; i++) {
        const bool equal = i > 0 && draw_chance(d, o->equal);
        orders[i] = (trd_alloc_order){
            .qty = equal ? orders[i - 1].qty : draw_size(d, o->qty_bits),
            .given = (trd_qty)draw_u64(d),
            .lmm_percent = draw_chance(d, o->lmm) ? (uint8_t)draw_in(d, 0, 100) : 0,
            .top = draw_chance(d, o->top) ? (uint8_t)draw_in(d, 1, 255) : 0,
            .passed_over = (uint8_t)draw_u64(d),
        };
        total += orders[i].qty;
    }
    return total;
}

static trd_qty draw_aggressor(draw *d, trd_qty total) {
    switch (draw_below(d, 4)) {
    case 0:
        return draw_in(d, total > 3 ? total - 3 : 0, total + 3);
    case 1:
        return draw_size(d, 62);
    case 2:
        return draw_in(d, 0, 20);
    default:
        return draw_in(d, 0, total);
    }
}

/* --- laws --- */

static void check_sums(const trd_alloc_order *orders, const trd_alloc_order *before, uint32_t count,
    trd_qty sum, trd_qty expected) {
    trd_qty given = 0;
    for (uint32_t i = 0; i < count; i++) {
        cr_assert(orders[i].given >= 0 && orders[i].given <= orders[i].qty);
        cr_assert(orders[i].qty == before[i].qty && orders[i].top == before[i].top);
        cr_assert(orders[i].lmm_percent == before[i].lmm_percent);
        given += orders[i].given;
    }
    cr_assert(eq(i64, sum, expected));
    cr_assert(eq(i64, given, expected));
}

Test(allocate, every_allocation_is_that_of_the_second_implementation) {
    draw d = draw_seeded(31);
    for (int run = 0; run < RUNS; run++) {
        const odds o = draw_odds(&d);
        for (int step = 0; step < STEPS; step++) {
            trd_alloc_order orders[ORDERS_MAX];
            trd_alloc_order before[ORDERS_MAX];
            const uint32_t count = (uint32_t)draw_in(&d, 0, o.orders_max);
            const trd_alloc_rule rule = draw_rule(&d, &o);
            const trd_qty total = draw_level(&d, &o, orders, count);
            const trd_qty aggressor = draw_aggressor(&d, total);
            memcpy(before, orders, sizeof(*orders) * count);
            const trd_qty sum = trd__allocate(&rule, orders, count, aggressor);
            check_sums(orders, before, count, sum, aggressor < total ? aggressor : total);
            check_against_naive(&rule, orders, count, aggressor, total);
        }
    }
}

/* One top order at most, `makers` lead makers at most, and percents that sum up to 100 at most. */
static void keep_few(trd_alloc_order *orders, uint32_t count, uint32_t makers) {
    int percents = 0;
    bool top = false;
    for (uint32_t i = 0; i < count; i++) {
        if (makers == 0 || percents + orders[i].lmm_percent > 100) {
            orders[i].lmm_percent = 0;
        }
        percents += orders[i].lmm_percent;
        makers -= orders[i].lmm_percent != 0;
        orders[i].top = top ? 0 : orders[i].top;
        top = top || orders[i].top != 0;
    }
}

/* A share by time changes what pro-rata counts, and its rounding can take back more than being
 * earlier gave: left out. */
Test(allocate, who_moves_ahead_gets_no_less_and_only_who_fell_back_pays) {
    draw d = draw_seeded(32);
    for (int run = 0; run < RUNS; run++) {
        const odds o = draw_odds(&d);
        for (int step = 0; step < STEPS; step++) {
            trd_alloc_order orders[ORDERS_MAX];
            trd_alloc_order moved[ORDERS_MAX];
            const uint32_t count = (uint32_t)draw_in(
                &d, 2, o.orders_max + 2 < ORDERS_MAX ? o.orders_max + 2 : ORDERS_MAX);
            trd_alloc_rule rule = draw_rule(&d, &o);
            rule.fifo_percent = rule.fifo_percent < 100 ? 0 : 100;
            const trd_qty total = draw_level(&d, &o, orders, count);
            keep_few(orders, count, ORDERS_MAX);
            const trd_qty aggressor = draw_aggressor(&d, total);
            const uint32_t at = (uint32_t)draw_in(&d, 1, count - 1);
            memcpy(moved, orders, sizeof(*orders) * count);
            moved[at - 1] = orders[at];
            moved[at] = orders[at - 1];
            trd__allocate(&rule, orders, count, aggressor);
            trd__allocate(&rule, moved, count, aggressor);
            cr_assert(moved[at - 1].given >= orders[at].given);
            for (uint32_t i = 0; i < count; i++) {
                cr_assert(i == at || i == at - 1 || moved[i].given == orders[i].given);
            }
        }
    }
}

Test(allocate, by_time_a_larger_aggressor_gives_no_order_less) {
    draw d = draw_seeded(33);
    for (int run = 0; run < RUNS; run++) {
        const odds o = draw_odds(&d);
        for (int step = 0; step < STEPS; step++) {
            trd_alloc_order orders[ORDERS_MAX];
            trd_alloc_order more[ORDERS_MAX];
            const uint32_t count = (uint32_t)draw_in(&d, 1, o.orders_max);
            trd_alloc_rule rule = draw_rule(&d, &o);
            rule.fifo_percent = 100;
            const trd_qty total = draw_level(&d, &o, orders, count);
            keep_few(orders, count, 1);
            const trd_qty aggressor = draw_aggressor(&d, total);
            memcpy(more, orders, sizeof(*orders) * count);
            trd__allocate(&rule, orders, count, aggressor);
            trd__allocate(&rule, more, count, aggressor + draw_in(&d, 0, 3));
            for (uint32_t i = 0; i < count; i++) {
                cr_assert(more[i].given >= orders[i].given);
            }
        }
    }
}

/* Without TOP, lead makers and a share by time each order has at least its proportion. */
Test(allocate, pro_rata_gives_each_order_its_share_rounded_down) {
    draw d = draw_seeded(34);
    for (int run = 0; run < RUNS; run++) {
        const odds o = draw_odds(&d);
        for (int step = 0; step < STEPS; step++) {
            trd_alloc_order orders[ORDERS_MAX];
            const uint32_t count = (uint32_t)draw_in(&d, 1, o.orders_max);
            const trd_alloc_rule rule = {.prorata_min = draw_in(&d, 0, 4)};
            const trd_qty total = draw_level(&d, &o, orders, count);
            const trd_qty aggressor = draw_in(&d, 0, total);
            trd__allocate(&rule, orders, count, aggressor);
            for (uint32_t i = 0; i < count; i++) {
                const trd_qty least = share(orders[i].qty, aggressor, (wide)total);
                cr_assert(orders[i].given >= (least < rule.prorata_min ? 0 : least));
            }
        }
    }
}
