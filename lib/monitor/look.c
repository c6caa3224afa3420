/* look.c - one account: levels, alerts, and how far its marks may go.
 *
 * A level is kept while the equity is not below the maintenance times one ppm, and is below it
 * times another. With the excess of stake.h, and F the sum of it over the positions of a unit plus
 * its balance less their basis (x 10^6): while F >= 0 for the one, and F < 0 for the other. What
 * scenario groups need moves with lots alone, no mark: positions of a PORTFOLIO have no maintenance
 * of their own, and that of the unit is a constant of F. F is a
 * sum of whole numbers of the positions, each of which depends on its own mark alone. So the
 * distance of F from 0 is handed out to the positions in parts that together are not more than all
 * of it, and each position gets the marks at which its own excess has not moved by more than its
 * part. Whatever the marks do within these, each by itself, F has not moved by more than the
 * distance: the level is the same. Nothing is lost to rounding, because the parts are compared with
 * the excess as it is rounded itself. One position alone gets all: its interval is exact. */
#include "monitor/state.h"

/* --- the interval of a position --------------------------------------------------------------- */

/* floor(amount x weight / weights) or less; the parts of all weights together are not above the
 * amount. amount >= 0 needs up to 92 bits, so the weights are brought down to 32 each. */
static trd_wide part_of(trd_wide amount, trd_wide weight, trd_wide weights) {
    trd_assert(amount >= 0);
    trd_assert(weight <= weights);
    int shift = 0;
    while (weights >> shift > UINT32_MAX) {
        shift++;
    }
    return amount * (weight >> shift) / (weights >> shift);
}

/* Ends of a level, [level]: next_ppm of what is beyond it. */
static uint32_t next_ppm(const trd_monitor *m, unsigned level) {
    return level == TRD_MARGIN_FINE   ? m->def.warn_ppm
           : level == TRD_MARGIN_WARN ? m->def.call_ppm
                                      : (uint32_t)TRD__PPM;
}

static trd_wide distance(const trd_unit_sums *sums, uint32_t ppm) {
    return sums->equity * TRD__PPM - sums->maintenance * ppm;
}

/* What the excess of one position of the unit may be. */
static trd_keep keep_of(const trd_monitor *m, const trd_unit_sums *sums, const trd_stake *stake,
    const trd_worth *worth) {
    const trd_wide weight = trd__weight_of(worth);
    trd_keep keep = {.next_ppm = next_ppm(m, sums->level)};
    keep.next = trd__stake_excess(stake, worth, keep.next_ppm) -
                part_of(distance(sums, keep.next_ppm), weight, sums->weights);
    if (sums->level != TRD_MARGIN_FINE) {
        keep.has_here = true;
        keep.here_ppm = next_ppm(m, sums->level - 1u);
        keep.here = trd__stake_excess(stake, worth, keep.here_ppm) +
                    part_of(-distance(sums, keep.here_ppm) - 1, weight, sums->weights) + 1;
    }
    return keep;
}

typedef struct span {
    trd_wide low; /* x */
    trd_wide high;
} span;

/* An alert holds while floor(W) - cost < -alert_ppm x |cost| / 10^6, so for floor(W) below a whole
 * number. */
static void alert_ends(const trd_monitor *m, const trd_stake *stake, const trd_acct_entry *entry,
    bool alerts, span *in) {
    const trd_wide loss = trd__mul(trd__abs_amt(entry->cost), m->def.alert_ppm) / TRD__PPM;
    const trd_wide first = trd__stake_reaches(stake, entry->cost - loss);
    if (alerts) {
        in->high = first - 1 < in->high ? first - 1 : in->high;
    } else {
        in->low = first > in->low ? first : in->low;
    }
}

/* `sums` is NULL if the position stands in no unit that has a level: the mark alone is known. */
static void interval_of(const trd_monitor *m, const trd_risk *risk, const trd_acct_listing *listing,
    const trd_acct_entry *entry, const trd_unit_sums *sums, trd_watch *watch) {
    trd_stake stake = trd__stake_of(listing, entry->qty, NULL, 0);
    const trd_wide x = trd__stake_x(&stake, listing->mark);
    span in = {.low = stake.low, .high = stake.high};
    if (sums != NULL) {
        trd_worth worth;
        const bool known = trd__stake_at_mark(sums, risk, listing, entry, &stake, &worth);
        trd_assert(known);
        const trd_keep keep = keep_of(m, sums, &stake, &worth);
        trd__stake_walk(&stake, &keep, x, &worth, &in.low, &in.high);
    }
    if (m->def.alert_ppm != 0) {
        alert_ends(m, &stake, entry, trd__alerts(m, listing, entry), &in);
    }
    trd_assert(in.low <= x);
    trd_assert(in.high >= x);
    watch->low = (trd_px)(stake.side > 0 ? in.low : -in.high);
    watch->high = (trd_px)(stake.side > 0 ? in.high : -in.low);
}

/* --- the index follows ------------------------------------------------------------------------ */

static void watch_none(trd_monitor *m, uint32_t instrument, uint32_t entry) {
    trd_watch *watch = trd__watch(m, entry);
    trd__index_drop(m, instrument, entry);
    watch->state = TRD_WATCH_NONE;
    watch->low = 0;
    watch->high = 0;
}

static void watch_always(
    trd_monitor *m, uint32_t instrument, uint32_t entry, uint8_t state, trd_px mark) {
    trd_watch *watch = trd__watch(m, entry);
    watch->state = state;
    watch->low = mark;
    watch->high = mark;
    trd__index_put(m, instrument, entry, INT64_MAX, INT64_MIN);
}

