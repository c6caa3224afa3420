/* rows.c - the tables of engine/rows.h: those of the parts are in headers of their own. */
#include "engine/rows.h"

#include "core/hash.h"
#include "engine/legs.h"
#include "engine/rows_acct.h"
#include "engine/rows_match.h"
#include "engine/rows_risk.h"

enum { UNIT_SIZE = 32 }; /* of the store's arena */

/* --- the engine ------------------------------------------------------------------------------- */

static const trd_field unit_row[] = {
    VL(trd_unit, account, TRD_UP_TO_ACCOUNTS),
    VL(trd_unit, asset, TRD_UP_TO_ASSETS),
    VL(trd_unit, instrument, TRD_UP_TO_INSTRUMENTS),
    V(trd_unit, kind),
    V(trd_unit, position),
    ZERO(trd_unit, reserved),
};
TABLE(unit, trd_unit)

static const trd_field margin_state_row[] = {
    V(trd_margin_state, equity),
    V(trd_margin_state, profit),
    V(trd_margin_state, initial),
    V(trd_margin_state, maintenance),
    V(trd_margin_state, available),
    V(trd_margin_state, ratio_ppm),
    V(trd_margin_state, has_ratio),
    V(trd_margin_state, level),
};
TABLE(margin_state, trd_margin_state)

static const trd_field liq_row[] = {
    S(trd_liq, unit, unit_fields),
    S(trd_liq, state, margin_state_fields),
    V(trd_liq, order),
    V(trd_liq, px),
    V(trd_liq, lots),
    V(trd_liq, qty),
    V(trd_liq, cost),
    V(trd_liq, realised),
    V(trd_liq, collateral),
    V(trd_liq, phase),
    V(trd_liq, entry),
    V(trd_liq, passed),
    V(trd_liq, instrument),
    V(trd_liq, sent),
    V(trd_liq, ids),
    V(trd_liq, ranked),
    V(trd_liq, purse),
    V(trd_liq, level),
    V(trd_liq, told),
    ZERO(trd_liq, reserved),
};
TABLE(liq, trd_liq)

static const trd_field checkpoint_row[] = {
    V(trd_checkpoint, slots),
    V(trd_checkpoint, hash),
    V(trd_checkpoint, seq),
};
TABLE(checkpoint, trd_checkpoint)

static const trd_field past_row[] = {
    V(trd_past, slots),
    V(trd_past, hash),
    V(trd_past, due),
    V(trd_past, checkpoints),
    NO(trd_past, last, TRD_FIELD_APART),
};
TABLE(past, trd_past)

static const trd_field engine_link_row[] = {
    VL(trd_engine_link, group, TRD_UP_TO_GROUPS),
    V(trd_engine_link, leg),
    V(trd_engine_link, to_come),
};
TABLE(engine_link, trd_engine_link)

static const trd_field liquidation_row[] = {
    MADE(trd_liquidation, struct_size),
    MADE(trd_liquidation, target_ppm),
    MADE(trd_liquidation, fee_ppm),
    MADE(trd_liquidation, step_pct),
    MADE(trd_liquidation, orders_max),
    MADE(trd_liquidation, fund),
};
TABLE(liquidation, trd_liquidation)

static const trd_field engine_row[] = {
    MADE(trd_engine, match_at),
    MADE(trd_engine, accounts_at),
    MADE(trd_engine, risk_at),
    MADE(trd_engine, monitor_at),
    MADE(trd_engine, ranks_at),
    MADE(trd_engine, links_at),
    MADE(trd_engine, size),
    V(trd_engine, seq),
    MADE(trd_engine, decisions),
    MADE(trd_engine, trail),
    V(trd_engine, regrouped),
    ZERO(trd_engine, reserved),
    BLANK(trd_engine, mem),
    BLANK_TO(trd_engine, stage, terms),
    MADE(trd_engine, terms),
    S(trd_engine, liq, liq_fields),
    BLANK(trd_engine, books),
    S(trd_engine, past, past_fields),
};
TABLE(engine, trd_engine)

