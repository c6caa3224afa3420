/* life_quote.c - market makers: quotes, their protection, and orders that are aimed at them. */
#include "life_inner.h"

#include <string.h>

/* A few accounts quote, so that each of them does so again and again. */
static uint32_t draw_maker(life *l) {
    const uint32_t makers = l->style.makers < l->accounts ? l->style.makers : l->accounts;
    return dice_odds(&l->rng, 1, 20) || makers == 0 ? life_account(l)
                                                    : (uint32_t)dice_below(&l->rng, makers);
}

static const naive_order *quote_there(const naive_match *model, const trd_command *c, unsigned at) {
    const naive_row *row = naive_row_of(model, c->account, c->instrument);
    return row != NULL ? row->order[at] : NULL;
}

/* --- QUOTE ------------------------------------------------------------------------------------ */

typedef struct life_half {
    trd_px px;
    trd_qty qty;
} life_half;

/* Some order of the side, or the quote that is next behind it: makers execute with each other. */
static const naive_order *draw_opposite(life *l, const naive_side *side) {
    uint32_t at = (uint32_t)dice_below(&l->rng, side->count);
    const naive_order *any = side->at[at];
    if (dice_odds(&l->rng, 1, 3)) {
        return any;
    }
    while (at < side->count && !side->at[at]->quote) {
        at++;
    }
    return at < side->count ? side->at[at] : any;
}

/* At a price of the other side, so that it executes, or where the makers meet. */
static trd_px draw_px(life *l, const naive_match *model, const trd_command *c, unsigned side) {
    const unsigned other = side == TRD_BUY ? TRD_SELL : TRD_BUY;
    const naive_side *opposite = naive_orders(model, c->instrument, other);
    const bool calm = naive_state(model, c->instrument) == TRD_SESSION_CONTINUOUS;
    const uint32_t meet = calm ? l->style.meet : l->style.meet * 2;
    if (opposite->count > 0 && dice_odds(&l->rng, meet, 100)) {
        return draw_opposite(l, opposite)->px;
    }
    return life_px(l, c->instrument, side);
}

static life_half draw_half(
    life *l, const naive_match *model, const trd_command *c, unsigned side, bool withdraws) {
    dice *d = &l->rng;
    const naive_order *order = quote_there(model, c, side - TRD_BUY);
    const int64_t step = l->spec[c->instrument].lot_step;
    life_half half = {0, 0};
    if (withdraws || dice_odds(d, 1, 8)) {
        return half;
    }
    if (order == NULL || dice_odds(d, 1, 3)) {
        half.px = draw_px(l, model, c, side);
        half.qty = life_qty(l, c->instrument);
        return half;
    }
    half.px = order->px;
    switch (dice_below(d, 4)) {
    case 0: /* the same lots */
        half.qty = order->leaves;
        break;
    case 1: { /* fewer */
        const trd_qty qty = dice_log(d, 1, order->leaves);
        half.qty = qty < step ? step : qty - qty % step;
        break;
    }
    case 2: /* as many, or more, by a step */
        half.qty = life_between(
            (__int128)order->leaves + (__int128)step * dice_in(d, -1, 1), step, INT64_MAX);
        break;
    default:
        half.px = draw_px(l, model, c, side);
        half.qty = dice_odds(d, 1, 2) ? order->leaves : life_qty(l, c->instrument);
    }
    return half;
}

/* Most pairs of prices that are the wrong way round are set right. */
static void uncross(life *l, uint32_t instrument, life_half *bid, life_half *ask) {
    dice *d = &l->rng;
    if (bid->qty == 0 || ask->qty == 0 || bid->px < ask->px || dice_odds(d, 1, 12)) {
        return;
    }
    const trd_instrument *spec = &l->spec[instrument];
    const trd_px px = bid->px;
    bid->px = ask->px;
    ask->px = px;
    if (bid->px == ask->px) {
        ask->px = life_between((__int128)px + life_step_at(spec, px), INT64_MIN, INT64_MAX);
    }
}

