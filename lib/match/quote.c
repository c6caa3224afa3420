/* quote.c - quotes, bid and offer by one command, and the protection of who makes them.
 *
 * A quote's orders are special orders without a client id. A row per (account, instrument) knows
 * the two, and what they have executed within the present window. The sides of a QUOTE are two
 * transactions: between them the machine settles, and what is left of the quote is judged anew. */
#include "match/quote.h"

#include "inst/value.h"
#include "match/form.h"
#include "match/rich.h"

/* --- rows ------------------------------------------------------------------------------------- */

static uint64_t key_of(uint32_t account, uint32_t instrument) {
    return (uint64_t)account << 32 | instrument;
}

void trd__quotes_reset(trd_match *match) {
    trd_quotes *quotes = &match->quotes;
    quotes->map.count = 0;
    quotes->count = 0;
    quotes->free = 0;
    if (quotes->capacity == 0) {
        return;
    }
    memset(trd__quote_slots(match), 0,
        (size_t)quotes->map.buckets * TRD_MAP_WAYS * sizeof(trd_map_slot));
    memset(trd__quote_row(match, 0), 0, ((size_t)quotes->capacity + 1) * sizeof(trd_quote_row));
    for (uint32_t number = quotes->capacity; number > 0; number--) {
        trd__quote_row(match, number)->next_free = quotes->free;
        quotes->free = number;
    }
}

/* Number of a row, 0: there is none. */
static uint32_t row_find(const trd_match *match, uint32_t account, uint32_t instrument) {
    const trd_map *map = &match->quotes.map;
    const trd_map_slot *slots = trd__quote_slots(match);
    const uint64_t key = key_of(account, instrument);
    const uint32_t slot = trd__map_find(map, slots, trd__map_home(map, key, 0), key, 0);
    return slot != TRD_MAP_NONE ? trd__map_ref(slots, slot) : 0;
}

/* The row, made if need be: there is one or room for one. */
static uint32_t row_hold(trd_match *match, uint32_t account, uint32_t instrument) {
    trd_quotes *quotes = &match->quotes;
    uint32_t number = row_find(match, account, instrument);
    if (number != 0) {
        return number;
    }
    number = quotes->free;
    trd_assert(number != 0);
    const uint64_t key = key_of(account, instrument);
    trd_quote_row *row = trd__quote_row(match, number);
    quotes->free = row->next_free;
    quotes->count++;
    *row = (trd_quote_row){.account = account, .instrument = instrument};
    row->slot = trd__map_put(
        &quotes->map, trd__quote_slots(match), trd__map_home(&quotes->map, key, 0), key, 0, number);
    return number;
}

/* Frees a row that nothing is left of. */
static void row_drop(trd_match *match, uint32_t number) {
    trd_quotes *quotes = &match->quotes;
    trd_quote_row *row = trd__quote_row(match, number);
    if (row->number[0] != 0 || row->number[1] != 0 || row->guard.is_set) {
        return;
    }
    trd__map_erase(&quotes->map, trd__quote_slots(match), row->slot);
    *row = (trd_quote_row){.next_free = quotes->free};
    quotes->free = number;
    quotes->count--;
}

void trd__quote_ended(trd_match *match, uint32_t number) {
    const trd_special *special = trd__special(match, number);
    const uint32_t s = trd__order(match, special->unit)->side - 1u;
    trd_quote_row *row = trd__quote_row(match, special->quote);
    trd_assert(row->number[s] == number);
    row->number[s] = 0;
    row_drop(match, special->quote);
}

/* --- one side --------------------------------------------------------------------------------- */

/* The terms of one side of the command, and the order that is there now. */
typedef struct side_terms {
    uint32_t s; /* 0 bid, 1 offer */
    trd_px px;
    trd_qty qty;
    uint32_t number; /* special record, 0: no order */
} side_terms;

static side_terms side_of(const trd_match *match, uint32_t s) {
    const trd_command *command = match->work.command;
    const trd_quote *quote = &command->u.quote;
    const uint32_t row = row_find(match, command->account, command->instrument);
    return (side_terms){.s = s,
        .px = s == 0 ? quote->bid_px : quote->ask_px,
        .qty = s == 0 ? quote->bid_qty : quote->ask_qty,
        .number = row != 0 ? trd__quote_row(match, row)->number[s] : 0};
}

