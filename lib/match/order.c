/* order.c - what each command does: new, cancel, reduce, replace, and the taking of liquidity. */
#include "match/emit.h"
#include "match/form.h"
#include "match/rich.h"

/* --- taking ----------------------------------------------------------------------------------- */

trd_inline bool crosses(const trd_side *opposite, uint64_t limit) {
    return opposite->near > 0 && opposite->best >= limit;
}

/* Lots that a taker with this limit can reach, counted up to `enough`. */
static trd_qty reachable(
    const trd_store *store, uint32_t opposite_at, uint64_t limit, trd_qty enough) {
    char *arena = trd__store_arena(store);
    trd_qty sum = 0;
    uint32_t unit = trd__ladder_best(store, opposite_at);
    while (unit != 0 && sum < enough) {
        const trd_queue *level = trd__queue(arena, unit);
        if (level->key < limit) {
            break;
        }
        sum += level->qty;
        unit = trd__ladder_worse(store, opposite_at, level->key);
    }
    return sum;
}

/* The fills of both sides with their EXEC extensions. */
static trd_cold void emit_pair_exec(trd_match *match, trd_out *out, const trd_taker *taker,
    const trd_node *maker, uint32_t taker_detail, uint32_t maker_detail, trd_order taker_order,
    trd_order maker_order, trd_px px, trd_qty qty) {
    trd__emit_fill(match, out, taker->instrument, taker->account, taker_detail, taker_order, px,
        qty, taker->leaves);
    trd__emit_exec(match, out,
        &(trd_ext_exec){.client_id = taker->client_id,
            .kind = TRD_EXT_EXEC,
            .contra_account = maker->account,
            .cum = taker->executed,
            .contra = maker_order,
            .command_seq = taker->command_seq});
    trd__emit_fill(match, out, taker->instrument, maker->account, maker_detail, maker_order, px,
        qty, maker->leaves);
    trd__emit_exec(match, out,
        &(trd_ext_exec){.client_id = trd__plain_id(match, maker),
            .kind = TRD_EXT_EXEC,
            .contra_account = taker->account,
            .cum = maker->executed,
            .prevented = (trd_qty)maker->more,
            .contra = taker_order,
            .command_seq = taker->command_seq});
}

static trd_cold void emit_tape(trd_match *match, trd_out *out, const trd_taker *taker, trd_px px,
    trd_qty qty, uint64_t trade) {
    trd_event *event = trd__emit(
        match, out, TRD_EVENT_TAPE, 0, taker->instrument, 0, TRD_DETAIL(taker->s + 1, 0, 0, 0));
    event->u.tape = (trd_ev_tape){.px = px, .qty = qty, .trade = trade};
}

