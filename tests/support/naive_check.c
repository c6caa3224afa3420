/* naive_check.c - when commands are refused, row by row of the tables in the text. */
#include "naive_model.h"

#include <string.h>

enum {
    FLAGS_LATER = TRD_COMMAND_DRY_RUN | TRD_COMMAND_OVERRIDE | TRD_COMMAND_STAGED,
    FLAGS_REPLACE = TRD_COMMAND_BY_HANDLE | TRD_COMMAND_KEEP_PX | TRD_COMMAND_KEEP_QTY |
                    TRD_COMMAND_NEW_ID | FLAGS_LATER,
    FLAGS_PRICES = TRD_PRICES_TRIGGER | TRD_PRICES_ACTIVATION | TRD_PRICES_CAP | TRD_PRICES_OFFSET |
                   TRD_PRICES_LIMIT_OFFSET,
    FLAGS_SIZES = TRD_SIZES_MINIMUM | TRD_SIZES_PEAK | TRD_SIZES_PEAK_RANGE | TRD_SIZES_BUDGET,
    FLAGS_LINK = TRD_LINK_EXPIRY | TRD_LINK_FULL_FILL | TRD_LINK_OWNER,
    EXEC_ALL = 1023,
    EXEC_PEAK = TRD_EXEC_PEAK_RANDOM | TRD_EXEC_PEAK_IN_PLACE,
    EXEC_CLOSING = TRD_EXEC_REDUCE_ONLY | TRD_EXEC_CLOSE_POSITION
};

static const int64_t OFFSET_MAX = (int64_t)1 << 40;
static const trd_ns YEAR = (trd_ns)365 * 86400 * 1000000000;

/* --- Records --------------------------------------------------------------------------------- */

bool naive__all_zero(const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (((const uint8_t *)bytes)[i] != 0) {
            return false;
        }
    }
    return true;
}

bool naive__slots_are_possible(const trd_command *c) {
    return c->slots >= 1 && c->slots <= TRD_SLOTS_MAX;
}

static bool prices_ok(const trd_ext_prices *p) {
    return p->slots == 0 && (p->flags & ~FLAGS_PRICES) == 0 && p->reserved0 == 0 &&
           p->reserved == 0;
}

static bool sizes_ok(const trd_ext_sizes *s) {
    return s->slots == 0 && (s->flags & ~FLAGS_SIZES) == 0 && s->reserved0 == 0 && s->reserved == 0;
}

static bool link_ok(const trd_ext_link *l) {
    return l->slots == 0 && (l->flags & ~FLAGS_LINK) == 0 && l->reserved == 0;
}

naive_record naive__record(const trd_command *c) {
    naive_record r;
    memset(&r, 0, sizeof(r));
    r.base = c;
    r.malformed = !naive__slots_are_possible(c);
    for (uint32_t i = 1; !r.malformed && i < c->slots; i++) {
        const trd_command *at = &c[i];
        r.count++;
        if (at->kind == TRD_EXT_ORDER_PRICES && !r.has_prices) {
            memcpy(&r.prices, at, sizeof(r.prices));
            r.has_prices = true;
            r.malformed = !prices_ok(&r.prices);
        } else if (at->kind == TRD_EXT_ORDER_SIZES && !r.has_sizes) {
            memcpy(&r.sizes, at, sizeof(r.sizes));
            r.has_sizes = true;
            r.malformed = !sizes_ok(&r.sizes);
        } else if (at->kind == TRD_EXT_ORDER_LINK && !r.has_link) {
            memcpy(&r.link, at, sizeof(r.link));
            r.has_link = true;
            r.malformed = !link_ok(&r.link);
        } else {
            r.malformed = true;
        }
    }
    return r;
}

/* --- NEW: its form --------------------------------------------------------------------------- */

static bool new_is_malformed(const naive_record *r) {
    const trd_new *n = &r->base->u.order;
    return r->malformed || (r->base->flags & ~FLAGS_LATER) != 0 || n->reserved != 0 ||
           (n->exec & ~EXEC_ALL) != 0 || n->stp > TRD_STP_REJECT ||
           n->position > TRD_POSITION_SHORT;
}

static bool new_is_unsupported(const naive_match *m, const naive_record *r) {
    const trd_new *n = &r->base->u.order;
    const unsigned later =
        m->def.groups_max > 0 ? FLAGS_LATER & ~(unsigned)TRD_COMMAND_STAGED : (unsigned)FLAGS_LATER;
    return (r->base->flags & later) != 0 || (m->def.groups_max == 0 && r->link.link != 0) ||
           (m->def.positions_max == 0 && ((n->exec & EXEC_CLOSING) != 0 || n->position != 0));
}

bool naive__new_is_no_record(const naive_match *m, const naive_record *r) {
    return new_is_malformed(r) || new_is_unsupported(m, r);
}

#define TIF(name) (1u << TRD_TIF_##name)

/* `tif` may be any byte. */
static bool is_one_of(uint8_t tif, unsigned tifs) {
    return tif <= TRD_TIF_GTT && (tifs >> tif & 1) != 0;
}

/* "Which combinations exist", the rows of types. */
typedef struct naive_type_row {
    unsigned tifs;
    bool no_px;
    bool no_peak;
    bool no_minimum;
    bool watches; /* has a source */
    uint16_t never;
    uint16_t needs; /* TRD_PRICES_* */
    uint16_t may;
} naive_type_row;

