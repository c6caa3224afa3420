/* shard_move.c - money from one shard to another: three commands, each behind the event of the one
 * before.
 *
 *     OUT   from: account -> transit     refused: REFUSED
 *     IN    to:   deposit of the account refused: BACK, from: transit -> account: RETURNED
 *     FIN   from: transit -> out         DONE
 *
 * Nothing of this is stored but in the journals. What a router has to know of a move is in its
 * reference and in the events: OUT without FIN or BACK at `from` is a move that is unfinished, and
 * whether IN has been, or was refused, says the journal of `to`. So the router holds each node to
 * what it may still need (confirm), and finds it again after a start (find). A step is sent again
 * only if the node that it was sent to is another one now, and all events of that have been seen:
 * then it is known that it never was. */
#include "io/shard.h"

/* --- lists and places ------------------------------------------------------------------------- */

static trd__move *move_of(const trd_shards *s, uint32_t place) {
    return &s->moves[place - 1];
}

static uint32_t place_of(const trd_shards *s, const trd__move *m) {
    return (uint32_t)(m - s->moves) + 1;
}

static void append(const trd_shards *s, trd__move_list *list, trd__move *m) {
    const uint32_t place = place_of(s, m);
    m->next = 0;
    if (list->last != 0) {
        move_of(s, list->last)->next = place;
    } else {
        list->first = place;
    }
    list->last = place;
}

static trd__move *take_first(const trd_shards *s, trd__move_list *list) {
    if (list->first == 0) {
        return NULL;
    }
    trd__move *m = move_of(s, list->first);
    list->first = m->next;
    list->last = m->next != 0 ? list->last : 0;
    m->next = 0;
    return m;
}

static uint32_t slot_of(const trd_shards *s, uint64_t reference) {
    const uint32_t home = trd__map_home(&s->map, reference, 0);
    return trd__map_find(&s->map, s->map_slots, home, reference, 0);
}

static trd__move *find(const trd_shards *s, uint64_t reference) {
    const uint32_t slot = slot_of(s, reference);
    return slot != TRD_MAP_NONE ? move_of(s, trd__map_ref(s->map_slots, slot)) : NULL;
}

/* A place for a move; NULL: there is none. */
static trd__move *add(trd_shards *s, uint64_t reference, const trd_shard_move *move) {
    trd__move *m = take_first(s, &s->free);
    if (m == NULL) {
        return NULL;
    }
    *m = (trd__move){.reference = reference,
        .amount = move->amount,
        .account = move->account,
        .asset = move->asset};
    const uint32_t home = trd__map_home(&s->map, reference, 0);
    (void)trd__map_put(&s->map, s->map_slots, home, reference, 0, place_of(s, m));
    s->moves_count++;
    return m;
}

static void drop(trd_shards *s, trd__move *m) {
    trd__map_erase(&s->map, s->map_slots, slot_of(s, m->reference));
    m->reference = 0;
    append(s, &s->free, m);
    s->moves_count--;
}

void trd__moves_begin(trd_shards *shards) {
    for (uint32_t i = 0; i < shards->places_max; i++) {
        append(shards, &shards->free, &shards->moves[i]);
    }
}

/* --- steps ------------------------------------------------------------------------------------ */

/* The shard that a step is made at. */
static uint32_t shard_of(const trd__move *m) {
    return m->step == TRD_MOVE_IN ? trd__move_to(m->reference) : trd__move_from(m->reference);
}

/* The move goes on with that step as soon as there is room. */
static void go_on(trd_shards *s, trd__move *m, uint8_t step) {
    m->state = m->step = step;
    m->is_sent = m->is_told = 0;
    trd__shard *shard = &s->shards[shard_of(m)];
    append(s, &shard->todo, m);
    shard->waiting++;
}

/* The move stands still, or has ended: somebody is to hear of it. */
static void tell(trd_shards *s, trd__move *m, uint8_t state) {
    m->state = state;
    m->is_sent = 0;
    append(s, &s->results, m);
}

