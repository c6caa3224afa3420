/* execute.c - one execution: money, fees, taxes, positions, holds of both sides. */
#include "acct/position.h"

/* One side of an execution on its way. An order of which nothing was held gets a hold of nothing
 * for as long as the call lasts, so that both are one path. */
typedef struct leg {
    const trd_leg *given;
    bool is_outside;
    unsigned side;
    trd_acct_hold *hold; /* in the table, or own */
    trd_acct_hold *own;  /* not set before it is needed */
    trd_acct_seat seat;
    trd_amt flow; /* F */
} leg;

/* --- may it be? ------------------------------------------------------------------------------- */

static bool leg_fields_are_good(const trd_leg *given) {
    if (given->account == TRD_ACCOUNT_OUTSIDE) {
        return given->order == 0 && given->position == 0 && given->liquidity == 0 &&
               given->free_of_fees == 0 && given->reserved == 0;
    }
    return given->position <= TRD_POSITION_SHORT && given->liquidity <= TRD_LIQUIDITY_AUCTION &&
           given->free_of_fees <= 1 && given->reserved == 0;
}

static bool fields_are_good(const trd_execution *x) {
    return x->reserved == 0 && x->qty > 0 && leg_fields_are_good(&x->buyer) &&
           leg_fields_are_good(&x->seller) &&
           !(x->buyer.account == TRD_ACCOUNT_OUTSIDE && x->seller.account == TRD_ACCOUNT_OUTSIDE);
}

/* Who buys must not pay more than was held for. Who sells holds lots, or margin at the mark, which
 * a lower price does not change. */
static bool price_is_worse(const trd_acct_hold *hold, trd_px px) {
    return hold->kind != TRD_HOLD_NOTHING && hold->side == TRD_BUY && px > hold->px;
}

/* A side whose order holds. */
static int held_leg(const trd_accounts *a, const trd_execution *x, leg *l) {
    l->hold = trd__hold_of(a, l->given->order);
    if (l->hold == NULL) {
        return TRD_E_UNKNOWN;
    }
    const trd_acct_entry *entry = trd__entry(a, l->hold->entry);
    if (entry->account != l->given->account || entry->instrument != x->instrument ||
        entry->side != l->given->position || l->hold->side != l->side) {
        return TRD_E_ARG;
    }
    return x->qty > l->hold->leaves || price_is_worse(l->hold, x->px) ? TRD_E_RANGE : TRD_OK;
}

/* A side of which nothing is held. */
static int free_leg(const trd_accounts *a, const trd_execution *x, leg *l) {
    const trd_acct_client *client = trd__client(a, l->given->account);
    if (!trd__side_fits(client, l->given->position)) {
        return TRD_E_ARG;
    }
    l->seat = trd__seat_find(a, l->given->account, x->instrument, l->given->position);
    *l->own = (trd_acct_hold){
        .px = x->px, .leaves = x->qty, .kind = TRD_HOLD_NOTHING, .side = (uint8_t)l->side};
    trd__hold_rates(a, l->seat.listing, client, l->own);
    l->hold = l->own;
    return TRD_OK;
}

/* Records of both sides come from memory at the same time. */
static void leg_prefetch(const trd_accounts *a, const leg *l) {
    const uint32_t slot = trd__handle_slot(l->given->order);
    if (slot < a->def.orders_max) {
        trd_prefetch(trd__held(a, slot));
        trd_prefetch(&trd__held(a, slot)->taker_ppb);
    }
    if (l->given->account < a->def.accounts_max) {
        trd_prefetch(trd__client(a, l->given->account));
        trd_prefetch(&trd__client(a, l->given->account)->realised);
    }
}

/* The seat is that of who holds nothing, and not set before. */
trd_inline void leg_begin(
    const trd_accounts *a, leg *l, const trd_leg *given, unsigned side, trd_acct_hold *own) {
    l->given = given;
    l->side = side;
    l->hold = NULL;
    l->own = own;
    l->flow = 0;
    leg_prefetch(a, l);
}

/* The same for what a hold names. */
static void leg_prefetch_entry(const trd_accounts *a, const leg *l) {
    if (!l->is_outside && l->hold != l->own) {
        const trd_acct_entry *entry = trd__entry(a, l->hold->entry);
        trd_prefetch(&entry->cost);
        trd_prefetch(trd__purse(a, entry->settle));
        trd_prefetch(trd__purse(a, entry->base));
    }
}