/* --- rows that are numbers -------------------------------------------------------------------- */

typedef struct trd_u32_row {
    uint32_t value;
} trd_u32_row;

typedef struct trd_ended_row {
    uint32_t slot;
} trd_ended_row;

typedef struct trd_next_row {
    uint32_t next;
} trd_next_row;

typedef struct trd_u64_row {
    uint64_t value;
} trd_u64_row;

/* A slot of a command that is staged: its bytes, as numbers. */
typedef struct trd_record_row {
    uint64_t word[sizeof(trd_command) / sizeof(uint64_t)];
} trd_record_row;

static const trd_field u32_row[] = {V(trd_u32_row, value)};
TABLE(u32, trd_u32_row)

/* An id that has ended: the slot of its key; and, in text, the key itself. */
static const trd_field ended_row[] = {
    V(trd_ended_row, slot),
};
TABLE(ended, trd_ended_row)

static const trd_field next_row[] = {VU(trd_next_row, next, TRD_USUALLY_NEXT)};
TABLE(next, trd_next_row)

static const trd_field u64_row[] = {V(trd_u64_row, value)};
TABLE(u64, trd_u64_row)

static const trd_field record_row[] = {A(trd_record_row, word)};
TABLE(record, trd_record_row)

static const trd_field pool_row[] = {
    MADE(trd_pool, capacity),
    V(trd_pool, count),
    V(trd_pool, top),
    ZERO(trd_pool, reserved),
};
TABLE(pool, trd_pool)

/* --- all of them ------------------------------------------------------------------------------ */

static const trd_fields *const tables[] = {&map_fields, &map_slot_fields, &unit_link_fields,
    &special_link_fields, &group_link_fields, &tick_tier_fields, &instrument_fields, &rules_fields,
    &listing_fields, &last_id_fields, &lead_maker_fields, &profile_fields, &alloc_rule_fields,
    &ev_auction_fields, &ends_fields, &slice_fields, &cross_fields, &trail_fields, &desk_fields,
    &queue_fields, &node_fields, &far_fields, &far_node_fields, &far_pool_fields, &side_fields,
    &store_fields, &special_fields, &trail_node_fields, &trail_group_fields, &trail_pool_fields,
    &pos_entry_fields, &pos_fields, &scope_fields, &deadman_row_fields, &guard_fields,
    &quote_row_fields, &quotes_fields, &group_leg_fields, &group_fields, &groups_fields,
    &wheel_node_fields, &wheel_fields, &match_fields, &fee_tier_fields, &fee_table_fields,
    &tax_fields, &acct_asset_fields, &acct_listing_fields, &acct_client_fields, &acct_purse_fields,
    &acct_entry_fields, &acct_hold_fields, &acct_due_fields, &acct_value_fields, &acct_sums_fields,
    &acct_pool_fields, &acct_need_fields, &acct_kept_fields, &acct_work_fields,
    &accounts_def_fields, &accounts_fields, &risk_node_fields, &pooled_node_fields,
    &risk_market_fields, &risk_order_fields, &risk_terms_fields, &risk_repeat_fields,
    &scenario_spread_fields, &scenario_group_fields, &scenario_array_fields, &scenario_pair_fields,
    &risk_grouping_fields, &risk_losses_fields, &risk_folio_fields, &risk_parent_row_fields,
    &margin_tier_fields, &margin_model_fields, &risk_def_fields, &risk_fields, &seat_fields,
    &market_fields, &slot_fields, &pool_watch_fields, &watch_fields, &unit_sums_fields,
    &share_fields, &pot_fields, &monitor_stats_fields, &monitor_def_fields, &monitor_fields,
    &unit_fields, &margin_state_fields, &liq_fields, &checkpoint_fields, &past_fields,
    &engine_link_fields, &liquidation_fields, &engine_fields, &u32_fields, &ended_fields,
    &next_fields, &u64_fields, &record_fields, &pool_fields, &purse_list_fields, &entry_list_fields,
    &due_list_fields};