enum {
    AUCTION_TIF = TIF(AT_OPEN) | TIF(AT_CLOSE) | TIF(GFA),
    TRAIL_TIF = TIF(GTC) | TIF(IOC) | TIF(FOK) | TIF(DAY) | TIF(GTD),
    LIMIT_TIF = TRAIL_TIF | AUCTION_TIF | TIF(GFN),
    STOP_TIF = TRAIL_TIF | TIF(GTT),
    RESTING_TIF = TIF(GTC) | TIF(DAY) | TIF(GTD) | TIF(GTT) | TIF(GFN),
    STOP_NEVER = TRD_EXEC_POST_ONLY | TRD_EXEC_HIDDEN | TRD_EXEC_ALL_OR_NONE
};

static const naive_type_row TYPES[TRD_TYPE_PEGGED + 1] = {
    [TRD_TYPE_LIMIT] = {.tifs = LIMIT_TIF},
    [TRD_TYPE_MARKET] = {.tifs = TIF(GTC) | TIF(IOC) | TIF(FOK) | TIF(DAY) | TIF(GFN) | AUCTION_TIF,
        .no_px = true,
        .no_peak = true,
        .never = STOP_NEVER},
    [TRD_TYPE_MARKET_PROTECTED] = {.tifs = TRAIL_TIF | TIF(GFN),
        .no_px = true,
        .never = TRD_EXEC_POST_ONLY,
        .needs = TRD_PRICES_OFFSET},
    [TRD_TYPE_MARKET_TO_LIMIT] = {.tifs = TIF(GTC) | TIF(IOC) | TIF(DAY) | TIF(GTD) | TIF(GFN),
        .no_px = true,
        .never = TRD_EXEC_POST_ONLY | TRD_EXEC_ALL_OR_NONE},
    [TRD_TYPE_STOP] = {.tifs = STOP_TIF,
        .no_px = true,
        .no_peak = true,
        .watches = true,
        .never = STOP_NEVER,
        .needs = TRD_PRICES_TRIGGER},
    [TRD_TYPE_STOP_LIMIT] = {.tifs = STOP_TIF, .watches = true, .needs = TRD_PRICES_TRIGGER},
    [TRD_TYPE_TOUCHED] = {.tifs = STOP_TIF,
        .no_px = true,
        .no_peak = true,
        .watches = true,
        .never = STOP_NEVER,
        .needs = TRD_PRICES_TRIGGER},
    [TRD_TYPE_TOUCHED_LIMIT] = {.tifs = STOP_TIF, .watches = true, .needs = TRD_PRICES_TRIGGER},
    [TRD_TYPE_TRAILING_STOP] = {.tifs = TRAIL_TIF,
        .no_px = true,
        .no_peak = true,
        .watches = true,
        .never = STOP_NEVER,
        .needs = TRD_PRICES_OFFSET,
        .may = TRD_PRICES_ACTIVATION},
    [TRD_TYPE_TRAILING_STOP_LIMIT] = {.tifs = TRAIL_TIF,
        .watches = true,
        .needs = TRD_PRICES_OFFSET,
        .may = TRD_PRICES_ACTIVATION | TRD_PRICES_LIMIT_OFFSET},
    [TRD_TYPE_PEGGED] = {.tifs = TIF(GTC) | TIF(DAY) | TIF(GTD),
        .no_px = true,
        .no_peak = true,
        .no_minimum = true,
        .never = TRD_EXEC_POST_ONLY | TRD_EXEC_ALL_OR_NONE,
        .needs = TRD_PRICES_OFFSET,
        .may = TRD_PRICES_CAP},
};

static bool is_trail(unsigned type) {
    return type == TRD_TYPE_TRAILING_STOP || type == TRD_TYPE_TRAILING_STOP_LIMIT;
}

static bool type_row_is_broken(const naive_record *r) {
    const trd_new *n = &r->base->u.order;
    const naive_type_row *row = &TYPES[n->type];
    const bool no_px = row->no_px || (r->prices.flags & TRD_PRICES_LIMIT_OFFSET) != 0;
    return !is_one_of(n->tif, row->tifs) || (no_px && n->px != 0) || (n->exec & row->never) != 0 ||
           (row->no_peak && r->sizes.peak != 0) || (row->no_minimum && r->sizes.minimum != 0);
}

/* Fields of ORDER_PRICES: there if meant, else zero. */
static bool prices_are_broken(const naive_record *r) {
    const naive_type_row *row = &TYPES[r->base->u.order.type];
    const unsigned type = r->base->u.order.type;
    const trd_ext_prices *p = &r->prices;
    const unsigned has = p->flags;
    const bool flags = (has & row->needs) != row->needs ||
                       (has & ~(unsigned)(row->needs | row->may)) != 0 ||
                       (r->has_prices && row->needs == 0);
    const bool zeros = ((has & TRD_PRICES_TRIGGER) == 0 && p->trigger != 0) ||
                       ((has & TRD_PRICES_ACTIVATION) == 0 && p->activation != 0) ||
                       ((has & TRD_PRICES_CAP) == 0 && p->cap != 0) ||
                       ((has & TRD_PRICES_OFFSET) == 0 && p->offset != 0) ||
                       ((has & TRD_PRICES_LIMIT_OFFSET) == 0 && p->limit_offset != 0);
    const bool source =
        row->watches ? p->source < TRD_SOURCE_LAST || p->source > TRD_SOURCE_INDEX : p->source != 0;
    const bool peg =
        type == TRD_TYPE_PEGGED ? p->peg < TRD_PEG_BEST || p->peg > TRD_PEG_OPPOSITE : p->peg != 0;
    bool unit = p->offset_unit != 0;
    if (is_trail(type)) {
        unit = p->offset_unit < TRD_OFFSET_TICKS || p->offset_unit > TRD_OFFSET_BASIS_POINTS;
    } else if ((row->needs & TRD_PRICES_OFFSET) != 0) {
        unit = p->offset_unit != TRD_OFFSET_TICKS;
    }
    return flags || zeros || source || peg || unit;
}

