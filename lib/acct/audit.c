/* audit.c - recomputes everything that is kept.
 *
 * Sums over members of a group (what is locked in each balance, say) are compared all at once: each
 * group has an odd multiplier of its own, and the sum of what is kept times it must be that of what
 * its members say. A single wrong group always shows, because a difference times an odd number is
 * not zero; that several wrong ones hide each other is as likely as a guess of 64 bits. So an audit
 * needs no memory and looks at each record once. */
#include "acct/value.h"

/* --- groups ----------------------------------------------------------------------------------- */

enum check {
    LOCKED,     /* of purses: amounts of holds, collateral of entries */
    AT_RISK,    /* of purses: reaches of entries */
    ON_MARGIN,  /* of purses: amounts of holds on margin, mode MULTI */
    OPEN_BUY,   /* of entries: leaves of holds */
    OPEN_SELL,  /* the same */
    DUE_ORDERS, /* of purses: holds that could bring unsettled amounts */
    HELD_CLIENT,
    HELD_LISTING,
    HELD_ASSET,
    NOT_FLAT, /* of clients: entries that are not flat */
    SUBS,     /* of clients: those whose parent it is */
    CLEARING, /* of assets: cost of entries */
    CHECKS
};

typedef struct sums {
    uint64_t difference[CHECKS];
} sums;

static uint64_t multiplier(uint32_t group) {
    uint64_t x = (group + UINT64_C(1)) * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
    return (x ^ x >> 29) | 1;
}

/* What is kept of a group is counted up, what its members say down. */
static void kept(sums *s, enum check check, uint32_t group, trd_wide amount) {
    s->difference[check] += multiplier(group) * (uint64_t)amount;
}

static void said(sums *s, enum check check, uint32_t group, trd_wide amount) {
    s->difference[check] -= multiplier(group) * (uint64_t)amount;
}

/* --- lists ------------------------------------------------------------------------------------ */

/* Members of a list were appended as they were made: their numbers rise, which also keeps the walk
 * from going round in a circle. */
static int audit_purses_of(
    const trd_accounts *a, trd_acct_list list, bool of_asset, uint32_t owner, uint32_t *count) {
    uint32_t last = 0;
    for (uint32_t i = list.first; i != 0;) {
        trd_audit(i > last && i <= a->purses);
        const trd_acct_purse *purse = trd__purse(a, i);
        trd_audit((of_asset ? purse->asset : purse->account) == owner);
        last = i;
        i = of_asset ? purse->next_of_asset : purse->next_of_account;
        (*count)++;
    }
    trd_audit(last == list.last);
    return 0;
}

static int audit_entries_of(
    const trd_accounts *a, trd_acct_list list, bool of_listing, uint32_t owner, uint32_t *count) {
    uint32_t last = 0;
    for (uint32_t i = list.first; i != 0;) {
        trd_audit(i > last && i <= a->entries);
        const trd_acct_entry *entry = trd__entry(a, i);
        trd_audit((of_listing ? entry->instrument : entry->account) == owner);
        last = i;
        i = of_listing ? entry->next_of_instrument : entry->next_of_account;
        (*count)++;
    }
    trd_audit(last == list.last);
    return 0;
}

/* --- records ---------------------------------------------------------------------------------- */

