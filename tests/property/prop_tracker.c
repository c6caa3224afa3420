/* prop_tracker.c - random lives of the order tracker against a simulated venue.
 *
 * The venue below is the truth: it takes requests in the order in which they arrive, executes at
 * random, busts and corrects fills, makes orders of its own. Between it and the tracker is a bad
 * network: requests are lost, reports are lost, repeated, delayed, and overtake each other on two
 * channels. The tracker's queries are asked and answered over the same network. When everything is
 * delivered and the queries are answered, the tracker must be equal to the venue: state, total,
 * executed, open, positions. After every input the audit finds nothing.
 *
 * Where nothing is lost on the way to the tracker, equal means by the reports alone and one list of
 * open orders; else the application also asks once for every order, as it would at the end of a
 * day. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include <tradsys/order.h>

#include "draw.h"

enum {
    RUNS = 2000,
    STEPS = 120,
    ORDERS = 14,
    FILLS = 200,
    MESSAGES = 4096,
    ACCOUNTS = 2,
    INSTRUMENTS = 2,
    VENUE = 5
};

/* The odds of one run, drawn when it begins: percentages unless said otherwise. */
typedef struct odds {
    bool versions;      /* the venue numbers the changes of an order */
    bool nameless;      /* fills name the order by the venue's id alone */
    bool by_request_id; /* requests have ids of their own */
    int64_t lost;       /* reports */
    int64_t lost_requests;
    int64_t repeated;
    int64_t delay;      /* highest, of a message */
    bool in_order;      /* reports do not overtake each other */
    int64_t terms;      /* reports say px and qty */
    int64_t cum;        /* reports say cum */
    int64_t refuse;     /* requests are refused */
    uint64_t action[8]; /* how often what happens, relative */
    int64_t pace;       /* highest step of time */
    int64_t lists;      /* a list of open orders is asked for in between */
    int64_t reconciles; /* so is a position */
} odds;

/* What may happen in a step. */
enum { SUBMIT, CANCEL, REPLACE, EXECUTE, UNDO, TURN, FOREIGN, WAIT };

/* An order at the venue. */
typedef struct venue_order {
    uint64_t id; /* client id in force; of a request that is accepted it becomes this */
    trd_name name;
    trd_qty qty, cum;
    trd_px px;
    uint64_t version;
    uint32_t account, instrument;
    uint8_t side, base;
    bool sent; /* by the application, or made by the venue */
    bool here; /* arrived */
    bool foreign;
} venue_order;

typedef struct venue_fill {
    uint32_t order;
    trd_qty qty;
    bool busted, corrected;
    trd_report report;
} venue_fill;

enum { TO_VENUE, ASK, ASK_FILLS, TO_TRACKER };

typedef struct message {
    trd_ns due;
    uint64_t sequence;
    uint8_t where, request; /* TRD_REQUEST_* */
    uint32_t order;
    uint64_t id; /* of the request */
    bool has_id;
    trd_qty qty;
    trd_px px;
    trd_report report;
} message;

typedef struct life {
    int run;
    draw rng;
    odds odds;
    trd_tracker *tracker;
    trd_outcome out;
    trd_ns now;
    trd_ns line_due[2]; /* when the last message of each direction arrives, if none may overtake */
    bool reliable;      /* the end: nothing is lost or repeated any more */
    venue_order orders[ORDERS];
    uint32_t order_count;
    uint64_t ids;
    venue_fill fills[FILLS];
    uint32_t fill_count;
    message messages[MESSAGES];
    uint32_t message_count;
    uint64_t sequence;
    trd_qty positions[ACCOUNTS][INSTRUMENTS];
} life;