/* Executed, prevented and open lots. */
static trd_qty total_of(const trd_match *match, uint32_t number) {
    const trd_node *node = trd__order(match, trd__special(match, number)->unit);
    return node->executed + trd__prevented(match, node) + node->leaves;
}

/* A new order for the row: node, record, position, ACCEPTED. Returns its unit. */
static uint32_t side_accept(trd_match *match, trd_out *out, const side_terms *side) {
    const trd_command *command = match->work.command;
    const uint32_t i = command->instrument;
    const uint32_t row = row_hold(match, command->account, i);
    const uint32_t unit = trd__order_alloc(&match->store);
    const uint32_t number = trd__special_take(match, unit, i);
    trd_special *special = trd__special(match, number);
    trd_node *node = trd__order(match, unit);
    trd__quote_row(match, row)->number[side->s] = number;
    special->quote = row;
    special->type = TRD_TYPE_LIMIT;
    special->px = side->px;
    node->level = 0;
    node->leaves = side->qty;
    node->executed = 0;
    node->more = number;
    node->account = command->account;
    node->side = (uint8_t)(side->s + 1);
    node->tif = TRD_TIF_DAY;
    node->exec = TRD_STP_CANCEL_MAKER << TRD_EXEC_STP_SHIFT | TRD_EXEC_SPECIAL;
    node->actor = command->actor;
    node->id_slot = TRD_MAP_NONE;
    if (match->positions.capacity != 0) {
        special->position = trd__pos_hold(&match->positions, command->account, i, TRD_POSITION_NET);
        trd_assert(special->position != 0);
    }
    trd_event *event = trd__emit(match, out, TRD_EVENT_ACCEPTED, 0, i, command->account,
        TRD_DETAIL(node->side, 0, TRD_STATUS_NEW, 0));
    event->u.order =
        (trd_ev_order){.order = trd__store_handle(node, unit), .px = side->px, .qty = side->qty};
    return unit;
}

/* New terms for the order that is there. */
static void side_replace(trd_match *match, trd_out *out, const side_terms *side) {
    const uint32_t i = match->work.command->instrument;
    const trd_special *special = trd__special(match, side->number);
    const uint32_t unit = special->unit;
    const trd_node *node = trd__order(match, unit);
    const trd_qty leaves = node->leaves;
    const bool keeps = side->px == special->px && side->qty <= leaves;
    const trd_qty total = node->executed + trd__prevented(match, node) + side->qty;
    trd__emit_replaced(match, out, i, unit, keeps ? TRD_EVENT_PLACE_KEPT : 0,
        trd__open_status(node->executed), side->px, total);
    if (!keeps) {
        trd__leave_place(match, out, unit, i);
        trd__move(match, out, unit, i, side->px, side->qty, false);
        return;
    }
    if (side->qty < leaves) {
        trd__shrink_order(match, out, unit, leaves - side->qty);
    }
    trd__settle_begin(match, i);
}

static void side_cancel(trd_match *match, trd_out *out, uint32_t number, unsigned cause) {
    const uint32_t unit = trd__special(match, number)->unit;
    const uint32_t i = match->work.command->instrument;
    trd__end_order(match, out, unit, i, cause, trd__order(match, unit)->leaves);
    trd__settle_begin(match, i);
}

static bool is_shut(const trd_match *match, uint32_t instrument) {
    const unsigned state = trd__desk(match, instrument)->state;
    return state == TRD_SESSION_CLOSED || state == TRD_SESSION_HALTED;
}

static bool has_acted(const trd_match *match, uint32_t account, uint32_t instrument) {
    const uint32_t row = row_find(match, account, instrument);
    return row != 0 && trd__quote_row(match, row)->guard.acted != 0;
}

/* Does the command enter an order on this side, or give it new terms? */
static bool side_enters(const trd_match *match, const side_terms *side) {
    const trd_command *command = match->work.command;
    return side->qty != 0 && !has_acted(match, command->account, command->instrument) &&
           !is_shut(match, command->instrument);
}