void life_quote(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    trd_quote *q = &c->u.quote;
    life_head(l, c, TRD_COMMAND_QUOTE);
    c->account = draw_maker(l);
    const bool full = naive_count(model) >= l->def.orders_max;
    const bool withdraws = dice_odds(d, full ? 8 : 1, 16);
    life_half bid = draw_half(l, model, c, TRD_BUY, withdraws);
    life_half ask = draw_half(l, model, c, TRD_SELL, withdraws);
    uncross(l, c->instrument, &bid, &ask);
    *q = (trd_quote){bid.px, bid.qty, ask.px, ask.qty};
    if (q->bid_qty == 0 && !dice_odds(d, 1, 60)) {
        q->bid_px = 0;
    }
    if (q->ask_qty == 0 && !dice_odds(d, 1, 60)) {
        q->ask_px = 0;
    }
    if (dice_odds(d, 1, 100)) {
        c->instrument = l->instruments;
    }
    if (dice_odds(d, 1, 100)) {
        c->account = l->accounts;
    }
}

/* --- PROTECTION ------------------------------------------------------------------------------- */

/* Lots of a few fills. */
static trd_qty draw_lots(life *l, uint32_t instrument) {
    const __int128 lots = (__int128)dice_log(&l->rng, 1, l->odds.size * 4);
    return life_between(lots * l->spec[instrument].lot_step, 1, INT64_MAX);
}

/* What a few lots sum up to, at so much a lot. */
static int64_t draw_greek_limit(life *l, uint32_t instrument, int64_t of_lot) {
    const __int128 size = of_lot < 0 ? -(__int128)of_lot : of_lot;
    return life_between(
        draw_lots(l, instrument) * (size > INT32_MAX ? INT32_MAX : size), 1, INT64_MAX);
}

static int64_t draw_greek(life *l) {
    dice *d = &l->rng;
    const int64_t odd[] = {INT64_MIN, INT64_MAX, 0};
    return dice_odds(d, 1, 30) ? odd[dice_below(d, 3)] : dice_in(d, -20, 20);
}

static void add_greeks(life *l, trd_command *c) {
    dice *d = &l->rng;
    trd_ext_row row;
    memset(&row, 0, sizeof(row));
    row.kind = TRD_EXT_TABLE_ROW;
    row.table = TRD_TABLE_PROTECTION;
    row.key = 1;
    row.value[2] = draw_greek(l);
    row.value[3] = draw_greek(l);
    if (dice_odds(d, 3, 4)) {
        row.value[0] = draw_greek_limit(l, c->instrument, row.value[2]);
    }
    if (dice_odds(d, 1, 2)) {
        row.value[1] = draw_greek_limit(l, c->instrument, row.value[3]);
    }
    memcpy(&c[c->slots++], &row, sizeof(row));
}

static void draw_limits(life *l, trd_command *c) {
    dice *d = &l->rng;
    trd_protection *p = &c->u.protection;
    const trd_instrument *spec = &l->spec[c->instrument];
    p->window = dice_odds(d, 1, 8) ? INT64_MAX : dice_log(d, 1, l->style.pace * 400);
    if (dice_odds(d, 1, 3)) {
        p->qty = dice_odds(d, 1, 4) ? 1 : draw_lots(l, c->instrument);
    }
    if (dice_odds(d, 1, 3)) {
        const int64_t value =
            life_value_of(spec, l->centre[c->instrument], draw_lots(l, c->instrument));
        p->amount = value + dice_in(d, 0, 1);
    }
    if (dice_odds(d, 1, 3)) {
        p->fills = dice_odds(d, 1, 2) ? 1 : (uint32_t)dice_log(d, 1, 16);
    }
    if (dice_odds(d, 1, 2)) {
        add_greeks(l, c);
    }
}

