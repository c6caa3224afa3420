/* block.c - life cycle. */
#include "risk/state.h"

#include <string.h>

#include "core/def.h"
#include "core/layout.h"
#include "core/memory.h"

enum {
    ACCOUNTS_LIMIT = 1 << 24,
    INSTRUMENTS_LIMIT = 1 << 20,
    ORDERS_LIMIT = 1 << 26,
    POOL_LIMIT = 1 << 24,
    MODELS_LIMIT = 65536,
    GROUPS_LIMIT = TRD_RISK_GROUPS_MAX,
    SCENARIO_PAIRS_LIMIT = 1024
};

_Static_assert((uint32_t)POOL_LIMIT <= TRD_MAP_REF, "the map can refer to every node");

static bool within(uint32_t value, uint32_t limit) {
    return value >= 1 && value <= limit;
}

/* The definition as this version knows it; false if it is invalid. */
static bool def_read(const trd_risk_def *def, trd_risk_def *out) {
    *out = trd_risk_def_default();
    return trd__def_read(out, sizeof(*out), def) && within(out->accounts_max, ACCOUNTS_LIMIT) &&
           within(out->instruments_max, INSTRUMENTS_LIMIT) &&
           within(out->orders_max, ORDERS_LIMIT) && out->actors_max <= POOL_LIMIT &&
           out->limits_max <= POOL_LIMIT && out->models_max <= MODELS_LIMIT &&
           out->repeats_max <= POOL_LIMIT && out->groups_max <= GROUPS_LIMIT &&
           out->arrays_max <= MODELS_LIMIT && out->pairs_max <= SCENARIO_PAIRS_LIMIT &&
           out->portfolios_max <= POOL_LIMIT && out->parents_max <= POOL_LIMIT &&
           out->reserved == 0;
}

/* Buckets of a map of so many keys, as slots. */
static size_t map_size(uint32_t keys) {
    return (size_t)trd__map_buckets(keys) * TRD_MAP_WAYS;
}

static uint32_t chains_for(uint32_t repeats) {
    uint32_t chains = 1;
    while (chains < repeats) {
        chains *= 2;
    }
    return chains;
}

/* Places the regions; with `risk` not NULL it also fills in the head. Returns the footprint. */
static size_t layout(const trd_risk_def *def, trd_risk *risk) {
    trd_layout at = {0};
    const uint32_t chains = chains_for(def->repeats_max);
    trd__layout_add(&at, 1, sizeof(trd_risk), TRD_LINE);
    const size_t accounts_at =
        trd__layout_add(&at, def->accounts_max, sizeof(trd_risk_node), TRD_LINE);
    const size_t markets_at =
        trd__layout_add(&at, def->instruments_max, sizeof(trd_risk_market), TRD_LINE);
    const size_t pool_slots_at =
        trd__layout_add(&at, map_size(def->limits_max), sizeof(trd_map_slot), TRD_LINE);
    const size_t role_slots_at =
        trd__layout_add(&at, map_size(def->actors_max), sizeof(trd_map_slot), TRD_LINE);
    const size_t pool_at =
        trd__layout_add(&at, (size_t)def->limits_max + 1, sizeof(trd_risk_node), TRD_LINE);
    const size_t orders_at =
        trd__layout_add(&at, def->orders_max, sizeof(trd_risk_order), TRD_LINE);
    const size_t models_at =
        trd__layout_add(&at, def->models_max, sizeof(trd_margin_model), TRD_LINE);
    const size_t repeats_at =
        trd__layout_add(&at, (size_t)def->repeats_max + 1, sizeof(trd_risk_repeat), TRD_LINE);
    const size_t chains_at = trd__layout_add(&at, chains, sizeof(uint32_t), TRD_LINE);
    const size_t groups_at =
        trd__layout_add(&at, def->groups_max, sizeof(trd_risk_grouping), TRD_LINE);
    const size_t arrays_at =
        trd__layout_add(&at, def->arrays_max, sizeof(trd_risk_losses), TRD_LINE);
    const size_t scenario_pairs_at =
        trd__layout_add(&at, def->pairs_max, sizeof(trd_scenario_pair), TRD_LINE);
    const size_t portfolio_slots_at =
        trd__layout_add(&at, map_size(def->portfolios_max), sizeof(trd_map_slot), TRD_LINE);
    const size_t portfolios_at =
        trd__layout_add(&at, def->portfolios_max, sizeof(trd_risk_folio), TRD_LINE);
    const size_t parent_slots_at =
        trd__layout_add(&at, map_size(def->parents_max), sizeof(trd_map_slot), TRD_LINE);
    const size_t parents_at =
        trd__layout_add(&at, def->parents_max, sizeof(trd_risk_parent_row), TRD_LINE);
    const size_t size = trd__layout_size(&at, TRD_LINE);
    if (risk != NULL) {
        memset(risk, 0, size); /* to its last byte: two that did the same are the same bytes */
        risk->accounts_at = accounts_at;
        risk->markets_at = markets_at;
        risk->pool_slots_at = pool_slots_at;
        risk->role_slots_at = role_slots_at;
        risk->pool_at = pool_at;
        risk->orders_at = orders_at;
        risk->models_at = models_at;
        risk->repeats_at = repeats_at;
        risk->chains_at = chains_at;
        risk->groups_at = groups_at;
        risk->arrays_at = arrays_at;
        risk->scenario_pairs_at = scenario_pairs_at;
        risk->portfolio_slots_at = portfolio_slots_at;
        risk->portfolios_at = portfolios_at;
        risk->parent_slots_at = parent_slots_at;
        risk->parents_at = parents_at;
        risk->chains = chains;
        risk->pool_map =
            (trd_map){.seed = def->hash_seed, .buckets = trd__map_buckets(def->limits_max)};
        risk->role_map =
            (trd_map){.seed = def->hash_seed, .buckets = trd__map_buckets(def->actors_max)};
        risk->portfolio_map =
            (trd_map){.seed = def->hash_seed, .buckets = trd__map_buckets(def->portfolios_max)};
        risk->parent_map =
            (trd_map){.seed = def->hash_seed, .buckets = trd__map_buckets(def->parents_max)};
    }
    return size;
}

