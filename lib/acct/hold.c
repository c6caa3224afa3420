/* hold.c - what orders may cost is locked, changed, and given back. */
#include "acct/hold.h"

#include <string.h>

enum { MARGIN_PPM_MAX = 10000000 };

/* --- where an order acts ---------------------------------------------------------------------- */

void trd__seat_purses(const trd_accounts *a, trd_acct_seat *seat) {
    seat->settle = trd__purse_find(a, seat->account, seat->listing->settle_asset);
    if (trd__delivers_now(seat->listing)) {
        seat->base = trd__purse_find(a, seat->account, seat->listing->base_asset);
    }
}

void trd__seat_needs(const trd_accounts *a, const trd_acct_seat *seat, unsigned order_side,
    const trd_acct_seat *other, trd_acct_room *room) {
    const bool same_account = other != NULL && other->account == seat->account;
    if (seat->entry == 0) {
        room->entries += !(same_account && other->side == seat->side);
        if (!same_account) {
            room->purses +=
                (seat->settle == 0) + (trd__delivers_now(seat->listing) && seat->base == 0);
        }
    }
    if (seat->listing->settle_days != 0) {
        const uint32_t receiver = order_side == TRD_BUY ? seat->base : seat->settle;
        room->dues += trd__purse(a, receiver)->due == 0;
    }
}

bool trd__has_room(const trd_accounts *a, const trd_acct_room *room) {
    return room->entries <= a->def.positions_max - a->entries &&
           room->purses <= a->def.balances_max - a->purses &&
           room->dues <= a->def.unsettled_max - a->dues;
}

int trd__seat_limits(const trd_accounts *a, const trd_acct_seat *seat, trd_wide own, trd_wide all) {
    /* Record 0 of each pool is empty: what is not there yet counts nothing. */
    const trd_acct_entry *entry = trd__entry(a, seat->entry);
    const trd_acct_listing *listing = seat->listing;
    const trd_wide lots = trd__lots(entry) + own;
    const trd_wide open = lots - trd__abs_qty(entry->qty);
    if (lots >= TRD_QTY_LIMIT || !trd__is_amount(entry->booked + listing->unit * open) ||
        !trd__is_amount(trd__load(trd__purse(a, seat->settle)) + listing->unit * all) ||
        !trd__is_amount(trd__load(trd__purse(a, seat->base)) +
                        (trd__delivers_now(listing) ? listing->base * all : 0))) {
        return TRD_E_RANGE;
    }
    return TRD_OK;
}

/* --- how much --------------------------------------------------------------------------------- */

static trd_wide full_need(const trd_acct_listing *listing, const trd_acct_hold *hold) {
    if (hold->side == TRD_SELL) {
        return trd__mul(hold->leaves, listing->base);
    }
    const trd_amt value = trd__value_up(listing, hold->px, hold->leaves);
    const trd_amt price = trd__hold_price(listing, hold, value);
    return price + trd__charges_ahead(listing, hold, price);
}

/* What the order may cost yet; `margin` of the hold becomes what of it is margin. */
static trd_wide need_of(const trd_acct_listing *listing, trd_acct_hold *hold) {
    if (hold->kind == TRD_HOLD_NOTHING) {
        return 0;
    }
    if (hold->kind == TRD_HOLD_FULL) {
        return full_need(listing, hold);
    }
    const trd_amt value = trd__value_up(listing, hold->px, hold->leaves);
    const trd_wide margin = trd__hold_margin(hold, value);
    hold->margin = (trd_amt)margin; /* with margin beyond every amount nothing is held */
    return trd__has_open_cost(listing) ? margin + trd__charges_ahead(listing, hold, value) : margin;
}

/* That much more is locked for a hold that all assets stand behind: it is counted, and is a cause
 * of what is below zero. */
static trd_noinline void lock_backed(
    trd_accounts *a, trd_acct_purse *purse, uint32_t number, trd_amt amount) {
    trd__pool(a, number)->on_margin += amount;
    if (amount > 0 && purse->free < 0) {
        purse->cause |= TRD_SHORT_MARGIN;
    }
}

