/* life_special.c - dresses a plain NEW with what special orders have: type, time in force,
 * instructions, extension slots. The table of what goes together is that of special-orders.md; with
 * odds that the life has drawn one of its rules is not heeded. */
#include "life_inner.h"

#include <string.h>

#define TIF(name) (1u << TRD_TIF_##name)

enum {
    TIF_ALL = 2047 & ~1,
    TIF_AUCTION = TIF(AT_OPEN) | TIF(AT_CLOSE) | TIF(GFA),
    TIF_RESTS = TIF(GTC) | TIF(DAY) | TIF(GTD) | TIF(GTT) | TIF(GFN),
    TIF_STOP = TIF(GTC) | TIF(IOC) | TIF(FOK) | TIF(DAY) | TIF(GTD),
    POST = TRD_EXEC_POST_ONLY | TRD_EXEC_POST_ONLY_SLIDE,
    PEAK = TRD_EXEC_PEAK_RANDOM | TRD_EXEC_PEAK_IN_PLACE,
    CLOSE = TRD_EXEC_CLOSE_POSITION,
    HIDE = TRD_EXEC_HIDDEN,
    AON = TRD_EXEC_ALL_OR_NONE,
    BUDGET = TRD_EXEC_BUDGET
};

/* What a type goes with. */
typedef struct shape {
    uint16_t tif;     /* bits */
    uint16_t without; /* TRD_EXEC_* bits */
    bool has_px;
    bool peak;
    bool minimum;
    bool trigger;
    bool trail;
} shape;

static const shape shapes[12] = {
    [TRD_TYPE_LIMIT] = {.tif = TIF_ALL & ~TIF(GTT),
        .without = BUDGET,
        .has_px = true,
        .peak = true,
        .minimum = true},
    [TRD_TYPE_MARKET] = {.tif = TIF(GTC) | TIF(IOC) | TIF(FOK) | TIF(DAY) | TIF(GFN) | TIF_AUCTION,
        .without = POST | HIDE | AON | PEAK,
        .minimum = true},
    [TRD_TYPE_MARKET_PROTECTED] = {.tif = TIF_STOP | TIF(GFN),
        .without = POST | BUDGET | CLOSE,
        .peak = true,
        .minimum = true},
    [TRD_TYPE_MARKET_TO_LIMIT] = {.tif = TIF(GTC) | TIF(IOC) | TIF(DAY) | TIF(GTD) | TIF(GFN),
        .without = POST | AON | BUDGET | CLOSE,
        .peak = true,
        .minimum = true},
    [TRD_TYPE_STOP] = {.tif = TIF_STOP | TIF(GTT),
        .without = POST | HIDE | AON | PEAK | BUDGET,
        .minimum = true,
        .trigger = true},
    [TRD_TYPE_STOP_LIMIT] = {.tif = TIF_STOP | TIF(GTT),
        .without = BUDGET,
        .has_px = true,
        .peak = true,
        .minimum = true,
        .trigger = true},
    [TRD_TYPE_TOUCHED] = {.tif = TIF_STOP | TIF(GTT),
        .without = POST | HIDE | AON | PEAK | BUDGET,
        .minimum = true,
        .trigger = true},
    [TRD_TYPE_TOUCHED_LIMIT] = {.tif = TIF_STOP | TIF(GTT),
        .without = BUDGET,
        .has_px = true,
        .peak = true,
        .minimum = true,
        .trigger = true},
    [TRD_TYPE_TRAILING_STOP] = {.tif = TIF_STOP,
        .without = POST | HIDE | AON | PEAK | BUDGET | CLOSE,
        .minimum = true,
        .trail = true},
    [TRD_TYPE_TRAILING_STOP_LIMIT] = {.tif = TIF_STOP,
        .without = BUDGET | CLOSE,
        .has_px = true,
        .peak = true,
        .minimum = true,
        .trail = true},
    [TRD_TYPE_PEGGED] = {.tif = TIF(GTC) | TIF(DAY) | TIF(GTD),
        .without = POST | AON | PEAK | BUDGET | CLOSE},
};

