/* unwind.c - what a step of a liquidation does: how much is closed and at which price, who has it
 * then, and what it means for the money of the unit.
 *
 * All numbers come from how the unit stood at the last check. What stands behind a position is the
 * equity less its own profit: the same number that margin.h splits into a balance and others. */
#include "engine/state.h"

#include "acct/hold.h"
#include "acct/margin.h"
#include "match/emit.h"
#include "match/force.h"
#include "risk/state.h"

/* --- the position ----------------------------------------------------------------------------- */

bool trd__liq_is_of_unit(const trd_engine *engine, const trd_acct_entry *entry) {
    const trd_unit *unit = &engine->liq.unit;
    const trd_acct_listing *listing = trd__listed(trd__engine_accounts(engine), entry->instrument);
    const bool is_in = unit->kind == TRD_UNIT_ACCOUNT ||
                       (unit->kind == TRD_UNIT_POOL ? listing->settle_asset == unit->asset
                                                    : entry->instrument == unit->instrument &&
                                                          entry->side == unit->position);
    return is_in && trd__is_margined(listing, entry);
}

/* Positions of a PORTFOLIO need nothing by themselves, and their instrument may have no model; nor
 * need options that others have bought from it. */
static const trd_margin_model *model_of(const trd_engine *engine, const trd_acct_entry *entry) {
    static const trd_margin_model grouped = {
        .struct_size = sizeof(grouped), .kind = TRD_MARGIN_GROUPED, .tier_count = 1};
    const trd_risk *risk = trd__engine_risk(engine);
    const uint32_t number = trd__risk_market(risk, entry->instrument)->model;
    const unsigned mode = trd__client(trd__engine_accounts(engine), entry->account)->mode;
    return mode == TRD_MODE_PORTFOLIO || number == 0 ? &grouped : trd__risk_model(risk, number);
}

trd_margin_position trd__liq_position(const trd_engine *engine, const trd_acct_entry *entry) {
    const trd_acct_listing *listing = trd__listed(trd__engine_accounts(engine), entry->instrument);
    trd_assert(listing->has_mark != 0);
    return (trd_margin_position){
        .spec = trd_match_instrument(trd__engine_match(engine), entry->instrument),
        .model = model_of(engine, entry),
        .qty = entry->qty,
        .cost = entry->cost,
        .mark = listing->mark,
        .has_mark = 1};
}

/* --- what is told ----------------------------------------------------------------------------- */

trd_event *trd__liq_tell(
    trd_engine *engine, trd_out *out, unsigned step, const trd_acct_entry *entry, unsigned side) {
    trd_liq *liq = &engine->liq;
    trd_event *event = trd__emit(trd__engine_match(engine), out, TRD_EVENT_LIQUIDATION, 0,
        entry != NULL ? entry->instrument : 0, liq->unit.account,
        TRD_DETAIL(side, 0, liq->level, step));
    event->u.liquidation =
        (trd_ev_liquidation){.position = entry != NULL ? (uint8_t)entry->side : 0,
            .unit = liq->unit.kind,
            .asset = (uint16_t)liq->unit.asset};
    liq->told = 1;
    return event;
}

/* --- how much, at which price ----------------------------------------------------------------- */

/* The fewest lots that restore the unit, at the mark; 0 if none are to be found. */
static trd_qty fewest_lots(const trd_engine *engine, const trd_margin_position *position) {
    const trd_liquidation *terms = &engine->terms;
    const trd_margin_state *state = &engine->liq.state;
    trd_margin_need need;
    const int result = trd_margin_need_of(position, &need);
    trd_assert(result == TRD_OK); /* all is known of a unit that was checked */
    trd_margin_cut_terms cut_terms = {.px = position->mark,
        .others_maintenance = state->maintenance - need.maintenance,
        .target_ppm = terms->target_ppm,
        .fee_ppm = terms->fee_ppm,
        .step_pct = terms->step_pct};
    trd_margin_cut cut;
    const trd_wide behind = (trd_wide)state->equity - need.profit;
    /* uncovered: money of the unit, and profits of others, below 2^63 as the equity is */
    if (!trd__narrow(behind, &cut_terms.balance)) {
        return 0;
    }
    /* uncovered: the position needs margin and has a model, and what it is worth fits */
    if (trd_margin_reduction(position, &cut_terms, &cut) != TRD_OK) {
        return 0;
    }
    return cut.lots;
}