/* One execution: the taker against the first order of the best opposite level. */
trd_inline void execute_pair(trd_match *match, trd_out *out, trd_taker *taker, uint32_t opposite_at,
    uint32_t publish, trd_order taker_order) {
    trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    trd_queue *level = trd__queue(arena, trd__ladder_best(store, opposite_at));
    const uint32_t maker_unit = level->link.next;
    trd_node *maker = trd__node(arena, maker_unit);
    const trd_qty qty = taker->leaves < maker->leaves ? taker->leaves : maker->leaves;
    const trd_px px = trd__key_px(level->key, taker->s ^ 1u);
    const trd_order maker_order = trd__store_handle(maker, maker_unit);
    trd_assert(qty > 0);

    taker->leaves -= qty;
    taker->executed += qty;
    maker->leaves -= qty;
    maker->executed += qty;
    level->qty -= qty;
    match->executions++;
    const uint64_t trade = match->seq + 1;
    const uint32_t taker_detail = TRD_DETAIL(taker->s + 1, TRD_LIQUIDITY_TAKER,
        taker->leaves == 0 ? TRD_STATUS_FILLED : TRD_STATUS_PARTIALLY_FILLED, 0);
    const uint32_t maker_detail = TRD_DETAIL((taker->s ^ 1u) + 1, TRD_LIQUIDITY_MAKER,
        maker->leaves == 0 ? TRD_STATUS_FILLED : TRD_STATUS_PARTIALLY_FILLED, 0);
    if (trd_unlikely((publish & TRD_PUBLISH_EXEC) != 0)) {
        emit_pair_exec(match, out, taker, maker, taker_detail, maker_detail, taker_order,
            maker_order, px, qty);
    } else {
        trd__emit_fill(match, out, taker->instrument, taker->account, taker_detail, taker_order, px,
            qty, taker->leaves);
        trd__emit_fill(match, out, taker->instrument, maker->account, maker_detail, maker_order, px,
            qty, maker->leaves);
    }

    const trd_qty maker_leaves = maker->leaves;
    if (maker_leaves == 0) {
        trd__order_unrest(store, maker);
        trd__id_end(match, maker->id_slot);
        trd__order_release(store, maker_unit);
    }
    if (trd_unlikely(publish != 0)) {
        if ((publish & TRD_PUBLISH_ORDERS) != 0) {
            trd__publish_order(
                match, out, level, maker_order, TRD_ORDER_EXECUTED, maker_leaves, qty);
        }
        if ((publish & TRD_PUBLISH_TAPE) != 0) {
            emit_tape(match, out, taker, px, qty, trade);
        }
        /* The level is told once, after the last execution at its price. */
        if ((publish & TRD_PUBLISH_LEVELS) != 0 && (level->count == 0 || taker->leaves == 0)) {
            trd__publish_level(match, out, level);
        }
    }
}

/* Puts an order whose terms are in its node to rest at the back of its queue. */
trd_inline void rest(trd_match *match, trd_out *out, uint32_t instrument, uint32_t s, trd_px px,
    uint32_t unit, trd_node *node, uint32_t publish) {
    const trd_queue *level =
        trd__order_rest(&match->store, instrument * 2 + s, trd__key(px, s), unit);
    if (trd_unlikely(publish != 0)) {
        trd__publish_change(match, out, publish, level, trd__store_handle(node, unit),
            TRD_ORDER_ADDED, node->leaves, node->leaves);
    }
}

/* Puts what is left of the taker to rest. */
static void rest_taker(trd_match *match, trd_out *out, trd_taker *taker, uint32_t publish) {
    trd_node *node = trd__node(trd__store_arena(&match->store), taker->unit);
    node->leaves = taker->leaves;
    node->executed = taker->executed;
    node->more = 0;
    node->account = taker->account;
    node->id_slot = taker->id_slot;
    node->side = (uint8_t)(taker->s + 1);
    node->tif = taker->tif;
    node->exec = taker->exec;
    node->actor = taker->actor;
    rest(match, out, taker->instrument, taker->s, taker->px, taker->unit, node, publish);
    taker->unit = 0;
}

/* The taker is through: its id ends and its slot is free again. */
trd_inline void end_taker(trd_match *match, trd_taker *taker) {
    trd__id_end(match, taker->id_slot);
    trd__order_release(&match->store, taker->unit);
    taker->unit = 0;
}

static void cancel_taker(trd_match *match, trd_out *out, trd_taker *taker, unsigned cause) {
    const trd_store *store = &match->store;
    const trd_node *node = trd__node(trd__store_arena(store), taker->unit);
    trd_event *event = trd__emit(match, out, TRD_EVENT_CANCELED, 0, taker->instrument,
        taker->account, TRD_DETAIL(taker->s + 1, 0, TRD_STATUS_CANCELED, cause));
    event->u.cancel = (trd_ev_cancel){.client_id = taker->client_id,
        .order = trd__store_handle(node, taker->unit),
        .qty = taker->leaves,
        .cum = taker->executed};
    end_taker(match, taker);
}

