/* link.c - linked orders: legs that are staged until the last one arrives, and what a leg does when
 * another is executed, released or ends.
 *
 * A group is a row of a pool. While it is staged it keeps the records of its legs, and a map finds
 * it by account; then its legs are special orders that know their group and their number in it.
 *
 * There are two moments for reactions. Those to an execution or a release follow at once: the
 * matcher notes in work->linked who has to react, and runs TRD_STAGE_LINK, one leg per unit, before
 * it goes on. Those to the end of a leg, and what a parent's executions grant its children, are
 * part of settlement: the group joins the list of its instrument's groups that react, so that
 * nothing is looked at but what has changed. */
#include "match/form.h"
#include "match/legs.h"
#include "match/rich.h"

enum { PARENT = 0 };

/* --- the pool --------------------------------------------------------------------------------- */

static trd_map_slot *group_slots(const trd_match *match) {
    return trd__region(match, match->groups.slots_at);
}

/* By number, from 1. */
static trd_group *group_at(const trd_match *match, uint32_t number) {
    return (trd_group *)trd__region(match, match->groups.rows_at) + number;
}

/* The record of a staged leg. */
static trd_command *record_at(const trd_match *match, uint32_t number, uint32_t leg) {
    trd_command *records = trd__region(match, match->groups.records_at);
    return records + ((size_t)number * TRD_LEGS_MAX + leg) * TRD_SLOTS_MAX;
}

void trd__groups_reset(trd_match *match) {
    trd_groups *groups = &match->groups;
    groups->map.count = 0;
    groups->count = 0;
    groups->staged = 0;
    groups->free = 0;
    if (groups->capacity == 0) {
        return;
    }
    memset(
        group_slots(match), 0, (size_t)groups->map.buckets * TRD_MAP_WAYS * sizeof(trd_map_slot));
    memset(record_at(match, 0, 0), 0,
        ((size_t)groups->capacity + 1) * TRD_LEGS_MAX * TRD_SLOTS_MAX * sizeof(trd_command));
    memset(group_at(match, 0), 0, ((size_t)groups->capacity + 1) * sizeof(trd_group));
    for (uint32_t number = groups->capacity; number > 0; number--) {
        group_at(match, number)->next_free = groups->free;
        groups->free = number;
    }
}

/* --- groups that react in settlement ---------------------------------------------------------- */

static void reacting_add(trd_match *match, uint32_t number) {
    trd_group *group = group_at(match, number);
    trd_ends *ends = &trd__desk(match, group->instrument)->reacting;
    if (group->reacts) {
        return;
    }
    group->reacts = 1;
    group->list = (trd_link){.prev = ends->last};
    if (ends->last != 0) {
        group_at(match, ends->last)->list.next = number;
    } else {
        ends->first = number;
    }
    ends->last = number;
}

static void reacting_remove(trd_match *match, uint32_t number) {
    trd_group *group = group_at(match, number);
    trd_ends *ends = &trd__desk(match, group->instrument)->reacting;
    const trd_link link = group->list;
    if (!group->reacts) {
        return;
    }
    group->reacts = 0;
    if (link.prev != 0) {
        group_at(match, link.prev)->list.next = link.next;
    } else {
        ends->first = link.next;
    }
    if (link.next != 0) {
        group_at(match, link.next)->list.prev = link.prev;
    } else {
        ends->last = link.prev;
    }
}

static void group_free(trd_match *match, uint32_t number) {
    trd_groups *groups = &match->groups;
    reacting_remove(match, number);
    *group_at(match, number) = (trd_group){.next_free = groups->free};
    groups->free = number;
    groups->count--;
}

/* --- staging ---------------------------------------------------------------------------------- */

/* The group that an account stages, 0: none. */
static uint32_t staged_find(const trd_match *match, uint32_t account) {
    const trd_map *map = &match->groups.map;
    if (match->groups.staged == 0) {
        return 0;
    }
    const trd_map_slot *slots = group_slots(match);
    const uint32_t slot = trd__map_find(map, slots, trd__map_home(map, account, 0), account, 0);
    return slot != TRD_MAP_NONE ? trd__map_ref(slots, slot) : 0;
}

/* A group stages no longer: its map entry goes. */
static void staged_end(trd_match *match, uint32_t number) {
    trd_groups *groups = &match->groups;
    trd__map_erase(&groups->map, group_slots(match), group_at(match, number)->slot);
    groups->staged--;
    trd__timers_changed(match);
}

