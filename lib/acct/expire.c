/* expire.c - the end of a derivative: every position is settled in cash or delivered. */
#include "acct/bulk.h"

/* What expiry brings one position. */
typedef struct expiry {
    trd_amt flow; /* F */
    trd_amt cash; /* delivery: of the settlement asset */
    trd_amt base; /* delivery: of the base asset */
    bool delivers;
} expiry;

/* |px - strike| if the option is in the money, else 0. */
static uint64_t intrinsic(const trd_acct_listing *listing, trd_px px) {
    const bool is_call = listing->option == TRD_OPTION_CALL;
    const trd_px high = is_call ? px : listing->strike;
    const trd_px low = is_call ? listing->strike : px;
    return high > low ? (uint64_t)high - (uint64_t)low : 0;
}

static bool option_flow(
    const trd_acct_listing *listing, uint64_t value, trd_qty qty, trd_amt *out) {
    const uint64_t times[3] = {(uint64_t)trd__abs_qty(qty), (uint64_t)listing->numerator, value};
    const uint64_t by[1] = {(uint64_t)listing->denominator};
    bool inexact = false;
    trd_amt flow = 0;
    if (!trd__ratio(times, 3, by, 1, &flow, &inexact)) {
        return false;
    }
    *out = qty > 0 ? flow : -(flow + inexact);
    return trd__is_amount(*out);
}

/* Who gets the base asset gives ceil(value), who gives it gets floor(value). */
static bool delivery_of(
    const trd_acct_listing *listing, trd_px px, trd_qty qty, bool gets_base, expiry *out) {
    const trd_wide base = trd__mul(trd__abs_qty(qty), listing->base);
    if (!trd__is_amount(base) ||
        !trd__value_signed(listing, px, trd__abs_qty(qty), !gets_base, &out->cash)) {
        return false;
    }
    out->base = gets_base ? (trd_amt)base : -(trd_amt)base;
    out->delivers = true;
    return true;
}

/* False if an amount is not below 2^62. */
static bool expiry_of(const trd_acct_listing *listing, trd_px px, trd_qty qty, expiry *out) {
    *out = (expiry){0};
    const bool is_physical = listing->delivery == TRD_DELIVERY_PHYSICAL;
    if (listing->kind == TRD_INSTRUMENT_OPTION) {
        const uint64_t value = intrinsic(listing, px);
        const bool gets_base = (qty > 0) == (listing->option == TRD_OPTION_CALL);
        return option_flow(listing, value, qty, &out->flow) &&
               (!is_physical || value == 0 ||
                   delivery_of(listing, listing->strike, qty, gets_base, out));
    }
    const bool receives = (qty > 0) == (listing->kind == TRD_INSTRUMENT_LINEAR);
    return trd__value_signed(listing, px, trd__abs_qty(qty), receives, &out->flow) &&
           (!is_physical || delivery_of(listing, px, qty, qty > 0, out));
}

/* Is F paid in cash, as the profit of a contract or the value of an option? */
static bool pays_flow(const trd_acct_listing *listing, const expiry *e) {
    return trd__has_open_cost(listing) || !e->delivers;
}

static int expire_plan(const trd_accounts *a, const trd_acct_work *work,
    const trd_acct_entry *entry, trd_acct_plan *plan) {
    const trd_acct_listing *listing = trd__listed(a, work->instrument);
    expiry e;
    if (!expiry_of(listing, work->px, entry->qty, &e)) {
        return TRD_E_RANGE;
    }
    const trd_wide profit = (trd_wide)e.flow - entry->cost;
    trd_wide settle = e.cash;
    if (trd__has_open_cost(listing)) {
        settle += profit;
    } else if (!e.delivers) {
        settle += e.flow;
    }
    if (!trd__is_amount(profit) || !trd__is_amount(entry->realised + profit)) {
        return TRD_E_RANGE;
    }
    *plan = (trd_acct_plan){.settle = settle, .unlocked = entry->collateral, .other = e.base};
    return TRD_OK;
}

static void delivery(const trd_booking *b, trd_acct_entry *entry, const expiry *e) {
    trd_accounts *a = b->a;
    trd_posting p = {.amount = e->cash,
        .venue = TRD_ACCOUNT_ROUNDING,
        .entry = TRD_LEDGER_DELIVERY,
        .cause = TRD_SHORT_DELIVERY};
    trd__post(b, trd__purse(a, entry->settle), &p);
    p.amount = e->base;
    trd_assert(p.amount != 0); /* a position that ends has lots, and a lot a base */
    const uint32_t asset = trd__listed(a, b->instrument)->base_asset;
    trd_acct_purse *purse = trd__purse(a, trd__purse_make(a, entry->account, asset));
    trd__post(b, purse, &p);
    trd__settled(purse);
}