static bool tif_is_broken(const naive_record *r) {
    const trd_new *n = &r->base->u.order;
    const bool expires = n->tif == TRD_TIF_GTD || n->tif == TRD_TIF_GTT;
    const bool auction = is_one_of(n->tif, AUCTION_TIF);
    return expires != ((r->link.flags & TRD_LINK_EXPIRY) != 0) ||
           (!expires && r->link.expiry != 0) ||
           (auction && (n->type > TRD_TYPE_MARKET || n->exec != 0 || n->position != 0 ||
                           r->sizes.peak != 0 || r->sizes.minimum != 0));
}

static bool exec_is_broken(const naive_record *r) {
    const trd_new *n = &r->base->u.order;
    const trd_ext_sizes *s = &r->sizes;
    const unsigned x = n->exec;
    const bool rests = is_one_of(n->tif, RESTING_TIF);
    bool broken = (x & TRD_EXEC_SINGLE_PRICE) != 0 && n->tif != TRD_TIF_FOK;
    if ((x & TRD_EXEC_POST_ONLY) != 0) {
        broken |= !rests || s->minimum != 0 || (x & TRD_EXEC_ALL_OR_NONE) != 0;
    } else {
        broken |= (x & TRD_EXEC_POST_ONLY_SLIDE) != 0;
    }
    if ((x & TRD_EXEC_HIDDEN) != 0) {
        broken |= s->peak != 0 || (x & TRD_EXEC_ALL_OR_NONE) != 0;
    }
    if ((x & TRD_EXEC_ALL_OR_NONE) != 0) {
        broken |= !rests || s->peak != 0 || s->minimum != 0;
    }
    return broken;
}

static bool peak_is_broken(const naive_record *r) {
    const trd_new *n = &r->base->u.order;
    const trd_ext_sizes *s = &r->sizes;
    const bool random = (n->exec & TRD_EXEC_PEAK_RANDOM) != 0;
    if (s->peak == 0) {
        return (n->exec & EXEC_PEAK) != 0 || s->peak_range != 0 || s->seed != 0;
    }
    return !is_one_of(n->tif, RESTING_TIF) || random != (s->peak_range != 0) ||
           (!random && s->seed != 0);
}

/* Of a NEW whose type, TIF and side exist. */
static bool budget_or_position_is_broken(const naive_record *r, const naive_order *order) {
    const trd_new *n = &r->base->u.order;
    const trd_ext_sizes *s = &r->sizes;
    const unsigned tifs = TIF(GTC) | TIF(IOC) | TIF(DAY) | TIF(GFN);
    const bool closes = (n->exec & TRD_EXEC_CLOSE_POSITION) != 0;
    bool broken = false;
    if ((n->exec & TRD_EXEC_BUDGET) != 0) {
        broken |= n->type != TRD_TYPE_MARKET || !is_one_of(n->tif, tifs) || n->qty != 0 ||
                  naive__reduces(order) || closes || s->minimum != 0 ||
                  n->stp == TRD_STP_DECREMENT || n->stp == TRD_STP_TRANSFER;
    } else {
        broken |= s->budget != 0;
    }
    if (closes) {
        const bool type = n->type <= TRD_TYPE_MARKET ||
                          (n->type >= TRD_TYPE_STOP && n->type <= TRD_TYPE_TOUCHED_LIMIT);
        broken |= !type || !naive__reduces(order) || n->qty != 0 || s->minimum != 0 || s->peak != 0;
    }
    const bool opens = (n->position == TRD_POSITION_LONG && n->side == TRD_BUY) ||
                       (n->position == TRD_POSITION_SHORT && n->side == TRD_SELL);
    return broken || (opens && (n->exec & EXEC_CLOSING) != 0);
}

/* What only legs have; naive_link.c judges legs. */
static bool link_is_broken(const naive_record *r) {
    const trd_ext_link *l = &r->link;
    if (l->link != 0) {
        return false;
    }
    return (r->base->flags & TRD_COMMAND_STAGED) != 0 || l->leg != 0 || l->legs != 0 ||
           l->relation != 0 || l->race != 0 || l->owner != 0 ||
           (l->flags & (TRD_LINK_FULL_FILL | TRD_LINK_OWNER)) != 0;
}

static uint64_t new_form_rules(
    const naive_match *m, const naive_record *r, const naive_order *order) {
    const trd_new *n = &r->base->u.order;
    uint64_t broken = 0;
    broken |= new_is_malformed(r) ? BROKEN(MALFORMED) : 0;
    broken |= new_is_unsupported(m, r) ? BROKEN(UNSUPPORTED) : 0;
    broken |= n->side != TRD_BUY && n->side != TRD_SELL ? BROKEN(BAD_SIDE) : 0;
    broken |= n->type < TRD_TYPE_LIMIT || n->type > TRD_TYPE_PEGGED ? BROKEN(BAD_TYPE) : 0;
    broken |= n->tif < TRD_TIF_GTC || n->tif > TRD_TIF_GTT ? BROKEN(BAD_TIF) : 0;
    const bool listed = (broken & (BROKEN(BAD_TYPE) | BROKEN(BAD_TIF))) == 0;
    if (listed &&
        (type_row_is_broken(r) || prices_are_broken(r) || tif_is_broken(r) || exec_is_broken(r) ||
            peak_is_broken(r) || budget_or_position_is_broken(r, order) || link_is_broken(r))) {
        broken |= BROKEN(BAD_COMBINATION);
    }
    return broken;
}