static int leg_check(const trd_accounts *a, const trd_execution *x, leg *l) {
    l->is_outside = l->given->account == TRD_ACCOUNT_OUTSIDE;
    if (l->is_outside) {
        return TRD_OK;
    }
    if (!trd__is_open(a, l->given->account)) {
        return TRD_E_UNKNOWN;
    }
    return l->given->order != 0 ? held_leg(a, x, l) : free_leg(a, x, l);
}

/* Limits and room of the sides of which nothing was held: both count before either is looked at. */
static trd_noinline int free_legs_check(const trd_accounts *a, trd_qty qty, leg *legs) {
    const leg *other = NULL;
    trd_acct_room room = {0};
    for (unsigned i = 0; i < 2; i++) {
        leg *l = &legs[i];
        if (l->hold != l->own) {
            continue;
        }
        trd__seat_needs(a, &l->seat, l->side, other != NULL ? &other->seat : NULL, &room);
        other = l;
    }
    if (!trd__has_room(a, &room)) {
        return TRD_E_FULL;
    }
    const bool both = legs[0].hold == legs[0].own && legs[1].hold == legs[1].own &&
                      legs[0].seat.account == legs[1].seat.account;
    const bool same = both && legs[0].seat.side == legs[1].seat.side;
    for (unsigned i = 0; i < 2; i++) {
        if (legs[i].hold == legs[i].own &&
            trd__seat_limits(a, &legs[i].seat, (trd_wide)qty * (same ? 2 : 1),
                (trd_wide)qty * (both ? 2 : 1)) != TRD_OK) {
            return TRD_E_RANGE;
        }
    }
    return TRD_OK;
}

static bool outside_fits(const trd_acct_listing *listing, trd_qty qty, const leg *legs) {
    if (legs[0].is_outside) {
        return (trd_wide)listing->outside + qty < TRD_QTY_LIMIT;
    }
    return !legs[1].is_outside || (trd_wide)listing->outside - qty > -TRD_QTY_LIMIT;
}

/* --- a side ----------------------------------------------------------------------------------- */

/* What the pieces below share. */
typedef struct work {
    const trd_booking *b;
    trd_acct_listing *listing;
    trd_acct_client *client;
    trd_acct_entry *entry;
    trd_acct_purse *settle;
    trd_acct_purse *receiver; /* of what is unsettled, or NULL */
    trd_acct_change change;
    trd_acct_purse *paid; /* that the fee was paid from, if it is another one; else NULL */
    uint32_t cause;       /* of what no hold covers */
} work;

/* trd__post: the account was touched when its position moved. */
trd_inline void post(const work *w, trd_acct_purse *purse, const trd_posting *p) {
    if (p->amount != 0) {
        trd__free_moves(purse, p->amount, p->cause);
        trd__moved(w->b, purse, p);
    }
}

/* F or base moves. What is got may be unsettled for some days. */
trd_inline void principal(work *w, trd_acct_purse *purse, trd_amt amount, uint16_t entry) {
    const trd_posting p = {
        .amount = amount, .venue = TRD_ACCOUNT_CLEARING, .entry = entry, .cause = w->cause};
    if (amount > 0 && purse == w->receiver) {
        trd__due_add(w->b->a, purse, w->listing->settle_days, amount);
        trd__moved(w->b, purse, &p);
    } else {
        post(w, purse, &p);
    }
}

/* A charge in the settlement asset, out of what is unsettled if the proceeds are. */
trd_inline void charge(work *w, trd_amt amount, const trd_posting *kind) {
    trd_posting p = *kind;
    p.amount = -amount;
    if (amount == 0) {
        return;
    }
    if (w->settle == w->receiver) {
        trd_acct_due *due = trd__due(w->b->a, w->settle->due);
        due->in[w->listing->settle_days - 1] -= amount;
        w->settle->unsettled -= amount;
        trd__moved(w->b, w->settle, &p);
    } else {
        post(w, w->settle, &p);
    }
}

trd_inline void fee_part(
    work *w, trd_acct_purse *purse, trd_amt amount, bool converted, uint16_t part) {
    const trd_posting p = {.amount = -amount,
        .venue = TRD_ACCOUNT_FEES,
        .entry = TRD_LEDGER_FEE,
        .part = part,
        .cause = TRD_SHORT_FEES};
    if (converted) {
        post(w, purse, &p);
    } else {
        charge(w, amount, &p);
    }
}

