/* baseline.h - the least that can match: what the matcher's speed is compared with.
 *
 * A bare array ladder with FIFO lists. It executes NEW (LIMIT, GTC and IOC), CANCEL and REPLACE
 * with the same result as the library on a flow that is known to be valid, and leaves everything
 * else out: no checks, no events, no handles, no accounts. It is a measure, not an example: a wrong
 * command corrupts it. It shares no code with the library.
 *
 * Prices are [1, 2^levels_log2 - 2]; the two outermost levels of the ladder are stoppers.
 */
#ifndef BENCH_BASELINE_H
#define BENCH_BASELINE_H

#include <stdbool.h>
#include <stdint.h>

#include <tradsys/command.h>

enum { BASELINE_ALIGN = 64, BASELINE_LEVELS_LOG2_MAX = 18 };

typedef struct baseline baseline;

typedef struct baseline_def {
    uint32_t instruments; /* >= 1 */
    uint32_t levels_log2; /* width of each ladder: [8, BASELINE_LEVELS_LOG2_MAX] */
    uint32_t orders_max;  /* resting orders, all instruments together */
    bool sparse;          /* ids are any 64-bit numbers but 0: a hash map; else an array */
    uint64_t id_max;      /* highest id when they are dense; unused when sparse */
} baseline_def;

/* What was executed. `hash` depends on price, quantity and maker of each execution and on their
 * order: see tally_add. */
typedef struct tally {
    uint64_t count;
    uint64_t qty;
    uint64_t hash;
} tally;

static inline void tally_add(tally *sum, uint64_t px, uint64_t qty, uint64_t maker) {
    const uint64_t item =
        px * 0x9e3779b97f4a7c15u + qty * 0xc2b2ae3d27d4eb4fu + maker * 0x165667b19e3779f9u;
    sum->count++;
    sum->qty += qty;
    sum->hash = (sum->hash ^ item) * 0xff51afd7ed558ccdu;
}

/* footprint: bytes; init: makes an empty one in `mem`, aligned to BASELINE_ALIGN, every byte
 * touched. `def` is not checked. */
size_t baseline_footprint(const baseline_def *def);
baseline *baseline_init(void *mem, const baseline_def *def);

/* step executes one command, run an array of them. */
void baseline_step(baseline *base, const trd_command *command);
void baseline_run(baseline *base, const trd_command *commands, size_t count);

/* What was executed since init. */
tally baseline_tally(const baseline *base);

/* Views, for the generator of the flow. order: false if `id` does not rest. best: the best price of
 * a side, 0 if it is empty. queue: ids at a price, first first; returns how many were stored. */
typedef struct baseline_order {
    uint32_t px;
    uint32_t leaves;
    uint32_t total;
    uint8_t side;
} baseline_order;

bool baseline_find(const baseline *base, uint32_t instrument, uint64_t id, baseline_order *out);
uint32_t baseline_best(const baseline *base, uint32_t instrument, unsigned side);
uint32_t baseline_queue(
    const baseline *base, uint32_t instrument, uint32_t px, uint64_t *ids, uint32_t max);
uint32_t baseline_resting(const baseline *base);

#endif
