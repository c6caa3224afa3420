/* naive.c - the slow matcher: one command at a time, and its views. naive_model.h says what the
 * other sources hold. */
#include "naive_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *naive__grown(void *at, size_t size) {
    void *out = realloc(at, size);
    if (out == NULL) {
        fputs("naive: no memory\n", stderr);
        abort();
    }
    return out;
}

void naive__push(naive_side *side, naive_order *order) {
    if (side->count == side->room) {
        side->room = side->room * 2 + 16;
        side->at = naive__grown(side->at, side->room * sizeof(naive_order *));
    }
    side->at[side->count++] = order;
}

trd_order naive__next_handle(naive_match *m) {
    if (m->handle_count == 0) {
        return UINT64_MAX;
    }
    m->handle_count--;
    return *m->handles++;
}

/* --- NEW ------------------------------------------------------------------------------------- */

void naive__reject_new(naive_match *m, const trd_command *c, uint64_t broken) {
    const trd_new *n = &c->u.order;
    trd_event *event = naive__emit(m, TRD_EVENT_REJECTED, c->instrument, c->account);
    event->side = n->side == TRD_BUY || n->side == TRD_SELL ? n->side : 0;
    event->liquidity = c->kind;
    event->status = TRD_STATUS_REJECTED;
    event->reason = naive__first_reason(broken);
    event->u.order.client_id = n->client_id;
    event->u.order.px = n->px;
    event->u.order.qty = n->qty;
}

static void begin_trigger_order(naive_match *m, naive_order *order) {
    naive__trail_begins(m, order);
    if (naive__market(m, order)->state == TRD_SESSION_CONTINUOUS && naive__is_touched(m, order)) {
        naive__release(m, order);
    } else {
        naive__wait(m, order);
    }
}

void naive__act(naive_match *m, naive_order *order) {
    if (naive__is_trigger_type(order->type)) {
        begin_trigger_order(m, order);
        return;
    }
    if (order->type == TRD_TYPE_PEGGED ||
        (naive__is_for_auctions(order) && !naive__joins(m, order))) {
        naive__wait(m, order);
        return;
    }
    if (naive__slide(m, order)) {
        naive__arrive(m, order);
    } else { /* a leg, whose turn came after others had moved the market */
        naive__end_taker(m, order, TRD_CAUSE_POST_ONLY);
    }
}

static void step_new(naive_match *m, const trd_command *c) {
    const naive_record r = naive__record(c);
    if (naive__step_link(m, &r)) {
        return;
    }
    m->broken = naive__new_rules(m, &r, NULL);
    if (m->broken != 0) {
        naive__reject_new(m, c, m->broken);
        return;
    }
    naive_order *order = naive__grown(NULL, sizeof(*order));
    *order = naive__order_from(&r);
    order->handle = naive__next_handle(m);
    naive__size_and_price(m, order);
    naive__begin(m, order);
    naive__emit_terms(m, TRD_EVENT_ACCEPTED, order, TRD_STATUS_NEW, false);
    if (!naive__is_trigger_type(order->type)) {
        naive__cut_new(m, order);
    }
    naive__act(m, order);
    naive__settle(m, c->instrument);
}

/* --- Orders that are named: CANCEL, REDUCE, REPLACE ------------------------------------------- */

static uint64_t target_of(const trd_command *c) {
    return c->kind == TRD_COMMAND_REPLACE ? c->u.replace.target : c->u.cancel.target;
}

static naive_order *named_order(const naive_match *m, const trd_command *c) {
    return (c->flags & TRD_COMMAND_BY_HANDLE) != 0 ? naive_by_handle(m, target_of(c))
                                                   : naive_find(m, c->account, target_of(c));
}

static void reject_named(naive_match *m, const trd_command *c, const naive_order *order) {
    const bool replace = c->kind == TRD_COMMAND_REPLACE;
    const bool shown = (m->broken & (BROKEN(MALFORMED) | BROKEN(UNSUPPORTED) |
                                        BROKEN(UNKNOWN_ORDER) | BROKEN(ORDER_MISMATCH))) == 0;
    trd_event *event =
        naive__emit(m, replace ? TRD_EVENT_REPLACE_REJECTED : TRD_EVENT_CANCEL_REJECTED,
            c->instrument, c->account);
    event->liquidity = c->kind;
    event->reason = naive__first_reason(m->broken);
    event->u.order.px = replace ? c->u.replace.px : 0;
    event->u.order.qty = replace ? c->u.replace.qty : c->u.cancel.qty;
    if (shown) {
        event->status = naive__status(order);
        event->u.order.client_id = order->client_id;
        event->u.order.order = order->handle;
    } else if ((c->flags & TRD_COMMAND_BY_HANDLE) != 0) {
        event->u.order.order = target_of(c);
    } else {
        event->u.order.client_id = target_of(c);
    }
}

