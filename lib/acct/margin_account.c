/* margin_account.c - positions summed up: equity, requirements, and how the account stands.
 *
 * Sums are 128 bits wide and rounded nowhere, so the order of the positions cannot be seen in them.
 * A failure does not end the loop for the same reason: the one returned is the highest code of all
 * positions, which is TRD_E_ARG before TRD_E_RANGE before TRD_E_UNKNOWN. */
#include "acct/margin.h"

TRD_STATIC_ASSERT(TRD_E_ARG > TRD_E_RANGE, "the order of failures");
TRD_STATIC_ASSERT(TRD_E_RANGE > TRD_E_UNKNOWN, "the order of failures");

typedef struct totals {
    trd_wide profit;
    trd_wide initial;
    trd_wide maintenance;
} totals;

static int add_up(const trd_margin_account *account, totals *sums) {
    int worst = TRD_OK;
    for (uint32_t i = 0; i < account->count; i++) {
        const trd_margin_position *position = &account->positions[i];
        trd_margin_need need = {0};
        int result = trd_margin_need_of(position, &need);
        if (position->spec->settle_asset != account->positions[0].spec->settle_asset) {
            result = TRD_E_ARG;
        }
        if (result != TRD_OK && (worst == TRD_OK || result > worst)) {
            worst = result;
        }
        sums->profit += need.profit;
        sums->initial += need.initial;
        sums->maintenance += need.maintenance;
    }
    return worst;
}

static bool account_is_good(const trd_margin_account *account) {
    return account->call_ppm >= TRD__PPM && account->warn_ppm >= account->call_ppm &&
           account->reserved == 0 && account->group_maintenance >= 0 &&
           account->group_initial >= account->group_maintenance;
}

/* Is equity < maintenance x ppm / 10^6? */
static bool is_short_of(const trd_margin_state *state, uint32_t ppm) {
    return trd__mul(state->equity, TRD__PPM) < trd__mul(state->maintenance, ppm);
}

static uint32_t level_of(const trd_margin_account *account, const trd_margin_state *state) {
    if (state->equity < 0) {
        return TRD_MARGIN_BANKRUPT;
    }
    if (state->equity < state->maintenance) {
        return TRD_MARGIN_LIQUIDATE;
    }
    if (is_short_of(state, account->call_ppm)) {
        return TRD_MARGIN_CALL;
    }
    return is_short_of(state, account->warn_ppm) ? TRD_MARGIN_WARN : TRD_MARGIN_FINE;
}

static void set_ratio(trd_margin_state *state) {
    if (state->equity > 0) {
        const trd_wide ratio = trd__div_ceil(trd__mul(state->maintenance, TRD__PPM), state->equity);
        state->has_ratio = trd__narrow(ratio, &state->ratio_ppm);
    }
}

int trd_margin_account_state(const trd_margin_account *account, trd_margin_state *out) {
    if (!account_is_good(account)) {
        return TRD_E_ARG;
    }
    totals sums = {
        .profit = 0, .initial = account->group_initial, .maintenance = account->group_maintenance};
    const int result = add_up(account, &sums);
    if (result != TRD_OK) {
        return result;
    }

    trd_margin_state state = {0};
    const trd_wide equity = account->balance + sums.profit;
    if (!trd__narrow(equity, &state.equity) || !trd__narrow(sums.profit, &state.profit) ||
        !trd__narrow(sums.initial, &state.initial) ||
        !trd__narrow(equity - sums.initial, &state.available)) {
        return TRD_E_RANGE;
    }
    trd_assert(sums.maintenance <= sums.initial); /* of each position, and of the groups */
    state.maintenance = (trd_amt)sums.maintenance;
    set_ratio(&state);
    state.level = level_of(account, &state);
    *out = state;
    return TRD_OK;
}
