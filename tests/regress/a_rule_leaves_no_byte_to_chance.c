/* An instrument's allocation rule is passed by value, and had four bytes of padding: whatever the
 * stack held came with it into the block of the engine, and so into its digest and its snapshots.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/match.h>

/* Leaves `fill` where the next call has its locals. */
static __attribute__((noinline)) void dirty_the_stack(int fill) {
    uint8_t below[4096];
    memset(below, fill, sizeof(below));
    __asm__ volatile("" : : "r"(below) : "memory");
}

/* Configures the only instrument of a new matcher, which is freed by the caller. */
static trd_match *configured(const trd_match_def *def, uint8_t allocation, int fill) {
    trd_instrument spec = trd_instrument_default();
    trd_profile profile = trd_profile_default();
    profile.allocation = allocation;
    strcpy(spec.symbol, "X");
    void *mem = aligned_alloc(TRD_MATCH_ALIGN, trd_match_footprint(def));
    trd_match *match = trd_match_init(mem, def);
    cr_assert(match != NULL);
    cr_assert(eq(int, trd_match_add(match, &spec), 0));
    dirty_the_stack(fill);
    cr_assert(eq(int, trd_match_configure(match, 0, &profile), TRD_OK));
    return match;
}

Test(regress, a_configured_instrument_is_the_same_whatever_was_on_the_stack) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 1;
    def.orders_max = 4;
    def.allocates = 1;
    for (uint8_t allocation = TRD_ALLOCATE_FIFO; allocation <= TRD_ALLOCATE_PRORATA; allocation++) {
        trd_match *one = configured(&def, allocation, 0x5a);
        trd_match *two = configured(&def, allocation, 0xa5);
        cr_assert(memcmp(one, two, trd_match_footprint(&def)) == 0, "%u", allocation);
        free(one);
        free(two);
    }
}