/* Locks `amount` more for a hold, or (< 0) less. */
trd_inline void lock(const trd_booking *b, trd_acct_purse *purse, trd_acct_entry *entry,
    const trd_acct_hold *hold, trd_amt amount) {
    trd__lock(b, purse, amount);
    if (trd_unlikely(trd__is_backed(trd__client(b->a, entry->account), hold->kind))) {
        lock_backed(b->a, purse, entry->settle, amount);
    }
}

void trd__hold_settle(const trd_booking *b, const trd_acct_listing *listing, trd_acct_entry *entry,
    trd_acct_hold *hold) {
    hold->margin = 0;
    const trd_wide need = hold->leaves != 0 ? need_of(listing, hold) : 0;
    if (need < hold->amount) {
        lock(b, trd__hold_purse(b->a, listing, entry, hold), entry, hold,
            (trd_amt)need - hold->amount);
        hold->amount = (trd_amt)need;
    }
}

/* --- counting --------------------------------------------------------------------------------- */

/* An order is held, or (by = -1) no longer: of what a split of these assets must wait for. */
trd_inline void count(trd_accounts *a, trd_acct_listing *listing, trd_acct_entry *entry,
    const trd_acct_hold *hold, int by) {
    trd__client(a, entry->account)->holds += (uint32_t)by;
    listing->holds += (uint64_t)by;
    if (trd__delivers_now(listing)) {
        trd__asset(a, listing->base_asset)->holds += (uint64_t)by;
    }
    if (!trd__holds_base(listing, hold)) {
        trd__asset(a, listing->settle_asset)->holds += (uint64_t)by;
    }
}

trd_inline void forget(
    trd_accounts *a, trd_acct_listing *listing, trd_acct_entry *entry, trd_acct_hold *hold) {
    trd_assert(hold->leaves == 0);
    trd_assert(hold->amount == 0);
    trd_acct_purse *receiver = trd__receiver(a, listing, entry, hold->side);
    count(a, listing, entry, hold, -1);
    if (receiver != NULL) {
        trd__due(a, receiver->due)->orders--;
        trd__due_release(a, receiver);
    }
    if (trd_unlikely(hold->is_short != 0)) {
        memset(hold, 0, sizeof(*hold));
    }
    trd__hold_clear(hold);
}

void trd__hold_forget(
    trd_accounts *a, trd_acct_listing *listing, trd_acct_entry *entry, trd_acct_hold *hold) {
    forget(a, listing, entry, hold);
}

/* --- hold ------------------------------------------------------------------------------------- */

static bool fields_are_good(const trd_hold *hold) {
    const bool has_margin = hold->kind == TRD_HOLD_MARGIN;
    return (hold->side == TRD_BUY || hold->side == TRD_SELL) &&
           hold->position <= TRD_POSITION_SHORT && hold->kind >= TRD_HOLD_FULL &&
           hold->kind <= TRD_HOLD_NOTHING && hold->reserved == 0 && hold->qty > 0 &&
           hold->margin_ppm <= (has_margin ? (uint32_t)MARGIN_PPM_MAX : 0) &&
           hold->margin_per_lot >= 0 && hold->margin_per_lot < (has_margin ? TRD_AMT_LIMIT : 1);
}

static bool kind_fits(const trd_acct_listing *listing, const trd_hold *hold) {
    if (hold->kind == TRD_HOLD_NOTHING) {
        return true;
    }
    const bool is_full = listing->kind == TRD_INSTRUMENT_SPOT ||
                         (listing->kind == TRD_INSTRUMENT_OPTION && hold->side == TRD_BUY);
    return hold->kind == (is_full ? TRD_HOLD_FULL : TRD_HOLD_MARGIN);
}

/* Is the hold one that can be, and of whom? */
static int hold_check(const trd_accounts *a, const trd_hold *hold) {
    if (!fields_are_good(hold)) {
        return TRD_E_ARG;
    }
    if (!trd__is_open(a, hold->account) || hold->instrument >= a->listings) {
        return TRD_E_UNKNOWN;
    }
    const trd_acct_listing *listing = trd__listed(a, hold->instrument);
    if (!trd__px_fits(listing, hold->px) || !kind_fits(listing, hold) ||
        !trd__side_fits(trd__client(a, hold->account), hold->position)) {
        return TRD_E_ARG;
    }
    return TRD_OK;
}

