/* ledger.c - transfers, loans, balances, and what accounts did. */
#include "acct/ledger.h"

/* --- activity --------------------------------------------------------------------------------- */

void trd__client_roll(const trd_accounts *a, trd_acct_client *client) {
    if (trd_unlikely(client->day != a->day)) {
        client->day = a->day;
        client->realised = 0;
        client->charged = 0;
        client->funding = 0;
        client->unpriced = 0;
    }
    if (trd_unlikely(client->period != a->period)) {
        client->volume_before = client->period + 1 == a->period ? client->volume : 0;
        client->volume = 0;
        client->period = a->period;
    }
}

int trd__worth(const trd_accounts *a, uint32_t asset, trd_wide amount, trd_amt *out) {
    const trd_acct_asset *own = trd__asset(a, asset);
    if (amount == 0) {
        *out = 0;
        return TRD_OK;
    }
    if (own->numerator == 0) {
        return TRD_E_UNKNOWN;
    }
    /* uncovered: a balance, a debt, a value and a cost are below 2^62, and so the difference of two
     * of them is below 2^63 */
    if (!trd_fits(amount)) {
        return TRD_E_RANGE;
    }
    const trd_wide product = trd__mul((trd_amt)amount, own->numerator);
    const trd_wide worth = trd_fits(product) ? trd__floor_by(product, own->denominator)
                                             : trd__div_floor(product, own->denominator);
    if (!trd__is_amount(worth)) {
        return TRD_E_RANGE;
    }
    *out = (trd_amt)worth;
    return TRD_OK;
}

void trd__activity_convert(
    const trd_accounts *a, trd_acct_client *client, trd_amt *sum, uint32_t asset, trd_amt amount) {
    trd_amt worth = 0;
    if (trd__worth(a, asset, amount, &worth) == TRD_OK && trd__is_amount((trd_wide)*sum + worth)) {
        *sum += worth;
    } else {
        client->unpriced += client->unpriced != UINT32_MAX;
    }
}

int trd_accounts_activity(const trd_accounts *accounts, uint32_t account, trd_activity *out) {
    if (out == NULL) {
        return TRD_E_ARG;
    }
    if (!trd__is_open(accounts, account)) {
        return TRD_E_UNKNOWN;
    }
    trd_acct_client client = *trd__client(accounts, account);
    trd__client_roll(accounts, &client);
    *out = (trd_activity){.realised = client.realised,
        .fees = client.charged,
        .funding = client.funding,
        .volume = client.volume,
        .volume_before = client.volume_before,
        .executions = client.executions,
        .unpriced = client.unpriced};
    return TRD_OK;
}

/* --- transfers and loans ---------------------------------------------------------------------- */

/* May the account get `free` more free money, and owe `debt` more? TRD_OK, TRD_E_FULL without a
 * balance and room for one, TRD_E_RANGE. */
static int can_get(
    const trd_accounts *a, uint32_t account, uint32_t asset, trd_amt free, trd_amt debt) {
    const uint32_t number = trd__purse_find(a, account, asset);
    if (number == 0 && a->purses == a->def.balances_max) {
        return TRD_E_FULL;
    }
    const trd_acct_purse *purse = trd__purse(a, number); /* record 0 is an empty balance */
    const trd_wide load = trd__weight(purse, (trd_wide)purse->free + free) + debt + purse->at_risk;
    return trd__is_amount(load) ? TRD_OK : TRD_E_RANGE;
}

static bool is_end(const trd_accounts *a, uint32_t account) {
    return trd__is_venue(account) || trd__is_open(a, account);
}

static int transfer_check(const trd_accounts *a, const trd_transfer *t) {
    if (t->from == t->to || t->reserved != 0 || t->amount <= 0) {
        return TRD_E_ARG;
    }
    if (!is_end(a, t->from) || !is_end(a, t->to) || t->asset >= a->assets) {
        return TRD_E_UNKNOWN;
    }
    if (t->from == TRD_ACCOUNT_CLEARING || t->to == TRD_ACCOUNT_CLEARING) {
        return TRD_E_ARG;
    }
    if (!trd__is_amount(t->amount)) {
        return TRD_E_RANGE;
    }
    if (!trd__is_venue(t->to)) {
        const int result = can_get(a, t->to, t->asset, t->amount, 0);
        if (result != TRD_OK) {
            return result;
        }
    }
    if (!trd__is_venue(t->from) &&
        trd__purse(a, trd__purse_find(a, t->from, t->asset))->free < t->amount) {
        return TRD_E_FUNDS;
    }
    return TRD_OK;
}

/* One end of a transfer. */
static void transfer_end(
    const trd_booking *b, uint32_t account, uint32_t asset, const trd_posting *p) {
    if (trd__is_venue(account)) {
        trd__post_venue(b, account, asset, p->amount, p);
        return;
    }
    trd_acct_purse *purse = trd__purse(b->a, trd__purse_make(b->a, account, asset));
    trd__free_moves(purse, p->amount, p->cause);
    trd__settled(purse);
    trd__acct_touch(b->a, account);
    trd__say(
        b, TRD_PUBLISH_MONEY_ACCOUNTS, account, asset, p->amount, (trd_amt)trd__total(purse), p);
}

