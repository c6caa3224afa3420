/* foreign_release.c - a definition with a release hook but no alloc hook got its memory from the C
 * library and gave it back to the hook. Memory goes back to who gave it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

#include <tradsys/tradsys.h>

static int alloc_calls;
static int release_calls;

static void *count_alloc(void *user, size_t size, size_t align) {
    (void)user;
    alloc_calls++;
    return aligned_alloc(align, size);
}

static void count_release(void *user, void *at, size_t size) {
    (void)user;
    (void)size;
    release_calls++;
    free(at);
}

static void create_and_destroy(trd_mem mem) {
    trd_level_book_def def = trd_level_book_def_default();
    def.mem = mem;
    trd_level_book *book = trd_level_book_create(&def);
    cr_assert(book != NULL);
    trd_level_book_destroy(book);
}

Test(foreign_release, a_release_hook_gets_only_what_the_alloc_hook_gave) {
    create_and_destroy((trd_mem){.release = count_release});
    cr_assert(eq(int, release_calls, 0));
    create_and_destroy((trd_mem){.alloc = count_alloc, .release = count_release});
    cr_assert(eq(int, alloc_calls, 1));
    cr_assert(eq(int, release_calls, 1));
}
