/* tracker.c - life cycle and queries. */
#include "core/def.h"
#include "core/layout.h"
#include "core/memory.h"
#include "oms/state.h"

enum {
    ORDERS_LIMIT = 1 << 24,
    FILLS_LIMIT = 1 << 24,
    POSITIONS_LIMIT = 1 << 20,
    ACCOUNTS_LIMIT = 1 << 16,
    NOT_FOUND_LIMIT = 100
};

static const trd_ns PERIOD_LIMIT = (trd_ns)1 << 60;

_Static_assert((uint64_t)ORDERS_LIMIT * 3 < TRD_MAP_REF, "the map can refer to every id");
_Static_assert((uint64_t)POSITIONS_LIMIT << KEY_BITS < SCOPE_ACCOUNTS, "scopes are 32 bits");
_Static_assert((uint64_t)ORDERS_LIMIT * 4 + POSITIONS_LIMIT + ACCOUNTS_LIMIT <= TRD_MAP_ENTRIES_MAX,
    "the map has room for every key");
_Static_assert(sizeof(trd_named) == 56, "no padding");
_Static_assert(sizeof(trd_id) == 96, "no padding");
_Static_assert(sizeof(trd_fill_entry) == 96, "no padding");
_Static_assert(sizeof(trd_track) == 152, "no padding");

static bool within(uint32_t value, uint32_t limit) {
    return value >= 1 && value <= limit;
}

static bool period_valid(trd_ns period, trd_ns lowest) {
    return period >= lowest && period <= PERIOD_LIMIT;
}

/* The definition as this version knows it; false if it is invalid. */
static bool def_read(const trd_tracker_def *def, trd_tracker_def *out) {
    *out = trd_tracker_def_default();
    return trd__def_read(out, sizeof(*out), def) && within(out->orders_max, ORDERS_LIMIT) &&
           within(out->requests_max, ORDERS_LIMIT) && within(out->fills_max, FILLS_LIMIT) &&
           within(out->positions_max, POSITIONS_LIMIT) &&
           within(out->accounts_max, ACCOUNTS_LIMIT) &&
           within(out->not_found_max, NOT_FOUND_LIMIT) && out->reserved == 0 &&
           period_valid(out->reply_ns, 1) && period_valid(out->query_ns, 1) &&
           period_valid(out->settle_ns, 0);
}

/* Places the regions; with `t` not NULL it also fills in the head. Returns the footprint. */
static size_t layout(const trd_tracker_def *def, trd_tracker *t) {
    trd_layout at = {0};
    const uint32_t ids = def->orders_max * 2 + def->requests_max;
    const uint32_t keys = ids + def->fills_max + def->positions_max + def->accounts_max;
    trd__layout_add(&at, 1, sizeof(trd_tracker), TRD_LINE);
    const size_t slots_at =
        trd__layout_add(&at, trd__map_buckets(keys), sizeof(trd_map_slot) * TRD_MAP_WAYS, TRD_LINE);
    const size_t accounts_at =
        trd__layout_add(&at, def->accounts_max, sizeof(trd_account_key), TRD_LINE);
    const size_t positions_at =
        trd__layout_add(&at, def->positions_max, sizeof(trd_position_state), TRD_LINE);
    const size_t orders_at = trd__layout_add(&at, def->orders_max, sizeof(trd_track), TRD_LINE);
    const size_t ids_at = trd__layout_add(&at, ids, sizeof(trd_id), TRD_LINE);
    const size_t fills_at = trd__layout_add(&at, def->fills_max, sizeof(trd_fill_entry), TRD_LINE);
    const size_t orders_pool_at =
        trd__layout_add(&at, 1, trd__pool_footprint(def->orders_max), TRD_LINE);
    const size_t ids_pool_at =
        trd__layout_add(&at, 1, trd__pool_footprint(def->requests_max), TRD_LINE);
    const size_t wheel_at =
        trd__layout_add(&at, 1, trd__wheel_footprint(def->orders_max), TRD_LINE);
    if (t != NULL) {
        memset(t, 0, at.size);
        t->slots_at = slots_at;
        t->accounts_at = accounts_at;
        t->positions_at = positions_at;
        t->orders_at = orders_at;
        t->ids_at = ids_at;
        t->fills_at = fills_at;
        t->orders_pool_at = orders_pool_at;
        t->ids_pool_at = ids_pool_at;
        t->wheel_at = wheel_at;
        t->map = (trd_map){.seed = def->hash_seed, .buckets = trd__map_buckets(keys)};
    }
    return trd__layout_size(&at, TRD_LINE);
}