size_t trd_risk_footprint(const trd_risk_def *def) {
    trd_risk_def own;
    return def_read(def, &own) ? layout(&own, NULL) : 0;
}

/* All records are free, the one with the lowest number first. Where there can be parent orders,
 * orders are asked about them from the beginning. */
static void pool_begin(trd_risk *risk) {
    for (uint32_t number = risk->def.limits_max; number > 0; number--) {
        trd__risk_pooled(risk, number)->next_free = risk->pool_free;
        risk->pool_free = number;
    }
    for (uint32_t number = risk->def.portfolios_max; number > 0; number--) {
        trd__risk_portfolio(risk, number)->next = risk->portfolio_free;
        risk->portfolio_free = number;
    }
    for (uint32_t number = risk->def.parents_max; number > 0; number--) {
        trd__risk_parent(risk, number)->next_free = risk->parent_free;
        risk->parent_free = number;
    }
    risk->parents = risk->def.parents_max;
    risk->limits = risk->parents != 0 ? trd__bit(TRD_LIMIT_PARENT_QTY) : 0;
}

/* The head, all regions empty. */
static void begin(trd_risk *risk, const trd_risk_def *def) {
    const size_t size = layout(def, risk);
    risk->size = size;
    risk->def = *def;
    pool_begin(risk);
}

trd_risk *trd_risk_init(void *mem, const trd_risk_def *def) {
    trd_risk_def own;
    if (!def_read(def, &own) || mem == NULL || (uintptr_t)mem % TRD_RISK_ALIGN != 0) {
        return NULL;
    }
    begin(mem, &own);
    return mem;
}

trd_risk *trd_risk_create(const trd_risk_def *def) {
    trd_risk_def own;
    if (!def_read(def, &own)) {
        return NULL;
    }
    const size_t size = layout(&own, NULL);
    void *mem = trd__mem_alloc(&own.mem, size, TRD_RISK_ALIGN);
    trd_risk *risk = trd_risk_init(mem, &own);
    if (risk == NULL && mem != NULL) {
        trd__mem_release(&own.mem, mem, size);
    }
    return risk;
}

void trd_risk_destroy(trd_risk *risk) {
    if (risk != NULL) {
        const trd_mem mem = risk->def.mem;
        trd__mem_release(&mem, risk, risk->size);
    }
}

void trd_risk_reset(trd_risk *risk) {
    const trd_risk_def def = risk->def;
    begin(risk, &def);
}

/* What lies between two regions of the block. */
static void clear(trd_risk *risk, uint64_t from, uint64_t to) {
    memset((char *)risk + from, 0, to - from);
}

void trd__risk_restart(trd_risk *risk) {
    const trd_risk_def def = risk->def;
    trd_risk head = *risk;
    for (uint32_t i = 0; i < def.instruments_max; i++) {
        trd_risk_market *market = trd__risk_market(risk, i);
        *market = (trd_risk_market){.model = market->model,
            .tiers = market->tiers,
            .rate_ppm = market->rate_ppm,
            .lever_ppm = market->lever_ppm,
            .array = market->array,
            .group = market->group,
            .is_cash = market->is_cash};
    }
    clear(risk, head.accounts_at, head.markets_at);
    clear(risk, head.pool_slots_at, head.models_at);
    clear(risk, head.repeats_at, head.groups_at);
    clear(risk, head.portfolio_slots_at, head.size);
    head.pool_map.count = 0;
    head.role_map.count = 0;
    head.portfolio_map.count = 0;
    head.parent_map.count = 0;
    *risk = (trd_risk){.pool_map = head.pool_map,
        .role_map = head.role_map,
        .portfolio_map = head.portfolio_map,
        .parent_map = head.parent_map,
        .pool_slots_at = head.pool_slots_at,
        .role_slots_at = head.role_slots_at,
        .portfolio_slots_at = head.portfolio_slots_at,
        .accounts_at = head.accounts_at,
        .markets_at = head.markets_at,
        .pool_at = head.pool_at,
        .orders_at = head.orders_at,
        .models_at = head.models_at,
        .repeats_at = head.repeats_at,
        .chains_at = head.chains_at,
        .groups_at = head.groups_at,
        .arrays_at = head.arrays_at,
        .scenario_pairs_at = head.scenario_pairs_at,
        .portfolios_at = head.portfolios_at,
        .parent_slots_at = head.parent_slots_at,
        .parents_at = head.parents_at,
        .groups = head.groups,
        .arrays = head.arrays,
        .scenario_pairs = head.scenario_pairs,
        .models = head.models,
        .modelled = head.modelled,
        .chains = head.chains,
        .def = def,
        .size = head.size};
    pool_begin(risk);
}