/* --- NEW: its numbers ------------------------------------------------------------------------ */

static bool has_limit(const naive_record *r) {
    switch (r->base->u.order.type) {
    case TRD_TYPE_LIMIT:
    case TRD_TYPE_STOP_LIMIT:
    case TRD_TYPE_TOUCHED_LIMIT:
        return true;
    case TRD_TYPE_TRAILING_STOP_LIMIT:
        return (r->prices.flags & TRD_PRICES_LIMIT_OFFSET) == 0;
    default:
        return false;
    }
}

/* The rules of the first price that breaks one. */
static uint64_t all_px_rules(const trd_instrument *spec, const naive_record *r) {
    const trd_ext_prices *p = &r->prices;
    uint64_t broken = has_limit(r) ? naive__px_rules(spec, r->base->u.order.px) : 0;
    if (broken == 0 && (p->flags & TRD_PRICES_TRIGGER) != 0) {
        broken = naive__px_rules(spec, p->trigger);
    }
    if (broken == 0 && (p->flags & TRD_PRICES_ACTIVATION) != 0) {
        broken = naive__px_rules(spec, p->activation);
    }
    if (broken == 0 && (p->flags & TRD_PRICES_CAP) != 0) {
        broken = naive__px_rules(spec, p->cap);
    }
    return broken;
}

static bool peak_is_out_of_range(const trd_instrument *spec, const naive_record *r) {
    const trd_ext_sizes *s = &r->sizes;
    return s->peak != 0 && (s->peak < 0 || s->peak > r->base->u.order.qty ||
                               s->peak % spec->lot_step != 0 || s->peak_range < 0 ||
                               s->peak_range % spec->lot_step != 0 || s->peak_range >= s->peak);
}

static bool within(__int128 x, int64_t least, int64_t most) {
    return least <= x && x <= most;
}

static bool offset_is_out_of_range(const trd_instrument *spec, const naive_record *r) {
    const trd_ext_prices *p = &r->prices;
    const unsigned type = r->base->u.order.type;
    if (type == TRD_TYPE_MARKET_PROTECTED) {
        return !within(p->offset, 0, OFFSET_MAX);
    }
    if (type == TRD_TYPE_PEGGED) {
        return !within(p->offset, -OFFSET_MAX, OFFSET_MAX);
    }
    if (!is_trail(type)) {
        return false;
    }
    __int128 least = p->offset;
    int64_t most = OFFSET_MAX;
    if (p->offset_unit == TRD_OFFSET_BASIS_POINTS) {
        most = 10000;
    } else if (p->offset_unit == TRD_OFFSET_AMOUNT && p->offset > 0) {
        least = ((__int128)p->offset + spec->tick_size - 1) / spec->tick_size;
    }
    const int64_t px_most = (int64_t)1 << 61;
    return !within(least, 1, most) || !within(p->limit_offset, -OFFSET_MAX, OFFSET_MAX) ||
           spec->px_min < -px_most || spec->px_max > px_most;
}

static bool expiry_is_out_of_range(const naive_match *m, const naive_record *r) {
    if ((r->link.flags & TRD_LINK_EXPIRY) == 0) {
        return false;
    }
    return r->link.expiry <= m->time ||
           (r->base->u.order.tif == TRD_TIF_GTT && r->link.expiry > (__int128)m->time + YEAR);
}

static uint64_t new_number_rules(const naive_match *m, const naive_record *r) {
    const trd_new *n = &r->base->u.order;
    const trd_instrument *spec = &m->market[r->base->instrument].spec;
    const bool sized_later = (n->exec & (TRD_EXEC_BUDGET | TRD_EXEC_CLOSE_POSITION)) != 0;
    uint64_t broken = all_px_rules(spec, r);
    broken |= !sized_later ? naive__qty_rules(spec, n->qty) : 0;
    if (has_limit(r) && !sized_later && broken == 0) {
        broken |= naive__notional_rules(spec, n->px, n->qty);
    }
    const trd_qty minimum = r->sizes.minimum;
    if (minimum < 0 || minimum > n->qty || minimum % spec->lot_step != 0) {
        broken |= BROKEN(MIN_QTY);
    }
    broken |= peak_is_out_of_range(spec, r) ? BROKEN(PEAK) : 0;
    if ((n->exec & TRD_EXEC_BUDGET) != 0 &&
        (r->sizes.budget <= 0 || spec->kind == TRD_INSTRUMENT_INVERSE)) {
        broken |= BROKEN(BUDGET);
    }
    broken |= offset_is_out_of_range(spec, r) ? BROKEN(OFFSET) : 0;
    broken |= expiry_is_out_of_range(m, r) ? BROKEN(EXPIRY) : 0;
    return broken;
}

/* --- NEW: as it would arrive ----------------------------------------------------------------- */

