/* bulk.c - what calls that walk many share; days, interest, funding, dividends. */
#include "acct/bulk.h"

/* --- looking first ---------------------------------------------------------------------------- */

trd_acct_siblings trd__siblings(const trd_accounts *a, uint32_t account, uint32_t instrument) {
    trd_acct_siblings siblings = {0};
    const bool hedged = trd__client(a, account)->hedge != 0;
    const uint32_t first = hedged ? TRD_POSITION_LONG : TRD_POSITION_NET;
    const uint32_t last = hedged ? TRD_POSITION_SHORT : TRD_POSITION_NET;
    for (uint32_t side = first; side <= last; side++) {
        const uint32_t number = trd__entry_find(a, account, instrument, side);
        if (trd__entry(a, number)->qty != 0) {
            siblings.number[siblings.count++] = number;
        }
    }
    return siblings;
}

/* All positions of an account together. *made counts the balances that come into being. */
static int plan_account(const trd_accounts *a, const trd_acct_work *work, uint32_t other,
    trd_acct_planner *planner, const trd_acct_siblings *siblings, uint32_t *made) {
    trd_wide settle = 0;
    trd_wide unlocked = 0;
    trd_wide others = 0;
    bool moves_settle = false;
    bool moves_other = false;
    for (unsigned i = 0; i < siblings->count; i++) {
        trd_acct_plan plan = {0};
        const int result = planner(a, work, trd__entry(a, siblings->number[i]), &plan);
        if (result != TRD_OK) {
            return result;
        }
        settle += plan.settle;
        unlocked += plan.unlocked;
        others += plan.other;
        moves_settle |= plan.settle != 0 || plan.unlocked != 0;
        moves_other |= plan.other != 0;
    }
    const trd_acct_entry *entry = trd__entry(a, siblings->number[0]);
    const trd_acct_purse *purse = trd__purse(a, entry->settle);
    if (moves_settle &&
        !trd__is_amount(trd__weight(purse, purse->free + settle + unlocked) - unlocked)) {
        return TRD_E_RANGE;
    }
    if (moves_other) {
        const uint32_t number = trd__purse_find(a, entry->account, other);
        purse = trd__purse(a, number);
        *made += number == 0;
        return trd__is_amount(trd__weight(purse, purse->free + others)) ? TRD_OK : TRD_E_RANGE;
    }
    return TRD_OK;
}

int trd__plan_positions(
    const trd_accounts *a, const trd_acct_work *work, uint32_t other, trd_acct_planner *planner) {
    uint32_t made = 0;
    for (uint32_t i = trd__listed(a, work->instrument)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_instrument) {
        const trd_acct_entry *entry = trd__entry(a, i);
        if (entry->qty == 0) {
            continue;
        }
        const trd_acct_siblings siblings = trd__siblings(a, entry->account, work->instrument);
        if (siblings.number[0] == i) {
            const int result = plan_account(a, work, other, planner, &siblings, &made);
            if (result != TRD_OK) {
                return result;
            }
        }
    }
    return made <= a->def.balances_max - a->purses ? TRD_OK : TRD_E_FULL;
}

bool trd__value_signed(
    const trd_acct_listing *listing, trd_px px, trd_qty qty, bool receives, trd_amt *out) {
    const bool is_inverse = listing->kind == TRD_INSTRUMENT_INVERSE;
    const uint64_t magnitude = trd__magnitude(px);
    const uint64_t times[3] = {
        (uint64_t)qty, (uint64_t)listing->numerator, is_inverse ? 1 : magnitude};
    const uint64_t by[2] = {(uint64_t)listing->denominator, is_inverse ? magnitude : 1};
    trd_amt value = 0;
    bool inexact = false;
    if (!trd__ratio(times, 3, by, 2, &value, &inexact)) {
        return false;
    }
    const bool gets = receives == (px >= 0);
    *out = gets ? value : -(value + inexact);
    return trd__is_amount(*out);
}

/* --- days ------------------------------------------------------------------------------------- */