static int audit_purse(const trd_accounts *a, uint32_t number, sums *s) {
    const trd_acct_purse *purse = trd__purse(a, number);
    trd_audit(trd__is_open(a, purse->account) && purse->asset < a->assets);
    trd_audit(trd__purse_find(a, purse->account, purse->asset) == number);
    trd_audit(purse->locked >= 0 && purse->unsettled >= 0);
    trd_audit(purse->debt >= 0 && purse->at_risk >= 0);
    trd_audit((purse->free < 0) == (purse->cause != 0));
    trd_audit(purse->due <= a->def.unsettled_max);
    trd_audit(purse->due != 0 || purse->unsettled == 0);
    kept(s, LOCKED, number, purse->locked);
    kept(s, AT_RISK, number, purse->at_risk);
    kept(s, ON_MARGIN, number, trd__pool(a, number)->on_margin);
    if (purse->due != 0) {
        const trd_acct_due *due = trd__due(a, purse->due);
        trd_audit(due->purse == number);
        trd_audit((trd_wide)due->in[0] + due->in[1] + due->in[2] == purse->unsettled);
        trd_audit(due->in[0] >= 0 && due->in[1] >= 0 && due->in[2] >= 0);
        trd_audit(due->orders != 0 || purse->unsettled != 0);
        kept(s, DUE_ORDERS, number, due->orders);
    }
    return 0;
}