static odds draw_odds(draw *rng) {
    odds o = {
        .versions = draw_chance(rng, 65),
        .nameless = draw_chance(rng, 30),
        .by_request_id = draw_chance(rng, 60),
        .lost = draw_chance(rng, 50) ? draw_in(rng, 1, 40) : 0,
        .lost_requests = draw_chance(rng, 50) ? draw_in(rng, 1, 40) : 0,
        .repeated = draw_in(rng, 0, 40),
        .delay = draw_chance(rng, 20) ? 0 : draw_in(rng, 1, 200),
        .in_order = draw_chance(rng, 25),
        .terms = draw_in(rng, 0, 100),
        .cum = draw_chance(rng, 70) ? 100 : draw_in(rng, 0, 100),
        .refuse = draw_in(rng, 0, 40),
        .pace = draw_in(rng, 1, 40),
        .lists = draw_chance(rng, 50) ? draw_in(rng, 0, 10) : 0,
        .reconciles = draw_chance(rng, 30) ? draw_in(rng, 1, 30) : 0,
    };
    for (int i = 0; i < 8; i++) {
        o.action[i] = draw_below(rng, 10) + 1;
    }
    if (!o.versions) {
        /* What cannot be told apart without versions: what is active again from what was before,
         * requests without ids in the wrong order. */
        o.action[TURN] = 0;
        o.by_request_id = true;
        o.action[UNDO] = draw_chance(rng, 50) ? o.action[UNDO] : 0;
        /* And whether a cum has a fill in it that was busted meanwhile. */
        o.cum = o.action[UNDO] > 0 ? 0 : o.cum;
        o.terms = o.action[UNDO] > 0 ? 100 : o.terms;
    }
    return o;
}

/* --- the network ------------------------------------------------------------------------------ */

static message *post(life *l, uint8_t where) {
    cr_assert(l->message_count < MESSAGES);
    message *m = &l->messages[l->message_count++];
    const bool in_line = where != TO_TRACKER || l->odds.in_order;
    trd_ns *line = &l->line_due[where == TO_TRACKER];
    *m = (message){.where = where, .sequence = l->sequence++};
    m->due = l->now + (l->reliable ? 0 : draw_in(&l->rng, 0, l->odds.delay));
    if (in_line) {
        m->due = m->due > *line ? m->due : *line;
        *line = m->due;
    }
    return m;
}

static void send_report(life *l, const trd_report *report, bool must_arrive) {
    const bool safe = l->reliable || must_arrive;
    if (!safe && draw_chance(&l->rng, l->odds.lost)) {
        return;
    }
    post(l, TO_TRACKER)->report = *report;
    while (!l->reliable && draw_chance(&l->rng, l->odds.repeated)) {
        message *m = post(l, TO_TRACKER);
        m->report = *report;
        m->report.channel = draw_chance(&l->rng, 50) ? TRD_CHANNEL_QUERY : TRD_CHANNEL_STREAM;
    }
}

static bool first_of(const life *l, uint32_t *first) {
    *first = 0;
    for (uint32_t i = 1; i < l->message_count; i++) {
        const message *a = &l->messages[i], *b = &l->messages[*first];
        if (a->due < b->due || (a->due == b->due && a->sequence < b->sequence)) {
            *first = i;
        }
    }
    return l->message_count > 0;
}

/* --- the venue -------------------------------------------------------------------------------- */

static bool base_ended(const venue_order *v) {
    return v->base == TRD_STATE_CANCELED || v->base == TRD_STATE_REJECTED ||
           v->base == TRD_STATE_EXPIRED || v->base == TRD_STATE_FILLED;
}

static uint8_t state_of(const venue_order *v) {
    if (v->cum >= v->qty) {
        return TRD_STATE_FILLED;
    }
    return v->base == TRD_STATE_NEW && v->cum > 0 ? TRD_STATE_PARTIALLY_FILLED : v->base;
}

static bool is_live(const venue_order *v) {
    return v->here && !base_ended(v);
}

static trd_report report_of(life *l, const venue_order *v, uint8_t kind) {
    trd_report r = {.kind = kind,
        .channel = TRD_CHANNEL_STREAM,
        .venue = VENUE,
        .account = v->account,
        .instrument = v->instrument,
        .side = v->side,
        .version = l->odds.versions ? v->version : 0,
        .state = state_of(v),
        .venue_id = v->name};
    if (!v->foreign) {
        r.client_id = v->id;
        r.flags |= TRD_REPORT_HAS_CLIENT_ID;
    }
    if (l->reliable || draw_chance(&l->rng, l->odds.cum)) {
        r.cum = v->cum;
        r.flags |= TRD_REPORT_HAS_CUM;
    }
    if (l->reliable || v->foreign || draw_chance(&l->rng, l->odds.terms)) {
        r.qty = v->qty;
        r.px = v->px;
        r.flags |= TRD_REPORT_HAS_TERMS;
    }
    return r;
}

static void say(life *l, venue_order *v, uint8_t kind) {
    v->version++;
    const trd_report r = report_of(l, v, kind);
    send_report(l, &r, v->foreign);
}

