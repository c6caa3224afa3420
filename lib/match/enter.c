/* enter.c - orders that come in the long way: why they are refused, and what they do first. */
#include "inst/tick.h"
#include "match/rich.h"

enum { OFFSET_MAX_SHIFT = 40, PX_TRAIL_SHIFT = 61 };
#define OFFSET_MAX (INT64_C(1) << OFFSET_MAX_SHIFT)
#define PX_TRAIL_MAX (INT64_C(1) << PX_TRAIL_SHIFT)
#define YEAR_NS (INT64_C(365) * 86400 * 1000000000)

/* --- refusing ----------------------------------------------------------------------------------
 */

void trd__reject_new(trd_match *match, trd_out *out, const trd_command *command, unsigned reason) {
    const trd_new *order = &command->u.order;
    const unsigned side = order->side == TRD_BUY || order->side == TRD_SELL ? order->side : 0;
    trd_event *event = trd__emit(match, out, TRD_EVENT_REJECTED, 0, command->instrument,
        command->account, TRD_DETAIL(side, TRD_COMMAND_NEW, TRD_STATUS_REJECTED, reason));
    event->u.order =
        (trd_ev_order){.client_id = order->client_id, .px = order->px, .qty = order->qty};
}

void trd__reject_command(
    trd_match *match, trd_out *out, const trd_command *command, unsigned reason) {
    trd_event *event = trd__emit(match, out, TRD_EVENT_COMMAND_REJECTED, 0, command->instrument,
        command->account, TRD_DETAIL(0, command->kind, 0, reason));
    const bool refers = command->kind == TRD_COMMAND_TRANSFER;
    event->u.order = (trd_ev_order){.client_id = refers ? command->u.transfer.reference : 0};
    match->work.refused = 1;
}

/* --- prices ------------------------------------------------------------------------------------
 */

static trd_px floor_to(trd_px px, int64_t step) {
    const int64_t rest = px % step;
    return px - (rest < 0 ? rest + step : rest);
}

/* The tier of px. */
static uint32_t tier_of(const trd_instrument *spec, trd_px px) {
    uint32_t at = 0;
    for (uint32_t i = 1; i < spec->tier_count; i++) {
        at += spec->tiers[i].from <= px;
    }
    return at;
}

static trd_px valid_below(const trd_instrument *spec, trd_px px) {
    for (uint32_t at = tier_of(spec, px);; at--) {
        const trd_px found = floor_to(px, spec->tiers[at].step);
        if (at == 0 || found >= spec->tiers[at].from) {
            return found;
        }
        px = spec->tiers[at].from - 1;
    }
}

static trd_px valid_above(const trd_instrument *spec, trd_px px) {
    for (uint32_t at = tier_of(spec, px);; at++) {
        const int64_t step = spec->tiers[at].step;
        const trd_px found = floor_to(px + (step - 1), step);
        if (at + 1 == spec->tier_count || found < spec->tiers[at + 1].from) {
            return found;
        }
        px = spec->tiers[at + 1].from;
    }
}

trd_px trd__px_rounded(const trd_listing *listing, trd_wide px, bool up) {
    const trd_instrument *spec = &listing->spec;
    if (px <= spec->px_min) {
        return spec->px_min;
    }
    if (px >= spec->px_max) {
        return spec->px_max;
    }
    if (spec->tier_count == 0) {
        return (trd_px)px;
    }
    /* The bounds are valid prices themselves: what is found lies between them. */
    return up ? valid_above(spec, (trd_px)px) : valid_below(spec, (trd_px)px);
}

/* The valid price strictly behind `px`, away from the opposite side; false if there is none. */
static bool px_behind(const trd_listing *listing, trd_px px, uint32_t s, trd_px *out) {
    const trd_wide next = s == 0 ? (trd_wide)px - 1 : (trd_wide)px + 1;
    if (next < listing->spec.px_min || next > listing->spec.px_max) {
        return false;
    }
    *out = trd__px_rounded(listing, next, s != 0);
    return true;
}

/* --- why a new order is refused ----------------------------------------------------------------
 */

/* A NEW on its way through the checks: what they find out for the steps after them. */
typedef struct entry {
    const trd_command *command;
    const trd_new *order;
    const uint64_t *ids; /* of the legs before it */
    uint32_t ids_count;
    bool child; /* waits for its parent */
    trd_ticket ticket;
    trd_listing *listing;
    trd_desk *desk;
    uint32_t home;
    trd_px px;    /* limit; of market orders that get one, that */
    trd_px slide; /* limit after a post-only slide */
    trd_qty qty;  /* lots to begin with */
    trd_qty cut;  /* lots that a reduce-only order may have, qty if all */
    int64_t offset;
    uint8_t type; /* LIMIT for market orders that get a limit */
    bool slides;
    bool now;     /* takes, or triggers, or rests at once: does not wait */
    bool through; /* its trigger is touched already */
} entry;

/* Do the legs before it leave the id to an order? */
static unsigned check_siblings(const trd_match *match, const entry *e) {
    const uint64_t id = e->order->client_id;
    bool ascends = true;
    for (uint32_t i = 0; i < e->ids_count; i++) {
        if (e->ids[i] == id) {
            return TRD_REJECT_DUPLICATE_ID;
        }
        ascends = ascends && id > e->ids[i];
    }
    return ascends || match->id_mode != TRD_IDS_ASCENDING ? 0 : TRD_REJECT_ID_NOT_ASCENDING;
}