const trd_fields *trd__rows_table(uint32_t number) {
    return number < sizeof(tables) / sizeof(tables[0]) ? tables[number] : NULL;
}

/* Where a field lies and what it is, not how it is called. */
uint64_t trd__rows_layout(uint64_t seed) {
    uint64_t hash = seed;
    for (uint32_t number = 0; trd__rows_table(number) != NULL; number++) {
        const trd_fields *table = trd__rows_table(number);
        hash = trd__hash(&table->size, sizeof(table->size), hash);
        for (uint32_t i = 0; i < table->count; i++) {
            const trd_field *field = &table->field[i];
            const uint32_t what[4] = {field->at, field->size, field->count, field->kind};
            hash = trd__hash(what, sizeof(what), hash);
        }
    }
    return hash;
}

/* --- where they are --------------------------------------------------------------------------- */

/* Is a value of a new row not zero? */
static bool has_usual(const trd_fields *of) {
    for (uint32_t i = 0; i < of->count; i++) {
        const trd_field *field = &of->field[i];
        if (field->usual != TRD_USUALLY_ZERO || (field->of != NULL && has_usual(field->of))) {
            return true;
        }
    }
    return false;
}

/* Is there something in it that is no value, and not zero? */
static bool has_more(const trd_fields *of) {
    for (uint32_t i = 0; i < of->count; i++) {
        const trd_field *field = &of->field[i];
        const bool is_other = field->kind == TRD_FIELD_MADE || field->kind == TRD_FIELD_BLANK ||
                              field->kind == TRD_FIELD_APART;
        if (is_other || (field->of != NULL && has_more(field->of))) {
            return true;
        }
    }
    return false;
}

/* A region that is put at the end of the list. */
static trd_region *add(trd_rows *rows, const char *name, const trd_fields *of, uint64_t at,
    uint64_t first, uint64_t count) {
    trd_assert(rows->count < TRD_REGIONS_MAX);
    trd_region *region = &rows->region[rows->count++];
    *region = (trd_region){.name = name,
        .of = of,
        .at = at,
        .stride = of->size,
        .first = first,
        .count = count,
        .next_from = (int64_t)first + 1,
        .next_step = 1,
        .has_usual = has_usual(of),
        .is_plain = !has_usual(of) && !has_more(of)};
    return region;
}

/* Rows from 1 to `count`; there is a row 0, which is none of them. */
static trd_region *add_from_one(
    trd_rows *rows, const char *name, const trd_fields *of, uint64_t at, uint64_t count) {
    return add(rows, name, of, at + of->size, 1, count);
}

/* The slots of the map at `map_at`; both offsets from `base`. */
static void add_map(trd_rows *rows, const char *name, uint64_t base, uint64_t at, uint64_t map_at,
    const trd_map *map, uint64_t limit) {
    trd_region *region =
        add(rows, name, &map_slot_fields, base + at, 0, (uint64_t)map->buckets * TRD_MAP_WAYS);
    region->how = TRD_TABLE_MAP;
    region->map_at = base + map_at;
    region->map_limit = limit;
}

/* Rows whose free ones are chained, from the one that stands at `free_at`. */
static trd_region *chained(trd_region *region, uint64_t free_at) {
    region->free_at = free_at;
    return region;
}

static void follows(trd_region *region, uint8_t how) {
    region->how = how;
}

/* The rows of array [field] in each of `count` structs. */
static void add_inner(trd_rows *rows, const char *name, const trd_fields *of, uint64_t at,
    uint64_t outer, uint32_t inner, uint64_t count) {
    trd_region *region = add(rows, name, of, at, 0, count * inner);
    region->is_plain = false;
    region->inner = inner;
    region->outer = outer;
}

