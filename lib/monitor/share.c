/* share.c - one of many positions has moved: what the others were handed out stays theirs.
 *
 * A look at an account hands the distance of each pool to another level out to its positions
 * (interval.c). While each mark stays in the interval of its position, the excess of position i for
 * the next level is not below next(i), and for this one not above here(i). So the level is the one
 * that was told as long as
 *
 *     (balance - sum of basis) x 10^6 + sum of next  >= 0
 *     (balance - sum of basis) x 10^6 + sum of here  <  0      unless it is FINE
 *
 * whatever the marks are within the intervals. These sums are kept per balance, in its pot. A
 * position that has moved takes out what it put in, and puts in its excess as it is now; a deposit
 * moves the balance. If both still hold, no pool has another level, nobody else has to be looked
 * at, and the position that has moved gets a new interval out of what is left, no more than its
 * part was when all of it was handed out last. If one does not hold, all are looked at, and
 * everything is handed out anew.
 *
 * This is for pools of several positions of which the level is known and nobody is short: one
 * position alone has an exact interval, for which it is looked at whole; and who is short is told
 * again with each look. Who has moved is in a list that the accounts keep while they are told to.
 */
#include "monitor/state.h"

/* Modes whose pools need the sum of what each position needs. */
static bool is_summed(unsigned mode) {
    return mode == TRD_MODE_FLAT || mode == TRD_MODE_LEVERAGE || mode == TRD_MODE_CROSS;
}

/* Their positions have a maintenance of their own. */
static const trd_unit_sums summed = {.need = TRD_NEED_OWN};

/* --- handing out, all at once ----------------------------------------------------------------- */

void trd__shares_begin(trd_monitor *m, trd_accounts *a, uint32_t account) {
    const trd_acct_client *client = trd__client(a, account);
    for (uint32_t i = client->purses.first; i != 0; i = trd__purse(a, i)->next_of_account) {
        *trd__pot(m, i) = (trd_pot){0};
    }
    for (uint32_t i = client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
        *trd__shared(m, i) = (trd_share){0};
    }
}

/* Joins the pot (by = 1), or leaves it (by = -1). */
static void count(trd_pot *pot, const trd_share *share, int by) {
    pot->next += by * share->next;
    pot->here += by * share->here;
    pot->basis += (trd_wide)by * share->basis;
    pot->positions += (uint32_t)(by * share->shares);
    pot->margined += (uint32_t)(by * share->is_margined);
}

void trd__shares_add(trd_monitor *m, const trd_acct_listing *listing, const trd_acct_entry *entry,
    uint32_t number, unsigned mode, const trd_keep *keep) {
    trd_share *share = trd__shared(m, number);
    if (!is_summed(mode)) {
        return;
    }
    *share = (trd_share){.next = keep->next,
        .here = keep->has_here ? keep->here - 1 : 0,
        .basis = trd__basis(listing, entry, mode),
        .shares = 1,
        .is_margined = trd__is_margined(listing, entry)};
    count(trd__pot(m, entry->settle), share, 1);
}

/* May its positions move one by one? The sums of the look are still there. */
static bool may_be_watched(const trd_monitor *m, const trd_accounts *a, uint32_t account) {
    const trd_acct_client *client = trd__client(a, account);
    if (!is_summed(client->mode)) {
        return false;
    }
    for (uint32_t i = client->purses.first; i != 0; i = trd__purse(a, i)->next_of_account) {
        const trd_unit_sums *sums = trd__sums(m, trd__purse(a, i)->asset);
        if (sums->margined != 0 && (sums->known == 0 || sums->level >= TRD_MARGIN_LIQUIDATE ||
                                       trd__pot(m, i)->positions < 2)) {
            return false;
        }
    }
    return true;
}

/* What there was to hand out, for those who move later. */
static void pot_ends(trd_monitor *m, const trd_unit_sums *sums, uint32_t purse) {
    trd_pot *pot = trd__pot(m, purse);
    pot->had_level = sums->margined != 0;
    pot->weights = sums->weights;
    pot->to_next = trd__distance(sums, trd__next_ppm(m, sums->level));
    pot->to_here = sums->level != TRD_MARGIN_FINE
                       ? -trd__distance(sums, trd__next_ppm(m, sums->level - 1u)) - 1
                       : 0;
}

