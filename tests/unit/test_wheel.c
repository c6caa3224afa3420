/* test_wheel.c - when timers come out, and in which order (core/wheel.h). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/handle.h"
#include "core/wheel.h"

enum { CAPACITY = 1000 };

static trd_wheel *wheel_at(trd_ns now) {
    void *mem = aligned_alloc(TRD_LINE, trd__wheel_footprint(CAPACITY));
    trd_wheel *wheel = trd__wheel_init(mem, CAPACITY, now);
    cr_assert(ne(ptr, wheel, NULL));
    return wheel;
}

static uint64_t add(trd_wheel *wheel, trd_ns deadline, uint32_t order, uint64_t key) {
    const trd_timer timer = {.deadline = deadline, .key = key, .order = order};
    const uint64_t handle = trd__wheel_add(wheel, &timer);
    cr_assert(ne(u64, handle, TRD_HANDLE_NONE));
    return handle;
}

/* Goes on through TRD_WHEEL_MORE: 0 if nothing is due, else the key. */
static uint64_t next_key(trd_wheel *wheel, trd_ns now, trd_timer *due) {
    int result;
    do {
        result = trd__wheel_advance(wheel, now, due);
    } while (result == TRD_WHEEL_MORE);
    return result == TRD_WHEEL_DUE ? due->key : 0;
}

static void expect_keys(trd_wheel *wheel, trd_ns now, const uint64_t *keys, size_t count) {
    trd_timer due;
    for (size_t i = 0; i < count; i++) {
        cr_assert(eq(u64, next_key(wheel, now, &due), keys[i]), "timer %zu", i);
        cr_assert(eq(int, trd__wheel_audit(wheel), 0));
    }
    cr_assert(eq(u64, next_key(wheel, now, &due), 0));
    cr_assert(eq(i64, trd__wheel_now(wheel), now));
}

