/* sim.h - a whole system in one process, from one seed: what its parts share.
 *
 *     life.c     a life: what happens in which order, drawn
 *     world.c    the node and its disk: worked, ended in order, killed, without power; snapshots
 *     opening.c  opened again: what must be found, what may be refused
 *     client.c   who trades, through a network that loses, doubles and delays
 *     hearer.c   who subscribes, and gets what it should
 *     story.c    what was sent, and what a bare engine makes of it
 *     check.c    what must hold when all is quiet, and of what is on the disk
 *
 * No threads, no clock, no files: the node's agents are called by hand, its disk is in memory, its
 * time is a number. So a seed is a life, and one that goes wrong is repeated by its seed. */
#ifndef TRD_SIM_H
#define TRD_SIM_H

#include <inttypes.h>
#include <stdbool.h>

#include <tradsys/io/node.h>
#include <tradsys/snapshot.h>

#include "disk.h"
#include "draw.h"
#include "story.h"

enum {
    SIM_HEARERS = 8,
    SIM_CLIENTS = 4,
    SIM_ORDERS = 256, /* of one client in a life */
    SIM_LINK = 8,     /* messages of one client on their way */
    SIM_BLOCKS = 512, /* of memory, at once */
    SIM_KEYS = VENUE_INSTRUMENTS * 2 * 512,
    SIM_LINES = 1024, /* of the trace */
    SIM_WITNESS = 0   /* the hearer of all events, who keeps the books */
};

/* Faults of the tests themselves, to see that they are found. */
enum sim_plant {
    SIM_PLANT_NONE,
    SIM_PLANT_LYING_SYNC, /* a sync of the disk says that it is done, and is not */
    SIM_PLANT_NEW_RETRY   /* a client asks again under another id */
};

typedef struct sim_options {
    uint64_t seed;  /* of the first life */
    uint64_t seeds; /* lives */
    uint64_t steps; /* of each; 0: drawn */
    uint64_t trace; /* lines that are printed of a life that goes wrong */
    enum sim_plant plant;
    bool caught; /* something must go wrong: tests of the tests */
} sim_options;

/* What was met in all lives. */
typedef struct sim_counts {
    uint64_t seeds, steps, commands, events;
    uint64_t powers, kills, restarts, opens, replayed;
    uint64_t faults;   /* that have struck */
    uint64_t poisoned; /* journals that have failed */
    uint64_t lost;     /* commands that were acknowledged and lost, as the mode allows */
    uint64_t snapshots, damaged, fallen_back, restored, archived;
    uint64_t cuts, resumed, conflated, again; /* again: events given a second time, as was asked */
    uint64_t retries, doubles, refused_ids;
    uint64_t calms, audits;
    uint64_t by_mode[4];
} sim_counts;

/* --- hearers ---------------------------------------------------------------------------------- */

typedef struct hearer {
    trd_subscription sub;
    uint64_t last;      /* it has all that it wants up to that event */
    uint64_t begun;     /* the same when the node was opened */
    uint64_t confirmed; /* it will not ask for what is before; 0: it is a newcomer */
    bool cut, dropped;
    uint64_t cut_at;
    int64_t odds_read; /* percent, each step */
    uint32_t most;     /* records at a time */
    int client;        /* whose it is; -1: nobody's */
    /* Of levels that were conflated: the last one of each that did not come yet, 0: none. */
    uint64_t owing[SIM_KEYS];
} hearer;

/* --- clients ---------------------------------------------------------------------------------- */

enum order_state { ORDER_UNANSWERED, ORDER_REFUSED, ORDER_ACCEPTED, ORDER_KNOWN };

typedef struct client_order {
    trd_command record;
    uint32_t intent;
    uint64_t asked; /* step */
    enum order_state state;
    bool ended;
} client_order;

typedef struct message {
    trd_command record;
    uint32_t intent;
    uint64_t due; /* step */
} message;

typedef struct client {
    uint32_t account;
    bool away;
    client_order orders[SIM_ORDERS];
    uint32_t count;
    message link[SIM_LINK];
    uint32_t on_link;
    int64_t odds_act, odds_lost, odds_double, patience;
} client;

/* --- the life --------------------------------------------------------------------------------- */

