/* client.c - who trades through a network that loses, doubles and delays messages.
 *
 * A client that hears nothing of an order asks again with the same id, for as long as it takes:
 * that is safe, because an id that is live or remembered is refused. */
#include <string.h>

#include "sim.h"

/* Ids of clients are apart from those of operators, which count from 1, and those of the engine. */
static uint64_t id_of(const client *c, uint32_t order) {
    return ((uint64_t)c->account + 1) << 40 | (order + 1);
}

/* What SIM_PLANT_NEW_RETRY changes in an id. */
#define OTHER_ID (UINT64_C(1) << 39)

static client_order *order_of(client *c, uint64_t id) {
    const uint64_t at = (id & 0xffffff) - 1;
    const bool found = at < c->count && c->orders[at].record.u.order.client_id == (id & ~OTHER_ID);
    return found ? &c->orders[at] : NULL;
}

void client_begin(sim *s) {
    s->clients_count = (uint32_t)sim_in(s, 1, SIM_CLIENTS);
    for (uint32_t i = 0; i < s->clients_count; i++) {
        client *c = &s->clients[i];
        c->account = i;
        c->away = false;
        c->count = 0;
        c->on_link = 0;
        c->odds_act = sim_in(s, 5, 60);
        c->odds_lost = sim_chance(s, 70) ? sim_in(s, 0, 40) : 0;
        c->odds_double = sim_chance(s, 70) ? sim_in(s, 0, 30) : 0;
        c->patience = sim_in(s, 5, sim_chance(s, 30) ? 60 : 300);
    }
}

/* --- the network ------------------------------------------------------------------------------ */

static void put(sim *s, client *c, const trd_command *record, uint32_t intent) {
    if (c->on_link < SIM_LINK) {
        const int64_t delay = sim_chance(s, 60) || s->calm ? 0 : sim_in(s, 1, 30);
        c->link[c->on_link++] =
            (message){.record = *record, .intent = intent, .due = s->step + (uint64_t)delay};
    }
}

/* Messages that are due come to the node, now and then behind later ones. If there is none they are
 * lost; where it has no room they wait. */
static void deliver(sim *s, client *c) {
    const bool lost = s->node == NULL || s->failed;
    uint32_t left = 0;
    for (uint32_t i = 0; i < c->on_link; i++) {
        const message *m = &c->link[i];
        const bool late = m->due > s->step || (!lost && !s->calm && sim_chance(s, 10));
        if (late || (!lost && !world_send(s, &m->record, m->intent))) {
            c->link[left++] = *m;
        }
    }
    c->on_link = left;
}

static void post(sim *s, client *c, const trd_command *record, uint32_t intent) {
    if (s->calm || !sim_chance(s, c->odds_lost)) {
        put(s, c, record, intent);
    }
    if (!s->calm && sim_chance(s, c->odds_double)) {
        put(s, c, record, intent);
        s->counts->doubles++;
    }
}

/* --- orders ----------------------------------------------------------------------------------- */

static trd_px near_mark(sim *s, uint32_t instrument) {
    const trd_px px = s->venue.mark[instrument] + sim_in(s, -6, 6);
    return px < 1 ? 1 : px > 400 ? 400 : px;
}

static void send_new(sim *s, client *c) {
    if (c->count == SIM_ORDERS) {
        return;
    }
    const uint32_t instrument = (uint32_t)sim_in(s, 0, VENUE_INSTRUMENTS - 1);
    client_order *o = &c->orders[c->count];
    *o = (client_order){.intent = ++s->intents, .asked = s->step};
    o->record = (trd_command){.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = c->account,
        .instrument = instrument,
        .u.order = {.client_id = id_of(c, c->count),
            .px = near_mark(s, instrument),
            .qty = sim_in(s, 1, 12),
            .side = (uint8_t)sim_in(s, TRD_BUY, TRD_SELL),
            .type = TRD_TYPE_LIMIT,
            .tif = sim_chance(s, 75) ? TRD_TIF_GTC : TRD_TIF_IOC}};
    if (s->venue.hedge[c->account] != 0) {
        o->record.u.order.position = (uint8_t)sim_in(s, TRD_POSITION_LONG, TRD_POSITION_SHORT);
    }
    c->count++;
    post(s, c, &o->record, o->intent);
}

/* One of its orders, of the last ones, that may be live. */
static const client_order *some_order(sim *s, const client *c) {
    if (c->count == 0) {
        return NULL;
    }
    const int64_t back = sim_in(s, 0, c->count < 12 ? c->count - 1 : 11);
    const client_order *o = &c->orders[c->count - 1 - (uint32_t)back];
    return o->ended || o->state == ORDER_REFUSED ? NULL : o;
}

