/* rich.c - the long way: the machine, and what commands about one order do on it. */
#include "match/rich.h"

/* --- when it is taken --------------------------------------------------------------------------
 */

void trd__rich_set(trd_match *match, uint32_t instrument, unsigned why) {
    trd_listing *listing = trd__listing(match, instrument);
    if (listing->rich == 0) {
        match->rich_any++;
        trd__plain_until_set(match);
    }
    listing->rich |= why;
    listing->quiet = TRD_QUIET_UNKNOWN;
}

void trd__rich_clear(trd_match *match, uint32_t instrument, unsigned why) {
    trd_listing *listing = trd__listing(match, instrument);
    const uint32_t former = listing->rich;
    listing->rich &= ~(uint32_t)why;
    listing->quiet = TRD_QUIET_UNKNOWN;
    match->rich_any -= former != 0 && listing->rich == 0;
    trd__plain_until_set(match);
}

void trd__plain_until_set(trd_match *match) {
    const bool looks = match->rich_any != 0 || match->kill_count != 0 || match->groups.staged != 0;
    match->plain_until = looks ? INT64_MIN : match->timer_bound;
}

unsigned trd__way(trd_match *match, const trd_command *command) {
    const uint32_t i = command->instrument;
    if (command->time >= match->timer_bound || match->kill_count != 0 ||
        match->groups.staged != 0) {
        return TRD_WAY_LONG;
    }
    if (!trd__is_rich(match, i)) {
        return TRD_WAY_SHORT;
    }
    if (trd__listing(match, i)->rich != TRD_RICH_SPECIALS || command->kind < TRD_COMMAND_NEW ||
        command->kind > TRD_COMMAND_REDUCE) {
        return TRD_WAY_LONG;
    }
    const uint32_t quiet = trd__listing(match, i)->quiet;
    return quiet == TRD_QUIET_YES || (quiet == TRD_QUIET_UNKNOWN && trd__watch_quiet(match, i))
               ? TRD_WAY_WATCHED
               : TRD_WAY_LONG;
}

/* The record becomes the one in work. */
static void record_take(trd_match *match, const trd_command *command, size_t slots) {
    size_t own = command->slots >= 1 && command->slots <= TRD_SLOTS_MAX ? command->slots : 1;
    own = own < slots ? own : slots;
    memcpy(match->work.command, command, own * sizeof(*command));
    match->work.slots = (uint32_t)own;
}

/* --- commands about one order ------------------------------------------------------------------
 */

typedef struct target {
    uint32_t unit; /* 0: there is none that the command may touch */
    unsigned reason;
} target;

static uint32_t instrument_of(const trd_match *match, const trd_node *node) {
    const uint32_t number = trd__special_of(node);
    return number != 0 ? trd__special(match, number)->instrument
                       : trd__queue(trd__store_arena(&match->store), node->level)->side_at / 2;
}

static target find(const trd_match *match, uint64_t name) {
    const trd_command *command = match->work.command;
    const bool by_handle = (command->flags & TRD_COMMAND_BY_HANDLE) != 0;
    const uint32_t unit = by_handle ? trd__store_unit(&match->store, name)
                                    : trd__id_find(match, command->account, name);
    if (unit == 0) {
        return (target){0, TRD_REJECT_UNKNOWN_ORDER};
    }
    const trd_node *node = trd__order(match, unit);
    if ((by_handle && node->account != command->account) ||
        instrument_of(match, node) != command->instrument) {
        return (target){0, TRD_REJECT_ORDER_MISMATCH};
    }
    return (target){unit, 0};
}

static void reject(trd_match *match, trd_out *out, uint32_t unit, unsigned reason) {
    trd__reject_target(match, out, match->work.command, unit, reason);
    match->work.refused = 1;
}

