/* match.c - life cycle, instruments, stepping, queries, audit. */
#include "match/rich.h"

#include "core/def.h"
#include "core/memory.h"
#include "match/ahead.h"

/* --- life cycle ------------------------------------------------------------------------------- */

enum {
    INSTRUMENTS_LIMIT = 1 << 20,
    ORDERS_LIMIT = 1 << 26,
    /* How far a batch looks ahead depends on what the caches hold anyway: looking costs a few ns.
     */
    LOOK_AT_IDS_SIZE = 1 << 20,
    LOOK_AT_ORDERS_SIZE = 1 << 24
};

_Static_assert((uint32_t)ORDERS_LIMIT <= TRD_MAP_REF, "the id map can refer to every order");
_Static_assert((uint64_t)ORDERS_LIMIT * 2 <= TRD_MAP_ENTRIES_MAX, "and has room for every id");
_Static_assert(
    ((uint64_t)ORDERS_LIMIT + 1) * 2 + ORDERS_LIMIT <= UINT32_MAX / 2, "units are 32 bits");

/* The definition as this version knows it; false if it is invalid. */
static bool def_read(const trd_match_def *def, trd_match_def *out) {
    *out = trd_match_def_default();
    if (!trd__def_read(out, sizeof(*out), def)) {
        return false;
    }
    /* The default is more than some need. */
    out->specials_max = out->specials_max < out->orders_max ? out->specials_max : out->orders_max;
    const bool window_mode = out->id_mode == TRD_IDS_WINDOW;
    return out->instruments_max >= 1 && out->instruments_max <= INSTRUMENTS_LIMIT &&
           out->orders_max >= 1 && out->orders_max <= ORDERS_LIMIT &&
           out->id_mode >= TRD_IDS_WINDOW && out->id_mode <= TRD_IDS_REUSE &&
           (window_mode ? out->ids_max >= 1 && out->ids_max <= ORDERS_LIMIT : out->ids_max == 0) &&
           (out->id_mode != TRD_IDS_ASCENDING || out->accounts_max >= 1) &&
           out->positions_max <= ORDERS_LIMIT && out->elect_max >= 1 && out->allocates <= 1 &&
           out->verdicts <= 1 && out->reserved1 == 0 && out->quotes_max <= 1 << 24 &&
           out->groups_max <= 1 << 24 && trd__store_window_valid(out->window) &&
           (out->publish & ~(uint32_t)TRD_PUBLISH_ALL) == 0;
}

/* Slots of the ring of ended ids: the next power of two. */
static uint32_t ended_slots(const trd_match_def *def) {
    uint32_t slots = 1;
    while (slots < def->ids_max) {
        slots *= 2;
    }
    return slots;
}

/* Timers at a time: expiry of special orders, two per instrument, dead men. */
static uint32_t timers(const trd_match_def *def) {
    return def->specials_max + 2 * def->instruments_max + TRD_SCOPES_MAX;
}

/* Everything of the long way but profiles as new. */
static void rich_reset(trd_match *match, uint32_t timer_count) {
    for (uint32_t i = 0; i < match->instruments_max; i++) {
        trd_desk *desk = trd__desk(match, i);
        const trd_profile profile = desk->profile;
        const trd_alloc_rule rule = desk->rule;
        const uint8_t allocates = desk->allocates;
        const trd_qty top_min = desk->top_min;
        *desk = (trd_desk){.state = TRD_SESSION_CONTINUOUS,
            .profile = profile,
            .rule = rule,
            .top_min = top_min,
            .allocates = allocates};
        trd_listing *listing = trd__listing(match, i);
        listing->rich &= TRD_RICH_PROFILE | TRD_RICH_POSITIONS | TRD_RICH_SPEC;
        listing->last = 0;
        listing->has_last = 0;
        listing->orders = 0;
        listing->quiet = TRD_QUIET_UNKNOWN;
    }
    match->rich_any = 0;
    match->crosses = 0;
    for (uint32_t i = 0; i < match->instruments; i++) {
        match->rich_any += trd__listing(match, i)->rich != 0;
    }
    match->special_free = 0;
    match->specials = 0;
    for (uint32_t number = match->specials_max; number > 0; number--) {
        *trd__special(match, number) = (trd_special){.next_free = match->special_free};
        match->special_free = number;
    }
    if (match->specials_max > 0) {
        trd__trail_pool_init(trd__trails(match), match->specials_max);
    }
    trd__wheel_init(trd__wheel(match), timer_count, INT64_MIN);
    trd__quotes_reset(match);
    trd__groups_reset(match);
    trd__timers_changed(match);
    match->work = (trd_work){0};
    match->kill_count = 0;
    trd__plain_until_set(match);
    memset(match->kills, 0, sizeof(match->kills));
    memset(match->deadmen, 0, sizeof(match->deadmen));
}

