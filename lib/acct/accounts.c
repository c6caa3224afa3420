/* accounts.c - life cycle, the stamp of events. */
#include "acct/state.h"

#include "core/def.h"
#include "core/layout.h"
#include "core/memory.h"

enum {
    INSTRUMENTS_LIMIT = 1 << 20,
    ACCOUNTS_LIMIT = 1 << 24,
    POOL_LIMIT = 1 << 26,
    TABLES_LIMIT = 65536
};

_Static_assert((uint32_t)POOL_LIMIT <= TRD_MAP_REF, "the maps can refer to every record");
_Static_assert((uint32_t)ACCOUNTS_LIMIT <= TRD_SET_LIMIT_MAX, "every account can be in the set");
_Static_assert((uint32_t)ACCOUNTS_LIMIT < TRD_ACCOUNT_VENUE, "no account is one of the venue");

static bool within(uint32_t value, uint32_t limit) {
    return value >= 1 && value <= limit;
}

/* The definition as this version knows it; false if it is invalid. */
static bool def_read(const trd_accounts_def *def, trd_accounts_def *out) {
    *out = trd_accounts_def_default();
    return trd__def_read(out, sizeof(*out), def) &&
           within(out->assets_max, TRD_ACCT_ASSETS_LIMIT) &&
           within(out->instruments_max, INSTRUMENTS_LIMIT) &&
           within(out->accounts_max, ACCOUNTS_LIMIT) && within(out->balances_max, POOL_LIMIT) &&
           within(out->positions_max, POOL_LIMIT) && within(out->orders_max, POOL_LIMIT) &&
           out->unsettled_max <= POOL_LIMIT && within(out->fee_tables_max, TABLES_LIMIT) &&
           out->valuation_asset < out->assets_max &&
           (out->publish & ~(uint32_t)TRD_PUBLISH_MONEY_ALL) == 0 && out->reserved == 0;
}

static size_t map_size(uint32_t keys) {
    return (size_t)trd__map_buckets(keys) * TRD_MAP_WAYS;
}

/* Accounts of which sums can be kept: those that can have a position. */
static uint32_t kept_max(const trd_accounts_def *def) {
    return def->accounts_max < def->positions_max ? def->accounts_max : def->positions_max;
}

/* Places the regions; with `a` not NULL it also fills in the head. Returns the footprint. Pools are
 * counted from 1: record 0 stays zero and stands for what is not there. */
static size_t layout(const trd_accounts_def *def, trd_accounts *a) {
    trd_layout at = {0};
    trd__layout_add(&at, 1, sizeof(trd_accounts), TRD_LINE);
    const size_t assets_at =
        trd__layout_add(&at, def->assets_max, sizeof(trd_acct_asset), TRD_LINE);
    const size_t listings_at =
        trd__layout_add(&at, def->instruments_max, sizeof(trd_acct_listing), TRD_LINE);
    const size_t tables_at =
        trd__layout_add(&at, def->fee_tables_max, sizeof(trd_fee_table), TRD_LINE);
    const size_t clients_at =
        trd__layout_add(&at, def->accounts_max, sizeof(trd_acct_client), TRD_LINE);
    const size_t purse_slots_at =
        trd__layout_add(&at, map_size(def->balances_max), sizeof(trd_map_slot), TRD_LINE);
    const size_t entry_slots_at =
        trd__layout_add(&at, map_size(def->positions_max), sizeof(trd_map_slot), TRD_LINE);
    const size_t purses_at =
        trd__layout_add(&at, (size_t)def->balances_max + 1, sizeof(trd_acct_purse), TRD_LINE);
    const size_t entries_at =
        trd__layout_add(&at, (size_t)def->positions_max + 1, sizeof(trd_acct_entry), TRD_LINE);
    const size_t holds_at = trd__layout_add(&at, def->orders_max, sizeof(trd_acct_hold), TRD_LINE);
    const size_t dues_at =
        trd__layout_add(&at, (size_t)def->unsettled_max + 1, sizeof(trd_acct_due), TRD_LINE);
    const size_t touched_at =
        trd__layout_add(&at, trd__set_words(def->accounts_max), sizeof(uint64_t), TRD_LINE);
    const size_t kept_at =
        trd__layout_add(&at, (size_t)kept_max(def) + 1, sizeof(trd_acct_kept), TRD_LINE);
    const size_t values_at =
        trd__layout_add(&at, (size_t)def->positions_max + 1, sizeof(trd_acct_value), TRD_LINE);
    const size_t pools_at =
        trd__layout_add(&at, (size_t)def->balances_max + 1, sizeof(trd_acct_pool), TRD_LINE);
    const size_t moves_at = trd__layout_add(&at, TRD_ACCT_MOVES, sizeof(uint32_t), TRD_LINE);
    const size_t size = trd__layout_size(&at, TRD_LINE);
    if (a != NULL) {
        memset(a, 0, size);
        a->assets_at = assets_at;
        a->listings_at = listings_at;
        a->tables_at = tables_at;
        a->clients_at = clients_at;
        a->purse_slots_at = purse_slots_at;
        a->entry_slots_at = entry_slots_at;
        a->purses_at = purses_at;
        a->entries_at = entries_at;
        a->holds_at = holds_at;
        a->dues_at = dues_at;
        a->touched_at = touched_at;
        a->kept_at = kept_at;
        a->values_at = values_at;
        a->pools_at = pools_at;
        a->moves_at = moves_at;
        a->purse_map =
            (trd_map){.seed = def->hash_seed, .buckets = trd__map_buckets(def->balances_max)};
        a->entry_map =
            (trd_map){.seed = def->hash_seed, .buckets = trd__map_buckets(def->positions_max)};
    }
    return size;
}