bool trd__liq_cut(const trd_engine *engine, trd_qty *lots) {
    const trd_margin_position position = trd__liq_position(engine, trd__liq_entry(engine));
    const trd_instrument *spec = position.spec;
    const trd_qty wanted =
        engine->liq.unit.kind == TRD_UNIT_ACCOUNT    ? trd__liq_fewest_valued(engine, &position)
        : position.model->kind == TRD_MARGIN_GROUPED ? trd__liq_fewest_lots(engine, &position)
                                                     : fewest_lots(engine, &position);
    const trd_qty most = wanted < spec->qty_max ? wanted : spec->qty_max;
    *lots = most - most % spec->lot_step;
    return *lots > 0;
}

/* What stands behind a position: the equity of its unit less its own profit; false if that does not
 * fit. */
static bool funds_behind(
    const trd_margin_position *position, trd_amt equity, trd_margin_funds *funds) {
    trd_margin_need need;
    const int result = trd_margin_need_of(position, &need);
    trd_assert(result == TRD_OK); /* all is known of a unit that has an equity */
    *funds = (trd_margin_funds){0};
    return trd__narrow((trd_wide)equity - need.profit, &funds->balance);
}

int trd__liq_bankruptcy(const trd_margin_position *position, trd_amt equity, trd_px *px) {
    trd_margin_funds funds;
    /* uncovered: below 2^63 as the equity is */
    if (!funds_behind(position, equity, &funds)) {
        return TRD_E_RANGE;
    }
    return trd_margin_bankruptcy(position, &funds, 0, px);
}

/* Closing at no tick, or at every one, leaves something. False if a number does not fit. */
static bool px_at_an_end(const trd_margin_position *position, trd_amt equity, trd_px *px) {
    const trd_instrument *spec = position->spec;
    const bool rises = position->qty > 0;
    trd_margin_funds funds;
    trd_amt worth;
    *px = rises ? spec->px_max : spec->px_min;
    const bool fits = funds_behind(position, equity, &funds);
    const int result = trd__margin_worth(spec, *px, position->qty, &worth);
    /* uncovered: the bankruptcy price was looked for with the same numbers */
    if (!fits || result != TRD_OK) {
        return false;
    }
    if ((trd_wide)funds.balance + worth - position->cost >= 0) {
        *px = rises ? spec->px_min : spec->px_max;
    }
    return true;
}

bool trd__liq_takeover_px(const trd_engine *engine, trd_px *px) {
    const trd_liq *liq = &engine->liq;
    const trd_acct_entry *entry = trd__liq_entry(engine);
    const trd_margin_position position = trd__liq_position(engine, entry);
    trd_amt equity;
    if (!trd__liq_equity_behind(engine, &liq->unit, liq->state.equity, entry, &equity)) {
        return false;
    }
    const int result = trd__liq_bankruptcy(&position, equity, px);
    /* uncovered: no number is out of range, so that there is a price at an end */
    return result == TRD_OK || (result == TRD_E_UNKNOWN && px_at_an_end(&position, equity, px));
}

/* --- who has it then -------------------------------------------------------------------------- */

bool trd__liq_fund_takes(const trd_engine *engine) {
    const trd_accounts *a = trd__engine_accounts(engine);
    const uint32_t fund = engine->terms.fund;
    const trd_acct_entry *entry = trd__liq_entry(engine);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    int64_t rest = 0;
    const unsigned side = entry->qty > 0 ? TRD_BUY : TRD_SELL;
    const trd_wide gain =
        (trd_wide)trd__flow(listing, side, engine->liq.px, trd__abs_qty(entry->qty), &rest) +
        trd__closing_flow(listing, listing->mark, entry->qty);
    return gain >= 0 ||
           trd__purse(a, trd__purse_find(a, fund, listing->settle_asset))->free >= -gain;
}