static void day_due(const trd_booking *b, trd_acct_due *due) {
    trd_acct_purse *purse = trd__purse(b->a, due->purse);
    const trd_amt amount = due->in[0];
    const trd_posting p = {.entry = TRD_LEDGER_SETTLEMENT};
    for (unsigned i = 0; i + 1 < TRD_SETTLE_DAYS_MAX; i++) {
        due->in[i] = due->in[i + 1];
    }
    due->in[TRD_SETTLE_DAYS_MAX - 1] = 0;
    if (amount == 0) {
        return;
    }
    purse->unsettled -= amount;
    purse->free += amount;
    trd__settled(purse);
    trd__say(b, TRD_PUBLISH_MONEY_ACCOUNTS, purse->account, purse->asset, amount,
        (trd_amt)trd__total(purse), &p);
    trd__due_release(b->a, purse);
}

int trd_accounts_day(trd_accounts *accounts, trd_out *out) {
    const int result = trd__begin(accounts, out);
    if (result != TRD_OK) {
        return result;
    }
    accounts->day++;
    const trd_acct_work work = {.task = TRD_TASK_DAY, .next = accounts->due_list.first};
    return trd__work_begin(accounts, &work, out);
}

/* --- interest --------------------------------------------------------------------------------- */

static trd_amt interest_of(const trd_acct_purse *purse, int64_t rate) {
    return (trd_amt)trd__ceil_ppb(trd__mul(purse->debt, rate));
}

static void interest_purse(const trd_booking *b, trd_acct_purse *purse) {
    const trd_amt amount = interest_of(purse, b->a->work.rate);
    const trd_posting p = {.entry = TRD_LEDGER_INTEREST};
    if (amount != 0) {
        purse->debt += amount;
        trd__acct_touch(b->a, purse->account);
        trd__say(
            b, TRD_PUBLISH_MONEY_ACCOUNTS, purse->account, purse->asset, amount, purse->debt, &p);
    }
}

static bool interest_fits(const trd_accounts *a, uint32_t asset, uint32_t rate) {
    for (uint32_t i = trd__asset(a, asset)->purses.first; i != 0;
         i = trd__purse(a, i)->next_of_asset) {
        const trd_acct_purse *purse = trd__purse(a, i);
        const trd_amt amount = interest_of(purse, rate);
        if (amount != 0 && !trd__is_amount(trd__weight(purse, purse->free) + amount)) {
            return false;
        }
    }
    return true;
}

int trd_accounts_interest(
    trd_accounts *accounts, uint32_t asset, uint32_t rate_ppb, trd_ns due, trd_out *out) {
    const int result = trd__begin(accounts, out);
    if (result != TRD_OK) {
        return result;
    }
    if (rate_ppb > TRD_RATE_ONE) {
        return TRD_E_ARG;
    }
    if (asset >= accounts->assets) {
        return TRD_E_UNKNOWN;
    }
    trd_acct_asset *own = trd__asset(accounts, asset);
    if (own->has_interest != 0 && due <= own->interest_due) {
        return TRD_E_EXISTS;
    }
    if (!interest_fits(accounts, asset, rate_ppb)) {
        return TRD_E_RANGE;
    }
    own->has_interest = 1;
    own->interest_due = due;
    const trd_acct_work work = {
        .task = TRD_TASK_INTEREST, .next = own->purses.first, .asset = asset, .rate = rate_ppb};
    return trd__work_begin(accounts, &work, out);
}

/* --- funding ---------------------------------------------------------------------------------- */

/* What a position of `qty` gets, or pays. */
static bool funding_of(
    const trd_acct_listing *listing, const trd_acct_work *work, trd_qty qty, trd_amt *out) {
    const bool is_inverse = listing->kind == TRD_INSTRUMENT_INVERSE;
    const uint64_t mark = trd__magnitude(work->px);
    const uint64_t times[4] = {(uint64_t)trd__abs_qty(qty), (uint64_t)listing->numerator,
        trd__magnitude(work->rate), is_inverse ? 1 : mark};
    const uint64_t by[3] = {(uint64_t)listing->denominator, TRD_RATE_ONE, is_inverse ? mark : 1};
    trd_amt amount = 0;
    bool inexact = false;
    if (!trd__ratio(times, 4, by, 3, &amount, &inexact)) {
        return false;
    }
    const bool pays = (qty > 0) == (work->rate > 0);
    *out = pays ? -(amount + inexact) : amount;
    return trd__is_amount(*out);
}

static int funding_plan(const trd_accounts *a, const trd_acct_work *work,
    const trd_acct_entry *entry, trd_acct_plan *plan) {
    trd_amt amount = 0;
    /* No more than the value of the position at its worst price, which is below 2^62. */
    const bool fits = funding_of(trd__listed(a, work->instrument), work, entry->qty, &amount);
    trd_assert(fits);
    if (!trd__is_amount((trd_wide)entry->funding + amount)) {
        return TRD_E_RANGE;
    }
    plan->settle = amount;
    return TRD_OK;
}