/* The last price, if anything was executed. */
trd_inline void set_last(trd_match *match, const trd_taker *taker, trd_qty before, trd_px last) {
    if (taker->leaves != before) {
        trd_listing *listing = trd__listing(match, taker->instrument);
        listing->last = last;
        listing->has_last = 1;
    }
}

/* Takes until nothing is left or nothing crosses, then rests or ends. Stops before any unit of work
 * for which there might not be room: match->taker is all that the next call needs. */
static trd_noinline int take(trd_match *match, trd_out *out) {
    trd_taker *taker = &match->taker;
    const trd_store *store = &match->store;
    const uint32_t opposite_at = (taker->instrument * 2 + taker->s) ^ 1;
    const trd_side *opposite = trd__store_side(store, opposite_at);
    const uint32_t publish = trd__publish(match, taker->instrument);
    const trd_order order =
        trd__store_handle(trd__node(trd__store_arena(store), taker->unit), taker->unit);
    const trd_qty before = taker->leaves;
    trd_px last = 0;
    for (;;) {
        if (trd_unlikely(trd__out_full(out))) {
            set_last(match, taker, before, last);
            return TRD_MORE;
        }
        if (taker->leaves == 0 || !crosses(opposite, taker->limit)) {
            break;
        }
        last = trd__key_px(opposite->best, taker->s ^ 1u);
        execute_pair(match, out, taker, opposite_at, publish, order);
    }
    set_last(match, taker, before, last);
    if (taker->leaves == 0) {
        end_taker(match, taker);
    } else if (taker->type == TRD_TYPE_LIMIT && trd__tif_rests(taker->tif)) {
        rest_taker(match, out, taker, publish);
    } else {
        cancel_taker(
            match, out, taker, taker->type == TRD_TYPE_MARKET ? TRD_CAUSE_MARKET : TRD_CAUSE_IOC);
    }
    return TRD_OK;
}

int trd__continue(trd_match *match, trd_out *out) {
    if (match->work.stage != TRD_STAGE_IDLE) {
        return trd__rich_run(match, out);
    }
    const int result = take(match, out);
    return result == TRD_OK && match->work.watched != 0 ? trd__watch_end(match, out) : result;
}

/* --- new -------------------------------------------------------------------------------------- */

static trd_cold int reject_new(
    trd_match *match, trd_out *out, const trd_command *command, unsigned reason) {
    trd__reject_new(match, out, command, reason);
    return TRD_OK;
}

/* The rules of the instrument about a new order's numbers. */
trd_inline unsigned check_numbers(const trd_rules *rules, const trd_new *order, trd_qty minimum) {
    unsigned reason = 0;
    const bool priced = order->type == TRD_TYPE_LIMIT;
    if (priced && trd_unlikely((reason = trd__rules_px(rules, order->px)) != 0)) {
        return reason;
    }
    if (trd_unlikely((reason = trd__rules_qty(rules, order->qty)) != 0)) {
        return reason;
    }
    if (priced && trd_unlikely((reason = trd__rules_notional(rules, order->px, order->qty)) != 0)) {
        return reason;
    }
    if (trd_unlikely(minimum != 0) &&
        (minimum < 0 || minimum > order->qty || !trd__rules_on_lot(rules, minimum))) {
        return TRD_REJECT_MIN_QTY;
    }
    return 0;
}

/* Is there anything in the order that only the long way knows? */
static bool needs_more(const trd_new *order, const trd_ticket *ticket) {
    return ticket->special || order->stp != 0 || order->position != 0 ||
           (order->exec & ~TRD_EXEC_POST_ONLY) != 0 || order->tif > TRD_TIF_FOK;
}