/* The order keeps its place with a total that is not higher. */
void naive__keep_place(naive_match *m, naive_order *order, trd_qty total) {
    const trd_qty was = order->displayed;
    order->marks |= total < order->total ? NAIVE_WAS_CUT : 0;
    naive__resize(order, total - order->executed - order->prevented);
    order->displayed = was < order->leaves ? was : order->leaves;
    naive__emit_terms(m, TRD_EVENT_REPLACED, order, naive__status(order), true);
    naive__show_less(m, order, was);
}

static void step_cancel_or_reduce(naive_match *m, const trd_command *c) {
    naive_order *order = named_order(m, c);
    m->broken = naive__cancel_rules(m, c, order);
    if (m->broken != 0) {
        reject_named(m, c, order);
        return;
    }
    if (c->kind == TRD_COMMAND_CANCEL) {
        naive__cancel(m, order, TRD_STATUS_CANCELED, TRD_CAUSE_USER);
    } else if (c->u.cancel.qty >= order->leaves) {
        naive__cancel(m, order, TRD_STATUS_CANCELED, TRD_CAUSE_REDUCED);
    } else {
        naive__keep_place(m, order, order->total - c->u.cancel.qty);
    }
    naive__settle(m, c->instrument);
}

static void rename_order(naive_match *m, const trd_command *c, naive_order *order) {
    const uint64_t client_id = c->u.replace.client_id;
    if ((c->flags & TRD_COMMAND_NEW_ID) != 0 && client_id != order->client_id) {
        naive__end_id(m, order->account, order->client_id);
        naive__use_id(m, order->account, client_id);
        order->client_id = client_id;
        order->marks |= NAIVE_WAS_RENAMED;
    }
}

/* REPLACED with the new terms, then what was displayed leaves its level. */
static void leave_with(naive_match *m, naive_order *order, const naive_terms *t) {
    naive_order before = *order;
    naive__dequeue(m, order);
    order->px = t->px;
    order->displayed = 0;
    naive__resize(order, t->ends ? 0 : t->total - order->executed - order->prevented);
    naive__emit_terms(
        m, TRD_EVENT_REPLACED, order, t->ends ? TRD_STATUS_FILLED : naive__status(order), false);
    if (before.displayed > 0) {
        naive__emit_public(m, &before, TRD_ORDER_DELETED, 0, before.displayed);
        naive__emit_level(m, before.instrument, before.side, before.px);
    }
}

void naive__lose_place(naive_match *m, naive_order *order, const naive_terms *t) {
    const uint8_t where = order->where;
    leave_with(m, order, t);
    if (t->ends) {
        order->filled = true;
        naive__end(m, order);
        return;
    }
    order->marks |= NAIVE_WAS_MOVED | NAIVE_BY_REPLACE;
    if (where == TRD_WHERE_WAITING) {
        naive__wait(m, order);
        return;
    }
    order->minimum = 0;
    naive__slide(m, order); /* replace_rules saw that it can */
    naive__arrive(m, order);
}

static void step_replace(naive_match *m, const trd_command *c) {
    const naive_record r = naive__record(c);
    naive_order *order = named_order(m, c);
    m->broken = naive__replace_rules(m, &r, order);
    if (m->broken != 0) {
        reject_named(m, c, order);
        return;
    }
    const naive_terms t = naive__terms(c, order);
    rename_order(m, c, order);
    if (t.keeps_place) {
        naive__keep_place(m, order, t.total);
    } else {
        naive__lose_place(m, order, &t);
    }
    naive__settle(m, c->instrument);
}

/* --- The rest -------------------------------------------------------------------------------- */

static void step_price(naive_match *m, const trd_command *c) {
    naive__observe(m, c->instrument, c->u.price.source, c->u.price.px);
    naive__settle(m, c->instrument);
}

static void step_other(naive_match *m, const trd_command *c) {
    m->broken = naive__other_rules(m, c);
    if (m->broken != 0) {
        trd_event *event = naive__emit(m, TRD_EVENT_COMMAND_REJECTED, c->instrument, c->account);
        event->liquidity = c->kind;
        event->reason = naive__first_reason(m->broken);
        if (c->kind == TRD_COMMAND_TRANSFER) {
            event->u.order.client_id = c->u.transfer.reference;
        }
        return;
    }
    switch (c->kind) {
    case TRD_COMMAND_SUBSCRIBE:
        m->market[c->instrument].publish = c->u.subscribe.publish;
        break;
    case TRD_COMMAND_PRICE:
        step_price(m, c);
        break;
    case TRD_COMMAND_SESSION:
        naive__step_session(m, c);
        break;
    case TRD_COMMAND_MASS_CANCEL:
        naive__step_mass(m, c);
        break;
    case TRD_COMMAND_KILL:
        naive__step_kill(m, c);
        break;
    case TRD_COMMAND_DEADMAN:
        naive__step_deadman(m, c);
        break;
    case TRD_COMMAND_QUOTE:
        naive__step_quote(m, c);
        break;
    case TRD_COMMAND_PROTECTION:
        naive__step_protection(m, c);
        break;
    default:
        break; /* TIMER: time has passed already */
    }
}

