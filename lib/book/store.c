/* store.c - what is not on the path of every order: making, sliding, walking, auditing. */
#include "book/store.h"

#include <string.h>

enum { PAGE = 64, TAKE_BACK = 64 };

bool trd__store_window_valid(uint32_t window) {
    return trd__is_power_of_two(window) && window >= PAGE && window <= 65536;
}

void trd__store_layout(
    trd_layout *at, const trd_store_def *def, trd_store *store, const void *origin) {
    const size_t sides = (size_t)def->books * 2;
    const uint32_t trees = def->trees < def->tree_levels ? def->trees : def->tree_levels;
    /* A tree that is not empty needs a root of its own, whatever it shares of the rest. */
    const uint32_t far_nodes = trd__far_capacity(def->levels_max, sides) + trees;
    const uint32_t words = trd__bitmap_words(def->window);
    /* Unit 0 is nobody, and orders start at even units: on a cache line. */
    const uint32_t level_unit = (def->orders_max + 1) * 2;
    const size_t begin = at->size;
    const size_t sides_at = trd__layout_add(at, sides, sizeof(trd_side), TRD_LINE);
    const size_t bits_at = trd__layout_add(at, sides * words, sizeof(uint64_t), TRD_LINE);
    const size_t windows_at = trd__layout_add(at, sides * def->window, sizeof(uint32_t), TRD_LINE);
    const size_t far_at = trd__layout_add(at, far_nodes, sizeof(trd_far_node), TRD_LINE);
    const size_t trees_at = trd__layout_add(at, def->trees, sizeof(trd_far), TRD_LINE);
    const size_t arena_at =
        trd__layout_add(at, (size_t)level_unit + def->levels_max + 1, 32, TRD_LINE);
    /* An odd number of units ends within a line: that line is ours to write, too. */
    trd__layout_add(at, 0, 1, TRD_LINE);
    if (store == NULL) {
        return;
    }
    char *bytes = (char *)(uintptr_t)origin;
    const size_t shift = (size_t)((char *)store - bytes);
    memset(bytes + begin, 0, at->size - begin);
    *store = (trd_store){
        .arena_at = arena_at - shift,
        .sides_at = sides_at - shift,
        .windows_at = windows_at - shift,
        .bits_at = bits_at - shift,
        .far_at = far_at - shift,
        .trees_at = trees_at - shift,
        .window = def->window,
        .window_shift = (uint32_t)__builtin_ctz(def->window),
        .pages = def->window / PAGE,
        .bit_words = words,
        .level_unit = level_unit,
        .orders_max = def->orders_max,
        .levels_max = def->levels_max,
        .books = def->books,
        .far_pool = {.capacity = far_nodes},
        .trees = def->trees,
        .limbo = level_unit + def->levels_max,
    };
    trd__store_reset(store);
}

void trd__store_reset(trd_store *store) {
    char *arena = trd__store_arena(store);
    const uint32_t sides = store->books * 2;
    memset(trd__store_side(store, 0), 0, sides * sizeof(trd_side));
    memset(trd__store_bits(store, 0), 0, (size_t)sides * store->bit_words * sizeof(uint64_t));
    memset(trd__store_window(store, 0), 0, (size_t)sides * store->window * sizeof(uint32_t));
    if (store->trees > 0) {
        memset(trd__store_tree(store, sides), 0, store->trees * sizeof(trd_far));
    }
    *trd__queue(arena, store->limbo) =
        (trd_queue){.link = {store->limbo, store->limbo}, .side_at = UINT32_MAX};
    trd__far_pool_init(trd__store_far(store), store->far_pool.capacity);
    store->orders = 0;
    store->levels = 0;
    store->far_levels = 0;
    store->tree_levels = 0;
    store->order_free = 0;
    store->level_free = 0;
    for (uint32_t number = store->orders_max; number > 0; number--) {
        const uint32_t unit = trd__order_unit(number);
        trd_node *node = trd__node(arena, unit);
        /* A handle from before the reset must not name an order from after it. */
        node->generation++;
        node->level = 0;
        node->link.next = store->order_free;
        store->order_free = unit;
    }
    for (uint32_t i = store->levels_max; i > 0; i--) {
        const uint32_t unit = store->level_unit + i - 1;
        trd__link(arena, unit)->next = store->level_free;
        store->level_free = unit;
    }
}