static unsigned check_identity(trd_match *match, entry *e) {
    const trd_command *command = e->command;
    const trd_new *order = e->order;
    if (match->kill_count != 0 && trd__is_killed(match, command->account, command->instrument,
                                      command->actor, e->ticket.link.tag, e->ticket.reduces)) {
        return TRD_REJECT_KILLED;
    }
    e->home = trd__map_home(&match->ids, order->client_id, command->account);
    if (trd__map_find(&match->ids, trd__id_slots(match), e->home, order->client_id,
            command->account) != TRD_MAP_NONE) {
        return TRD_REJECT_DUPLICATE_ID;
    }
    const unsigned taken = check_siblings(match, e);
    if (taken != 0) {
        return taken;
    }
    if (!trd__id_ascends(match, command->account, order->client_id)) {
        return TRD_REJECT_ID_NOT_ASCENDING;
    }
    if (command->instrument >= match->instruments) {
        return TRD_REJECT_UNKNOWN_INSTRUMENT;
    }
    return command->account >= match->accounts_end ? TRD_REJECT_UNKNOWN_ACCOUNT : 0;
}

/* Does the session state take the order? */
static unsigned check_session(const entry *e) {
    const unsigned state = e->desk->state;
    const trd_new *order = e->order;
    const unsigned tif = order->tif;
    if (state == TRD_SESSION_CONTINUOUS) {
        return tif == TRD_TIF_AT_OPEN ? TRD_REJECT_SESSION : 0;
    }
    if (!trd__state_is_auction(state)) {
        return TRD_REJECT_SESSION;
    }
    const bool market = order->type == TRD_TYPE_MARKET && !e->ticket.auction_only;
    const bool late =
        tif == TRD_TIF_AT_OPEN && state != TRD_SESSION_PRE_OPEN && state != TRD_SESSION_OPENING;
    return tif == TRD_TIF_IOC || tif == TRD_TIF_FOK || tif == TRD_TIF_GFN || market ||
                   order->type == TRD_TYPE_MARKET_PROTECTED ||
                   order->type == TRD_TYPE_MARKET_TO_LIMIT || e->ticket.sizes.minimum != 0 || late
               ? TRD_REJECT_SESSION
               : 0;
}

static unsigned check_prices(const entry *e) {
    const trd_rules *rules = &e->listing->rules;
    const trd_ext_prices *prices = &e->ticket.prices;
    const trd_px px[4] = {e->order->px, prices->trigger, prices->activation, prices->cap};
    const bool meant[4] = {e->ticket.has_px, (prices->flags & TRD_PRICES_TRIGGER) != 0,
        (prices->flags & TRD_PRICES_ACTIVATION) != 0, (prices->flags & TRD_PRICES_CAP) != 0};
    for (int i = 0; i < 4; i++) {
        const unsigned reason = meant[i] ? trd__rules_px(rules, px[i]) : 0;
        if (reason != 0) {
            return reason;
        }
    }
    return 0;
}

static unsigned check_sizes(const trd_match *match, const entry *e) {
    const trd_rules *rules = &e->listing->rules;
    const trd_new *order = e->order;
    const trd_ext_sizes *sizes = &e->ticket.sizes;
    unsigned reason = 0;
    const bool counted =
        (order->exec & (TRD_EXEC_BUDGET | TRD_EXEC_CLOSE_POSITION)) == 0 && match->work.forced == 0;
    if (counted && (reason = trd__rules_qty(rules, order->qty)) != 0) {
        return reason;
    }
    if (counted && e->ticket.has_px &&
        (reason = trd__rules_notional(rules, order->px, order->qty)) != 0) {
        return reason;
    }
    const trd_qty minimum = sizes->minimum;
    if (minimum != 0 &&
        (minimum < 0 || minimum > order->qty || !trd__rules_on_lot(rules, minimum))) {
        return TRD_REJECT_MIN_QTY;
    }
    const trd_qty range = sizes->peak_range;
    if (sizes->peak != 0 &&
        (sizes->peak < 0 || sizes->peak > order->qty || !trd__rules_on_lot(rules, sizes->peak) ||
            range < 0 || range >= sizes->peak || !trd__rules_on_lot(rules, range))) {
        return TRD_REJECT_PEAK;
    }
    if ((order->exec & TRD_EXEC_BUDGET) != 0 && (sizes->budget <= 0 || rules->is_inverse)) {
        return TRD_REJECT_BUDGET;
    }
    return 0;
}

static bool within(int64_t x, int64_t low, int64_t high) {
    return x >= low && x <= high;
}

/* The distance of a trail, peg or protection; *offset in ticks or basis points. */
static unsigned check_offset(entry *e) {
    const trd_ext_prices *prices = &e->ticket.prices;
    const trd_instrument *spec = &e->listing->spec;
    bool good = true;
    e->offset = prices->offset;
    if (e->order->type == TRD_TYPE_MARKET_PROTECTED) {
        good = within(prices->offset, 0, OFFSET_MAX);
    } else if (e->order->type == TRD_TYPE_PEGGED) {
        good = within(prices->offset, -OFFSET_MAX, OFFSET_MAX);
    } else if (e->ticket.trails) {
        if (prices->offset_unit == TRD_OFFSET_BASIS_POINTS) {
            good = within(prices->offset, 1, 10000);
        } else if (prices->offset_unit == TRD_OFFSET_AMOUNT) {
            const int64_t tick = spec->tick_size;
            good = prices->offset >= 1;
            e->offset = good ? prices->offset / tick + (prices->offset % tick != 0) : 0;
            good = good && within(e->offset, 1, OFFSET_MAX);
        } else {
            good = within(prices->offset, 1, OFFSET_MAX);
        }
        good = good && within(prices->limit_offset, -OFFSET_MAX, OFFSET_MAX) &&
               spec->px_min >= -PX_TRAIL_MAX && spec->px_max <= PX_TRAIL_MAX;
    }
    return good ? 0 : TRD_REJECT_OFFSET;
}

