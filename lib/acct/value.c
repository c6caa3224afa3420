/* value.c - positions are valued; their sums are kept and brought up to date. */
#include "acct/value.h"

#include "acct/position.h"

/* --- one position ----------------------------------------------------------------------------- */

/* floor of an amount in the valuation asset; 0 and a bit if it is not known. */
static trd_amt worth_or(
    const trd_accounts *a, uint32_t asset, trd_wide amount, unsigned bit, trd_acct_value *v) {
    trd_amt worth = 0;
    if (trd__worth(a, asset, amount, &worth) != TRD_OK) {
        v->missing |= (uint8_t)bit;
        return 0;
    }
    return worth;
}

/* All but the worst case. SPOT has a profit, but is worth its balances. */
static void value_position(const trd_accounts *a, const trd_acct_listing *listing,
    const trd_acct_entry *entry, trd_acct_value *v) {
    const bool is_spot = trd__delivers_now(listing);
    v->profit = 0;
    v->worth = 0;
    v->unrealised = 0;
    v->equity = 0;
    v->missing &= TRD_MISSING_WORST;
    if (entry->qty == 0) {
        return;
    }
    if (!v->has_px) {
        v->missing |= TRD_MISSING_UNREALISED;
        v->missing |= is_spot ? 0 : TRD_MISSING_MARK | TRD_MISSING_EQUITY;
        return;
    }
    const trd_amt value = trd__closing_flow(listing, v->px, entry->qty);
    const trd_wide profit = (trd_wide)value - entry->cost;
    v->unrealised = worth_or(a, listing->settle_asset, profit, TRD_MISSING_UNREALISED, v);
    if (is_spot) {
        return;
    }
    v->profit = (trd_amt)profit; /* value and cost are below 2^62 */
    if (trd__has_open_cost(listing)) {
        v->worth = v->profit;
        v->equity = v->unrealised;
        v->missing |= (v->missing & TRD_MISSING_UNREALISED) != 0 ? TRD_MISSING_EQUITY : 0;
    } else {
        v->worth = value;
        v->equity = worth_or(a, listing->settle_asset, value, TRD_MISSING_EQUITY, v);
    }
}

static void value_worst(const trd_accounts *a, const trd_acct_listing *listing,
    const trd_acct_entry *entry, trd_acct_value *v) {
    const trd_wide size = trd__larger_size(
        (trd_wide)entry->qty + entry->open[0], (trd_wide)entry->qty - entry->open[1]);
    v->missing &= (uint8_t)~TRD_MISSING_WORST;
    if (!trd__size_worth(a, listing, v->has_px != 0, v->px, size, &v->worst)) {
        v->worst = 0;
        v->missing |= TRD_MISSING_WORST;
    }
}

void trd__value_at(const trd_accounts *a, const trd_acct_entry *entry, bool has_mark, trd_px mark,
    trd_acct_value *out) {
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    out->px = mark;
    out->has_px = has_mark;
    out->missing = 0;
    value_position(a, listing, entry, out);
    value_worst(a, listing, entry, out);
}

/* --- sums ------------------------------------------------------------------------------------- */

static uint32_t misses(const trd_acct_value *v, unsigned bit) {
    return (v->missing & bit) != 0;
}

/* Joins the sums (by = 1), or leaves them (by = -1). */
static void count(
    trd_acct_sums *sums, const trd_acct_listing *listing, const trd_acct_value *v, int by) {
    sums->unrealised += (trd_wide)by * v->unrealised;
    *(listing->kind == TRD_INSTRUMENT_OPTION ? &sums->options : &sums->equity) +=
        (trd_wide)by * v->equity;
    sums->no_unrealised += (uint32_t)by * misses(v, TRD_MISSING_UNREALISED);
    sums->no_equity += (uint32_t)by * misses(v, TRD_MISSING_EQUITY);
}

static void count_worst(trd_acct_sums *sums, const trd_acct_value *v, int by) {
    sums->worst += (trd_wide)by * v->worst;
    sums->no_worst += (uint32_t)by * misses(v, TRD_MISSING_WORST);
}

static void count_pool(trd_acct_pool *pool, const trd_acct_value *v, int by) {
    pool->profit += (trd_wide)by * v->profit;
    pool->worth += (trd_wide)by * v->worth;
    pool->no_mark += (uint32_t)by * misses(v, TRD_MISSING_MARK);
}

/* --- bringing up to date ---------------------------------------------------------------------- */

/* Was it valued at another mark than there is now? */
static bool is_elsewhere(const trd_acct_listing *listing, const trd_acct_value *v) {
    return v->px != listing->mark || v->has_px != listing->has_mark;
}

