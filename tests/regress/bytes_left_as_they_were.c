/* bytes_left_as_they_were.c - init did not write the last half line of a block whose units do not
 * fill it: two equal objects then differed in bytes that a copy or a hash of the block includes. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include <tradsys/tradsys.h>

/* Makes the same object in memory full of zeros and full of ones. Only the first differing byte is
 * of interest. */
typedef void *(*make)(void *mem, const void *def);

static size_t first_difference(make make_in, const void *def, size_t size) {
    cr_assert(size > 0);
    unsigned char *zeros = aligned_alloc(64, size);
    unsigned char *ones = aligned_alloc(64, size);
    cr_assert(zeros != NULL && ones != NULL);
    memset(zeros, 0, size);
    memset(ones, 0xff, size);
    cr_assert(make_in(zeros, def) != NULL);
    cr_assert(make_in(ones, def) != NULL);
    size_t at = 0;
    while (at < size && zeros[at] == ones[at]) {
        at++;
    }
    free(zeros);
    free(ones);
    return at;
}

static void *make_match(void *mem, const void *def) {
    return trd_match_init(mem, def);
}

static void *make_level_book(void *mem, const void *def) {
    return trd_level_book_init(mem, def);
}

static void *make_order_book(void *mem, const void *def) {
    return trd_order_book_init(mem, def);
}

Test(bytes_left_as_they_were, every_byte_of_a_new_matcher_is_its_own) {
    for (uint32_t orders = 1; orders <= 8; orders++) {
        trd_match_def def = trd_match_def_default();
        def.instruments_max = 1;
        def.orders_max = orders;
        def.ids_max = orders;
        def.window = 64;
        const size_t size = trd_match_footprint(&def);
        cr_assert(eq(sz, first_difference(make_match, &def, size), size), "orders_max %u", orders);
    }
}

Test(bytes_left_as_they_were, every_byte_of_a_new_level_book_is_its_own) {
    for (uint32_t levels = 2; levels <= 9; levels++) {
        trd_level_book_def def = trd_level_book_def_default();
        def.levels_max = levels;
        def.window = 64;
        const size_t size = trd_level_book_footprint(&def);
        cr_assert(
            eq(sz, first_difference(make_level_book, &def, size), size), "levels_max %u", levels);
    }
}

Test(bytes_left_as_they_were, every_byte_of_a_new_order_book_is_its_own) {
    for (uint32_t orders = 1; orders <= 8; orders++) {
        trd_order_book_def def = trd_order_book_def_default();
        def.orders_max = orders;
        def.window = 64;
        const size_t size = trd_order_book_footprint(&def);
        cr_assert(
            eq(sz, first_difference(make_order_book, &def, size), size), "orders_max %u", orders);
    }
}
