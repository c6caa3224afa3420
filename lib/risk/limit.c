/* limit.c - limits are set, taken away, and read. */
#include "risk/parent.h"

/* --- which limits there are ------------------------------------------------------------------- */

#define IN(scope) ((uint32_t)1 << TRD_LIMIT_##scope)
#define IN_ALL (IN(FIRM) | IN(ACCOUNT) | IN(INSTRUMENT) | IN(PAIR) | IN(ACTOR) | IN(TAG))

typedef struct trd_limit_kind {
    uint32_t scopes;
    int64_t value_max;
    uint64_t burst_max;
    bool has_window;
} trd_limit_kind;

static const trd_limit_kind KINDS[TRD_LIMIT_COUNT] = {
    [TRD_LIMIT_POSITION] = {IN(FIRM) | IN(ACCOUNT) | IN(INSTRUMENT) | IN(PAIR), INT64_MAX, 0,
        false},
    [TRD_LIMIT_ORDER_QTY] = {IN_ALL, INT64_MAX, 0, false},
    [TRD_LIMIT_ORDER_VALUE] = {IN_ALL, INT64_MAX, 0, false},
    [TRD_LIMIT_OPEN_VALUE] = {IN(FIRM) | IN(ACCOUNT) | IN(TAG), INT64_MAX, 0, false},
    [TRD_LIMIT_LEVERAGE] = {IN(FIRM) | IN(ACCOUNT), INT64_MAX, 0, false},
    [TRD_LIMIT_DAILY_LOSS] = {IN(FIRM) | IN(ACCOUNT), INT64_MAX, 1, false},
    [TRD_LIMIT_MESSAGES] = {IN(FIRM) | IN(ACCOUNT) | IN(ACTOR) | IN(TAG), TRD_LIMIT_EVENTS_MAX,
        TRD_LIMIT_EVENTS_MAX, true},
    [TRD_LIMIT_COLLAR] = {IN(FIRM) | IN(INSTRUMENT) | IN(PAIR), INT64_MAX, 0, false},
    [TRD_LIMIT_REPEATED] = {IN(FIRM), 0, 0, true},
    [TRD_LIMIT_EXECUTIONS] = {IN(ACCOUNT) | IN(TAG), TRD_LIMIT_EVENTS_MAX, 0, true},
    [TRD_LIMIT_RESTRICTED] = {IN(INSTRUMENT) | IN(PAIR), 0, 0, false},
    [TRD_LIMIT_PARENT_QTY] = {IN(PARENT), TRD_QTY_LIMIT - 1, 0, false},
};

static bool has_account(unsigned scope) {
    return scope == TRD_LIMIT_ACCOUNT || scope == TRD_LIMIT_PAIR || scope == TRD_LIMIT_PARENT;
}

static bool has_instrument(unsigned scope) {
    return scope == TRD_LIMIT_INSTRUMENT || scope == TRD_LIMIT_PAIR || scope == TRD_LIMIT_PARENT;
}

static bool side_is_good(const trd_limit *l) {
    return l->scope == TRD_LIMIT_PARENT ? l->side == TRD_BUY || l->side == TRD_SELL : l->side == 0;
}

/* Does it name a limit and a scope that has it? */
static bool name_is_good(const trd_risk *risk, const trd_limit *l) {
    if (l == NULL || l->limit < TRD_LIMIT_POSITION || l->limit >= TRD_LIMIT_COUNT ||
        l->scope < TRD_LIMIT_FIRM || l->scope > TRD_LIMIT_PARENT || !side_is_good(l)) {
        return false;
    }
    return (KINDS[l->limit].scopes >> l->scope & 1) != 0 &&
           l->account < (has_account(l->scope) ? risk->def.accounts_max : 1) &&
           l->instrument < (has_instrument(l->scope) ? risk->def.instruments_max : 1) &&
           (l->scope == TRD_LIMIT_ACTOR || l->actor == 0) &&
           (l->scope >= TRD_LIMIT_TAG) == (l->tag != 0);
}