/* All reasons to refuse a new order but the lack of room, in the order of reject.def. */
trd_inline unsigned check_new(
    const trd_match *match, const trd_command *command, size_t slots, trd_entrant *to) {
    const trd_new *order = &command->u.order;
    unsigned reason = 0;
    to->minimum = 0;
    to->rich = false;
    if (trd_unlikely(!trd__form_plain(command))) {
        trd_ticket ticket;
        const trd_keeps keeps = {match->positions.capacity != 0, match->groups.capacity != 0};
        reason = trd__form_new_read(command, slots, keeps, &ticket);
        if (reason == 0 && ticket.link.link != 0) {
            to->rich = true;
            return 0;
        }
        if (reason != 0 || (reason = trd__form_new_terms(order, &ticket)) != 0) {
            return reason;
        }
        if (needs_more(&command->u.order, &ticket)) {
            to->rich = true;
            return 0;
        }
        to->minimum = ticket.sizes.minimum;
    }
    reason = trd__id_check(match, command->account, order->client_id, &to->home);
    if (trd_unlikely(reason != 0)) {
        return reason;
    }
    if (trd_unlikely(command->instrument >= match->instruments)) {
        return TRD_REJECT_UNKNOWN_INSTRUMENT;
    }
    if (trd_unlikely(command->account >= match->accounts_end)) {
        return TRD_REJECT_UNKNOWN_ACCOUNT;
    }
    const trd_rules *rules = &trd__listing(match, command->instrument)->rules;
    if (trd_unlikely((reason = check_numbers(rules, order, to->minimum)) != 0)) {
        return reason;
    }
    const uint32_t s = order->side - 1u;
    to->limit = order->type == TRD_TYPE_LIMIT ? trd__key(order->px, s ^ 1) : 0;
    to->crosses =
        crosses(trd__store_side(&match->store, (command->instrument * 2 + s) ^ 1), to->limit);
    if (trd_unlikely(to->crosses && (order->exec & TRD_EXEC_POST_ONLY) != 0)) {
        return TRD_REJECT_POST_ONLY;
    }
    return 0;
}

/* An accepted order that crosses, or may not rest: takes what it can. */
static trd_noinline int take_new(trd_match *match, const trd_command *command, trd_out *out,
    const trd_entrant *from, uint32_t unit, uint32_t id_slot) {
    const trd_new *order = &command->u.order;
    const uint32_t s = order->side - 1u;
    trd_taker *taker = &match->taker;
    *taker = (trd_taker){.unit = unit,
        .instrument = command->instrument,
        .account = command->account,
        .id_slot = id_slot,
        .limit = from->limit,
        .client_id = order->client_id,
        .px = order->px,
        .leaves = order->qty,
        .command_seq = command->seq,
        .s = (uint8_t)s,
        .type = order->type,
        .tif = order->tif,
        .exec = order->exec,
        .actor = command->actor};
    const trd_qty needed = order->tif == TRD_TIF_FOK ? order->qty : from->minimum;
    const uint32_t opposite_at = (command->instrument * 2 + s) ^ 1;
    if (needed > 0 && reachable(&match->store, opposite_at, from->limit, needed) < needed) {
        cancel_taker(
            match, out, taker, order->tif == TRD_TIF_FOK ? TRD_CAUSE_FOK : TRD_CAUSE_MIN_QTY);
        return TRD_OK;
    }
    return take(match, out);
}

unsigned trd__order_vet_new(
    trd_match *match, const trd_command *command, size_t slots, trd_vetted *out) {
    const trd_new *order = &command->u.order;
    trd_entrant to;
    const unsigned reason = check_new(match, command, slots, &to);
    if (reason != 0) {
        return reason;
    }
    if (to.rich) {
        return trd__rich_vet_new(match, command, slots, out);
    }
    out->px = order->px;
    out->leaves = order->qty;
    out->has_px = order->type == TRD_TYPE_LIMIT;
    return match->store.order_free != 0 ? 0 : TRD_REJECT_NO_CAPACITY;
}