/* Places the regions; with `match` not NULL it also fills in the head. Returns the footprint, which
 * is never 0: what the limits of a definition allow is far below 2^64 bytes. */
static size_t layout(const trd_match_def *def, trd_match *match) {
    trd_layout at = {0};
    const uint32_t ids = def->orders_max + def->ids_max;
    const uint32_t last_ids = def->id_mode == TRD_IDS_ASCENDING ? def->accounts_max : 0;
    trd__layout_add(&at, 1, sizeof(trd_match), TRD_LINE);
    const size_t listings_at =
        trd__layout_add(&at, def->instruments_max, sizeof(trd_listing), TRD_LINE);
    const size_t slots_at =
        trd__layout_add(&at, trd__map_buckets(ids), sizeof(trd_map_slot) * TRD_MAP_WAYS, TRD_LINE);
    const size_t ended_at = trd__layout_add(&at, ended_slots(def), sizeof(uint32_t), TRD_LINE);
    const size_t last_ids_at = trd__layout_add(&at, last_ids, sizeof(trd_last_id), TRD_LINE);
    const size_t desks_at = trd__layout_add(&at, def->instruments_max, sizeof(trd_desk), TRD_LINE);
    const size_t specials = (size_t)def->specials_max + 1;
    const size_t specials_at = trd__layout_add(&at, specials, sizeof(trd_special), TRD_LINE);
    const size_t nodes_at = trd__layout_add(&at, specials, sizeof(trd_trail_node), TRD_LINE);
    const size_t tops_at = trd__layout_add(&at, specials, sizeof(trd_trail_node), TRD_LINE);
    const size_t groups_at = trd__layout_add(&at, specials, sizeof(trd_trail_group), TRD_LINE);
    const size_t scratch = def->allocates ? def->orders_max : 0;
    const size_t scratch_at = trd__layout_add(&at, scratch, sizeof(trd_alloc_order), TRD_LINE);
    const size_t handles_at = trd__layout_add(&at, scratch, sizeof(trd_order), TRD_LINE);
    const size_t wheel_at =
        trd__layout_add(&at, trd__wheel_footprint(timers(def)), sizeof(char), TRD_LINE);
    const uint32_t quote_buckets = def->quotes_max != 0 ? trd__map_buckets(def->quotes_max) : 0;
    const size_t quote_slots_at =
        trd__layout_add(&at, quote_buckets, sizeof(trd_map_slot) * TRD_MAP_WAYS, TRD_LINE);
    const size_t quotes = def->quotes_max != 0 ? (size_t)def->quotes_max + 1 : 0;
    const size_t quote_rows_at = trd__layout_add(&at, quotes, sizeof(trd_quote_row), TRD_LINE);
    const uint32_t group_buckets = def->groups_max != 0 ? trd__map_buckets(def->groups_max) : 0;
    const size_t group_slots_at =
        trd__layout_add(&at, group_buckets, sizeof(trd_map_slot) * TRD_MAP_WAYS, TRD_LINE);
    const size_t groups = def->groups_max != 0 ? (size_t)def->groups_max + 1 : 0;
    const size_t group_rows_at = trd__layout_add(&at, groups, sizeof(trd_group), TRD_LINE);
    const size_t records_at =
        trd__layout_add(&at, groups, sizeof(trd_command) * TRD_LEGS_MAX * TRD_SLOTS_MAX, TRD_LINE);
    const trd_store_def store = {.books = def->instruments_max,
        .orders_max = def->orders_max,
        .levels_max = def->orders_max + def->specials_max,
        .window = def->window,
        .trees = def->instruments_max * TRD_TREES,
        .tree_levels = def->specials_max};
    /* Whole lines: the gaps between regions are ours to write, too. */
    trd__layout_add(&at, 0, 1, TRD_LINE);
    if (match != NULL) {
        memset(match, 0, at.size);
        match->listings_at = listings_at;
        match->slots_at = slots_at;
        match->ended_at = ended_at;
        match->ended_mask = ended_slots(def) - 1;
        match->last_ids_at = last_ids_at;
        match->ids = (trd_map){.seed = def->hash_seed, .buckets = trd__map_buckets(ids)};
        match->desks_at = desks_at;
        match->specials_at = specials_at;
        match->trail_nodes_at = nodes_at;
        match->trail_tops_at = tops_at;
        match->trail_groups_at = groups_at;
        match->scratch_at = scratch_at;
        match->handles_at = handles_at;
        match->wheel_at = wheel_at;
        match->specials_max = def->specials_max;
        match->quotes = (trd_quotes){.map = {.buckets = quote_buckets},
            .slots_at = quote_slots_at,
            .rows_at = quote_rows_at,
            .capacity = def->quotes_max};
        match->groups = (trd_groups){.map = {.buckets = group_buckets},
            .slots_at = group_slots_at,
            .rows_at = group_rows_at,
            .records_at = records_at,
            .capacity = def->groups_max};
    }
    trd__pos_layout(&at, def->positions_max, match != NULL ? &match->positions : NULL, match);
    trd__store_layout(&at, &store, match != NULL ? &match->store : NULL, match);
    return trd__layout_size(&at, TRD_LINE);
}