static bool is_special(const naive_record *r, const naive_order *order) {
    const unsigned exec = TRD_EXEC_HIDDEN | TRD_EXEC_ALL_OR_NONE | EXEC_CLOSING;
    const unsigned tifs = TIF(GTD) | TIF(GTT) | AUCTION_TIF;
    return order->type > TRD_TYPE_MARKET || is_one_of(order->tif, tifs) ||
           (order->exec & exec) != 0 || naive__reduces(order) || order->peak != 0 || r->has_link;
}

naive_order naive__order_from(const naive_record *r) {
    const trd_new *n = &r->base->u.order;
    naive_order order;
    memset(&order, 0, sizeof(order));
    order.client_id = n->client_id;
    order.px = n->px;
    order.account = r->base->account;
    order.instrument = r->base->instrument;
    order.actor = r->base->actor;
    order.side = n->side;
    order.type = n->type;
    order.tif = n->tif;
    order.stp = n->stp;
    order.exec = n->exec;
    order.position = n->position;
    order.marks = r->sizes.minimum > 0 ? NAIVE_HAD_MINIMUM : 0;
    order.minimum = r->sizes.minimum;
    order.peak = r->sizes.peak;
    order.peak_range = r->sizes.peak_range;
    order.seed = r->sizes.seed;
    order.budget = r->sizes.budget;
    order.prices = r->prices.flags;
    order.trigger = r->prices.trigger;
    order.source = r->prices.source;
    order.offset_unit = r->prices.offset_unit;
    order.peg = r->prices.peg;
    order.offset = r->prices.offset;
    order.limit_offset = r->prices.limit_offset;
    order.activation = r->prices.activation;
    order.cap = r->prices.cap;
    order.expiry = r->link.expiry;
    order.tag = r->link.tag;
    order.group = r->link.group;
    order.special = is_special(r, &order);
    naive__resize(&order, n->qty);
    return order;
}

/* Limits that are taken from the book, and the quantity of CLOSE_POSITION, before ACCEPTED. */
void naive__size_and_price(const naive_match *m, naive_order *order) {
    const trd_instrument *spec = &naive__market(m, order)->spec;
    const bool buys = order->side == TRD_BUY;
    trd_px best = 0;
    if (order->type == TRD_TYPE_MARKET_PROTECTED || order->type == TRD_TYPE_MARKET_TO_LIMIT) {
        naive__best(m, order->instrument, naive__other(order->side), &best);
        order->px = order->type == TRD_TYPE_MARKET_TO_LIMIT ? best
                    : buys ? naive__valid(spec, (__int128)best + order->offset, false)
                           : naive__valid(spec, (__int128)best - order->offset, true);
        order->type = TRD_TYPE_LIMIT;
    }
    if ((order->exec & TRD_EXEC_CLOSE_POSITION) != 0 && !naive__is_trigger_type(order->type)) {
        const trd_qty may = naive__may_reduce(m, order);
        const trd_qty most = may < spec->qty_max ? may : spec->qty_max;
        naive__resize(order, most - most % spec->lot_step);
    }
}

static bool has_no_market(const naive_match *m, const naive_order *order) {
    trd_px best;
    return (order->type == TRD_TYPE_MARKET_PROTECTED || order->type == TRD_TYPE_MARKET_TO_LIMIT) &&
           !naive__best(m, order->instrument, naive__other(order->side), &best);
}

static bool has_nothing_to_reduce(const naive_match *m, const naive_order *order) {
    const trd_qty may = naive__may_reduce(m, order);
    const bool closes = (order->exec & TRD_EXEC_CLOSE_POSITION) != 0;
    return naive__reduces(order) && !naive__is_trigger_type(order->type) &&
           (closes ? may < naive__market(m, order)->spec.lot_step : may == 0);
}

static bool position_may_overflow(const naive_match *m, const naive_order *order) {
    const __int128 net = naive_position(m, order->account, order->instrument, order->position);
    const __int128 most = (__int128)naive__market(m, order)->spec.qty_max * m->def.orders_max;
    return m->def.positions_max > 0 && (net < 0 ? -net : net) + most > INT64_MAX;
}

/* In every state. */
static bool is_through(const naive_match *m, const naive_order *order) {
    return (naive__market(m, order)->spec.profile & TRD_PROFILE_STOP_THROUGH_REJECTS) != 0 &&
           (order->prices & TRD_PRICES_TRIGGER) != 0 && naive__is_touched(m, order);
}

/* An order with REJECT meets an own one before it is filled. What would not execute anyhow, own
 * orders included, meets nobody. */
static bool meets_own(const naive_match *m, const naive_order *order) {
    naive_order copy = *order;
    if (order->stp != TRD_STP_REJECT) {
        return false;
    }
    copy.stp = TRD_STP_NONE;
    const trd_qty reach = naive__reach(m, &copy).reach;
    const bool whole = order->tif == TRD_TIF_FOK || (order->exec & TRD_EXEC_ALL_OR_NONE) != 0;
    if ((whole && reach < order->leaves) || reach < order->minimum) {
        return false;
    }
    return naive__reach(m, order).met_own;
}

/* Rules of what would execute, of an order that arrives as it is now. */
static uint64_t arrival_rules(const naive_match *m, const naive_order *order) {
    trd_px px;
    uint64_t broken = 0;
    if (naive__market(m, order)->state != TRD_SESSION_CONTINUOUS) {
        return 0;
    }
    if (!naive__post_only_px(m, order, &px)) {
        broken |= BROKEN(POST_ONLY);
    }
    if ((order->exec & TRD_EXEC_POST_ONLY) == 0 && meets_own(m, order)) {
        broken |= BROKEN(SELF_MATCH);
    }
    return broken;
}