/* The steps behind the checks. */
trd_inline int enter_new(
    trd_match *match, const trd_command *command, const trd_entrant *to, trd_out *out) {
    const trd_new *order = &command->u.order;
    const uint32_t unit = trd__order_alloc(&match->store);
    if (trd_unlikely(unit == 0)) {
        return reject_new(match, out, command, TRD_REJECT_NO_CAPACITY);
    }
    const uint32_t id_slot =
        trd__id_take(match, to->home, command->account, order->client_id, unit);
    trd_node *node = trd__node(trd__store_arena(&match->store), unit);
    const uint32_t s = order->side - 1u;
    trd_event *event = trd__emit(match, out, TRD_EVENT_ACCEPTED, 0, command->instrument,
        command->account, TRD_DETAIL(s + 1, 0, TRD_STATUS_NEW, 0));
    event->u.order = (trd_ev_order){.client_id = order->client_id,
        .order = trd__store_handle(node, unit),
        .px = order->px,
        .qty = order->qty};
    if (to->crosses || order->tif != TRD_TIF_GTC || order->type != TRD_TYPE_LIMIT ||
        to->minimum != 0) {
        return take_new(match, command, out, to, unit, id_slot);
    }
    node->leaves = order->qty;
    node->executed = 0;
    node->more = 0;
    node->account = command->account;
    node->id_slot = id_slot;
    node->side = (uint8_t)(s + 1);
    node->tif = TRD_TIF_GTC;
    node->exec = order->exec;
    node->actor = command->actor;
    rest(match, out, command->instrument, s, order->px, unit, node,
        trd__publish(match, command->instrument));
    return TRD_OK;
}

int trd__order_new(trd_match *match, const trd_command *command, size_t slots, trd_out *out) {
    trd_entrant to;
    const unsigned reason = check_new(match, command, slots, &to);
    if (trd_unlikely(reason != 0)) {
        return reject_new(match, out, command, reason);
    }
    if (trd_unlikely(to.rich)) {
        return trd__rich_command(match, command, slots, out);
    }
    return enter_new(match, command, &to, out);
}

unsigned trd__entrant_vet(
    const trd_match *match, const trd_command *command, trd_entrant *to, trd_vetted *out) {
    const trd_new *order = &command->u.order;
    trd_assert(trd__form_plain(command));
    const unsigned reason = check_new(match, command, 1, to);
    if (trd_unlikely(reason != 0)) {
        return reason;
    }
    *out = (trd_vetted){.px = order->px,
        .leaves = order->qty,
        .account = command->account,
        .instrument = command->instrument,
        .side = order->side,
        .has_px = 1};
    return match->store.order_free != 0 ? 0 : TRD_REJECT_NO_CAPACITY;
}

int trd__entrant_enter(
    trd_match *match, const trd_command *command, const trd_entrant *to, trd_out *out) {
    match->commands++;
    trd__time_pass(match, command->time);
    return enter_new(match, command, to, out);
}

/* --- cancel, reduce, replace ------------------------------------------------------------------ */

/* The order that a command names. */
typedef struct target {
    uint32_t unit;   /* 0: there is none that the command may touch */
    unsigned reason; /* 0 without a unit: a special order, only the long way knows */
} target;

trd_inline target find_target(const trd_match *match, const trd_command *command, uint64_t name) {
    const trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    uint32_t unit;
    bool own = true;
    if ((command->flags & TRD_COMMAND_BY_HANDLE) != 0) {
        unit = trd__store_unit(store, name);
        own = unit != 0 && trd__node(arena, unit)->account == command->account;
    } else {
        unit = trd__id_find(match, command->account, name);
    }
    if (trd_unlikely(unit == 0)) {
        return (target){0, TRD_REJECT_UNKNOWN_ORDER};
    }
    const trd_node *node = trd__node(arena, unit);
    const trd_queue *level = trd__queue(arena, node->level);
    if (trd_unlikely(!own || level->side_at / 2 != command->instrument)) {
        const bool special = trd__special_of(node) != 0;
        return (target){0, special ? 0 : TRD_REJECT_ORDER_MISMATCH};
    }
    return (target){unit, 0};
}

