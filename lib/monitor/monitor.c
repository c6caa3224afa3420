/* monitor.c - marks come in, changes are told, questions are answered. */
#include "acct/collateral.h"
#include "monitor/state.h"
#include "risk/multi.h"

/* They are definitions that go together. */
static void assert_fits(const trd_monitor *m, const trd_accounts *a) {
    trd_assert(m->def.accounts_max == a->def.accounts_max);
    trd_assert(m->def.instruments_max == a->def.instruments_max);
    trd_assert(m->def.balances_max == a->def.balances_max);
    trd_assert(m->def.positions_max == a->def.positions_max);
}

int trd_monitor_mark(trd_monitor *monitor, trd_accounts *accounts, uint32_t instrument) {
    assert_fits(monitor, accounts);
    if (instrument >= accounts->listings || trd__listed(accounts, instrument)->has_mark == 0) {
        return TRD_E_UNKNOWN;
    }
    monitor->stats.marks++;
    monitor->stats.left +=
        trd__index_leave(monitor, accounts, instrument, trd__listed(accounts, instrument)->mark);
    return TRD_OK;
}

void trd_monitor_portfolios(
    const trd_monitor *monitor, trd_accounts *accounts, const trd_risk *risk) {
    assert_fits(monitor, accounts);
    if (risk->portfolio_map.count == 0) {
        return;
    }
    for (uint32_t i = 0; i < accounts->def.accounts_max && i < risk->def.accounts_max; i++) {
        if (trd__risk_account(risk, i)->portfolios != 0) {
            trd__acct_touch(accounts, i);
        }
    }
}

/* --- telling ---------------------------------------------------------------------------------- */

static trd_unit unit_of_pool(const trd_accounts *a, uint32_t purse) {
    return (trd_unit){.account = trd__purse(a, purse)->account,
        .asset = trd__purse(a, purse)->asset,
        .kind = TRD_UNIT_POOL};
}

static trd_unit unit_of_position(const trd_accounts *a, uint32_t entry) {
    const trd_acct_entry *own = trd__entry(a, entry);
    return (trd_unit){.account = own->account,
        .asset = trd__listed(a, own->instrument)->settle_asset,
        .instrument = own->instrument,
        .kind = TRD_UNIT_POSITION,
        .position = (uint8_t)own->side};
}

static trd_unit unit_of_account(const trd_accounts *a, uint32_t account) {
    return (trd_unit){
        .account = account, .asset = a->def.valuation_asset, .kind = TRD_UNIT_ACCOUNT};
}

/* Equity and maintenance of a pool are those of the look, of a position they are made again. */
static void tell_pool(
    const trd_monitor *m, const trd_accounts *a, uint8_t what, trd_monitor_change *out) {
    const trd_pool_watch *pool = trd__pool_watch(m, m->at);
    *out = (trd_monitor_change){.unit = unit_of_pool(a, m->at),
        .what = what,
        .level = pool->level,
        .former = pool->told,
        .equity = pool->equity,
        .maintenance = pool->maintenance};
}

static void tell_account(
    const trd_monitor *m, const trd_accounts *a, uint8_t what, trd_monitor_change *out) {
    const trd_seat *seat = trd__seat(m, m->account);
    *out = (trd_monitor_change){.unit = unit_of_account(a, m->account),
        .what = what,
        .level = seat->level,
        .former = seat->told,
        .equity = seat->equity,
        .maintenance = seat->maintenance};
}

static void tell_position(const trd_monitor *m, const trd_accounts *a, const trd_risk *risk,
    uint8_t what, trd_monitor_change *out) {
    const trd_watch *watch = trd__watch(m, m->at);
    *out = (trd_monitor_change){.unit = unit_of_position(a, m->at),
        .what = what,
        .level = watch->level,
        .former = watch->told};
    if (watch->known != 0) {
        const trd_unit_sums sums = trd__position_sums(m, a, risk, m->at);
        out->equity = (trd_amt)sums.equity;
        out->maintenance = (trd_amt)sums.maintenance;
    }
}

static void tell_alert(const trd_monitor *m, const trd_accounts *a, trd_monitor_change *out) {
    const trd_acct_entry *entry = trd__entry(a, m->at);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    const trd_watch *watch = trd__watch(m, m->at);
    const unsigned mode = trd__client(a, entry->account)->mode;
    trd_assert(listing->has_mark != 0); /* by which it began, or ends */
    *out =
        (trd_monitor_change){.unit = mode == TRD_MODE_ISOLATED ? unit_of_position(a, m->at)
                                     : mode == TRD_MODE_MULTI  ? unit_of_account(a, entry->account)
                                                               : unit_of_pool(a, entry->settle),
            .what = TRD_CHANGE_ALERT,
            .level = watch->alert,
            .former = watch->alert_told,
            .position = (uint8_t)entry->side,
            .instrument = entry->instrument,
            .equity = (trd_amt)trd__profit_at(listing, entry, listing->mark),
            .maintenance = trd__abs_amt(entry->cost)};
}