static int audit_entry(const trd_accounts *a, uint32_t number, sums *s) {
    const trd_acct_entry *entry = trd__entry(a, number);
    trd_audit(trd__is_open(a, entry->account) && entry->instrument < a->listings);
    trd_audit(trd__entry_find(a, entry->account, entry->instrument, entry->side) == number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_audit(entry->settle == trd__purse_find(a, entry->account, listing->settle_asset));
    trd_audit(
        entry->base ==
        (trd__delivers_now(listing) ? trd__purse_find(a, entry->account, listing->base_asset) : 0));
    trd_audit(entry->open[0] >= 0 && entry->open[1] >= 0);
    trd_audit(entry->qty != 0 || (entry->cost == 0 && entry->collateral == 0));
    trd_audit(entry->collateral >= 0);
    trd_audit(entry->booked == trd__entry_booked(listing, entry));
    kept(s, OPEN_BUY, number, entry->open[0]);
    kept(s, OPEN_SELL, number, entry->open[1]);
    said(s, LOCKED, entry->settle, entry->collateral);
    said(s, AT_RISK, entry->settle, listing->unit * trd__lots(entry));
    if (entry->base != 0) {
        said(s, AT_RISK, entry->base, listing->base * trd__lots(entry));
    }
    said(s, NOT_FLAT, entry->account, entry->qty != 0);
    if (trd__has_open_cost(listing)) {
        said(s, CLEARING, listing->settle_asset, -(trd_wide)entry->cost);
    }
    return 0;
}

static int audit_hold(const trd_accounts *a, uint32_t slot, sums *s) {
    const trd_acct_hold *hold = trd__held(a, slot);
    if (hold->order == 0) {
        trd_audit(hold->leaves == 0 && hold->amount == 0 && hold->is_short == 0);
        return 0;
    }
    trd_audit(trd__handle_slot(hold->order) == slot);
    trd_audit(hold->entry >= 1 && hold->entry <= a->entries);
    trd_audit(hold->side == TRD_BUY || hold->side == TRD_SELL);
    trd_audit(hold->leaves > 0 && hold->amount >= 0 && hold->executed >= 0);
    const trd_acct_entry *entry = trd__entry(a, hold->entry);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_audit(hold->rest >= 0 && hold->rest < listing->denominator);
    trd_audit(hold->fee_over < TRD_RATE_ONE && hold->rebate_rest < TRD_RATE_ONE);
    trd_audit(hold->table < a->tables);
    trd_audit(hold->margin ==
              (hold->kind == TRD_HOLD_MARGIN
                      ? trd__hold_margin(hold, trd__value_up(listing, hold->px, hold->leaves))
                      : 0));
    const bool holds_base = trd__holds_base(listing, hold);
    said(s, LOCKED, holds_base ? entry->base : entry->settle, hold->amount);
    if (trd__is_backed(trd__client(a, entry->account), hold->kind)) {
        said(s, ON_MARGIN, entry->settle, hold->amount);
    }
    said(s, hold->side == TRD_BUY ? OPEN_BUY : OPEN_SELL, hold->entry, hold->leaves);
    said(s, HELD_CLIENT, entry->account, 1);
    said(s, HELD_LISTING, entry->instrument, 1);
    if (listing->kind == TRD_INSTRUMENT_SPOT) {
        said(s, HELD_ASSET, listing->base_asset, 1);
    }
    if (!holds_base) {
        said(s, HELD_ASSET, listing->settle_asset, 1);
    }
    if (listing->settle_days != 0) {
        said(s, DUE_ORDERS, hold->side == TRD_BUY ? entry->base : entry->settle, 1);
    }
    return 0;
}

/* --- tables ----------------------------------------------------------------------------------- */

static int audit_clients(const trd_accounts *a, sums *s) {
    uint32_t multis = 0;
    uint32_t purses = 0;
    uint32_t entries = 0;
    for (uint32_t i = 0; i < a->def.accounts_max; i++) {
        const trd_acct_client *client = trd__client(a, i);
        multis += client->mode == TRD_MODE_MULTI;
        int result = audit_purses_of(a, client->purses, false, i, &purses);
        if (result == 0) {
            result = audit_entries_of(a, client->entries, false, i, &entries);
        }
        if (result != 0) {
            return result;
        }
        trd_audit(client->open <= 1);
        trd_audit(client->recent <= a->entries);
        trd_audit(client->recent == 0 || trd__entry(a, client->recent)->account == i);
        trd_audit(client->open != 0 || (client->purses.first == 0 && client->parent == 0));
        if (client->parent != 0) {
            trd_audit(trd__is_open(a, client->parent - 1));
            trd_audit(trd__client(a, client->parent - 1)->parent == 0);
            said(s, SUBS, client->parent - 1, 1);
        }
        kept(s, SUBS, i, client->subs);
        kept(s, HELD_CLIENT, i, client->holds);
        kept(s, NOT_FLAT, i, client->positions);
    }
    trd_audit(purses == a->purses);
    trd_audit(entries == a->entries);
    trd_audit(multis == a->multis);
    return 0;
}

/* Nothing is created and nothing is lost: per asset everything sums to zero. */
static int audit_assets(const trd_accounts *a, sums *s) {
    uint32_t purses = 0;
    for (uint32_t i = 0; i < a->assets; i++) {
        const trd_acct_asset *asset = trd__asset(a, i);
        const int result = audit_purses_of(a, asset->purses, true, i, &purses);
        if (result != 0) {
            return result;
        }
        trd_wide total = 0;
        for (uint32_t k = 0; k < TRD_VENUE_COUNT; k++) {
            total += asset->venue[k];
        }
        for (uint32_t k = asset->purses.first; k != 0; k = trd__purse(a, k)->next_of_asset) {
            total += trd__total(trd__purse(a, k));
        }
        trd_audit(total == 0);
        trd_audit((asset->numerator == 0) == (asset->denominator == 0));
        trd_audit(asset->haircut_ppm <= 1000000 && asset->has_cap <= 1);
        trd_audit(asset->cap >= 0 && asset->cap < (asset->has_cap != 0 ? TRD_AMT_LIMIT : 1));
        kept(s, HELD_ASSET, i, (trd_wide)asset->holds);
        kept(s, CLEARING, i, asset->venue[TRD_ACCOUNT_CLEARING - TRD_ACCOUNT_VENUE]);
    }
    trd_audit(purses == a->purses);
    return 0;
}

static int audit_listings(const trd_accounts *a, sums *s) {
    uint32_t entries = 0;
    for (uint32_t i = 0; i < a->listings; i++) {
        const trd_acct_listing *listing = trd__listed(a, i);
        const int result = audit_entries_of(a, listing->entries, true, i, &entries);
        if (result != 0) {
            return result;
        }
        trd_wide lots = listing->outside;
        for (uint32_t k = listing->entries.first; k != 0;
             k = trd__entry(a, k)->next_of_instrument) {
            lots += trd__entry(a, k)->qty;
        }
        trd_audit(lots == 0);
        kept(s, HELD_LISTING, i, (trd_wide)listing->holds);
    }
    trd_audit(entries == a->entries);
    return 0;
}

/* The list of a day holds every purse with something unsettled, the free list all other places. */
static int audit_dues(const trd_accounts *a) {
    uint32_t listed = 0;
    uint32_t unsettled = 0;
    uint32_t free = 0;
    uint32_t prev = 0;
    for (uint32_t i = a->due_list.first; i != 0; i = trd__due(a, i)->next) {
        trd_audit(i <= a->def.unsettled_max && listed < a->dues);
        const trd_acct_due *due = trd__due(a, i);
        trd_audit(due->prev == prev);
        trd_audit(due->purse >= 1 && due->purse <= a->purses);
        trd_audit(trd__purse(a, due->purse)->due == i);
        trd_audit(trd__purse(a, due->purse)->unsettled > 0);
        prev = i;
        listed++;
    }
    trd_audit(prev == a->due_list.last);
    for (uint32_t i = 1; i <= a->purses; i++) {
        unsettled += trd__purse(a, i)->unsettled != 0;
    }
    trd_audit(listed == unsettled);
    for (uint32_t i = a->due_free; i != 0; i = trd__due(a, i)->next) {
        trd_audit(i <= a->def.unsettled_max && free < a->def.unsettled_max);
        free++;
    }
    trd_audit(free + a->dues == a->def.unsettled_max);
    return 0;
}

static int audit_maps(const trd_accounts *a) {
    trd_audit(a->purses <= a->def.balances_max && a->entries <= a->def.positions_max);
    trd_audit(a->assets <= a->def.assets_max && a->listings <= a->def.instruments_max);
    trd_audit(a->tables <= a->def.fee_tables_max && a->dues <= a->def.unsettled_max);
    trd_audit(trd__map_audit(&a->purse_map, trd__purse_slots(a)) == 0);
    trd_audit(trd__map_audit(&a->entry_map, trd__entry_slots(a)) == 0);
    trd_audit(a->purse_map.count == a->purses);
    trd_audit(a->entry_map.count == a->entries);
    return 0;
}

/* Each record by itself, and what it says of its groups. */
static int audit_records(const trd_accounts *a, sums *s) {
    int result = 0;
    for (uint32_t i = 1; i <= a->purses && result == 0; i++) {
        result = audit_purse(a, i, s);
    }
    for (uint32_t i = 1; i <= a->entries && result == 0; i++) {
        result = audit_entry(a, i, s);
    }
    for (uint32_t i = 0; i < a->def.orders_max && result == 0; i++) {
        result = audit_hold(a, i, s);
    }
    return result;
}

int trd_accounts_audit(const trd_accounts *accounts) {
    sums s = {0};
    int result = audit_maps(accounts);
    result = result != 0 ? result : audit_records(accounts, &s);
    result = result != 0 ? result : audit_clients(accounts, &s);
    result = result != 0 ? result : audit_assets(accounts, &s);
    result = result != 0 ? result : audit_listings(accounts, &s);
    result = result != 0 ? result : audit_dues(accounts);
    result = result != 0 ? result : trd__audit_values(accounts);
    if (result != 0) {
        return result;
    }
    trd_audit(s.difference[LOCKED] == 0);
    trd_audit(s.difference[AT_RISK] == 0);
    trd_audit(s.difference[ON_MARGIN] == 0);
    trd_audit(s.difference[OPEN_BUY] == 0);
    trd_audit(s.difference[OPEN_SELL] == 0);
    trd_audit(s.difference[DUE_ORDERS] == 0);
    trd_audit(s.difference[HELD_CLIENT] == 0);
    trd_audit(s.difference[HELD_LISTING] == 0);
    trd_audit(s.difference[HELD_ASSET] == 0);
    trd_audit(s.difference[NOT_FLAT] == 0);
    trd_audit(s.difference[SUBS] == 0);
    trd_audit(s.difference[CLEARING] == 0);
    return TRD_OK;
}
