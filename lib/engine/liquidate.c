/* liquidate.c - one liquidation, from its open orders to the last lot: the steps of
 * docs/reference/monitoring.md in their order, one bounded unit of work at a time.
 *
 * All that is to be remembered between two units is in trd_liq. What a step does to the position
 * and the money is in unwind.c; this file says what comes next. */
#include "engine/state.h"

#include "acct/hold.h"
#include "match/force.h"
#include "match/rich.h"

/* --- how it stands ---------------------------------------------------------------------------- */

static bool has_positions(const trd_engine *engine) {
    const trd_accounts *a = trd__engine_accounts(engine);
    for (uint32_t i = trd__client(a, engine->liq.unit.account)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_account) {
        if (trd__liq_is_of_unit(engine, trd__entry(a, i))) {
            return true;
        }
    }
    return false;
}

/* Goes on with `phase` if the unit is still short. */
static void check(trd_engine *engine, enum trd_liq_phase phase) {
    trd_liq *liq = &engine->liq;
    if (!has_positions(engine)) {
        liq->phase = TRD_LIQ_OVER;
        return;
    }
    const int result = trd_monitor_state(trd__engine_monitor(engine), trd__engine_accounts(engine),
        trd__engine_risk(engine), &liq->unit, &liq->state);
    /* What a group needs without a hedge that has been closed may be beyond every number. */
    if (result != TRD_OK) {
        liq->phase = TRD_LIQ_WAIT;
        liq->entry = 0;
        return;
    }
    liq->phase = liq->state.equity >= liq->state.maintenance ? TRD_LIQ_OVER : phase;
}

/* By what a margin position of the unit comes before others. */
static trd_amt key_of(const trd_engine *engine, const trd_acct_entry *entry) {
    const trd_margin_position position = trd__liq_position(engine, entry);
    if (position.model->kind == TRD_MARGIN_GROUPED) {
        return trd__liq_relief(engine, entry);
    }
    trd_margin_need need;
    const int result = trd_margin_need_of(&position, &need);
    trd_assert(result == TRD_OK); /* all is known of a unit that was checked */
    return engine->liq.unit.kind == TRD_UNIT_ACCOUNT
               ? trd__liq_valued(engine, entry, need.maintenance)
               : need.maintenance;
}

/* Pushes the margin positions of the unit, by what closing them takes off its maintenance. */
static void rank_positions(trd_engine *engine) {
    const trd_accounts *a = trd__engine_accounts(engine);
    engine->liq.ranked = 0;
    for (uint32_t i = trd__client(a, engine->liq.unit.account)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_account) {
        const trd_acct_entry *entry = trd__entry(a, i);
        if (trd__liq_is_of_unit(engine, entry)) {
            const trd_rank item = {.key = key_of(engine, entry), .tie = i, .entry = i};
            trd__rank_push(engine, &item);
        }
    }
}

/* --- 1: its orders ---------------------------------------------------------------------------- */

/* A command in the name of the account. */
static trd_command own_command(const trd_engine *engine, unsigned kind, uint32_t instrument) {
    return (trd_command){.seq = engine->command[0].seq,
        .time = trd__engine_match(engine)->time,
        .kind = (uint8_t)kind,
        .slots = 1,
        .instrument = instrument,
        .account = engine->liq.unit.account,
        .actor = TRD__ENGINE_ACTOR};
}

static int drive_own(trd_engine *engine, const trd_command *command, trd_out *out) {
    trd_match *match = trd__engine_match(engine);
    trd__match_force(match, true);
    const int result = trd__engine_drive(engine, command, out);
    trd__match_force(match, false);
    return result;
}

