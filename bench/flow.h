/* flow.h - order flow for benchmarks: commands made outside the clock, the same for every subject.
 *
 * A flow is an array of one-slot commands: `warm` of them bring the books to the regime's steady
 * state, the `ops` behind them are what is measured. The generator runs a baseline book on the side
 * and so knows what rests and where the best prices are. What it makes:
 *
 *  - new orders: 15 % immediate-or-cancel, most of which miss; the rest limit orders, priced a
 *    geometric number of ticks behind the middle; quantities of 1 to 100 lots, one in twenty five
 *    times that;
 *  - a fifth of the new orders is replaced once: half a lower quantity, half a new price;
 *  - short lives: four of five limit orders are canceled after a number of commands that is spread
 *    over three decades, the others stay until a random one has to go to keep the depth;
 *  - about 95 % of the orders end canceled; some cancels come too late, the order is gone;
 *  - when the price moves, the quotes it runs into are pulled, nine of ten per tick.
 *
 * One seed, one flow. The time of the commands rises by 100 ns each.
 */
#ifndef BENCH_FLOW_H
#define BENCH_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tradsys/command.h>

typedef struct flow_regime {
    const char *name;
    const char *text;
    uint32_t instruments;
    uint32_t levels_log2;  /* prices are [1, 2^levels_log2 - 2] */
    uint32_t resting;      /* orders in the books, both sides, all instruments */
    uint32_t distance;     /* mean of ticks between the middle and a new order */
    uint32_t distance_max; /* and its limit */
    uint32_t walk;         /* commands between random steps of the middle, one tick; 0: none */
    uint32_t swing;        /* per cent that the middle rises and falls again within the run */
} flow_regime;

/* flow_regimes: the regimes, ended by one without name. flow_regime_find: by name, or NULL. */
extern const flow_regime flow_regimes[];
const flow_regime *flow_regime_find(const char *name);

enum { FLOW_ACCOUNTS = 256 };

typedef struct flow_def {
    const flow_regime *regime;
    uint64_t seed;
    size_t ops;
    uint32_t resting; /* instead of the regime's; 0: the regime's */
    bool sparse;      /* client ids: random 64-bit numbers; else 1, 2, ... */
} flow_def;

/* Counted over the whole flow. */
typedef struct flow_stats {
    uint64_t orders;   /* NEW */
    uint64_t ioc;      /* of these */
    uint64_t filled;   /* orders that were filled completely */
    uint64_t replaced; /* orders with a REPLACE that found them */
    uint64_t cancels;  /* CANCEL */
    uint64_t late;     /* CANCEL or REPLACE of what is gone */
} flow_stats;

typedef struct flow {
    flow_def def;
    trd_command *commands; /* warm + ops */
    size_t warm;
    size_t ops;
    uint64_t id_max;      /* highest client id, when dense */
    uint32_t resting_max; /* most orders that rest at any time */
    flow_stats stats;
    size_t size; /* bytes mapped */
} flow;

/* flow_make makes a flow; flow_free gives its memory back. Ends the program without memory. */
flow flow_make(const flow_def *def);
void flow_free(flow *made);

#endif
