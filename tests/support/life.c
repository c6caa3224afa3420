/* life.c - see life.h. */
#include "life.h"

#include <string.h>

static uint32_t pick(dice *d, const uint32_t *odds, uint32_t count) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += odds[i];
    }
    uint64_t at = dice_below(d, sum);
    uint32_t i = 0;
    while (at >= odds[i]) {
        at -= odds[i++];
    }
    return i;
}

static int64_t between(__int128 x, int64_t low, int64_t high) {
    return x < low ? low : x > high ? high : (int64_t)x;
}

/* Any number of [low, high], whatever their distance. */
static int64_t anywhere(dice *d, int64_t low, int64_t high) {
    const unsigned __int128 width = (unsigned __int128)((__int128)high - low) + 1;
    return (int64_t)(low + (__int128)(((unsigned __int128)dice_u64(d) * width) >> 64));
}

/* --- Definition and instruments -------------------------------------------------------------- */

static void draw_def(life *l) {
    dice *d = &l->rng;
    static const uint32_t capacity[] = {1, 2, 8, 30, 100, 300, 500, 1000};
    l->def = trd_match_def_default();
    l->def.instruments_max = l->instruments + (uint32_t)dice_below(d, 2);
    l->def.orders_max = capacity[dice_below(d, 8)] + (uint32_t)dice_below(d, 8);
    l->def.id_mode = (uint32_t)dice_in(d, TRD_IDS_WINDOW, TRD_IDS_REUSE);
    l->def.ids_max = l->def.id_mode == TRD_IDS_WINDOW ? (uint32_t)dice_log(d, 1, 300) : 0;
    l->accounts = (uint32_t)dice_log(d, 1, 16);
    l->def.accounts_max = l->accounts;
    if (l->def.id_mode != TRD_IDS_ASCENDING && dice_odds(d, 1, 2)) {
        l->def.accounts_max = 0;
    }
    l->def.window = (uint32_t)64 << dice_below(d, 5);
    l->def.publish = (uint32_t)dice_below(d, TRD_PUBLISH_ALL + 1);
    l->def.hash_seed = dice_u64(d);
}

/* Price ranges: an ordinary one, one through zero, a wide one, all that fits, a narrow one. */
static void draw_px_range(dice *d, trd_instrument *spec) {
    static const trd_px low[] = {1, -1000, -((trd_px)1 << 40), -((trd_px)1 << 61) + 1, 90};
    static const trd_px high[] = {1 << 20, 1000, (trd_px)1 << 40, ((trd_px)1 << 61) - 1, 110};
    const uint64_t at = dice_below(d, 5);
    spec->px_min = low[at];
    spec->px_max = high[at];
    if (spec->kind == TRD_INSTRUMENT_INVERSE && spec->px_min < 1) {
        spec->px_min = 1;
    }
}

/* Tiers with steps that divide each other, so that a bound rounded to the coarsest step is a price
 * whatever tier it is in. */
static void draw_tiers(dice *d, trd_instrument *spec) {
    static const int64_t step[] = {1, 5, 10, 50};
    const int64_t coarsest = 50;
    if (spec->px_max - spec->px_min < 500 || dice_odds(d, 1, 2)) {
        return;
    }
    spec->tier_count = (uint32_t)dice_in(d, 1, 4);
    const int64_t width = (spec->px_max / 2 - spec->px_min / 2) / 4;
    trd_px from = spec->px_min + (trd_px)dice_below(d, 50);
    for (uint32_t i = 0; i < spec->tier_count; i++) {
        spec->tiers[i].from = from;
        spec->tiers[i].step = step[dice_below(d, 4)];
        from += dice_log(d, 1, width);
    }
    spec->px_min = (spec->px_min / coarsest + 1) * coarsest;
    spec->px_max = (spec->px_max / coarsest - 1) * coarsest;
}

