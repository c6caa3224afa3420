/* naive_allocate.c - docs/reference/allocation.md, step by step. */
#include "naive_model.h"

#include <stdlib.h>
#include <string.h>

typedef struct naive_rule {
    bool top;
    bool lmm;
    uint8_t fifo_percent;
    bool leveling;
    trd_qty top_min;
    trd_qty top_max;
    trd_qty prorata_min;
} naive_rule;

/* The table of the CME algorithms. */
static naive_rule row_of(unsigned allocation) {
    switch (allocation) {
    case TRD_ALLOCATE_A:
        return (naive_rule){.top = true, .prorata_min = 2};
    case TRD_ALLOCATE_C:
        return (naive_rule){.prorata_min = 2};
    case TRD_ALLOCATE_K:
        return (naive_rule){
            .top = true, .lmm = true, .fifo_percent = 40, .leveling = true, .prorata_min = 2};
    case TRD_ALLOCATE_O:
        return (naive_rule){.top = true, .top_min = 10, .top_max = 100, .prorata_min = 1};
    case TRD_ALLOCATE_Q:
        return (naive_rule){
            .top = true, .lmm = true, .top_min = 10, .top_max = 100, .prorata_min = 1};
    case TRD_ALLOCATE_S:
        return (naive_rule){.top = true, .lmm = true, .fifo_percent = 100};
    case TRD_ALLOCATE_T:
        return (naive_rule){.lmm = true, .fifo_percent = 100};
    default:
        return (naive_rule){.fifo_percent = 100};
    }
}

static bool has_lead_makers(const trd_profile *p) {
    for (uint32_t i = 0; i < TRD_LEAD_MAKERS_MAX; i++) {
        if (p->lead[i].percent != 0) {
            return true;
        }
    }
    return false;
}

/* The row, with the profile's values where they are given. */
static naive_rule rule_of(const trd_profile *p) {
    naive_rule rule = row_of(p->allocation);
    if (p->allocation == TRD_ALLOCATE_PRORATA) {
        return (naive_rule){.top = p->top_max != 0,
            .lmm = has_lead_makers(p),
            .fifo_percent = p->fifo_percent,
            .top_min = p->top_min,
            .top_max = p->top_max,
            .prorata_min = p->prorata_min};
    }
    if (p->allocation == TRD_ALLOCATE_K && p->fifo_percent != 0) {
        rule.fifo_percent = p->fifo_percent;
    }
    rule.top_min = p->top_min != 0 ? p->top_min : rule.top_min;
    rule.top_max = p->top_max != 0 ? p->top_max : rule.top_max;
    rule.prorata_min = p->prorata_min != 0 ? p->prorata_min : rule.prorata_min;
    return rule;
}

trd_qty naive__top_min(const trd_profile *profile) {
    return rule_of(profile).top_min;
}

typedef struct naive_division {
    naive_order *const *orders;
    trd_qty *given;
    uint32_t count;
    trd_qty rest;
    int64_t step; /* all quantities here are counted in lot steps */
} naive_division;

static trd_qty open_of(const naive_division *d, uint32_t i) {
    return d->orders[i]->displayed / d->step - d->given[i];
}

static void give(naive_division *d, uint32_t i, trd_qty lots) {
    const trd_qty open = open_of(d, i);
    lots = lots < open ? lots : open;
    lots = lots < d->rest ? lots : d->rest;
    d->given[i] += lots;
    d->rest -= lots;
}

static __int128 sum_of_open(const naive_division *d) {
    __int128 sum = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        sum += open_of(d, i);
    }
    return sum;
}

/* Returns the top order, count if there is none. */
static uint32_t give_top(naive_division *d, const naive_rule *rule) {
    uint32_t i = 0;
    while (i < d->count &&
           !(d->orders[i]->top && d->orders[i]->displayed / d->step >= rule->top_min)) {
        i++;
    }
    if (i < d->count) {
        give(d, i, rule->top_max != 0 ? rule->top_max : d->orders[i]->displayed / d->step);
    }
    return i;
}

static uint32_t percent_of(const naive_division *d, const trd_profile *profile, uint32_t i) {
    for (uint32_t row = 0; row < TRD_LEAD_MAKERS_MAX; row++) {
        if (profile->lead[row].percent != 0 &&
            profile->lead[row].account == d->orders[i]->account) {
            return profile->lead[row].percent;
        }
    }
    return 0;
}

static void give_lead_makers(naive_division *d, const trd_profile *profile, uint32_t top) {
    const trd_qty base = d->rest;
    for (uint32_t i = 0; i < d->count; i++) {
        if (i != top) {
            give(d, i, (trd_qty)((__int128)base * percent_of(d, profile, i) / 100));
        }
    }
}

static void give_by_time(naive_division *d, trd_qty share) {
    for (uint32_t i = 0; i < d->count && share > 0; i++) {
        const trd_qty was = d->rest;
        give(d, i, share);
        share -= was - d->rest;
    }
}

static void give_pro_rata(naive_division *d, const naive_rule *rule, bool *passed_over) {
    const trd_qty base = d->rest;
    const __int128 total = sum_of_open(d);
    for (uint32_t i = 0; i < d->count; i++) {
        const trd_qty open = open_of(d, i);
        const trd_qty lots = total > 0 ? (trd_qty)((__int128)base * open / total) : 0;
        passed_over[i] = open > 0 && (lots == 0 || lots < rule->prorata_min);
        give(d, i, lots < rule->prorata_min ? 0 : lots);
    }
}

/* A lot to each order that pro-rata gave nothing, the largest open first. */
static void level(naive_division *d, bool *passed_over) {
    while (d->rest > 0) {
        uint32_t largest = d->count;
        for (uint32_t i = 0; i < d->count; i++) {
            if (passed_over[i] && (largest == d->count || open_of(d, i) > open_of(d, largest))) {
                largest = i;
            }
        }
        if (largest == d->count) {
            return;
        }
        give(d, largest, 1);
        passed_over[largest] = false;
    }
}

static trd_qty in_steps(trd_qty lots, int64_t step) {
    return lots / step + (lots % step != 0);
}

void naive__allocate(const naive_market *market, naive_order *const *orders, uint32_t count,
    trd_qty aggressor, trd_qty *given) {
    const trd_profile *profile = &market->profile;
    const int64_t step = market->spec.lot_step;
    naive_rule rule = rule_of(profile);
    rule.top_min = in_steps(rule.top_min, step);
    rule.top_max = in_steps(rule.top_max, step);
    rule.prorata_min = in_steps(rule.prorata_min, step);
    naive_division d = {orders, given, count, aggressor / step, step};
    bool *passed_over = naive__grown(NULL, count * sizeof(bool));
    memset(passed_over, 0, count * sizeof(bool));
    memset(given, 0, count * sizeof(trd_qty));
    if (d.rest < sum_of_open(&d)) {
        const uint32_t top = rule.top ? give_top(&d, &rule) : count;
        if (rule.lmm) {
            give_lead_makers(&d, profile, top);
        }
        give_by_time(&d, (trd_qty)((__int128)d.rest * rule.fifo_percent / 100));
        if (d.rest > 0) {
            give_pro_rata(&d, &rule, passed_over);
        }
        if (rule.leveling) {
            level(&d, passed_over);
        }
    }
    give_by_time(&d, d.rest);
    for (uint32_t i = 0; i < count; i++) {
        given[i] *= step;
    }
    free(passed_over);
}