/* Refuses all staged legs, for LINK but one of them: leg `guilty`, for `reason`. */
static void staged_reject(
    trd_match *match, trd_out *out, uint32_t number, uint32_t guilty, unsigned reason) {
    const uint32_t count = group_at(match, number)->staged;
    for (uint32_t leg = 0; leg < count; leg++) {
        trd__reject_new(match, out, record_at(match, number, leg),
            leg == guilty ? reason : (unsigned)TRD_REJECT_LINK);
    }
    staged_end(match, number);
    group_free(match, number);
}

static bool has_parent(const trd_group *group) {
    return group->relation == TRD_RELATION_OTO || group->relation == TRD_RELATION_BRACKET;
}

/* Does the side of the next leg, 1 or 2, go with those before it? */
static bool side_fits(const trd_match *match, uint32_t number, unsigned side) {
    const trd_group *group = group_at(match, number);
    const unsigned first = record_at(match, number, 0)->u.order.side;
    switch (group->relation) {
    case TRD_RELATION_OTO:
        return true;
    case TRD_RELATION_BRACKET:
        return side != first; /* there are two sides: leg 3 is as leg 2 then */
    default:
        return side == first;
    }
}

/* Is the record, which may be a leg, the next one of the group? */
static bool continues(
    const trd_match *match, uint32_t number, const trd_command *command, const trd_ext_link *link) {
    const trd_group *group = group_at(match, number);
    return link->link == group->link && link->legs == group->count &&
           link->relation == group->relation &&
           ((link->flags & TRD_LINK_FULL_FILL) != 0) == (group->full_fill != 0) &&
           command->instrument == group->instrument && link->leg == group->staged + 1 &&
           side_fits(match, number, command->u.order.side);
}

static unsigned read_new(const trd_match *match, trd_ticket *ticket) {
    const trd_keeps keeps = {match->positions.capacity != 0, match->groups.capacity != 0};
    return trd__form_new_read(match->work.command, match->work.slots, keeps, ticket);
}

bool trd__staged_drop(trd_match *match, trd_out *out) {
    const trd_command *command = match->work.command;
    const uint32_t number = staged_find(match, command->account);
    trd_ticket ticket;
    if (number == 0) {
        return false;
    }
    switch (command->kind) {
    case TRD_COMMAND_NEW:
        if (read_new(match, &ticket) != 0 ||
            (ticket.link.link != 0 && trd__form_leg(&command->u.order, &ticket) == 0 &&
                continues(match, number, command, &ticket.link))) {
            return false;
        }
        break;
    case TRD_COMMAND_CANCEL:
    case TRD_COMMAND_REDUCE:
    case TRD_COMMAND_REPLACE:
    case TRD_COMMAND_QUOTE:
        break;
    default:
        return false;
    }
    staged_reject(match, out, number, TRD_LEGS_MAX, 0);
    return true;
}

static void refuse(trd_match *match, trd_out *out, unsigned reason) {
    trd__reject_new(match, out, match->work.command, reason);
    match->work.refused = 1;
}

/* Begins a group with its first leg: there is room. */
static uint32_t staged_begin(trd_match *match, const trd_ext_link *link) {
    trd_groups *groups = &match->groups;
    const trd_command *command = match->work.command;
    const uint32_t number = groups->free;
    trd_group *group = group_at(match, number);
    groups->free = group->next_free;
    groups->count++;
    groups->staged++;
    *group = (trd_group){.link = link->link,
        .account = command->account,
        .instrument = command->instrument,
        .relation = link->relation,
        .count = link->legs,
        .full_fill = (link->flags & TRD_LINK_FULL_FILL) != 0};
    group->slot = trd__map_put(&groups->map, group_slots(match),
        trd__map_home(&groups->map, command->account, 0), command->account, 0, number);
    trd__timers_changed(match);
    return number;
}