void trd__rich_cancel(trd_match *match, trd_out *out) {
    const trd_command *command = match->work.command;
    const trd_cancel *cancel = &command->u.cancel;
    unsigned reason = trd__form_cancel(command);
    if (reason != 0) {
        reject(match, out, 0, reason);
        return;
    }
    const target found = find(match, cancel->target);
    if (found.unit == 0) {
        reject(match, out, 0, found.reason);
        return;
    }
    const uint32_t i = command->instrument;
    trd_node *node = trd__order(match, found.unit);
    const trd_qty leaves = trd__leaves(match, node);
    if (command->kind == TRD_COMMAND_CANCEL) {
        trd__end_order(match, out, found.unit, i, TRD_CAUSE_USER, leaves);
        trd__settle_begin(match, i);
        return;
    }
    const trd_rules *rules = &trd__listing(match, i)->rules;
    const trd_qty less = cancel->qty;
    const uint32_t number = trd__special_of(node);
    const bool unsized = number != 0 && leaves == 0;
    reason = unsized                           ? TRD_REJECT_BAD_COMBINATION
             : less == 0                       ? TRD_REJECT_QTY_ZERO
             : less < 0                        ? TRD_REJECT_QTY_NEGATIVE
             : !trd__rules_on_lot(rules, less) ? TRD_REJECT_OFF_LOT
                                               : 0;
    if (reason != 0) {
        reject(match, out, found.unit, reason);
        return;
    }
    if (less >= leaves) {
        trd__end_order(match, out, found.unit, i, TRD_CAUSE_REDUCED, leaves);
    } else {
        trd__emit_replaced(match, out, i, found.unit, TRD_EVENT_PLACE_KEPT,
            trd__open_status(node->executed), trd__px_of(match, found.unit),
            node->executed + trd__prevented(match, node) + leaves - less);
        trd__shrink_order(match, out, found.unit, less);
    }
    trd__settle_begin(match, i);
}

/* The limit of an order, 0 while it has none. */
trd_px trd__px_of(const trd_match *match, uint32_t unit) {
    const trd_node *node = trd__order(match, unit);
    const uint32_t number = trd__special_of(node);
    if (number != 0) {
        return trd__special(match, number)->px;
    }
    const trd_queue *level = trd__queue(trd__store_arena(&match->store), node->level);
    return trd__key_px(level->key, level->side_at & 1);
}

/* --- replace -----------------------------------------------------------------------------------
 */

/* What a replace makes of an order. */
typedef struct terms {
    uint32_t unit;
    uint32_t number; /* of its record */
    trd_px old_px;
    trd_px px;
    trd_px slide;
    trd_qty old_total;
    trd_qty total;
    trd_qty done; /* executed and prevented */
    uint64_t client_id;
    uint32_t home;
    bool new_id;
    bool priced;  /* has a limit of its own */
    bool unsized; /* has no lots now: of a position to be closed, or a child that waits for some */
    bool ends;
    bool keeps;
    bool slides;
} terms;

static bool is_waiting(const trd_match *match, const terms *to) {
    return to->number != 0 && trd__special(match, to->number)->where == TRD_WHERE_WAITING;
}

/* Does the order's type have a limit that its owner sets? */
static bool has_limit(const trd_match *match, const terms *to) {
    if (to->number == 0) {
        return true;
    }
    const trd_special *special = trd__special(match, to->number);
    switch (special->type) {
    case TRD_TYPE_LIMIT:
    case TRD_TYPE_STOP_LIMIT:
    case TRD_TYPE_TOUCHED_LIMIT:
        return true;
    case TRD_TYPE_TRAILING_STOP_LIMIT:
        return !special->has_limit_offset;
    default:
        return false;
    }
}

static unsigned check_new_id(trd_match *match, terms *to) {
    const trd_command *command = match->work.command;
    const trd_node *node = trd__order(match, to->unit);
    const uint64_t id = command->u.replace.client_id;
    to->new_id = (command->flags & TRD_COMMAND_NEW_ID) != 0 && id != trd__client_id(match, node);
    if (!to->new_id) {
        return 0;
    }
    to->client_id = id;
    return trd__id_check(match, node->account, id, &to->home);
}