/* What the command does to one side. The transaction that it begins, if any, is the stage. */
static void side_act(trd_match *match, trd_out *out, const side_terms *side, bool is_refused) {
    const trd_command *command = match->work.command;
    const uint32_t i = command->instrument;
    if (side->qty == 0) {
        if (side->number != 0) {
            side_cancel(match, out, side->number, TRD_CAUSE_USER);
        }
        return;
    }
    /* Neither was so when the command came: what the bid has set off. */
    if (has_acted(match, command->account, i)) {
        trd_assert(side->number == 0);
        return;
    }
    if (is_shut(match, i) || is_refused) {
        if (side->number != 0) {
            side_cancel(match, out, side->number, is_refused ? TRD_CAUSE_RISK : TRD_CAUSE_SESSION);
        }
        return;
    }
    if (side->number != 0) {
        side_replace(match, out, side);
    } else {
        const uint32_t unit = side_accept(match, out, side);
        trd__move(match, out, unit, i, side->px, side->qty, false);
    }
}

void trd__quote_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    if (work->quote_side == 2) {
        work->stage = TRD_STAGE_END;
        work->after_settle = TRD_STAGE_END;
        return;
    }
    const side_terms side = side_of(match, work->quote_side);
    const unsigned verdict = work->quote_verdict;
    if (match->asks_quotes != 0 && verdict == TRD_VERDICT_NONE && side_enters(match, &side)) {
        work->stage = TRD_STAGE_QUOTED;
        return;
    }
    work->quote_side++;
    work->quote_verdict = TRD_VERDICT_NONE;
    side_act(match, out, &side, verdict == TRD_VERDICT_REFUSED);
}

/* --- for who judges quotes besides the market ------------------------------------------------- */

void trd__quotes_ask(trd_match *match) {
    match->asks_quotes = 1;
}

static trd_quote_side tell_side(const trd_match *match, uint32_t s) {
    const side_terms side = side_of(match, s);
    const uint32_t unit = side.number != 0 ? trd__special(match, side.number)->unit : 0;
    return (trd_quote_side){
        .order = unit != 0 ? trd__store_handle(trd__order(match, unit), unit) : 0,
        .px = side.px,
        .qty = side.qty,
        .side = (uint8_t)(s + 1)};
}

bool trd__quote_pending(const trd_match *match, trd_quote_side *out) {
    if (match->work.stage != TRD_STAGE_QUOTED) {
        return false;
    }
    *out = tell_side(match, match->work.quote_side);
    return true;
}

void trd__quote_verdict(trd_match *match, unsigned reason) {
    trd_assert(match->work.stage == TRD_STAGE_QUOTED);
    match->work.quote_verdict = reason == 0 ? TRD_VERDICT_PASSED : TRD_VERDICT_REFUSED;
    match->work.stage = TRD_STAGE_QUOTE;
}

/* --- why a quote is refused ------------------------------------------------------------------- */

/* Rows of reject.def. */
enum {
#define TRD_REJECT_ROW(name, number, text) RANK_##name,
#include <tradsys/reject.def>
};

static unsigned rank_of(unsigned reason) {
    switch (reason) {
#define TRD_REJECT_ROW(name, number, text)                                                         \
    case number:                                                                                   \
        return RANK_##name;
#include <tradsys/reject.def>
    default:
        return UINT32_MAX;
    }
}

/* What is wrong with the numbers of one side. */
static unsigned check_side(const trd_match *match, const side_terms *side) {
    const uint32_t i = match->work.command->instrument;
    const trd_rules *rules = &trd__listing(match, i)->rules;
    unsigned reason = 0;
    trd_px low;
    trd_px high;
    if (side->qty == 0) {
        return 0;
    }
    if ((reason = trd__rules_px(rules, side->px)) != 0 ||
        (reason = trd__rules_qty(rules, side->qty)) != 0) {
        return reason;
    }
    /* A quote goes on under one handle for as long as it is renewed. */
    if (side->number != 0 && side->qty > INT64_MAX - total_of(match, side->number)) {
        return TRD_REJECT_QTY_MAX;
    }
    if ((reason = trd__rules_notional(rules, side->px, side->qty)) != 0) {
        return reason;
    }
    return trd__desk(match, i)->profile.band_action == TRD_BAND_REJECT &&
                   trd__band(match, i, &low, &high) && (side->px < low || side->px > high)
               ? TRD_REJECT_BAND
               : 0;
}