static trd_command command_of(const trd_shards *s, const trd__move *m) {
    const uint32_t transit = s->def.transit - 1;
    const bool leaves_transit = m->step == TRD_MOVE_FIN || m->step == TRD_MOVE_BACK;
    trd_command c = {.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = leaves_transit ? transit : m->account,
        .actor = s->def.actor,
        .u.transfer = {.amount = m->amount, .reference = m->reference, .asset = m->asset}};
    switch (m->step) {
    case TRD_MOVE_OUT:
        c.u.transfer.action = TRD_TRANSFER_MOVE;
        c.u.transfer.to = transit;
        break;
    case TRD_MOVE_IN:
        c.u.transfer.action = TRD_TRANSFER_DEPOSIT;
        break;
    case TRD_MOVE_FIN:
        c.u.transfer.action = TRD_TRANSFER_WITHDRAW;
        break;
    default:
        c.u.transfer.action = TRD_TRANSFER_MOVE;
        c.u.transfer.to = m->account;
        break;
    }
    return c;
}

/* Sends what waits for a shard, as far as there is room. How many. */
static uint32_t send_steps(trd_shards *s, trd__shard *shard) {
    uint32_t sent = 0;
    while (shard->state == TRD_SHARD_LIVE && shard->todo.first != 0) {
        const trd_command c = command_of(s, move_of(s, shard->todo.first));
        const int result = trd_node_send(shard->node, &c);
        if (result != TRD_OK) {
            trd_assert(result != TRD_E_ARG);
            break; /* no room now; or it has failed, and another one will join */
        }
        take_first(s, &shard->todo)->is_sent = 1;
        shard->waiting--;
        sent++;
    }
    return sent;
}

/* --- what events say -------------------------------------------------------------------------- */

/* What an event of a node is to a move. */
enum sight {
    NOTHING,
    WENT_OUT,     /* from: it has left the account */
    LEFT_TRANSIT, /* from */
    CAME_BACK,    /* from: the account has it again */
    CAME_IN,      /* to */
    REFUSED_FROM,
    REFUSED_TO,
    MISPLACED /* no event of this shard: nodes were given in another order */
};

static bool is_ours(const trd_shards *s, uint64_t reference) {
    const uint32_t router = (uint32_t)(reference >> TRD__MOVE_ROUTER_SHIFT) % TRD_SHARD_ROUTERS;
    return (reference & TRD_MOVE_REFERENCE) != 0 && router == s->def.router;
}

static enum sight sight_of_ledger(const trd_shards *s, bool at_from, const trd_event *e) {
    if (e->account >= TRD_ACCOUNT_VENUE) {
        return NOTHING; /* the other end, where it is published */
    }
    const bool gets = e->u.ledger.amount > 0;
    if (e->account == s->def.transit - 1) {
        return !at_from ? MISPLACED : gets ? NOTHING : LEFT_TRANSIT;
    }
    if (at_from) {
        return gets ? CAME_BACK : WENT_OUT;
    }
    return gets ? CAME_IN : NOTHING;
}

/* What the event says of one of this router's moves, and which. */
static enum sight sight_of(
    const trd_shards *s, uint32_t shard, const trd_event *e, uint64_t *reference) {
    const bool is_ledger = e->kind == TRD_EVENT_LEDGER && e->u.ledger.entry == TRD_LEDGER_TRANSFER;
    const bool is_refusal =
        e->kind == TRD_EVENT_COMMAND_REJECTED && e->liquidity == TRD_COMMAND_TRANSFER;
    *reference = is_ledger ? e->u.ledger.reference : is_refusal ? e->u.order.client_id : 0;
    if (!is_ours(s, *reference)) {
        return NOTHING;
    }
    const bool at_from = shard == trd__move_from(*reference);
    if (!at_from && shard != trd__move_to(*reference)) {
        return MISPLACED;
    }
    if (is_refusal) {
        return at_from ? REFUSED_FROM : REFUSED_TO;
    }
    return sight_of_ledger(s, at_from, e);
}

/* --- events that are new ---------------------------------------------------------------------- */

/* `from` has refused what the move is at. */
static void refused_from(trd_shards *s, trd__move *m, const trd_event *e) {
    m->reason = e->reason;
    if (m->step == TRD_MOVE_OUT) {
        m->first[0] = e->seq;
        tell(s, m, TRD_MOVE_REFUSED);
    } else {
        tell(s, m, TRD_MOVE_HELD);
    }
}

/* An event of a move under way. Only what is waited for moves it: no router but this one makes such
 * events, and this one makes one step at a time. */
