/* test_rank.c - the heap that says whose lots are next. */
#include "liquidation_rig.h"

#include "draw.h"
#include "engine/state.h"

/* What is there, in order, one after the other. */
static void in_order(trd_engine *engine, trd_rank *items, uint32_t count) {
    for (uint32_t left = count; left > 0; left--) {
        uint32_t first = 0;
        for (uint32_t i = 1; i < left; i++) {
            const bool is_higher = items[i].key > items[first].key;
            const bool is_equal = items[i].key == items[first].key;
            first = is_higher || (is_equal && items[i].tie < items[first].tie) ? i : first;
        }
        trd_rank got;
        cr_assert(trd__rank_pop(engine, &got));
        cr_assert(eq(i64, got.key, items[first].key));
        cr_assert(eq(u32, got.tie, items[first].tie));
        cr_assert(eq(u32, got.entry, items[first].entry));
        items[first] = items[left - 1];
    }
    trd_rank none;
    cr_assert(trd__rank_pop(engine, &none) == false);
}

Test(rank, the_highest_key_comes_first_and_the_lowest_tie_of_equal_ones) {
    draw d = draw_seeded(1);
    rig r;
    const world w = world_usual();
    rig_init(&r, &w);
    for (int run = 0; run < 500; run++) {
        const uint32_t count = (uint32_t)draw_in(&d, 0, run < 250 ? 8 : 64);
        const int64_t keys = draw_in(&d, 0, 20);
        trd_rank items[64];
        for (uint32_t i = 0; i < count; i++) {
            items[i] = (trd_rank){.key = draw_in(&d, -keys, keys), .tie = i, .entry = 1000 + i};
            trd__rank_push(r.engine, &items[i]);
        }
        in_order(r.engine, items, count);
    }
    r.engine->liq.ranked = 0;
    rig_fini(&r);
}