/* A reply to a request: it names the request if that has an id. */
static void reply(life *l, const venue_order *v, const message *m, uint8_t kind, uint32_t flags) {
    trd_report r = report_of(l, v, kind);
    r.orig_id = v->id;
    r.flags |= flags | (v->foreign ? 0 : TRD_REPORT_HAS_ORIG_ID);
    if (m->has_id) {
        r.client_id = m->id;
        r.flags |= TRD_REPORT_HAS_CLIENT_ID;
    }
    if (!v->here) {
        r.flags &= ~(uint32_t)(TRD_REPORT_HAS_CUM | TRD_REPORT_HAS_TERMS);
        r.version = 0;
        r.state = TRD_STATE_NONE;
        r.venue_id = (trd_name){{0}};
    }
    send_report(l, &r, v->foreign);
}

static void completes(venue_order *v) {
    if (v->cum >= v->qty && !base_ended(v)) {
        v->base = TRD_STATE_FILLED;
    }
}

static void take_submit(life *l, venue_order *v) {
    v->here = true;
    v->base = draw_chance(&l->rng, l->odds.refuse) ? TRD_STATE_REJECTED : TRD_STATE_NEW;
    say(l, v, v->base == TRD_STATE_NEW ? TRD_REPORT_NEW : TRD_REPORT_REJECTED);
}

static void take_cancel(life *l, venue_order *v, const message *m) {
    if (!is_live(v) || draw_chance(&l->rng, l->odds.refuse)) {
        reply(l, v, m, TRD_REPORT_CANCEL_REJECTED, v->here ? 0 : TRD_REPORT_NOT_KNOWN);
        return;
    }
    v->base = TRD_STATE_CANCELED;
    v->version++;
    reply(l, v, m, TRD_REPORT_CANCELED, 0);
}

static void take_replace(life *l, venue_order *v, const message *m) {
    if (!is_live(v) || draw_chance(&l->rng, l->odds.refuse)) {
        reply(l, v, m, TRD_REPORT_REPLACE_REJECTED, v->here ? 0 : TRD_REPORT_NOT_KNOWN);
        return;
    }
    v->qty = m->qty > v->cum ? m->qty : v->cum;
    v->px = m->px;
    v->version++;
    completes(v);
    const uint64_t before = v->id;
    v->id = m->has_id ? m->id : v->id;
    trd_report r = report_of(l, v, TRD_REPORT_REPLACED);
    r.orig_id = before;
    r.flags |= v->foreign ? 0 : TRD_REPORT_HAS_ORIG_ID;
    if (!m->has_id || v->qty != m->qty) { /* other terms than those that were asked for are said */
        r.qty = v->qty;
        r.px = v->px;
        r.flags |= TRD_REPORT_HAS_TERMS;
    }
    if (m->has_id) {
        r.client_id = m->id;
        r.flags |= TRD_REPORT_HAS_CLIENT_ID;
    }
    send_report(l, &r, v->foreign);
}

static void take_query(life *l, const venue_order *v, bool fills) {
    trd_report r = report_of(l, v, TRD_REPORT_STATUS);
    r.channel = TRD_CHANNEL_QUERY;
    r.cum = v->cum;
    r.qty = v->qty;
    r.px = v->px;
    r.flags |= TRD_REPORT_HAS_CUM | TRD_REPORT_HAS_TERMS;
    if (!v->here) {
        r.kind = TRD_REPORT_NOT_FOUND;
        r.flags = TRD_REPORT_HAS_CLIENT_ID;
        r.state = TRD_STATE_NONE;
        r.version = 0;
        r.venue_id = (trd_name){{0}};
    }
    send_report(l, &r, false);
    for (uint32_t i = 0; fills && i < l->fill_count; i++) {
        if (&l->orders[l->fills[i].order] == v && !l->fills[i].busted) {
            trd_report again = l->fills[i].report;
            again.channel = TRD_CHANNEL_QUERY;
            send_report(l, &again, false);
        }
    }
}

static void moves(life *l, const venue_order *v, trd_qty qty) {
    l->positions[v->account][v->instrument] += v->side == TRD_BUY ? qty : -qty;
}

/* Without versions a fill that never comes and one that was busted look the same: with busts,
 * fills arrive. */
static bool fills_must_arrive(const life *l) {
    return !l->odds.versions && l->odds.action[UNDO] > 0;
}