static unsigned check_new_numbers(const trd_match *match, const terms *to) {
    const trd_command *command = match->work.command;
    const trd_rules *rules = &trd__listing(match, command->instrument)->rules;
    const bool keep_px = (command->flags & TRD_COMMAND_KEEP_PX) != 0;
    const bool keep_qty = (command->flags & TRD_COMMAND_KEEP_QTY) != 0;
    unsigned reason = 0;
    if (!keep_px && (reason = trd__rules_px(rules, to->px)) != 0) {
        return reason;
    }
    if (!keep_qty && (reason = trd__rules_qty(rules, to->total)) != 0) {
        return reason;
    }
    if (to->priced && !to->unsized && !(keep_px && keep_qty) &&
        (reason = trd__rules_notional(rules, to->px, to->total)) != 0) {
        return reason;
    }
    const trd_special *special = to->number != 0 ? trd__special(match, to->number) : NULL;
    if (special != NULL && !keep_qty && special->peak != 0 && !to->ends &&
        to->total < special->peak) {
        return TRD_REJECT_PEAK;
    }
    trd_px low;
    trd_px high;
    if (to->px != to->old_px &&
        trd__desk(match, command->instrument)->profile.band_action == TRD_BAND_REJECT &&
        trd__band(match, command->instrument, &low, &high) && (to->px < low || to->px > high)) {
        return TRD_REJECT_BAND;
    }
    return 0;
}

/* An order that would arrive as a taker: post-only, and prevention at entry. */
static unsigned check_arrival(trd_match *match, terms *to) {
    const uint32_t i = match->work.command->instrument;
    const trd_node *node = trd__order(match, to->unit);
    to->slide = to->px;
    if (to->ends || to->keeps || is_waiting(match, to) ||
        trd__desk(match, i)->state != TRD_SESSION_CONTINUOUS) {
        return 0;
    }
    const unsigned reason =
        trd__check_passive(match, i, node, to->total - to->done, to->px, &to->slides, &to->slide);
    if (reason != 0 || trd__stp_of(node) != TRD_STP_REJECT || to->slides) {
        return reason;
    }
    const bool whole = (node->exec & TRD_EXEC_ALL_OR_NONE) != 0;
    trd__taker_load(match, to->unit, i, TRD_TYPE_LIMIT, to->px, to->total - to->done);
    match->work.counts_own = 1;
    const trd_reach reach = trd__reach(match, false);
    match->work.counts_own = 0;
    match->taker.unit = 0;
    return reach.meets_own && !(whole && reach.lots < to->total - to->done) ? TRD_REJECT_SELF_MATCH
                                                                            : 0;
}

static unsigned check_replace(trd_match *match, terms *to) {
    const trd_command *command = match->work.command;
    const bool nameless = trd__order(match, to->unit)->id_slot == TRD_MAP_NONE;
    unsigned reason = 0;
    if ((!to->priced && (command->flags & TRD_COMMAND_KEEP_PX) == 0) ||
        (nameless && (command->flags & TRD_COMMAND_NEW_ID) != 0) ||
        (to->unsized && (command->flags & TRD_COMMAND_KEEP_QTY) == 0)) {
        return TRD_REJECT_BAD_COMBINATION;
    }
    if ((reason = check_new_id(match, to)) != 0) {
        return reason;
    }
    const unsigned state = trd__desk(match, command->instrument)->state;
    if (state == TRD_SESSION_CLOSED || state == TRD_SESSION_HALTED) {
        return TRD_REJECT_SESSION;
    }
    to->ends = !to->unsized && to->done > 0 && to->total <= to->done;
    to->keeps = !to->ends && to->px == to->old_px && to->total <= to->old_total;
    if ((reason = check_new_numbers(match, to)) != 0) {
        return reason;
    }
    return check_arrival(match, to);
}