/* All legs are there: they are judged, and are orders, or all refused. */
static void staged_enter(trd_match *match, trd_out *out, uint32_t number) {
    trd_group *group = group_at(match, number);
    const uint32_t count = group->count;
    uint32_t numbers[TRD_LEGS_MAX] = {0};
    uint32_t guilty = 0;
    const trd_legs legs = {.records = record_at(match, number, 0),
        .count = count,
        .children_from = has_parent(group) ? 1 : count};
    const unsigned reason = trd__legs_enter(match, out, &legs, numbers, &guilty);
    if (reason != 0) {
        staged_reject(match, out, number, guilty, reason);
        match->work.refused = 1;
        return;
    }
    staged_end(match, number);
    group->staged = 0;
    group->live = (uint8_t)count;
    for (uint32_t leg = 0; leg < count; leg++) {
        trd_special *special = trd__special(match, numbers[leg]);
        group->legs[leg].number = numbers[leg];
        special->linked = number;
        special->leg = leg;
        trd__wait(match, numbers[leg], TRD_WAITS_LINK);
        trd__limbo_enter(&match->store, special->unit);
    }
    match->work.turn_of = number;
    match->work.turn = 0;
    match->work.stage = TRD_STAGE_LEGS;
    match->work.after_settle = TRD_STAGE_LEGS;
}

void trd__link_new(trd_match *match, trd_out *out, const trd_ticket *ticket) {
    const trd_command *command = match->work.command;
    const trd_ext_link *link = &ticket->link;
    uint32_t number = staged_find(match, command->account);
    if (trd__form_leg(&command->u.order, ticket) != 0 || (link->leg > 1 && number == 0)) {
        refuse(match, out, TRD_REJECT_LINK);
        return;
    }
    if (link->leg == 1) {
        if (match->groups.free == 0) {
            refuse(match, out, TRD_REJECT_NO_CAPACITY);
            return;
        }
        number = staged_begin(match, link);
    }
    trd_group *group = group_at(match, number);
    memcpy(record_at(match, number, group->staged), command, command->slots * sizeof(trd_command));
    group->staged++;
    if (group->staged == group->count) {
        staged_enter(match, out, number);
    }
}

/* --- turns ------------------------------------------------------------------------------------ */

/* An order that waits for another leg does so no longer: it is in no place. */
static void link_wait_end(trd_match *match, uint32_t number) {
    trd__wait_end(match, number);
    trd__place_leave(&match->store, trd__special(match, number)->unit);
}

static bool has_trigger(const trd_special *special) {
    trd_assert(special->type <= TRD_TYPE_TOUCHED_LIMIT); /* no leg trails, none is pegged */
    return special->type >= TRD_TYPE_STOP;
}

static bool is_continuous(const trd_match *match, const trd_special *special) {
    return trd__desk(match, special->instrument)->state == TRD_SESSION_CONTINUOUS;
}

/* Is the trigger touched by the price of its source that was known last? */
static bool touched_now(const trd_match *match, const trd_special *special) {
    trd_px px;
    return is_continuous(match, special) &&
           trd__price_of(match, special->instrument, special->source, &px) &&
           trd__is_touched(special->trigger, special->direction, px);
}

/* A leg that waited for another acts. */
static void act(trd_match *match, trd_out *out, uint32_t number, unsigned how) {
    const trd_special *special = trd__special(match, number);
    if (!has_trigger(special)) {
        link_wait_end(match, number);
        trd__arrive(match, out, special->unit, special->instrument, how);
        return;
    }
    if (touched_now(match, special)) {
        trd__release(match, out, number);
        return;
    }
    link_wait_end(match, number);
    trd__trigger_wait_anew(match, number);
    trd__settle_begin(match, special->instrument);
}

void trd__legs_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    const trd_group *group = group_at(match, work->turn_of);
    const uint32_t turns = has_parent(group) ? 1 : group->count;
    if (group->live == 0 || work->turn == turns) {
        work->stage = TRD_STAGE_END;
        work->after_settle = TRD_STAGE_END;
        return;
    }
    const uint32_t number = group->legs[work->turn++].number;
    if (number != 0) {
        act(match, out, number, TRD_ARRIVES_TURN);
    }
}

/* --- what happens to a leg -------------------------------------------------------------------- */

/* May a child be granted more lots than it was? Not before it was released: `own` is 0 until then.
 * A parent whose last lots were executed just now is in its group still, but these lots are not
 * granted yet, so it need not be asked whether it lives. */
static bool may_grow(const trd_group *group, const trd_group_leg *leg) {
    const trd_qty most = group->executed < leg->own ? group->executed : leg->own;
    return has_parent(group) && !group->full_fill && leg->granted < leg->own &&
           (most > leg->granted || group->legs[PARENT].number != 0);
}

bool trd__leg_waits(const trd_match *match, const trd_node *node) {
    const uint32_t number = trd__special_of(node);
    const trd_special *special = trd__special(match, number);
    if (number == 0 || special->linked == 0 || special->leg == PARENT) {
        return false;
    }
    const trd_group *group = group_at(match, special->linked);
    return may_grow(group, &group->legs[special->leg]);
}

