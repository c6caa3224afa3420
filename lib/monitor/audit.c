/* audit.c - everything that is kept, recomputed. */
#include "monitor/state.h"

static int audit_pool(
    const trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t number) {
    const uint32_t account = trd__purse(a, number)->account;
    const trd_pool_watch *pool = trd__pool_watch(m, number);
    trd_audit(pool->told == pool->level);
    if (trd__is_exempt(m, account) || !trd__is_pooled(trd__client(a, account)->mode)) {
        trd_audit(pool->told == TRD_MARGIN_FINE);
        return TRD_OK;
    }
    trd_audit(trd__pool_sums(m, a, risk, number).level == pool->told);
    return TRD_OK;
}

static int audit_account(
    const trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t account) {
    const trd_seat *seat = trd__seat(m, account);
    trd_audit(seat->told == seat->level);
    if (trd__is_exempt(m, account) || trd__client(a, account)->mode != TRD_MODE_MULTI) {
        trd_audit(seat->told == TRD_MARGIN_FINE);
        return TRD_OK;
    }
    trd_audit(trd__whole_sums(m, a, risk, account).level == seat->told);
    return TRD_OK;
}

/* Mark and interval; its level, if it is a unit, is `level`. */
static int audit_watch(const trd_monitor *m, const trd_acct_listing *listing, uint32_t number) {
    const trd_watch *watch = trd__watch(m, number);
    trd_audit((watch->slot[TRD_HEAP_LOW] != 0) == (watch->state != TRD_WATCH_NONE));
    trd_audit((watch->slot[TRD_HEAP_HIGH] != 0) == (watch->state != TRD_WATCH_NONE));
    if (watch->state == TRD_WATCH_INTERVAL || watch->state == TRD_WATCH_SHORT) {
        trd_audit(listing->has_mark != 0);
        trd_audit(watch->low <= listing->mark && watch->high >= listing->mark);
        trd_audit(watch->low >= listing->px_min && watch->high <= listing->px_max);
    }
    return TRD_OK;
}

static int audit_position(
    const trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t number) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    const trd_watch *watch = trd__watch(m, number);
    const unsigned mode = trd__client(a, entry->account)->mode;
    const bool is_watched =
        !trd__is_exempt(m, entry->account) && mode != TRD_MODE_CASH && trd__counts(listing, entry);
    trd_audit(watch->told == watch->level && watch->alert_told == watch->alert);
    trd_audit(is_watched || watch->state == TRD_WATCH_NONE);
    if (is_watched && mode == TRD_MODE_ISOLATED && trd__is_margined(listing, entry)) {
        trd_audit(trd__position_sums(m, a, risk, number).level == watch->told);
        trd_audit(watch->state != TRD_WATCH_NONE);
    } else {
        trd_audit(watch->told == TRD_MARGIN_FINE);
    }
    if (!is_watched || m->def.alert_ppm == 0) {
        trd_audit(watch->alert_told == 0);
    } else if (listing->has_mark != 0) {
        trd_audit(trd__alerts(m, listing, entry) == watch->alert_told);
    }
    return audit_watch(m, listing, number);
}

static int audit_indexes(const trd_monitor *m, const trd_accounts *a) {
    uint32_t slots = 0;
    for (uint32_t i = 0; i < m->def.instruments_max; i++) {
        const int result = trd__index_audit(m, a, i);
        if (result != TRD_OK) {
            return result;
        }
        slots += trd__market(m, i)->count;
    }
    for (uint32_t i = m->slot_free; i != 0 && slots <= m->slots; i = trd__slot(m, i)->parent) {
        slots++;
    }
    trd_audit(slots == m->slots && slots <= m->def.positions_max);
    uint32_t watched = 0;
    for (uint32_t i = 1; i <= m->def.positions_max; i++) {
        watched += trd__watch(m, i)->state != TRD_WATCH_NONE;
    }
    for (uint32_t i = 0; i < m->def.instruments_max; i++) {
        watched -= trd__market(m, i)->count;
    }
    trd_audit(watched == 0);
    return TRD_OK;
}

int trd_monitor_audit(
    const trd_monitor *monitor, const trd_accounts *accounts, const trd_risk *risk) {
    int result = TRD_OK;
    trd_audit(monitor->telling == TRD_TELL_NOTHING);
    trd_audit(trd__acct_touched_first(accounts) == TRD_SET_NONE);
    trd_audit(trd__set_audit(trd__acct_touched(accounts), accounts->def.accounts_max) == 0);
    for (uint32_t i = 1; i <= accounts->purses && result == TRD_OK; i++) {
        result = audit_pool(monitor, accounts, risk, i);
    }
    for (uint32_t i = 0; i < accounts->def.accounts_max && result == TRD_OK; i++) {
        result = audit_account(monitor, accounts, risk, i);
    }
    for (uint32_t i = 1; i <= accounts->entries && result == TRD_OK; i++) {
        result = audit_position(monitor, accounts, risk, i);
    }
    if (result == TRD_OK) {
        result = trd__shares_audit(monitor, accounts, risk);
    }
    return result == TRD_OK ? audit_indexes(monitor, accounts) : result;
}