static void add_engine(trd_rows *rows, const trd_engine *engine) {
    add(rows, "engine", &engine_fields, 0, 0, 1);
    add(rows, "checkpoint", &checkpoint_fields,
        offsetof(trd_engine, past) + offsetof(trd_past, last), 0, TRD_CHECKPOINTS);
    if (engine->links_at != 0) {
        add(rows, "link", &engine_link_fields, engine->links_at, 0,
            trd__engine_accounts(engine)->def.orders_max);
    }
}

/* Timers: the wheel, and its pool. */
static void add_wheel(trd_rows *rows, const trd_match *match, uint64_t base) {
    const trd_wheel *wheel = trd__wheel(match);
    const uint64_t at = base + match->wheel_at;
    add(rows, "wheel", &wheel_fields, at, 0, 1);
    add(rows, "timer", &wheel_node_fields, at + wheel->nodes_at, 0, wheel->capacity);
    add(rows, "timer_due", &u32_fields, at + wheel->heap_at, 0, wheel->capacity);
    add(rows, "timer_pool", &pool_fields, at + wheel->pool_at, 0, 1);
    trd_region *next = add(rows, "timer_next", &next_fields,
        at + wheel->pool_at + offsetof(trd_pool, next), 0, wheel->capacity);
    next->next_last = TRD_POOL_NONE;
    next->free_at = at + wheel->pool_at + offsetof(trd_pool, top);
}

/* Orders, levels, and where levels are found. */
static void add_store(trd_rows *rows, const trd_match *match, uint64_t base) {
    const trd_store *store = &match->store;
    const uint64_t at = base + offsetof(trd_match, store);
    const uint64_t sides = (uint64_t)store->books * 2;
    const uint64_t levels = at + store->arena_at + (uint64_t)store->level_unit * UNIT_SIZE;
    chained(add_from_one(rows, "order", &node_fields, at + store->arena_at, store->orders_max),
        at + offsetof(trd_store, order_free));
    trd_region *level = chained(add(rows, "level", &queue_fields, levels, 1, store->levels_max),
        at + offsetof(trd_store, level_free));
    level->next_from = -2;
    level->next_step = -1;
    add(rows, "limbo", &queue_fields, levels + (uint64_t)store->levels_max * UNIT_SIZE, 0, 1);
    follows(add(rows, "side", &side_fields, at + store->sides_at, 0, sides), TRD_TABLE_FOUND);
    follows(add(rows, "side_bits", &u64_fields, at + store->bits_at, 0, sides * store->bit_words),
        TRD_TABLE_FOUND);
    follows(add(rows, "side_window", &u32_fields, at + store->windows_at, 0, sides * store->window),
        TRD_TABLE_FOUND);
    follows(add_from_one(
                rows, "far", &far_node_fields, at + store->far_at, store->far_pool.capacity - 1),
        TRD_TABLE_FOUND);
    follows(add(rows, "tree", &far_fields, at + store->trees_at, 0, store->trees), TRD_TABLE_FOUND);
}

static void add_groups(trd_rows *rows, const trd_match *match, uint64_t base) {
    const trd_quotes *quotes = &match->quotes;
    const trd_groups *groups = &match->groups;
    if (quotes->capacity != 0) {
        add_map(rows, "quote_key", base, quotes->slots_at, offsetof(trd_match, quotes.map),
            &quotes->map, quotes->capacity);
        chained(add_from_one(
                    rows, "quote", &quote_row_fields, base + quotes->rows_at, quotes->capacity),
            base + offsetof(trd_match, quotes.free));
    }
    if (groups->capacity != 0) {
        add_map(rows, "group_key", base, groups->slots_at, offsetof(trd_match, groups.map),
            &groups->map, groups->capacity);
        chained(
            add_from_one(rows, "group", &group_fields, base + groups->rows_at, groups->capacity),
            base + offsetof(trd_match, groups.free));
        add(rows, "group_record", &record_fields, base + groups->records_at, 0,
            ((uint64_t)groups->capacity + 1) * TRD_LEGS_MAX * TRD_SLOTS_MAX);
    }
}