/* At the mark there is now. */
static void revalue(trd_accounts *a, trd_acct_kept *kept, uint32_t number) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_acct_pool *pool = trd__pool(a, entry->settle);
    trd_acct_value *v = trd__value(a, number);
    count(&kept->sums, listing, v, -1);
    count_pool(pool, v, -1);
    v->px = listing->mark;
    v->has_px = listing->has_mark;
    value_position(a, listing, entry, v);
    count(&kept->sums, listing, v, 1);
    count_pool(pool, v, 1);
    kept->need.is_known = 0;
    a->valued++;
}

/* At the mark that it is valued at, so that one mark says which of both are old. */
static void revalue_worst(trd_accounts *a, trd_acct_kept *kept, uint32_t number) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_acct_value *v = trd__value(a, number);
    if ((entry->valued & TRD_VALUED_OPEN) == 0) {
        return;
    }
    count_worst(&kept->sums, v, -1);
    value_worst(a, listing, entry, v);
    count_worst(&kept->sums, v, 1);
    a->valued++;
}

static void bring_listed(trd_accounts *a, trd_acct_kept *kept) {
    while (kept->listed != 0) {
        const uint32_t number = kept->listed;
        trd_acct_entry *entry = trd__entry(a, number);
        kept->listed = trd__value(a, number)->next;
        trd__value(a, number)->next = 0;
        if ((entry->valued & TRD_VALUED_MOVED) != 0 ||
            is_elsewhere(trd__listed(a, entry->instrument), trd__value(a, number))) {
            revalue(a, kept, number);
        }
        revalue_worst(a, kept, number);
        entry->valued &= ~(uint32_t)(TRD_VALUED_MOVED | TRD_VALUED_LISTED);
    }
}

/* Has the position another mark or rate than it was valued at? A flat one without orders counts for
 * nothing at any. */
static bool is_stale(const trd_accounts *a, const trd_acct_kept *kept, uint32_t number) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    const trd_acct_value *v = trd__value(a, number);
    return (entry->qty != 0 || entry->open[0] != 0 || entry->open[1] != 0) &&
           (is_elsewhere(listing, v) || trd__asset(a, listing->settle_asset)->rated > kept->rates);
}

static void bring(trd_accounts *a, trd_acct_kept *kept, uint32_t number) {
    if (is_stale(a, kept, number)) {
        revalue(a, kept, number);
        revalue_worst(a, kept, number);
    }
}

static void bring_all(trd_accounts *a, trd_acct_kept *kept) {
    for (uint32_t i = trd__client(a, kept->account)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_account) {
        bring(a, kept, i);
    }
}

/* The positions in the instruments whose mark has moved. */
static void bring_moves(trd_accounts *a, trd_acct_kept *kept) {
    const bool hedged = trd__client(a, kept->account)->hedge != 0;
    const uint32_t first = hedged ? TRD_POSITION_LONG : TRD_POSITION_NET;
    const uint32_t last = hedged ? TRD_POSITION_SHORT : TRD_POSITION_NET;
    for (uint64_t at = kept->marks; at != a->marks; at++) {
        for (uint32_t side = first; side <= last; side++) {
            const uint32_t number = trd__entry_find(a, kept->account, *trd__marked(a, at), side);
            if (number != 0) {
                bring(a, kept, number);
            }
        }
    }
}

/* --- keeping ---------------------------------------------------------------------------------- */

void trd__entry_tells(trd_accounts *a, trd_acct_entry *entry) {
    if ((entry->valued & TRD_VALUED) != 0) {
        trd__entry_lists(a, entry, TRD_VALUED_MOVED);
    }
    trd__entry_due(a, entry);
}

void trd__entry_joins(trd_accounts *a, uint32_t number) {
    trd_acct_entry *entry = trd__entry(a, number);
    const uint32_t keeper = trd__client(a, entry->account)->kept;
    trd_acct_kept *kept = trd__kept(a, keeper);
    entry->valued = trd__client(a, entry->account)->watched != 0 ? (uint32_t)TRD_VALUED_WATCHED : 0;
    if (keeper != 0) {
        kept->positions++;
        entry->valued |= TRD_VALUED | (kept->has_worst != 0 ? (uint32_t)TRD_VALUED_OPEN : 0);
    }
}