/* Is there room for what both sides together need? */
static bool has_room(const trd_match *match, const side_terms *bid, const side_terms *ask) {
    const trd_command *command = match->work.command;
    const uint32_t account = command->account;
    const uint32_t needs =
        (bid->qty != 0 && bid->number == 0) + (uint32_t)(ask->qty != 0 && ask->number == 0);
    return needs == 0 ||
           ((match->quotes.free != 0 || row_find(match, account, command->instrument) != 0) &&
               match->store.orders_max - match->store.orders >= needs &&
               match->specials_max - match->specials >= needs &&
               (match->positions.capacity == 0 || trd__pos_has_room(&match->positions, account,
                                                      command->instrument, TRD_POSITION_NET)));
}

static unsigned check_names(const trd_match *match) {
    const trd_command *command = match->work.command;
    return command->instrument >= match->instruments ? TRD_REJECT_UNKNOWN_INSTRUMENT
           : command->account >= match->accounts_end ? TRD_REJECT_UNKNOWN_ACCOUNT
                                                     : 0;
}

static unsigned check_quote(const trd_match *match) {
    const trd_command *command = match->work.command;
    const trd_quote *quote = &command->u.quote;
    const uint32_t account = command->account;
    const uint32_t i = command->instrument;
    const bool withdraws = quote->bid_qty == 0 && quote->ask_qty == 0;
    if (quote->bid_qty != 0 && quote->ask_qty != 0 && quote->bid_px >= quote->ask_px) {
        return TRD_REJECT_BAD_COMBINATION;
    }
    if (!withdraws && match->kill_count != 0 &&
        trd__is_killed(match, account, i, command->actor, 0, false)) {
        return TRD_REJECT_KILLED;
    }
    unsigned reason = check_names(match);
    if (reason != 0 || withdraws) {
        return reason;
    }
    if (is_shut(match, i)) {
        return TRD_REJECT_SESSION;
    }
    if (has_acted(match, account, i)) {
        return TRD_REJECT_PROTECTED;
    }
    const side_terms bid = side_of(match, 0);
    const side_terms ask = side_of(match, 1);
    const unsigned of_bid = check_side(match, &bid);
    const unsigned of_ask = check_side(match, &ask);
    reason = rank_of(of_bid) <= rank_of(of_ask) ? of_bid : of_ask;
    if (reason != 0) {
        return reason;
    }
    if (trd__position_is_far(match, account, i, TRD_POSITION_NET)) {
        return TRD_REJECT_POSITION;
    }
    return has_room(match, &bid, &ask) ? 0 : TRD_REJECT_NO_CAPACITY;
}

unsigned trd__quote_vet(trd_match *match, const trd_command *command, trd_quote_side *sides) {
    unsigned reason = trd__form_other(command, SIZE_MAX, match->quotes.capacity != 0);
    if (reason != 0) {
        return reason;
    }
    const trd_ns time = match->time;
    match->work.command[0] = *command;
    match->work.slots = 1;
    match->time = command->time > time ? command->time : time;
    reason = check_quote(match);
    match->time = time;
    sides[0] = tell_side(match, 0);
    sides[1] = tell_side(match, 1);
    return reason;
}

void trd__quote_command(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    const unsigned reason = check_quote(match);
    if (reason != 0) {
        trd__reject_command(match, out, work->command, reason);
        return;
    }
    work->quote_side = 0;
    work->quote_verdict = TRD_VERDICT_NONE;
    work->stage = TRD_STAGE_QUOTE;
    work->after_settle = TRD_STAGE_QUOTE;
}

/* --- protection ------------------------------------------------------------------------------- */

static void guard_set(trd_match *match, trd_guard *guard) {
    const trd_command *command = match->work.command;
    const trd_protection *protection = &command->u.protection;
    trd_ext_row row = {0};
    if (command->slots == 2) {
        memcpy(&row, command + 1, sizeof(row));
    }
    *guard = (trd_guard){.window = protection->window,
        .lots_max = protection->qty,
        .value_max = protection->amount,
        .exposure_max = {row.value[0], row.value[1]},
        .exposure_of_lot = {row.value[2], row.value[3]},
        .fills_max = protection->fills,
        .is_set = 1};
}