static void send_change(sim *s, client *c) {
    const client_order *o = some_order(s, c);
    if (o == NULL) {
        return;
    }
    trd_command record = {.slots = 1, .account = c->account, .instrument = o->record.instrument};
    const uint64_t id = o->record.u.order.client_id;
    if (sim_chance(s, 50)) {
        record.kind = TRD_COMMAND_CANCEL;
        record.u.cancel.target = id;
    } else {
        record.kind = TRD_COMMAND_REPLACE;
        record.u.replace = (trd_replace){
            .target = id, .px = near_mark(s, o->record.instrument), .qty = sim_in(s, 1, 16)};
    }
    post(s, c, &record, 0);
}

/* Asks again for what it has heard nothing of: one at a time in the end, so that the answers have
 * room in the smallest ring. */
static void ask_again(sim *s, client *c) {
    enum { APART = 40 };
    const uint64_t patience = s->calm ? APART : (uint64_t)c->patience;
    const uint32_t most = !s->calm ? SIM_LINK : s->step % APART == c->account ? 1 : 0;
    for (uint32_t i = 0; i < c->count && c->on_link < most; i++) {
        client_order *o = &c->orders[i];
        if (o->state == ORDER_UNANSWERED && s->step >= o->asked + patience) {
            trd_command record = o->record;
            if (s->options->plant == SIM_PLANT_NEW_RETRY) {
                record.u.order.client_id ^= OTHER_ID;
            }
            o->asked = s->step;
            s->counts->retries++;
            post(s, c, &record, o->intent);
        }
    }
}

void client_act(sim *s, client *c) {
    if (!s->calm && sim_rarely(s, 5)) {
        c->away = !c->away;
    }
    deliver(s, c);
    if (c->away) {
        return;
    }
    ask_again(s, c);
    if (!s->calm && sim_chance(s, c->odds_act)) {
        sim_chance(s, 65) ? send_new(s, c) : send_change(s, c);
    }
}

/* --- answers ---------------------------------------------------------------------------------- */

void client_hear(sim *s, client *c, const trd_event *e) {
    const bool answers = e->kind == TRD_EVENT_ACCEPTED || e->kind == TRD_EVENT_REJECTED;
    const bool ends = e->kind == TRD_EVENT_CANCELED;
    if (e->account != c->account || (!answers && !ends)) {
        return;
    }
    client_order *o = order_of(c, ends ? e->u.cancel.client_id : e->u.order.client_id);
    if (o == NULL) {
        return;
    }
    if (ends) {
        o->ended = true;
    } else if (e->kind == TRD_EVENT_ACCEPTED) {
        o->state = ORDER_ACCEPTED;
    } else if (e->reason == TRD_REJECT_DUPLICATE_ID) {
        o->state = o->state == ORDER_ACCEPTED ? ORDER_ACCEPTED : ORDER_KNOWN;
        s->counts->refused_ids++;
    } else if (o->state == ORDER_UNANSWERED) {
        o->state = ORDER_REFUSED;
    }
}

void client_doubt(client *c) {
    for (uint32_t i = 0; i < c->count; i++) {
        c->orders[i].state = ORDER_UNANSWERED;
    }
}

uint32_t client_waits(const client *c) {
    uint32_t waits = c->on_link;
    for (uint32_t i = 0; i < c->count; i++) {
        waits += c->orders[i].state == ORDER_UNANSWERED;
    }
    return waits;
}

/* --- the law ---------------------------------------------------------------------------------- */

enum { INTENTS = SIM_CLIENTS * SIM_ORDERS + 1 };

/* How often the order of each intent was accepted. */
static void count_accepted(const sim *s, uint8_t accepted[INTENTS]) {
    const story *t = s->story;
    for (uint64_t seq = 1; seq <= t->events; seq++) {
        const trd_event *e = story_event(t, seq);
        const story_command *by = &t->command[t->by[seq]];
        if (e->kind == TRD_EVENT_ACCEPTED && by->intent != 0 &&
            (e->flags & TRD_EVENT_DRY_RUN) == 0 && e->account == by->slots[0].account &&
            e->u.order.client_id == by->slots[0].u.order.client_id) {
            accepted[by->intent]++;
        }
    }
}

void client_check(sim *s) {
    uint8_t accepted[INTENTS] = {0};
    count_accepted(s, accepted);
    for (uint32_t i = 0; i < s->clients_count; i++) {
        const client *c = &s->clients[i];
        for (uint32_t k = 0; k < c->count; k++) {
            const client_order *o = &c->orders[k];
            const bool exists = o->state == ORDER_ACCEPTED || o->state == ORDER_KNOWN;
            must(s, accepted[o->intent] <= 1, "client %u: order %u exists %u times", i, k,
                accepted[o->intent]);
            must(s, !exists || accepted[o->intent] == 1,
                "client %u was told of order %u, which there is not", i, k);
        }
    }
}