/* A waiting order that loses its place waits again, behind the others. */
static void wait_again(trd_match *match, const terms *to) {
    trd_special *special = trd__special(match, to->number);
    const unsigned waits = special->waits;
    trd_node *node = trd__order(match, to->unit);
    trd_px extreme = 0;
    if (waits == TRD_WAITS_ELECTED) { /* it has its rank among the elected already */
        special->px = to->px;
        node->leaves = to->total - to->done;
        trd__wait_renew(match, to->number);
        return;
    }
    if (waits == TRD_WAITS_TRAIL) {
        extreme = trd__trail_extreme(trd__trails(match), to->number);
    }
    trd__wait_end(match, to->number);
    trd__place_leave(&match->store, to->unit);
    special->px = to->px;
    node->leaves = to->total - to->done;
    trd__wait_as(match, to->number, waits, extreme);
}

/* Why the REPLACE in work is refused; else what it makes of the order. */
static unsigned replace_terms(trd_match *match, terms *to) {
    const trd_command *command = match->work.command;
    const trd_replace *replace = &command->u.replace;
    *to = (terms){0};
    const unsigned reason = trd__form_replace(command, match->work.slots);
    if (reason != 0) {
        return reason;
    }
    const target found = find(match, replace->target);
    if (found.unit == 0) {
        return found.reason;
    }
    const trd_node *node = trd__order(match, found.unit);
    const trd_qty leaves = trd__leaves(match, node);
    *to = (terms){.unit = found.unit,
        .number = trd__special_of(node),
        .old_px = trd__px_of(match, found.unit),
        .unsized = trd__special_of(node) != 0 && leaves == 0,
        .done = node->executed + trd__prevented(match, node)};
    to->old_total = to->done + leaves;
    to->px = (command->flags & TRD_COMMAND_KEEP_PX) != 0 ? to->old_px : replace->px;
    to->total = (command->flags & TRD_COMMAND_KEEP_QTY) != 0 ? to->old_total : replace->qty;
    to->priced = has_limit(match, to);
    return check_replace(match, to);
}

unsigned trd__rich_vet_replace(
    trd_match *match, const trd_command *command, size_t slots, trd_vetted *out) {
    terms to;
    record_take(match, command, slots);
    const unsigned reason = replace_terms(match, &to);
    if (reason != 0) {
        return reason;
    }
    const trd_node *node = trd__order(match, to.unit);
    const trd_special *special = to.number != 0 ? trd__special(match, to.number) : NULL;
    out->order = trd__store_handle(node, to.unit);
    out->tag = special != NULL ? special->tag : 0;
    out->parent = special != NULL ? special->parent : 0;
    out->side = node->side;
    out->position = (uint8_t)trd__position_of(node);
    out->px = to.px;
    out->leaves = to.ends ? 0 : to.total - to.done;
    out->has_px = to.priced || !is_waiting(match, &to);
    out->reduces = special != NULL && special->reduces;
    out->waits = is_waiting(match, &to);
    if (special != NULL && (special->type == TRD_TYPE_PEGGED || special->type == TRD_TYPE_MARKET)) {
        /* Its price will move, or an auction finds it. */
        const trd_instrument *spec = &trd__listing(match, command->instrument)->spec;
        out->has_bound = 1;
        out->bound = special->has_cap        ? special->cap
                     : node->side == TRD_BUY ? spec->px_max
                                             : spec->px_min;
    }
    return 0;
}