static void follow(trd_shards *s, uint32_t shard, const trd_event *e) {
    uint64_t reference;
    const enum sight sight = sight_of(s, shard, e, &reference);
    trd__move *m = sight != NOTHING ? find(s, reference) : NULL;
    if (m == NULL || m->is_sent == 0) {
        return;
    }
    if (sight == WENT_OUT && m->step == TRD_MOVE_OUT) {
        m->first[0] = e->seq;
        go_on(s, m, TRD_MOVE_IN);
    } else if (sight == CAME_IN && m->step == TRD_MOVE_IN) {
        m->first[1] = e->seq;
        go_on(s, m, TRD_MOVE_FIN);
    } else if (sight == REFUSED_TO && m->step == TRD_MOVE_IN) {
        m->first[1] = e->seq;
        m->reason = e->reason;
        go_on(s, m, TRD_MOVE_BACK);
    } else if (sight == LEFT_TRANSIT && m->step == TRD_MOVE_FIN) {
        tell(s, m, TRD_MOVE_DONE);
    } else if (sight == LEFT_TRANSIT && m->step == TRD_MOVE_BACK) {
        tell(s, m, TRD_MOVE_RETURNED);
    } else if (sight == REFUSED_FROM && m->step != TRD_MOVE_IN) {
        refused_from(s, m, e);
    }
}

/* What a node has told since: how much that was. */
static uint32_t read_on(trd_shards *s, uint32_t number) {
    trd__shard *shard = &s->shards[number];
    uint32_t count;
    if (shard->state != TRD_SHARD_LIVE) {
        return 0;
    }
    const trd_event *span = trd_node_peek(shard->node, shard->subscription, &count);
    for (uint32_t at = 0; at < count; at += span[at].slots) {
        const trd_event *e = &span[at];
        if (e->kind == TRD_NODE_CUT) {
            shard->state = TRD_SHARD_CUT;
        } else if (e->kind != TRD_EVENT_NONE && e->seq > shard->seen) {
            follow(s, number, e);
            shard->seen = e->seq;
        }
    }
    if (span != NULL) {
        trd_node_release(shard->node, shard->subscription, count);
    }
    return count;
}

/* --- events that are needed ------------------------------------------------------------------- */

/* Each node hears up to where it is not needed any more: what a move whose result is not taken has
 * to be found by stays. */
static void confirm(trd_shards *s) {
    uint64_t upto[TRD_SHARDS_MAX];
    for (uint32_t i = 0; i < s->def.shards; i++) {
        upto[i] = s->shards[i].seen;
    }
    for (uint32_t i = 0; i < s->places_max; i++) {
        const trd__move *m = &s->moves[i];
        const uint32_t at[2] = {trd__move_from(m->reference), trd__move_to(m->reference)};
        for (uint32_t end = 0; m->reference != 0 && end < 2; end++) {
            if (m->first[end] != 0 && m->first[end] <= upto[at[end]]) {
                upto[at[end]] = m->first[end] - 1;
            }
        }
    }
    for (uint32_t i = 0; i < s->def.shards; i++) {
        trd__shard *shard = &s->shards[i];
        if (shard->state == TRD_SHARD_LIVE && upto[i] > shard->confirmed) {
            shard->confirmed = upto[i];
            const int result = trd_node_confirm(shard->node, shard->subscription, upto[i]);
            trd_assert(result == TRD_OK);
        }
    }
    s->since = 0;
}

enum { CONFIRM_AFTER = 1024 }; /* events and results, so that the walk over all moves is rare */

int trd_shards_poll(trd_shards *shards) {
    uint32_t done = 0;
    if (shards == NULL) {
        return TRD_E_ARG;
    }
    if (shards->def.moves_max == 0) {
        return 0;
    }
    for (uint32_t i = 0; i < shards->def.shards; i++) {
        done += read_on(shards, i);
    }
    for (uint32_t i = 0; i < shards->def.shards; i++) {
        done += send_steps(shards, &shards->shards[i]);
    }
    shards->since += done;
    if (shards->since >= CONFIRM_AFTER || (shards->since > 0 && done == 0)) {
        confirm(shards);
    }
    return (int)done;
}

/* --- events that are given again -------------------------------------------------------------- */

/* What a node gives again, one event after the other: first, then as long as it is not NULL. They
 * are in memory from its opening until it is closed, whoever has read them. */
typedef struct past {
    const trd__spool_piece *piece;
    uint32_t at;
} past;

static past past_of(const trd__shard *shard) {
    return (past){.piece = shard->node != NULL ? shard->node->spool.first : NULL};
}

static const trd_event *past_next(past *p) {
    while (p->piece != NULL && p->at == p->piece->used) {
        *p = (past){.piece = p->piece->next};
    }
    if (p->piece == NULL) {
        return NULL;
    }
    const trd_event *e = &p->piece->slots[p->at];
    p->at += e->slots;
    return e;
}