void trd__leg_park(trd_match *match, uint32_t number) {
    trd__wait(match, number, TRD_WAITS_LINK);
    trd__limbo_enter(&match->store, trd__special(match, number)->unit);
}

void trd__leg_executed(trd_match *match, const trd_node *node, trd_qty qty, uint32_t which) {
    const uint32_t number = trd__special_of(node);
    const trd_special *special = trd__special(match, number);
    if (number == 0 || special->linked == 0) {
        return;
    }
    trd_group *group = group_at(match, special->linked);
    trd_linked *linked = &match->work.linked[which];
    match->work.linked_at = 0;
    if (has_parent(group) && special->leg == PARENT) {
        group->executed += qty;
        if (!group->full_fill) {
            reacting_add(match, special->linked);
        }
    } else if (group->relation == TRD_RELATION_OCO && !group->decided) {
        group->decided = 1;
        *linked = (trd_linked){.group = special->linked, .leg = special->leg};
    } else if (group->relation == TRD_RELATION_OUO || group->relation == TRD_RELATION_BRACKET) {
        *linked = (trd_linked){.group = special->linked, .leg = special->leg, .qty = qty};
    }
}

bool trd__leg_released(trd_match *match, uint32_t number) {
    const trd_special *special = trd__special(match, number);
    trd_work *work = &match->work;
    if (special->linked == 0) {
        return false;
    }
    trd_group *group = group_at(match, special->linked);
    const bool decides = group->relation == TRD_RELATION_OCO;
    const bool child = group->relation == TRD_RELATION_BRACKET && special->leg != PARENT;
    if (!decides && !child) {
        return false;
    }
    trd_assert(group->decided == 0); /* it has ended the other legs, and none is released twice */
    group->decided |= decides;
    work->linked[0] = (trd_linked){.group = special->linked, .leg = special->leg};
    work->linked[1] = (trd_linked){0};
    work->linked_at = 0;
    work->arriving = number;
    work->stage = TRD_STAGE_LINK;
    work->after_link = TRD_STAGE_ARRIVE;
    return true;
}

void trd__leg_canceled(trd_match *match, const trd_special *special) {
    group_at(match, special->linked)->unfilled |= special->leg == PARENT;
}

void trd__leg_ended(trd_match *match, const trd_special *special) {
    const uint32_t number = special->linked;
    trd_group *group = group_at(match, number);
    group->legs[special->leg].number = 0;
    if (--group->live == 0) {
        group_free(match, number);
        return;
    }
    if (group->relation == TRD_RELATION_OCO && !group->decided) {
        group->decided = 1;
        reacting_add(match, number);
    } else if (has_parent(group) && special->leg == PARENT) {
        reacting_add(match, number);
    }
}

/* --- reactions at once ------------------------------------------------------------------------ */

static void emit_linked(
    trd_match *match, trd_out *out, uint32_t number, trd_qty displayed, trd_qty leaves) {
    const trd_special *special = trd__special(match, number);
    trd__emit_restated(match, out, special->instrument, special->unit, TRD_RESTATE_LINKED,
        special->px, displayed, leaves);
}

static void leg_end(trd_match *match, trd_out *out, uint32_t number, unsigned cause) {
    const trd_special *special = trd__special(match, number);
    const uint32_t unit = special->unit;
    trd_assert(unit != match->taker.unit);
    trd__end_order(
        match, out, unit, special->instrument, cause, trd__leaves(match, trd__order(match, unit)));
}

/* A child has nothing open, and waits for more. One that waits already keeps its place number. */
static void leg_empty(trd_match *match, trd_out *out, uint32_t number) {
    trd_special *special = trd__special(match, number);
    emit_linked(match, out, number, 0, 0);
    if (special->where == TRD_WHERE_WAITING) {
        trd__wait_idle(match, number);
        trd__order(match, special->unit)->leaves = 0;
        return;
    }
    trd__leave_place(match, out, special->unit, special->instrument);
    trd__order(match, special->unit)->leaves = 0;
    trd__leg_park(match, number);
}

