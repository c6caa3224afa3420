/* allocate.c - the steps of allocate.h, each a function that returns how much it gave. */
#include "match/allocate.h"

#include "core/assert.h"
#include "core/fixed.h"

typedef struct cme_row {
    char letter;
    trd_alloc_rule rule;
} cme_row;

/* One row per algorithm: docs/reference/allocation.md says where each value is from. */
static const cme_row cme_rows[] = {
    {'A', {.top = 1, .prorata_min = 2}},
    {'C', {.prorata_min = 2}},
    {'F', {.fifo_percent = 100}},
    {'K', {.top = 1, .lmm = 1, .fifo_percent = 40, .leveling = 1, .prorata_min = 2}},
    {'O', {.top = 1, .top_min = 10, .top_max = 100, .prorata_min = 1}},
    {'Q', {.top = 1, .lmm = 1, .top_min = 10, .top_max = 100, .prorata_min = 1}},
    {'S', {.top = 1, .lmm = 1, .fifo_percent = 100}},
    {'T', {.lmm = 1, .fifo_percent = 100}},
};

/* The level a rule works on, and what the aggressor has left. */
typedef struct level {
    trd_alloc_order *orders;
    uint32_t count;
    trd_qty rest;
} level;

trd_inline trd_qty lesser(trd_qty a, trd_qty b) {
    return a < b ? a : b;
}

trd_inline trd_qty open_of(const trd_alloc_order *order) {
    return order->qty - order->given;
}

static trd_qty give(level *l, trd_alloc_order *order, trd_qty qty) {
    const trd_qty given = lesser(qty, lesser(open_of(order), l->rest));
    order->given += given;
    l->rest -= given;
    return given;
}

/* Nothing is given yet. Returns the sum of qty. */
static trd_wide begin(level *l) {
    trd_wide total = 0;
    for (uint32_t i = 0; i < l->count; i++) {
        trd_alloc_order *order = &l->orders[i];
        trd_assert(order->qty > 0);
        trd_assert(order->lmm_percent <= 100);
        order->given = 0;
        order->passed_over = 0;
        total += order->qty;
    }
    return total;
}

static void give_top(level *l, const trd_alloc_rule *rule) {
    for (uint32_t i = 0; i < l->count; i++) {
        trd_alloc_order *order = &l->orders[i];
        if (order->top != 0 && order->qty >= rule->top_min) {
            give(l, order, rule->top_max > 0 ? rule->top_max : order->qty);
            return;
        }
    }
}

static void give_lead_makers(level *l) {
    const trd_qty base = l->rest;
    for (uint32_t i = 0; i < l->count; i++) {
        trd_alloc_order *order = &l->orders[i];
        if (order->given == 0) {
            give(l, order, trd__share(base, order->lmm_percent, 100));
        }
    }
}

static void give_by_time(level *l, trd_qty share) {
    for (uint32_t i = 0; i < l->count && share > 0; i++) {
        share -= give(l, &l->orders[i], share);
    }
}

/* `total` is the sum of all that is open, and more than the rest: a share is never above what its
 * order has open, nor the sum of the shares above the rest. */
static void give_pro_rata(level *l, trd_qty minimum, trd_wide total) {
    const trd_qty base = l->rest;
    trd_assert(total > base);
    for (uint32_t i = 0; i < l->count; i++) {
        trd_alloc_order *order = &l->orders[i];
        const trd_qty share = (trd_qty)trd__div_floor(trd__mul(base, open_of(order)), total);
        if (share > 0 && share >= minimum) {
            give(l, order, share);
        } else {
            order->passed_over = 1;
        }
    }
}

/* How many of those that were passed over have more open than `than`; it is >= 0: no full one. */
static uint32_t count_larger(const level *l, trd_qty than) {
    uint32_t larger = 0;
    for (uint32_t i = 0; i < l->count; i++) {
        larger += l->orders[i].passed_over != 0 && open_of(&l->orders[i]) > than;
    }
    return larger;
}

/* The least size for which there is a lot for each larger order: all larger ones get theirs, of
 * those of just this size the earliest. Halving the range of sizes takes the place of a sort, which
 * would need room. */
static trd_qty leveling_cut(const level *l) {
    trd_qty low = 0;
    trd_qty high = count_larger(l, 0) <= l->rest ? 0 : INT64_MAX;
    while (low < high) {
        const trd_qty middle = low + (high - low) / 2;
        if (count_larger(l, middle) <= l->rest) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* A lot for each that was passed over and has more open than `than`, the earliest first. */
static void give_lots(level *l, trd_qty than) {
    for (uint32_t i = 0; i < l->count && l->rest > 0; i++) {
        trd_alloc_order *order = &l->orders[i];
        if (order->passed_over != 0 && open_of(order) > than) {
            order->passed_over = 0;
            give(l, order, 1);
        }
    }
}

/* A full order that was passed over is no matter: it can be given nothing. */
static void give_leveling(level *l) {
    const trd_qty cut = leveling_cut(l);
    give_lots(l, cut);
    give_lots(l, cut - 1);
}

static void check_rule(const trd_alloc_rule *rule) {
    trd_assert(rule->fifo_percent <= 100);
    trd_assert(rule->top_min >= 0);
    trd_assert(rule->top_max >= 0);
    trd_assert(rule->prorata_min >= 0);
}

trd_qty trd__allocate(
    const trd_alloc_rule *rule, trd_alloc_order *orders, uint32_t count, trd_qty aggressor) {
    check_rule(rule);
    trd_assert(aggressor >= 0);
    level l = {.orders = orders, .count = count, .rest = aggressor};
    const trd_wide total = begin(&l);
    if (aggressor >= total) {
        give_by_time(&l, aggressor);
        return (trd_qty)total;
    }
    if (rule->top != 0) {
        give_top(&l, rule);
    }
    if (rule->lmm != 0) {
        give_lead_makers(&l);
    }
    give_by_time(&l, trd__share(l.rest, rule->fifo_percent, 100));
    if (l.rest > 0) {
        give_pro_rata(&l, rule->prorata_min, total - (aggressor - l.rest));
    }
    if (rule->leveling != 0 && l.rest > 0) {
        give_leveling(&l);
    }
    give_by_time(&l, l.rest);
    trd_assert(l.rest == 0);
    return aggressor;
}

int trd__alloc_cme(char letter, trd_alloc_rule *out) {
    for (uint32_t i = 0; i < sizeof(cme_rows) / sizeof(*cme_rows); i++) {
        if (cme_rows[i].letter == letter) {
            *out = cme_rows[i].rule;
            return TRD_OK;
        }
    }
    return TRD_E_UNKNOWN;
}