static void empty_graveyard(naive_match *m) {
    for (uint32_t i = 0; i < m->graveyard.count; i++) {
        free(m->graveyard.at[i]);
    }
    m->graveyard.count = 0;
}

static void take_time(naive_match *m, trd_ns time) {
    if (time < m->time) {
        m->stats.time_steps_back++;
    } else {
        naive__run_timers(m, time);
        m->time = time;
    }
}

void naive_step(naive_match *m, const trd_command *c, const trd_order *handles, uint32_t count) {
    m->event_slots = 0;
    m->question_count = 0;
    m->broken = 0;
    m->quoting = 0;
    memset(m->linking, 0, sizeof(m->linking));
    m->command_seq = c->seq;
    m->handles = handles;
    m->handle_count = count;
    m->stats.commands++;
    take_time(m, c->time);
    m->released = 0;
    m->by_timer = false;
    const bool known = c->instrument < m->stats.instruments;
    if (known) {
        naive__set_band(m, c->instrument);
    }
    if (c->kind == TRD_COMMAND_CANCEL || c->kind == TRD_COMMAND_REDUCE ||
        c->kind == TRD_COMMAND_REPLACE || c->kind == TRD_COMMAND_QUOTE) {
        naive__drop_staged(m, c->account);
    }
    switch (c->kind) {
    case TRD_COMMAND_NEW:
        step_new(m, c);
        break;
    case TRD_COMMAND_CANCEL:
    case TRD_COMMAND_REDUCE:
        step_cancel_or_reduce(m, c);
        break;
    case TRD_COMMAND_REPLACE:
        step_replace(m, c);
        break;
    default:
        step_other(m, c);
    }
    if (known && m->broken == 0) {
        naive__indicate(m, c->instrument);
    }
    empty_graveyard(m);
    naive__free_groups(m);
}

/* --- Life cycle and views -------------------------------------------------------------------- */

naive_match *naive_create(const trd_match_def *def) {
    naive_match *m = naive__grown(NULL, sizeof(*m));
    memset(m, 0, sizeof(*m));
    m->def = *def;
    m->time = INT64_MIN;
    m->market = naive__grown(NULL, def->instruments_max * sizeof(*m->market));
    m->ended = naive__grown(NULL, ((size_t)def->ids_max + 1) * sizeof(*m->ended));
    m->highest = naive__grown(NULL, ((size_t)def->accounts_max + 1) * sizeof(*m->highest));
    memset(m->highest, 0, ((size_t)def->accounts_max + 1) * sizeof(*m->highest));
    m->listed = naive__grown(NULL, sizeof(*m->listed));
    *m->listed = (naive_side){0};
    return m;
}

void naive_destroy(naive_match *m) {
    for (uint32_t i = 0; i < m->stats.instruments; i++) {
        naive_side list = naive__listing(m, i);
        for (uint32_t at = 0; at < list.count; at++) {
            free(list.at[at]);
        }
        free(list.at);
        for (uint32_t at = 0; at < NAIVE_PLACES * 2; at++) {
            free(m->market[i].place[at / 2][at % 2].at);
        }
    }
    free(m->market);
    free(m->ended);
    free(m->highest);
    for (uint32_t i = 0; i < m->row_count; i++) {
        free(m->row[i]);
    }
    free(m->row);
    for (uint32_t i = 0; i < m->group_count; i++) {
        free(m->group[i]);
    }
    free(m->group);
    free(m->held);
    free(m->graveyard.at);
    free(m->listed->at);
    free(m->listed);
    free(m->events);
    free(m->question);
    free(m);
}

uint32_t naive_add(naive_match *m, const trd_instrument *spec) {
    naive_market *market = &m->market[m->stats.instruments];
    memset(market, 0, sizeof(*market));
    market->spec = *spec;
    market->profile = trd_profile_default();
    market->publish = m->def.publish;
    market->state = TRD_SESSION_CONTINUOUS;
    return m->stats.instruments++;
}

void naive_configure(naive_match *m, uint32_t instrument, const trd_profile *profile) {
    m->market[instrument].profile = *profile;
}

void naive_set_watch(naive_match *m, naive_watch watch, void *user) {
    m->watch = watch;
    m->watch_user = user;
}