void trd__shares_end(trd_monitor *m, trd_accounts *a, uint32_t account) {
    trd_acct_client *client = trd__client(a, account);
    const bool is_watched = may_be_watched(m, a, account);
    for (uint32_t i = client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
        trd_acct_entry *entry = trd__entry(a, i);
        entry->valued &= ~(uint32_t)(TRD_VALUED_WATCHED | TRD_VALUED_DUE);
        entry->valued |= is_watched ? (uint32_t)TRD_VALUED_WATCHED : 0;
        entry->next_due = 0;
    }
    for (uint32_t i = client->purses.first; is_watched && i != 0;
         i = trd__purse(a, i)->next_of_account) {
        pot_ends(m, trd__sums(m, trd__purse(a, i)->asset), i);
    }
    client->watched = is_watched;
    client->due = 0;
}

/* --- one by one ------------------------------------------------------------------------------- */

/* The excess of a position as it is now, for the level of its pool; nothing is handed out of it. */
static trd_share share_now(const trd_monitor *m, const trd_acct_listing *listing,
    const trd_acct_entry *entry, unsigned mode, const trd_stake *stake, const trd_worth *worth) {
    const unsigned level = trd__pool_watch(m, entry->settle)->level;
    trd_share share = {.next = trd__stake_excess(stake, worth, trd__next_ppm(m, level)),
        .basis = trd__basis(listing, entry, mode),
        .shares = 1,
        .is_margined = trd__is_margined(listing, entry)};
    if (level != TRD_MARGIN_FINE) {
        share.here = trd__stake_excess(stake, worth, trd__next_ppm(m, level - 1));
    }
    return share;
}

/* What it put in is taken out, and what it is now put in. False if that is not known, or the pool
 * becomes one that has a level. */
static bool moves(trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t number) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_share *share = trd__shared(m, number);
    trd_pot *pot = trd__pot(m, entry->settle);
    trd_stake stake;
    trd_worth worth;
    count(pot, share, -1);
    *share = (trd_share){0};
    if (!trd__counts(listing, entry)) {
        return true;
    }
    if (pot->had_level == 0) {
        return !trd__is_margined(listing, entry);
    }
    if (!trd__stake_at_mark(&summed, risk, listing, entry, &stake, &worth)) {
        return false;
    }
    *share = share_now(m, listing, entry, trd__client(a, entry->account)->mode, &stake, &worth);
    count(pot, share, 1);
    return true;
}

/* What is left of the distance to the next level, and to the one before; below 0: it may have been
 * crossed. */
typedef struct rest {
    trd_wide next;
    trd_wide here;
} rest;

static rest rest_of(const trd_monitor *m, const trd_accounts *a, uint32_t number) {
    const trd_acct_purse *purse = trd__purse(a, number);
    const trd_pot *pot = trd__pot(m, number);
    const trd_wide own = (trd__total(purse) - purse->debt - pot->basis) * TRD__PPM;
    const bool is_fine = trd__pool_watch(m, number)->level == TRD_MARGIN_FINE;
    return (rest){.next = own + pot->next, .here = is_fine ? 0 : -(own + pot->here) - 1};
}

static bool pools_keep_their_levels(
    const trd_monitor *m, const trd_accounts *a, const trd_acct_client *client) {
    for (uint32_t i = client->purses.first; i != 0; i = trd__purse(a, i)->next_of_account) {
        const trd_pot *pot = trd__pot(m, i);
        const rest left = rest_of(m, a, i);
        if (pot->had_level != 0 &&
            (pot->margined == 0 || pot->positions < 2 || left.next < 0 || left.here < 0)) {
            return false;
        }
    }
    return true;
}

/* As much as it had when all was handed out, and no more than there is. */
static trd_wide part_of_rest(
    const trd_pot *pot, trd_wide handed, trd_wide left, const trd_worth *worth) {
    const trd_wide weight = trd__weight_of(worth);
    const trd_wide part =
        trd__distance_part(handed, weight < pot->weights ? weight : pot->weights, pot->weights);
    return part < left ? part : left;
}

