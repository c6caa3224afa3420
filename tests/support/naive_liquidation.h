/* naive_liquidation.h - the numbers of a liquidation, found by trying: every candidate of a cut,
 * every tick of a price range. docs/reference/margin.md, "Bankruptcy price" to "Rank of
 * deleveraging", and monitoring.md, "A liquidation". Small price ranges only. */
#ifndef TESTS_SUPPORT_NAIVE_LIQUIDATION_H
#define TESTS_SUPPORT_NAIVE_LIQUIDATION_H

#include <tradsys/engine.h>

#include "naive_monitor.h"

/* The margin positions of a unit, largest maintenance first, ties in the order of first use: their
 * numbers in m->position. Returns how many. */
uint32_t naive_liquidation_order(
    const naive_monitor *m, const trd_unit *unit, uint32_t out[NAIVE_MON_POSITIONS]);

/* Lots to close of a margin position of a unit that is known, before the instrument's largest
 * quantity cuts them. */
trd_qty naive_liquidation_lots(const naive_monitor *m, const trd_unit *unit,
    const naive_mon_position *p, const trd_liquidation *terms);

/* ceil(|flow| x fee_ppm / 10^6), at most `left` and never below 0. */
trd_amt naive_liquidation_fee(wide flow, uint32_t fee_ppm, wide left);

/* The bankruptcy price: the last tick from the favourable end at which closing all of it leaves the
 * unit nothing or more; the favourable end if there is none. */
trd_px naive_liquidation_price(
    const naive_monitor *m, const trd_unit *unit, const naive_mon_position *p);

/* What `qty` lots (signed) lose at the mark for who takes them at px, 0 if they lose nothing. */
wide naive_liquidation_loss(const naive_mon_instrument *in, trd_qty qty, trd_px px);

/* Rank of a position in the queue of deleveraging; 0 of who is no candidate. */
int64_t naive_liquidation_rank(const naive_monitor *m, const naive_mon_position *p);

/* The step that prices are multiples of at px. */
int64_t naive_tick(const trd_instrument *spec, trd_px px);

/* The end of a price band around `reference`: for who sells the lower one. */
trd_px naive_liquidation_band(trd_px reference, uint32_t points, unsigned side);

/* The next valid price from the end of a band on toward the other one, within the price range. */
trd_px naive_liquidation_bound(const trd_instrument *spec, trd_px end, unsigned side);

#endif