size_t trd_match_footprint(const trd_match_def *def) {
    trd_match_def own;
    return def_read(def, &own) ? layout(&own, NULL) : 0;
}

trd_match *trd_match_init(void *mem, const trd_match_def *def) {
    trd_match_def own;
    if (!def_read(def, &own) || mem == NULL || (uintptr_t)mem % TRD_MATCH_ALIGN != 0) {
        return NULL;
    }
    trd_match *match = mem;
    const size_t size = layout(&own, match);
    match->time = INT64_MIN;
    match->accounts_end = own.accounts_max != 0 ? own.accounts_max : (uint64_t)1 << 32;
    match->id_mode = own.id_mode;
    match->publish = own.publish;
    match->ids_max = own.ids_max;
    match->instruments_max = own.instruments_max;
    match->looks_ahead = size >= LOOK_AT_ORDERS_SIZE ? TRD_LOOK_AT_ORDERS
                         : size >= LOOK_AT_IDS_SIZE  ? TRD_LOOK_AT_IDS
                                                     : 0;
    match->elect_max = own.elect_max;
    match->allocates = own.allocates;
    match->verdicts = own.verdicts;
    match->asks_quotes = 0;
    match->timer_count = timers(&own);
    match->size = size;
    for (uint32_t i = 0; i < own.instruments_max; i++) {
        trd__desk(match, i)->profile = trd_profile_default();
        trd__desk(match, i)->rule.fifo_percent = 100;
    }
    rich_reset(match, match->timer_count);
    return match;
}

trd_match *trd_match_create(const trd_match_def *def) {
    trd_match_def own;
    if (!def_read(def, &own)) {
        return NULL;
    }
    const size_t size = layout(&own, NULL);
    void *mem = trd__mem_alloc(&own.mem, size, TRD_MATCH_ALIGN);
    trd_match *match = trd_match_init(mem, &own);
    if (match != NULL) {
        match->mem = own.mem;
    } else if (mem != NULL) {
        trd__mem_release(&own.mem, mem, size);
    }
    return match;
}

