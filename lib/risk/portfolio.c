/* portfolio.c - who is followed, and the sums that move with their positions. */
#include "risk/portfolio.h"

/* Scope of all keys of the map. */
enum { PORTFOLIO = 1 };

static uint64_t id_of(uint32_t account, uint32_t group) {
    return (uint64_t)account << 32 | group;
}

static uint32_t slot_of(const trd_risk *risk, uint32_t account, uint32_t group) {
    const uint64_t id = id_of(account, group);
    return trd__map_find(&risk->portfolio_map, trd__portfolio_slots(risk),
        trd__map_home(&risk->portfolio_map, id, PORTFOLIO), id, PORTFOLIO);
}

uint32_t trd__portfolio_find(const trd_risk *risk, uint32_t account, uint32_t group) {
    const uint32_t slot = slot_of(risk, account, group);
    return slot != TRD_MAP_NONE ? trd__map_ref(trd__portfolio_slots(risk), slot) : 0;
}

/* --- sums ------------------------------------------------------------------------------------- */

/* Wraps only where the caller tells of positions that no accounts have. */
static void shift(trd_wide *sum, int64_t each, trd_qty lots) {
    *sum = (trd_wide)((trd_uwide)*sum + (trd_uwide)trd__mul(each, lots));
}

static trd_wide short_lots(trd_qty qty) {
    return qty < 0 ? -(trd_wide)qty : 0;
}

void trd__portfolio_shift(
    trd_risk_folio *portfolio, const trd_scenario_array *array, const trd_scenario_change *change) {
    const trd_qty lots = change->qty_after - change->qty_before; /* both within 2^62 */
    for (int i = 0; i < TRD_SCENARIO_COUNT; i++) {
        shift(&portfolio->loss[i], array->loss[i], lots);
    }
    shift(&portfolio->delta[array->month], array->delta, lots);
    if (array->is_option != 0) {
        portfolio->short_lots += short_lots(change->qty_after) - short_lots(change->qty_before);
    }
}

void trd__portfolio_add(trd_risk *risk, const trd_risk_move *move) {
    const trd_risk_market *market = trd__risk_market(risk, move->instrument);
    const uint32_t number = trd__portfolio_find(risk, move->account, market->group);
    trd_assert(market->array != 0);
    trd_assert(number != 0);
    const trd_scenario_change change = {move->qty_before, move->qty_after};
    trd__portfolio_shift(
        trd__risk_portfolio(risk, number), &trd__risk_array(risk, market->array)->terms, &change);
}

/* --- records ---------------------------------------------------------------------------------- */

/* Needs the account a record for the instrument that it has not got? */
static bool is_missing(const trd_risk *risk, uint32_t account, uint32_t instrument) {
    const trd_risk_market *market = trd__risk_market(risk, instrument);
    return market->array != 0 && trd__portfolio_find(risk, account, market->group) == 0;
}

bool trd__portfolio_has_room(const trd_risk *risk, uint32_t account, uint32_t instrument) {
    return risk->portfolio_free != 0 || !is_missing(risk, account, instrument);
}

bool trd__portfolio_prepare(trd_risk *risk, uint32_t account, uint32_t instrument) {
    const uint32_t number = risk->portfolio_free;
    if (!is_missing(risk, account, instrument)) {
        return true;
    }
    if (number == 0) {
        return false;
    }
    const uint32_t group = trd__risk_market(risk, instrument)->group;
    trd_risk_node *node = trd__risk_account(risk, account);
    trd_risk_folio *portfolio = trd__risk_portfolio(risk, number);
    risk->portfolio_free = portfolio->next;
    *portfolio = (trd_risk_folio){.account = account, .group = group, .next = node->portfolios};
    node->portfolios = number;
    const uint64_t id = id_of(account, group);
    trd__map_put(&risk->portfolio_map, trd__portfolio_slots(risk),
        trd__map_home(&risk->portfolio_map, id, PORTFOLIO), id, PORTFOLIO, number);
    return true;
}

/* --- following -------------------------------------------------------------------------------- */