/* Ends a resting order that has quantity left. */
trd_inline int cancel_resting(
    trd_match *match, trd_out *out, uint32_t instrument, uint32_t unit, unsigned cause) {
    trd_store *store = &match->store;
    trd_node *node = trd__node(trd__store_arena(store), unit);
    const trd_order order = trd__store_handle(node, unit);
    const trd_qty leaves = node->leaves;
    trd_event *event = trd__emit(match, out, TRD_EVENT_CANCELED, 0, instrument, node->account,
        TRD_DETAIL(node->side, 0, TRD_STATUS_CANCELED, cause));
    event->u.cancel = (trd_ev_cancel){.client_id = trd__plain_id(match, node),
        .order = order,
        .qty = leaves,
        .cum = node->executed};
    const trd_queue *level = trd__order_unrest(store, node);
    trd__id_end(match, node->id_slot);
    trd__order_release(store, unit);
    trd__publish_change(
        match, out, trd__publish(match, instrument), level, order, TRD_ORDER_DELETED, 0, leaves);
    return TRD_OK;
}

int trd__order_cancel(trd_match *match, const trd_command *command, trd_out *out) {
    const unsigned malformed = trd__form_cancel(command);
    if (trd_unlikely(malformed != 0)) {
        return trd__reject_target(match, out, command, 0, malformed);
    }
    const target found = find_target(match, command, command->u.cancel.target);
    if (trd_unlikely(found.unit == 0)) {
        return found.reason != 0 ? trd__reject_target(match, out, command, 0, found.reason)
                                 : trd__rich_command(match, command, 1, out);
    }
    return cancel_resting(match, out, command->instrument, found.unit, TRD_CAUSE_USER);
}

/* Takes `less` (>= 0, < leaves) off a resting order, which keeps its place. */
static int shrink(
    trd_match *match, trd_out *out, uint32_t instrument, uint32_t unit, trd_qty less) {
    trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    trd_node *node = trd__node(arena, unit);
    trd_queue *level = trd__queue(arena, node->level);
    trd_assert(less >= 0 && less < node->leaves);
    node->leaves -= less;
    level->qty -= less;
    trd__emit_replaced(match, out, instrument, unit, TRD_EVENT_PLACE_KEPT,
        trd__open_status(node->executed), trd__key_px(level->key, level->side_at & 1),
        node->leaves + node->executed);
    if (less > 0) {
        trd__publish_change(match, out, trd__publish(match, instrument), level,
            trd__store_handle(node, unit), TRD_ORDER_REDUCED, node->leaves, less);
    }
    return TRD_OK;
}

int trd__order_reduce(trd_match *match, const trd_command *command, size_t slots, trd_out *out) {
    const unsigned malformed = trd__form_cancel(command);
    if (malformed != 0) {
        return trd__reject_target(match, out, command, 0, malformed);
    }
    const target found = find_target(match, command, command->u.cancel.target);
    if (found.unit == 0) {
        return found.reason != 0 ? trd__reject_target(match, out, command, 0, found.reason)
                                 : trd__rich_command(match, command, 1, out);
    }
    const trd_rules *rules = &trd__listing(match, command->instrument)->rules;
    const trd_qty less = command->u.cancel.qty;
    const unsigned reason = less == 0                         ? TRD_REJECT_QTY_ZERO
                            : less < 0                        ? TRD_REJECT_QTY_NEGATIVE
                            : !trd__rules_on_lot(rules, less) ? TRD_REJECT_OFF_LOT
                                                              : 0;
    if (reason != 0) {
        return trd__reject_target(match, out, command, found.unit, reason);
    }
    const trd_node *node = trd__node(trd__store_arena(&match->store), found.unit);
    if (trd_unlikely(node->more != 0)) {
        return trd__rich_command(match, command, slots, out);
    }
    if (less >= node->leaves) {
        return cancel_resting(match, out, command->instrument, found.unit, TRD_CAUSE_REDUCED);
    }
    return shrink(match, out, command->instrument, found.unit, less);
}