static void add_match(trd_rows *rows, const trd_match *match, uint64_t base) {
    const uint32_t markets = match->instruments_max;
    add(rows, "matcher", &match_fields, base, 0, 1);
    add(rows, "kill", &scope_fields, base + offsetof(trd_match, kills), 0, TRD_SCOPES_MAX);
    add(rows, "deadman", &deadman_row_fields, base + offsetof(trd_match, deadmen), 0,
        TRD_SCOPES_MAX);
    add(rows, "listing", &listing_fields, base + match->listings_at, 0, markets);
    add(rows, "desk", &desk_fields, base + match->desks_at, 0, markets);
    add_inner(rows, "slice", &slice_fields, base + match->desks_at + offsetof(trd_desk, slices),
        sizeof(trd_desk), TRD_SLICES, markets);
    add_store(rows, match, base);
    add_map(rows, "id", base, match->slots_at, offsetof(trd_match, ids), &match->ids,
        match->store.orders_max);
    follows(add(rows, "id_ended", &ended_fields, base + match->ended_at, 0,
                (uint64_t)match->ended_mask + 1),
        TRD_TABLE_ENDED);
    if (match->id_mode == TRD_IDS_ASCENDING) {
        add(rows, "id_last", &last_id_fields, base + match->last_ids_at, 0, match->accounts_end);
    }
    chained(add_from_one(
                rows, "special", &special_fields, base + match->specials_at, match->specials_max),
        base + offsetof(trd_match, special_free));
    add_from_one(
        rows, "trail_order", &trail_node_fields, base + match->trail_nodes_at, match->specials_max);
    add_from_one(
        rows, "trail_top", &trail_node_fields, base + match->trail_tops_at, match->specials_max);
    chained(add_from_one(rows, "trail_group", &trail_group_fields, base + match->trail_groups_at,
                match->specials_max),
        base + offsetof(trd_match, trail_pool.free));
    add_wheel(rows, match, base);
    if (match->positions.capacity != 0) {
        const uint64_t at = base + offsetof(trd_match, positions);
        add_map(rows, "net_key", at, match->positions.slots_at, offsetof(trd_pos, map),
            &match->positions.map, match->positions.capacity);
        chained(add_from_one(rows, "net", &pos_entry_fields, at + match->positions.entries_at,
                    match->positions.capacity),
            at + offsetof(trd_pos, free));
    }
    add_groups(rows, match, base);
}

static void add_accounts(trd_rows *rows, const trd_accounts *a, uint64_t base) {
    const trd_accounts_def *def = &a->def;
    const uint64_t kept =
        def->accounts_max < def->positions_max ? def->accounts_max : def->positions_max;
    add(rows, "accounts", &accounts_fields, base, 0, 1);
    add(rows, "asset", &acct_asset_fields, base + a->assets_at, 0, def->assets_max);
    add(rows, "fees", &fee_table_fields, base + a->tables_at, 0, def->fee_tables_max);
    add(rows, "instrument", &acct_listing_fields, base + a->listings_at, 0, def->instruments_max);
    add(rows, "account", &acct_client_fields, base + a->clients_at, 0, def->accounts_max);
    add_map(rows, "balance_key", base, a->purse_slots_at, offsetof(trd_accounts, purse_map),
        &a->purse_map, def->balances_max);
    add_from_one(rows, "balance", &acct_purse_fields, base + a->purses_at, def->balances_max);
    add_map(rows, "position_key", base, a->entry_slots_at, offsetof(trd_accounts, entry_map),
        &a->entry_map, def->positions_max);
    add_from_one(rows, "position", &acct_entry_fields, base + a->entries_at, def->positions_max);
    add(rows, "hold", &acct_hold_fields, base + a->holds_at, 0, def->orders_max);
    chained(
        add_from_one(rows, "unsettled", &acct_due_fields, base + a->dues_at, def->unsettled_max),
        base + offsetof(trd_accounts, due_free));
    follows(add(rows, "touched", &u64_fields, base + a->touched_at, 0,
                trd__set_words(def->accounts_max)),
        TRD_TABLE_SET);
    add_from_one(rows, "worth", &acct_kept_fields, base + a->kept_at, kept);
    add_from_one(
        rows, "position_worth", &acct_value_fields, base + a->values_at, def->positions_max);
    add_from_one(rows, "balance_worth", &acct_pool_fields, base + a->pools_at, def->balances_max);
    add(rows, "moved", &u32_fields, base + a->moves_at, 0, TRD_ACCT_MOVES);
}