static void forget(trd_risk *risk, uint32_t account) {
    trd_risk_node *node = trd__risk_account(risk, account);
    while (node->portfolios != 0) {
        const uint32_t number = node->portfolios;
        trd_risk_folio *portfolio = trd__risk_portfolio(risk, number);
        trd__map_erase(&risk->portfolio_map, trd__portfolio_slots(risk),
            slot_of(risk, account, portfolio->group));
        node->portfolios = portfolio->next;
        *portfolio = (trd_risk_folio){.next = risk->portfolio_free};
        risk->portfolio_free = number;
    }
    node->mask &= ~trd__bit(TRD_RISK_FOLLOWED);
}

/* The first position of an account, flat ones and those that only orders are for included. */
static uint32_t first_of(const trd_accounts *a, uint32_t account) {
    return trd__client(a, account)->entries.first;
}

/* Is there room for records of all groups that the account has a position in? Each that is missing
 * is counted once. */
static bool has_room(const trd_risk *risk, const trd_accounts *a, uint32_t account) {
    uint64_t seen[TRD_RISK_GROUPS_MAX / 64] = {0};
    uint32_t missing = 0;
    for (uint32_t i = first_of(a, account); i != 0; i = trd__entry(a, i)->next_of_account) {
        const uint32_t instrument = trd__entry(a, i)->instrument;
        if (!trd__has_array(risk, instrument)) {
            continue;
        }
        const uint32_t group = trd__risk_market(risk, instrument)->group;
        const uint64_t bit = (uint64_t)1 << group % 64;
        missing += (seen[group / 64] & bit) == 0 && trd__portfolio_find(risk, account, group) == 0;
        seen[group / 64] |= bit;
    }
    return missing <= risk->def.portfolios_max - risk->portfolio_map.count;
}

static void clear(trd_risk *risk, uint32_t account) {
    uint32_t number = trd__risk_account(risk, account)->portfolios;
    while (number != 0) {
        trd_risk_folio *portfolio = trd__risk_portfolio(risk, number);
        *portfolio = (trd_risk_folio){
            .account = account, .group = portfolio->group, .next = portfolio->next};
        number = portfolio->next;
    }
}

/* Adds every position; there is room. */
static void count(trd_risk *risk, const trd_accounts *a, uint32_t account) {
    for (uint32_t i = first_of(a, account); i != 0; i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        if (trd__has_array(risk, entry->instrument)) {
            const bool prepared = trd__portfolio_prepare(risk, account, entry->instrument);
            trd_assert(prepared);
            const trd_risk_move move = {
                .account = account, .instrument = entry->instrument, .qty_after = entry->qty};
            trd__portfolio_add(risk, &move);
        }
    }
}

int trd_risk_follow(
    trd_risk *risk, const trd_accounts *accounts, uint32_t account, unsigned follows) {
    if (follows > 1) {
        return TRD_E_ARG;
    }
    if (account >= risk->def.accounts_max || account >= accounts->def.accounts_max) {
        return TRD_E_UNKNOWN;
    }
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    if (follows == 0) {
        forget(risk, account);
        return TRD_OK;
    }
    if (!has_room(risk, accounts, account)) {
        return TRD_E_FULL;
    }
    trd__risk_account(risk, account)->mask |= trd__bit(TRD_RISK_FOLLOWED);
    clear(risk, account);
    count(risk, accounts, account);
    return TRD_OK;
}

/* --- moving ----------------------------------------------------------------------------------- */

static bool is_qty(trd_qty qty) {
    return qty > -TRD_QTY_LIMIT && qty < TRD_QTY_LIMIT;
}

int trd_risk_moved(trd_risk *risk, const trd_risk_move *move) {
    if (move == NULL || !is_qty(move->qty_before) || !is_qty(move->qty_after)) {
        return TRD_E_ARG;
    }
    if (move->account >= risk->def.accounts_max || move->instrument >= risk->def.instruments_max) {
        return TRD_E_UNKNOWN;
    }
    if (!trd__is_followed(risk, move->account) || !trd__has_array(risk, move->instrument)) {
        return TRD_OK;
    }
    if (!trd__portfolio_prepare(risk, move->account, move->instrument)) {
        return TRD_E_FULL;
    }
    trd__portfolio_add(risk, move);
    return TRD_OK;
}
