/* naive_link.c - "Linked orders" of docs/reference/groups.md. */
#include "naive_model.h"

#include <stdlib.h>
#include <string.h>

/* --- Groups ---------------------------------------------------------------------------------- */

static bool has_children(const naive_group *group) {
    return group->relation == TRD_RELATION_OTO || group->relation == TRD_RELATION_BRACKET;
}

bool naive__is_child(const naive_group *group, unsigned leg) {
    return has_children(group) && leg > 1;
}

static bool is_child(const naive_order *order) {
    return order->linked != NULL && naive__is_child(order->linked, order->leg);
}

static bool is_staged(const naive_group *group) {
    return group->staged < group->legs;
}

static bool is_there(const naive_group *group) {
    for (unsigned i = 0; i < NAIVE_LEGS; i++) {
        if (group->order[i] != NULL) {
            return true;
        }
    }
    return is_staged(group);
}

static void note(naive_match *m, const naive_group *group, unsigned bit) {
    m->linking[group->relation] |= bit;
}

unsigned naive_linking(const naive_match *m, unsigned relation) {
    return m->linking[relation];
}

uint32_t naive_groups(const naive_match *m) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->group_count; i++) {
        count += is_there(m->group[i]);
    }
    return count;
}

static naive_group *staged_by(const naive_match *m, uint32_t account) {
    for (uint32_t i = 0; i < m->group_count; i++) {
        if (m->group[i]->account == account && is_staged(m->group[i])) {
            return m->group[i];
        }
    }
    return NULL;
}

const naive_group *naive_staged(const naive_match *m, uint32_t account) {
    return staged_by(m, account);
}

/* It is gone, but what points to it may look at it until the command is over. */
static void give_up(naive_group *group) {
    group->staged = group->legs;
}

void naive__free_groups(naive_match *m) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < m->group_count; i++) {
        if (is_there(m->group[i])) {
            m->group[kept++] = m->group[i];
        } else {
            free(m->group[i]);
        }
    }
    m->group_count = kept;
}

static naive_group *begin_group(naive_match *m, const naive_record *r) {
    naive_group *group = naive__grown(NULL, sizeof(*group));
    memset(group, 0, sizeof(*group));
    group->link = r->link.link;
    group->account = r->base->account;
    group->relation = r->link.relation;
    group->legs = r->link.legs;
    group->full_fill = (r->link.flags & TRD_LINK_FULL_FILL) != 0;
    m->group = naive__grown(m->group, (m->group_count + 1) * sizeof(naive_group *));
    m->group[m->group_count++] = group;
    return group;
}

/* --- Staging --------------------------------------------------------------------------------- */

void naive__drop_staged(naive_match *m, uint32_t account) {
    naive_group *group = staged_by(m, account);
    if (group == NULL) {
        return;
    }
    note(m, group, NAIVE_LINK_DROPPED);
    for (unsigned i = 0; i < group->staged; i++) {
        naive__reject_new(m, group->record[i], BROKEN(LINK));
    }
    give_up(group);
}

static bool numbers_are_wrong(const naive_record *r) {
    const trd_ext_link *l = &r->link;
    const bool last = l->leg == l->legs;
    const bool staged = (r->base->flags & TRD_COMMAND_STAGED) != 0;
    const bool counted =
        l->relation == TRD_RELATION_BRACKET ? l->legs == 3 : l->legs >= 2 && l->legs <= 4;
    return l->relation < TRD_RELATION_OCO || l->relation > TRD_RELATION_BRACKET || !counted ||
           l->leg < 1 || l->leg > l->legs || staged == last;
}

static bool type_is_for_legs(unsigned type) {
    return type == TRD_TYPE_LIMIT || type == TRD_TYPE_MARKET ||
           (type >= TRD_TYPE_STOP && type <= TRD_TYPE_TOUCHED_LIMIT);
}

static bool tif_is_for_leg(unsigned tif, bool parent) {
    return tif == TRD_TIF_GTC || tif == TRD_TIF_DAY || tif == TRD_TIF_GTD ||
           (parent && (tif == TRD_TIF_IOC || tif == TRD_TIF_FOK));
}

