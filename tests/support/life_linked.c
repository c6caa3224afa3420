/* life_linked.c - linked orders: groups that are planned as a whole and sent leg by leg, what goes
 * wrong between the legs, and orders that are aimed at them. */
#include "life_inner.h"

#include <string.h>

/* --- One leg ---------------------------------------------------------------------------------- */

/* A leg as it is planned. */
typedef struct life_leg_plan {
    trd_command base;
    trd_ext_link link;
    trd_ext_prices prices;
    bool has_prices;
} life_leg_plan;

/* What the legs of a group have in common. */
typedef struct life_group_plan {
    uint8_t relation;
    uint8_t legs;
    bool full_fill;
    uint32_t account;
    uint32_t instrument;
    uint64_t link;
    uint8_t side; /* of leg 1 */
    trd_qty qty;
} life_group_plan;

static bool has_children(const life_group_plan *g) {
    return g->relation == TRD_RELATION_OTO || g->relation == TRD_RELATION_BRACKET;
}

static uint8_t other(uint8_t side) {
    return side == TRD_BUY ? TRD_SELL : TRD_BUY;
}

/* The best price of a side, or where the life believes the market to be. */
static trd_px best(life *l, const naive_match *model, uint32_t instrument, uint8_t side) {
    const naive_side *orders = naive_orders(model, instrument, side);
    return orders->count > 0 ? orders->at[0]->px : l->centre[instrument];
}

/* A few ticks from a price, toward higher ones if `up`. */
static trd_px beside(life *l, uint32_t instrument, trd_px from, bool up) {
    const trd_instrument *spec = &l->spec[instrument];
    const int64_t most = l->odds.spread / 8 + 2;
    const __int128 far = (__int128)dice_in(&l->rng, -1, most) * life_step_at(spec, from);
    const trd_px px = life_between(up ? from + far : from - far, spec->px_min, spec->px_max);
    return px - px % life_step_at(spec, px);
}

/* Where it rests, where it takes what is best, or anywhere. */
static trd_px draw_limit(life *l, const naive_match *model, uint32_t instrument, uint8_t side) {
    switch (dice_below(&l->rng, 8)) {
    case 0:
    case 1:
        return best(l, model, instrument, other(side));
    case 2:
        return life_px(l, instrument, side);
    default:
        return beside(l, instrument, best(l, model, instrument, side), side == TRD_SELL);
    }
}

static void add_trigger(life *l, const naive_match *model, life_leg_plan *p) {
    dice *d = &l->rng;
    const trd_new *n = &p->base.u.order;
    const bool stop = n->type == TRD_TYPE_STOP || n->type == TRD_TYPE_STOP_LIMIT;
    const unsigned sources = life_has(l, LIFE_PRICE) ? TRD_SOURCE_INDEX : TRD_SOURCE_ASK;
    p->has_prices = true;
    p->prices.kind = TRD_EXT_ORDER_PRICES;
    p->prices.flags = TRD_PRICES_TRIGGER;
    p->prices.source =
        (uint8_t)(dice_odds(d, 1, 2) ? TRD_SOURCE_LAST : dice_in(d, TRD_SOURCE_LAST, sources));
    trd_px from;
    if (!life_known(model, p->base.instrument, p->prices.source, &from)) {
        from = l->centre[p->base.instrument];
    }
    p->prices.trigger = beside(l, p->base.instrument, from, (n->side == TRD_BUY) == stop);
}

static uint8_t draw_type(life *l, const life_group_plan *g, unsigned leg) {
    dice *d = &l->rng;
    const bool parent = has_children(g) && leg == 1;
    if (has_children(g) && dice_odds(d, 1, 12)) {
        return TRD_TYPE_MARKET;
    }
    if (!life_has(l, LIFE_TRIGGER) || !dice_odds(d, parent ? 1 : leg == 1 ? 2 : 5, 10)) {
        return TRD_TYPE_LIMIT;
    }
    return (uint8_t)dice_in(d, TRD_TYPE_STOP, TRD_TYPE_TOUCHED_LIMIT);
}

static uint8_t draw_tif(life *l, const life_group_plan *g, unsigned leg) {
    dice *d = &l->rng;
    if (has_children(g) && leg == 1 && dice_odds(d, 1, 10)) {
        return dice_odds(d, 1, 2) ? TRD_TIF_IOC : TRD_TIF_FOK;
    }
    return !life_has(l, LIFE_TIF) || dice_odds(d, 3, 4) ? TRD_TIF_GTC
           : dice_odds(d, 1, 2)                         ? TRD_TIF_DAY
                                                        : TRD_TIF_GTD;
}