/* --- ladder ---------------------------------------------------------------------------------- */

uint32_t trd__ladder_find_far(const trd_store *store, uint32_t side_at, uint64_t key) {
    return trd__far_find(trd__store_far(store), &trd__store_side(store, side_at)->far, key);
}

static void far_insert(trd_store *store, trd_side *side, uint64_t key, uint32_t unit) {
    trd__far_insert(trd__store_far(store), &side->far, key, unit);
    side->far_count++;
    store->far_levels++;
}

static void far_erase(trd_store *store, trd_side *side, uint64_t key) {
    trd__far_erase(trd__store_far(store), &side->far, key);
    side->far_count--;
    store->far_levels--;
}

/* The base page that puts `page` at place `place` of the window, within what keys there are. */
static uint64_t base_for(const trd_store *store, uint64_t page, uint32_t place) {
    const uint64_t last = UINT64_MAX / PAGE - (store->pages - 1);
    const uint64_t base = page < place ? 0 : page - place;
    return base < last ? base : last;
}

/* Takes the level at window place `at` out of the array. */
static void window_clear(trd_store *store, trd_side *side, uint32_t side_at, uint32_t at) {
    trd__store_window(store, side_at)[at] = 0;
    trd__bitmap_clear(trd__store_bits(store, side_at), store->window, at);
    side->near--;
}

/* Moves the window up to `base`: what falls out at the lower end goes to the tree. */
static void slide_up(trd_store *store, trd_side *side, uint32_t side_at, uint64_t base) {
    const uint64_t stop =
        base - side->base_page < store->pages ? base : side->base_page + store->pages;
    const uint64_t *bits = trd__store_bits(store, side_at);
    for (uint64_t page = side->base_page; page < stop; page++) {
        const uint32_t word = (uint32_t)page & (store->pages - 1);
        for (uint64_t left = bits[word]; left != 0; left &= left - 1) {
            const uint32_t bit = (uint32_t)__builtin_ctzll(left);
            const uint32_t at = word * PAGE + bit;
            const uint32_t unit = trd__store_window(store, side_at)[at];
            window_clear(store, side, side_at, at);
            far_insert(store, side, page * PAGE + bit, unit);
        }
    }
    side->base_page = base;
}

/* Moves the window down to `base` and takes back from the tree what it now covers: whole pages, and
 * none after the one in which TAKE_BACK levels are reached, so at most TAKE_BACK + PAGE - 1. The
 * window then stops at that page, and the next slide goes on. Without the limit two commands, an
 * order far above the best and its cancel, would move the whole window again and again. */
static void slide_down(trd_store *store, trd_side *side, uint32_t side_at, uint64_t base) {
    uint64_t page = 0; /* of the last level taken back */
    for (uint32_t taken = 0; side->far_count > 0; taken++) {
        uint64_t key;
        const uint32_t unit = trd__far_highest(trd__store_far(store), &side->far, &key);
        if (key / PAGE < base) {
            break;
        }
        if (taken >= TAKE_BACK && key / PAGE != page) {
            base = page;
            break;
        }
        page = key / PAGE;
        trd__far_erase_highest(trd__store_far(store), &side->far);
        side->far_count--;
        store->far_levels--;
        trd__ladder_place(store, side, side_at, key, unit);
    }
    side->base_page = base;
}

void trd__ladder_insert_slow(trd_store *store, uint32_t side_at, uint64_t key, uint32_t unit) {
    trd_side *side = trd__store_side(store, side_at);
    const uint64_t page = key / PAGE;
    if (side->near == 0) {
        trd_assert(side->far_count == 0);
        side->base_page = base_for(store, page, store->pages * 3 / 4);
        side->best = key;
    } else if (key < side->best) {
        far_insert(store, side, key, unit);
        if (trd__ladder_sunk(store, side)) {
            trd__ladder_settle(store, side_at); /* what is behind the best belongs in the array */
        }
        return;
    } else {
        /* An eighth of the window stays free above the new best, so that a rising price slides
         * only every few pages. */
        slide_up(store, side, side_at, base_for(store, page, store->pages - 1 - store->pages / 8));
        side->best = key;
    }
    trd__ladder_place(store, side, side_at, key, unit);
}

