/* test_fixed.c - exact products, divisions with a named rounding, shares. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdint.h>

#include "core/fixed.h"

enum { EXACT = TRD_ROUND_EXACT, FLOOR = TRD_ROUND_FLOOR, CEIL = TRD_ROUND_CEIL };

Test(fixed, fits_is_the_range_of_int64) {
    cr_expect(trd_fits(INT64_MAX));
    cr_expect(trd_fits(INT64_MIN));
    cr_expect(not(trd_fits((trd_wide)INT64_MAX + 1)));
    cr_expect(not(trd_fits((trd_wide)INT64_MIN - 1)));
    cr_expect(not(trd_fits((trd_wide)1 << 64)));
}

Test(fixed, narrow_stores_only_what_fits) {
    int64_t out = 5;
    cr_expect(not(trd__narrow((trd_wide)INT64_MAX + 1, &out)));
    cr_expect(eq(i64, out, 5));
    cr_expect(trd__narrow((trd_wide)INT64_MIN, &out));
    cr_expect(eq(i64, out, INT64_MIN));
}

/* S26: 2^40 x 2^40 is 2^80, of which the 2^40-th part is 2^40 again. S100: never wrapped. */
Test(fixed, products_of_two_never_wrap) {
    const int64_t big = INT64_C(1) << 40;
    cr_expect(trd__mul(big, big) == (trd_wide)1 << 80);
    cr_expect(trd__mul(INT64_MIN, INT64_MIN) == (trd_wide)1 << 126);
    cr_expect(trd__mul(INT64_MAX, INT64_MIN) == ((trd_wide)1 << 63) - ((trd_wide)1 << 126));
    int64_t out;
    cr_expect(trd__muldiv64(big, big, big, EXACT, &out));
    cr_expect(eq(i64, out, big));
}

Test(fixed, magnitude_knows_the_least_integer) {
    cr_expect(eq(u64, trd__magnitude(INT64_MIN), UINT64_C(1) << 63));
    cr_expect(eq(u64, trd__magnitude(-7), 7));
    cr_expect(eq(u64, trd__magnitude(7), 7));
    cr_expect(eq(u64, trd__magnitude(0), 0));
}

typedef struct division {
    int64_t a, b, floor, ceil;
    bool exact;
} division;

static const division divisions[] = {{7, 2, 3, 4, false}, {-7, 2, -4, -3, false},
    {6, 2, 3, 3, true}, {-6, 2, -3, -3, true}, {0, 5, 0, 0, true}, {1, INT64_MAX, 0, 1, false},
    {-1, INT64_MAX, -1, 0, false}, {INT64_MIN, 1, INT64_MIN, INT64_MIN, true},
    {INT64_MIN, INT64_MAX, -2, -1, false}, {INT64_MAX, 1, INT64_MAX, INT64_MAX, true},
    {INT64_MAX, 2, 4611686018427387903, 4611686018427387904, false}};

Test(fixed, division_rounds_as_it_is_named) {
    for (size_t i = 0; i < sizeof(divisions) / sizeof(divisions[0]); i++) {
        const division d = divisions[i];
        cr_expect(trd__div_floor(d.a, d.b) == d.floor, "row %zu", i);
        cr_expect(trd__div_ceil(d.a, d.b) == d.ceil, "row %zu", i);
        for (int rounding = EXACT; rounding <= CEIL; rounding++) {
            const bool done = rounding != EXACT || d.exact;
            const int64_t expected = done ? (rounding == CEIL ? d.ceil : d.floor) : 99;
            trd_wide wide = 99;
            int64_t narrow = 99, product = 99;
            cr_expect(trd__div(d.a, d.b, rounding, &wide) == done, "row %zu", i);
            cr_expect(wide == expected, "row %zu", i);
            cr_expect(trd__div64(d.a, d.b, rounding, &narrow) == done, "row %zu", i);
            cr_expect(eq(i64, narrow, expected), "row %zu", i);
            cr_expect(trd__muldiv64(d.a, 1, d.b, rounding, &product) == done, "row %zu", i);
            cr_expect(eq(i64, product, expected), "row %zu", i);
        }
    }
}

/* S108: 0.1 % of 9 units is 0.009 units: up is 1 unit, not free. */
Test(fixed, a_small_charge_rounded_up_is_one_unit) {
    int64_t fee;
    cr_expect(trd__muldiv64(9, 1, 1000, CEIL, &fee));
    cr_expect(eq(i64, fee, 1));
    cr_expect(trd__muldiv64(9, 1, 1000, FLOOR, &fee));
    cr_expect(eq(i64, fee, 0));
    cr_expect(trd__muldiv64(-9, 1, 1000, FLOOR, &fee));
    cr_expect(eq(i64, fee, -1));
}

