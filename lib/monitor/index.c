/* index.c - who leaves his interval at a mark.
 *
 * Each instrument has a tree of slots, complete but for the right end of its last row: slot number
 * n (from 1) is a child of slot n / 2, so the binary digits of a number behind the first one are
 * the way to it from the root. In the slots stand two heaps, one of lower and one of upper ends:
 * positions move from slot to slot, slots stay where they are. All trees take their slots from one
 * pool, so that the positions may be spread over instruments in any way, and a position costs at
 * most log2 n moves to put, to change, or to drop. Upper ends are kept as ~end, which turns their
 * order round without leaving 64 bits: both heaps then have the largest key on top, and a position
 * is due if its key is above that of the mark. */
#include "monitor/state.h"

static const int64_t always = INT64_MAX; /* above every mark but one, which the other heap sees */

static int64_t key_of(int heap, trd_px px) {
    return heap == TRD_HEAP_LOW ? px : ~px;
}

/* --- the tree --------------------------------------------------------------------------------- */

/* Slot `number` of a tree, from 1. */
static uint32_t slot_at(const trd_monitor *m, const trd_market *market, uint32_t number) {
    uint32_t slot = market->root;
    for (int digit = 30 - __builtin_clz(number); digit >= 0; digit--) {
        slot = (number >> digit & 1) != 0 ? trd__slot(m, slot)->right : trd__slot(m, slot)->left;
    }
    return slot;
}

static uint32_t slot_take(trd_monitor *m) {
    const uint32_t slot = m->slot_free;
    if (slot == 0) {
        trd_assert(m->slots < m->def.positions_max);
        return ++m->slots;
    }
    m->slot_free = trd__slot(m, slot)->parent;
    return slot;
}

/* An empty slot at the end of the tree. */
static uint32_t tree_grow(trd_monitor *m, trd_market *market) {
    const uint32_t slot = slot_take(m);
    const uint32_t number = ++market->count;
    *trd__slot(m, slot) = (trd_slot){0};
    if (number == 1) {
        market->root = slot;
        return slot;
    }
    const uint32_t parent = slot_at(m, market, number / 2);
    trd__slot(m, slot)->parent = parent;
    *((number & 1) != 0 ? &trd__slot(m, parent)->right : &trd__slot(m, parent)->left) = slot;
    return slot;
}

/* The last slot, which nobody is in any more, goes back to the pool. */
static void tree_shrink(trd_monitor *m, trd_market *market, uint32_t slot) {
    trd_slot *last = trd__slot(m, slot);
    if (last->parent == 0) {
        market->root = 0;
    } else {
        trd_slot *parent = trd__slot(m, last->parent);
        *(parent->right == slot ? &parent->right : &parent->left) = 0;
    }
    market->count--;
    *last = (trd_slot){.parent = m->slot_free};
    m->slot_free = slot;
}

/* --- the heaps -------------------------------------------------------------------------------- */

static void seat(trd_monitor *m, int heap, uint32_t slot, uint32_t watch, int64_t key) {
    trd__slot(m, slot)->watch[heap] = watch;
    trd__slot(m, slot)->key[heap] = key;
    trd__watch(m, watch)->slot[heap] = slot;
}

static void seat_from(trd_monitor *m, int heap, uint32_t slot, uint32_t from) {
    seat(m, heap, slot, trd__slot(m, from)->watch[heap], trd__slot(m, from)->key[heap]);
}

/* The child with the larger key, 0 without children. */
static uint32_t larger_child(const trd_monitor *m, int heap, uint32_t slot) {
    const uint32_t left = trd__slot(m, slot)->left;
    const uint32_t right = trd__slot(m, slot)->right;
    return right != 0 && trd__slot(m, right)->key[heap] > trd__slot(m, left)->key[heap] ? right
                                                                                        : left;
}

/* Finds the place of `watch`, of which the empty slot is in the way, and puts it there. */
static void settle(trd_monitor *m, int heap, uint32_t slot, uint32_t watch, int64_t key) {
    uint32_t parent = trd__slot(m, slot)->parent;
    while (parent != 0 && trd__slot(m, parent)->key[heap] < key) {
        seat_from(m, heap, slot, parent);
        slot = parent;
        parent = trd__slot(m, slot)->parent;
    }
    uint32_t child = larger_child(m, heap, slot);
    while (child != 0 && trd__slot(m, child)->key[heap] > key) {
        seat_from(m, heap, slot, child);
        slot = child;
        child = larger_child(m, heap, slot);
    }
    seat(m, heap, slot, watch, key);
}

void trd__index_put(trd_monitor *m, uint32_t instrument, uint32_t entry, trd_px low, trd_px high) {
    trd_watch *watch = trd__watch(m, entry);
    const trd_px ends[TRD_HEAPS] = {low, high};
    if (watch->slot[TRD_HEAP_LOW] == 0) {
        const uint32_t slot = tree_grow(m, trd__market(m, instrument));
        watch->slot[TRD_HEAP_LOW] = slot;
        watch->slot[TRD_HEAP_HIGH] = slot;
    }
    for (int heap = 0; heap < TRD_HEAPS; heap++) {
        const uint32_t slot = watch->slot[heap];
        const int64_t key = key_of(heap, ends[heap]);
        if (trd__slot(m, slot)->watch[heap] != entry || trd__slot(m, slot)->key[heap] != key) {
            settle(m, heap, slot, entry, key);
        }
    }
}

