/* naive_wide.c - see naive_wide.h. Long multiplication by digits of 32 bits, long division bit by
 * bit; products that fit 128 bits are left to the compiler. */
#include "naive_wide.h"

#include <stdint.h>
#include <string.h>

enum { DIGITS = 14, DIGIT_BITS = 32, BITS = DIGITS * DIGIT_BITS };

typedef unsigned __int128 uwide;

typedef struct natural {
    uint32_t digit[DIGITS]; /* lowest first */
} natural;

static uwide magnitude(wide a) {
    return a < 0 ? -(uwide)a : (uwide)a;
}

static natural natural_of(uwide a) {
    natural n = {{0}};
    for (int i = 0; i < 4; i++) {
        n.digit[i] = (uint32_t)(a >> (i * DIGIT_BITS));
    }
    return n;
}

/* Three factors of 128 bits are 384 bits: nothing is lost. */
static natural times(const natural *a, const natural *b) {
    natural out = {{0}};
    for (int i = 0; i < DIGITS; i++) {
        uint64_t carry = 0;
        for (int k = 0; i + k < DIGITS; k++) {
            carry += (uint64_t)a->digit[i] * b->digit[k] + out.digit[i + k];
            out.digit[i + k] = (uint32_t)carry;
            carry >>= DIGIT_BITS;
        }
    }
    return out;
}

static natural product(const wide factor[3]) {
    natural out = natural_of(magnitude(factor[0]));
    for (int i = 1; i < 3; i++) {
        const natural next = natural_of(magnitude(factor[i]));
        out = times(&out, &next);
    }
    return out;
}

static bool is_below(const natural *a, const natural *b) {
    for (int i = DIGITS - 1; i >= 0; i--) {
        if (a->digit[i] != b->digit[i]) {
            return a->digit[i] < b->digit[i];
        }
    }
    return false;
}

static void take_away(natural *a, const natural *b) {
    uint64_t borrow = 0;
    for (int i = 0; i < DIGITS; i++) {
        const uint64_t digit = (uint64_t)a->digit[i] - b->digit[i] - borrow;
        a->digit[i] = (uint32_t)digit;
        borrow = digit >> 63;
    }
}

static void shift_in(natural *a, uint32_t bit) {
    for (int i = 0; i < DIGITS; i++) {
        const uint32_t next = a->digit[i] >> (DIGIT_BITS - 1);
        a->digit[i] = a->digit[i] << 1 | bit;
        bit = next;
    }
}

/* Magnitude of the quotient; *rest says whether something is left over. */
static uwide divided_bit_by_bit(const natural *over, const natural *under, bool *rest) {
    static const natural zero;
    natural left = zero;
    uwide out = 0;
    for (int at = BITS - 1; at >= 0; at--) {
        shift_in(&left, over->digit[at / DIGIT_BITS] >> (at % DIGIT_BITS) & 1);
        const bool one = !is_below(&left, under);
        if (one) {
            take_away(&left, under);
        }
        if (out >= (uwide)WIDE_HUGE) {
            return (uwide)WIDE_HUGE;
        }
        out = out << 1 | one;
    }
    *rest = memcmp(&left, &zero, sizeof(left)) != 0;
    return out;
}

static bool fits(const wide factor[3], uwide *out) {
    uwide two;
    return !__builtin_mul_overflow(magnitude(factor[0]), magnitude(factor[1]), &two) &&
           !__builtin_mul_overflow(two, magnitude(factor[2]), out);
}

static uwide divided(const quotient *q, bool *rest) {
    uwide over;
    uwide under;
    *rest = false;
    if (fits(q->over, &over) && fits(q->under, &under)) {
        *rest = over % under != 0;
        return over / under;
    }
    const natural big_over = product(q->over);
    const natural big_under = product(q->under);
    return divided_bit_by_bit(&big_over, &big_under, rest);
}

/* `up`: toward plus infinity, else toward minus infinity. */
static wide rounded(const quotient *q, bool up) {
    const bool negative = (q->over[0] < 0) != ((q->over[1] < 0) != (q->over[2] < 0));
    bool rest;
    uwide whole = divided(q, &rest);
    if (rest && up != negative) {
        whole++;
    }
    if (whole > (uwide)WIDE_HUGE) {
        whole = (uwide)WIDE_HUGE;
    }
    return negative ? -(wide)whole : (wide)whole;
}

wide wide_floor(quotient q) {
    return rounded(&q, false);
}

wide wide_ceil(quotient q) {
    return rounded(&q, true);
}