void trd__ladder_remove_far(trd_store *store, uint32_t side_at, uint64_t key) {
    far_erase(store, trd__store_side(store, side_at), key);
}

void trd__ladder_settle(trd_store *store, uint32_t side_at) {
    trd_side *side = trd__store_side(store, side_at);
    if (side->near > 0) {
        const uint64_t base = base_for(store, side->best / PAGE, store->pages / 2);
        if (base < side->base_page) {
            slide_down(store, side, side_at, base);
        }
        return;
    }
    if (side->far_count > 0) {
        uint64_t key;
        trd__far_highest(trd__store_far(store), &side->far, &key);
        side->best = key;
        slide_down(store, side, side_at, base_for(store, key / PAGE, store->pages * 3 / 4));
    }
}

uint32_t trd__ladder_worse(const trd_store *store, uint32_t side_at, uint64_t key) {
    const trd_side *side = trd__store_side(store, side_at);
    if (trd__in_window(store, side, key)) {
        const uint32_t gap = trd__ladder_gap(store, side_at, key);
        if (gap != 0) {
            return trd__store_window(store, side_at)[(key - gap) & (store->window - 1)];
        }
    }
    uint64_t found;
    uint32_t unit;
    return key > 0 &&
                   trd__far_at_or_below(trd__store_far(store), &side->far, key - 1, &found, &unit)
               ? unit
               : 0;
}

uint32_t trd__ladder_from(const trd_store *store, uint32_t side_at, uint64_t key) {
    const trd_side *side = trd__store_side(store, side_at);
    if (side->near == 0 || side->best < key) {
        return 0;
    }
    const uint64_t base = side->base_page * PAGE;
    if (key < base) {
        uint64_t found;
        uint32_t unit;
        if (trd__far_at_or_above(trd__store_far(store), &side->far, key, &found, &unit)) {
            return unit;
        }
        key = base;
    }
    /* The first in the ring from there on: the best is not lower, so it is one of the window. */
    uint64_t *bits = trd__store_bits(store, side_at);
    int32_t at = trd__bitmap_next(bits, store->window, (uint32_t)key & (store->window - 1));
    if (at == TRD_BITMAP_NONE) {
        at = trd__bitmap_next(bits, store->window, 0);
    }
    return trd__store_window(store, side_at)[at];
}

uint32_t trd__ladder_worst(const trd_store *store, uint32_t side_at) {
    const trd_side *side = trd__store_side(store, side_at);
    if (side->far_count > 0) {
        return trd__far_lowest(trd__store_far(store), &side->far);
    }
    if (side->near == 0) {
        return 0;
    }
    /* The lowest key of a ring is the first one behind the place of its base. */
    uint64_t *bits = trd__store_bits(store, side_at);
    const uint32_t base = (uint32_t)side->base_page * PAGE & (store->window - 1);
    int32_t at = trd__bitmap_next(bits, store->window, base);
    if (at == TRD_BITMAP_NONE) {
        at = trd__bitmap_next(bits, store->window, 0);
    }
    return trd__store_window(store, side_at)[at];
}

uint32_t trd__ladder_view(const trd_store *store, uint32_t side_at, trd_level *out, uint32_t max) {
    char *arena = trd__store_arena(store);
    uint32_t count = 0;
    uint32_t unit = trd__ladder_best(store, side_at);
    while (unit != 0 && count < max) {
        const trd_queue *level = trd__queue(arena, unit);
        out[count++] = (trd_level){
            .px = trd__key_px(level->key, side_at & 1),
            .qty = level->qty,
            .count = level->count,
        };
        unit = trd__ladder_worse(store, side_at, level->key);
    }
    return count;
}