static void look_for_orders(trd_engine *engine, trd_out *out) {
    trd_liq *liq = &engine->liq;
    const trd_match *match = trd__engine_match(engine);
    const bool is_one = liq->unit.kind == TRD_UNIT_POSITION;
    const uint32_t end = is_one ? liq->unit.instrument + 1 : match->instruments;
    while (liq->instrument < end &&
           !trd__match_has_orders(match, liq->unit.account, liq->instrument)) {
        liq->instrument++;
    }
    if (liq->instrument == end) {
        check(engine, TRD_LIQ_CHOOSE);
        /* uncovered: orders that end move no equity */
        if (liq->phase == TRD_LIQ_CHOOSE) {
            rank_positions(engine);
        }
        return;
    }
    if (liq->told == 0) {
        trd__liq_tell(engine, out, TRD_STEP_CANCEL, is_one ? trd__liq_entry(engine) : NULL, 0);
    }
    liq->phase = TRD_LIQ_CANCELING;
}

static void cancel_orders(trd_engine *engine, trd_out *out) {
    trd_liq *liq = &engine->liq;
    trd_command command = own_command(engine, TRD_COMMAND_MASS_CANCEL, liq->instrument);
    command.u.mass.filter = TRD_MASS_ACCOUNT | TRD_MASS_INSTRUMENT;
    if (drive_own(engine, &command, out) == TRD_OK) {
        liq->instrument++;
        liq->phase = TRD_LIQ_CANCEL;
    }
}

/* --- 2 and 3: orders that close --------------------------------------------------------------- */

static void choose(trd_engine *engine) {
    trd_liq *liq = &engine->liq;
    trd_rank next;
    if (trd__rank_pop(engine, &next)) {
        liq->entry = next.entry;
        liq->sent = 0;
        liq->phase = TRD_LIQ_REDUCE;
    } else if (liq->passed != 0) {
        liq->entry = liq->passed;
        liq->phase = TRD_LIQ_WAIT;
    } else {
        liq->phase = TRD_LIQ_TAKEOVER;
    }
}

static trd_command closing_order(const trd_engine *engine) {
    const trd_liq *liq = &engine->liq;
    const trd_acct_entry *entry = trd__liq_entry(engine);
    trd_command command = own_command(engine, TRD_COMMAND_NEW, entry->instrument);
    command.u.order = (trd_new){.client_id = TRD__ENGINE_IDS + liq->ids,
        .px = liq->px,
        .qty = liq->lots,
        .side = (uint8_t)trd__liq_side(entry),
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_IOC,
        .exec = TRD_EXEC_REDUCE_ONLY,
        .position = (uint8_t)entry->side};
    return command;
}

/* Would the market, and the limits of the accounts, take the order? */
static bool is_taken(trd_engine *engine) {
    trd_match *match = trd__engine_match(engine);
    const trd_accounts *a = trd__engine_accounts(engine);
    const trd_acct_entry *entry = trd__liq_entry(engine);
    const trd_command command = closing_order(engine);
    const trd_acct_seat seat = trd__seat_find(a, entry->account, entry->instrument, entry->side);
    trd_vetted vetted;
    trd__match_force(match, true);
    const int reason = trd_match_vet(match, &command, &vetted);
    trd__match_force(match, false);
    return reason == 0 && trd__seat_limits(a, &seat, engine->liq.lots, engine->liq.lots) == TRD_OK;
}

static void reduce(trd_engine *engine, trd_out *out) {
    trd_liq *liq = &engine->liq;
    const trd_match *match = trd__engine_match(engine);
    const trd_acct_entry *entry = trd__liq_entry(engine);
    liq->phase = TRD_LIQ_CHOOSE;
    if (!trd__match_is_open(match, entry->account, entry->instrument, TRD__ENGINE_ACTOR)) {
        liq->passed = liq->passed != 0 ? liq->passed : liq->entry;
        return;
    }
    liq->px = trd__match_worst_px(match, entry->instrument, trd__liq_side(entry));
    /* No number of lots may help. */
    if (!trd__liq_cut(engine, &liq->lots) || !is_taken(engine)) {
        return;
    }
    trd_event *event = trd__liq_tell(engine, out, TRD_STEP_REDUCE, entry, trd__liq_side(entry));
    event->u.liquidation.qty = liq->lots;
    event->u.liquidation.px = liq->px;
    trd__liq_remember(engine);
    liq->sent++;
    liq->phase = TRD_LIQ_REDUCING;
}

