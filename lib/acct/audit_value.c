/* audit_value.c - what is kept of positions is what follows from them. */
#include "acct/value.h"

/* The two have the same amounts, and the same of them are not known. */
static bool is_same(const trd_acct_value *x, const trd_acct_value *y, unsigned bits) {
    return x->profit == y->profit && x->worth == y->worth &&
           ((bits & TRD_MISSING_UNREALISED) == 0 || x->unrealised == y->unrealised) &&
           ((bits & TRD_MISSING_EQUITY) == 0 || x->equity == y->equity) &&
           ((bits & TRD_MISSING_WORST) == 0 || x->worst == y->worst) &&
           ((x->missing ^ y->missing) & bits) == 0;
}

/* What has not moved is what it would be made anew: at the mark it was valued at, and, if no mark
 * and no rate has changed since, at the one there is. What a rate since forgotten made of it cannot
 * be made again. */
static int audit_value(const trd_accounts *a, const trd_acct_kept *kept, uint32_t number) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    const trd_acct_value *v = trd__value(a, number);
    const bool has_rate = trd__asset(a, listing->settle_asset)->rated <= kept->rates;
    const unsigned worst = kept->has_worst != 0 ? TRD_MISSING_WORST : 0;
    const unsigned in_valuation = TRD_MISSING_UNREALISED | TRD_MISSING_EQUITY | worst;
    const unsigned bits = TRD_MISSING_MARK | (has_rate ? in_valuation : 0);
    trd_acct_value again = {.px = 0};
    trd_audit(((entry->valued & TRD_VALUED_OPEN) != 0) == (kept->has_worst != 0));
    trd_audit(kept->has_worst != 0 || v->worst == 0);
    if ((entry->valued & TRD_VALUED_LISTED) != 0) {
        return TRD_OK;
    }
    trd_audit((entry->valued & TRD_VALUED_MOVED) == 0);
    trd__value_at(a, entry, v->has_px != 0, v->px, &again);
    trd_audit(is_same(v, &again, bits));
    if (kept->marks == a->marks && kept->rates == a->rates) {
        trd__value_at(a, entry, listing->has_mark != 0, listing->mark, &again);
        trd_audit(is_same(v, &again, bits));
    }
    return TRD_OK;
}

/* The sums are those of what the positions count for. */
static int audit_sums(const trd_accounts *a, const trd_acct_kept *kept) {
    trd_acct_sums left = kept->sums;
    for (uint32_t i = trd__client(a, kept->account)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_account) {
        const trd_acct_value *v = trd__value(a, i);
        const bool is_option =
            trd__listed(a, trd__entry(a, i)->instrument)->kind == TRD_INSTRUMENT_OPTION;
        left.unrealised -= v->unrealised;
        left.equity -= is_option ? 0 : v->equity;
        left.options -= is_option ? v->equity : 0;
        left.worst -= v->worst;
        left.no_unrealised -= (v->missing & TRD_MISSING_UNREALISED) != 0;
        left.no_equity -= (v->missing & TRD_MISSING_EQUITY) != 0;
        left.no_worst -= (v->missing & TRD_MISSING_WORST) != 0;
    }
    trd_audit(left.unrealised == 0 && left.equity == 0 && left.options == 0 && left.worst == 0);
    trd_audit(left.no_unrealised == 0 && left.no_equity == 0 && left.no_worst == 0);
    return TRD_OK;
}

static int audit_pool(const trd_accounts *a, uint32_t purse) {
    const trd_acct_client *client = trd__client(a, trd__purse(a, purse)->account);
    trd_acct_pool left = *trd__pool(a, purse);
    for (uint32_t i = client->entries.first; client->kept != 0 && i != 0;
         i = trd__entry(a, i)->next_of_account) {
        const trd_acct_value *v = trd__value(a, i);
        if (trd__entry(a, i)->settle == purse) {
            left.profit -= v->profit;
            left.worth -= v->worth;
            left.no_mark -= (v->missing & TRD_MISSING_MARK) != 0;
            left.collateral -= trd__entry(a, i)->collateral;
        }
    }
    trd_audit(left.profit == 0 && left.worth == 0 && left.no_mark == 0 && left.collateral == 0);
    return TRD_OK;
}

/* The list of watched positions that have moved has those that say so. */
static int audit_due(const trd_accounts *a, uint32_t account) {
    const trd_acct_client *client = trd__client(a, account);
    uint32_t due = 0;
    for (uint32_t i = client->due; i != 0; i = trd__entry(a, i)->next_due) {
        trd_audit(i <= a->entries && due < a->entries);
        trd_audit(trd__entry(a, i)->account == account);
        trd_audit((trd__entry(a, i)->valued & TRD_VALUED_DUE) != 0);
        due++;
    }
    for (uint32_t i = client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
        const uint32_t valued = trd__entry(a, i)->valued;
        trd_audit(((valued & TRD_VALUED_WATCHED) != 0) == (client->watched != 0));
        due -= (valued & TRD_VALUED_DUE) != 0;
    }
    trd_audit(due == 0);
    return TRD_OK;
}

/* The list has those positions that say so. */
static int audit_list(const trd_accounts *a, const trd_acct_kept *kept) {
    uint32_t listed = 0;
    uint32_t positions = 0;
    for (uint32_t i = kept->listed; i != 0; i = trd__value(a, i)->next) {
        trd_audit(i <= a->entries && listed < a->entries);
        trd_audit(trd__entry(a, i)->account == kept->account);
        trd_audit((trd__entry(a, i)->valued & TRD_VALUED_LISTED) != 0);
        listed++;
    }
    for (uint32_t i = trd__client(a, kept->account)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_account) {
        positions++;
        listed -= (trd__entry(a, i)->valued & TRD_VALUED_LISTED) != 0;
    }
    trd_audit(listed == 0 && positions == kept->positions);
    return TRD_OK;
}

static int audit_kept(const trd_accounts *a, uint32_t number) {
    const trd_acct_kept *kept = trd__kept(a, number);
    trd_audit(trd__is_open(a, kept->account));
    trd_audit(trd__client(a, kept->account)->kept == number);
    trd_audit(kept->marks <= a->marks && kept->rates <= a->rates);
    const int result = audit_list(a, kept);
    return result == TRD_OK ? audit_sums(a, kept) : result;
}

int trd__audit_values(const trd_accounts *a) {
    int result = TRD_OK;
    for (uint32_t i = 1; i <= a->kept && result == TRD_OK; i++) {
        result = audit_kept(a, i);
    }
    for (uint32_t i = 1; i <= a->entries && result == TRD_OK; i++) {
        const uint32_t keeper = trd__client(a, trd__entry(a, i)->account)->kept;
        trd_audit(keeper <= a->kept);
        trd_audit((keeper != 0) == ((trd__entry(a, i)->valued & TRD_VALUED) != 0));
        result = keeper != 0 ? audit_value(a, trd__kept(a, keeper), i) : TRD_OK;
    }
    for (uint32_t i = 1; i <= a->purses && result == TRD_OK; i++) {
        result = audit_pool(a, i);
    }
    for (uint32_t i = 0; i < a->def.accounts_max && result == TRD_OK; i++) {
        result = audit_due(a, i);
    }
    return result;
}