static unsigned check_expiry(const trd_match *match, const entry *e) {
    const unsigned tif = e->order->tif;
    if (tif != TRD_TIF_GTD && tif != TRD_TIF_GTT) {
        return 0;
    }
    const trd_ns expiry = e->ticket.link.expiry;
    const bool far = tif == TRD_TIF_GTT && (trd_wide)expiry > (trd_wide)match->time + YEAR_NS;
    return expiry <= match->time || far ? TRD_REJECT_EXPIRY : 0;
}

/* Limit of a market order that gets one; false if there is no market. */
static bool market_limit(const trd_match *match, entry *e) {
    trd_px best;
    const uint32_t s = e->order->side - 1u;
    if (!trd__book_best(match, e->command->instrument, s ^ 1, &best)) {
        return false;
    }
    e->px = best;
    if (e->order->type == TRD_TYPE_MARKET_PROTECTED) {
        const trd_wide px = s == 0 ? (trd_wide)best + e->offset : (trd_wide)best - e->offset;
        e->px = trd__px_rounded(e->listing, px, s != 0);
    }
    e->type = TRD_TYPE_LIMIT;
    return true;
}

/* The most lots up to `most` that one order may have. */
static trd_qty whole_lots(const trd_listing *listing, trd_qty most) {
    const trd_qty lots = most < listing->spec.qty_max ? most : listing->spec.qty_max;
    return lots - lots % listing->spec.lot_step;
}

/* Lots that an order of this side can take off a position: 0 if it would add. */
static trd_qty reducible_lots(const trd_match *match, uint32_t account, uint32_t instrument,
    unsigned position, unsigned side) {
    const uint32_t number = trd__pos_find(&match->positions, account, instrument, position);
    const trd_qty held = number != 0 ? trd__pos_entry(&match->positions, number)->qty : 0;
    return trd__whole_lots(match, instrument, trd__pos_reducible(held, side));
}

trd_qty trd__closing_lots(const trd_match *match, uint32_t account, uint32_t instrument,
    unsigned position, unsigned side) {
    return whole_lots(trd__listing(match, instrument),
        reducible_lots(match, account, instrument, position, side));
}

/* A taker in thought, before there is an order: for what is decided by looking ahead. */
static void taker_imagine(trd_match *match, const entry *e, trd_px px) {
    const trd_new *order = e->order;
    const uint32_t s = order->side - 1u;
    trd_work *work = &match->work;
    match->taker = (trd_taker){.instrument = e->command->instrument,
        .account = e->command->account,
        .limit = e->type == TRD_TYPE_LIMIT ? trd__key(px, s ^ 1) : 0,
        .px = px,
        .leaves = e->cut,
        .s = (uint8_t)s,
        .type = e->type};
    work->stp = order->stp;
    work->group = e->ticket.link.group;
    work->budgeted = (order->exec & TRD_EXEC_BUDGET) != 0;
    work->budget = trd__mul(e->ticket.sizes.budget, e->listing->spec.denominator);
    work->banded = trd__band(match, e->command->instrument, &work->band_low, &work->band_high);
}

static bool single_price(const entry *e) {
    return e->order->tif == TRD_TIF_FOK &&
           ((e->order->exec & TRD_EXEC_SINGLE_PRICE) != 0 ||
               (e->listing->spec.profile & TRD_PROFILE_FOK_SINGLE_PRICE) != 0);
}

/* Does a post-only order slide instead of taking? */
static bool slides_behind(const trd_match *match, const entry *e) {
    const trd_node imagined = {.side = e->order->side, .exec = e->order->exec};
    bool slides = false;
    trd_px slide;
    return e->type == TRD_TYPE_LIMIT &&
           trd__check_passive(
               match, e->command->instrument, &imagined, e->cut, e->px, &slides, &slide) == 0 &&
           slides;
}

static unsigned check_band(trd_match *match, entry *e) {
    trd_px low;
    trd_px high;
    const trd_profile *profile = &e->desk->profile;
    if (!trd__band(match, e->command->instrument, &low, &high)) {
        return 0;
    }
    const bool limited = e->ticket.has_px || e->type == TRD_TYPE_LIMIT;
    if (profile->band_action == TRD_BAND_REJECT && limited && (e->px < low || e->px > high)) {
        return TRD_REJECT_BAND;
    }
    if (profile->band_whole && e->now && e->order->type != TRD_TYPE_PEGGED &&
        !slides_behind(match, e) && e->desk->state == TRD_SESSION_CONTINUOUS && e->cut > 0) {
        taker_imagine(match, e, e->px);
        return trd__reach(match, single_price(e)).breaks ? TRD_REJECT_BAND : 0;
    }
    return 0;
}

bool trd__position_is_far(
    const trd_match *match, uint32_t account, uint32_t instrument, unsigned position) {
    if (match->positions.capacity == 0) {
        return false;
    }
    const uint32_t number = trd__pos_find(&match->positions, account, instrument, position);
    const trd_qty held = number != 0 ? trd__pos_entry(&match->positions, number)->qty : 0;
    const trd_qty qty_max = trd__listing(match, instrument)->spec.qty_max;
    return (trd_wide)trd__magnitude(held) + trd__mul(qty_max, match->store.orders_max) > INT64_MAX;
}

static unsigned check_position(const trd_match *match, const entry *e) {
    if (e->ticket.reduces && e->now && e->cut == 0) {
        return TRD_REJECT_REDUCE_ONLY;
    }
    return trd__position_is_far(
               match, e->command->account, e->command->instrument, e->order->position)
               ? TRD_REJECT_POSITION
               : 0;
}