/* Of children, reduce-only is judged when there is something to reduce; of others, a group is
 * mostly refused for it. A post-only child is judged whenever it gets lots. */
static uint16_t draw_exec(life *l, const trd_new *n, bool child) {
    dice *d = &l->rng;
    uint16_t exec = 0;
    const bool reduces = life_has(l, LIFE_REDUCE) && dice_odds(d, 1, child ? 8 : 60);
    if (n->type != TRD_TYPE_LIMIT || n->tif == TRD_TIF_IOC || n->tif == TRD_TIF_FOK) {
        return reduces ? TRD_EXEC_REDUCE_ONLY : 0;
    }
    if (dice_odds(d, child ? 2 : 1, 6)) {
        exec |= TRD_EXEC_POST_ONLY;
        exec |= life_has(l, LIFE_SLIDE) && dice_odds(d, 1, 2) ? TRD_EXEC_POST_ONLY_SLIDE : 0;
    }
    exec |= life_has(l, LIFE_HIDDEN) && dice_odds(d, 1, 10) ? TRD_EXEC_HIDDEN : 0;
    exec |= reduces ? TRD_EXEC_REDUCE_ONLY : 0;
    return exec;
}

/* More than there is at the best price, so that it executes in parts; the others about as much. */
static trd_qty draw_qty(life *l, const life_group_plan *g, unsigned leg) {
    dice *d = &l->rng;
    const trd_instrument *spec = &l->spec[g->instrument];
    if (leg == 1 || dice_odds(d, 1, 2)) {
        return g->qty;
    }
    if (dice_odds(d, 1, 40)) {
        return life_qty(l, g->instrument);
    }
    const __int128 qty = (__int128)g->qty * dice_in(d, 1, 6) / 4;
    const trd_qty in = life_between(qty, spec->qty_min, spec->qty_max);
    return in - in % spec->lot_step;
}

static void plan_leg(
    life *l, const naive_match *model, const life_group_plan *g, unsigned leg, life_leg_plan *p) {
    dice *d = &l->rng;
    trd_new *n = &p->base.u.order;
    memset(p, 0, sizeof(*p));
    life_head(l, &p->base, TRD_COMMAND_NEW);
    p->base.account = g->account;
    p->base.instrument = g->instrument;
    p->base.flags = leg < g->legs ? TRD_COMMAND_STAGED : 0;
    const bool away = has_children(g) && leg > 1;
    n->side = away ? other(g->side) : g->side;
    if (g->relation == TRD_RELATION_OTO && leg > 1 && dice_odds(d, 1, 4)) {
        n->side = g->side;
    }
    n->client_id = life_fresh_id(l);
    n->type = draw_type(l, g, leg);
    n->tif = draw_tif(l, g, leg);
    n->exec = draw_exec(l, n, away);
    n->qty = draw_qty(l, g, leg);
    n->stp = life_has(l, LIFE_STP) && dice_odds(d, 1, 4) ? (uint8_t)dice_in(d, 0, 6) : 0;
    if (n->type != TRD_TYPE_MARKET && n->type != TRD_TYPE_STOP && n->type != TRD_TYPE_TOUCHED) {
        n->px = draw_limit(l, model, g->instrument, n->side);
    }
    if (n->type >= TRD_TYPE_STOP) {
        add_trigger(l, model, p);
    }
    p->link = (trd_ext_link){.kind = TRD_EXT_ORDER_LINK,
        .link = g->link,
        .leg = (uint8_t)leg,
        .legs = g->legs,
        .relation = g->relation,
        .flags = g->full_fill ? TRD_LINK_FULL_FILL : 0};
    if (n->tif == TRD_TIF_GTD) {
        p->link.flags |= TRD_LINK_EXPIRY;
        p->link.expiry = life_due(l);
    }
    if (life_has(l, LIFE_LINK) && dice_odds(d, 1, 3)) {
        p->link.tag = dice_below(d, 4);
        p->link.group = dice_below(d, 3);
    }
}

/* --- What goes wrong -------------------------------------------------------------------------- */