static void send_order(trd_engine *engine, trd_out *out) {
    trd_liq *liq = &engine->liq;
    const trd_command command = closing_order(engine);
    if (drive_own(engine, &command, out) == TRD_OK) {
        liq->order = 0;
        liq->ids++;
        liq->phase = TRD_LIQ_CHARGE;
    }
}

static void charge(trd_engine *engine, trd_out *out) {
    trd_liq *liq = &engine->liq;
    const trd_acct_entry *entry = trd__liq_entry(engine);
    const bool has_closed = entry->qty != liq->qty;
    const bool goes_on = has_closed && entry->qty != 0 && liq->sent < engine->terms.orders_max;
    if (has_closed) {
        trd__liq_settle(engine, out, true);
    }
    check(engine, goes_on ? TRD_LIQ_REDUCE : TRD_LIQ_CHOOSE);
}

/* --- 4 and 5: without the market -------------------------------------------------------------- */

/* The unit that another account's position would be of. */
static trd_unit unit_of(const trd_engine *engine, const trd_acct_entry *entry) {
    const trd_accounts *a = trd__engine_accounts(engine);
    const unsigned mode = trd__client(a, entry->account)->mode;
    const bool is_one = mode == TRD_MODE_ISOLATED;
    if (mode == TRD_MODE_MULTI) {
        return (trd_unit){
            .account = entry->account, .asset = a->def.valuation_asset, .kind = TRD_UNIT_ACCOUNT};
    }
    return (trd_unit){.account = entry->account,
        .asset = trd__listed(a, entry->instrument)->settle_asset,
        .instrument = is_one ? entry->instrument : 0,
        .kind = is_one ? TRD_UNIT_POSITION : TRD_UNIT_POOL,
        .position = is_one ? (uint8_t)entry->side : 0};
}

/* Where the position stands in the queue; false if it is no candidate: without profit, without a
 * unit, like those of the fund, or of the account itself. */
static bool rank_of(const trd_engine *engine, const trd_acct_entry *entry, int64_t *rank) {
    const trd_unit unit = unit_of(engine, entry);
    trd_margin_state state;
    if (entry->account == engine->liq.unit.account ||
        trd_monitor_state(trd__engine_monitor(engine), trd__engine_accounts(engine),
            trd__engine_risk(engine), &unit, &state) != TRD_OK) {
        return false;
    }
    const trd_margin_position position = trd__liq_position(engine, entry);
    trd_amt equity;
    return trd__liq_equity_in(engine, &unit, state.equity, entry, &equity) &&
           trd_margin_adl_rank(&position, equity, rank) == TRD_OK && *rank > 0;
}

/* Pushes who could give lots up: positions on the other side, by rank, account, position side. */
static void rank_others(trd_engine *engine) {
    const trd_accounts *a = trd__engine_accounts(engine);
    const trd_acct_entry *own = trd__liq_entry(engine);
    engine->liq.ranked = 0;
    for (uint32_t i = trd__listed(a, own->instrument)->entries.first; i != 0;
         i = trd__entry(a, i)->next_of_instrument) {
        const trd_acct_entry *entry = trd__entry(a, i);
        int64_t rank;
        if ((own->qty > 0 ? entry->qty < 0 : entry->qty > 0) && rank_of(engine, entry, &rank)) {
            trd__rank_push(engine,
                &(trd_rank){.key = rank, .tie = entry->account * 4 + entry->side, .entry = i});
        }
    }
}