static void funding_entry(const trd_booking *b, trd_acct_entry *entry) {
    trd_accounts *a = b->a;
    const trd_acct_listing *listing = trd__listed(a, b->instrument);
    trd_acct_client *client = trd__client(a, entry->account);
    trd_acct_purse *purse = trd__purse(a, entry->settle);
    trd_posting p = {
        .venue = TRD_ACCOUNT_ROUNDING, .entry = TRD_LEDGER_FUNDING, .cause = TRD_SHORT_FUNDING};
    const bool fits = funding_of(listing, &a->work, entry->qty, &p.amount);
    trd_assert(fits);
    entry->funding += p.amount;
    entry->booked = trd__entry_booked(listing, entry);
    trd__client_roll(a, client);
    trd__activity_add(a, client, &client->funding, purse->asset, p.amount);
    trd__post(b, purse, &p);
    trd__settled(purse);
}

static void funding_outside(const trd_booking *b) {
    const trd_acct_listing *listing = trd__listed(b->a, b->instrument);
    trd_posting p = {.entry = TRD_LEDGER_FUNDING};
    const bool fits = funding_of(listing, &b->a->work, listing->outside, &p.amount);
    trd_assert(fits);
    if (p.amount != 0) {
        trd__post_venue(b, TRD_ACCOUNT_OUTSIDE, listing->settle_asset, p.amount, &p);
        trd__post_venue(b, TRD_ACCOUNT_ROUNDING, listing->settle_asset, -p.amount, &p);
    }
}

int trd_accounts_funding(trd_accounts *accounts, const trd_funding *funding, trd_out *out) {
    int result = trd__begin(accounts, out);
    if (result != TRD_OK) {
        return result;
    }
    if (funding == NULL || funding->rate_ppb > TRD_RATE_ONE || funding->rate_ppb < -TRD_RATE_ONE) {
        return TRD_E_ARG;
    }
    if (funding->instrument >= accounts->listings) {
        return TRD_E_UNKNOWN;
    }
    trd_acct_listing *listing = trd__listed(accounts, funding->instrument);
    if (!trd__has_open_cost(listing) || !trd__px_fits(listing, funding->mark)) {
        return TRD_E_ARG;
    }
    if (listing->has_funding != 0 && funding->due <= listing->funding_due) {
        return TRD_E_EXISTS;
    }
    const trd_acct_work work = {.task = TRD_TASK_FUNDING,
        .next = listing->entries.first,
        .instrument = funding->instrument,
        .px = funding->mark,
        .rate = funding->rate_ppb};
    trd_amt outside = 0;
    result = trd__plan_positions(accounts, &work, listing->settle_asset, funding_plan);
    if (result != TRD_OK || !funding_of(listing, &work, listing->outside, &outside)) {
        return TRD_E_RANGE;
    }
    listing->has_funding = 1;
    listing->funding_due = funding->due;
    return trd__work_begin(accounts, &work, out);
}

/* --- dividends -------------------------------------------------------------------------------- */

static int dividend_plan(const trd_accounts *a, const trd_acct_work *work,
    const trd_acct_entry *entry, trd_acct_plan *plan) {
    (void)a;
    const trd_wide amount = trd__mul(entry->qty, work->amount);
    if (!trd__is_amount(amount)) {
        return TRD_E_RANGE;
    }
    plan->other = amount;
    return TRD_OK;
}

static void dividend_entry(const trd_booking *b, trd_acct_entry *entry) {
    trd_accounts *a = b->a;
    const trd_posting p = {.amount = entry->qty * a->work.amount,
        .venue = TRD_ACCOUNT_OUTSIDE,
        .entry = TRD_LEDGER_CORPORATE,
        .cause = TRD_SHORT_CORPORATE};
    if (p.amount != 0) {
        trd_acct_purse *purse = trd__purse(a, trd__purse_make(a, entry->account, a->work.asset));
        trd__post(b, purse, &p);
        trd__settled(purse);
    }
}