static bool terms_are_good(const trd_limit *l) {
    const trd_limit_kind *kind = &KINDS[l->limit];
    if (l->remove != 0) {
        return l->remove == 1 && l->value == 0 && l->window == 0 && l->burst == 0;
    }
    return l->value >= 0 && l->value <= kind->value_max && l->burst <= kind->burst_max &&
           (kind->has_window ? l->window > 0 : l->window == 0);
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* The key of a pair, an actor or a tag. */
static uint64_t id_of(const trd_limit *l) {
    switch (l->scope) {
    case TRD_LIMIT_PAIR:
        return trd__pair_id(l->account, l->instrument);
    case TRD_LIMIT_ACTOR:
        return l->actor;
    default:
        return l->tag;
    }
}

static bool is_pooled(const trd_limit *l) {
    return l->scope >= TRD_LIMIT_PAIR;
}

static trd_risk_node *find_node(const trd_risk *risk, const trd_limit *l) {
    switch (l->scope) {
    case TRD_LIMIT_FIRM:
        return (trd_risk_node *)(uintptr_t)&risk->firm;
    case TRD_LIMIT_ACCOUNT:
        return trd__risk_account(risk, l->account);
    case TRD_LIMIT_INSTRUMENT:
        return &trd__risk_market(risk, l->instrument)->node;
    default:
        return trd__pooled_of(risk, id_of(l), l->scope);
    }
}

/* How many nodes of its kind there are. */
static uint32_t *count_of(trd_risk *risk, unsigned scope) {
    return scope == TRD_LIMIT_PAIR    ? &risk->pairs
           : scope == TRD_LIMIT_ACTOR ? &risk->actors
                                      : &risk->tags;
}

static trd_risk_node *add_node(trd_risk *risk, const trd_limit *l) {
    const uint64_t id = id_of(l);
    const uint32_t number = risk->pool_free;
    trd_assert(number != 0);
    trd_risk_node *node = trd__risk_pooled(risk, number);
    risk->pool_free = node->next_free;
    *node = (trd_risk_node){0};
    trd__map_put(&risk->pool_map, trd__pool_slots(risk),
        trd__map_home(&risk->pool_map, id, l->scope), id, l->scope, number);
    (*count_of(risk, l->scope))++;
    if (l->scope == TRD_LIMIT_TAG) {
        trd__tag_counts(risk, l->tag, node);
    }
    return node;
}

static void drop_node(trd_risk *risk, const trd_limit *l) {
    const uint32_t slot = trd__pool_find(risk, id_of(l), l->scope);
    const uint32_t number = trd__map_ref(trd__pool_slots(risk), slot);
    trd__map_erase(&risk->pool_map, trd__pool_slots(risk), slot);
    *trd__risk_pooled(risk, number) = (trd_risk_node){.next_free = risk->pool_free};
    risk->pool_free = number;
    (*count_of(risk, l->scope))--;
}

/* --- setting ---------------------------------------------------------------------------------- */

/* One limit more (by = 1), or fewer (-1), of its scope. */
static void count_limit(trd_risk *risk, const trd_limit *l, int by) {
    uint32_t *set = &risk->set[l->scope - 1][l->limit];
    const uint32_t latched = l->limit == TRD_LIMIT_EXECUTIONS ? trd__bit(TRD_RISK_LATCHED) : 0;
    const uint32_t bits = trd__bit(l->limit) | latched;
    *set += (uint32_t)by;
    risk->scopes_of[l->limit] &= (uint8_t) ~(1u << (l->scope - 1));
    risk->scopes_of[l->limit] |= (uint8_t)((uint32_t)(*set != 0) << (l->scope - 1));
    risk->limits &= ~bits;
    risk->limits |= risk->scopes_of[l->limit] != 0 ? bits : 0;
}

/* What besides the value is kept of a limit, and what it has counted. */
static void set_details(trd_risk_node *node, const trd_limit *l) {
    switch (l->limit) {
    case TRD_LIMIT_MESSAGES:
        node->period = l->window;
        node->burst = l->burst;
        trd__messages_begin(node);
        break;
    case TRD_LIMIT_EXECUTIONS:
        node->window = l->window;
        trd__executions_begin(node);
        break;
    case TRD_LIMIT_REPEATED:
        node->window = l->window;
        break;
    case TRD_LIMIT_DAILY_LOSS:
        node->with_unrealised = (uint32_t)l->burst;
        break;
    default:
        break;
    }
}

static void take_away(trd_risk *risk, const trd_limit *l) {
    trd_risk_node *node = find_node(risk, l);
    if ((node->mask & trd__bit(l->limit)) == 0) {
        return;
    }
    count_limit(risk, l, -1);
    node->mask &= ~trd__bit(l->limit);
    node->value[l->limit - 1] = 0;
    if (l->limit == TRD_LIMIT_EXECUTIONS) {
        node->mask &= ~trd__bit(TRD_RISK_LATCHED);
    }
    if (is_pooled(l) && node->mask == 0) {
        drop_node(risk, l);
    }
}

int trd_risk_limit(trd_risk *risk, const trd_limit *limit) {
    if (!name_is_good(risk, limit) || !terms_are_good(limit)) {
        return TRD_E_ARG;
    }
    if (limit->scope == TRD_LIMIT_PARENT) {
        return trd__parent_limit(risk, limit);
    }
    if (limit->remove != 0) {
        take_away(risk, limit);
        return TRD_OK;
    }
    if (limit->limit == TRD_LIMIT_REPEATED && risk->def.repeats_max == 0) {
        return TRD_E_FULL;
    }
    trd_risk_node *node = find_node(risk, limit);
    if (node == trd__risk_pooled(risk, 0)) {
        if (risk->pool_free == 0) {
            return TRD_E_FULL;
        }
        node = add_node(risk, limit);
    }
    if ((node->mask & trd__bit(limit->limit)) == 0) {
        count_limit(risk, limit, 1);
    }
    node->mask |= trd__bit(limit->limit);
    node->value[limit->limit - 1] = limit->value;
    set_details(node, limit);
    return TRD_OK;
}

int trd_risk_limit_get(const trd_risk *risk, trd_limit *limit) {
    if (!name_is_good(risk, limit)) {
        return TRD_E_ARG;
    }
    if (limit->scope == TRD_LIMIT_PARENT) {
        return trd__parent_limit_get(risk, limit);
    }
    const trd_risk_node *node = find_node(risk, limit);
    if ((node->mask & trd__bit(limit->limit)) == 0) {
        return TRD_E_UNKNOWN;
    }
    limit->value = node->value[limit->limit - 1];
    limit->window = 0;
    limit->burst = 0;
    if (limit->limit == TRD_LIMIT_MESSAGES) {
        limit->window = node->period;
        limit->burst = node->burst;
    } else if (KINDS[limit->limit].has_window) {
        limit->window = node->window;
    } else if (limit->limit == TRD_LIMIT_DAILY_LOSS) {
        limit->burst = node->with_unrealised;
    }
    return TRD_OK;
}

int trd_risk_rearm(trd_risk *risk, const trd_limit *which) {
    if (!name_is_good(risk, which) || which->limit != TRD_LIMIT_EXECUTIONS) {
        return TRD_E_ARG;
    }
    trd_risk_node *node = find_node(risk, which);
    if ((node->mask & trd__bit(TRD_LIMIT_EXECUTIONS)) == 0) {
        return TRD_E_UNKNOWN;
    }
    const bool latched = (node->mask & trd__bit(TRD_RISK_LATCHED)) != 0;
    node->mask &= ~trd__bit(TRD_RISK_LATCHED);
    trd__executions_begin(node);
    return latched;
}