void trd__rich_replace(trd_match *match, trd_out *out) {
    const trd_command *command = match->work.command;
    const uint32_t i = command->instrument;
    terms to;
    const unsigned reason = replace_terms(match, &to);
    if (reason != 0) {
        reject(match, out, to.unit, reason);
        return;
    }
    trd_node *node = trd__order(match, to.unit);
    if (to.new_id) {
        trd__id_end(match, node->id_slot);
        node->id_slot = trd__id_take(match, to.home, node->account, to.client_id, to.unit);
    }
    const unsigned status = to.ends ? TRD_STATUS_FILLED : trd__open_status(node->executed);
    trd__emit_replaced(match, out, i, to.unit, to.keeps ? TRD_EVENT_PLACE_KEPT : 0, status, to.px,
        to.ends ? to.done : to.total);
    if (to.ends) {
        trd__leave_place(match, out, to.unit, i);
        trd__free_order(match, to.unit, i);
        trd__settle_begin(match, i);
    } else if (to.keeps) {
        if (to.total < to.old_total) {
            trd__shrink_order(match, out, to.unit, to.old_total - to.total);
        }
        trd__settle_begin(match, i);
    } else if (is_waiting(match, &to)) {
        wait_again(match, &to);
        trd__settle_begin(match, i);
    } else {
        trd__leave_place(match, out, to.unit, i);
        trd__move(match, out, to.unit, i, to.slide, to.total - to.done, to.slides);
    }
}

/* --- other commands ----------------------------------------------------------------------------
 */

static void price_command(trd_match *match, trd_out *out) {
    const trd_command *command = match->work.command;
    const trd_price *price = &command->u.price;
    const uint32_t i = command->instrument;
    unsigned reason = 0;
    if (price->source == TRD_SOURCE_BID || price->source == TRD_SOURCE_ASK ||
        price->source == TRD_SOURCE_MID) {
        reason = TRD_REJECT_BAD_COMBINATION;
    } else if (i >= match->instruments) {
        reason = TRD_REJECT_UNKNOWN_INSTRUMENT;
    } else if (price->px < trd__listing(match, i)->spec.px_min ||
               price->px > trd__listing(match, i)->spec.px_max) {
        reason = TRD_REJECT_PRICE_LIMIT;
    }
    if (reason != 0) {
        trd__reject_command(match, out, command, reason);
        return;
    }
    trd__observe(match, i, price->source, price->px);
    trd__settle_begin(match, i);
}

static void subscribe_command(trd_match *match, trd_out *out) {
    const trd_command *command = match->work.command;
    if (command->instrument >= match->instruments) {
        trd__reject_command(match, out, command, TRD_REJECT_UNKNOWN_INSTRUMENT);
        return;
    }
    trd__publish_set(match, trd__listing(match, command->instrument), command->u.subscribe.publish);
}

static void other_command(trd_match *match, trd_out *out) {
    const trd_command *command = match->work.command;
    const unsigned reason =
        trd__form_other(command, match->work.slots, match->quotes.capacity != 0);
    if (reason != 0) {
        trd__reject_command(match, out, command, reason);
        return;
    }
    switch (command->kind) {
    case TRD_COMMAND_SUBSCRIBE:
        subscribe_command(match, out);
        break;
    case TRD_COMMAND_PRICE:
        price_command(match, out);
        break;
    case TRD_COMMAND_SESSION:
        trd__session_command(match, out);
        break;
    case TRD_COMMAND_MASS_CANCEL:
        match->work.indicate = UINT32_MAX;
        trd__mass_command(match, out);
        break;
    case TRD_COMMAND_KILL:
        match->work.indicate = UINT32_MAX;
        trd__kill_command(match, out);
        break;
    case TRD_COMMAND_DEADMAN:
        match->work.indicate = UINT32_MAX;
        trd__deadman_command(match, out);
        break;
    case TRD_COMMAND_QUOTE:
        trd__quote_command(match, out);
        break;
    case TRD_COMMAND_PROTECTION:
        trd__protection_command(match, out);
        break;
    default: /* TIMER */
        break;
    }
}

/* The short way does not look at the best prices: they become known before an instrument's first
 * command that goes the long way. */