/* How many lots a reduce-only order begins with. */
static void size_by_position(const trd_match *match, entry *e) {
    const trd_new *order = e->order;
    e->qty = order->qty;
    e->cut = e->qty;
    if ((order->exec & TRD_EXEC_BUDGET) != 0) {
        e->qty = whole_lots(e->listing, INT64_MAX);
        e->cut = e->qty;
    }
    if (!e->ticket.reduces || !e->now) {
        return;
    }
    const trd_qty most = reducible_lots(
        match, e->command->account, e->command->instrument, order->position, order->side);
    if ((order->exec & TRD_EXEC_CLOSE_POSITION) != 0) {
        e->qty = whole_lots(e->listing, most);
        e->cut = e->qty;
    } else {
        e->cut = most < e->qty ? most : e->qty;
    }
}

static unsigned check_market(trd_match *match, entry *e) {
    const trd_new *order = e->order;
    if (order->type != TRD_TYPE_MARKET_PROTECTED && order->type != TRD_TYPE_MARKET_TO_LIMIT) {
        return 0;
    }
    return market_limit(match, e) ? 0 : TRD_REJECT_NO_MARKET;
}

unsigned trd__check_passive(const trd_match *match, uint32_t instrument, const trd_node *node,
    trd_qty leaves, trd_px px, bool *slides, trd_px *slide) {
    const trd_listing *listing = trd__listing(match, instrument);
    const uint32_t s = node->side - 1u;
    trd_px best;
    *slides = false;
    *slide = px;
    if ((node->exec & TRD_EXEC_POST_ONLY) == 0 ||
        !trd__best_against(match, instrument, s, leaves, &best) ||
        (s == 0 ? best > px : best < px)) {
        return 0;
    }
    const bool may = (node->exec & TRD_EXEC_POST_ONLY_SLIDE) != 0 ||
                     (listing->spec.profile & TRD_PROFILE_POST_ONLY_SLIDE) != 0;
    *slides = may && px_behind(listing, best, s, slide);
    return *slides ? 0 : TRD_REJECT_POST_ONLY;
}

static unsigned check_post_only(const trd_match *match, entry *e) {
    const trd_node imagined = {.side = e->order->side, .exec = e->order->exec};
    e->slide = e->px;
    if (!e->now || e->type != TRD_TYPE_LIMIT || e->desk->state != TRD_SESSION_CONTINUOUS) {
        return 0;
    }
    return trd__check_passive(
        match, e->command->instrument, &imagined, e->cut, e->px, &e->slides, &e->slide);
}

/* Would the order not execute at once, for lack of lots? */
static bool falls_short(const entry *e, trd_qty reach) {
    const trd_new *order = e->order;
    return (order->tif == TRD_TIF_FOK && reach < e->cut) ||
           (e->ticket.sizes.minimum != 0 && reach < e->ticket.sizes.minimum) ||
           ((order->exec & TRD_EXEC_ALL_OR_NONE) != 0 && reach < e->cut);
}

static unsigned check_self_match(trd_match *match, entry *e) {
    if (e->order->stp != TRD_STP_REJECT || !e->now || e->slides ||
        e->order->type == TRD_TYPE_PEGGED || e->desk->state != TRD_SESSION_CONTINUOUS) {
        return 0;
    }
    taker_imagine(match, e, e->px);
    match->work.counts_own = 1;
    const trd_reach reach = trd__reach(match, single_price(e));
    match->work.counts_own = 0;
    return reach.meets_own && !falls_short(e, reach.lots) ? TRD_REJECT_SELF_MATCH : 0;
}

/* Trigger orders: is the trigger touched already? */
static bool touched_already(const trd_match *match, const entry *e) {
    trd_px px;
    const trd_ext_prices *prices = &e->ticket.prices;
    return e->ticket.triggers &&
           trd__price_of(match, e->command->instrument, prices->source, &px) &&
           trd__is_touched(prices->trigger, trd__direction_of(e->order->type, e->order->side), px);
}

/* All reasons to refuse a new order that was read but lack of room, in the order of reject.def. */
static unsigned check_new(trd_match *match, entry *e) {
    unsigned reason = trd__form_new_terms(e->order, &e->ticket);
    if (reason != 0 || (reason = check_identity(match, e)) != 0) {
        return reason;
    }
    const trd_new *order = e->order;
    e->listing = trd__listing(match, e->command->instrument);
    e->desk = trd__desk(match, e->command->instrument);
    e->px = order->px;
    e->type = order->type;
    e->now = !e->ticket.triggers && !e->ticket.trails && !e->ticket.auction_only && !e->child;
    if ((reason = check_session(e)) != 0 || (reason = check_prices(e)) != 0 ||
        (reason = check_sizes(match, e)) != 0 || (reason = check_offset(e)) != 0 ||
        (reason = check_expiry(match, e)) != 0) {
        return reason;
    }
    const unsigned no_market = check_market(match, e);
    size_by_position(match, e);
    if (no_market == 0 && (reason = check_band(match, e)) != 0) {
        return reason;
    }
    if (no_market != 0) {
        return no_market;
    }
    if ((reason = check_position(match, e)) != 0) {
        return reason;
    }
    e->through = !e->child && touched_already(match, e);
    if (e->through && (e->listing->spec.profile & TRD_PROFILE_STOP_THROUGH_REJECTS) != 0) {
        return TRD_REJECT_THROUGH;
    }
    if ((reason = check_post_only(match, e)) != 0) {
        return reason;
    }
    return check_self_match(match, e);
}

