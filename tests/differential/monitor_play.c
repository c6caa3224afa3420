/* monitor_play.c - see monitor_play.h. */
#include "monitor_play.h"

#include "monitor_coverage.h"
#include "monitor_interval.h"
#include "monitor_text.h"
#include "monitor_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EVENTS = 1 << 16,
    ROOM_MOST = 600,
    ORDERS = 256,
    AUDIT_EVERY = 50,
    LOOK_EVERY = 10,
    MORE_AT_MOST = 1 << 16
};

struct mon_play {
    mon_script *script;
    trd_engine *engine;
    trd_engine *twin; /* gets the same commands with another room: must write the same */
    bool audits;
    bool counts;
    bool aloud;
    uint64_t seq; /* of the next event */
    uint32_t count;
    mirror mirror;
    mon_walk walk;
    trd_event buffer[ROOM_MOST];
    trd_event event[EVENTS]; /* of one command */
    uint32_t twin_count;
    trd_event twin_event[EVENTS];
    dice rng; /* which marks within intervals are tried */
    uint32_t played_count;
    const trd_command *played[MON_SCRIPT_COMMANDS];
    uint64_t digest; /* of all events of money, levels and liquidations */
};

/* --- the engine ------------------------------------------------------------------------------- */

static trd_engine *make_engine(const life_mon_world *w) {
    trd_match_def match = trd_match_def_default();
    trd_accounts_def accounts = trd_accounts_def_default();
    trd_risk_def risk = trd_risk_def_default();
    trd_monitor_def monitor = trd_monitor_def_default();
    match.instruments_max = accounts.instruments_max = LIFE_MON_INSTRUMENTS;
    risk.instruments_max = monitor.instruments_max = LIFE_MON_INSTRUMENTS;
    match.orders_max = accounts.orders_max = risk.orders_max = ORDERS;
    match.accounts_max = accounts.accounts_max = LIFE_MON_ACCOUNTS;
    risk.accounts_max = monitor.accounts_max = LIFE_MON_ACCOUNTS;
    match.specials_max = ORDERS;
    match.positions_max = NAIVE_MON_POSITIONS;
    match.ids_max = MON_SCRIPT_COMMANDS;
    accounts.assets_max = LIFE_MON_ASSETS;
    accounts.balances_max = monitor.balances_max = NAIVE_MON_PURSES;
    accounts.positions_max = monitor.positions_max = NAIVE_MON_POSITIONS;
    accounts.publish = TRD_PUBLISH_MONEY_ALL;
    monitor.warn_ppm = w->warn_ppm;
    monitor.call_ppm = w->call_ppm;
    monitor.alert_ppm = w->alert_ppm;
    monitor.exempt = w->exempt;
    const trd_engine_def def = {.struct_size = sizeof(def),
        .match = &match,
        .accounts = &accounts,
        .risk = &risk,
        .monitor = &monitor,
        .liquidation = w->liquidates ? &w->liquidation : NULL};
    return trd_engine_create(&def);
}

static bool set_up(trd_engine *engine, const life_mon_world *w) {
    const trd_fee_table fees = {.struct_size = sizeof(fees), .tier_count = 1, .tiers = {w->fees}};
    const trd_terms terms = {.struct_size = sizeof(terms)};
    bool good = engine != NULL && trd_engine_fees(engine, &fees) == 0;
    for (int i = 0; good && i < LIFE_MON_ASSETS; i++) {
        trd_asset asset = {.struct_size = sizeof(asset), .scale = 3};
        asset.symbol[0] = (char)('A' + i);
        good = trd_engine_asset(engine, &asset) == i;
    }
    for (uint32_t i = 0; good && i < w->instruments; i++) {
        const life_mon_listing *from = &w->listing[i];
        const trd_engine_listing listing = {.spec = &from->spec,
            .terms = &terms,
            .profile = &from->profile,
            .model = from->has_model ? &from->model : NULL};
        good = trd_engine_list(engine, &listing) == (int)i;
    }
    return good;
}

mon_play *mon_play_begin(mon_script *script, bool audits, bool counts, bool aloud) {
    mon_play *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        abort();
    }
    p->script = script;
    p->audits = audits;
    p->counts = counts;
    p->aloud = aloud;
    p->seq = 1;
    p->rng = dice_seeded(script->run);
    p->engine = make_engine(&script->world);
    p->twin = make_engine(&script->world);
    if (!set_up(p->engine, &script->world) || !set_up(p->twin, &script->world)) {
        puts("monitor: the engine cannot be made");
        abort();
    }
    life_monitor_mirror(&script->world, &p->mirror);
    p->walk = (mon_walk){.w = &p->mirror, .world = &script->world, .counts = counts};
    return p;
}

void mon_play_end(mon_play *p) {
    trd_engine_destroy(p->engine);
    trd_engine_destroy(p->twin);
    free(p);
}

const mirror *mon_play_mirror(const mon_play *p) {
    return &p->mirror;
}

/* --- differences ------------------------------------------------------------------------------ */

static bool differ(mon_play *p, const char *what) {
    mon_outcome *o = &p->script->outcome;
    snprintf(o->what, sizeof(o->what), "%s", what);
    o->failed = true;
    printf("DIVERGENCE: %s (seed %llu run %llu command %llu)\n", what,
        (unsigned long long)p->script->seed, (unsigned long long)p->script->run,
        (unsigned long long)o->at);
    if (p->walk.has_expected) {
        puts("  model:");
        mon_text_event(&p->walk.expected);
        puts("  library:");
        if (p->walk.at < p->count) {
            mon_text_event(&p->event[p->walk.at]);
        } else {
            puts("    nothing more");
        }
    }
    return false;
}

/* --- one command ------------------------------------------------------------------------------ */