static void add_risk(trd_rows *rows, const trd_risk *risk, uint64_t base) {
    const trd_risk_def *def = &risk->def;
    add(rows, "risk", &risk_fields, base, 0, 1);
    add(rows, "risk_account", &risk_node_fields, base + risk->accounts_at, 0, def->accounts_max);
    add(rows, "risk_instrument", &risk_market_fields, base + risk->markets_at, 0,
        def->instruments_max);
    add_map(rows, "limit_key", base, risk->pool_slots_at, offsetof(trd_risk, pool_map),
        &risk->pool_map, def->limits_max);
    add(rows, "limit_none", &risk_node_fields, base + risk->pool_at, 0, 1);
    chained(add_from_one(rows, "limit", &pooled_node_fields, base + risk->pool_at, def->limits_max),
        base + offsetof(trd_risk, pool_free));
    add_map(rows, "role", base, risk->role_slots_at, offsetof(trd_risk, role_map), &risk->role_map,
        TRD_ROLE_ADMIN);
    add(rows, "risk_order", &risk_order_fields, base + risk->orders_at, 0, def->orders_max);
    add(rows, "model", &margin_model_fields, base + risk->models_at, 1, def->models_max);
    follows(add_from_one(
                rows, "repeat", &risk_repeat_fields, base + risk->repeats_at, def->repeats_max),
        TRD_TABLE_REPEATS);
    follows(add(rows, "repeat_chain", &u32_fields, base + risk->chains_at, 0, risk->chains),
        TRD_TABLE_FOUND);
    add(rows, "scenario_group", &risk_grouping_fields, base + risk->groups_at, 0, def->groups_max);
    add(rows, "scenario_array", &risk_losses_fields, base + risk->arrays_at, 1, def->arrays_max);
    add(rows, "scenario_pair", &scenario_pair_fields, base + risk->scenario_pairs_at, 0,
        def->pairs_max);
    add_map(rows, "portfolio_key", base, risk->portfolio_slots_at,
        offsetof(trd_risk, portfolio_map), &risk->portfolio_map, def->portfolios_max);
    chained(add(rows, "portfolio", &risk_folio_fields, base + risk->portfolios_at, 1,
                def->portfolios_max),
        base + offsetof(trd_risk, portfolio_free));
    add_map(rows, "parent_key", base, risk->parent_slots_at, offsetof(trd_risk, parent_map),
        &risk->parent_map, def->parents_max);
    chained(
        add(rows, "parent", &risk_parent_row_fields, base + risk->parents_at, 1, def->parents_max),
        base + offsetof(trd_risk, parent_free));
}