/* One thing that a leg, or a leg of this group, must not have. */
static void spoil_link(life *l, life_leg_plan *p) {
    dice *d = &l->rng;
    switch (dice_below(d, 9)) {
    case 0:
        p->link.leg = (uint8_t)dice_below(d, 6);
        break;
    case 1:
        p->link.legs = (uint8_t)dice_below(d, 6);
        break;
    case 2:
        p->link.relation = (uint8_t)dice_below(d, 6);
        break;
    case 3:
        p->link.link = dice_below(d, 3);
        break;
    case 4:
        p->link.flags ^= TRD_LINK_FULL_FILL;
        break;
    case 5:
        p->link.race = 1;
        break;
    case 6:
        p->link.flags |= TRD_LINK_OWNER;
        break;
    case 7:
        p->link.owner = 1;
        break;
    default:
        p->base.flags ^= TRD_COMMAND_STAGED;
    }
}

static void spoil_terms(life *l, life_leg_plan *p) {
    dice *d = &l->rng;
    trd_new *n = &p->base.u.order;
    switch (dice_below(d, 12)) {
    case 0:
        n->side = (uint8_t)dice_below(d, 4);
        break;
    case 1:
        n->type = (uint8_t)dice_below(d, 14);
        break;
    case 2:
        n->tif = (uint8_t)dice_below(d, 12);
        break;
    case 3:
        n->exec ^= (uint16_t)(1u << dice_below(d, 10));
        break;
    case 4:
        n->type = TRD_TYPE_MARKET;
        n->px = 0;
        p->has_prices = false;
        break;
    case 5:
        p->base.instrument = (uint32_t)dice_below(d, l->instruments + 1);
        break;
    case 6:
        p->base.account = dice_odds(d, 1, 2) ? l->accounts : life_account(l);
        break;
    case 7:
        n->px = l->spec[p->base.instrument].px_max;
        n->px += n->px < INT64_MAX;
        break;
    case 8:
        n->qty = 0;
        break;
    case 9:
        p->base.flags |= dice_odds(d, 1, 2) ? TRD_COMMAND_DRY_RUN : TRD_COMMAND_KEEP_PX;
        break;
    case 10:
        n->client_id = l->newest_id;
        break;
    default:
        n->px += 1;
    }
}

/* A minimum, a peak, or nothing in a third slot. */
static void add_sizes(life *l, trd_command *c) {
    trd_ext_sizes sizes;
    memset(&sizes, 0, sizeof(sizes));
    sizes.kind = TRD_EXT_ORDER_SIZES;
    sizes.minimum = dice_in(&l->rng, 0, 1) * l->spec[0].lot_step;
    sizes.peak = life_has(l, LIFE_ICEBERG) ? dice_in(&l->rng, 0, 1) * l->spec[0].lot_step : 0;
    memcpy(&c[c->slots++], &sizes, sizeof(sizes));
}

/* --- A group ---------------------------------------------------------------------------------- */

static life_group_plan plan_group(life *l, const naive_match *model) {
    dice *d = &l->rng;
    life_group_plan g;
    memset(&g, 0, sizeof(g));
    g.relation = (uint8_t)(1 + life_pick(d, l->style.relation, TRD_RELATION_BRACKET));
    g.legs = g.relation == TRD_RELATION_BRACKET ? 3 : (uint8_t)dice_in(d, 2, 4);
    g.full_fill = has_children(&g) && dice_odds(d, 1, 5);
    g.account = life_account(l);
    g.instrument = life_instrument(l);
    g.link = 1 + dice_below(d, 1000);
    g.side = (uint8_t)dice_in(d, TRD_BUY, TRD_SELL);
    g.qty = life_qty(l, g.instrument);
    const naive_side *opposite = naive_orders(model, g.instrument, other(g.side));
    if (opposite->count > 0 && dice_odds(d, 1, 2)) {
        const trd_instrument *spec = &l->spec[g.instrument];
        const __int128 qty = (__int128)opposite->at[0]->displayed * dice_in(d, 1, 6);
        g.qty = life_between(qty, spec->qty_min, spec->qty_max);
        g.qty -= g.qty % spec->lot_step;
    }
    return g;
}

static void put_down(life *l, const life_leg_plan *p, trd_command *c) {
    memset(c, 0, TRD_SLOTS_MAX * sizeof(*c));
    *c = p->base;
    c->slots = 1;
    const bool prices_first = dice_odds(&l->rng, 1, 2);
    if (p->has_prices && prices_first) {
        memcpy(&c[c->slots++], &p->prices, sizeof(p->prices));
    }
    memcpy(&c[c->slots++], &p->link, sizeof(p->link));
    if (p->has_prices && !prices_first) {
        memcpy(&c[c->slots++], &p->prices, sizeof(p->prices));
    }
}