/* Lines 0 and 1 of the record of a new hold; its amount is not computed yet. */
static void hold_begin(const trd_accounts *a, const trd_hold *hold, trd_acct_hold *own) {
    trd__hold_clear(own);
    own->px = hold->px;
    own->leaves = hold->qty;
    own->margin_per_lot = hold->margin_per_lot;
    own->margin_ppm = hold->margin_ppm;
    own->kind = hold->kind;
    own->side = hold->side;
    trd__hold_rates(a, trd__listed(a, hold->instrument), trd__client(a, hold->account), own);
}

void trd__hold_granted(
    trd_accounts *a, const trd_acct_grant *grant, trd_order order, trd_out *out) {
    const trd_booking b = {.a = a, .out = out, .instrument = grant->instrument};
    const trd_acct_hold *terms = &grant->hold;
    trd_acct_listing *listing = trd__listed(a, grant->instrument);
    trd_acct_hold *hold = trd__held(a, trd__handle_slot(order));
    trd_assert(trd__handle_slot(order) < a->def.orders_max && hold->order == 0);
    trd_assert(trd__out_has_room(out));
    const uint32_t number = trd_likely(terms->entry != 0) ? terms->entry
                                                          : trd__entry_make(a, grant->account,
                                                                grant->instrument, grant->side);
    trd_acct_entry *entry = trd__entry(a, number);
    trd__entry_opened(a, entry);
    trd_acct_purse *receiver = trd__receiver(a, listing, entry, terms->side);
    trd_acct_purse *purse = trd__hold_purse(a, listing, entry, terms);
    trd_assert(terms->amount <= 0 || terms->amount <= purse->free ||
               trd__is_backed(trd__client(a, grant->account), terms->kind));
    if (receiver != NULL) {
        trd__due_take(a, receiver)->orders++;
    }
    entry->open[terms->side - TRD_BUY] += terms->leaves;
    trd__reach_moves(a, listing, entry, terms->leaves);
    trd__client(a, entry->account)->recent = number;
    count(a, listing, entry, terms, 1);
    lock(&b, purse, entry, terms, terms->amount);
    memcpy(hold, terms, offsetof(trd_acct_hold, missing)); /* line 2 is zero already */
    hold->order = order;
    hold->entry = number;
}

/* May `need` be locked for a new order? TRD_OK, or why not. */
static int hold_covers(
    const trd_accounts *a, const trd_acct_seat *seat, const trd_acct_hold *hold, trd_wide need) {
    const trd_acct_purse *purse = trd__seat_purse(a, seat, hold);
    if (!trd__is_amount(need)) {
        return TRD_E_RANGE;
    }
    if (trd_unlikely(trd__is_backed(trd__client(a, seat->account), hold->kind))) {
        return trd__lock_fits(purse, need, seat->listing->unit * hold->leaves) ? TRD_OK
                                                                               : TRD_E_RANGE;
    }
    return need > 0 && need > purse->free ? TRD_E_FUNDS : TRD_OK;
}

int trd_accounts_hold(trd_accounts *accounts, const trd_hold *hold, trd_out *out) {
    int result = trd__begin(accounts, out);
    if (result != TRD_OK) {
        return result;
    }
    if (hold == NULL || trd__handle_slot(hold->order) >= accounts->def.orders_max) {
        return TRD_E_ARG;
    }
    /* Comes from memory while the position is looked for. */
    trd_prefetch(trd__held(accounts, trd__handle_slot(hold->order)));
    trd_prefetch(&trd__held(accounts, trd__handle_slot(hold->order))->taker_ppb);
    result = hold_check(accounts, hold);
    if (result != TRD_OK) {
        return result;
    }
    if (trd__held(accounts, trd__handle_slot(hold->order))->order != 0) {
        return TRD_E_EXISTS;
    }
    const trd_acct_seat seat =
        trd__seat_find(accounts, hold->account, hold->instrument, hold->position);
    if (!trd__seat_has_room(accounts, &seat, hold->side)) {
        return TRD_E_FULL;
    }
    if (!trd__seat_fits(accounts, &seat, hold->qty)) {
        return TRD_E_RANGE;
    }
    trd_acct_grant grant;
    hold_begin(accounts, hold, &grant.hold);
    grant.account = hold->account;
    grant.instrument = hold->instrument;
    grant.side = hold->position;
    const trd_wide need = need_of(seat.listing, &grant.hold);
    result = hold_covers(accounts, &seat, &grant.hold, need);
    if (result != TRD_OK) {
        return result;
    }
    grant.hold.entry = seat.entry;
    grant.hold.amount = (trd_amt)need;
    trd__hold_granted(accounts, &grant, hold->order, out);
    return TRD_OK;
}