int trd_accounts_transfer(trd_accounts *accounts, const trd_transfer *transfer, trd_out *out) {
    int result = trd__begin(accounts, out);
    if (result != TRD_OK) {
        return result;
    }
    result = transfer != NULL ? transfer_check(accounts, transfer) : TRD_E_ARG;
    if (result != TRD_OK) {
        return result;
    }
    const trd_booking b = {.a = accounts, .out = out, .reference = transfer->reference};
    trd_posting p = {.amount = -transfer->amount, .entry = TRD_LEDGER_TRANSFER};
    transfer_end(&b, transfer->from, transfer->asset, &p);
    p.amount = transfer->amount;
    transfer_end(&b, transfer->to, transfer->asset, &p);
    return TRD_OK;
}

bool trd__insures(const trd_accounts *a, const trd_insurance *i) {
    if (i->amount <= 0 || !trd__is_open(a, i->to)) {
        return false;
    }
    const uint32_t number = trd__purse_find(a, i->from, i->asset);
    trd_assert(number != 0); /* who gives has a unit on it, or money there */
    const trd_acct_purse *purse = trd__purse(a, number);
    const trd_wide rest = (trd_wide)purse->free - i->amount;
    trd_assert(rest >= 0 || i->cause != 0);
    /* uncovered: a fee is a tenth at most of what closing took off at_risk */
    return trd__is_amount(trd__weight(purse, rest) + purse->at_risk) &&
           can_get(a, i->to, i->asset, i->amount, 0) == TRD_OK;
}

void trd__insure(trd_accounts *a, const trd_insurance *i, trd_out *out) {
    trd_assert(trd__insures(a, i));
    const trd_booking b = {
        .a = a, .out = out, .reference = i->reference, .instrument = i->instrument};
    trd_posting p = {.amount = -i->amount, .entry = TRD_LEDGER_INSURANCE, .cause = i->cause};
    transfer_end(&b, i->from, i->asset, &p);
    p.amount = i->amount;
    transfer_end(&b, i->to, i->asset, &p);
}

static int loan_check(const trd_accounts *a, uint32_t account, uint32_t asset, trd_amt amount) {
    if (amount == 0) {
        return TRD_E_ARG;
    }
    if (!trd__is_open(a, account) || asset >= a->assets) {
        return TRD_E_UNKNOWN;
    }
    if (!trd__is_amount(amount)) {
        return TRD_E_RANGE;
    }
    if (amount > 0) {
        return can_get(a, account, asset, amount, amount);
    }
    const trd_acct_purse *purse = trd__purse(a, trd__purse_find(a, account, asset));
    if (-amount > purse->debt) {
        return TRD_E_RANGE;
    }
    return -amount > purse->free ? TRD_E_FUNDS : TRD_OK;
}

int trd_accounts_loan(trd_accounts *accounts, uint32_t account, uint32_t asset, trd_amt amount,
    uint64_t reference, trd_out *out) {
    int result = trd__begin(accounts, out);
    if (result == TRD_OK) {
        result = loan_check(accounts, account, asset, amount);
    }
    if (result != TRD_OK) {
        return result;
    }
    const trd_booking b = {.a = accounts, .out = out, .reference = reference};
    const trd_posting p = {.amount = amount, .venue = TRD_ACCOUNT_LENDER, .entry = TRD_LEDGER_LOAN};
    trd_acct_purse *purse = trd__purse(accounts, trd__purse_make(accounts, account, asset));
    purse->debt += amount;
    trd__post(&b, purse, &p);
    trd__settled(purse);
    return TRD_OK;
}

/* --- questions -------------------------------------------------------------------------------- */

static trd_balance balance_of(const trd_acct_purse *purse) {
    return (trd_balance){.free = purse->free,
        .locked = purse->locked,
        .unsettled = purse->unsettled,
        .debt = purse->debt,
        .cause = purse->cause};
}

int trd_accounts_balance(
    const trd_accounts *accounts, uint32_t account, uint32_t asset, trd_balance *out) {
    if (out == NULL) {
        return TRD_E_ARG;
    }
    if (!is_end(accounts, account) || asset >= accounts->assets) {
        return TRD_E_UNKNOWN;
    }
    if (trd__is_venue(account)) {
        const trd_wide balance = trd__asset(accounts, asset)->venue[account - TRD_ACCOUNT_VENUE];
        if (!trd_fits(balance)) {
            return TRD_E_RANGE;
        }
        *out = (trd_balance){.free = (trd_amt)balance};
        return TRD_OK;
    }
    *out = balance_of(trd__purse(accounts, trd__purse_find(accounts, account, asset)));
    return TRD_OK;
}

int trd_accounts_balances(
    const trd_accounts *accounts, uint32_t account, trd_asset_balance *out, uint32_t max) {
    if (out == NULL && max > 0) {
        return TRD_E_ARG;
    }
    if (!trd__is_open(accounts, account)) {
        return TRD_E_UNKNOWN;
    }
    uint32_t count = 0;
    for (uint32_t i = trd__client(accounts, account)->purses.first; i != 0;) {
        const trd_acct_purse *purse = trd__purse(accounts, i);
        if (count < max) {
            out[count] = (trd_asset_balance){.asset = purse->asset, .balance = balance_of(purse)};
        }
        count++;
        i = purse->next_of_account;
    }
    return (int)count;
}