void naive_set_judge(naive_match *m, naive_judge judge, void *user) {
    m->judge = judge;
    m->judge_user = user;
}

const naive_question *naive_questions(const naive_match *m, uint32_t *count) {
    *count = m->question_count;
    return m->question;
}

const trd_event *naive_events(const naive_match *m, uint32_t *slots) {
    *slots = m->event_slots;
    return m->events;
}

uint64_t naive_broken(const naive_match *m) {
    return m->broken;
}

uint32_t naive_stride(const trd_command *c) {
    return c->kind >= 1 && c->kind < TRD_EXT_ORDER_PRICES && naive__slots_are_possible(c) ? c->slots
                                                                                          : 1;
}

const naive_side *naive_orders(const naive_match *m, uint32_t instrument, unsigned side) {
    return naive__place(m, instrument, TRD_WHERE_BOOK, side);
}

uint32_t naive_live(const naive_match *m, uint32_t instrument, const naive_order *const **out) {
    free(m->listed->at);
    *m->listed = naive__listing(m, instrument);
    *out = (const naive_order *const *)m->listed->at;
    return m->listed->count;
}

const trd_instrument *naive_spec(const naive_match *m, uint32_t instrument) {
    return &m->market[instrument].spec;
}

const trd_profile *naive_profile(const naive_match *m, uint32_t instrument) {
    return &m->market[instrument].profile;
}

uint32_t naive_publish(const naive_match *m, uint32_t instrument) {
    return m->market[instrument].publish;
}

uint32_t naive_instruments(const naive_match *m) {
    return m->stats.instruments;
}

uint32_t naive_count(const naive_match *m) {
    return m->stats.orders;
}

int naive_state(const naive_match *m, uint32_t instrument) {
    return m->market[instrument].state;
}

unsigned naive_quoting(const naive_match *m) {
    return m->quoting;
}

trd_ns naive_time(const naive_match *m) {
    return m->time;
}

bool naive_price(const naive_match *m, uint32_t instrument, unsigned source, trd_px *out) {
    if (source < TRD_SOURCE_LAST || source > TRD_SOURCE_INDEX) {
        return false;
    }
    const naive_seen *seen = &m->market[instrument].seen[source];
    if (seen->known) {
        *out = seen->last;
    }
    return seen->known;
}

uint32_t naive_depth(
    const naive_match *m, uint32_t instrument, unsigned side, trd_level *out, uint32_t max) {
    const naive_side *orders = naive_orders(m, instrument, side);
    uint32_t levels = 0;
    for (uint32_t i = 0; i < orders->count; i++) {
        const naive_order *order = orders->at[i];
        if (levels == 0 || out[levels - 1].px != order->px) {
            if (levels == max) {
                break;
            }
            out[levels++] = (trd_level){.px = order->px};
        }
        out[levels - 1].qty += order->displayed;
        out[levels - 1].count++;
    }
    return levels;
}

void naive__info(const naive_order *order, trd_order_info *info) {
    memset(info, 0, sizeof(*info));
    info->order = order->handle;
    info->client_id = order->client_id;
    info->px = order->px;
    info->leaves = order->leaves;
    info->executed = order->executed;
    info->account = order->account;
    info->instrument = order->instrument;
    info->side = order->side;
    info->tif = order->tif;
    info->exec = order->exec;
    info->type = order->type;
    info->where = order->where;
    info->stp = order->stp;
    info->displayed = order->displayed;
    info->prevented = order->prevented;
    info->trigger = order->trigger;
}

uint32_t naive_queue(const naive_match *m, uint32_t instrument, unsigned side, trd_px px,
    trd_order_info *out, uint32_t max) {
    const naive_side *orders = naive_orders(m, instrument, side);
    uint32_t count = 0;
    for (uint32_t i = 0; i < orders->count && count < max; i++) {
        if (orders->at[i]->px == px) {
            naive__info(orders->at[i], &out[count++]);
        }
    }
    return count;
}

int naive_order_info(const naive_match *m, trd_order handle, trd_order_info *out) {
    const naive_order *order = naive_by_handle(m, handle);
    if (order == NULL) {
        return TRD_E_UNKNOWN;
    }
    naive__info(order, out);
    return TRD_OK;
}

void naive_stats(const naive_match *m, trd_match_stats *out) {
    *out = m->stats;
    out->positions = m->held_count;
    for (uint32_t i = 0; i < m->stats.instruments * 2; i++) {
        const naive_side *side = &m->market[i / 2].place[TRD_WHERE_BOOK][i % 2];
        for (uint32_t at = 0; at < side->count; at++) {
            out->levels += at == 0 || side->at[at]->px != side->at[at - 1]->px;
        }
    }
}
