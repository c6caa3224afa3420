/* unwind_account.c - what stands behind a position where all assets of the account do.
 *
 * Prices, fees and lots are about the settlement asset of a position, equity and maintenance of the
 * unit about the valuation asset. E is what the account has in the settlement asset, v(E) what that
 * counts for, and O all else: equity of the unit = O + v(E). So a question about the unit is one
 * about E, as long as only that moves. */
#include "engine/state.h"

#include "acct/collateral.h"
#include "acct/margin.h"
#include "acct/position.h"
#include "risk/multi.h"

/* --- one asset -------------------------------------------------------------------------------- */

typedef struct own_asset {
    const trd_acct_asset *terms;
    uint32_t asset;
    trd_amt equity;  /* E */
    trd_wide others; /* O */
} own_asset;

/* How an account, whose unit has `equity`, stands in an asset; false if that has no rate, and so
 * nothing in it. */
static bool asset_of(
    const trd_engine *engine, uint32_t account, uint32_t asset, trd_amt equity, own_asset *out) {
    const trd_accounts *a = trd__engine_accounts(engine);
    const trd_acct_purse *purse = trd__purse(a, trd__purse_find(a, account, asset));
    trd_wide sum = trd__total(purse) - purse->debt;
    trd_wide value = 0;
    for (uint32_t i = trd__client(a, account)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        const trd_acct_listing *listing = trd__listed(a, entry->instrument);
        if (entry->qty != 0 && listing->settle_asset == asset && !trd__delivers_now(listing)) {
            sum += trd__worth_at(listing, entry, listing->mark);
        }
    }
    *out = (own_asset){.terms = trd__asset(a, asset), .asset = asset};
    bool known = trd__narrow(sum, &out->equity);
    known &= trd__asset_comes_to(a, asset, sum, &value);
    trd_assert(known); /* all is known of a unit that has an equity */
    out->others = equity - value;
    return out->terms->numerator != 0;
}

/* The most that E may be below zero so that the others, which are at or above, stand for it. */
static trd_wide least_owed(const own_asset *own) {
    return -(own->others * own->terms->denominator / own->terms->numerator);
}

/* The least E that counts for what the others are below zero; there is one. */
static trd_wide least_owned(const own_asset *own) {
    const trd_wide counts = (trd_wide)own->terms->numerator * (TRD__PPM - own->terms->haircut_ppm);
    trd_assert(counts > 0);
    return trd__div_ceil(-own->others * own->terms->denominator * TRD__PPM, counts);
}

/* To which E closing a position may bring it. */
static trd_wide bound_of(const own_asset *own, trd_amt equity) {
    if (own->others >= 0) { /* so the equity is below zero for E alone */
        return least_owed(own);
    }
    if (equity >= 0) {
        return least_owned(own);
    }
    return own->equity < 0 ? 0 : own->equity;
}

bool trd__liq_equity_behind(const trd_engine *engine, const trd_unit *unit, trd_amt equity,
    const trd_acct_entry *entry, trd_amt *out) {
    const uint32_t asset =
        trd__listed(trd__engine_accounts(engine), entry->instrument)->settle_asset;
    own_asset own;
    if (unit->kind != TRD_UNIT_ACCOUNT) {
        *out = equity;
        return true;
    }
    return asset_of(engine, unit->account, asset, equity, &own) &&
           trd__narrow(own.equity - bound_of(&own, equity), out);
}

bool trd__liq_equity_in(const trd_engine *engine, const trd_unit *unit, trd_amt equity,
    const trd_acct_entry *entry, trd_amt *out) {
    const trd_accounts *a = trd__engine_accounts(engine);
    const trd_acct_asset *asset = trd__asset(a, trd__listed(a, entry->instrument)->settle_asset);
    *out = equity;
    return unit->kind != TRD_UNIT_ACCOUNT ||
           (asset->numerator != 0 &&
               trd__narrow(
                   trd__div_floor(trd__mul(equity, asset->denominator), asset->numerator), out));
}

/* --- how much --------------------------------------------------------------------------------- */

static trd_wide valued(const trd_engine *engine, const trd_acct_entry *entry, trd_amt amount) {
    const trd_accounts *a = trd__engine_accounts(engine);
    trd_wide value = 0;
    const bool known =
        trd__multi_up(a, trd__listed(a, entry->instrument)->settle_asset, amount, &value);
    trd_assert(known); /* all is known of a unit that was checked */
    return value;
}

