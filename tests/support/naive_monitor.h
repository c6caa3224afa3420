/* naive_monitor.h - the naive model of monitoring: docs/reference/monitoring.md as a walk over
 * everything.
 *
 * It shares no code with the library. It keeps what was told (levels and alerts) and a plain copy
 * of money and positions, which whoever uses it brings up to date; everything else is computed anew
 * at each question, from all positions of the unit, in 128 bits and wider.
 *
 * Small worlds only: see the limits, which are asserted. */
#ifndef TESTS_SUPPORT_NAIVE_MONITOR_H
#define TESTS_SUPPORT_NAIVE_MONITOR_H

#include <tradsys/event.h>
#include <tradsys/instrument.h>
#include <tradsys/margin.h>
#include <tradsys/monitor.h>

#include <stdbool.h>
#include <stdint.h>

#include "naive_wide.h"

enum {
    NAIVE_MON_ACCOUNTS = 16,
    NAIVE_MON_ASSETS = 4,
    NAIVE_MON_INSTRUMENTS = 8,
    NAIVE_MON_POSITIONS = 256,
    NAIVE_MON_PURSES = NAIVE_MON_ACCOUNTS * NAIVE_MON_ASSETS,
    NAIVE_MON_TIERS = 4
};

/* A model as the page of margins writes it: every part of the notional pays the rate of the tier
 * that it lies in. One tier from 0 on is what FLAT, LEVERAGE, MIS and NRML are. */
typedef struct naive_mon_model {
    bool there;
    bool covered; /* CASH, CNC: nothing to maintain, and nothing below zero */
    uint32_t count;
    trd_amt floor[NAIVE_MON_TIERS];
    uint32_t ppm[NAIVE_MON_TIERS]; /* maintenance */
} naive_mon_model;

typedef struct naive_mon_instrument {
    trd_instrument spec;
    naive_mon_model model;
    bool has_mark;
    trd_px mark;
} naive_mon_instrument;

/* A position, and what was told of it. */
typedef struct naive_mon_position {
    uint32_t account;
    uint32_t instrument;
    uint8_t side;  /* TRD_POSITION_* */
    uint8_t level; /* of the unit that it is, if it is one */
    uint8_t alert;
    trd_qty qty;
    trd_amt cost;
    trd_amt realised;
    trd_amt collateral;
} naive_mon_position;

/* A balance, and what was told of its pool. */
typedef struct naive_mon_purse {
    uint32_t account;
    uint32_t asset;
    uint8_t level;
    trd_amt free;
    trd_amt total; /* free + locked + unsettled - debt */
} naive_mon_purse;

typedef struct naive_monitor {
    uint32_t warn_ppm;
    uint32_t call_ppm;
    uint32_t alert_ppm;
    uint32_t exempt; /* 0: none; else 1 + account */
    uint32_t instrument_count;
    uint32_t position_count;
    uint32_t purse_count;
    uint8_t mode[NAIVE_MON_ACCOUNTS]; /* TRD_MODE_*; 0: not open */
    naive_mon_instrument instrument[NAIVE_MON_INSTRUMENTS];
    naive_mon_position position[NAIVE_MON_POSITIONS]; /* in the order of first use */
    naive_mon_purse purse[NAIVE_MON_PURSES];          /* in the order of first use */
} naive_monitor;

/* These make what is not there yet: it is used now for the first time. */
naive_mon_position *naive_monitor_position(
    naive_monitor *m, uint32_t account, uint32_t instrument, uint8_t side);
naive_mon_purse *naive_monitor_purse(naive_monitor *m, uint32_t account, uint32_t asset);

/* --- one position ----------------------------------------------------------------------------- */

/* What closing `qty` lots (signed as the position is) brings at px, rounded down. */
wide naive_worth(const trd_instrument *spec, wide qty, trd_px px);
wide naive_notional(const trd_instrument *spec, wide qty, trd_px px);
wide naive_maintenance(const naive_mon_model *model, wide notional);

/* Whether a position of `qty` lots is a margin position. */
bool naive_is_margin(const trd_instrument *spec, trd_qty qty);

/* --- units ------------------------------------------------------------------------------------ */

/* How a unit stands. Without `there` it is none (any more), and all else is 0. */
typedef struct naive_stand {
    bool there;
    bool margin; /* it has a margin position */
    bool known;
    uint8_t level; /* if known */
    wide equity;
    wide maintenance;
} naive_stand;

naive_stand naive_monitor_stand(const naive_monitor *m, const trd_unit *unit);

/* The unit of a position, whether it is there or not: POSITION of accounts that are ISOLATED, else
 * POOL. */
trd_unit naive_monitor_unit(const naive_monitor *m, const naive_mon_position *p);

/* What the position adds to its unit's equity at px: its profit, of an OPTION in a pool its value.
 */
wide naive_contribution(const naive_monitor *m, const naive_mon_position *p, trd_px px);
bool naive_is_in_unit(const naive_monitor *m, const naive_mon_position *p, const trd_unit *unit);

/* Whether the alert of a position is on; as it was told where that cannot be known. */
uint8_t naive_monitor_alert(const naive_monitor *m, const naive_mon_position *p);

/* Level that was told last of the unit. */
uint8_t naive_monitor_told(const naive_monitor *m, const trd_unit *unit);

/* --- what is to be told ----------------------------------------------------------------------- */

/* naive_monitor_next finds the first LEVEL or ALERT that was not told yet, in the order of the
 * page: false if there is none. naive_monitor_tell remembers that it was told. */
bool naive_monitor_next(const naive_monitor *m, trd_monitor_change *out);
void naive_monitor_tell(naive_monitor *m, const trd_monitor_change *change);

/* The MARGIN event of a change; its seq is 0. */
trd_event naive_monitor_event(const naive_monitor *m, const trd_monitor_change *change, trd_ns now);

#endif