/* One field that the record must not have so. */
static void spoil_protection(life *l, trd_command *c) {
    dice *d = &l->rng;
    trd_protection *p = &c->u.protection;
    trd_ext_row row;
    memcpy(&row, &c[1], sizeof(row));
    switch (dice_below(d, 12)) {
    case 0:
        p->window = -(int64_t)dice_below(d, 2);
        break;
    case 1:
        p->qty = dice_odds(d, 1, 2) ? -1 : 1;
        break;
    case 2:
        p->amount = dice_odds(d, 1, 2) ? -1 : 1;
        break;
    case 3:
        p->fills = 1;
        break;
    case 4:
        p->action = (uint8_t)dice_below(d, 6);
        break;
    case 5:
        p->reserved[dice_below(d, sizeof(p->reserved))] = 1;
        break;
    case 6:
        row.table = (uint32_t)dice_in(d, 0, 5);
        break;
    case 7:
        row.key = dice_below(d, 3);
        break;
    case 8:
        row.value[dice_below(d, 2)] = -1;
        break;
    case 9:
        row.value[4] = 1;
        break;
    case 10:
        c->slots = (uint8_t)dice_in(d, 1, 3);
        break;
    default:
        row.flags = (uint16_t)dice_below(d, 2);
        row.slots = (uint8_t)dice_below(d, 2);
    }
    if (c->slots > 1) {
        memcpy(&c[1], &row, sizeof(row));
    }
}

/* A row whose protection has acted, if there is one among those that quote. */
static bool find_acted(life *l, const naive_match *model, trd_command *c) {
    for (uint32_t i = 0; i < l->instruments; i++) {
        for (uint32_t account = 0; account < l->accounts; account++) {
            const naive_row *row = naive_row_of(model, account, i);
            if (row != NULL && row->acted) {
                c->instrument = i;
                c->account = account;
                return true;
            }
        }
    }
    return false;
}

void life_protection(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    trd_protection *p = &c->u.protection;
    life_head(l, c, TRD_COMMAND_PROTECTION);
    c->account = draw_maker(l);
    p->action = dice_odds(d, 2, 3) ? TRD_PROTECTION_SET
                                   : (uint8_t)dice_in(d, TRD_PROTECTION_SET, TRD_PROTECTION_RESUME);
    if (dice_odds(d, 1, 2) && find_acted(l, model, c)) {
        p->action = (uint8_t)dice_in(d, TRD_PROTECTION_SET, TRD_PROTECTION_RESUME);
    }
    if (p->action == TRD_PROTECTION_SET) {
        draw_limits(l, c);
    }
    if (dice_odds(d, 1, 16)) {
        spoil_protection(l, c);
    }
    if (dice_odds(d, 1, 60)) {
        c->instrument = l->instruments;
    }
    if (dice_odds(d, 1, 60)) {
        c->account = l->accounts;
    }
}

/* --- Who meets them ----------------------------------------------------------------------------
 */

/* Time goes on to where the window of a protection ends, or just before or behind it. */
static void wait_for_window(
    life *l, const naive_match *model, const trd_command *aim, trd_command *c) {
    const naive_row *row = naive_row_of(model, aim->account, aim->instrument);
    if (row == NULL || !row->has_protection || row->acted || !row->has_window) {
        return;
    }
    const __int128 end = (__int128)row->begun + row->limit.window + dice_in(&l->rng, -1, 1);
    if (end > l->time && end < (__int128)l->time + l->style.pace * 1000) {
        l->time = life_between(end, INT64_MIN, INT64_MAX);
        c->time = l->time;
    }
}

/* A limit order becomes one that a quote may execute with. */
void life_hit_quote(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    trd_new *n = &c->u.order;
    const trd_command aim = {.account = draw_maker(l), .instrument = c->instrument};
    const naive_order *order = quote_there(model, &aim, dice_odds(d, 1, 2));
    if (order == NULL || n->type != TRD_TYPE_LIMIT || c->instrument >= l->instruments) {
        return;
    }
    if (dice_odds(d, 1, 4)) {
        wait_for_window(l, model, &aim, c);
    }
    const trd_instrument *spec = &l->spec[c->instrument];
    const trd_qty qty = dice_odds(d, 1, 3) ? order->leaves : dice_log(d, 1, order->leaves);
    n->side = order->side == TRD_BUY ? TRD_SELL : TRD_BUY;
    n->px = order->px;
    n->qty = life_between(qty - qty % spec->lot_step, spec->qty_min, spec->qty_max);
    n->qty -= n->qty % spec->lot_step;
}