static void execute(life *l, venue_order *v) {
    if (!is_live(v) || v->base == TRD_STATE_SUSPENDED || l->fill_count == FILLS) {
        return;
    }
    const trd_qty left = v->qty - v->cum;
    const trd_qty qty = draw_chance(&l->rng, 30) ? left : draw_in(&l->rng, 1, left);
    v->cum += qty;
    v->version++;
    completes(v);
    moves(l, v, qty);
    trd_report r = report_of(l, v, TRD_REPORT_FILL);
    r.trade_id = trd_name_of_number(l->fill_count + 1);
    r.fill_qty = qty;
    r.fill_px = v->px;
    if (l->odds.nameless) {
        r.flags &= ~(uint32_t)TRD_REPORT_HAS_CLIENT_ID;
    }
    l->fills[l->fill_count++] =
        (venue_fill){.order = (uint32_t)(v - l->orders), .qty = qty, .report = r};
    send_report(l, &r, v->foreign || fills_must_arrive(l));
}

/* A complete order that loses lots has ended all the same. */
static void loses(venue_order *v) {
    if (v->base == TRD_STATE_FILLED && v->cum < v->qty) {
        v->base = TRD_STATE_CANCELED;
    }
}

static void undo(life *l) {
    if (l->fill_count == 0) {
        return;
    }
    venue_fill *f = &l->fills[draw_below(&l->rng, l->fill_count)];
    venue_order *v = &l->orders[f->order];
    if (f->busted || (f->corrected && !l->odds.versions)) {
        return;
    }
    const bool correct = draw_chance(&l->rng, 50);
    const trd_qty most = f->qty + (v->qty - v->cum);
    const trd_qty qty = correct ? draw_in(&l->rng, 1, most) : 0;
    moves(l, v, qty - f->qty);
    v->cum += qty - f->qty;
    v->version++;
    completes(v);
    loses(v);
    f->qty = qty;
    f->busted = !correct;
    f->corrected = true;
    trd_report r = report_of(l, v, correct ? TRD_REPORT_CORRECT : TRD_REPORT_BUST);
    r.trade_id = f->report.trade_id;
    r.fill_qty = correct ? qty : f->report.fill_qty;
    r.fill_px = v->px + 1000 + (trd_px)v->version;
    if (correct) { /* what a query shows from now on */
        f->report = r;
    }
    send_report(l, &r, v->foreign || fills_must_arrive(l));
}

static void turn(life *l, venue_order *v) {
    if (!is_live(v)) {
        return;
    }
    const bool suspended = v->base == TRD_STATE_SUSPENDED;
    v->base = suspended ? TRD_STATE_NEW : TRD_STATE_SUSPENDED;
    say(l, v, suspended ? TRD_REPORT_RESTATED : TRD_REPORT_SUSPENDED);
}

static void foreign(life *l) {
    if (l->order_count == ORDERS) {
        return;
    }
    venue_order *v = &l->orders[l->order_count++];
    *v = (venue_order){.name = trd_name_of_number(5000 + l->order_count),
        .qty = draw_in(&l->rng, 1, 30),
        .px = 7,
        .account = (uint32_t)draw_below(&l->rng, ACCOUNTS),
        .instrument = (uint32_t)draw_below(&l->rng, INSTRUMENTS),
        .side = (uint8_t)draw_in(&l->rng, TRD_BUY, TRD_SELL),
        .base = TRD_STATE_NEW,
        .here = true,
        .sent = true,
        .foreign = true};
    say(l, v, TRD_REPORT_NEW);
}

/* --- the application -------------------------------------------------------------------------- */

static void sound(const life *l) {
    cr_assert(eq(int, trd_tracker_audit(l->tracker), TRD_OK));
}

static trd_order handle_of(const life *l, const venue_order *v) {
    const trd_order_key key = {v->id, VENUE, v->account};
    const trd_account_key account = {VENUE, v->account};
    return v->foreign ? trd_tracker_find_venue_id(l->tracker, &account, &v->name)
                      : trd_tracker_find(l->tracker, &key);
}