/* The next position, and who has it from now on. */
static void take_over(trd_engine *engine, trd_out *out) {
    trd_liq *liq = &engine->liq;
    trd_rank first;
    rank_positions(engine);
    const bool is_there = trd__rank_pop(engine, &first);
    trd_assert(is_there); /* the check before has seen one */
    liq->entry = first.entry;
    /* uncovered: its numbers fit (unwind.c) */
    if (!trd__liq_takeover_px(engine, &liq->px)) {
        liq->phase = TRD_LIQ_WAIT;
        return;
    }
    const trd_liq_taker fund = {.account = engine->terms.fund,
        .position = TRD_POSITION_NET,
        .step = TRD_STEP_TAKEOVER,
        .px = liq->px,
        .lots = trd__abs_qty(trd__liq_entry(engine)->qty)};
    if (trd__liq_fund_takes(engine) && trd__liq_hand_over(engine, out, &fund)) {
        liq->phase = TRD_LIQ_TAKEN;
        return;
    }
    rank_others(engine);
    liq->phase = TRD_LIQ_DELEVERAGE;
}

/* The price of the takeover, but not beyond the one that ruins the other account, too. */
static trd_px deleverage_px(const trd_engine *engine, const trd_acct_entry *other) {
    const trd_px px = engine->liq.px;
    const trd_unit unit = unit_of(engine, other);
    trd_margin_state state;
    trd_px bound;
    if (other->qty == 0) {
        return px;
    }
    const int result = trd_monitor_state(trd__engine_monitor(engine), trd__engine_accounts(engine),
        trd__engine_risk(engine), &unit, &state);
    /* uncovered: it had a rank; its marks and models stay, and its numbers fit as in check */
    if (result != TRD_OK) {
        return px;
    }
    const trd_margin_position position = trd__liq_position(engine, other);
    trd_amt equity;
    if (!trd__liq_equity_behind(engine, &unit, state.equity, other, &equity) ||
        trd__liq_bankruptcy(&position, equity, &bound) != TRD_OK) {
        return px;
    }
    return other->qty < 0 ? (px < bound ? px : bound) : (px > bound ? px : bound);
}

static void deleverage(trd_engine *engine, trd_out *out) {
    trd_liq *liq = &engine->liq;
    trd_rank next;
    if (!trd__rank_pop(engine, &next)) {
        liq->phase = TRD_LIQ_WAIT;
        return;
    }
    const trd_qty own = trd__liq_entry(engine)->qty;
    const trd_acct_entry *other = trd__entry(trd__engine_accounts(engine), next.entry);
    const trd_qty open = own > 0 ? -other->qty : other->qty; /* cuts may have moved it */
    const trd_qty lots = trd__abs_qty(own);
    const trd_liq_taker taker = {.account = other->account,
        .position = other->side,
        .step = TRD_STEP_DELEVERAGE,
        .px = deleverage_px(engine, other),
        .lots = open < lots ? open : lots};
    if (taker.lots > 0 && trd__liq_hand_over(engine, out, &taker)) {
        liq->phase = TRD_LIQ_DELEVERAGED;
    }
}

/* Orders that reduced what is closed now are cut, before anything else. */
static void cut_orders(trd_engine *engine, trd_out *out) {
    trd_liq *liq = &engine->liq;
    if (engine->begun != 0 && trd__engine_drive(engine, NULL, out) != TRD_OK) {
        return;
    }
    if (liq->phase == TRD_LIQ_DELEVERAGED && trd__liq_entry(engine)->qty != 0) {
        liq->phase = TRD_LIQ_DELEVERAGE;
    } else {
        check(engine, TRD_LIQ_TAKEOVER);
    }
}

/* --- the end ---------------------------------------------------------------------------------- */

static void wait(trd_engine *engine, trd_out *out) {
    if (engine->liq.entry == 0) { /* nothing is known, as in check */
        trd__liq_tell(engine, out, TRD_STEP_WAIT, NULL, 0);
        return;
    }
    const trd_acct_entry *entry = trd__liq_entry(engine);
    trd_event *event = trd__liq_tell(engine, out, TRD_STEP_WAIT, entry, trd__liq_side(entry));
    event->u.liquidation.qty = trd__abs_qty(entry->qty);
}

