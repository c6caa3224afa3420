/* life_venue.h - random commands for an engine that has everything at once: instruments of all
 * kinds, accounts of all modes, several assets as collateral, linked orders, parent orders, quotes,
 * budgets, portfolios, liquidation, and what happens to the books of all. Each life draws its own
 * odds.
 *
 * It is one fixed world, for laws that a test keeps its own books about (prop_venue.c). For engines
 * whose definition is drawn, damaged records, a matcher beside the engine, or a hash of the events,
 * take life_engine.h. */
#ifndef TRD_SUPPORT_LIFE_VENUE_H
#define TRD_SUPPORT_LIFE_VENUE_H

#include <tradsys/tradsys.h>

#include "draw.h"

/* STOCK is bought and sold for USD, and split. NEAR and FAR are two months, THIN settles in COIN,
 * CALL is an option; all four are on COIN, expire, and are listed again. */
enum { VENUE_USD = 0, VENUE_COIN = 1, VENUE_SHARE = 2, VENUE_ASSETS = 3 };
enum {
    VENUE_STOCK = 0,
    VENUE_NEAR = 1,
    VENUE_FAR = 2,
    VENUE_THIN = 3,
    VENUE_CALL = 4,
    VENUE_INSTRUMENTS = 5
};
enum { VENUE_ACCOUNTS = 9, VENUE_FUND = 8, VENUE_ORDERS = 96 };

/* Of each account, one parent order for each instrument and side, numbered from 1. */
enum { VENUE_PARENTS = 2 * VENUE_INSTRUMENTS };

/* A group of linked orders that is being sent. */
typedef struct venue_plan {
    uint64_t link;
    uint32_t account;
    uint32_t instrument;
    uint8_t relation;
    uint8_t legs;
    uint8_t next; /* leg to be sent, from 1; 0: there is no group */
    uint8_t side; /* of leg 1 */
} venue_plan;

/* What the next command is drawn from. All zero but what is set before it begins. */
typedef struct venue_life {
    draw *rng;        /* set */
    bool trail;       /* set: there is a running hash of the events */
    uint32_t publish; /* set: TRD_PUBLISH_* */
    trd_px mark[VENUE_INSTRUMENTS];
    uint8_t hedge[VENUE_ACCOUNTS];
    uint32_t parents[VENUE_ACCOUNTS]; /* bits of those that were declared: VENUE_PARENTS */
    trd_ns time;
    uint64_t id;
    int64_t depth; /* prices are so far from the mark */
    int64_t odds_mark, odds_jump, odds_books, odds_special, odds_linked, odds_quote,
        odds_parent; /* percent */
    bool is_multi;   /* the account that is opened: it gets less, because all of it counts */
    venue_plan plan;
} venue_life;

/* An engine of the life's own drawing; two with the same draws are alike. NULL if something of it
 * was refused. */
trd_engine *venue_create(venue_life *life);

/* The first commands: `n` counts from 0. False when there are no more: everybody is open, with some
 * money, every mark and every rate is known. */
bool venue_opening(venue_life *life, uint32_t n, trd_command *out);

/* Any command, of up to TRD_SLOTS_MAX slots. */
void venue_command(venue_life *life, trd_command *out);

#endif