/* The fee of a fill that closes and opens. */
static trd_noinline void fee_in_parts(work *w, trd_acct_purse *purse, trd_amt fee, bool converted) {
    const trd_acct_change *change = &w->change;
    const trd_amt closing = trd__part_of(fee, change->closed, change->closed + change->opened);
    fee_part(w, purse, closing, converted, TRD_LEDGER_PART_CLOSING);
    fee_part(w, purse, fee - closing, converted, TRD_LEDGER_PART_OPENING);
}

/* The fee in `purse`: one movement, or two if the fill closes and opens. */
trd_inline void fee_moves(work *w, trd_acct_purse *purse, trd_amt fee, bool converted) {
    const trd_acct_change *change = &w->change;
    if (trd_unlikely(change->closed != 0 && change->opened != 0)) {
        fee_in_parts(w, purse, fee, converted);
    } else {
        fee_part(w, purse, fee, converted, 0);
    }
    trd__activity_add(w->b->a, w->client, &w->client->charged, purse->asset, fee);
}

/* Pays in the asset of the fee table, if there is enough of it. */
static trd_noinline bool fee_converted(work *w, const trd_fee_table *table, trd_amt amount) {
    const trd_accounts *a = w->b->a;
    trd_acct_purse *purse =
        trd__purse(a, trd__purse_find(a, w->entry->account, table->pays_in - 1));
    trd_wide converted = 0;
    if (!trd__fee_converted(a, table, w->listing->settle_asset, amount, &converted) ||
        purse->free < converted) {
        return false;
    }
    fee_moves(w, purse, (trd_amt)converted, true);
    w->paid = purse;
    return true;
}

static void fee(work *w, const trd_acct_hold *hold, trd_amt amount) {
    if (amount == 0) {
        return;
    }
    const trd_fee_table *table = trd__fee_table(w->b->a, hold->table);
    if (trd_unlikely(table->pays_in != 0) && fee_converted(w, table, amount)) {
        return;
    }
    fee_moves(w, w->settle, amount, false);
}

static void taxes_and_rebate(work *w, const trd_acct_charges *charges) {
    const trd_posting tax = {
        .venue = TRD_ACCOUNT_TAXES, .entry = TRD_LEDGER_TAX, .cause = TRD_SHORT_FEES};
    trd_accounts *a = w->b->a;
    for (unsigned k = 0; k < w->listing->tax_count; k++) {
        charge(w, charges->taxes[k], &tax);
        trd__activity_add(a, w->client, &w->client->charged, w->settle->asset, charges->taxes[k]);
    }
    if (charges->rebate == 0) {
        return;
    }
    const trd_posting rebate = {
        .amount = charges->rebate, .venue = TRD_ACCOUNT_REBATES, .entry = TRD_LEDGER_REBATE};
    post(w, w->settle, &rebate);
    trd__activity_add(a, w->client, &w->client->charged, w->settle->asset, -charges->rebate);
}

/* Closing gives back a share of the collateral; opening locks a share of the margin that the order
 * no longer needs, but never more than is free. Where all positions are margined together one of
 * them alone says nothing about what must be locked. */
static void collateral(work *w, trd_amt margin_released, trd_qty qty) {
    trd_acct_entry *entry = w->entry;
    const trd_acct_change *change = &w->change;
    if (change->closed != 0 && entry->collateral != 0) {
        const trd_amt back = trd__part_of(entry->collateral, change->closed, change->held);
        trd__collateral_moves(w->b, w->settle, entry, -back);
    }
    if (margin_released > 0 && change->opened != 0 && !trd__is_whole(w->client->mode)) {
        const trd_amt wanted = trd__part_of(margin_released, change->opened, qty);
        const trd_amt free = w->settle->free > 0 ? w->settle->free : 0;
        trd__collateral_moves(w->b, w->settle, entry, wanted < free ? wanted : free);
    }
}

/* The fees of the execution, and what the order remembers of them. */
static void charges_of(const work *w, leg *l, trd_acct_charges *out) {
    if (trd_unlikely(l->given->free_of_fees != 0)) {
        *out = (trd_acct_charges){0};
        return;
    }
    const bool is_capped = l->side == TRD_SELL && !trd__has_open_cost(w->listing);
    trd__charge(w->listing, l->hold, trd__abs_amt(l->flow), l->given->liquidity,
        is_capped ? l->flow : TRD_AMT_LIMIT, out);
}