static void add_monitor(trd_rows *rows, const trd_monitor *m, uint64_t base) {
    const trd_monitor_def *def = &m->def;
    add(rows, "monitor", &monitor_fields, base, 0, 1);
    add(rows, "seat", &seat_fields, base + m->seats_at, 0, def->accounts_max);
    add(rows, "market", &market_fields, base + m->markets_at, 0, def->instruments_max);
    add_from_one(rows, "pool", &pool_watch_fields, base + m->pools_at, def->balances_max);
    add_from_one(rows, "watch", &watch_fields, base + m->watches_at, def->positions_max);
    add_from_one(rows, "watch_slot", &slot_fields, base + m->slots_at, def->positions_max);
    add(rows, "sums", &unit_sums_fields, base + m->sums_at, 0, TRD_ACCT_ASSETS_LIMIT);
    add_from_one(rows, "share", &share_fields, base + m->shares_at, def->positions_max);
    add_from_one(rows, "pot", &pot_fields, base + m->pots_at, def->balances_max);
}

static uint64_t below(uint64_t count) {
    return count != 0 ? count - 1 : 0;
}

static void set_limits(trd_rows *rows, const trd_engine *engine) {
    const trd_match *match = trd__engine_match(engine);
    const trd_accounts_def *accounts = &trd__engine_accounts(engine)->def;
    const trd_risk_def *risk = &trd__engine_risk(engine)->def;
    const uint64_t limit[TRD_UP_TO_COUNT] = {[TRD_UP_TO_ANY] = UINT64_MAX,
        [TRD_UP_TO_ASSETS] = below(accounts->assets_max),
        [TRD_UP_TO_INSTRUMENTS] = below(accounts->instruments_max),
        [TRD_UP_TO_ACCOUNTS] = below(accounts->accounts_max),
        [TRD_UP_TO_SPECIALS] = match->specials_max,
        [TRD_UP_TO_POSITIONS] = match->positions.capacity,
        [TRD_UP_TO_QUOTES] = match->quotes.capacity,
        [TRD_UP_TO_GROUPS] = match->groups.capacity,
        [TRD_UP_TO_PURSES] = accounts->balances_max,
        [TRD_UP_TO_ENTRIES] = accounts->positions_max,
        [TRD_UP_TO_DUES] = accounts->unsettled_max,
        [TRD_UP_TO_KEPT] = accounts->accounts_max,
        [TRD_UP_TO_TABLES] = below(accounts->fee_tables_max),
        [TRD_UP_TO_MODELS] = risk->models_max,
        [TRD_UP_TO_REPEATS] = risk->repeats_max,
        [TRD_UP_TO_SCENARIOS] = below(risk->groups_max),
        [TRD_UP_TO_ARRAYS] = risk->arrays_max,
        [TRD_UP_TO_PORTFOLIOS] = risk->portfolios_max,
        [TRD_UP_TO_PARENTS] = risk->parents_max,
        [TRD_UP_TO_NODES] = risk->limits_max,
        [TRD_UP_TO_FREE] = UINT64_MAX,
        [TRD_UP_TO_GROWN] = UINT64_MAX};
    memcpy(rows->limit, limit, sizeof(limit));
}

void trd__rows_of(const trd_engine *engine, trd_rows *out) {
    const trd_match *match = trd__engine_match(engine);
    const trd_store *store = &match->store;
    *out = (trd_rows){.orders = store->orders_max,
        .levels = store->levels_max,
        .level_unit = store->level_unit,
        .sides = store->books * 2,
        .trees = store->trees};
    set_limits(out, engine);
    add_engine(out, engine);
    add_match(out, match, engine->match_at);
    add_accounts(out, trd__engine_accounts(engine), engine->accounts_at);
    add_risk(out, trd__engine_risk(engine), engine->risk_at);
    if (engine->monitor_at != 0) {
        add_monitor(out, trd__engine_monitor(engine), engine->monitor_at);
    }
}

/* --- values ----------------------------------------------------------------------------------- */

trd_wide trd__row_usual(const trd_region *region, uint64_t place, const trd_field *field) {
    switch (field->usual) {
    case TRD_USUALLY_ONE:
        return 1;
    case TRD_USUALLY_ONES:
        return UINT32_MAX;
    case TRD_USUALLY_NEXT:
        return place + 1 == region->count ? region->next_last
                                          : region->next_from + region->next_step * (int64_t)place;
    default:
        return 0;
    }
}