/* Books it; false if accounts or risk refuse. */
static bool book(trd_engine *engine, trd_out *out, const trd_liq_taker *taker, uint64_t reference) {
    const trd_acct_entry *entry = trd__liq_entry(engine);
    const trd_leg own = {
        .account = entry->account, .position = (uint8_t)entry->side, .free_of_fees = 1};
    const trd_leg other = {
        .account = taker->account, .position = (uint8_t)taker->position, .free_of_fees = 1};
    const bool sells = entry->qty > 0;
    const trd_execution execution = {.instrument = entry->instrument,
        .px = taker->px,
        .qty = taker->lots,
        .reference = reference,
        .buyer = sells ? other : own,
        .seller = sells ? own : other};
    trd__engine_lend(engine);
    const int result = trd__engine_execute(engine, &execution, out);
    trd__engine_return(engine);
    return result == TRD_OK;
}

static trd_handover handover_of(const trd_acct_entry *entry, const trd_liq_taker *taker) {
    const bool sells = entry->qty > 0;
    return (trd_handover){.instrument = entry->instrument,
        .seller = sells ? entry->account : taker->account,
        .buyer = sells ? taker->account : entry->account,
        .seller_position = (uint8_t)(sells ? entry->side : taker->position),
        .buyer_position = (uint8_t)(sells ? taker->position : entry->side),
        .qty = taker->lots};
}

/* The event stands before its bookings, and carries the number that they refer to: if they are
 * refused, it is taken back, and nobody has seen it. */
bool trd__liq_hand_over(trd_engine *engine, trd_out *out, const trd_liq_taker *taker) {
    trd_match *match = trd__engine_match(engine);
    const trd_acct_entry *entry = trd__liq_entry(engine);
    const trd_handover lots = handover_of(entry, taker);
    const uint32_t at = out->count;
    const uint64_t seq = match->seq;
    if (!trd__match_can_hand_over(match, &lots)) {
        return false;
    }
    trd_event *event = trd__liq_tell(engine, out, taker->step, entry, trd__liq_side(entry));
    event->u.liquidation.qty = taker->lots;
    event->u.liquidation.px = taker->px;
    event->u.liquidation.contra = taker->account;
    trd__liq_remember(engine);
    if (!book(engine, out, taker, event->seq)) {
        out->count = at;
        match->seq = seq;
        return false;
    }
    engine->begun = trd__match_hand_over(match, &lots);
    trd__liq_settle(engine, out, false);
    return true;
}

/* --- money of the unit ------------------------------------------------------------------------ */

void trd__liq_remember(trd_engine *engine) {
    trd_liq *liq = &engine->liq;
    const trd_acct_entry *entry = trd__liq_entry(engine);
    liq->qty = entry->qty;
    liq->cost = entry->cost;
    liq->realised = entry->realised;
    liq->collateral = entry->collateral;
}

/* A step that moves `amount` between the unit and the fund, whose event stands first. */
static void pay(trd_engine *engine, trd_out *out, trd_event *event, trd_insurance *money) {
    trd_accounts *a = trd__engine_accounts(engine);
    event->u.liquidation.contra = engine->terms.fund;
    event->u.liquidation.amount = money->amount;
    event->u.liquidation.asset = (uint16_t)money->asset;
    money->reference = event->seq;
    money->instrument = event->instrument;
    if (money->amount != 0) {
        trd__engine_lend(engine);
        trd__insure(a, money, out);
        trd__engine_return(engine);
    }
}

/* INSURED: the fund pays what is missing, as much as it has. */
static void insure(trd_engine *engine, trd_out *out, const trd_acct_entry *entry, uint32_t asset,
    trd_wide missing) {
    const trd_accounts *a = trd__engine_accounts(engine);
    const trd_liq *liq = &engine->liq;
    const uint32_t fund = engine->terms.fund;
    const trd_amt has = trd__purse(a, trd__purse_find(a, fund, asset))->free;
    trd_insurance money = {.from = fund,
        .to = liq->unit.account,
        .asset = asset,
        .amount = missing < has ? (trd_amt)missing : has};
    if (trd__insures(a, &money)) {
        pay(engine, out, trd__liq_tell(engine, out, TRD_STEP_INSURED, entry, 0), &money);
    }
}

/* What of the collateral is left, what was realised since counted in; of an isolated position. */
static trd_wide collateral_left(const trd_engine *engine) {
    const trd_liq *liq = &engine->liq;
    return (trd_wide)liq->collateral + trd__liq_entry(engine)->realised - liq->realised;
}