void trd_match_destroy(trd_match *match) {
    if (match != NULL) {
        const trd_mem mem = match->mem;
        trd__mem_release(&mem, match, match->size);
    }
}

void trd_match_reset(trd_match *match) {
    match->time = INT64_MIN;
    match->seq = 0;
    match->commands = 0;
    match->executions = 0;
    match->ended = 0;
    match->time_steps_back = 0;
    match->taker = (trd_taker){0};
    match->ids.count = 0;
    match->publish_any = 0;
    for (uint32_t i = 0; i < match->instruments; i++) {
        trd__publish_set(match, trd__listing(match, i), match->publish);
    }
    memset(
        trd__id_slots(match), 0, (size_t)match->ids.buckets * TRD_MAP_WAYS * sizeof(trd_map_slot));
    memset(trd__ended(match), 0, ((size_t)match->ended_mask + 1) * sizeof(uint32_t));
    if (match->id_mode == TRD_IDS_ASCENDING) {
        memset(trd__last_ids(match), 0, (size_t)match->accounts_end * sizeof(trd_last_id));
    }
    trd__store_reset(&match->store);
    trd__pos_reset(&match->positions);
    rich_reset(match, match->timer_count);
}

/* Is a command pending? */
trd_inline bool is_pending(const trd_match *match) {
    return (match->taker.unit | match->work.stage) != 0;
}

int trd_match_add(trd_match *match, const trd_instrument *spec) {
    if (is_pending(match)) {
        return TRD_E_BUSY;
    }
    if (spec == NULL || trd_instrument_check(spec, match->store.orders_max) != TRD_INSTRUMENT_OK) {
        return TRD_E_ARG;
    }
    if (match->instruments == match->instruments_max) {
        return TRD_E_FULL;
    }
    trd_listing *listing = trd__listing(match, match->instruments);
    listing->spec = *spec;
    trd__publish_set(match, listing, match->publish);
    trd__rules_make(&listing->rules, &listing->spec);
    if (match->positions.capacity != 0) {
        trd__rich_set(match, match->instruments, TRD_RICH_POSITIONS);
    }
    if (spec->profile != 0) {
        trd__rich_set(match, match->instruments, TRD_RICH_SPEC);
    }
    return (int)match->instruments++;
}

/* The allocation rule of a profile: special-orders.md. */
static trd_alloc_rule rule_of(const trd_profile *profile) {
    static const char letters[] = "FACKOQST";
    trd_alloc_rule rule = {.fifo_percent = profile->fifo_percent,
        .top = profile->top_max > 0,
        .lmm = profile->lead[0].percent != 0 || profile->lead[1].percent != 0 ||
               profile->lead[2].percent != 0 || profile->lead[3].percent != 0,
        .top_min = profile->top_min,
        .top_max = profile->top_max,
        .prorata_min = profile->prorata_min};
    if (profile->allocation == TRD_ALLOCATE_PRORATA) {
        return rule;
    }
    trd__alloc_cme(letters[profile->allocation], &rule);
    rule.top_min = profile->top_min != 0 ? profile->top_min : rule.top_min;
    rule.top_max = profile->top_max != 0 ? profile->top_max : rule.top_max;
    rule.prorata_min = profile->prorata_min != 0 ? profile->prorata_min : rule.prorata_min;
    if (profile->allocation == TRD_ALLOCATE_K && profile->fifo_percent != 0) {
        rule.fifo_percent = profile->fifo_percent;
    }
    return rule;
}

/* Does anything rest or wait in the instrument? */
static bool has_orders(const trd_match *match, uint32_t instrument) {
    return trd__listing(match, instrument)->orders != 0 ||
           trd__store_side(&match->store, instrument * 2)->near != 0 ||
           trd__store_side(&match->store, instrument * 2 + 1)->near != 0;
}

