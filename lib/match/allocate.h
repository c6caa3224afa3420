/* allocate.h - how the quantity of an aggressor is divided among the orders of one price level.
 *
 * A pure function over an array: the displayed quantities of a level in queue order, earliest
 * first, go in, what each order is given comes out. It knows no book, and nothing of hidden
 * quantity, which ranks behind all that is displayed. In which order fills are reported is not
 * decided here.
 *
 * A rule is a set of steps that are run one after the other. docs/reference/allocation.md has the
 * same steps with examples, the rules of the eight CME algorithms, and the sources.
 *
 * Words. `open` of an order is its qty less what it was given so far. `rest` is what the aggressor
 * has left. To give an order x is to raise its `given` by the least of x, its open and the rest,
 * and to lower the rest by as much. Earliest is the lowest index. All divisions round down,
 * products are exact (128 bits), and every order was given 0 before the first step.
 *
 * 0. WHOLE LEVEL. If aggressor >= the sum of all qty, each order is given its qty, and that is all:
 *    no other step is run.
 * 1. TOP, if `top`. The top order is the earliest order whose `top` is not 0 and whose qty >=
 *    top_min; no other order counts as one. It is given its qty, or top_max if that is not 0 and
 *    less.
 * 2. LMM, if `lmm`. `base` is the rest as this step begins. Each order that step 1 gave nothing is
 *    given (base x lmm_percent) / 100, rounded down, the earliest first. Percents that sum up to
 *    more than 100 can leave nothing for the later ones.
 * 3. FIFO SHARE. The share is the rest, as this step begins, x fifo_percent / 100, rounded down.
 *    Each order is given its open, the earliest first, until the share is used up; the last one is
 *    given what is left of the share.
 * 4. PRO-RATA, if the rest is not 0 (with a fifo_percent of 100 it is). `base` is the rest and
 *    `total` the sum of the open of all orders as this step begins. Each order is given
 *    (base x open) / total, rounded down, but nothing if that is below prorata_min. Neither base
 *    nor total changes during the step: what one order is denied does not raise what another is
 *    given.
 * 5. LEVELING, if `leveling` and the rest is not 0. Each order that was open as step 4 began, and
 *    that step 4 gave nothing, is given 1, whatever steps 1 to 3 gave it: the one with the largest
 *    open first, among equals the earliest first, until the rest is 0.
 * 6. FIFO. Each order is given its open, the earliest first, until the rest is 0.
 *
 * What always holds: 0 <= given <= qty, and the sum of given is the lesser of the aggressor and the
 * sum of qty. What does not: a larger aggressor can give one order less, because it moves what is
 * rounded off. It never does if fifo_percent is 100 and at most one order has an lmm_percent. */
#ifndef TRD_MATCH_ALLOCATE_H
#define TRD_MATCH_ALLOCATE_H

#include <tradsys/base.h>

/* Which steps are run, and their parameters. Zeroed it is pro-rata without a minimum, then FIFO. */
typedef struct trd_alloc_rule {
    uint8_t top;          /* 1: step 1 is run */
    uint8_t lmm;          /* 1: step 2 is run */
    uint8_t fifo_percent; /* [0, 100]: of what TOP and LMM leave; 100 is FIFO without pro-rata */
    uint8_t leveling;     /* 1: step 5 is run */
    uint8_t reserved[4];  /* zero: rules are copied into blocks, whose every byte counts */
    trd_qty top_min;      /* >= 0: a smaller order is never the top order */
    trd_qty top_max;      /* >= 0: what TOP gives at most; 0 is no limit */
    trd_qty prorata_min;  /* >= 0: pro-rata below it becomes 0; 0 and 1 are no minimum */
} trd_alloc_rule;

TRD_STATIC_ASSERT(sizeof(trd_alloc_rule) == 32, "two rules, one cache line");

typedef struct trd_alloc_order {
    trd_qty qty;         /* in [1, INT64_MAX]: displayed */
    trd_qty given;       /* out */
    uint8_t lmm_percent; /* [0, 100]; 0: not of a lead maker */
    uint8_t top;         /* not 0: it has the top status of its side */
    uint8_t passed_over; /* of trd__allocate: pro-rata gave it 0. Neither in nor out */
} trd_alloc_order;

TRD_STATIC_ASSERT(sizeof(trd_alloc_order) == 24, "what a level of n orders takes in scratch");

/* trd__allocate divides `aggressor` >= 0 among orders[0, count) and sets each `given`; the other
 * fields in are read only. Returns the sum of given.
 *
 * The sum of qty may be more than 64 bits hold. No allocation; each step is O(count), LEVELING up
 * to 64 passes if there are fewer lots than orders that wait for one. */
trd_qty trd__allocate(
    const trd_alloc_rule *rule, trd_alloc_order *orders, uint32_t count, trd_qty aggressor);

/* trd__alloc_cme stores the rule of a CME matching algorithm, one of A C F K O Q S T, in *out and
 * returns TRD_OK, or returns TRD_E_UNKNOWN and leaves *out as it was. What CME sets per product
 * (fifo_percent, leveling, top_min, top_max, prorata_min) has the usual value, to be overwritten
 * with the product's. */
int trd__alloc_cme(char letter, trd_alloc_rule *out);

#endif