/* Equity of the unit, now; nothing if it is not known. */
static trd_wide equity_now(const trd_engine *engine) {
    const trd_liq *liq = &engine->liq;
    const trd_accounts *a = trd__engine_accounts(engine);
    const trd_acct_entry *entry = trd__liq_entry(engine);
    if (liq->unit.kind != TRD_UNIT_POSITION) {
        trd_margin_state state;
        const int result = trd_monitor_state(
            trd__engine_monitor(engine), a, trd__engine_risk(engine), &liq->unit, &state);
        /* uncovered: takes groups whose needs fit before an order, and not behind a part of it */
        return result == TRD_OK ? state.equity : 0;
    }
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    const trd_wide value =
        entry->qty != 0 ? trd__closing_flow(listing, listing->mark, entry->qty) : 0;
    return collateral_left(engine) + value - entry->cost;
}

/* A `free` below zero may be covered by what is not free: options, money that settles later. */
void trd__liq_insure_pool(trd_engine *engine, trd_out *out) {
    const trd_accounts *a = trd__engine_accounts(engine);
    const trd_unit *unit = &engine->liq.unit;
    const trd_amt free = trd__purse(a, trd__purse_find(a, unit->account, unit->asset))->free;
    const trd_wide equity = equity_now(engine);
    const trd_wide missing = -(equity > free ? equity : (trd_wide)free);
    if (missing > 0) {
        insure(engine, out, NULL, unit->asset, missing);
    }
}

void trd__liq_insure_asset(trd_engine *engine, trd_out *out, uint32_t purse) {
    const trd_wide missing = trd__liq_missing_in(engine, purse);
    if (missing > 0) {
        insure(engine, out, NULL, trd__purse(trd__engine_accounts(engine), purse)->asset, missing);
    }
}

/* The fee on what the order closed, no more than the unit has. */
static trd_insurance fee_of(const trd_engine *engine) {
    const trd_liq *liq = &engine->liq;
    const trd_acct_entry *entry = trd__liq_entry(engine);
    const trd_wide flow = (trd_wide)entry->realised - entry->cost - liq->realised + liq->cost;
    const trd_wide due = trd__div_ceil((flow < 0 ? -flow : flow) * engine->terms.fee_ppm, TRD__PPM);
    const uint32_t asset =
        trd__listed(trd__engine_accounts(engine), entry->instrument)->settle_asset;
    const trd_wide has = equity_now(engine);
    const trd_wide amount = liq->unit.kind == TRD_UNIT_ACCOUNT
                                ? trd__liq_fee_within(engine, &liq->unit, asset, (trd_amt)has, due)
                            : has <= 0  ? 0
                            : due < has ? due
                                        : has;
    trd_insurance money = {.from = liq->unit.account,
        .to = engine->terms.fund,
        .asset = asset,
        .amount = (trd_amt)amount,
        .cause = TRD_SHORT_FEES};
    if (!trd__insures(trd__engine_accounts(engine), &money)) {
        money.amount = 0;
    }
    return money;
}

/* A position that is left has what is left of its collateral; the rest of what moved is `free`'s,
 * or the fund's. */
static void keep_collateral(trd_engine *engine, trd_out *out, trd_wide left) {
    trd_acct_entry *entry = trd__liq_entry(engine);
    const trd_amt kept = entry->qty != 0 && left > 0 ? (trd_amt)left : 0;
    if (kept != entry->collateral) {
        trd__engine_lend(engine);
        trd__collateral_force(trd__engine_accounts(engine), entry, kept - entry->collateral, out);
        trd__engine_return(engine);
    }
}

void trd__liq_settle(trd_engine *engine, trd_out *out, bool is_charged) {
    const trd_acct_entry *entry = trd__liq_entry(engine);
    const bool is_one = engine->liq.unit.kind == TRD_UNIT_POSITION;
    trd_insurance fee = is_charged ? fee_of(engine) : (trd_insurance){0};
    const trd_wide left = collateral_left(engine) - fee.amount;
    if (is_one) {
        keep_collateral(engine, out, left);
    }
    if (is_charged) {
        const unsigned side = engine->liq.qty > 0 ? TRD_SELL : TRD_BUY;
        trd_event *event = trd__liq_tell(engine, out, TRD_STEP_FEE, entry, side);
        event->u.liquidation.qty = trd__abs_qty(engine->liq.qty - entry->qty);
        pay(engine, out, event, &fee);
    }
    if (is_one && left < 0) {
        insure(engine, out, entry, engine->liq.unit.asset, -left);
    }
}