static bool has_room(const trd_match *match, const entry *e) {
    return match->store.order_free != 0 && (!e->ticket.special || match->special_free != 0) &&
           (match->positions.capacity == 0 ||
               trd__pos_has_room(&match->positions, e->command->account, e->command->instrument,
                   e->order->position));
}

/* --- accepting ---------------------------------------------------------------------------------
 */

uint32_t trd__special_take(trd_match *match, uint32_t unit, uint32_t instrument) {
    const uint32_t number = match->special_free;
    trd_special *special = trd__special(match, number);
    trd_assert(number != 0);
    match->special_free = special->next_free;
    match->specials++;
    *special = (trd_special){.unit = unit, .instrument = instrument};
    trd__quiet_forget(match, instrument);
    if (trd__listing(match, instrument)->orders++ == 0) {
        trd__rich_set(match, instrument, TRD_RICH_SPECIALS);
    }
    return number;
}

static uint32_t special_make(trd_match *match, const entry *e, uint32_t unit) {
    const uint32_t number = trd__special_take(match, unit, e->command->instrument);
    const trd_new *order = e->order;
    const trd_ticket *ticket = &e->ticket;
    *trd__special(match, number) = (trd_special){.unit = unit,
        .instrument = e->command->instrument,
        .type = e->type,
        .source = ticket->prices.source,
        .direction = (uint8_t)(ticket->trails ? (order->side == TRD_SELL ? TRD_FALLING : TRD_RISING)
                                              : trd__direction_of(order->type, order->side)),
        .in_ticks = ticket->prices.offset_unit != TRD_OFFSET_BASIS_POINTS,
        .peg = ticket->prices.peg,
        .reduces = ticket->reduces,
        .has_cap = (ticket->prices.flags & TRD_PRICES_CAP) != 0,
        .has_limit_offset = (ticket->prices.flags & TRD_PRICES_LIMIT_OFFSET) != 0,
        .has_activation = (ticket->prices.flags & TRD_PRICES_ACTIVATION) != 0,
        .px = e->px,
        .trigger = ticket->prices.trigger,
        .activation = ticket->prices.activation,
        .cap = ticket->prices.cap,
        .offset = e->offset,
        .limit_offset = ticket->prices.limit_offset,
        .minimum = ticket->sizes.minimum,
        .peak = ticket->sizes.peak,
        .peak_range = ticket->sizes.peak_range,
        .random = ticket->sizes.seed,
        .group = ticket->link.group,
        .tag = ticket->link.tag,
        .parent = ticket->link.parent,
        .expiry = ticket->link.expiry};
    return number;
}

/* The accepted order: node, record, id, position, timer, ACCEPTED. Returns its unit. */
static uint32_t accept(trd_match *match, trd_out *out, const entry *e) {
    const trd_command *command = e->command;
    const trd_new *order = e->order;
    const uint32_t unit = trd__order_alloc(&match->store);
    trd_node *node = trd__order(match, unit);
    const uint32_t number = e->ticket.special ? special_make(match, e, unit) : 0;
    node->level = 0;
    node->leaves = e->qty;
    node->executed = 0;
    node->more = number;
    node->account = command->account;
    node->side = order->side;
    node->tif = order->tif;
    node->exec = (uint16_t)(order->exec | order->stp << TRD_EXEC_STP_SHIFT |
                            order->position << TRD_EXEC_POSITION_SHIFT |
                            (number != 0 ? TRD_EXEC_SPECIAL : 0));
    node->actor = command->actor;
    node->id_slot = trd__id_take(match, e->home, command->account, order->client_id, unit);
    if (match->positions.capacity != 0) {
        const uint32_t position = trd__pos_hold(
            &match->positions, command->account, command->instrument, order->position);
        if (number != 0) {
            trd__special(match, number)->position = position;
        }
    }
    if (number != 0 && (e->ticket.link.flags & TRD_LINK_EXPIRY) != 0) {
        trd__special(match, number)->timer = trd__timer_add(
            match, e->ticket.link.expiry, (uint64_t)TRD_TIMER_EXPIRY << 32 | number, 1);
    }
    const bool hidden_qty = (order->exec & TRD_EXEC_BUDGET) != 0 ||
                            ((order->exec & TRD_EXEC_CLOSE_POSITION) != 0 && !e->now);
    trd_event *event = trd__emit(match, out, TRD_EVENT_ACCEPTED, 0, command->instrument,
        command->account, TRD_DETAIL(order->side, 0, TRD_STATUS_NEW, 0));
    event->u.order = (trd_ev_order){.client_id = order->client_id,
        .order = trd__store_handle(node, unit),
        .px = e->px,
        .qty = hidden_qty ? 0 : e->qty};
    return unit;
}

/* Does an order for an auction belong into the present state? */
bool trd__joins(unsigned tif, unsigned state) {
    switch (tif) {
    case TRD_TIF_AT_OPEN:
        return true; /* taken in PRE_OPEN and OPENING alone, and their auction ends it: no wait */
    case TRD_TIF_AT_CLOSE:
        return state == TRD_SESSION_CLOSING;
    default:
        return trd__state_is_auction(state);
    }
}

/* Looks ahead for what must execute at once; the taker is loaded. */
static void begin_taking(trd_match *match, trd_out *out, trd_qty minimum, bool whole, bool single) {
    trd_taker *taker = &match->taker;
    const bool fok = taker->tif == TRD_TIF_FOK;
    match->work.stage = TRD_STAGE_TAKE;
    if (!fok && minimum == 0 && !whole) {
        return;
    }
    const trd_qty reach = trd__reach(match, single).lots;
    if (fok && reach < taker->leaves) {
        trd__taker_cancel(match, out, TRD_CAUSE_FOK, taker->leaves);
    } else if (minimum != 0 && reach < minimum) {
        trd__taker_cancel(match, out, TRD_CAUSE_MIN_QTY, taker->leaves);
    } else if (whole && reach < taker->leaves) {
        trd__taker_rests_or_ends(match, out);
    }
}