/* The limits of a rule in whole lot steps. */
static trd_alloc_rule rule_in_steps(trd_alloc_rule rule, int64_t step) {
    trd_qty *const limits[] = {&rule.top_min, &rule.top_max, &rule.prorata_min};
    for (int k = 0; k < 3; k++) {
        *limits[k] = *limits[k] / step + (*limits[k] % step != 0);
    }
    return rule;
}

int trd_match_configure(trd_match *match, uint32_t instrument, const trd_profile *profile) {
    if (instrument >= match->instruments) {
        return TRD_E_UNKNOWN;
    }
    if (trd_profile_check(profile) != TRD_OK ||
        (profile->allocation != TRD_ALLOCATE_FIFO && match->allocates == 0)) {
        return TRD_E_ARG;
    }
    if (is_pending(match) || has_orders(match, instrument)) {
        return TRD_E_BUSY;
    }
    trd_desk *desk = trd__desk(match, instrument);
    const trd_profile plain = trd_profile_default();
    desk->profile = *profile;
    desk->rule = rule_in_steps(rule_of(profile), trd__listing(match, instrument)->spec.lot_step);
    desk->top_min = rule_of(profile).top_min;
    desk->allocates = profile->allocation != TRD_ALLOCATE_FIFO;
    trd__breaker_forget(match, instrument);
    if (memcmp(profile, &plain, sizeof(plain)) != 0) {
        trd__rich_set(match, instrument, TRD_RICH_PROFILE);
    } else {
        trd__rich_clear(match, instrument, TRD_RICH_PROFILE);
    }
    return TRD_OK;
}

int trd_match_state(const trd_match *match, uint32_t instrument) {
    return instrument < match->instruments ? trd__desk(match, instrument)->state : TRD_E_UNKNOWN;
}

int trd_match_position(
    const trd_match *match, uint32_t account, uint32_t instrument, unsigned side, trd_qty *out) {
    if (side > TRD_POSITION_SHORT) {
        return TRD_E_ARG;
    }
    if (match->positions.capacity == 0 || instrument >= match->instruments) {
        return TRD_E_UNKNOWN;
    }
    const uint32_t number = trd__pos_find(&match->positions, account, instrument, side);
    *out = number != 0 ? trd__pos_entry(&match->positions, number)->qty : 0;
    return TRD_OK;
}

const trd_instrument *trd_match_instrument(const trd_match *match, uint32_t instrument) {
    return instrument < match->instruments ? &trd__listing(match, instrument)->spec : NULL;
}

/* --- stepping --------------------------------------------------------------------------------- */

trd_inline bool out_usable(const trd_out *out) {
    return out != NULL && out->events != NULL && out->count <= out->capacity;
}

int trd_match_step(trd_match *match, const trd_command *command, trd_out *out) {
    if (trd_unlikely(!out_usable(out))) {
        return TRD_E_ARG;
    }
    if (trd_unlikely(is_pending(match))) {
        return command == NULL ? trd__continue(match, out) : TRD_E_BUSY;
    }
    if (trd_unlikely(command == NULL)) {
        return TRD_E_ARG;
    }
    if (trd_unlikely(trd__out_full(out))) {
        return TRD_E_FULL;
    }
    return trd__execute(match, command, SIZE_MAX, out);
}

static unsigned vet(trd_match *match, const trd_command *command, trd_vetted *out) {
    const bool way = trd__way(match, command) == TRD_WAY_LONG;
    if (command->kind == TRD_COMMAND_NEW) {
        return way ? trd__rich_vet_new(match, command, SIZE_MAX, out)
                   : trd__order_vet_new(match, command, SIZE_MAX, out);
    }
    return way ? trd__rich_vet_replace(match, command, SIZE_MAX, out)
               : trd__order_vet_replace(match, command, SIZE_MAX, out);
}