static bool terms_are_wrong(const naive_record *r) {
    const trd_ext_link *l = &r->link;
    const trd_new *n = &r->base->u.order;
    const unsigned never = TRD_EXEC_BUDGET | TRD_EXEC_CLOSE_POSITION | TRD_EXEC_ALL_OR_NONE;
    const bool alike = l->relation == TRD_RELATION_OCO || l->relation == TRD_RELATION_OUO;
    return (alike && (l->flags & TRD_LINK_FULL_FILL) != 0) || l->race != 0 ||
           (l->flags & TRD_LINK_OWNER) != 0 || l->owner != 0 ||
           (n->side != TRD_BUY && n->side != TRD_SELL) || !type_is_for_legs(n->type) ||
           !tif_is_for_leg(n->tif, !alike && l->leg == 1) || (n->exec & never) != 0 ||
           r->sizes.peak != 0 || r->sizes.minimum != 0 || (alike && n->type == TRD_TYPE_MARKET);
}

static unsigned side_of(const naive_group *group, unsigned leg) {
    return group->record[leg - 1][0].u.order.side;
}

static bool side_fits(const naive_group *group, unsigned leg, unsigned side) {
    switch (group->relation) {
    case TRD_RELATION_OTO:
        return true;
    case TRD_RELATION_BRACKET:
        return side != side_of(group, 1) && (leg == 2 || side == side_of(group, 2));
    default:
        return side == side_of(group, 1);
    }
}

static bool continues(const naive_group *group, const naive_record *r) {
    const trd_ext_link *l = &r->link;
    return l->link == group->link && l->legs == group->legs && l->relation == group->relation &&
           ((l->flags & TRD_LINK_FULL_FILL) != 0) == group->full_fill &&
           r->base->instrument == group->record[0][0].instrument && l->leg == group->staged + 1 &&
           side_fits(group, l->leg, r->base->u.order.side);
}

static void refuse(naive_match *m, const naive_record *r, uint64_t broken) {
    m->broken = broken;
    naive__reject_new(m, r->base, broken);
}

/* --- All legs are there ----------------------------------------------------------------------- */

/* True if one is refused, and so all are. */
static bool refuses(naive_match *m, naive_group *group) {
    bool refused = false;
    uint64_t broken[NAIVE_LEGS];
    for (unsigned i = 0; i < group->legs; i++) {
        const naive_record r = naive__record(group->record[i]);
        const uint64_t rules = refused ? 0 : naive__new_rules(m, &r, group);
        broken[i] = rules != 0 ? rules : BROKEN(LINK);
        refused |= rules != 0;
    }
    for (unsigned i = 0; refused && i < group->legs; i++) {
        naive__reject_new(m, group->record[i], broken[i]);
        m->broken = broken[i];
    }
    return refused;
}

static void fall_asleep(naive_order *order) {
    order->asleep = true;
    order->held = order->trigger;
    order->trigger = 0;
    naive__forget_touch(order);
}

static void wake(naive_order *order) {
    order->asleep = false;
    order->trigger = order->held;
    order->held = 0;
}

static void accept(naive_match *m, naive_group *group, unsigned leg) {
    const naive_record r = naive__record(group->record[leg - 1]);
    naive_order *order = naive__grown(NULL, sizeof(*order));
    *order = naive__order_from(&r);
    order->linked = group;
    order->leg = (uint8_t)leg;
    order->handle = naive__next_handle(m);
    group->order[leg - 1] = order;
    naive__begin(m, order);
    naive__emit_terms(m, TRD_EVENT_ACCEPTED, order, TRD_STATUS_NEW, false);
    if (!is_child(order) && !naive__is_trigger_type(order->type)) {
        naive__cut_new(m, order);
    }
    fall_asleep(order);
    naive__wait(m, order);
}

static void act_in_turn(naive_match *m, naive_group *group) {
    const uint32_t instrument = group->record[0][0].instrument;
    for (unsigned leg = 1; leg <= group->legs && !naive__is_child(group, leg); leg++) {
        naive_order *order = group->order[leg - 1];
        if (order == NULL) {
            note(m, group, NAIVE_LINK_NO_TURN);
            continue;
        }
        naive__dequeue(m, order);
        wake(order);
        naive__act(m, order);
        naive__settle(m, instrument);
    }
}

static void enter(naive_match *m, naive_group *group) {
    if (refuses(m, group)) {
        note(m, group, NAIVE_LINK_REFUSED);
        return;
    }
    note(m, group, NAIVE_LINK_ENTERED);
    for (unsigned leg = 1; leg <= group->legs; leg++) {
        accept(m, group, leg);
    }
    act_in_turn(m, group);
}