/* A reduce-only order has come to rest without being a taker: cuts, then settlement. */
static void rested(trd_match *match, uint32_t unit, uint32_t instrument) {
    const uint32_t number = trd__special_of(trd__order(match, unit));
    trd_work *work = &match->work;
    trd__settle_begin(match, instrument);
    if (number != 0 && trd__special(match, number)->reduces) {
        work->cut[0] = trd__special(match, number)->position;
        work->cut[1] = 0;
        work->after_cut = work->stage;
        work->stage = TRD_STAGE_CUT;
    }
}

static void rest_now(
    trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument, trd_px px, trd_qty leaves) {
    const trd_node *node = trd__order(match, unit);
    const uint32_t number = trd__special_of(node);
    const bool limit = number == 0 || trd__special(match, number)->type != TRD_TYPE_MARKET;
    trd_px low;
    trd_px high;
    if (limit && trd__desk(match, instrument)->profile.band_action == TRD_BAND_CANCEL &&
        trd__band(match, instrument, &low, &high) &&
        (node->side == TRD_BUY ? px > high : px < low)) {
        trd__end_order(match, out, unit, instrument, TRD_CAUSE_BAND, leaves);
        trd__settle_begin(match, instrument);
        return;
    }
    trd__rest_order(match, out, unit, instrument, px, leaves);
    rested(match, unit, instrument);
}

/* --- legs --------------------------------------------------------------------------------------
 */

/* Is there room for all legs? */
static bool legs_have_room(const trd_match *match, const entry *legs, uint32_t count) {
    const trd_pos *positions = &match->positions;
    uint32_t entries = 0;
    uint32_t seen = 0; /* bit per position side */
    for (uint32_t i = 0; i < count && positions->capacity != 0; i++) {
        const unsigned side = legs[i].order->position;
        const trd_command *command = legs[i].command;
        entries += (seen >> side & 1) == 0 &&
                   trd__pos_find(positions, command->account, command->instrument, side) == 0;
        seen |= 1u << side;
    }
    return match->store.orders_max - match->store.orders >= count &&
           match->specials_max - match->specials >= count &&
           (positions->capacity == 0 || positions->capacity - positions->count >= entries);
}

static unsigned check_leg(
    trd_match *match, const trd_legs *legs, entry *entries, const uint64_t *ids, uint32_t at) {
    const trd_keeps keeps = {match->positions.capacity != 0, match->groups.capacity != 0};
    const trd_command *record = legs->records + (size_t)at * TRD_SLOTS_MAX;
    entry *e = &entries[at];
    *e = (entry){.command = record,
        .order = &record->u.order,
        .ids = ids,
        .ids_count = at,
        .child = at >= legs->children_from};
    unsigned reason = trd__form_new_read(record, record->slots, keeps, &e->ticket);
    trd_assert(reason == 0);
    reason = check_new(match, e);
    match->taker.unit = 0;
    return reason;
}

/* Names the records and their ids; is there room for them? */
static bool legs_begin(
    const trd_match *match, const trd_legs *legs, entry *entries, uint64_t *ids) {
    for (uint32_t at = 0; at < legs->count; at++) {
        const trd_command *record = legs->records + (size_t)at * TRD_SLOTS_MAX;
        entries[at].order = &record->u.order;
        entries[at].command = record;
        ids[at] = record->u.order.client_id;
    }
    return legs_have_room(match, entries, legs->count);
}

unsigned trd__legs_enter(
    trd_match *match, trd_out *out, const trd_legs *legs, uint32_t *numbers, uint32_t *guilty) {
    entry entries[TRD_LEGS_MAX];
    uint64_t ids[TRD_LEGS_MAX];
    const bool room = legs_begin(match, legs, entries, ids);
    for (uint32_t at = 0; at < legs->count; at++) {
        unsigned reason = check_leg(match, legs, entries, ids, at);
        reason = reason == 0 && !room ? (unsigned)TRD_REJECT_NO_CAPACITY : reason;
        if (reason != 0) {
            *guilty = at;
            return reason;
        }
    }
    for (uint32_t at = 0; at < legs->count; at++) {
        const entry *e = &entries[at];
        const uint32_t unit = accept(match, out, e);
        trd_node *node = trd__order(match, unit);
        numbers[at] = trd__special_of(node);
        if (e->cut < e->qty) {
            trd__emit_restated(
                match, out, e->command->instrument, unit, TRD_RESTATE_CUT, e->px, 0, e->cut);
        }
        node->leaves = e->cut;
    }
    return 0;
}

/* Why an order without a link is refused; *e has been begun. */
static unsigned check_entry(trd_match *match, entry *e) {
    const unsigned reason = check_new(match, e);
    match->taker.unit = 0;
    return reason == 0 && !has_room(match, e) ? TRD_REJECT_NO_CAPACITY : reason;
}

/* The lots that it begins with. One that closes the position has none while it waits, and those of
 * the position if it is triggered at entry. */
static trd_qty vet_lots(const trd_match *match, const entry *e, bool waits) {
    const trd_command *command = e->command;
    return waits || e->now || (e->order->exec & TRD_EXEC_CLOSE_POSITION) == 0
               ? e->cut
               : trd__closing_lots(match, command->account, command->instrument, e->order->position,
                     e->order->side);
}

