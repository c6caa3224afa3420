/* mirror.h - what the events of a trd_engine say of money, positions and orders: keeps a
 * naive_monitor, and what else a liquidation depends on, up to date event by event.
 *
 * The engine must publish TRD_PUBLISH_MONEY_ALL, have no settlement days and no linked orders. What
 * comes out is compared with what the engine answers itself when the command is over. */
#ifndef TESTS_SUPPORT_MIRROR_H
#define TESTS_SUPPORT_MIRROR_H

#include <tradsys/engine.h>

#include "naive_monitor.h"

enum { MIRROR_ORDERS = 512, MIRROR_WHAT = 160 };

/* Client ids from here on are the engine's. */
#define MIRROR_ENGINE_IDS (UINT64_MAX - UINT32_MAX)

typedef struct mirror_order {
    trd_order order;
    uint64_t client_id;
    uint32_t account;
    uint32_t instrument;
} mirror_order;

typedef struct mirror_kill {
    bool on;
    bool reducing; /* orders that only reduce pass */
} mirror_kill;

typedef struct mirror_market {
    uint8_t state; /* TRD_SESSION_* */
    mirror_kill kill;
    uint8_t band_action;
    uint8_t band_source;
    uint32_t band_below;
    uint32_t band_above;
    bool has_price[TRD_SOURCE_MID + 1]; /* by TRD_SOURCE_* */
    trd_px price[TRD_SOURCE_MID + 1];
} mirror_market;

typedef struct mirror {
    naive_monitor m;
    mirror_market market[NAIVE_MON_INSTRUMENTS];
    mirror_kill firm;
    mirror_kill kill[NAIVE_MON_ACCOUNTS];
    bool hedged[NAIVE_MON_ACCOUNTS];
    uint32_t order_count;
    mirror_order order[MIRROR_ORDERS];
    trd_amt deposited[NAIVE_MON_ASSETS]; /* less what was withdrawn */
    trd_ns time;                         /* engine time */
    trd_command command;                 /* the one whose events come */
    trd_event last[2];                   /* the events before this one, the last first */
    char broken[MIRROR_WHAT];            /* what does not go together; empty: nothing yet */
} mirror;

/* mirror_command: the command whose events follow, and whether it was refused. */
void mirror_command(mirror *w, const trd_command *c, bool refused);
void mirror_event(mirror *w, const trd_event *e);

/* mirror_compare says what the engine answers otherwise, NULL if nothing. */
const char *mirror_compare(const mirror *w, const trd_engine *engine);

uint32_t mirror_orders_of(const mirror *w, uint32_t account);
bool mirror_trades(const mirror *w, uint32_t account, uint32_t instrument);

/* Where an order of the engine ends at most: the end of the band, or of the price range. False if
 * the market refuses it there, because no valid price lies within the band. */
bool mirror_bound(const mirror *w, uint32_t instrument, unsigned side, trd_px *out);

#endif
