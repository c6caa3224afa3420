/* life.c - a life: what happens in which order. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* Rounds within which a healthy node must have done all that it was given, and so many more for
 * each message that a client waits for: it asks every 40 rounds, the slowest disk gives a result in
 * 20. */
enum { CALM_ROUNDS = 2000, MESSAGE_ROUNDS = 200, IDLE_ROUNDS = 200 };

/* --- saying ----------------------------------------------------------------------------------- */

void sim_say(sim *s, const char *format, ...) {
    char *line = s->lines[s->lines_count++ % SIM_LINES];
    const int size = snprintf(line, sizeof(s->lines[0]), "%6" PRIu64 "  ", s->step);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + size, sizeof(s->lines[0]) - (size_t)size, format, arguments);
    va_end(arguments);
}

static void print_trace(const sim *s) {
    uint64_t lines = s->options->trace < SIM_LINES ? s->options->trace : SIM_LINES;
    lines = lines < s->lines_count ? lines : s->lines_count;
    for (uint64_t i = s->lines_count - lines; i < s->lines_count; i++) {
        printf("%s\n", s->lines[i % SIM_LINES]);
    }
}

void sim_wrong(sim *s, const char *format, ...) {
    print_trace(s);
    printf("VIOLATION: seed %" PRIu64 " step %" PRIu64 ": ", s->seed, s->step);
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\nrepeat: tools/simulate --seed %" PRIu64 " --steps %" PRIu64 " --trace 40\n", s->seed,
        s->steps);
    if (s->options->caught) {
        printf("simulate: found with seed %" PRIu64 ", %" PRIu64 " of %" PRIu64 "\n", s->seed,
            s->seed - s->options->seed + 1, s->options->seeds);
    } else {
        printf("simulate: 1 violation\n");
    }
    fflush(stdout);
    _Exit(s->options->caught ? 0 : 1);
}

/* --- what happens ----------------------------------------------------------------------------- */

static void draw_odds(sim *s) {
    s->odds_send = sim_in(s, 10, 100);
    s->burst = sim_in(s, 1, 8);
    s->work_most = sim_in(s, 1, 6);
    s->odds_audit = sim_in(s, 0, 10);
    s->odds_fault = sim_chance(s, 70) ? sim_in(s, 0, 30) : 0;
    s->odds_power = sim_chance(s, 60) ? sim_in(s, 0, 8) : 0;
    s->odds_kill = sim_chance(s, 60) ? sim_in(s, 0, 8) : 0;
    s->odds_restart = sim_in(s, 0, 6);
    s->odds_snapshot = sim_in(s, 0, 25);
    s->odds_calm = sim_in(s, 0, 6);
    s->odds_damage = sim_chance(s, 60) ? sim_in(s, 0, 40) : 0;
    s->odds_replay = sim_in(s, 5, 30);
    s->odds_mode = sim_chance(s, 50) ? sim_in(s, 0, 50) : 0;
}

/* Time goes on by itself, jumps, or goes back, as clocks do. */
static void tick(sim *s) {
    s->clock = s->venue.time > s->clock ? s->venue.time : s->clock + sim_in(s, 0, 3);
    if (sim_rarely(s, 3)) {
        s->clock += sim_in(s, -20, 200);
    }
    s->venue.time = s->clock > s->venue.time ? s->clock : s->venue.time;
}

/* Does the command stop everything? Most of those are left out, or little would happen. */
static bool stops_all(const trd_command *c) {
    return c->kind == TRD_COMMAND_KILL && c->u.kill.action == TRD_KILL_ON &&
           c->u.kill.scope == TRD_SCOPE_FIRM;
}

/* The operator's next command: one that had no room is sent again first. */
static bool send_next(sim *s) {
    if (s->pending[0].kind == 0) {
        if (s->opening != UINT32_MAX && !venue_opening(&s->venue, s->opening++, s->pending)) {
            s->opening = UINT32_MAX;
        }
        if (s->opening == UINT32_MAX) {
            do {
                venue_command(&s->venue, s->pending);
            } while (stops_all(s->pending) && sim_chance(s, 80));
        }
    }
    const bool sent = world_send(s, s->pending, 0);
    if (sent) {
        memset(s->pending, 0, sizeof(s->pending));
    }
    return sent;
}

static void send_some(sim *s) {
    const bool opens = s->opening != UINT32_MAX;
    if (opens || sim_chance(s, s->odds_send)) {
        int64_t count = opens ? 8 : sim_in(s, 1, s->burst);
        while (count > 0 && s->node != NULL && !s->failed && send_next(s)) {
            count--;
        }
    }
}

static void read_some(sim *s) {
    for (uint32_t i = 0; i < s->hearers_count && s->node != NULL; i++) {
        const hearer *h = &s->hearers[i];
        const bool away = h->client >= 0 && s->clients[h->client].away;
        if (!away && (s->calm || sim_chance(s, h->odds_read))) {
            hearer_read(s, i, s->calm ? UINT32_MAX : h->most);
        }
        if (!away) {
            hearer_act(s, i);
        }
    }
}

static void audit(sim *s) {
    const int result = trd_engine_audit(trd_node_engine(s->node));
    must(s, result == TRD_OK || result == TRD_E_BUSY, "audit: line %d", -result);
    s->counts->audits++;
}