/* All positions are listed; worst cases too from now on, if they are wanted. */
static void list_all(trd_accounts *a, trd_acct_kept *kept, bool worst) {
    kept->has_worst |= worst;
    kept->positions = 0;
    for (uint32_t i = trd__client(a, kept->account)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_account) {
        kept->positions++;
        trd__entry_lists(a, trd__entry(a, i),
            TRD_VALUED | (worst ? (uint32_t)TRD_VALUED_OPEN : 0) |
                ((trd__entry(a, i)->valued & TRD_VALUED) == 0 ? (uint32_t)TRD_VALUED_MOVED : 0));
    }
}

static trd_acct_kept *keeper_of(trd_accounts *a, uint32_t account, bool worst) {
    trd_acct_client *client = trd__client(a, account);
    if (trd_unlikely(client->kept == 0)) {
        trd_assert(client->entries.first != 0); /* so there is a record for each account */
        client->kept = ++a->kept;
        trd_acct_kept *fresh = trd__kept(a, client->kept);
        fresh->account = account;
        fresh->marks = a->marks;
        fresh->rates = a->rates;
        for (uint32_t i = client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
            const trd_acct_entry *entry = trd__entry(a, i);
            trd__pool(a, entry->settle)->collateral += entry->collateral;
        }
        list_all(a, fresh, worst);
        return fresh;
    }
    trd_acct_kept *kept = trd__kept(a, client->kept);
    if (trd_unlikely(worst && kept->has_worst == 0)) {
        list_all(a, kept, true);
    }
    return kept;
}

void trd__keep(trd_accounts *a, uint32_t account, bool worst) {
    trd_acct_kept *kept = keeper_of(a, account, worst);
    const uint64_t moves = a->marks - kept->marks;
    bring_listed(a, kept);
    if (kept->rates != a->rates || moves > kept->positions || moves > TRD_ACCT_MOVES) {
        bring_all(a, kept);
    } else {
        bring_moves(a, kept);
    }
    kept->marks = a->marks;
    kept->rates = a->rates;
}

/* --- questions -------------------------------------------------------------------------------- */

const trd_acct_kept *trd__account_kept(
    const trd_accounts *a, trd_accounts *keeps, uint32_t account, bool worst) {
    const trd_acct_client *client = trd__client(a, account);
    const trd_acct_kept *kept = trd__kept_now(a, client, worst);
    if (kept != NULL || keeps == NULL || client->entries.first == 0) {
        return kept;
    }
    trd__keep(keeps, account, worst);
    return trd__kept(a, client->kept);
}

const trd_acct_sums *trd__account_sums(
    const trd_accounts *a, trd_accounts *keeps, uint32_t account, bool worst, trd_acct_sums *own) {
    const trd_acct_kept *kept = trd__account_kept(a, keeps, account, worst);
    if (kept != NULL) {
        return &kept->sums;
    }
    *own = (trd_acct_sums){0};
    for (uint32_t i = trd__client(a, account)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        const trd_acct_listing *listing = trd__listed(a, entry->instrument);
        trd_acct_value v = {.px = listing->mark, .has_px = listing->has_mark};
        value_position(a, listing, entry, &v);
        count(own, listing, &v, 1);
        if (worst) {
            value_worst(a, listing, entry, &v);
            count_worst(own, &v, 1);
        }
    }
    return own;
}

const trd_acct_pool *trd__balance_sums(
    const trd_accounts *a, trd_accounts *keeps, uint32_t purse, trd_acct_pool *own) {
    *own = (trd_acct_pool){0};
    if (purse == 0) {
        return own;
    }
    const uint32_t account = trd__purse(a, purse)->account;
    if (trd__account_kept(a, keeps, account, false) != NULL) {
        return trd__pool(a, purse);
    }
    for (uint32_t i = trd__client(a, account)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        const trd_acct_listing *listing = trd__listed(a, entry->instrument);
        if (entry->settle == purse && entry->qty != 0 && !trd__delivers_now(listing)) {
            const bool has_mark = listing->has_mark != 0;
            own->no_mark += !has_mark;
            own->profit += has_mark ? trd__profit_at(listing, entry, listing->mark) : 0;
            own->worth += has_mark ? trd__worth_at(listing, entry, listing->mark) : 0;
            own->collateral += entry->collateral;
        }
    }
    return own;
}

int trd_accounts_revalue(trd_accounts *accounts, uint32_t account) {
    if (accounts->work.task != TRD_TASK_NONE) {
        return TRD_E_BUSY;
    }
    if (!trd__is_open(accounts, account)) {
        return TRD_E_UNKNOWN;
    }
    if (trd__client(accounts, account)->entries.first != 0) {
        trd__keep(accounts, account, true);
    }
    return TRD_OK;
}