int trd_match_vet(trd_match *match, const trd_command *command, trd_vetted *out) {
    if (match == NULL || command == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    if (is_pending(match) || command->time >= match->timer_bound) {
        return TRD_E_BUSY;
    }
    trd_vetted found = {0};
    if (command->kind != TRD_COMMAND_NEW && command->kind != TRD_COMMAND_REPLACE) {
        *out = found;
        return 0;
    }
    const trd_ns time = match->time;
    match->time = command->time > time ? command->time : time;
    found.account = command->account;
    found.instrument = command->instrument;
    found.side = command->kind == TRD_COMMAND_NEW ? command->u.order.side : 0;
    const unsigned reason = vet(match, command, &found);
    match->time = time;
    if (reason == 0) {
        *out = found;
    }
    return (int)reason;
}

int trd_match_run(
    trd_match *match, const trd_command *commands, size_t slots, size_t *done, trd_out *out) {
    if (done != NULL) {
        *done = 0;
    }
    if (commands == NULL || done == NULL || !out_usable(out)) {
        return TRD_E_ARG;
    }
    if (is_pending(match)) {
        return TRD_E_BUSY;
    }
    int result = TRD_OK;
    size_t at = 0;
    trd_horizon seen = {{0}};
    while (at < slots && result == TRD_OK) {
        if (trd_unlikely(trd__out_full(out))) {
            result = at == 0 ? TRD_E_FULL : TRD_OK;
            break;
        }
        const trd_command *command = &commands[at];
        if (match->looks_ahead != 0) {
            trd__look_ahead(match, commands, at, slots, &seen);
        }
        result = trd__execute(match, command, slots - at, out);
        at += trd_likely(command->slots == 1) ? 1 : trd__record_slots(command, slots - at);
    }
    *done = at;
    return result;
}

/* --- queries ---------------------------------------------------------------------------------- */

trd_order trd_match_find(const trd_match *match, uint32_t account, uint64_t client_id) {
    const trd_store *store = &match->store;
    const uint32_t unit = trd__id_find(match, account, client_id);
    return unit == 0 ? 0 : trd__store_handle(trd__node(trd__store_arena(store), unit), unit);
}

static trd_order_info order_info(const trd_match *match, uint32_t unit) {
    const trd_store *store = &match->store;
    const trd_node *node = trd__order(match, unit);
    const uint32_t number = trd__special_of(node);
    const trd_queue *level = trd__queue(trd__store_arena(store), node->level);
    trd_order_info info = {
        .order = trd__store_handle(node, unit),
        .client_id = trd__client_id(match, node),
        .px = trd__px_of(match, unit),
        .leaves = trd__leaves(match, node),
        .executed = node->executed,
        .account = node->account,
        .side = node->side,
        .tif = node->tif,
        .exec = node->exec & TRD_EXEC_PUBLIC,
        .type = TRD_TYPE_LIMIT,
        .stp = (uint8_t)trd__stp_of(node),
        .displayed = trd__is_displayed(match, node) ? node->leaves : 0,
        .prevented = trd__prevented(match, node),
    };
    if (number == 0) {
        info.instrument = level->side_at / 2;
        return info;
    }
    const trd_special *special = trd__special(match, number);
    info.instrument = special->instrument;
    info.type = special->type;
    info.where = special->where;
    if (special->where == TRD_WHERE_WAITING && !trd__trigger_now(match, number, &info.trigger)) {
        info.trigger = 0;
    }
    return info;
}

int trd_match_order(const trd_match *match, trd_order order, trd_order_info *out) {
    const uint32_t unit = trd__store_unit(&match->store, order);
    if (unit == 0) {
        return TRD_E_UNKNOWN;
    }
    *out = order_info(match, unit);
    return TRD_OK;
}

int trd_match_pending(const trd_match *match, trd_order_info *out) {
    if (match->work.stage != TRD_STAGE_VERDICT) {
        return TRD_E_UNKNOWN;
    }
    *out = order_info(match, trd__special(match, match->work.judged)->unit);
    return TRD_OK;
}

int trd_match_verdict(trd_match *match, unsigned reason) {
    if (match->work.stage != TRD_STAGE_VERDICT) {
        return TRD_E_UNKNOWN;
    }
    match->work.verdict = reason == 0 ? TRD_VERDICT_PASSED : TRD_VERDICT_REFUSED;
    match->work.stage = TRD_STAGE_SETTLE;
    return TRD_OK;
}

/* The index of a side, or a negative result. */
static int64_t side_index(const trd_match *match, uint32_t instrument, unsigned side) {
    if (instrument >= match->instruments) {
        return TRD_E_UNKNOWN;
    }
    return side == TRD_BUY || side == TRD_SELL ? (int64_t)instrument * 2 + side - 1 : TRD_E_ARG;
}

int trd_match_best(const trd_match *match, uint32_t instrument, unsigned side, trd_level *out) {
    return trd_match_depth(match, instrument, side, out, 1);
}

int trd_match_depth(
    const trd_match *match, uint32_t instrument, unsigned side, trd_level *out, uint32_t max) {
    const int64_t at = side_index(match, instrument, side);
    return at < 0 ? (int)at
                  : (int)trd__ladder_view(
                        &match->store, (uint32_t)at, out, max < INT32_MAX ? max : INT32_MAX);
}

int trd_match_queue(const trd_match *match, uint32_t instrument, unsigned side, trd_px px,
    trd_order_info *out, uint32_t max) {
    const int64_t side_at = side_index(match, instrument, side);
    if (side_at < 0) {
        return (int)side_at;
    }
    const trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    const uint32_t level =
        trd__ladder_find(store, (uint32_t)side_at, trd__key(px, (uint32_t)side_at & 1));
    uint32_t count = 0;
    for (uint32_t at = level != 0 ? trd__link(arena, level)->next : 0; at != level && count < max;
         at = trd__link(arena, at)->next) {
        out[count++] = order_info(match, at);
    }
    return (int)count;
}

int trd_match_orders(
    const trd_match *match, const trd_order_filter *filter, trd_order_info *out, uint32_t max) {
    const unsigned all =
        TRD_MASS_ACCOUNT | TRD_MASS_INSTRUMENT | TRD_MASS_SIDE | TRD_MASS_TAG | TRD_MASS_ACTOR;
    if (filter == NULL || (filter->filter & ~all) != 0 || (out == NULL && max > 0)) {
        return TRD_E_ARG;
    }
    const bool one = (filter->filter & TRD_MASS_INSTRUMENT) != 0;
    if (one && filter->instrument >= match->instruments) {
        return TRD_E_UNKNOWN;
    }
    const trd_sieve sieve = {.tag = filter->tag,
        .account = filter->account,
        .actor = filter->actor,
        .filter = filter->filter,
        .side = filter->side};
    const uint32_t end = one ? filter->instrument + 1 : match->instruments;
    uint32_t count = 0;
    for (uint32_t i = one ? filter->instrument : 0; i < end; i++) {
        trd_walk walk = {0};
        uint32_t unit;
        while ((unit = trd__walk_next(match, i, &walk)) != 0) {
            if (trd__sieve_keeps(match, &sieve, trd__order(match, unit))) {
                if (count < max) {
                    out[count] = order_info(match, unit);
                }
                count++;
            }
        }
    }
    return (int)count;
}

void trd_match_stats_get(const trd_match *match, trd_match_stats *out) {
    *out = (trd_match_stats){
        .commands = match->commands,
        .events = match->seq,
        .executions = match->executions,
        .time_steps_back = match->time_steps_back,
        .ids_forgotten = match->ended - trd__ended_count(match),
        .orders = match->store.orders,
        .levels = match->store.levels - match->store.tree_levels,
        .far_levels = match->store.far_levels,
        .instruments = match->instruments,
        .specials = match->specials,
        .positions = match->positions.count,
    };
}