/* Who is in the last slot takes the place that is free now. */
void trd__index_drop(trd_monitor *m, uint32_t instrument, uint32_t entry) {
    trd_watch *watch = trd__watch(m, entry);
    if (watch->slot[TRD_HEAP_LOW] == 0) {
        return;
    }
    trd_market *market = trd__market(m, instrument);
    const uint32_t last = slot_at(m, market, market->count);
    for (int heap = 0; heap < TRD_HEAPS; heap++) {
        const uint32_t free = watch->slot[heap];
        const uint32_t moves = trd__slot(m, last)->watch[heap];
        const int64_t key = trd__slot(m, last)->key[heap];
        watch->slot[heap] = 0;
        trd__slot(m, last)->watch[heap] = 0;
        trd__slot(m, last)->key[heap] = INT64_MIN;
        if (free != last) {
            settle(m, heap, free, moves, key);
        }
    }
    tree_shrink(m, market, last);
}

/* --- marks ------------------------------------------------------------------------------------ */

/* The slot behind `slot` and all below it, in the order of root, left, right; 0 at the end. */
static uint32_t slot_behind(const trd_monitor *m, uint32_t slot) {
    uint32_t parent = trd__slot(m, slot)->parent;
    while (parent != 0) {
        const uint32_t right = trd__slot(m, parent)->right;
        if (right != 0 && right != slot) {
            return right;
        }
        slot = parent;
        parent = trd__slot(m, slot)->parent;
    }
    return 0;
}

/* Below a key that is not above that of the mark is no other. */
static uint64_t leave(const trd_monitor *m, trd_accounts *a, uint32_t root, int heap, trd_px mark) {
    const int64_t bound = key_of(heap, mark);
    const bool is_second = heap == TRD_HEAP_HIGH;
    uint64_t left = 0;
    for (uint32_t slot = root; slot != 0;) {
        const trd_slot *at = trd__slot(m, slot);
        if (at->key[heap] <= bound) {
            slot = slot_behind(m, slot);
            continue;
        }
        const uint32_t entry = at->watch[heap];
        trd__acct_touch(a, trd__entry(a, entry)->account);
        trd__entry_due(a, trd__entry(a, entry));
        /* Who is due with each mark is met in both heaps, but for a mark that is INT64_MAX. */
        left += !(is_second && at->key[heap] == always && mark != INT64_MAX);
        slot = at->left != 0 ? at->left : slot_behind(m, slot);
    }
    return left;
}

uint64_t trd__index_leave(const trd_monitor *m, trd_accounts *a, uint32_t instrument, trd_px mark) {
    const uint32_t root = trd__market(m, instrument)->root;
    return leave(m, a, root, TRD_HEAP_LOW, mark) + leave(m, a, root, TRD_HEAP_HIGH, mark);
}

/* --- audit ------------------------------------------------------------------------------------ */

static int slot_audit(
    const trd_monitor *m, const trd_accounts *a, uint32_t instrument, uint32_t slot) {
    const trd_slot *at = trd__slot(m, slot);
    for (int heap = 0; heap < TRD_HEAPS; heap++) {
        trd_audit(at->watch[heap] >= 1 && at->watch[heap] <= a->entries);
        const trd_watch *watch = trd__watch(m, at->watch[heap]);
        const bool has_ends = watch->state == TRD_WATCH_INTERVAL;
        const trd_px end = heap == TRD_HEAP_LOW ? watch->low : watch->high;
        trd_audit(watch->slot[heap] == slot && watch->state != TRD_WATCH_NONE);
        trd_audit(at->key[heap] == (has_ends ? key_of(heap, end) : always));
        trd_audit(trd__entry(a, at->watch[heap])->instrument == instrument);
        trd_audit(at->parent == 0 || trd__slot(m, at->parent)->key[heap] >= at->key[heap]);
    }
    return TRD_OK;
}

int trd__index_audit(const trd_monitor *m, const trd_accounts *a, uint32_t instrument) {
    const trd_market *market = trd__market(m, instrument);
    trd_audit((market->root == 0) == (market->count == 0));
    for (uint32_t number = 1; number <= market->count; number++) {
        const uint32_t slot = slot_at(m, market, number);
        trd_audit(slot >= 1 && slot <= m->slots);
        const trd_slot *at = trd__slot(m, slot);
        trd_audit((at->left != 0) == (2 * number <= market->count));
        trd_audit((at->right != 0) == (2 * number < market->count));
        trd_audit(at->left == 0 || trd__slot(m, at->left)->parent == slot);
        trd_audit(at->right == 0 || trd__slot(m, at->right)->parent == slot);
        const int result = slot_audit(m, a, instrument, slot);
        trd_audit(number != 1 || at->parent == 0);
        if (result != TRD_OK) {
            return result;
        }
    }
    return TRD_OK;
}