/* The worst price at which an order without a limit of its own can execute: of one that executes
 * now that of the band, of one that may do so later, when the band is another, the last there is.
 */
static void vet_bound(const trd_match *match, const entry *e, trd_vetted *out) {
    const bool buys = e->order->side == TRD_BUY;
    const bool pegged = e->order->type == TRD_TYPE_PEGGED;
    /* Legs act one after the other, and those before it may move the band. */
    const bool after = e->ticket.link.leg > 1 && !e->child;
    const bool later =
        pegged || after || e->desk->state != TRD_SESSION_CONTINUOUS || e->ticket.auction_only;
    trd_px low = e->listing->spec.px_min;
    trd_px high = e->listing->spec.px_max;
    if (out->has_px || (!later && !trd__band(match, e->command->instrument, &low, &high))) {
        return;
    }
    const bool capped = pegged && (e->ticket.prices.flags & TRD_PRICES_CAP) != 0;
    out->has_bound = 1;
    out->bound = capped ? e->ticket.prices.cap : buys ? high : low;
}

/* What the order would be. */
static void vet_tell(const trd_match *match, const entry *e, trd_vetted *out) {
    const bool released = e->through && e->desk->state == TRD_SESSION_CONTINUOUS;
    out->tag = e->ticket.link.tag;
    out->parent = e->ticket.link.parent;
    out->account = e->command->account;
    out->instrument = e->command->instrument;
    out->side = e->order->side;
    out->px = e->px;
    out->waits = !e->now && !released;
    out->leaves = vet_lots(match, e, out->waits != 0);
    out->budget = e->ticket.sizes.budget;
    out->position = e->order->position;
    out->has_px = e->ticket.has_px || e->type == TRD_TYPE_LIMIT;
    out->reduces = e->ticket.reduces;
    out->child = e->child;
    vet_bound(match, e, out);
}

unsigned trd__rich_vet_new(
    trd_match *match, const trd_command *command, size_t slots, trd_vetted *out) {
    const trd_keeps keeps = {match->positions.capacity != 0, match->groups.capacity != 0};
    entry e = {.command = command, .order = &command->u.order};
    unsigned reason = trd__form_new_read(command, slots, keeps, &e.ticket);
    if (reason != 0) {
        return reason;
    }
    const trd_ext_link *link = &e.ticket.link;
    if (link->link != 0 && trd__form_leg(e.order, &e.ticket) != 0) {
        return TRD_REJECT_LINK;
    }
    e.child = link->leg > 1 &&
              (link->relation == TRD_RELATION_OTO || link->relation == TRD_RELATION_BRACKET);
    if ((reason = check_entry(match, &e)) != 0) {
        return reason;
    }
    vet_tell(match, &e, out);
    return 0;
}

void trd__legs_vet(trd_match *match, const trd_legs *legs, unsigned *reasons, trd_vetted *out) {
    entry entries[TRD_LEGS_MAX];
    uint64_t ids[TRD_LEGS_MAX];
    const bool room = legs_begin(match, legs, entries, ids);
    for (uint32_t at = 0; at < legs->count; at++) {
        out[at] = (trd_vetted){0};
        reasons[at] = check_leg(match, legs, entries, ids, at);
        if (reasons[at] == 0) {
            vet_tell(match, &entries[at], &out[at]);
            reasons[at] = room ? 0 : TRD_REJECT_NO_CAPACITY;
        }
    }
}

void trd__rich_new(trd_match *match, trd_out *out) {
    const trd_command *command = match->work.command;
    const trd_keeps keeps = {match->positions.capacity != 0, match->groups.capacity != 0};
    entry e = {.command = command, .order = &command->u.order};
    unsigned reason = trd__form_new_read(command, match->work.slots, keeps, &e.ticket);
    if (reason == 0 && e.ticket.link.link != 0) {
        trd__link_new(match, out, &e.ticket);
        return;
    }
    if (reason == 0) {
        reason = check_entry(match, &e);
    }
    if (reason != 0) {
        trd__reject_new(match, out, command, reason);
        match->work.refused = 1;
        return;
    }
    const uint32_t i = command->instrument;
    const uint32_t unit = accept(match, out, &e);
    const uint32_t number = trd__special_of(trd__order(match, unit));
    const bool whole = (e.order->exec & TRD_EXEC_ALL_OR_NONE) != 0;
    if (e.cut < e.qty) {
        trd__emit_restated(match, out, i, unit, TRD_RESTATE_CUT, e.px, 0, e.cut);
    }
    if (e.through && e.desk->state == TRD_SESSION_CONTINUOUS) {
        trd__release(match, out, number);
    } else if (e.ticket.triggers || e.ticket.trails) {
        trd__trigger_wait(match, number);
        trd__settle_begin(match, i);
    } else if (e.ticket.auction_only && !trd__joins(e.order->tif, e.desk->state)) {
        trd__wait(match, number, TRD_WAITS_AUCTION);
        trd__limbo_enter(&match->store, unit);
        trd__settle_begin(match, i);
    } else if (e.order->type == TRD_TYPE_PEGGED) {
        trd__order(match, unit)->leaves = e.cut;
        trd__ends_add(match, &e.desk->pegs, TRD_LIST_OWN, number);
        trd__peg_arrive(match, out, number);
    } else if (e.desk->state != TRD_SESSION_CONTINUOUS) {
        rest_now(match, out, unit, i, e.px, e.cut);
    } else {
        if (e.slides) {
            trd__emit_restated(match, out, i, unit, TRD_RESTATE_SLIDE, e.slide, 0, e.cut);
        }
        trd__taker_load(match, unit, i, e.type, e.slide, e.cut);
        match->work.budgeted = (e.order->exec & TRD_EXEC_BUDGET) != 0;
        match->work.budget = trd__mul(e.ticket.sizes.budget, e.listing->spec.denominator);
        begin_taking(match, out, e.ticket.sizes.minimum, whole, single_price(&e));
    }
}