/* Extension slots of the order that is being dressed. */
typedef struct wardrobe {
    bool has_prices;
    bool has_sizes;
    bool has_link;
    trd_ext_prices prices;
    trd_ext_sizes sizes;
    trd_ext_link link;
} wardrobe;

static bool heeds(life *l) {
    return !dice_odds(&l->rng, l->style.wrong, 1000);
}

static bool wants(life *l, uint32_t of_1000) {
    return dice_odds(&l->rng, of_1000, 1000);
}

/* --- Prices near the market ------------------------------------------------------------------- */

/* A price of the source, or where the life believes the market to be. */
static trd_px anchor(life *l, const naive_match *model, uint32_t instrument, unsigned source) {
    trd_px px;
    return life_known(model, instrument, source, &px) ? px : l->centre[instrument];
}

static trd_px snapped(life *l, uint32_t instrument, __int128 px) {
    const trd_instrument *spec = &l->spec[instrument];
    const trd_px in = life_between(px, spec->px_min, spec->px_max);
    return dice_odds(&l->rng, 1, 60) ? in : in - in % life_step_at(spec, in);
}

static int64_t some_ticks(life *l) {
    const int64_t most = l->odds.spread / 2 + 1;
    return dice_odds(&l->rng, 1, 10) ? 0 : dice_log(&l->rng, 1, most);
}

/* A price `up` or down of the anchor; the other way at times, so that it is touched already. */
static trd_px near(life *l, uint32_t instrument, trd_px from, bool up) {
    const int64_t step = life_step_at(&l->spec[instrument], from);
    const bool way = dice_odds(&l->rng, 1, 8) ? !up : up;
    const __int128 far = (__int128)some_ticks(l) * step;
    return snapped(l, instrument, way ? from + far : from - far);
}

static uint8_t draw_source(life *l) {
    dice *d = &l->rng;
    if (!heeds(l)) {
        return (uint8_t)dice_in(d, 0, TRD_SOURCE_MID + 1);
    }
    if (dice_odds(d, 1, 3)) {
        return TRD_SOURCE_LAST;
    }
    return (uint8_t)dice_in(
        d, TRD_SOURCE_LAST, life_has(l, LIFE_PRICE) ? TRD_SOURCE_INDEX : TRD_SOURCE_ASK);
}

/* --- ORDER_PRICES ----------------------------------------------------------------------------- */

static void add_trigger(life *l, const naive_match *model, const trd_command *c, wardrobe *w) {
    const trd_new *n = &c->u.order;
    const bool stop = n->type == TRD_TYPE_STOP || n->type == TRD_TYPE_STOP_LIMIT;
    w->has_prices = true;
    w->prices.flags |= TRD_PRICES_TRIGGER;
    w->prices.source = draw_source(l);
    const trd_px from = anchor(l, model, c->instrument, w->prices.source);
    w->prices.trigger = near(l, c->instrument, from, (n->side == TRD_BUY) == stop);
}

static int64_t trail_offset(life *l, uint32_t instrument, uint8_t unit) {
    const trd_instrument *spec = &l->spec[instrument];
    const trd_px px = l->centre[instrument];
    const int64_t ticks = some_ticks(l) * life_step_at(spec, px) + (wants(l, 50) ? 0 : 1);
    const __int128 size = px < 0 ? -(__int128)px : px;
    switch (unit) {
    case TRD_OFFSET_AMOUNT:
        return life_between(
            (__int128)ticks * spec->tick_size - dice_in(&l->rng, 0, 3), 0, INT64_MAX);
    case TRD_OFFSET_BASIS_POINTS:
        return life_between(
            (__int128)ticks * 10000 / (size == 0 ? 1 : size) + wants(l, 950), 0, 10000);
    default:
        return ticks;
    }
}

/* Offsets at and behind their bounds: 2^40, and 10,000 basis points. */
static int64_t odd_offset(life *l) {
    const int64_t bound = (int64_t)1 << 40;
    const int64_t odd[] = {
        0, -1, -bound, -bound - 1, bound, bound + 1, 10000, 10001, INT64_MIN, INT64_MAX};
    return odd[dice_below(&l->rng, sizeof(odd) / sizeof(odd[0]))];
}