int trd_accounts_quote_hold(
    const trd_accounts *accounts, const trd_hold *hold, trd_amt *amount, uint32_t *asset) {
    if (hold == NULL || amount == NULL || asset == NULL) {
        return TRD_E_ARG;
    }
    const int result = hold_check(accounts, hold);
    if (result != TRD_OK) {
        return result;
    }
    const trd_acct_listing *listing = trd__listed(accounts, hold->instrument);
    trd_acct_hold own;
    hold_begin(accounts, hold, &own);
    const bool of_base = trd__holds_base(listing, &own);
    if (hold->qty >= TRD_QTY_LIMIT || !trd__is_amount(trd__mul(listing->unit, hold->qty)) ||
        (of_base && !trd__is_amount(trd__mul(listing->base, hold->qty)))) {
        return TRD_E_RANGE;
    }
    const trd_wide need = need_of(listing, &own);
    if (!trd__is_amount(need)) {
        return TRD_E_RANGE;
    }
    *amount = (trd_amt)need;
    *asset = of_base ? listing->base_asset : listing->settle_asset;
    return TRD_OK;
}

/* --- amend, release --------------------------------------------------------------------------- */

/* May the order have that many open lots more? */
static int amend_limits(
    const trd_accounts *a, const trd_acct_hold *hold, const trd_acct_entry *entry, trd_qty more) {
    if (more <= 0) {
        return TRD_OK;
    }
    const trd_acct_seat seat = {.listing = trd__listed(a, entry->instrument),
        .purses = trd__purse(a, 0),
        .entry = hold->entry,
        .settle = entry->settle,
        .base = entry->base};
    const trd_wide life = (trd_wide)hold->executed + hold->leaves + more;
    if (life >= TRD_QTY_LIMIT || !trd__is_amount(seat.listing->unit * life)) {
        return TRD_E_RANGE;
    }
    return trd__seat_fits(a, &seat, more) ? TRD_OK : TRD_E_RANGE;
}

/* May `need` be locked for it in place of what it holds, its lots being worth `reach` more? TRD_OK,
 * or why not. */
static int amend_covers(const trd_accounts *a, const trd_acct_hold *hold,
    const trd_acct_purse *purse, trd_wide need, trd_wide reach) {
    if (!trd__is_amount(need)) {
        return TRD_E_RANGE;
    }
    const trd_wide more = need - hold->amount;
    if (more <= 0) {
        return TRD_OK;
    }
    if (trd_unlikely(trd__is_backed(trd__client(a, purse->account), hold->kind))) {
        return trd__lock_fits(purse, more, reach) ? TRD_OK : TRD_E_RANGE;
    }
    return more > purse->free ? TRD_E_FUNDS : TRD_OK;
}

int trd_accounts_amend(
    trd_accounts *accounts, trd_order order, trd_px px, trd_qty leaves, trd_out *out) {
    int result = trd__begin(accounts, out);
    if (result != TRD_OK) {
        return result;
    }
    if (leaves <= 0) {
        return TRD_E_ARG;
    }
    trd_acct_hold *hold = trd__hold_of(accounts, order);
    if (hold == NULL) {
        return TRD_E_UNKNOWN;
    }
    trd_acct_entry *entry = trd__entry(accounts, hold->entry);
    const trd_acct_listing *listing = trd__listed(accounts, entry->instrument);
    if (!trd__px_fits(listing, px)) {
        return TRD_E_ARG;
    }
    const trd_qty more = leaves - hold->leaves;
    result = amend_limits(accounts, hold, entry, more);
    if (result != TRD_OK) {
        return result;
    }
    trd_acct_hold next = *hold;
    next.px = px;
    next.leaves = leaves;
    const trd_wide need = need_of(listing, &next);
    trd_acct_purse *purse = trd__hold_purse(accounts, listing, entry, hold);
    result = amend_covers(accounts, hold, purse, need, listing->unit * more);
    if (result != TRD_OK) {
        return result;
    }
    const trd_booking b = {.a = accounts, .out = out, .instrument = entry->instrument};
    lock(&b, purse, entry, hold, (trd_amt)need - hold->amount);
    trd__settled(purse);
    entry->open[hold->side - TRD_BUY] += more;
    trd__entry_opened(accounts, entry);
    trd__reach_moves(accounts, listing, entry, more);
    hold->px = px;
    hold->leaves = leaves;
    hold->amount = (trd_amt)need;
    hold->margin = next.margin;
    return TRD_OK;
}

