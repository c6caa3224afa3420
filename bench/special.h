/* special.h - loads for what is beyond plain orders: stops, icebergs, auctions, mass cancels,
 * allocation. Commands made outside the clock, and what they must lead to.
 *
 * A load is an array of slots: the first `warm` set the stage, what follows is measured. It says
 * how many events of each kind all of it gives, how many lots are executed and what is left at the
 * end. That follows from how the load is built, or from a plain count of its orders, never from the
 * matcher: a run with any other result did something else. One seed, one load.
 */
#ifndef BENCH_SPECIAL_H
#define BENCH_SPECIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tradsys/match.h>

enum { SPECIAL_SIZES = 3, SPECIAL_KINDS = 32 };

typedef struct special special;

typedef struct special_regime {
    const char *name;
    const char *unit;              /* what the cost is per */
    uint32_t sizes[SPECIAL_SIZES]; /* orders; the first one is the reference of the others */
    uint32_t size_count;
    uint32_t size_min; /* what the construction needs, also in a small run */
    void (*make)(special *load);
} special_regime;

/* special_regimes: the regimes, ended by one without name. special_find: by name, or NULL. */
extern const special_regime special_regimes[];
const special_regime *special_find(const char *name);

typedef struct special_def {
    const special_regime *regime;
    uint64_t seed;
    uint32_t size; /* orders: see special_size */
    uint32_t ops;  /* measured commands of stops-waiting, refreshes of iceberg-refresh, 5,000
                      times the commands of indicative; the others do not look at it */
} special_def;

/* special_size returns the size of a variant with no more than `limit` orders (0: no limit), but
 * what the construction needs. */
uint32_t special_size(const special_regime *regime, uint32_t variant, uint32_t limit);

/* What a run must end with. */
typedef struct special_end {
    uint64_t events[SPECIAL_KINDS]; /* by TRD_EVENT_* */
    uint64_t lots;                  /* executed */
    uint64_t auction_lots;          /* sum of the volumes of all AUCTION events */
    uint32_t orders;                /* live */
    uint32_t specials;              /* live */
} special_end;

struct special {
    special_def def;
    trd_command *slots; /* warm + measured */
    size_t warm;
    size_t measured;
    uint64_t units; /* what the measured part does */
    special_end end;
    /* what it needs of the matcher */
    uint32_t orders_max;
    uint32_t specials_max;
    trd_px px_max;
    trd_qty qty_max;
    bool prorata;
    /* while it is made */
    size_t capacity;
    size_t records;
    uint64_t rng;
};

/* special_make makes a load; special_free gives its memory back. Ends the program without memory.
 */
special special_make(const special_def *def);
void special_free(special *load);

#endif
