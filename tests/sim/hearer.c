/* hearer.c - who subscribes: each event that it wants once, in order, as the story has it. */
#include <string.h>

#include "sim.h"

static const uint64_t PUBLIC = UINT64_C(1) << TRD_EVENT_LEVEL | UINT64_C(1) << TRD_EVENT_ORDER |
                               UINT64_C(1) << TRD_EVENT_TAPE | UINT64_C(1) << TRD_EVENT_SESSION |
                               UINT64_C(1) << TRD_EVENT_AUCTION;

static bool wants(const hearer *h, const trd_event *e) {
    const uint64_t kind = UINT64_C(1) << e->kind;
    const bool by_kind = h->sub.kinds == 0 || (h->sub.kinds & kind) != 0;
    const bool by_account = (h->sub.flags & TRD_SUBSCRIBE_ACCOUNT) == 0 || (PUBLIC & kind) != 0 ||
                            e->account == h->sub.account;
    return by_kind && by_account;
}

static bool conflates(const hearer *h) {
    return h->sub.policy == TRD_SLOW_CONFLATE;
}

/* Prices of the venue's instruments lie within [-20, 400]. */
static uint32_t key_of(const trd_event *level) {
    const uint32_t px = (uint32_t)(level->u.level.px + 64) % 512;
    return (level->instrument * 2 + (level->side == TRD_SELL)) * 512 + px;
}

uint64_t hearer_next(const sim *s, const hearer *h, uint64_t from) {
    for (uint64_t seq = from + 1; seq <= s->story->events; seq++) {
        if (wants(h, story_event(s->story, seq))) {
            return seq;
        }
    }
    return 0;
}

/* --- beginning -------------------------------------------------------------------------------- */

static trd_subscription draw_client_sub(sim *s, int of) {
    return (trd_subscription){.kinds = 0,
        .capacity = 64u << sim_in(s, 0, 6),
        .policy = TRD_SLOW_CUT,
        .account = s->clients[of].account,
        .flags = TRD_SUBSCRIBE_ACCOUNT | (sim_chance(s, 30) ? TRD_SUBSCRIBE_CONFIRMS : 0)};
}

static trd_subscription draw_other_sub(sim *s) {
    static const uint64_t kinds[] = {0, UINT64_C(1) << TRD_EVENT_LEVEL,
        UINT64_C(1) << TRD_EVENT_LEVEL, UINT64_C(1) << TRD_EVENT_LEVEL,
        UINT64_C(1) << TRD_EVENT_LEVEL | UINT64_C(1) << TRD_EVENT_TAPE,
        UINT64_C(1) << TRD_EVENT_FILL | UINT64_C(1) << TRD_EVENT_LEDGER};
    trd_subscription sub = {.kinds = kinds[sim_in(s, 0, 5)],
        .capacity = sim_chance(s, 80) ? 64 : 64u << sim_in(s, 1, 4),
        .policy = sim_chance(s, 70) ? TRD_SLOW_CONFLATE : TRD_SLOW_CUT};
    if (sub.policy == TRD_SLOW_CONFLATE) {
        sub.levels = sim_chance(s, 50) ? (uint32_t)sim_in(s, 1, 12) : 4096;
    }
    return sub;
}

void hearer_begin(sim *s) {
    s->hearers_count = 1 + s->clients_count + (uint32_t)sim_in(s, 1, 3);
    for (uint32_t i = 0; i < s->hearers_count; i++) {
        hearer *h = &s->hearers[i];
        const bool is_client = i >= 1 && i <= s->clients_count;
        *h = (hearer){.client = is_client ? (int)i - 1 : -1,
            .odds_read = sim_chance(s, 60) ? 100 : sim_in(s, 2, 60),
            .most = sim_chance(s, 60) ? UINT32_MAX : (uint32_t)sim_in(s, 1, 30)};
        if (i == SIM_WITNESS) {
            h->sub = (trd_subscription){
                .capacity = 1 << 14, .policy = TRD_SLOW_CUT, .flags = TRD_SUBSCRIBE_CONFIRMS};
            h->odds_read = 80;
        } else if (is_client) {
            h->sub = draw_client_sub(s, h->client);
        } else {
            h->sub = draw_other_sub(s);
            h->odds_read = sim_chance(s, 70) ? sim_in(s, 0, 2) : h->odds_read;
        }
    }
}