static void submit(life *l) {
    if (l->order_count == ORDERS) {
        return;
    }
    venue_order *v = &l->orders[l->order_count++];
    *v = (venue_order){.id = ++l->ids,
        .name = trd_name_of_number(9000 + l->order_count),
        .qty = draw_in(&l->rng, 1, 30),
        .px = 7,
        .account = (uint32_t)draw_below(&l->rng, ACCOUNTS),
        .instrument = (uint32_t)draw_below(&l->rng, INSTRUMENTS),
        .side = (uint8_t)draw_in(&l->rng, TRD_BUY, TRD_SELL),
        .base = TRD_STATE_PENDING_NEW,
        .sent = true};
    const trd_request r = {.time = l->now,
        .client_id = v->id,
        .px = v->px,
        .qty = v->qty,
        .venue = VENUE,
        .account = v->account,
        .instrument = v->instrument,
        .kind = TRD_REQUEST_SUBMIT,
        .side = v->side};
    cr_assert(eq(int, trd_tracker_request(l->tracker, &r, &l->out), TRD_OK));
    if (!draw_chance(&l->rng, l->odds.lost_requests)) {
        message *m = post(l, TO_VENUE);
        m->request = TRD_REQUEST_SUBMIT;
        m->order = l->order_count - 1;
    }
}

/* A cancel or a replace of what the tracker knows to be open. */
static void change(life *l, uint8_t kind, uint32_t at) {
    venue_order *v = &l->orders[at];
    const bool has_id = l->odds.by_request_id || draw_chance(&l->rng, 50);
    const bool terms = kind == TRD_REQUEST_REPLACE;
    const uint64_t id = has_id ? ++l->ids : 0;
    const trd_request r = {.time = l->now,
        .client_id = id,
        .target = handle_of(l, v),
        .px = terms ? 100 + (trd_px)++l->ids : 0,
        .qty = terms ? draw_in(&l->rng, 1, 40) : 0,
        .venue = VENUE,
        .account = v->account,
        .kind = kind,
        .flags = TRD_REQUEST_BY_HANDLE | (has_id ? TRD_REQUEST_HAS_ID : 0)};
    const int result = trd_tracker_request(l->tracker, &r, &l->out);
    cr_assert(result == TRD_OK || result == TRD_E_UNKNOWN);
    if (result != TRD_OK || draw_chance(&l->rng, l->odds.lost_requests)) {
        return;
    }
    message *m = post(l, TO_VENUE);
    m->request = kind;
    m->order = at;
    m->id = id;
    m->has_id = has_id;
    m->qty = r.qty;
    m->px = r.px;
}

/* The order that a query is about: the application keeps the ids that it gave. */
static uint32_t order_of(const life *l, const trd_outcome *q) {
    trd_tracked tracked;
    cr_assert(eq(int, trd_tracker_order(l->tracker, q->order, &tracked), TRD_OK));
    for (uint32_t i = 0; i < l->order_count; i++) {
        if (handle_of(l, &l->orders[i]) == q->order) {
            return i;
        }
        const trd_account_key account = {VENUE, l->orders[i].account};
        if (trd_tracker_find_venue_id(l->tracker, &account, &l->orders[i].name) == q->order) {
            return i;
        }
    }
    cr_assert(eq(int, 0, 1), "a query about an order that nobody has");
    return 0;
}

static void ask(life *l, uint32_t order, bool fills) {
    if (l->reliable || !draw_chance(&l->rng, l->odds.lost)) {
        post(l, fills ? ASK_FILLS : ASK)->order = order;
    }
}

static int poll_all(life *l) {
    int count = 0;
    while (trd_tracker_poll(l->tracker, l->now, &l->out) == 1) {
        sound(l);
        cr_assert(eq(int, l->out.kind, TRD_OUTCOME_QUERY));
        ask(l, order_of(l, &l->out), (l->out.flags & TRD_OUTCOME_GAP) != 0);
        count++;
        cr_assert(count <= ORDERS * 2);
    }
    return count;
}

static void hear(life *l, const trd_report *report) {
    trd_report r = *report;
    r.time = l->now;
    cr_assert(eq(int, trd_tracker_report(l->tracker, &r, &l->out), TRD_OK));
    cr_assert(l->out.leaves >= 0);
    sound(l);
}