/* Is there room for a group, in a state that takes it? */
static bool may_enter(const life *l, const naive_match *model, uint32_t instrument) {
    const int state = naive_state(model, instrument);
    trd_match_stats stats;
    naive_stats(model, &stats);
    return l->def.orders_max - stats.orders >= NAIVE_LEGS &&
           l->def.specials_max - stats.specials >= NAIVE_LEGS && state != TRD_SESSION_CLOSED &&
           state != TRD_SESSION_HALTED;
}

/* False: it would be refused as a whole, which is seen often enough. */
static bool plan(life *l, const naive_match *model) {
    dice *d = &l->rng;
    const life_group_plan g = plan_group(l, model);
    if (!may_enter(l, model, g.instrument) && !dice_odds(d, 1, 8)) {
        return false;
    }
    const unsigned wrong = dice_odds(d, 1, 8) ? (unsigned)dice_in(d, 1, g.legs) : 0;
    l->legs = g.legs;
    l->next_leg = 0;
    for (unsigned leg = 1; leg <= g.legs; leg++) {
        life_leg_plan p;
        plan_leg(l, model, &g, leg, &p);
        if (leg == wrong && dice_odds(d, 1, 2)) {
            spoil_link(l, &p);
        } else if (leg == wrong) {
            spoil_terms(l, &p);
        }
        put_down(l, &p, l->leg[leg - 1]);
        if (leg == wrong && dice_odds(d, 1, 10)) {
            add_sizes(l, l->leg[leg - 1]);
        }
        l->newest_id = p.base.u.order.client_id;
        l->newest_account = g.account;
    }
    return true;
}

/* The next leg, now. */
static void send(life *l, trd_command *c) {
    trd_command head;
    memset(&head, 0, sizeof(head));
    life_head(l, &head, TRD_COMMAND_NEW);
    memcpy(c, l->leg[l->next_leg++], TRD_SLOTS_MAX * sizeof(*c));
    c->seq = head.seq;
    c->time = head.time;
}

bool life_linked(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    if (l->next_leg < l->legs) {
        if (dice_odds(d, 1, 60)) {
            l->legs = 0; /* what is staged is left behind */
        }
        if (l->legs == 0 || dice_odds(d, 1, 16)) {
            return false;
        }
    } else if (!dice_odds(d, l->style.linked, 1000) || !plan(l, model)) {
        return false;
    }
    send(l, c);
    return true;
}

/* --- Who meets them --------------------------------------------------------------------------- */

/* A part of a leg, all of it, or more, so that the rest is there when the leg gets more lots. */
static trd_qty draw_hit(dice *d, const naive_order *order) {
    const uint32_t more = (order->exec & TRD_EXEC_POST_ONLY) != 0 ? 6 : 2;
    const bool over = order->leaves < INT64_MAX / 2 && dice_odds(d, more, 12);
    if (over) {
        return order->leaves + dice_log(d, 1, order->leaves);
    }
    return dice_odds(d, 1, 4) ? order->leaves : dice_log(d, 1, order->leaves);
}

static bool rests(const naive_order *order) {
    return order != NULL && order->linked != NULL && order->where <= TRD_WHERE_HIDDEN;
}

/* A leg that rests; rather the parent of one that waits for lots. NULL: none was found. */
static const naive_order *draw_leg(dice *d, const naive_order *const *live, uint32_t count) {
    const naive_order *leg = NULL;
    for (uint32_t tries = 0; tries < 8 && count > 0; tries++) {
        const naive_order *order = live[dice_below(d, count)];
        const bool waits = order->linked != NULL && order->granted && order->asleep;
        if (waits && rests(order->linked->order[0])) {
            return order->linked->order[0];
        }
        leg = rests(order) ? order : leg;
    }
    return leg;
}

/* A limit order becomes one that executes with a leg that rests, often with a part of it. */
void life_hit_leg(life *l, const naive_match *model, trd_command *c) {
    dice *d = &l->rng;
    trd_new *n = &c->u.order;
    const naive_order *const *live;
    if (n->type != TRD_TYPE_LIMIT || c->instrument >= l->instruments) {
        return;
    }
    const uint32_t count = naive_live(model, c->instrument, &live);
    const naive_order *order = draw_leg(d, live, count);
    if (order == NULL) {
        return;
    }
    const trd_instrument *spec = &l->spec[c->instrument];
    const trd_qty qty = draw_hit(d, order);
    n->side = other(order->side);
    n->px = order->px;
    n->qty = life_between(qty - qty % spec->lot_step, spec->qty_min, spec->qty_max);
    n->qty -= n->qty % spec->lot_step;
}
