/* test_handle.c - what a handle says and what it refuses (core/handle.h). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>

#include "core/handle.h"

Test(handle, holds_generation_above_slot_plus_one) {
    static const struct {
        uint32_t slot, generation;
        uint64_t handle;
    } rows[] = {
        {0, 0, 1},
        {0, 1, UINT64_C(0x100000001)},
        {41, 7, UINT64_C(0x70000002a)},
        {UINT32_MAX - 1, 0, UINT64_C(0xffffffff)},
        {UINT32_MAX - 1, UINT32_MAX, UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint64_t handle = trd__handle_make(rows[i].slot, rows[i].generation);
        cr_assert(eq(u64, handle, rows[i].handle));
        cr_assert(eq(u64, trd__handle_numbered(rows[i].slot + 1, rows[i].generation), handle));
        cr_assert(eq(u32, trd__handle_slot(handle), rows[i].slot));
        cr_assert(eq(u32, trd__handle_generation(handle), rows[i].generation));
    }
}

Test(handle, zero_is_none_in_every_generation) {
    cr_assert(eq(u32, trd__handle_slot(TRD_HANDLE_NONE), TRD_HANDLE_NO_SLOT));
    cr_assert(eq(u32, trd__handle_slot(UINT64_C(5) << 32), TRD_HANDLE_NO_SLOT));
    for (uint32_t generation = 0; generation < 3; generation++) {
        cr_assert(ne(u64, trd__handle_make(0, generation), TRD_HANDLE_NONE));
    }
}

Test(handle, generation_wraps_to_zero) {
    cr_assert(eq(u32, trd__handle_generation_next(0), 1));
    cr_assert(eq(u32, trd__handle_generation_next(UINT32_MAX), 0));
}

Test(handle, a_slot_beyond_the_range_is_our_mistake, .signal = SIGABRT) {
    trd__handle_make(TRD_HANDLE_NO_SLOT, 0);
}