#define EXPECT_KEYS(wheel, now, ...)                                                               \
    expect_keys(wheel, now, (const uint64_t[]){__VA_ARGS__},                                       \
        sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

Test(wheel, a_timer_comes_out_at_its_deadline_and_not_a_nanosecond_before) {
    trd_wheel *wheel = wheel_at(1000);
    trd_timer due = {.key = 99};
    add(wheel, 5000, 7, 1);
    cr_assert(eq(int, trd__wheel_advance(wheel, 4999, &due), TRD_WHEEL_NONE));
    cr_assert(eq(u64, due.key, 99));
    cr_assert(eq(int, trd__wheel_advance(wheel, 5000, &due), TRD_WHEEL_DUE));
    cr_assert(eq(i64, due.deadline, 5000));
    cr_assert(eq(u64, due.key, 1));
    cr_assert(eq(u32, due.order, 7));
    cr_assert(eq(u32, trd__wheel_count(wheel), 0));
    cr_assert(eq(int, trd__wheel_advance(wheel, INT64_MAX, &due), TRD_WHEEL_NONE));
    free(wheel);
}

Test(wheel, one_nanosecond_apart_is_apart_at_any_distance) {
    for (unsigned bits = 0; bits < 63; bits++) {
        trd_wheel *wheel = wheel_at(0);
        const trd_ns far = (trd_ns)1 << bits;
        add(wheel, far + 1, 0, 3);
        add(wheel, far, 0, 2);
        add(wheel, far - 1, 0, 1);
        EXPECT_KEYS(wheel, INT64_MAX, 1, 2, 3);
        free(wheel);
    }
}

Test(wheel, at_one_deadline_the_lower_order_goes_first_then_who_was_added_first) {
    trd_wheel *wheel = wheel_at(0);
    add(wheel, 100, 3, 31);
    add(wheel, 100, 1, 11);
    add(wheel, 100, UINT32_MAX, 91);
    add(wheel, 100, 3, 32);
    add(wheel, 100, 0, 1);
    add(wheel, 100, 1, 12);
    add(wheel, 99, UINT32_MAX, 90);
    EXPECT_KEYS(wheel, 100, 90, 1, 11, 12, 31, 32, 91);
    free(wheel);
}

/* The second is added when the first has come much closer, so they arrive on different ways. */
Test(wheel, who_was_added_first_goes_first_however_far_ahead_it_was_set) {
    trd_wheel *wheel = wheel_at(0);
    trd_timer due;
    add(wheel, 1000000, 0, 1);
    cr_assert(eq(u64, next_key(wheel, 999990, &due), 0));
    add(wheel, 1000000, 0, 2);
    cr_assert(eq(u64, next_key(wheel, 999999, &due), 0));
    add(wheel, 1000000, 0, 3);
    EXPECT_KEYS(wheel, 1000000, 1, 2, 3);
    free(wheel);
}

Test(wheel, the_ends_of_time_are_deadlines_like_others) {
    trd_wheel *wheel = wheel_at(INT64_MIN);
    add(wheel, INT64_MAX, 0, 4);
    add(wheel, INT64_MIN, 0, 1);
    add(wheel, 0, 0, 3);
    add(wheel, -1, 0, 2);
    EXPECT_KEYS(wheel, -1, 1, 2);
    EXPECT_KEYS(wheel, INT64_MAX - 1, 3);
    EXPECT_KEYS(wheel, INT64_MAX, 4);
    free(wheel);
}

Test(wheel, a_deadline_in_the_past_is_due_at_the_time_of_the_wheel) {
    trd_wheel *wheel = wheel_at(500);
    trd_timer due;
    add(wheel, 500, 1, 2);
    add(wheel, 400, 1, 3);
    add(wheel, 300, 0, 1);
    cr_assert(eq(u64, next_key(wheel, 500, &due), 1));
    cr_assert(eq(i64, due.deadline, 500));
    EXPECT_KEYS(wheel, 500, 2, 3);
    free(wheel);
}

Test(wheel, time_does_not_go_back) {
    trd_wheel *wheel = wheel_at(500);
    trd_timer due;
    cr_assert(eq(u64, next_key(wheel, 700, &due), 0));
    add(wheel, 650, 0, 1);
    cr_assert(eq(u64, next_key(wheel, 600, &due), 1));
    cr_assert(eq(i64, due.deadline, 700));
    cr_assert(eq(u64, next_key(wheel, 600, &due), 0));
    cr_assert(eq(i64, trd__wheel_now(wheel), 700));
    free(wheel);
}

/* Funding every eight hours, a day of silence, and a session change in between. */
Test(wheel, a_timer_that_sets_itself_again_keeps_its_turn_within_one_advance) {
    const trd_ns hour = INT64_C(3600000000000);
    trd_wheel *wheel = wheel_at(0);
    trd_timer due;
    add(wheel, 8 * hour, 2, 1);
    add(wheel, 16 * hour, 1, 2);
    add(wheel, 17 * hour, 1, 3);
    static const struct {
        int hours;
        uint64_t key;
    } rows[] = {{8, 1}, {16, 2}, {16, 1}, {17, 3}, {24, 1}};
    for (size_t i = 0; i < 5; i++) {
        cr_assert(eq(u64, next_key(wheel, 24 * hour, &due), rows[i].key));
        cr_assert(eq(i64, due.deadline, rows[i].hours * hour));
        if (due.key == 1) {
            add(wheel, due.deadline + 8 * hour, 2, 1);
        }
    }
    cr_assert(eq(u64, next_key(wheel, 24 * hour, &due), 0));
    cr_assert(eq(u32, trd__wheel_count(wheel), 1));
    free(wheel);
}

Test(wheel, a_cancelled_timer_does_not_come_out) {
    trd_wheel *wheel = wheel_at(0);
    add(wheel, 10, 0, 1);
    const uint64_t handle = add(wheel, 10, 0, 2);
    const uint64_t far = add(wheel, INT64_MAX, 0, 4);
    add(wheel, 10, 0, 3);
    cr_assert(eq(int, trd__wheel_cancel(wheel, handle), TRD_OK));
    cr_assert(eq(int, trd__wheel_cancel(wheel, far), TRD_OK));
    cr_assert(eq(u32, trd__wheel_count(wheel), 2));
    EXPECT_KEYS(wheel, INT64_MAX, 1, 3);
    free(wheel);
}

Test(wheel, a_due_timer_can_still_be_cancelled) {
    trd_wheel *wheel = wheel_at(0);
    trd_timer due;
    uint64_t handles[8];
    for (uint64_t i = 1; i < 8; i++) {
        handles[i] = add(wheel, 10, (uint32_t)(8 - i), i);
    }
    cr_assert(eq(u64, next_key(wheel, 10, &due), 7));
    cr_assert(eq(int, trd__wheel_cancel(wheel, handles[3]), TRD_OK));
    cr_assert(eq(int, trd__wheel_cancel(wheel, handles[6]), TRD_OK));
    EXPECT_KEYS(wheel, 10, 5, 4, 2, 1);
    free(wheel);
}

Test(wheel, a_handle_ends_with_its_timer) {
    trd_wheel *wheel = wheel_at(0);
    trd_timer due;
    const uint64_t cancelled = add(wheel, 10, 0, 1);
    cr_assert(eq(int, trd__wheel_cancel(wheel, cancelled), TRD_OK));
    cr_assert(eq(int, trd__wheel_cancel(wheel, cancelled), TRD_E_UNKNOWN));
    const uint64_t came_out = add(wheel, 10, 0, 2);
    cr_assert(ne(u64, came_out, cancelled));
    cr_assert(eq(u64, next_key(wheel, 10, &due), 2));
    const uint64_t in_its_place = add(wheel, 20, 0, 3);
    cr_assert(eq(u32, trd__handle_slot(in_its_place), trd__handle_slot(came_out)));
    cr_assert(eq(int, trd__wheel_cancel(wheel, came_out), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd__wheel_cancel(wheel, TRD_HANDLE_NONE), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd__wheel_cancel(wheel, UINT64_MAX), TRD_E_UNKNOWN));
    cr_assert(eq(u32, trd__wheel_count(wheel), 1));
    EXPECT_KEYS(wheel, 20, 3);
    free(wheel);
}

Test(wheel, next_is_the_earliest_deadline) {
    trd_wheel *wheel = wheel_at(0);
    trd_ns when = -5;
    cr_assert(not(trd__wheel_next(wheel, &when)));
    cr_assert(not(trd__wheel_next_bound(wheel, &when)));
    cr_assert(eq(i64, when, -5));
    add(wheel, 1000003, 0, 1);
    const uint64_t earliest = add(wheel, 1000001, 0, 2);
    add(wheel, 1000002, 0, 3);
    cr_assert(trd__wheel_next(wheel, &when));
    cr_assert(eq(i64, when, 1000001));
    trd__wheel_cancel(wheel, earliest);
    cr_assert(trd__wheel_next(wheel, &when));
    cr_assert(eq(i64, when, 1000002));
    add(wheel, -7, 0, 4);
    cr_assert(trd__wheel_next(wheel, &when));
    cr_assert(eq(i64, when, 0));
    free(wheel);
}

Test(wheel, the_bound_is_never_late_and_is_exact_after_eleven_steps) {
    trd_wheel *wheel = wheel_at(INT64_MIN);
    trd_timer due;
    trd_ns bound;
    const trd_ns deadline = INT64_C(0x7555555555555555);
    add(wheel, deadline, 0, 1);
    int steps = 0;
    while (trd__wheel_next_bound(wheel, &bound) && bound != deadline) {
        cr_assert(bound > trd__wheel_now(wheel) && bound < deadline);
        cr_assert(eq(u64, next_key(wheel, bound, &due), 0));
        cr_assert(le(int, ++steps, 11));
    }
    cr_assert(eq(u64, next_key(wheel, bound, &due), 1));
    free(wheel);
}

/* All at one instant: each call does a bounded piece, and the order is as ever. */
Test(wheel, a_crowd_at_one_deadline_comes_in_bounded_pieces) {
    trd_wheel *wheel = wheel_at(0);
    trd_timer due;
    for (uint64_t i = 0; i < CAPACITY; i++) {
        add(wheel, 1000000, (uint32_t)(i % 4), i);
    }
    int more = 0, result;
    while ((result = trd__wheel_advance(wheel, 1000000, &due)) == TRD_WHEEL_MORE) {
        cr_assert(eq(int, trd__wheel_audit(wheel), 0));
        more++;
    }
    cr_assert(ge(int, more, CAPACITY / TRD_WHEEL_STEPS));
    for (uint64_t i = 0; i < CAPACITY; i++) {
        cr_assert(eq(int, result, TRD_WHEEL_DUE));
        cr_assert(eq(u64, due.key, i % 250 * 4 + i / 250));
        result = trd__wheel_advance(wheel, 1000000, &due);
    }
    cr_assert(eq(int, result, TRD_WHEEL_NONE));
    free(wheel);
}

Test(wheel, a_full_wheel_says_so_and_loses_nothing) {
    void *mem = aligned_alloc(TRD_LINE, trd__wheel_footprint(2));
    trd_wheel *wheel = trd__wheel_init(mem, 2, 0);
    const trd_timer extra = {.deadline = 1, .key = 9};
    const uint64_t second = (add(wheel, 5, 0, 1), add(wheel, 6, 0, 2));
    cr_assert(eq(u64, trd__wheel_add(wheel, &extra), TRD_HANDLE_NONE));
    cr_assert(eq(u32, trd__wheel_count(wheel), 2));
    trd__wheel_cancel(wheel, second);
    cr_assert(ne(u64, trd__wheel_add(wheel, &extra), TRD_HANDLE_NONE));
    EXPECT_KEYS(wheel, 10, 9, 1);
    free(wheel);
}

Test(wheel, definitions_out_of_range_are_refused) {
    static _Alignas(64) unsigned char mem[64];
    cr_assert(eq(sz, trd__wheel_footprint(0), 0));
    cr_assert(eq(sz, trd__wheel_footprint(TRD_WHEEL_CAPACITY_MAX + 1u), 0));
    cr_assert(trd__wheel_footprint(TRD_WHEEL_CAPACITY_MAX) > 0);
    cr_assert(le(sz, trd__wheel_footprint(1000), 6 * 1024 + 56 * 1000));
    cr_assert(eq(ptr, trd__wheel_init(mem, 0, 0), NULL));
    cr_assert(eq(ptr, trd__wheel_init(mem + 8, 1, 0), NULL));
}