void trd__protection_command(trd_match *match, trd_out *out) {
    const trd_command *command = match->work.command;
    const unsigned action = command->u.protection.action;
    unsigned reason = check_names(match);
    uint32_t row = reason == 0 ? row_find(match, command->account, command->instrument) : 0;
    if (reason == 0 && action == TRD_PROTECTION_SET && row == 0 && match->quotes.free == 0) {
        reason = TRD_REJECT_NO_CAPACITY;
    }
    if (reason != 0) {
        trd__reject_command(match, out, command, reason);
        return;
    }
    if (action == TRD_PROTECTION_SET) {
        row = row_hold(match, command->account, command->instrument);
        guard_set(match, &trd__quote_row(match, row)->guard);
    } else if (row != 0 && action == TRD_PROTECTION_RESUME) {
        trd__quote_row(match, row)->guard.runs = 0;
        trd__quote_row(match, row)->guard.acted = 0;
    } else if (row != 0) {
        trd__quote_row(match, row)->guard = (trd_guard){0};
        row_drop(match, row);
    }
}

/* What a fill adds to the value: the unit is lots x |px| as long as that is exact, which it is not
 * for inverse contracts, whose value has another denominator at every price. */
static trd_uwide value_of(const trd_rules *rules, trd_px px, trd_qty qty) {
    if (!rules->is_inverse) {
        return (trd_uwide)(uint64_t)qty * trd__magnitude(px);
    }
    trd_value value;
    const trd_value_terms terms = {rules->numerator, rules->denominator, true};
    const bool fits = trd__value_of(terms, trd__magnitude(px), qty, &value);
    trd_assert(fits);
    return value.gained / value.per + (value.gained % value.per != 0);
}

/* None of the sums leaves its 128 bits: before a fill each is below its limit, which is below 2^63
 * (value: 2^126 in its own unit), and a fill adds at most 2^126. Both sides of one execution may be
 * of one row; then delta and vega of the second take back those of the first. */
void trd__guard_count(trd_match *match, const trd_node *node, trd_px px, trd_qty qty, int which) {
    const uint32_t number = trd__special_of(node);
    const uint32_t quote = number != 0 ? trd__special(match, number)->quote : 0;
    if (quote == 0) {
        return;
    }
    trd_quote_row *row = trd__quote_row(match, quote);
    trd_guard *guard = &row->guard;
    if (!guard->is_set) {
        return;
    }
    trd_assert(guard->acted == 0); /* it has withdrawn the orders of the row, and lets none in */
    if (!guard->runs || (trd_wide)match->time - guard->begun >= guard->window) {
        guard->runs = 1;
        guard->begun = match->time;
        guard->lots = 0;
        guard->value = 0;
        guard->fills = 0;
        guard->exposure[0] = 0;
        guard->exposure[1] = 0;
    }
    if (guard->lots_max != 0) {
        guard->lots += (uint64_t)qty;
    }
    if (guard->value_max != 0) {
        guard->value += value_of(&trd__listing(match, row->instrument)->rules, px, qty);
    }
    guard->fills++;
    for (int k = 0; k < 2; k++) {
        if (guard->exposure_max[k] != 0) {
            const trd_wide by = trd__mul(qty, guard->exposure_of_lot[k]);
            guard->exposure[k] += node->side == TRD_BUY ? by : -by;
        }
    }
    match->work.guard[which] = quote;
}

/* Is the value of the window's fills at least the limit? */
static bool value_reached(const trd_rules *rules, const trd_guard *guard) {
    trd_uwide value;
    if (guard->value_max == 0) {
        return false;
    }
    if (rules->is_inverse) {
        return guard->value >= (uint64_t)guard->value_max;
    }
    /* Before the execution it was below value_max x denominator, which is below 2^126, and a fill
     * adds less than 2^125: trd_instrument_check. */
    const bool fits = trd__umul(guard->value, (uint64_t)rules->numerator, &value);
    trd_assert(fits);
    return value >= (trd_uwide)trd__mul(guard->value_max, rules->denominator);
}

static bool is_reached(const trd_match *match, const trd_quote_row *row) {
    const trd_guard *guard = &row->guard;
    if ((guard->lots_max != 0 && guard->lots >= (uint64_t)guard->lots_max) ||
        (guard->fills_max != 0 && guard->fills >= guard->fills_max) ||
        value_reached(&trd__listing(match, row->instrument)->rules, guard)) {
        return true;
    }
    for (int k = 0; k < 2; k++) {
        const trd_wide sum = guard->exposure[k];
        if (guard->exposure_max[k] != 0 && (sum < 0 ? -sum : sum) >= guard->exposure_max[k]) {
            return true;
        }
    }
    return false;
}