size_t trd_tracker_footprint(const trd_tracker_def *def) {
    trd_tracker_def own;
    return def_read(def, &own) ? layout(&own, NULL) : 0;
}

static const trd_list EMPTY = {.first = TRD_NONE, .last = TRD_NONE};

trd_tracker *trd_tracker_init(void *mem, const trd_tracker_def *def) {
    trd_tracker_def own;
    if (!def_read(def, &own) || mem == NULL || (uintptr_t)mem % TRD_TRACKER_ALIGN != 0) {
        return NULL;
    }
    trd_tracker *t = mem;
    const size_t size = layout(&own, t);
    t->time = INT64_MIN;
    t->open = EMPTY;
    t->ended = EMPTY;
    t->retired = EMPTY;
    t->def = own;
    t->size = size;
    trd__pool_init(trd__orders_pool(t), own.orders_max);
    trd__pool_init(trd__ids_pool(t), own.requests_max);
    trd__wheel_init(trd__tracker_wheel(t), own.orders_max, INT64_MIN);
    return t;
}

trd_tracker *trd_tracker_create(const trd_tracker_def *def) {
    trd_tracker_def own;
    if (!def_read(def, &own)) {
        return NULL;
    }
    const size_t size = layout(&own, NULL);
    void *mem = trd__mem_alloc(&own.mem, size, TRD_TRACKER_ALIGN);
    trd_tracker *t = trd_tracker_init(mem, &own);
    if (t == NULL && mem != NULL) {
        trd__mem_release(&own.mem, mem, size);
    }
    return t;
}

void trd_tracker_destroy(trd_tracker *t) {
    if (t != NULL) {
        const trd_mem mem = t->def.mem;
        trd__mem_release(&mem, t, t->size);
    }
}

/* Generations go on, all of them: a handle from before names nobody, also if its order was
 * forgotten long ago. */
void trd_tracker_reset(trd_tracker *t) {
    const trd_tracker_def def = t->def;
    for (uint32_t slot = 0; slot < def.orders_max; slot++) {
        trd_track *order = trd__track(t, slot);
        const uint32_t generation = order->generation;
        memset(order, 0, sizeof(*order));
        order->generation = trd__handle_generation_next(generation);
    }
    memset(trd__tracker_slots(t), 0, (size_t)t->map.buckets * TRD_MAP_WAYS * sizeof(trd_map_slot));
    memset(trd__position(t, 0), 0, def.positions_max * sizeof(trd_position_state));
    memset(trd__account(t, 0), 0, def.accounts_max * sizeof(trd_account_key));
    memset(trd__id(t, 0), 0, ((size_t)def.orders_max * 2 + def.requests_max) * sizeof(trd_id));
    memset(trd__fill(t, 0), 0, def.fills_max * sizeof(trd_fill_entry));
    trd__pool_reset(trd__orders_pool(t));
    trd__pool_reset(trd__ids_pool(t));
    trd__wheel_init(trd__tracker_wheel(t), def.orders_max, INT64_MIN);
    t->time = INT64_MIN;
    t->map.count = 0;
    t->open = EMPTY;
    t->ended = EMPTY;
    t->retired = EMPTY;
    t->fills_made = 0;
    t->accounts = 0;
    t->positions = 0;
    t->pending = 0;
    t->in_snapshot = 0;
    t->snapshot = 0;
    t->snapshot_account = 0;
    t->snapshot_asked = 0;
    t->stats = (trd_tracker_stats){0};
}

/* --- queries ---------------------------------------------------------------------------------- */

static trd_order handle_or_none(const trd_tracker *t, const trd_track *order) {
    return order != NULL ? trd__handle_of(t, order) : 0;
}

trd_order trd_tracker_find(const trd_tracker *t, const trd_order_key *key) {
    const uint32_t account = trd__account_find(t, key->venue, key->account);
    return handle_or_none(t, trd__id_order(t, trd__id_find_client(t, account, key->client_id)));
}