static void add_trail(life *l, const naive_match *model, const trd_command *c, wardrobe *w) {
    dice *d = &l->rng;
    const bool buy = c->u.order.side == TRD_BUY;
    trd_ext_prices *p = &w->prices;
    w->has_prices = true;
    p->flags |= TRD_PRICES_OFFSET;
    p->source = draw_source(l);
    p->offset_unit = (uint8_t)dice_in(d, heeds(l) ? TRD_OFFSET_TICKS : 0, TRD_OFFSET_BASIS_POINTS);
    p->offset = wants(l, 15) ? odd_offset(l) : trail_offset(l, c->instrument, p->offset_unit);
    if (dice_odds(d, 1, 3)) {
        p->flags |= TRD_PRICES_ACTIVATION;
        p->activation = near(l, c->instrument, anchor(l, model, c->instrument, p->source), !buy);
    }
}

static void add_limit_offset(life *l, trd_command *c, wardrobe *w) {
    c->u.order.px = heeds(l) ? 0 : c->u.order.px;
    w->prices.flags |= TRD_PRICES_LIMIT_OFFSET;
    w->prices.limit_offset =
        wants(l, 15) ? odd_offset(l) : dice_in(&l->rng, -l->odds.spread, l->odds.spread);
}

static void add_peg(life *l, const trd_command *c, wardrobe *w) {
    dice *d = &l->rng;
    trd_ext_prices *p = &w->prices;
    const int64_t step = life_step_at(&l->spec[c->instrument], l->centre[c->instrument]);
    w->has_prices = true;
    p->flags |= TRD_PRICES_OFFSET;
    p->offset_unit = TRD_OFFSET_TICKS;
    const bool heeded = heeds(l);
    p->peg = (uint8_t)dice_in(d, heeded ? TRD_PEG_BEST : 0, heeded ? TRD_PEG_OPPOSITE : 4);
    const int64_t most = life_between(l->odds.spread / 8 + 1, 1, 40);
    p->offset = dice_odds(d, 1, 3) ? 0 : dice_in(d, -most / 3, most) * step;
    p->offset += wants(l, 100);
    p->offset = wants(l, 15) ? odd_offset(l) : p->offset;
    if (dice_odds(d, 1, 3)) {
        p->flags |= TRD_PRICES_CAP;
        p->cap = near(l, c->instrument, l->centre[c->instrument], dice_odds(d, 1, 2));
    }
}

static void add_protection(life *l, const trd_command *c, wardrobe *w) {
    w->has_prices = true;
    w->prices.flags |= TRD_PRICES_OFFSET;
    w->prices.offset_unit = TRD_OFFSET_TICKS;
    w->prices.offset = wants(l, 15) ? odd_offset(l)
                                    : some_ticks(l) * life_step_at(&l->spec[c->instrument],
                                                          l->centre[c->instrument]);
}

/* One field that is not meant, or one that is and is missing. */
static void spoil_prices(life *l, wardrobe *w) {
    dice *d = &l->rng;
    trd_ext_prices *p = &w->prices;
    switch (dice_below(d, 8)) {
    case 0:
        p->flags ^= (uint16_t)(1u << dice_below(d, 5));
        break;
    case 1:
        p->trigger = 1;
        break;
    case 2:
        p->activation = 1;
        break;
    case 3:
        p->cap = -1;
        break;
    case 4:
        p->limit_offset = 1;
        break;
    case 5:
        p->source = (uint8_t)dice_below(d, 8);
        break;
    case 6:
        p->offset_unit = (uint8_t)dice_below(d, 5);
        break;
    default:
        p->peg = (uint8_t)dice_below(d, 5);
    }
    w->has_prices = dice_odds(d, 9, 10);
}

static void add_prices(life *l, const naive_match *model, trd_command *c, wardrobe *w) {
    const uint8_t type = c->u.order.type;
    if (shapes[type].trigger) {
        add_trigger(l, model, c, w);
    } else if (shapes[type].trail) {
        add_trail(l, model, c, w);
    } else if (type == TRD_TYPE_PEGGED) {
        add_peg(l, c, w);
    } else if (type == TRD_TYPE_MARKET_PROTECTED) {
        add_protection(l, c, w);
    }
    if (type == TRD_TYPE_TRAILING_STOP_LIMIT && dice_odds(&l->rng, 1, 2)) {
        add_limit_offset(l, c, w);
    }
    if (!heeds(l)) {
        spoil_prices(l, w);
    }
}