static void watch_interval(trd_monitor *m, const trd_risk *risk, const trd_acct_listing *listing,
    const trd_acct_entry *entry, uint32_t number, const trd_unit_sums *sums) {
    trd_watch *watch = trd__watch(m, number);
    interval_of(m, risk, listing, entry, sums, watch);
    watch->state = TRD_WATCH_INTERVAL;
    trd__index_put(m, entry->instrument, number, watch->low, watch->high);
}

/* A position that is not flat, in a mode other than CASH. `sums` as in interval_of. */
static void watch_position(trd_monitor *m, const trd_accounts *a, const trd_risk *risk,
    uint32_t number, const trd_unit_sums *sums) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    if (sums == NULL && m->def.alert_ppm == 0) {
        watch_none(m, entry->instrument, number);
    } else if (listing->has_mark == 0 || (sums != NULL && sums->known == 0)) {
        watch_always(m, entry->instrument, number, TRD_WATCH_UNKNOWN, 0);
    } else if (sums != NULL && sums->level >= TRD_MARGIN_LIQUIDATE) {
        watch_always(m, entry->instrument, number, TRD_WATCH_SHORT, listing->mark);
    } else {
        watch_interval(m, risk, listing, entry, number, sums);
    }
}

/* --- one account ------------------------------------------------------------------------------ */

/* Sums of the pools, by their assets. */
static void add_up(const trd_monitor *m, const trd_accounts *a, const trd_risk *risk,
    const trd_acct_client *client) {
    for (uint32_t i = client->purses.first; i != 0; i = trd__purse(a, i)->next_of_account) {
        const trd_acct_purse *purse = trd__purse(a, i);
        *trd__sums(m, purse->asset) = trd__sums_of(trd__total(purse) - purse->debt, client->mode);
    }
    for (uint32_t i = client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        const trd_acct_listing *listing = trd__listed(a, entry->instrument);
        if (trd__counts(listing, entry)) {
            trd__sums_add(trd__sums(m, listing->settle_asset), risk, listing, entry, client->mode);
        }
    }
}

/* The level of a pool; that of one which is no unit any more is FINE. */
static void look_at_pool(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t number, bool is_unit) {
    trd_pool_watch *pool = trd__pool_watch(m, number);
    trd_unit_sums *sums = trd__sums(m, trd__purse(a, number)->asset);
    if (is_unit) {
        trd__pool_judge(m, a, risk, number, sums);
    } else {
        *sums = (trd_unit_sums){.level = TRD_MARGIN_FINE};
    }
    pool->level = sums->level;
    pool->known = sums->known;
    pool->equity = pool->known || !is_unit ? (trd_amt)sums->equity : 0;
    pool->maintenance = pool->known || !is_unit ? (trd_amt)sums->maintenance : 0;
    m->changes += pool->level != pool->told;
    m->shorts += pool->known != 0 && pool->level >= TRD_MARGIN_LIQUIDATE;
}

static uint8_t alert_of(const trd_monitor *m, const trd_acct_listing *listing,
    const trd_acct_entry *entry, unsigned mode, unsigned told) {
    if (m->def.alert_ppm == 0 || mode == TRD_MODE_CASH || !trd__counts(listing, entry)) {
        return 0;
    }
    return listing->has_mark != 0 ? trd__alerts(m, listing, entry) : (uint8_t)told;
}

/* Level (ISOLATED), alert and interval of a position. */
static void look_at_position(
    trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t number, unsigned mode) {
    const trd_acct_entry *entry = trd__entry(a, number);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_watch *watch = trd__watch(m, number);
    const bool is_unit = mode == TRD_MODE_ISOLATED && trd__is_margined(listing, entry);
    trd_unit_sums own = {.level = TRD_MARGIN_FINE};
    const trd_unit_sums *sums = NULL;
    if (is_unit) {
        own = trd__position_sums(m, a, risk, number);
        sums = &own;
    } else if (trd__is_pooled(mode) && trd__sums(m, listing->settle_asset)->margined != 0) {
        sums = trd__sums(m, listing->settle_asset);
    }
    watch->level = own.level;
    watch->known = own.known;
    watch->alert = alert_of(m, listing, entry, mode, watch->alert_told);
    m->changes += (watch->level != watch->told) + (watch->alert != watch->alert_told);
    m->shorts += own.known != 0 && own.level >= TRD_MARGIN_LIQUIDATE;
    if (mode == TRD_MODE_CASH || !trd__counts(listing, entry)) {
        watch_none(m, entry->instrument, number);
    } else {
        watch_position(m, a, risk, number, sums);
    }
}

void trd__look(trd_monitor *m, const trd_accounts *a, const trd_risk *risk, uint32_t account) {
    const trd_acct_client *client = trd__client(a, account);
    uint8_t *mode = trd__seat_mode(m, account);
    m->account = account;
    m->changes = 0;
    m->shorts = 0;
    m->telling = TRD_TELL_NOTHING;
    m->stats.looked++;
    const bool has_nothing =
        client->mode == TRD_MODE_CASH && (*mode == TRD_MODE_CASH || *mode == 0);
    *mode = client->mode;
    if (trd__is_exempt(m, account) || has_nothing) {
        return;
    }
    add_up(m, a, risk, client);
    for (uint32_t i = client->purses.first; i != 0; i = trd__purse(a, i)->next_of_account) {
        look_at_pool(m, a, risk, i, trd__is_pooled(client->mode));
    }
    for (uint32_t i = client->entries.first; i != 0; i = trd__entry(a, i)->next_of_account) {
        look_at_position(m, a, risk, i, client->mode);
    }
    if (m->changes != 0 || m->shorts != 0) {
        m->telling = TRD_TELL_POSITIONS;
        m->at = client->entries.first;
    }
}