trd_order trd_tracker_find_venue_id(
    const trd_tracker *t, const trd_account_key *key, const trd_name *venue_id) {
    const uint32_t account = trd__account_find(t, key->venue, key->account);
    return handle_or_none(t, trd__id_order(t, trd__id_find_venue(t, account, venue_id)));
}

static uint32_t tracked_flags(const trd_tracker *t, const trd_track *order) {
    uint32_t flags = (order->flags & ORDER_ENDED) == 0 ? TRD_TRACKED_OPEN : 0;
    flags |= trd__id(t, order->current)->keyed != 0 ? TRD_TRACKED_HAS_CLIENT_ID : 0;
    flags |= (order->flags & ORDER_EXTERNAL) != 0 ? TRD_TRACKED_EXTERNAL : 0;
    flags |= (order->flags & ORDER_OVERFILLED) != 0 ? TRD_TRACKED_OVERFILLED : 0;
    return flags | ((order->flags & ORDER_ASKED) != 0 ? TRD_TRACKED_ASKED : 0);
}

int trd_tracker_order(const trd_tracker *t, trd_order handle, trd_tracked *out) {
    const trd_track *order = trd__track_of(t, handle);
    if (order == NULL) {
        return TRD_E_UNKNOWN;
    }
    const trd_outcome now = trd__outcome_of(t, order);
    *out = (trd_tracked){
        .order = now.order,
        .client_id = now.client_id,
        .tag = now.tag,
        .px = now.px,
        .qty = now.qty,
        .cum = now.cum,
        .leaves = now.leaves,
        .unnamed = order->cum - order->named,
        .venue = now.venue,
        .account = now.account,
        .instrument = now.instrument,
        .cancels = order->cancels,
        .replaces = order->replaces,
        .state = now.state,
        .side = now.side,
        .not_found = order->not_found,
        .flags = tracked_flags(t, order),
        .venue_id = trd__id(t, trd__own_venue(trd__slot_of(t, order)))->key.name,
    };
    return TRD_OK;
}

trd_order trd_tracker_next_open(const trd_tracker *t, trd_order handle) {
    uint32_t next = t->open.first;
    if (handle != 0) {
        const trd_track *order = trd__track_of(t, handle);
        const bool open = order != NULL && (order->flags & ORDER_ENDED) == 0;
        next = open ? order->next : TRD_NONE;
    }
    return next != TRD_NONE ? trd__handle_of(t, trd__track(t, next)) : 0;
}

int trd_tracker_position_at(const trd_tracker *t, uint32_t index, trd_tracked_position *out) {
    if (index >= t->positions) {
        return TRD_E_UNKNOWN;
    }
    const trd_position_state *p = trd__position(t, index);
    const trd_account_key *account = trd__account(t, p->account);
    *out = (trd_tracked_position){.qty = p->qty,
        .adjusted = p->adjusted,
        .moved = p->moved,
        .venue = account->venue,
        .account = account->account,
        .instrument = p->instrument};
    return TRD_OK;
}

int trd_tracker_position_of(
    const trd_tracker *t, const trd_position_key *key, trd_tracked_position *out) {
    const uint32_t account = trd__account_find(t, key->venue, key->account);
    const uint32_t at = trd__position_find(t, account, key->instrument);
    return trd_tracker_position_at(t, at, out);
}

void trd_tracker_stats_get(const trd_tracker *t, trd_tracker_stats *out) {
    *out = t->stats;
    out->orders_open = t->open.count;
    out->orders_ended = t->ended.count;
    out->requests_pending = t->pending;
    out->positions = t->positions;
}

const char *trd_state_text(unsigned state) {
    static const char *const names[TRD_STATE_COUNT] = {"NONE", "NEW", "PARTIALLY_FILLED", "FILLED",
        "CANCELED", "REJECTED", "EXPIRED", "SUSPENDED", "PENDING_NEW", "PENDING_CANCEL",
        "PENDING_REPLACE", "STOPPED", "DONE_FOR_DAY", "CALCULATED", "LOST"};
    return state < TRD_STATE_COUNT ? names[state] : "?";
}