/* --- ORDER_SIZES ------------------------------------------------------------------------------ */

static trd_qty steps_of(life *l, uint32_t instrument, trd_qty qty) {
    const int64_t step = l->spec[instrument].lot_step;
    const int64_t most = qty / step;
    return dice_log(&l->rng, 1, most > 0 ? most : 1) * step;
}

static void add_peak(life *l, trd_command *c, wardrobe *w) {
    dice *d = &l->rng;
    trd_new *n = &c->u.order;
    const int64_t step = l->spec[c->instrument].lot_step;
    trd_ext_sizes *s = &w->sizes;
    w->has_sizes = true;
    if (dice_odds(d, 2, 3)) { /* more than a peak or two */
        const __int128 most = l->spec[c->instrument].qty_max;
        n->qty = life_between((__int128)n->qty * dice_in(d, 2, 6), n->qty, (int64_t)most);
        n->qty -= n->qty % step;
    }
    s->peak = steps_of(l, c->instrument, n->qty / dice_in(d, 1, 5));
    const bool random = (n->exec & TRD_EXEC_PEAK_RANDOM) != 0;
    if (random && s->peak > step) {
        s->peak_range = steps_of(l, c->instrument, s->peak - step);
        s->seed = dice_odds(d, 1, 4) ? dice_below(d, 2) : dice_u64(d);
    } else if (random && heeds(l)) {
        n->exec &= (uint16_t)~TRD_EXEC_PEAK_RANDOM;
    }
    if (wants(l, 20)) {
        const trd_qty odd[] = {-1, -step, n->qty + step, s->peak + 1, INT64_MIN, INT64_MAX};
        s->peak = odd[dice_below(d, 6)];
    }
    if (wants(l, 20)) {
        const trd_qty odd[] = {-step, s->peak, 1, INT64_MIN, INT64_MAX};
        s->peak_range = odd[dice_below(d, 5)];
    }
}

/* A budget for about as many lots as the order would have had. */
static void add_budget(life *l, trd_command *c, wardrobe *w) {
    dice *d = &l->rng;
    const trd_instrument *spec = &l->spec[c->instrument];
    const trd_px px = l->centre[c->instrument];
    const __int128 lots = (__int128)c->u.order.qty * spec->numerator;
    const __int128 size = px < 0 ? -(__int128)px : px;
    const __int128 value = lots < (__int128)1 << 60 ? lots * size / spec->denominator
                                                    : lots / spec->denominator * size;
    w->has_sizes = true;
    w->sizes.budget = life_between(value, 1, INT64_MAX);
    if (dice_odds(d, 1, 4)) {
        w->sizes.budget = dice_log(d, 1, w->sizes.budget);
    }
    if (wants(l, 30)) {
        const trd_amt odd[] = {0, -1, INT64_MIN, INT64_MAX, 1};
        w->sizes.budget = odd[dice_below(d, 5)];
    }
    c->u.order.qty = heeds(l) ? 0 : c->u.order.qty;
}

static void add_minimum(life *l, const trd_command *c, wardrobe *w) {
    w->has_sizes = true;
    w->sizes.minimum = wants(l, 20) ? dice_in(&l->rng, -1, 1) * l->spec[c->instrument].lot_step + 1
                                    : steps_of(l, c->instrument, c->u.order.qty);
}