bool naive__step_link(naive_match *m, const naive_record *r) {
    const trd_command *c = r->base;
    if (m->def.groups_max == 0 || naive__new_is_no_record(m, r)) {
        return false;
    }
    naive_group *group = staged_by(m, c->account);
    const bool begins = r->link.leg == 1;
    const bool fits = r->link.link != 0 && !numbers_are_wrong(r) && !terms_are_wrong(r) &&
                      (begins || (group != NULL && continues(group, r)));
    if (!fits || begins) {
        naive__drop_staged(m, c->account);
    }
    if (r->link.link == 0) {
        return false;
    }
    if (!fits) {
        refuse(m, r, BROKEN(LINK));
        return true;
    }
    if (begins && naive_groups(m) >= m->def.groups_max) {
        refuse(m, r, BROKEN(NO_CAPACITY));
        return true;
    }
    group = begins ? begin_group(m, r) : group;
    memcpy(group->record[group->staged++], c, c->slots * sizeof(*c));
    if (is_staged(group)) {
        note(m, group, NAIVE_LINK_STAGED);
    } else {
        enter(m, group);
    }
    return true;
}

/* --- What happens to a leg -------------------------------------------------------------------- */

/* The group has to react in the next settlement. */
static void mark(naive_match *m, naive_group *group) {
    if (group->due == 0) {
        group->due = ++m->reactions;
    }
}

/* Ends the legs from `first` on but for this one. */
static void cancel_others(naive_match *m, naive_group *group, unsigned first, unsigned but) {
    for (unsigned leg = first; leg <= group->legs; leg++) {
        naive_order *order = group->order[leg - 1];
        if (leg != but && order != NULL) {
            naive__cancel(m, order, TRD_STATUS_CANCELED, TRD_CAUSE_LINKED);
        }
    }
}

void naive__link_ends(naive_match *m, naive_order *order) {
    naive_group *group = order->linked;
    if (group == NULL) {
        return;
    }
    group->order[order->leg - 1] = NULL;
    if (has_children(group) && order->leg == 1) {
        group->parent_ended = true;
        group->parent_filled = order->filled;
        group->parent_executed = order->executed;
        mark(m, group);
    } else if (group->relation == TRD_RELATION_OCO && group->decider == 0) {
        note(m, group, NAIVE_LINK_ENDED);
        group->decider = order->leg;
        mark(m, group);
    }
}

/* An order is about to execute, or is released. What that causes may end it, or another leg, and
 * that decides no more. */
static void decide(naive_order *order) {
    naive_group *group = order->linked;
    if (group != NULL && group->relation == TRD_RELATION_OCO && group->decider == 0) {
        group->decider = order->leg;
    }
}

void naive__link_executes(naive_match *m, naive_order *order) {
    naive_group *group = order->linked;
    if (group != NULL && has_children(group) && order->leg == 1 && !group->full_fill) {
        mark(m, group);
    }
    decide(order);
}

/* The OCO group that this leg has decided, with others that are to go; else NULL. */
static naive_group *decided_by(const naive_order *order) {
    naive_group *group = order->linked;
    if (group->relation != TRD_RELATION_OCO || group->decider != order->leg) {
        return NULL;
    }
    for (unsigned leg = 1; leg <= group->legs; leg++) {
        if (leg != order->leg && group->order[leg - 1] != NULL) {
            return group;
        }
    }
    return NULL;
}

/* --- OUO ------------------------------------------------------------------------------------- */

/* All that a child had open was executed for its sibling. */
static void park_for_sibling(naive_match *m, naive_order *order) {
    const trd_qty was = order->displayed;
    note(m, order->linked, NAIVE_LINK_PARKED_BY);
    naive__resize(order, 0);
    order->displayed = 0;
    if (order->where == TRD_WHERE_WAITING) {
        naive__emit_restated(m, order, TRD_RESTATE_LINKED, 0);
        fall_asleep(order);
        return;
    }
    naive__dequeue(m, order);
    naive__emit_restated(m, order, TRD_RESTATE_LINKED, 0);
    if (was > 0) {
        naive__emit_public(m, order, TRD_ORDER_DELETED, 0, was);
        naive__emit_level(m, order->instrument, order->side, order->px);
    }
    fall_asleep(order);
    naive__wait(m, order);
}