/* S100 */
Test(fixed, muldiv_says_when_the_result_does_not_fit) {
    int64_t out = 5;
    cr_expect(not(trd__muldiv64(INT64_MAX, INT64_MAX, 1, FLOOR, &out)));
    cr_expect(not(trd__muldiv64(INT64_MIN, INT64_MAX, INT64_MAX - 1, FLOOR, &out)));
    cr_expect(not(trd__muldiv64(INT64_MAX, 3, 2, FLOOR, &out)));
    cr_expect(not(trd__muldiv64(INT64_MIN, -1, 1, EXACT, &out)));
    cr_expect(not(trd__muldiv64(7, 3, 2, EXACT, &out)));
    cr_expect(eq(i64, out, 5));
    cr_expect(trd__muldiv64(INT64_MAX, INT64_MAX, INT64_MAX, EXACT, &out));
    cr_expect(eq(i64, out, INT64_MAX));
    cr_expect(trd__muldiv64(INT64_MIN, INT64_MAX, INT64_MAX, EXACT, &out));
    cr_expect(eq(i64, out, INT64_MIN));
}

Test(fixed, umul_says_when_128_bits_are_not_enough) {
    trd_uwide out = 5;
    cr_expect(trd__umul((trd_uwide)1 << 64, UINT64_C(1) << 63, &out));
    cr_expect(out == (trd_uwide)1 << 127);
    cr_expect(not(trd__umul((trd_uwide)1 << 65, UINT64_C(1) << 63, &out)));
    cr_expect(not(trd__umul(((trd_uwide)1 << 127) + 1, 2, &out)));
    cr_expect(out == (trd_uwide)1 << 127);
    /* (2^64 + 1) x (2^64 - 1) = 2^128 - 1: the largest of all. */
    cr_expect(trd__umul(((trd_uwide)1 << 64) + 1, UINT64_MAX, &out));
    cr_expect(out == ~(trd_uwide)0);
    /* (2^64 + 2) x (2^64 - 1) = 2^128 + 2^64 - 2: one carry too far. */
    cr_expect(not(trd__umul(((trd_uwide)1 << 64) + 2, UINT64_MAX, &out)));
}

Test(fixed, umuldiv_goes_through_192_bits) {
    uint64_t quotient = 5;
    bool inexact = false;
    const trd_uwide a = ((trd_uwide)1 << 127) - 1; /* x (2^64 - 1) / (2^64 - 1) = a: too large */
    cr_expect(not(trd__umuldiv(a, UINT64_MAX, UINT64_MAX, &quotient, &inexact)));
    cr_expect(eq(u64, quotient, 5));
    /* 2^100 x 2^27 / 2^63 = 2^64: too large by one; 2^99 x 2^27 / 2^63 = 2^63. */
    cr_expect(not(trd__umuldiv(
        (trd_uwide)1 << 100, UINT64_C(1) << 27, UINT64_C(1) << 63, &quotient, &inexact)));
    cr_expect(trd__umuldiv(
        (trd_uwide)1 << 99, UINT64_C(1) << 27, UINT64_C(1) << 63, &quotient, &inexact));
    cr_expect(eq(u64, quotient, UINT64_C(1) << 63));
    cr_expect(not(inexact));
    /* 2^64 x 2^62 = 2^126 = (2^63 - 1) x (2^63 + 1) + 1. */
    cr_expect(trd__umuldiv(
        (trd_uwide)1 << 64, UINT64_C(1) << 62, (UINT64_C(1) << 63) - 1, &quotient, &inexact));
    cr_expect(eq(u64, quotient, (UINT64_C(1) << 63) + 1));
    cr_expect(inexact);
}

/* Shorts included. */
Test(fixed, shares_of_what_is_left_leave_nothing) {
    static const int64_t wholes[] = {100, -100, 1, -1, 0, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++) {
        int64_t left = wholes[i];
        for (int64_t held = 3; held > 0; held--) {
            left -= trd__share(left, 1, held);
        }
        cr_expect(eq(i64, left, 0), "row %zu", i);
    }
}

Test(fixed, a_share_is_rounded_toward_minus_infinity) {
    cr_expect(eq(i64, trd__share(100, 1, 3), 33));
    cr_expect(eq(i64, trd__share(-100, 1, 3), -34));
    cr_expect(eq(i64, trd__share(100, 0, 3), 0));
    cr_expect(eq(i64, trd__share(INT64_MIN, INT64_MAX, INT64_MAX), INT64_MIN));
    cr_expect(eq(i64, trd__share(INT64_MAX, INT64_MAX - 1, INT64_MAX), INT64_MAX - 1));
}