size_t trd_accounts_footprint(const trd_accounts_def *def) {
    trd_accounts_def own;
    return def_read(def, &own) ? layout(&own, NULL) : 0;
}

/* The free places for unsettled amounts, lowest number first. */
static void dues_reset(trd_accounts *a) {
    a->due_free = 0;
    for (uint32_t number = a->def.unsettled_max; number > 0; number--) {
        *trd__due(a, number) = (trd_acct_due){.next = a->due_free};
        a->due_free = number;
    }
}

trd_accounts *trd_accounts_init(void *mem, const trd_accounts_def *def) {
    trd_accounts_def own;
    if (!def_read(def, &own) || mem == NULL || (uintptr_t)mem % TRD_ACCOUNTS_ALIGN != 0) {
        return NULL;
    }
    trd_accounts *a = mem;
    const size_t size = layout(&own, a);
    a->size = size;
    a->seq = 1;
    a->def = own;
    a->publish = own.publish;
    dues_reset(a);
    return a;
}

trd_accounts *trd_accounts_create(const trd_accounts_def *def) {
    trd_accounts_def own;
    if (!def_read(def, &own)) {
        return NULL;
    }
    const size_t size = layout(&own, NULL);
    void *mem = trd__mem_alloc(&own.mem, size, TRD_ACCOUNTS_ALIGN);
    trd_accounts *a = trd_accounts_init(mem, &own);
    if (a == NULL && mem != NULL) {
        trd__mem_release(&own.mem, mem, size);
    }
    return a;
}

void trd_accounts_destroy(trd_accounts *accounts) {
    if (accounts != NULL) {
        const trd_mem mem = accounts->def.mem;
        trd__mem_release(&mem, accounts, accounts->size);
    }
}

static void asset_reset(trd_acct_asset *asset, bool is_valuation) {
    trd_acct_asset fresh = {.scale = asset->scale,
        .numerator = is_valuation ? 1 : 0,
        .denominator = is_valuation ? 1 : 0};
    memcpy(fresh.symbol, asset->symbol, sizeof(fresh.symbol));
    *asset = fresh;
}

static void listing_reset(trd_acct_listing *listing) {
    listing->outside = 0;
    listing->holds = 0;
    listing->entries = (trd_acct_list){0};
    listing->mark = 0;
    listing->has_mark = 0;
    listing->funding_due = 0;
    listing->has_funding = 0;
}

void trd_accounts_reset(trd_accounts *a) {
    const trd_accounts_def *def = &a->def;
    for (uint32_t i = 0; i < a->assets; i++) {
        asset_reset(trd__asset(a, i), i == def->valuation_asset);
    }
    for (uint32_t i = 0; i < a->listings; i++) {
        listing_reset(trd__listed(a, i));
    }
    memset(trd__client(a, 0), 0, (size_t)def->accounts_max * sizeof(trd_acct_client));
    memset(trd__purse_slots(a), 0, map_size(def->balances_max) * sizeof(trd_map_slot));
    memset(trd__entry_slots(a), 0, map_size(def->positions_max) * sizeof(trd_map_slot));
    memset(trd__purse(a, 0), 0, ((size_t)def->balances_max + 1) * sizeof(trd_acct_purse));
    memset(trd__entry(a, 0), 0, ((size_t)def->positions_max + 1) * sizeof(trd_acct_entry));
    memset(trd__held(a, 0), 0, (size_t)def->orders_max * sizeof(trd_acct_hold));
    memset(trd__acct_touched(a), 0, trd__set_words(def->accounts_max) * sizeof(uint64_t));
    memset(trd__kept(a, 0), 0, ((size_t)kept_max(def) + 1) * sizeof(trd_acct_kept));
    memset(trd__value(a, 0), 0, ((size_t)def->positions_max + 1) * sizeof(trd_acct_value));
    memset(trd__pool(a, 0), 0, ((size_t)def->balances_max + 1) * sizeof(trd_acct_pool));
    memset(trd__marked(a, 0), 0, TRD_ACCT_MOVES * sizeof(uint32_t));
    a->marks = 0;
    a->rates = 0;
    a->valued = 0;
    a->kept = 0;
    a->purse_map.count = 0;
    a->entry_map.count = 0;
    a->purses = 0;
    a->entries = 0;
    a->dues = 0;
    a->multis = 0;
    a->due_list = (trd_acct_list){0};
    a->day = 0;
    a->period = 0;
    a->seq = 1;
    a->time = 0;
    a->work = (trd_acct_work){0};
    dues_reset(a);
}

void trd_accounts_stamp(trd_accounts *accounts, trd_ns time, uint64_t seq) {
    accounts->time = time;
    accounts->seq = seq;
}

uint64_t trd_accounts_next_seq(const trd_accounts *accounts) {
    return accounts->seq;
}