/* Each of these tells what the position or balance m->at, or the account, has to tell, if anything.
 */
static bool position_tells(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, trd_monitor_change *out) {
    trd_watch *watch = trd__watch(m, m->at);
    if (watch->level != watch->told) {
        tell_position(m, a, risk, TRD_CHANGE_LEVEL, out);
        watch->told = watch->level;
        return true;
    }
    if (watch->alert != watch->alert_told) {
        tell_alert(m, a, out);
        watch->alert_told = watch->alert;
        return true;
    }
    return false;
}

static bool pool_tells(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, trd_monitor_change *out) {
    (void)risk;
    trd_pool_watch *pool = trd__pool_watch(m, m->at);
    if (pool->level == pool->told) {
        return false;
    }
    tell_pool(m, a, TRD_CHANGE_LEVEL, out);
    pool->told = pool->level;
    return true;
}

static bool account_tells(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, trd_monitor_change *out) {
    (void)risk;
    trd_seat *seat = trd__seat(m, m->account);
    if (seat->level == seat->told) {
        return false;
    }
    tell_account(m, a, TRD_CHANGE_LEVEL, out);
    seat->told = seat->level;
    return true;
}

static bool position_is_short(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, trd_monitor_change *out) {
    const trd_watch *watch = trd__watch(m, m->at);
    if (watch->known == 0 || watch->level < TRD_MARGIN_LIQUIDATE) {
        return false;
    }
    tell_position(m, a, risk, TRD_CHANGE_SHORT, out);
    return true;
}

static bool pool_is_short(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, trd_monitor_change *out) {
    (void)risk;
    const trd_pool_watch *pool = trd__pool_watch(m, m->at);
    if (pool->known == 0 || pool->level < TRD_MARGIN_LIQUIDATE) {
        return false;
    }
    tell_pool(m, a, TRD_CHANGE_SHORT, out);
    return true;
}

static bool account_is_short(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, trd_monitor_change *out) {
    (void)risk;
    const trd_seat *seat = trd__seat(m, m->account);
    if (seat->known == 0) {
        return false;
    }
    trd_assert(
        seat->level >= TRD_MARGIN_LIQUIDATE); /* somebody is short, and it is the only unit */
    tell_account(m, a, TRD_CHANGE_SHORT, out);
    return true;
}

typedef bool teller(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, trd_monitor_change *out);

/* A position may have two things to tell, so it is left only when it has nothing more; who is short
 * has one. */
static const struct {
    teller *tells;
    uint8_t kind; /* TRD_UNIT_*: of what there is one after the other to tell */
    bool once;
} stages[] = {
    [TRD_TELL_POSITIONS] = {position_tells, TRD_UNIT_POSITION, false},
    [TRD_TELL_POOLS] = {pool_tells, TRD_UNIT_POOL, false},
    [TRD_TELL_ACCOUNT] = {account_tells, TRD_UNIT_ACCOUNT, false},
    [TRD_TELL_SHORT_POSITIONS] = {position_is_short, TRD_UNIT_POSITION, true},
    [TRD_TELL_SHORT_POOLS] = {pool_is_short, TRD_UNIT_POOL, true},
    [TRD_TELL_SHORT_ACCOUNT] = {account_is_short, TRD_UNIT_ACCOUNT, true},
};

static uint32_t first_of(const trd_accounts *a, uint32_t account, unsigned kind) {
    const trd_acct_client *client = trd__client(a, account);
    return kind == TRD_UNIT_POSITION ? client->entries.first
           : kind == TRD_UNIT_POOL   ? client->purses.first
                                     : 1;
}

static uint32_t behind(const trd_accounts *a, uint32_t at, unsigned kind) {
    return kind == TRD_UNIT_POSITION ? trd__entry(a, at)->next_of_account
           : kind == TRD_UNIT_POOL   ? trd__purse(a, at)->next_of_account
                                     : 0;
}

static void telling_begins(trd_monitor *m, const trd_accounts *a, uint32_t stage) {
    m->telling = stage;
    m->at = first_of(a, m->account, stages[stage].kind);
}