static void share_out(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t number) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    const unsigned level = trd__pool_watch(m, entry->settle)->level;
    trd_share *share = trd__shared(m, number);
    trd_pot *pot = trd__pot(m, entry->settle);
    const rest left = rest_of(m, a, entry->settle);
    trd_stake stake;
    trd_worth worth;
    const bool known = trd__stake_at_mark(&summed, risk, listing, entry, &stake, &worth);
    trd_assert(known);
    trd_keep keep = {.next_ppm = trd__next_ppm(m, level)};
    count(pot, share, -1);
    share->next -= part_of_rest(pot, pot->to_next, left.next, &worth);
    keep.next = share->next;
    if (level != TRD_MARGIN_FINE) {
        share->here += part_of_rest(pot, pot->to_here, left.here, &worth);
        keep.has_here = true;
        keep.here_ppm = trd__next_ppm(m, level - 1);
        keep.here = share->here + 1;
    }
    count(pot, share, 1);
    trd__watch_keeps(m, a, number, &stake, &worth, &keep);
}

/* Interval and alert of a position that has moved. */
static void look_at(trd_monitor *m, trd_accounts *a, const trd_risk *risk, uint32_t number) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    const unsigned mode = trd__client(a, entry->account)->mode;
    trd_watch *watch = trd__watch(m, number);
    watch->alert = trd__alert_of(m, listing, entry, mode, watch->alert_told);
    m->changes += watch->alert != watch->alert_told;
    if (!trd__counts(listing, entry)) {
        trd__watch_none(m, entry->instrument, number);
    } else if (trd__shared(m, number)->shares != 0) {
        share_out(m, a, risk, number);
    } else {
        trd__watch_alert(m, a, risk, number);
    }
}

bool trd__look_at_moved(trd_monitor *m, trd_accounts *a, const trd_risk *risk, uint32_t account) {
    trd_acct_client *client = trd__client(a, account);
    for (uint32_t i = client->due; i != 0; i = trd__entry(a, i)->next_due) {
        if (!moves(m, a, risk, i)) {
            return false;
        }
    }
    if (!pools_keep_their_levels(m, a, client)) {
        return false;
    }
    while (client->due != 0) {
        const uint32_t number = client->due;
        trd_acct_entry *entry = trd__entry(a, number);
        client->due = entry->next_due;
        entry->next_due = 0;
        entry->valued &= ~(uint32_t)TRD_VALUED_DUE;
        look_at(m, a, risk, number);
    }
    if (m->changes != 0) {
        m->telling = TRD_TELL_POSITIONS;
        m->at = client->entries.first;
    }
    m->looked_at_moved++;
    return true;
}

/* --- audit ------------------------------------------------------------------------------------ */

/* Within its interval, a position does no more than it may. */
static int audit_share(
    const trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t number) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    const trd_share *share = trd__shared(m, number);
    const unsigned mode = trd__client(a, entry->account)->mode;
    trd_stake stake;
    trd_worth worth;
    if (share->shares == 0) {
        trd_audit(share->next == 0 && share->here == 0 && share->basis == 0);
        return TRD_OK;
    }
    trd_audit(trd__watch(m, number)->state == TRD_WATCH_INTERVAL);
    trd_audit(trd__stake_at_mark(&summed, risk, listing, entry, &stake, &worth));
    const trd_share now = share_now(m, listing, entry, mode, &stake, &worth);
    trd_audit(share->basis == now.basis && share->is_margined == now.is_margined);
    trd_audit(now.next >= share->next && now.here <= share->here);
    return TRD_OK;
}

static int audit_account(
    const trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t account) {
    const trd_acct_client *client = trd__client(a, account);
    trd_audit(client->due == 0);
    for (uint32_t i = client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
        const int result = audit_share(m, a, risk, i);
        if (result != TRD_OK) {
            return result;
        }
    }
    for (uint32_t i = client->purses.first; i != 0; i = trd__purse(a, i)->next_of_account) {
        trd_pot sum = *trd__pot(m, i);
        const rest left = rest_of(m, a, i);
        trd_audit(sum.had_level == 0 || (left.next >= 0 && left.here >= 0));
        for (uint32_t k = client->entries.first; k != 0; k = trd__entry(a, k)->next_of_account) {
            if (trd__entry(a, k)->settle == i) {
                count(&sum, trd__shared(m, k), -1);
            }
        }
        trd_audit(sum.next == 0 && sum.here == 0 && sum.basis == 0);
        trd_audit(sum.positions == 0 && sum.margined == 0);
    }
    return TRD_OK;
}

int trd__shares_audit(const trd_monitor *m, const trd_accounts *a, const trd_risk *risk) {
    int result = TRD_OK;
    for (uint32_t i = 0; i < a->def.accounts_max && result == TRD_OK; i++) {
        result = trd__client(a, i)->watched != 0 ? audit_account(m, a, risk, i) : TRD_OK;
    }
    return result;
}
