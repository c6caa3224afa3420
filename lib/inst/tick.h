/* tick.h - tick tables: the step that a price must be a multiple of. */
#ifndef TRD_INST_TICK_H
#define TRD_INST_TICK_H

#include <tradsys/instrument.h>

/* The step at px: of the last tier whose `from` is at or below px; the first tier also covers what
 * is below its own. `count` is in [1, TRD_TIERS_MAX]. O(count), without a branch per tier. */
static inline int64_t trd__tick_step(const trd_tick_tier *tiers, uint32_t count, trd_px px) {
    uint32_t at = 0;
    for (uint32_t i = 1; i < count; i++) {
        at += tiers[i].from <= px;
    }
    return tiers[at].step;
}

#endif