static void add_sizes(life *l, trd_command *c, wardrobe *w) {
    trd_new *n = &c->u.order;
    const shape *fits = &shapes[n->type];
    const bool auction = (1u << n->tif & TIF_AUCTION) != 0;
    const bool rests = (1u << n->tif & TIF_RESTS) != 0;
    const bool may = fits->peak && rests && (n->exec & (HIDE | AON | CLOSE)) == 0;
    const bool random = (n->exec & PEAK) != 0;
    if ((may || !heeds(l)) && (random || wants(l, l->style.peak))) {
        add_peak(l, c, w);
    } else if (heeds(l)) {
        n->exec &= (uint16_t)~PEAK;
    }
    const uint16_t alone = AON | CLOSE | BUDGET | POST;
    const bool minimum = fits->minimum && !auction && (n->exec & alone) == 0;
    if ((minimum || !heeds(l)) && dice_odds(&l->rng, l->odds.minimum, 200)) {
        add_minimum(l, c, w);
    }
    if ((n->exec & TRD_EXEC_BUDGET) != 0 || !heeds(l)) {
        add_budget(l, c, w);
    }
}

/* --- ORDER_LINK ------------------------------------------------------------------------------- */

static void add_expiry(life *l, wardrobe *w, bool waits) {
    dice *d = &l->rng;
    const trd_ns year = (trd_ns)365 * 24 * 3600 * 1000000000;
    w->has_link = true;
    w->link.flags |= TRD_LINK_EXPIRY;
    w->link.expiry = life_due(l);
    if (wants(l, 40)) {
        w->link.expiry = life_sum(l->time, dice_in(d, -1, 1));
    }
    if (waits && wants(l, 60)) {
        w->link.expiry = life_sum(l->time, year + dice_in(d, -1, 1));
    }
    if (wants(l, 10)) {
        w->link.expiry = dice_odds(d, 1, 2) ? INT64_MAX : INT64_MIN;
    }
}

/* A field that only legs have, or a link. */
static void spoil_link(life *l, wardrobe *w) {
    dice *d = &l->rng;
    uint8_t *const field[] = {&w->link.leg, &w->link.legs, &w->link.relation, &w->link.race};
    switch (dice_below(d, 4)) {
    case 0:
        w->link.flags |= (uint16_t)(1u << dice_below(d, 3));
        break;
    case 1:
        w->link.owner = 1;
        break;
    case 2:
        w->link.link = 1;
        break;
    default:
        *field[dice_below(d, 4)] = 1;
    }
}

static void add_link(life *l, const trd_command *c, wardrobe *w) {
    dice *d = &l->rng;
    const uint8_t tif = c->u.order.tif;
    const bool dated = tif == TRD_TIF_GTD || tif == TRD_TIF_GTT;
    if (dated == heeds(l)) {
        add_expiry(l, w, tif == TRD_TIF_GTT);
    }
    if (wants(l, l->style.link) || (w->has_link && life_has(l, LIFE_LINK))) {
        w->has_link = true;
        w->link.tag = dice_odds(d, 1, 20) ? dice_u64(d) : dice_below(d, 4);
        w->link.group = dice_below(d, 3);
        w->link.parent = dice_odds(d, 1, 4) ? dice_u64(d) : 0;
    }
    if (w->has_link && !heeds(l)) {
        spoil_link(l, w);
    }
}

/* --- Dressing --------------------------------------------------------------------------------- */

/* Instructions that only few orders can have are asked for more often where they can be. */
static uint16_t draw_exec(life *l, const trd_new *n) {
    uint16_t exec = 0;
    for (unsigned bit = 0; bit < 10; bit++) {
        const bool rare =
            (bit == 6 && n->tif == TRD_TIF_FOK) || (bit == 9 && n->type == TRD_TYPE_MARKET);
        exec |= (uint16_t)(wants(l, l->style.exec[bit] * (rare ? 3 : 1)) ? 1u << bit : 0);
    }
    return exec;
}

static uint8_t draw_tif(life *l, uint16_t fits) {
    uint32_t odds[11];
    uint32_t sum = 0;
    const bool heed = heeds(l);
    for (unsigned i = 0; i < 11; i++) {
        odds[i] = !heed || (fits >> i & 1) != 0 ? l->style.tif[i] : 0;
        sum += odds[i];
    }
    return sum == 0 ? TRD_TIF_GTC : (uint8_t)life_pick(&l->rng, odds, 11);
}