/* --- openings --------------------------------------------------------------------------------- */

void hearer_subscribe(sim *s, uint32_t number) {
    hearer *h = &s->hearers[number];
    const bool confirms = (h->sub.flags & TRD_SUBSCRIBE_CONFIRMS) != 0;
    h->sub.flags &= ~(uint32_t)TRD_SUBSCRIBE_NOW;
    if (confirms && sim_chance(s, 30)) { /* its own memory has only what it had stored */
        s->counts->again += h->last - h->confirmed;
        h->last = h->confirmed;
    } else if (!confirms && sim_chance(s, 10)) {
        h->sub.flags |= TRD_SUBSCRIBE_NOW;
    } else if (!confirms && sim_chance(s, 5)) {
        h->last = 0;
    }
    h->sub.last = h->last;
}

void hearer_opened(sim *s, uint32_t number) {
    hearer *h = &s->hearers[number];
    if ((h->sub.flags & TRD_SUBSCRIBE_NOW) != 0) {
        h->last = s->status.event;
    } else if (h->sub.last == 0) { /* what could still be made again */
        h->last = s->story->after[s->status.snapshot];
    }
    h->confirmed = h->sub.last;
    h->begun = h->last;
    h->cut = h->dropped = false;
    memset(h->owing, 0, sizeof(h->owing));
}

/* --- reading ---------------------------------------------------------------------------------- */

/* What lies between must not be wanted, or wait as a level. */
static void skip_to(sim *s, hearer *h, uint32_t number, uint64_t seq) {
    uint64_t missed = h->last;
    while ((missed = hearer_next(s, h, missed)) != 0 && missed < seq) {
        const trd_event *e = story_event(s->story, missed);
        must(s, conflates(h) && e->kind == TRD_EVENT_LEVEL,
            "subscriber %u did not get event %" PRIu64 ", kind %u: %" PRIu64 " came", number,
            missed, e->kind, seq);
        h->owing[key_of(e)] = missed;
        s->counts->conflated++;
    }
}

static void take_event(sim *s, hearer *h, uint32_t number, const trd_event *e) {
    must(s, !h->cut, "subscriber %u is cut off, and gets event %" PRIu64, number, e->seq);
    must(s, e->seq <= s->story->events,
        "subscriber %u gets event %" PRIu64 " of a command that is not acknowledged", number,
        e->seq);
    must(s, e->seq > h->last, "subscriber %u gets event %" PRIu64 " and has %" PRIu64, number,
        e->seq, h->last);
    const trd_event *told = story_event(s->story, e->seq);
    must(s, e->slots == told->slots && memcmp(e, told, e->slots * sizeof(*e)) == 0,
        "subscriber %u: event %" PRIu64 " is not that of a bare engine", number, e->seq);
    must(s, wants(h, e), "subscriber %u gets event %" PRIu64 ", kind %u, and does not want it",
        number, e->seq, e->kind);
    skip_to(s, h, number, e->seq);
    h->last = e->seq;
    if (conflates(h) && e->kind == TRD_EVENT_LEVEL) {
        h->owing[key_of(e)] = 0;
    }
    if (h->client >= 0) {
        client_hear(s, &s->clients[h->client], e);
    }
}

static void take_cut(sim *s, hearer *h, uint32_t number, uint64_t seq) {
    const uint64_t next = hearer_next(s, h, h->last);
    must(s, !h->cut, "subscriber %u is cut off twice", number);
    must(s, next == seq || (conflates(h) && seq <= h->last),
        "subscriber %u is cut off at %" PRIu64 ", and lacks %" PRIu64, number, seq, next);
    for (uint32_t key = 0; conflates(h) && key < SIM_KEYS; key++) {
        must(s, h->owing[key] == 0 || h->owing[key] >= seq,
            "subscriber %u is cut off at %" PRIu64 ", and never got the level of %" PRIu64, number,
            seq, h->owing[key]);
    }
    memset(h->owing, 0, sizeof(h->owing));
    h->cut = true;
    h->cut_at = seq;
    h->last = seq <= h->last ? seq - 1 : h->last; /* from there on it must be given again */
    s->counts->cuts++;
    sim_say(s, "subscriber %u is cut off at event %" PRIu64, number, seq);
}

