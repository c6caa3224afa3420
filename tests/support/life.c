/* life.c - see life.h. */
#include "life_inner.h"

#include <string.h>

/* The beginning of time, now, just before zero, and so late that time comes to an end; not that for
 * instruments that pause by themselves, because their pauses would end behind it. */
static trd_ns draw_birth(life *l) {
    const trd_ns births[] = {INT64_MIN, -l->style.pace * 100, INT64_MAX - l->style.pace * 10000};
    const uint64_t at = dice_below(&l->rng, 12);
    const bool pauses = life_has(l, LIFE_LIMIT | LIFE_BREAKER);
    return at < 3 ? births[0] : at == 3 ? births[1] : at == 4 && !pauses ? births[2] : 0;
}

/* Leaves a life few features, of which it then has the more. */
static void narrow(life *l) {
    uint32_t few = 0;
    for (uint64_t i = dice_below(&l->rng, 5); i-- > 0;) {
        few |= 1u << dice_below(&l->rng, LIFE_FEATURE_COUNT);
    }
    few |= (few & LIFE_LIMIT) != 0 ? LIFE_BAND : 0;
    l->features &= few;
    l->style.narrow = true;
}

void life_begin(life *l, uint64_t seed, uint32_t features) {
    memset(l, 0, sizeof(*l));
    l->rng = dice_seeded(seed);
    l->features = features;
    if (dice_odds(&l->rng, 1, 3)) {
        narrow(l);
    }
    l->instruments = (uint32_t)dice_in(&l->rng, 1, LIFE_INSTRUMENTS_MAX);
    life_draw_def(l);
    life_draw_style(l);
    life_draw_mood(l);
    for (uint32_t i = 0; i < l->instruments; i++) {
        life_draw_instrument(l, i);
    }
    l->next_id = dice_odds(&l->rng, 1, 4) ? 0 : dice_u64(&l->rng) >> 1;
    l->time = draw_birth(l);
    for (int i = 0; i < LIFE_DUES; i++) {
        l->due[i] = l->time;
    }
}

/* --- Prices, quantities, ids ----------------------------------------------------------------- */

uint32_t life_instrument(life *l) {
    return (uint32_t)dice_below(&l->rng, l->instruments);
}

uint32_t life_account(life *l) {
    return (uint32_t)dice_below(&l->rng, l->accounts);
}

trd_px life_px(life *l, uint32_t instrument, unsigned side) {
    dice *d = &l->rng;
    const trd_instrument *spec = &l->spec[instrument];
    trd_px *centre = &l->centre[instrument];
    if (dice_odds(d, 1, 12)) {
        *centre = life_between((__int128)*centre + dice_in(d, -l->odds.spread, l->odds.spread),
            spec->px_min, spec->px_max);
    }
    if (dice_odds(d, l->odds.far, 300000)) {
        *centre = life_anywhere(d, spec->px_min, spec->px_max);
    }
    trd_px px;
    if (dice_odds(d, l->odds.far, 1000)) {
        px = dice_odds(d, 1, 4)   ? spec->px_min
             : dice_odds(d, 1, 3) ? spec->px_max
                                  : life_anywhere(d, spec->px_min, spec->px_max);
    } else {
        const int64_t away = dice_in(d, -l->odds.spread / 8, l->odds.spread);
        const bool toward = dice_odds(d, l->odds.cross, 100);
        const int64_t shift =
            ((side == TRD_BUY) != toward ? -away : away) * life_step_at(spec, *centre);
        px = life_between((__int128)*centre + shift, spec->px_min, spec->px_max);
    }
    if (!dice_odds(d, 1, 60)) {
        px -= px % life_step_at(spec, px);
    }
    if (dice_odds(d, 1, 120)) {
        const __int128 beyond = dice_log(d, 1, 1000);
        px = dice_odds(d, 1, 2) ? life_between(spec->px_max + beyond, INT64_MIN, INT64_MAX)
                                : life_between(spec->px_min - beyond, INT64_MIN, INT64_MAX);
    }
    return px;
}

trd_qty life_qty(life *l, uint32_t instrument) {
    dice *d = &l->rng;
    const trd_instrument *spec = &l->spec[instrument];
    if (dice_odds(d, l->odds.wrong_qty, 1000)) {
        const trd_qty wrong[] = {0, -1, -spec->lot_step, INT64_MIN, INT64_MAX, spec->qty_min - 1,
            spec->qty_min - spec->lot_step, life_sum(spec->qty_max, 1),
            life_sum(spec->qty_max, spec->lot_step), spec->qty_min + 1};
        return wrong[dice_below(d, sizeof(wrong) / sizeof(wrong[0]))];
    }
    if (dice_odds(d, 1, 100)) {
        return dice_odds(d, 1, 2) ? spec->qty_min : spec->qty_max;
    }
    const trd_qty qty = life_between(
        (__int128)dice_log(d, 1, l->odds.size) * spec->lot_step, spec->qty_min, spec->qty_max);
    const trd_qty less = qty - qty % spec->lot_step;
    const trd_qty even = less >= spec->qty_min ? less : less + spec->lot_step;
    return even <= spec->qty_max && !dice_odds(d, 1, 60) ? even : qty;
}

