/* prop_fixed.c - wide products and quotients against arithmetic bit by bit. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/fixed.h"
#include "draw.h"

enum { STEPS = 100000 };

/* a x b / c by doubling: the bits of b from the top, quotient and rest kept apart, so that nothing
 * is wider than 128 bits. Gives up once the quotient has more than 64. */
static bool naive_muldiv(trd_uwide a, uint64_t b, uint64_t c, uint64_t *quotient, bool *inexact) {
    trd_uwide whole = 0, rest = 0;
    for (int bit = 63; bit >= 0; bit--) {
        whole += whole;
        rest += rest;
        if (b >> bit & 1) {
            whole += a / c;
            rest += a % c;
        }
        whole += rest / c;
        rest %= c;
        if (whole > UINT64_MAX) {
            return false;
        }
    }
    *quotient = (uint64_t)whole;
    *inexact = rest != 0;
    return true;
}

/* a x b by doubling, given up when the 128 bits are full. */
static bool naive_umul(trd_uwide a, uint64_t b, trd_uwide *out) {
    trd_uwide sum = 0;
    for (int bit = 63; bit >= 0; bit--) {
        if (sum >> 127 != 0) {
            return false;
        }
        sum += sum;
        if (b >> bit & 1) {
            if (sum + a < sum) {
                return false;
            }
            sum += a;
        }
    }
    *out = sum;
    return true;
}

static trd_uwide draw_wide(draw *d, int bits) {
    const trd_uwide x = (trd_uwide)draw_u64(d) << 64 | draw_u64(d);
    return x >> (128 - draw_in(d, 1, bits));
}

static uint64_t draw_word(draw *d) {
    return draw_u64(d) >> draw_in(d, 0, 63);
}

Test(fixed, muldiv_through_192_bits_is_long_division) {
    draw d = draw_seeded(1);
    uint64_t fitted = 0;
    for (int step = 0; step < STEPS; step++) {
        const trd_uwide a = draw_wide(&d, 127);
        const uint64_t b = draw_word(&d);
        const uint64_t c = draw_word(&d) | UINT64_C(1) << draw_in(&d, 0, 63);
        uint64_t expected = 7, quotient = 7;
        bool expected_inexact = false, inexact = false;
        const bool fits = naive_muldiv(a, b, c, &expected, &expected_inexact);
        cr_assert(trd__umuldiv(a, b, c, &quotient, &inexact) == fits, "step %d", step);
        cr_assert(quotient == expected && inexact == expected_inexact, "step %d", step);
        fitted += fits;
    }
    cr_expect(fitted > STEPS / 10);
    cr_expect(lt(u64, fitted, STEPS - STEPS / 10));
}

Test(fixed, umul_is_repeated_doubling) {
    draw d = draw_seeded(2);
    uint64_t fitted = 0;
    for (int step = 0; step < STEPS; step++) {
        const trd_uwide a = draw_wide(&d, 128);
        const uint64_t b = draw_word(&d);
        trd_uwide expected = 7, product = 7;
        const bool fits = naive_umul(a, b, &expected);
        cr_assert(trd__umul(a, b, &product) == fits, "step %d", step);
        cr_assert(product == expected, "step %d", step);
        fitted += fits;
    }
    cr_expect(fitted > STEPS / 10);
    cr_expect(lt(u64, fitted, STEPS - STEPS / 10));
}

/* floor <= exact <= ceil, one apart unless even; shares of a whole cut in two are within one of
 * it. */
Test(fixed, roundings_enclose_the_quotient) {
    draw d = draw_seeded(3);
    for (int step = 0; step < STEPS; step++) {
        const int64_t a = (int64_t)draw_u64(&d) >> draw_in(&d, 0, 63);
        const int64_t b = draw_size(&d, 63);
        const trd_wide low = trd__div_floor(a, b), high = trd__div_ceil(a, b);
        cr_assert(low * b <= a && a < (low + 1) * b, "step %d", step);
        cr_assert(high * b >= a && a > (high - 1) * b, "step %d", step);

        const int64_t part = draw_in(&d, 0, b);
        const trd_wide taken = trd__share(a, part, b), left = trd__share(a, b - part, b);
        cr_assert(taken + left == a || taken + left + 1 == a, "step %d", step);
        cr_assert(taken * b <= (trd_wide)a * part, "step %d", step);
    }
}
