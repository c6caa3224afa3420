/* life_monitor.h - random lives of an engine that watches its accounts: small worlds in which
 * levels are crossed often, in both directions.
 *
 * Every run draws its own world and its own odds. Marks are aimed with the naive model: at the tick
 * at which a unit changes its level, and at those beside it. */
#ifndef TESTS_SUPPORT_LIFE_MONITOR_H
#define TESTS_SUPPORT_LIFE_MONITOR_H

#include "dice.h"
#include "mirror.h"

enum { LIFE_MON_INSTRUMENTS = 4, LIFE_MON_ACCOUNTS = 8, LIFE_MON_ASSETS = 3, LIFE_MON_SLOTS = 2 };

typedef struct life_mon_listing {
    trd_instrument spec;
    trd_profile profile;
    bool has_model;
    trd_margin_model model;
    naive_mon_model naive;
} life_mon_listing;

typedef struct life_mon_world {
    uint32_t instruments;
    uint32_t accounts;
    uint32_t warn_ppm;
    uint32_t call_ppm;
    uint32_t alert_ppm;
    uint32_t exempt; /* 0: none; else 1 + account */
    bool liquidates;
    trd_liquidation liquidation;
    trd_fee_tier fees;
    uint32_t room; /* of the engine's output */
    life_mon_listing listing[LIFE_MON_INSTRUMENTS];
} life_mon_world;

typedef struct life_monitor {
    dice rng;
    life_mon_world world;
    uint32_t set_up; /* commands of the beginning that were made */
    uint64_t id;     /* client id of the last order */
    trd_ns time;
    trd_ns due;          /* of the last funding */
    uint32_t odds_order; /* all of a hundred */
    uint32_t odds_mark;
    uint32_t odds_money;
    uint32_t odds_aim;
    uint32_t odds_session;
    uint32_t odds_pay_in;
    uint32_t odds_buy;
    uint32_t odds_isolated;
    uint32_t odds_more;
    int64_t step;   /* of small marks */
    int64_t spread; /* of limits around the mark */
    trd_qty size;   /* of orders */
    bool alike;     /* accounts get the same money and send the same orders */
    trd_amt money;  /* of each then */
    bool poor_fund;
    trd_command again; /* the order that others send too; kind 0: none */
    trd_px former[LIFE_MON_INSTRUMENTS];
} life_monitor;

/* life_monitor_begin draws a world; `liquidates`: account 0 is the fund. */
void life_monitor_begin(life_monitor *l, uint64_t seed, bool liquidates);

/* life_monitor_mirror: what a new engine of that world looks like. */
void life_monitor_mirror(const life_mon_world *world, mirror *w);

/* life_monitor_next makes the next command, up to LIFE_MON_SLOTS slots. */
void life_monitor_next(life_monitor *l, const mirror *w, trd_command *out);

#endif