/* Some of the lots. */
static trd_noinline void release_part(
    trd_accounts *a, trd_acct_listing *listing, trd_acct_hold *hold, trd_out *out) {
    trd_acct_entry *entry = trd__entry(a, hold->entry);
    const trd_booking b = {.a = a, .out = out, .instrument = entry->instrument};
    trd__hold_settle(&b, listing, entry, hold);
    trd__settled(trd__hold_purse(a, listing, entry, hold));
}

void trd__hold_release(trd_accounts *a, trd_acct_hold *hold, trd_qty qty, trd_out *out) {
    trd_acct_entry *entry = trd__entry(a, hold->entry);
    trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd__entry_opened(a, entry);
    trd_assert(qty > 0 && qty <= hold->leaves);
    hold->leaves -= qty;
    entry->open[hold->side - TRD_BUY] -= qty;
    trd__reach_moves(a, listing, entry, -qty);
    if (trd_unlikely(hold->leaves != 0)) {
        release_part(a, listing, hold, out);
        return;
    }
    /* All of it, as trd__hold_settle would; less than nothing is never taken back. */
    trd_acct_purse *purse = trd__hold_purse(a, listing, entry, hold);
    if (hold->amount > 0) {
        const trd_booking b = {.a = a, .out = out, .instrument = entry->instrument};
        lock(&b, purse, entry, hold, -hold->amount);
        hold->amount = 0;
    }
    trd__settled(purse);
    forget(a, listing, entry, hold);
}

int trd_accounts_release(trd_accounts *accounts, trd_order order, trd_qty qty, trd_out *out) {
    const int result = trd__begin(accounts, out);
    if (result != TRD_OK) {
        return result;
    }
    if (qty <= 0) {
        return TRD_E_ARG;
    }
    trd_acct_hold *hold = trd__hold_of(accounts, order);
    if (hold == NULL) {
        return TRD_E_UNKNOWN;
    }
    if (qty > hold->leaves) {
        return TRD_E_RANGE;
    }
    trd__hold_release(accounts, hold, qty, out);
    return TRD_OK;
}

/* --- splits ----------------------------------------------------------------------------------- */

void trd__hold_park(trd_accounts *a, trd_order order, trd_out *out) {
    trd_acct_hold *hold = trd__hold_of(a, order);
    if (hold == NULL) {
        return;
    }
    trd_acct_entry *entry = trd__entry(a, hold->entry);
    trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_acct_purse *purse = trd__hold_purse(a, listing, entry, hold);
    const trd_booking b = {.a = a, .out = out, .instrument = entry->instrument};
    trd_assert(hold->kind == TRD_HOLD_FULL && hold->parked == 0);
    count(a, listing, entry, hold, -1);
    trd__lock(&b, purse, -hold->amount);
    trd__settled(purse);
    hold->amount = 0;
    hold->parked = hold->kind;
    hold->kind = TRD_HOLD_NOTHING;
    count(a, listing, entry, hold, 1);
}

/* The record on its new terms. */
static trd_acct_hold hold_resumed(const trd_acct_hold *hold, const trd_resumption *terms) {
    trd_acct_hold next = *hold;
    trd_assert(hold->parked != 0);
    next.kind = hold->parked;
    next.parked = 0;
    next.px = terms->px;
    next.leaves = terms->leaves;
    next.executed = terms->executed;
    return next;
}