/* --- orders that arrive by themselves ----------------------------------------------------------
 */

static trd_qty reducible(const trd_match *match, const trd_node *node, const trd_special *special) {
    const trd_qty held = trd__pos_entry(&match->positions, special->position)->qty;
    return trd__whole_lots(match, special->instrument, trd__pos_reducible(held, node->side));
}

/* An order that closes the position has its size now. */
static void arrive_sized(trd_match *match, uint32_t unit, uint32_t instrument) {
    trd_node *node = trd__order(match, unit);
    if ((node->exec & TRD_EXEC_CLOSE_POSITION) != 0) {
        const trd_qty most = reducible(match, node, trd__special(match, trd__special_of(node)));
        node->leaves = whole_lots(trd__listing(match, instrument), most);
    }
}

/* A released order may only reduce: false if it ended. */
static bool arrive_reduced(trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument) {
    trd_node *node = trd__order(match, unit);
    const trd_special *special = trd__special(match, trd__special_of(node));
    if (!special->reduces) {
        return true;
    }
    const trd_qty most = reducible(match, node, special);
    if (most == 0) {
        trd__end_order(match, out, unit, instrument, TRD_CAUSE_REDUCE_ONLY, node->leaves);
        trd__settle_begin(match, instrument);
        return false;
    }
    if (node->leaves > most) {
        node->leaves = most;
        trd__emit_restated(
            match, out, instrument, unit, TRD_RESTATE_CUT, special->px, 0, node->leaves);
    }
    return true;
}

/* Post-only when it is released, and whether it may slide: false if it ended. */
static bool arrive_passive(
    trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument, bool may_slide) {
    const trd_node *node = trd__order(match, unit);
    trd_special *special = trd__special(match, trd__special_of(node));
    bool slides = false;
    trd_px slide;
    if (special->type != TRD_TYPE_LIMIT) {
        return true;
    }
    const unsigned reason =
        trd__check_passive(match, instrument, node, node->leaves, special->px, &slides, &slide);
    if (reason != 0 || (slides && !may_slide)) {
        trd__end_order(match, out, unit, instrument, TRD_CAUSE_POST_ONLY, node->leaves);
        trd__settle_begin(match, instrument);
        return false;
    }
    if (slides) {
        special->px = slide;
        trd__emit_restated(
            match, out, instrument, unit, TRD_RESTATE_SLIDE, special->px, 0, node->leaves);
    }
    return true;
}

/* The band when it is released: false if it ended. */
static bool arrive_in_band(trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument) {
    const trd_node *node = trd__order(match, unit);
    const trd_special *special = trd__special(match, trd__special_of(node));
    trd_px low;
    trd_px high;
    if (special->type != TRD_TYPE_LIMIT ||
        trd__desk(match, instrument)->profile.band_action != TRD_BAND_REJECT ||
        !trd__band(match, instrument, &low, &high) || (special->px >= low && special->px <= high)) {
        return true;
    }
    trd__end_order(match, out, unit, instrument, TRD_CAUSE_BAND, node->leaves);
    trd__settle_begin(match, instrument);
    return false;
}

void trd__arrive(trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument, unsigned how) {
    const trd_node *node = trd__order(match, unit);
    const uint32_t number = trd__special_of(node);
    const trd_special *special = trd__special(match, number);
    const bool released = how == TRD_ARRIVES_RELEASED;
    const bool continuous = trd__desk(match, instrument)->state == TRD_SESSION_CONTINUOUS;
    if (released) {
        arrive_sized(match, unit, instrument);
    }
    if (released && (!arrive_in_band(match, out, unit, instrument) ||
                        !arrive_reduced(match, out, unit, instrument))) {
        return;
    }
    if (continuous && how != TRD_ARRIVES_PEG &&
        !arrive_passive(match, out, unit, instrument, how != TRD_ARRIVES_AGAIN)) {
        return;
    }
    if (!continuous) { /* only legs of a group */
        rest_now(match, out, unit, instrument, special->px, node->leaves);
        return;
    }
    const unsigned type = special->type == TRD_TYPE_MARKET ? TRD_TYPE_MARKET : TRD_TYPE_LIMIT;
    const bool single =
        node->tif == TRD_TIF_FOK &&
        ((node->exec & TRD_EXEC_SINGLE_PRICE) != 0 ||
            (trd__listing(match, instrument)->spec.profile & TRD_PROFILE_FOK_SINGLE_PRICE) != 0);
    trd__taker_load(match, unit, instrument, type, special->px, node->leaves);
    begin_taking(match, out, released ? special->minimum : 0,
        (node->exec & TRD_EXEC_ALL_OR_NONE) != 0, single);
}

void trd__move(trd_match *match, trd_out *out, uint32_t unit, uint32_t instrument, trd_px px,
    trd_qty leaves, bool slides) {
    if (trd__desk(match, instrument)->state != TRD_SESSION_CONTINUOUS) {
        rest_now(match, out, unit, instrument, px, leaves);
        return;
    }
    if (slides) {
        trd__emit_restated(match, out, instrument, unit, TRD_RESTATE_SLIDE, px, 0, leaves);
    }
    const trd_node *node = trd__order(match, unit);
    trd__taker_load(match, unit, instrument, TRD_TYPE_LIMIT, px, leaves);
    begin_taking(match, out, 0, (node->exec & TRD_EXEC_ALL_OR_NONE) != 0, false);
}