/* Quantities such that no value reaches 2^62 (instrument.h) and no sum 2^63 at 1,007 orders. */
static void draw_qty_range(dice *d, trd_instrument *spec) {
    const unsigned __int128 limit = (unsigned __int128)1 << 62;
    const __int128 highest =
        -(__int128)spec->px_min > spec->px_max ? -(__int128)spec->px_min : spec->px_max;
    unsigned __int128 most = (limit - 1) / (unsigned __int128)highest;
    if (spec->kind == TRD_INSTRUMENT_INVERSE) {
        most = (limit - 1) * (unsigned __int128)spec->px_min;
    }
    most = most * (unsigned __int128)spec->denominator / (unsigned __int128)spec->numerator;
    if (most == 0) {
        spec->numerator = 1;
        spec->denominator = 1;
        most = (limit - 1) / (unsigned __int128)highest;
    }
    const int64_t top = most > ((int64_t)1 << 52) ? (int64_t)1 << 52 : (int64_t)most;
    static const int64_t step[] = {1, 1, 3, 10, 100};
    spec->lot_step = step[dice_below(d, 5)];
    if (spec->lot_step > top) {
        spec->lot_step = 1;
    }
    const int64_t steps = top / spec->lot_step;
    const int64_t max = dice_odds(d, 1, 3) ? steps : dice_log(d, steps < 500 ? steps : 500, steps);
    spec->qty_max = max * spec->lot_step;
    spec->qty_min = between(dice_log(d, 1, 4), 1, max) * spec->lot_step;
    if (dice_odds(d, 1, 4)) { /* bounds that are no quantities themselves */
        spec->qty_min -= (int64_t)dice_below(d, (uint64_t)spec->lot_step);
        spec->qty_max +=
            (int64_t)dice_below(d, (uint64_t)(top - spec->qty_max) + 1) % spec->lot_step;
    }
}

static int64_t value_of(const trd_instrument *spec, trd_px px, trd_qty qty) {
    const __int128 over = (__int128)qty * spec->numerator;
    const __int128 at = px < 0 ? -(__int128)px : px;
    const __int128 value = spec->kind == TRD_INSTRUMENT_INVERSE
                               ? over / (at == 0 ? 1 : at) / spec->denominator
                               : over * at / spec->denominator;
    return between(value, 0, ((int64_t)1 << 62) - 1);
}

static void draw_instrument(life *l, uint32_t at) {
    dice *d = &l->rng;
    trd_instrument *spec = &l->spec[at];
    *spec = trd_instrument_default();
    spec->symbol[0] = (char)('A' + at);
    spec->kind = dice_odds(d, 1, 3)   ? TRD_INSTRUMENT_INVERSE
                 : dice_odds(d, 1, 2) ? TRD_INSTRUMENT_LINEAR
                                      : TRD_INSTRUMENT_SPOT;
    spec->numerator = dice_odds(d, 1, 2) ? 1 : dice_log(d, 1, 1000);
    spec->denominator = dice_odds(d, 1, 2) ? 1 : dice_in(d, spec->numerator, 100000);
    if (spec->kind == TRD_INSTRUMENT_INVERSE) {
        spec->numerator = dice_log(d, 1000, 100000000);
        spec->denominator = dice_log(d, 1, 1000);
    }
    draw_px_range(d, spec);
    draw_tiers(d, spec);
    draw_qty_range(d, spec);
    l->centre[at] = dice_odds(d, 1, 2) ? between(1000, spec->px_min, spec->px_max)
                                       : anywhere(d, spec->px_min, spec->px_max);
}

/* --- Odds ------------------------------------------------------------------------------------ */

static void draw_row(dice *d, uint32_t *row, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        row[i] = dice_odds(d, 1, 4) ? 1 : (uint32_t)dice_log(d, 1, 100);
    }
}

