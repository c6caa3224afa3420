/* corporate.h - what a split makes of the orders of an instrument: docs/reference/engine.md,
 * "Splits". For the owner of a matcher, while no command is pending.
 *
 *     trd__split_begin(match, &walk, &terms);
 *     while ((what = trd__split_next(match, &walk, &order)) != TRD_SPLIT_OVER) {
 *         if (what == TRD_SPLIT_ORDER) {
 *             trd__split_apply(match, out, &walk, &order, order.ends);
 *         }
 *     }
 *     trd__split_settle(match, &walk);
 *
 * Each step is one bounded unit of work; the matcher is sound between any two of them, and takes no
 * command before the last. */
#ifndef TRD_MATCH_CORPORATE_H
#define TRD_MATCH_CORPORATE_H

#include "match/state.h"

typedef struct trd_split_terms {
    uint32_t instrument; /* SPOT */
    uint32_t numerator;  /* new lots, [1, 2^20] */
    uint32_t denominator;
} trd_split_terms;

/* Places of a side that are walked together: book, hidden, aside. */
enum { TRD_SPLIT_PLACES = 3 };

typedef struct trd_split_walk {
    trd_split_terms terms;
    uint64_t boundary; /* orders with a higher place have their new terms */
    uint64_t key[TRD_SPLIT_PLACES];
    uint32_t passed; /* bit per place: the level at key is done */
    uint32_t phase;
} trd_split_walk;

/* An order and its new terms. Those of a plain order are in unit, px and lots. */
typedef struct trd_split_order {
    uint32_t unit;
    uint32_t number; /* of its special record; 0: a plain order */
    trd_order order;
    trd_px px;    /* limit, 0: none */
    trd_qty lots; /* open ones */
    trd_qty displayed;
    trd_qty executed;
    trd_qty prevented;
    trd_qty minimum;
    trd_qty peak;
    trd_qty peak_range;
    trd_px trigger;
    trd_px activation;
    trd_px cap;
    int64_t offset;
    int64_t limit_offset;
    trd_px extreme; /* of an active trail, as trail.h counts */
    bool has_cap;
    bool ends; /* it has no lots, or no price, or more lots than an order may have */
} trd_split_order;

/* The price in new ticks: rounded down or up to a valid one. False if there is none on that side of
 * the exact one, or it is 0. */
bool trd__split_px(
    const trd_match *match, const trd_split_terms *terms, trd_px px, bool up, trd_px *out);

/* The lots in new ones, rounded down to the lot step. */
trd_wide trd__split_lots(const trd_match *match, const trd_split_terms *terms, trd_qty lots);

/* Are there quotes in the instrument? Their protection counts lots of old. */
bool trd__split_is_hindered(const trd_match *match, uint32_t instrument);

/* Reference prices, and what linked orders are granted, become those in new ticks and lots, and the
 * walk stands before the first order. */
void trd__split_begin(trd_match *match, trd_split_walk *walk, const trd_split_terms *terms);

enum { TRD_SPLIT_OVER = 0, TRD_SPLIT_ORDER = 1, TRD_SPLIT_PASSED = 2 };

/* The next order, and what it is to be; nothing is changed. PASSED: none yet, but nearer to one. */
int trd__split_next(const trd_match *match, trd_split_walk *walk, trd_split_order *out);

/* The order that was next is RESTATED, or, if it ends, CANCELED, cause CORPORATE; [ORDER], [LEVEL].
 * At most 5 slots. */
void trd__split_apply(trd_match *match, trd_out *out, const trd_split_walk *walk,
    const trd_split_order *order, bool ends);

/* All orders have been walked: trd_match_step with command NULL settles the instrument. */
void trd__split_settle(trd_match *match, const trd_split_walk *walk);

#endif