static void deliver(life *l, uint32_t at) {
    const message m = l->messages[at];
    l->messages[at] = l->messages[--l->message_count];
    venue_order *v = &l->orders[m.order];
    if (m.where == TO_TRACKER) {
        hear(l, &m.report);
    } else if (m.where == ASK || m.where == ASK_FILLS) {
        take_query(l, v, m.where == ASK_FILLS);
    } else if (m.request == TRD_REQUEST_SUBMIT) {
        take_submit(l, v);
    } else if (m.request == TRD_REQUEST_CANCEL) {
        take_cancel(l, v, &m);
    } else {
        take_replace(l, v, &m);
    }
}

static void deliver_due(life *l) {
    uint32_t at;
    while (first_of(l, &at) && l->messages[at].due <= l->now) {
        deliver(l, at);
    }
}

/* A list of the open orders of an account, answered at once. */
static void list_open(life *l, uint32_t account) {
    const trd_account_key key = {VENUE, account};
    cr_assert(eq(int, trd_tracker_snapshot_begin(l->tracker, &key, l->now), TRD_OK));
    for (uint32_t i = 0; i < l->order_count; i++) {
        const venue_order *v = &l->orders[i];
        if (v->account == account && is_live(v)) {
            trd_report r = report_of(l, v, TRD_REPORT_STATUS);
            r.channel = TRD_CHANNEL_QUERY;
            r.cum = v->cum;
            r.qty = v->qty;
            r.px = v->px;
            r.flags |= TRD_REPORT_HAS_CUM | TRD_REPORT_HAS_TERMS;
            hear(l, &r);
        }
    }
    cr_assert(trd_tracker_snapshot_end(l->tracker) >= 0);
    sound(l);
}

/* The venue's position, told at once: fills may be under way. Returns whether ours differed. */
static bool reconcile(life *l, uint32_t account, uint32_t instrument) {
    const trd_position_report p = {.time = l->now,
        .qty = l->positions[account][instrument],
        .venue = VENUE,
        .account = account,
        .instrument = instrument};
    cr_assert(eq(int, trd_tracker_reconcile(l->tracker, &p, &l->out), TRD_OK));
    sound(l);
    const bool unsettled = (l->out.flags & TRD_OUTCOME_UNSETTLED) != 0;
    cr_assert(unsettled || l->out.position == p.qty);
    return (l->out.flags & TRD_OUTCOME_MISMATCH) != 0;
}

/* --- a life ----------------------------------------------------------------------------------- */

static uint32_t draw_action(life *l) {
    uint64_t sum = 0;
    for (int i = 0; i < 8; i++) {
        sum += l->odds.action[i];
    }
    uint64_t at = draw_below(&l->rng, sum);
    uint32_t action = 0;
    while (at >= l->odds.action[action]) {
        at -= l->odds.action[action++];
    }
    return action;
}

static void act(life *l) {
    const uint32_t action = draw_action(l);
    const uint32_t at = l->order_count > 0 ? (uint32_t)draw_below(&l->rng, l->order_count) : 0;
    venue_order *v = &l->orders[at];
    if (action == SUBMIT) {
        submit(l);
    } else if (action == FOREIGN) {
        foreign(l);
    } else if (action == UNDO) {
        undo(l);
    } else if (l->order_count == 0) {
        return;
    } else if (action == CANCEL || action == REPLACE) {
        change(l, action == CANCEL ? TRD_REQUEST_CANCEL : TRD_REQUEST_REPLACE, at);
    } else if (action == EXECUTE) {
        execute(l, v);
    } else if (action == TURN) {
        turn(l, v);
    } else if (is_live(v) && draw_chance(&l->rng, 10)) {
        v->base = TRD_STATE_EXPIRED;
        say(l, v, TRD_REPORT_EXPIRED);
    }
    sound(l);
}

/* Delivers and answers until nothing is to be said any more. */
static void come_to_rest(life *l) {
    int quiet = 0;
    for (int round = 0; quiet < 3; round++) {
        cr_assert(round < 400, "the tracker asks for ever");
        l->now += 300;
        deliver_due(l);
        const int asked = poll_all(l);
        quiet = asked == 0 && l->message_count == 0 ? quiet + 1 : 0;
    }
}

static bool needs_asking(const life *l) {
    return l->odds.lost > 0 || (!l->odds.versions && l->odds.action[UNDO] > 0);
}

static void finish(life *l) {
    come_to_rest(l); /* with losses still */
    l->reliable = true;
    come_to_rest(l);
    l->now += 1000;
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        list_open(l, account);
    }
    come_to_rest(l);
    for (uint32_t i = 0; needs_asking(l) && i < l->order_count; i++) {
        ask(l, i, true);
    }
    come_to_rest(l);
}

