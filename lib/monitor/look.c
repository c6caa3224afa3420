/* look.c - one account: levels, alerts, and how far its marks may go. */
#include "monitor/state.h"

/* --- the index follows ------------------------------------------------------------------------ */

void trd__watch_none(trd_monitor *m, uint32_t instrument, uint32_t entry) {
    trd_watch *watch = trd__watch(m, entry);
    trd__index_drop(m, instrument, entry);
    watch->state = TRD_WATCH_NONE;
    watch->low = 0;
    watch->high = 0;
}

static void watch_always(
    trd_monitor *m, uint32_t instrument, uint32_t entry, uint8_t state, trd_px mark) {
    trd_watch *watch = trd__watch(m, entry);
    watch->state = state;
    watch->low = mark;
    watch->high = mark;
    trd__index_put(m, instrument, entry, INT64_MAX, INT64_MIN);
}

/* A position that is not flat, in a mode other than CASH. `sums` as in trd__watch_interval. */
static void watch_position(trd_monitor *m, const trd_accounts *a, const trd_risk *risk,
    uint32_t number, const trd_unit_sums *sums) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    if (sums == NULL && m->def.alert_ppm == 0) {
        trd__watch_none(m, entry->instrument, number);
    } else if (listing->has_mark == 0 || (sums != NULL && sums->known == 0)) {
        watch_always(m, entry->instrument, number, TRD_WATCH_UNKNOWN, 0);
    } else if (sums != NULL && sums->level >= TRD_MARGIN_LIQUIDATE) {
        watch_always(m, entry->instrument, number, TRD_WATCH_SHORT, listing->mark);
    } else {
        trd__watch_interval(m, a, risk, number, sums);
    }
}

/* A position in no unit that has a level. */
void trd__watch_alert(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t number) {
    watch_position(m, a, risk, number, NULL);
}

/* --- one account ------------------------------------------------------------------------------ */

/* Sums of all that settles in an asset, by assets. */
static void add_up(const trd_monitor *m, const trd_accounts *a, const trd_risk *risk,
    const trd_acct_client *client) {
    for (uint32_t i = client->purses.first; i != 0; i = trd__purse(a, i)->next_of_account) {
        const trd_acct_purse *purse = trd__purse(a, i);
        *trd__sums(m, purse->asset) = trd__sums_of(trd__total(purse) - purse->debt, client->mode);
    }
    for (uint32_t i = client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        const trd_acct_listing *listing = trd__listed(a, entry->instrument);
        if (trd__counts(listing, entry)) {
            trd__sums_add(trd__sums(m, listing->settle_asset), a, risk, entry, client->mode);
        }
    }
}

/* The level of a pool; that of one which is no unit any more is FINE. */
static void look_at_pool(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t number, bool is_unit) {
    trd_pool_watch *pool = trd__pool_watch(m, number);
    trd_unit_sums *sums = trd__sums(m, trd__purse(a, number)->asset);
    if (is_unit) {
        trd__pool_judge(m, a, risk, number, sums);
    } else {
        *sums = (trd_unit_sums){.level = TRD_MARGIN_FINE};
    }
    pool->level = sums->level;
    pool->known = sums->known;
    pool->equity = pool->known || !is_unit ? (trd_amt)sums->equity : 0;
    pool->maintenance = pool->known || !is_unit ? (trd_amt)sums->maintenance : 0;
    m->changes += pool->level != pool->told;
    m->shorts += pool->known != 0 && pool->level >= TRD_MARGIN_LIQUIDATE;
}

