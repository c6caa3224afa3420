/* rank.c - a heap in the engine's block: which position is next. Made anew for each use, so that
 * nothing has to be kept in order while lots move. */
#include "engine/state.h"

/* The items, from 1. */
static trd_rank *items(const trd_engine *engine) {
    return (trd_rank *)(void *)((char *)(uintptr_t)engine + engine->ranks_at) - 1;
}

static bool is_before(const trd_rank *a, const trd_rank *b) {
    return a->key != b->key ? a->key > b->key : a->tie < b->tie;
}

void trd__rank_push(trd_engine *engine, const trd_rank *item) {
    trd_rank *heap = items(engine);
    trd_assert(engine->liq.ranked < trd__engine_accounts(engine)->def.positions_max);
    uint32_t at = ++engine->liq.ranked;
    while (at > 1 && is_before(item, &heap[at / 2])) {
        heap[at] = heap[at / 2];
        at /= 2;
    }
    heap[at] = *item;
}

bool trd__rank_pop(trd_engine *engine, trd_rank *out) {
    trd_rank *heap = items(engine);
    if (engine->liq.ranked == 0) {
        return false;
    }
    *out = heap[1];
    const uint32_t count = --engine->liq.ranked;
    const trd_rank last = heap[count + 1];
    uint32_t at = 1;
    while (at * 2 <= count) {
        uint32_t child = at * 2;
        child += child < count && is_before(&heap[child + 1], &heap[child]);
        if (!is_before(&heap[child], &last)) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return true;
}