static void draw_odds_of_mood(life *l) {
    dice *d = &l->rng;
    life_odds *o = &l->odds;
    draw_row(d, o->kind, 6);
    o->kind[0] = 60 + (uint32_t)dice_below(d, 600);
    o->kind[4] = o->kind[4] / 30 + 1;
    o->kind[5] = o->kind[5] / 20 + 1;
    draw_row(d, o->tif, 3);
    o->tif[0] += 50;
    draw_row(d, o->id, 4);
    o->id[0] = 100 + (uint32_t)dice_below(d, 2000);
    draw_row(d, o->replace, 7);
    o->market = (uint32_t)dice_log(d, 1, 30);
    o->post_only = (uint32_t)dice_log(d, 1, 40);
    o->minimum = (uint32_t)dice_log(d, 1, 40);
    o->by_handle = (uint32_t)dice_below(d, 101);
    o->new_id = (uint32_t)dice_below(d, 101);
    o->spoil = dice_odds(d, 1, 3) ? 0 : (uint32_t)dice_log(d, 1, 150);
    o->unsupported = dice_odds(d, 1, 3) ? 0 : (uint32_t)dice_log(d, 1, 60);
    o->far = dice_odds(d, 1, 2) ? 0 : (uint32_t)dice_log(d, 1, 500);
    o->wrong_qty = dice_odds(d, 1, 3) ? 0 : (uint32_t)dice_log(d, 1, 200);
    o->cross = (uint32_t)dice_below(d, 60);
    o->spread = dice_log(d, 1, dice_odds(d, 1, 4) ? 5000 : 40);
    o->size = dice_log(d, 1, 1000);
    if (dice_odds(d, 1, 4)) { /* fill the book */
        o->kind[0] = 5000;
        o->tif[0] = 5000;
        o->cross = 0;
        o->market = 0;
    } else if (dice_odds(d, 1, 10)) { /* empty it */
        o->kind[1] = 3000;
        o->cross = 90;
    }
    l->mood_left = (uint32_t)dice_log(d, 20, 2000);
}

/* Limits on values are set around what the first mood makes orders worth. */
static void draw_notional(life *l, uint32_t at) {
    dice *d = &l->rng;
    trd_instrument *spec = &l->spec[at];
    const trd_qty qty =
        between((__int128)l->odds.size * spec->lot_step, spec->qty_min, spec->qty_max);
    const int64_t typical = value_of(spec, l->centre[at], qty);
    if (dice_odds(d, 1, 3)) {
        spec->notional_min = typical / (int64_t)dice_in(d, 2, 20) + 1;
    }
    if (dice_odds(d, 1, 3)) {
        const __int128 most = (__int128)typical * dice_in(d, 1, 8) + 1;
        spec->notional_max =
            between(most, spec->notional_min > 0 ? spec->notional_min : 1, (int64_t)1 << 61);
    }
    if (spec->notional_max != 0 && spec->notional_max < spec->notional_min) {
        spec->notional_max = 0;
    }
}

void life_begin(life *l, uint64_t seed) {
    memset(l, 0, sizeof(*l));
    l->rng = dice_seeded(seed);
    l->instruments = (uint32_t)dice_in(&l->rng, 1, LIFE_INSTRUMENTS_MAX);
    draw_def(l);
    draw_odds_of_mood(l);
    for (uint32_t i = 0; i < l->instruments; i++) {
        draw_instrument(l, i);
        draw_notional(l, i);
    }
    l->next_id = dice_odds(&l->rng, 1, 4) ? 0 : dice_u64(&l->rng) >> 1;
    l->time = dice_odds(&l->rng, 1, 4) ? INT64_MIN : 0;
}

/* --- Prices, quantities, ids ----------------------------------------------------------------- */

static uint32_t any_instrument(life *l) {
    return (uint32_t)dice_below(&l->rng, l->instruments);
}

static uint32_t any_account(life *l) {
    return (uint32_t)dice_below(&l->rng, l->accounts);
}

static int64_t step_at(const trd_instrument *spec, trd_px px) {
    int64_t step = spec->tier_count > 0 ? spec->tiers[0].step : 1;
    for (uint32_t i = 1; i < spec->tier_count; i++) {
        step = px >= spec->tiers[i].from ? spec->tiers[i].step : step;
    }
    return step;
}

static trd_px draw_px(life *l, uint32_t instrument, unsigned side) {
    dice *d = &l->rng;
    const trd_instrument *spec = &l->spec[instrument];
    trd_px *centre = &l->centre[instrument];
    if (dice_odds(d, 1, 12)) {
        *centre = between((__int128)*centre + dice_in(d, -l->odds.spread, l->odds.spread),
            spec->px_min, spec->px_max);
    }
    if (dice_odds(d, l->odds.far, 300000)) {
        *centre = anywhere(d, spec->px_min, spec->px_max);
    }
    trd_px px;
    if (dice_odds(d, l->odds.far, 1000)) {
        px = dice_odds(d, 1, 4)   ? spec->px_min
             : dice_odds(d, 1, 3) ? spec->px_max
                                  : anywhere(d, spec->px_min, spec->px_max);
    } else {
        const int64_t away = dice_in(d, -l->odds.spread / 8, l->odds.spread);
        const bool toward = dice_odds(d, l->odds.cross, 100);
        const int64_t shift = ((side == TRD_BUY) != toward ? -away : away) * step_at(spec, *centre);
        px = between((__int128)*centre + shift, spec->px_min, spec->px_max);
    }
    if (!dice_odds(d, 1, 60)) {
        px -= px % step_at(spec, px);
    }
    if (dice_odds(d, 1, 120)) {
        const __int128 beyond = dice_log(d, 1, 1000);
        px = dice_odds(d, 1, 2) ? between(spec->px_max + beyond, INT64_MIN, INT64_MAX)
                                : between(spec->px_min - beyond, INT64_MIN, INT64_MAX);
    }
    return px;
}

