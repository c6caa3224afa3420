/* life_engine.h - random lives of an engine: a small world, and commands of all kinds in it.
 *
 * The caller sets what a life has: so engines can be compared with another one, a matcher, their
 * snapshots or builds (prop_engine.c, prop_snapshot.c, state.c). life_venue.h has a larger world,
 * with groups and liquidation always there, and sends no damaged records.
 *
 * Every run draws its own world and its own odds. One seed is one life: two that begin with equal
 * generators make the same engine and the same commands. */
#ifndef TESTS_SUPPORT_LIFE_ENGINE_H
#define TESTS_SUPPORT_LIFE_ENGINE_H

#include <tradsys/tradsys.h>

#include "draw.h"

enum { LIFE_ENGINE_INSTRUMENTS = 3, LIFE_ENGINE_IDS = 400 };

/* Orders that have room with so many accounts, or fewer; parent orders of each account. */
enum { LIFE_ENGINE_ORDERS = 128, LIFE_ENGINE_FEW = 6 };
enum { LIFE_ENGINE_PARENTS = 2 * LIFE_ENGINE_INSTRUMENTS };

/* A group of linked orders that is being sent. */
typedef struct life_engine_plan {
    uint64_t link;
    uint32_t account;
    uint32_t instrument;
    uint8_t relation;
    uint8_t legs;
    uint8_t next; /* leg to be sent, from 1; 0: there is no group */
    uint8_t side; /* of leg 1 */
    bool full_fill;
} life_engine_plan;

/* Set before it begins: what is said so. */
typedef struct life_engine {
    draw *rng;         /* set */
    uint32_t accounts; /* set */
    bool is_apart;     /* set: no matcher alone goes beside, which knows nothing of splits */
    bool watches;      /* set: accounts are monitored and liquidated; account 0 is the fund */
    bool allocates;    /* set: levels may be allocated pro rata */
    bool trail;        /* set: there is a running hash of the events */
    bool parents;      /* set: orders may have parent orders */
    trd_mem mem;       /* set: of the engine */
    trd_match_def match;
    trd_ns time;
    uint64_t id;
    uint32_t room; /* for the engine's output */
    int64_t spread;
    int64_t odds_special; /* percent */
    int64_t odds_poor;
    int64_t odds_linked;
    int64_t odds_quote;
    int64_t kin_of; /* one order in so many has a parent; 0: none has */
    life_engine_plan plan;
    bool decides;   /* DECISION events are written */
    uint32_t stock; /* base asset of the share; others may stand on it, or on another one */
} life_engine;

static inline int64_t life_in(life_engine *l, int64_t low, int64_t high) {
    return draw_in(l->rng, low, high);
}

static inline bool life_chance(life_engine *l, int64_t percent) {
    return life_in(l, 0, 99) < percent;
}

/* life_engine_begin draws a world, and makes an engine of it that is the caller's to destroy. */
trd_engine *life_engine_begin(life_engine *l);

/* open: the command that opens an account, in a mode that is drawn. next: any command, up to
 * TRD_SLOTS_MAX slots; the others are zero. damage: bytes of a good record are not what they were,
 * but it claims no slots that are not there. */
void life_engine_open(life_engine *l, uint32_t account, trd_command *c);
void life_engine_next(life_engine *l, trd_command *c);
void life_engine_damage(life_engine *l, trd_command *c);

/* There is a parent order for each instrument and side, numbered from 1; which orders name it, or
 * another one, is seen from their id. parent_of: its number, 0: none. parent: the command that sets
 * (or, at times, removes) one of an account. */
uint64_t life_engine_parent_of(
    const life_engine *l, uint64_t id, uint32_t instrument, unsigned side);
void life_engine_parent(life_engine *l, uint32_t account, uint64_t number, trd_command *c);

#endif