/* Runs a command with `room` slots of output; *count slots of events. */
static bool step(
    mon_play *p, trd_engine *engine, const trd_command *c, uint32_t room, trd_event *to) {
    trd_out out = {.events = p->buffer, .capacity = room};
    uint32_t *count = to == p->event ? &p->count : &p->twin_count;
    int result = trd_engine_step(engine, c, &out);
    *count = 0;
    for (int i = 0; result == TRD_OK || result == TRD_MORE; i++) {
        if (*count + out.count > EVENTS || i == MORE_AT_MOST) {
            return differ(p, "events without end");
        }
        memcpy(&to[*count], out.events, out.count * sizeof(trd_event));
        *count += out.count;
        if (result == TRD_OK) {
            return true;
        }
        if (p->counts && to == p->event) {
            mon_coverage_seen(MON_SEEN_MORE);
        }
        out.count = 0;
        result = trd_engine_step(engine, NULL, &out);
    }
    return differ(p, "the result of a step");
}

static bool step_both(mon_play *p, const trd_command *c) {
    if (!step(p, p->engine, c, p->script->world.room, p->event) ||
        !step(p, p->twin, c, ROOM_MOST, p->twin_event)) {
        return false;
    }
    return (p->count == p->twin_count &&
               memcmp(p->event, p->twin_event, p->count * sizeof(trd_event)) == 0) ||
           differ(p, "events depend on the room of the output");
}

/* Handles differ after a reset; these have none. */
static uint64_t digested(uint64_t digest, const trd_event *e) {
    const bool counts = e->kind == TRD_EVENT_LEDGER || e->kind == TRD_EVENT_POSITION ||
                        e->kind == TRD_EVENT_MARGIN || e->kind == TRD_EVENT_LIQUIDATION;
    uint64_t words[sizeof(*e) / sizeof(uint64_t)];
    memcpy(words, e, sizeof(*e));
    for (size_t i = 0; counts && i < sizeof(words) / sizeof(words[0]); i++) {
        digest ^= words[i];
        digest = dice_mix(&digest);
    }
    return digest;
}

/* Heads that every event has alike; *refused: the command as a whole. */
static bool look_at_events(mon_play *p, const trd_command *c, bool *refused) {
    const trd_ns now = c->time > p->mirror.time ? c->time : p->mirror.time;
    *refused = false;
    for (uint32_t i = 0; i < p->count; i += p->event[i].slots) {
        const trd_event *e = &p->event[i];
        if (p->aloud) {
            mon_text_event(e);
        }
        if (e->seq != p->seq || e->slots == 0 || e->time != now) {
            return differ(p, "seq, slots or time of an event");
        }
        p->seq++;
        p->digest = digested(p->digest, e);
        const bool reserved = e->kind == TRD_EVENT_REJECTED &&
                              e->u.order.client_id >= MIRROR_ENGINE_IDS &&
                              e->reason == TRD_REJECT_DUPLICATE_ID;
        if (p->counts && reserved) {
            mon_coverage_seen(MON_SEEN_RESERVED_ID);
        }
        *refused = *refused || e->kind == TRD_EVENT_COMMAND_REJECTED;
        if (p->counts && e->kind == TRD_EVENT_FILL) {
            mon_coverage_seen(MON_SEEN_EXECUTIONS);
        }
    }
    if (p->counts && *refused) {
        mon_coverage_seen(MON_SEEN_REFUSED);
    }
    return true;
}

/* Such orders are refused, whatever else is wrong with them. */
static bool takes_an_id_of_the_engine(const mon_play *p, const trd_command *c) {
    return c->kind == TRD_COMMAND_NEW && c->u.order.client_id >= MIRROR_ENGINE_IDS &&
           (p->count == 0 || p->event[0].kind != TRD_EVENT_REJECTED);
}

static bool look_at_all(mon_play *p) {
    const char *what = mirror_compare(&p->mirror, p->engine);
    if (what != NULL) {
        return differ(p, what);
    }
    const uint64_t every = p->audits ? 1 : LOOK_EVERY;
    if (p->script->outcome.at % every == 0) {
        what = mon_interval_look(&p->mirror.m, p->engine, &p->rng, p->counts);
        if (what != NULL) {
            return differ(p, what);
        }
    }
    if (p->audits || p->script->outcome.at % AUDIT_EVERY == 0) {
        const int line = trd_engine_audit(p->engine);
        if (line != TRD_OK) {
            char text[MON_WHAT];
            snprintf(text, sizeof(text), "audit, line %d", -line);
            return differ(p, text);
        }
    }
    return true;
}

bool mon_play_command(mon_play *p, const trd_command *c) {
    bool refused;
    p->script->outcome.at = c->seq;
    p->played[p->played_count++] = c;
    p->walk.has_expected = false;
    if (!step_both(p, c) || !look_at_events(p, c, &refused)) {
        return false;
    }
    if (takes_an_id_of_the_engine(p, c)) {
        return differ(p, "an order with a client id of the engine");
    }
    mirror_command(&p->mirror, c, refused);
    if (!mon_walk_command(&p->walk, p->event, p->count)) {
        return differ(p, p->walk.what);
    }
    if (p->counts) {
        mon_coverage_state(&p->mirror);
    }
    return look_at_all(p);
}

bool mon_play_again(mon_play *p) {
    const uint64_t before = p->digest;
    uint64_t digest = 0;
    trd_engine_reset(p->engine);
    for (uint32_t i = 0; i < p->played_count; i++) {
        if (!step(p, p->engine, p->played[i], ROOM_MOST, p->event)) {
            return false;
        }
        for (uint32_t k = 0; k < p->count; k += p->event[k].slots) {
            digest = digested(digest, &p->event[k]);
        }
    }
    return digest == before || differ(p, "events after a reset");
}