static trd_qty draw_qty(life *l, uint32_t instrument) {
    dice *d = &l->rng;
    const trd_instrument *spec = &l->spec[instrument];
    if (dice_odds(d, l->odds.wrong_qty, 1000)) {
        const trd_qty wrong[] = {0, -1, -spec->lot_step, INT64_MIN, INT64_MAX, spec->qty_min - 1,
            spec->qty_min - spec->lot_step, spec->qty_max + 1, spec->qty_max + spec->lot_step,
            spec->qty_min + 1};
        return wrong[dice_below(d, sizeof(wrong) / sizeof(wrong[0]))];
    }
    if (dice_odds(d, 1, 100)) {
        return dice_odds(d, 1, 2) ? spec->qty_min : spec->qty_max;
    }
    return between(
        (__int128)dice_log(d, 1, l->odds.size) * spec->lot_step, spec->qty_min, spec->qty_max);
}

static uint64_t fresh_id(life *l) {
    l->next_id += (uint64_t)dice_log(&l->rng, 1, 3);
    l->ids[dice_below(&l->rng, LIFE_MEMORY)] = l->next_id;
    return l->next_id;
}

/* The last order of a side that has executed something, which is behind others only because it has
 * moved since; the first order if there is none. */
static const naive_order *last_executed(const naive_side *side) {
    uint32_t at = side->count - 1;
    while (at > 0 && side->at[at]->executed == 0) {
        at--;
    }
    return side->at[at];
}

/* Some resting order, often at the front or the back of its side; NULL if nothing rests. */
static const naive_order *some_order(life *l, const naive_match *model) {
    dice *d = &l->rng;
    const uint64_t first = dice_below(d, (uint64_t)l->instruments * 2);
    for (uint32_t i = 0; i < l->instruments * 2; i++) {
        const uint32_t at = (uint32_t)((first + i) % (l->instruments * 2));
        const naive_side *side = naive_orders(model, at / 2, at % 2 + 1);
        if (side->count == 0) {
            continue;
        }
        if (dice_odds(d, 1, 4)) {
            return side->at[0];
        }
        if (dice_odds(d, 1, 10)) {
            return last_executed(side);
        }
        return dice_odds(d, 1, 6) ? side->at[side->count - 1]
                                  : side->at[dice_below(d, side->count)];
    }
    return NULL;
}

static uint64_t draw_id(life *l, const naive_match *model, uint32_t *account) {
    const naive_order *order = NULL;
    switch (pick(&l->rng, l->odds.id, 4)) {
    case 1:
        order = some_order(l, model);
        if (order != NULL) {
            *account = order->account;
            return order->client_id;
        }
        return fresh_id(l);
    case 2:
        if (dice_odds(&l->rng, 1, 3)) { /* the newest one of whoever has it */
            *account = l->newest_account;
            return l->newest_id;
        }
        return l->ids[dice_below(&l->rng, LIFE_MEMORY)];
    case 3:
        return dice_below(&l->rng, 8);
    default:
        return fresh_id(l);
    }
}

/* --- Commands -------------------------------------------------------------------------------- */

static void draw_head(life *l, trd_command *c, uint8_t kind) {
    dice *d = &l->rng;
    l->seq++;
    if (!dice_odds(d, 1, 4)) {
        l->time += dice_log(d, 1, 1000000);
    }
    c->seq = dice_odds(d, 1, 50) ? dice_u64(d) : l->seq;
    c->time = dice_odds(d, 1, 30) ? l->time - (l->time > 0 ? dice_log(d, 1, 5000) : 0) : l->time;
    c->kind = kind;
    c->slots = 1;
    c->instrument = any_instrument(l);
    c->account = any_account(l);
    c->actor = (uint32_t)dice_u64(d);
}