/* Takes lots off a leg that another was executed for. */
static void leg_shrink(trd_match *match, trd_out *out, uint32_t number, trd_qty qty) {
    const uint32_t unit = trd__special(match, number)->unit;
    const trd_node *node = trd__order(match, unit);
    const trd_qty leaves = trd__leaves(match, node);
    trd_assert(unit != match->taker.unit);
    if (leaves > qty) {
        emit_linked(
            match, out, number, trd__is_displayed(match, node) ? leaves - qty : 0, leaves - qty);
        trd__shrink_order(match, out, unit, qty);
    } else if (trd__leg_waits(match, node)) {
        leg_empty(match, out, number);
    } else {
        leg_end(match, out, number, TRD_CAUSE_LINKED);
    }
}

/* What leg `at` does about `linked`; false if that is nothing. */
static bool leg_react(trd_match *match, trd_out *out, const trd_linked *linked, uint32_t at) {
    trd_group *group = group_at(match, linked->group);
    trd_group_leg *leg = &group->legs[at];
    const bool bracket = group->relation == TRD_RELATION_BRACKET;
    if (leg->number == 0 || at == linked->leg || (bracket && at == PARENT)) {
        return false;
    }
    if (linked->qty == 0) {
        leg_end(match, out, leg->number, TRD_CAUSE_LINKED);
        return true;
    }
    if (bracket && !leg->released) {
        leg->owed += linked->qty;
        return false;
    }
    const uint32_t unit = trd__special(match, leg->number)->unit;
    if (trd__leaves(match, trd__order(match, unit)) == 0) {
        return false;
    }
    leg_shrink(match, out, leg->number, linked->qty);
    return true;
}

void trd__link_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    for (uint32_t which = 0; which < 2; which++) {
        trd_linked *linked = &work->linked[which];
        while (linked->group != 0 && work->linked_at < TRD_LEGS_MAX) {
            if (leg_react(match, out, linked, work->linked_at++)) {
                work->uncross_short = 1;
                return;
            }
        }
        if (linked->group != 0) {
            work->linked_at = 0;
        }
        linked->group = 0;
    }
    work->stage = work->after_link;
}

/* --- reactions in settlement: what a parent grants -------------------------------------------- */

/* What a child is granted in all by now. */
static trd_qty grant_of(const trd_match *match, const trd_group *group, const trd_group_leg *leg) {
    const trd_qty own = leg->released
                            ? leg->own
                            : trd__order(match, trd__special(match, leg->number)->unit)->leaves;
    if (group->full_fill) { /* such a group reacts to the end of its parent alone */
        trd_assert(group->legs[PARENT].number == 0);
        return group->unfilled ? leg->granted : own;
    }
    return group->executed < own ? group->executed : own;
}

/* A child that has lots now arrives, or waits for its trigger, or ends if it may not. */
static void child_acts(trd_match *match, trd_out *out, uint32_t number, unsigned how) {
    const trd_special *special = trd__special(match, number);
    const unsigned state = trd__desk(match, special->instrument)->state;
    const bool shut = state == TRD_SESSION_CLOSED || state == TRD_SESSION_HALTED;
    if (shut || (state != TRD_SESSION_CONTINUOUS && special->type == TRD_TYPE_MARKET)) {
        const uint32_t instrument = special->instrument;
        leg_end(match, out, number, TRD_CAUSE_SESSION);
        trd__settle_begin(match, instrument);
        return;
    }
    act(match, out, number, how);
}

/* A child has lots for the first time. */
static void child_release(trd_match *match, trd_out *out, uint32_t number, trd_group_leg *leg) {
    const trd_special *special = trd__special(match, number);
    const trd_group *group = group_at(match, special->linked);
    const uint32_t instrument = special->instrument;
    trd_node *node = trd__order(match, special->unit);
    const trd_qty lots = leg->granted > leg->owed ? leg->granted - leg->owed : 0;
    leg->released = 1;
    leg->owed = 0;
    node->leaves = lots;
    if (lots == 0 && !may_grow(group, leg)) {
        leg_end(match, out, number, TRD_CAUSE_LINKED);
    } else {
        emit_linked(match, out, number, 0, lots);
    }
    if (lots == 0) {
        trd__settle_begin(match, instrument);
    } else {
        child_acts(match, out, number, TRD_ARRIVES_RELEASED);
    }
}

/* A child that waits for its trigger has more lots: it waits on, behind the others. */
static void child_waits_on(trd_match *match, uint32_t number, trd_qty leaves) {
    const trd_special *special = trd__special(match, number);
    trd_node *node = trd__order(match, special->unit);
    if (special->waits == TRD_WAITS_ELECTED) {
        node->leaves = leaves;
        trd__wait_renew(match, number);
    } else {
        const bool late = special->waits == TRD_WAITS_LATE;
        link_wait_end(match, number);
        node->leaves = leaves;
        if (late) {
            trd__trigger_wait_anew(match, number);
        } else {
            trd__trigger_wait(match, number);
        }
    }
    trd__settle_begin(match, special->instrument);
}