/* Step 1: the order's sums, and the release of what it holds too much. Returns the margin that the
 * lots no longer need. */
static trd_amt hold_fills(work *w, leg *l, trd_qty qty) {
    trd_acct_hold *hold = l->hold;
    const trd_amt before = hold->margin;
    hold->moved += l->flow;
    hold->executed += qty;
    hold->leaves -= qty;
    if (hold == l->own) {
        return 0;
    }
    w->entry->open[l->side - TRD_BUY] -= qty;
    trd__hold_settle(w->b, w->listing, w->entry, hold);
    return before - hold->margin;
}

/* Steps 2 to 5. */
static void money_moves(work *w, leg *l, trd_qty qty, const trd_acct_charges *charges) {
    if (trd__has_open_cost(w->listing)) {
        const trd_posting p = {.amount = w->change.profit,
            .venue = TRD_ACCOUNT_CLEARING,
            .entry = TRD_LEDGER_REALISED,
            .cause = TRD_SHORT_LOSS};
        post(w, w->settle, &p);
    } else {
        principal(w, w->settle, l->flow, TRD_LEDGER_PRINCIPAL);
    }
    if (trd__delivers_now(w->listing)) {
        const trd_amt base = qty * w->listing->base;
        principal(w, trd__purse(w->b->a, w->entry->base), l->side == TRD_BUY ? base : -base,
            TRD_LEDGER_DELIVERY);
    }
    fee(w, l->hold, charges->fee);
    taxes_and_rebate(w, charges);
}

/* What is left to do when the money has moved. */
static void leg_ends(work *w, leg *l, trd_qty qty) {
    trd_accounts *a = w->b->a;
    trd_acct_client *client = w->client;
    client->executions++;
    trd__activity_add(a, client, &client->volume, w->listing->settle_asset, trd__abs_amt(l->flow));
    trd__settled(w->settle);
    trd__settled(trd__purse(a, w->entry->base));
    if (trd_unlikely(w->paid != NULL)) {
        trd__settled(w->paid);
    }
    /* Lots that were open and now close something leave the reach twice. */
    trd__reach_moves(a, w->listing, w->entry,
        (l->hold == l->own ? w->change.opened : w->change.opened - qty) - w->change.closed);
    if (l->hold != l->own && l->hold->leaves == 0) {
        trd__hold_forget(a, w->listing, w->entry, l->hold);
    } else if (w->receiver != NULL) {
        trd__due_release(a, w->receiver);
    }
}

static void leg_apply(const trd_booking *b, trd_acct_listing *listing, leg *l, trd_qty qty) {
    trd_accounts *a = b->a;
    trd_acct_entry *entry = trd__entry(a, l->hold->entry);
    work w = {.b = b,
        .listing = listing,
        .client = trd__client(a, entry->account),
        .entry = entry,
        .settle = trd__purse(a, entry->settle),
        .receiver = trd__receiver(a, listing, entry, l->side),
        .cause = l->hold->kind == TRD_HOLD_NOTHING ? (uint32_t)TRD_SHORT_UNHELD : 0};
    trd__client_roll(a, w.client);
    trd_acct_charges charges;
    const trd_amt charged = l->hold->charged;
    charges_of(&w, l, &charges);
    entry->fees += l->hold->charged - charged;
    const trd_amt margin_released = hold_fills(&w, l, qty);
    const trd_qty before = entry->qty;
    w.change = trd__entry_fill(entry, l->side, qty, l->flow);
    trd__entry_counted(a, w.client, entry, before);
    entry->booked = trd__entry_booked(listing, entry);
    trd__activity_add(a, w.client, &w.client->realised, listing->settle_asset, w.change.profit);
    money_moves(&w, l, qty, &charges);
    collateral(&w, margin_released, qty);
    trd__say_position(b, entry);
    leg_ends(&w, l, qty);
}

/* --- both ------------------------------------------------------------------------------------- */