static void add_sizes(trd_command *c, trd_qty minimum) {
    trd_ext_sizes sizes;
    memset(&sizes, 0, sizeof(sizes));
    sizes.kind = TRD_EXT_ORDER_SIZES;
    sizes.minimum = minimum;
    memcpy(&c[c->slots++], &sizes, sizeof(sizes));
}

static trd_qty draw_minimum(life *l, const trd_command *c) {
    const int64_t step = l->spec[c->instrument].lot_step;
    const trd_qty qty = c->u.order.qty;
    if (dice_odds(&l->rng, 1, 20)) {
        const trd_qty odd[] = {0, -1, -step, step + 1, qty < INT64_MAX ? qty + 1 : qty, INT64_MIN};
        return odd[dice_below(&l->rng, sizeof(odd) / sizeof(odd[0]))];
    }
    if (dice_odds(&l->rng, 1, 2)) {
        return step;
    }
    return qty > 0 ? dice_log(&l->rng, 1, qty / step > 0 ? qty / step : 1) * step : 0;
}

/* A limit order for more than there is at the best opposite price. */
static void aim_to_take_and_rest(const naive_match *model, trd_command *c) {
    trd_new *n = &c->u.order;
    const naive_side *opposite =
        naive_orders(model, c->instrument, n->side == TRD_BUY ? TRD_SELL : TRD_BUY);
    if (opposite->count == 0) {
        return;
    }
    const trd_instrument *spec = naive_spec(model, c->instrument);
    trd_level level;
    naive_depth(model, c->instrument, n->side == TRD_BUY ? TRD_SELL : TRD_BUY, &level, 1);
    n->type = TRD_TYPE_LIMIT;
    n->tif = TRD_TIF_GTC;
    n->px = level.px;
    n->qty = between((__int128)level.qty + 5 * spec->lot_step, spec->qty_min, spec->qty_max);
    n->qty -= n->qty % spec->lot_step;
}

static void draw_new(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    static const uint8_t tif[] = {TRD_TIF_GTC, TRD_TIF_IOC, TRD_TIF_FOK};
    draw_head(l, c, TRD_COMMAND_NEW);
    trd_new *n = &c->u.order;
    n->client_id = draw_id(l, model, &c->account);
    l->newest_id = n->client_id;
    l->newest_account = c->account;
    n->side = (uint8_t)dice_in(d, TRD_BUY, TRD_SELL);
    n->type = dice_odds(d, l->odds.market, 100) ? TRD_TYPE_MARKET : TRD_TYPE_LIMIT;
    n->tif = tif[pick(d, l->odds.tif, 3)];
    n->qty = draw_qty(l, c->instrument);
    if (n->type == TRD_TYPE_LIMIT || dice_odds(d, 1, 50)) {
        n->px = draw_px(l, c->instrument, n->side);
    }
    const bool may_post = n->type == TRD_TYPE_LIMIT && n->tif == TRD_TIF_GTC;
    if ((may_post || dice_odds(d, 1, 50)) && dice_odds(d, l->odds.post_only, 100)) {
        n->exec = TRD_EXEC_POST_ONLY;
    }
    if ((n->exec == 0 || dice_odds(d, 1, 20)) && dice_odds(d, l->odds.minimum, 100)) {
        if (dice_odds(d, 1, 3)) {
            aim_to_take_and_rest(model, c);
        }
        add_sizes(c, draw_minimum(l, c));
    }
}

/* Aims at an order, by id or by handle. Returns it, or NULL if the aim is at none on purpose. */
static const naive_order *draw_target(
    life *l, const naive_match *model, trd_command *c, uint64_t *target) {
    dice *d = &l->rng;
    const bool by_handle = dice_odds(d, l->odds.by_handle, 100);
    const naive_order *order = dice_odds(d, 1, 25) ? NULL : some_order(l, model);
    c->flags |= by_handle ? TRD_COMMAND_BY_HANDLE : 0;
    if (order == NULL) {
        const uint64_t old = dice_below(d, LIFE_MEMORY);
        *target = dice_odds(d, 1, 4) ? dice_u64(d) : by_handle ? l->handles[old] : l->ids[old];
        return NULL;
    }
    *target = by_handle ? order->handle : order->client_id;
    c->account = order->account;
    c->instrument = order->instrument;
    if (dice_odds(d, 1, 60)) {
        c->account = any_account(l);
    }
    if (dice_odds(d, 1, 60)) {
        c->instrument = any_instrument(l) + (dice_odds(d, 1, 10) ? 100 : 0);
    }
    return order;
}