/* --- trees ------------------------------------------------------------------------------------ */

uint32_t trd__tree_best(const trd_store *store, uint32_t side_at) {
    const trd_far *tree = trd__store_tree(store, side_at);
    uint64_t key;
    return tree->height != 0 ? trd__far_highest(trd__store_far(store), tree, &key) : 0;
}

uint32_t trd__tree_below(const trd_store *store, uint32_t side_at, uint64_t key) {
    uint64_t found;
    uint32_t unit;
    return key > 0 && trd__far_at_or_below(trd__store_far(store), trd__store_tree(store, side_at),
                          key - 1, &found, &unit)
               ? unit
               : 0;
}

uint32_t trd__tree_from(const trd_store *store, uint32_t side_at, uint64_t key) {
    uint64_t found;
    uint32_t unit;
    return trd__far_at_or_above(
               trd__store_far(store), trd__store_tree(store, side_at), key, &found, &unit)
               ? unit
               : 0;
}

uint32_t trd__tree_find(const trd_store *store, uint32_t side_at, uint64_t key) {
    const trd_far *tree = trd__store_tree(store, side_at);
    return tree->height != 0 ? trd__far_find(trd__store_far(store), tree, key) : 0;
}

uint32_t trd__tree_level(trd_store *store, uint32_t side_at, uint64_t key) {
    uint32_t unit = trd__tree_find(store, side_at, key);
    if (unit == 0) {
        unit = trd__level_alloc(store, side_at, key);
        trd_assert(unit != 0);
        trd__far_insert(trd__store_far(store), trd__store_tree(store, side_at), key, unit);
        store->tree_levels++;
    }
    return unit;
}

void trd__tree_drop(trd_store *store, uint32_t level_unit) {
    const trd_queue *level = trd__queue(trd__store_arena(store), level_unit);
    trd__far_erase(trd__store_far(store), trd__store_tree(store, level->side_at), level->key);
    trd__level_release(store, level_unit);
    store->tree_levels--;
}

void trd__tree_rest(
    trd_store *store, uint32_t side_at, uint64_t key, uint32_t unit, uint64_t place) {
    char *arena = trd__store_arena(store);
    const uint32_t level_unit = trd__tree_level(store, side_at, key);
    trd_queue *level = trd__queue(arena, level_unit);
    trd_node *node = trd__node(arena, unit);
    const uint32_t last = level->link.prev;
    node->link = (trd_link){.prev = last, .next = level_unit};
    node->level = level_unit;
    node->place = place;
    trd__link(arena, last)->next = unit;
    level->link.prev = unit;
    level->qty += node->leaves;
    level->count++;
}

void trd__limbo_enter(trd_store *store, uint32_t unit) {
    char *arena = trd__store_arena(store);
    trd__node(arena, unit)->level = store->limbo;
    trd__queue(arena, store->limbo)->count++;
}

trd_queue *trd__place_leave(trd_store *store, uint32_t unit) {
    char *arena = trd__store_arena(store);
    trd_node *node = trd__node(arena, unit);
    const uint32_t level_unit = node->level;
    trd_queue *level = trd__queue(arena, level_unit);
    if (level_unit == store->limbo) {
        node->level = 0;
        level->count--;
        return level;
    }
    if (!trd__side_is_tree(store, level->side_at)) {
        return trd__order_unrest(store, node);
    }
    trd__link(arena, node->link.prev)->next = node->link.next;
    trd__link(arena, node->link.next)->prev = node->link.prev;
    node->level = 0;
    level->qty -= node->leaves;
    level->count--;
    if (level->count == 0) {
        trd__tree_drop(store, level_unit);
    }
    return level;
}

/* --- anew ------------------------------------------------------------------------------------- */