/* Positions that were taken over while fills were under way are off by these fills. One outcome
 * each puts them right, and there is no second one. Without that ours are the venue's already. */
static void settle_positions(life *l) {
    l->now += 1000000;
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        for (uint32_t instrument = 0; instrument < INSTRUMENTS; instrument++) {
            const bool differed = reconcile(l, account, instrument);
            cr_assert(differed == false || l->odds.reconciles > 0, "run %d", l->run);
            const bool again = reconcile(l, account, instrument);
            cr_assert(again == false, "run %d", l->run);
        }
    }
}

static void compare_order(const life *l, uint32_t i) {
    const venue_order *v = &l->orders[i];
    trd_tracked o;
    const int result = trd_tracker_order(l->tracker, handle_of(l, v), &o);
    if (v->foreign && result != TRD_OK) {
        /* Ended before anything of it was heard that could make it known. */
        cr_assert(base_ended(v) && v->cum == 0, "run %d order %u", l->run, i);
        return;
    }
    cr_assert(eq(int, result, TRD_OK), "run %d order %u", l->run, i);
    const unsigned state = v->here ? state_of(v) : TRD_STATE_LOST;
    cr_assert(eq(int, o.state, (int)state), "run %d order %u: %s, not %s", l->run, i,
        trd_state_text(o.state), trd_state_text(state));
    cr_assert(eq(i64, o.cum, v->cum), "run %d order %u", l->run, i);
    cr_assert(eq(i64, o.leaves, is_live(v) ? v->qty - v->cum : 0), "run %d order %u", l->run, i);
    cr_assert(eq(int, o.cancels + o.replaces, 0), "run %d order %u", l->run, i);
    if (v->here) {
        cr_assert(eq(i64, o.qty, v->qty), "run %d order %u", l->run, i);
        cr_assert(eq(i64, o.px, v->px), "run %d order %u", l->run, i);
    }
}

static void compare(const life *l) {
    for (uint32_t i = 0; i < l->order_count; i++) {
        compare_order(l, i);
    }
    for (uint32_t account = 0; account < ACCOUNTS; account++) {
        for (uint32_t instrument = 0; instrument < INSTRUMENTS; instrument++) {
            const trd_position_key key = {VENUE, account, instrument};
            trd_tracked_position p = {.qty = 0};
            trd_tracker_position_of(l->tracker, &key, &p);
            cr_assert(eq(i64, p.qty, l->positions[account][instrument]), "run %d", l->run);
        }
    }
}

static void live(draw *rng, int run) {
    life *l = calloc(1, sizeof(*l));
    l->run = run;
    l->odds = draw_odds(rng);
    l->rng = trd__rng_seeded(draw_u64(rng));
    trd_tracker_def def = trd_tracker_def_default();
    def.orders_max = ORDERS * 2;
    def.requests_max = STEPS + ORDERS;
    def.fills_max = FILLS;
    def.positions_max = ACCOUNTS * INSTRUMENTS;
    def.accounts_max = ACCOUNTS;
    def.reply_ns = draw_in(&l->rng, 50, 400);
    def.query_ns = draw_in(&l->rng, 50, 400);
    def.settle_ns = draw_in(&l->rng, 0, 100);
    def.hash_seed = draw_u64(&l->rng);
    l->tracker = trd_tracker_create(&def);
    for (int step = 0; step < STEPS; step++) {
        l->now += draw_in(&l->rng, 0, l->odds.pace);
        deliver_due(l);
        act(l);
        poll_all(l);
        if (draw_chance(&l->rng, l->odds.lists)) {
            list_open(l, (uint32_t)draw_below(&l->rng, ACCOUNTS));
        }
        if (draw_chance(&l->rng, l->odds.reconciles)) {
            reconcile(l, (uint32_t)draw_below(&l->rng, ACCOUNTS),
                (uint32_t)draw_below(&l->rng, INSTRUMENTS));
        }
    }
    finish(l);
    settle_positions(l);
    compare(l);
    trd_tracker_destroy(l->tracker);
    free(l);
}

Test(tracker, when_all_is_delivered_and_answered_the_tracker_is_the_venue, .timeout = 120) {
    draw rng = draw_seeded(20240229);
    for (int run = 0; run < RUNS; run++) {
        live(&rng, run);
    }
}