static void draw_cancel(life *l, const naive_match *model, trd_command *c) {
    draw_head(l, c, TRD_COMMAND_CANCEL);
    draw_target(l, model, c, &c->u.cancel.target);
}

static void draw_reduce(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    draw_head(l, c, TRD_COMMAND_REDUCE);
    const naive_order *order = draw_target(l, model, c, &c->u.cancel.target);
    c->u.cancel.qty = draw_qty(l, any_instrument(l));
    if (order != NULL && !dice_odds(d, l->odds.wrong_qty, 1000)) {
        const int64_t step = l->spec[order->instrument].lot_step;
        const trd_qty open = order->total - order->executed;
        const trd_qty cut = dice_odds(d, 1, 6) ? open : dice_log(d, 1, open);
        c->u.cancel.qty = dice_odds(d, 1, 30) ? cut : (cut + step - 1) / step * step;
    }
}

/* The new total that the drawn way of replacing asks for. */
static trd_qty draw_total(life *l, const naive_order *order, uint32_t way) {
    dice *d = &l->rng;
    const int64_t step = l->spec[order->instrument].lot_step;
    const trd_qty open = order->total - order->executed;
    switch (way) {
    case 1:
        return between((__int128)order->total + dice_log(d, 1, 50) * step, 1, INT64_MAX);
    case 2:
        return order->total - dice_log(d, 1, open) / step * step;
    case 3:
        return order->executed;
    case 4:
        return order->executed - dice_log(d, 1, order->executed > 0 ? order->executed : 1);
    default:
        return order->total;
    }
}

/* Where an order moves to: often to a level that is there. */
static trd_px draw_move(life *l, const naive_match *model, const naive_order *order) {
    const naive_side *side = naive_orders(model, order->instrument, order->side);
    return dice_odds(&l->rng, 1, 3) ? side->at[dice_below(&l->rng, side->count)]->px
                                    : draw_px(l, order->instrument, order->side);
}

static void draw_replace(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    draw_head(l, c, TRD_COMMAND_REPLACE);
    trd_replace *r = &c->u.replace;
    const naive_order *order = draw_target(l, model, c, &r->target);
    uint32_t way = pick(d, l->odds.replace, 7);
    if (order != NULL && order->executed > 0 && dice_odds(d, 1, 8)) {
        way = 3;
    }
    if (order == NULL || way == 6) {
        const uint32_t instrument = order != NULL ? order->instrument : any_instrument(l);
        r->px = draw_px(l, instrument, (unsigned)dice_in(d, TRD_BUY, TRD_SELL));
        r->qty = draw_qty(l, instrument);
    } else {
        const bool move = way == 0 || dice_odds(d, 1, 8);
        r->px = move ? draw_move(l, model, order) : order->px;
        r->qty = draw_total(l, order, way);
        if (!move && dice_odds(d, 1, 2)) {
            c->flags |= TRD_COMMAND_KEEP_PX;
            r->px = 0;
        }
        if (r->qty == order->total && dice_odds(d, 1, 2)) {
            c->flags |= TRD_COMMAND_KEEP_QTY;
            r->qty = 0;
        }
    }
    if (dice_odds(d, l->odds.new_id, 100)) {
        uint32_t ignored;
        c->flags |= TRD_COMMAND_NEW_ID;
        r->client_id =
            order != NULL && dice_odds(d, 1, 20) ? order->client_id : draw_id(l, model, &ignored);
    }
}

static void draw_subscribe(life *l, trd_command *c) {
    draw_head(l, c, TRD_COMMAND_SUBSCRIBE);
    c->u.subscribe.publish = (uint32_t)dice_below(&l->rng, TRD_PUBLISH_ALL + 1);
    if (dice_odds(&l->rng, 1, 10)) {
        c->instrument = l->instruments + (uint32_t)dice_below(&l->rng, 3);
    }
}