/* A child that has had lots has `by` more. */
static void child_grow(trd_match *match, trd_out *out, uint32_t number, trd_qty by) {
    const trd_special *special = trd__special(match, number);
    trd_node *node = trd__order(match, special->unit);
    const trd_qty leaves = trd__leaves(match, node) + by;
    const unsigned state = trd__desk(match, special->instrument)->state;
    const bool shut = state == TRD_SESSION_CLOSED || state == TRD_SESSION_HALTED;
    const bool waits = special->where == TRD_WHERE_WAITING;
    if (!waits) {
        trd__leave_place(match, out, special->unit, special->instrument);
        node->leaves = leaves;
        trd__leg_park(match, number);
    }
    emit_linked(match, out, number, 0, leaves);
    if (waits && special->waits != TRD_WAITS_LINK && !shut) {
        child_waits_on(match, number, leaves);
        return;
    }
    if (waits) {
        trd__wait_idle(match, number);
        node->leaves = leaves;
    }
    child_acts(match, out, number, TRD_ARRIVES_AGAIN);
}

/* May one more child be granted lots? Parents and children may trade with each other, lot by lot:
 * what they set off is bounded as elections are. The instrument is halted when it may not. */
static bool may_grant(trd_match *match, uint32_t instrument) {
    if (trd__desk(match, instrument)->state != TRD_SESSION_CONTINUOUS ||
        match->work.elections != match->elect_max) {
        return true;
    }
    trd__session_begin(match, instrument, TRD_SESSION_HALTED, TRD_SESSION_BY_CASCADE, false, 0);
    return false;
}

/* Gives the first child that has less than it is granted what it lacks; false if there is none. */
static bool grant_unit(trd_match *match, trd_out *out, trd_group *group) {
    for (uint32_t at = 1; at < group->count; at++) {
        trd_group_leg *leg = &group->legs[at];
        if (leg->number == 0) {
            continue;
        }
        const trd_qty granted = grant_of(match, group, leg);
        const trd_qty by = granted - leg->granted;
        if (by <= 0) {
            continue;
        }
        if (!may_grant(match, group->instrument)) {
            return true;
        }
        const unsigned verdict =
            leg->released ? TRD_VERDICT_PASSED : trd__verdict(match, leg->number);
        if (verdict == TRD_VERDICT_NONE) {
            return true;
        }
        const unsigned state = trd__desk(match, group->instrument)->state;
        match->work.elections += state == TRD_SESSION_CONTINUOUS;
        if (verdict == TRD_VERDICT_REFUSED) {
            trd__refuse(match, out, leg->number);
        } else if (!leg->released) {
            leg->own = trd__order(match, trd__special(match, leg->number)->unit)->leaves;
            leg->granted = granted;
            child_release(match, out, leg->number, leg);
        } else {
            leg->granted = granted;
            child_grow(match, out, leg->number, by);
        }
        return true;
    }
    return false;
}

/* Ends the first child that nothing can come of any more; false if there is none. */
static bool orphan_unit(trd_match *match, trd_out *out, const trd_group *group) {
    if (group->legs[PARENT].number != 0) {
        return false;
    }
    for (uint32_t at = 1; at < group->count; at++) {
        const trd_group_leg *leg = &group->legs[at];
        if (leg->number == 0) {
            continue;
        }
        const uint32_t unit = trd__special(match, leg->number)->unit;
        if (!leg->released || trd__leaves(match, trd__order(match, unit)) == 0) {
            leg_end(match, out, leg->number, TRD_CAUSE_LINKED);
            return true;
        }
    }
    return false;
}

/* Ends the first leg of a group that is decided. With the last one the group is free. */
static bool decided_unit(trd_match *match, trd_out *out, const trd_group *group) {
    trd_assert(group->live > 0);
    uint32_t at = 0;
    while (group->legs[at].number == 0) {
        at++;
    }
    leg_end(match, out, group->legs[at].number, TRD_CAUSE_LINKED);
    return true;
}