/* Another leg executed these lots. */
static void take_off(naive_match *m, naive_order *order, trd_qty qty) {
    const trd_qty was = order->displayed;
    note(m, order->linked, order->asleep ? NAIVE_LINK_TOOK_ASLEEP : NAIVE_LINK_TOOK);
    if (is_child(order) && !order->granted) {
        order->lost += qty;
    } else if (order->leaves > qty) {
        naive__resize(order, order->leaves - qty);
        order->displayed = was < order->leaves ? was : order->leaves;
        naive__emit_restated(m, order, TRD_RESTATE_LINKED, order->displayed);
        naive__show_less(m, order, was);
    } else if (order->leaves > 0 && naive__may_be_granted(order)) {
        park_for_sibling(m, order);
    } else if (order->leaves > 0) {
        note(m, order->linked, NAIVE_LINK_TOOK_ALL);
        naive__cancel(m, order, TRD_STATUS_CANCELED, TRD_CAUSE_LINKED);
    }
}

void naive__link_executed(naive_match *m, naive_order *order, trd_qty qty) {
    naive_group *group = order->linked;
    if (group == NULL) {
        return;
    }
    if (group->relation == TRD_RELATION_OCO) {
        if (decided_by(order) != NULL) {
            note(m, group, NAIVE_LINK_EXECUTED);
            cancel_others(m, group, 1, order->leg);
        }
    } else if (group->relation != TRD_RELATION_OTO && !(has_children(group) && order->leg == 1)) {
        for (unsigned leg = has_children(group) ? 2 : 1; leg <= group->legs; leg++) {
            if (leg != order->leg && group->order[leg - 1] != NULL) {
                take_off(m, group->order[leg - 1], qty);
            }
        }
    }
}

void naive__link_released(naive_match *m, naive_order *order) {
    naive_group *group = order->linked;
    if (group == NULL) {
        return;
    }
    decide(order);
    if (decided_by(order) != NULL) {
        note(m, group, NAIVE_LINK_RELEASED);
        cancel_others(m, group, 1, order->leg);
    } else if (group->relation == TRD_RELATION_BRACKET && order->leg > 1) {
        note(m, group, NAIVE_LINK_RELEASED);
        cancel_others(m, group, 2, order->leg);
    }
}

/* --- Children -------------------------------------------------------------------------------- */

static trd_qty executed_by_parent(const naive_group *group) {
    return group->order[0] != NULL ? group->order[0]->executed : group->parent_executed;
}

/* What a child that was released may have in all, as of now. */
static trd_qty grant_of(const naive_order *order) {
    const trd_qty executed = executed_by_parent(order->linked);
    return order->linked->full_fill || order->own < executed ? order->own : executed;
}

/* A parent whose last lots execute now lives no more. */
bool naive__may_be_granted(const naive_order *order) {
    if (!is_child(order) || !order->granted) {
        return false;
    }
    const naive_order *parent = order->linked->order[0];
    const bool grows = parent != NULL && parent->leaves > 0;
    return order->gave < order->own && (grows || grant_of(order) > order->gave);
}

bool naive__waits_for_lots(const naive_order *order) {
    return order->granted && order->asleep;
}

/* It is in no place. */
void naive__park(naive_match *m, naive_order *order) {
    note(m, order->linked, NAIVE_LINK_PARKED);
    fall_asleep(order);
    naive__wait(m, order);
}

static bool has_no_session(const naive_match *m, const naive_order *order) {
    const unsigned state = naive__market(m, order)->state;
    return state == TRD_SESSION_HALTED || state == TRD_SESSION_CLOSED ||
           (state != TRD_SESSION_CONTINUOUS && order->type == TRD_TYPE_MARKET);
}

static void arrive_again(naive_match *m, naive_order *order) {
    trd_px px;
    if (!naive__post_only_px(m, order, &px) || px != order->px) {
        note(m, order->linked, NAIVE_LINK_TOO_LATE);
        naive__end_taker(m, order, TRD_CAUSE_POST_ONLY);
    } else {
        naive__arrive(m, order);
    }
}