/* The next thing that the account has to tell: false if there is none. */
static bool tell(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, trd_monitor_change *out) {
    const uint32_t last = m->shorts != 0 ? TRD_TELL_SHORT_ACCOUNT : TRD_TELL_ACCOUNT;
    while (m->telling != TRD_TELL_NOTHING) {
        while (m->at != 0) {
            const bool told = stages[m->telling].tells(m, a, risk, out);
            if (!told || stages[m->telling].once) {
                m->at = behind(a, m->at, stages[m->telling].kind);
            }
            if (told) {
                return true;
            }
        }
        if (m->telling == last) {
            m->telling = TRD_TELL_NOTHING;
        } else {
            telling_begins(m, a, m->telling + 1);
        }
    }
    return false;
}

/* An account that changes while it is telling is looked at anew: what it has told stays told. */
int trd_monitor_next(
    trd_monitor *monitor, trd_accounts *accounts, const trd_risk *risk, trd_monitor_change *out) {
    assert_fits(monitor, accounts);
    if (monitor->telling != TRD_TELL_NOTHING && trd__acct_is_touched(accounts, monitor->account)) {
        monitor->telling = TRD_TELL_NOTHING;
    }
    while (!tell(monitor, accounts, risk, out)) {
        const uint32_t account = trd__acct_touched_first(accounts);
        if (account == TRD_SET_NONE) {
            return 0;
        }
        trd__acct_untouch(accounts, account);
        trd__look(monitor, accounts, risk, account);
    }
    monitor->stats.told++;
    return 1;
}

/* --- questions -------------------------------------------------------------------------------- */

/* The number of the balance or position that a unit stands on (of an account: 1), 0 if there is no
 * such unit. */
static uint32_t place_of(const trd_accounts *a, const trd_unit *unit) {
    if (!trd__is_open(a, unit->account) || unit->asset >= a->assets) {
        return 0;
    }
    if (unit->kind == TRD_UNIT_POOL) {
        return trd__purse_find(a, unit->account, unit->asset);
    }
    if (unit->kind == TRD_UNIT_ACCOUNT) {
        return unit->asset == a->def.valuation_asset;
    }
    if (unit->kind != TRD_UNIT_POSITION || unit->instrument >= a->listings ||
        unit->position > TRD_POSITION_SHORT ||
        trd__listed(a, unit->instrument)->settle_asset != unit->asset) {
        return 0;
    }
    return trd__entry_find(a, unit->account, unit->instrument, unit->position);
}

/* Is there a unit at `place` now? */
static bool stands(
    const trd_monitor *m, const trd_accounts *a, const trd_unit *unit, uint32_t place) {
    if (place == 0 || trd__is_exempt(m, unit->account)) {
        return false;
    }
    const unsigned mode = trd__client(a, unit->account)->mode;
    if (unit->kind == TRD_UNIT_POOL) {
        return trd__is_pooled(mode);
    }
    if (unit->kind == TRD_UNIT_ACCOUNT) {
        return mode == TRD_MODE_MULTI;
    }
    const trd_acct_entry *entry = trd__entry(a, place);
    return mode == TRD_MODE_ISOLATED && trd__is_margined(trd__listed(a, entry->instrument), entry);
}

/* Initial margin of what a position needs at its mark; of an account with its leverage, and in the
 * valuation asset, of which *known may become false: it needs a rate where the maintenance, which
 * is nothing, needed none. All else is known. */
static trd_wide initial_of_one(const trd_accounts *a, const trd_risk *risk,
    const trd_acct_entry *entry, bool is_valued, bool *known) {
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    const trd_margin_model *model =
        trd__risk_model(risk, trd__risk_market(risk, entry->instrument)->model);
    const trd_amt notional = trd__value_up(listing, listing->mark, trd__abs_qty(entry->qty));
    if (is_valued) {
        const trd_wide own =
            trd__require_of(model, trd__client(a, entry->account), notional).initial;
        trd_wide valued = 0;
        *known &= trd__multi_up(a, listing->settle_asset, own, &valued);
        return valued;
    }
    trd_margin_requirement need = {0};
    const int result = trd_margin_require(model, notional, &need);
    trd_assert(result == TRD_OK);
    return need.initial;
}

static trd_wide initial_of(const trd_accounts *a, const trd_risk *risk, const trd_unit *unit,
    uint32_t place, const trd_unit_sums *sums, bool *known) {
    if (unit->kind == TRD_UNIT_POSITION) {
        return initial_of_one(a, risk, trd__entry(a, place), false, known);
    }
    if (sums->need == TRD_NEED_GROUPS) {
        trd_margin_requirement need = {0};
        const int result = sums->margined != 0
                               ? trd__groups_need(risk, unit->account, unit->asset, &need)
                               : TRD_OK;
        trd_assert(result == TRD_OK);
        return need.initial;
    }
    const bool is_all = unit->kind == TRD_UNIT_ACCOUNT;
    trd_wide sum = 0;
    for (uint32_t i = trd__client(a, unit->account)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        if ((is_all || entry->settle == place) &&
            trd__is_margined(trd__listed(a, entry->instrument), entry)) {
            sum += initial_of_one(a, risk, entry, is_all, known);
        }
    }
    return sum;
}