static bool arrives_at_once(const naive_order *order) {
    return !naive__is_trigger_type(order->type) && order->type != TRD_TYPE_PEGGED &&
           !is_one_of(order->tif, AUCTION_TIF);
}

static bool limit_is_outside(const naive_match *m, const naive_order *order, bool limit) {
    return limit && naive__market(m, order)->profile.band_action == TRD_BAND_REJECT &&
           naive__is_outside(m, order->instrument, order->px);
}

/* An order that must not execute in part meets a price outside the band while it has lots. */
static bool meets_band(const naive_match *m, const naive_order *order) {
    const naive_market *market = naive__market(m, order);
    naive_order copy = *order;
    if (!market->profile.band_whole || market->state != TRD_SESSION_CONTINUOUS) {
        return false;
    }
    naive__post_only_px(m, order, &copy.px); /* one that slides meets nothing */
    return naive__reach(m, &copy).met_band;
}

/* Of a NEW that breaks no rule so far. A child waits, whatever it is. */
static uint64_t new_late_rules(
    const naive_match *m, const naive_record *r, const naive_order *order, bool child) {
    const bool priced = has_limit(r) || order->type == TRD_TYPE_MARKET_PROTECTED ||
                        order->type == TRD_TYPE_MARKET_TO_LIMIT;
    naive_order copy = *order;
    uint64_t broken = position_may_overflow(m, order) ? BROKEN(POSITION) : 0;
    if (child) {
        return broken | (limit_is_outside(m, order, priced) ? BROKEN(BAND) : 0);
    }
    broken |= has_nothing_to_reduce(m, order) ? BROKEN(REDUCE_ONLY) : 0;
    broken |= is_through(m, order) ? BROKEN(THROUGH) : 0;
    if (has_no_market(m, order)) {
        return broken | BROKEN(NO_MARKET);
    }
    naive__size_and_price(m, &copy);
    broken |= limit_is_outside(m, &copy, priced) ? BROKEN(BAND) : 0;
    if (!arrives_at_once(order)) {
        return broken;
    }
    if (naive__reduces(&copy) && copy.leaves > naive__may_reduce(m, &copy)) {
        naive__resize(&copy, naive__may_reduce(m, &copy));
    }
    broken |= meets_band(m, &copy) ? BROKEN(BAND) : 0;
    return broken != 0 ? broken : arrival_rules(m, &copy);
}

/* Positions that the legs of a group need and that are not kept yet. */
static uint32_t positions_needed(const naive_match *m, const naive_group *group) {
    bool need[TRD_POSITION_SHORT + 1] = {false};
    for (unsigned i = 0; i < group->legs; i++) {
        const trd_command *c = group->record[i];
        const uint8_t side = c->u.order.position;
        need[side] |= naive__held(m, c->account, c->instrument, side) == NULL;
    }
    return (uint32_t)need[0] + need[1] + need[2];
}

/* For all legs together. */
static bool group_has_no_room(const naive_match *m, const naive_group *group) {
    return (uint64_t)m->stats.orders + group->legs > m->def.orders_max ||
           (uint64_t)m->stats.specials + group->legs > m->def.specials_max ||
           (m->def.positions_max > 0 &&
               naive__held_count(m) + positions_needed(m, group) > m->def.positions_max);
}

/* Ids against those of the legs before. */
static uint64_t leg_id_rules(
    const naive_match *m, const naive_record *r, const naive_group *group) {
    const uint64_t id = r->base->u.order.client_id;
    uint64_t broken = 0;
    for (unsigned i = 0; i + 1 < r->link.leg; i++) {
        const uint64_t earlier = group->record[i][0].u.order.client_id;
        broken |= id == earlier ? BROKEN(DUPLICATE_ID) : 0;
        broken |=
            id < earlier && m->def.id_mode == TRD_IDS_ASCENDING ? BROKEN(ID_NOT_ASCENDING) : 0;
    }
    return broken;
}

static bool has_no_room(const naive_match *m, const naive_order *order) {
    return m->stats.orders >= m->def.orders_max ||
           (order->special && m->stats.specials >= m->def.specials_max) ||
           (m->def.positions_max > 0 && naive__held_count(m) >= m->def.positions_max &&
               naive__held(m, order->account, order->instrument, order->position) == NULL);
}

uint64_t naive__new_rules(const naive_match *m, const naive_record *r, const naive_group *group) {
    const trd_command *c = r->base;
    const naive_order order = naive__order_from(r);
    uint64_t broken = new_form_rules(m, r, &order);
    broken |= naive__is_killed(m, &order) ? BROKEN(KILLED) : 0;
    broken |= naive__id_is_taken(m, c->account, c->u.order.client_id) ? BROKEN(DUPLICATE_ID) : 0;
    broken |= naive__id_is_low(m, c->account, c->u.order.client_id) ? BROKEN(ID_NOT_ASCENDING) : 0;
    broken |= !naive__account_exists(m, c->account) ? BROKEN(UNKNOWN_ACCOUNT) : 0;
    const bool no_room = group != NULL ? group_has_no_room(m, group) : has_no_room(m, &order);
    broken |= group != NULL ? leg_id_rules(m, r, group) : 0;
    broken |= no_room ? BROKEN(NO_CAPACITY) : 0;
    if (c->instrument >= m->stats.instruments) {
        return broken | BROKEN(UNKNOWN_INSTRUMENT);
    }
    broken |= naive__session_refuses(m, r) ? BROKEN(SESSION) : 0;
    broken |= new_number_rules(m, r);
    if ((broken & ~BROKEN(NO_CAPACITY)) == 0) {
        const bool child = group != NULL && naive__is_child(group, r->link.leg);
        broken |= new_late_rules(m, r, &order, child);
    }
    return broken;
}