uint64_t life_fresh_id(life *l) {
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

/* Any live order, wherever it is; NULL if the instruments that are looked at have none. */
static const naive_order *any_order(life *l, const naive_match *model) {
    for (int tries = 0; tries < 3; tries++) {
        const naive_order *const *live;
        const uint32_t count = naive_live(model, life_instrument(l), &live);
        if (count > 0) {
            return live[dice_below(&l->rng, count)];
        }
    }
    return NULL;
}

/* Some live order, often at the front or the back of its side; NULL if there is none. */
static const naive_order *some_order(life *l, const naive_match *model) {
    dice *d = &l->rng;
    if (l->style.special > 0 && dice_odds(d, 1, 2)) {
        const naive_order *any = any_order(l, model);
        if (any != NULL) {
            return any;
        }
    }
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
    switch (life_pick(&l->rng, l->odds.id, 4)) {
    case 1:
        order = some_order(l, model);
        if (order != NULL) {
            *account = order->account;
            return order->client_id;
        }
        return life_fresh_id(l);
    case 2:
        if (dice_odds(&l->rng, 1, 3)) { /* the newest one of whoever has it */
            *account = l->newest_account;
            return l->newest_id;
        }
        return l->ids[dice_below(&l->rng, LIFE_MEMORY)];
    case 3:
        return dice_below(&l->rng, 8);
    default:
        return life_fresh_id(l);
    }
}

/* --- Commands -------------------------------------------------------------------------------- */

void life_head(life *l, trd_command *c, uint8_t kind) {
    dice *d = &l->rng;
    l->seq++;
    if (!dice_odds(d, 1, 4)) {
        l->time = life_sum(l->time, dice_log(d, 1, l->style.pace));
    }
    c->seq = dice_odds(d, 1, 50) ? dice_u64(d) : l->seq;
    c->time = dice_odds(d, 1, 30) ? l->time - (l->time > 0 ? dice_log(d, 1, 5000) : 0) : l->time;
    c->kind = kind;
    c->slots = 1;
    c->instrument = life_instrument(l);
    c->account = life_account(l);
    c->actor = (uint32_t)(dice_odds(d, 1, 30) ? dice_u64(d) : dice_below(d, 4));
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
    n->qty = life_between(level.qty + (__int128)5 * spec->lot_step, spec->qty_min, spec->qty_max);
    n->qty -= n->qty % spec->lot_step;
}

static void draw_new(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    static const uint8_t tif[] = {TRD_TIF_GTC, TRD_TIF_IOC, TRD_TIF_FOK};
    life_head(l, c, TRD_COMMAND_NEW);
    trd_new *n = &c->u.order;
    n->client_id = draw_id(l, model, &c->account);
    l->newest_id = n->client_id;
    l->newest_account = c->account;
    n->side = (uint8_t)dice_in(d, TRD_BUY, TRD_SELL);
    n->type = dice_odds(d, l->odds.market, 100) ? TRD_TYPE_MARKET : TRD_TYPE_LIMIT;
    n->tif = tif[life_pick(d, l->odds.tif, 3)];
    n->qty = life_qty(l, c->instrument);
    if (n->type == TRD_TYPE_LIMIT || dice_odds(d, 1, 50)) {
        n->px = life_px(l, c->instrument, n->side);
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
    if (dice_odds(d, l->style.stp_of_any, 1000)) {
        n->stp = (uint8_t)life_pick(d, l->style.stp, 7);
    }
    if (dice_odds(d, l->style.special, 1000)) {
        life_dress(l, model, c);
    }
    life_suit(l, model, c);
    if (dice_odds(d, l->style.hit_quote, 1000)) {
        life_hit_quote(l, model, c);
    }
    if (dice_odds(d, l->style.hit_leg, 1000)) {
        life_hit_leg(l, model, c);
    }
}

/* Aims at an order, by id or by handle. Returns it, or NULL if the aim is at none on purpose. */
static const naive_order *draw_target(
    life *l, const naive_match *model, trd_command *c, uint64_t *target) {
    dice *d = &l->rng;
    bool by_handle = dice_odds(d, l->odds.by_handle, 100);
    const naive_order *order = dice_odds(d, 1, 25) ? NULL : some_order(l, model);
    if (order != NULL && order->quote) { /* which has no other name */
        by_handle = !dice_odds(d, 1, 20);
    }
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
        c->account = life_account(l);
    }
    if (dice_odds(d, 1, 60)) {
        c->instrument = life_instrument(l) + (dice_odds(d, 1, 10) ? 100 : 0);
    }
    return order;
}

static void draw_cancel(life *l, const naive_match *model, trd_command *c) {
    life_head(l, c, TRD_COMMAND_CANCEL);
    draw_target(l, model, c, &c->u.cancel.target);
}

static void draw_reduce(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    life_head(l, c, TRD_COMMAND_REDUCE);
    const naive_order *order = draw_target(l, model, c, &c->u.cancel.target);
    c->u.cancel.qty = life_qty(l, life_instrument(l));
    if (order != NULL && !dice_odds(d, l->odds.wrong_qty, 1000)) {
        const int64_t step = l->spec[order->instrument].lot_step;
        const trd_qty open = order->leaves;
        const trd_qty cut = open < 1 || dice_odds(d, 1, 6) ? open : dice_log(d, 1, open);
        const __int128 even = ((__int128)cut + step - 1) / step * step;
        c->u.cancel.qty = dice_odds(d, 1, 30) ? cut : life_between(even, 1, INT64_MAX);
    }
}

static trd_qty total_of(const naive_order *order) {
    return order->executed + order->prevented + order->leaves;
}

/* The new total that the drawn way of replacing asks for. */
static trd_qty draw_total(life *l, const naive_order *order, uint32_t way) {
    dice *d = &l->rng;
    const int64_t step = l->spec[order->instrument].lot_step;
    const trd_qty open = order->leaves;
    switch (way) {
    case 1:
        return life_between(total_of(order) + (__int128)dice_log(d, 1, 50) * step, 1, INT64_MAX);
    case 2:
        return total_of(order) - dice_log(d, 1, open > 0 ? open : 1) / step * step;
    case 3:
        return order->executed;
    case 4:
        if (order->executed == 0 && !dice_odds(d, 1, 20)) {
            return total_of(order);
        }
        return order->executed - dice_log(d, 1, order->executed > 0 ? order->executed : 1);
    default:
        return total_of(order);
    }
}

/* Where an order moves to: often to a level that is there. */
static trd_px draw_move(life *l, const naive_match *model, const naive_order *order) {
    const naive_row *row = naive_row_of(model, order->account, order->instrument);
    const naive_order *other = order->quote ? row->order[2 - order->side] : NULL;
    if (other != NULL && dice_odds(&l->rng, 1, 4)) { /* the two quotes of a maker meet */
        return other->px;
    }
    const naive_side *side = naive_orders(model, order->instrument, order->side);
    return side->count > 0 && dice_odds(&l->rng, 1, 3)
               ? side->at[dice_below(&l->rng, side->count)]->px
               : life_px(l, order->instrument, order->side);
}

static bool is_pegged(const naive_order *order) {
    return order->type == TRD_TYPE_PEGGED;
}

static void draw_replace(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    life_head(l, c, TRD_COMMAND_REPLACE);
    trd_replace *r = &c->u.replace;
    const naive_order *order = draw_target(l, model, c, &r->target);
    uint32_t way = life_pick(d, l->odds.replace, 7);
    if (order != NULL && order->executed > 0 && dice_odds(d, 1, 8)) {
        way = 3;
    }
    if (order == NULL || way == 6) {
        const uint32_t instrument = order != NULL ? order->instrument : life_instrument(l);
        r->px = life_px(l, instrument, (unsigned)dice_in(d, TRD_BUY, TRD_SELL));
        r->qty = life_qty(l, instrument);
    } else {
        const bool move = way == 0 || dice_odds(d, 1, 8);
        r->px = move ? draw_move(l, model, order) : order->px;
        r->qty = draw_total(l, order, way);
        const bool without_px = order->px == 0 && !dice_odds(d, 1, 10);
        if (without_px || (!move && dice_odds(d, 1, 2)) ||
            (is_pegged(order) && dice_odds(d, 3, 4))) {
            c->flags |= TRD_COMMAND_KEEP_PX;
            r->px = 0;
        }
        if ((r->qty == total_of(order) && dice_odds(d, 1, 2)) || r->qty == 0) {
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
    life_head(l, c, TRD_COMMAND_SUBSCRIBE);
    c->u.subscribe.publish = (uint32_t)dice_below(&l->rng, TRD_PUBLISH_ALL + 1);
    if (dice_odds(&l->rng, 1, 10)) {
        c->instrument = l->instruments + (uint32_t)dice_below(&l->rng, 3);
    }
}

static void draw_other(life *l, trd_command *c) {
    dice *d = &l->rng;
    life_head(l, c, TRD_COMMAND_TIMER);
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
    n->px = life_between((__int128)n->px + dice_in(d, -1, 1), INT64_MIN, INT64_MAX);
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
    case 3: {
        uint8_t *byte = &at->u.body[dice_below(d, 32)];
        *byte ^= (uint8_t)(1u << dice_below(d, 8));
        break;
    }
    case 4: {
        uint8_t *byte = (uint8_t *)at + dice_below(d, sizeof(*at));
        *byte = (uint8_t)dice_u64(d);
        break;
    }
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

/* An instrument whose session state has lasted long enough, or `instruments`. */
static uint32_t state_to_end(life *l, const naive_match *model) {
    uint32_t found = l->instruments;
    for (uint32_t i = 0; i < l->instruments && life_has(l, LIFE_SESSION); i++) {
        const bool open = naive_state(model, i) == TRD_SESSION_CONTINUOUS;
        if (l->style.open == 0 && open) {
            l->state_left[i] = 40; /* halted by itself, it opens again after so many */
        } else if (l->state_left[i] > 0) {
            l->state_left[i]--;
        } else {
            found = i;
        }
    }
    return found;
}

/* Commands that are not about one order. False if none of them is due. */
static bool draw_market(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    const uint32_t state = state_to_end(l, model);
    if (state < l->instruments) {
        life_session(l, model, state, c);
        return true;
    }
    if (l->kills > 0 && dice_odds(d, 1, 24)) {
        life_kill_off(l, c);
        return true;
    }
    if (dice_odds(d, l->style.due, 1000)) {
        life_wait(l, c);
        return true;
    }
    for (uint32_t i = 0; i < sizeof(l->style.kind) / sizeof(l->style.kind[0]); i++) {
        if (!dice_odds(d, l->style.kind[i], 1000)) {
            continue;
        }
        switch (i) {
        case 0:
            life_price(l, model, c);
            break;
        case 1:
            life_session(l, model, life_instrument(l), c);
            break;
        case 2:
            life_mass(l, c);
            break;
        case 3:
            life_kill_on(l, c);
            break;
        case 4:
            life_deadman(l, c);
            break;
        case 5:
            life_quote(l, model, c);
            break;
        default:
            life_protection(l, model, c);
        }
        return true;
    }
    return false;
}

static void draw_order_command(life *l, const naive_match *model, trd_command *out) {
    dice *d = &l->rng;
    uint32_t kind = life_pick(d, l->odds.kind, 6);
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
}

/* A spoilt time far ahead is kept only now and then, because time does not come back from there;
 * and never if an instrument may pause for as long as that, again and again. */
static void keep_time(life *l, trd_command *out) {
    const trd_ns far = life_between((__int128)l->time + l->style.pace * 4000, INT64_MIN, INT64_MAX);
    const bool pauses = life_has(l, LIFE_LIMIT | LIFE_BREAKER);
    for (uint32_t i = 0; i < TRD_SLOTS_MAX; i += naive_stride(&out[i])) {
        if (out[i].time > far && (pauses || !dice_odds(&l->rng, 1, 30))) {
            out[i].time = l->time;
        }
    }
}

static uint32_t draw_record(life *l, const naive_match *model, trd_command *out) {
    dice *d = &l->rng;
    memset(out, 0, LIFE_RECORD_SLOTS * sizeof(*out));
    if (!life_linked(l, model, out) && !draw_market(l, model, out)) {
        draw_order_command(l, model, out);
    }
    if (dice_odds(d, l->odds.unsupported, 1000)) {
        make_unsupported(l, out);
    }
    if (dice_odds(d, l->odds.spoil, 1000)) {
        for (int64_t i = dice_log(d, 1, 4); i > 0; i--) {
            spoil(l, out);
        }
    }
    keep_time(l, out);
    return out->slots >= 1 && out->slots <= TRD_SLOTS_MAX ? out->slots : 1;
}

uint32_t life_next(life *l, const naive_match *model, trd_command *out) {
    if (l->mood_left-- == 0) {
        life_draw_mood(l);
    }
    uint32_t slots;
    do {
        slots = draw_record(l, model, out);
    } while ((life_needs(out, slots) & ~l->features) != 0);
    return slots;
}

void life_learn(life *l, trd_order handle) {
    l->handles[dice_below(&l->rng, LIFE_MEMORY)] = handle;
}