typedef struct sim {
    const sim_options *options;
    sim_counts *counts;
    uint64_t seed;
    uint64_t step, steps;
    draw rng;

    venue_life venue;
    uint32_t opening; /* number of the next opening command; UINT32_MAX: all were sent */
    trd_command pending[TRD_SLOTS_MAX]; /* an operator's, that had no room; kind 0: none */
    story *story;

    disk *disk;
    trd_io_ops ops;   /* the node's */
    trd_io_ops looks; /* ours: the same disk, without a ring */
    trd_mem mem;
    void *blocks[SIM_BLOCKS]; /* that the node has allocated */
    uint32_t blocks_count;
    trd_ns clock;

    trd_node *node; /* NULL: it is not open */
    trd_node_def def;
    trd_journal_def journal;
    trd_subscription subs[SIM_HEARERS];
    trd_node_status status;
    uint64_t acknowledged; /* since it was opened: the highest that was said */
    uint64_t durable;      /* commands that nothing may lose */
    uint64_t floor;        /* that the way in which it has ended may not lose */
    uint64_t shot;         /* command of the last snapshot that was taken */
    bool failed;           /* the journal has */
    bool struck;           /* a fault has, since it was opened */
    bool damaged;          /* snapshots were, in this life */
    bool calm;             /* no faults now, and everybody reads and answers */
    bool was_set_up;       /* the node has been open */

    hearer hearers[SIM_HEARERS];
    uint32_t hearers_count;
    client clients[SIM_CLIENTS];
    uint32_t clients_count;
    uint32_t intents;

    /* Odds of this life, percent unless said otherwise. */
    int64_t odds_send, burst, work_most, odds_audit;
    int64_t odds_fault, odds_power, odds_kill, odds_restart, odds_snapshot, odds_calm; /* 0.1 % */
    int64_t odds_damage, odds_replay, odds_mode;

    char lines[SIM_LINES][120];
    uint64_t lines_count;
} sim;

static inline int64_t sim_in(sim *s, int64_t low, int64_t high) {
    return draw_in(&s->rng, low, high);
}

static inline bool sim_chance(sim *s, int64_t percent) {
    return draw_chance(&s->rng, percent);
}

static inline bool sim_rarely(sim *s, int64_t per_thousand) {
    return sim_in(s, 0, 999) < per_thousand;
}

/* A line of the trace. */
__attribute__((format(printf, 2, 3))) void sim_say(sim *s, const char *format, ...);

/* Something is wrong: says what, and how it is repeated, and ends the process. */
__attribute__((format(printf, 2, 3), noreturn)) void sim_wrong(sim *s, const char *format, ...);

#define must(s, condition, ...)                                                                    \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            sim_wrong(s, __VA_ARGS__);                                                             \
        }                                                                                          \
    } while (0)

/* A life from its beginning to its end. */
void sim_live(sim *s);

/* world.c */

/* The disk, the engine, the definitions. */
void world_begin(sim *s);
void world_end(sim *s);

/* Ends it: in order; as if its process were killed; as if the power went. */
void world_close(sim *s);
void world_kill(sim *s);
void world_power(sim *s);

/* Sends a command, if there is a node and it takes it. */
bool world_send(sim *s, const trd_command *record, uint32_t intent);

/* One round of all agents. How much was done. */
int world_work(sim *s);
void world_snapshot(sim *s);

/* A fault is set, or none any more. */
void world_fault(sim *s);
void world_heal(sim *s);

/* Has the power gone in the middle of a call? The node knows nothing of it, and is not asked: then
 * there is none any more. */
bool world_is_dead(sim *s);

/* All that only the process had is gone; and if the power went, what was not synced. */
void world_end_process(sim *s, bool power);

/* opening.c */

/* Opens the node, whatever it takes, and sees that it has found what it must. */
void opening_do(sim *s);

/* The highest snapshot below `bound`, and its bytes; NULL: there is none. */
const uint8_t *opening_shot(sim *s, uint64_t bound, uint64_t *seq, uint64_t *size);

/* hearer.c */
void hearer_begin(sim *s);

/* What it names as its last event, at the next opening. */
void hearer_subscribe(sim *s, uint32_t number);

/* The node is open: everybody has, or will get, what it was promised. */
void hearer_opened(sim *s, uint32_t number);

/* Reads up to `most` records; how many there were. */
uint32_t hearer_read(sim *s, uint32_t number, uint32_t most);

/* What it may do besides: resume, confirm, be dropped. */
void hearer_act(sim *s, uint32_t number);

/* Nothing is on its way any more: it must have everything. */
void hearer_quiet(sim *s, uint32_t number);

/* The first event behind `from` that it wants; 0: there is none. */
uint64_t hearer_next(const sim *s, const hearer *h, uint64_t from);

/* client.c */
void client_begin(sim *s);
void client_act(sim *s, client *c);
void client_hear(sim *s, client *c, const trd_event *event);

/* Commands were lost: it does not know any more what was accepted. */
void client_doubt(client *c);

/* Orders that are not answered, and messages on their way. */
uint32_t client_waits(const client *c);

/* Of each intent there must be one order at most, and one where the client was told so. */
void client_check(sim *s);

/* check.c */

/* Nothing is on its way: everything is compared. */
void check_quiet(sim *s);

/* The node is not at work: the journal has the commands of the story, from its oldest snapshot to
 * command `last`. */
void check_journal(sim *s, uint64_t last);

/* The same, and each snapshot with the commands behind it becomes the story's engine. */
void check_replays(sim *s, uint64_t last);

#endif