bool trd__hold_can_resume(const trd_accounts *a, trd_order order, const trd_resumption *terms) {
    const trd_acct_hold *hold = trd__hold_of(a, order);
    const trd_acct_entry *entry = trd__entry(a, hold->entry);
    const trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_acct_hold next = hold_resumed(hold, terms);
    trd_acct_hold before = *hold;
    before.executed = next.executed;
    if (amend_limits(a, &before, entry, next.leaves - hold->leaves) != TRD_OK) {
        return false;
    }
    const trd_wide need = need_of(listing, &next); /* what is free is an amount, and bounds it */
    return need == 0 || need <= trd__hold_purse(a, listing, entry, &next)->free;
}

void trd__hold_resume(trd_accounts *a, trd_order order, const trd_resumption *terms, trd_out *out) {
    trd_acct_hold *hold = trd__hold_of(a, order);
    trd_acct_entry *entry = trd__entry(a, hold->entry);
    trd_acct_listing *listing = trd__listed(a, entry->instrument);
    trd_acct_hold next = hold_resumed(hold, terms);
    const trd_qty more = next.leaves - hold->leaves;
    next.amount = (trd_amt)need_of(listing, &next);
    count(a, listing, entry, hold, -1);
    const trd_booking b = {.a = a, .out = out, .instrument = entry->instrument};
    trd_acct_purse *purse = trd__hold_purse(a, listing, entry, &next);
    trd__lock(&b, purse, next.amount - hold->amount);
    trd__settled(purse);
    entry->open[hold->side - TRD_BUY] += more;
    trd__entry_opened(a, entry);
    trd__reach_moves(a, listing, entry, more);
    *hold = next;
    count(a, listing, entry, hold, 1);
}

/* --- questions -------------------------------------------------------------------------------- */

int trd_accounts_held(const trd_accounts *accounts, trd_order order, trd_held *out) {
    if (out == NULL) {
        return TRD_E_ARG;
    }
    const trd_acct_hold *hold = trd__hold_of(accounts, order);
    if (hold == NULL) {
        return TRD_E_UNKNOWN;
    }
    const trd_acct_entry *entry = trd__entry(accounts, hold->entry);
    const trd_acct_listing *listing = trd__listed(accounts, entry->instrument);
    *out = (trd_held){.amount = hold->amount,
        .fees = hold->charged,
        .amount_moved = hold->moved,
        .leaves = hold->leaves,
        .asset = trd__holds_base(listing, hold) ? listing->base_asset : listing->settle_asset,
        .account = entry->account};
    return TRD_OK;
}

/* --- collateral ------------------------------------------------------------------------------- */

void trd__collateral_force(trd_accounts *a, trd_acct_entry *entry, trd_amt amount, trd_out *out) {
    const trd_booking b = {.a = a, .out = out, .instrument = entry->instrument};
    trd_acct_purse *purse = trd__purse(a, entry->settle);
    trd_assert(amount >= -entry->collateral);
    trd_assert(entry->qty != 0 || amount <= 0);
    trd__collateral_moves(&b, purse, entry, amount);
    if (amount > 0 && purse->free < 0) {
        purse->cause |= TRD_SHORT_LOSS;
    }
    trd__settled(purse);
}

int trd_accounts_collateral(trd_accounts *accounts, uint32_t account, uint32_t instrument,
    unsigned side, trd_amt amount, trd_out *out) {
    const int result = trd__begin(accounts, out);
    if (result != TRD_OK) {
        return result;
    }
    if (side > TRD_POSITION_SHORT || amount == 0) {
        return TRD_E_ARG;
    }
    if (!trd__is_open(accounts, account) || instrument >= accounts->listings) {
        return TRD_E_UNKNOWN;
    }
    if (trd__listed(accounts, instrument)->kind == TRD_INSTRUMENT_SPOT) {
        return TRD_E_ARG;
    }
    trd_acct_entry *entry =
        trd__entry(accounts, trd__entry_find(accounts, account, instrument, side));
    if (entry->qty == 0) {
        return TRD_E_UNKNOWN;
    }
    trd_acct_purse *purse = trd__purse(accounts, entry->settle);
    if (amount > 0 ? amount > purse->free : amount < -entry->collateral) {
        return TRD_E_FUNDS;
    }
    const trd_booking b = {.a = accounts, .out = out, .instrument = instrument};
    trd__collateral_moves(&b, purse, entry, amount);
    trd__settled(purse);
    return TRD_OK;
}