static void draw_other(life *l, trd_command *c) {
    dice *d = &l->rng;
    draw_head(l, c, TRD_COMMAND_TIMER);
    if (dice_odds(d, 1, 3)) {
        c->kind = (uint8_t)dice_in(d, 0, TRD_EXT_TABLE_ROW + 1);
        c->slots = (uint8_t)dice_in(d, 0, TRD_SLOTS_MAX + 1);
    }
}

/* --- What this version does not do, and what nobody should send ------------------------------ */

static void add_extension(life *l, trd_command *c) {
    trd_ext_row row;
    memset(&row, 0, sizeof(row));
    row.kind = (uint8_t)dice_in(&l->rng, TRD_EXT_ORDER_PRICES, TRD_EXT_ORDER_LINK);
    row.flags = (uint16_t)(dice_odds(&l->rng, 1, 2) ? 0u : 1u << dice_below(&l->rng, 6));
    row.key = dice_below(&l->rng, 3);
    if (dice_odds(&l->rng, 1, 3)) { /* reserved, or a field that means something later */
        const size_t at = offsetof(trd_ext_row, table) + dice_below(&l->rng, 44);
        ((uint8_t *)&row)[at] = 1;
    }
    if (c->slots >= 1 && c->slots < TRD_SLOTS_MAX) {
        memcpy(&c[c->slots++], &row, sizeof(row));
    }
}

static void make_unsupported(life *l, trd_command *c) {
    dice *d = &l->rng;
    static const uint16_t flag[] = {TRD_COMMAND_DRY_RUN, TRD_COMMAND_OVERRIDE, TRD_COMMAND_STAGED};
    if (c->kind != TRD_COMMAND_NEW && c->kind != TRD_COMMAND_REPLACE) {
        return;
    }
    const uint64_t what = dice_below(d, c->kind == TRD_COMMAND_NEW ? 8 : 2);
    switch (what) {
    case 0:
        c->flags |= flag[dice_below(d, 3)];
        break;
    case 1:
        add_extension(l, c);
        break;
    case 2:
        c->u.order.type = (uint8_t)dice_in(d, TRD_TYPE_MARKET_PROTECTED, TRD_TYPE_PEGGED);
        break;
    case 3:
        c->u.order.tif = (uint8_t)dice_in(d, TRD_TIF_DAY, TRD_TIF_GTT);
        break;
    case 4:
        c->u.order.exec |= (uint16_t)(1u << dice_in(d, 0, 9));
        break;
    case 5:
        c->u.order.stp = (uint8_t)dice_in(d, 1, TRD_STP_REJECT);
        break;
    case 6:
        c->u.order.position = (uint8_t)dice_in(d, 1, 2);
        break;
    default:
        if (c->slots == 2 && c[1].kind == TRD_EXT_ORDER_SIZES) { /* peak, range, budget or seed */
            c[1].u.body[8 * dice_below(d, 4)] = 1;
        }
    }
}

/* Several fields at once that are judged one after the other. */
static void spoil_form(life *l, trd_command *c) {
    dice *d = &l->rng;
    trd_new *n = &c->u.order;
    if (c->kind != TRD_COMMAND_NEW) {
        return;
    }
    n->side = dice_odds(d, 1, 3) ? 3 : n->side;
    n->type = dice_odds(d, 1, 3) ? 0 : n->type;
    n->tif = dice_odds(d, 1, 3) ? TRD_TIF_GTT + 1 : n->tif;
    if (dice_odds(d, 1, 3)) { /* a combination that cannot be */
        n->type = n->type == 0 ? 0 : TRD_TYPE_MARKET;
        n->exec = TRD_EXEC_POST_ONLY;
    }
}

static void spoil_terms(life *l, trd_command *c) {
    dice *d = &l->rng;
    trd_new *n = &c->u.order;
    if (c->kind != TRD_COMMAND_NEW) {
        return;
    }
    c->instrument = dice_odds(d, 1, 4) ? l->instruments : c->instrument;
    c->account = dice_odds(d, 1, 2) ? l->accounts : c->account;
    n->px = between((__int128)n->px + dice_in(d, -1, 1), INT64_MIN, INT64_MAX);
    n->px = dice_odds(d, 1, 4) ? INT64_MAX : n->px;
    n->qty = dice_odds(d, 1, 4) ? 0 : n->qty;
}

