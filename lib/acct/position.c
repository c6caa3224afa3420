/* position.c - positions at cost, and what an account is worth. */
#include "acct/position.h"

#include "acct/value.h"

trd_acct_change trd__entry_fill(trd_acct_entry *entry, unsigned side, trd_qty q, trd_amt flow) {
    const trd_qty held = trd__abs_qty(entry->qty);
    const bool closes = side == TRD_BUY ? entry->qty < 0 : entry->qty > 0;
    const trd_qty closed = !closes ? 0 : q < held ? q : held;
    trd_acct_change change = {.closed = closed, .opened = q - closed, .held = held};
    const trd_amt closing_flow = trd__part_of(flow, closed, q);
    const trd_amt cost_out = closed != 0 ? trd__part_of(entry->cost, closed, held) : 0;
    change.profit = closing_flow - cost_out;
    entry->realised += change.profit;
    entry->cost -= cost_out + (flow - closing_flow);
    entry->qty += side == TRD_BUY ? q : -q;
    trd_assert(entry->qty != 0 || entry->cost == 0);
    return change;
}

/* --- questions -------------------------------------------------------------------------------- */

static int entry_check(
    const trd_accounts *a, uint32_t account, uint32_t instrument, unsigned side) {
    if (side > TRD_POSITION_SHORT) {
        return TRD_E_ARG;
    }
    return trd__is_open(a, account) && instrument < a->listings ? TRD_OK : TRD_E_UNKNOWN;
}

static trd_holding holding_of(const trd_acct_entry *entry) {
    return (trd_holding){.qty = entry->qty,
        .cost = entry->cost,
        .realised = entry->realised,
        .fees = entry->fees,
        .funding = entry->funding,
        .collateral = entry->collateral,
        .open = {entry->open[0], entry->open[1]}};
}

int trd_accounts_position(const trd_accounts *accounts, uint32_t account, uint32_t instrument,
    unsigned side, trd_holding *out) {
    if (out == NULL) {
        return TRD_E_ARG;
    }
    const int result = entry_check(accounts, account, instrument, side);
    if (result != TRD_OK) {
        return result;
    }
    *out = holding_of(trd__entry(accounts, trd__entry_find(accounts, account, instrument, side)));
    return TRD_OK;
}

int trd_accounts_positions(
    const trd_accounts *accounts, uint32_t account, trd_instrument_holding *out, uint32_t max) {
    if (out == NULL && max > 0) {
        return TRD_E_ARG;
    }
    if (!trd__is_open(accounts, account)) {
        return TRD_E_UNKNOWN;
    }
    uint32_t count = 0;
    for (uint32_t i = trd__client(accounts, account)->entries.first; i != 0;) {
        const trd_acct_entry *entry = trd__entry(accounts, i);
        if (count < max) {
            out[count] = (trd_instrument_holding){
                .instrument = entry->instrument, .side = entry->side, .holding = holding_of(entry)};
        }
        count++;
        i = entry->next_of_account;
    }
    return (int)count;
}

int trd_accounts_unrealised(const trd_accounts *accounts, uint32_t account, uint32_t instrument,
    unsigned side, trd_amt *out) {
    if (out == NULL) {
        return TRD_E_ARG;
    }
    const int result = entry_check(accounts, account, instrument, side);
    if (result != TRD_OK) {
        return result;
    }
    const trd_acct_listing *listing = trd__listed(accounts, instrument);
    if (listing->has_mark == 0) {
        return TRD_E_UNKNOWN;
    }
    const trd_wide profit = trd__profit_at(listing,
        trd__entry(accounts, trd__entry_find(accounts, account, instrument, side)), listing->mark);
    trd_assert(trd_fits(profit)); /* value and cost are below 2^62 */
    *out = (trd_amt)profit;
    return TRD_OK;
}

int trd_accounts_outside(const trd_accounts *accounts, uint32_t instrument, trd_qty *qty) {
    if (qty == NULL) {
        return TRD_E_ARG;
    }
    if (instrument >= accounts->listings) {
        return TRD_E_UNKNOWN;
    }
    *qty = trd__listed(accounts, instrument)->outside;
    return TRD_OK;
}

/* --- equity ----------------------------------------------------------------------------------- */

/* Adds the worth of `amount` to *sum. */
static int add_worth(const trd_accounts *a, uint32_t asset, trd_wide amount, trd_wide *sum) {
    trd_amt worth = 0;
    const int result = trd__worth(a, asset, amount, &worth);
    *sum += worth;
    return result;
}

static int balances_worth(const trd_accounts *a, const trd_acct_client *client, trd_wide *sum) {
    int result = TRD_OK;
    for (uint32_t i = client->purses.first; i != 0 && result == TRD_OK;
         i = trd__purse(a, i)->next_of_account) {
        const trd_acct_purse *purse = trd__purse(a, i);
        result = add_worth(a, purse->asset, trd__total(purse) - purse->debt, sum);
    }
    return result;
}

static int entry_worth(
    const trd_accounts *a, const trd_acct_entry *entry, trd_wide *unrealised, trd_wide *options) {
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    if (entry->qty == 0 || listing->kind == TRD_INSTRUMENT_SPOT) {
        return TRD_OK;
    }
    if (listing->has_mark == 0) {
        return TRD_E_UNKNOWN;
    }
    if (listing->kind == TRD_INSTRUMENT_OPTION) {
        return add_worth(a, listing->settle_asset,
            trd__closing_flow(listing, listing->mark, entry->qty), options);
    }
    return add_worth(
        a, listing->settle_asset, trd__profit_at(listing, entry, listing->mark), unrealised);
}

/* Fills *out; false if a sum does not fit. */
static bool equity_fits(trd_wide balances, trd_wide unrealised, trd_wide options, trd_equity *out) {
    const trd_wide total = balances + unrealised + options;
    if (!trd__is_amount(balances) || !trd__is_amount(unrealised) || !trd__is_amount(options) ||
        !trd__is_amount(total)) {
        return false;
    }
    *out = (trd_equity){.balances = (trd_amt)balances,
        .unrealised = (trd_amt)unrealised,
        .options = (trd_amt)options,
        .total = (trd_amt)total};
    return true;
}

bool trd__equity_of(const trd_accounts *a, const trd_acct_client *client, const trd_acct_sums *sums,
    trd_equity *out) {
    trd_wide balances = 0;
    return sums->no_equity == 0 && balances_worth(a, client, &balances) == TRD_OK &&
           equity_fits(balances, sums->equity, sums->options, out);
}

/* What is kept says what the equity is, but not why it is not known. */
int trd_accounts_equity(const trd_accounts *accounts, uint32_t account, trd_equity *out) {
    if (out == NULL) {
        return TRD_E_ARG;
    }
    if (!trd__is_open(accounts, account)) {
        return TRD_E_UNKNOWN;
    }
    const trd_acct_client *client = trd__client(accounts, account);
    const trd_acct_kept *kept = trd__kept_now(accounts, client, false);
    if (kept != NULL && trd__equity_of(accounts, client, &kept->sums, out)) {
        return TRD_OK;
    }
    trd_wide balances = 0;
    trd_wide unrealised = 0;
    trd_wide options = 0;
    int result = balances_worth(accounts, client, &balances);
    for (uint32_t i = client->entries.first; i != 0 && result == TRD_OK;
         i = trd__entry(accounts, i)->next_of_account) {
        result = entry_worth(accounts, trd__entry(accounts, i), &unrealised, &options);
    }
    if (result != TRD_OK) {
        return result;
    }
    return equity_fits(balances, unrealised, options, out) ? TRD_OK : TRD_E_RANGE;
}