static void note_number(trd_shards *s, uint64_t reference) {
    const uint64_t number = (reference & ~TRD_MOVE_REFERENCE) >> TRD__MOVE_NUMBER_SHIFT;
    s->number = number >= s->number ? number + 1 : s->number;
}

/* Moves that have left an account and are not through, as the shard that they are from tells it.
 * Not more at a time than the router had under way, which was moves_max at most; and as many again
 * are left of the shards before. */
static int find_out(trd_shards *s, uint32_t number) {
    past p = past_of(&s->shards[number]);
    const trd_event *e;
    while ((e = past_next(&p)) != NULL) {
        uint64_t reference;
        if (e->seq <= s->shards[number].seen) {
            continue;
        }
        const enum sight sight = sight_of(s, number, e, &reference);
        if (sight == NOTHING) {
            continue;
        }
        if (sight == MISPLACED) {
            return TRD_E_UNKNOWN;
        }
        note_number(s, reference);
        trd__move *m = find(s, reference);
        if (sight == LEFT_TRANSIT && m != NULL) {
            drop(s, m);
        } else if (sight == WENT_OUT && m == NULL) {
            const trd_shard_move move = {
                .account = e->account, .asset = e->u.ledger.asset, .amount = -e->u.ledger.amount};
            m = add(s, reference, &move);
            if (m == NULL) {
                return TRD_E_FULL;
            }
            m->step = TRD_MOVE_IN;
            m->first[0] = e->seq;
        }
    }
    return TRD_OK;
}

/* What has become of them at the shards that they go to. */
static void find_in(trd_shards *s, uint32_t number) {
    trd__shard *shard = &s->shards[number];
    past p = past_of(shard);
    uint64_t last = shard->seen;
    const trd_event *e;
    while ((e = past_next(&p)) != NULL) {
        uint64_t reference;
        if (e->seq <= shard->seen) {
            continue;
        }
        last = e->seq;
        const enum sight sight = sight_of(s, number, e, &reference);
        trd__move *m = sight == CAME_IN || sight == REFUSED_TO ? find(s, reference) : NULL;
        if (m != NULL) {
            m->step = sight == CAME_IN ? TRD_MOVE_FIN : TRD_MOVE_BACK;
            m->reason = e->kind == TRD_EVENT_COMMAND_REJECTED ? e->reason : 0;
            m->first[1] = e->seq;
        }
    }
    shard->seen = last;
}

/* Are there all shards that the moves found are between? */
static bool has_shards(const trd_shards *s) {
    for (uint32_t i = 0; i < s->places_max; i++) {
        const uint64_t reference = s->moves[i].reference;
        if (reference != 0 && trd__move_to(reference) >= s->def.shards) {
            return false;
        }
    }
    return true;
}

int trd__moves_find(trd_shards *shards, uint32_t *which) {
    for (uint32_t i = 0; i < shards->def.shards; i++) {
        const int result = find_out(shards, i);
        if (result != TRD_OK) {
            *which = i + 1;
            return result;
        }
    }
    if (!has_shards(shards)) {
        return TRD_E_UNKNOWN;
    }
    for (uint32_t i = 0; i < shards->def.shards; i++) {
        find_in(shards, i);
    }
    if (shards->moves_count > shards->def.moves_max) {
        return TRD_E_FULL;
    }
    shards->since = 1;
    for (uint32_t i = 0; i < shards->places_max; i++) {
        if (shards->moves[i].reference != 0) {
            go_on(shards, &shards->moves[i], shards->moves[i].step);
        }
    }
    return TRD_OK;
}

void trd__moves_rejoin(trd_shards *shards, uint32_t number) {
    trd__shard *shard = &shards->shards[number];
    past p = past_of(shard);
    const trd_event *e;
    shards->since++;
    while ((e = past_next(&p)) != NULL) {
        if (e->seq > shard->seen) {
            follow(shards, number, e);
            shard->seen = e->seq;
        }
    }
    for (uint32_t i = 0; i < shards->places_max; i++) {
        trd__move *m = &shards->moves[i];
        if (m->reference != 0 && m->is_sent != 0 && shard_of(m) == number) {
            go_on(shards, m, m->step); /* it is in no journal */
        }
    }
}

/* --- the caller's side ------------------------------------------------------------------------ */

static bool is_move(const trd_shards *s, const trd_shard_move *move) {
    return move->from < s->def.shards && move->to < s->def.shards && move->from != move->to &&
           move->amount > 0 && move->account != s->def.transit - 1 &&
           move->account < TRD_ACCOUNT_VENUE;
}