/* --- Orders that are named: CANCEL, REDUCE, REPLACE ------------------------------------------- */

static uint64_t name_rules(const trd_command *c, const naive_order *order) {
    if (order == NULL) {
        return BROKEN(UNKNOWN_ORDER);
    }
    return order->instrument != c->instrument || order->account != c->account
               ? BROKEN(ORDER_MISMATCH)
               : 0;
}

static bool waits_to_be_sized(const naive_order *order) {
    return naive__waits_for_lots(order) ||
           ((order->exec & TRD_EXEC_CLOSE_POSITION) != 0 && naive__is_trigger_type(order->type));
}

uint64_t naive__cancel_rules(const naive_match *m, const trd_command *c, const naive_order *order) {
    const trd_cancel *body = &c->u.cancel;
    const bool reduce = c->kind == TRD_COMMAND_REDUCE;
    uint64_t broken = name_rules(c, order);
    if (c->slots != 1 || (c->flags & ~TRD_COMMAND_BY_HANDLE) != 0 || body->reserved[0] != 0 ||
        body->reserved[1] != 0 || (!reduce && body->qty != 0)) {
        broken |= BROKEN(MALFORMED);
    }
    if (!reduce) {
        return broken;
    }
    broken |= body->qty == 0 ? BROKEN(QTY_ZERO) : 0;
    broken |= body->qty < 0 ? BROKEN(QTY_NEGATIVE) : 0;
    if (order != NULL) {
        broken |= body->qty % naive__market(m, order)->spec.lot_step != 0 ? BROKEN(OFF_LOT) : 0;
        if ((broken & BROKEN(ORDER_MISMATCH)) == 0 && waits_to_be_sized(order)) {
            broken |= BROKEN(BAD_COMBINATION);
        }
    }
    return broken;
}

naive_terms naive__terms(const trd_command *c, const naive_order *order) {
    const trd_qty done = order->executed + order->prevented;
    naive_terms t;
    t.px = (c->flags & TRD_COMMAND_KEEP_PX) != 0 ? order->px : c->u.replace.px;
    t.total = (c->flags & TRD_COMMAND_KEEP_QTY) != 0 ? order->total : c->u.replace.qty;
    t.ends = done > 0 && t.total <= done && !naive__waits_for_lots(order);
    t.keeps_place = !t.ends && t.px == order->px && t.total <= order->total;
    return t;
}

static bool replace_is_malformed(const naive_record *r) {
    const trd_replace *body = &r->base->u.replace;
    const unsigned flags = r->base->flags;
    return r->malformed || (flags & ~(unsigned)FLAGS_REPLACE) != 0 ||
           ((flags & TRD_COMMAND_KEEP_PX) != 0 && body->px != 0) ||
           ((flags & TRD_COMMAND_KEEP_QTY) != 0 && body->qty != 0) ||
           ((flags & TRD_COMMAND_NEW_ID) == 0 && body->client_id != 0);
}

/* Its px is 0, or the engine's business. */
static bool has_no_limit_of_its_own(const naive_order *order) {
    switch (order->type) {
    case TRD_TYPE_MARKET:
    case TRD_TYPE_STOP:
    case TRD_TYPE_TOUCHED:
    case TRD_TYPE_TRAILING_STOP:
    case TRD_TYPE_PEGGED:
        return true;
    default:
        return naive__is_trigger_type(order->type) &&
               (order->prices & TRD_PRICES_LIMIT_OFFSET) != 0;
    }
}

/* The order, moved, would be a taker now. */
static bool replace_matches(const naive_match *m, const naive_order *order) {
    return naive__market(m, order)->state == TRD_SESSION_CONTINUOUS &&
           order->where != TRD_WHERE_WAITING;
}

static uint64_t replace_number_rules(
    const naive_match *m, const trd_command *c, const naive_order *order) {
    const trd_instrument *spec = &naive__market(m, order)->spec;
    const bool keep_px = (c->flags & TRD_COMMAND_KEEP_PX) != 0;
    const bool keep_qty = (c->flags & TRD_COMMAND_KEEP_QTY) != 0;
    const naive_terms t = naive__terms(c, order);
    naive_order copy = *order;
    copy.px = t.px;
    uint64_t broken = 0;
    broken |= !keep_px ? naive__px_rules(spec, t.px) : 0;
    broken |= !keep_qty ? naive__qty_rules(spec, t.total) : 0;
    if (broken == 0 && !(keep_px && keep_qty) && !has_no_limit_of_its_own(order) &&
        !waits_to_be_sized(order)) {
        broken |= naive__notional_rules(spec, t.px, t.total);
    }
    if (t.px != order->px && limit_is_outside(m, &copy, true)) {
        broken |= BROKEN(BAND);
    }
    if (!keep_qty && t.total < order->peak && !t.ends) {
        broken |= BROKEN(PEAK);
    }
    return broken;
}