/* REALISED and the flow between ROUNDING and CLEARING, or SETTLEMENT of an option. */
static void settlement(
    const trd_booking *b, trd_acct_purse *purse, const expiry *e, trd_amt profit) {
    const trd_acct_listing *listing = trd__listed(b->a, b->instrument);
    if (!trd__has_open_cost(listing)) {
        const trd_posting p = {.amount = pays_flow(listing, e) ? e->flow : 0,
            .venue = TRD_ACCOUNT_ROUNDING,
            .entry = TRD_LEDGER_SETTLEMENT,
            .cause = TRD_SHORT_DELIVERY};
        trd__post(b, purse, &p);
        return;
    }
    const trd_posting p = {.amount = profit,
        .venue = TRD_ACCOUNT_CLEARING,
        .entry = TRD_LEDGER_REALISED,
        .cause = TRD_SHORT_LOSS};
    const trd_posting rest = {.entry = TRD_LEDGER_ROUNDING};
    trd__post(b, purse, &p);
    if (e->flow != 0) {
        trd__post_venue(b, TRD_ACCOUNT_CLEARING, purse->asset, e->flow, &rest);
        trd__post_venue(b, TRD_ACCOUNT_ROUNDING, purse->asset, -e->flow, &rest);
    }
}

void trd__expire_entry(const trd_booking *b, trd_acct_entry *entry) {
    trd_accounts *a = b->a;
    const trd_acct_listing *listing = trd__listed(a, b->instrument);
    trd_acct_client *client = trd__client(a, entry->account);
    trd_acct_purse *purse = trd__purse(a, entry->settle);
    expiry e;
    const bool fits = expiry_of(listing, a->work.px, entry->qty, &e);
    trd_assert(fits);
    const trd_amt profit = e.flow - entry->cost;
    const trd_qty before = entry->qty;
    trd__collateral_moves(b, purse, entry, -entry->collateral);
    settlement(b, purse, &e, profit);
    if (e.delivers) {
        delivery(b, entry, &e);
    }
    trd__settled(purse);
    entry->qty = 0;
    entry->cost = 0;
    entry->realised += profit;
    entry->booked = trd__entry_booked(listing, entry);
    trd__entry_counted(a, client, entry, before);
    trd__reach_moves(a, listing, entry, -trd__abs_qty(before));
    trd__client_roll(a, client);
    trd__activity_add(a, client, &client->realised, purse->asset, profit);
    trd__say_position(b, entry);
}

static void outside_gets(
    const trd_booking *b, uint32_t asset, trd_amt amount, const trd_posting *p) {
    if (amount != 0) {
        trd__post_venue(b, TRD_ACCOUNT_OUTSIDE, asset, amount, p);
        trd__post_venue(b, TRD_ACCOUNT_ROUNDING, asset, -amount, p);
    }
}

void trd__expire_outside(const trd_booking *b) {
    trd_acct_listing *listing = trd__listed(b->a, b->instrument);
    const trd_posting in_cash = {.entry = TRD_LEDGER_SETTLEMENT};
    const trd_posting delivered = {.entry = TRD_LEDGER_DELIVERY};
    expiry e;
    const bool fits = expiry_of(listing, b->a->work.px, listing->outside, &e);
    trd_assert(fits);
    if (pays_flow(listing, &e)) {
        outside_gets(b, listing->settle_asset, e.flow, &in_cash);
    }
    if (e.delivers) {
        outside_gets(b, listing->settle_asset, e.cash, &delivered);
        outside_gets(b, listing->base_asset, e.base, &delivered);
    }
    listing->outside = 0;
}

/* The terms of the call on the instrument. */
static trd_acct_work expiry_work(const trd_accounts *a, uint32_t instrument, trd_px px) {
    return (trd_acct_work){.task = TRD_TASK_EXPIRE,
        .next = trd__listed(a, instrument)->entries.first,
        .instrument = instrument,
        .px = px};
}

int trd__expire_fits(const trd_accounts *a, uint32_t instrument, trd_px px) {
    const trd_acct_listing *listing = trd__listed(a, instrument);
    const trd_acct_work work = expiry_work(a, instrument, px);
    expiry outside;
    const int result = trd__plan_positions(a, &work, listing->base_asset, expire_plan);
    if (result != TRD_OK) {
        return result;
    }
    return listing->outside != 0 && !expiry_of(listing, px, listing->outside, &outside)
               ? TRD_E_RANGE
               : TRD_OK;
}

int trd_accounts_expire(trd_accounts *accounts, uint32_t instrument, trd_px px, trd_out *out) {
    int result = trd__begin(accounts, out);
    if (result != TRD_OK) {
        return result;
    }
    if (instrument >= accounts->listings) {
        return TRD_E_UNKNOWN;
    }
    const trd_acct_listing *listing = trd__listed(accounts, instrument);
    if (listing->kind == TRD_INSTRUMENT_SPOT ||
        (listing->kind != TRD_INSTRUMENT_OPTION && !trd__px_fits(listing, px))) {
        return TRD_E_ARG;
    }
    if (listing->holds != 0) {
        return TRD_E_BUSY;
    }
    result = trd__expire_fits(accounts, instrument, px);
    if (result != TRD_OK) {
        return result;
    }
    const trd_acct_work work = expiry_work(accounts, instrument, px);
    return trd__work_begin(accounts, &work, out);
}