int trd_accounts_dividend(
    trd_accounts *accounts, uint32_t instrument, uint32_t asset, trd_amt amount, trd_out *out) {
    int result = trd__begin(accounts, out);
    if (result != TRD_OK) {
        return result;
    }
    if (amount < 0) {
        return TRD_E_ARG;
    }
    if (instrument >= accounts->listings || asset >= accounts->assets) {
        return TRD_E_UNKNOWN;
    }
    const trd_acct_work work = {.task = TRD_TASK_DIVIDEND,
        .next = trd__listed(accounts, instrument)->entries.first,
        .instrument = instrument,
        .asset = asset,
        .amount = amount};
    result = trd__plan_positions(accounts, &work, asset, dividend_plan);
    return result == TRD_OK ? trd__work_begin(accounts, &work, out) : result;
}

/* --- working ---------------------------------------------------------------------------------- */

/* Each returns TRD_MORE before a unit that might not fit, TRD_OK at the end of the list. */
static int walk_dues(const trd_booking *b) {
    trd_acct_work *work = &b->a->work;
    while (work->next != 0) {
        if (!trd__out_has_room(b->out)) {
            return TRD_MORE;
        }
        trd_acct_due *due = trd__due(b->a, work->next);
        work->next = due->next;
        day_due(b, due);
    }
    return TRD_OK;
}

static int walk_purses(const trd_booking *b, void (*unit)(const trd_booking *, trd_acct_purse *)) {
    trd_acct_work *work = &b->a->work;
    while (work->next != 0) {
        if (!trd__out_has_room(b->out)) {
            return TRD_MORE;
        }
        trd_acct_purse *purse = trd__purse(b->a, work->next);
        work->next = purse->next_of_asset;
        unit(b, purse);
    }
    return TRD_OK;
}

static int walk_entries(const trd_booking *b, void (*unit)(const trd_booking *, trd_acct_entry *)) {
    trd_acct_work *work = &b->a->work;
    while (work->next != 0) {
        trd_acct_entry *entry = trd__entry(b->a, work->next);
        if (entry->qty != 0 && !trd__out_has_room(b->out)) {
            return TRD_MORE;
        }
        work->next = entry->next_of_instrument;
        if (entry->qty != 0) {
            unit(b, entry);
        }
    }
    return TRD_OK;
}

/* The positions, then OUTSIDE. */
static int walk_all(const trd_booking *b, void (*unit)(const trd_booking *, trd_acct_entry *),
    void (*outside)(const trd_booking *)) {
    if (walk_entries(b, unit) == TRD_MORE) {
        return TRD_MORE;
    }
    if (trd__listed(b->a, b->instrument)->outside != 0) {
        if (!trd__out_has_room(b->out)) {
            return TRD_MORE;
        }
        outside(b);
    }
    return TRD_OK;
}

static int walk_split(const trd_booking *b) {
    trd_acct_work *work = &b->a->work;
    if (work->task == TRD_TASK_SPLIT_BALANCES) {
        if (walk_purses(b, trd__split_purse) == TRD_MORE) {
            return TRD_MORE;
        }
        work->task = TRD_TASK_SPLIT_POSITIONS;
        work->next = trd__listed(b->a, b->instrument)->entries.first;
    }
    return walk_entries(b, trd__split_entry);
}

static int walk(const trd_booking *b) {
    switch (b->a->work.task) {
    case TRD_TASK_DAY:
        return walk_dues(b);
    case TRD_TASK_INTEREST:
        return walk_purses(b, interest_purse);
    case TRD_TASK_FUNDING:
        return walk_all(b, funding_entry, funding_outside);
    case TRD_TASK_EXPIRE:
        return walk_all(b, trd__expire_entry, trd__expire_outside);
    case TRD_TASK_DIVIDEND:
        return walk_entries(b, dividend_entry);
    default:
        return walk_split(b);
    }
}

static int work_on(trd_accounts *a, trd_out *out) {
    const trd_booking b = {.a = a, .out = out, .instrument = a->work.instrument};
    const int result = walk(&b);
    if (result == TRD_OK) {
        a->work = (trd_acct_work){0};
    }
    return result;
}

int trd__work_begin(trd_accounts *a, const trd_acct_work *work, trd_out *out) {
    a->work = *work;
    return work_on(a, out);
}

int trd_accounts_continue(trd_accounts *accounts, trd_out *out) {
    const int result = trd__out_check(accounts, out);
    if (result != TRD_OK) {
        return result;
    }
    if (!trd__out_has_room(out)) {
        return TRD_E_FULL;
    }
    return accounts->work.task != TRD_TASK_NONE ? work_on(accounts, out) : TRD_OK;
}