/* Begins to insure the assets of an account, one by one; false if that is not to be done. */
static bool insures_account(trd_engine *engine) {
    trd_liq *liq = &engine->liq;
    /* uncovered: `told` as in over */
    if (liq->unit.kind != TRD_UNIT_ACCOUNT || liq->told == 0 || has_positions(engine)) {
        return false;
    }
    liq->purse = trd__client(trd__engine_accounts(engine), liq->unit.account)->purses.first;
    liq->phase = TRD_LIQ_INSURE;
    return true;
}

static void done(trd_engine *engine, trd_out *out) {
    const bool is_one = engine->liq.unit.kind == TRD_UNIT_POSITION;
    const trd_unit *unit = &engine->liq.unit;
    const trd_accounts *a = trd__engine_accounts(engine);
    const uint32_t entry =
        is_one ? trd__entry_find(a, unit->account, unit->instrument, unit->position) : 0;
    trd__liq_tell(engine, out, TRD_STEP_DONE, is_one ? trd__entry(a, entry) : NULL, 0);
}

static void over(trd_engine *engine, trd_out *out) {
    /* uncovered: what was done for others touched it, and was looked at before it was told */
    if (engine->liq.told == 0) {
        return; /* it was restored by what was done for others */
    }
    if (engine->liq.unit.kind == TRD_UNIT_POOL && !has_positions(engine)) {
        trd__liq_insure_pool(engine, out);
    }
    done(engine, out);
}

/* --- the machine ------------------------------------------------------------------------------ */

void trd__liq_begin(trd_engine *engine, const trd_unit *unit) {
    const trd_accounts *a = trd__engine_accounts(engine);
    const bool is_one = unit->kind == TRD_UNIT_POSITION;
    const int level = trd_monitor_level(trd__engine_monitor(engine), a, unit);
    trd_assert(level >= TRD_MARGIN_LIQUIDATE);
    engine->begun = 0;
    engine->liq = (trd_liq){.unit = *unit,
        .ids = engine->liq.ids,
        .instrument = is_one ? unit->instrument : 0,
        .entry = is_one ? trd__entry_find(a, unit->account, unit->instrument, unit->position) : 0,
        .level = (uint8_t)level};
}

int trd__liq_unit(trd_engine *engine, trd_out *out) {
    trd_liq *liq = &engine->liq;
    switch (liq->phase) {
    case TRD_LIQ_BEGIN:
        check(engine, TRD_LIQ_CANCEL);
        break;
    case TRD_LIQ_CANCEL:
        look_for_orders(engine, out);
        break;
    case TRD_LIQ_CANCELING:
        cancel_orders(engine, out);
        break;
    case TRD_LIQ_CHOOSE:
        choose(engine);
        break;
    case TRD_LIQ_REDUCE:
        reduce(engine, out);
        break;
    case TRD_LIQ_REDUCING:
        send_order(engine, out);
        break;
    case TRD_LIQ_CHARGE:
        charge(engine, out);
        break;
    case TRD_LIQ_TAKEOVER:
        take_over(engine, out);
        break;
    case TRD_LIQ_DELEVERAGE:
        deleverage(engine, out);
        break;
    case TRD_LIQ_TAKEN:
    case TRD_LIQ_DELEVERAGED:
        cut_orders(engine, out);
        break;
    case TRD_LIQ_WAIT:
        wait(engine, out);
        return TRD_OK;
    case TRD_LIQ_INSURE:
        if (liq->purse == 0) {
            done(engine, out);
            return TRD_OK;
        }
        trd__liq_insure_asset(engine, out, liq->purse);
        liq->purse = trd__purse(trd__engine_accounts(engine), liq->purse)->next_of_account;
        break;
    default:
        if (!insures_account(engine)) {
            over(engine, out);
            return TRD_OK;
        }
        break;
    }
    return TRD_MORE;
}
