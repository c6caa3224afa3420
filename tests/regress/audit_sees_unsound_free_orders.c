/* audit_sees_unsound_free_orders.c - the audit only counted the chain of free orders. A chain that
 * began in the middle of an order (an odd unit) had the right length when one order was free, and a
 * free order that still named a level answered to the handle it would get next. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

#include "book/store.h"

/* Two orders, of which one rests. */
static trd_store *store_new(void) {
    const trd_store_def def = {.books = 1, .orders_max = 2, .levels_max = 2, .window = 64};
    trd_layout at = {0};
    trd__layout_add(&at, 1, sizeof(trd_store), TRD_LINE);
    trd__store_layout(&at, &def, NULL, NULL);
    void *block = aligned_alloc(TRD_LINE, trd__layout_size(&at, TRD_LINE));
    at = (trd_layout){0};
    trd__layout_add(&at, 1, sizeof(trd_store), TRD_LINE);
    trd_store *store = block;
    trd__store_layout(&at, &def, store, block);
    const uint32_t unit = trd__order_alloc(store);
    trd_node *node = trd__node(trd__store_arena(store), unit);
    node->leaves = 5;
    node->executed = 0;
    node->side = TRD_BUY;
    trd__order_rest(store, 0, trd__key(100, 0), unit);
    cr_assert(eq(int, trd__store_audit(store, 0), 0));
    return store;
}

Test(regress, a_free_order_begins_at_an_even_unit) {
    trd_store *store = store_new();
    store->order_free++;
    cr_expect(lt(int, trd__store_audit(store, 0), 0));
    free(store);
}

Test(regress, a_free_order_rests_at_no_level) {
    trd_store *store = store_new();
    trd_node *unused = trd__node(trd__store_arena(store), store->order_free);
    unused->level = store->level_unit;
    cr_expect(lt(int, trd__store_audit(store, 0), 0));
    free(store);
}