/* A child, in no place, has lots that it had not before. */
static void arrive(naive_match *m, naive_order *order, bool first) {
    const unsigned state = naive__market(m, order)->state;
    if (naive__is_auction(state)) {
        note(m, order->linked, NAIVE_LINK_AUCTION);
    }
    if (has_no_session(m, order)) {
        note(m, order->linked, NAIVE_LINK_NO_SESSION);
        naive__end_taker(m, order, TRD_CAUSE_SESSION);
    } else if (naive__is_trigger_type(order->type)) {
        if (first && state == TRD_SESSION_CONTINUOUS && naive__is_touched(m, order)) {
            naive__release(m, order);
        } else {
            naive__wait(m, order);
        }
    } else if (first) {
        naive__arrive_released(m, order);
    } else {
        arrive_again(m, order);
    }
}

/* Its first lots, but for those that its sibling has executed already. */
static void release_child(naive_match *m, naive_order *order) {
    order->own = order->leaves;
    order->gave = grant_of(order);
    order->granted = true;
    const trd_qty open = order->gave > order->lost ? order->gave - order->lost : 0;
    naive__resize(order, open);
    if (open == 0 && !naive__may_be_granted(order)) {
        naive__cancel(m, order, TRD_STATUS_CANCELED, TRD_CAUSE_LINKED);
        return;
    }
    note(m, order->linked, NAIVE_LINK_GRANTED);
    naive__emit_restated(m, order, TRD_RESTATE_LINKED, 0);
    if (open == 0) {
        return; /* it sleeps on */
    }
    naive__dequeue(m, order);
    wake(order);
    arrive(m, order, true);
}

static void give_more(naive_match *m, naive_order *order) {
    const trd_qty more = grant_of(order) - order->gave;
    const bool first = order->asleep && naive__is_trigger_type(order->type);
    note(m, order->linked, order->asleep ? NAIVE_LINK_REVIVED : NAIVE_LINK_GREW);
    order->gave += more;
    naive__leave_level(m, order);
    naive__resize(order, order->leaves + more);
    naive__emit_restated(m, order, TRD_RESTATE_LINKED, 0);
    if (order->asleep) {
        wake(order);
    }
    arrive(m, order, first);
}

static bool is_owed(const naive_order *order) {
    const naive_group *group = order->linked;
    if (order->granted) {
        return grant_of(order) > order->gave;
    }
    return group->full_fill ? group->parent_filled : executed_by_parent(group) > 0;
}

/* True if the child was given lots, or a halt came instead: children may feed their parents. */
static bool give(naive_match *m, naive_order *order) {
    if (!is_owed(order)) {
        return false;
    }
    if (naive__market(m, order)->state == TRD_SESSION_CONTINUOUS &&
        !naive__may_release(m, order->instrument)) {
        return true;
    }
    if (order->granted) {
        give_more(m, order);
    } else if (naive__passes(m, order, true)) {
        release_child(m, order);
    }
    return true;
}

/* The parent has ended: what has no lots will have none. */
static void orphan(naive_match *m, naive_group *group) {
    for (unsigned leg = 2; leg <= group->legs; leg++) {
        naive_order *order = group->order[leg - 1];
        if (order != NULL && order->asleep) {
            note(m, group, NAIVE_LINK_CHILDLESS);
            naive__cancel(m, order, TRD_STATUS_CANCELED, TRD_CAUSE_LINKED);
        } else if (order != NULL) {
            note(m, group, NAIVE_LINK_LEFT);
        }
    }
}

static bool react(naive_match *m, naive_group *group) {
    if (!has_children(group)) {
        cancel_others(m, group, 1, group->decider);
        return false;
    }
    for (unsigned leg = 2; leg <= group->legs; leg++) {
        if (group->order[leg - 1] != NULL && give(m, group->order[leg - 1])) {
            return true;
        }
    }
    if (group->parent_ended) {
        orphan(m, group);
    }
    return false;
}

static naive_group *first_due(naive_match *m, uint32_t instrument) {
    naive_group *first = NULL;
    for (uint32_t i = 0; i < m->group_count; i++) {
        naive_group *group = m->group[i];
        if (group->due != 0 && group->record[0][0].instrument == instrument &&
            (first == NULL || group->due < first->due)) {
            first = group;
        }
    }
    return first;
}

bool naive__link_reacts(naive_match *m, uint32_t instrument) {
    naive_group *group;
    while ((group = first_due(m, instrument)) != NULL) {
        if (react(m, group)) {
            return true;
        }
        group->due = 0;
    }
    return false;
}