static void quotes_refresh(trd_match *match, uint32_t instrument) {
    if (instrument >= match->instruments || trd__listing(match, instrument)->rich != 0) {
        return;
    }
    trd_desk *desk = trd__desk(match, instrument);
    for (uint32_t s = 0; s < 2; s++) {
        const unsigned source = TRD_SOURCE_BID + s;
        const unsigned bit = 1u << source;
        trd_px px;
        const bool known = trd__book_best(match, instrument, s, &px);
        desk->price[source] = px;
        desk->known = (uint8_t)(known ? desk->known | bit : desk->known & ~bit);
    }
}

/* --- the machine -------------------------------------------------------------------------------
 */

/* Carries out the command itself; what it leaves to do is the stage afterwards. */
static void command_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    const trd_command *command = work->command;
    match->time = work->time;
    if (match->groups.staged != 0 && trd__staged_drop(match, out)) {
        return; /* the command itself is the next unit */
    }
    work->stage = TRD_STAGE_END;
    work->after_settle = TRD_STAGE_END;
    work->after_end = TRD_STAGE_IDLE;
    work->elections = 0;
    work->refused = 0;
    work->timed = 0;
    work->indicate = command->instrument;
    quotes_refresh(match, command->instrument);
    switch (command->kind) {
    case TRD_COMMAND_NEW:
        trd__rich_new(match, out);
        break;
    case TRD_COMMAND_CANCEL:
    case TRD_COMMAND_REDUCE:
        trd__rich_cancel(match, out);
        break;
    case TRD_COMMAND_REPLACE:
        trd__rich_replace(match, out);
        break;
    default:
        other_command(match, out);
        break;
    }
}

static void timers_stage(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    work->after_settle = TRD_STAGE_END;
    work->after_end = TRD_STAGE_TIMERS;
    work->refused = 0;
    if (!trd__timers_unit(match, out)) {
        work->stage = TRD_STAGE_COMMAND;
    }
}

int trd__rich_run(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    while (work->stage != TRD_STAGE_IDLE) {
        if (trd__out_full(out) && work->stage != TRD_STAGE_VERDICT &&
            work->stage != TRD_STAGE_QUOTED) {
            return TRD_MORE;
        }
        switch (work->stage) {
        case TRD_STAGE_TIMERS:
            timers_stage(match, out);
            break;
        case TRD_STAGE_COMMAND:
            command_unit(match, out);
            break;
        case TRD_STAGE_TAKE:
            trd__take_unit(match, out);
            break;
        case TRD_STAGE_CUT:
            trd__cut_unit(match, out);
            break;
        case TRD_STAGE_PROTECT:
            trd__protect_unit(match, out);
            break;
        case TRD_STAGE_LINK:
            trd__link_unit(match, out);
            break;
        case TRD_STAGE_ARRIVE:
            trd__release_arrive(match, out, work->arriving);
            break;
        case TRD_STAGE_LEGS:
            trd__legs_unit(match, out);
            break;
        case TRD_STAGE_SETTLE:
            trd__settle_unit(match, out);
            break;
        case TRD_STAGE_SESSION:
            trd__session_unit(match, out);
            break;
        case TRD_STAGE_UNCROSS:
            trd__uncross_unit(match, out);
            break;
        case TRD_STAGE_MASS:
            trd__mass_unit(match, out);
            break;
        case TRD_STAGE_VERDICT:
        case TRD_STAGE_QUOTED:
            return TRD_NEED_VERDICT;
        case TRD_STAGE_QUOTE:
            trd__quote_unit(match, out);
            break;
        default:
            if (!work->refused) {
                trd__auction_indicate(match, out, work->indicate);
            }
            work->stage = work->after_end;
            break;
        }
    }
    return TRD_OK;
}

int trd__rich_command(trd_match *match, const trd_command *command, size_t slots, trd_out *out) {
    trd_work *work = &match->work;
    record_take(match, command, slots);
    work->time = command->time > match->time ? command->time : match->time;
    work->stage = work->time < match->timer_bound ? TRD_STAGE_COMMAND : TRD_STAGE_TIMERS;
    work->watched = 0;
    return trd__rich_run(match, out);
}