/* What a replace makes of an order, computed in full before anything is stored. */
typedef struct terms {
    trd_px px;
    trd_qty total;
    trd_qty old_total;
    uint64_t client_id;
    uint32_t home; /* of the new id in the id map */
    bool new_id;
    bool ends;  /* total <= executed: FILLED */
    bool keeps; /* its place */
} terms;

trd_inline unsigned check_new_id(
    const trd_match *match, const trd_command *command, const trd_node *node, terms *to) {
    const uint64_t id = command->u.replace.client_id;
    to->new_id = (command->flags & TRD_COMMAND_NEW_ID) != 0 && id != trd__plain_id(match, node);
    if (!to->new_id) {
        return 0;
    }
    to->client_id = id;
    return trd__id_check(match, node->account, id, &to->home);
}

trd_inline unsigned check_new_numbers(
    const trd_rules *rules, const trd_command *command, const terms *to) {
    const bool keep_px = (command->flags & TRD_COMMAND_KEEP_PX) != 0;
    const bool keep_qty = (command->flags & TRD_COMMAND_KEEP_QTY) != 0;
    unsigned reason = 0;
    if (!keep_px && (reason = trd__rules_px(rules, to->px)) != 0) {
        return reason;
    }
    if (!keep_qty && (reason = trd__rules_qty(rules, to->total)) != 0) {
        return reason;
    }
    return keep_px && keep_qty ? 0 : trd__rules_notional(rules, to->px, to->total);
}

static void change_id(trd_match *match, trd_node *node, uint32_t unit, const terms *to) {
    trd__id_end(match, node->id_slot);
    node->id_slot = trd__id_take(match, to->home, node->account, to->client_id, unit);
}

/* REPLACE that loses its place: out of its level, and in again as a taker. */
static int move(
    trd_match *match, const trd_command *command, trd_out *out, uint32_t unit, const terms *to) {
    trd_store *store = &match->store;
    trd_node *node = trd__node(trd__store_arena(store), unit);
    const trd_qty before = node->leaves;
    const uint32_t publish = trd__publish(match, command->instrument);
    trd__emit_replaced(match, out, command->instrument, unit, 0, trd__open_status(node->executed),
        to->px, to->total);
    const trd_queue *level = trd__order_unrest(store, node);
    trd__publish_change(
        match, out, publish, level, trd__store_handle(node, unit), TRD_ORDER_DELETED, 0, before);
    const uint32_t s = node->side - 1u;
    trd_taker *taker = &match->taker;
    *taker = (trd_taker){.unit = unit,
        .instrument = command->instrument,
        .account = node->account,
        .id_slot = node->id_slot,
        .limit = trd__key(to->px, s ^ 1),
        .client_id = trd__plain_id(match, node),
        .px = to->px,
        .leaves = to->total - node->executed,
        .executed = node->executed,
        .command_seq = command->seq,
        .s = (uint8_t)s,
        .type = TRD_TYPE_LIMIT,
        .tif = node->tif,
        .exec = node->exec,
        .actor = node->actor};
    return take(match, out);
}

/* REPLACE to a total that is executed already. */
static int finish(
    trd_match *match, const trd_command *command, trd_out *out, uint32_t unit, const terms *to) {
    trd_store *store = &match->store;
    trd_node *node = trd__node(trd__store_arena(store), unit);
    const trd_order order = trd__store_handle(node, unit);
    const trd_qty before = node->leaves;
    trd__emit_replaced(
        match, out, command->instrument, unit, 0, TRD_STATUS_FILLED, to->px, node->executed);
    const trd_queue *level = trd__order_unrest(store, node);
    trd__id_end(match, node->id_slot);
    trd__order_release(store, unit);
    trd__publish_change(match, out, trd__publish(match, command->instrument), level, order,
        TRD_ORDER_DELETED, 0, before);
    return TRD_OK;
}