/* Takes instructions away that do not go with others, each rule but with the odds of error. */
static uint16_t settled(life *l, const trd_new *n, uint16_t exec) {
    const unsigned tif = 1u << n->tif;
    uint16_t never = shapes[n->type].without;
    never |= (tif & TIF_AUCTION) != 0 ? UINT16_MAX : 0;
    never |= (tif & TIF_RESTS) == 0 ? POST | AON | PEAK : 0;
    never |= tif != TIF(FOK) ? TRD_EXEC_SINGLE_PRICE : 0;
    exec &= heeds(l) ? (uint16_t)~never : UINT16_MAX;
    if ((exec & TRD_EXEC_POST_ONLY_SLIDE) != 0 && heeds(l)) {
        exec |= TRD_EXEC_POST_ONLY;
    }
    if ((exec & POST) != 0 && heeds(l)) {
        exec &= (uint16_t)~AON;
    }
    if ((exec & (HIDE | AON)) != 0 && heeds(l)) {
        exec &= (uint16_t) ~(PEAK | ((exec & HIDE) != 0 ? AON : 0));
    }
    if ((exec & BUDGET) != 0 && heeds(l)) {
        exec &= (uint16_t) ~(TRD_EXEC_REDUCE_ONLY | CLOSE);
        exec = (uint16_t)(tif == TIF(FOK) ? exec & ~BUDGET : exec);
    }
    if ((exec & CLOSE) != 0 && heeds(l)) {
        exec |= TRD_EXEC_REDUCE_ONLY;
        exec &= (uint16_t)~PEAK;
    }
    return exec;
}

/* Often an order that can reduce something: its account has a position, and it goes against it. */
static void aim_to_reduce(life *l, const naive_match *model, trd_command *c) {
    trd_new *n = &c->u.order;
    for (int tries = 0; tries < 12; tries++) {
        const trd_qty position = naive_position(model, c->account, c->instrument, n->position);
        if (position != 0) {
            n->side = position > 0 ? TRD_SELL : TRD_BUY;
            return;
        }
        c->account = life_account(l);
    }
}

static void draw_position(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    trd_new *n = &c->u.order;
    const bool reduces = (n->exec & TRD_EXEC_REDUCE_ONLY) != 0;
    const bool auction = (1u << n->tif & TIF_AUCTION) != 0;
    if (wants(l, l->style.position) && (!auction || !heeds(l))) {
        n->position = (uint8_t)dice_in(d, TRD_POSITION_LONG, TRD_POSITION_SHORT);
        const bool opens = (n->position == TRD_POSITION_LONG) == (n->side == TRD_BUY);
        if (reduces && opens && heeds(l)) {
            n->side = n->side == TRD_BUY ? TRD_SELL : TRD_BUY;
        }
    }
    if (reduces && !dice_odds(d, 1, 8)) {
        aim_to_reduce(l, model, c);
    }
    if ((n->exec & CLOSE) != 0 && heeds(l)) {
        n->qty = 0;
    }
}

/* All-or-none and fill-or-kill for about what there is to take. */
static void aim_at_depth(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    trd_new *n = &c->u.order;
    const trd_instrument *spec = &l->spec[c->instrument];
    trd_level level[4];
    const uint32_t most = (uint32_t)dice_in(d, 1, 4);
    const unsigned opposite = n->side == TRD_BUY ? TRD_SELL : TRD_BUY;
    const uint32_t count = naive_depth(model, c->instrument, opposite, level, most);
    if (count == 0 || n->qty == 0) {
        return;
    }
    __int128 sum = dice_in(d, -2, 2) * (__int128)spec->lot_step;
    for (uint32_t i = 0; i < count; i++) {
        sum += level[i].qty;
    }
    n->qty = life_between(sum, spec->qty_min, spec->qty_max);
    n->qty -= n->qty % spec->lot_step;
    if (shapes[n->type].has_px && dice_odds(d, 2, 3)) {
        n->px = level[count - 1].px;
    }
}

static void draw_limit(life *l, trd_command *c) {
    trd_new *n = &c->u.order;
    if (!shapes[n->type].has_px) {
        n->px = heeds(l) ? 0 : n->px;
    } else if (n->px == 0) {
        n->px = life_px(l, c->instrument, n->side);
    }
}