/* What all balances of an account count for without its positions; what does not fit is BEYOND.
 * *known becomes false where one needs a rate that only with its positions needed none. */
static trd_wide balances_of(const trd_accounts *a, uint32_t account, bool *known) {
    trd_wide sum = 0;
    for (uint32_t i = trd__client(a, account)->purses.first; i != 0;
         i = trd__purse(a, i)->next_of_account) {
        const trd_acct_purse *purse = trd__purse(a, i);
        const trd_wide own = trd__total(purse) - purse->debt; /* a load is below 2^62 */
        trd_margin_collateral_value value = {0};
        const int result = trd__asset_counts(a, purse->asset, (trd_amt)own, &value);
        *known &= result != TRD_E_UNKNOWN;
        sum += result != TRD_E_RANGE ? value.total : TRD__BEYOND;
    }
    return sum;
}

static trd_wide balance_of(
    const trd_accounts *a, const trd_unit *unit, uint32_t place, bool *known) {
    if (unit->kind == TRD_UNIT_POSITION) {
        return trd__entry(a, place)->collateral;
    }
    if (unit->kind == TRD_UNIT_ACCOUNT) {
        return balances_of(a, unit->account, known);
    }
    return trd__total(trd__purse(a, place)) - trd__purse(a, place)->debt;
}

int trd_monitor_state(const trd_monitor *monitor, const trd_accounts *accounts,
    const trd_risk *risk, const trd_unit *unit, trd_margin_state *out) {
    const uint32_t place = place_of(accounts, unit);
    if (!stands(monitor, accounts, unit, place)) {
        return TRD_E_UNKNOWN;
    }
    const trd_unit_sums sums =
        unit->kind == TRD_UNIT_POOL      ? trd__pool_sums(monitor, accounts, risk, place)
        : unit->kind == TRD_UNIT_ACCOUNT ? trd__whole_sums(monitor, accounts, risk, unit->account)
                                         : trd__position_sums(monitor, accounts, risk, place);
    trd_margin_state state = {.level = sums.level};
    if (sums.known == 0) {
        return trd_fits(sums.equity) && trd_fits(sums.maintenance) ? TRD_E_UNKNOWN : TRD_E_RANGE;
    }
    bool known = true;
    const trd_wide initial = initial_of(accounts, risk, unit, place, &sums, &known);
    const trd_wide profit = sums.equity - balance_of(accounts, unit, place, &known);
    if (!known) {
        return TRD_E_UNKNOWN;
    }
    bool fits = trd__narrow(sums.equity, &state.equity);
    fits &= trd__narrow(profit, &state.profit);
    fits &= trd__narrow(initial, &state.initial);
    fits &= trd__narrow(sums.maintenance, &state.maintenance);
    fits &= trd__narrow(sums.equity - initial, &state.available);
    if (!fits) {
        return TRD_E_RANGE;
    }
    if (state.equity > 0) {
        state.has_ratio = trd__narrow(
            trd__div_ceil(trd__mul(state.maintenance, TRD__PPM), state.equity), &state.ratio_ppm);
    }
    *out = state;
    return TRD_OK;
}

int trd_monitor_level(
    const trd_monitor *monitor, const trd_accounts *accounts, const trd_unit *unit) {
    const uint32_t place = place_of(accounts, unit);
    if (place == 0) {
        return TRD_MARGIN_FINE;
    }
    return unit->kind == TRD_UNIT_POOL      ? trd__pool_watch(monitor, place)->told
           : unit->kind == TRD_UNIT_ACCOUNT ? trd__seat(monitor, unit->account)->told
                                            : trd__watch(monitor, place)->told;
}

int trd_monitor_interval(const trd_monitor *monitor, const trd_accounts *accounts, uint32_t account,
    uint32_t instrument, unsigned position, trd_px *low, trd_px *high) {
    if (!trd__is_open(accounts, account) || instrument >= accounts->listings ||
        position > TRD_POSITION_SHORT) {
        return TRD_E_UNKNOWN;
    }
    const trd_watch *watch =
        trd__watch(monitor, trd__entry_find(accounts, account, instrument, position));
    if (watch->state != TRD_WATCH_INTERVAL && watch->state != TRD_WATCH_SHORT) {
        return TRD_E_UNKNOWN;
    }
    *low = watch->low;
    *high = watch->high;
    return TRD_OK;
}

void trd_monitor_stats_get(const trd_monitor *monitor, trd_monitor_stats *out) {
    *out = monitor->stats;
}