/* Spoils one field. Most of the fields have few good values, so any other will do. */
static void spoil(life *l, trd_command *c) {
    dice *d = &l->rng;
    const uint32_t slots = c->slots >= 1 && c->slots <= TRD_SLOTS_MAX ? c->slots : 1;
    trd_command *at = &c[dice_below(d, slots)];
    switch (dice_below(d, 18)) {
    case 0:
        at->slots = (uint8_t)dice_in(d, 0, TRD_SLOTS_MAX + 2);
        break;
    case 1:
        at->flags ^= (uint16_t)(1u << dice_below(d, 16));
        break;
    case 2:
        at->kind = (uint8_t)(dice_odds(d, 1, 2) ? dice_in(d, 0, 255) : dice_in(d, 126, 135));
        break;
    case 3:
        at->u.body[dice_below(d, 32)] ^= (uint8_t)(1u << dice_below(d, 8));
        break;
    case 4:
        ((uint8_t *)at)[dice_below(d, sizeof(*at))] = (uint8_t)dice_u64(d);
        break;
    case 5:
        add_extension(l, c);
        break;
    case 6: /* one extension twice */
        if (slots >= 2 && slots < TRD_SLOTS_MAX) {
            c[slots] = c[1];
            c->slots++;
        }
        break;
    case 7:
        c->u.order.side = (uint8_t)dice_below(d, 5);
        break;
    case 8:
        c->u.order.type = (uint8_t)dice_below(d, 14);
        break;
    case 9:
        c->u.order.tif = (uint8_t)dice_below(d, 13);
        break;
    case 10:
        c->instrument = dice_odds(d, 1, 2) ? l->instruments : (uint32_t)dice_u64(d);
        break;
    case 11:
        c->account = dice_odds(d, 1, 2) ? l->accounts : (uint32_t)dice_u64(d);
        break;
    case 12:
        c->u.order.exec ^= (uint16_t)(1u << dice_below(d, 16));
        break;
    case 13:
        spoil_form(l, c);
        break;
    case 14:
        spoil_terms(l, c);
        break;
    case 15:
        c->u.order.stp = (uint8_t)dice_in(d, TRD_STP_REJECT, TRD_STP_REJECT + 1);
        break;
    case 16:
        c->u.order.position = (uint8_t)dice_in(d, TRD_POSITION_SHORT, TRD_POSITION_SHORT + 1);
        break;
    default:
        for (size_t i = 0; i < sizeof(*at) / 8; i++) { /* noise, mostly zero */
            const uint64_t noise = dice_odds(d, 1, 4) ? dice_u64(d) : 0;
            memcpy((uint8_t *)at + 8 * i, &noise, 8);
        }
    }
}

uint32_t life_next(life *l, const naive_match *model, trd_command *out) {
    dice *d = &l->rng;
    memset(out, 0, LIFE_RECORD_SLOTS * sizeof(*out));
    if (l->mood_left-- == 0) {
        draw_odds_of_mood(l);
    }
    uint32_t kind = pick(d, l->odds.kind, 6);
    if (naive_count(model) >= l->def.orders_max && dice_odds(d, 2, 3)) {
        kind = 1 + (uint32_t)dice_below(d, 3);
    }
    switch (kind) {
    case 0:
        draw_new(l, model, out);
        break;
    case 1:
        draw_cancel(l, model, out);
        break;
    case 2:
        draw_reduce(l, model, out);
        break;
    case 3:
        draw_replace(l, model, out);
        break;
    case 4:
        draw_subscribe(l, out);
        break;
    default:
        draw_other(l, out);
    }
    if (dice_odds(d, l->odds.unsupported, 1000)) {
        make_unsupported(l, out);
    }
    if (dice_odds(d, l->odds.spoil, 1000)) {
        for (int64_t i = dice_log(d, 1, 4); i > 0; i--) {
            spoil(l, out);
        }
    }
    return out->slots >= 1 && out->slots <= TRD_SLOTS_MAX ? out->slots : 1;
}

void life_learn(life *l, trd_order handle) {
    l->handles[dice_below(&l->rng, LIFE_MEMORY)] = handle;
}