static void put_on(life *l, trd_command *c, const wardrobe *w) {
    const void *slot[3] = {&w->prices, &w->sizes, &w->link};
    const bool has[3] = {w->has_prices, w->has_sizes, w->has_link};
    const unsigned first = (unsigned)dice_below(&l->rng, 3);
    c->slots = 1;
    for (unsigned i = 0; i < 3; i++) {
        const unsigned at = (first + i) % 3;
        if (has[at]) {
            memcpy(&c[c->slots++], slot[at], sizeof(*c));
        }
    }
}

void life_dress(life *l, const naive_match *model, trd_command *c) {
    trd_new *n = &c->u.order;
    wardrobe w;
    memset(&w, 0, sizeof(w));
    w.prices.kind = TRD_EXT_ORDER_PRICES;
    w.sizes.kind = TRD_EXT_ORDER_SIZES;
    w.link.kind = TRD_EXT_ORDER_LINK;
    memset(&c[1], 0, (TRD_SLOTS_MAX - 1) * sizeof(*c));
    n->type = (uint8_t)life_pick(&l->rng, l->style.type, 12);
    n->tif = draw_tif(l, shapes[n->type].tif);
    n->exec = settled(l, n, draw_exec(l, n));
    draw_limit(l, c);
    draw_position(l, model, c);
    const bool whole = (n->exec & AON) != 0 || n->tif == TRD_TIF_FOK;
    if (whole && dice_odds(&l->rng, 2, 3)) {
        aim_at_depth(l, model, c);
    }
    add_prices(l, model, c, &w);
    add_sizes(l, c, &w);
    add_link(l, c, &w);
    put_on(l, c, &w);
    if ((n->exec & BUDGET) != 0 && (n->stp == TRD_STP_DECREMENT || n->stp == TRD_STP_TRANSFER) &&
        heeds(l)) {
        n->stp = TRD_STP_NONE;
    }
}

/* --- Sessions --------------------------------------------------------------------------------- */

static bool is_auction(unsigned state) {
    return state >= TRD_SESSION_PRE_OPEN && state <= TRD_SESSION_CLOSING;
}

/* Makes most orders such that an auction takes them: no IOC, FOK, GFN, minimum or plain MARKET. */
void life_suit(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    trd_new *n = &c->u.order;
    if (!is_auction((unsigned)naive_state(model, c->instrument)) || dice_odds(d, 1, 10)) {
        return;
    }
    if (n->tif == TRD_TIF_IOC || n->tif == TRD_TIF_FOK || n->tif == TRD_TIF_GFN) {
        n->tif = TRD_TIF_GTC;
        n->exec &= (uint16_t)~TRD_EXEC_SINGLE_PRICE;
    }
    const bool for_auction = (1u << n->tif & TIF_AUCTION) != 0;
    if (n->type == TRD_TYPE_MARKET_PROTECTED || n->type == TRD_TYPE_MARKET_TO_LIMIT ||
        (n->type == TRD_TYPE_MARKET && (n->exec & BUDGET) != 0)) {
        c->slots = 1;
        n->type = TRD_TYPE_LIMIT;
        n->tif = TRD_TIF_GTC;
        n->exec = 0;
        n->px = life_px(l, c->instrument, n->side);
        n->qty = n->qty == 0 ? life_qty(l, c->instrument) : n->qty;
    } else if (n->type == TRD_TYPE_MARKET && !for_auction && life_has(l, LIFE_SESSION)) {
        n->tif = (uint8_t)(dice_odds(d, 2, 3) ? TRD_TIF_GFA
                                              : dice_in(d, TRD_TIF_AT_OPEN, TRD_TIF_AT_CLOSE));
        n->exec = 0;
        n->position = 0;
        n->qty = n->qty == 0 ? life_qty(l, c->instrument) : n->qty;
    }
    for (unsigned i = 1; i < c->slots && i < TRD_SLOTS_MAX; i++) {
        if (c[i].kind == TRD_EXT_ORDER_SIZES) {
            trd_ext_sizes s;
            memcpy(&s, &c[i], sizeof(s));
            s.minimum = 0;
            memcpy(&c[i], &s, sizeof(s));
        }
    }
}