/* Withdraws the first order that the row still has; false if it has none. */
static bool row_withdraw(trd_match *match, trd_out *out, const trd_quote_row *row) {
    trd_work *work = &match->work;
    const trd_taker *taker = &match->taker;
    for (uint32_t s = 0; s < 2; s++) {
        const uint32_t unit = row->number[s] != 0 ? trd__special(match, row->number[s])->unit : 0;
        if (unit == 0 || (unit == taker->unit && taker->leaves == 0)) {
            continue; /* a taker that was filled has ended already */
        }
        if (unit == taker->unit) {
            trd__taker_cancel(match, out, TRD_CAUSE_PROTECTION, taker->leaves);
            if (work->after_protect == TRD_STAGE_LINK) {
                work->after_link = work->stage;
            } else {
                work->after_protect = work->stage;
            }
            work->stage = TRD_STAGE_PROTECT;
        } else {
            trd__end_order(match, out, unit, row->instrument, TRD_CAUSE_PROTECTION,
                trd__order(match, unit)->leaves);
        }
        return true;
    }
    return false;
}

void trd__protect_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    for (int which = 0; which < 2; which++) {
        if (work->guard[which] == 0) {
            continue;
        }
        trd_quote_row *row = trd__quote_row(match, work->guard[which]);
        row->guard.acted = row->guard.acted || is_reached(match, row);
        if (row->guard.acted && row_withdraw(match, out, row)) {
            work->uncross_short = 1;
            return;
        }
        work->guard[which] = 0;
    }
    work->stage = work->after_protect;
}

/* --- audit ------------------------------------------------------------------------------------ */

/* The sides of a row are live orders of it; returns how many there are, or a negated line. */
static int audit_row(const trd_match *match, uint32_t number) {
    const trd_quote_row *row = trd__quote_row(match, number);
    int orders = 0;
    for (uint32_t s = 0; s < 2; s++) {
        if (row->number[s] == 0) {
            continue;
        }
        trd_audit(row->number[s] <= match->specials_max);
        const trd_special *special = trd__special(match, row->number[s]);
        trd_audit(special->unit != 0 && special->quote == number);
        trd_audit(special->instrument == row->instrument);
        const trd_node *node = trd__order(match, special->unit);
        trd_audit(node->account == row->account && node->side == s + 1);
        trd_audit(node->id_slot == TRD_MAP_NONE && node->tif == TRD_TIF_DAY);
        orders++;
    }
    trd_audit(orders > 0 || row->guard.is_set);
    trd_audit(!row->guard.acted || row->guard.is_set);
    return orders;
}

int trd__quotes_audit(const trd_match *match) {
    const trd_quotes *quotes = &match->quotes;
    const trd_map_slot *slots = trd__quote_slots(match);
    uint32_t orders = 0;
    uint32_t free = 0;
    if (quotes->capacity == 0) {
        return TRD_OK;
    }
    trd_audit(trd__map_audit(&quotes->map, slots) == 0);
    trd_audit(quotes->map.count == quotes->count);
    for (uint32_t at = 0; at < quotes->map.buckets * TRD_MAP_WAYS; at++) {
        const uint32_t number = trd__map_ref(slots, at);
        if (number == 0) {
            continue;
        }
        trd_audit(number <= quotes->capacity && trd__quote_row(match, number)->slot == at);
        const int found = audit_row(match, number);
        if (found < 0) {
            return found;
        }
        orders += (uint32_t)found;
    }
    for (uint32_t number = quotes->free; number != 0;
         number = trd__quote_row(match, number)->next_free) {
        trd_audit(number <= quotes->capacity && free < quotes->capacity);
        free++;
    }
    trd_audit(free + quotes->count == quotes->capacity);
    for (uint32_t number = 1; number <= match->specials_max; number++) {
        const trd_special *special = trd__special(match, number);
        orders -= special->unit != 0 && special->quote != 0;
    }
    trd_audit(orders == 0);
    return TRD_OK;
}