static void take_resumed(sim *s, hearer *h, uint32_t number, uint64_t seq) {
    must(s, h->cut && seq >= h->cut_at && seq <= s->story->events + 1,
        "subscriber %u is to go on from %" PRIu64 ", cut off at %" PRIu64, number, seq, h->cut_at);
    h->cut = false;
    h->last = seq - 1;
    s->counts->resumed++;
}

static void take(sim *s, uint32_t number, const trd_event *record) {
    hearer *h = &s->hearers[number];
    if (record->kind == TRD_NODE_CUT) {
        take_cut(s, h, number, record->seq);
    } else if (record->kind == TRD_NODE_RESUMED) {
        take_resumed(s, h, number, record->seq);
    } else if (record->kind != TRD_EVENT_NONE) {
        must(s, record->kind < 64, "subscriber %u gets a record of kind %u", number, record->kind);
        take_event(s, h, number, record);
    }
}

uint32_t hearer_read(sim *s, uint32_t number, uint32_t most) {
    uint32_t count, records = 0;
    const trd_event *span;
    if (s->hearers[number].dropped) {
        return 0;
    }
    while (records < most && (span = trd_node_peek(s->node, number, &count)) != NULL) {
        uint32_t at = 0;
        while (at < count && records < most) {
            must(s, span[at].slots > 0 && span[at].slots <= count - at,
                "subscriber %u: a record that is not whole", number);
            take(s, number, &span[at]);
            at += span[at].slots;
            records++;
        }
        trd_node_release(s->node, number, at);
    }
    if (number == SIM_WITNESS) {
        must(s, story_book(s->story, s->hearers[number].last), "books: %s", s->story->books.wrong);
    }
    return records;
}

/* --- what else it does ------------------------------------------------------------------------ */

static void confirm(sim *s, uint32_t number) {
    hearer *h = &s->hearers[number];
    const uint64_t low = h->confirmed > h->begun ? h->confirmed : h->begun;
    if (h->last > low) {
        const int64_t most = (int64_t)(h->last - low);
        h->confirmed = low + (uint64_t)(sim_chance(s, 50) ? most : sim_in(s, 0, most));
        must(s, trd_node_confirm(s->node, number, h->confirmed) == TRD_OK, "not confirmed");
    }
}

/* The witness wants everything: it does not go on with a gap, but with the next opening. */
static void resume(sim *s, uint32_t number) {
    uint32_t count;
    if (s->hearers[number].cut && number != SIM_WITNESS &&
        trd_node_peek(s->node, number, &count) == NULL) {
        const int result = trd_node_resume(s->node, number);
        must(s, result == TRD_OK, "subscriber %u cannot resume: %d", number, result);
    }
}

void hearer_act(sim *s, uint32_t number) {
    hearer *h = &s->hearers[number];
    if (h->dropped) {
        return;
    }
    if ((h->sub.flags & TRD_SUBSCRIBE_CONFIRMS) != 0 && sim_chance(s, 10)) {
        confirm(s, number);
    }
    if (s->calm || sim_chance(s, 10)) {
        resume(s, number);
    }
    if (number != SIM_WITNESS && !s->calm && sim_rarely(s, 1)) {
        must(s, trd_node_drop(s->node, number) == TRD_OK, "not dropped");
        h->dropped = true;
        sim_say(s, "subscriber %u is gone", number);
    }
}

void hearer_quiet(sim *s, uint32_t number) {
    const hearer *h = &s->hearers[number];
    if (h->cut || h->dropped) {
        return;
    }
    const uint64_t next = hearer_next(s, h, h->last);
    must(s, next == 0, "subscriber %u never got event %" PRIu64, number, next);
    for (uint32_t key = 0; conflates(h) && key < SIM_KEYS; key++) {
        must(s, h->owing[key] == 0, "subscriber %u never got the last level of %" PRIu64, number,
            h->owing[key]);
    }
}