/* The limbo is the last level, whatever there are. */
static const int64_t LIMBO = INT32_MIN;

static trd_wide unit_get(const trd_rows *rows, uint32_t unit) {
    if (unit < rows->level_unit) {
        return trd__order_number(unit);
    }
    return unit - rows->level_unit == rows->levels ? LIMBO
                                                   : -1 - (trd_wide)(unit - rows->level_unit);
}

static bool unit_put(const trd_rows *rows, trd_wide value, uint32_t *unit) {
    if (value == LIMBO) {
        *unit = rows->level_unit + rows->levels;
        return true;
    }
    *unit =
        value >= 0 ? trd__order_unit((uint32_t)value) : rows->level_unit + (uint32_t)(-1 - value);
    return value <= rows->orders && value >= -(trd_wide)rows->levels;
}

/* The sides of books count up from 0, trees down from -1; the limbo has none. */
static trd_wide side_get(const trd_rows *rows, uint32_t side) {
    return side < rows->sides || side == UINT32_MAX ? side : -1 - (trd_wide)(side - rows->sides);
}

static bool side_put(const trd_rows *rows, trd_wide value, uint32_t *side) {
    *side = value >= 0 ? (uint32_t)value : rows->sides + (uint32_t)(-1 - value);
    return value == UINT32_MAX || (value < rows->sides && value >= -(trd_wide)rows->trees);
}

static trd_wide int_get(const void *at, uint32_t size) {
    int32_t narrow;
    int64_t plain;
    trd_wide wide;
    switch (size) {
    case sizeof(narrow):
        memcpy(&narrow, at, sizeof(narrow));
        return narrow;
    case sizeof(plain):
        memcpy(&plain, at, sizeof(plain));
        return plain;
    default:
        memcpy(&wide, at, sizeof(wide));
        return wide;
    }
}

static trd_wide uint_get(const void *at, uint32_t size) {
    trd_uwide wide = 0;
    memcpy(&wide, at, size); /* little-endian: the low bytes */
    return (trd_wide)wide;
}

trd_wide trd__row_get(const trd_rows *rows, const trd_field *field, const void *at) {
    switch (field->kind) {
    case TRD_FIELD_UNIT:
        return unit_get(rows, (uint32_t)uint_get(at, sizeof(uint32_t)));
    case TRD_FIELD_SIDE:
        return side_get(rows, (uint32_t)uint_get(at, sizeof(uint32_t)));
    case TRD_FIELD_INT:
        return int_get(at, field->size);
    default:
        return uint_get(at, field->size);
    }
}

/* Is it in the range of the type, and of what the field is about? */
static bool fits(const trd_rows *rows, const trd_field *field, trd_wide value) {
    if (field->size == sizeof(trd_wide)) {
        return true;
    }
    const uint32_t bits = field->size * 8;
    if (field->kind == TRD_FIELD_INT) {
        const trd_wide end = (trd_wide)1 << (bits - 1);
        return value >= -end && value < end;
    }
    return value >= 0 && value < (trd_wide)1 << bits && value <= rows->limit[field->limit];
}

bool trd__row_put(const trd_rows *rows, const trd_field *field, void *at, trd_wide value) {
    uint32_t number = 0;
    if (field->kind == TRD_FIELD_UNIT || field->kind == TRD_FIELD_SIDE) {
        const bool is_one = field->kind == TRD_FIELD_UNIT ? unit_put(rows, value, &number)
                                                          : side_put(rows, value, &number);
        memcpy(at, &number, is_one ? sizeof(number) : 0);
        return is_one;
    }
    if (!fits(rows, field, value)) {
        return false;
    }
    memcpy(at, &value, field->size);
    return true;
}