/* The node is open, and has not worked yet: its journal stands still, and is read beside it. */
static void open_again(sim *s) {
    opening_do(s);
    if (sim_chance(s, s->odds_replay)) {
        check_replays(s, s->status.seq);
    } else {
        check_journal(s, s->status.seq);
    }
}

/* Ends the node in a way that is drawn, or lets it live. */
static void end_some(sim *s) {
    if (sim_rarely(s, s->odds_power)) {
        world_power(s);
    } else if (sim_rarely(s, s->odds_kill)) {
        world_kill(s);
    } else if (sim_rarely(s, s->odds_restart) || (s->failed && sim_chance(s, 10))) {
        world_close(s);
    }
}

static void act(sim *s) {
    tick(s);
    send_some(s);
    for (uint32_t i = 0; i < s->clients_count; i++) {
        client_act(s, &s->clients[i]);
    }
    for (int64_t rounds = sim_in(s, 0, s->work_most); rounds > 0 && s->node != NULL; rounds--) {
        world_work(s);
    }
    read_some(s);
    if (s->node != NULL && sim_rarely(s, s->odds_fault)) {
        world_fault(s);
    } else if (s->node != NULL && sim_rarely(s, 20)) {
        world_heal(s);
    }
    if (s->node != NULL && sim_rarely(s, s->odds_snapshot)) {
        world_snapshot(s);
    }
    if (s->node != NULL && sim_chance(s, s->odds_audit)) {
        audit(s);
    }
    if (s->node != NULL) {
        end_some(s);
    }
}

/* --- when all is well ------------------------------------------------------------------------- */

/* What clients wait for whose answers come. */
static uint32_t clients_wait(const sim *s) {
    uint32_t waits = 0;
    for (uint32_t i = 0; i < s->hearers_count && story_has_room(s->story); i++) {
        const hearer *h = &s->hearers[i];
        waits += h->client < 0 || h->dropped ? 0 : client_waits(&s->clients[h->client]);
    }
    return waits;
}

static bool is_settled(const sim *s) {
    return s->acknowledged == s->story->sent && s->pending[0].kind == 0 && clients_wait(s) == 0;
}

/* All that is under way ends: of the disk, too, whose results come when they do. */
static void work_off(sim *s) {
    for (int idle = 0; idle < IDLE_ROUNDS;) {
        idle = world_work(s) > 0 ? 0 : idle + 1;
        read_some(s);
    }
    trd_node_stats stats;
    trd_node_stats_get(s->node, &stats);
    must(s,
        stats.executed == s->story->sent && stats.event == s->story->events &&
            stats.recovering == 0,
        "%" PRIu64 " of %" PRIu64 " commands executed, %" PRIu64 " of %" PRIu64 " events given",
        stats.executed, s->story->sent, stats.event, s->story->events);
}

/* There is a node, and its journal works. */
static void reopen(sim *s) {
    if (s->node != NULL && s->failed) {
        world_close(s);
    }
    if (s->node == NULL) {
        open_again(s);
    }
}

/* Faults end, and everybody is there: within some rounds all is done, and everything is right. */
static void calm(sim *s) {
    s->calm = true;
    for (uint32_t i = 0; i < s->clients_count; i++) {
        s->clients[i].away = false;
    }
    world_heal(s);
    reopen(s);
    const uint32_t most = CALM_ROUNDS + MESSAGE_ROUNDS * clients_wait(s);
    uint32_t rounds = 0;
    for (; !is_settled(s); rounds++) {
        must(s, rounds < most, "no end: %" PRIu64 " of %" PRIu64 " acknowledged", s->acknowledged,
            s->story->sent);
        s->step++;
        if (s->pending[0].kind != 0 && !send_next(s) && !story_has_room(s->story)) {
            s->pending[0].kind = 0;
        }
        for (uint32_t i = 0; i < s->clients_count; i++) {
            client_act(s, &s->clients[i]);
        }
        world_work(s);
        reopen(s); /* of a fault that struck before, the node may hear only now */
        read_some(s);
    }
    work_off(s);
    check_quiet(s);
    s->calm = false;
    s->counts->calms++;
    sim_say(s, "calm: %u rounds, %" PRIu64 " commands", rounds, s->acknowledged);
}

/* --- all of it -------------------------------------------------------------------------------- */

static void begin(sim *s) {
    s->rng = trd__rng_seeded(s->seed * UINT64_C(0x9e3779b97f4a7c15));
    s->steps = (uint64_t)sim_in(s, 100, 900); /* drawn in any case: a seed is one life */
    s->steps = s->options->steps != 0 ? s->options->steps : s->steps;
    draw_odds(s);
    world_begin(s);
    client_begin(s);
    hearer_begin(s);
    opening_do(s);
}

static void end(sim *s) {
    calm(s);
    world_close(s);
    must(s, s->acknowledged == s->story->sent, "%" PRIu64 " of %" PRIu64 " at the end",
        s->acknowledged, s->story->sent);
    check_replays(s, s->acknowledged);
    s->counts->events += s->story->events;
    s->counts->steps += s->step;
    s->counts->seeds++;
    world_end(s);
}

void sim_live(sim *s) {
    begin(s);
    while (s->step < s->steps && story_has_room(s->story)) {
        s->step++;
        if (s->node == NULL) {
            open_again(s);
        }
        act(s);
        if (sim_rarely(s, s->odds_calm)) {
            calm(s);
        }
    }
    end(s);
}