/* OUTSIDE gets its part from CLEARING whatever the kind. */
static void outside_apply(
    const trd_booking *b, trd_acct_listing *listing, const leg *l, trd_qty qty) {
    const bool buys = l->side == TRD_BUY;
    trd_posting p = {.entry = TRD_LEDGER_PRINCIPAL};
    if (l->flow != 0) {
        trd__post_venue(b, TRD_ACCOUNT_OUTSIDE, listing->settle_asset, l->flow, &p);
        trd__post_venue(b, TRD_ACCOUNT_CLEARING, listing->settle_asset, -l->flow, &p);
    }
    if (trd__delivers_now(listing)) {
        const trd_amt base = buys ? qty * listing->base : -qty * listing->base;
        p.entry = TRD_LEDGER_DELIVERY;
        trd__post_venue(b, TRD_ACCOUNT_OUTSIDE, listing->base_asset, base, &p);
        trd__post_venue(b, TRD_ACCOUNT_CLEARING, listing->base_asset, -base, &p);
    }
    listing->outside += buys ? qty : -qty;
}

static void rounding(const trd_booking *b, const trd_acct_listing *listing, const leg *legs) {
    const trd_amt rest = -(legs[0].flow + legs[1].flow);
    const trd_posting p = {.entry = TRD_LEDGER_ROUNDING};
    if (rest != 0) {
        trd__post_venue(b, TRD_ACCOUNT_CLEARING, listing->settle_asset, -rest, &p);
        trd__post_venue(b, TRD_ACCOUNT_ROUNDING, listing->settle_asset, rest, &p);
    }
}

/* F of both sides. */
static void flows(const trd_acct_listing *listing, const trd_execution *x, leg *legs) {
    for (unsigned i = 0; i < 2; i++) {
        if (!legs[i].is_outside) {
            legs[i].flow = trd__flow(listing, legs[i].side, x->px, x->qty, &legs[i].hold->rest);
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        if (legs[i].is_outside) {
            legs[i].flow = -legs[1 - i].flow;
        }
    }
}

/* A side of which nothing was held finds its records. */
static void leg_seated(trd_accounts *a, leg *l) {
    if (l->hold == l->own) {
        l->own->entry = trd__entry_make(a, l->seat.account, l->seat.instrument, l->seat.side);
    }
}

static int execution_check(const trd_accounts *a, const trd_execution *x, leg *legs) {
    if (!fields_are_good(x)) {
        return TRD_E_ARG;
    }
    if (x->instrument >= a->listings) {
        return TRD_E_UNKNOWN;
    }
    for (unsigned i = 0; i < 2; i++) {
        const int result = leg_check(a, x, &legs[i]);
        if (result != TRD_OK) {
            return result;
        }
    }
    leg_prefetch_entry(a, &legs[0]);
    leg_prefetch_entry(a, &legs[1]);
    const trd_acct_listing *listing = trd__listed(a, x->instrument);
    if (!trd__px_fits(listing, x->px)) {
        return TRD_E_ARG;
    }
    if (!outside_fits(listing, x->qty, legs)) {
        return TRD_E_RANGE;
    }
    const bool is_free = legs[0].hold == legs[0].own || legs[1].hold == legs[1].own;
    return is_free ? free_legs_check(a, x->qty, legs) : TRD_OK;
}

int trd_accounts_execute(trd_accounts *accounts, const trd_execution *execution, trd_out *out) {
    int result = trd__begin(accounts, out);
    if (result != TRD_OK) {
        return result;
    }
    if (execution == NULL) {
        return TRD_E_ARG;
    }
    trd_acct_hold own[2];
    leg legs[2];
    leg_begin(accounts, &legs[0], &execution->buyer, TRD_BUY, &own[0]);
    leg_begin(accounts, &legs[1], &execution->seller, TRD_SELL, &own[1]);
    result = execution_check(accounts, execution, legs);
    if (result != TRD_OK) {
        return result;
    }
    trd_acct_listing *listing = trd__listed(accounts, execution->instrument);
    const trd_booking b = {.a = accounts,
        .out = out,
        .reference = execution->reference,
        .instrument = execution->instrument};
    leg_seated(accounts, &legs[0]);
    leg_seated(accounts, &legs[1]);
    flows(listing, execution, legs);
    for (unsigned i = 0; i < 2; i++) {
        if (legs[i].is_outside) {
            outside_apply(&b, listing, &legs[i], execution->qty);
        } else {
            leg_apply(&b, listing, &legs[i], execution->qty);
        }
    }
    rounding(&b, listing, legs);
    return TRD_OK;
}