bool trd__reacting_unit(trd_match *match, trd_out *out, uint32_t instrument) {
    const trd_desk *desk = trd__desk(match, instrument);
    uint32_t number;
    while ((number = desk->reacting.first) != 0) {
        trd_group *group = group_at(match, number);
        if (has_parent(group) ? grant_unit(match, out, group) || orphan_unit(match, out, group)
                              : decided_unit(match, out, group)) {
            return true;
        }
        reacting_remove(match, number);
    }
    return false;
}

/* --- for who judges legs besides the market --------------------------------------------------- */

bool trd__link_is(const trd_command *command) {
    const uint32_t slots = command->slots;
    for (uint32_t at = 1; command->kind == TRD_COMMAND_NEW && at < slots && slots <= TRD_SLOTS_MAX;
         at++) {
        trd_ext_link link;
        memcpy(&link, command + at, sizeof(link));
        if (link.kind == TRD_EXT_ORDER_LINK) {
            return link.link != 0;
        }
    }
    return false;
}

/* Judges all legs, the last of which is in `command`. Its place among the records is free. */
static void vet_all(
    trd_match *match, uint32_t number, const trd_command *command, trd_link_vetted *out) {
    const trd_group *group = group_at(match, number);
    const trd_ns time = match->time;
    memcpy(record_at(match, number, group->staged), command, command->slots * sizeof(trd_command));
    out->count = group->count;
    out->records = record_at(match, number, 0);
    const trd_legs legs = {.records = out->records,
        .count = group->count,
        .children_from = has_parent(group) ? 1 : group->count};
    match->time = command->time > time ? command->time : time;
    trd__legs_vet(match, &legs, out->reasons, out->legs);
    match->time = time;
}

unsigned trd__link_vet(trd_match *match, const trd_command *command, trd_link_vetted *out) {
    const trd_keeps keeps = {match->positions.capacity != 0, match->groups.capacity != 0};
    trd_ticket ticket;
    const unsigned reason = trd__form_new_read(command, SIZE_MAX, keeps, &ticket);
    out->count = 0;
    if (reason != 0) {
        return reason;
    }
    const trd_ext_link *link = &ticket.link;
    const uint32_t number = staged_find(match, command->account);
    if (trd__form_leg(&command->u.order, &ticket) != 0 ||
        (link->leg > 1 && (number == 0 || !continues(match, number, command, link)))) {
        return TRD_REJECT_LINK;
    }
    if (link->leg == 1) { /* what is staged makes room for it */
        return match->groups.free != 0 || number != 0 ? 0 : TRD_REJECT_NO_CAPACITY;
    }
    if (link->leg == link->legs) {
        vet_all(match, number, command, out);
    }
    return 0;
}

void trd__staged_refuse(
    trd_match *match, trd_out *out, uint32_t account, uint32_t guilty, unsigned reason) {
    const uint32_t number = staged_find(match, account);
    if (number != 0) {
        staged_reject(match, out, number, guilty, reason);
    }
}

/* Lots that an order may execute yet. Those of one that takes are not in its node. */
static trd_qty open_lots(const trd_match *match, uint32_t unit) {
    return unit == match->taker.unit ? match->taker.leaves
                                     : trd__leaves(match, trd__order(match, unit));
}

/* The parent of a group while it may execute lots, else 0: its unit. */
static uint32_t parent_of(const trd_match *match, const trd_group *group) {
    const uint32_t number = group->legs[PARENT].number;
    const uint32_t unit = number != 0 ? trd__special(match, number)->unit : 0;
    return unit != 0 && open_lots(match, unit) != 0 ? unit : 0;
}

/* What is said of a child that may be granted lots one by one. */
static void tell_grants(const trd_match *match, const trd_group *group, uint32_t parent,
    const trd_group_leg *leg, trd_leg_info *info) {
    const trd_special *special = trd__special(match, leg->number);
    const trd_qty own = leg->released ? leg->own : trd__order(match, special->unit)->leaves;
    const trd_qty granted = group->executed < own ? group->executed : own; /* in the end */
    const trd_qty most = parent != 0 ? own : granted;
    info->to_come = leg->released ? most - leg->granted : 0;
    info->grows = info->to_come != 0 || (info->waits && parent != 0);
    info->beyond = own - granted;
    if (leg->released && info->beyond > info->to_come) {
        info->beyond = info->to_come;
    }
}