/* Puts a level that is in use where it is looked for; false if there is another one. */
static bool level_put(trd_store *store, uint32_t unit) {
    const trd_queue *level = trd__queue(trd__store_arena(store), unit);
    if (!trd__side_is_tree(store, level->side_at)) {
        if (trd__ladder_find(store, level->side_at, level->key) != 0) {
            return false;
        }
        trd__ladder_insert(store, level->side_at, level->key, unit);
        return true;
    }
    if (trd__tree_find(store, level->side_at, level->key) != 0) {
        return false;
    }
    trd__far_insert(
        trd__store_far(store), trd__store_tree(store, level->side_at), level->key, unit);
    store->tree_levels++;
    return true;
}

bool trd__store_remake(trd_store *store, uint32_t tree_levels) {
    uint32_t levels = 0;
    trd__far_pool_init(trd__store_far(store), store->far_pool.capacity);
    store->far_levels = 0;
    store->tree_levels = 0;
    for (uint32_t unit = store->level_unit; unit < store->limbo; unit++) {
        const trd_queue *level = trd__queue(trd__store_arena(store), unit);
        if (level->count == 0 && level->qty == 0) {
            continue; /* free */
        }
        const bool is_tree = trd__side_is_tree(store, level->side_at);
        if (level->side_at >= store->books * 2 + store->trees ||
            (is_tree && store->tree_levels == tree_levels) || !level_put(store, unit)) {
            return false;
        }
        levels++;
    }
    return levels == store->levels;
}

/* --- audit ----------------------------------------------------------------------------------- */

static int audit_level(const trd_store *store, uint32_t side_at, uint32_t unit, uint32_t *orders) {
    char *arena = trd__store_arena(store);
    const trd_queue *level = trd__queue(arena, unit);
    int64_t qty = 0;
    uint32_t count = 0;
    uint32_t before = unit;
    uint64_t place = 0;
    trd_audit(level->side_at == side_at);
    /* A store without orders (level book) keeps only the quantity. */
    for (uint32_t at = level->link.next; at != unit; at = trd__link(arena, at)->next) {
        trd_audit(at >= 2 && at % 2 == 0 && at < store->level_unit);
        const trd_node *node = trd__node(arena, at);
        trd_audit(node->link.prev == before);
        trd_audit(node->level == unit);
        trd_audit(node->leaves > 0 && node->executed >= 0);
        trd_audit(node->side == side_at % 2 + 1);
        trd_audit(node->place > place);
        place = node->place;
        qty += node->leaves;
        before = at;
        count++;
        trd_audit(count <= store->orders);
    }
    trd_audit(level->link.prev == before);
    trd_audit(level->count == count);
    trd_audit(store->orders_max == 0 ? level->qty > 0 : level->qty == qty && count > 0);
    *orders += count;
    return 0;
}

static int audit_side(const trd_store *store, uint32_t side_at, uint32_t *levels, uint32_t *orders,
    uint32_t *far_nodes) {
    const trd_side *side = trd__store_side(store, side_at);
    uint64_t *bits = trd__store_bits(store, side_at);
    const uint32_t *window = trd__store_window(store, side_at);
    uint32_t near = 0;
    for (uint32_t at = 0; at < store->window; at++) {
        trd_audit((window[at] != 0) == trd__bitmap_has(bits, at));
        near += window[at] != 0;
    }
    trd_audit(near == side->near);
    trd_audit(trd__bitmap_audit(bits, store->window) == 0);
    uint32_t far = 0;
    trd_audit(trd__far_audit(trd__store_far(store), &side->far, &far, far_nodes) == 0);
    trd_audit(far == side->far_count);
    trd_audit(near > 0 || far == 0);
    uint32_t walked = 0;
    uint32_t unit = trd__ladder_best(store, side_at);
    uint64_t key = 0;
    while (unit != 0) {
        trd_audit(unit >= store->level_unit && unit - store->level_unit < store->levels_max);
        const trd_queue *level = trd__queue(trd__store_arena(store), unit);
        trd_audit(walked == 0 ? level->key == side->best : level->key < key);
        key = level->key;
        trd_audit((walked < near) == trd__in_window(store, side, key));
        trd_audit(trd__ladder_find(store, side_at, key) == unit);
        const int result = audit_level(store, side_at, unit, orders);
        if (result != 0) {
            return result;
        }
        walked++;
        unit = trd__ladder_worse(store, side_at, key);
    }
    trd_audit(walked == near + far);
    *levels += walked;
    return 0;
}

