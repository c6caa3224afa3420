/* unwind_portfolio.c - which position of a PORTFOLIO is closed first, and how much of it.
 *
 * A position in a scenario group needs nothing by itself. What closing lots of it is good for is
 * seen from what all groups would need without them: sums that are kept, with one position changed.
 * That is no monotone number of the lots (a hedge that goes, a credit between groups that ends), so
 * candidates are looked at one by one, and no more than 101. */
#include "engine/state.h"

#include "acct/hold.h"
#include "acct/margin.h"
#include "risk/portfolio.h"

/* What the unit needs to keep if the position has `qty` lots; false if that does not fit. */
static bool need_with(
    const trd_engine *engine, const trd_acct_entry *entry, trd_qty qty, trd_amt *out) {
    const trd_portfolio_if then = {
        .instrument = entry->instrument, .change = {.qty_before = entry->qty, .qty_after = qty}};
    const trd_unit *unit = &engine->liq.unit;
    trd_margin_requirement need;
    if (trd__portfolio_require(
            trd__engine_risk(engine), unit->account, unit->asset, &then, &need) != TRD_OK) {
        return false;
    }
    *out = need.maintenance;
    return true;
}

trd_amt trd__liq_relief(const trd_engine *engine, const trd_acct_entry *entry) {
    trd_amt left;
    return need_with(engine, entry, 0, &left) ? engine->liq.state.maintenance - left : INT64_MIN;
}

/* --- how much --------------------------------------------------------------------------------- */

trd_wide trd__liq_parted(const trd_acct_listing *listing, trd_qty qty, trd_qty closed) {
    if (closed == 0 || closed == qty) {
        return 0;
    }
    return (trd_wide)trd__closing_flow(listing, listing->mark, closed) +
           trd__closing_flow(listing, listing->mark, qty - closed) -
           trd__closing_flow(listing, listing->mark, qty);
}

/* Equity above what is wanted, in 10^-6, if `lots` are closed at the mark. */
static bool rest_of(const trd_engine *engine, const trd_acct_entry *entry,
    const trd_acct_listing *listing, trd_qty lots, trd_wide *out) {
    const trd_qty closed = entry->qty > 0 ? lots : -lots;
    const trd_amt fee =
        trd__margin_part_up(trd__value_up(listing, listing->mark, lots), engine->terms.fee_ppm);
    trd_amt need;
    if (!need_with(engine, entry, entry->qty - closed, &need)) {
        return false;
    }
    trd_wide equity = engine->liq.state.equity + trd__liq_parted(listing, entry->qty, closed);
    equity -= equity <= 0 ? 0 : fee < equity ? fee : equity; /* no more than there is */
    *out = equity * TRD__PPM - trd__mul(need, engine->terms.target_ppm);
    return true;
}

/* The first candidate that restores the unit, else the one that leaves it best. */
trd_qty trd__liq_fewest_lots(const trd_engine *engine, const trd_margin_position *position) {
    const trd_acct_entry *entry = trd__liq_entry(engine);
    const trd_acct_listing *listing = trd__listed(trd__engine_accounts(engine), entry->instrument);
    const trd_wide held = trd__abs_qty(entry->qty);
    const trd_wide step = trd__margin_step(position, engine->terms.step_pct);
    trd_qty best = 0;
    trd_wide most = 0;
    const bool fits = rest_of(engine, entry, listing, 0, &most);
    trd_assert(fits); /* as it is now */
    for (trd_wide lots = step; most < 0 && lots < held + step; lots += step) {
        const trd_qty tried = (trd_qty)(lots < held ? lots : held);
        trd_wide rest;
        if (rest_of(engine, entry, listing, tried, &rest) && rest > most) {
            best = tried;
            most = rest;
        }
    }
    return best;
}