trd_leg_info trd__leg_at(const trd_match *match, uint32_t number, uint32_t at) {
    const trd_group *group = group_at(match, number);
    const trd_group_leg *leg = &group->legs[at];
    trd_leg_info info = {.group = number, .leg = at};
    if (!has_parent(group) || at == PARENT || leg->number == 0) {
        return info;
    }
    const uint32_t parent = parent_of(match, group);
    info.waits = leg->released == 0;
    if (parent != 0) {
        const trd_node *node = trd__order(match, parent);
        info.parent_side = node->side;
        info.parent_holds = (uint8_t)trd__position_of(node);
    }
    if (!group->full_fill) {
        tell_grants(match, group, parent, leg, &info);
    }
    return info;
}

trd_leg_info trd__leg_info(const trd_match *match, trd_order order) {
    const uint32_t unit = trd__store_unit(&match->store, order);
    const uint32_t number = unit != 0 ? trd__special_of(trd__order(match, unit)) : 0;
    const trd_special *special = trd__special(match, number);
    return number == 0 || special->linked == 0 ? (trd_leg_info){0}
                                               : trd__leg_at(match, special->linked, special->leg);
}

trd_order trd__leg_order(const trd_match *match, uint32_t group, uint32_t at) {
    const uint32_t number = group_at(match, group)->legs[at].number;
    const uint32_t unit = number != 0 ? trd__special(match, number)->unit : 0;
    return unit != 0 ? trd__store_handle(trd__order(match, unit), unit) : 0;
}

bool trd__leg_is_bracket(const trd_match *match, uint32_t group) {
    return group_at(match, group)->relation == TRD_RELATION_BRACKET;
}

/* --- audit ------------------------------------------------------------------------------------ */

/* The legs of a live group are live orders that know it. */
static int audit_live(const trd_match *match, uint32_t number) {
    const trd_group *group = group_at(match, number);
    uint32_t live = 0;
    for (uint32_t at = 0; at < TRD_LEGS_MAX; at++) {
        const trd_group_leg *leg = &group->legs[at];
        if (leg->number == 0) {
            continue;
        }
        trd_audit(at < group->count && leg->number <= match->specials_max);
        const trd_special *special = trd__special(match, leg->number);
        trd_audit(special->unit != 0 && special->linked == number && special->leg == at);
        trd_audit(special->instrument == group->instrument);
        trd_audit(trd__order(match, special->unit)->account == group->account);
        trd_audit(!leg->released || (leg->granted >= 0 && leg->granted <= leg->own));
        trd_audit(leg->released || leg->granted == 0);
        live++;
    }
    trd_audit(live == group->live && live > 0);
    return TRD_OK;
}

static int audit_staged(const trd_match *match, uint32_t number) {
    const trd_group *group = group_at(match, number);
    trd_audit(group->staged < group->count && group->live == 0);
    trd_audit(staged_find(match, group->account) == number);
    trd_audit(trd__map_ref(group_slots(match), group->slot) == number);
    for (uint32_t leg = 0; leg < group->staged; leg++) {
        const trd_command *record = record_at(match, number, leg);
        trd_audit(record->account == group->account && record->instrument == group->instrument);
    }
    return TRD_OK;
}

int trd__groups_audit(const trd_match *match) {
    const trd_groups *groups = &match->groups;
    uint32_t live = 0;
    uint32_t staged = 0;
    uint32_t free = 0;
    uint32_t legs = 0;
    if (groups->capacity == 0) {
        return TRD_OK;
    }
    trd_audit(trd__map_audit(&groups->map, group_slots(match)) == 0);
    trd_audit(groups->map.count == groups->staged);
    for (uint32_t number = 1; number <= groups->capacity; number++) {
        const trd_group *group = group_at(match, number);
        if (group->relation == 0) {
            continue;
        }
        const int result =
            group->staged != 0 ? audit_staged(match, number) : audit_live(match, number);
        if (result != TRD_OK) {
            return result;
        }
        staged += group->staged != 0;
        live += group->staged == 0;
        legs += group->live;
    }
    for (uint32_t number = groups->free; number != 0; number = group_at(match, number)->next_free) {
        trd_audit(number <= groups->capacity && free < groups->capacity);
        trd_audit(group_at(match, number)->relation == 0);
        free++;
    }
    trd_audit(staged == groups->staged && staged + live == groups->count);
    trd_audit(free + groups->count == groups->capacity);
    for (uint32_t number = 1; number <= match->specials_max; number++) {
        const trd_special *special = trd__special(match, number);
        legs -= special->unit != 0 && special->linked != 0;
    }
    trd_audit(legs == 0);
    return TRD_OK;
}
