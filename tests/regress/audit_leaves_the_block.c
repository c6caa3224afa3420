/* audit_leaves_the_block.c - an audit is for damaged blocks, so it has to look at a number before
 * it goes where the number says. It followed children of tree nodes, levels and free chains first
 * and judged them afterwards: a crash instead of the line of the broken invariant. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

#include "book/far.h"
#include "book/store.h"

/* Far behind any block: as a unit 128 GiB, as a node 1 TiB. */
enum { NOWHERE = 0xfffffff0 };

Test(regress, a_child_that_is_no_node_is_reported) {
    const uint32_t capacity = trd__far_capacity(100, 1);
    trd_far_pool pool;
    trd_far_node *nodes = calloc(capacity, sizeof(trd_far_node));
    const trd_far_in in = {.pool = &pool, .nodes = nodes};
    trd_far tree = {0};
    uint32_t entries = 0, used = 0;
    trd__far_pool_init(in, capacity);
    for (uint32_t i = 1; i <= 100; i++) {
        trd__far_insert(in, &tree, i, i);
    }
    nodes[tree.root].ref[1] = NOWHERE;
    cr_expect(lt(int, trd__far_audit(in, &tree, &entries, &used), 0));
    free(nodes);
}

/* A book with room for 10 orders, of which one rests. */
static trd_store *store_new(void **block) {
    const trd_store_def def = {.books = 1, .orders_max = 10, .levels_max = 10, .window = 64};
    trd_layout at = {0};
    trd__layout_add(&at, 1, sizeof(trd_store), TRD_LINE);
    trd__store_layout(&at, &def, NULL, NULL);
    *block = aligned_alloc(TRD_LINE, trd__layout_size(&at, TRD_LINE));
    at = (trd_layout){0};
    trd__layout_add(&at, 1, sizeof(trd_store), TRD_LINE);
    trd_store *store = *block;
    trd__store_layout(&at, &def, store, *block);
    const uint32_t unit = trd__order_alloc(store);
    trd_node *node = trd__node(trd__store_arena(store), unit);
    node->leaves = 5;
    node->executed = 0;
    node->side = TRD_BUY;
    trd__order_rest(store, 0, trd__key(100, 0), unit);
    cr_assert(eq(int, trd__store_audit(store, 0), 0));
    return store;
}

Test(regress, a_level_that_is_no_level_is_reported) {
    void *block;
    trd_store *store = store_new(&block);
    trd__store_window(store, 0)[trd__key(100, 0) & 63] = NOWHERE;
    cr_expect(lt(int, trd__store_audit(store, 0), 0));
    free(block);
}

Test(regress, free_units_that_are_none_are_reported) {
    void *block;
    trd_store *store = store_new(&block);
    const uint32_t level_free = store->level_free;
    store->level_free = NOWHERE;
    cr_expect(lt(int, trd__store_audit(store, 0), 0));
    store->level_free = store->order_free;
    cr_expect(lt(int, trd__store_audit(store, 0), 0), "an order among the levels");
    store->level_free = level_free;
    store->order_free = NOWHERE;
    cr_expect(lt(int, trd__store_audit(store, 0), 0));
    store->order_free = level_free;
    cr_expect(lt(int, trd__store_audit(store, 0), 0), "a level among the orders");
    free(block);
}

Test(regress, a_loop_of_free_units_ends) {
    void *block;
    trd_store *store = store_new(&block);
    trd__link(trd__store_arena(store), store->order_free)->next = store->order_free;
    cr_expect(lt(int, trd__store_audit(store, 0), 0));
    free(block);
}