/* What a REPLACE finds out before it does anything. */
typedef struct change {
    uint32_t unit;   /* of the order, 0: none */
    unsigned reason; /* to refuse it */
    bool rich;       /* goes the long way: nothing else was looked at */
} change;

trd_inline change check_replace(
    const trd_match *match, const trd_command *command, size_t slots, terms *to) {
    const trd_replace *replace = &command->u.replace;
    unsigned reason = trd__form_replace(command, slots);
    if (trd_unlikely(reason != 0)) {
        return (change){.reason = reason};
    }
    const target found = find_target(match, command, replace->target);
    if (trd_unlikely(found.unit == 0)) {
        return (change){.reason = found.reason, .rich = found.reason == 0};
    }
    char *arena = trd__store_arena(&match->store);
    const trd_node *node = trd__node(arena, found.unit);
    /* Prevention, sliding: what only the long way knows. */
    if (trd_unlikely((node->exec & ~TRD_EXEC_POST_ONLY) != 0 || node->more != 0)) {
        return (change){.unit = found.unit, .rich = true};
    }
    const trd_queue *level = trd__queue(arena, node->level);
    const uint32_t s = level->side_at & 1;
    const trd_px old_px = trd__key_px(level->key, s);
    const trd_qty old_total = node->leaves + node->executed;
    *to = (terms){
        .px = (command->flags & TRD_COMMAND_KEEP_PX) != 0 ? old_px : replace->px,
        .total = (command->flags & TRD_COMMAND_KEEP_QTY) != 0 ? old_total : replace->qty,
        .old_total = old_total,
    };
    if ((reason = check_new_id(match, command, node, to)) != 0 ||
        (reason = check_new_numbers(
             &trd__listing(match, command->instrument)->rules, command, to)) != 0) {
        return (change){found.unit, reason, false};
    }
    to->ends = to->total <= node->executed;
    to->keeps = !to->ends && to->px == old_px && to->total <= old_total;
    if ((node->exec & TRD_EXEC_POST_ONLY) != 0 && !to->ends && !to->keeps &&
        crosses(trd__store_side(&match->store, level->side_at ^ 1), trd__key(to->px, s ^ 1))) {
        reason = TRD_REJECT_POST_ONLY;
    }
    return (change){found.unit, reason, false};
}

int trd__order_replace(trd_match *match, const trd_command *command, size_t slots, trd_out *out) {
    terms to;
    const change found = check_replace(match, command, slots, &to);
    if (trd_unlikely(found.rich)) {
        return trd__rich_command(match, command, slots, out);
    }
    if (found.reason != 0) {
        return trd__reject_target(match, out, command, found.unit, found.reason);
    }
    if (to.new_id) {
        change_id(match, trd__node(trd__store_arena(&match->store), found.unit), found.unit, &to);
    }
    if (to.ends) {
        return finish(match, command, out, found.unit, &to);
    }
    if (to.keeps) {
        return shrink(match, out, command->instrument, found.unit, to.old_total - to.total);
    }
    return move(match, command, out, found.unit, &to);
}

unsigned trd__order_vet_replace(
    trd_match *match, const trd_command *command, size_t slots, trd_vetted *out) {
    terms to;
    const change found = check_replace(match, command, slots, &to);
    if (found.rich) {
        return trd__rich_vet_replace(match, command, slots, out);
    }
    if (found.reason != 0) {
        return found.reason;
    }
    const trd_node *node = trd__node(trd__store_arena(&match->store), found.unit);
    out->order = trd__store_handle(node, found.unit);
    out->side = node->side;
    out->px = to.px;
    out->leaves = to.ends ? 0 : to.total - node->executed;
    out->has_px = 1;
    return 0;
}

/* --- all other commands ---------------------------------------------------------------------- */

int trd__other(trd_match *match, const trd_command *command, size_t slots, trd_out *out) {
    return trd__rich_command(match, command, slots, out);
}