static uint64_t replace_arrival_rules(
    const naive_match *m, const trd_command *c, const naive_order *order) {
    const naive_terms t = naive__terms(c, order);
    naive_order copy = *order;
    if (t.ends || t.keeps_place || !replace_matches(m, order)) {
        return 0;
    }
    copy.px = t.px;
    copy.minimum = 0;
    naive__resize(&copy, t.total - order->executed - order->prevented);
    return arrival_rules(m, &copy);
}

uint64_t naive__replace_rules(
    const naive_match *m, const naive_record *r, const naive_order *order) {
    const trd_command *c = r->base;
    uint64_t broken = name_rules(c, order);
    broken |= replace_is_malformed(r) ? BROKEN(MALFORMED) : 0;
    broken |= (c->flags & FLAGS_LATER) != 0 || r->count > 0 ? BROKEN(UNSUPPORTED) : 0;
    if (order == NULL) {
        return broken;
    }
    if ((broken & BROKEN(ORDER_MISMATCH)) == 0 &&
        ((has_no_limit_of_its_own(order) && (c->flags & TRD_COMMAND_KEEP_PX) == 0) ||
            (waits_to_be_sized(order) && (c->flags & TRD_COMMAND_KEEP_QTY) == 0))) {
        broken |= BROKEN(BAD_COMBINATION);
    }
    if ((broken & BROKEN(ORDER_MISMATCH)) == 0 && order->quote &&
        (c->flags & TRD_COMMAND_NEW_ID) != 0) {
        return broken | BROKEN(BAD_COMBINATION); /* it has no id that another could follow */
    }
    const uint64_t client_id = c->u.replace.client_id;
    if ((c->flags & TRD_COMMAND_NEW_ID) != 0 && client_id != order->client_id) {
        broken |= naive__id_is_taken(m, order->account, client_id) ? BROKEN(DUPLICATE_ID) : 0;
        broken |= naive__id_is_low(m, order->account, client_id) ? BROKEN(ID_NOT_ASCENDING) : 0;
    }
    const unsigned state = naive__market(m, order)->state;
    broken |= state == TRD_SESSION_CLOSED || state == TRD_SESSION_HALTED ? BROKEN(SESSION) : 0;
    broken |= replace_number_rules(m, c, order);
    return broken != 0 ? broken : replace_arrival_rules(m, c, order);
}

/* --- The rest -------------------------------------------------------------------------------- */

static bool kind_is_listed(uint8_t kind) {
    switch (kind) {
#define TRD_COMMAND_ROW(name, number, text) case number:
#include <tradsys/command.def>
        return true;
    default:
        return false;
    }
}

static bool is_plain(const trd_command *c) {
    return c->slots == 1 && c->flags == 0;
}

static uint64_t unknown_instrument(const naive_match *m, const trd_command *c) {
    return c->instrument >= m->stats.instruments ? BROKEN(UNKNOWN_INSTRUMENT) : 0;
}

static uint64_t subscribe_rules(const naive_match *m, const trd_command *c) {
    const trd_subscribe *s = &c->u.subscribe;
    const bool good = is_plain(c) && (s->publish & ~(uint32_t)TRD_PUBLISH_ALL) == 0 &&
                      naive__all_zero(s->reserved, sizeof(s->reserved));
    return unknown_instrument(m, c) | (good ? 0 : BROKEN(MALFORMED));
}

static uint64_t price_rules(const naive_match *m, const trd_command *c) {
    const trd_price *p = &c->u.price;
    const bool good = is_plain(c) && naive__all_zero(p->reserved, sizeof(p->reserved)) &&
                      p->source >= TRD_SOURCE_LAST && p->source <= TRD_SOURCE_MID;
    uint64_t broken = unknown_instrument(m, c) | (good ? 0 : BROKEN(MALFORMED));
    if (p->source == TRD_SOURCE_BID || p->source == TRD_SOURCE_ASK || p->source == TRD_SOURCE_MID) {
        broken |= BROKEN(BAD_COMBINATION);
    }
    if (c->instrument < m->stats.instruments) {
        const trd_instrument *spec = &m->market[c->instrument].spec;
        broken |= p->px < spec->px_min || p->px > spec->px_max ? BROKEN(PRICE_LIMIT) : 0;
    }
    return broken;
}

uint64_t naive__other_rules(naive_match *m, const trd_command *c) {
    switch (c->kind) {
    case TRD_COMMAND_TIMER:
        return is_plain(c) && naive__all_zero(c->u.body, sizeof(c->u.body)) ? 0 : BROKEN(MALFORMED);
    case TRD_COMMAND_SUBSCRIBE:
        return subscribe_rules(m, c);
    case TRD_COMMAND_PRICE:
        return price_rules(m, c);
    case TRD_COMMAND_SESSION:
        return naive__session_rules(m, c);
    case TRD_COMMAND_MASS_CANCEL:
        return naive__mass_rules(m, c);
    case TRD_COMMAND_KILL:
        return naive__kill_rules(m, c);
    case TRD_COMMAND_DEADMAN:
        return naive__deadman_rules(m, c);
    case TRD_COMMAND_QUOTE:
        return naive__quote_rules(m, c);
    case TRD_COMMAND_PROTECTION:
        return naive__protection_rules(m, c);
    default:
        return kind_is_listed(c->kind) && naive__slots_are_possible(c) ? BROKEN(UNSUPPORTED)
                                                                       : BROKEN(MALFORMED);
    }
}