/* A tree's levels lie in it under their keys; their queues are sound. A level without orders is the
 * owner's (a sum of something): it has a quantity. */
static int audit_tree(const trd_store *store, uint32_t side_at, uint32_t *levels, uint32_t *orders,
    uint32_t *far_nodes) {
    char *arena = trd__store_arena(store);
    const trd_far *tree = trd__store_tree(store, side_at);
    uint32_t entries = 0;
    trd_audit(trd__far_audit(trd__store_far(store), tree, &entries, far_nodes) == 0);
    uint32_t walked = 0;
    uint64_t key = 0;
    for (uint32_t unit = trd__tree_best(store, side_at); unit != 0;
         unit = trd__tree_below(store, side_at, key)) {
        trd_audit(unit >= store->level_unit && unit - store->level_unit < store->levels_max);
        const trd_queue *level = trd__queue(arena, unit);
        trd_audit(walked == 0 || level->key < key);
        key = level->key;
        trd_audit(level->side_at == side_at);
        uint32_t before = unit;
        uint32_t count = 0;
        int64_t qty = 0;
        uint64_t place = 0;
        for (uint32_t at = level->link.next; at != unit; at = trd__link(arena, at)->next) {
            trd_audit(at >= 2 && at % 2 == 0 && at < store->level_unit);
            const trd_node *node = trd__node(arena, at);
            trd_audit(node->link.prev == before && node->level == unit);
            trd_audit(node->leaves >= 0 && node->executed >= 0);
            trd_audit(node->place > place);
            place = node->place;
            qty += node->leaves;
            before = at;
            count++;
            trd_audit(count <= store->orders);
        }
        trd_audit(level->link.prev == before && level->count == count);
        trd_audit(count > 0 ? level->qty == qty : level->qty > 0);
        *orders += count;
        walked++;
    }
    trd_audit(walked == entries);
    *levels += walked;
    return 0;
}

/* Are the free levels as many as they should be, each of them a level? */
static bool free_levels_sound(const trd_store *store) {
    const uint32_t want = store->levels_max - store->levels;
    uint32_t count = 0;
    for (uint32_t unit = store->level_free; unit != 0;
         unit = trd__link(trd__store_arena(store), unit)->next) {
        if (unit < store->level_unit || unit - store->level_unit >= store->levels_max ||
            count == want) {
            return false;
        }
        count++;
    }
    return count == want;
}

/* The same of orders, which answer to no handle while they are free. */
static bool free_orders_sound(const trd_store *store) {
    const uint32_t want = store->orders_max - store->orders;
    uint32_t count = 0;
    uint32_t unit = store->order_free;
    while (unit != 0) {
        if (unit % 2 != 0 || unit >= store->level_unit || count == want) {
            return false;
        }
        const trd_node *node = trd__node(trd__store_arena(store), unit);
        if (node->level != 0) {
            return false;
        }
        unit = node->link.next;
        count++;
    }
    return count == want;
}

int trd__store_audit(const trd_store *store, uint32_t aside) {
    uint32_t levels = 0;
    uint32_t orders = 0;
    uint32_t far_nodes = 0;
    for (uint32_t side_at = 0; side_at < store->books * 2; side_at++) {
        const int result = audit_side(store, side_at, &levels, &orders, &far_nodes);
        if (result != 0) {
            return result;
        }
    }
    for (uint32_t t = 0; t < store->trees; t++) {
        const int result =
            audit_tree(store, trd__tree_side(store, t), &levels, &orders, &far_nodes);
        if (result != 0) {
            return result;
        }
    }
    trd_audit(levels == store->levels);
    orders += trd__queue(trd__store_arena(store), store->limbo)->count;
    trd_audit(orders + aside == store->orders);
    trd_audit(far_nodes == store->far_pool.used);
    trd_audit(levels <= store->levels_max && store->orders <= store->orders_max);
    trd_audit(free_levels_sound(store));
    trd_audit(free_orders_sound(store));
    return 0;
}