trd_amt trd__liq_valued(const trd_engine *engine, const trd_acct_entry *entry, trd_amt amount) {
    const trd_wide value = valued(engine, entry, amount);
    trd_assert(value <= INT64_MAX); /* a part of the maintenance, which fits */
    return (trd_amt)value;
}

/* What `qty` lots of the position need, in the valuation asset. */
static trd_wide need_with(
    const trd_engine *engine, const trd_margin_position *position, trd_qty qty) {
    trd_margin_position rest = *position;
    trd_margin_need need;
    rest.qty = qty;
    rest.cost = 0;
    const int result = trd_margin_need_of(&rest, &need);
    trd_assert(result == TRD_OK);
    return valued(engine, trd__liq_entry(engine), need.maintenance);
}

/* Is the unit restored if `lots` of the position are closed at the mark? */
static bool restores(const trd_engine *engine, const own_asset *own,
    const trd_margin_position *position, trd_qty lots) {
    const trd_acct_listing *listing =
        trd__listed(trd__engine_accounts(engine), trd__liq_entry(engine)->instrument);
    const trd_qty closed = position->qty > 0 ? lots : -lots;
    const trd_amt fee =
        trd__margin_part_up(trd__value_up(listing, position->mark, lots), engine->terms.fee_ppm);
    const trd_wide amount = own->equity + trd__liq_parted(listing, position->qty, closed) - fee;
    const trd_wide need = engine->liq.state.maintenance -
                          need_with(engine, position, position->qty) +
                          need_with(engine, position, position->qty - closed);
    trd_wide value = 0;
    return trd__asset_comes_to(trd__engine_accounts(engine), own->asset, amount, &value) &&
           (own->others + value) * TRD__PPM >= need * engine->terms.target_ppm;
}

trd_qty trd__liq_fewest_valued(const trd_engine *engine, const trd_margin_position *position) {
    const trd_wide held = trd__abs_qty(position->qty);
    const trd_wide step = trd__margin_step(position, engine->terms.step_pct);
    own_asset own;
    if (!asset_of(engine, engine->liq.unit.account, position->spec->settle_asset,
            engine->liq.state.equity, &own)) {
        return 0;
    }
    for (trd_wide lots = 0; lots < held; lots += step) {
        if (restores(engine, &own, position, (trd_qty)lots)) {
            return (trd_qty)lots;
        }
    }
    return (trd_qty)held;
}

/* --- money ------------------------------------------------------------------------------------ */

/* What counts never rises as more goes: halves find the most, whatever is rounded on the way. */
trd_wide trd__liq_fee_within(
    const trd_engine *engine, const trd_unit *unit, uint32_t asset, trd_amt equity, trd_wide due) {
    own_asset own;
    if (equity <= 0 || !asset_of(engine, unit->account, asset, equity, &own)) {
        return 0;
    }
    trd_wide least = 0;
    trd_wide most = due;
    while (least < most) {
        const trd_wide half = most - (most - least) / 2;
        trd_wide value = 0;
        const bool may =
            trd__asset_comes_to(trd__engine_accounts(engine), asset, own.equity - half, &value) &&
            own.others + value >= 0;
        *(may ? &least : &most) = may ? half : half - 1;
    }
    return least;
}

trd_wide trd__liq_missing_in(const trd_engine *engine, uint32_t purse) {
    const trd_accounts *a = trd__engine_accounts(engine);
    const trd_unit *unit = &engine->liq.unit;
    const trd_acct_purse *balance = trd__purse(a, purse);
    trd_margin_state state;
    own_asset own;
    const int result =
        trd_monitor_state(trd__engine_monitor(engine), a, trd__engine_risk(engine), unit, &state);
    /* uncovered: it has no positions, and what its assets count for was known before */
    if (result != TRD_OK) {
        return 0;
    }
    if (state.equity >= 0 || !asset_of(engine, unit->account, balance->asset, state.equity, &own)) {
        return 0;
    }
    const trd_wide wanted =
        trd__div_ceil(-(trd_wide)state.equity * own.terms->denominator, own.terms->numerator);
    const trd_wide owed = -(trd_wide)(own.equity > balance->free ? own.equity : balance->free);
    return wanted < owed ? wanted : owed;
}
