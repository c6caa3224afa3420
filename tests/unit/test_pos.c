/* The table of net quantities: lib/pos/pos.h. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "pos/pos.h"

enum { NET = TRD_POSITION_NET, LONG = TRD_POSITION_LONG };

/* A table in a block of its own. */
static trd_pos *pos_new(uint32_t capacity) {
    trd_layout at = {.size = sizeof(trd_pos)};
    trd__pos_layout(&at, capacity, NULL, NULL);
    const size_t size = trd__layout_size(&at, TRD_LINE);
    trd_pos *pos = aligned_alloc(TRD_LINE, size);
    cr_assert(pos != NULL);
    memset(pos, 0xa5, size);
    at = (trd_layout){.size = sizeof(trd_pos)};
    trd__pos_layout(&at, capacity, pos, pos);
    cr_assert(eq(int, trd__pos_audit(pos), 0));
    return pos;
}

Test(pos, an_entry_lives_while_an_order_or_a_quantity_does) {
    trd_pos *pos = pos_new(4);
    const uint32_t number = trd__pos_hold(pos, 7, 1, NET);
    cr_assert(number != 0);
    cr_assert(eq(u32, trd__pos_hold(pos, 7, 1, NET), number)); /* a second order */
    trd__pos_entry(pos, number)->qty = -5;
    trd__pos_release(pos, number);
    trd__pos_release(pos, number);
    cr_assert(eq(u32, trd__pos_find(pos, 7, 1, NET), number)); /* short 5 */
    cr_assert(eq(u32, trd__pos_hold(pos, 7, 1, NET), number));
    trd__pos_entry(pos, number)->qty = 0;
    trd__pos_release(pos, number);
    cr_assert(eq(u32, trd__pos_find(pos, 7, 1, NET), 0));
    cr_assert(eq(u32, pos->count, 0));
    cr_assert(eq(int, trd__pos_audit(pos), 0));
    free(pos);
}

Test(pos, account_instrument_and_side_are_apart) {
    trd_pos *pos = pos_new(4);
    const uint32_t numbers[] = {trd__pos_hold(pos, 1, 2, NET), trd__pos_hold(pos, 2, 1, NET),
        trd__pos_hold(pos, 1, 2, LONG), trd__pos_hold(pos, 1, 3, NET)};
    for (int i = 0; i < 4; i++) {
        cr_assert(numbers[i] != 0);
        for (int k = 0; k < i; k++) {
            cr_assert(numbers[i] != numbers[k]);
        }
    }
    const trd_pos_entry *entry = trd__pos_entry(pos, numbers[2]);
    cr_assert(eq(u32, entry->account, 1));
    cr_assert(eq(u32, entry->instrument, 2));
    cr_assert(eq(u32, entry->side, LONG));
    cr_assert(eq(int, trd__pos_audit(pos), 0));
    free(pos);
}

Test(pos, a_full_table_holds_what_it_has_and_nothing_new) {
    trd_pos *pos = pos_new(2);
    cr_assert(trd__pos_hold(pos, 1, 0, NET) != 0);
    const uint32_t second = trd__pos_hold(pos, 2, 0, NET);
    cr_assert(trd__pos_has_room(pos, 2, 0, NET));
    cr_assert(not(trd__pos_has_room(pos, 3, 0, NET)));
    cr_assert(eq(u32, trd__pos_hold(pos, 3, 0, NET), 0));
    trd__pos_release(pos, second);
    cr_assert(trd__pos_has_room(pos, 3, 0, NET));
    cr_assert(trd__pos_hold(pos, 3, 0, NET) != 0);
    cr_assert(eq(int, trd__pos_audit(pos), 0));
    free(pos);
}

Test(pos, only_what_is_against_the_quantity_reduces_it) {
    cr_assert(eq(i64, trd__pos_reducible(10, TRD_SELL), 10));
    cr_assert(eq(i64, trd__pos_reducible(10, TRD_BUY), 0));
    cr_assert(eq(i64, trd__pos_reducible(-3, TRD_BUY), 3));
    cr_assert(eq(i64, trd__pos_reducible(-3, TRD_SELL), 0));
    cr_assert(eq(i64, trd__pos_reducible(0, TRD_BUY), 0));
    cr_assert(eq(i64, trd__pos_reducible(0, TRD_SELL), 0));
}

Test(pos, a_copy_of_the_block_goes_on_alone) {
    trd_pos *pos = pos_new(3);
    const uint32_t number = trd__pos_hold(pos, 5, 5, NET);
    trd_layout at = {.size = sizeof(trd_pos)};
    trd__pos_layout(&at, 3, NULL, NULL);
    const size_t size = trd__layout_size(&at, TRD_LINE);
    trd_pos *copy = aligned_alloc(TRD_LINE, size);
    memcpy(copy, pos, size);
    trd__pos_release(pos, number);
    cr_assert(eq(u32, trd__pos_find(copy, 5, 5, NET), number));
    cr_assert(eq(u32, trd__pos_find(pos, 5, 5, NET), 0));
    free(pos);
    free(copy);
}

Test(pos, reset_forgets_everything) {
    trd_pos *pos = pos_new(2);
    trd__pos_entry(pos, trd__pos_hold(pos, 1, 1, NET))->qty = 4;
    trd__pos_reset(pos);
    cr_assert(eq(u32, trd__pos_find(pos, 1, 1, NET), 0));
    cr_assert(eq(u32, pos->count, 0));
    cr_assert(eq(int, trd__pos_audit(pos), 0));
    free(pos);
}

Test(pos, the_audit_sees_what_does_not_hold) {
    trd_pos *pos = pos_new(3);
    const uint32_t number = trd__pos_hold(pos, 1, 1, NET);
    trd_pos_entry *entry = trd__pos_entry(pos, number);
    const trd_pos_entry sound = *entry;
    entry->orders = 0; /* neither order nor quantity */
    cr_assert(trd__pos_audit(pos) < 0);
    *entry = sound;
    entry->slot++;
    cr_assert(trd__pos_audit(pos) < 0);
    *entry = sound;
    entry->reducing[1] = -1;
    cr_assert(trd__pos_audit(pos) < 0);
    *entry = sound;
    pos->count = 2;
    cr_assert(trd__pos_audit(pos) < 0);
    pos->count = 1;
    pos->free = 0;
    cr_assert(trd__pos_audit(pos) < 0);
    free(pos);
}