/* The unit that all assets of the account are; the sums of each are there. */
static trd_unit_sums look_at_account(
    trd_monitor *m, const trd_accounts *a, uint32_t account, bool is_unit) {
    const trd_acct_client *client = trd__client(a, account);
    trd_seat *seat = trd__seat(m, account);
    trd_unit_sums all = {.level = TRD_MARGIN_FINE};
    if (is_unit) {
        trd_whole_sums sums = trd__whole_begin();
        for (uint32_t i = client->purses.first; i != 0; i = trd__purse(a, i)->next_of_account) {
            const uint32_t asset = trd__purse(a, i)->asset;
            trd__whole_add(a, asset, trd__sums(m, asset), &sums);
        }
        all = trd__whole_judge(m, account, &sums);
    }
    seat->level = all.level;
    seat->known = all.known;
    seat->equity = all.known != 0 ? (trd_amt)all.equity : 0;
    seat->maintenance = all.known != 0 ? (trd_amt)all.maintenance : 0;
    m->changes += seat->level != seat->told;
    m->shorts += all.known != 0 && all.level >= TRD_MARGIN_LIQUIDATE;
    return all;
}

uint8_t trd__alert_of(const trd_monitor *m, const trd_acct_listing *listing,
    const trd_acct_entry *entry, unsigned mode, unsigned told) {
    if (m->def.alert_ppm == 0 || mode == TRD_MODE_CASH || !trd__counts(listing, entry)) {
        return 0;
    }
    return listing->has_mark != 0 ? trd__alerts(m, listing, entry) : (uint8_t)told;
}

/* Level (ISOLATED), alert and interval of a position. `all` is of the account (MULTI). */
static void look_at_position(trd_monitor *m, const trd_accounts *a, const trd_risk *risk,
    uint32_t number, unsigned mode, const trd_unit_sums *all) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_watch *watch = trd__watch(m, number);
    const bool is_unit = mode == TRD_MODE_ISOLATED && trd__is_margined(listing, entry);
    trd_unit_sums own = {.level = TRD_MARGIN_FINE};
    const trd_unit_sums *sums = NULL;
    if (is_unit) {
        own = trd__position_sums(m, a, risk, number);
        sums = &own;
    } else if (trd__is_pooled(mode) && trd__sums(m, listing->settle_asset)->margined != 0) {
        sums = trd__sums(m, listing->settle_asset);
    } else if (mode == TRD_MODE_MULTI && all->margined != 0) {
        sums = all;
    }
    watch->level = own.level;
    watch->known = own.known;
    watch->alert = trd__alert_of(m, listing, entry, mode, watch->alert_told);
    m->changes += (watch->level != watch->told) + (watch->alert != watch->alert_told);
    m->shorts += own.known != 0 && own.level >= TRD_MARGIN_LIQUIDATE;
    if (mode == TRD_MODE_CASH || !trd__counts(listing, entry)) {
        trd__watch_none(m, entry->instrument, number);
    } else {
        watch_position(m, a, risk, number, sums);
    }
}

void trd__look(trd_monitor *m, trd_accounts *a, const trd_risk *risk, uint32_t account) {
    const trd_acct_client *client = trd__client(a, account);
    trd_seat *seat = trd__seat(m, account);
    m->account = account;
    m->changes = 0;
    m->shorts = 0;
    m->telling = TRD_TELL_NOTHING;
    m->stats.looked++;
    const bool has_nothing =
        client->mode == TRD_MODE_CASH && (seat->mode == TRD_MODE_CASH || seat->mode == 0);
    const bool is_same = seat->mode == client->mode;
    seat->mode = client->mode;
    if (trd__is_exempt(m, account) || has_nothing) {
        return;
    }
    if (is_same && client->watched != 0 && trd__look_at_moved(m, a, risk, account)) {
        return;
    }
    const bool shares = trd__has_several(client);
    if (shares) {
        trd__shares_begin(m, a, account);
    }
    add_up(m, a, risk, client);
    const trd_unit_sums all = look_at_account(m, a, account, client->mode == TRD_MODE_MULTI);
    for (uint32_t i = client->purses.first; i != 0; i = trd__purse(a, i)->next_of_account) {
        look_at_pool(m, a, risk, i, trd__is_pooled(client->mode));
    }
    for (uint32_t i = client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
        look_at_position(m, a, risk, i, client->mode, &all);
    }
    if (shares) {
        trd__shares_end(m, a, account);
    }
    if (m->changes != 0 || m->shorts != 0) {
        m->telling = TRD_TELL_POSITIONS;
        m->at = client->entries.first;
    }
}