int trd_shards_move(trd_shards *shards, const trd_shard_move *move, uint64_t *reference) {
    if (shards == NULL || move == NULL || reference == NULL || shards->def.moves_max == 0 ||
        !is_move(shards, move)) {
        return TRD_E_ARG;
    }
    if (shards->moves_count >= shards->def.moves_max) {
        return TRD_E_FULL;
    }
    if (shards->number >= TRD__MOVE_NUMBERS) {
        return TRD_E_RANGE;
    }
    *reference = TRD_MOVE_REFERENCE | shards->number << TRD__MOVE_NUMBER_SHIFT |
                 (uint64_t)shards->def.router << TRD__MOVE_ROUTER_SHIFT |
                 move->from << TRD__MOVE_FROM_SHIFT | move->to;
    shards->number++;
    trd__move *m = add(shards, *reference, move);
    trd_assert(m != NULL); /* there are twice as many places */
    go_on(shards, m, TRD_MOVE_OUT);
    return TRD_OK;
}

static trd_shard_result result_of(const trd__move *m) {
    return (trd_shard_result){.reference = m->reference,
        .move = {.account = m->account,
            .asset = m->asset,
            .from = trd__move_from(m->reference),
            .to = trd__move_to(m->reference),
            .amount = m->amount},
        .state = m->state,
        .reason = m->reason};
}

int trd_shards_result(trd_shards *shards, trd_shard_result *out) {
    if (shards == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    trd__move *m = take_first(shards, &shards->results);
    if (m == NULL) {
        return 0;
    }
    *out = result_of(m);
    shards->since++;
    if (m->state == TRD_MOVE_HELD) {
        m->is_told = 1;
    } else {
        drop(shards, m);
    }
    return 1;
}

int trd_shards_again(trd_shards *shards, uint64_t reference) {
    trd__move *m = shards != NULL ? find(shards, reference) : NULL;
    if (shards == NULL) {
        return TRD_E_ARG;
    }
    if (m == NULL) {
        return TRD_E_UNKNOWN;
    }
    if (m->state != TRD_MOVE_HELD || m->is_told == 0) {
        return TRD_E_BUSY;
    }
    go_on(shards, m, m->step);
    return TRD_OK;
}

/* --- moves that had ended before -------------------------------------------------------------- */

/* What the events that a shard gives again say of a move. */
static void look_at(const trd_shards *s, uint32_t number, uint64_t wanted, trd_shard_result *out) {
    past p = past_of(&s->shards[number]);
    const trd_event *e;
    while ((e = past_next(&p)) != NULL) {
        uint64_t reference;
        const enum sight sight = sight_of(s, number, e, &reference);
        if (sight == NOTHING || reference != wanted) {
            continue;
        }
        if (sight == WENT_OUT || sight == CAME_IN) {
            out->move.account = e->account;
            out->move.asset = e->u.ledger.asset;
            out->move.amount = sight == CAME_IN ? e->u.ledger.amount : -e->u.ledger.amount;
        } else if (sight == REFUSED_FROM && out->move.amount == 0) {
            out->state = TRD_MOVE_REFUSED;
            out->move.account = e->account;
            out->reason = e->reason;
        } else if (sight == LEFT_TRANSIT) {
            out->state = TRD_MOVE_DONE;
            out->reason = 0;
        } else if (sight == CAME_BACK) {
            out->state = TRD_MOVE_RETURNED;
        } else if (sight == REFUSED_TO) {
            out->reason = e->reason;
        }
    }
}

int trd_shards_look(const trd_shards *shards, uint64_t reference, trd_shard_result *out) {
    if (shards == NULL || out == NULL) {
        return TRD_E_ARG;
    }
    if (shards->def.moves_max == 0 || !is_ours(shards, reference)) {
        return TRD_E_UNKNOWN;
    }
    const trd__move *m = find(shards, reference);
    if (m != NULL) {
        *out = result_of(m);
        return TRD_OK;
    }
    const uint32_t from = trd__move_from(reference), to = trd__move_to(reference);
    if (from >= shards->def.shards || to >= shards->def.shards) {
        return TRD_E_UNKNOWN;
    }
    trd_shard_result found = {.reference = reference, .move = {.from = from, .to = to}};
    look_at(shards, from, reference, &found);
    look_at(shards, to, reference, &found);
    if (found.state == 0) {
        return TRD_E_UNKNOWN;
    }
    *out = found;
    return TRD_OK;
}
